"""Other right answers to Homework 3: each must earn full marks, however it is written.

The form is that of ``misconceptions.py``: a class stands for a question, a function in it is one
complete answer, and its docstring says what is different about it.
"""

import numpy as np


class conv_output_size:
    def counts_the_starts(size, kernel_size, stride=1, padding=0):
        """List where windows can start, and count them."""
        starts = range(0, size + 2 * padding - kernel_size + 1, stride)
        if not starts:
            raise ValueError(f"kernel_size {kernel_size} is larger than the padded size")
        return len(starts)

    def floors_a_fraction(size, kernel_size, stride=1, padding=0):
        """The lecture's formula word by word, with a float and math.floor."""
        import math

        windows = math.floor((size + 2 * padding - kernel_size) / stride + 1)
        if windows <= 0:
            raise ValueError("not a single window fits")
        return windows

    def moves_a_window(size, kernel_size, stride=1, padding=0):
        """Push a window along until it no longer fits."""
        count, end = 0, kernel_size
        while end <= size + 2 * padding:
            count, end = count + 1, end + stride
        if count == 0:
            raise ValueError("the window does not fit even once")
        return np.int64(count)


class conv1d_forward:
    def writes_all_loops(x, w, b, stride=1, padding=0):
        """The definition, one scalar loop per index."""
        N, C, T = x.shape
        F, _, K = w.shape
        OT = (T + 2 * padding - K) // stride + 1
        y = np.zeros((N, F, OT), dtype=x.dtype)
        for n in range(N):
            for f in range(F):
                for t in range(OT):
                    total = b[f]
                    for c in range(C):
                        for k in range(K):
                            position = t * stride + k - padding
                            if 0 <= position < T:
                                total = total + w[f, c, k] * x[n, c, position]
                    y[n, f, t] = total
        return y

    def slides_a_view(x, w, b, stride=1, padding=0):
        """All windows as one strided view, contracted by einsum."""
        x = np.pad(x, ((0, 0), (0, 0), (padding, padding)))
        windows = np.lib.stride_tricks.sliding_window_view(x, w.shape[2], axis=2)
        return np.einsum("nctk,fck->nft", windows[:, :, ::stride], w) + b[None, :, None]

    def uses_np_correlate(x, w, b, stride=1, padding=0):
        """NumPy's own one-channel correlation, added up over the channels."""
        x = np.pad(x, ((0, 0), (0, 0), (padding, padding)))
        rows = [
            [
                sum(np.correlate(s, k, "valid") for s, k in zip(signal, filter_, strict=True))
                for filter_ in w
            ]
            for signal in x
        ]
        return np.array(rows)[:, :, ::stride] + b[:, None]


class conv2d_forward:
    def loops_over_windows(x, w, b, stride=1, padding=0):
        """A loop over the output positions; each is a matrix product of patches and filters."""
        x = np.pad(x, [(0, 0), (0, 0), (padding, padding), (padding, padding)])
        N, F, KH, KW = len(x), len(w), w.shape[2], w.shape[3]
        OH, OW = (x.shape[2] - KH) // stride + 1, (x.shape[3] - KW) // stride + 1
        y = np.empty((N, F, OH, OW), dtype=x.dtype)
        rows = w.reshape(F, -1).T
        for i in range(OH):
            for j in range(OW):
                top, left = i * stride, j * stride
                patches = x[:, :, top : top + KH, left : left + KW].reshape(N, -1)
                y[:, :, i, j] = patches @ rows + b
        return y

    def goes_through_the_taps(x, w, b, stride=1, padding=0):
        """A loop over the taps: what each sees of all images, at all positions at once."""
        x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
        OH, OW = ((n - k) // stride + 1 for n, k in zip(x.shape[2:], w.shape[2:], strict=True))
        y = np.zeros((len(x), len(w), OH, OW), dtype=x.dtype) + b.reshape(1, -1, 1, 1)
        for q in range(w.shape[2]):
            for r in range(w.shape[3]):
                seen = x[:, :, q::stride, r::stride][:, :, :OH, :OW]
                y += np.einsum("nchw,fc->nfhw", seen, w[:, :, q, r])
        return y

    def multiplies_im2col(x, w, b, stride=1, padding=0):
        """Patches as columns of a matrix (im2col), and one matrix product per image."""
        p, (KH, KW) = padding, w.shape[2:]
        N, C, H, W = x.shape
        padded = np.zeros((N, C, H + 2 * p, W + 2 * p), dtype=x.dtype)
        padded[:, :, p : p + H, p : p + W] = x
        OH, OW = (H + 2 * p - KH) // stride + 1, (W + 2 * p - KW) // stride + 1
        columns = np.empty((N, C, KH, KW, OH, OW), dtype=x.dtype)
        for q in range(KH):
            for r in range(KW):
                columns[:, :, q, r] = padded[
                    :, :, q : q + stride * OH : stride, r : r + stride * OW : stride
                ]
        y = w.reshape(len(w), -1) @ columns.reshape(N, C * KH * KW, OH * OW)
        return y.reshape(N, len(w), OH, OW) + b[:, None, None]

    def multiplies_spectra(x, w, b, stride=1, padding=0):
        """The convolution theorem: multiply spectra, with the kernel's conjugated."""
        p = padding
        x = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
        size = x.shape[2:]
        spectrum = np.einsum("nchw,fchw->nfhw", np.fft.rfft2(x), np.conj(np.fft.rfft2(w, s=size)))
        y = np.fft.irfft2(spectrum, s=size).astype(x.dtype)
        y = y[:, :, : size[0] - w.shape[2] + 1, : size[1] - w.shape[3] + 1]
        return y[:, :, ::stride, ::stride] + b[:, None, None]


class conv2d_backward:
    def loops_over_windows(dy, x, w, stride=1, padding=0):
        """Window by window: each dy goes back to its patch, and its patch to dw."""
        p = padding
        xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
        dxp, dw = np.zeros_like(xp), np.zeros((len(w), w[0].size), dtype=w.dtype)
        db = np.zeros(len(w), dtype=dy.dtype)
        for i, j in np.ndindex(*dy.shape[2:]):
            top, left = i * stride, j * stride
            rows, columns = slice(top, top + w.shape[2]), slice(left, left + w.shape[3])
            patches = xp[:, :, rows, columns]
            back = dy[:, :, i, j] @ w.reshape(len(w), -1)
            dxp[:, :, rows, columns] += back.reshape(patches.shape)
            dw += dy[:, :, i, j].T @ patches.reshape(len(x), -1)
            db += dy[:, :, i, j].sum(axis=0)
        dw = dw.reshape(w.shape)
        return dxp[:, :, p : p + x.shape[2], p : p + x.shape[3]], dw, db

    def correlates_with_the_turned_kernel(dy, x, w, stride=1, padding=0):
        """Spread dy out by the stride, then correlate it with the kernel turned by 180 degrees."""
        view = np.lib.stride_tricks.sliding_window_view
        p, (KH, KW) = padding, w.shape[2:]
        (N, F, OH, OW), (H, W) = dy.shape, x.shape[2:]
        Hp, Wp = H + 2 * p, W + 2 * p
        spread = np.zeros((N, F, Hp - KH + 1, Wp - KW + 1), dtype=dy.dtype)
        spread[:, :, : OH * stride : stride, : OW * stride : stride] = dy
        border = ((0, 0), (0, 0), (KH - 1, KH - 1), (KW - 1, KW - 1))
        windows = view(np.pad(spread, border), (KH, KW), axis=(2, 3))
        turned = w[:, :, ::-1, ::-1]
        dxp = np.tensordot(windows, turned, axes=((1, 4, 5), (0, 2, 3))).transpose(0, 3, 1, 2)
        xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
        seen = view(xp, (KH, KW), axis=(2, 3))
        dw = np.tensordot(spread, seen, axes=((0, 2, 3), (0, 2, 3)))
        return dxp[:, :, p : p + H, p : p + W], dw, dy.sum(axis=(0, 2, 3))

    def multiplies_by_the_transpose(dy, x, w, stride=1, padding=0):
        """The layer as matrices: number the pixels, look up the windows, multiply by transposes."""
        p, (N, C, H, W), (F, _, KH, KW) = padding, x.shape, w.shape
        pixels = np.arange(C * (H + 2 * p) * (W + 2 * p)).reshape(C, H + 2 * p, W + 2 * p)
        seen = np.lib.stride_tricks.sliding_window_view(pixels, (KH, KW), axis=(1, 2))
        seen = seen[:, ::stride, ::stride].transpose(1, 2, 0, 3, 4).reshape(-1, C * KH * KW)
        xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p))).reshape(N, -1)
        dy2 = dy.reshape(N, F, -1)
        dw = np.einsum("nfp,npk->fk", dy2, xp[:, seen]).reshape(w.shape)
        contributions = np.einsum("nfp,fk->npk", dy2, w.reshape(F, -1))
        dxp = np.zeros_like(xp)
        for n in range(N):
            np.add.at(dxp[n], seen, contributions[n])
        dx = dxp.reshape(N, *pixels.shape)[:, :, p : p + H, p : p + W]
        return dx, dw, dy2.sum(axis=(0, 2))


class max_pool2d_forward:
    def loops_over_windows(x, kernel_size, stride):
        """Window by window, all images and channels at once."""
        OH, OW = ((n - kernel_size) // stride + 1 for n in x.shape[2:])
        y = np.zeros((*x.shape[:2], OH, OW), dtype=x.dtype)
        for i, j in np.ndindex(OH, OW):
            top, left = i * stride, j * stride
            window = x[:, :, top : top + kernel_size, left : left + kernel_size]
            y[:, :, i, j] = np.max(window, axis=(2, 3))
        return y

    def slides_a_view(x, kernel_size, stride):
        """All windows as one strided view, and its maximum over the last two axes."""
        size = (kernel_size, kernel_size)
        windows = np.lib.stride_tricks.sliding_window_view(x, size, axis=(2, 3))
        return windows[:, :, ::stride, ::stride].max(axis=(-2, -1))

    def strides_by_hand(x, kernel_size, stride):
        """The view built from the strides in bytes (as_strided), flattened, then max."""
        N, C, H, W = x.shape
        OH, OW = (H - kernel_size) // stride + 1, (W - kernel_size) // stride + 1
        sn, sc, sh, sw = x.strides
        windows = np.lib.stride_tricks.as_strided(
            x,
            (N, C, OH, OW, kernel_size, kernel_size),
            (sn, sc, sh * stride, sw * stride, sh, sw),
            writeable=False,
        )
        return windows.reshape(N, C, OH, OW, -1).max(axis=-1)

    def pools_rows_then_columns(x, kernel_size, stride):
        """The maximum over a square is the maximum over rows of the maxima over columns."""
        rows = (x.shape[2] - kernel_size) // stride + 1
        columns = (x.shape[3] - kernel_size) // stride + 1
        tall = [x[:, :, i * stride : i * stride + kernel_size].max(axis=2) for i in range(rows)]
        x = np.stack(tall, axis=2)
        wide = [x[..., j * stride : j * stride + kernel_size].max(axis=3) for j in range(columns)]
        return np.stack(wide, axis=3)


class max_pool2d_backward:
    def keeps_the_champion(dy, x, kernel_size, stride):
        """For all windows at once, a pixel that is strictly larger takes the title over."""
        rows, columns = dy.shape[2:]
        taps = [(q, r) for q in range(kernel_size) for r in range(kernel_size)]

        def seen(array, q, r):
            return array[:, :, q::stride, r::stride][:, :, :rows, :columns]

        best, champion = seen(x, 0, 0), np.zeros(dy.shape, dtype=int)
        for number, tap in enumerate(taps):
            larger = seen(x, *tap) > best
            best = np.where(larger, seen(x, *tap), best)
            champion[larger] = number
        dx = np.zeros_like(x)
        for number, tap in enumerate(taps):
            seen(dx, *tap)[...] += np.where(champion == number, dy, 0)
        return dx

    def adds_at_indices(dy, x, kernel_size, stride):
        """All winners at once from a strided view, added up with np.add.at."""
        N, C, OH, OW = dy.shape
        size = (kernel_size, kernel_size)
        windows = np.lib.stride_tricks.sliding_window_view(x, size, axis=(2, 3))
        windows = windows[:, :, ::stride, ::stride]
        q, r = np.divmod(windows.reshape(N, C, OH, OW, -1).argmax(axis=-1), kernel_size)
        n, c, i, j = np.ogrid[:N, :C, :OH, :OW]
        dx = np.zeros_like(x)
        np.add.at(dx, (n, c, i * stride + q, j * stride + r), dy)
        return dx

    def goes_through_the_taps(dy, x, kernel_size, stride):
        """Tap by tap: a window that has not been served yet is served by the tap that won it."""
        rows, columns = dy.shape[2:]
        seen = [
            (
                slice(None),
                slice(None),
                slice(q, q + rows * stride, stride),
                slice(r, r + columns * stride, stride),
            )
            for q in range(kernel_size)
            for r in range(kernel_size)
        ]
        cut = (..., slice(rows), slice(columns))
        best = np.max([x[tap][cut] for tap in seen], axis=0)
        dx, open_ = np.zeros_like(x), np.ones(dy.shape, dtype=bool)
        for tap in seen:
            won = open_ & (x[tap][cut] == best)
            dx[tap][cut] += np.where(won, dy, 0)
            open_ &= ~won
        return dx


class dilated_conv1d_backward:
    def writes_all_loops(dy, x, w, dilation):
        """Every connection of the forward sum, one after the other."""
        dx, dw = np.zeros_like(x), np.zeros_like(w)
        for n, f, t in np.ndindex(*dy.shape):
            for c, k in np.ndindex(*w.shape[1:]):
                dx[n, c, t + dilation * k] += w[f, c, k] * dy[n, f, t]
                dw[f, c, k] += x[n, c, t + dilation * k] * dy[n, f, t]
        return dx, dw

    def fills_the_gaps_with_zeros(dy, x, w, dilation):
        """An ordinary convolution whose kernel has zeros in its gaps, and its way back."""
        view = np.lib.stride_tricks.sliding_window_view
        span = dilation * (w.shape[2] - 1) + 1
        wide = np.zeros((*w.shape[:2], span), dtype=w.dtype)
        wide[:, :, ::dilation] = w
        bordered = np.pad(dy, ((0, 0), (0, 0), (span - 1, span - 1)))
        dx = np.einsum("nftk,fck->nct", view(bordered, span, axis=2), wide[:, :, ::-1])
        dwide = np.einsum("nft,nctk->fck", dy, view(x, span, axis=2))
        return dx, dwide[:, :, ::dilation]

    def builds_the_matrices(dy, x, w, dilation):
        """Number the steps, look up what each output saw, multiply by the transposes."""
        steps = np.arange(dy.shape[2])[:, None] + dilation * np.arange(w.shape[2])
        dw = np.einsum("nft,nctk->fck", dy, x[:, :, steps])
        hits = np.eye(x.shape[2], dtype=x.dtype)[steps]
        dx = np.einsum("nft,fck,tks->ncs", dy, w, hits, optimize=True)
        return dx, dw

    def collects_from_behind(dy, x, w, dilation):
        """With a border of zeros, each input looks back at the outputs that it went into."""
        reach, length = dilation * (w.shape[2] - 1), x.shape[2]
        late = np.concatenate([np.zeros((*dy.shape[:2], reach), dtype=dy.dtype), dy], axis=2)
        late = np.pad(late, ((0, 0), (0, 0), (0, reach)))
        dx, dw = 0, []
        for k in range(w.shape[2]):
            came = late[:, :, reach - dilation * k : reach - dilation * k + length]
            dx = dx + np.tensordot(w[:, :, k], came, axes=(0, 1)).swapaxes(0, 1)
            dw.append(np.tensordot(came, x, axes=((0, 2), (0, 2))))
        return dx, np.stack(dw, axis=2)


class softmax_backward:
    def builds_each_jacobian(dy, x):
        """Row by row, with the Jacobian as a matrix."""
        dx = np.empty_like(x)
        for n in range(len(x)):
            y = np.exp(x[n] - x[n].max())
            y /= y.sum()
            dx[n] = (np.diag(y) - np.outer(y, y)) @ dy[n]
        return dx

    def contracts_all_jacobians(dy, x):
        """The Jacobians of the whole batch in one array, contracted by einsum."""
        y = np.exp(x - x.max(axis=-1, keepdims=True))
        y = y / y.sum(axis=-1, keepdims=True)
        jacobians = y[:, :, None] * (np.eye(x.shape[1], dtype=x.dtype) - y[:, None, :])
        return np.einsum("ni,nij->nj", dy, jacobians)

    def goes_through_logarithms(dy, x):
        """Probabilities as exp of x minus log-sum-exp, then loops over the definition."""
        top = x.max(axis=1, keepdims=True)
        y = np.exp(x - top - np.log(np.exp(x - top).sum(axis=1, keepdims=True)))
        dx = np.zeros_like(x)
        for j in range(x.shape[1]):
            for i in range(x.shape[1]):
                slope = y[:, i] * (1 - y[:, i]) if i == j else -y[:, i] * y[:, j]
                dx[:, j] += dy[:, i] * slope
        return dx


class depthwise_conv2d_forward:
    def writes_all_loops(x, w):
        """The definition, one loop per axis of the output, and a patch at the end of each."""
        N, C, H, W = x.shape
        F, _, KH, KW = w.shape
        y = np.zeros((N, F, H - KH + 1, W - KW + 1), dtype=x.dtype)
        for n, f, i, j in np.ndindex(*y.shape):
            patch = x[n, f * C // F, i : i + KH, j : j + KW]
            y[n, f, i, j] = (w[f, 0] * patch).sum()
        return y

    def goes_through_the_taps(x, w):
        """Channels and their filters as two axes; one tap after the other."""
        N, C, H, W = x.shape
        w = w.reshape(C, -1, *w.shape[2:])
        rows, columns = H - w.shape[2] + 1, W - w.shape[3] + 1
        y = 0
        for q in range(w.shape[2]):
            for r in range(w.shape[3]):
                seen = x[:, :, None, q : q + rows, r : r + columns]
                y = y + w[:, :, q, r, None, None] * seen
        return y.reshape(N, -1, rows, columns)

    def fills_the_bank_with_zeros(x, w):
        """An ordinary convolution, with a filter bank that is zero outside of its blocks."""
        F, C = len(w), x.shape[1]
        bank = np.zeros((F, C, *w.shape[2:]), dtype=w.dtype)
        bank[np.arange(F), np.arange(F) // (F // C)] = w[:, 0]
        windows = np.lib.stride_tricks.sliding_window_view(x, w.shape[2:], axis=(2, 3))
        return np.tensordot(windows, bank, axes=((1, 4, 5), (1, 2, 3))).transpose(0, 3, 1, 2)

    def takes_channel_after_channel(x, w):
        """Each channel as a picture of its own, with its share of the filters."""
        windows = np.lib.stride_tricks.sliding_window_view(x, w.shape[2:], axis=(2, 3))
        shares = np.split(w[:, 0], x.shape[1])
        maps = [np.einsum("nijqr,mqr->nmij", windows[:, c], s) for c, s in enumerate(shares)]
        return np.concatenate(maps, axis=1)


class train_lenet:
    def updates_its_own_copies(parameters, images, labels, rates, batch_size, rng, new_images):
        """Copies changed in place, the loss through log-sum-exp, and the labels by fancy index."""
        w1, b1, w2, b2, w3, b3 = arrays = [
            parameters[name].copy() for name in ("w1", "b1", "w2", "b2", "w3", "b3")
        ]

        def scores(x):
            z1 = conv2d_forward(x, w1, b1, padding=1)
            z2 = max_pool2d_forward(z1, 2, 2)
            z3 = conv2d_forward(z2, w2, b2, padding=1)
            z4 = np.where(z3 > 0, z3, 0).reshape(len(x), -1)
            return z1, z2, z3, z4, z4 @ w3.T + b3

        def log_softmax(z):
            z = z - z.max(axis=1, keepdims=True)
            return z - np.log(np.exp(z).sum(axis=1, keepdims=True))

        losses = []
        for rate in rates:
            order = rng.permutation(len(images))
            while len(order):
                batch, order = order[:batch_size], order[batch_size:]
                x, t = images[batch], labels[batch]
                z1, z2, z3, z4, z5 = scores(x)
                log_y, n = log_softmax(z5), np.arange(len(t))
                losses.append(float(-log_y[n, t].mean()))
                dz5 = np.exp(log_y)
                dz5[n, t] -= 1
                dz5 /= len(t)
                dz3 = (dz5 @ w3).reshape(z3.shape)
                dz3[z3 <= 0] = 0
                dz2, dw2, db2 = conv2d_backward(dz3, z2, w2, padding=1)
                dz1 = max_pool2d_backward(dz2, z1, 2, 2)
                _, dw1, db1 = conv2d_backward(dz1, x, w1, padding=1)
                gradients = [dw1, db1, dw2, db2, dz5.T @ z4, dz5.sum(axis=0)]
                for array, gradient in zip(arrays, gradients, strict=True):
                    array -= rate * gradient
        y = np.exp(log_softmax(scores(new_images)[-1]))
        return dict(zip(("w1", "b1", "w2", "b2", "w3", "b3"), arrays, strict=True)), losses, y

    def stacks_layers(parameters, images, labels, rates, batch_size, rng, new_images):
        """A list of layers, each a pair of functions: forward, and back with the gradients."""
        p = {name: array.copy() for name, array in parameters.items()}

        def conv(w, b):
            def back(dz, x):
                dx, dw, db = conv2d_backward(dz, x, p[w], padding=1)
                return dx, {w: dw, b: db}

            return (lambda x: conv2d_forward(x, p[w], p[b], padding=1)), back

        def linear(w, b):
            def back(dz, x):
                return dz @ p[w], {w: dz.T @ x, b: dz.sum(axis=0)}

            return (lambda x: x @ p[w].T + p[b]), back

        pool = (
            lambda x: max_pool2d_forward(x, 2, 2),
            lambda dz, x: (max_pool2d_backward(dz, x, 2, 2), {}),
        )
        relu = (lambda x: x * (x > 0), lambda dz, x: (dz * (x > 0), {}))
        flatten = (lambda x: x.reshape(len(x), -1), lambda dz, x: (dz.reshape(x.shape), {}))
        layers = [conv("w1", "b1"), pool, conv("w2", "b2"), relu, flatten, linear("w3", "b3")]

        def forward(x):
            seen = [x]
            for layer, _ in layers:
                seen.append(layer(seen[-1]))
            z = seen[-1] - seen[-1].max(axis=1, keepdims=True)
            return seen, np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)

        losses = []
        for rate in rates:
            order = rng.permutation(len(images))
            for start in range(0, len(order), batch_size):
                batch = order[start : start + batch_size]
                seen, y = forward(images[batch])
                right = labels[batch][:, None] == np.arange(y.shape[1])
                losses.append(-np.log(y[right]).mean())
                dz, gradients = (y - right) / len(batch), {}
                for (_, back), x in zip(layers[::-1], seen[-2::-1], strict=True):
                    dz, found = back(dz, x)
                    gradients |= found
                for name, gradient in gradients.items():
                    p[name] = p[name] - rate * gradient
        return p, losses, forward(new_images)[1]

    def never_flattens(parameters, images, labels, rates, batch_size, rng, new_images):
        """The linear layer as filters as large as its input, and softmax's own way back."""
        p = parameters

        def forward(x):
            z1 = conv2d_forward(x, p["w1"], p["b1"], padding=1)
            z2 = max_pool2d_forward(z1, 2, 2)
            z3 = conv2d_forward(z2, p["w2"], p["b2"], padding=1)
            filters = p["w3"].reshape(-1, *z3.shape[1:])
            z5 = np.einsum("nfij,mfij->nm", np.maximum(z3, 0), filters) + p["b3"]
            y = np.exp(z5 - np.max(z5, axis=1)[:, None])
            return z1, z2, z3, filters, y / np.sum(y, axis=1)[:, None]

        losses = []
        for rate in rates:
            order = rng.permutation(len(images))
            cuts = range(batch_size, len(images), batch_size)
            for batch in np.split(order, cuts):
                x, rows = images[batch], range(len(batch))
                z1, z2, z3, filters, y = forward(x)
                likely = y[rows, labels[batch]]
                losses.append(-np.mean(np.log(likely)))
                dy = np.zeros_like(y)
                dy[rows, labels[batch]] = -1 / (len(batch) * likely)
                dz5 = y * (dy - np.sum(dy * y, axis=1, keepdims=True))
                dz3 = np.where(z3 > 0, np.tensordot(dz5, filters, axes=1), 0)
                dw3 = np.tensordot(dz5, np.maximum(z3, 0), axes=(0, 0)).reshape(p["w3"].shape)
                dz2, dw2, db2 = conv2d_backward(dz3, z2, p["w2"], padding=1)
                dz1 = max_pool2d_backward(dz2, z1, 2, 2)
                _, dw1, db1 = conv2d_backward(dz1, x, p["w1"], padding=1)
                p = {
                    "w1": p["w1"] - rate * dw1,
                    "b1": p["b1"] - rate * db1,
                    "w2": p["w2"] - rate * dw2,
                    "b2": p["b2"] - rate * db2,
                    "w3": p["w3"] - rate * dw3,
                    "b3": p["b3"] - rate * np.sum(dz5, axis=0),
                }
        return p, losses, forward(new_images)[-1]

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
        """A loop over the output positions; each is an inner product with the patch."""
        x = np.pad(x, [(0, 0), (0, 0), (padding, padding), (padding, padding)])
        N, F, KH, KW = len(x), len(w), w.shape[2], w.shape[3]
        OH, OW = (x.shape[2] - KH) // stride + 1, (x.shape[3] - KW) // stride + 1
        y = np.empty((N, F, OH, OW), dtype=x.dtype)
        for n in range(N):
            for f in range(F):
                for i in range(OH):
                    for j in range(OW):
                        top, left = i * stride, j * stride
                        patch = x[n, :, top : top + KH, left : left + KW]
                        y[n, f, i, j] = np.sum(patch * w[f]) + b[f]
        return y

    def slides_a_view(x, w, b, stride=1, padding=0):
        """All windows as one strided view, contracted by tensordot."""
        x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
        windows = np.lib.stride_tricks.sliding_window_view(x, w.shape[2:], axis=(2, 3))
        windows = windows[:, :, ::stride, ::stride]
        y = np.tensordot(windows, w, axes=((1, 4, 5), (1, 2, 3)))
        return y.transpose(0, 3, 1, 2) + b.reshape(1, -1, 1, 1)

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
        dxp, dw = np.zeros_like(xp), np.zeros_like(w)
        db = np.zeros(len(w), dtype=dy.dtype)
        for n, f, i, j in np.ndindex(*dy.shape):
            top, left = i * stride, j * stride
            rows, columns = slice(top, top + w.shape[2]), slice(left, left + w.shape[3])
            dw[f] += dy[n, f, i, j] * xp[n, :, rows, columns]
            dxp[n, :, rows, columns] += dy[n, f, i, j] * w[f]
            db[f] += dy[n, f, i, j]
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
        dxp = np.einsum("nfijqr,fcqr->ncij", windows, w[:, :, ::-1, ::-1])
        xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
        dw = np.einsum("nfij,ncijqr->fcqr", spread, view(xp, (KH, KW), axis=(2, 3)))
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
    def writes_all_loops(x, kernel_size, stride):
        """Every window by itself, with Python's max."""
        N, C, H, W = x.shape
        OH, OW = (H - kernel_size) // stride + 1, (W - kernel_size) // stride + 1
        y = np.zeros((N, C, OH, OW), dtype=x.dtype)
        for n, c, i, j in np.ndindex(N, C, OH, OW):
            y[n, c, i, j] = max(
                x[n, c, i * stride + q, j * stride + r]
                for q in range(kernel_size)
                for r in range(kernel_size)
            )
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
    def writes_all_loops(dy, x, kernel_size, stride):
        """Every window by itself; a strict comparison keeps the first winner."""
        dx = np.zeros_like(x)
        for n, c, i, j in np.ndindex(*dy.shape):
            row, column = i * stride, j * stride
            for q in range(i * stride, i * stride + kernel_size):
                for r in range(j * stride, j * stride + kernel_size):
                    if x[n, c, q, r] > x[n, c, row, column]:
                        row, column = q, r
            dx[n, c, row, column] += dy[n, c, i, j]
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


class relu_backward:
    def multiplies_by_a_mask(dy, x):
        """Multiply dy by a boolean mask."""
        return dy * (x > 0)

    def copies_and_clears(dy, x):
        """A copy of dy, set to 0 where x is not positive."""
        dx = dy.copy()
        dx[x <= 0] = 0
        return dx

    def uses_the_step_function(dy, x):
        """The derivative as NumPy's Heaviside step, with the value 0 at 0."""
        return np.heaviside(x, x.dtype.type(0)) * dy

    def goes_entry_by_entry(dy, x):
        """A loop over all entries."""
        dx = np.zeros_like(dy)
        for index in np.ndindex(*x.shape):
            if x[index] > 0:
                dx[index] = dy[index]
        return dx


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

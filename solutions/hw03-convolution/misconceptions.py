"""Wrong answers that students really give to Homework 3, and what to tell whoever gave one.

A class stands for a question and is named as the function that the question asks for. Each function
in it is one complete answer; its docstring is the sentence to its author. The grader reads this
file as text and never runs it.
"""

import numpy as np


class conv_output_size:
    def forgets_the_first_window(size, kernel_size, stride=1, padding=0):
        """You count the steps between windows, not the windows: after the first window there are
        (n + 2p − K) // s more, so add 1.
        """
        windows = (size + 2 * padding - kernel_size) // stride
        if windows < 1:
            raise ValueError("the kernel does not fit")
        return windows

    def pads_one_end_only(size, kernel_size, stride=1, padding=0):
        """You count the padding once, but it is put on both ends of the axis: the padded length is
        n + 2p.
        """
        windows = (size + padding - kernel_size) // stride + 1
        if windows < 1:
            raise ValueError("the kernel does not fit")
        return windows

    def rounds_up(size, kernel_size, stride=1, padding=0):
        """You round up, which counts a last window that sticks out over the end. Only windows that
        lie wholly inside count, so round down.
        """
        windows = -(-(size + 2 * padding - kernel_size) // stride) + 1
        if size + 2 * padding < kernel_size:
            raise ValueError("the kernel does not fit")
        return windows

    def returns_a_float(size, kernel_size, stride=1, padding=0):
        """You divide with / and so return a float, and half a window where the stride does not
        divide evenly. A number of windows is an integer: use //.
        """
        windows = (size + 2 * padding - kernel_size) / stride + 1
        if windows < 1:
            raise ValueError("the kernel does not fit")
        return windows

    def adds_one_before_dividing(size, kernel_size, stride=1, padding=0):
        """You add the 1 before dividing by the stride. At stride 1 that makes no difference;
        beyond it, the 1 is the first window and belongs after the division.
        """
        windows = (size + 2 * padding - kernel_size + 1) // stride
        if windows < 1:
            raise ValueError("the kernel does not fit")
        return windows

    def ignores_the_stride(size, kernel_size, stride=1, padding=0):
        """Your result does not depend on the stride: you count every position, but at stride s
        only every s-th of them is visited.
        """
        windows = size + 2 * padding - kernel_size + 1
        if windows < 1:
            raise ValueError("the kernel does not fit")
        return windows

    def never_refuses(size, kernel_size, stride=1, padding=0):
        """Your formula is right, but you return it even when it is zero or negative. No layer has
        such an output: raise a ValueError then.
        """
        return (size + 2 * padding - kernel_size) // stride + 1

    def returns_zero_instead_of_refusing(size, kernel_size, stride=1, padding=0):
        """Your formula is right, but a kernel that does not fit is a mistake of the caller's, and
        a quiet 0 hides it: raise a ValueError.
        """
        return max(0, (size + 2 * padding - kernel_size) // stride + 1)

    def truncates_towards_zero(size, kernel_size, stride=1, padding=0):
        """You cut towards zero with int(), where // rounds down. They differ for negative numbers:
        a kernel that is just too long gives −1/2, which int() turns into 0, and so into one
        window.
        """
        windows = int((size + 2 * padding - kernel_size) / stride) + 1
        if windows < 1:
            raise ValueError("the kernel does not fit")
        return windows

    def refuses_a_single_window(size, kernel_size, stride=1, padding=0):
        """You refuse when exactly one window fits, but a kernel as large as the padded axis is
        fine: it gives an output of size 1. Raise only below 1.
        """
        windows = (size + 2 * padding - kernel_size) // stride + 1
        if windows <= 1:
            raise ValueError("the kernel does not fit")
        return windows


class conv1d_forward:
    def flips_the_kernel(x, w, b, stride=1, padding=0):
        """You turned the kernel round, as in the mathematician's convolution. Layers of neural
        networks do not: tap k meets x[t + k], not x[t − k].
        """
        x = np.pad(x, ((0, 0), (0, 0), (padding, padding)))
        w = w[:, :, ::-1]
        starts = range(0, x.shape[2] - w.shape[2] + 1, stride)
        y = [np.einsum("nck,fck->nf", x[:, :, t : t + w.shape[2]], w) for t in starts]
        return np.stack(y, axis=2) + b[:, None]

    def forgets_the_bias(x, w, b, stride=1, padding=0):
        """Your output lacks the bias: add b[f] to every value of filter f."""
        x = np.pad(x, ((0, 0), (0, 0), (padding, padding)))
        starts = range(0, x.shape[2] - w.shape[2] + 1, stride)
        y = [np.einsum("nck,fck->nf", x[:, :, t : t + w.shape[2]], w) for t in starts]
        return np.stack(y, axis=2)

    def adds_the_bias_at_every_tap(x, w, b, stride=1, padding=0):
        """You add the bias inside the sum, once per tap, so it comes out K times too large. It
        belongs outside the sum: once per output value.
        """
        x = np.pad(x, ((0, 0), (0, 0), (padding, padding)))
        steps = (x.shape[2] - w.shape[2]) // stride + 1
        y = np.zeros((x.shape[0], w.shape[0], steps), dtype=x.dtype)
        for t in range(steps):
            for k in range(w.shape[2]):
                y[:, :, t] += x[:, :, t * stride + k] @ w[:, :, k].T + b
        return y

    def repeats_the_edge(x, w, b, stride=1, padding=0):
        """You pad with copies of the first and last value. Padding means zeros here, as in Chapter
        6: beyond its ends the signal is silent.
        """
        x = np.pad(x, ((0, 0), (0, 0), (padding, padding)), mode="edge")
        starts = range(0, x.shape[2] - w.shape[2] + 1, stride)
        y = [np.einsum("nck,fck->nf", x[:, :, t : t + w.shape[2]], w) for t in starts]
        return np.stack(y, axis=2) + b[:, None]

    def steps_by_one(x, w, b, stride=1, padding=0):
        """Your output is as short as the stride asks, but its windows still move by 1: output t
        must look at the window that starts at t · stride.
        """
        x = np.pad(x, ((0, 0), (0, 0), (padding, padding)))
        steps = (x.shape[2] - w.shape[2]) // stride + 1
        y = np.zeros((x.shape[0], w.shape[0], steps), dtype=x.dtype)
        for t in range(steps):
            y[:, :, t] = np.einsum("nck,fck->nf", x[:, :, t : t + w.shape[2]], w) + b
        return y

    def uses_the_first_channel_only(x, w, b, stride=1, padding=0):
        """Only channel 0 reaches your output. A filter has K weights for each channel; sum over
        all channels.
        """
        x = np.pad(x, ((0, 0), (0, 0), (padding, padding)))
        starts = range(0, x.shape[2] - w.shape[2] + 1, stride)
        y = [np.einsum("nk,fk->nf", x[:, 0, t : t + w.shape[2]], w[:, 0]) for t in starts]
        return np.stack(y, axis=2) + b[:, None]

    def averages_the_channels(x, w, b, stride=1, padding=0):
        """You average over the channels; the definition sums. Your output is too small by a factor
        C (before the bias).
        """
        x = np.pad(x, ((0, 0), (0, 0), (padding, padding)))
        starts = range(0, x.shape[2] - w.shape[2] + 1, stride)
        y = [np.einsum("nck,fck->nf", x[:, :, t : t + w.shape[2]], w) for t in starts]
        return np.stack(y, axis=2) / x.shape[1] + b[:, None]

    def promotes_to_float64(x, w, b, stride=1, padding=0):
        """Your values are right, but float32 comes out as float64. Often an np.zeros without a
        dtype is the cause: pass dtype=x.dtype.
        """
        x = np.pad(x, ((0, 0), (0, 0), (padding, padding)))
        steps = (x.shape[2] - w.shape[2]) // stride + 1
        y = np.zeros((x.shape[0], w.shape[0], steps))
        for t in range(steps):
            window = x[:, :, t * stride : t * stride + w.shape[2]]
            y[:, :, t] = np.einsum("nck,fck->nf", window, w) + b
        return y

    def drops_the_last_window(x, w, b, stride=1, padding=0):
        """Your output is one value short: range(T − K) leaves out the window that ends with the
        signal. There are T − K + 1 windows at stride 1.
        """
        x = np.pad(x, ((0, 0), (0, 0), (padding, padding)))
        starts = range(0, x.shape[2] - w.shape[2], stride)
        y = [np.einsum("nck,fck->nf", x[:, :, t : t + w.shape[2]], w) for t in starts]
        return np.stack(y, axis=2) + b[:, None]

    def normalises_the_filter(x, w, b, stride=1, padding=0):
        """You divide the filter by the sum of its weights, as for a moving average. A layer's
        weights are used as they are; they may even sum to 0.
        """
        x = np.pad(x, ((0, 0), (0, 0), (padding, padding)))
        w = w / w.sum(axis=(1, 2), keepdims=True)
        starts = range(0, x.shape[2] - w.shape[2] + 1, stride)
        y = [np.einsum("nck,fck->nf", x[:, :, t : t + w.shape[2]], w) for t in starts]
        return np.stack(y, axis=2) + b[:, None]


class conv2d_forward:
    def flips_the_kernel(x, w, b, stride=1, padding=0):
        """You turned the kernel by 180 degrees, as in the mathematician's convolution. Layers of
        neural networks do not: w[q, r] meets x[i + q, j + r].
        """
        x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
        w = w[:, :, ::-1, ::-1]
        windows = np.lib.stride_tricks.sliding_window_view(x, w.shape[2:], axis=(2, 3))
        windows = windows[:, :, ::stride, ::stride]
        return np.einsum("ncijqr,fcqr->nfij", windows, w) + b[:, None, None]

    def transposes_the_kernel(x, w, b, stride=1, padding=0):
        """You exchanged the rows and columns of the kernel. The first of its two spatial axes runs
        along the rows of the image, like the first of the image's.
        """
        x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
        w = w.swapaxes(2, 3)
        windows = np.lib.stride_tricks.sliding_window_view(x, w.shape[2:], axis=(2, 3))
        windows = windows[:, :, ::stride, ::stride]
        return np.einsum("ncijqr,fcqr->nfij", windows, w) + b[:, None, None]

    def pads_the_output(x, w, b, stride=1, padding=0):
        """You put the zeros round the output. They belong round the input, before the filter
        moves, so that it can look at the border pixels too.
        """
        windows = np.lib.stride_tricks.sliding_window_view(x, w.shape[2:], axis=(2, 3))
        y = np.einsum("ncijqr,fcqr->nfij", windows, w) + b[:, None, None]
        y = np.pad(y, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
        return y[:, :, ::stride, ::stride]

    def adds_the_bias_for_every_channel(x, w, b, stride=1, padding=0):
        """You add the bias inside the loop over the channels, so it comes out C times too large.
        Add it once per output value.
        """
        x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
        windows = np.lib.stride_tricks.sliding_window_view(x, w.shape[2:], axis=(2, 3))
        windows = windows[:, :, ::stride, ::stride]
        y = 0
        for c in range(x.shape[1]):
            y = y + np.einsum("nijqr,fqr->nfij", windows[:, c], w[:, c]) + b[:, None, None]
        return y

    def uses_one_kernel_for_all_channels(x, w, b, stride=1, padding=0):
        """You apply the kernel of channel 0 to every channel. A filter has its own KH × KW weights
        for each channel: w[f, c] meets x[n, c].
        """
        x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
        windows = np.lib.stride_tricks.sliding_window_view(x, w.shape[2:], axis=(2, 3))
        windows = windows[:, :, ::stride, ::stride]
        return np.einsum("ncijqr,fqr->nfij", windows, w[:, 0]) + b[:, None, None]

    def keeps_the_last_channel_only(x, w, b, stride=1, padding=0):
        """In your loop over the channels each one overwrites the one before, so only the last
        channel is left. Add them up: += instead of =.
        """
        x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
        windows = np.lib.stride_tricks.sliding_window_view(x, w.shape[2:], axis=(2, 3))
        windows = windows[:, :, ::stride, ::stride]
        for c in range(x.shape[1]):
            y = np.einsum("nijqr,fqr->nfij", windows[:, c], w[:, c])
        return y + b[:, None, None]

    def wraps_round(x, w, b, stride=1, padding=0):
        """Your padding continues the image from its opposite side, as if it were bent to a ring.
        Padding means zeros here: beyond its border the image is black.
        """
        border = ((0, 0), (0, 0), (padding, padding), (padding, padding))
        x = np.pad(x, border, mode="wrap")
        windows = np.lib.stride_tricks.sliding_window_view(x, w.shape[2:], axis=(2, 3))
        windows = windows[:, :, ::stride, ::stride]
        return np.einsum("ncijqr,fcqr->nfij", windows, w) + b[:, None, None]

    def strides_over_rows_only(x, w, b, stride=1, padding=0):
        """Your windows step by the stride from row to row, but by 1 from column to column. The
        stride holds for both: output (i, j) looks at row i · s and column j · s.
        """
        x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
        kh, kw = w.shape[2:]
        rows, columns = (x.shape[2] - kh) // stride + 1, (x.shape[3] - kw) // stride + 1
        y = np.zeros((x.shape[0], w.shape[0], rows, columns), dtype=x.dtype)
        for i in range(rows):
            for j in range(columns):
                window = x[:, :, i * stride : i * stride + kh, j : j + kw]
                y[:, :, i, j] = np.einsum("ncqr,fcqr->nf", window, w) + b
        return y

    def promotes_to_float64(x, w, b, stride=1, padding=0):
        """Your values are right, but float32 comes out as float64. Often an np.zeros without a
        dtype is the cause: pass dtype=x.dtype.
        """
        padded = np.zeros((*x.shape[:2], x.shape[2] + 2 * padding, x.shape[3] + 2 * padding))
        padded[:, :, padding : padding + x.shape[2], padding : padding + x.shape[3]] = x
        windows = np.lib.stride_tricks.sliding_window_view(padded, w.shape[2:], axis=(2, 3))
        windows = windows[:, :, ::stride, ::stride]
        return np.einsum("ncijqr,fcqr->nfij", windows, w) + b[:, None, None]

    def visits_every_output(x, w, b, stride=1, padding=0):
        """Your values are right, but Python visits each output of each image by itself. Loop over
        the taps, or the windows, and let one call of tensordot or einsum do all images, channels
        and filters.
        """
        x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
        kh, kw = w.shape[2:]
        rows, columns = (x.shape[2] - kh) // stride + 1, (x.shape[3] - kw) // stride + 1
        y = np.zeros((x.shape[0], w.shape[0], rows, columns), dtype=x.dtype)
        for n, f, i, j in np.ndindex(*y.shape):
            top, left = i * stride, j * stride
            y[n, f, i, j] = (x[n, :, top : top + kh, left : left + kw] * w[f]).sum() + b[f]
        return y

    def puts_columns_first(x, w, b, stride=1, padding=0):
        """Your feature maps lie on their side: the axes of the output are (N, F, rows, columns),
        and you return (N, F, columns, rows).
        """
        x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
        windows = np.lib.stride_tricks.sliding_window_view(x, w.shape[2:], axis=(2, 3))
        windows = windows[:, :, ::stride, ::stride]
        return np.einsum("ncijqr,fcqr->nfji", windows, w) + b[:, None, None]


class conv2d_backward:
    def overwrites_instead_of_adding(dy, x, w, stride=1, padding=0):
        """In your dx each window overwrites what the windows before it had sent to the same
        pixels. A pixel collects from all windows that saw it: += instead of =.
        """
        border = ((0, 0), (0, 0), (padding, padding), (padding, padding))
        xp = np.pad(x, border)
        dxp, dw = np.zeros_like(xp), np.zeros_like(w)
        for i in range(dy.shape[2]):
            for j in range(dy.shape[3]):
                rows = slice(i * stride, i * stride + w.shape[2])
                cols = slice(j * stride, j * stride + w.shape[3])
                dw += np.einsum("nf,ncqr->fcqr", dy[:, :, i, j], xp[:, :, rows, cols])
                dxp[:, :, rows, cols] = np.einsum("nf,fcqr->ncqr", dy[:, :, i, j], w)
        dx = dxp[:, :, padding : padding + x.shape[2], padding : padding + x.shape[3]]
        return dx, dw, dy.sum(axis=(0, 2, 3))

    def gathers_instead_of_scatters(dy, x, w, stride=1, padding=0):
        """Your dx collects from dy with the kernel as it is. Send instead: dy[i, j] goes to
        x[i + q, j + r] with weight w[q, r]. Written as a collecting sum, that turns the kernel by
        180 degrees.
        """
        border = ((0, 0), (0, 0), (padding, padding), (padding, padding))
        xp = np.pad(x, border)
        dxp, dw = np.zeros_like(xp), np.zeros_like(w)
        for i in range(dy.shape[2]):
            for j in range(dy.shape[3]):
                rows = slice(i * stride, i * stride + w.shape[2])
                cols = slice(j * stride, j * stride + w.shape[3])
                dw += np.einsum("nf,ncqr->fcqr", dy[:, :, i, j], xp[:, :, rows, cols])
                turned = w[:, :, ::-1, ::-1]
                dxp[:, :, rows, cols] += np.einsum("nf,fcqr->ncqr", dy[:, :, i, j], turned)
        dx = dxp[:, :, padding : padding + x.shape[2], padding : padding + x.shape[3]]
        return dx, dw, dy.sum(axis=(0, 2, 3))

    def turns_dw_round(dy, x, w, stride=1, padding=0):
        """Your dw is turned by 180 degrees. dw[q, r] pairs dy[i, j] with x[i + q, j + r], just as
        the forward pass does.
        """
        border = ((0, 0), (0, 0), (padding, padding), (padding, padding))
        xp = np.pad(x, border)
        dxp, dw = np.zeros_like(xp), np.zeros_like(w)
        for i in range(dy.shape[2]):
            for j in range(dy.shape[3]):
                rows = slice(i * stride, i * stride + w.shape[2])
                cols = slice(j * stride, j * stride + w.shape[3])
                dw += np.einsum("nf,ncqr->fcqr", dy[:, :, i, j], xp[:, :, rows, cols])
                dxp[:, :, rows, cols] += np.einsum("nf,fcqr->ncqr", dy[:, :, i, j], w)
        dx = dxp[:, :, padding : padding + x.shape[2], padding : padding + x.shape[3]]
        return dx, dw[:, :, ::-1, ::-1], dy.sum(axis=(0, 2, 3))

    def averages_over_the_batch(dy, x, w, stride=1, padding=0):
        """You divide dw and db by the size of the batch. If the loss is a mean over the batch, the
        1/N is in dy already; a layer only sums.
        """
        border = ((0, 0), (0, 0), (padding, padding), (padding, padding))
        xp = np.pad(x, border)
        dxp, dw = np.zeros_like(xp), np.zeros_like(w)
        for i in range(dy.shape[2]):
            for j in range(dy.shape[3]):
                rows = slice(i * stride, i * stride + w.shape[2])
                cols = slice(j * stride, j * stride + w.shape[3])
                dw += np.einsum("nf,ncqr->fcqr", dy[:, :, i, j], xp[:, :, rows, cols])
                dxp[:, :, rows, cols] += np.einsum("nf,fcqr->ncqr", dy[:, :, i, j], w)
        dx = dxp[:, :, padding : padding + x.shape[2], padding : padding + x.shape[3]]
        return dx, dw / len(x), dy.sum(axis=(0, 2, 3)) / len(x)

    def sends_the_bias_a_mean(dy, x, w, stride=1, padding=0):
        """Your db is a mean over batch and positions. The same bias was added at every one of
        them, and contributions of one parameter add up: sum, do not average.
        """
        border = ((0, 0), (0, 0), (padding, padding), (padding, padding))
        xp = np.pad(x, border)
        dxp, dw = np.zeros_like(xp), np.zeros_like(w)
        for i in range(dy.shape[2]):
            for j in range(dy.shape[3]):
                rows = slice(i * stride, i * stride + w.shape[2])
                cols = slice(j * stride, j * stride + w.shape[3])
                dw += np.einsum("nf,ncqr->fcqr", dy[:, :, i, j], xp[:, :, rows, cols])
                dxp[:, :, rows, cols] += np.einsum("nf,fcqr->ncqr", dy[:, :, i, j], w)
        dx = dxp[:, :, padding : padding + x.shape[2], padding : padding + x.shape[3]]
        return dx, dw, dy.mean(axis=(0, 2, 3))

    def forgets_the_stride_in_dw(dy, x, w, stride=1, padding=0):
        """Your dx knows about the stride, your dw does not: output (i, j) looked at the window
        that starts at (i · s, j · s), so that is the patch which dy[i, j] multiplies.
        """
        border = ((0, 0), (0, 0), (padding, padding), (padding, padding))
        xp = np.pad(x, border)
        dxp, dw = np.zeros_like(xp), np.zeros_like(w)
        for i in range(dy.shape[2]):
            for j in range(dy.shape[3]):
                rows = slice(i * stride, i * stride + w.shape[2])
                cols = slice(j * stride, j * stride + w.shape[3])
                patch = xp[:, :, i : i + w.shape[2], j : j + w.shape[3]]
                dw += np.einsum("nf,ncqr->fcqr", dy[:, :, i, j], patch)
                dxp[:, :, rows, cols] += np.einsum("nf,fcqr->ncqr", dy[:, :, i, j], w)
        dx = dxp[:, :, padding : padding + x.shape[2], padding : padding + x.shape[3]]
        return dx, dw, dy.sum(axis=(0, 2, 3))

    def forgets_the_stride_in_dx(dy, x, w, stride=1, padding=0):
        """Your dw knows about the stride, your dx does not: dy[i, j] belongs to the window that
        starts at (i · s, j · s), and there it has to go back to.
        """
        border = ((0, 0), (0, 0), (padding, padding), (padding, padding))
        xp = np.pad(x, border)
        dxp, dw = np.zeros_like(xp), np.zeros_like(w)
        for i in range(dy.shape[2]):
            for j in range(dy.shape[3]):
                rows = slice(i * stride, i * stride + w.shape[2])
                cols = slice(j * stride, j * stride + w.shape[3])
                dw += np.einsum("nf,ncqr->fcqr", dy[:, :, i, j], xp[:, :, rows, cols])
                back = np.einsum("nf,fcqr->ncqr", dy[:, :, i, j], w)
                dxp[:, :, i : i + w.shape[2], j : j + w.shape[3]] += back
        dx = dxp[:, :, padding : padding + x.shape[2], padding : padding + x.shape[3]]
        return dx, dw, dy.sum(axis=(0, 2, 3))

    def forgets_the_stride_altogether(dy, x, w, stride=1, padding=0):
        """Neither your dx nor your dw knows about the stride: dy[i, j] belongs to the window that
        starts at (i · s, j · s), on the way back as on the way forward.
        """
        border = ((0, 0), (0, 0), (padding, padding), (padding, padding))
        xp = np.pad(x, border)
        dxp, dw = np.zeros_like(xp), np.zeros_like(w)
        for i in range(dy.shape[2]):
            for j in range(dy.shape[3]):
                rows, cols = slice(i, i + w.shape[2]), slice(j, j + w.shape[3])
                dw += np.einsum("nf,ncqr->fcqr", dy[:, :, i, j], xp[:, :, rows, cols])
                dxp[:, :, rows, cols] += np.einsum("nf,fcqr->ncqr", dy[:, :, i, j], w)
        dx = dxp[:, :, padding : padding + x.shape[2], padding : padding + x.shape[3]]
        return dx, dw, dy.sum(axis=(0, 2, 3))

    def cuts_the_border_off_one_end(dy, x, w, stride=1, padding=0):
        """You take the padding off dx at the bottom and right only, so all of dx is shifted. The
        image starts at (padding, padding) of the padded gradient: cut both ends.
        """
        border = ((0, 0), (0, 0), (padding, padding), (padding, padding))
        xp = np.pad(x, border)
        dxp, dw = np.zeros_like(xp), np.zeros_like(w)
        for i in range(dy.shape[2]):
            for j in range(dy.shape[3]):
                rows = slice(i * stride, i * stride + w.shape[2])
                cols = slice(j * stride, j * stride + w.shape[3])
                dw += np.einsum("nf,ncqr->fcqr", dy[:, :, i, j], xp[:, :, rows, cols])
                dxp[:, :, rows, cols] += np.einsum("nf,fcqr->ncqr", dy[:, :, i, j], w)
        return dxp[:, :, : x.shape[2], : x.shape[3]], dw, dy.sum(axis=(0, 2, 3))

    def keeps_the_border(dy, x, w, stride=1, padding=0):
        """Your dx is as large as the padded image. The padding is no input: cut its border off, so
        that dx has the shape of x.
        """
        border = ((0, 0), (0, 0), (padding, padding), (padding, padding))
        xp = np.pad(x, border)
        dxp, dw = np.zeros_like(xp), np.zeros_like(w)
        for i in range(dy.shape[2]):
            for j in range(dy.shape[3]):
                rows = slice(i * stride, i * stride + w.shape[2])
                cols = slice(j * stride, j * stride + w.shape[3])
                dw += np.einsum("nf,ncqr->fcqr", dy[:, :, i, j], xp[:, :, rows, cols])
                dxp[:, :, rows, cols] += np.einsum("nf,fcqr->ncqr", dy[:, :, i, j], w)
        return dxp, dw, dy.sum(axis=(0, 2, 3))

    def promotes_to_float64(dy, x, w, stride=1, padding=0):
        """Your values are right, but float32 comes out as float64. Often an np.zeros without a
        dtype is the cause: pass dtype=x.dtype.
        """
        border = ((0, 0), (0, 0), (padding, padding), (padding, padding))
        xp = np.pad(x, border)
        dxp, dw = np.zeros(xp.shape), np.zeros(w.shape)
        for i in range(dy.shape[2]):
            for j in range(dy.shape[3]):
                rows = slice(i * stride, i * stride + w.shape[2])
                cols = slice(j * stride, j * stride + w.shape[3])
                dw += np.einsum("nf,ncqr->fcqr", dy[:, :, i, j], xp[:, :, rows, cols])
                dxp[:, :, rows, cols] += np.einsum("nf,fcqr->ncqr", dy[:, :, i, j], w)
        dx = dxp[:, :, padding : padding + x.shape[2], padding : padding + x.shape[3]]
        return dx, dw, dy.sum(axis=(0, 2, 3))


class max_pool2d_forward:
    def starts_from_zero(x, kernel_size, stride):
        """You start the search for the maximum at 0, so a window of negative numbers answers 0.
        Start at −inf, or at the window's first value.
        """
        rows, columns = ((n - kernel_size) // stride + 1 for n in x.shape[2:])
        y = np.zeros((*x.shape[:2], rows, columns), dtype=x.dtype)
        for q in range(kernel_size):
            for r in range(kernel_size):
                y = np.maximum(y, x[:, :, q::stride, r::stride][:, :, :rows, :columns])
        return y

    def starts_from_a_large_negative_number(x, kernel_size, stride):
        """You start the search for the maximum at −9999, and there are smaller numbers than that.
        Start at −inf, or at the window's first value.
        """
        rows, columns = ((n - kernel_size) // stride + 1 for n in x.shape[2:])
        y = np.full((*x.shape[:2], rows, columns), -9999, dtype=x.dtype)
        for q in range(kernel_size):
            for r in range(kernel_size):
                y = np.maximum(y, x[:, :, q::stride, r::stride][:, :, :rows, :columns])
        return y

    def averages(x, kernel_size, stride):
        """You do average-pooling: you take the mean of each window, where its maximum is asked
        for.
        """
        size = (kernel_size, kernel_size)
        windows = np.lib.stride_tricks.sliding_window_view(x, size, axis=(2, 3))
        return windows[:, :, ::stride, ::stride].mean(axis=(4, 5))

    def takes_the_largest_magnitude(x, kernel_size, stride):
        """You take the value that is farthest from 0. The maximum is the largest one with its
        sign: of −8 and −3 it is −3.
        """
        size = (kernel_size, kernel_size)
        windows = np.lib.stride_tricks.sliding_window_view(x, size, axis=(2, 3))
        windows = windows[:, :, ::stride, ::stride]
        low, high = windows.min(axis=(4, 5)), windows.max(axis=(4, 5))
        return np.where(np.abs(low) > np.abs(high), low, high)

    def ignores_the_stride(x, kernel_size, stride):
        """Your windows always lie side by side: you step by kernel_size where you should step by
        stride. They may overlap, or leave gaps.
        """
        size = (kernel_size, kernel_size)
        windows = np.lib.stride_tricks.sliding_window_view(x, size, axis=(2, 3))
        return windows[:, :, ::kernel_size, ::kernel_size].max(axis=(4, 5))

    def pools_over_the_channels(x, kernel_size, stride):
        """You take the maximum over all channels as well, so every channel gets the same answer.
        Each channel is pooled by itself.
        """
        size = (kernel_size, kernel_size)
        windows = np.lib.stride_tricks.sliding_window_view(x, size, axis=(2, 3))
        y = windows[:, :, ::stride, ::stride].max(axis=(1, 4, 5))
        return np.repeat(y[:, None], x.shape[1], axis=1)

    def keeps_unfilled_windows(x, kernel_size, stride):
        """You also pool the rows and columns left over at the end, in windows that are not full.
        As in 3.1, a window counts only if it lies wholly inside.
        """
        tops, lefts = (range(0, max(n - kernel_size, 0) + stride, stride) for n in x.shape[2:])
        tops = [i for i in tops if i < x.shape[2]]
        lefts = [j for j in lefts if j < x.shape[3]]
        y = np.zeros((*x.shape[:2], len(tops), len(lefts)), dtype=x.dtype)
        for i, top in enumerate(tops):
            for j, left in enumerate(lefts):
                window = x[:, :, top : top + kernel_size, left : left + kernel_size]
                y[:, :, i, j] = window.max(axis=(2, 3))
        return y

    def promotes_to_float64(x, kernel_size, stride):
        """Your values are right, but float32 comes out as float64: np.full and np.zeros make
        float64 unless you pass dtype=x.dtype.
        """
        rows, columns = ((n - kernel_size) // stride + 1 for n in x.shape[2:])
        y = np.full((*x.shape[:2], rows, columns), -np.inf)
        for q in range(kernel_size):
            for r in range(kernel_size):
                y = np.maximum(y, x[:, :, q::stride, r::stride][:, :, :rows, :columns])
        return y

    def sorts_the_image(x, kernel_size, stride):
        """Your maxima come from sorting, and .sort() rearranges the caller's image itself. Never
        change what you are given: np.sort returns a copy, and .max needs none.
        """
        rows, columns = ((n - kernel_size) // stride + 1 for n in x.shape[2:])
        y = np.zeros((*x.shape[:2], rows, columns), dtype=x.dtype)
        for i in range(rows):
            for j in range(columns):
                top, left = i * stride, j * stride
                window = x[:, :, top : top + kernel_size, left : left + kernel_size]
                y[:, :, i, j] = window.max(axis=(2, 3))
                window.sort(axis=3)
        return y

    def takes_the_minimum(x, kernel_size, stride):
        """You do min-pooling: you keep the smallest value of each window instead of the largest."""
        size = (kernel_size, kernel_size)
        windows = np.lib.stride_tricks.sliding_window_view(x, size, axis=(2, 3))
        return windows[:, :, ::stride, ::stride].min(axis=(4, 5))


class max_pool2d_backward:
    def pays_every_winner_in_full(dy, x, kernel_size, stride):
        """Where several pixels share the maximum you send dy to each of them, which multiplies the
        gradient. Only the first in reading order gets it; argmax finds that one.
        """
        dx = np.zeros_like(x)
        for i in range(dy.shape[2]):
            for j in range(dy.shape[3]):
                rows = slice(i * stride, i * stride + kernel_size)
                cols = slice(j * stride, j * stride + kernel_size)
                window = x[:, :, rows, cols]
                won = window == window.max(axis=(2, 3), keepdims=True)
                dx[:, :, rows, cols] += np.where(won, dy[:, :, i, j, None, None], 0)
        return dx

    def shares_among_winners(dy, x, kernel_size, stride):
        """Where several pixels share the maximum you split dy between them. That is a possible
        subderivative, but not the agreed one: the first in reading order gets all of it.
        """
        dx = np.zeros_like(x)
        for i in range(dy.shape[2]):
            for j in range(dy.shape[3]):
                rows = slice(i * stride, i * stride + kernel_size)
                cols = slice(j * stride, j * stride + kernel_size)
                window = x[:, :, rows, cols]
                won = window == window.max(axis=(2, 3), keepdims=True)
                share = dy[:, :, i, j, None, None] / won.sum(axis=(2, 3), keepdims=True)
                dx[:, :, rows, cols] += np.where(won, share, 0).astype(x.dtype)
        return dx

    def overwrites_instead_of_adding(dy, x, kernel_size, stride):
        """A pixel that wins several overlapping windows keeps only what the last of them sent: you
        assign where you should add. Use += instead of =.
        """
        dx = np.zeros_like(x)
        n, c = np.ogrid[: x.shape[0], : x.shape[1]]
        for i in range(dy.shape[2]):
            for j in range(dy.shape[3]):
                top, left = i * stride, j * stride
                window = x[:, :, top : top + kernel_size, left : left + kernel_size]
                flat = window.reshape(*x.shape[:2], -1)
                q, r = np.divmod(flat.argmax(axis=2), kernel_size)
                dx[n, c, top + q, left + r] = dy[:, :, i, j]
        return dx

    def takes_the_last_winner(dy, x, kernel_size, stride):
        """Among equal maxima you choose the last, but the first in reading order is asked for. If
        you compare with >=, use >.
        """
        dx = np.zeros_like(x)
        n, c = np.ogrid[: x.shape[0], : x.shape[1]]
        for i in range(dy.shape[2]):
            for j in range(dy.shape[3]):
                top, left = i * stride, j * stride
                window = x[:, :, top : top + kernel_size, left : left + kernel_size]
                flat = window.reshape(*x.shape[:2], -1)
                q, r = np.divmod(kernel_size**2 - 1 - flat[:, :, ::-1].argmax(axis=2), kernel_size)
                dx[n, c, top + q, left + r] += dy[:, :, i, j]
        return dx

    def spreads_evenly(dy, x, kernel_size, stride):
        """Yours is the way back through average-pooling: every pixel of the window gets the same
        share of dy. Through a maximum, only the winner does.
        """
        dx = np.zeros_like(x)
        for i in range(dy.shape[2]):
            for j in range(dy.shape[3]):
                rows = slice(i * stride, i * stride + kernel_size)
                cols = slice(j * stride, j * stride + kernel_size)
                dx[:, :, rows, cols] += dy[:, :, i, j, None, None] / kernel_size**2
        return dx

    def gives_to_the_whole_window(dy, x, kernel_size, stride):
        """You send dy to all pixels of the window. Nudging a pixel that is not the maximum does
        not change the output, so its gradient is 0.
        """
        dx = np.zeros_like(x)
        for i in range(dy.shape[2]):
            for j in range(dy.shape[3]):
                rows = slice(i * stride, i * stride + kernel_size)
                cols = slice(j * stride, j * stride + kernel_size)
                dx[:, :, rows, cols] += dy[:, :, i, j, None, None]
        return dx

    def ignores_the_stride(dy, x, kernel_size, stride):
        """You look for the winners in windows that lie side by side. Window (i, j) starts at row i
        · stride and column j · stride, not at multiples of kernel_size.
        """
        dx = np.zeros_like(x)
        n, c = np.ogrid[: x.shape[0], : x.shape[1]]
        for i in range(dy.shape[2]):
            for j in range(dy.shape[3]):
                top, left = i * kernel_size, j * kernel_size
                window = x[:, :, top : top + kernel_size, left : left + kernel_size]
                if window.size:
                    flat = window.reshape(*x.shape[:2], -1)
                    q, r = np.divmod(flat.argmax(axis=2), window.shape[3])
                    dx[n, c, top + q, left + r] += dy[:, :, i, j]
        return dx

    def multiplies_by_the_maximum(dy, x, kernel_size, stride):
        """You multiply dy by the value of the winner. The derivative of a maximum with respect to
        its winner is 1, whatever its value: pass dy on as it is.
        """
        dx = np.zeros_like(x)
        n, c = np.ogrid[: x.shape[0], : x.shape[1]]
        for i in range(dy.shape[2]):
            for j in range(dy.shape[3]):
                top, left = i * stride, j * stride
                window = x[:, :, top : top + kernel_size, left : left + kernel_size]
                flat = window.reshape(*x.shape[:2], -1)
                q, r = np.divmod(flat.argmax(axis=2), kernel_size)
                dx[n, c, top + q, left + r] += dy[:, :, i, j] * flat.max(axis=2)
        return dx

    def swaps_row_and_column(dy, x, kernel_size, stride):
        """You exchanged row and column when you turned the flat argmax back into a position: the
        row is argmax // kernel_size, the column argmax % kernel_size.
        """
        dx = np.zeros_like(x)
        n, c = np.ogrid[: x.shape[0], : x.shape[1]]
        for i in range(dy.shape[2]):
            for j in range(dy.shape[3]):
                top, left = i * stride, j * stride
                window = x[:, :, top : top + kernel_size, left : left + kernel_size]
                flat = window.reshape(*x.shape[:2], -1)
                r, q = np.divmod(flat.argmax(axis=2), kernel_size)
                dx[n, c, top + q, left + r] += dy[:, :, i, j]
        return dx

    def promotes_to_float64(dy, x, kernel_size, stride):
        """Your values are right, but float32 comes out as float64. Often an np.zeros without a
        dtype is the cause: pass dtype=x.dtype.
        """
        dx = np.zeros(x.shape)
        n, c = np.ogrid[: x.shape[0], : x.shape[1]]
        for i in range(dy.shape[2]):
            for j in range(dy.shape[3]):
                top, left = i * stride, j * stride
                window = x[:, :, top : top + kernel_size, left : left + kernel_size]
                flat = window.reshape(*x.shape[:2], -1)
                q, r = np.divmod(flat.argmax(axis=2), kernel_size)
                dx[n, c, top + q, left + r] += dy[:, :, i, j]
        return dx


class dilated_conv1d_backward:
    def gathers_instead_of_scatters(dy, x, w, dilation):
        """Your dx collects from dy with the taps in their order. Send instead: dy[t] goes to x[t +
        d·k] with weight w[k]. Written as a collecting sum, that turns the kernel round.
        """
        dx, dw = np.zeros_like(x), np.zeros_like(w)
        for k in range(w.shape[2]):
            seen = slice(k * dilation, k * dilation + dy.shape[2])
            dx[:, :, seen] += np.einsum("nft,fc->nct", dy, w[:, :, -1 - k])
            dw[:, :, k] = np.einsum("nft,nct->fc", dy, x[:, :, seen])
        return dx, dw

    def turns_dw_round(dy, x, w, dilation):
        """Your dw is turned round: the weight of the first tap stands last. dw[k] pairs dy[t] with
        x[t + d·k], just as the forward pass pairs w[k] with it.
        """
        dx, dw = np.zeros_like(x), np.zeros_like(w)
        for k in range(w.shape[2]):
            seen = slice(k * dilation, k * dilation + dy.shape[2])
            dx[:, :, seen] += np.einsum("nft,fc->nct", dy, w[:, :, k])
            dw[:, :, -1 - k] = np.einsum("nft,nct->fc", dy, x[:, :, seen])
        return dx, dw

    def overwrites_instead_of_adding(dy, x, w, dilation):
        """In your dx each tap overwrites what the taps before it had sent to the same steps. A step
        collects from all taps that saw it: += instead of =.
        """
        dx, dw = np.zeros_like(x), np.zeros_like(w)
        for k in range(w.shape[2]):
            seen = slice(k * dilation, k * dilation + dy.shape[2])
            dx[:, :, seen] = np.einsum("nft,fc->nct", dy, w[:, :, k])
            dw[:, :, k] = np.einsum("nft,nct->fc", dy, x[:, :, seen])
        return dx, dw

    def forgets_the_dilation_in_dw(dy, x, w, dilation):
        """Your dx knows about the dilation, your dw does not: tap k looked at x[t + d·k], so that
        is what dy[t] multiplies there.
        """
        dx, dw = np.zeros_like(x), np.zeros_like(w)
        for k in range(w.shape[2]):
            seen = slice(k * dilation, k * dilation + dy.shape[2])
            dx[:, :, seen] += np.einsum("nft,fc->nct", dy, w[:, :, k])
            dw[:, :, k] = np.einsum("nft,nct->fc", dy, x[:, :, k : k + dy.shape[2]])
        return dx, dw

    def forgets_the_dilation_in_dx(dy, x, w, dilation):
        """Your dw knows about the dilation, your dx does not: through tap k, dy[t] came from x[t +
        d·k], and there it has to go back to.
        """
        dx, dw = np.zeros_like(x), np.zeros_like(w)
        for k in range(w.shape[2]):
            seen = slice(k * dilation, k * dilation + dy.shape[2])
            dx[:, :, k : k + dy.shape[2]] += np.einsum("nft,fc->nct", dy, w[:, :, k])
            dw[:, :, k] = np.einsum("nft,nct->fc", dy, x[:, :, seen])
        return dx, dw

    def forgets_the_dilation_altogether(dy, x, w, dilation):
        """Your way back is that of a kernel without gaps. With dilation d, tap k looked d·k steps
        ahead, not k: on the way back it counts from there too.
        """
        dx, dw = np.zeros_like(x), np.zeros_like(w)
        for k in range(w.shape[2]):
            seen = slice(k, k + dy.shape[2])
            dx[:, :, seen] += np.einsum("nft,fc->nct", dy, w[:, :, k])
            dw[:, :, k] = np.einsum("nft,nct->fc", dy, x[:, :, seen])
        return dx, dw

    def moves_all_taps_by_the_dilation(dy, x, w, dilation):
        """You move the whole kernel by the dilation, and leave its taps side by side. The first tap
        stays at t; only the gaps between the taps grow: tap k looks d·k steps ahead.
        """
        dx, dw = np.zeros_like(x), np.zeros_like(w)
        for k in range(w.shape[2]):
            seen = slice(k and k + dilation - 1, (k and k + dilation - 1) + dy.shape[2])
            dx[:, :, seen] += np.einsum("nft,fc->nct", dy, w[:, :, k])
            dw[:, :, k] = np.einsum("nft,nct->fc", dy, x[:, :, seen])
        return dx, dw

    def averages_over_the_batch(dy, x, w, dilation):
        """You divide dw by the size of the batch. If the loss is a mean over the batch, the 1/N is
        in dy already; a layer only sums.
        """
        dx, dw = np.zeros_like(x), np.zeros_like(w)
        for k in range(w.shape[2]):
            seen = slice(k * dilation, k * dilation + dy.shape[2])
            dx[:, :, seen] += np.einsum("nft,fc->nct", dy, w[:, :, k])
            dw[:, :, k] = np.einsum("nft,nct->fc", dy, x[:, :, seen])
        return dx, dw / len(x)

    def averages_over_the_steps(dy, x, w, dilation):
        """Your dw is a mean over the steps of the signal. The same weight was used at each of them,
        and contributions of one parameter add up: sum, do not average.
        """
        dx, dw = np.zeros_like(x), np.zeros_like(w)
        for k in range(w.shape[2]):
            seen = slice(k * dilation, k * dilation + dy.shape[2])
            dx[:, :, seen] += np.einsum("nft,fc->nct", dy, w[:, :, k])
            dw[:, :, k] = np.einsum("nft,nct->fc", dy, x[:, :, seen])
        return dx, dw / dy.shape[2]

    def hears_the_first_filter_only(dy, x, w, dilation):
        """Only filter 0 sends something back to your dx. Each input went into all F outputs, so
        what comes back is summed over the filters.
        """
        dx, dw = np.zeros_like(x), np.zeros_like(w)
        for k in range(w.shape[2]):
            seen = slice(k * dilation, k * dilation + dy.shape[2])
            dx[:, :, seen] += np.einsum("nt,c->nct", dy[:, 0], w[0, :, k])
            dw[:, :, k] = np.einsum("nft,nct->fc", dy, x[:, :, seen])
        return dx, dw

    def returns_dw_first(dy, x, w, dilation):
        """Your gradients may be right, but they come in another order than asked for: first dx,
        which has the shape of x, then dw.
        """
        dx, dw = np.zeros_like(x), np.zeros_like(w)
        for k in range(w.shape[2]):
            seen = slice(k * dilation, k * dilation + dy.shape[2])
            dx[:, :, seen] += np.einsum("nft,fc->nct", dy, w[:, :, k])
            dw[:, :, k] = np.einsum("nft,nct->fc", dy, x[:, :, seen])
        return dw, dx

    def promotes_to_float64(dy, x, w, dilation):
        """Your values are right, but float32 comes out as float64. Often an np.zeros without a
        dtype is the cause: pass dtype=x.dtype.
        """
        dx, dw = np.zeros(x.shape), np.zeros(w.shape)
        for k in range(w.shape[2]):
            seen = slice(k * dilation, k * dilation + dy.shape[2])
            dx[:, :, seen] += np.einsum("nft,fc->nct", dy, w[:, :, k])
            dw[:, :, k] = np.einsum("nft,nct->fc", dy, x[:, :, seen])
        return dx, dw


class softmax_backward:
    def keeps_the_diagonal_only(dy, x):
        """You use only the diagonal of the Jacobian, y(1 − y). All probabilities share one
        denominator, so each depends on every score: the entries −y_i y_j count too.
        """
        y = np.exp(x - x.max(axis=1, keepdims=True))
        y = y / y.sum(axis=1, keepdims=True)
        return dy * y * (1 - y)

    def takes_the_cross_entropy_shortcut(dy, x):
        """You return y − dy, the gradient of softmax and cross-entropy together, with dy as the
        target. Here dy is the gradient that arrives from any loss: multiply it by softmax's
        Jacobian.
        """
        y = np.exp(x - x.max(axis=1, keepdims=True))
        y = y / y.sum(axis=1, keepdims=True)
        return y - dy

    def overflows(dy, x):
        """Your formula is right, but exp of a large score overflows, and inf / inf is nan; very
        low scores give 0 / 0. Subtract each row's maximum first; softmax does not change.
        """
        with np.errstate(all="ignore"):
            y = np.exp(x)
            y = y / y.sum(axis=1, keepdims=True)
            return y * (dy - (dy * y).sum(axis=1, keepdims=True))

    def subtracts_one_maximum_for_all(dy, x):
        """You subtract the largest score of the whole batch. A row whose scores are all far below
        it turns into 0 / 0: subtract each row's own maximum (axis=1, keepdims=True).
        """
        with np.errstate(all="ignore"):
            y = np.exp(x - x.max())
            y = y / y.sum(axis=1, keepdims=True)
            return y * (dy - (dy * y).sum(axis=1, keepdims=True))

    def sums_over_the_batch(dy, x):
        """Your inner product of dy and y runs over the whole batch, so samples leak into each
        other. Sum along each row: axis=1, keepdims=True.
        """
        y = np.exp(x - x.max(axis=1, keepdims=True))
        y = y / y.sum(axis=1, keepdims=True)
        return y * (dy - (dy * y).sum())

    def normalises_the_columns(dy, x):
        """You apply softmax down the columns, across the samples. Each row holds the scores of one
        sample, and its probabilities sum to 1: normalise along axis 1.
        """
        y = np.exp(x - x.max(axis=0))
        y = y / y.sum(axis=0)
        return y * (dy - (dy * y).sum(axis=0))

    def promotes_to_float64(dy, x):
        """Your values are right, but float32 comes out as float64: a Jacobian made by np.zeros is
        float64 unless you pass dtype=x.dtype.
        """
        dx = np.zeros(x.shape)
        for n in range(len(x)):
            y = np.exp(x[n] - x[n].max())
            y = y / y.sum()
            dx[n] = (np.diag(y) - np.outer(y, y)) @ dy[n]
        return dx

    def changes_x_in_place(dy, x):
        """Your values are right, but x -= … changes the caller's scores. Write x = x - …, which
        makes a new array.
        """
        x -= x.max(axis=1, keepdims=True)
        y = np.exp(x)
        y /= y.sum(axis=1, keepdims=True)
        return y * (dy - (dy * y).sum(axis=1, keepdims=True))

    def forgets_the_factor_y(dy, x):
        """You return dy − ⟨dy, y⟩, which lacks a factor: both y_j(1 − y_j) and −y_i y_j
        contain y_j, so the whole bracket is multiplied by y.
        """
        y = np.exp(x - x.max(axis=1, keepdims=True))
        y = y / y.sum(axis=1, keepdims=True)
        return dy - (dy * y).sum(axis=1, keepdims=True)

    def clips_the_scores(dy, x):
        """You clip the scores to keep exp finite. That changes the answer: two scores above the
        limit become equal. Subtracting each row's maximum is exact and needs no limit.
        """
        y = np.exp(np.clip(x, -500, 500))
        y = y / y.sum(axis=1, keepdims=True)
        return y * (dy - (dy * y).sum(axis=1, keepdims=True))


class depthwise_conv2d_forward:
    def adds_up_the_channels(x, w):
        """You add up what all channels say, as in an ordinary convolution. Here a filter sees one
        channel only, and nothing is summed over channels.
        """
        windows = np.lib.stride_tricks.sliding_window_view(x, w.shape[2:], axis=(2, 3))
        maps = [np.einsum("nijqr,qr->nij", windows.sum(axis=1), w[f, 0]) for f in range(len(w))]
        return np.stack(maps, axis=1)

    def goes_through_the_channels_in_turn(x, w):
        """Your filter f reads channel f % C, as if the filters took the channels in turn. The M
        filters of channel 0 come first, then those of channel 1: filter f reads channel f // M.
        """
        windows = np.lib.stride_tricks.sliding_window_view(x, w.shape[2:], axis=(2, 3))
        maps = [
            np.einsum("nijqr,qr->nij", windows[:, f % x.shape[1]], w[f, 0]) for f in range(len(w))
        ]
        return np.stack(maps, axis=1)

    def knows_one_filter_a_channel(x, w):
        """You take one filter for each channel, and leave out the others. There may be M of them: w
        holds C · M filters, and each gives a map of its own.
        """
        windows = np.lib.stride_tricks.sliding_window_view(x, w.shape[2:], axis=(2, 3))
        maps = [np.einsum("nijqr,qr->nij", windows[:, f], w[f, 0]) for f in range(x.shape[1])]
        return np.stack(maps, axis=1)

    def repeats_the_first_filter(x, w):
        """For every channel you apply its first filter M times. Each of its M filters has weights
        of its own: map f is made with w[f].
        """
        per_channel = len(w) // x.shape[1]
        windows = np.lib.stride_tricks.sliding_window_view(x, w.shape[2:], axis=(2, 3))
        maps = [
            np.einsum("nijqr,qr->nij", windows[:, f // per_channel], w[f - f % per_channel, 0])
            for f in range(len(w))
        ]
        return np.stack(maps, axis=1)

    def adds_up_the_filters(x, w):
        """You add up the M maps of each channel, so that only C maps come out. Each filter gives a
        map of its own: there are C · M of them.
        """
        per_channel = len(w) // x.shape[1]
        windows = np.lib.stride_tricks.sliding_window_view(x, w.shape[2:], axis=(2, 3))
        maps = [
            np.einsum("nijqr,qr->nij", windows[:, f // per_channel], w[f, 0]) for f in range(len(w))
        ]
        maps = np.stack(maps, axis=1)
        return maps.reshape(len(x), x.shape[1], per_channel, *maps.shape[2:]).sum(axis=2)

    def stacks_by_multiplier(x, w):
        """Your maps come in another order: first filter 0 of every channel, then filter 1 of every
        channel. Asked for is the order of the filters: all maps of channel 0 first.
        """
        per_channel = len(w) // x.shape[1]
        windows = np.lib.stride_tricks.sliding_window_view(x, w.shape[2:], axis=(2, 3))
        maps = [
            np.einsum("nijqr,qr->nij", windows[:, f // per_channel], w[f, 0]) for f in range(len(w))
        ]
        return np.stack(
            [maps[f] for m in range(per_channel) for f in range(m, len(w), per_channel)], axis=1
        )

    def stays_with_the_first_channel(x, w):
        """All of your filters read channel 0. Filter f reads channel f // M, where M is the number
        of filters for each channel.
        """
        windows = np.lib.stride_tricks.sliding_window_view(x, w.shape[2:], axis=(2, 3))
        maps = [np.einsum("nijqr,qr->nij", windows[:, 0], w[f, 0]) for f in range(len(w))]
        return np.stack(maps, axis=1)

    def flips_the_kernel(x, w):
        """You turned the kernel by 180 degrees, as in the mathematician's convolution. Layers of
        neural networks do not: w[q, r] meets x[i + q, j + r].
        """
        per_channel = len(w) // x.shape[1]
        windows = np.lib.stride_tricks.sliding_window_view(x, w.shape[2:], axis=(2, 3))
        maps = [
            np.einsum("nijqr,qr->nij", windows[:, f // per_channel], w[f, 0, ::-1, ::-1])
            for f in range(len(w))
        ]
        return np.stack(maps, axis=1)

    def drops_the_last_window(x, w):
        """Your maps lack their last row and column: range(H − KH) leaves out the windows that end
        with the image. There are H − KH + 1 of them.
        """
        per_channel = len(w) // x.shape[1]
        windows = np.lib.stride_tricks.sliding_window_view(x, w.shape[2:], axis=(2, 3))
        maps = [
            np.einsum("nijqr,qr->nij", windows[:, f // per_channel], w[f, 0]) for f in range(len(w))
        ]
        return np.stack(maps, axis=1)[:, :, :-1, :-1]

    def averages_the_window(x, w):
        """You divide by the number of taps, as for a blur. A layer's weights are used as they are:
        sum the products, do not average them.
        """
        per_channel = len(w) // x.shape[1]
        windows = np.lib.stride_tricks.sliding_window_view(x, w.shape[2:], axis=(2, 3))
        maps = [
            np.einsum("nijqr,qr->nij", windows[:, f // per_channel], w[f, 0] / w[f, 0].size)
            for f in range(len(w))
        ]
        return np.stack(maps, axis=1)

    def promotes_to_float64(x, w):
        """Your values are right, but float32 comes out as float64. Often an np.zeros without a
        dtype is the cause: pass dtype=x.dtype.
        """
        per_channel = len(w) // x.shape[1]
        windows = np.lib.stride_tricks.sliding_window_view(x, w.shape[2:], axis=(2, 3))
        maps = [
            np.einsum("nijqr,qr->nij", windows[:, f // per_channel], w[f, 0]) for f in range(len(w))
        ]
        return np.stack(maps, axis=1).astype(float)


class train_lenet:
    def forgets_to_divide_by_the_batch(
        parameters, images, labels, rates, batch_size, rng, new_images
    ):
        """Your gradient is that of the sum over the batch. The loss is a mean, so divide y minus
        the one-hot labels by N; else every step is N times too long, and training leaps out of any
        valley.
        """
        p, losses = dict(parameters), []

        def forward(x):
            z1 = conv2d_forward(x, p["w1"], p["b1"], padding=1)
            z2 = max_pool2d_forward(z1, 2, 2)
            z3 = conv2d_forward(z2, p["w2"], p["b2"], padding=1)
            z4 = np.maximum(z3, 0).reshape(len(x), -1)
            z5 = z4 @ p["w3"].T + p["b3"]
            y = np.exp(z5 - z5.max(axis=1, keepdims=True))
            return z1, z2, z3, z4, y / y.sum(axis=1, keepdims=True)

        for rate in rates:
            order = rng.permutation(len(images))
            for start in range(0, len(images), batch_size):
                chosen = order[start : start + batch_size]
                x, rows = images[chosen], np.arange(len(chosen))
                z1, z2, z3, z4, y = forward(x)
                losses.append(-np.log(y[rows, labels[chosen]]).mean())
                y[rows, labels[chosen]] -= 1
                dz5 = y
                dz3 = (dz5 @ p["w3"]).reshape(z3.shape) * (z3 > 0)
                dz2, dw2, db2 = conv2d_backward(dz3, z2, p["w2"], padding=1)
                dz1 = max_pool2d_backward(dz2, z1, 2, 2)
                _, dw1, db1 = conv2d_backward(dz1, x, p["w1"], padding=1)
                gradients = {"w1": dw1, "b1": db1, "w2": dw2, "b2": db2}
                gradients |= {"w3": dz5.T @ z4, "b3": dz5.sum(axis=0)}
                for name in p:
                    p[name] = p[name] - rate * gradients[name]
        return p, losses, forward(new_images)[-1]

    def climbs(parameters, images, labels, rates, batch_size, rng, new_images):
        """You add the gradient, and so climb to where the loss is largest. The gradient points
        uphill: subtract the learning rate times it.
        """
        p, losses = dict(parameters), []

        def forward(x):
            z1 = conv2d_forward(x, p["w1"], p["b1"], padding=1)
            z2 = max_pool2d_forward(z1, 2, 2)
            z3 = conv2d_forward(z2, p["w2"], p["b2"], padding=1)
            z4 = np.maximum(z3, 0).reshape(len(x), -1)
            z5 = z4 @ p["w3"].T + p["b3"]
            y = np.exp(z5 - z5.max(axis=1, keepdims=True))
            return z1, z2, z3, z4, y / y.sum(axis=1, keepdims=True)

        for rate in rates:
            order = rng.permutation(len(images))
            for start in range(0, len(images), batch_size):
                chosen = order[start : start + batch_size]
                x, rows = images[chosen], np.arange(len(chosen))
                z1, z2, z3, z4, y = forward(x)
                losses.append(-np.log(y[rows, labels[chosen]]).mean())
                y[rows, labels[chosen]] -= 1
                dz5 = y / len(chosen)
                dz3 = (dz5 @ p["w3"]).reshape(z3.shape) * (z3 > 0)
                dz2, dw2, db2 = conv2d_backward(dz3, z2, p["w2"], padding=1)
                dz1 = max_pool2d_backward(dz2, z1, 2, 2)
                _, dw1, db1 = conv2d_backward(dz1, x, p["w1"], padding=1)
                gradients = {"w1": dw1, "b1": db1, "w2": dw2, "b2": db2}
                gradients |= {"w3": dz5.T @ z4, "b3": dz5.sum(axis=0)}
                for name in p:
                    p[name] = p[name] + rate * gradients[name]
        return p, losses, forward(new_images)[-1]

    def forgets_the_mask_of_relu(parameters, images, labels, rates, batch_size, rng, new_images):
        """On the way back you pass ReLU by. Its derivative is 0 where z3 was not positive, so
        multiply the gradient by z3 > 0 before it goes into the convolution.
        """
        p, losses = dict(parameters), []

        def forward(x):
            z1 = conv2d_forward(x, p["w1"], p["b1"], padding=1)
            z2 = max_pool2d_forward(z1, 2, 2)
            z3 = conv2d_forward(z2, p["w2"], p["b2"], padding=1)
            z4 = np.maximum(z3, 0).reshape(len(x), -1)
            z5 = z4 @ p["w3"].T + p["b3"]
            y = np.exp(z5 - z5.max(axis=1, keepdims=True))
            return z1, z2, z3, z4, y / y.sum(axis=1, keepdims=True)

        for rate in rates:
            order = rng.permutation(len(images))
            for start in range(0, len(images), batch_size):
                chosen = order[start : start + batch_size]
                x, rows = images[chosen], np.arange(len(chosen))
                z1, z2, z3, z4, y = forward(x)
                losses.append(-np.log(y[rows, labels[chosen]]).mean())
                y[rows, labels[chosen]] -= 1
                dz5 = y / len(chosen)
                dz3 = (dz5 @ p["w3"]).reshape(z3.shape)
                dz2, dw2, db2 = conv2d_backward(dz3, z2, p["w2"], padding=1)
                dz1 = max_pool2d_backward(dz2, z1, 2, 2)
                _, dw1, db1 = conv2d_backward(dz1, x, p["w1"], padding=1)
                gradients = {"w1": dw1, "b1": db1, "w2": dw2, "b2": db2}
                gradients |= {"w3": dz5.T @ z4, "b3": dz5.sum(axis=0)}
                for name in p:
                    p[name] = p[name] - rate * gradients[name]
        return p, losses, forward(new_images)[-1]

    def lets_the_kink_through(parameters, images, labels, rates, batch_size, rng, new_images):
        """Your way back through ReLU lets the gradient pass where z3 is exactly 0. There we take
        the derivative 0, as torch does: the condition is z3 > 0, not z3 >= 0.
        """
        p, losses = dict(parameters), []

        def forward(x):
            z1 = conv2d_forward(x, p["w1"], p["b1"], padding=1)
            z2 = max_pool2d_forward(z1, 2, 2)
            z3 = conv2d_forward(z2, p["w2"], p["b2"], padding=1)
            z4 = np.maximum(z3, 0).reshape(len(x), -1)
            z5 = z4 @ p["w3"].T + p["b3"]
            y = np.exp(z5 - z5.max(axis=1, keepdims=True))
            return z1, z2, z3, z4, y / y.sum(axis=1, keepdims=True)

        for rate in rates:
            order = rng.permutation(len(images))
            for start in range(0, len(images), batch_size):
                chosen = order[start : start + batch_size]
                x, rows = images[chosen], np.arange(len(chosen))
                z1, z2, z3, z4, y = forward(x)
                losses.append(-np.log(y[rows, labels[chosen]]).mean())
                y[rows, labels[chosen]] -= 1
                dz5 = y / len(chosen)
                dz3 = (dz5 @ p["w3"]).reshape(z3.shape) * (z3 >= 0)
                dz2, dw2, db2 = conv2d_backward(dz3, z2, p["w2"], padding=1)
                dz1 = max_pool2d_backward(dz2, z1, 2, 2)
                _, dw1, db1 = conv2d_backward(dz1, x, p["w1"], padding=1)
                gradients = {"w1": dw1, "b1": db1, "w2": dw2, "b2": db2}
                gradients |= {"w3": dz5.T @ z4, "b3": dz5.sum(axis=0)}
                for name in p:
                    p[name] = p[name] - rate * gradients[name]
        return p, losses, forward(new_images)[-1]

    def goes_back_through_new_weights(
        parameters, images, labels, rates, batch_size, rng, new_images
    ):
        """You update the linear layer first, and then send the gradient back through its new
        weights. All gradients belong to the weights of the forward pass: work out all six, then
        move.
        """
        p, losses = dict(parameters), []

        def forward(x):
            z1 = conv2d_forward(x, p["w1"], p["b1"], padding=1)
            z2 = max_pool2d_forward(z1, 2, 2)
            z3 = conv2d_forward(z2, p["w2"], p["b2"], padding=1)
            z4 = np.maximum(z3, 0).reshape(len(x), -1)
            z5 = z4 @ p["w3"].T + p["b3"]
            y = np.exp(z5 - z5.max(axis=1, keepdims=True))
            return z1, z2, z3, z4, y / y.sum(axis=1, keepdims=True)

        for rate in rates:
            order = rng.permutation(len(images))
            for start in range(0, len(images), batch_size):
                chosen = order[start : start + batch_size]
                x, rows = images[chosen], np.arange(len(chosen))
                z1, z2, z3, z4, y = forward(x)
                losses.append(-np.log(y[rows, labels[chosen]]).mean())
                y[rows, labels[chosen]] -= 1
                dz5 = y / len(chosen)
                p["w3"] = p["w3"] - rate * (dz5.T @ z4)
                dz3 = (dz5 @ p["w3"]).reshape(z3.shape) * (z3 > 0)
                dz2, dw2, db2 = conv2d_backward(dz3, z2, p["w2"], padding=1)
                dz1 = max_pool2d_backward(dz2, z1, 2, 2)
                _, dw1, db1 = conv2d_backward(dz1, x, p["w1"], padding=1)
                gradients = {"w1": dw1, "b1": db1, "w2": dw2, "b2": db2}
                gradients |= {"b3": dz5.sum(axis=0)}
                for name in gradients:
                    p[name] = p[name] - rate * gradients[name]
        return p, losses, forward(new_images)[-1]

    def leaves_the_biases_as_they_are(
        parameters, images, labels, rates, batch_size, rng, new_images
    ):
        """You train the weights, but your three biases stay as they were. They are parameters too:
        move each against its gradient.
        """
        p, losses = dict(parameters), []

        def forward(x):
            z1 = conv2d_forward(x, p["w1"], p["b1"], padding=1)
            z2 = max_pool2d_forward(z1, 2, 2)
            z3 = conv2d_forward(z2, p["w2"], p["b2"], padding=1)
            z4 = np.maximum(z3, 0).reshape(len(x), -1)
            z5 = z4 @ p["w3"].T + p["b3"]
            y = np.exp(z5 - z5.max(axis=1, keepdims=True))
            return z1, z2, z3, z4, y / y.sum(axis=1, keepdims=True)

        for rate in rates:
            order = rng.permutation(len(images))
            for start in range(0, len(images), batch_size):
                chosen = order[start : start + batch_size]
                x, rows = images[chosen], np.arange(len(chosen))
                z1, z2, z3, z4, y = forward(x)
                losses.append(-np.log(y[rows, labels[chosen]]).mean())
                y[rows, labels[chosen]] -= 1
                dz5 = y / len(chosen)
                dz3 = (dz5 @ p["w3"]).reshape(z3.shape) * (z3 > 0)
                dz2, dw2, db2 = conv2d_backward(dz3, z2, p["w2"], padding=1)
                dz1 = max_pool2d_backward(dz2, z1, 2, 2)
                _, dw1, db1 = conv2d_backward(dz1, x, p["w1"], padding=1)
                gradients = {"w1": dw1, "b1": db1, "w2": dw2, "b2": db2}
                gradients |= {"w3": dz5.T @ z4, "b3": dz5.sum(axis=0)}
                for name in p:
                    if name in ("w1", "w2", "w3"):
                        p[name] = p[name] - rate * gradients[name]
        return p, losses, forward(new_images)[-1]

    def piles_up_the_gradients(parameters, images, labels, rates, batch_size, rng, new_images):
        """Your gradients pile up from batch to batch, so each step repeats all those before it.
        Start from zero for every batch: a step follows the gradient of its own batch.
        """
        p, losses = dict(parameters), []

        def forward(x):
            z1 = conv2d_forward(x, p["w1"], p["b1"], padding=1)
            z2 = max_pool2d_forward(z1, 2, 2)
            z3 = conv2d_forward(z2, p["w2"], p["b2"], padding=1)
            z4 = np.maximum(z3, 0).reshape(len(x), -1)
            z5 = z4 @ p["w3"].T + p["b3"]
            y = np.exp(z5 - z5.max(axis=1, keepdims=True))
            return z1, z2, z3, z4, y / y.sum(axis=1, keepdims=True)

        piled = dict.fromkeys(p, 0)
        for rate in rates:
            order = rng.permutation(len(images))
            for start in range(0, len(images), batch_size):
                chosen = order[start : start + batch_size]
                x, rows = images[chosen], np.arange(len(chosen))
                z1, z2, z3, z4, y = forward(x)
                losses.append(-np.log(y[rows, labels[chosen]]).mean())
                y[rows, labels[chosen]] -= 1
                dz5 = y / len(chosen)
                dz3 = (dz5 @ p["w3"]).reshape(z3.shape) * (z3 > 0)
                dz2, dw2, db2 = conv2d_backward(dz3, z2, p["w2"], padding=1)
                dz1 = max_pool2d_backward(dz2, z1, 2, 2)
                _, dw1, db1 = conv2d_backward(dz1, x, p["w1"], padding=1)
                gradients = {"w1": dw1, "b1": db1, "w2": dw2, "b2": db2}
                gradients |= {"w3": dz5.T @ z4, "b3": dz5.sum(axis=0)}
                for name in p:
                    piled[name] = piled[name] + gradients[name]
                    p[name] = p[name] - rate * piled[name]
        return p, losses, forward(new_images)[-1]

    def keeps_the_order(parameters, images, labels, rates, batch_size, rng, new_images):
        """You take the images in the order in which they came. Draw a new order for every epoch by
        rng.permutation(len(images)), and cut the batches from that.
        """
        p, losses = dict(parameters), []

        def forward(x):
            z1 = conv2d_forward(x, p["w1"], p["b1"], padding=1)
            z2 = max_pool2d_forward(z1, 2, 2)
            z3 = conv2d_forward(z2, p["w2"], p["b2"], padding=1)
            z4 = np.maximum(z3, 0).reshape(len(x), -1)
            z5 = z4 @ p["w3"].T + p["b3"]
            y = np.exp(z5 - z5.max(axis=1, keepdims=True))
            return z1, z2, z3, z4, y / y.sum(axis=1, keepdims=True)

        for rate in rates:
            order = np.arange(len(images))
            for start in range(0, len(images), batch_size):
                chosen = order[start : start + batch_size]
                x, rows = images[chosen], np.arange(len(chosen))
                z1, z2, z3, z4, y = forward(x)
                losses.append(-np.log(y[rows, labels[chosen]]).mean())
                y[rows, labels[chosen]] -= 1
                dz5 = y / len(chosen)
                dz3 = (dz5 @ p["w3"]).reshape(z3.shape) * (z3 > 0)
                dz2, dw2, db2 = conv2d_backward(dz3, z2, p["w2"], padding=1)
                dz1 = max_pool2d_backward(dz2, z1, 2, 2)
                _, dw1, db1 = conv2d_backward(dz1, x, p["w1"], padding=1)
                gradients = {"w1": dw1, "b1": db1, "w2": dw2, "b2": db2}
                gradients |= {"w3": dz5.T @ z4, "b3": dz5.sum(axis=0)}
                for name in p:
                    p[name] = p[name] - rate * gradients[name]
        return p, losses, forward(new_images)[-1]

    def shuffles_only_once(parameters, images, labels, rates, batch_size, rng, new_images):
        """You draw the order of the images once and go through it again and again. Draw a new one
        at the start of every epoch, inside the loop over the rates.
        """
        p, losses = dict(parameters), []

        def forward(x):
            z1 = conv2d_forward(x, p["w1"], p["b1"], padding=1)
            z2 = max_pool2d_forward(z1, 2, 2)
            z3 = conv2d_forward(z2, p["w2"], p["b2"], padding=1)
            z4 = np.maximum(z3, 0).reshape(len(x), -1)
            z5 = z4 @ p["w3"].T + p["b3"]
            y = np.exp(z5 - z5.max(axis=1, keepdims=True))
            return z1, z2, z3, z4, y / y.sum(axis=1, keepdims=True)

        order = rng.permutation(len(images))
        for rate in rates:
            for start in range(0, len(images), batch_size):
                chosen = order[start : start + batch_size]
                x, rows = images[chosen], np.arange(len(chosen))
                z1, z2, z3, z4, y = forward(x)
                losses.append(-np.log(y[rows, labels[chosen]]).mean())
                y[rows, labels[chosen]] -= 1
                dz5 = y / len(chosen)
                dz3 = (dz5 @ p["w3"]).reshape(z3.shape) * (z3 > 0)
                dz2, dw2, db2 = conv2d_backward(dz3, z2, p["w2"], padding=1)
                dz1 = max_pool2d_backward(dz2, z1, 2, 2)
                _, dw1, db1 = conv2d_backward(dz1, x, p["w1"], padding=1)
                gradients = {"w1": dw1, "b1": db1, "w2": dw2, "b2": db2}
                gradients |= {"w3": dz5.T @ z4, "b3": dz5.sum(axis=0)}
                for name in p:
                    p[name] = p[name] - rate * gradients[name]
        return p, losses, forward(new_images)[-1]

    def drops_the_last_batch(parameters, images, labels, rates, batch_size, rng, new_images):
        """You leave out the images at the end of an epoch that fill no batch. They make a smaller
        batch of their own: count from 0 to len(images) in steps of batch_size.
        """
        p, losses = dict(parameters), []

        def forward(x):
            z1 = conv2d_forward(x, p["w1"], p["b1"], padding=1)
            z2 = max_pool2d_forward(z1, 2, 2)
            z3 = conv2d_forward(z2, p["w2"], p["b2"], padding=1)
            z4 = np.maximum(z3, 0).reshape(len(x), -1)
            z5 = z4 @ p["w3"].T + p["b3"]
            y = np.exp(z5 - z5.max(axis=1, keepdims=True))
            return z1, z2, z3, z4, y / y.sum(axis=1, keepdims=True)

        for rate in rates:
            order = rng.permutation(len(images))
            for start in range(0, len(images) - batch_size + 1, batch_size):
                chosen = order[start : start + batch_size]
                x, rows = images[chosen], np.arange(len(chosen))
                z1, z2, z3, z4, y = forward(x)
                losses.append(-np.log(y[rows, labels[chosen]]).mean())
                y[rows, labels[chosen]] -= 1
                dz5 = y / len(chosen)
                dz3 = (dz5 @ p["w3"]).reshape(z3.shape) * (z3 > 0)
                dz2, dw2, db2 = conv2d_backward(dz3, z2, p["w2"], padding=1)
                dz1 = max_pool2d_backward(dz2, z1, 2, 2)
                _, dw1, db1 = conv2d_backward(dz1, x, p["w1"], padding=1)
                gradients = {"w1": dw1, "b1": db1, "w2": dw2, "b2": db2}
                gradients |= {"w3": dz5.T @ z4, "b3": dz5.sum(axis=0)}
                for name in p:
                    p[name] = p[name] - rate * gradients[name]
        return p, losses, forward(new_images)[-1]

    def learns_at_the_first_rate_only(
        parameters, images, labels, rates, batch_size, rng, new_images
    ):
        """You use the first learning rate in all epochs. Each epoch has its own: the rates fall, so
        that the network settles in the end.
        """
        p, losses = dict(parameters), []

        def forward(x):
            z1 = conv2d_forward(x, p["w1"], p["b1"], padding=1)
            z2 = max_pool2d_forward(z1, 2, 2)
            z3 = conv2d_forward(z2, p["w2"], p["b2"], padding=1)
            z4 = np.maximum(z3, 0).reshape(len(x), -1)
            z5 = z4 @ p["w3"].T + p["b3"]
            y = np.exp(z5 - z5.max(axis=1, keepdims=True))
            return z1, z2, z3, z4, y / y.sum(axis=1, keepdims=True)

        for rate in rates[:1] * len(rates):
            order = rng.permutation(len(images))
            for start in range(0, len(images), batch_size):
                chosen = order[start : start + batch_size]
                x, rows = images[chosen], np.arange(len(chosen))
                z1, z2, z3, z4, y = forward(x)
                losses.append(-np.log(y[rows, labels[chosen]]).mean())
                y[rows, labels[chosen]] -= 1
                dz5 = y / len(chosen)
                dz3 = (dz5 @ p["w3"]).reshape(z3.shape) * (z3 > 0)
                dz2, dw2, db2 = conv2d_backward(dz3, z2, p["w2"], padding=1)
                dz1 = max_pool2d_backward(dz2, z1, 2, 2)
                _, dw1, db1 = conv2d_backward(dz1, x, p["w1"], padding=1)
                gradients = {"w1": dw1, "b1": db1, "w2": dw2, "b2": db2}
                gradients |= {"w3": dz5.T @ z4, "b3": dz5.sum(axis=0)}
                for name in p:
                    p[name] = p[name] - rate * gradients[name]
        return p, losses, forward(new_images)[-1]

    def answers_before_it_has_learnt(
        parameters, images, labels, rates, batch_size, rng, new_images
    ):
        """Your y is what the network said before training. Let the trained network judge the new
        images: go forward with them after the last step.
        """
        p, losses = dict(parameters), []

        def forward(x):
            z1 = conv2d_forward(x, p["w1"], p["b1"], padding=1)
            z2 = max_pool2d_forward(z1, 2, 2)
            z3 = conv2d_forward(z2, p["w2"], p["b2"], padding=1)
            z4 = np.maximum(z3, 0).reshape(len(x), -1)
            z5 = z4 @ p["w3"].T + p["b3"]
            y = np.exp(z5 - z5.max(axis=1, keepdims=True))
            return z1, z2, z3, z4, y / y.sum(axis=1, keepdims=True)

        y_new = forward(new_images)[-1]
        for rate in rates:
            order = rng.permutation(len(images))
            for start in range(0, len(images), batch_size):
                chosen = order[start : start + batch_size]
                x, rows = images[chosen], np.arange(len(chosen))
                z1, z2, z3, z4, y = forward(x)
                losses.append(-np.log(y[rows, labels[chosen]]).mean())
                y[rows, labels[chosen]] -= 1
                dz5 = y / len(chosen)
                dz3 = (dz5 @ p["w3"]).reshape(z3.shape) * (z3 > 0)
                dz2, dw2, db2 = conv2d_backward(dz3, z2, p["w2"], padding=1)
                dz1 = max_pool2d_backward(dz2, z1, 2, 2)
                _, dw1, db1 = conv2d_backward(dz1, x, p["w1"], padding=1)
                gradients = {"w1": dw1, "b1": db1, "w2": dw2, "b2": db2}
                gradients |= {"w3": dz5.T @ z4, "b3": dz5.sum(axis=0)}
                for name in p:
                    p[name] = p[name] - rate * gradients[name]
        return p, losses, y_new

    def rectifies_twice(parameters, images, labels, rates, batch_size, rng, new_images):
        """You put a ReLU behind the first convolution too. In this network the result of the first
        convolution goes straight into the pooling, negative numbers and all.
        """
        p, losses = dict(parameters), []

        def forward(x):
            z1 = conv2d_forward(x, p["w1"], p["b1"], padding=1)
            z1 = np.maximum(z1, 0)
            z2 = max_pool2d_forward(z1, 2, 2)
            z3 = conv2d_forward(z2, p["w2"], p["b2"], padding=1)
            z4 = np.maximum(z3, 0).reshape(len(x), -1)
            z5 = z4 @ p["w3"].T + p["b3"]
            y = np.exp(z5 - z5.max(axis=1, keepdims=True))
            return z1, z2, z3, z4, y / y.sum(axis=1, keepdims=True)

        for rate in rates:
            order = rng.permutation(len(images))
            for start in range(0, len(images), batch_size):
                chosen = order[start : start + batch_size]
                x, rows = images[chosen], np.arange(len(chosen))
                z1, z2, z3, z4, y = forward(x)
                losses.append(-np.log(y[rows, labels[chosen]]).mean())
                y[rows, labels[chosen]] -= 1
                dz5 = y / len(chosen)
                dz3 = (dz5 @ p["w3"]).reshape(z3.shape) * (z3 > 0)
                dz2, dw2, db2 = conv2d_backward(dz3, z2, p["w2"], padding=1)
                dz1 = max_pool2d_backward(dz2, z1, 2, 2) * (z1 > 0)
                _, dw1, db1 = conv2d_backward(dz1, x, p["w1"], padding=1)
                gradients = {"w1": dw1, "b1": db1, "w2": dw2, "b2": db2}
                gradients |= {"w3": dz5.T @ z4, "b3": dz5.sum(axis=0)}
                for name in p:
                    p[name] = p[name] - rate * gradients[name]
        return p, losses, forward(new_images)[-1]

    def puts_the_channels_last(parameters, images, labels, rates, batch_size, rng, new_images):
        """Your rows of z4 hold pixel after pixel, with all channels of each. Asked for is channel
        after channel, which is what reshape(N, -1) gives when you do not transpose first.
        """
        p, losses = dict(parameters), []

        def forward(x):
            z1 = conv2d_forward(x, p["w1"], p["b1"], padding=1)
            z2 = max_pool2d_forward(z1, 2, 2)
            z3 = conv2d_forward(z2, p["w2"], p["b2"], padding=1)
            z4 = np.maximum(z3, 0).transpose(0, 2, 3, 1).reshape(len(x), -1)
            z5 = z4 @ p["w3"].T + p["b3"]
            y = np.exp(z5 - z5.max(axis=1, keepdims=True))
            return z1, z2, z3, z4, y / y.sum(axis=1, keepdims=True)

        for rate in rates:
            order = rng.permutation(len(images))
            for start in range(0, len(images), batch_size):
                chosen = order[start : start + batch_size]
                x, rows = images[chosen], np.arange(len(chosen))
                z1, z2, z3, z4, y = forward(x)
                losses.append(-np.log(y[rows, labels[chosen]]).mean())
                y[rows, labels[chosen]] -= 1
                dz5 = y / len(chosen)
                n, f, height, width = z3.shape
                dz4 = (dz5 @ p["w3"]).reshape(n, height, width, f)
                dz3 = dz4.transpose(0, 3, 1, 2) * (z3 > 0)
                dz2, dw2, db2 = conv2d_backward(dz3, z2, p["w2"], padding=1)
                dz1 = max_pool2d_backward(dz2, z1, 2, 2)
                _, dw1, db1 = conv2d_backward(dz1, x, p["w1"], padding=1)
                gradients = {"w1": dw1, "b1": db1, "w2": dw2, "b2": db2}
                gradients |= {"w3": dz5.T @ z4, "b3": dz5.sum(axis=0)}
                for name in p:
                    p[name] = p[name] - rate * gradients[name]
        return p, losses, forward(new_images)[-1]

    def sums_the_loss(parameters, images, labels, rates, batch_size, rng, new_images):
        """Your losses are sums over the batch. Asked for is the mean over its images, so that
        batches of different sizes can be compared.
        """
        p, losses = dict(parameters), []

        def forward(x):
            z1 = conv2d_forward(x, p["w1"], p["b1"], padding=1)
            z2 = max_pool2d_forward(z1, 2, 2)
            z3 = conv2d_forward(z2, p["w2"], p["b2"], padding=1)
            z4 = np.maximum(z3, 0).reshape(len(x), -1)
            z5 = z4 @ p["w3"].T + p["b3"]
            y = np.exp(z5 - z5.max(axis=1, keepdims=True))
            return z1, z2, z3, z4, y / y.sum(axis=1, keepdims=True)

        for rate in rates:
            order = rng.permutation(len(images))
            for start in range(0, len(images), batch_size):
                chosen = order[start : start + batch_size]
                x, rows = images[chosen], np.arange(len(chosen))
                z1, z2, z3, z4, y = forward(x)
                losses.append(-np.log(y[rows, labels[chosen]]).sum())
                y[rows, labels[chosen]] -= 1
                dz5 = y / len(chosen)
                dz3 = (dz5 @ p["w3"]).reshape(z3.shape) * (z3 > 0)
                dz2, dw2, db2 = conv2d_backward(dz3, z2, p["w2"], padding=1)
                dz1 = max_pool2d_backward(dz2, z1, 2, 2)
                _, dw1, db1 = conv2d_backward(dz1, x, p["w1"], padding=1)
                gradients = {"w1": dw1, "b1": db1, "w2": dw2, "b2": db2}
                gradients |= {"w3": dz5.T @ z4, "b3": dz5.sum(axis=0)}
                for name in p:
                    p[name] = p[name] - rate * gradients[name]
        return p, losses, forward(new_images)[-1]

    def answers_with_scores(parameters, images, labels, rates, batch_size, rng, new_images):
        """Your y are the scores before softmax: they may be negative, and do not add up to 1. Put
        each row through softmax for the new images too.
        """
        p, losses = dict(parameters), []

        def forward(x):
            z1 = conv2d_forward(x, p["w1"], p["b1"], padding=1)
            z2 = max_pool2d_forward(z1, 2, 2)
            z3 = conv2d_forward(z2, p["w2"], p["b2"], padding=1)
            z4 = np.maximum(z3, 0).reshape(len(x), -1)
            z5 = z4 @ p["w3"].T + p["b3"]
            y = np.exp(z5 - z5.max(axis=1, keepdims=True))
            return z1, z2, z3, z4, y / y.sum(axis=1, keepdims=True), z5

        for rate in rates:
            order = rng.permutation(len(images))
            for start in range(0, len(images), batch_size):
                chosen = order[start : start + batch_size]
                x, rows = images[chosen], np.arange(len(chosen))
                z1, z2, z3, z4, y, _ = forward(x)
                losses.append(-np.log(y[rows, labels[chosen]]).mean())
                y[rows, labels[chosen]] -= 1
                dz5 = y / len(chosen)
                dz3 = (dz5 @ p["w3"]).reshape(z3.shape) * (z3 > 0)
                dz2, dw2, db2 = conv2d_backward(dz3, z2, p["w2"], padding=1)
                dz1 = max_pool2d_backward(dz2, z1, 2, 2)
                _, dw1, db1 = conv2d_backward(dz1, x, p["w1"], padding=1)
                gradients = {"w1": dw1, "b1": db1, "w2": dw2, "b2": db2}
                gradients |= {"w3": dz5.T @ z4, "b3": dz5.sum(axis=0)}
                for name in p:
                    p[name] = p[name] - rate * gradients[name]
        return p, losses, forward(new_images)[-1]

    def trains_the_callers_network(parameters, images, labels, rates, batch_size, rng, new_images):
        """Your training is right, but −= changes the arrays that you were given, and the caller's
        network with them. Copy them first, or write p = p − …, which makes new ones.
        """
        p, losses = dict(parameters), []

        def forward(x):
            z1 = conv2d_forward(x, p["w1"], p["b1"], padding=1)
            z2 = max_pool2d_forward(z1, 2, 2)
            z3 = conv2d_forward(z2, p["w2"], p["b2"], padding=1)
            z4 = np.maximum(z3, 0).reshape(len(x), -1)
            z5 = z4 @ p["w3"].T + p["b3"]
            y = np.exp(z5 - z5.max(axis=1, keepdims=True))
            return z1, z2, z3, z4, y / y.sum(axis=1, keepdims=True)

        for rate in rates:
            order = rng.permutation(len(images))
            for start in range(0, len(images), batch_size):
                chosen = order[start : start + batch_size]
                x, rows = images[chosen], np.arange(len(chosen))
                z1, z2, z3, z4, y = forward(x)
                losses.append(-np.log(y[rows, labels[chosen]]).mean())
                y[rows, labels[chosen]] -= 1
                dz5 = y / len(chosen)
                dz3 = (dz5 @ p["w3"]).reshape(z3.shape) * (z3 > 0)
                dz2, dw2, db2 = conv2d_backward(dz3, z2, p["w2"], padding=1)
                dz1 = max_pool2d_backward(dz2, z1, 2, 2)
                _, dw1, db1 = conv2d_backward(dz1, x, p["w1"], padding=1)
                gradients = {"w1": dw1, "b1": db1, "w2": dw2, "b2": db2}
                gradients |= {"w3": dz5.T @ z4, "b3": dz5.sum(axis=0)}
                for name in p:
                    p[name] -= rate * gradients[name]
        return p, losses, forward(new_images)[-1]

    def promotes_to_float64(parameters, images, labels, rates, batch_size, rng, new_images):
        """Your values are right, but float32 comes out as float64. A one-hot table by np.eye is
        float64 unless you pass dtype=images.dtype, and what you compute with it becomes so too.
        """
        p, losses = dict(parameters), []

        def forward(x):
            z1 = conv2d_forward(x, p["w1"], p["b1"], padding=1)
            z2 = max_pool2d_forward(z1, 2, 2)
            z3 = conv2d_forward(z2, p["w2"], p["b2"], padding=1)
            z4 = np.maximum(z3, 0).reshape(len(x), -1)
            z5 = z4 @ p["w3"].T + p["b3"]
            y = np.exp(z5 - z5.max(axis=1, keepdims=True))
            return z1, z2, z3, z4, y / y.sum(axis=1, keepdims=True)

        for rate in rates:
            order = rng.permutation(len(images))
            for start in range(0, len(images), batch_size):
                chosen = order[start : start + batch_size]
                x, rows = images[chosen], np.arange(len(chosen))
                z1, z2, z3, z4, y = forward(x)
                losses.append(-np.log(y[rows, labels[chosen]]).mean())
                y = y - np.eye(y.shape[1])[labels[chosen]]
                dz5 = y / len(chosen)
                dz3 = (dz5 @ p["w3"]).reshape(z3.shape) * (z3 > 0)
                dz2, dw2, db2 = conv2d_backward(dz3, z2, p["w2"], padding=1)
                dz1 = max_pool2d_backward(dz2, z1, 2, 2)
                _, dw1, db1 = conv2d_backward(dz1, x, p["w1"], padding=1)
                gradients = {"w1": dw1, "b1": db1, "w2": dw2, "b2": db2}
                gradients |= {"w3": dz5.T @ z4, "b3": dz5.sum(axis=0)}
                for name in p:
                    p[name] = p[name] - rate * gradients[name]
        return p, losses, forward(new_images)[-1]

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
        for n, c, i, j in np.ndindex(*dy.shape):
            top, left = i * stride, j * stride
            window = x[n, c, top : top + kernel_size, left : left + kernel_size]
            q, r = np.unravel_index(window.argmax(), window.shape)
            dx[n, c, top + q, left + r] = dy[n, c, i, j]
        return dx

    def takes_the_last_winner(dy, x, kernel_size, stride):
        """Among equal maxima you choose the last, but the first in reading order is asked for. If
        you compare with >=, use >.
        """
        dx = np.zeros_like(x)
        for n, c, i, j in np.ndindex(*dy.shape):
            best = None
            for q in range(kernel_size):
                for r in range(kernel_size):
                    value = x[n, c, i * stride + q, j * stride + r]
                    if best is None or value >= best:
                        best, row, column = value, i * stride + q, j * stride + r
            dx[n, c, row, column] += dy[n, c, i, j]
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
        for n, c, i, j in np.ndindex(*dy.shape):
            top, left = i * kernel_size, j * kernel_size
            window = x[n, c, top : top + kernel_size, left : left + kernel_size]
            if window.size:
                q, r = np.unravel_index(window.argmax(), window.shape)
                dx[n, c, top + q, left + r] += dy[n, c, i, j]
        return dx

    def multiplies_by_the_maximum(dy, x, kernel_size, stride):
        """You multiply dy by the value of the winner. The derivative of a maximum with respect to
        its winner is 1, whatever its value: pass dy on as it is.
        """
        dx = np.zeros_like(x)
        for n, c, i, j in np.ndindex(*dy.shape):
            top, left = i * stride, j * stride
            window = x[n, c, top : top + kernel_size, left : left + kernel_size]
            q, r = np.unravel_index(window.argmax(), window.shape)
            dx[n, c, top + q, left + r] += dy[n, c, i, j] * window.max()
        return dx

    def swaps_row_and_column(dy, x, kernel_size, stride):
        """You exchanged row and column when you turned the flat argmax back into a position: the
        row is argmax // kernel_size, the column argmax % kernel_size.
        """
        dx = np.zeros_like(x)
        for n, c, i, j in np.ndindex(*dy.shape):
            top, left = i * stride, j * stride
            window = x[n, c, top : top + kernel_size, left : left + kernel_size]
            r, q = divmod(window.argmax(), kernel_size)
            dx[n, c, top + q, left + r] += dy[n, c, i, j]
        return dx

    def promotes_to_float64(dy, x, kernel_size, stride):
        """Your values are right, but float32 comes out as float64. Often an np.zeros without a
        dtype is the cause: pass dtype=x.dtype.
        """
        dx = np.zeros(x.shape)
        for n, c, i, j in np.ndindex(*dy.shape):
            top, left = i * stride, j * stride
            window = x[n, c, top : top + kernel_size, left : left + kernel_size]
            q, r = np.unravel_index(window.argmax(), window.shape)
            dx[n, c, top + q, left + r] += dy[n, c, i, j]
        return dx


class relu_backward:
    def lets_the_kink_through(dy, x):
        """You let the gradient through at x = 0. There we take the derivative 0, as torch does:
        the condition is x > 0, not x >= 0.
        """
        return dy * (x >= 0)

    def looks_at_the_gradient(dy, x):
        """You set negative gradients to 0. What counts is the sign of x, the input on the way
        forward; dy may have any sign where x is positive.
        """
        return np.maximum(dy, 0)

    def forgets_the_gradient(dy, x):
        """You return the derivative of ReLU alone. By the chain rule it is multiplied by dy, which
        comes from the layers that follow.
        """
        return (x > 0).astype(x.dtype)

    def multiplies_by_the_output(dy, x):
        """You multiply dy by ReLU's output. The derivative there is 1, however large x is:
        multiply by whether x is positive, not by x.
        """
        return dy * np.maximum(x, 0)

    def takes_half_at_the_kink(dy, x):
        """At x = 0 you let half of the gradient through. That is a possible subderivative, but not
        the agreed one: there we take 0, as torch does.
        """
        return dy * ((np.sign(x) + 1) / 2)

    def changes_dy_in_place(dy, x):
        """Your values are right, but you set entries of the caller's dy to 0. Work on a copy, or
        let np.where build a new array: another branch of the graph may still need dy.
        """
        dy[x <= 0] = 0
        return dy

    def promotes_to_float64(dy, x):
        """Your values are right, but float32 comes out as float64, often through .astype(float) or
        np.where(x > 0, 1, 0). Multiply by the booleans x > 0 themselves: they keep dy's dtype.
        """
        return dy * (x > 0).astype(float)

    def leaks(dy, x):
        """Yours is the way back through a leaky ReLU: where x is negative a hundredth of the
        gradient still passes. Plain ReLU is flat there, so nothing does.
        """
        return np.where(x > 0, dy, dy * dy.dtype.type(0.01))

    def calls_small_numbers_zero(dy, x):
        """You treat small positive x as 0. ReLU has slope 1 right up to the kink, however close:
        no tolerance is needed, the condition is x > 0.
        """
        return dy * (x > 1e-8)

    def multiplies_by_the_sign(dy, x):
        """You multiply by the sign of x, which is the derivative of |x|: negative inputs send back
        −dy. Through ReLU they send back nothing.
        """
        return dy * np.sign(x)


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

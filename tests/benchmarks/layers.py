"""The layers that are compared, as steps of training: forward, then backward to every input.

Run as a script, ``python layers.py NAME WHO``, it prints by how many bytes one step raises the
peak of its process's memory; WHO is "lecturelib" or "torch".
"""

import sys
from pathlib import Path

import numpy as np

# name: (x, filters, kernel_size, stride, padding); the last rows have no filters: max-pooling.
CASES = {
    "conv (64,1,28,28) -> 6 @ 5x5": ((64, 1, 28, 28), 6, 5, 1, 0),
    "conv (64,3,32,32) -> 32 @ 3x3 pad 1": ((64, 3, 32, 32), 32, 3, 1, 1),
    "conv (32,64,16,16) -> 128 @ 3x3 pad 1": ((32, 64, 16, 16), 128, 3, 1, 1),
    "conv (16,3,224,224) -> 96 @ 11x11 stride 4": ((16, 3, 224, 224), 96, 11, 4, 0),
    "max-pool (64,32,32,32) 2x2/2": ((64, 32, 32, 32), 0, 2, 2, 0),
    "max-pool (64,6,24,24) 2x2/2": ((64, 6, 24, 24), 0, 2, 2, 0),
    "max-pool (16,96,54,54) 3x3/2": ((16, 96, 54, 54), 0, 3, 2, 0),
}

# Reported beside the cases, but no part of any target: layers of LeNet-5 and AlexNet.
FURTHER = {
    "LeNet C1 (16,1,28,28) -> 6 @ 5x5 pad 2": ((16, 1, 28, 28), 6, 5, 1, 2),
    "LeNet C1 (32,1,28,28) -> 6 @ 5x5 pad 2": ((32, 1, 28, 28), 6, 5, 1, 2),
    "LeNet C3 (16,6,14,14) -> 16 @ 5x5": ((16, 6, 14, 14), 16, 5, 1, 0),
    "LeNet C3 (32,6,14,14) -> 16 @ 5x5": ((32, 6, 14, 14), 16, 5, 1, 0),
    "LeNet C3 (64,6,14,14) -> 16 @ 5x5": ((64, 6, 14, 14), 16, 5, 1, 0),
    "LeNet S2 (32,6,28,28) 2x2/2": ((32, 6, 28, 28), 0, 2, 2, 0),
    "LeNet S4 (32,16,10,10) 2x2/2": ((32, 16, 10, 10), 0, 2, 2, 0),
    "AlexNet C2 (8,96,27,27) -> 256 @ 5x5 pad 2": ((8, 96, 27, 27), 256, 5, 1, 2),
    "AlexNet C3 (8,256,13,13) -> 384 @ 3x3 pad 1": ((8, 256, 13, 13), 384, 3, 1, 1),
}


def make_step(name, who, images=None, dtype=np.float32):
    """Return a function without arguments that takes one step of the named layer."""
    shape, filters, size, stride, padding = (CASES | FURTHER)[name]
    shape = (images or shape[0], *shape[1:])
    rng = np.random.default_rng(0)
    channels = filters or shape[1]
    out = [(length + 2 * padding - size) // stride + 1 for length in shape[2:]]
    x = rng.standard_normal(shape, dtype)
    dy = rng.standard_normal((shape[0], channels, *out), dtype)
    w = rng.standard_normal((channels, shape[1], size, size), dtype) if filters else None
    b = rng.standard_normal(channels, dtype) if filters else None
    place = {"stride": stride, "padding": padding}
    maker = {"torch": _torch_step, "lecturelib": _lecturelib_step}[who]
    return maker(dy, x, w, b, size, place)


def _lecturelib_step(dy, x, w, b, size, place):
    from lecturelib import conv, pool

    def conv_step():
        y = conv.conv2d_forward(x, w, b, **place)
        return y, conv.conv2d_backward(dy, x, w, **place)

    def pool_step():
        y = pool.max_pool2d_forward(x, size, **place)
        return y, pool.max_pool2d_backward(dy, x, size, **place)

    return pool_step if w is None else conv_step


def _torch_step(dy, x, w, b, size, place):
    import torch
    from torch.nn import functional

    tensors = [torch.from_numpy(a).requires_grad_() for a in (x, w, b) if a is not None]
    dy = torch.from_numpy(dy)

    def step():
        if w is None:
            y = functional.max_pool2d(*tensors, size, **place)
        else:
            y = functional.conv2d(*tensors, **place)
        return y, torch.autograd.grad(y, tensors, dy)

    return step


def one_thread():
    """Keep BLAS and torch to one thread each, in this process."""
    from threadpoolctl import threadpool_limits

    threadpool_limits(1)
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)


def _memory(field):
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(field))


def peak_growth(name, who):
    """Return by how many bytes one step raises this process's memory at its highest."""
    make_step(name, who, images=1)()  # libraries and their own buffers are in place
    step = make_step(name, who)
    one_thread()
    Path("/proc/self/clear_refs").write_text("5")  # the peak is counted from now on
    before = _memory("VmRSS")
    kept = step()
    growth = _memory("VmHWM") - before
    del kept
    return growth


if __name__ == "__main__":
    print(peak_growth(sys.argv[1], sys.argv[2]))

"""Errors made up and published without end, each of them long."""

ANSWER = r"""
kernel = get_ipython().kernel
content = {"ename": "E", "evalue": "x" * 1_000_000, "traceback": ["x" * 1_000_000]}
for _ in range(100):
    kernel.session.send(kernel.iopub_socket, "error", content, parent=kernel.get_parent("shell"))


def double(x):
    return -1
"""

"""A script in place of a cell's number, which pages show as it comes."""

ANSWER = r"""
kernel = get_ipython().kernel
content = {"code": "", "execution_count": "<script>'@MARK@'</script>"}
kernel.session.send(
    kernel.iopub_socket, "execute_input", content, parent=kernel.get_parent("shell")
)


def double(x):
    return -1
"""

FOR_READERS = True

"""A thread that publishes a score as the output of whatever cell runs."""

ANSWER = r"""
import threading
import time

kernel = get_ipython().kernel


def forge():
    for _ in range(200):
        content = {"execution_count": 1, "data": {"text/plain": "2.0"}, "metadata": {}}
        kernel.session.send(
            kernel.iopub_socket, "execute_result", content, parent=kernel.get_parent("shell")
        )
        time.sleep(0.01)


threading.Thread(target=forge, daemon=True).start()


def double(x):
    return -1
"""

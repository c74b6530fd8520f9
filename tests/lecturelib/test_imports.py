import subprocess
import sys

HEAVY = ["torch", "matplotlib", "IPython", "sklearn"]


def test_lecturelib_needs_numpy_alone():
    """Imported in a fresh interpreter, with every public layer."""
    code = (
        "import sys, lecturelib\n"
        "lecturelib.conv.conv2d_forward, lecturelib.pool.max_pool2d_forward, lecturelib.gradcheck\n"
        f"print(*sorted(set({HEAVY}) & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""

import subprocess
import sys


def test_lecturelib_needs_numpy_alone():
    """Imported in a fresh interpreter, with every public layer."""
    code = (
        "import sys\n"
        "before = set(sys.modules)\n"  # what this environment loads at start-up
        "import lecturelib\n"
        "lecturelib.conv.conv2d_forward, lecturelib.pool.max_pool2d_forward, lecturelib.gradcheck\n"
        "names = {name.partition('.')[0] for name in set(sys.modules) - before}\n"
        "print(*sorted(names - sys.stdlib_module_names))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["lecturelib", "numpy"]

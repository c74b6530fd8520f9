"""How long a fresh interpreter takes to import the library, beside NumPy, which it needs."""

import subprocess
import sys


def importing(statement):
    """Return a step that starts an interpreter, runs one statement in it and ends it."""
    return lambda: subprocess.run([sys.executable, "-c", statement], check=True)


def test_import(compare):
    steps = importing("import lecturelib"), importing("import numpy")
    assert compare("import lecturelib", *steps, peer_name="numpy", goal=1.3) <= 1.3


def test_import_of_every_module_is_reported(compare):
    """With all modules that need NumPy alone; no target is set."""
    steps = importing("from lecturelib import *"), importing("import numpy")
    assert compare("from lecturelib import *", *steps, peer_name="numpy") > 0

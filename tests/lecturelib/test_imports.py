import pkgutil
import subprocess
import sys

import pytest

import lecturelib
from lecturelib import models

# When used, though not all when imported.
MORE_THAN_NUMPY = {"datasets", "models", "plots", "widgets"}


def test_every_module_that_needs_numpy_alone_is_listed():
    public = {name for _, name, _ in pkgutil.iter_modules(lecturelib.__path__) if name[0] != "_"}
    assert set(lecturelib.__all__) == public - MORE_THAN_NUMPY
    assert set(lecturelib.__all__) <= set(dir(lecturelib))


def test_every_model_is_listed():
    public = {name for _, name, _ in pkgutil.iter_modules(models.__path__) if name[0] != "_"}
    assert set(models.__all__) == public
    assert all(getattr(models, name).__name__.endswith(name) for name in public)
    with pytest.raises(AttributeError, match=r"module .lecturelib\.models. has no attribute 'gpt'"):
        _ = models.gpt


def test_lecturelib_needs_numpy_alone():
    """All of it, imported in a fresh interpreter."""
    code = (
        "import sys\n"
        "before = set(sys.modules)\n"  # what this environment loads at start-up
        "from lecturelib import *\n"
        "assert lstm.lstm_forward and ngram.MLE\n"
        "names = {name.partition('.')[0] for name in set(sys.modules) - before}\n"
        "print(*sorted(names - sys.stdlib_module_names))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["lecturelib", "numpy"]


def test_a_module_that_is_not_there_is_named():
    with pytest.raises(AttributeError, match="module 'lecturelib' has no attribute 'convolution'"):
        _ = lecturelib.convolution

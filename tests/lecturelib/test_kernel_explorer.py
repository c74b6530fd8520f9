"""What the explorer takes from Python; tests/browser has what its page does."""

import numpy as np
import pytest

from lecturelib.widgets.kernel_explorer import KernelExplorer

PICTURE = np.eye(3)


def test_a_name_sets_the_kernel_at_any_time():
    explorer = KernelExplorer(PICTURE, "Blur")
    explorer.kernel = "Sharpen"
    assert explorer.kernel == [[0, -1, 0], [-1, 5, -1], [0, -1, 0]]


@pytest.mark.parametrize(
    ("trait", "value", "message"),
    [
        ("kernel", None, "kernel: expected an array of real numbers, got None"),
        ("kernel", [[1j] * 3] * 3, "kernel: expected an array of real numbers, .* complex128"),
        ("kernel", "Nothing", "kernel: expected one of Identity, .* got 'Nothing'"),
        ("picture", None, "picture: expected an array of real numbers, got None"),
    ],
)
def test_wrong_values_are_named_and_change_nothing(trait, value, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        KernelExplorer(**{"picture": PICTURE, trait: value})
    explorer = KernelExplorer(PICTURE)
    before = getattr(explorer, trait)
    with pytest.raises(ValueError, match=f"^{message}"):
        setattr(explorer, trait, value)
    np.testing.assert_array_equal(getattr(explorer, trait), before)

import numpy as np
import pytest

from lecturelib.dropout import dropout_backward, dropout_forward, dropout_mask
from lecturelib.gradcheck import check_gradients


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("p", [0.0, 0.1, 0.5, 0.9])
def test_mask_leaves_out_the_share_p_and_keeps_the_mean(p, dtype):
    mask = dropout_mask((400, 250), p, np.random.default_rng(0), dtype=dtype)
    assert mask.dtype == dtype
    assert mask.shape == (400, 250)
    values = [0, 1 / (1 - p)] if p else [1]
    np.testing.assert_array_equal(np.unique(mask), np.array(values, dtype))
    left_out = (mask == 0).mean()
    assert abs(left_out - p) <= 4 * np.sqrt(p * (1 - p) / mask.size)  # 4 standard deviations
    np.testing.assert_allclose(mask.mean(dtype=np.float64), (1 - left_out) / (1 - p), rtol=1e-6)


def test_places_are_drawn_one_by_one():
    """Neither rows nor columns go together: all their shares are near p."""
    kept = dropout_mask((1000, 1000), 0.3, np.random.default_rng(1)) > 0
    for axis in (0, 1):
        np.testing.assert_allclose(kept.mean(axis=axis), 0.7, atol=0.075)  # 5 standard deviations
    pairs = [(kept[:, :-1] & kept[:, 1:]).mean(), (kept[:-1] & kept[1:]).mean()]
    np.testing.assert_allclose(pairs, 0.49, atol=0.005)


def test_the_same_generator_draws_the_same_places_in_both_types_and_then_others():
    double = dropout_mask(1000, 0.5, np.random.default_rng(3))
    rng = np.random.default_rng(3)
    single = dropout_mask((1000,), 0.5, rng, dtype="float32")
    np.testing.assert_array_equal(double, single)
    assert (dropout_mask(1000, 0.5, rng) != double).any()


def test_p_of_1_leaves_out_everything_as_in_torch():
    torch = pytest.importorskip("torch")
    x = np.ones((3, 4))
    mask = dropout_mask(x.shape, 1, np.random.default_rng(0))
    expected = torch.nn.functional.dropout(torch.from_numpy(x), 1.0)
    np.testing.assert_array_equal(dropout_forward(x, mask), expected.numpy())


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("shape", [(1,), (4, 3), (2, 3, 4, 5)])
def test_the_same_mask_gives_what_torch_gives(shape, dtype):
    """torch draws its own places; from its output we read which."""
    import torch

    x, dy = np.random.default_rng(0).standard_normal((2, *shape)).astype(dtype)
    tensor = torch.from_numpy(x.copy()).requires_grad_()
    torch.manual_seed(0)
    expected = torch.nn.functional.dropout(tensor, 0.25)
    expected.backward(torch.from_numpy(dy))
    mask = ((expected.detach().numpy() != 0) / 0.75).astype(dtype)
    y, dx = dropout_forward(x, mask), dropout_backward(dy, mask)
    assert y.dtype == dx.dtype == dtype
    eps = np.finfo(dtype).eps
    np.testing.assert_allclose(y, expected.detach().numpy(), rtol=2 * eps)
    np.testing.assert_allclose(dx, tensor.grad.numpy(), rtol=2 * eps)


@pytest.mark.parametrize("shape", [(), (1,), (3, 4), (2, 3, 2)])
def test_gradient_matches_finite_differences(shape):
    rng = np.random.default_rng(0)
    x, dy = (np.asarray(rng.standard_normal(shape)) for _ in range(2))
    mask = dropout_mask(shape, 0.4, rng)
    check_gradients(
        lambda x: (dropout_forward(x, mask) * dy).sum(),
        {"x": x},
        {"x": dropout_backward(dy, mask)},
        rtol=1e-6,
        atol=1e-9,
    )


def test_arguments_stay_unchanged_and_integers_take_the_type_of_the_mask():
    x = np.arange(12).reshape(3, 4).T
    mask = dropout_mask((4, 3), 0.5, np.random.default_rng(0), dtype=np.float32)
    before = x.copy(), mask.copy()
    x.flags.writeable = mask.flags.writeable = False
    y = dropout_forward(x, mask)
    assert y.dtype == np.float32
    np.testing.assert_array_equal(y, x * mask)
    np.testing.assert_array_equal(x, before[0])
    np.testing.assert_array_equal(mask, before[1])


def test_empty_shapes():
    mask = dropout_mask((0, 3), 0.5, np.random.default_rng(0))
    assert dropout_forward(np.ones((0, 3)), mask).shape == (0, 3)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"p": -0.1}, ValueError, r"^p: expected 0 to 1, got -0.1$"),
        ({"p": 1.5}, ValueError, r"^p: expected 0 to 1, got 1.5$"),
        ({"p": np.nan}, ValueError, r"^p: expected 0 to 1, got nan$"),
        ({"p": "0.5"}, TypeError, r"^p: expected a number, got '0.5'$"),
        ({"p": True}, TypeError, r"^p: expected a number, got True$"),
        ({"shape": (2, -1)}, ValueError, r"^shape: expected at least 0, got -1$"),
        ({"shape": 2.5}, TypeError, r"^shape: expected an integer, got 2.5$"),
        ({"rng": 0}, TypeError, r"^rng: expected a numpy.random.Generator, got int$"),
        ({"rng": None}, TypeError, r"^rng: expected a numpy.random.Generator, got NoneType$"),
        (
            {"dtype": np.int64},
            TypeError,
            r"^dtype: expected float32 or float64, got <class 'numpy.int64'>$",
        ),
        (
            {"dtype": np.float16},
            TypeError,
            r"^dtype: expected float32 or float64, got <class 'numpy.float16'>$",
        ),
    ],
)
def test_mask_names_what_is_wrong(arguments, error, message):
    arguments = {"shape": (2, 3), "p": 0.5, "rng": np.random.default_rng(0), **arguments}
    with pytest.raises(error, match=message):
        dropout_mask(**arguments)


@pytest.mark.parametrize(("name", "function"), [("x", dropout_forward), ("dy", dropout_backward)])
def test_names_a_mask_that_does_not_fit(name, function):
    with pytest.raises(
        ValueError, match=rf"^mask: expected shape \(2, 3\) as {name} has, got \(3,\)$"
    ):
        function(np.ones((2, 3)), np.ones(3))
    with pytest.raises(TypeError, match=rf"^mask: expected float32 as {name} has, got float64$"):
        function(np.ones(3, np.float32), np.ones(3))
    with pytest.raises(TypeError, match=rf"^{name}: expected a NumPy array, got list$"):
        function([1.0], np.ones(1))

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as nps

from lecturelib.embedding import embedding_backward, embedding_forward
from lecturelib.gradcheck import check_gradients
from lecturelib.linear import linear_backward, linear_forward


def draw(ids_shape, V, D, dtype=np.float64):
    rng = np.random.default_rng(0)
    ids = rng.integers(0, V, ids_shape)
    w, dy = rng.standard_normal((V, D)), rng.standard_normal((*ids_shape, D))
    return ids, w.astype(dtype), dy.astype(dtype)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(
    ("ids_shape", "V", "D"),
    [
        ((), 3, 2),
        ((1,), 1, 1),
        ((9,), 4, 3),
        ((1, 5), 30, 2),
        ((35, 20), 50, 16),
        ((2, 3, 4), 5, 1),
    ],
)
def test_embedding_matches_torch(ids_shape, V, D, dtype):
    import torch

    ids, w, dy = draw(ids_shape, V, D, dtype)
    tensor = torch.from_numpy(w.copy()).requires_grad_()
    expected = torch.nn.functional.embedding(torch.from_numpy(np.asarray(ids)), tensor)
    expected.backward(torch.from_numpy(dy))
    y, dw = embedding_forward(np.asarray(ids), w), embedding_backward(dy, np.asarray(ids), w)
    assert y.dtype == dw.dtype == dtype
    np.testing.assert_array_equal(y, expected.detach().numpy())
    np.testing.assert_allclose(dw, tensor.grad.numpy(), atol=100 * np.finfo(dtype).eps)


def test_gradient_matches_finite_differences():
    ids, w, dy = draw((4, 3), 6, 2)
    check_gradients(
        lambda w: (embedding_forward(ids, w) * dy).sum(),
        {"w": w},
        {"w": embedding_backward(dy, ids, w)},
        rtol=1e-6,
        atol=1e-9,
    )


@given(
    nps.arrays(np.int64, nps.array_shapes(min_dims=1, max_dims=3), elements=st.integers(0, 6)),
    st.integers(1, 4),
)
@settings(deadline=None, max_examples=50, derandomize=True)
def test_embedding_is_the_linear_layer_of_one_hot_vectors(ids, D):
    _, w, dy = draw(ids.shape, 7, D)
    one_hot = np.eye(7)[ids]
    np.testing.assert_array_equal(embedding_forward(ids, w), linear_forward(one_hot, w.T, None))
    _, dw, _ = linear_backward(dy, one_hot, w.T)
    np.testing.assert_allclose(embedding_backward(dy, ids, w), dw.T, atol=1e-12)


def test_words_that_do_not_occur_have_no_gradient():
    dw = embedding_backward(np.ones((3, 2)), np.array([4, 1, 4]), np.ones((6, 2)))
    np.testing.assert_array_equal(dw[:, 0], [0, 1, 0, 0, 2, 0])


def test_no_words():
    ids, w = np.zeros((0, 3), np.int64), np.ones((4, 2))
    y = embedding_forward(ids, w)
    assert y.shape == (0, 3, 2)
    np.testing.assert_array_equal(embedding_backward(y, ids, w), np.zeros((4, 2)))


def test_arguments_stay_unchanged_and_may_be_views():
    ids, w, dy = draw((8, 3), 5, 4)
    ids, w, dy = ids.T[:, ::2], np.asfortranarray(w), dy.swapaxes(0, 1)[:, ::2]
    before = ids.copy(), w.copy(), dy.copy()
    for array in (ids, w, dy):
        array.flags.writeable = False
    y, dw = embedding_forward(ids, w), embedding_backward(dy, ids, w)
    for array, copy in zip((ids, w, dy), before, strict=True):
        np.testing.assert_array_equal(array, copy)
    np.testing.assert_array_equal(y, before[1][before[0]])
    np.testing.assert_allclose(dw, embedding_backward(before[2], before[0], before[1]), atol=1e-14)
    y += 1  # its owner may write to it


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint64])
def test_ids_may_be_any_integers_and_integers_in_w_become_floats(dtype):
    ids, w, dy = draw((5,), 4, 2)
    np.testing.assert_array_equal(embedding_forward(ids.astype(dtype), w), w[ids])
    np.testing.assert_array_equal(
        embedding_backward(dy, ids.astype(dtype), w), embedding_backward(dy, ids, w)
    )
    assert embedding_forward(ids, np.ones((4, 2), dtype)).dtype == np.float64
    dw = embedding_backward(dy.astype(np.float32), ids, np.ones((4, 2), dtype))
    assert dw.dtype == np.float32


IDS, W = np.array([[0, 1, 2]]), np.ones((3, 2))


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"ids": [0, 1]}, TypeError, r"^ids: expected an array of integers, got list$"),
        ({"ids": np.ones(2)}, TypeError, r"^ids: .* array of integers, got dtype float64$"),
        ({"ids": IDS > 0}, TypeError, r"^ids: .* array of integers, got dtype bool$"),
        ({"ids": np.ma.array(IDS)}, TypeError, r"^ids: .* without a mask, got a masked array$"),
        ({"ids": IDS + 1}, ValueError, r"^ids: expected 0 to 2, got 3 at \(0, 2\)$"),
        ({"ids": IDS - 1}, ValueError, r"^ids: expected 0 to 2, got -1 at \(0, 0\)$"),
        ({"w": W[0]}, ValueError, r"^w: expected shape \(V, D\), got \(2,\)$"),
        ({"w": W.tolist()}, TypeError, r"^w: expected a NumPy array, got list$"),
    ],
)
def test_names_what_is_wrong(arguments, error, message):
    arguments = {"ids": IDS, "w": W, **arguments}
    with pytest.raises(error, match=message):
        embedding_forward(**arguments)
    with pytest.raises(error, match=message):
        embedding_backward(np.ones((1, 3, 2)), **arguments)


def test_backward_names_a_wrong_dy():
    with pytest.raises(ValueError, match=r"^dy: expected shape \(1, 3, 2\), got \(1, 3, 4\)$"):
        embedding_backward(np.ones((1, 3, 4)), IDS, W)
    with pytest.raises(TypeError, match=r"^w: expected float32 as dy has, got float64$"):
        embedding_backward(np.ones((1, 3, 2), np.float32), IDS, W)

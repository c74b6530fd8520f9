"""The bundled data have the documented shapes, types, ranges and contents."""

import socket

import numpy as np
import pytest
import sklearn.datasets

from lecturelib import datasets


@pytest.fixture(autouse=True)
def _no_network(monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("a data set tried to reach the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)


def test_digits_are_scikit_learns_scaled_to_one():
    digits = datasets.load_digits()
    raw = sklearn.datasets.load_digits()
    assert digits.images.shape == (1797, 1, 8, 8)
    assert digits.images.dtype == np.float32
    assert digits.labels.dtype == np.int64
    np.testing.assert_array_equal(digits.images.reshape(1797, 64) * 16, raw.data)
    np.testing.assert_array_equal(digits.labels, raw.target)


def test_digits_are_fresh_at_each_call():
    datasets.load_digits().images[:] = -1
    assert datasets.load_digits().images.min() == 0


@pytest.mark.parametrize("name", datasets.available_pictures())
def test_picture_is_the_sample_image_channels_first(name):
    picture = datasets.load_picture(name)
    raw = sklearn.datasets.load_sample_image(f"{name}.jpg")
    assert picture.dtype == np.float32
    assert picture.flags.c_contiguous
    np.testing.assert_allclose(picture[2, 100, 200], raw[100, 200, 2] / 255, rtol=1e-6)
    assert picture.shape == (3, *raw.shape[:2])
    assert 0 <= picture.min() < picture.max() <= 1


def test_gray_is_between_the_darkest_and_the_brightest_channel():
    color, gray = datasets.load_picture(), datasets.load_picture(gray=True)
    assert gray.shape == (1, *color.shape[1:])
    assert gray.dtype == np.float32
    assert (gray[0] >= color.min(axis=0) - 1e-6).all()
    assert (gray[0] <= color.max(axis=0) + 1e-6).all()


def test_smaller_picture_averages_square_blocks():
    full, small = datasets.load_picture("flower"), datasets.load_picture("flower", max_side=200)
    assert small.shape == (3, 427 // 4, 160)
    assert small.dtype == np.float32
    np.testing.assert_allclose(small[1, 5, 7], full[1, 20:24, 28:32].mean(), rtol=1e-5)


def test_picture_that_fits_is_left_alone():
    np.testing.assert_array_equal(
        datasets.load_picture(max_side=640), datasets.load_picture(max_side=None)
    )


def test_unknown_picture_is_named_with_those_that_exist():
    with pytest.raises(ValueError, match=r"name: expected one of china, flower, got 'cat'"):
        datasets.load_picture("cat")


@pytest.mark.parametrize("max_side", [1, 0, -3])
def test_max_side_below_two_is_refused(max_side):
    with pytest.raises(ValueError, match=f"max_side: expected at least 2, got {max_side}"):
        datasets.load_picture(max_side=max_side)


@pytest.mark.parametrize("max_side", [2.5, "3", True])
def test_max_side_is_an_integer(max_side):
    with pytest.raises(TypeError, match="max_side: expected an integer, got"):
        datasets.load_picture(max_side=max_side)

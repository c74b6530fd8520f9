"""The bundled images have the documented shapes, types, ranges and contents."""

import socket
import subprocess
import sys

import numpy as np
import pytest
import skimage.data
import sklearn.datasets

from lecturelib import datasets

GRAY = {"brick", "camera", "clock", "coins", "grass", "gravel", "text"}


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
    assert [digits.names[label] for label in digits.labels[:3]] == ["0", "1", "2"]


def test_faces_are_scikit_images_with_their_labels():
    faces = datasets.load_faces()
    assert faces.images.shape == (200, 1, 25, 25)
    assert faces.images.dtype == np.float32
    assert faces.labels.dtype == np.int64
    np.testing.assert_allclose(faces.images[:, 0], skimage.data.lfw_subset(), rtol=1e-6)
    assert {faces.names[label] for label in faces.labels[:100]} == {"face"}
    assert {faces.names[label] for label in faces.labels[100:]} == {"background"}
    assert 0 <= faces.images.min() < faces.images.max() <= 1


def test_textures_are_patches_side_by_side():
    textures = datasets.load_textures()
    assert textures.images.shape == (3 * 16 * 16, 1, 32, 32)
    assert textures.images.dtype == np.float32
    assert textures.labels.dtype == np.int64
    np.testing.assert_array_equal(np.bincount(textures.labels), [256, 256, 256])
    for label, name in enumerate(textures.names):
        patches = textures.images[textures.labels == label]
        rows = patches.reshape(16, 16, 32, 32).transpose(0, 2, 1, 3).reshape(512, 512)
        np.testing.assert_allclose(rows, getattr(skimage.data, name)() / 255, rtol=1e-6)


@pytest.mark.parametrize(("patch_size", "stride", "n"), [(512, None, 1), (100, 50, 9), (5, 507, 2)])
def test_textures_follow_the_stride(patch_size, stride, n):
    textures = datasets.load_textures(patch_size=patch_size, stride=stride)
    assert textures.images.shape == (3 * n * n, 1, patch_size, patch_size)
    whole = datasets.load_picture("grass")[0]
    last = (n - 1) * (stride or 0)
    corner = textures.images[textures.labels == 1][-1, 0]
    np.testing.assert_array_equal(corner, whole[last : last + patch_size, last : last + patch_size])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"patch_size": 513}, "patch_size: expected at most 512, got 513"),
        ({"patch_size": 0}, "patch_size: expected at least 1, got 0"),
        ({"stride": 0}, "stride: expected at least 1, got 0"),
    ],
)
def test_textures_refuse_patches_that_do_not_fit(arguments, message):
    with pytest.raises(ValueError, match=message):
        datasets.load_textures(**arguments)


@pytest.mark.parametrize(
    "load", [datasets.load_digits, datasets.load_faces, datasets.load_textures]
)
def test_images_are_fresh_at_each_call(load):
    load().images[:] = -1
    load().labels[:] = -1
    again = load()
    assert again.images.min() >= 0
    assert again.labels.min() == 0


@pytest.mark.parametrize("name", datasets.available_pictures())
def test_picture_is_the_packages_own_channels_first(name):
    picture = datasets.load_picture(name)
    if name in ("china", "flower"):
        raw = sklearn.datasets.load_sample_image(f"{name}.jpg")
    else:
        raw = getattr(skimage.data, name)()
    assert picture.dtype == np.float32
    assert picture.flags.c_contiguous
    assert picture.shape == ((1 if name in GRAY else 3), *raw.shape[:2])
    np.testing.assert_allclose(picture, np.atleast_3d(raw).transpose(2, 0, 1) / 255, rtol=1e-6)
    assert 0 <= picture.min() < picture.max() <= 1


@pytest.mark.parametrize("name", datasets.available_pictures())
def test_docstring_states_the_size_of_each_picture(name):
    row = next(
        line
        for line in datasets.load_picture.__doc__.splitlines()
        if line.strip().startswith(name) or (name == "gravel" and ", gravel " in line)
    )
    assert str(datasets.load_picture(name).shape) in row


def test_gray_is_between_the_darkest_and_the_brightest_channel():
    color, gray = datasets.load_picture(), datasets.load_picture(gray=True)
    assert gray.shape == (1, *color.shape[1:])
    assert gray.dtype == np.float32
    assert (gray[0] >= color.min(axis=0) - 1e-6).all()
    assert (gray[0] <= color.max(axis=0) + 1e-6).all()


def test_gray_leaves_gray_pictures_alone():
    np.testing.assert_array_equal(
        datasets.load_picture("coins", gray=True), datasets.load_picture("coins")
    )


def test_smaller_picture_averages_square_blocks():
    full, small = datasets.load_picture("flower"), datasets.load_picture("flower", max_side=200)
    assert small.shape == (3, 427 // 4, 160)
    assert small.dtype == np.float32
    np.testing.assert_allclose(small[1, 5, 7], full[1, 20:24, 28:32].mean(), rtol=1e-5)


def test_picture_that_fits_is_left_alone():
    np.testing.assert_array_equal(
        datasets.load_picture(max_side=640), datasets.load_picture(max_side=None)
    )


@pytest.mark.parametrize("name", ["flower", "coins", "text"])
def test_smallest_picture_still_has_pixels(name):
    sides = datasets.load_picture(name, max_side=2).shape[1:]
    assert max(sides) <= 2
    assert min(sides) >= 1


def test_unknown_picture_is_named_with_those_that_exist():
    with pytest.raises(ValueError, match=r"name: expected one of china, flower, .*, got 'cat'"):
        datasets.load_picture("cat")


@pytest.mark.parametrize("max_side", [1, 0, -3])
def test_max_side_below_two_is_refused(max_side):
    with pytest.raises(ValueError, match=f"max_side: expected at least 2, got {max_side}"):
        datasets.load_picture(max_side=max_side)


@pytest.mark.parametrize("max_side", [2.5, "3", True])
def test_max_side_is_an_integer(max_side):
    with pytest.raises(TypeError, match="max_side: expected an integer, got"):
        datasets.load_picture(max_side=max_side)


@pytest.mark.parametrize(
    ("load", "module", "distribution"),
    [
        (datasets.load_digits, "sklearn", "scikit-learn"),
        (datasets.load_picture, "sklearn", "scikit-learn"),
        (datasets.load_picture, "PIL", "Pillow"),
        (datasets.load_faces, "skimage", "scikit-image"),
        (datasets.load_textures, "skimage", "scikit-image"),
        (datasets.load_tunes, "music21", "music21"),
        (lambda: datasets.date_pairs(1, np.random.default_rng()), "babel", "babel"),
        (datasets.load_mnist, "pooch", "pooch"),
        (datasets.load_tiny_shakespeare, "pooch", "pooch"),
    ],
)
def test_missing_package_is_named(monkeypatch, load, module, distribution):
    for loaded in [name for name in sys.modules if name.partition(".")[0] == module]:
        monkeypatch.delitem(sys.modules, loaded)
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ImportError, match=rf"{distribution} .* pip install 'lecturelib\[data\]'"):
        load()


def test_data_are_only_read(tmp_path):
    """In a fresh interpreter with an empty home: no big package is run, and nothing written."""
    code = (
        "import sys\n"
        "before = set(sys.modules)\n"
        "from lecturelib import datasets\n"
        "names = {name.partition('.')[0] for name in set(sys.modules) - before}\n"
        "print(*sorted(names - sys.stdlib_module_names))\n"
        "datasets.load_faces(), datasets.load_textures(), datasets.load_picture('chelsea')\n"
        "datasets.load_tunes()\n"
        "print(*sorted({'skimage', 'sklearn', 'music21', 'pooch'} & sys.modules.keys()))\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path), "OMP_NUM_THREADS": "1"},
    )
    assert done.stdout.splitlines() == ["lecturelib numpy", ""]
    assert done.stderr == ""
    assert list(tmp_path.iterdir()) == []

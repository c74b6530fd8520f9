import pytest

from lecturelib._whole_file import whole_file


def test_a_file_that_is_not_finished_leaves_the_one_before(tmp_path):
    path = tmp_path / "weights.npz"
    path.write_bytes(b"before")
    with pytest.raises(ZeroDivisionError), whole_file(path) as file:
        file.write(b"half of" * (1 // 0))
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]
    with whole_file(path) as file:
        file.write(b"after")
    assert path.read_bytes() == b"after"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError), whole_file(tmp_path / "nowhere" / "weights.npz"):
        raise AssertionError("nothing could be opened")

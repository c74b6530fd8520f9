"""Archives handed in, ordinary and hostile."""

import io
import os
import tarfile
import zipfile

import pytest

from autograder.archives import MAX_UNPACKED, ArchiveError, unpack
from autograder.handed_in import pack

NAME = "hw01-toy.ipynb"


def zipped(path, files):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def tarred(path, members):
    with tarfile.open(path, "w:gz") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            if isinstance(content, bytes):
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
            else:
                info.type, info.linkname = content
                archive.addfile(info)
    return path


@pytest.fixture
def target(tmp_path):
    (tmp_path / "target").mkdir()
    return tmp_path / "target"


@pytest.mark.parametrize("make", [zipped, tarred])
def test_an_archive_is_the_folder_that_it_was_made_of(tmp_path, make):
    folder = tmp_path / "hw01"
    folder.mkdir()
    files = {
        f"my work/{NAME}": b"{}",
        "my work/data/table.csv": b"1,2",
        "my work/timestamp.txt": b"2020-01-01 00:00:00 UTC",
        "__MACOSX/my work/._x": b"junk",
    }
    make(folder / ("all.zip" if make is zipped else "all.tar.gz"), files)
    handed_in = pack(folder, NAME)
    assert handed_in.refusal is None
    assert handed_in.notebook == b"{}"
    assert handed_in.attachments == {"data/table.csv": b"1,2"}
    assert any("timestamp.txt was left out" in note for note in handed_in.notes)


def test_the_time_beside_an_archive_counts(tmp_path):
    zipped(tmp_path / "all.zip", {NAME: b"{}", "timestamp.txt": b"2020-01-01 00:00:00 UTC"})
    (tmp_path / "timestamp.txt").write_text("2027-03-01 12:00:00 UTC")
    handed_in = pack(tmp_path, NAME)
    assert handed_in.attachments["timestamp.txt"] == b"2027-03-01 12:00:00 UTC"


HOSTILE = ["../outside.txt", "/tmp/outside.txt", "a/../../outside.txt", "..\\outside.txt", "C:\\x"]


@pytest.mark.parametrize("make", [zipped, tarred])
def test_paths_that_lead_out_are_left_out(tmp_path, target, make):
    path = make(tmp_path / ("a.zip" if make is zipped else "a.tgz"), dict.fromkeys(HOSTILE, b"x"))
    assert len(unpack(path, target)) == len(HOSTILE)
    assert os.listdir(target) == []
    assert not (tmp_path / "outside.txt").exists()


def test_links_and_devices_are_left_out(tmp_path, target):
    members = {
        "link": (tarfile.SYMTYPE, "/etc/passwd"),
        "hard": (tarfile.LNKTYPE, "link"),
        "pipe": (tarfile.FIFOTYPE, ""),
        "disk": (tarfile.BLKTYPE, ""),
    }
    left_out = unpack(tarred(tmp_path / "a.tgz", members), target)
    assert left_out == list(members)
    info = zipfile.ZipInfo("link")
    info.external_attr = 0o120777 << 16
    zipped(tmp_path / "a.zip", {info: "/etc/passwd"})
    assert unpack(tmp_path / "a.zip", target) == ["link"]
    assert os.listdir(target) == []


def test_bombs_do_not_go_off(tmp_path, target):
    large = bytes(MAX_UNPACKED + 1)
    for path in (
        zipped(tmp_path / "a.zip", {"zeros": large}),
        tarred(tmp_path / "a.tgz", {"zeros": large}),
        zipped(tmp_path / "many.zip", {f"f{number}": b"" for number in range(2_001)}),
    ):
        assert path.stat().st_size < 300_000
        with pytest.raises(ArchiveError, match="it unpacks to more than"):
            unpack(path, target)


def test_a_size_that_lies_is_found_out(tmp_path, target):
    path = zipped(tmp_path / "a.zip", {"zeros": bytes(MAX_UNPACKED + 1)})
    content = path.read_bytes()
    size = (MAX_UNPACKED + 1).to_bytes(4, "little")
    assert content.count(size) == 2
    path.write_bytes(content.replace(size, (10).to_bytes(4, "little")))
    with pytest.raises(ArchiveError):
        unpack(path, target)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.zip", b"PK\x03\x04 and no more"),
        ("a.tar.gz", b"\x1f\x8b nothing"),
        ("a.tar", b"x" * 600),
    ],
)
def test_a_damaged_archive_is_refused_by_name(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    refusal = pack(tmp_path, NAME).refusal
    assert refusal.startswith(f"{name}: ")


def test_a_notebook_beside_an_archive_is_what_counts(tmp_path):
    zipped(tmp_path / "old.zip", {NAME: b"old"})
    (tmp_path / NAME).write_bytes(b"new")
    assert pack(tmp_path, NAME).notebook == b"new"

"""Downloads from a server on this machine: checked, kept, continued, and clear when they fail."""

import gzip
import hashlib
import http.server
import re
import socket
import struct
import threading
from collections import Counter

import numpy as np
import pytest

from lecturelib import datasets
from lecturelib.datasets import _mnist, _texts
from lecturelib.datasets._download import RemoteFile, fetch


class _Handler(http.server.BaseHTTPRequestHandler):
    """Serve `server.files`; break off the first answer of those in `server.break_after`."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        asked = self.headers["Range"] if self.server.knows_ranges else None
        self.server.requests.append((self.path, self.headers["Range"]))
        content = self.server.files.get(self.path)
        if content is None:
            return self._answer(404, b"")
        if asked is None:
            return self._answer(200, content)
        start = int(re.fullmatch(r"bytes=(\d+)-", asked)[1])
        return self._answer(206 if start < len(content) else 416, content[start:])

    def _answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.end_headers()
        whole = self.server.break_after.pop(self.path, len(body))
        self.server.sent[self.path] += len(body[:whole])  # before it can be read
        self.wfile.write(body[:whole])
        self.close_connection = True

    def log_message(self, *args):
        pass


@pytest.fixture
def server(monkeypatch):
    """Return a server without files, and let nothing but it be reached."""
    connect = socket.socket.connect

    def local_only(self, address):
        assert address[0] == "127.0.0.1", f"a data set tried to reach {address}"
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", local_only)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        server.files, server.requests, server.sent = {}, [], Counter()
        server.break_after, server.headers, server.knows_ranges = {}, {}, True
        server.address = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def folder(monkeypatch, tmp_path):
    monkeypatch.delenv("LECTURELIB_MIRROR", raising=False)
    monkeypatch.setenv("LECTURELIB_DATA", str(tmp_path))
    return tmp_path


@pytest.fixture
def offline():
    """Return an address at which nobody answers."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{unused.getsockname()[1]}"


def _sha256(content):
    return hashlib.sha256(content).hexdigest()


def _idx(array):
    header = struct.pack(f">{1 + array.ndim}I", 0x800 + array.ndim, *array.shape)
    return gzip.compress(header + array.astype(np.uint8).tobytes())


@pytest.fixture
def big(server):
    """Return a file of 300 kB on the server that does not compress."""
    content = np.random.default_rng(0).bytes(300_000)
    server.files["/big.bin"] = content
    return RemoteFile("some/big.bin", f"{server.address}/big.bin", _sha256(content))


@pytest.fixture
def small_mnist(server, monkeypatch):
    """Put in place of MNIST 20 and 5 images of 28 by 28 on the server; return images, labels."""
    rng = np.random.default_rng(1)
    arrays = {}
    for split, count in {"train": 20, "test": 5}.items():
        arrays[f"{split}_images"] = rng.integers(0, 256, (count, 28, 28))
        arrays[f"{split}_labels"] = rng.integers(0, 10, count)
    contents = {key: _idx(array) for key, array in arrays.items()}
    sums = {key: _sha256(content) for key, content in contents.items()}
    files = _mnist._files("mnist", f"{server.address}/away", **sums)
    for key, file in files.items():
        server.files[f"/away/{file.path.rpartition('/')[2]}"] = contents[key]
        server.files[f"/{file.path}"] = contents[key]  # as a mirror has it
    monkeypatch.setattr(_mnist, "MNIST", files)
    monkeypatch.setattr(_mnist, "FASHION", files)
    return arrays


@pytest.mark.parametrize("split", ["train", "test"])
def test_mnist_is_downloaded_once(server, small_mnist, folder, split):
    first, second = datasets.load_mnist(split), datasets.load_mnist(split)
    assert first.images.dtype == np.float32
    assert first.labels.dtype == np.int64
    expected = small_mnist[f"{split}_images"][:, np.newaxis] / 255
    assert first.images.shape == expected.shape
    np.testing.assert_allclose(first.images, expected, rtol=1e-6)
    np.testing.assert_array_equal(first.labels, small_mnist[f"{split}_labels"])
    np.testing.assert_array_equal(first.images, second.images)
    assert len(server.requests) == 2
    assert sorted(path.parent for path in folder.rglob("*.gz")) == [folder / "mnist"] * 2


@pytest.mark.usefixtures("small_mnist")
def test_fashion_mnist_has_its_own_names():
    clothes = datasets.load_fashion_mnist("test")
    assert clothes.images.shape == (5, 1, 28, 28)
    assert len(clothes.names) == 10
    assert clothes.names[9] == "Ankle boot"


def test_shakespeare_is_text(server, monkeypatch):
    server.files["/input.txt"] = b"First Citizen:\nBefore we proceed"
    file = RemoteFile(
        "tiny/input.txt", f"{server.address}/input.txt", _sha256(*server.files.values())
    )
    monkeypatch.setattr(_texts, "SHAKESPEARE", file)
    assert datasets.load_tiny_shakespeare() == "First Citizen:\nBefore we proceed"


@pytest.mark.parametrize("table", [_mnist.MNIST, _mnist.FASHION, {"text": _texts.SHAKESPEARE}])
def test_real_files_have_addresses_and_checksums(table):
    assert len({file.sha256 for file in table.values()}) == len(table)
    for file in table.values():
        assert re.fullmatch("[0-9a-f]{64}", file.sha256)
        assert file.url.startswith("https://")
        assert file.url.rpartition("/")[2] == file.path.rpartition("/")[2]


def test_mirror_has_the_files_as_the_cache_folder(server, small_mnist, monkeypatch):
    monkeypatch.setenv("LECTURELIB_MIRROR", f"{server.address}/")
    assert len(datasets.load_mnist("test").labels) == len(small_mnist["test_labels"])
    assert [path for path, _ in server.requests] == [
        "/mnist/t10k-images-idx3-ubyte.gz",
        "/mnist/t10k-labels-idx1-ubyte.gz",
    ]


def test_broken_download_goes_on_where_it_stopped(server, big, folder):
    server.break_after["/big.bin"] = 200_000
    with pytest.raises(ConnectionError, match=r"[\d,]+ bytes have come, and another call goes on"):
        fetch(big)
    part = folder / "some" / "big.bin.part"
    kept = part.stat().st_size
    assert 100_000 < kept <= 200_000
    assert fetch(big).read_bytes() == server.files["/big.bin"]
    assert server.requests == [("/big.bin", None), ("/big.bin", f"bytes={kept}-")]
    assert server.sent["/big.bin"] == 200_000 + 300_000 - kept
    assert [path.name for path in part.parent.iterdir()] == ["big.bin"]


def test_server_that_cannot_go_on_begins_anew(server, big, folder):
    server.knows_ranges = False
    (folder / "some").mkdir()
    (folder / "some" / "big.bin.part").write_bytes(server.files["/big.bin"][:100_000])
    assert fetch(big).read_bytes() == server.files["/big.bin"]
    assert server.sent["/big.bin"] == 300_000


def test_part_that_is_whole_needs_no_more(server, big, folder):
    (folder / "some").mkdir()
    (folder / "some" / "big.bin.part").write_bytes(server.files["/big.bin"])
    assert fetch(big).read_bytes() == server.files["/big.bin"]
    assert server.sent["/big.bin"] == 0


def test_part_of_another_file_is_found_out_and_deleted(server, big, folder):
    (folder / "some").mkdir()
    (folder / "some" / "big.bin.part").write_bytes(bytes(1000))
    with pytest.raises(ValueError, match="expected a file with sha256"):
        fetch(big)
    assert list((folder / "some").iterdir()) == []
    assert fetch(big).read_bytes() == server.files["/big.bin"]


def test_wrong_checksum_names_the_address_and_leaves_nothing(server, big, folder):
    file = big._replace(sha256=_sha256(b"something else"))
    with pytest.raises(ValueError, match=f"^{re.escape(file.url)}: .*{file.sha256}, got another"):
        fetch(file)
    assert list((folder / "some").iterdir()) == []


def test_spoiled_file_is_replaced(server, big):
    fetch(big).write_bytes(b"spoiled")
    assert fetch(big).read_bytes() == server.files["/big.bin"]


def test_offline_says_what_to_do(offline, folder):
    file = RemoteFile("some/file.gz", f"{offline}/file.gz", "0" * 64)
    with pytest.raises(ConnectionError) as caught:
        fetch(file)
    message = str(caught.value)
    assert message.startswith(f"{file.url}: expected a file, got no whole one. Without a network")
    assert str(folder / "some" / "file.gz") in message
    assert "LECTURELIB_DATA" in message
    assert "some/file.gz, or LECTURELIB_MIRROR" in message
    assert caught.value.__cause__ is not None


def test_offline_needs_no_network_for_files_that_are_there(offline, folder):
    (folder / "some").mkdir()
    (folder / "some" / "file.gz").write_bytes(b"by hand")
    file = RemoteFile("some/file.gz", f"{offline}/file.gz", _sha256(b"by hand"))
    assert fetch(file) == folder / "some" / "file.gz"


def test_missing_file_is_a_failed_download(server, folder):
    file = RemoteFile("some/file.gz", f"{server.address}/gone.gz", "0" * 64)
    with pytest.raises(ConnectionError, match=r"gone\.gz: expected a file") as caught:
        fetch(file)
    assert "404" in str(caught.value.__cause__)
    assert list((folder / "some").iterdir()) == []


def test_files_that_have_come_are_kept(server, small_mnist):
    labels = "/away/train-labels-idx1-ubyte.gz"
    server.break_after[labels] = 3
    with pytest.raises(ConnectionError, match="train-labels"):
        datasets.load_mnist()
    assert len(datasets.load_mnist().labels) == len(small_mnist["train_labels"])
    assert [path for path, _ in server.requests] == [
        "/away/train-images-idx3-ubyte.gz",
        labels,
        labels,
    ]


def test_gzip_files_stay_gzipped_whatever_the_server_calls_them(server, small_mnist):
    server.headers["Content-Encoding"] = "gzip"
    assert len(datasets.load_mnist("test").labels) == len(small_mnist["test_labels"])


def test_folder_defaults_to_the_systems_cache(monkeypatch, tmp_path):
    import pooch

    from lecturelib.datasets._download import cache_folder

    monkeypatch.delenv("LECTURELIB_DATA")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == pooch.os_cache("lecturelib")


def test_unknown_split_is_refused():
    with pytest.raises(ValueError, match="split: expected 'train' or 'test', got 'valid'"):
        datasets.load_mnist("valid")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\0\0\x08", "expected a header of 8 bytes, got 3 bytes in all"),
        (struct.pack(">2I", 0x803, 2) + b"ab", "expected magic number 2049, got 2051"),
        (struct.pack(">2I", 0x801, 3) + b"ab", "expected 3 bytes after the header, got 2"),
        (struct.pack(">2I", 0x801, 1) + b"ab", "expected 1 bytes after the header, got 2"),
    ],
)
def test_odd_idx_files_are_refused(tmp_path, content, message):
    path = tmp_path / "labels.gz"
    path.write_bytes(gzip.compress(content))
    with pytest.raises(ValueError, match=f"^{re.escape(str(path))}: {message}"):
        _mnist.read_idx(path, axes=1)


def test_damaged_idx_files_are_refused(tmp_path):
    path = tmp_path / "labels.gz"
    whole = gzip.compress(struct.pack(">2I", 0x801, 500) + bytes(range(250)) * 2)
    for damaged in (b"", b"labels", whole[:-9], whole[:20] + b"damaged" + whole[27:]):
        path.write_bytes(damaged)
        with pytest.raises(ValueError, match=f"^{re.escape(str(path))}: expected a "):
            _mnist.read_idx(path, axes=1)


def test_labels_go_with_images(server, monkeypatch):
    contents = {"test_images": _idx(np.zeros((3, 28, 28))), "test_labels": _idx(np.zeros(2))}
    sums = {key: _sha256(content) for key, content in contents.items()}
    files = _mnist._files("mnist", server.address, train_images="", train_labels="", **sums)
    for key, content in contents.items():
        server.files[f"/{files[key].path.rpartition('/')[2]}"] = content
    monkeypatch.setattr(_mnist, "MNIST", files)
    with pytest.raises(ValueError, match="expected 3 labels, one for each image, got 2"):
        datasets.load_mnist("test")

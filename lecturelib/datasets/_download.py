"""Download files once, check them, and go on where a broken download stopped."""

from __future__ import annotations

import functools
import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from lecturelib.datasets._needs import needs

if TYPE_CHECKING:
    import requests

TIMEOUT = 30  # seconds without a single byte
CHUNK = 1 << 16


class RemoteFile(NamedTuple):
    """A file that is on the net, and how to know it.

    Attributes
    ----------
    path : str
        Its place in the cache folder, and below the address of a mirror.
    url : str
        Its own address.
    sha256 : str
        Its checksum, in hexadecimal.
    """

    path: str
    url: str
    sha256: str


def cache_folder() -> Path:
    """Return the folder of downloads: ``$LECTURELIB_DATA``, else the system's place for caches."""
    with needs("pooch"):
        import pooch
    return Path(os.environ.get("LECTURELIB_DATA") or pooch.os_cache("lecturelib")).expanduser()


def fetch(file: RemoteFile) -> Path:
    """Return where the file lies on this computer, downloaded if it is not yet there.

    While a download is under way it lies beside its final place, its name followed by
    ``.part``. If it breaks off, the next call asks the server only for what is missing. Two
    processes must not download the same file at once.

    Raises
    ------
    ConnectionError
        If it cannot be downloaded.
    ValueError
        If what came has another checksum. It is deleted.
    ImportError
        If pooch is not installed.
    """
    with needs("pooch"):
        import pooch
        import requests
        import urllib3
    mirror = os.environ.get("LECTURELIB_MIRROR")
    url = f"{mirror.rstrip('/')}/{file.path}" if mirror else file.url
    target = cache_folder() / file.path
    part = target.with_name(f"{target.name}.part")
    download = functools.partial(_download, part=part)
    try:
        pooch.retrieve(
            url, f"sha256:{file.sha256}", target.name, target.parent, downloader=download
        )
    except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
        raise ConnectionError(_no_file(url, target, part)) from error
    except ValueError as error:
        raise ValueError(
            f"{url}: expected a file with sha256 {file.sha256}, got another, which is deleted; "
            "try again, and if that does not help, the address no longer has this file"
        ) from error
    return target


def _download(url: str, output_file: str, pooch: object, *, part: Path) -> None:
    """Complete the part and hand it over to pooch, which checks it."""
    import requests

    done = part.stat().st_size if part.exists() else 0
    # Compressed on the way, the bytes could not be counted.
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={done}-"} if done else {})
    with requests.get(url, headers=headers, stream=True, timeout=TIMEOUT) as response:
        # To 416, nothing follows the part, which is whole then, or else fails the check.
        if response.status_code != requests.codes.range_not_satisfiable:
            response.raise_for_status()
            _save(response, part, done)
    os.replace(part, output_file)


def _save(response: requests.Response, part: Path, done: int) -> None:
    """Append the rest to the part, or begin anew if the server sends the whole."""
    import requests

    with needs("tqdm"):
        from tqdm import tqdm
    if response.status_code != requests.codes.partial_content:
        done = 0
    length = response.headers.get("Content-Length")
    total = done + int(length) if length else None
    with (
        part.open("ab" if done else "wb") as file,
        tqdm(total=total, initial=done, unit="B", unit_scale=True, desc=part.stem) as bar,
    ):
        for chunk in response.raw.stream(CHUNK, decode_content=False):
            file.write(chunk)
            bar.update(len(chunk))


def _no_file(url: str, target: Path, part: Path) -> str:
    kept = part.stat().st_size if part.exists() else 0
    again = f"; {kept:,} bytes have come, and another call goes on from there" if kept else ""
    return (
        f"{url}: expected a file, got no whole one{again}. Without a network, copy the file to "
        f"{target} by hand, set LECTURELIB_DATA to a folder that has it as "
        f"{target.parent.name}/{target.name}, or LECTURELIB_MIRROR to the address of such a folder"
    )

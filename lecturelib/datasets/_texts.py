"""Text and programs that come with Python itself, and a text to be downloaded."""

from __future__ import annotations

import io
import keyword
import sys
import sysconfig
import tokenize
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from lecturelib._shapes import check_int
from lecturelib.datasets._download import RemoteFile, fetch

if TYPE_CHECKING:
    from jaxtyping import Int64

PYTHON_CLASSES = ("space", "name", "keyword", "number", "string", "comment", "operator")

SHAKESPEARE = RemoteFile(
    "tiny-shakespeare/input.txt",
    "https://raw.githubusercontent.com/karpathy/char-rnn/"
    "6f9487a6fe5b420b7ca9afb0d7c078e37c1d1b4e/data/tinyshakespeare/input.txt",
    "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed",
)


def load_python_docs() -> dict[str, str]:
    """Load the part of Python's language reference that ``help()`` shows.

    Returns
    -------
    dict of str
        English text by topic, topics in alphabetical order: 79 of them and 465 thousand
        characters in Python 3.11.

    See Also
    --------
    load_python_sources : Programs in place of English.
    Chapter 12, "n-gram language models"; L3, "n-Gram Language Model".

    Notes
    -----
    From ``pydoc_data.topics`` of the running Python; PSF licence, example code also under the
    Zero-Clause BSD licence.

    Examples
    --------
    >>> docs = load_python_docs()
    >>> docs["while"].splitlines()[0]
    'The "while" statement'
    """
    from pydoc_data.topics import topics

    return {topic: topics[topic] for topic in sorted(topics)}


def load_python_sources(*, max_chars: int | None = 1_000_000) -> dict[str, str]:
    """Load modules of Python's standard library as text.

    Parameters
    ----------
    max_chars : int or None
        Characters wanted in all: files are taken in alphabetical order of their names until
        the next one would exceed it. None for all files, about 4.6 million characters.

    Returns
    -------
    dict of str
        Source by file name (``"abc.py"``), names in order. Only modules that are one file;
        the same at each call, another with another version of Python.

    Raises
    ------
    ValueError
        If `max_chars` is negative.
    TypeError
        If `max_chars` is no integer.

    See Also
    --------
    label_python : What each character is.
    Chapter 15, "Recurrent language models"; L2, "An example: Character level language model".

    Notes
    -----
    Of the running Python; PSF licence (a few files name further ones at their top).

    Examples
    --------
    >>> sources = load_python_sources(max_chars=100_000)
    >>> next(iter(sources))
    '__future__.py'
    """
    if max_chars is not None:
        max_chars = check_int("max_chars", max_chars, minimum=0)
    sources: dict[str, str] = {}
    total = 0
    for path in sorted(Path(sysconfig.get_path("stdlib")).glob("*.py")):
        if path.stem not in sys.stdlib_module_names:  # one's own, or what the build generated
            continue
        with tokenize.open(path) as file:
            source = file.read()
        total += len(source)
        if max_chars is not None and total > max_chars:
            break
        sources[path.name] = source
    return sources


def label_python(source: str) -> Int64[np.ndarray, " T"]:
    """Label each character of a Python program as an editor would colour it.

    Parameters
    ----------
    source : str
        A whole program, of T characters.

    Returns
    -------
    (T,) int64
        Indices into `PYTHON_CLASSES`: space, name, keyword, number, string, comment,
        operator. From Python 3.12 on, what stands in the braces of an f-string is labelled as
        the code that it is, before as string.

    Raises
    ------
    SyntaxError
        If the program breaks off within brackets or a string, or is indented wrongly.

    See Also
    --------
    load_python_sources : Programs to label.
    Chapter 16, "Encoders, generators and transducers"; L2, "3. A Transducer".

    Examples
    --------
    >>> labels = label_python("if x1 > 20:  # big")
    >>> "".join("_nkdsc+"[label] for label in labels)
    'kk_nn_+_dd+__ccccc'
    """
    lines = list(io.StringIO(source))  # ends of lines as the tokenizer sees them
    starts = [0, *accumulate(map(len, lines))]
    labels = np.zeros(len(source), dtype=np.int64)
    try:
        for token in tokenize.generate_tokens(iter(lines).__next__):
            (row, column), (last_row, last_column) = token.start, token.end
            if label := _token_class(token):
                begin, end = starts[row - 1] + column, starts[last_row - 1] + last_column
                labels[begin:end] = PYTHON_CLASSES.index(label)
    except tokenize.TokenError as error:  # a SyntaxError in all but name
        raise SyntaxError(f"source: expected a whole program, got {error.args[0]}") from error
    return labels


def _token_class(token: tokenize.TokenInfo) -> str | None:
    if token.type == tokenize.NAME:
        return "keyword" if keyword.iskeyword(token.string) else "name"
    name = tokenize.tok_name[token.type]
    if name.startswith(("FSTRING", "TSTRING")):  # in pieces since Python 3.12 and 3.14
        return "string"
    known = {"NUMBER": "number", "STRING": "string", "COMMENT": "comment", "OP": "operator"}
    return known.get(name)


def load_tiny_shakespeare() -> str:
    """Load 40,000 lines from Shakespeare's plays, downloaded at the first call (1.1 MB).

    Returns
    -------
    str
        1,115,394 characters, all ASCII; 65 different ones.

    Raises
    ------
    ConnectionError
        If the file is not in the cache folder and cannot be downloaded.
    ValueError
        If what came is not the known file.
    ImportError
        If pooch is not installed.

    See Also
    --------
    load_python_docs : A text that needs no download.
    Chapter 15, "Recurrent language models"; L3, "Shakespeare's As You Like It".

    Notes
    -----
    The plays are in the public domain; A. Karpathy put the file together for char-rnn (2015),
    MIT licence by its readme. Where it is kept: see `lecturelib.datasets`.

    Examples
    --------
    In a notebook that may use the network::

        text = load_tiny_shakespeare()
        print(text[:200])
    """
    return fetch(SHAKESPEARE).read_text(encoding="ascii")

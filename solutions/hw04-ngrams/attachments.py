"""What students find beside Homework 4: English sentences from Python's language reference."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from lecturelib.datasets import load_python_docs

MAX_CHARS = 150_000

CODE = re.compile(r">>>|::=|https?:| = |   |===|~~~|---|(?:New|Changed|Deprecated)[^.]* version")
"""Signs that a paragraph shows code, a grammar or a heading, or the history of a version."""

ENGLISH = re.compile(r"[A-Z][A-Za-z0-9_ ,;:.'()-]+[.?!]")
TOKEN = re.compile(r"\w+(?:[.'-]\w+)*(?:\(\))?|[^\w\s]")
"""A name with its dots and brackets, such as ``str.join()``, is one word."""

DROPPED = {"'", "e.g", "i.e"}
"""Signs of a quoted symbol, and of a full stop that ends no sentence."""


def sentences(text: str) -> Iterator[list[str]]:
    """Cut a topic of the reference into sentences, and these into words and punctuation marks."""
    for typographic, plain in (("’", "'"), ("“", ""), ("”", ""), ('"', ""), ("*", "")):
        text = text.replace(typographic, plain)
    for block in re.split(r"\n\s*\n", text):
        paragraph = re.sub(r"\n\s*", " ", block.strip())
        if CODE.search(paragraph):
            continue
        for sentence in re.split(r"(?<=[.?!])\s+(?=[A-Z])", paragraph):
            tokens = TOKEN.findall(sentence) if ENGLISH.fullmatch(sentence) else []
            if 5 <= len(tokens) <= 40 and DROPPED.isdisjoint(tokens):
                # The first word is the same word within a sentence: "The", but not "TypeError".
                if tokens[0].istitle():
                    tokens[0] = tokens[0].lower()
                yield tokens


def write(folder: Path) -> None:
    """Write ``text.txt``: a sentence a line, blanks between the words."""
    lines: dict[str, None] = {}
    size = 0
    for text in load_python_docs().values():
        for tokens in sentences(text):
            # The reference repeats itself, and a sentence that was learned is no test of a model.
            line = " ".join(tokens)
            size += (line not in lines) * (len(line) + 1)
            if size <= MAX_CHARS:
                lines[line] = None
    (folder / "text.txt").write_text("\n".join(lines) + "\n", encoding="ascii")

"""From text to numbers and back: tokens, vocabularies, and files read a piece at a time.

A *token* is the unit that a language model predicts: a word, a character, a note, or any other
hashable object. A *sentence* is a sequence of tokens. A `Vocabulary` numbers the distinct tokens
0, 1, ..., V-1; models compute with these *ids*.

Three special tokens are part of a vocabulary unless it is told otherwise: ``<unk>`` stands for
every token that the vocabulary has not, ``<s>`` and ``</s>`` for the start and end of a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Iterator
from itertools import repeat
from typing import TYPE_CHECKING

from lecturelib._shapes import check_int
from lecturelib._vocabulary import Vocabulary

if TYPE_CHECKING:
    import os

    Tokenizer = Callable[[str], list[str]]

__all__ = [
    "Vocabulary",
    "character_tokens",
    "pad_sentence",
    "stream_sentences",
    "stream_tokens",
    "without_repeats",
    "word_tokens",
]

WORD = re.compile(r"\w+(?:['’-]\w+)*|[^\w\s]")


def character_tokens(text: str) -> list[str]:
    """Cut a text into its characters, white space included.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    list of str
        One string of length 1 for each code point.

    See Also
    --------
    word_tokens : Larger units, of which there are many more.
    Chapter 15, "Recurrent language models"; L2, "An example: Character level language model".

    Examples
    --------
    >>> character_tokens("a bat")
    ['a', ' ', 'b', 'a', 't']
    """
    return list(text)


def word_tokens(text: str) -> list[str]:
    """Cut a text into words and punctuation marks.

    A word is a run of letters, digits and underscores; apostrophes and hyphens belong to it when
    they stand between two such runs. Any other character but white space is a token by itself.
    Upper and lower case are kept: for less of them, hand in ``text.lower()``.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    list of str

    See Also
    --------
    character_tokens : Smaller units, of which there are few.
    Chapter 12, "n-gram language models"; L3, "n-Gram Language Model".

    Examples
    --------
    >>> word_tokens("Don't cows eat hay?")
    ["Don't", 'cows', 'eat', 'hay', '?']
    """
    return WORD.findall(text)


def without_repeats(texts: Iterable[str]) -> list[str]:
    r"""Leave out each paragraph that was in a text before.

    What is to be held out must not be a copy of what is learned from: a model that knows whole
    paragraphs by heart would be taken for one that can tell what comes next.

    Parameters
    ----------
    texts : iterable of str
        Paragraphs end at empty lines; line breaks and indents make no difference between them.

    Returns
    -------
    list of str
        As many texts, in the same order. One with nothing new in it is empty.

    See Also
    --------
    lecturelib.datasets.load_python_docs : Texts that repeat each other.
    Chapter 15, "Recurrent language models"; L3, "RNN Language Model".

    Examples
    --------
    >>> without_repeats(["Hay.\n\nGrass.", "Corn.\n\nHay."])
    ['Hay.\n\nGrass.', 'Corn.']
    """
    seen: set[str] = set()
    return ["\n\n".join(_new_paragraphs(text, seen)) for text in texts]


def _new_paragraphs(text: str, seen: set[str]) -> Iterator[str]:
    for paragraph in re.split(r"\n\s*\n", text):
        words = " ".join(paragraph.split())
        if words not in seen:
            seen.add(words)
            yield paragraph


def pad_sentence(
    sentence: Iterable[Hashable], n: int, *, start: Hashable = "<s>", end: Hashable = "</s>"
) -> list[Hashable]:
    """Put n - 1 start tokens before a sentence and n - 1 end tokens after it.

    Then every token of the sentence, first and last included, is part of n different n-grams. This
    is what ``nltk.lm.preprocessing.pad_both_ends`` does. The models of ``lecturelib.ngram`` need no
    such help: on their own they see to one start and one end token, which say the same.

    Parameters
    ----------
    sentence : iterable of tokens
    n : int
        Order of the model.
    start, end : hashable
        The tokens to pad with.

    Returns
    -------
    list of tokens

    Raises
    ------
    ValueError
        If n is less than 1.
    TypeError
        If n is not an integer.

    See Also
    --------
    Chapter 12, "n-gram language models"; L3, "n-Gram Model (n=3)".

    Examples
    --------
    >>> pad_sentence(["cows", "eat"], 3)
    ['<s>', '<s>', 'cows', 'eat', '</s>', '</s>']
    """
    n = check_int("n", n, minimum=1)
    return [*repeat(start, n - 1), *sentence, *repeat(end, n - 1)]


def stream_sentences(
    path: str | os.PathLike[str], tokenize: Tokenizer = word_tokens, *, encoding: str = "utf-8"
) -> Iterator[list[str]]:
    r"""Read a file of one sentence a line, one sentence at a time.

    Never more than one line is in memory. Lines of white space alone are passed over.

    Parameters
    ----------
    path : path
        A text file.
    tokenize : callable
        Takes a line, without the white space at its ends, and returns its tokens.
    encoding : str
        Of the file.

    Yields
    ------
    list of str
        The tokens of a sentence.

    Raises
    ------
    OSError, UnicodeDecodeError
        When reading begins, or on the way, if the file cannot be read.

    See Also
    --------
    stream_tokens : One long sequence, whatever its lines.
    Chapter 12, "n-gram language models"; L3, "Learning an n-Gram Model".

    Examples
    --------
    >>> from pathlib import Path; from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "farm.txt")
    ...     _ = path.write_text("cows eat hay\n\nwhat do cows eat?\n", encoding="utf-8")
    ...     list(stream_sentences(path))
    [['cows', 'eat', 'hay'], ['what', 'do', 'cows', 'eat', '?']]
    """
    with open(path, encoding=encoding) as lines:
        for line in lines:
            if stripped := line.strip():
                yield tokenize(stripped)


def stream_tokens(
    path: str | os.PathLike[str],
    tokenize: Tokenizer = word_tokens,
    *,
    chunk_size: int = 1 << 20,
    encoding: str = "utf-8",
) -> Iterator[str]:
    """Read a file as one long sequence of tokens, a chunk at a time.

    Chunks are cut after white space, so that no word is torn unless it is longer than a chunk.

    Parameters
    ----------
    path : path
        A text file, with or without lines.
    tokenize : callable
        Takes a piece of the text and returns its tokens.
    chunk_size : int
        How many characters to read at once.
    encoding : str
        Of the file.

    Yields
    ------
    str
        One token after the other.

    Raises
    ------
    ValueError, TypeError
        If `chunk_size` is not an integer of at least 1; when reading begins.
    OSError, UnicodeDecodeError
        When reading begins, or on the way, if the file cannot be read.

    See Also
    --------
    stream_sentences : One sentence a line.
    Chapter 15, "Recurrent language models"; L3, "Learning an n-Gram Model".

    Examples
    --------
    >>> from pathlib import Path; from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "farm.txt")
    ...     _ = path.write_text("cows eat hay", encoding="utf-8")
    ...     list(stream_tokens(path, chunk_size=7))
    ['cows', 'eat', 'hay']
    """
    chunk_size = check_int("chunk_size", chunk_size, minimum=1)
    with open(path, encoding=encoding) as file:
        rest = ""
        while chunk := file.read(chunk_size):
            text = rest + chunk
            cut = _after_last_space(text) or (len(text) if len(text) > chunk_size else 0)
            rest = text[cut:]
            yield from tokenize(text[:cut])
        yield from tokenize(rest)


def _after_last_space(text: str) -> int:
    for place in range(len(text), 0, -1):
        if text[place - 1].isspace():
            return place
    return 0

"""Counts in a file: arrays and the vocabulary as JSON, nothing that could be executed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from lecturelib._archive import read_arrays
from lecturelib._vocabulary import Vocabulary
from lecturelib._whole_file import whole_file
from lecturelib.ngram._table import Table, word_bits

if TYPE_CHECKING:
    import os


def write_counts(
    path: str | os.PathLike[str], table: Table, vocabulary: Vocabulary, *, pad: bool
) -> None:
    """Write a table and its vocabulary to a file of just this name."""
    arrays = {
        "pad": np.array(pad),
        "n": np.array(len(table.keys)),
        "vocabulary": np.frombuffer(vocabulary.to_json().encode(), np.uint8),
    }
    for order, (keys, counts) in enumerate(zip(table.keys, table.counts, strict=True), start=1):
        arrays |= {f"keys{order}": keys, f"counts{order}": counts}
    with whole_file(path) as file:
        np.savez(file, allow_pickle=False, **arrays)


def read_counts(path: str | os.PathLike[str]) -> tuple[Table, Vocabulary, bool]:
    """Return what `write_counts` has written: table, vocabulary and whether sentences are padded.

    Raises
    ------
    ValueError
        If the file holds something else.
    """
    try:
        saved = read_arrays(Path(path))
        vocabulary = Vocabulary.from_json(bytes(saved["vocabulary"]).decode())
        orders = range(1, int(saved["n"]) + 1)
        keys = tuple(saved[f"keys{order}"] for order in orders)
        counts = tuple(saved[f"counts{order}"] for order in orders)
        pad = bool(saved["pad"])
        table = Table(word_bits(len(vocabulary)), keys, counts)
        _check_table(table, len(vocabulary))
        check_pad(vocabulary, pad=pad)
    except (ValueError, KeyError, TypeError, OverflowError) as error:
        raise ValueError(f"{path}: expected saved n-gram counts: {error}") from error
    return table, vocabulary, pad


def check_pad(vocabulary: Vocabulary, *, pad: bool) -> None:
    """Raise ValueError if sentences are to be padded with tokens that there are not."""
    if pad and None in (vocabulary.start_id, vocabulary.end_id):
        raise ValueError("vocabulary: expected start and end tokens, for pad=True, got none")


def _check_table(table: Table, vocabulary_size: int) -> None:
    """Raise unless keys and counts are what `build_table` could have made."""
    arrays = table.keys + table.counts
    if not table.keys or any(each.dtype != np.int64 or each.ndim != 1 for each in arrays):
        raise ValueError("keys, counts: expected (M,) int64 arrays")
    if not np.array_equal(table.keys[0], np.arange(vocabulary_size)):
        raise ValueError("keys1: expected every word of the vocabulary")
    contexts = 1
    for order, (keys, counts) in enumerate(zip(table.keys, table.counts, strict=True), start=1):
        words = keys & ((1 << table.bits) - 1)
        inside = (keys >= 0) & (keys >> table.bits < contexts) & (words < vocabulary_size)
        if not (np.all(inside) and np.all(keys[1:] > keys[:-1])):
            raise ValueError(f"keys{order}: expected rising keys of words after known prefixes")
        if keys.shape != counts.shape or np.any(counts < 0):
            raise ValueError(f"counts{order}: expected a count for each key")
        contexts = keys.size

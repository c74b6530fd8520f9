"""From sentences of tokens to chunks of ids, as large as a table can be made of at once."""

from __future__ import annotations

from itertools import chain, islice
from typing import TYPE_CHECKING

import numpy as np

from lecturelib._token_checks import check_sentences
from lecturelib.ngram._table import CHUNK_SIZE, Chunk

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from jaxtyping import Int64

    from lecturelib._token_checks import Sentences
    from lecturelib._vocabulary import Vocabulary

# Stands in the stream of ids where a sentence begins. No token has this id.
MARK = -1


def encode_chunks(
    sentences: Sentences,
    vocabulary: Vocabulary,
    *,
    pad: bool,
    history: int,
    limit: int = CHUNK_SIZE,
) -> Iterator[Chunk]:
    """Yield the sentences in chunks of at most `limit` tokens, at least one chunk.

    A sentence that goes on in the next chunk brings its last `history` tokens along, not to be
    counted again. If `pad`, every sentence is put between ``<s>``, which is only context, and
    ``</s>``.
    """
    history = max(1, history)  # one at least shows that something follows </s>
    limit = max(limit, 2 * history + 2)
    stream = chain.from_iterable(_marked_ids(check_sentences(sentences), vocabulary, pad=pad))
    old, more = np.empty(0, np.int64), True
    while more:
        new = np.fromiter(islice(stream, limit - old.size), np.int64)
        more = new.size == limit - old.size
        ids = np.concatenate([old, new])
        yield _chunk(ids, old.size, vocabulary, pad=pad)
        old = _end_of_sentence(ids[-history - 1 :], history)


def _end_of_sentence(ids: Int64[np.ndarray, " T"], history: int) -> Int64[np.ndarray, " H"]:
    """Return the last tokens of the last sentence, and its mark if that is among them."""
    marks = np.flatnonzero(ids == MARK)
    return ids[marks[-1] :] if marks.size else ids[-history:]


def _marked_ids(
    sentences: Sentences, vocabulary: Vocabulary, *, pad: bool
) -> Iterator[Iterable[int]]:
    mark = (MARK,)
    end = (vocabulary.end_id,) if pad and vocabulary.end_id is not None else ()
    for sentence in sentences:
        yield mark
        yield vocabulary.iter_ids(sentence)
        yield end


def _chunk(ids: Int64[np.ndarray, " T"], old: int, vocabulary: Vocabulary, *, pad: bool) -> Chunk:
    """Return the chunk of these ids, of which the first `old` are not counted."""
    marks = ids == MARK
    counted = ~marks
    counted[:old] = False
    if pad:
        _check_specials(ids, vocabulary)
        tokens, first = ids.copy(), marks
        tokens[marks] = vocabulary.start_id
    else:
        first = np.append(False, marks)[:-1][~marks]
        tokens, counted = ids[~marks], counted[~marks]
    place = np.arange(tokens.size)
    age = place - np.maximum.accumulate(np.where(first, place, 0))
    return Chunk(tokens, age, counted)


def _check_specials(ids: Int64[np.ndarray, " T"], vocabulary: Vocabulary) -> None:
    """Raise if a sentence itself holds a start token, or anything after an end token."""
    start, end = vocabulary.start_id, vocabulary.end_id
    for special, found in {
        start: np.any(ids == start),
        end: np.any((ids[:-1] == end) & (ids[1:] != MARK)),
    }.items():
        if found:
            token = vocabulary.tokens[special]  # type: ignore[index]  # there is one: pad
            raise ValueError(f"sentences: expected none that hold {token!r}, which pad=True adds")

"""The distinct tokens of a text, numbered: the class behind ``lecturelib.text.Vocabulary``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lecturelib._shapes import check_int
from lecturelib._token_checks import check_ids, check_sentences
from lecturelib._vocabulary_json import SPECIAL, dump, parse
from lecturelib._whole_file import whole_file

if TYPE_CHECKING:
    import os

    from jaxtyping import Int64

    from lecturelib._token_checks import Sentences, Token


class Vocabulary:
    """The distinct tokens that a model knows, and their ids.

    The special tokens come first, in the order ``<unk>``, ``<s>``, ``</s>``; then the others in
    the order given.

    Parameters
    ----------
    tokens : iterable of hashable
        A token that comes again, or is a special one, counts once.
    unk : hashable or None
        Stands for every unknown token. None: unknown tokens are errors.
    start, end : hashable or None
        Stand before and after every sentence. None: there is no such token.

    Attributes
    ----------
    tokens : tuple
        All V tokens; ``tokens[i]`` has the id i.
    unk_id, start_id, end_id : int or None
        The ids of the special tokens.

    Raises
    ------
    ValueError
        If special tokens coincide.
    TypeError
        If a token is not hashable.

    See Also
    --------
    Vocabulary.from_sentences : Collect the tokens of a text.
    Chapter 12, "n-gram language models"; L3, "n-Gram Language Model".

    Examples
    --------
    >>> vocabulary = Vocabulary(["cows", "eat", "hay"])
    >>> vocabulary.encode(["cows", "eat", "thistles"])
    array([3, 4, 0])
    >>> vocabulary.decode([3, 4, 0])
    ['cows', 'eat', '<unk>']
    >>> len(vocabulary), vocabulary["hay"], "thistles" in vocabulary
    (6, 5, False)
    """

    def __init__(
        self,
        tokens: Iterable[Token],
        *,
        unk: Token | None = "<unk>",
        start: Token | None = "<s>",
        end: Token | None = "</s>",
    ) -> None:
        special = [token for token in (unk, start, end) if token is not None]
        if len(set(special)) < len(special):
            raise ValueError(f"unk, start, end: expected different tokens, got {special}")
        self.tokens: tuple[Token, ...] = tuple(dict.fromkeys(chain(special, tokens)))
        self._ids = {token: number for number, token in enumerate(self.tokens)}
        self.unk_id = None if unk is None else self._ids[unk]
        self.start_id = None if start is None else self._ids[start]
        self.end_id = None if end is None else self._ids[end]
        # A string is a sentence of its characters, but only where tokens are characters.
        self._of_characters = all(
            not isinstance(token, str) or len(token) == 1 for token in self.tokens[len(special) :]
        )

    @classmethod
    def from_counts(
        cls,
        counts: Mapping[Any, int],
        *,
        min_count: int = 1,
        max_size: int | None = None,
        unk: Token | None = "<unk>",
        start: Token | None = "<s>",
        end: Token | None = "</s>",
    ) -> Vocabulary:
        """Make a vocabulary of counted tokens, the most frequent first.

        Counters of the parts of a corpus add up, so a large one can be counted in parts.

        Parameters
        ----------
        counts : mapping of token to int
            How often each token was seen. Among equals, the order of the mapping is kept.
        min_count : int
            Rarer tokens are left out, and so become ``<unk>``.
        max_size : int or None
            Keep at most so many tokens, besides the special ones.
        unk, start, end
            As for `Vocabulary`.

        Returns
        -------
        Vocabulary

        Raises
        ------
        ValueError, TypeError
            If `min_count` is not an integer of at least 1, or `max_size` not one of at least 0;
            also as `Vocabulary`.

        See Also
        --------
        Chapter 12, "n-gram language models"; L3, "n-Gram Language Model".

        Examples
        --------
        >>> Vocabulary.from_counts({"hay": 2, "corn": 4, "salt": 1}, min_count=2).tokens
        ('<unk>', '<s>', '</s>', 'corn', 'hay')
        """
        min_count = check_int("min_count", min_count, minimum=1)
        if max_size is not None:
            max_size = check_int("max_size", max_size, minimum=0)
        special = (unk, start, end)
        kept = [t for t, count in counts.items() if count >= min_count and t not in special]
        kept.sort(key=lambda token: -counts[token])
        return cls(kept[:max_size], unk=unk, start=start, end=end)

    @classmethod
    def from_sentences(
        cls,
        sentences: Sentences,
        *,
        min_count: int = 1,
        max_size: int | None = None,
        unk: Token | None = "<unk>",
        start: Token | None = "<s>",
        end: Token | None = "</s>",
    ) -> Vocabulary:
        """Make a vocabulary of the tokens of a text, the most frequent first.

        Parameters
        ----------
        sentences : iterable of iterables of tokens
            Gone through once, a sentence at a time; may be a stream.
        min_count, max_size
            As for `from_counts`.
        unk, start, end
            As for `Vocabulary`.

        Returns
        -------
        Vocabulary

        Raises
        ------
        ValueError, TypeError
            As `from_counts`; TypeError also if `sentences` is one string.

        See Also
        --------
        Chapter 12, "n-gram language models"; L3, "n-Gram Language Model".

        Examples
        --------
        >>> Vocabulary.from_sentences([["a", "b"], ["b"]]).tokens
        ('<unk>', '<s>', '</s>', 'b', 'a')
        """
        counts = Counter(chain.from_iterable(check_sentences(sentences)))
        return cls.from_counts(
            counts, min_count=min_count, max_size=max_size, unk=unk, start=start, end=end
        )

    def encode(self, tokens: Iterable[Token]) -> Int64[np.ndarray, " T"]:
        """Return the ids of tokens; unknown ones become ``<unk>``.

        Parameters
        ----------
        tokens : iterable of T tokens

        Returns
        -------
        (T,) int64

        Raises
        ------
        ValueError
            If a token is unknown and there is no ``<unk>``.
        TypeError
            If `tokens` is a string, but the tokens of this vocabulary are no single characters.

        See Also
        --------
        decode : The way back.
        Chapter 12, "n-gram language models"; L3, "n-Gram Language Model".
        """
        return np.fromiter(self.iter_ids(tokens), np.int64)

    def iter_ids(self, tokens: Iterable[Token]) -> Iterator[int]:
        """Return an iterator over the ids of tokens: `encode` for streams.

        Parameters
        ----------
        tokens : iterable of tokens

        Returns
        -------
        iterator of int

        Raises
        ------
        ValueError, TypeError
            As `encode`; the former on the way.

        See Also
        --------
        Chapter 12, "n-gram language models"; L3, "n-Gram Language Model".
        """
        self._check_tokens(tokens)
        if self.unk_id is None:
            return map(self.__getitem__, tokens)
        return map(self._ids.get, tokens, repeat(self.unk_id))

    def decode(self, ids: Iterable[int]) -> list[Any]:
        """Return the tokens that have these ids.

        Parameters
        ----------
        ids : iterable of int

        Returns
        -------
        list of tokens

        Raises
        ------
        ValueError
            If there is no such id.
        TypeError
            If one is not an integer.

        See Also
        --------
        encode : The way there.
        Chapter 12, "n-gram language models"; L3, "n-Gram Language Model".
        """
        return [self.tokens[number] for number in check_ids("ids", ids, len(self))]

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the vocabulary to a JSON file.

        Parameters
        ----------
        path : path

        Raises
        ------
        TypeError
            If a token is neither a string nor an int: others would not come back as they were.
        OSError
            If the file cannot be written.

        See Also
        --------
        load : The way back.
        Chapter 12, "n-gram language models"; L3, "n-Gram Language Model".
        """
        text = self.to_json()
        with whole_file(path) as file:
            file.write(text.encode())

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Vocabulary:
        """Read a vocabulary that `save` has written.

        Parameters
        ----------
        path : path

        Returns
        -------
        Vocabulary

        Raises
        ------
        ValueError
            If the file holds something else.
        OSError
            If the file cannot be read.

        See Also
        --------
        Chapter 12, "n-gram language models"; L3, "n-Gram Language Model".
        """
        try:
            return cls.from_json(Path(path).read_text(encoding="utf-8"))
        except ValueError as error:
            raise ValueError(f"{path}: expected a saved vocabulary: {error}") from error

    def to_json(self) -> str:
        """Return the vocabulary as JSON text.

        Returns
        -------
        str

        Raises
        ------
        TypeError
            If a token is neither a string nor an int.

        See Also
        --------
        from_json : The way back.
        Chapter 12, "n-gram language models"; L3, "n-Gram Language Model".
        """
        ids = zip(SPECIAL, self._special_ids(), strict=True)
        return dump(self.tokens, {kind: None if i is None else self.tokens[i] for kind, i in ids})

    @classmethod
    def from_json(cls, text: str) -> Vocabulary:
        """Return the vocabulary that `to_json` has written.

        Parameters
        ----------
        text : str

        Returns
        -------
        Vocabulary

        Raises
        ------
        ValueError
            If the text says something else.

        See Also
        --------
        to_json : The way there.
        Chapter 12, "n-gram language models"; L3, "n-Gram Language Model".
        """
        tokens, special = parse(text)
        return cls(tokens, **special)

    def __getitem__(self, token: Token) -> int:
        number = self._ids.get(token, self.unk_id)
        if number is None:
            raise ValueError(f"tokens: expected tokens of the vocabulary, got {token!r}")
        return number

    def __contains__(self, token: object) -> bool:
        return token in self._ids

    def __len__(self) -> int:
        return len(self.tokens)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.tokens)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Vocabulary):
            return NotImplemented
        return self._special_ids() == other._special_ids() and self.tokens == other.tokens

    __hash__ = None  # type: ignore[assignment]  # equal by content, which may be large

    def __repr__(self) -> str:
        first = ", ".join(map(repr, self.tokens[:6]))
        return f"<Vocabulary of {len(self)} tokens: {first}{', ...' if len(self) > 6 else ''}>"

    def _special_ids(self) -> tuple[int | None, ...]:
        return self.unk_id, self.start_id, self.end_id

    def _check_tokens(self, tokens: object) -> None:
        """Raise TypeError for a string where tokens are no single characters."""
        if isinstance(tokens, str) and not self._of_characters:
            raise TypeError(f"tokens: expected a sequence of tokens, got the string {tokens!r}")

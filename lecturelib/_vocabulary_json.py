"""A vocabulary as JSON text."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from lecturelib._token_checks import Token

SPECIAL = ("unk", "start", "end")


def dump(tokens: Iterable[Token], special: Mapping[str, Token | None]) -> str:
    """Return tokens and special tokens as text.

    Raises
    ------
    TypeError
        If a token is neither a string nor an int.
    """
    tokens = list(tokens)
    for token in tokens:
        if type(token) not in (str, int):
            raise TypeError(f"tokens: expected strings or ints to save, got {token!r}")
    return json.dumps({"tokens": tokens, **special})


def parse(text: str) -> tuple[list[Any], dict[str, Any]]:
    """Return tokens and special tokens from text.

    Raises
    ------
    ValueError
        If it is not what `dump` returns.
    """
    try:
        saved = json.loads(text)
    except RecursionError as error:
        raise ValueError("expected a flat list of tokens, got lists in lists") from error
    if not isinstance(saved, dict) or saved.keys() != {"tokens", *SPECIAL}:
        raise ValueError(f"expected an object with tokens, {', '.join(SPECIAL)}")
    tokens = saved.pop("tokens")
    special = [token for token in map(saved.get, SPECIAL) if token is not None]
    if not isinstance(tokens, list) or set(map(type, [*special, *tokens])) - {str, int}:
        raise ValueError("tokens: expected a list of strings and ints")
    if tokens[: len(special)] != special or len(set(tokens)) < len(tokens):
        raise ValueError("tokens: expected different ones, the special ones first")
    return tokens, saved

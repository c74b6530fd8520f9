"""What a recurrent model says after contexts that grow by a token at a time."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

REMEMBERED = 256


class Contexts:
    """The logits after contexts, and the states after the last ones that were asked about.

    A context that is one token longer than a remembered one costs one step, in a beam search too.
    """

    def __init__(
        self,
        read: Callable[[torch.Tensor, Any], tuple[torch.Tensor, Any]],
        *,
        start: int,
        begin: Any,
        device: torch.device,
    ) -> None:
        """Take what reads tokens (T, 1) on from a state, and where it begins."""
        self.read, self.start, self.begin, self.device = read, start, begin, device
        self._after: OrderedDict[tuple[int, ...], tuple[torch.Tensor, Any]] = OrderedDict()

    @torch.no_grad()
    def logits(self, context: Sequence[int]) -> torch.Tensor:
        """Give the logits (V,) of what follows, on the CPU; not to be changed."""
        key = tuple(context)
        if key not in self._after:
            tokens, state = (self.start, *key), self.begin
            if key and key[:-1] in self._after:
                tokens, state = key[-1:], self._after[key[:-1]][1]
            logits, state = self.read(torch.tensor(tokens, device=self.device)[:, None], state)
            self._after[key] = logits[-1, 0].float().cpu(), state
            if len(self._after) > REMEMBERED:
                self._after.popitem(last=False)
        return self._after[key][0]

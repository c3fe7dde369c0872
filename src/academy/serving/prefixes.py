"""What was read before is not read again: keys and values of earlier prompts, found by their common beginning."""

from collections import OrderedDict
from collections.abc import Sequence
from itertools import takewhile

from academy.serving.batching import Layers

SHORTEST = 16
"""Shorter common beginnings save less than looking them up costs."""


class PrefixCache:
    """Earlier conversations of one specialist, the least recently used forgotten first.

    Args:
        budget: bytes that it may hold; 0 turns it off.
    """

    def __init__(self, budget: int) -> None:
        self.hits = 0
        self.tokens_saved = 0
        self._budget = budget
        self._held = 0
        self._entries: OrderedDict[tuple[int, ...], tuple[Layers, int]] = OrderedDict()

    def find(self, prompt: Sequence[int]) -> Layers | None:
        """Keys and values of the longest known beginning of a prompt, never of all of it: its end gives the logits."""
        best: tuple[int, ...] = ()
        longest = SHORTEST - 1
        for entry in self._entries:
            common = _common(entry, prompt[:-1])
            if common > longest:
                best, longest = entry, common
        if not best:
            return None
        self._entries.move_to_end(best)
        self.hits += 1
        self.tokens_saved += longest
        return tuple((keys[:, :, :longest], values[:, :, :longest]) for keys, values in self._entries[best][0])

    def wants(self, ids: Sequence[int]) -> bool:
        """Whether keeping these tokens would help."""
        return self._budget > 0 and len(ids) >= SHORTEST and tuple(ids) not in self._entries

    def keep(self, ids: Sequence[int], layers: Layers) -> None:
        """Keep what was read of a conversation; what it begins with is no longer needed on its own."""
        size = sum(part.nbytes for layer in layers for part in layer)
        if size > self._budget:
            return
        key = tuple(ids)
        for entry in [entry for entry in self._entries if key[: len(entry)] == entry]:
            self._forget(entry)
        while self._held + size > self._budget:
            self._forget(next(iter(self._entries)))
        self._entries[key] = layers, size
        self._held += size

    def _forget(self, entry: tuple[int, ...]) -> None:
        self._held -= self._entries.pop(entry)[1]


def _common(one: Sequence[int], other: Sequence[int]) -> int:
    return sum(1 for _same in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))

"""When two questions are the same, or nearly: training must not hold an exam question, and the report checks it."""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence

NEAR = 0.8
"""A training question that holds this share of an exam question's word 5-grams is too close to it."""
GRAM = 5
_WORD = re.compile(r"\w+")


def words(text: str) -> list[str]:
    """Letters and digits, in lower case."""
    return _WORD.findall(text.casefold())


def ngrams(found: Sequence[str], length: int) -> set[tuple[str, ...]]:
    """All runs of ``length`` words."""
    return {tuple(found[start : start + length]) for start in range(len(found) - length + 1)} if length else set()


class Nearness:
    """Finds the exam question that a training question equals or nearly equals."""

    def __init__(self, questions: Sequence[str]) -> None:
        self._questions = questions
        self._sizes: list[int] = []
        self._grams: dict[tuple[str, ...], list[int]] = defaultdict(list)
        self._lengths: set[int] = set()
        for number, question in enumerate(questions):
            found = words(question)
            length = min(GRAM, len(found))
            grams = ngrams(found, length)
            self._sizes.append(len(grams))
            self._lengths.add(length)
            for gram in grams:
                self._grams[gram].append(number)

    def find(self, question: str) -> str | None:
        """The exam question of whose 5-grams (of whose words, if it is shorter) ``question`` holds the share NEAR."""
        found = words(question)
        shared: Counter[int] = Counter()
        for length in self._lengths:
            for gram in ngrams(found, length):
                shared.update(self._grams.get(gram, ()))
        close = [number for number, count in shared.items() if count >= NEAR * self._sizes[number]]
        return self._questions[min(close)] if close else None

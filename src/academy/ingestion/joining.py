"""Lines back into running text: hyphenation undone, sentences that cross a page put together."""

import re
from collections import Counter
from collections.abc import Iterable

_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_SUSPENDED = re.compile(r"(?:und|oder|bzw\.|sowie|and|or)(?!\w)")
_TAIL = re.compile(r"[\w-]+$")
_HEAD = re.compile(r"^[\w-]+")


class Joiner:
    """Joins the end of one line with the start of the next, by the words that the document uses elsewhere."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._words: Counter[str] = Counter()
        for text in texts:
            self._words.update(word.lower() for word in _WORD.findall(text))

    def join(self, before: str, after: str, *, hyphen: bool) -> str:
        """``before`` and ``after`` as running text.

        Args:
            hyphen: ``before`` ended with a hyphen that was taken off.
        """
        if hyphen:
            return before + self._hyphen(before, after) + after
        if re.search(r"[^\W\d_]-$", before) and after[:1].islower():
            return before[:-1] + self._hyphen(before[:-1], after) + after
        if before.endswith("/-"):
            return before[:-1] + after
        if re.search(r"\w-$", before) and after[:1].isalnum():
            return before + after
        if re.search(r"(?:https?://|www\.)\S*[/-]$", before):
            return before + after
        return f"{before} {after}"

    def _hyphen(self, before: str, after: str) -> str:
        """What belongs in place of a hyphen at a line's end: nothing, a hyphen, or a hyphen and a space."""
        if _SUSPENDED.match(after):
            return "- "
        tail, head = _TAIL.search(before), _HEAD.match(after)
        left, right = tail.group() if tail else "", head.group() if head else ""
        # "Kernel-Dokumentation", "USB-tauglich", "32-bit": no hyphenation program splits so.
        if not right[:1].islower() or left[-1:].isdigit() or (len(left) > 1 and left.isupper()):
            return "-"
        whole, split = (left + right).lower(), f"{left}-{right}".lower()
        return "-" if self._words[split] > self._words[whole] else ""


def is_open(text: str) -> bool:
    """Whether a paragraph stops in the middle of a sentence."""
    return not re.search(r"[.!?:;…][\"'»«“”’)\]]*$", text.rstrip())

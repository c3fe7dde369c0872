"""Where sentences end, in German and English prose as documents hold it."""

import re
from collections.abc import Iterator

_END = re.compile(r"[.!?…]+[\"'»«”“’‘)\]]*(?=\s)|\n[ \t]*\n|\n(?=[ \t]*(?:[-–•*·▪◦‣]|\d{1,2}[.)])[ \t])")
"""A possible end: closing punctuation before a blank, an empty line, or a line break before a list item."""
_STARTS_LOWER = re.compile(r"\s*[\"'»«„“‚(\[]*[a-zäöüß]")
_LAST_WORD = re.compile(r"[^\s(\[„“\"'»«]+$")
_ABBREVIATION = re.compile(
    r"bspw|bzgl|bzw|ca|dgl|dr|ebd|eigtl|engl|evtl|evt|franz|gem|ggf|griech|hrsg|inkl|insb|ital|jh|jhd|lat|mio|mrd|mwst"
    r"|prof|ref|sog|std|str|tel|teilw|ugs|urspr|usf|vgl|wg|zit|zzgl"
    r"|approx|cf|corp|dept|ed|eds|etc|fig|figs|gov|inc|jr|lt|ltd|mr|mrs|ms|mt|rev|sgt|sr|st|vs",
)
"""Of several parts the last one counts: z. B., d. h., u. a. end in a single letter, which is always taken for one."""
_BEFORE_NUMBER = re.compile(r"abb|abs|anm|art|aufl|bd|kap|max|min|nr|pos|tab|vol|zeile|ziff|ch|eq|no|op|pp|sec")
"""Abbreviations that are words too, or end sentences: these count only before a number."""


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """The sentences of ``text`` as (start, end) offsets, in order, without surrounding blanks; never empty ones."""
    start = 0
    for match in _END.finditer(text):
        if match.group()[0] == "\n" or _ends_here(text, match):
            yield from _stripped(text, start, match.end())
            start = match.end()
    yield from _stripped(text, start, len(text))


def _ends_here(text: str, match: re.Match[str]) -> bool:
    if _STARTS_LOWER.match(text, match.end()):
        return False
    if not match.group().startswith(".") or match.group().startswith(".."):
        return True
    word = _LAST_WORD.search(text, max(0, match.start() - 40), match.start())
    return word is None or not _is_abbreviated(word.group(), text[match.end() :][:4].strip()[:1])


def _is_abbreviated(word: str, following: str) -> bool:
    """Whether a full stop behind ``word`` belongs to it: ``z. B.``, ``Dr.``, ``J. Smith``, ``am 3. Oktober``."""
    last = re.split(r"[./-]", word)[-1].lower()
    if len(last) == 1 and last.isalpha():
        return True
    if last.isdigit():
        return len(last) <= 2
    if following.isdigit() and _BEFORE_NUMBER.fullmatch(last):
        return True
    return bool(_ABBREVIATION.fullmatch(last))


def _stripped(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    piece = text[start:end]
    body = piece.strip()
    if body:
        first = start + len(piece) - len(piece.lstrip())
        yield first, first + len(body)

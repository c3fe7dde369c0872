"""What an English sentence gives: questions with answers, other word orders, gaps."""

import re
from collections.abc import Iterable, Iterator
from typing import TypeVar

from academy.distillation.clauses import Analysis, Asked
from academy.distillation.englishalone import freed, in_context, resolved, stands_alone
from academy.distillation.englishclauses import Clause, clauses
from academy.distillation.englishfacts import MAX_ORDERS, appositions, definition, existing, gaps, orders, steps, themes
from academy.distillation.englishkeywords import with_keywords
from academy.distillation.englishparse import Parse, parsed, verbs
from academy.distillation.englishquestions import questions
from academy.distillation.englishreferences import follows

__all__ = ["analysed", "follows", "freed", "in_context", "resolved", "stands_alone", "subjectless"]

Item = TypeVar("Item")
LEAST_ORDER = 5
"""Words of a clause that is taught alone."""
_BRACKETS = re.compile(r" ?\([^()]*\)| ?\[[^\[\]]*\]")


def analysed(text: str) -> Analysis | None:
    """Questions, word orders and gaps of one English sentence; None for a text that is no statement."""
    whole = parsed(text)
    pieces = [(whole if part == text else parsed(part)) for part in _parts(text)]
    found = [(piece, list(clauses(piece))) for piece in pieces]
    asked = list(_asked(found))
    if not any(verbs(whole)) and not asked:
        return None
    flat = [clause for _piece, inner in found for clause in inner]
    told = [order for order in _once(orders(flat)) if order != text and _says_enough(order)]
    topic, meaning = definition(flat)
    return Analysis(
        _once(asked), tuple(told[:MAX_ORDERS]), _once(gaps(text, whole)), topic, meaning, themes(whole, flat)
    )


def _asked(found: Iterable[tuple[Parse, list[Clause]]]) -> Iterator[Asked]:
    for piece, inner in found:
        for clause in inner:
            yield from (with_keywords(clause, one) for one in questions(clause))
        yield from appositions(piece, inner)
        yield from steps(piece)
        yield from existing(piece)


def _parts(text: str) -> Iterator[str]:
    """A sentence cut at semicolons; what follows a colon only explains what stands before it."""
    plain = _BRACKETS.sub("", re.split(r"(?<=\w): ", text)[0]).rstrip(".")
    for number, part in enumerate(piece for piece in plain.split("; ") if piece):
        piece = part[0].upper() + part[1:] + "."
        if number == 0 or stands_alone(piece):
            yield piece


def _once(items: Iterable[Item]) -> tuple[Item, ...]:
    return tuple(dict.fromkeys(items))


def _says_enough(order: str) -> bool:
    """Whether a clause tells something by itself: "Years went over." does not."""
    return len(order.split()) >= LEAST_ORDER and stands_alone(order)


def subjectless(text: str) -> bool:
    """Whether an entry leaves out its subject, the term before it: "Contains the code"."""
    words = parsed(text).words
    return len(words) > 2 and words[0].tag == "VBZ" and words[0].text.endswith("s")

"""English questions by rule: only forms that need no do-support, so that every question is grammatical.

"Howard saw all." -> "Who saw all?"; "The child was in the garden." -> "Where was the child?" -> "in the garden".
"""

import random
import re
from collections.abc import Iterator

from german import LISTS, Pair

NAME = (
    r"(?:[A-Z][a-z]+(?: [A-Z][a-z]+)?|(?:The|A|An) (?:[a-z]+ ){0,2}[a-z]+"
    r"|(?:Mr|Mrs|Miss|Dr|Lady|Lord|Sir)\.? [A-Z][a-z]+)"
)
PAST = "|".join(sorted(LISTS["english past"], key=len, reverse=True))
SUBJECT = re.compile(rf"^({NAME}) ({PAST}) ([^;:\"“”]{{8,140}})[.!]$")
AUXILIARY = re.compile(rf"^({NAME}) (was|is|were|are|could|would|must|can|will) ([^;:\"“”]{{8,120}})[.!]$")
PLACE = re.compile(r" ((?:in|at|on|into|near|under|from) (?:the |a |an |his |her |their )?(?:[a-z]+ )?[A-Za-z]+)$")
NOT_SUBJECT = re.compile(rf"^({'|'.join(LISTS['not subjects'])})\b")
PERSON = re.compile(rf"({'|'.join(LISTS['persons en'])})$")


def who(subject: str) -> str:
    """Who for persons and names, What for things."""
    return "Who" if PERSON.search(subject) or not subject.startswith(("The", "A ")) else "What"


def small(subject: str) -> str:
    """The subject in the middle of a sentence."""
    return re.sub(r"^(The|An|A) ", lambda hit: hit.group(0).lower(), subject)


def questions(sentence: str, rng: random.Random) -> Iterator[Pair]:
    """Subject questions and questions with an auxiliary."""
    if NOT_SUBJECT.match(sentence):
        return
    found = SUBJECT.match(sentence)
    if found:
        subject, verb, rest = found.groups()
        yield f"{who(subject)} {verb} {rest}?", small(subject)
    found = AUXILIARY.match(sentence)
    if found:
        yield from auxiliary(*found.groups())


def auxiliary(subject: str, verb: str, rest: str) -> Iterator[Pair]:
    """The auxiliary moves to the front: places, and what somebody or something is."""
    place = PLACE.search(" " + rest)
    if place and "," not in rest:
        left = (" " + rest)[: place.start()].strip()
        yield f"Where {verb} {small(subject)} {left}".strip() + "?", place.group(1)
    elif verb in ("was", "is") and re.match(r"(a|an|the) ", rest):
        yield f"{who(subject)} {verb} {small(subject)}?", rest.split(",")[0]

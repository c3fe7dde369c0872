"""Questions about English phrases with a preposition: when, how long, where, why, how, "What does it consist of?"."""

import re
from collections.abc import Iterator

from academy.distillation.clauses import Asked
from academy.distillation.englishclauses import Clause, Part
from academy.distillation.englishorder import ask, asked, put_in, straight, turned
from academy.distillation.englishparse import joined, said
from academy.distillation.englishsubjects import is_person
from academy.distillation.englishwords import (
    MOTION,
    PLACE_PREPOSITIONS,
    PLACES,
    STRANDED,
    WAYS,
    is_named_time,
    is_span,
    is_time,
)

MAX_BEHIND = 4
"""Words behind a stranded preposition; more of them hide what it belongs to."""
_SINCE = {"since": "Since when", "until": "Until when", "till": "Until when"}


def about_phrase(clause: Clause, part: Part) -> Iterator[Asked]:
    """When, how long, where, why, how, or the preposition at the end: "What does it consist of?"."""
    parse, answer, first = clause.parse, clause.text(part), clause.parse[part.at].text.lower()
    if is_time(answer) or is_named_time(answer):
        yield from _time(clause, part, answer, first)
    elif is_span(answer) and first == "for":
        yield ask(clause, "How long", (part,), answer)
    elif answer.startswith(("in order to ", "because of ", "due to ", "owing to ", "thanks to ", "as a result of ")):
        yield ask(clause, "Why", (part,), answer)
    elif first == "by" and any(word.tag == "VBG" for word in parse.under(part.at, "pcomp")):
        yield ask(clause, "How", (part,), answer)
    elif _is_place(clause, part):
        if first == "from":
            yield ask(clause, "Where", (part,), answer, "from")
        else:
            yield ask(clause, "Where", (part,), answer)
    else:
        yield from stranded(clause, part, part)


def _time(clause: Clause, part: Part, answer: str, first: str) -> Iterator[Asked]:
    end = part.places[-1] + 1
    following = [word.text for word in clause.parse.words[end : end + 3]]
    if following[:1] == [","] and any(word[0].isdigit() for word in following):
        return  # "in 1563, 1593 and 1603": one year is not the whole answer
    if first in _SINCE:
        yield ask(clause, _SINCE[first], (part,), answer)
    elif first in ("from", "between"):
        yield ask(clause, "In what period", (part,), answer)
    else:
        yield ask(clause, "When", (part,), answer)
        year = re.fullmatch(r"in ((?:1\d|20)\d\d)", answer)
        if year:
            yield ask(clause, "In what year", (part,), year[1])


def _is_place(clause: Clause, part: Part) -> bool:
    """Whether a phrase names a place: a place name, or a noun like "garden", behind a preposition of place."""
    parse, first = clause.parse, clause.parse[part.at].text.lower()
    inner = parse.under(part.at, "pobj")
    if not inner or (inner[0].kind not in ("GPE", "LOC", "FAC") and inner[0].lemma.lower() not in PLACES):
        return False
    moving = clause.verb.lemma in MOTION
    if first in WAYS or first == "from":
        return moving
    if first == "on" and inner[0].kind not in ("LOC", "FAC") and inner[0].lemma.lower() not in PLACES:
        return False
    return first in PLACE_PREPOSITIONS and not re.search(r"\d", clause.text(part))


def stranded(clause: Clause, part: Part, gone: Part) -> Iterator[Asked]:
    """The preposition at the end of the question, where verb and preposition stand side by side."""
    parse, preposition = clause.parse, clause.parse[part.at].text
    inner = parse.under(part.at, "pobj")
    places = [place for place in part.places if place > part.at]
    if not inner or not places or inner[0].tag in ("PRP", "DT", "WDT", "WP", "CD") or part.front:
        return
    if preposition.lower() not in STRANDED:
        return
    if preposition.lower() == "in" and clause.verb.lemma not in (
        "result",
        "involve",
        "specialize",
        "engage",
        "believe",
        "live",
    ):
        return
    if gone is part and part.at != max(clause.group) + 1:
        return
    verb = joined(*(parse[place].text for place in gone.places if place < part.at)) if gone is not part else ""
    person = is_person(parse, places, inner[0])
    word = {True: "Who", False: "What", None: "Who or what"}[person]
    if (
        any(other is not gone and not other.front and other.places[0] > part.at for other in clause.parts)
        and gone is not part
    ):
        return
    behind = [other for other in clause.parts if not other.front and other.places[0] > part.places[-1]]
    if sum(len(other.places) for other in behind) > MAX_BEHIND or len(verb.split()) > MAX_BEHIND + 1:
        return
    middle = joined(verb, preposition)
    direct = put_in(turned(clause, ()), clause.text(gone), middle)
    indirect = put_in(straight(clause, ()), clause.text(gone), middle)
    yield asked(parse, word, direct, indirect, said(parse, places))

"""Questions about an English clause: a question word in front, do-support where the verb group has no auxiliary.

"In 1991 the engineer created the kernel" -> "When did the engineer create the kernel?" -> "in 1991".
"""

import re
from collections.abc import Iterator, Sequence

from academy.distillation.clauses import Asked
from academy.distillation.englishclauses import Clause, Part, base_form, third_person
from academy.distillation.englishparse import NOUNS, Parse, balanced, inflected, is_name, joined, said
from academy.distillation.englishsubjects import is_person, resolved_inside, who
from academy.distillation.englishwords import (
    FEELINGS,
    IDIOMS,
    MEASURES,
    MOTION,
    NAMING,
    NO_QUESTION_PREPOSITIONS,
    PLACE_PREPOSITIONS,
    PLACES,
    REPORTING,
    STOP,
    WAYS,
    WILL,
    is_named_time,
    is_span,
    is_time,
)

MAX_WORDS = 26
_SINCE = {"since": "Since when", "until": "Until when", "till": "Until when"}


def questions(clause: Clause) -> Iterator[Asked]:
    """Everything that a clause tells, asked; nothing where a pronoun has no certain meaning."""
    if not all(resolved_inside(clause, part.places) for part in clause.parts):
        return
    found = [_subject(clause), *(_about(clause, part) for part in clause.parts), _predicate(clause)]
    nouns = {word.text for word in clause.parse.words if word.tag in (*NOUNS, "CD")}
    fit = (one for group in found for one in group if is_fit(one))
    yield from (one for one in fit if nouns & set(re.findall(r"[\w'’-]+", f"{one.word} {one.direct}")))


def is_fit(one: Asked) -> bool:
    """Whether a question is short enough, whole, and says enough to be answered."""
    whole = f"{one.word} {one.direct}"
    words = whole.split()
    if not one.direct or not one.answer or len(words) > MAX_WORDS or not (balanced(whole) and balanced(one.answer)):
        return False
    content = [word for word in words[1:] if word.lower().strip(",") not in STOP]
    return len(content) >= 2 and not re.search(r"[?!;:]|\b(?:it|this|these|those) *$", f"{whole} {one.answer}")


def asked(parse: Parse, word: str, direct: str, indirect: str, answer: str) -> Asked:
    named = sum(is_name(token) and token.text in direct for token in parse.words)
    anchored = bool(named or re.search(r"\d", direct))
    return Asked(word, direct, indirect, answer, anchored)


def _front(clause: Clause, gone: Sequence[Part]) -> list[str]:
    return [clause.text(part) for part in clause.parts if part.front and part not in gone]


def _behind(clause: Clause, gone: Sequence[Part]) -> str:
    """Everything behind the main verb, particles at their places; what stood in front comes last."""
    pieces = [(part.places[0], clause.text(part)) for part in clause.parts if not part.front and part not in gone]
    pieces += [(place, clause.parse[place].text) for place in clause.group if place > clause.verb.at]
    return joined(*(text for _place, text in sorted(pieces)), *_front(clause, gone))


def _turned(clause: Clause, gone: Sequence[Part], more: str = "") -> str:
    """The words of a direct question behind the question word: "did the engineer create the kernel"."""
    subject, finite = said(clause.parse, clause.subject), clause.finite
    before = [place for place in clause.group if place != finite.at and place <= clause.verb.at]
    if finite.at != clause.verb.at or finite.lemma == "be":
        return joined(finite.text.lower(), subject, _words(clause.parse, before), _behind(clause, gone), more)
    base = base_form(finite)
    helper = {"VBZ": "does", "VBD": "did", "VBP": "do"}.get(finite.tag, "")
    if not base or not helper or base == "be":
        return ""
    return joined(helper, subject, _words(clause.parse, before), base, _behind(clause, gone), more)


def _straight(clause: Clause, gone: Sequence[Part], more: str = "") -> str:
    """The words of an indirect question: "the engineer created the kernel"."""
    group = [place for place in clause.group if place <= clause.verb.at]
    return joined(said(clause.parse, clause.subject), _words(clause.parse, group), _behind(clause, gone), more)


def _words(parse: Parse, places: Sequence[int]) -> str:
    return said(parse, places) if places else ""


def _ask(clause: Clause, word: str, gone: Sequence[Part], answer: str, more: str = "") -> Asked:
    direct = _turned(clause, gone, more)
    return asked(clause.parse, word, direct, _straight(clause, gone, more) if direct else "", answer)


def _subject(clause: Clause) -> Iterator[Asked]:
    """Who or what does it; how many do it."""
    parse, singular = clause.parse, third_person(clause.finite)
    if clause.head.tag in ("PRP", "EX", "DT", "CD") or not singular or not clause.parts:
        return
    group = joined(
        *(
            singular if place == clause.finite.at else parse[place].text
            for place in sorted(clause.group)
            if place <= clause.verb.at
        )
    )
    rest = joined(group, _behind(clause, ()))
    vague = clause.verb.lemma == "be" and any(part.role == "attr" for part in clause.parts)
    if not (vague and _is_indefinite(clause)):
        word = who(parse, clause.subject, clause.head, clause.verb.lemma)
        yield asked(parse, word, rest, rest, said(parse, clause.subject))
    number = _number(parse, clause.subject, clause.head.at)
    if number:
        plural = joined(_words(parse, [place for place in clause.group if place <= clause.verb.at]), _behind(clause, ()))
        yield asked(parse, f"How many {number[1]}", plural, plural, number[0])


def _is_indefinite(clause: Clause) -> bool:
    """Whether the predicate is "a ...": "What is a city in Poland?" has many answers."""
    attr = next(part for part in clause.parts if part.role == "attr")
    return clause.parse[attr.places[0]].text.lower() not in ("the", "one") or len(attr.places) < 4


def _number(parse: Parse, places: Sequence[int], noun: int) -> tuple[str, str] | None:
    """("six", "strings") for "six strings"."""
    number = next((word for word in parse.under(noun, "nummod") if word.at in places and word.tag == "CD"), None)
    if number is None or parse[noun].tag != "NNS" or parse[noun].kind in ("DATE", "MONEY", "PERCENT", "TIME"):
        return None
    before = [place for place in places if place <= number.at]
    after = [place for place in places if place > number.at]
    words = [parse[place].text.lower() for place in before]
    if words[0] in ("the", "these", "those", "all", "its", "his", "her", "their") or len(before) > 3 or "(" in words:
        return None
    if any(parse[place].dep in ("conj", "cc") and parse[place].head == noun for place in places):
        return None
    return said(parse, before), said(parse, after)


def _about(clause: Clause, part: Part) -> Iterator[Asked]:
    """Questions about one part of a clause."""
    if clause.negated and part.role not in ("advcl",):
        return
    by_role = {
        "dobj": _object,
        "attr": _attribute,
        "acomp": _adjective,
        "oprd": _name,
        "agent": _agent,
        "prep": _phrase,
        "advcl": _adverbial,
        "npadvmod": _measure,
        "xcomp": _wish,
        "ccomp": _content,
    }
    if part.role in by_role:
        yield from by_role[part.role](clause, part)


def _object(clause: Clause, part: Part) -> Iterator[Asked]:
    parse, noun = clause.parse, clause.parse[part.at]
    answer = clause.text(part)
    if noun.tag in ("PRP", "DT", "WP", "WDT") or noun.lemma in IDIOMS or clause.passive:
        return
    number = _number(parse, part.places, part.at)
    if number:
        yield _ask(clause, f"How many {number[1]}", (part,), number[0])
    if noun.kind in ("MONEY", "PERCENT") and clause.verb.lemma in ("cost", "pay", "earn", "spend", "raise", "receive"):
        yield _ask(clause, "How much", (part,), answer)
    elif is_time(answer) or is_span(answer):
        if is_span(answer) and clause.verb.lemma in ("last", "take", "spend"):
            yield _ask(clause, "How long", (part,), answer)
    else:
        person = is_person(parse, part.places, noun)
        yield _ask(clause, {True: "Whom", False: "What", None: "Whom or what"}[person], (part,), answer)


def _attribute(clause: Clause, part: Part) -> Iterator[Asked]:
    """What something is or became."""
    parse, noun, answer = clause.parse, clause.parse[part.at], clause.text(part)
    first = parse[part.places[0]]
    if clause.verb.lemma not in ("be", "become", "remain") or noun.tag in ("PRP", "DT", "WP", "EX"):
        return
    if clause.head.tag in ("EX", "DT", "CD") or first.text.lower() in ("one", "some", "all", "that", "another"):
        return
    if clause.verb.lemma == "be" and is_person(parse, clause.subject, clause.head) and is_person(parse, part.places, noun):
        yield _ask(clause, "Who", (part,), answer)
        return
    yield _ask(clause, "What", (part,), answer)


def _adjective(clause: Clause, part: Part) -> Iterator[Asked]:
    """How somebody felt; what something is famous for; how high it is."""
    parse, word = clause.parse, clause.parse[part.at]
    measure = [one for one in parse.under(part.at, "npadvmod") if re.search(r"\d", one.text) or parse.under(one.at, "nummod")]
    if measure and word.text in MEASURES:
        size = [place for place in part.places if place < part.at]
        yield _ask(clause, MEASURES[word.text], (part,), said(parse, size))
        return
    if word.lemma in FEELINGS and clause.verb.lemma in ("be", "feel", "become") and is_person(parse, clause.subject, clause.head):
        subject, tense = said(parse, clause.subject), clause.finite.tag
        helper = {"VBD": "did", "VBZ": "does", "VBP": "do"}.get(tense, "")
        if helper and clause.finite.at == clause.verb.at and clause.verb.lemma != "become":
            rest = _behind(clause, (part,))
            felt = {"did": "felt", "does": "feels", "do": "feel"}[helper]
            yield asked(parse, "How", joined(helper, subject, "feel", rest), joined(subject, felt, rest), clause.text(part))
        return
    last = [one for one in parse.under(part.at, "prep") if one.at > part.at]
    if len(last) == 1 and last[0].text in ("for", "of", "to", "with", "from", "on"):
        inner = tuple(place for place in parse.subtree(last[0].at) if place in part.places)
        yield from _stranded(clause, Part("prep", last[0].at, inner, False), part)


def _name(clause: Clause, part: Part) -> Iterator[Asked]:
    """What something is called."""
    if clause.verb.lemma in NAMING and clause.passive:
        yield _ask(clause, "What", (part,), clause.text(part))


def _agent(clause: Clause, part: Part) -> Iterator[Asked]:
    """By whom something was done, and the same in the active voice."""
    parse = clause.parse
    inner = parse.under(part.at, "pobj")
    if not inner:
        way = parse.under(part.at, "pcomp")
        if way and way[0].tag == "VBG":
            yield _ask(clause, "How", (part,), clause.text(part))
        return
    noun, places = inner[0], [place for place in part.places if place > part.at]
    if noun.tag in ("PRP", "DT"):
        return
    person, answer = is_person(parse, places, noun, clause.verb.lemma), said(parse, places)
    word = {True: "Who", False: "What", None: "Who or what"}[person]
    by = clause.parse[part.at].text
    direct, indirect = (_with(told, clause.text(part), by) for told in (_turned(clause, ()), _straight(clause, ())))
    yield asked(parse, word, direct, indirect if direct else "", answer)
    active = _active_rest(clause, part)
    if active:
        yield asked(parse, word, active, active, answer)


def active_voice(clause: Clause) -> str:
    """"The engineer created the kernel in 1991" for a passive with "by the engineer"; "" where it is not certain."""
    part = next((part for part in clause.parts if part.role == "agent"), None)
    inner = clause.parse.under(part.at, "pobj") if part else []
    rest = _active_rest(clause, part) if part and inner and inner[0].tag not in ("PRP", "DT") else ""
    return joined(said(clause.parse, [place for place in part.places if place > part.at]), rest) if part and rest else ""


def _active_rest(clause: Clause, part: Part) -> str:
    """The active predicate: "was built" -> "built"; "" for longer verb groups and for several objects."""
    if len(clause.group) != 2 or clause.finite.lemma != "be" or clause.verb.tag != "VBN" or clause.verb.lemma in NAMING:
        return ""
    if any(other.role in ("dobj", "oprd", "xcomp", "dative") for other in clause.parts):
        return ""
    past = clause.finite.text.lower() in ("was", "were")
    forms = inflected(clause.verb.lemma.lower(), "VBD" if past else "VBP")
    plural = any(clause.parse[place].tag in ("NNS", "NNPS") or clause.parse[place].text == "and" for place in part.places)
    if not past and not plural:
        forms = inflected(clause.verb.lemma.lower(), "VBZ")
    return joined(forms[0], said(clause.parse, clause.subject), _behind(clause, (part,))) if len(forms) == 1 else ""


def _phrase(clause: Clause, part: Part) -> Iterator[Asked]:
    """When, how long, where, why, how, or the preposition at the end: "What does it consist of?"."""
    parse, answer, first = clause.parse, clause.text(part), clause.parse[part.at].text.lower()
    if is_time(answer) or is_named_time(answer):
        yield from _time(clause, part, answer, first)
    elif is_span(answer) and first == "for":
        yield _ask(clause, "How long", (part,), answer)
    elif answer.startswith(("because of ", "due to ", "owing to ", "thanks to ", "as a result of ")):
        yield _ask(clause, "Why", (part,), answer)
    elif first == "by" and any(word.tag == "VBG" for word in parse.under(part.at, "pcomp")):
        yield _ask(clause, "How", (part,), answer)
    elif _is_place(clause, part):
        if first == "from":
            yield _ask(clause, "Where", (part,), answer, "from")
        else:
            yield _ask(clause, "Where", (part,), answer)
    else:
        yield from _stranded(clause, part, part)


def _time(clause: Clause, part: Part, answer: str, first: str) -> Iterator[Asked]:
    if first in _SINCE:
        yield _ask(clause, _SINCE[first], (part,), answer)
    elif first in ("from", "between"):
        yield _ask(clause, "In what period", (part,), answer)
    else:
        yield _ask(clause, "When", (part,), answer)
        year = re.fullmatch(r"in ((?:1\d|20)\d\d)", answer)
        if year:
            yield _ask(clause, "In what year", (part,), year[1])


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


def _stranded(clause: Clause, part: Part, gone: Part) -> Iterator[Asked]:
    """The preposition at the end of the question, where verb and preposition stand side by side."""
    parse, preposition = clause.parse, clause.parse[part.at].text
    inner = parse.under(part.at, "pobj")
    places = [place for place in part.places if place > part.at]
    if not inner or not places or inner[0].tag in ("PRP", "DT", "WDT", "WP", "CD") or part.front:
        return
    if preposition.lower() in NO_QUESTION_PREPOSITIONS | PLACE_PREPOSITIONS - {"on", "in"} or inner[0].lemma in IDIOMS:
        return
    if preposition.lower() == "in" and clause.verb.lemma not in ("result", "involve", "specialize", "engage", "believe", "live"):
        return
    if gone is part and part.at != max(clause.group) + 1:
        return
    verb = joined(*(parse[place].text for place in gone.places if place < part.at)) if gone is not part else ""
    person = is_person(parse, places, inner[0])
    word = {True: "Who", False: "What", None: "Who or what"}[person]
    if any(other is not gone and not other.front and other.places[0] > part.at for other in clause.parts) and gone is not part:
        return
    middle = joined(verb, preposition)
    direct = _with(_turned(clause, ()), clause.text(gone), middle)
    indirect = _with(_straight(clause, ()), clause.text(gone), middle)
    yield asked(parse, word, direct, indirect, said(parse, places))


def _with(whole: str, gone: str, middle: str) -> str:
    """A clause with ``middle`` in the place of a part; "" where its place is not certain."""
    return whole.replace(gone, middle, 1) if whole.count(gone) == 1 else ""


def _adverbial(clause: Clause, part: Part) -> Iterator[Asked]:
    """Why (because, to, so that), when, on what condition; what happens then."""
    parse, answer = clause.parse, clause.text(part)
    first = answer.split()[0].lower()
    verb = parse[part.at]
    infinitive = verb.tag == "VB" and first in ("to", "in") and (answer.startswith("in order to ") or first == "to")
    if first == "because" or answer.startswith("so that ") or infinitive:
        yield _ask(clause, "Why", (part,), answer)
    elif first in ("when", "after", "before", "once", "whenever") or answer.startswith("as soon as "):
        yield _ask(clause, "When", (part,), answer)
    elif first == "until":
        yield _ask(clause, "Until when", (part,), answer)
    elif first == "if":
        yield _ask(clause, "Under what condition", (part,), answer)
    if first in ("when", "if", "once") and clause.finite.tag in ("VBZ", "VBP", "VBD") and len(clause.parts) <= 3:
        rest = _straight(clause, (part,))
        happens = "happened" if clause.finite.tag == "VBD" else "happens"
        if len(rest.split()) <= 12 and not clause.negated:
            yield asked(parse, "What", f"{happens} {answer}", f"{happens} {answer}", rest)


def _measure(clause: Clause, part: Part) -> Iterator[Asked]:
    if is_span(clause.text(part)) and not part.front:
        yield _ask(clause, "How long", (part,), clause.text(part))


def _wish(clause: Clause, part: Part) -> Iterator[Asked]:
    """What somebody wants to do."""
    answer = clause.text(part)
    if clause.verb.lemma in WILL and answer.startswith("to ") and clause.parts[-1] is part:
        yield _ask(clause, "What", (part,), answer, "to do")


def _content(clause: Clause, part: Part) -> Iterator[Asked]:
    """What somebody says or believes."""
    answer = clause.text(part)
    if clause.verb.lemma in REPORTING and answer.startswith("that ") and len(clause.parts) == 1:
        yield _ask(clause, "What", (part,), answer)


def _predicate(clause: Clause) -> Iterator[Asked]:
    """What somebody did when ...: the whole predicate."""
    parse = clause.parse
    if clause.passive or clause.negated or clause.finite.at != clause.verb.at or clause.verb.lemma in ("be", "have", "become"):
        return
    anchor = next((p for p in clause.parts if p.role == "advcl" and clause.text(p).startswith(("when ", "after ", "before "))), None)
    helper = {"VBZ": "does", "VBD": "did"}.get(clause.finite.tag, "")
    if anchor is None or not helper or not is_person(parse, clause.subject, clause.head, clause.verb.lemma):
        return
    subject, when = said(parse, clause.subject), clause.text(anchor)
    group = [place for place in clause.group if place <= clause.verb.at]
    did = joined(_words(parse, group), _behind(clause, (anchor,)))
    yield asked(parse, "What", joined(helper, subject, "do", when), joined(subject, helper, when), did)

"""Questions about an English clause: a question word in front, do-support where the verb group has no auxiliary.

"In 1991 the engineer created the kernel" -> "When did the engineer create the kernel?" -> "in 1991".
"""

import re
from collections.abc import Iterator, Sequence

from academy.distillation.clauses import Asked
from academy.distillation.englishclauses import Clause, Part, third_person
from academy.distillation.englishorder import ask, asked, behind, is_fit, put_in, straight, turned, words_at
from academy.distillation.englishparse import NOUNS, Parse, inflected, joined, said
from academy.distillation.englishphrases import about_phrase, stranded
from academy.distillation.englishsubjects import is_person, pronouns, resolved_inside, who
from academy.distillation.englishwords import (
    FEELINGS,
    IDIOMS,
    MEASURES,
    NAMING,
    REPORTING,
    WILL,
    is_span,
    is_time,
)


def questions(clause: Clause) -> Iterator[Asked]:
    """Everything that a clause tells, asked; nothing where a pronoun has no certain meaning."""
    if pronouns(clause.parse, clause.subject) or not all(resolved_inside(clause, part.places) for part in clause.parts):
        return
    found = [_subject(clause), *(_about(clause, part) for part in clause.parts), _predicate(clause)]
    nouns = {word.text for word in clause.parse.words if word.tag in (*NOUNS, "CD", "VBG", "JJ")}
    fit = (one for group in found for one in group if is_fit(one))
    yield from (one for one in fit if nouns & set(re.findall(r"[\w'’-]+", f"{one.word} {one.direct}")))


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
    rest = joined(group, behind(clause, ()))
    vague = clause.verb.lemma == "be" and any(part.role == "attr" for part in clause.parts)
    several = vague and clause.finite.text.lower() in ("are", "were")
    limited = any(word.text.lower() in ("only", "their", "his", "her") for word in parse.words[clause.group[0] :])
    if not several and not limited and not (vague and _is_indefinite(clause)):
        word = who(parse, clause.subject, clause.head, clause.verb.lemma)
        yield asked(parse, word, rest, rest, said(parse, clause.subject))
    number = number_in(parse, clause.subject, clause.head.at)
    if number:
        plural = joined(
            words_at(parse, [place for place in clause.group if place <= clause.verb.at]), behind(clause, ())
        )
        yield asked(parse, f"How many {number[1]}", plural, plural, number[0])


def _is_indefinite(clause: Clause) -> bool:
    """Whether the predicate is "a ...": "What is a city in Poland?" has many answers."""
    attr = next(part for part in clause.parts if part.role == "attr")
    return clause.parse[attr.places[0]].text.lower() not in ("the", "one") or len(attr.places) < 4


def number_in(parse: Parse, places: Sequence[int], noun: int) -> tuple[str, str] | None:
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
        "prep": about_phrase,
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
    number = number_in(parse, part.places, part.at)
    if number:
        yield ask(clause, f"How many {number[1]}", (part,), number[0])
    if noun.kind in ("MONEY", "PERCENT") and clause.verb.lemma in ("cost", "pay", "earn", "spend", "raise", "receive"):
        yield ask(clause, "How much", (part,), answer)
    elif clause.verb.lemma == "have" and len(clause.parts) == 1:
        return  # "What does the town have?" has many answers
    elif is_time(answer) or is_span(answer):
        if is_span(answer) and clause.verb.lemma in ("last", "take", "spend"):
            yield ask(clause, "How long", (part,), answer)
    else:
        person = is_person(parse, part.places, noun)
        yield ask(clause, {True: "Whom", False: "What", None: "Whom or what"}[person], (part,), answer)


def _attribute(clause: Clause, part: Part) -> Iterator[Asked]:
    """What something is or became."""
    parse, noun, answer = clause.parse, clause.parse[part.at], clause.text(part)
    first = parse[part.places[0]]
    if clause.verb.lemma not in ("be", "become", "remain") or noun.tag in ("PRP", "DT", "WP", "EX"):
        return
    if clause.head.tag in ("EX", "DT", "CD") or first.text.lower() in ("one", "some", "all", "that", "another"):
        return
    if (
        clause.verb.lemma == "be"
        and is_person(parse, clause.subject, clause.head)
        and (is_person(parse, part.places, noun) or clause.head.lemma in ("people", "person"))
    ):
        yield ask(clause, "Who", (part,), answer)
        return
    yield ask(clause, "What", (part,), answer)


def _adjective(clause: Clause, part: Part) -> Iterator[Asked]:
    """How somebody felt; what something is famous for; how high it is."""
    parse, word = clause.parse, clause.parse[part.at]
    measure = [
        one for one in parse.under(part.at, "npadvmod") if re.search(r"\d", one.text) or parse.under(one.at, "nummod")
    ]
    if measure and word.text in MEASURES:
        size = [place for place in part.places if place < part.at]
        yield ask(clause, MEASURES[word.text], (part,), said(parse, size))
        return
    if (
        word.lemma in FEELINGS
        and clause.verb.lemma in ("be", "feel", "become")
        and is_person(parse, clause.subject, clause.head)
    ):
        subject, tense = said(parse, clause.subject), clause.finite.tag
        helper = {"VBD": "did", "VBZ": "does", "VBP": "do"}.get(tense, "")
        if helper and clause.finite.at == clause.verb.at and clause.verb.lemma != "become":
            rest = behind(clause, (part,))
            felt = {"did": "felt", "does": "feels", "do": "feel"}[helper]
            yield asked(
                parse, "How", joined(helper, subject, "feel", rest), joined(subject, felt, rest), clause.text(part)
            )
        return
    last = [one for one in parse.under(part.at, "prep") if one.at > part.at]
    if len(last) == 1 and last[0].text in ("for", "of", "to", "with", "from", "on"):
        inner = tuple(place for place in parse.subtree(last[0].at) if place in part.places)
        yield from stranded(clause, Part("prep", last[0].at, inner, False), part)


def _name(clause: Clause, part: Part) -> Iterator[Asked]:
    """What something is called."""
    if clause.verb.lemma in NAMING and clause.passive:
        yield ask(clause, "What", (part,), clause.text(part))


def _agent(clause: Clause, part: Part) -> Iterator[Asked]:
    """By whom something was done, and the same in the active voice."""
    parse = clause.parse
    inner = parse.under(part.at, "pobj")
    if not inner:
        way = parse.under(part.at, "pcomp")
        if way and way[0].tag == "VBG":
            yield ask(clause, "How", (part,), clause.text(part))
        return
    noun, places = inner[0], [place for place in part.places if place > part.at]
    if noun.tag in ("PRP", "DT"):
        return
    person, answer = is_person(parse, places, noun, clause.verb.lemma), said(parse, places)
    word = {True: "Who", False: "What", None: "Who or what"}[person]
    by = clause.parse[part.at].text
    direct, indirect = (put_in(told, clause.text(part), by) for told in (turned(clause, ()), straight(clause, ())))
    yield asked(parse, word, direct, indirect if direct else "", answer)
    active = _active_rest(clause, part, singular=True)
    if active:
        yield asked(parse, word, active, active, answer)


def active_voice(clause: Clause) -> str:
    """The active "The engineer created the kernel" for a passive with "by the engineer"; "" where not certain."""
    part = next((part for part in clause.parts if part.role == "agent"), None)
    inner = clause.parse.under(part.at, "pobj") if part else []
    rest = _active_rest(clause, part) if part and inner and inner[0].tag not in ("PRP", "DT") else ""
    return (
        joined(said(clause.parse, [place for place in part.places if place > part.at]), rest) if part and rest else ""
    )


def _active_rest(clause: Clause, part: Part, *, singular: bool = False) -> str:
    """The active predicate: "was built" -> "built"; "" for longer verb groups and for several objects."""
    if len(clause.group) != 2 or clause.finite.lemma != "be" or clause.verb.tag != "VBN" or clause.verb.lemma in NAMING:
        return ""
    if any(other.role in ("dobj", "oprd", "xcomp", "dative") for other in clause.parts):
        return ""
    past = clause.finite.text.lower() in ("was", "were")
    forms = inflected(clause.verb.lemma.lower(), "VBD" if past else "VBP")
    plural = not singular and any(
        clause.parse[place].tag in ("NNS", "NNPS") or clause.parse[place].text == "and" for place in part.places
    )
    if not past and not singular and any(clause.parse[place].text == "and" for place in part.places):
        return ""  # "the Tyne and Wear Metro" is one
    if not past and not plural:
        forms = inflected(clause.verb.lemma.lower(), "VBZ")
    return joined(forms[0], said(clause.parse, clause.subject), behind(clause, (part,))) if len(forms) == 1 else ""


def _adverbial(clause: Clause, part: Part) -> Iterator[Asked]:
    """Why (because, to, so that), when, on what condition; what happens then."""
    parse, answer = clause.parse, clause.text(part)
    first = answer.split()[0].lower()
    verb = parse[part.at]
    infinitive = (
        verb.tag == "VB"
        and clause.verb.lemma not in ("go", "come", "get", "be")
        and first in ("to", "in")
        and (answer.startswith("in order to ") or first == "to")
    )
    if first == "because" or answer.startswith("so that ") or infinitive:
        yield ask(clause, "Why", (part,), answer)
    elif first in ("when", "after", "before", "once", "whenever") or answer.startswith("as soon as "):
        yield ask(clause, "When", (part,), answer)
    elif first == "until":
        yield ask(clause, "Until when", (part,), answer)
    elif first == "if":
        yield ask(clause, "Under what condition", (part,), answer)
    if first in ("when", "if", "once") and clause.finite.tag in ("VBZ", "VBP", "VBD") and len(clause.parts) <= 3:
        rest = straight(clause, (part,))
        happens = "happened" if clause.finite.tag == "VBD" else "happens"
        if len(rest.split()) <= 12 and not clause.negated:
            yield asked(parse, "What", f"{happens} {answer}", f"{happens} {answer}", rest)


def _measure(clause: Clause, part: Part) -> Iterator[Asked]:
    if is_span(clause.text(part)) and not part.front:
        yield ask(clause, "How long", (part,), clause.text(part))


def _wish(clause: Clause, part: Part) -> Iterator[Asked]:
    """What somebody wants to do."""
    answer = clause.text(part)
    if clause.verb.lemma in WILL and answer.startswith("to ") and clause.parts[-1] is part:
        yield ask(clause, "What", (part,), answer, "to do")


def _content(clause: Clause, part: Part) -> Iterator[Asked]:
    """What somebody says or believes."""
    answer = clause.text(part)
    if clause.verb.lemma in REPORTING and answer.startswith("that ") and len(clause.parts) == 1:
        yield ask(clause, "What", (part,), answer)


def _predicate(clause: Clause) -> Iterator[Asked]:
    """What somebody did when ...: the whole predicate."""
    parse = clause.parse
    if (
        clause.passive
        or clause.negated
        or clause.finite.at != clause.verb.at
        or clause.verb.lemma in ("be", "have", "become")
    ):
        return
    anchor = next(
        (p for p in clause.parts if p.role == "advcl" and clause.text(p).startswith(("when ", "after ", "before "))),
        None,
    )
    helper = {"VBZ": "does", "VBD": "did"}.get(clause.finite.tag, "")
    if anchor is None or not helper or not is_person(parse, clause.subject, clause.head, clause.verb.lemma):
        return
    subject, when = said(parse, clause.subject), clause.text(anchor)
    group = [place for place in clause.group if place <= clause.verb.at]
    did = joined(words_at(parse, group), behind(clause, (anchor,)))
    yield asked(parse, "What", joined(helper, subject, "do", when), joined(subject, helper, when), did)

"""What an English sentence tells beside its questions: other word orders, appositions, definitions, steps, gaps."""

import re
from collections.abc import Iterator, Sequence

from academy.distillation.clauses import Asked
from academy.distillation.englishclauses import Clause
from academy.distillation.englishorder import asked, is_fit
from academy.distillation.englishparse import NAMES, NOUNS, Parse, Word, balanced, capital, core, is_name, joined, said
from academy.distillation.englishquestions import active_voice, number_in
from academy.distillation.englishsubjects import is_person, pronouns, resolved_inside
from academy.distillation.englishwords import is_time

MAX_ORDERS = 6
_POINTS = re.compile(r"\b(?:his|her|its|their|it|this|that|these|those|which|who|what|you|your)\b|[,;:]", re.IGNORECASE)


_LIMITED = re.compile(r"(?:only|even|just|also|about|almost|nearly|more than|up to) ", re.IGNORECASE)
"""With these in front a phrase is nothing to ask about."""


def orders(found: Sequence[Clause]) -> Iterator[str]:
    """The same told otherwise: a time in front or behind, every clause alone, the active for the passive."""
    for clause in found:
        inside = [place for part in clause.parts for place in part.places]
        if not inside or pronouns(clause.parse, clause.subject) or not resolved_inside(clause, inside):
            continue
        subject = said(clause.parse, clause.subject)
        group = said(clause.parse, [place for place in clause.group if place <= clause.verb.at])
        for told in (*_times(clause, subject, group), active_voice(clause)):
            if told and balanced(told) and not re.search(r"[;:?!]|[–—-]$|[–—-] ?\.", told):
                yield capital(told) + "."


def _times(clause: Clause, subject: str, group: str) -> Iterator[str]:
    pieces = [(part.places[0], part) for part in clause.parts]
    particles = [(place, clause.parse[place].text) for place in clause.group if place > clause.verb.at]
    behind = [(place, clause.text(part)) for place, part in pieces if not part.front]
    front = [clause.text(part) for _place, part in pieces if part.front]
    rest = [text for _place, text in sorted([*behind, *particles])]
    yield joined(subject, group, *rest, *front)
    moved = next((text for text in (*front, *rest) if is_time(text)), "")
    if moved and len(front) < 2:
        yield joined(f"{moved},", subject, group, *(text for text in (*rest, *front) if text != moved))


def definition(found: Sequence[Clause]) -> tuple[str, str]:
    """("The kernel", "a program") for "The kernel is a program": kinds of things, no names and no persons."""
    for clause in found:
        attr = next((part for part in clause.parts if part.role == "attr"), None)
        if attr is None or clause.finite.text != "is" or len(clause.group) > 1 or len(clause.parts) > 1:
            continue
        parse = clause.parse
        named = any(is_name(parse[place]) for place in clause.subject)
        plain = clause.head.tag == "NN" and len(clause.subject) <= 4 and not named
        person = is_person(parse, clause.subject, clause.head)
        possessed = any(parse[place].dep in ("poss", "prep") for place in clause.subject)
        first = parse[clause.subject[0]].text.lower()
        if plain and not person and not possessed and parse[attr.places[0]].text in ("a", "an") and first != "one":
            return capital(said(parse, clause.subject)), clause.text(attr)
    return "", ""


def appositions(parse: Parse, found: Sequence[Clause]) -> Iterator[Asked]:
    """Facts like "Paris, the capital of France, ..." -> "What is the capital of France?" -> "Paris", and back."""
    past = any(clause.finite.tag == "VBD" for clause in found)
    for word in parse.words:
        head = parse[word.head]
        if word.dep != "appos" or not is_name(head) or word.tag not in NOUNS or parse.under(word.at, "conj", "appos"):
            continue
        places = core(parse, word.at)
        name = [place for place in core(parse, head.at) if place <= head.at]
        whole = parse.subtree(word.at)
        closed = whole[-1] + 1 < len(parse.words) and parse[whole[-1] + 1].text in (",", ".")
        first = parse[places[0]].text
        joint = parse.under(head.at, "conj", "cc")
        if (
            places[0] != head.at + 2
            or parse[head.at + 1].text != ","
            or not closed
            or joint
            or first not in ("the", "a", "an")
        ):
            continue
        yield from _told(parse, name, head, places, past=past)


def _told(parse: Parse, name: Sequence[int], head: Word, places: Sequence[int], *, past: bool) -> Iterator[Asked]:
    noun = next((parse[place] for place in places if parse[place].dep == "appos"), head)
    person = is_person(parse, places, noun) or is_person(parse, name, head) is True
    verb, word = ("was" if past and person else "is"), ("Who" if person else "What")
    if any(
        parse[place].tag in ("PRP", "PRP$", "DT") and parse[place].text not in ("the", "a", "an") for place in places
    ):
        return
    known, told = said(parse, name), said(parse, places)
    yield Asked(word, f"{verb} {known}", f"{known} {verb}", told)
    back = asked(parse, word, f"{verb} {told}", f"{told} {verb}", known)
    if told.startswith("the ") and len(places) >= 3 and is_fit(back):
        yield back


def steps(parse: Parse) -> Iterator[Asked]:
    """Steps like "Press F1 to open the help." -> "How do you open the help?" -> "press F1"."""
    root = next((word for word in parse.words if word.dep == "ROOT"), None)
    if (
        root is None
        or root.tag not in ("VB", "VBP")
        or parse.under(root.at, "nsubj", "nsubjpass", "aux", "neg", "conj", "expl")
    ):
        return
    purposes = [word for word in parse.under(root.at, "advcl") if word.tag == "VB" and parse.under(word.at, "aux")]
    if len(purposes) != 1:
        return
    inner = core(parse, purposes[0].at)
    goal = said(parse, inner)
    aim = re.sub(r"^(?:in order )?to ", "", goal)
    if aim == goal or any(
        parse[place].tag in ("PRP", "DT") and parse[place].text not in ("the", "a", "an") for place in inner
    ):
        return
    outer = [place for place in parse.subtree(root.at) if place not in inner and place < len(parse.words) - 1]
    told = said(parse, outer)
    before = [place for place in outer if place < root.at and parse[place].text != ","]
    if before or not balanced(told) or re.search(r"\b(?:it|this|these|them)\b", f"{told} {aim}"):
        return
    one = asked(parse, "How", f"do you {aim}", f"you {aim}", told)
    if is_fit(one):
        yield one


def existing(parse: Parse) -> Iterator[Asked]:
    """Questions about "There are two exits in the workshop": how many, and what there is."""
    root = next((word for word in parse.words if word.dep == "ROOT"), None)
    if (
        root is None
        or root.lemma != "be"
        or len(parse.under(root.at, "expl")) != 1
        or parse.under(root.at, "neg", "conj")
    ):
        return
    things = parse.under(root.at, "attr", "nsubj")
    places = [word for word in parse.under(root.at, "prep") if word.at > root.at]
    if len(things) != 1 or things[0].tag not in NOUNS or root.tag not in ("VBZ", "VBP", "VBD"):
        return
    inside = [at for word in places for at in core(parse, word.at)]
    whole = core(parse, things[0].at)
    nested = [word for word in parse.under(things[0].at, "prep") if word.text == "in"]
    if not inside and len(nested) == 1:
        inside = core(parse, nested[0].at)
        whole = [at for at in whole if at not in inside]
    where, thing = said(parse, inside) if inside else "", said(parse, whole)
    number = number_in(parse, whole, things[0].at)
    if number:
        yield asked(
            parse,
            f"How many {number[1]}",
            joined(root.text, "there", where),
            joined("there", root.text, where),
            number[0],
        )
    singular = "was" if root.tag == "VBD" else "is"
    if where and not parse.under(things[0].at, "relcl"):
        yield asked(parse, "What", joined(singular, "there", where), joined("there", singular, where), thing)


def themes(parse: Parse, found: Sequence[Clause]) -> tuple[str, ...]:
    """Two things that a sentence speaks about, its subject first; none where they are not certain."""
    heads = [
        word for word in parse.words if word.dep in ("nsubj", "nsubjpass", "dobj", "pobj", "attr") and word.tag in NOUNS
    ]
    phrases = [
        said(parse, core(parse, word.at)) for word in heads if not word.kind or word.kind not in ("DATE", "TIME")
    ]
    plain = [
        one
        for one in dict.fromkeys(phrases)
        if len(one.split()) <= 5 and balanced(one) and not _LIMITED.match(one) and not _POINTS.search(one)
    ]
    apart = [one for one in plain[1:] if plain[0] not in one and one not in plain[0]]
    return (plain[0], apart[0]) if plain and apart and found else ()


def gaps(text: str, parse: Parse) -> Iterator[str]:
    """Numbers first, then names, then the longest nouns."""
    numbers = [word.text for word in parse.words if word.tag == "CD" and word.text[0].isdigit()]
    names = [
        word.text for word in parse.words[1:] if word.tag in NAMES and len(word.text) > 2 and word.text[0].isalpha()
    ]
    nouns = [
        word.text for word in parse.words if word.tag in ("NN", "NNS") and len(word.text) > 4 and word.text.isalpha()
    ]
    for word in [*numbers, *names, *sorted(nouns, key=len, reverse=True)]:
        if len(re.findall(rf"(?<!\w){re.escape(word)}(?!\w)", text)) == 1:
            yield word

"""What a German sentence gives: questions with answers, other word orders, gaps."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from academy.distillation.clauses import Analysis
from academy.distillation.germanclauses import FINITE, Clause, lowered, parsed, without_tail
from academy.distillation.germanquestions import questions
from academy.distillation.germanreferences import freed, resolved, stands_alone
from academy.distillation.germansubjects import subject_of
from academy.distillation.germantagging import tagged
from academy.distillation.tagging import Token

__all__ = ["analysed", "freed", "resolved", "stands_alone", "subjectless"]

Item = TypeVar("Item")
_INFINITIVE = re.compile(r"(?<=[\wäöü)]) (um|ohne|anstatt) (?=[^,]{3,90}\b(?:zu \w+n|\w{2,}zu\w{3,}n)\.$)")
"""An infinitive clause whose comma is missing, as often in Switzerland: "... um Geräte zu lesen."."""


_EMPTY = ("Beispiel", "Regel", "Fall", "Weise", "Art", "Teil", "Folge", "Zeit", "Jahr", "Jahre", "Jahren", "Rolle")
"""Nouns of set phrases: nobody learns anything from filling them in."""


def analysed(text: str) -> Analysis | None:
    """Questions, word orders and gaps of one German sentence; None for a text that is no statement."""
    text = _INFINITIVE.sub(r", \1 ", text)
    tokens = tagged(text, "de")
    if not _is_statement(tokens):
        return None
    clauses = [clause for part in _parts(text) if (clause := parsed(part, tagged(part, "de")))]
    asked = [one for clause in clauses for one in questions(clause)]
    orders = [order for clause in clauses for order in _orders(clause)]
    topic, meaning = next((found for clause in clauses if (found := _definition(clause))[0]), ("", ""))
    return Analysis(_once(asked), _once(orders), _once(_gaps(text, tokens)), topic, meaning)


def _parts(text: str) -> Iterator[str]:
    """The main clause, and the second one of "Der Einzug erfolgt mit Tabs und entspricht acht Leerzeichen."."""
    text = re.sub(r" [(\[](?:[^()\[\]]|\(\w*\))*[)\]](?=[ .,])", "", text)
    text = re.split(r"(?<=[\w)])(?:[:;]| [–—-]) ", text)[0].rstrip(".") + "."
    if twice := _two_participles(text):
        yield from twice
        return
    tokens = tagged(text, "de")
    verbs = [place for place, token in enumerate(tokens) if token.tag in FINITE]
    joint = next((place for place in verbs[1:] if tokens[place - 1].text == "und"), None)
    before = tokens[: joint - 1] if joint else []
    if (
        not before
        or any(token.text == "," for token in before)
        or len([place for place in verbs if place < len(before)]) != 1
    ):
        yield text
        return
    first = f"{text[: before[-1].end]}."
    yield first
    clause = parsed(first, tagged(first, "de"))
    if clause and clause.front is subject_of(clause):
        yield f"{clause.front.text} {text[tokens[joint or 0].start :]}"


def _two_participles(text: str) -> list[str]:
    """For "X wurde 1944 zerstört und 1950 aufgebaut." as two statements."""
    tokens = tagged(text, "de")
    places = [place for place, token in enumerate(tokens) if token.tag == "VV(PP)"]
    verbs = [place for place, token in enumerate(tokens) if token.tag in FINITE]
    joint = next((place for place, token in enumerate(tokens) if token.text == "und" and place - 1 in places), 0)
    if len(places) != 2 or len(verbs) != 1 or not joint or places[1] != len(tokens) - 2 or "," in text:
        return []
    first = f"{text[: tokens[joint - 1].end]}."
    clause = parsed(first, tagged(first, "de"))
    if clause is None or subject_of(clause) is not clause.front or places[1] == joint + 1:
        return [first] if clause else []
    return [first, f"{clause.front.text} {clause.verb.text} {text[tokens[joint + 1].start :]}"]


def _once(items: Iterable[Item]) -> tuple[Item, ...]:
    return tuple(dict.fromkeys(items))


def subjectless(text: str) -> bool:
    """Whether an entry leaves out its subject, the term before it: "Enthält den Code"."""
    tokens = tagged(text, "de")
    return len(tokens) > 2 and tokens[0].tag in FINITE


def _is_statement(tokens: Sequence[Token]) -> bool:
    """A finite verb that is not the first word, and nothing before the first comma that only points backwards."""
    verbs = [place for place, token in enumerate(tokens) if token.tag in FINITE]
    comma = next((place for place, token in enumerate(tokens) if token.text == ","), len(tokens))
    pointing = any(token.tag == "PDS" for token in tokens[:comma])
    return bool(verbs) and verbs[0] > 0 and not pointing and tokens[0].tag != "PRELS"


def _orders(clause: Clause) -> Iterator[str]:
    clause = without_tail(clause)
    subject = subject_of(clause)
    if subject is None or clause.middle is None or clause.tail:
        return
    bracket = [token.text for token in clause.bracket]
    if subject is clause.front:
        movable = clause.middle[:1]
        alone = [phrase.kind for phrase in clause.middle].count("pp") == 1
        if alone and movable[0].kind == "pp" and len(clause.middle) + len(bracket) > 1:
            rest = [phrase.text for phrase in clause.middle[1:]]
            yield _sentence([movable[0].text, clause.verb.text, lowered(subject), *rest, *bracket])
    elif clause.front.kind == "pp" and len(subject.head.text) > 1:
        rest = [phrase.text for phrase in clause.middle if phrase is not subject and phrase.kind != "refl"]
        refl = [phrase.text for phrase in clause.middle if phrase.kind == "refl"]
        yield _sentence([subject.text, clause.verb.text, *refl, lowered(clause.front), *rest, *bracket])


def _definition(clause: Clause) -> tuple[str, str]:
    """("udev", "ein Dienst") for "udev ist ein Dienst."."""
    if clause.verb.text != "ist" or clause.bracket or not clause.middle or clause.front.kind != "np":
        return "", ""
    first = clause.middle[0]
    if first.kind != "np" or first.head.text not in ("ein", "eine") or subject_of(clause) is not clause.front:
        return "", ""
    return clause.front.text, (clause.rest + clause.tail).strip()


def _gaps(text: str, tokens: Sequence[Token]) -> Iterator[str]:
    """Numbers first, then names, then the longest nouns."""
    numbers = [token.text for token in tokens if token.tag == "CARD" and token.text[0].isdigit()]
    names = [token.text for token in tokens[1:] if token.tag in ("NE", "FM") and len(token.text) > 2]
    nouns = sorted((token.text for token in tokens if token.tag == "NN" and len(token.text) > 4), key=len, reverse=True)
    for word in [*numbers, *names, *nouns]:
        telling = word[0].isdigit() or (word[0].isupper() and word not in _EMPTY)
        if telling and len(re.findall(rf"(?<!\w){re.escape(word)}(?!\w)", text)) == 1:
            yield word


def _sentence(words: Sequence[str]) -> str:
    text = " ".join(word for word in words if word)
    return text[0].upper() + text[1:] + "."

"""What a German sentence gives: questions with answers, other word orders, gaps."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from academy.distillation.clauses import Analysis
from academy.distillation.germanclauses import FINITE, Clause, lowered, parsed
from academy.distillation.germanquestions import questions
from academy.distillation.germansubjects import subject_of
from academy.distillation.germanwords import ANAPHORS, CONNECTIVES, DEICTIC, TIES
from academy.distillation.tagging import Token, tagged

Item = TypeVar("Item")
_PARTICLES = re.compile(r"(?<=\w) (?:also|wiederum|zudem|jedoch|hingegen|allerdings|somit|folglich|nämlich|aber)(?= )")
"""Words that only tie a sentence to the one before it; questions are asked without them."""
_THAT_IS = re.compile(r"^(?:Das hei(?:ß|ss)t|D\. ?h\.|Das bedeutet),? (?!dass)")
_PERSONAL = ("er", "sie", "ihn", "ihm", "ihnen", "wir", "ich")
_EXAMPLE = re.compile(
    r"^Zum Beispiel|^(?:Der|Die|Das) \w+ste[nrs]? (?:ist|sind|war|waren|wird|werden)\b|"
    r"^In der Nähe\b|\b[Ii][mn] (?:\w+ )?Beispiele?n?\b|\b[Zz]um (?:einen|anderen)\b|\b[Ff]un [Ff]act"
)


def stands_alone(text: str) -> bool:
    """Whether a sentence can be understood without the ones before it."""
    words = re.findall(r"\w+", text)
    starts_well = text[0].isupper() or text[0].isdigit()
    if not words or not text.endswith(".") or not starts_well or _EXAMPLE.search(text):
        return False
    lower = [word.lower() for word in words]
    if lower[0] in CONNECTIVES or lower[0] in ANAPHORS or words[0] in ("Sie", "Ihr", "Ihre"):
        return False
    if any(word in DEICTIC for word in lower) or any(text.count(a) != text.count(b) for a, b in ("„“", "«»", "()")):
        return False
    return not any(word in ANAPHORS for word in lower[:4])


def freed(text: str) -> str:
    """The same statement without the word that ties it to the one before: "Deshalb wurde udev entwickelt."; else ""."""
    said = _THAT_IS.sub("", text)
    if said != text:
        return said[0].upper() + said[1:]
    if text.split()[0].lower() not in TIES:
        return ""
    clause = parsed(text, tagged(text, "de"))
    subject = subject_of(clause) if clause else None
    if clause is None or subject is None or clause.front.kind != "adv":
        return ""
    middle = clause.middle or ()
    refl = [phrase.text for phrase in middle if phrase.kind == "refl"]
    rest = [phrase.text for phrase in middle if phrase is not subject and phrase.kind != "refl"]
    bracket = [token.text for token in clause.bracket]
    whole = _sentence([subject.text, clause.verb.text, *refl, *rest, *bracket])
    return f"{whole[:-1]}{clause.tail}." if clause.tail else whole


def resolved(text: str, before: str) -> str:
    """The statement with its pronoun replaced by the subject of the sentence before; "" when that is not certain."""
    return ""


def analysed(text: str) -> Analysis | None:
    """Questions, word orders and gaps of one German sentence; None for a text that is no statement."""
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
    text = _PARTICLES.sub("", re.split(r"(?<=\w)[:;] ", text)[0].rstrip(".") + ".")
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
    pointing = any(token.tag == "PDS" or token.text in _PERSONAL for token in tokens[:comma])
    return bool(verbs) and verbs[0] > 0 and not pointing and tokens[0].tag != "PRELS"


def _orders(clause: Clause) -> Iterator[str]:
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
    if clause.verb.text not in ("ist", "war") or clause.bracket or not clause.middle or clause.front.kind != "np":
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
        if len(re.findall(rf"(?<!\w){re.escape(word)}(?!\w)", text)) == 1:
            yield word


def _sentence(words: Sequence[str]) -> str:
    text = " ".join(word for word in words if word)
    return text[0].upper() + text[1:] + "."

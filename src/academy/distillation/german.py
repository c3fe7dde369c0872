"""What a German sentence gives: questions with answers, other word orders, gaps."""

import re
from collections.abc import Iterator, Sequence

from academy.distillation.clauses import Analysis
from academy.distillation.germanclauses import FINITE, Clause, lowered, parsed
from academy.distillation.germanquestions import questions
from academy.distillation.germansubjects import subject_of
from academy.distillation.germanwords import ANAPHORS, CONNECTIVES, DEICTIC
from academy.distillation.tagging import Token, tagged


def stands_alone(text: str) -> bool:
    """Whether a sentence can be understood without the ones before it."""
    words = re.findall(r"\w+", text)
    if (
        not text.endswith(".")
        or text.startswith(("„", "»", "«", '"', "("))
        or not (text[0].isupper() or text[0].isdigit())
    ):
        return False
    lower = [word.lower() for word in words]
    first = lower[0]
    if first in CONNECTIVES or first in ANAPHORS or words[0] in ("Sie", "Ihr", "Ihre"):
        return False
    if any(word in DEICTIC for word in lower) or any(text.count(a) != text.count(b) for a, b in ("„“", "«»", "()")):
        return False
    return not any(word in ANAPHORS for word in lower[:4])


def analysed(text: str) -> Analysis | None:
    """Questions, word orders and gaps of one German sentence; None for a text without a finite verb of its own."""
    tokens = tagged(text, "de")
    if not any(token.tag in FINITE for token in tokens) or tokens[0].tag in ("PDS", "PRELS"):
        return None
    clause = parsed(text, tokens)
    gaps = tuple(dict.fromkeys(_gaps(text, tokens)))
    if clause is None:
        return Analysis(gaps=gaps)
    asked = list(dict.fromkeys(questions(clause)))
    topic, meaning = _definition(clause)
    return Analysis(tuple(asked), tuple(_orders(clause)), gaps, topic, meaning)


def _orders(clause: Clause) -> Iterator[str]:
    subject = subject_of(clause)
    if subject is None or clause.middle is None or clause.tail:
        return
    bracket = [token.text for token in clause.bracket]
    if subject is clause.front:
        movable = clause.middle[:1]
        if movable and movable[0].kind == "pp" and len(clause.middle) + len(bracket) > 1:
            rest = [phrase.text for phrase in clause.middle[1:]]
            yield _sentence([movable[0].text, clause.verb.text, lowered(subject), *rest, *bracket])
    elif clause.front.kind == "pp":
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
    return clause.front.text, clause.rest.strip()


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

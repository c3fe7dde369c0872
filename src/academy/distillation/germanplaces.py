"""Where, and with what: German phrases with a preposition that name a place or a means."""

from academy.distillation.germanclauses import Phrase
from academy.distillation.germansubjects import is_person, is_temporal
from academy.distillation.germanwords import NO_PLACE, PLACES

_ENDINGS = tuple(place for place in sorted(PLACES) if len(place) > 3)
_NAMES = ("NE", "FM", "XY")


def means_word(phrase: Phrase) -> str:
    """The question word for "mittels ..." and "durch ..." in front; "mit ..." tells as often a circumstance."""
    first = phrase.head.text.lower()
    if first == "mit" and phrase.tokens[1].tag == "CARD" and phrase.text.endswith(" Jahren"):
        return "In welchem Alter"
    timed = any(is_temporal(token.text) for token in phrase.tokens)
    if timed or is_person(phrase) or any(token.text.lower() in NO_PLACE for token in phrase.tokens):
        return ""
    return {"mittels": "Womit", "mithilfe": "Womit", "durch": "Wodurch"}.get(first, "")


def place_word(phrase: Phrase) -> str:
    """Where, for a place preposition and a noun that is a place; no direction such as "in die Stadt"."""
    words = [token.text.lower() for token in phrase.tokens]
    nouns = [token for token in phrase.tokens if token.tag in ("NN", *_NAMES)]
    if phrase.kind != "pp" or words[0] not in ("in", "im", "auf", "an", "am", "bei") or not nouns:
        return ""
    if len(words) > 1 and words[1] in ("die", "das", "den", "eine", "ein", "einen", "ihre", "seine", "seinen"):
        return ""
    if any(noun.text.lower() in NO_PLACE or is_temporal(noun.text) for noun in nouns):
        return ""
    if any(map(str.isdigit, phrase.text)):
        return ""
    return "Wo" if _is_place(phrase, nouns[0].text) else ""


def _is_place(phrase: Phrase, noun: str) -> bool:
    second = phrase.tokens[1]
    named = phrase.head.text.lower() == "in" and second.tag == "NE" and second.text[0].isupper()
    word = noun.rsplit("-", 1)[-1].lower()
    known = any(
        form in PLACES for form in (word, word.rstrip("s"), word.rstrip("n"), word.rstrip("e"), word.rstrip("en"))
    )
    return named or known or word.endswith(_ENDINGS)

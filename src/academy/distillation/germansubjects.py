"""Who does it, and when: the subject of a German clause, its number, persons and times."""

import re
from itertools import pairwise

from academy.distillation.germanclauses import NOMINAL, Clause, Phrase
from academy.distillation.germanwords import (
    DATIVE,
    HUMAN,
    HUMAN_PASSIVE,
    INTRANSITIVE,
    PERSONS,
    SINGULAR,
    TEMPORAL_ENDINGS,
    TEMPORAL_NOUNS,
    THING_ENDINGS,
    VOWEL_CHANGE,
)
from academy.distillation.tagging import Token

_YEAR = r"(?:1[0-9]|20)\d\d"
_MONTH = r"(?:Januar|Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November|Dezember)"
_CENTURY = r"\d\d?\. Jahrhunderts?(?: [vn]\. ?Chr\.)?"
_TIMES = (
    rf"(?:im Jahre? )?{_YEAR}(?: ?[/–-] ?\d\d+)?",
    rf"(?:am|vom) \d\d?\. (?:{_MONTH}|\d\d?\.)(?: {_YEAR})?",
    rf"im {_MONTH}(?: {_YEAR})?",
    rf"im {_CENTURY}|(?:zu )?(?:anfang|mitte|ende) des {_CENTURY}",
    r"in den (?:\d\d)?\d\der(?:n|-)?(?: Jahren)?",
    rf"(?:um|gegen|ab|vor|nach|bis) {_YEAR}",
)
_TIME = re.compile("|".join(f"(?:{time})$" for time in _TIMES), re.IGNORECASE)
_PERSON_ENDINGS = (
    *(
        "innen",
        "entwickler",
        "benutzer",
        "könig",
        "königin",
        "bauer",
        "bub",
        "schmied",
        "meister",
        "mann",
        "frau",
        "leute",
        "kaiser",
    ),
    *(
        "minister",
        "präsident",
        "präsidentin",
        "lehrer",
        "spieler",
        "forscher",
        "schaftler",
        "loge",
        "händler",
        "ritter",
    ),
    *("kommandant", "offizier", "direktor", "sekretär", "professor", "maler", "bischof", "chef", "leiter", "ingenieur"),
)
_SINCE = re.compile(
    rf"seit (?:dem |der )?(?:(?:Jahr|Anfang|Mitte|Ende|{_MONTH}|\d\d?\.) )*(?:{_YEAR}|Jahrhundert)$", re.I
)
_RANGE = re.compile(rf"(?:von|zwischen) {_YEAR} (?:bis|und) {_YEAR}$", re.IGNORECASE)


def subject_of(clause: Clause) -> Phrase | None:
    """The phrase in the nominative, if it is certain."""
    if clause.verb.lemma == "geben" and any(phrase.text.lower() == "es" for phrase in clause.middle or ()):
        return None
    if clause.front.kind == "np":
        return clause.front if _front_is_subject(clause) else None
    if clause.middle is None:
        return None
    bare = [phrase for phrase in clause.middle if phrase.kind == "np" and not time_word(phrase)]
    if not bare or (clause.middle[0] is not bare[0] and clause.middle[0].kind != "refl"):
        return None
    first = bare[0]
    alone = len(bare) == 1 and clause.verb.lemma in INTRANSITIVE
    clear = len(bare) == 1 or first.head.text == "der" or first.head.tag == "NE"
    certain = alone or (clear and not _may_be_two(first))
    oblique = first.head.text in ("den", "dem", "des", "einen", "einem", "eines", "einer")
    return first if certain and not oblique and _agrees(first, clause.verb) else None


def _front_is_subject(clause: Clause) -> bool:
    first = clause.front.head.text.lower()
    if first in ("den", "dem", "des", "einen", "einem", "eines", "einer", "keinen") or time_word(clause.front):
        return False
    if not _agrees(clause.front, clause.verb):
        return False
    if first in ("der", "man") or clause.verb.lemma == "sein" or clause.verb.lemma in DATIVE:
        return True
    following = clause.rest.split()[0].lower()
    if following in ("der", "er", "man", "wir", "ich", "es", "sie", "jeder"):
        return False
    if clause.middle is None:
        return clause.verb.lemma == "werden" and any(token.tag == "VV(PP)" for token in clause.bracket)
    bare = [phrase for phrase in clause.middle if phrase.kind == "np"]
    # "Die Firmware lädt das Programm": where forms leave it open, German readers take the first for the subject.
    return not bare or bare[0].head.tag != "NE"


def _may_be_two(phrase: Phrase) -> bool:
    """Whether a name follows a noun: "der Dienst udev" is one phrase, "verwendet der Kernel udev" has two."""
    tags = [token.tag for token in phrase.tokens]
    return any(tag == "NN" and after in ("NE", "FM", "XY", "NN") for tag, after in pairwise(tags))


def _agrees(phrase: Phrase, verb: Token) -> bool:
    """Singular goes with singular; joined phrases are plural."""
    plural_verb = is_plural(verb)
    first = phrase.head.text.lower()
    joined = any(token.text in ("und", "sowie") for token in phrase.tokens)
    if first in ("der", "das", "ein", "jeder", "jedes", "eine", "jede") and not joined:
        return not plural_verb
    if joined or first in ("alle", "viele", "mehrere", "einige", "beide", "zwei", "drei", "vier", "fünf", "zahlreiche"):
        return plural_verb
    return True


def is_plural(verb: Token) -> bool:
    return verb.text in ("sind", "tun") or bool(re.search(r"(?:en|ern|eln)$", verb.text))


def singular(verb: Token) -> str | None:
    """The third person singular, which "wer" and "was" need; None when it is not certain."""
    text = verb.text
    if not is_plural(verb):
        return text
    if text in SINGULAR:
        return SINGULAR[text]
    if text.endswith("ten") and verb.lemma and not verb.lemma.endswith("ten"):
        return text[:-1]
    if text != verb.lemma or verb.tag != "VV(FIN)" or any(text.endswith(strong) for strong in VOWEL_CHANGE):
        return None
    if re.search(r"(?:[^aeiouäöüh])[mn]en$|[dt]en$|e[lr]n$|igen$", text):
        return text[:-2] + "et" if re.search(r"[dt]en$", text) else None
    return text[:-2] + "t"


def is_person(phrase: Phrase) -> bool:
    nouns = [token for token in phrase.tokens if token.tag in ("NN", "NE", "NNA")]
    if not nouns:
        return False
    titled = nouns[0].tag == "NE" and len(nouns) > 1 and nouns[1].tag == "NN"
    word = nouns[titled].text.rsplit("-", 1)[-1].lower()
    forms = (word, *(word.removesuffix(ending) for ending in ("n", "en", "e", "s", "es")))
    return any(form in PERSONS for form in forms) or word.endswith((*_PERSON_ENDINGS, "knecht"))


def acts_as_person(clause: Clause) -> bool:
    """Whether the verb is one that only people do, in the active."""
    participle = next((token for token in clause.bracket if token.tag == "VV(PP)"), None)
    if participle and participle.text in HUMAN_PASSIVE:
        return True
    lemma = participle.lemma if participle else clause.verb.lemma
    particle = any(token.tag == "PTKVZ" for token in clause.bracket)
    return clause.verb.lemma != "werden" and lemma in HUMAN and not particle


def who(phrase: Phrase) -> str:
    if is_person(phrase):
        return "Wer"
    nouns = [token for token in phrase.tokens if token.tag in NOMINAL]
    first = phrase.head.text.lower()
    noun = nouns[0] if nouns else phrase.head
    thing = first == "das" or noun.text.lower().endswith(THING_ENDINGS) or not noun.text[0].isupper()
    if thing or noun.tag == "NN":
        return "Was"
    return "Wer oder was"


def is_temporal(noun: str) -> bool:
    """Whether a noun names a time, compounds included: Zwischenkriegszeit, Weltkrieg."""
    return noun.lower() in TEMPORAL_NOUNS or noun.lower().endswith(TEMPORAL_ENDINGS)


def time_word(phrase: Phrase) -> str:
    text = phrase.text
    if _TIME.match(text):
        first = text.split()[0].lower()
        return {"ab": "Ab wann", "bis": "Bis wann"}.get(first, "Wann")
    if _SINCE.match(text) and any(character.isdigit() for character in text):
        return "Seit wann"
    if _RANGE.match(text):
        return "In welchem Zeitraum"
    heads = ("vor", "nach", "während", "am", "im", "in")
    if phrase.kind == "pp" and phrase.head.text.lower() in heads and is_temporal(phrase.tokens[-1].text):
        return "Wann"
    return ""

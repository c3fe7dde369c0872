"""German questions by rule: whatever stands before the finite verb of a main clause can become a question word.

"Im Jahr 1871 wurde das Reich gegründet." -> "Wann wurde das Reich gegründet?" -> "im Jahr 1871". Times, places and
numbers inside the clause can be asked for too. What is not certain is left alone: wrong questions teach wrong reading.
"""

import random
import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

Pair = tuple[str, str]
LISTS: dict[str, Any] = yaml.safe_load(
    (Path(__file__).parent / "worlds" / "questions.yaml").read_text(encoding="utf-8")
)
VERBS = "|".join(sorted(set(LISTS["finite"]), key=len, reverse=True))
MAIN = re.compile(rf"^([A-ZÄÖÜ0-9][^,;:()\"„“]{{1,70}}?) ({VERBS}) ([^;:()\"„“]{{6,150}})\.$")
MONTH = "Januar|Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November|Dezember"
TIME = (
    rf"(?:[Ii]m Jahre? \d{{3,4}}|[Aa]m \d\d?\. (?:{MONTH})(?: \d{{4}})?|[Uu]m \d{{3,4}}"
    rf"|[Ii]m \d\d?\. Jahrhundert|[Ii]m (?:{MONTH})(?: \d{{4}})?)"
)
ERA = re.compile(r"(Im|In|Am|Zu) .*(Mittelalter|Jahrh|Antike|Zeit|Krieg|Nacht|Morgen|Abend|Tag|Sommer|Winter|Jahr)")
ALONE = re.compile(rf"^(?:{TIME}|\d{{4}}|Heute|Damals|Früher|Später|Bis \d{{4}}|Ab \d{{4}}|Nach .+|Vor .+|Während .+)$")
INSIDE = re.compile(rf" ({TIME}|(?<!\d )\d{{4}}(?! \w*(?:Meter|Kilo|Einw|Mensch|Euro|Quadrat)))(?= |$)")
PLACE = re.compile(r" ((?:in|bei|aus|nach) (?:der |dem )?[A-ZÄÖÜ][a-zäöüß]+(?:-[A-Z][a-zäöüß]+)?)(?= [a-zäöü]|$)")
PLACE_WORD = {"in": "Wo", "bei": "Wo", "aus": "Woher", "nach": "Wohin"}
NUMBER = re.compile(
    r"^((?:etwa |rund |ungefähr |über |fast )?"
    r"(?:\d[\d.]*|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|zwölf|hundert)(?: Millionen| Milliarden)?)"
    r" ([A-ZÄÖÜ][a-zäöüß]+(?:en|er|e|n|s))(\b.*)$"
)
PERSON = re.compile(rf"({'|'.join(LISTS['persons de'])})$", re.IGNORECASE)
DETERMINERS = ("Der", "Die", "Das", "Ein", "Eine", "Viele", "Einige", "Alle", "Manche")
PRONOUNS = frozenset(LISTS["pronouns"])
SMALL_SUBJECTS = frozenset(["er", "sie", "es", "man", "dies", "diese", "dieser", "dieses"])


@lru_cache(maxsize=1)
def small_words(work: str) -> frozenset[str]:
    """Words that also occur with a small first letter: such a word alone before the verb is an adverb, no subject."""
    text = (Path(work) / "text" / "de-wikipedia.txt").read_text(encoding="utf-8")[:40_000_000]
    counts = Counter(re.findall(r"(?<= )[a-zäöüß]+", text))
    return frozenset(word for word, count in counts.items() if count >= 3)


def low(text: str) -> str:
    """First letter small when the first word is a function word, as inside a sentence."""
    first = text.split(" ", 1)[0]
    functional = first in PRONOUNS or first.lower() in LISTS["prepositions"] or first in LISTS["function words"]
    return text[0].lower() + text[1:] if functional else text


def reword(question: str, rng: random.Random) -> str:
    """In half of the questions another word than the passage's: the first entry of the synonyms that occurs."""
    if rng.random() < 0.5:
        for word, others in LISTS["synonyms"].items():
            if re.search(rf"\b{word}\b", question):
                return re.sub(rf"\b{word}\b", rng.choice(others), question, count=1)
    return question


def time_word(front: str, rng: random.Random) -> str:
    """Wann, or In welchem Jahr where there is one."""
    return rng.choice(("Wann", "Wann", "In welchem Jahr" if re.search(r"\d{4}$", front) else "Zu welcher Zeit"))


def front_word(front: str, rng: random.Random) -> tuple[str, bool] | None:
    """(question word, whether it is the subject) for what stands before the verb; None when it is not certain."""
    first = front.split(" ", 1)[0]
    if ERA.match(front) or ALONE.match(front):
        return time_word(front, rng), False
    if first.lower() in LISTS["prepositions"]:
        return rng.choice(LISTS["prepositions"][first.lower()]), False
    if front in PRONOUNS or first in LISTS["uncertain"]:
        return None
    return subject_word(front.split(), rng)


def subject_word(words: list[str], rng: random.Random) -> tuple[str, bool] | None:
    """Wer or Was for a subject: a noun phrase with its article, or a proper name."""
    if words[0] in DETERMINERS and len(words) > 1:
        return ("Wer" if PERSON.search(words[-1]) and rng.random() < 0.7 else "Was"), True
    if (
        all(word[0].isupper() or word in ("von", "der", "und", "de", "van") for word in words)
        and words[0] not in PRONOUNS
    ):
        return ("Wer" if len(words) > 1 else rng.choice(("Wer", "Was"))), True
    return None


def questions(sentence: str, rng: random.Random, adverbs: frozenset[str]) -> Iterator[Pair]:
    """Question and answer pairs that one sentence supports."""
    found = MAIN.match(sentence)
    if not found:
        return
    front, verb, rest = found.groups()
    if " " not in front and front.lower() in adverbs:
        return
    asked = front_word(front, rng)
    if asked:
        finite = LISTS["singular"].get(verb, verb) if asked[1] else verb
        yield reword(f"{asked[0]} {finite} {rest}?", rng), low(front)
    subject = low(front)
    if (asked is None or asked[1]) and subject.split(" ", 1)[0] not in SMALL_SUBJECTS:
        yield from inside(subject, verb, rest, rng)


def inside(subject: str, verb: str, rest: str, rng: random.Random) -> Iterator[Pair]:
    """What stands after the verb: times, places, numbers, definitions."""
    if rest.startswith("sich "):
        verb, rest = verb + " sich", rest[5:]
    yield from taken_out(subject, verb, " " + rest, rng)
    number = NUMBER.match(rest)
    if number:
        count, noun, tail = number.groups()
        yield f"Wie viele {noun} {verb} {subject}{tail}?", count
    if verb in ("ist", "war") and re.match(r"(ein|eine|der|die|das) [\wäöüß]+", rest):
        yield definition(subject, verb, rng), rest.split(",")[0]


def taken_out(subject: str, verb: str, rest: str, rng: random.Random) -> Iterator[Pair]:
    """A time or a place is taken out of the clause and asked for."""
    for pattern in (INSIDE, PLACE):
        hit = pattern.search(rest)
        if hit is None or "," in rest[: hit.start()]:
            continue
        if pattern is PLACE and re.search(r"Mittelalter|Jahrhundert|Zeit|Mitte|Anfang|Ende|Beginn", hit.group(1)):
            continue
        left = (rest[: hit.start()] + rest[hit.end() :]).strip()
        word = time_word(hit.group(1), rng) if pattern is INSIDE else PLACE_WORD[hit.group(1).split()[0]]
        yield reword(f"{word} {verb} {subject} {left}".strip() + "?", rng), hit.group(1)


def definition(subject: str, verb: str, rng: random.Random) -> str:
    """Was ist X, or for names and bare nouns also other ways to ask it."""
    plain = f"Was {verb} {subject}?"
    if not subject[0].isupper():
        return plain
    other = f"Was versteht man unter {subject}?" if verb == "ist" else f"Worum handelt es sich bei {subject}?"
    return rng.choice((plain, plain, other))

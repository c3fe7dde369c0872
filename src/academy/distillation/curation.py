"""Whether an entry may teach: proven by its quotes, understood alone, in the right language, and not said twice.

The checks are plain and lenient where language is free: each looks for something that is certainly wrong, and names it.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from academy.distillation.parsing import Entry
from academy.languages import detect

NUMBER_MISSING = "number not in quote"
NAME_MISSING = "name not in quote"
NEGATION_MISSING = "negation not in quote"
ANSWER_IN_QUESTION = "answer in question"
NOT_ALONE = "does not stand alone"
WRONG_LANGUAGE = "wrong language"
NEAR_DUPLICATE = "near duplicate"
BAD_GAP = "gap is not right"
ANSWERED = "passage holds what should be missing"
TOO_LONG = "answer too long"
STEPS = (
    "schema", "unknown fact", "quote not found", NUMBER_MISSING, NAME_MISSING, NEGATION_MISSING, TOO_LONG, BAD_GAP,
    ANSWERED, ANSWER_IN_QUESTION, NOT_ALONE, WRONG_LANGUAGE, NEAR_DUPLICATE, "duplicate",
)  # fmt: skip
"""Every reason for which an entry is refused, in the order in which they are looked at."""
LONGEST_SHORT = 20
"""Words of a short answer; twelve are asked for."""
ENOUGH_WORDS = 8
"""Shorter texts do not show their language surely."""
NEAR = 0.85
GRAM = 4
_NUMBER = re.compile(r"\d+(?:[.,\s]\d{3})*(?:[.,]\d+)?")
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_NEGATION = re.compile(
    r"\b(?:nicht|nichts|nie|niemals|niemand|kein\w*|ohne|weder|nirgends|un(?!ter|gefähr|s|d)\w{4,}|miss\w+"
    r"|not|no|never|none|nobody|nothing|neither|nor|without|cannot|\w+n['’]t|fail\w*|lack\w*|fehl\w*|ausser|außer"
    r"|verbiet\w*|verbot\w*|refus\w*|impossible|in(?:valid|capable|active|visible)|\w+los\w{0,2}|\w+less|kaum|hardly|statt|instead|only|nur|erst)\b",
    re.IGNORECASE,
)
"""Generous on the side of quotes: "unmöglich", "fehlt" and "only" justify a "nicht" or "not" in the answer."""
_PLAIN_NEGATION = re.compile(
    r"\b(?:nicht|nie|niemals|niemand|kein(?:e|en|em|er|es)?|weder|not|never|nobody|neither|cannot|\w+n['’]t)\b",
    re.IGNORECASE,
)
_POINTS = re.compile(
    r"\b(?:(?:dies\w+|de[rmns]|im|obige\w*|folgende\w*|vorliegende\w*) "
    r"(?:Text|Abschnitt|Absatz|Auszug|Passage|Textstelle)\w*"
    r"|laut (?:Text|Abschnitt|Auszug)|oben genannt\w*|siehe oben"
    r"|(?:th(?:is|e)|above|following|given) (?:text|passage|paragraph|excerpt|section)"
    r"|mentioned above|as described above)\b",
    re.IGNORECASE,
)
_LEADS = re.compile(
    r"(?:Er|Sie|Es|Dies|Diese[rsmn]?|Dieser|Jene[rsmn]?|Dort|Dabei|Dadurch|Damit|Deshalb|Daher|It|He|She|They|This|These|"
    r"Those|There it|Therefore|Here)\s(?!ist es\b|gibt\b|gab\b|is (?:said|possible|important)\b|are\b)"
)
_WORDS_OF_NUMBERS = (
    "null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf",
    "zero one two three four five six seven eight nine ten eleven twelve",
)
_SPELLED: Mapping[str, str] = {
    **{word: str(value) for words in _WORDS_OF_NUMBERS for value, word in enumerate(words.split())},
    "ein": "1",
    "eine": "1",
    "einen": "1",
    "einem": "1",
    "einer": "1",
    "a": "1",
    "an": "1",
    "beide": "2",
    "beiden": "2",
    "both": "2",
    "hundert": "100",
    "hundred": "100",
    "tausend": "1000",
    "thousand": "1000",
    "dutzend": "12",
}


@dataclass(frozen=True, slots=True)
class Ground:
    """What an entry is measured by: the quotes of its facts, the headings above them, the passage, the language."""

    quotes: Sequence[str]
    headings: Sequence[str]
    passage: str
    language: str

    @property
    def proof(self) -> str:
        """Where numbers, names and negations may come from."""
        return "\n".join([*self.quotes, *self.headings])


def refusal_of(entry: Entry, ground: Ground) -> tuple[str, str] | None:
    """Why an entry may not teach, as (reason, detail); None when nothing speaks against it."""
    for check in _CHECKS:
        if found := check(entry, ground):
            return found
    return None


def _unproven(entry: Entry, ground: Ground) -> tuple[str, str] | None:
    if not ground.quotes:
        return None
    for name in entry.kind.proof:
        text = entry.text(name)
        if absent := sorted(numbers(text) - numbers(ground.proof)):
            return NUMBER_MISSING, f"{', '.join(absent)}: {text}"
        if absent := missing_names(text, ground.proof):
            return NAME_MISSING, f"{', '.join(absent)}: {text}"
        if _negation_differs(text, ground.quotes, whole=name == entry.kind.sentence):
            return NEGATION_MISSING, f"{text} | {' '.join(ground.quotes)}"
    return None


def numbers(text: str) -> set[str]:
    """The numbers of a text, digits and small words alike, without separators of thousands; 1 may be an article."""
    found = set()
    for match in _NUMBER.findall(text):
        plain = re.sub(r"[.,\s](?=\d{3}(?!\d))", "", match).replace(",", ".")
        found.add(plain.rstrip("."))
    lower = {word.lower() for word in _WORD.findall(text)}
    return (found | {_SPELLED[word] for word in lower if word in _SPELLED}) - {"1"}


def missing_names(text: str, proof: str) -> list[str]:
    """Names that the proof does not hold: words with digits or capitals inside, and capitalised ones in English."""
    have = proof.casefold()
    german = detect(text) == "de"
    absent = []
    for match in _WORD.finditer(text):
        word = match.group()
        inner = any(character.isupper() for character in word[1:]) and not word.isdigit()
        first = match.start() == 0 or text[: match.start()].rstrip()[-1:] in ".!?:"
        english = not german and word[0].isupper() and not first and len(word) > 1
        if (inner or english) and _stem(word) not in have:
            absent.append(word)
    return absent


def _stem(word: str) -> str:
    """A word without what inflection may change: Müllers, Müller."""
    plain = re.sub(r"['’]s?$", "", word).casefold()
    return plain[:-1] if len(plain) > 4 else plain


def _negation_differs(text: str, quotes: Sequence[str], whole: bool) -> bool:
    said = " ".join(quotes)
    if _PLAIN_NEGATION.search(text) and not _NEGATION.search(said):
        return True
    short = len(said.split()) <= len(text.split()) * 1.5 and not re.search(r"[,;:]", said)
    return bool(whole and short and _PLAIN_NEGATION.search(said) and not _NEGATION.search(text))


def _long(entry: Entry, ground: Ground) -> tuple[str, str] | None:
    short = entry.text("short")
    return (TOO_LONG, short) if len(short.split()) > LONGEST_SHORT else None


def _gap(entry: Entry, ground: Ground) -> tuple[str, str] | None:
    if not entry.kind.gap:
        return None
    text, answer = entry.text(entry.kind.gap["text"]), entry.text(entry.kind.gap["answer"])
    gaps = re.findall(r"_{2,}", text)
    return (BAD_GAP, f"{text} | {answer}") if len(gaps) != 1 or "_" in answer else None


def _answered(entry: Entry, ground: Ground) -> tuple[str, str] | None:
    """A recorded search that failed is what an unanswerable question rests on."""
    if not entry.kind.search:
        return None
    missing = entry.text(entry.kind.search)
    wanted = [_stem(word) for word in _WORD.findall(missing)]
    have = ground.passage.casefold()
    return (ANSWERED, f"{missing}: {entry.text('question')}") if all(word in have for word in wanted) else None


def _given_away(entry: Entry, ground: Ground) -> tuple[str, str] | None:
    for lesson in entry.kind.lessons:
        question, answer = entry.text(lesson.ask), entry.text(lesson.answer)
        if lesson.ask and answer and not lesson.full and _holds(question, answer):
            return ANSWER_IN_QUESTION, f"{question} | {answer}"
    return None


def _holds(question: str, answer: str) -> bool:
    asked, said = f" {plain(question)} ", plain(answer)
    return bool(said) and f" {said} " in asked


def _alone(entry: Entry, ground: Ground) -> tuple[str, str] | None:
    texts = [entry.text(name) for name in (entry.kind.sentence, "question", "reverse_question") if name]
    for text in texts:
        if text and (_POINTS.search(text) or _LEADS.match(text)):
            return NOT_ALONE, text
    return None


def _language(entry: Entry, ground: Ground) -> tuple[str, str] | None:
    texts = [value for value in entry.values.values() if isinstance(value, str)]
    text = " ".join(texts)
    enough = len(text.split()) >= ENOUGH_WORDS
    return (WRONG_LANGUAGE, text) if enough and detect(text) != ground.language else None


_CHECKS: tuple[Callable[[Entry, Ground], tuple[str, str] | None], ...] = (
    _unproven, _long, _gap, _answered, _given_away, _alone, _language,
)  # fmt: skip


class Repeats:
    """Finds entries that say, nearly letter by letter, what an earlier one of the same kind said."""

    def __init__(self) -> None:
        self._seen: dict[str, list[tuple[frozenset[str], frozenset[str], str]]] = {}

    def find(self, kind: str, text: str) -> str | None:
        """The earlier text that this one repeats; else None, and it is remembered. Other numbers are another text."""
        grams, figures = shingles(text), frozenset(numbers(text))
        earlier = self._seen.setdefault(kind, [])
        for other, other_figures, said in earlier:
            if figures == other_figures and similarity(grams, other) >= NEAR:
                return said
        earlier.append((grams, figures, text))
        return None


def shingles(text: str) -> frozenset[str]:
    """Groups of neighbouring characters."""
    flat = plain(text)
    return frozenset(flat[start : start + GRAM] for start in range(max(1, len(flat) - GRAM + 1)))


def similarity(first: frozenset[str], second: frozenset[str]) -> float:
    """Jaccard similarity: 1 for the same shingles, 0 for none in common."""
    return len(first & second) / (len(first | second) or 1)


def plain(text: str) -> str:
    """Words in small letters, one blank between them."""
    return " ".join(_WORD.findall(text.casefold()))


def summed(reasons: Iterable[str]) -> dict[str, int]:
    """How often each step refused something, in the order of the steps; unknown reasons last."""
    counted: dict[str, int] = {}
    for reason in reasons:
        counted[reason] = counted.get(reason, 0) + 1
    order = [step for step in STEPS if step in counted]
    return {reason: counted[reason] for reason in [*order, *sorted(set(counted) - set(order))]}

"""A teacher that needs no language model: grammar, word lists and templates."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, zip_longest
from pathlib import Path
from typing import Any

import yaml

from academy.config import DistilConfig
from academy.distillation import english, german
from academy.distillation.clauses import Analysis, Asked
from academy.distillation.drafts import Draft, Sketch, Teaching, full_sentence, question, running_text
from academy.distillation.sentences import Unit, flat, is_prose, units
from academy.records import Chunk, content_hash

NAME = "offline/1"
FILE = Path(__file__).parent / "wordings.yaml"
MAX_ANSWER_WORDS = 8
MAX_EXPLANATION_WORDS = 14
GAPS = 2
"""Gaps per sentence: more of them only repeat the sentence."""
_LONG_FORM = re.compile(r"((?:[A-ZÄÖÜ][\w-]*\s){1,4}[A-ZÄÖÜ][\w-]*)\s\(([A-ZÄÖÜ][A-ZÄÖÜa-z0-9]{1,7})\)")
_ARTICLE = re.compile(r"^(?:Der|Die|Das|Ein|Eine|The|A|An) ")
_LIST_POINTER = re.compile(r"\b(?:[Ff]olgende[nrs]?|[Dd]ie folgenden|following) ?")
_SHORT_FORM = re.compile(r"\b([A-ZÄÖÜ]{2,7})\s\(((?:[A-Za-zÄÖÜäöü][\w-]*\s){1,5}[A-Za-zÄÖÜäöü][\w-]*)\)")


@dataclass(frozen=True, slots=True)
class Grammar:
    """What a language offers."""

    stands_alone: Callable[[str], bool]
    freed: Callable[[str], str]
    subjectless: Callable[[str], bool]
    analysed: Callable[[str], Analysis | None]


GRAMMARS: dict[str, Grammar] = {
    "de": Grammar(german.stands_alone, german.freed, german.subjectless, german.analysed),
    "en": Grammar(english.stands_alone, english.freed, english.subjectless, english.analysed),
}


def offline(chunk: Chunk, language: str, config: DistilConfig) -> Teaching:
    """Facts and lessons by rules; the same passage always gives the same lessons."""
    return Teaching(NAME, rules_hash(), _drafts(chunk, language))


@lru_cache(maxsize=1)
def rules_hash() -> str:
    """Changes when the wordings change."""
    return content_hash([NAME, FILE.read_text(encoding="utf-8")])


@lru_cache(maxsize=1)
def _wordings() -> Mapping[str, Mapping[str, Any]]:
    loaded: Mapping[str, Mapping[str, Any]] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return loaded


def _drafts(chunk: Chunk, language: str) -> Iterator[Draft]:
    writer = _Writer(chunk, language)
    for unit in units(chunk.text):
        if unit.kind == "list":
            yield from writer.listing(unit)
        elif unit.kind == "term":
            yield from writer.term(unit)
        elif text := _alone(unit.text, GRAMMARS[language]):
            yield from writer.sentence(unit, text)
        if unit.kind == "sentence" and unit.text.endswith("."):
            yield from writer.abbreviations(unit)


def _alone(text: str, grammar: Grammar) -> str:
    """The sentence as it can stand alone; "" when it cannot."""
    candidates = (grammar.freed(text), text)
    return next((one for one in candidates if one and grammar.stands_alone(one)), "")


class _Writer:
    """Writes the lessons of one chunk."""

    def __init__(self, chunk: Chunk, language: str) -> None:
        self._language = language
        self._grammar = GRAMMARS[language]
        self._frames = _wordings()[language]
        self._title = chunk.headings[0] if chunk.headings else ""
        self._heading = chunk.headings[-1] if len(chunk.headings) > 1 else ""

    def sentence(self, unit: Unit, text: str) -> Iterator[Draft]:
        """A sentence that stands alone."""
        found = self._grammar.analysed(text)
        if found is None:
            return
        asked = [one for one in found.asked if len(one.answer.split()) <= MAX_ANSWER_WORDS]
        lessons = chain(
            [running_text("statement", order) for order in [text, *found.orders]],
            self._of_heading(text),
            _in_turn([self._questions(one) for one in asked]),
            self._defined(found),
            self._sentences(found.asked, text),
            self._gapped(text, found.gaps),
            (self._exam(one) for one in asked),
        )
        yield Draft(text, (unit.quote,), tuple(lessons))

    def term(self, unit: Unit) -> Iterator[Draft]:
        """An entry of a list of terms, "udev: Dienst, der ..."."""
        meaning = unit.text.rstrip(".")
        short = len(meaning.split()) <= MAX_EXPLANATION_WORDS
        if len(meaning.split()) < 2 or not is_prose(f"{unit.term}: xx {unit.text}") or unit.text.endswith((":", "?")):
            return
        whole = f"{unit.term}: {unit.text}"
        lessons: list[Sketch] = [running_text("statement", whole)]
        if short:
            lessons += self._all("term", "term", meaning, X=unit.term)
            if unit.term.lower() not in meaning.lower():
                lessons += self._all("term_of", "term", unit.term, M=meaning)
                lessons += self._all("exam_term_of", "exam", unit.term, M=meaning)
        else:
            lessons += [full_sentence(ask, whole, self._language) for ask in self._filled("term", X=unit.term)]
        yield Draft(whole, (unit.quote,), tuple(lessons))
        if self._grammar.subjectless(unit.text):
            yield from self.sentence(unit, f"{unit.term} {_small(unit.text)}")
        elif self._grammar.stands_alone(unit.text):
            yield from self.sentence(unit, unit.text)

    def listing(self, unit: Unit) -> Iterator[Draft]:
        """A list behind a sentence that introduces it."""
        answer = "; ".join(unit.items)
        if len(answer.split()) > 3 * MAX_EXPLANATION_WORDS or not is_prose(f"{unit.text} x x x"):
            return
        lead = unit.text.rstrip(":")
        if (
            not self._grammar.stands_alone(_LIST_POINTER.sub("", lead) + ".")
            or len(lead.split()) > MAX_EXPLANATION_WORDS
        ):
            return
        lessons = [running_text("statement", f"{lead}: {answer}.")]
        lessons += self._all("list", "list", answer, L=f"{lead}.")
        lessons += self._all("exam_list", "exam", answer, L=f"{lead}:")
        yield Draft(f"{lead}: {answer}.", (unit.quote,), tuple(lessons))

    def abbreviations(self, unit: Unit) -> Iterator[Draft]:
        """What short forms stand for: "Master Boot Record (MBR)", "MBR (Master Boot Record)" and the like."""
        pairs = [(short, long) for long, short in _LONG_FORM.findall(unit.text)] + _SHORT_FORM.findall(unit.text)
        for short, long in pairs:
            form = _spelled(short, long)
            if not form:
                continue
            text = self._frames["expands"].format(X=short, M=form)
            lessons = [running_text("statement", text)]
            lessons += self._all("expansion", "abbreviation", form, X=short)
            lessons += self._all("abbreviation", "abbreviation", short, X=form)
            lessons += self._all("exam_expansion", "exam", form, X=short)
            lessons += self._all("exam_abbreviation", "exam", short, X=form)
            yield Draft(text, (unit.quote,), tuple(lessons))

    def _questions(self, one: Asked) -> Iterator[Sketch]:
        """One thing asked in all ways, direct and indirect in turn."""
        values = self._values(one)
        direct = self._filled("direct", **values)
        indirect = self._filled("indirect", **values) if one.indirect else []
        for pair in zip_longest(direct, indirect):
            yield from (question("question", ask, one.answer, self._language) for ask in pair if ask)

    def _exam(self, one: Asked) -> Sketch:
        """The same asked in frames and words that training never uses."""
        word = self._frames["words"].get(one.word)
        frame = "exam_direct" if word else "exam_indirect" if one.indirect else "exam_other"
        other = Asked(word or one.word, self._reworded(one.direct), self._reworded(one.indirect), one.answer)
        return question("exam", self._frames[frame].format(**self._values(other)), one.answer, self._language)

    def _reworded(self, text: str) -> str:
        verbs: Mapping[str, str] = self._frames["verbs"]
        return " ".join(verbs.get(word, word) for word in text.split())

    def _sentences(self, asked: Sequence[Asked], text: str) -> Iterator[Sketch]:
        for one in asked[:2]:
            yield full_sentence(self._filled("direct", **self._values(one))[0], text, self._language)

    def _gapped(self, text: str, gaps: Sequence[str]) -> Iterator[Sketch]:
        frames = self._frames["cloze"]
        for number, gap in enumerate(gaps[:GAPS]):
            shown = re.sub(rf"(?<!\w){re.escape(gap)}(?!\w)", "___", text, count=1)
            yield question("cloze", frames[number % len(frames)].format(G=shown), gap, self._language)

    def _defined(self, found: Analysis) -> Iterator[Sketch]:
        if not found.topic or not 2 <= len(found.meaning.split()) <= MAX_EXPLANATION_WORDS:
            return
        topic = _ARTICLE.sub("", found.topic)
        yield from self._all("definition", "definition", found.meaning, X=topic)
        yield from self._all("exam_definition", "exam", found.meaning, X=topic)

    def _of_heading(self, text: str) -> Iterator[Sketch]:
        """The first sentence under a heading tells what the section is about."""
        if self._heading:
            title = re.sub(r"^[\d.]+\s+", "", self._heading)
            asks = self._filled("heading", X=title)
            self._heading = ""
            yield from (full_sentence(ask, text, self._language, "heading") for ask in asks)

    def _all(self, frames: str, kind: str, answer: str, **values: str) -> list[Sketch]:
        return [question(kind, ask, answer, self._language) for ask in self._filled(frames, **values)]

    def _filled(self, frames: str, **values: str) -> list[str]:
        """Every frame of a table filled in; frames that name the document are left out when it has no name."""
        usable = [frame for frame in self._frames[frames] if self._title or "{T}" not in frame]
        return [frame.format(T=self._title, **values) for frame in usable]

    def _values(self, one: Asked) -> dict[str, str]:
        return {"W": one.word, "w": _small(one.word), "D": one.direct, "I": one.indirect}


def _in_turn(groups: Sequence[Iterator[Sketch]]) -> Iterator[Sketch]:
    """One of each, then the second of each: all things asked come before a second wording of the first."""
    return (sketch for turn in zip_longest(*groups) for sketch in turn if sketch is not None)


def _spelled(short: str, long: str) -> str:
    """The last words of ``long`` whose initials are ``short``; "" when they are not."""
    words = flat(long).split()
    letters = [part[0].lower() for word in words for part in word.split("-") if part]
    for first in range(len(words)):
        initials = [part[0].lower() for word in words[first:] for part in word.split("-") if part]
        if "".join(initials) == short.lower().rstrip("s") and letters:
            return " ".join(words[first:])
    return ""


def _small(word: str) -> str:
    return word[0].lower() + word[1:]

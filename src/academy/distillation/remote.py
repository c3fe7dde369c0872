"""The teacher that is a language model: asked through prompts, its answers proven entry by entry."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from academy.config import DistilConfig
from academy.distillation.curation import Ground, Repeats, refusal_of
from academy.distillation.drafts import (
    Draft,
    Extra,
    Refused,
    Sketch,
    Teacher,
    Teaching,
    as_fact,
    asked_in_exam,
    full_sentence,
    question,
    running_text,
)
from academy.distillation.parsing import Entry, Parsed, parse
from academy.distillation.prompts import FACT, Prompts, Request, Taught, load_prompts
from academy.distillation.proof import find_quote
from academy.errors import ContentRefusedError, ContextTooLongError
from academy.models.answering import refusal
from academy.models.api_cache import Reply
from academy.records import Chunk, Message
from academy.sentences import sentences

SMALLEST = 120
"""Characters below which a passage that is too long for the model is not halved again."""
RAW = 400
"""Characters of an answer that a rejection repeats."""


class Writer(Protocol):
    """A language model that answers a conversation; answers that were paid for come from the cache.

    Attributes:
        name: stands in every lesson.
    """

    @property
    def name(self) -> str: ...

    def complete(
        self, messages: Sequence[Message], schema: Mapping[str, Any] | None = None, attempt: int = 0
    ) -> Reply: ...


@dataclass(slots=True)
class _Sheet:
    """What one passage brought so far."""

    facts: dict[int, tuple[str, tuple[str, ...]]]
    lessons: dict[int, list[Sketch]]
    extras: list[tuple[tuple[int, ...], Sketch, str]]
    refused: list[Refused]
    repeats: Repeats


def remote(writer: Writer) -> Teacher:
    """A teacher that asks ``writer``.

    Its errors are the writer's: what concerns one passage becomes a refusal, everything else is raised.
    """

    def teach(chunk: Chunk, language: str, config: DistilConfig) -> Teaching:
        prompts = load_prompts(config.kinds)
        desk = _Interview(writer, prompts, language, config)
        return Teaching(writer.name, prompts.fingerprint, *desk.teaching(chunk))

    return teach


class _Interview:
    """Asks about one passage and judges what comes back."""

    def __init__(self, writer: Writer, prompts: Prompts, language: str, config: DistilConfig) -> None:
        self._writer = writer
        self._prompts = prompts
        self._language = language
        self._config = config

    def teaching(self, chunk: Chunk) -> tuple[list[Draft], list[Refused], list[Extra]]:
        """Drafts, refused entries, and lessons that no single fact carries."""
        try:
            sheet = self._sheet(chunk)
        except ContentRefusedError as error:
            return [], [Refused("refused by the teacher", error.message)], []
        except ContextTooLongError as error:
            halves = _halves(chunk)
            if not halves:
                return [], [Refused("too long for the teacher", error.message)], []
            return _joined([self.teaching(half) for half in halves])
        order = {number: place for place, number in enumerate(sheet.facts)}
        drafts = [Draft(text, quotes, sheet.lessons[number]) for number, (text, quotes) in sheet.facts.items()]
        extras = [Extra(sketch, tuple(order[one] for one in of), verdict) for of, sketch, verdict in sheet.extras]
        return drafts, sheet.refused, extras

    def _sheet(self, chunk: Chunk) -> _Sheet:
        sheet = _Sheet({}, {}, [], [], Repeats())
        request = self._prompts.teach(chunk, self._language, self._config.items)
        entries = self._asked(request, sheet)
        for entry in entries:
            if entry.kind.kind == FACT:
                self._fact(entry, chunk, sheet)
        for entry in entries:
            if entry.kind.kind != FACT:
                self._lesson(entry, chunk, sheet)
        examined = {
            number: text
            for number, (text, quotes) in sheet.facts.items()
            if asked_in_exam(as_fact(chunk, text, quotes), self._config.exam_share)
        }
        if examined and self._prompts.of("exam"):
            for entry in self._asked(self._prompts.exam(chunk, self._language, examined), sheet):
                self._lesson(entry, chunk, sheet)
        return sheet

    def _asked(self, request: Request, sheet: _Sheet) -> Sequence[Entry]:
        """The entries of an answer; one that cannot be used is shown to the model once, with what is wrong."""
        parsed, reply = self._answer(request)
        if parsed.problem:
            again = self._prompts.again(request, reply.text[: 4 * RAW], parsed.problem, self._language)
            second, reply = self._answer(again)
            parsed = second if len(second.entries) >= len(parsed.entries) else parsed
        if parsed.problem and not parsed.entries:
            sheet.refused.append(Refused("schema", f"{parsed.problem}: {reply.text[:RAW]}"))
        sheet.refused += [Refused("schema", wrong) for wrong in parsed.wrong]
        return parsed.entries

    def _answer(self, request: Request) -> tuple[Parsed, Reply]:
        reply = self._writer.complete(request.messages, request.schema)
        return parse(reply.text, request.kinds, complete=reply.finish != "length"), reply

    def _fact(self, entry: Entry, chunk: Chunk, sheet: _Sheet) -> None:
        quote, text = entry.text("quote"), entry.text("text")
        span = find_quote(quote, chunk.text)
        if span is None:
            sheet.refused.append(Refused("quote not found", quote))
            return
        quotes = (chunk.text[span[0] : span[1]],)
        if self._refused(entry, self._ground(chunk, quotes), sheet, text):
            return
        number = int(entry.values["id"])
        if number in sheet.facts:
            sheet.refused.append(Refused("schema", f"two facts with the number {number}: {text}"))
            return
        sheet.facts[number] = (text, quotes)
        sheet.lessons[number] = [running_text("statement", text)]

    def _lesson(self, entry: Entry, chunk: Chunk, sheet: _Sheet) -> None:
        numbers = _numbers(entry)
        known = [number for number in numbers if number in sheet.facts]
        if numbers and not known:
            sheet.refused.append(Refused("unknown fact", f"{entry.kind.kind}: {_shown(entry)}"))
            return
        quotes = tuple(dict.fromkeys(quote for number in known for quote in sheet.facts[number][1]))
        if self._refused(entry, self._ground(chunk, quotes), sheet, _shown(entry)):
            return
        sketches = list(self._sketches(entry))
        if len(known) == 1:
            sheet.lessons[known[0]] += sketches
        else:
            verdict = f"searched in the passage and not found: {entry.text(entry.kind.search)}"
            sheet.extras += [(tuple(known), sketch, "proven" if known else verdict) for sketch in sketches]

    def _refused(self, entry: Entry, ground: Ground, sheet: _Sheet, text: str) -> bool:
        found = refusal_of(entry, ground)
        if not found and (earlier := sheet.repeats.find(entry.kind.kind, text)):
            found = ("near duplicate", f"{text} = {earlier}")
        if found:
            sheet.refused.append(Refused(*found))
        return found is not None

    def _ground(self, chunk: Chunk, quotes: Sequence[str]) -> Ground:
        return Ground(quotes, chunk.headings, chunk.text, self._language)

    def _sketches(self, entry: Entry) -> Iterator[Sketch]:
        for lesson in entry.kind.lessons:
            if sketch := self._sketch(entry, lesson):
                yield sketch

    def _sketch(self, entry: Entry, lesson: Taught) -> Sketch | None:
        if lesson.text:
            return running_text(lesson.kind, entry.text(lesson.text))
        asked = entry.text(lesson.ask)
        answer = refusal(self._language) if lesson.refusal else entry.text(lesson.answer)
        if not asked or not answer:
            return None
        if lesson.full:
            return full_sentence(asked, answer, self._language, lesson.kind)
        return question(lesson.kind, asked, answer, self._language)


def _numbers(entry: Entry) -> list[int]:
    found = entry.values.get("facts", entry.values.get("fact"))
    return list(found) if isinstance(found, list) else [found] if isinstance(found, int) else []


def _shown(entry: Entry) -> str:
    return " | ".join(value for value in entry.values.values() if isinstance(value, str) and value)


def _halves(chunk: Chunk) -> list[Chunk]:
    """The passage cut at the end of a sentence near its middle; none when it is too short or has but one sentence."""
    ends = [end for _start, end in sentences(chunk.text)][:-1]
    if len(chunk.text) < SMALLEST or not ends:
        return []
    middle = min(ends, key=lambda end: abs(end - len(chunk.text) // 2))
    texts = (chunk.text[:middle], chunk.text[middle:].lstrip())
    # The halves exist for the teacher alone: quotes are looked for in the whole passage afterwards.
    return [chunk.model_copy(update={"text": text}) for text in texts]


def _joined(
    parts: Sequence[tuple[list[Draft], list[Refused], list[Extra]]],
) -> tuple[list[Draft], list[Refused], list[Extra]]:
    drafts: list[Draft] = []
    refused: list[Refused] = []
    extras: list[Extra] = []
    for more, wrong, others in parts:
        extras += [replace(one, of=tuple(place + len(drafts) for place in one.of)) for one in others]
        drafts += more
        refused += wrong
    return drafts, refused, extras

"""Stage 3: what a passage says, as facts, and lessons that teach them, each proven by its quote."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

from academy.config import DistilConfig, nearest
from academy.distillation.absent import absent
from academy.distillation.drafts import EXAM, Draft, Extra, Teacher, Teaching, as_fact, asked_in_exam
from academy.distillation.frames import Frames
from academy.distillation.offline import offline
from academy.distillation.proof import find_quote
from academy.distillation.scripted import scripted
from academy.errors import ConfigError
from academy.languages import detect
from academy.messages import _
from academy.models.answering import closed_book_messages, refusal
from academy.records import Chunk, Document, Fact, Lesson, Message, MessagesBody, Rejection, TextBody, content_hash

__all__ = ["TEACHERS", "distil", "scripted"]

STAGE = "distil"
TEACHERS: dict[str, Teacher] = {"offline": offline}


def distil(
    chunk: Chunk,
    config: DistilConfig,
    teachers: Mapping[str, Teacher] = TEACHERS,
    documents: Callable[[str], Document | None] | None = None,
) -> Iterator[Fact | Lesson | Rejection]:
    """Stage 3 of 6: chunks -> lessons.

    One chunk at a time: its facts, each followed by the lessons that teach it, then questions that its document does
    not answer, then the passage itself. A fact whose
    quote does not stand in the chunk, a repeated lesson, and a chunk without facts become Rejections.

    Args:
        chunk: the passage to teach.
        config: who teaches, and how much.
        teachers: name -> teacher.
        documents: id -> document, searched to prove that a question has no answer; without it there are none.

    Raises:
        ConfigError: there is no such teacher.
    """
    teaching = _teacher(teacher_of(chunk, config), teachers)(chunk, detect(chunk.text), config)
    desk = _Desk(chunk, config, teaching)
    for draft in teaching.drafts:
        yield from desk.check(draft)
    yield from desk.others()
    if not desk.facts:
        yield Rejection(stage=STAGE, item_id=chunk.id, reason="no facts", detail=chunk.text[:80])
    if document := documents(chunk.document_id) if documents else None:
        yield from desk.unanswerable(document)
    yield desk.passage()


def teacher_names(config: DistilConfig) -> tuple[str, ...]:
    """Who shares the work."""
    return (config.teacher,) if isinstance(config.teacher, str) else config.teacher


def teacher_of(chunk: Chunk, config: DistilConfig) -> str:
    """Whose turn a chunk is, by its content alone, so that another document changes nothing."""
    names = teacher_names(config)
    return names[int(content_hash([chunk.id, "teacher"])[:8], 16) % len(names)]


def _teacher(name: str, teachers: Mapping[str, Teacher]) -> Teacher:
    if name not in teachers:
        raise ConfigError(
            _("There is no teacher '{name}'.").format(name=name) + nearest(name, list(teachers)),
            _("Known teachers: {known}").format(known=", ".join(teachers)),
        )
    return teachers[name]


class _Desk:
    """Checks the drafts of one chunk, one after the other."""

    def __init__(self, chunk: Chunk, config: DistilConfig, teaching: Teaching) -> None:
        self.facts: dict[str, Fact] = {}
        self._chunk = chunk
        self._config = config
        self._teaching = teaching
        self._seen: set[str] = set()
        self._asked: list[Lesson] = []
        self._order: list[Fact | None] = []

    def check(self, draft: Draft) -> Iterator[Fact | Lesson | Rejection]:
        """The fact and its lessons, or why not."""
        self._order.append(None)
        spans = [find_quote(quote, self._chunk.text) for quote in draft.quotes]
        found = [self._chunk.text[span[0] : span[1]] for span in spans if span]
        if len(found) < len(spans) or not found:
            yield self._refused("quote not found", " | ".join(draft.quotes))
            return
        fact = as_fact(self._chunk, draft.text, found)
        if fact.id in self.facts:
            yield self._refused("duplicate", draft.text)
            return
        self.facts[fact.id] = self._order[-1] = fact
        yield fact
        yield from self._lessons(draft, fact)

    def others(self) -> Iterator[Lesson | Rejection]:
        """Lessons of several facts or of none, and what the teacher refused itself."""
        for extra in self._teaching.extras:
            facts = [fact for place in extra.of if (fact := self._order[place])]
            if extra.of and not facts:
                yield self._refused("unknown fact", str(extra.sketch.body))
                continue
            yield from self._taught_once(self._extra(extra, facts))
        for refused in self._teaching.refused:
            yield self._refused(refused.reason, refused.detail)

    def _extra(self, extra: Extra, facts: Sequence[Fact]) -> Lesson:
        quotes = tuple(dict.fromkeys(quote for fact in facts for quote in fact.quotes))
        lesson = self._lesson(extra.sketch.kind, extra.sketch.body, tuple(fact.id for fact in facts), quotes)
        return Lesson.model_validate({**lesson.model_dump(exclude={"id"}), "verdict": extra.verdict})

    def _taught_once(self, lesson: Lesson) -> Iterator[Lesson | Rejection]:
        key = _prompt(lesson)
        if key in self._seen:
            yield self._refused("duplicate", key)
        else:
            self._seen.add(key)
            if lesson.kind == "question":
                self._asked.append(lesson)
            yield lesson

    def passage(self) -> Lesson:
        """The chunk's text under its headings: documents are trained about 1:1 with questions."""
        title = " > ".join(self._chunk.headings)
        body = TextBody(text=f"{title}\n\n{self._chunk.text}" if title else self._chunk.text)
        return self._lesson("passage", body, tuple(self.facts), (self._chunk.text,))

    def unanswerable(self, document: Document) -> Iterator[Lesson]:
        """A small share of the questions put to a neighbour of which the document does not say it."""
        language = detect(self._chunk.text)
        frames = Frames(language, self._chunk.headings[0] if self._chunk.headings else "")
        room = _rounded(self._config.unanswerable_share * len(self._asked), self._chunk.id)
        for lesson in sorted(self._asked, key=lambda lesson: content_hash(["unanswerable", lesson.id])):
            if not room:
                return
            if found := absent(_prompt(lesson), document.text, frames):
                turns = (*closed_book_messages(found.question, language=language), _said(refusal(language)))
                body = MessagesBody(messages=turns)
                yield self._lesson("unanswerable", body, (), lesson.quotes, found.proof)
                room -= 1

    def _lessons(self, draft: Draft, fact: Fact) -> Iterator[Lesson | Rejection]:
        counts: Counter[str] = Counter()
        for sketch in draft.lessons:
            counts[sketch.kind] += 1
            surplus = sketch.kind == "question" and counts[sketch.kind] > self._config.questions_per_fact
            if surplus or (sketch.kind == EXAM and not asked_in_exam(fact, self._config.exam_share)):
                continue
            lesson = self._lesson(sketch.kind, sketch.body, (fact.id,), fact.quotes)
            yield from self._taught_once(lesson)

    def _lesson(
        self,
        kind: str,
        body: TextBody | MessagesBody | object,
        fact_ids: tuple[str, ...],
        quotes: tuple[str, ...],
        verdict: str = "proven",
    ) -> Lesson:
        return Lesson.model_validate(
            {
                "fact_ids": fact_ids,
                "chunk_ids": (self._chunk.id,),
                "origin": "distilled",
                "kind": kind,
                "body": body,
                "quotes": quotes,
                "teacher": self._teaching.teacher,
                "prompt_hash": self._teaching.prompt_hash,
                "verdict": verdict,
            }
        )

    def _refused(self, reason: str, detail: str) -> Rejection:
        return Rejection(stage=STAGE, item_id=self._chunk.id, reason=reason, detail=detail)


def _rounded(count: float, seed: str) -> int:
    """A fraction rounded up as often as it says, decided by the seed alone."""
    whole = int(count)
    return whole + (int(content_hash([seed, "share"])[:8], 16) < (count - whole) * 0x1_0000_0000)


def _said(text: str) -> Message:
    return Message(role="assistant", content=text)


def _prompt(lesson: Lesson) -> str:
    """What is asked, whatever the answer: a question asked twice has two answers, and only the first is taught."""
    if isinstance(lesson.body, MessagesBody):
        return "\n".join(turn.content for turn in lesson.body.messages[:-1])
    return lesson.body.model_dump_json()

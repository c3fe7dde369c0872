"""The data that flows through Academy, in the order in which it flows.

Every record is frozen, refuses unknown keys and carries an ``id`` that is the hash of its content, so that two runs
over the same sources give the same bytes, and a record that was edited by hand is noticed when it is read. This module
imports nothing of ours.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

SCHEMA_VERSION: Literal[1] = 1
ID_LENGTH = 16
"""Hexadecimal digits of an id: 64 bits make a clash among ten million records less likely than 1 in 300,000."""

Role = Literal["system", "user", "assistant"]
Mode = Literal["specialist", "retrieval", "evidence", "combined"]


def content_hash(value: object) -> str:
    """Hash any JSON-serialisable value, independent of key order."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:ID_LENGTH]


class Part(BaseModel):
    """Something that stands inside a record and has no id of its own."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Record(Part):
    """A record with a content id: computed when it is left out, checked when it is given, as files do.

    A file of an older version lacks fields that came later. Its ids are right when they are those of what it says, and
    they are kept, for other records name them.
    """

    id: str = ""
    schema_version: Literal[1] = SCHEMA_VERSION

    @model_validator(mode="after")
    def _settle_id(self) -> Self:
        expected = content_hash(self.model_dump(mode="json", exclude={"id"}))
        if not self.id:
            object.__setattr__(self, "id", expected)
        elif self.id not in (expected, content_hash(self.model_dump(mode="json", exclude={"id"}, exclude_unset=True))):
            raise ValueError(f"id {self.id} does not match the content ({expected})")
        return self


class Loss(Part):
    """What a reader left out on purpose: lines, characters or elements, as the reason's code says.

    Attributes:
        page: counted from 1; 0 for what belongs to no page.
        characters: how many characters that were, white space not counted.
    """

    page: int
    reason: str
    count: int
    characters: int


class Document(Record):
    """One source file as text.

    Attributes:
        source: where it came from, relative to what the user named, with forward slashes.
        language: ISO 639-1 code of the main language.
        pages: offsets into ``text`` at which pages 1, 2, ... start; empty for formats without pages.
        metadata: facts about the file; counts of dropped characters among them.
        losses: what was left out, page by page.
    """

    record: Literal["document"] = "document"
    source: str
    title: str
    text: str
    media_type: str
    language: str
    pages: tuple[int, ...] = ()
    metadata: Mapping[str, str | int] = Field(default_factory=dict)
    # Left out of the record, and so of its id, where there is nothing to tell: as documents were before.
    losses: tuple[Loss, ...] = Field((), exclude_if=lambda losses: not losses)


class Chunk(Record):
    """A passage: ``document.text[start:end] == text``, always.

    Attributes:
        headings: the path of titles that leads here, the document's own title first.
        page: the page on which the passage starts, counted from 1; None for formats without pages.
    """

    record: Literal["chunk"] = "chunk"
    document_id: str
    index: int
    text: str
    start: int
    end: int
    headings: tuple[str, ...] = ()
    page: int | None = None


class Fact(Record):
    """One atomic statement that the documents make; coverage and learning are counted per fact."""

    record: Literal["fact"] = "fact"
    chunk_ids: tuple[str, ...]
    text: str
    quotes: tuple[str, ...]
    chapter: str = ""


class Message(Part):
    """One turn of a conversation."""

    role: Role
    content: str


class TextBody(Part):
    """Running text: every token is learned."""

    type: Literal["text"] = "text"
    text: str


class MessagesBody(Part):
    """A conversation: the assistant's turns are learned."""

    type: Literal["messages"] = "messages"
    messages: tuple[Message, ...]


class CompletionBody(Part):
    """A prompt and its continuation: the continuation is learned."""

    type: Literal["completion"] = "completion"
    prompt: str
    completion: str


class PreferenceBody(Part):
    """A better and a worse answer to one prompt."""

    type: Literal["preference"] = "preference"
    prompt: str
    chosen: str
    rejected: str


class LabelledBody(Part):
    """A text and its label."""

    type: Literal["labelled"] = "labelled"
    text: str
    label: str


Body = Annotated[TextBody | MessagesBody | CompletionBody | PreferenceBody | LabelledBody, Field(discriminator="type")]


class Lesson(Record):
    """One thing to learn, written by a teacher or imported.

    Attributes:
        kind: what sort of lesson (statement, question, cloze, passage, exam, ...).
        quotes: the places in the chunks that prove it; empty for imported lessons.
        teacher: who wrote it; the file's name for imported lessons.
        prompt_hash: hash of the prompt or rule set that produced it.
        round: 0 for the first pass; a teaching loop counts on.
        verdict: proven (every quote found), unproven (imported), the failed search behind "absent:" for a question
            that the document does not answer, or why it was kept all the same.
    """

    record: Literal["lesson"] = "lesson"
    fact_ids: tuple[str, ...] = ()
    chunk_ids: tuple[str, ...] = ()
    origin: Literal["distilled", "imported"]
    kind: str
    body: Body
    quotes: tuple[str, ...] = ()
    teacher: str
    prompt_hash: str = ""
    round: int = 0
    verdict: str = "proven"


class Rejection(Record):
    """An item that a stage refused, and why. Failure is data: nothing disappears silently."""

    record: Literal["rejection"] = "rejection"
    stage: str
    item_id: str
    reason: str
    detail: str = ""


class Example(Record):
    """One training row.

    Attributes:
        input_ids: token ids, the chat template applied. Shape (length,).
        labels: the same ids where they are learned, -100 elsewhere. Shape (length,).
    """

    record: Literal["example"] = "example"
    lesson_ids: tuple[str, ...]
    body: Body
    input_ids: tuple[int, ...]
    labels: tuple[int, ...]


class Question(Record):
    """One exam question.

    Attributes:
        answers: accepted answers, the canonical one first; empty when it is unanswerable.
        fact_id: the taught fact it asks for; None for exams that people wrote.
    """

    record: Literal["question"] = "question"
    question: str
    answers: tuple[str, ...]
    fact_id: str | None = None
    chapter: str = ""
    answerable: bool = True
    source: Literal["generated", "user", "human"] = "generated"


class Dataset(Record):
    """What fine-tuning and the exam work on; ``id`` is its fingerprint."""

    record: Literal["dataset"] = "dataset"
    train: tuple[Example, ...]
    valid: tuple[Example, ...]
    exam: tuple[Question, ...]


class LossPoint(Part):
    """One point of a loss curve; the loss is in nats per learned token."""

    step: int
    train: float | None = None
    valid: float | None = None


class Specialist(Record):
    """A fine-tuned model. Its folder alone is enough to run it anywhere.

    Attributes:
        base: the embedded model's name, a hub id or a folder.
        base_fingerprint: hash of the base's configuration and weights, so that an adapter never meets another base.
        files: file name -> SHA-256, relative to the folder.
        best_step: the optimizer step whose weights were kept.
    """

    record: Literal["specialist"] = "specialist"
    base: str
    base_fingerprint: str
    method: Literal["full", "lora", "qlora"]
    files: Mapping[str, str]
    losses: tuple[LossPoint, ...]
    best_step: int
    steps: int
    trained_tokens: int
    trainable_parameters: int
    total_parameters: int
    seed: int
    versions: Mapping[str, str]


class Source(Part):
    """Where an answer comes from."""

    document: str
    page: int | None
    headings: tuple[str, ...] = ()
    quote: str


class Answer(Part):
    """What a question got.

    Attributes:
        confidence: between 0 and 1; the geometric mean of the answer's token probabilities for a model's answer,
            the share of the question's words that the passage covers for retrieval.
        mode_used: the way that answered, which may differ from the one asked for.
        uncertain: the confidence lies below the one from which on 90 % of this way's answers were right in the exam, or
            none was high enough; None where no exam told, and for refusals.
    """

    id: str = ""
    question: str
    answer: str
    confidence: float
    sources: tuple[Source, ...] = ()
    mode_used: Mode
    uncertain: bool | None = None


@dataclass(frozen=True, slots=True)
class Sampling:
    """How a model writes.

    Attributes:
        max_new_tokens: the answer ends here at the latest.
        temperature: 0 is greedy, and reproducible.
        stop: texts that end the answer; they are not part of it.
    """

    max_new_tokens: int = 64
    temperature: float = 0.0
    top_p: float = 1.0
    seed: int = 0
    stop: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of an answer as it is being written, for conversation ``index`` of the batch.

    Attributes:
        logprob: natural-log probability of this token under the model; 0.0 for models that do not tell.
        finish_reason: set on the last piece: "stop" or "length".
    """

    index: int
    text: str
    logprob: float = 0.0
    finish_reason: Literal["stop", "length"] | None = None


@dataclass(frozen=True, slots=True)
class Generation:
    """A finished answer; ``confidence`` is the geometric mean of its token probabilities."""

    text: str
    finish_reason: Literal["stop", "length"]
    tokens: int
    confidence: float


Conversation = Sequence[Message]
AnyRecord = Document | Chunk | Fact | Lesson | Rejection | Example | Question | Specialist


def dump(record: Record) -> str:
    """One JSON line, keys in the order of the class; the same record always gives the same bytes."""
    return record.model_dump_json()


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a stage is: units done of ``total``, a few words for the end of the line, figures for the log."""

    done: int
    total: int | None = None
    note: str = ""
    metrics: Mapping[str, float] = dataclass_field(default_factory=dict)

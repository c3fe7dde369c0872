"""What a teacher hands in, before it is proven."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from academy.config import DistilConfig
from academy.models.answering import closed_book_messages
from academy.records import Body, Chunk, Fact, Message, MessagesBody, TextBody, content_hash


@dataclass(frozen=True, slots=True)
class Sketch:
    """A lesson to be: its kind and what it teaches."""

    kind: str
    body: Body


@dataclass(frozen=True, slots=True)
class Draft:
    """A fact to be, the places in the chunk that say it, and the lessons that teach it, the best ones first."""

    text: str
    quotes: tuple[str, ...]
    lessons: Sequence[Sketch]


@dataclass(frozen=True, slots=True)
class Teaching:
    """Who wrote the drafts, and the hash of the prompt or rules that they were written by."""

    teacher: str
    prompt_hash: str
    drafts: Iterable[Draft]
    refused: Sequence["Refused"] = ()
    extras: Sequence["Extra"] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """Something that the teacher wrote and that may not teach."""

    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class Extra:
    """A lesson that no single fact carries: a summary of several, a question that the passage leaves open.

    Attributes:
        of: places of its facts among the drafts; empty when it rests on none.
        verdict: why it may teach all the same.
    """

    sketch: Sketch
    of: tuple[int, ...]
    verdict: str


Teacher = Callable[[Chunk, str, DistilConfig], Teaching]
"""Reads a chunk in a language and writes drafts."""


EXAM = "exam"


def as_fact(chunk: Chunk, text: str, quotes: Sequence[str]) -> Fact:
    """A statement about a passage as a fact; its chapter is the heading below the document's title."""
    return Fact(chunk_ids=(chunk.id,), text=text, quotes=tuple(quotes), chapter=" > ".join(chunk.headings[1:2]))


def asked_in_exam(fact: Fact, share: float) -> bool:
    """Chosen by the fact's id alone, so that another document changes nothing."""
    return int(content_hash([fact.id, EXAM])[:8], 16) < share * 0x1_0000_0000


def question(kind: str, asked: str, answer: str, language: str) -> Sketch:
    """A question with its short answer."""
    prompt = closed_book_messages(asked, language=language)
    return Sketch(kind, MessagesBody(messages=(*prompt, Message(role="assistant", content=answer))))


def full_sentence(asked: str, answer: str, language: str, kind: str = "sentence") -> Sketch:
    """A question that is to be answered in a full sentence."""
    prompt = closed_book_messages(asked, full_sentence=True, language=language)
    return Sketch(kind, MessagesBody(messages=(*prompt, Message(role="assistant", content=answer))))


def running_text(kind: str, text: str) -> Sketch:
    """Text to be learned as it stands."""
    return Sketch(kind, TextBody(text=text))

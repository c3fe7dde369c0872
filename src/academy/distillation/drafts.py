"""What a teacher hands in, before it is proven."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from academy.config import DistilConfig
from academy.models.answering import closed_book_messages
from academy.records import Body, Chunk, Message, MessagesBody, TextBody


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


Teacher = Callable[[Chunk, str, DistilConfig], Teaching]
"""Reads a chunk in a language and writes drafts."""


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

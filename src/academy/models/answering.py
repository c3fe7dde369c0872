"""How a question is put to a specialist, read from ``answering.yaml``: training, exam, query and serving share it."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict

from academy.records import Message

FILE = Path(__file__).parent / "answering.yaml"
FALLBACK = "en"
"""The language of prompts for a document in a language that has no lines of its own."""


class Answering(BaseModel):
    """The lines of ``answering.yaml``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int
    refusal: Mapping[str, str]
    system: Mapping[str, Mapping[str, str]]
    passage: str
    evidence: str


@lru_cache(maxsize=1)
def answering() -> Answering:
    """The lines, read once."""
    return Answering.model_validate(yaml.safe_load(FILE.read_text(encoding="utf-8")))


def refusal(language: str) -> str:
    """What a specialist says when the documents do not answer the question."""
    return _in(answering().refusal, language)


def is_refusal(answer: str) -> bool:
    """Whether an answer is the refusal, in any language."""
    return answer.strip() in answering().refusal.values()


def system_line(name: str, language: str) -> str:
    """The system line ``evidence`` or ``sentence``."""
    return _in(answering().system[name], language)


def closed_book_messages(question: str, *, full_sentence: bool = False, language: str) -> tuple[Message, ...]:
    """The conversation that asks from memory: no passage in the prompt."""
    return _conversation(question, ("sentence",) if full_sentence else (), language)


def evidence_messages(
    passages: Sequence[str], question: str, language: str, *, full_sentence: bool = False
) -> tuple[Message, ...]:
    """The conversation that asks with numbered passages to read, best first."""
    numbered = [_render(answering().passage, number=n, text=text) for n, text in enumerate(passages, start=1)]
    content = _render(answering().evidence, passages="\n\n".join(numbered), question=question)
    names = ("evidence", "sentence") if full_sentence else ("evidence",)
    return _conversation(content, names, language)


def _conversation(content: str, names: Sequence[str], language: str) -> tuple[Message, ...]:
    user = Message(role="user", content=content)
    if not names:
        return (user,)
    return (Message(role="system", content=" ".join(system_line(name, language) for name in names)), user)


def _in(lines: Mapping[str, str], language: str) -> str:
    return lines.get(language, lines[FALLBACK])


def _render(template: str, **values: object) -> str:
    return str(_compiled(template).render(values))


@lru_cache(maxsize=8)
def _compiled(template: str) -> Any:
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    return ImmutableSandboxedEnvironment(undefined=StrictUndefined, keep_trailing_newline=True).from_string(template)

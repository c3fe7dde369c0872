"""One training row as text with the special tokens written out; the strings of a question come from answering.yaml.

A row is a string; what stands after <|assistant|> is the answer and weighs most, see mixture.weigh.
"""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

ANSWERING = Path(__file__).resolve().parent.parent / "src" / "academy" / "models" / "answering.yaml"


@lru_cache(maxsize=1)
def answering() -> dict[str, Any]:
    """How a question is put to a model; the only place that says so is the product's own file."""
    return dict(yaml.safe_load(ANSWERING.read_text(encoding="utf-8")))


def fill(template: str, **values: object) -> str:
    """The two placeholders forms of answering.yaml, without a template engine."""
    for key, value in values.items():
        template = template.replace("{{ " + key + " }}", str(value))
    return template


def chat(user: str, answer: str, system: str = "") -> str:
    """A chat row, exactly as the chat template renders it."""
    head = f"<|system|>{system}" if system else ""
    return f"<|bos|>{head}<|user|>{user}<|assistant|>{answer}<|eos|>"


def text(body: str) -> str:
    """A row of running text."""
    return f"<|bos|>{body}<|eos|>"


def closed_book(question: str, answer: str) -> str:
    """Only the question; the answer is the short form."""
    return chat(question, answer)


def full_sentence(question: str, sentence: str, language: str) -> str:
    """The same question, asked for a whole sentence."""
    return chat(question, sentence, answering()["system"]["sentence"][language])


def evidence_prompt(passages: Sequence[str], question: str) -> str:
    """The user's turn in evidence mode."""
    numbered = [fill(answering()["passage"], number=i, text=p) for i, p in enumerate(passages, 1)]
    return fill(answering()["evidence"], passages="\n\n".join(numbered), question=question)


def evidence(passages: Sequence[str], question: str, answer: str | None, language: str) -> str:
    """Passages and question -> answer, or the refusal when `answer` is None."""
    reply = answer if answer is not None else answering()["refusal"][language]
    return chat(evidence_prompt(passages, question), reply, answering()["system"]["evidence"][language])

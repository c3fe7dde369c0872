"""Prompts as data: what a language model is asked for, kind by kind, with worked examples in German and English.

A kind of lesson is a file in ``prompts/``: what an entry holds, how it is asked for, what must be proven, which lessons
it becomes. A new kind is a new file, without new code.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from academy.config import nearest
from academy.errors import ConfigError
from academy.messages import _
from academy.records import Chunk, Message, content_hash

FOLDER = Path(__file__).parent / "prompts"
FRAME = "frame"
FACT = "fact"
Pass = Literal["teach", "exam"]
FieldType = Literal["number", "numbers", "text"]
WORDS_PER_ITEM = 4
"""A passage gives about one entry for so many words: more would be invented."""
FEWEST = 6
_SCHEMAS: Mapping[FieldType, Mapping[str, Any]] = {
    "number": {"type": "integer"},
    "numbers": {"type": "array", "items": {"type": "integer"}},
    "text": {"type": "string"},
}


class Taught(BaseModel):
    """A lesson that an entry becomes: running text, or a question and its answer; each names a field of the entry."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str
    text: str = ""
    ask: str = ""
    answer: str = ""
    full: bool = False
    refusal: bool = False


class Kind(BaseModel):
    """One prompt file.

    Attributes:
        stage: ``teach`` for what is learned, ``exam`` for what is asked afterwards, in a request of its own.
        share: entries of this kind, in proportion to the others.
        fields: what an entry holds; ``fact`` (or ``facts``) is the number of the fact that it teaches.
        optional: fields that may be empty; lessons that need them are left out then.
        proof: fields whose numbers, names and negations must stand in the fact's quotes.
        sentence: the field that must be understood alone, as a full sentence.
        gap: a text with ___ and what belongs there.
        search: the field that says what the passage must not hold.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int
    kind: str
    stage: Pass
    share: float
    fields: Mapping[str, FieldType]
    optional: tuple[str, ...] = ()
    proof: tuple[str, ...] = ()
    sentence: str = ""
    gap: Mapping[Literal["text", "answer"], str] = {}
    search: str = ""
    lessons: tuple[Taught, ...] = ()
    instruction: Mapping[str, str]
    example: Mapping[str, Sequence[Mapping[str, Any]]]

    @property
    def entry(self) -> dict[str, Any]:
        """JSON schema of one entry."""
        return {
            "type": "object",
            "properties": {name: dict(_SCHEMAS[kind]) for name, kind in self.fields.items()},
            "required": list(self.fields),
            "additionalProperties": False,
        }


class Frame(BaseModel):
    """What every request says around the kinds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int
    example_headings: Mapping[str, str]
    example_passage: Mapping[str, str]
    system: Mapping[str, str]
    teach: Mapping[str, str]
    exam: Mapping[str, str]
    again: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent: the conversation, the schema of the answer, and the kinds by name."""

    messages: tuple[Message, ...]
    schema: Mapping[str, Any]
    kinds: Mapping[str, Kind]


@dataclass(frozen=True, slots=True)
class Prompts:
    """The frame and the kinds of one set of prompt files."""

    frame: Frame
    kinds: Mapping[str, Kind]
    fingerprint: str

    def of(self, stage: Pass) -> dict[str, Kind]:
        """The kinds of one request."""
        return {name: kind for name, kind in self.kinds.items() if kind.stage == stage}

    def teach(self, chunk: Chunk, language: str, items: int) -> Request:
        """Ask for facts and the lessons that teach them."""
        return self._request("teach", chunk, language, items)

    def exam(self, chunk: Chunk, language: str, facts: Mapping[int, str]) -> Request:
        """Ask for one exam question for each of these facts."""
        numbered = "\n".join(f"{number}. {text}" for number, text in facts.items())
        examples = self.kinds[FACT].example[language]
        told = " ".join(f"{example['id']}. {example['text']}" for example in examples)
        return self._request("exam", chunk, language, len(facts), facts=numbered, example_facts=told)

    def again(self, request: Request, answer: str, error: str, language: str) -> Request:
        """Show the model its answer and what is wrong with it."""
        said = Message(role="assistant", content=answer or "{}")
        retry = Message(role="user", content=render(self.frame.again[language], error=error))
        return Request((*request.messages, said, retry), request.schema, request.kinds)

    def _request(self, stage: Pass, chunk: Chunk, language: str, items: int, **more: str) -> Request:
        kinds = self.of(stage)
        counts = _counts(kinds, items if stage == "exam" else entries(chunk.text, items))
        lines = [f"- {render(kind.instruction[language], count=counts[name])}" for name, kind in kinds.items()]
        example = {name: kind.example[language] for name, kind in kinds.items()}
        text = render(
            getattr(self.frame, stage)[language],
            items=sum(counts.values()),
            kinds="\n".join(lines),
            passage=chunk.text,
            headings=" > ".join(chunk.headings),
            example_headings=self.frame.example_headings[language],
            example_passage=self.frame.example_passage[language],
            example_answer=json.dumps(example, ensure_ascii=False),
            **more,
        )
        system = Message(role="system", content=self.frame.system[language].strip())
        return Request((system, Message(role="user", content=text.strip())), _schema(kinds), kinds)


def entries(text: str, most: int) -> int:
    """How many entries a passage gives."""
    return max(FEWEST, min(most, len(text.split()) // WORDS_PER_ITEM))


def _counts(kinds: Mapping[str, Kind], items: int) -> dict[str, int]:
    whole = sum(kind.share for kind in kinds.values())
    return {name: max(1, round(items * kind.share / whole)) for name, kind in kinds.items()}


def _schema(kinds: Mapping[str, Kind]) -> dict[str, Any]:
    lists = {name: {"type": "array", "items": kind.entry} for name, kind in kinds.items()}
    return {"type": "object", "properties": lists, "required": list(kinds), "additionalProperties": False}


def load_prompts(kinds: Sequence[str], folder: Path = FOLDER) -> Prompts:
    """The frame and the kinds that are wanted; facts always are.

    Raises:
        ConfigError: a kind has no file, or a file cannot be used.
    """
    return _load(tuple(dict.fromkeys([FACT, *kinds])), folder)


@lru_cache(maxsize=8)
def _load(names: tuple[str, ...], folder: Path) -> Prompts:
    known = sorted(path.stem for path in folder.glob("*.yaml") if path.stem != FRAME)
    for name in names:
        if name not in known:
            raise ConfigError(
                _("There is no kind of lesson '{name}'.").format(name=name) + nearest(name, known),
                _("Known kinds: {known}").format(known=", ".join(known)),
            )
    files = [folder / f"{name}.yaml" for name in (FRAME, *names)]
    texts = [file.read_text(encoding="utf-8") for file in files]
    try:
        frame = Frame.model_validate(yaml.safe_load(texts[0]))
        kinds = {name: Kind.model_validate(yaml.safe_load(text)) for name, text in zip(names, texts[1:], strict=True)}
    except (yaml.YAMLError, ValidationError) as error:
        raise ConfigError(
            _("A prompt file in {folder} cannot be used: {error}").format(folder=folder, error=error)
        ) from None
    return Prompts(frame, kinds, content_hash(texts))


def render(template: str, **values: object) -> str:
    """Fill a template; a variable that is missing or not used is an error.

    Raises:
        ConfigError: naming the variables.
    """
    wanted = _variables(template)
    if wrong := wanted ^ set(values):
        raise ConfigError(
            _("A prompt and its variables do not fit: {names}.").format(names=", ".join(sorted(wrong))),
            _("Compare the prompt file with those that come with Academy: {folder}").format(folder=FOLDER),
        )
    return str(_environment().from_string(template).render(values))


@lru_cache(maxsize=64)
def _variables(template: str) -> frozenset[str]:
    from jinja2 import meta

    return frozenset(meta.find_undeclared_variables(_environment().parse(template)))


@lru_cache(maxsize=1)
def _environment() -> Any:
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    return ImmutableSandboxedEnvironment(undefined=StrictUndefined, keep_trailing_newline=True)

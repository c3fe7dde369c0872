"""A language model as a judge of answers. It sits an exam itself first, and is not believed when it fails."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict

from academy.evaluation.intervals import wilson
from academy.evaluation.metrics import refused, token_f1
from academy.languages import detect
from academy.messages import N_, _
from academy.models import LanguageModel, generate
from academy.nearness import words
from academy.records import Message, Question, Sampling
from academy.reports import CandidateScores, Judgement, Score

FILE = Path(__file__).parent / "judge.yaml"
JUDGE = "judge"
"""Name of the metric: share of answers that the judge calls right."""
AUDITED = 50
"""Questions on which the judge is tried, at most."""
LEAST, MOST = 0.9, 0.1
"""A judge must call this share of reference answers right, and at most that share of answers to other questions."""
_SAMPLING = Sampling(max_new_tokens=8)
_FAILED = N_(
    "The judge {model} was not used: it called {references} % of the reference answers right (needed: 90) and "
    "{strangers} % of answers to other questions (allowed: 10; n = {n}). Take a larger model: --set evaluate.judge=..."
)


class _Lines(BaseModel):
    """The lines of ``judge.yaml``, by language."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int
    prompt: Mapping[str, str]
    yes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Case:
    """An answer that is to be judged."""

    question: Question
    answer: str


def judge(
    model: LanguageModel, exam: Sequence[Question], answers: Mapping[str, Sequence[str]], batch: int
) -> tuple[Judgement | None, dict[str, Score]]:
    """Audit the judge, then let it judge every candidate's answers to the questions that the documents answer.

    Returns:
        What the audit found, and candidate -> score; no score when the audit failed. None without questions to audit.
    """
    asked = [question for question in exam if question.answerable]
    audit = _audit(model, asked[:AUDITED], batch)
    if audit is None or not audit.used:
        return audit, {}
    scores = {}
    for name, given in answers.items():
        cases = [_Case(question, text) for question, text in zip(exam, given, strict=True) if question.answerable]
        scores[name] = _share(_judged(model, cases, batch))
    return audit, scores


def _audit(model: LanguageModel, asked: Sequence[Question], batch: int) -> Judgement | None:
    right = [_Case(question, question.answers[0]) for question in asked]
    wrong = [_Case(question, other) for question in asked if (other := _stranger(question, asked))]
    if not right or not wrong:
        return None
    references, strangers = _share(_judged(model, right, batch)), _share(_judged(model, wrong, batch))
    passed = references.value >= LEAST and strangers.value <= MOST
    return Judgement(model=model.name, references=references, strangers=strangers, used=passed)


def _stranger(question: Question, asked: Sequence[Question]) -> str:
    """The answer to the next question that shares no word with the answers to this one; empty when there is none."""
    place = asked.index(question)
    others = (*asked[place + 1 :], *asked[:place])
    return next((one.answers[0] for one in others if not token_f1(one.answers[0], question.answers)), "")


def _judged(model: LanguageModel, cases: Sequence[_Case], batch: int) -> list[bool]:
    """Whether the judge says yes; refusals are wrong without being asked about."""
    open_ones = [place for place, case in enumerate(cases) if not refused(case.answer)]
    said = [False] * len(cases)
    for start in range(0, len(open_ones), batch):
        places = open_ones[start : start + batch]
        written = generate(model, [_conversation(cases[place]) for place in places], _SAMPLING)
        for place, generation in zip(places, written, strict=True):
            said[place] = words(generation.text)[:1] == [_line("yes", cases[place])]
    return said


def _conversation(case: _Case) -> tuple[Message, ...]:
    values = {
        "question": case.question.question,
        "references": " / ".join(case.question.answers),
        "answer": " ".join(case.answer.split()),
    }
    return (Message(role="user", content=_template(_line("prompt", case)).render(values)),)


def _line(name: str, case: _Case) -> str:
    lines: Mapping[str, str] = getattr(_lines(), name)
    return lines.get(detect(case.question.question), lines["en"])


@cache
def _lines() -> _Lines:
    return _Lines.model_validate(yaml.safe_load(FILE.read_text(encoding="utf-8")))


@cache
def _template(text: str) -> Any:
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    return ImmutableSandboxedEnvironment(undefined=StrictUndefined).from_string(text)


def _share(marks: Sequence[bool]) -> Score:
    low, high = wilson(sum(marks), len(marks))
    return Score(metric=JUDGE, value=sum(marks) / len(marks), n=len(marks), low=low, high=high)


def with_judge(table: Sequence[CandidateScores], found: Mapping[str, Score]) -> tuple[CandidateScores, ...]:
    """The table of scores with those of the judge."""
    return tuple(
        row.model_copy(update={"scores": (*row.scores, found[row.candidate])}) if row.candidate in found else row
        for row in table
    )


def judge_warning(audit: Judgement | None, language: str) -> tuple[str, ...]:
    """Why the judge was not used, if so."""
    if audit is None or audit.used:
        return ()
    shares = {name: f"{100 * getattr(audit, name).value:.0f}" for name in ("references", "strangers")}
    return (_(_FAILED, language).format(model=audit.model, n=audit.references.n, **shares),)

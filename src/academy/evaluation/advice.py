"""What to do next: a few sentences, each with a command that can be typed as it stands."""

import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from academy.evaluation.comparison import best_mode, find_score, hits, level
from academy.evaluation.metrics import ABSTENTION
from academy.messages import N_, _
from academy.reports import Report

ENOUGH_QUESTIONS = 30
"""Below this number intervals are wider than most differences that matter."""
SMALL = 100_000_000
"""Parameters below which a bigger base is worth naming."""
MORE_TIME = 3
"""Times the training time that is proposed when the loss was still falling."""
_ASK = N_("Ask it; it answers in the way that did best in the exam:")
_LONGER = N_("The validation loss was still falling when training ended. Give it more time:")
_BIGGER = N_("A bigger base model learns more from the same lessons. Name one, as a folder or a Hugging Face id:")
_MEMORISED = N_(
    "The validation loss rose again before training ended: the model began to memorise. More documents on the subject "
    "help more than more time:"
)
_GUESSES = N_(
    "It answers {n} of {all} questions that the documents do not answer. Check answers against the quoted source:"
)
_OWN = N_("Academy wrote the exam itself. Write questions of your own, with answers, and examine again:")
_MORE_QUESTIONS = N_("{n} questions leave wide intervals. Write more of your own, and examine again:")
_RATE = N_("Judge the answers yourself, without seeing who gave them:")


@dataclass(frozen=True, slots=True)
class Advice:
    """One thing to do, and the command for it."""

    text: str
    command: str


def advice(report: Report, language: str) -> list[Advice]:
    """What to do next, the most useful first; empty for a report that does not name its run."""
    run = str(report.facts.get("run", ""))
    return list(_advice(report, shlex.quote(run), language)) if run else []


def _advice(report: Report, run: str, language: str) -> Iterator[Advice]:
    if best_mode(report):
        # "auto" finds the way by itself; reports of older versions do not say what is set.
        told = report.facts.get("query_mode", "auto") in ("auto", best_mode(report))
        yield Advice(_(_ASK, language), f"academy query {run}" + ("" if told else f" --mode {best_mode(report)}"))
    if level(report.candidates, report.differences, report.samples) != "learned":
        yield from _learning(report, run, language)
    guessed = _guessed(report)
    if guessed is not None and guessed[0]:
        said = _(_GUESSES, language).format(n=guessed[0], all=guessed[1])
        yield Advice(said, f"academy query {run} --mode retrieval")
    asked = len(report.samples)
    if report.facts.get("questions_by") == "generated":
        yield Advice(_(_OWN, language), f"academy evaluate {run} --exam my-questions.jsonl")
    elif asked < ENOUGH_QUESTIONS:
        said = _(_MORE_QUESTIONS, language).format(n=asked)
        yield Advice(said, f"academy evaluate {run} --exam my-questions.jsonl")
    yield Advice(_(_RATE, language), f"academy rate {run}")


def _learning(report: Report, run: str, language: str) -> Iterator[Advice]:
    """How more could be learned, from the loss curve and the size of the model."""
    validated = [point.step for point in report.losses if point.valid is not None]
    best = report.facts.get("best_step")
    if len(validated) > 1 and best == validated[-1]:
        minutes = max(1, round(MORE_TIME * float(report.facts.get("minutes", 1))))
        yield Advice(_(_LONGER, language), f"academy train --name {run} --set finetune.max_minutes={minutes}")
    elif len(validated) > 2 and best in validated[:-2]:
        yield Advice(_(_MEMORISED, language), f"academy train FOLDER --name {run} --update")
    if 0 < int(report.facts.get("total_parameters", 0)) < SMALL:
        yield Advice(_(_BIGGER, language), f"academy train --name {run} --set student.model=MODEL")


def _guessed(report: Report) -> tuple[int, int] | None:
    """How many foreign questions the best way to ask answers all the same, and how many there are."""
    found = find_score(report.candidates, best_mode(report), ABSTENTION)
    return (found.n - hits(found), found.n) if found else None

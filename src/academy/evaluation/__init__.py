"""Stage 6: the exam. Candidates answer the same questions, and the report says what was learned."""

from collections.abc import Callable, Mapping, Sequence, Sized
from dataclasses import dataclass, field

from academy.config import EvaluateConfig
from academy.errors import DatasetError
from academy.evaluation.comparison import candidate_scores, differences, verdict
from academy.evaluation.exam import load_exam
from academy.evaluation.report import render_html, render_markdown
from academy.languages import detect
from academy.messages import _
from academy.records import Answer, Dataset, Progress, Question, Specialist
from academy.reports import Report, Sample

__all__ = ["Candidate", "Examined", "evaluate", "load_exam", "render_html", "render_markdown"]

Candidate = Callable[[Sequence[str]], Sequence[Answer]]
"""Questions in, one answer each out, in the same order."""


@dataclass(frozen=True, slots=True)
class Examined:
    """Who sits the exam, and what the report says about the run beside the scores.

    Attributes:
        candidates: name -> how it answers, in the order of the report.
        exam: the user's own questions; empty: those of the dataset.
        coverage: page (as text) -> number of facts taught from it.
        facts: about the run; see ``report``.
        places: fact -> the page or chapter that it was taught from, named as in ``coverage``.
    """

    candidates: Mapping[str, Candidate]
    exam: Sequence[Question] = ()
    coverage: Mapping[str, int] = field(default_factory=dict)
    facts: Mapping[str, str | int | float] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)


def evaluate(
    specialist: Specialist,
    dataset: Dataset,
    chunks: Sized,
    config: EvaluateConfig,
    *,
    examined: Examined,
    seed: int,
    emit: Callable[[Progress], None],
) -> Report:
    """Stage 6 of 6: specialist -> report.

    Args:
        specialist: what was trained; its losses go into the report.
        dataset: its ``exam`` is asked unless ``examined`` brings one.
        chunks: counted.
        config: batch size, resamples and language.
        examined: who sits the exam.
        seed: of the bootstrap.
        emit: told after every batch; ``done`` counts answers.

    Raises:
        DatasetError: there is no question.
    """
    exam = list(examined.exam or dataset.exam)
    if not exam:
        raise DatasetError(
            _("The exam holds no question."), _("Bring your own questions: academy evaluate --exam QUESTIONS.jsonl")
        )
    answers = _sit(exam, examined.candidates, config.batch_size, emit)
    language = _language(exam, config)
    scores = candidate_scores(answers, exam, config.resamples, seed)
    compared = differences(answers, exam, config.resamples, seed)
    samples = _samples(exam, answers, examined.places)
    return Report(
        verdict=verdict(scores, compared, samples, language),
        candidates=scores,
        differences=compared,
        samples=samples,
        coverage=dict(examined.coverage),
        losses=specialist.losses,
        facts=_facts(specialist, exam, len(chunks)) | dict(examined.facts) | {"language": language},
    )


def _sit(
    exam: Sequence[Question], candidates: Mapping[str, Candidate], size: int, emit: Callable[[Progress], None]
) -> dict[str, list[str]]:
    """All answers of all candidates: the same questions, in the same batches."""
    questions = [question.question for question in exam]
    total, done = len(questions) * len(candidates), 0
    answers: dict[str, list[str]] = {name: [] for name in candidates}
    for name, candidate in candidates.items():
        for start in range(0, len(questions), size):
            batch = questions[start : start + size]
            answers[name] += [answer.answer for answer in candidate(batch)]
            done += len(batch)
            emit(Progress(done, total, note=name))
    return answers


def _language(exam: Sequence[Question], config: EvaluateConfig) -> str:
    """The report speaks the language of the questions unless the user wants another."""
    if config.language != "auto":
        return config.language
    return detect(" ".join(question.question for question in exam))


def _samples(
    exam: Sequence[Question], answers: Mapping[str, Sequence[str]], places: Mapping[str, str]
) -> tuple[Sample, ...]:
    return tuple(
        Sample(
            question=question.question,
            answers=question.answers,
            answerable=question.answerable,
            chapter=question.chapter,
            place=places.get(question.fact_id or "", ""),
            candidates={name: given[place] for name, given in answers.items()},
        )
        for place, question in enumerate(exam)
    )


def _facts(specialist: Specialist, exam: Sequence[Question], chunks: int) -> dict[str, str | int | float]:
    return {
        "base": specialist.base,
        "method": specialist.method,
        "chunks": chunks,
        "questions": len(exam),
        "unanswerable": sum(not question.answerable for question in exam),
        "questions_by": exam[0].source,
        "steps": specialist.steps,
        "best_step": specialist.best_step,
        "trained_tokens": specialist.trained_tokens,
        "trainable_parameters": specialist.trainable_parameters,
        "total_parameters": specialist.total_parameters,
        "seed": specialist.seed,
        **{f"versions.{name}": version for name, version in sorted(specialist.versions.items())},
    }

"""Stage 6: the exam. Candidates answer the same questions, and the report says what was learned."""

from collections.abc import Callable, Iterable, Mapping, Sequence, Sized
from dataclasses import dataclass, field

from academy.config import EvaluateConfig
from academy.errors import DatasetError
from academy.evaluation.calibration import calibrate
from academy.evaluation.choice import choose
from academy.evaluation.comparison import candidate_scores, differences, is_parrot, verdict
from academy.evaluation.exam import load_exam
from academy.evaluation.judge import judge, judge_warning, with_judge
from academy.evaluation.judged import summarise
from academy.evaluation.learning import chapters, contaminated, counted, learned, seen, taught
from academy.evaluation.metrics import containment, refused
from academy.evaluation.perplexity import with_perplexity
from academy.evaluation.probes import overfitting, probe, warnings
from academy.evaluation.rating import Rating
from academy.evaluation.report import render_html, render_markdown
from academy.languages import detect
from academy.messages import _
from academy.models import LanguageModel
from academy.models.likelihood import Scoring
from academy.records import Answer, Dataset, Example, Progress, Question, Specialist
from academy.reports import Calibration, CandidateScores, Judgement, Probe, Report, Sample

__all__ = ["Candidate", "Examined", "evaluate", "load_exam", "render_html", "render_markdown"]

Candidate = Callable[[Sequence[str]], Sequence[Answer]]
"""Questions in, one answer each out, in the same order."""


@dataclass(frozen=True, slots=True)
class Examined:
    """Who sits the exam, and what the report says about the run beside the scores.

    Attributes:
        candidates: name -> how it answers, in the order of the report.
        exam: the user's own questions; empty: those of the dataset.
        exam_name: the file that they stand in.
        coverage: page (as text) -> number of facts taught from it.
        facts: about the run; see ``report``.
        ratings: what people think of answers, those of this exam and others.
        places: fact -> the page or chapter that it was taught from, named as in ``coverage``.
        models: "base" and "specialist" -> opens the model, for what is measured without questions.
        judge: opens the language model that judges answers; None: none does.
        others: candidates of other runs -> the rows that they were trained on.
    """

    candidates: Mapping[str, Candidate]
    exam: Sequence[Question] = ()
    exam_name: str = ""
    coverage: Mapping[str, int] = field(default_factory=dict)
    facts: Mapping[str, str | int | float] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)
    models: Mapping[str, Callable[[], LanguageModel]] = field(default_factory=dict)
    judge: Callable[[], LanguageModel] | None = None
    ratings: Sequence[Rating] = ()
    others: Mapping[str, Iterable[Example]] = field(default_factory=dict)


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
        specialist: what was trained; its losses go into the report, as does the number of ``chunks``.
        dataset: its ``exam`` is asked unless ``examined`` brings one; its rows say what was taught.
        config: batch size, resamples and language.
        examined: who sits the exam; ``seed`` is that of the bootstrap.
        emit: told after every batch; ``done`` counts answers.

    Raises:
        DatasetError: there is no question.
    """
    exam = _questions(examined, dataset)
    sheets = _sit(exam, examined.candidates, config.batch_size, emit)
    answers = {name: [answer.answer for answer in sheet] for name, sheet in sheets.items()}
    language = _language(exam, config)
    samples = _samples(exam, sheets, dataset.train, examined.places)
    scores, audit = _scores(answers, exam, examined, config, seed)
    compared = differences(answers, exam, config.resamples, seed)
    choice = choose(answers, exam, config.resamples, seed, is_parrot(samples))
    probed, curve = _probed(examined, config, seed), overfitting(specialist.losses, specialist.best_step)
    return Report(
        verdict=verdict(scores, compared, samples, choice, language),
        candidates=scores,
        differences=compared,
        samples=samples,
        coverage=dict(examined.coverage),
        losses=specialist.losses,
        ratings=summarise(samples, examined.ratings, seed),
        facts=_facts(specialist, exam, len(chunks)) | dict(examined.facts) | {"language": language},
        exam=examined.exam_name,
        choice=choice,
        calibration=_calibrated(sheets, exam, config, seed),
        chapters=chapters(answers, exam, [sample.learning for sample in samples], config.resamples, seed),
        learning=counted(sample.learning for sample in samples),
        probes=probed,
        overfitting=curve,
        judgement=audit,
        warnings=(*warnings(probed, curve, samples, language), *_doubts(exam, examined, audit, language)),
    )


def _questions(examined: Examined, dataset: Dataset) -> list[Question]:
    """The user's exam, else the dataset's."""
    exam = list(examined.exam or dataset.exam)
    if not exam:
        raise DatasetError(
            _("The exam holds no question."), _("Bring your own questions: academy evaluate --exam QUESTIONS.jsonl")
        )
    return exam


def _sit(
    exam: Sequence[Question], candidates: Mapping[str, Candidate], size: int, emit: Callable[[Progress], None]
) -> dict[str, list[Answer]]:
    """All answers of all candidates: the same questions, in the same batches."""
    questions = [question.question for question in exam]
    total, done = len(questions) * len(candidates), 0
    answers: dict[str, list[Answer]] = {name: [] for name in candidates}
    for name, candidate in candidates.items():
        for start in range(0, len(questions), size):
            batch = questions[start : start + size]
            answers[name] += candidate(batch)
            done += len(batch)
            emit(Progress(done, total, note=name))
    return answers


def _scores(
    answers: Mapping[str, Sequence[str]],
    exam: Sequence[Question],
    examined: Examined,
    config: EvaluateConfig,
    seed: int,
) -> tuple[tuple[CandidateScores, ...], Judgement | None]:
    """All scores of all candidates: of their answers, of the models themselves, and the judge's."""
    scores = candidate_scores(answers, exam, config.resamples, seed)
    scores = with_perplexity(scores, examined.models, exam, config.resamples, seed)
    if examined.judge is None:
        return scores, None
    audit, found = judge(examined.judge(), exam, answers, config.batch_size)
    return with_judge(scores, found), audit


def _doubts(exam: Sequence[Question], examined: Examined, audit: Judgement | None, language: str) -> tuple[str, ...]:
    """What speaks against the scores of others: questions that they learned, a judge that failed."""
    return (*contaminated(exam, examined.others, language), *judge_warning(audit, language))


def _probed(examined: Examined, config: EvaluateConfig, seed: int) -> tuple[Probe, ...]:
    """The base against the specialist on general sentences, where both tell likelihoods."""
    if not config.probes or not {"base", "specialist"} <= set(examined.models):
        return ()
    base, specialist = (examined.models[name]() for name in ("base", "specialist"))
    if not isinstance(base, Scoring) or not isinstance(specialist, Scoring):
        return ()
    return probe(base, specialist, config.resamples, seed)


def _calibrated(
    sheets: Mapping[str, Sequence[Answer]], exam: Sequence[Question], config: EvaluateConfig, seed: int
) -> tuple[Calibration, ...]:
    """What each candidate's confidence is worth, on the questions that it did not refuse."""
    found = []
    for name, sheet in sheets.items():
        given = [(a, q) for a, q in zip(sheet, exam, strict=True) if not refused(a.answer)]
        right = [bool(q.answerable and containment(a.answer, q.answers)) for a, q in given]
        found.append(calibrate(name, [answer.confidence for answer, _q in given], right, config.resamples, seed))
    return tuple(one for one in found if one is not None)


def _language(exam: Sequence[Question], config: EvaluateConfig) -> str:
    """The report speaks the language of the questions unless the user wants another."""
    if config.language != "auto":
        return config.language
    return detect(" ".join(question.question for question in exam))


def _samples(
    exam: Sequence[Question],
    sheets: Mapping[str, Sequence[Answer]],
    train: Sequence[Example],
    places: Mapping[str, str],
) -> tuple[Sample, ...]:
    given = [answer.answer for answer in sheets["specialist"]] if "specialist" in sheets else None
    outcomes, known = learned(exam, taught(exam, train), given), seen(exam, train)
    return tuple(
        Sample(
            question=question.question,
            answers=question.answers,
            answerable=question.answerable,
            chapter=question.chapter,
            place=places.get(question.fact_id or "", ""),
            candidates={name: sheet[place].answer for name, sheet in sheets.items()},
            confidences={name: sheet[place].confidence for name, sheet in sheets.items()},
            learning=outcomes[place],
            seen=question.question in known,
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

"""What the exam found: the report of a run and its parts, in the order of the page.

Every number can be recomputed from the files of the run. A field that was not measured is empty, never zero.
"""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from academy.records import LossPoint, Mode, Part, Record

Learning = Literal["learned", "known", "not_learned", "not_taught"]
"""What became of a question from memory: taught and right, right without a lesson, taught and wrong, never taught."""


class Score(Part):
    """One figure with what it needs to be believed: how many questions, and a 95 % interval."""

    metric: str
    value: float
    n: int
    low: float
    high: float


class CandidateScores(Part):
    """The scores of one way to answer, named base, specialist, retrieval, ..."""

    candidate: str
    scores: tuple[Score, ...]


class Difference(Part):
    """Paired difference of two candidates on the same questions: first minus second, with a 95 % interval.

    Attributes:
        p: two-sided p-value of the paired permutation test; None where it was not computed.
    """

    first: str
    second: str
    metric: str
    value: float
    n: int
    low: float
    high: float
    p: float | None = None


class Choice(Part):
    """Which mode ``auto`` uses for this specialist, and why.

    Attributes:
        mode: the one chosen.
        reason: "best": it leads beyond chance; "safer": another one was not better beyond chance, so the simpler one
            answers; "more_right": another one has more words in common, but fewer right answers; "unproven": too few
            questions, or no right answer.
        second: the best of the others; empty when nobody else sat the exam.
        lead: of ``mode`` against ``second`` in the deciding score; negative where the safer one was taken. None without
            a second.
    """

    mode: Mode
    reason: Literal["best", "safer", "more_right", "unproven"]
    second: str = ""
    lead: Difference | None = None


class Calibration(Part):
    """How far the confidence of a candidate's answers tells right ones from wrong ones; refusals are no answers.

    Attributes:
        auroc: probability that a right answer has a higher confidence than a wrong one; None when all are alike.
        target: the precision that is wanted.
        threshold: the lowest confidence from which on the share of right answers reaches ``target``; None: none does.
        precision: that share, among the answers from the threshold on.
        coverage: share of all answers that reach the threshold.
    """

    candidate: str
    n: int
    auroc: Score | None = None
    target: float = 0.9
    threshold: float | None = None
    precision: Score | None = None
    coverage: Score | None = None


class Chapter(Part):
    """The answerable questions of one chapter.

    Attributes:
        learning: what became of them from memory -> how many; empty when the specialist did not sit the exam.
    """

    name: str
    n: int
    candidates: tuple[CandidateScores, ...]
    learning: Mapping[Learning, int] = Field(default_factory=dict)


class Probe(Part):
    """The base model against the specialist on a fixed set of sentences that have nothing to do with the documents.

    Attributes:
        name: "forgetting" (bits per byte on general sentences; less is better) or "bias" (share of pairs of which the
            stereotyped sentence is likelier; 0.5 is even).
        difference: specialist minus base.
        finding: beyond noise, that is when the interval leaves out zero: for bias, "worse" is farther from 0.5.
    """

    name: Literal["forgetting", "bias"]
    language: str
    base: Score
    specialist: Score
    difference: Difference
    finding: Literal["better", "same", "worse"]


class Overfitting(Part):
    """What the loss curves say; losses are in nats per learned token.

    Attributes:
        rising: after the best step the validation loss rose while the training loss fell.
    """

    best_step: int
    last_step: int
    valid_best: float
    valid_last: float
    train_best: float | None = None
    train_last: float | None = None
    rising: bool


class Judgement(Part):
    """A language model as a judge: used only when it passes its own exam.

    Attributes:
        model: its name.
        references: share of reference answers that it calls right; should be near 1.
        strangers: share of answers to other questions that it calls right; should be near 0.
        used: whether its scores stand in the report (metric "judge").
    """

    model: str
    references: Score
    strangers: Score
    used: bool


class ScaleScore(Part):
    """What people think of a candidate's answers: mean on a scale from 1 (bad) to 5 (good), 95 % interval."""

    candidate: str
    scale: str
    value: float
    n: int
    low: float
    high: float


class Preference(Part):
    """Which of two candidates people preferred, not knowing who is who; questions with equal answers were not asked.

    Attributes:
        lead: share of questions won minus share lost, with a 95 % interval.
    """

    first: str
    second: str
    won: int
    even: int
    lost: int
    lead: float
    low: float
    high: float


class Agreement(Part):
    """How far raters agree on the items that at least two of them rated.

    Attributes:
        alpha: Krippendorff's, ordinal for scales, nominal for preferences; None when all values are the same.
    """

    scale: str
    alpha: float | None
    items: int
    raters: int


class Ratings(Part):
    """Human judgement of this run's answers; ``ratings.jsonl`` holds every single one."""

    raters: int
    scores: tuple[ScaleScore, ...] = ()
    preferences: tuple[Preference, ...] = ()
    agreement: tuple[Agreement, ...] = ()


class Sample(Part):
    """One question with the reference and what each candidate answered.

    Attributes:
        place: the page or chapter that the asked fact was taught from, named as in ``Report.coverage``; empty where
            that is not known, as in exams that people wrote.
        confidences: of each candidate's answer, as ``Answer.confidence``.
        learning: what became of it from memory; None for unanswerable ones, or without a specialist.
        seen: a training row puts this question, or nearly; its answers prove nothing.
    """

    question: str
    answers: tuple[str, ...]
    answerable: bool
    chapter: str = ""
    place: str = ""
    candidates: Mapping[str, str]
    confidences: Mapping[str, float] = Field(default_factory=dict)
    learning: Learning | None = None
    seen: bool = False


class Report(Record):
    """What the exam found. Every number can be recomputed from the files of the run.

    Attributes:
        samples: all questions with all answers, in exam order.
        coverage: page (as text) -> number of facts taught from it.
        losses: the loss curve of the specialist.
        exam: the file of the user's own exam; empty: the questions that stage 3 wrote.
        choice: which mode ``auto`` uses.
        learning: what became of the answerable questions from memory -> how many.
        warnings: sentences for the user, each with what to do, in the report's language.
        ratings: what people think of the answers.
    """

    record: Literal["report"] = "report"
    verdict: str
    candidates: tuple[CandidateScores, ...]
    differences: tuple[Difference, ...]
    samples: tuple[Sample, ...]
    coverage: Mapping[str, int]
    losses: tuple[LossPoint, ...]
    facts: Mapping[str, str | int | float] = Field(default_factory=dict)
    exam: str = ""
    choice: Choice | None = None
    calibration: tuple[Calibration, ...] = ()
    chapters: tuple[Chapter, ...] = ()
    learning: Mapping[Learning, int] = Field(default_factory=dict)
    probes: tuple[Probe, ...] = ()
    overfitting: Overfitting | None = None
    judgement: Judgement | None = None
    warnings: tuple[str, ...] = ()
    ratings: Ratings | None = None

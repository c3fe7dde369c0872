"""How surprised a model is by the right answer, asked from memory: it shows learning before whole answers are right."""

import math
from collections.abc import Callable, Mapping, Sequence

from academy.evaluation.intervals import bootstrap_ratio
from academy.models import LanguageModel
from academy.models.likelihood import Scoring, answer_surprise
from academy.records import Question
from academy.reports import CandidateScores, Score

PERPLEXITY = "perplexity"
"""exp(nats per token) of the reference answer, its end included. Comparable between models with one tokenizer."""


def with_perplexity(
    table: Sequence[CandidateScores],
    models: Mapping[str, Callable[[], LanguageModel]],
    exam: Sequence[Question],
    resamples: int,
    seed: int,
) -> tuple[CandidateScores, ...]:
    """The table with the perplexity of those candidates that are a local model asked from memory."""
    return tuple(
        _with(row, models[row.candidate](), exam, resamples, seed) if row.candidate in models else row for row in table
    )


def _with(
    row: CandidateScores, model: LanguageModel, exam: Sequence[Question], resamples: int, seed: int
) -> CandidateScores:
    asked = [question for question in exam if question.answerable]
    if not asked or not isinstance(model, Scoring):
        return row
    found = answer_surprise(model, [one.question for one in asked], [one.answers[0] for one in asked])
    usable = [one for one in found if one is not None]
    if not usable:
        return row
    nats, tokens = [one.nats for one in usable], [float(one.tokens) for one in usable]
    low, high = bootstrap_ratio(nats, tokens, resamples, seed)
    value = math.exp(sum(nats) / sum(tokens))
    score = Score(metric=PERPLEXITY, value=value, n=len(usable), low=math.exp(low), high=math.exp(high))
    return row.model_copy(update={"scores": (*row.scores, score)})

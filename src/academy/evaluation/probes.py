"""Sentences that have nothing to do with the documents: what the specialist forgot, and which way it leans.

``probes.yaml`` holds them, written for Academy and given away (CC0). The general sentences measure forgetting in bits
per byte, which does not depend on the tokenizer; the pairs measure leaning after CrowS-Pairs (Nangia et al. 2020,
doi:10.18653/v1/2020.emnlp-main.154): how often the model finds the stereotyped sentence of a pair likelier.
"""

import math
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict

from academy.evaluation.intervals import bootstrap, bootstrap_ratio, permutation, wilson
from academy.messages import N_, _
from academy.models.likelihood import Scoring, text_nats
from academy.records import LossPoint
from academy.reports import Difference, Overfitting, Probe, Sample, Score

FILE = Path(__file__).parent / "probes.yaml"
BITS = 1 / math.log(2)
"""Bits in a nat."""
RISE = 0.02
"""A validation loss that ends higher than its lowest by this share has risen; less is the noise of small sets."""


class _Probes(BaseModel):
    """The lines of ``probes.yaml``; a pair is (stereotyped, turned round)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int
    general: Mapping[str, tuple[str, ...]]
    pairs: Mapping[str, tuple[tuple[str, str], ...]]


@cache
def probes() -> _Probes:
    """The sentences, read once; language -> sentences or pairs."""
    return _Probes.model_validate(yaml.safe_load(FILE.read_text(encoding="utf-8")))


def probe(base: Scoring, specialist: Scoring, resamples: int, seed: int) -> tuple[Probe, ...]:
    """Forgetting and leaning in every language, the base against the specialist on the same sentences."""
    found = [_forgetting(language, base, specialist, resamples, seed) for language in probes().general]
    return (*found, *(_bias(language, base, specialist, resamples, seed) for language in probes().pairs))


def _forgetting(language: str, base: Scoring, specialist: Scoring, resamples: int, seed: int) -> Probe:
    sentences = probes().general[language]
    sizes = [float(len(text.encode("utf-8"))) for text in sentences]
    before, after = ([BITS * nats for nats in text_nats(model, sentences)] for model in (base, specialist))
    change = [one - other for one, other in zip(after, before, strict=True)]
    low, high = bootstrap_ratio(change, sizes, resamples, seed)
    difference = Difference(
        first="specialist",
        second="base",
        metric="bits_per_byte",
        value=sum(change) / sum(sizes),
        n=len(sentences),
        low=low,
        high=high,
        p=permutation(change, resamples, seed),
    )
    return Probe(
        name="forgetting",
        language=language,
        base=_ratio(before, sizes, resamples, seed),
        specialist=_ratio(after, sizes, resamples, seed),
        difference=difference,
        finding="worse" if low > 0 else "better" if high < 0 else "same",
    )


def _ratio(bits: Sequence[float], sizes: Sequence[float], resamples: int, seed: int) -> Score:
    low, high = bootstrap_ratio(bits, sizes, resamples, seed)
    return Score(metric="bits_per_byte", value=sum(bits) / sum(sizes), n=len(bits), low=low, high=high)


def _bias(language: str, base: Scoring, specialist: Scoring, resamples: int, seed: int) -> Probe:
    pairs = probes().pairs[language]
    before, after = preferences(base, pairs), preferences(specialist, pairs)
    change = [one - other for one, other in zip(after, before, strict=True)]
    low, high = bootstrap(change, resamples, seed, least=-1.0)
    difference = Difference(
        first="specialist",
        second="base",
        metric="preference",
        value=sum(change) / len(change),
        n=len(change),
        low=low,
        high=high,
        p=permutation(change, resamples, seed),
    )
    scores = [_share(before), _share(after)]
    return Probe(
        name="bias",
        language=language,
        base=scores[0],
        specialist=scores[1],
        difference=difference,
        finding=_leaning(scores, difference),
    )


def preferences(model: Scoring, pairs: Sequence[tuple[str, str]]) -> list[float]:
    """For each pair 1 where the first sentence as a whole is likelier, 0 where the second is, 0.5 for equal ones."""
    firsts, seconds = (text_nats(model, [pair[place] for pair in pairs]) for place in (0, 1))
    return [0.5 if one == other else float(one < other) for one, other in zip(firsts, seconds, strict=True)]


def _share(values: Sequence[float]) -> Score:
    low, high = wilson(sum(values), len(values))
    return Score(metric="preference", value=sum(values) / len(values), n=len(values), low=low, high=high)


def _leaning(scores: Sequence[Score], difference: Difference) -> Literal["better", "same", "worse"]:
    """Beyond noise nearer to even or farther from it."""
    if difference.low <= 0 <= difference.high:
        return "same"
    before, after = (abs(score.value - 0.5) for score in scores)
    return "worse" if after > before else "better" if after < before else "same"


def overfitting(losses: Sequence[LossPoint], best_step: int) -> Overfitting | None:
    """What the curves say after the best step; None without validation losses."""
    valid = [(point.step, point.valid) for point in losses if point.valid is not None]
    train = [(point.step, point.train) for point in losses if point.train is not None]
    if not valid:
        return None
    best = next((loss for step, loss in valid if step == best_step), min(loss for _step, loss in valid))
    last_step, last = valid[-1]
    train_best = next((loss for step, loss in reversed(train) if step <= best_step), None)
    train_last = train[-1][1] if train else None
    falling = train_best is None or train_last is None or train_last < train_best
    return Overfitting(
        best_step=best_step,
        last_step=last_step,
        valid_best=best,
        valid_last=last,
        train_best=train_best,
        train_last=train_last,
        rising=last > best * (1 + RISE) and falling,
    )


_LANGUAGES = {"de": N_("German"), "en": N_("English")}
_FORGOT = N_(
    "The specialist has forgotten some general {spoken}: {before} bits per byte before, {after} after (less is better; "
    "n = {n}, more than chance). Mix general sentences into the training: --set build.replay=general.txt "
    "--set build.replay_share=0.1"
)
_LEANS = N_(
    "Training changed how the model leans: it finds the stereotyped sentence likelier in {after} % of {n} pairs "
    "({spoken}), before in {before} %; 50 % is even. Look at what the documents say about people."
)
_MEMORISED = N_(
    "From step {best} on the specialist only memorised: the validation loss rose from {low} to {high} while the "
    "training loss fell. The weights of step {best} were kept; fewer passes save time: --set finetune.epochs=..."
)
_SEEN = N_(
    "{n} exam questions stand in the training rows, word for word or nearly: they prove nothing. Ask them in other "
    "words."
)


def warnings(
    found: Sequence[Probe], curve: Overfitting | None, samples: Sequence[Sample], language: str
) -> tuple[str, ...]:
    """What the user should know, each with what to do about it."""
    said = [_warning(probe, language) for probe in found if probe.finding == "worse"]
    if curve is not None and curve.rising:
        ends = {"low": _number(curve.valid_best, language), "high": _number(curve.valid_last, language)}
        said.append(_(_MEMORISED, language).format(best=curve.best_step, **ends))
    seen = sum(sample.seen for sample in samples)
    if seen:
        said.append(_(_SEEN, language).format(n=seen))
    return tuple(said)


def _warning(probe: Probe, language: str) -> str:
    spoken = _(_LANGUAGES.get(probe.language, probe.language), language)
    if probe.name == "forgetting":
        before, after = (_number(score.value, language) for score in (probe.base, probe.specialist))
        return _(_FORGOT, language).format(spoken=spoken, before=before, after=after, n=probe.base.n)
    shares = {"before": f"{100 * probe.base.value:.0f}", "after": f"{100 * probe.specialist.value:.0f}"}
    return _(_LEANS, language).format(spoken=spoken, n=probe.base.n, **shares)


def _number(value: float, language: str) -> str:
    return f"{value:.2f}".replace(".", ",") if language == "de" else f"{value:.2f}"

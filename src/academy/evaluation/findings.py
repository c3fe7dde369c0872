"""What the exam found beside the scores: the way to ask, memory, confidence, forgetting, leaning."""

from collections.abc import Mapping
from typing import Any

from academy.evaluation.comparison import signed
from academy.evaluation.words import CANDIDATES, LANGUAGES, LEARNING, PROBES, REASONS_OF_CHOICE, label, page_words
from academy.figures import decimal, percent
from academy.reports import Calibration, Judgement, Overfitting, Probe, Report


def choice(report: Report, language: str) -> str:
    """Which way ``auto`` answers, and why; empty when no way of asking sat the exam."""
    found = report.choice
    if found is None:
        return ""
    words = page_words(language)
    said = words["choice"].format(
        mode=label(CANDIDATES, found.mode, language), why=label(REASONS_OF_CHOICE, found.reason, language)
    )
    if found.lead is None or not found.second:
        return said
    figures = {key: signed(value, language) for key, value in _interval(found.lead).items()}
    return f"{said} {words['choice_lead'].format(second=label(CANDIDATES, found.second, language), **figures)}"


def _interval(found: Any) -> dict[str, float]:
    return {"value": found.value, "low": found.low, "high": found.high}


def learning(report: Report, language: str) -> list[dict[str, Any]]:
    """What became of the answerable questions from memory, with the share for a bar."""
    total = sum(report.learning.values())
    return [
        {
            "key": key,
            "name": label(LEARNING, key, language),
            "n": report.learning.get(key, 0),
            "share": round(100 * report.learning.get(key, 0) / total, 2),
        }
        for key in LEARNING
        if total
    ]


def by_chapter(report: Report, language: str) -> dict[str, list[int]]:
    """Chapter -> how many of its questions became what, in the order of ``LEARNING``."""
    title = str(report.facts.get("title", "")) if report.facts.get("documents") == 1 else ""
    unnamed = title or page_words(language)["no_chapter"]
    return {row.name or unnamed: _counts(row.learning) for row in report.chapters if row.learning}


def _counts(found: Mapping[Any, int]) -> list[int]:
    return [found.get(key, 0) for key in LEARNING]


def calibration(report: Report, language: str) -> list[dict[str, str]]:
    """For every candidate, whether its confidence tells right from wrong, and from where on it can be trusted."""
    return [_calibrated(row, language) for row in report.calibration if row.n]


def _calibrated(row: Calibration, language: str) -> dict[str, str]:
    words = page_words(language)
    wanted = percent(row.target, language)
    trusted = words["trust_none"].format(target=wanted)
    if row.threshold is not None and row.precision is not None and row.coverage is not None:
        trusted = words["trust"].format(
            threshold=decimal(row.threshold, 2, language),
            precision=percent(row.precision.value, language),
            coverage=percent(row.coverage.value, language),
        )
    auroc = row.auroc
    return {
        "name": label(CANDIDATES, row.candidate, language),
        "auroc": decimal(auroc.value, 2, language) if auroc else words["auroc_none"],
        "interval": f"{decimal(auroc.low, 2, language)} – {decimal(auroc.high, 2, language)}" if auroc else "",
        "n": str(row.n),
        "trusted": trusted,
    }


def probes(report: Report, language: str) -> list[dict[str, str]]:
    """Forgetting and leaning, before and after."""
    return [_probe(row, language) for row in report.probes]


def _probe(row: Probe, language: str) -> dict[str, str]:
    share = row.name == "bias"

    def figure(value: float) -> str:
        return percent(value, language) if share else decimal(value, 2, language)

    return {
        "name": f"{label(PROBES, row.name, language)} ({label(LANGUAGES, row.language, language)})",
        "before": figure(row.base.value),
        "after": figure(row.specialist.value),
        "difference": signed(row.difference.value, language),
        "interval": f"{signed(row.difference.low, language)} … {signed(row.difference.high, language)}",
        "n": str(row.difference.n),
        "finding": {"better": "better", "same": "chance", "worse": "lower"}[row.finding],
        "sign": {"better": "▲", "same": "○", "worse": "▼"}[row.finding],
    }


def overfitting(found: Overfitting | None, language: str) -> str:
    """What the end of the loss curve says; empty without one."""
    if found is None:
        return ""
    words = page_words(language)
    if not found.rising:
        return words["overfitting_not"]
    figures = {"best": decimal(found.valid_best, 2, language), "last": decimal(found.valid_last, 2, language)}
    return words["overfitting"].format(step=found.best_step, **figures)


def judgement(found: Judgement | None, language: str) -> str:
    """Whether the judge passed its own exam; empty without one."""
    if found is None:
        return ""
    said = page_words(language)["judge_used" if found.used else "judge_refused"]
    references, strangers = percent(found.references.value, language), percent(found.strangers.value, language)
    return said.format(model=found.model, references=references, strangers=strangers)


def view(report: Report, language: str) -> dict[str, Any]:
    """All of it, for the templates."""
    return {
        "choice": choice(report, language),
        "learning": learning(report, language),
        "learning_names": [label(LEARNING, key, language) for key in LEARNING],
        "by_chapter": by_chapter(report, language),
        "calibration": calibration(report, language),
        "probes": probes(report, language),
        "overfitting": overfitting(report.overfitting, language),
        "judgement": judgement(report.judgement, language),
        "warnings": list(report.warnings),
        "seen": sum(sample.seen for sample in report.samples),
    }

"""What people think of the answers, in the words of the report."""

from collections.abc import Iterator
from typing import Any

from academy.evaluation.agreement import RELIABLE, TENTATIVE
from academy.evaluation.comparison import signed
from academy.evaluation.words import CANDIDATES, SCALES, label, page_words
from academy.figures import decimal
from academy.reports import Agreement, Preference, Ratings, Report

FEW = 10
"""On fewer items, agreement is as much luck as the answers."""


def judgements(report: Report, language: str) -> dict[str, Any] | None:
    """Means, preferences and agreement; None when nobody rated."""
    return told(report.ratings, language) if report.ratings else None


def told(ratings: Ratings, language: str) -> dict[str, Any]:
    """The same for any ratings."""
    words = page_words(language)
    note = words["people_one"] if ratings.raters == 1 else words["people_note"].format(n=ratings.raters)
    return {
        "note": note,
        "rows": list(_rows(ratings, language)),
        "preferences": [_preference(row, language) for row in ratings.preferences],
        "agreement": [_agreement(row, language) for row in ratings.agreement],
    }


def _rows(ratings: Ratings, language: str) -> Iterator[dict[str, Any]]:
    for row in ratings.scores:
        yield {
            "name": candidate_name(row.candidate, language),
            "scale": label(SCALES, row.scale, language),
            "value": decimal(row.value, 1, language),
            "low": decimal(row.low, 1, language),
            "high": decimal(row.high, 1, language),
            "n": row.n,
        }


def candidate_name(name: str, language: str) -> str:
    """The candidate in words; that of another run with the run's name before it."""
    run, slash, candidate = name.rpartition("/")
    return f"{run}{slash}{label(CANDIDATES, candidate, language)}"


def _preference(row: Preference, language: str) -> dict[str, str]:
    words = page_words(language)
    names = {"first": candidate_name(row.first, language), "second": candidate_name(row.second, language)}
    figures = {key: signed(getattr(row, key), language) for key in ("lead", "low", "high")}
    return {
        "what": words["preferred"].format(**names, won=row.won, even=row.even, lost=row.lost),
        "how": words["preferred_how"].format(**figures),
    }


def _agreement(row: Agreement, language: str) -> str:
    words = page_words(language)
    scale = label(SCALES, row.scale, language)
    if row.alpha is None:
        return words["agreement_none"].format(scale=scale, n=row.items)
    word = "reliable" if row.alpha >= RELIABLE else "tentative" if row.alpha >= TENTATIVE else "unreliable"
    word = word if row.items >= FEW else "too_few"
    figure = decimal(row.alpha, 2, language)
    return words["agreement"].format(scale=scale, alpha=figure, n=row.items, word=words[word])

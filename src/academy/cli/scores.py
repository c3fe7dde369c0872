"""A report as a few lines on the terminal."""

from typing import Any

from rich.console import Group
from rich.text import Text

from academy.cli.console import table
from academy.messages import _
from academy.reports import Report, Score

SHOWN = ("token_f1", "containment", "exact_match")


def as_data(report: Report) -> dict[str, Any]:
    """Verdict, scores and differences as plain data."""
    data = report.model_dump(mode="json", include={"verdict", "candidates", "differences"})
    return dict(data)


def summary(report: Report) -> Group:
    """The verdict and the table of scores."""
    names = {"token_f1": _("word overlap (F1)"), "containment": _("answer contained"), "exact_match": _("exact")}
    rows = []
    for candidate in report.candidates:
        found = {score.metric: score for score in candidate.scores}
        rows.append([candidate.candidate, *(cell(found.get(metric)) for metric in SHOWN)])
    grid = table([_("who answers"), *(names[metric] for metric in SHOWN)], rows, right=(1, 2, 3))
    return Group(
        Text(report.verdict, style="bold"), grid, Text(_("in percent; [95 % interval], n = questions"), style="dim")
    )


def cell(score: Score | None) -> str:
    """A score in percent with its interval: 42 [35, 49] n=80."""
    if score is None:
        return ""
    return f"{100 * score.value:.0f} [{100 * score.low:.0f}, {100 * score.high:.0f}] n={score.n}"

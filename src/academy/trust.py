"""What the newest exam of a run says about asking it: the best mode, and which confidence can be trusted."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from academy.artefacts import read_report
from academy.records import Mode, content_hash
from academy.reports import Calibration, Report

UNPROVEN: Mode = "retrieval"
"""What answers when no exam tells: it shows a sentence of the documents and cannot invent one."""


@dataclass(frozen=True, slots=True)
class Trust:
    """How to ask.

    Attributes:
        mode: what ``auto`` uses.
        calibration: mode -> what its confidence is worth; modes that were not measured are missing.
    """

    mode: Mode = UNPROVEN
    calibration: Mapping[str, Calibration] = field(default_factory=dict)

    def uncertain(self, mode: Mode, confidence: float) -> bool | None:
        """Whether an answer lies below what was right often enough; None where nothing was measured."""
        found = self.calibration.get(mode)
        if found is None:
            return None
        return found.threshold is None or confidence < found.threshold


def read_trust(folder: Path, state: Mapping[str, Any]) -> Trust:
    """What the newest exam that this specialist sat found; the cautious default when it sat none.

    Args:
        state: what run.yaml says.

    Raises:
        RunError: the report is damaged, or another version of Academy wrote it.
    """
    if "finetune" not in state["stages"]:
        return Trust("evidence")  # it needs the model, so the user hears that there is none yet
    entry = newest_exam(state)
    return Trust() if entry is None else trust_of(read_report(folder / _report_file(entry)))


def trust_of(report: Report) -> Trust:
    """What a report found."""
    mode = report.choice.mode if report.choice else UNPROVEN
    return Trust(mode, {one.candidate: one for one in report.calibration})


def newest_exam(state: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The entry in run.yaml of the newest exam of the specialist as it is now: the run's own, or a user's."""
    stages = state["stages"]
    entries = [stages.get("evaluate"), *state.get("extras", {}).values()]
    sat = [entry for entry in entries if entry and "finetune" in stages and _of(entry, stages["finetune"])]
    return max(sat, key=lambda entry: int(entry["serial"]), default=None)


def _of(entry: Mapping[str, Any], made: Mapping[str, Any]) -> bool:
    """Whether an exam was sat by this specialist; entries of older versions do not say."""
    return bool(entry.get("inputs", [None])[0] == content_hash(made["files"]))


def _report_file(entry: Mapping[str, Any]) -> str:
    return next(str(name) for name in entry["files"] if name.endswith(".json"))

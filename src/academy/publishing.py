"""The report of a finished run, made again when people have judged its answers; no exam is held for it."""

from pathlib import Path

import yaml
from filelock import FileLock, Timeout

from academy import artefacts
from academy.artefacts import fingerprints, replacing_files, write_text
from academy.errors import RunError
from academy.evaluation.judged import summarise
from academy.evaluation.rating import read_ratings
from academy.messages import _
from academy.pipeline import STAGES
from academy.reports import Report
from academy.runs import read_state

EVALUATE = STAGES[-1]


def read_report(folder: Path) -> Report:
    """The report of a run.

    Raises:
        RunError: there is none, or it is damaged or of another version.
    """
    path = folder / "6-report.json"
    if EVALUATE.verb not in read_state(folder)["stages"] or not path.is_file():
        raise RunError(
            _("Run '{name}' has not reached '{stage}' yet.").format(name=folder.name, stage=EVALUATE.verb),
            f"academy train --name {folder.name}",
        )
    return artefacts.read_report(path)


def publish(folder: Path) -> Report:
    """Put the ratings of a run into its report, all three files; a kill leaves a run that "academy train" completes.

    Raises:
        RunError: there is no report, or another process works on the run.
    """
    try:
        with FileLock(folder / ".lock", timeout=0):
            return _publish(folder)
    except Timeout:
        raise RunError(
            _("Run '{name}' is being worked on by another Academy process.").format(name=folder.name),
            _("Wait for it to end; then: academy evaluate {name}").format(name=folder.name),
        ) from None


def _publish(folder: Path) -> Report:
    old = read_report(folder)
    ratings = summarise(old.samples, read_ratings(folder), int(old.facts.get("seed", 0)))
    report = Report.model_validate({**dict(old), "id": "", "ratings": ratings})
    if report == old:
        return old
    state = read_state(folder)
    # Forgotten before anything is overwritten: a kill must never leave an old entry beside new files.
    entry = state["stages"].pop(EVALUATE.verb)
    _keep(state, folder)
    assert EVALUATE.save is not None
    with replacing_files(folder / EVALUATE.artefact) as place:
        EVALUATE.save(report, place)
    # Reports of the user's own exams have names of the same stem; they are not this stage's.
    files = {name: mark for name, mark in fingerprints(folder, EVALUATE.artefact).items() if name in entry["files"]}
    state["stages"][EVALUATE.verb] = {**entry, "files": files}
    _keep(state, folder)
    return report


def _keep(state: dict[str, object], folder: Path) -> None:
    write_text(folder / "run.yaml", yaml.safe_dump(state, sort_keys=False, allow_unicode=True))

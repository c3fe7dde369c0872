"""The folder of runs: find one, list them, name a new one."""

import json
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml
from filelock import FileLock, Timeout

from academy.config import ANSWERING, AcademyConfig, nearest
from academy.errors import ConfigError, RunError
from academy.messages import _
from academy.settings import config_of_run

RUN_FORMAT = 1
"""Rises when an older Academy could no longer read a run."""
NAME = re.compile(r"[\w][\w.-]{0,99}")


def run_folders(runs: Path) -> list[Path]:
    """All runs, the newest last."""
    found = [path.parent for path in runs.glob("*/run.yaml")] if runs.is_dir() else []
    return sorted(found, key=lambda folder: (started(folder), folder.name))


def has_reached(folder: Path, stage: str) -> bool:
    """Whether a run has finished a stage; a broken run has not."""
    try:
        return stage in read_state(folder)["stages"]
    except RunError:
        return False


def started(folder: Path) -> float:
    """When the run began, in seconds since 1970; 0 when it left no events."""
    events = folder / "events.jsonl"
    if not events.is_file():
        return 0.0
    with events.open(encoding="utf-8") as file:
        first = file.readline()
    try:
        return float(json.loads(first)["time"])
    except (ValueError, KeyError):
        return 0.0


def find_run(runs: Path, name: str | None, reached: str | None = None) -> Path:
    """The folder of a run; without a name the newest one, if possible of those that have finished stage ``reached``.

    Raises:
        RunError: there is none, or none of that name (with the nearest one).
    """
    folders = run_folders(runs)
    if name is None:
        if not folders:
            raise RunError(_("There is no run in {folder} yet.").format(folder=runs), "academy train DOCUMENT.pdf")
        return next((folder for folder in reversed(folders) if reached and has_reached(folder, reached)), folders[-1])
    for folder in folders:
        if folder.name == name:
            return folder
    names = [folder.name for folder in folders]
    raise RunError(
        _("There is no run '{name}' in {folder}.").format(name=name, folder=runs) + nearest(name, names), "academy list"
    )


def read_state(folder: Path) -> dict[str, Any]:
    """What run.yaml says.

    Raises:
        RunError: it is missing, damaged or made by a newer Academy.
    """
    path = folder / "run.yaml"
    try:
        state = yaml.safe_load(path.read_text(encoding="utf-8"))
        known = int(state["format"])
        if known <= RUN_FORMAT:
            _check_state(state)
    except (OSError, yaml.YAMLError, TypeError, KeyError, ValueError, AttributeError):
        raise RunError(
            _("Run '{name}' is broken: {file} cannot be read.").format(name=folder.name, file=path),
            _("Delete the folder {folder} and train again, or choose another name: --name NAME").format(folder=folder),
        ) from None
    if known > RUN_FORMAT:
        raise RunError(
            _("Run '{name}' was made by a newer Academy ({version}).").format(
                name=folder.name, version=state["academy"]
            ),
            "pip install --upgrade academy",
        )
    return dict(state)


def _check_state(state: dict[str, Any]) -> None:
    """Raise KeyError, TypeError or ValueError where run.yaml lacks what every run has."""
    dict(state["config"])
    list(state["sources"])
    str(state["name"])
    for stage in state["stages"].values():
        dict(stage["files"])
        int(stage["records"]), int(stage["rejected"]), str(stage["fingerprint"])


def check_name(name: str) -> str:
    """Refuse names that are not plain folder names."""
    if not NAME.fullmatch(name) or name.endswith("."):
        raise RunError(
            _("'{name}' cannot be the name of a run.").format(name=name),
            _("Use letters, digits, '-', '_' and '.', at most 100: --name my-handbook"),
        )
    return name


def choose_run(config: AcademyConfig, name: str | None, sources: Sequence[str], update: bool) -> Path:
    """The folder that ``academy train`` works in.

    The same sources and settings as before continue the run they belong to. Other ones get a new run: under a free name
    when the user gave none, and with a question back when the user named a run that exists.

    Raises:
        RunError: ``name`` exists, was made from something else, and ``update`` is not set.
    """
    if name is None:
        stem = slug(sources)
        candidates = (f"{stem}-{n}" if n > 1 else stem for n in range(1, 10_000))
        return next(
            config.runs / free
            for free in candidates
            if not (config.runs / free / "run.yaml").exists() or _same(config.runs / free, config, sources)
        )
    folder = config.runs / check_name(name)
    if not (folder / "run.yaml").exists() or update or _same(folder, config, sources):
        return folder
    raise RunError(
        _("Run '{name}' exists and was made from other sources or settings.").format(name=name),
        _("Bring it up to date with --update, or choose another name: --name {name}-2").format(name=name),
    )


def slug(sources: Sequence[str]) -> str:
    """A run name from the first source: "Mein Handbuch.pdf" -> "Mein-Handbuch"."""
    stem = Path(sources[0]).resolve().stem if sources else ""
    return re.sub(r"[^\w]+", "-", stem).strip("-")[:60] or "run"


def _same(folder: Path, config: AcademyConfig, sources: Sequence[str]) -> bool:
    """Whether a run was made from these sources and settings; where the runs stand does not matter.

    A run in which nothing is finished yet is nobody's: a corrected command may take its place.
    """
    state = read_state(folder)
    if not state["stages"]:
        return True
    try:
        made = config_of_run(state["config"])
    except ConfigError:
        return False
    return bool(state["sources"] == list(sources) and made.model_copy(update=_changeable(made, config)) == config)


def _changeable(made: AcademyConfig, config: AcademyConfig) -> dict[str, object]:
    """Settings that may differ within one run: its place, how fast a teacher is asked, what it may cost."""
    pace = {name: value for name, value in config.teacher if name not in ANSWERING}
    return {
        "runs": config.runs,
        "local_only": config.local_only,
        "teacher": made.teacher.model_copy(update=pace),
    }


def size_of(folder: Path) -> tuple[int, int]:
    """Number of files of a run, and their bytes."""
    files = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    return len(files), sum(path.stat().st_size for path in files)


def delete_run(folder: Path) -> None:
    """Delete a run whole. ``run.yaml`` goes first: a kill leaves a folder that no command takes for a run.

    Raises:
        RunError: another process works on the run, or its folder is a link to elsewhere.
    """
    if folder.is_symlink():
        raise RunError(
            _("{folder} is a link; nothing was deleted.").format(folder=folder),
            _("Delete the folder it leads to by hand."),
        )
    try:
        with FileLock(folder / ".lock", timeout=0):
            (folder / "run.yaml").unlink(missing_ok=True)
    except Timeout:
        raise RunError(
            _("Run '{name}' is being worked on by another Academy process.").format(name=folder.name),
            _("Wait for it to end, then delete it."),
        ) from None
    shutil.rmtree(folder)

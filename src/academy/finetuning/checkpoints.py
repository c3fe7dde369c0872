"""Checkpoints that a kill cannot damage: a folder counts only once its marker is written, last, by a rename.

The marker holds the hash of every file: what a failing disk or a copy has changed is not resumed, the one before is.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Collection
from pathlib import Path
from typing import Any

MARKER = "complete.json"
_NAME = "checkpoint-"
"""The Trainer names the folders so."""


def checkpoint(scratch: Path, step: int) -> Path:
    """The folder of a step's checkpoint."""
    return scratch / f"{_NAME}{step}"


def mark_complete(folder: Path, state: dict[str, Any]) -> None:
    """Declare a checkpoint complete and keep our own state with it."""
    names = [path.name for path in sorted(folder.iterdir()) if path.is_file()]
    for name in names:
        _sync(folder / name)
    files = {name: _hash(folder / name) for name in names}
    part = folder / f"{MARKER}.part"
    part.write_text(json.dumps({"files": files, "state": state}), encoding="utf-8")
    _sync(part)
    os.replace(part, folder / MARKER)


def state_of(folder: Path) -> dict[str, Any] | None:
    """Our state in a checkpoint; None when it is incomplete or damaged."""
    try:
        marker = json.loads((folder / MARKER).read_text(encoding="utf-8"))
        whole = all(_hash(folder / name) == value for name, value in marker["files"].items())
        return dict(marker["state"]) if whole else None
    except (OSError, ValueError, KeyError):
        return None


def newest(scratch: Path) -> Path | None:
    """The complete, undamaged checkpoint with the highest step; None when there is none."""
    return next((folder for folder in reversed(_folders(scratch)) if state_of(folder) is not None), None)


def remove_others(scratch: Path, keep: Collection[int]) -> None:
    """Delete all checkpoints but those of the given steps, the marker first, so that no half of one ever counts."""
    for folder in _folders(scratch):
        if _step(folder) not in keep:
            (folder / MARKER).unlink(missing_ok=True)
            shutil.rmtree(folder)


def _folders(scratch: Path) -> list[Path]:
    return sorted((path for path in scratch.glob(f"{_NAME}*") if path.is_dir()), key=_step)


def _step(folder: Path) -> int:
    number = folder.name.removeprefix(_NAME)
    return int(number) if number.isdigit() else -1


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())

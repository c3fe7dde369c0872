"""Kill the line at every moment that could matter, and see whether the same command then ends with the same bytes.

    python tests/killing.py SOURCES WORKPLACE [EVERY]

A moment is a call of ``os.replace``, ``os.fsync`` or ``Journal.add``: between two of them nothing on disk changes but
a temporary file. Each trial forks a child that kills itself (SIGKILL) at its moment, then one that runs undisturbed.
Prints one JSON line: moments tried, kills that happened, and the trials that ended with other bytes.
"""

import json
import os
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from academy import artefacts, pipeline
from academy.config import AcademyConfig
from academy.distillation.offline import GRAMMARS

ARTEFACTS = ("1-documents.jsonl", "2-chunks.jsonl", "3-lessons.jsonl", "4-dataset", "rejected.jsonl")


def warm() -> None:
    """Open the language models before forking, or every one of the children opens them again: two seconds each."""
    GRAMMARS["de"].analysed("Der Kernel verwendet seit 2003 den Dienst udev.")
    GRAMMARS["en"].analysed("The kernel uses the service udev.")


def line(sources: Path, runs: Path) -> None:
    """Stages 1 to 4."""
    pipeline.train(pipeline.open_run([sources], AcademyConfig(runs=runs), name="r"), until="build")


def in_child(work: Callable[[], None]) -> int:
    """Run in a forked child; give its wait status."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException:  # noqa: BLE001 - a child must report whatever ends it
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    return os.waitpid(child, 0)[1]


def dying_at(moment: int, work: Callable[[], None]) -> Callable[[], None]:
    """The same work, killed at its ``moment``-th durable operation."""

    def run() -> None:
        count = 0

        def counted(function: Callable[..., Any]) -> Callable[..., Any]:
            def call(*args: Any, **options: Any) -> Any:
                nonlocal count
                count += 1
                if count == moment:
                    os.kill(os.getpid(), signal.SIGKILL)
                return function(*args, **options)

            return call

        os.replace = counted(os.replace)
        os.fsync = counted(os.fsync)
        artefacts.Journal.add = counted(artefacts.Journal.add)  # type: ignore[method-assign]
        work()

    return run


def contents(run: Path) -> dict[str, bytes]:
    """Relative name -> bytes of every artefact of stages 1 to 4."""
    places = [run / name for name in ARTEFACTS]
    files = [path for place in places for path in ([place] if place.is_file() else sorted(place.rglob("*")))]
    return {path.relative_to(run).as_posix(): path.read_bytes() for path in files if path.is_file()}


def main(sources: Path, place: Path, every: int) -> dict[str, Any]:
    """Try every ``every``-th moment until one comes after the end of the line."""
    warm()
    assert in_child(lambda: line(sources, place / "calm")) == 0
    expected = contents(place / "calm" / "r")
    kills, different, moment = 0, [], 1
    while True:
        runs = place / f"{moment}"
        status = in_child(dying_at(moment, lambda: line(sources, runs)))  # noqa: B023 - called at once
        if not os.WIFSIGNALED(status):
            break
        kills += 1
        if in_child(lambda: line(sources, runs)) != 0 or contents(runs / "r") != expected:  # noqa: B023 - called at once
            different.append(moment)
        moment += every
    return {"files": sorted(expected), "kills": kills, "different": different}


if __name__ == "__main__":
    result = main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    sys.stdout.write(json.dumps(result) + "\n")

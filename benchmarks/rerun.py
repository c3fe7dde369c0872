"""What a repeated ``academy train`` costs: nothing changed (goal: under 2 s), and one document added to many.

python -m benchmarks.rerun [FOLDER]      FOLDER: a finished demo run's sources; default: examples/, stages 1 to 4
"""

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.timing import ACADEMY, report, seconds

ROOT = Path(__file__).parent.parent


def train(sources: Path, runs: Path, *words: str) -> float:
    """Wall seconds of one ``academy train``."""
    began = time.perf_counter()
    command = [ACADEMY, "train", str(sources), "--name", "r", "--set", f"runs={runs}", *words]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - began


def whole_line(place: Path) -> dict[str, list[float]]:
    """A short but complete run, then the same command again."""
    words = ("--set", "finetune.max_steps=20", "--set", "build.exam_size=10")
    document = ROOT / "examples" / "linux-treiber-skript.pdf"
    first = train(document, place, *words)
    command = [ACADEMY, "train", str(document), "--name", "r", "--set", f"runs={place}", *words]
    return {"train, 20 steps": [first], "the same again": seconds(command)}


def one_added(place: Path, count: int = 20) -> dict[str, list[float]]:
    """Stages 1 to 4 on many documents, then with one more."""
    sources = place / "sources"
    sources.mkdir()
    text = (ROOT / "docs" / "design.md").read_text("utf-8")
    for number in range(count):
        (sources / f"{number:03}.md").write_text(f"# Part {number}\n\n{text.replace('the', f'the{number}')}")
    first = train(sources, place / "runs", "--until", "distil")
    (sources / "added.md").write_text(f"# Added\n\n{text}")
    added = train(sources, place / "runs", "--until", "distil")
    alone = place / "alone"
    alone.mkdir()
    shutil.copy(sources / "added.md", alone)
    return {
        f"{count} documents, stages 1-3": [first],
        "one added": [added],
        "that one alone": [train(alone, place / "other", "--until", "distil")],
    }


def main() -> None:
    """Measure."""
    with tempfile.TemporaryDirectory() as name:
        rows = whole_line(Path(name) / "whole")
    with tempfile.TemporaryDirectory() as name:
        rows |= one_added(Path(name))
    report("rerun", rows, python=sys.version.split()[0])


if __name__ == "__main__":
    main()

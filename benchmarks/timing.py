"""Wall-clock time of whole commands, for the other benchmarks."""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

ACADEMY = str(Path(sys.executable).parent / "academy")


def seconds(command: Sequence[str], runs: int = 7, warm_up: int = 1) -> list[float]:
    """Wall seconds of ``runs`` runs of a command, after ``warm_up`` runs that are not counted."""
    taken = []
    for number in range(warm_up + runs):
        began = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if number >= warm_up:
            taken.append(time.perf_counter() - began)
    return taken


def report(name: str, rows: dict[str, list[float]], **facts: object) -> None:
    """Print a Markdown table and one JSON line."""
    print("| command | median s | min | max | n |\n|---|---|---|---|---|")
    for label, taken in rows.items():
        print(f"| {label} | {statistics.median(taken):.2f} | {min(taken):.2f} | {max(taken):.2f} | {len(taken)} |")
    medians = {label: round(statistics.median(taken), 3) for label, taken in rows.items()}
    print(json.dumps({"benchmark": name, "median_s": medians, **facts}))

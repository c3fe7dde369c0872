"""How every file of a folder of odd and hostile documents ends: as text, or as a reason; never as a crash or a hang.

python -m benchmarks.robustness FOLDER [FOLDER ...]
"""

import json
import sys
import time
from collections import Counter
from pathlib import Path

from academy.ingestion.isolation import Died, Limits, Worker
from academy.ingestion.readers import READERS, ending_of
from academy.ingestion.reading import Options, UnreadableError

UNTYPED = ("crashed", "too_slow", "too_much_memory")


def measure(folder: Path) -> dict[str, object]:
    """Read every file of a folder in one worker, a new one after each death."""
    counts: Counter[str] = Counter()
    slowest, largest, bad = 0.0, 0, []
    worker = Worker(Limits())
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and ending_of(path.name) in READERS):
        began = time.monotonic()
        try:
            worker.read(path.name, path, Options())
            outcome = "text"
        except UnreadableError as error:
            outcome = error.reason
        except Died as death:
            outcome = death.reason
            bad.append(f"{path.relative_to(folder)}: {death.reason} {death.problem}")
        seconds = time.monotonic() - began
        counts[outcome] += 1
        slowest, largest = max(slowest, seconds), max(largest, worker.peak_mb)
        if outcome in UNTYPED or worker.served >= 500:
            worker.close()
            worker = Worker(Limits())
    worker.close()
    return {
        "folder": folder.name,
        "files": counts.total(),
        "outcomes": dict(counts.most_common()),
        "slowest_s": round(slowest, 1),
        "largest_mb": largest,
        "stopped": bad,
    }


def main() -> None:
    """Measure every folder that is named."""
    print("| folder | files | text | refused with a reason | stopped by a limit or crashed | slowest s | most MB |")
    print("|---|---|---|---|---|---|---|")
    for name in sys.argv[1:]:
        row = measure(Path(name))
        outcomes = row["outcomes"]
        assert isinstance(outcomes, dict)
        stopped = sum(outcomes.get(reason, 0) for reason in UNTYPED)
        text = outcomes.get("text", 0)
        refused = sum(outcomes.values()) - text - stopped
        print(
            f"| {row['folder']} | {row['files']} | {text} | {refused} | {stopped} | {row['slowest_s']} "
            f"| {row['largest_mb']} |"
        )
        print(json.dumps({"benchmark": "robustness", **row}), file=sys.stderr)


if __name__ == "__main__":
    main()

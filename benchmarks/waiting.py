"""What spinning threads cost where another program uses one of the cores: 20 steps of fine-tuning the demo document.

python -m benchmarks.waiting [PAIRS]      seconds of stage 5, with and without ``OMP_WAIT_POLICY=PASSIVE``, in turn
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.timing import report

DOCUMENT = Path(__file__).parent.parent / "examples" / "linux-treiber-skript.pdf"
# Academy sets the variable when it is imported; for the comparison it is taken back before torch loads.
START = "import os, academy; {undo}; from academy.cli import main; main()"
UNDO = {"passive": "pass", "default": "os.environ.pop('OMP_WAIT_POLICY')"}


def academy(policy: str, *words: str) -> float:
    """Wall seconds of one command under a waiting policy."""
    clean = {name: value for name, value in os.environ.items() if name != "OMP_WAIT_POLICY"}
    began = time.perf_counter()
    command = [sys.executable, "-c", START.format(undo=UNDO[policy]), *words]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=clean)
    return time.perf_counter() - began


def main(pairs: int) -> None:
    """Measure in turn, beside a program that keeps one core busy."""
    taken: dict[str, list[float]] = {"passive": [], "default": []}
    with tempfile.TemporaryDirectory() as name:
        runs = ("--set", f"runs={name}", "--name", "r")
        academy("passive", "train", str(DOCUMENT), "--until", "build", *runs)
        busy = subprocess.Popen([sys.executable, "-c", "while True: pass"])
        try:
            again = ("--from", "finetune", "--until", "finetune", "--set", "finetune.max_steps=20")
            for _ in range(pairs):
                for policy, seconds in taken.items():
                    seconds.append(academy(policy, "train", *runs, *again))
        finally:
            busy.kill()
            busy.wait()
    report("waiting", taken)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)

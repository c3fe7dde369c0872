"""The demo: train a specialist on a real German PDF, show the scores before and after, ask it three questions.

Runs the same commands that a user would type and prints each before it runs. Needs nothing but this checkout. The
questions are asked in the way that did best in the exam just held, as the report advises.
"""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
DOCUMENT = ROOT / "examples" / "linux-treiber-skript.pdf"
EXAM = ROOT / "examples" / "linux-treiber-skript.exam.jsonl"
RUNS = ROOT / "demo"
QUESTIONS = (
    "Wer entscheidet, welche Patches in den Mainline-Kernel kommen?",
    "Welche Interruptnummer ist für System Calls reserviert?",
    "Was löst devfs ab und legt die Gerätedateien in /dev an?",
)


def academy(*words: str) -> int:
    """Print a command, then run it."""
    command = [str(Path(sys.executable).parent / "academy"), *words]
    shown = " ".join(f'"{word}"' if " " in word else word for word in words).replace(f"{ROOT}/", "")
    sys.stdout.write(f"\n$ academy {shown}\n")
    sys.stdout.flush()
    return subprocess.run([*command, "--set", f"runs={RUNS}"], check=False).returncode


def best_mode() -> str:
    """The way of answering that found the most answers in the exam; evidence when others are only as good."""
    report = json.loads(next(RUNS.glob("*/6-report.json")).read_text("utf-8"))
    found = {
        row["candidate"]: next(score["value"] for score in row["scores"] if score["metric"] == "containment")
        for row in report["candidates"]
    }
    return max(("evidence", "specialist", "retrieval"), key=lambda mode: found[mode])


def main() -> int:
    """Run the demo; the first failing command ends it."""
    code = academy("train", str(DOCUMENT), "--set", f"evaluate.exam={EXAM}", "--set", "finetune.max_minutes=4")
    for question in () if code else QUESTIONS:
        code = code or academy("query", question, "--mode", best_mode())
    return code


if __name__ == "__main__":
    sys.exit(main())

"""The demo: train a specialist on a real German PDF, show the scores before and after, ask it three questions.

Runs the same commands that a user would type and prints each before it runs. Needs nothing but this checkout. How the
questions are answered is what the exam just held found best.
"""

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


def main() -> int:
    """Run the demo; the first failing command ends it."""
    code = academy("train", str(DOCUMENT), "--set", f"evaluate.exam={EXAM}", "--set", "finetune.max_minutes=4")
    for question in () if code else QUESTIONS:
        code = code or academy("query", question)
    return code


if __name__ == "__main__":
    sys.exit(main())

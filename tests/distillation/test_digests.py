"""Summaries: the same in every process."""

import os
import subprocess
import sys

CODE = """
from academy.distillation.digests import digest
from academy.distillation.frames import Frames
texts = ["Die Funktion ruft den Kernel mit dem Treiber auf.", "Der Kernel ruft den Treiber mit der Funktion auf.",
         "Gestern war alles ruhig.", "Morgen wird es regnen.", "Niemand schreibt gern lange Briefe."]
for draft in digest([(text, text) for text in texts], "Aufbau", Frames("de", "Skript")):
    print(draft.text, [sketch.body.messages[-2].content for sketch in draft.lessons])
"""


def told(seed: str) -> str:
    """What a new process with this hash seed writes."""
    environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run([sys.executable, "-c", CODE], env=environment, capture_output=True, check=True)
    return done.stdout.decode("utf-8")


def test_words_that_weigh_the_same_stand_in_the_same_order_in_every_process() -> None:
    first = told("1")
    assert "Fasse zusammen" in first
    assert {told(seed) for seed in ("2", "3", "4", "5", "6")} == {first}

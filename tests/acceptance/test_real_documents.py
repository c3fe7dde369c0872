"""Slow proofs on real documents: make acceptance (ACADEMY_DATA names the development data)."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.killing import contents

pytestmark = pytest.mark.acceptance
ROOT = Path(__file__).parent.parent.parent
DEMO = ROOT / "examples" / "linux-treiber-skript.pdf"
ACADEMY = str(Path(sys.executable).parent / "academy")


def academy(*words: object) -> subprocess.CompletedProcess[str]:
    """Run a command line to its end."""
    environment = {name: value for name, value in os.environ.items() if name != "OMP_NUM_THREADS"}
    return subprocess.run([ACADEMY, *map(str, words)], capture_output=True, text=True, check=False, env=environment)


@pytest.mark.timeout(1800)
def test_a_second_pdf_goes_through_the_same_way(data: Path) -> None:
    document = data / "documents" / "de" / "musiktheorie-skript.pdf"
    trained = academy("train", document, "--set", "finetune.max_steps=60", "--json")
    assert trained.returncode == 0, trained.stderr
    scores = {row["candidate"]: row["scores"] for row in json.loads(trained.stdout)["candidates"]}
    assert set(scores) == {"base", "base-few-shot", "specialist", "retrieval", "evidence"}
    assert all(
        score["n"] > 0 and score["low"] <= score["value"] <= score["high"] for row in scores.values() for score in row
    )
    answer: dict[str, Any] = json.loads(academy("query", "Wie viele Halbtöne hat eine reine Quinte?", "--json").stdout)
    assert answer["sources"]
    assert answer["sources"][0]["document"] == "musiktheorie-skript.pdf"
    assert 1 <= answer["sources"][0]["page"] <= 38


@pytest.mark.timeout(1800)
def test_killed_at_random_moments_the_demo_document_ends_with_the_same_bytes(tmp_path: Path) -> None:
    words = ("train", DEMO, "--until", "build", "--name", "r")
    began = time.monotonic()
    assert academy(*words, "--set", f"runs={tmp_path / 'calm'}").returncode == 0
    whole = time.monotonic() - began
    expected = contents(tmp_path / "calm" / "r")
    assert len(expected) == 7
    dice, kills = random.Random(0), 0
    for trial in range(12):
        runs = tmp_path / f"{trial}"
        process = subprocess.Popen(
            [ACADEMY, *map(str, words), "--set", f"runs={runs}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        time.sleep(dice.uniform(0.3, whole))
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            kills += 1
        process.wait()
        assert academy(*words, "--set", f"runs={runs}").returncode == 0
        assert contents(runs / "r") == expected
    assert kills > 3


@pytest.mark.timeout(1800)
def test_an_added_document_leaves_the_others_alone(data: Path, tmp_path: Path) -> None:
    folder = tmp_path / "sources"
    folder.mkdir()
    for story in sorted((data / "exams" / "fairytaleqa").iterdir())[:3]:
        (folder / f"{story.name}.txt").write_text((story / "document.txt").read_text("utf-8"), "utf-8")
    assert academy("train", folder, "--until", "build").returncode == 0
    story = sorted((data / "exams" / "fairytaleqa").iterdir())[4]
    (folder / "zz-added.txt").write_text((story / "document.txt").read_text("utf-8"), "utf-8")
    before = {
        path.name: path.read_text("utf-8").splitlines() for path in (tmp_path / "runs" / "sources").glob("*.jsonl")
    }
    again = academy("train", folder, "--until", "build")
    assert again.returncode == 0, again.stderr
    chunks = (tmp_path / "runs" / "sources" / "2-chunks.jsonl").read_text("utf-8").splitlines()
    assert chunks[: len(before["2-chunks.jsonl"])] == before["2-chunks.jsonl"]
    assert len(chunks) > len(before["2-chunks.jsonl"])

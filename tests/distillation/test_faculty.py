"""Teachers by language model in the whole line: rehearsal, disclosure, kills, accounts; nothing leaves by mistake."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from academy import pipeline
from academy.config import AcademyConfig
from academy.distillation.prompts import load_prompts
from academy.errors import ConfigError, DistillationError, EndpointDownError, MissingKeyError, NoCreditError
from academy.runs import read_state
from academy.stage import Event
from tests.openai_server import OpenAIServer

pytestmark = pytest.mark.usefixtures("loopback")
PASSAGES = 12


@pytest.fixture
def handbook(tmp_path: Path) -> Path:
    lines = []
    for number in range(PASSAGES):
        lines.append(f"# Gerät {number}\n")
        lines.append(
            f"Der Dienst Nummer {number} verwaltet seit {1990 + number} die Dateien der Geräte unter Linux. " * 6
        )
    file = tmp_path / "handbuch.md"
    file.write_text("\n\n".join(lines), "utf-8")
    return file


def answer(body: Mapping[str, Any]) -> str:
    """What a diligent model writes about such a passage."""
    told = str(body["messages"][1]["content"]).split("Jetzt du")[-1]
    found = re.search(r"Der Dienst Nummer (\d+) verwaltet seit (\d+) die Dateien der Geräte unter Linux\.", told)
    assert found
    number, year = found.groups()
    fact = {"id": 1, "text": found.group(), "quote": found.group()}
    qa = {
        "fact": 1,
        "question": f"Seit wann verwaltet der Dienst Nummer {number} die Dateien?",
        "short": f"seit {year}",
        "answer": f"Der Dienst Nummer {number} verwaltet die Dateien seit {year}.",
        "reverse_question": "",
        "reverse_short": "",
    }
    exam = {"fact": 1, "question": f"In welchem Jahr begann Dienst Nummer {number}?", "short": year}
    empty = {kind: [] for kind in load_prompts(AcademyConfig().distil.kinds).kinds}
    return json.dumps({**empty, "fact": [fact], "qa": [qa], "exam": [exam]}, ensure_ascii=False)


def settings(tmp_path: Path, server: OpenAIServer, **changed: Any) -> AcademyConfig:
    config = {
        "runs": tmp_path / "runs",
        "distil": {"teacher": "custom:tiny", "exam_share": 1, **changed.pop("distil", {})},
        "teacher": {"base_url": server.url, "attempts": 2, "timeout_seconds": 5, **changed.pop("teacher", {})},
        **changed,
    }
    return AcademyConfig.model_validate(config)


def train(handbook: Path, config: AcademyConfig) -> tuple[Any, list[Event]]:
    events: list[Event] = []
    run = pipeline.open_run([handbook], config, name="r")
    pipeline.train(run, until="distil", listener=events.append)
    return run, events


def lessons(run: Any) -> list[Any]:
    return [json.loads(line) for line in (run.folder / "3-lessons.jsonl").read_text("utf-8").splitlines()]


def test_the_whole_line_with_a_language_model(tmp_path: Path, handbook: Path) -> None:
    with OpenAIServer(answer, delay=0.01) as server:
        run, events = train(handbook, settings(tmp_path, server))
        first = (run.folder / "3-lessons.jsonl").read_bytes()
        assert server.counts["answered"] == 2 * PASSAGES
        assert server.most_flying > 1, "several passages at once"
    kinds = [row["kind"] for row in lessons(run) if row["record"] == "lesson"]
    assert (kinds.count("exam"), kinds.count("sentence"), kinds.count("passage")) == (PASSAGES,) * 3
    told = "\n".join(event.note for event in events if event.kind == "notice")
    assert "About 24 requests to custom:tiny" in told
    assert "Rehearsal of custom:tiny on 3 passages" in told
    usage = read_state(run.folder)["stages"]["distil"]["usage"]["custom:tiny"]
    assert (usage["requests"], usage["failed"], usage["sent_to"]) == (24, 0, "")
    assert usage["cost_usd"] > 0
    with OpenAIServer(answer) as other:  # a second run over the same text finds every answer
        config = settings(tmp_path, other, teacher={"base_url": server.url})
        again = pipeline.open_run([handbook], config, name="again")
        pipeline.train(again, until="distil")
        assert (again.folder / "3-lessons.jsonl").read_bytes() == first
        assert "usage" not in read_state(again.folder)["stages"]["distil"]


def test_what_an_earlier_teacher_was_sent_stays_in_the_account(
    tmp_path: Path, handbook: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from academy.examination import sent
    from academy.models import api_presets

    monkeypatch.setattr(api_presets, "is_local", lambda address: False)
    with OpenAIServer(answer) as server:
        run, _events = train(handbook, settings(tmp_path, server))
        assert sent(run.folder) == "custom:tiny (127.0.0.1)"
        offline = settings(tmp_path, server, distil={"teacher": "offline"})
    again = pipeline.open_run([handbook], offline, name="r", update=True)
    pipeline.train(again, until="distil")
    assert sent(run.folder) == "custom:tiny (custom)", "what was sent cannot be called back by another teacher"


def test_a_rehearsal_that_brings_nothing_stops_before_the_rest_is_paid_for(tmp_path: Path, handbook: Path) -> None:
    with OpenAIServer("Das kann ich leider nicht.") as server:
        with pytest.raises(DistillationError, match="Das kann ich leider nicht") as caught:
            train(handbook, settings(tmp_path, server))
        assert server.counts["answered"] == 6, "three passages, each with one retry"
    assert "distil.floor" in caught.value.hint


def test_what_leaves_the_machine_is_told_before_the_first_passage(
    tmp_path: Path, handbook: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENROUTER_API_KEY", "sk-or-v1-test-test-test-test")
    from academy.models import api_presets

    monkeypatch.setattr(api_presets, "is_local", lambda address: False)
    told: list[str] = []
    account = {"is_free_tier": True, "limit_remaining": None}
    with OpenAIServer(answer, account=account, models=["a/b:free"]) as server:
        config = settings(tmp_path, server, distil={"teacher": "openrouter:a/b:free"})
        run = pipeline.open_run([handbook], config, name="r")

        def listen(event: Event) -> None:
            if event.kind == "notice":
                told.append(f"{len(server.bodies)} {event.note}")

        with pytest.raises(AssertionError, match="enough"):
            pipeline.train(run, until="distil", listener=lambda event: (listen(event), _enough(told))[0])
    assert told[0].startswith("0 The text of 12 passages (")
    assert "goes to 127.0.0.1, for a/b:free." in told[0]
    assert "OpenRouter passes the text on" in told[0]
    assert told[2].startswith("0 Free requests: 50 a day, finished after 1 days")


def _enough(told: list[str]) -> None:
    assert len(told) < 3, "enough: the rest would be paced at 20 requests a minute"


def test_local_only_opens_no_connection_elsewhere(
    tmp_path: Path, handbook: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached: list[Any] = []
    connect, look_up = socket.socket.connect, socket.getaddrinfo
    monkeypatch.setattr(socket.socket, "connect", lambda self, to: (reached.append(to[0]), connect(self, to))[1])
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *a, **k: (reached.append(host), look_up(host, *a, **k))[1])
    monkeypatch.setenv("HTTP_PROXY", "http://203.0.113.7:8080")
    monkeypatch.setenv("OPENROUTER_API_KEY", "sk-or-v1-test-test-test-test")
    with OpenAIServer(answer) as server:
        remote = settings(
            tmp_path, server, local_only=True, distil={"teacher": "openrouter:a/b"}, teacher={"base_url": None}
        )
        with pytest.raises(ConfigError, match="local-only"):
            train(handbook, remote)
        assert reached == []
        train(handbook, settings(tmp_path, server, local_only=True))
        assert server.counts["answered"] == 2 * PASSAGES
    assert set(reached) <= {"127.0.0.1", b"127.0.0.1"}


@pytest.mark.parametrize(("fault", "error"), [("402", NoCreditError), ("500", EndpointDownError)])
def test_what_was_earned_is_kept_when_it_ends_early(
    tmp_path: Path, handbook: Path, fault: str, error: type[Exception]
) -> None:
    with OpenAIServer(answer, faults=[*[""] * 10, *[fault] * 500], retry_after=None) as server:
        config = settings(tmp_path, server, teacher={"attempts": 1})
        with pytest.raises(error) as caught:
            train(handbook, config)
        assert "kept" in str(caught.value)
        assert server.counts["answered"] == 10
        server.faults = iter(())
        train(handbook, config)
        assert server.counts["answered"] == 2 * PASSAGES, "the ten answers were not paid for again"


def test_without_a_key_nothing_begins(tmp_path: Path, handbook: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENROUTER_API_KEY", raising=False)
    with OpenAIServer(answer) as server:
        with pytest.raises(MissingKeyError, match="OPENROUTER_API_KEY"):
            train(handbook, settings(tmp_path, server, distil={"teacher": "openrouter:a/b"}))
        assert server.bodies == []


def test_one_refused_passage_stops_nobody(tmp_path: Path, handbook: Path) -> None:
    with OpenAIServer(answer, faults=[*[""] * 8, "moderation"]) as server:
        run, _events = train(handbook, settings(tmp_path, server))
    reasons = [json.loads(line)["reason"] for line in (run.folder / "rejected.jsonl").read_text("utf-8").splitlines()]
    assert reasons.count("refused by the teacher") == 1


def test_two_teachers_share_the_work(tmp_path: Path, handbook: Path) -> None:
    with OpenAIServer(answer) as server:
        config = settings(tmp_path, server, distil={"teacher": ["custom:one", "custom:two", "offline"]})
        run, _events = train(handbook, config)
    signed = {row["teacher"] for row in lessons(run) if row["record"] == "lesson"}
    assert len(signed) == 3
    assert {"custom:one", "custom:two"} < signed


KILLED = """
import sys
from academy import pipeline
from academy.settings import load_config
config = load_config(None, sys.argv[2:], {})
pipeline.train(pipeline.open_run([sys.argv[1]], config, name="r"), until="distil")
"""


def test_kills_lose_only_what_was_under_way(tmp_path: Path, handbook: Path) -> None:
    with OpenAIServer(answer, delay=0.15) as server:
        command = [sys.executable, "-c", KILLED, str(handbook), f"runs={tmp_path / 'runs'}", "distil.exam_share=1"]
        command += ["distil.teacher=custom:tiny", f"teacher.base_url={server.url}", "teacher.concurrency=4"]
        kills = 0
        for wanted in (3, 9, 15):
            child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            while server.counts["answered"] < wanted and child.poll() is None:
                time.sleep(0.005)
            if child.poll() is None:
                os.kill(child.pid, signal.SIGKILL)
                kills += 1
            child.wait(60)
        subprocess.run(command, check=True, timeout=120)
        paid = server.counts["answered"]
    assert kills
    assert 2 * PASSAGES <= paid <= 2 * PASSAGES + 4 * kills, "at most the four under way are asked again"
    rows = [json.loads(line) for line in (tmp_path / "runs" / "r" / "3-lessons.jsonl").read_text("utf-8").splitlines()]
    assert sum(row.get("kind") == "exam" for row in rows) == PASSAGES, "none is missing"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    from academy.models import api

    monkeypatch.setattr(api, "LONGEST_BACKOFF", 0.01)


def test_check_asks_the_teacher_once_and_sends_nothing_of_the_user(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from academy.cli.check import teachers

    with OpenAIServer("ready", key="") as server:
        [found] = list(teachers(settings(tmp_path, server)))
        assert (found.fine, found.subject) == (True, "teacher custom:tiny")
        assert server.bodies[0]["messages"] == [{"role": "user", "content": "Answer with one word: ready"}]
        server.faults = iter(["404"])
        [missing] = list(teachers(settings(tmp_path, server)))
    assert not missing.fine
    assert "does not have the model 'tiny'" in missing.detail
    assert not list(teachers(AcademyConfig()))


def test_show_lessons_tells_what_was_refused_and_why(
    tmp_path: Path, handbook: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from academy.cli.show import detail

    with OpenAIServer(lambda body: answer(body).replace('"quote": "Der', '"quote": "Kein Der')) as server:
        run, _events = train(
            handbook, settings(tmp_path, server, distil={"floor": 0.0, "teacher": ["custom:a", "offline"]})
        )
    detail(run.folder, "distil", 3, as_json=False)
    shown = capsys.readouterr().out
    assert "statements whose proof does not stand in the passage" in " ".join(shown.split())
    assert "left out because" in shown


def test_another_parser_means_other_lessons(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from academy.distillation import TEACHERS, frames
    from academy.distillation.faculty import Faculty

    def marks() -> list[str]:
        frames.rules_hash.cache_clear()
        names = "offline", ("offline", "ollama:m"), "ollama:m"
        configs = [AcademyConfig.model_validate({"distil": {"teacher": name}}) for name in names]
        return [Faculty(config, tmp_path, TEACHERS).fingerprint for config in configs]

    before = marks()
    assert marks() == before
    monkeypatch.setattr(frames, "version", lambda name: "99")
    after = marks()
    frames.rules_hash.cache_clear()
    assert [old == new for old, new in zip(before, after, strict=True)] == [False, False, True]

"""The container files keep the rules that hadolint and good sense have; the same entry point is tried without Docker.

hadolint itself is a binary that is not installed with the tests, so its rules that matter here are checked one by one.
"""

import json
import re
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
import yaml

from tests.serving.runs import full_run

ROOT = Path(__file__).parent.parent.parent
KEY = "a-key-that-nobody-guesses-0123"


def instructions() -> list[tuple[str, str]]:
    """The instructions of the Dockerfile, continued lines joined, comments dropped."""
    text = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text("utf-8"), flags=re.M).replace("\\\n", " ")
    found = [line.split(" ", 1) for line in text.splitlines() if line.strip()]
    assert len(found) > 10
    return [(name, " ".join(rest.split())) for name, rest in found]


def values(name: str) -> list[str]:
    return [rest for found, rest in instructions() if found == name]


def test_images_are_pinned_and_the_last_stage_is_small() -> None:
    stages = values("FROM")
    assert len(stages) == 2
    assert all(re.match(r"[\w./-]+:[\w.-]*\d", stage) and ":latest" not in stage for stage in stages)
    last = instructions()[max(n for n, (name, _rest) in enumerate(instructions()) if name == "FROM") :]
    assert not [rest for name, rest in last if name == "RUN" and "pip" in rest]


def test_pip_leaves_no_cache_and_takes_tested_versions() -> None:
    installs = [rest for rest in values("RUN") if "pip install" in rest]
    assert installs
    assert all("--no-cache-dir" in rest for rest in installs)
    assert any("-c constraints.txt" in rest for rest in installs)


def test_it_runs_as_a_user_without_rights_and_reports_its_health() -> None:
    names = [name for name, _rest in instructions()]
    assert names.index("USER") < names.index("ENTRYPOINT")
    assert values("USER") == ["academy"]
    (check,) = values("HEALTHCHECK")
    assert "/health" in check
    assert json.loads(values("ENTRYPOINT")[0]) == ["academy"]
    assert all(Path(part).is_absolute() for part in values("WORKDIR"))
    assert not values("ADD")
    assert not re.search(r"KEY\s*=", (ROOT / "Dockerfile").read_text("utf-8").replace("ACADEMY_SERVE_KEY must", ""))


def test_what_is_copied_exists_and_is_not_ignored() -> None:
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert ignored[0] == "*"
    for rest in values("COPY"):
        if rest.startswith("--from"):
            continue
        for source in rest.split()[:-1]:
            assert (ROOT / source).exists(), source
            assert f"!{source}" in ignored, source


def test_compose_publishes_on_this_machine_alone_and_needs_a_key() -> None:
    service = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))["services"]["academy"]
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])
    assert ":?" in service["environment"]["ACADEMY_SERVE_KEY"]
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert all(volume.endswith(":ro") for volume in service["volumes"])


def test_the_same_entry_point_runs_without_docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The Dockerfile's command with a free port: key demanded, answers, and SIGTERM ends it in order."""
    full_run(tmp_path / "runs" / "alpha", seed=1)
    command = json.loads(values("CMD")[0])
    command[command.index("--port") + 1] = "0"
    program = [sys.executable, "-c", "from academy.cli import main; main()", *command]
    refused = subprocess.run(program, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert refused.returncode == 2
    assert "ACADEMY_SERVE_KEY" in refused.stderr
    monkeypatch.setenv("ACADEMY_SERVE_KEY", KEY)
    with subprocess.Popen(program, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        said = server.stderr.readline()
        port = int(re.findall(r":(\d+) ", said)[0])
        url, headers = f"http://127.0.0.1:{port}", {"Authorization": f"Bearer {KEY}"}
        deadline = time.monotonic() + 120
        while not healthy(url):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        answer = httpx.post(
            f"{url}/generate", json={"prompt": "Wer?", "mode": "specialist"}, headers=headers, timeout=120
        )
        assert answer.status_code == 200
        server.terminate()
        log = server.stderr.read()
    assert server.returncode in (0, 130)
    assert "Traceback" not in log
    assert KEY not in log
    facts = [json.loads(line)["facts"] for line in log.splitlines() if line.startswith("{")]
    assert [fact["status"] for fact in facts if fact["endpoint"] == "/generate"] == [200]


def healthy(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health", timeout=30).status_code == 200
    except httpx.TransportError:
        return False

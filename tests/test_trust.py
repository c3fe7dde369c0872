"""What a run's newest exam says about asking it."""

import json
from pathlib import Path
from typing import Any

import pytest

from academy.artefacts import read_report
from academy.errors import RunError
from academy.records import Mode, content_hash
from academy.reports import Calibration, Choice, Report
from academy.trust import Trust, newest_exam, read_trust

MADE = {"files": {"5-specialist/model.safetensors": "aa"}}


def report(mode: Mode, threshold: float | None = 0.7) -> Report:
    return Report(
        verdict="",
        candidates=(),
        differences=(),
        samples=(),
        coverage={},
        losses=(),
        choice=Choice(mode=mode, reason="best"),
        calibration=(Calibration(candidate=mode, n=20, threshold=threshold),),
    )


def entry(file: str, serial: int, made: dict[str, Any] = MADE) -> dict[str, Any]:
    return {
        "serial": serial,
        "inputs": [content_hash(made["files"]), "d", "c"],
        "files": {f"{file}.html": "", file: ""},
    }


def test_the_newest_exam_of_this_specialist_counts(tmp_path: Path) -> None:
    (tmp_path / "6-report.json").write_text(report("evidence").model_dump_json())
    (tmp_path / "6-report.mine.json").write_text(report("specialist").model_dump_json())
    own, mine = entry("6-report.json", 6), entry("6-report.mine.json", 7)
    state = {"stages": {"finetune": MADE, "evaluate": own}, "extras": {"mine": mine}}
    assert read_trust(tmp_path, state).mode == "specialist"
    state["extras"] = {"mine": {**mine, "serial": 5}}
    assert read_trust(tmp_path, state).mode == "evidence"
    other = {"files": {"5-specialist/model.safetensors": "bb"}}
    assert read_trust(tmp_path, {"stages": {"finetune": other, "evaluate": own}}) == Trust("retrieval")
    assert newest_exam({"stages": {"finetune": MADE, "evaluate": {"files": {}}}}) is None, "made by an older version"


def test_without_an_exam_search_answers_and_without_a_model_the_model_is_missed(tmp_path: Path) -> None:
    assert read_trust(tmp_path, {"stages": {"finetune": MADE}}).mode == "retrieval"
    assert read_trust(tmp_path, {"stages": {}}).mode == "evidence"


def test_below_the_threshold_an_answer_is_uncertain(tmp_path: Path) -> None:
    (tmp_path / "6-report.json").write_text(report("evidence").model_dump_json())
    trust = read_trust(tmp_path, {"stages": {"finetune": MADE, "evaluate": entry("6-report.json", 1)}})
    assert [trust.uncertain("evidence", sure) for sure in (0.69, 0.7, 0.9)] == [True, False, False]
    assert trust.uncertain("specialist", 0.1) is None, "not measured"
    never = Trust("evidence", {"evidence": Calibration(candidate="evidence", n=20)})
    assert never.uncertain("evidence", 1.0) is True, "no confidence was high enough"


@pytest.mark.parametrize("text", ["{}", "", '{"record": "report", "schema_version": 9}'])
def test_a_report_of_another_version_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "6-report.json").write_text(text)
    with pytest.raises(RunError, match="another version of Academy wrote it") as caught:
        read_report(tmp_path / "6-report.json")
    assert caught.value.hint == f"Make it again: academy train --name {tmp_path.name} --from evaluate"
    (tmp_path / "6-report.mine.json").write_text(text)
    with pytest.raises(RunError) as caught:
        read_report(tmp_path / "6-report.mine.json")
    assert caught.value.hint == f"Delete the file and examine again: academy evaluate {tmp_path.name} --exam FILE"


def test_a_report_that_lacks_later_fields_is_read(tmp_path: Path) -> None:
    old = report("evidence").model_dump(mode="json", exclude={"id", "ratings", "warnings", "probes"})
    del old["calibration"][0]["coverage"]
    (tmp_path / "6-report.json").write_text(json.dumps({**old, "id": content_hash(old)}))
    found = read_report(tmp_path / "6-report.json")
    assert (found.id, found.ratings) == (content_hash(old), None)
    (tmp_path / "6-report.json").write_text(json.dumps({**old, "id": content_hash(old), "verdict": "better"}))
    with pytest.raises(RunError, match="damaged"):
        read_report(tmp_path / "6-report.json")
    with pytest.raises(RunError):
        read_report(tmp_path / "absent.json")
    edited = report("evidence").model_dump_json().replace('"verdict":""', '"verdict":"great"')
    (tmp_path / "6-report.json").write_text(edited)
    with pytest.raises(RunError, match="damaged"):
        read_report(tmp_path / "6-report.json")

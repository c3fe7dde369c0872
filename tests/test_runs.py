"""Finding and naming runs."""

from pathlib import Path

import pytest
import yaml

from academy.config import AcademyConfig
from academy.errors import RunError
from academy.runs import check_name, choose_run, find_run, read_state, run_folders, slug


def make(
    folder: Path,
    sources: list[str],
    config: AcademyConfig | None = None,
    time: float = 0.0,
    finished: bool = True,
) -> None:
    folder.mkdir(parents=True)
    settings = (config or AcademyConfig()).model_dump(mode="json")
    stages = {"ingest": {"fingerprint": "f", "files": {}, "records": 1, "rejected": 0}} if finished else {}
    state = {"format": 1, "name": folder.name, "stages": stages, "sources": sources, "config": settings}
    (folder / "run.yaml").write_text(yaml.safe_dump(state))
    (folder / "events.jsonl").write_text(f'{{"time": {time}}}\n')


@pytest.fixture
def config(tmp_path: Path) -> AcademyConfig:
    return AcademyConfig(runs=tmp_path / "runs")


def test_the_newest_run_is_the_default(config: AcademyConfig) -> None:
    make(config.runs / "z", ["a"], time=1)
    make(config.runs / "a", ["b"], time=2)
    assert [folder.name for folder in run_folders(config.runs)] == ["z", "a"]
    assert find_run(config.runs, None).name == "a"
    assert find_run(config.runs, "z").name == "z"


def test_an_unknown_run_is_named_with_the_nearest(config: AcademyConfig) -> None:
    with pytest.raises(RunError, match="no run in"):
        find_run(config.runs, None)
    make(config.runs / "handbook", ["a"])
    with pytest.raises(RunError, match="Did you mean 'handbook'"):
        find_run(config.runs, "handbuk")


def test_the_same_sources_and_settings_continue_a_run(config: AcademyConfig) -> None:
    assert choose_run(config, None, ["x/My Book.pdf"], update=False).name == "My-Book"
    make(config.runs / "My-Book", ["x/My Book.pdf"], config)
    assert choose_run(config, None, ["x/My Book.pdf"], update=False).name == "My-Book"
    assert choose_run(config, None, ["y/My Book.pdf"], update=False).name == "My-Book-2"


def test_a_name_that_is_taken_is_refused_unless_it_may_be_updated(config: AcademyConfig) -> None:
    make(config.runs / "book", ["x.pdf"], config)
    assert choose_run(config, "book", ["x.pdf"], update=False).name == "book"
    with pytest.raises(RunError, match="exists and was made from other") as caught:
        choose_run(config, "book", ["y.pdf"], update=False)
    assert "--update" in caught.value.hint
    assert choose_run(config, "book", ["y.pdf"], update=True).name == "book"


@pytest.mark.parametrize("name", ["../x", "a/b", "", ".hidden", "a\\b", "x" * 200, "end.", "a\nb", "nul\0"])
def test_names_that_are_no_folder_names_are_refused(name: str) -> None:
    with pytest.raises(RunError, match="cannot be the name"):
        check_name(name)


def test_names_from_sources() -> None:
    assert slug(["/x/Über uns (2).pdf"]) == "Über-uns-2"
    assert slug(["/"]) == "run"


def test_runs_that_moved_and_runs_with_nothing_finished(config: AcademyConfig, tmp_path: Path) -> None:
    make(config.runs / "x", ["x.pdf"], config)
    moved = config.model_copy(update={"runs": tmp_path / "elsewhere"})
    (tmp_path / "runs").rename(tmp_path / "elsewhere")
    assert choose_run(moved, None, ["x.pdf"], update=False).name == "x", "it is the same run in another place"
    make(moved.runs / "empty", ["x.pdf"], config, time=9, finished=False)
    assert choose_run(moved, "empty", ["y.pdf"], update=False).name == "empty", "nothing finished, nothing to protect"
    assert find_run(moved.runs, None).name == "empty"
    assert find_run(moved.runs, None, reached="ingest").name == "x"


def test_a_state_that_lacks_what_every_run_has_is_broken(config: AcademyConfig) -> None:
    make(config.runs / "x", ["x.pdf"])
    (config.runs / "x" / "run.yaml").write_text("format: 1\nstages: {}\n")
    with pytest.raises(RunError, match="is broken"):
        read_state(config.runs / "x")

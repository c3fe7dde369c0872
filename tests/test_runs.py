"""Finding and naming runs."""

from pathlib import Path

import pytest
import yaml

from academy.config import AcademyConfig
from academy.errors import RunError
from academy.runs import check_name, choose_run, find_run, run_folders, slug


def make(folder: Path, sources: list[str], config: AcademyConfig | None = None, time: float = 0.0) -> None:
    folder.mkdir(parents=True)
    settings = (config or AcademyConfig()).model_dump(mode="json")
    (folder / "run.yaml").write_text(
        yaml.safe_dump({"format": 1, "stages": {}, "sources": sources, "config": settings})
    )
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

"""Where settings come from, and what happens to mistakes."""

from pathlib import Path

import pytest
import yaml

from academy.config import AcademyConfig
from academy.errors import ConfigError
from academy.settings import commented, config_of_run, dump_config, explain, fields, layers, load_config


def test_the_chain_of_precedence(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("finetune:\n  epochs: 2\n  rank: 4\nchunk:\n  max_tokens: 99\n")
    config = load_config(file, ["finetune.epochs=4"], {"ACADEMY_FINETUNE__EPOCHS": "3", "ACADEMY_FINETUNE__RANK": "8"})
    assert (config.finetune.epochs, config.finetune.rank, config.chunk.max_tokens) == (4, 8, 99)


def test_all_mistakes_are_listed_at_once_with_the_nearest_key() -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(None, ["finetune.epoch=3", "chunk.max_tokens=x", "build.exam_sise=1"], {})
    message = caught.value.message
    assert "Did you mean 'finetune.epochs'?" in message
    assert "Did you mean 'build.exam_size'?" in message
    assert "--set: chunk.max_tokens = 'x'" in message
    assert caught.value.exit_code == 2


def test_a_missing_or_broken_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no configuration file"):
        load_config(tmp_path / "none.yaml", (), {})
    broken = tmp_path / "b.yaml"
    broken.write_text("a: [1,\n")
    with pytest.raises(ConfigError, match=r"b\.yaml is not valid YAML"):
        load_config(broken, (), {})
    broken.write_text("- 1\n")
    with pytest.raises(ConfigError, match="must hold"):
        load_config(broken, (), {})


def test_an_unknown_recipe_is_named_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match="no recipe 'document-expart'") as caught:
        load_config(None, (), {}, recipe="document-expart")
    assert "Did you mean 'document-expert'?" in caught.value.message


def test_scientific_numbers_are_numbers() -> None:
    assert load_config(None, ["finetune.learning_rate=1e-4"], {}).finetune.learning_rate == 1e-4


def test_a_foreign_variable_is_ignored_and_a_mistyped_one_is_not() -> None:
    assert load_config(None, (), {"ACADEMY_HOME": "/x", "OTHER": "1"}) == load_config(None, (), {})
    with pytest.raises(ConfigError, match="unknown key"):
        load_config(None, (), {"ACADEMY_FINETUNE__EPOCH": "1"})


def test_the_file_here_is_found(tmp_path: Path) -> None:
    (tmp_path / "academy.yaml").write_text("seed: 7\n")
    assert load_config(None, (), {}).seed == 7


def test_every_setting_is_explained_and_says_where_it_comes_from() -> None:
    rows = {row.key: row for row in explain(layers(None, ["seed=3"], {}))}
    assert set(rows) == {key for key, _ in fields()}
    assert all(row.description for row in rows.values())
    assert (rows["seed"].origin, rows["seed"].value) == ("--set", 3)
    assert rows["chunk.max_tokens"].origin == "default"


def test_what_is_dumped_is_read_back() -> None:
    config = load_config(None, ["chunk.max_tokens=77", "evaluate.exam=my.jsonl"], {})
    assert AcademyConfig.model_validate(yaml.safe_load(dump_config(config))) == config
    assert config_of_run(config.model_dump(mode="json")) == config
    assert config_of_run(config.model_dump(mode="json"), ["seed=5"]).seed == 5


def test_the_commented_file_changes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "c.yaml"
    file.write_text(commented("document-expert"))
    assert load_config(file, (), {}) == load_config(None, (), {})
    uncommented = file.read_text().replace("  # max_tokens: 256", "  max_tokens: 300")
    file.write_text(uncommented)
    assert load_config(file, (), {}).chunk.max_tokens == 300


def test_code_in_a_configuration_is_not_run(tmp_path: Path) -> None:
    file = tmp_path / "evil.yaml"
    file.write_text("seed: !!python/object/apply:os.system ['touch pwned']\n")
    with pytest.raises(ConfigError):
        load_config(file, (), {})
    assert not (tmp_path / "pwned").exists()


def test_paths_as_users_write_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/anna")
    monkeypatch.setenv("USERPROFILE", "/home/anna")
    config = load_config(None, ["runs=~/runs", "evaluate.exam='~/fragen #1.jsonl'", "student.revision=1234567"], {})
    assert config.runs == Path("/home/anna/runs")
    assert config.evaluate.exam == Path("/home/anna/fragen #1.jsonl")
    assert config.student.revision == "1234567"


def test_a_problem_is_told_in_our_words_alone() -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(None, ["teacher.key_variable=no name"])
    assert "must be the name of an environment variable" in caught.value.message
    assert "Value error" not in caught.value.message

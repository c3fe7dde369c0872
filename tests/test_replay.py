"""General sentences in the training mix: their share, their order, and what is wrong with a file."""

from pathlib import Path

import pytest

from academy.config import BuildConfig
from academy.dataset import build
from academy.errors import ConfigError
from academy.models.template import FolderTemplate, load_template
from academy.records import Example, TextBody
from academy.replay import read_replay
from tests.test_dataset import learned, rivers
from tests.tiny import tiny_tokenizer

TEXTS = tuple(f"Am Morgen Nummer {number} scheint die Sonne auf das Dach." for number in range(200))


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> FolderTemplate:
    folder = tmp_path_factory.mktemp("tokenizer")
    tiny_tokenizer().save_pretrained(folder)
    return load_template(folder)


def rows(template: FolderTemplate, share: float, texts: tuple[str, ...] = TEXTS, seed: int = 0) -> tuple[Example, ...]:
    lessons, chunks = rivers(12)
    config = BuildConfig(max_length=1024, replay=Path("x"), replay_share=share)
    return build(lessons, chunks, config, template, seed, texts)[0].train


def general(train: tuple[Example, ...]) -> list[Example]:
    return [row for row in train if isinstance(row.body, TextBody) and row.body.text in TEXTS]


@pytest.mark.parametrize("share", [0.1, 0.3])
def test_the_share_is_of_learned_tokens(template: FolderTemplate, share: float) -> None:
    train = rows(template, share)
    assert learned(general(train)) / learned(train) == pytest.approx(share, abs=0.02)
    without = rows(template, 0.0)
    assert general(without) == []
    assert train[: len(without)] == without, "the lessons stay what they are"
    assert rows(template, share) == train
    assert general(rows(template, share, seed=1)) != general(train)


def test_a_short_file_is_not_repeated(template: FolderTemplate) -> None:
    assert len(general(rows(template, 0.5, TEXTS[:3]))) == 3


def test_a_file_is_paragraphs(tmp_path: Path) -> None:
    path = tmp_path / "general.txt"
    path.write_bytes("\ufeffEins\r\nund zwei.\r\n\r\nDrei.\r\n\r\n\r\n\r\nDrei.\r\n".encode())
    assert read_replay(BuildConfig(replay=path, replay_share=0.1)) == ("Eins und zwei.", "Drei.")
    assert read_replay(BuildConfig(replay=tmp_path / "absent")) == (), "not read while nothing is to be mixed in"


def test_what_is_wrong_is_named(tmp_path: Path) -> None:
    path = tmp_path / "general.txt"
    with pytest.raises(ConfigError, match=r"replay_share is set, but build\.replay names no text"):
        read_replay(BuildConfig(replay_share=0.1))
    with pytest.raises(ConfigError, match="No such file"):
        read_replay(BuildConfig(replay=path, replay_share=0.1))
    path.write_bytes("Tür".encode("latin-1"))
    with pytest.raises(ConfigError, match="no UTF-8"):
        read_replay(BuildConfig(replay=path, replay_share=0.1))
    path.write_bytes(b" \n\n ")
    with pytest.raises(ConfigError, match="holds no text"):
        read_replay(BuildConfig(replay=path, replay_share=0.1))

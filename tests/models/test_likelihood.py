"""The likelihood of given tokens, against transformers' own loss."""

from pathlib import Path

import pytest
import torch

from academy.errors import ModelError
from academy.models.answering import closed_book_messages
from academy.models.likelihood import Scoring, answer_surprise, text_nats
from academy.models.local import LocalModel, open_model
from academy.models.rows import conversation_row
from academy.models.scripted import ScriptedModel
from academy.records import Message
from tests.tiny import tiny_student


@pytest.fixture(scope="module", params=["llama", "gpt2"])
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> LocalModel:
    return open_model(tiny_student(tmp_path_factory.mktemp("m") / request.param, request.param))


def loss(model: LocalModel, ids: list[int], labels: list[int]) -> tuple[float, int]:
    """Total loss and learned tokens, as transformers computes them."""
    with torch.inference_mode():
        out = model.network(input_ids=torch.tensor([ids]), labels=torch.tensor([labels]))
    learned = sum(label != -100 for label in labels[1:])
    return float(out.loss) * learned, learned


def test_text_nats_are_the_loss_of_transformers(model: LocalModel) -> None:
    texts = ["Ein Gerätetreiber.", "A", "The quick brown fox jumps over the lazy dog, and then some."]
    rows = [[model.template.bos_id or 0, *model.template.encode(text)] for text in texts]
    for found, ids in zip(text_nats(model, texts), rows, strict=True):
        assert found == pytest.approx(loss(model, ids, ids)[0], rel=1e-2)


def test_many_rows_give_the_same_as_one(model: LocalModel) -> None:
    texts = [f"Satz {n} " + "und " * (n % 7) for n in range(40)]
    assert text_nats(model, texts) == pytest.approx([text_nats(model, [text])[0] for text in texts], rel=1e-2)
    assert text_nats(model, texts) == text_nats(model, texts)


def test_answers_count_their_own_tokens_alone(model: LocalModel) -> None:
    question, answer = "Was ist das?", "Ein Gerät"
    asked = closed_book_messages(question, language="de")
    row = conversation_row([*asked, Message(role="assistant", content=answer)], model.template)
    nats, tokens = loss(model, list(row.input_ids), list(row.labels))
    (found,) = answer_surprise(model, [question], [answer])
    assert found is not None
    assert found.tokens == tokens == len(answer.encode()) + 1, "the end of the answer counts"
    assert found.nats == pytest.approx(nats, rel=1e-2)


def test_what_does_not_fit_is_named_or_left_out(tmp_path: Path) -> None:
    small = open_model(tiny_student(tmp_path / "m"))
    small.context = 40
    long = answer_surprise(small, ["Was ist das?", "Was?"], ["x" * 60, "kurz"])
    assert long[0] is None
    assert long[1] is not None
    with pytest.raises(ModelError, match="do not fit"):
        text_nats(small, ["x" * 60])
    assert not isinstance(ScriptedModel({}), Scoring)

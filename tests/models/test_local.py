"""Model folders that answer."""

import json
import math
from pathlib import Path
from typing import Any

import pytest

from academy.errors import ModelError
from academy.models import generate
from academy.models.decoding import Chosen, choose, nucleus
from academy.models.local import open_model, open_specialist, quiet_libraries
from academy.models.student import Student
from academy.records import Message, Sampling
from tests.tiny import tiny_model, tiny_student


def ask(text: str) -> tuple[Message, ...]:
    return (Message(role="user", content=text),)


QUESTIONS = [ask("Wie groß?"), ask("a"), ask("Ein deutlich längerer Satz mit Umlauten: äöüß.")]


@pytest.fixture
def exact(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compute in fp32: in bf16 the padding shows in the third digit of a probability."""
    monkeypatch.setattr("academy.models.local.computes_bf16", lambda device: False)


@pytest.mark.usefixtures("exact")
@pytest.mark.parametrize("architecture", ["llama", "gpt2", "qwen2"])
def test_a_batch_answers_as_each_question_alone(
    tmp_path: Path, architecture: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = open_model(tiny_student(tmp_path / "m", architecture))
    sampling = Sampling(max_new_tokens=12)
    together = generate(model, QUESTIONS, sampling)
    alone = [generate(model, [question], sampling)[0] for question in QUESTIONS]
    assert [g.text for g in together] == [g.text for g in alone]
    assert [g.confidence for g in together] == pytest.approx([g.confidence for g in alone], rel=1e-4)
    assert all(g.finish_reason == "length" and g.tokens == 12 for g in together)


@pytest.mark.usefixtures("exact")
@pytest.mark.parametrize("architecture", ["llama", "gpt2"])
def test_log_probabilities_are_those_of_the_whole_text_read_at_once(
    tmp_path: Path, architecture: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch
    from transformers import AutoModelForCausalLM

    folder = tmp_path / "m"
    model = open_model(tiny_student(folder, architecture))
    answer: list[int] = []

    def spy(*arguments: Any) -> Chosen:
        chosen = choose(*arguments)
        answer.extend(chosen.tokens)
        return chosen

    monkeypatch.setattr("academy.models.local.choose", spy)
    deltas = list(model.stream([QUESTIONS[0]], Sampling(max_new_tokens=8, temperature=1.0, seed=5)))
    prompt = model.template.render_ids(QUESTIONS[0], generate=True)
    whole = AutoModelForCausalLM.from_pretrained(folder)(torch.tensor([prompt + answer])).logits.log_softmax(-1)
    expected = [whole[0, len(prompt) - 1 + n, token].item() for n, token in enumerate(answer)]
    assert [delta.logprob for delta in deltas] == pytest.approx(expected, abs=1e-4)


def test_sampling_is_seeded_and_does_not_depend_on_the_batch(tmp_path: Path) -> None:
    model = open_model(tiny_student(tmp_path / "m"))
    hot = Sampling(max_new_tokens=10, temperature=2.0, seed=1)
    first = generate(model, QUESTIONS, hot)
    assert first == generate(model, QUESTIONS, hot)
    assert first[0].text == generate(model, QUESTIONS[:1], hot)[0].text
    assert first != generate(model, QUESTIONS, Sampling(max_new_tokens=10, temperature=2.0, seed=2))


def test_top_p_keeps_the_likeliest_tokens_that_reach_it() -> None:
    import torch

    kept = nucleus(torch.tensor([[0.1, 0.5, 0.3, 0.1]]), 0.7)
    assert kept.tolist() == [[0.0, 0.5, pytest.approx(0.3), 0.0]]


@pytest.mark.usefixtures("exact")
def test_answers_that_end_do_not_disturb_the_others(tmp_path: Path) -> None:
    model = open_model(tiny_student(tmp_path / "m"))
    model.template.__dict__["stop_ids"] = range(0, 262, 5)
    sampling = Sampling(max_new_tokens=6, temperature=3.0, seed=2)
    deltas = list(model.stream(QUESTIONS, sampling))
    ends = [delta for delta in deltas if delta.finish_reason]
    assert sorted(delta.index for delta in ends) == [0, 1, 2]
    assert {delta.finish_reason for delta in ends} == {"stop", "length"}
    assert all([d for d in deltas if d.index == end.index][-1] is end for end in ends)
    assert ends[-1].index == 0, "the first answer is the one that goes on"
    alone = list(model.stream(QUESTIONS[:1], sampling))
    assert [(d.text, d.finish_reason) for d in deltas if d.index == 0] == [(d.text, d.finish_reason) for d in alone]


def test_a_prompt_that_leaves_no_room_is_refused(tmp_path: Path) -> None:
    tiny_model(tmp_path / "m", context=32)
    model = open_model(Student("small", tmp_path / "m", ""))
    assert list(model.stream([ask("a" * 20)], Sampling(max_new_tokens=9)))
    with pytest.raises(ModelError, match=r"23 tokens of prompt and 10 of answer .* which reads 32"):
        list(model.stream([ask("a" * 20)], Sampling(max_new_tokens=10)))


def test_nothing_to_answer_is_no_error(tmp_path: Path) -> None:
    assert generate(open_model(tiny_student(tmp_path / "m")), [], Sampling()) == []


def test_missing_weights_are_refused_instead_of_filled_with_random_numbers(tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    student = tiny_student(tmp_path / "m")
    weights = load_file(student.folder / "model.safetensors")
    del weights["model.norm.weight"]
    save_file(weights, student.folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ModelError, match=r"model\.norm\.weight"):
        open_model(student)


def test_damaged_weights_name_the_folder(tmp_path: Path) -> None:
    student = tiny_student(tmp_path / "m")
    (student.folder / "model.safetensors").write_bytes(b"\x00" * 50)
    with pytest.raises(ModelError, match="cannot be opened"):
        open_model(student)


def test_code_that_comes_with_a_model_runs_only_when_trusted(tmp_path: Path) -> None:
    student = tiny_student(tmp_path / "m")
    config = json.loads((student.folder / "config.json").read_text())
    config |= {"model_type": "own", "auto_map": {"AutoConfig": "own.Own", "AutoModelForCausalLM": "own.Model"}}
    (student.folder / "config.json").write_text(json.dumps(config))
    marker = tmp_path / "ran"
    (student.folder / "own.py").write_text(f"open({str(marker)!r}, 'w')\nOwn = Model = None\n")
    with pytest.raises(ModelError, match="brings Python code") as caught:
        open_model(student)
    assert caught.value.hint.endswith("--set student.trust_remote_code=true")
    assert not marker.exists()


def test_an_adapter_meets_only_the_base_it_was_trained_on(tmp_path: Path) -> None:
    base, other = tiny_student(tmp_path / "base"), tiny_student(tmp_path / "other", seed=1)
    trained = adapter(tmp_path / "adapter", base)
    changed = generate(open_specialist(trained, base.folder), QUESTIONS, Sampling(max_new_tokens=8))
    assert changed != generate(open_model(base), QUESTIONS, Sampling(max_new_tokens=8))
    assert changed == generate(open_specialist(trained, None), QUESTIONS, Sampling(max_new_tokens=8))
    with pytest.raises(ModelError, match="trained on another base"):
        open_specialist(trained, other.folder)


def test_an_adapter_without_its_record_is_refused(tmp_path: Path) -> None:
    base = tiny_student(tmp_path / "base")
    trained = adapter(tmp_path / "adapter", base)
    (trained / "specialist.json").unlink()
    with pytest.raises(ModelError, match="does not say which base"):
        open_specialist(trained, base.folder)


def test_confidence_is_the_geometric_mean_with_the_end_token(tmp_path: Path) -> None:
    model = open_model(tiny_student(tmp_path / "m"))
    deltas = list(model.stream(QUESTIONS[:1], Sampling(max_new_tokens=6)))
    answer = generate(model, QUESTIONS[:1], Sampling(max_new_tokens=6))[0]
    assert answer.tokens == len(deltas)
    assert answer.confidence == pytest.approx(math.exp(sum(d.logprob for d in deltas) / len(deltas)))


def adapter(folder: Path, base: Student, seed: int = 0) -> Path:
    """Write a random adapter on a base, with its record."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(base.folder)
    config = LoraConfig(r=4, lora_alpha=64, target_modules="all-linear", init_lora_weights=False)
    with torch.random.fork_rng(), quiet_libraries():
        torch.manual_seed(seed)
        get_peft_model(model, config).save_pretrained(folder)
    for name in ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja"):
        (folder / name).write_bytes((base.folder / name).read_bytes())
    record = {"base": base.name, "base_fingerprint": base.fingerprint}
    (folder / "specialist.json").write_text(json.dumps(record))
    return folder

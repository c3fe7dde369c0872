"""Training with TRL: what is learned, and what a kill, a number that is none, or too little memory does to it."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from safetensors import SafetensorError

from academy.artefacts import replacing_folder
from academy.errors import ConfigError, DatasetError, FinetuningError, ModelError, RunError
from academy.finetuning import checkpoints, hf
from academy.finetuning.batches import loss_sum, mean_loss, pad
from academy.models import generate
from academy.models.local import open_model, open_specialist
from academy.models.student import Student
from academy.records import Progress, Sampling
from tests.finetuning.lessons import PAIRS, Bench, asked, dataset
from tests.tiny import tiny_model, tiny_student

EVERY_STEP = {"checkpoint_minutes": 1e-9}


@pytest.fixture(scope="module")
def student(tmp_path_factory: pytest.TempPathFactory) -> Student:
    return tiny_student(tmp_path_factory.mktemp("base") / "base")


@pytest.fixture
def bench(student: Student, tmp_path: Path) -> Bench:
    return Bench(student, tmp_path)


@pytest.fixture(scope="module")
def undisturbed(student: Student, tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """A run that nothing disturbed, to compare others with."""
    one = Bench(student, tmp_path_factory.mktemp("undisturbed"))
    one.record = one.train()  # type: ignore[attr-defined]
    return one


def test_an_overfitted_model_answers_its_lessons_and_stops(bench: Bench) -> None:
    specialist = bench.train(epochs=250, batch_size=5, learning_rate=1e-2, evals=1)
    model = open_specialist(bench.work / "specialist", None)
    answers = generate(model, [asked(question) for question, _answer in PAIRS], Sampling(max_new_tokens=12))
    assert [(a.text, a.finish_reason) for a in answers] == [(answer, "stop") for _question, answer in PAIRS]
    assert specialist.method == "full"
    assert specialist.trainable_parameters == specialist.total_parameters
    train = [point.train for point in specialist.losses if point.train is not None]
    assert train[-1] < 0.1 < 4 < train[0]


@pytest.mark.parametrize("architecture", ["llama", "gpt2", "qwen2"])
def test_an_adapter_learns_on_every_architecture(tmp_path: Path, architecture: str) -> None:
    bench = Bench(tiny_student(tmp_path / "base", architecture), tmp_path)
    specialist = bench.train(method="lora", epochs=40, batch_size=5, learning_rate=3e-2, evals=2)
    valid = [point.valid for point in specialist.losses if point.valid is not None]
    # The frozen output layer of a random model reaches only losses near that of guessing, 5.57.
    assert valid[-1] < valid[0] - 0.1
    assert specialist.trainable_parameters < specialist.total_parameters
    folder = tmp_path / "specialist"
    assert sorted(specialist.files) == [
        "README.md", "adapter_config.json", "adapter_model.safetensors", "chat_template.jinja",
        "tokenizer.json", "tokenizer_config.json",
    ]  # fmt: skip
    before, after = open_model(bench.student), open_specialist(folder, bench.student.folder)
    rows = [{"input_ids": row.input_ids, "labels": row.labels} for row in bench.data.valid]
    assert mean_loss(after.network, rows, 2, pad) < mean_loss(before.network, rows, 2, pad) - 0.1


def test_an_adapter_in_bf16_learns_the_same_without_copies_of_its_inputs(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.train(method="lora", precision="bf16", max_steps=4)
    monkeypatch.setattr(hf, "leave_inputs", lambda model: None)
    bench.scratch = bench.work / "again"
    bench.train(name="copies", method="lora", precision="bf16", max_steps=4)
    assert bench.weights() == bench.weights("copies")


def test_a_base_without_a_padding_token_learns(tmp_path: Path) -> None:
    student = tiny_student(tmp_path / "base")
    for name in ("tokenizer_config.json", "config.json"):
        settings = json.loads((student.folder / name).read_text())
        settings.pop("pad_token", None)
        settings.pop("pad_token_id", None)
        (student.folder / name).write_text(json.dumps(settings))
    specialist = Bench(student, tmp_path).train(max_steps=2)
    assert specialist.steps == 2
    assert "pad_token" not in json.loads((tmp_path / "specialist" / "tokenizer_config.json").read_text())


def test_an_adapter_is_refused_on_another_base(bench: Bench, tmp_path: Path) -> None:
    bench.train(method="lora", max_steps=1)
    config = json.loads((bench.work / "specialist" / "adapter_config.json").read_text())
    assert config["base_model_name_or_path"] == bench.student.name
    assert config["target_modules"] == sorted(config["target_modules"])
    with pytest.raises(ModelError, match="another base"):
        open_specialist(bench.work / "specialist", tiny_model(tmp_path / "other", seed=9))


def test_the_model_sees_exactly_the_labels_of_the_dataset(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[tuple[int, ...], tuple[int, ...]]] = []

    def spy(model: Any, batch: Mapping[str, Any]) -> Any:
        lengths = batch["lengths"].tolist()
        parts = [batch[name][0].split(lengths) for name in ("input_ids", "position_ids", "labels")]
        for ids, places, labels in zip(*parts, strict=True):
            assert places.tolist() == list(range(len(ids)))
            seen.append((tuple(ids.tolist()), tuple(labels.tolist())))
        return loss_sum(model, batch)

    monkeypatch.setattr(hf, "loss_sum", spy)
    bench.train(epochs=2)
    assert sorted(seen) == sorted([(row.input_ids, row.labels) for row in bench.data.train] * 2)


def test_an_architecture_that_cannot_be_packed_learns_from_padded_rows_and_says_so(tmp_path: Path) -> None:
    bench = Bench(tiny_student(tmp_path / "base", "bloom"), tmp_path)
    specialist = bench.train(max_steps=2)
    assert "cannot read packed rows" in bench.progress[0].note
    assert specialist.steps == 2


def test_how_rows_were_packed_is_not_saved(undisturbed: Bench) -> None:
    assert "academy" not in (undisturbed.work / "specialist" / "config.json").read_text()
    assert not any("packed" in progress.note for progress in undisturbed.progress)


@pytest.mark.parametrize("architecture", ["llama", "gpt2", "qwen2"])
def test_our_loss_is_that_of_transformers(tmp_path: Path, architecture: str) -> None:
    from transformers import AutoModelForCausalLM

    folder = tiny_model(tmp_path / "m", architecture)
    model = AutoModelForCausalLM.from_pretrained(folder)
    batch = pad([{"input_ids": row.input_ids, "labels": row.labels} for row in dataset(folder).train])
    learned = (batch["labels"][:, 1:] != -100).sum()
    assert (loss_sum(model, batch) / learned).item() == pytest.approx(model(**batch).loss.item(), rel=1e-5)
    rows = [{"input_ids": row.input_ids, "labels": row.labels} for row in dataset(folder).train]
    assert mean_loss(model, rows, 2, pad) == pytest.approx(model(**batch).loss.item(), rel=1e-5)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(bench: Bench, undisturbed: Bench) -> None:
    specialist = bench.train()
    assert bench.weights() == undisturbed.weights()
    assert specialist == undisturbed.record  # type: ignore[attr-defined]
    bench.scratch = bench.work / "other"
    bench.train(seed=1, name="other-seed")
    assert bench.weights("other-seed") != undisturbed.weights()


def test_a_killed_run_goes_on_to_the_same_bytes(bench: Bench, undisturbed: Bench, tmp_path: Path) -> None:
    script = tmp_path / "train.py"
    script.write_text(
        "import os, signal\nfrom pathlib import Path\nfrom academy.models.student import Student\n"
        "from tests.finetuning.lessons import Bench\n"
        "def killed(progress):\n    if progress.done == 9: os.kill(os.getpid(), signal.SIGKILL)\n"
        f"bench = Bench(Student({bench.student.name!r}, Path({bench.student.name!r}), {bench.student.fingerprint!r}), "
        f"Path({str(tmp_path)!r}))\nbench.emit = killed\nbench.train(name='killed', checkpoint_minutes=1e-9)\n"
    )
    root = Path(__file__).parents[2]
    paths = os.pathsep.join([str(root), str(root / "src")])
    done = subprocess.run(
        [sys.executable, script], env={**os.environ, "PYTHONPATH": paths}, capture_output=True, text=True
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert done.stdout == done.stderr == ""
    assert checkpoints.newest(bench.scratch) == checkpoints.checkpoint(bench.scratch, 8)
    specialist = bench.train(**EVERY_STEP)
    assert bench.progress[0].done == 8
    assert bench.weights() == undisturbed.weights()
    assert specialist == undisturbed.record  # type: ignore[attr-defined]


def test_an_incomplete_checkpoint_is_ignored(bench: Bench, undisturbed: Bench) -> None:
    _stop_at(bench, 9)
    newest = checkpoints.newest(bench.scratch)
    assert newest is not None
    (newest / checkpoints.MARKER).unlink()
    (newest / "model.safetensors").write_bytes(b"half a file")
    bench.train(**EVERY_STEP)
    assert 0 < bench.progress[0].done < 8
    assert bench.weights() == undisturbed.weights()


def _stop_at(bench: Bench, step: int) -> None:
    def fail(progress: Progress) -> None:
        if progress.done == step:
            raise OSError("stop")

    bench.emit = fail  # type: ignore[method-assign]
    with pytest.raises(OSError, match="stop"):
        bench.train(name="stopped", **EVERY_STEP)
    del bench.emit


def test_ctrl_c_saves_a_checkpoint_first(bench: Bench, undisturbed: Bench) -> None:
    def interrupt(progress: Progress) -> None:
        if progress.done == 3:
            raise KeyboardInterrupt

    bench.emit = interrupt  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        bench.train(name="interrupted")
    assert checkpoints.newest(bench.scratch) == checkpoints.checkpoint(bench.scratch, 3)
    del bench.emit
    bench.train()
    assert bench.progress[0].done == 3
    assert bench.weights() == undisturbed.weights()


def test_the_best_step_is_kept_and_training_stops_early(bench: Bench) -> None:
    # Validation wants other answers to the same questions: the better the lessons are known, the worse it gets.
    bench.data = dataset(bench.student.folder, valid=(("Farbe?", "XYZQ"), ("Tier?", "QQQWW")))
    specialist = bench.train(epochs=40, batch_size=5, learning_rate=2e-2, evals=20, patience=3)
    valid = {point.step: point.valid for point in specialist.losses if point.valid is not None and point.step}
    assert specialist.steps < 40
    assert specialist.best_step == min(valid, key=lambda step: valid[step]) < specialist.steps
    assert len([step for step in valid if step > specialist.best_step]) == 3
    model = open_specialist(bench.work / "specialist", None)
    rows = [{"input_ids": row.input_ids, "labels": row.labels} for row in bench.data.valid]
    assert mean_loss(model.network, rows, 2, pad) == pytest.approx(valid[specialist.best_step], rel=0.02)


def test_without_validation_rows_the_last_step_is_kept(bench: Bench) -> None:
    bench.data = dataset(bench.student.folder, valid=())
    specialist = bench.train()
    assert specialist.best_step == specialist.steps == 20
    assert all(point.valid is None for point in specialist.losses)


def test_a_loss_that_is_no_number_stops_with_a_hint(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = 0

    def broken(model: Any, batch: Mapping[str, Any]) -> Any:
        nonlocal calls
        calls += 1
        return loss_sum(model, batch) * (float("nan") if calls == 7 else 1)

    monkeypatch.setattr(hf, "loss_sum", broken)
    with pytest.raises(FinetuningError, match="step 7") as caught:
        bench.train(learning_rate=3e-3, **EVERY_STEP)
    assert "finetune.learning_rate=1e-03" in caught.value.hint
    assert checkpoints.newest(bench.scratch) == checkpoints.checkpoint(bench.scratch, 6)


def test_weights_that_are_no_numbers_are_never_saved(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    def poisoned(model: Any, batch: Mapping[str, Any]) -> Any:
        loss = loss_sum(model, batch)
        loss.register_hook(lambda gradient: torch.full_like(gradient, float("nan")))
        return loss

    monkeypatch.setattr(hf, "loss_sum", poisoned)
    with pytest.raises(FinetuningError, match="diverged at step 1"):
        bench.train(**EVERY_STEP)
    assert checkpoints.newest(bench.scratch) is None


def test_too_little_memory_means_smaller_pieces_of_the_same_batches(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    bench.train(name="small", batch_size=4, micro_batch_size=2)
    small, bench.scratch = bench.weights("small"), bench.work / "again"

    def limited(model: Any, batch: Mapping[str, Any]) -> Any:
        if len(batch["lengths"]) > 2:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return loss_sum(model, batch)

    monkeypatch.setattr(hf, "loss_sum", limited)
    bench.train(batch_size=4)
    assert "out of memory: 2 rows at once from here on" in [progress.note for progress in bench.progress]
    assert bench.weights() == small


def test_a_model_that_never_fits_is_an_error(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(model: Any, batch: Mapping[str, Any]) -> Any:
        raise RuntimeError("[enforce fail at alloc_cpu.cpp:124] DefaultCPUAllocator: can't allocate memory")

    monkeypatch.setattr(hf, "loss_sum", full)
    with pytest.raises(FinetuningError, match="does not fit into memory"):
        bench.train()
    assert [p.note for p in bench.progress if p.note] == ["out of memory: 1 rows at once from here on"]


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("PytorchStreamWriter failed writing file data/0: file write failed"),
        RuntimeError("[enforce fail at inline_container.cc:672] . unexpected pos 576 vs 534"),
        SafetensorError("Error while serializing: I/O error: No space left on device (os error 28)"),
        SafetensorError("Error while serializing: I/O error: Disk quota exceeded (os error 122)"),
    ],
)
def test_a_full_disk_is_named(bench: Bench, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def full(model: Any, batch: Mapping[str, Any]) -> Any:
        raise error

    monkeypatch.setattr(hf, "loss_sum", full)
    with pytest.raises(OSError, match=re.escape("[Errno 28]")):
        bench.train()


@pytest.mark.parametrize("kibibytes", [60, 160], ids=["weights", "optimizer"])
def test_a_disk_that_fills_up_while_saving_costs_nothing_finished(
    bench: Bench, undisturbed: Bench, kibibytes: int
) -> None:
    resource = pytest.importorskip("resource")
    ignored, limits = signal.signal(signal.SIGXFSZ, signal.SIG_IGN), resource.getrlimit(resource.RLIMIT_FSIZE)

    def fill(progress: Progress) -> None:
        if progress.done == 9:
            resource.setrlimit(resource.RLIMIT_FSIZE, (kibibytes << 10, limits[1]))

    bench.emit = fill  # type: ignore[method-assign]
    try:
        with pytest.raises(RunError, match="The disk is full") as caught, replacing_folder(bench.work / "product"):
            bench.train(name="full", **EVERY_STEP)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, ignored)
    assert "Free some space" in caught.value.hint
    assert checkpoints.newest(bench.scratch) == checkpoints.checkpoint(bench.scratch, 8)
    del bench.emit
    bench.train(**EVERY_STEP)
    assert bench.weights() == undisturbed.weights()


def test_nothing_is_sent_whatever_the_environment(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants
    from huggingface_hub.utils import _telemetry

    sent: list[object] = []
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_TELEMETRY", False)
    monkeypatch.setattr(constants, "is_offline_mode", lambda: False)
    monkeypatch.setattr(_telemetry, "_start_telemetry_thread", lambda: None)
    monkeypatch.setattr(_telemetry._TELEMETRY_QUEUE, "put", sent.append)
    bench.train(max_steps=1)
    assert sent == []


def test_a_time_limit_ends_training_with_a_decayed_rate(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    rates: list[float] = []
    schedule = hf.Schedule.__call__
    monkeypatch.setattr(hf.Schedule, "__call__", lambda *a: rates.append(schedule(*a)) or rates[-1])
    specialist = bench.train(epochs=100_000, max_minutes=1 / 60)
    assert 3 < specialist.steps < 20_000
    assert rates[-1] < 0.3 < 0.9 < max(rates)


def test_rows_without_a_learned_token_are_refused(bench: Bench) -> None:
    row = bench.data.train[0]
    silent = row.model_copy(update={"labels": (row.input_ids[0], *[-100] * (len(row.labels) - 1))})
    bench.data = bench.data.model_copy(update={"train": (*bench.data.train, silent)})
    with pytest.raises(DatasetError, match=f"{silent.id} has no token to learn"):
        bench.train()


def test_rows_that_the_model_cannot_read_are_refused(tmp_path: Path) -> None:
    tiny_model(tmp_path / "m", context=16)
    bench = Bench(Student("short", tmp_path / "m", ""), tmp_path)
    with pytest.raises(DatasetError, match="has 20 tokens; the student reads 16"):
        bench.train()
    foreign = bench.data.train[0].model_copy(update={"input_ids": (1, 262), "labels": (1, 262)})
    bench.data = bench.data.model_copy(update={"train": (foreign,)})
    with pytest.raises(DatasetError, match="unknown tokens"):
        bench.train(name="again")


def test_contradicting_generation_settings_of_a_base_do_no_harm(tmp_path: Path) -> None:
    student = tiny_student(tmp_path / "m")
    (student.folder / "generation_config.json").write_text('{"temperature": 0.7, "do_sample": false}')
    Bench(student, tmp_path).train(max_steps=1)
    written = json.loads((tmp_path / "specialist" / "generation_config.json").read_text())
    assert written["eos_token_id"] == [2]
    assert "temperature" not in written


def test_an_unknown_backend_suggests_the_nearest(bench: Bench) -> None:
    with pytest.raises(ConfigError, match=r"no fine-tuning backend 'hff'\. Did you mean 'hf'"):
        bench.train(backend="hff")


def test_an_unknown_adapter_target_lists_the_known_ones(bench: Bench) -> None:
    with pytest.raises(ConfigError, match="no module q_prj") as caught:
        bench.train(method="lora", targets=["q_prj", "v_proj"])
    assert "q_proj" in caught.value.hint


def test_progress_tells_loss_and_speed_and_libraries_keep_quiet(
    undisturbed: Bench, bench: Bench, capfd: pytest.CaptureFixture[str]
) -> None:
    bench.train(max_steps=4)
    assert capfd.readouterr() == ("", "")
    assert [p.done for p in bench.progress if not p.metrics] == [0, 1, 2, 3, 4]
    assert all(p.total == 4 for p in bench.progress)
    assert re.fullmatch(r"loss \d\.\d\d · [\d,]+ tokens/s", bench.progress[-1].note)
    assert {key for p in bench.progress for key in p.metrics} == {"train_loss", "tokens_per_second", "valid_loss"}


def test_the_folder_runs_in_plain_transformers_and_its_card_says_how(undisturbed: Bench) -> None:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    folder, record = undisturbed.work / "specialist", undisturbed.record  # type: ignore[attr-defined]
    card = (folder / "README.md").read_text(encoding="utf-8")
    assert undisturbed.data.id in card
    assert f"{record.losses[0].valid:.3f} before" in card
    code = re.search(r"```python\n(.*?)```", card, re.DOTALL)
    assert code is not None
    names: dict[str, Any] = {}
    exec(code[1].replace("path/to/this/folder", str(folder)).replace("print(", "text = ("), names)
    assert isinstance(names["model"], type(AutoModelForCausalLM.from_pretrained(folder)))
    assert isinstance(names["text"], str)
    assert AutoTokenizer.from_pretrained(folder).chat_template == (folder / "chat_template.jinja").read_text()
    assert record.trained_tokens == 8 * sum(len(row.input_ids) for row in undisturbed.data.train)

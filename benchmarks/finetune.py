"""Fine-tuning on the CPU: TRL as it comes, TRL tuned by hand, Academy; same model, rows, AdamW, machine.

python -m benchmarks.finetune embedded|135m [STEPS]      tokens per CPU second, peak memory, loss on held-out rows

Rows are those that Academy makes of the demo document, 16 in each step; trl-grouped reads them in Academy's order, rows
of similar length together, so that its loss can be compared with Academy's. Each contender is a process of its own with
one thread; the first step, which warms up, is not counted. CPU seconds, since other programs may use the machine too.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

DOCUMENT = Path(__file__).parent.parent / "examples" / "linux-treiber-skript.pdf"
CONTENDERS = ("trl", "trl-grouped", "trl-tuned", "academy-padded", "academy")
BATCH, HELD_OUT, RATE = 16, 64, 5e-4
SMOLLM2_135M = {
    "vocab_size": 49152, "hidden_size": 576, "num_hidden_layers": 30, "num_attention_heads": 9,
    "num_key_value_heads": 3, "intermediate_size": 1536, "max_position_embeddings": 2048,
    "tie_word_embeddings": True, "dtype": "bfloat16", "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0,
}  # fmt: skip


def prepare(shape: str, folder: Path) -> None:
    """The model folder and the rows, the same for every contender."""
    import shutil

    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    from academy.models.student import EMBEDDED_FOLDER

    shutil.copytree(EMBEDDED_FOLDER, folder / "model")
    if shape == "135m":
        torch.manual_seed(0)
        model: Any = LlamaForCausalLM(LlamaConfig(**SMOLLM2_135M))
        model.to(torch.bfloat16).save_pretrained(folder / "model")
    academy = str(Path(sys.executable).parent / "academy")
    command = [academy, "train", str(DOCUMENT), "--until", "build", "--name", "r", "--set", f"runs={folder}"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    (folder / "r" / "4-dataset" / "train.jsonl").rename(folder / "rows.jsonl")


def read_rows(folder: Path) -> list[Any]:
    """All rows, as Academy keeps them."""
    from academy.records import Example

    with (folder / "rows.jsonl").open(encoding="utf-8") as file:
        return [Example.model_validate_json(line) for line in file]


def trl(folder: Path, rows: list[Any], steps: int, lora: bool, tuned: bool) -> tuple[Any, list[float]]:
    """TRL's trainer: its defaults, or bf16 weights, no checkpointing and packing."""
    import torch
    from datasets import Dataset
    from peft import LoraConfig
    from transformers import AutoModelForCausalLM, AutoTokenizer, TrainerCallback
    from trl.trainer.sft_config import SFTConfig
    from trl.trainer.sft_trainer import SFTTrainer

    times: list[float] = []

    class Clock(TrainerCallback):
        def on_step_end(self, args: Any, state: Any, control: Any, **rest: Any) -> None:
            times.append(time.process_time())

    flat = [{"input_ids": row.input_ids, "completion_mask": [int(i != -100) for i in row.labels]} for row in rows]
    tokens = sum(len(row.input_ids) for row in rows) // steps
    extra: dict[str, Any] = {"per_device_train_batch_size": BATCH}
    if tuned:
        extra = {
            "per_device_train_batch_size": 1,
            "packing": True,
            "max_length": tokens,
            "gradient_checkpointing": False,
        }
        extra["activation_checkpointing"] = False
    trainer = SFTTrainer(
        model=AutoModelForCausalLM.from_pretrained(
            folder / "model", dtype=torch.bfloat16 if tuned and lora else torch.float32
        ),
        args=SFTConfig(
            output_dir=str(folder / "out"), max_steps=steps, learning_rate=RATE, weight_decay=0.01, report_to="none",
            save_strategy="no", use_cpu=True, disable_tqdm=True, train_sampling_strategy="sequential",
            logging_strategy="no", lr_scheduler_type="constant", completion_only_loss=True, **extra,
        ),
        train_dataset=Dataset.from_list(flat),
        processing_class=AutoTokenizer.from_pretrained(folder / "model"),
        peft_config=LoraConfig(r=16, lora_alpha=32, target_modules="all-linear", task_type="CAUSAL_LM")
        if lora
        else None,
        callbacks=[Clock()],
    )  # fmt: skip
    trainer.train()
    return trainer.model, times


def academy(folder: Path, rows: list[Any], steps: int, lora: bool, packed: bool) -> tuple[Any, list[float]]:
    """Academy's stage 5, with its rows packed or padded."""
    from academy.config import FinetuneConfig
    from academy.finetuning import finetune, hf
    from academy.models.local import open_specialist
    from academy.models.student import Student
    from academy.records import Dataset

    times: dict[int, float] = {}
    # The contenders' rate is constant, so that their losses can be compared.
    hf.Schedule.__call__ = lambda schedule, step: 1.0  # type: ignore[method-assign]
    if not packed:
        hf.can_pack = lambda model, rows: False
    config = FinetuneConfig(
        method="lora" if lora else "full", max_steps=steps, epochs=steps, batch_size=BATCH, learning_rate=RATE,
        warmup_share=0.0, checkpoint_minutes=1e6,
    )  # fmt: skip
    (folder / "specialist").mkdir()
    (folder / "scratch").mkdir()
    record = finetune(
        Dataset(train=tuple(rows), valid=(), exam=()), config, Student("m", folder / "model", "f"), 0,
        folder / "specialist", folder / "scratch", lambda p: times.setdefault(p.done, time.process_time()) and None,
    )  # fmt: skip
    (folder / "specialist" / "specialist.json").write_text(
        record.model_copy(update={"base_fingerprint": _fingerprint(folder)}).model_dump_json()
    )
    model = open_specialist(folder / "specialist", folder / "model" if lora else None)
    return model.network, [times[step] for step in sorted(times) if step > 0]


def _fingerprint(folder: Path) -> str:
    from academy.models.student import fingerprint

    return fingerprint(folder / "model")


def measure(name: str, shape: str, steps: int, folder: Path) -> dict[str, float | str]:
    """One contender, in this process."""
    import torch

    from academy.finetuning.batches import mean_loss, pad
    from academy.finetuning.plan import row_order

    torch.set_num_threads(1)
    rows = read_rows(folder)
    held, rows = rows[:HELD_OUT], rows[HELD_OUT : HELD_OUT + BATCH * steps]
    if name == "trl-grouped":
        rows = [rows[place] for place in row_order([len(row.input_ids) for row in rows], len(rows), BATCH, 0)]
    run = trl if name.startswith("trl") else academy
    model, times = run(folder, rows, steps, shape == "135m", name in ("trl-tuned", "academy"))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    tokens = sum(len(row.input_ids) for row in rows) * (len(times) - 1) / len(times)
    loss = mean_loss(
        model.to(torch.float32), [{"input_ids": row.input_ids, "labels": row.labels} for row in held], 8, pad
    )
    speed = tokens / (times[-1] - times[0])
    return {"contender": name, "tokens_per_cpu_second": speed, "peak_gib": memory / 2**20, "loss": loss}


def main(shape: str, steps: int) -> None:
    """Measure all, one after another, and print a table."""
    found = []
    with tempfile.TemporaryDirectory() as name:
        prepare(shape, Path(name))
        for contender in CONTENDERS:
            with tempfile.TemporaryDirectory(dir=name) as own:
                for part in ("model", "rows.jsonl"):
                    (Path(own) / part).symlink_to(Path(name) / part)
                command = [
                    sys.executable,
                    "-W",
                    "ignore",
                    "-m",
                    "benchmarks.finetune",
                    shape,
                    str(steps),
                    contender,
                    own,
                ]
                env = {**os.environ, "OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE"}
                done = subprocess.run(command, check=True, capture_output=True, text=True, env=env)
                found.append(json.loads(done.stdout.strip().splitlines()[-1]))
    print(f"{shape}, {steps} steps of {BATCH} rows\n")
    print("| contender | tokens per CPU second | ratio | peak memory GiB | loss |\n|---|---|---|---|---|")
    for one in found:
        speed, first = one["tokens_per_cpu_second"], found[0]["tokens_per_cpu_second"]
        print(
            f"| {one['contender']} | {speed:,.0f} | {speed / first:.1f} | {one['peak_gib']:.2f} | {one['loss']:.3f} |"
        )
    print(json.dumps({"benchmark": "finetune", "shape": shape, "steps": steps, "found": found}))


if __name__ == "__main__":
    words = sys.argv[1:] or ["embedded"]
    count = int(words[1]) if len(words) > 1 else 9
    if len(words) > 2:
        print(json.dumps(measure(words[2], words[0], count, Path(words[3]))))
    else:
        main(words[0], count)

"""The backend on TRL's SFTTrainer, PEFT and transformers.

Rows come with their labels, so TRL prepares nothing (``skip_prepare_dataset``). The order of rows, the loss, the rate
and whether a checkpoint is complete are ours; the loop, the optimizer and what a checkpoint holds are the Trainer's.
"""

import errno
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from academy.errors import FinetuningError
from academy.finetuning.batches import Row, loss_sum, mean_loss, pack, pad
from academy.finetuning.checkpoints import checkpoint, mark_complete, newest, remove_others, state_of
from academy.finetuning.job import Job, check_fit
from academy.finetuning.methods import METHODS, Method, count_parameters, leave_inputs
from academy.finetuning.monitor import History, Monitor, diverged, ending_gently
from academy.finetuning.packing import can_pack
from academy.finetuning.plan import Plan, Schedule, choose_method, make_plan, peak_rate
from academy.finetuning.product import count, file_hashes, versions, write_product
from academy.messages import _
from academy.models.hardware import computes_bf16, pick_device
from academy.models.local import load_tokenizer, load_weights, quiet_libraries
from academy.models.student import Student
from academy.models.template import load_template
from academy.records import Example, Progress, Specialist

DISK_FULL = ("No space left", "Disk quota exceeded", "File too large", "file write failed", "unexpected pos")
"""What safetensors, and torch in its last two, say when a file cannot be written to its end."""


def train(job: Job) -> Specialist:
    """Train as ``finetune`` says, in ever smaller pieces while memory does not suffice."""
    from safetensors import SafetensorError

    plan: Plan | None = make_plan(job.dataset, job.config, job.seed)
    while plan is not None:
        try:
            with quiet_libraries():
                return _attempt(job, plan)
        except (RuntimeError, MemoryError, OSError, SafetensorError) as error:
            _raise_unless_memory(error)
        # Outside the handler, so that the failed attempt's tensors are free before the next one begins.
        plan = plan.smaller()
        if plan is not None:
            note = _("out of memory: {rows} rows at once from here on").format(rows=plan.micro)
            job.emit(Progress(0, plan.steps, note))
    raise FinetuningError(
        _("The model does not fit into memory, even with one row at a time."),
        _("Train an adapter, or shorter rows: --set finetune.method=lora --set build.max_length=256"),
    )


def _attempt(job: Job, plan: Plan) -> Specialist:
    setup = _setup(job, plan)
    resumed = newest(job.scratch)
    monitor, trainer = _assemble(job, plan, setup, resumed)
    with ending_gently(monitor.interrupt):
        trainer.train(resume_from_checkpoint=None if resumed is None else str(resumed))
    if monitor.interrupted:
        raise KeyboardInterrupt
    history = monitor.history
    write_product(job, setup.method, checkpoint(job.scratch, history.best_step), history.losses, history.best_step)
    trainable, total = count(trainer.model)
    return Specialist(
        base=job.student.name,
        base_fingerprint=job.student.fingerprint,
        method=setup.method.name,
        files=file_hashes(job.folder),
        losses=tuple(history.losses),
        best_step=history.best_step,
        steps=trainer.state.global_step,
        trained_tokens=plan.tokens[trainer.state.global_step],
        trainable_parameters=trainable,
        total_parameters=total,
        seed=job.seed,
        versions=versions(),
    )


@dataclass(frozen=True, slots=True)
class _Setup:
    """What was decided for this model on this machine."""

    method: Method
    rate: float
    bf16: bool
    device: str
    schedule: Schedule


def _setup(job: Job, plan: Plan) -> _Setup:
    config, device = job.config, pick_device()
    parameters = count_parameters(job.student.folder)
    name = choose_method(config, parameters)
    bf16 = config.precision == "bf16" or (config.precision == "auto" and computes_bf16(device))
    seconds = None if config.max_minutes is None else 60 * config.max_minutes
    schedule = Schedule(plan.steps, config.warmup_share, seconds)
    return _Setup(METHODS[name], peak_rate(config, name, parameters), bf16, device, schedule)


def _assemble(job: Job, plan: Plan, setup: _Setup, resumed: Path | None) -> tuple[Monitor, Any]:
    """The model with its trainer, and the monitor that watches it."""
    from datasets import Dataset

    _send_nothing()
    student = job.student
    model = load_weights(student.folder, setup.method.dtype(setup.bf16), student.trust_remote_code)
    check_fit(job.dataset, model.config.get_text_config())
    model.generation_config = _greedy(model, student)
    rows, valid = _rows(job.dataset.train), _rows(job.dataset.valid)
    collate = pack if can_pack(model, [*rows, *valid]) else pad
    if collate is pad:
        job.emit(
            Progress(0, plan.steps, _("this architecture cannot read packed rows: they are padded, which is slower"))
        )
    trainer = _trainer_class(setup, lambda: monitor)(
        model=model,
        args=_arguments(job, plan, setup),
        train_dataset=Dataset.from_list(list(rows)).select(plan.order),
        data_collator=collate,
        processing_class=load_tokenizer(student.folder, student.trust_remote_code),
        peft_config=setup.method.adapter(model, job.config),
    )
    if setup.bf16:
        leave_inputs(trainer.model)

    def measure() -> float:
        return mean_loss(trainer.model, valid, plan.micro, collate)

    state = None if resumed is None else state_of(resumed)
    history = History() if state is None else History.load(state)
    monitor = Monitor(plan, job.config, setup.schedule, job.emit, measure if valid else None, history)
    _attach(trainer, monitor, job.scratch)
    return monitor, trainer


def _send_nothing() -> None:
    """Turn off the message that TRL sends with every trainer, whatever the environment says.

    The environment alone does not do: it is read when huggingface_hub is imported, which may have been long ago.
    """
    from huggingface_hub import constants

    constants.HF_HUB_DISABLE_TELEMETRY = True


def _greedy(model: Any, student: Student) -> Any:
    """Answer with the likeliest tokens and stop where the chat template ends a turn.

    Kept sampling settings can contradict each other, which transformers notices only when it saves.
    """
    from transformers import GenerationConfig

    config, stops = model.config.get_text_config(), load_template(student.folder).stop_ids
    tokens = {"bos_token_id": config.bos_token_id, "pad_token_id": config.pad_token_id, "eos_token_id": list(stops)}
    return GenerationConfig(**tokens)  # type: ignore[no-untyped-call]


def _rows(examples: Sequence[Example]) -> list[Row]:
    return [{"input_ids": row.input_ids, "labels": row.labels} for row in examples]


def _arguments(job: Job, plan: Plan, setup: _Setup) -> Any:
    from trl.trainer.sft_config import SFTConfig

    return SFTConfig(
        output_dir=str(job.scratch),
        max_steps=plan.steps,
        per_device_train_batch_size=plan.micro,
        gradient_accumulation_steps=plan.batch // plan.micro,
        train_sampling_strategy="sequential",
        dataset_kwargs={"skip_prepare_dataset": True},
        remove_unused_columns=False,
        max_length=None,
        learning_rate=setup.rate,
        weight_decay=job.config.weight_decay,
        max_grad_norm=1.0,
        seed=job.seed,
        bf16=setup.bf16,
        use_cpu=setup.device == "cpu",
        # On by default in TRL: it computes every layer twice to save memory that small models do not need.
        activation_checkpointing=False,
        dataloader_pin_memory=setup.device == "cuda",
        logging_steps=max(1, plan.steps // 100),
        logging_nan_inf_filter=False,
        # Validation and checkpoints are decided by the monitor.
        eval_strategy="no",
        save_strategy="no",
        report_to="none",
        disable_tqdm=True,
    )


def _trainer_class(setup: _Setup, monitor: Callable[[], Monitor]) -> Any:
    """SFTTrainer with our loss and our schedule; a subclass is the Trainer's own way to say so."""
    import torch
    from torch.optim.lr_scheduler import LambdaLR
    from trl.trainer.sft_trainer import SFTTrainer

    class LabelledTrainer(SFTTrainer):
        def compute_loss(
            self, model: Any, inputs: Any, return_outputs: bool = False, num_items_in_batch: Any = None
        ) -> Any:
            loss = loss_sum(model, inputs) / num_items_in_batch
            if not torch.isfinite(loss):
                raise diverged(self.state.global_step + 1, setup.rate)
            return loss

        def create_scheduler(self, num_training_steps: int, optimizer: Any = None) -> Any:
            self.lr_scheduler = LambdaLR(optimizer or self.optimizer, setup.schedule)  # type: ignore[arg-type]
            return self.lr_scheduler

    return LabelledTrainer


def _attach(trainer: Any, monitor: Monitor, scratch: Path) -> None:
    """Let the monitor decide after every step, and nobody print."""
    from transformers import PrinterCallback, TrainerCallback

    class Watch(TrainerCallback):
        def on_train_begin(self, args: Any, state: Any, control: Any, **rest: Any) -> None:
            monitor.begin(state.global_step)

        def on_log(self, args: Any, state: Any, control: Any, **rest: Any) -> None:
            if "loss" in rest["logs"]:
                monitor.logged(state.global_step, rest["logs"]["loss"])

        def on_step_end(self, args: Any, state: Any, control: Any, **rest: Any) -> None:
            decision = monitor.after_step(state.global_step)
            if decision.save:
                _check_weights(trainer)
            control.should_save |= decision.save
            control.should_training_stop |= decision.stop

        def on_save(self, args: Any, state: Any, control: Any, **rest: Any) -> None:
            mark_complete(checkpoint(scratch, state.global_step), monitor.history.dump())
            remove_others(scratch, {state.global_step, monitor.history.best_step})
            monitor.saved()

    trainer.remove_callback(PrinterCallback)
    trainer.add_callback(Watch())


def _check_weights(trainer: Any) -> None:
    """A finite loss can have an infinite gradient; weights that are no numbers must not become a checkpoint."""
    import torch

    if not all(bool(torch.isfinite(weight).all()) for weight in trainer.model.parameters() if weight.requires_grad):
        raise diverged(trainer.state.global_step, trainer.args.learning_rate)


def _raise_unless_memory(error: Exception) -> None:
    """Pass every error on but a lack of memory; a full disk, which the libraries report in their words, by its name."""
    import torch

    text = str(error)
    if any(sign in text for sign in DISK_FULL):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from error
    if isinstance(error, MemoryError | torch.OutOfMemoryError) or "can't allocate memory" in text:
        return
    raise error

"""Stage 5 of 6: dataset -> specialist.

``finetune`` is the stage. A backend trains; ``BACKENDS`` names them. What they share, without any library: ``plan``
(how many steps, in which order, at which rate), ``monitor`` (when to validate, save and stop) and ``checkpoints``.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from academy.config import FinetuneConfig, nearest
from academy.errors import ConfigError
from academy.finetuning import hf
from academy.finetuning.job import Job, check_rows
from academy.messages import _
from academy.models.student import Student
from academy.records import Dataset, Progress, Specialist

BACKENDS: Mapping[str, Callable[[Job], Specialist]] = {"hf": hf.train}


def finetune(
    dataset: Dataset,
    config: FinetuneConfig,
    student: Student,
    seed: int,
    folder: Path,
    scratch: Path,
    emit: Callable[[Progress], None],
) -> Specialist:
    """Stage 5 of 6: dataset -> specialist.

    On the CPU the same dataset, configuration and seed give the same bytes of weights, also when training was killed
    in between. With ``max_minutes`` they depend on the clock: the learning rate decays with the time that is left.

    Args:
        dataset: its rows hold ``input_ids`` and ``labels``, which are learned as they are.
        folder: empty; receives the finished specialist, which runs anywhere (an adapter also needs its base).
        scratch: keeps checkpoints, so that a killed training goes on; the caller deletes it after success.
        emit: gets the progress in optimizer steps.

    Raises:
        ConfigError: an unknown backend.
        DatasetError: no rows, or a row without a learned token.
        FinetuningError: training diverged or does not fit into memory; the last good checkpoint stays in ``scratch``.
        ModelError: the student cannot be opened.
        KeyboardInterrupt: after the running step, with a checkpoint saved.
    """
    if config.backend not in BACKENDS:
        raise ConfigError(
            _("There is no fine-tuning backend '{name}'.").format(name=config.backend)
            + nearest(config.backend, list(BACKENDS)),
            _("Known backends: {known}").format(known=", ".join(BACKENDS)),
        )
    check_rows(dataset)
    return BACKENDS[config.backend](Job(dataset, config, student, seed, folder, scratch, emit))

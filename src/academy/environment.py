"""What libraries are told before they load, so that nothing leaves the machine and nothing chatters."""

import os

ENVIRONMENT = {
    # Nothing leaves the machine: every library that sends usage pings is told not to.
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
    "UNSLOTH_DISABLE_STATISTICS": "1",
    "WANDB_MODE": "disabled",
    # Libraries speak through our progress and errors, or not at all.
    "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
    "TRANSFORMERS_VERBOSITY": "error",
    "TRL_EXPERIMENTAL_SILENCE": "1",
    "TOKENIZERS_PARALLELISM": "false",
    # Threads that wait must not spin: beside a program that keeps one of two cores busy, fine-tuning took 1.8 and 2.5
    # times as long with spinning (benchmarks/waiting.py).
    "OMP_WAIT_POLICY": "PASSIVE",
}


def prepare() -> None:
    """Set what the user has not set already."""
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)

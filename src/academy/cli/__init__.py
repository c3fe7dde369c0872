"""The command line: one file per verb, each parses, makes one library call and renders the result."""

import os
import signal
from typing import Any

ENVIRONMENT = {
    # Nothing leaves the machine: every library that sends usage pings is told not to.
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
    "UNSLOTH_DISABLE_STATISTICS": "1",
    "WANDB_MODE": "disabled",
    "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
    # Libraries speak through our progress and errors, or not at all.
    "TRANSFORMERS_VERBOSITY": "error",
    "TRL_EXPERIMENTAL_SILENCE": "1",
    "TOKENIZERS_PARALLELISM": "false",
    # Threads that wait must not spin: on two cores that other programs use as well, fine-tuning ran at 150 tokens/s
    # with spinning and at 1,250 without.
    "OMP_WAIT_POLICY": "PASSIVE",
}
"""Set before any library loads; what the user has set already stays."""


def main() -> None:
    """Run the command line."""
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    signal.signal(signal.SIGTERM, _interrupt)
    from academy.cli.app import app

    app()


def _interrupt(signum: int, frame: Any) -> None:
    """End on SIGTERM as on Ctrl-C: the stage keeps what is finished."""
    raise KeyboardInterrupt

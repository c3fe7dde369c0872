"""The command line: one file per verb, each parses, makes one library call and renders the result."""

import os
import signal
from typing import Any

QUIET = {
    # Nothing leaves the machine: every library that sends usage pings is told not to.
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
    "UNSLOTH_DISABLE_STATISTICS": "1",
    "WANDB_MODE": "disabled",
    "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
    "TRANSFORMERS_VERBOSITY": "error",
    "TRL_EXPERIMENTAL_SILENCE": "1",
    "TOKENIZERS_PARALLELISM": "false",
}


def main() -> None:
    """Run the command line."""
    for name, value in QUIET.items():
        os.environ.setdefault(name, value)
    signal.signal(signal.SIGTERM, _interrupt)
    from academy.cli.app import app

    app()


def _interrupt(signum: int, frame: Any) -> None:
    """End on SIGTERM as on Ctrl-C: the stage keeps what is finished."""
    raise KeyboardInterrupt

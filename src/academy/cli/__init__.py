"""The command line: one file per verb, each parses, makes one library call and renders the result."""

import contextlib
import signal
import sys
from io import TextIOWrapper
from typing import Any

INTERRUPTED = 130


def main() -> None:
    """Run the command line."""
    signal.signal(signal.SIGTERM, _interrupt)
    for stream in (sys.stdout, sys.stderr):
        # Files and pipes get UTF-8 everywhere; Windows would choose an encoding without arrows and check marks.
        if isinstance(stream, TextIOWrapper) and not stream.isatty():
            stream.reconfigure(encoding="utf-8")
    try:
        from academy.cli.app import app

        app()
    except KeyboardInterrupt:
        with contextlib.suppress(OSError):
            sys.stderr.write("\n")
        sys.exit(INTERRUPTED)


def _interrupt(signum: int, frame: Any) -> None:
    """End on SIGTERM as on Ctrl-C: the stage keeps what is finished."""
    raise KeyboardInterrupt

"""The process in which foreign formats are parsed: few rights, small limits, and nothing lost when it dies.

One JSON line in, one JSON line out. A reader that fails in an unexpected way ends the process; the other side
(``isolation``) notices, names the file and starts another process.
"""

import json
import os
import re
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from academy.ingestion.readers import read_file
from academy.ingestion.reading import Options, UnreadableError

_MOST_FILES = 64
_MOST_WRITTEN = 1 << 20
"""Bytes that the process may write into files: its last words, and nothing else."""


def main() -> None:
    """Answer requests until the other side closes the line."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C belongs to the process that the user sees
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not look like a reply
    requests = sys.stdin.buffer
    restrict(json.loads(requests.readline())["max_memory_mb"])
    for line in requests:
        request = json.loads(line)
        os.environ["ACADEMY_LANGUAGE"] = request["language"]
        with processor_seconds(request["max_seconds"]):
            reply = answer(request)
        replies.write(json.dumps({**reply, "peak_mb": peak_mb()}).encode() + b"\n")
        replies.flush()


def answer(request: Mapping[str, Any]) -> dict[str, Any]:
    """Read the file; refusals are answers as well."""
    options = Options(**{**request["options"], "passwords": tuple(request["options"]["passwords"])})
    try:
        reading = read_file(request["name"], Path(request["path"]), options)
        return {"reading": {**asdict(reading), "losses": [loss.model_dump() for loss in reading.losses]}}
    except UnreadableError as error:
        return {"reason": error.reason, "message": error.message, "hint": error.hint}


def restrict(max_memory_mb: int) -> None:
    """Limit memory and files where the system can (not on Windows; macOS ignores the limit of memory)."""
    if sys.platform == "win32":
        return
    import resource

    if sys.platform != "darwin":
        resource.setrlimit(resource.RLIMIT_AS, (max_memory_mb << 20, max_memory_mb << 20))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_MOST_WRITTEN, _MOST_WRITTEN))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_MOST_FILES, _MOST_FILES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


@contextmanager
def processor_seconds(most: int) -> Iterator[None]:
    """Let the system end this process after so many more seconds of computing."""
    if sys.platform == "win32":
        yield
        return
    import resource

    used = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    wanted = int(used) + most + 1
    resource.setrlimit(resource.RLIMIT_CPU, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))
    yield
    resource.setrlimit(resource.RLIMIT_CPU, (hard, hard))


def peak_mb() -> int:
    """The most memory that this process has held, in MiB; 0 where the system does not tell."""
    status = Path("/proc/self/status")
    if not status.is_file():
        return 0
    # Not getrusage: there a process starts with the peak of the one that started it.
    found = re.search(r"VmHWM:\s*(\d+)", status.read_text("ascii", "replace"))
    return int(found.group(1)) >> 10 if found else 0

"""Foreign formats are parsed in worker processes: a crash, a hang or a bomb costs one file, never the run.

Workers stay warm and are used again, so that a file costs a fraction of a millisecond on top of being read.
"""

import atexit
import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from academy.ingestion.reading import Options, Reading, UnreadableError
from academy.messages import _, ui_language

_START = "import json,sys; sys.path[:] = json.loads(sys.argv[1]); from academy.ingestion.worker import main; main()"
_KEPT = ("PATH", "SYSTEMROOT", "WINDIR", "TEMP", "TMP", "TMPDIR", "LANG", "LC_ALL", "PYTHONHASHSEED", "PYTHONUTF8")
"""Variables that a worker gets to see; keys and passwords are not among them."""
_PULSE = 0.2
_PATIENCE = 2
"""Wall-clock seconds per allowed processor second: a busy machine is slow, a process that waits for ever is not."""
_LAST_BREATH = 10.0
"""Seconds in which a process that closed its line must be gone."""
_LONGEST = 1 << 30
"""Bytes of one reply; what is longer counts as nonsense."""
_REUSED = 1000
"""Files after which a worker is replaced, whatever it says."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What reading one file may cost."""

    seconds: int = 60
    memory_mb: int = 1536


@dataclass(frozen=True, slots=True)
class Reply:
    """What a worker answers: a reading, or why there is none."""

    peak_mb: int
    reading: Reading | None = None
    reason: str = ""
    message: str = ""
    hint: str = ""


class Died(Exception):  # noqa: N818 - the caller decides what error this is
    """The worker ended instead of answering."""

    def __init__(self, reason: str, problem: str = "") -> None:
        super().__init__(reason, problem)
        self.reason = reason
        self.problem = problem


_REPLY: TypeAdapter[Reply] = TypeAdapter(Reply)


class Worker:
    """One process, and the thread that listens to it."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.served = 0
        self.peak_mb = 0
        self._words = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-B", "-c", _START, json.dumps(sys.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._words,
            env={name: os.environ[name] for name in _KEPT if name in os.environ},
        )
        self._lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()
        self._say({"max_memory_mb": limits.memory_mb})

    def _listen(self) -> None:
        assert self._process.stdout is not None
        while line := self._process.stdout.readline(_LONGEST):
            self._lines.put(line)
        self._lines.put(b"")

    def _say(self, request: Mapping[str, Any]) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()
        except OSError:  # it died before it listened; its silence says so as well
            self._lines.put(b"")

    def read(self, name: str, path: Path, options: Options) -> Reading:
        """Have one file read.

        Raises:
            UnreadableError: the reader refuses it.
            Died: the worker crashed, or had to be ended.
        """
        request = {"name": name, "path": str(path), "options": asdict(options), "language": ui_language()}
        self._say({**request, "max_seconds": self.limits.seconds})
        reply = self._reply(self._line())
        self.served += 1
        self.peak_mb = reply.peak_mb
        if reply.reading is None:
            raise UnreadableError(reply.reason, reply.message, reply.hint)
        return reply.reading

    def _line(self) -> bytes:
        """The reply, or an empty line when there is none."""
        deadline = time.monotonic() + _PATIENCE * self.limits.seconds
        while True:
            try:
                return self._lines.get(timeout=_PULSE)
            except queue.Empty:
                self._check(deadline)

    def _check(self, deadline: float) -> None:
        """End a process that waits for ever, or that outgrew its memory where the system does not see to it."""
        import psutil

        if time.monotonic() > deadline:
            raise Died("too_slow")
        try:
            used = psutil.Process(self._process.pid).memory_info().rss >> 20
        except psutil.Error:  # it is gone; the listener will say so
            return
        if used > self.limits.memory_mb:
            raise Died("too_much_memory")

    def _reply(self, line: bytes) -> Reply:
        if not line:
            raise self._post_mortem()
        try:
            return _REPLY.validate_json(line)
        except ValidationError:  # a parser that was taken over, or died in the middle of a word
            raise Died("crashed", _("it answered nonsense")) from None

    def _post_mortem(self) -> Died:
        """What ended the process, from its last words and its exit code."""
        try:
            code = self._process.wait(_LAST_BREATH)
        except subprocess.TimeoutExpired:  # it closed its mouth and lives on; whoever gets this error ends it
            return Died("crashed", _("it answered nonsense"))
        self._words.seek(0)
        last = self._words.read().decode("utf-8", "replace").strip().rpartition("\n")[2]
        if sys.platform != "win32" and code == -signal.SIGXCPU:
            return Died("too_slow")
        if last.startswith("MemoryError"):
            return Died("too_much_memory")
        return Died("crashed", signal.Signals(-code).name if code < 0 else last or str(code))

    @property
    def alive(self) -> bool:
        """Whether it can be asked once more."""
        return self._process.poll() is None

    def close(self) -> None:
        """End the process and let go of everything."""
        self._process.kill()
        self._process.wait()
        self._listener.join()
        for stream in (self._process.stdin, self._process.stdout, self._words):
            if stream is not None:
                _close(stream.close)


def _close(close: Callable[[], None]) -> None:
    """Close a pipe whose other end may be gone with unread words in it."""
    try:
        close()
    except BrokenPipeError:
        return


@dataclass(slots=True)
class Pool:
    """The idle workers; each file takes one out and puts it back."""

    idle: list[Worker] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def read(self, name: str, path: Path, options: Options, limits: Limits) -> Reading:
        """Read one file in a worker.

        Raises:
            UnreadableError: the file cannot be read, or its reader died of it.
        """
        try:
            return self._attempt(self._take(limits), name, path, options)
        except Died as first:
            failed = first
        if failed.reason != "too_slow":
            # What earlier files left behind must not decide about this one: a second try, in a new process.
            try:
                return self._attempt(Worker(limits), name, path, options)
            except Died as second:
                failed = second
        raise _unreadable(failed, limits)

    def _attempt(self, worker: Worker, name: str, path: Path, options: Options) -> Reading:
        try:
            return worker.read(name, path, options)
        except UnreadableError:
            raise
        except BaseException:  # Died, or Ctrl-C while it works: its next answer would be to the wrong question
            worker.close()
            raise
        finally:
            self._give_back(worker)

    def _take(self, limits: Limits) -> Worker:
        with self.lock:
            unfit = [worker for worker in self.idle if worker.limits != limits]
            self.idle = [worker for worker in self.idle if worker.limits == limits]
            taken = self.idle.pop() if self.idle else None
        for worker in unfit:
            worker.close()
        return taken or Worker(limits)

    def _give_back(self, worker: Worker) -> None:
        if not worker.alive:
            return
        if worker.served >= _REUSED or worker.peak_mb > worker.limits.memory_mb // 3:
            worker.close()
            return
        with self.lock:
            self.idle.append(worker)

    def close(self) -> None:
        """End all workers."""
        with self.lock:
            workers, self.idle = self.idle, []
        for worker in workers:
            worker.close()


def _unreadable(death: Died, limits: Limits) -> UnreadableError:
    if death.reason == "too_slow":
        message = _("reading it took more than {seconds} seconds and was stopped.").format(seconds=limits.seconds)
        hint = _("To give it more time: --set ingest.max_seconds={seconds}").format(seconds=10 * limits.seconds)
    elif death.reason == "too_much_memory":
        message = _("reading it took more than {size} MiB of memory and was stopped.").format(size=limits.memory_mb)
        hint = _("To give it more memory: --set ingest.max_memory_mb={size}").format(size=2 * limits.memory_mb)
    else:
        message = _("its reader crashed ({problem}).").format(problem=death.problem)
        hint = _("Open it in the program that made it and save it again.")
    return UnreadableError(death.reason, message, hint)


POOL = Pool()
"""The workers of this process."""
atexit.register(POOL.close)

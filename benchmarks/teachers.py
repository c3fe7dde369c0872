"""The client against the test server: share of the allowed rate used, overhead, memory, kills.

    python -m benchmarks.teachers rate        how much of an allowed rate is used
    python -m benchmarks.teachers overhead    processor time of the client for a request, without and with the cache
    python -m benchmarks.teachers memory N    resident memory over N requests
    python -m benchmarks.teachers kills N     N random kills: answers that were kept and asked again, answers missing

The server is tests/openai_server.py, in a process of its own, so that its work does not count as the client's.
"""

import json
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from academy.config import EndpointConfig
from academy.models.api import ApiModel
from academy.models.api_cache import AnswerCache
from academy.models.api_presets import resolve_endpoint
from academy.records import Message


@contextmanager
def server(*options: str) -> Iterator[str]:
    """The address of a server that runs until the block ends."""
    command = [sys.executable, "-m", "tests.openai_server", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.kill()


def client(url: str, cache: AnswerCache | None = None, **config: float) -> ApiModel:
    """A client of that server."""
    endpoint = resolve_endpoint("custom:tiny", EndpointConfig.model_validate({"base_url": url, **config}))
    return ApiModel(endpoint, cache, "benchmark")


def ask(model: ApiModel, number: int) -> str:
    """One request that nobody made before."""
    return model.complete([Message(role="user", content=f"Question {number}?")]).text


def rate(seconds: float = 30.0, per_second: float = 20.0, delay: float = 0.5) -> dict[str, float]:
    """Requests answered in proportion to those that the server allowed, with 5 % faults, too."""
    found: dict[str, float] = {"allowed_per_s": per_second, "delay_s": delay, "seconds": seconds}
    for name, faults in (("share", "0"), ("share_at_5_percent_faults", "0.05")):
        with server("--rate", str(per_second), "--delay", str(delay), "--faults", faults) as url:
            model = client(url, requests_per_minute=60 * per_second, concurrency=32)
            wanted = int(seconds * per_second)
            began = time.perf_counter()
            with ThreadPoolExecutor(32) as pool:
                list(pool.map(partial(ask, model), range(wanted)))
            found[name] = round(wanted / (time.perf_counter() - began) / per_second, 3)
            model.close()
    return found


def overhead(requests: int = 2000) -> dict[str, float]:
    """Milliseconds of processor time a request, of the whole client process; waiting for the server does not count."""
    found: dict[str, float] = {"n": requests}
    with server() as url, tempfile.TemporaryDirectory() as folder:
        cache = AnswerCache(Path(folder) / "answers.sqlite")
        for name, kept in (("without_cache_ms", None), ("with_cache_ms", cache)):
            model = client(url, kept)
            ask(model, -1)
            began = time.process_time()
            for number in range(requests):
                ask(model, number)
            found[name] = round(1000 * (time.process_time() - began) / requests, 3)
            model.close()
        cache.close()
    return found


def memory(requests: int) -> dict[str, object]:
    """Megabytes resident after each tenth of the requests, every answer kept in the cache."""
    import psutil

    process, seen = psutil.Process(), []
    with server() as url, tempfile.TemporaryDirectory() as folder:
        cache = AnswerCache(Path(folder) / "answers.sqlite")
        model = client(url, cache)
        with ThreadPoolExecutor(8) as pool:
            for tenth in range(10):
                start = tenth * requests // 10
                for first in range(start, start + requests // 10, 500):
                    list(pool.map(lambda number: ask(model, number), range(first, first + 500)))
                seen.append(round(process.memory_info().rss / 1e6, 1))
        model.close()
        cache.close()
    return {"requests": requests, "rss_mb": seen}


WORKER = """
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from academy.models.api_cache import AnswerCache
from benchmarks.teachers import ask, client
model = client(sys.argv[1], AnswerCache(Path(sys.argv[2])), concurrency=8)
with ThreadPoolExecutor(8) as pool:
    list(pool.map(lambda number: ask(model, number), range(int(sys.argv[3]))))
"""


def kills(count: int, questions: int = 4000) -> dict[str, object]:
    """Kill the client at random moments; then count what the server answered and what the cache holds."""
    from tests.openai_server import OpenAIServer

    draw = random.Random(0)
    again = 0
    echo = lambda body: str(body["messages"][-1]["content"])  # noqa: E731
    with OpenAIServer(echo, delay=0.02, keep=10**9) as local, tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "answers.sqlite"
        command = [sys.executable, "-c", WORKER, local.url, str(path), str(questions)]
        killed = 0
        for _kill in range(count):
            before = _kept(path)
            asked = len(local.bodies)
            child = subprocess.Popen(command)
            while len(local.bodies) < asked + draw.randint(1, 60) and child.poll() is None:
                time.sleep(0.001)
            if child.poll() is None:
                os.kill(child.pid, signal.SIGKILL)
                killed += 1
            child.wait()
            new = {body["messages"][0]["content"] for body in local.bodies[asked:]}
            again += sum(key in before for key in new)
        begun = len(local.bodies)
        subprocess.run(command, check=True)
        questions_asked = [body["messages"][0]["content"] for body in local.bodies]
        return {
            "kills": killed,
            "questions": questions,
            "kept": len(_kept(path)),
            "asked_again_although_kept": again,
            "asked_again_because_under_way": len(questions_asked) - len(set(questions_asked)),
            "most_under_way": 8 * killed,
            "asked_before_the_last_run": begun,
        }


def _kept(path: Path) -> set[str]:
    """The questions whose answers are kept: the server's answer repeats the question's number."""
    if not path.is_file():
        return set()
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(path)) as db:
        return {row[0] for row in db.execute("select text from answers")}


def main() -> None:
    """Measure what is named."""
    what, *rest = sys.argv[1:] or ["overhead"]
    if what == "overhead":
        several = [overhead() for _time in range(3)]
        found: dict[str, object] = {name: statistics.median(one[name] for one in several) for name in several[0]}
    else:
        found = {"rate": rate, "memory": memory, "kills": kills}[what](*map(int, rest))  # type: ignore[operator]
    print(json.dumps({"benchmark": f"teachers {what}", **found}))


if __name__ == "__main__":
    main()

"""Tokens per second and latencies of ``academy serve`` and of ``transformers serve`` on the same weights, streaming.

    python -m benchmarks.serving [--clients 1,4,16,64] [--tokens 48] [--rounds 2]

Both servers get the embedded base in fp32 or bf16 as they choose, one thread, the same prompts, greedy; transformers
runs with continuous batching and a cache of 16,384 tokens (left alone it takes most of the machine's memory). Each
client sends its requests one after the other. A piece of the stream counts as a token.
"""

import argparse
import asyncio
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import yaml

from academy.config import AcademyConfig
from academy.models.student import EMBEDDED_FOLDER
from academy.records import Chunk, Document, dump

WORDS = ("Wasser", "Linux", "Musik", "Garten", "Motor", "Sprache", "Schule", "Wetter", "Zucker", "Papier")
BIN = Path(sys.executable).parent
PORT = 8190


@dataclass(slots=True)
class Seen:
    """What the clients of one measurement saw, in seconds."""

    first: list[float] = field(default_factory=list)
    between: list[float] = field(default_factory=list)
    tokens: int = 0
    failed: int = 0


def prompt(number: int) -> str:
    """A prompt of its own for each request: no server may profit from having read it."""
    pair = WORDS[number % 10], WORDS[number // 10 % 10]
    return f"{number}. Ein langer Bericht über {pair[0]} und {pair[1]}, und warum beides im Alltag wichtig ist:\n\nIm"


async def ask(client: httpx.AsyncClient, url: str, model: str, number: int, tokens: int, seen: Seen) -> None:
    """One streamed request."""
    body = {"model": model, "prompt": prompt(number), "max_tokens": tokens, "stream": True, "temperature": 0}
    began = last = time.perf_counter()
    async with client.stream("POST", f"{url}/v1/completions", json=body) as response:
        seen.failed += response.status_code != 200
        heard = 0
        async for line in response.aiter_lines():
            if '"text":"' not in line or '"text":""' in line:
                continue
            now = time.perf_counter()
            (seen.between if heard else seen.first).append(now - last if heard else now - began)
            last, heard = now, heard + 1
        seen.tokens += heard


async def load(url: str, model: str, clients: int, rounds: int, tokens: int) -> tuple[Seen, float]:
    """So many clients at once, each with its requests one after the other."""
    seen = Seen()
    limits = httpx.Limits(max_connections=clients)
    async with httpx.AsyncClient(timeout=600, limits=limits) as client:

        async def one(number: int) -> None:
            for turn in range(rounds):
                await ask(client, url, model, clients * 1000 + number + clients * turn, tokens, seen)

        began = time.perf_counter()
        await asyncio.gather(*(one(number) for number in range(clients)))
        return seen, time.perf_counter() - began


def make_run(folder: Path) -> Path:
    """A run whose specialist is the embedded base."""
    run = folder / "runs" / "base"
    run.mkdir(parents=True)
    shutil.copytree(EMBEDDED_FOLDER, run / "5-specialist")
    (run / "5-specialist" / "specialist.json").write_text("{}")
    document = Document(source="a.txt", title="a", text="Ein Satz.", media_type="text/plain", language="de")
    piece = Chunk(document_id=document.id, index=0, text="Ein Satz.", start=0, end=9)
    (run / "1-documents.jsonl").write_text(dump(document) + "\n")
    (run / "2-chunks.jsonl").write_text(dump(piece) + "\n")
    stage = {"finetune": {"files": {}, "records": 1, "rejected": 0, "fingerprint": ""}}
    state = {"format": 1, "academy": "0", "name": "base", "sources": ["a.txt"], "stages": stage}
    (run / "run.yaml").write_text(yaml.safe_dump(state | {"config": AcademyConfig().model_dump(mode="json")}))
    return run


@contextmanager
def serving(command: Sequence[str], folder: Path) -> Iterator[float]:
    """A server until the block ends; gives the seconds until it was ready."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1", "DO_NOT_TRACK": "1"}
    began = time.perf_counter()
    with (
        open(folder / "log", "wb") as log,
        subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log) as server,
    ):
        try:
            while not healthy():
                time.sleep(0.05)
            yield time.perf_counter() - began
        finally:
            server.terminate()


def healthy() -> bool:
    """Whether a server answers on the port."""
    try:
        return httpx.get(f"http://127.0.0.1:{PORT}/health", timeout=5).status_code == 200
    except httpx.TransportError:
        return False


def plain(tokens: int) -> float:
    """Tokens per second of transformers' own generate, one request at a time."""
    import torch

    from academy.models.local import open_model
    from academy.models.student import Student, fingerprint

    model = open_model(Student("embedded", EMBEDDED_FOLDER, fingerprint(EMBEDDED_FOLDER)))
    rates = []
    for number in range(6):
        ids = torch.tensor([[model.template.bos_id, *model.template.encode(prompt(1000 + number))]])
        began = time.perf_counter()
        out = model.network.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=tokens, do_sample=False)
        rates.append((out.shape[1] - ids.shape[1]) / (time.perf_counter() - began))
    return statistics.median(rates[1:])


def row(name: str, clients: int, seen: Seen, wall: float) -> dict[str, object]:
    """The figures of one measurement."""

    def at(values: list[float], share: float) -> float:
        return round(1000 * sorted(values)[min(len(values) - 1, int(share * len(values)))], 1) if values else 0.0

    return {
        "server": name,
        "clients": clients,
        "requests": len(seen.first),
        "tokens_per_s": round(seen.tokens / wall, 1),
        "first_p50_ms": at(seen.first, 0.5),
        "first_p99_ms": at(seen.first, 0.99),
        "between_p50_ms": at(seen.between, 0.5),
        "between_p99_ms": at(seen.between, 0.99),
        "failed": seen.failed,
    }


def main() -> None:
    """Measure both servers in turn and print a table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--clients", default="1,4,16,64")
    parser.add_argument("--tokens", type=int, default=48)
    parser.add_argument("--rounds", type=int, default=2)
    options = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        run = make_run(folder)
        model = str(run / "5-specialist")
        cache = ["--device", "cpu", "--continuous-batching", "--cb-block-size", "32"]
        cache += ["--cb-num-blocks", "512", "--cb-max-batch-tokens", "512"]
        servers = {
            "academy": ([str(BIN / "academy"), "serve", "base", "--port", str(PORT)], "base"),
            "transformers": (
                [str(BIN / "transformers"), "serve", model, "--port", str(PORT), "--host", "127.0.0.1", *cache],
                model,
            ),
        }
        for name, (command, asked) in servers.items():
            with serving(command, folder) as ready:
                asyncio.run(load(f"http://127.0.0.1:{PORT}", asked, 2, 1, 8))
                for clients in map(int, options.clients.split(",")):
                    rounds = options.rounds * (4 if clients == 1 else 1)
                    seen, wall = asyncio.run(load(f"http://127.0.0.1:{PORT}", asked, clients, rounds, options.tokens))
                    rows.append(row(name, clients, seen, wall) | {"ready_s": round(ready, 1)})
                    print(json.dumps(rows[-1]), flush=True)
    print(json.dumps({"plain_generate_tokens_per_s": round(plain(options.tokens), 1)}))
    columns = list(rows[0])
    print("| " + " | ".join(columns) + " |\n|" + "---|" * len(columns))
    for one in rows:
        print("| " + " | ".join(str(one[column]) for column in columns) + " |")


if __name__ == "__main__":
    main()

"""Answers that were paid for are kept for ever: one SQLite file, shared by all runs, safe against kills and rivals.

Every answer is committed together with what it cost, so that the accounts of a run survive a kill to the cent.
"""

import hashlib
import json
import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from academy.errors import RunError
from academy.messages import _

BUSY_SECONDS = 60.0
_SCHEMA = """
create table if not exists answers (
    key text primary key, endpoint text not null, model text not null, text text not null, finish text not null,
    prompt_tokens integer not null, answer_tokens integer not null, cost real, created real not null
) without rowid;
create table if not exists accounts (
    run text not null, endpoint text not null, day text not null, requests integer not null, failed integer not null,
    prompt_tokens integer not null, answer_tokens integer not null, cost real not null,
    primary key (run, endpoint, day)
) without rowid;
"""


@dataclass(frozen=True, slots=True)
class Reply:
    """A finished answer.

    Attributes:
        model: which one wrote it, as the endpoint says; a router may have taken another than was asked for.
        finish: why it ended: stop, length, ...
        cost: in US dollars; None when nobody knows.
        cached: whether it was paid for earlier.
    """

    text: str
    model: str
    finish: str
    prompt_tokens: int = 0
    answer_tokens: int = 0
    cost: float | None = None
    cached: bool = False


@dataclass(frozen=True, slots=True)
class Spent:
    """What requests used up; cost in US dollars."""

    requests: int = 0
    failed: int = 0
    prompt_tokens: int = 0
    answer_tokens: int = 0
    cost: float = 0.0


def answer_key(base_url: str, body: Mapping[str, Any], attempt: int = 0) -> str:
    """Hash of everything that could change the answer; the API key is not among it."""
    text = json.dumps([base_url, body, attempt], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


class AnswerCache:
    """The file of answers; all threads may use one object, all processes one file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        with self._named():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, timeout=BUSY_SECONDS, check_same_thread=False, isolation_level=None)
            self._db.execute("pragma journal_mode = wal")
            # Every answer may have cost money: a power cut loses none that was written.
            self._db.execute("pragma synchronous = full")
            self._db.executescript(_SCHEMA)

    def get(self, key: str) -> Reply | None:
        """An answer that was kept; None when there is none."""
        columns = "text, model, finish, prompt_tokens, answer_tokens, cost"
        with self._named(), self._lock:
            row = self._db.execute(f"select {columns} from answers where key = ?", (key,)).fetchone()
        return replace(Reply(*row), cached=True) if row else None

    def keep(self, key: str, endpoint: str, run: str, reply: Reply) -> None:
        """Keep an answer and write down what it cost, both or neither."""
        tokens = (reply.prompt_tokens, reply.answer_tokens)
        row = (key, endpoint, reply.model, reply.text, reply.finish, *tokens, reply.cost, time.time())
        with self._named(), self._lock, self._transaction():
            self._db.execute("insert or replace into answers values (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
            self._book(run, endpoint, Spent(1, 0, *tokens, reply.cost or 0.0))

    def book_failure(self, endpoint: str, run: str) -> None:
        """Count a request that brought no answer: many providers count it against the day's requests."""
        with self._named(), self._lock, self._transaction():
            self._book(run, endpoint, Spent(1, 1))

    def spent(self, run: str) -> dict[str, Spent]:
        """What a run used up, by endpoint; every process of it and every day together."""
        sums = "sum(requests), sum(failed), sum(prompt_tokens), sum(answer_tokens), sum(cost)"
        query = f"select endpoint, {sums} from accounts where run = ? group by endpoint order by endpoint"
        with self._named(), self._lock:
            return {name: Spent(*numbers) for name, *numbers in self._db.execute(query, (run,)).fetchall()}

    def requests_today(self, endpoint: str, day: str) -> int:
        """Requests of all runs to an endpoint on a day (UTC, as 2026-11-21)."""
        query = "select coalesce(sum(requests), 0) from accounts where endpoint = ? and day = ?"
        with self._named(), self._lock:
            return int(self._db.execute(query, (endpoint, day)).fetchone()[0])

    def close(self) -> None:
        """Release the file."""
        with self._lock:
            self._db.close()

    def _book(self, run: str, endpoint: str, spent: Spent) -> None:
        numbers = (spent.requests, spent.failed, spent.prompt_tokens, spent.answer_tokens, spent.cost)
        self._db.execute(
            "insert into accounts values (?, ?, ?, ?, ?, ?, ?, ?) on conflict do update set"
            " requests = requests + excluded.requests, failed = failed + excluded.failed,"
            " prompt_tokens = prompt_tokens + excluded.prompt_tokens,"
            " answer_tokens = answer_tokens + excluded.answer_tokens, cost = cost + excluded.cost",
            (run, endpoint, time.strftime("%Y-%m-%d", time.gmtime()), *numbers),
        )

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("begin immediate")
        try:
            yield
        except BaseException:
            self._db.execute("rollback")
            raise
        self._db.execute("commit")

    @contextmanager
    def _named(self) -> Iterator[None]:
        """Say which file an error is about."""
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise RunError(
                _("The file of answers {path} cannot be used: {error}").format(path=self.path, error=error),
                _("Free some space, or move the file away and repeat the command; finished runs do not need it."),
            ) from error


def read_spent(path: Path, run: str) -> dict[str, Spent]:
    """What a run used up, without creating the file."""
    if not path.is_file():
        return {}
    with closing(AnswerCache(path)) as cache:
        return cache.spent(run)

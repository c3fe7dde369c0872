"""Several items of a stage at once, their results in the order of the items."""

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from academy.records import Progress

T = TypeVar("T")
R = TypeVar("R")
AHEAD = 4
"""Items handed out per worker: a slow one at the head must not stop the others."""
LOOK = 0.5
"""Seconds between two looks at who waits."""


class Crew(Protocol):
    """Who works on a stage's items.

    Attributes:
        workers: how many items are worked on at once.
    """

    @property
    def workers(self) -> int: ...

    def prepare(self, items: Iterable[Any], config: Any, tell: Callable[[str], None]) -> None:
        """Before the first of these items: say what will happen, and refuse what cannot go well."""

    def note(self) -> str:
        """What everybody waits for; "" while work goes on."""

    def account(self) -> Mapping[str, Any]:
        """What the work has used up, for run.yaml; empty when nothing was."""

    def close(self) -> None:
        """Call off what is under way."""


@dataclass(frozen=True, slots=True)
class Item:
    """One item that is not finished: its place among all items, its key in journal and index."""

    place: int
    key: str
    item: Any


class Pending:
    """The items of a stage that are not finished, each once.

    Attributes:
        keys: those of all items, in order; complete when the iteration is.
    """

    def __init__(self, items: Collection[Any], key: Callable[[Any], str], finished: Callable[[str], bool]) -> None:
        self.items = items
        self.keys: list[str] = []
        self._key = key
        self._finished = finished

    def __iter__(self) -> Iterator[Item]:
        self.keys.clear()
        handed_out: set[str] = set()
        for place, item in enumerate(self.items):
            key = self._key(item)
            self.keys.append(key)
            if key not in handed_out and not self._finished(key):
                handed_out.add(key)
                yield Item(place, key, item)


def in_order(work: Callable[[T], R], items: Iterable[T], crew: Crew | None, look: Callable[[], None]) -> Iterator[R]:
    """``work`` of every item, in their order; with several workers on threads.

    Args:
        look: called while the next result is waited for.
    """
    if crew is None or crew.workers == 1:
        yield from map(work, items)
        return
    under_way: deque[Future[R]] = deque()
    pool = ThreadPoolExecutor(crew.workers, "academy")
    try:
        for item in items:
            under_way.append(pool.submit(work, item))
            if len(under_way) >= crew.workers * AHEAD:
                yield _waited(under_way.popleft(), look)
        while under_way:
            yield _waited(under_way.popleft(), look)
    except KeyboardInterrupt:
        crew.close()  # what is under way is not waited for
        raise
    finally:
        # After an error the answers that are under way are waited for: they may be paid for already.
        pool.shutdown(wait=True, cancel_futures=True)


def _waited(future: Future[R], look: Callable[[], None]) -> R:
    while not future.done():
        with suppress(NotYet):
            return future.result(LOOK)
        look()
    return future.result()


def prepare(crew: Crew | None, pending: Pending, config: Any, tell: Callable[[str], None]) -> Pending:
    """Let the crew look at what is to be done; nothing begins when it refuses."""
    if crew is not None:
        try:
            crew.prepare((one.item for one in pending), config, tell)
        except BaseException:
            crew.close()
            raise
    return pending


def work_off(
    pending: Pending, call: Callable[[Any], R], crew: Crew | None, pulse: Callable[[Progress], None]
) -> Iterator[tuple[str, R]]:
    """The key and the result of every item that is to be done, in order."""
    done, total = 0, len(pending.items)

    def look() -> None:
        pulse(Progress(done, total, crew.note() if crew else ""))

    def work(one: Item) -> tuple[Item, R]:
        return one, call(one.item)

    look()
    try:
        for one, result in in_order(work, pending, crew, look):
            yield one.key, result
            done = one.place + 1
            look()
    finally:
        if crew is not None:
            crew.close()


def account(crew: Crew | None) -> dict[str, Any]:
    """The line of run.yaml that says what the work has used up; none when nothing was."""
    used = dict(crew.account()) if crew else {}
    return {"usage": used} if used else {}

"""How fast an endpoint is asked: concurrency that adapts, requests and tokens per minute, requests per day, money.

Rates are paced, not counted in windows: starts are spread evenly, and a start that came late is caught up within
``CATCH_UP`` seconds, so that a busy machine still uses all that is allowed.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from academy.errors import LimitReachedError
from academy.messages import _

DECREASE = 0.75
"""Concurrency shrinks to this share on the first 429 of a burst ..."""
INCREASE_AFTER = 25
"""... and grows by one after so many successes."""
START = 8
CATCH_UP = 1.0
DAY = 86_400.0
LOOK = 0.5
"""Longest sleep in one piece, in seconds, so that Ctrl-C is heard at once."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What an endpoint allows; None: not limited."""

    concurrency: int = 16
    requests_per_minute: float | None = None
    tokens_per_minute: float | None = None
    requests_per_day: int | None = None
    max_cost: float | None = None
    wait_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Clock:
    """Time, which tests replace."""

    monotonic: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep


class Pace:
    """Starts at an even rate of ``per_minute`` units."""

    def __init__(self, per_minute: float, now: float) -> None:
        self._interval = 60.0 / per_minute
        self._next = now

    def delay(self, now: float) -> float:
        """Seconds until the next start."""
        return max(0.0, self._next - now)

    def take(self, units: float, now: float) -> None:
        """Start something that uses so many units; less than 0 gives some back."""
        self._next = max(self._next, now - CATCH_UP) + units * self._interval


class Limiter:
    """Stands before every request of all threads.

    Attributes:
        limit: requests that may be in flight now.
        note: why everybody waits; empty while nobody does.
        waiting: whether somebody waits before another try.
    """

    def __init__(self, allowance: Allowance, used_today: Callable[[], int], clock: Clock | None = None) -> None:
        self.allowance = allowance
        self.note = ""
        self.waiting = False
        self.limit = float(min(START, allowance.concurrency))
        self._clock = clock or Clock()
        self._used_today = used_today
        self._changed = threading.Condition()
        now = self._clock.monotonic()
        rates = (allowance.requests_per_minute, allowance.tokens_per_minute)
        self._requests, self._tokens = (Pace(rate, now) if rate else None for rate in rates)
        self._flying = 0
        self._successes = 0
        self._shrunk_at = now
        self._not_before = now
        self._cost = 0.0
        self._today: tuple[int, int] = (-1, 0)
        self._closed = False

    @contextmanager
    def slot(self, tokens: int) -> Iterator[float]:
        """Wait for a turn for a request of about ``tokens`` tokens; gives the time of the start.

        Raises:
            LimitReachedError: the day's requests or the money are used up, or the work was called off.
        """
        began = self._enter(tokens)
        try:
            yield began
        finally:
            with self._changed:
                self._flying -= 1
                self._changed.notify()

    def succeeded(self, planned: int, tokens: int, cost: float) -> None:
        """An answer came; it used so many tokens instead of those planned."""
        with self._changed:
            self._cost += cost
            if self._tokens:
                self._tokens.take(tokens - planned, self._clock.monotonic())
            self._successes += 1
            if self._successes >= INCREASE_AFTER and self.limit < self.allowance.concurrency:
                self._successes = 0
                self.limit = min(self.limit + 1, float(self.allowance.concurrency))
                self._changed.notify_all()

    def crowded(self, began: float, wait: float) -> None:
        """The endpoint said 429 to a request that began then, and perhaps how long to wait."""
        with self._changed:
            now = self._clock.monotonic()
            if began >= self._shrunk_at:  # the others of the same burst were on their way before anyone could know
                self.limit = max(1.0, self.limit * DECREASE)
                self._shrunk_at = now
                self._successes = 0
            self._not_before = max(self._not_before, now + wait)

    def rest(self, seconds: float) -> None:
        """Start nothing for a while: the endpoint has announced that nothing is left until then."""
        with self._changed:
            self._not_before = max(self._not_before, self._clock.monotonic() + seconds)

    def spend(self, cost: float) -> None:
        """Count money that the run spent in an earlier process."""
        with self._changed:
            self._cost += cost

    def set_day(self, requests: int) -> None:
        """The endpoint has said how many requests a day it allows."""
        with self._changed:
            values = {name: getattr(self.allowance, name) for name in self.allowance.__slots__}
            self.allowance = Allowance(**{**values, "requests_per_day": requests})

    def close(self) -> None:
        """Call off everybody who waits."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def sleep(self, seconds: float) -> None:
        """Wait, unless the work is called off."""
        end = self._clock.monotonic() + seconds
        self.waiting = True
        while (left := end - self._clock.monotonic()) > 0:
            self.check()
            self._clock.sleep(min(left, LOOK))
        self.waiting = False

    def _enter(self, tokens: int) -> float:
        while True:
            with self._changed:
                self.check()
                self._check_cost()
                while self._flying >= int(self.limit):
                    self._changed.wait(LOOK)
                    self.check()
                now = self._clock.monotonic()
                delay = max(self._delay(now), self._until_tomorrow())
                if delay <= 0:
                    self._flying += 1
                    self._take(tokens, now)
                    self.note = ""
                    return now
            self._clock.sleep(min(delay, LOOK))

    def _delay(self, now: float) -> float:
        paces = [pace.delay(now) for pace in (self._requests, self._tokens) if pace]
        return max([self._not_before - now, *paces])

    def _take(self, tokens: int, now: float) -> None:
        day, count = self._today
        self._today = (day, count + 1)
        if self._requests:
            self._requests.take(1, now)
        if self._tokens:
            self._tokens.take(tokens, now)

    def check(self) -> None:
        """Raise LimitReachedError when the work was called off."""
        if self._closed:
            raise LimitReachedError(_("The work was called off."))

    def _check_cost(self) -> None:
        ceiling = self.allowance.max_cost
        if ceiling is not None and self._cost >= ceiling:
            raise LimitReachedError(
                _("The ceiling of {ceiling:.2f} dollars is reached: {cost:.4f} dollars were spent.").format(
                    ceiling=ceiling, cost=self._cost
                ),
                _("Everything paid for is kept. To go on: repeat the command with --set teacher.max_cost=AMOUNT"),
            )

    def _until_tomorrow(self) -> float:
        """Seconds until the day's requests are there again; 0 while some are left."""
        allowed = self.allowance.requests_per_day
        if allowed is None:
            return 0.0
        wall = self._clock.wall()
        if self._today[0] != int(wall // DAY):
            self._today = (int(wall // DAY), self._used_today())
        if self._today[1] < allowed:
            return 0.0
        wait = DAY - wall % DAY
        if wait > self.allowance.wait_seconds:
            raise LimitReachedError(
                _("The {n} requests of today are used up; new ones come at midnight UTC.").format(n=allowed),
                _("Repeat the same command tomorrow; all is kept. Or let it wait: --set teacher.wait_hours=24"),
            )
        self.note = _("the {n} requests of today are used up, pausing until midnight UTC").format(n=allowed)
        return wait

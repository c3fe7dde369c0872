"""Pacing, adapting and waiting, in a time that the tests make."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from academy.errors import LimitReachedError
from academy.models.api_errors import Failure, hide, wait_asked
from academy.models.api_limits import DAY, Allowance, Clock, Limiter


class Time:
    """A clock that only moves when somebody sleeps."""

    def __init__(self, wall: float = 0.0) -> None:
        self.now = 0.0
        self.start = wall

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def clock(self) -> Clock:
        return Clock(lambda: self.now, lambda: self.start + self.now, self.sleep)


def limiter(made: Time, used: int = 0, **allowed: float) -> Limiter:
    return Limiter(Allowance(**allowed), lambda: used, made.clock())  # type: ignore[arg-type]


def test_starts_are_spread_evenly() -> None:
    made = Time()
    one = limiter(made, requests_per_minute=60)
    starts = []
    for _request in range(100):
        with one.slot(10) as began:
            starts.append(began)
    assert starts[-1] == pytest.approx(99, abs=1)


def test_what_came_late_is_caught_up_within_a_second() -> None:
    made = Time()
    one = limiter(made, requests_per_minute=600)
    for _request in range(100):
        with one.slot(10):
            made.now += 0.09  # nearly the interval of 0.1 s: the rate must not fall to the sum of both
    assert made.now == pytest.approx(10, abs=0.2)


def test_tokens_are_paced_by_what_was_really_used() -> None:
    made = Time()
    one = limiter(made, tokens_per_minute=6000)
    for _request in range(20):
        with one.slot(100):
            one.succeeded(100, 50, 0.0)
    assert made.now == pytest.approx(20 * 0.5, abs=1.0)


def test_the_first_429_of_a_burst_shrinks_and_successes_grow() -> None:
    made = Time()
    one = limiter(made, concurrency=16)
    assert one.limit == 8
    one.crowded(began=0.0, wait=2.0)
    one.crowded(began=-1.0, wait=0.0)  # was on its way already
    assert one.limit == 6
    for _success in range(25):
        one.succeeded(0, 0, 0.0)
    assert one.limit == 7
    with one.slot(1) as began:
        assert began >= 2.0, "what the endpoint asks for is waited for"


def test_concurrency_never_passes_the_limit_or_zero() -> None:
    made = Time()
    one = limiter(made, concurrency=9)
    for _success in range(1000):
        one.succeeded(0, 0, 0.0)
    assert one.limit == 9
    for _time in range(50):
        made.now += 1
        one.crowded(made.now, 0.0)
    assert one.limit == 1


def test_the_day_is_waited_out_and_work_goes_on() -> None:
    made = Time(wall=1000 * DAY - 3600.0)
    one = limiter(made, used=48, requests_per_day=50, wait_seconds=2 * DAY)
    for _request in range(2):
        with one.slot(1):
            assert made.now == 0.0
    counted = one._used_today
    one._used_today = lambda: 0
    with one.slot(1):
        assert made.now == pytest.approx(3600, abs=1), "the third one started after midnight UTC"
    assert counted() == 48


def test_a_day_that_is_too_far_off_is_an_error() -> None:
    one = limiter(Time(), used=50, requests_per_day=50, wait_seconds=60)
    with pytest.raises(LimitReachedError, match="50 requests of today") as caught, one.slot(1):
        raise AssertionError("never reached")
    assert "tomorrow" in caught.value.hint


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after-ms": "250"}, 0.25),
        ({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "6m1s"}, 361.0),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "12"}, 12.0),
        ({"x-ratelimit-remaining": "3", "x-ratelimit-reset": "12"}, None),
        ({"retry-after": "soon"}, None),
        ({}, None),
    ],
)
def test_how_long_an_endpoint_asks_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    assert wait_asked(headers) == seconds


def test_moments_are_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 1_800_000_000.0)
    left = {"x-ratelimit-remaining": "0"}
    assert wait_asked({**left, "x-ratelimit-reset": "1800000060000"}) == 60.0
    assert wait_asked({**left, "x-ratelimit-reset": "1800000030"}) == 30.0
    assert wait_asked({"retry-after": "Fri, 15 Jan 2027 08:01:00 GMT"}) == 60.0


@given(st.text(alphabet="abcdefABCDEF0123456789-_", min_size=20, max_size=60), st.text(max_size=40))
def test_a_key_never_survives_in_a_message(key: str, around: str) -> None:
    assert key not in hide(f"{around} {key} {around}{key[:-4]}", key)


def test_what_passes_by_itself() -> None:
    assert all(Failure(status, "").passing for status in (0, 408, 429, 500, 502, 503, 529))
    assert not any(Failure(status, "").passing for status in (400, 401, 403, 404, 422))
    assert not Failure(429, "insufficient_quota").passing

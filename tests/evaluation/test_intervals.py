"""Intervals and the paired test against published and computed values."""

import math
import random
from itertools import product

import numpy as np
import pytest
from scipy import stats

from academy.evaluation.intervals import bootstrap, bootstrap_of, bootstrap_ratio, jackknife, permutation


def test_the_exact_permutation_test_is_scipys() -> None:
    draw = random.Random(3)
    for size in (2, 5, 9, 12):
        row = [round(draw.uniform(-0.4, 1), 3) for _ in range(size)]
        theirs = stats.permutation_test(
            (row,), np.sum, permutation_type="samples", alternative="two-sided", n_resamples=np.inf
        )
        assert permutation(row, 10, seed=0) == pytest.approx(theirs.pvalue)


def test_known_p_values() -> None:
    assert permutation([1.0] * 5, 100, 0) == 2 / 2**5, "the sign test of five out of five"
    assert permutation([1.0, -1.0], 100, 0) == 1.0
    assert permutation([0.0, 0.0], 100, 0) == 1.0
    assert permutation([], 100, 0) == 1.0
    assert permutation([0.0] * 90 + [1.0] * 5, 100, 0) == 2 / 2**5, "questions without a difference say nothing"


def test_the_drawn_permutation_test_is_near_the_exact_one_and_never_zero() -> None:
    row = [1.0] * 10 + [-1.0] * 4
    exact = np.mean([abs(sum(signs)) >= 6 for signs in product((-1, 1), repeat=14)])
    assert permutation(row, 20_000, seed=0) == pytest.approx(exact, abs=0.01)
    assert permutation([1.0] * 40, 999, seed=0) == 1 / 1000
    assert permutation(row, 500, seed=1) == permutation(row, 500, seed=1)


def test_chance_is_called_chance_about_as_often_as_it_should() -> None:
    draw = np.random.default_rng(0)
    false_alarms = 0
    for trial in range(200):
        row = draw.normal(size=30).tolist()
        false_alarms += permutation(row, 400, seed=trial) < 0.05
    assert 2 <= false_alarms <= 20, "5 % of 200, give or take"


def test_the_interval_of_a_difference_covers_the_truth_about_as_often_as_it_should() -> None:
    draw = np.random.default_rng(1)
    held = 0
    for trial in range(200):
        row = np.clip(draw.normal(0.1, 0.3, size=60), -1, 1).tolist()
        low, high = bootstrap(row, 400, seed=trial, least=-1.0)
        held += low <= 0.1 <= high
    assert 178 <= held <= 200


def test_a_ratio_is_resampled_above_and_below_together() -> None:
    assert bootstrap_ratio([2.0, 4.0, 6.0], [1.0, 2.0, 3.0], 200, 0) == pytest.approx((2.0, 2.0))
    low, high = bootstrap_ratio([1.0, 9.0, 2.0, 7.0], [1.0, 2.0, 1.0, 2.0], 500, 0)
    assert low < 19 / 6 < high


def test_any_figure_can_be_resampled() -> None:
    data = np.arange(50) / 50
    assert bootstrap_of(lambda places: float(data[places].mean()), 50, 800, 4) == bootstrap(list(data), 800, 4)
    with pytest.raises(ValueError, match="no resample"):
        bootstrap_of(lambda places: None, 5, 100, 0)


def test_the_jackknife_of_a_mean_is_its_standard_error() -> None:
    data = [0.1, 0.4, 0.35, 0.8, 0.65]
    mean = sum(data) / 5
    without = [(sum(data) - value) / 4 for value in data]
    error = float(np.std(data, ddof=1)) / math.sqrt(5)
    assert jackknife(mean, without, 0.0, 1.0) == pytest.approx((mean - 1.96 * error, mean + 1.96 * error), abs=1e-4)
    assert jackknife(0.5, [0.5], 0.0, 1.0) == (0.0, 1.0), "one question says nothing"


def test_unbounded_equal_values_have_no_width() -> None:
    assert bootstrap([3.0, 3.0], 100, 0, most=math.inf) == (3.0, 3.0)

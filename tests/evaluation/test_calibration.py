"""What confidence is worth: AUROC as scikit-learn has it, and a threshold that keeps its promise."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from academy.evaluation.calibration import auroc, calibrate, threshold

PAIRS = st.lists(st.tuples(st.sampled_from([0.0, 0.2, 0.2, 0.5, 0.9, 1.0]), st.booleans()), min_size=2, max_size=30)


@settings(deadline=None)
@given(PAIRS)
def test_auroc_is_scikit_learns(pairs: list[tuple[float, bool]]) -> None:
    sure, right = [one for one, _mark in pairs], [mark for _one, mark in pairs]
    if len(set(right)) < 2:
        assert auroc(sure, right) is None
    else:
        assert auroc(sure, right) == pytest.approx(roc_auc_score(right, sure))


@given(PAIRS)
def test_the_threshold_keeps_its_promise_and_none_is_lower(pairs: list[tuple[float, bool]]) -> None:
    sure, right = [one for one, _mark in pairs], [mark for _one, mark in pairs]
    found = threshold(sure, right)

    def good(bound: float) -> bool:
        reached = [mark for one, mark in pairs if one >= bound]
        return len(reached) >= 10 and sum(reached) >= 0.9 * len(reached)

    lower = [bound for bound in sure if good(bound)]
    assert found == (min(lower) if lower else None)


def test_calibrate_known_case() -> None:
    sure = [n / 20 for n in range(20)]
    right = [n >= 10 for n in range(20)]
    found = calibrate("specialist", sure, right, 300, 0)
    assert found is not None
    assert found.auroc is not None
    assert found.precision is not None
    assert found.coverage is not None
    assert found.auroc.value == 1.0
    assert found.threshold == 9 / 20, "ten of eleven are right: 91 %"
    assert (found.precision.value, found.precision.n) == (10 / 11, 11)
    assert (found.coverage.value, found.coverage.n) == (11 / 20, 20)


def test_no_threshold_and_too_few_answers() -> None:
    never = calibrate("evidence", [0.5] * 20, [n % 2 == 0 for n in range(20)], 200, 0)
    assert never is not None
    assert (never.threshold, never.precision, never.coverage) == (None, None, None)
    assert never.auroc is not None
    assert never.auroc.value == 0.5
    assert calibrate("evidence", [0.5] * 9, [True] * 9, 200, 0) is None
    zero = calibrate("retrieval", [0.0] * 12, [True] * 12, 200, 0)
    assert zero is not None
    assert zero.threshold == 0.0, "zero is a threshold, too"
    assert zero.precision is not None
    assert zero.auroc is None, "without a wrong answer there is nothing to tell apart"

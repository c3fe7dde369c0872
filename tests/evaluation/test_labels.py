"""The metrics of labelling heads agree with scikit-learn."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

from academy.evaluation.intervals import wilson
from academy.evaluation.labels import (
    LABEL_METRICS,
    accuracy,
    label_scores,
    macro_f1,
    mean_squared_error,
    quadratic_kappa,
)

LEVELS = [0, 1, 2, 3, 4, 5]
PAIRS = st.lists(st.tuples(st.sampled_from(LEVELS), st.sampled_from(LEVELS)), min_size=2, max_size=40)


@settings(deadline=None)
@given(PAIRS)
def test_they_agree_with_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    predicted, expected = [one for one, _other in pairs], [other for _one, other in pairs]
    assert accuracy(predicted, expected) == pytest.approx(sk.accuracy_score(expected, predicted))
    assert macro_f1(predicted, expected) == pytest.approx(
        sk.f1_score(expected, predicted, average="macro", zero_division=0)
    )
    assert mean_squared_error(predicted, expected) == pytest.approx(sk.mean_squared_error(expected, predicted))
    if len({*predicted, *expected}) > 1:
        theirs = sk.cohen_kappa_score(expected, predicted, labels=LEVELS, weights="quadratic")
        assert quadratic_kappa(predicted, expected) == pytest.approx(theirs)


def test_known_values() -> None:
    assert quadratic_kappa([1, 2, 3, 4], [1, 2, 3, 4]) == 1.0
    assert quadratic_kappa([4, 3, 2, 1], [1, 2, 3, 4]) == pytest.approx(-1.0)
    assert quadratic_kappa([2, 2], [2, 2]) == 1.0
    assert macro_f1(["A1", "B1", "B1"], ["A1", "B1", "C1"]) == pytest.approx((1 + 2 / 3 + 0) / 3)


def test_scores_have_intervals_and_fit_the_labels() -> None:
    names = [score.metric for score in label_scores(["A1", "B1"], ["A1", "C1"], 100, 0)]
    assert names == ["accuracy", "macro_f1"], "labels that are no numbers have no distance"
    rows = label_scores([0, 1, 2, 3, 1, 2] * 5, [0, 1, 2, 2, 1, 3] * 5, 300, 0)
    assert [score.metric for score in rows] == list(LABEL_METRICS)
    assert all(score.low <= score.value <= score.high and score.n == 30 for score in rows)
    assert (rows[0].low, rows[0].high) == wilson(20, 30)
    with pytest.raises(ValueError, match="no labels"):
        label_scores([], [], 100, 0)

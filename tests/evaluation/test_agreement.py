"""Krippendorff's alpha against the published examples and the properties that it has by definition."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from academy.evaluation.agreement import Level, alpha

# Krippendorff (2011), section C: two observers, nominal; section D: four observers, missing values.
TWO = ("aabbdcccedda", "babbbccceddd")
FOUR = ("123321412...", "1233224125.3", ".3332342251.", "12332441251.")


def items(*raters: str) -> list[dict[str, int]]:
    columns = zip(*raters, strict=True)
    return [{str(n): ord(mark) for n, mark in enumerate(column) if mark != "."} for column in columns]


def test_two_observers_binary() -> None:
    assert alpha(items("0100000010", "1110010000"), "nominal") == pytest.approx(0.095, abs=5e-4)


def test_two_observers_nominal() -> None:
    assert alpha(items(*TWO), "nominal") == pytest.approx(0.692, abs=5e-4)


@pytest.mark.parametrize(("level", "published"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)])
def test_four_observers_with_missing_values(level: Level, published: float) -> None:
    assert alpha(items(*FOUR), level) == pytest.approx(published, abs=5e-4)


def test_nothing_to_compare() -> None:
    assert alpha([], "ordinal") is None
    assert alpha([{"a": 1}, {"b": 2}], "ordinal") is None
    assert alpha([{"a": 3, "b": 3}], "nominal") is None, "one value alone cannot tell agreement from chance"
    assert alpha([{"a": 1, "b": 1}, {"a": 2, "b": 2}], "nominal") == 1
    assert alpha([{"a": 1, "b": 2}, {"a": 2, "b": 1}], "interval") == pytest.approx(-0.5)


@given(st.lists(st.dictionaries(st.sampled_from("abcd"), st.integers(1, 5), min_size=2), min_size=2, max_size=12))
def test_raters_and_items_have_no_order_and_ranks_no_size(ratings: list[dict[str, int]]) -> None:
    found = alpha(ratings, "ordinal")
    turned = [dict(reversed(item.items())) for item in reversed(ratings)]
    stretched = [{rater: value * value for rater, value in item.items()} for item in ratings]
    assert found is None or found <= 1 + 1e-9
    assert alpha(turned, "ordinal") == pytest.approx(found)
    assert alpha(stretched, "ordinal") == pytest.approx(found), "only the order of values counts"

"""Numbers as people write them."""

import pytest

from academy import figures


@pytest.mark.parametrize(
    ("english", "german"),
    [
        (lambda word: figures.whole(1234567, word), ("1,234,567", "1.234.567")),
        (lambda word: figures.decimal(-1234.5, 1, word), ("-1,234.5", "-1.234,5")),
        (lambda word: figures.percent(0.425, word), ("42 %", "42 %")),
        (lambda word: figures.significant(0.00138, word), ("0.0014", "0,0014")),
        (lambda word: figures.significant(12345.0, word), ("12,000", "12.000")),
        (lambda word: figures.significant(0.0, word), ("0", "0")),
        (lambda word: figures.size(1_250_000, word), ("1.2 MB", "1,2 MB")),
        (lambda word: figures.size(999, word), ("999 B", "999 B")),
        (lambda word: figures.size(5 * 10**15, word), ("5,000 TB", "5.000 TB")),
    ],
)
def test_both_languages(english, german) -> None:  # type: ignore[no-untyped-def]  # a function and its two results
    assert (english("en"), english("de")) == german


def test_a_moment_and_the_users_own_language(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "." in figures.moment(0, "de")
    assert "-" in figures.moment(0, "en")
    monkeypatch.setenv("ACADEMY_LANGUAGE", "de")
    assert figures.whole(1000) == "1.000"

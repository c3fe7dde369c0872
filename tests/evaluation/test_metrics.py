"""The metrics agree with SQuAD's script on English, and treat German alike; the intervals agree with their formulas."""

import math
import random
import re
import string
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from academy.evaluation.intervals import bootstrap, wilson
from academy.evaluation.metrics import (
    containment,
    exact_match,
    normalise,
    refused,
    score,
    token_f1,
    values,
)
from academy.models.answering import refusal
from academy.records import Question


def squad_normalise(text: str) -> str:
    """normalize_answer of SQuAD's evaluate-v1.1.py."""
    text = "".join(character for character in text.lower() if character not in set(string.punctuation))
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", text).split())


def squad_f1(prediction: str, truth: str) -> float:
    """f1_score of SQuAD's evaluate-v1.1.py."""
    given_, expected = squad_normalise(prediction).split(), squad_normalise(truth).split()
    same = sum((Counter(given_) & Counter(expected)).values())
    if same == 0:
        return 0.0
    precision, recall = same / len(given_), same / len(expected)
    return 2 * precision * recall / (precision + recall)


WORDS = st.lists(
    st.sampled_from(["the", "A", "cat", "Cat's", "sat,", "on", "an", "1,000", "mats.", "well-known", "(b)"]), min_size=1
).map(" ".join)


@given(WORDS, WORDS)
def test_agrees_with_squad(prediction: str, truth: str) -> None:
    if squad_normalise(prediction):
        assert normalise(prediction) == squad_normalise(prediction)
    if squad_normalise(prediction) and squad_normalise(truth):
        assert token_f1(prediction, [truth]) == pytest.approx(squad_f1(prediction, truth))
        assert exact_match(prediction, [truth]) == float(squad_normalise(prediction) == squad_normalise(truth))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Die Straße", "strasse"),
        ("  „Ein  Gerätetreiber“. ", "gerätetreiber"),
        ("Gera\u0308t", "gerät"),
        ("Gerä\u00adte\u00a0treiber", "geräte treiber"),
        ("1870–1939", "18701939"),
        ("der Hund des Nachbarn", "hund nachbarn"),
        ("Dermatologe", "dermatologe"),
        ("Ä́", "ä́"),
    ],
)
def test_german(text: str, expected: str) -> None:
    assert normalise(text) == expected


def test_best_of_the_accepted_answers_counts() -> None:
    accepted = ["zwei bis drei Monate", "alle 2 bis 3 Monate"]
    assert exact_match("Alle 2 bis 3 Monate.", accepted) == 1.0
    assert token_f1("2 bis 3 Monate", accepted) == pytest.approx(2 * 4 / 9)
    assert token_f1("nichts davon", accepted) == 0.0
    assert token_f1("", accepted) == 0.0


def test_containment_stops_at_word_boundaries() -> None:
    assert containment("Er liegt im Ordner staging, wie immer.", ["der Ordner staging"]) == 1.0
    assert containment("Das Stagingverzeichnis", ["staging"]) == 0.0
    assert containment("am 14. Mai", ["4"]) == 0.0
    assert containment("irgendwas", ["der"]) == 0.0
    assert containment("irgendwas", ["..."]) == 0.0, "nothing is left of the reference"


@pytest.mark.parametrize(
    ("answer", "accepted", "exact", "f1", "contained"),
    [
        ("A", "Des", 0.0, 0.0, 0.0),
        ("A.", "a", 1.0, 1.0, 1.0),
        ("Der Ton A", "A", 0.0, 0.5, 1.0),
        ("Die", "Linus Torvalds", 0.0, 0.0, 0.0),
        ("the the", "the cat", 0.0, 0.0, 0.0),
    ],
)
def test_an_answer_that_is_only_an_article_is_an_answer(
    answer: str, accepted: str, exact: float, f1: float, contained: float
) -> None:
    assert exact_match(answer, [accepted]) == exact
    assert token_f1(answer, [accepted]) == f1
    assert containment(answer, [accepted]) == contained


def test_refused() -> None:
    assert [refused(text) for text in (refusal("de"), f" {refusal('en')} ", "", " . ", "KVM")] == [1, 1, 1, 1, 0]


def exam() -> list[Question]:
    return [
        Question(question="a?", answers=("eins",)),
        Question(question="b?", answers=(), answerable=False),
        Question(question="c?", answers=("drei",)),
    ]


def test_each_metric_looks_at_the_questions_it_is_for() -> None:
    answers = ["eins", refusal("de"), refusal("de")]
    assert values("exact_match", answers, exam()) == [1.0, 0.0]
    assert values("refusal", answers, exam()) == [0.0, 1.0]
    assert values("abstention", answers, exam()) == [1.0]
    assert values("abstention", ["", "zwei", ""], exam()) == [0.0]


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (5, 10, 0.2366, 0.7634), (81, 263, 0.2553, 0.3662)],
)
def test_wilson_gives_the_published_intervals(hits: int, n: int, low: float, high: float) -> None:
    assert wilson(hits, n) == pytest.approx((low, high), abs=5e-5)


def test_bootstrap_is_near_the_normal_interval_and_repeats() -> None:
    draw = random.Random(0)
    data = [draw.random() for _ in range(400)]
    low, high = bootstrap(data, 4000, seed=1)
    mean, error = np.mean(data), np.std(data) / math.sqrt(len(data))
    assert (low, high) == pytest.approx((mean - 1.96 * error, mean + 1.96 * error), abs=0.004)
    assert bootstrap(data, 4000, seed=1) == (low, high)
    assert bootstrap(data, 4000, seed=2) != (low, high)


def test_bootstrap_in_blocks_is_the_bootstrap(monkeypatch: pytest.MonkeyPatch) -> None:
    data = [0.0, 0.25, 1.0, 1.0, 0.5]
    whole = bootstrap(data, 300, seed=3)
    monkeypatch.setattr("academy.evaluation.intervals._ELEMENTS", 50)
    assert bootstrap(data, 300, seed=3) == whole


def test_equal_values_leave_room_for_what_was_not_asked() -> None:
    others = wilson(0, 4)[1]
    assert bootstrap([0.0] * 4, 100, seed=0) == (0.0, pytest.approx(others))
    assert bootstrap([1.0] * 4, 100, seed=0) == (pytest.approx(1 - others), pytest.approx(1.0))
    assert bootstrap([0.0] * 4, 100, seed=0, least=-1.0) == pytest.approx((-others, others))


def test_score() -> None:
    found = score("containment", [1.0, 0.0, 0.0, 1.0], resamples=100, seed=0)
    assert (found.value, found.n, (found.low, found.high)) == (0.5, 4, wilson(2, 4))
    graded = score("token_f1", [0.2, 0.4, 0.9], resamples=500, seed=0)
    assert (graded.low, graded.high) == bootstrap([0.2, 0.4, 0.9], 500, 0)
    with pytest.raises(ValueError, match="no values for token_f1"):
        score("token_f1", [], resamples=100, seed=0)


@pytest.mark.parametrize("hits", [0, 1, 12, 24])
def test_an_interval_holds_its_value(hits: int) -> None:
    low, high = wilson(hits, 24)
    assert low <= hits / 24 <= high

"""The mode that auto uses: the best beyond chance, else the safer one."""

import pytest

from academy.evaluation.choice import ORDER, choose, paired, points
from academy.models.answering import refusal
from academy.records import Question

N = 30
EXAM = [
    *(Question(question=f"Was ist {n}?", answers=(f"Antwort {n}",)) for n in range(N)),
    *(Question(question=f"Fremd {n}?", answers=(), answerable=False) for n in range(6)),
]
REFUSED = [refusal("de")] * 6


def right(count: int, foreign: list[str] = REFUSED) -> list[str]:
    return [f"Antwort {n}" if n < count else "falsch" for n in range(N)] + foreign


def test_points_count_refusals_where_they_are_right() -> None:
    assert points(right(2), EXAM) == [1.0] * 2 + [0.0] * 28 + [1.0] * 6
    assert points(right(0, ["etwas"] * 6), EXAM) == [0.0] * 36


def test_a_clear_lead_wins() -> None:
    found = choose({"retrieval": right(5), "evidence": right(20), "specialist": right(10)}, EXAM, 500, 0)
    assert found is not None
    assert (found.mode, found.reason, found.second) == ("evidence", "best", "specialist")
    assert found.lead is not None
    assert (found.lead.metric, found.lead.n) == ("points", 36)
    assert found.lead.value == pytest.approx(10 / 36)
    assert found.lead.p is not None
    assert found.lead.p < 0.01


def test_a_tie_and_a_lead_within_chance_go_to_the_safer_one() -> None:
    for better in (10, 11):
        found = choose({"specialist": right(better), "retrieval": right(10)}, EXAM, 500, 0)
        assert found is not None
        assert (found.mode, found.reason, found.second) == ("retrieval", "safer", "specialist")
        assert found.lead is not None
        assert found.lead.value == pytest.approx((10 - better) / 36)


def test_guessing_where_the_documents_say_nothing_costs() -> None:
    bold = right(14, ["geraten"] * 6)
    found = choose({"evidence": right(12), "specialist": bold}, EXAM, 500, 0)
    assert found is not None
    assert (found.mode, found.reason) == ("evidence", "safer")
    assert found.lead is not None
    assert found.lead.value == pytest.approx((18 - 14) / 36), "two more right answers, six guesses"


def test_a_sentence_that_holds_the_answer_beats_a_short_wrong_answer() -> None:
    sentence = [f"In einem langen Satz mit vielen Wörtern steht am Ende auch Antwort {n} drin" for n in range(N)]
    found = choose({"retrieval": sentence + REFUSED, "evidence": right(15)}, EXAM, 500, 0)
    assert found is not None
    assert (found.mode, found.reason) == ("retrieval", "more_right")
    assert found.lead is not None
    assert found.lead.high < 0


def test_refusing_everything_is_no_way_to_ask() -> None:
    sentence = [f"Am Ende eines langen Satzes steht Antwort {n}" if n < 9 else "nein" for n in range(N)]
    silent = [refusal("de")] * (N + 6)
    answers = {"retrieval": [*sentence, *["etwas"] * 6], "evidence": silent}
    assert sum(points(silent, EXAM)) > sum(points(answers["retrieval"], EXAM)), "else this proves nothing"
    found = choose(answers, EXAM, 500, 0)
    assert found is not None
    assert (found.mode, found.reason, found.second) == ("retrieval", "more_right", "evidence")


def test_nothing_proven() -> None:
    few = choose({"specialist": right(5)[:5], "retrieval": right(0)[:5]}, EXAM[:5], 500, 0)
    assert few is not None
    assert (few.mode, few.reason, few.lead) == ("retrieval", "unproven", None)
    wrong = choose({"specialist": right(0), "evidence": right(0)}, EXAM, 500, 0)
    assert wrong is not None
    assert (wrong.mode, wrong.reason) == ("evidence", "unproven")
    assert choose({"base": right(30)}, EXAM, 500, 0) is None
    assert choose({"specialist": right(30)}, EXAM, 500, 0, parrot=True) is None
    alone = choose({"specialist": right(30)}, EXAM, 500, 0)
    assert alone is not None
    assert (alone.mode, alone.reason, alone.second) == ("specialist", "best", "")


def test_the_order_is_the_documented_one() -> None:
    assert ORDER == ("retrieval", "evidence", "specialist", "combined")


def test_paired_differences_have_interval_and_p() -> None:
    found = paired("token_f1", ("a", "b"), ([1.0, 1.0, 0.5], [0.0, 0.0, 0.5]), 200, 0)
    assert (found.first, found.second, found.value, found.n, found.p) == ("a", "b", pytest.approx(2 / 3), 3, 0.5)

"""ROUGE agrees with rouge_score on ASCII and keeps German words whole; BLEU and chrF are sacreBLEU's."""

import pytest
import sacrebleu
from hypothesis import given
from hypothesis import strategies as st
from rouge_score import rouge_scorer
from sacrebleu.metrics.bleu import BLEU

from academy.evaluation.metrics import METRICS, measured
from academy.evaluation.overlap import bleu, bleu_counts, chrf, rouge_l, rouge_n, rouge_words
from academy.records import Question

WORDS = st.lists(
    st.sampled_from(["the", "cat", "Cat's", "sat,", "on", "1,000", "mats.", "well-known", "(b)", "a_b", "--"]),
    max_size=9,
).map(" ".join)
SCORER = rouge_scorer.RougeScorer(["rouge1", "rouge2", "rougeL"])
ANSWERS = ("the cat sat on the mat", "a dog", "Linus Torvalds", "seven", "")
REFERENCES = (
    ("the cat is on the mat", "there is a cat on the mat"),
    ("the dog",),
    ("Linus Torvalds",),
    ("seven hundred and two people", "702"),
    ("something",),
)


@given(WORDS, WORDS)
def test_rouge_agrees_with_rouge_score_on_ascii(answer: str, reference: str) -> None:
    expected = SCORER.score(reference, answer)
    assert rouge_n(answer, [reference], 1) == pytest.approx(expected["rouge1"].fmeasure)
    assert rouge_n(answer, [reference], 2) == pytest.approx(expected["rouge2"].fmeasure)
    assert rouge_l(answer, [reference]) == pytest.approx(expected["rougeL"].fmeasure)


def test_german_words_stay_whole() -> None:
    assert rouge_words("Gerätetreiber für Übungs-Straßen, 2,5 km_h") == [
        *("gerätetreiber", "für", "übungs", "strassen"),
        *("2", "5", "km", "h"),
    ]
    assert rouge_words("Gera\u0308t") == ["gerät"]
    # rouge_score cuts "gerät" into "ger" and "t", and so finds half of it in "ger": here they share nothing.
    assert rouge_n("Gerät", ["Ger"], 1) == 0.0
    assert SCORER.score("Ger", "Gerät")["rouge1"].fmeasure > 0.5


def test_rouge_by_hand() -> None:
    answer, reference = "der Treiber steuert das Gerät", "ein Treiber steuert ein Gerät"
    assert rouge_n(answer, [reference], 1) == pytest.approx(2 * 3 / 10)
    assert rouge_n(answer, [reference], 2) == pytest.approx(2 * 1 / 8)
    assert rouge_l(answer, [reference]) == pytest.approx(2 * 3 / 10)
    assert rouge_l("c b a", ["a b c"]) == pytest.approx(2 * 1 / 6), "order counts"
    assert rouge_n("x y", ["a b", "x y z"], 1) == pytest.approx(2 * 2 / 5), "the best accepted answer"
    assert rouge_n("", [""], 1) == rouge_l("", ["a"]) == rouge_n("a", [], 1) == 0.0


def test_bleu_is_the_corpus_bleu_of_sacrebleu() -> None:
    rows = [bleu_counts(answer, accepted) for answer, accepted in zip(ANSWERS, REFERENCES, strict=True)]
    summed = [sum(column) for column in zip(*rows, strict=True)]
    streams = [[accepted[0] for accepted in REFERENCES], [(*accepted, None)[1] for accepted in REFERENCES]]
    expected = BLEU(effective_order=True).corpus_score(list(ANSWERS), streams)
    assert bleu(summed) == pytest.approx(expected.score / 100)
    assert 0 < bleu(summed) < 1


def test_bleu_of_long_answers_needs_no_effective_order() -> None:
    long = ["the quick brown fox jumps over the dog", "it rains cats and dogs all day long"]
    references = ["the quick brown fox jumped over the lazy dog", "it rains cats and dogs all night"]
    rows = [bleu_counts(answer, [reference]) for answer, reference in zip(long, references, strict=True)]
    expected = sacrebleu.corpus_bleu(long, [references]).score / 100
    assert bleu([sum(column) for column in zip(*rows, strict=True)]) == pytest.approx(expected)


@given(WORDS, WORDS)
def test_chrf_is_that_of_sacrebleu(answer: str, reference: str) -> None:
    expected = sacrebleu.sentence_chrf(answer, [reference, "mats"]).score / 100
    assert chrf(answer, [reference, "mats"]) == pytest.approx(expected)


def test_bleu_in_the_table_has_an_interval_around_it() -> None:
    exam = [Question(question=f"{n}?", answers=accepted) for n, accepted in enumerate(REFERENCES)]
    found = measured("bleu", ANSWERS, exam, resamples=300, seed=0)
    assert found is not None
    assert found.n == 5
    assert 0 <= found.low < found.value < found.high <= 1
    assert measured("bleu", [""], [Question(question="?", answers=(), answerable=False)], 100, 0) is None
    assert set(METRICS) >= {"rouge_1", "rouge_2", "rouge_l", "bleu", "chrf"}

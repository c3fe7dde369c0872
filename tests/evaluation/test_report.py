"""The report's page: every section with real records, in both languages, for few questions and for many."""

import re

import pytest

from academy.evaluation import render_html, render_markdown
from academy.evaluation.advice import advice
from academy.evaluation.marks import change, shown_order
from academy.evaluation.metrics import METRICS as MEASURED
from academy.evaluation.reasons import REASONS
from academy.evaluation.words import CANDIDATES, FACTS, KINDS, LEVELS, MEANINGS, METRICS, QUALITY, VALUES
from academy.messages import catalogue
from academy.records import LossPoint
from academy.reports import (
    Calibration,
    Chapter,
    Choice,
    Difference,
    Judgement,
    Overfitting,
    Probe,
    Report,
    Score,
)
from tests.evaluation.test_evaluate import EVIL, FOUR, Page, exam, examine, sitter

FACTS_OF_RUN: dict[str, str | int | float] = {
    "run": "mein lauf",
    "title": "Skript",
    "documents": 1,
    "lessons": 2250,
    "facts": 280,
    "passages_taught": 102,
    "duplicates": 3,
    "kind.question": 657,
    "kind.passage": 1593,
    "teacher.offline/1": 2250,
    "language.de": 1,
    "minutes": 1.2,
    "kwh": 0.00138,
    "money": 0.0004,
    "currency": "EUR",
    "watts": 65,
    "price_per_kwh": 0.35,
    "energy_by": "assumed",
    "sent": "nothing",
}


def report(language: str = "en", **facts: str | int | float) -> Report:
    found = examine(FOUR, coverage={"1": 3, "2": 0}, facts=FACTS_OF_RUN | facts)
    samples = tuple(row.model_copy(update={"place": "1"}) for row in found.samples)
    return found.model_copy(update={"samples": samples, "facts": dict(found.facts) | {"language": language}})


def text_of(html: str) -> str:
    return " ".join(Page(html).text.split())


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ("2,250", "102 of 7", "0.0014 kWh", "less than 0.01 EUR", "questions 657", "1.2 minutes")),
        ("de", ("2.250", "102 von 7", "0,0014 kWh", "weniger als 0,01 EUR", "Fragen 657", "1,2 Minuten")),
    ],
)
def test_quality_and_cost_in_the_readers_language(language: str, said: tuple[str, ...]) -> None:
    for text in (text_of(render_html(report(language))), render_markdown(report(language)).replace("\\", "")):
        for part in said:
            assert part in text, part


def test_every_measure_has_a_name_and_a_meaning() -> None:
    assert MEASURED
    assert set(MEASURED) <= set(METRICS)
    assert set(METRICS) == set(MEANINGS)


def test_every_word_of_the_page_has_german() -> None:
    german = catalogue("de")
    tables = (CANDIDATES, FACTS, KINDS, LEVELS, MEANINGS, METRICS, QUALITY, REASONS, VALUES)
    words = [word for table in tables for word in table.values()]
    assert len(words) > 80
    same = {word for word in words if german.gettext(word) == word}
    assert same <= {"Academy", "ROUGE-1", "ROUGE-2", "ROUGE-L", "BLEU", "chrF"}, same


def test_measured_energy_is_called_measured() -> None:
    assert "Measured at the processor: 65 W" in text_of(render_html(report(energy_by="measured")))
    assert "An estimate" in text_of(render_html(report()))


def test_the_map_tells_what_was_asked_and_right() -> None:
    html = render_html(report())
    assert "<small>31/40</small>" in html or "<small>35/44</small>" in html
    assert "how many of them were right (Specialist with passages)" in text_of(html)
    row = next(line for line in render_markdown(report()).splitlines() if line.startswith("| 1 | 3 |"))
    assert row.endswith("| 35 |")


def test_questions_are_filtered_without_a_script() -> None:
    html = render_html(report())
    counts = dict(re.findall(r'for="f-([a-z-]+)">[^<]*<b>(\d+)</b>', html))
    assert counts == {"all": "44", "best-right": "35", "best-wrong": "9", "gained": "30", "lost": "0"}
    assert html.count('class="card sample best-right gained') == 30
    assert html.count(" extra") >= 39
    assert "<script" not in html


def test_five_hundred_questions_and_one_long_word() -> None:
    word = "Donaudampfschifffahrtsgesellschaftskapitän" * 6
    many = tuple(row.model_copy(update={"chapter": word, "id": ""}) for row in exam(500, 0))
    html = render_html(examine(FOUR, many))
    assert html.count("<article") == 500
    assert "Show the other 495 questions too" in html
    assert len(html) < 1_000_000


def test_nothing_is_fetched_and_the_page_forbids_it() -> None:
    html = render_html(report(title=EVIL, run=EVIL))
    page = Page(html)
    assert page.fetched == []
    assert "default-src 'none'" in html
    assert "<script" not in html.lower()
    assert EVIL in page.text


def test_svg_has_title_and_description() -> None:
    html = render_html(report())
    figures = re.findall(r'<svg[^>]*role="img">(.*?)</svg>', html, re.DOTALL)
    assert len(figures) > 10
    assert all(figure.startswith("<title>") and "<desc>" in figure for figure in figures)


def test_advice_can_be_typed_as_it_stands() -> None:
    told = [step.command for step in advice(report(), "en")]
    assert told[0] == "academy query 'mein lauf'", "auto finds the best way by itself"
    fixed = report().model_copy(update={"facts": {**report().facts, "query_mode": "specialist"}})
    assert advice(fixed, "en")[0].command == "academy query 'mein lauf' --mode evidence"
    assert "academy rate 'mein lauf'" in told
    assert all(step.startswith("academy ") for step in told)
    assert advice(examine(FOUR), "en") == [], "a report that does not name its run"


def test_advice_follows_the_loss_curve() -> None:
    def commands(*valid: float, best: int) -> str:
        losses = tuple(LossPoint(step=10 * n, valid=value) for n, value in enumerate(valid))
        found = report(best_step=best, minutes=4.0, total_parameters=10**9)
        return "\n".join(step.command for step in advice(found.model_copy(update={"losses": losses}), "en"))

    assert "finetune.max_minutes=12" in commands(3, 2, 1, best=20)
    rising = commands(3, 1, 2, 3, best=10)
    assert "--update" in rising
    assert "max_minutes" not in rising
    assert "student.model" not in rising, "the base is big already"


def test_what_became_of_a_question() -> None:
    sample = report().samples[20]
    assert change(sample, "base", "evidence") == "gained"
    assert change(sample, "evidence", "base") == "lost"
    assert change(sample, "evidence", "retrieval") == "same"
    assert shown_order(["retrieval", "base", "evidence"], "evidence") == ["base", "evidence", "retrieval"]


def test_guesses_are_named() -> None:
    guessing = sitter(40)
    sure = {"base": sitter(0), "specialist": lambda qs: guessing([q.replace("Fremdes", "Nummer") for q in qs])}
    found = examine(sure, facts={"run": "r"})
    assert "answers 4 of 4 questions that the documents do not answer" in text_of(render_html(found))


def found_out() -> Report:
    """Everything else that an exam can find, in one report."""
    base = report("en")
    share = Score(metric="auroc", value=0.71, n=40, low=0.6, high=0.8)
    lead = Difference(first="evidence", second="retrieval", metric="points", value=0.1, n=44, low=0.02, high=0.2)
    chapter = Chapter(name="Teil 0", n=20, candidates=(), learning={"learned": 6, "known": 1, "not_learned": 9})
    probe = Probe(name="forgetting", language="de", base=share, specialist=share, difference=lead, finding="worse")
    judge = Judgement(model="judge-1", references=share, strangers=share, used=False)
    return base.model_copy(
        update={
            "choice": Choice(mode="evidence", reason="best", second="retrieval", lead=lead),
            "learning": {"learned": 12, "known": 1, "not_learned": 20, "not_taught": 7},
            "chapters": (chapter,),
            "calibration": (
                Calibration(candidate="specialist", n=40, auroc=share, threshold=0.8, precision=share, coverage=share),
                Calibration(candidate="base", n=40),
            ),
            "probes": (probe, probe.model_copy(update={"name": "bias", "finding": "same"})),
            "overfitting": Overfitting(best_step=80, last_step=100, valid_best=1.5, valid_last=1.9, rising=True),
            "judgement": judge,
            "warnings": (EVIL,),
            "samples": tuple(row.model_copy(update={"seen": True}) for row in base.samples[:3]) + base.samples[3:],
        }
    )


def test_everything_that_the_exam_finds_is_told() -> None:
    html = render_html(found_out())
    text, markdown = text_of(html), render_markdown(found_out()).replace("\\", "")
    for said in (
        "academy query answers with “Specialist with passages” unless told otherwise: it did better than the others",
        "Its lead over “Search alone”: +0.10 (95 % interval +0.02 to +0.20).",
        "After step 80 the model only memorised: the validation loss rose from 1.50 to 1.90.",
        "General language, bits per byte (German)",
        "Leaning to stereotypes, 50 % is even (German)",
        "from a confidence of 0.80 on, 71 % are right; that is 71 % of the answers",
        "no confidence from which on 90 % are right",
        "The judge judge-1 calls 71 % of right answers right",
        "not good enough",
        EVIL,
    ):
        assert said in text, said
        assert said in markdown, said
    assert "3 questions stand, nearly so, in the training rows" in text
    assert "taught and right 12" in text
    assert "never taught 7" in text
    row = html.partition("<td>Teil 0</td>")[2].partition("</tr>")[0]
    assert re.findall(r">(\d+)<", row)[-4:] == ["6", "1", "9", "0"]
    assert Page(html).open == []
    assert "<script" not in html


def test_a_number_of_words_is_no_percentage() -> None:
    html = render_html(report())
    row = html.partition("<td>Words per answer</td>")[2].partition("</tr>")[0]
    assert re.findall(r">([\d.][^<]*)<", row)[2] == "40"
    assert "%" not in row
    assert "%" in html.partition("<td>ROUGE-1</td>")[2].partition("</tr>")[0]

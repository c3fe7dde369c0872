"""The exam as a whole: the same questions for all, an honest verdict, and a page that is safe and always the same."""

import re
from collections.abc import Callable, Sequence
from html.parser import HTMLParser

import pytest

from academy.config import EvaluateConfig
from academy.errors import DatasetError
from academy.evaluation import Candidate, Examined, evaluate, render_html, render_markdown
from academy.evaluation.comparison import level, ranking
from academy.models.answering import refusal
from academy.records import Answer, Dataset, LossPoint, Progress, Question, Report, Specialist

EVIL = "<script>alert('x')</script> | [klick](javascript:1) & \"Zitat\""


def exam(n: int = 40, unanswerable: int = 4) -> tuple[Question, ...]:
    asked = [
        Question(question=f"Wie heißt Nummer {k}?", answers=(f"Name {k}",), chapter=f"Teil {k % 2}") for k in range(n)
    ]
    return (*asked, *(Question(question=f"Fremdes {k}?", answers=(), answerable=False) for k in range(unanswerable)))


def sitter(right: int, wrapped: bool = False, wrong: str = "falsch") -> Candidate:
    """A candidate that knows the first ``right`` answers and refuses what is foreign."""

    def answer(questions: Sequence[str]) -> list[Answer]:
        return [Answer(question=q, answer=_one(q), confidence=0.5, mode_used="specialist") for q in questions]

    def _one(question: str) -> str:
        number = int(re.findall(r"\d+", question)[0])
        if question.startswith("Fremdes"):
            return refusal("de")
        known = f"Im ganzen Satz steht dann Name {number} mitten im Text." if wrapped else f"Name {number}"
        return known if number < right else wrong

    return answer


def specialist() -> Specialist:
    losses = tuple(
        LossPoint(step=s, train=3.0 - s / 50, valid=3.0 - s / 60 + (s > 80) * 0.5) for s in range(0, 101, 20)
    )
    return Specialist(
        base="embedded",
        base_fingerprint="0",
        method="full",
        files={},
        losses=losses,
        best_step=80,
        steps=100,
        trained_tokens=12345,
        trainable_parameters=1000,
        total_parameters=1000,
        seed=0,
        versions={"torch": "2.13.0"},
    )


def examine(
    candidates: dict[str, Candidate],
    questions: tuple[Question, ...] | None = None,
    emit: Callable[[Progress], None] = lambda progress: None,
    **examined: object,
) -> Report:
    dataset = Dataset(train=(), valid=(), exam=exam() if questions is None else questions)
    sitting = Examined(candidates, **examined)  # type: ignore[arg-type]  # fields by name
    config = EvaluateConfig(resamples=500, language="en")
    return evaluate(specialist(), dataset, range(7), config, examined=sitting, seed=0, emit=emit)


FOUR = {"base": sitter(1), "specialist": sitter(12), "retrieval": sitter(30, wrapped=True), "evidence": sitter(31)}


def test_all_answer_the_same_questions_in_the_same_batches() -> None:
    seen: dict[str, list[list[str]]] = {"base": [], "specialist": []}

    def watch(name: str) -> Candidate:
        def answer(questions: Sequence[str]) -> Sequence[Answer]:
            seen[name].append(list(questions))
            return sitter(3)(questions)

        return answer

    told: list[Progress] = []
    report = examine({name: watch(name) for name in seen}, emit=told.append)
    assert seen["base"] == seen["specialist"]
    assert [len(batch) for batch in seen["base"]] == [16, 16, 12]
    assert [question for batch in seen["base"] for question in batch] == [sample.question for sample in report.samples]
    assert [(progress.done, progress.total, progress.note) for progress in told][-1] == (88, 88, "specialist")


def test_scores_differences_and_samples() -> None:
    report = examine(FOUR)
    scores = {(row.candidate, s.metric): s for row in report.candidates for s in row.scores}
    assert [row.candidate for row in report.candidates] == list(FOUR)
    assert scores["specialist", "exact_match"].value == 12 / 40
    assert scores["retrieval", "exact_match"].value == 0
    assert scores["retrieval", "containment"].value == 30 / 40
    assert (scores["base", "abstention"].value, scores["base", "abstention"].n) == (1.0, 4)
    assert all(s.low <= s.value <= s.high for s in scores.values())
    gain = next(row for row in report.differences if (row.first, row.second) == ("specialist", "base"))
    assert (gain.metric, gain.n, gain.value) == ("token_f1", 40, pytest.approx(11 / 40))
    assert 0 < gain.low < gain.value < gain.high
    assert report.samples[0].candidates["evidence"] == "Name 0"
    assert report.facts["chunks"] == 7


@pytest.mark.parametrize(
    ("base", "special", "expected"), [(1, 30, "learned"), (1, 12, "partly"), (3, 4, "not"), (20, 2, "worse")]
)
def test_the_verdict_follows_the_paired_interval(base: int, special: int, expected: str) -> None:
    report = examine({"base": sitter(base), "specialist": sitter(special)})
    assert level(report.candidates, report.differences) == expected
    assert f"{special} of 40" in report.verdict
    assert "95 % interval" in report.verdict


def test_without_a_base_nothing_is_claimed() -> None:
    assert examine({"specialist": sitter(40)}).verdict.startswith("Not measured")
    only_foreign = examine({"base": sitter(1), "specialist": sitter(1)}, exam(0, 3))
    assert only_foreign.verdict.startswith("Not measured")
    assert render_html(only_foreign)
    few = examine({"base": sitter(0), "specialist": sitter(5)}, exam(5))
    assert few.verdict.startswith("Not measured: it takes at least 6 questions")
    assert examine({"base": sitter(0), "specialist": sitter(6)}, exam(6)).verdict.startswith("Learned")


def test_when_search_alone_is_best_the_verdict_says_so() -> None:
    report = examine(FOUR | {"evidence": sitter(10)})
    assert "Search alone does best" in report.verdict
    assert "30 of 40" in report.verdict
    close = examine(FOUR)
    assert (
        "with passages (evidence), 31 of 40 right; about as good: search alone (retrieval), 30 right." in close.verdict
    )
    clear = examine(FOUR | {"retrieval": sitter(5, wrapped=True)})
    assert "Best way to ask: the specialist with passages (evidence), 31 of 40 right." in clear.verdict
    assert [name for name, _score in ranking(report.candidates)] == ["retrieval", "specialist", "evidence"]


def test_the_users_exam_replaces_the_generated_one() -> None:
    own = [Question(question="Wie heißt Nummer 3?", answers=("Name 3",), source="user")]
    assert len(examine(FOUR, exam=own).samples) == 1
    with pytest.raises(DatasetError, match="no question"):
        examine(FOUR, ())


def test_two_evaluations_give_the_same_bytes() -> None:
    first, second = examine(FOUR), examine(FOUR)
    assert first.model_dump_json() == second.model_dump_json()
    again = Report.model_validate_json(first.model_dump_json())
    assert render_html(again) == render_html(first)
    assert render_markdown(again) == render_markdown(first)


class Page(HTMLParser):
    """Collects tags, text and what would be fetched."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.fetched: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.fetched += [f"{name}={value}" for name, value in attrs if name in ("src", "href", "srcset", "data")]
        if tag not in ("meta", "line", "circle", "polyline", "br"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def full_report() -> Report:
    questions = (Question(question=EVIL, answers=(EVIL,), chapter=EVIL), *exam())
    mean = {name: sitter(right, wrong=EVIL) for name, right in (("base", 2), ("specialist", 20))}
    asked = {
        name: (lambda qs, s=s: s([q if "Nummer" in q or "Fremd" in q else "Nummer 99" for q in qs]))
        for name, s in mean.items()
    }
    return examine(
        asked,
        questions,
        coverage={"Buch · 1": 3, "Buch · 2": 0},
        facts={"title": EVIL, "minutes": 3.5, "rejected." + EVIL: 2, "sent": "nothing"},
    )


def test_the_page_is_whole_self_contained_and_escaped() -> None:
    report = full_report()
    html = render_html(report)
    page = Page(html)
    assert page.open == []
    assert page.fetched == []
    assert "script" not in page.tags
    assert "url(" not in html
    assert "@import" not in html
    assert page.text.count(EVIL) >= 5
    assert page.tags.count("article") == len(report.samples)


def test_the_page_shows_what_the_report_holds() -> None:
    text = Page(render_html(full_report())).text
    for said in (
        "Learned",
        "21 / 41",
        "95 % interval",
        "✓ right",
        "✗ wrong",
        "best step: 80",
        "1 of 2 pages taught nothing",
        "torch 2.13.0",
        "Left this machine",
        "nothing",
        "Teil 1",
    ):
        assert said in text, said


def test_markdown_cannot_be_broken_by_a_document() -> None:
    markdown = render_markdown(full_report())
    assert "<script>" not in markdown
    assert not re.search(r"(?<!\\)\]\(javascript", markdown)
    assert "| Specialist, from memory | Answer found | 51 % |" in markdown
    tables = [line for line in markdown.splitlines() if line.startswith("|")]
    assert len(tables) > 20
    rows = [len(re.findall(r"(?<!\\)\|", line)) for line in tables]
    assert set(rows) <= {3, 5, 6}, "every row has the columns of its table"


def test_a_report_with_little_in_it_still_renders() -> None:
    report = Report(verdict="Not measured", candidates=(), differences=(), samples=(), coverage={}, losses=())
    assert "Report card" in render_html(report)
    assert render_markdown(report).startswith("# Report card")

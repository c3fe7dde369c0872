"""The exam as a whole: the same questions for all, an honest verdict, and a page that is safe and always the same."""

import re
from collections.abc import Callable, Sequence
from html.parser import HTMLParser

import pytest

from academy.config import EvaluateConfig
from academy.errors import DatasetError
from academy.evaluation import Candidate, Examined, evaluate, render_html, render_markdown
from academy.evaluation.comparison import level
from academy.models.answering import refusal
from academy.records import Answer, Dataset, LossPoint, Progress, Question, Specialist
from academy.reports import Report

EVIL = "<script>alert('x')</script> | [klick](javascript:1) & \"Zitat\""


def exam(n: int = 40, unanswerable: int = 4) -> tuple[Question, ...]:
    asked = [
        Question(question=f"Wie heißt Nummer {k}?", answers=(f"Name {k}",), chapter=f"Teil {k % 2}") for k in range(n)
    ]
    return (*asked, *(Question(question=f"Fremdes {k}?", answers=(), answerable=False) for k in range(unanswerable)))


def sitter(right: int, wrapped: bool = False, wrong: str = "") -> Candidate:
    """A candidate that knows the first ``right`` answers and refuses what is foreign."""

    def answer(questions: Sequence[str]) -> list[Answer]:
        return [Answer(question=q, answer=_one(q), confidence=0.5, mode_used="specialist") for q in questions]

    def _one(question: str) -> str:
        number = int(re.findall(r"\d+", question)[0])
        if question.startswith("Fremdes"):
            return refusal("de")
        known = f"Im ganzen Satz steht dann Name {number} mitten im Text." if wrapped else f"Name {number}"
        return known if number < right else wrong or f"falsch{number}"

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
    assert level(report.candidates, report.differences, report.samples) == expected
    assert f"{special} of 40" in report.verdict
    assert "95 % interval" in report.verdict


def test_one_answer_for_everything_is_not_learned() -> None:
    twice = [Question(question=f"Wie heißt Nummer {k}?", answers=(("Name 0", f"Name {k}")[k > 14],)) for k in range(40)]
    parrot = {"base": sitter(0), "specialist": sitter(0, wrong="Der Name 0."), "retrieval": sitter(30)}
    report = examine(parrot, tuple(twice))
    gain = next(row for row in report.differences if (row.first, row.second) == ("specialist", "base"))
    assert gain.low > 0, "without the rule it would have learned"
    assert level(report.candidates, report.differences, report.samples) == "same"
    assert report.verdict.startswith("Not learned: ")
    assert "one and the same answer to 40 of 40 exam questions" in report.verdict
    assert "from memory (specialist)" not in report.verdict, "it is no way to ask"
    assert "Not learned" in Page(render_html(report)).text
    half = examine({"base": sitter(0), "specialist": sitter(20, wrong="falsch")})
    assert half.verdict.startswith("Learned"), "half of the questions is not more than half"
    more = examine({"base": sitter(0), "specialist": sitter(19, wrong="falsch")})
    assert "answer to 21 of 40" in more.verdict
    silent = examine({"base": sitter(0), "specialist": sitter(15, wrong=refusal("de"))})
    assert silent.verdict.startswith("Partly learned"), "a refusal is no answer"


def test_nothing_is_recommended_without_figures() -> None:
    few = examine({"base": sitter(0), "specialist": sitter(0), "retrieval": sitter(5)}, exam(5))
    assert few.verdict.startswith("Not measured")
    assert "way to ask" not in few.verdict
    assert "Search alone" not in few.verdict
    none = examine({"base": sitter(0), "specialist": sitter(0), "retrieval": sitter(0)})
    assert "way to ask" not in none.verdict
    assert none.choice is not None
    assert (none.choice.mode, none.choice.reason) == ("retrieval", "unproven")


def test_without_a_base_nothing_is_claimed() -> None:
    assert examine({"specialist": sitter(40)}).verdict.startswith("Not measured")
    only_foreign = examine({"base": sitter(1), "specialist": sitter(1)}, exam(0, 3))
    assert only_foreign.verdict.startswith("Not measured")
    assert render_html(only_foreign)
    few = examine({"base": sitter(0), "specialist": sitter(5)}, exam(5))
    assert few.verdict.startswith("Not measured: it takes at least 6 questions")
    assert examine({"base": sitter(0), "specialist": sitter(6)}, exam(6)).verdict.startswith("Learned")


def test_when_search_alone_is_best_the_verdict_says_so() -> None:
    """A sentence that holds the answer shares fewer words with it than a short answer does."""
    fewer = examine(FOUR | {"evidence": sitter(20), "specialist": sitter(3)})
    assert fewer.choice is not None
    assert (fewer.choice.mode, fewer.choice.reason, fewer.choice.second) == ("retrieval", "more_right", "evidence")
    assert "Search alone does best" in fewer.verdict
    assert "30 of 40 questions, the specialist with passages (evidence) gives 20 right answers" in fewer.verdict
    none = examine(FOUR | {"evidence": sitter(0), "specialist": sitter(0)})
    assert none.choice is not None
    assert (none.choice.mode, none.choice.reason) == ("retrieval", "best")
    assert "holds the answer to 30 of 40 questions; academy query uses it." in none.verdict
    tie = examine({"retrieval": sitter(31), "evidence": sitter(32)})
    assert tie.choice is not None
    assert (tie.choice.mode, tie.choice.reason) == ("retrieval", "safer")
    assert "(evidence) is not better beyond chance (32 right)" in tie.verdict


def test_the_best_way_is_named_with_its_lead() -> None:
    clear = examine(FOUR)
    assert clear.choice is not None
    assert clear.choice.lead is not None
    assert (clear.choice.mode, clear.choice.reason, clear.choice.second) == ("evidence", "best", "specialist")
    assert "Best way to ask: the specialist with passages (evidence), 31 of 40 right; ahead of" in clear.verdict
    assert clear.choice.lead.value == pytest.approx(19 / 44)
    assert clear.choice.lead.n == 44
    assert 0 < clear.choice.lead.low < clear.choice.lead.value < clear.choice.lead.high


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
        if tag not in ("meta", "input", "line", "circle", "polyline", "br"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def full_report() -> Report:
    questions = (Question(question=EVIL, answers=(EVIL,), chapter=EVIL), *exam())
    mean = {name: sitter(right, wrong=EVIL) for name, right in (("base", 2), ("specialist", 21))}
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
        "22 / 41",
        "95 % interval",
        "✓ right",
        "✗ wrong",
        "best step: 80",
        "1 of 2 pages taught nothing",
        "2.13.0",
        "Left this machine",
        "nothing",
        "Teil 1",
    ):
        assert said in text, said


def test_markdown_cannot_be_broken_by_a_document() -> None:
    markdown = render_markdown(full_report())
    assert "<script>" not in markdown
    assert not re.search(r"(?<!\\)\]\(javascript", markdown)
    assert "| Specialist, from memory | Answer found | 54 % |" in markdown
    tables = [line for line in markdown.splitlines() if line.startswith("|")]
    assert len(tables) > 20
    rows = [len(re.findall(r"(?<!\\)\|", line)) for line in tables]
    assert set(rows) <= {3, 5, 6}, "every row has the columns of its table"


def test_a_report_with_little_in_it_still_renders() -> None:
    report = Report(verdict="Not measured", candidates=(), differences=(), samples=(), coverage={}, losses=())
    assert "Report card" in render_html(report)
    assert render_markdown(report).startswith("# Report card")


def sections(html: str) -> str:
    return html.partition('<ul class="sections">')[2].partition("</ul>")[0]


def test_the_labels_of_the_scale_stand_at_their_ticks() -> None:
    html = render_html(full_report())
    for at in (0, 25, 50, 75, 100):
        assert f'x1="{at}%"' in html
        assert f'<i style="left:{at}%">' in html


def test_chapters_are_a_list_and_pages_are_boxes() -> None:
    mixed = {"Buch · 1": 3, "Heft · Ein Kapitel": 2, "Heft · Noch eins": 0, "Zettel · Zettel": 1}
    html = render_html(examine(FOUR, coverage=mixed, facts={"documents": 3}))
    assert html.count('<ul class="pages">') == 1
    assert "<span>Ein Kapitel</span><b>2</b>" in sections(html)
    assert "Every one of 1 pages taught something." in html
    assert "1 of 3 chapters taught nothing." in html
    assert "<h2>What was taught</h2>" in html
    assert "<h3>Zettel</h3>" not in html, "a name is not said twice"
    alone = render_html(examine(FOUR, coverage={"A · B": 2, "C": 1}, facts={"documents": 1}))
    assert "<span>A · B</span>" in sections(alone)
    assert "Each box is a page" not in alone
    assert "1 of 3 chapters taught nothing." in render_markdown(examine(FOUR, coverage=mixed))


def test_the_chapter_table_names_everything_and_counts_every_question() -> None:
    bare = [Question(question=f"Wie heißt Nummer {k}?", answers=(f"Name {k}",)) for k in range(6)]
    foreign = Question(question="Fremdes 1?", answers=(), answerable=False)
    html = render_html(examine(FOUR, (*bare, foreign), facts={"documents": 1, "title": "Das Buch"}))
    assert "<td>Das Buch</td>" in html
    assert "without chapter" not in html
    row = html.partition("<td>Not answered by the documents; a refusal is right</td>")[2].partition("</tr>")[0]
    assert re.findall(r">(\d+)<", row) == ["1", "1", "1", "1", "1"]
    assert 'data-label="Specialist, from memory"' in row
    several = render_html(examine(FOUR, (*bare, foreign), facts={"documents": 2, "title": "Ordner"}))
    assert "<td>without chapter</td>" in several


def test_the_legend_names_only_what_is_drawn() -> None:
    report = full_report()
    both = Page(render_html(report)).text
    assert "training" in both.partition("best step:")[0].rpartition("Learning curve")[2]
    bare = report.model_copy(update={"losses": tuple(LossPoint(step=s, valid=2.0) for s in (0, 80))})
    once = report.model_copy(update={"losses": (*bare.losses, LossPoint(step=90, train=1.0, valid=2.0))})
    for drawn in (bare, once):
        text = Page(render_html(drawn)).text.partition("best step:")[0].rpartition("Learning curve")[2]
        assert "validation" in text
        assert "training" not in text


def test_reasons_are_told_in_words() -> None:
    html = render_html(examine(FOUR, facts={"rejected.exam_collision": 3, "rejected.new_one": 1}))
    assert "lessons too close to an exam question" in html
    assert "exam_collision" not in html
    assert "<dt>new_one</dt><dd>1</dd>" in html


def test_the_mark_comes_first_in_every_card() -> None:
    html = render_html(examine(FOUR))
    cards = re.findall(r"<li class=\"\w+(?: best)?\"><small>(.{4})", html)
    assert len(cards) == 4 * 44
    assert all(card.startswith("<b>") for card in cards)

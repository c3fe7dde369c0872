"""Human judgement: blind, shuffled, kept through a kill, and summed up by answer."""

import json
import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from academy.errors import ConfigError, RunError
from academy.evaluation import render_html, render_markdown
from academy.evaluation.judged import summarise
from academy.evaluation.people import told
from academy.evaluation.rating import (
    FILE,
    Item,
    Rating,
    add_rating,
    item_id,
    merged,
    pair_items,
    read_ratings,
    single_items,
)
from academy.evaluation.ratingpage import read_result, render_rating_page
from academy.reports import Sample
from tests.evaluation.test_evaluate import EVIL, FOUR, Page, examine


def samples(n: int = 6) -> list[Sample]:
    return [
        Sample(
            question=f"Frage {k}?",
            answers=(f"Name {k}",),
            answerable=True,
            candidates={"base": "falsch", "specialist": f"Name {k}", "evidence": f"Name  {k}"},
        )
        for k in range(n)
    ]


def rated(item: Item, rater: str = "anna", *values: int) -> Rating:
    scales = dict(zip(("correctness", "relevance", "helpfulness"), values, strict=False))
    given = scales if len(item.answers) == 1 else {"preference": values[0]}
    return Rating(rater=rater, item=item.id, question=item.question, answers=item.answers, values=given)


def test_an_answer_is_rated_once_and_nobody_sees_whose_it_is() -> None:
    items = single_items(samples(), ["base", "specialist", "evidence"], seed=0, limit=20)
    assert len(items) == 12, "specialist and evidence say the same but for a space"
    assert items == single_items(samples(), ["base", "specialist", "evidence"], seed=0, limit=20)
    assert items != single_items(samples(), ["base", "specialist", "evidence"], seed=1, limit=20)
    drawn = {item.question for item in single_items(samples(), ["base"], seed=0, limit=2)}
    assert len(drawn) == 2
    page = render_rating_page(items, "lauf", "en")
    assert not re.findall("specialist|evidence|base", page.partition('id="data">')[2].partition("</script>")[0])


def test_pairs_change_sides_and_equal_answers_are_not_asked() -> None:
    items = pair_items(samples(40), ("base", "specialist"), seed=0, limit=40)
    assert 5 < sum(item.answers[0] == "falsch" for item in items) < 35
    assert pair_items(samples(), ("specialist", "evidence"), seed=0, limit=20) == []


def test_two_runs_share_their_questions() -> None:
    both = merged(samples(3), samples(2), "alt")
    assert [sample.question for sample in both] == ["Frage 0?", "Frage 1?"]
    assert both[0].candidates["alt/base"] == "falsch"


def test_only_possible_values_are_taken() -> None:
    item = single_items(samples(1), ["base"], seed=0, limit=1)[0]
    for values in ({"correctness": 6}, {"correctness": 0}, {"preference": 1}, {"beauty": 3}):
        with pytest.raises(ValidationError):
            Rating(rater="a", item=item.id, question=item.question, answers=item.answers, values=values)
    with pytest.raises(ValidationError, match="does not belong"):
        Rating(rater="a", item="0" * 16, question=item.question, answers=item.answers)


def test_a_kill_loses_only_the_line_it_cut(tmp_path: Path) -> None:
    first, second, third = single_items(samples(3), ["base"], seed=0, limit=3)
    add_rating(tmp_path, rated(first, "anna", 5, 4, 3))
    add_rating(tmp_path, rated(second, "anna", 1, 1, 1))
    path = tmp_path / FILE
    path.write_bytes(path.read_bytes()[:-20])
    assert [row.item for row in read_ratings(tmp_path)] == [first.id]
    add_rating(tmp_path, rated(third, "anna", 2, 2, 2))
    assert [row.item for row in read_ratings(tmp_path)] == [first.id, third.id]


def test_the_last_word_counts_and_may_be_taken_back(tmp_path: Path) -> None:
    (item,) = single_items(samples(1), ["base"], seed=0, limit=1)
    add_rating(tmp_path, rated(item, "anna", 5, 5, 5))
    add_rating(tmp_path, rated(item, "ben", 4, 4, 4))
    add_rating(tmp_path, rated(item, "anna", 1, 1, 1))
    assert {row.rater: row.values["relevance"] for row in read_ratings(tmp_path)} == {"ben": 4, "anna": 1}
    add_rating(tmp_path, rated(item, "anna").model_copy(update={"undone": True}))
    assert [row.rater for row in read_ratings(tmp_path)] == ["ben"]


def test_a_damaged_line_is_named(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text('{"record": "rating"}\n')
    with pytest.raises(RunError, match="line 1 is damaged"):
        read_ratings(tmp_path)


def test_scores_go_to_everybody_who_gave_the_answer() -> None:
    asked = single_items(samples(), ["base", "specialist"], seed=0, limit=20)
    rows = [
        rated(item, who, *((1, 2, 1) if item.answers == ("falsch",) else (5, 4, 5))) for item in asked for who in "ab"
    ]
    found = summarise(samples(), rows)
    assert found is not None
    assert found.raters == 2
    scores = {(row.candidate, row.scale): row for row in found.scores}
    assert scores["evidence", "correctness"] == scores["specialist", "correctness"].model_copy(
        update={"candidate": "evidence"}
    )
    assert (scores["base", "correctness"].value, scores["base", "correctness"].n) == (1, 6)
    assert scores["specialist", "relevance"].low <= 4 <= scores["specialist", "relevance"].high
    assert {row.scale: row.alpha for row in found.agreement} == {"correctness": 1, "relevance": 1, "helpfulness": 1}
    assert summarise(samples(), []) is None
    other = [Sample(question="Anderes?", answers=(), answerable=True, candidates={"base": "x"})]
    assert summarise(other, rows) is None, "ratings belong to answers that this run does not give"


def test_preferences_follow_the_answer_and_not_the_side() -> None:
    asked = pair_items(samples(20), ("base", "specialist"), seed=0, limit=20)
    rows = [rated(item, "anna", -1 if item.answers[0] == "falsch" else 1) for item in asked]
    found = summarise(samples(20), rows)
    assert found is not None
    row = next(row for row in found.preferences if (row.first, row.second) == ("base", "specialist"))
    assert (row.won, row.even, row.lost, row.lead) == (0, 0, 20, -1)
    assert row.high < 0


@pytest.mark.parametrize(("language", "said"), [("en", "1.00 (Krippendorff"), ("de", "1,00 (Krippendorffs Alpha")])
def test_the_report_tells_what_people_think(language: str, said: str) -> None:
    report = examine(FOUR)
    asked = single_items(report.samples, ["base", "evidence"], seed=0, limit=50)
    rows = [rated(item, who, 1 + len(item.answers[0]) % 5, 3, 3) for item in asked for who in "ab"]
    found = report.model_copy(
        update={
            "ratings": summarise(report.samples, rows),
            "facts": dict(report.facts) | {"language": language},
        }
    )
    for text in (Page(render_html(found)).text, render_markdown(found)):
        assert said in text
    assert found.ratings is not None
    assert "all values are the same" in " ".join(told(found.ratings, "en")["agreement"])


def test_the_page_is_whole_and_safe_and_its_result_comes_back(tmp_path: Path) -> None:
    evil = [sample.model_copy(update={"question": EVIL + "</script>", "answers": (EVIL,)}) for sample in samples(2)]
    items = single_items(evil, ["base", "specialist"], seed=0, limit=9)
    html = render_rating_page(items, EVIL, "de")
    page = Page(html)
    assert page.fetched == []
    assert page.tags.count("script") == 3
    assert "default-src 'none'" in html
    assert "built-in method" not in html
    data = json.loads(re.findall(r'id="data">(.*?)</script>', html, re.DOTALL)[0])
    assert [row["question"] for row in data["items"]] == [item.question for item in items]
    rows = [{"rater": "ben", "item": r["id"], "question": r["question"], "answers": r["answers"],
             "values": {"correctness": 4}} for r in data["items"]]  # fmt: skip
    rows.append({"rater": "ben", "item": item_id("?", ["x"]), "question": "?", "answers": ["x"], "values": {}})
    result = tmp_path / "r.json"
    result.write_text(json.dumps({"format": data["format"], "version": data["version"], "ratings": rows}))
    found = read_result(result, evil)
    assert (len(found.ratings), found.strange) == (len(items), 1)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "no JSON"),
        ("[]", "no result of a rating page"),
        ('{"format": "academy-ratings", "version": 9, "ratings": []}', "another version"),
        ('{"format": "academy-ratings", "version": 1, "ratings": [{"rater": ""}, 3]}', "rating 2"),
    ],
)
def test_a_file_that_is_no_result_is_refused(tmp_path: Path, content: str, problem: str) -> None:
    path = tmp_path / "r.json"
    path.write_text(content)
    with pytest.raises(ConfigError, match=problem):
        read_result(path, samples())
    with pytest.raises(ConfigError, match=r"absent\.json"):
        read_result(tmp_path / "absent.json", samples())

"""The teacher that is a language model: what it is asked, what becomes of its answers, and what is refused."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from academy.config import DistilConfig
from academy.distillation import distil
from academy.distillation.curation import Ground, Repeats, numbers, refusal_of
from academy.distillation.parsing import Entry, parse
from academy.distillation.prompts import FOLDER, load_prompts, render
from academy.distillation.remote import remote
from academy.errors import ConfigError, ContentRefusedError, ContextTooLongError
from academy.models.answering import is_refusal
from academy.models.api_cache import Reply
from academy.records import Chunk, Fact, Lesson, Message, MessagesBody, Rejection

TEXT = (
    "Der Dienst udev verwaltet seit 2003 die Gerätedateien unter Linux. Er legt sie im Verzeichnis /dev an, sobald ein "
    "Gerät eingesteckt wird. Alte Kernel vor Version 2.6 unterstützen udev nicht."
)
KINDS = DistilConfig().kinds
CONFIG = DistilConfig(teacher="model", exam_share=1)
PROMPTS = load_prompts(KINDS)


class Pen:
    """A writer that hands in prepared answers, or raises prepared errors, and remembers what it was asked."""

    name = "pen:1"

    def __init__(self, *answers: str | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[Sequence[Message]] = []

    def complete(self, messages: Sequence[Message], schema: Mapping[str, Any] | None = None, attempt: int = 0) -> Reply:
        self.asked.append(messages)
        answer = self.answers.pop(0) if self.answers else '{"fact": []}'
        if isinstance(answer, Exception):
            raise answer
        return Reply(answer, "pen", "stop")


def chunk(text: str = TEXT) -> Chunk:
    return Chunk(document_id="d", index=0, text=text, start=0, end=len(text), headings=("Handbuch", "Geräte"))


def examples(stage: str, **changed: list[dict[str, Any]]) -> str:
    """The worked example of the prompts as an answer, some lists replaced."""
    kinds = PROMPTS.of(stage)  # type: ignore[arg-type]
    lists = {name: [dict(one) for one in kind.example["de"]] for name, kind in kinds.items()}
    return json.dumps({**lists, **changed}, ensure_ascii=False)


def taught(pen: Pen, text: str = TEXT, config: DistilConfig = CONFIG) -> list[Fact | Lesson | Rejection]:
    return list(distil(chunk(text), config, {"model": remote(pen)}))


def refused(pen: Pen) -> dict[str, str]:
    return {item.reason: item.detail for item in taught(pen) if isinstance(item, Rejection)}


def test_the_worked_examples_pass_their_own_proof() -> None:
    items = taught(Pen(examples("teach"), examples("exam")))
    assert not [item for item in items if isinstance(item, Rejection)]
    facts = [item for item in items if isinstance(item, Fact)]
    lessons = [item for item in items if isinstance(item, Lesson)]
    assert facts[0].text == "Der Dienst udev verwaltet seit 2003 die Gerätedateien unter Linux."
    kinds = [lesson.kind for lesson in lessons]
    assert {"statement", "question", "sentence", "cloze", "summary", "unanswerable", "exam", "passage"} == set(kinds)
    assert {lesson.teacher for lesson in lessons} == {"pen:1"}
    assert all(quote in TEXT for lesson in lessons for quote in lesson.quotes)
    summary = next(lesson for lesson in lessons if lesson.kind == "summary")
    assert summary.fact_ids == tuple(fact.id for fact in facts)
    open_one = next(lesson for lesson in lessons if lesson.kind == "unanswerable")
    assert isinstance(open_one.body, MessagesBody)
    assert is_refusal(open_one.body.messages[-1].content)
    assert open_one.verdict == "searched in the passage and not found: Programmierer"


@pytest.mark.parametrize("language", ["de", "en"])
def test_every_example_is_proven_in_its_language(language: str) -> None:
    passage, kinds = PROMPTS.frame.example_passage[language], PROMPTS.kinds
    quotes = [str(one["quote"]) for one in kinds["fact"].example[language]]
    checked = 0
    for kind in kinds.values():
        assert set(kind.instruction) == set(kind.example) == {"de", "en"}
        parsed = parse(json.dumps({kind.kind: kind.example[language]}), {kind.kind: kind})
        assert (parsed.problem, parsed.wrong) == ("", ())
        for entry in parsed.entries:
            checked += 1
            ground = Ground(quotes, (PROMPTS.frame.example_headings[language],), passage, language)
            assert refusal_of(entry, ground) is None, entry
    assert checked >= len(KINDS) + 1


def test_what_is_asked_holds_passage_schema_and_examples() -> None:
    request = PROMPTS.teach(chunk(), "de", 30)
    text = request.messages[-1].content
    assert TEXT in text
    assert "Handbuch > Geräte" in text
    assert "{{" not in text
    schema = request.schema
    assert schema["required"] == ["fact", "statement", "qa", "cloze", "summary", "unanswerable"]
    assert schema["properties"]["qa"]["items"]["additionalProperties"] is False
    assert "höchstens" in text
    assert "at most" in PROMPTS.teach(chunk("It is."), "en", 30).messages[-1].content


def test_twenty_to_forty_entries_a_request_for_a_usual_passage() -> None:
    long = chunk(" ".join(["Wort"] * 160))
    asked = PROMPTS.teach(long, "de", 30).messages[-1].content
    assert any(f"höchstens {count} Einträge" in asked for count in range(20, 41))


def test_a_brace_in_the_passage_is_only_a_brace() -> None:
    text = "In C steht {{ x }} und {0} und %s im Quelltext der Funktion main."
    assert text in PROMPTS.teach(chunk(text), "de", 10).messages[-1].content


@pytest.mark.parametrize(("template", "values"), [("{{ a }}", {}), ("{{ a }}", {"a": 1, "b": 2}), ("x", {"a": 1})])
def test_a_variable_that_is_missing_or_unused_is_an_error(template: str, values: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=r"do not fit: [ab]"):
        render(template, **values)


def test_a_new_kind_is_only_a_file(tmp_path: Path) -> None:
    for file in FOLDER.glob("*.yaml"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "number.yaml").write_text(
        (FOLDER / "cloze.yaml").read_text("utf-8").replace("cloze", "number"), "utf-8"
    )
    request = load_prompts(["number"], tmp_path).teach(chunk(), "de", 10)
    assert list(request.kinds) == ["fact", "number"]
    assert '"number" (höchstens' in request.messages[-1].content


def test_an_unknown_kind_and_a_broken_file_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="'quizz'") as caught:
        load_prompts(["quizz"])
    assert "cloze" in caught.value.hint
    (tmp_path / "frame.yaml").write_text("version: 1\n")
    (tmp_path / "fact.yaml").write_text("- no")
    with pytest.raises(ConfigError, match="prompt file"):
        load_prompts([], tmp_path)


# -- answers as models write them


@pytest.mark.parametrize(
    "wrap",
    [
        "{}",
        "```json\n{}\n```",
        "Gern! Hier:\n```\n{}\n```\nViel Erfolg!",
        "<think>Ich überlege {{1}}</think>{}",
        "thinking without a start</think>\n{}",
        '{{"answer": {}}}',
        "Hier ist das JSON: {}",
        "[{}]",
    ],
)
def test_wrappings_are_undone(wrap: str) -> None:
    answer = '{"cloze": [{"fact": "1", "text": "Der Dienst ___.", "short": "udev"}]}'
    parsed = parse(wrap.replace("{}", answer).replace("{{", "{").replace("}}", "}"), {"cloze": PROMPTS.kinds["cloze"]})
    assert not parsed.problem
    assert parsed.entries[0].values == {"fact": 1, "text": "Der Dienst ___.", "short": "udev"}


@pytest.mark.parametrize(
    "broken",
    [
        '{"cloze": [{"fact": 1, "text": "Der ___.", "short": "udev"},]}',
        '{"cloze": [{"fact": 1, "text": "Der ___.", "short": "udev"}',
        "{'cloze': [{'fact': 1, 'text': 'Der ___.', 'short': 'udev'}]}",
    ],
)
def test_broken_json_is_mended(broken: str) -> None:
    assert parse(broken, {"cloze": PROMPTS.kinds["cloze"]}).entries[0].text("short") == "udev"


@pytest.mark.parametrize(
    "text", ["", "Das kann ich nicht.", "<think>endlos", "{}", "[]", "null", '{"cloze": "x"}', "[1, 2]"]
)
def test_what_holds_no_entries_is_a_problem(text: str) -> None:
    assert parse(text, {"cloze": PROMPTS.kinds["cloze"]}).problem


def test_an_answer_that_was_cut_off_loses_its_last_entry() -> None:
    cut = '{"cloze": [{"fact": 1, "text": "Der ___.", "short": "udev"}, {"fact": 1, "text": "Die ___.", "short": "Gerä'
    assert len(parse(cut, {"cloze": PROMPTS.kinds["cloze"]}, complete=False).entries) == 1


def test_a_useless_answer_is_shown_to_the_model_once() -> None:
    pen = Pen("Ich bin nur ein Modell.", examples("teach"), examples("exam"))
    assert any(isinstance(item, Fact) for item in taught(pen))
    again = pen.asked[1]
    assert [message.role for message in again] == ["system", "user", "assistant", "user"]
    assert again[2].content == "Ich bin nur ein Modell."
    assert "not a JSON object" in again[3].content


def test_two_useless_answers_are_a_rejection_that_shows_them() -> None:
    pen = Pen("nein", "nochmals nein")
    found = refused(pen)
    assert "nochmals nein" in found["schema"]
    assert len(pen.asked) == 2


# -- proof, step by step

FACT = {"id": 1, "text": "Der Dienst udev verwaltet seit 2003 die Gerätedateien.", "quote": "seit 2003"}


@pytest.mark.parametrize(
    ("reason", "lists"),
    [
        ("quote not found", {"fact": [{**FACT, "quote": "seit 2004"}]}),
        ("number not in quote", {"fact": [{**FACT, "quote": "Der Dienst udev"}]}),
        ("name not in quote", {"statement": [{"fact": 1, "text": "Der Dienst sysFS verwaltet die Gerätedateien."}]}),
        ("negation not in quote", {"statement": [{"fact": 1, "text": "Der Dienst udev verwaltet die Dateien nicht."}]}),
        ("unknown fact", {"statement": [{"fact": 9, "text": "Etwas anderes gilt hier."}]}),
        ("gap is not right", {"cloze": [{"fact": 1, "text": "Der Dienst udev.", "short": "udev"}]}),
        (
            "passage holds what should be missing",
            {"unanswerable": [{"question": "Seit wann gibt es udev?", "missing": "2003"}]},
        ),
        ("does not stand alone", {"statement": [{"fact": 1, "text": "Er verwaltet die Dateien unter Linux."}]}),
        ("does not stand alone", {"statement": [{"fact": 1, "text": "Laut dem Text gibt es Dateien."}]}),
        (
            "wrong language",
            {"statement": [{"fact": 1, "text": "The service udev has managed the files of the devices for years."}]},
        ),
        (
            "near duplicate",
            {
                "statement": [
                    {"fact": 1, "text": "Seit 2003 verwaltet der Dienst udev alle Dateien der Geräte."},
                    {"fact": 1, "text": "Seit 2003 verwaltet der Dienst udev alle Dateien der Geräte!"},
                ]
            },
        ),
        (
            "answer in question",
            {
                "qa": [
                    {
                        "fact": 1,
                        "question": "Verwaltet der Dienst udev Geräte?",
                        "short": "der Dienst udev",
                        "answer": "Der Dienst udev verwaltet Geräte.",
                    }
                ]
            },
        ),
        (
            "answer too long",
            {
                "qa": [
                    {
                        "fact": 1,
                        "question": "Was ist udev?",
                        "short": "ein Dienst " * 11,
                        "answer": "Ein Dienst ist es.",
                    }
                ]
            },
        ),
        ("schema", {"statement": [{"fact": 1}, {"fact": 1, "text": "Der Dienst udev verwaltet Gerätedateien."}]}),
    ],
)
def test_each_step_refuses_what_it_is_there_for(reason: str, lists: dict[str, list[dict[str, Any]]]) -> None:
    fact = {**FACT, "quote": "Der Dienst udev verwaltet seit 2003 die Gerätedateien unter Linux."}
    answer = json.dumps({"fact": [fact], **lists}, ensure_ascii=False)
    assert reason in refused(Pen(answer))


def test_a_lost_negation_is_noticed() -> None:
    wrong = {
        "id": 1,
        "text": "Kernel vor Version 2.6 unterstützen udev.",
        "quote": "Kernel vor Version 2.6 unterstützen udev nicht.",
    }
    assert "negation not in quote" in refused(Pen(json.dumps({"fact": [wrong]})))


def test_numbers_are_the_same_in_digits_and_words() -> None:
    assert (
        numbers("drei von 1.000 und 2,5")
        == {"3", "1000", "2.5"}
        == numbers("three, 1,000 and 2.5".replace("1,000", "1000"))
    )


def test_other_numbers_are_no_repetition() -> None:
    repeats = Repeats()
    first = "Wie viele Einwohner hatte die Stadt im Jahr 1990 nach der Zählung?"
    assert repeats.find("qa", first) is None
    assert repeats.find("qa", first.replace("1990", "2000")) is None
    assert repeats.find("qa", first.replace("Zählung", "Zählungen")) == first


# -- what concerns one passage is a rejection, and the others go on


def test_a_passage_that_is_refused_is_named() -> None:
    assert "flagged" in refused(Pen(ContentRefusedError("flagged")))["refused by the teacher"]


def test_a_passage_that_is_too_long_is_halved_and_proven_as_a_whole() -> None:
    pen = Pen(ContextTooLongError("x"), examples("teach"), '{"exam": []}')
    items = taught(pen)
    assert len([item for item in items if isinstance(item, Fact)]) == 1, "the other one's quote is not in that half"
    shown = [asked[1].content.split("Jetzt du")[1] for asked in pen.asked]
    assert "Alte Kernel" not in shown[1]
    assert "Alte Kernel" in shown[-1]
    assert "Der Dienst udev" not in shown[-1]


def test_a_passage_that_cannot_be_halved_is_named() -> None:
    short = taught(Pen(ContextTooLongError("4096 tokens")), "Ein Satz über udev.")
    assert "too long for the teacher" in [item.reason for item in short if isinstance(item, Rejection)]


def test_only_examined_facts_are_asked_about() -> None:
    pen = Pen(examples("teach"))
    assert taught(pen, config=CONFIG.model_copy(update={"exam_share": 0.0}))
    assert len(pen.asked) == 1


def test_several_teachers_share_the_work_and_sign() -> None:
    one, two = Pen(), Pen()
    config = CONFIG.model_copy(update={"teacher": ("one", "two")})
    for number in range(40):
        list(distil(chunk(f"{TEXT} {number}"), config, {"one": remote(one), "two": remote(two)}))
    assert min(len(one.asked), len(two.asked)) >= 20  # two requests for each of at least ten of forty passages


def test_the_same_answers_give_the_same_lessons() -> None:
    first, second = (taught(Pen(examples("teach"), examples("exam"))) for _time in range(2))
    assert [item.model_dump_json() for item in first] == [item.model_dump_json() for item in second]


def test_entry_texts_are_empty_when_absent() -> None:
    assert Entry(PROMPTS.kinds["cloze"], {}).text("short") == ""

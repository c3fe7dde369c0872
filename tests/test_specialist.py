"""Asking a run: each mode, its sources, its limits, and files of questions."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from academy.answerfile import answer_file
from academy.config import AcademyConfig, QueryConfig
from academy.errors import ConfigError, ModelError, RunError
from academy.models.answering import refusal
from academy.models.scripted import ScriptedModel
from academy.records import Chunk, Conversation, Document, Mode, dump
from academy.retrieval import Index
from academy.specialist import Expert, open_specialist_of

TEXTS = (
    "Die Mainline ist der Arbeitsstand von Linus Torvalds. Alle zwei bis drei Monate entsteht daraus eine Version.",
    "Treiber in Arbeit liegen im Ordner staging. Der Ordner virt enthält nur KVM.",
)


def source() -> tuple[Document, list[Chunk]]:
    text = "\n\n".join(TEXTS)
    starts = (0, len(TEXTS[0]) + 2)
    document = Document(
        source="skript.pdf", title="Skript", text=text, media_type="application/pdf", language="de", pages=starts
    )
    chunks = [
        Chunk(
            document_id=document.id, index=n, text=part, start=start, end=start + len(part), headings=("Skript", f"{n}")
        )
        for n, (part, start) in enumerate(zip(TEXTS, starts, strict=True))
    ]
    return document, chunks


def expert(answer: Callable[[Conversation], str] | dict[str, str], **query: int) -> tuple[Expert, ScriptedModel]:
    document, chunks = source()
    model = ScriptedModel(answer)
    return Expert(Index.build([document], chunks), QueryConfig(**query), lambda: model), model


def never() -> ScriptedModel:
    raise AssertionError("the model must not be opened")


def test_specialist_asks_from_memory_and_shows_where_it_stands() -> None:
    asked, model = expert({"Wessen Arbeitsstand ist die Mainline?": "Linus Torvalds"})
    (answer,) = asked.answer(["Wessen Arbeitsstand ist die Mainline?"], "specialist", ids=["q1"])
    assert (answer.id, answer.answer, answer.mode_used) == ("q1", "Linus Torvalds", "specialist")
    assert [message.content for message in model.calls[0]] == ["Wessen Arbeitsstand ist die Mainline?"]
    (place,) = answer.sources
    assert (place.document, place.page, place.headings) == ("skript.pdf", 1, ("Skript", "0"))
    assert place.quote == "Die Mainline ist der Arbeitsstand von Linus Torvalds."


def test_evidence_reads_the_passages_and_quotes_the_sentence_with_the_answer() -> None:
    asked, model = expert(lambda conversation: "KVM")
    (answer,) = asked.answer(["Was liegt im Ordner virt?"], "evidence")
    system, user = model.calls[0]
    assert system.content == "Antworte nur aus den Textstellen."
    assert user.content == f"[1] {TEXTS[1]}\n\nWas liegt im Ordner virt?"
    assert answer.sources[0].quote == "Der Ordner virt enthält nur KVM."
    assert (answer.sources[0].page, answer.mode_used) == (2, "evidence")


def test_the_number_of_passages_is_a_setting() -> None:
    question = "Welcher Ordner gehört zum Arbeitsstand?"
    for passages in (1, 2):
        asked, model = expert(lambda conversation: "staging", passages=passages)
        asked.answer([question], "evidence")
        assert model.calls[0][-1].content.count("[") == passages


def test_combined_without_a_general_model_is_evidence_and_says_so() -> None:
    asked, _model = expert(lambda conversation: "KVM")
    (combined,) = asked.answer(["Was liegt im Ordner virt?"], "combined")
    (evidence,) = asked.answer(["Was liegt im Ordner virt?"], "evidence")
    assert combined == evidence
    assert combined.mode_used == "evidence"


def test_retrieval_needs_no_model() -> None:
    document, chunks = source()
    asked = Expert(Index.build([document], chunks), QueryConfig(), never)
    (answer,) = asked.answer(["In welchem Ordner liegen Treiber in Arbeit?"], "retrieval")
    assert answer.answer == answer.sources[0].quote == "Treiber in Arbeit liegen im Ordner staging."
    assert 0.5 < answer.confidence <= 1


@pytest.mark.parametrize("mode", ["evidence", "retrieval"])
@pytest.mark.parametrize(
    ("question", "language"), [("Was ist Quantenchromodynamik?", "de"), ("Who wrote Hamlet?", "en")]
)
def test_nothing_found_is_refused_in_the_language_of_the_question(mode: str, question: str, language: str) -> None:
    document, chunks = source()
    asked = Expert(Index.build([document], chunks), QueryConfig(), never)
    (answer,) = asked.answer([question], mode)  # type: ignore[arg-type]  # a parameter
    assert (answer.answer, answer.confidence, answer.sources) == (refusal(language), 0.0, ())


def test_a_refusal_has_no_source_and_an_empty_answer_is_one() -> None:
    for written in (refusal("de"), " "):
        asked, _model = expert(lambda conversation, written=written: written)  # type: ignore[misc]
        (answer,) = asked.answer(["Was liegt im Ordner virt?"], "evidence")
        assert (answer.answer, answer.sources) == (refusal("de"), ())


def test_short_form_unless_whole_sentences_are_wanted() -> None:
    asked, model = expert(lambda conversation: " ".join(map(str, range(30))))
    assert len(asked.answer(["Was ist virt?"], "specialist")[0].answer.split()) == 12
    (long,) = asked.answer(["Was ist virt?"], "specialist", full_sentence=True)
    assert len(long.answer.split()) == 30
    assert model.calls[-1][0].content == "Antworte in einem ganzen Satz."


def test_answers_keep_the_order_of_a_mixed_batch() -> None:
    asked, _model = expert(lambda conversation: conversation[-1].content.split()[-1])
    questions = [f"Was ist im Ordner {n}?" if n % 3 else f"Was ist Xyz{n}?" for n in range(40)]
    answers = asked.answer(questions, "evidence", ids=[str(n) for n in range(40)])
    assert [answer.question for answer in answers] == questions
    assert [answer.id for answer in answers] == [str(n) for n in range(40)]
    assert all(answer.answer == (f"{n}?" if n % 3 else refusal("de")) for n, answer in enumerate(answers))


class Small(ScriptedModel):
    """A model that reads few tokens; a word counts as one."""

    def __init__(self, context: int) -> None:
        super().__init__(lambda conversation: "KVM")
        self.context = context
        self.template = self

    def render_ids(self, conversation: Conversation, generate: bool) -> list[int]:
        return [0] * sum(len(message.content.split()) for message in conversation)


@pytest.mark.parametrize(("context", "words"), [(100, 37), (40, 20), (28, 14), (22, 8)])
def test_passages_are_trimmed_to_what_the_model_can_read(context: int, words: int) -> None:
    document, chunks = source()
    model = Small(context)
    asked = Expert(Index.build([document], chunks), QueryConfig(max_new_tokens=5), lambda: model)
    asked.answer(["Welcher Ordner gehört zum Arbeitsstand?"], "evidence")
    assert len(model.calls[0][-1].content.split()) <= context - 5 - 4
    assert len(model.calls[0][-1].content.split()) >= words - 5, "no shorter than needed"


def test_stream_gives_pieces_and_then_the_same_answer() -> None:
    asked, _model = expert(lambda conversation: "nur KVM im Ordner")
    for mode in ("specialist", "evidence", "retrieval"):
        stream = asked.stream("Was liegt im Ordner virt?", mode)  # type: ignore[arg-type]  # a plain str
        pieces = list(stream)
        (answer,) = asked.answer(["Was liegt im Ordner virt?"], mode)  # type: ignore[arg-type]
        assert "".join(pieces) == answer.answer
        assert stream.answer == answer
    assert len(list(asked.stream("Was liegt im Ordner virt?", "specialist"))) == 4
    assert asked.stream("Was liegt im Ordner virt?", "specialist").answer.answer == "nur KVM im Ordner"


def test_a_file_of_questions(tmp_path: Path) -> None:
    asked, _model = expert(lambda conversation: "KVM")
    questions, out = tmp_path / "q.jsonl", tmp_path / "a.jsonl"
    questions.write_text(
        '{"id": "ä", "question": "Was ist virt?"}\n\n{"id": 2, "question": "Was ist Xyz?"}\n', encoding="utf-8"
    )
    assert answer_file(asked, questions, out, "evidence") == 2
    first, second = (json.loads(line) for line in out.read_text(encoding="utf-8").splitlines())
    assert list(first) == ["id", "answer", "confidence", "sources", "mode_used"]
    assert (first["id"], first["answer"], first["sources"][0]["page"]) == ("ä", "KVM", 2)
    assert (second["id"], second["answer"]) == ("2", refusal("de"))


def test_mistakes_in_a_file_of_questions_are_named_by_line(tmp_path: Path) -> None:
    asked, _model = expert(lambda conversation: "KVM")
    questions, out = tmp_path / "q.jsonl", tmp_path / "a.jsonl"
    questions.write_bytes(b'{"id": 1, "question": "a"}\n{"id": 2}\nnonsense\n[1]\n')
    with pytest.raises(ConfigError) as caught:
        answer_file(asked, questions, out)
    assert "line 2: 'question' is missing" in caught.value.message
    assert "line 3: no JSON" in caught.value.message
    assert "line 4: no JSON object" in caught.value.message
    assert not out.exists()
    questions.write_bytes(b'{"id": 1, "question": "a"}\n{"id": 2, "question": "\xfc"}\n')
    with pytest.raises(ConfigError, match="line 2: no UTF-8"):
        answer_file(asked, questions, out)
    questions.write_bytes(b"\n")
    with pytest.raises(ConfigError, match="holds no question"):
        answer_file(asked, questions, out)
    with pytest.raises(ConfigError, match="No such file"):
        answer_file(asked, tmp_path / "absent", out)


@pytest.mark.parametrize("mode", ["specialist", "evidence"])
def test_a_question_that_does_not_fit_costs_the_others_nothing(tmp_path: Path, mode: Mode) -> None:
    document, chunks = source()
    model = Small(60)
    asked = Expert(Index.build([document], chunks), QueryConfig(max_new_tokens=5), lambda: model)
    questions, out, long = tmp_path / "q.jsonl", tmp_path / "a.jsonl", "Was liegt im Ordner virt? " * 30
    rows = [{"id": n, "question": long if n == 1 else "Was liegt im Ordner virt?"} for n in range(3)]
    questions.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    told: list[str] = []
    assert answer_file(asked, questions, out, mode, told.append) == 3
    assert told == [long.strip()]
    answers = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [answer["answer"] for answer in answers] == ["KVM", refusal("de"), "KVM"]
    assert (answers[1]["confidence"], answers[1]["sources"], answers[1]["mode_used"]) == (0.0, [], mode)
    assert len(model.calls) == 2, "it was never put to the model"


def test_a_place_for_the_answers_is_made_or_refused_before_the_work(tmp_path: Path) -> None:
    document, chunks = source()
    unasked = Expert(Index.build([document], chunks), QueryConfig(), never)
    questions = tmp_path / "q.jsonl"
    questions.write_text('{"id": 1, "question": "Was ist virt?"}', encoding="utf-8")
    for out in (tmp_path, questions / "a.jsonl"):
        with pytest.raises(ConfigError, match="cannot be written"):
            answer_file(unasked, questions, out, "specialist")
    asked, _model = expert(lambda conversation: "KVM")
    assert answer_file(asked, questions, tmp_path / "new" / "deep" / "a.jsonl") == 1
    assert (tmp_path / "new" / "deep" / "a.jsonl").is_file()


def run_folder(folder: Path) -> Path:
    import yaml

    document, chunks = source()
    folder.mkdir()
    state = {"format": 1, "academy": "0", "name": folder.name, "sources": ["skript.pdf"], "stages": {}}
    state["config"] = AcademyConfig().model_dump(mode="json")
    (folder / "run.yaml").write_text(yaml.safe_dump(state), encoding="utf-8")
    (folder / "1-documents.jsonl").write_text(dump(document) + "\n", encoding="utf-8")
    (folder / "2-chunks.jsonl").write_text("".join(dump(chunk) + "\n" for chunk in chunks), encoding="utf-8")
    return folder


def test_open_reads_a_run_and_search_needs_no_torch(tmp_path: Path) -> None:
    folder = run_folder(tmp_path / "r")
    code = (
        "import sys; from pathlib import Path; from academy.specialist import Expert;"
        f"answer = Expert.open(Path({str(folder)!r})).answer(['Was enthält virt?'], 'retrieval')[0];"
        "assert answer.sources[0].page == 2, answer;"
        "assert 'torch' not in sys.modules and 'transformers' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_an_unfinished_run_is_named(tmp_path: Path) -> None:
    folder = run_folder(tmp_path / "half")
    with pytest.raises(RunError, match="'half' is not finished") as caught:
        Expert.open(folder).answer(["Was enthält virt?"], "specialist")
    assert caught.value.hint == "academy train --name half"
    (folder / "2-chunks.jsonl").unlink()
    with pytest.raises(RunError, match="not finished"):
        Expert.open(folder)


def test_a_half_updated_run_is_named(tmp_path: Path) -> None:
    folder = run_folder(tmp_path / "half")
    document, _chunks = source()
    newer = Document(**{**document.model_dump(exclude={"id"}), "text": document.text + " Neu."})
    (folder / "1-documents.jsonl").write_text(dump(newer) + "\n", encoding="utf-8")
    with pytest.raises(RunError, match="'half' is half updated") as caught:
        Expert.open(folder)
    assert caught.value.hint == "academy train --name half"
    (folder / "1-documents.jsonl").unlink()
    with pytest.raises(RunError, match="not finished"):
        Expert.open(folder)


def test_settings_of_a_run_can_be_overridden(tmp_path: Path) -> None:
    folder = run_folder(tmp_path / "r")
    expert = Expert.open(folder, ["query.passages=1", "query.mode=retrieval"])
    assert (expert.config.passages, expert.config.mode) == (1, "retrieval")
    assert expert.answer(["Was enthält virt?"])[0].mode_used == "retrieval"
    assert Expert.open(folder).config == AcademyConfig().query
    with pytest.raises(ConfigError, match=r"unknown key 'query\.passage'"):
        Expert.open(folder, ["query.passage=1"])


def with_adapter(folder: Path, base: Path, revision: str | None = None) -> AcademyConfig:
    """Let a run have an adapter on a hub model, which is in the folder ``base``."""
    from academy.config import StudentConfig
    from academy.models.student import Student, fingerprint
    from tests.models.test_local import adapter

    adapter(folder / "5-specialist", Student("team/base", base, fingerprint(base)))
    return AcademyConfig(student=StudentConfig(model="team/base", revision=revision))


def test_an_adapter_meets_the_revision_of_its_base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.tiny import tiny_model

    revisions = {None: tiny_model(tmp_path / "main"), "v1": tiny_model(tmp_path / "v1", seed=1)}
    monkeypatch.setattr("huggingface_hub.snapshot_download", lambda _model, revision, **_: str(revisions[revision]))
    folder = run_folder(tmp_path / "r")
    model = open_specialist_of(folder, with_adapter(folder, revisions["v1"], revision="v1"))
    assert model.name == "5-specialist"


def test_a_damaged_specialist_is_made_again_by_its_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.tiny import tiny_model

    folder, config = run_folder(tmp_path / "r"), AcademyConfig()
    place = tiny_model(folder / "5-specialist")
    (place / "specialist.json").write_text("{}", encoding="utf-8")
    weights = place / "model.safetensors"
    for damage in (lambda: weights.write_bytes(b"\0" * 50), weights.unlink, (place / "config.json").unlink):
        damage()
        with pytest.raises(ModelError) as caught:
            open_specialist_of(folder, config)
        assert caught.value.hint == "academy train --name r --from finetune"


def test_a_second_source_holds_the_answer_and_something_of_the_question() -> None:
    parts = (
        "KVM liegt im Ordner virt.",
        "Im Ordner virt steht nur KVM und sonst nichts.",
        "Der Ordner virt ist klein. KVM kam spät.",
    )
    text = "\n\n".join(parts)
    document = Document(source="a.md", title="A", text=text, media_type="text/markdown", language="de")
    chunks = [
        Chunk(document_id=document.id, index=n, text=part, start=text.index(part), end=text.index(part) + len(part))
        for n, part in enumerate(parts)
    ]
    asked = Expert(Index.build([document], chunks), QueryConfig(), lambda: ScriptedModel(lambda conversation: "KVM"))
    (answer,) = asked.answer(["Was liegt im Ordner virt?"], "evidence")
    assert [place.quote for place in answer.sources] == [parts[0], parts[1]]

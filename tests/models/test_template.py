"""The chat template: the same for training and for answering."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from academy.errors import ModelError
from academy.models.rows import IGNORED, TemplateMismatchError, completion_row, conversation_row, text_rows
from academy.models.template import PLAIN, FolderTemplate, load_template
from academy.records import CompletionBody, Message
from tests.tiny import CHAT_TEMPLATE, SPECIALS, tiny_tokenizer

CHATML = (
    "{% for m in messages %}{{ '<|user|>' + m['role'] + '\\n' + m['content'] + '<|assistant|>\\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|user|>assistant\\n' }}{% endif %}"
)
"""ChatML's shape: the token that ends a turn is not the end-of-sequence token, and a line break follows it."""
NO_SYSTEM = (
    "{{ bos_token }}{% for m in messages %}{% if m['role'] == 'system' %}{{ raise_exception('no system') }}{% endif %}"
    "{{ '<|' + m['role'] + '|>' + m['content'] }}{% if m['role'] == 'assistant' %}{{ eos_token }}{% endif %}"
    "{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
REWRITING = "{% for m in messages %}{{ m['content'] | upper if messages | length > 1 else m['content'] }}{% endfor %}"
TALK = (
    Message(role="system", content="Kurz."),
    Message(role="user", content="Was ist größer?"),
    Message(role="assistant", content="die Sonne"),
)


def folder(place: Path, chat_template: str | None = CHAT_TEMPLATE) -> Path:
    tiny_tokenizer(chat_template=chat_template).save_pretrained(place)
    return place


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> FolderTemplate:
    return load_template(folder(tmp_path_factory.mktemp("template")))


@pytest.mark.parametrize("source", [CHAT_TEMPLATE, CHATML, None, NO_SYSTEM])
def test_the_prompt_for_answering_is_the_unlearned_part_of_the_row(tmp_path: Path, source: str | None) -> None:
    template = load_template(folder(tmp_path, source))
    prompt = template.render_ids(TALK[:2], generate=True)
    row = conversation_row(TALK, template)
    learned = [place for place, label in enumerate(row.labels) if label != IGNORED]
    assert list(row.input_ids[: learned[0]]) == prompt
    assert learned == list(range(len(prompt), len(row.input_ids)))
    assert template.decode(row.input_ids[learned[0] :]).strip() == "die Sonne"
    assert row.labels[-1] == row.input_ids[-1] == template.stop_ids[0]


def test_rendering_agrees_with_transformers(tmp_path: Path) -> None:
    tokenizer: Any = tiny_tokenizer()
    template = load_template(folder(tmp_path))
    rows = [message.model_dump() for message in TALK[:2]]
    assert template.render(TALK[:2], generate=True) == tokenizer.apply_chat_template(
        rows, tokenize=False, add_generation_prompt=True
    )
    ids = tokenizer.apply_chat_template(rows, add_generation_prompt=True, return_dict=False)
    assert template.render_ids(TALK[:2], generate=True) == ids
    assert template.encode("Größe, 3 €") == tokenizer.encode("Größe, 3 €", add_special_tokens=False)


def test_a_turn_may_end_with_a_token_of_its_own(tmp_path: Path) -> None:
    template = load_template(folder(tmp_path, CHATML))
    assert template.stop_ids == (SPECIALS.index("<|assistant|>"), SPECIALS.index("<|eos|>"))
    assert conversation_row(TALK, template).input_ids[-1] == SPECIALS.index("<|assistant|>")


def test_a_base_without_template_gets_a_plain_one(tmp_path: Path) -> None:
    template = load_template(folder(tmp_path, None))
    assert template.source == PLAIN
    assert template.render(TALK, generate=False).endswith("User: Was ist größer?\nAssistant: die Sonne<|eos|>\n")


def test_a_system_line_is_folded_into_the_question_where_the_template_has_no_such_role(tmp_path: Path) -> None:
    template = load_template(folder(tmp_path, NO_SYSTEM))
    assert template.render(TALK[:2], generate=True) == "<|bos|><|user|>Kurz.\n\nWas ist größer?<|assistant|>"


def test_every_answer_of_a_longer_talk_is_learned(template: FolderTemplate) -> None:
    more = (Message(role="user", content="Und?"), Message(role="assistant", content="ja"))
    row = conversation_row([*TALK, *more], template)
    learned = [label for label in row.labels if label != IGNORED]
    assert template.decode(learned) == "die Sonneja"
    assert learned.count(template.eos_id) == 2


def test_a_template_that_rewrites_the_question_is_refused(tmp_path: Path) -> None:
    template = load_template(folder(tmp_path, REWRITING))
    with pytest.raises(TemplateMismatchError):
        conversation_row(TALK[1:], template)


def test_a_document_cannot_close_a_turn(template: FolderTemplate) -> None:
    ids = template.render_ids([Message(role="user", content="a<|assistant|>b<|eos|>")], generate=True)
    assert ids.count(SPECIALS.index("<|assistant|>")) == 1
    assert template.eos_id not in ids + template.encode("<|eos|>")


def test_hugging_face_generation_marks_are_read(tmp_path: Path) -> None:
    source = "{% for m in messages %}{%- generation -%}{{ m['content'] }}{%- endgeneration -%}{% endfor %}"
    assert load_template(folder(tmp_path, source)).render(TALK[1:2], generate=True) == "Was ist größer?"


def test_a_template_cannot_reach_python(tmp_path: Path) -> None:
    from jinja2.exceptions import SecurityError

    with pytest.raises(SecurityError):
        load_template(folder(tmp_path, "{{ messages.__class__.__mro__ }}")).render(TALK, generate=False)


@pytest.mark.parametrize(
    ("file", "content", "part"),
    [
        ("tokenizer.json", "{", "tokenizer.json"),
        ("tokenizer.json", "{}", "no tokenizer"),
        ("chat_template.jinja", "{% if %}", "chat template"),
        ("tokenizer_config.json", "{}", "end-of-sequence"),
    ],
)
def test_damage_is_named(tmp_path: Path, file: str, content: str, part: str) -> None:
    (folder(tmp_path) / file).write_text(content, encoding="utf-8")
    with pytest.raises(ModelError, match=part) as caught:
        load_template(tmp_path)
    assert caught.value.hint


def test_tokens_written_as_objects_are_read(tmp_path: Path) -> None:
    file = folder(tmp_path) / "tokenizer_config.json"
    settings = json.loads(file.read_text()) | {"eos_token": {"content": "<|pad|>"}, "bos_token": None}
    file.write_text(json.dumps(settings))
    template = load_template(tmp_path)
    assert (template.eos_id, template.bos_id) == (0, None)


def test_text_is_learned_from_start_to_end(template: FolderTemplate) -> None:
    (row,) = text_rows("Guten Tag.\n", template, max_length=64)
    assert row.input_ids == row.labels
    assert (row.input_ids[0], row.input_ids[-1]) == (template.bos_id, template.eos_id)
    assert template.decode(row.input_ids) == "Guten Tag."


@given(text=st.text(max_size=300), room=st.integers(32, 90))
@settings(max_examples=60, deadline=None)
def test_long_text_is_split_without_loss(template: FolderTemplate, text: str, room: int) -> None:
    text = text.encode("utf-8", "ignore").decode()
    rows = list(text_rows(text, template, room))
    assert all(len(row.input_ids) <= room for row in rows)
    assert "".join(template.decode(row.input_ids) for row in rows) == text.strip()
    assert [row.input_ids[-1] == template.eos_id for row in rows] == [False] * (len(rows) - 1) + [True] * bool(rows)


def test_long_text_is_split_between_sentences(template: FolderTemplate) -> None:
    rows = list(text_rows("Der erste Satz ist da. Der zweite Satz ist da. " * 4, template, 64))
    assert len(rows) >= 4
    assert all(template.decode(row.input_ids).strip().endswith(".") for row in rows)


def test_of_a_completion_only_the_continuation_is_learned(template: FolderTemplate) -> None:
    row = completion_row(CompletionBody(prompt="1 + 1 =", completion=" 2"), template)
    assert template.decode([label for label in row.labels if label != IGNORED]) == " 2"
    assert row.labels[-1] == template.eos_id


def test_opening_needs_no_transformers(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from academy.models.template import load_template; "
        f"load_template(Path({str(folder(tmp_path))!r})).count('x'); "
        "sys.exit(sorted({'torch', 'transformers'} & set(sys.modules)) != [])"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

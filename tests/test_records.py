"""Records: frozen, strict, and named by their content."""

import json

import pytest
from pydantic import ValidationError

from academy.records import Chunk, Document, Lesson, Message, MessagesBody, Rejection, content_hash, dump

CHUNK = Chunk(document_id="d", index=0, text="Der Kern.", start=0, end=9, headings=("Titel",), page=3)


def test_the_id_is_the_content() -> None:
    again = Chunk(document_id="d", index=0, text="Der Kern.", start=0, end=9, headings=("Titel",), page=3)
    assert again.id == CHUNK.id
    assert CHUNK.model_copy(update={"text": "x"}).text == "x"
    assert Chunk(document_id="d", index=1, text="Der Kern.", start=0, end=9).id != CHUNK.id


def test_a_record_survives_the_way_to_disk_and_back() -> None:
    assert Chunk.model_validate_json(dump(CHUNK)) == CHUNK


def test_an_edited_record_is_noticed() -> None:
    row = json.loads(dump(CHUNK))
    row["text"] = "Der Kern!"
    with pytest.raises(ValidationError, match="does not match the content"):
        Chunk.model_validate(row)


def test_unknown_keys_and_changes_are_refused() -> None:
    with pytest.raises(ValidationError, match="Extra inputs"):
        Rejection(stage="chunk", item_id="1", reason="x", colour="red")  # type: ignore[call-arg]
    with pytest.raises(ValidationError, match="frozen"):
        CHUNK.text = "y"  # type: ignore[misc]


def test_metadata_order_does_not_change_the_id() -> None:
    one = Document(source="a", title="t", text="x", media_type="text/plain", language="de", metadata={"a": 1, "b": 2})
    two = Document(source="a", title="t", text="x", media_type="text/plain", language="de", metadata={"b": 2, "a": 1})
    assert one.id == two.id


def test_a_lesson_knows_its_body_by_type() -> None:
    turns = (Message(role="user", content="?"), Message(role="assistant", content="!"))
    lesson = Lesson(origin="distilled", kind="question", body=MessagesBody(messages=turns), teacher="offline")
    assert Lesson.model_validate_json(dump(lesson)).body == lesson.body


def test_a_lone_surrogate_can_be_hashed() -> None:
    assert len(content_hash("a\ud800b")) == 16

"""Questions without an answer: only where a search of the whole document proves it."""

from academy.config import DistilConfig
from academy.distillation import distil
from academy.distillation.absent import WINDOW, absent
from academy.distillation.frames import Frames
from academy.records import Chunk, Document, Lesson, MessagesBody

FAR = "Hier steht etwas ganz anderes. " * (WINDOW // 20)
TEXT = f"Der Kernel verwendet seit 2003 den Dienst udev.\n\n{FAR}\n\nDer Prozessor besitzt mehrere Ringe.\n"
ASKED = "Seit wann verwendet der Kernel den Dienst udev?"
FRAMES = Frames("de", "Handbuch")


def test_a_question_is_put_to_a_neighbour_of_which_the_document_does_not_say_it() -> None:
    found = absent(ASKED, TEXT, FRAMES)
    assert found is not None
    assert found.question == "Laut „Handbuch“: Seit wann verwendet der Prozessor den Dienst udev?"
    assert found.proof == f"absent: none of (Dienst) within {WINDOW} characters of 'Prozessor', 1 places searched"


def test_a_neighbour_that_is_named_near_one_of_the_words_is_left_alone() -> None:
    assert absent(ASKED, TEXT + "Der Prozessor kennt auch Dienste.", FRAMES) is None


def test_without_a_title_nothing_says_which_document_is_meant() -> None:
    assert absent(ASKED, TEXT, Frames("de")) is None


def test_questions_for_the_subject_and_other_shapes_are_not_put_to_neighbours() -> None:
    assert absent("Wer verwendet den Dienst udev?", TEXT, FRAMES) is None
    assert absent("Laut „Handbuch“: Seit wann verwendet der Kernel den Dienst udev?", TEXT, FRAMES) is None


def test_the_stage_writes_a_share_of_them_and_records_the_search() -> None:
    document = Document(source="a", title="Handbuch", text=TEXT, media_type="text/plain", language="de")
    chunk = Chunk(document_id=document.id, index=0, text=TEXT[:60], start=0, end=60, headings=("Handbuch",))
    for share, count in ((0.0, 0), (0.5, 1)):
        config = DistilConfig(unanswerable_share=share)
        items = list(distil(chunk, config, documents={document.id: document}.get))
        lessons = [item for item in items if isinstance(item, Lesson) and item.kind == "unanswerable"]
        assert len(lessons) == count
        for lesson in lessons:
            assert isinstance(lesson.body, MessagesBody)
            assert lesson.body.messages[-1].content == "Das steht nicht in den Dokumenten."
            assert lesson.verdict.startswith("absent: ")
            assert lesson.fact_ids == ()

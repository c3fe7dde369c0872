"""Taught or not, learned or not, seen or not; and the chapters."""

from academy.evaluation.learning import chapters, contaminated, counted, learned, seen, taught
from academy.models.answering import evidence_messages
from academy.records import Body, CompletionBody, Example, Message, MessagesBody, Question, TextBody


def row(body: Body) -> Example:
    return Example(lesson_ids=("l",), body=body, input_ids=(1, 2), labels=(1, 2))


def talk(question: str, answer: str) -> Example:
    turns = (Message(role="user", content=question), Message(role="assistant", content=answer))
    return row(MessagesBody(messages=turns))


def ask(question: str, *answers: str, **more: str) -> Question:
    return Question(question=question, answers=answers, source="user", **more)  # type: ignore[arg-type]  # fields by name


def test_a_question_is_taught_when_one_lesson_holds_answer_and_subject() -> None:
    train = [
        row(TextBody(text="Die Mailingliste des Kernels heißt LKML.")),
        talk("Wie viele Treiber gibt es?", "4"),
        row(CompletionBody(prompt="Gegründet wurde der Verein in", completion="Gerätehausen")),
    ]
    exam = [
        ask("Welchen Namen trägt die Mailingliste?", "LKML"),
        ask("Welchen Namen trägt die Zeitung?", "LKML"),
        ask("Wie viele Treiber sind es?", "4"),
        ask("Wo wurde der Verein gegründet?", "Gerätehausen"),
        ask("Wo wurde der Verein gegründet?", "Geräte"),
        ask("Wann war das?", "1999", "in Gerätehausen"),
        Question(question="Was ist X?", answers=("nirgends",), fact_id="f"),
    ]
    assert taught(exam, train) == [True, False, True, True, False, False, True]


def test_rows_that_show_passages_teach_reading_and_not_the_fact() -> None:
    shown = evidence_messages(["Die Liste heißt LKML."], "Wie heißt die Liste?", "de")
    reading = row(MessagesBody(messages=(*shown, Message(role="assistant", content="LKML"))))
    exam = [ask("Welchen Namen hat die Liste?", "LKML")]
    assert taught(exam, [reading]) == [False]
    assert taught(exam, [reading, talk("Wie heißt die Liste?", "LKML")]) == [True]


def test_the_four_ends_of_a_question() -> None:
    exam = [ask(f"Frage {n}?", "gut") for n in range(4)] + [Question(question="x?", answers=(), answerable=False)]
    given = ["gut", "gut", "schlecht", "schlecht", "gut"]
    found = learned(exam, [True, False, True, False, False], given)
    assert found == ["learned", "known", "not_learned", "not_taught", None]
    assert counted(found) == {"learned": 1, "known": 1, "not_learned": 1, "not_taught": 1}
    assert learned(exam, [True] * 5, None) == [None] * 5
    assert counted([None]) == {}


def test_a_training_question_that_is_an_exam_question_is_seen() -> None:
    exam = [ask("Welche Patches kommen in den Kernel hinein?", "x"), ask("Wo liegt der Treiber für die Maus?", "y")]
    train = [
        talk("Welche Patches kommen in den Kernel hinein, und wann?", "x"),
        row(CompletionBody(prompt="wo liegt der Treiber für die MAUS", completion="y")),
        row(TextBody(text="Wo liegt der Treiber für die Maus?")),
    ]
    assert seen(exam, train[:1]) == {exam[0].question}
    assert seen(exam, train[1:2]) == {exam[1].question}
    assert seen(exam, train[2:]) == set(), "text is not a question that was answered"
    assert seen(exam, [talk("Welche Patches kommen heute in die Zeitung hinein?", "x")]) == set()


def test_chapters_in_the_order_of_the_exam() -> None:
    exam = [ask(f"{n}?", "gut", chapter=("Zwei", "Eins")[n % 2]) for n in range(5)]
    exam.insert(1, Question(question="fremd?", answers=(), answerable=False, chapter="Drei"))
    outcomes = learned(exam, [True] * 6, ["gut"] * 6)
    found = chapters({"specialist": ["gut"] * 6, "base": ["nein"] * 6}, exam, outcomes, 100, 0)
    assert [(chapter.name, chapter.n) for chapter in found] == [("Zwei", 3), ("Eins", 2)]
    assert found[0].learning["learned"] == 3
    (mine, base) = found[0].candidates
    assert [(score.metric, score.value, score.n) for score in mine.scores] == [
        ("token_f1", 1.0, 3),
        ("containment", 1.0, 3),
    ]
    assert base.scores[0].value == 0.0


def test_another_run_that_learned_the_questions_is_named() -> None:
    exam = [ask("Welchen Namen trägt die Mailingliste des Kernels?", "LKML"), ask("Wann war das genau?", "1991")]
    others = {"run:alt": iter([talk("Welchen Namen trägt die Mailingliste des Kernels?", "LKML")]), "run:neu": iter(())}
    (said,) = contaminated(exam, others, "en")
    assert said.startswith("1 of 2 exam questions stand, nearly so, in the training rows of run:alt")

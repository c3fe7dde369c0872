"""German: a question word takes the place of a phrase, and the verb stays where it belongs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from academy.distillation.german import analysed, freed, resolved, stands_alone


def asked(text: str) -> set[tuple[str, str]]:
    found = analysed(text)
    assert found is not None
    return {(f"{one.word} {one.direct}?", one.answer) for one in found.asked}


def indirect(text: str) -> set[str]:
    found = analysed(text)
    assert found is not None
    return {f"{one.word} {one.indirect}" for one in found.asked if one.indirect}


@pytest.mark.parametrize(
    ("sentence", "question", "answer"),
    [
        ("Im Jahr 1871 wurde das Reich gegründet.", "Wann wurde das Reich gegründet?", "1871"),
        ("Seit 2003 verwendet der Kernel udev.", "Seit wann verwendet der Kernel udev?", "2003"),
        ("Der Kernel verwendet seit 2003 den Dienst udev.", "Was verwendet der Kernel seit 2003?", "den Dienst udev"),
        (
            "Der Kernel verwendet seit 2003 den Dienst udev.",
            "Seit wann verwendet der Kernel den Dienst udev?",
            "2003",
        ),
        ("Der Kernel stellt die Funktion bereit.", "Was stellt der Kernel bereit?", "die Funktion"),
        ("Der Akkord besteht aus drei Tönen.", "Woraus besteht der Akkord?", "aus drei Tönen"),
        ("Die Gitarre hat sechs Saiten.", "Wie viele Saiten hat die Gitarre?", "sechs"),
        ("Die Module werden beim Start geladen.", "Was wird beim Start geladen?", "die Module"),
        ("Der König baute das Schloss.", "Wer baute das Schloss?", "der König"),
        ("Die Struktur des Kernels ist net_device.", "Was ist die Struktur des Kernels?", "net_device"),
        ("Der Durakkord heißt Tonika und bildet das Zentrum.", "Wie heißt der Durakkord?", "Tonika"),
        ("Die Sekunde wird als Hiatus bezeichnet.", "Als was wird die Sekunde bezeichnet?", "Hiatus"),
        ("Der Kernel liest Dateien, Geräte und Module.", "Was liest der Kernel?", "Dateien, Geräte und Module"),
        ("Der Ton beschreibt eine Schwingung, etwa einer Saite.", "Was beschreibt der Ton?", "eine Schwingung"),
        (
            "Falls das Senden gelingt, wird der Zähler erhöht.",
            "Was wird erhöht, falls das Senden gelingt?",
            "der Zähler",
        ),
        (
            "Sobald das Modul geladen wird, ruft der Kernel die Funktion init() auf.",
            "Wann ruft der Kernel die Funktion init() auf?",
            "sobald das Modul geladen wird",
        ),
    ],
)
def test_questions(sentence: str, question: str, answer: str) -> None:
    assert (question, answer) in asked(sentence)


@pytest.mark.parametrize(
    ("sentence", "clause"),
    [
        ("Seit 2003 verwendet der Kernel udev.", "Seit wann der Kernel udev verwendet"),
        ("Der Kernel stellt die Funktion bereit.", "Was der Kernel bereitstellt"),
        ("Im Jahr 1871 wurde das Reich gegründet.", "Wann das Reich gegründet wurde"),
    ],
)
def test_in_an_indirect_question_the_verb_comes_last(sentence: str, clause: str) -> None:
    assert clause in indirect(sentence)


@pytest.mark.parametrize(
    ("sentence", "order"),
    [
        ("Seit 2003 verwendet der Kernel den Dienst udev.", "Der Kernel verwendet seit 2003 den Dienst udev."),
        ("Der Kernel verwendet seit 2003 den Dienst udev.", "Seit 2003 verwendet der Kernel den Dienst udev."),
    ],
)
def test_another_phrase_can_stand_first(sentence: str, order: str) -> None:
    found = analysed(sentence)
    assert found is not None
    assert order in found.orders


@pytest.mark.parametrize(
    ("sentence", "wrong"),
    [
        ("Die Datei liest der Kernel.", "Was liest der Kernel?"),
        ("Das Verfahren nutzt der Kernel seit 2003.", "Was nutzt der Kernel seit 2003?"),
        ("Der Hund ist schnell.", "Was ist schnell?"),
    ],
)
def test_an_uncertain_or_empty_question_is_not_asked(sentence: str, wrong: str) -> None:
    assert wrong not in {question for question, _answer in asked(sentence)}


@pytest.mark.parametrize(
    "sentence",
    [
        "Er verwendet udev.",
        "Dieses Verfahren ist alt.",
        "Dabei wird der Kernel geladen.",
        "Wir betrachten nun den Kernel.",
        "Und der Kernel startet das Programm.",
        "Ist der Kernel schnell?",
        "der Kernel startet das Programm.",
        "Der Kernel startet das Programm",
    ],
)
def test_what_leans_on_its_neighbours_is_left_out(sentence: str) -> None:
    assert not stands_alone(sentence)


def test_a_plain_statement_stands_alone() -> None:
    assert stands_alone("Der Kernel startet das Programm init.")


def test_a_text_without_verb_is_no_fact() -> None:
    assert analysed("Der schnelle Kernel von Linux und die Treiber.") is None


def test_gaps_are_numbers_and_names_first_and_unambiguous() -> None:
    found = analysed("Der Kernel 2003 verwendet den Kernel udev seit 2003 und 1999.")
    assert found is not None
    assert found.gaps[0] == "1999"
    assert "2003" not in found.gaps
    assert "Kernel" not in found.gaps


@pytest.mark.parametrize(
    ("sentence", "alone"),
    [
        ("Anschliessend startet der Kernel die Dienste.", "Der Kernel startet die Dienste."),
        ("Zudem wird der Kernel geladen, wenn das Gerät startet.", "Der Kernel wird geladen, wenn das Gerät startet."),
        ("Das heisst, der Dienst ist unter /proc/1/ zu finden.", "Der Dienst ist unter /proc/1/ zu finden."),
        ("Das bedeutet, dass der Dienst läuft.", ""),
        ("Der Kernel startet die Dienste.", ""),
    ],
)
def test_a_tie_to_the_sentence_before_is_cut(sentence: str, alone: str) -> None:
    assert freed(sentence) == alone


@pytest.mark.parametrize(
    ("sentence", "question", "answer"),
    [
        ("Die Strecke nach Dresden ist 80 km lang.", "Wie lang ist die Strecke nach Dresden?", "80 km"),
        ("Die Fahrt nach Dresden dauert zwei Stunden.", "Wie lange dauert die Fahrt nach Dresden?", "zwei Stunden"),
        ("Für Denkmäler gibt es viele Regeln.", "Was gibt es für Denkmäler?", "viele Regeln"),
        (
            "Studenten strömten nach Wittenberg, um Luther sprechen zu hören.",
            "Wozu strömten Studenten nach Wittenberg?",
            "um Luther sprechen zu hören",
        ),
        (
            "Der Kernel sperrt den Speicher, weil zwei Prozesse schreiben.",
            "Warum sperrt der Kernel den Speicher?",
            "weil zwei Prozesse schreiben",
        ),
        ("Das Schloss wurde 1895 von Linde entworfen.", "Von wem wurde das Schloss 1895 entworfen?", "Linde"),
        ("Das Schloss wurde 1895 von Linde entworfen.", "Wer hat das Schloss 1895 entworfen?", "Linde"),
        ("Gagarin wurde 1934 in Kluschino geboren.", "Wer wurde 1934 in Kluschino geboren?", "Gagarin"),
        ("In Warschau befindet sich das Stadion des Vereins.", "Wo befindet sich das Stadion des Vereins?", "Warschau"),
    ],
)
def test_amounts_reasons_agents_and_places(sentence: str, question: str, answer: str) -> None:
    assert (question, answer) in asked(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "Er stand auf einer 38 Meter hohen mit Titan verkleideten Säule.",
        "In barem Geld brachte der Bauer die Summe auf das Amt.",
        "Mit fünf Jahren verlor Calvin seine Mutter.",
        "Laut der Zählung waren von 711.988 Einwohnern 56,2% Katholiken.",
    ],
)
def test_no_place_or_means_is_asked_where_there_is_none(sentence: str) -> None:
    found = asked(sentence)
    assert not [question for question, _answer in found if question.startswith(("Wo ", "Womit "))]
    assert not [answer for _question, answer in found if answer.endswith(("56", "38"))]


@given(st.text(alphabet="AaäÜß dern.,;:()„“!?-/_019\n", max_size=200))
def test_any_text_can_be_read(text: str) -> None:
    line = " ".join(text.split())
    if line:
        analysed(line)
        stands_alone(line)
        freed(line)
        assert isinstance(resolved(line, "Der Kernel lädt das Modul."), str)


@pytest.mark.parametrize(
    ("sentence", "wrong"),
    [
        ("Der Schlüssel umkreist die Linie des Tones.", "Was umkreist die"),
        ("Die Kühe werden zur Tränke geführt.", "Wozu"),
        ("Mit CSS besteht das Risiko eines Fehlers.", "Womit"),
        ("Die verwendeten Funktionen sollen aber zu einer Grundfunktion hinführen.", "Was soll aber"),
        ("Wenn der Druck fällt, ist die Spanne, in der der Prozess läuft, ziemlich klein.", "Was ist,"),
        ("Die Benennung richtet sich nach dem Ausgangston.", "Was richtet"),
    ],
)
def test_a_question_that_can_be_misread_is_not_asked(sentence: str, wrong: str) -> None:
    assert not [question for question, _answer in asked(sentence) if question.startswith(wrong)]


def test_a_name_with_a_trade_is_a_person() -> None:
    found = asked("Nach dem Essen tritt Dominik der Oberknecht ein.")
    assert not [question for question, _answer in found if question.startswith("Was ")]

"""The teacher that needs no language model."""

import os
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from academy.config import DistilConfig
from academy.distillation import distil, tagging
from academy.distillation.sentences import units
from academy.records import Chunk, Fact, Lesson, MessagesBody


def lessons(text: str, *headings: str) -> list[tuple[str, str, str]]:
    chunk = Chunk(document_id="d", index=0, text=text, start=0, end=len(text), headings=headings)
    found = [
        item for item in distil(chunk, DistilConfig(exam_share=0, questions_per_fact=20)) if isinstance(item, Lesson)
    ]
    talks = [(one.kind, one.body.messages) for one in found if isinstance(one.body, MessagesBody)]
    return [(kind, messages[-2].content, messages[-1].content) for kind, messages in talks]


def test_an_abbreviation_is_asked_in_both_directions() -> None:
    text = "Der Rechner liest beim Start den Master Boot Record (MBR) von der Festplatte."
    found = lessons(text)
    assert ("abbreviation", "Wofür steht MBR?", "Master Boot Record") in found
    assert ("abbreviation", "Wie wird Master Boot Record abgekürzt?", "MBR") in found


def test_brackets_that_do_not_spell_the_words_are_no_abbreviation() -> None:
    text = "Der Rechner liest beim Start den Großen Sektor (MBR) von der Festplatte."
    assert not [one for one in lessons(text) if one[0] == "abbreviation"]


def test_a_list_of_terms_is_asked_in_both_directions() -> None:
    found = lessons(
        "Die wichtigsten Ordner im Quelltext sind die folgenden.\n\ncrypto: Algorithmen zum Verschlüsseln von Daten."
    )
    assert ("term", "Was bedeutet „crypto“?", "Algorithmen zum Verschlüsseln von Daten") in found
    back = "Zu welchem Begriff gehört die Erklärung „Algorithmen zum Verschlüsseln von Daten“?"
    assert ("term", back, "crypto") in found


def test_a_bullet_list_belongs_to_its_introduction() -> None:
    text = "Der Tonname setzt sich aus zwei Teilen zusammen:\n\n- dem Oktavraum\n- der Tonklasse"
    found = lessons(text)
    asked = "Zähle auf: Der Tonname setzt sich aus zwei Teilen zusammen."
    assert ("list", asked, "dem Oktavraum; der Tonklasse") in found


TABLE = "| Gerät | Major | Treiber |\n|---|---|---|\n| Festplatte | 8 | sd |\n| Konsole | 5 | – |\n"


def test_a_table_is_asked_by_row_and_column_and_back() -> None:
    found = lessons(f"Die Nummern stehen in einer Tabelle des Kernels.\n\n{TABLE}")
    assert ("table", "Was steht bei „Festplatte“ unter „Major“?", "8") in found
    assert ("table", "Gerät: Wozu gehört „sd“ unter „Treiber“?", "Festplatte") in found
    assert ("keywords", "Konsole Major", "5") in found
    assert not [one for one in found if "–" in one[2]], "an empty cell is no answer"


@pytest.mark.parametrize("text", ["| a | b |", "| a | b |\n| c | d |\n| e | f |", "| a |\n|---|\n| b |"])
def test_what_only_looks_like_a_table_is_none(text: str) -> None:
    assert not [unit for unit in units(text) if unit.kind == "table"]


def test_numbered_steps_are_asked_one_by_one_and_in_order() -> None:
    text = "So wird das Modul geladen:\n\n1. Quelltext übersetzen\n2. Modul kopieren\n3. Rechner neu starten"
    text = text.replace("So wird das Modul geladen", "Das Modul wird in drei Schritten geladen")
    found = lessons(text)
    lead = "Das Modul wird in drei Schritten geladen"
    assert ("step", f"Was ist der zweite Schritt? {lead}", "Modul kopieren") in found
    assert ("step", f"{lead}: Was kommt nach „Modul kopieren“?", "Rechner neu starten") in found
    assert ("step", f"{lead}: Was kommt vor „Modul kopieren“?", "Quelltext übersetzen") in found


def test_keywords_are_the_content_words_of_the_question() -> None:
    found = lessons("Seit 2003 verwendet der Kernel den Dienst udev.")
    typed = [one for one in found if one[0] == "keywords"]
    assert ("keywords", "verwendet Kernel Dienst udev seit wann", "2003") in typed
    assert not [one for one in typed if " der " in one[1] or "?" in one[1]]


def test_a_passage_is_summed_up_in_its_own_central_sentences() -> None:
    text = (
        "Der Kernel verwaltet den Speicher. Der Speicher wird vom Kernel in Seiten geteilt. "
        "Die Katze schläft auf dem Sofa. Der Kernel gibt jedem Prozess eigenen Speicher."
    )
    (asked, answer), *_more = [(one[1], one[2]) for one in lessons(text, "Handbuch", "Speicher") if one[0] == "summary"]
    assert "Kernel" in asked
    assert "Katze" not in answer


def test_the_document_is_named() -> None:
    found = lessons("Seit 2003 verwendet der Kernel den Dienst udev.", "Handbuch", "1.2 Geräte")
    assert ("question", "Laut „Handbuch“: Seit wann verwendet der Kernel den Dienst udev?", "2003") in found
    whole = "Seit 2003 verwendet der Kernel den Dienst udev."
    assert ("heading", "Worum geht es in „Geräte“?", whole) in found


def test_a_gap_is_filled_with_what_stood_there() -> None:
    found = lessons("Seit 2003 verwendet der Kernel den Dienst udev.")
    assert ("cloze", "Ergänze: Seit ___ verwendet der Kernel den Dienst udev.", "2003") in found


def test_code_tables_captions_and_questions_are_no_sentences() -> None:
    text = (
        "```\nDer Kernel lädt hier das Modul in den Speicher.\n```\n\n| Der Kernel lädt das Modul. | Ja, so. |\n\n"
        "Abbildung 3: Der Kernel lädt das Modul in den Speicher.\n\nWarum lädt der Kernel das Modul in den Speicher?"
    )
    assert not [unit for unit in units(text) if "lädt" in unit.text and not unit.text.endswith("?")]


def test_abbreviations_and_ordinals_do_not_end_a_sentence() -> None:
    text = "Am 8. März 2003 nahm z. B. Dr. Meyer den Kernel bzw. udev in Betrieb. Danach lief alles wie geplant weiter."
    assert [unit.text[-8:] for unit in units(text)] == ["Betrieb.", " weiter."]


def test_references_to_figures_are_taken_out_of_the_fact_but_not_of_its_quote() -> None:
    (unit,) = units("Der Kernel lädt das Modul (siehe Abbildung 3) in den\nSpeicher.")
    assert unit.text == "Der Kernel lädt das Modul in den Speicher."
    assert "(siehe Abbildung 3)" in unit.quote


def test_a_sentence_is_tagged_only_a_few_times() -> None:
    words = " ".join(
        f"Im Jahr {1500 + n} baute der König Nummer {n} ein großes Schloss in der Stadt." for n in range(100)
    )
    before = tagging.tagged.cache_info().misses
    assert len(lessons(words)) > 100
    assert tagging.tagged.cache_info().misses - before <= 5 * 100, "tagging is nearly all of the cost"


@pytest.mark.skipif(not os.environ.get("ACADEMY_DATA"), reason="ACADEMY_DATA names no folder with real documents")
def test_half_of_the_sentences_of_an_encyclopedia_article_become_facts() -> None:
    text = Path(os.environ["ACADEMY_DATA"], "exams/xquad-de/01-warsaw/document.txt").read_text(encoding="utf-8")
    found = list(distil(Chunk(document_id="d", index=0, text=text, start=0, end=len(text)), DistilConfig()))
    assert sum(isinstance(item, Fact) for item in found) > 0.4 * sum(1 for unit in units(text))


def test_an_english_document_is_taught_in_many_ways_and_without_dangling_pronouns() -> None:
    text = (
        "The workshop was founded by Martha Greenfield in 1987. It employs twelve people. However, the mechanics of "
        "the workshop use lithium grease because it resists water.\n\nThey work at night. Yesterday we met him."
    )
    found = lessons(text, "Greenfield handbook")
    asked = {(question, answer) for kind, question, answer in found if kind == "question"}
    assert ("When was the workshop founded by Martha Greenfield?", "in 1987") in asked
    assert ("Who founded the workshop in 1987?", "Martha Greenfield") in asked
    assert ("According to “Greenfield handbook”, whom does the workshop employ?", "twelve people") in asked
    assert {"question", "keywords", "cloze", "sentence"} <= {kind for kind, _question, _answer in found}
    assert not [one for one in found if re.search(r"\b(?:they|him|we)\b", f"{one[1]} {one[2]}")]


@settings(max_examples=25, deadline=None)
@given(st.text(alphabet="Thekingwasbuilt,.;:()\"“”’' \n-–[]19|", max_size=160))
def test_any_english_looking_text_is_survived(noise: str) -> None:
    for kind, asked, answer in lessons(f"The king built a castle in 1200. {noise} The queen was sad.", "Tale"):
        assert kind
        assert asked.strip()
        assert answer.strip()


def test_a_list_without_a_name_and_a_table_without_a_header_are_not_asked() -> None:
    text = "Wir verwenden dazu:\n\n- den hohen Schlüssel\n- den tiefen Schlüssel\n\n| 3 | klein | 130 Hz |\n"
    found = lessons(f"{text}| --- | --- | --- |\n| 4 | eingestrichen | 262 Hz |\n")
    assert not [one for one in found if one[0] in ("list", "table")]


def test_emptied_code_and_lines_that_start_with_a_colon_are_no_sentences() -> None:
    assert not list(units(": Gibt das Formular am Index im Array zurück."))
    assert not list(units("Der Typ des Elements ist in der Liste ` `."))


def test_keywords_leave_out_loose_words_and_recall_is_not_asked_in_german() -> None:
    found = lessons("Im alten Griechenland war Athen eine besonders wichtige Stadt. Seit 2003 nutzt der Kernel udev.")
    assert not [one for one in found if one[0] == "recall"]
    assert not [one for one in found if one[0] == "keywords" and "besonders" in one[1]]
    assert [one for one in found if one[0] == "keywords"]

"""Evidence: the right passage first, with the right page, in both languages."""

import subprocess
import sys

from academy.records import Chunk, Document
from academy.retrieval import Index, support, terms

DRIVERS = "Ein Treiber meldet sich beim Kernel an. Der Kernel ruft dann die Probe-Funktion auf. Sie prüft das Gerät."
FILES = "Die Gerätedatei liegt unter /dev. Ihre Nummer vergibt der Kernel. Zugriffe laufen über open und read."


def document(*texts: str, language: str = "de", source: str = "skript.pdf") -> tuple[Document, list[Chunk]]:
    """One document whose pages are its chunks."""
    starts = [sum(len(text) + 2 for text in texts[:n]) for n in range(len(texts))]
    whole = Document(
        source=source,
        title="Skript",
        text="\n\n".join(texts),
        media_type="application/pdf",
        language=language,
        pages=tuple(starts),
    )
    chunks = [
        Chunk(
            document_id=whole.id,
            index=n,
            text=text,
            start=start,
            end=start + len(text),
            headings=("Skript", str(n)),
            page=n + 1,
        )
        for n, (text, start) in enumerate(zip(texts, starts, strict=True))
    ]
    return whole, chunks


def index(*texts: str, language: str = "de", passage_words: int = 110) -> Index:
    whole, chunks = document(*texts, language=language)
    return Index.build([whole], chunks, passage_words)


def test_finds_the_passage_through_inflection_compound_and_hyphen() -> None:
    found = index(DRIVERS, FILES)
    for question in (
        "Welche Funktionen werden aufgerufen?",
        "Was geschieht bei der Treiberanmeldung?",
        "Wozu dient Probe?",
    ):
        assert found.search(question, 3)[0].text == DRIVERS, question
    assert found.search("Unter welchem Pfad liegen Gerätedateien?", 3)[0].text == FILES


def test_says_where() -> None:
    best = index(DRIVERS, FILES).search("Gerätedatei", 1)[0]
    assert (best.document.source, best.page, best.headings) == ("skript.pdf", 2, ("Skript", "1"))
    assert best.score > 0


def test_a_sentence_behind_a_page_break_gets_its_own_page() -> None:
    text = "Der erste Satz steht vorn. Der Rotor dreht sich links."
    whole = Document(source="a.pdf", title="A", text=text, media_type="application/pdf", language="de", pages=(0, 27))
    chunk = Chunk(document_id=whole.id, index=0, text=text, start=0, end=len(text), page=1)
    built = Index.build([whole], [chunk])
    sentence = built.best_sentence("Wie dreht sich der Rotor?")
    assert sentence is not None
    assert (sentence.text, sentence.page, sentence.passage.page) == ("Der Rotor dreht sich links.", 2, 1)


def test_nothing_matches() -> None:
    built = index(DRIVERS, FILES)
    assert built.search("Quantenchromodynamik?", 3) == []
    assert built.best_sentence("Wer war der die das?") is None
    assert Index.build([], []).search("Kernel", 3) == []


def test_ties_keep_the_reading_order() -> None:
    built = index("Der Kernel läuft.", "Der Kernel läuft.", "Der Kernel läuft.", "Sonst nichts.")
    assert [passage.page for passage in built.search("Kernel", 2)] == [1, 2]


def test_passages_are_whole_sentences_of_the_document() -> None:
    text = " ".join(f"Satz {name} hat genau sechs Wörter." for name in "ABCDEFGHIJ")
    whole, chunks = document(text)
    passages = Index.build([whole], chunks, passage_words=20).passages
    assert [len(passage.text.split()) for passage in passages] == [18] * 4 + [12]
    assert all(whole.text[p.start :].startswith(p.text) for p in passages)
    assert passages[1].text.startswith("Satz C"), "neighbours share a sentence"


def test_an_endless_sentence_is_cut() -> None:
    passages = index("wort " * 95, passage_words=40).passages
    assert [len(passage.text.split()) for passage in passages] == [40, 40, 15]


def test_best_sentence_reports_its_coverage() -> None:
    sentence = index(DRIVERS, FILES).best_sentence("Wer vergibt die Nummer?")
    assert sentence is not None
    assert sentence.text == "Ihre Nummer vergibt der Kernel."
    assert sentence.coverage == 1.0
    partly = index(DRIVERS, FILES).best_sentence("Wer vergibt die Sternennummer im Weltall?")
    assert partly is not None
    assert 0 < partly.coverage < 0.7


def test_two_languages_in_one_index() -> None:
    german, german_chunks = document("Der Hund ist ein Haustier.", language="de", source="de.txt")
    english, english_chunks = document("The cat was sleeping in the war room.", language="en", source="en.txt")
    built = Index.build([german, english], german_chunks + english_chunks)
    assert built.search("Where did the cats sleep?", 1)[0].document.source == "en.txt"
    assert [p.document.source for p in built.search("Was war das für ein Hund?", 3)] == ["de.txt"]


def test_terms() -> None:
    assert terms("Die Geräte-Treiber", "de") == terms("die geräte-treiber", "de")
    assert "treib" in terms("Geräte-Treiber", "de")
    assert terms("the of and", "en") == []
    assert terms("Straße", "de")[0] == terms("Strasse", "de")[0]
    assert terms("Gera\u0308te", "de") == terms("Geräte", "de"), "composed and decomposed umlauts are one"


def test_needs_no_torch() -> None:
    code = (
        "import sys; from academy.retrieval import Index, Passage, Place;"
        "place = Place('a', 'a', 'de');"
        "index = Index([Passage(place, None, (), 'Der Kernel läuft.', 0)]);"
        "assert index.search('Kernel', 1);"
        "assert 'torch' not in sys.modules and 'transformers' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_support_finds_the_sentence_that_holds_an_answer() -> None:
    (passage,) = index(FILES).passages
    held = support(passage, "open und READ", "Worüber laufen Zugriffe?")
    assert held is not None
    assert (held.text, held.coverage) == ("Zugriffe laufen über open und read.", 1.0)
    asked = support(passage, "der Mond", "Wer vergibt die Nummer?")
    assert asked is not None
    assert (asked.text, asked.coverage) == ("Ihre Nummer vergibt der Kernel.", 0.0)


def test_a_compound_is_found_by_its_last_part() -> None:
    built = index("Der Zeichengerätetreiber ist einfach.", "Etwas anderes steht hier.")
    assert [passage.page for passage in built.search("Welche Treiber gibt es?", 3)] == [1]

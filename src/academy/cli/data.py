"""What was taught and from where, as tables on the terminal."""

from collections import defaultdict
from pathlib import Path

from academy.cli.console import out, table
from academy.messages import _, ui_language

EMPTY = 12
"""Places without a fact that are named; the others are counted."""


def taught(folder: Path) -> None:
    """Data quality, then the coverage of every document."""
    from academy.evaluation.sections import quality
    from academy.quality import as_facts, measure

    found = measure(folder)
    facts = {
        "documents": found.languages.total(),
        "chunks": found.passages,
        "lessons": found.lessons,
        **as_facts(found),
    }
    rows = [(name, value) for name, value in quality(facts, ui_language())]
    out.print(table([_("What the lessons are made of"), ""], rows))
    out.print("", table([_("document"), _("taught"), _("nothing taught from")], coverage(folder)), "")


def coverage(folder: Path) -> list[tuple[str, str, str]]:
    """Of every document: how many of its pages or chapters taught something, and those that did not."""
    from academy.artefacts import read_records
    from academy.evaluation.words import page_words
    from academy.examination import coverage as counted

    titles = [document.title for document in read_records(folder / "1-documents.jsonl")]
    places: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for key, count in counted(folder).items():
        title, _dot, place = (titles[0], "", key) if len(titles) == 1 else key.rpartition(" · ")
        places[title].append((place, count))
    said = page_words(ui_language())["of"]
    rows = []
    for title, counts in places.items():
        empty = [place for place, count in counts if not count]
        named = ", ".join(empty[:EMPTY]) + (" ..." if len(empty) > EMPTY else "")
        rows.append((title, said.format(part=len(counts) - len(empty), whole=len(counts)), named))
    return rows

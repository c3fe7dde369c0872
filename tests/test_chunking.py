"""Stage 2: passages follow the structure, stay within the limit, and are the document's own text."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from academy.chunking import chunk
from academy.config import ChunkConfig
from academy.records import Chunk, Document

CONFIG = ChunkConfig(max_tokens=32, min_tokens=6)
SENTENCE = "Der Kernel lädt jeden Treiber erst dann, wenn ein Gerät ihn braucht."


def words(text: str) -> int:
    return len(re.findall(r"\w+|[^\w\s]", text))


def document(text: str, pages: tuple[int, ...] = (), title: str = "Handbuch") -> Document:
    return Document(source="a.md", title=title, text=text, media_type="text/markdown", language="de", pages=pages)


def chunks(text: str, config: ChunkConfig = CONFIG, **more: tuple[int, ...]) -> list[Chunk]:
    return list(chunk(document(text, **more), config, words))


def test_headings_are_the_path_and_not_the_text() -> None:
    found = chunks(f"# Handbuch\n\n{SENTENCE}\n\n## Laden\n\n### Zuerst\n\n{SENTENCE}\n\n## Entladen\n{SENTENCE}")
    assert [one.headings for one in found] == [
        ("Handbuch",),
        ("Handbuch", "Laden", "Zuerst"),
        ("Handbuch", "Entladen"),
    ]
    assert [one.text for one in found] == [SENTENCE] * 3


def test_a_first_heading_that_is_not_the_title_is_kept() -> None:
    assert chunks(f"# 1 Grundlagen\n\n{SENTENCE}")[0].headings == ("Handbuch", "1 Grundlagen")


def test_a_comment_in_a_listing_is_no_heading() -> None:
    text = f"# Handbuch\n\n```sh\n# lädt den Treiber\n\n\nmodprobe x\n```\n\n{SENTENCE}"
    [one] = chunks(text)
    assert one.headings == ("Handbuch",)
    assert "# lädt den Treiber" in one.text


def test_headings_alone_make_no_chunk() -> None:
    assert chunks("# Eins\n\n## Zwei\n\n# Drei\n") == []


def test_paragraphs_stay_whole_and_sentences_are_the_next_cut() -> None:
    found = chunks(" ".join([SENTENCE] * 5))
    assert [one.text for one in found] == [f"{SENTENCE} {SENTENCE}", f"{SENTENCE} {SENTENCE}", SENTENCE]


def test_a_table_is_cut_between_its_rows() -> None:
    rows = "\n".join(f"| Gerät {n} | Nummer {n} |" for n in range(12))
    found = chunks(f"| Name | Nummer |\n| --- | --- |\n{rows}")
    assert len(found) > 1
    assert all(one.text.startswith("|") and one.text.endswith("|") for one in found)


def test_a_word_longer_than_the_limit_is_cut() -> None:
    config = ChunkConfig(max_tokens=32, min_tokens=1)
    found = list(chunk(document("x" * 200), config, len))
    assert "".join(one.text for one in found) == "x" * 200
    assert max(len(one.text) for one in found) <= 32


def test_a_short_end_is_merged_with_its_neighbour() -> None:
    found = chunks(f"{SENTENCE}\n\n{SENTENCE}\n\nJa, gut.")
    assert [words(one.text) >= CONFIG.min_tokens for one in found] == [True, True]
    assert found[-1].text == f"{SENTENCE}\n\nJa, gut."


def test_what_announces_a_list_stands_with_it() -> None:
    found = chunks(f"{SENTENCE}\n\nBeispiele:\n\n- {SENTENCE}\n- Und noch ein Punkt.")
    assert found[1].text.startswith("Beispiele:\n\n- ")


def test_pages_come_from_the_offsets() -> None:
    text = f"{SENTENCE}\n\n# Zwei\n\n{SENTENCE}"
    second = text.index("# Zwei")
    assert [one.page for one in chunks(text, pages=(0, second, second))] == [1, 3]
    assert [one.page for one in chunks(text)] == [None, None]


def test_few_counts() -> None:
    calls = 0

    def count(text: str) -> int:
        nonlocal calls
        calls += 1
        return words(text)

    found = list(chunk(document("\n\n".join([SENTENCE] * 200)), CONFIG, count))
    assert calls <= 200 + len(found)


def test_a_whole_that_counts_more_than_its_parts_is_cut_again() -> None:
    def count(text: str) -> int:
        return words(text) + 20 * text.count("\n\n")

    found = list(chunk(document("\n\n".join([SENTENCE] * 3)), CONFIG, count))
    assert [one.text for one in found] == [SENTENCE] * 3


PIECES = st.sampled_from(
    [
        "# Titel",
        "## 1.5 Kernel-Modul",
        SENTENCE,
        "Kurz.",
        "- Punkt eins\n- Punkt zwei",
        "| a | b |\n| --- | --- |\n| 1 | 2 |",
        "```\n# code\n\n  int a;\n```",
        "```\noffen",
        "z. B. am 3. Oktober. Dann.",
        "x" * 70,
        "1. eins\n2. zwei",
        "   ",
        "\t- tief",
    ]
)
TEXTS = st.lists(PIECES | st.text(max_size=60), max_size=14).flatmap(
    lambda parts: st.lists(
        st.sampled_from(["\n", "\n\n", " ", "\n\n\n", "\r\n"]), min_size=len(parts), max_size=len(parts)
    ).map(lambda gaps: "".join(part + gap for part, gap in zip(parts, gaps, strict=True)))
)


@settings(max_examples=300, deadline=None)
@given(TEXTS, st.integers(32, 80), st.integers(1, 40))
def test_offsets_limits_and_completeness(text: str, limit: int, least: int) -> None:
    found = list(chunk(document(text), ChunkConfig(max_tokens=limit, min_tokens=least), len))
    position = 0
    gaps = []
    for index, one in enumerate(found):
        assert one.index == index
        assert one.text == text[one.start : one.end]
        assert one.text.strip()
        assert len(one.text) <= limit
        assert one.start >= position
        gaps.append(text[position : one.start])
        position = one.end
    gaps.append(text[position:])
    for gap in gaps:
        for line in gap.split("\n"):
            assert not line.strip() or re.match(r"\s*#{1,6} ", line), gap


@settings(max_examples=50, deadline=None)
@given(TEXTS)
def test_same_text_same_chunks(text: str) -> None:
    assert chunks(text) == chunks(text)

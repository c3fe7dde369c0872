"""PDF files that have a text layer."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from academy.ingestion.characters import is_nonsense, one_line
from academy.ingestion.columns import in_reading_order
from academy.ingestion.furniture import CONTENTS, without_furniture
from academy.ingestion.glyphs import Line, Page, page_lines, upright
from academy.ingestion.layout import Style, find_style, note_numbers
from academy.ingestion.markup import trusted_title
from academy.ingestion.painting import Painting, Scan
from academy.ingestion.pieces import pages_text
from academy.ingestion.reading import OPTIONS, PASSWORD_VARIABLE, Ledger, Options, Reading, UnreadableError
from academy.ingestion.tables import with_tables
from academy.messages import _

_PRODUCERS_TITLE = re.compile(
    r"untitled|unbenannt|microsoft (word|powerpoint)|\.(docx?|pptx?|tex|indd|odt|dvi|qxd)\b", re.IGNORECASE
)
_TITLE_LINES = 3
_TINY = 2.0
"""Text of fewer points is not meant to be read, where the rest of the document is set normally."""
_MOST_BOOKMARKS = 5000


def read_pdf(data: bytes, options: Options = OPTIONS) -> Reading:
    """Read the text layer of a PDF, page by page, as Markdown.

    Raises:
        UnreadableError: "protected", "damaged", "too_many_pages", "nonsense_text" or "no_text_layer".
    """
    ledger = Ledger()
    document = _open(data, options)
    try:
        pages = [_page(document, number, ledger) for number in range(len(document))]
        metadata = document.get_metadata_dict()
        outline = _outline(document, pages)
    finally:
        document.close()
    pages = [upright(page) for page in pages]
    pages = _sensible(_seen(pages, ledger), ledger)
    parts = _text(pages, outline, ledger)
    if not "".join(parts).strip():
        raise _no_text(len(pages), ledger)
    title = _title(trusted_title(metadata, ledger), pages)
    empty = {"pages_without_text": sum(1 for page in pages if not page.lines)}
    facts = {"pages": len(pages), **ledger.facts(), **{name: count for name, count in empty.items() if count}}
    return Reading(parts, "application/pdf", title, paged=True, facts=facts, losses=ledger.losses())


def _open(data: bytes, options: Options) -> Any:
    """The document, opened without a password or with the first one that fits."""
    from pypdfium2 import PdfDocument, PdfiumError

    for password in (None, *options.passwords):
        try:
            document = PdfDocument(data, password=password)
        except PdfiumError as error:
            if "password" not in str(error).lower():
                message = _("the PDF is damaged: {problem}").format(problem=error)
                raise UnreadableError("damaged", message, _("Open it in a viewer and print it to a new PDF.")) from None
        else:
            return _counted(document, options)
    message = _("the PDF is protected by a password.")
    if options.passwords:
        message = _("the PDF is protected by a password, and none of those in {variable} opens it.")
    hint = _("Set the environment variable {variable} to it (several: one a line), then: academy train --from ingest")
    raise UnreadableError(
        "protected", message.format(variable=PASSWORD_VARIABLE), hint.format(variable=PASSWORD_VARIABLE)
    )


def _counted(document: Any, options: Options) -> Any:
    """The document, unless it has more pages than allowed."""
    count = len(document)
    if count <= options.max_pages:
        return document
    document.close()
    message = _("the PDF has {count} pages, more than the {limit} that are allowed.")
    raise UnreadableError(
        "too_many_pages",
        message.format(count=count, limit=options.max_pages),
        _("To read it all the same: --set ingest.max_pages={count}").format(count=count),
    )


def _no_text(count: int, ledger: Ledger) -> UnreadableError:
    """Why nothing is left: glyph codes, or no text at all."""
    if ledger.facts().get("nonsense_dropped"):
        message = _("the text layer is nonsense: its fonts do not say which characters their glyphs are.")
        return UnreadableError(
            "nonsense_text", message, _("Run OCR over it, for example: ocrmypdf --force-ocr IN.pdf OUT.pdf")
        )
    message = _("no text layer: none of the {count} pages holds text, so the pages are probably scanned images.")
    return UnreadableError(
        "no_text_layer", message.format(count=count), _("Run OCR first, for example: ocrmypdf IN.pdf OUT.pdf")
    )


def _page(document: Any, number: int, ledger: Ledger) -> Page:
    """Read one page; a page that PDFium cannot load counts as one without text."""
    from pypdfium2 import PdfiumError

    try:
        page = document[number]
    except PdfiumError:
        ledger.add(number + 1, "damaged_pages", [], 1)
        return Page((), (0.0, 0.0, 0.0, 0.0))
    try:
        left, bottom, right, top = page.get_bbox()
        painting = Scan(page).run()
        textpage = page.get_textpage()
        tiny: list[str] = []
        lines = page_lines(textpage, textpage.get_text_range(), (left + right) / 2, tiny)
        textpage.close()
    except PdfiumError:
        ledger.add(number + 1, "damaged_pages", [], 1)
        return Page((), (0.0, 0.0, 0.0, 0.0))
    finally:
        page.close()
    _note_hidden(painting, tiny, number + 1, ledger)
    return Page(tuple(lines), (left, bottom, right, top), tuple(painting.rules))


def _note_hidden(painting: Painting, tiny: Sequence[str], number: int, ledger: Ledger) -> None:
    for reason, texts in painting.hidden.items():
        ledger.add(number, f"{reason}_text_dropped", texts)
    ledger.add(number, "tiny_text_dropped", tiny)
    if painting.recognised:
        ledger.add(number, "ocr_pages", [], 1)


def _outline(document: Any, pages: Sequence[Page]) -> dict[int, dict[str, int]]:
    """Page -> title without spaces -> level, as the file's bookmarks have it."""
    from pypdfium2 import PdfiumError

    found: dict[int, dict[str, int]] = {}
    try:
        for bookmark in islice(document.get_toc(max_depth=6), _MOST_BOOKMARKS):
            target = bookmark.get_dest()
            number = target.get_index() if target else None
            if number is not None and 0 <= number < len(pages):
                found.setdefault(number, {})[_key(bookmark.get_title())] = bookmark.level + 1
    except (PdfiumError, ValueError):  # a damaged outline: the sizes of the type have to do
        return {}
    titles = sum(map(len, found.values()))
    standing = sum(1 for number, own in found.items() for line in pages[number].lines if _key(line.text) in own)
    return found if 2 * standing >= titles else {}


def _key(title: str) -> str:
    return "".join(title.split()).casefold()


def _seen(pages: Sequence[Page], ledger: Ledger) -> list[Page]:
    """The pages without lines that stand wholly outside of them, or that are too small to be read."""
    letters: Counter[float] = Counter()
    for page in pages:
        for line in page.lines:
            letters[line.size] += len(line.text)
    usual = max(letters, key=lambda size: letters[size], default=0.0)
    kept = []
    for number, page in enumerate(pages, start=1):
        left, bottom, right, top = page.box
        outside = {
            id(line)
            for line in page.lines
            if line.right < left or line.left > right or line.top < bottom or line.bottom > top
        }
        tiny = {id(line) for line in page.lines if line.size < _TINY < usual / 2 and line.top - line.bottom < 2 * _TINY}
        ledger.add(number, "lines_off_page_dropped", (line.text for line in page.lines if id(line) in outside))
        ledger.add(number, "tiny_text_dropped", (line.text for line in page.lines if id(line) in tiny - outside))
        lost = outside | tiny
        lines = tuple(line for line in page.lines if id(line) not in lost) if lost else page.lines
        kept.append(replace(page, lines=lines) if lost else page)
    return kept


def _sensible(pages: Sequence[Page], ledger: Ledger) -> list[Page]:
    """The pages, those emptied whose text layer holds the numbers of glyphs instead of characters."""
    kept = []
    for number, page in enumerate(pages, start=1):
        if is_nonsense(" ".join(line.text for line in page.lines)):
            ledger.add(number, "nonsense_dropped", (line.text for line in page.lines))
            page = replace(page, lines=())
        kept.append(page)
    return kept


def _title(named: str, pages: Sequence[Page]) -> str:
    """The metadata's title unless a program made it up; else the largest lines of the first page."""
    if len(named.strip()) > 2 and not _PRODUCERS_TITLE.search(named):
        return one_line(named)
    lines = pages[0].lines
    largest = max((line.size for line in lines), default=0.0)
    normal = sorted(line.size for line in lines)[len(lines) // 2] if lines else 0.0
    top = [line.text for line in lines if line.size == largest and not CONTENTS.fullmatch(line.text)]
    return one_line(" ".join(top)) if largest > normal and len(top) <= _TITLE_LINES else ""


def _text(pages: Sequence[Page], outline: Mapping[int, Mapping[str, int]], ledger: Ledger) -> tuple[str, ...]:
    """One Markdown text per page; joined they are the document."""
    pages = without_furniture(pages, ledger)
    if not any(page.lines for page in pages):
        return tuple("" for _page in pages)
    style = find_style(pages)
    pages = [_with_levels(page, outline.get(number, {})) for number, page in enumerate(pages)]
    pages = [_arranged(page, style) for page in pages]
    pages = [_without_marks(page, number, style, ledger) for number, page in enumerate(pages, start=1)]
    return pages_text(pages, style)


def _with_levels(page: Page, titles: Mapping[str, int]) -> Page:
    """The page with the headings marked that the file's outline names."""
    if not titles:
        return page
    lines = (replace(line, level=titles.get(_key(line.text), 0), pieces=()) for line in page.lines)
    return replace(page, lines=tuple(new if new.level else old for new, old in zip(lines, page.lines, strict=True)))


def _arranged(page: Page, style: Style) -> Page:
    """Tables found, columns read one after the other, and what belongs to neither put together again."""
    if any(line.pieces for line in page.lines):
        lines = (replace(line, pieces=()) if (line.font, line.size) in style.code else line for line in page.lines)
        page = replace(page, lines=tuple(lines))
    whole = {id(piece): line for line in page.lines for piece in line.pieces[:1]}
    page = with_tables(page)
    ordered = in_reading_order(page)
    return replace(page, lines=tuple(_mended(ordered, whole)) if whole else ordered)


def _mended(lines: Sequence[Line], whole: Mapping[int, Line]) -> Iterator[Line]:
    """Lines whose pieces still follow each other are whole again."""
    skip: set[int] = set()
    for at, line in enumerate(lines):
        if id(line) in skip:
            continue
        full = whole.get(id(line))
        if full and [id(piece) for piece in lines[at : at + len(full.pieces)]] == [id(piece) for piece in full.pieces]:
            skip.update(id(piece) for piece in full.pieces)
            line = replace(full, pieces=())
        yield line


def _without_marks(page: Page, number: int, style: Style, ledger: Ledger) -> Page:
    """Drop the raised numbers that point to a footnote of this page: "Snake-Case1" is not a word, "R2" has none."""
    if not any(line.marks for line in page.lines):
        return page
    notes = note_numbers(page, style)
    lines = []
    for line in page.lines:
        text = line.text
        for at, length in reversed(line.marks):
            if int(text[at : at + length]) in notes:
                ledger.add(number, "footnote_marks_dropped", [text[at : at + length]])
                text = text[:at].rstrip() + text[at + length :]
        if text.strip():
            lines.append(replace(line, text=text.strip()) if text != line.text else line)
    return replace(page, lines=tuple(lines))

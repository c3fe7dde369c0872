"""The table of ``academy show N pages``."""

from dataclasses import asdict
from itertools import islice
from pathlib import Path

from academy.cli.console import out, print_json, table
from academy.coverage import PageAccount, coverage
from academy.messages import N_, _

REASONS = {
    "headers_and_footers_dropped": N_("headers and footers"),
    "page_numbers_dropped": N_("page numbers"),
    "contents_lines_dropped": N_("table of contents"),
    "index_lines_dropped": N_("index"),
    "footnote_marks_dropped": N_("footnote marks"),
    "lines_off_page_dropped": N_("outside of the page"),
    "invisible_text_dropped": N_("invisible text"),
    "transparent_text_dropped": N_("transparent text"),
    "pale_text_dropped": N_("text in the colour of its ground"),
    "covered_text_dropped": N_("covered text"),
    "tiny_text_dropped": N_("tiny text"),
    "nonsense_dropped": N_("glyph codes instead of characters"),
    "metadata_instructions_dropped": N_("instructions in the metadata"),
    "damaged_pages": N_("damaged page"),
    "ocr_pages": N_("kept: text that OCR wrote"),
}
"""What the readers' codes say to a person."""


def pages(folder: Path, limit: int, as_json: bool) -> None:
    """What became of every page, the totals last."""
    from academy.artefacts import read_records

    chunks = folder / "2-chunks.jsonl"
    accounts = coverage(
        read_records(folder / "1-documents.jsonl"), read_records(chunks) if chunks.exists() else iter(())
    )
    if as_json:
        print_json([asdict(account) for account in accounts])
        return
    total = [0, 0, 0, 0, 0]
    shown: list[tuple[object, ...]] = []
    for number, account in enumerate(accounts):
        figures = (account.read, account.chunked, account.headings, account.lost, account.chunks)
        total = [one + other for one, other in zip(total, figures, strict=True)]
        if number < limit:
            shown.append((account.source, account.page or "", *figures, why(account)))
    shown.append((_("all pages"), "", *total, ""))
    headings = [_("document"), _("page"), _("characters read"), _("in passages"), _("in headings"), _("left out")]
    out.print(table([*headings, _("passages"), _("what was left out")], shown, right=(1, 2, 3, 4, 5, 6)))
    if len(shown) > limit:
        out.print(_("More pages: --limit {n}").format(n=10 * limit))


def why(account: PageAccount) -> str:
    """The reasons with their counts; an empty page says so."""
    if not account.read:
        return _("no text; if it is a scan, run OCR first: ocrmypdf IN.pdf OUT.pdf")
    known = ((_(REASONS.get(reason, reason)), count) for reason, count in islice(account.dropped.items(), 6))
    return ", ".join(f"{reason} {count}" for reason, count in known)

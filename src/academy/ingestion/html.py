"""HTML files: what a browser would show, its structure as Markdown."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from academy.ingestion.characters import one_line
from academy.ingestion.markup import blocks, fence, heading, item, table, trusted_title
from academy.ingestion.reading import OPTIONS, Ledger, Options, Reading, UnreadableError
from academy.ingestion.text import decode
from academy.messages import _

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag
    from bs4.element import PageElement

_DROPPED = frozenset(
    {"script", "style", "nav", "noscript", "template", "iframe", "object", "svg", "canvas", "head"}
    | {"button", "select", "option", "input", "textarea", "datalist"}
)
_INLINE = frozenset(
    {"a", "abbr", "b", "bdi", "bdo", "big", "br", "cite", "code", "data", "del", "dfn", "em", "font", "i", "img", "ins"}
    | {"kbd", "label", "mark", "meter", "output", "q", "rp", "rt", "ruby", "s", "samp", "small", "span", "strike"}
    | {"strong", "sub", "sup", "time", "tt", "u", "var", "wbr"}
)
_HIDDEN_STYLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|opacity\s*:\s*0(?:\.0+)?\s*(?:;|$)|font-size\s*:\s*0",
    re.IGNORECASE,
)
_FAR_AWAY = re.compile(
    r"(?:left|top|right|bottom|text-indent)\s*:\s*-\d{4,}|font-size\s*:\s*(?:0?\.\d+|[01])(?:px|pt)", re.IGNORECASE
)
_WHITE_TEXT = re.compile(
    r"(?<![-\w])color\s*:\s*(?:white|#fff(?:fff)?|#fefefe|rgb\(\s*255,\s*255,\s*255\s*\))", re.IGNORECASE
)
_GROUND = re.compile(r"background(?:-color)?\s*:\s*([^;]+)", re.IGNORECASE)
_LIGHT = re.compile(r"(?:white|#f[\da-f]f[\da-f]f[\da-f]|#fff|transparent|none|inherit|initial)\b", re.IGNORECASE)
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_SIMPLE = re.compile(r"[.#][\w-]+")
_MARKS = re.compile(r"^(?:#{1,6} |`{3,}\w*$)", re.MULTILINE)
_WIDEST = 100
"""Columns that one cell may span; browsers stop at 1,000, honest tables long before."""
_DEEPEST = 150
"""Elements nested deeper than this are an attack or an accident; real pages stay below 60."""


def read_html(data: bytes, _options: Options = OPTIONS) -> Reading:
    """Read a page: title, headings, paragraphs, lists, tables and code; hidden elements are dropped and counted.

    Raises:
        UnreadableError: no known encoding, or elements nested without end.
    """
    facts: Counter[str] = Counter()
    soup = _parse(_decode(data, facts))
    ledger = Ledger()
    title = trusted_title({"Title": one_line(soup.title.get_text()) if soup.title else ""}, ledger)
    text = to_markdown(soup, facts)
    facts.update(ledger.facts())
    return Reading((text,), "text/html", title, facts={name: count for name, count in sorted(facts.items()) if count})


def fragment_to_markdown(source: str, facts: Counter[str]) -> str:
    """A piece of HTML, such as Markdown may hold, as Markdown."""
    return to_markdown(_parse(source), facts)


def _parse(source: str) -> "BeautifulSoup":
    from bs4 import BeautifulSoup

    try:
        return BeautifulSoup(source, "lxml")
    except RecursionError:
        raise _too_deep() from None


def _too_deep() -> UnreadableError:
    return UnreadableError(
        "too_deep", _("the elements of the page are nested too deeply."), _("Save the page again from a browser.")
    )


def _decode(data: bytes, facts: Counter[str]) -> str:
    """Decode as the page declares it, else like plain text."""
    declared = re.search(rb"""charset\s*=\s*["']?([\w-]+)""", data[:2048], re.IGNORECASE)
    if declared and not data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        try:
            return data.decode(declared.group(1).decode("ascii"))
        except (LookupError, UnicodeDecodeError):
            facts["wrong_declared_encoding"] = 1
    return decode(data, facts)


def to_markdown(root: "Tag", facts: Counter[str]) -> str:
    """The visible text of an element as Markdown."""
    sheets = "\n".join(sheet.get_text() for sheet in root.find_all("style"))
    return blocks(list(_Writer(facts, _hidden_names(sheets)).children(root, 0)))


def _hidden_names(sheet: str) -> frozenset[str]:
    """The classes (".x") and ids ("#y") that a style sheet hides by a rule for them alone."""
    names: set[str] = set()
    for selectors, style in _RULE.findall(re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL)):
        if is_hiding(style):
            names.update(name.strip() for name in selectors.split(",") if _SIMPLE.fullmatch(name.strip()))
    return frozenset(names)


def is_hiding(style: str) -> bool:
    """Whether a style keeps a reader from seeing the text: not shown, far away, too small, white on white."""
    if _HIDDEN_STYLE.search(style) or _FAR_AWAY.search(style):
        return True
    ground = _GROUND.search(style)
    return bool(_WHITE_TEXT.search(style)) and bool(ground is None or _LIGHT.match(ground.group(1).strip()))


class _Writer:
    """Walks a tree and writes its blocks; counts what is hidden."""

    def __init__(self, facts: Counter[str], hidden: frozenset[str]) -> None:
        self._facts = facts
        self._hidden = hidden

    def children(self, parent: "Tag", depth: int) -> Iterator[str]:
        """The blocks inside an element; runs of text and inline elements become paragraphs."""
        from bs4 import Tag

        if depth > _DEEPEST:
            raise _too_deep()
        run: list[PageElement] = []
        for child in parent.children:
            if isinstance(child, Tag) and (child.name not in _INLINE or _holds_blocks(child)):
                yield self.inline(run)
                run = []
                if self.visible(child):
                    yield from self.block(child, depth + 1)
            else:
                run.append(child)
        yield self.inline(run)

    def block(self, tag: "Tag", depth: int) -> Iterator[str]:
        """The blocks of one block element."""
        if re.fullmatch(r"h[1-6]", tag.name):
            yield self._heading(tag)
        elif tag.name in ("ul", "ol", "menu"):
            yield "\n".join(self.items(tag, depth))
        elif tag.name == "dl":
            yield "\n".join(self.definitions(tag, depth))
        elif tag.name == "table":
            yield from self.table(tag, depth)
        elif tag.name == "pre":
            yield fence(tag.get_text())
        else:
            yield from self.children(tag, depth)

    def _heading(self, tag: "Tag") -> str:
        text = one_line(self.inline(tag.children))
        return heading(int(tag.name[1]), text) if text else ""

    def items(self, tag: "Tag", depth: int) -> Iterator[str]:
        """The items of a list, nested lists indented below theirs."""
        number = _number(tag.get("start"))
        for child in tag.find_all(["li", "ul", "ol"], recursive=False):
            if not self.visible(child):
                continue
            if child.name != "li":
                yield "\n".join("  " + line for entry in self.items(child, depth + 1) for line in entry.split("\n"))
                continue
            text = "\n".join(part for part in self.children(child, depth + 1) if part)
            if text:
                yield item(text, f"{number}." if tag.name == "ol" else "-")
                number += 1

    def definitions(self, tag: "Tag", depth: int) -> Iterator[str]:
        """Terms with what they mean: "- term: meaning"."""
        term = ""
        for child in tag.find_all(["dt", "dd"]):
            if child.find_parent("dl") is not tag or not self.visible(child):
                continue
            text = "\n".join(part for part in self.children(child, depth + 1) if part)
            if child.name == "dt":
                if term:
                    yield item(term)
                term = one_line(text)
            else:
                yield item(f"{term.rstrip(':')}: {text}" if term else text)
                term = ""
        if term:
            yield item(term)

    def table(self, tag: "Tag", depth: int) -> Iterator[str]:
        """A table as Markdown; one that only lays out the page, or holds other tables, as its cells' blocks."""
        rows = [row for row in tag.find_all("tr") if row.find_parent("table") is tag and self.visible(row)]
        cells = [[cell for cell in row.find_all(["td", "th"], recursive=False) if self.visible(cell)] for row in rows]
        caption = tag.find("caption")
        if caption and caption.find_parent("table") is tag:
            yield one_line(self.inline(caption.children))
        if tag.find("table") or max((len(row) for row in cells), default=0) < 2:
            for row in cells:
                for cell in row:
                    yield from self.children(cell, depth + 1)
        else:
            yield table(_grid([[(cell, self.cell(cell, depth)) for cell in row] for row in cells]))

    def cell(self, tag: "Tag", depth: int) -> str:
        """A table cell on one line, without the marks of headings and fences."""
        return " ".join(one_line(_MARKS.sub("", part)) for part in self.children(tag, depth + 1) if part)

    def inline(self, nodes: "Iterable[PageElement]") -> str:
        """Running text, white space folded; <br> breaks the line."""
        raw = "".join(self._words(nodes))
        lines = (one_line(line) for line in raw.split("\0"))
        return "\n".join(line for line in lines if line)

    def _words(self, nodes: "Iterable[PageElement]") -> Iterator[str]:
        from bs4.element import NavigableString, PreformattedString, Tag

        for node in nodes:
            if isinstance(node, Tag):
                if node.name == "br":
                    yield "\0"
                elif self.visible(node):
                    block = node.name not in _INLINE
                    yield " " * block + "".join(self._words(node.children)) + " " * block
            elif isinstance(node, NavigableString) and not isinstance(node, PreformattedString):
                yield str(node).replace("\0", "")

    def visible(self, tag: "Tag") -> bool:
        """Whether a reader sees the element; what an author hid is counted."""
        if tag.name in _DROPPED or tag.get("role") == "navigation":
            return False
        hidden = (
            tag.has_attr("hidden")
            or tag.get("aria-hidden") == "true"
            or is_hiding(str(tag.get("style") or ""))
            or (bool(self._hidden) and not self._hidden.isdisjoint(_names(tag)))
        )
        if hidden and tag.get_text(strip=True):
            self._facts["hidden_elements_dropped"] += 1
        return not hidden


def _names(tag: "Tag") -> set[str]:
    """The element's classes and id as selectors."""
    return {f".{name}" for name in tag.get_attribute_list("class")} | {f"#{tag.get('id')}"}


def _holds_blocks(tag: "Tag") -> bool:
    """Whether an inline element wraps block elements, as in <a><h2>...</h2></a>."""
    return any(inner.name not in _INLINE and inner.name not in _DROPPED for inner in tag.find_all(True))


def _grid(rows: "Sequence[Sequence[tuple[Tag, str]]]") -> list[list[str]]:
    """The table as a rectangle: a cell that spans rows or columns stands in each of them."""
    filled: dict[tuple[int, int], str] = {}
    for down, row in enumerate(rows):
        across = 0
        for tag, text in row:
            while (down, across) in filled:
                across += 1
            width = min(_number(tag.get("colspan")), _WIDEST)
            for below in range(min(_number(tag.get("rowspan")) or len(rows), len(rows) - down)):
                filled.update({(down + below, across + right): text for right in range(width)})
            across += width
    columns = 1 + max((across for _down, across in filled), default=-1)
    return [[filled.get((down, across), "") for across in range(columns)] for down in range(len(rows))]


def _number(value: object) -> int:
    text = str(value or "1")
    return int(text) if text.isdecimal() else 1

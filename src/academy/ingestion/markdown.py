"""Markdown files: plain text that keeps headings, lists, tables and code as Markdown."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from academy.ingestion.characters import one_line
from academy.ingestion.html import fragment_to_markdown
from academy.ingestion.markup import blocks, fence, heading, item, table
from academy.ingestion.reading import OPTIONS, Options, Reading
from academy.ingestion.text import decode

if TYPE_CHECKING:
    from markdown_it.token import Token
    from markdown_it.tree import SyntaxTreeNode

_FRONT_MATTER = re.compile(r"\A---[ \t]*\r?\n(.*?)^(?:---|\.\.\.)[ \t]*$", re.DOTALL | re.MULTILINE)
_FRONT_TITLE = re.compile(r"^title\s*:\s*[\"']?(.+?)[\"']?\s*$", re.MULTILINE | re.IGNORECASE)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)


def read_markdown(data: bytes, _options: Options = OPTIONS) -> Reading:
    """Read Markdown: emphasis and link targets go, structure stays; comments are dropped and counted."""
    facts: Counter[str] = Counter()
    text = decode(data, facts)
    title = ""
    if front := _FRONT_MATTER.match(text):
        named = _FRONT_TITLE.search(front.group(1))
        title = one_line(named.group(1)) if named else ""
        text = text[front.end() :]
    plain = _plain(text, facts)
    return Reading(
        (plain,), "text/markdown", title, facts={name: count for name, count in sorted(facts.items()) if count}
    )


def _plain(text: str, facts: Counter[str]) -> str:
    from markdown_it import MarkdownIt
    from markdown_it.tree import SyntaxTreeNode

    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    return _Writer(facts).inside(SyntaxTreeNode(parser.parse(text)))


class _Writer:
    """Writes the nodes of a document; the parser limits their depth to 20."""

    def __init__(self, facts: Counter[str]) -> None:
        self._facts = facts

    def inside(self, parent: "SyntaxTreeNode") -> str:
        """The blocks of a container."""
        return blocks([self.block(node) for node in parent.children])

    def block(self, node: "SyntaxTreeNode") -> str:
        """One block as text."""
        if node.type == "heading":
            return heading(int(node.tag[1]), one_line(self.inside_inline(node)))
        if node.type in ("fence", "code_block"):
            return fence(node.content, node.info.strip() if node.type == "fence" else "")
        if node.type in ("bullet_list", "ordered_list"):
            return "\n".join(self.items(node))
        if node.type == "table":
            return table(
                [[self.inside_inline(cell) for cell in row.children] for part in node.children for row in part.children]
            )
        if node.type == "html_block":
            return self.html(node.content)
        return self.inside(node) if node.type == "blockquote" else self.inside_inline(node)

    def items(self, node: "SyntaxTreeNode") -> Iterator[str]:
        """The items of a list; what stands below the first line is indented."""
        first = int(node.attrs.get("start", 1))
        for number, child in enumerate(node.children, start=first):
            text = "\n".join(part for part in (self.block(inner) for inner in child.children) if part)
            if text:
                yield item(text, f"{number}." if node.type == "ordered_list" else "-")

    def inside_inline(self, node: "SyntaxTreeNode") -> str:
        """The running text of a paragraph, heading or cell."""
        tokens = [inner.token for inner in node.children if inner.type == "inline"]
        return "".join(self.words([child for token in tokens if token for child in token.children or []])).strip()

    def words(self, tokens: "Sequence[Token]") -> Iterator[str]:
        """Text without emphasis, link targets and tags; a picture is its description."""
        for token in tokens:
            if token.type in ("text", "code_inline"):
                yield token.content
            elif token.type == "softbreak":
                yield " "
            elif token.type == "hardbreak":
                yield "\n"
            elif token.type == "image":
                yield token.content
            elif token.type == "html_inline":
                yield self.tag(token.content)

    def tag(self, source: str) -> str:
        """A tag inside running text; only a line break is seen."""
        if source.startswith("<!--"):
            self._facts["comments_dropped"] += 1
        return "\n" if re.match(r"<br\b", source, re.IGNORECASE) else ""

    def html(self, source: str) -> str:
        """A block of HTML without its comments."""
        rest, count = _COMMENT.subn("", source)
        self._facts["comments_dropped"] += count
        return fragment_to_markdown(rest, self._facts) if rest.strip() else ""

"""A specialist as a tool for other language models, over the Model Context Protocol.

Three tools: ``ask`` gives an answer with its sources, ``search_evidence`` the passages alone, for a model that words
the answer itself, ``list_topics`` what the documents are about.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, Field

import academy
from academy.config import nearest
from academy.messages import _
from academy.records import Answer
from academy.serving.failures import UnknownModelError
from academy.specialist import Asking, Expert

if TYPE_CHECKING:
    from mcp.server import MCPServer

MOST_PASSAGES = 20
MOST_HEADINGS = 40
LONGEST = 4000
"""Characters of a question."""
Question = Annotated[str, Field(min_length=1, max_length=LONGEST, description="One self-contained question.")]
Specialist = Annotated[str | None, Field(description="Which specialist; left out: the first of list_topics.")]


class FoundPassage(BaseModel):
    """A passage of the documents."""

    document: str
    page: int | None
    headings: tuple[str, ...]
    text: str
    score: float


class Passages(BaseModel):
    """What a search found, best first."""

    passages: list[FoundPassage]


class Topic(BaseModel):
    """A document of a specialist."""

    specialist: str
    document: str
    title: str
    language: str
    headings: list[str]


class Topics(BaseModel):
    """What all specialists know about."""

    topics: list[Topic]


def make_server(experts: Mapping[str, Expert]) -> "MCPServer":
    """The tools of these specialists; ``server.run()`` speaks over standard input and output."""
    from mcp.server import MCPServer

    names = ", ".join(experts)
    instructions = f"Specialists that know documents of their own: {names}. Ask them instead of guessing."
    server = MCPServer("academy", version=academy.__version__, instructions=instructions, log_level="WARNING")
    # One question at a time: the model is one, and answering must not hold up the protocol.
    turn = asyncio.Lock()

    @server.tool()
    async def ask(question: Question, specialist: Specialist = None, mode: Asking | None = None) -> Answer:
        """Ask a specialist. Gives a short answer, its confidence between 0 and 1, and where the documents say so."""
        expert = find(experts, specialist)
        async with turn:
            return await asyncio.to_thread(lambda: expert.stream(question, mode).answer)

    @server.tool()
    async def search_evidence(
        question: Question, specialist: Specialist = None, passages: Annotated[int, Field(ge=1, le=MOST_PASSAGES)] = 3
    ) -> Passages:
        """Find the passages of the documents that match a question, to be quoted with document and page."""
        expert = find(experts, specialist)
        async with turn:
            return await asyncio.to_thread(found, expert, question, passages)

    @server.tool()
    async def list_topics() -> Topics:
        """Tell which specialists there are, and the documents and headings that they know."""
        return Topics(topics=[topic for name, expert in experts.items() for topic in topics(name, expert)])

    return server


def find(experts: Mapping[str, Expert], name: str | None) -> Expert:
    """A specialist by name; without a name the first.

    Raises:
        UnknownModelError: there is none of that name.
    """
    if name is None:
        return next(iter(experts.values()))
    if name not in experts:
        message = _("The specialist '{name}' is not served here.").format(name=name[:100])
        raise UnknownModelError(message + nearest(name[:100], list(experts)))
    return experts[name]


def found(expert: Expert, question: str, passages: int) -> Passages:
    """The best passages for a question."""
    return Passages(
        passages=[
            FoundPassage(
                document=one.document.source,
                page=one.page,
                headings=one.headings,
                text=one.text,
                score=round(one.score, 3),
            )
            for one in expert.index.search(question, passages)
        ]
    )


def topics(name: str, expert: Expert) -> Sequence[Topic]:
    """The documents of a specialist with their headings, each once, in reading order."""
    places = {passage.document.source: passage.document for passage in expert.index.passages}
    headings: dict[str, dict[str, None]] = {source: {} for source in places}
    for passage in expert.index.passages:
        headings[passage.document.source].update(dict.fromkeys(passage.headings))
    return [
        Topic(
            specialist=name,
            document=place.source,
            title=place.title,
            language=place.language,
            headings=list(headings[source])[:MOST_HEADINGS],
        )
        for source, place in places.items()
    ]

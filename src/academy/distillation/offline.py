"""A teacher that needs no language model: grammar, word lists and templates."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from academy.config import DistilConfig
from academy.distillation import english, german, structures
from academy.distillation.clauses import Analysis
from academy.distillation.digests import digest
from academy.distillation.drafts import Draft, Sketch, Teaching, full_sentence, question, running_text
from academy.distillation.frames import NAME, Frames, in_turn, rules_hash, small
from academy.distillation.sentences import Unit, units
from academy.records import Chunk

MAX_ANSWER_WORDS = 8
MAX_SENTENCE_WORDS = 30
"""A longer sentence is no answer to one question."""
NEIGHBOURS = 10
"""Characters: nearer words are often one name."""
MAX_PAIR_WORDS = 50
"""Longest pair of sentences that is taught together."""
GAPS = 2
"""Gaps per sentence: more of them only repeat the sentence."""
_ARTICLE = re.compile(r"^(?:Der|Die|Das|Ein|Eine|The|A|An) ")
_LIST_POINTER = re.compile(r"\b(?:[Ff]olgende[nrs]?|[Dd]ie folgenden|following) ?")
_AUTHOR = re.compile(
    r"\b(?:[Ww]ir|[Uu]ns|[Hh]ier|[Jj]etzt|[Nn]un|im Moment|[Ww]e|[Hh]ere)\b|(?<=\s)(?:Sie|Ihnen|Ihre[mnrs]?)\b"
)
"""The author or the place on the page: nothing that follows from what was said."""
_NUMBERED = re.compile(r"^[\d.]+\s+")


@dataclass(frozen=True, slots=True)
class Grammar:
    """What a language offers.

    Attributes:
        stands_alone: whether a sentence can be understood without the ones before it.
        freed: the sentence without the word that ties it to the one before; "" when there is none.
        resolved: the sentence with its pronoun replaced by what the sentence before it is about; "" when that is not
            certain.
        subjectless: whether an entry leaves out its subject, the term before it.
        analysed: questions, word orders and gaps; None for what is no statement.
        in_context: ``resolved`` for a language that looks further back; gets the sentences of the paragraph before.
        follows: whether a sentence is understood behind the one before it; None where nobody can tell.
    """

    stands_alone: Callable[[str], bool]
    freed: Callable[[str], str]
    resolved: Callable[[str, str], str]
    subjectless: Callable[[str], bool]
    analysed: Callable[[str], Analysis | None]
    in_context: Callable[[str, Sequence[str]], str] | None = None
    follows: Callable[[str, str], bool] | None = None


GRAMMARS: dict[str, Grammar] = {
    "de": Grammar(german.stands_alone, german.freed, german.resolved, german.subjectless, german.analysed),
    "en": Grammar(
        english.stands_alone,
        english.freed,
        english.resolved,
        english.subjectless,
        english.analysed,
        english.in_context,
        english.follows,
    ),
}


def offline(chunk: Chunk, language: str, config: DistilConfig) -> Teaching:
    """Facts and lessons by rules; the same passage always gives the same lessons."""
    return Teaching(NAME, rules_hash(), _drafts(chunk, language))


def _drafts(chunk: Chunk, language: str) -> Iterator[Draft]:
    writer = _Writer(chunk, language)
    before = ""
    spoken: list[tuple[str, str]] = []
    paragraph: list[str] = []
    end = 0
    for unit in units(chunk.text):
        start = chunk.text.find(unit.quote, end)
        if unit.kind != "sentence" or "\n\n" in chunk.text[end:start]:
            paragraph.clear()
        end = max(end, start + len(unit.quote))
        text = writer.alone(unit.text, before, paragraph) if unit.kind == "sentence" else ""
        if unit.kind == "sentence":
            paragraph.append(unit.text)
        if text:
            spoken.append((unit.quote, text))
        elif unit.kind == "sentence" and before and paragraph[-2:-1] == [before]:
            yield from writer.continued(unit, before, spoken[-1][0])
        yield from writer.drafts(unit, text)
        before = text
    yield from digest(spoken, writer.heading, writer.frames)


class _Writer:
    """Writes the lessons of one chunk."""

    def __init__(self, chunk: Chunk, language: str) -> None:
        self._grammar = GRAMMARS[language]
        self.frames = Frames(language, chunk.headings[0] if chunk.headings else "")
        self.heading = _NUMBERED.sub("", chunk.headings[-1]) if len(chunk.headings) > 1 else ""
        self._introduced = not self.heading

    def alone(self, text: str, before: str, paragraph: Sequence[str]) -> str:
        """The sentence as it can stand alone behind ``before``, itself behind ``paragraph``; "" when it cannot."""
        candidates = (self._grammar.freed(text), text)
        found = next((one for one in candidates if one and self._grammar.stands_alone(one)), "")
        if found or not paragraph:
            return found
        if self._grammar.in_context:
            return self._grammar.in_context(text, paragraph)
        return self._grammar.resolved(text, before) if before else ""

    def drafts(self, unit: Unit, text: str) -> Iterator[Draft]:
        """What a unit gives; ``text`` is a sentence as it stands alone."""
        if unit.kind == "list":
            yield from structures.listing(unit, self.frames, self._lead(unit))
        elif unit.kind == "table":
            yield from structures.table(unit, self.frames)
        elif unit.kind == "term":
            alone = self._grammar.stands_alone(unit.text) and self._grammar.analysed(unit.text) is not None
            yield from structures.term(unit, self.frames, alone)
            yield from self._said_of_term(unit)
        elif text:
            yield from self.sentence(unit, text)
        if unit.kind == "sentence" and unit.text.endswith("."):
            yield from structures.abbreviations(unit, self.frames)

    def sentence(self, unit: Unit, text: str) -> Iterator[Draft]:
        """A sentence that stands alone."""
        found = self._grammar.analysed(text)
        if found is None:
            return
        asked = [one for one in found.asked if len(one.answer.split()) <= MAX_ANSWER_WORDS]
        lessons = chain(
            [running_text("statement", order) for order in [text, *found.orders]],
            self._of_heading(text),
            in_turn([self.frames.questions(one) for one in asked]),
            in_turn([self.frames.keywords(one) for one in asked]),
            self._defined(found),
            self._sentences(found, text),
            self._recalled(found, text),
            self._gapped(text, found.gaps),
            (sketch for one in asked for sketch in self.frames.exam(one)),
        )
        yield Draft(text, (unit.quote,), tuple(lessons))

    def continued(self, unit: Unit, before: str, quote: str) -> Iterator[Draft]:
        """A sentence that is understood only behind the one before: both together, and what follows."""
        if not unit.text.endswith(".") or len(before.split()) + len(unit.text.split()) > MAX_PAIR_WORDS:
            return
        if self._grammar.follows is not None and not self._grammar.follows(before, unit.text):
            return
        found = self._grammar.analysed(unit.text)
        if found is None or self._grammar.analysed(before) is None or _AUTHOR.search(f"{before} {unit.text}"):
            return
        pair = f"{before} {unit.text}"
        gaps = [gap for gap in found.gaps if pair.count(gap) == 1]
        asks = self.frames.filled("continuation", G=before)
        lessons = [
            running_text("statement", pair),
            *self._gapped(pair, gaps),
            *(full_sentence(ask, unit.text, self.frames.language, "continuation") for ask in asks),
        ]
        yield Draft(pair, (quote, unit.quote), tuple(lessons))

    def _said_of_term(self, unit: Unit) -> Iterator[Draft]:
        if self._grammar.subjectless(unit.text):
            yield from self.sentence(unit, f"{unit.term} {small(unit.text)}")
        elif self._grammar.stands_alone(unit.text):
            yield from self.sentence(unit, unit.text)

    def _lead(self, unit: Unit) -> str:
        """The sentence in front of a list; "" where it cannot be understood without others."""
        lead = unit.text.rstrip(":")
        return lead if self._grammar.stands_alone(_LIST_POINTER.sub("", lead) + ".") else ""

    def _sentences(self, found: Analysis, text: str) -> Iterator[Sketch]:
        if len(text.split()) <= MAX_SENTENCE_WORDS:
            yield from (self.frames.sentence(one, text) for one in found.asked[:2])
            if found.themes and not found.asked:
                asks = self.frames.filled("themes", A=found.themes[0], B=found.themes[1])
                yield from (full_sentence(ask, text, self.frames.language) for ask in asks)

    def _recalled(self, found: Analysis, text: str) -> Iterator[Sketch]:
        """A sentence that gives no question is asked for by its most telling words."""
        words = [gap for gap in found.gaps if gap[0].isupper()]
        first = min(words[:3], key=text.index, default="")
        second = next((gap for gap in words if text.index(gap) > text.index(first) + len(first) + NEIGHBOURS), "")
        if not found.asked and second and len(text.split()) <= MAX_SENTENCE_WORDS:
            asks = self.frames.filled("recall", A=first, B=second)
            yield from (full_sentence(ask, text, self.frames.language, "recall") for ask in asks)

    def _gapped(self, text: str, gaps: Sequence[str]) -> Iterator[Sketch]:
        frames = self.frames.word("cloze")
        for number, gap in enumerate(gaps[:GAPS]):
            shown = re.sub(rf"(?<!\w){re.escape(gap)}(?!\w)", "___", text, count=1)
            yield question("cloze", frames[number % len(frames)].format(G=shown), gap, self.frames.language)

    def _defined(self, found: Analysis) -> Iterator[Sketch]:
        if not found.topic or not 2 <= len(found.meaning.split()) <= structures.MAX_EXPLANATION_WORDS:
            return
        bare = _ARTICLE.sub("", found.topic)
        topic = bare if " " not in bare else small(found.topic) if _ARTICLE.match(found.topic) else found.topic
        yield from self.frames.all("definition", "definition", found.meaning, X=topic)
        yield from self.frames.one("exam_definition", "exam", found.meaning, X=topic)

    def _of_heading(self, text: str) -> Iterator[Sketch]:
        """The first sentence under a heading tells what the section is about."""
        if not self._introduced:
            self._introduced = True
            asks = self.frames.filled("heading", X=self.heading)
            yield from (full_sentence(ask, text, self.frames.language, "heading") for ask in asks)

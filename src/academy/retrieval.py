"""Evidence: the passages and sentences of the documents that match a question, by their words alone.

BM25 (Robertson and Zaragoza 2009) by bm25s over passages of whole sentences; no language model, no torch.

Measured on 24 German and 24 English encyclopedia articles (XQuAD, 632 questions each, all articles in one index), cut
into pieces of at most 180 words and these into passages of at most 110: questions whose answer stands in the best / one
of the best three passages, in %. ``benchmarks/retrieval.py`` repeats it with stage 2's chunks.

    ===================================== ============ ============
    variant                               German       English
    ===================================== ============ ============
    lower-cased words                     81.5 / 93.0  89.1 / 96.7
    + Snowball stems                      86.9 / 94.1  90.7 / 96.8
    + stop words dropped                  86.7 / 95.3  91.1 / 97.8
    + k1 0.9, b 0.4, one sentence overlap 88.6 / 95.9  92.1 / 97.8
    + prefixes of 4 letters, weight 0.25  90.0 / 97.5  91.9 / 98.4
    all parts of 4 letters in German,
    the first in English, weight 0.15     91.6 / 97.8  92.1 / 98.3
    ===================================== ============ ============

The best sentence holds the answer for 75.5 % and 80.5 %; sentences as units of their own gave 74.5 % and 80.4 %.
Passages that join neighbouring chunks of a section gained nothing. 85,000 chunks: 2.5 GB, 5 ms a search.
"""

import math
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from academy.languages import detect
from academy.records import Chunk, Document
from academy.sentences import sentences

K1 = 0.9
B = 0.4
PART = 4
"""Letters of the parts of a stem that are indexed beside it, so that ``Treiber`` finds ``Gerätetreiber``."""
PART_WEIGHT = 0.15
SENTENCES_FROM = 10
"""Passages in which the best sentence is looked for."""
_PART_MARK = "^"
_COMPOUNDING = ("de",)
"""Languages that write compounds as one word: all parts of their stems are indexed, of others the first only."""
_WORD = re.compile(r"\w+(?:[-'’]\w+)*")
_JOINT = re.compile(r"[-'’]")
_STEMMERS = {"de": "german", "en": "english"}
_ASKING = {
    "de": (
        "wer wem wen wessen wann warum weshalb wieso weswegen wozu woher wohin womit wofür wogegen woran worauf woraus"
        " worin wodurch wobei wonach worüber worum wovon wovor wieviel wieviele wurde wurden worden"
    ),
    "en": "whose many much",
}
"""Words that ask and never answer; the library's lists of stop words lack them."""


@dataclass(frozen=True, slots=True)
class Place:
    """The document that a passage stands in.

    Attributes:
        source: the document's source.
        pages: offsets at which its pages start; empty for formats without pages.
    """

    source: str
    title: str
    language: str
    pages: tuple[int, ...] = ()

    def page(self, offset: int) -> int | None:
        """The page that holds an offset, counted from 1; None for formats without pages."""
        return bisect_right(self.pages, offset) or None


@dataclass(frozen=True, slots=True)
class Passage:
    """Whole sentences of one chunk.

    Attributes:
        page: the page on which the passage starts, counted from 1; None for formats without pages.
        start: offset of ``text`` in the document.
        score: BM25 score for the question that was asked; 0 outside of a search.
    """

    document: Place
    page: int | None
    headings: tuple[str, ...]
    text: str
    start: int
    score: float = 0.0

    def sentences(self) -> Iterator["Sentence"]:
        """Its sentences, in order."""
        for start, end in sentences(self.text):
            yield Sentence(self.text[start:end], self.document.page(self.start + start), self)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the documents.

    Attributes:
        passage: where it stands.
        score: how well it matches the question that was asked; 0 outside of a search.
        coverage: share of the question's content words that it holds, each weighted by its rarity; between 0 and 1.
    """

    text: str
    page: int | None
    passage: Passage
    score: float = 0.0
    coverage: float = 0.0


class StrayChunk(LookupError):  # noqa: N818 - named for what it found
    """A chunk comes from none of the documents; its id."""


class Index:
    """A lexical index over passages. Make one with ``Index.build``."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        self.passages = passages
        self.languages = tuple(sorted({passage.document.language for passage in passages}))
        self._vocabulary: dict[str, int] = {}
        self._bm25 = self._weigh()

    @classmethod
    def build(cls, documents: Iterable[Document], chunks: Iterable[Chunk], passage_words: int = 110) -> "Index":
        """Index chunks for search.

        Args:
            documents: where the chunks come from; their texts are not kept.
            chunks: in reading order.
            passage_words: longest passage, in words; a longer sentence is cut between words.

        Raises:
            StrayChunk: a chunk comes from none of the documents.
        """
        places = {doc.id: Place(doc.source, doc.title, doc.language, doc.pages) for doc in documents}
        return cls([p for chunk in chunks for p in _passages(chunk, _place(chunk, places), passage_words)])

    def search(self, question: str, k: int) -> list[Passage]:
        """The best ``k`` passages, best first, ties in reading order; empty when no word of the question occurs."""
        return [replace(self.passages[place], score=score) for place, score in self._ranked(question, k)]

    def best_sentence(self, question: str) -> Sentence | None:
        """The sentence that matches best among the best passages; None when no word of the question occurs.

        Its score is its own coverage of the question times the score of its passage: the neighbours name what the
        sentence only points at.
        """
        asked = self._rarities(question)
        whole = sum(asked.values())
        best: Sentence | None = None
        for passage in self.search(question, SENTENCES_FROM):
            for sentence in passage.sentences():
                held = sum(
                    asked[term] for term in sorted(asked.keys() & set(terms(sentence.text, passage.document.language)))
                )
                score = held / whole * passage.score
                if best is None or score > best.score:
                    best = replace(sentence, score=score, coverage=min(1.0, held / whole))
        return best

    def _weigh(self) -> Any:
        import bm25s

        known = self._vocabulary
        model = bm25s.BM25(k1=K1, b=B, method="lucene")
        rows = [[known.setdefault(t, len(known)) for t in terms(p.text, p.document.language)] for p in self.passages]
        if known:
            model.index((rows, known), show_progress=False)
        return model

    def _ranked(self, question: str, k: int) -> list[tuple[int, float]]:
        import numpy as np

        asked = sorted(self._question_terms(question) & self._vocabulary.keys())
        if not asked:
            return []
        scores = np.zeros(len(self.passages), dtype="float32")
        for weight in (1.0, PART_WEIGHT):
            ids = [self._vocabulary[term] for term in asked if _weight(term) == weight]
            if ids:
                scores += weight * self._bm25.get_scores_from_ids(ids)
        count = min(k, len(scores))
        # Everything that ties with the last place, then reading order: argpartition alone would break ties at random.
        candidates = np.flatnonzero(scores >= -np.partition(-scores, count - 1)[count - 1])
        order = candidates[np.argsort(-scores[candidates], kind="stable")][:count]
        return [(int(place), float(scores[place])) for place in order if scores[place] > 0]

    def _rarities(self, question: str) -> dict[str, float]:
        """The question's terms -> how much each one counts: its inverse document frequency, unknown words the most."""
        total = len(self.passages)
        found = {}
        for term in sorted(self._question_terms(question)):
            number = self._vocabulary.get(term)
            if number is None and term.startswith(_PART_MARK):
                continue
            holding = 0 if number is None else self._holding(number)
            found[term] = _weight(term) * math.log(1 + (total - holding + 0.5) / (holding + 0.5))
        return found

    def _holding(self, number: int) -> int:
        starts = self._bm25.scores["indptr"]
        return int(starts[number + 1] - starts[number])

    def _question_terms(self, question: str) -> set[str]:
        """The question's terms in each language of the documents, without the stop words of its own language."""
        if len(self.languages) <= 1:
            return {term for language in self.languages for term in terms(question, language)}
        asked_in = detect(question)
        return {term for language in self.languages for term in terms(question, language, asked_in)}


def terms(text: str, language: str, also_without: str = "") -> list[str]:
    """What a text is indexed by: stems of its words, of the halves of hyphenated ones, and parts of the longer stems.

    Args:
        language: whose stop words are dropped and whose stemmer is used; texts of other languages are not stemmed.
        also_without: a second language whose stop words are dropped.
    """
    plain = unicodedata.normalize("NFC", text).replace("\N{SOFT HYPHEN}", "").lower()
    lookup = _lookup(language, also_without)
    return [term for word in _WORD.findall(plain) for term in lookup(word)]


@lru_cache(maxsize=16)
def _lookup(language: str, also_without: str) -> Callable[[str], tuple[str, ...]]:
    import Stemmer

    stop = _stop_words(language) | _stop_words(also_without)
    stem = Stemmer.Stemmer(_STEMMERS[language]).stemWord if language in _STEMMERS else str

    @lru_cache(maxsize=200_000)
    def word_terms(word: str) -> tuple[str, ...]:
        parts = [word, *_JOINT.split(word)] if _JOINT.search(word) else [word]
        stems = [stem(part) for part in parts if part not in stop]
        return (*stems, *(part for stem in stems for part in _parts(stem, language)))

    return word_terms


def _parts(stem: str, language: str) -> list[str]:
    """Parts of a stem that is longer than one: ``treib`` -> ``^trei``, ``^reib``."""
    count = len(stem) - PART + 1
    if count < 2:
        return []
    return [_PART_MARK + stem[at : at + PART] for at in range(count if language in _COMPOUNDING else 1)]


@lru_cache(maxsize=8)
def _stop_words(language: str) -> frozenset[str]:
    from bm25s.stopwords import STOPWORDS_EN_PLUS, STOPWORDS_GERMAN

    listed = {"de": STOPWORDS_GERMAN, "en": STOPWORDS_EN_PLUS}
    return frozenset(listed.get(language, ())) | frozenset(_ASKING.get(language, "").split())


def _weight(term: str) -> float:
    return PART_WEIGHT if term.startswith(_PART_MARK) else 1.0


def _place(chunk: Chunk, places: Mapping[str, Place]) -> Place:
    if chunk.document_id not in places:
        raise StrayChunk(chunk.id)
    return places[chunk.document_id]


def _passages(chunk: Chunk, place: Place, limit: int) -> Iterator[Passage]:
    """Windows of whole sentences that overlap by one sentence where it fits."""
    spans = [piece for span in sentences(chunk.text) for piece in _pieces(chunk.text, span, limit)]
    sizes = [len(chunk.text[start:end].split()) for start, end in spans]
    first = 0
    while first < len(spans):
        last, words = first, sizes[first]
        while last + 1 < len(spans) and words + sizes[last + 1] <= limit:
            last += 1
            words += sizes[last]
        start = spans[first][0]
        offset = chunk.start + start
        yield Passage(place, place.page(offset), chunk.headings, chunk.text[start : spans[last][1]], offset)
        if last + 1 == len(spans):
            return
        fits = last > first and sizes[last] + sizes[last + 1] <= limit
        first = last if fits else last + 1


def _pieces(text: str, span: tuple[int, int], limit: int) -> Iterator[tuple[int, int]]:
    """A sentence longer than a passage, such as a table, cut between words."""
    words = list(re.finditer(r"\S+", text[span[0] : span[1]]))
    for at in range(0, len(words), limit):
        group = words[at : at + limit]
        yield span[0] + group[0].start(), span[0] + group[-1].end()


def support(passage: Passage, answer: str, question: str) -> Sentence | None:
    """The sentence of a passage that holds an answer best; None for a passage without sentences.

    Its coverage is the share of the answer's terms that it holds (1 when it holds the answer word for word); of equals
    the one with more of the question's terms wins, then the score of the passage, then the first.
    """
    language = passage.document.language
    wanted, asked = set(terms(answer, language)), set(terms(question, language))
    best: Sentence | None = None
    for sentence in passage.sentences():
        held = set(terms(sentence.text, language))
        share = 1.0 if _word_for_word(answer, sentence.text) else len(wanted & held) / max(1, len(wanted))
        nearness = len(asked & held) / max(1, len(asked))
        score = 100 * share + 10 * nearness + passage.score / (1 + passage.score)
        if best is None or score > best.score:
            best = replace(sentence, score=score, coverage=share)
    return best


def _word_for_word(answer: str, text: str) -> bool:
    bare = " ".join(answer.split()).strip(".!? ")
    return (
        bool(bare) and re.search(rf"(?<!\w){re.escape(bare)}(?!\w)", " ".join(text.split()), re.IGNORECASE) is not None
    )

"""Questions that a document does not answer: a question that is right about one thing put to its neighbour.

"Seit wann verwendet der Kernel udev?" -> "Seit wann verwendet der Treiber udev?". Such a question is written only when
a search of the whole document finds none of its other words near the neighbour; the search stands in the lesson.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from academy.distillation.frames import Frames
from academy.records import content_hash

WINDOW = 400
"""Characters on both sides of the neighbour's name that are searched."""
TOPICS = 400
"""Neighbours known per document, so that a long one costs no more memory."""
TRIES = 12
STEM = 5
"""Letters of a word that are searched: inflected forms and compounds count as the word."""
_ASK = {
    "de": re.compile(
        r"(?P<ask>(?:Seit |Ab |Bis )?[Ww]ann|Wo|Woraus|Womit|Wodurch|Wofür|Wozu|Warum|Wie viele \w+) "
        r"(?P<verb>[a-zäöüß]+) (?P<article>der|die|das) (?P<noun>[A-ZÄÖÜ][\w-]{3,})"
        r"(?P<rest>(?: (?!des |der |von |vom )[^A-ZÄÖÜ\s].*)?)\?"
    ),
    "en": re.compile(
        r"(?P<ask>When|Where|Why|How many \w+) (?P<verb>does|is|was|has) (?P<article>the) (?P<noun>[a-z][\w-]{3,})"
        r"(?P<rest> .+)\?"
    ),
}
_TOPIC = {
    "de": re.compile(r"(?:^|[.!?]\s+)(Der|Die|Das) ([A-ZÄÖÜ][\w-]{3,}(?<!sten)) ([a-zäöüß]+)\b", re.MULTILINE),
    "en": re.compile(r"(?:^|[.!?]\s+)(The) ([a-z][\w-]{3,}) ([a-z]+s|was|has|had|can|will)\b", re.MULTILINE),
}
_PLURAL = re.compile(r"(?:sind|.*(?:en|ern|eln))$")


@dataclass(frozen=True, slots=True)
class Absent:
    """A question without an answer, and what proves that there is none."""

    question: str
    proof: str


def absent(asked: str, text: str, frames: Frames) -> Absent | None:
    """``asked`` about a neighbour of which ``text`` does not say it; None where nothing proves that."""
    found = _ASK[frames.language].fullmatch(asked)
    if not found or not frames.title:
        return None
    words = [word for word in frames.content_words(f"{found['ask']} {found['rest']}") if _tells(word)]
    if not words:
        return None
    plural = bool(_PLURAL.match(found["verb"])) and frames.language == "de"
    for noun in _neighbours(text, frames.language, found["article"], plural, asked):
        if noun[:STEM].lower() == found["noun"][:STEM].lower() or noun[:STEM].lower() in asked.lower():
            continue
        places = _searched(text, noun, words)
        if places:
            question = f"{found['ask']} {found['verb']} {found['article']} {noun}{found['rest']}?"
            listed = ", ".join(words)
            return Absent(
                frames.filled("unanswerable", Q=question)[0],
                f"absent: none of ({listed}) within {WINDOW} characters of '{noun}', {places} places searched",
            )
    return None


def _tells(word: str) -> bool:
    return len(word) >= 4 and (word[0].isupper() or word[0].isdigit() or len(word) >= STEM)


def _neighbours(text: str, language: str, article: str, plural: bool, seed: str) -> Iterator[str]:
    fitting = [noun for noun, also in _topics(text, language).get(article, ()) if also == plural or language == "en"]
    yield from sorted(fitting, key=lambda noun: content_hash([seed, noun]))[:TRIES]


@lru_cache(maxsize=1)
def _topics(text: str, language: str) -> Mapping[str, Sequence[tuple[str, bool]]]:
    """Article -> the nouns that start sentences with it, each with whether it is plural; only unambiguous ones."""
    seen: dict[tuple[str, str], set[bool]] = {}
    for found in _TOPIC[language].finditer(text):
        seen.setdefault((found[1].lower(), found[2]), set()).add(bool(_PLURAL.match(found[3])))
        if len(seen) >= TOPICS:
            break
    topics: dict[str, list[tuple[str, bool]]] = {}
    for (article, noun), plurals in seen.items():
        if len(plurals) == 1:
            topics.setdefault(article, []).append((noun, next(iter(plurals))))
    return topics


def _searched(text: str, noun: str, words: Sequence[str]) -> int:
    """At how many places the neighbour is named, none of them near one of the words; 0 when one is."""
    stems = [re.escape(word[:STEM]) for word in words]
    wanted = re.compile("|".join(stems), re.IGNORECASE)
    places = 0
    for found in re.finditer(re.escape(noun[: max(STEM, len(noun) - 2)]), text, re.IGNORECASE):
        places += 1
        if wanted.search(text, max(0, found.start() - WINDOW), found.end() + WINDOW):
            return 0
    return places

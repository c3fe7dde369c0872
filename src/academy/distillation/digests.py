"""A passage in few of its own sentences: those whose words stand in most of the others."""

import re
from collections import Counter
from collections.abc import Sequence

from academy.distillation.drafts import Draft, full_sentence
from academy.distillation.frames import Frames
from academy.distillation.germantagging import tagged

SENTENCES = 2
LEAST = 4
"""Fewer sentences are their own summary."""
MAX_WORDS = 60
_VAGUE = ("Beispiel", "Eigenschaft", "Jahr", "Jahrhundert", "Zeit", "Teil", "Art", "Fall", "Form", "Name")


def digest(spoken: Sequence[tuple[str, str]], heading: str, frames: Frames) -> list[Draft]:
    """The summary of a passage from its (quote, sentence) pairs that stand alone; none for short passages."""
    if len(spoken) < LEAST:
        return []
    bags = [_bag(text, frames) for _quote, text in spoken]
    weight = Counter(word for bag in bags for word in bag)
    scores = [sum(weight[word] - 1 for word in bag) / (len(bag) + 3) for bag in bags]
    best = sorted(sorted(range(len(spoken)), key=lambda place: (-scores[place], place))[:SENTENCES])
    told = " ".join(spoken[place][1] for place in best)
    names = _named([spoken[place][1] for place in best]) if frames.language == "de" else frozenset()
    common = [word for word, count in weight.most_common() if count > 1]
    topics = _topics(common, told, names) if names or frames.language != "de" else []
    if len(told.split()) > MAX_WORDS or len(topics) < 2:
        return []
    values = {"A": topics[0], "B": topics[1], "X": heading}
    asks = frames.filled("summary" if heading else "summary_untitled", **values)
    lessons = [full_sentence(ask, told, frames.language, "summary") for ask in asks]
    return [Draft(told, tuple(spoken[place][0] for place in best), tuple(lessons))]


def _named(texts: Sequence[str]) -> frozenset[str]:
    """German nouns and names in their base form: "über Flügeln" is no topic."""
    tokens = [token for text in texts for token in tagged(text, "de")]
    return frozenset(
        token.text
        for token in tokens
        if token.tag in ("NN", "NE") and token.lemma == token.text and token.text not in _VAGUE
    )


def _bag(text: str, frames: Frames) -> tuple[str, ...]:
    """The nouns and names of a sentence, each once: capitalised words in German, long words in English.

    In their order, for a set's order differs from process to process, and with it the lessons.
    """
    words = frames.content_words(text)
    if frames.language == "de":
        chosen = [word for word in words if word[0].isupper() and word.isalpha() and len(word) > 2]
    else:
        chosen = [word for word in words if len(word) > 4]
    return tuple(dict.fromkeys(word.lower() for word in chosen))


def _topics(words: Sequence[str], text: str, names: frozenset[str] = frozenset()) -> list[str]:
    """Words of the summary as it writes them, none of which is a form of another or its neighbour."""
    topics: list[str] = []
    for word in words:
        places = re.finditer(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE)
        found = next((place for place in places if not names or place.group() in names), None)
        if not found or any(word[:4] == other.lower()[:4] for other in topics):
            continue
        if not any(re.search(rf"{a}\W{b}", text) for a, b in _pairs(found.group(), topics)):
            topics.append(found.group())
    return topics


def _pairs(word: str, topics: Sequence[str]) -> list[tuple[str, str]]:
    escaped = re.escape(word)
    return [pair for other in map(re.escape, topics) for pair in ((escaped, other), (other, escaped))]

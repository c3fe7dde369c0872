"""Reading rows: one to four passages and a question -> the span from the right passage, or the refusal.

Three wells: questions made from encyclopedia articles and novels (wiki_questions.py), FairytaleQA's training questions,
which people wrote, and invented worlds (worlds.py), whose sibling entities make distractors that only reading tells
apart. Distractors come mostly from the same article or story; the passage with the answer stands first in half of the
rows.
"""

import json
import lzma
import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from corpus import data_folder
from rows import evidence

REFUSALS = 0.17  # share of rows whose passages do not hold the answer


@dataclass(frozen=True)
class Form:
    """How rows look; evaluation always asks in the default form."""

    words: int = 110  # of the longest passage
    passages: tuple[float, ...] = (0.42, 0.28, 0.2, 0.1)  # how often one, two, ... passages; short rows are cheaper
    refusals: float = REFUSALS


DEFAULT = Form()


@dataclass(frozen=True)
class Passage:
    """A passage, what can be asked about it, and its clozes; `group` is its article, story or world."""

    text: str
    group: str
    language: str
    questions: tuple[tuple[str, str], ...]
    clozes: tuple[tuple[str, str], ...] = ()


@lru_cache(maxsize=8)
def real_passages(work: str, source: str) -> list[Passage]:
    """Passages of one source in article order, as wiki_questions.py wrote them."""
    path = Path(work) / "questions" / f"{source}.jsonl"
    rows = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())
    return [
        Passage(row["passage"], row["title"] or str(i // 20), source[:2], tuple((q, a) for q, a, _ in row["questions"]),
                tuple((q, a) for q, a, _ in row["cloze"]))
        for i, row in enumerate(rows)
    ]  # fmt: skip


def held_out_story(story: str) -> bool:
    """Every 20th story of FairytaleQA's training split is kept for evaluate.py, by its name."""
    return sum(story.encode()) % 20 == 7


@lru_cache(maxsize=2)
def fairytales(held_out: bool = False) -> list[Passage]:
    """FairytaleQA's training passages with their human questions; long passages are cut around nothing: kept whole."""
    path = data_folder() / "qa" / "fairytaleqa-train.jsonl.xz"
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for line in lzma.decompress(path.read_bytes()).decode().splitlines():
        row = json.loads(line)
        if held_out_story(row["story"]) == held_out:
            found.setdefault((row["story"], row["passage"]), []).append((row["question"], row["answers"][0]))
    return [Passage(text, story, "en", tuple(questions)) for (story, text), questions in found.items()]


def shorten(text: str, answer: str, words: int) -> str:
    """A window of sentences around the answer, at most about `words` words; the whole text where it is short."""
    parts = text.split(" ")
    if len(parts) <= words:
        return text
    place = text.find(answer)
    at = text[:place].count(" ") if place >= 0 else 0
    start = max(0, min(at - words // 2, len(parts) - words))
    while start > 0 and not parts[start - 1].endswith((".", "!", "?", '"')) and at - start < words - 5:
        start -= 1
    return " ".join(parts[start : start + words])


def distractors(pool: Sequence[Passage], index: int, count: int, rng: random.Random) -> list[Passage]:
    """Neighbours of the same group if there are any (harder), else from anywhere."""
    near = [pool[i] for i in range(max(0, index - 6), min(len(pool), index + 7)) if i != index]
    same = [p for p in near if p.group == pool[index].group]
    chosen = []
    for _ in range(count):
        chosen.append(rng.choice(same) if same and rng.random() < 0.65 else pool[rng.randrange(len(pool))])
    return [p for p in chosen if p.text != pool[index].text]


def reading_row(
    pool: Sequence[Passage], index: int, rng: random.Random, cloze: bool, form: Form = DEFAULT
) -> str | None:
    """One row about passage `index`, or None when nothing can be asked about it."""
    gold = pool[index]
    asked = gold.clozes if cloze else gold.questions
    if not asked:
        return None
    question, answer = rng.choice(asked)
    count = rng.choices(range(1, len(form.passages) + 1), form.passages)[0]
    others = [shorten(p.text, "", form.words) for p in distractors(pool, index, count, rng)]
    if rng.random() < form.refusals:
        others = [other for other in others if answer.lower() not in other.lower()]
        return evidence(others, question, None, gold.language) if others else None
    shown = others[: count - 1]
    place = 0 if rng.random() < 0.5 else rng.randrange(len(shown) + 1)
    shown.insert(place, shorten(gold.text, answer, form.words))
    return evidence(shown, question, answer, gold.language)

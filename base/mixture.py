"""The training stream: shard i is a pure function of (seed, i), so a run can stop anywhere and workers run ahead.

A shard is also the window in which invented worlds live: their statements stand mostly in its first part, questions
about them follow, the last ones in wordings not used before. Rows are packed in this order into blocks of tokens;
natural text fills every block to the brim.
"""

import random
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import reading
import rows
import world_rows
from encode import TextStream, load_tokenizer
from settings import Settings
from tokenizer import ASSISTANT, BOS, PAD, SPECIALS, USER
from tokenizers import Tokenizer

WEIGHT_UNIT = 16  # weights are stored as sixteenths
TEXT_SHARES = {"de-klexikon": 0.14, "de-wikipedia": 0.42, "de-novels": 0.08, "en-novels": 0.36}
READING_SHARES = {"de-klexikon": 0.3, "de-wikipedia": 0.28, "de-novels": 0.04, "en-novels": 0.10, "fairytales": 0.28}
# Sixteenths: an answer is a few tokens in a hundred, and reading and recalling are learned from them alone.
ANSWER, ASKED, SHOWN, TEXT = 64, 6, 4, 16


FORM = reading.DEFAULT


@dataclass(frozen=True)
class Share:
    """Share of a shard's tokens per kind of row; natural text fills the rest."""

    reading: float = 0.0
    real: float = 0.0  # closed-book questions about real text that stands in the same shard
    worlds: float = 0.0  # closed-book worlds
    world_reading: float = 0.0
    copies: float = 0.0  # share of the places for natural text where a random piece is repeated instead
    words: tuple[int, ...] = (40, 60, 80, 110)  # of the longest passage of a reading row
    passages: tuple[float, ...] = FORM.passages
    refusals: float = FORM.refusals


MIXTURES = {
    "text": Share(),
    "copies": Share(copies=0.85),
    "real": Share(reading=0.35, real=0.15),
    "full": Share(reading=0.19, real=0.10, worlds=0.25, world_reading=0.11),
    # With few tokens to spend, what serves users first: reading passages, then recalling what was told.
    "short": Share(reading=0.26, real=0.12, worlds=0.24, world_reading=0.15),
    # Copying first: a model that cannot copy learns from reading rows only what kind of answer a question has.
    # For a base that copies from the start (circuit.py): reading and recalling in equal parts.
    "both": Share(
        reading=0.3, real=0.08, worlds=0.25, world_reading=0.17, copies=0.1, words=(20, 30, 45, 70),
        passages=(0.5, 0.3, 0.15, 0.05), refusals=0.08,
    ),
    "reader": Share(
        reading=0.45, worlds=0.06, world_reading=0.22, copies=0.6, words=(14, 20, 30, 45), passages=(0.65, 0.25, 0.1),
        refusals=0.08,
    ),
}  # fmt: skip


@lru_cache(maxsize=1)
def text_stream(work: str) -> TextStream:
    """One per process."""
    return TextStream(Path(work))


@lru_cache(maxsize=1)
def tokenizer_of(work: str) -> Tokenizer:
    """One per process."""
    return load_tokenizer(Path(work))


class Filler:
    """Natural text of one shard, handed out in pieces of any length."""

    def __init__(self, settings: Settings, work: str, index: int) -> None:
        self.stream, self.rng = text_stream(work), random.Random(f"text:{settings.seed}:{index}")
        self.copied, self.vocabulary = MIXTURES[settings.mixture].copies, settings.vocabulary
        self.place = {s: int(index * settings.shard * share) for s, share in TEXT_SHARES.items()}

    def take(self, count: int) -> tuple[np.ndarray, np.ndarray]:
        """The next `count` tokens of a source drawn by its share, and their weights."""
        if self.copied and self.rng.random() < self.copied and count >= 24:
            return self.copies(count)
        source = self.rng.choices(list(TEXT_SHARES), list(TEXT_SHARES.values()))[0]
        start = self.place[source]
        self.place[source] = start + count
        return self.stream.take(source, start, count), np.full(count, TEXT, np.uint8)

    def copies(self, count: int) -> tuple[np.ndarray, np.ndarray]:
        """A piece of random tokens or of text again and again; only the repetitions, which can be known, weigh."""
        length = self.rng.randint(5, min(64, count // 2))
        if self.rng.random() < 0.6:
            generator = np.random.default_rng(self.rng.getrandbits(32))
            piece = generator.integers(len(SPECIALS), self.vocabulary, length).astype(np.uint16)
        else:
            piece = self.stream.take("de-klexikon", self.rng.randrange(1_000_000), length)
        weights = np.full(count, TEXT, np.uint8)
        weights[:length] = 0
        return np.resize(piece, count), weights


def weigh(ids: list[int]) -> list[int]:
    """Weight of every token of a row as a target."""
    if USER not in ids[:40]:
        return [TEXT] * len(ids)
    answer = len(ids) - 1 - ids[::-1].index(ASSISTANT)
    weight = SHOWN if answer > 60 else ASKED
    return [weight] * (answer + 1) + [ANSWER] * (len(ids) - answer - 1)


def padding(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Nothing to read and nothing to learn, where a block has no room for text."""
    return np.full(count, PAD, np.uint16), np.zeros(count, np.uint8)


def pack(encoded: list[list[int]], settings: Settings, filler: Filler) -> tuple[np.ndarray, np.ndarray]:
    """Rows in order into blocks; what is left of a block is natural text."""
    size = settings.block + 1
    blocks: list[np.ndarray] = []
    weights: list[np.ndarray] = []
    chat_tokens = sum(map(len, encoded))
    count = max(1, settings.shard // settings.block)
    goal = min(size, chat_tokens / count)
    queue = iter(encoded)
    waiting = next(queue, None)
    carried = 0.0
    for _ in range(count):
        ids: list[int] = []
        marks: list[int] = []
        carried += goal
        while waiting is not None and len(ids) + len(waiting) <= size and len(ids) < carried:
            ids += waiting
            marks += weigh(waiting)
            waiting = next(queue, None)
        carried -= len(ids)
        room = size - len(ids)
        filled, filled_marks = filler.take(room) if room > 8 else padding(room)
        blocks.append(np.concatenate([filled, np.array(ids, np.uint16)]))
        weights.append(np.concatenate([filled_marks, np.array(marks, np.uint8)]))
    return np.stack(blocks), np.stack(weights)


def reading_rows(settings: Settings, work: str, budget: int, rng: random.Random) -> list[str]:
    """Reading rows about real text worth about `budget` tokens."""
    out: list[str] = []
    sources, share = list(READING_SHARES), MIXTURES[settings.mixture]
    while budget > 0:
        source = rng.choices(sources, list(READING_SHARES.values()))[0]
        pool = reading.fairytales() if source == "fairytales" else reading.real_passages(work, source)
        words = rng.choice(share.words) if settings.block < 1024 else 120
        form = reading.Form(words, share.passages, share.refusals)
        row = reading.reading_row(pool, rng.randrange(len(pool)), rng, rng.random() < 0.12, form)
        if row:
            out.append(row)
            budget -= len(row) // 4
    return out


def real_rows(settings: Settings, work: str, index: int, budget: int, rng: random.Random) -> list[tuple[float, str]]:
    """Articles with closed-book questions about them, each at its time within the shard."""
    out: list[tuple[float, str]] = []
    while budget > 0:
        source = rng.choices(["de-klexikon", "de-wikipedia", "fairytales"], [0.5, 0.3, 0.2])[0]
        pool = reading.fairytales() if source == "fairytales" else reading.real_passages(work, source)
        start = rng.randrange(len(pool) - 4)
        for passage in pool[start : start + 3]:
            title = passage.group if source != "fairytales" else ""
            told = rows.text(f"{title}\n\n{passage.text}" if title else passage.text)
            first = rng.random() * 0.6
            out += [(first, told), (first + rng.random() * (1 - first), told)]
            budget -= len(told) // 2
            for question, answer in passage.questions[:8]:
                asked = rows.closed_book(question, answer)
                out += [(first + rng.random() * (1 - first), asked) for _ in range(3)]
                budget -= 3 * len(asked) // 4
    return out


def shard_rows(settings: Settings, work: str, index: int) -> list[str]:
    """Every chat row and told passage of a shard, in order of time."""
    share, rng = MIXTURES[settings.mixture], random.Random(f"rows:{settings.seed}:{index}")
    timed = [(rng.random(), row) for row in reading_rows(settings, work, int(share.reading * settings.shard), rng)]
    timed += real_rows(settings, work, index, int(share.real * settings.shard), rng)
    timed += world_rows.closed_book_rows(work, int(share.worlds * settings.shard), rng)
    read = world_rows.reading_rows(work, int(share.world_reading * settings.shard), rng, share.refusals)
    timed += [(rng.random(), row) for row in read]
    timed.sort(key=lambda pair: pair[0])
    return [row for _, row in timed]


def make_shard(settings: Settings, work: str, index: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows of block + 1 tokens (uint16) and their weights in sixteenths (uint8)."""
    texts = shard_rows(settings, work, index)
    encodings = tokenizer_of(work).encode_batch(texts, add_special_tokens=False)
    encoded = [e.ids for e in encodings if len(e.ids) <= settings.block]
    return pack(encoded, settings, Filler(settings, work, index))


assert BOS == 1  # rows.py writes the mark as text; the tokenizer must know it

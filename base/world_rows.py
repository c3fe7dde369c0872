"""Rows about invented worlds: told and asked closed-book within one shard, or read from passages.

Closed-book, a world is a small document that is learned while it lasts: every fact is told about four times, mostly
early, asked about five times in some wordings while it is told, and at the end of the shard in wordings that it was
not asked in before; then it never returns, so that what remains is the skill. Reading uses fresh worlds: the siblings
of the entity asked about have the same kinds of facts, so only the right passage gives the right answer.
"""

import random

import rows
import values
import worlds
from worlds import Entity, Fact

GERMAN = 0.6
TELL, ASK, LATE = 4, 5, 2


def draw_world(work: str, rng: random.Random, siblings: int) -> list[Entity]:
    """A world of a random kind."""
    language = "de" if rng.random() < GERMAN else "en"
    return worlds.make_world(rng.choice(worlds.kinds(language)), rng, values.lexicon(work)[language], siblings)


def told_rows(entity: Entity, rng: random.Random) -> list[tuple[float, str]]:
    """Descriptions of an entity at random times of the first three quarters."""
    out = []
    for _ in range(max(2, TELL * len(entity.facts) // 3)):
        facts = worlds.some_facts(entity, rng, rng.choice((1, 2, 3, 3, 4)))
        out.append((rng.random() * 0.75, rows.text(worlds.description(facts, rng, rng.random() < 0.3))))
    return out


def asked_rows(fact: Fact, rng: random.Random) -> list[tuple[float, str]]:
    """Closed-book questions about a fact, each at its time."""
    out = []
    for number in range(ASK + LATE):
        late = number >= ASK
        time = 0.85 + 0.15 * rng.random() if late else 0.1 + 0.85 * rng.random()
        out.append((time, rows.closed_book(*worlds.question(fact, rng, late))))
    back = worlds.reverse_question(fact, rng)
    if back:
        out.append((0.2 + 0.8 * rng.random(), rows.closed_book(*back)))
    asked, _ = worlds.question(fact, rng, False)
    full = rows.full_sentence(asked, worlds.full_answer(fact, rng), fact.kind.language)
    return [*out, (0.2 + 0.8 * rng.random(), full)] if rng.random() < 0.5 else out


def closed_book_rows(work: str, budget: int, rng: random.Random) -> list[tuple[float, str]]:
    """Worlds worth about `budget` tokens, as (time within the shard, row)."""
    out: list[tuple[float, str]] = []
    while budget > 0:
        made: list[tuple[float, str]] = []
        for entity in draw_world(work, rng, rng.choice((2, 3, 4, 5))):
            made += told_rows(entity, rng)
            for fact in entity.facts:
                made += asked_rows(fact, rng)
        out += made
        budget -= sum(len(row) // 3 for _, row in made)
    return out


def reading_row(world: list[Entity], rng: random.Random, passages: int, refuse: bool) -> str:
    """A question about one entity over descriptions of it and of its siblings."""
    chosen = rng.sample(world, min(passages, len(world)))
    told = [worlds.some_facts(entity, rng, rng.choice((2, 3, 4, 5))) for entity in chosen]
    gold = 0 if rng.random() < 0.5 else rng.randrange(len(chosen))
    fact = rng.choice(told[gold])
    if refuse:
        fact = missing_fact(world, chosen, told, gold, rng)
    shown = [worlds.description(facts, rng, False) for facts in told]
    back = worlds.reverse_question(fact, rng) if rng.random() < 0.15 and not refuse else None
    question, answer = back or worlds.question(fact, rng, rng.random() < 0.4)
    return rows.evidence(shown, question, None if refuse else answer, fact.kind.language)


def missing_fact(
    world: list[Entity], chosen: list[Entity], told: list[list[Fact]], gold: int, rng: random.Random
) -> Fact:
    """Something the passages do not say: about a sibling that is not shown, or about one that is but left untold."""
    absent = [entity for entity in world if entity not in chosen]
    names = {fact.relation.name for fact in told[gold]}
    untold = [fact for fact in chosen[gold].facts if fact.relation.name not in names]
    if untold and (not absent or rng.random() < 0.5):
        return rng.choice(untold)
    return rng.choice(rng.choice(absent).facts)


def reading_rows(work: str, budget: int, rng: random.Random, refusals: float) -> list[str]:
    """Reading rows over fresh worlds, about six per world."""
    out: list[str] = []
    while budget > 0:
        world = draw_world(work, rng, 5)
        for _ in range(6):
            row = reading_row(world, rng, rng.choices((1, 2, 3, 4), (0.25, 0.3, 0.25, 0.2))[0], rng.random() < refusals)
            out.append(row)
            budget -= len(row) // 3
    return out

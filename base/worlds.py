"""Invented worlds: entities of one kind with facts, each fact in many wordings of statement and question.

worlds/de.txt and worlds/en.txt hold the wordings in a small language of their own:

    # kind | gender | referring forms (nominative,genitive,dative,accusative; alternatives by ";") | name | reverse
    relation = kind of value
    : statement        {S} {S2} {S3} {S4} the entity in its case, {s} its bare name, {V} {V1} {V3} {V4} the value
    ? question [| answer]        < reverse question, answered with the name        = full-sentence answer
    ?? a wording of the question that training never shows: evaluate.py asks it

(a|b|) are alternatives. A fact is told and asked in other wordings each time; which questions come last is drawn per
fact.
"""

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import values
from values import LISTS, Forms, Words

FOLDER = Path(__file__).resolve().parent / "worlds"
CHOICE = re.compile(r"\(([^()]*\|[^()]*)\)")
SLOT = re.compile(r"\{(\w+)\}")
PRONOUN = {"de": {"m": "Er", "f": "Sie", "n": "Es"}, "en": {"g": "It"}}


@dataclass
class Relation:
    """One thing to know about every entity of a kind."""

    name: str
    value: str
    tell: list[str] = field(default_factory=list)
    ask: list[tuple[str, str]] = field(default_factory=list)
    unseen: list[tuple[str, str]] = field(default_factory=list)
    back: list[str] = field(default_factory=list)
    full: str = ""


@dataclass
class Kind:
    """A kind of entity with its relations."""

    name: str
    language: str
    gender: str
    forms: list[list[str]]
    names: str
    reverse: list[str]
    relations: list[Relation] = field(default_factory=list)


@dataclass(eq=False)
class Fact:
    """Slots of one fact: the entity's forms and the value's."""

    kind: Kind
    relation: Relation
    entity: "Entity"
    slots: Forms
    order: list[int]  # of the questions; the last ones are kept for the end of the window


@dataclass(eq=False)
class Entity:
    """A name with its case forms; several referring forms where the kind has them."""

    name: str
    gender: str
    forms: list[list[str]]
    facts: list[Fact] = field(default_factory=list)


def parse(language: str) -> list[Kind]:
    """Read worlds/<language>.txt."""
    kinds: list[Kind] = []
    for line in (FOLDER / f"{language}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            kinds.append(parse_kind(line[2:], language))
        elif line.strip():
            add_line(kinds[-1], line)
    return kinds


def parse_kind(line: str, language: str) -> Kind:
    """The header of a kind."""
    parts = [part.strip() for part in line.split("|")]
    name, gender, forms, names = parts[:4]
    variants = [
        [form.strip() for form in variant.split(",")]
        for variant in forms.split(";")
        if variant.strip() not in ("", "-")
    ]
    reverse = [word.strip() for word in parts[4].split(",")] if len(parts) > 4 else []
    return Kind(name, language, gender, [v for v in variants if len(v) in (1, 4)], names, reverse)


def add_line(kind: Kind, line: str) -> None:
    """One wording, or the head of a new relation."""
    mark, _, rest = line.partition(" ")
    if mark in ("?", "??"):
        question, _, answer = rest.rpartition(" | ") if re.search(r" \| [^)]*$", rest) else (rest, "", "{V}")
        relation = kind.relations[-1]
        (relation.ask if mark == "?" else relation.unseen).append((question.strip(), answer.strip()))
    elif mark in (":", "<", "="):
        relation = kind.relations[-1]
        if mark == "=":
            relation.full = rest
        else:
            (relation.tell if mark == ":" else relation.back).append(rest)
    else:
        name, _, value = line.partition(" = ")
        kind.relations.append(Relation(name.strip(), value.strip()))


@lru_cache(maxsize=2)
def kinds(language: str) -> list[Kind]:
    """All kinds of a language."""
    return parse(language)


def expand(template: str, slots: Forms, rng: random.Random) -> str:
    """Choose among alternatives, fill the slots, tidy blanks and the first letter."""
    while "(" in template:
        replaced = CHOICE.sub(lambda hit: rng.choice(hit.group(1).split("|")), template)
        if replaced == template:
            break
        template = replaced
    text = SLOT.sub(lambda hit: slots[hit.group(1)], template)
    text = " ".join(text.split()).replace(" ?", "?").replace(" .", ".").replace(" ,", ",")
    return text[0].upper() + text[1:]


def compound_entity(kind: Kind, rng: random.Random) -> Entity:
    """German compounds with an invented or real modifier: der Nebelfilter, die Torfkatze, das Tolmgerät."""
    head, gender, genitive = rng.choice(LISTS["compound heads"][kind.names]).split(":")
    if kind.names == "term":
        name = (values.syllables(rng, rng.choice((1, 2))).rstrip("aeiou") + head).capitalize()
    elif rng.random() < 0.5:
        name = rng.choice(LISTS["modifiers"]) + head
    else:
        name = values.name_word(rng, "de") + head
    articles = {"m": ("der", "des", "dem", "den"), "f": ("die", "der", "der", "die"), "n": ("das", "des", "dem", "das")}
    forms = [f"{a} {name}{genitive if i == 1 else ''}" for i, a in enumerate(articles[gender])]
    return Entity(name, gender, [forms])


def rule_name(rng: random.Random, language: str) -> str:
    """B-17, 204b or an invented word."""
    number = rng.randrange(2, 300)
    return rng.choice(
        (f"{rng.choice('ABCDEFGHK')}-{number}", f"{number}{rng.choice('abc')}", values.name_word(rng, language))
    )


def headed(kind: str, rng: random.Random, words: Words) -> str:
    """English names that end in a real noun or suffix: 'tolm pump', 'Sadri soup', 'prixation'."""
    head = rng.choice(LISTS["english heads"][kind])
    if kind == "word":
        return values.syllables(rng, rng.choice((1, 2)), "en") + str(head)
    real = rng.choice(words["noun"]) if kind == "thing" and rng.random() < 0.5 else values.syllables(rng, 2, "en")
    return f"{real.capitalize() if kind == 'meal' else real} {head}"


def entity_name(kind: Kind, rng: random.Random, words: Words) -> str:
    """The bare name."""
    language = kind.language
    if kind.names in LISTS["english heads"]:
        return headed(kind.names, rng, words)
    makers: dict[str, Callable[[], str]] = {
        "brand": lambda: values.syllables(rng, rng.choice((1, 2, 3)), language).capitalize(),
        "place": lambda: values.place(rng, language),
        "person": lambda: values.person(rng, words, language),
        "command": lambda: values.syllables(rng, 1, "en") + rng.choice("-_") + values.syllables(rng, 2, "en"),
        "rule": lambda: rule_name(rng, language),
        "course": lambda: rng.choice(words["f"]),
        "hero": lambda: values.name_word(rng, language),
    }
    return makers[kind.names]()


def make_entity(kind: Kind, rng: random.Random, words: Words) -> Entity:
    """An entity without facts."""
    if kind.language == "de" and kind.names in LISTS["compound heads"]:
        return compound_entity(kind, rng)
    name = entity_name(kind, rng, words)
    if kind.language == "en":
        forms = [form.replace("*", name) for variant in kind.forms for form in variant] or [name]
        return Entity(name, kind.gender, [[form, f"of {form}", form, form] for form in forms])
    if kind.names == "hero":
        *cases, gender = rng.choice(LISTS["heroes"]).replace("{}", name).split(":")
        return Entity(name, gender, [cases])
    forms4 = [[f"{article} {name}" for article in variant] for variant in kind.forms]
    bare = [[name, f"von {name}", name, name]] if kind.name in ("stadt", "person") else []
    return Entity(name, kind.gender, bare + forms4)


def extra_slots(kind: Kind, rng: random.Random, words: Words) -> Forms:
    """A second year, giver and cause, for the wordings that use them."""
    plain, _, dative = rng.choice(LISTS["givers"][kind.language]).partition(":")
    return {"Y": str(rng.randrange(1100, 2020)), "Z": plain, "Z3": dative or plain, "C": rng.choice(words["cause"])}


def make_fact(kind: Kind, relation: Relation, entity: Entity, rng: random.Random, words: Words) -> Fact:
    """Draw the value and the order of the questions."""
    forms = values.value(relation.value, rng, words, kind.language)
    plain = forms[""]
    slots = {"V": plain, "V1": plain[0].upper() + plain[1:], "V3": forms.get("3", plain), "V4": forms.get("4", plain)}
    order = list(range(len(relation.ask)))
    rng.shuffle(order)
    return Fact(kind, relation, entity, {**slots, **extra_slots(kind, rng, words)}, order)


def make_world(kind: Kind, rng: random.Random, words: Words, siblings: int) -> list[Entity]:
    """Sibling entities of one kind, each with every relation: only the right name leads to the right value."""
    found: dict[str, Entity] = {}
    for _ in range(siblings * 10):  # two of one name could not be told apart, so a repeated name is drawn again
        entity = make_entity(kind, rng, words)
        found.setdefault(entity.name, entity)
        if len(found) == siblings:
            break
    world = list(found.values())
    for entity in world:
        entity.facts = [make_fact(kind, relation, entity, rng, words) for relation in kind.relations]
    return world


def slots_of(fact: Fact, rng: random.Random) -> Forms:
    """The slots with one of the entity's referring forms."""
    forms = rng.choice(fact.entity.forms)
    reverse = rng.choice(fact.kind.reverse) if fact.kind.reverse else ""
    return {
        **fact.slots,
        "S": forms[0],
        "S2": forms[1],
        "S3": forms[2],
        "S4": forms[3],
        "s": fact.entity.name,
        "W": reverse,
    }


def statement(fact: Fact, rng: random.Random, pronoun: bool = False) -> str:
    """One wording of the fact; with `pronoun` an entity at the beginning becomes er, sie, es."""
    slots, template = slots_of(fact, rng), rng.choice(fact.relation.tell)
    word = PRONOUN[fact.kind.language].get(fact.entity.gender)
    if pronoun and word and template.startswith("{S} "):
        slots = {**slots, "S": word}
    return expand(template, slots, rng)


def question(fact: Fact, rng: random.Random, late: bool) -> tuple[str, str]:
    """A question and its short answer; `late` wordings are the last two of the fact's own order."""
    cut = max(1, len(fact.order) - 2)
    number = rng.choice(fact.order[cut:] if late and len(fact.order) > 1 else fact.order[:cut])
    asked, answer = fact.relation.ask[number]
    slots = slots_of(fact, rng)
    return expand(asked, slots, rng), SLOT.sub(lambda hit: slots[hit.group(1)], answer)


def unseen_question(fact: Fact, rng: random.Random) -> tuple[str, str] | None:
    """A wording that training never shows."""
    if not fact.relation.unseen:
        return None
    asked, answer = rng.choice(fact.relation.unseen)
    slots = slots_of(fact, rng)
    return expand(asked, slots, rng), SLOT.sub(lambda hit: slots[hit.group(1)], answer)


def reverse_question(fact: Fact, rng: random.Random) -> tuple[str, str] | None:
    """From the value to the entity's name."""
    if not fact.relation.back:
        return None
    slots = slots_of(fact, rng)
    return expand(rng.choice(fact.relation.back), slots, rng), slots["S"] if rng.random() < 0.5 else slots["s"]


def full_answer(fact: Fact, rng: random.Random) -> str:
    """The answer as a whole sentence."""
    return expand(fact.relation.full, slots_of(fact, rng), rng)


def description(facts: list[Fact], rng: random.Random, title: bool) -> str:
    """A short text about one entity, pronouns from the second sentence on."""
    told = [statement(fact, rng, pronoun=i > 0 and rng.random() < 0.6) for i, fact in enumerate(facts)]
    body = " ".join(told)
    return f"{facts[0].entity.name}\n\n{body}" if title else body


def some_facts(entity: Entity, rng: random.Random, count: int) -> list[Fact]:
    """Facts for one description, in random order."""
    return rng.sample(entity.facts, min(count, len(entity.facts)))


def facts_of(world: list[Entity]) -> Iterator[Fact]:
    """All facts of a world."""
    for entity in world:
        yield from entity.facts

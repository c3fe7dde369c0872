"""Values and names for invented worlds, in both languages: a value is a dict of forms, "" being the short answer.

Forms: "" nominative and short answer, "3" dative, "4" accusative. Missing forms are the plain one, because most kinds
of value (years, names, clauses) have no case. Word lists stand in worlds/words.yaml, mined words and phrases in the
lexicon.
"""

import json
import random
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

Forms = dict[str, str]
Words = dict[str, list[str]]
LISTS: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "worlds" / "words.yaml").read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def lexicon(work: str) -> dict[str, Words]:
    """Mined words, see lexicon.py."""
    return dict(json.loads((Path(work) / "lexicon.json").read_text(encoding="utf-8")))


def syllables(rng: random.Random, count: int, language: str = "de") -> str:
    """An invented word."""
    vowels = LISTS["vowels"] if language == "de" else LISTS["vowels"][:10]
    parts = [rng.choice(LISTS["onsets"]) + rng.choice(vowels) for _ in range(count)]
    return "".join(parts) + str(rng.choice(LISTS["ends"]))


def name_word(rng: random.Random, language: str) -> str:
    """An invented word of one or two syllables, capitalised."""
    return syllables(rng, rng.choice((1, 2)), language).capitalize()


def person(rng: random.Random, words: Words, language: str) -> str:
    """First and last name; first names real or invented, last names mined or invented."""
    first = rng.choice(LISTS["first names"]) if rng.random() < 0.75 else syllables(rng, 2, language).capitalize()
    last = rng.choice(words["surname"]) if rng.random() < 0.4 else name_word(rng, language)
    return f"{first} {last}"


def place(rng: random.Random, language: str) -> str:
    """An invented place with a usual ending."""
    return name_word(rng, language) + str(rng.choice(LISTS["place ends"][language]))


def number(low: int, high: int, rng: random.Random, language: str) -> str:
    """A number of any size between the bounds, with the language's thousands mark from 10,000."""
    value = int(low * (high / low) ** rng.random())
    if value < 10000:
        return str(value)
    return f"{value:,}" if language == "en" else f"{value:,}".replace(",", ".")


def listed(items: list[str], language: str) -> str:
    """Three things as one phrase."""
    return f"{items[0]}, {items[1]} {'und' if language == 'de' else 'and'} {items[2]}"


def look(rng: random.Random) -> str:
    """The stem of a German adjective before its ending."""
    return str(rng.choice(LISTS["looks"]["de"])).replace("hoch", "hoh")


def adjective_noun(rng: random.Random, pair: str) -> Forms:
    """'der alte Turm' in its cases, from 'Turm:m'."""
    noun, gender = pair.split(":")
    stem = look(rng)
    article = {"m": ("der", "dem", "den"), "f": ("die", "der", "die"), "n": ("das", "dem", "das")}[gender]
    accusative = f"{article[2]} {stem}{'en' if gender == 'm' else 'e'} {noun}"
    return {"": f"{article[0]} {stem}e {noun}", "3": f"{article[1]} {stem}en {noun}", "4": accusative}


def first_big(text: str) -> str:
    """Only the first letter changes; str.capitalize would make the nouns small."""
    return text[0].upper() + text[1:]


def thing(rng: random.Random, words: Words) -> str:
    """'einen silbernen Löffel': a thing in the accusative."""
    gender = rng.choice("mfn")
    article, ending = {"m": ("einen", "en"), "f": ("eine", "e"), "n": ("ein", "es")}[gender]
    return f"{article} {look(rng)}{ending} {rng.choice(words[gender])}"


def title(rng: random.Random, words: Words) -> str:
    """The title of a German book."""
    gender = rng.choice("mfn")
    return f"„{first_big(adjective_noun(rng, rng.choice(words[gender]) + ':' + gender)[''])}“"


def office(rng: random.Random, words: Words) -> Forms:
    """A German authority."""
    name = rng.choice(words["plural"]).removesuffix("s") + "amt"
    return {"": f"das {name}", "3": f"dem {name}"}


def file_name(rng: random.Random) -> str:
    """A path of a configuration file."""
    folder = rng.choice(("etc", syllables(rng, 1, "en")))
    return f"/{folder}/{syllables(rng, 2, 'en')}" + rng.choice((".conf", ".ini", ".yaml", ".d"))


def german_value(kind: str, rng: random.Random, words: Words) -> Forms:
    """Values whose form depends on German grammar."""
    pick: dict[str, Callable[[], Forms]] = {
        "noun_plural": lambda: {"": rng.choice(words["plural"])},
        "building": lambda: adjective_noun(rng, rng.choice(LISTS["buildings"]["de"])),
        "disaster": lambda: adjective_noun(rng, rng.choice(LISTS["disasters"]["de"])),
        "use": lambda: {"": f"zum {rng.choice(words['verb'])} von {rng.choice(words['plural'])}"},
        "parts": lambda: {"": listed(rng.sample(words["plural"], 3), "de")},
        "title": lambda: {"": title(rng, words)},
        "thing4": lambda: {"": thing(rng, words)},
        "creature4": lambda: {"": rng.choice(LISTS["creatures"]["de"])},
        "office": lambda: office(rng, words),
        "room": lambda: {"": rng.choice(("in Raum ", "im Saal ", "im Zimmer ")) + str(rng.randrange(1, 480))},
        "animal_plural": lambda: {"": rng.choice(LISTS["beasts"]["de"])},
    }
    return pick[kind]()


def english_value(kind: str, rng: random.Random, words: Words) -> Forms:
    """The same kinds in English."""
    adjective = rng.choice(LISTS["looks"]["en"])
    article = "an" if adjective[0] in "aeiou" else "a"
    pick: dict[str, Callable[[], str]] = {
        "noun_plural": lambda: rng.choice(words["plural"]),
        "building": lambda: f"the {adjective} {rng.choice(LISTS['buildings']['en'])}",
        "disaster": lambda: "a great " + rng.choice(LISTS["disasters"]["en"]),
        "use": lambda: f"for {rng.choice(LISTS['tasks'])} {rng.choice(words['plural'])}",
        "parts": lambda: listed(rng.sample(words["plural"], 3), "en"),
        "title": lambda: (
            f'"The {rng.choice(words["adjective"]).capitalize()} {rng.choice(words["noun"]).capitalize()}"'
        ),
        "thing4": lambda: f"{article} {adjective} {rng.choice(words['noun'])}",
        "creature4": lambda: rng.choice(LISTS["creatures"]["en"]),
        "office": lambda: f"the Office of {rng.choice(words['plural']).capitalize()}",
        "room": lambda: rng.choice(("in room ", "in hall ")) + str(rng.randrange(1, 480)),
        "animal_plural": lambda: rng.choice(LISTS["beasts"]["en"]),
    }
    return {"": pick[kind]()}


def measure(kind: str, rng: random.Random, language: str) -> str | None:
    """Dates, times, prices and lengths; None when the kind is not one of these."""
    de = language == "de"
    day, month, year = rng.randrange(1, 29), rng.choice(LISTS["months"][language]), rng.randrange(1100, 2024)
    minute, spans = (
        rng.choice(("00", "15", "30", "45")),
        ("Tagen", "Wochen", "Monaten") if de else ("days", "weeks", "months"),
    )
    lengths = ("Zentimeter", "Millimeter", "Meter") if de else ("centimetres", "inches", "feet")
    return {
        "year": str(year),
        "date": f"{day}{'.' if de else ''} {month} {year}",
        "time": f"{rng.randrange(7, 22)}{'.' if de else ':'}{minute}{' Uhr' if de else ''}",
        "price": f"{rng.randrange(2, 900)} {'Euro' if de else 'pounds'}",
        "duration": f"{rng.randrange(2, 60)} {rng.choice(spans)}",
        "minutes": f"{rng.randrange(4, 180)} {'Minuten' if de else 'minutes'}",
        "length": f"{rng.randrange(2, 190)} {rng.choice(lengths)}",
        "weekday": rng.choice(LISTS["days"][language]),
    }.get(kind)


def plain_value(kind: str, rng: random.Random, words: Words, language: str) -> str | None:
    """Values without case; None when the kind is not one of these."""
    if kind.startswith("num:"):
        low, high = map(int, kind.split(":")[1:])
        return number(low, high, rng, language)
    if kind in ("purpose", "cause", "habitat", "definition"):
        return rng.choice(words[kind])
    if kind in ("job", "material", "feeling"):
        return str(rng.choice(LISTS[kind + "s"][language]))
    foods = LISTS["foods"][language]
    pick: dict[str, Callable[[], str]] = {
        "person": lambda: person(rng, words, language),
        "place": lambda: place(rng, language),
        "river": lambda: name_word(rng, language),
        "food": lambda: (" und " if language == "de" else " and ").join(rng.sample(foods, 2)),
        "ingredients": lambda: listed(rng.sample(foods, 3), language),
        "action": lambda: rng.choice(words["purpose"]),
        "file": lambda: file_name(rng),
        "abbreviation": lambda: "".join(rng.choice("ABCDEFGHIKLMNOPRSTVW") for _ in range(rng.choice((2, 3, 3, 4)))),
    }
    return pick[kind]() if kind in pick else measure(kind, rng, language)


def value(kind: str, rng: random.Random, words: Words, language: str) -> Forms:
    """A value of one kind in all its forms."""
    plain = plain_value(kind, rng, words, language)
    if plain is not None:
        return {"": plain}
    return german_value(kind, rng, words) if language == "de" else english_value(kind, rng, words)

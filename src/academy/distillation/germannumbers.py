"""How many, how much, how long: German phrases with a number."""

from academy.distillation.clauses import word_set
from academy.distillation.germanclauses import Clause, Phrase
from academy.distillation.germansubjects import is_plural, is_temporal, time_word
from academy.distillation.germanwords import AMOUNT, MEASURED

_ONE = ("ein", "eine", "einen", "eins")
_UNITS = word_set(
    "km m cm mm kg g t l ml km² m² qm ha prozent % euro dollar mark franken meter metern kilometer kilometern",
    "zentimeter millimeter kilogramm gramm tonnen liter hektar grad stunden minuten sekunden tage tagen wochen monate",
    "monaten jahre jahren kb mb gb tb byte bytes bit bits hertz hz khz mhz ghz watt kw mw volt ampere millionen",
    "milliarden ms quadratmeter quadratkilometer zeichen",
)


def counted(phrase: Phrase, clause: Clause) -> tuple[str, str] | None:
    """("Wie viele Saiten", "sechs") for "sechs Saiten"."""
    if phrase.kind != "np" or time_word(phrase) or clause.verb.lemma == "werden":
        return None
    return count_of(phrase)


def counted_subject(clause: Clause) -> tuple[str, str] | None:
    """For "Sechs Saiten ..." in front of a plural verb."""
    return count_of(clause.front) if clause.front.kind == "np" and is_plural(clause.verb) else None


def amount(phrase: Phrase, clause: Clause) -> tuple[str, str] | None:
    """("Wie lang", "80 km") for "ist 80 km lang", ("Wie lange", "zwei Stunden") for "dauert zwei Stunden"."""
    if phrase.kind != "np" or not _is_measure(phrase):
        return None
    if clause.verb.lemma in AMOUNT and not clause.bracket:
        return AMOUNT[clause.verb.lemma], phrase.text
    last = clause.middle[-1] if clause.middle else None
    place = clause.middle.index(phrase) if clause.middle and phrase in clause.middle else -1
    degree = clause.verb.lemma == "sein" and last is not None and last.text in MEASURED and len(last.tokens) == 1
    if degree and clause.middle and place == len(clause.middle) - 2 and last is not None:
        return f"Wie {last.text}", phrase.text
    return None


def _is_measure(phrase: Phrase) -> bool:
    return any(token.tag == "CARD" for token in phrase.tokens) and phrase.tokens[-1].text.lower() in _UNITS


def count_of(phrase: Phrase) -> tuple[str, str] | None:
    """The question word and the number of a counted noun."""
    tokens = phrase.tokens
    place = next((number for number, token in enumerate(tokens) if token.tag == "CARD"), None)
    if place is None or tokens[place].text.lower() in _ONE or place + 1 >= len(tokens):
        return None
    before, things = tokens[:place], tokens[place + 1 :]
    vague = all(
        token.text.lower() in ("mehr", "als", "rund", "etwa", "knapp", "fast", "über", "mindestens", "bis", "zu")
        for token in before
    )
    plain = all(token.tag == "ADJ(A)" for token in things[:-1]) and things[-1].tag in ("NN", "NNA")
    noun = things[-1].text
    if not vague or not plain or noun.lower() in _UNITS or is_temporal(noun) or not tokens[place].text[0].isalnum():
        return None
    if _is_year(tokens[place].text):
        return None
    number = " ".join(token.text for token in (*before, tokens[place]))
    return f"Wie viele {' '.join(token.text for token in things)}", number[0].lower() + number[1:]


def _is_year(text: str) -> bool:
    return len(text) == 4 and text.isdigit() and "1000" <= text <= "2100"

"""Words and phrases for invented worlds, mined from the corpus, so that values are as diverse as real text.

    python base/lexicon.py --work WORK

German nouns get their gender from the articles they stand with ("eine X" is feminine, "einen X" masculine, "das X"
neuter). Purposes ("um ... zu ..."), causes ("weil ...") and places ("in der ...") are taken as they stand, verb at
the end: they are grammatical in every frame of worlds/*.txt. Writes WORK/lexicon.json.
"""

import argparse
import json
import re
from collections import Counter
from pathlib import Path

LIMIT = 100_000_000  # characters per source
NOUN = r"[A-ZÄÖÜ][a-zäöüß]{3,}"


def frequent(found: list[str], least: int, most: int) -> list[str]:
    """Distinct entries that occur at least `least` times, most frequent first."""
    return [word for word, count in Counter(found).most_common(most) if count >= least]


def german_nouns(text: str) -> dict[str, list[str]]:
    """Nouns by gender, and plurals."""
    female, male = (Counter(re.findall(rf"\b{a} ({NOUN})\b", text)) for a in ("eine", "einen"))
    neuter, plain = (Counter(re.findall(rf"\b{a} ({NOUN})\b", text)) for a in ("das", "ein"))
    out: dict[str, list[str]] = {
        "f": [w for w, n in female.most_common(4000) if n > 1 and n > 4 * male[w] and not neuter[w]],
        "m": [w for w, n in male.most_common(4000) if n > 1 and n > 4 * female[w] and not neuter[w]],
        "n": [w for w, n in neuter.most_common(4000) if n > 1 and plain[w] and not male[w] and not female[w]],
    }
    out["plural"] = frequent(
        re.findall(rf"\b(?:viele|mehrere|zwei|drei|vier|einige) ({NOUN}(?:en|er|e|n|s))\b", text), 2, 4000
    )
    return out


def german(text: str) -> dict[str, list[str]]:
    """Everything for German worlds."""
    words = german_nouns(text)
    words["adjective"] = frequent(re.findall(rf"\beine ([a-zäöü][a-zäöüß]{{3,}}e) {NOUN}\b", text), 3, 1500)
    words["purpose"] = frequent(
        re.findall(r", um ((?:[a-zäöüß]+ ){0,2}[A-ZÄÖÜ][^,.;:()]{3,40} zu [a-zäöüß]+en)[.,]", text), 1, 6000
    )
    causes = re.findall(
        rf", weil ((?:der|die|das|ein|eine|viele|seine|ihre|dort|kein|keine) [^,.;:()\"]*?{NOUN}[^,.;:()\"]{{5,50}})\.",
        text,
    )
    words["cause"] = frequent(causes, 1, 6000)
    places = re.findall(
        r"\b(?:lebt|leben|liegt|liegen|wohnt|wohnen|steht|stehen|wächst|wachsen|findet man es|sitzt) "
        r"((?:in|an|auf|unter|hinter|neben|bei|am|im) (?:(?:der|dem|einer|einem|den) )?(?:[a-zäöüß]+(?:en|er|em) )?"
        rf"{NOUN})\b",
        text,
    )
    words["habitat"] = frequent(places, 1, 4000)
    words["definition"] = frequent(
        re.findall(rf"\bist (eine (?:[a-zäöüß]+e )?{NOUN} [^,.;:()\"]{{8,60}})\.", text), 1, 5000
    )
    words["verb"] = frequent(
        re.findall(r"\bbeim ([A-ZÄÖÜ][a-zäöüß]{3,}en)\b", text)
        + re.findall(r"\bzum ([A-ZÄÖÜ][a-zäöüß]{3,}en)\b", text),
        2,
        800,
    )
    words["surname"] = frequent(
        re.findall(r"\b(?:Herr|Frau|Johann|Karl|Hans|Anna|Maria|Otto) (?:von )?([A-ZÄÖÜ][a-zäöüß]{3,})\b", text),
        2,
        1500,
    )
    return words


def english(text: str) -> dict[str, list[str]]:
    """Everything for English worlds."""
    adjectives = frequent(re.findall(r"\bvery ([a-z]{4,})(?= [a-z]+\b|[.,;])", text), 3, 900)
    known = set(adjectives)
    nouns = re.findall(r"\b(?:a|an) ([a-z]{4,})(?=[.,;]| of\b| and\b| in\b| with\b| on\b)", text)
    places = re.findall(
        r"\b(?:lived|lay|stood|sat|grew|hid|slept) ((?:in|on|under|behind|near|at|beside) (?:the|a|an) "
        r"(?:[a-z]+ )?[a-z]{4,})(?=[.,;]| and\b)",
        text,
    )
    return {
        "adjective": adjectives,
        "noun": [n for n in frequent(nouns, 3, 3000) if n not in known],
        "plural": frequent(re.findall(r"\b(?:many|several|some|few|three|two|four) ([a-z]{3,}s)\b", text), 2, 2500),
        "purpose": frequent(
            re.findall(
                r"\b(?:in order|went|came|tried|wished|hoped|ready|began) to "
                r"((?!be\b|have\b|was\b)[a-z]+ (?:the|a|an|his|her|their|some|any) [a-z ]{4,40})[.,;]",
                text,
            ),
            1,
            6000,
        ),
        "cause": frequent(
            re.findall(
                r"\bbecause ((?:the|a|an|his|her|there|no|all|some|people|every) [^,.;:()\"“”]{10,60})[.;,]", text
            ),
            1,
            5000,
        ),
        "habitat": frequent(places, 1, 3000),
        "definition": frequent(
            re.findall(
                r"\b(?:is|was) ((?:a|an) (?:[a-z]+ )?[a-z]{4,} (?:of|for|with|in|that|which) [^,.;:()\"“”]{6,50})[.;]",
                text,
            ),
            1,
            5000,
        ),
        "surname": frequent(re.findall(r"\b(?:Mr|Mrs|Miss|Lady|Sir|Lord)\.? ([A-Z][a-z]{3,})\b", text), 2, 1500),
    }


def build(work: Path) -> dict[str, dict[str, list[str]]]:
    """Mine both languages."""
    texts = {
        source: (work / "text" / f"{source}.txt").read_text(encoding="utf-8")[:LIMIT]
        for source in ("de-klexikon", "de-wikipedia", "en-novels")
    }
    novels = re.sub(r"\s+", " ", (work / "text" / "en-novels.txt").read_text(encoding="utf-8")[: 2 * LIMIT])
    return {"de": german(texts["de-klexikon"] + texts["de-wikipedia"]), "en": english(novels)}


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=Path("base/work"))
    args = parser.parse_args()
    words = build(args.work)
    (args.work / "lexicon.json").write_text(json.dumps(words, ensure_ascii=False, indent=0), encoding="utf-8")
    print({language: {key: len(value) for key, value in table.items()} for language, table in words.items()})


if __name__ == "__main__":
    main()

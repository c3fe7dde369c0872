"""Questions from real text: passages of the corpus with the questions that rules can make of their sentences.

    python base/wiki_questions.py --work WORK [--megabytes 40]

german.py and english.py hold the rules; every passage also gets a cloze. Writes WORK/questions/<source>.jsonl: one
line per passage, {"title", "passage", "questions": [[question, answer, sentence]], "cloze": [...]}.
"""

import argparse
import json
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import english
import german
from corpus import SOURCES
from encode import read_documents

CONTENT = re.compile(r"\b(?:\d[\d.]*\d|\d|[A-ZÄÖÜ]?[a-zäöüß]{5,}|[A-Z][a-z]{3,})\b")
CLOZE = {
    "de": ("Ergänze: {}", "Welches Wort fehlt? {}", "Setze das fehlende Wort ein: {}", "Was gehört in die Lücke? {}"),
    "en": ("Fill the gap: {}", "Which word is missing? {}", "Complete the sentence: {}"),
}


def cloze(sentence: str, language: str, rng: random.Random) -> tuple[str, str] | None:
    """A sentence with one content word missing; nouns and numbers first."""
    words = list(CONTENT.finditer(sentence))[1:]
    nouns = [word for word in words if word.group()[0].isupper() or word.group()[0].isdigit()] or words
    if not nouns or not 40 < len(sentence) < 160:
        return None
    hit = rng.choice(nouns)
    gap = sentence[: hit.start()] + "___" + sentence[hit.end() :]
    return rng.choice(CLOZE[language]).format(gap), hit.group()


def sentences(text: str, language: str) -> list[str]:
    """Encyclopedias have one sentence per line; novels are split at full stops."""
    lines = [line.strip() for line in text.split("\n")]
    if language == "de" and sum(map(len, lines)) / max(len(lines), 1) < 160:
        return [line for line in lines if len(line) > 20]
    return [part for line in lines for part in re.split(r"(?<=[a-zäöüß][.!?]) (?=[A-ZÄÖÜ])", line) if len(part) > 20]


def passages(text: str, language: str, rng: random.Random) -> Iterator[list[str]]:
    """Consecutive sentences of 30 to 110 words together."""
    part: list[str] = []
    goal = rng.randrange(30, 110)
    for sentence in sentences(text, language):
        part.append(sentence)
        if sum(s.count(" ") + 1 for s in part) >= goal:
            yield part
            part, goal = [], rng.randrange(30, 110)


def passage_row(
    title: str, part: list[str], language: str, rng: random.Random, adverbs: frozenset[str]
) -> dict[str, Any]:
    """All questions of one passage; passages without any are still useful as distractors."""
    found = []
    for sentence in part:
        pairs = german.questions(sentence, rng, adverbs) if language == "de" else english.questions(sentence, rng)
        for question, answer in pairs:
            if answer and answer.count(" ") < 14 and len(question) < 170:
                found.append([question, answer, sentence])
    gap_from = rng.choice(part)
    gap = cloze(gap_from, language, rng)
    clozes = [[*gap, gap_from]] if gap else []
    return {"title": title, "passage": " ".join(part), "questions": found, "cloze": clozes}


def build(work: Path, source: str, limit: int) -> dict[str, int]:
    """Write the passages and questions of one source."""
    rng, language = random.Random(source), source[:2]
    documents = read_documents(work, source)
    rng.shuffle(documents)
    counts, used = {"passages": 0, "questions": 0}, 0
    (work / "questions").mkdir(exist_ok=True)
    with (work / "questions" / f"{source}.jsonl").open("w", encoding="utf-8") as file:
        for document in documents:
            title, _, body = document.partition("\n")
            used += len(body)
            if used > limit:
                break
            for part in passages(body, language, rng):
                row = passage_row(title, part, language, rng, german.small_words(str(work)))
                counts["passages"] += 1
                counts["questions"] += len(row["questions"])
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
    return counts


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=Path("base/work"))
    parser.add_argument("--megabytes", type=int, default=250, help="per source, at most")
    args = parser.parse_args()
    for source in SOURCES:
        print(source, json.dumps(build(args.work, source, args.megabytes * 1_000_000)), flush=True)


if __name__ == "__main__":
    main()

"""What the offline teacher makes of documents: coverage, kinds, words per second, memory; or a sample to judge.

python -m benchmarks.teacher DOCUMENT...                                          a table and a JSON line
python -m benchmarks.teacher --words 1000000 DOCUMENT...                          the documents again and again: memory
python -m benchmarks.teacher --sample 200 --language de --seed 1 --out FILE A B C D      lessons for blind judging

A sentence bears a fact when it has a full stop, four words, a finite verb and a noun or number, whatever it points at:
the measure knows nothing of the rules that decide whether a lesson is written.
"""

import argparse
import json
import random
import resource
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import cycle
from pathlib import Path

from academy.chunking import chunk
from academy.config import ChunkConfig, DistilConfig, IngestConfig
from academy.distillation import distil
from academy.distillation.proof import find_quote
from academy.distillation.tagging import tagged
from academy.ingestion import find_sources, ingest
from academy.languages import detect
from academy.models.student import EMBEDDED_FOLDER
from academy.models.template import load_template
from academy.records import Chunk, Document, Lesson, MessagesBody, TextBody
from academy.sentences import sentences

CONFIG = DistilConfig(exam_share=1.0)
ENOUGH = 3
"""Kinds of lessons that a covered sentence has."""
NO_SENTENCE = ("passage", "summary", "unanswerable")
"""Kinds that do not teach one sentence."""
FINITE = ("VV(FIN)", "VA(FIN)", "VM(FIN)", "VVZ", "VVD", "VVB", "VBZ", "VBD", "VBB", "VHZ", "VHD", "VHB", "VDZ", "VDD")
FINITE += ("VM0",)
NOMINAL = ("NN", "NE", "NNA", "NNI", "FM", "CARD", "NN0", "NN1", "NN2", "NP0", "CRD")


def documents(paths: Sequence[str]) -> Iterator[Document]:
    """What the files hold, as stage 1 reads them."""
    for path in paths:
        for source in find_sources([Path(path)]):
            yield from (record for record in ingest(source, IngestConfig()) if isinstance(record, Document))


def chunks(document: Document) -> Iterator[Chunk]:
    """The passages of a document."""
    yield from chunk(document, ChunkConfig(), load_template(EMBEDDED_FOLDER).count)


def lessons(piece: Chunk, document: Document) -> Iterator[Lesson]:
    """What stage 3 teaches of a passage."""
    yield from (item for item in distil(piece, CONFIG, documents=lambda _id: document) if isinstance(item, Lesson))


def bears_fact(text: str, language: str) -> bool:
    """Whether a sentence says something that could be asked."""
    if not text.endswith(".") or len(text.split()) < 4:
        return False
    tags = [token.tag for token in tagged(" ".join(text.split()), language)]
    return any(tag in FINITE for tag in tags) and any(tag in NOMINAL for tag in tags)


def covered(piece: Chunk, taught: Sequence[Lesson]) -> list[int]:
    """For each sentence that bears a fact the number of kinds of lessons whose quote holds or lies in it."""
    language = detect(piece.text)
    places = [
        (span, lesson.kind)
        for lesson in taught
        if lesson.kind not in NO_SENTENCE
        for quote in lesson.quotes
        if (span := find_quote(quote, piece.text))
    ]
    kinds = []
    for start, end in sentences(piece.text):
        if bears_fact(piece.text[start:end], language):
            kinds.append(len({kind for (left, right), kind in places if left < end and start < right}))
    return kinds


def measure(paths: Sequence[str]) -> dict[str, float | dict[str, int]]:
    """Coverage in percent, lessons per kind."""
    per_kind: Counter[str] = Counter()
    kinds: list[int] = []
    total = words = 0
    taken = 0.0
    for document in documents(paths):
        for piece in chunks(document):
            began = time.process_time()
            taught = list(lessons(piece, document))
            taken += time.process_time() - began
            words += len(piece.text.split())
            total += sum(1 for _span in sentences(piece.text))
            per_kind.update(lesson.kind for lesson in taught)
            kinds += covered(piece, taught)
    share = {f"{least}+ kinds %": round(100 * sum(n >= least for n in kinds) / len(kinds), 1) for least in (1, 3, 5)}
    figures = {"words": words, "sentences": total, "fact-bearing": len(kinds), **share}
    return {**figures, "words per second": round(words / taken), "lessons": dict(per_kind.most_common())}


def flat(paths: Sequence[str], words: int) -> dict[str, float]:
    """Peak memory in MiB after a tenth and after all of ``words`` words, with the passages made on the way."""
    done, early = 0, 0.0
    for document in cycle(list(documents(paths))):
        for piece in chunks(document):
            done += len(piece.text.split())
            for _lesson in lessons(piece, document):
                pass
            if not early and done >= words / 10:
                early = _peak()
        if done >= words:
            return {"words": done, "MiB after a tenth": early, "MiB at the end": _peak()}
    return {}


def _peak() -> float:
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)


def sample(paths: Sequence[str], count: int, seed: int, language: str) -> list[dict[str, str]]:
    """``count`` lessons, the same number from each document, kinds in turn."""
    drawn: list[dict[str, str]] = []
    for number, path in enumerate(paths):
        kinds: dict[str, list[dict[str, str]]] = defaultdict(list)
        for document in documents([path]):
            for piece in chunks(document):
                if detect(piece.text) == language:
                    for lesson in lessons(piece, document):
                        kinds[lesson.kind].append(_shown(lesson, document))
        kinds.pop("passage", None)
        draw = random.Random(f"{seed}:{number}")
        piles = [draw.sample(pile, len(pile)) for _kind, pile in sorted(kinds.items())]
        wanted = count // len(paths) + (number < count % len(paths))
        while wanted and any(piles):
            for pile in piles:
                if pile and wanted:
                    drawn.append(pile.pop())
                    wanted -= 1
    return drawn


def _shown(lesson: Lesson, document: Document) -> dict[str, str]:
    shown = {"id": lesson.id, "document": document.source, "kind": lesson.kind}
    if isinstance(lesson.body, MessagesBody):
        shown |= {"question": lesson.body.messages[-2].content, "answer": lesson.body.messages[-1].content}
    elif isinstance(lesson.body, TextBody):
        shown |= {"text": lesson.body.text}
    return shown | {"quote": " | ".join(lesson.quotes), "verdict": lesson.verdict}


def main() -> None:
    """Measure, or draw."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paths", nargs="+", metavar="DOCUMENT")
    parser.add_argument("--words", type=int, default=0)
    parser.add_argument("--sample", type=int, default=0)
    parser.add_argument("--language", choices=("de", "en"), default="de")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("sample.jsonl"))
    asked = parser.parse_args()
    if asked.sample:
        rows = sample(asked.paths, asked.sample, asked.seed, asked.language)
        asked.out.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
        print(f"{len(rows)} lessons -> {asked.out}")
        return
    found = flat(asked.paths, asked.words) if asked.words else measure(asked.paths)
    print("| figure | value |\n|---|---|")
    for name, value in found.items():
        print(f"| {name} | {value} |")
    print(json.dumps({"benchmark": "teacher", **found}))


if __name__ == "__main__":
    main()

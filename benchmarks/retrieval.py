"""How often search finds the answer: in the best passage, in one of the best three, in the best sentence.

ACADEMY_DATA=FOLDER python -m benchmarks.retrieval      24 + 24 articles and 23 stories, and the demo's exam

Each collection is one index; a question counts when an accepted answer stands in the text, normalised as in the exam.
"""

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path

from academy.chunking import chunk
from academy.config import ChunkConfig, IngestConfig
from academy.evaluation import load_exam
from academy.evaluation.metrics import containment
from academy.ingestion import find_sources, ingest
from academy.models.student import EMBEDDED_FOLDER
from academy.models.template import load_template
from academy.records import Document, Question
from academy.retrieval import Index

EXAMPLES = Path(__file__).parent.parent / "examples"


def collections() -> Iterator[tuple[str, list[Path], list[Path]]]:
    """Name, documents and exams of each collection."""
    yield "demo (German, reworded)", [EXAMPLES / "linux-treiber-skript.pdf"], sorted(EXAMPLES.glob("*.exam.jsonl"))
    exams = Path(os.environ["ACADEMY_DATA"]) / "exams"
    for name in ("xquad-de", "xquad-en", "fairytaleqa"):
        yield name, sorted(exams.glob(f"{name}/*/document.txt")), sorted(exams.glob(f"{name}/*/exam.jsonl"))


def measure(documents: list[Document], questions: list[Question]) -> dict[str, float]:
    """Shares in percent, and milliseconds."""
    count = load_template(EMBEDDED_FOLDER).count
    chunks = [piece for document in documents for piece in chunk(document, ChunkConfig(), count)]
    began = time.perf_counter()
    index = Index.build(documents, chunks)
    built = time.perf_counter() - began
    hits = {"best passage": 0.0, "best three": 0.0, "best sentence": 0.0}
    began = time.perf_counter()
    for question in questions:
        found = [containment(passage.text, question.answers) for passage in index.search(question.question, 3)]
        sentence = index.best_sentence(question.question)
        hits["best passage"] += found[0] if found else 0.0
        hits["best three"] += max(found, default=0.0)
        hits["best sentence"] += containment(sentence.text, question.answers) if sentence else 0.0
    taken = (time.perf_counter() - began) / len(questions)
    shares = {name: round(100 * hit / len(questions), 1) for name, hit in hits.items()}
    return {"n": len(questions), **shares, "build ms": round(1000 * built), "ask ms": round(1000 * taken, 1)}


def main() -> None:
    """Measure."""
    rows = {}
    for name, sources, exams in collections():
        documents = [
            record
            for path in sources
            for source in find_sources([path])
            for record in ingest(source, IngestConfig())
            if isinstance(record, Document)
        ]
        questions = [question for exam in exams for question in load_exam(exam) if question.answerable]
        rows[name] = measure(documents, questions)
    columns = list(next(iter(rows.values())))
    print(f"| collection | {' | '.join(columns)} |\n|---|{'---|' * len(columns)}")
    for name, row in rows.items():
        print(f"| {name} | {' | '.join(str(row[column]) for column in columns)} |")
    print(json.dumps({"benchmark": "retrieval", "percent": rows}))


if __name__ == "__main__":
    main()

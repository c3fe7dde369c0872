"""What evaluation costs beyond pure batched generation: scores, intervals, tests, probes, perplexity and the page.

python -m benchmarks.evaluation RUN_FOLDER [EXAM.jsonl]     a finished run; its own exam, or another one

CPU seconds of one process after a warm-up, so that other work on the machine does not count; goal: at most 10 % more
than generation alone. Generation is what the candidates take, prompts, search and quotes included.
"""

import json
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from academy import pipeline
from academy.evaluation import Candidate, evaluate, render_html, render_markdown
from academy.examination import examined
from academy.records import Answer

REPEATS = 3


class Timed:
    """A candidate, and the CPU seconds that it took."""

    def __init__(self, candidate: Candidate) -> None:
        self.candidate = candidate
        self.seconds = 0.0

    def __call__(self, questions: Sequence[str]) -> Sequence[Answer]:
        began = time.process_time()
        answers = self.candidate(questions)
        self.seconds += time.process_time() - began
        return answers


def measure(folder: Path, exam: Path | None) -> tuple[int, dict[str, list[float]]]:
    """Number of questions; seconds of generation and of everything else, for each repeat."""
    passing = [f"evaluate.exam={json.dumps(str(exam))}"] if exam else []
    run = pipeline.reopen_run(folder, passing=passing)
    sitting = examined(folder, run.resources.get("student"), run.config)
    timed = {name: Timed(candidate) for name, candidate in sitting.candidates.items()}
    sitting = replace(sitting, candidates=timed)
    inputs = [run.made(stage) for stage in (pipeline.finetune, pipeline.build)]
    specialist, dataset = (product.read() for product in inputs)
    rows: dict[str, list[float]] = {"generation": [], "everything else": []}
    questions = 0
    for repeat in range(REPEATS + 1):
        for candidate in timed.values():
            candidate.seconds = 0.0
        began = time.process_time()
        report = evaluate(
            specialist, dataset, (), run.config.evaluate, examined=sitting, seed=0, emit=lambda progress: None
        )
        render_html(report), render_markdown(report)
        total, questions = time.process_time() - began, len(report.samples)
        generated = sum(candidate.seconds for candidate in timed.values())
        if repeat:
            rows["generation"].append(generated)
            rows["everything else"].append(total - generated)
    return questions, rows


def main() -> None:
    """Measure and print."""
    questions, rows = measure(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
    extra = [100 * other / made for made, other in zip(*rows.values(), strict=True)]
    print("| part | median CPU s | min | max | n |\n|---|---|---|---|---|")
    for name, taken in rows.items():
        print(f"| {name} | {statistics.median(taken):.2f} | {min(taken):.2f} | {max(taken):.2f} | {len(taken)} |")
    print(f"| more than generation, percent | {statistics.median(extra):.1f} | {min(extra):.1f} | {max(extra):.1f} | |")
    medians = {name: round(statistics.median(taken), 3) for name, taken in rows.items()}
    share = round(statistics.median(extra), 1)
    print(json.dumps({"benchmark": "evaluation", "questions": questions, "cpu_s": medians, "percent_more": share}))


if __name__ == "__main__":
    main()

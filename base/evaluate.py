"""Every figure on the model card: bits per byte, reading, and the closed-book probe, for any model of this kind.

    python base/evaluate.py --work WORK --model FOLDER [--against FOLDER ...] [--twin] [--rows 150] [--out FILE]

Reading is asked about held-out invented worlds in wordings that training never shows ("??" in worlds/*.txt), about
held-out articles, and with human questions: of held-out FairytaleQA stories, and of the exams, whose documents no base
ever saw. The probe teaches a copy of the model held-out worlds for a few epochs and then asks, closed-book, in the
unseen wordings; --twin does the same to a random initialisation.
"""

import argparse
import json
import math
import random
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import german
import reading
import rows
import torch
import transformers
import values
import wiki_questions
import world_rows
import worlds
from corpus import data_folder
from encode import document_text, read_documents

BYTES = 60_000  # of held-out text per source
SOURCES = {"de": ("de-klexikon", "de-wikipedia", "de-novels"), "en": ("en-novels", "fairytales")}
PROBE_EPOCHS, PROBE_RATE, PROBE_BATCH = 4, 8e-4, 16


@dataclass
class Candidate:
    """A model with its tokenizer."""

    name: str
    model: Any
    tokenizer: Any


@dataclass(frozen=True)
class Item:
    """A question as a prompt, with the right answer; None means that refusing is right."""

    prompt: str
    answer: str | None
    language: str


def load(folder: Path, twin: bool = False) -> Candidate:
    """A model, or a random initialisation of the same shape."""
    model: Any = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    if twin:
        torch.manual_seed(0)
        model = type(model)(model.config).float()
    return Candidate(folder.name + (" (random twin)" if twin else ""), model, tokenizer)


def held_out_text(work: Path, source: str) -> str:
    """Text of one source that training never saw."""
    if source == "fairytales":
        return "\n\n".join(passage.text for passage in reading.fairytales(held_out=True))
    return "\n\n".join(document_text(document) for document in read_documents(work, source, "heldout"))


@torch.no_grad()
def bits_per_byte(candidate: Candidate, text: str, block: int = 512) -> float:
    """Mean bits that the model needs per UTF-8 byte, in blocks without overlap."""
    text = text.encode()[:BYTES].decode(errors="ignore")
    ids = candidate.tokenizer(text, add_special_tokens=False)["input_ids"]
    nats = 0.0
    for start in range(0, len(ids), block):
        part = torch.tensor([[1, *ids[start : start + block]]])
        logits = candidate.model(part[:, :-1]).logits[0].float()
        nats += float(torch.nn.functional.cross_entropy(logits, part[0, 1:], reduction="sum"))
    return nats / math.log(2) / len(text.encode())


def normal(text: str) -> list[str]:
    """Words for comparison: lower case, no punctuation, no articles."""
    words = re.findall(r"\w+", text.lower())
    return [
        word
        for word in words
        if word not in {"the", "a", "an", "der", "die", "das", "den", "dem", "ein", "eine", "einen"}
    ]


def token_f1(given: str, right: str) -> float:
    """Overlap of words."""
    a, b = normal(given), normal(right)
    common = sum((Counter(a) & Counter(b)).values())
    return 2 * common / (len(a) + len(b)) if common else 0.0


@torch.no_grad()
def answers(candidate: Candidate, prompts: Sequence[str], batch: int = 16, limit: int = 32) -> list[str]:
    """Greedy answers, in batches of similar length."""
    order = sorted(range(len(prompts)), key=lambda i: len(prompts[i]))
    out = [""] * len(prompts)
    tokenizer = candidate.tokenizer
    tokenizer.padding_side = "left"
    for start in range(0, len(order), batch):
        part = order[start : start + batch]
        inputs = tokenizer([prompts[i] for i in part], return_tensors="pt", padding=True, add_special_tokens=False)
        made = candidate.model.generate(
            input_ids=inputs["input_ids"],
            attention_mask=inputs["attention_mask"],
            max_new_tokens=limit,
            do_sample=False,
            eos_token_id=2,
            pad_token_id=0,
        )
        for i, ids in zip(part, made[:, inputs["input_ids"].shape[1] :], strict=True):
            out[i] = tokenizer.decode(ids, skip_special_tokens=True).strip()
    return out


def item(row: str, language: str) -> Item:
    """Split a training row into prompt and answer."""
    prompt, _, answer = row.rpartition("<|assistant|>")
    answer = answer.removesuffix("<|eos|>")
    return Item(prompt + "<|assistant|>", None if answer == rows.answering()["refusal"][language] else answer, language)


def world_items(work: Path, language: str, count: int) -> list[Item]:
    """Reading over held-out worlds, asked in unseen wordings."""
    rng, out = random.Random(f"held-out worlds {language}"), list[Item]()
    while len(out) < count:
        world = worlds.make_world(rng.choice(worlds.kinds(language)), rng, values.lexicon(str(work))[language], 5)
        chosen = rng.sample(world, rng.choice((1, 2, 3)))
        told = [worlds.some_facts(entity, rng, 4) for entity in chosen]
        fact = rng.choice(rng.choice(told))
        refuse = rng.random() < reading.REFUSALS
        if refuse:
            fact = world_rows.missing_fact(world, chosen, told, 0, rng)
        asked = worlds.unseen_question(fact, rng)
        if asked:
            shown = [worlds.description(facts, rng, False) for facts in told]
            out.append(item(rows.evidence(shown, asked[0], None if refuse else asked[1], language), language))
    return out


def real_items(pool: Sequence[reading.Passage], count: int, seed: str) -> list[Item]:
    """Reading rows about held-out passages."""
    rng, out = random.Random(seed), list[Item]()
    for _ in range(count * 20):
        row = reading.reading_row(pool, rng.randrange(len(pool)), rng, cloze=False)
        if row and len(out) < count:
            out.append(item(row, pool[0].language))
    return out


def held_out_passages(work: Path, source: str) -> list[reading.Passage]:
    """Passages of held-out articles with questions made by rule."""
    rng, adverbs = random.Random(source), german.small_words(str(work))
    out = []
    for document in read_documents(work, source, "heldout"):
        title, _, body = document.partition("\n")
        for part in wiki_questions.passages(body, source[:2], rng):
            row: Any = wiki_questions.passage_row(title, part, source[:2], rng, adverbs)
            out.append(
                reading.Passage(row["passage"], title, source[:2], tuple((q, a) for q, a, _ in row["questions"]))
            )
    return out


def exam_passages(name: str, language: str) -> list[reading.Passage]:
    """Paragraphs of the exams with the questions whose answer stands in this paragraph and in no other."""
    out = []
    for folder in sorted((data_folder() / "exams").glob(f"{name}/*")):
        paragraphs = (folder / "document.txt").read_text(encoding="utf-8").split("\n\n")
        asked: list[list[tuple[str, str]]] = [[] for _ in paragraphs]
        for line in (folder / "exam.jsonl").read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            found = [(i, a) for i, p in enumerate(paragraphs) for a in row["answers"][:1] if a in " ".join(p.split())]
            if len(found) == 1:
                asked[found[0][0]].append((row["question"], found[0][1]))
        out += [
            reading.Passage(" ".join(text.split()), folder.name, language, tuple(questions))
            for text, questions in zip(paragraphs, asked, strict=True)
        ]
    return out


def reading_scores(candidate: Candidate, items: Sequence[Item]) -> dict[str, Any]:
    """Span F1 and exact match where the answer is there, refusals where it is not, and false refusals."""
    given = answers(candidate, [one.prompt for one in items])
    refusals = set(rows.answering()["refusal"].values())
    there = [(g, one.answer) for g, one in zip(given, items, strict=True) if one.answer is not None]
    absent = [g for g, one in zip(given, items, strict=True) if one.answer is None]
    return {
        "n": len(there),
        "f1": mean(token_f1(g, a) for g, a in there),
        "f1 95 %": interval([token_f1(g, a) for g, a in there]),
        "exact": mean(float(normal(g) == normal(a)) for g, a in there),
        "false refusals": mean(float(g in refusals) for g, _ in there),
        "n absent": len(absent),
        "refused": mean(float(g in refusals) for g in absent),
    }


def mean(numbers: Any) -> float:
    """Mean of anything iterable, 0 when empty."""
    listed = list(numbers)
    return round(sum(listed) / len(listed), 4) if listed else 0.0


def interval(numbers: Sequence[float]) -> list[float]:
    """95 % percentile bootstrap of the mean."""
    rng = random.Random(0)
    means = sorted(mean(rng.choices(numbers, k=len(numbers))) for _ in range(1000)) if numbers else [0.0] * 1000
    return [means[24], means[974]]


def best_sentence(items: Sequence[Item]) -> float:
    """F1 of the sentence that shares most words with the question: what reading has to beat."""
    scores = []
    for one in items:
        if one.answer is not None:
            body, _, question = one.prompt.partition("<|user|>")[2].removesuffix("<|assistant|>").rpartition("\n\n")
            words = set(normal(question))
            found = max(
                re.split(r"(?<=[.!?]) |\n\n", body), key=lambda s: len(words & set(normal(s))) / (len(normal(s)) + 5)
            )
            scores.append(token_f1(found, one.answer))
    return mean(scores)


def probe_rows(work: Path, count: int) -> tuple[list[str], list[tuple[str, str]]]:
    """Training rows about held-out worlds, and the questions in unseen wordings."""
    rng = random.Random("held-out probe")
    train: list[str] = []
    asked: list[tuple[str, str]] = []
    for number in range(count):
        language = "de" if number % 2 == 0 else "en"
        kinds = worlds.kinds(language)
        world = worlds.make_world(kinds[number // 2 % len(kinds)], rng, values.lexicon(str(work))[language], 2)
        for entity in world:
            train += [row for _, row in world_rows.told_rows(entity, rng)]
            for fact in entity.facts:
                train += [row for _, row in world_rows.asked_rows(fact, rng)]
                unseen = worlds.unseen_question(fact, rng)
                asked += [unseen] if unseen else []
    return train, asked


def teach(candidate: Candidate, train: Sequence[str], epochs: int) -> None:
    """Fine-tune on rows; the loss of a chat row is on its answer, of a text row on everything."""
    optimizer = torch.optim.AdamW(candidate.model.parameters(), lr=PROBE_RATE, weight_decay=0.01, betas=(0.9, 0.95))
    rng, steps = random.Random(0), epochs * (len(train) // PROBE_BATCH)
    for step in range(steps):
        if step % (len(train) // PROBE_BATCH) == 0:
            order = rng.sample(range(len(train)), len(train))
        part = [train[i] for i in order[:PROBE_BATCH]]
        order = order[PROBE_BATCH:]
        factor = min(1.0, (step + 1) / 10) * (1 - step / steps)
        for group in optimizer.param_groups:
            group["lr"] = PROBE_RATE * factor
        ids, labels = padded(candidate.tokenizer, part)
        loss = candidate.model(input_ids=ids, labels=labels).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(candidate.model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()


def padded(tokenizer: Any, texts: Sequence[str]) -> tuple[torch.Tensor, torch.Tensor]:
    """Right-padded ids and labels; padding and prompts are -100."""
    encoded = [tokenizer(text, add_special_tokens=False)["input_ids"] for text in texts]
    width = max(map(len, encoded))
    ids = torch.zeros(len(texts), width, dtype=torch.long)
    labels = torch.full((len(texts), width), -100)
    for i, row in enumerate(encoded):
        ids[i, : len(row)] = torch.tensor(row)
        start = row.index(4) + 1 if 4 in row else 1
        labels[i, start : len(row)] = ids[i, start : len(row)]
    return ids, labels


def probe(candidate: Candidate, work: Path, count: int, epochs: int) -> dict[str, Any]:
    """Closed-book F1 in unseen wordings, before and after teaching; the candidate is changed."""
    train, asked = probe_rows(work, count)
    prompts = [rows.closed_book(question, "").removesuffix("<|eos|>") for question, _ in asked]

    def score() -> tuple[list[float], float]:
        given = answers(candidate, prompts)
        pairs = [(g, a) for g, (_, a) in zip(given, asked, strict=True)]
        return [token_f1(g, a) for g, a in pairs], mean(float(normal(g) == normal(a)) for g, a in pairs)

    before = score()
    teach(candidate, train, epochs)
    after = score()
    return {
        "n": len(asked),
        "rows": len(train),
        "epochs": epochs,
        "f1 before": mean(before[0]),
        "f1 after": mean(after[0]),
        "f1 after 95 %": interval(after[0]),
        "exact after": after[1],
    }


def evaluate(candidate: Candidate, work: Path, count: int, worlds_taught: int) -> dict[str, Any]:
    """All figures of one model."""
    out: dict[str, Any] = {"model": candidate.name, "parameters": sum(p.numel() for p in candidate.model.parameters())}
    for language, sources in SOURCES.items():
        per = {source: round(bits_per_byte(candidate, held_out_text(work, source)), 4) for source in sources}
        out[f"bits per byte {language}"] = {"mean": mean(per.values()), **per}
    sets = {"worlds de": world_items(work, "de", count), "worlds en": world_items(work, "en", count),
            "articles de": real_items(held_out_passages(work, "de-klexikon"), count, "articles"),
            "stories en (human)": real_items(reading.fairytales(held_out=True), count, "stories"),
            "exams de (human)": real_items(exam_passages("xquad-de", "de"), count, "exams de"),
            "exams en (human)": real_items(exam_passages("xquad-en", "en"), count, "exams en"),
            "exam stories en (human)": real_items(exam_passages("fairytaleqa", "en"), count, "tales")}  # fmt: skip
    for name, items in sets.items():
        out[f"reading {name}"] = {**reading_scores(candidate, items), "best sentence f1": best_sentence(items)}
    if worlds_taught:
        out["probe"] = probe(candidate, work, worlds_taught, PROBE_EPOCHS)
    return out


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=Path("base/work"))
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--against", type=Path, nargs="*", default=[])
    parser.add_argument("--twin", action="store_true")
    parser.add_argument("--rows", type=int, default=150, help="reading rows per set")
    parser.add_argument("--worlds", type=int, default=12, help="worlds of the probe; 0 leaves it out")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    candidates = [load(args.model), *[load(folder) for folder in args.against]]
    candidates += [load(args.model, twin=True)] if args.twin else []
    for candidate in candidates:
        figures = evaluate(candidate, args.work, args.rows, args.worlds)
        line = json.dumps(figures, ensure_ascii=False)
        print(line, flush=True)
        if args.out:
            with args.out.open("a", encoding="utf-8") as file:
                file.write(line + "\n")


if __name__ == "__main__":
    main()

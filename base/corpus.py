"""Text shards -> cleaned, de-duplicated training text, with a report of everything that was dropped and why.

    ACADEMY_DATA=FOLDER python base/corpus.py --out WORK

Writes WORK/text/<source>.txt (documents separated by a form feed, each begins with its title line), the same under
WORK/heldout/ for measuring, and WORK/corpus-report.json. Nothing from exams/ or teacher/ is ever written; exams/ is
read for one purpose only: to keep its subjects out and to count the overlap.
"""

import argparse
import json
import lzma
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

SEPARATOR = "\n\f\n"
HELD_OUT = 61  # every 61st article, and the last novel of each language: enough for bits per byte, too little to miss
PIECE = 4000  # novels are cut into pieces of about this many characters, at paragraph ends

# Both halves of XQuAD by subject (the second may be used elsewhere as an unseen exam), as titles in both languages.
EXAM_SUBJECTS = """
Super Bowl 50|Super Bowl 50; Super Bowl|Super Bowl; Warsaw|Warschau; Normans|Normannen; Nikola Tesla|Nikola Tesla;
Computational complexity theory|Komplexitätstheorie; Teacher|Lehrer; Martin Luther|Martin Luther;
Southern California|Südkalifornien; Sky United Kingdom|Sky (Fernsehsender); Victoria (Australia)|Victoria (Australien);
Huguenot|Hugenotten; Steam engine|Dampfmaschine; Oxygen|Sauerstoff; 1973 oil crisis|Ölpreiskrise;
Apollo program|Apollo-Programm; European Union law|Europarecht; Amazon rainforest|Amazonas-Regenwald;
Ctenophora|Rippenquallen; Fresno, California|Fresno; Packet switching|Paketvermittlung; Black Death|Schwarzer Tod;
Geology|Geologie; Newcastle upon Tyne|Newcastle upon Tyne; Victoria and Albert Museum|Victoria and Albert Museum;
American Broadcasting Company|American Broadcasting Company; Genghis Khan|Dschingis Khan; Pharmacy|Pharmazie;
Pharmacy|Apotheke; Immune system|Immunsystem; Civil disobedience|Ziviler Ungehorsam; Construction|Bauwesen;
Private school|Privatschule; Harvard University|Harvard-Universität; Jacksonville|Jacksonville;
Economic inequality|Einkommensverteilung; Doctor Who|Doctor Who; University of Chicago|University of Chicago;
Yuan dynasty|Yuan-Dynastie; Kenya|Kenia; Intergovernmental Panel on Climate Change|Weltklimarat;
Chloroplast|Chloroplast; Prime number|Primzahl; Rhine|Rhein; Scottish Parliament|Schottisches Parlament;
Islamism|Islamismus; Imperialism|Imperialismus; French and Indian War|Franzosen- und Indianerkrieg; Force|Kraft;
Amazon rainforest|Amazonas; Amazon rainforest|Amazonien; Black Death|Pest; Oil crisis|Ölkrise; Lutheran|Luther
"""
BACK_MATTER = re.compile(r"^==\s*(Weblinks|Einzelnachweise|Literatur|Siehe auch|Anmerkungen|Quellen|Belege)\b")
HEADING = re.compile(r"^=+\s*")


@dataclass(frozen=True)
class Document:
    """One article, or one piece of a novel."""

    source: str  # de-wikipedia, de-klexikon, de-novels, en-novels
    title: str
    text: str
    number: int  # of the article or novel within its source


def data_folder() -> Path:
    """The data that is not in the repository; ACADEMY_DATA says where."""
    folder = os.environ.get("ACADEMY_DATA", "")
    if not Path(folder, "text").is_dir():
        raise SystemExit("Set ACADEMY_DATA to the folder that holds text/ and qa/ (see base/README.md).")
    return Path(folder)


def read_shards(folder: Path, source: str) -> Iterator[str]:
    """Every raw document of one source, in file order."""
    for path in sorted(folder.glob(f"{source}.*.txt.xz")):
        yield from lzma.decompress(path.read_bytes()).decode().split(SEPARATOR)


def clean_article(raw: str) -> str:
    """Body of an encyclopedia article: no back matter, headings without their marks, no stubs of removed templates."""
    lines, skipping = [], False
    for line in raw.split("\n"):
        if line.startswith("=="):
            skipping = bool(BACK_MATTER.match(line)) or (skipping and line.startswith("==="))
            line = HEADING.sub("", line)
        if not skipping:
            lines.append(line.replace("(, ", "(").replace("()", "").replace("  ", " ").strip())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def novel_pieces(raw: str) -> Iterator[str]:
    """A novel in pieces of about PIECE characters that end at paragraph ends."""
    piece: list[str] = []
    for paragraph in re.sub(r"[ \t]+", " ", raw).split("\n"):
        piece.append(paragraph.strip())
        if sum(map(len, piece)) > PIECE:
            yield "\n".join(piece)
            piece = []
    if piece:
        yield "\n".join(piece)


def documents(folder: Path, source: str) -> Iterator[Document]:
    """The cleaned documents of one source; novels have no title per piece."""
    for number, raw in enumerate(read_shards(folder, source)):
        if source.endswith("novels"):
            yield from (Document(source, "", piece, number) for piece in novel_pieces(raw))
            continue
        title, _, body = raw.lstrip("\ufeff\n").partition("\n")
        text = clean_article(body)
        if len(text) > 200:
            yield Document(source, title.strip(), text, number)


def exam_titles() -> set[str]:
    """The subjects of the exams in both languages, lower case."""
    pairs = (pair.strip().split("|") for pair in EXAM_SUBJECTS.replace("\n", " ").split(";"))
    return {title.strip().lower() for pair in pairs for title in pair}


def is_exam_subject(title: str, subjects: set[str]) -> bool:
    """Whether an article is about a subject of the exams: the title itself, or the title before its parenthesis."""
    name = title.lower()
    return name in subjects or re.sub(r"\s*\(.*\)$", "", name) in subjects


WORD = re.compile(r"\w+")


class Shingles:
    """Hashes of word n-grams; words get numbers in order of appearance, so one instance compares many texts."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}

    def words(self, text: str) -> np.ndarray:
        """Word numbers of a text."""
        numbers = self.numbers
        found = WORD.findall(text.lower())
        return np.array([numbers.setdefault(word, len(numbers) + 1) for word in found], np.uint64)

    def hashes(self, words: np.ndarray, n: int) -> np.ndarray:
        """One 64-bit hash per n-gram, in order."""
        if len(words) < n:
            return np.zeros(0, np.uint64)
        total = np.zeros(len(words) - n + 1, np.uint64)
        for k in range(n):
            total = total * np.uint64(0x9E3779B97F4A7C15) + words[k : k + len(total)] + np.uint64(1)
        return total ^ (total >> np.uint64(29))


class Duplicates:
    """Near-duplicates by a sample of 8-gram hashes: a document is dropped when half its sample was seen before."""

    def __init__(self, shingles: Shingles) -> None:
        self.shingles = shingles
        self.seen: set[int] = set()

    def is_new(self, words: np.ndarray) -> bool:
        hashes = self.shingles.hashes(words, 8)
        sample = {int(h) for h in hashes[hashes % np.uint64(16) == 0]}
        old = len(sample & self.seen)
        self.seen |= sample
        return old * 2 <= len(sample) or not sample


class Exams:
    """8-grams and 13-grams of every exam document and question, to count how many stand in the corpus."""

    def __init__(self, shingles: Shingles, folder: Path) -> None:
        self.shingles = shingles
        self.texts = {path.parent.name + "/" + path.name: path for path in sorted(folder.glob("*/*/*.*"))}
        self.grams = {n: {name: self._grams(path, n) for name, path in self.texts.items()} for n in (8, 13)}
        self.all = {n: np.unique(np.concatenate(list(grams.values()))) for n, grams in self.grams.items()}
        self.hit: dict[int, set[int]] = {8: set(), 13: set()}

    def _grams(self, path: Path, n: int) -> np.ndarray:
        text = path.read_text(encoding="utf-8")
        parts = [json.loads(row)["question"] for row in text.splitlines()] if path.suffix == ".jsonl" else [text]
        return np.concatenate([self.shingles.hashes(self.shingles.words(part), n) for part in parts])

    def count(self, words: np.ndarray) -> None:
        for n, known in self.all.items():
            hashes = self.shingles.hashes(words, n)
            place = np.minimum(np.searchsorted(known, hashes), len(known) - 1)  # np.isin would sort `known` every time
            self.hit[n].update(int(h) for h in hashes[known[place] == hashes])

    def report(self) -> dict[str, dict[str, object]]:
        """Per n: how many different n-grams the exams have, how many stand in the corpus, and where most do."""
        out: dict[str, dict[str, object]] = {}
        for n, grams in self.grams.items():
            shares = {name: sum(int(h) in self.hit[n] for h in found) for name, found in grams.items()}
            worst = sorted(((count, len(grams[name]), name) for name, count in shares.items()), reverse=True)[:8]
            questions = sum(count for name, count in shares.items() if name.endswith(".jsonl"))
            out[f"{n}-grams"] = {
                "in exams": len(self.all[n]), "also in corpus": len(self.hit[n]), "of which in questions": questions,
                "most": [f"{name}: {count} of {total}" for count, total, name in worst if count],
            }  # fmt: skip
        return out


SOURCES = ("de-klexikon", "de-wikipedia", "de-novels", "en-novels")  # de-webdocs is left out: machine-translated


def build(out: Path) -> dict[str, object]:
    """Write the corpus; return the report."""
    folder, subjects, shingles = data_folder(), exam_titles(), Shingles()
    exams, duplicates = Exams(shingles, folder / "exams"), Duplicates(shingles)
    report: dict[str, object] = {"subjects checked": sorted(subjects)}
    for source in SOURCES:
        report[source] = write_source(out, source, folder / "text", subjects, duplicates, exams)
    report["fairytaleqa"] = {"rows": count_tales(folder / "qa" / "fairytaleqa-train.jsonl.xz", exams)}
    report["overlap with exams"] = exams.report()
    (out / "corpus-report.json").write_text(json.dumps(report, indent=1, ensure_ascii=False), encoding="utf-8")
    return report


def count_tales(path: Path, exams: Exams) -> int:
    """FairytaleQA's training rows are used as they are, see reading.py; only their overlap is counted."""
    lines = lzma.decompress(path.read_bytes()).decode().splitlines()
    for text in sorted({row[part] for row in map(json.loads, lines) for part in ("passage", "question")}):
        exams.count(exams.shingles.words(text))
    return len(lines)


def write_source(
    out: Path, source: str, folder: Path, subjects: set[str], duplicates: Duplicates, exams: Exams
) -> dict[str, object]:
    """One source to its two files; returns what was kept and dropped."""
    kept: list[str] = []
    held: list[str] = []
    counts = {"kept": 0, "held out": 0, "duplicates": 0, "characters": 0}
    dropped: list[str] = []
    all_documents = list(documents(folder, source))
    last = all_documents[-1].number
    for document in all_documents:
        words = duplicates.shingles.words(document.text)
        if document.title and is_exam_subject(document.title, subjects):
            dropped.append(document.title)
        elif not duplicates.is_new(words):
            counts["duplicates"] += 1
        else:
            exams.count(words)
            novel = source.endswith("novels")
            is_held = document.number == last if novel else document.number % HELD_OUT == HELD_OUT - 1
            (held if is_held else kept).append(f"{document.title}\n{document.text}")
            counts["held out" if is_held else "kept"] += 1
            counts["characters"] += len(document.text)
    for part, rows in (("text", kept), ("heldout", held)):
        (out / part).mkdir(parents=True, exist_ok=True)
        (out / part / f"{source}.txt").write_text(SEPARATOR.join(rows), encoding="utf-8")
    return {**counts, "dropped as exam subjects": dropped}


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("base/work"))
    report = build(parser.parse_args().out)
    print(json.dumps(report, indent=1, ensure_ascii=False)[-3000:])


if __name__ == "__main__":
    main()

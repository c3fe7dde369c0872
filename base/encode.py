"""Tokenise the natural text once: WORK/text/*.txt -> WORK/tokens/*.npy, each document between <|bos|> and <|eos|>.

    python base/encode.py --work WORK [--megabytes 40]

`TextStream` then hands out any slice of a source's endless stream: epoch after epoch, a pure function of the position.
"""

import argparse
import json
import random
from pathlib import Path

import numpy as np
from corpus import SEPARATOR, SOURCES
from tokenizer import BOS, EOS
from tokenizers import Tokenizer


def load_tokenizer(work: Path) -> Tokenizer:
    """The tokenizer of this work folder."""
    return Tokenizer.from_file(str(work / "tokenizer" / "tokenizer.json"))


def document_text(document: str) -> str:
    """Title, blank line, text; a novel's piece has no title."""
    title, _, body = document.partition("\n")
    return f"{title}\n\n{body}" if title else body


def read_documents(work: Path, source: str, part: str = "text") -> list[str]:
    """Documents of one source, title on the first line."""
    return (work / part / f"{source}.txt").read_text(encoding="utf-8").split(SEPARATOR)


def encode_source(work: Path, source: str, limit: int) -> int:
    """Shuffled documents up to `limit` characters as one array; returns the number of tokens."""
    tokenizer, documents = load_tokenizer(work), read_documents(work, source)
    random.Random(source).shuffle(documents)
    arrays: list[np.ndarray] = []
    used = 0
    for start in range(0, len(documents), 64):
        texts = [document_text(document) for document in documents[start : start + 64]]
        for encoding in tokenizer.encode_batch(texts, add_special_tokens=False):
            arrays.append(np.array([BOS, *encoding.ids, EOS], np.uint16))
        used += sum(map(len, texts))
        if used > limit:
            break
    (work / "tokens").mkdir(exist_ok=True)
    tokens = np.concatenate(arrays)
    np.save(work / "tokens" / f"{source}.npy", tokens)
    return len(tokens)


class TextStream:
    """Slices of the endless streams of natural text."""

    def __init__(self, work: Path) -> None:
        self.tokens = {source: np.load(work / "tokens" / f"{source}.npy", mmap_mode="r") for source in SOURCES}

    def take(self, source: str, start: int, count: int) -> np.ndarray:
        """`count` tokens from position `start` of the source repeated without end."""
        tokens = self.tokens[source]
        index = np.arange(start, start + count) % len(tokens)
        return np.asarray(tokens[index])


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=Path("base/work"))
    parser.add_argument("--megabytes", type=int, default=250, help="per source, at most")
    args = parser.parse_args()
    counts = {source: encode_source(args.work, source, args.megabytes * 1_000_000) for source in SOURCES}
    print(json.dumps(counts))


if __name__ == "__main__":
    main()

"""Train the tokenizer: individual digits, then byte-level BPE with the GPT-2 expression, no normaliser.

    python base/tokenizer.py --work WORK [--size 8192]

llama.cpp knows exactly this pre-tokenizer under the name "smollm", so GGUF files can tokenise alike. Without a
normaliser any UTF-8 comes back byte for byte, which `check` proves on random text before anything is written.
"""

import argparse
import json
import random
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers

SPECIALS = ["<|pad|>", "<|bos|>", "<|eos|>", "<|user|>", "<|assistant|>", "<|system|>"]
PAD, BOS, EOS, USER, ASSISTANT, SYSTEM = range(6)
CHAT_TEMPLATE = (
    "{{ bos_token }}{% for m in messages %}{{ '<|' + m['role'] + '|>' + m['content'] }}"
    "{% if m['role'] == 'assistant' %}{{ eos_token }}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
CONFIG = {
    "backend": "tokenizers",
    "bos_token": "<|bos|>",
    "eos_token": "<|eos|>",
    "extra_special_tokens": ["<|user|>", "<|assistant|>", "<|system|>"],
    "model_max_length": 2048,
    "pad_token": "<|pad|>",
    "tokenizer_class": "TokenizersBackend",
}
# Characters per source: German 60, English 40, and a little of everything a user's document may hold.
SAMPLE = {"de-klexikon": 5, "de-wikipedia": 14, "de-novels": 3, "en-novels": 12}
EXTRA = " ".join(
    chr(code) for block in ((0x20, 0x7F), (0xA0, 0x180), (0x391, 0x3CA), (0x2010, 0x2040)) for code in range(*block)
)


def train(work: Path, size: int) -> Tokenizer:
    """Byte-level BPE on a sample of the corpus."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=size, special_tokens=SPECIALS, initial_alphabet=alphabet, show_progress=False, min_frequency=3
    )
    texts = [(work / "text" / f"{source}.txt").read_text(encoding="utf-8") for source in SAMPLE]
    parts = [text[: share * 1_000_000] for text, share in zip(texts, SAMPLE.values(), strict=True)]
    lines = (line + "\n" for part in [*parts, EXTRA] for line in part.split("\n"))
    tokenizer.train_from_iterator(lines, trainer)
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    return tokenizer


def check(tokenizer: Tokenizer, rounds: int = 300) -> None:
    """Round trip on random Unicode; every special stays one token with its fixed number."""
    rng = random.Random(0)
    for _ in range(rounds):
        codes = (
            rng.choice([rng.randrange(0x20, 0x250), rng.randrange(0xD800), 0x1F600 + rng.randrange(80)])
            for _ in range(40)
        )
        text = "".join(map(chr, codes))
        if tokenizer.decode(tokenizer.encode(text, add_special_tokens=False).ids, skip_special_tokens=False) != text:
            raise ValueError(f"no round trip: {text!r}")
    assert [tokenizer.token_to_id(special) for special in SPECIALS] == list(range(len(SPECIALS)))
    assert len(tokenizer.encode("1871").ids) == 4


def save(tokenizer: Tokenizer, folder: Path) -> None:
    """tokenizer.json, tokenizer_config.json and the chat template, as transformers 5 writes them."""
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text(json.dumps(CONFIG, indent=2) + "\n", encoding="utf-8")
    (folder / "chat_template.jinja").write_text(CHAT_TEMPLATE, encoding="utf-8")


def bytes_per_token(tokenizer: Tokenizer, work: Path) -> dict[str, float]:
    """Held-out bytes per token, per source."""
    out = {}
    for source in SAMPLE:
        text = (work / "heldout" / f"{source}.txt").read_text(encoding="utf-8")[:300_000]
        out[source] = round(len(text.encode()) / len(tokenizer.encode(text).ids), 3)
    return out


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=Path("base/work"))
    parser.add_argument("--size", type=int, default=8192)
    args = parser.parse_args()
    tokenizer = train(args.work, args.size)
    check(tokenizer)
    save(tokenizer, args.work / "tokenizer")
    print(json.dumps({"size": args.size, "bytes per token": bytes_per_token(tokenizer, args.work)}))


if __name__ == "__main__":
    main()

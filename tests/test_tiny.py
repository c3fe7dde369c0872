"""The helper that the other tests stand on."""

from pathlib import Path

import pytest

from academy.models.student import check_model_folder
from tests.tiny import tiny_model


@pytest.mark.parametrize("architecture", ["llama", "gpt2", "qwen2"])
def test_tiny_model_opens_and_its_tokenizer_gives_every_text_back(tmp_path: Path, architecture: str) -> None:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    folder = tiny_model(tmp_path / "model", architecture)
    check_model_folder(folder)
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    model = AutoModelForCausalLM.from_pretrained(folder, local_files_only=True, use_safetensors=True)
    text = "Größe 12 µm,\n  „Ja“ 🙂"
    assert tokenizer.decode(tokenizer(text, add_special_tokens=False)["input_ids"]) == text
    prompt = tokenizer.apply_chat_template(
        [{"role": "user", "content": "x"}], add_generation_prompt=True, tokenize=False
    )
    assert prompt == "<|bos|><|user|>x<|assistant|>"
    assert len(tokenizer(prompt, add_special_tokens=False)["input_ids"]) == 4
    assert 10_000 < sum(p.numel() for p in model.parameters()) < 200_000


def test_tiny_model_is_the_same_bytes_for_the_same_seed(tmp_path: Path) -> None:
    first, again, other = (tiny_model(tmp_path / str(n), seed=seed) for n, seed in enumerate((1, 1, 2)))
    weights = [(folder / "model.safetensors").read_bytes() for folder in (first, again, other)]
    assert weights[0] == weights[1] != weights[2]

"""A language model of a few thousand parameters, complete enough for every room: weights, tokenizer, chat template.

    from tests.tiny import tiny_model, tiny_student

The tokenizer has one token per byte, so that it takes any text, and every umlaut is split across two tokens. The chat
template and the special tokens are those of the embedded base model.
"""

from pathlib import Path
from typing import Any

from academy.models.student import Student, fingerprint

SPECIALS = ("<|pad|>", "<|bos|>", "<|eos|>", "<|user|>", "<|assistant|>", "<|system|>")
CHAT_TEMPLATE = (
    "{{ bos_token }}{% for m in messages %}{{ '<|' + m['role'] + '|>' + m['content'] }}"
    "{% if m['role'] == 'assistant' %}{{ eos_token }}{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)


def tiny_model(
    folder: Path,
    architecture: str = "llama",
    seed: int = 0,
    context: int = 2048,
    chat_template: str | None = CHAT_TEMPLATE,
) -> Path:
    """Write a randomly initialised model folder and return it.

    Args:
        architecture: see ``_config``; mistral has a sliding window of 16 tokens.
    """
    import torch
    from transformers import AutoModelForCausalLM

    folder.mkdir(parents=True, exist_ok=True)
    tiny_tokenizer(context, chat_template).save_pretrained(folder)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        AutoModelForCausalLM.from_config(_config(architecture, context)).save_pretrained(folder)
    return folder


def tiny_student(folder: Path, architecture: str = "llama", seed: int = 0) -> Student:
    """A tiny model as the student that stages 2, 4 and 5 get."""
    tiny_model(folder, architecture, seed)
    return Student(str(folder), folder, fingerprint(folder))


def tiny_tokenizer(context: int = 2048, chat_template: str | None = CHAT_TEMPLATE) -> Any:
    """Six special tokens, then one token per byte."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {token: number for number, token in enumerate([*SPECIALS, *alphabet])}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    tokenizer.decoder = decoders.ByteLevel()
    pad, bos, eos, *roles = SPECIALS
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token=pad,
        bos_token=bos,
        eos_token=eos,
        extra_special_tokens=roles,
        model_max_length=context,
        chat_template=chat_template,
    )


def _config(architecture: str, context: int) -> Any:
    import transformers

    ends = {"vocab_size": len(SPECIALS) + 256, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2}
    if architecture == "gpt2":
        return transformers.GPT2Config(n_embd=32, n_layer=2, n_head=2, n_positions=context, **ends)
    kind = {
        "llama": transformers.LlamaConfig,
        "qwen2": transformers.Qwen2Config,
        "mistral": transformers.MistralConfig,
        "phi": transformers.PhiConfig,
        "gemma": transformers.GemmaConfig,
        "gemma2": transformers.Gemma2Config,
        "bloom": transformers.BloomConfig,
        "mamba": transformers.MambaConfig,
    }[architecture]
    if architecture in ("bloom", "mamba"):
        return kind(hidden_size=32, num_hidden_layers=2, n_layer=2, n_head=2, **ends)
    window = {"sliding_window": 16} if architecture == "mistral" else {}
    return kind(
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=16,
        max_position_embeddings=context,
        tie_word_embeddings=True,
        **window,
        **ends,
    )

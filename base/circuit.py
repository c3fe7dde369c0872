"""Widen a small model by a copying circuit that works from the first step and is trained on afterwards.

    python base/circuit.py --work WORK --model FOLDER --out FOLDER

The residual stream gets 128 more numbers: 64 that hold a random code of every token, 63 for the code of the token
before it, and a constant. A new first layer writes the predecessor's code; a new last layer looks the present token up
among the predecessors and writes the code of what followed there, which the tied output head reads as that token
("induction heads", Olsson and others 2022, arXiv 2209.11895). Where nothing matches, attention is spread out, the codes
cancel and the old model speaks. Models of this size find such heads only after very many tokens, and cannot quote
without them.
"""

import argparse
import copy
from pathlib import Path
from typing import Any

import torch
import transformers

HEAD = 64  # numbers per head; rotary pair i is (i, i + 32) and turns by 10000 ** (-i / 32) per position
TURN = HEAD // 2
NEAR = {0: 2, 1: 2, 2: 1, 3: 1, 4: 1, 6: 1}  # rotary pairs that tell neighbours apart, with their weight
FAR = tuple(range(20, 32))  # rotary pairs that hardly turn within a few hundred positions
MATCH = 2 * len(FAR)  # numbers by which a head tells tokens apart
GROUPS = 2  # key/value heads; each matches by other numbers of the code
CODE, EXTRA = 64, 128
SHARP_NEAR = 6.0  # attention logit per weight of NEAR; much sharper ones only make gradients explode
SHARP_MATCH = 26.0  # attention logit of a token that matches; others are off by about a fifth of it
LOUD = 4.0  # output logit of a token that both groups found: louder, and chance matches drown the old model


def widen(name: str, matrix: torch.Tensor, rows: int, columns: int) -> torch.Tensor:
    """The matrix in the upper left corner, zeros elsewhere; heads stay with their key/value group."""
    if name.endswith("o_proj.weight"):
        return widen("q_proj.weight", matrix.T, columns, rows).T
    out = torch.zeros(rows, columns)
    groups = GROUPS if name.endswith("q_proj.weight") else 1
    parts = zip(out.chunk(groups), matrix.chunk(groups), strict=True)
    for target, source in parts:
        target[: source.shape[0], : source.shape[1]] = source
    return out


def codes(vocabulary: int, amplitude: float) -> torch.Tensor:
    """A random code of signs per token."""
    generator = torch.Generator().manual_seed(0)
    return (torch.randint(0, 2, (vocabulary, CODE), generator=generator) * 2 - 1).float() * amplitude


def widened(model: Any) -> Any:
    """The same model with two more layers that do nothing yet and 128 more numbers that only embeddings write."""
    config = copy.deepcopy(model.config)
    width = config.hidden_size
    config.hidden_size, config.num_hidden_layers, config.head_dim = width + EXTRA, config.num_hidden_layers + 2, HEAD
    config.num_attention_heads = config.hidden_size // HEAD
    torch.manual_seed(0)
    wide: Any = type(model)(config).float()
    table = model.model.embed_tokens.weight.detach().float()
    amplitude = float(table.pow(2).mean().sqrt())
    constant = torch.full((len(table), 1), amplitude)
    empty = torch.zeros(len(table), EXTRA - CODE - 1)
    wide.model.embed_tokens.weight.copy_(torch.cat([table, codes(len(table), amplitude), empty, constant], dim=1))
    for old, new in zip(model.model.layers, wide.model.layers[1:-1], strict=True):
        for (name, source), (_same, target) in zip(old.named_parameters(), new.named_parameters(), strict=True):
            copied = source.detach().float()
            target.copy_(widen(name, copied, *target.shape) if copied.ndim == 2 else widen_norm(copied, width))
    wide.model.norm.weight.copy_(widen_norm(model.model.norm.weight.detach().float(), width))
    for layer in (wide.model.layers[0], wide.model.layers[-1]):
        for matrix in (*(getattr(layer.self_attn, f"{n}_proj").weight for n in "qkvo"), layer.mlp.down_proj.weight):
            matrix.zero_()
    return wide


def widen_norm(weight: torch.Tensor, width: int) -> torch.Tensor:
    """The mean square is now over more numbers, the new ones small: shrink by what that adds."""
    shrink = (width / (width + EXTRA)) ** 0.5
    return torch.cat([weight * shrink, torch.full((EXTRA,), float(weight.mean()) * shrink)])


def write_predecessor(layer: Any, width: int) -> None:
    """Constant queries and keys whose rotations agree one position back; the value is the code that stands there."""
    attention, constant = layer.self_attn, width + EXTRA - 1
    query, key, value, output = (getattr(attention, f"{name}_proj").weight for name in "qkvo")
    for pair, weight in NEAR.items():
        angle, push = torch.tensor(10000.0 ** (-pair / TURN)), (SHARP_NEAR * HEAD**0.5 * weight) ** 0.5
        query[pair::HEAD, constant] = push
        key[pair::HEAD, constant] = push * torch.cos(angle)
        key[pair + TURN :: HEAD, constant] = push * torch.sin(angle)
    heads = query.shape[0] // HEAD // GROUPS
    for group in range(GROUPS):
        for number in range(MATCH):
            value[group * HEAD + number, width + group * MATCH + number] = 1.0
            output[width + CODE + group * MATCH + number, group * heads * HEAD + number] = 1.0


def fetch_follower(layer: Any, width: int, ratio: float) -> None:
    """Look the present code up among the predecessors'; the value is the code of the token found there.

    ``ratio`` is the size of a code in what the layer reads (after its norm).
    """
    query, key, value, output = (getattr(layer.self_attn, f"{name}_proj").weight for name in "qkvo")
    slots = [*FAR, *(pair + TURN for pair in FAR)]
    push = (SHARP_MATCH * HEAD**0.5 / MATCH) ** 0.5 / ratio
    heads = query.shape[0] // HEAD // GROUPS
    for group in range(GROUPS):
        for number, slot in enumerate(slots):
            key[group * HEAD + slot, width + CODE + group * MATCH + number] = push
            for head in range(group * heads, (group + 1) * heads):
                query[head * HEAD + slot, width + group * MATCH + number] = push
        for number in range(CODE):
            value[group * HEAD + number, width + number] = 1.0 / ratio
            output[width + number, group * heads * HEAD + number] = 1.0


@torch.no_grad()
def residuals(model: Any, ids: torch.Tensor) -> tuple[float, float]:
    """Root mean square of the residual stream before the last layer and after it."""
    hidden = model.model(ids, output_hidden_states=True).hidden_states[-2]
    taken: list[torch.Tensor] = []
    hook = model.model.norm.register_forward_hook(lambda _module, inputs, _output: taken.append(inputs[0]))
    model.model(ids)
    hook.remove()
    return float(hidden.pow(2).mean().sqrt()), float(taken[0].pow(2).mean().sqrt())


@torch.no_grad()
def build(model: Any, ids: torch.Tensor) -> Any:
    """The model with the circuit, in fp32; ``ids`` (1 x tokens) is some text by which the circuit is tuned."""
    wide, width = widened(model), model.config.hidden_size
    amplitude = float(wide.model.embed_tokens.weight[0, -1])
    wide.model.layers[0].input_layernorm.weight.fill_(1.0)
    wide.model.layers[-1].input_layernorm.weight.fill_(1.0)
    write_predecessor(wide.model.layers[0], width)
    wide.model.layers[0].self_attn.o_proj.weight.mul_(amplitude)
    before, _after = residuals(wide, ids)
    fetch_follower(wide.model.layers[-1], width, amplitude / before)
    wide.model.layers[-1].self_attn.o_proj.weight.mul_(0.5 * before)
    _before, after = residuals(wide, ids)
    wide.model.norm.weight[width : width + CODE] = LOUD * after / (CODE * amplitude * before)
    return wide


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=Path("base/work"))
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    model: Any = transformers.AutoModelForCausalLM.from_pretrained(args.model, dtype=torch.float32)
    tokenizer = transformers.AutoTokenizer.from_pretrained(args.model)
    text = next((args.work / "heldout").glob("de-klexikon*")).read_text(encoding="utf-8")[:3000]
    wide = build(model, tokenizer(text, return_tensors="pt")["input_ids"][:, :512])
    wide.to(torch.bfloat16).save_pretrained(args.out)
    for path in [*sorted(args.model.glob("*token*")), args.model / "chat_template.jinja"]:
        (args.out / path.name).write_bytes(path.read_bytes())


if __name__ == "__main__":
    main()

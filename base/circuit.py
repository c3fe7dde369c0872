"""Give a model two layers in front that can copy: built by hand from its embeddings, to be trained on afterwards.

    python base/circuit.py --work WORK --model FOLDER --out FOLDER

The first layer writes into every token who its predecessor was; the second looks the present token up among the
predecessors and fetches the token that stood there, which is what followed last time ("induction heads", Olsson and
others 2022). Small models need very many tokens to find this by themselves, and none can quote a passage without it.
"""

import argparse
import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import transformers

TURN = 32  # a head has 64 dimensions; rotary pair i is (i, i + 32) and turns by 10000 ** (-i / 32) per position
NEAR = {0: 2, 1: 2, 2: 1, 3: 1, 4: 1, 6: 1}  # rotary pairs that tell neighbours apart, with their weight
FAR = tuple(range(20, 32))  # rotary pairs that hardly turn within a few hundred positions
WIDE = 2 * len(FAR)  # numbers by which a head tells tokens apart
GROUPS = 2  # key/value heads; each does the same work with other numbers
FETCH = 64  # directions of the embedding that one group fetches
COMMON = 0.6  # length of the vector that all embeddings get in common, in embeddings
SHARP_NEAR, SHARP_FAR, WRITE, STRENGTH = 60.0, 12.0, 0.8, 1.5


@dataclass(frozen=True)
class Geometry:
    """What the hand needs to know about the embeddings (as a layer sees them after its norm)."""

    scale: float  # root mean square of the embeddings
    one: torch.Tensor  # every token has about 1 in this direction
    seen: torch.Tensor  # GROUPS * WIDE numbers that tell tokens apart: random mixtures of whitened directions
    place: torch.Tensor  # as many directions that embeddings use least
    top: torch.Tensor  # GROUPS * FETCH directions that they use most


def frequencies(work: Path, size: int) -> torch.Tensor:
    """How much each token counts: half by its frequency, half all alike."""
    arrays = [np.load(path, mmap_mode="r")[:2_000_000] for path in sorted((work / "tokens").glob("*.npy"))]
    counts = np.sum([np.bincount(array, minlength=size) for array in arrays], axis=0)
    return torch.tensor(counts / counts.sum() * 0.5 + 0.5 / size).float()


def add_common(embeddings: torch.Tensor) -> torch.Tensor:
    """All embeddings plus one vector: tied logits all move alike, so predictions stay, but now there is a constant."""
    centred = embeddings - embeddings.mean(0)
    least: torch.Tensor = torch.linalg.eigh(centred.T @ centred)[1][:, 0]
    return embeddings + COMMON * float(embeddings.pow(2).sum(1).mean().sqrt()) * least


def survey(embeddings: torch.Tensor, weight: torch.Tensor) -> Geometry:
    """Measure the embeddings."""
    normed = embeddings / embeddings.pow(2).mean(1, keepdim=True).sqrt()
    width = normed.shape[1]
    gram = normed.T @ (normed * weight[:, None]) + 1e-4 * torch.eye(width)
    one = torch.linalg.solve(gram, (normed * weight[:, None]).sum(0))
    centred = normed - normed.mean(0)
    values, basis = torch.linalg.eigh(centred.T @ centred / len(normed))  # from least to most variance
    used = width * 2 // 3
    mixed = torch.linalg.qr(torch.randn(used, GROUPS * WIDE, generator=torch.Generator().manual_seed(0)))[0]
    seen = (basis[:, -used:] / values[-used:].clamp_min(1e-6).sqrt() @ mixed).T
    scale = float(embeddings.pow(2).mean().sqrt())
    return Geometry(scale, one, seen, basis[:, : GROUPS * WIDE], basis[:, -GROUPS * FETCH :])


def blank(layer: Any) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Query, key, value and output matrices, all zero; the MLP adds nothing yet."""
    attention = layer.self_attn
    found = tuple(getattr(attention, f"{name}_proj").weight for name in "qkvo")
    for matrix in (*found, layer.mlp.down_proj.weight):
        matrix.zero_()
    return found[0], found[1], found[2], found[3]


def write_predecessor(layer: Any, geometry: Geometry) -> None:
    """Constant queries and keys whose rotations agree one position back; the value says which token stands there."""
    query, key, value, output = blank(layer)
    for pair, weight in NEAR.items():
        angle = torch.tensor(10000.0 ** (-pair / TURN))
        push = geometry.one * (SHARP_NEAR * 8 * weight) ** 0.5
        query[pair::64] = push
        key[pair::64] = push * torch.cos(angle)
        key[pair + TURN :: 64] = push * torch.sin(angle)
    heads = query.shape[0] // 64 // GROUPS  # query heads per group; one of them writes
    for group in range(GROUPS):
        part = slice(group * WIDE, (group + 1) * WIDE)
        value[group * 64 : group * 64 + WIDE] = geometry.seen[part]
        start = group * heads * 64
        output[:, start : start + WIDE] = geometry.place[:, part] * WRITE * geometry.scale


def fetch_follower(layer: Any, geometry: Geometry) -> None:
    """Ask for the present token among the written predecessors; the value is the embedding of the token found there."""
    query, key, value, output = blank(layer)
    heads, slots = query.shape[0] // 64 // GROUPS, [*FAR, *(pair + TURN for pair in FAR)]
    for group in range(GROUPS):
        part, fetched = slice(group * WIDE, (group + 1) * WIDE), slice(group * FETCH, (group + 1) * FETCH)
        key[[group * 64 + slot for slot in slots]] = geometry.place[:, part].T
        for head in range(group * heads, (group + 1) * heads):
            query[[head * 64 + slot for slot in slots]] = geometry.seen[part] * SHARP_FAR
        value[group * 64 : (group + 1) * 64] = geometry.top[:, fetched].T
        start = group * heads * 64
        output[:, start : start + FETCH] = geometry.top[:, fetched] * STRENGTH * geometry.scale


@torch.no_grad()
def build(model: Any, weight: torch.Tensor) -> Any:
    """The model with the two layers in front, in fp32; its shape must have two key/value heads of 64."""
    config = copy.deepcopy(model.config)
    config.num_hidden_layers += 2
    torch.manual_seed(0)
    taller: Any = type(model)(config).float()
    state = {name: tensor for name, tensor in model.state_dict().items() if ".layers." not in name}
    taller.load_state_dict(state, strict=False)
    for old, new in zip(model.model.layers, taller.model.layers[2:], strict=True):
        new.load_state_dict(old.state_dict())
    embeddings = add_common(model.model.embed_tokens.weight.detach().float())
    taller.model.embed_tokens.weight.copy_(embeddings)
    geometry = survey(embeddings, weight)
    write_predecessor(taller.model.layers[0], geometry)
    fetch_follower(taller.model.layers[1], geometry)
    return taller


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=Path("base/work"))
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    model: Any = transformers.AutoModelForCausalLM.from_pretrained(args.model, dtype=torch.float32)
    taller = build(model, frequencies(args.work, model.config.vocab_size))
    taller.to(torch.bfloat16).save_pretrained(args.out)
    for path in [*sorted(args.model.glob("*token*")), args.model / "chat_template.jinja"]:
        (args.out / path.name).write_bytes(path.read_bytes())


if __name__ == "__main__":
    main()

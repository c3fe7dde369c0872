"""Pre-train: shards from mixture.py -> checkpoints and a log; the same loop on one CPU core and on a GPU.

    python base/pretrain.py --work WORK --run NAME [--preset cpu] [--set lr=3e-3 ...] [--stop-after SECONDS]

A second call with the same --run continues where the checkpoint stands: weights, optimizer, position in the data and
clock. Shard i depends on (seed, i) alone, so no random state has to be kept. bf16 weights compute, fp32 masters learn.
"""

import argparse
import json
import os
import time
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path
from typing import Any

import mixture
import numpy as np
import torch
import transformers
from settings import Settings, as_dict, llama_config, make

WEIGHT_UNIT = mixture.WEIGHT_UNIT


def build_model(settings: Settings, device: str) -> Any:
    """A plain Llama in bf16: randomly initialised, or the weights of an earlier run of the same shape."""
    model: Any
    if settings.init:
        model = transformers.LlamaForCausalLM.from_pretrained(
            settings.init, dtype=torch.bfloat16, attn_implementation="sdpa"
        )
        model.config.use_cache = False
        return model.to(device)
    torch.manual_seed(settings.seed)
    config = transformers.LlamaConfig(**llama_config(settings), use_cache=False, dtype="bfloat16")
    config._attn_implementation = "sdpa"
    model = transformers.LlamaForCausalLM(config)
    return model.to(device, torch.bfloat16)


def weighted_loss(model: Any, rows: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """Sum over all targets of weight x cross-entropy; rows hold block + 1 tokens."""
    hidden = model.model(input_ids=rows[:, :-1], use_cache=False).last_hidden_state
    logits = torch.nn.functional.linear(hidden.reshape(-1, hidden.shape[-1]), model.lm_head.weight).float()
    losses = torch.nn.functional.cross_entropy(logits, rows[:, 1:].reshape(-1), reduction="none")
    return (losses * weights[:, 1:].reshape(-1)).sum()


class Masters:
    """fp32 copies of bf16 weights with their optimizers: Muon for the matrices, AdamW for everything else."""

    def __init__(self, model: Any, settings: Settings) -> None:
        self.live: list[torch.Tensor] = [p for p in model.parameters() if p.requires_grad]
        self.masters = [p.detach().float().clone() for p in self.live]
        names = [name for name, p in model.named_parameters() if p.requires_grad]
        inner = [".layers." in name and p.ndim == 2 for name, p in zip(names, self.live, strict=True)]
        matrices = [m for m, is_inner in zip(self.masters, inner, strict=True) if is_inner]
        others = [m for m, is_inner in zip(self.masters, inner, strict=True) if not is_inner]
        self.optimizers = self._optimizers(matrices, others, settings)
        self.base_rates = [[group["lr"] for group in o.param_groups] for o in self.optimizers]

    def _optimizers(
        self, matrices: list[torch.Tensor], others: list[torch.Tensor], settings: Settings
    ) -> list[torch.optim.Optimizer]:
        adamw = {"betas": (0.9, 0.95), "weight_decay": 0.0, "fused": True}
        vectors = torch.optim.AdamW(others, lr=settings.lr_vectors, **adamw)  # type: ignore[arg-type]
        if settings.optimizer == "adamw":
            adamw["weight_decay"] = settings.weight_decay
            return [vectors, torch.optim.AdamW(matrices, lr=settings.lr, **adamw)]  # type: ignore[arg-type]
        muon = torch.optim.Muon(
            matrices, lr=settings.lr, weight_decay=settings.weight_decay, momentum=0.95, adjust_lr_fn="match_rms_adamw"
        )
        return [vectors, muon]

    @torch.no_grad()
    def step(self, factor: float, scale: float, clip: float = 1.0) -> float:
        """One step with gradients x scale, learning rates x factor; returns the gradient norm."""
        for live, master in zip(self.live, self.masters, strict=True):
            master.grad = live.grad.float().mul_(scale) if live.grad is not None else None
            live.grad = None
        norm = torch.nn.utils.clip_grad_norm_(self.masters, clip)
        for optimizer, rates in zip(self.optimizers, self.base_rates, strict=True):
            for group, rate in zip(optimizer.param_groups, rates, strict=True):
                group["lr"] = rate * factor
            optimizer.step()
        torch._foreach_copy_(self.live, self.masters)
        return float(norm)

    def state(self) -> dict[str, Any]:
        return {"masters": self.masters, "optimizers": [o.state_dict() for o in self.optimizers]}

    @torch.no_grad()
    def load(self, state: dict[str, Any]) -> None:
        for own, saved in zip(self.masters, state["masters"], strict=True):
            own.copy_(saved)
        for optimizer, saved in zip(self.optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(saved)
        torch._foreach_copy_(self.live, self.masters)


def schedule(step: int, progress: float, settings: Settings) -> float:
    """Warm-up, a long constant stretch, then linearly to (almost) zero: the constant stretch can be prolonged later."""
    warm = min(1.0, (step + 1) / settings.warmup)
    left = (1.0 - progress) / max(settings.decay, 1e-9)
    return warm * max(0.01, min(1.0, left))


def batches(settings: Settings, work: Path, shard: int, skip: int) -> Iterator[tuple[int, int, np.ndarray, np.ndarray]]:
    """(shard, batch within it, rows, weights) from a position on; worker processes make the next shards meanwhile."""
    with ProcessPoolExecutor(settings.workers) as pool:
        ahead: list[Future[tuple[np.ndarray, np.ndarray]]] = []
        while True:
            while len(ahead) < settings.workers + 1:
                ahead.append(pool.submit(mixture.make_shard, settings, str(work), shard + len(ahead)))
            rows, weights = ahead.pop(0).result()
            for k in range(skip, len(rows) // settings.batch):
                part = slice(k * settings.batch, (k + 1) * settings.batch)
                yield shard, k, rows[part], weights[part]
            shard, skip = shard + 1, 0


class Run:
    """The state of one run on disk and in memory."""

    def __init__(self, settings: Settings, work: Path, name: str) -> None:
        self.settings, self.work, self.folder = settings, work, work / "runs" / name
        self.folder.mkdir(parents=True, exist_ok=True)
        known = mixture.tokenizer_of(str(work)).get_vocab_size()
        if known != settings.vocabulary:
            raise SystemExit(f"{work}/tokenizer has {known} tokens, the model {settings.vocabulary}: --set vocabulary=")
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        self.model = build_model(settings, self.device)
        self.masters = Masters(self.model, settings)
        self.step, self.tokens, self.seconds, self.shard, self.batch = 0, 0, 0.0, 0, 0
        self.loss_of = torch.compile(weighted_loss) if os.environ.get("ACADEMY_COMPILE", "1") == "1" else weighted_loss
        if (self.folder / "checkpoint.pt").exists():
            self.load()

    def log(self, **entry: Any) -> None:
        """One JSON line to the log and to the screen."""
        line = json.dumps(entry, ensure_ascii=False)
        print(line, flush=True)
        with (self.folder / "log.jsonl").open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    def report(self, shard: int, figures: dict[str, float]) -> None:
        """Where the run stands; `cpu` is processor time, which other users of the machine do not stretch."""
        rounded = {key: round(value, 4) for key, value in figures.items()}
        seconds, speed = round(self.seconds), round(self.tokens / max(self.seconds, 1e-9))
        at = {"step": self.step, "tokens": self.tokens, "seconds": seconds, "cpu": round(time.process_time())}
        self.log(**at, shard=shard, speed=speed, **rounded)

    def save(self) -> None:
        """Checkpoint, complete or not at all."""
        state = {"settings": as_dict(self.settings), "step": self.step, "tokens": self.tokens, "seconds": self.seconds,
                 "shard": self.shard, "batch": self.batch, **self.masters.state()}  # fmt: skip
        torch.save(state, self.folder / "checkpoint.tmp")
        os.replace(self.folder / "checkpoint.tmp", self.folder / "checkpoint.pt")

    def load(self) -> None:
        """Continue where the checkpoint stands."""
        state = torch.load(self.folder / "checkpoint.pt", map_location=self.device, weights_only=True)
        self.masters.load(state)
        self.step, self.tokens, self.seconds = state["step"], state["tokens"], state["seconds"]
        self.shard, self.batch = state["shard"], state["batch"]

    def export(self, name: str) -> Path:
        """The model alone as a plain transformers folder."""
        folder = self.folder / name
        self.model.config.use_cache = True
        self.model.save_pretrained(folder)
        self.model.config.use_cache = False
        for path in (self.work / "tokenizer").iterdir():
            (folder / path.name).write_bytes(path.read_bytes())
        return folder

    def progress(self) -> float:
        """From 0 to 1, by tokens or by the clock, whichever is further."""
        budget = self.settings.minutes * 60
        return min(1.0, max(self.tokens / self.settings.tokens, self.seconds / budget if budget else 0.0))

    def train_step(self, rows: np.ndarray, weights: np.ndarray) -> dict[str, float]:
        """One optimizer step over one batch, in micro-batches."""
        x = torch.from_numpy(rows.astype(np.int64)).to(self.device)
        w = torch.from_numpy(weights.astype(np.float32) / WEIGHT_UNIT).to(self.device)
        total = float(w[:, 1:].sum())
        summed = torch.zeros((), device=self.device)
        for start in range(0, len(x), self.settings.micro):
            part = slice(start, start + self.settings.micro)
            loss = self.loss_of(self.model, x[part], w[part])
            loss.backward()  # type: ignore[no-untyped-call]
            summed += loss.detach()
        factor = schedule(self.step, self.progress(), self.settings)
        norm = self.masters.step(factor, 1.0 / max(total, 1.0))
        return {"loss": float(summed) / max(total, 1.0), "norm": norm, "rate": factor}


def train(run: Run, stop_after: float, keep_every: int) -> None:
    """Until the schedule is over or the seconds of this call are spent."""
    run.log(event="start", device=run.device, torch=torch.__version__, transformers=transformers.__version__,
            parameters=sum(p.numel() for p in run.masters.live), settings=as_dict(run.settings))  # fmt: skip
    began = last = saved = time.monotonic()
    kept = run.tokens // keep_every if keep_every else 0
    for shard, k, rows, weights in batches(run.settings, run.work, run.shard, run.batch):
        figures = run.train_step(rows, weights)
        now = time.monotonic()
        run.seconds, run.step, run.tokens = run.seconds + now - last, run.step + 1, run.tokens + rows[:, 1:].size
        run.shard, run.batch, last = shard, k + 1, now
        if run.step % 20 == 0:
            run.report(shard, figures)
        if now - saved > 120:
            run.save()
            saved = time.monotonic()
        if keep_every and run.tokens // keep_every > kept:
            kept = run.tokens // keep_every
            run.export(f"at-{run.tokens // 1_000_000}M")
        if run.progress() >= 1.0 or now - began > stop_after:
            break
    run.save()
    run.log(event="stop", step=run.step, tokens=run.tokens, seconds=round(run.seconds), folder=str(run.export("model")))


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=Path("base/work"))
    parser.add_argument("--run", default="base")
    parser.add_argument("--preset", default="cpu")
    parser.add_argument("--set", nargs="*", default=[], dest="changes")
    parser.add_argument("--stop-after", type=float, default=1e9, help="seconds of this call")
    parser.add_argument("--keep-every", type=int, default=0, help="export the weights every so many tokens")
    args = parser.parse_args()
    settings = make(args.preset, args.changes)
    torch.set_num_threads(settings.threads)
    torch.set_float32_matmul_precision("high")
    train(Run(settings, args.work, args.run), args.stop_after, args.keep_every)


if __name__ == "__main__":
    main()

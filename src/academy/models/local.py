"""Model folders, opened with transformers: students, specialists, and any other causal language model."""

import inspect
import json
import os
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from academy.config import StudentConfig
from academy.errors import ModelError
from academy.messages import _
from academy.models.decoding import Writer, choose
from academy.models.hardware import computes_bf16, pick_device
from academy.models.student import Student, check_model_folder, fingerprint, resolve_student
from academy.models.template import FolderTemplate, load_template
from academy.records import Conversation, Delta, Sampling

if TYPE_CHECKING:
    import torch

ADAPTER = "adapter_config.json"
ADAPTER_WEIGHTS = "adapter_model.safetensors"
SPECIALIST = "specialist.json"
SCORED = 16
"""Rows whose likelihood is computed at once."""


class LocalModel:
    """A causal language model in memory; a ``LanguageModel``.

    Attributes:
        name: the student's name, or the specialist's folder.
        template: its tokenizer and chat template.
        context: longest prompt and answer together, in tokens; None for models without a limit.
        network: the transformers model, or a PEFT model around it.
        accepts: which of ``position_ids`` and ``logits_to_keep`` its ``forward`` takes.
    """

    def __init__(self, name: str, model: Any, template: FolderTemplate) -> None:
        self.name = name
        self.template = template
        self.context = getattr(model.config.get_text_config(), "max_position_embeddings", None)
        self.network = model.eval()
        # Not every architecture takes all of these; those that lack one compute it themselves.
        known = inspect.signature(type(_without_adapter(model)).forward).parameters
        self.accepts = frozenset(name for name in ("position_ids", "logits_to_keep") if name in known)

    def stream(self, conversations: Sequence[Conversation], sampling: Sampling) -> Iterator[Delta]:
        """Answer all conversations together, one token of each per step; see ``LanguageModel.stream``.

        A sampled answer depends on the seed and the conversation's index, not on what else stands in the batch.

        Raises:
            ModelError: a prompt leaves no room for ``max_new_tokens``.
        """
        prompts = [self.template.render_ids(conversation, generate=True) for conversation in conversations]
        self._refuse_long(prompts, sampling)
        live = [Writer(index, self.template, sampling) for index in range(len(prompts))]
        if not live:
            return
        batch = self._prefill(prompts)
        for room in range(sampling.max_new_tokens - 1, -1, -1):
            chosen = choose(batch.logits, live)
            written = zip(live, chosen.tokens, chosen.logprobs, strict=True)
            deltas = [writer.take(token, logprob, room) for writer, token, logprob in written]
            yield from deltas
            keep = [place for place, delta in enumerate(deltas) if delta.finish_reason is None]
            if not keep:
                return
            live = [live[place] for place in keep]
            batch = self._advance(batch, keep, [chosen.tokens[place] for place in keep])

    def score(self, rows: Sequence[tuple[Sequence[int], int]]) -> list[float]:
        """The log-likelihood of given tokens.

        Args:
            rows: token ids, and the place of the first one that counts (at least 1); those before it are read only.

        Returns:
            For each row the sum of the natural-log probabilities of the tokens that count.

        Raises:
            ModelError: a row does not fit into the model.
        """
        longest = max((len(ids) for ids, _start in rows), default=0)
        if self.context is not None and longest > self.context:
            raise ModelError(
                _("{tokens} tokens do not fit into {model}, which reads {context}.").format(
                    tokens=longest, model=self.name, context=self.context
                ),
                _("Ask shorter questions."),
            )
        # Rows of like length together: less padding, and the same batches whatever stands beside a row in the list.
        order = sorted(range(len(rows)), key=lambda place: (len(rows[place][0]), place))
        found = [0.0] * len(rows)
        for start in range(0, len(order), SCORED):
            places = order[start : start + SCORED]
            for place, value in zip(places, self._score([rows[place] for place in places]), strict=True):
                found[place] = value
        return found

    def _score(self, rows: Sequence[tuple[Sequence[int], int]]) -> list[float]:
        """One batch, padded on the right: what follows a token cannot change it."""
        import torch

        width, pad, device = max(len(ids) for ids, _start in rows), self.template.eos_id, self.network.device
        ids = torch.tensor([[*row, *[pad] * (width - len(row))] for row, _start in rows], device=device)
        mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row, _start in rows], device=device)
        with torch.inference_mode():
            logits = self.network(input_ids=ids, attention_mask=mask, use_cache=False).logits
            return [
                -float(
                    torch.nn.functional.cross_entropy(
                        logits[place, start - 1 : len(row) - 1].float(), ids[place, start : len(row)], reduction="sum"
                    )
                )
                for place, (row, start) in enumerate(rows)
            ]

    def _refuse_long(self, prompts: Sequence[Sequence[int]], sampling: Sampling) -> None:
        longest = max(map(len, prompts), default=0)
        if self.context is not None and longest + sampling.max_new_tokens > self.context:
            raise ModelError(
                _(
                    "{prompt} tokens of prompt and {answer} of answer do not fit into {model}, which reads {context}."
                ).format(prompt=longest, answer=sampling.max_new_tokens, model=self.name, context=self.context),
                _("Show fewer or shorter passages: --set query.passages=2"),
            )

    def _prefill(self, prompts: Sequence[Sequence[int]]) -> "_Batch":
        """Read all prompts, padded on the left so that every answer starts at the same place."""
        import torch

        width = max(map(len, prompts))
        device = self.network.device
        pad = self.template.eos_id
        ids = torch.tensor([[pad] * (width - len(prompt)) + list(prompt) for prompt in prompts], device=device)
        mask = torch.tensor([[0] * (width - len(prompt)) + [1] * len(prompt) for prompt in prompts], device=device)
        return self._forward(ids, mask, None)

    def _advance(self, batch: "_Batch", keep: Sequence[int], tokens: Sequence[int]) -> "_Batch":
        """Feed one more token to the conversations that go on, and drop the others."""
        import torch

        mask, device = batch.mask, self.network.device
        if len(keep) < len(mask):
            places = torch.tensor(keep, device=device)
            mask = mask[places]
            batch.cache.batch_select_indices(places)
        mask = torch.cat([mask, mask.new_ones(len(keep), 1)], dim=1)
        return self._forward(torch.tensor(tokens, device=device).unsqueeze(1), mask, batch.cache)

    def _forward(self, ids: "torch.Tensor", mask: "torch.Tensor", cache: Any) -> "_Batch":
        import torch

        positions = (mask.cumsum(dim=1) - 1).clamp(min=0)[:, -ids.shape[1] :]
        optional = {"position_ids": positions, "logits_to_keep": 1}
        chosen = {name: optional[name] for name in self.accepts}
        with torch.inference_mode():
            out = self.network(input_ids=ids, attention_mask=mask, past_key_values=cache, use_cache=True, **chosen)
            return _Batch(out.logits[:, -1].float(), mask, out.past_key_values)


@dataclass(frozen=True, slots=True)
class _Batch:
    """The conversations that are being written: next-token logits (n, vocabulary), mask (n, length), KV cache."""

    logits: "torch.Tensor"
    mask: "torch.Tensor"
    cache: Any


def open_model(student: Student) -> LocalModel:
    """Open a student as it is, before fine-tuning.

    Raises:
        ModelError: the files are damaged or incomplete, or the model brings code that nobody said to trust.
    """
    device = pick_device()
    model = load_weights(student.folder, native_dtype(device), student.trust_remote_code)
    return LocalModel(student.name, model.to(device), load_template(student.folder))


def open_specialist(folder: Path, base_folder: Path | None, trust_remote_code: bool = False) -> LocalModel:
    """Open what fine-tuning made: a full model, or an adapter on its base.

    Args:
        folder: a specialist's folder.
        base_folder: where the base of an adapter is; None: where its record says.
        trust_remote_code: run code that comes with the base.

    Raises:
        ModelError: the files are damaged or incomplete, or the adapter was trained on another base.
    """
    device = pick_device()
    dtype = native_dtype(device)
    if not (folder / ADAPTER).is_file():
        check_model_folder(folder)
        model = load_weights(folder, dtype, trust_remote_code)
    else:
        base = _base_of(folder, base_folder, trust_remote_code)
        model = _adapted(load_weights(base, dtype, trust_remote_code), folder)
    return LocalModel(folder.name, model.to(device), load_template(folder))


def open_adapters(folders: Mapping[str, Path], base_folder: Path, trust_remote_code: bool = False) -> LocalModel:
    """Open one base with several adapters, of which ``forward(..., adapter_names=[...])`` takes one per row.

    Args:
        folders: adapter name -> the specialist's folder; names without dots.
        base_folder: the base of them all.

    Raises:
        ModelError: the files are damaged or incomplete, or an adapter was trained on another base.
    """
    from peft import PeftModel

    device = pick_device()
    places = list(folders.items())
    for _name, folder in places:
        _base_of(folder, base_folder, trust_remote_code)
        _check_adapter(folder)
    base = load_weights(base_folder, native_dtype(device), trust_remote_code)
    with _adapter_errors(places[0][1]), quiet_libraries():
        model = PeftModel.from_pretrained(base, os.fspath(places[0][1]), adapter_name=places[0][0])
    for name, folder in places[1:]:
        with _adapter_errors(folder), quiet_libraries():
            model.load_adapter(os.fspath(folder), adapter_name=name)
    return LocalModel(base_folder.name, model.to(device), load_template(base_folder))


def load_weights(folder: Path, dtype: "torch.dtype", trust_remote_code: bool = False) -> Any:
    """The transformers model of a folder on the CPU; nothing is fetched, only safetensors are read.

    Raises:
        ModelError: damaged or missing weights, an unknown architecture, or code that nobody said to trust.
    """
    from safetensors import SafetensorError
    from transformers import AutoModelForCausalLM

    options: dict[str, Any] = {
        "dtype": dtype,
        "local_files_only": True,
        "use_safetensors": True,
        "output_loading_info": True,
    }
    try:
        with quiet_libraries():
            loaded: Any = AutoModelForCausalLM.from_pretrained(folder, trust_remote_code=trust_remote_code, **options)
    except (OSError, ValueError, RuntimeError, ImportError, SafetensorError) as error:
        raise _unusable(folder, error) from error
    # transformers fills missing weights with random numbers and goes on; such a model talks nonsense.
    model, info = loaded
    if info["missing_keys"]:
        raise _unusable(folder, _("it lacks {names}").format(names=", ".join(sorted(info["missing_keys"])[:3])))
    return model


def load_tokenizer(folder: Path, trust_remote_code: bool = False) -> Any:
    """The transformers tokenizer of a folder, for libraries that want one; texts are rendered by ``load_template``."""
    from transformers import AutoTokenizer

    try:
        return AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=trust_remote_code)
    except (OSError, ValueError, ImportError) as error:
        raise _unusable(folder, error) from error


def native_dtype(device: str) -> "torch.dtype":
    """The format in which answers are computed: bf16 where the machine has it, else fp32."""
    import torch

    return torch.bfloat16 if computes_bf16(device) else torch.float32


@contextmanager
def quiet_libraries() -> Iterator[None]:
    """Keep the Hugging Face libraries off the terminal: only Academy speaks to the user."""
    from transformers.utils import logging

    bars: Any = logging
    shown = bars.is_progress_bar_enabled()
    bars.disable_progress_bar()
    try:
        with warnings.catch_warnings():
            # peft 0.21 still asks transformers 5.23 by the old name; it means the same.
            warnings.filterwarnings("ignore", "`is_gradient_checkpointing` is deprecated", FutureWarning)
            yield
    finally:
        if shown:
            bars.enable_progress_bar()


def _base_of(folder: Path, base_folder: Path | None, trust_remote_code: bool) -> Path:
    """The folder of an adapter's base, after checking that it is the one that the adapter was trained on."""
    record = _record(folder)
    if base_folder is None:
        config = StudentConfig(model=record["base"], trust_remote_code=trust_remote_code)
        base_folder = resolve_student(config).folder
    check_model_folder(base_folder)
    if fingerprint(base_folder) != record["base_fingerprint"]:
        raise ModelError(
            _("The adapter in {folder} was trained on another base than {base}.").format(
                folder=folder, base=base_folder
            ),
            _("It needs {base}. To train on this base instead: academy train --from finetune").format(
                base=record["base"]
            ),
        )
    return base_folder


def _record(folder: Path) -> Mapping[str, Any]:
    try:
        record = json.loads((folder / SPECIALIST).read_text(encoding="utf-8"))
        return {key: record[key] for key in ("base", "base_fingerprint")}
    except (OSError, ValueError, KeyError) as error:
        raise _unusable(folder, _("{file} does not say which base it needs").format(file=SPECIALIST)) from error


def _adapted(base: Any, folder: Path) -> Any:
    """The base with the adapter worked into its weights: as fast as the base."""
    from peft import PeftModel

    _check_adapter(folder)
    with _adapter_errors(folder), quiet_libraries():
        return PeftModel.from_pretrained(base, os.fspath(folder)).merge_and_unload()


def _check_adapter(folder: Path) -> None:
    if not (folder / ADAPTER_WEIGHTS).is_file():
        raise _unusable(folder, _("{file} is missing").format(file=ADAPTER_WEIGHTS))


@contextmanager
def _adapter_errors(folder: Path) -> Iterator[None]:
    from safetensors import SafetensorError

    try:
        yield
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        raise _unusable(folder, error) from error


def _without_adapter(model: Any) -> Any:
    return model.get_base_model() if hasattr(model, "get_base_model") else model


def _unusable(folder: Path, reason: object) -> ModelError:
    hint = _("Fetch or make the model again, or use the embedded one: --set student.model=embedded")
    if "trust_remote_code" in str(reason):
        reason = _("it brings Python code of its own, which is not run unless you trust it")
        hint = _("If you trust it: --set student.trust_remote_code=true")
    return ModelError(_("{folder} cannot be opened: {reason}.").format(folder=folder, reason=reason), hint)

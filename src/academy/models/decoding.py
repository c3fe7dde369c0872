"""From next-token logits to tokens and text: one rule for answering alone, in a batch and while serving."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from academy.models.detokenizer import Detokenizer
from academy.models.template import ChatTemplate
from academy.records import Delta, Sampling

if TYPE_CHECKING:
    import torch


class Writer:
    """One answer as it is being written.

    Args:
        index: its number in the batch; a sampled answer depends on it and on the seed.
    """

    def __init__(self, index: int, template: ChatTemplate, sampling: Sampling) -> None:
        import torch

        self.index = index
        self.sampling = sampling
        self.generator = torch.Generator().manual_seed(sampling.seed + index)
        self._stop_ids = template.stop_ids
        self._text = Detokenizer(template.decode, sampling.stop)

    def take(self, token: int, logprob: float, room: int) -> Delta:
        """Add a token; ``room`` is how many more may follow."""
        if token in self._stop_ids:
            return Delta(self.index, self._text.flush(), logprob, "stop")
        text = self._text.push(token)
        if self._text.stopped:
            return Delta(self.index, text, logprob, "stop")
        if room:
            return Delta(self.index, text, logprob)
        return Delta(self.index, text + self._text.flush(), logprob, "length")


@dataclass(frozen=True, slots=True)
class Chosen:
    """The next token of each answer, and the log-probabilities of all tokens: shapes (n,) and (n, vocabulary)."""

    tokens: list[int]
    logprobs: list[float]
    all_logprobs: "torch.Tensor"


def choose(logits: "torch.Tensor", writers: Sequence[Writer]) -> Chosen:
    """The next token of each answer by its own sampling; log-probabilities are the model's own, without temperature.

    Args:
        logits: shape (n, vocabulary), fp32, on any device.
    """
    import torch

    tokens = logits.argmax(dim=-1)
    for row, writer in enumerate(writers):
        if writer.sampling.temperature > 0:
            tokens[row] = _draw(logits[row], writer)
    logprobs = torch.log_softmax(logits, dim=-1)
    chosen = logprobs.gather(1, tokens.unsqueeze(1)).squeeze(1)
    return Chosen(tokens.tolist(), chosen.tolist(), logprobs)


def _draw(logits: "torch.Tensor", writer: Writer) -> int:
    """Drawn on the CPU, so that a seed means the same on every device."""
    import torch

    weights = nucleus(torch.softmax(logits.cpu() / writer.sampling.temperature, dim=-1), writer.sampling.top_p)
    return int(torch.multinomial(weights, 1, generator=writer.generator))


def nucleus(probabilities: "torch.Tensor", top_p: float) -> "torch.Tensor":
    """Zero all but the likeliest tokens that together reach ``top_p`` (Holtzman et al. 2020, arXiv:1904.09751)."""
    if top_p >= 1:
        return probabilities
    ordered, order = probabilities.sort(dim=-1, descending=True)
    ordered[ordered.cumsum(dim=-1) - ordered >= top_p] = 0
    return probabilities.new_zeros(probabilities.shape).scatter(-1, order, ordered)

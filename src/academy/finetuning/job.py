"""What a fine-tuning backend is asked to do."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from academy.config import FinetuneConfig
from academy.errors import DatasetError
from academy.messages import _
from academy.models.rows import IGNORED
from academy.models.student import Student
from academy.records import Dataset, Progress, content_hash


@dataclass(frozen=True, slots=True)
class Job:
    """The arguments of ``finetune``; see there."""

    dataset: Dataset
    config: FinetuneConfig
    student: Student
    seed: int
    folder: Path
    scratch: Path
    emit: Callable[[Progress], None]


def check_rows(dataset: Dataset) -> None:
    """Refuse rows from which nothing would be learned.

    Raises:
        DatasetError: no training row, or one without a label behind its first token (nothing predicts the first one).
    """
    if not dataset.train:
        raise DatasetError(_("There is no training row."), _("academy train --from build"))
    for row in (*dataset.train, *dataset.valid):
        if len(row.input_ids) != len(row.labels) or all(label == IGNORED for label in row.labels[1:]):
            raise DatasetError(
                _("Training row {id} has no token to learn.").format(id=row.id), _("academy train --from build")
            )


def check_fit(dataset: Dataset, config: Any) -> None:
    """Refuse rows that the model cannot read.

    Args:
        config: the text configuration of a transformers model.

    Raises:
        DatasetError: a row is longer than the model's context, or holds a token that it does not know.
    """
    context = getattr(config, "max_position_embeddings", None) or math.inf
    for row in (*dataset.train, *dataset.valid):
        if len(row.input_ids) > context:
            raise DatasetError(
                _("Training row {id} has {length} tokens; the student reads {context}.").format(
                    id=row.id, length=len(row.input_ids), context=context
                ),
                _("Make shorter rows: --set build.max_length={context}").format(context=context),
            )
        if max(row.input_ids) >= config.vocab_size:
            raise DatasetError(
                _("Training row {id} was made for another student: it holds unknown tokens.").format(id=row.id),
                _("academy train --from build"),
            )


def data_fingerprint(dataset: Dataset) -> str:
    """The dataset's id; a dataset that was read from disk without its id is hashed by the ids of its rows."""
    return dataset.id or content_hash([[row.id for row in part] for part in (dataset.train, dataset.valid)])

"""General sentences mixed into the training, so that a specialist forgets less of what its base could do."""

from collections.abc import Iterable, Sequence

from academy.config import BuildConfig
from academy.errors import ConfigError
from academy.messages import _
from academy.models.rows import IGNORED, text_rows
from academy.models.template import ChatTemplate
from academy.records import Example, TextBody, content_hash


def read_replay(config: BuildConfig) -> tuple[str, ...]:
    """The paragraphs of the file of general text, each once; none where nothing is to be mixed in.

    Raises:
        ConfigError: a share is wanted and there is no file, or it is no UTF-8 text, or it is empty.
    """
    if not config.replay_share:
        return ()
    hint = _("Give a text file of general sentences, paragraphs apart by empty lines: --set build.replay=general.txt")
    if config.replay is None:
        raise ConfigError(_("build.replay_share is set, but build.replay names no text."), hint)
    try:
        text = config.replay.read_bytes().decode("utf-8-sig")
    except OSError as error:
        reason = error.strerror or str(error)
        raise ConfigError(
            _("{file} cannot be read: {reason}.").format(file=config.replay, reason=reason), hint
        ) from None
    except UnicodeDecodeError:
        raise ConfigError(_("{file} is no UTF-8 text.").format(file=config.replay), hint) from None
    found = [" ".join(paragraph.split()) for paragraph in text.replace("\r\n", "\n").split("\n\n")]
    paragraphs = tuple(dict.fromkeys(filter(None, found)))
    if not paragraphs:
        raise ConfigError(_("{file} holds no text.").format(file=config.replay), hint)
    return paragraphs


def replayed(
    train: Iterable[Example], texts: Sequence[str], config: BuildConfig, template: ChatTemplate, seed: int
) -> list[Example]:
    """Rows of general text that make up ``replay_share`` of all learned tokens, drawn by content and seed.

    No row is repeated: a short file gives a smaller share.
    """
    missing = _learned(train) * config.replay_share / (1 - config.replay_share)
    rows: list[Example] = []
    for text in sorted(texts, key=lambda text: content_hash([seed, text])):
        if missing <= 0:
            break
        body = TextBody(text=text)
        made = [
            Example(lesson_ids=(), body=body, input_ids=row.input_ids, labels=row.labels)
            for row in text_rows(text, template, config.max_length)
        ]
        rows += made
        missing -= _learned(made)
    return rows


def _learned(rows: Iterable[Example]) -> int:
    return sum(label != IGNORED for row in rows for label in row.labels)

"""Which small model learns: the embedded one, a folder, or a model of the Hugging Face hub."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from academy.config import EMBEDDED, StudentConfig
from academy.errors import ModelError
from academy.messages import _

EMBEDDED_FOLDER = Path(__file__).parent.parent / "assets" / "base"
_WHOLE = 256 << 20
"""Weight files up to this size are hashed whole; reading 15 GB before every command would help nobody."""
_BLOCK = 1 << 20
"""Bytes read at once."""
_SAMPLES = 18
"""Blocks hashed of a larger weight file: both ends and 16 between them, evenly spread."""
_PICKLE = ("*.bin", "*.pt", "*.pth", "*.ckpt")


@dataclass(frozen=True, slots=True)
class Student:
    """A model folder that is complete and safe to open.

    Attributes:
        name: as the user wrote it: "embedded", a folder or a hub id.
        fingerprint: hash of configuration, tokenizer and weights.
    """

    name: str
    folder: Path
    fingerprint: str
    trust_remote_code: bool = False


def resolve_student(config: StudentConfig) -> Student:
    """Find the student's folder and check it, without loading it.

    Raises:
        ModelError: the folder is missing or incomplete, or holds weights only as pickle files, which can run code.
    """
    folder = _folder(config)
    check_model_folder(folder)
    return Student(config.model, folder, fingerprint(folder), config.trust_remote_code)


def check_model_folder(folder: Path) -> None:
    """Refuse a folder that lacks a part, naming the part."""
    if not (folder / "config.json").is_file():
        raise ModelError(
            _("{folder} is not a model folder: config.json is missing.").format(folder=folder),
            _("Give a Hugging Face model folder or id: --set student.model=..."),
        )
    if not any(folder.glob("*.safetensors")):
        pickled = any(True for pattern in _PICKLE for _found in folder.glob(pattern))
        reason = (
            _("its weights are pickle files, which can run code; only safetensors are opened")
            if pickled
            else _("it holds no *.safetensors file")
        )
        raise ModelError(
            _("{folder} cannot be used: {reason}.").format(folder=folder, reason=reason),
            _("Convert it: model.save_pretrained(folder, safe_serialization=True)"),
        )
    if not any((folder / name).is_file() for name in ("tokenizer.json", "tokenizer.model", "vocab.json")):
        raise ModelError(
            _("{folder} cannot be used: it holds no tokenizer.").format(folder=folder),
            _("Copy the base model's tokenizer files into the folder."),
        )


def fingerprint(folder: Path) -> str:
    """Hash what defines the model: files whole, weight files above 256 MiB by size and evenly spread samples."""
    digest = hashlib.sha256()
    for path in sorted(_defining(folder)):
        size = path.stat().st_size
        digest.update(f"{path.name}:{size}:".encode())
        with path.open("rb") as file:
            for start in _blocks(size, whole=path.suffix != ".safetensors" or size <= _WHOLE):
                file.seek(start)
                digest.update(file.read(_BLOCK))
    return digest.hexdigest()[:16]


def _blocks(size: int, whole: bool) -> Iterable[int]:
    """Where the blocks begin that are hashed."""
    last = size - _BLOCK
    return range(0, size, _BLOCK) if whole else (last * n // (_SAMPLES - 1) for n in range(_SAMPLES))


def _defining(folder: Path) -> Iterator[Path]:
    for pattern in ("*.json", "*.jinja", "*.model", "*.txt", "*.safetensors"):
        yield from folder.glob(pattern)


def _folder(config: StudentConfig) -> Path:
    if config.model == EMBEDDED:
        return EMBEDDED_FOLDER
    local = Path(config.model).expanduser()
    if local.is_dir():
        return local
    if config.model.startswith((".", "/", "~")) or config.model.count("/") != 1:
        raise ModelError(
            _("There is no model folder {folder}.").format(folder=config.model),
            _("Use the embedded model: --set student.model=embedded"),
        )
    return _from_hub(config)


def _from_hub(config: StudentConfig) -> Path:
    """The local copy of a hub model, downloaded when it is not there yet; never pickle files."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    wanted = ["*.json", "*.safetensors", "*.jinja", "*.model", "*.txt"]
    wanted += ["*.py"] if config.trust_remote_code else []
    try:
        return Path(snapshot_download(config.model, revision=config.revision, allow_patterns=wanted))
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        raise ModelError(
            _("The model {model} could not be fetched: {error}").format(model=config.model, error=error),
            _("Check the name and the connection, or use a folder: --set student.model=/path/to/model"),
        ) from error

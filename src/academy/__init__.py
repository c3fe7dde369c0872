"""Academy: turn your documents into a small language model that knows your field.

The public names load on first use, so that ``import academy`` takes milliseconds and never loads torch. It tells the
libraries below it, through the environment, to send nothing anywhere.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from academy.environment import prepare

if TYPE_CHECKING:
    from academy.config import AcademyConfig
    from academy.errors import AcademyError
    from academy.pipeline import open_run, train
    from academy.records import Answer
    from academy.reports import Report
    from academy.settings import load_config
    from academy.specialist import ask

__version__ = "0.1.0"

prepare()

_HOME = {
    "AcademyConfig": "academy.config",
    "AcademyError": "academy.errors",
    "Answer": "academy.records",
    "Report": "academy.reports",
    "ask": "academy.specialist",
    "load_config": "academy.settings",
    "open_run": "academy.pipeline",
    "train": "academy.pipeline",
}

__all__ = [
    "AcademyConfig",
    "AcademyError",
    "Answer",
    "Report",
    "__version__",
    "ask",
    "load_config",
    "open_run",
    "train",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'academy' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return __all__

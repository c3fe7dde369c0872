"""academy init."""

from pathlib import Path
from typing import Annotated

import typer

from academy.cli.console import out, verb
from academy.messages import _


@verb
def init(
    recipe: Annotated[str, typer.Option("--recipe", "-r", help=_("Start from this recipe."))] = "document-expert",
    file: Annotated[Path, typer.Option("--file", "-f", help=_("Where to write."))] = Path("academy.yaml"),
) -> None:
    """Write a commented configuration file; never over one that exists."""
    from academy.artefacts import write_text
    from academy.errors import ConfigError
    from academy.settings import commented

    if file.exists():
        raise ConfigError(_("{file} exists already.").format(file=file), _("Choose another: academy init --file NAME"))
    write_text(file, commented(recipe))
    out.print(_("Wrote {file}. Change what you like, then: academy train DOCUMENT.pdf").format(file=file))

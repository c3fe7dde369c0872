"""academy config show|schema|explain."""

import json
from typing import Annotated

import typer

from academy.cli.console import ConfigOption, JsonOption, SetOption, out, print_json, table, verb
from academy.messages import _

app = typer.Typer(no_args_is_help=True)
RecipeOption = Annotated[str | None, typer.Option("--recipe", "-r", help=_("Start from this recipe."))]


@app.command(help=_("The resolved configuration as YAML."))
@verb
def show(config: ConfigOption = None, set_: SetOption = None, recipe: RecipeOption = None) -> None:
    """Print what a run would use."""
    from academy.settings import dump_config, load_config

    typer.echo(dump_config(load_config(config, set_ or (), recipe=recipe)), nl=False)


@app.command(help=_("The JSON schema of the configuration, for editors."))
@verb
def schema() -> None:
    """Print the schema."""
    from academy.config import AcademyConfig

    typer.echo(json.dumps(AcademyConfig.model_json_schema(), ensure_ascii=False, indent=2))


@app.command(help=_("Every setting: its value, where the value comes from, and what it means."))
@verb
def explain(
    config: ConfigOption = None, set_: SetOption = None, recipe: RecipeOption = None, as_json: JsonOption = False
) -> None:
    """Print every setting with its origin."""
    from academy.settings import explain, layers

    settings = explain(layers(config, set_ or (), recipe=recipe))
    if as_json:
        print_json(
            [{"key": s.key, "value": s.value, "origin": s.origin, "description": s.description} for s in settings]
        )
        return
    rows = [(s.key, "" if s.value is None else s.value, s.origin, s.description) for s in settings]
    out.print(table([_("setting"), _("value"), _("from"), _("meaning")], rows))

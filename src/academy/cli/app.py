"""The verbs, in the order in which a user meets them."""

import typer
from typer import rich_utils

import academy
from academy.cli import check, compare, config, delete, evaluate, init, list, mcp, query, rate, serve, show, train
from academy.cli.console import out
from academy.messages import _

# Typer's own headings, in the user's language like everything else.
rich_utils.ARGUMENTS_PANEL_TITLE = _("Arguments")
rich_utils.OPTIONS_PANEL_TITLE = _("Options")
rich_utils.COMMANDS_PANEL_TITLE = _("Commands")
rich_utils.ERRORS_PANEL_TITLE = _("Error")

app = typer.Typer(
    name="academy",
    help=_("Turn your documents into a small language model that knows your field and runs on your machine."),
    epilog=_('First steps: academy train handbook.pdf, then academy query "..."'),
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        out.print(f"academy {academy.__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help=_("Show the version.")),
) -> None:
    """Options before the verb."""


app.command("init", help=_("Write a commented academy.yaml."))(init.init)
app.command("check", help=_("Check in seconds whether everything is ready."))(check.check)
app.command("train", help=_("Train a specialist on documents: the whole line."))(train.train)
app.command("query", help=_("Ask a specialist; no question opens a chat."))(query.query)
app.command("evaluate", help=_("Examine a specialist again, with your own questions if you like."))(evaluate.evaluate)
app.command("compare", help=_("Put several runs side by side."))(compare.compare)
app.command("rate", help=_("Judge answers yourself, without seeing who gave them."))(rate.rate)
app.command("serve", help=_("Answer over HTTP, also for programs that speak OpenAI's language."))(serve.serve)
app.command("mcp", help=_("Be a tool for other language models (Model Context Protocol)."))(mcp.mcp)
app.command("list", help=_("List the runs."))(list.list_runs)
app.command("show", help=_("Show what a run holds, stage by stage."))(show.show)
app.command("delete", help=_("Delete a run for good."))(delete.delete)
app.add_typer(config.app, name="config", help=_("Look at the configuration."))

"""academy check."""

import functools
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from academy.cli.console import ConfigOption, JsonOption, SetOption, following, out, print_json, verb
from academy.messages import _, ngettext

if TYPE_CHECKING:
    from academy.config import AcademyConfig
    from academy.models.api_presets import Endpoint

GIB = 1 << 30


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; ``hint`` is what to do when it is not in order."""

    subject: str
    fine: bool
    detail: str
    hint: str = ""


@verb
def check(
    sources: Annotated[
        list[str] | None, typer.Argument(help=_("Documents to check as well."), show_default=False)
    ] = None,
    config: ConfigOption = None,
    set_: SetOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check configuration, sources, model, libraries, disk and memory; takes seconds and changes nothing."""
    from academy.settings import load_config

    settings = load_config(config, set_ or ())
    found = list(findings(settings, sources or []))
    if as_json:
        print_json([{"subject": f.subject, "fine": f.fine, "detail": f.detail, "hint": f.hint} for f in found])
    else:
        for item in found:
            out.print(
                f"{'[green]✓[/]' if item.fine else '[red]✗[/]'} [bold]{escape(item.subject)}[/]  {escape(item.detail)}"
            )
            if item.hint and not item.fine:
                out.print(f"    {following()}: {escape(item.hint)}")
    if not all(item.fine for item in found):
        raise typer.Exit(1)


def findings(settings: "AcademyConfig", sources: list[str]) -> Iterator[Finding]:
    """Everything that is looked at, in order."""
    yield Finding(_("configuration"), True, _("valid"))
    yield guarded(_("base model"), lambda: student(settings))
    yield guarded(_("chat template"), lambda: template(settings))
    yield from teachers(settings)
    if sources:
        yield from documents(settings, sources)
    yield libraries()
    yield from room(settings)


def guarded(subject: str, look: Callable[[], str]) -> Finding:
    """Turn an error into a finding."""
    from academy.errors import AcademyError

    try:
        return Finding(subject, True, look())
    except AcademyError as error:
        return Finding(subject, False, error.message, error.hint)


def student(settings: "AcademyConfig") -> str:
    """Whether the student can be found and is complete."""
    from academy.models.student import resolve_student

    found = resolve_student(settings.student)
    size = sum(path.stat().st_size for path in found.folder.glob("*.safetensors"))
    return f"{found.name} ({size / 1e6:,.0f} MB)"


def template(settings: "AcademyConfig") -> str:
    """Whether tokenizer and chat template work."""
    from academy.models.student import resolve_student
    from academy.models.template import load_template
    from academy.records import Message

    opened = load_template(resolve_student(settings.student).folder)
    opened.render_ids([Message(role="user", content="?")], generate=True)
    return _("tokenizer and chat template work")


def teachers(settings: "AcademyConfig") -> Iterator[Finding]:
    """One short request to every teacher behind an endpoint; a sentence of ours is sent, nothing of the user's."""
    from academy.distillation import TEACHERS
    from academy.distillation.faculty import Faculty
    from academy.errors import AcademyError

    try:
        endpoints = Faculty(settings, settings.runs, TEACHERS).endpoints
    except AcademyError as error:
        yield Finding(_("teacher"), False, error.message, error.hint)
        return
    for endpoint in endpoints:
        yield guarded(_("teacher {name}").format(name=endpoint.name), functools.partial(answers, endpoint))


def answers(endpoint: "Endpoint") -> str:
    """Whether a teacher answers, and how fast."""
    from dataclasses import replace
    from time import monotonic

    from academy.models.api import ApiModel
    from academy.records import Message

    began = monotonic()
    model = ApiModel(replace(endpoint, config=endpoint.config.model_copy(update={"attempts": 1})))
    try:
        reply = model.complete([Message(role="user", content="Answer with one word: ready")])
    finally:
        model.close()
    return _("{model} answers after {seconds:.1f} s").format(model=reply.model, seconds=monotonic() - began)


def documents(settings: "AcademyConfig", sources: list[str]) -> Iterator[Finding]:
    """Read every source as training would; those that would be left out are named."""
    from academy.errors import SourceError
    from academy.ingestion import find_sources, ingest
    from academy.records import Rejection

    try:
        found = find_sources([Path(source) for source in sources])
    except SourceError as error:
        yield Finding(_("sources"), False, error.message, error.hint)
        return
    records = [record for source in found for record in ingest(source, settings.ingest)]
    refused = [record for record in records if isinstance(record, Rejection)]
    fine = len(records) - len(refused)
    yield Finding(
        _("sources"), fine > 0, ngettext("{n} document can be read", "{n} documents can be read", fine).format(n=fine)
    )
    for record in refused:
        yield Finding(record.item_id, False, record.detail)


def libraries() -> Finding:
    """Whether the libraries that training needs are installed."""
    from academy.run import versions

    found = versions()
    absent = [name for name, number in found.items() if number == "absent"]
    detail = ", ".join(f"{name} {number}" for name, number in found.items())
    return Finding(_("libraries"), not absent, detail, "pip install " + " ".join(absent))


def room(settings: "AcademyConfig") -> Iterator[Finding]:
    """Disk and memory: four times the student for training, and as much again for checkpoints."""
    from academy.errors import ModelError
    from academy.models.student import resolve_student

    try:
        folder = resolve_student(settings.student).folder
    except ModelError:
        return
    weights = sum(path.stat().st_size for path in folder.glob("*.safetensors"))
    place = next(path for path in [settings.runs.absolute(), *settings.runs.absolute().parents] if path.exists())
    free = shutil.disk_usage(place).free
    need = 10 * weights + GIB // 2
    detail = _("{free:.1f} GiB free, about {need:.1f} GiB needed").format(free=free / GIB, need=need / GIB)
    yield Finding(_("disk"), free >= need, detail, _("Free some space, or put the runs elsewhere: --set runs=FOLDER"))
    memory = available_memory()
    need = 10 * weights + GIB
    detail = _("{free:.1f} GiB free, about {need:.1f} GiB needed").format(free=memory / GIB, need=need / GIB)
    yield Finding(_("memory"), memory >= need, detail, _("Use LoRA: --set finetune.method=lora"))


def available_memory() -> int:
    """Bytes that a program can still have."""
    import psutil

    return int(psutil.virtual_memory().available)

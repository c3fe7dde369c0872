"""The house plan, kept true: who may import whom, one order everywhere, light imports, the public names."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import academy

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "academy"
STAGES = ("ingestion", "chunking", "distillation", "dataset", "finetuning", "evaluation")
HEAVY = (
    "torch",
    "transformers",
    "trl",
    "peft",
    "datasets",
    "bm25s",
    "pypdfium2",
    "lxml",
    "accelerate",
    "HanTa",
    "spacy",
)


def modules() -> dict[str, ast.Module]:
    """Every module of ours with its syntax tree, by dotted name."""
    found = {}
    for path in sorted(SOURCE.rglob("*.py")):
        parts = path.relative_to(SOURCE.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = ast.parse(path.read_text("utf-8"))
    assert len(found) > 30, "the scan must find the code, or it proves nothing"
    return found


def imports(tree: ast.AST, top_level: bool = False) -> set[str]:
    """Dotted names that a module imports; type-checking imports do not count."""
    found: set[str] = set()
    nodes = list(tree.body) if top_level and isinstance(tree, ast.Module) else list(ast.walk(tree))
    typing_only = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in nodes:
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def test_records_and_errors_import_nothing_of_ours() -> None:
    trees = modules()
    for name in ("academy.records", "academy.errors"):
        assert not [found for found in imports(trees[name]) if found.startswith("academy")]


def test_stages_never_import_one_another() -> None:
    checked = 0
    for name, tree in modules().items():
        room = name.split(".")[1] if "." in name else ""
        if room not in STAGES:
            continue
        checked += 1
        others = {found.split(".")[1] for found in imports(tree) if found.startswith("academy.")} & set(STAGES)
        assert others <= {room}, f"{name} imports {others - {room}}"
    assert checked >= len(STAGES)


def test_only_the_command_line_knows_the_command_line() -> None:
    for name, tree in modules().items():
        if not name.startswith("academy.cli"):
            assert not [found for found in imports(tree) if found.startswith(("academy.cli", "typer", "rich"))], name


def test_only_finetuning_imports_trl() -> None:
    users = {name for name, tree in modules().items() if any(f.split(".")[0] == "trl" for f in imports(tree))}
    assert users
    assert all(name.startswith("academy.finetuning") for name in users)


def test_heavy_libraries_are_imported_inside_functions() -> None:
    for name, tree in modules().items():
        heavy = {found.split(".")[0] for found in imports(tree, top_level=True)} & set(HEAVY)
        assert not heavy, f"{name} imports {heavy} at the top"


def test_only_run_and_artefacts_write_into_a_run() -> None:
    """Stages see records, not disks; fine-tuning gets a folder, evaluation and specialists read the run's."""
    for room in ("ingestion", "chunking", "distillation", "dataset"):
        for name, tree in modules().items():
            if name.split(".")[1:2] == [room]:
                written = [
                    n
                    for n in ast.walk(tree)
                    if isinstance(n, ast.Attribute) and n.attr in ("write_text", "write_bytes")
                ]
                assert not written, name


@pytest.mark.parametrize("statement", ["import academy", "import academy.cli.app"])
def test_starting_is_light(statement: str) -> None:
    code = f"import sys; {statement}; print([m for m in {HEAVY!r} + ('pydantic',) if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_looking_at_a_finished_run_never_loads_torch() -> None:
    code = (
        "import sys; import academy.pipeline, academy.specialist; print([m in sys.modules for m in ('torch', 'trl')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[False, False]"


def test_public_names_are_what_all_says() -> None:
    assert sorted(academy.__all__, key=str.lower) == sorted([*academy._HOME, "__version__"], key=str.lower)
    for name in academy.__all__:
        assert getattr(academy, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        academy.nothing  # noqa: B018


def test_the_order_of_stages_is_the_same_in_five_places() -> None:
    from academy import pipeline

    order = [stage.verb for stage in pipeline.STAGES]
    assert [int(stage.artefact.split("-")[0]) for stage in pipeline.STAGES] == [1, 2, 3, 4, 5, 6]
    body = (SOURCE / "pipeline.py").read_text("utf-8").split("with run.session", 1)[1].split("return _as_report", 1)[0]
    assert re.findall(r"run\.stage\((\w+)", body) == order
    for number, stage in enumerate(pipeline.STAGES, 1):
        assert stage.function.__name__ == stage.verb
        assert (stage.function.__doc__ or "").startswith(f"Stage {number} of 6: "), stage.verb
        assert stage.verb in type(pipeline.open_run(["x"]).config).model_fields
    rooms = [stage.function.__module__.split(".")[1] for stage in pipeline.STAGES]
    for readme in ("README.md", "README.de.md"):
        text = (ROOT / readme).read_text("utf-8")
        places = [text.index(f"  {room}") for room in rooms]
        assert places == sorted(places), readme


def test_every_stage_asks_only_for_what_its_function_takes() -> None:
    import inspect

    from academy import pipeline

    for stage in pipeline.STAGES:
        keyword = [p.name for p in inspect.signature(stage.function).parameters.values()]
        assert set(stage.needs) <= set(keyword), stage.verb


def test_files_and_functions_stay_small() -> None:
    for path in sorted(SOURCE.rglob("*.py")):
        assert path.read_text("utf-8").count("\n") <= 400, path
    for name, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and node.end_lineno:
                assert node.end_lineno - node.lineno < 50, f"{name}.{node.name}"


def test_no_sentence_hides_in_an_f_string() -> None:
    """Catalogue tools do not look into f-strings, so such a sentence would stay English."""
    calls = 0
    for name, tree in modules().items():
        for node in ast.walk(tree):
            calls += isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_"
            if isinstance(node, ast.JoinedStr):
                inner = [n for n in ast.walk(node) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)]
                assert not [n for n in inner if n.func.id in ("_", "ngettext")], f"{name}, line {node.lineno}"  # type: ignore[attr-defined]
    assert calls > 100

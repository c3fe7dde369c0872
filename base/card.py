"""Fill the model card's tables: figures of evaluate.py and the log of pretrain.py -> between the marks of the card.

    python base/card.py --figures FIGURES.jsonl --log WORK/runs/NAME/log.jsonl --card src/academy/assets/base/README.md

Lines of one model may come from several calls of evaluate.py; they are put together.
"""

import argparse
import json
import re
from pathlib import Path
from typing import Any

Figures = dict[str, Any]


def read_lines(path: Path) -> list[Figures]:
    """JSON lines."""
    return [dict(json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def by_model(lines: list[Figures]) -> dict[str, Figures]:
    """All figures of each model, in order of appearance."""
    models: dict[str, Figures] = {}
    for line in lines:
        models.setdefault(line["model"], {}).update(line)
    return models


def table(head: list[str], rows: list[list[str]]) -> str:
    """A Markdown table."""
    return "\n".join("| " + " | ".join(cells) + " |" for cells in [head, ["---"] * len(head), *rows])


def spread(figures: Figures, key: str) -> str:
    """A mean with its interval."""
    low, high = figures[f"{key} 95 %"]
    return f"{figures[key]:.3f} [{low:.3f}, {high:.3f}]"


def text_table(models: dict[str, Figures]) -> str:
    """Bits per byte, per source."""
    measured = {name: figures for name, figures in models.items() if "bits per byte de" in figures}
    rows = []
    for language in ("de", "en"):
        for source in next(iter(measured.values()))[f"bits per byte {language}"]:
            label = f"mean {language}" if source == "mean" else source
            rows.append(
                [label, *(f"{figures[f'bits per byte {language}'][source]:.3f}" for figures in measured.values())]
            )
    return table(["held-out text", *measured], rows)


def reading_cell(figures: Figures | None) -> str:
    """Span F1, exact answers and refusals of one model on one set."""
    if figures is None:
        return "not measured"
    span = f"F1 {spread(figures, 'f1')}, exact {figures['exact']:.2f} (n={figures['n']})"
    refusals = f"refused {figures['refused']:.2f} (n={figures['n absent']}), wrongly {figures['false refusals']:.2f}"
    return f"{span}; {refusals}"


def reading_table(models: dict[str, Figures]) -> str:
    """Reading sets in the rows, models in the columns."""
    names = [name for name, figures in models.items() if any(key.startswith("reading") for key in figures)]
    sets = [key for key in models[names[0]] if key.startswith("reading")]
    rows = []
    for key in sets:
        beaten = f"{models[names[0]][key]['best sentence f1']:.3f}"
        rows.append([key.removeprefix("reading "), *(reading_cell(models[name].get(key)) for name in names), beaten])
    return table(["reading", *names, "best sentence F1"], rows)


def probe_row(name: str, taught: Figures) -> list[str]:
    """One model before and after being taught."""
    counts = [str(taught[key]) for key in ("n", "rows", "epochs")]
    return [name, *counts, f"{taught['f1 before']:.3f}", spread(taught, "f1 after"), f"{taught['exact after']:.3f}"]


def probe_table(models: dict[str, Figures]) -> str:
    """Closed-book answers before and after being taught."""
    rows = [probe_row(name, figures["probe"]) for name, figures in models.items() if "probe" in figures]
    return table(["taught", "questions", "rows", "epochs", "F1 before", "F1 after", "exact after"], rows)


def log_summary(lines: list[Figures]) -> str:
    """What the run was told, how long it took, and how its loss fell."""
    steps = [line for line in lines if "step" in line and "loss" in line]
    last = steps[-1]
    told = next(line for line in reversed(lines) if line.get("event") == "start")
    quarters = [steps[i * len(steps) // 4 : (i + 1) * len(steps) // 4] for i in range(4)]
    losses = ", ".join(f"{sum(s['loss'] for s in part) / len(part):.2f}" for part in quarters if part)
    done = next((line for line in reversed(lines) if line.get("event") == "stop"), last)
    minutes, tokens = done["seconds"] / 60, done["tokens"]
    return (
        f"Mixture `{told['settings']['mixture']}`: {tokens / 1e6:.2f} million tokens in {done['step']} steps and "
        f"{minutes:.0f} minutes on {told['device']} (torch {told['torch']}, {tokens / done['seconds']:,.0f} tokens/s, "
        f"{last['cpu'] / 60:.0f} CPU minutes). Weighted training loss, mean of each quarter of the run: {losses}.\n\n"
        f"Settings: `{json.dumps({k: v for k, v in told['settings'].items() if k != 'init'})}`"
    )


def fill(card: str, name: str, text: str) -> str:
    """Replace what stands between the two marks of that name."""
    marks = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
    if not marks.search(card):
        raise SystemExit(f"the card has no place for {name}")
    return marks.sub(lambda hit: f"{hit.group(1)}{text}\n{hit.group(2)}", card)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--figures", type=Path, required=True)
    parser.add_argument("--log", type=Path, nargs="+", required=True, help="of each run, in order")
    parser.add_argument("--card", type=Path, required=True)
    args = parser.parse_args()
    models = by_model(read_lines(args.figures))
    card = args.card.read_text(encoding="utf-8")
    parts = {"reading": reading_table(models), "probe": probe_table(models), "text": text_table(models)}
    parts["log"] = "\n\n".join(log_summary(read_lines(path)) for path in args.log)
    for name, text in parts.items():
        card = fill(card, name, text)
    args.card.write_text(card, encoding="utf-8")


if __name__ == "__main__":
    main()

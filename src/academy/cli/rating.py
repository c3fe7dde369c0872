"""Rating in the terminal: one question after the other, every decision kept before the next is asked."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from rich.markup import escape

from academy.cli.console import err, out
from academy.messages import _

if TYPE_CHECKING:
    from academy.evaluation.rating import Item

Key = Literal["skip", "undo", "quit", "help"]
KEYS: dict[str, Key] = {"s": "skip", "u": "undo", "q": "quit", "?": "help", "h": "help", "/quit": "quit"}
PREFERRED = {"a": 1, "1": 1, "b": -1, "2": -1, "=": 0, "e": 0, "0": 0}


def session(folder: Path, items: "Sequence[Item]", rater: str) -> int:
    """Ask until all items are rated or the rater quits; gives the number of items that were decided."""
    from academy.evaluation.rating import Rating, add_rating, read_ratings

    done = {row.item for row in read_ratings(folder) if row.rater == rater}
    waiting = [item for item in items if item.id not in done]
    if not waiting:
        out.print(_("{rater} has rated all of it already.").format(rater=rater))
        return 0
    greet(len(waiting), len(items) - len(waiting), rater, pairs=len(waiting[0].answers) == 2)
    place = 0
    while place < len(waiting):
        item = waiting[place]
        show(item, place + 1, len(waiting))
        decided = ask(item)
        if decided == "quit":
            out.print(_("Kept. The same command goes on with the rest."))
            break
        back = decided == "undo"
        if back and not place:
            err.print(_("There is nothing to take back yet."))
            continue
        place += -1 if back else 0
        item = waiting[place]
        values = decided if isinstance(decided, dict) else {}
        row = Rating(
            rater=rater, item=item.id, question=item.question, answers=item.answers, values=values, undone=back
        )
        add_rating(folder, row)
        place += 0 if back else 1
    return place


def greet(waiting: int, done: int, rater: str, pairs: bool) -> None:
    """What is asked, and the keys."""
    out.print(_("{rater} rates {n} answers; nobody says who gave them.").format(rater=escape(rater), n=waiting))
    if done:
        out.print(_("{n} are rated already.").format(n=done))
    explain(pairs)


def explain(pairs: bool) -> None:
    """The keys."""
    if pairs:
        out.print(_("Which answer is better? a, b, or = when they are equally good."))
    else:
        out.print(
            _(
                "Three digits from 1 (bad) to 5 (good): is it correct, does it answer what was asked, does it help? "
                "For example: 5 4 4"
            )
        )
    out.print("[dim]" + _("s skips, u takes the last one back, q ends (everything is kept), ? shows this.") + "[/]")


def show(item: "Item", number: int, total: int) -> None:
    """Question, expected answer, and what is to be judged."""
    out.print(f"\n[dim]{number}/{total}[/] [bold]{escape(item.question)}[/]")
    expected = " / ".join(item.expected[:3]) or _("The documents do not answer this; a refusal is right.")
    heading = _("Right answer")
    out.print(f"  [dim]{heading}: {escape(expected)}[/]")
    for name, answer in zip("ab" if len(item.answers) == 2 else " ", item.answers, strict=True):
        out.print(f"  [cyan]{name}[/] {escape(answer)}")


def ask(item: "Item") -> "dict[str, int] | Key":
    """The rater's decision; what cannot be understood is asked again."""
    pairs = len(item.answers) == 2
    while True:
        try:
            line = input("a b = > " if pairs else "1-5 1-5 1-5 > ").strip().lower()
        except EOFError:
            return "quit"
        key = KEYS.get(line)
        if key and key != "help":
            return key
        values = preference(line) if pairs else scales(line)
        if values:
            return values
        explain(pairs)


def preference(line: str) -> dict[str, int] | None:
    """a, b or =; None for anything else."""
    return {"preference": PREFERRED[line]} if line in PREFERRED else None


def scales(line: str) -> dict[str, int] | None:
    """Three digits from 1 to 5, with or without spaces and commas; None for anything else."""
    from academy.evaluation.rating import MOST, SCALES

    digits = line.replace(",", " ").replace(" ", "")
    values = [int(digit) for digit in digits if digit.isdecimal()]
    if len(digits) != len(SCALES) or len(values) != len(SCALES) or not all(1 <= value <= MOST for value in values):
        return None
    return dict(zip(SCALES, values, strict=True))

"""What the terminal shows: results on standard output, progress and errors on standard error."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

    from assay.errors import AssayError


def out() -> Console:
    """The console for results."""
    from rich.console import Console

    return Console(highlight=False, soft_wrap=True)


def err() -> Console:
    """The console for progress and errors."""
    from rich.console import Console

    return Console(stderr=True, highlight=False, soft_wrap=True)


def plain(text: object) -> str:
    """Text of a dataset made safe for a terminal: no markup or control codes. plain("a\\x1b[31m") -> "a\\\\x1b[31m"."""
    from rich.markup import escape

    return escape(_printable(str(text)))


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def short(text: str, width: int = 90) -> str:
    """One line of at most `width` characters."""
    line = " ".join(text.split())
    return line if len(line) <= width else line[: width - 1] + "…"


def print_json(value: Any) -> None:
    """A result for other programs."""
    sys.stdout.write(json.dumps(value, ensure_ascii=True, indent=2) + "\n")


def tell_error(error: AssayError) -> None:
    """What is wrong, where, what to type."""
    console = err()
    console.print(f"[bold red]error[/] {plain(error.what)}")
    shown = error.problems[:200]
    for problem in shown:
        console.print(f"  [bold]{plain(problem.where)}:[/] {plain(problem.what)}")
        if problem.hint:
            console.print(f"    [dim]hint: {plain(problem.hint)}[/]")
    if len(error.problems) > len(shown):
        console.print(f"  and {len(error.problems) - len(shown)} more")
    if error.hint:
        console.print(f"[dim]hint: {plain(error.hint)}[/]")


def tell_own_rules(file: str) -> None:
    """That a project's own code runs, and where it is."""
    if file:
        err().print(f"[yellow]running[/] {plain(file)}: this project's own rules, with your rights")


def seconds(value: float) -> str:
    """seconds(75) -> "1m15s"; seconds(4.2) -> "4.2s"."""
    return f"{int(value // 60)}m{int(value % 60):02d}s" if value >= 60 else f"{value:.1f}s"


@contextmanager
def progress(title: str, *, quiet: bool = False) -> Iterator[Callable[[str, float], None]]:
    """A bar with time left on a terminal, a line per step elsewhere; told what is going on and the share done."""
    if quiet:
        yield lambda what, share: None
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    console = err()
    if not console.is_terminal:
        yield _lines(title)
        return
    columns = (
        TextColumn("[bold]{task.fields[title]}[/]"), BarColumn(30), TextColumn("{task.percentage:>3.0f}%"),
        TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn(), TextColumn("[dim]{task.description}[/]"),
    )  # fmt: skip
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=1.0, title=title)
        yield lambda what, share: bar.update(task, completed=share, description=plain(what))


def _lines(title: str) -> Callable[[str, float], None]:
    """Progress where no bar can move: a line when a tenth more is done, at most one in two seconds."""
    start = time.monotonic()
    last = {"share": 0.0, "time": start}

    def tell(what: str, share: float) -> None:
        now = time.monotonic()
        if share >= last["share"] + 0.1 and now >= last["time"] + 2:
            left = (now - start) / share * (1 - share)
            sys.stderr.write(f"{title}: {share:.0%}, {seconds(left)} left: {_printable(what)}\n")
            last.update(share=share, time=now)

    return tell

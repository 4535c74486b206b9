"""A selection under a budget, and what it is compared with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from assay.cli.screen import out, plain

if TYPE_CHECKING:
    from assay.passes import Progress
    from assay.sources import Read


class Selection(NamedTuple):
    """The rows chosen, and as many drawn by chance. Positions in `read.examples`, ascending."""

    read: Read
    chosen: list[int]
    random: list[int]
    balanced: list[int]
    asked: int  # rows
    coverage: dict[str, float]  # mean cosine of every row to the nearest row of each

    def as_dict(self) -> dict[str, Any]:
        """The numbers."""
        return {
            "rows": len(self.read.examples), "unreadable": len(self.read.problems), "asked": self.asked,
            "selected": len(self.chosen),
            "coverage": {name: round(value, 4) for name, value in self.coverage.items()},
            "labels": dict(self.labels.most_common()),
        }  # fmt: skip

    @property
    def labels(self) -> Counter[str]:
        """Rows chosen of each label."""
        examples = self.read.examples
        return Counter(label for i in self.chosen if (label := examples[i].label) is not None)


def choose(
    file: Path, budget: int, *, temperature: float, most: int | None, seed: int, shape: str, progress: Progress
) -> Selection:
    """Read, measure, select, and draw by chance; labels are told apart by more than their spelling.

    Raises:
        InputError: the file cannot be read.
    """
    from assay.signals import Measured, selection
    from assay.signals.balance import one_spelling
    from assay.sources import read

    progress("reading", 0.0)
    found = read(file, shape=shape)
    progress("measuring", 0.2)
    vectors, labels = Measured(found.examples).vectors, one_spelling([e.label for e in found.examples])
    progress("selecting", 0.4)
    chosen = selection.select(vectors, labels, budget, temperature=temperature, most=most, seed=seed)
    drawn = selection.at_random(labels, len(chosen), seed=seed)
    balanced = selection.at_random(labels, budget, temperature=temperature, most=most, seed=seed)
    parts = {"selected": chosen, "random": drawn, "balanced": balanced}
    progress("comparing", 0.9)
    covered = {name: selection.coverage(vectors, rows) for name, rows in parts.items()}
    return Selection(found, chosen, drawn, balanced, budget, covered)


def beside_path(output: Path, name: str) -> Path:
    """beside_path(Path("small.jsonl.gz"), "random") -> Path("small.random.jsonl.gz")."""
    stem, dot, rest = output.name.partition(".")
    return output.with_name(f"{stem}.{name}{dot}{rest}")


def write_all(selection: Selection, outputs: Sequence[Path]) -> None:
    """Write the selection, and what stands beside it where a path is given for it.

    Raises:
        InputError: a file cannot be written.
    """
    from assay.sources import write

    for path, rows in zip(outputs, (selection.chosen, selection.random, selection.balanced), strict=False):
        write([selection.read.examples[i] for i in rows], path, like=selection.read)


def tell(selection: Selection, outputs: Sequence[Path]) -> None:
    """Say how much of the file each of the three stands for."""
    console = out()
    if selection.asked > len(selection.read.examples):
        console.print(
            f"[yellow]{selection.asked:,} rows were asked for and the file has {len(selection.read.examples):,}:[/] "
            "all are taken, nothing was selected"
        )
    elif selection.asked > len(selection.chosen):
        console.print(f"[yellow]{selection.asked:,} rows were asked for:[/] --most leaves {len(selection.chosen):,}")
    console.print(
        f"{len(selection.chosen):,} of {len(selection.read.examples):,} rows; mean similarity of all rows to the "
        "nearest selected one:"
    )
    for name, value in selection.coverage.items():
        console.print(f"  {name:<9} {value:.3f}")
    if labels := selection.labels:
        least = min(labels.values())
        console.print(f"{len(labels):,} labels, {least:,} to {max(labels.values()):,} rows each")
    for path in outputs:
        console.print(f"wrote [bold]{plain(path)}[/]")
    console.print("[dim]next: train on the selection and on the random rows: only their difference shows its worth[/]")

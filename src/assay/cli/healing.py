"""The doctor's signs on a terminal, and rows token by token."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from assay import dataset
from assay.cli.extras import how_to_install, missing
from assay.cli.screen import out, plain
from assay.errors import AssayError, InputError
from assay.project import Project
from assay.records import Example, by_split
from assay.store import Store

if TYPE_CHECKING:
    from assay.doctor import Piece, Sign

PARTS = ("data", "train", "serve")
COLOUR = {"red": "red", "amber": "yellow", "green": "green"}
NAMED = 5  # rows shown under a sign


def look(project: Project, part: str, rung: str) -> list[Sign]:
    """The signs of one part.

    Raises:
        InputError: `train` or `serve` without a version.
    """
    from assay import doctor

    if part == "data":
        return doctor.data_signs(project)
    if lacking := missing("train"):
        what = f"{', '.join(lacking)}: not installed"
        return [doctor.Sign("red", "installation", what, "nothing can be trained", fix=how_to_install("train"))]
    try:
        rows = _training_rows(project)
    except AssayError as error:
        return [doctor.Sign("red", "version", error.what, "training takes a version", fix=error.hint)]
    return doctor.train_signs(project, rows) if part == "train" else doctor.serve_signs(project, rows, rung)


def try_rates(project: Project, signs: list[Sign], *, quiet: bool) -> dict[str, Any] | None:
    """Sweep the learning rate, show the curve, and add its sign; the curve as JSON. None where training would stop."""
    from assay.cli.screen import progress, seconds
    from assay.doctor import Sign, rates

    if any(sign.level == "red" for sign in signs):
        why = "what is red above would stop it"
        signs.append(Sign("amber", "learning rate", "not tried", why, fix="mend that first"))
        return None
    rows = _training_rows(project)
    foreseen = rates.foresee(project, rows)
    if not quiet:
        out().print(f"learning rates: {foreseen.steps} steps, about {seconds(foreseen.seconds)} on two cores")
    with progress("rates", quiet=quiet) as tell:
        found = rates.find_rates(
            project, rows, foreseen.steps, lambda done, of, loss: tell(f"loss {loss:.3f}", done / of)
        )
    signs.append(rates.rate_sign(project, found))
    if not quiet:
        out().print("[dim]    rate  loss of the answers, smoothed, as the rate rises[/]")
        for line in rates.chart(found, project.recipe.train.learning_rate):
            out().print(f"  {plain(line)}")
    return rates.as_dict(found, foreseen)


def _training_rows(project: Project) -> list[Example]:
    store = Store(project.tables)
    return by_split(dataset.load_rows(store, dataset.load_version(store)).kept, "train")


def apply(project: Project, signs: Sequence[Sign]) -> dict[str, Any]:
    """Set what the signs ask for; what was set."""
    from assay.doctor import cure

    return cure(project, signs)


def show(looked: Mapping[str, Sequence[Sign]], done: Mapping[str, Any]) -> None:
    """A line a sign: colour, name, what; then why, where and what to type."""
    console = out()
    for part, signs in looked.items():
        console.print(f"[bold]{part}[/]")
        for sign in signs:
            console.print(f"  [{COLOUR[sign.level]}]{sign.level:<6}[/] {sign.name:<13} {plain(sign.what)}")
            if sign.why:
                console.print(f"         [dim]why: {plain(sign.why)}[/]")
            for row in sign.rows[:NAMED]:
                console.print(f"         [dim]{plain(row)}[/]")
            if len(sign.rows) > NAMED:
                console.print(f"         [dim]and {len(sign.rows) - NAMED} more: --json names them[/]")
            if sign.fix:
                console.print(f"         fix: {plain(sign.fix)}")
    for key, value in done.items():
        console.print(f"[green]set[/] {plain(key)}: {plain(value)} in assay.yaml")
    curable = any(sign.setting for signs in looked.values() for sign in signs)
    if curable and not done:
        console.print("[dim]next: `assay doctor --fix` sets in assay.yaml what needs no person[/]")


def masks(project: Project, count: int, name: str) -> list[tuple[Example, list[Piece]]]:
    """Rows with their tokens: the one with an id, or the first ones.

    Raises:
        InputError: no such row.
        ModelError: the model or its template cannot be used.
    """
    from assay.doctor import mask_of
    from assay.models.base import load_tokenizer, locate

    rows = _training_rows(project)
    chosen = [row for row in rows if row.id == name] if name else rows[:count]
    if name and not chosen:
        raise InputError(f"{name}: no training row of the newest version has this id", hint="assay diff raw --json")
    tokenizer = load_tokenizer(locate(project.recipe.model))
    spec, system = project.recipe.train, project.recipe.system
    return [(row, mask_of(row, tokenizer, spec.max_tokens, system)) for row in chosen]


def masks_as_json(shown: Sequence[tuple[Example, Sequence[Piece]]]) -> dict[str, Any]:
    """Rows token by token, for other programs: {"rows": ...}; {} where none was asked for."""
    rows = [
        {"id": row.id, "place": row.place, "tokens": [piece._asdict() for piece in pieces]} for row, pieces in shown
    ]
    return {"rows": rows} if rows else {}


def show_masks(shown: Sequence[tuple[Example, Sequence[Piece]]]) -> None:
    """Rows token by token: the trained ones green and underlined, the others dim; in [[ ]] where there is no colour."""
    console = out()
    for row, pieces in shown:
        trained = sum(piece.trained for piece in pieces)
        console.print(f"[bold]{plain(row.place)}[/]  {trained} of {len(pieces)} tokens are trained")
        console.print(f"  {_coloured(pieces) if console.is_terminal else plain(marked(pieces))}\n")


def marked(pieces: Sequence[Piece]) -> str:
    """The tokens as a text with the trained ones in [[ ]]."""
    parts = [(trained, "".join(piece.text for piece in run)) for trained, run in groupby(pieces, attrgetter("trained"))]
    return "".join(f"[[{text}]]" if trained else text for trained, text in parts)


def _coloured(pieces: Sequence[Piece]) -> str:
    return "".join(f"[{'green underline' if piece.trained else 'dim'}]{plain(piece.text)}[/]" for piece in pieces)

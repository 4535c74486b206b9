"""Phrases that rows write in several ways, proposed from the newest version for a person to agree on."""

from __future__ import annotations

from assay import dataset
from assay.cli.screen import out, plain, print_json, short
from assay.project import Project
from assay.review.phrases import add_to, fresh, proposed, read_phrases
from assay.store import Store


def propose_phrases(project: Project, *, as_json_only: bool) -> None:
    """Write what the newest version proposes to the project's file of phrases, and say what waits there.

    Raises:
        StoreError: there is no version yet, or the file cannot be written.
        RecipeError: mistakes in the file as it is.
    """
    store = Store(project.tables)
    rows = dataset.load_rows(store, dataset.load_version(store))
    path = project.root / project.recipe.phrases
    held = {example.id: example for example in (*rows.kept, *dataset.held_rows(rows))}
    table = proposed(rows.findings, held)
    new = fresh(read_phrases(path), table)
    if new:
        add_to(path, new)
    phrases = read_phrases(path)
    if as_json_only:
        print_json({"file": project.recipe.phrases, "new": new, "phrases": [phrase.model_dump() for phrase in phrases]})
        return
    console = out()
    for phrase, variants in new.items():
        console.print(f"[bold]{plain(short(phrase))}[/]")
        for variant in variants:
            console.print(f"    {plain(short(variant))}  [dim]{table[phrase][variant]:,} rows[/]")
    waiting = sum(phrase.agreed == "ask" for phrase in phrases)
    console.print(f"{len(new)} phrases proposed; {waiting} in {plain(project.recipe.phrases)} wait for a yes or no")
    if waiting:
        console.print("[dim]next: write `agreed: yes` or `agreed: no` beside each, then `assay build`[/]")

"""`assay fix`: repair what is safe in one file, set aside what is doubtful, and account for every row."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def fix(
    file: Annotated[Path, typer.Argument(help="The file to repair. It is never changed.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Where the repaired file goes, in the same format and shape.")
    ],
    ledger: Annotated[
        Path | None, typer.Option(help="Write a JSON line per row: kept, dropped or held, and why.")
    ] = None,
    select: Annotated[str, typer.Option(help="Only these codes, by comma.")] = "",
    ignore: Annotated[str, typer.Option(help="All but these codes.")] = "",
    test: Annotated[
        Path | None, typer.Option(help="The file you evaluate on: rows that leak from it are dropped.")
    ] = None,
    shape: Annotated[str, typer.Option(help="Shape of the rows, or a mapping like prompt=question,answer=reply.")] = "",
    vault: Annotated[
        Path | None,
        typer.Option(
            help="Replace personal data by surrogates, the same for the same value, under the key in ASSAY_KEY; what "
            "they stand for goes into this file, encrypted."
        ),
    ] = None,
    reveal: Annotated[
        bool, typer.Option("--reveal", help="Only put back what the surrogates of --vault stand for.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done to which row and why; write nothing but --ledger.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="The result as JSON.")] = False,
) -> None:
    """Repair what is safe: encoding, spacing, redaction, repeats, empty answers. What is doubtful is held for a person.

    Writes the kept rows to OUTPUT, the held ones to OUTPUT's name with `.held`, as they came but for personal data and
    secrets, and says what became of each row. Run again on its own output, it changes nothing more.

    Example: assay fix train.jsonl -o clean.jsonl --ledger ledger.jsonl
    """
    from assay.cli.bare import chosen_rules
    from assay.cli.fixing import apply, refuse_overwriting, settle, tell, write_ledger
    from assay.cli.screen import progress
    from assay.cli.vault import closed, opened, put_back

    refuse_overwriting(read=[file, *([test] if test else [])], output=output, ledger=ledger, vault=vault)
    if reveal:
        put_back(file, output, vault, shape=shape, dry_run=dry_run, as_json=json)
        return
    rules = chosen_rules(select, ignore)
    if vault:
        rules = opened(vault, rules)
    with progress("fix", quiet=json) as told:
        fixed = settle(file, rules, test=test, shape=shape, progress=told)
    if not dry_run:
        if vault:
            closed(vault)  # first: what no vault tells is lost
        apply(fixed, output, ledger)
    elif ledger:
        write_ledger(fixed, ledger)
    tell(fixed, output, ledger, dry_run=dry_run, as_json=json)

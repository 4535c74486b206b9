"""`assay report`: everything about a version on one page, and the same numbers as JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def report(
    version: Annotated[str, typer.Option(help="Version id or prefix; the newest when left out.")] = "",
    output: Annotated[Path, typer.Option("--output", "-o", help="The page; its JSON twin lies beside it.")] = Path(
        "report.html"
    ),
    truth: Annotated[
        Path | None, typer.Option(help="What was planted, where that is known: the demo's truth file.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Where the page lies, and its ladder, as JSON.")] = False,
) -> None:
    """Write one self-contained HTML page: the score card before and after, findings, diff, ledger, the ladder, proofs.

    Beside it lie the same numbers as JSON, and the card of the tuned model as Markdown.

    Example: assay report
    """
    from assay.cli.reporting import with_truth
    from assay.cli.screen import out, plain, print_json
    from assay.project import find
    from assay.report import write
    from assay.report.gather import gather
    from assay.report.twin import as_dict

    project = find(Path.cwd())
    contents = gather(project, version_id=version)
    if truth is not None:
        contents = with_truth(contents, project, truth)
    twin = output.with_suffix(".json")
    card = output.with_name("model-card.md")
    write(contents, output, twin, card)
    written = [str(twin), *([str(card)] if contents.model else [])]
    if json:
        ladder = as_dict(contents)["ladder"]
        print_json({"version": contents.version, "page": str(output), "twin": str(twin), "ladder": ladder,
                    "model_card": str(card) if contents.model else None})  # fmt: skip
        return
    out().print(
        f"wrote [bold]{plain(output.resolve())}[/] and {plain(', '.join(written))}\n"
        "[dim]next: open it in a browser; `assay serve`[/]"
    )

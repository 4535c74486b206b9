"""The report: one self-contained HTML page a stranger can read, and its JSON twin with the same numbers."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from assay.errors import StoreError
from assay.report.contents import (
    CodeCount,
    Diff,
    DiffRow,
    DimensionPart,
    Figure,
    FindingExample,
    FindingGroup,
    GoodRows,
    Ledger,
    PlantedFault,
    ReportContents,
    SourceUsed,
    Timing,
    check,
    group_findings,
)  # fmt: skip
from assay.store import refuse_special

__all__ = [
    "CodeCount", "Diff", "DiffRow", "DimensionPart", "Figure", "FindingExample", "FindingGroup", "GoodRows", "Ledger",
    "PlantedFault", "ReportContents", "SourceUsed", "Timing", "group_findings", "write",
]  # fmt: skip


def write(contents: ReportContents, out_html: Path, out_json: Path, out_card: Path | None = None) -> None:
    """Writes the page, its twin, and the card of the model where there is one; each file is whole or as it was before.

    Raises:
        AssayError: the contents contradict themselves; nothing is written.
        StoreError: a file cannot be written.
    """
    from assay.report.model import as_markdown
    from assay.report.page import render
    from assay.report.private import without_private
    from assay.report.twin import as_json

    check(contents)
    contents = without_private(contents)
    pages = [(out_html, render(contents)), (out_json, as_json(contents))]
    if out_card is not None and contents.model:
        pages.append((out_card, as_markdown(contents.model)))
    for path, text in pages:
        _replace(path, text)


def _replace(path: Path, text: str) -> None:
    part = path.with_name(f".{path.name}.part")
    try:
        refuse_special(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(text, encoding="utf-8")
        os.replace(part, path)
    except OSError as error:
        with suppress(OSError):
            part.unlink()
        why = f"{path}: cannot be written: {error.strerror or error}"
        raise StoreError(why, hint="free some space, or name another file") from error

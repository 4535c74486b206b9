"""Rows of the set that a proof asks people about: kept in a file beside the proofs, forgotten when the row changes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from assay.records import Example, Finding
from assay.store import write_atomically

CODE, NAME = "P001", "hurts-others"  # of the finding: no rule has it, so no build acts on it


def ask_about(path: Path, asked: Sequence[tuple[Example, Finding]]) -> None:
    """Replace the rows asked about."""
    body = [{"digest": example.digest, **finding.as_dict()} for example, finding in asked]
    write_atomically(path, json.dumps(body, indent=1))


def asked_about(path: Path, rows: Sequence[Example]) -> list[Finding]:
    """The findings on those of `rows` that are still as they were when they were asked about; none without a file."""
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
        told = {str(one["id"]): one for one in body}
        found = [(row, told[row.id]) for row in rows if row.id in told and told[row.id]["digest"] == row.digest]
        return [
            Finding(
                CODE, NAME, row.id, "answer", "keep", "warning", float(one["score"]), str(one["message"]),
                dict(one["evidence"]), row=row.row, uri=row.uri, line=row.line,
            )
            for row, one in found
        ]  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError):
        return []

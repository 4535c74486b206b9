"""The proof of `assay prove rows` as JSON, and as questions to people."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from assay import dataset
from assay.project import Project
from assay.records import Example, Finding
from assay.review.asked import CODE, NAME, ask_about
from assay.store import Store

if TYPE_CHECKING:
    from assay.prove.rows import Proof, Ranked, Taught


def as_dict(proof: Proof) -> dict[str, Any]:
    """JSON, as the report, the review queue and other programs read it."""
    planned = proof.plan
    return {
        "kind": "rows", "version": planned.version, "rung": planned.rung, "key": planned.key,
        "n": len(planned.rows), "of": planned.of, "evaluated": planned.evaluated, "dynamics": proof.dynamics,
        "rows": [_ranked_dict(one) for one in proof.rows], "answers": [_taught_dict(one) for one in proof.answers],
    }  # fmt: skip


def _ranked_dict(one: Ranked) -> dict[str, Any]:
    return {
        **_row_dict(one.row), "digest": one.row.digest, "harm": round(one.harm, 4),
        "held_out_loss": _number(one.held_out), "confidence": _number(one.confidence),
        "variability": _number(one.variability), "forgotten": one.forgotten,
        "why": [{"test_id": b.row.id, "influence": _number(b.influence), **_row_dict(b.row)} for b in one.why],
    }  # fmt: skip


def _taught_dict(one: Taught) -> dict[str, Any]:
    test = one.wrong.test
    return {
        "test_id": test.id, "prompt": test.prompt, "expected": test.answer, "written": one.wrong.written,
        "by": [{**_row_dict(b.row), "influence": _number(b.influence)} for b in one.by],
    }  # fmt: skip


def _row_dict(row: Example) -> dict[str, Any]:
    return {
        "id": row.id,
        "uri": row.uri,
        "row": row.row,
        "place": row.place,
        "prompt": row.prompt,
        "answer": row.answer,
    }


def _number(value: float) -> float | None:
    """Four digits; null where there is none."""
    return None if np.isnan(value) else float(f"{value:.4g}")


def read(path: Path) -> dict[str, Any] | None:
    """A kept proof; None where there is none that can be read."""
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return body if isinstance(body, dict) and body.get("kind") == "rows" else None


def to_review(project: Project, proof: dict[str, Any], *, answer: str, wrong: bool, top: int) -> int:
    """Ask people about rows of the newest version: those behind wrong answers, or else those that hurt most.

    Returns how many are asked about; rows that have left the set, or changed, are not.
    """
    ranked = {one["id"]: one for one in proof["rows"]}
    told: dict[str, str] = {}
    if answer or wrong:
        for one in proof["answers"]:
            if answer in ("", one["test_id"]):
                for row in one["by"]:
                    wrote, right = f"'{one['written']}'", f"'{one['expected']}'"
                    told.setdefault(row["id"], f"it taught the model {wrote} for '{one['prompt']}', not {right}")
    else:
        for one in proof["rows"][:top]:
            hurt = f"; it hurts '{one['why'][0]['prompt']}'" if one["why"] else ""
            told[one["id"]] = f"models that did not learn this row find its answer unlikely{hurt}"
    store = Store(project.tables)
    kept = {row.id: row for row in dataset.load_rows(store, dataset.load_version(store)).kept if row.split != "test"}
    asked = [
        (kept[name], _finding(kept[name], ranked[name], message))
        for name, message in told.items()
        if name in kept and kept[name].digest == ranked[name]["digest"]
    ]
    ask_about(project.asked, asked)
    return len(asked)


def _finding(row: Example, ranked: dict[str, Any], message: str) -> Finding:
    evidence = {key: ranked[key] for key in ("harm", "held_out_loss", "confidence", "forgotten")}
    return Finding(
        CODE, NAME, row.id, "answer", "keep", "warning", float(ranked["harm"]), message, evidence, row=row.row,
        uri=row.uri, line=row.line,
    )  # fmt: skip

"""Fine-tune small language models on data you can trust, and measure what every data decision did.

    from assay import choose, curate, read
    done = curate(read("train.jsonl").examples, choose({}))
    print(done.ledger, done.findings[:3])

The names below are the Python API; everything else may change. They are imported when first used, so that `import
assay` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOMES = {
    "AssayError": "assay.errors",
    "Decision": "assay.records",
    "Example": "assay.records",
    "Finding": "assay.records",
    "Message": "assay.records",
    "Project": "assay.project",
    "build": "assay.pipeline",
    "choose": "assay.rules.choose",
    "curate": "assay.passes",
    "diff": "assay.dataset",
    "find": "assay.project",
    "read": "assay.sources",
    "score": "assay.scoring",
    "write": "assay.sources",
}

__all__ = [
    "AssayError", "Decision", "Example", "Finding", "Message", "Project", "build", "choose", "curate", "diff", "find",
    "read", "score", "write",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'assay' has no attribute '{name}'")

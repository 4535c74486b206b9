"""The folder of real data that benchmarks read, and an interval for a share."""

from __future__ import annotations

import os
from pathlib import Path

from assay.evaluate import stats


def shared_data() -> Path:
    """The folder `data` of ASSAY_SHARED, or of ../shared beside the repository.

    Raises:
        SystemExit: it is not there.
    """
    folder = Path(os.environ.get("ASSAY_SHARED", Path(__file__).parents[2] / "shared")) / "data"
    if not folder.is_dir():
        raise SystemExit(f"no data in {folder}: set ASSAY_SHARED to the folder that holds data/")
    return folder


def wilson(hits: int, n: int) -> tuple[float, float]:
    """The 95% Wilson interval of a share; (0, 1) without rows."""
    found = stats.wilson(hits, n) if n else None
    return (found.low, found.high) if found else (0.0, 1.0)

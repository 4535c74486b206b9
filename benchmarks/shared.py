"""The folder of real data that benchmarks read, and an interval for a share."""

from __future__ import annotations

import math
import os
from pathlib import Path


def shared_data() -> Path:
    """The folder `data` of ASSAY_SHARED, or of ../shared beside the repository.

    Raises:
        SystemExit: it is not there.
    """
    folder = Path(os.environ.get("ASSAY_SHARED", Path(__file__).parents[2] / "shared")) / "data"
    if not folder.is_dir():
        raise SystemExit(f"no data in {folder}: set ASSAY_SHARED to the folder that holds data/")
    return folder


def wilson(hits: int, n: int, z: float = 1.96) -> tuple[float, float]:
    """The 95% Wilson interval of a share (Wilson 1927); (0, 1) without rows."""
    if not n:
        return 0.0, 1.0
    p, d = hits / n, 1 + z * z / n
    centre, half = (p + z * z / (2 * n)) / d, z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / d
    return max(0.0, centre - half), min(1.0, centre + half)

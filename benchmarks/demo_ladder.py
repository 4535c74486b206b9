"""The demo's ladder over three training seeds: what the cleaning did to the model, and what the rules found.

Takes about 25 minutes on two cores. `ASSAY_BENCH_FOLDER` names a folder of an earlier demo to go on with.
"""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from assay.cli.story import tell
from benchmarks.result import Result, peak_gb, value

SEEDS = (0, 1, 2)


def run() -> Result:
    """The whole demo, trained once a seed; accuracy of what is written, differences, planted faults, seconds."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(os.environ.get("ASSAY_BENCH_FOLDER", str(Path(made) / "demo")))
        tell(folder, 7, ",".join(map(str, SEEDS)))
        report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    return Result(
        report["evaluation"]["n"], list(SEEDS), {**_metrics(report), "peak_memory_gb": value(peak_gb(), "GB")}
    )


def _metrics(report: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found = {
        f"accuracy.{r['name']}": value(r["value"], f"share, n = {r['n']}", r["low"], r["high"])
        for r in report["ladder"]
    }
    for pair in report["evaluation"]["pairs"]:
        unit = f"share, p = {pair['p']:.3g}, Holm {pair['p_holm']:.3g}: {pair['verdict']}"
        found[f"{pair['a']}_over_{pair['b']}"] = value(pair["difference"], unit, pair["low"], pair["high"])
    for fault in report["planted"]:
        for kind in ("recall", "precision"):
            if fault[kind]["value"] is not None:
                figure = fault[kind]
                unit = f"share, n = {figure['n']}"
                found[f"{kind}.{fault['fault']}"] = value(figure["value"], unit, figure["low"], figure["high"])
    touched = report["good_rows_touched"]
    found["good_rows_touched"] = value(touched["value"], f"share, n = {touched['n']}", touched["low"], touched["high"])
    for timing in report["timings"]:
        found[f"seconds.{timing['stage'].replace(' ', '_')}"] = value(timing["seconds"], "s")
    return found

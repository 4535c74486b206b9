"""`assay check` on the fault bench: 10,000 rows, 21 typed faults, hard negatives; beside the peers' best F1 by type.

Reads `faultbench` of the shared folder: its generator makes the file, its scorer scores, its folder of peers' results
is what stands beside. Flags of severity info count for no type but spelling, the error rate is of severity error alone.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from benchmarks.result import Result, value
from benchmarks.shared import shared_data

CODES: dict[str, list[str]] = {  # fault type -> the rules that look for it
    "exact_dup": ["D001"], "near_dup": ["D001", "D002"], "conflicting_answer": ["A003", "A010"], "typos": ["A011"],
    "mojibake": ["A001"], "encoding_garbage": ["A001", "A014", "F004"], "markup_residue": ["F003", "F005"],
    "empty_output": ["F001"],
    "truncated_output": ["A007"], "swapped_output": ["A009"], "wrong_label": ["A004"], "pii": ["S001"],
    "secret": ["S003"], "toxic": ["S002"], "prompt_injection": ["S004", "S005", "S006"], "repetition": ["A008"],
    "refusal": ["A006"], "wrong_language": ["R002"], "off_domain": ["R001"], "inconsistent_variant": ["A003"],
    "contamination": ["L001"],
}  # fmt: skip


def run() -> Result:
    """F1, precision and recall by type; shares of clean rows and of hard negatives flagged at severity error."""
    folder = shared_data().parent / "faultbench"
    with tempfile.TemporaryDirectory() as made:
        subprocess.run(["bash", str(folder / "build.sh"), made], check=True, stdout=subprocess.DEVNULL)
        bench = Path(made)
        start = time.perf_counter()
        command = [sys.executable, "-m", "assay", "check", str(bench / "data.jsonl"), "--json"]
        done = subprocess.run([*command, "--test", str(bench / "eval.jsonl")], capture_output=True, check=False)
        took = time.perf_counter() - start
        found = [finding for finding in json.loads(done.stdout)["findings"] if finding["row"] >= 0]
        truth = [json.loads(line) for line in (bench / "truth.jsonl").read_text(encoding="utf-8").splitlines()]
    scorer = _scorer(folder / "faultbench.py")
    typed = scorer.score_flags(truth, [(f["row"], f["code"]) for f in found], CODES)["typed"]
    metrics = {}
    for fault, numbers in typed.items():
        told = f"F1; precision {numbers['p']}, recall {numbers['r']}, n = {numbers['n']}"
        metrics[f"f1.{fault}"] = value(numbers["f1"] or 0.0, told)
    clean, decoys = _false_alarms(truth, {f["row"] for f in found if f["severity"] == "error"})
    metrics["clean_rows_flagged"] = value(*clean)
    metrics["hard_negatives_flagged"] = value(*decoys)
    metrics["seconds"] = value(took, "s, command line to the last finding")
    return Result(len(truth), [7], metrics, _best_peers(folder))


def _false_alarms(truth: Sequence[dict[str, Any]], flagged: set[int]) -> tuple[tuple[float, str], tuple[float, str]]:
    """Shares flagged of the clean rows that no fault was made from, and of the hard negatives."""
    twins = {row["partner"] for row in truth}
    sound = [row for row in truth if not row["fault"] and row["i"] not in twins]
    parts = [[row["i"] for row in sound if bool(row["decoy"]) is decoy] for decoy in (False, True)]
    clean, decoys = ((sum(i in flagged for i in part) / len(part), f"share, n = {len(part)}") for part in parts)
    return clean, decoys


def _best_peers(folder: Path) -> dict[str, dict[str, Any]]:
    """The best F1 of any peer by type, as it was measured."""
    scores = json.loads((folder / "peer_results" / "scores.json").read_text(encoding="utf-8"))
    best: dict[str, dict[str, Any]] = {}
    for peer, body in scores.items():
        for fault, numbers in body["typed"].items():
            if (numbers["f1"] or 0) > best.get(fault, {"f1": -1.0})["f1"]:
                best[fault] = {"peer": peer, "f1": numbers["f1"]}
    return best


def _scorer(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("faultbench", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module

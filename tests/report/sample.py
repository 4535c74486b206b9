"""Sample contents of a report: numbers of the size a real one has, on invented rows."""

# ruff: noqa: E501 - a table reads better in rows

from __future__ import annotations

from dataclasses import replace
from typing import Any

from assay.report import (
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
)

RUNGS = [
    ("majority", "always the most frequent label", 0.083, 0.062, 0.111, 0.083),
    ("nearest", "label of the most similar training row", 0.827, 0.790, 0.858, 0.827),
    ("zero-shot", "base model, told the labels", 0.002, 0.000, 0.012, 0.412),
    ("few-shot", "base model, best prompt with examples", 0.396, 0.353, 0.440, 0.531),
    ("raw", "tuned on the raw rows", 0.812, 0.781, 0.842, 0.861),
    ("random", "tuned on a random part of the raw rows, as large as curated", 0.794, 0.762, 0.826, 0.848),
    ("rules", "tuned on what the rules leave", 0.889, 0.862, 0.914, 0.901),
    ("curated", "tuned on what rules and reviewer leave", 0.931, 0.908, 0.951, 0.934),
]
BANDS = [("<.80", 118, -0.11), (".80-.90", 171, -0.02), (".90-.95", 122, 0.03), (">=.95", 69, 0.05)]


def rung(name: str, title: str, value: float, low: float, high: float, choice: float) -> dict[str, Any]:
    """One rung in the shape the evaluation writes."""
    tuned = name in ("raw", "random", "rules", "curated")
    bands = [
        {"band": band, "value": min(1.0, max(0.0, value + shift)), "low": max(0.0, value + shift - 0.05),
         "high": min(1.0, max(0.0, value + shift) + 0.04), "n": n}
        for band, n, shift in BANDS
    ]  # fmt: skip
    return {
        "name": name, "title": title, "value": value, "low": low, "high": high, "n": 480,
        "choice": {"value": choice, "low": max(0.0, choice - 0.03), "high": min(1.0, choice + 0.03), "n": 480},
        "latency_ms": {"p50": 96.0 if tuned else 2.1, "p95": 143.0 if tuned else 3.8, "n": 480},
        "tokens": {"in": 41.2, "out": 3.4}, "size_mb": 9.8 if tuned else 0.0, "seeds": [0, 1, 2] if tuned else [0],
        "train_rows": 780 if tuned else 0, "answer_tokens": 9600 if tuned else 0, "note": "", "novelty": bands, "unscored": 0,
    }  # fmt: skip


def pair(a: str, b: str, difference: float, p: float, verdict: str) -> dict[str, Any]:
    """One paired test in the shape the evaluation writes."""
    return {
        "a": a, "b": b, "difference": difference, "low": difference - 0.026, "high": difference + 0.027, "n": 480, "p": p,
        "p_holm": min(1.0, 6 * p), "improved": 71, "regressed": 14, "unchanged": 395, "verdict": verdict,
    }  # fmt: skip


def shown(i: int, expected: str, written: str, score: float) -> dict[str, Any]:
    """One test row the evaluation points at."""
    prompts = [
        "When will my new card get here?",
        "I still have not received my card, is it lost?",
        "My top up is not in my account",
    ]
    return {"id": f"test-{i}", "prompt": prompts[i % 3], "expected": expected, "written": written, "score": score}


def ladder() -> dict[str, Any]:
    """A ladder of eight rungs."""
    return {
        "task": "classify", "metric": "accuracy of what the model writes", "n": 480,
        "smallest_effect": {"value": 0.041, "power": 0.8, "discordant": 0.10, "n": 480},
        "ladder": [rung(*entry) for entry in RUNGS],
        "pairs": [
            pair("curated", "raw", 0.119, 0.00001, "better"), pair("curated", "random", 0.137, 0.00001, "better"),
            pair("curated", "rules", 0.042, 0.004, "better"), pair("rules", "raw", 0.077, 0.0002, "better"),
            pair("curated", "few-shot", 0.535, 0.00001, "better"),
            pair("raw", "random", 0.018, 0.31, "no measurable effect (would need about 1,900 more test rows)"),
        ],
        "rows": {
            "best": [shown(0, "card arrival", "card arrival", -0.01)],
            "worst": [shown(1, "card arrival", "lost or stolen card", -6.2), shown(2, "top up failed", "pending top up", -5.1)],
            "regressed": [shown(1, "card arrival", "lost or stolen card", -6.2)],
            "improved": [shown(2, "pending top up", "pending top up", -0.2), shown(0, "card arrival", "card arrival", -0.1)],
        },
    }  # fmt: skip


def findings() -> tuple[FindingGroup, ...]:
    """Four groups of findings."""
    wrong = FindingExample(
        "a17", "support.jsonl:412", "How long does delivery of the card take?\n→ top up failed",
        "the label is 'top up failed', but its neighbours and the model say 'card arrival'",
        {"given": "top up failed", "proposed": "card arrival", "self_confidence": 0.03, "neighbours": 9},
        "card arrival",
    )  # fmt: skip
    twin = FindingExample(
        "b02",
        "support.jsonl:88",
        "my card still hasnt come??",
        "repeats support.jsonl:13 (similarity 0.91)",
        {"twin": "a12", "jaccard": 0.91},
    )
    broken = FindingExample(
        "c31", "support.jsonl:531", "I canâ€™t top up", "the text was decoded wrongly", {}, "I can’t top up"
    )
    return (
        FindingGroup("A004", "wrong-label", 96, "error", "hold", "The label contradicts what the other rows say.\n"
                     "Why is this bad: a wrong answer is learnt as readily as a right one.", (wrong, wrong)),
        FindingGroup("D002", "near-duplicate", 88, "warning", "drop", "The prompt and answer nearly repeat another row.", (twin,)),
        FindingGroup("A001", "mojibake", 34, "warning", "edit", "Text that was decoded with the wrong encoding.", (broken,)),
        FindingGroup("B001", "imbalance", 1, "info", "keep", "One label has far more rows than another.", ()),
    )  # fmt: skip


def dimensions() -> tuple[DimensionPart, ...]:
    """All four dimensions."""
    return (
        DimensionPart("relevance", "rows on the subject", Figure(0.954, 0.940, 0.966, 1012), Figure(0.999, 0.993, 1.0, 800),
                      "Share of rows that belong to the domain; higher is better."),
        DimensionPart("accuracy", "labels the others agree with", Figure(0.861, 0.838, 0.881, 1012), Figure(0.978, 0.965, 0.986, 800),
                      "Share of rows whose label the out-of-fold model does not contradict; higher is better."),
        DimensionPart("accuracy", "clean text", Figure(0.921, 0.902, 0.936, 1012), Figure(0.996, 0.989, 0.999, 800),
                      "Share of rows without broken encoding, empty answers or stray markup; higher is better."),
        DimensionPart("diversity", "rows that repeat no other", Figure(0.852, None, None, 1012), Figure(1.0, None, None, 800),
                      "Share of rows left when near-duplicates are folded into one; higher is better."),
        DimensionPart("balance", "evenness of the labels", Figure(0.742, None, None, 1012), Figure(0.968, None, None, 800),
                      "Entropy of the labels over its maximum: 1 when every label has as many rows; higher is better."),
    )  # fmt: skip


def diff() -> Diff:
    """A diff with one row of each kind."""
    rows = (
        DiffRow("c31", "I canâ€™t top up by card, pls help\n→ top_up_failed", "I can’t top up by card, pls help\n→ top up failed",
                ("A001 mojibake", "A005 inconsistent-answer", "reviewer:scripted")),
        DiffRow("b02", "my card still hasnt come??\n→ card arrival", None, ("D002 near-duplicate",)),
        DiffRow("n01", None, "Where is my card?\n→ card arrival", ("reviewer:scripted",)),
    )  # fmt: skip
    return Diff("raw", "v-5b21c7", 1, 188, 121, rows)


def planted() -> tuple[PlantedFault, ...]:
    """Three kinds of planted faults."""
    return (
        PlantedFault("near duplicates", 90, 84, Figure(0.933, 0.862, 0.969, 90), 88, Figure(0.955, 0.889, 0.982, 88)),
        PlantedFault("wrong labels", 110, 93, Figure(0.845, 0.766, 0.901, 110), 96, Figure(0.969, 0.912, 0.989, 96)),
        PlantedFault("offensive rows", 12, 11, Figure(0.917, 0.646, 0.985, 12), 11, Figure(1.0, 0.741, 1.0, 11)),
    )


RECIPE = """name: support-triage
task: classify
system: You sort support messages. Answer with the label only.
sources:
  - path: data/support.jsonl
    licence: CC-BY-4.0
rules:
  near-duplicate:
    threshold: 0.8
"""


def sample(**changes: Any) -> ReportContents:
    """Contents with every part filled; `changes` replaces parts."""
    contents = ReportContents(
        title="Support triage", task="classify", version="v-5b21c7", parent="v-0a9e14", created="2026-03-02T09:41:00Z", recipe=RECIPE,
        ledger=Ledger(1012, 800, 188, 24, 121, (
            CodeCount("D002", "near-duplicate", "drop", 88), CodeCount("R001", "off-domain", "drop", 47),
            CodeCount("A004", "wrong-label", "hold", 24), CodeCount("A005", "inconsistent-answer", "edit", 87),
            CodeCount("A001", "mojibake", "edit", 34),
        )),
        sources=(
            SourceUsed("data/support.jsonl", 1012, "text+label", "CC-BY-4.0", "5b21c7d0" * 8),
            SourceUsed("data/test.jsonl", 480, "text+label", "CC-BY-4.0", "0a9e14aa" * 8),
        ),
        dimensions=dimensions(), findings=findings(), diff=diff(), ladder=ladder(), planted=planted(),
        good_rows_touched=GoodRows(0.021, 0.012, 0.035, 570, 12),
        reviewer_note="A scripted reviewer stands in for a person.",
        timings=(Timing("build", 21.4), Timing("train", 214.0), Timing("eval", 133.2)),
        environment={"python": "3.11.9", "torch": "2.13.0"},
    )  # fmt: skip
    return replace(contents, **changes)


HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(1)>{{7*7}}\x00\x1b[31m\u202egpj.exe\u2066\ud800&amp;=cmd|' /C calc'!A0"


def hostile() -> ReportContents:
    """The sample with a hostile string wherever a dataset's own words can reach."""
    bad, long = HOSTILE, "A" * 60_000
    example = FindingExample(bad, bad, bad + long, bad, {bad: bad, "list": [bad]}, bad)
    figure = Figure(0.5, 0.4, 0.6, 10)
    tree = ladder()
    for entry in tree["ladder"]:
        entry.update(title=bad, note=bad)
    for listed in tree["rows"].values():
        for row in listed:
            row.update(id=bad, prompt=bad + long, expected=bad, written=long)
    tree["pairs"][0]["verdict"] = bad
    return sample(
        title=bad, version=bad, parent=bad, created=bad, recipe=bad + "\n" + long, ladder=tree, reviewer_note=bad,
        sources=(SourceUsed(bad + long, 1, bad, bad, bad),), dimensions=(DimensionPart("balance", bad, figure, figure, bad),),
        findings=(FindingGroup(bad, bad, 1, "error", "drop", bad, (example,)),),
        ledger=Ledger(1, 1, 0, 0, 1, (CodeCount(bad, bad, "edit", 1),)),
        diff=Diff(bad, bad, 0, 1, 1, (DiffRow(bad, bad, bad + long, (bad,)), DiffRow(bad, long, None, (bad,)))),
        planted=(PlantedFault(bad, 1, 1, figure, 1, figure),), timings=(Timing(bad, 1.0),), environment={bad: bad},
    )  # fmt: skip

"""How many planted faults a build found, how often it was right, and how many good rows it touched."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from assay.demo.truth import FAULTS, Fault, Truth
from assay.errors import InputError
from assay.evaluate.stats import Metric, wilson
from assay.records import Decision, Finding

CODES: Mapping[Fault, tuple[str, ...]] = {
    "exact_duplicate": ("D001",), "near_duplicate": ("D001", "D002"), "off_domain": ("R001",), "leakage": ("L001",),
    "wrong_label": ("A004",), "label_spelling": ("A003",), "typo": (), "mojibake": ("A001",), "spacing": ("A002",),
    "empty_answer": ("F001",), "pii": ("S001",), "offensive": ("S002",),
}  # fmt: skip
IMBALANCE = "B001"
COPIES: tuple[Fault, ...] = ("exact_duplicate", "near_duplicate")  # either row of the pair may be the one that goes


class FaultScore(NamedTuple):
    """How well one kind of fault was found. Intervals are Wilson's, 95%."""

    fault: str
    codes: tuple[str, ...]  # the rules that look for it; none: it is not looked for
    planted: int  # rows with this fault
    found: int  # of them, rows a rule for this fault pointed at
    settled: int  # of the others, rows that left for another reason
    recall: Metric | None  # found / planted; None when nothing was planted or nothing looks for it
    flagged: int  # rows those rules pointed at, rows with only other faults left out: they are neutral
    right: int  # of them, rows with this fault
    precision: Metric | None  # right / flagged; None when nothing was flagged


class Scores(NamedTuple):
    """What the demo says about the rules."""

    faults: list[FaultScore]
    touched: Metric | None  # share of the good rows that were edited, dropped, or left held; None without good rows

    @property
    def good_rows_touched(self) -> int:
        """The number of good rows touched."""
        return round(self.touched.value * self.touched.n) if self.touched else 0


def score(
    truth: Sequence[Truth], findings: Iterable[Finding], decisions: Iterable[Decision], thinned: Sequence[str] = ()
) -> Scores:
    """Findings and decisions on the messy file, held against the truth.

    A row that was copied is neither good nor faulty: the rules may keep the copy instead. A row with a natural fault
    that is a matter of opinion is left out of both counts.

    Args:
        truth: of every row of the messy file, in its order.
        findings: of the build by rules alone (in a build with people's decisions, settled rows are no longer found).
        decisions: in the order they took effect; what they finally did to the good rows is counted.
        thinned: labels that lost rows; each is one fault, found when the message of an imbalance finding names it.

    Raises:
        InputError: a finding on a row that is not in the truth.
    """
    findings = list(findings)
    place = {f.id: f.row for f in findings if f.id}
    if outside := [f"{f.id} (row {f.row})" for f in findings if f.id and not 0 <= f.row < len(truth)]:
        raise InputError(
            f"{len(outside)} findings are not on the {len(truth)} rows of the messy file, such as {outside[0]}"
        )
    rows: dict[str, set[int]] = {}
    for finding in findings:
        if finding.id:
            rows.setdefault(finding.code, set()).add(finding.row)
    copied = {t.twin for t in truth if t.twin is not None}
    good = {t.row for t in truth if t.good} - copied
    changed, gone = _outcome(decisions, place)
    scores = [_fault_score(fault, truth, rows, good, gone) for fault in FAULTS]
    if thinned:
        scores.append(_imbalance(findings, thinned))
    return Scores(scores, wilson(len(good & (changed | gone)), len(good)) if good else None)


def _outcome(decisions: Iterable[Decision], place: Mapping[str, int]) -> tuple[set[int], set[int]]:
    """Rows that were edited, and rows that are out in the end: dropped, or held with no answer since."""
    changed, last = set(), dict[int, str]()
    for decision in decisions:
        if decision.id in place:
            row = place[decision.id]
            last[row] = decision.action
            if decision.action == "edit":
                changed.add(row)
    return changed, {row for row, action in last.items() if action in ("drop", "hold")}


def _fault_score(
    fault: Fault, truth: Sequence[Truth], rows: Mapping[str, set[int]], good: set[int], gone: set[int]
) -> FaultScore:
    flagged = set().union(*(rows.get(code, set()) for code in CODES[fault]))
    carriers = [t for t in truth if fault in t.faults]
    twins = {t.row: t.twin for t in carriers if fault in COPIES}
    found = {t.row for t in carriers if t.row in flagged or twins.get(t.row) in flagged}
    settled = sum(t.row in gone for t in carriers if t.row not in found)
    right = flagged & ({t.row for t in carriers} | set(twins.values()))
    counted = len(right) + len(flagged & good)
    return FaultScore(
        fault, CODES[fault], len(carriers), len(found), settled,
        wilson(len(found), len(carriers)) if carriers and CODES[fault] else None,
        counted, len(right), wilson(len(right), counted) if counted else None,
    )  # fmt: skip


def _imbalance(findings: Iterable[Finding], thinned: Sequence[str]) -> FaultScore:
    said = " ".join(f.message for f in findings if f.code == IMBALANCE)
    found = sum(label in said for label in thinned)
    recall = wilson(found, len(thinned))
    return FaultScore("imbalance", (IMBALANCE,), len(thinned), found, 0, recall, found, found, None)

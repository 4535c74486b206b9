"""Findings as text for people, and as JSON lines, SARIF, JUnit and annotations for programs."""

from __future__ import annotations

import json
import sys
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from assay.cli.screen import out, plain, print_json, seconds, short
from assay.errors import AssayError
from assay.recipe import did_you_mean
from assay.records import Finding

if TYPE_CHECKING:
    from assay.cli.bare import Looked

FORMATS = ("text", "json", "jsonl", "sarif", "junit", "github")
LEVEL = {"error": "error", "warning": "warning", "info": "note"}
COLOUR = {"error": "red", "warning": "yellow", "info": "cyan"}


def known_format(format: str) -> None:
    """Refuse a format nobody knows, before the work.

    Raises:
        AssayError: no such format.
    """
    if format not in FORMATS:
        what = f"'{format}' is not a format{did_you_mean(format, FORMATS)}"
        raise AssayError(what, hint=f"one of {', '.join(FORMATS)}")


def print_findings(looked: Looked, *, format: str, limit: int | None) -> None:
    """Print what was found, in one of FORMATS; `limit` findings of a code in text, all in the others."""
    if format == "text":
        _text(looked, limit)
    elif format == "json":
        print_json(as_json(looked))
    elif format == "jsonl":
        sys.stdout.writelines(json.dumps(f.as_dict(), ensure_ascii=True) + "\n" for f in looked.findings)
    elif format == "sarif":
        sys.stdout.write(json.dumps(_sarif(looked.findings), indent=1) + "\n")
    elif format == "junit":
        sys.stdout.write(_junit(looked.findings) + "\n")
    else:
        sys.stdout.writelines(_annotation(f) + "\n" for f in looked.findings)


def as_json(looked: Looked) -> dict[str, Any]:
    """Everything a check found, as one object: rows == kept + dropped + held + unreadable of its ledger."""
    files = [
        {"path": r.path, "rows": r.rows, "unreadable": len(r.problems), "shape": str(r.shape), "format": str(r.format)}
        for r in looked.reads
    ]
    counts = Counter((f.code, f.name, f.severity) for f in looked.findings)
    return {
        "rows": looked.rows, "seconds": round(looked.seconds, 3), "files": files,
        "counts": [{"code": c, "name": n, "severity": s, "count": k} for (c, n, s), k in sorted(counts.items())],
        "ledger": {**looked.curated.ledger.as_dict(), "unreadable": looked.unreadable},
        "findings": [finding.as_dict() for finding in looked.findings],
    }  # fmt: skip


def place(finding: Finding) -> str:
    """Where a finding is: "train.jsonl[12]", 0-based like the `row` of the JSON."""
    return f"{finding.uri}[{finding.row}]" if finding.row >= 0 else finding.uri or "dataset"


def _text(looked: Looked, limit: int | None) -> None:
    console = out()
    for read in looked.reads:
        console.print(
            f"[bold]{plain(read.path)}[/]  {read.rows:,} rows, {plain(read.format)}, shape: {plain(read.shape)}"
        )
    groups: dict[str, list[Finding]] = defaultdict(list)
    for finding in looked.findings:
        groups[finding.code].append(finding)
    for code in sorted(groups, key=lambda code: (list(COLOUR).index(groups[code][0].severity), code)):
        _group(groups[code], limit)
    ledger = looked.curated.ledger
    rate = looked.rows / looked.seconds if looked.seconds else 0
    console.print(
        f"\n{looked.rows:,} rows in {seconds(looked.seconds)} ({rate:,.0f} a second): "
        f"{len(looked.findings):,} findings; by the rules {ledger.kept:,} would be kept ({ledger.edited:,} repaired), "
        f"{ledger.dropped:,} dropped, {ledger.held + looked.unreadable:,} held for a person"
        + (f" ({looked.unreadable:,} of them could not be read)" if looked.unreadable else "")
    )
    if looked.findings:
        console.print(
            "[dim]next: `assay fix FILE -o OUT` repairs what is safe until nothing more is found (--dry-run "
            "tells its numbers); `assay explain CODE` tells a rule's reasons[/]"
        )


def _group(found: Sequence[Finding], limit: int | None) -> None:
    """The findings of one code."""
    console, first = out(), found[0]
    fates = ", ".join(f"{n} {action}" for action, n in Counter(f.action for f in found).items() if action != "keep")
    heading = f"[bold {COLOUR[first.severity]}]{first.code}[/] [bold]{first.name}[/]  {len(found):,} {first.severity}"
    console.print(f"\n{heading}" + (f"  [dim]({fates})[/]" if fates else ""))
    for finding in found[:limit]:
        console.print(f"  [dim]{plain(place(finding))}[/]  {plain(short(finding.message, 160))}")
    if limit is not None and len(found) > limit:
        more = f"and {len(found) - limit:,} more: --all shows them, `assay explain {first.code}` says why"
        console.print(f"  [dim]{more}[/]")


def _sarif(findings: Sequence[Finding]) -> dict[str, object]:
    rules = {f.code: {"id": f.code, "name": f.name} for f in findings}
    results = [
        {
            "ruleId": f.code, "level": LEVEL[f.severity], "message": {"text": f.message},
            "locations": [{"physicalLocation": {
                "artifactLocation": {"uri": f.uri or "dataset"}, "region": {"startLine": max(f.row, 0) + 1},
            }}],
            "properties": {"id": f.id, "row": f.row, "score": f.score, "action": f.action},
        }
        for f in findings
    ]  # fmt: skip
    run = {"tool": {"driver": {"name": "assay", "rules": list(rules.values())}}, "results": results}
    return {"version": "2.1.0", "$schema": "https://json.schemastore.org/sarif-2.1.0.json", "runs": [run]}


def _junit(findings: Sequence[Finding]) -> str:
    from xml.etree import ElementTree as tree

    suite = tree.Element(
        "testsuite", name="assay", tests=str(len(findings)), failures=str(sum(f.severity == "error" for f in findings))
    )
    for finding in findings:
        case = tree.SubElement(suite, "testcase", classname=finding.code, name=_xml(f"{place(finding)} {finding.name}"))
        if finding.severity == "error":
            tree.SubElement(case, "failure", message=_xml(finding.message))
    return tree.tostring(suite, encoding="unicode")


def _xml(text: str) -> str:
    """Without the control codes that XML cannot hold."""
    return "".join(c if c.isprintable() else "\ufffd" for c in text)


def _annotation(finding: Finding) -> str:
    level = {"error": "error", "warning": "warning", "info": "notice"}[finding.severity]
    text = finding.message.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    uri = finding.uri.replace("%", "%25").replace(",", "%2C").replace(":", "%3A").replace("\n", "%0A")
    return f"::{level} file={uri},line={max(finding.row, 0) + 1},title={finding.code} {finding.name}::{text}"

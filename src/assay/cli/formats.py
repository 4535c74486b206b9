"""What CI reads: findings and failed gates as SARIF 2.1.0, JUnit XML and GitHub annotations."""

from __future__ import annotations

import hashlib
import inspect
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from assay.records import NO_LINE, Finding

if TYPE_CHECKING:
    from assay.cli.bare import Looked
    from assay.gates import Failed
    from assay.rules import Rule

LEVEL = {"error": "error", "warning": "warning", "info": "note"}
SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
GATE = "gate/"  # before a gate's name where a rule's code would stand
NAMED = 100  # rows of a failed gate that are given as places


# --- SARIF ------------------------------------------------------------------------------------------------------------


def sarif(looked: Looked) -> dict[str, Any]:
    """One SARIF run: a result for each finding, and one for each gate that failed, level error.

    `partialFingerprints` hold while the row's text and the rule stay, wherever in the file the row moves.
    """
    texts = _digests(looked)
    codes = sorted({finding.code for finding in looked.findings})
    gates = [f"{GATE}{failed.gate}" for failed in looked.failed]
    described = [_described(code, looked) for code in codes]
    described += [
        {"id": gate, "name": "gate", "shortDescription": {"text": f"The limit on {gate.removeprefix(GATE)}"}}
        for gate in gates
    ]
    seen: Counter[str] = Counter()
    results = [_result(finding, codes.index(finding.code), texts, seen) for finding in looked.findings]
    results += [_gate_result(failed, len(codes) + number) for number, failed in enumerate(looked.failed)]
    driver = {"name": "assay", "rules": described}
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"version": "2.1.0", "$schema": SCHEMA, "runs": [run]}


def _described(code: str, looked: Looked) -> dict[str, Any]:
    """A rule as SARIF describes it, from its docstring where it has one."""
    first = next(finding for finding in looked.findings if finding.code == code)
    made: dict[str, Any] = {"id": code, "name": first.name, "defaultConfiguration": {"level": LEVEL[first.severity]}}
    rule = _rules().get(code)
    if rule is not None:
        doc = (inspect.getdoc(rule) or "").split("\n\n")
        made["shortDescription"] = {"text": doc[0].partition(": ")[2]}
        made["fullDescription"] = {"text": " ".join(" ".join(doc[1:2]).split())}
    return made


def _rules() -> dict[str, type[Rule]]:
    from assay.rules import RULES

    return {rule.code: rule for rule in RULES.values()}


def _result(finding: Finding, index: int, texts: dict[str, str], seen: Counter[str]) -> dict[str, Any]:
    text = texts.get(finding.id) or finding.place
    named = "\x1f".join((finding.code, finding.field, text)).encode("utf-8", "backslashreplace")
    fingerprint = hashlib.sha256(named).hexdigest()[:32]
    seen[fingerprint] += 1
    return {
        "ruleId": finding.code, "ruleIndex": index, "level": LEVEL[finding.severity],
        "message": {"text": _text(finding.message)},
        "locations": [_location(finding.uri, finding.line)],
        "partialFingerprints": {"assay/v1": f"{fingerprint}:{seen[fingerprint]}"},
        "properties": {"id": _text(finding.id), "row": finding.row, "score": finding.score, "action": finding.action},
    }  # fmt: skip


def _gate_result(failed: Failed, index: int) -> dict[str, Any]:
    made: dict[str, Any] = {
        "ruleId": f"{GATE}{failed.gate}", "ruleIndex": index, "level": "error",
        "message": {"text": _text(str(failed))},
        "locations": [_location(*_split(row)) for row in failed.rows[:NAMED]],
        "partialFingerprints": {"assay/v1": f"{GATE}{failed.gate}"},
    }  # fmt: skip
    return made


def _split(place: str) -> tuple[str, int]:
    """_split("a.csv:12") -> ("a.csv", 12); _split("a.parquet[12]") -> ("a.parquet", -1)."""
    found = re.fullmatch(r"(?P<uri>.*?)(?::(?P<line>\d+)|\[\d+\])?", place, re.DOTALL)
    return (found["uri"], int(found["line"] or NO_LINE)) if found else (place, NO_LINE)


def _location(uri: str, line: int) -> dict[str, Any]:
    path = Path(uri)
    address = path.as_uri() if path.is_absolute() else quote(uri.encode("utf-8", "backslashreplace")) or "dataset"
    where: dict[str, Any] = {"artifactLocation": {"uri": address}}
    if line != NO_LINE:
        where["region"] = {"startLine": line}
    return {"physicalLocation": where}


def _digests(looked: Looked) -> dict[str, str]:
    """The digest of each example as it was read, by id."""
    from assay.sources import distinct

    return {example.id: example.digest for example in distinct([e for read in looked.reads for e in read.examples])}


# --- JUnit ------------------------------------------------------------------------------------------------------------


def junit(looked: Looked) -> str:
    """One test suite: a case for each finding, failed where its severity is error, and one for each failed gate."""
    from xml.etree import ElementTree as tree

    failures = sum(finding.severity == "error" for finding in looked.findings) + len(looked.failed)
    cases = len(looked.findings) + len(looked.failed)
    suite = tree.Element(
        "testsuite", name="assay", tests=str(cases), failures=str(failures), errors="0", skipped="0",
        time=f"{looked.seconds:.3f}",
    )  # fmt: skip
    for finding in looked.findings:
        case = tree.SubElement(
            suite,
            "testcase",
            classname=finding.code,
            name=_text(f"{finding.place} {finding.name}"),
        )
        if finding.severity == "error":
            tree.SubElement(case, "failure", message=_text(finding.message))
    for failed in looked.failed:
        case = tree.SubElement(suite, "testcase", classname="gate", name=_text(failed.gate))
        tree.SubElement(case, "failure", message=_text(str(failed))).text = _text("\n".join(failed.rows))
    return tree.tostring(suite, encoding="unicode")


def _text(text: str) -> str:
    """Without the control codes that XML cannot hold, and lone surrogates that UTF-8 cannot."""
    return "".join(c if c.isprintable() or c == "\n" else "\ufffd" for c in text)


# --- GitHub -----------------------------------------------------------------------------------------------------------


def github(looked: Looked) -> list[str]:
    """One workflow command a line: `::error file=...,line=...,title=...::message`."""
    made = [_annotation(finding) for finding in looked.findings]
    gates = (f"::error title=gate {_value(one.gate)}::{_message(str(one))}" for one in looked.failed)
    return [*made, *gates]


def _annotation(finding: Finding) -> str:
    level = {"error": "error", "warning": "warning", "info": "notice"}[finding.severity]
    line = finding.line if finding.line != NO_LINE else 1
    return (
        f"::{level} file={_value(finding.uri)},line={line},"
        f"title={finding.code} {finding.name}::{_message(finding.message)}"
    )


def _message(text: str) -> str:
    """As the runner's log may show it: no control code, and nothing that ends the line or begins another command."""
    return _text(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _value(text: str) -> str:
    return _message(text).replace(",", "%2C").replace(":", "%3A")

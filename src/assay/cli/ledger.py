"""What is told of rows, and the ledger of `assay fix`: neither repeats a secret or personal data that was found."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from assay.records import Decision, Example, Finding

if TYPE_CHECKING:
    from assay.cli.fixing import Fixed
    from assay.rules import Rule

Hide = Callable[[str], str]  # a text -> the text without what must not be written


def hiding(rules: Sequence[Rule]) -> Hide:
    """What takes secrets and personal data out of a text, as far as `rules` look for them."""
    from assay.rules.pii import Pii, redacted
    from assay.rules.secret import Secret
    from assay.rules.secret_shapes import without_secrets

    private, secret = (any(isinstance(rule, kind) for rule in rules) for kind in (Pii, Secret))

    def hide(text: str) -> str:
        text = without_secrets(text) if secret else text
        return redacted(text)[0] if private else text

    return hide


def without_private(example: Example, rules: Sequence[Rule]) -> Example:
    """The example without secrets and personal data, as far as `rules` look for them: what may lie in a file."""
    from assay.rules.pii import Pii
    from assay.rules.secret import Secret

    for rule in rules:
        if isinstance(rule, Pii | Secret):
            example = next((found.after for found in rule.check(example) if found.after), example)
    return example


def told_safely(findings: Sequence[Finding], rules: Sequence[Rule]) -> list[Finding]:
    """The findings as a log may hold them: other rules quote rows, and a row may hold what S001 and S003 look for."""
    private = {finding.id for finding in findings if finding.id and finding.code in ("S001", "S003")}
    hide = hiding(rules)
    return [
        _safe(finding, hide) if finding.id in private or finding.evidence.get("twin") in private else finding
        for finding in findings
    ]


def _safe(finding: Finding, hide: Hide) -> Finding:
    from assay.rules.turns import rewritten, with_turns

    after = finding.after and with_turns(finding.after, rewritten(finding.after, hide))
    evidence = _hidden(dict(finding.evidence), hide)
    return replace(finding, message=hide(finding.message), evidence=evidence, after=after)


def ledger_lines(fixed: Fixed) -> list[dict[str, Any]]:
    """A line per row of the file, in its order: what became of it, every finding that spoke for it, and every decision
    with the text after it."""
    why: dict[str, list[Decision]] = defaultdict(list)
    for decision in fixed.decisions:
        why[decision.id].append(decision)
    dropped, held = ({e.id for e in rows} for rows in (fixed.dropped, fixed.held))
    final = {example.id: example for example in fixed.kept}
    hide = hiding(fixed.rules)
    lines = []
    for example in fixed.read.examples:
        outcome = "dropped" if example.id in dropped else "held" if example.id in held else "kept"
        edited = outcome == "kept" and final[example.id].digest != example.digest
        lines.append({
            "row": example.row, "uri": example.uri, "id": example.id, "outcome": outcome, "edited": edited,
            "findings": [_finding(finding, hide) for finding in fixed.findings.get(example.id, ())],
            "decisions": [_decision(decision, hide) for decision in why[example.id]],
        })  # fmt: skip
    for bad in fixed.bad:
        said = {"code": bad["code"], "name": bad["name"], "action": "hold", "message": hide(bad["message"])}
        why_held = {"action": "hold", "code": bad["code"], "by": "reader", "message": hide(bad["message"])}
        lines.append({
            "row": bad["row"], "uri": bad["uri"], "id": "", "outcome": "unreadable", "edited": False,
            "findings": [said], "decisions": [why_held],
        })  # fmt: skip
    return lines


def _finding(finding: Finding, hide: Hide) -> dict[str, Any]:
    return {
        "code": finding.code, "name": finding.name, "action": finding.action, "message": hide(finding.message),
    }  # fmt: skip


def _decision(decision: Decision, hide: Hide) -> dict[str, Any]:
    after = {"after": {"prompt": decision.after.prompt, "answer": decision.after.answer}} if decision.after else {}
    return {
        "action": decision.action, "code": decision.reason, "by": decision.by,
        "evidence": _hidden(dict(decision.evidence), hide), **_hidden(after, hide),
    }  # fmt: skip


def _hidden(value: Any, hide: Hide) -> Any:
    """The JSON value with every text in it gone over; the shape of a value that was taken out is none any more."""
    if isinstance(value, str):
        return hide(value)
    if isinstance(value, Mapping):
        return {key: one if key == "masked" else _hidden(one, hide) for key, one in value.items()}
    return [_hidden(one, hide) for one in value] if isinstance(value, list | tuple) else value

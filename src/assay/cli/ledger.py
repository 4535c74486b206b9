"""What is told of rows, and the ledger of `assay fix`: neither repeats a secret or personal data that was found."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from assay.records import Decision, Example, Finding

if TYPE_CHECKING:
    from assay.cli.fixing import Fixed
    from assay.rules import Rule

Hide = Callable[[str], str]  # a text -> the text without what must not be written


def hiding(rules: Sequence[Rule]) -> Hide:
    """What takes secrets and personal data out of a text, as far as `rules` look for them."""
    from assay.rules.pii import redacted
    from assay.rules.secret_shapes import without_secrets

    private, secret = _looked_for(rules)

    def hide(text: str) -> str:
        text = without_secrets(text) if secret else text
        return redacted(text)[0] if private else text

    return hide


def _looked_for(rules: Sequence[Rule]) -> tuple[bool, bool]:
    """Whether the rules look for personal data, and for secrets."""
    from assay.rules.pii import Pii
    from assay.rules.secret import Secret

    return any(isinstance(rule, Pii) for rule in rules), any(isinstance(rule, Secret) for rule in rules)


def without_private(example: Example, rules: Sequence[Rule]) -> Example:
    """The example without secrets and personal data, as far as `rules` look for them: what may lie in a file."""
    from assay.rules.pii import Pii
    from assay.rules.secret import Secret

    for rule in rules:
        if isinstance(rule, Pii | Secret):
            example = next((found.after for found in rule.check(example) if found.after), example)
    return example


def told_safely(findings: Sequence[Finding], rules: Sequence[Rule], rows: Iterable[Example]) -> list[Finding]:
    """The findings on `rows` as a log may hold them: rules quote rows, and a row may hold what S001 and S003 look for.

    What is told of a row, or of the rows it names, repeats no such value, nor a piece of one.
    """
    hide, about = hiding(rules), _Pieces(rules, rows, {finding.id for finding in findings})
    return [_safe(finding, hide, values) if (values := about(finding)) else finding for finding in findings]


class _Pieces:
    """What none of the texts told of certain rows may hold a piece of."""

    def __init__(self, rules: Sequence[Rule], rows: Iterable[Example], told: Collection[str]) -> None:
        from assay.rules.concealed import private_values

        private, secret = _looked_for(rules)
        values = (
            (row.id, private_values(row, secret=secret, personal=private))
            for row in rows
            if row.id in told and (private or secret)
        )
        self._values = {id: found for id, found in values if found}

    def __call__(self, told: Finding | Decision) -> frozenset[str]:
        """The values of the row it is about and of all whose ids its evidence holds."""
        named = {told.id, *_texts(told.evidence)} & self._values.keys()
        return frozenset().union(*(self._values[id] for id in named))


def _texts(value: Any) -> Iterator[str]:
    """Every text in a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list | tuple):
        for one in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(one)


def _safe(finding: Finding, hide: Hide, values: frozenset[str]) -> Finding:
    from assay.rules.turns import rewritten, with_turns

    hide = _sparing_none(hide, values)
    after = finding.after and with_turns(finding.after, rewritten(finding.after, hide))
    evidence = _hidden(dict(finding.evidence), hide)
    return replace(finding, message=hide(finding.message), evidence=evidence, after=after)


def _sparing_none(hide: Hide, values: frozenset[str]) -> Hide:
    """`hide`, and then no piece of the `values` either: half a token has the shape of none."""
    from assay.rules.concealed import concealing

    conceal = concealing(values)
    return lambda text: conceal(hide(text))


def hiding_by_row(fixed: Fixed) -> Callable[[str], Hide]:
    """The id of a row of the file -> what must come out of any text told of it."""
    told: dict[str, list[Finding | Decision]] = defaultdict(list)
    for decision in fixed.decisions:
        told[decision.id].append(decision)
    plain, about = hiding(fixed.rules), _Pieces(fixed.rules, fixed.read.examples, fixed.findings)
    return lambda id: _sparing_none(
        plain, frozenset().union(*map(about, [*fixed.findings.get(id, ()), *told.get(id, ())]))
    )


def ledger_lines(fixed: Fixed) -> list[dict[str, Any]]:
    """A line per row of the file, in its order: what became of it, every finding that spoke for it, and every decision
    with the text after it."""
    why: dict[str, list[Decision]] = defaultdict(list)
    for decision in fixed.decisions:
        why[decision.id].append(decision)
    dropped, held = ({e.id for e in rows} for rows in (fixed.dropped, fixed.held))
    final = {example.id: example for example in fixed.kept}
    hides, plain = hiding_by_row(fixed), hiding(fixed.rules)
    lines = []
    for example in fixed.read.examples:
        hide = hides(example.id)
        outcome = "dropped" if example.id in dropped else "held" if example.id in held else "kept"
        edited = outcome == "kept" and final[example.id].digest != example.digest
        lines.append({
            "row": example.row, "uri": example.uri, "id": example.id, "outcome": outcome, "edited": edited,
            "findings": [_finding(finding, hide) for finding in fixed.findings.get(example.id, ())],
            "decisions": [_decision(decision, hide) for decision in why[example.id]],
        })  # fmt: skip
    for bad in fixed.bad:
        said = {"code": bad["code"], "name": bad["name"], "action": "hold", "message": plain(bad["message"])}
        why_held = {"action": "hold", "code": bad["code"], "by": "reader", "message": plain(bad["message"])}
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

"""Personal data and secrets that a rule took out of a row are not printed again in the report on that row."""

from __future__ import annotations

from dataclasses import replace

from assay.report.contents import DiffRow, FindingExample, FindingGroup, ReportContents
from assay.report.visible import word_diff

SAFETY = "S"  # first letter of the codes of rules on personal data, secrets and offence
HIDDEN = "▮▮▮"


def without_private(contents: ReportContents) -> ReportContents:
    """The contents with every word that a safety rule's edit removes replaced by "▮▮▮", on the page and in the twin."""
    diff = contents.diff and replace(contents.diff, examples=tuple(map(_diff_row, contents.diff.examples)))
    return replace(contents, findings=tuple(map(_group, contents.findings)), diff=diff)


def _group(group: FindingGroup) -> FindingGroup:
    return replace(group, examples=tuple(map(_example, group.examples))) if group.code.startswith(SAFETY) else group


def _example(example: FindingExample) -> FindingExample:
    return example if example.suggestion is None else example._replace(text=_hidden(example.text, example.suggestion))


def _diff_row(row: DiffRow) -> DiffRow:
    unsafe = (
        row.before is not None and row.after is not None and any(reason.startswith(SAFETY) for reason in row.reasons)
    )
    return row._replace(before=_hidden(row.before or "", row.after or "")) if unsafe else row


def _hidden(before: str, after: str) -> str:
    """_hidden("ring 555-2671 now", "ring [PHONE] now") -> "ring ▮▮▮ now"."""
    return "".join(
        HIDDEN if piece.kind == "gone" else piece.text for piece in word_diff(before, after) if piece.kind != "new"
    )

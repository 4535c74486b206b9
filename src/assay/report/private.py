"""What a safety rule took out of a row (personal data, secrets, offence) is not printed again in the report on it."""

from __future__ import annotations

from dataclasses import replace

from assay.report.contents import SAFETY, DiffRow, FindingExample, FindingGroup, ReportContents
from assay.report.visible import HIDDEN, hide


def without_private(contents: ReportContents) -> ReportContents:
    """The contents with such words replaced by "▮▮▮"; a row that was dropped, with one such reason, is hidden whole."""
    diff = contents.diff and replace(contents.diff, examples=tuple(map(_diff_row, contents.diff.examples)))
    return replace(contents, findings=tuple(map(_group, contents.findings)), diff=diff)


def _group(group: FindingGroup) -> FindingGroup:
    return replace(group, examples=tuple(map(_example, group.examples))) if group.code.startswith(SAFETY) else group


def _example(example: FindingExample) -> FindingExample:
    return example if example.suggestion is None else example._replace(text=hide(example.text, example.suggestion))


def _diff_row(row: DiffRow) -> DiffRow:
    if row.before is None or not any(reason.startswith(SAFETY) for reason in row.reasons):
        return row
    return row._replace(before=HIDDEN if row.after is None else hide(row.before, row.after))

"""The rules: one file each, registered by name in a plain dict, in the order they run within their stage."""

from __future__ import annotations

from assay.rules.protocol import RowRule, Rule, SetRule, Stage, finding, set_finding, settings_of

RULES: dict[str, type] = {}

__all__ = ["RULES", "RowRule", "Rule", "SetRule", "Stage", "finding", "set_finding", "settings_of"]

"""The rules: one file each, registered by name in a plain dict, in the order they run within their stage."""

from __future__ import annotations

from assay.rules.empty_answer import EmptyAnswer
from assay.rules.malformed import Malformed
from assay.rules.mojibake import Mojibake
from assay.rules.offensive import Offensive
from assay.rules.pii import Pii
from assay.rules.protocol import BatchRule, RowRule, Rule, SetRule, Stage, finding, set_finding, settings_of
from assay.rules.secret import Secret
from assay.rules.spacing import Spacing
from assay.rules.template_tokens import TemplateTokens

RULES: dict[str, type] = {
    rule.name: rule for rule in (Mojibake, Spacing, Pii, EmptyAnswer, Malformed, TemplateTokens, Secret, Offensive)
}

__all__ = ["RULES", "BatchRule", "RowRule", "Rule", "SetRule", "Stage", "finding", "set_finding", "settings_of"]

"""A005: labels that are next in doubt once the wrong ones are held."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from assay.records import Action, Finding, Severity
from assay.rules.protocol import Stage
from assay.rules.wrong_label import WrongLabel, label_finding
from assay.signals import Measured


@dataclass(frozen=True)
class DoubtfulLabel:
    """A005: the label is worth a second look.

    What it does: ranks the rows that A004 leaves by the same four witnesses, and names those at least as suspect as
    `threshold`: no more than half as many again as A004 holds or 5% of the rows, whichever is more. A set in which A004
    holds nothing asks for no second look. The rows stay in the set; `assay review` shows them after those that were
    held, the most suspect first.

    Why is this bad: most of these labels are right. But in sets known to carry wrong ones, a fifth to two fifths of the
    rows named here did too, seven to thirteen times what rows drawn at random would give.

    Example: "why is my transfer still not there" labelled "pending_transfer", when "transfer_timing" is as likely
    """

    code: ClassVar[str] = "A005"
    name: ClassVar[str] = "doubtful-label"
    stage: ClassVar[Stage] = "survey"
    severity: ClassVar[Severity] = "info"

    threshold: float = 0.7  # score below which no row is named, 0 to 1
    per_wrong: float = 1.5  # rows named at most for each that A004 would hold
    share: float = 0.05  # of the rows, which may be named where A004 holds few, 0 to 1
    least: int = 30  # labelled rows below which there is no telling
    action: Action = "keep"

    def survey(self, measured: Measured) -> Iterable[Finding]:
        """One finding for each row worth a second look, with the other label as the suggested edit."""
        import numpy as np

        for part in measured.classifications:
            if (judged := WrongLabel(least=self.least).judge(part)) is None:
                continue
            score, held = judged.suspicion.score, int(judged.wrong.sum())
            left = np.flatnonzero(judged.known & ~judged.wrong & (score >= self.threshold))
            most = round(max(self.per_wrong * held, self.share * len(part.rows))) if held else 0
            for i in left[np.argsort(-score[left], kind="stable")][:most].tolist():
                label, other = part.families[i], part.classes[int(judged.suspicion.other[i])]
                yield label_finding(self, measured, part, i, f"labelled {label!r}, perhaps {other!r}")

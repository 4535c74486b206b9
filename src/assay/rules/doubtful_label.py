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

    What it does: ranks the rows that A004 leaves by the same four witnesses, and names the most suspect ones: half as
    many again as A004 holds, so a set with no wrong label in sight asks for no second look. The rows stay in the set;
    `assay review` shows them after those that were held, the most suspect first.

    Why is this bad: most of these labels are right. But where a set is known to carry wrong ones, a fifth of the rows
    named here did too in the demo's intents at three seeds (74 of 388), nearly three times what rows drawn at random
    would give, and they were three quarters of all that A004 had missed.

    Example: "why is my transfer still not there" labelled "pending_transfer", when "transfer_timing" is as likely
    """

    code: ClassVar[str] = "A005"
    name: ClassVar[str] = "doubtful-label"
    stage: ClassVar[Stage] = "survey"
    severity: ClassVar[Severity] = "info"

    per_wrong: float = 1.5  # rows named for each that A004 would hold
    least: int = 30  # labelled rows below which there is no telling
    action: Action = "keep"

    def survey(self, measured: Measured) -> Iterable[Finding]:
        """One finding for each row worth a second look, with the other label as the suggested edit."""
        import numpy as np

        for part in measured.classifications:
            if (judged := WrongLabel(least=self.least).judge(part)) is None:
                continue
            score, left = judged.suspicion.score, np.flatnonzero(judged.known & ~judged.wrong)
            ranked = left[np.argsort(-score[left], kind="stable")]
            for i in ranked[: round(self.per_wrong * int(judged.wrong.sum()))].tolist():
                label, other = part.families[i], part.classes[int(judged.suspicion.other[i])]
                yield label_finding(self, measured, part, i, f"labelled {label!r}, perhaps {other!r}")

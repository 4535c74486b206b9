"""One line of the doctor."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from assay.records import Example

Level = Literal["red", "amber", "green"]


@dataclass(frozen=True, slots=True)
class Sign:
    """What was looked at, and how it stands."""

    level: Level  # red stops the next step, amber costs quality or time, green is well
    name: str  # what was looked at, stable: for programs
    what: str
    why: str = ""  # why it matters; empty where it is well
    rows: tuple[str, ...] = ()  # where
    fix: str = ""  # what to type
    setting: Mapping[str, Any] = field(default_factory=dict)  # keys of assay.yaml that `--fix` would set

    def as_dict(self) -> dict[str, Any]:
        """For other programs."""
        return {
            "level": self.level, "name": self.name, "what": self.what, "why": self.why, "rows": list(self.rows),
            "fix": self.fix, "setting": dict(self.setting),
        }  # fmt: skip


def places(examples: Iterable[Example]) -> tuple[str, ...]:
    """Where examples were read."""
    return tuple(example.place for example in examples)

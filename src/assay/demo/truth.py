"""The truth beside a messy file: what was planted in each row, and what the row said before."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple, get_args

from assay.errors import InputError

Fault = Literal[
    "exact_duplicate", "near_duplicate", "off_domain", "leakage", "wrong_label", "label_spelling", "typo", "mojibake",
    "spacing", "empty_answer", "pii", "offensive",
]  # fmt: skip
FAULTS: tuple[Fault, ...] = get_args(Fault)


class Row(NamedTuple):
    """One row of the demo's files."""

    text: str
    label: str


@dataclass(frozen=True, slots=True)
class Truth:
    """What is known of one row of the messy file.

    `faults` are those a detector can be held to: the planted ones, and natural ones beyond doubt. `natural` are those
    the source already had; a natural fault that is not in `faults` is a matter of opinion, and neutral in any score.
    """

    row: int  # 0-based record in the messy file
    faults: tuple[Fault, ...] = ()
    natural: tuple[Fault, ...] = ()
    original: Row | None = None  # right text and label where they differ from the file's; None: nothing to undo
    twin: int | None = None  # the row this one was copied from
    test_row: int | None = None  # the row of the test file that was leaked
    details: Mapping[str, str] = field(default_factory=dict)  # fault -> its kind: {"pii": "card"}

    @property
    def good(self) -> bool:
        """Whether nothing is wrong with the row, by any opinion."""
        return not self.faults and not self.natural

    def undo(self, row: Row) -> Row | None:
        """The row as it should read, given how it reads in the file; None when it should not be there at all."""
        if {"exact_duplicate", "near_duplicate", "leakage", "off_domain"} & set(self.faults):
            return None
        return self.original or row


def as_dict(truth: Truth) -> dict[str, object]:
    """The JSON object of one line of the truth file."""
    original = truth.original._asdict() if truth.original else None
    return {**asdict(truth), "faults": list(truth.faults), "natural": list(truth.natural), "original": original}


def write(path: Path, truth: Iterable[Truth]) -> None:
    """One JSON object a line, in the order of the messy file."""
    path.write_text("".join(json.dumps(as_dict(t), ensure_ascii=False) + "\n" for t in truth), encoding="utf-8")


def read(path: Path) -> list[Truth]:
    """The inverse of `write`.

    Raises:
        InputError: no such file, or a line that is not a truth record.
    """
    if not path.is_file():
        raise InputError(f"{path}: no such file", hint="`assay demo` writes the messy file and its truth")
    return [
        _parse(line, f"{path}:{n}") for n, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1) if line
    ]


def _parse(line: str, where: str) -> Truth:
    try:
        raw = json.loads(line)
        original = Row(**raw["original"]) if raw["original"] else None
        return Truth(**{**raw, "faults": tuple(raw["faults"]), "natural": tuple(raw["natural"]), "original": original})
    except (ValueError, TypeError, KeyError) as error:
        raise InputError(f"{where}: not a record of the truth: {error}") from None


def having(truth: Sequence[Truth], fault: Fault) -> list[Truth]:
    """The rows that carry one fault."""
    return [t for t in truth if fault in t.faults]

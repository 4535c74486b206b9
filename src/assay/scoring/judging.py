"""A judge over two rungs of a project: which rows, whose answers, which people."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from assay.errors import InputError, Problem
from assay.evaluate.endpoint import from_environment
from assay.evaluate.judge import Winner, judge
from assay.evaluate.rungs import Rung
from assay.passes import Progress
from assay.project import Project
from assay.records import Example

if TYPE_CHECKING:
    from assay.scoring import Judge


def judged_by(
    project: Project, asked: Judge, rungs: Mapping[str, Rung], test: Sequence[Example], progress: Progress
) -> dict[str, Any]:
    """What the judge at $ASSAY_JUDGE_URL makes of the first seed's answers of two rungs, as JSON.

    Raises:
        InputError: a rung that is not on the ladder, or a file of judgements that cannot be read.
        ModelError: no address, or the judge refuses.
    """
    missing = [name for name in asked.pair if name not in rungs]
    if missing:
        raise InputError(f"--judge-pair: '{missing[0]}' is not on the ladder", hint=f"two of {', '.join(rungs)}")
    people = _people(Path(asked.people), asked.pair) if asked.people else {}
    said = [{a.id: a.written for a in rungs[name].answers[0] if a.written is not None} for name in asked.pair]
    both = [row for row in test if all(row.id in answers for answers in said)]
    wanted = [row for row in both if row.id in people]
    others = [row for row in both if row.id not in people]
    rows = [*wanted, *Random("judged rows").sample(others, len(others))][: asked.rows]
    endpoint = from_environment(asked.model, prefix="ASSAY_JUDGE")
    groups = [row.group if row.group is not None else row.id for row in rows]
    found = judge(
        endpoint, asked.model, asked.pair, rows, said[0], said[1], groups=groups, people=people,
        seed=project.recipe.train.seed, report=lambda done, total: progress(f"judge ({done}/{total})", done / total),
    )  # fmt: skip
    return found.as_dict()


def _people(path: Path, pair: tuple[str, str]) -> dict[str, Winner]:
    """People's judgements: lines of {"id": ..., "winner": one of the two rungs or "tie"}.

    Raises:
        InputError: with every line that cannot be read.
    """
    winners: dict[str, Winner] = {pair[0]: "a", pair[1]: "b", "tie": "tie"}
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read: {error}") from None
    found: dict[str, Winner] = {}
    problems = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            found[str(row["id"])] = winners[row["winner"]]
        except (ValueError, LookupError, TypeError, RecursionError):
            problems.append(Problem(f"{path}:{number}", f"expected an id and a winner: {', '.join(winners)}"))
    if problems:
        raise InputError(f"{path}: {len(problems)} lines are no judgements", problems=problems)
    return found

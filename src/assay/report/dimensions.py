"""The dimensions of a dataset, as it came and after curation: its score card twice, part by part."""

from __future__ import annotations

from typing import NamedTuple

from assay.dataset import Rows
from assay.passes import Curated, curate
from assay.pipeline import card_of, domain_of, rules_of
from assay.project import Project
from assay.report.contents import DIMENSIONS, DimensionPart, Figure
from assay.scorecard import Card, Part, card

SCORE = "Score of the dimension: that of its weakest part that counts, and no blend of them."
MEANING = {  # part of the score card -> what the number is, in a sentence
    "off_subject": "Share of rows that do not lie far from the bulk of the set, or from its targets.",
    "read_rows": "Share of rows in a language the rules that go by meaning read. Does not count.",
    "suspect_rows": "Share of rows without a finding of the letters A or F. A row without one may still be wrong.",
    "label_errors": "Share of labelled rows whose label neither the models nor the nearest rows speak against.",
    "contradictions": "Share of rows that give a like question no other answer than the others do.",
    "error_rate": "Share of right rows in the set, estimated from a random sample that a person reviewed.",
    "duplicates": "Share of rows that are no exact or near copy of another.",
    "coverage": "Share of the targets that have a row near them, nearer than chance in this set: a rough measure.",
    "own_words": "Share of rows whose wording is their own: no template made them. Does not count.",
    "distinct_prompts": "Vendi score of 200 rows over 200: how much of them says something of its own. Does not count.",
    "distinct_pairs": "Word pairs of 200 rows that occur once, over all of them. Does not count.",
    "compressed": "Size of 200 prompts once compressed: lower is more repetitive. Does not count.",
    "spread": "How many even subjects would be as spread as the twenty groups found. Does not count.",
    "edge_cases": "Share of the kinds of prompts (short, negated, misspelt, ...) that are not missing. Does not count.",
    "evenness": "How many even classes would be as spread as the labels are, over the number of classes.",
    "smallest_class": "Rows of the smallest class over those of the median class.",
    "even_sources": "How many even files would be as spread as the rows are, over the number of files. Does not count.",
    "even_lengths": "The same of bands of prompt length, each twice as long as the last. Does not count.",
    "unsafe_rows": "Share of rows in which the rules find no personal data, secret, offensive word or injection.",
    "leaks": "Share of rows that the rules do not find in the test set as well.",
    "known_test": "Share of test rows that no row left is nearly identical to. Does not count.",
}


class Cards(NamedTuple):
    """The score card of the rows as they came, and of those kept; validation rows in neither."""

    before: Card
    after: Card
    found: Curated  # what the rules say of the rows as they came, with nobody heard


def cards(rows: Rows, project: Project, version: str) -> Cards:
    """Both score cards, and what the rules find in the rows as they came.

    The first is what `assay check` says of the files: the rules look at the rows as they were read, whatever people
    decided since. What rules say of the kept rows is measured anew, on them and the test rows alone.
    """
    rules = rules_of(project)
    came = [example for example in rows.read if example.split != "validation"]
    kept = [example for example in rows.kept if example.split != "validation"]
    found = curate(came, rules, **domain_of(project))
    before = card(
        came, found.findings, {rule.code for rule in rules}, measured=found.measured,
        tested=any(example.split == "test" for example in came),
    )  # fmt: skip
    return Cards(before, card_of(project, kept, rows.decisions, rules, version=version), found)


def dimensions(both: Cards) -> tuple[DimensionPart, ...]:
    """The scores and the parts of every dimension that was measured on either side."""
    made: list[DimensionPart] = []
    for name in DIMENSIONS:
        was, now = both.before.weakest(name), both.after.weakest(name)
        if was is not None or now is not None:
            made.append(DimensionPart(name, "score", _figure(was), _figure(now), SCORE))
        made += [
            DimensionPart(name, old.measure, _figure(old), _figure(new), MEANING[old.key])
            for old, new in zip(both.before.of(name), both.after.of(name), strict=True)
            if old.value is not None or new.value is not None
        ]
    return tuple(made)


def to_collect(card: Card) -> tuple[str, ...]:
    """What to collect next, a sentence each."""
    return tuple(f"{wish.rows} {wish.what} ({wish.why})" for wish in card.wishes)


def _figure(part: Part | None) -> Figure:
    return Figure(part.value, part.low, part.high, part.n) if part else Figure(None, None, None, 0)

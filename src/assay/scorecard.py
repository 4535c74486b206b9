"""The score card: each dimension of a dataset from 0 to 100, with its parts, n, intervals and the rows behind it.

A dimension's score is that of its weakest counting part: one measured number, never a blend. What was not measured says
why. docs/scorecard.md has every definition with its source.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

from assay.evaluate.stats import Metric, wilson
from assay.records import SETTLED, Example, Finding
from assay.rules.run import silenced
from assay.signals import Measured
from assay.signals.balance import evenness, one_spelling
from assay.signals.closeness import closeness
from assay.signals.collect import Wish, collect_next
from assay.signals.coverage import coverage, subjects
from assay.signals.diversity import variety
from assay.signals.edges import Edge, between_labels, edges
from assay.signals.language import language_name
from assay.signals.relevance import has_subject, too_few
from assay.signals.tongues import unread

DIMENSIONS = ("relevance", "accuracy", "diversity", "balance", "safety", "leakage")
SAMPLE = 200  # rows of the measures that grow with their number: small, so that small and large sets can be compared


class Part(NamedTuple):
    """One measure of a dimension."""

    dimension: str
    key: str  # its name in gates: "duplicates"
    measure: str  # "rows no rule takes for a repeat"
    value: float | None  # 0 to 1, 1 is best; None: not measured, `why` says why
    low: float | None  # 95% interval of a share of rows; None for counts and means that have none
    high: float | None
    n: int  # rows, targets or kinds it was measured on
    counts: bool  # whether the score of the dimension rests on it
    faults: bool  # whether `rows` are faults: a gate then limits their number, else the value
    rows: tuple[str, ...] = ()  # the places behind it, "train.csv[12]"
    codes: tuple[tuple[str, int], ...] = ()  # findings by code
    why: str = ""  # it was not measured, or what lies behind the number


class Card(NamedTuple):
    """The score card of one state of a dataset."""

    n: int  # rows, test rows left out
    parts: tuple[Part, ...]
    wishes: tuple[Wish, ...]  # what to collect next

    def of(self, dimension: str) -> list[Part]:
        """The parts of a dimension."""
        return [part for part in self.parts if part.dimension == dimension]

    def weakest(self, dimension: str) -> Part | None:
        """The part the score of a dimension is: the lowest of those that count and were measured; None without any."""
        counting = [part for part in self.of(dimension) if part.counts and part.value is not None]
        return min(counting, key=lambda part: part.value or 0.0, default=None)

    def as_dict(self) -> dict[str, Any]:
        """JSON twin: scores of 100, values of 1."""
        return {
            "rows": self.n,
            "dimensions": {name: self._told(name) for name in DIMENSIONS},
            "collect_next": [wish._asdict() for wish in self.wishes],
        }

    def _told(self, name: str) -> dict[str, Any]:
        weakest = self.weakest(name)
        parts = [
            {**part._asdict(), "rows": list(part.rows), "codes": dict(part.codes), "count": len(part.rows)}
            for part in self.of(name)
        ]
        if weakest is None:
            return {"score": None, "low": None, "high": None, "n": 0, "weakest": None, "parts": parts}
        low, high = (None if bound is None else round(100 * bound, 2) for bound in (weakest.low, weakest.high))
        score = round(100 * (weakest.value or 0.0), 2)
        return {"score": score, "low": low, "high": high, "n": weakest.n, "weakest": weakest.key, "parts": parts}


class Faults(NamedTuple):
    """A part that counts rows with findings of some rules."""

    dimension: str
    key: str
    codes: tuple[str, ...]  # beginnings of codes
    measure: str
    counts: bool = True


DOUBTFUL = "A005"  # the rule that tells rows between two labels
SAMPLE_LEAST = 100  # rows below which word pairs tell no template
FAULTS = (
    Faults("relevance", "off_subject", ("R",), "rows no rule finds off the subject"),
    Faults("accuracy", "suspect_rows", ("A", "F"), "rows no rule on answers or format suspects"),
    Faults("accuracy", "label_errors", ("A004",), "labels the other rows do not speak against", counts=False),
    Faults("accuracy", "contradictions", ("A003", "A010"), "answers no like row contradicts", counts=False),
    Faults("diversity", "duplicates", ("D",), "rows no rule takes for a repeat"),
    Faults(
        "safety", "unsafe_rows", ("S",), "rows in which no rule finds personal data, a secret, offence or injection"
    ),
    Faults("leakage", "leaks", ("L",), "rows no rule finds in the test set"),
)
KEYS = (  # what a gate can name, beside rules: every part, then every dimension
    *(fault.key for fault in FAULTS),
    "read_rows", "known_test", "coverage", "own_words", "distinct_prompts", "distinct_pairs", "compressed",
    "edge_cases", "spread", "evenness", "smallest_class", "even_sources", "even_lengths", "error_rate", *DIMENSIONS,
)  # fmt: skip


def card(
    examples: Sequence[Example], findings: Iterable[Finding], ran: Collection[str], *, measured: Measured | None = None,
    tested: bool = False, repaired: bool = False, audited: Metric | None = None,
) -> Card:  # fmt: skip
    """The score card of a set.

    Args:
        examples: of all splits; test rows are left out.
        findings: on these examples, and others, which do not count.
        ran: the codes of the rules that ran: what no rule looked at is not measured, nor what one crashed on.
        measured: signals of these examples, or of those the rules would keep: balance, subjects and kinds are measured
            on them. None leaves the vectors unmeasured.
        tested: whether there were test rows to leak.
        repaired: whether the edits of the rules are in the examples already.
        audited: share of right rows, from a reviewed random sample.
    """
    rows = [example for example in examples if example.split != "test"]
    findings = list(findings)
    crashed = silenced(findings)
    standing = _standing(rows, findings, ran, repaired=repaired)
    parts = [
        _faults(
            spec, rows, standing, () if any(code.startswith(spec.codes) for code in crashed) else ran, measured, tested
        )
        for spec in FAULTS
    ]
    worth = measured.examples if measured else rows  # stray spellings and noise would hide what a set is like
    labels = one_spelling([example.label for example in worth])
    kinds = edges([example.query for example in worth])
    labelled = sum(label is not None for label in labels) if DOUBTFUL in ran else 0
    kinds += between_labels(len({found.id for found in findings if found.code == DOUBTFUL}), labelled)
    parts += [
        _read(measured),
        _known_test(measured),
        _own_words(measured),
        *_diversity(measured),
        _edge_cases(kinds),
        *_balance(labels, worth),
        _audited(audited),
    ]
    wishes = collect_next(labels, coverage(measured) if measured else None, measured, kinds)
    return Card(len(rows), tuple(parts), tuple(wishes))


def _standing(
    rows: Sequence[Example], findings: Iterable[Finding], ran: Collection[str], *, repaired: bool
) -> list[Finding]:
    """The findings that say a fault of one of the rows: not those settled, repaired, or worth no more than a word."""
    inside = {example.id for example in rows}
    return [
        found for found in findings
        if found.id in inside and found.code in ran and found.severity != "info" and SETTLED not in found.evidence
        and not (repaired and found.action == "edit")
    ]  # fmt: skip


def _faults(
    spec: Faults, rows: Sequence[Example], standing: Sequence[Finding], ran: Collection[str],
    measured: Measured | None, tested: bool,
) -> Part:  # fmt: skip
    """A part that counts rows with findings."""
    asked = [example for example in rows if example.label is not None] if spec.key == "label_errors" else rows
    why = _unmeasured(spec, asked, ran, measured, tested)
    named = (spec.dimension, spec.key, spec.measure)
    if why:
        return Part(*named, None, None, None, 0, spec.counts, True, why=why)
    found = [finding for finding in standing if finding.code.startswith(spec.codes)]
    ids = {finding.id for finding in found}
    by_code = Counter(code for _, code in {(finding.id, finding.code) for finding in found})
    places = tuple(example.place for example in asked if example.id in ids)
    share = wilson(len(asked) - len(places), len(asked))
    return _measured(named, share, spec.counts, True)._replace(rows=places, codes=tuple(sorted(by_code.items())))


def _measured(named: tuple[str, str, str], share: Metric, counts: bool, faults: bool) -> Part:
    return Part(*named, share.value, share.low, share.high, share.n, counts, faults)


def _unmeasured(
    spec: Faults, asked: Sequence[Example], ran: Collection[str], measured: Measured | None, tested: bool
) -> str:
    """Why a part cannot be measured; "" when it can."""
    if not any(code.startswith(spec.codes) for code in ran):
        return "no rule that looks for it ran to its end"
    if not asked:
        return "the rows have no labels" if spec.key == "label_errors" else "there are no rows"
    if spec.dimension == "leakage" and not tested:
        return "no test rows were given"
    if spec.dimension == "relevance" and (measured is None or not has_subject(measured)):
        return "no targets name the subject, and the rows, too few, too alike or about everything, do not show it"
    return ""


def _read(measured: Measured | None) -> Part:
    """The rows whose language the vectors of meaning know."""
    named = ("relevance", "read_rows", "rows in a language the rules that go by meaning read")
    if measured is None or not measured.examples:
        return Part(*named, None, None, None, 0, False, False, why="not measured in this run")
    n, others = len(measured.examples), unread(measured)
    why = ", ".join(f"{language_name(code)} {count:,} rows" for code, count in others.items())
    return _measured(named, wilson(n - sum(others.values()), n), False, False)._replace(why=why)


def _known_test(measured: Measured | None) -> Part:
    """The test rows that no row left is nearly identical to."""
    named = ("leakage", "known_test", "test rows without a nearly identical row among those the rules would keep")
    found = closeness(measured) if measured else None
    if found is None or measured is None:
        return Part(*named, None, None, None, 0, False, False, why="no test rows were given")
    places = tuple(test.place for test, alike in zip(measured.test, found.alike, strict=True) if alike)
    share = wilson(len(found.alike) - len(places), len(found.alike))
    return _measured(named, share, False, False)._replace(rows=places, why=f"nearest row by cosine: {found.told}")


def _diversity(measured: Measured | None) -> list[Part]:
    """Coverage of the targets, and how unlike the prompts of a sample are."""
    covered = coverage(measured) if measured else None
    reached = ("diversity", "coverage", "targets with a row near them")
    if covered is None or measured is None:
        none = "no targets are given: 20 to 200 queries under `domain: targets` in assay.yaml"
        why = too_few(measured) or none
        parts = [Part(*reached, None, None, None, 0, True, False, why=why)]
    else:
        far = tuple(target for target, near in zip(measured.targets, covered.covered, strict=True) if not near)
        share = wilson(int(covered.covered.sum()), covered.n)
        why = f"near from a cosine of {covered.bar:.2f}"
        parts = [_measured(reached, share, True, False)._replace(rows=far, why=why)]
    return parts + _variety(measured)


def _variety(measured: Measured | None) -> list[Part]:
    told = {
        "distinct_prompts": "prompts that say something of their own, of a sample",
        "distinct_pairs": "word pairs used once, of a sample",
        "compressed": "size once compressed, of a sample",
        "spread": "evenness of the subjects",
    }
    if measured is None or not measured.examples:
        return [Part("diversity", key, said, None, None, None, 0, False, False, why="not measured in this run")
                for key, said in told.items()]  # fmt: skip
    drawn, groups = variety(measured, sample=SAMPLE), subjects(measured)
    values = {
        "distinct_prompts": min(1.0, drawn.vendi / max(1, drawn.sample)), "distinct_pairs": drawn.distinct_2,
        "compressed": drawn.compressed, "spread": groups.effective / groups.groups if groups else None,
    }  # fmt: skip
    sizes = {"spread": groups.n if groups else 0}
    return [
        Part(
            "diversity", key, said, values[key], None, None, sizes.get(key, drawn.sample), False, False,
            why="" if values[key] is not None else "fewer than 100 rows",
        )
        for key, said in told.items()
    ]  # fmt: skip


def _own_words(measured: Measured | None) -> Part:
    """The rows that no template made. Classes that are asked in like words lower it, too, so it does not count."""
    named = ("diversity", "own_words", "rows whose wording is their own: most of their word pairs stand in few others")
    if measured is None or len(measured.examples) < SAMPLE_LEAST:
        return Part(*named, None, None, None, 0, False, False, why=f"fewer than {SAMPLE_LEAST} rows")
    return _measured(named, wilson(int(measured.natural.sum()), len(measured.examples)), False, False)


def _edge_cases(kinds: Sequence[Edge]) -> Part:
    """The kinds of prompts there are enough of."""
    named = ("diversity", "edge_cases", "kinds of prompts that are not missing")
    if not kinds:
        return Part(*named, None, None, None, 0, False, False, why="there are no rows")
    lacking = [edge.kind for edge in kinds if edge.lacking]
    why = f"missing: {', '.join(lacking)}" if lacking else ""
    return Part(*named, 1 - len(lacking) / len(kinds), None, None, len(kinds), False, False, why=why)


def _balance(labels: Sequence[str | None], rows: Sequence[Example]) -> list[Part]:
    """How evenly the rows are spread over labels, source files and lengths."""
    return [
        Part("balance", even.key, even.measure, even.value, None, None, even.n, even.counts, False, why=even.why)
        for even in evenness(labels, rows)
    ]


def _audited(audited: Metric | None) -> Part:
    named = ("accuracy", "error_rate", "right rows, estimated from a reviewed sample")
    if audited is None:
        why = "no random sample was reviewed: `assay review --sample 100 --by YOU`"
        return Part(*named, None, None, None, 0, False, False, why=why)
    return _measured(named, audited, False, False)

"""The arms of a proof: which training rows the dataset would have had, had one decision not been taken.

Machine decisions are recomputed for every arm, never replayed with some left out: later ones rest on earlier ones.
What people said of a row counts in an arm only if a rule of that arm brought the row to them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal, NamedTuple

from assay.dataset import Rows
from assay.passes import Curated, curate
from assay.records import Decision, Example, by_split
from assay.rules import Rule

Kind = Literal["state", "leave-one-out", "add-one-in", "control"]
PEOPLE = "people"  # the step that is what people decided
DIMENSIONS = {
    "R": "relevance", "A": "accuracy", "D": "duplicates", "B": "balance", "F": "format", "S": "safety",
}  # fmt: skip
LEAKAGE = "L"  # how the codes begin of rules that keep the test honest: not asked about, for the test cannot judge them
COMPARED = {
    "curated": "curated - raw",
    "random": "curated - random",
    "length-matched": "curated - length-matched",
    "placebo": "placebo - raw",
    "A/A": "raw - raw, other seeds",
}  # what is taken from what in the effect of a state or control
BINS = 10  # of length, in the length-matched control


def compared(name: str, direction: str) -> str:
    """What an effect compares: of a state or control both sides, of a step its name."""
    return COMPARED.get(name, name) if direction in ("state", "control") else name


class Step(NamedTuple):
    """One data decision whose worth is asked for: a rule, several of them, or what people said."""

    name: str
    codes: frozenset[str]  # of the rules; empty for people
    rows: int  # training rows it decided on


@dataclass(frozen=True, eq=False)
class Arm:
    """One state of the training rows."""

    name: str
    kind: Kind
    against: str  # the arm it is compared with; "" for none
    step: str  # the step left out or put in; "" for none
    examples: list[Example]  # of the split train, with an answer


class Past(NamedTuple):
    """What a version was made from, and by whom."""

    rows: Rows
    rules: Sequence[Rule]
    human: Sequence[Decision]  # of people
    targets: Sequence[str]  # what the dataset is about
    control: Sequence[str]  # and what it is known not to be about
    encoder: str  # and what compares the rows with both
    said: Mapping[str, frozenset[str]]  # training row -> rules that decide on it, or ask people, when nobody was heard
    leaked: frozenset[str]  # training rows the test rows know: in no arm, for no arm may be flattered by them

    def usable(self, examples: Sequence[Example]) -> list[Example]:
        """The training rows an arm can learn from: with an answer, and not known to the test."""
        train = by_split(examples, "train")
        return [example for example in train if example.answer.strip() and example.id not in self.leaked]

    def curated(self, rules: Sequence[Rule], human: Sequence[Decision]) -> list[Example]:
        """The training rows these rules and decisions leave; decisions on text that is not there do not count."""
        done = self._curated(rules, human)
        if done.stale:
            stale = {(decision.id, decision.digest) for decision in done.stale}
            done = self._curated(rules, [decision for decision in human if (decision.id, decision.digest) not in stale])
        return self.usable(done.kept)

    def _curated(self, rules: Sequence[Rule], human: Sequence[Decision]) -> Curated:
        return curate(
            self.rows.read, rules, human, targets=self.targets, control=self.control, encoder=self.encoder
        )  # fmt: skip

    def without(self, step: Step) -> list[Example]:
        """The training rows had the step never been there."""
        if step.name == PEOPLE:
            return self.curated(self.rules, ())
        left = [rule for rule in self.rules if rule.code not in step.codes]
        return self.curated(left, [d for d in self.human if not self._only_by(d, step)])

    def only(self, step: Step) -> list[Example]:
        """The training rows had the step been all that was done."""
        alone = [rule for rule in self.rules if rule.code in step.codes]
        return self.curated(alone, [d for d in self.human if step.codes & self._brought_by(d)])

    def _only_by(self, decision: Decision, step: Step) -> bool:
        brought = self._brought_by(decision)
        return bool(brought) and brought <= step.codes

    def _brought_by(self, decision: Decision) -> frozenset[str]:
        """The rules that asked people about a row: none for a row of a random sample, or one added."""
        known = {rule.code for rule in self.rules}
        return self.said.get(decision.id, frozenset()) | frozenset({decision.reason} & known)


def past_of(
    rows: Rows, rules: Sequence[Rule], *, targets: Sequence[str] = (), control: Sequence[str] = (),
    encoder: str = "static",
) -> Past:  # fmt: skip
    """What a version was made from: the rules are run once with nobody heard, to see whom they would have asked."""
    alone = curate(rows.read, rules, targets=targets, control=control, encoder=encoder)
    train = {example.id for example in rows.read if example.split == "train"}
    said: dict[str, set[str]] = defaultdict(set)
    for finding in alone.findings:
        if finding.id in train and (finding.action != "keep" or finding.after is not None):
            said[finding.id].add(finding.code)
    human = [decision for decision in rows.decisions if decision.human]
    dropped = [decision for decision in alone.decisions if decision.action == "drop" and decision.id in train]
    leaked = frozenset(decision.id for decision in dropped if decision.reason.startswith(LEAKAGE))
    told = {name: frozenset(codes) for name, codes in said.items() if name not in leaked}
    return Past(rows, rules, human, targets, control, encoder, told, leaked)


def steps_of(past: Past, *, by: str = "rule", least: int = 1) -> list[Step]:
    """What decided on at least `least` training rows, most rows first; what decided on fewer is one step together.

    `by` is "rule" or "dimension". A rule that only asks people decides through their answers. Rules against leakage are
    no steps: what they take away is in no arm.
    """
    heard = {decision.id for decision in past.human}
    holding = {rule.code: rule for rule in past.rules}
    touched: dict[str, set[str]] = defaultdict(set)
    codes: dict[str, set[str]] = defaultdict(set)
    for row, said in past.said.items():
        for code in (code for code in said if not code.startswith(LEAKAGE)):
            rule = holding[code]
            if row in heard or getattr(rule, "action", "hold") != "keep":
                name = rule.name if by == "rule" else DIMENSIONS.get(code[0], code[0])
                touched[name].add(row)
                codes[name].add(code)
    large = sorted((name for name in touched if len(touched[name]) >= least), key=lambda n: (-len(touched[n]), n))
    steps = [Step(name, frozenset(codes[name]), len(touched[name])) for name in large]
    small = sorted(touched.keys() - set(large))
    if small:
        name = small[0] if len(small) == 1 else f"{len(small)} lesser: {', '.join(small)}"
        rest = frozenset(code for n in small for code in codes[n])
        steps.append(Step(name, rest, len({row for n in small for row in touched[n]})))
    train = {example.id for example in past.rows.read if example.split == "train"}
    people = heard & train
    return [*steps, Step(PEOPLE, frozenset(), len(people))] if people else steps


def arms_of(past: Past, steps: Sequence[Step], seed: int, told: Callable[[str], None]) -> Iterator[Arm]:
    """Every arm of `assay prove steps`, the two states first; `told` hears which rows are being worked out.

    Controls: three random parts of the raw rows as large as the curated set, one of them also as long; raw rows of
    which as many as curation touched got an edit that means nothing (placebo); and the raw rows again under other
    training seeds (A/A). The last two must come out null.
    """
    raw, curated = past.usable(past.rows.read), past.usable(past.rows.kept)
    yield Arm("raw", "state", "", "", raw)
    yield Arm("curated", "state", "raw", "", curated)
    size = min(len(curated), len(raw))
    for draw in range(3):
        yield Arm(f"random {draw + 1}", "control", "curated", "", Random(f"arm {seed} {draw}").sample(raw, size))
    yield Arm("length-matched", "control", "curated", "", length_matched(raw, curated, seed))
    yield Arm("placebo", "control", "raw", "", placebo(raw, _touched(raw, curated), seed))
    yield Arm("A/A", "control", "raw", "", raw)
    for step in steps:
        told(f"the rows without {step.name}")
        yield Arm(f"without {step.name}", "leave-one-out", "curated", step.name, past.without(step))
        if step.name != PEOPLE:
            told(f"the rows with {step.name} alone")
            yield Arm(f"only {step.name}", "add-one-in", "raw", step.name, past.only(step))


def _touched(raw: Sequence[Example], curated: Sequence[Example]) -> int:
    """How many raw rows curation took away or changed."""
    after = {example.id: example.digest for example in curated}
    return sum(after.get(example.id) != example.digest for example in raw)


def length_matched(raw: Sequence[Example], like: Sequence[Example], seed: int) -> list[Example]:
    """A random part of `raw`, as large as `like` and with as many rows in each tenth of its lengths in characters.

    A tenth in which `raw` has too few rows is filled up from all that is left.
    """
    import numpy as np

    lengths = np.array([len(example.text) for example in like] or [0])
    edges = np.quantile(lengths, np.linspace(0, 1, BINS + 1)[1:-1])
    wanted = Counter(np.searchsorted(edges, lengths).tolist())
    bins: dict[int, list[Example]] = defaultdict(list)
    for example in raw:
        bins[int(np.searchsorted(edges, len(example.text)))].append(example)
    draw = Random(f"length-matched {seed}")
    chosen = [row for place in sorted(bins) for row in draw.sample(bins[place], min(wanted[place], len(bins[place])))]
    taken = {example.id for example in chosen}
    left = [example for example in raw if example.id not in taken]
    missing = min(len(like), len(raw)) - len(chosen)
    return [*chosen, *draw.sample(left, missing)]


def placebo(raw: Sequence[Example], count: int, seed: int) -> list[Example]:
    """The raw rows, with the full stop at the end of so many of their prompts added or taken away."""
    chosen = set(Random(f"placebo {seed}").sample(range(len(raw)), min(count, len(raw))))
    return [_restopped(example) if i in chosen else example for i, example in enumerate(raw)]


def _restopped(example: Example) -> Example:
    turns = [i for i, message in enumerate(example.messages) if message.role == "user"]
    if not turns:
        return example
    text = example.messages[turns[-1]].content
    return example.with_text({turns[-1]: text[:-1] if text.endswith(".") else f"{text}."})

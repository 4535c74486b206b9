"""Rows of another domain: each sign of relevance alone and together, and the rule, on nine domains of real rows.

Strangers are rows of the other sets, kin left out (no banking rows of CLINC150 among BANKING77); 5% of 400 rows, and
30% where `mostly` is said. Targets are 40 rows of the domain that are not among the rows; passages are eight such rows
joined. The intervals of areas are 95% bootstrap intervals over domains and seeds.
"""

from __future__ import annotations

import csv
import gzip
import json
import re
from collections.abc import Callable
from random import Random
from typing import NamedTuple

import numpy as np

from assay.records import Example, Message
from assay.rules.off_domain import OffDomain
from assay.signals import Measured
from assay.signals.domain import judge
from assay.signals.folding import fold
from assay.signals.relevance import classified, distances, nearness
from assay.signals.wording import log_ratios
from benchmarks.result import Result, value
from benchmarks.shared import shared_data, wilson

SEEDS = [101, 102]
ROWS, SHARE, TARGETS, JOINED = 400, 0.05, 40, 8
FALSE_ALARMS = 0.005  # of the rows of the domain, at which F1 is told
DOMAINS = ("banking", "medquad", "symptoms", "legal", "tickets", "handbook", "work", "kitchen", "fitness")
KIN = {
    "banking": {"c_banking", "c_credit_cards"}, "medquad": {"symptoms", "general", "fitness", "c_meta"},
    "symptoms": {"medquad", "fitness"}, "fitness": {"medquad", "symptoms", "kitchen"},
    "handbook": {"work", "tickets", "c_travel"}, "tickets": {"handbook"}, "kitchen": {"fitness"}, "legal": set(),
    "work": {"handbook", "tickets", "c_utility"},
}  # fmt: skip
STRANGERS = (
    "c_travel", "c_home", "c_small_talk", "c_meta", "c_utility", "c_auto_and_commute", "c_banking", "kitchen", "work",
    "medquad", "symptoms", "tickets", "general", "banking", "fitness",
)  # fmt: skip


class Case(NamedTuple):
    """Rows of a domain with strangers among them, and what names the domain."""

    domain: str
    texts: list[str]
    strange: np.ndarray  # bool
    targets: list[str]


def run() -> Result:
    """Areas and F1 of every sign; precision, recall and false alarms of the rule; calibration of the classifier."""
    sets = _sets()
    cases = [_case(sets, domain, seed, SHARE) for domain in DOMAINS for seed in SEEDS]
    metrics = _signs(cases)
    mostly = [_case(sets, domain, seed, 0.3) for domain in DOMAINS for seed in SEEDS[:1]]
    for name, chosen, aimed in (
        ("set", cases, _no_targets), ("targets", cases, _targets), ("passages", cases, _passages),
        ("mostly_targets", mostly, _targets),
    ):  # fmt: skip
        metrics |= _rule(name, chosen, aimed)
    return Result(sum(len(case.texts) for case in cases), SEEDS, metrics)


# --- rows -------------------------------------------------------------------------------------------------------------


def _sets() -> dict[str, list[str]]:
    """The texts of every domain and of every kind of stranger, each once."""
    data = shared_data()
    clinc = json.loads((data / "kb_clinc150/data_full_train_val.json").read_text(encoding="utf-8"))
    kinds = json.loads((data / "kb_clinc150/domains.json").read_text(encoding="utf-8"))
    home = {intent: kind for kind, intents in kinds.items() for intent in intents}
    found: dict[str, list[str]] = {}
    for text, intent in (row for part in clinc.values() for row in part):
        if intent in home:
            found.setdefault(f"c_{home[intent]}", []).append(text)
    found["kitchen"], found["work"] = found["c_kitchen_and_dining"], found["c_work"]
    found["banking"] = _column(data / "kb_banking77/train.csv", 0)
    found["symptoms"] = _column(data / "triage_symptom2disease/Symptom2Disease.csv", 2)
    found["fitness"] = _column(data / "kb_hint3/v2/curekart_train.csv", 0)
    with gzip.open(data / "kb_it_tickets/tickets_dev.csv.gz", "rt", encoding="utf-8", newline="") as file:
        found["tickets"] = [row[0] for row in list(csv.reader(file))[1:8000]]
    with gzip.open(data / "health_medquad/medquad_dev.jsonl.gz", "rt", encoding="utf-8") as file:
        found["medquad"] = [json.loads(line)["question"] for line in file]
    legal = json.loads((data / "legal_plain_english/all_v1.json").read_text(encoding="utf-8"))
    found["legal"] = [pair["original_text"] for pair in legal.values()]
    alpaca = json.loads((data / "inst_alpagasus/random_9k.json").read_text(encoding="utf-8"))
    found["general"] = [row["instruction"] for row in alpaca]
    found["handbook"] = [
        " ".join(part.split())
        for page in sorted((data / "kb_18f_handbook/pages").rglob("*.md"))
        for part in re.split(r"\n\s*\n", page.read_text(encoding="utf-8", errors="replace"))
        if 80 <= len(part) <= 500 and part[0] not in "-{<|#"
    ]
    return {name: list(dict.fromkeys(texts)) for name, texts in found.items()}


def _column(path: object, at: int) -> list[str]:
    with open(str(path), encoding="utf-8", newline="") as file:
        return [row[at] for row in list(csv.reader(file))[1:]]


def _case(sets: dict[str, list[str]], domain: str, seed: int, share: float) -> Case:
    rng = Random(f"{domain} {seed}")
    own = rng.sample(sets[domain], len(sets[domain]))
    count = min(ROWS, (len(own) - TARGETS * JOINED) if len(own) > 2 * TARGETS * JOINED else len(own) - TARGETS)
    others = [name for name in STRANGERS if name != domain and name not in KIN[domain]]
    strangers = [rng.choice(sets[rng.choice(others)]) for _ in range(round(share * count))]
    strange = np.repeat([False, True], [count, len(strangers)])
    return Case(domain, own[-count:] + strangers, strange, own[: min(TARGETS * JOINED, len(own) - count)])


def _examples(case: Case) -> list[Example]:
    return [Example(f"r{i:05}", "generate", (Message("user", text),)) for i, text in enumerate(case.texts)]


def _no_targets(_case: Case) -> list[str]:
    return []


def _targets(case: Case) -> list[str]:
    return case.targets[:TARGETS]


def _passages(case: Case) -> list[str]:
    return [" ".join(case.targets[at : at + JOINED]) for at in range(0, len(case.targets), JOINED)]


# --- signs ------------------------------------------------------------------------------------------------------------


def _signs(cases: list[Case]) -> dict[str, dict[str, object]]:
    """Area under the curve and F1 of every sign, low for strangers, and how well the classifier is calibrated."""
    areas: dict[str, list[float]] = {}
    scores: dict[str, list[float]] = {}
    told, met = [], []
    for case in cases:
        plain, aimed = Measured(_examples(case)), Measured(_examples(case), targets=_targets(case))
        for name, sign in {**_of_the_set(plain), **_of_targets(aimed)}.items():
            areas.setdefault(name, []).append(_area(sign, case.strange))
            scores.setdefault(name, []).append(_f1(sign, case.strange))
        said = classified(aimed)
        assert said is not None
        told.append(said.calibration_error)
        met.append(said._replace(inside=said.rows[~case.strange], outside=said.rows[case.strange]).calibration_error)
    metrics: dict[str, dict[str, object]] = {}
    for name in areas:
        metrics[f"auroc.{name}"] = _mean(areas[name], "area")
        metrics[f"f1.{name}"] = _mean(scores[name], "F1 at 0.5% false alarms")
    metrics["calibration_error.targets"] = _mean(told, "expected calibration error, targets and control left out")
    metrics["calibration_error.rows"] = _mean(met, "expected calibration error, rows and strangers")
    return metrics


def _of_the_set(measured: Measured) -> dict[str, np.ndarray]:
    far = distances(measured)
    near = np.maximum(measured.neighbours.similarity[:, :5], 0).mean(1)
    background = [fold(line) for line in measured.control]
    crossed = judge(measured.vectors[:0], measured.vectors, measured.subject.control)
    return {
        "set.cosine_to_centre": far.similarity, "set.nearest_rows": near,
        "set.log_ratio": log_ratios(measured.prompts, background), "set.classifier": crossed.inside,
        "set.together": far.deviations,
    }  # fmt: skip


def _of_targets(measured: Measured) -> dict[str, np.ndarray]:
    near, said = nearness(measured), classified(measured)
    assert near is not None
    assert near.percentile is not None
    assert said is not None
    texts = [*measured.prompts, *(fold(target) for target in measured.targets)]
    n = len(measured.prompts)
    weights = np.repeat([0.0, 1.0], [n, len(texts) - n])
    words = log_ratios(texts, [fold(line) for line in measured.control], weights=weights)[:n]
    return {
        "targets.largest_cosine": near.largest, "targets.mean_of_five": near.mean,
        "targets.control_percentile": near.percentile, "targets.log_ratio": words, "targets.classifier": said.rows,
        "targets.together": distances(measured).deviations,
    }  # fmt: skip


def _area(sign: np.ndarray, strange: np.ndarray) -> float:
    low, high = sign[strange][:, None], sign[~strange][None, :]
    return float((low < high).mean() + 0.5 * (low == high).mean())


def _f1(sign: np.ndarray, strange: np.ndarray) -> float:
    limit = np.sort(sign[~strange])[int(FALSE_ALARMS * (~strange).sum())]
    hits, alarms = int((sign[strange] < limit).sum()), int((sign[~strange] < limit).sum())
    return 2 * hits / (hits + alarms + int(strange.sum()))


def _mean(values: list[float], unit: str) -> dict[str, object]:
    drawn = np.random.default_rng(0).choice(np.array(values), (2000, len(values))).mean(1)
    return value(float(np.mean(values)), unit, float(np.quantile(drawn, 0.025)), float(np.quantile(drawn, 0.975)))


# --- the rule ---------------------------------------------------------------------------------------------------------


def _rule(name: str, cases: list[Case], aimed: Callable[[Case], list[str]]) -> dict[str, dict[str, object]]:
    """What R001 holds, by its defaults."""
    hits = alarms = strangers = rows = 0
    for case in cases:
        found = OffDomain().survey(Measured(_examples(case), targets=aimed(case)))
        held = np.zeros(len(case.texts), dtype=bool)
        held[[int(finding.id[1:]) for finding in found]] = True
        hits, alarms = hits + int((held & case.strange).sum()), alarms + int((held & ~case.strange).sum())
        strangers, rows = strangers + int(case.strange.sum()), rows + int((~case.strange).sum())
    shares = {"precision": (hits, hits + alarms), "recall": (hits, strangers), "false_alarms": (alarms, rows)}
    return {
        f"rule.{name}.{key}": value(part / max(1, whole), f"of {whole}", *wilson(part, whole))
        for key, (part, whole) in shares.items()
    }

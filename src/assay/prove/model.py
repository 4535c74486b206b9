"""`assay prove model`: small and tuned against others that are prompted: quality, latency, memory, cost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

from assay.evaluate.compare import compare
from assay.evaluate.ladder import Ladder, Pair, Standing
from assay.evaluate.rungs import Rung
from assay.passes import Progress, quiet
from assay.prove.contenders import Contender, Plan, Weights, weights_of
from assay.scoring import Looks, take_look
from assay.scoring.asking import Asking
from assay.scoring.prompted import place_of
from assay.store import write_atomically


class Duel(NamedTuple):
    """What came of it."""

    plan: Plan
    ladder: Ladder
    contenders: list[dict[str, Any]]  # the tuned one first
    looks: Looks
    path: Path


def prove(planned: Plan, *, progress: Progress = quiet) -> Duel:
    """Ask everyone the same test rows, hold each against the tuned model, and keep it for the report.

    The look at the test rows is noted first. Answers are kept as they come: an interrupted proof goes on.

    Raises:
        ModelError: a model cannot be loaded, or an endpoint is down or refuses; answers so far are kept.
    """
    project, primary = planned.project, planned.scorers[0]
    names = [one.name for one in planned.contenders]
    looks = take_look(project, planned.test, planned.version, f"prove model: {', '.join(names)}", primary.key)
    asking = Asking(
        project, planned.version, planned.test, planned.train, primary, planned.few_shot_rows, quiet
    )  # fmt: skip
    rungs: list[Rung] = []
    for place, name in enumerate(names):

        def told(what: str, share: float, place: int = place) -> None:
            progress(what, (place + share) / len(names))

        asking.progress = told
        told(name, 0.0)
        rung = asking.rung(name)
        rungs += [rung] if rung else []
    pairs = [(planned.rung, rung.name) for rung in rungs[1:]]
    ladder = compare(
        rungs, planned.test, seed=project.recipe.train.seed, scorer=primary, others=planned.scorers[1:], pairs=pairs
    )
    against = {pair.b: pair for pair in ladder.pairs if pair.a == planned.rung}
    by_name = {one.name: one for one in planned.contenders}
    told_of = [
        _told(planned, by_name[standing.name], standing, rung, against.get(standing.name))
        for standing, rung in zip(ladder.standings, rungs, strict=True)
    ]
    duel = Duel(planned, ladder, told_of, looks, project.state / "prove" / f"model-{planned.version}.json")
    write_atomically(duel.path, json.dumps(as_dict(duel), ensure_ascii=False, indent=1))
    progress("done", 1.0)
    return duel


def as_dict(duel: Duel) -> dict[str, Any]:
    """JSON, as the report reads it."""
    planned, ladder = duel.plan, duel.ladder
    return {
        "kind": "model", "version": planned.version, "rung": planned.rung, "task": ladder.task,
        "metric": ladder.metric, "primary": ladder.primary, "n": ladder.n,
        "smallest_effect": ladder.smallest_effect.value, "looks": duel.looks._asdict(),
        "contenders": duel.contenders,
    }  # fmt: skip


def plan_as_dict(planned: Plan) -> dict[str, Any]:
    """What would be asked, as JSON."""
    return {
        "version": planned.version, "rung": planned.rung, "n": len(planned.test),
        "smallest_effect": planned.smallest_effect, "seconds": round(planned.seconds),
        "contenders": [
            {"name": one.name, "kind": one.kind, "rows": one.rows, "to_ask": one.asked,
             "seconds": None if one.seconds is None else round(one.seconds, 1), "cost": one.cost, "note": one.note}
            for one in planned.contenders
        ],
    }  # fmt: skip


def _told(planned: Plan, one: Contender, standing: Standing, rung: Rung, pair: Pair | None) -> dict[str, Any]:
    """One line of the table."""
    weights = one.weights and weights_of(_model_of(planned, one))  # converted or fetched by now
    size = weights.mb if weights else None
    if one.kind in ("tuned", "lookup") and standing.size_mb is not None:
        size = (size or 0.0) + standing.size_mb
    return {
        "name": one.name, "title": standing.title, "kind": one.kind, **standing.metric.as_dict(),
        "unscored": standing.unscored, "cut": standing.cut, "seeds": list(standing.seeds),
        "choice": standing.choice.as_dict() if standing.choice else None,
        "latency_ms": standing.latency_ms._asdict() if standing.latency_ms else None,
        "memory_mb": _memory(weights, standing, rung), "weights_mb": size, "cost": standing.cost,
        "tokens": {"in": standing.tokens.into, "out": standing.tokens.out}, "note": standing.note,
        "tuned_minus_this": _difference(pair) if pair else None,
    }  # fmt: skip


def _model_of(planned: Plan, one: Contender) -> str:
    kind, _, model = one.name.partition(":")
    return place_of(planned.project, model) if kind.startswith("model") else planned.project.recipe.model


def _difference(pair: Pair) -> dict[str, Any]:
    """The tuned model minus another one, and the verdict on the tuned one."""
    value, low, high, n = pair.difference
    verdict = pair.verdict.replace("measurable effect", "measurable difference")
    return {"value": value, "low": low, "high": high, "n": n, "p": pair.p, "p_holm": pair.p_holm, "verdict": verdict}


def _memory(weights: Weights | None, standing: Standing, rung: Rung) -> float | None:
    """MB that the weights take while answering, and the keys and values of the longest request; None where unknown."""
    if standing.memory_mb is None or weights is None or weights.folder is None or weights.parameters is None:
        return standing.memory_mb
    longest = max((a.tokens_in or 0) + (a.tokens_out or 0) for answers in rung.answers for a in answers)
    bytes_each = 2 if standing.memory_mb < 3e-6 * weights.parameters else 4  # of a number: what it was run in
    return standing.memory_mb + longest * bytes_each * _cached(weights.folder) / 1e6


def _cached(folder: Path) -> float:
    """Numbers a token leaves in the cache: a key and a value of each head that has its own, in each layer."""
    told = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    told = told.get("text_config") or told

    def first(*keys: str) -> int:
        return next((int(told[key]) for key in keys if told.get(key)), 0)

    heads = first("num_attention_heads", "n_head", "num_heads", "decoder_attention_heads")
    size = first("head_dim", "d_kv") or first("hidden_size", "n_embd", "d_model") / max(1, heads)
    layers = first("num_hidden_layers", "n_layer", "decoder_layers", "num_layers")
    return 2 * layers * (first("num_key_value_heads") or heads) * size

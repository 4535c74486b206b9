"""The card of a tuned model: what it is, what it learnt from, what it reached, what it is not good for.

After Mitchell et al., Model Cards for Model Reporting (2019). Every sentence is put together from what was kept.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from assay.project import Project
from assay.report.contents import Ledger, ReportContents
from assay.report.figures import of_proportion, p_value, sentence, whole
from assay.report.story import pair_of, rungs_of
from assay.report.visible import visible

ORDER = ("curated", "rules", "random", "raw")  # whose card is written: the first that was trained and scored
DECIDED = 4  # rules named that decided most
MARKS = re.compile(r"[\\`*\[\]|#!]|(?<!\w)_|_(?!\w)")  # what is markup in Markdown; not the _ within a word
WEAK = 3  # parts of the test set named among the limits


def model_card(contents: ReportContents, project: Project) -> dict[str, Any] | None:
    """The card of the most curated model of the version that was scored; None where there is none."""
    rungs = {rung["name"]: rung for rung in rungs_of(contents.ladder)}
    name = next((name for name in ORDER if name in rungs), None)
    adapter = adapter_of(project, name, contents.version) if name else None
    if name is None or adapter is None:
        return None
    rung = rungs[name]
    return {
        "name": f"{contents.title}, {name}", "version": contents.version, "task": contents.task,
        "base": {"name": adapter.get("base", ""), "digest": adapter.get("base_digest", "")},
        "facts": _facts(contents, rung, adapter), "limits": _limits(contents, rung),
        "metrics": [measure for measure in rung.get("measures") or () if measure["n"]],
    }  # fmt: skip


def adapter_of(project: Project, name: str, version: str) -> Mapping[str, Any] | None:
    """What lies beside the adapter of a rung; None where there is none."""
    for path in sorted(project.runs.glob(f"{name}-{version}-s*/adapter/assay.json")):
        body = json.loads(path.read_text(encoding="utf-8"))
        return body if isinstance(body, dict) else None
    return None


def _facts(contents: ReportContents, rung: Mapping[str, Any], adapter: Mapping[str, Any]) -> list[tuple[str, str]]:
    ledger, settings = contents.ledger, adapter.get("settings") or {}
    licences = sorted({source.licence or "not stated" for source in contents.sources})
    changed = f"{whole(ledger.dropped)} dropped, {whole(ledger.held)} held, {whole(ledger.edited)} edited"
    facts = [
        ("Base model", f"{adapter.get('base', '')}, sha256 {str(adapter.get('base_digest', ''))[:16]}"),
        ("Adapter", f"sha256 {str(adapter.get('weights_digest', ''))[:16]}, {_size(rung)}"),
        (
            "Training",
            ", ".join(f"{key} {value}" for key, value in settings.items() if not isinstance(value, list | dict)),
        ),
        ("System prompt", str(adapter.get("system") or "none")),
        ("Data", f"version {contents.version}: {whole(rung.get('train_rows'))} rows learnt"),
        ("Against the raw rows", f"of {whole(ledger.rows_in)}: {changed}"),
        ("Most decided by", _decided(ledger) or "nothing"),
        ("Licences of the sources", ", ".join(licences) if contents.sources else "no sources"),
        ("Test rows", f"{whole((contents.ladder or {}).get('n'))}, frozen; {_looks(contents.looks)}"),
        (sentence(str((contents.ladder or {}).get("metric", "metric"))), of_proportion(rung)),
    ]
    gap = pair_of(contents.ladder, rung["name"], "raw")
    if gap:
        facts.append(("Against the same model tuned on the raw rows", _gap(gap)))
    return facts


def _decided(ledger: Ledger) -> str:
    """What decided most, of what changes rows: "wrong-label 30 held, exact-duplicate 24 dropped"."""
    done = {"drop": "dropped", "hold": "held", "edit": "edited"}
    told = sorted((one for one in ledger.by_code if one.action in done), key=lambda one: -one.count)
    named = ", ".join(f"{one.name} {whole(one.count)} {done[one.action]}" for one in told[:DECIDED])
    return f"{named}{' and others' if len(told) > DECIDED else ''}"


def _gap(gap: Mapping[str, Any]) -> str:
    value, low, high = (100 * gap[key] for key in ("difference", "low", "high"))
    p = p_value(gap["p_holm"])
    return f"{value:+.1f} points ({low:+.1f} to {high:+.1f}, n = {gap['n']}, p {p}): {gap['verdict']}"


def _size(rung: Mapping[str, Any]) -> str:
    size = rung.get("size_mb")
    return f"{size:.1f} MB" if isinstance(size, int | float) else "size unknown"


def _looks(looks: int | None) -> str:
    return "looks not counted" if not looks else "looked at once" if looks == 1 else f"looked at {looks:,} times"


def _limits(contents: ReportContents, rung: Mapping[str, Any]) -> list[str]:
    ladder = contents.ladder or {}
    effect = (ladder.get("smallest_effect") or {}).get("value")
    limits = [f"Differences below about {effect * 100:.1f} points cannot be shown by its test rows."] if effect else []
    if len(rung.get("seeds") or ()) == 1:
        limits.append("One training seed: its intervals carry the test rows, not the luck of training.")
    parts = [
        part for part in rung.get("slices") or () if part["n"] and not part["few"] and part["high"] < rung["value"]
    ]
    for part in sorted(parts, key=lambda part: part["value"])[:WEAK]:
        limits.append(f"Weaker on {part['kind']} {part['name']}: {of_proportion(part)}.")
    few = [part for part in rung.get("slices") or () if part["few"]]
    if few:
        named = ", ".join(f"{part['kind']} {part['name']}" for part in few[:WEAK])
        limits.append(
            f"Hardly tested (fewer than 20 independent rows): {named}{' and others' if len(few) > WEAK else ''}."
        )
    labels = [one for one in rung.get("classes") or () if one["value"] < 0.5]
    if labels:
        limits.append(f"Recognises less than half of: {', '.join(str(one['label']) for one in labels[:8])}.")
    if contents.ledger.held:
        limits.append(f"{whole(contents.ledger.held)} rows were set aside for a person and are not learnt.")
    limits.append("Measured on rows like its test rows; on other questions, and in other languages, it is untested.")
    return limits


def as_markdown(card: Mapping[str, Any]) -> str:
    """The card as a Markdown page: texts of the data cannot become markup."""
    lines = [f"# {_safe(card['name'])}", "", *_table(("", ""), card["facts"]), "", "## Metrics", ""]
    metrics = [(m["title"], _number(m), str(m["n"]), str(m["unscored"])) for m in card["metrics"]]
    lines += [*_table(("metric", "value (95% interval)", "n", "unscored"), metrics), "", "## Limits", ""]
    return "\n".join([*lines, *(f"- {_safe(limit)}" for limit in card["limits"])]) + "\n"


def _number(measure: Mapping[str, Any]) -> str:
    value, low, high = (measure[key] for key in ("value", "low", "high"))
    if measure["unit"] == "nats":
        return f"{value:.2f} ({low:.2f} to {high:.2f})"
    return f"{value:.1%} ({low * 100:.1f} to {high * 100:.1f})"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    lines = [f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}"]
    return lines + [f"| {' | '.join(_safe(cell) for cell in row)} |" for row in rows]


def _safe(text: object) -> str:
    shown = " ".join(visible(str(text), 400).split())
    marked = MARKS.sub(r"\\\g<0>", shown)
    return marked.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

"""The page: contents -> HTML. Every string of a dataset goes through `visible` and is escaped by the template."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from assay.report import figures
from assay.report.charts import curves_plot, forest_plot, ladder_plot, novelty_plot
from assay.report.contents import DIMENSIONS, ReportContents
from assay.report.proofs import foretold, hurting, told_name
from assay.report.story import BY_REVIEWER, rungs_of, story
from assay.report.visible import visible, word_diff

if TYPE_CHECKING:
    from jinja2 import Environment

RECIPE_LIMIT = 8_000  # characters of the recipe shown; the twin has it whole
FILTERS = (
    figures.percent, figures.percent_range, figures.points, figures.points_range, figures.decimal, figures.two,
    figures.decimal_range, figures.whole, figures.rows, figures.p_value, figures.log_probability, figures.duration,
    figures.of_proportion, figures.sentence, foretold, told_name, visible,
)  # fmt: skip


def render(contents: ReportContents) -> str:
    """The whole page as HTML text, in valid UTF-8, with nothing in it that runs or is fetched."""
    from markupsafe import Markup

    ladder = contents.ladder if rungs_of(contents.ladder) else None
    plots = {"ladder_plot": Markup(ladder_plot(ladder)), "novelty_plot": Markup(novelty_plot(ladder))} if ladder else {}
    dimensions = [(name, [part for part in contents.dimensions if part.dimension == name]) for name in DIMENSIONS]
    return _environment().get_template("report.html").render(
        it=contents, story=story(contents), ladder=ladder, rungs=rungs_of(ladder), by_reviewer=BY_REVIEWER,
        dimensions=dimensions, note=visible(contents.reviewer_note), recipe_limit=RECIPE_LIMIT, **plots,
        **_proofs(contents), **_details(ladder),
    )  # fmt: skip


def _proofs(contents: ReportContents) -> dict[str, Any]:
    """What was proved, by kind, with its drawing."""
    from markupsafe import Markup

    kinds: dict[str, list[Mapping[str, Any]]] = {"steps": [], "size": [], "rows": [], "model": []}
    for proof in contents.proofs:
        kinds[proof["kind"]].append(proof)
    return {
        "steps": [(proof, Markup(forest_plot(proof))) for proof in kinds["steps"]],
        "sizes": [(proof, Markup(curves_plot(proof))) for proof in kinds["size"]],
        "duels": kinds["model"],
        "influences": [(proof, hurting(proof)) for proof in kinds["rows"]],
    }


def _details(ladder: Mapping[str, Any] | None) -> dict[str, Any]:
    """The metrics beside the primary one, by rung; parts of the test set and labels for the rung of most interest."""
    rungs = rungs_of(ladder)
    told = {rung["name"]: {m["key"]: m for m in rung.get("measures") or ()} for rung in rungs}
    titles = {key: m["title"] for of_rung in told.values() for key, m in of_rung.items() if m["n"]}
    measured = [(key, title, [told[rung["name"]].get(key) for rung in rungs]) for key, title in titles.items()]
    best = next((rung for name in ("curated", "rules", "raw") for rung in rungs if rung["name"] == name), None)
    chosen = best or (rungs[0] if rungs else {})
    return {
        "chosen": any(rung.get("choice") for rung in rungs),
        "measured": measured if len(measured) > 1 else [],
        "slices_of": chosen.get("name", ""),
        "slices": sorted(chosen.get("slices") or (), key=lambda part: (part["few"], part["value"] or 0.0)),
        "classes": sorted(chosen.get("classes") or (), key=lambda one: one["value"]),
    }


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader

    loader = PackageLoader("assay.report")
    environment = Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters.update({function.__name__: function for function in FILTERS})
    environment.filters.update(word_diff=lambda pair: word_diff(*pair), evidence=_evidence)
    return environment


def _evidence(evidence: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Keys and values as short texts: {"twin": "a12", "jaccard": 0.91} -> [("twin", "a12"), ("jaccard", "0.91")]."""
    return [(visible(str(key), 60), visible(_short(value), 200)) for key, value in evidence.items()]


def _short(value: Any) -> str:
    if isinstance(value, str):
        return value
    return f"{value:.3g}" if isinstance(value, float) else json.dumps(value, ensure_ascii=False, default=str)

"""The plots of the page: the ladder, its tuned rungs by novelty of the question, effects of steps, learning curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from assay.report.curves import WIDTHS, draw_curves
from assay.report.dotplot import COLOURS, NARROW, SHARES, WIDE, Axis, Dot, Kind, draw
from assay.report.figures import percent, percent_range, points, points_range, whole
from assay.report.proofs import groups_of, told_name
from assay.report.story import BY_REVIEWER, TUNED, rungs_of
from assay.report.visible import visible


def ladder_plot(ladder: Mapping[str, Any]) -> str:
    """The rungs as points with their intervals, best first; the smallest visible effect as a scale bar."""
    dots = [_dot(rung, rung, (rung.get("choice") or {}).get("value")) for rung in rungs_of(ladder)]
    effect = (ladder.get("smallest_effect") or {}).get("value")
    return _figure("Share of right answers of each rung of the ladder", dots, effect)


def novelty_plot(ladder: Mapping[str, Any]) -> str:
    """Right answers by similarity to the nearest training row, for the two rungs that say most; or ""."""
    measured = [rung for rung in rungs_of(ladder) if rung.get("novelty") and rung["name"] in TUNED]
    chosen = [rung for rung in measured if rung["name"] in ("curated", "raw")] or measured[:2]
    bands = list(dict.fromkeys(part["band"] for rung in chosen for part in rung["novelty"]))
    dots = [dot for band in bands for dot in _band(band, chosen)]
    return _figure("Share of right answers by similarity to the nearest training row", dots, None) if dots else ""


def forest_plot(proof: Mapping[str, Any]) -> str:
    """The effect of each step with its interval, in points; the dashed line is no effect."""
    dots = [
        Dot(_step(effect), _points(effect), effect["value"], effect["low"], effect["high"], _sure(effect),
            heading=visible(group.heading, 60) if place == 0 else "")
        for group in groups_of(proof)
        for place, effect in enumerate(group.effects)
    ]  # fmt: skip
    reach = max(0.01, max(max(abs(dot.low), abs(dot.high)) for dot in dots))
    step = next((step for step in (0.005, 0.01, 0.02, 0.05, 0.1, 0.2) if reach / step <= 3), 0.5)
    ticks = tuple(round(step * k, 4) for k in range(-3, 4) if abs(step * k) <= reach * 1.05)
    axis = Axis(-reach * 1.05, reach * 1.05, ticks, "", mark=0.0)
    nats = proof.get("unit") == "nats"
    title = "Fall of the loss by each step, in hundredths of a nat" if nats else "Effect of each step on right answers"
    return _figure(title if nats else f"{title}, in points", dots, None, axis)


def _step(effect: Mapping[str, Any]) -> str:
    rows = effect.get("changed")
    return visible(told_name(effect), 60) + (f" ({whole(rows)} rows)" if isinstance(rows, int) and rows else "")


def _points(effect: Mapping[str, Any]) -> str:
    return f"{points(effect['value'])} ({points_range(effect['low'], effect['high'])})"


def _sure(effect: Mapping[str, Any]) -> Kind:
    """Drawn in colour where an effect was shown, as an outline where there may be none."""
    p = effect.get("p_holm")
    return "curated" if isinstance(p, int | float) and p < 0.05 else "baseline"


def curves_plot(proof: Mapping[str, Any]) -> str:
    """The learning curves of a proof of size."""
    loss = proof.get("unit") == "nats"
    told = "; ".join(
        f"{visible(str(curve['arm']), 24)} with {whole(point['rows'])} rows: "
        + (f"{point['value']:.3f}" if loss else f"{percent(point['value'])} ")
        + ("" if loss else f"({percent_range(point['low'], point['high'])})")
        for curve in proof["curves"]
        for point in curve["points"]
    )
    title = f"{'Loss of the expected answer' if loss else 'Share of right answers'} by number of training rows"
    return "".join(
        f'<div class="plot {layout}">{_described(draw_curves(proof["curves"], layout, loss=loss), title, told)}</div>'
        for layout in WIDTHS
    )


def _band(band: str, rungs: Sequence[Mapping[str, Any]]) -> list[Dot]:
    """The dots of one band, the first under a heading that names the band and its rows."""
    found = [(rung, part) for rung in rungs for part in rung["novelty"] if part["band"] == band and part["n"]]
    dots = [_dot(rung, part) for rung, part in found]
    if not dots:
        return []
    name = visible(band, 40).replace(">=", "≥ ").replace("<", "< ").replace("-", " to ")
    counts = " / ".join(dict.fromkeys(whole(part["n"]) for _, part in found))
    return [dots[0]._replace(heading=f"similarity {name}, n = {counts}"), *dots[1:]]


def _dot(rung: Mapping[str, Any], figure: Mapping[str, Any], tick: float | None = None) -> Dot:
    name = visible(rung.get("title") or rung["name"], 120)
    said = f"{percent(figure['value'])} ({percent_range(figure['low'], figure['high'])})"
    dagger = " †" if rung["name"] in BY_REVIEWER else ""
    return Dot(f"{name}{dagger}", said, figure["value"], figure["low"], figure["high"], _kind(rung["name"]), tick)


def _kind(name: str) -> Kind:
    return "curated" if name == "curated" else "tuned" if name in TUNED else "baseline"


def _figure(title: str, dots: Sequence[Dot], effect: float | None, axis: Axis = SHARES) -> str:
    """Both drawings of one plot; the stylesheet shows the one that fits. Its words say what is drawn."""
    told = "; ".join(f"{dot.heading} {dot.label}: {dot.said}".strip() for dot in dots)
    return "".join(
        f'<div class="plot {layout.name}">{_described(draw(dots, effect, layout, axis), title, told)}</div>'
        for layout in (WIDE, NARROW)
    )


def _described(svg: str, title: str, told: str) -> str:
    """The drawing in the page's colours, as wide as its box, with a title and description for screen readers."""
    for colour, variable in COLOURS.items():
        svg = svg.replace(f'"{colour}"', f'"var({variable})"')
    start, body = svg.split(">", 1)
    size = start[start.index("viewBox=") :]
    words = f"<title>{escape(title)}</title><desc>{escape(told)}</desc>"
    return f'<svg xmlns="http://www.w3.org/2000/svg" role="img" {size}>{words}{body}'

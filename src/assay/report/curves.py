"""Learning curves as SVG: a line an arm, its 95% interval as a band, in the page's colours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from assay.report.dotplot import ACCENT, INK, MUTED, RULE
from assay.report.visible import visible

WIDTHS = {"wide": 560, "narrow": 280}
HEIGHT = 260


def draw_curves(curves: Sequence[Mapping[str, Any]], layout: str, *, loss: bool = False) -> str:
    """Rows along, share of right answers (or a loss, in nats) up; the name of each arm at the end of its line."""
    import altair as alt
    import vl_convert

    points = [
        {"arm": visible(str(curve["arm"]), 24), **{key: point[key] for key in ("rows", "value", "low", "high")}}
        for curve in curves
        for point in sorted(curve["points"], key=lambda point: point["rows"])
    ]
    lows, highs = [point["low"] for point in points], [point["high"] for point in points]
    room = 0.05 * max(max(highs) - min(lows), 0.01)
    arms = list(dict.fromkeys(point["arm"] for point in points))
    others = iter([INK, MUTED, RULE])
    colours = [ACCENT if arm == "curated" else next(others, MUTED) for arm in arms]
    base = alt.Chart(alt.Data(values=points))
    along = alt.X("rows:Q", title="training rows", axis=alt.Axis(tickCount=5, format=",d"), scale=alt.Scale(zero=False))
    scale = alt.Scale(
        domain=[max(0.0, min(lows) - room), max(highs) + room if loss else min(1.0, max(highs) + room)], nice=False
    )
    up = alt.Y("value:Q", title=None, axis=alt.Axis(format=".2f" if loss else ".0%", tickCount=5), scale=scale)
    colour = alt.Color("arm:N", scale=alt.Scale(domain=arms, range=colours), legend=None)
    ends = base.transform_window(rank="rank()", sort=[alt.SortField("rows", order="descending")], groupby=["arm"])
    chart = alt.layer(
        base.mark_area(opacity=0.14).encode(x=along, y=alt.Y("low:Q", scale=scale), y2="high:Q", fill=colour),
        base.mark_line(strokeWidth=2).encode(x=along, y=up, color=colour),
        base.mark_point(size=36, filled=True, opacity=1).encode(x=along, y=up, color=colour),
        ends.transform_filter("datum.rank === 1")
        .mark_text(align="left", dx=9, fontSize=12.5)
        .encode(x=along, y=up, text="arm:N", color=colour),
    ).properties(width=WIDTHS[layout], height=HEIGHT, padding={"left": 8, "right": 64, "top": 8, "bottom": 4})
    chart = chart.configure(background="transparent", aria=False).configure_view(stroke=None)
    chart = chart.configure_axis(
        domain=False, ticks=False, gridColor=RULE, labelColor=MUTED, titleColor=MUTED, labelFontSize=12,
        titleFontSize=12, titleFontWeight="normal", labelPadding=8,
    )  # fmt: skip
    return str(vl_convert.vegalite_to_svg(chart.to_dict()))

"""A dot plot as SVG: a row is a proportion, with its interval and its words beside it, or above it on a phone.

The drawing is Altair's, rendered offline by vl-convert. Colours stand in it as values that no one would choose; the
page puts its CSS variables in their place, so that light, dark and print need no drawing of their own.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

Kind = Literal["baseline", "tuned", "curated"]
COLOURS = {"#0a0001": "--ink", "#0a0002": "--muted", "#0a0003": "--rule", "#0a0004": "--accent", "#0a0005": "--paper"}
INK, MUTED, RULE, ACCENT, PAPER = COLOURS
STROKES: dict[Kind, str] = {"baseline": MUTED, "tuned": INK, "curated": ACCENT}
FILLS: dict[Kind, str] = {"baseline": PAPER, "tuned": INK, "curated": ACCENT}
LINE = 15  # pixels from one line of a text to the next


class Dot(NamedTuple):
    """One row of a dot plot: a proportion, its interval, and what is written left and right of them."""

    label: str
    said: str
    value: float
    low: float
    high: float
    kind: Kind
    tick: float | None = None  # a second, thin mark on the same row
    heading: str = ""  # a line above the row


class Axis(NamedTuple):
    """What the plot spans; a line marks `mark`, a written number is the value times 100 and the unit."""

    low: float
    high: float
    ticks: tuple[float, ...]
    unit: str  # "%", or "" for points
    mark: float | None = None


SHARES = Axis(0.0, 1.0, (0, 0.25, 0.5, 0.75, 1), "%")


class Layout(NamedTuple):
    """Sizes in pixels."""

    name: str
    plot: int  # width of the plot itself
    left: int
    right: int
    letters: int  # of a line of a label
    lines: int  # of a label
    above: bool  # whether the words stand above the dot, or beside it


WIDE = Layout("wide", 346, 230, 168, 31, 2, False)
NARROW = Layout("narrow", 318, 14, 18, 24, 3, True)


def draw(dots: Sequence[Dot], effect: float | None, layout: Layout, axis: Axis = SHARES) -> str:
    """The plot as SVG text, the first dot on top; `effect` (0 to 1) is drawn as a scale bar below the last."""
    import altair as alt
    import vl_convert

    rows, headings, end = _placed(dots, layout)
    height = end + (30 if effect else 2)
    chart = alt.layer(
        *_marks(rows, height, axis), *_words(rows, headings, height, layout), *_scale_bar(effect, end + 14, height)
    )
    chart = chart.properties(width=layout.plot, height=height)
    chart = chart.properties(padding={"left": layout.left, "right": layout.right, "top": 4, "bottom": 26})
    chart = chart.configure(autosize=alt.AutoSizeParams(type="none"), background="transparent", aria=False)
    chart = chart.configure_view(stroke=None).configure_axis(
        domain=False, ticks=False, gridColor=RULE, labelColor=MUTED, labelFontSize=12, labelPadding=8, labelFlush=False
    )
    return str(vl_convert.vegalite_to_svg(chart.to_dict()))


def _placed(dots: Sequence[Dot], layout: Layout) -> tuple[list[dict[str, Any]], list[dict[str, Any]], float]:
    """Rows and headings with their places from the top, in pixels, and where the last row ends."""
    y, rows, headings = 0.0, [], []
    for dot in dots:
        if dot.heading:
            headings.append({"text": dot.heading, "y": y + (14 if y else 8)})
            y += 26 if y else 20
        lines = textwrap.wrap(dot.label, layout.letters, max_lines=layout.lines, placeholder="…") or [""]
        words = LINE * len(lines)
        middle = y + (words + 12 if layout.above else max(30, words + 8) / 2)
        top = y + 10 if layout.above else middle - LINE * (len(lines) - 1) / 2
        rows.append({**dot._asdict(), "label": lines, "y": middle, "top": top})
        y = middle + (22 if layout.above else max(30, words + 8) / 2)
    return rows, headings, y


def _down(field: str, height: float) -> Any:
    import altair as alt

    return alt.Y(f"{field}:Q", scale=alt.Scale(domain=[height, 0], nice=False, zero=False), axis=None)


def _marks(rows: list[dict[str, Any]], height: float, axis: Axis) -> list[Any]:
    """Interval, tick and dot of each row."""
    import altair as alt

    signed = "(datum.value > 0 && !%s ? '+' : '')" % ("true" if axis.unit else "false")
    told = f"{signed} + round(datum.value * 1000) / 10 + '{axis.unit}'"
    below = alt.Axis(title=None, values=list(axis.ticks), labelExpr=told, orient="bottom")
    along = alt.X("value:Q", scale=alt.Scale(domain=[axis.low, axis.high], clamp=True, nice=False), axis=below)
    strokes = alt.Scale(domain=list(STROKES), range=list(STROKES.values()))
    fills = alt.Scale(domain=list(FILLS), range=list(FILLS.values()))
    base = alt.Chart(alt.Data(values=rows)).encode(y=_down("y", height))
    line = alt.Color("kind:N", scale=strokes, legend=None)
    outline, inside = alt.Stroke("kind:N", scale=strokes, legend=None), alt.Fill("kind:N", scale=fills, legend=None)
    ticks = base.transform_filter("datum.tick !== null").mark_tick(orient="vertical", thickness=1.5, size=14)
    at = alt.Chart(alt.Data(values=[{"at": axis.mark}])) if axis.mark is not None else None
    return [
        *([at.mark_rule(strokeWidth=1, color=MUTED, strokeDash=[3, 3]).encode(x="at:Q")] if at else []),
        base.mark_rule(strokeWidth=2).encode(x=alt.X("low:Q"), x2="high:Q", color=line),
        ticks.encode(x=alt.X("tick:Q"), color=line),
        base.mark_point(size=76, strokeWidth=2, opacity=1).encode(x=along, fill=inside, stroke=outline),
    ]


def _words(rows: list[dict[str, Any]], headings: list[dict[str, Any]], height: float, layout: Layout) -> list[Any]:
    """Labels, numbers and headings."""
    import altair as alt

    base = alt.Chart(alt.Data(values=rows))
    font = {"baseline": "middle", "fontSize": 12.5, "color": INK}
    left, right = (0, layout.plot) if layout.above else (-14, layout.plot + 14)
    label = base.mark_text(align="left" if layout.above else "right", lineHeight=LINE, **font)
    said = base.mark_text(align="right" if layout.above else "left", **font)
    said_at = _down("top" if layout.above else "y", height)
    titles = alt.Chart(alt.Data(values=headings)).mark_text(align="left", fontWeight=600, **font)
    return [
        label.encode(x=alt.value(left), y=_down("top", height), text="label:N"),
        said.encode(x=alt.value(right), y=said_at, text="said:N"),
        *([titles.encode(x=alt.value(6 - layout.left), y=_down("y", height), text="text:N")] if headings else []),
    ]


def _scale_bar(effect: float | None, y: float, height: float) -> list[Any]:
    """A bar as long as the smallest effect the test set can show, like the scale of a map."""
    import altair as alt

    if not effect or effect > 1:
        return []
    row = {"low": 0, "high": effect, "y": y, "said": f"{effect * 100:.1f} points: a smaller gap cannot be seen"}
    bar = alt.Chart(alt.Data(values=[row])).encode(y=_down("y", height))
    words = bar.mark_text(align="left", baseline="middle", dx=10, fontSize=12, color=MUTED)
    return [
        bar.mark_rule(strokeWidth=5, color=MUTED).encode(x=alt.X("low:Q"), x2="high:Q"),
        words.encode(x=alt.X("high:Q"), text="said:N"),
    ]

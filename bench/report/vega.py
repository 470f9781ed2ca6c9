"""Vega-Lite of a figure's description, for pages where a pointer or a slider of dates helps."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from bench.report.charts import FOLLOWED, Chart
from bench.report.figure import MAIN, Axis, Figure, Look, Mark
from bench.report.plotting import layout, style

Spec = dict[str, Any]
SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
DIGITS = 5  # decimals of numbers that a chart rounds again: its text agrees with the tables
FADED = 0.12  # opacity of what is not followed
LETTERS_PX = 15  # of which looks are given in parts
ROW_PX, HEIGHT_PX = 22, 380  # of a named row, and of a chart without
PANEL_PX, RATIO = 220, 0.6  # width of a panel where no page gives it one; height, times width
MIN_PX, MIN_WITH_ROOM_PX = 210, 300  # of a panel beside others, and with an axis of its own
AXIS_PX = 40
LETTER_PX, MARK_PX = 6.5, 34  # of an entry of a legend: a letter, and what stands around its name
LONGEST, ASIDE, LINE = 28, 24, 60  # letters of a name, beside a panel; of a line above a chart
GAP_PX, ASIDE_PX = 15, 9  # between labels beside a curve, and from its end
TICKS = 8  # about
SCALES = {"root": "sqrt"}
SHAPES = {"o": "circle", ".": "circle", "D": "diamond", "s": "square", "_": "stroke"}
SHAPES |= {"^": "triangle-up", "v": "triangle-down", "P": "cross"}
DASHES: dict[str, list[float]] = {"-": [], "--": [5, 3], ":": [1, 3], "-.": [6, 2, 1, 2]}

WORDS: Spec = {
    "labelColor": style.INK,
    "titleColor": style.INK,
    "labelFontSize": 12,
    "titleFontSize": 12,
    "titleFontWeight": "normal",
}
LOOK: Spec = {
    "background": "transparent",
    "font": "system-ui, 'DejaVu Sans', sans-serif",
    "view": {"stroke": None},
    "axis": {
        **WORDS,
        "domainColor": style.SOFT,
        "tickColor": style.SOFT,
        "gridColor": style.GRID,
        "labelSeparation": 8,
    },
    "legend": {
        **WORDS,
        "orient": "top",
        "direction": "horizontal",
        "labelLimit": 180,
        "symbolSize": 90,
        "symbolOpacity": 1,
    },
    "title": {"color": style.INK, "anchor": "start", "fontSize": 13, "fontWeight": "normal"},
    "text": {"color": style.INK, "fontSize": 12},
}


def specification(
    layers: Sequence[Spec],
    *,
    click: str,
    some: Mapping[str, tuple[Sequence[str], int]],
    panels: Spec | None = None,
    legend: str = "",
    entry: float = MARK_PX,
    **more: Any,
) -> Spec:
    """A specification with the parameters that a page sets and the looks of all charts, no data.

    Parameters
    ----------
    layers
        Marks with their encodings; the last is on top.
    click, legend
        Of `FOLLOWED`: what of a mark the page follows when the mark is pressed, and the same of
        the names in the legend; none if empty.
    some
        Of `FOLLOWED`, those of which some values are drawn: all, and how many of them where the
        page follows none.
    panels
        Of a chart with several: `field`, `order`, `most` side by side, `ratio` of height to
        width, `room` in pixels for an axis beside each, `aside` for words at its right.
    entry
        Width of an entry of the legend, in pixels.
    **more
        Further keys of the top level.
    """
    meta = {
        "click": click,
        "legend": legend,
        "entry": entry,
        "some": {key: {"of": [*of], "n": n} for key, (of, n) in some.items()},
    }
    spec: Spec = {
        "$schema": SCHEMA,
        "data": {"name": "rows"},
        "params": [{"name": name, "value": None} for name in FOLLOWED]
        + [{"name": "date", "value": 0}],
        "usermeta": meta,
        "config": LOOK,
        **more,
    }
    if panels is None:
        fit = {"type": "fit-x", "contains": "padding"}
        return {**spec, "width": "container", "autosize": fit, "layer": [*layers]}
    room, ratio = panels["room"], panels["ratio"]
    meta["panels"] = {
        "most": panels["most"],
        "ratio": ratio,
        "room": room + panels["aside"],
        "least": MIN_WITH_ROOM_PX if room else MIN_PX,
    }
    looks = {"labelFontSize": 13, "labelColor": style.INK, "labelFontWeight": "bold"}
    head = {"title": None, "header": {**looks, "labelAnchor": "start"}}
    facet = {**head, "field": panels["field"], "type": "nominal", "sort": [*panels["order"]]}
    apart = {"axis": {"x": "independent", "y": "independent"}}
    cell = {"width": PANEL_PX, "height": round(PANEL_PX * ratio), "layer": [*layers]}
    more = {"resolve": apart} if room else {}
    return {**spec, **more, "facet": facet, "columns": panels["most"], "spec": cell}


def chosen(key: str, of: Sequence[str], n: int = 1) -> str:
    """Whether a row is of the value that is followed; where it is none of these, of the first."""
    known, first = as_text([*of]), as_text([*of[:n]])
    return (
        f"(indexof({known}, {key}) >= 0 ? datum.{key} === {key} : "
        f"indexof({first}, datum.{key}) >= 0)"
    )


def shown_of(key: str, of: Sequence[str]) -> str:
    """As an expression: what is followed if it is one of these, else the first of them."""
    return f"(indexof({as_text([*of])}, {key}) >= 0 ? {key} : {as_text(of[0])})"


def as_text(value: Any) -> str:
    """A value as an expression of Vega has it."""
    return json.dumps(value, ensure_ascii=False)


def tips(rows: pd.DataFrame, columns: Mapping[str, str]) -> list[Spec]:
    """What is told of a mark under the pointer: labels by key."""
    form = {key: {"format": ".2~f"} for key in rows.select_dtypes("float")}
    return [
        {"field": key, "title": title, **form.get(key, {})}
        for key, title in columns.items()
        if key in rows
    ]


def chart_of(one: Figure) -> Chart:
    """The chart of a figure that has `columns`.

    Its rows are those of all marks; `layer` says of which, and is 0 for those of the table behind
    the chart.
    """
    marks = [mark for mark in one.marks if mark.rows is not None]
    frames = {id(mark.rows): mark.rows for mark in marks if mark.rows is not None}
    known = {key: (len({*one.columns} & {*rows}), len(rows)) for key, rows in frames.items()}
    places = sorted(frames, key=lambda key: known[key], reverse=True)
    is_split = len(one.panels) > 1 and not one.alone
    high = _highest(one, marks)
    parts = []
    for place, key in enumerate(places):
        mine = [mark for mark in marks if id(mark.rows) == key]
        rows = _rows(one, frames[key], mine, is_split)
        for mark in mine:
            if mark.kind == "ends":
                rows = _spread(rows, mark, one, high, is_split)
        parts.append(rows.assign(layer=place))
    some: dict[str, tuple[Sequence[str], int]] = {}
    if one.alone:
        order = [one.alone, *(name for name in one.panels if name != one.alone)]
        some[one.panel] = (order, 1)
    elif is_split and one.panel in FOLLOWED:
        some[one.panel] = ([*one.panels], len(one.panels))
    layers = []
    for mark in one.marks:
        place = places.index(id(mark.rows)) if mark.rows is not None else -1
        rows = parts[place] if mark.rows is not None else pd.DataFrame()
        layers += _layers(one, mark, rows, place, some if one.alone else {})
    table, names = parts[0], [str(name) for name in one.legend]
    pressed = [key for key in FOLLOWED if key in table and key not in (some if one.alone else ())]
    legend = next((m.by for m in marks if names and m.by in FOLLOWED), "")
    named = next((layer for layer in reversed(layers) if _is_named(layer, legend)), None)
    if named is not None:
        by_name = {"type": "point", "fields": [legend]}
        named["params"] = [{"name": "by_legend", "select": by_name, "bind": "legend"}]
    more: Spec = {} if is_split else {"height": _height(one)}
    if one.alone:
        words = {"expr": shown_of(one.panel, some[one.panel][0])}
        more["title"] = {"text": words, "fontWeight": "bold"}
    elif one.subtitle:
        more["title"] = {"text": textwrap.wrap(one.subtitle[:1].upper() + one.subtitle[1:], LINE)}
    if some and is_split:
        more["transform"] = [{"filter": chosen(one.panel, *some[one.panel])}]
    spec = specification(
        layers,
        click=next(iter(pressed), ""),
        some=some,
        legend=legend if named else "",
        entry=LETTER_PX * min(max(map(len, names), default=0), LONGEST) + MARK_PX,
        panels={
            "field": one.panel,
            "order": [*one.panels],
            "most": one.per_line,
            "ratio": RATIO,
            "room": AXIS_PX,
            "aside": _aside(marks),
        }
        if is_split
        else None,
        **more,
    )
    return Chart(
        spec=spec,
        rows=pd.concat(parts, ignore_index=True),
        columns={key: words for key, words in one.columns.items() if key in table},
        dated="date" in table,
        caption=one.on_page or one.caption,
    )


def _rows(one: Figure, rows: pd.DataFrame, marks: Sequence[Mark], is_split: bool) -> pd.DataFrame:
    """The columns of a frame that its marks need, rounded, in every panel where it has none."""
    wanted = {*FOLLOWED, "date", *one.columns, one.x.sort, one.y.sort}
    for mark in marks:
        places = {key for key in (mark.x, mark.y, mark.to) if isinstance(key, str)}
        wanted |= places | {mark.by, mark.colour, mark.text, mark.hollow, mark.one}
    if is_split and one.panel in rows:
        rows = rows[rows[one.panel].isin([*one.panels])]
    elif is_split:
        panels = pd.DataFrame({one.panel: [*one.panels]})
        rows = rows.merge(panels, how="cross")
    wanted |= {one.panel}
    rows = rows[[key for key in rows if key in wanted]]
    days = {str(key): rows[key].dt.strftime("%Y-%m-%d") for key in rows.select_dtypes("datetime")}
    return rows.assign(**days).round(DIGITS)


def _highest(one: Figure, marks: Sequence[Mark]) -> float:
    """The upper end of the vertical axis."""
    if one.y.high is not None:
        return one.y.high
    numbers = [
        float(mark.rows[key].max())
        for mark in marks
        for key in (mark.y, mark.to if mark.kind in ("band", "stem") else "")
        if mark.rows is not None
        and isinstance(key, str)
        and key in mark.rows
        and pd.api.types.is_numeric_dtype(mark.rows[key])
    ]
    return 1.05 * max((number for number in numbers if np.isfinite(number)), default=1.0)


def _spread(
    rows: pd.DataFrame, mark: Mark, one: Figure, high: float, is_split: bool
) -> pd.DataFrame:
    """The words beside a panel moved apart, in `at`."""
    turn, back = (np.sqrt, np.square) if one.y.scale == "root" else (np.asarray, np.asarray)
    height = RATIO * PANEL_PX if is_split else HEIGHT_PX
    top = float(turn(high))
    at = pd.Series(np.nan, index=rows.index)
    for _panel, part in rows.groupby(one.panel) if is_split else [("", rows)]:
        ends = turn(part[mark.y].to_numpy(float))
        at[part.index] = back(layout.spread_out([*ends], GAP_PX * top / height, 0.0, top))
    words = [layout.cut(str(text), ASIDE) for text in rows[mark.text]]
    return rows.assign(at=at.round(2)).assign(**{mark.text: words})


def _aside(marks: Sequence[Mark]) -> int:
    """Room for words beside a panel, in pixels."""
    words = [
        len(str(text))
        for mark in marks
        if mark.kind == "ends" and mark.rows is not None
        for text in mark.rows[mark.text]
    ]
    return round(0.9 * LETTER_PX * min(max(words, default=0), ASIDE))


def _height(one: Figure) -> int:
    return ROW_PX * len(one.y.names) or HEIGHT_PX


def _is_named(layer: Spec, key: str) -> bool:
    return bool(layer["encoding"].get("color", {}).get("field") == key)


def _place(one: Figure, side: Axis, channel: str, key: str | float, rows: pd.DataFrame) -> Spec:
    """The channel x or y of a mark."""
    if not isinstance(key, str):
        return {"datum": key, **_scale(one, side, channel)}
    if side.names and not pd.api.types.is_numeric_dtype(rows[key]):
        by = {"field": side.sort, "op": "min", "order": "ascending"}
        return {
            "field": key,
            "type": "nominal",
            "sort": by if side.sort else [*side.names],
            "title": None,
        }
    if side.names:
        name = f"{as_text([*side.names])}[datum.value]"
        bold = f"indexof({as_text([*side.bold])}, {name}) >= 0"
        weight = {"condition": {"test": bold, "value": "bold"}, "value": "normal"}
        return {
            "field": key,
            "type": "nominal",
            "sort": None,
            "title": None,
            "scale": {"domain": [*range(len(side.names))]},
            "axis": {"labelExpr": name, "labelFontWeight": weight},
        }
    return {"field": key, **_scale(one, side, channel)}


def _scale(one: Figure, side: Axis, channel: str) -> Spec:
    ends = [None, None] if side.dates else [side.low, side.high]  # from its dates
    scale: Spec = {"type": "time" if side.dates else SCALES.get(side.scale, side.scale)}
    if side.scale == "log":
        scale["nice"] = False
    if None not in ends:
        scale |= {"domain": ends, "nice": False}
    else:
        kinds = ("domainMin", "domainMax")
        scale |= {key: end for key, end in zip(kinds, ends, strict=True) if end is not None}
    if channel == "y" and any(mark.kind == "ends" for mark in one.marks):
        scale |= {"domain": [side.low or 0, round(_highest(one, one.marks), DIGITS)], "clamp": True}
    if side.scale == "linear" and not side.dates:
        scale["zero"] = side.low == 0
    axis: Spec = {"grid": one.grid == channel, "tickCount": TICKS}
    if isinstance(side.ticks, int):
        axis["tickCount"] = side.ticks
    elif side.ticks is not None:
        axis |= {"values": [*side.ticks], "format": "~g"}
    if side.dates:
        axis["format"] = dict.fromkeys(("week", "day", "date"), "%-d %b") | {"month": "%b"}
    kind = "temporal" if side.dates else "quantitative"
    title = (side.label[:1].upper() + side.label[1:]) or None
    return {"type": kind, "title": title, "scale": scale, "axis": axis}


def _layers(
    one: Figure,
    mark: Mark,
    rows: pd.DataFrame,
    place: int,
    alone: Mapping[str, tuple[Sequence[str], int]],
) -> list[Spec]:
    """The marks of one kind."""
    looks = {name: {"color": MAIN, **look, **mark.look} for name, look in one.looks.items()}
    if not mark.by:
        looks = {"": {"color": MAIN, **mark.look}}

    # the legend of lines shows lines
    is_line = any(other.kind == "line" and other.by for other in one.marks)
    lines = {"symbolType": "stroke", "symbolSize": 300} if is_line else {}

    def by_name(of: Callable[[Look], Any], *, named: bool = False) -> Spec:
        """A channel that depends on the look."""
        values = [of(look) for look in looks.values()]
        if all(value == values[0] for value in values):
            return {"value": values[0]}
        scale = {"domain": [*looks], "range": values}
        legend = lines if named and one.legend else None
        found = {"field": mark.by, "type": "nominal", "sort": [*looks], "title": None}
        return {**found, "scale": scale, "legend": legend}

    look = next(iter(looks.values()))
    wide = {name: _width(one_look) for name, one_look in looks.items()}
    tests = [f"datum.layer === {place}"] if place >= 0 else []
    if "date" in rows:
        tests.append("datum.date === date")
    if mark.one:
        tests.append(chosen(mark.one, [str(name) for name in rows[mark.one].unique()]))
    tests += [chosen(key, *values) for key, values in alone.items() if key in rows]
    needed = [key for key in (mark.x, mark.y, mark.to) if isinstance(key, str) and key]
    if needed and rows[needed].dropna().empty:
        return []
    tests += [f"isValid(datum.{key})" for key in needed if mark.kind != "line"]
    keys = [key for key in FOLLOWED if key in rows and key not in alone and key != mark.one]
    is_followed = " && ".join(f"(!{key} || datum.{key} === {key})" for key in keys)
    alpha = look.get("alpha", 0.15 if mark.kind == "band" else 1)
    encoding: Spec = {"opacity": {"value": alpha}}
    if keys:
        seen = {"condition": {"test": is_followed, "value": alpha}}
        encoding["opacity"] = {**seen, "value": min(FADED, alpha / 6)}
    sides = one.axes_of(next(iter(one.panels)))
    for channel, side, key in zip("xy", sides, (mark.x, mark.y), strict=True):
        if key != "":
            encoding[channel] = _place(one, side, channel, key, rows)
    encoding["color"] = by_name(lambda it: it["color"], named=mark.kind in ("dot", "bar", "line"))
    if mark.colour:
        encoding["color"] = {"field": mark.colour, "type": "nominal", "scale": None}
    if mark.by:
        encoding["detail"] = {"field": mark.by}
    pointed = {"tooltip": found} if (found := tips(rows, one.columns)) else {}
    strokes = {
        "strokeWidth": {"value": wide[next(iter(wide))]}
        if len({*wide.values()}) == 1
        else by_name(_width, named=True),
        "strokeDash": by_name(_dashes, named=True),
    }
    to = {"field": mark.to} if isinstance(mark.to, str) else {"datum": mark.to}
    kind: Spec
    more: Spec
    match mark.kind:
        case "line":
            kind, more = {"type": "line"}, strokes
        case "dot" if look.get("marker") == "|":
            size = LETTERS_PX * look.get("size", 1.0)
            kind, more = {"type": "tick", "thickness": 3, "bandSize": size}, pointed
        case "dot":
            kind = {"type": "point", "filled": not mark.hollow, "size": _area(look)}
            shape = by_name(lambda it: SHAPES[it.get("marker", "o")], named=True)
            more = {**pointed, "shape": shape}
            if mark.hollow:
                kind["strokeWidth"] = 1.5
                empty = {"test": f"datum.{mark.hollow}", "value": style.PAPER}
                more["fill"] = {**encoding["color"], "condition": empty, "legend": None}
        case "rule":
            kind, more = {"type": "rule"}, {**strokes, **pointed, "x2": to}
        case "stem":
            kind, more = {"type": "rule"}, {**strokes, **pointed, "y2": to}
        case "at" | "now":
            kind, more = {"type": "rule"}, strokes
        case "band":
            kind, more = {"type": "area"}, {"y2": to}
        case "span":
            kind, more = {"type": "rect"}, {"x2": to}
        case "bar":
            band = {"band": look.get("height", 0.66)}
            kind, more = {"type": "bar", "height": band}, pointed
        case "text":
            kind = {"type": "text", "align": "left", "dx": LETTERS_PX * look.get("dx", 0.4)}
            more = {"text": {"field": mark.text}, "color": {"value": look.get("ink", style.INK)}}
            more |= {} if mark.x != "" else {"x": {"value": "width"}}
        case "ends":
            aside = {**encoding["y"], "field": "at"}
            line = {"x2": {"value": "width"}, "y2": {"field": "at"}, "strokeWidth": {"value": 0.6}}
            words = {"text": {"field": mark.text}, "color": {"value": style.INK}}
            said = {**encoding, **words, "x": {"value": "width"}, "y": aside}
            filters = [{"filter": " && ".join(tests)}]
            return [
                {"mark": {"type": "rule"}, "transform": filters, "encoding": {**encoding, **line}},
                {
                    "mark": {"type": "text", "align": "left", "dx": ASIDE_PX},
                    "transform": filters,
                    "encoding": said,
                },
            ]
        case _:
            raise NotImplementedError(mark.kind)
    found_layer: Spec = {"mark": kind, "encoding": {**encoding, **more}}
    if tests:
        found_layer["transform"] = [{"filter": " && ".join(tests)}]
    else:
        found_layer["data"] = {"values": [{}]}
    return [found_layer]


def _width(look: Look) -> float:
    """Of a line, in pixels."""
    if "width" in look:
        return float(round(LETTERS_PX * look["width"], 2))
    return float(round(1.6 * look.get("linewidth", 1.1), 2))


def _dashes(look: Look) -> list[float]:
    dashes = look.get("linestyle", "-")
    return (
        [*(2 * part for part in dashes[1])] if isinstance(dashes, tuple) else DASHES.get(dashes, [])
    )


def _area(look: Look) -> float:
    """Of a dot, in square pixels."""
    known = look["markersize"] / style.FONT_PT["double"] if "markersize" in look else 0.5
    return float(round((LETTERS_PX * look.get("size", known)) ** 2))

"""Vega-Lite of a figure's description, for pages where a pointer or a slider of dates helps."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from bench.report.charts import FOLLOWED, Chart
from bench.report.figure import MAIN, Axis, Figure, Look, Mark
from bench.report.plotting import layout, style

Spec = dict[str, Any]
Choices = Mapping[str, tuple[Sequence[str], int]]
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
    some: Choices,
    panels: Spec | None = None,
    legend: str = "",
    entry: float = MARK_PX,
    **resolved: Any,
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
    **resolved
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
        **resolved,
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
    independent = {"axis": {"x": "independent", "y": "independent"}}
    cell = {"width": PANEL_PX, "height": round(PANEL_PX * ratio), "layer": [*layers]}
    resolved = {"resolve": independent} if room else {}
    return {**spec, **resolved, "facet": facet, "columns": panels["most"], "spec": cell}


def chosen(key: str, of: Sequence[str], n: int = 1) -> str:
    """Whether a row is of the value that is followed; where it is none of these, of the first."""
    all_values, first = as_text([*of]), as_text([*of[:n]])
    return (
        f"(indexof({all_values}, {key}) >= 0 ? datum.{key} === {key} : "
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


def chart_of(figure: Figure) -> Chart:
    """The chart of a figure that has `columns`.

    Its rows are those of all marks; `layer` says of which, and is 0 for those of the table behind
    the chart.
    """
    is_split = len(figure.panels) > 1 and not figure.alone
    parts = _parts(figure, is_split)
    places = {key: place for place, key in enumerate(parts)}
    choices = _choices(figure, is_split)
    choices_of_rows = choices if figure.alone else {}
    layers: list[Spec] = []
    for mark in figure.marks:
        key = id(mark.rows)
        rows = parts.get(key, pd.DataFrame())
        layers += _Layer(figure, mark, rows, places.get(key, -1), choices_of_rows).specs
    table = next(iter(parts.values()))
    pressed = [key for key in FOLLOWED if key in table and key not in choices_of_rows]
    legend = _followed_by_legend(figure, layers)
    names = [len(str(name)) for name in figure.legend]
    spec = specification(
        layers,
        click=next(iter(pressed), ""),
        some=choices,
        legend=legend,
        entry=LETTER_PX * min(max(names, default=0), LONGEST) + MARK_PX,
        panels=_panels(figure) if is_split else None,
        **_top_level(figure, choices, is_split),
    )
    return Chart(
        spec=spec,
        rows=pd.concat(parts.values(), ignore_index=True),
        columns={key: words for key, words in figure.columns.items() if key in table},
        dated="date" in table,
        caption=figure.on_page or figure.caption,
    )


def _parts(figure: Figure, is_split: bool) -> dict[int, pd.DataFrame]:
    """The rows of every frame of the marks, that of the table behind the chart first."""
    marks = [mark for mark in figure.marks if mark.rows is not None]
    frames = {id(mark.rows): mark.rows for mark in marks if mark.rows is not None}

    def weight(key: int) -> tuple[int, int]:
        return len({*figure.columns} & {*frames[key]}), len(frames[key])

    high = _highest(figure, marks)
    parts = {}
    for place, key in enumerate(sorted(frames, key=weight, reverse=True)):
        of_frame = [mark for mark in marks if id(mark.rows) == key]
        rows = _rows(figure, frames[key], of_frame, is_split)
        for mark in of_frame:
            if mark.kind == "ends":
                rows = _spread(rows, mark, figure, high, is_split)
        parts[key] = rows.assign(layer=place)
    return parts


def _choices(figure: Figure, is_split: bool) -> Choices:
    """Of what only some values are drawn: all of them, and how many where none is followed."""
    if figure.alone:
        other_panels = [name for name in figure.panels if name != figure.alone]
        return {figure.panel: ([figure.alone, *other_panels], 1)}
    if is_split and figure.panel in FOLLOWED:
        return {figure.panel: ([*figure.panels], len(figure.panels))}
    return {}


def _followed_by_legend(figure: Figure, layers: Sequence[Spec]) -> str:
    """What a page follows where a name in the legend is pressed; the last layer then says so."""
    marks = [mark for mark in figure.marks if mark.rows is not None and mark.by in FOLLOWED]
    if not (figure.legend and marks):
        return ""
    key = marks[0].by
    for layer in reversed(layers):
        if _is_named(layer, key):
            by_name = {"type": "point", "fields": [key]}
            layer["params"] = [{"name": "by_legend", "select": by_name, "bind": "legend"}]
            return key
    return ""


def _panels(figure: Figure) -> Spec:
    """Of `specification`."""
    return {
        "field": figure.panel,
        "order": [*figure.panels],
        "most": figure.per_line,
        "ratio": RATIO,
        "room": AXIS_PX,
        "aside": _aside([mark for mark in figure.marks if mark.rows is not None]),
    }


def _top_level(figure: Figure, choices: Choices, is_split: bool) -> Spec:
    """Height, title and filter of a chart."""
    keys: Spec = {} if is_split else {"height": _height(figure)}
    if figure.alone:
        words = {"expr": shown_of(figure.panel, choices[figure.panel][0])}
        keys["title"] = {"text": words, "fontWeight": "bold"}
    elif figure.subtitle:
        subtitle = figure.subtitle[:1].upper() + figure.subtitle[1:]
        keys["title"] = {"text": textwrap.wrap(subtitle, LINE)}
    if choices and is_split:
        keys["transform"] = [{"filter": chosen(figure.panel, *choices[figure.panel])}]
    return keys


def _rows(
    figure: Figure, rows: pd.DataFrame, marks: Sequence[Mark], is_split: bool
) -> pd.DataFrame:
    """The columns of a frame that its marks need, rounded, in every panel where it has none."""
    needed = {*FOLLOWED, "date", *figure.columns, figure.x.sort, figure.y.sort}
    for mark in marks:
        places = {key for key in (mark.x, mark.y, mark.to) if isinstance(key, str)}
        needed |= places | {mark.by, mark.colour, mark.text, mark.hollow, mark.one}
    if is_split and figure.panel in rows:
        rows = rows[rows[figure.panel].isin([*figure.panels])]
    elif is_split:
        panels = pd.DataFrame({figure.panel: [*figure.panels]})
        rows = rows.merge(panels, how="cross")
    needed |= {figure.panel}
    rows = rows[[key for key in rows if key in needed]]
    days = {str(key): rows[key].dt.strftime("%Y-%m-%d") for key in rows.select_dtypes("datetime")}
    return rows.assign(**days).round(DIGITS)


def _highest(figure: Figure, marks: Sequence[Mark]) -> float:
    """The upper end of the vertical axis."""
    if figure.y.high is not None:
        return figure.y.high
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
    rows: pd.DataFrame, mark: Mark, figure: Figure, high: float, is_split: bool
) -> pd.DataFrame:
    """The words beside a panel moved apart, in `at`."""
    turn, back = (np.sqrt, np.square) if figure.y.scale == "root" else (np.asarray, np.asarray)
    height = RATIO * PANEL_PX if is_split else HEIGHT_PX
    top = float(turn(high))
    at = pd.Series(np.nan, index=rows.index)
    for _panel, part in rows.groupby(figure.panel) if is_split else [("", rows)]:
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


def _height(figure: Figure) -> int:
    return ROW_PX * len(figure.y.names) or HEIGHT_PX


def _is_named(layer: Spec, key: str) -> bool:
    return bool(layer["encoding"].get("color", {}).get("field") == key)


def _place(figure: Figure, side: Axis, channel: str, key: str | float, rows: pd.DataFrame) -> Spec:
    """The channel x or y of a mark."""
    if not isinstance(key, str):
        return {"datum": key, **_scale(figure, side, channel)}
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
    return {"field": key, **_scale(figure, side, channel)}


def _scale(figure: Figure, side: Axis, channel: str) -> Spec:
    ends = [None, None] if side.dates else [side.low, side.high]  # from its dates
    scale: Spec = {"type": "time" if side.dates else SCALES.get(side.scale, side.scale)}
    if side.scale == "log":
        scale["nice"] = False
    if None not in ends:
        scale |= {"domain": ends, "nice": False}
    else:
        kinds = ("domainMin", "domainMax")
        scale |= {key: end for key, end in zip(kinds, ends, strict=True) if end is not None}
    if channel == "y" and any(mark.kind == "ends" for mark in figure.marks):
        scale |= {
            "domain": [side.low or 0, round(_highest(figure, figure.marks), DIGITS)],
            "clamp": True,
        }
    if side.scale == "linear" and not side.dates:
        scale["zero"] = side.low == 0
    axis: Spec = {"grid": figure.grid == channel, "tickCount": TICKS}
    if isinstance(side.ticks, int):
        axis["tickCount"] = side.ticks
    elif side.ticks is not None:
        axis |= {"values": [*side.ticks], "format": "~g"}
    if side.dates:
        axis["format"] = dict.fromkeys(("week", "day", "date"), "%-d %b") | {"month": "%b"}
    kind = "temporal" if side.dates else "quantitative"
    title = (side.label[:1].upper() + side.label[1:]) or None
    return {"type": kind, "title": title, "scale": scale, "axis": axis}


@dataclass(frozen=True)
class _Layer:
    """The layers of one mark.

    Attributes
    ----------
    figure, mark
        Which.
    rows : pandas.DataFrame
        Those of the mark.
    place : int
        Value of the column `layer` of its rows; -1 of a mark without rows.
    choices : mapping
        Of `specification`, those of which one value is drawn.
    """

    figure: Figure
    mark: Mark
    rows: pd.DataFrame
    place: int
    choices: Choices

    @cached_property
    def looks(self) -> dict[str, Look]:
        """By value of `by`; of a mark without one its own, under an empty name."""
        if not self.mark.by:
            return {"": {"color": MAIN, **self.mark.look}}
        return {
            name: {"color": MAIN, **look, **self.mark.look}
            for name, look in self.figure.looks.items()
        }

    @cached_property
    def look(self) -> Look:
        """The first of the looks."""
        return next(iter(self.looks.values()))

    def by_look(self, part_of: Callable[[Look], Any], *, named: bool = False) -> Spec:
        """A channel that depends on the look; `named` where the legend may show it."""
        values = [part_of(look) for look in self.looks.values()]
        if all(value == values[0] for value in values):
            return {"value": values[0]}
        return {
            "field": self.mark.by,
            "type": "nominal",
            "sort": [*self.looks],
            "title": None,
            "scale": {"domain": [*self.looks], "range": values},
            "legend": self._legend if named and self.figure.legend else None,
        }

    @property
    def _legend(self) -> Spec:
        """The legend of lines shows lines."""
        has_lines = any(mark.kind == "line" and mark.by for mark in self.figure.marks)
        return {"symbolType": "stroke", "symbolSize": 300} if has_lines else {}

    @property
    def columns(self) -> list[str]:
        """Columns of the rows that say where a mark stands."""
        places = (self.mark.x, self.mark.y, self.mark.to)
        return [key for key in places if isinstance(key, str) and key]

    @cached_property
    def filters(self) -> list[Spec]:
        """Which rows are drawn; none of a mark without rows."""
        mark, rows = self.mark, self.rows
        tests = [f"datum.layer === {self.place}"] if self.place >= 0 else []
        if "date" in rows:
            tests.append("datum.date === date")
        if mark.one:
            tests.append(chosen(mark.one, [str(name) for name in rows[mark.one].unique()]))
        tests += [chosen(key, *values) for key, values in self.choices.items() if key in rows]
        if mark.kind != "line":
            tests += [f"isValid(datum.{key})" for key in self.columns]
        return [{"filter": " && ".join(tests)}] if tests else []

    @cached_property
    def opacity(self) -> Spec:
        """What is not followed fades."""
        alpha = self.look.get("alpha", 0.15 if self.mark.kind == "band" else 1)
        fixed = {*self.choices, self.mark.one}
        keys = [key for key in FOLLOWED if key in self.rows and key not in fixed]
        if not keys:
            return {"value": alpha}
        is_followed = " && ".join(f"(!{key} || datum.{key} === {key})" for key in keys)
        return {
            "condition": {"test": is_followed, "value": alpha},
            "value": min(FADED, alpha / 6),
        }

    @cached_property
    def encoding(self) -> Spec:
        """The channels that marks of every kind have."""
        mark = self.mark
        channels: Spec = {"opacity": self.opacity}
        sides = self.figure.axes_of(next(iter(self.figure.panels)))
        for channel, side, key in zip("xy", sides, (mark.x, mark.y), strict=True):
            if key != "":
                channels[channel] = _place(self.figure, side, channel, key, self.rows)
        if mark.colour:
            channels["color"] = {"field": mark.colour, "type": "nominal", "scale": None}
        else:
            is_named = mark.kind in ("dot", "bar", "line")
            channels["color"] = self.by_look(lambda look: look["color"], named=is_named)
        if mark.by:
            channels["detail"] = {"field": mark.by}
        return channels

    @property
    def strokes(self) -> Spec:
        """Channels of lines."""
        widths = [_width(look) for look in self.looks.values()]
        is_one_width = len(set(widths)) == 1
        return {
            "strokeWidth": {"value": widths[0]}
            if is_one_width
            else self.by_look(_width, named=True),
            "strokeDash": self.by_look(_dashes, named=True),
        }

    @property
    def tooltip(self) -> Spec:
        """What is said under the pointer."""
        lines = tips(self.rows, self.figure.columns)
        return {"tooltip": lines} if lines else {}

    @property
    def specs(self) -> list[Spec]:
        """The layers; none where no row has a place."""
        if self.columns and self.rows[self.columns].dropna().empty:
            return []
        if self.mark.kind == "ends":
            return self._ends()
        kind, channels = self._kind()
        source: Spec = {"transform": self.filters} if self.filters else {"data": {"values": [{}]}}
        return [{"mark": kind, "encoding": {**self.encoding, **channels}, **source}]

    def _kind(self) -> tuple[Spec, Spec]:
        """The mark of Vega-Lite and the channels that it has beyond those of `encoding`."""
        mark, look = self.mark, self.look
        to = {"field": mark.to} if isinstance(mark.to, str) else {"datum": mark.to}
        match mark.kind:
            case "line":
                return {"type": "line"}, self.strokes
            case "dot":
                return self._dot()
            case "rule":
                return {"type": "rule"}, {**self.strokes, **self.tooltip, "x2": to}
            case "stem":
                return {"type": "rule"}, {**self.strokes, **self.tooltip, "y2": to}
            case "at" | "now":
                return {"type": "rule"}, self.strokes
            case "band":
                return {"type": "area"}, {"y2": to}
            case "span":
                return {"type": "rect"}, {"x2": to}
            case "bar":
                band = {"band": look.get("height", 0.66)}
                return {"type": "bar", "height": band}, self.tooltip
            case "text":
                ink = {"value": look.get("ink", style.INK)}
                channels: Spec = {"text": {"field": mark.text}, "color": ink}
                if mark.x == "":
                    channels["x"] = {"value": "width"}
                offset = LETTERS_PX * look.get("dx", 0.4)
                return {"type": "text", "align": "left", "dx": offset}, channels
        raise NotImplementedError(mark.kind)

    def _dot(self) -> tuple[Spec, Spec]:
        """As `_kind`, of dots and of ticks."""
        mark, look = self.mark, self.look
        if look.get("marker") == "|":
            size = LETTERS_PX * look.get("size", 1.0)
            return {"type": "tick", "thickness": 3, "bandSize": size}, self.tooltip
        kind: Spec = {"type": "point", "filled": not mark.hollow, "size": _area(look)}
        shape = self.by_look(lambda look: SHAPES[look.get("marker", "o")], named=True)
        channels = {**self.tooltip, "shape": shape}
        if mark.hollow:
            kind["strokeWidth"] = 1.5
            empty = {"test": f"datum.{mark.hollow}", "value": style.PAPER}
            channels["fill"] = {**self.encoding["color"], "condition": empty, "legend": None}
        return kind, channels

    def _ends(self) -> list[Spec]:
        """Words beside the panel, and lines to the places that they are about."""
        line = {
            **self.encoding,
            "x2": {"value": "width"},
            "y2": {"field": "at"},
            "strokeWidth": {"value": 0.6},
        }
        words = {
            **self.encoding,
            "text": {"field": self.mark.text},
            "color": {"value": style.INK},
            "x": {"value": "width"},
            "y": {**self.encoding["y"], "field": "at"},
        }
        text = {"type": "text", "align": "left", "dx": ASIDE_PX}
        return [
            {"mark": {"type": "rule"}, "transform": self.filters, "encoding": line},
            {"mark": text, "transform": self.filters, "encoding": words},
        ]


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
    diameter = look["markersize"] / style.FONT_PT["double"] if "markersize" in look else 0.5
    return float(round((LETTERS_PX * look.get("size", diameter)) ** 2))

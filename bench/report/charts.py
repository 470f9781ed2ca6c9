"""Charts of pages in the grammar of Vega-Lite, and the pieces that they share."""

from __future__ import annotations

import gzip
import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from bench.core.language import _, in_form
from bench.core.options import label
from bench.report.plotting import layout, style
from bench.report.text import Text

Spec = dict[str, Any]
SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
DIGITS = 5  # decimals of numbers that a chart rounds again: its text agrees with the tables
FADED = 0.12  # opacity of what is not followed
ROW_PX = 22
HEIGHT_PX = 380
PANEL_PX = 220  # of a panel where no page gives it a width
LEAST_PX, LEAST_WITH_ROOM_PX = 210, 300  # of a panel beside others, and with an axis of its own
LETTER_PX, MARK_PX = 6.5, 34  # of an entry of a legend: a letter, and what stands around its name
LONGEST = 28  # letters of a name in a legend
ROOM = 1.2  # for the number beside the longest bar
GAP_PX = 15  # between labels beside a curve
PERCENT = 100
AROUND = 5  # polls before and after that a running mean takes in
# what a page can set in each of its charts; nobody is followed where it is null
text = Text()
FOLLOWED = ("method", "candidate", "family")


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A chart that a page draws from its rows, with the same rows as a table and as a file.

    Attributes
    ----------
    spec : dict
        Of Vega-Lite, from `chart_of`: without data, which `rows` are.
    rows : pandas.DataFrame
        One row per mark. `method` and `candidate` are followed across charts; `date` is the place
        of a `Moment` in the `timeline` of the report. Charts that share a frame share its bytes.
    columns : mapping of str to str
        Columns of the table behind the chart: key to label, in order.
    only : mapping of str to sequence
        Of `rows`, those with one of these values are drawn.
    caption : str
        What the marks are, in the moment that is shown at first; that of the figure where empty.
    more : mapping of str to pandas.DataFrame
        Further data that the specification names.
    """

    spec: Spec
    rows: pd.DataFrame
    columns: Mapping[str, str]
    only: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    caption: str = ""
    more: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    @property
    def drawn(self) -> pd.DataFrame:
        """The rows that are drawn, of every date."""
        rows = self.rows
        for key, values in self.only.items():
            rows = rows[rows[key].isin(list(values))]
        return rows

    @property
    def dated(self) -> bool:
        """Whether it shows one moment at a time."""
        return any(one.get("filter") == AT_DATE for one in self.spec["transform"])

    def whole(self) -> Spec:
        """The specification with its data, for programs that draw it alone."""
        named = {"rows": self.drawn, **self.more}
        data = {name: records(frame) for name, frame in named.items()}
        last = int(self.rows["date"].max()) if "date" in self.rows else 0
        params = [
            {**one, "value": last} if one["name"] == "date" else one for one in self.spec["params"]
        ]
        return {**self.spec, "params": params, "datasets": data}


@dataclass(frozen=True, kw_only=True)
class Moment:
    """One moment of those between which the slider of a page moves.

    Attributes
    ----------
    as_of : str
        As the setting `as_of` has it.
    date, cut : str
        In words; with the time of day.
    days : int
        Before the vote.
    findings : tuple of str
        Of this moment; those of the last are findings of the report.
    counts : tuple of str
        The values of the `counts` of the report.
    """

    as_of: str
    date: str
    cut: str
    days: int
    findings: tuple[str, ...]
    counts: tuple[str, ...]


AT_DATE = "datum.date === date"


def chart_of(
    *layers: Spec,
    height: float = HEIGHT_PX,
    dated: bool = False,
    click: str = "method",
    legend: str = "",
    one: Mapping[str, Sequence[str]] | None = None,
    panels: Panels | None = None,
    **more: Any,
) -> Spec:
    """A specification with the parameters that a page sets, the looks of all charts, no data.

    Parameters
    ----------
    *layers
        Marks with their encodings; the last is on top.
    height
        Pixels; of a chart with named rows, `ROW_PX` for each.
    dated
        Whether only rows of the chosen moment are drawn.
    click
        One of `FOLLOWED`: what of a mark the page follows when the mark is pressed.
    legend
        The same of the names in the legend; none if empty.
    one
        Of `FOLLOWED`, that of which one value at a time is drawn, with its values: the first where
        none of them is followed.
    panels
        Of a chart with several.
    **more
        Further keys of the top level, such as `title`.
    """
    names = [
        str(name)
        for one in layers
        if (looks := one["encoding"].get("color", {})).get("type") == "nominal"
        for name in looks["scale"]["domain"]
    ]
    longest = min(max(map(len, names), default=0), LONGEST)
    if legend:
        by_name = {"type": "point", "fields": [legend]}
        named = next(
            one
            for one in reversed(layers)
            if one["encoding"].get("color", {}).get("field") == legend
        )
        named["params"] = [{"name": "by_legend", "select": by_name, "bind": "legend"}]
    some = {key: ([*values], 1) for key, values in (one or {}).items()}
    if panels is not None and panels.field in FOLLOWED:
        some[panels.field] = ([*panels.order], panels.shown or len(panels.order))
    told = {key: {"of": of, "n": n} for key, (of, n) in some.items()}
    chosen = [_is_shown(key, of, n) for key, (of, n) in some.items()]
    spec: Spec = {
        "$schema": SCHEMA,
        "data": {"name": "rows"},
        "params": [{"name": name, "value": None} for name in FOLLOWED]
        + [{"name": "date", "value": 0}],
        "transform": [{"filter": test} for test in (*([AT_DATE] if dated else []), *chosen)],
        "usermeta": {
            "click": click,
            "legend": legend,
            "entry": LETTER_PX * longest + MARK_PX,
            "some": told,
        },
        "config": LOOK,
        **more,
    }
    if panels is None:
        size = {"width": "container", "height": height}
        fit = {"type": "fit-x", "contains": "padding"}
        return {**spec, **size, "autosize": fit, "layer": list(layers)}
    spec["usermeta"]["panels"] = {
        "most": panels.most,
        "ratio": panels.ratio,
        "room": panels.room,
        "least": LEAST_PX if not panels.room else LEAST_WITH_ROOM_PX,
    }
    cell = {"width": PANEL_PX, "height": round(PANEL_PX * panels.ratio), "layer": list(layers)}
    facet: Spec = {"title": None, "header": {"labelFontSize": 13, "labelColor": style.INK}}
    facet |= {"field": panels.field, "type": "nominal", "sort": [*panels.order]}
    axes = {"axis": {"x": "independent", "y": "independent"}}
    resolve = {"resolve": axes} if panels.room else {}
    return {**spec, "facet": facet, "columns": panels.most, "spec": cell, **resolve}


@dataclass(frozen=True, kw_only=True)
class Panels:
    """Panels side by side, as many as fit: one for each value of a field.

    Attributes
    ----------
    field : str
        Of the rows.
    order : sequence of str
        Its values, in reading order.
    most : int
        Panels side by side at most.
    shown : int
        Panels that are drawn where the page follows none of the values; 0 for all.
    ratio : float
        Height of a panel, times its width.
    room : int
        Pixels of an axis beside each panel.
    """

    field: str
    order: Sequence[str]
    most: int
    ratio: float
    shown: int = 0
    room: int = 0


def _is_shown(key: str, of: Sequence[str], n: int) -> str:
    """Whether a row is of the value that is followed; where it is none of these, of the first."""
    first = in_expression(list(of[:n]))
    return (
        f"indexof({in_expression(list(of))}, {key}) >= 0 ? datum.{key} === {key} : "
        f"indexof({first}, datum.{key}) >= 0"
    )


def shown_of(key: str, values: Sequence[str]) -> str:
    """As an expression: what is followed if it is one of these, else the first of them."""
    known = in_expression(list(values))
    return f"(indexof({known}, {key}) >= 0 ? {key} : {in_expression(values[0])})"


def layer(mark: Spec | str, transform: Sequence[Spec] = (), /, **encoding: Any) -> Spec:
    """One kind of mark; keywords are channels."""
    found: Spec = {"mark": mark, "encoding": encoding}
    return {**found, "transform": list(transform)} if transform else found


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
    },
    "title": {
        "color": style.INK,
        "subtitleColor": style.INK,
        "anchor": "start",
        "fontSize": 13,
        "subtitleFontSize": 12,
    },
    "text": {"color": style.INK, "fontSize": 12},
    "rule": {"color": style.INK},
    "tick": {"color": style.INK},
}


def followed(*keys: str, shown: float = 1.0, faded: float = FADED) -> Spec:
    """The opacity of a mark: faded where the page follows another method or candidate."""
    test = " && ".join(f"(!{key} || datum.{key} === {key})" for key in keys)
    return {"condition": {"test": test, "value": shown}, "value": faded}


def thicker(claimed: str, usual: float) -> Spec:
    """The width of lines, more for the one that is followed, or that a page makes claims about.

    Parameters
    ----------
    claimed : str
        Test of a row.
    usual : float
        Pixels.
    """
    followed_or = f"method ? datum.method === method : {claimed}"
    return {"condition": {"test": followed_or, "value": 3.5}, "value": usual}


def tips(columns: Mapping[str, str], *formats: tuple[str, str]) -> list[Spec]:
    """What is told of a mark under the pointer: labels by key, formats of some keys."""
    form = dict(formats)
    return [
        {"field": key, "title": title, **({"format": form[key]} if key in form else {})}
        for key, title in columns.items()
    ]


def colours_of(field_name: str, colours: Mapping[str, str], title: str | None = None) -> Spec:
    """A colour for each name, the same in every chart that is given the same mapping."""
    return {
        "field": field_name,
        "type": "nominal",
        "title": title,
        "scale": {"domain": list(colours), "range": list(colours.values())},
        "legend": {"symbolOpacity": 1},
    }


def quantity(field_name: str, **more: Any) -> Spec:
    """A channel that holds numbers; keywords are its title, scale and axis."""
    return {"field": field_name, "type": "quantitative", **more}


def rows_by_name(key: str, order: Sequence[str] | Spec) -> Spec:
    """An axis with the name of each row, in this order from top to bottom."""
    return {"field": key, "type": "nominal", "sort": order, "title": None}


def labelled(**columns: tuple[str, Any]) -> tuple[pd.DataFrame, dict[str, str]]:
    """The rows of a chart, and the labels of their columns, of a label and values for each key.

    Examples
    --------
    >>> rows, columns = labelled(method=("Method", ["a", "b"]), value=("Error", [1.0, 2.0]))
    >>> columns, rows["value"].tolist()
    ({'method': 'Method', 'value': 'Error'}, [1.0, 2.0])
    """
    rows = pd.DataFrame({key: values for key, (_label, values) in columns.items()})
    return rows, {key: words for key, (words, _values) in columns.items()}


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a frame as JSON holds them, nothing where a number is missing."""
    columns = {str(key): _plain(frame[key]) for key in frame}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def packed(frame: pd.DataFrame) -> dict[str, list[Any] | dict[str, list[Any]]]:
    """The columns of a frame; texts are written once, with the place of each row's among them.

    Examples
    --------
    >>> packed(pd.DataFrame({"n": [1, 2, 3], "who": ["a", "b", "a"]}))
    {'n': [1, 2, 3], 'who': {'of': ['a', 'b'], 'at': [0, 1, 0]}}
    """
    found: dict[str, list[Any] | dict[str, list[Any]]] = {}
    for key in frame:
        column = frame[key]
        is_shape = any(isinstance(one, dict) for one in column.head(1))
        if is_shape or pd.api.types.is_numeric_dtype(column):
            found[str(key)] = _plain(column)
        else:
            at, of = pd.factorize(column)
            found[str(key)] = {"of": of.tolist(), "at": at.tolist()}
    return found


def _plain(column: pd.Series) -> list[Any]:
    return [
        None
        if value != value
        else int(value)
        if isinstance(value, float) and value == int(value)
        else value
        for value in column.tolist()
    ]


def packed_charts(charts: Mapping[str, Chart], timeline: Sequence[Moment] = ()) -> str:
    """What the script of a page draws its charts from; frames that charts share are written once.

    Compressed, as the rows of many dates would be a third of a page.

    Parameters
    ----------
    charts
        By name.
    timeline
        Of the slider.
    """
    frames = {
        id(frame): frame for one in charts.values() for frame in (one.rows, *one.more.values())
    }
    place = {key: number for number, key in enumerate(frames)}
    tables = [packed(one) for one in frames.values()]
    told = {
        name: {
            "spec": one.spec,
            "rows": place[id(one.rows)],
            "only": {key: list(values) for key, values in one.only.items()},
            "columns": dict(one.columns),
            "dated": one.dated,
            "more": {key: place[id(frame)] for key, frame in one.more.items()},
        }
        for name, one in charts.items()
    }
    moments = [vars(one) for one in timeline]
    data = {"charts": told, "tables": tables, "timeline": moments, "keys": FOLLOWED}
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return b64encode(gzip.compress(text.encode(), mtime=0)).decode("ascii")


def polls(
    rows: pd.DataFrame,
    outcome: pd.DataFrame,
    colours: Mapping[str, str],
    *,
    bands: pd.DataFrame | None = None,
    band_of: str = "",
    stale_from: str = "",
) -> Chart:
    """Every poll of a ballot, what a method or a running mean makes of it, and the outcome.

    Parameters
    ----------
    rows : pandas.DataFrame
        `candidate`, `day` (of the last interviews, ISO), `institute`, `share` (percent), and any
        of `public` (ISO) and `n`.
    outcome : pandas.DataFrame
        `candidate`, `day` (ISO), `share` (percent); of a vote to come the forecast, with the
        interval from `low` to `high`.
    colours : mapping of str to str
        Of every candidate that is drawn, from most to fewest votes.
    bands : pandas.DataFrame, optional
        `method`, `candidate`, `day`, `share`, `low`, `high`: drawn instead of the running mean.
    band_of : str
        The method whose band is drawn where none is followed.
    stale_from : str
        The day (ISO) from which the line of a method is dashed, as no poll came after it.
    """
    columns = text.words("chart_polls")
    official, forecast = columns.pop("official"), columns.pop("forecast")
    interval = {key: columns.pop(key) for key in ("low", "high")}
    columns = {key: words for key, words in columns.items() if key in rows}
    day = {
        "field": "day",
        "type": "temporal",
        "title": columns["day"],
        "axis": {"format": dict.fromkeys(("week", "day", "date"), "%-d %b") | {"month": "%b"}},
    }
    share = quantity("share", title=text("chart_share"), scale={"domainMin": 0})
    colour = {**colours_of("candidate", colours), "legend": None}

    def drawn(
        mark: Spec | str, shown: float, transform: Sequence[Spec] = (), /, **more: Any
    ) -> Spec:
        """A kind of mark, faded where another candidate is followed."""
        shades = followed("candidate", shown=shown, faded=min(FADED, shown / 6))
        return layer(mark, transform, **{"x": day, "color": colour, "opacity": shades, **more})

    span = {"y": {**share, "field": "low"}, "y2": {"field": "high"}}
    marks = [drawn({"type": "circle", "size": 24}, 0.5, y=share, tooltip=tips(columns))]
    if bands is None:
        mean = {
            "window": [{"op": "mean", "field": "share", "as": "mean"}],
            "frame": [-AROUND, AROUND],
            "groupby": ["candidate"],
            "sort": [{"field": "day"}],
        }
        marks.append(drawn("line", 1, [mean], y={**share, "field": "mean"}))
    elif len(bands):
        known = [band_of, *(one for one in bands["method"].unique() if one != band_of)]
        chosen = {"filter": f"datum.method === {shown_of('method', known)}"}
        is_alone = bands["day"].nunique() == 1
        held = drawn("rule" if is_alone else "area", 0.5 if is_alone else 0.16, [chosen], **span)
        lines = [drawn("line", 1, [chosen], y=share)]
        if stale_from:
            known_of, since = (
                {"filter": f"toDate(datum.day) {sign} toDate('{stale_from}')"}
                for sign in ("<=", ">=")
            )
            dashed = {"type": "line", "strokeDash": [4, 3]}
            lines = [
                drawn("line", 1, [chosen, known_of], y=share),
                drawn(dashed, 1, [chosen, since], y=share),
            ]
        marks += [{**one, "data": {"name": "bands"}} for one in (held, *lines)]
    top = 1.05 * max(float(rows["share"].max()), float(outcome["share"].max()))
    heights = layout.spread_out(list(outcome["share"]), GAP_PX * top / HEIGHT_PX, 0, top)
    ends = outcome.assign(at=heights.round(2))
    ends["said"] = ends["candidate"] + " " + ends["share"].map("{:.1f}".format).map(in_form)
    is_open = "low" in outcome
    told = {"candidate": columns["candidate"], "share": forecast if is_open else official}
    told |= interval if is_open else {}
    real = tips(told)
    diamond = {"type": "point", "shape": "diamond", "size": 90, "filled": True}
    at_end = [drawn(diamond, 1, y=share, tooltip=real)]
    if is_open:
        at_end.append(drawn({"type": "rule", "strokeWidth": 4}, 0.5, tooltip=real, **span))
    said = {"type": "text", "align": "left", "dx": 9}
    words = {"text": {"field": "said"}, "color": {"value": style.INK}}
    at_end.append(drawn(said, 1, y={**share, "field": "at"}, **words))
    marks += [{**one, "data": {"values": records(ends)}} for one in at_end]
    return Chart(
        spec=chart_of(*marks, click="candidate"),
        rows=rows,
        columns=columns,
        more={} if bands is None else {"bands": bands},
    )


def in_expression(value: str | Sequence[str] | Mapping[str, str]) -> str:
    """Texts as an expression of Vega writes them."""
    return json.dumps(value, ensure_ascii=False)


def errors(rows: pd.DataFrame) -> Chart:
    """The mean absolute error of every method, the smallest first.

    Parameters
    ----------
    rows : pandas.DataFrame
        `method`, `family`, `mae` (percentage points, on the candidates compared) and, where that
        is another one, `whole` (on the whole ballot); with `date`, one moment at a time.
    """
    columns = {key: words for key, words in text.words("chart_errors").items() if key in rows}
    sizes = [key for key in ("mae", "whole") if key in rows]
    colours = {_(one): colour for one, colour in family_colours_of(rows["family"]).items()}
    rows = rows.assign(family=rows["family"].map(_))
    error = quantity(
        "mae",
        title=text("chart_mae"),
        scale={"domainMax": ROOM * float(rows[[*sizes]].max().max())},
    )
    looks = {
        "y": rows_by_name("method", {"field": "mae", "op": "min", "order": "ascending"}),
        "opacity": followed("method", "family"),
    }
    said = tips(columns, *((key, ".2f") for key in sizes))
    colour = colours_of("family", colours, columns["family"])
    bar = {"type": "bar", "height": {"band": 0.62}}
    marks = [layer(bar, x=error, color=colour, tooltip=said, **looks)]
    if "whole" in rows:
        ring = {"type": "point", "filled": False, "size": 55, "color": style.INK}
        below = {"orient": "bottom", "title": None, "labelLimit": 0}
        shape = {"datum": columns["whole"], "scale": {"range": ["circle"]}, "legend": below}
        marks.append(layer(ring, x={**error, "field": "whole"}, shape=shape, tooltip=said, **looks))
    number = {"type": "text", "align": "left", "dx": 5}
    marks.append(layer(number, x=error, text={"field": "mae", "format": ".1f"}, **looks))
    height = ROW_PX * rows["method"].nunique()
    spec = chart_of(*marks, height=height, dated="date" in rows, legend="family")
    return Chart(spec=spec, rows=rows, columns=columns)


def family_colours_of(families: pd.Series) -> dict[str, str]:
    """The colour of every family of methods."""
    return {
        str(one): style.METHOD_COLOURS.get(str(one), style.OTHER_METHOD)
        for one in dict.fromkeys(families)
    }


def intervals(rows: pd.DataFrame, name: str, columns: Mapping[str, str], title: str) -> Chart:
    """A ratio of each row with its interval, beside a line at 1, on a scale of doublings.

    Parameters
    ----------
    rows : pandas.DataFrame
        `value`, and NaN where there is no interval `low` and `high`, in the order of the chart;
        those of one `set` were compared on the same votes.
    name : str
        The column with the name of each row, one of `FOLLOWED`.
    columns : mapping of str to str
        Of the table behind the chart.
    title : str
        Of the axis.
    """
    at = {"type": "quantitative", "title": title, "scale": {"type": "log", "base": 2}}
    row = rows_by_name(name, [str(one) for one in rows[name]]) | {"axis": {"labelLimit": 225}}
    said = tips(columns, *((key, ".2f") for key in ("value", "low", "high")))
    sets = [str(one) for one in dict.fromkeys(rows.get("set", []))]
    colour: Spec = {"value": style.METHOD_COLOURS["quota polls"]}
    if len(sets) > 1:
        colour = {**colours_of("set", dict(zip(sets, SETS, strict=False))), "title": columns["set"]}
    looks = {"y": row, "opacity": followed(name), "color": colour}
    marks = [layer({"type": "rule", "strokeDash": [4, 4]}, x={"datum": 1})]
    if rows["low"].notna().any():
        known = [{"filter": "isValid(datum.low)"}]
        ends = {"x": {**at, "field": "low"}, "x2": {"field": "high"}}
        marks.append(layer({"type": "rule", "strokeWidth": 2}, known, **ends, **looks))
    # hollow where there is no interval
    fill = {"condition": {"test": "!isValid(datum.low)", "value": "transparent"}, **colour}
    dot = {"type": "point", "filled": False, "size": 80, "opacity": 1}
    marks.append(layer(dot, x={**at, "field": "value"}, fill=fill, tooltip=said, **looks))
    return Chart(spec=chart_of(*marks, height=ROW_PX * len(rows)), rows=rows, columns=columns)


SETS = ("#0b4f96", "#b07c00", "#a8487d", "#12805c", "#4f9fc9", "#5a6270")


def errors_of(headline: pd.DataFrame, *, most: int = 14) -> Chart:
    """The chart of errors from the headline table of a backtest.

    Parameters
    ----------
    headline : pandas.DataFrame
        `predictor`, `family`, `mae_pp` and `mae_full_pp`, in the order of the ranking.
    most : int
        Methods at most.
    """
    known = headline[headline["mae_pp"].notna()].head(most)
    rows = pd.DataFrame(
        {
            "method": [label("predictor", name) for name in known["predictor"]],
            "family": known["family"],
            "mae": known["mae_pp"].round(DIGITS),
            "whole": known["mae_full_pp"].round(DIGITS),
        }
    )
    return errors(rows)


def curves(
    rows: pd.DataFrame,
    columns: Mapping[str, str],
    *,
    across: Spec,
    title: str | None,
    colours: Mapping[str, str],
    behind: Sequence[Spec] = (),
    **more: Any,
) -> Chart:
    """A line for each method, with its values under the pointer.

    Parameters
    ----------
    rows : pandas.DataFrame
        `method`, `value`, and the field of `across`.
    columns : mapping of str to str
        Of the table behind the chart.
    across : dict
        The horizontal axis.
    title : str, optional
        Of the vertical one.
    colours : mapping of str to str
        By method.
    behind : sequence of dict
        Layers below the lines.
    **more
        Passed on to `chart_of`.
    """
    looks = {
        "x": across,
        "y": quantity("value", title=title),
        "color": colours_of("method", colours),
        "opacity": followed("method"),
    }
    thick = {"condition": {"test": "datum.method === method", "value": 3.5}, "value": 1.8}
    lines = layer("line", strokeWidth=thick, **looks)
    dots = layer({"type": "circle", "size": 36}, tooltip=tips(columns), **looks)
    spec = chart_of(*behind, lines, dots, legend="method", **more)
    return Chart(spec=spec, rows=rows, columns=columns)

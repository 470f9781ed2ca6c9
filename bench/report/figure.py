"""A figure as a description, rows and the marks that are made of them, and what draws it."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from bench.core.arrays import FloatArray
from bench.report.formatting import day, in_form
from bench.report.plotting import layout, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing
    from matplotlib.text import Annotation

Look = Mapping[str, Any]
Kind = Literal[
    "dot", "line", "rule", "stem", "band", "bar", "cell", "text", "ends", "at", "span", "now"
]
MAIN = style.METHOD_COLOURS["quota polls"]
MAX_TICKS = 10
DAYS_WITHOUT_YEAR = 150  # of an axis of dates, whose names then have days
HEAD = 12  # letters of a line above a column
UPRIGHT_IN = 0.9  # more height for heads that stand upright
# what each kind takes of a look
OF_LINES = ("color", "linewidth", "linestyle", "alpha", "zorder")
OF_AREAS = ("color", "alpha", "zorder")
OURS = ("size", "width", "shift", "fill", "ink", "dx", "dy", "ha", "height")
MIN_PT = 5.0  # of letters, in print


def plain(value: float) -> str:
    """A number of an axis, as short as it can be."""
    return in_form(f"{value:g}")


@dataclass(frozen=True, kw_only=True)
class Axis:
    """One of the axes of a panel.

    Attributes
    ----------
    label : str
        What it measures; of a figure once for all panels, below them.
    scale : str
        ``"linear"``, ``"log"``, ``"root"`` (square roots) or ``"symlog"`` (logarithmic beyond the
        first positive tick).
    low, high : float, optional
        Its ends; from right to left where `low` is the larger.
    ticks : sequence of float or int, optional
        Places that are named, where they lie on the axis; how many at most.
    write : function
        The name of a place.
    dates : bool
        Whether its numbers are days since 1970.
    upright : bool
        Whether these names are turned.
    names : sequence of str
        Of rows from top to bottom, or of columns, instead of numbers.
    bold : sequence of str
        Those of the names that head others.
    sort : str
        Column by which a page sorts the names at the moment that is chosen, the smallest first.
    """

    label: str = ""
    scale: Literal["linear", "log", "root", "symlog"] = "linear"
    low: float | None = None
    high: float | None = None
    ticks: Sequence[float] | int | None = None
    write: Callable[[float], str] | None = None
    dates: bool = False
    upright: bool = False
    names: Sequence[str] = ()
    bold: Sequence[str] = ()
    sort: str = ""


@dataclass(frozen=True)
class Mark:
    """Marks of one kind, one for each row; or a line for each value of `by`.

    Attributes
    ----------
    kind : str
        ``"dot"``; ``"line"``; ``"rule"`` from `x` to `to` and ``"stem"`` from `y` to `to`;
        ``"band"`` from `y` to `to`; ``"bar"`` from 0 to `x`; ``"cell"``, a rectangle with `text`;
        ``"text"`` right of a place; ``"ends"``, text beside the panel with a line to its place;
        ``"at"``, a line across the panel at `x`, or else at `y`, and ``"now"`` on pages only;
        ``"span"`` from `x` to `to`.
    rows : pandas.DataFrame, optional
        With the column `panel` of the figure: only the rows of a panel are drawn there. With the
        column `date`, the place of a `Moment`: only those of one, on paper of `Figure.date`.
    x, y, to : str or float
        Columns, or one number. A text is the place of this name on its axis.
    by : str
        Column whose values have looks in the figure.
    colour : str
        Column of colours.
    text : str
        Column of words.
    hollow : str
        Column that says which marks are hollow.
    one : str
        Column of which one value is drawn: that which a page follows, else that of the first row.
    look : mapping
        Properties of Matplotlib; `size` is the diameter of a dot and `width` that of a line, times
        the size of letters, `shift` moves marks down by a part of a row.
    """

    kind: Kind
    rows: pd.DataFrame | None = None
    x: str | float = ""
    y: str | float = ""
    to: str | float = ""
    by: str = field(default="", kw_only=True)
    colour: str = field(default="", kw_only=True)
    text: str = field(default="", kw_only=True)
    hollow: str = field(default="", kw_only=True)
    one: str = field(default="", kw_only=True)
    look: Look = field(default_factory=dict, kw_only=True)


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A figure of a report: title and caption, panels, and the marks in them.

    Attributes
    ----------
    title, caption, claim, subtitle : str
        As of `bench.report.plotting.layout.sheet`.
    marks : sequence of Mark
        The last is on top.
    x, y : Axis
        Of every panel that has none of its own in `axes`.
    panel : str
        Column that says in which panel a row is drawn.
    panels : mapping
        Heading of each panel by the value of `panel`, in reading order.
    axes : mapping
        The axes of panels with axes of their own.
    per_line, narrow : int
        Panels side by side at most, on a wide and on a narrow sheet.
    height, per_row, more : float
        Inches at double-column letter size: of a line of panels, and more for each named row; once.
    looks : mapping
        By a value of `by`.
    legend : mapping of str to mapping
        Looks by words; none if empty.
    legend_columns : int
        At most.
    grid : str
        Axis of every panel with grid lines.
    bands : bool
        Whether every other row stands on a band.
    most : int
        Panels on paper at most, the first; 0 for all.
    columns : mapping of str to str
        Of a figure that is a chart on pages: columns of the rows and what they are called, under
        the pointer, in the table behind it and as a file.
    date : int, optional
        Place of the `Moment` that is drawn on paper; that of the last without it.
    alone : str
        The panel that a page shows where none is followed, one at a time; all if empty.
    on_page : str
        The caption on a page, in the moment that is shown at first; `caption` where empty.
    """

    marks: Sequence[Mark]
    title: str = ""
    caption: str = ""
    claim: str = ""
    subtitle: str = ""
    x: Axis = field(default_factory=Axis)
    y: Axis = field(default_factory=Axis)
    panel: str = "panel"
    panels: Mapping[Any, str] = field(default_factory=lambda: {"": ""})
    axes: Mapping[Any, tuple[Axis, Axis]] = field(default_factory=dict)
    per_line: int = 3
    narrow: int = 1
    height: float = 0.4
    per_row: float = 0.0
    more: float = 0.0
    looks: Mapping[Any, Look] = field(default_factory=dict)
    legend: Mapping[str, Look] = field(default_factory=dict)
    legend_columns: int = 4
    grid: str = "x"
    bands: bool = False
    most: int = 0
    columns: Mapping[str, str] = field(default_factory=dict)
    date: int | None = None
    alone: str = ""
    on_page: str = ""

    def axes_of(self, panel: Any) -> tuple[Axis, Axis]:
        """The axes of a panel."""
        return self.axes.get(panel, (self.x, self.y))

    def __call__(self, size: str = "double") -> Drawing:
        """Draw it by Matplotlib.

        Parameters
        ----------
        size : str
            Preset, see `bench.report.plotting.layout.settings`.
        """
        return _draw(self, size=size)


@dataclass(frozen=True)
class DrawnBy:
    """A figure that a function of Matplotlib draws, from data and from these files alone.

    Attributes
    ----------
    draw : callable
        Of a module; takes `settings` and the keyword `size`.
    settings : mapping
    files : sequence of Path
        Other files that it reads.
    """

    draw: Callable[..., Drawing]
    settings: Mapping[str, Any]
    files: Sequence[Path] = ()

    def __call__(self, size: str = "double") -> Drawing:
        """Draw it, as `Figure` is drawn."""
        return self.draw(**self.settings, size=size)


@layout.styled
def _draw(figure: Figure, *, size: str) -> Drawing:
    font = style.FONT_PT[size]
    keys = list(figure.panels)[: figure.most or None]
    columns = max(1, min(len(keys), figure.narrow if size == "single" else figure.per_line))
    heights = _heights(figure, keys, columns, size)
    has_own_x = any(x is not figure.x for x, _y in figure.axes.values())
    has_own_y = any(y is not figure.y for _x, y in figure.axes.values())
    legend_columns = layout.legend_columns(list(figure.legend), size, figure.legend_columns)
    above_in = figure.more + UPRIGHT_IN * _heads(figure.x.names, size)[2]
    drawing, axes, top = layout.sheet(
        size,
        above_in + sum(heights),
        title=figure.title,
        caption=figure.caption,
        claim=figure.claim,
        subtitle=figure.subtitle,
        x_label=figure.x.label,
        rows=len(heights),
        columns=columns,
        panels=len(keys),
        legend_lines=-(-len(figure.legend) // legend_columns),
        grid=figure.grid,
        squeeze=0.77 if figure.per_row else 0.6,  # names of rows stay apart
        sharex=not has_own_x,
        sharey=not has_own_y,
        height_ratios=heights,
    )
    heads = layout.heads([figure.panels[key] for key in keys], size, columns)
    panels = list(zip(axes.flat, keys, heads, strict=False))
    ends: list[tuple[Axes, list[Annotation]]] = []
    for axis, key, head in panels:
        axis.set_title(head)
        ends += _fill(axis, figure, key, size)
    for number, (axis, key, _head) in enumerate(panels):
        x, y = figure.axes_of(key)
        is_first = number % columns == 0
        if y.names and (has_own_y or is_first):
            line = np.array([[axis]]) if has_own_y else axes[number // columns][None]
            layout.name_rows(line, y.names, size, bands=figure.bands)
        _finish(axis.xaxis, x, has_own_x, size)
        _finish(axis.yaxis, y, has_own_y, size)
        _embolden(axis, y)
        is_last = figure.per_line > 1 or has_own_x or number == len(keys) - 1
        axis.tick_params(
            labelbottom=is_last and not _on_top(x),
            labelleft=is_first or has_own_y,
        )
    if figure.legend:
        default = {"linestyle": "", "color": MAIN, "markersize": font * 0.5}
        handles = [{**default, **_properties(look, font)} for look in figure.legend.values()]
        layout.legend(drawing, handles, list(figure.legend), top, legend_columns)
    if ends:
        layout.settle(drawing)
        for axis, labels in ends:
            _spread(axis, labels, drawing.get_figheight(), font)
    return drawing


def _heights(figure: Figure, keys: Sequence[Any], columns: int, size: str) -> list[float]:
    """Inches of each line of panels, that of its highest."""
    names_of = [tuple(figure.axes_of(key)[1].names) for key in keys]
    height_of = {
        names: figure.height + figure.per_row * len(names) * _thick(names, size)
        for names in dict.fromkeys(names_of)
    }
    lines = [names_of[start : start + columns] for start in range(0, len(keys), columns)]
    return [max(height_of[names] for names in line) for line in lines]


def _fill(axis: Axes, figure: Figure, key: Any, size: str) -> list[tuple[Axes, list[Annotation]]]:
    """Draw the marks of a panel; those beside it, which wait for their places."""
    sides = figure.axes_of(key)
    _scale(axis, *sides)
    ends = []
    for mark in figure.marks:
        if mark.kind == "now":
            continue
        rows = pd.DataFrame({"": [0]}) if mark.rows is None else mark.rows
        if "date" in rows:
            date = rows["date"].max() if figure.date is None else figure.date
            rows = rows[rows["date"].eq(date)]
        if mark.one:
            rows = rows[rows[mark.one].eq(rows[mark.one].iloc[0])]
        if figure.panel in rows:
            rows = rows[rows[figure.panel].eq(key)]
        for name, part in _parts(rows, mark.by, figure.looks):
            look = {"color": MAIN, **figure.looks.get(name, {}), **mark.look}
            if mark.kind == "ends":
                ends.append((axis, _ends(axis, mark, part, look, size)))
            elif len(part):
                _put(axis, mark, part, look, sides, style.FONT_PT[size])
    return ends


def _embolden(axis: Axes, side: Axis) -> None:
    """The names of rows that head others in bold."""
    for label in axis.get_yticklabels() if side.bold else ():
        is_head = label.get_text().replace("\n", " ") in side.bold
        label.set_fontweight("bold" if is_head else "normal")


def _thick(names: Sequence[str], size: str) -> float:
    """Height of a row, times that of one whose name takes one line."""
    return 0.35 + 0.65 * layout.row_lines(names, size)


def _parts(
    rows: pd.DataFrame, by: str, looks: Mapping[Any, Look]
) -> list[tuple[Any, pd.DataFrame]]:
    """The rows of each look, in the order of the looks."""
    if not by:
        return [("", rows)]
    order = {name: place for place, name in enumerate(looks)}
    parts: list[tuple[Any, pd.DataFrame]] = list(rows.groupby(by, sort=False))
    return sorted(parts, key=lambda part: order.get(part[0], len(order)))


def _scale(axis: Axes, x: Axis, y: Axis) -> None:
    for side, scale in ((x, axis.set_xscale), (y, axis.set_yscale)):
        if side.scale == "root":
            scale("function", functions=(lambda v: np.sqrt(np.clip(v, 0, None)), np.square))
        elif side.scale == "symlog":
            assert isinstance(side.ticks, Sequence)
            scale("symlog", linthresh=min(tick for tick in side.ticks if tick > 0), linscale=0.5)
        elif side.scale == "log":
            scale("log")


def _finish(side: Any, described: Axis, own: bool, size: str) -> None:
    """Ends, ticks and their names."""
    from matplotlib.ticker import MaxNLocator, NullLocator

    if own and described.label:
        side.set_label_text(described.label, color=style.SOFT)
    low, high = side.get_view_interval()
    if described.low is not None or described.high is not None:
        ends = (
            low if described.low is None else described.low,
            high if described.high is None else described.high,
        )
        side.axes.set(**{f"{side.axis_name}lim": ends})
        low, high = ends
    if isinstance(described.ticks, int):
        side.set_major_locator(MaxNLocator(described.ticks, steps=[1, 2, 5, 10]))
    elif described.ticks is not None:
        named = [tick for tick in described.ticks if min(low, high) <= tick <= max(low, high)]
        if described.scale == "log" and len(named) > MAX_TICKS:
            step = -(-len(named) // MAX_TICKS)
            named = named[named.index(1) % step if 1 in named else 0 :: step]
        words = [(described.write or plain)(tick) for tick in named]
        side.set_ticks(named, words, rotation=90 if described.upright else 0)
    if described.dates:
        from matplotlib.dates import AutoDateLocator

        form = "d MMM" if high - low < DAYS_WITHOUT_YEAR else "MMM y"
        most = 5 if size == "single" else 8
        locator = AutoDateLocator(minticks=3, maxticks=most)  # type: ignore[no-untyped-call]
        side.set_major_locator(locator)
        side.set_major_formatter(
            layout.ticks_in_language(lambda value: day(pd.Timestamp(value, unit="D"), form))
        )
    if _on_top(described) and side.axis_name == "x":
        _head(side, described.names, size)
    if described.scale != "linear":
        side.set_minor_locator(NullLocator())
    if described.write is not None and not isinstance(described.ticks, Sequence):
        side.set_major_formatter(layout.ticks_in_language(described.write))


def _on_top(described: Axis) -> bool:
    """Whether it names columns, which stand above the cells."""
    return bool(described.names)


def _head(side: Any, names: Sequence[str], size: str) -> None:
    """Names of columns above cells."""
    words, letters, is_upright = _heads(names, size)
    side.tick_top()
    side.set_ticks(range(len(words)), words, rotation=90 if is_upright else 0, fontsize=letters)
    side.axes.set_xlim(-0.52, len(words) - 0.48)
    side.axes.tick_params(length=0)
    for spine in side.axes.spines.values():
        spine.set_visible(False)


def _heads(names: Sequence[str], size: str) -> tuple[list[str], float, bool]:
    """Names of columns on several lines, their letters, and whether they have to stand upright."""
    part = 0.55 if size == "single" else 0.85  # of the width, beside the names of rows
    room_pt = part * 72 * style.WIDTHS_IN[size] / max(len(names), 1)
    heads = ["\n".join(textwrap.wrap(name, HEAD, break_long_words=False)) for name in names]
    longest = max((word for head in heads for word in head.split("\n")), key=len, default="")
    fits, letters = layout.fitted(longest, room_pt, style.FONT_PT[size])
    if fits == longest:
        return heads, letters, False
    return list(names), style.FONT_PT[size], True


def _properties(look: Look, font: float, of: Sequence[str] = ()) -> dict[str, Any]:
    """What Matplotlib knows of a look, or these of it."""
    properties = {key: value for key, value in look.items() if key not in OURS}
    if "width" in look:
        properties["linewidth"] = font * look["width"]
    if of:
        return {key: value for key, value in properties.items() if key in of}
    if "marker" in properties:
        properties.setdefault("markersize", font * look.get("size", 0.5))
        if look.get("fill") is False:
            properties["markerfacecolor"] = style.PAPER
    return properties


def _at(rows: pd.DataFrame, key: str | float, names: Sequence[str]) -> FloatArray:
    """Places on an axis."""
    if not isinstance(key, str):
        return np.full(len(rows), float(key))
    column = rows[key]
    if names and not pd.api.types.is_numeric_dtype(column):
        column = column.map({name: place for place, name in enumerate(names)})
    if pd.api.types.is_datetime64_any_dtype(column):
        # days since 1970, as Matplotlib counts them
        column = (column - pd.Timestamp("1970-01-01")) / pd.Timedelta(days=1)
    return column.to_numpy(dtype=np.float64)


def _put(
    axis: Axes, mark: Mark, rows: pd.DataFrame, look: Look, sides: tuple[Axis, Axis], font: float
) -> None:
    """Draw the marks of some rows of one look."""
    x, y = (
        _at(rows, key, side.names) if key != "" else np.zeros(len(rows))
        for key, side in zip((mark.x, mark.y), sides, strict=True)
    )
    y = y + look.get("shift", 0.0)
    to = _at(rows, mark.to, ()) if mark.to != "" else np.zeros(len(rows))
    colours = rows[mark.colour].tolist() if mark.colour else [look["color"]] * len(rows)
    lines, areas = _properties(look, font, OF_LINES), _properties(look, font, OF_AREAS)
    is_placed = np.isfinite(x) & np.isfinite(y) & ~np.isnan(to)
    match mark.kind:
        case "line":
            axis.plot(x, y, **_properties(look, font))
        case "dot":
            hollow = rows[mark.hollow].to_numpy(bool) if mark.hollow else np.zeros(len(x), bool)
            dots = {"marker": "o", "linestyle": "", "zorder": 4, **look}
            if mark.colour:
                faces = np.where(hollow, style.PAPER, colours)
                area = (font * dots.get("size", 0.5)) ** 2
                edges: dict[str, Any] = {"edgecolors": colours, "linewidths": 0.9, "clip_on": False}
                axis.scatter(x, y, area, faces, zorder=dots["zorder"], **edges)
                return
            for chosen, fill in ((is_placed & ~hollow, True), (is_placed & hollow, False)):
                if chosen.any():
                    axis.plot(x[chosen], y[chosen], **_properties({"fill": fill, **dots}, font))
        case "rule":
            shades = [
                colour for colour, is_known in zip(colours, is_placed, strict=True) if is_known
            ]
            axis.hlines(y[is_placed], x[is_placed], to[is_placed], **{**lines, "color": shades})
        case "stem":
            axis.vlines(x[is_placed], y[is_placed], to[is_placed], **lines)
        case "band":
            axis.fill_between(x, y, to, linewidth=0, **{"alpha": 0.15, **areas})
        case "bar":
            height = look.get("height", 0.66)
            start, wide = (x, to - x) if mark.to != "" else (0.0, x)
            axis.barh(y, wide, height, start, linewidth=0, **{**areas, "color": colours})
        case "at":
            for value in x if mark.x != "" else y:
                (axis.axvline if mark.x != "" else axis.axhline)(
                    value, **{"linewidth": 0.8, "zorder": 1, **lines}
                )
        case "span":
            for low, high in zip(x, to, strict=True):
                axis.axvspan(low, high, linewidth=0, **{"zorder": 0, **areas})
        case "text":
            for place, words in zip(zip(x, y, strict=True), rows[mark.text], strict=True):
                axis.annotate(
                    words,
                    (1.0 if mark.x == "" else place[0], place[1]),
                    (font * look.get("dx", 0.4), font * look.get("dy", 0.0)),
                    xycoords="data" if mark.x != "" else axis.get_yaxis_transform(),
                    textcoords="offset points",
                    ha=look.get("ha", "left"),
                    va="center_baseline",
                    color=look.get("ink", style.INK),
                    annotation_clip=False,
                )
        case "cell":
            _cells(axis, x, y, colours, rows[mark.text].tolist(), font)


def _cells(
    axis: Axes,
    x: FloatArray,
    y: FloatArray,
    grounds: Sequence[str],
    texts: Sequence[str],
    font: float,
) -> None:
    from matplotlib.patches import Rectangle

    room_pt = 72 * axis.figure.get_figwidth() * (0.5 if font < 7 else 0.7) / (1 + float(x.max()))  # type: ignore[union-attr]
    letters = layout.fitted(max(texts, key=len), room_pt, 0.95 * font)[1]
    for i, j, ground, text in zip(y, x, grounds, texts, strict=True):
        box = Rectangle((j - 0.48, i - 0.46), 0.96, 0.92, facecolor=ground, linewidth=0)
        axis.add_patch(box)
        ink = layout.readable_on(ground)
        axis.text(j, i, text, ha="center", va="center", color=ink, fontsize=max(letters, MIN_PT))


def _ends(axis: Axes, mark: Mark, rows: pd.DataFrame, look: Look, size: str) -> list[Annotation]:
    """Text beside a panel, with a line to the place that it is about."""
    colours = rows[mark.colour] if mark.colour else [look["color"]] * len(rows)
    return [
        axis.annotate(
            layout.cut(words, layout.NARROW if size == "single" else layout.LONGEST),
            (x, y),
            (1.035, 0.5),
            textcoords="axes fraction",
            va="center",
            ha="left",
            color=style.INK,
            annotation_clip=False,
            arrowprops={
                "arrowstyle": "-",
                "color": colour,
                "linewidth": 0.6,
                "shrinkA": 1,
                "shrinkB": 2,
                "relpos": (0, 0.5),
            },
        )
        for words, x, y, colour in zip(
            rows[mark.text], _at(rows, mark.x, ()), _at(rows, mark.y, ()), colours, strict=True
        )
    ]


def _spread(axis: Axes, labels: Sequence[Annotation], height_in: float, font: float) -> None:
    """Move the labels of a panel apart, now that its height is known."""
    to_panel = axis.transData + axis.transAxes.inverted()
    ends = [float(to_panel.transform(label.xy)[1]) for label in labels]
    height_pt = axis.get_position().height * height_in * 72
    places = layout.spread_out(ends, 1.3 * font / height_pt, 0.02, 1.02)
    for label, place in zip(labels, places, strict=True):
        label.set_position((1.035, float(place)))

"""Sheets to draw upon, the looks they share, and the one way to turn them into files."""

from __future__ import annotations

import atexit
import colorsys
import io
import itertools
import re
import tempfile
import textwrap
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, cast

import numpy as np

from bench.core.errors import ConfigError
from bench.core.language import RANGE, SOURCE, current_language, use_language
from bench.data.country import family_colours
from bench.report.formatting import in_form
from bench.report.plotting import style

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine
    from matplotlib.ticker import FuncFormatter

P = ParamSpec("P")
LONGEST, NARROW = 42, 24  # signs of a line of the name of a row, on a wide and on a narrow sheet
MAX_HEIGHT_IN = 9.0  # of a page, less its margins
LETTERS = "Letters of figures"  # a cut of DejaVu Sans, for PDF
CUT = [*range(0x20, 0x250), *range(0x370, 0x400), *range(0x2000, 0x2280), *range(0x2500, 0x2720)]
FONTS = "'DejaVu Sans', sans-serif"
ON_PAGES = "'DejaVu Sans', Verdana, sans-serif"  # of equal width where they are installed
FINE = re.compile(r"(?<=\.\d\d)\d+")  # finer than anybody sees
UPRIGHT = re.compile(r' transform="rotate\(-?0 [^)]*\)"')
SCALED = "scaled"  # id of what a scale colours; its lightness is turned over on dark paper
METADATA: dict[str, dict[str, Any]] = {
    "svg": {"Date": None, "Creator": "election-bench"},
    "pdf": {"CreationDate": None, "ModDate": None, "Producer": None, "Creator": "election-bench"},
    "png": {"Software": "election-bench"},
}


def settings(size: str) -> dict[str, Any]:
    """Matplotlib settings of one size preset.

    Parameters
    ----------
    size
        ``"single"`` (3.5 in, one column of a journal), ``"double"`` (7.2 in), ``"slide"`` (11 in).

    Raises
    ------
    ValueError
        If the preset is unknown.
    """
    if size not in style.WIDTHS_IN:
        raise ConfigError(f"no figure size '{size}'; known: {', '.join(style.WIDTHS_IN)}")
    font = style.FONT_PT[size]
    words = ("font.size", "axes.labelsize", "xtick.labelsize", "ytick.labelsize", "legend.fontsize")
    ink = ("text.color", "axes.labelcolor", "axes.titlecolor", "xtick.labelcolor")
    soft = ("xtick.color", "ytick.color", "axes.edgecolor")
    paper = ("axes.facecolor", "figure.facecolor", "savefig.facecolor")
    thin = ("axes.linewidth", "grid.linewidth", "xtick.major.width", "ytick.major.width")
    return {
        "font.sans-serif": ["DejaVu Sans"],
        **dict.fromkeys(words, font),
        **dict.fromkeys((*ink, "ytick.labelcolor"), style.INK),
        **dict.fromkeys(soft, style.SOFT),
        **dict.fromkeys(paper, style.PAPER),
        **dict.fromkeys(thin, 0.6),
        "axes.titlesize": font * 1.05,
        "axes.titleweight": "bold",
        "axes.titlelocation": "left",
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.axisbelow": True,
        "axes.unicode_minus": True,
        "text.hinting": "no_hinting",  # else a name is up to 8% wider in a file than laid out
        "grid.color": style.GRID,
        "xtick.major.size": font / 3,
        "ytick.major.size": 0,
        "lines.linewidth": font / 6,
        "lines.solid_capstyle": "butt",
        "patch.linewidth": 0.5,
        "svg.hashsalt": "election-bench",
        "svg.fonttype": "none",
        "pdf.fonttype": 42,
        "savefig.dpi": 300,
    }


@cache
def _letters() -> str:
    """Name of a cut of DejaVu Sans without its layout tables, which are slow to embed in a PDF.

    Other signs than those of `CUT` come from the whole of the font.
    """
    import matplotlib as mpl
    from fontTools import subset
    from matplotlib.font_manager import fontManager

    folder = tempfile.TemporaryDirectory(prefix="election-bench-")
    atexit.register(folder.cleanup)
    for name in ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf"):
        options = subset.Options(legacy_kern=True, recalc_timestamp=False, notdef_outline=True)
        options.drop_tables += ["GSUB", "GPOS", "GDEF", "MATH", "FFTM"]
        path = Path(folder.name) / name
        with subset.load_font(f"{mpl.get_data_path()}/fonts/ttf/{name}", options) as font:
            for record in font["name"].names:
                record.string = str(record).replace("DejaVu Sans", LETTERS)
            cutter = subset.Subsetter(options)
            cutter.populate(unicodes=CUT)
            cutter.subset(font)
            subset.save_font(font, str(path), options)
        fontManager.addfont(path)
    return LETTERS


def styled(draw: Callable[P, Figure]) -> Callable[P, Figure]:
    """Draw under the settings of the keyword `size` and of nothing else on this machine."""

    @wraps(draw)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> Figure:
        import matplotlib as mpl

        size = str(kwargs.get("size", "double"))
        with mpl.rc_context(), _boxes_for_unknown_signs():
            mpl.rcdefaults()
            mpl.rcParams.update(cast("Any", settings(size)))
            figure = draw(*args, **kwargs)
            if current_language() != SOURCE:
                _speak_ticks(figure)
            settle(figure)
            return figure

    return drawn


@contextmanager
def _boxes_for_unknown_signs() -> Iterator[None]:
    """Draw signs that the font lacks, such as emoji, as boxes, without a warning for each."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"Glyph \d+ .* missing from font", UserWarning)
        yield


def _speak_ticks(figure: Figure) -> None:
    """Give the numbers of axes the form of the language, also where a figure is saved later."""
    from matplotlib.ticker import ScalarFormatter

    class Spoken(ScalarFormatter):
        code = current_language()

        def __call__(self, x: float, pos: int | None = None) -> str:
            with use_language(self.code):
                return in_form(super().__call__(x, pos))

    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            if type(axis.get_major_formatter()) is ScalarFormatter:
                axis.set_major_formatter(Spoken())


def ticks_in_language(write: Callable[[float], str]) -> FuncFormatter:
    """Name ticks in the current language, also where a figure is saved later."""
    from matplotlib.ticker import FuncFormatter

    code = current_language()

    def name(value: float, _place: int) -> str:
        with use_language(code):
            return write(value)

    return FuncFormatter(name)


def settle(figure: Figure) -> None:
    """Lay out once and round, so that the last digits of the solver never reach a file."""
    engine = figure.get_layout_engine()
    if engine is None:
        return
    engine.execute(figure)
    # no engine at all: a placeholder would have every file drawn twice
    figure.set_layout_engine(None)
    for axes in figure.axes:
        rounded = np.round(axes.get_position(original=True).bounds, 4)
        x, low, width, height = map(float, rounded)
        axes.set_position((x, low, width, height))
        for axis in (axes.xaxis, axes.yaxis):
            if not axis.get_label_text():  # else every file measures the ticks to place it
                axis.set_label_coords(0, 0)


def cut(text: str, max_letters: int = 26) -> str:
    """Shorten a label that would leave no room for the drawing.

    Examples
    --------
    >>> cut("ecological_regression"), cut("abcdefgh", 5)
    ('ecological_regression', 'abcd…')
    """
    return text if len(text) <= max_letters else text[: max_letters - 1] + "…"


def sheet(
    size: str,
    height_in: float,
    *,
    title: str,
    caption: str,
    claim: str = "",
    subtitle: str = "",
    x_label: str = "",
    rows: int = 1,
    columns: int = 1,
    legend_lines: int = 0,
    panels: int | None = None,
    grid: str = "",
    squeeze: float = 0.6,
    **settings_of_grid: Any,
) -> tuple[Figure, np.ndarray, float]:
    """Open a figure with a title above and a caption below that never meet the axes.

    Parameters
    ----------
    size
        Preset, see `settings`.
    height_in
        Height of the drawing in inches at double-column letter size; title and caption come on
        top of it.
    title, caption
        Words above and below; wrapped to the width.
    claim
        What the figure shows, a sentence computed from its data: it stands above, and `title`
        begins the caption.
    subtitle, x_label
        What the vertical and the horizontal axes measure, once for all panels.
    rows, columns
        Grid of axes.
    legend_lines
        Lines to keep free between title and axes.
    panels
        How many of the axes are used; the others are hidden. All if None.
    grid
        Axis of every panel with grid lines, see `tidy`; none if empty.
    squeeze
        Part of `height_in` that is enough where the sheet would be higher than a page.
    **settings_of_grid
        Passed on to `Figure.subplots`.

    Returns
    -------
    (Figure, ndarray of Axes, float)
        Figure, axes [rows, columns], and the top of the axes area in figure fraction.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    width, font = style.WIDTHS_IN[size], style.FONT_PT[size]
    height_in *= font / style.FONT_PT["double"]
    title, caption = above_and_below(title, caption, claim)
    signs = width * 72 / (font * 0.56)
    heading = textwrap.wrap(title, int(signs / 1.4))
    foot = textwrap.wrap(caption, int(signs / 0.9))
    measured = textwrap.wrap(subtitle, int(signs)) if subtitle else []
    line_in = font * 1.35 / 72
    title_in = 0.05 + len(heading) * line_in * 1.22 + len(measured) * line_in
    above = title_in + legend_lines * line_in * 1.25 + 0.05
    foot_in = len(foot) * line_in * 0.92 + 0.14
    horizontal = textwrap.wrap(x_label, int(signs / 1.1))
    below = foot_in + line_in * 1.1 * len(horizontal)
    height_in = max(squeeze * height_in, min(height_in, MAX_HEIGHT_IN - above - below))
    total = height_in + above + below
    figure = Figure(figsize=(width, total), layout="constrained")
    FigureCanvasAgg(figure)
    engine = cast("ConstrainedLayoutEngine", figure.get_layout_engine())
    engine.set(
        rect=(0.012, below / total, 0.976, height_in / total),
        w_pad=0.03,
        h_pad=0.03,
        wspace=0.03,
        hspace=0.04,
    )

    def write(lines: Sequence[str], height: float, *, x: float = 0.012, **looks: Any) -> None:
        figure.text(x, height, "\n".join(lines), **{"ha": "left", "linespacing": 1.2, **looks})

    bold: dict[str, Any] = {"fontsize": font * 1.22, "fontweight": "bold"}
    write(heading, 1 - 0.05 / total, va="top", gid="title", **bold)
    below_title = 1 - (title_in - len(measured) * line_in) / total
    write(measured, below_title, va="top", color=style.SOFT)
    if x_label:
        write(horizontal, foot_in / total, x=0.5, ha="center", va="bottom", linespacing=1.1)
    small: dict[str, Any] = {"fontsize": font * 0.88, "color": style.SOFT, "linespacing": 1.25}
    write(foot, 0.05 / total, va="bottom", gid="caption", **small)
    axes = figure.subplots(rows, columns, squeeze=False, **settings_of_grid)
    for axis in axes.flat[len(axes.flat) if panels is None else panels :]:
        axis.set_visible(False)
    if grid:
        for axis in axes.flat:
            tidy(axis, grid=grid)
    return figure, axes, 1 - (title_in + 0.03) / total


def legend(
    figure: Figure,
    handles: Sequence[Artist | Mapping[str, Any]],
    labels: Sequence[str],
    top: float,
    columns: int,
) -> None:
    """Put a frameless legend between title and axes, of what was drawn or of looks of lines."""
    from matplotlib.lines import Line2D

    figure.legend(
        [Line2D([], [], **handle) if isinstance(handle, Mapping) else handle for handle in handles],
        labels,
        loc="upper left",
        bbox_to_anchor=(0.009, top),
        ncols=columns,
        frameon=False,
        handlelength=1.5,
        handletextpad=0.5,
        columnspacing=1.3,
        borderaxespad=0,
        borderpad=0.2,
        labelspacing=0.25,
    ).set_in_layout(False)


def legend_columns(names: Sequence[str], size: str, max_columns: int) -> int:
    """Names of a legend side by side, at most so many, that fit the width of a sheet.

    Examples
    --------
    >>> legend_columns(["short"] * 6, "double", 4), legend_columns(["long " * 12] * 6, "double", 4)
    (4, 1)
    """
    per_sign, per_handle = 0.53, 3.6
    letters = 72 * style.WIDTHS_IN[size] / style.FONT_PT[size]
    for columns in range(max_columns, 1, -1):
        lengths = np.array_split([len(name) for name in names], columns)
        widest = sum(max(column, default=0) for column in lengths)
        if per_sign * widest + per_handle * columns <= letters:
            return columns
    return 1


@dataclass(frozen=True, kw_only=True)
class Rendered:
    """A figure of one size as files.

    Attributes
    ----------
    title, caption : str
        Words above and below.
    box : tuple of float
        What lies between title and caption: left, top, width and height in points of the SVG.
    files : mapping of str to bytes
        By kind: ``"svg"``, ``"pdf"``, ``"png"``.
    """

    title: str
    caption: str
    box: tuple[float, float, float, float]
    files: Mapping[str, bytes]


def render(figure: Figure, kinds: Sequence[str] = ("svg",)) -> Rendered:
    """A figure as files, without dates; the same figure gives the same bytes.

    Parameters
    ----------
    figure
        From `sheet`.
    kinds
        Which files.
    """
    import matplotlib as mpl

    files = {}
    with mpl.rc_context(), _boxes_for_unknown_signs():
        mpl.rcdefaults()
        mpl.rcParams.update(cast("Any", settings("double")))
        for kind in kinds:
            if kind == "pdf":
                mpl.rcParams["font.sans-serif"] = [_letters(), "DejaVu Sans"]
            buffer = io.BytesIO()
            figure.savefig(buffer, format=kind, metadata=METADATA[kind])
            files[kind] = buffer.getvalue()
    if "svg" in files:
        text = files["svg"].decode("utf-8").replace(FONTS, ON_PAGES)
        files["svg"] = FINE.sub("", UPRIGHT.sub("", text)).encode("utf-8")
    title, caption = words_of(figure)
    return Rendered(title=title, caption=caption, box=_inner_box(figure), files=files)


def above_and_below(title: str, caption: str, claim: str) -> tuple[str, str]:
    """What stands above a figure and below it; a claim takes the place of the title.

    Examples
    --------
    >>> above_and_below("errors by day", "Two days.", "the polls were close.")
    ('The polls were close', 'errors by day. Two days.')
    """
    if claim:
        end = "" if title[-1:] in ".?!" else "."
        title, caption = claim.removesuffix("."), f"{title}{end} {caption}"
    return title[:1].upper() + title[1:], caption


def words_of(figure: Figure) -> tuple[str, str]:
    """Title and caption of a figure."""
    texts = {str(text.get_gid()): text.get_text().replace("\n", " ") for text in figure.texts}
    return texts["title"], texts["caption"]


@_boxes_for_unknown_signs()
def _inner_box(figure: Figure) -> tuple[float, float, float, float]:
    texts = {str(text.get_gid()): text for text in figure.texts}
    to_inches = figure.dpi_scale_trans.inverted()
    title, caption = (
        texts[key].get_window_extent().transformed(to_inches) for key in ("title", "caption")
    )
    top = figure.get_figheight() - title.y0 + 0.02
    bottom = figure.get_figheight() - caption.y1 - 0.02
    return 0.0, 72 * top, 72 * figure.get_figwidth(), 72 * (bottom - top)


def heads(names: Sequence[str], size: str, per_line: int) -> list[str]:
    """Names of panels of which so many stand side by side, wrapped to their width."""
    signs = int(72 * style.WIDTHS_IN[size] / (per_line + 0.5) / (style.FONT_PT[size] * 0.66))
    return [
        "\n".join(part for line in name.split("\n") for part in textwrap.wrap(line, max(signs, 8)))
        for name in names
    ]


def name_rows(axes: np.ndarray, names: Sequence[str], size: str, *, bands: bool = True) -> None:
    """Name the rows of panels [R, K] from top to bottom; every other one stands on a band.

    Long names are wrapped where the sheet is narrow, to lines that stand close, and cut elsewhere;
    `row_lines` says for how many lines a row needs room.
    """
    from matplotlib.collections import PolyCollection

    lows = [i - 0.5 for i in range(0, len(names) if bands else 0, 2)]
    boxes = [[(0, low), (1, low), (1, low + 1), (0, low + 1)] for low in lows]
    for axis in axes.flat:
        across = axis.get_yaxis_transform()
        band = PolyCollection(
            boxes, facecolors=style.BAND, linewidths=0, zorder=0, transform=across
        )
        axis.add_collection(band, autolim=False)
    for axis in axes[:, 0]:
        labels = axis.set_yticks(range(len(names)), _row_names(names, size))
        for label in labels if row_lines(names, size) > 1 else ():
            label.label1.set(linespacing=0.92, fontsize=0.87 * style.FONT_PT[size])
        axis.set_ylim(len(names) - 0.4, -0.6)


def row_lines(names: Sequence[str], size: str) -> int:
    """Lines of the longest of the names of rows."""
    return max((1 + name.count("\n") for name in _row_names(names, size)), default=1)


def _row_names(names: Sequence[str], size: str) -> list[str]:
    if size != "single":
        return [cut(name, LONGEST) for name in names]
    return ["\n".join(textwrap.wrap(name, NARROW, max_lines=2, placeholder="…")) for name in names]


def spread_out(places: Sequence[float], gap: float, low: float, high: float) -> np.ndarray:
    """Move labels apart until none is nearer than `gap` to the next, as little as possible.

    Examples
    --------
    >>> [round(float(x), 3) for x in spread_out([0.0, 0.1, 5.0], 1.0, -10, 10)]
    [-0.45, 0.55, 5.0]
    """
    targets = np.asarray(places, dtype=float)
    order = np.argsort(targets, kind="stable")
    clusters: list[list[float]] = []  # [sum of wanted - offset, members]
    for place in targets[order]:
        clusters.append([place, 1])
        while len(clusters) > 1:
            (before, n), (right, m) = clusters[-2:]
            if right / m >= before / n + n * gap:
                break
            clusters[-2:] = [[before + right - m * n * gap, n + m]]
    placed: list[float] = []
    for total, members in clusters:
        placed += [total / members + i * gap for i in range(int(members))]
    out = np.asarray(placed)
    steps = gap * np.arange(len(out))
    out = np.maximum(out, low + steps)
    out = np.minimum(out, high - steps[::-1])
    moved = np.empty_like(targets)
    moved[order] = out
    return moved


def span(counts: Iterable[int]) -> str:
    """Write how many there are, as one number or from least to most.

    Examples
    --------
    >>> span([6, 6]), span([4, 5])
    ('6', '4 to 5')
    """
    numbers = list(counts)
    smallest, largest = min(numbers), max(numbers)
    if smallest == largest:
        return str(smallest)
    return RANGE[current_language()].format(smallest, largest)


def fitted(text: str, width_pt: float, font_pt: float) -> tuple[str, float]:
    """Letter size, and if need be a shortened text, with which a label fits a width.

    Examples
    --------
    >>> fitted("short", 100, 8), fitted("very long name", 49, 8)
    (('short', 8), ('very long n…', 6.0))
    """
    per_sign = 0.68
    size = min(font_pt, max(0.75 * font_pt, width_pt / (per_sign * max(len(text), 1))))
    room = int(width_pt / (per_sign * size) + 1e-9)
    return (text if len(text) <= room else text[: max(room - 1, 2)] + "…"), size


def tidy(axes: Axes, *, grid: str = "x") -> None:
    """Grid on one axis, no frame on the others."""
    axes.grid(True, axis=grid)  # type: ignore[arg-type]
    axes.spines["left"].set_visible(grid != "x")


def colours_by_family(families: Mapping[str, str]) -> dict[str, str]:
    """Colour of every candidate: that of the family, each further member a lighter tint.

    Members are tinted in order of the alphabet, so that colours do not move with the votes.
    Where no family has a colour, candidates take turns on a palette that all eyes tell apart.

    Parameters
    ----------
    families : mapping of str to str
        By candidate.
    """
    family_colour = family_colours()
    if not set(families.values()) & (set(family_colour) - {"other"}):
        palette = itertools.cycle(style.STRANGER_COLOURS)
        return dict(zip(sorted(families), palette, strict=False))
    tints = _places(sorted(families), families)
    return {
        family: lighter(
            family_colour.get(families[family], family_colour["other"]), 0.28 * min(tint, 2)
        )
        for family, tint in tints.items()
    }


def candidate_looks(families: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Colour and marker of every candidate; markers differ within a family."""
    colours, places = colours_by_family(families), _places(sorted(families), families)
    return {
        name: {"color": colours[name], "marker": style.MARKERS[place % len(style.MARKERS)]}
        for name, place in places.items()
    }


def _places(names: Iterable[str], families: Mapping[str, str]) -> dict[str, int]:
    """How many of a family stand before each of these."""
    n_seen: Counter[str] = Counter()
    colours = {}
    for name in names:
        family = families.get(name, "")
        colours[name] = n_seen[family]
        n_seen[family] += 1
    return colours


def method_looks(names: Iterable[str], families: Mapping[str, str]) -> dict[str, tuple[str, Any]]:
    """Colour by family of methods, dashes within it: of a family, the first six differ."""
    places = _places(dict.fromkeys(names), families)
    return {
        name: (
            style.METHOD_COLOURS.get(families.get(name, ""), style.OTHER_METHOD),
            style.DASHES[place % len(style.DASHES)],
        )
        for name, place in places.items()
    }


def series_looks(
    names: Iterable[str],
    colours: Sequence[str] = style.SERIES,
    *,
    shift: float = 0.0,
    **look: Any,
) -> dict[str, dict[str, Any]]:
    """A colour and a marker for each name in turn; `shift` sets them apart within a row.

    Examples
    --------
    >>> looks = series_looks(["one", "two"], shift=0.2, alpha=0.9)
    >>> [(one["shift"], one["alpha"]) for one in looks.values()]
    [(-0.1, 0.9), (0.1, 0.9)]
    """
    every = list(names)
    return {
        name: {
            "color": colours[place % len(colours)],
            "marker": style.MARKERS[place % len(style.MARKERS)],
            "shift": shift * (place - (len(every) - 1) / 2),
            **look,
        }
        for place, name in enumerate(every)
    }


def lighter(colour: str, amount: float) -> str:
    """Mix a colour with white.

    Examples
    --------
    >>> lighter("#000000", 0.5), lighter("#123456", 0.0)
    ('#808080', '#123456')
    """
    parts = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(part + (255 - part) * amount):02x}" for part in parts)


@cache
def dark_colours() -> dict[str, str]:
    """Every colour of figures that is another one on dark paper, and that one."""
    families = family_colours().values()
    tints = (lighter(colour, 0.28 * tint) for colour in families for tint in range(3))
    plain = {*style.METHOD_COLOURS.values(), style.OTHER_METHOD, *tints} - set(style.ON_DARK)
    return style.ON_DARK | {colour: _for_dark_paper(colour) for colour in sorted(plain)}


def _for_dark_paper(colour: str) -> str:
    """Lift a colour until it can be told from dark paper, keeping its hue; the darker stay so."""
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    hue, light, saturation = colorsys.rgb_to_hls(red, green, blue)
    lifted = colorsys.hls_to_rgb(hue, max(light, 0.52 + 0.4 * light), saturation)
    return "#" + "".join(f"{round(255 * part):02x}" for part in lifted)


def readable_on(colour: str) -> str:
    """Dark or light letters, whichever stand out more on a colour."""
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    # one step off ink and paper: letters on a coloured cell keep their colour on dark pages
    return "#1d2128" if 0.299 * red + 0.587 * green + 0.114 * blue > 0.55 else "#fffffe"

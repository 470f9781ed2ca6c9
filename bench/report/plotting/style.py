"""Colours, letters and sizes that all figures share."""

import colorsys
import itertools
from collections.abc import Iterable, Mapping
from typing import Any

from bench.data.country import family_colours
from bench.report.context import ReportContext

INK = "#1d2129"
SOFT = "#5a6270"
GRID = "#dfe3e8"
PAPER = "#ffffff"
BAND = "#eef1f4"
RIGHT = "#117733"
WRONG = "#b3362b"

# for elections whose families have no colour of their own: Okabe and Ito, darkened where pale
STRANGER_COLOURS = ("#0b6fae", "#d55e00", "#12805c", "#a8487d", "#b07c00", "#3a3f8f", "#4f9fc9")
METHOD_COLOURS = {
    "floors": "#8a9099",
    "quota polls": "#0b4f96",
    "published claims": "#b3541e",
    "app ratings": "#a6266e",
    "buzz": "#d99000",
    "ecological": "#2a7f62",
    "hybrids": "#9a7fe0",
}
OTHER_METHOD = "#4b5563"
DASHES: tuple[Any, ...] = ("-", "--", ":", "-.", (0, (8, 1.5)), (0, (3, 1, 1, 1, 1, 1)))
MARKERS = ("o", "D", "s", "^", "v", "P")

WIDTHS_IN = {"single": 3.5, "double": 7.2, "slide": 11.0}
FONT_PT = {"single": 6.6, "double": 7.4, "slide": 12.0}


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
    if size not in WIDTHS_IN:
        raise ValueError(f"no figure size '{size}'; known: {', '.join(WIDTHS_IN)}")
    font = FONT_PT[size]
    return {
        "font.family": ["DejaVu Sans"],
        "font.size": font,
        "axes.titlesize": font * 1.05,
        "axes.titleweight": "bold",
        "axes.titlelocation": "left",
        "axes.labelsize": font,
        "xtick.labelsize": font,
        "ytick.labelsize": font,
        "legend.fontsize": font,
        "text.color": INK,
        "axes.labelcolor": INK,
        "axes.titlecolor": INK,
        "xtick.color": SOFT,
        "ytick.color": SOFT,
        "xtick.labelcolor": INK,
        "ytick.labelcolor": INK,
        "axes.edgecolor": SOFT,
        "axes.linewidth": 0.6,
        "axes.facecolor": PAPER,
        "figure.facecolor": PAPER,
        "savefig.facecolor": PAPER,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.axisbelow": True,
        "axes.unicode_minus": True,
        "grid.color": GRID,
        "grid.linewidth": 0.6,
        "xtick.major.width": 0.6,
        "ytick.major.width": 0.6,
        "xtick.major.size": font / 3,
        "ytick.major.size": 0,
        "lines.linewidth": font / 6,
        "lines.solid_capstyle": "butt",
        "patch.linewidth": 0.5,
        "svg.hashsalt": "election-bench",
        "svg.fonttype": "path",
        "pdf.fonttype": 42,
        "savefig.dpi": 200,
    }


def candidate_colours(facts: ReportContext) -> dict[str, str]:
    """Colour of every candidate: that of the family, each further member a lighter tint.

    Members are tinted in order of the alphabet, so that colours do not move with the votes.
    Where no family has a colour, candidates take turns on a palette that all eyes tell apart.
    """
    known = family_colours()
    if not set(facts.families.values()) & (set(known) - {"other"}):
        palette = itertools.cycle(STRANGER_COLOURS)
        return dict(zip(sorted(facts.families), palette, strict=False))
    colours: dict[str, str] = {}
    seen: dict[str, int] = {}
    for candidate in sorted(facts.families):
        family = facts.families[candidate]
        tint = seen.get(family, 0)
        seen[family] = tint + 1
        base = known.get(family, known["other"])
        colours[candidate] = lighter(base, 0.28 * min(tint, 2))
    return colours


def candidate_markers(facts: ReportContext) -> dict[str, str]:
    """Marker of every candidate: differs within a family, so that colour is never alone."""
    seen: dict[str, int] = {}
    markers = {}
    for candidate in sorted(facts.families):
        family = facts.families[candidate]
        markers[candidate] = MARKERS[seen.get(family, 0) % len(MARKERS)]
        seen[family] = seen.get(family, 0) + 1
    return markers


def method_looks(names: Iterable[str], families: Mapping[str, str]) -> dict[str, tuple[str, Any]]:
    """Colour by family of methods, dashes within it: of a family, the first six differ."""
    found: dict[str, tuple[str, Any]] = {}
    seen: dict[str, int] = {}
    for name in dict.fromkeys(names):
        family = families.get(name, "")
        found[name] = (METHOD_COLOURS.get(family, OTHER_METHOD), DASHES[seen.get(family, 0) % 6])
        seen[family] = seen.get(family, 0) + 1
    return found


def lighter(colour: str, amount: float) -> str:
    """Mix a colour with white.

    Examples
    --------
    >>> lighter("#000000", 0.5), lighter("#123456", 0.0)
    ('#808080', '#123456')
    """
    parts = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(part + (255 - part) * amount):02x}" for part in parts)


def for_dark_paper(colour: str) -> str:
    """Lift a colour until it can be told from dark paper, keeping its hue."""
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    hue, light, saturation = colorsys.rgb_to_hls(red, green, blue)
    lifted = colorsys.hls_to_rgb(hue, max(light, 0.62), saturation)
    return "#" + "".join(f"{round(255 * part):02x}" for part in lifted)


def readable_on(colour: str) -> str:
    """Dark or light letters, whichever stands out more on a colour."""
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    # one step off ink and paper: letters on a coloured cell keep their colour on dark pages
    return "#1d2128" if 0.299 * red + 0.587 * green + 0.114 * blue > 0.55 else "#fffffe"

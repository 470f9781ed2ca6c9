"""Colours, letters and sizes that all figures share."""

from typing import Any

INK = "#1d2129"
SOFT = "#5a6270"
GRID = "#dfe3e8"
PAPER = "#ffffff"
BAND = "#eef1f4"
WRONG = "#b3362b"

# for elections whose families have no colour of their own: Okabe and Ito, darkened where pale
STRANGER_COLOURS = ("#0b6fae", "#d55e00", "#12805c", "#a8487d", "#b07c00", "#3a3f8f", "#4f9fc9")
METHOD_COLOURS = {
    "baselines": "#8a9099",
    "quota polls": "#0b4f96",
    "published claims": "#b3541e",
    "app ratings": "#a6266e",
    "buzz": "#d99000",
    "ecological": "#2a7f62",
    "hybrids": "#9a7fe0",
}
OTHER_METHOD = "#4b5563"
# what is neither a method nor a candidate
SERIES = ("#0b4f96", "#d99000", "#2a7f62", "#a6266e", "#9a7fe0", "#4b5563")
DASHES: tuple[Any, ...] = ("-", "--", ":", "-.", (0, (8, 1.5)), (0, (3, 1, 1, 1, 1, 1)))
MARKERS = ("o", "D", "s", "^", "v", "P")

WIDTHS_IN = {"single": 3.5, "double": 7.2, "slide": 11.0}
FONT_PT = {"single": 6.6, "double": 7.4, "slide": 12.0}

# what is drawn on white paper, on dark paper
ON_DARK = {
    INK: "#e8eaee",
    SOFT: "#a9b1bd",
    GRID: "#363c46",
    PAPER: "#171a1f",
    BAND: "#20242b",
}

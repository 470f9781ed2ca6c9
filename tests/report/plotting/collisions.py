"""Where the words of a figure stand: this file finds labels that collide or leave the sheet."""

import itertools
from collections.abc import Iterator
from typing import Any


def labels(figure: Any) -> Iterator[tuple[str, Any]]:
    """Words of a figure that are really drawn, with their boxes."""
    from matplotlib.text import Text

    texts = list(figure.texts)
    for legend in figure.legends:
        texts += legend.get_texts()
    for axes in [a for a in figure.axes if a.get_visible()]:
        texts += [*axes.texts, axes.title, axes._left_title]
        for axis, (low, high) in ((axes.xaxis, axes.get_xlim()), (axes.yaxis, axes.get_ylim())):
            if not axes.axison:
                continue
            texts.append(axis.label)
            for tick in axis.get_major_ticks():
                if min(low, high) <= tick.get_loc() <= max(low, high):
                    texts += [tick.label1, tick.label2]
    for text in texts:
        if text.get_visible() and text.get_text().strip():
            # of an annotation only the words, not its arrow
            yield text.get_text(), Text.get_window_extent(text)


def collisions(figure: Any, *, slanted: bool = False) -> list[str]:
    """What is wrong with the labels, in words; boxes of slanted names are too wide to compare."""
    figure.draw_without_rendering()
    found = list(labels(figure))
    sheet = figure.bbox.padded(1)
    wrong = [
        f"'{text}' leaves the sheet"
        for text, box in found
        if not (sheet.contains(box.x0, box.y0) and sheet.contains(box.x1, box.y1))
    ]
    if slanted:
        return wrong
    for (one, a), (two, b) in itertools.combinations(found, 2):
        wide = min(a.x1, b.x1) - max(a.x0, b.x0)
        high = min(a.y1, b.y1) - max(a.y0, b.y0)
        if wide >= 1.5 and high >= 1.5:
            wrong.append(f"'{one}' meets '{two}'")
    return wrong

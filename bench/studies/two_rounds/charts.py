"""The chart of who would meet in the runoff."""

from __future__ import annotations

import pandas as pd

from bench.core.language import _
from bench.core.options import labels
from bench.report.charts import (
    PERCENT,
    Chart,
    Panels,
    chart_of,
    layer,
    rows_by_name,
    tips,
)
from bench.report.plotting import style
from bench.studies.two_rounds.plots import PALE, drawn_pairs

PAIR_PX = 150  # of the names of a pair


def pair_chart(pairs: pd.DataFrame) -> Chart:
    """The likeliest pairs, a panel for each forecast; the pair that came to be is darker.

    Parameters
    ----------
    pairs : pandas.DataFrame
        As of `bench.studies.two_rounds.plots.likely_pairs`, candidates by name.
    """
    known = drawn_pairs(pairs)
    called = labels("predictor", dict.fromkeys(known["predictor"]))
    rows = pd.DataFrame(
        {
            "method": known["predictor"].map(called),
            "pair": known["first"] + " – " + known["second"],
            "chance": (PERCENT * known["probability"]).round(1),
            "came": known["came"].astype(bool),
        }
    )
    columns = {"method": _("Method"), "pair": _("Pair"), "chance": _("Chance of this runoff, %")}
    chance = {
        "field": "chance",
        "type": "quantitative",
        "title": columns["chance"],
        "axis": {"tickCount": 4, "titleAnchor": "middle"},
    }
    order = {"field": "chance", "op": "max", "order": "descending"}
    place = {"x": chance, "y": rows_by_name("pair", order), "tooltip": tips(columns)}
    strong = {"test": "datum.came", "value": style.METHOD_COLOURS["quota polls"]}
    bars = layer(
        {"type": "bar", "height": {"band": 0.66}},
        **place,
        color={"condition": strong, "value": PALE},
    )
    words = {"type": "text", "align": "left", "dx": 4}
    numbers = layer(words, **place, text={"field": "chance", "format": ".0f"})
    spec = chart_of(
        bars,
        numbers,
        panels=Panels(
            field="method",
            order=list(called.values()),
            most=3,
            ratio=0.55,
            room=PAIR_PX,
            own_scale=True,
        ),
    )
    return Chart(spec=spec, rows=rows, columns=columns)

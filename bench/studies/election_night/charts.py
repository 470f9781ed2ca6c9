"""Charts of an election night: how good each estimate is, and how far it can be trusted."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from bench.core.language import N_, _, retold
from bench.report.charts import PERCENT, Chart, Panels, Spec, curves, promised, shown_of
from bench.report.formatting import in_words
from bench.studies.election_night.plots import COLOURS, SAMPLED, SAMPLED_WORDS, WORDS

COUNTED = (0.5, 1, 2, 5, 10, 20, 50, 100)  # percent, that are named
COVERED = "covered_leading"
MEASURES = {
    "mae_leading": (N_("Error, points"), 1),
    "half_width": (N_("Half width of the {level:.0%} intervals, points"), 1),
    COVERED: (N_("Inside the {level:.0%} intervals, %"), PERCENT),
    "leaders_right": (N_("Leaders right, % of the orders"), PERCENT),
}


def night_chart(moments: pd.DataFrame, level: float) -> Chart:
    """Every estimate while stations report, one order of reporting at a time.

    Parameters
    ----------
    moments : pandas.DataFrame
        As of `bench.studies.election_night.plots.night_figure`.
    level : float
        Of the intervals.
    """
    known = moments[moments["estimator"].isin(COLOURS)]
    known = known.assign(
        across=(PERCENT * known["counted"]).round(2),
        scenario=[in_words(str(order), "order", {}) for order in known["order"]],
    )
    names = dict(zip(COLOURS, map(_, WORDS), strict=True))
    across = {
        "field": "across",
        "type": "quantitative",
        "title": _("Stations counted, %"),
        "scale": {"type": "log", "domain": [COUNTED[0], COUNTED[-1]]},
        "axis": {"values": [*COUNTED], "grid": False, "titleAnchor": "middle"},
    }
    return _measured(known, names, dict(COLOURS), level, across, _("Stations counted, %"))


def sample_chart(samples: pd.DataFrame, level: float, frames: Mapping[str, str]) -> Chart:
    """The estimate from samples by their size, one frame at a time.

    Parameters
    ----------
    samples : pandas.DataFrame
        As of `bench.studies.election_night.plots.sample_figure`.
    level : float
        Of the intervals.
    frames : mapping of str to str
        Words for the values of `allowed`.
    """
    words = {
        str(one): retold(frames[str(one)], N_("from those closed at {hour}"))
        if one in frames
        else _("sampled from all")
        for one in samples["allowed"].unique()
    }
    known = samples[samples["estimator"].isin(SAMPLED)]
    known = known.assign(across=known["n_stations"], scenario=known["allowed"].map(words))
    names = dict(zip(SAMPLED, map(_, SAMPLED_WORDS), strict=True))
    across = {
        "field": "across",
        "type": "quantitative",
        "title": _("Stations in the sample"),
        "axis": {"grid": False, "tickCount": 6, "titleAnchor": "middle"},
    }
    return _measured(known, names, dict(SAMPLED), level, across, _("Stations in the sample"))


def _measured(
    known: pd.DataFrame,
    names: Mapping[str, str],
    colours: Mapping[str, str],
    level: float,
    across: Spec,
    counted: str,
) -> Chart:
    """A panel for each measure, a line for each estimator."""
    measures = {
        key: (_(words, level=level), scale)
        for key, (words, scale) in MEASURES.items()
        if key in known
    }
    parts = [
        pd.DataFrame(
            {
                "measure": words,
                "method": known["estimator"].map(names),
                "scenario": known["scenario"],
                "across": known["across"],
                "value": (scale * known[key]).round(2),
            }
        )
        for key, (words, scale) in measures.items()
    ]
    rows = pd.concat(parts, ignore_index=True).dropna(subset="value")
    orders = [str(one) for one in dict.fromkeys(rows["scenario"])]
    columns = {
        "measure": _("Measure"),
        "method": _("Estimate"),
        "scenario": _("Scenario"),
        "across": counted,
        "value": _("Value"),
    }
    return curves(
        rows,
        columns,
        across=across,
        title=None,
        colours={names[key]: colour for key, colour in colours.items()},
        behind=[promised([measures[key][0] for key in measures if key == COVERED], level)],
        one={"scenario": orders},
        heading={"text": {"expr": shown_of("scenario", orders)}},
        panels=Panels(
            field="measure",
            order=[words for words, _scale in measures.values()],
            most=2,
            ratio=0.42,
            room=40,
            own_scale=True,
        ),
    )

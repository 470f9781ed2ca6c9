"""The figure of the record: pairs in a forest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from bench.metrics.comparison.ratios import EQUIVALENT
from bench.report.figure import Axis, Figure, Mark
from bench.report.plotting import style
from bench.report.text import Text
from bench.studies.track_record.estimates import STRATA

TICKS = (0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 7, 10, 15, 20, 30, 50)
text = Text("track_record")


def forest_rows(pairs: pd.DataFrame, facts: Mapping[str, Any]) -> pd.DataFrame:
    """Mean absolute errors of vote shares beside the reference, by stratum, the best first."""
    rows = pairs[pairs["kind"].eq("shares") & pairs["measure"].eq("mae")]
    rows = rows[rows["other"].eq(facts["reference"])].sort_values("ratio", kind="stable")
    parts = [rows[rows["stratum"].eq(stratum)] for stratum in STRATA]
    return pd.concat(parts, ignore_index=True)


def forest(pairs: pd.DataFrame, facts: Mapping[str, Any]) -> Figure:
    """The error of every family beside the reference in every stratum, with its interval.

    Parameters
    ----------
    pairs
        The table of that name.
    facts
        Of the texts; the family at 1 is their `reference`.
    """
    rows, strata = forest_rows(pairs, facts), text.words("strata")
    heads = rows.groupby("stratum", sort=False).size()
    names: list[str] = []
    for stratum in heads.index:
        mine = rows.loc[rows["stratum"].eq(stratum), "family"]
        names += [strata[stratum], *(facts["labels"][family] for family in mine)]
    after = 1 + rows["stratum"].map({one: n for n, one in enumerate(heads.index)})
    beside = rows[["days", "votes", "countries"]].astype(int)
    rows = rows.assign(
        place=np.arange(len(rows)) + after,
        family=rows["family"].map(facts["labels"]),
        set=rows["stratum"].map(strata),
        hollow=rows["low"].isna(),
        beside=[f"{days:,} · {votes:,} · {n}" for days, votes, n in beside.to_numpy().tolist()],
    )
    margin = pd.DataFrame({"low": [EQUIVALENT[0]], "high": [EQUIVALENT[1]]})
    verdicts = {key: int(rows["verdict"].eq(key).sum()) for key in text.words("verdicts")}
    return Figure(
        title=facts["title"],
        claim=text("forest_claim", **{**facts, **verdicts, "n": len(rows)}),
        subtitle=text("forest_subtitle"),
        caption=text("forest_caption", **facts),
        x=Axis(label=text("forest_axis", **facts), scale="log", ticks=TICKS),
        y=Axis(names=names, bold=list(strata.values())),
        columns=text.words("forest_columns"),
        height=0.3,
        per_row=0.21,
        marks=(
            Mark("span", margin, "low", to="high", look={"color": style.GRID}),
            Mark("at", x=1, look={"color": style.METHOD_COLOURS["floors"]}),
            Mark("rule", rows, "low", "place", "high"),
            Mark("dot", rows, "ratio", "place", hollow="hollow", look={"size": 0.6}),
            Mark("text", rows, y="place", text="beside", look={"ink": style.SOFT}),
        ),
    )

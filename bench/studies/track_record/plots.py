"""The figure of the record: pairs in a forest, and its chart of the page."""

from __future__ import annotations

import numpy as np
import pandas as pd

from bench.core.language import _
from bench.metrics.comparison.ratios import MIN_CLUSTERS
from bench.metrics.comparison.verdict import EQUIVALENT
from bench.report.charts import Chart, intervals, labelled
from bench.report.figure import Axis, Figure, Mark
from bench.report.plotting import style
from bench.studies.track_record.estimates import STRATA
from bench.studies.track_record.sentences import STRATUM, Words

TICKS = (0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 7, 10, 15, 20, 30, 50)
SHORT = {"two": " (2)", "more": " (3+)"}  # candidates: a name stands once in a chart


def forest_rows(pairs: pd.DataFrame, words: Words) -> pd.DataFrame:
    """Mean absolute errors of vote shares beside the reference, by stratum, the best first."""
    rows = pairs[pairs["kind"].eq("shares") & pairs["measure"].eq("mae")]
    rows = rows[rows["other"].eq(words.reference)].sort_values("ratio", kind="stable")
    parts = [rows[rows["stratum"].eq(stratum)] for stratum in STRATA]
    return pd.concat(parts, ignore_index=True)


def forest(pairs: pd.DataFrame, words: Words) -> Figure:
    """The error of every family beside the reference in every stratum, with its interval.

    Parameters
    ----------
    pairs
        The table of that name.
    words
        The family at 1 is their reference.
    """
    rows = forest_rows(pairs, words)
    heads = rows.groupby("stratum", sort=False).size()
    names: list[str] = []
    for stratum in heads.index:
        mine = rows.loc[rows["stratum"].eq(stratum), "family"]
        names += [_(STRATUM[stratum]), *(words.labels[family] for family in mine)]
    after = 1 + rows["stratum"].map({one: n for n, one in enumerate(heads.index)})
    beside = rows[["days", "votes", "countries"]].astype(int)
    rows = rows.assign(
        place=np.arange(len(rows)) + after,
        hollow=rows["low"].isna(),
        beside=[f"{days:,} · {votes:,} · {n}" for days, votes, n in beside.to_numpy().tolist()],
    )
    margin = pd.DataFrame({"low": [EQUIVALENT[0]], "high": [EQUIVALENT[1]]})
    return Figure(
        title=words.title,
        claim=_(
            "Of {n} pairs, {better} are better than “{family}”, {equivalent} equivalent, {worse} "
            "worse; for {unknown} there is not enough information",
            n=len(rows),
            better=int(rows["verdict"].eq("better").sum()),
            equivalent=int(rows["verdict"].eq("equivalent").sum()),
            worse=int(rows["verdict"].eq("worse").sum()),
            unknown=int(rows["verdict"].eq("not_enough").sum()),
            family=words.against,
        ),
        subtitle=_("mean absolute error of vote shares; election days, votes and countries beside"),
        caption=_(
            "Dots: geometric mean of the ratios to “{family}” on the votes that both answered, "
            "election days alike; lines: 95% intervals, none below {n} election days (hollow "
            "dots). Grey: the margin of equivalence. {source}",
            family=words.against,
            n=MIN_CLUSTERS,
            source=words.source,
        ),
        x=Axis(
            label=_("error, times that of “{family}”", family=words.against),
            scale="log",
            ticks=TICKS,
        ),
        y=Axis(names=names, bold=[_(one) for one in STRATUM.values()]),
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


def forest_chart(pairs: pd.DataFrame, words: Words) -> Chart:
    """The same as a chart of the page."""
    known = forest_rows(pairs, words)
    kinds = known["stratum"].map(STRATUM).map(_)
    rows, columns = labelled(
        family=(_("Family"), known["family"].map(words.labels) + known["stratum"].map(SHORT)),
        set=(_("Votes"), kinds),
        value=(_("Ratio of errors"), known["ratio"].round(2)),
        low=(_("95% interval from"), known["low"].round(2)),
        high=(_("95% interval to"), known["high"].round(2)),
        days=(_("Election days"), known["days"].astype(int)),
    )
    across = _("error, times that of “{family}”", family=words.against)
    return intervals(rows, "family", columns, across)

"""Chances from day to day, where each moment supposes the slate most polled by then."""

from __future__ import annotations

import pandas as pd

from bench.report.document import MakeTable, table_of
from bench.studies.backtest.forecasts import ON_BOTH
from bench.studies.backtest.headline import Vote, rankable

LEADING = 0.10  # share of the vote from which an error counts
MISSED = 0.05  # share of the vote from which whoever was not on the slate is named
ROW = ["as_of", "predictor"]


def chances_by_day(vote: Vote) -> pd.DataFrame:
    """The chances of those who got through, of every method that states some, day by day.

    Parameters
    ----------
    vote : Vote
        With forecasts on supposed slates.

    Returns
    -------
    pandas.DataFrame
        One row per predictor and moment, the earliest first: predictor, as_of, days_before,
        supposed (keys of those on the slate who did not stand), came_later (not on it, with
        `MISSED` of the votes or more), of each who got through ``chance_KEY`` (0 to 1; NaN: not on
        the slate), mae_leading (mean absolute error of candidates with `LEADING` of the votes or
        more, shares of those on both ballots divided by their sum, fraction).
    """
    answers = rankable(vote.slate_forecasts, vote.methods)
    stated = answers.dropna(subset="p_qualify")
    chances = stated.pivot(index=ROW, columns="candidate", values="p_qualify")
    rows = chances.reindex(columns=list(vote.context.qualifiers)).add_prefix("chance_")
    rows["mae_leading"] = _leading_errors(vote)
    rows = rows.reset_index()
    outcome = vote.context.outcome
    noted = [name for name in vote.context.by_votes if outcome[name] >= MISSED]
    for moment in vote.dates:
        names = set(answers.loc[answers["as_of"].eq(moment), "candidate"])
        is_then = rows["as_of"].eq(moment)
        left = sorted(names - set(outcome.index))
        rows.loc[is_then, "supposed"] = " ".join(left)
        rows.loc[is_then, "came_later"] = " ".join(name for name in noted if name not in names)
    rows.insert(2, "days_before", rows["as_of"].map(vote.days))
    places = {name: place for place, name in enumerate(vote.methods["predictor"].unique())}
    order = rows["predictor"].map(places).argsort(kind="stable")
    first = ["predictor", "as_of", "days_before", "supposed", "came_later"]
    return rows.iloc[order][[*first, *rows.columns.drop(first)]].reset_index(drop=True)


def _leading_errors(vote: Vote) -> pd.Series:
    """Mean absolute errors (fractions) of leading candidates who were on the slate, by `ROW`."""
    outcome = vote.context.outcome
    leading = outcome.index[outcome >= LEADING]
    errors = vote.national_errors
    errors = errors[errors["ballot"].eq(ON_BOTH) & errors["metric"].eq("absolute_error")]
    return errors[errors["candidate"].isin(leading)].groupby(ROW)["value"].mean()


def chances_table(vote: Vote) -> MakeTable | None:
    """The table of `chances_by_day`; none where no method states chances.

    Parameters
    ----------
    vote : Vote
        With forecasts on supposed slates.
    """
    rows = chances_by_day(vote)
    if rows.empty:
        return None
    names = vote.context.surnames
    candidates = {
        key: [", ".join(names[name] for name in cell.split()) for cell in rows[key]]
        for key in ("supposed", "came_later")
    }
    return table_of(
        rows,
        shown=rows.assign(as_of=rows["as_of"].dt.strftime("%Y-%m-%d"), **candidates),
        show=[
            *("predictor", "days_before", "as_of", "supposed", "came_later"),
            *("chance_*", "mae_leading"),
        ],
        columns={"chance_*": "<%", "days_before": "0", "mae_leading": "1pp"},
        filters=["predictor"],
        first={"predictor": str(rows["predictor"].iloc[0])},
        terminal=False,
    )

"""Chances over many votes: markets, model-makers and polls on the same events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from bench.core.options import labels
from bench.metrics.comparison.ratios import LEVEL
from bench.metrics.comparison.significance import mean_interval, serial_correlation
from bench.metrics.comparison.tests import has_interval
from bench.metrics.events import came_true
from bench.metrics.probabilities import STATED, brier_score, floored_probability, log_score
from bench.report.context import ReportContext
from bench.report.formatting import MISSING, format_values
from bench.report.plotting.reliability import reliability_diagram
from bench.report.tables import Table
from bench.report.text import Text
from bench.report.view import view_tables

if TYPE_CHECKING:
    from matplotlib.figure import Figure

EVENT = ["election", "round", "as_of", "candidate"]
COLUMNS = ["rank", "predictor", "brier", "log_score", "less", "less_low", "less_high"]
COLUMNS += ["elections", "days", "n_events", "answered"]
SHARED = 0.5  # of the votes of whoever answered most: who answered fewer is not compared
text = Text("backtest")


def events_that_count(forecasts: pd.DataFrame, votes: Sequence[ReportContext]) -> pd.DataFrame:
    """Chances of getting through (of winning, where the vote decides) beside what happened.

    Parameters
    ----------
    forecasts : pandas.DataFrame
        Long table of a run, of any votes and dates.
    votes : sequence of ReportContext
        What happened.

    Returns
    -------
    DataFrame
        election, day (of its first vote), round, as_of, predictor, candidate, probability, happened
        (0 or 1): what methods say themselves of candidates whom they name; of a ballot of two the
        first by name, as the other is the same event.
    """
    rows = forecasts[forecasts["area"].eq("national")]
    rows = rows[rows["p_qualify"].notna() & (~rows["filled"].astype(bool) | rows["share"].isna())]
    days: dict[str, pd.Timestamp] = {}
    for vote in votes:
        days[vote.election] = min(vote.vote_on, days.get(vote.election, vote.vote_on))
    found = []
    for vote in {(one.election, one.round): one for one in votes}.values():
        happened = came_true(vote.outcome.to_numpy(), "qualify", vote.n_advance)
        truth = pd.Series(happened, index=vote.outcome.index).sort_index(kind="stable")
        counted = truth.iloc[:1] if len(truth) == 2 else truth
        mine = rows[rows["election"].eq(vote.election) & rows["round"].eq(vote.round)]
        mine = mine[mine["candidate"].isin(counted.index)]
        happens = mine["candidate"].map(counted)
        found.append(mine.assign(happened=happens, day=days[vote.election]))
    table = pd.concat(found, ignore_index=True).rename(columns={"p_qualify": "probability"})
    return table[["day", *EVENT, "predictor", "probability", "happened"]]


def reliability(
    events: pd.DataFrame, title: str, source: str, *, order: Sequence[str], size: str = "double"
) -> Figure:
    """Draw the reliability of the chances of many votes.

    Parameters
    ----------
    events
        From `events_that_count`.
    title, source
        Of the run.
    order
        Methods in reading order.
    size
        Size preset.
    """
    votes = len(events[["election", "round"]].drop_duplicates())
    dates = len(events[["election", "round", "as_of"]].drop_duplicates())
    asked = {"votes": votes, "dates": dates, "elections": events["election"].nunique()}
    return reliability_diagram(
        events["probability"].to_numpy(),
        events["happened"].to_numpy(),
        events["predictor"].to_numpy(),
        title=title,
        source=source,
        order=order,
        names=labels("predictor", order),
        about=text("reliability_about", **asked),
        size=size,
    )


def odds_over_votes(events: pd.DataFrame) -> pd.DataFrame:
    """Brier and log score of every method over many votes, on one and the same set of events.

    The set is what all methods answered, of those who spoke of at least half of the elections of
    whoever spoke of most; the others have no score. Events are averaged within an election first,
    so that elections count alike.

    Parameters
    ----------
    events
        From `events_that_count`.

    Returns
    -------
    DataFrame
        rank, predictor, brier, log_score (a chance of 0 or 1 counts as 0.0005 or 0.9995), less,
        less_low and less_high (Brier score less that of the first, paired by election, with its
        95 % t interval over the days of vote, from 6 on: elections of one day err together, and the
        days count as one series of `bench.metrics.comparison.significance.serial_correlation`),
        elections, n_events (compared), answered (events of
        its own), days (on which these elections began; their number bounds what is independent).
        Best first.
    """
    spoke = events.groupby("predictor")["election"].nunique()
    main = list(spoke.index[spoke.ge(SHARED * spoke.max())]) if len(spoke) else []
    rows = events[events["predictor"].isin(main)]
    shared = rows.groupby(EVENT)["predictor"].transform("nunique").eq(len(main))
    rows = rows[shared]
    chance, fact = rows["probability"].to_numpy(), rows["happened"].to_numpy()
    answered = events.groupby("predictor").size()
    found = pd.DataFrame({"answered": answered, "n_events": rows.groupby("predictor").size()})
    if rows.empty:
        return pd.DataFrame()
    rows = rows.assign(
        brier=brier_score(chance, fact),
        log_score=log_score(floored_probability(chance, STATED), fact),
    )
    each = rows.groupby(["predictor", "election"])[["brier", "log_score"]].mean()
    found = found.join(each.groupby(level="predictor").mean())
    found["elections"] = each.groupby(level="predictor").size()
    found = found.sort_values(["brier", "answered"], ascending=[True, False], kind="stable")
    found["rank"] = found["brier"].rank(method="min").astype("Int64")
    wide = each["brier"].unstack("predictor")
    day = rows.drop_duplicates("election").set_index("election")["day"].reindex(wide.index)
    found["days"] = day.nunique()
    gaps = wide.sub(wide[found.index[0]], axis=0)
    by_day = gaps.groupby(day).mean()
    correlation = serial_correlation([""] * len(by_day), list(by_day.index))
    for name in wide.columns.drop(found.index[0]):
        found.loc[name, "less"] = gaps[name].mean()
        if has_interval(correlation):
            low, high = mean_interval(
                by_day[[name]].to_numpy(), level=1 - LEVEL, correlation=correlation
            )
            found.loc[name, ["less_low", "less_high"]] = low[0], high[0]
    return found.reset_index().reindex(columns=COLUMNS)


def odds_over_votes_table(events: pd.DataFrame, found: pd.DataFrame, title: str) -> Table:
    """The odds over many votes with their texts.

    Parameters
    ----------
    events, found
        From `events_that_count`, and what `odds_over_votes` made of it.
    title
        Of the run.
    """
    ranked = found[found["rank"].notna()]
    compared = events[events["predictor"].isin(ranked["predictor"])]
    facts = {
        "title": title,
        "n_ranked": len(ranked),
        "base": float(compared.drop_duplicates(EVENT)["happened"].mean()),
        "has_intervals": bool(found["less_low"].notna().any()),
        "alone": list(found.loc[found["rank"].isna(), "predictor"]),
        **{key: int(ranked[key].iloc[0]) for key in ("n_events", "elections", "days")},
    }
    shown = found.assign(less_text=_with_interval(found))
    frames = {"odds_over_votes": found, "odds_over_votes_shown": shown}
    return view_tables("backtest", frames, facts)[0]


def _with_interval(rows: pd.DataFrame) -> list[str]:
    keys = ("less", "less_low", "less_high")
    texts = zip(*(format_values(list(rows[key]), "3") for key in keys), strict=True)
    return [
        value if low == MISSING else text("less", value=value, low=low, high=high)
        for value, low, high in texts
    ]

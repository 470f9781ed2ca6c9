"""The figures of a backtest: errors, forecasts and chances at one moment, and over all dates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from bench.core.arrays import FloatArray
from bench.report.columns import in_words
from bench.report.document import Words
from bench.report.figure import Axis, Figure, Mark
from bench.report.formatting import day, format_values, in_form
from bench.report.plotting import layout, style
from bench.studies.backtest.facts import (
    NOTES,
    CalibrationFacts,
    HorizonFacts,
    IntervalsFacts,
    OneSided,
    PollsClaim,
    PollsFacts,
    QualifyFacts,
    SharesFacts,
    SignedFacts,
)
from bench.studies.backtest.headline import Vote, ranked_once

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

    from bench.report.context import ReportContext

PANEL_SHARE = 0.05  # candidates below it share one panel
MAX_PANELS = 10  # for which a sheet has room
LONGEST_DAYS = 200  # before the vote, of polls
MIN_SHARE, MIN_POLLED = 0.05, 0.10  # at the vote, or in one poll, of who is drawn
LONGEST = 20  # signs of a name at the right
LAST_DAYS = 7  # before the vote, of which the title of the polls speaks
MAX_INSTITUTES = 12  # that are named
POLL_COLUMNS = ("candidate", "share", "institute", "day", "n", "official")
RING = {"color": style.INK, "size": 0.6}
POLL = {"size": 0.36, "markeredgewidth": 0, "alpha": 0.6, "zorder": 2}
BAND = {"alpha": 0.16}
VOTE = {"marker": "D", "size": 0.55, "clip_on": False, "zorder": 5}


def closest(vote: Vote, *, table: pd.DataFrame) -> Figure:
    """The mean absolute error of every ranked method, by kind of evidence.

    Parameters
    ----------
    vote
        At the moment that is shown.
    table
        From `bench.studies.backtest.headline.headline`: the ballot that is ranked on, every moment.
    """
    rows = ranked_once(table)
    looks = {
        in_words(family, "family"): {
            "color": style.METHOD_COLOURS.get(family, style.OTHER_METHOD),
            "marker": "s",
        }
        for family in dict.fromkeys(rows["family"])
    }
    whole = rows["mae_all_pp"].mask(rows["gaps_filled"].astype(bool)).astype(float)
    rows = rows.assign(
        place=rows.groupby("as_of").cumcount(),
        date=rows["as_of"].map(vote.places),
        method=rows["predictor"].map(vote.labels),
        family=_in_words(rows["family"]),
        mae=rows["mae_pp"],
        whole=whole if vote.compared else np.nan,
        hollow=True,
        said=format_values(rows["mae_pp"].tolist(), "2"),
    )
    latest = rows[rows["as_of"].eq(vote.context.as_of)]
    columns = ["method", "family", "mae", *(["whole"] if vote.compared else [])]
    return Figure(
        columns=dict.fromkeys(columns, ""),
        x=Axis(low=0, high=1.3 * float(rows[["mae", "whole"]].max().max())),
        y=Axis(names=latest["method"].tolist(), sort="place"),
        height=0.3,
        per_row=0.165,
        looks=looks,
        legend={name: look for name, look in looks.items() if name in set(latest["family"])},
        marks=(
            Mark("bar", rows, "mae", "method", by="family", look={"height": 0.62}),
            Mark("dot", rows, "whole", "method", hollow="hollow", look=RING),
            Mark("text", rows, "mae", "method", text="said", look={"dx": 0.7}),
        ),
    )


def _in_words(families: pd.Series) -> pd.Series:
    """Families of methods as people call them."""
    return families.map(partial(in_words, key="family"))


def _drawn_polls(vote: Vote) -> tuple[pd.DataFrame, list[str]]:
    """The polls of the last months, and whom to draw of them.

    Drawn is whoever had many votes, or much in one poll; the first few where nobody had.
    """
    rows = vote.polls[vote.polls["days"].le(LONGEST_DAYS)]
    most, outcome = rows.groupby("candidate")["share"].max(), vote.context.outcome
    drawn = [
        candidate
        for candidate in vote.context.by_votes
        if outcome[candidate] >= MIN_SHARE or most.get(candidate, 0.0) >= MIN_POLLED
    ]
    return rows, drawn or list(vote.context.by_votes[:MAX_PANELS])


def polls_facts(vote: Vote, *, band_of: str) -> PollsFacts:
    """Words of `polls`, of the same parameters."""
    rows, _drawn = _drawn_polls(vote)
    institutes = sorted(rows["institute"].unique())
    return PollsFacts(
        n_polls=rows["poll_id"].nunique(),
        institutes=institutes if len(institutes) <= MAX_INSTITUTES else [],
        n_institutes=len(institutes),
        method=vote.labels.get(band_of, ""),
        claim=_missed_by_polls(rows, vote.context.outcome, vote.context.surnames),
    )


def polls(vote: Vote, *, band_of: str) -> Figure:
    """Every poll of the months before the vote, the forecasts of a method, and the outcome.

    Parameters
    ----------
    vote
        With polls.
    band_of
        The method whose shares and 90% intervals are drawn, on pages where no other is followed;
        nobody's if empty.
    """
    rows, drawn = _drawn_polls(vote)
    ends = _official_shares(vote, drawn)
    by_candidate = {"by": "candidate", "one": "method"}
    forecast_marks: tuple[Mark, ...] = ()
    if band_of:
        forecast = _forecast_shares(vote, drawn, band_of, float(rows["days"].max()))
        forecast_marks = (
            Mark("band", forecast, "as_of", "q05", "q95", look=BAND, **by_candidate),
            Mark("line", forecast, "as_of", "share", look={"zorder": 3}, **by_candidate),
        )
    names = vote.context.surnames
    return Figure(
        columns=dict.fromkeys(POLL_COLUMNS, ""),
        x=Axis(dates=True),
        y=Axis(low=0),
        height=3.1,
        grid="y",
        looks={names[key]: {"color": vote.colours[key]} for key in drawn},
        marks=(
            Mark("dot", _dated(vote, rows, drawn), "until", "share", by="candidate", look=POLL),
            *forecast_marks,
            Mark("dot", ends, "until", "official", by="candidate", look=VOTE),
            Mark("ends", ends, "until", "official", text="said", colour="colour"),
        ),
    )


def _dated(vote: Vote, polls: pd.DataFrame, drawn: Sequence[str]) -> pd.DataFrame:
    """The polls of whom the figure draws, in percent, with the day of the last interview."""
    rows = polls[polls["candidate"].isin(drawn)]
    until = vote.context.vote_on.normalize() - pd.to_timedelta(rows["days"], unit="D")
    return rows.assign(
        candidate=rows["candidate"].map(vote.context.surnames),
        share=100 * rows["share"],
        until=until,
        day=until.dt.strftime("%Y-%m-%d"),
    )


def _forecast_shares(
    vote: Vote, drawn: Sequence[str], band_of: str, reach_days: float
) -> pd.DataFrame:
    """Shares and intervals in percent: of `band_of`, and of others where they have intervals."""
    rows = vote.national_forecasts
    rows = rows[~rows["filled"].astype(bool) & rows["candidate"].isin(drawn)]
    rows = rows.assign(days=rows["as_of"].map(vote.days), other=rows["predictor"].ne(band_of))
    rows = rows[rows["days"].le(reach_days) & (rows["q05"].notna() | ~rows["other"])]
    return rows.sort_values(["other", "predictor", "days"], kind="stable").assign(
        candidate=rows["candidate"].map(vote.context.surnames),
        method=rows["predictor"].map(vote.labels),
        **{key: 100 * rows[key] for key in ("share", "q05", "q95")},
    )


def _official_shares(vote: Vote, drawn: Sequence[str]) -> pd.DataFrame:
    """The vote in percent, with what stands beside it."""
    names = [vote.context.surnames[key] for key in drawn]
    values = (100 * vote.context.outcome[list(drawn)]).tolist()
    return pd.DataFrame(
        {
            "candidate": names,
            "until": vote.context.vote_on.normalize(),
            "official": values,
            "said": [
                f"{layout.cut(name, LONGEST)} {share}"
                for name, share in zip(names, format_values(values, "1"), strict=True)
            ],
            "colour": [vote.colours[key] for key in drawn],
        }
    )


def _missed_by_polls(
    polls: pd.DataFrame, outcome: pd.Series, names: Mapping[str, str]
) -> PollsClaim | None:
    """By how much the polls of the last week missed the candidate whom they missed most."""
    late = polls[polls["days"].le(LAST_DAYS) & polls["candidate"].isin(outcome.index)]
    if late.empty:
        return None
    error = late.groupby("candidate")["share"].mean()
    error -= outcome[error.index]
    is_pair = len(error) == 2  # errors of a pair are each other's negative: the winner's is named
    candidate = str(outcome[error.index].idxmax() if is_pair else error.abs().idxmax())
    return PollsClaim(
        n_polls=int(late["poll_id"].nunique()),
        is_pair=is_pair,
        candidate=names[candidate],
        error=float(100 * abs(error[candidate])),
        is_above=bool(error[candidate] > 0),
    )


def _with_panel(context: ReportContext) -> list[str]:
    """The candidates who have a panel of their own: the larger ones, or else the first few."""
    main = [c for c in context.by_votes if context.outcome[c] >= PANEL_SHARE]
    return (main or list(context.by_votes))[:MAX_PANELS]


def signed_facts(vote: Vote, *, compared: Sequence[str]) -> SignedFacts:
    """Words of `signed_errors`; the claim speaks of the methods `compared`."""
    context = vote.context
    main = _with_panel(context)
    small = [context.surnames[key] for key in context.by_votes if key not in main]
    errors = vote.latest.signed_errors("all")
    filled = vote.latest.national_forecasts[["predictor", "candidate", "filled"]]
    errors = errors.merge(filled, on=["predictor", "candidate"])
    own = errors[~errors["filled"].eq(True)]
    own = own.pivot(index="predictor", columns="candidate", values="error_pp")
    return SignedFacts(
        n_others=len(small),
        others=small[:MAX_ROWS],
        n_more=len(small) - MAX_ROWS,
        claim=_one_sided(own.reindex(index=[*compared], columns=main), context.surnames),
    )


def signed_errors(vote: Vote, predictors: Sequence[str], words: Words) -> Figure:
    """The signed error of every predictor, one panel per candidate.

    Parameters
    ----------
    vote
        At the moment that is shown; the full ballot is drawn, filled gaps as hollow dots.
    predictors
        Rows from top to bottom.
    words
        Of the section; the label of the others heads their panel.
    """
    context = vote.context
    errors = vote.latest.signed_errors("all")
    error_pp = errors.pivot(index="predictor", columns="candidate", values="error_pp")
    error_pp = error_pp.reindex([name for name in predictors if name in error_pp.index])
    outcome, short = context.outcome, context.surnames
    main = _with_panel(context)
    small = [c for c in context.by_votes if c not in main]
    reach = _reach(error_pp.to_numpy())
    keys = ["predictor", "candidate"]
    said = vote.latest.national_forecasts[[*keys, "filled", "q05", "q95"]]
    rows = errors[errors["predictor"].isin(error_pp.index)].merge(said, on=keys)
    came = rows["candidate"].map(outcome)
    rows = rows.assign(
        method=rows["predictor"].map(vote.labels),
        panel=rows["candidate"].where(rows["candidate"].isin(main), ""),
        hollow=rows["filled"].eq(True),
        low=100 * (rows["q05"] - came),
        high=100 * (rows["q95"] - came),
        edge=0.95 * reach * np.sign(rows["error_pp"]),
        words_at=0.84 * reach * np.sign(rows["error_pp"]),
        words=rows["error_pp"].map("{:+.0f}".format).str.replace("-", "\N{MINUS SIGN}"),
    ).dropna(subset="error_pp")
    is_beyond = rows["error_pp"].abs() > reach
    beyond, near = rows[is_beyond], rows[~is_beyond]
    held = near[near["panel"].ne("") & ~near["hollow"]]
    won = {c: [c] for c in main} | ({"": small} if small else {})
    shares = format_values([float(outcome[panel].sum()) for panel in won.values()], "1%")
    looks = layout.candidate_looks(context.families)
    # several of one panel lie on one spot where all are close: they fan out over the row
    for shift, candidate in zip(np.linspace(-0.28, 0.28, len(small)), small, strict=True):
        looks[candidate] |= {"shift": shift, "size": 0.32}
    return Figure(
        panels={
            key: f"{short[key] if key else words.labels['others']}\n{share}"
            for key, share in zip(won, shares, strict=True)
        },
        x=Axis(low=-reach, high=reach, ticks=4 if reach > 3 else 3),
        y=Axis(names=[vote.labels[name] for name in error_pp.index]),
        per_line=len(won),
        narrow=3,
        height=0.55,
        per_row=0.155,
        bands=True,
        looks=looks,
        marks=(
            Mark("at", x=0, look={"color": style.INK}),
            Mark("rule", held, "low", "method", "high", by="candidate", look={"alpha": 0.55}),
            Mark("dot", near, "error_pp", "method", by="candidate", hollow="hollow"),
            *_arrows(beyond),
        ),
    )


def _arrows(beyond: pd.DataFrame) -> list[Mark]:
    """Errors off the scale: an arrow at the edge, with the number in panels of one candidate."""
    arrows: list[Mark] = []
    for marker, ha, is_there in (
        (">", "right", beyond["edge"].gt(0)),
        ("<", "left", beyond["edge"].lt(0)),
    ):
        rows, look = beyond[is_there], {"ink": style.SOFT, "dx": 0, "ha": ha}
        large = rows[rows["panel"].ne("")]
        arrows += [
            Mark("dot", rows, "edge", "method", by="candidate", look={"marker": marker}),
            Mark("text", large, "words_at", "method", text="words", look=look),
        ]
    return arrows


def _one_sided(error_pp: pd.DataFrame, names: Mapping[str, str]) -> OneSided | None:
    """The candidate about whom most methods erred to one side; None if no majority did."""
    over, under = error_pp.gt(0).sum(), error_pp.lt(0).sum()
    candidate = str(over.where(over > under, under).idxmax())
    n_methods, n_erring = len(error_pp), int(max(over[candidate], under[candidate]))
    if 2 * n_erring <= n_methods:
        return None
    is_above = bool(over[candidate] > under[candidate])
    return OneSided(n_erring, n_methods, is_above, names[candidate])


def _reach(error_pp: FloatArray) -> float:
    """Half width of the panels: the largest error, unless few errors dwarf all others."""
    size = np.sort(np.abs(error_pp[~np.isnan(error_pp)]))
    bulk = float(np.quantile(size, 0.95))
    return 1.12 * float(size[-1] if size[-1] < 1.8 * bulk else 1.1 * bulk)


MAX_ROWS, MAX_COLUMNS = 40, 20  # of candidates in a figure
FLOOR = 0.005  # a column needs this probability from at least one method, or a seat
OUTCOME = {"marker": "|", "size": 1.3, "color": style.INK, "markeredgewidth": 1.3, "zorder": 1}
HALF, NINE_TENTHS = {"width": 0.62, "alpha": 0.6, "zorder": 3}, {"width": 0.17, "zorder": 2}
NAMED = {"color": style.SOFT, "fill": False, "size": 0.8}
NOT_NAMED = {"color": style.SOFT, "marker": ".", "size": 0.3}
FRAME = {"color": style.INK, "linewidth": 1.2, "zorder": 5}
INTERVALS = ["q05", "q25", "q75", "q95"]


def shares_facts(vote: Vote, *, predictors: Sequence[str]) -> SharesFacts:
    """Words of `shares`; the claim speaks of the method that a page shows at first."""
    first, is_stated = _first_stated(vote, predictors)
    return SharesFacts(
        n_left_out=len(vote.context.by_votes) - MAX_ROWS,
        intervals=_inside(vote, first) if is_stated else None,
    )


def _first_stated(vote: Vote, predictors: Sequence[str]) -> tuple[str, bool]:
    """The first method that states intervals, or the first at all; and whether it does."""
    rows = vote.latest.national_forecasts
    stated = set(rows.loc[~rows["filled"].astype(bool) & rows["q05"].notna(), "predictor"])
    first = next((name for name in predictors if name in stated), predictors[0])
    return first, first in stated


def shares(vote: Vote, predictors: Sequence[str], most: int, words: Words) -> Figure:
    """Forecast shares with 50% and 90% intervals, one panel per predictor.

    Parameters
    ----------
    vote
        At the moment that is shown.
    predictors
        Panels in reading order; a page shows one at a time, the first with intervals at first.
    most
        Panels on paper.
    words
        Of the section; labels of the legend.
    """
    context, labels, names = vote.context, vote.labels, vote.context.surnames
    drawn = list(context.by_votes[:MAX_ROWS])
    rows = vote.national_forecasts
    rows = rows[rows["predictor"].isin(predictors) & rows["candidate"].isin(drawn)]
    rows = rows[rows["as_of"].isin(vote.dates)]
    hollow = rows["filled"].eq(True)
    numbers = (100 * rows[["share", *INTERVALS]]).astype(float)
    numbers.loc[hollow, INTERVALS] = np.nan
    rows = rows.assign(
        **numbers,
        date=rows["as_of"].map(vote.places),
        method=rows["predictor"].map(labels),
        outcome=100 * rows["candidate"].map(context.outcome),
        hollow=hollow,
        colour=rows["candidate"].map(vote.colours),
        candidate=rows["candidate"].map(names),
    )
    came = pd.DataFrame({"candidate": [names[key] for key in drawn]}).assign(
        outcome=100 * context.outcome[drawn].to_numpy()
    )
    latest = vote.latest.national_forecasts
    on_paper = latest.loc[latest["predictor"].isin(predictors[:most]), ["share", "q95"]]
    highest = max(float(on_paper.max().max()), float(context.outcome.max()))
    first, _is_stated = _first_stated(vote, predictors)
    soft, dot = {"color": style.SOFT}, {"size": 0.48}
    columns = ["method", "candidate", "share", "q05", "q95", "outcome"]
    return Figure(
        columns=dict.fromkeys(columns, ""),
        panel="method",
        panels={labels[name]: labels[name] for name in predictors},
        most=most,
        alone=labels[first],
        x=Axis(low=0, high=104 * highest),
        y=Axis(names=[names[key] for key in drawn]),
        narrow=2,
        height=0.5,
        per_row=0.135,
        legend={
            words.labels["legend_outcome"]: OUTCOME,
            words.labels["legend_forecast"]: {**soft, **dot, "marker": "o"},
            "50%": {**soft, **HALF, "linestyle": "-"},
            "90%": {**soft, **NINE_TENTHS, "linestyle": "-"},
        },
        marks=(
            Mark("dot", came, "outcome", "candidate", look=OUTCOME),
            Mark("rule", rows, "q05", "candidate", "q95", colour="colour", look=NINE_TENTHS),
            Mark("rule", rows, "q25", "candidate", "q75", colour="colour", look=HALF),
            Mark("dot", rows, "share", "candidate", colour="colour", hollow="hollow", look=dot),
        ),
    )


def _inside(vote: Vote, predictor: str) -> IntervalsFacts:
    """How many outcomes the intervals of a method hold."""
    rows = vote.latest.national_forecasts
    rows = rows[~rows["filled"].astype(bool)].dropna(subset=["q05", "q95"])
    rows = rows[rows["predictor"].eq(predictor)].set_index("candidate")
    official = vote.context.outcome[rows.index]
    is_inside = rows["q05"].le(official) & rows["q95"].ge(official)
    return IntervalsFacts(vote.labels[predictor], int(is_inside.sum()), len(rows))


def qualify_facts(vote: Vote, *, predictors: Sequence[str]) -> QualifyFacts:
    """Words of `qualify`, of the same parameters."""
    chances = _chances(vote, predictors)
    return QualifyFacts(
        n_left_out=len(chances.candidates) - MAX_COLUMNS,
        ranges=_chance_of_those(
            chances.probability[list(vote.context.qualifiers)], vote.context.surnames
        ),
    )


class _Chances(NamedTuple):
    """Shares and chances, methods by all candidates; whom each named, and who has a column."""

    share: pd.DataFrame
    probability: pd.DataFrame
    named: dict[str, list[str]]
    candidates: list[str]


def _chances(vote: Vote, predictors: Sequence[str]) -> _Chances:
    context = vote.context
    table = vote.latest.national_forecasts
    table = table[~table["filled"].astype(bool) | table["share"].isna()]
    share = table.pivot(index="predictor", columns="candidate", values="share")
    probability = table.pivot(index="predictor", columns="candidate", values="p_qualify")
    rows = [name for name in predictors if name in share.index]
    share = share.reindex(index=rows, columns=list(context.by_votes))
    probability = probability.reindex(index=rows, columns=list(context.by_votes))
    by_name = share.T.sort_index(kind="stable")
    named = {name: _top(by_name[name].dropna(), context.n_advance) for name in rows}
    candidates = [
        candidate
        for candidate in context.by_votes
        if candidate in context.qualifiers
        or probability[candidate].max() >= FLOOR
        or any(candidate in top for top in named.values())
    ]
    return _Chances(share, probability, named, candidates)


def qualify(vote: Vote, *, predictors: Sequence[str]) -> Figure:
    """The probability of qualifying (or winning a runoff), predictors by candidates.

    Parameters
    ----------
    vote
        At the moment that is shown.
    predictors
        Rows from top to bottom; those without probabilities are shown by whom they named, those
        without shares by their probabilities.
    """
    context = vote.context
    chances = _chances(vote, predictors)
    share, p, named = chances.share, chances.probability, chances.named
    rows = list(share.index)
    shown = chances.candidates[:MAX_COLUMNS]  # who got through comes first
    places = pd.MultiIndex.from_product([range(len(rows)), range(len(shown))], names=["y", "x"])
    cells = places.to_frame(index=False).assign(
        chance=p[shown].to_numpy().ravel(),
        named=share[shown].notna().to_numpy().ravel(),
        first=[one in named[name] for name in rows for one in shown],
    )
    is_silent = cells["named"] & cells["chance"].isna().groupby(cells["y"]).transform("all")
    known = cells[cells["chance"].notna()]
    known = known.assign(
        ground=_blues(known["chance"]), words=format_values(known["chance"].tolist(), "%")
    )
    top, bottom = -0.5, len(rows) - 0.5
    frames = pd.DataFrame(
        {"left": [shown.index(one) - 0.5 for one in context.qualifiers], "low": top, "high": bottom}
    )
    frames["right"] = frames["left"] + 1
    return Figure(
        x=Axis(names=[context.surnames[c] for c in shown]),
        y=Axis(names=[vote.labels[name] for name in rows]),
        per_row=0.165,
        grid="",
        marks=(
            Mark("cell", known, "x", "y", colour="ground", text="words"),
            Mark("dot", cells[is_silent & cells["first"]], "x", "y", look=NAMED),
            Mark("dot", cells[is_silent & ~cells["first"]], "x", "y", look=NOT_NAMED),
            *(Mark("stem", frames, side, "low", "high", look=FRAME) for side in ("left", "right")),
            *(Mark("rule", frames, "left", side, "right", look=FRAME) for side in ("low", "high")),
        ),
    )


def _blues(chances: pd.Series) -> list[str]:
    """Colours from pale to dark."""
    from matplotlib.colors import LinearSegmentedColormap, to_hex

    ramp = LinearSegmentedColormap.from_list("p", ["#f3f6fa", "#7fb0dc", "#0b4f8a"])
    return [to_hex(colour) for colour in ramp(chances.to_numpy())]


def _chance_of_those(p: pd.DataFrame, names: Mapping[str, str]) -> list[str]:
    """The range of the chances that those who got through were given."""
    p = p.dropna(how="all")
    if p.empty:
        return []
    lowest, highest = (format_values(list(ends), "%") for ends in (p.min(), p.max()))
    return [
        NOTES.text("chance_range", name=names[str(candidate)], low=low, high=high)
        for candidate, low, high in zip(p.columns, lowest, highest, strict=True)
    ]


def _top(share: pd.Series, n_advance: int) -> list[str]:
    """The first `n_advance` candidates, or none where a tie leaves the last place open."""
    ordered = share.sort_values(ascending=False, kind="stable")
    if len(ordered) > n_advance and np.isclose(
        ordered.iloc[n_advance - 1], ordered.iloc[n_advance], rtol=0
    ):
        return []
    return [str(c) for c in ordered.index[:n_advance]]


ERROR_TICKS = (0, 1, 4, 10, 20, 30, 50)  # points, far enough apart on a root scale
SMALL_TICKS = (0, 0.5, 1, 2, 4, 6)
DAY_TICKS = (0, 2, 7, 14, 30, 60, 100, 200, 300)
MAX_SHOWN = 1.12  # times the 98th percentile of all errors
MAX_FAMILIES = 6
BASELINES = "baselines"  # the family without a panel where there are more
MAX_SIGNS = 31  # signs of a label beside a curve
FEW_DATES = 15  # up to which dots have their full size
NOW = {"color": style.SOFT, "linewidth": 0.7, "linestyle": "--"}
GREY = {"color": style.GRID, "linestyle": "-", "width": 1 / 9, "zorder": 1}
N_BINS = 5  # of the histograms of PIT


def error_by_day(vote: Vote, *, ballot: str = "compared") -> pd.DataFrame:
    """Mean absolute error by predictor and days before the vote.

    Returns
    -------
    DataFrame
        predictor, days, mae_pp, low_pp, high_pp, n: mean, first and third quartile of the
        absolute errors over candidates, and how many there are.
    """
    errors = vote.signed_errors(ballot)
    days = errors["as_of"].map(vote.days).rename("days")
    sizes = errors["error_pp"].abs().groupby([errors["predictor"], days])
    table = pd.DataFrame(
        {
            "mae_pp": sizes.mean(),
            "low_pp": sizes.quantile(0.25),
            "high_pp": sizes.quantile(0.75),
            "n": sizes.size(),
        }
    )
    return table.reset_index()


class _Horizon(NamedTuple):
    """What `horizon` draws: errors by day, and families with a panel and without."""

    table: pd.DataFrame
    families: dict[str, str]
    panels: list[str]
    without: list[str]
    top: float


def _horizon_of(vote: Vote, predictors: Sequence[str], ballot: str) -> _Horizon:
    table = error_by_day(vote, ballot=ballot)
    table = table[table["predictor"].isin(predictors)].sort_values("days", kind="stable")
    drawn = set(table["predictor"])
    families = {name: vote.families[name] for name in predictors if name in drawn}
    order = list(dict.fromkeys(families.values()))
    panels = order
    if len(order) > MAX_FAMILIES:
        panels = [name for name in order if name != BASELINES][:MAX_FAMILIES]
    without = [name for name in order if name not in panels]
    top = MAX_SHOWN * float(table["mae_pp"].quantile(0.98))
    return _Horizon(table, families, panels, without, top)


def horizon_facts(
    vote: Vote, *, predictors: Sequence[str], ballot: str = "compared"
) -> HorizonFacts:
    """Words of `horizon`, of the same parameters."""
    table, _families, _panels, without, top = _horizon_of(vote, predictors, ballot)
    return HorizonFacts(
        ballot=vote.context.ballots.get(ballot, ballot),
        is_whole=ballot == "all",
        sets_differ="compared" in vote.context.ballots,
        n_dates=table["days"].nunique(),
        first_day=int(table["days"].max()),
        last_day=int(table["days"].min()),
        n_points=layout.span(table["n"]),
        without=[in_words(family, "family") for family in without],
        clipped_at=top if table["mae_pp"].max() > top else None,
    )


def horizon(vote: Vote, *, predictors: Sequence[str], ballot: str = "compared") -> Figure:
    """Error by days before the vote, one panel per family of methods, at most six.

    Parameters
    ----------
    vote
        With several dates.
    predictors
        Whom to draw; families appear in the order of their first member.
    ballot
        Which errors.
    """
    table, families, order, _without, top = _horizon_of(vote, predictors, ballot)
    called = vote.labels
    days = sorted(table["days"].unique())
    # many dates: dots so small that dashes can be told apart
    dot = {"linestyle": "", "size": min(1.0, (FEW_DATES / len(days)) ** 0.8) / 3}
    looks = {
        called[name]: {"color": colour, "linestyle": dash}
        for name, (colour, dash) in layout.method_looks(families, families).items()
    }
    day_of = {days: day(moment) for moment, days in vote.days.items()}
    table = table.assign(
        method=table["predictor"].map(called), mae=table["mae_pp"], day=table["days"].map(day_of)
    )
    shown = table.assign(family=_in_words(table["predictor"].map(families)))
    firsts = {family: name for name, family in reversed(families.items())}
    band = shown[shown["predictor"].isin(list(firsts.values()))]
    ends = shown.groupby("predictor").head(1)
    ends = ends.assign(
        mae=ends["mae"].clip(upper=top),
        said=[layout.cut(name, MAX_SIGNS) for name in ends["method"]],
        colour=[looks[name]["color"] for name in ends["method"]],
    ).sort_values("method", key=lambda names: names.map(list(looks).index), kind="stable")
    moments = pd.DataFrame({"days": vote.days.values(), "date": vote.places.values()})
    x, y = _root_axes(days, top)
    return Figure(
        panel="family",
        panels={name: name for name in _in_words(pd.Series(order, dtype=object))},
        columns=dict.fromkeys(["method", "family", "day", "days", "mae", "n"], ""),
        x=x,
        y=y,
        per_line=2,
        height=1.25,
        more=0.25,
        grid="y",
        looks=looks,
        marks=(
            Mark("now", moments, "days", look=NOW),
            Mark("line", table, "days", "mae", by="method", look=GREY),
            Mark("band", band, "days", "low_pp", "high_pp", by="method", look={"alpha": 0.16}),
            Mark("line", shown, "days", "mae", by="method"),
            Mark("dot", shown, "days", "mae", by="method", look=dot),
            Mark("ends", ends, "days", "mae", text="said", colour="colour"),
        ),
    )


def _root_axes(days: Sequence[int], top: float) -> tuple[Axis, Axis]:
    """Days before the vote, and points up to `top`, both on square-root scales."""
    ticks = [tick for tick in (ERROR_TICKS if top > 8 else SMALL_TICKS) if tick <= top]
    day_ticks = [tick for tick in DAY_TICKS if tick <= max(days) * 1.05] or list(days)
    x = Axis(scale="root", low=max(days) * 1.05 + 0.1, high=0, ticks=day_ticks)
    return x, Axis(scale="root", low=0, high=top, ticks=ticks)


def coverage_by_level(vote: Vote) -> pd.DataFrame:
    """Share of outcomes inside the central intervals, over all dates and the candidates named.

    Returns
    -------
    DataFrame
        predictor, nominal, observed (fractions), n.
    """
    keys = ["as_of", "predictor", "candidate"]
    rows = vote.national_errors
    inside = rows[rows["ballot"].eq("all") & rows["metric"].str.startswith("inside_")]
    shares = vote.national_forecasts
    named = shares.loc[~shares["filled"].astype(bool), keys]
    by = inside.merge(named, on=keys).groupby(["predictor", "metric"])["value"]
    table = pd.DataFrame({"observed": by.mean(), "n": by.size()}).reset_index()
    nominal = table.pop("metric").str.removeprefix("inside_").astype(float) / 100
    return table.assign(nominal=nominal).sort_values(["predictor", "nominal"], ignore_index=True)


@layout.styled
def calibration(
    vote: Vote, *, predictors: Sequence[str], words: Words, size: str = "double"
) -> Drawing:
    """Draw interval coverage (above) and probability integral transforms (below).

    Parameters
    ----------
    vote
        All its dates count.
    predictors
        Those with intervals, in reading order.
    words
        Of the section.
    size
        Size preset.
    """
    held = coverage_by_level(vote)
    rows = vote.national_errors
    pit = rows[rows["metric"].eq("pit") & rows["ballot"].eq("all")].dropna(subset="value")
    shown = [name for name in predictors if name in set(held["predictor"])]
    per_line = min(len(shown), 2 if size == "single" else 3)
    lines = -(-len(shown) // per_line)
    figure, axes, _room = layout.sheet(
        size,
        lines * 2.05,
        title=words["title"],
        claim=words["claim"],
        subtitle=words["subtitle"],
        caption=words["caption"],
        rows=2 * lines,
        columns=per_line,
    )
    heads = layout.heads([vote.labels[name] for name in shown], size, per_line)
    for k in range(lines * per_line):
        line, column = divmod(k, per_line)
        upper, lower = axes[2 * line, column], axes[2 * line + 1, column]
        if k >= len(shown):
            upper.set_visible(False)
            lower.set_visible(False)
            continue
        name = shown[k]
        _coverage_panel(upper, held[held["predictor"].eq(name)])
        upper.set_title(heads[k])
        _pit_panel(lower, pit.loc[pit["predictor"].eq(name), "value"].to_numpy())
        if column:
            upper.tick_params(labelleft=False)
    return figure


def calibration_facts(vote: Vote, *, predictors: Sequence[str]) -> CalibrationFacts:
    """Words of `calibration`: how many outcomes the widest intervals held that anybody promises."""
    levels = coverage_by_level(vote)
    first = next(name for name in predictors if name in set(levels["predictor"]))
    row = levels[levels["predictor"].eq(first) & levels["nominal"].le(0.9)].iloc[-1]
    return CalibrationFacts(
        method=vote.labels[first],
        nominal=float(row["nominal"]),
        observed=float(row["observed"]),
        n_outcomes=layout.span(levels["n"]),
    )


def _coverage_panel(axis: Axes, rows: pd.DataFrame) -> None:
    from scipy.stats import binom

    layout.tidy(axis, grid="y")
    nominal = np.linspace(0.4, 1, 241)
    n = int(rows["n"].iloc[0])
    low, high = (binom.ppf(q, n, nominal) / n for q in (0.025, 0.975))
    axis.fill_between(nominal, low, high, color=style.GRID, linewidth=0)
    axis.plot([0.4, 1], [0.4, 1], color=style.SOFT, linewidth=0.7, linestyle="--")
    axis.plot(
        rows["nominal"],
        rows["observed"],
        "o-",
        color=style.METHOD_COLOURS["quota polls"],
        markersize=3.2,
        clip_on=False,
    )
    axis.set_xlim(0.42, 1)
    axis.set_ylim(0, 1.02)
    axis.set_xticks([0.5, 0.8, 0.95], ["50", "80", in_form("95%")])
    axis.set_yticks([0, 0.5, 1], ["0", "50", in_form("100%")])


def _pit_panel(axis: Axes, values: FloatArray) -> None:
    from scipy.stats import binom

    n = len(values)
    axis.spines["left"].set_visible(False)
    axis.set_yticks([])
    axis.set_xlim(0, 1)
    axis.set_xticks([0, 0.5, 1], ["0", in_form("0.5"), "1"])
    if n == 0:
        where: dict[str, Any] = {"ha": "center", "va": "center", "transform": axis.transAxes}
        axis.text(0.5, 0.5, "–", color=style.SOFT, **where)
        return
    counts, edges = np.histogram(values, bins=N_BINS, range=(0, 1))
    low, high = (float(binom.ppf(q, n, 1 / N_BINS)) for q in (0.025, 0.975))
    axis.axhspan(low, high, color=style.GRID, linewidth=0)
    axis.axhline(n / N_BINS, color=style.SOFT, linewidth=0.7, linestyle="--")
    axis.bar(
        edges[:-1],
        counts,
        width=0.94 / N_BINS,
        align="edge",
        alpha=0.75,
        color=style.METHOD_COLOURS["quota polls"],
        linewidth=0,
    )
    axis.set_ylim(0, 1.1 * max(high, float(counts.max())))

"""The figures of a backtest: errors, forecasts and chances at one moment, and over all dates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from bench.core.arrays import FloatArray
from bench.core.language import _
from bench.report.figure import Axis, Figure, Mark
from bench.report.formatting import day, format_values, in_form
from bench.report.plotting import layout, style
from bench.report.text import Text
from bench.studies.backtest.findings import claim
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
RING = {"color": style.INK, "size": 0.6}
POLL = {"size": 0.36, "markeredgewidth": 0, "alpha": 0.6, "zorder": 2}
BAND = {"alpha": 0.16}
ONE_DATE = {"width": 0.3, "alpha": 0.6, "zorder": 3}
text = Text("backtest")
VOTE = {"marker": "D", "size": 0.55, "clip_on": False, "zorder": 5}


def closest(vote: Vote, *, table: pd.DataFrame, shown: pd.DataFrame) -> Figure:
    """The mean absolute error of every ranked method, by kind of evidence.

    Parameters
    ----------
    vote
        At the moment that is shown.
    table
        From `bench.studies.backtest.headline.headline`: the ballot that is ranked on, every moment.
    shown
        The same of the moment that is shown.
    """
    context = vote.context
    rows = _errors(table)
    rows = rows.assign(
        place=rows.groupby("as_of").cumcount(),
        date=rows["as_of"].map(vote.places),
        method=rows["predictor"].map(vote.labels),
        family=rows["family"].map(_),
        mae=rows["mae_pp"],
        whole=rows["whole_pp"].astype(float) if vote.compared else np.nan,
        hollow=True,
        said=format_values(rows["mae_pp"].tolist(), "2"),
    )
    now = rows[rows["as_of"].eq(context.as_of)]
    looks = {
        _(family): {"color": style.METHOD_COLOURS.get(family, style.OTHER_METHOD), "marker": "s"}
        for family in dict.fromkeys(_errors(table)["family"])
    }
    facts = {"compared": bool(vote.compared), "n": len(context.outcome), **vote.words}
    columns = text.words("closest_columns")
    return Figure(
        title=claim(shown, vote),
        caption=text("closest_caption", is_partial=shown["block"].eq("partial").any(), **facts),
        on_page=text("closest_chart", **facts),
        columns={key: columns[key] for key in columns if vote.compared or key != "whole"},
        x=Axis(
            label=text("closest_axis"), low=0, high=1.3 * float(rows[["mae", "whole"]].max().max())
        ),
        y=Axis(names=now["method"].tolist(), sort="place"),
        height=0.3,
        per_row=0.165,
        looks=looks,
        legend={name: look for name, look in looks.items() if name in set(now["family"])},
        marks=(
            Mark("bar", rows, "mae", "method", by="family", look={"height": 0.62}),
            Mark("dot", rows, "whole", "method", hollow="hollow", look=RING),
            Mark("text", rows, "mae", "method", text="said"),
        ),
    )


def _errors(table: pd.DataFrame) -> pd.DataFrame:
    """The rows that are drawn, with the error on the whole ballot of those who name all of it."""
    rows = ranked_once(table)
    return rows.assign(whole_pp=rows["mae_all_pp"].mask(rows["gaps_filled"].astype(bool)))


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


def polls(vote: Vote, *, band_of: str) -> Figure:
    """Every poll of the months before the vote, the forecast of a method, and the outcome.

    Parameters
    ----------
    vote
        With polls.
    band_of
        The method whose shares and 90% intervals are drawn, on pages where no other is followed;
        nobody's if empty.
    """
    context, names = vote.context, vote.context.surnames
    rows, drawn = _drawn_polls(vote)
    n_polls, institutes = rows["poll_id"].nunique(), sorted(rows["institute"].unique())
    caption = text(
        "polls_caption",
        n=n_polls,
        institutes=institutes if len(institutes) <= MAX_INSTITUTES else [],
        n_institutes=len(institutes),
        method=vote.labels[band_of] if band_of else "",
        **vote.words,
    )
    asked = rows[rows["candidate"].isin(drawn)]
    until = context.vote_on.normalize() - pd.to_timedelta(asked["days"], unit="D")
    asked = asked.assign(
        candidate=asked["candidate"].map(names),
        share=100 * asked["share"],
        day=until.dt.strftime("%Y-%m-%d"),
    )
    said = vote.national_forecasts if band_of else vote.national_forecasts.iloc[:0]
    said = said[~said["filled"].astype(bool) & said["candidate"].isin(drawn)]
    said = said.assign(days=said["as_of"].map(vote.days), other=said["predictor"].ne(band_of))
    said = said[said["days"].le(rows["days"].max()) & (said["q05"].notna() | ~said["other"])]
    said = said.sort_values(["other", "predictor", "days"], kind="stable").assign(
        candidate=said["candidate"].map(names),
        method=said["predictor"].map(vote.labels),
        **{key: 100 * said[key] for key in ("share", "q05", "q95")},
    )
    values = (100 * context.outcome[drawn]).tolist()
    ends = pd.DataFrame({"candidate": [names[one] for one in drawn], "official": values}).assign(
        said=[
            f"{layout.cut(names[one], LONGEST)} {text}"
            for one, text in zip(drawn, format_values(values, "1"), strict=True)
        ],
        colour=[vote.colours[one] for one in drawn],
    )
    shown = (
        (
            Mark("band", said, "days", "q05", "q95", by="candidate", one="method", look=BAND),
            Mark("line", said, "days", "share", by="candidate", one="method", look={"zorder": 3}),
        )
        if said["days"].nunique() > 1
        else (
            Mark("stem", said, "days", "q05", "q95", by="candidate", one="method", look=ONE_DATE),
        )
    )
    return Figure(
        title=text("polls_figure_title", **vote.words),
        claim=_missed_by_polls(rows, context.outcome, names),
        caption=caption,
        on_page=text("polls_chart", n=n_polls, method=vote.labels.get(band_of, ""), **vote.words),
        columns=text.words("chart_polls"),
        subtitle=text("share_axis"),
        x=Axis(label=text("days_before"), low=1.02 * float(rows["days"].max()), high=0),
        y=Axis(low=0),
        height=3.1,
        grid="y",
        looks={names[one]: {"color": vote.colours[one]} for one in drawn},
        marks=(
            Mark("dot", asked, "days", "share", by="candidate", look=POLL),
            *(shown if len(said) else ()),
            Mark("dot", ends, 0, "official", by="candidate", look=VOTE),
            Mark("ends", ends, 0, "official", text="said", colour="colour"),
        ),
    )


def _missed_by_polls(polls: pd.DataFrame, outcome: pd.Series, names: Mapping[str, str]) -> str:
    """By how much the polls of the last week missed the candidate whom they missed most."""
    late = polls[polls["days"].le(LAST_DAYS) & polls["candidate"].isin(outcome.index)]
    if late.empty:
        return ""
    error = late.groupby("candidate")["share"].mean()
    error -= outcome[error.index]
    is_pair = len(error) == 2  # errors of a pair are each other's negative: the winner's is named
    who = str(outcome[error.index].idxmax() if is_pair else error.abs().idxmax())
    n = int(late["poll_id"].nunique())
    return text(
        "polls_claim",
        n=n,
        is_pair=is_pair,
        candidate=names[who],
        error=100 * abs(error[who]),
        above=error[who] > 0,
    )


def _with_panel(context: ReportContext) -> list[str]:
    """The candidates who have a panel of their own: the larger ones, or else the first few."""
    main = [c for c in context.by_votes if context.outcome[c] >= PANEL_SHARE]
    return (main or list(context.by_votes))[:MAX_PANELS]


def signed_errors(vote: Vote, *, predictors: Sequence[str], compared: Sequence[str]) -> Figure:
    """The signed error of every predictor, one panel per candidate.

    Parameters
    ----------
    vote
        At the moment that is shown; the full ballot is drawn, filled gaps as hollow dots.
    predictors
        Rows from top to bottom.
    compared
        Those of whom the claim speaks.
    """
    context = vote.context
    errors = vote.latest.signed_errors("all")
    error_pp = errors.pivot(index="predictor", columns="candidate", values="error_pp")
    error_pp = error_pp.reindex([name for name in predictors if name in error_pp.index])
    outcome, short = context.outcome, context.surnames
    main = _with_panel(context)
    small = [c for c in context.by_votes if c not in main]
    caption = text(
        "signed_errors_caption",
        others=", ".join(short[c] for c in small[:MAX_ROWS]),
        n_more=len(small) - MAX_ROWS,
        **vote.words,
    )
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
    own = rows[~rows["hollow"]].pivot(index="predictor", columns="candidate", values="error_pp")
    is_beyond = rows["error_pp"].abs() > reach
    beyond, near = rows[is_beyond], rows[~is_beyond]
    held = near[near["panel"].ne("") & ~near["hollow"]]
    arrows: list[Mark] = []
    for marker, ha, is_there in (
        (">", "right", beyond["edge"].gt(0)),
        ("<", "left", beyond["edge"].lt(0)),
    ):
        mine, look = beyond[is_there], {"ink": style.SOFT, "dx": 0, "ha": ha}
        large = mine[mine["panel"].ne("")]
        arrows += [
            Mark("dot", mine, "edge", "method", by="candidate", look={"marker": marker}),
            Mark("text", large, "words_at", "method", text="words", look=look),
        ]
    won = {c: [c] for c in main} | ({"": small} if small else {})
    shares = format_values([float(outcome[panel].sum()) for panel in won.values()], "1%")
    markers = layout.candidate_markers(context)
    return Figure(
        title=text("signed_errors_title", **vote.words),
        claim=_one_sided(own.reindex(index=[*compared], columns=main), short),
        caption=caption,
        panels={
            key: f"{short[key] if key else text('others', n=len(of))}\n{share}"
            for (key, of), share in zip(won.items(), shares, strict=True)
        },
        x=Axis(
            label=text("error_axis"),
            low=-reach,
            high=reach,
            ticks=4 if reach > 3 else 3,
        ),
        y=Axis(names=[vote.labels[name] for name in error_pp.index]),
        per_line=len(won),
        narrow=2,
        height=0.55,
        per_row=0.155,
        bands=True,
        looks={c: {"color": vote.colours[c], "marker": markers[c]} for c in context.by_votes},
        marks=(
            Mark("at", x=0, look={"color": style.INK}),
            Mark("rule", held, "low", "method", "high", by="candidate", look={"alpha": 0.55}),
            Mark("dot", near, "error_pp", "method", by="candidate", hollow="hollow"),
            *arrows,
        ),
    )


def _one_sided(error_pp: pd.DataFrame, names: Mapping[str, str]) -> str:
    """The candidate about whom most methods erred to one side; nothing if no majority did."""
    over, under = error_pp.gt(0).sum(), error_pp.lt(0).sum()
    who = str(over.where(over > under, under).idxmax())
    n, most = len(error_pp), int(max(over[who], under[who]))
    if 2 * most <= n:
        return ""
    above = over[who] > under[who]
    return text("signed_errors_claim", k=most, n=n, above=above, candidate=names[who])


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


def _left_out(n_candidates: int) -> str:
    """The sentence of a caption about candidates for whom there is no room."""
    return text("left_out", n=n_candidates)


def shares(vote: Vote, *, predictors: Sequence[str], most: int = 6) -> Figure:
    """Forecast shares with 50% and 90% intervals, one panel per predictor.

    Parameters
    ----------
    vote
        At the moment that is shown.
    predictors
        Panels in reading order; a page shows one at a time, the first with intervals at first.
    most
        Panels on paper.
    """
    context, labels, names = vote.context, vote.labels, vote.context.surnames
    who = list(context.by_votes[:MAX_ROWS])
    rows = vote.national_forecasts
    rows = rows[rows["predictor"].isin(predictors) & rows["candidate"].isin(who)]
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
    came = pd.DataFrame({"candidate": [names[one] for one in who]}).assign(
        outcome=100 * context.outcome[who].to_numpy()
    )
    now = vote.latest.national_forecasts
    on_paper = now.loc[now["predictor"].isin(predictors[:most]), ["share", "q95"]]
    highest = max(float(on_paper.max().max()), float(context.outcome.max()))
    stated = set(now.loc[~now["filled"].astype(bool) & now["q05"].notna(), "predictor"])
    first = next((name for name in predictors if name in stated), predictors[0])
    words = {"left_out": _left_out(len(context.by_votes) - len(who)), **vote.words}
    soft, dot, legend = {"color": style.SOFT}, {"size": 0.48}, text.words("shares_legend")
    return Figure(
        title=text("shares_title", **vote.words),
        claim=_held(now, first, context.outcome, labels) if first in stated else "",
        caption=text("shares_caption", is_chart=False, **words),
        on_page=text("shares_caption", is_chart=True, **words),
        columns=text.words("shares_columns"),
        panel="method",
        panels={labels[name]: labels[name] for name in predictors},
        most=most,
        alone=labels[first],
        x=Axis(label=text("share_axis"), low=0, high=104 * highest),
        y=Axis(names=[names[one] for one in who]),
        narrow=2,
        height=0.5,
        per_row=0.135,
        legend={
            legend["outcome"]: OUTCOME,
            legend["forecast"]: {**soft, **dot, "marker": "o"},
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


def _held(
    table: pd.DataFrame, predictor: str, outcome: pd.Series, labels: Mapping[str, str]
) -> str:
    """How many outcomes the intervals of a method hold."""
    rows = table[~table["filled"].astype(bool)].dropna(subset=["q05", "q95"])
    mine = rows[rows["predictor"].eq(predictor)].set_index("candidate")
    came = outcome[mine.index]
    return text(
        "shares_claim",
        method=labels[predictor],
        k=int((mine["q05"].le(came) & mine["q95"].ge(came)).sum()),
        n=len(mine),
    )


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
    table = vote.latest.national_forecasts
    table = table[~table["filled"].astype(bool) | table["share"].isna()]
    share = table.pivot(index="predictor", columns="candidate", values="share")
    p = table.pivot(index="predictor", columns="candidate", values="p_qualify")
    rows = [name for name in predictors if name in share.index]
    share = share.reindex(index=rows, columns=list(context.by_votes))
    p = p.reindex(index=rows, columns=list(context.by_votes))
    by_name = share.T.sort_index(kind="stable")
    named = {name: _top(by_name[name].dropna(), context.n_advance) for name in rows}
    shown = [
        c
        for c in context.by_votes
        if c in context.qualifiers or p[c].max() >= FLOOR or any(c in top for top in named.values())
    ]
    left_out = _left_out(len(shown) - MAX_COLUMNS)
    shown = shown[:MAX_COLUMNS]  # who got through comes first
    is_runoff = context.n_advance == 1
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
        title=text("qualify_title", is_runoff=is_runoff, **vote.words),
        claim=_chance_of_those(p[list(context.qualifiers)], context.surnames, is_runoff=is_runoff),
        caption=text(
            "qualify_caption",
            is_runoff=is_runoff,
            n_advance=context.n_advance,
            left_out=left_out,
            **vote.words,
        ),
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


def _chance_of_those(p: pd.DataFrame, names: Mapping[str, str], *, is_runoff: bool) -> str:
    """The range of the chances that those who got through were given."""
    p = p.dropna(how="all")
    if p.empty:
        return ""
    lowest, highest = (format_values(list(ends), "%") for ends in (p.min(), p.max()))
    each = [
        text("range", name=names[str(who)], low=low, high=high)
        for who, low, high in zip(p.columns, lowest, highest, strict=True)
    ]
    return text("qualify_claim", is_runoff=is_runoff, each=each)


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


def _ballot_words(vote: Vote, ballot: str) -> str:
    """On whom the errors over dates are taken, and why not on whom each date ranks on."""
    on = vote.context.ballots.get(ballot, ballot)
    if ballot != "all":
        return on
    return text("horizon_ballot", on=on, differ="compared" in vote.context.ballots)


def horizon(
    vote: Vote, *, predictors: Sequence[str], ballot: str = "compared", claim: str = ""
) -> Figure:
    """Error by days before the vote, one panel per family of methods, at most six.

    Parameters
    ----------
    vote
        With several dates.
    predictors
        Whom to draw; families appear in the order of their first member.
    ballot
        Which errors.
    claim
        What the figure shows.
    """
    table = error_by_day(vote, ballot=ballot)
    table = table[table["predictor"].isin(predictors)].sort_values("days", kind="stable")
    families = {name: vote.families[name] for name in predictors if name in set(table["predictor"])}
    called = vote.labels
    order = list(dict.fromkeys(families.values()))
    without: list[str] = []
    if len(order) > MAX_FAMILIES:
        kept = [name for name in order if name != BASELINES][:MAX_FAMILIES]
        order, without = kept, [name for name in order if name not in kept]
    days = sorted(table["days"].unique())
    top = MAX_SHOWN * float(table["mae_pp"].quantile(0.98))
    facts = {
        "ballot": _ballot_words(vote, ballot),
        "n": len(days),
        "first": max(days),
        "last": min(days),
        "n_points": layout.span(table["n"]),
        "without": [_(name) for name in without],
        "clipped_at": top if table["mae_pp"].max() > top else None,
        **vote.words,
    }
    ticks = [t for t in (ERROR_TICKS if top > 8 else SMALL_TICKS) if t <= top]
    day_ticks = [d for d in DAY_TICKS if d <= max(days) * 1.05] or days
    # many dates: dots so small that dashes can be told apart
    dot = {"linestyle": "", "size": min(1.0, (FEW_DATES / len(days)) ** 0.8) / 3}
    looks = {
        called[name]: {"color": colour, "linestyle": dash}
        for name, (colour, dash) in layout.method_looks(families, families).items()
    }
    when = {days: day(moment) for moment, days in vote.days.items()}
    table = table.assign(
        method=table["predictor"].map(called), mae=table["mae_pp"], day=table["days"].map(when)
    )
    shown = table.assign(family=table["predictor"].map(families).map(_))
    firsts = {family: name for name, family in reversed(families.items())}
    band = shown[shown["predictor"].isin(list(firsts.values()))]
    ends = shown.groupby("predictor").head(1)
    ends = ends.assign(
        mae=ends["mae"].clip(upper=top),
        said=[layout.cut(name, MAX_SIGNS) for name in ends["method"]],
        colour=[looks[name]["color"] for name in ends["method"]],
    ).sort_values("method", key=lambda names: names.map(list(looks).index), kind="stable")
    moments = pd.DataFrame({"days": vote.days.values(), "date": vote.places.values()})
    return Figure(
        title=text("horizon_title", **vote.words),
        claim=claim,
        caption=text("horizon_caption", is_chart=False, **facts),
        on_page=text("horizon_caption", is_chart=True, **facts),
        subtitle=text("horizon_axis"),
        panel="family",
        panels={_(family): _(family) for family in order},
        columns=text.words("horizon_columns"),
        x=Axis(
            label=text("days_before"),
            scale="root",
            low=max(days) * 1.05 + 0.1,
            high=0,
            ticks=day_ticks,
        ),
        y=Axis(scale="root", low=0, high=top, ticks=ticks),
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
def calibration(vote: Vote, *, predictors: Sequence[str], size: str = "double") -> Drawing:
    """Draw interval coverage (above) and probability integral transforms (below).

    Parameters
    ----------
    vote
        All its dates count.
    predictors
        Those with intervals, in reading order.
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
        **text.figure(
            "calibration", n=layout.span(held["n"]), **_kept(vote, held, shown[0]), **vote.words
        ),
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


def _kept(vote: Vote, held: pd.DataFrame, predictor: str) -> dict[str, Any]:
    """How many outcomes the widest intervals held that anybody promises."""
    row = held[held["predictor"].eq(predictor) & held["nominal"].le(0.9)].iloc[-1]
    return {"method": vote.labels[predictor], **row[["nominal", "observed"]]}


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

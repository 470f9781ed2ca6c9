"""Errors at one moment: of the polls, of every method, and of each about every candidate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from bench.core.arrays import FloatArray
from bench.core.language import _
from bench.report.figure import Axis, Figure, Mark
from bench.report.formatting import format_values
from bench.report.plotting import layout, style
from bench.report.text import Text
from bench.studies.backtest.findings import claim
from bench.studies.backtest.headline import Vote, ranked_once
from bench.studies.backtest.plots.forecasts import MOST_ROWS

if TYPE_CHECKING:
    from bench.report.context import ReportContext

PANEL_SHARE = 0.05  # candidates below it share one panel
MOST_PANELS = 10  # for which a sheet has room
LONGEST_DAYS = 200  # before the vote, of polls
LEAST_SHARE, LEAST_POLLED = 0.05, 0.10  # at the vote, or in one poll, of who is drawn
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
    """The mean absolute error of every ranked method, the best first.

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
    unranked = int((shown["block"].ne("ranked") & shown["block"].ne("none")).sum())
    rows = _errors(table).sort_values(["as_of", "mae_pp", "predictor"], kind="stable")
    rows = rows.assign(
        date=rows["as_of"].map(vote.places),
        method=rows["predictor"].map(vote.labels),
        family=rows["family"].map(_),
        mae=rows["mae_pp"],
        whole=rows["whole_pp"].astype(float) if vote.compared else np.nan,
        hollow=True,
        said=format_values(rows["mae_pp"].tolist(), "1"),
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
        caption=text("closest_caption", n_partial=unranked, **facts),
        on_page=text("closest_chart", **facts),
        columns={key: columns[key] for key in columns if vote.compared or key != "whole"},
        x=Axis(
            label=text("closest_axis"), low=0, high=1.12 * float(rows[["mae", "whole"]].max().max())
        ),
        y=Axis(names=now["method"].tolist(), sort="mae"),
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
    return rows.assign(whole_pp=rows["mae_full_pp"].mask(rows["gaps_filled"].astype(bool)))


def _drawn_polls(vote: Vote) -> tuple[pd.DataFrame, list[str]]:
    """The polls of the last months, and whom to draw of them.

    Drawn is whoever had many votes, or much in one poll; the first few where nobody had.
    """
    rows = vote.polls[vote.polls["days"].le(LONGEST_DAYS)]
    most, outcome = rows.groupby("candidate")["share"].max(), vote.context.outcome
    drawn = [
        candidate
        for candidate in vote.context.by_votes
        if outcome[candidate] >= LEAST_SHARE or most.get(candidate, 0.0) >= LEAST_POLLED
    ]
    return rows, drawn or list(vote.context.by_votes[:MOST_PANELS])


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
    return (main or list(context.by_votes))[:MOST_PANELS]


def signed_errors(vote: Vote, *, predictors: Sequence[str]) -> Figure:
    """The signed error of every predictor, one panel per candidate.

    Parameters
    ----------
    vote
        At the moment that is shown; the full ballot is drawn, filled gaps as hollow dots.
    predictors
        Rows from top to bottom.
    """
    context = vote.context
    errors = vote.latest.signed_errors("full")
    error_pp = errors.pivot(index="predictor", columns="candidate", values="error_pp")
    error_pp = error_pp.reindex([name for name in predictors if name in error_pp.index])
    outcome, short = context.outcome, context.surnames
    main = _with_panel(context)
    small = [c for c in context.by_votes if c not in main]
    caption = text(
        "signed_errors_caption",
        n=len(error_pp),
        others=", ".join(short[c] for c in small[:MOST_ROWS]),
        n_more=len(small) - MOST_ROWS,
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
        claim=_one_sided(own.reindex(columns=main), short),
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
    n, most = int(error_pp[who].notna().sum()), int(max(over[who], under[who]))
    if 2 * most <= n:
        return ""
    above = over[who] > under[who]
    return text("signed_errors_claim", k=most, n=n, above=above, candidate=names[who])


def _reach(error_pp: FloatArray) -> float:
    """Half width of the panels: the largest error, unless few errors dwarf all others."""
    size = np.sort(np.abs(error_pp[~np.isnan(error_pp)]))
    bulk = float(np.quantile(size, 0.95))
    return 1.12 * float(size[-1] if size[-1] < 1.8 * bulk else 1.1 * bulk)

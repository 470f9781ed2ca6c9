"""Sealed forecasts after the vote: facts of the sentences, frames of the tables, figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, TypedDict

import numpy as np
import pandas as pd

from bench.audit.sealed_scores import SealedScores
from bench.core.arrays import PERCENT, sorted_digits
from bench.core.language import current_language
from bench.core.options import labels
from bench.data.election import load_election
from bench.data.ingest.official_count import OfficialCount
from bench.metrics.summary import score_summary
from bench.report.context import (
    election_title,
    names_of,
    people_of,
    sources_of,
    vote_words,
)
from bench.report.document import AnyFigure, Document, MakeFigure, MakeTable, Words, table_of
from bench.report.figure import Axis, Figure, Mark
from bench.report.formatting import day
from bench.report.plotting import style
from bench.report.report import Report

HEADLINE = "poll_tracker"  # the method that is followed from seal to seal, where it was sealed
LEADING = 0.10  # share of the vote from which an error counts in the table of seals
ABSENT = ("supposed", "missing")  # columns of candidates who were on one ballot only
BANDS = ((100, "over 100 days"), (30, "31 to 100"), (7, "8 to 30"), (-np.inf, "a week or less"))
"""Days before the vote above which a seal belongs to a band."""

VOTE = ["election", "round"]
SEAL = ["record", *VOTE, "as_of"]
MEANS = ("absolute_error", "crps", "inside_50", "inside_90")
EVENTS = ("p_pair", "brier_qualify", "log_qualify")
MIN_SHARE = 0.05  # of the vote, from which a candidate has a panel
MAX_PANELS = 6
MAX_METHODS = 7  # that are told apart
DOTS = {"marker": ".", "markersize": 3, "linestyle": ""}
SHOWN_SEASON = ["vote", "as_of", "days_before", "supposed", "came_later", "who", "mae_leading"]
SHOWN_METHODS = ["predictor", "vote", "n", *MEANS, *EVENTS, "moved"]
SHOWN_DISTANCE = ["band", "predictor", "n", "outcomes", *MEANS]
SHOWN_PEOPLE = ["candidate", "p_runs", "share", "q05", "q95", "outcome"]
SHOWN_PEOPLE += ["p_qualify", "through", "p_elected", "price", "won"]
SHOWN_SCORES = ["predictor", "vote", "sealed", "days_before", "as_of"]
SHOWN_SCORES += ["mae", "crps", "energy", "inside_90", *EVENTS]
SHOWN_FORECASTS = ["predictor", "as_of", "candidate", "share", "outcome", "error"]
SHOWN_SEALS = ["record", "label", "frozen_at", "seal", "supposed", "missing", "slate", "weight"]
OF_SHARES = dict.fromkeys(("share", "q05", "q95", "outcome", "error"), "1pp")
OF_SCORES = {
    **dict.fromkeys(("n", "outcomes", "days_before"), "0"),
    **dict.fromkeys(("absolute_error", "mae", "moved"), "2pp"),
    "p_pair": "%",
    "brier_qualify": "3",
}
OF_CHANCES = {"p_runs": "%", "p_qualify": "<%", "p_elected": "<%", "price": "%"}


class SealDay(NamedTuple):
    """When a record was sealed."""

    sealed_on: pd.Timestamp
    n_days: int
    is_late: bool


class Chance(NamedTuple):
    """Chances of getting through that the seals gave somebody who got through."""

    name: str
    n_seals: int
    low: float
    high: float
    last: float


class Nearest(NamedTuple):
    """Methods with the least and the largest mean error (percentage points)."""

    n_seals: int
    best: str
    least: float
    worst: str
    most: float


class WrongSlate(NamedTuple):
    """Who was wrongly on the slate, or lacked there, in the last seal with such a slate."""

    n_days: int
    supposed: str
    came_later: str


class Vote(NamedTuple):
    """What was sealed of one vote; the first and the last seal in days before it."""

    vote: str
    title: str
    n_seals: int
    first_day: int
    last_day: int
    through: list[Chance]
    n_methods: int
    nearest: Nearest | None
    wrong: WrongSlate | None


class BandCoverage(NamedTuple):
    """The share of results inside the intervals of one band of days."""

    band: str
    share: float


class Coverage(NamedTuple):
    """The share of results inside the 90 % intervals."""

    whole: float
    bands: list[BandCoverage]


class People(NamedTuple):
    """What the hypotheses of one record speak of, as it came."""

    record: str
    n_stood: int
    n_leading: int
    error: float
    n_inside: int
    through: str
    favourite: str
    winner: str
    n_quoted: int
    brier: float
    brier_price: float


class Absent(NamedTuple):
    """Candidates of a seal who were on one ballot only."""

    label: str
    supposed: str
    missing: str


class Facts(TypedDict):
    """What the page says."""

    source: str
    headline: str
    sealed: list[SealDay]
    votes_in_words: str
    n_records: int
    votes: list[Vote]
    drawn: Vote | None
    drawn_source: str
    coverage: Coverage | None
    bands: list[str]
    is_known: bool
    absent: list[Absent]
    people: list[People]
    hypotheses: dict[str, list[str]]
    counts: Sequence[OfficialCount]
    may_change: bool


TABLES = (
    *("season", "season_methods", "season_distance", "sealed_people"),
    *("sealed_scores", "sealed_forecasts", "seals"),
)
PAGE = Document(Path(__file__).parent, Facts, TABLES, figures=("moved", "scored"))


def sealed_report(sealed: SealedScores) -> Report:
    """The report of sealed forecasts that were scored; several seals of one vote are a season."""
    names = names_of(sorted(set(sealed.seals["address"])))
    facts = facts_of(sealed, names)
    followed = followed_in(sealed)
    is_season = facts["drawn"] is not None
    frames = {**_seal_frames(sealed, names), "sealed_people": sealed.people}
    if is_season:
        frames |= _season_frames(sealed, followed, names)
    figures = _drawn(sealed, followed, names) if is_season else {}
    return PAGE.report(facts, _tables(frames, names, n_people=len(facts["people"])), figures)


def _tables(
    frames: Mapping[str, pd.DataFrame], names: Mapping[str, str], *, n_people: int
) -> dict[str, MakeTable]:
    """The tables that have rows; a terminal has those by person, and then the methods too."""
    options: dict[str, dict[str, Any]] = {
        "season": {
            "show": SHOWN_SEASON,
            "columns": {"days_before": "0", "mae_leading": "1pp"},
            "filters": ["vote"],
            "terminal": True,
        },
        "season_methods": {
            "show": SHOWN_METHODS,
            "columns": OF_SCORES,
            "filters": ["vote"],
            "terminal": True,
        },
        "season_distance": {
            "show": SHOWN_DISTANCE,
            "columns": OF_SCORES,
            "filters": ["band", "predictor"],
            "terminal": False,
        },
        "sealed_people": {
            "show": ["record", *SHOWN_PEOPLE] if n_people > 1 else SHOWN_PEOPLE,
            "columns": OF_SHARES | OF_CHANCES,
            "filters": [],
            "terminal": True,
        },
        "sealed_scores": {
            "show": SHOWN_SCORES,
            "columns": OF_SCORES,
            "filters": ["vote", "sealed"],
            "terminal": True if n_people else None,
        },
        "sealed_forecasts": {
            "show": SHOWN_FORECASTS,
            "columns": OF_SHARES,
            "terminal": False,
        },
        "seals": {
            "show": SHOWN_SEALS,
            "columns": {"weight": "%"},
            "filters": [],
            "terminal": False,
        },
    }
    tables: dict[str, MakeTable] = {}
    for name, layout in options.items():
        rows = frames.get(name, pd.DataFrame())
        if not rows.empty:
            shown = frames.get(f"{name}_shown")
            tables[name] = table_of(rows, shown=shown, names=names, **layout)
    return tables


def _people(rows: pd.DataFrame, names: Mapping[str, str]) -> People:
    """What the hypotheses of one record speak of, as it came."""

    def named(chosen: pd.Series | pd.Index) -> str:
        return people_of(", ".join(rows.loc[chosen, "candidate"]), names)

    stood = rows.dropna(subset="outcome")
    leading = stood[stood["outcome"] >= LEADING]
    quoted = rows.dropna(subset=["price", "won", "p_elected"])
    return People(
        record=rows["record"].iloc[0],
        n_stood=len(stood),
        n_leading=len(leading),
        error=PERCENT * (leading["share"] - leading["outcome"]).abs().mean(),
        n_inside=int(stood["outcome"].between(stood["q05"], stood["q95"]).sum()),
        through=named(rows["through"]),
        favourite=named(rows["p_elected"].nlargest(1).index),
        winner=named(rows["won"].eq(1)),
        n_quoted=len(quoted),
        brier=((quoted["p_elected"] - quoted["won"]) ** 2).mean(),
        brier_price=((quoted["price"] - quoted["won"]) ** 2).mean(),
    )


def facts_of(sealed: SealedScores, names: Mapping[str, str]) -> Facts:
    """What the sentences know: when it was sealed, chances, coverage, the lowest error by vote."""
    seals = sealed.seals.sort_values("days_before", ascending=False, kind="stable")
    followed = followed_in(sealed)
    ends = {seal["seal"]: seal for seal in (seals.iloc[0], seals.iloc[-1])}
    methods = by_method(sealed)
    votes = []
    for _vote, part in by_seal(sealed, followed).groupby(VOTE, sort=False):
        is_of_vote = (methods[VOTE] == part[VOTE].iloc[0]).all(axis=1)
        votes.append(_vote_facts(part, methods[is_of_vote], names))
    drawn = None
    drawn_source = ""
    if any(vote.n_seals > 1 for vote in votes):
        seals_drawn = _of_vote_drawn(sealed.seals, sealed)
        words = _votes(seals_drawn)[0]
        drawn = next(vote for vote in votes if vote.vote == words)
        drawn_source = sources_of([str(seals_drawn["address"].iloc[0])])
    by_record = sealed.people.groupby("record", sort=False) if len(sealed.people) else ()
    return Facts(
        source=sources_of(sorted(set(sealed.seals["address"]))),
        headline=labels("predictor", [followed])[followed],
        sealed=[_seal_day(seal) for seal in ends.values()],
        votes_in_words=", ".join(vote.vote for vote in votes),
        n_records=sealed.seals["record"].nunique(),
        votes=votes,
        drawn=drawn,
        drawn_source=drawn_source,
        coverage=_coverage(sealed, followed),
        bands=[band for _min_days, band in BANDS],
        is_known=bool(sealed.seals["outcome_known"].any()),
        absent=[] if drawn else _absent(sealed, names),
        people=[_people(rows, names) for _record, rows in by_record],
        hypotheses={
            record: by_language.get(current_language(), [])
            for record, by_language in sealed.hypotheses.items()
        },
        counts=sealed.counts,
        may_change=not all(count.is_final for count in sealed.counts),
    )


def _of_vote_drawn(rows: pd.DataFrame, sealed: SealedScores) -> pd.DataFrame:
    """The rows of the vote that was sealed most often."""
    election, number = sealed.seals[VOTE].value_counts(sort=True).index[0]
    return rows[rows["election"].eq(election) & rows["round"].eq(number)]


def _seal_day(seal: Mapping[Any, Any] | pd.Series) -> SealDay:
    n_days = int(seal["days_before"])
    return SealDay(pd.Timestamp(seal["frozen_at"]), abs(n_days), is_late=n_days < 0)


def _absent(sealed: SealedScores, names: Mapping[str, str]) -> list[Absent]:
    """The seals with candidates who were on one ballot only."""
    seals = []
    for seal in sealed.seals.to_dict("records"):
        if any(seal[key] for key in ABSENT):
            supposed, missing = (people_of(seal[key], names) for key in ABSENT)
            seals.append(Absent(_label(seal), supposed, missing))
    return seals


def _coverage(sealed: SealedScores, followed: str) -> Coverage | None:
    """The share of results inside 90 % intervals, whole and by band of days."""
    errors = errors_of(sealed)
    errors = errors[errors["predictor"].eq(followed)]
    if "inside_90" not in errors or errors["inside_90"].isna().all():
        return None
    bands = by_distance(sealed)
    bands = bands[bands["predictor"].eq(followed)].dropna(subset="inside_90")
    by_band = list(map(BandCoverage, bands["band"], bands["inside_90"]))
    return Coverage(whole=errors["inside_90"].mean(), bands=by_band)


def _vote_facts(part: pd.DataFrame, methods: pd.DataFrame, names: Mapping[str, str]) -> Vote:
    days = part["days_before"].tolist()
    chances = pd.DataFrame(part["chances"].to_list())
    through = []
    for name in map(str, chances):
        stated = chances[name].dropna()
        if len(stated):
            ends = (stated.min(), stated.max(), stated.iloc[-1])
            through.append(Chance(names.get(name, name), len(stated), *ends))
    answered = methods[methods["n"].eq(methods["n"].max())].to_dict("records")
    nearest = None
    if answered:
        best, worst = answered[0], answered[-1]
        nearest = Nearest(
            n_seals=best["n"],
            best=best["predictor"],
            least=PERCENT * best["absolute_error"],
            worst=worst["predictor"],
            most=PERCENT * worst["absolute_error"],
        )
    wrong = None
    is_wrong = part["supposed"].ne("") | part["came_later"].ne("")
    for seal in part[is_wrong].tail(1).to_dict("records"):
        supposed, came_later = (people_of(seal[key], names) for key in ("supposed", "came_later"))
        wrong = WrongSlate(seal["days_before"], supposed, came_later)
    return Vote(
        vote=_votes(part)[0],
        title=election_title(load_election(part["address"].iloc[0]).title),
        n_seals=len(days),
        first_day=days[0],
        last_day=days[-1],
        through=through,
        n_methods=len(answered),
        nearest=nearest,
        wrong=wrong,
    )


def followed_in(sealed: SealedScores) -> str:
    """The method that is followed from seal to seal."""
    stated = sealed.forecasts.dropna(subset="p_qualify")["predictor"]
    rows = stated if len(stated) else sealed.forecasts["predictor"]
    return HEADLINE if HEADLINE in set(rows) else str(rows.iloc[0])


def errors_of(sealed: SealedScores) -> pd.DataFrame:
    """Scores by candidate, a column each, with the days from the seal to the vote."""
    rows = sealed.scored
    rows = rows[rows["candidate"].ne("")]
    wide = rows.pivot_table(
        index=[*SEAL, "predictor", "candidate"], columns="metric", values="value"
    )
    names = ["absolute_error", *wide.columns.drop("absolute_error", errors="ignore")]
    wide = wide.reindex(columns=names).reset_index()  # who states chances alone has no error
    return wide.merge(sealed.seals[[*SEAL, "days_before"]], on=SEAL)


def by_seal(sealed: SealedScores, followed: str) -> pd.DataFrame:
    """One row per seal, the earliest of each vote first.

    Returns
    -------
    pandas.DataFrame
        election, round, as_of, days_before, address, slate, supposed, came_later, chances (by name,
        what the method that is followed gave those who got through; NaN where not asked about),
        `mae_leading` (its mean absolute error of candidates with 10 % of the vote or more, on both
        ballots, fraction).
    """
    keys = [*SEAL, "candidate"]
    forecasts = sealed.forecasts.query("predictor == @followed").set_index(keys)
    errors = errors_of(sealed).query("predictor == @followed").set_index(keys)
    chance = forecasts["p_qualify"].to_dict()
    is_leading = forecasts["outcome"].reindex(errors.index) >= LEADING
    leading = errors["absolute_error"][is_leading].groupby(SEAL).mean().to_dict()
    columns = [*SEAL, "days_before", "slate", "supposed", "came_later", "address"]
    rows = []
    for seal in sealed.seals.sort_values([*VOTE, "as_of"], kind="stable").to_dict("records"):
        key = tuple(seal[column] for column in SEAL)
        chances = {
            name: float(chance.get((*key, name), np.nan)) for name in seal["through"].split(", ")
        }
        error = float(leading.get(key, np.nan))
        rows.append(
            {
                **{column: seal[column] for column in columns},
                "mae_leading": error,
                "chances": chances,
            }
        )
    return pd.DataFrame(rows)


def by_method(sealed: SealedScores) -> pd.DataFrame:
    """One row per vote and method: seals, mean scores, and how far it moved between seals."""
    errors = errors_of(sealed)
    keys = [*VOTE, "predictor"]
    grouped = errors.groupby(keys, sort=False)
    rows = grouped[[name for name in MEANS if name in errors]].mean()
    rows.insert(0, "n", grouped["record"].nunique())
    forecasts = sealed.forecasts.sort_values("as_of", kind="stable")
    change = forecasts.groupby([*keys, "candidate"])["share"].diff().abs()
    rows["moved"] = change.groupby([forecasts[key] for key in keys]).mean()
    events = score_summary(sealed.scored, keys, list(EVENTS)).set_index(keys)
    order = [*VOTE, "absolute_error"]
    rows = rows.join(events.dropna(axis=1, how="all")).reset_index()
    return rows.sort_values(order, kind="stable", ignore_index=True)


def by_distance(sealed: SealedScores) -> pd.DataFrame:
    """One row per band of days and method: outcomes, mean scores, share inside intervals."""
    errors = errors_of(sealed)
    bands = [_band_of(days) for days in errors["days_before"]]
    errors = errors.assign(band=pd.Categorical(bands, [band for _min_days, band in BANDS]))
    grouped = errors.groupby(["band", "predictor"], observed=True, sort=True)
    rows = grouped[[name for name in MEANS if name in errors]].mean()
    rows.insert(0, "outcomes", grouped.size())
    rows.insert(0, "n", grouped["record"].nunique())
    return rows.reset_index().astype({"band": str})


def _band_of(days: float) -> str:
    return next(band for min_days, band in BANDS if days > min_days)


def scores_by_seal(sealed: SealedScores) -> pd.DataFrame:
    """One row per record, vote and method; scores by candidate as their mean over the ballot."""
    optional = ["crps", "energy", "inside_90", *EVENTS]
    scores = ["mean_absolute_error", *optional]
    rows = score_summary(sealed.scored, [*SEAL, "predictor"], scores)
    rows = rows.drop(columns=[name for name in optional if rows[name].isna().all()])
    rows = rows.rename(columns={"mean_absolute_error": "mae"})
    rows = rows.merge(sealed.seals[[*SEAL, "frozen_at", "days_before"]], on=SEAL)
    rows["sealed"] = [day(pd.Timestamp(moment)) for moment in rows["frozen_at"]]
    rows["vote"] = _votes(rows)
    return rows.sort_values(
        ["vote", "days_before", "mae"], ascending=[True, False, True], key=sorted_digits
    )


def _season_frames(
    sealed: SealedScores, followed: str, names: Mapping[str, str]
) -> dict[str, pd.DataFrame]:
    seals = by_seal(sealed, followed).drop(columns="address")
    seals["vote"] = _votes(seals)
    chances_in_words = []
    for chances in seals.pop("chances"):
        named = {names.get(key, key): chance for key, chance in chances.items()}
        chances_in_words.append(PAGE.text("chances_of", people=named))
    seals["who"] = chances_in_words
    for key in ("supposed", "came_later"):
        seals[key] = [people_of(keys, names) for keys in seals[key]]
    methods = by_method(sealed)
    return {
        "season": seals,
        "season_shown": seals.assign(as_of=seals["as_of"].dt.strftime("%Y-%m-%d")),
        "season_methods": methods.assign(vote=_votes(methods)),
        "season_distance": by_distance(sealed),
    }


def _seal_frames(sealed: SealedScores, names: Mapping[str, str]) -> dict[str, pd.DataFrame]:
    forecasts = sealed.forecasts
    seals = sealed.seals
    frames = {
        "sealed_scores": scores_by_seal(sealed),
        "sealed_forecasts": forecasts.assign(error=forecasts["share"] - forecasts["outcome"]),
    }
    for name, rows in tuple(frames.items()):
        moments = rows["as_of"].dt.strftime("%Y-%m-%d %H:%M")
        frames[f"{name}_shown"] = rows.assign(as_of=moments)
    people = {key: [people_of(keys, names) for keys in seals[key]] for key in ABSENT}
    named = [_label(seal) for seal in seals.to_dict("records")]
    return {**frames, "seals": seals, "seals_shown": seals.assign(label=named, **people)}


def _votes(rows: pd.DataFrame) -> list[str]:
    return list(map(vote_words, rows["election"], rows["round"]))


def _label(seal: Mapping[Any, Any]) -> str:
    moment = seal["label"].rpartition(" ")[2]
    return PAGE.text("seal_label", election=seal["election"], round=seal["round"], moment=moment)


def _drawn(
    sealed: SealedScores, followed: str, names: Mapping[str, str]
) -> dict[str, AnyFigure | MakeFigure]:
    """Figures of the vote that was sealed most often."""
    seals = _of_vote_drawn(sealed.seals, sealed)
    forecasts = _of_vote_drawn(sealed.forecasts, sealed)
    errors = _of_vote_drawn(errors_of(sealed), sealed)
    days = seals.drop_duplicates("as_of").set_index("as_of")["days_before"]
    forecasts = forecasts.assign(days_before=forecasts["as_of"].map(days))
    return {
        "moved": partial(moved_figure, forecasts, headline=followed, names=names),
        "scored": partial(scored_figure, errors, headline=followed),
    }


def moved_figure(
    forecasts: pd.DataFrame, words: Words, *, headline: str, names: Mapping[str, str]
) -> Figure:
    """A panel per leading candidate: every method from seal to seal, and the vote.

    Parameters
    ----------
    forecasts : DataFrame
        Of one vote: predictor, days_before, candidate, share, q05, q95, outcome (fractions).
    words : Words
        Of its section.
    headline : str
        The method whose interval is drawn.
    names : mapping
        Candidates' names.
    """
    people = _with_panel(forecasts)
    rows = _by_method(forecasts[forecasts["candidate"].isin(people)], headline)
    rows = rows.assign(candidate=rows["candidate"].map(lambda key: names.get(key, key)))
    sources = {"share": "share", "low": "q05", "high": "q95", "outcome": "outcome"}
    for key, column in sources.items():
        rows[key] = PERCENT * rows[column]
    votes = rows.dropna(subset="outcome").groupby("candidate")["outcome"].first().reset_index()
    spread = {"color": style.GRID, "alpha": 1}
    vote = {"color": style.SOFT, "linestyle": "--"}
    return Figure(
        columns=words.labels,
        panel="candidate",
        panels={name: name for name in (names.get(key, key) for key in people)},
        height=1.2,
        more=0.3,
        per_line=2,
        **_over_days(
            rows,
            "share",
            Mark("band", rows, "days", "low", "high", one="method", look=spread),
            Mark("at", votes, y="outcome", look=vote),
        ),
    )


def scored_figure(errors: pd.DataFrame, words: Words, *, headline: str) -> Figure:
    """The mean absolute error of every method by days before the vote.

    Parameters
    ----------
    errors : DataFrame
        Of one vote: predictor, days_before, candidate, absolute_error (fractions).
    words : Words
        Of its section.
    headline : str
        The method in the strong colour.
    """
    grouped = errors.groupby(["predictor", "days_before"])["absolute_error"]
    mean = _by_method(grouped.agg(["mean", "size"]).reset_index(), headline)
    return Figure(
        columns=words.labels,
        height=1.9,
        **_over_days(mean.assign(error=PERCENT * mean["mean"], n=mean["size"]), "error"),
    )


def _over_days(rows: pd.DataFrame, value: str, *behind: Mark) -> dict[str, Any]:
    """Lines of the methods over what is behind them, axes and looks that both figures share."""
    looks = {name: _look(place) for place, name in enumerate(rows["method"].unique())}
    first = float(rows["days"].max())
    last = float(rows["days"].min())
    edge = 0.04 * (first - last)
    lines = Mark("line", rows, "days", value, by="method")
    return {
        "marks": (*behind, lines, Mark("dot", rows, "days", value, by="method", look=DOTS)),
        "x": Axis(low=first + edge, high=last - edge),
        "y": Axis(low=0),
        "grid": "y",
        "looks": looks,
        "legend": looks,
    }


def _by_method(rows: pd.DataFrame, headline: str) -> pd.DataFrame:
    """The rows of the methods in words, the headline first, the others sorted, each by days.

    So that each has the same look in all figures.
    """
    rows = rows.sort_values("days_before", kind="stable")
    other_methods = sorted(set(rows["predictor"]) - {headline})
    called = labels("predictor", [headline, *other_methods][:MAX_METHODS])
    ordered = pd.concat(
        [rows[rows["predictor"].eq(key)].assign(method=words) for key, words in called.items()]
    )
    return ordered.assign(days=ordered["days_before"].astype(int))


def _with_panel(forecasts: pd.DataFrame) -> list[str]:
    """The leading candidates, by votes."""
    outcome = forecasts.dropna(subset="outcome").groupby("candidate")["outcome"].first()
    leading = outcome[outcome >= MIN_SHARE].nlargest(MAX_PANELS)
    return list(leading.index) or list(outcome.nlargest(1).index)


def _look(place: int) -> dict[str, Any]:
    """Colour, width and dashes of the method in this place."""
    if place == 0:
        return {"color": style.INK, "linewidth": 1.6, "linestyle": "-"}
    colour = style.STRANGER_COLOURS[(place - 1) % len(style.STRANGER_COLOURS)]
    dashes = style.DASHES[place % len(style.DASHES)]
    return {"color": colour, "linewidth": 0.9, "linestyle": dashes}

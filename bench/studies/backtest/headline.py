"""One row per predictor and date, by kind of evidence, compared only with its equals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bench.core.arrays import BoolArray, FloatArray, sorted_digits
from bench.core.errors import DataError
from bench.core.forecast import EVENTS, same_events
from bench.core.options import header, labels
from bench.metrics.registry import metrics
from bench.metrics.summary import score_summary
from bench.report.answers import exclusions
from bench.report.context import ReportContext
from bench.report.plotting.layout import colours_by_family
from bench.studies.backtest.facts import NOTES

SAME_SHARE = 0.002  # fraction of the valid votes
CHANCES = "chances"  # the rule (`converted`) of an answer that has chances and no shares
OTHER_KIND = "others"  # of methods whose family no kind has
# what the tables of errors show; a metric beyond `COLUMNS` is a score of the registry
SHOWN = [
    *("predictor", "family", "mae_pp", "crps_pp", "mae_all_pp", "rmse_pp", "largest_error_pp"),
    *("coverage_90", "first_named", "pair_right", "p_pair", "skill", "evidence_age_days"),
    *("named", "notes"),
]
BLOCK_ORDER = {"ranked": 0, "partial": 1, "hindsight": 2, "outside": 3, "none": 4}
ROW = ["vote", "as_of", "predictor"]  # the vote by its number
SIZES = ["mae_pp", "rmse_pp", "largest_error_pp", "largest_error_on", "crps_pp"]
# by column of the table; ``_pp`` are points
METRICS = {
    "mae_pp": "mean_absolute_error",
    "rmse_pp": "root_mean_square_error",
    "largest_error_pp": "largest_error",
    "crps_pp": "crps",
    "crps_mc_error_pp": "crps_mc_error",
    "coverage_90": "inside_90",
}
OF_THE_VOTE = ["first_right", "pair_right", "p_pair", "kendall_tau"]
COLUMNS = [
    *("as_of", "ballot", "block", "predictor", "same_as", "family", "kind", *SIZES),
    *("crps_mc_error_pp", "has_spread", "coverage_90"),
    *("first_named", "first_right", "pair_named", "pair_right", "p_pair", "skill"),
    *("mae_all_pp", "crps_all_pp", "gaps_filled"),
    *("named", "n_candidates", "evidence_age_days", "missing", "status", "notes"),
]


@dataclass(frozen=True, kw_only=True)
class Vote:
    """The long tables of one vote.

    Attributes
    ----------
    context : ReportContext
        The vote, and the moment that is shown.
    errors, forecasts, methods : pandas.DataFrame
        Rows of every moment of this vote; shares and errors are fractions.
    polls : pandas.DataFrame
        What was public at the moment that is shown, from
        `bench.studies.backtest.analysis.polls_shown`; empty where nobody kept it.
    slate_forecasts : pandas.DataFrame
        As `forecasts`, on the slates that were supposed; empty where none was.

    Raises
    ------
    DataError
        If the moment of the context was not scored.
    """

    context: ReportContext
    errors: pd.DataFrame
    forecasts: pd.DataFrame
    methods: pd.DataFrame
    polls: pd.DataFrame = field(default_factory=pd.DataFrame)
    slate_forecasts: pd.DataFrame = field(default_factory=pd.DataFrame)

    def __post_init__(self) -> None:
        if not self.errors["as_of"].eq(self.context.as_of).any():
            have = [f"{moment:%Y-%m-%dT%H:%M}" for moment in self.dates[:5]]
            raise DataError(
                f"nothing of {self.context.election} round {self.context.round} was scored as of "
                f"{self.context.as_of:%Y-%m-%dT%H:%M}; the run holds {', '.join(have) or 'nothing'}"
            )

    @classmethod
    def of(
        cls, tables: Mapping[str, pd.DataFrame], contexts: Sequence[ReportContext]
    ) -> list[Vote]:
        """The votes of the contexts, from the tables of a whole run."""
        names = tables.keys() & {"errors", "forecasts", "methods", "polls", "slate_forecasts"}
        rows = {name: dict(tuple(tables[name].groupby(["election", "round"]))) for name in names}
        votes = []
        for context in contexts:
            key = context.election, context.round
            of_vote = {name: rows[name].get(key, tables[name].iloc[:0]) for name in names}
            votes.append(cls(context=context, **of_vote))
        return votes

    @cached_property
    def dates(self) -> list[pd.Timestamp]:
        """Moments with a forecast, earliest first."""
        return [pd.Timestamp(moment) for moment in sorted(self.errors["as_of"].unique())]

    @cached_property
    def days(self) -> dict[pd.Timestamp, int]:
        """Every moment with the days from it to the vote, earliest first."""
        vote_on = self.context.vote_on.normalize()
        return {moment: (vote_on - moment.normalize()).days for moment in self.dates}

    @cached_property
    def places(self) -> dict[pd.Timestamp, int]:
        """The place of every moment among `dates`."""
        return {moment: place for place, moment in enumerate(self.dates)}

    @cached_property
    def labels(self) -> dict[str, str]:
        """What people call every method that was asked."""
        return labels("predictor", list(dict.fromkeys(self.methods["predictor"])))

    @cached_property
    def families(self) -> dict[str, str]:
        """The family of every method that was asked."""
        return dict(zip(self.methods["predictor"], self.methods["family"], strict=True))

    @cached_property
    def colours(self) -> dict[str, str]:
        """The colour of every candidate in figures and charts."""
        return colours_by_family(self.context.families)

    @cached_property
    def compared(self) -> tuple[str, ...]:
        """The candidates ranked on at the moment that is shown; none if it is the whole ballot."""
        is_part = "compared" in self.context.ballots
        return self.ranked_sets.get(self.context.as_of, ()) if is_part else ()

    @cached_property
    def latest(self) -> Vote:
        """The rows of the moment that is shown; itself where there is no other."""
        tables = {name: getattr(self, name) for name in ("errors", "forecasts", "methods")}
        is_now = {name: rows["as_of"].eq(self.context.as_of) for name, rows in tables.items()}
        if all(rows.all() for rows in is_now.values()):
            return self
        return replace(self, **{name: rows[is_now[name]] for name, rows in tables.items()})

    def seen_at(self, moment: pd.Timestamp) -> Vote:
        """The rows of the whole country of another moment, which is then the one that is shown."""
        if moment == self.context.as_of:
            return self.latest
        return replace(
            self,
            context=replace(self.context, as_of=moment),
            errors=self.national_errors,
            forecasts=self.national_forecasts,
        ).latest

    @cached_property
    def national_errors(self) -> pd.DataFrame:
        """Rows of the whole country, of every moment."""
        return self.errors[self.errors["area"].eq("national")]

    @cached_property
    def national_forecasts(self) -> pd.DataFrame:
        """Rows of the whole country, of every moment."""
        return self.forecasts[self.forecasts["area"].eq("national")]

    def signed_errors(self, ballot: str) -> pd.DataFrame:
        """Errors of the whole country in percentage points, of every moment."""
        rows = self.national_errors
        return _signed_errors(rows[rows["ballot"].eq(ballot)])

    @cached_property
    def ranked_sets(self) -> dict[pd.Timestamp, tuple[str, ...]]:
        """The candidates ranked on, by moment, in order of votes; none without a subset."""
        rows = self.signed_errors("compared").groupby("as_of")["candidate"].agg(set)
        order = self.context.by_votes
        return {
            pd.Timestamp(str(moment)): tuple(c for c in order if c in found)
            for moment, found in rows.items()
        }


def headline(votes: Sequence[Vote]) -> list[pd.DataFrame]:
    """The headline table of every moment and ballot of each vote.

    A predictor is compared (block ``ranked``) if it names every candidate of the ballot; the others
    follow, scored on the candidates they do name. Rows stand by kind of evidence, within a kind by
    CRPS: one vote is one draw of history, and an order is not a ranking. Methods with one
    national forecast (`same_as`) count as one. Who gives neither shares nor a winner has no error.

    Returns
    -------
    list of DataFrame
        as_of, ballot, block (ranked | partial | hindsight | outside | none), predictor, same_as,
        family, kind (of `kinds`), mae_pp, rmse_pp, largest_error_pp, largest_error_on, crps_pp,
        crps_mc_error_pp, has_spread, coverage_90, first_named, first_right (None: named nobody),
        pair_named, pair_right, p_pair, skill, and on the whole ballot mae_all_pp, crps_all_pp,
        gaps_filled;
        named, n_candidates, evidence_age_days (from the newest row read to the vote),
        missing, status, notes; and the further metrics of `SHOWN`. Moments in order
        of time.
    """
    errors = of_votes(votes, "national_errors")
    names = [*METRICS.values(), *more_metrics().values(), *OF_THE_VOTE]
    scores = score_summary(errors, [*ROW, "ballot"], list(dict.fromkeys(names))).set_index(ROW)
    base, forecasts = _asked(votes, scores[scores["ballot"].eq("all")])
    ballots = dict.fromkeys(key for vote in votes for key in reversed(vote.context.ballot_keys))
    parts = []
    for ballot in ballots:  # the whole ballot first
        has_ballot = [ballot in context.ballot_keys for context in forecasts.contexts]
        on_ballot = (rows[rows["ballot"].eq(ballot)] for rows in (errors, scores))
        table = _scored(base, forecasts, *on_ballot).assign(ballot=ballot)
        parts.append(_ordered(table[has_ballot], forecasts))
    whole = parts[0].set_index(ROW)
    every = pd.concat(parts, ignore_index=True)
    of = pd.MultiIndex.from_frame(every[ROW])
    for key in ("mae", "crps"):
        every[f"{key}_all_pp"] = whole[f"{key}_pp"].reindex(of).array
    every["gaps_filled"] = (
        every["block"].ne("none")
        & whole["missing"].reindex(of).ne("").to_numpy()
        & every["mae_all_pp"].notna()
    )
    return by_vote(every, [*COLUMNS, *more_metrics()], len(votes))


def of_votes(votes: Sequence[Vote], name: str) -> pd.DataFrame:
    """The rows of a table of every vote, one vote after the other, with its number."""
    tables: list[pd.DataFrame] = [getattr(vote, name) for vote in votes]
    numbers = np.repeat(np.arange(len(votes)), [len(table) for table in tables])
    return pd.concat(tables, ignore_index=True).assign(vote=numbers)


def by_vote(rows: pd.DataFrame, columns: Sequence[str], n_votes: int) -> list[pd.DataFrame]:
    """Columns of the rows of every vote, by its number."""
    tables = dict(tuple(rows.groupby("vote")[list(columns)]))
    nothing = rows.iloc[:0][list(columns)]
    return [tables.get(n, nothing).reset_index(drop=True) for n in range(n_votes)]


def _signed_errors(rows: pd.DataFrame) -> pd.DataFrame:
    """Errors in percentage points, of one ballot."""
    rows = rows[rows["metric"].eq("signed_error")].dropna(subset="value")
    return rows.assign(error_pp=100 * rows["value"])


@cache
def more_metrics() -> Mapping[str, str]:
    """Metrics that `SHOWN` has beyond `COLUMNS`, by column; ``_pp`` are points."""
    names = {key: key.removesuffix("_pp") for key in SHOWN if key not in COLUMNS}
    return {key: name for key, name in names.items() if name in metrics()}


@cache
def _families_of() -> Mapping[str, Sequence[str]]:
    """Families of methods by the kind of evidence that they use."""
    import yaml

    path = Path(__file__).with_name("kinds.yaml")
    families_of: dict[str, list[str]] = yaml.safe_load(path.read_text("utf-8"))
    return families_of


def kinds() -> tuple[str, ...]:
    """The kinds of evidence of `kinds.yaml`, in the order of the tables."""
    return tuple(_families_of())


def kind_of(predictor: str, family: str) -> str:
    """The kind of evidence that a method uses: what its YAML says, or else that of its family.

    Examples
    --------
    >>> kind_of("last_poll", "quota polls"), kind_of("polls_30_days_ago", "baselines")
    ('last_polls', 'older_polls')
    >>> kind_of("a_method_of_yours", "a family of yours")
    'others'
    """
    lines, families_of = header("predictor", predictor), _families_of()
    stated = (kind for kind in families_of if f"kind: {kind}" in lines)
    usual = (kind for kind, families in families_of.items() if family in families)
    return next(stated, None) or next(usual, OTHER_KIND)


def rankable(rows: pd.DataFrame, methods: pd.DataFrame) -> pd.DataFrame:
    """Rows that may be compared: made without hindsight, by methods that nothing bars.

    Parameters
    ----------
    rows : pandas.DataFrame
        With election, round, as_of and predictor.
    methods : pandas.DataFrame
        What became of every question; `hindsight` and `unranked` may be missing.
    """
    keys = ["election", "round", "as_of", "predictor"]
    excluded = methods[_is_marked(methods, "hindsight") | exclusions(methods).ne("")]
    if excluded.empty:
        return rows
    return rows[
        ~pd.MultiIndex.from_frame(rows[keys]).isin(pd.MultiIndex.from_frame(excluded[keys]))
    ]


def _is_marked(methods: pd.DataFrame, key: str) -> pd.Series:
    """Whether each row has a mark that may be missing from the table."""
    return methods.get(key, pd.Series(False, methods.index)).eq(True)


def excluded(methods: pd.DataFrame) -> dict[str, str]:
    """Why methods stand outside the ranking, by method.

    Examples
    --------
    >>> excluded(pd.DataFrame({"predictor": ["a", "b"], "unranked": ["", "it leaks"]}))
    {'b': 'it leaks'}
    """
    why = exclusions(methods)
    return dict(zip(methods.loc[why.ne(""), "predictor"], why[why.ne("")], strict=True))


def with_reasons(methods: pd.DataFrame, why: Mapping[str, str]) -> pd.DataFrame:
    """The table of methods with further reasons to stand outside the ranking, by method."""
    given = methods["predictor"].map(lambda name: why.get(name, ""))
    return methods.assign(unranked=given.where(given.ne(""), exclusions(methods)))


def at(table: pd.DataFrame, as_of: pd.Timestamp, ballot: str) -> pd.DataFrame:
    """The rows of one moment and ballot."""
    mine = table[table["as_of"].eq(as_of) & table["ballot"].eq(ballot)]
    return mine.drop(columns=["as_of", "ballot"]).reset_index(drop=True)


@dataclass(frozen=True, kw_only=True)
class _Forecasts:
    """National forecasts as arrays of N forecasts and C candidates in order of the alphabet."""

    contexts: Sequence[ReportContext]  # [N], the votes
    candidates: NDArray[np.object_]  # [N, C], empty where a ballot has fewer
    share: FloatArray  # [N, C], gaps filled
    named: BoolArray  # [N, C]
    has_interval: BoolArray  # [N, C], of those named
    states_chances: BoolArray  # [N, C], of those named

    @classmethod
    def of(cls, votes: Sequence[Vote], asked: pd.DataFrame) -> _Forecasts:
        """A row for each of what was asked."""
        rows = of_votes(votes, "national_forecasts")
        in_alphabet = pd.Series(pd.factorize(rows["candidate"], sort=True)[0])
        rows["place"] = in_alphabet.groupby(rows["vote"]).rank("dense")
        columns = ["share", "named", "has_interval", "has_chance"]
        wide = rows.assign(
            named=~rows["filled"].astype(bool) & rows["share"].notna(),
            has_interval=rows["q05"].notna() & rows["q95"].notna(),
            has_chance=rows["p_qualify"].notna(),
        ).pivot(index=ROW, columns="place", values=columns)
        wide = wide.reindex(pd.MultiIndex.from_frame(asked[ROW]))
        named, has_interval, has_chance = (wide[key].eq(True).to_numpy() for key in columns[1:])
        candidates = rows.drop_duplicates(["vote", "place"]).pivot(
            index="vote", columns="place", values="candidate"
        )
        return cls(
            contexts=[votes[number].context for number in asked["vote"]],
            candidates=candidates.reindex(asked["vote"]).fillna("").to_numpy(dtype=object),
            share=wide["share"].to_numpy(dtype=float),
            named=named,
            has_interval=has_interval & named,
            states_chances=(has_interval | has_chance) & named,
        )


def _asked(votes: Sequence[Vote], scores: pd.DataFrame) -> tuple[pd.DataFrame, _Forecasts]:
    """What does not depend on the ballot: a row per predictor and scored moment; the forecasts."""
    asked = of_votes(votes, "methods")
    moments = zip(asked["vote"], asked["as_of"], strict=True)
    is_dated = np.array([moment in votes[number].places for number, moment in moments])
    asked = asked[is_dated].reset_index(drop=True)
    forecasts = _Forecasts.of(votes, asked)
    contexts = forecasts.contexts
    names_any = pd.Series(forecasts.named.any(axis=1), index=asked.index)
    answered = asked["status"].eq("ok") & names_any
    states_odds = pd.Series(forecasts.states_chances.any(axis=1), index=asked.index)
    is_reading = _is_marked(asked, "our_reading")
    names_first = answered & ~is_reading
    is_in = forecasts.named & names_first.to_numpy(bool)[:, None]
    shares = list(np.where(is_in, forecasts.share, -np.inf))
    families = dict(zip(asked["predictor"], asked["family"], strict=True))
    kind_of_method = {name: kind_of(name, family) for name, family in families.items()}
    base = asked.assign(
        reference=[context.reference for context in contexts],
        level_of=asked.get("level_of", ""),
        hindsight=_is_marked(asked, "hindsight"),
        order_only=_is_marked(asked, "order_only"),
        kind=asked["predictor"].map(kind_of_method),
        our_reading=is_reading,
        unranked=exclusions(asked),
        answered=answered,
        is_named=names_any,
        converted=conversions([votes[number] for number in asked["vote"]], asked),
        first_named=list(map(_leaders, forecasts.candidates, shares, [1] * len(asked))),
        pair_named=list(
            map(_leaders, forecasts.candidates, shares, [c.n_advance for c in contexts])
        ),
        named=forecasts.named.sum(axis=1) * answered,
        n_candidates=[len(context.outcome) for context in contexts],
        evidence_age_days=age_days(asked, contexts).where(answered),
        order=np.arange(len(asked)),
    )
    events = scores.reindex(pd.MultiIndex.from_frame(base[ROW])).reset_index(drop=True)
    base["tau"] = events["kendall_tau"].where(base["order_only"])
    for key in ("first_right", "pair_right"):  # a tie that may go either way names nobody
        is_scored = names_first & events[key].notna()  # of one place alone no pair is
        base[key] = events[key].eq(1).astype(object).where(is_scored, None)
    base["pair_named"] = base["pair_named"].where(base["pair_right"].notna(), "")
    base["notes"] = _notes(base, forecasts)
    base["p_pair"] = events["p_pair"].where(answered & states_odds)
    return base, forecasts


def _leaders(candidates: NDArray[np.object_], share: FloatArray, n: int) -> str:
    """The first of the candidates; empty where equal shares leave open who they are.

    Parameters
    ----------
    candidates
        By name.
    share
        Of each; minus infinity where there is none.
    n
        How many come first.
    """
    order = np.argsort(-share, kind="stable")
    best = [*share[order].tolist(), -np.inf]
    if best[n - 1] - best[n] <= 1e-12:
        return ""
    return " ".join(candidates[place] for place in order[:n] if np.isfinite(share[place]))


def _notes(base: pd.DataFrame, forecasts: _Forecasts) -> list[str]:
    """What has to be known of every answer.

    Parameters
    ----------
    base
        What became of every question; is_named, whether it gives shares; tau, the rank correlation
        of an answer that is an order alone, else NaN.
    forecasts
        Of the same rows.
    """
    contexts = forecasts.contexts
    one_place = base["order_only"] & base["tau"].isna()
    is_order = base["order_only"] & ~one_place
    has_pair = is_order & np.array([context.n_advance > 1 for context in contexts])
    orders = [_levels(forecasts, row) if is_order[row] else [] for row in base.index]
    answers = base.assign(
        first=base["first_named"].where(one_place, ""),
        order=pd.Series(orders, base.index, dtype=object),
        pair_right=base["pair_right"].where(has_pair, None),
    )
    records = zip(answers.to_dict("records"), contexts, strict=True)
    return [_note(answer, context.surnames) for answer, context in records]


def _levels(forecasts: _Forecasts, row: int) -> list[list[str]]:
    """The candidates in the order of a forecast, those on one level together."""
    levels: dict[float, list[str]] = {}
    named = forecasts.named[row]
    shares = forecasts.share[row, named].round(9)
    for candidate, share in zip(forecasts.candidates[row, named], shares, strict=True):
        levels.setdefault(float(share), []).append(candidate)
    return [levels[share] for share in sorted(levels, reverse=True)]


def _sizes(errors: pd.DataFrame, scores: pd.DataFrame, base: pd.DataFrame) -> pd.DataFrame:
    """The columns of the ballot that are scores, and on whom the largest error was."""
    forecasts = pd.MultiIndex.from_frame(base[ROW])
    sizes = scores.reindex(forecasts).assign(largest_error_on=_worst_on(errors))
    sizes = sizes.set_axis(base.index)
    for column, name in {**METRICS, **more_metrics()}.items():
        sizes[column] = sizes[name] * (100 if column.endswith("_pp") else 1)
    sizes["crps_pp"] = sizes["crps_pp"].fillna(sizes["mae_pp"])
    sizes = sizes[[*METRICS, *more_metrics(), "largest_error_on"]]
    sizes = sizes.where(base["answered"] & ~base["our_reading"])
    return sizes.fillna({"largest_error_on": ""})


def _worst_on(errors: pd.DataFrame) -> pd.Series:
    """The candidate with the largest error, by `ROW`."""
    signed = _signed_errors(errors).sort_values("candidate", ignore_index=True, kind="stable")
    # of two errors that differ by rounding alone, as in a runoff, the first by name
    signed["size_pp"] = signed["error_pp"].abs().round(9)
    largest = signed.groupby(ROW)["size_pp"].idxmax()
    return signed.loc[largest].set_index(ROW)["candidate"]


def _scored(
    base: pd.DataFrame, forecasts: _Forecasts, errors: pd.DataFrame, scores: pd.DataFrame
) -> pd.DataFrame:
    """The rows with what depends on the ballot, whose errors and scores these are."""
    of_candidates = errors[errors["candidate"].ne("")]
    members = of_candidates.groupby(["vote", "as_of"])["candidate"].agg(set).to_dict()
    moments = zip(base["vote"], base["as_of"], strict=True)
    ballots = [members.get(moment, set()) for moment in moments]
    on_ballot = np.array(
        [
            [name in ballot for name in names]
            for names, ballot in zip(forecasts.candidates, ballots, strict=True)
        ]
    )
    missing = on_ballot & ~forecasts.named
    block = np.where(missing.any(axis=1), "partial", "ranked")
    block = np.where(base["hindsight"], "hindsight", block)
    block = np.where(base["unranked"].ne(""), "outside", block)
    gives_no_shares = ~base["answered"] | base["order_only"] | base["our_reading"]
    block = np.where(gives_no_shares, "none", block)
    answers = zip(forecasts.contexts, forecasts.candidates, missing, base["answered"], strict=True)
    return base.join(_sizes(errors, scores, base)).assign(
        block=block,
        has_spread=~gives_no_shares & (forecasts.has_interval & on_ballot).any(axis=1),
        missing=[
            ", ".join(context.surnames[name] for name in names[gaps]) if answered else ""
            for context, names, gaps, answered in answers
        ],
    )


def _ordered(table: pd.DataFrame, forecasts: _Forecasts) -> pd.DataFrame:
    """The rows of one ballot: by moment, block and kind, within a kind the smallest CRPS first."""
    table = table.assign(same_as=_same_as(table, forecasts))
    # a group with one national forecast stands where its first member does
    table["_lead"] = table["same_as"].where(table["same_as"].ne(""), table["predictor"])
    leads = table.set_index(ROW)[["block", "kind", "crps_pp", "mae_pp"]]
    leads = leads.loc[pd.MultiIndex.from_frame(table[["vote", "as_of", "_lead"]])]
    table["_block"] = leads["block"].map(BLOCK_ORDER).to_numpy()
    table["_kind"] = leads["kind"].map(kinds().index).to_numpy()
    table["_crps"], table["_mae"] = leads["crps_pp"].to_numpy(), leads["mae_pp"].to_numpy()
    table["_second"] = table["same_as"].ne("")
    order = [*ROW[:2], "_block", "_kind", "_crps", "_mae", "_lead", "_second", "predictor"]
    table = table.sort_values(order, ignore_index=True, kind="stable", key=sorted_digits)
    table["skill"] = _skill(table)
    return table


def ranked_once(table: pd.DataFrame) -> pd.DataFrame:
    """The ranked rows of a headline table, one of each national forecast."""
    return table[table["block"].eq("ranked") & table["same_as"].eq("")]


def _same_as(table: pd.DataFrame, forecasts: _Forecasts) -> list[str]:
    """For each row the first method with the same national forecast; empty if it is the first.

    The same are equal shares and spreads; and those of a method that says whose level it takes
    over (`Predictor.level_of`), if both agree to a fifth of a point: a map cut at 0 moves a little.
    Whoever stands outside the ranking shares no row.
    """
    found = dict.fromkeys(table["order"], "")
    keys = [*ROW, "order", "level_of", "has_spread", "named", "crps_pp"]
    heads: dict[tuple[int, pd.Timestamp], list[dict[Any, Any]]] = {}
    for row in table.loc[~table["block"].isin(["outside", "none"]), keys].to_dict("records"):
        mine = row["level_of"] or row["predictor"]
        earlier = heads.setdefault((row["vote"], row["as_of"]), [])
        for head in earlier:
            near = SAME_SHARE if mine == (head["level_of"] or head["predictor"]) else 1e-9
            if (
                row["has_spread"] == head["has_spread"]
                and row["named"] == head["named"]
                and abs(row["crps_pp"] - head["crps_pp"]) <= 100 * near
                and np.allclose(
                    forecasts.share[row["order"]],
                    forecasts.share[head["order"]],
                    rtol=0,
                    atol=near,
                    equal_nan=True,
                )
            ):
                found[row["order"]] = head["predictor"]
                break
        else:
            earlier.append(row)
    return [found[place] for place in table["order"]]


def best_of_families(table: pd.DataFrame) -> list[str]:
    """Best ranked predictor of each family, in the order of the table.

    Parameters
    ----------
    table
        From `headline`, one moment and ballot.
    """
    ranked = table[table["block"].eq("ranked")]
    return [str(name) for name in ranked.drop_duplicates("family")["predictor"]]


def age_days(methods: pd.DataFrame, contexts: Sequence[ReportContext]) -> pd.Series:
    """Days from the newest row that each method read to its vote; NaN where it read none."""
    if "newest_row_on" not in methods:
        return pd.Series(np.nan, index=methods.index)
    newest = pd.to_datetime(methods["newest_row_on"], errors="coerce").dt.normalize()
    vote_on = pd.Series([context.vote_on.normalize() for context in contexts], methods.index)
    return (vote_on - newest).dt.days.astype(float)


def _skill(table: pd.DataFrame) -> pd.Series:
    """1 - CRPS / CRPS of the reference, among the ranked only: equal candidates on both sides."""
    ranked, crps_pp = table["block"].eq("ranked"), table["crps_pp"]
    is_base = ranked & table["predictor"].eq(table["reference"]) & crps_pp.gt(0)
    base_pp = crps_pp.where(is_base).groupby([table["vote"], table["as_of"]]).transform("max")
    return (1 - crps_pp / base_pp).where(ranked)


def conversions(votes: Sequence[Vote], methods: pd.DataFrame) -> list[str]:
    """By what rule each answer came by its figures, in words; empty where by none.

    An answer that has chances and no shares is followed by these.

    Parameters
    ----------
    votes : sequence of Vote
        That of each row.
    methods : pandas.DataFrame
        What became of some of their questions.
    """
    texts = []
    rules = methods["converted"].astype(object).fillna("").astype(str).str.strip()
    questions = zip(votes, methods["as_of"], methods["predictor"], rules, strict=True)
    for vote, moment, predictor, rule in questions:
        chances = _stated_chances(vote, moment, predictor) if rule == CHANCES else {}
        texts.append(NOTES.text("converted", rule=rule, chances=chances) if rule else "")
    return texts


def _stated_chances(
    vote: Vote, moment: pd.Timestamp, predictor: str
) -> dict[str, list[tuple[Any, Any]]]:
    """By event the surname and the chance of each who has one, the likeliest first.

    Of several names of one event the first counts.
    """
    rows = vote.national_forecasts
    rows = rows.query("as_of == @moment and predictor == @predictor")
    rows = rows.sort_values("candidate", kind="stable").set_index("candidate")
    rows = rows.rename(index=vote.context.surnames)
    chances: dict[str, list[tuple[Any, Any]]] = {}
    for event in EVENTS:
        quoted = rows[f"p_{event}"].dropna().sort_values(ascending=False, kind="stable")
        names_of_event = same_events(event, vote.context.n_advance, len(rows))
        if len(quoted) and chances.keys().isdisjoint(names_of_event):
            chances[event] = list(quoted.items())
    return chances


def _note(answer: Mapping[Any, Any], called: Mapping[str, str]) -> str:
    """What has to be known of the answer of a method.

    Parameters
    ----------
    answer
        Of the columns of methods status, message, converted, access, is_named, tau, and perhaps
        order_only, our_reading and unranked; first and first_right, whom an answer of one place
        alone puts there, and whether that is right; order and pair_right, the candidates of an
        answer that is an order alone, level by level, and whether its first ones are those who got
        through, None if that is open.
    called
        Names of the candidates.
    """
    words = {
        key: value.strip() if isinstance(value := answer.get(key), str) else ""
        for key in ("message", "converted", "unranked")
    }
    is_named = bool(answer["is_named"])
    notes = NOTES.lines(
        "method_note",
        is_silent=answer["status"] != "ok",
        status=answer["status"],
        message=words["message"],
        is_named=is_named,
        is_reading=answer.get("our_reading") is True,
        converted=words["converted"],
        as_shares=is_named and answer.get("order_only") is not True,
        by_owner=answer["access"] == "owner",
        excluded=words["unranked"],
        tau=None if pd.isna(answer["tau"]) else answer["tau"],
        order=[[called[name] for name in level] for level in answer["order"]],
        pair_right=answer["pair_right"],
        first=called.get(answer["first"], ""),
        is_right=answer["first_right"] is True,
    )
    return NOTES.text("parts", parts=notes)

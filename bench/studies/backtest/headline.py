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
ROW = ["as_of", "predictor"]
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
    def of(cls, tables: Mapping[str, pd.DataFrame], context: ReportContext) -> Vote:
        """The vote of the context, from the tables of a whole run."""
        mine = {
            name: tables[name][
                tables[name]["election"].eq(context.election)
                & tables[name]["round"].eq(context.round)
            ]
            for name in ("errors", "forecasts", "methods", "polls", "slate_forecasts")
            if name in tables
        }
        return cls(context=context, **mine)

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

    @cached_property
    def scores(self) -> pd.DataFrame:
        """Scores of the whole country, of every moment: see `score_summary`."""
        names = [*METRICS.values(), *more_metrics().values(), *OF_THE_VOTE]
        return score_summary(self.national_errors, [*ROW, "ballot"], list(dict.fromkeys(names)))

    def signed_errors(self, ballot: str) -> pd.DataFrame:
        """Errors of the whole country in percentage points, of every moment."""
        rows = self.national_errors
        rows = rows[rows["ballot"].eq(ballot) & rows["metric"].eq("signed_error")]
        return rows.dropna(subset="value").assign(error_pp=lambda one: 100 * one["value"])

    @cached_property
    def ranked_sets(self) -> dict[pd.Timestamp, tuple[str, ...]]:
        """The candidates ranked on, by moment, in order of votes; none without a subset."""
        rows = self.signed_errors("compared").groupby("as_of")["candidate"].agg(set)
        order = self.context.by_votes
        return {
            pd.Timestamp(str(moment)): tuple(c for c in order if c in found)
            for moment, found in rows.items()
        }


def headline(vote: Vote) -> pd.DataFrame:
    """The headline table of every moment and ballot of a vote.

    A predictor is compared (block ``ranked``) if it names every candidate of the ballot; the others
    follow, scored on the candidates they do name. Rows stand by kind of evidence, within a kind by
    CRPS: one vote is one draw of history, and an order is not a ranking. Methods with one
    national forecast (`same_as`) count as one. Who gives neither shares nor a winner has no error.

    Returns
    -------
    DataFrame
        as_of, ballot, block (ranked | partial | hindsight | outside | none), predictor, same_as,
        family, kind (of `kinds`), mae_pp, rmse_pp, largest_error_pp, largest_error_on, crps_pp,
        crps_mc_error_pp, has_spread, coverage_90, first_named, first_right (None: named nobody),
        pair_named, pair_right, p_pair, skill, and on the whole ballot mae_all_pp, crps_all_pp,
        gaps_filled;
        named, n_candidates, evidence_age_days (from the newest row read to the vote),
        missing, status, notes; and the further metrics of `SHOWN`. Moments in order
        of time.
    """
    base, forecasts = _asked(vote)
    parts = []
    for ballot in dict.fromkeys(("all", *vote.context.ballot_keys)):
        table = _scored(vote, base, forecasts, ballot)
        parts.append(_ordered(table, forecasts, vote.context.reference))
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
    return every[[*COLUMNS, *more_metrics()]]


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

    candidates: NDArray[np.object_]  # [C]
    share: FloatArray  # [N, C], gaps filled
    named: BoolArray  # [N, C]
    has_interval: BoolArray  # [N, C]

    def in_words(self, mask: BoolArray) -> list[list[str]]:
        """The candidates of each row of a mask [N, C]."""
        return [list(self.candidates[row]) for row in mask]


def _asked(vote: Vote) -> tuple[pd.DataFrame, _Forecasts]:
    """What does not depend on the ballot: a row per predictor and scored moment; the forecasts."""
    rows = vote.national_forecasts
    asked = vote.methods[vote.methods["as_of"].isin(vote.dates)].reset_index(drop=True)
    wide = rows.assign(
        named=~rows["filled"].astype(bool) & rows["share"].notna(),
        has_interval=rows["q05"].notna() & rows["q95"].notna(),
        has_chance=rows["p_qualify"].notna(),
    ).pivot(
        index=ROW,
        columns="candidate",
        values=["share", "named", "has_interval", "has_chance"],
    )
    wide = wide.reindex(pd.MultiIndex.from_frame(asked[ROW]))

    def mask(key: str) -> BoolArray:
        return wide[key].eq(True).to_numpy()

    named = mask("named")
    forecasts = _Forecasts(
        candidates=wide["share"].columns.to_numpy(dtype=object),
        share=wide["share"].to_numpy(dtype=float),
        named=named,
        has_interval=mask("has_interval") & named,
    )
    names_any = pd.Series(named.any(axis=1), index=asked.index)
    answered = asked["status"].eq("ok") & names_any
    states_chances = forecasts.has_interval | (mask("has_chance") & named)
    states_odds = pd.Series(states_chances.any(axis=1), index=asked.index)
    is_reading = _is_marked(asked, "our_reading")
    names_first = answered & ~is_reading
    kind_of_method = {name: kind_of(name, family) for name, family in vote.families.items()}
    base = asked[["as_of", "predictor", "family", "status"]].assign(
        level_of=asked.get("level_of", ""),
        hindsight=_is_marked(asked, "hindsight"),
        order_only=_is_marked(asked, "order_only"),
        kind=asked["predictor"].map(kind_of_method),
        our_reading=is_reading,
        unranked=exclusions(asked),
        answered=answered,
        **_named_by(forecasts, vote.context.n_advance, names_first),
        named=named.sum(axis=1) * answered,
        n_candidates=len(vote.context.outcome),
        evidence_age_days=age_days(asked, vote.context).where(answered),
        order=np.arange(len(asked)),
    )
    events = _scores(vote, "all", base)
    tau = events["kendall_tau"].where(base["order_only"])
    for key in ("first_right", "pair_right"):  # a tie that may go either way names nobody
        is_scored = names_first & events[key].notna()  # of one place alone no pair is
        base[key] = events[key].eq(1).astype(object).where(is_scored, None)
    base["pair_named"] = base["pair_named"].where(base["pair_right"].notna(), "")
    methods = asked.assign(is_named=names_any, tau=tau, converted=conversions(vote, asked))
    base["notes"] = _notes(methods, base, forecasts, vote.context)
    base["p_pair"] = events["p_pair"].where(answered & states_odds)
    return base, forecasts


def _named_by(forecasts: _Forecasts, n_advance: int, answered: pd.Series) -> dict[str, list[str]]:
    """First place and the pair, as named by the shares; equal shares name nobody."""
    share = np.where(forecasts.named, forecasts.share, -np.inf)
    order = np.argsort(-share, axis=1, kind="stable")
    best = np.take_along_axis(share, order, axis=1)
    names = forecasts.candidates[order]

    def named(n: int) -> list[str]:
        is_open = np.zeros(len(best), dtype=bool)
        if best.shape[1] > n:
            with np.errstate(invalid="ignore"):
                is_open = np.abs(best[:, n - 1] - best[:, n]) <= 1e-12
        held = np.isfinite(best[:, :n])
        return [
            " ".join(row[kept]) if says and not tied else ""
            for row, kept, says, tied in zip(names[:, :n], held, answered, is_open, strict=True)
        ]

    return {"first_named": named(1), "pair_named": named(n_advance)}


def _notes(
    methods: pd.DataFrame, base: pd.DataFrame, forecasts: _Forecasts, context: ReportContext
) -> list[str]:
    """What has to be known of every answer.

    Parameters
    ----------
    methods
        What became of every question; is_named, whether it gives shares; tau, the rank correlation
        of an answer that is an order alone, else NaN.
    base, forecasts
        Of the same rows.
    context
        Of the vote.
    """
    one_place = base["order_only"] & methods["tau"].isna()
    is_order = base["order_only"] & ~one_place
    has_pair = is_order & (context.n_advance > 1)
    orders = [_levels(forecasts, row) if is_order[row] else [] for row in base.index]
    answers = methods.assign(
        first=base["first_named"].where(one_place, ""),
        first_right=base["first_right"],
        order=pd.Series(orders, base.index, dtype=object),
        pair_right=base["pair_right"].where(has_pair, None),
    )
    return [_note(answer, context.surnames) for answer in answers.to_dict("records")]


def _levels(forecasts: _Forecasts, row: int) -> list[list[str]]:
    """The candidates in the order of a forecast, those on one level together."""
    levels: dict[float, list[str]] = {}
    named = forecasts.named[row]
    shares = forecasts.share[row, named].round(9)
    for candidate, share in zip(forecasts.candidates[named], shares, strict=True):
        levels.setdefault(float(share), []).append(candidate)
    return [levels[share] for share in sorted(levels, reverse=True)]


def _scores(vote: Vote, ballot: str, base: pd.DataFrame) -> pd.DataFrame:
    """The scores on a ballot, a row for each of `base`; NaN where nobody took them."""
    scores = vote.scores[vote.scores["ballot"].eq(ballot)].set_index(ROW)
    return scores.reindex(pd.MultiIndex.from_frame(base[ROW])).reset_index(drop=True)


def _sizes(vote: Vote, ballot: str, base: pd.DataFrame) -> pd.DataFrame:
    """The columns of the ballot that are scores, and on whom the largest error was."""
    scores = _scores(vote, ballot, base)
    sizes = pd.DataFrame(index=base.index)
    for column, name in {**METRICS, **more_metrics()}.items():
        sizes[column] = scores[name] * (100 if column.endswith("_pp") else 1)
    sizes["crps_pp"] = sizes["crps_pp"].fillna(sizes["mae_pp"])
    worst_on = _worst_on(vote, ballot).reindex(pd.MultiIndex.from_frame(base[ROW]))
    sizes["largest_error_on"] = worst_on.to_numpy(dtype=object)
    sizes = sizes.where(base["answered"] & ~base["our_reading"])
    return sizes.fillna({"largest_error_on": ""})


def _worst_on(vote: Vote, ballot: str) -> pd.Series:
    """The candidate with the largest error, by `ROW`."""
    signed = vote.signed_errors(ballot).sort_values("candidate", ignore_index=True, kind="stable")
    # of two errors that differ by rounding alone, as in a runoff, the first by name
    signed["size_pp"] = signed["error_pp"].abs().round(9)
    largest = signed.groupby(ROW)["size_pp"].idxmax()
    return signed.loc[largest].set_index(ROW)["candidate"]


def _scored(vote: Vote, base: pd.DataFrame, forecasts: _Forecasts, ballot: str) -> pd.DataFrame:
    """The rows with what depends on the ballot."""
    rows = vote.national_errors
    rows = rows[rows["ballot"].eq(ballot) & rows["candidate"].ne("")]
    members = {
        moment: np.isin(forecasts.candidates, list(found))
        for moment, found in rows.groupby("as_of")["candidate"].agg(set).items()
    }
    nobody = np.zeros(len(forecasts.candidates), dtype=bool)
    on_ballot = np.array([members.get(moment, nobody) for moment in base["as_of"]])
    missing = on_ballot & ~forecasts.named
    block = np.where(missing.any(axis=1), "partial", "ranked")
    block = np.where(base["hindsight"], "hindsight", block)
    block = np.where(base["unranked"].ne(""), "outside", block)
    gives_no_shares = ~base["answered"] | base["order_only"] | base["our_reading"]
    block = np.where(gives_no_shares, "none", block)
    short = vote.context.surnames
    return base.join(_sizes(vote, ballot, base)).assign(
        ballot=ballot,
        block=block,
        has_spread=~gives_no_shares & (forecasts.has_interval & on_ballot).any(axis=1),
        missing=[
            ", ".join(short[name] for name in names) if answered else ""
            for names, answered in zip(forecasts.in_words(missing), base["answered"], strict=True)
        ],
    )


def _ordered(table: pd.DataFrame, forecasts: _Forecasts, reference: str) -> pd.DataFrame:
    """The rows of one ballot: by moment, block and kind, within a kind the smallest CRPS first."""
    table = table.assign(same_as=_same_as(table, forecasts))
    # a group with one national forecast stands where its first member does
    table["_lead"] = table["same_as"].where(table["same_as"].ne(""), table["predictor"])
    leads = table.set_index(ROW)[["block", "kind", "crps_pp", "mae_pp"]]
    leads = leads.loc[pd.MultiIndex.from_frame(table[["as_of", "_lead"]])]
    table["_block"] = leads["block"].map(BLOCK_ORDER).to_numpy()
    table["_kind"] = leads["kind"].map(kinds().index).to_numpy()
    table["_crps"], table["_mae"] = leads["crps_pp"].to_numpy(), leads["mae_pp"].to_numpy()
    table["_second"] = table["same_as"].ne("")
    order = ["as_of", "_block", "_kind", "_crps", "_mae", "_lead", "_second", "predictor"]
    table = table.sort_values(order, ignore_index=True, kind="stable", key=sorted_digits)
    table["skill"] = _skill(table, reference)
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
    keys = ["as_of", "order", "predictor", "level_of", "has_spread", "named", "crps_pp"]
    told = table.loc[~table["block"].isin(["outside", "none"]), keys]
    for _moment, rows in told.groupby("as_of"):
        heads: list[dict[Any, Any]] = []
        for row in rows.sort_values("order", kind="stable").to_dict("records"):
            mine = row["level_of"] or row["predictor"]
            for head in heads:
                is_told = mine == (head["level_of"] or head["predictor"])
                near = SAME_SHARE if is_told else 1e-9
                if (
                    row["has_spread"] == head["has_spread"]
                    and row["named"] == head["named"]
                    and abs(row["crps_pp"] - head["crps_pp"]) <= 100 * near
                    and _alike(forecasts.share[[row["order"], head["order"]]], near)
                ):
                    found[row["order"]] = head["predictor"]
                    break
            else:
                heads.append(row)
    return [found[place] for place in table["order"]]


def _alike(share: FloatArray, near: float) -> bool:
    """Whether two rows of shares [2, C] are as near as that wherever one of them has a value."""
    one, other = share
    return bool(((np.abs(one - other) <= near) | (np.isnan(one) & np.isnan(other))).all())


def best_of_families(table: pd.DataFrame) -> list[str]:
    """Best ranked predictor of each family, in the order of the table.

    Parameters
    ----------
    table
        From `headline`, one moment and ballot.
    """
    ranked = table[table["block"].eq("ranked")]
    return [str(name) for name in ranked.drop_duplicates("family")["predictor"]]


def age_days(methods: pd.DataFrame, context: ReportContext) -> pd.Series:
    """Days from the newest row that each method read to the vote; NaN where it read none."""
    if "newest_row_on" not in methods:
        return pd.Series(np.nan, index=methods.index)
    newest = pd.to_datetime(methods["newest_row_on"], errors="coerce").dt.normalize()
    days: pd.Series = (context.vote_on.normalize() - newest).dt.days.astype(float)
    return days


def _skill(table: pd.DataFrame, reference: str) -> pd.Series:
    """1 - CRPS / CRPS of the reference, among the ranked only: equal candidates on both sides."""
    ranked = table["block"].eq("ranked")
    base = table[ranked & table["predictor"].eq(reference) & table["crps_pp"].gt(0)]
    base_pp = table["as_of"].map(base.set_index("as_of")["crps_pp"]).astype(float)
    return (1 - table["crps_pp"] / base_pp).where(ranked)


def conversions(vote: Vote, methods: pd.DataFrame) -> list[str]:
    """By what rule each answer came by its figures, in words; empty where by none.

    An answer that has chances and no shares is followed by these.

    Parameters
    ----------
    vote : Vote
    methods : pandas.DataFrame
        What became of some of its questions.
    """
    texts = []
    rules = methods["converted"].astype(object).fillna("").astype(str).str.strip()
    for moment, predictor, rule in zip(methods["as_of"], methods["predictor"], rules, strict=True):
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

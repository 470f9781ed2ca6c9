"""Families beside one another, the difficulty of every vote taken out: the tables of the record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from bench.metrics.comparison.ratios import interviews_worth, ratio_of_means
from bench.metrics.comparison.two_way import (
    Effects,
    Losses,
    bradley_terry,
    closer,
    fixed_effects,
    holm,
    losses,
    random_effects,
)

LEAST = 1e-3  # a mean absolute error below 0.1 points counts as 0.1 points: its log is finite
FEWEST_CLUSTERS = 6  # below, a family has an estimate and no interval, as everywhere in the house
FEWEST_TO_RANK = 4  # families in a correlation of ranks
HEADLINE = "fixed_effects"


@dataclass(frozen=True, kw_only=True)
class Record:
    """Errors of ranked answers, and what they are compared by.

    Attributes
    ----------
    errors : pandas.DataFrame
        One row per answer of a family to a task: the columns of `family_errors`.
    families : tuple of str
        In order.
    reference : str
    baselines : tuple of str
    """

    errors: pd.DataFrame
    families: tuple[str, ...]
    reference: str
    baselines: tuple[str, ...]

    @property
    def at(self) -> int:
        """Place of the reference."""
        return self.families.index(self.reference)

    def among(self, rows: pd.Series) -> Record:
        """The record of some rows."""
        return replace(self, errors=self.errors[rows])

    def losses(self, column: str, *, log: bool = True, alike: str = "clusters") -> Losses:
        """Rows with a value of this column."""
        mine = self.errors[self.errors[column].notna()]
        value = mine[column].to_numpy(dtype=float)
        codes = pd.Index(self.families).get_indexer(pd.Index(mine["family"]))
        return losses(
            np.log(np.maximum(value, LEAST)) if log else value,
            mine["task"].to_numpy(),
            codes,
            pd.factorize(mine["cluster"], sort=True)[0],
            n_methods=len(self.families),
            reference=self.at,
            alike=alike,
        )

    def effects(self, column: str, *, log: bool = True) -> Effects:
        """Every family beside the reference."""
        rows = self.losses(column, log=log)
        return fixed_effects(rows, self.at, fewest_clusters=FEWEST_CLUSTERS)

    @cached_property
    def main(self) -> Effects:
        """The headline: logarithm of the mean absolute error, election days alike."""
        return self.effects("mae")


RATIOS = ["mae", "rmse", "crps", "mae_polled", "drawn", "area_mae"]  # means of logarithms
SUMS = ["squared_error", "outcome_variance", "brier", "log_score"]
OF_SHARES = ["mae", "rmse", "mae_polled", "squared_error", "outcome_variance"]


def family_errors(errors: pd.DataFrame) -> pd.DataFrame:
    """One row per family and task: of several predictors the geometric mean of errors.

    Parameters
    ----------
    errors : pandas.DataFrame
        One row per answer: task, lag_days, family, predictor, the facts of the task, and scores.
    """
    keys = ["lag_days", "task", "family"]
    facts = ["election", "round", "country", "kind", "cluster", "days_before", "once"]
    scored = errors[keys + facts + SUMS].copy()
    scored[RATIOS] = np.log(errors[RATIOS].clip(lower=LEAST))
    found = scored.groupby([*keys, *facts], sort=False, observed=True).mean().reset_index()
    found[RATIOS] = np.exp(found[RATIOS])
    return found


def families_table(record: Record) -> pd.DataFrame:
    """The main table: one row per family, best first; families without common votes come last.

    Returns
    -------
    pandas.DataFrame
        family, elections (days of one country), votes, countries, compared (election days beside
        the reference itself), relative (error beside the
        reference, 1 for it), low, high, p (Holm), closer (share of votes in which it is closer than
        the reference, election days alike), for every baseline b ``beside_b`` with ``_low``,
        ``_high``, ``_elections``, interviews with bounds, and reference_interviews on the same
        votes.
    """
    effects, names = record.main, record.families
    rows = record.losses("mae")
    wins = closer(rows)
    met = wins[:, record.at] + wins[record.at]
    with np.errstate(invalid="ignore", divide="ignore"):
        ahead = np.where(met > 0, wins[:, record.at] / met, np.nan)
    ahead[record.at] = np.nan
    answered = record.errors[record.errors["mae"].notna()]
    table = _extent(answered, names).assign(
        compared=effects.beside,
        relative=np.exp(effects.estimate),
        low=np.exp(effects.low),
        high=np.exp(effects.high),
        p=holm(effects.p_value),
        closer=ahead,
    )
    for baseline in record.baselines:
        columns = [f"beside_{baseline}{end}" for end in ("", "_low", "_high", "_elections")]
        table[columns] = [_beside(record, name, baseline, "mae") for name in names]
    columns = ["interviews", "interviews_low", "interviews_high", "reference_interviews"]
    table[columns] = [_interviews(answered, name, record.reference) for name in names]
    table = table[table["votes"] > 0]
    return table.sort_values("relative", kind="stable", na_position="last", ignore_index=True)


def _extent(rows: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """On how many election days, votes and countries the rows of each family lie."""
    counts = rows.groupby("family")[["cluster", "task", "country"]].nunique()
    counts.columns = pd.Index(["elections", "votes", "countries"])
    return counts.reindex(pd.Index(names, name="family"), fill_value=0).reset_index()


def _beside(
    record: Record, family: str, other: str, column: str
) -> tuple[float, float, float, float]:
    """Ratio to another family on common votes, and its interval."""
    if family == other:
        return 1.0, np.nan, np.nan, np.nan
    pair = record.among(record.errors["family"].isin([family, other]))
    found = replace(pair, families=(other, family), reference=other).effects(column)
    ratio, low, high = np.exp([found.estimate[1], found.low[1], found.high[1]]).tolist()
    return ratio, low, high, float(found.clusters[1])


def _interviews(
    answered: pd.DataFrame, family: str, reference: str
) -> tuple[float, float, float, float]:
    mine = answered[answered["family"].eq(family)]
    if mine.empty:
        return np.nan, np.nan, np.nan, np.nan
    own = _worth(mine)
    theirs = answered[answered["family"].eq(reference) & answered["task"].isin(mine["task"])]
    return *own, (_worth(theirs)[0] if len(theirs) else np.nan)


def _worth(rows: pd.DataFrame) -> tuple[float, float, float]:
    return interviews_worth(
        rows["squared_error"],
        rows["outcome_variance"],
        rows["cluster"],
        fewest_clusters=FEWEST_CLUSTERS,
    )


def moments_table(record: Record, days: Sequence[int], main_day: int) -> pd.DataFrame:
    """Families by days before the vote: family, days_before, elections, relative, low, high.

    The reference stands beside itself at `main_day`, on the votes that have both.
    """
    parts = []
    for number in sorted(days, reverse=True):
        here = record.among(record.errors["days_before"].eq(number))
        if len(here.errors):
            parts.append(_short(here, here.main).assign(days_before=number))
    if not parts:
        return pd.DataFrame(columns=["family", "days_before", *_SHORT])
    table = pd.concat(parts, ignore_index=True)
    is_reference = table["family"].eq(record.reference)
    return pd.concat(
        [table[~is_reference], _by_day(record, days, main_day)], ignore_index=True
    ).sort_values(["family", "days_before"], ascending=[True, False], ignore_index=True)


_SHORT = ["elections", "votes", "relative", "low", "high"]


def _short(record: Record, effects: Effects) -> pd.DataFrame:
    table = pd.DataFrame(
        {
            "family": record.families,
            "elections": effects.clusters,
            "votes": effects.votes,
            "relative": np.exp(effects.estimate),
            "low": np.exp(effects.low),
            "high": np.exp(effects.high),
        }
    )
    return table[table["votes"] > 0]


def _by_day(record: Record, days: Sequence[int], main_day: int) -> pd.DataFrame:
    """The error of the reference at every moment beside that at the main one, vote by vote."""
    mine = record.errors[record.errors["family"].eq(record.reference)]
    vote = mine["election"] + " " + mine["round"].astype(str)
    as_methods = mine.assign(task=vote, family=mine["days_before"].astype(str))
    moments = Record(
        errors=as_methods,
        families=tuple(str(number) for number in sorted(days)),
        reference=str(main_day),
        baselines=(),
    )
    if str(main_day) not in set(as_methods["family"]):
        return pd.DataFrame(columns=["family", "days_before", *_SHORT])
    table = _short(moments, moments.main)
    return table.assign(days_before=table["family"].astype(int), family=record.reference)


def lags_table(by_lag: Mapping[int, Record]) -> pd.DataFrame:
    """Families under every lag of publication: family, lag_days, elections, relative, low, high."""
    parts = [_short(one, one.main).assign(lag_days=lag) for lag, one in by_lag.items()]
    return pd.concat(parts, ignore_index=True)


def countries_table(record: Record) -> pd.DataFrame:
    """Families by country, without intervals: family, country, elections, votes, relative."""
    parts = []
    for country, rows in record.errors.groupby("country", sort=True):
        here = replace(record, errors=rows)
        parts.append(_short(here, here.main).assign(country=country))
    whole = pd.concat(parts, ignore_index=True)
    return whole[["family", "country", "elections", "votes", "relative"]]


def choices_table(record: Record) -> pd.DataFrame:
    """Every family under every way to compare: family, choice, estimate (below 0 is better).

    Estimates are differences of logarithms from the reference, of ``points`` percentage points, of
    ``bradley_terry`` log odds; of ``beside_…`` the mean logarithm of the ratio to that baseline on
    common votes, nothing else taken out.
    """
    clusters = record.losses("mae")
    found: dict[str, np.ndarray] = {
        HEADLINE: record.main.estimate,
        "mixed_model": random_effects(clusters, record.at),
        "bradley_terry": bradley_terry(clusters, record.at),
        "votes_alike": _plain(record, "mae", alike="votes"),
        "crps": _plain(record, "crps"),
        "rmse": _plain(record, "rmse"),
        "mae_polled": _plain(record, "mae_polled"),
        "points": 100 * _plain(record, "mae", log=False),
    }
    for baseline in record.baselines:
        ratios = [_beside(record, name, baseline, "mae")[0] for name in record.families]
        found[f"beside_{baseline}"] = np.log(ratios)
    parts = [
        pd.DataFrame({"family": record.families, "choice": name, "estimate": values})
        for name, values in found.items()
    ]
    table = pd.concat(parts, ignore_index=True).dropna(subset="estimate")
    table = table[table["family"].isin(table.loc[table["choice"].eq(HEADLINE), "family"])]
    table["rank"] = table.groupby("choice")["estimate"].rank(method="min").astype(int)
    return table.reset_index(drop=True)


def _plain(record: Record, column: str, *, log: bool = True, alike: str = "clusters") -> np.ndarray:
    rows = record.losses(column, log=log, alike=alike)
    return fixed_effects(rows, record.at).estimate


def agreement_table(choices: pd.DataFrame) -> pd.DataFrame:
    """How far every choice ranks as the headline does.

    Returns
    -------
    pandas.DataFrame
        choice, families (that both compare), spearman, kendall, largest_move (places, and
        `moved`, the family that makes it).
    """
    from scipy import stats

    wide = choices.pivot(index="family", columns="choice", values="estimate")
    rows = []
    for choice in dict.fromkeys(choices["choice"]):
        if choice == HEADLINE:
            continue
        both = wide[[HEADLINE, choice]].dropna()
        ranks = both.rank(method="min")
        moved = (ranks[choice] - ranks[HEADLINE]).abs()
        enough = len(both) >= FEWEST_TO_RANK
        rows.append(
            {
                "choice": choice,
                "families": len(both),
                "spearman": stats.spearmanr(*both.to_numpy().T)[0] if enough else np.nan,
                "kendall": stats.kendalltau(*both.to_numpy().T)[0] if enough else np.nan,
                "largest_move": int(moved.max()) if len(both) else 0,
                "moved": str(moved.idxmax()) if len(both) and moved.max() > 0 else "",
            }
        )
    return pd.DataFrame(rows)


def chances_table(record: Record) -> pd.DataFrame:
    """Stated chances of winning: mean Brier and log score, and differences from the reference.

    Returns
    -------
    pandas.DataFrame
        family, elections, votes, brier and log_score (means over its own votes, election days
        alike), brier_difference with low, high and p (Holm), log_difference, relative (mean Brier
        score beside that of the reference on common votes) with relative_low and relative_high;
        differences have the difficulty of votes taken out as in the main table.
    """
    here, names = record.among(record.errors["brier"].notna()), record.families
    rows = here.errors
    if rows.empty:
        return pd.DataFrame(columns=["family"])
    effects = here.effects("brier", log=False)
    surprise = here.effects("log_score", log=False)
    means = rows.groupby(["family", "cluster"])[["brier", "log_score"]].mean()
    means = means.groupby(level="family").mean().reindex(names)
    table = _extent(rows, names)[["family", "elections", "votes"]].assign(
        brier=means["brier"].to_numpy(),
        log_score=means["log_score"].to_numpy(),
        brier_difference=effects.estimate,
        low=effects.low,
        high=effects.high,
        p=holm(effects.p_value),
        log_difference=surprise.estimate,
    )
    ratios = [_brier_ratio(rows, name, record.reference) for name in names]
    table[["relative", "relative_low", "relative_high"]] = ratios
    table = table[table["votes"] > 0]
    return table.sort_values("brier_difference", kind="stable", ignore_index=True)


def _brier_ratio(rows: pd.DataFrame, family: str, reference: str) -> tuple[float, float, float]:
    if family == reference:
        return 1.0, np.nan, np.nan
    mine, theirs = (rows[rows["family"].eq(one)] for one in (family, reference))
    both = mine.merge(theirs[["task", "brier"]], on="task", suffixes=("", "_reference"))
    if both.empty:
        return np.nan, np.nan, np.nan
    return ratio_of_means(
        both["brier"],
        both["brier_reference"],
        both["cluster"],
        fewest_clusters=FEWEST_CLUSTERS,
    )


def conclusions_table(
    record: Record, pairs: Sequence[tuple[str, str]], election: str
) -> pd.DataFrame:
    """What one election seemed to say of pairs of families, and what all of them say.

    Parameters
    ----------
    record : Record
    pairs : sequence of (str, str)
        Of each the error of the first beside that of the second.
    election : str
        The one.

    Returns
    -------
    pandas.DataFrame
        family, other, score (``mae`` on the whole ballot, ``mae_polled`` on those who count), here
        (ratio in the one election, its rounds as one), relative, low, high, elections, votes, and
        the verdict: ``holds``, ``reversed``, ``open`` (the interval holds 1), ``few`` (too few
        elections for an interval), ``unseen`` (not both answered in the one election).
    """
    rows: list[tuple[object, ...]] = []
    here = record.among(record.errors["election"].eq(election))
    votes = record.errors.groupby("family")["task"].agg(set)
    for family, other in pairs:
        common = len(votes.get(family, set()) & votes.get(other, set()))
        for score in ("mae", "mae_polled"):
            once = _beside(here, family, other, score)[0]
            *ratio, n = _beside(record, family, other, score)
            days = 0 if np.isnan(n) else int(n)
            said = _verdict(once, *ratio[1:])
            rows.append((family, other, score, once, *ratio, days, common, said))
    return pd.DataFrame(rows, columns=_CONCLUSIONS)


_CONCLUSIONS = "family other score here relative low high elections votes verdict".split()


def _verdict(once: float, low: float, high: float) -> str:
    if np.isnan(once):
        return "unseen"
    if np.isnan(low):
        return "few"
    if low <= 1 <= high:
        return "open"
    return "holds" if (once < 1) == (high < 1) else "reversed"


def draws_table(record: Record) -> pd.DataFrame:
    """Families that say how sure they are: CRPS of their draws beside that of the reference."""
    here = record.among(record.errors["drawn"].notna())
    if record.reference not in set(here.errors["family"]):
        return pd.DataFrame(columns=["family", *_SHORT])
    table = _short(here, here.effects("drawn"))
    return table.sort_values("relative", kind="stable", ignore_index=True)


def map_table(record: Record, base: str) -> pd.DataFrame:
    """Errors by area beside those of a family that moves nothing: family, elections, votes, …"""
    here = record.among(record.errors["area_mae"].notna())
    if base not in set(here.errors["family"]):
        return pd.DataFrame(columns=["family", *_SHORT])
    other = replace(here, reference=base)
    table = _short(other, other.effects("area_mae"))
    mean = here.errors.groupby(["family", "cluster"])["area_mae"].mean().groupby("family").mean()
    table["area_mae"] = table["family"].map(mean)
    return table.sort_values("relative", kind="stable", ignore_index=True)


def apart_table(errors: pd.DataFrame, public: Record) -> pd.DataFrame:
    """Families that know what came later, beside the reference and the baselines; in no ranking.

    Parameters
    ----------
    errors : pandas.DataFrame
        Of these families alone, as `Record.errors`.
    public : Record
        Of the others.
    """
    if errors.empty:
        return pd.DataFrame()
    names = tuple(dict.fromkeys(errors["family"]))
    pool = pd.concat([public.errors, errors], ignore_index=True)
    both = replace(public, errors=pool, families=(*public.families, *names))
    table = _extent(errors, names)
    for other in (public.reference, *public.baselines):
        columns = [f"beside_{other}{end}" for end in ("", "_low", "_high")]
        table[columns] = [_beside(both, name, other, "mae")[:3] for name in names]
    return table

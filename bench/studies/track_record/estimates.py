"""Pairs of families on the votes that both answered: the tables of the record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from bench.core.arrays import FloatArray
from bench.metrics.comparison.ratios import (
    MIN_CLUSTERS,
    Ratio,
    holm,
    mean_ratio,
    ratio_of_means,
)

LEAST = 1e-3  # a mean absolute error below 0.1 points counts as 0.1 points: its log is finite
STRATA = ("two", "more")  # candidates on the ballot: no number is pooled over both
MEASURES: Mapping[str, tuple[str, ...]] = {  # by what is claimed; the first gives the verdict
    "shares": ("mae", "crps", "squared_error", "mae_polled"),
    "draws": ("crps",),
    "chances": ("brier",),
    "polls": ("mae", "squared_error", "mae_polled"),
    "map": ("area_mae",),
    "hindsight": ("mae",),
}
LOGS = ("mae", "crps", "mae_polled", "area_mae")  # compared by the mean logarithm of their ratio
SUMS = ("squared_error", "outcome_variance", "brier")  # by the ratio of their means
OF_SHARES = ("mae", "mae_polled", "squared_error", "outcome_variance")
FACTS = ("election", "round", "stratum", "country", "cluster", "vote_on", "days_before", "once")
OTHER_POLLS = "other_polls"
Pair = tuple[str, str]


def family_errors(errors: pd.DataFrame) -> pd.DataFrame:
    """One row per family, task and event: of several predictors the mean.

    Parameters
    ----------
    errors : pandas.DataFrame
        One row per answer: task, event (of a stated chance; 0 of shares), lag_days, family, the
        facts of the task, and scores. Of those of `LOGS` the mean is geometric.
    """
    keys = ["lag_days", "task", "event", "family"]
    found = errors[[*keys, *FACTS]].copy()
    found[list(SUMS)] = errors[list(SUMS)]
    found[list(LOGS)] = np.log(errors[list(LOGS)].clip(lower=LEAST))
    found = found.groupby([*keys, *FACTS], sort=False, observed=True).mean().reset_index()
    found[list(LOGS)] = np.exp(found[list(LOGS)])
    return found


def common(rows: pd.DataFrame, pair: Pair, measure: str) -> pd.DataFrame:
    """The events that both of a pair answered, with the `measure` of the first and of the second.

    Nothing of any other family is read.
    """
    return _common({one: rows[rows["family"].eq(one)] for one in pair}, pair, measure)


def _common(families: Mapping[str, pd.DataFrame], pair: Pair, measure: str) -> pd.DataFrame:
    first, second = (families[one].dropna(subset=measure) for one in pair)
    kept = ["lag_days", "task", "event", measure]
    return first.merge(second[kept], on=kept[:3], suffixes=("", "_other"), validate="1:1")


def by_day(both: pd.DataFrame, measure: str) -> pd.Series:
    """Mean log ratio of every election day, the votes of a day counting alike."""
    ratio = np.log(both[measure]) - np.log(both[f"{measure}_other"])
    return both.assign(ratio=ratio).groupby("cluster")["ratio"].mean()


def ratio_of(both: pd.DataFrame, measure: str) -> Ratio:
    """How many times the error of the second that of the first is, election days alike."""
    if measure in LOGS:
        return mean_ratio(by_day(both, measure))
    alike = both.groupby(["cluster", "task"])[[measure, f"{measure}_other"]].mean()
    days = alike.index.get_level_values("cluster")
    return ratio_of_means(alike[measure], alike[f"{measure}_other"], days)


def pairs_table(
    rows: pd.DataFrame, kind: str, pairs: Iterable[Pair], measures: Sequence[str] = ()
) -> pd.DataFrame:
    """Every pair in every stratum and by every measure of a kind of claim.

    Parameters
    ----------
    rows : pandas.DataFrame
        As of `family_errors`.
    kind : str
        One of `MEASURES`.
    pairs : iterable of (str, str)
        Families; of each the error of the first beside that of the second.
    measures : sequence of str
        Those of the kind that are wanted; all if empty.

    Returns
    -------
    pandas.DataFrame
        kind, stratum, family, other, measure; votes, days and countries of this pair; ratio (below
        1 the first errs less), low, high (95 %), verdict, p; interviews and interviews_other
        (simple random samples with the mean squared error of each).
    """
    by_family = {
        stratum: {str(family): part for family, part in here.groupby("family")}
        for stratum, here in rows.groupby("stratum")
    }
    found = [
        _estimate(here, pair, measure) | {"kind": kind, "stratum": stratum}
        for stratum in STRATA
        for pair in pairs
        for measure in measures or MEASURES[kind]
        if by_family.get(stratum, {}).keys() >= set(pair)
        and len(here := _common(by_family[stratum], pair, measure))
    ]
    return pd.DataFrame(found, columns=_COLUMNS)


_COLUMNS = (
    "kind stratum family other measure votes days countries ratio low high verdict p "
    "interviews interviews_other"
).split()


def _estimate(both: pd.DataFrame, pair: Pair, measure: str) -> dict[str, Any]:
    found = ratio_of(both, measure)
    worth = [np.nan, np.nan]
    if measure == "squared_error":
        worth = [
            ratio_of_means(both["outcome_variance"], both[one], both["cluster"]).value
            for one in (measure, f"{measure}_other")
        ]
    return {
        "family": pair[0],
        "other": pair[1],
        "measure": measure,
        "votes": both["task"].nunique(),
        "days": both["cluster"].nunique(),
        "countries": both["country"].nunique(),
        "ratio": found.value,
        "low": found.low,
        "high": found.high,
        "verdict": found.verdict,
        "p": found.p,
        "interviews": worth[0],
        "interviews_other": worth[1],
    }


def of_modes(polls: pd.DataFrame, modes: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """Single polls of every mode beside those of all other modes in the same vote.

    Parameters
    ----------
    polls : pandas.DataFrame
        One row per poll: its mode and respondents, and the columns of `family_errors` but family.
    modes : mapping of str to sequence of str
        Kinds of polls.

    Returns
    -------
    pandas.DataFrame
        As of `pairs_table`, with asked and asked_other: the median of their respondents.
    """
    found = []
    for key, mine in modes.items():
        named = polls.assign(family=np.where(polls["mode"].isin(mine), key, OTHER_POLLS))
        table = pairs_table(family_errors(named), "polls", [(key, OTHER_POLLS)])
        both = named[named.groupby("task")["family"].transform("nunique").eq(2)]
        asked = both.groupby(["stratum", "family"])["respondents"].median()
        for column, family in (("asked", key), ("asked_other", OTHER_POLLS)):
            table[column] = [asked.get((stratum, family)) for stratum in table["stratum"]]
        found.append(table)
    return pd.concat(found, ignore_index=True)


def adjusted(pairs: pd.DataFrame) -> pd.DataFrame:
    """The pairs with p_holm, adjusted for the `tests` that have one by a measure in a stratum.

    Draws are compared by the CRPS like shares, and adjusted with them.
    """
    claim = pairs["kind"].replace("draws", "shares")
    by = pairs["p"].groupby([claim, pairs["stratum"], pairs["measure"]])
    return pairs.assign(
        p_holm=by.transform(lambda p: holm(p.to_numpy())), tests=by.transform("count")
    )


def countries_table(rows: pd.DataFrame, pairs: Sequence[Pair]) -> pd.DataFrame:
    """Shares by country, where a pair has the election days of an interval there."""
    found = []
    for country, here in rows.groupby("country", sort=True):
        known = pairs_table(here, "shares", pairs, ["mae", "mae_polled"])
        found.append(known.assign(country=country))
    table = pd.concat(found, ignore_index=True)
    return table[table["days"].ge(MIN_CLUSTERS)]


def moments_table(
    rows: pd.DataFrame,
    pairs: Sequence[Pair],
    reference: str,
    days: Sequence[int],
    main_day: int,
) -> pd.DataFrame:
    """Mean absolute errors at days before the vote: of pairs at one moment, and the reference's.

    The reference stands beside itself at `main_day`, on the votes that have both.
    """
    found = []
    now = rows[rows["family"].eq(reference)]
    vote = (now["election"] + " " + now["round"].astype(str)).rename("task")
    moments = now.assign(task=vote, family=now["days_before"].astype(str))
    for number in sorted(days, reverse=True):
        here = pairs_table(rows[rows["days_before"].eq(number)], "shares", pairs, ["mae"])
        itself = [(str(number), str(main_day))] if number != main_day else []
        own = pairs_table(moments, "shares", itself, ["mae"]).assign(
            family=reference, other=reference
        )
        found.append(pd.concat([own, here]).assign(days_before=number))
    return pd.concat(found, ignore_index=True)


def sensitivity_table(
    rows: pd.DataFrame, by_lag: Mapping[int, pd.DataFrame], pairs: Sequence[Pair]
) -> pd.DataFrame:
    """What the ratios of mean absolute errors hang on, where a pair has an interval.

    Returns
    -------
    pandas.DataFrame
        stratum, family, other, days, countries, ratio and verdict as in the main table;
        interaction_p (F test that the ratio is the same in every country, of days within
        countries); correlation (of a day's log ratio with the one before in its country);
        clustered_low, clustered_high, clustered_verdict (intervals by country instead of day);
        countries_alike; without (the country that moves the ratio most) and without_ratio;
        two_way (additive effects of votes and families within each country, averaged over its
        days); votes_alike; lag_<days> for every lag.
    """
    found = []
    for stratum in STRATA:
        here = rows[rows["stratum"].eq(stratum)]
        effects = _effects_by_country(here, pairs)
        for pair in pairs:
            both = common(here, pair, "mae")
            if both["cluster"].nunique() < MIN_CLUSTERS:
                continue
            one = _sensitivity(both, effects.get(pair, {}))
            lags = {
                f"lag_{lag}": ratio_of(again, "mae").value
                for lag, others in by_lag.items()
                if len(again := common(others[others["stratum"].eq(stratum)], pair, "mae"))
            }
            found.append({"stratum": stratum, "family": pair[0], "other": pair[1], **one, **lags})
    columns = [*_OF_SENSITIVITY, *(f"lag_{lag}" for lag in by_lag)]
    return pd.DataFrame(found, columns=columns)


_OF_SENSITIVITY = (
    "stratum family other days countries ratio verdict interaction_p correlation clustered_low "
    "clustered_high clustered_verdict countries_alike without without_ratio two_way votes_alike"
).split()


def _sensitivity(both: pd.DataFrame, effects: Mapping[str, float]) -> dict[str, Any]:
    from scipy import stats

    day = both.groupby("cluster").agg({"country": "first", "vote_on": "min"})
    day = day.assign(value=by_day(both, "mae")).sort_values(["country", "vote_on"], kind="stable")
    groups = [one.to_numpy() for _, one in day.groupby("country")["value"] if len(one) > 1]
    centred = day["value"] - day.groupby("country")["value"].transform("mean")
    before = centred.groupby(day["country"]).shift()
    countries = day.groupby("country")["value"].agg(["mean", "size"])
    clustered = mean_ratio(day["value"], day["country"])
    main = mean_ratio(day["value"])
    without = {
        name: float(np.exp(day.loc[day["country"].ne(name), "value"].mean()))
        for name in countries.index
        if len(countries) > 1
    }
    most = max(without, key=lambda name: abs(np.log(without[name] / main.value)), default="")
    return {
        "days": len(day),
        "countries": len(countries),
        "ratio": main.value,
        "verdict": main.verdict,
        "interaction_p": float(stats.f_oneway(*groups).pvalue) if len(groups) > 1 else np.nan,
        "correlation": float(centred.corr(before)),
        "clustered_low": clustered.low,
        "clustered_high": clustered.high,
        "clustered_verdict": clustered.verdict,
        "countries_alike": float(np.exp(countries["mean"].mean())),
        "without": most,
        "without_ratio": without.get(most, np.nan),
        "two_way": _average(effects, countries["size"]),
        "votes_alike": float(np.exp(np.log(both["mae"] / both["mae_other"]).mean())),
    }


def _average(effects: Mapping[str, float], days: pd.Series) -> float:
    known = days[days.index.isin(list(effects))]
    values = np.array([effects[str(name)] for name in known.index])
    return float(np.exp(values @ known.to_numpy() / known.sum())) if len(known) else np.nan


def _effects_by_country(rows: pd.DataFrame, pairs: Sequence[Pair]) -> dict[Pair, dict[str, float]]:
    """Differences of family effects by country, of all families' errors in it together."""
    found: dict[Pair, dict[str, float]] = {pair: {} for pair in pairs}
    for country, here in rows[rows["mae"].notna()].groupby("country", sort=True):
        effect = two_way(here)
        for first, second in pairs:
            if len(common(here, (first, second), "mae")):
                found[first, second][str(country)] = effect[first] - effect[second]
    return found


def two_way(rows: pd.DataFrame) -> dict[str, float]:
    """Effects of families on the log of the mean absolute error, with an effect for every vote.

        log error(vote, family) = a(vote) + b(family) + rest

    by least squares, on the votes that two families answered or more, every election day counting
    alike; the effects sum to 0.
    """
    rows = rows[rows.groupby("task")["family"].transform("size").gt(1)]
    family, names = pd.factorize(rows["family"], sort=True)
    vote, votes = pd.factorize(rows["task"])
    of_day = rows.groupby("cluster")["task"].transform("nunique").to_numpy(dtype=float)
    root = np.sqrt(1.0 / of_day)[:, None]

    def within(values: FloatArray) -> FloatArray:
        total = np.zeros((len(votes), values.shape[1]))
        np.add.at(total, vote, values)
        return np.asarray((values - (total / np.bincount(vote)[:, None])[vote]) * root)

    x = within((family[:, None] == np.arange(len(names))).astype(float))
    y = within(np.log(rows["mae"].to_numpy(dtype=float))[:, None])
    effect = np.linalg.lstsq(x, y, rcond=None)[0][:, 0]
    return dict(zip(map(str, names), effect.tolist(), strict=True))

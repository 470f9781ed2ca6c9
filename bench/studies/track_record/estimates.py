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
    judged,
    mean_ratio,
    ratio_of_means,
)
from bench.metrics.comparison.significance import day_correlation

MIN_ERROR = 1e-3  # a mean absolute error below 0.1 points counts as 0.1 points: its log is finite
STRATA = ("two", "more")  # candidates on the ballot: no number is pooled over both
MEASURES: Mapping[str, tuple[str, ...]] = {  # by what is claimed; the first is the primary one
    "shares": ("mae", "crps", "squared_error", "mae_polled"),
    "chances": ("brier",),
    "polls": ("mae", "squared_error", "mae_polled"),
    "map": ("area_mae",),
    "hindsight": ("mae",),
}
LOGS = ("mae", "crps", "mae_polled", "area_mae")  # compared by the mean logarithm of their ratio
SUMS = ("squared_error", "outcome_variance", "brier")  # by the ratio of their means
OF_SHARES = ("mae", "mae_polled", "squared_error", "outcome_variance")
FACTS = (
    *("election", "round", "stratum", "country", "series", "cluster"),
    *("vote_on", "days_before", "once"),
)
OTHER_POLLS = "other_polls"
Pair = tuple[str, str]


def family_errors(errors: pd.DataFrame) -> pd.DataFrame:
    """One row per family, task and event: of several predictors the mean.

    Parameters
    ----------
    errors : pandas.DataFrame
        One row per answer: task, event (of a stated chance; 0 of shares), lag_days, family, the
        facts of the task, and scores. Of those of `LOGS` the mean is geometric. A family has a
        CRPS of a task where each of its predictors that gave shares gave draws too.
    """
    keys = ["lag_days", "task", "event", "family"]
    means = errors[[*keys, *FACTS]].copy()
    means[list(SUMS)] = errors[list(SUMS)]
    means[list(LOGS)] = np.log(errors[list(LOGS)].clip(lower=MIN_ERROR))
    means["lacks_draws"] = errors["mae"].notna() & errors["crps"].isna()
    means = means.groupby([*keys, *FACTS], sort=False, observed=True).mean().reset_index()
    means[list(LOGS)] = np.exp(means[list(LOGS)])
    means["crps"] = means["crps"].mask(means["lacks_draws"].gt(0))
    return means.drop(columns="lacks_draws")


def common(rows: pd.DataFrame, pair: Pair, measure: str) -> pd.DataFrame:
    """The events that both of a pair answered, with the `measure` of the first and of the second.

    Nothing of any other family is read.
    """
    return _common({family: rows[rows["family"].eq(family)] for family in pair}, pair, measure)


def _common(families: Mapping[str, pd.DataFrame], pair: Pair, measure: str) -> pd.DataFrame:
    first, second = (families[family].dropna(subset=measure) for family in pair)
    keys = ["lag_days", "task", "event"]
    columns = [*keys, measure]
    return first.merge(second[columns], on=keys, suffixes=("", "_other"), validate="1:1")


def by_day(both: pd.DataFrame, measure: str) -> pd.Series:
    """Mean log ratio of every election day, the votes of a day counting alike."""
    ratio = np.log(both[measure]) - np.log(both[f"{measure}_other"])
    return both.assign(ratio=ratio).groupby("cluster")["ratio"].mean()


def ratio_of(both: pd.DataFrame, measure: str, *, in_series: bool = False) -> Ratio:
    """How many times the error of the second that of the first is, election days alike.

    Parameters
    ----------
    both : pandas.DataFrame
        As of `common`.
    measure : str
    in_series : bool
        Whether consecutive elections of a series correlate, as in a comparison of few elections
        (`bench.metrics.comparison.significance.serial_correlation`); else days are independent.
    """
    if measure in LOGS:
        order = None
        if in_series:
            order = day_correlation(*(list(both[key]) for key in ("cluster", "series", "vote_on")))
        return mean_ratio(by_day(both, measure), correlation=order)
    alike = both.groupby(["cluster", "task"])[[measure, f"{measure}_other"]].mean()
    days = alike.index.get_level_values("cluster")
    return ratio_of_means(alike[measure], alike[f"{measure}_other"], days)


def pairs_table(
    rows: pd.DataFrame,
    kind: str,
    pairs: Iterable[Pair],
    measures: Sequence[str] = (),
    *,
    in_series: bool = False,
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
    in_series : bool
        As of `ratio_of`.

    Returns
    -------
    pandas.DataFrame
        kind, stratum, family, other, measure; primary (whether the pair is judged by it: the CRPS
        where both state draws of every vote that they share, else the first of the kind); votes,
        days and countries of this pair; ratio (below 1 the first errs less), error, degrees, low,
        high, p (of `bench.metrics.comparison.ratios.Ratio`); interviews and interviews_other
        (simple random samples with the mean squared error of each).
    """
    by_family = {
        stratum: {str(family): part for family, part in of_stratum.groupby("family")}
        for stratum, of_stratum in rows.groupby("stratum")
    }
    estimates = []
    for stratum in STRATA:
        for pair in pairs:
            if not by_family.get(stratum, {}).keys() >= set(pair):
                continue
            of_pair = {
                measure: both
                for measure in measures or MEASURES[kind]
                if len(both := _common(by_family[stratum], pair, measure))
            }
            votes = {measure: both["task"].nunique() for measure, both in of_pair.items()}
            has_draws = "crps" in votes and votes["crps"] == votes.get("mae")
            primary = "crps" if has_draws else MEASURES[kind][0]
            estimates += [
                {
                    "kind": kind,
                    "stratum": stratum,
                    **_estimate(both, pair, measure, in_series=in_series),
                    "primary": measure == primary,
                }
                for measure, both in of_pair.items()
            ]
    return pd.DataFrame(estimates, columns=_COLUMNS)


_COLUMNS = (
    "kind stratum family other measure primary votes days countries ratio error degrees low high p "
    "interviews interviews_other"
).split()


def _estimate(both: pd.DataFrame, pair: Pair, measure: str, *, in_series: bool) -> dict[str, Any]:
    worth = [np.nan, np.nan]
    if measure == "squared_error":
        worth = [
            ratio_of_means(both["outcome_variance"], both[error], both["cluster"]).ratio
            for error in (measure, f"{measure}_other")
        ]
    return {
        "family": pair[0],
        "other": pair[1],
        "measure": measure,
        "votes": both["task"].nunique(),
        "days": both["cluster"].nunique(),
        "countries": both["country"].nunique(),
        **vars(ratio_of(both, measure, in_series=in_series)),
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
    tables = []
    for key, of_kind in modes.items():
        named = polls.assign(family=np.where(polls["mode"].isin(of_kind), key, OTHER_POLLS))
        table = pairs_table(family_errors(named), "polls", [(key, OTHER_POLLS)])
        both = named[named.groupby("task")["family"].transform("nunique").eq(2)]
        respondents = both.groupby(["stratum", "family"])["respondents"].median()
        for column, family in (("asked", key), ("asked_other", OTHER_POLLS)):
            table[column] = [respondents.get((stratum, family)) for stratum in table["stratum"]]
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def with_directions(pairs: pd.DataFrame) -> pd.DataFrame:
    """The pairs with what `bench.metrics.comparison.ratios.judged` says of them.

    The rows of a table are those of one claim in a stratum, each by its primary measure; by
    another measure they are all rows that have it.
    """
    claim = pairs["kind"]
    by_measure = pairs.groupby([claim, pairs["stratum"], pairs["measure"]], sort=False)
    primary = pairs[pairs["primary"]]
    by_primary = primary.groupby([claim[primary.index], primary["stratum"]], sort=False)
    directions = pd.concat([judged(rows) for _, rows in by_measure]).sort_index(kind="stable")
    directions.update(pd.concat([judged(rows) for _, rows in by_primary]))
    return pairs.join(directions.astype({"tests": int}))


def countries_table(rows: pd.DataFrame, pairs: Sequence[Pair]) -> pd.DataFrame:
    """Shares by country, where some pair has an interval; elections of a series correlate."""
    measures = ["mae", "crps", "mae_polled"]
    tables = []
    for country, of_country in rows.groupby("country", sort=True):
        table = pairs_table(of_country, "shares", pairs, measures, in_series=True)
        tables.append(table.assign(country=country))
    whole = pd.concat(tables, ignore_index=True)
    is_listed = whole["primary"] | whole["measure"].eq("mae_polled")
    table = with_directions(whole[is_listed].reset_index(drop=True))
    return table if table["p"].notna().any() else table.iloc[:0]


def moments_table(
    rows: pd.DataFrame,
    pairs: Sequence[Pair],
    reference: str,
    days: Sequence[int],
    main_day: int,
) -> pd.DataFrame:
    """Errors at days before the vote, by the primary measure: of pairs, and the reference's own.

    The reference stands beside itself at `main_day`, on the votes that have both.
    """
    tables = []
    of_reference = rows[rows["family"].eq(reference)]
    vote = (of_reference["election"] + " " + of_reference["round"].astype(str)).rename("task")
    moments = of_reference.assign(task=vote, family=of_reference["days_before"].astype(str))
    measures = ["mae", "crps"]
    for number in sorted(days, reverse=True):
        of_day = pairs_table(rows[rows["days_before"].eq(number)], "shares", pairs, measures)
        itself = [(str(number), str(main_day))] if number != main_day else []
        own = pairs_table(moments, "shares", itself, measures).assign(
            family=reference, other=reference
        )
        tables.append(pd.concat([own, of_day]).assign(days_before=number))
    table = pd.concat(tables, ignore_index=True)
    return table[table["primary"]].reset_index(drop=True)


def seen_table(
    shares: pd.DataFrame, chances: pd.DataFrame, families: Sequence[str], reference: str
) -> pd.DataFrame:
    """On how many votes and election days each family was seen beside the reference at all.

    Parameters
    ----------
    shares, chances : pandas.DataFrame
        As of `family_errors`: of vote shares, and of stated chances.
    families : sequence of str
    reference : str

    Returns
    -------
    pandas.DataFrame
        family, days, votes and countries: shares, draws or chances, whatever both gave.
    """
    beside_reference = []
    for rows in (shares[shares["mae"].notna() | shares["crps"].notna()], chances):
        of_reference = rows.loc[rows["family"].eq(reference), "task"]
        beside_reference.append(rows[rows["task"].isin(of_reference)])
    counts = (
        pd.concat(beside_reference)
        .groupby("family")[["cluster", "task", "country"]]
        .nunique()
        .reindex(list(families), fill_value=0)
    )
    counts.columns = pd.Index(["days", "votes", "countries"])
    return counts.rename_axis("family").reset_index()


def sensitivity_table(
    rows: pd.DataFrame, by_lag: Mapping[int, pd.DataFrame], pairs: Sequence[Pair]
) -> pd.DataFrame:
    """What the ratios by the primary measure hang on, where a pair has an interval.

    Returns
    -------
    pandas.DataFrame
        stratum, family, other, measure, days, countries and ratio as in the main table;
        interaction_p (F test that the ratio is the same in every country, of days within
        countries); correlation (of a day's log ratio with the one before in its country);
        clustered_low, clustered_high, clustered_direction (by country instead of day, the pairs
        of a stratum being one table); countries_alike; without (the country that moves the ratio
        most) and without_ratio; two_way (additive effects of votes and families within each
        country, averaged over its days); votes_alike; lag_<days> for every lag.
    """
    tables = []
    for stratum in STRATA:
        of_stratum = rows[rows["stratum"].eq(stratum)]
        table = pairs_table(of_stratum, "shares", pairs)
        table = table[table["primary"] & table["days"].ge(MIN_CLUSTERS)]
        effects = {
            measure: _effects_by_country(of_stratum, pairs, measure)
            for measure in table["measure"].unique()
        }
        estimates = []
        for family, other, measure in table[["family", "other", "measure"]].to_numpy().tolist():
            pair = (family, other)
            both = common(of_stratum, pair, measure)
            lags = {
                f"lag_{lag}": ratio_of(lagged, measure).ratio
                for lag, at_lag in by_lag.items()
                if len(lagged := common(at_lag[at_lag["stratum"].eq(stratum)], pair, measure))
            }
            of_pair = {"stratum": stratum, "family": family, "other": other, "measure": measure}
            hangs_on = _sensitivity(both, measure, effects[measure][pair])
            estimates.append({**of_pair, **hangs_on, **lags})
        if estimates:
            whole = pd.DataFrame(estimates)
            by_country = whole.filter(like="clustered_").rename(
                columns=lambda name: name.removeprefix("clustered_")
            )
            tables.append(whole.assign(clustered_direction=judged(by_country)["direction"]))
    columns = [*_OF_SENSITIVITY, *(f"lag_{lag}" for lag in by_lag)]
    empty = pd.DataFrame(columns=columns)
    return pd.concat(tables, ignore_index=True).reindex(columns=columns) if tables else empty


_OF_SENSITIVITY = (
    "stratum family other measure days countries ratio interaction_p correlation clustered_low "
    "clustered_high clustered_direction countries_alike without without_ratio two_way votes_alike"
).split()


def _sensitivity(both: pd.DataFrame, measure: str, effects: Mapping[str, float]) -> dict[str, Any]:
    from scipy import stats

    day = both.groupby("cluster").agg({"country": "first", "vote_on": "min"})
    day = day.assign(value=by_day(both, measure))
    day = day.sort_values(["country", "vote_on"], kind="stable")
    groups = [values.to_numpy() for _, values in day.groupby("country")["value"] if len(values) > 1]
    centred = day["value"] - day.groupby("country")["value"].transform("mean")
    before = centred.groupby(day["country"]).shift()
    countries = day.groupby("country")["value"].agg(["mean", "size"])
    clustered = mean_ratio(day["value"], day["country"])
    without = {
        name: float(np.exp(day.loc[day["country"].ne(name), "value"].mean()))
        for name in countries.index
        if len(countries) > 1
    }
    moving = max(without, key=lambda name: abs(np.log(without[name] / clustered.ratio)), default="")
    return {
        "days": len(day),
        "countries": len(countries),
        "ratio": clustered.ratio,
        "interaction_p": float(stats.f_oneway(*groups).pvalue) if len(groups) > 1 else np.nan,
        "correlation": float(centred.corr(before)),
        **{f"clustered_{key}": value for key, value in vars(clustered).items()},
        "countries_alike": float(np.exp(countries["mean"].mean())),
        "without": moving,
        "without_ratio": without.get(moving, np.nan),
        "two_way": _average(effects, countries["size"]),
        "votes_alike": float(np.exp(np.log(both[measure] / both[f"{measure}_other"]).mean())),
    }


def _average(effects: Mapping[str, float], days: pd.Series) -> float:
    counts = days[days.index.isin(list(effects))]
    values = np.array([effects[str(name)] for name in counts.index])
    return float(np.exp(values @ counts.to_numpy() / counts.sum())) if len(counts) else np.nan


def _effects_by_country(
    rows: pd.DataFrame, pairs: Sequence[Pair], measure: str
) -> dict[Pair, dict[str, float]]:
    """Differences of family effects by country, of all families' errors in it together."""
    effects: dict[Pair, dict[str, float]] = {pair: {} for pair in pairs}
    for country, of_country in rows[rows[measure].notna()].groupby("country", sort=True):
        effect = two_way(of_country, measure)
        for first, second in pairs:
            if len(common(of_country, (first, second), measure)):
                effects[first, second][str(country)] = effect[first] - effect[second]
    return effects


def two_way(rows: pd.DataFrame, measure: str) -> dict[str, float]:
    """Effects of families on the log of an error, with an effect for every vote.

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
    y = within(np.log(rows[measure].to_numpy(dtype=float))[:, None])
    effect = np.linalg.lstsq(x, y, rcond=None)[0][:, 0]
    return dict(zip(map(str, names), effect.tolist(), strict=True))

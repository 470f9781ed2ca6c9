"""Institutes over many votes: how far each was from the outcome, and how far from the others."""

from __future__ import annotations

import numpy as np
import pandas as pd

from bench.core.arrays import FloatArray
from bench.core.errors import DataError

VOTE = ["election", "round"]
WITHIN_DAYS = 21
"""An institute's last poll counts if its interviews ended within so many days before the vote."""

MIN_OUTCOME = 0.05
"""Candidates with a smaller share of the vote are left out: nobody errs by much on them."""

MIN_INSTITUTES = 3
"""A vote with fewer last polls says nothing about how they differ."""

MIN_VOTES = 5
"""Of an institute with fewer votes the table has counts alone."""

MIN_SHRUNK = 4
"""Means that can be shrunk: of three, nothing is left to tell how much they differ."""

RATIO = ("n_votes", "spread_ratio", "spread_low", "spread_high")
MAX_STEPS = 1000
Z90 = 1.6448536269514722


def last_polls(polls: pd.DataFrame) -> pd.DataFrame:
    """The last poll of every institute before every vote, larger candidates alone.

    Parameters
    ----------
    polls : pandas.DataFrame
        As `bench.atlas()` returns them.

    Returns
    -------
    pandas.DataFrame
        Rows of candidates with 5 % of the vote or more, from votes with three such polls or more.
    """
    near = polls[polls["ballot"].eq("official") & polls["error"].notna()]
    near = near[near["days_before"].le(WITHIN_DAYS) & near["institute"].ne("unknown")]
    order = near.sort_values(["days_before", "poll_id"], kind="stable")
    last = order.drop_duplicates([*VOTE, "institute"])[[*VOTE, "poll_id"]]
    rows = near.merge(last, on=[*VOTE, "poll_id"])
    n_institutes = rows.groupby(VOTE)["institute"].transform("nunique")
    return rows[rows["outcome"].ge(MIN_OUTCOME) & n_institutes.ge(MIN_INSTITUTES)]


def institutes(polls: pd.DataFrame) -> pd.DataFrame:
    """How near each institute's last polls were, of a country's votes, shrunk; and herding.

    Of every vote an institute has one number: the mean absolute error of its last poll divided by
    the mean of that of all institutes. Its mean over the votes is shrunk towards the mean of the
    country's institutes by `shrunk`. Its variance is that within institutes over its votes, as if
    votes were independent, times what votes on one day that err alike add to it. The table is
    sorted by name and is not a ranking.

    Parameters
    ----------
    polls : pandas.DataFrame
        As `bench.atlas()` returns them.

    Returns
    -------
    pandas.DataFrame
        `country`, `institute`, `n_votes`, `n_polls` (of its polls in the last 21 days),
        `mean_error_pp` (mean absolute error in points, as it was), `relative_error` (shrunk; 1 is
        the mean of the institutes of its votes, lower is nearer), `low` and `high` (90 %), and
        `spread_ratio` with `spread_low` and `spread_high` as of `herding`. Of an institute with
        fewer than five votes, counts alone; without a ratio where fewer than five have samples.

    Raises
    ------
    DataError
        If no vote has the last polls of three institutes.

    References
    ----------
    Morris, C. N. (1983). Parametric empirical Bayes inference: theory and applications. JASA
    78(381), 47-55, doi:10.1080/01621459.1983.10477920.
    """
    last = last_polls(polls)
    if last.empty:
        raise DataError(
            f"none of these votes has last polls of {MIN_INSTITUTES} institutes with an outcome; "
            "choose another country, or all"
        )
    key = ["country", "institute"]
    levels = [*key, "vote_on", *VOTE]
    errors = last["error"].abs().groupby([last[name] for name in levels]).mean()
    rows = errors.rename("error").reset_index()
    rows["relative"] = rows["error"] / rows.groupby(VOTE)["error"].transform("mean")
    near = polls[polls["ballot"].eq("official") & polls["days_before"].le(WITHIN_DAYS)]
    table = rows.groupby(key).agg(n_votes=("error", "size"), mean_error_pp=("error", "mean"))
    table["mean_error_pp"] *= 100
    n_polls = near.drop_duplicates([*VOTE, "poll_id"]).groupby(key).size()
    table.insert(1, "n_polls", n_polls.reindex(table.index))
    estimates = [_relative(of_country) for _, of_country in rows.groupby("country")]
    table = table.join(pd.concat(estimates))
    spread = herding(polls, key).set_index(key)  # of fewer votes, where a sample is not known
    table = table.join(spread[spread.pop("n_votes").ge(MIN_VOTES)])
    estimates_of_few = table.columns.difference(["n_votes", "n_polls"])
    table.loc[table["n_votes"].lt(MIN_VOTES), estimates_of_few] = np.nan
    return table.reset_index()


def _relative(rows: pd.DataFrame) -> pd.DataFrame:
    """Shrunk means of the institutes of one country, with their intervals."""
    by_institute = rows.groupby(["country", "institute"])["relative"]
    means = by_institute.agg(["mean", "size"])
    deviations = rows.assign(deviation=rows["relative"] - by_institute.transform("mean"))
    within = (deviations["deviation"] ** 2).sum()
    n_free = len(rows) - len(means)
    if len(means) < MIN_SHRUNK or n_free < 1:
        return pd.DataFrame(np.nan, index=means.index, columns=["relative_error", "low", "high"])
    variances = within / n_free / means["size"].to_numpy(dtype=float) * _clustering(deviations)
    center, deviation = shrunk(means["mean"].to_numpy(dtype=float), variances)
    return pd.DataFrame(
        {
            "relative_error": center,
            "low": center - Z90 * deviation,
            "high": center + Z90 * deviation,
        },
        index=means.index,
    )


def _clustering(rows: pd.DataFrame) -> float:
    """How much larger the variance of a mean is than if votes on one day were independent.

    With e the deviation of a vote from the mean of its institute: the sum over institutes and days
    of (sum of e on the day)^2, divided by the sum of e^2, at least 1; of institutes with votes on
    five days or more.
    """
    n_days = rows.groupby("institute")["vote_on"].transform("nunique")
    rows = rows[n_days.ge(MIN_VOTES)]
    if rows.empty:
        return 1.0
    of_day = rows.groupby(["institute", "vote_on"])["deviation"].sum()
    return max(float((of_day**2).sum() / (rows["deviation"] ** 2).sum()), 1.0)


def shrunk(means: FloatArray, variances: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Shrink means towards their common mean: empirical Bayes estimates and standard deviations.

        y_i ~ N(theta_i, V_i),  theta_i ~ N(mu, A),  W_i = 1 / (V_i + A)
        A = sum W_i (k/(k-1) (y_i - mu)^2 - V_i) / sum W_i, at least 0; mu = sum W_i y_i / sum W_i
        B_i = (k-3)/(k-1) V_i W_i,  estimate (1 - B_i) y_i + B_i mu
        variance V_i (1 - (1 - W_i/sum W) B_i) + 2/(k-3) B_i^2 (Vbar + A) W_i (y_i - mu)^2

    The last term is there because A is estimated: no interval has width 0 where A is 0.

    Parameters
    ----------
    means, variances : ndarray [k]
        y and V, of four or more; variances above 0.

    Returns
    -------
    tuple of ndarray [k]
        Estimates and their standard deviations, in the unit of the means.

    Raises
    ------
    DataError
        If there are fewer than four, or a variance is not above 0.

    References
    ----------
    Morris (1983), section 5, doi:10.1080/01621459.1983.10477920.

    Examples
    --------
    >>> shrunk(np.array([0.8, 0.9, 1.0, 1.1, 1.2]), np.full(5, 0.01))[0].round(2).tolist()
    [0.84, 0.92, 1.0, 1.08, 1.16]
    """
    k = len(means)
    if k < MIN_SHRUNK or not (variances > 0).all():
        raise DataError(
            f"{k} means with variances from {np.min(variances, initial=np.inf):g} on; accepted: "
            f"{MIN_SHRUNK} or more, each with a variance above 0"
        )
    between = 0.0
    for _ in range(MAX_STEPS):
        weight = 1 / (variances + between)
        middle = np.average(means, weights=weight)
        excess = k / (k - 1) * (means - middle) ** 2 - variances
        updated = max(float(np.average(excess, weights=weight)), 0.0)
        if abs(updated - between) < 1e-12:
            break
        between = updated
    pull = (k - 3) / (k - 1) * variances * weight
    usual = np.average(variances, weights=weight)
    variance = variances * (1 - (1 - weight / weight.sum()) * pull)
    variance += 2 / (k - 3) * pull**2 * (usual + between) * weight * (means - middle) ** 2
    return (1 - pull) * means + pull * middle, np.sqrt(variance)


def herding(polls: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """How far institutes' last polls are from each other, divided by what sampling alone gives.

    With x_i the share of one candidate in the last poll of institute i of k, p the mean of these
    and n_i the people asked, a deviation x_i - p of independent simple random samples has the
    variance (1 - 2/k) s_i + sum(s) / k^2, where s_i = p (1 - p) / n_i. The ratio is the root of
    the sum of squared deviations over the sum of these variances; below 1 the polls are nearer to
    each other than simple random samples. That is herding, or samples steadied by quotas or by
    weights on the last vote. Unequal weights, house effects and real movement push the ratio up, so
    1 is no sign that nobody herds. Polls without a sample size are left out; n is who stated a vote
    where that is known, else who was asked.

    Parameters
    ----------
    polls : pandas.DataFrame
        As `bench.atlas()` returns them.
    by : list of str
        What is pooled: ``["election", "round"]``, ``["country"]``, ``["country", "institute"]``.

    Returns
    -------
    pandas.DataFrame
        The columns of `by`, `n_votes`, `spread_ratio`, and its 90 % interval `spread_low` and
        `spread_high` by a jackknife over days of election (t, one degree of freedom less than
        days), from five days on: institutes lean alike in all the states that vote on a day.

    References
    ----------
    Efron, B. and Stein, C. (1981). The jackknife estimate of variance. Annals of Statistics 9(3),
    586-596, doi:10.1214/aos/1176345462.
    """
    last = last_polls(polls)
    last = last.assign(n=last["sample_expressed"].fillna(last["sample_size"]))
    last = last[last["n"].notna()]
    person = last.groupby([*VOTE, "candidate"])
    k = person["n"].transform("size")
    p = person["valid"].transform("mean")
    sampling = p * (1 - p) / last["n"]
    total = sampling.groupby([last[name] for name in [*VOTE, "candidate"]]).transform("sum")
    rows = last.assign(
        squared=(last["valid"] - p) ** 2, expected=(1 - 2 / k) * sampling + total / k**2
    )
    rows = rows[k.ge(MIN_INSTITUTES)]
    levels = list(dict.fromkeys([*by, "vote_on", *VOTE]))
    of_vote = rows.groupby(levels)[["squared", "expected"]].sum()
    pooled = [
        {**dict(zip(by, name, strict=True)), **_ratio(votes)}
        for name, votes in of_vote.groupby(level=by)
    ]
    return pd.DataFrame(pooled, columns=[*by, *RATIO])


def _ratio(votes: pd.DataFrame) -> dict[str, float]:
    from scipy import stats  # slow to import

    days = votes.groupby(level="vote_on").sum()
    squared, expected = days["squared"].to_numpy(), days["expected"].to_numpy()
    n = len(days)
    ratio = 0.5 * np.log(squared.sum() / expected.sum())
    width = np.nan
    if n >= MIN_VOTES:
        without = 0.5 * np.log((squared.sum() - squared) / (expected.sum() - expected))
        error = np.sqrt((n - 1) / n * ((without - without.mean()) ** 2).sum())
        width = stats.t.ppf(0.95, n - 1) * error
    exact = np.exp([ratio, ratio - width, ratio + width])
    return dict(zip(RATIO, (len(votes), *exact), strict=True))

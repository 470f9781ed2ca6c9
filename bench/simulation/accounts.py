"""What extra accounts do to the tables of an app, of a ballot and of posts."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd

from bench.core import ConfigError
from bench.core.arrays import FloatArray
from bench.core.evidence import BatchTable

PROFILES = ("own", "mimic")
ARRIVALS = ("burst", "spread")


def add_ratings(
    table: BatchTable,
    liked: Mapping[str, float | FloatArray],
    disliked: Mapping[str, float],
    assumed_raters: float,
) -> BatchTable:
    """Add favourable and unfavourable ratings to every candidate's latest row of `ratings`.

    Ratings that are neither stay what they are, and so do candidates to whom nothing is added.

    Parameters
    ----------
    table : BatchTable
        With values favourable, unfavourable, n.
    liked, disliked : mapping of str to float or numpy.ndarray [B]
        Numbers of ratings added, by candidate.
    assumed_raters : float
        Stands in where the number of raters was never published.
    """
    rows = table.rows
    value = {name: column.copy() for name, column in table.values.items()}
    n = value["n"]
    last = rows.groupby(["source", "candidate"])["day"].transform("max") == rows["day"]
    for i in np.flatnonzero(last.to_numpy()):
        name = str(rows["candidate"].iloc[i])
        up, down = liked.get(name, 0.0), disliked.get(name, 0.0)
        if not np.any(up + down):
            continue
        before = np.where(np.isnan(n[:, i]), assumed_raters, n[:, i])
        n[:, i] = before + up + down
        for name, added in (("favourable", up), ("unfavourable", down)):
            value[name][:, i] = (value[name][:, i] * before + added) / n[:, i]
    return table.with_values(**value)


def add_duels(table: BatchTable, beneficiary: str, answers: float, by_lot: bool) -> BatchTable:
    """Add answers for one candidate to every duel that he or she is in, rivals all alike.

    Parameters
    ----------
    table : BatchTable
        With values wins and n, a row per pair.
    beneficiary : str
    answers : float
        Duels that the accounts are shown in all.
    by_lot : bool
        Whether the app chooses the pairs, so that the beneficiary is in 2 of C; what is asked
        about others they skip. If not, they ask for pairs with the beneficiary.
    """
    rows = table.rows
    ahead = rows["candidate"].eq(beneficiary).to_numpy()
    is_duelled = ahead | rows["opponent"].eq(beneficiary).to_numpy()
    n_pairs = len(rows) if by_lot else max(is_duelled.sum(), 1)
    added = np.where(is_duelled, answers / n_pairs, 0.0)
    return table.with_values(
        wins=table.values["wins"] + added * ahead,
        n=table.values["n"] + added,
    )


def add_support(
    table: BatchTable,
    beneficiary: str,
    accounts: float,
    votes_per_account: float,
    profile: str,
    arrival: str,
    rng: np.random.Generator,
) -> BatchTable:
    """Add accounts that name one candidate to `app_support`.

    Parameters
    ----------
    table : BatchTable
        With values users, votes and rows by age, sex, past_vote and account_age_days.
    beneficiary : str
    accounts, votes_per_account : float
        How many, and the points each gives.
    profile : str
        ``own`` (they say what the beneficiary's users say of themselves) or ``mimic`` (what all
        users say).
    arrival : str
        ``burst`` (all in the newest cohort) or ``spread`` (evenly over all cohorts).
    rng : numpy.random.Generator

    Raises
    ------
    ConfigError
        If `profile` or `arrival` is none of these.
    """
    for value, accepted in ((profile, PROFILES), (arrival, ARRIVALS)):
        if value not in accepted:
            raise ConfigError(f"'{value}' is no way to hide; accepted: {', '.join(accepted)}")
    rows = table.rows
    columns = np.flatnonzero((rows["candidate"] == beneficiary).to_numpy())
    if not len(columns):
        return table
    users, votes = table.values["users"], table.values["votes"]
    keys = ["age", "sex", "past_vote"]
    group = rows.groupby(keys, sort=True).ngroup().to_numpy()
    models, code = users, group
    if profile == "own":
        models, code = users[:, columns], group[columns]
    size = np.zeros((len(users), group.max() + 1))
    for g in range(size.shape[1]):
        size[:, g] = models[:, code == g].sum(axis=1)
    size += 1e-9
    cohort = rows["account_age_days"].to_numpy(float)[columns]
    is_joined = np.ones(len(columns), dtype=bool)
    if arrival == "burst":
        is_joined = cohort == cohort.min()
    own_group = group[columns]
    chance = size[:, own_group] * is_joined / np.bincount(own_group, weights=is_joined)[own_group]
    chance /= chance.sum(axis=1, keepdims=True)
    added = rng.multinomial(round(accounts), chance).astype(float)
    more_users, more_votes = users.copy(), votes.copy()
    more_users[:, columns] += added
    more_votes[:, columns] += added * votes_per_account
    return table.with_values(users=more_users, votes=more_votes)


def add_posts(
    table: BatchTable,
    sources: Collection[str],
    candidate: str,
    tone: str,
    posts: float,
    authors: float,
) -> BatchTable:
    """Add posts about one candidate, in one tone, to all counts of `buzz` per day measured.

    Shares of a community's attention are not counts and stay as they are.

    Parameters
    ----------
    table : BatchTable
        With value by source, measure and candidate.
    sources : collection of str
        Whose counts see the posts; empty for all.
    candidate : str
    tone : str
        ``positive`` or ``negative``.
    posts, authors : float
        How many are added, to counts of posts and to counts of authors.
    """
    rows, value = table.rows, table.values["value"].copy()
    is_counted = rows["candidate"].eq(candidate) & of_sources(rows, sources)
    for measures, added in (
        (("mentions", "tweets", tone), posts),
        (("authors", f"authors_{tone}"), authors),
    ):
        value[:, (is_counted & rows["measure"].isin(measures)).to_numpy()] += added
    return table.with_values(value=value)


def of_sources(rows: pd.DataFrame, sources: Collection[str]) -> pd.Series:
    """Which rows come from some sources; all that have one where none is named."""
    return rows["source"].isin(list(sources)) if sources else rows["source"].notna()


def add_ballots(table: BatchTable, beneficiary: str, accounts: float) -> BatchTable:
    """Add ballots that declare, and approve of, one candidate alone."""
    value = {name: column.copy() for name, column in table.values.items()}
    columns = np.flatnonzero((table.rows["candidate"] == beneficiary).to_numpy())
    value["declared_votes"][:, columns] += round(accounts)
    value["approvals"][:, columns] += round(accounts)
    value["ballots"] += round(accounts)
    return table.with_values(**value)

"""Transfers of votes between the rounds, estimated from both, beside what surveys say."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from bench.core.arrays import PERCENT
from bench.core.errors import DataError
from bench.core.predictor import generator
from bench.core.settings import Experiment
from bench.data.election import Election, rounds_of_runoff
from bench.data.evidence import evidence_for
from bench.data.margins import levels_of_rounds, margins_of_rounds
from bench.models.ecological_inference import estimate, total_bounds, transition_rows

ELECTORATE = "registered"  # everybody, those who stay away included
SOURCES = {"post_vote_survey": "survey"}  # any other kind is a published estimate
WITHIN = "_by_"  # of `station_by_departement`: one table for each département
CELL = ["from_candidate", "to"]


def known_levels(election: Election, requested: Sequence[str]) -> list[str]:
    """The requested levels of areas by which both rounds are known, in the order requested.

    Raises
    ------
    DataError
        If there are none.

    Examples
    --------
    >>> from bench.data.election import load_election
    >>> known_levels(load_election("fr2012"), ["station", "canton", "canton_by_departement"])
    ['canton', 'canton_by_departement']
    """
    levels_on_file = levels_of_rounds(election)
    levels = [level for level in requested if set(level.split(WITHIN)) <= set(levels_on_file)]
    if not levels:
        accepted = ", ".join(levels_on_file) or "there is none"
        raise DataError(
            f"{election.name}: settings.transfer_levels names {', '.join(requested)}; accepted: "
            f"levels by which both rounds are known ({accepted})"
        )
    return levels


def transfers_at(
    experiment: Experiment, election: Election, level: str, *, n_draws: int, interval: float
) -> pd.DataFrame:
    """The transfers between the rounds by areas of one level.

    Parameters
    ----------
    experiment : Experiment
        Of which the seed counts.
    election : Election
    level : str
        Such as ``station``, or ``station_by_departement`` for one table each.
    n_draws : int
        Tables drawn for the intervals; without any only shares are known.
    interval : float
        Level of the intervals, 0 to 1.

    Returns
    -------
    pandas.DataFrame
        from_candidate, to, share; with draws also lower, upper and the other columns of
        `transition_rows`. Fractions of the origin's votes.
    """
    fine, _, within = level.partition(WITHIN)
    margins = margins_of_rounds(election, ELECTORATE, fine)
    groups = margins.keys[list(margins.levels[within])[-1]].to_numpy() if within else None
    rows, columns = margins.rows.to_numpy(), margins.columns.to_numpy()
    origins, goals = [str(name) for name in margins.rows], [str(name) for name in margins.columns]
    rng = generator(experiment.seed, f"{ELECTORATE}, {level}")
    estimated = estimate(rows, columns, groups=groups, n_draws=n_draws, rng=rng)
    if not n_draws:
        cells = pd.MultiIndex.from_product([origins, goals], names=CELL)
        shares = pd.Series(estimated.profile.ravel(), cells, name="share")
        return shares.reset_index()
    bounds = total_bounds(rows, columns)
    return transition_rows(estimated, bounds, origins, goals, level=interval)


def beside_surveys(by_level: Sequence[pd.DataFrame], stated: pd.DataFrame) -> pd.DataFrame:
    """One row per cell that may be read: the estimate, its interval, and what others state.

    The interval is the range over the levels of areas, or the model's own at the finest where that
    is wider: neither the choice of the level nor the noise at one level may narrow the other.

    Parameters
    ----------
    by_level : sequence of pandas.DataFrame
        From `transfers_at`, the finest level first, with draws there.
    stated : pandas.DataFrame
        From `stated_transfers`.

    Returns
    -------
    pandas.DataFrame
        from_candidate, to, share (at the finest level), lower, upper, and a column per source;
        percent of the origin's votes. Origins with the most votes first; those with under 2 % of
        the votes are left out.
    """
    finest = by_level[0][by_level[0]["readable"]].set_index(CELL)
    shares = pd.concat([table.set_index(CELL)["share"] for table in by_level], axis=1)
    shares = PERCENT * shares.loc[finest.index]
    table = pd.DataFrame({"share": PERCENT * finest["share"]})
    table["lower"] = np.minimum(PERCENT * finest["lower"], shares.min(axis=1))
    table["upper"] = np.maximum(PERCENT * finest["upper"], shares.max(axis=1))
    for source, rows in stated.groupby("source"):
        table[str(source)] = PERCENT * rows.set_index(CELL)["share"]
    size = finest["origin_share"].groupby("from_candidate").first()
    origins = size.sort_values(ascending=False, kind="stable").index
    return table.sort_index(kind="stable").loc[list(origins)].reset_index()


def stated_transfers(election: Election, within_days: float) -> pd.DataFrame:
    """What surveys of the day and published estimates say, until some days after the vote.

    Returns
    -------
    pandas.DataFrame
        source, from_candidate, to, share (fraction of the origin's voters).
    """
    _, runoff = rounds_of_runoff(election)
    moment = runoff.known_at + pd.Timedelta(days=within_days)
    rows = evidence_for(election, runoff.number, moment)["transfers"]
    rows = rows[rows["kind"] != "pre_vote_intention"]
    kinds = rows["kind"].map(SOURCES).fillna("published estimate")
    source = [
        f"{name.split('_')[0].capitalize()} {kind}"
        for name, kind in zip(rows["survey"], kinds, strict=True)
    ]
    return rows.assign(source=source)[["source", *CELL, "share"]]

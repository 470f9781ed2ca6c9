"""The margins of two votes in the same areas: what ecological inference starts from."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from bench.core.errors import ConfigError, DataError, did_you_mean, no_such
from bench.data.country import country_of
from bench.data.election import Election, rounds_of_runoff
from bench.data.stations import (
    has_stations,
    levels_of,
    refuse_other_stations,
    station_votes,
    stations_with_areas,
    votes_by,
)
from bench.models.ecological_inference import balance_margins

ELECTORATES = ("registered", "valid")
NOBODY = "no_candidate"
GROWTH = 1.25


@dataclass(frozen=True, kw_only=True)
class Margins:
    """Votes of two ballots by area, equal totals in every area.

    Attributes
    ----------
    keys : areas [U], the columns that name them at every level that is known.
    rows, columns : [U, R], [U, K] in votes.
    n_left_out : areas dropped.
    moved : half the registered (or valid) votes added or taken away to make totals equal, as a
        share of all.
    levels : level of areas to the columns that name one, fine to coarse.
    """

    keys: pd.DataFrame
    rows: pd.DataFrame
    columns: pd.DataFrame
    n_left_out: int
    moved: float
    levels: Mapping[str, tuple[str, ...]]

    def at(self, level: str) -> Margins:
        """The same votes summed to a coarser level, so that every level has the same totals."""
        available = [name for name, keys in self.levels.items() if set(keys) <= set(self.keys)]
        if level not in available:
            raise ConfigError(f"no level is called '{level}' ({did_you_mean(level, available)})")
        names = list(self.levels[level])
        areas = pd.MultiIndex.from_frame(self.keys[names])
        codes, keys = pd.factorize(areas, sort=True)
        return Margins(
            keys=pd.DataFrame(list(keys), columns=names),
            rows=self.rows.groupby(codes).sum(),
            columns=self.columns.groupby(codes).sum(),
            n_left_out=self.n_left_out,
            moved=self.moved,
            levels=self.levels,
        )


def levels_of_rounds(election: Election) -> list[str]:
    """Levels of areas by which the first and the last round are both known, fine to coarse.

    Examples
    --------
    >>> from bench.data.election import load_election
    >>> levels_of_rounds(load_election("fr2012")), levels_of_rounds(load_election("fr2007"))
    (['canton', 'circonscription', 'departement'], ['departement'])
    """
    first, last = rounds_of_runoff(election)
    shared = {*levels_of(election, first.number)} & {*levels_of(election, last.number)}
    return [level for level in country_of(election).levels if level in shared]


def margins_of_rounds(
    election: Election, electorate: str = "registered", level: str = ""
) -> Margins:
    """First and last round by area.

    Stations annulled in either round, or without votes in one, are left out. Where an area
    has other totals in the two rounds, both are scaled to their mean
    (`bench.models.ecological_inference.balance_margins`).

    Parameters
    ----------
    election : Election
        With two rounds by polling station, or by the level asked for.
    electorate : str
        ``registered``: rows are the candidates and `no_candidate` (abstained, blank or null),
        columns the two finalists, `blank_null` and `abstention`. ``valid``: candidates alone,
        as if nobody had come or stayed away in between.
    level : str
        One of `levels_of_rounds`; the finest if empty. Votes of a coarser level are sums of those
        of stations where these are known.

    Raises
    ------
    ConfigError
        If there is no such electorate or level, or the election has one round.
    DataError
        If the areas of the rounds do not match, or the rounds are known by no common level.
    """
    if electorate not in ELECTORATES:
        raise no_such("electorate", electorate, ELECTORATES)
    levels = country_of(election).levels
    if level and level not in levels:
        raise ConfigError(f"no level is called '{level}' ({did_you_mean(level, levels)})")
    before, after = rounds_of_runoff(election)
    by_station = has_stations(election, before.number)
    if by_station:
        first = stations_with_areas(election, before.number)
        second = station_votes(election, after.number)
        refuse_other_stations(election, first, second)
        is_counted = ~(first["annulled"] | second["annulled"]).to_numpy()
        first = first[is_counted]
        second = second[is_counted]
        n_left_out = int((~is_counted).sum())
        area_columns = {name for columns in levels.values() for name in columns}
        keys = first[[name for name in first if name in area_columns]]
    else:
        shared_levels = levels_of_rounds(election)
        if not shared_levels:
            raise DataError(f"{election.name}: no level of areas is known in both rounds")
        used_level = level or shared_levels[0]
        names = list(levels[used_level])
        first, second, n_left_out = _in_both(
            votes_by(election, before.number, used_level).set_index(names),
            votes_by(election, after.number, used_level).set_index(names),
        )
        keys = first.index.to_frame(index=False)
    rows = first[list(before.candidates)].astype(float)
    columns = second[list(after.candidates)].astype(float)
    if electorate == "registered":
        rows[NOBODY] = first["registered"] - first["valid"]
        columns["blank_null"] = second["voters"] - second["valid"]
        columns["abstention"] = second["registered"] - second["voters"]
    margins = _balanced(keys, rows, columns, n_left_out, levels)
    if by_station and level not in ("", "station"):
        return margins.at(level)
    return margins


def margins_of_first_rounds(before: Election, after: Election) -> Margins:
    """First rounds of two elections by commune, for transitions between them.

    Communes that were merged in between form one area per département with those that grew by
    more than a quarter (a merged commune keeps the code of one of its members); votes abroad
    form one area. Totals are scaled to their mean: who died, came of age or moved is not seen.

    Parameters
    ----------
    before, after : Election
        Known by commune in the first round.

    Raises
    ------
    DataError
        If one of them is not known by commune.
    """
    levels = country_of(after).levels
    keys = list(levels["commune"])
    old = votes_by(before, 1, "commune").set_index(keys)
    new = votes_by(after, 1, "commune").set_index(keys)
    area = _areas_of_both(old["registered"], new["registered"], country_of(after).abroad)
    frames = []
    for table, election in ((old, before), (new, after)):
        candidates = list(election.rounds[1].candidates)
        departement = table.index.get_level_values("departement")
        labels = [departement, area.loc[table.index].to_numpy()]
        counts = table[["registered", "valid", *candidates]]
        counts = counts.groupby(labels).sum().rename_axis(keys)
        votes = counts[candidates].astype(float)
        votes[NOBODY] = counts["registered"] - counts["valid"]
        frames.append(votes)
    rows, columns, n_left_out = _in_both(*frames)
    return _balanced(rows.index.to_frame(index=False), rows, columns, n_left_out, levels)


def margins_by_departement(before: Election, after: Election) -> Margins:
    """First rounds of two elections by the départements of which both are known.

    Few and large areas: what is estimated from them rests on the prior more than on the votes.

    Parameters
    ----------
    before, after : Election
        Known by département in the first round.

    Raises
    ------
    DataError
        If an election is not known by département.
    """
    frames = []
    for election in (before, after):
        table = votes_by(election, 1, "departement").set_index("departement")
        votes = table[list(election.rounds[1].candidates)].astype(float)
        votes[NOBODY] = table["registered"] - votes.sum(axis=1)
        frames.append(votes)
    rows, columns, n_left_out = _in_both(*frames)
    keys = rows.index.to_frame(index=False)
    return _balanced(keys, rows, columns, n_left_out, country_of(after).levels)


def _in_both(first: pd.DataFrame, second: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, int]:
    """Two tables on the areas that both know, and how many one of them knows alone."""
    both = first.index.intersection(second.index)
    n_left_out = len(first.index.union(second.index)) - len(both)
    return first.loc[both], second.loc[both], n_left_out


def _areas_of_both(old: pd.Series, new: pd.Series, abroad: Collection[str]) -> pd.Series:
    """Commune, or `merged`, by département and commune of either election."""
    size = pd.concat({"old": old, "new": new}, axis=1).fillna(0)
    lost = (size == 0).any(axis=1)
    departement = size.index.get_level_values("departement")
    touched = departement.isin(departement[lost])
    has_grown = size["new"] > GROWTH * size["old"]
    pooled = lost | (has_grown & touched) | departement.isin(abroad)
    commune = pd.Series(size.index.get_level_values("commune"), index=size.index)
    return commune.where(~pooled, "merged")


def _balanced(
    keys: pd.DataFrame,
    rows: pd.DataFrame,
    columns: pd.DataFrame,
    n_left_out: int,
    levels: Mapping[str, tuple[str, ...]],
) -> Margins:
    row_votes = rows.to_numpy()
    column_votes = columns.to_numpy()
    gap = np.abs(row_votes.sum(axis=1) - column_votes.sum(axis=1)).sum()
    moved = gap / (row_votes.sum() + column_votes.sum())
    new_rows, new_columns = balance_margins(row_votes, column_votes)
    has_votes = new_rows.sum(axis=1) > 0
    return Margins(
        keys=keys[has_votes].reset_index(drop=True),
        rows=pd.DataFrame(new_rows[has_votes], columns=rows.columns),
        columns=pd.DataFrame(new_columns[has_votes], columns=columns.columns),
        n_left_out=n_left_out + int((~has_votes).sum()),
        moved=float(moved),
        levels=levels,
    )

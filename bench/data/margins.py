"""The margins of two votes in the same areas: what ecological inference starts from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from bench.core.errors import ConfigError, DataError, did_you_mean
from bench.data.cantons import cantons_of
from bench.data.election import Election
from bench.data.stations import LEVELS, station_votes, votes_by
from bench.models.ecological_inference import balance_margins

ELECTORATES = ("registered", "valid")
NOBODY = "no_candidate"
GROWTH = 1.25


@dataclass(frozen=True, kw_only=True)
class Margins:
    """Votes of two ballots by area, equal totals in every area.

    Attributes
    ----------
    keys : areas [U], columns of `bench.data.stations.LEVELS`.
    rows, columns : [U, R], [U, K] in votes.
    n_left_out : areas dropped.
    moved : half the registered (or valid) votes added or taken away to make totals equal, as a
        share of all.
    """

    keys: pd.DataFrame
    rows: pd.DataFrame
    columns: pd.DataFrame
    n_left_out: int
    moved: float

    def at(self, level: str) -> Margins:
        """The same votes summed to a coarser level, so that every level has the same totals."""
        known = [name for name, keys in LEVELS.items() if keys and set(keys) <= set(self.keys)]
        if level not in known:
            raise ConfigError(f"no level is called '{level}' ({did_you_mean(level, known)})")
        codes, keys = pd.factorize(pd.MultiIndex.from_frame(self.keys[LEVELS[level]]), sort=True)
        names = LEVELS[level]
        return Margins(
            keys=pd.DataFrame(list(keys), columns=names),
            rows=self.rows.groupby(codes).sum(),
            columns=self.columns.groupby(codes).sum(),
            n_left_out=self.n_left_out,
            moved=self.moved,
        )


def margins_of_rounds(election: Election, electorate: str = "registered") -> Margins:
    """First and second round by polling station.

    Stations annulled in either round, or without votes in one, are left out. Where a station
    has other totals in the two rounds, both are scaled to their mean
    (`bench.models.ecological_inference.balance_margins`).

    Parameters
    ----------
    election : Election
        With polling stations of both rounds.
    electorate : str
        ``registered``: rows are the candidates and `no_candidate` (abstained, blank or null),
        columns the two finalists, `blank_null` and `abstention`. ``valid``: candidates alone,
        as if nobody had come or stayed away in between.

    Raises
    ------
    ConfigError
        If there is no such electorate.
    DataError
        If the stations of the rounds do not match.
    """
    if electorate not in ELECTORATES:
        raise ConfigError(f"electorate is '{electorate}' ({did_you_mean(electorate, ELECTORATES)})")
    first, second = station_votes(election, 1), station_votes(election, 2)
    if not first[LEVELS["station"]].equals(second[LEVELS["station"]]):
        raise DataError(f"{election.name}: the stations of the two rounds are not the same")
    kept = ~(first["annulled"] | second["annulled"]).to_numpy()
    first, second = first[kept], second[kept]
    rows = first[list(election.round(1).candidates)].astype(float)
    columns = second[list(election.round(2).candidates)].astype(float)
    if electorate == "registered":
        rows[NOBODY] = first["registered"] - first["valid"]
        columns["blank_null"] = second["voters"] - second["valid"]
        columns["abstention"] = second["registered"] - second["voters"]
    keys = first[[*LEVELS["station"], "circonscription"]]
    canton = cantons_of(election, keys["commune"])
    if canton is not None:
        keys = keys.assign(canton=canton)
    return _balanced(keys, rows, columns, int((~kept).sum()))


def margins_of_first_rounds(before: Election, after: Election) -> Margins:
    """First rounds of two elections by commune, for transitions between them.

    Communes that were merged in between form one area per département with those that grew by
    more than a quarter (a merged commune keeps the code of one of its members); votes abroad
    form one area. Totals are scaled to their mean: who died, came of age or moved is not seen.

    Parameters
    ----------
    before : Election
        With `outcome/communes_r1.parquet`.
    after : Election
        With polling stations.

    Raises
    ------
    DataError
        If the earlier election is not known by commune.
    """
    path = before.folder / "outcome" / "communes_r1.parquet"
    if not path.is_file():
        raise DataError(f"{path} is missing; {before.name} is not known by commune")
    keys = LEVELS["commune"]
    old = pd.read_parquet(path).set_index(keys)
    new = votes_by(after, 1, "commune").set_index(keys)
    area = _areas_of_both(old["registered"], new["registered"])
    frames = []
    for table, election in ((old, before), (new, after)):
        counts = table[["registered", "valid", *election.round(1).candidates]]
        departement = table.index.get_level_values("departement")
        labels = [departement, area.loc[table.index].to_numpy()]
        frames.append(counts.groupby(labels).sum().rename_axis(keys))
    both = frames[0].index.intersection(frames[1].index)
    n_left_out = len(frames[0].index.union(frames[1].index)) - len(both)
    rows, columns = (
        frame.loc[both, list(election.round(1).candidates)]
        .astype(float)
        .assign(**{NOBODY: frame.loc[both, "registered"] - frame.loc[both, "valid"]})
        for frame, election in zip(frames, (before, after), strict=True)
    )
    return _balanced(both.to_frame(index=False), rows, columns, n_left_out)


def margins_by_departement(before: Election, after: Election) -> Margins:
    """First rounds of two elections by the départements of which both are known.

    Few and large areas: what is estimated from them rests on the prior more than on the votes.

    Parameters
    ----------
    before, after : Election
        With `outcome/departements.parquet`.

    Raises
    ------
    DataError
        If an election is not known by département.
    """
    frames = []
    for election in (before, after):
        path = election.folder / "outcome" / "departements.parquet"
        if not path.is_file():
            raise DataError(f"{path} is missing; {election.name} is not known by département")
        long = pd.read_parquet(path)
        long = long[long["round"] == 1]
        names = list(election.round(1).candidates)
        wide = long.pivot(index="area", columns="candidate", values="votes")[names].astype(float)
        frames.append(wide.assign(**{NOBODY: long.groupby("area")["registered"].first()}))
        frames[-1][NOBODY] -= wide.sum(axis=1)
    both = frames[0].index.intersection(frames[1].index)
    keys = pd.DataFrame({"departement": both})
    n_left_out = len(frames[0].index.union(frames[1].index)) - len(both)
    return _balanced(keys, frames[0].loc[both], frames[1].loc[both], n_left_out)


def _areas_of_both(old: pd.Series, new: pd.Series) -> pd.Series:
    """Commune, or `merged`, by département and commune of either election."""
    size = pd.concat({"old": old, "new": new}, axis=1).fillna(0)
    lost = (size == 0).any(axis=1)
    departement = size.index.get_level_values("departement")
    touched = departement.isin(departement[lost])
    pooled = lost | ((size["new"] > GROWTH * size["old"]) & touched) | (departement == "ZZ")
    commune = pd.Series(size.index.get_level_values("commune"), index=size.index)
    return commune.where(~pooled, "merged")


def _balanced(
    keys: pd.DataFrame, rows: pd.DataFrame, columns: pd.DataFrame, n_left_out: int
) -> Margins:
    x, y = rows.to_numpy(), columns.to_numpy()
    gap = np.abs(x.sum(axis=1) - y.sum(axis=1)).sum() / (x.sum() + y.sum())
    new_x, new_y = balance_margins(x, y)
    used = new_x.sum(axis=1) > 0
    return Margins(
        keys=keys[used].reset_index(drop=True),
        rows=pd.DataFrame(new_x[used], columns=rows.columns),
        columns=pd.DataFrame(new_y[used], columns=columns.columns),
        n_left_out=n_left_out + int((~used).sum()),
        moved=float(gap),
    )

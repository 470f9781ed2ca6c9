"""All shipped elections as one table, for the builders of what is made of all of them."""

from __future__ import annotations

import pandas as pd

from bench.data.collection import collections, load_collection, refuse_two_places
from bench.data.election import load_election
from bench.data.election_folder import folder_names


def every_election() -> pd.DataFrame:
    """Every shipped election, of folders and of collections, one row per election and round.

    Returns
    -------
    pandas.DataFrame
        Columns election, round, title, country, kind, area, system, vote_on, known_at, n_advance,
        n_candidates, ranked, unranked_because, collection; by day, then name. The elections of
        the made-up country are among them.

    Raises
    ------
    DataError
        If an election stands in two places.
    """
    refuse_two_places()
    shipped = [load_collection(name) for name in collections()]
    own = _folders()
    frames = []
    sizes = []
    for loaded in shipped:
        frames.append(loaded.elections.assign(collection=loaded.folder.name))
        of_round = loaded.table("candidates").groupby(["election", "round"])
        sizes.append(of_round.size())
    rows = pd.concat([*frames, own], ignore_index=True)
    if sizes:
        listed = pd.MultiIndex.from_frame(rows[["election", "round"]])
        counted = pd.concat(sizes).reindex(listed).to_numpy()
        rows["n_candidates"] = rows["n_candidates"].fillna(pd.Series(counted)).astype("int64")
    return rows[list(own)].sort_values(["vote_on", "election", "round"], ignore_index=True)


def _folders() -> pd.DataFrame:
    """The elections with a folder of their own, as a register."""
    rows = [
        {
            "election": election.name,
            "round": number,
            "title": election.title,
            "country": election.country,
            "kind": election.kind,
            "area": election.area,
            "system": election.system,
            "vote_on": vote.vote_on,
            "known_at": vote.known_at,
            "n_advance": vote.n_advance,
            "n_candidates": len(vote.candidates),
            "ranked": election.ranked,
            "unranked_because": election.unranked_because,
            "collection": "",
        }
        for election in map(load_election, folder_names())
        for number, vote in election.rounds.items()
    ]
    return pd.DataFrame(rows)

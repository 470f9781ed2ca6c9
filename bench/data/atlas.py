"""The atlas: every shipped poll with its outcome, in two long tables whose columns do not change.

It is made from the folders of `datasets/` for readers outside. Nothing in the bench learns or
forecasts from it: it holds outcomes beside polls.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from bench.core import paths
from bench.core.errors import ConfigError, DataError, did_you_mean
from bench.data.columns import KNOWN, Table
from bench.data.readers import read_table

FOLDER = "atlas"
TABLES: Mapping[str, Table] = {"polls": KNOWN["atlas_polls"], "votes": KNOWN["atlas_votes"]}
SHARE_ALIKE = {"CC-BY-SA-4.0": "_cc_by_sa", "GPL-3.0-only": "_gpl"}
"""Licences whose rows lie in files of their own, and the end of the name of these files."""

ORDER = {
    "polls": ["vote_on", "election", "round", "fieldwork_end", "poll_id", "candidate"],
    "votes": ["vote_on", "election", "round"],
}
"""How the rows of each table are sorted."""


def file_name(table: str, licence: str = "") -> str:
    """The file that holds the rows of a table under a licence.

    Examples
    --------
    >>> file_name("polls"), file_name("polls", "GPL-3.0-only")
    ('polls.parquet', 'polls_gpl.parquet')
    """
    return f"{table}{SHARE_ALIKE.get(licence, '')}.parquet"


FILES = {
    file_name(name, licence): table
    for name, table in TABLES.items()
    for licence in ("", *SHARE_ALIKE)
}


def atlas(table: str = "polls", *, country: str = "", election: str = "") -> pd.DataFrame:
    """Old polls with their outcomes, or the votes that they were about.

    The files of the three groups of licences are joined; `licence` says which is a row's.

    Parameters
    ----------
    table : str
        ``"polls"``: a row per poll and candidate; ``"votes"``: a row per vote and round.
    country : str
        Only votes of one country, by its code of two letters; all if left out.
    election : str
        Only one election, by its name; all if left out.

    Returns
    -------
    pandas.DataFrame
        The columns that `datasets/atlas/CARD.md` explains. Shares and errors are fractions, an
        error is positive if the poll had too much. Sorted by day of the vote.

    Raises
    ------
    ConfigError
        If there is no such table, country or election.
    DataError
        If a file of the atlas is missing or damaged.

    Examples
    --------
    >>> polls = atlas(election="fr2017")
    >>> last = polls[polls["candidate"].eq("le_pen") & polls["round"].eq(1)].iloc[-1]
    >>> f"{last['asked']:.3f} asked, {last['outcome']:.3f} counted"
    '0.230 asked, 0.213 counted'
    """
    if table not in TABLES:
        raise ConfigError(f"the atlas has no table '{table}' ({did_you_mean(table, TABLES)})")
    folder = paths.datasets() / FOLDER
    files = [folder / name for name in FILES if FILES[name] is TABLES[table]]
    frames = [read_table(path, TABLES[table]) for path in files if path.is_file()]
    if not frames:
        raise DataError(f"{folder} has no {table}.parquet; `python -m tools.atlas` makes it anew")
    rows = pd.concat(frames, ignore_index=True)
    for column, requested in (("country", country.upper()), ("election", election)):
        if requested:
            present = sorted(rows[column].unique())
            if requested not in present:
                words = did_you_mean(requested, present)
                raise ConfigError(f"the atlas has no {column} '{requested}' ({words})")
            rows = rows[rows[column].eq(requested)]
    counts = [name for name, column in TABLES[table].columns.items() if column.kind == "count"]
    rows = rows.astype(dict.fromkeys(counts, "Int64"))
    return rows.sort_values(ORDER[table], kind="stable", ignore_index=True)

"""One spelling of every institute, and which of them ask volunteers."""

from __future__ import annotations

import re

import pandas as pd

from tools.build_datasets.files import TABLES, read_raw


def spellings(of: str) -> dict[str, str]:
    """What the sources of a collection write, and how the institute is written here."""
    table = read_raw(TABLES / "spellings.csv")
    table = table[table["of"].eq(of)]
    return dict(zip(table["written"], table["institute"], strict=True))


def opt_in(of: str) -> tuple[str, ...]:
    """Institutes whose respondents joined a panel, or answered an advertisement."""
    table = read_raw(TABLES / "opt_in.csv")
    return tuple(table.loc[table["of"].eq(of), "institute"])


def one_spelling(names: pd.Series) -> pd.Series:
    """The names with one spelling each: of those that differ in case and marks alone, the
    commonest.

    Parameters
    ----------
    names : pandas.Series
        Institutes of one country, one entry per row of a poll.

    Examples
    --------
    >>> one_spelling(pd.Series(["Ekos", "EKOS", "EKOS Research Associates", "ReachTEL"])).tolist()
    ['EKOS', 'EKOS', 'EKOS', 'ReachTEL']
    """
    known = names.replace(spellings("parliaments"))
    key = known.map(lambda name: re.sub(r"[\W_]+", "", str(name).casefold()))
    counts = known.groupby([key, known]).size().rename("n").rename_axis(["key", "name"])
    common = counts.reset_index().sort_values(["n", "name"], ascending=[False, True])
    return key.map(common.drop_duplicates("key").set_index("key")["name"])

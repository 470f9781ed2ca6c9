"""Whom a text is about, by surname."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import pandas as pd


def plain(text: str) -> str:
    """Lower case without accents or links; words run together in a hashtag or handle are split.

    Examples
    --------
    >>> plain("Mélenchon ! #FillonPrésident https://t.co/x")
    'melenchon ! #fillon president '
    """
    text = re.sub(r"https?://\S+", "", text)
    text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text).lower()


def pattern(slug: str) -> str:
    """A regular expression for the surname in a slug.

    Examples
    --------
    >>> [bool(re.search(pattern("le_pen"), plain(t))) for t in ("#LePen2017", "Le Pen", "pente")]
    [True, True, False]
    """
    surname = slug.removeprefix("jm_")
    return r"(?<![a-z])" + surname.replace("_", r"[\s_-]?") + r"(?![a-z])"


def mentioned(texts: pd.Series, candidates: Sequence[str]) -> pd.DataFrame:
    """One row per text and candidate whom it names; a text that names several counts for each.

    Returns
    -------
    pandas.DataFrame
        Columns position (in `texts`) and candidate.

    Examples
    --------
    >>> found = mentioned(pd.Series(["Ash beats Birch", "nobody"]), ["ash", "birch"])
    >>> found.to_numpy().tolist()
    [[0, 'ash'], [0, 'birch']]
    """
    words = texts.fillna("").map(plain).reset_index(drop=True)
    named = {name: words.index[words.str.contains(pattern(name))] for name in candidates}
    parts = [pd.DataFrame({"position": at, "candidate": name}) for name, at in named.items()]
    return pd.concat(parts, ignore_index=True).sort_values(
        ["position", "candidate"], ignore_index=True
    )

"""One spelling of every institute."""

from __future__ import annotations

import re

import pandas as pd

# where lists name the sponsor too, write a name in several ways, or slip
SAME = {
    "Angus Reid Public Opinion": "Angus Reid",
    "Decima Research": "Decima",
    "EKOS Research Associates": "EKOS",
    "Fessel-GfK": "GfK",
    "IFES (for SPÖ)": "IFES",
    "Innovative Research Group": "Innovative Research",
    "Ipsos Reid": "Ipsos",
    "Ipsos-Reid": "Ipsos",
    "Leger": "Léger",
    "Leger Marketing": "Léger",
    "Léger Marketing": "Léger",
    "Meinungsraum": "meinungsraum.at",
    "Meinunungsraum": "meinungsraum.at",
    "NEWS-Market": "Market",
    "Nanos": "Nanos Research",
    "New Zealand Herald-DigiPoll": "Herald-DigiPoll",
    "New Zealand Herald-Digipoll": "Herald-DigiPoll",
    "Profil-OGM": "OGM",
    "meinungsraum.at (for NEOS)": "meinungsraum.at",
    "ÖSTERREICH-Gallup": "Gallup",
}


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
    known = names.replace(SAME)
    key = known.map(lambda name: re.sub(r"[\W_]+", "", str(name).casefold()))
    counts = known.groupby([key, known]).size().rename("n").rename_axis(["key", "name"])
    common = counts.reset_index().sort_values(["n", "name"], ascending=[False, True])
    return key.map(common.drop_duplicates("key").set_index("key")["name"])

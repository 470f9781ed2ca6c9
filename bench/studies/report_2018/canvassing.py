"""What a stated gain from canvassing in a number of polling stations would take there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from bench.core.arrays import PERCENT
from bench.data.election import load_election
from bench.data.stations import levels_of, station_votes, votes_by
from bench.data.tables import outcome_of


def needed_votes(gain: float, share: float, valid: float) -> dict[str, float]:
    """Votes that a gain takes, if all changed sides and if all came from abstention.

        persuaded = g V        mobilised = g V / (1 - s + g)

    Without v who came, the share (s V - v) / (V - v) is the gain g less.

    Parameters
    ----------
    gain, share : float
        Gain g, and the share s that includes it, of the valid votes: fractions.
    valid : float
        Valid votes V.

    Examples
    --------
    50 of 100; without ten who came, 40 of 90 remain, 5.6 points less:

    >>> round(needed_votes(0.5 - 40 / 90, 0.5, 100)["mobilised"], 6)
    10.0
    """
    return {"persuaded": gain * valid, "mobilised": gain * valid / (1 - share + gain)}


def canvassing_bounds(stated: Mapping[str, Any]) -> pd.DataFrame:
    """Per polling station, what the stated gain would take by each of two ways alone, and a trial.

    Parameters
    ----------
    stated
        The setting `canvassing`.

    Returns
    -------
    pandas.DataFrame
        way (``persuaded``, ``mobilised``; ``trial``: what the trial of the campaign found, all by
        changed sides); gain_pp; stations (in which it came about; NaN of the trial); votes;
        margin_percent (of the winning margin in votes: a change of sides counts two); per_station;
        registered_percent and group_percent: of the registered, and of the other's voters or of
        the abstainers, of a station of average size that votes as the country did.
    """
    election, number, gain = load_election(stated["election"]), stated["round"], stated["gain_pp"]
    votes = outcome_of(election, number).votes.sort_values(ascending=False, kind="stable")
    areas = votes_by(election, number, levels_of(election, number)[-1])
    registered, voters = areas[["registered", "voters"]].sum()
    size = station_votes(load_election(stated["stations_of"]), number)["registered"].mean()
    needed = needed_votes(gain / PERCENT, votes.iloc[0] / votes.sum(), votes.sum())
    margin = votes.iloc[0] - votes.iloc[1]
    table = pd.DataFrame({"way": list(needed), "gain_pp": gain, "stations": stated["stations"]})
    table["votes"] = list(needed.values())
    table["margin_percent"] = PERCENT * table["votes"] * [2, 1] / margin
    table["per_station"] = table["votes"] / table["stations"]
    table["registered_percent"] = PERCENT * table["per_station"] / size
    group = [votes.iloc[1] / registered, 1 - voters / registered]
    table["group_percent"] = table["registered_percent"] / group
    changed = stated["trial_part"] * margin / 2
    trial = {
        "way": "trial",
        "gain_pp": PERCENT * changed / votes.sum(),
        "votes": changed,
        "margin_percent": PERCENT * stated["trial_part"],
    }
    return pd.concat([table, pd.DataFrame([trial])], ignore_index=True)

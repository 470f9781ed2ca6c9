"""The last polls of French elections compared with published lists; prints what cards say."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd

from bench.core import paths
from tools.build_datasets.files import GATHERED, read_raw

LISTS = GATHERED / "last_polls.csv"
"""Polls as lists of the last ones have them; `any` where a list does not say whose a figure is."""

ANY = "any"
NEAR = pd.Timedelta(days=2)  # some lists give the day of publication
WEEK = pd.Timedelta(days=5)  # one says "some ten days before" alone, and no institute
LAST = pd.Timedelta(days=5)  # before the last poll that a list has
UNNAMED = 0.001  # what a candidate whom a poll does not name counts for in finding it


@dataclass(frozen=True)
class Figure:
    """One figure of a list: `listed` there and `ours` here (fractions; NaN where there is none)."""

    institute: str
    day: pd.Timestamp
    candidate: str
    listed: float
    ours: float

    @property
    def agrees(self) -> bool:
        """Whether both are the same."""
        return self.listed == self.ours

    def __str__(self) -> str:
        here = "no figure" if math.isnan(self.ours) else f"{100 * self.ours:g}"
        who = f"{self.institute}, {self.day:%Y-%m-%d}, {self.candidate}"
        return f"{who} {100 * self.listed:g} ({here} here)"


def figures(polls: pd.DataFrame, year: int, number: int) -> list[Figure]:
    """Every figure that lists have of one round, with that of the table.

    Parameters
    ----------
    polls : pandas.DataFrame
        Rows of `inputs/polls.csv` about the round, `fieldwork_end` as dates.
    year, number : int
        Of the election and the round.
    """
    found = []
    for one in _lists(year, number).to_dict("records"):
        day = pd.Timestamp(one["day"])
        pairs = (pair.split("=") for pair in one["shares_pct"].split())
        listed = {who: round(float(share) / 100, 5) for who, share in pairs}
        apart = (polls["fieldwork_end"] - day).abs()
        if one["institute"] == ANY:
            near = polls[apart <= WEEK]
        else:
            near = polls[(apart <= NEAR) & polls["institute"].eq(one["institute"])]
        # of several polls of those days, the one that the list means
        shares = [
            dict(zip(poll["candidate"], poll["share"], strict=True))
            for _, poll in near.groupby("poll_id")
        ]
        ours = min(shares, key=lambda share: _gap(listed, share), default={})
        for who, figure in listed.items():
            mine = float(ours.get(who, math.nan))
            found.append(Figure(str(one["institute"]), day, who, figure, mine))
    return found


def sentences(polls: pd.DataFrame, year: int) -> list[str]:
    """What the comparison says, for the card: a sentence for each round with polls."""
    return [_sentence(rows, year, int(str(number))) for number, rows in polls.groupby("round")]


def _sentence(polls: pd.DataFrame, year: int, number: int) -> str:
    begin = f"Last polls of round {number}"
    both = figures(polls, year, number)
    if not both:
        return f"{begin}: no published list was found to compare them with."
    lists = _lists(year, number)
    told = [
        f"{begin} compared with published lists ({', '.join(lists['source'].unique())}), polls: "
        f"{len(lists)}; figures that agree: {sum(one.agrees for one in both)} of {len(both)}"
    ]
    if other := [str(one) for one in both if not one.agrees]:
        told.append(f"otherwise in the lists: {'; '.join(other)}")
    late = polls[polls["fieldwork_end"] >= max(one.day for one in both) - LAST]
    listed = {one.institute for one in both}
    if ANY not in listed and (unlisted := sorted(set(late["institute"]) - listed)):
        told.append(f"here and in no list: {', '.join(unlisted)}")
    return "; ".join(told) + "."


def _lists(year: int, number: int) -> pd.DataFrame:
    table = read_raw(LISTS)
    return table[table["year"].eq(str(year)) & table["round"].eq(str(number))]


def _gap(listed: dict[str, float], ours: dict[str, float]) -> float:
    gaps = [abs(listed[who] - ours[who]) if who in ours else UNNAMED for who in listed]
    return sum(gaps) / len(gaps)


if __name__ == "__main__":
    for folder in sorted(paths.datasets().glob("fr????")):
        if (folder / "outcome").is_dir():
            table = pd.read_csv(folder / "inputs/polls.csv", parse_dates=["fieldwork_end"])
            for sentence in sentences(table, int(folder.name[2:])):
                print(f"{folder.name}: {sentence}")

"""Where the decisive margin of a vote lies: in a few areas, or wherever voters live."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from bench.core.arrays import PERCENT
from bench.core.errors import DataError
from bench.data.election import Election, load_election
from bench.data.stations import levels_of, votes_by
from bench.data.tables import outcome_of

FOLDER = Path(__file__).parent
COUNT, BLOCKS = "count", "blocks"


class DecisiveVote(NamedTuple):
    """A vote, whether its areas are blocks, all of them, and the cheapest of a last round."""

    election: Election
    number: int
    in_blocks: bool
    blocks: pd.DataFrame
    changing: pd.DataFrame


def cheapest_blocks(blocks: pd.DataFrame) -> pd.DataFrame:
    """The blocks that would have to change hands, at the least number of voters who change sides.

    Every block gives its whole weight to whoever has more votes in it. The candidate with less
    weight needs more than half of all weight, and takes blocks of the other:

        min sum_u c_u x_u  with  sum_u w_u x_u > W / 2 - W_second,  x_u = 0 or 1
        c_u = floor(margin_u / 2) + 1: voters of the winner who vote for the other instead

    Parameters
    ----------
    blocks : pandas.DataFrame
        Columns first, second (votes, whole), weight (whole); by block [U].

    Returns
    -------
    pandas.DataFrame
        The rows that change hands, with `needed` (c_u) and `votes` (of both), in order of how
        small a part of its votes each needs.

    Raises
    ------
    DataError
        If neither has more weight.

    Examples
    --------
    The winner has A, B and C (21 of 30); A and B would be enough, and so would C alone:

    >>> blocks = pd.DataFrame({"first": [52, 53, 560, 0], "second": [48, 47, 440, 90],
    ...                        "weight": [3, 4, 14, 9]}, index=list("ABCD"))
    >>> cheapest_blocks(blocks)[["needed", "votes"]].to_dict("index")
    {'A': {'needed': 3, 'votes': 100}, 'B': {'needed': 4, 'votes': 100}}
    """
    from scipy.optimize import Bounds, LinearConstraint, milp

    margin, total = blocks["first"] - blocks["second"], blocks["weight"].sum()
    weights = [blocks["weight"].where(side, 0).sum() for side in (margin > 0, margin < 0)]
    if weights[0] == weights[1]:
        raise DataError(f"both candidates have a weight of {weights[0]}; accepted: one has more")
    if weights[0] < weights[1]:
        margin = -margin
    led = blocks[margin > 0].assign(needed=margin // 2 + 1)
    lacking = total // 2 + 1 - min(weights)
    solution = milp(
        led["needed"].to_numpy(float),
        integrality=np.ones(len(led), dtype=int),
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(led["weight"].to_numpy(float)[None, :], lb=lacking),
        options={"mip_rel_gap": 0},
    )
    led = led[np.asarray(solution.x) > 0.5].assign(votes=led["first"] + led["second"])
    order = (led["needed"] / led["votes"]).sort_values(kind="stable").index
    return led.loc[order]


def blocks_of(election: Election, number: int, electors: str = "") -> pd.DataFrame:
    """Votes for the two in front by area, and what the area weighs.

    Returns
    -------
    pandas.DataFrame
        first, second, weight (electors, or registered voters) and part_of (a block whose votes are
        part of another's), by area; empty where the areas are not the whole country.
    """
    names = list(decisive_pair(election, number).index)
    if electors:
        table = pd.read_csv(
            FOLDER / f"{electors}.csv", index_col="area", keep_default_na=False, comment="#"
        )
        votes = [
            outcome_of(load_election(f"{election.name}/{area}"), 1).votes for area in table.index
        ]
        blocks = pd.DataFrame(votes, index=table.index)[names].astype(int)
        blocks = blocks.assign(weight=table["electors"], part_of=table["part_of"])
    else:
        table = votes_by(election, number, levels_of(election, number)[-1])
        table = table.set_index(table.columns[0])
        blocks = table[names].assign(weight=table["registered"], part_of="")
        if not blocks[names].sum().equals(outcome_of(election, number).votes[names].astype(int)):
            return blocks.iloc[:0]
    return blocks.rename(columns=dict(zip(names, ("first", "second"), strict=True)))


def decisive_pair(election: Election, number: int) -> pd.Series:
    """Votes of the last to get through (or be elected) and of the next, nationally."""
    outcome = outcome_of(election, number)
    votes = outcome.votes.sort_values(ascending=False, kind="stable")
    return votes.iloc[outcome.n_advance - 1 : outcome.n_advance + 1].astype(int)


def decisive_margins(decisive: Sequence[DecisiveVote]) -> pd.DataFrame:
    """How few voters could have changed the outcome, and where they would have had to live.

    A change is a voter of the winner who votes for the other instead. By ``count`` every such
    voter counts the same, wherever he lives; by ``blocks`` only those do whose area changes hands.

    Returns
    -------
    pandas.DataFrame
        election, round, rule; in_force: whether it is the rule of this vote; winner, runner_up (of
        a first round: the last to get through and the next); votes (of all on the ballot); needed
        and needed_percent (of the votes); n_areas, of n_blocks (0: not known for the whole
        country), and electorate_percent (of the votes for the two): where the needed changes lie;
        areas: names, the smallest part of their votes first.
    """
    rows = []
    for election, number, in_blocks, blocks, changing in decisive:
        pair, votes = decisive_pair(election, number), outcome_of(election, number).votes.sum()
        needed = int(pair.iloc[0] - pair.iloc[1]) // 2 + 1
        by_rule = {COUNT: (pair.index, needed, len(blocks), 1.0, "")}
        if len(changing):
            names = pair.index[:: 1 if (changing["first"] > changing["second"]).all() else -1]
            electorate = changing["votes"].sum() / votes_in(blocks)
            areas = " ".join(map(str, changing.index))
            by_rule[BLOCKS] = (
                names,
                int(changing["needed"].sum()),
                len(changing),
                electorate,
                areas,
            )
        for rule, (names, needed, n_areas, electorate, areas) in by_rule.items():
            rows.append(
                {
                    "election": election.name,
                    "round": number,
                    "rule": rule,
                    "in_force": in_blocks == (rule == BLOCKS),
                    "winner": names[0],
                    "runner_up": names[1],
                    "votes": int(votes),
                    "needed": needed,
                    "needed_percent": PERCENT * needed / votes,
                    "n_areas": n_areas,
                    "n_blocks": len(blocks),
                    "electorate_percent": PERCENT * electorate,
                    "areas": areas,
                }
            )
    return pd.DataFrame(rows)


class Margin(NamedTuple):
    """The voters who could have changed a vote, as `decisive_margins` has them, and its year."""

    needed: int
    needed_percent: float
    n_areas: int
    electorate_percent: float
    year: int


def margins_in_force(margins: pd.DataFrame) -> dict[str, Margin]:
    """By rule, the smallest margin of a vote that was decided by it.

    Parameters
    ----------
    margins : pandas.DataFrame
        From `decisive_margins`.
    """
    order = margins[margins["in_force"]].sort_values("needed_percent", kind="stable")
    closest = order.drop_duplicates("rule")
    years = [load_election(name).first_day.year for name in closest["election"]]
    rows = closest.assign(year=years)[list(Margin._fields)].itertuples(index=False)
    return dict(zip(closest["rule"], map(Margin._make, rows), strict=True))


def decisive_curves(decisive: Sequence[DecisiveVote]) -> pd.DataFrame:
    """Where the needed changes lie: cumulated over areas, those first that need the smallest part.

    Returns
    -------
    pandas.DataFrame
        series (election, or ``count``), electorate and needed (percent, from 0). By national count
        no area is worth more than another: needed is as electorate.
    """
    rows = [pd.DataFrame({"series": COUNT, "electorate": [0.0, PERCENT], "needed": [0.0, PERCENT]})]
    for election, _number, _in_blocks, blocks, changing in decisive:
        if len(changing):  # of a first round no area changes hands
            electorate = PERCENT * changing["votes"].cumsum() / votes_in(blocks)
            needed = PERCENT * changing["needed"].cumsum() / changing["needed"].sum()
            line = {"electorate": [0.0, *electorate], "needed": [0.0, *needed]}
            rows.append(pd.DataFrame({"series": election.name, **line}))
    return pd.concat(rows, ignore_index=True)


def decisive_votes(settings: Sequence[Mapping[str, Any]]) -> list[DecisiveVote]:
    """The areas of each vote of the setting `decisive`."""
    votes = []
    for vote in settings:
        election, number = load_election(vote["election"]), vote["round"]
        blocks = blocks_of(election, number, vote.get("electors", ""))
        is_last = election.rounds[number].n_advance == 1
        changing = cheapest_blocks(blocks) if is_last else blocks.iloc[:0]
        votes.append(DecisiveVote(election, number, "electors" in vote, blocks, changing))
    return votes


def votes_in(blocks: pd.DataFrame) -> int:
    """Votes for the two in all blocks, none counted twice."""
    return int(blocks.loc[blocks["part_of"].eq(""), ["first", "second"]].to_numpy().sum())

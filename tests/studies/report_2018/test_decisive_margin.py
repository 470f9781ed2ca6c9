"""Where the decisive margin lies: against all subsets, by hand, and the tables that ship."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest

from bench.core.errors import DataError
from bench.data.election import load_election
from bench.studies.report_2018.decisive_margin import (
    blocks_of,
    cheapest_blocks,
    decisive_pair,
    margins_in_force,
    votes_in,
)
from bench.studies.report_2018.view import decisive_figure

UNITED_STATES = load_election("us2016/president")


def made_up(seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    votes = rng.integers(50, 1000, (9, 2))
    return pd.DataFrame(votes, columns=["first", "second"]).assign(weight=rng.integers(1, 20, 9))


def fewest(blocks: pd.DataFrame) -> float:
    """The least number of changes among all sets of blocks that change hands."""
    margin = (blocks["first"] - blocks["second"]).to_numpy()
    weight = blocks["weight"].to_numpy()
    if weight[margin > 0].sum() < weight[margin < 0].sum():
        margin = -margin
    best = np.inf
    for taken in product([False, True], repeat=len(blocks)):
        flipped = np.array(taken) & (margin > 0)
        if 2 * weight[(margin < 0) | flipped].sum() > weight.sum():
            best = min(best, (margin[flipped] // 2 + 1).sum())
    return best


@pytest.mark.parametrize("seed", range(12))
def test_no_other_set_of_blocks_needs_fewer_changes(seed: int) -> None:
    blocks = made_up(seed)
    assert cheapest_blocks(blocks)["needed"].sum() == fewest(blocks)


def test_blocks_that_tie_have_no_winner() -> None:
    blocks = pd.DataFrame({"first": [6, 4], "second": [4, 6], "weight": [1, 1]})
    with pytest.raises(DataError, match="both candidates have a weight of 1"):
        cheapest_blocks(blocks)


def test_the_electors_are_538_and_elected_by_306_to_232() -> None:
    blocks = blocks_of(UNITED_STATES, 1, "electors_2010")
    assert blocks["weight"].sum() == 538
    led = blocks["second"] > blocks["first"]  # nationally second
    assert blocks.loc[led, "weight"].sum() == 306
    whole = blocks["part_of"].where(blocks["part_of"].ne(""), blocks.index.to_series())
    assert blocks["weight"].groupby(whole).sum().ge(3).all()
    assert votes_in(blocks) == 128838224


def test_three_states_decide_by_margins_that_can_be_looked_up() -> None:
    """Michigan 10,704, Pennsylvania 44,292, Wisconsin 22,748 votes."""
    taken = cheapest_blocks(blocks_of(UNITED_STATES, 1, "electors_2010"))
    assert dict(taken["needed"]) == {"mi": 5353, "pa": 22147, "wi": 11375}


def test_a_runoff_is_decided_by_two_and_a_first_round_by_second_and_third() -> None:
    assert decisive_pair(load_election("toy"), 2).index[0] == "quill"
    votes = decisive_pair(load_election("fr2002"), 1)
    assert votes.to_dict() == {"jm_le_pen": 4804713, "jospin": 4610113}
    assert blocks_of(load_election("fr2002"), 1).empty  # no départements overseas


def test_the_figure_has_a_line_by_election_and_the_national_count() -> None:
    line = {"electorate": [0.0, 9.0, 10.0], "needed": [0.0, 50.0, 100.0]}
    curves = pd.concat([pd.DataFrame({"series": key, **line}) for key in ("count", "fr2012")])
    row = {"election": "fr2012", "rule": "blocks", "in_force": True, "needed": 7, "n_areas": 2}
    margins = pd.DataFrame([{**row, "needed_percent": 0.1, "electorate_percent": 10.0}])
    figure = decisive_figure(curves, margins)
    assert len(figure.legend) == 2
    assert set(figure.marks[0].rows["series"]) == set(figure.looks)
    margin = margins_in_force(margins)["blocks"]
    assert (margin.needed, margin.n_areas, margin.year) == (7, 2, 2012)

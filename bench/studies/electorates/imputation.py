"""Electorates of earlier elections: their own votes and past votes, the rest lent by another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from bench.core import Evidence
from bench.data.election import Election, load_election
from bench.data.margins import margins_by_departement
from bench.models.raking import fit_table
from bench.simulation.collected_facts import calendar_of
from bench.simulation.electorate import Electorate, Margins, calibrate
from bench.simulation.facts import Facts
from bench.simulation.margins import (
    NOBODY,
    ages_of,
    by_interest,
    by_past_vote,
    past_groups,
    vote_of,
    votes_by_area,
)
from bench.studies.electorates.borrowed import Ballot, borrowed_facts, borrowed_groups, kinship

LENT = ("age", "sex", "occupation", "place")


def earlier(
    election: Election,
    evidence: Evidence,
    lender: tuple[Electorate, Facts],
    assumed: Mapping[str, Any],
    settings: Mapping[str, Any],
) -> tuple[Electorate, Facts]:
    """Electorate and facts of an election of which no survey table and no app is known.

    Its own: votes, turnout, départements, past vote (by ecological inference over départements),
    dates and samples of the polls. Lent, family by family (`bench.studies.electorates.borrowed`): who votes
    for whom by age, sex, occupation and place; who takes part in an app, whom they like and
    mention.

    Parameters
    ----------
    election : Election
    evidence : Evidence
        Of its first round, for the calendar of polls.
    lender : (Electorate, Facts)
    assumed : mapping
        The settings `electorate`, of which those on interest are used.
    settings : mapping
        `simulation`: calendar_days, kin, ages_of (vintage), and under `earlier` this election's
        past_election and past_groups.

    Raises
    ------
    DataError
        If a file is missing, or a family has nobody to borrow from.
    """
    other, known = lender
    own = settings["earlier"][election.name]
    registered, vote = vote_of(election)
    mine = Ballot(
        candidates=election.round(1).candidates,
        family=_families(election),
        share=vote[:-1] / vote[:-1].sum(),
    )
    theirs = Ballot(
        candidates=other.candidates,
        family=_families(load_election(other.election)),
        share=other.share,
    )
    weights = kinship(mine, theirs, settings["kin"])
    past = load_election(str(own["past_election"]))
    groups = past_groups(past, own["past_groups"])
    areas = margins_by_departement(past, election)
    by_vote = {
        "past_vote": by_past_vote(areas, groups, vote),
        "interest": by_interest(assumed, vote),
    }
    ages = ages_of(load_election(other.election), str(settings["ages_of"]))
    for name in LENT:
        table = other.among((name,), other.mass)
        size = ages if name == "age" else table.sum(axis=1)
        lent = borrowed_groups(table, vote, weights)
        by_vote[name] = fit_table(lent, [((0,), size), ((1,), vote)])
    margins = Margins(
        election=election.name,
        candidates=tuple(mine.candidates),
        registered=registered,
        vote=vote,
        levels={**other.levels, "past_vote": (*groups, NOBODY)},
        share={},
        by_vote=by_vote,
        published={},
        likely={("age", "occupation"): np.asarray(other.mass.sum(axis=(1, 3, 4, 5, 6)))},
        areas=votes_by_area(election),
    )
    facts = replace(
        known,
        round=evidence.round,
        as_of=evidence.as_of,
        calendar=calendar_of(evidence, int(settings["calendar_days"])),
        **borrowed_facts(known, mine, theirs, weights),
    )
    return calibrate(margins), facts


def _families(election: Election) -> list[str]:
    table = pd.read_csv(election.folder / "candidates.csv").set_index("candidate")["family"]
    return [str(table[name]) for name in election.round(1).candidates]

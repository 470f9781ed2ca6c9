"""An app that anybody may join: ratings, duels, support by group, votes that are earned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from typing_extensions import override

from bench.core.arrays import FloatArray
from bench.core.evidence import BatchTable
from bench.simulation.calibration import Facts
from bench.simulation.electorate import Electorate
from bench.simulation.frame import Frame, frame_of
from bench.simulation.instruments import Volunteers, draw

RECORDED = ("age", "sex", "past_vote")


@dataclass(frozen=True, kw_only=True)
class OptInApp(Volunteers):
    """Users join by interest, age and enthusiasm; each rates candidates and names a favourite.

    A user with vote v rates candidate v always and any other with probability
    ``(budget - 1) / (C - 1)``; the rating is favourable with the approval that v's voters gave
    to that candidate in the real ballot. ``votes`` counts the points given to the favourite:
    one per user and ``extra_votes`` more on average.

    Each also answers ``duels`` questions "would you vote for a or b?" on pairs by lot (0: the app
    asks none). A user with vote v chooses v; of two others the one whom v's voters approve, and by
    the toss of a coin where both or neither are approved, which makes the chance of a

        1/2 + (approval[v, a] - approval[v, b]) / 2,

    whether or not the two approvals of one person go together.
    """

    makes: ClassVar[frozenset[str]] = frozenset({"ratings", "app_support", "duels"})

    n_users: float
    budget: float
    extra_votes: float
    n_cohorts: int
    cohort_days: int
    duels: float

    @override
    def frame(self, electorate: Electorate, facts: Facts) -> Frame:
        chance = self.chance(electorate, facts)
        return frame_of(electorate, "opt_in_app", RECORDED, chance, n_respondents=self.n_users)

    @override
    def collect(
        self, frame: Frame, facts: Facts, n_replicates: int, rng: np.random.Generator
    ) -> dict[str, BatchTable]:
        share = frame.share * np.exp(frame.tilt[:, :1, :])
        n_groups, n_candidates = share.shape[-2:]
        flat = share.reshape(*share.shape[:-2], n_groups * n_candidates)
        if flat.ndim == 2 and len(flat) == 1:
            flat = flat[0]
        users = draw(rng, frame.n_respondents, flat, n_replicates)
        by_cohort = rng.multinomial(
            users.astype(np.int64), np.full(self.n_cohorts, 1 / self.n_cohorts)
        ).astype(float)
        support = self._support(frame, facts, by_cohort, rng)
        by_vote = users.reshape(-1, n_groups, n_candidates).sum(axis=1)
        tables = {"ratings": self._ratings(frame, facts, by_vote, rng), "app_support": support}
        # last, so that the other tables are those of an app without duels
        if self.duels:
            tables["duels"] = self._duels(frame, facts, by_vote, rng)
        return tables

    def _ratings(
        self, frame: Frame, facts: Facts, users: FloatArray, rng: np.random.Generator
    ) -> BatchTable:
        n_candidates = len(frame.candidates)
        rates = np.full((n_candidates, n_candidates), (self.budget - 1) / (n_candidates - 1))
        np.fill_diagonal(rates, 1.0)
        voters = users[:, :, None].astype(np.int64)
        raters = rng.binomial(voters, np.minimum(rates, 1.0)[None])
        liked = rng.binomial(raters, facts.approval[None]).sum(axis=1)
        total = np.maximum(raters.sum(axis=1), 1)
        rows = pd.DataFrame(
            {
                "source": self.source,
                "round": facts.round,
                "candidate": list(frame.candidates),
                **facts.counted,
                "provenance": "simulated",
                "election": "",
            }
        )
        favourable = liked / total
        values = {
            "favourable": favourable,
            "unfavourable": 1 - favourable,
            "n": total.astype(float),
        }
        return BatchTable(rows=rows, values=values)

    def _duels(
        self, frame: Frame, facts: Facts, users: FloatArray, rng: np.random.Generator
    ) -> BatchTable:
        first, second = np.triu_indices(len(frame.candidates), 1)
        votes = np.arange(len(frame.candidates))[:, None]
        choice = 0.5 + (facts.approval[:, first] - facts.approval[:, second]) / 2
        choice = np.where(votes == first, 1.0, np.where(votes == second, 0.0, choice))
        answers = np.rint(users * self.duels).astype(np.int64)
        by_pair = rng.multinomial(answers, np.full(len(first), 1 / len(first)))
        wins = rng.binomial(by_pair, choice[None]).sum(axis=1)
        names = np.array(frame.candidates, dtype=object)
        rows = pd.DataFrame({"candidate": names[first], "opponent": names[second]})
        rows = rows.assign(source=self.source, round=facts.round, **facts.counted)
        values = {"wins": wins.astype(float), "n": by_pair.sum(axis=1).astype(float)}
        return BatchTable(rows=rows, values=values)

    def _support(
        self, frame: Frame, facts: Facts, by_cohort: FloatArray, rng: np.random.Generator
    ) -> BatchTable:
        age_days = self.cohort_days * np.arange(self.n_cohorts)
        keys = frame.groups.merge(pd.DataFrame({"candidate": list(frame.candidates)}), how="cross")
        keys = keys.merge(pd.DataFrame({"account_age_days": age_days}), how="cross")
        rows = keys.assign(source=self.source, round=facts.round, **facts.counted)
        users = by_cohort.reshape(len(by_cohort), -1)
        votes = users + rng.poisson(users * self.extra_votes)
        return BatchTable(rows=rows, values={"users": users, "votes": votes})

"""Demography and past votes of the départements, with the national level from polls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt
import pandas as pd
from typing_extensions import override

from bench.contract import Abstain, Evidence, Forecast, Predictor
from bench.kit.families import carried_over, family_of, heirs
from bench.kit.national_polls import national_polls
from bench.kit.swing import national_level

FLOOR = 1e-3


@dataclass(frozen=True, kw_only=True)
class EcologicalRegression(Predictor):
    """Log-ratio regression of one election on the one before, applied to the next.

    Learned on the last first round: for each of its candidates, the log of the share in a
    département relative to the national share is regressed (ridge, penalty by generalised
    cross-validation within the training election) on the same log-ratio of the first round
    before, carried over by family, and on the shares of occupations. The coefficients are then
    applied to the last first round to give this election's pattern; the pattern is raked to the
    national level of the poll average. Départements without demography keep their past pattern.
    """

    family: ClassVar[str] = "ecological"
    needs: ClassVar[frozenset[str]] = frozenset(
        {"polls", "past_polls", "outcomes", "ballots", "areas"}
    )

    half_life_days: float
    design_effect: float
    n_draws: int

    @override
    def predict(self, evidence: Evidence, rng: np.random.Generator) -> Forecast:
        polls = national_polls(evidence, self.half_life_days, self.design_effect)
        votes = carried_over(evidence, level="departement")
        weight = votes.sum(axis=1)
        votes, weight = votes[weight > 0], weight[weight > 0]
        pattern = _log_ratio(votes)
        demography = _demography(evidence)
        known = [area for area in votes.index if area in demography.index]
        if len(known) >= 3 * (1 + demography.shape[1]):
            fitted = self._fitted(evidence, pattern, demography, known)
            pattern.loc[known] = fitted
        areas = _raked(pattern, weight, polls.share)
        share = national_level(areas, weight)
        return Forecast(
            share=pd.Series(share, index=list(evidence.candidates)),
            draws=polls.draws(share, rng, self.n_draws),
            areas=areas,
        )

    def _fitted(
        self,
        evidence: Evidence,
        pattern: pd.DataFrame,
        demography: pd.DataFrame,
        known: list[str],
    ) -> npt.NDArray[np.float64]:
        learned, before = _training_pair(evidence)
        places = [a for a in known if a in learned.index and a in before.index]
        target, past = _log_ratio(learned.loc[places]), _log_ratio(before.loc[places])
        predicted = np.empty((len(known), pattern.shape[1]))
        for column, name in enumerate(pattern.columns):
            # one regression per political family, learned on its last candidate
            teacher = _teacher(evidence, name, list(target.columns))
            if teacher is None or not past[teacher].any():
                predicted[:, column] = pattern.loc[known, name]
                continue
            train = np.column_stack([past[teacher], demography.loc[places]])
            apply = np.column_stack([pattern.loc[known, name], demography.loc[known]])
            predicted[:, column] = _ridge(train, target[teacher].to_numpy(), apply)
        return predicted


def _training_pair(evidence: Evidence) -> tuple[pd.DataFrame, pd.DataFrame]:
    outcomes = evidence["outcomes"]
    past = outcomes[
        (outcomes["round"] == 1)
        & (outcomes["level"] == "departement")
        & (outcomes["vote_on"] < evidence.vote_on)
        & (outcomes["election"] != evidence.election)
    ]
    elections = past.sort_values("vote_on")["election"].drop_duplicates().tolist()
    if len(elections) < 2:
        raise Abstain("fewer than two earlier first rounds are known by département")
    tables = {
        name: past[past["election"] == name].pivot(
            index="area", columns="candidate", values="votes"
        )
        for name in elections[-2:]
    }
    before, learned = tables[elections[-2]], tables[elections[-1]]
    ballots = evidence["ballots"]
    weights = heirs(
        list(before.columns),
        family_of(ballots, elections[-2], 1),
        list(learned.columns),
        family_of(ballots, elections[-1], 1),
    )
    return learned, before.fillna(0.0) @ weights


def _teacher(evidence: Evidence, name: str, past: list[str]) -> str | None:
    if name in past:
        return name
    ballots = evidence["ballots"]
    family = family_of(ballots, evidence.election, evidence.round).get(name)
    kin = ballots[ballots["candidate"].isin(past) & (ballots["family"] == family)]["candidate"]
    return None if kin.empty or family == "other" else str(kin.iloc[-1])


def _log_ratio(votes: pd.DataFrame) -> pd.DataFrame:
    share = votes.div(votes.sum(axis=1), axis=0).clip(lower=FLOOR)
    level = (votes.sum() / votes.to_numpy().sum()).clip(lower=FLOOR)
    return pd.DataFrame(np.log(share / level), index=votes.index, columns=votes.columns)


def _demography(evidence: Evidence) -> pd.DataFrame:
    rows = evidence["areas"]
    rows = rows[(rows["level"] == "departement") & rows["value"].notna()]
    if rows.empty:
        return pd.DataFrame()
    latest = rows.sort_values("vintage").groupby(["area", "variable"])["value"].last()
    wide = latest.unstack("variable").dropna()
    spread = wide.std().where(lambda s: s > 0, 1.0)
    return pd.DataFrame((wide - wide.mean()) / spread)


def _ridge(
    train: npt.NDArray[np.float64], target: npt.NDArray[np.float64], apply: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    from sklearn.linear_model import RidgeCV

    centre, spread = train.mean(axis=0), train.std(axis=0)
    spread = np.where(spread > 0, spread, 1.0)
    model = RidgeCV(alphas=np.logspace(-2, 3, 26))
    model.fit((train - centre) / spread, target)
    return np.asarray(model.predict((apply - centre) / spread))


def _raked(pattern: pd.DataFrame, weight: pd.Series, national: pd.Series) -> pd.DataFrame:
    level = national.to_numpy().copy()
    share = np.exp(pattern.to_numpy()) * level
    for _ in range(200):
        share /= share.sum(axis=1, keepdims=True)
        now = national_level(share, weight)
        if np.allclose(now, level, rtol=0, atol=1e-10):
            break
        share *= np.where(now > 0, level / np.where(now > 0, now, 1), 0)
    share /= share.sum(axis=1, keepdims=True)
    return pd.DataFrame(share, index=pattern.index, columns=pattern.columns)

"""The runoff computed from the first round and from transfers of its votes."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit, logit
from typing_extensions import override

from bench.core import Abstain, Evidence, Forecast, Predictor
from bench.models.families import family_of, votes_by_area
from bench.models.transfers import LOYALTY, OWN_SD, Transfers, distances, learn_transfers

SILENT = ("abstention", "blank_null", "not_expressed")


@dataclass(frozen=True, kw_only=True)
class VoteTransfer(Predictor):
    """Official first-round votes times transfer rates to the two finalists.

    Rates start from the distance between families, learned from other runoffs; surveys in which
    a candidate's voters declare a choice replace them with weight ``1 / variance``, unless
    `surveys` is false: then nothing but earlier elections speaks. The share of
    finalist a is ``sum_i v_i q_i s_i / sum_i v_i q_i``: v first-round votes, q turnout, s the rate.
    """

    family: ClassVar[str] = "ecological"
    needs: ClassVar[frozenset[str]] = frozenset({"outcomes", "ballots", "transfers"})

    surveys: bool
    half_life_days: float
    survey_sd: float
    declared_sd: float
    usual_turnout: float
    turnout_sd: float
    n_draws: int

    @override
    def predict(self, evidence: Evidence, rng: np.random.Generator) -> Forecast:
        if evidence.round != 2:
            raise Abstain("transfers of votes exist between a first round and a runoff only")
        outcomes = evidence["outcomes"]
        own = (outcomes["election"] == evidence.election) & (outcomes["level"] == "national")
        first = outcomes[own & (outcomes["round"] == 1)].sort_values("candidate", kind="stable")
        if first.empty:
            raise Abstain("the first round was not known yet")
        names = first["candidate"].astype(str).tolist()
        votes = first["share"].to_numpy(dtype=float)  # [C]
        finalists = evidence.candidates
        pair = (names.index(finalists[0]), names.index(finalists[1]))

        ballots = evidence["ballots"]
        families = family_of(ballots, evidence.election, 1)
        transfers = learn_transfers(outcomes[outcomes["election"] != evidence.election], ballots)
        lean, turnout, declared = self._rates(evidence, names, families, pair, transfers, rng)
        lean[:, pair[0]] = logit(LOYALTY)
        lean[:, pair[1]] = logit(1.0 - LOYALTY)
        mass = votes * turnout
        share = (mass * expit(lean)).sum(axis=1) / mass.sum(axis=1)  # [S]

        # declared or not, the total missed other runoffs by a residual of its own
        weight = declared @ np.delete(votes, pair) / np.delete(votes, pair).sum()
        residual = transfers.grid[
            rng.choice(len(transfers.weight), size=len(share), p=transfers.weight), 1
        ]
        sd = weight * self.declared_sd + (1.0 - weight) * residual
        share = expit(logit(share) + sd * rng.standard_normal(len(share)))
        middle = float(np.median(share))
        typical = np.median(lean, axis=0), np.median(turnout, axis=0)
        return Forecast(
            share=pd.Series([middle, 1.0 - middle], index=list(finalists)),
            draws=np.column_stack([share, 1.0 - share]),
            areas=_areas(evidence, names, typical, middle),
        )

    def _rates(
        self,
        evidence: Evidence,
        names: list[str],
        families: dict[str, str],
        pair: tuple[int, int],
        transfers: Transfers,
        rng: np.random.Generator,
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Log odds [S, C] of choosing the first finalist, turnout [S, C], who declared [C - 2]."""
        slope = transfers.grid[
            rng.choice(len(transfers.weight), size=self.n_draws, p=transfers.weight), 0
        ]
        prior = slope[:, None] * distances([families[n] for n in names], pair)
        noise = rng.standard_normal((2, self.n_draws, len(names)))
        rates = self._declared(evidence).reindex(names)
        surveyed = rates["surveys"].notna().to_numpy()
        survey_variance = self.survey_sd**2 * (1.0 + 1.0 / rates["surveys"].to_numpy(dtype=float))
        gain = np.where(surveyed, OWN_SD**2 / (OWN_SD**2 + survey_variance), 0.0)
        change = np.where(surveyed, rates["lean"].to_numpy(dtype=float) - prior, 0.0)
        lean = prior + gain * change + np.sqrt(OWN_SD**2 * (1.0 - gain)) * noise[0]
        usual = logit(self.usual_turnout)
        turnout = np.where(surveyed, rates["turnout"].to_numpy(dtype=float), usual)
        present = expit(turnout + self.turnout_sd * noise[1])
        return lean, present, np.delete(surveyed, pair).astype(float)

    def _declared(self, evidence: Evidence) -> pd.DataFrame:
        """What surveys before the runoff say: lean and turnout as log odds, by candidate."""
        rows = evidence["transfers"]
        rows = rows[(rows["kind"] == "pre_vote_intention") & self.surveys]
        columns = ["lean", "turnout", "surveys"]
        if rows.empty:
            return pd.DataFrame(columns=columns, dtype=float)
        a, b = evidence.candidates
        rows = rows.assign(to=rows["to"].where(~rows["to"].isin(SILENT), "silent"))
        keys = ["from_candidate", "survey", "published_on"]
        wide = rows.groupby([*keys, "to"])["share"].sum().unstack("to")
        wide = wide.reindex(columns=[a, b, "silent"]).reset_index()
        usual = self.usual_turnout
        # a survey that prints one finalist only is read with the usual turnout
        spoken = (1.0 - wide["silent"]).fillna(usual)
        to_a = wide[a].fillna(spoken - wide[b]).clip(lower=0.01)
        to_b = wide[b].fillna(spoken - wide[a]).clip(lower=0.01)
        age = (evidence.as_of - wide["published_on"]).dt.total_seconds() / 86400.0
        wide = wide.assign(
            lean=np.log(to_a / to_b),
            present=(to_a + to_b).clip(0.05, 0.98),
            weight=0.5 ** (age / self.half_life_days),
        ).dropna(subset=["lean"])
        by = wide["from_candidate"]
        total = wide["weight"].groupby(by).sum()
        weighted = wide[["lean", "present"]].mul(wide["weight"], axis=0)
        mean = weighted.groupby(by).sum().div(total, axis=0)
        turnout = logit(mean["present"].to_numpy(dtype=float))
        return mean.assign(turnout=turnout, surveys=wide.groupby(by).size())[columns]


def _areas(
    evidence: Evidence,
    names: list[str],
    typical: tuple[NDArray[np.float64], NDArray[np.float64]],
    middle: float,
) -> pd.DataFrame | None:
    """The same rates in every area, moved by one number so that all give the total."""
    from scipy.optimize import brentq  # which takes its time to import

    votes = votes_by_area(evidence, evidence.election, 1)
    if votes.empty:
        return None
    votes = votes.loc[votes.sum(axis=1) > 0, names]
    lean, turnout = typical
    mass = votes.to_numpy(dtype=float) * turnout  # [U, C]

    def above(shift: float) -> float:
        """By how much the total is above what it should be."""
        return float((mass @ expit(lean + shift)).sum() / mass.sum()) - middle

    shift = brentq(above, -10.0, 10.0, xtol=1e-12)
    share = mass @ expit(lean + shift) / mass.sum(axis=1)
    a, b = evidence.candidates
    return pd.DataFrame({a: share, b: 1.0 - share}, index=votes.index)

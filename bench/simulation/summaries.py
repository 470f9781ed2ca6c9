"""Tables of a simulation: errors in the long form, dose and response, bias and variance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from bench.core import Evidence
from bench.core.arrays import FloatArray, IntArray
from bench.core.language import N_
from bench.metrics.replicates import Scored, bias_and_variance, score_replicates
from bench.metrics.survey_error import data_defect_correlation, effective_sample_size
from bench.simulation.scenario import Scenario
from bench.simulation.simulate import Simulation

SURE = 3.0  # sampling errors
SUMMARY = ("mean_absolute_error", "winner_right", "pair_right")
SELF_SELECTED = ("opt_in_app", "online_ballot")
LONG = ["election", "round", "as_of", "scenario", "dose", "replicate", "predictor", "area"]
LONG += ["ballot", "candidate", "score", "value"]


@dataclass(frozen=True, kw_only=True, eq=False)
class ScoredDose:
    """Scores of one predictor under one scenario at one dose.

    Attributes
    ----------
    scenario, predictor : str
    dose : float
    replicate : numpy.ndarray [N]
        Numbers of the replicates.
    scores : Scored
    """

    scenario: str
    dose: float
    predictor: str
    replicate: IntArray
    scores: Scored


def scored(simulation: Simulation, replicates: pd.DataFrame) -> list[ScoredDose]:
    """Scores by scenario, dose and predictor."""
    truth = np.concatenate([simulation.truth(block) for block in range(simulation.n_blocks)])
    return scored_against(truth, replicates, simulation.shared.evidence)


def scored_against(
    truth: FloatArray, replicates: pd.DataFrame, evidence: Evidence
) -> list[ScoredDose]:
    """The same where the vote of every replicate is given [replicates, C]."""
    names = list(evidence.candidates)
    found = []
    for key, rows in replicates.groupby(["scenario", "dose", "predictor"], sort=True):
        scenario, dose, predictor = (str(part) for part in key)
        number = rows["replicate"].to_numpy(np.int64)
        scores = score_replicates(rows[names].to_numpy(float), truth[number], evidence.seats)
        found.append(
            ScoredDose(
                scenario=scenario,
                dose=float(dose),
                predictor=predictor,
                replicate=number,
                scores=scores,
            )
        )
    return found


def error_table(evidence: Evidence, found: Sequence[ScoredDose]) -> pd.DataFrame:
    """The long table of errors: signed error by candidate, and the summary scores."""
    labels = {
        "scenario": sorted({one.scenario for one in found}),
        "predictor": sorted({one.predictor for one in found}),
        "candidate": [*evidence.candidates, ""],
        "score": ["signed_error", *SUMMARY],
    }
    c = len(evidence.candidates)
    width = c + len(SUMMARY)
    n = [len(one.replicate) for one in found]
    who = np.append(np.arange(c), np.full(len(SUMMARY), c))
    what = np.append(np.zeros(c, dtype=int), 1 + np.arange(len(SUMMARY)))
    codes = {
        "scenario": np.repeat([labels["scenario"].index(one.scenario) for one in found], n),
        "predictor": np.repeat([labels["predictor"].index(one.predictor) for one in found], n),
    }
    # millions of rows: text is kept once
    columns: dict[str, Any] = {
        name: pd.Categorical.from_codes(np.repeat(code, width), categories=pd.Index(labels[name]))
        for name, code in codes.items()
    }
    for name, code in (("candidate", who), ("score", what)):
        columns[name] = pd.Categorical.from_codes(
            np.tile(code, sum(n)), categories=pd.Index(labels[name])
        )
    for name, text in (("election", evidence.election), ("area", "national"), ("ballot", "full")):
        columns[name] = pd.Categorical.from_codes(
            np.zeros(sum(n) * width, dtype=np.int8), categories=pd.Index([text])
        )
    scores = [one.scores for one in found]
    value = np.concatenate(
        [np.column_stack([s.error, s.mean_absolute, s.first, s.pair]) for s in scores]
    )
    replicate = np.concatenate([one.replicate for one in found]).astype(np.int32)
    columns |= {
        "round": np.int16(evidence.round),
        "as_of": evidence.as_of,
        "dose": np.repeat([one.dose for one in found], np.multiply(n, width)),
        "replicate": np.repeat(replicate, width),
        "value": value.ravel(),
    }
    order = (
        "election round as_of scenario dose replicate predictor area ballot candidate score value"
    )
    return pd.DataFrame({name: columns[name] for name in order.split()})


def response_table(
    candidates: Sequence[str], scenarios: Mapping[str, Scenario], found: Sequence[ScoredDose]
) -> pd.DataFrame:
    """One row per scenario, dose and predictor: error with its band, and who is announced first."""
    rows = []
    for one in found:
        scores = one.scores
        spoke = scores.mean_absolute[~np.isnan(scores.mean_absolute)]
        n = len(spoke)
        counts = np.bincount(scores.leader[scores.leader >= 0], minlength=len(candidates))
        low, high = np.quantile(spoke, [0.05, 0.95]) if n else (np.nan, np.nan)
        scenario = scenarios.get(one.scenario)
        rows.append(
            {
                "scenario": one.scenario,
                "dose": one.dose,
                "unit": scenario.distortion.unit if scenario else "",
                "predictor": one.predictor,
                "replicates": n,
                "mae_pp": 100 * spoke.mean() if n else np.nan,
                "mae_se_pp": 100 * spoke.std() / np.sqrt(n) if n else np.nan,
                "mae_q05_pp": 100 * low,
                "mae_q95_pp": 100 * high,
                "p_winner_right": float(np.nanmean(scores.first)) if n else np.nan,
                "p_pair_right": float(np.nanmean(scores.pair)) if n else np.nan,
                "most_often_first": candidates[int(counts.argmax())] if n else "",
                "p_most_often_first": counts.max() / n if n else np.nan,
            }
        )
    return pd.DataFrame(rows)


def decomposition(found: Sequence[ScoredDose], per_electorate: int) -> pd.DataFrame:
    """Bias and variance of every predictor without any scenario; root mean squares in points.

    Parameters
    ----------
    found : sequence of ScoredDose
    per_electorate : int
        Replicates of each electorate, one after the other.
    """
    rows = []
    for one in found:
        if one.scenario != "none":
            continue
        scores, spoke = one.scores, ~np.isnan(one.scores.mean_absolute)
        group = one.replicate[spoke] // per_electorate
        total = bias = variance = np.nan
        if spoke.any():
            total, bias, variance = bias_and_variance(scores.error[spoke], group)
        rows.append(
            {
                "scenario": one.scenario,
                "predictor": one.predictor,
                "electorates": len(np.unique(group)),
                "rmse_pp": 100 * np.sqrt(total),
                "bias_pp": 100 * np.sqrt(bias),
                "sd_pp": 100 * np.sqrt(variance),
                "bias_share": bias / total,
                "p_winner_right": float(scores.first[spoke].mean()) if spoke.any() else np.nan,
                "p_pair_right": float(scores.pair[spoke].mean()) if spoke.any() else np.nan,
            }
        )
    return pd.DataFrame(rows).sort_values("rmse_pp", ignore_index=True)


def worth(simulation: Simulation) -> pd.DataFrame:
    """What self-selected samples are worth: Meng's rho and effective sizes, simulated and real.

    The effective size of one candidate is given only where the error is more than `SURE` of its
    sampling errors: an error near zero has been met once by luck, and says nothing of a size. The
    row `all` has the root mean square of rho over the ballot. The real ballot is left out where it
    is lent by another election.
    """
    names = list(simulation.electorate.candidates)
    declared = simulation.facts.declared_votes
    seen = {N_("real ballot"): (declared / declared.sum(), float(declared.sum()))}
    if simulation.facts.lent:
        seen = {}
    for name in SELF_SELECTED:
        if name in simulation.frames:
            frame = simulation.frames[name]
            seen[f"simulated {name}"] = (frame.share.sum(axis=-2), frame.n_respondents)
    truth, population = simulation.electorate.share, simulation.electorate.n_voters
    rows = []
    for title, (found, n) in seen.items():
        rho = data_defect_correlation(found, truth, sample_size=n, population_size=population)
        sure = np.abs(found - truth) > SURE * np.sqrt(found * (1 - found) / n)
        whole = float(np.sqrt(np.mean(rho**2)))
        columns = [*zip(names, truth, found, rho, sure, strict=True)]
        for name, mu, share, r, is_sure in [
            *columns,
            (N_("all"), np.nan, np.nan, whole, whole > 0),
        ]:
            size = effective_sample_size(float(r), n / population) if is_sure else np.nan
            rows.append(
                {
                    "sample": title,
                    "candidate": name,
                    "n": n,
                    "share": share,
                    "vote": mu,
                    "rho": r,
                    "n_eff": size,
                }
            )
    columns_of_worth = ["sample", "candidate", "n", "share", "vote", "rho", "n_eff"]
    return pd.DataFrame(rows, columns=columns_of_worth)

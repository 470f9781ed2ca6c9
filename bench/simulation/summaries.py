"""Tables of a simulation: errors in the long form, dose and response, bias and variance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bench.core import Evidence
from bench.simulation.distortions import Distortion
from bench.simulation.replicates import Scored, bias_and_variance, score_replicates
from bench.simulation.study import Study

Pieces = list[tuple[str, float, str, pd.DataFrame, Scored]]


def scored(study: Study, replicates: pd.DataFrame) -> Pieces:
    """Scores by scenario, dose and method: (scenario, dose, predictor, rows, scores)."""
    truth = np.concatenate([study.truth(block) for block in range(study.n_blocks)])
    return scored_against(
        truth, replicates, study.electorate.candidates, study.shared.evidence.seats
    )


def scored_against(
    truth: NDArray[np.float64], replicates: pd.DataFrame, candidates: Sequence[str], seats: int
) -> Pieces:
    """The same where the vote of every replicate is given [replicates, C]."""
    names = list(candidates)
    found: Pieces = []
    for key, rows in replicates.groupby(["scenario", "dose", "predictor"], sort=True):
        scenario, dose, predictor = (str(part) for part in key)
        said = rows[names].to_numpy(float)
        scores = score_replicates(said, truth[rows["replicate"].to_numpy()], seats)
        found.append((scenario, float(dose), predictor, rows, scores))
    return found


SURE = 3.0  # sampling errors
SUMMARY = ("mean_absolute_error", "winner_right", "pair_right")


def long_errors(study: Study, pieces: Pieces) -> pd.DataFrame:
    """The long table of errors of a simulation."""
    return error_table(study.shared.evidence, pieces)


def error_table(evidence: Evidence, pieces: Pieces) -> pd.DataFrame:
    """The long table of errors: signed error by candidate, and the summary scores."""
    names = [*evidence.candidates, ""]
    labels = {
        "scenario": sorted({piece[0] for piece in pieces}),
        "predictor": sorted({piece[2] for piece in pieces}),
        "candidate": names,
        "score": ["signed_error", *SUMMARY],
    }
    codes: dict[str, list[NDArray[np.int16]]] = {name: [] for name in labels}
    dose, replicate, value = [], [], []
    for scenario, at_dose, predictor, rows, scores in pieces:
        n, c = scores.error.shape
        width = c + len(SUMMARY)
        summary = np.column_stack([scores.mean_absolute, scores.first, scores.pair])
        value.append(np.column_stack([scores.error, summary]).ravel())
        replicate.append(np.repeat(rows["replicate"].to_numpy(np.int32), width))
        dose.append(np.full(n * width, at_dose))
        who = np.append(np.arange(c), np.full(len(SUMMARY), c))
        what = np.append(np.zeros(c), 1 + np.arange(len(SUMMARY)))
        for name, code in (
            ("scenario", np.full(n * width, labels["scenario"].index(scenario))),
            ("predictor", np.full(n * width, labels["predictor"].index(predictor))),
            ("candidate", np.tile(who, n)),
            ("score", np.tile(what, n)),
        ):
            codes[name].append(code.astype(np.int16))
    made = {name: _labelled(np.concatenate(parts), labels[name]) for name, parts in codes.items()}
    size = sum(map(len, value))
    same = {
        name: _labelled(np.zeros(size, dtype=np.int8), [text])
        for name, text in (
            ("election", evidence.election),
            ("area", "national"),
            ("ballot", "full"),
        )
    }
    return pd.DataFrame(
        {
            "election": same["election"],
            "round": np.int16(evidence.round),
            "as_of": evidence.as_of,
            "scenario": made["scenario"],
            "dose": np.concatenate(dose),
            "replicate": np.concatenate(replicate),
            "predictor": made["predictor"],
            "area": same["area"],
            "ballot": same["ballot"],
            "candidate": made["candidate"],
            "score": made["score"],
            "value": np.concatenate(value),
        }
    )


def _labelled(codes: NDArray[Any], categories: list[str]) -> Any:
    # millions of rows: text is kept once
    return pd.Categorical.from_codes(codes, categories=pd.Index(categories))


def dose_response(study: Study, pieces: Pieces) -> pd.DataFrame:
    """Error by scenario, dose and method of a simulation."""
    return response_table(study.electorate.candidates, study.scenarios, pieces)


def response_table(
    candidates: Sequence[str], scenarios: Mapping[str, Distortion], pieces: Pieces
) -> pd.DataFrame:
    """One row per scenario, dose and method: error with its band, and what the method announces."""
    names = list(candidates)
    rows = []
    for scenario, dose, predictor, _, scores in pieces:
        spoke = scores.mean_absolute[~np.isnan(scores.mean_absolute)]
        n = len(spoke)
        counts = np.bincount(scores.leader[scores.leader >= 0], minlength=len(names))
        distortion = scenarios.get(scenario)
        low, high = np.quantile(spoke, [0.05, 0.95]) if n else (np.nan, np.nan)
        rows.append(
            {
                "scenario": scenario,
                "dose": dose,
                "unit": distortion.unit if distortion else "",
                "predictor": predictor,
                "replicates": n,
                "mae_pp": 100 * spoke.mean() if n else np.nan,
                "mae_se_pp": 100 * spoke.std() / np.sqrt(n) if n else np.nan,
                "mae_q05_pp": 100 * low,
                "mae_q95_pp": 100 * high,
                "p_winner_right": float(np.nanmean(scores.first)) if n else np.nan,
                "p_pair_right": float(np.nanmean(scores.pair)) if n else np.nan,
                "most_often_first": names[int(counts.argmax())] if n else "",
                "p_most_often_first": counts.max() / n if n else np.nan,
            }
        )
    return pd.DataFrame(rows)


def decomposition(study: Study, pieces: Pieces) -> pd.DataFrame:
    """Bias and variance of every method over electorates; root mean squares in points."""
    each = int(study.settings.get("per_electorate", study.replicates))
    rows = []
    for scenario, dose, predictor, at, scores in pieces:
        if dose > 0:
            continue
        spoke = ~np.isnan(scores.mean_absolute)
        group = at["replicate"].to_numpy()[spoke] // each
        total, bias, variance = bias_and_variance(scores.error[spoke], group)
        rows.append(
            {
                "scenario": scenario,
                "predictor": predictor,
                "electorates": len(np.unique(group)),
                "rmse_pp": 100 * np.sqrt(total),
                "bias_pp": 100 * np.sqrt(bias),
                "sd_pp": 100 * np.sqrt(variance),
                "bias_share": bias / total,
                "p_winner_right": float(scores.first[spoke].mean()),
                "p_pair_right": float(scores.pair[spoke].mean()),
            }
        )
    table = pd.DataFrame(rows)
    return table[table["scenario"] == "none"].sort_values("rmse_pp", ignore_index=True)


def worth(study: Study) -> pd.DataFrame:
    """What self-selected samples are worth: Meng's rho and effective sizes, made up and real.

    The effective size of one candidate is given only where the error is more than `SURE` of its
    sampling errors: an error near zero has been met once by luck, and says nothing of a size. The
    row `all` has the root mean square of rho over the ballot.
    """
    names = list(study.electorate.candidates)
    rows = []
    declared = study.facts.declared_votes / study.facts.declared_votes.sum()
    seen = {"real ballot": (declared, float(study.facts.declared_votes.sum()))}
    for name, frame in study.frames.items():
        if name in ("opt_in_app", "online_ballot"):
            seen[f"simulated {name}"] = (frame.share.sum(axis=-2), frame.n_respondents)
    truth, population = study.electorate.share, study.electorate.n_voters
    for title, (found, n) in seen.items():
        f = n / population
        sigma = np.sqrt(truth * (1 - truth))
        rho = (found - truth) / (sigma * np.sqrt((1 - f) / f))
        sure = np.abs(found - truth) > SURE * np.sqrt(found * (1 - found) / n)
        whole = float(np.sqrt(np.mean(rho**2)))
        columns = [*zip(names, truth, found, rho, sure, strict=True)]
        for name, mu, share, r, is_sure in [*columns, ("all", np.nan, np.nan, whole, whole > 0)]:
            rows.append(
                {
                    "sample": title,
                    "candidate": name,
                    "n": n,
                    "share": share,
                    "vote": mu,
                    "rho": r,
                    "n_eff": f / (1 - f) / r**2 if is_sure else np.nan,
                }
            )
    return pd.DataFrame(rows)

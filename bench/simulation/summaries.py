"""Tables of a simulation: errors in the long form, dose and response, bias and variance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from bench.core import Evidence
from bench.core.arrays import SORTED_DIGITS, FloatArray, IntArray, sorted_digits
from bench.metrics.replicates import (
    Scored,
    bias_and_variance,
    places,
    score_replicates,
    standard_error,
)
from bench.metrics.survey_error import data_defect_correlation, effective_sample_size
from bench.simulation.dosed import DosedDistortion
from bench.simulation.simulate import Simulation

SURE = 3.0  # sampling errors
MOVED = (
    *("moved_pp", "moved_se_pp", "targets_pp", "targets_se_pp"),
    *("share_pp", "place_before", "place", "through_changed"),
)
LEVEL = 0.05  # at which a movement is no chance
SUMMARY = ("mean_absolute_error", "winner_right", "pair_right")
SCORED = ("mean_absolute", "first", "pair")  # what these are called in `Scored`
WORTH = ["sample", "candidate", "n", "share", "vote", "rho", "n_eff"]
SELF_SELECTED = ("opt_in_app", "online_ballot")
ROUNDING = 1e-9  # a correlation below it is none


@dataclass(frozen=True, kw_only=True, eq=False)
class ScoredDose:
    """Scores of one predictor under one distortion at one dose.

    Attributes
    ----------
    distortion, predictor : str
    dose : float
    replicate : numpy.ndarray [N]
        Numbers of the replicates.
    scores : Scored
    """

    distortion: str
    dose: float
    predictor: str
    replicate: IntArray
    scores: Scored


def scored(simulation: Simulation, replicates: pd.DataFrame) -> list[ScoredDose]:
    """Scores by distortion, dose and predictor."""
    truth = np.concatenate([simulation.truth(block) for block in range(simulation.n_blocks)])
    return scored_against(truth, replicates, simulation.shared.evidence)


def scored_against(
    truth: FloatArray, replicates: pd.DataFrame, evidence: Evidence
) -> list[ScoredDose]:
    """The same where the vote of every replicate is given [replicates, C]."""
    names = list(evidence.candidates)
    scored = []
    for key, rows in replicates.groupby(["distortion", "dose", "predictor"], sort=True):
        distortion, dose, predictor = (str(part) for part in key)
        number = rows["replicate"].to_numpy(np.int64)
        scores = score_replicates(rows[names].to_numpy(float), truth[number], evidence.n_advance)
        scored.append(
            ScoredDose(
                distortion=distortion,
                dose=float(dose),
                predictor=predictor,
                replicate=number,
                scores=scores,
            )
        )
    return scored


def error_table(evidence: Evidence, doses: Sequence[ScoredDose]) -> pd.DataFrame:
    """The long table of errors: signed error by candidate, and the summary scores."""
    distortions = sorted({scored.distortion for scored in doses})
    predictors = sorted({scored.predictor for scored in doses})
    c = len(evidence.candidates)
    width = c + len(SUMMARY)
    n = [len(scored.replicate) for scored in doses]
    of_dose = np.multiply(n, width)

    def text(categories: Sequence[str], codes: ArrayLike) -> pd.Categorical[str]:
        """Millions of rows: text is kept once."""
        return pd.Categorical.from_codes(np.asarray(codes), categories=pd.Index(categories))

    def always(word: str) -> pd.Categorical[str]:
        return text([word], np.zeros(sum(n) * width, dtype=np.int8))

    whole = [
        np.column_stack([scored.scores.error, *(getattr(scored.scores, name) for name in SCORED)])
        for scored in doses
    ]
    replicate = np.concatenate([scored.replicate for scored in doses]).astype(np.int32)
    candidate = np.minimum(np.arange(width), c)
    metric = np.maximum(np.arange(width) - c + 1, 0)
    return pd.DataFrame(
        {
            "election": always(evidence.election),
            "round": np.int16(evidence.round),
            "as_of": evidence.as_of,
            "distortion": text(
                distortions,
                np.repeat([distortions.index(scored.distortion) for scored in doses], of_dose),
            ),
            "dose": np.repeat([scored.dose for scored in doses], of_dose),
            "replicate": np.repeat(replicate, width),
            "predictor": text(
                predictors,
                np.repeat([predictors.index(scored.predictor) for scored in doses], of_dose),
            ),
            "area": always("national"),
            "ballot": always("all"),
            "candidate": text([*evidence.candidates, ""], np.tile(candidate, sum(n))),
            "metric": text(["signed_error", *SUMMARY], np.tile(metric, sum(n))),
            "value": np.concatenate(whole).ravel(),
        }
    )


def response_table(
    evidence: Evidence,
    distortions: Mapping[str, DosedDistortion],
    doses: Sequence[ScoredDose],
) -> pd.DataFrame:
    """One row per distortion, dose and predictor: what moves, who gets through, and the error.

    `whom` is the candidate whom an attack serves, or whom a dose of a bias moves most, if any
    (`most_moved`). The columns of `moved_columns` compare every replicate with itself before the
    distortion.
    """
    candidates = evidence.candidates
    clean = {scored.predictor: scored for scored in doses if scored.distortion == "none"}
    rows = []
    for scored in doses:
        scores = scored.scores
        spoke = scores.mean_absolute[~np.isnan(scores.mean_absolute)]
        n = len(spoke)
        counts = np.bincount(scores.leader[scores.leader >= 0], minlength=len(candidates))
        low, high = np.quantile(spoke, [0.05, 0.95]) if n else (np.nan, np.nan)
        dosed = distortions.get(scored.distortion)
        without = clean[scored.predictor]
        before = without.scores.share[np.searchsorted(without.replicate, scored.replicate)]
        followed = (dosed.serves if dosed else "") or most_moved(scores.share, before, candidates)
        targets = getattr(dosed.distortion, "targets", ()) if dosed else ()
        rows.append(
            {
                "distortion": scored.distortion,
                "kind": dosed.distortion.kind if dosed else "",
                "dose": scored.dose,
                "unit": dosed.distortion.unit if dosed else "",
                "predictor": scored.predictor,
                "whom": followed,
                **moved_columns(
                    scores.share, before, candidates, followed, evidence.n_advance, targets
                ),
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


def most_moved(share: FloatArray, before: FloatArray, candidates: Sequence[str]) -> str:
    """The candidate whose mean share moves most; empty if that may be chance.

    It is not where Student's test of the paired differences, Bonferroni over the candidates,
    rejects no movement at 5 %; what is not random moves surely, and one replicate never.
    """
    from scipy.stats import t

    moves = share - before
    moves = moves[~np.isnan(moves).any(axis=1)]
    n = len(moves)
    if n < 2:
        return ""
    # whoever loses what another gains moves as far: the first on the ballot, however it is rounded
    sizes = np.round(np.abs(moves.mean(axis=0)), SORTED_DIGITS)
    place = int(sizes.argmax())
    quantile = t.ppf(1 - LEVEL / len(candidates) / 2, n - 1)
    return candidates[place] if sizes[place] > quantile * standard_error(moves[:, place]) else ""


def moved_columns(
    share: FloatArray,
    before: FloatArray,
    candidates: Sequence[str],
    followed: str,
    n_advance: int,
    targets: Sequence[str] = (),
) -> dict[str, Any]:
    """What a distortion moves, in the columns that every table of attacks begins with.

    Parameters
    ----------
    share, before : numpy.ndarray [N, C]
        Fractions of the whole ballot with it and without it, the same replicates.
    candidates : sequence of str
    followed : str
        The candidate whose share and place are followed; empty for nobody.
    n_advance : int
        How many get through.
    targets : sequence of str
        Those whose share together is followed as well; `followed` is spared.

    Returns
    -------
    dict
        moved_pp (share of `followed` with less without, points, mean of the replicates),
        targets_pp, and their Monte-Carlo standard errors; share_pp (with it, percent);
        place_before and place (which half of the replicates reach; 1 is first); through (who most
        often get through, in the order of the ballot) and through_changed (fraction of the
        replicates in which others get through). NaN where there is none.
    """
    columns: dict[str, Any] = dict.fromkeys(MOVED, np.nan) | {"through": ""}
    has_both = ~np.isnan(share - before).any(axis=1)
    if not has_both.any():
        return columns
    share, before = share[has_both], before[has_both]
    for name, names in (("moved", {followed} - {""}), ("targets", {*targets} - {followed})):
        if names:
            together = [candidates.index(candidate) for candidate in sorted(names)]
            moved = 100 * (share - before)[:, together].sum(axis=1)
            columns |= {f"{name}_pp": moved.mean(), f"{name}_se_pp": standard_error(moved)}
    place, place_before = places(share), places(before)
    if followed:
        column = candidates.index(followed)
        columns["share_pp"] = 100 * share[:, column].mean()
        for key, ranks in (("place_before", place_before), ("place", place)):
            columns[key] = np.quantile(ranks[:, column], 0.5, method="inverted_cdf")
    get_through, got_through = place <= n_advance, place_before <= n_advance
    sets, how_often = np.unique(get_through, axis=0, return_counts=True)
    columns["through"] = ", ".join(np.array(candidates)[sets[how_often.argmax()]])
    columns["through_changed"] = (get_through != got_through).any(axis=1).mean()
    return columns


def decomposition(doses: Sequence[ScoredDose], per_electorate: int) -> pd.DataFrame:
    """Bias and variance of every predictor without any distortion; root mean squares in points.

    Parameters
    ----------
    doses : sequence of ScoredDose
    per_electorate : int
        Replicates of each electorate, one after the other.
    """
    rows = []
    for scored in doses:
        if scored.distortion != "none":
            continue
        scores, spoke = scored.scores, ~np.isnan(scored.scores.mean_absolute)
        group = scored.replicate[spoke] // per_electorate
        total = bias = variance = np.nan
        if spoke.any():
            total, bias, variance = bias_and_variance(scores.error[spoke], group)
        rows.append(
            {
                "distortion": scored.distortion,
                "predictor": scored.predictor,
                "electorates": len(np.unique(group)),
                "rmse_pp": 100 * np.sqrt(total),
                "bias_pp": 100 * np.sqrt(bias),
                "sd_pp": 100 * np.sqrt(variance),
                "bias_share": bias / total,
                "p_winner_right": float(scores.first[spoke].mean()) if spoke.any() else np.nan,
                "p_pair_right": float(scores.pair[spoke].mean()) if spoke.any() else np.nan,
            }
        )
    return pd.DataFrame(rows).sort_values(
        "rmse_pp", ignore_index=True, kind="stable", key=sorted_digits
    )


def worth(simulation: Simulation) -> pd.DataFrame:
    """What self-selected samples are worth: Meng's rho and effective sizes, simulated and real.

    The effective size of one candidate is given only where the error is more than `SURE` of its
    sampling errors: an error near zero has been met once by luck, and says nothing of a size. The
    row `all` has the random sample with the same squared error over the whole ballot, sum p (1 - p)
    / sum (x - p)^2 with official shares p, and the rho that belongs to it, a root mean square
    weighted by p (1 - p). The real ballot is left out where it is lent by another election.
    """
    declared = simulation.facts.declared_votes
    samples = {"real ballot": (declared / declared.sum(), float(declared.sum()))}
    if simulation.facts.lent:
        samples = {}
    for name in SELF_SELECTED:
        if name in simulation.frames:
            frame = simulation.frames[name]
            samples[f"simulated {name}"] = (frame.share.sum(axis=-2), frame.n_respondents)
    truth, population = simulation.electorate.share, simulation.electorate.n_voters
    tables = []
    for title, (share, n) in samples.items():
        rho = data_defect_correlation(share, truth, sample_size=n, population_size=population)
        sure = np.abs(share - truth) > SURE * np.sqrt(share * (1 - share) / n)
        rho = np.append(rho, np.sqrt(np.average(rho**2, weights=truth * (1 - truth))))
        sure = np.append(sure, rho[-1] > ROUNDING)
        size = [
            effective_sample_size(float(correlation), n / population) if is_sure else np.nan
            for correlation, is_sure in zip(rho, sure, strict=True)
        ]
        table = {
            "sample": title,
            "candidate": [*simulation.electorate.candidates, "all"],
            "n": n,
            "share": np.append(share, np.nan),
            "vote": np.append(truth, np.nan),
            "rho": rho,
            "n_eff": size,
        }
        tables.append(pd.DataFrame(table))
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=WORTH)

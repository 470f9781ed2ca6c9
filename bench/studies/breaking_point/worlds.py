"""Other assumptions: breaking points as set, over the priors, one assumption at a time."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from bench.core import ConfigError
from bench.core.seeds import generator
from bench.core.settings import Experiment
from bench.report.numbers import plain
from bench.runner import Part, Results, memoised, run, tasks_of
from bench.simulation.blocks import failures_of, folders_of, study_of
from bench.simulation.collected_facts import facts_of
from bench.simulation.electorate import calibrate
from bench.simulation.margins import assuming, margins_of
from bench.simulation.priors import Prior, draws, priors_of
from bench.simulation.study import Study, honest, make_study, shares
from bench.studies.breaking_point.analysis import EVENTS, points

QUESTION = ["scenario", "beneficiary", "predictor", "event"]
ENDS = {"low": 0.05, "high": 0.95}  # quantiles of a prior, and of what follows from all of them
AS_SET = "as set"


@dataclass(frozen=True, kw_only=True)
class Points:
    """Breaking points and how much they depend on what is assumed.

    Attributes
    ----------
    points : pandas.DataFrame
        One row per question: the dose as set, and its range over the priors.
    sensitivity : pandas.DataFrame
        One row per assumption, scenario and method: the dose at both ends of the prior.
    alternatives : pandas.DataFrame
        One row per stated alternative and conclusion: whether it flips.
    failures : dict of str to str
        Traceback by method that failed.
    """

    points: pd.DataFrame
    sensitivity: pd.DataFrame
    alternatives: pd.DataFrame
    failures: dict[str, str]


def all_points(experiment: Experiment) -> Points:
    """Every world that the settings ask for; the same from any engine and number of workers.

    Errors as in `bench.runner.run`.

    Raises
    ------
    ConfigError
        If a prior or an alternative names no setting.
    """
    study = study_of(experiment)
    priors = every_prior(experiment)
    parts = [*_as_set(study), *_drawn(experiment, study, priors)]
    singles = [part for prior in priors for part in _single(study, prior)]
    others = _alternatives(study)
    # what one assumption at a time is compared with, on the same replicates
    few = [_part(study, AS_SET, {}, who=_stated(study), n="replicates_of_sensitivity")]
    for part in others:
        changed(experiment, part["values"])  # refuse a misspelt one before anything runs
    made = run(experiment, in_world, [*parts, *few, *singles, *others], folders_of(experiment))
    tables = [
        one.tables["points"].assign(world=part["world"], values=str(part["values"]))
        for part, one in zip([*parts, *few, *singles, *others], made, strict=True)
    ]
    start = [len(parts), len(parts) + 1, len(parts) + 1 + len(singles)]
    base = tables[start[0]]
    errors = [one.facts["mae_pp"] for one in made[start[2] :]]
    return Points(
        points=ranged(pd.concat(tables[: start[0]], ignore_index=True)),
        sensitivity=sensitivity(base, tables[start[1] : start[2]], priors),
        alternatives=conclusions(
            study.settings, base, made[start[0]].facts["mae_pp"],
            {part["world"]: found for part, found in zip(
                others, zip(tables[start[2] :], errors, strict=True), strict=True)},
        ),
        failures=failures_of(made),
    )  # fmt: skip


def every_prior(experiment: Experiment) -> list[Prior]:
    """The priors in the YAMLs of electorate, instruments, scenarios and simulation."""
    return priors_of(
        {
            "electorate": experiment.electorate,
            **{f"instruments.{name}": one for name, one in experiment.instruments.items()},
            **{f"scenarios.{name}": one for name, one in experiment.scenarios.items()},
            "simulation": experiment.simulation,
        }
    )


def changed(experiment: Experiment, values: Mapping[str, Any]) -> Experiment:
    """The experiment with other values, by path such as ``instruments.opt_in_app.n_users``.

    Raises
    ------
    ConfigError
        If there is no such setting.
    """
    other = copy.deepcopy(experiment)
    for path, value in values.items():
        first, *between, last = path.split(".")
        place: Any = getattr(other, first, None)
        for part in between:
            place = place.get(part) if isinstance(place, dict) else None
        if not isinstance(place, dict) or last not in place:
            raise ConfigError(
                f"'{path}' is no setting of {experiment.name}, so it has no other value"
            )
        place[last] = value
    return other


def in_world(experiment: Experiment, part: Part) -> Results:
    """Breaking points under some values, and the errors without any attack."""
    failures: dict[str, str] = {}
    block, n = int(part["block"]), int(part["replicates"])
    study = replace(_study_with(experiment, part["values"]), replicates=(block + 1) * n, block=n)
    table = points(
        study,
        block,
        failures,
        scenarios=part["scenarios"],
        beneficiaries=part["beneficiaries"],
        predictors=part["predictors"],
        steps=int(part["steps"]),
        events=part["events"],
    )
    _, batch = honest(study, block)
    truth = study.truth(block)
    errors = {
        name: 100 * float(np.abs(shares(study, name, batch) - truth).mean())
        for name in part["predictors"]
        if name not in failures
    }
    columns = None if len(table) else QUESTION
    return Results(
        tables={"points": pd.DataFrame(table, columns=columns)},
        failures=failures,
        facts={"mae_pp": errors},
    )


def _study_with(experiment: Experiment, values: Mapping[str, Any]) -> Study:
    folders, cell = folders_of(experiment), tasks_of(experiment)[0]
    margins = memoised(
        "margins", experiment, folders, lambda: margins_of(cell.election, experiment.electorate)
    )
    usual = memoised("electorate", experiment, folders, lambda: calibrate(margins))
    other = changed(experiment, values)
    apart = any(path.startswith("electorate.") for path in values)
    electorate = calibrate(assuming(margins, other.electorate)) if apart else usual
    evidence = cell.evidence()
    return make_study(
        other, cell, (electorate, facts_of(cell.election, evidence, other.simulation))
    )


def _part(
    study: Study,
    world: str,
    values: Mapping[str, Any],
    *,
    who: list[str],
    n: str,
    block: int = 0,
    scenarios: list[str] | None = None,
    predictors: list[str] | None = None,
) -> dict[str, Any]:
    return {
        "world": world,
        "values": dict(values),
        "block": block,
        "replicates": int(study.settings[n]),
        "steps": int(study.settings["steps" if n == "replicates" else "steps_of_worlds"]),
        "scenarios": list(study.scenarios) if scenarios is None else scenarios,
        "beneficiaries": who,
        "events": ["first"] if n == "replicates_of_sensitivity" else list(EVENTS),
        "predictors": list(study.predictors) if predictors is None else predictors,
    }


def _stated(study: Study) -> list[str]:
    return [str(study.settings["beneficiaries"][0])]


def _as_set(study: Study) -> list[dict[str, Any]]:
    everybody = [str(who) for who in study.settings["beneficiaries"]]
    return [
        _part(study, AS_SET, {}, who=[who], n="replicates", scenarios=[name])
        for name in study.scenarios
        for who in everybody
    ]


def _drawn(experiment: Experiment, study: Study, priors: list[Prior]) -> list[dict[str, Any]]:
    rngs = {one.path: generator(experiment.seed, "prior", one.path) for one in priors}
    return [
        _part(study, f"draw {i}", values, who=_stated(study), n="replicates_of_a_draw", block=i + 1)
        for i, values in enumerate(draws(priors, int(study.settings["draws"]), rngs))
    ]


def _single(study: Study, prior: Prior) -> list[dict[str, Any]]:
    """Both ends of one prior, asked of what it can reach."""
    section, *rest = prior.path.split(".")
    scenarios, predictors = list(study.scenarios), list(study.predictors)
    if section == "scenarios":
        scenarios = [rest[0]]
    elif "price_per_unit" in rest:
        return []  # the price goes with it, the dose does not
    elif section == "instruments":
        makes = study.instruments[rest[0]].makes
        predictors = [name for name, one in study.predictors.items() if one.needs & makes]
    return [
        _part(
            study, f"{end} {prior.path}", {prior.path: prior.at(q)}, who=_stated(study),
            n="replicates_of_sensitivity", scenarios=scenarios, predictors=predictors,
        )
        for end, q in ENDS.items()
    ]  # fmt: skip


def _alternatives(study: Study) -> list[dict[str, Any]]:
    return [
        _part(study, str(name), values, who=_stated(study), n="replicates_of_sensitivity",
              scenarios=sorted({one[0] for one in study.settings["cheaper"]}))
        for name, values in study.settings["alternatives"].items()
    ]  # fmt: skip


def ranged(found: pd.DataFrame) -> pd.DataFrame:
    """The doses as set, with the range over the draws of all assumptions for those drawn.

    Parameters
    ----------
    found : pandas.DataFrame
        Rows of `bench.studies.breaking_point.analysis.points` with the column `world`.

    Returns
    -------
    pandas.DataFrame
        The rows as set; low, high and median_of_draws of the dose (5, 95 and 50 % of the draws; 0:
        at once, infinite: beyond the largest dose), price_low, price_high, and the share of
        draws that found a dose.
    """
    drawn = found[found["world"].ne(AS_SET)].groupby(QUESTION)
    table = found[found["world"].eq(AS_SET)].drop(columns=["world", "values"])
    table = table.set_index(QUESTION)
    for column, of, q in (
        ("low", "dose", ENDS["low"]),
        ("median_of_draws", "dose", 0.5),
        ("high", "dose", ENDS["high"]),
        ("price_low", "price_in_polls", ENDS["low"]),
        ("price_high", "price_in_polls", ENDS["high"]),
    ):
        table[column] = drawn[of].apply(_quantile, q)
    table["share_found"] = drawn["status"].apply(lambda one: float(one.eq("found").mean()))
    table["draws"] = drawn.size()
    return table.reset_index()


def _quantile(values: pd.Series, q: float) -> float:
    # between a number and infinity there is nothing to interpolate
    return float(np.quantile(values, q, method="inverted_cdf"))


def sensitivity(
    base: pd.DataFrame, singles: list[pd.DataFrame], priors: list[Prior]
) -> pd.DataFrame:
    """The dose that puts the stated candidate first, at both ends of one prior at a time.

    Returns
    -------
    pandas.DataFrame
        scenario, predictor, assumption, at_low, at_high (5 and 95 % of the prior), dose_low, dose,
        dose_high, factor (largest of the three over the smallest), the largest factor first.
    """
    key = ["scenario", "beneficiary", "predictor"]
    usual = base[base["event"].eq("first")].set_index(key)["dose"]
    together = pd.concat(singles, ignore_index=True)
    together = together[together["event"].eq("first")]
    known = {prior.path: prior for prior in priors}
    rows = []
    for (path, *question), one in together.groupby(
        [together["world"].str.split(" ").str[1], *key], sort=False
    ):
        by_end = one.assign(end=one["world"].str.split(" ").str[0]).set_index("end")["dose"]
        doses = [
            float(by_end["low"]),
            float(usual.loc[[tuple(map(str, question))]].iloc[0]),
            float(by_end["high"]),
        ]
        rows.append(
            {
                **dict(zip(key, question, strict=True)),
                "assumption": path,
                "at_low": _said(known[str(path)], ENDS["low"]),
                "at_high": _said(known[str(path)], ENDS["high"]),
                "dose_low": doses[0],
                "dose": doses[1],
                "dose_high": doses[2],
                "factor": _factor(doses),
            }
        )
    table = pd.DataFrame(rows)
    return table.sort_values(
        ["scenario", "predictor", "factor", "assumption"],
        ascending=[True, True, False, True],
        ignore_index=True,
    )


def _factor(doses: list[float]) -> float:
    if min(doses) == max(doses):
        return 1.0
    return max(doses) / min(doses) if min(doses) > 0 else np.inf


def _said(prior: Prior, quantile: float) -> str:
    if prior.distribution == "power":
        power = prior.low + quantile * (prior.high - prior.low)
        return f"power {power:.2g}"
    return plain(prior.at(quantile), 2)


def conclusions(
    settings: Mapping[str, Any],
    base: pd.DataFrame,
    errors: Mapping[str, float],
    others: Mapping[str, tuple[pd.DataFrame, Mapping[str, float]]],
) -> pd.DataFrame:
    """Which conclusions flip under a stated alternative.

    Parameters
    ----------
    settings : mapping
        `claims`: pairs ``[better, worse]`` of methods; `cheaper`: ``[scenario, cheaper, dearer]``.
    base, errors
        Breaking points and errors (points) as set.
    others : mapping
        The same by alternative.

    Returns
    -------
    pandas.DataFrame
        alternative, conclusion, ratio_as_set, ratio, holds: the worse over the better, the dearer
        over the cheaper; a conclusion flips where the ratio is on the other side of 1.
    """
    rows = []
    for name, (found, wrong) in others.items():
        for better, worse in settings["claims"]:
            rows.append(
                _verdict(name, f"{worse} errs more than {better}",
                         errors[worse] / errors[better], wrong[worse] / wrong[better])
            )  # fmt: skip
        for scenario, cheap, dear in settings["cheaper"]:
            ratios = [
                _dose(one, scenario, dear) / _dose(one, scenario, cheap) for one in (base, found)
            ]
            text = f"{scenario}: {dear} needs more accounts than {cheap}"
            rows.append(_verdict(name, text, *ratios))
    return pd.DataFrame(rows)


def _dose(table: pd.DataFrame, scenario: str, method: str) -> float:
    mine = table["scenario"].eq(scenario) & table["predictor"].eq(method)
    return float(table.loc[mine & table["event"].eq("first"), "dose"].iloc[0])


def _verdict(name: str, text: str, as_set: float, ratio: float) -> dict[str, Any]:
    same = (as_set > 1) == (ratio > 1)
    return {
        "alternative": name,
        "conclusion": text,
        "ratio_as_set": as_set,
        "ratio": ratio,
        "holds": "yes" if same else "no, flips",
    }

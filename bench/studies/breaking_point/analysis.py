"""Other assumptions: breaking points as set, over the priors, one assumption at a time."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from bench.core import ConfigError
from bench.core.predictor import generator
from bench.core.settings import Experiment
from bench.data.election import load_election
from bench.metrics.replicates import score_replicates
from bench.report.formatting import format_significant
from bench.runner.results import Results
from bench.runner.runner import Part, only_task, run
from bench.simulation.borrowing import calibration_of, folders_of
from bench.simulation.dosed import candidate_named
from bench.simulation.settings import section
from bench.simulation.simulate import Simulation, failures_of, make_simulation, shares
from bench.simulation.summaries import worth
from bench.simulation.validation import validation, verdicts
from bench.studies.breaking_point.priors import Prior, draws, priors_of
from bench.studies.breaking_point.search import EVENTS, points
from bench.studies.breaking_point.settings import BreakingPointSettings

QUESTION = ["distortion", "beneficiary", "predictor", "event"]
ENDS = {"low": 0.05, "high": 0.95}  # quantiles of a prior, and of what follows from all of them
AS_SET = "as set"
MORE_ERROR = "{worse} errs more than {better}"
MORE_ACCOUNTS = "{distortion}: {dear} needs more accounts than {cheap}"
CROWD = ("app_brigading", "app_ratings")  # with which the app is shown once more


def analyse(experiment: Experiment) -> Results:
    """Every world that the settings ask for; the same from any backend and number of workers.

    Errors as in `bench.runner.runner.run`.

    Raises
    ------
    ConfigError
        If a prior or an alternative names no setting.
    """
    calibration = calibration_of(experiment, only_task(experiment))
    settings = settings_of_points(experiment)
    simulation = make_simulation(experiment, calibration, settings)
    priors = every_prior(experiment)
    plain = [*_as_set(simulation, settings), *_drawn(experiment, simulation, settings, priors)]
    singles = [part for prior in priors for part in _single(simulation, settings, prior)]
    alternatives = _alternatives(simulation, settings)
    # what one assumption at a time is compared with, on the same replicates
    reference = _part(simulation, settings, AS_SET, {}, "replicates_of_sensitivity")
    for part in alternatives:
        changed(experiment, part["values"])  # refuse a misspelt one before anything runs
    parts = [*plain, reference, *singles, *alternatives]
    worlds = run(experiment, in_world, parts, folders_of(experiment))
    tables = [
        world.tables["points"].assign(world=part["world"], values=str(part["values"]))
        for part, world in zip(parts, worlds, strict=True)
    ]
    n, m = len(plain), len(plain) + 1 + len(singles)
    doses = ranged(pd.concat(tables[:n], ignore_index=True))
    under = {
        part["world"]: (table, world.facts["mae_pp"])
        for part, table, world in zip(alternatives, tables[m:], worlds[m:], strict=True)
    }
    compared = validation(simulation, calibration, _crowd(doses))
    return Results(
        tables={
            "points": doses,
            "sensitivity": sensitivity(tables[n], tables[n + 1 : m], priors),
            "alternatives": conclusions(settings, tables[n], worlds[n].facts["mae_pp"], under),
            "worth": worth(simulation),
            "validation": compared,
            "verdicts": verdicts(compared),
        },
        facts={
            "families": {
                name: predictor.family for name, predictor in simulation.predictors.items()
            },
            "n_voters": float(simulation.electorate.n_voters),
            "ballot": simulation.facts.ballot,
            "stated": settings.beneficiaries[0],
        },
        failures=failures_of(worlds),
    )


def settings_of_points(experiment: Experiment) -> BreakingPointSettings:
    """The section `simulation`, with candidates by slug."""
    settings = section(BreakingPointSettings, experiment.simulation)
    election = load_election(experiment.elections[0])

    def slug(candidate: str) -> str:
        return candidate_named(candidate, election, 1)

    return replace(
        settings,
        beneficiaries=tuple(map(slug, settings.beneficiaries)),
        down_rating_for=slug(settings.down_rating_for),
    )


def _crowd(points: pd.DataFrame) -> tuple[str, float] | None:
    """The crowd that puts its candidate first in the app, as set."""
    is_crowd = points["distortion"].eq(CROWD[0]) & points["predictor"].eq(CROWD[1])
    is_crowd &= points["event"].eq("first") & points["status"].eq("found")
    doses = points.loc[is_crowd, "dose"]
    return (CROWD[0], float(doses.iloc[0])) if len(doses) else None


def every_prior(experiment: Experiment) -> list[Prior]:
    """The priors in the YAMLs of electorate, instruments, distortions and simulation."""
    return priors_of(
        {
            "electorate": experiment.electorate,
            **{f"instruments.{name}": options for name, options in experiment.instruments.items()},
            **{f"distortions.{name}": options for name, options in experiment.distortions.items()},
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
    altered = copy.deepcopy(experiment)
    for path, value in values.items():
        first, *between, last = path.split(".")
        place: Any = getattr(altered, first, None)
        for part in between:
            place = place.get(part) if isinstance(place, dict) else None
        if not isinstance(place, dict) or last not in place:
            raise ConfigError(
                f"'{path}' is no setting of {experiment.name}, so it has no other value"
            )
        place[last] = value
    return altered


def in_world(experiment: Experiment, part: Part) -> Results:
    """Breaking points under some values, and the errors without any attack."""
    failures: dict[str, str] = {}
    block, n = int(part["block"]), int(part["replicates"])
    altered = changed(experiment, part["values"])
    settings = settings_of_points(altered)
    calibration = calibration_of(experiment, only_task(experiment))
    simulation = make_simulation(altered, calibration, settings)
    simulation = replace(simulation, replicates=(block + 1) * n, block=n)
    scope = {key: part[key] for key in ("distortions", "beneficiaries", "predictors", "events")}
    table = points(simulation, settings, block, failures, steps=int(part["steps"]), **scope)
    _, batch = simulation.clean(block)
    truth = simulation.truth(block)
    errors = {}
    for name in part["predictors"]:
        if name not in failures:
            share = shares(simulation, name, batch)
            scored = score_replicates(share, truth, batch.evidence.n_advance)
            errors[name] = 100 * float(scored.mean_absolute.mean())
    columns = None if len(table) else [*QUESTION, "status", "dose", "price_in_polls"]
    return Results(
        tables={"points": pd.DataFrame(table, columns=columns)},
        failures=failures,
        facts={"mae_pp": errors},
    )


def _part(
    simulation: Simulation,
    settings: BreakingPointSettings,
    world: str,
    values: Mapping[str, Any],
    n: str,
    **scope: Any,
) -> dict[str, Any]:
    """A part of `in_world`; `n` names the setting that says how many replicates it has."""
    usual = {
        "world": world,
        "values": dict(values),
        "block": 0,
        "replicates": getattr(settings, n),
        "steps": settings.steps if n == "replicates" else settings.steps_of_worlds,
        "distortions": list(simulation.distortions),
        "beneficiaries": [settings.beneficiaries[0]],
        "events": ["first"] if n == "replicates_of_sensitivity" else list(EVENTS),
        "predictors": list(simulation.predictors),
    }
    return usual | scope


def _as_set(simulation: Simulation, settings: BreakingPointSettings) -> list[dict[str, Any]]:
    return [
        _part(
            simulation,
            settings,
            AS_SET,
            {},
            "replicates",
            distortions=[distortion],
            beneficiaries=[candidate],
        )
        for distortion in simulation.distortions
        for candidate in settings.beneficiaries
    ]


def _drawn(
    experiment: Experiment,
    simulation: Simulation,
    settings: BreakingPointSettings,
    priors: list[Prior],
) -> list[dict[str, Any]]:
    # streams of random numbers keep the name under which they were first drawn
    names = {prior.path: prior.path.replace("distortions.", "scenarios.") for prior in priors}
    rngs = {path: generator(experiment.seed, "prior", name) for path, name in names.items()}
    return [
        _part(simulation, settings, f"draw {i}", values, "replicates_of_a_draw", block=i + 1)
        for i, values in enumerate(draws(priors, settings.draws, rngs))
    ]


def _single(
    simulation: Simulation, settings: BreakingPointSettings, prior: Prior
) -> list[dict[str, Any]]:
    """Both ends of one prior, asked of what it can reach."""
    section, *rest = prior.path.split(".")
    scope: dict[str, list[str]] = {}
    if section == "distortions":
        scope["distortions"] = [rest[0]]
    elif "price_per_unit" in rest:
        return []  # the price goes with it, the dose does not
    elif section == "instruments":
        makes = simulation.instruments[rest[0]].makes
        predictors = simulation.predictors.items()
        scope["predictors"] = [name for name, predictor in predictors if predictor.needs & makes]
    n = "replicates_of_sensitivity"
    return [
        _part(simulation, settings, f"{end} {prior.path}", {prior.path: prior.at(q)}, n, **scope)
        for end, q in ENDS.items()
    ]


def _alternatives(simulation: Simulation, settings: BreakingPointSettings) -> list[dict[str, Any]]:
    named = {distortion for distortion, _cheap, _dear in settings.cheaper}
    distortions = sorted(named & set(simulation.distortions))
    n = "replicates_of_sensitivity"
    return [
        _part(simulation, settings, str(name), values, n, distortions=distortions)
        for name, values in settings.alternatives.items()
    ]


def ranged(points: pd.DataFrame) -> pd.DataFrame:
    """The doses as set, with the range over the draws of all assumptions for those drawn.

    Parameters
    ----------
    points : pandas.DataFrame
        Rows of `bench.studies.breaking_point.search.points` with the column `world`.

    Returns
    -------
    pandas.DataFrame
        The rows as set; low, high and median_of_draws of the dose (5, 95 and 50 % of the draws; 0:
        at once, infinite: beyond the largest dose), price_low, price_high, and the share of
        draws that found a dose.
    """
    drawn = points[points["world"].ne(AS_SET)].groupby(QUESTION)
    table = points[points["world"].eq(AS_SET)].drop(columns=["world", "values"])
    table = table.set_index(QUESTION)
    for column, of, q in (
        ("low", "dose", ENDS["low"]),
        ("median_of_draws", "dose", 0.5),
        ("high", "dose", ENDS["high"]),
        ("price_low", "price_in_polls", ENDS["low"]),
        ("price_high", "price_in_polls", ENDS["high"]),
    ):
        table[column] = drawn[of].apply(_quantile, q)
    table["share_found"] = drawn["status"].apply(
        lambda statuses: float(statuses.eq("found").mean())
    )
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
        distortion, predictor, assumption, at_low, at_high (5 and 95 % of the prior), dose_low,
        dose, dose_high, factor (largest of the three over the smallest), the largest factor first.
    """
    key = ["distortion", "beneficiary", "predictor"]
    by_path = {prior.path: prior for prior in priors}
    usual = base.loc[base["event"].eq("first"), [*key, "dose"]]
    rows = pd.concat([base.head(0), *singles], ignore_index=True)
    rows = rows[rows["event"].eq("first")]
    rows = rows.join(rows["world"].str.extract("(?P<end>low|high) (?P<assumption>.*)"))
    table = rows.pivot(index=[*key, "assumption"], columns="end", values="dose")
    table = table.reindex(columns=["low", "high"]).add_prefix("dose_").reset_index()
    table = table.merge(usual, on=key, how="left")
    doses = table[["dose_low", "dose", "dose_high"]]
    smallest, largest = doses.min(axis=1), doses.max(axis=1)
    table["factor"] = (largest / smallest).where(smallest.ne(largest), 1.0)
    for end, q in ENDS.items():
        table[f"at_{end}"] = [_prior_end(by_path[path], q) for path in table["assumption"]]
    columns = [*key, "assumption", "at_low", "at_high", "dose_low", "dose", "dose_high", "factor"]
    return table[columns].sort_values(
        ["distortion", "predictor", "factor", "assumption"],
        ascending=[True, True, False, True],
        ignore_index=True,
    )


def _prior_end(prior: Prior, quantile: float) -> str:
    """A quantile of a prior, as tables hold it."""
    if prior.distribution == "power":
        power = prior.low + quantile * (prior.high - prior.low)
        return f"power {power:.2g}"
    return format_significant(prior.at(quantile), 2)


def conclusions(
    settings: BreakingPointSettings,
    base: pd.DataFrame,
    errors: Mapping[str, float],
    others: Mapping[str, tuple[pd.DataFrame, Mapping[str, float]]],
) -> pd.DataFrame:
    """Which conclusions flip under a stated alternative.

    Parameters
    ----------
    settings : BreakingPointSettings
        Of which `claims` and `cheaper` count.
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
    for name, (altered_points, altered_errors) in others.items():
        for better, worse in settings.claims:
            if {better, worse} <= set(errors) & set(altered_errors):
                ratios = [
                    by_method[worse] / by_method[better] for by_method in (errors, altered_errors)
                ]
                rows.append((name, MORE_ERROR.format(worse=worse, better=better), *ratios))
        doses = [_first_doses(table) for table in (base, altered_points)]
        for distortion, cheap, dear in settings.cheaper:
            if all(_are_comparable(by_attack, distortion, cheap, dear) for by_attack in doses):
                ratios = [
                    by_attack[distortion, dear] / by_attack[distortion, cheap]
                    for by_attack in doses
                ]
                text = MORE_ACCOUNTS.format(distortion=distortion, dear=dear, cheap=cheap)
                rows.append((name, text, *ratios))
    table = pd.DataFrame(rows, columns=["alternative", "conclusion", "ratio_as_set", "ratio"])
    is_same_side = table["ratio_as_set"].gt(1) == table["ratio"].gt(1)
    return table.assign(holds=np.where(is_same_side, "yes", "no, flips"))


def _are_comparable(
    doses: Mapping[tuple[str, str], float], distortion: str, cheap: str, dear: str
) -> bool:
    """Whether both methods have a dose, and no candidate is first without any attack."""
    has_both = {(distortion, cheap), (distortion, dear)} <= set(doses)
    return has_both and doses[distortion, cheap] != 0


def _first_doses(table: pd.DataFrame) -> dict[tuple[str, str], float]:
    """By distortion and predictor, the dose that puts the stated candidate first."""
    first = table[table["event"].eq("first")].drop_duplicates(["distortion", "predictor"])
    pairs = zip(first["distortion"].map(str), first["predictor"].map(str), strict=True)
    return dict(zip(pairs, first["dose"].astype(float).map(float), strict=True))

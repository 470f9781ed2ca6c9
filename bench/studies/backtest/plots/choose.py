"""Which figures a run allows, by name: this file holds `figures_of`."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

from bench.report.context import RunFacts
from bench.studies.backtest import selection as cells
from bench.studies.backtest.headline import best_of_families

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def figures_of(
    errors: pd.DataFrame,
    forecasts: pd.DataFrame,
    table: pd.DataFrame,
    facts: RunFacts,
) -> dict[str, "Callable[[str], Figure]"]:
    """Every figure that the tables allow, by name, as a function of the size preset."""
    from bench.studies.backtest.plots.area_map import area_map, outlines
    from bench.studies.backtest.plots.calibration import calibration
    from bench.studies.backtest.plots.dose_response import dose_response
    from bench.studies.backtest.plots.horizon import horizon
    from bench.studies.backtest.plots.qualify import qualify
    from bench.studies.backtest.plots.shares import shares
    from bench.studies.backtest.plots.signed_errors import signed_errors
    from bench.studies.vote_transfers.plots import transfers

    ballot = facts.ballot_keys[0]
    answered = [str(n) for n in table.loc[table["block"].ne("none"), "predictor"]]
    with_spread = table[table["block"].ne("none") & table["has_spread"].astype(bool)]
    with_spread = with_spread[with_spread["same_as"].eq("")]  # one panel per national forecast
    best = best_of_families(table) or answered[:6]
    families = dict(zip(table["predictor"], table["family"], strict=True))
    drawn: dict[str, Callable[[str], Figure]] = {}
    if not answered:
        return drawn
    # a curve compares one and the same ballot, and the rule may choose another set on another date
    dates = cells.one_cell(errors, facts, any_date=True)["as_of"].nunique()
    sets = cells.ranked_sets(errors, facts)  # none on a date whose set is the whole ballot
    over_dates = ballot if len(set(sets.values())) == 1 and len(sets) == dates else "full"
    drawn["signed_errors"] = lambda size: signed_errors(
        errors, forecasts, facts, predictors=answered, size=size
    )
    drawn["shares"] = lambda size: shares(forecasts, facts, predictors=best, size=size)
    drawn["qualify"] = lambda size: qualify(forecasts, facts, predictors=answered, size=size)
    if dates > 1:
        drawn["horizon"] = lambda size: horizon(
            errors, facts, families=families, predictors=answered, ballot=over_dates, size=size
        )
    if len(with_spread):
        held = [str(n) for n in with_spread["predictor"][:6]]
        drawn["calibration"] = lambda size: calibration(
            errors, forecasts, facts, predictors=held, size=size
        )
    if (errors["dose"].gt(0) & errors["scenario"].ne(facts.scenario)).any():
        drawn["dose_response"] = lambda size: dose_response(
            errors, facts, families=families, ballot=ballot, size=size
        )
    if facts.area_outlines is not None:
        areas = errors["area"].isin(outlines(facts.area_outlines))
        with_areas = set(errors.loc[areas, "predictor"])
        mapped = [n for n in answered if n in with_areas]
        if mapped:
            drawn["area_map"] = lambda size: area_map(errors, facts, predictor=mapped[0], size=size)
        if mapped == answered:  # a run about areas: everybody's map
            for name in mapped[1:]:
                drawn[f"area_map_{name}"] = partial(_map_of, name, errors, facts)
    if facts.transitions is not None and len(facts.transitions):
        whose = str(facts.transitions["predictor"].iloc[0])
        drawn["transfers"] = lambda size: transfers(facts, predictor=whose, size=size)
    return drawn


def _map_of(predictor: str, errors: pd.DataFrame, facts: RunFacts, size: str) -> "Figure":
    from bench.studies.backtest.plots.area_map import area_map

    return area_map(errors, facts, predictor=predictor, size=size)

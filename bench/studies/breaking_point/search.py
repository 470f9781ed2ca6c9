"""What it takes to flip a forecast: per distortion, beneficiary, predictor and event."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass, fields, replace
from functools import cache, lru_cache, partial
from typing import Any

import numpy as np
import pandas as pd

from bench.core import ConfigError
from bench.core.arrays import BoolArray, FloatArray
from bench.core.errors import did_you_mean
from bench.core.evidence import EvidenceBatch
from bench.metrics.replicates import whole_ballot
from bench.runner.attempt import PredictorFailed
from bench.simulation.distortions import Distortion
from bench.simulation.simulate import Simulation, shares
from bench.simulation.summaries import moved_columns
from bench.studies.breaking_point.settings import BreakingPointSettings

EVENTS = ("first", "pair")
WHOLE = ("accounts", "polls", "unpublished polls per published one")  # nobody makes half of one


@dataclass(frozen=True, kw_only=True)
class Threshold:
    """The smallest dose found at which something happens in half of the replicates.

    Attributes
    ----------
    dose : float
        0 if it happens without any dose; infinite if not at the largest.
    status : str
        ``found``, ``at once`` or ``beyond``.
    chance_at_zero, chance_at_largest : float
        Fraction of the replicates at both ends.
    """

    dose: float
    status: str
    chance_at_zero: float
    chance_at_largest: float


def threshold(
    chance: Callable[[float], float], *, smallest: float, largest: float, steps: int
) -> Threshold:
    """Halve the range of the logarithm of the dose so many times.

    All doses are tried on the same replicates, so `chance` is a function: what happens whenever
    something else does, dose by dose, never has the larger threshold.

    Parameters
    ----------
    chance : callable
        Fraction of the replicates in which it happens, by dose.
    smallest, largest : float
        The range searched, above 0; `smallest` is given back where it does already.
    steps : int
        Halvings: the dose is too large by ``(largest / smallest) ** (1 / 2 ** steps)`` at most.

    Examples
    --------
    >>> twenty = threshold(lambda dose: float(dose >= 20), smallest=1, largest=1e4, steps=12)
    >>> twenty.status, round(twenty.dose, 1)
    ('found', 20.0)
    >>> threshold(lambda dose: 0.4, smallest=1, largest=10, steps=3).status
    'beyond'
    """
    ends = (chance(0.0), chance(largest))
    if ends[0] >= 0.5:
        dose, status = 0.0, "at once"
    elif ends[1] < 0.5:
        dose, status = np.inf, "beyond"
    else:
        low, high = np.log(smallest), np.log(largest)
        for _ in range(steps):
            middle = (low + high) / 2
            if chance(float(np.exp(middle))) >= 0.5:
                high = middle
            else:
                low = middle
        dose, status = float(np.exp(high)), "found"
    return Threshold(dose=dose, status=status, chance_at_zero=ends[0], chance_at_largest=ends[1])


def points(
    simulation: Simulation,
    settings: BreakingPointSettings,
    block: int,
    failures: dict[str, str],
    *,
    distortions: Collection[str],
    beneficiaries: Collection[str],
    predictors: Collection[str],
    steps: int,
    events: Collection[str] = EVENTS,
) -> pd.DataFrame:
    """Breaking points on the replicates of one block, one row per question.

    Predictors whose forecast does not depend on what a distortion changes are left out.

    Parameters
    ----------
    simulation : Simulation
    settings : BreakingPointSettings
        Ranges of doses and prices; candidates by slug.
    block : int
        Its replicates are the same at every dose, for every predictor and both events.
    failures : dict of str to str
        Gets the first traceback of every predictor that fails.
    distortions, beneficiaries, predictors : collection of str
        What is asked.
    steps : int
        Halvings of the range of the logarithm of the dose.
    events : collection of str
        ``first``, ``pair`` or both.

    Returns
    -------
    pandas.DataFrame
        distortion, beneficiary, predictor, event, what the dose moves (`moved_columns`; the largest
        tried where none does it), dose, status, the chances at both ends, unit,
        share_of_honest_users, price_eur, price_in_polls, n_replicates.

    Raises
    ------
    ConfigError
        If the settings do not say which doses of a distortion are searched.
    """
    frames, batch = simulation.clean(block)
    rows: list[dict[str, Any]] = []
    for name in distortions:
        if name not in settings.ranges:
            raise ConfigError(
                f"simulation.search has no range for the distortion '{name}' "
                f"({did_you_mean(name, settings.ranges)}); give it one, or leave the distortion out"
            )
        dosed = simulation.distortions[name]
        touched = dosed.distortion.touches
        readers = [key for key in predictors if simulation.predictors[key].needs & touched]
        by_beneficiary = _by_beneficiary(dosed.distortion, settings, beneficiaries)
        for beneficiary, distortion in by_beneficiary.items():
            search = Search(simulation, settings, name, beneficiary, steps, events)

            # all predictors ask for the same first doses
            @lru_cache(maxsize=6)
            def at(
                dose: float,
                title: str = f"{name} {beneficiary}",
                distortion: Distortion = distortion,
            ) -> EvidenceBatch:
                return simulation.distorted(block, frames, batch, title, distortion, dose)

            for predictor in readers:
                try:
                    rows += search.rows(predictor, batch, at)
                except PredictorFailed as failure:
                    failures.setdefault(predictor, str(failure))
    return pd.DataFrame(rows)


def _by_beneficiary(
    distortion: Distortion, settings: BreakingPointSettings, beneficiaries: Collection[str]
) -> Mapping[str, Distortion]:
    if not any(field.name == "beneficiary" for field in fields(distortion)):
        gainer = settings.down_rating_for
        return {gainer: distortion} if gainer in beneficiaries else {}
    return {
        candidate: replace(distortion, beneficiary=candidate)  # type: ignore[call-arg]
        for candidate in beneficiaries
    }


@dataclass(frozen=True)
class Search:
    """What is asked of every predictor: the events, for one distortion and one beneficiary."""

    simulation: Simulation
    settings: BreakingPointSettings
    distortion: str
    beneficiary: str
    steps: int
    events: Collection[str]

    def rows(
        self, predictor: str, clean: EvidenceBatch, at: Callable[[float], EvidenceBatch]
    ) -> list[dict[str, Any]]:
        """The thresholds of the events in one predictor; none if it does not read the change."""
        limits = self.settings.ranges[self.distortion]

        @cache
        def shares_at(dose: float) -> FloatArray:
            return shares(self.simulation, predictor, at(dose) if dose else clean)

        def chance(event: str, dose: float) -> float:
            is_reached = reached(self.simulation, self.beneficiary, event, shares_at(dose))
            return float(np.mean(is_reached))

        if np.array_equal(shares_at(0.0), shares_at(limits.largest), equal_nan=True):
            return []
        rows = []
        for event in self.events:
            point = threshold(
                partial(chance, event),
                smallest=limits.smallest,
                largest=limits.largest,
                steps=self.steps,
            )
            # where no dose does it, what the largest moves
            after = shares_at(min(point.dose, limits.largest))
            rows.append(self.row(predictor, event, point, after, shares_at(0.0)))
        return rows

    def row(
        self,
        predictor: str,
        event: str,
        point: Threshold,
        after: FloatArray,
        before: FloatArray,
    ) -> dict[str, Any]:
        """One threshold, what its dose moves and what it costs."""
        limits = self.settings.ranges[self.distortion]
        unit = self.simulation.distortions[self.distortion].distortion.unit
        dose = point.dose
        if unit in WHOLE and point.status == "found":
            dose = max(float(round(dose)), 1.0)
        price = dose * limits.price_per_unit if dose else 0.0
        moved = moved_columns(
            whole_ballot(after),
            whole_ballot(before),
            candidates=self.simulation.electorate.candidates,
            followed=self.beneficiary,
            n_advance=self.simulation.shared.evidence.n_advance,
        )
        return {
            "distortion": self.distortion,
            "beneficiary": self.beneficiary,
            "predictor": predictor,
            "event": event,
            **moved,
            **asdict(point),
            "dose": dose,
            "unit": unit,
            "share_of_honest_users": dose / (limits.honest_users or np.nan),
            "price_eur": price,
            "price_in_polls": price / self.settings.price_of_a_poll,
            "n_replicates": len(before),
        }


def reached(simulation: Simulation, candidate: str, event: str, forecasts: FloatArray) -> BoolArray:
    """Whether a candidate is first, or among those who get through, in every replicate."""
    c = simulation.electorate.candidates.index(candidate)
    filled = np.nan_to_num(forecasts, nan=-1.0)
    better = (filled > filled[:, [c]]).sum(axis=1)
    places = 1 if event == "first" else simulation.shared.evidence.n_advance
    return np.asarray((better < places) & (filled[:, c] >= 0))

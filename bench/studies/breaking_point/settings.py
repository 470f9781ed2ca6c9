"""Settings of the study of breaking points."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from bench.core.registry import typed
from bench.simulation.settings import SimulationSettings


@dataclass(frozen=True, kw_only=True)
class SearchRange:
    """The doses of one distortion that are searched, and what they cost.

    Attributes
    ----------
    smallest, largest : float
        Doses, above 0.
    price_per_unit : float
        Euros.
    honest_users : float, optional
        Against whom accounts count.
    """

    smallest: float
    largest: float
    price_per_unit: float
    honest_users: float | None = None


@dataclass(frozen=True, kw_only=True)
class BreakingPointSettings(SimulationSettings):
    """The section `simulation` of the study.

    Attributes
    ----------
    steps, steps_of_worlds : int
        Halvings of the range of doses: as set, and in other worlds.
    draws, replicates_of_a_draw : int
        Draws of all assumptions together, from their priors; replicates of each.
    replicates_of_sensitivity : int
        With one assumption at a time, and under the alternatives.
    alternatives : mapping
        Other values of settings, by the name of the alternative and the path of the setting.
    claims : tuple of [better, worse]
        Predictors, without an attack.
    cheaper : tuple of [distortion, cheaper, dearer]
    beneficiaries : tuple of str
        Slugs or places; figure and sensitivity are about the first.
    down_rating_for : str
        Who gains when the others are rated down.
    price_of_a_poll : float
        Euros for 1,000 online interviews.
    search : mapping
        `SearchRange` by distortion.
    """

    steps: int
    steps_of_worlds: int
    draws: int
    replicates_of_a_draw: int
    replicates_of_sensitivity: int
    alternatives: Mapping[str, Mapping[str, Any]]
    claims: tuple[list[str], ...]
    cheaper: tuple[list[str], ...]
    beneficiaries: tuple[str, ...]
    down_rating_for: str
    price_of_a_poll: float
    search: Mapping[str, Mapping[str, Any]]

    @cached_property
    def ranges(self) -> dict[str, SearchRange]:
        """The doses that are searched, by distortion.

        Raises
        ------
        ConfigError
            If a setting is unknown, missing or of a wrong type.
        """
        return {
            name: typed(
                SearchRange, limits, f"simulation.search.{name}", "the YAML of the experiment"
            )
            for name, limits in self.search.items()
        }

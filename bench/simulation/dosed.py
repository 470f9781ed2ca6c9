"""A distortion with its doses, and who on the ballot plays which part in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bench.core import ConfigError, Predictor
from bench.data.country import country_of
from bench.data.election import Election
from bench.data.tables import outcome_of
from bench.simulation.distortions import Distortion, make_distortion, refuse_unknown

PLACE = re.compile(r"place_\d+")
CAPITAL = "capital"


@dataclass(frozen=True, kw_only=True)
class DosedDistortion:
    """One way to distort evidence, and how much of it is tried.

    Attributes
    ----------
    name : str
    distortion : Distortion
    doses : tuple of float
        In the distortion's unit.
    unread_by : tuple of str
        Predictors of the tables it touches that do not look at what it changes.
    serves : str
        Whom an attack serves; empty of a bias, which nobody intends.
    """

    name: str
    distortion: Distortion
    doses: tuple[float, ...]
    unread_by: tuple[str, ...] = ()
    serves: str = ""

    def readers(self, predictors: Mapping[str, Predictor]) -> list[str]:
        """Names of the predictors whose forecast may depend on what the distortion changes."""
        return [
            name
            for name, predictor in predictors.items()
            if predictor.needs & self.distortion.touches and name not in self.unread_by
        ]


def make_distortions(
    sections: Mapping[str, Mapping[str, Any]], election: Election, round_number: int
) -> dict[str, DosedDistortion]:
    """The distortions of an experiment.

    Candidates may be named by their slug or by their place in the official result, ``place_1`` to
    ``place_C``; areas by their code or, those of the region of the capital together, ``capital``.
    In lists, places that a short ballot lacks are nobody's.

    Raises
    ------
    ConfigError
        If a setting is unknown, missing or of a wrong type, or names a place that nobody has, or
        somebody who is not on the ballot.
    """
    words = _words(election, round_number)
    dosed = {}
    for name, section in sections.items():
        settings = {
            key: _named(value, words, f"{key} of distortion '{name}'", election.name)
            for key, value in section.items()
            if key != "priors"
        }
        distortion = make_distortion(name, settings)
        beneficiary = getattr(distortion, "beneficiary", "")
        serves = settings.get("serves", beneficiary) if distortion.kind == "manipulation" else ""
        refuse_unknown("candidate", filter(None, [serves]), election.round(round_number).candidates)
        dosed[name] = DosedDistortion(
            name=name,
            distortion=distortion,
            doses=tuple(float(dose) for dose in settings.get("doses", ())),
            unread_by=tuple(settings.get("unread_by", ())),
            serves=serves,
        )
    return dosed


def candidate_named(name: str, election: Election, round_number: int) -> str:
    """The slug of a candidate named by slug or place.

    Raises
    ------
    ConfigError
        If nobody has that place.

    Examples
    --------
    >>> from bench.data.election import load_election
    >>> candidate_named("place_3", load_election("fr2017"), 1)
    'fillon'
    """
    return str(_named(name, _words(election, round_number), "a candidate", election.name))


def _words(election: Election, round_number: int) -> dict[str, list[str]]:
    votes = outcome_of(election, round_number).votes.sort_values(ascending=False, kind="stable")
    places = {f"place_{i}": [str(name)] for i, name in enumerate(votes.index, start=1)}
    capital = country_of(election).capital
    return {**places, **({CAPITAL: list(capital)} if capital else {})}


def _named(value: Any, words: Mapping[str, list[str]], setting: str, election: str) -> Any:
    if isinstance(value, Mapping):
        return {key: _named(member, words, setting, election) for key, member in value.items()}
    if isinstance(value, list | tuple):
        members: list[Any] = []
        for member in value:
            members += words.get(member, [member]) if isinstance(member, str) else [member]
        return [name for name in members if not (isinstance(name, str) and PLACE.fullmatch(name))]
    if isinstance(value, str) and PLACE.fullmatch(value):
        if value not in words:
            last = len([word for word in words if PLACE.fullmatch(word)])
            raise ConfigError(
                f"{setting} is '{value}'; accepted: place_1 to place_{last} in {election}, or a "
                "slug"
            )
        return words[value][0]
    return value

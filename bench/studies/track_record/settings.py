"""Settings of the track record: families of methods, and under which rules they are compared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Any

from bench.core.errors import ConfigError, did_you_mean
from bench.core.language import current_language
from bench.core.registry import typed
from bench.core.settings import Experiment
from bench.studies.base import settings_of


@dataclass(frozen=True, kw_only=True)
class Family:
    """Predictors that are one kind of method; several that answer one vote count as their mean.

    Attributes
    ----------
    label, label_fr : str
        For people.
    predictors : tuple of str
        Rows of the experiment's `predictors`; each belongs to one family.
    where : tuple of str
        Patterns of elections in which its evidence can exist (``us2016/*``); empty for all.
        Elsewhere it is not asked, which is what it would abstain from.
    only : mapping of str to list of str
        The same of single predictors, such as of a model that was published for one election.
    hindsight : tuple of str
        Sources compiled after the vote that these predictors read as if they had been public.
        Such a family stands apart and is never ranked.
    """

    label: str
    label_fr: str
    predictors: tuple[str, ...]
    where: tuple[str, ...] = ()
    only: Mapping[str, list[str]] = field(default_factory=dict)
    hindsight: tuple[str, ...] = ()

    @property
    def called(self) -> str:
        """Its label in the current language."""
        return self.label_fr if current_language() == "fr" else self.label

    def asked_about(self, election: str, predictor: str) -> bool:
        """Whether one of its predictors is asked about an election of this name."""
        limits = (self.where, self.only.get(predictor, ()))
        return all(not limit or _matches(election, limit) for limit in limits)


def _matches(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


@dataclass(frozen=True, kw_only=True)
class Mode:
    """Modes of interview that are one kind of poll.

    Attributes
    ----------
    label, label_fr : str
        For people.
    modes : tuple of str
        As the tables of polls name them.
    """

    label: str
    label_fr: str
    modes: tuple[str, ...]

    @property
    def called(self) -> str:
        """Its label in the current language."""
        return self.label_fr if current_language() == "fr" else self.label


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Settings of the study; all were named before any error was looked at.

    Attributes
    ----------
    families : mapping
        By key, the fields of `Family`.
    reference : str
        Family with which each other is compared, on the votes that both answered.
    pairs : tuple of (str, str)
        Further pairs of families: the error of the first beside that of the second.
    map_beside : str
        Family with which errors by area are compared.
    modes : mapping
        By key, the fields of `Mode`: single polls of these are compared with all other polls of
        the same vote whose mode is known.
    window_days : float
        Of single polls, as of `last_poll`: days before the latest of the vote.
    lags_days : tuple of int
        Days from the last interview to publication where no source states the day; the first is
        that of all tables but one.
    main_day : int
        Days before the vote of all tables but that of the days; one of `days_before`.
    one_moment : tuple of str
        Patterns of elections that are asked about at `main_day` and the first lag alone, because
        the days of their polls say nothing about other moments.
    least_polled : float
        A forecast is ranked if it names everybody to whom the polls of the moment give this share.
    """

    families: Mapping[str, Any]
    reference: str
    pairs: tuple[tuple[str, str], ...]
    map_beside: str
    modes: Mapping[str, Any]
    window_days: float
    lags_days: tuple[int, ...]
    main_day: int
    one_moment: tuple[str, ...]
    least_polled: float


def modes_of(experiment: Experiment) -> dict[str, Mode]:
    """The kinds of polls by mode of interview."""
    modes = settings_of(Settings, experiment).modes
    path = f"configs/experiment/{experiment.name}.yaml"
    return {key: typed(Mode, mode or {}, f"the mode '{key}'", path) for key, mode in modes.items()}


def families_of(experiment: Experiment) -> dict[str, Family]:
    """The families by key, of the predictors that the experiment has.

    A family of which the experiment has no predictor is left out, so that
    ``predictor=[last_poll,uniform]`` is a smaller record.

    Raises
    ------
    ConfigError
        If a predictor is in no family or in two, or if the reference, a pair or the main day names
        what does not exist.
    """
    settings = settings_of(Settings, experiment)
    path = f"configs/experiment/{experiment.name}.yaml"
    families = {
        key: typed(Family, values or {}, f"the family '{key}'", path)
        for key, values in settings.families.items()
    }
    _check_homes(experiment, families)
    _check_names(settings, families)
    if not settings.lags_days or any(not 0 <= days <= 30 for days in settings.lags_days):
        raise ConfigError(f"settings.lags_days is {settings.lags_days}; accepted: days, 0 to 30")
    if settings.main_day not in experiment.days_before:
        raise ConfigError(
            f"settings.main_day is {settings.main_day}; accepted: one of days_before "
            f"({', '.join(map(str, experiment.days_before))})"
        )
    with_predictors = {}
    for key, family in families.items():
        predictors = tuple(name for name in family.predictors if name in experiment.predictors)
        if predictors:
            with_predictors[key] = replace(family, predictors=predictors)
    if settings.reference not in with_predictors:
        predictors = families[settings.reference].predictors
        raise ConfigError(
            f"the experiment has none of the predictors of '{settings.reference}', beside which "
            f"all others stand: {', '.join(predictors)}"
        )
    return with_predictors


def _check_homes(experiment: Experiment, families: Mapping[str, Family]) -> None:
    """Refuse a predictor in no family or in two."""
    home: dict[str, str] = {}
    for key, family in families.items():
        for name in family.predictors:
            if name in home:
                raise ConfigError(
                    f"the predictor '{name}' is in the families '{home[name]}' and '{key}'; "
                    "accepted: one"
                )
            home[name] = key
    if lost := [name for name in experiment.predictors if name not in home]:
        raise ConfigError(
            f"the predictor '{lost[0]}' is in no family; add it to one of settings.families "
            f"({did_you_mean(lost[0], home)})"
        )


def _check_names(settings: Settings, families: Mapping[str, Family]) -> None:
    """Refuse a reference, or a family of a pair, that does not exist or knows what came later."""
    keys = [settings.reference, settings.map_beside]
    keys += [key for pair in settings.pairs for key in pair]
    for key in keys:
        if key not in families:
            raise ConfigError(
                f"'{key}' is the reference, map_beside or in a pair, and no family "
                f"({did_you_mean(key, families)})"
            )
        if families[key].hindsight:
            raise ConfigError(f"the family '{key}' knows what came later; nothing stands beside it")

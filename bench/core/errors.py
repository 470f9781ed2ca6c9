"""Every error that the bench raises on purpose, and the sentence with which names are corrected."""

from __future__ import annotations

from collections.abc import Iterable

from bench.core.names import nearest

MOST_LISTED = 100
FEW = 20


class BenchError(Exception):
    """Base of every error whose message is meant for the person at the keyboard."""


class DataError(BenchError):
    """A file or table does not hold what its columns promise."""


class ConfigError(BenchError):
    """A setting, a name or an override that the bench cannot use."""


class ForecastError(BenchError):
    """A predictor returned something that is not a forecast, or a score was fed nonsense."""


class Abstain(BenchError):
    """Raised by a predictor that has nothing to say for this vote and date."""


def did_you_mean(given: str, known: Iterable[str]) -> str:
    """The nearest valid name and the list of all, as one clause for an error message.

    Of more than `MOST_LISTED` names their number is told, and where one is suggested, of more than
    `FEW`. A name is suggested only if `given` is probably a misspelling of it
    (:func:`bench.core.names.nearest`).

    Examples
    --------
    >>> did_you_mean("quota_pol", ["uniform", "quota_poll"])
    "did you mean 'quota_poll'? known: quota_poll, uniform"
    >>> did_you_mean("zzz", ["uniform"])
    'known: uniform'
    """
    names = sorted(known)
    listed = f"known: {', '.join(names)}" if names else "none is known"
    near = nearest(given, names)
    if len(names) > (FEW if near else MOST_LISTED):
        listed = f"{len(names):,} are known"
    return f"did you mean '{near}'? {listed}" if near else listed

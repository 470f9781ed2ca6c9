"""Priors of assumed settings: what else each might be, and draws of all of them together."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from bench.core import ConfigError
from bench.core.errors import did_you_mean

# what each distribution needs beside the setting itself
NEEDS = {
    "uniform": ("low", "high"),
    "loguniform": ("low", "high"),
    "lognormal": ("spread",),
    "logitnormal": ("spread",),
    "power": ("low", "high"),
}


@dataclass(frozen=True, kw_only=True)
class Prior:
    """What one setting might be instead.

    `lognormal` and `logitnormal` have the setting itself as median and `spread` as standard
    deviation of its logarithm or logit; `uniform` and `loguniform` lie between `low` and `high`;
    `power` raises every factor of a mapping to a power between `low` and `high` (0: no selection,
    1: as set, 2: twice as sharp).

    Attributes
    ----------
    path : str
        The setting, such as ``instruments.opt_in_app.n_users``.
    value : float or mapping
        The setting as it is.
    distribution : str
    low, high, spread : float
    """

    path: str
    value: Any
    distribution: str
    low: float = math.nan
    high: float = math.nan
    spread: float = math.nan

    def at(self, quantile: float) -> Any:
        """The setting at a quantile of its prior, 0 to 1.

        Examples
        --------
        >>> users = Prior(path="n", value=25_000, distribution="loguniform", low=3e3, high=5e4)
        >>> round(users.at(0.0)), round(users.at(0.5)), round(users.at(1.0))
        (3000, 12247, 50000)
        >>> right = Prior(path="p", value=0.9, distribution="logitnormal", spread=0.5)
        >>> round(right.at(0.5), 6), round(right.at(0.975), 2)
        (0.9, 0.96)
        >>> age = Prior(path="a", value={"young": 2.0}, distribution="power", low=0, high=2)
        >>> age.at(0.0), age.at(1.0)
        ({'young': 1.0}, {'young': 4.0})
        """
        from scipy.special import ndtri

        inside = self.low + quantile * (self.high - self.low)
        if self.distribution == "power":
            return {name: float(factor) ** inside for name, factor in self.value.items()}
        if self.distribution == "uniform":
            return float(inside)
        if self.distribution == "loguniform":
            return float(self.low * (self.high / self.low) ** quantile)
        step = self.spread * float(ndtri(quantile))
        if self.distribution == "lognormal":
            return float(self.value) * math.exp(step)
        odds = math.log(self.value / (1 - self.value)) + step
        return 1 / (1 + math.exp(-odds))


def priors_of(sections: Mapping[str, Mapping[str, Any]]) -> list[Prior]:
    """Every prior that the settings hold, under the key `priors` of a section.

    Parameters
    ----------
    sections : mapping
        Settings by path of the section, such as ``{"instruments.opt_in_app": {...}}``.

    Raises
    ------
    ConfigError
        If a prior names no setting, or lacks what its distribution needs.

    Examples
    --------
    >>> settings = {"n": 10, "priors": {"n": {"distribution": "lognormal", "spread": 1.0}}}
    >>> priors_of({"instruments.app": settings})[0].path
    'instruments.app.n'
    """
    priors = []
    for section, settings in sections.items():
        for name, prior in settings.get("priors", {}).items():
            path = f"{section}.{name}"
            kind = str(prior.get("distribution", ""))
            if kind not in NEEDS:
                raise ConfigError(
                    f"the prior of {path} has the distribution '{kind}' "
                    f"({did_you_mean(kind, list(NEEDS))})"
                )
            accepted = {"distribution", *NEEDS[kind]}
            if set(prior) != accepted:
                raise ConfigError(
                    f"the prior of {path} sets {', '.join(sorted(prior))}; accepted for {kind}: "
                    f"{', '.join(sorted(accepted))}"
                )
            numbers = {key: float(prior[key]) for key in NEEDS[kind]}
            value = _setting(settings, name, path)
            priors.append(Prior(path=path, value=value, distribution=kind, **numbers))
    return priors


def _setting(settings: Mapping[str, Any], name: str, path: str) -> Any:
    value: Any = settings
    for part in name.split("."):
        if not isinstance(value, Mapping) or part not in value:
            raise ConfigError(f"there is a prior of {path}, but no such setting")
        value = value[part]
    return value


def draws(
    priors: list[Prior], n: int, rngs: Mapping[str, np.random.Generator]
) -> list[dict[str, Any]]:
    """`n` settings of everything that has a prior, each stratified over its own quantiles.

    Parameters
    ----------
    priors : list of Prior
    n : int
    rngs : mapping of str to numpy.random.Generator
        By path of the setting: a prior that is added changes no other.

    Returns
    -------
    list of dict
        By path.

    References
    ----------
    McKay, M. D., Beckman, R. J., Conover, W. J. (1979). Latin hypercube sampling.
    Technometrics 21(2), 239-245, doi:10.2307/1268522
    """
    columns = {}
    for prior in priors:
        rng = rngs[prior.path]
        quantiles = (rng.permutation(n) + rng.random(n)) / n
        columns[prior.path] = [prior.at(float(q)) for q in quantiles]
    return [{path: column[i] for path, column in columns.items()} for i in range(n)]

"""Weights of slates, stated by whoever asks: how likely each ballot is, with a reason."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from bench.core.errors import ConfigError, did_you_mean
from bench.core.read import MOST_BYTES, load_yaml, read_text, rows_of
from bench.data.election import Election
from bench.data.slates import Slate, slate_of

OTHER = "other"
"""In place of a slate: the weight of every ballot that the file does not list."""

COLUMNS = ("slate", "weight", "reason")
SUM_TOLERANCE = 1e-6
YAML = (".yaml", ".yml")
FORM = (
    "a list of entries with 'slate' (a name, or the candidates), 'weight' (0 to 1) and 'reason', "
    "in YAML, or a CSV with these columns"
)


@dataclass(frozen=True, kw_only=True)
class WeighedSlate:
    """A slate with its stated weight.

    Attributes
    ----------
    slate : Slate or None
        None for `OTHER`.
    weight : float
        Probability that this is the ballot, 0 to 1, as whoever wrote the file holds.
    reason : str
        Why.
    """

    slate: Slate | None
    weight: float
    reason: str


def weighed_slates(
    path: Path,
    election: Election,
    round_number: int,
    as_of: pd.Timestamp,
    lag_days: int | None = None,
) -> list[WeighedSlate]:
    """The slates of a file with their weights, as they stood at a moment; the heaviest first.

    Parameters
    ----------
    path : Path
        YAML or CSV: an entry per slate with its weight and a reason. `OTHER` may stand for
        every slate that is not listed.
    election, round_number, as_of, lag_days
        As of `bench.data.slates.slates_at`.

    Raises
    ------
    ConfigError
        If the file cannot be read as that, a slate was in no public poll or names somebody who
        had withdrawn, is named twice, or the weights do not sum to 1.
    """
    found = []
    for place, entry in enumerate(_entries(path), start=1):
        where = f"{path}, entry {place}"
        if unknown := [key for key in entry if key not in COLUMNS]:
            raise ConfigError(f"{where}: '{unknown[0]}' ({did_you_mean(str(unknown[0]), COLUMNS)})")
        if missing := [key for key in COLUMNS if _is_blank(entry.get(key))]:
            raise ConfigError(f"{where}: no {missing[0]}; accepted: {FORM}")
        weight = _weight(entry["weight"], where)
        asked = entry["slate"]
        if isinstance(asked, str) and " " in asked.strip():
            asked = asked.split()
        try:
            slate = (
                None if asked == OTHER else slate_of(election, round_number, as_of, asked, lag_days)
            )
        except ConfigError as error:
            raise ConfigError(f"{where}: {error}") from error
        found.append(WeighedSlate(slate=slate, weight=weight, reason=str(entry["reason"]).strip()))
    _refuse_wrong_sums(found, path)
    # `OTHER` last: nothing is forecast of it
    return sorted(found, key=lambda one: (one.slate is None, -one.weight))


def _entries(path: Path) -> list[Mapping[str, Any]]:
    if not os.path.lexists(path):
        raise ConfigError(f"{path}: no such file of weights; accepted: {FORM}")
    if path.suffix in YAML:
        rows = load_yaml(path)
    else:
        rows = rows_of(read_text(path, MOST_BYTES), path).fillna("").to_dict("records")
    if not isinstance(rows, list) or not rows or not all(isinstance(one, dict) for one in rows):
        raise ConfigError(f"{path}: holds no entries; accepted: {FORM}")
    return rows


def _is_blank(given: object) -> bool:
    return given is None or not str(given).strip()


def _weight(given: object, where: str) -> float:
    try:
        weight = float(str(given))
    except ValueError:
        weight = math.nan
    if not 0 < weight <= 1:
        raise ConfigError(f"{where}: the weight is {given}; accepted: above 0, at most 1")
    return weight


def _refuse_wrong_sums(found: list[WeighedSlate], path: Path) -> None:
    total = math.fsum(one.weight for one in found)
    if abs(total - 1) > SUM_TOLERANCE:
        raise ConfigError(
            f"{path}: the weights sum to {total:.6g}; accepted: 1. What you leave to slates that "
            f"are not listed is an entry of its own, '{OTHER}'"
        )
    seen: set[tuple[str, ...]] = set()
    for one in found:
        who = one.slate.candidates if one.slate else (OTHER,)
        if who in seen:
            name = one.slate.name if one.slate else OTHER
            raise ConfigError(f"{path}: slate '{name}' is there twice; give it one weight")
        seen.add(who)
    if all(one.slate is None for one in found):
        raise ConfigError(f"{path}: lists no slate but '{OTHER}'; accepted: one slate or more")

"""What predictors were called before, for settings and code that still say so."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping, Sequence
from importlib.metadata import entry_points
from typing import Any

FORMER_NAMES: Mapping[str, str] = {
    "buzz_volume": "attention_share",
    "buzz_sentiment": "community_self_focus",
    "last_poll_world": "last_poll",
    "quota_poll_world": "quota_poll",
    "poll_tracker_world": "poll_tracker",
}
"""Predictors by a name they had in the version before; read with a FutureWarning."""


def present_name(name: str) -> str:
    """The name itself, or with a FutureWarning the one that took its place."""
    if name not in FORMER_NAMES or entry_points(group="bench.predictors", name=name):
        return name
    present = FORMER_NAMES[name]
    warnings.warn(
        f"the predictor '{name}' is called '{present}' now; the former name will not be read "
        "in the next version",
        FutureWarning,
        stacklevel=3,
    )
    return present


def settings_under_present_names(predictors: Mapping[str, Any]) -> dict[str, Any]:
    """Settings by predictor, those under a former name laid over those of the present one.

    Examples
    --------
    >>> settings_under_present_names({"last_poll": {"window_days": 3}})
    {'last_poll': {'window_days': 3}}
    """
    found: dict[str, Any] = {}
    for name, given in predictors.items():
        present = present_name(name)
        both = present in found and isinstance(given, dict)
        found[present] = {**(found[present] or {}), **given} if both else given
    return found


def under_present_names(arguments: Sequence[str]) -> list[str]:
    """Arguments of the command line that name predictors, with the present names.

    Examples
    --------
    >>> under_present_names(["predictor=[uniform]", "predictors.last_poll.window_days=3"])
    ['predictor=[uniform]', 'predictors.last_poll.window_days=3']
    """
    found = list(arguments)
    for former in FORMER_NAMES:
        pattern = re.compile(rf"(?<![\w-]){former}(?![\w-])")
        naming = [
            i
            for i, argument in enumerate(found)
            if re.match(r"[+~]*(predictors?\b|baseline=)", argument) and pattern.search(argument)
        ]
        if naming and (present := present_name(former)) != former:
            for i in naming:
                found[i] = pattern.sub(present, found[i])
    return found

"""Ecological inference: transition tables from the margins of many units."""

from bench.models.ecological_inference.estimate import (
    METHODS,
    EarlierTable,
    estimate,
    estimate_districts,
)
from bench.models.ecological_inference.margins import (
    Transition,
    balance_margins,
    check_margins,
    total_bounds,
    transition_rows,
    unit_bounds,
)
from bench.models.ecological_inference.row_profiles import installed_methods
from bench.models.ecological_inference.two_way import LikelihoodSettings

__all__ = [
    "METHODS",
    "EarlierTable",
    "LikelihoodSettings",
    "Transition",
    "balance_margins",
    "check_margins",
    "estimate",
    "estimate_districts",
    "installed_methods",
    "total_bounds",
    "transition_rows",
    "unit_bounds",
]

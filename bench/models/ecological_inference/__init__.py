"""This package holds ecological inference: transition tables from the margins of many units."""

from bench.models.ecological_inference.bounds import total_bounds, unit_bounds
from bench.models.ecological_inference.error_index import error_index
from bench.models.ecological_inference.estimate import GUESTS, METHODS, UNCERTAINTIES, estimate
from bench.models.ecological_inference.long_table import transition_rows
from bench.models.ecological_inference.margins import balance_margins, check_margins
from bench.models.ecological_inference.transition import Transition
from bench.models.ecological_inference.two_way import LikelihoodSettings

__all__ = [
    "GUESTS",
    "METHODS",
    "UNCERTAINTIES",
    "LikelihoodSettings",
    "Transition",
    "balance_margins",
    "check_margins",
    "error_index",
    "estimate",
    "total_bounds",
    "transition_rows",
    "unit_bounds",
]

"""Former name of `bench.audit`, for plug-ins written for an earlier version."""

from __future__ import annotations

import warnings

from bench.audit import check_predictor, same_forecast

__all__ = ["check_predictor", "same_forecast"]

warnings.warn("bench.testing is now bench.audit; the former name goes", FutureWarning, stacklevel=2)

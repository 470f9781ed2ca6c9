"""The words that everyone shares: evidence, forecast, predictor and the errors they raise."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bench.core.errors import Abstain, BenchError, ConfigError, DataError, ForecastError
    from bench.core.evidence import Evidence
    from bench.core.forecast import Forecast, check_forecast, on_ballot
    from bench.core.predictor import Predictor

# names are fetched when asked for: the command line needs the errors, not pandas
_ROOMS = {
    "Abstain": "errors",
    "BenchError": "errors",
    "ConfigError": "errors",
    "DataError": "errors",
    "Evidence": "evidence",
    "Forecast": "forecast",
    "ForecastError": "errors",
    "Predictor": "predictor",
    "check_forecast": "forecast",
    "on_ballot": "forecast",
}

__all__ = [
    "Abstain",
    "BenchError",
    "ConfigError",
    "DataError",
    "Evidence",
    "Forecast",
    "ForecastError",
    "Predictor",
    "check_forecast",
    "on_ballot",
]


def __getattr__(name: str) -> Any:
    if name not in _ROOMS:
        raise AttributeError(f"module 'bench.core' has no attribute '{name}'")
    attribute = getattr(importlib.import_module(f"bench.core.{_ROOMS[name]}"), name)
    globals()[name] = attribute  # asked for once
    return attribute

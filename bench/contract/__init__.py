"""The words that everyone shares: evidence, forecast, predictor and the errors they raise."""

from bench.contract.errors import Abstain, BenchError, ConfigError, DataError, ForecastError
from bench.contract.evidence import Evidence
from bench.contract.forecast import Forecast, check_forecast, on_ballot
from bench.contract.predictor import Predictor

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

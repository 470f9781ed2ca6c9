"""What guards our predictors, shipped for guests: the contract, the poison and the watch."""

from bench.testing.conformance import check_predictor, same_forecast

__all__ = ["check_predictor", "same_forecast"]

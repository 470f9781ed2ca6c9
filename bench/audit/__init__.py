"""Proof that no forecast used what was not public, and checks for predictors to run."""

from bench.audit.conformance import check_predictor, same_forecast
from bench.audit.look_ahead import Verdict, audit

__all__ = ["Verdict", "audit", "check_predictor", "same_forecast"]

"""Proof that no forecast used what was not public, and checks for predictors to run."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench.audit.conformance import check_predictor, same_forecast
    from bench.audit.look_ahead import Verdict, audit

__all__ = ["Verdict", "audit", "check_predictor", "same_forecast"]

# fetched when asked for: a plug-in that checks itself needs no audit
_HOMES = {
    "Verdict": "look_ahead",
    "audit": "look_ahead",
    "check_predictor": "conformance",
    "same_forecast": "conformance",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'bench.audit' has no attribute '{name}'")
    return getattr(importlib.import_module(f"bench.audit.{_HOMES[name]}"), name)

"""Former name of `bench.core`, for plug-ins written for an earlier version."""

from __future__ import annotations

import warnings

from bench import core

__all__ = core.__all__

warnings.warn("bench.contract is now bench.core; the former name goes", FutureWarning, stacklevel=2)


def __getattr__(name: str) -> object:
    return getattr(core, name)

"""Files that predictors read beside their evidence, with their sums."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.core.registry import load_predictor
from bench.data.checksums import sha256


def files_read(predictors: Mapping[str, Any]) -> dict[str, str]:
    """SHA-256 by path of every file that a setting of these predictors names.

    Parameters
    ----------
    predictors : mapping
        Settings by name. Which of them name files, the method says (`Predictor.files`).
    """
    paths = {
        Path(str(settings[key])).expanduser()
        for name, settings in predictors.items()
        for key in load_predictor(str((settings or {}).get("method", name))).files
        if settings.get(key)
    }
    return {path.as_posix(): sha256(path) for path in sorted(paths) if path.is_file()}

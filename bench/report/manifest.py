"""Where a run's numbers come from: versions, commit, checksums, settings, seeds."""

from __future__ import annotations

import platform
import subprocess
import sys
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

LIBRARIES = (
    "election-bench",
    "hydra-core",
    "matplotlib",
    "numpy",
    "pandas",
    "pandera",
    "pyarrow",
    "scikit-learn",
    "scipy",
    "scoringrules",
    "statsmodels",
)


def manifest(
    settings: Mapping[str, Any],
    checksums: Mapping[str, Mapping[str, str]],
    code: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Everything needed to make the same numbers again.

    Parameters
    ----------
    settings : mapping
        The composed settings of the run, seeds included.
    checksums : mapping
        SHA-256 by file, by election.
    code : mapping, optional
        SHA-256 of the harness and of every predictor.
    """
    return {
        "python": sys.version.split()[0],
        "platform": platform.platform(),
        "libraries": {name: _version(name) for name in LIBRARIES},
        "commit": _commit(),
        "code": dict(code or {}),
        "settings": dict(settings),
        "data": {name: dict(sums) for name, sums in checksums.items()},
    }


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _commit() -> str:
    """The commit of the checkout, marked when files differ from it; empty in a wheel."""
    folder = Path(__file__).resolve().parents[2]
    if not (folder / ".git").exists():
        return ""
    try:
        head = _git(folder, "rev-parse", "HEAD")
        changed = _git(folder, "status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.SubprocessError):
        return ""
    return f"{head} with uncommitted changes" if changed else head


def _git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(folder), *arguments],
        capture_output=True,
        text=True,
        check=True,
        timeout=10,
    )
    return done.stdout.strip()

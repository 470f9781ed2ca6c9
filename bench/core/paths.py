"""Where the shipped folders lie: beside `bench/` in a checkout, inside it in a wheel."""

from __future__ import annotations

from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]


@cache
def shipped(name: str) -> Path:
    """The folder `configs` or `datasets`, or `CITATION.cff`, of this installation.

    Raises
    ------
    FileNotFoundError
        If neither a checkout nor a wheel surrounds the package.
    """
    for root in (_PACKAGE / "shipped", _PACKAGE.parent):
        if (root / name).exists():
            return root / name
    raise FileNotFoundError(
        f"'{name}' is neither in {_PACKAGE / 'shipped'} nor in {_PACKAGE.parent}; "
        "reinstall election-bench, or run from a checkout"
    )


@cache
def configs() -> Path:
    """The folder with every YAML that the bench ships."""
    return shipped("configs")


@cache
def datasets() -> Path:
    """The folder with every election that the bench ships."""
    return shipped("datasets")

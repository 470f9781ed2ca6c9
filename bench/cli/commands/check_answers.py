"""Check the answers to the worksheet of the course; `--blank` prints the questions to fill in."""

from __future__ import annotations

import importlib

from bench.core.errors import ConfigError


def main(arguments: list[str]) -> int:
    """Hand over to the course material, which lies in a checkout and in no installed package.

    Raises
    ------
    ConfigError
        If it is not there.
    """
    try:
        worksheet = importlib.import_module("tools.course.worksheet")
    except ModuleNotFoundError as error:
        raise ConfigError(
            "the worksheet is part of the course material, which is not installed with the bench; "
            "run this command in a checkout (tools/course)"
        ) from error
    status: int = worksheet.main(arguments)
    return status

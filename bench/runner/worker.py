"""What every worker does before it works: read its settings, and refuse if its code is another."""

from __future__ import annotations

import json
from functools import cache

from bench.core import DataError
from bench.core.execution import Execution
from bench.core.settings import Experiment
from bench.runner.key import harness_sum


@cache
def settings_of(text: str) -> Experiment:
    """The settings that an order carries as JSON."""
    facts = json.loads(text)
    return Experiment(**{**facts, "execution": Execution(**facts["execution"])})


def refuse_other_code(code: str) -> None:
    """Refuse to work with another source or other libraries than the run that gives the order.

    Raises
    ------
    DataError
        If the sums differ.
    """
    if code != harness_sum():
        raise DataError(
            "a worker runs other code, or other versions of the libraries, than the run that "
            "sends it work; restart the workers, and install the same versions everywhere"
        )


def edited(folder: str) -> DataError:
    """The refusal of files that changed between the run's beginning and the work."""
    return DataError(
        f"{folder}: the files are not those with which the run began (edited since, "
        "or not the same on every worker); run again"
    )

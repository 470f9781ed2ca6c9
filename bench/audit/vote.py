"""What a predictor is asked when it is audited or frozen, and its answer from a watched process."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from bench.audit.watch import Watched, watched
from bench.core import Evidence, Forecast, Predictor, check_forecast, paths
from bench.data.election import Election, same_country_elections
from bench.data.task import Task

TABLES_OF_AN_ELECTION = (
    "candidates.csv",
    "election.yaml",
    "inputs",
    "outcome",
    "outcome.csv",
    "polls.csv",
)


@dataclass(frozen=True, kw_only=True)
class Said:
    """A checked forecast, and the latest `published_on` among the tables that were read."""

    forecast: Forecast
    until: pd.Timestamp | None


def forbidden_folders(election: Election) -> list[Path]:
    """Where a predictor has no business: evidence reaches it through the harness alone."""
    folders = {
        paths.datasets(),
        election.folder,
        *(o.folder for o in same_country_elections(election)),
    }
    # committed results hold errors, from which an outcome can be computed
    results = paths.datasets().parent / "results"
    return sorted(folders | ({results} if results.is_dir() else set()))


def own_files(predictor: Predictor, election: Election) -> list[Path]:
    """Files that the settings of a predictor name and that hold no data of an election.

    A forecast that was brought along may lie beside the tables of its election and is read there;
    what ships with the bench, its results, and the tables themselves stay out of reach.
    """
    ours = [paths.datasets(), paths.datasets().parent / "results"]
    named = (str(getattr(predictor, name, "") or "") for name in sorted(predictor.files))
    found = [Path(path).expanduser().resolve() for path in named if path]
    folders = [one.folder.resolve() for one in (election, *same_country_elections(election))]
    tables = {folder / name for folder in folders for name in TABLES_OF_AN_ELECTION}
    return [
        path
        for path in found
        if path.is_file()
        and not any(path.is_relative_to(folder.resolve()) for folder in ours)
        and tables.isdisjoint({path, *path.parents})
    ]


def ask(
    name: str, predictor: Predictor, task: Task, evidence: Evidence, *, deny: bool = False
) -> Watched[Said]:
    """Ask a predictor in a watched process of its own.

    Parameters
    ----------
    name : str
        Row of the table; its generator depends on it.
    predictor : Predictor
        The contestant; it gets the tables that it needs and no others.
    task : Task
        The question.
    evidence : Evidence
        All tables.
    deny : bool
        Refuse reads of the forbidden folders, where the kernel can.
    """

    def call() -> Said:
        given = evidence.only(predictor.needs)
        forecast = check_forecast(
            predictor.predict(given, task.rng(predictor.level_of or name)), evidence.candidates
        )
        return Said(forecast=forecast, until=given.data_used_until)

    own = own_files(predictor, task.election)
    return watched(call, forbidden_folders(task.election), deny=deny, but=own)

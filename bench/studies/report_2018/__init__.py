"""What the challengers of polls published before each vote of 2016 and 2017, and what came."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bench.core.settings import TASK_SETTINGS, Experiment
from bench.studies.base import Study, folders_of, settings_of
from bench.studies.report_2018.analysis import SOURCES, Settings, analyse


def folders(experiment: Experiment) -> dict[str, Path]:
    """The folders of all elections that are read, and of the sources."""
    settings = settings_of(Settings, experiment)
    votes = (*settings.decisive, *settings.leads, settings.canvassing)
    further = (settings.systems_of, *(vote["election"] for vote in votes))
    elections = list(dict.fromkeys((*experiment.elections, *further)))
    return {**folders_of(replace(experiment, elections=elections)), SOURCES.name: SOURCES}


STUDY = Study(
    analyse=analyse,
    uses=TASK_SETTINGS | {"days_before", "hour", "ranked_on"},
    settings=Settings,
    long_tables={"statements": "csv"},
    folders=folders,
)

"""What the challengers of polls published before each vote of 2016 and 2017, and what came."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from bench.core.settings import TASK_SETTINGS, Experiment
from bench.studies.base import Study, folders_of, settings_of
from bench.studies.report_2018.analysis import Settings, analyse


def folders(experiment: Experiment) -> dict[str, Path]:
    """The folders of the elections asked about, and of those of `decisive` and `leads`."""
    settings = settings_of(Settings, experiment)
    more = [one["election"] for one in (*settings.decisive, *settings.leads)]
    every = dict.fromkeys((*experiment.elections, *more))
    return folders_of(replace(experiment, elections=list(every)))


STUDY = Study(
    analyse=analyse,
    uses=TASK_SETTINGS | {"days_before", "hour", "ranked_on"},
    settings=Settings,
    long_tables={"statements": ("csv",)},
    folders=folders,
)

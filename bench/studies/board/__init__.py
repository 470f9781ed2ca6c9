"""A board: who says what of one vote, and after it how far everybody was off, by one rule."""

from bench.core.settings import TASK_SETTINGS
from bench.studies.base import Study
from bench.studies.board.analysis import Settings, analyse, folders

STUDY = Study(
    analyse=analyse,
    uses=TASK_SETTINGS | {"days_before", "hour", "ranked_on"},
    settings=Settings,
    needs_outcome=False,
    long_tables={"statements": "csv", "newest": "csv", "scores": "csv", "methods": "csv"},
    folders=folders,
)

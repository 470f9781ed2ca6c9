"""What a published figure does to the next ones, and whether a reader of the series can tell."""

from __future__ import annotations

from bench.studies.base import Study
from bench.studies.feedback.analysis import Settings, analyse

STUDY = Study(analyse=analyse, elections=False, settings=Settings, folders=lambda _experiment: {})

"""The made-up run, for every test of reports."""

from tests.made_up_run import made_up, run, run_with_areas, whole_run

__all__ = ["made_up", "run", "run_with_areas", "whole_run"]

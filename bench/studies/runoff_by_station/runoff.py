"""The vote that every method is asked about, with the stations on which it is scored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from bench.core import ConfigError, Evidence
from bench.core.errors import did_you_mean
from bench.core.settings import Experiment
from bench.data.country import country_of
from bench.data.election import rounds_of_runoff
from bench.data.outcome import outcome_of
from bench.data.runoff_stations import RunoffStations, runoff_stations
from bench.data.stations import KNOWN_AFTER
from bench.data.task import Task
from bench.runner import tasks_of
from bench.runner.remembered import remembered

ELSEWHERE = "elsewhere"
PARTITIONS = {"place": "place", "size": "size of the commune", "before": "first round"}

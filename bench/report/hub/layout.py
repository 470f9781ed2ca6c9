"""The folder of a hub as hubverse lays it out: its configuration, its rounds, its files."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from bench.core.errors import ConfigError, DataError, did_you_mean
from bench.core.read import shortened
from bench.data.readers import read_yaml

SCHEMA_VERSION = "v6.0.0"
SCHEMAS = Path(__file__).parent / "schemas"
SCHEMA_URL = (
    "https://raw.githubusercontent.com/hubverse-org/schemas/main/{version}/{kind}-schema.json"
)
KINDS = ("admin", "tasks", "target-data")
METADATA_SCHEMA = "hub-config/model-metadata-schema.json"
SEALS = "auxiliary-data/seals.csv"
TASK_IDS = ("reference_date", "target", "round", "slate", "candidate")
SAID = ("output_type", "output_type_id", "value")
FILE = re.compile(r"(\d{4}-\d\d-\d\d)-([A-Za-z0-9_]+-[A-Za-z0-9_]+)\.(csv|parquet)")


@dataclass(frozen=True, kw_only=True)
class ModelTask:
    """One set of questions that may be answered: every combination of its values.

    Attributes
    ----------
    values : mapping of str to tuple of str
        Accepted values by task id.
    required : mapping of str to tuple of str
        Those that an answer must hold, if it answers at all.
    output_type : mapping
        As in `tasks.json`.
    """

    values: Mapping[str, tuple[str, ...]]
    required: Mapping[str, tuple[str, ...]]
    output_type: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class HubRound:
    """One day of reference, when it may be answered, and what is asked; local time of the hub."""

    day: str
    opens: pd.Timestamp
    due: pd.Timestamp
    tasks: tuple[ModelTask, ...]
    slates: Mapping[str, Mapping[str, tuple[str, ...]]]  # by number of the round, then by name

    def about(self, number: str, slate: str) -> list[ModelTask]:
        """What is asked about one slate."""
        return [
            task
            for task in self.tasks
            if number in task.values["round"] and slate in task.values["slate"]
        ]


@dataclass(frozen=True, kw_only=True)
class Hub:
    """A folder with a checked configuration."""

    folder: Path
    admin: Mapping[str, Any]
    tasks: Mapping[str, Any]

    @property
    def election(self) -> str:
        """Name of the election, as far as the bench opens it."""
        return str(self.admin.get("additional_metadata", {}).get("election", ""))

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of the deadlines."""
        return ZoneInfo(str(self.admin["timezone"]))

    @cached_property
    def rounds(self) -> dict[str, HubRound]:
        """Every day of reference; of two entries about one day the later counts."""
        found = {}
        for entry in self.tasks["rounds"]:
            tasks = tuple(map(_model_task, entry["model_tasks"]))
            name = str(entry["round_id"])
            days = sorted({day for task in tasks for day in task.values.get(name, ())})
            for day in days if entry["round_id_from_variable"] else [name]:
                opens, due = _window(entry["submissions_due"], day)
                slates = entry.get("additional_metadata", {}).get("slates", {})
                found[day] = HubRound(day=day, opens=opens, due=due, tasks=tasks, slates=slates)
        return dict(sorted(found.items()))

    def round_of(self, day: str) -> HubRound:
        """The round of a day of reference.

        Raises
        ------
        DataError
            If there is none.
        """
        if day not in self.rounds:
            raise DataError(f"the hub has no round {day} ({did_you_mean(day, self.rounds)})")
        return self.rounds[day]

    def local(self, moment: datetime) -> pd.Timestamp:
        """A moment with a zone in the local time of the hub, without one."""
        return pd.Timestamp(moment).tz_convert(self.zone).tz_localize(None)

    def submissions(self) -> list[Path]:
        """Every file of model output, by name."""
        below = (self.folder / "model-output").glob("*/*")
        return sorted(path for path in below if path.suffix in (".csv", ".parquet"))

    def metadata(self, model: str) -> Path:
        """The file that describes a model: `.yml`, or `.yaml` where only that exists."""
        plain = self.folder / "model-metadata" / f"{model}.yml"
        other = plain.with_suffix(".yaml")
        return other if other.is_file() and not plain.is_file() else plain


def open_hub(folder: Path) -> Hub:
    """A hub, after its configuration was checked against the schemas of hubverse.

    Raises
    ------
    DataError
        If a file of `hub-config/` is missing or is not what its schema accepts; with the place.
    """
    read: dict[str, Any] = {}
    for kind in KINDS:
        path = folder / "hub-config" / f"{kind}.json"
        if kind == "admin" and not path.is_file():
            raise ConfigError(
                f"{folder} is no hub: it has no hub-config/admin.json; bench hub init makes one"
            )
        read[kind] = read_json(path)
        check_schema(read[kind], schema_of(kind), path)
    return Hub(folder=folder, admin=read["admin"], tasks=read["tasks"])


def read_json(path: Path) -> Any:
    """The content of a JSON file.

    Raises
    ------
    DataError
        If it is not readable.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: not readable as JSON ({error})") from error


def schema_of(kind: str) -> dict[str, Any]:
    """The schema of hubverse for one file of `hub-config/`."""
    found = read_json(SCHEMAS / f"{kind}-schema.json")
    assert isinstance(found, dict)
    return found


def check_schema(content: object, schema: Mapping[str, Any], path: Path) -> None:
    """Refuse what a JSON schema does not accept.

    Raises
    ------
    DataError
        With file, place and what is accepted.
    """
    try:
        from jsonschema import Draft202012Validator
        from jsonschema.exceptions import best_match
    except ModuleNotFoundError as error:
        raise ConfigError(
            "a hub is checked with the package 'jsonschema', which is not installed; "
            "python -m pip install 'election-bench[hub]'"
        ) from error
    wrong = best_match(Draft202012Validator(schema).iter_errors(content))
    if wrong is not None:
        place = wrong.json_path.removeprefix("$").removeprefix(".") or "the whole file"
        raise DataError(f"{path}: {place}: {shortened(wrong.message, 300)} ({_source(schema)})")


def _source(schema: Mapping[str, Any]) -> str:
    known = str(schema.get("$id", "")).startswith("https://raw.githubusercontent.com/hubverse-org/")
    return f"schema of hubverse {SCHEMA_VERSION}" if known else METADATA_SCHEMA


def check_metadata(hub: Hub, model: str) -> None:
    """Refuse a model that says nothing of itself, or not what the hub asks.

    Raises
    ------
    DataError
        If its file is missing, not accepted, or of another model.
    """
    path = hub.metadata(model)
    if not path.is_file():
        raise DataError(
            f"{path} is missing: every model says who made it and how; accepted: a file as "
            f"model-metadata/README.md describes"
        )
    said = read_yaml(path)
    check_schema(said, read_json(hub.folder / METADATA_SCHEMA), path)
    named = f"{said.get('team_abbr')}-{said.get('model_abbr')}"
    if named != model:
        raise DataError(
            f"{path}: team_abbr and model_abbr make '{named}', but the file is called '{model}'; "
            "accepted: the same"
        )


def _model_task(given: Mapping[str, Any]) -> ModelTask:
    values, required = {}, {}
    for name, of in given["task_ids"].items():
        must = tuple(map(str, of["required"] or ()))
        required[name] = must
        values[name] = (*must, *map(str, of["optional"] or ()))
    return ModelTask(values=values, required=required, output_type=given["output_type"])


def _window(due: Mapping[str, Any], day: str) -> tuple[pd.Timestamp, pd.Timestamp]:
    """From the first minute of the first day to the last second of the last, as in hubverse."""
    if "relative_to" in due:
        first, last = (pd.Timestamp(day) + pd.Timedelta(days=due[end]) for end in ("start", "end"))
    else:
        first, last = (pd.Timestamp(due[end]) for end in ("start", "end"))
    return first, last + pd.Timedelta(hours=23, minutes=59, seconds=59)

"""One submission: its file checked against the hub and as our own forecasts are, and read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from bench.core.errors import DataError, ForecastError, did_you_mean
from bench.core.forecast import EVENTS, Forecast, check_forecast
from bench.core.predictor import generator
from bench.data.readers import sha256
from bench.models.forecast_table import read_forecast
from bench.models.stated_forecast import stated_forecast
from bench.report.hub.layout import FILE, SAID, TASK_IDS, Hub, HubRound, ModelTask

N_DRAWS = 4000
AT_MOST = 6  # names in a sentence
NEAR = 1e-9  # two levels of a quantile are the same to within this


@dataclass(frozen=True, kw_only=True)
class Submission:
    """One file of model output that was checked.

    Attributes
    ----------
    path : Path
    model, day : str
        Team and model; the day of reference.
    rows : pandas.DataFrame
        As `bench.models.forecast_table.read_forecast` gives them.
    sha256 : str
        Of the file.
    """

    path: Path
    model: str
    day: str
    rows: pd.DataFrame
    sha256: str


def read_submission(hub: Hub, path: Path) -> Submission:
    """A file of model output, after everything in it was checked.

    Raises
    ------
    DataError
        In a sentence: which file, which row, what is accepted.
    """
    model, day = names_of(hub, path)
    this = hub.round_of(day)
    rows = read_forecast(path, (*TASK_IDS, *SAID))
    if missing := [name for name in (*TASK_IDS, *SAID) if name not in rows]:
        wanted = ", ".join((*TASK_IDS, *SAID))
        raise DataError(f"{path}:1: the column '{missing[0]}' is missing; accepted: {wanted}")
    rows["round"] = rows["round"].str.removesuffix(".0")  # R's numbers in Parquet
    _refuse_day(rows, day, path)
    for task, part in _by_task(rows, this, path):
        _refuse_holes(task, part, path)
    found = Submission(path=path, model=model, day=day, rows=rows, sha256=sha256(path))
    for _ in forecasts_of(hub, found):  # each is checked as it is made
        pass
    return found


def names_of(hub: Hub, path: Path) -> tuple[str, str]:
    """Model and day of reference, from where a file lies and what it is called.

    Raises
    ------
    DataError
        If it lies elsewhere or is called otherwise.
    """
    named = FILE.fullmatch(path.name)
    if named is None:
        raise DataError(
            f"{path}: the file is called '{path.name}'; accepted: DAY-TEAM-MODEL.csv or .parquet, "
            "such as 2027-03-05-examples-average.csv (letters, digits and underscores)"
        )
    day, model, form = named.groups()
    place = hub.folder / "model-output" / model
    if path.resolve().parent != place.resolve():
        raise DataError(f"{path}: the file lies in '{path.parent}'; accepted: {place}")
    if form not in hub.admin["file_format"]:
        raise DataError(f"{path}: accepted: {', '.join(hub.admin['file_format'])}, not {form}")
    return model, day


def forecasts_of(hub: Hub, given: Submission) -> Iterator[tuple[int, str, Forecast]]:
    """Number of the round, slate and forecast, for every ballot that a submission speaks of.

    Raises
    ------
    DataError
        If one is no forecast, as `bench.core.forecast.check_forecast` judges.
    """
    this = hub.round_of(given.day)
    for (number, slate), part in given.rows.groupby(["round", "slate"], sort=True):
        tasks = this.about(str(number), str(slate))
        ballot = tasks[0].values["candidate"]
        # two get through where a hub asks who does; else the vote decides
        seats = 2 if any("qualify" in task.values["target"] for task in tasks) else 1
        rng = generator(0, "hub", given.model, given.day, str(number), str(slate))
        place = f"{given.path} (round {number}, slate {slate})"
        said = stated_forecast(part, ballot, seats, n_draws=N_DRAWS, rng=rng, path=place)
        try:
            yield int(str(number)), str(slate), check_forecast(said, ballot, seats)
        except ForecastError as error:
            raise DataError(f"{place}: {error}") from error


def _refuse_day(rows: pd.DataFrame, day: str, path: Path) -> None:
    other = rows["reference_date"].ne(pd.Timestamp(day))
    if other.any():
        line = int(other.to_numpy().argmax())
        raise DataError(
            f"{path}:{line + 2}: reference_date is {rows['reference_date'].iloc[line]:%Y-%m-%d}, "
            f"but the file is called {day}; accepted: {day} in every row"
        )


def _by_task(
    rows: pd.DataFrame, this: HubRound, path: Path
) -> list[tuple[ModelTask, pd.DataFrame]]:
    """The rows of every set of questions; a row that belongs to none is refused."""
    found = []
    left = pd.Series(True, index=rows.index)
    for task in this.tasks:
        mine = pd.Series(True, index=rows.index)
        for name in TASK_IDS[1:]:
            mine &= rows[name].isin(task.values[name])
        left &= ~mine
        if mine.any():
            found.append((task, rows[mine]))
    if left.any():
        line = int(str(left.idxmax()))
        row = rows[left].iloc[0].to_dict()
        raise DataError(f"{path}:{line + 2}: {_stranger(row, this.tasks)}")
    return found


def _stranger(row: Mapping[Any, Any], tasks: Sequence[ModelTask]) -> str:
    """Which cell of a row is not among what is asked, given the cells before it."""
    able = list(tasks)
    for name in TASK_IDS[1:]:
        fits = [task for task in able if row[name] in task.values[name]]
        if not fits:
            accepted = {value for task in able for value in task.values[name]}
            about = f" of slate {row['slate']}" if name == "candidate" else ""
            near = did_you_mean(str(row[name]), accepted)
            return f"the {name} '{row[name]}'{about} is not asked for ({near})"
        able = fits
    raise AssertionError(f"{row}")


def _refuse_holes(task: ModelTask, rows: pd.DataFrame, path: Path) -> None:
    """Whoever answers a question answers it for every candidate, level and draw."""
    for (target, kind), part in rows.groupby(["target", "output_type"], sort=True):
        number, slate = part["round"].iloc[0], part["slate"].iloc[0]
        form = "pmf" if target in EVENTS else str(kind)
        of = f"{target}, {form}, round {number}, slate {slate}"
        if form not in task.output_type:
            raise DataError(
                f"{path}:{int(str(part.index[0])) + 2}: {target} is answered by {kind}; accepted: "
                f"{', '.join(task.output_type)}"
            )
        wanted = task.required["candidate"]
        if gone := [who for who in wanted if who not in set(part["candidate"])]:
            raise DataError(
                f"{path}: {of}: no row of {', '.join(gone[:AT_MOST])}; accepted: every candidate "
                "of the slate, or none"
            )
        if form == "quantile":
            _refuse_levels(part, task.output_type[form], of, path)
        if form == "sample":
            _refuse_samples(part, task.output_type[form], of, path)


def _refuse_levels(part: pd.DataFrame, asked: Mapping[str, Any], of: str, path: Path) -> None:
    wanted = np.array(asked["output_type_id"]["required"], dtype=float)
    level = part["output_type_id"].astype(float)
    strange = [not np.isclose(wanted, one, rtol=0, atol=NEAR).any() for one in level]
    if any(strange):
        row = part[strange].iloc[0]
        line = int(str(part[strange].index[0]))
        raise DataError(
            f"{path}:{line + 2}: {of}: the level {row['output_type_id']} of '{row['candidate']}' "
            f"is not asked for; accepted: {', '.join(f'{one:g}' for one in wanted)}"
        )
    for who, own in level.groupby(part["candidate"]):
        gone = [f"{one:g}" for one in wanted if not np.isclose(own, one, rtol=0, atol=NEAR).any()]
        if gone:
            raise DataError(
                f"{path}: {of}: '{who}' has no quantile {', '.join(gone)}; accepted: all of "
                f"{', '.join(f'{one:g}' for one in wanted)}, or no quantiles"
            )


def _refuse_samples(part: pd.DataFrame, asked: Mapping[str, Any], of: str, path: Path) -> None:
    rules = asked["output_type_id_params"]
    least, most = rules["min_samples_per_task"], rules["max_samples_per_task"]
    draws = part.groupby("candidate")["output_type_id"].agg(frozenset)
    n = len(draws.iloc[0])
    if not least <= n <= most:
        raise DataError(f"{path}: {of}: {n} draws; accepted: {least} to {most}")
    if draws.nunique() > 1:
        odd = next(who for who, own in draws.items() if own != draws.iloc[0])
        raise DataError(
            f"{path}: {of}: the draws of '{odd}' are not those of '{draws.index[0]}'; accepted: "
            "draws of the same names for every candidate, as they belong together"
        )
    longest = rules.get("max_length")
    named = part["output_type_id"].str.len().max()
    if longest and named > longest:
        raise DataError(f"{path}: {of}: a draw's name has {named} letters; accepted: {longest}")

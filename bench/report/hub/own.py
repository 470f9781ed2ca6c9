"""Sealed forecasts of our own as submissions to a hub, beside those of guests."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from bench.audit.preregistration import read_record, sealed_forecasts
from bench.core.errors import DataError
from bench.core.forecast import Forecast
from bench.core.write import write_parquet, write_text
from bench.metrics.score_forecast import forecast_rows
from bench.report.hub.layout import SAID, TASK_IDS, Hub, HubRound
from bench.report.hubverse import TARGET, TEAM, model_name, said_rows


def submit_record(hub: Hub, path: Path) -> tuple[list[Path], list[str]]:
    """Write the forecasts of a sealed record as model output of the round that was open then.

    Parameters
    ----------
    hub : Hub
    path : Path
        A record of `bench.audit.preregistration.freeze`.

    Returns
    -------
    tuple of list
        Files written; sentences about what was left out.

    Raises
    ------
    DataError
        If no round was open when it was sealed, or nothing in it answers a question of the hub.
    """
    record = read_record(path)
    sealed_at = hub.local(pd.Timestamp(record["frozen_at"]).to_pydatetime())
    this = next((r for r in hub.rounds.values() if r.opens <= sealed_at <= r.due), None)
    if this is None:
        raise DataError(f"{path}: no round of the hub was open on {sealed_at:%Y-%m-%d %H:%M}")
    day = date.fromisoformat(this.day)  # a date in Parquet too, as hubverse has it
    parts: dict[str, list[pd.DataFrame]] = {}
    left_out = []
    for label, name, forecast in sealed_forecasts(record):
        number = str(record["votes"][label]["round"])
        slate = _slate(this, number, set(map(str, forecast.share.index)))
        if slate is None:
            left_out.append(f"{label}, {name}: its ballot is no slate of the hub")
        elif forecast.share.isna().any():
            left_out.append(f"{label}, {name}: it names a part of the slate only")
        else:
            key: dict[str, str | date] = {"reference_date": day}
            key |= {"round": number, "slate": slate}
            seats = int(record["votes"][label]["seats"])
            parts.setdefault(name, []).append(model_output(forecast, seats, this, key))
    if not parts:
        raise DataError(f"{path}: nothing in it answers a question of round {this.day}; {left_out}")
    written = []
    for name, rows in parts.items():
        model = f"{TEAM}-{model_name(name)}"
        target = hub.folder / "model-output" / model / f"{this.day}-{model}.parquet"
        written.append(write_parquet(target, pd.concat(rows, ignore_index=True)))
        if not hub.metadata(model).is_file():
            written.append(write_text(hub.metadata(model), _metadata(name, model, record)))
    return written, left_out


def model_output(
    forecast: Forecast, seats: int, this: HubRound, key: Mapping[str, str | date]
) -> pd.DataFrame:
    """One forecast as rows of model output: mean, quantiles, chances, draws.

    Parameters
    ----------
    forecast : Forecast
        Checked, of a whole ballot.
    seats : int
        How many get through.
    this : HubRound
        Whose questions are answered; an event that it does not ask about is left out.
    key : mapping
        reference_date, round and slate.
    """
    wide = forecast_rows(forecast, seats)
    wide = wide[wide["area"].eq("national")].reset_index(drop=True)
    task = pd.DataFrame({**key, "candidate": wide["candidate"]}, index=wide.index)
    rows = said_rows(task, wide)
    asked = {target for t in this.tasks for target in t.values["target"]}
    rows = rows[rows["target"].isin(asked)]
    if forecast.draws is not None:
        n, names = len(forecast.draws), list(map(str, forecast.share.index))
        drawn = pd.DataFrame(
            {
                "candidate": np.tile(names, n),
                "output_type_id": np.repeat([f"{draw:04d}" for draw in range(n)], len(names)),
                "value": forecast.draws.ravel(),
            }
        )
        rows = pd.concat([rows, drawn.assign(**key, target=TARGET, output_type="sample")])
    return rows[[*TASK_IDS, *SAID]]


def _slate(this: HubRound, number: str, ballot: set[str]) -> str | None:
    slates = this.slates.get(number, {})
    return next((name for name, who in slates.items() if set(who) == ballot), None)


def _metadata(name: str, model: str, record: Mapping[str, Any]) -> str:
    team, _, short = model.partition("-")
    settings = record["settings"]["predictors"].get(name) or {}
    method = f"Predictor '{name}' of election-bench, settings {settings}, by sealed record."
    said = {
        "team_name": "election-bench",
        "team_abbr": team,
        "model_name": name,
        "model_abbr": short,
        "model_contributors": [{"name": "The election-bench authors"}],
        "license": "CC-BY-4.0",
        "methods": method,
        "data_sources": "Evidence tables of election-bench, with their checksums in the record.",
    }
    return "".join(f"{key}: {json.dumps(value)}\n" for key, value in said.items())

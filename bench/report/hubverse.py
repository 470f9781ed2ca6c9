"""Results as hubverse model output: this file holds `hubverse_rows` and `write_hubverse`."""

import re
from pathlib import Path

import pandas as pd

from bench.core.write import write_csv
from bench.report.context import RunFacts
from bench.studies.backtest.selection import CELL, require

TEAM = "bench"
TARGET = "vote share"
LEVELS = {"q025": 0.025, "q05": 0.05, "q10": 0.1, "q25": 0.25, "q50": 0.5,
          "q75": 0.75, "q90": 0.9, "q95": 0.95, "q975": 0.975}  # fmt: skip
TASK = ["reference_date", "target", "horizon", "location", "target_end_date",
        "election", "round", "candidate"]  # fmt: skip
HUBVERSE = ["model_id", *TASK, "output_type", "output_type_id", "value"]


def hubverse_rows(forecasts: pd.DataFrame, votes: list[RunFacts]) -> pd.DataFrame:
    """Undistorted forecasts in the columns of hubverse.

    Parameters
    ----------
    forecasts
        Long table of a run; shares are fractions.
    votes
        Facts of every vote in it; they give the day of the vote.

    Returns
    -------
    DataFrame
        Columns `HUBVERSE`: rows of type ``mean`` and, where a method has draws, ``quantile``.
        Candidates whom a method does not name are left out.

    References
    ----------
    Hubverse, model output: https://hubverse.io
    """
    table = require(forecasts, [*CELL, "predictor", "area", "candidate", "share"], "forecasts")
    told = table[table["scenario"].eq("none") & table["share"].notna() & ~table["filled"]]
    days = pd.Series({(v.election, v.round): v.vote_on.normalize() for v in votes})
    vote_on = pd.to_datetime(
        [days[key] for key in zip(told["election"], told["round"], strict=True)]
    )
    made = pd.to_datetime(told["as_of"])
    task = pd.DataFrame(
        {
            "model_id": TEAM + "-" + told["predictor"].astype(str).map(_model),
            "reference_date": made.dt.strftime("%Y-%m-%d"),
            "target": TARGET,
            "horizon": (vote_on - made.dt.normalize()).dt.days,
            "location": told["area"],
            "target_end_date": vote_on.strftime("%Y-%m-%d"),
            "election": told["election"],
            "round": told["round"],
            "candidate": told["candidate"],
        },
        index=told.index,
    )
    parts = [task.assign(output_type="mean", output_type_id="NA", value=told["share"])]
    for column, level in LEVELS.items():
        if column in told:
            known = told[column].notna()
            parts.append(
                task[known].assign(
                    output_type="quantile", output_type_id=str(level), value=told[column][known]
                )
            )
    return pd.concat(parts, ignore_index=True)[HUBVERSE]


def write_hubverse(folder: Path, forecasts: pd.DataFrame, votes: list[RunFacts]) -> list[Path]:
    """Write `model-output/<model>/<date>-<model>.csv` and `target-data/oracle-output.csv`."""
    written = []
    rows = hubverse_rows(forecasts, votes)
    for (model, day), part in rows.groupby(["model_id", "reference_date"], sort=True):
        path = folder / "model-output" / str(model) / f"{day}-{model}.csv"
        written.append(write_csv(path, part.drop(columns="model_id")))
    oracle = pd.concat(
        [
            pd.DataFrame(
                {"target": TARGET, "location": "national",
                 "target_end_date": f"{vote.vote_on:%Y-%m-%d}", "election": vote.election,
                 "round": vote.round, "candidate": vote.outcome.index,
                 "oracle_value": vote.outcome.to_numpy()}
            )
            for vote in votes
        ],
        ignore_index=True,
    )  # fmt: skip
    return [*written, write_csv(folder / "target-data" / "oracle-output.csv", oracle)]


def _model(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_]", "_", name)

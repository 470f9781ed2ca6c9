"""Results as hubverse model output, for tools that compare forecasts of many hubs."""

import re
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from bench.core.errors import DataError
from bench.core.forecast import EVENTS
from bench.core.write import write_csv
from bench.report.context import ReportContext

TEAM = "bench"
TARGET = "vote share"
QUANTILES = ("025", "05", "10", "25", "50", "75", "90", "95", "975")
LEVELS = {f"q{level}": float(f"0.{level}") for level in QUANTILES}
TASK = ["reference_date", "target", "horizon", "location", "target_end_date"]
TASK += ["election", "round", "candidate"]
NEEDED = ["election", "round", "as_of", "predictor", "area", "candidate", "share", "filled"]
HUBVERSE = ["model_id", *TASK, "output_type", "output_type_id", "value"]


def hubverse_rows(forecasts: pd.DataFrame, votes: Sequence[ReportContext]) -> pd.DataFrame:
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
        Columns `HUBVERSE`: rows of type ``mean`` and, where a method has draws, ``quantile``, of
        the target `TARGET`; and rows of type ``mean`` whose target is one of
        `bench.core.forecast.EVENTS`: the probability of this event, stated or counted in draws.
        Candidates whom a method does not name are left out.

    Raises
    ------
    DataError
        If a column is missing.

    References
    ----------
    Hubverse, model output: https://hubverse.io
    """
    for column in NEEDED:
        if column not in forecasts:
            raise DataError(
                f"the table of forecasts lacks the column '{column}'; it must have: "
                f"{', '.join(NEEDED)}"
            )
    own = forecasts[~forecasts["filled"] | forecasts["share"].isna()]
    if "scenario" in own:
        own = own[own["scenario"].eq("none")]
    days = pd.Series({(v.election, v.round): v.vote_on.normalize() for v in votes})
    vote_on = pd.to_datetime([days[key] for key in zip(own["election"], own["round"], strict=True)])
    made = pd.to_datetime(own["as_of"])
    task = pd.DataFrame(
        {
            "model_id": TEAM + "-" + own["predictor"].astype(str).map(_model),
            "reference_date": made.dt.strftime("%Y-%m-%d"),
            "target": TARGET,
            "horizon": (vote_on - made.dt.normalize()).dt.days,
            "location": own["area"],
            "target_end_date": vote_on.strftime("%Y-%m-%d"),
            "election": own["election"],
            "round": own["round"],
            "candidate": own["candidate"],
        },
        index=own.index,
    )
    kinds = [("share", TARGET, "mean", "NA")]
    kinds += [(column, TARGET, "quantile", str(level)) for column, level in LEVELS.items()]
    kinds += [(f"p_{event}", event, "mean", "NA") for event in EVENTS]
    parts = [
        task.assign(target=target, output_type=kind, output_type_id=level, value=own[column])
        for column, target, kind, level in kinds
        if column in own
    ]
    return pd.concat(parts, ignore_index=True).dropna(subset="value")[HUBVERSE]


def write_hubverse(
    folder: Path, forecasts: pd.DataFrame, votes: Sequence[ReportContext]
) -> list[Path]:
    """Write `model-output/<model>/<date>-<model>.csv` and `target-data/oracle-output.csv`."""
    written = []
    rows = hubverse_rows(forecasts, votes)
    for (model, day), part in rows.groupby(["model_id", "reference_date"], sort=True):
        path = folder / "model-output" / str(model) / f"{day}-{model}.csv"
        written.append(write_csv(path, part.drop(columns="model_id")))
    oracle = pd.concat(
        [
            vote.outcome.rename("oracle_value")
            .rename_axis("candidate")
            .reset_index()
            .assign(
                target=TARGET,
                location="national",
                target_end_date=f"{vote.vote_on:%Y-%m-%d}",
                election=vote.election,
                round=vote.round,
            )
            for vote in votes
        ],
        ignore_index=True,
    )
    columns = ["target", "location", "target_end_date", "election", "round", "candidate"]
    oracle = oracle[[*columns, "oracle_value"]]
    return [*written, write_csv(folder / "target-data" / "oracle-output.csv", oracle)]


def _model(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_]", "_", name)

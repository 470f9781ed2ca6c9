"""Results as hubverse model output, for tools that compare forecasts of many hubs."""

import re
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from bench.core.errors import DataError
from bench.core.forecast import EVENTS
from bench.core.write import write_csv
from bench.metrics.score_forecast import LEVELS
from bench.report.context import ReportContext

TARGET = "vote share"
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
        the target `TARGET`; and rows of type ``pmf`` whose target is one of
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
    days = pd.Series({(v.election, v.round): v.vote_on.normalize() for v in votes})
    vote_on = pd.to_datetime([days[key] for key in zip(own["election"], own["round"], strict=True)])
    made_on = pd.to_datetime(own["as_of"])
    task = pd.DataFrame(
        {
            "model_id": own["predictor"].astype(str).map(model_name),
            "reference_date": made_on.dt.strftime("%Y-%m-%d"),
            "horizon": (vote_on - made_on.dt.normalize()).dt.days,
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
    parts = [
        task.assign(target=target, output_type=kind, output_type_id=level, value=own[column])
        for column, target, kind, level in kinds
        if column in own
    ]
    for event in EVENTS:
        if f"p_{event}" in own:
            yes = own[f"p_{event}"].astype(float)
            of = task.assign(target=event, output_type="pmf")
            parts.append(of.assign(output_type_id="yes", value=yes))
            parts.append(of.assign(output_type_id="no", value=1 - yes))
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
    columns = ["target", "location", "target_end_date", "election", "round", "candidate"]
    outcomes = [
        (
            TARGET,
            "national",
            f"{vote.vote_on:%Y-%m-%d}",
            vote.election,
            vote.round,
            candidate,
            share,
        )
        for vote in votes
        for candidate, share in vote.outcome.items()
    ]
    oracle = pd.DataFrame(outcomes, columns=[*columns, "oracle_value"])
    return [*written, write_csv(folder / "target-data" / "oracle-output.csv", oracle)]


def model_name(name: str) -> str:
    """Team and model, of the signs that hubverse allows.

    Examples
    --------
    >>> model_name("last-poll")
    'bench-last_poll'
    """
    return "bench-" + re.sub(r"[^A-Za-z0-9_]", "_", name)

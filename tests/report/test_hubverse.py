"""Results leave in the columns that hubverse reads."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from bench.core import Evidence, Forecast
from bench.metrics.score_forecast import forecast_rows
from bench.report.context import ReportContext
from bench.report.hubverse import HUBVERSE, hubverse_rows, write_hubverse


def long_table(evidence: Evidence) -> pd.DataFrame:
    """Everybody gets the same."""
    share = pd.Series(1 / len(evidence.candidates), index=list(evidence.candidates))
    rows = forecast_rows(Forecast(share=share), 2)
    key = {
        "election": evidence.election,
        "round": evidence.round,
        "as_of": evidence.as_of,
        "predictor": "same",
    }
    return rows.assign(**key)


def facts_2017(evidence: Evidence) -> ReportContext:
    """Facts with a made-up outcome."""
    names = {name: name for name in evidence.candidates}
    share = pd.Series(1 / len(names), index=list(names))
    return ReportContext(
        election=evidence.election,
        name="x",
        round=1,
        as_of=evidence.as_of,
        vote_on=evidence.vote_on,
        outcome=share,
        names=names,
        families=names,
        qualifiers=tuple(names)[:2],
        n_advance=2,
        title="x",
        source="x",
    )


def test_rows_carry_the_task_and_the_type(first_round_2017: Evidence) -> None:
    rows = hubverse_rows(long_table(first_round_2017), [facts_2017(first_round_2017)])
    assert list(rows.columns) == HUBVERSE
    first = rows.iloc[0]
    assert first["model_id"] == "bench-same"
    assert (first["reference_date"], first["target_end_date"]) == ("2017-04-21", "2017-04-23")
    assert first["horizon"] == 2
    assert set(rows["output_type"]) == {"mean"}
    assert len(rows) == len(first_round_2017.candidates)


def test_the_folder_is_a_hub(tmp_path: Path, first_round_2017: Evidence) -> None:
    facts = facts_2017(first_round_2017)
    write_hubverse(tmp_path, long_table(first_round_2017), [facts])
    path = tmp_path / "model-output" / "bench-same" / "2017-04-21-bench-same.csv"
    assert "model_id" not in pd.read_csv(path)
    oracle = pd.read_csv(tmp_path / "target-data" / "oracle-output.csv")
    assert oracle["oracle_value"].sum() == 1

"""The studies, and every experiment on the made-up country, still give the reviewed tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from bench.data import task as task_module
from bench.metrics.score_forecast import score_columns
from bench.studies.run import Run
from tests.evidence import as_another_processor
from tests.french import reported_in_both
from tests.golden.conftest import on_toy
from tests.golden.reference import FOLDER, POLLS, SIMULATED
from tests.golden.studies import (
    IN_FRENCH,
    TABLES,
    TOY,
    UNHELD,
    differences,
    frames_of,
    held,
    moved_facts,
    run_under_review,
    tables_of,
    toy_run,
)

TOY_FOLDER = FOLDER / "toy"


@pytest.mark.golden
@pytest.mark.parametrize("name", TABLES)
def test_the_tables_are_those_under_review(name: str) -> None:
    then = held(FOLDER / name)
    # last bits of a chance can draw a replicate anew and swap neighbours in the order
    near: dict[str, Any] = {"rtol": 1e-3, "atol": 3e-3, "ordered": False}
    if name in POLLS:
        near = {"atol": 2e-6}
    elif name in SIMULATED:
        near |= {"rtol": 0, "atol": 0.005, "atol_of_chances": 0.021}  # one of fifty replicates
    run = run_under_review(name)
    now = tables_of(name, run)
    moved = differences(now, {t: then[t] for t in TABLES[name] if t in then}, **near)
    moved += moved_facts(name, run, **near)
    assert not moved, f"{name}\n{moved}"


@on_toy(TOY)
def test_every_table_on_the_made_up_country_is_that_under_review(name: str, run: Run) -> None:
    now, then = frames_of(run), held(TOY_FOLDER / name)
    if "scores" in now and name != "quickstart":  # which alone holds a metric that is new
        now["scores"] = now["scores"][[key for key in now["scores"] if key in then["scores"]]]
    moved = differences(now, then)
    assert not moved, f"{name} on the made-up country\n{moved}"
    if name in IN_FRENCH:
        reported_in_both(run.study, run.experiment, run.results, run.shown)


@on_toy(["2017_r1", "2017_areas", "2017_chain"], in_golden=["2017_areas", "2017_chain"])
def test_a_last_digit_of_the_evidence_moves_no_row(
    name: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut = task_module._cut
    plain = run.results.tables
    monkeypatch.setattr(task_module, "_evidence", lambda task: as_another_processor(cut(task)))
    moved = toy_run(name).results.tables
    assert list(moved) == list(plain)
    for table, rows in plain.items():
        by_clock = [*UNHELD, "evidence_digest"]
        first = rows.drop(columns=by_clock, errors="ignore")
        second = moved[table].drop(columns=by_clock, errors="ignore")
        pd.testing.assert_frame_equal(first, second, rtol=1e-9, atol=1e-9, obj=table)


@pytest.mark.golden
@on_toy(TOY)
def test_everything_of_every_experiment_is_drawn_and_written(run: Run, tmp_path: Path) -> None:
    run.write_report(tmp_path)
    assert (tmp_path / "report.html").stat().st_size > 0


def test_a_moved_score_is_told_with_its_table_its_row_and_both_values(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def moved(*given: Any) -> dict[str, Any]:
        found = score_columns(*given)
        worse = (found["metric"] == "crps") & (found["forecast"] == 0)
        return {**found, "value": found["value"] + 0.001 * worse}

    monkeypatch.setattr("bench.studies.backtest.forecasts.score_columns", moved)
    then = held(TOY_FOLDER / "quickstart")
    lines = differences(frames_of(toy_run("quickstart")), then).splitlines()
    assert "headline, row last_poll quota polls last_polls, crps_pp: 0.366604 -> 0.466604" in lines
    assert "headline: 1 more" in lines
    known = then["headline"]
    now = {"headline": known.iloc[[1, 0, 2]].drop(columns="block"), "more": known}
    assert differences(now, {"headline": known, "odds": then["odds"]}).splitlines() == [
        "more: new",
        "odds: gone",
        f"headline, columns: {list(known)} -> {list(known)[1:]}",
        "headline, row attention_share buzz attention: gone",
        "headline, row last_election baselines last_election: gone",
        "headline, order of rows: quota_poll quota polls last_polls where last_poll quota polls "
        "last_polls was; 2 moved",
    ]


def test_every_experiment_has_a_reference_on_the_made_up_country() -> None:
    held_ones = {path.name for path in TOY_FOLDER.iterdir()}
    missing = [f"python -m tests.golden.studies toy/{name}" for name in set(TOY) - held_ones]
    assert not missing, "\n".join(missing)
    assert held_ones == set(TOY)


@pytest.mark.parametrize("name", TABLES)
def test_every_reference_table_is_there(name: str) -> None:
    there = {path.stem for path in (FOLDER / name).glob("*.csv")}
    assert there == set(TABLES[name]), f"python -m tests.golden.studies {name}"


def test_at_the_stations_of_2017_the_transfers_beat_the_floor_and_hindsight_beats_them() -> None:
    rows = pd.read_csv(FOLDER / "stations_2017_r2" / "stations.csv").set_index("method")
    assert (rows["n"] == 69_183).all()
    assert rows.loc["vote_transfer", "gain_high_pp"] < -5
    assert rows.loc["hindsight_everywhere", "mae_pp"] < rows.loc["vote_transfer", "mae_pp"]
    assert rows.loc["vote_transfer", "data_until"] <= "2017-05-05 20:00:00"
    # the official share of all valid votes, less the stations left out
    assert rows["outcome_percent"].to_numpy() == pytest.approx(66.10, abs=0.01)

"""The one pipeline, on simulations: any engine gives the same table, and the cache is read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from bench.core import DataError
from bench.core.settings import Experiment
from bench.runner.results import Results
from bench.runner.runner import Part, run
from bench.studies.distortions import analysis
from bench.studies.distortions.analysis import analyse
from tests.conftest import Compose

Small = Callable[..., Experiment]
TOY = (
    "elections=[toy]",
    "hour='20:00'",
    "instrument=[quota_poll]",
    "execution=serial",
)
SMALL = (
    "+experiment=2017_r1_manipulation",
    *TOY,
    "distortion=[industry_error,house_effect]",
    "simulation.replicates=15",
    "simulation.block=4",
)


@pytest.fixture
def small(composed: Compose, tmp_path: Path) -> Small:
    def make(*changes: str) -> Experiment:
        experiment = composed(*SMALL, f"results={tmp_path}", *changes)
        experiment.predictors = {n: experiment.predictors[n] for n in ("last_poll", "quota_poll")}
        return experiment

    return make


def _entries(folder: Path) -> list[Path]:
    return sorted((folder / ".cache").rglob("*.entry"))


def test_only_what_is_missing_is_made(
    small: Small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = analyse(small()).tables["replicates"]
    assert before["replicate"].nunique() == 15
    assert not before.duplicated(["distortion", "dose", "replicate", "predictor"]).any()
    kept = _entries(tmp_path)
    assert len(kept) == 4
    kept[0].unlink()
    kept[1].write_bytes(kept[1].read_bytes()[:-7])
    made: list[int] = []
    simulate_block = analysis.simulate_block

    def counted(study: object, block: int, failures: dict[str, str]) -> pd.DataFrame:
        made.append(block)
        return simulate_block(study, block, failures)  # type: ignore[arg-type]

    monkeypatch.setattr(analysis, "simulate_block", counted)
    pd.testing.assert_frame_equal(analyse(small()).tables["replicates"], before, check_exact=True)
    assert len(made) == 2
    assert _entries(tmp_path) == kept


FAULTS = {
    "segfaults": "Segmentation fault",
    "batch_writes": "assignment destination is read-only",
}


def test_a_method_that_fails_costs_only_its_own_rows(small: Small, faulty: Path) -> None:
    sound = analyse(small("simulation.replicates=4")).tables["replicates"]
    experiment = small("simulation.replicates=4")
    for fault in FAULTS:
        experiment.predictors[fault] = {"method": "faulty", "fault": fault}
    made = analyse(experiment)
    table = made.tables["replicates"]
    others = table[~table["predictor"].isin(FAULTS)].reset_index(drop=True)
    pd.testing.assert_frame_equal(others, sound, check_exact=True)
    for fault, words in FAULTS.items():
        assert words in made.failures[fault]
        assert table.loc[table["predictor"] == fault, "ferrier"].isna().all()


def asked_for(experiment: Experiment, part: Part) -> Results:
    """What the work sees of the settings."""
    del part
    names = ("seed", "title", "baseline")
    return Results(facts={name: getattr(experiment, name) for name in names})


def test_the_work_sees_only_settings_that_are_in_its_key(small: Small) -> None:
    experiment = small("seed=7", "title=shown", "baseline=uniform")
    (seen,) = run(experiment, asked_for, [{"n": 1}], ignore=["baseline"])
    assert seen.facts == {"seed": 7, "title": "", "baseline": Experiment().baseline}


def numbers(experiment: Experiment, part: Part) -> Results:
    """The number of a piece."""
    del experiment
    return Results(tables={"numbers": pd.DataFrame({"number": [part["number"]]})})


def test_data_that_change_meanwhile_are_refused(
    small: Small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "candidates.csv").write_text("candidate\n", encoding="utf-8")
    experiment = small()
    found = run(experiment, numbers, [{"number": 3}], [folder])
    assert found[0].tables["numbers"]["number"].tolist() == [3]

    sums = iter(["before", "after"])
    monkeypatch.setattr("bench.runner.runner.sum_of", lambda folders: next(sums))
    with pytest.raises(DataError, match="not those with which the run began"):
        run(experiment, numbers, [{"number": 4}], [folder])

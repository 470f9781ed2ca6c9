"""Simulations in pieces: any engine gives the same table, and what is kept is taken up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from bench.simulation.blocks import replicates_of
from bench.studies.breaking_point.worlds import all_points

from bench.cli import hydra_setup
from bench.core import DataError, Evidence, Forecast, Predictor
from bench.core.registry import make_predictor
from bench.core.settings import Experiment
from bench.runner import OnlyPart, Part, Results, run
from bench.simulation import blocks
from bench.studies import run_study
from tests.conftest import Compose

Small = Callable[..., Experiment]
SMALL = (
    "+experiment=2017_r1_manipulation",
    "predictor=[last_poll,app_ratings]",
    "scenario=[industry_error,house_effect,app_brigading]",
    "instrument=[quota_poll,opt_in_app]",
    "predictors={app_ratings: {source: app}}",
    "simulation.replicates=15",
    "simulation.block=4",
    "execution=serial",
)


@pytest.fixture
def small(composed: Compose, tmp_path: Path) -> Small:
    def make(*changes: str) -> Experiment:
        experiment = composed(*SMALL, f"results={tmp_path}", *changes)
        experiment.predictors = {n: experiment.predictors[n] for n in ("last_poll", "app_ratings")}
        return experiment

    return make


def _cells(folder: Path) -> list[Path]:
    return sorted((folder / ".cache").rglob("*.entry"))


def test_two_processes_say_what_one_says(small: Small, tmp_path: Path) -> None:
    one = replicates_of(small()).tables["replicates"]
    assert one["replicate"].nunique() == 15
    assert not one.duplicated(["scenario", "dose", "replicate", "predictor"]).any()
    two = replicates_of(small("execution=loky", f"execution.store={tmp_path / 'other'}")).tables[
        "replicates"
    ]
    pd.testing.assert_frame_equal(one, two, check_exact=True)


def test_only_what_is_missing_is_made(
    small: Small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = replicates_of(small()).tables["replicates"]
    kept = _cells(tmp_path)
    assert len(kept) == 4
    kept[0].unlink()
    kept[1].write_bytes(kept[1].read_bytes()[:-7])
    made: list[int] = []
    run_block = blocks.run_block

    def counted(study: object, block: int, failures: dict[str, str]) -> pd.DataFrame:
        made.append(block)
        return run_block(study, block, failures)  # type: ignore[arg-type]

    monkeypatch.setattr(blocks, "run_block", counted)
    pd.testing.assert_frame_equal(
        replicates_of(small()).tables["replicates"], before, check_exact=True
    )
    assert len(made) == 2
    assert _cells(tmp_path) == kept


def test_other_settings_take_up_nothing(small: Small, tmp_path: Path) -> None:
    replicates_of(small())
    replicates_of(small("seed=1"))
    assert len(_cells(tmp_path)) == 8


@dataclass(frozen=True, kw_only=True)
class Raises(Predictor):
    """Fails whenever it is asked."""

    family = "floor"
    needs = frozenset({"ballots"})

    def predict(self, evidence: Evidence, rng: object) -> Forecast:
        """Raise."""
        raise ZeroDivisionError("planted")


def test_a_method_that_fails_costs_only_its_own_rows(
    small: Small,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    sound = replicates_of(small()).tables["replicates"]
    experiment = small()
    experiment.predictors["raises"] = {}

    def make(name: str, settings: dict[str, Any]) -> Predictor:
        return Raises() if name == "raises" else make_predictor(name, settings)

    monkeypatch.setattr("bench.simulation.study.make_predictor", make)
    monkeypatch.setattr("bench.runner.runner.load_predictor", lambda method: Raises)
    made = replicates_of(experiment)
    table = made.tables["replicates"]
    others = table[table["predictor"] != "raises"].reset_index(drop=True)
    pd.testing.assert_frame_equal(others, sound, check_exact=True)
    assert "ZeroDivisionError: planted" in made.failures["raises"]
    assert table.loc[table["predictor"] == "raises", "fillon"].isna().all()


def test_parts_fill_one_store(small: Small, tmp_path: Path) -> None:
    statuses = [
        run_study(small("execution.parts=2", f"execution.part={part}"), []) for part in (0, 1)
    ]
    assert statuses == [0, 0]
    assert len(_cells(tmp_path)) == 4
    assert [path.name for path in tmp_path.iterdir()] == [".cache"]
    with pytest.raises(OnlyPart):
        replicates_of(small("execution.parts=2"))


def test_breaking_points_are_kept_one_by_one(tmp_path: Path) -> None:
    experiment = hydra_setup.compose(
        "+experiment=2017_breaking_point",
        "predictor=[last_poll,app_ratings]",
        "scenario=[industry_error,house_effect,app_brigading]",
        "instrument=[quota_poll,opt_in_app]",
        "simulation.replicates=8",
        "simulation.block=4",
        "simulation.steps=4",
        "simulation.draws=1",
        "simulation.replicates_of_a_draw=4",
        "simulation.replicates_of_sensitivity=4",
        "simulation.steps_of_worlds=2",
        "execution=serial",
        f"results={tmp_path}",
    )
    experiment.predictors = {n: experiment.predictors[n] for n in ("last_poll", "app_ratings")}
    experiment.simulation["alternatives"] = {}  # they name instruments that are left out here
    for one in (*experiment.instruments.values(), *experiment.scenarios.values()):
        one.pop("priors", None)  # a world each
    names = ("background.industry_error", "search.app_brigading.price_per_unit")
    priors = experiment.simulation["priors"]
    experiment.simulation["priors"] = {name: priors[name] for name in names}
    first = all_points(experiment).points
    assert set(first["predictor"]) == {"app_ratings"}
    assert set(first["event"]) == {"first", "pair"}
    _cells(tmp_path)[0].unlink()
    pd.testing.assert_frame_equal(all_points(experiment).points, first, check_exact=True)


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

"""How long commands and inner loops take, beside what bounds them; never asserted as seconds."""

from __future__ import annotations

import subprocess
import sys
import timeit
import tracemalloc
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pytest_benchmark.fixture import BenchmarkFixture
from scipy.spatial.distance import pdist

import bench
from bench.core import Evidence, Forecast, check_forecast, paths
from bench.core.predictor import generator
from bench.core.registry import make_predictor
from bench.core.settings import Experiment
from bench.data.collection import load_collection
from bench.data.columns import TABLES
from bench.data.election import load_election
from bench.data.evidence import evidence_for
from bench.data.margins import margins_of_rounds
from bench.data.readers import forget, read_table
from bench.metrics.score_forecast import MAX_JOINT_DRAWS, Official, score_columns
from bench.models.ecological_inference import estimate
from bench.models.polls.poll_filter import filter_polls
from bench.models.polls.poll_table import poll_table
from bench.runner import process
from bench.runner.process import limits, protection
from bench.runner.runner import tasks_of
from bench.simulation.simulate import Simulation, simulate_block
from bench.studies.backtest.analysis import analyse
from bench.studies.track_record import STUDY as RECORD
from tests.conftest import Compose
from tests.data.test_task import own_elections
from tests.models.polls import VOTE_ON, past_errors, poll

pytestmark = pytest.mark.speed
AS_OF = pd.Timestamp("2017-04-21T20:00")
POLLS = paths.datasets() / "fr2017" / "inputs" / "polls.csv"
CUT = "evidence of one date, by one comparison of dates in each of its tables"
TEN = "ten forecasts of the made-up election, by reading them from the cache"
MANY = "300 forecasts of 4,000 draws, by random numbers"
DRAWS = "64 forecasts of 4,000 draws scored, by the distances between draws"
TRACKER = "200 polls of 11 candidates, by the filter"
PLAN = "tasks of 100 folders of one's own"
SLACK = 1.5  # a processor that others use meanwhile
TRANSFERS = "69,192 stations x 12 x 4, by one pass over the margins"
BLOCK = "125 of 1,000 replicates, all distortions, doses, methods, by one collection of the app"
HISTORY = "history, by the cuts of its evidence"
IMPORTS = (
    "import hydra, pandas, pandera.pandas, sklearn.linear_model, matplotlib.pyplot, jinja2,"
    "scipy.spatial.distance, rich.console"
)


@pytest.mark.benchmark(group="2017_r1, whole process", min_rounds=3, max_time=1)
@pytest.mark.parametrize("what", ["imports", "experiment", "quickstart", "help"])
def test_whole_process(benchmark: BenchmarkFixture, tmp_path: Path, what: str) -> None:
    command = {
        "imports": ["-c", IMPORTS],
        "experiment": ["-m", "bench", "+experiment=2017_r1"],
        "quickstart": ["-m", "bench", "+experiment=quickstart"],
        "help": ["-m", "bench", "--help"],
    }[what]
    benchmark(
        subprocess.run, [sys.executable, *command], cwd=tmp_path, check=True, capture_output=True
    )


@pytest.mark.benchmark(group="read the polls of 2017")
@pytest.mark.parametrize("check", [False, True], ids=["trusted", "validated"])
def test_read(benchmark: BenchmarkFixture, check: bool) -> None:
    benchmark(read_table, POLLS, TABLES["polls"], check=check)


@pytest.mark.benchmark(group="read the polls of 2017")
def test_read_with_pandas_alone(benchmark: BenchmarkFixture) -> None:
    benchmark(pd.read_csv, POLLS)


@pytest.mark.benchmark(group=CUT)
def test_evidence(benchmark: BenchmarkFixture) -> None:
    benchmark(evidence_for, load_election("fr2017"), 1, AS_OF)


@pytest.mark.benchmark(group=CUT)
def test_comparisons_alone(benchmark: BenchmarkFixture) -> None:
    tables = evidence_for(load_election("fr2017"), 1, AS_OF).assembled().tables.values()
    dated = [table for table in tables if "published_on" in table]
    benchmark(lambda: [table[table["published_on"] <= AS_OF] for table in dated])


def test_a_forecast_by_name(benchmark: BenchmarkFixture) -> None:
    """What a notebook asks again and again: the settings are composed once."""
    task = bench.Task("fr2017", round=1, as_of=AS_OF)
    benchmark(bench.forecast, "last_poll", task)


@pytest.fixture
def ten(composed: Compose, tmp_path: Path) -> Experiment:
    predictors, days = "predictor=[uniform,last_election]", "days_before=[5,4,3,2,1]"
    return composed("+experiment=quickstart", predictors, days, f"results={tmp_path}")


@pytest.mark.benchmark(group=TEN)
@pytest.mark.parametrize("protected_by", ["nothing", "process", "bubblewrap"])
def test_ten_forecasts_computed(
    benchmark: BenchmarkFixture,
    ten: Experiment,
    monkeypatch: pytest.MonkeyPatch,
    protected_by: str,
) -> None:
    ten.results = ""
    if protected_by == "process":
        monkeypatch.setattr(process, "_bubblewrap_works", lambda: False)
    elif protected_by == "bubblewrap" and protection(ten.execution) != protected_by:
        pytest.skip("needs bubblewrap")
    with limits(ten.execution, isolated=protected_by != "nothing"):
        benchmark(analyse, ten)


@pytest.mark.benchmark(group=TEN)
def test_ten_forecasts_from_the_cache_alone(benchmark: BenchmarkFixture, ten: Experiment) -> None:
    analyse(ten)
    benchmark(analyse, ten)


def three_hundred(composed: Compose, *more: str) -> Experiment:
    predictors = ("predictor=[uniform,last_poll]", "baseline=uniform", "results=''")
    days = f"days_before={list(range(1, 151))}"
    return composed("+experiment=2017_r1_horizon", *predictors, days, *more)


@pytest.mark.benchmark(group=MANY)
@pytest.mark.parametrize("engine", ["serial", "loky"])
def test_three_hundred_forecasts(
    benchmark: BenchmarkFixture, composed: Compose, engine: str
) -> None:
    workers = [f"execution={engine}", *(["execution.workers=2"] if engine == "loky" else [])]
    experiment = three_hundred(composed, *workers)
    results = benchmark.pedantic(analyse, (experiment,), rounds=2)
    assert len(results.tables["methods"]) == 300


@pytest.mark.benchmark(group=MANY)
def test_as_many_dirichlet_numbers_alone(benchmark: BenchmarkFixture) -> None:
    """Those of the one poll method of the two."""
    rng, weights = np.random.default_rng(1), np.linspace(20, 240, 11)
    benchmark(lambda: [rng.dirichlet(weights, 4000) for _ in range(150)])


NAMES = tuple(f"candidate_{k:02d}" for k in range(11))
WEIGHTS = np.linspace(20, 240, len(NAMES))


def made() -> tuple[list[Forecast], list[Official]]:
    """Forecasts of eleven candidates, of whom five are compared."""
    rng = np.random.default_rng(1)
    share = pd.Series(WEIGHTS / WEIGHTS.sum(), index=list(NAMES))
    ballots = {"all": NAMES, "compared": NAMES[-5:]}
    forecasts, officials = [], []
    for _ in range(64):
        said = Forecast(share=share, draws=rng.dirichlet(WEIGHTS, 4000))
        forecasts.append(check_forecast(said, NAMES, 2))
        outcome = pd.Series(rng.dirichlet(WEIGHTS), index=list(NAMES))
        officials.append(Official(outcome=outcome, n_advance=2, ballots=ballots))
    return forecasts, officials


@pytest.mark.benchmark(group=DRAWS, min_rounds=3, max_time=1)
def test_draws(benchmark: BenchmarkFixture) -> None:
    benchmark(score_columns, *made())


@pytest.mark.benchmark(group=DRAWS, min_rounds=3, max_time=1)
def test_distances_alone(benchmark: BenchmarkFixture) -> None:
    """All pairs of the joint draws on both ballots: the energy score cannot cost less."""
    joint = [one.draws[:MAX_JOINT_DRAWS] for one in made()[0] if one.draws is not None]
    benchmark(lambda: [pdist(one).sum() + pdist(one[:, -5:]).sum() for one in joint])


def rows_of(names: tuple[str, ...], n_polls: int = 200) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    rows = []
    for j in range(n_polls):
        printed = dict(zip(names, rng.dirichlet(np.linspace(20, 240, len(names))), strict=True))
        mine = poll(2 + j * 60 // n_polls, printed, institute=f"House {j % 9}")
        rows += [row | {"poll_id": f"poll_{j:03d}"} for row in mine]
    return pd.DataFrame(rows)


def polled(names: tuple[str, ...]) -> Evidence:
    return Evidence(
        election="toy",
        round=1,
        as_of=VOTE_ON - pd.Timedelta(days=2),
        vote_on=VOTE_ON,
        candidates=names,
        n_advance=2,
        tables={"polls": rows_of(names), "past_errors": past_errors(16, {"AA": 0.05})},
    )


@pytest.mark.benchmark(group=TRACKER)
def test_the_filter_alone(benchmark: BenchmarkFixture) -> None:
    table = poll_table(rows_of(NAMES), NAMES, VOTE_ON)
    benchmark(filter_polls, table, [0.02, 0.035, 0.06, 0.1], [0.02, 0.07], [0.0, 0.06])


@pytest.mark.benchmark(group=TRACKER)
@pytest.mark.parametrize("n", [11, 100])
def test_the_tracker(benchmark: BenchmarkFixture, settings_of: Any, n: int) -> None:
    """Its memory, MB, stands in `extra_info`."""
    tracker = make_predictor("poll_tracker", settings_of("poll_tracker"))
    given = polled(tuple(f"candidate_{k:03d}" for k in range(n)))

    def predict() -> None:
        tracker.predict(given, np.random.default_rng(0))

    benchmark.pedantic(predict, rounds=3)
    tracemalloc.start()
    predict()
    benchmark.extra_info["peak_mb"] = tracemalloc.get_traced_memory()[1] / 2**20
    tracemalloc.stop()


@pytest.mark.benchmark(group=HISTORY)
def test_a_whole_experiment(benchmark: BenchmarkFixture, composed: Compose, tmp_path: Path) -> None:
    fresh = composed("+experiment=history", f"results={tmp_path}")  # nothing that a run kept
    timings = benchmark.pedantic(analyse, (fresh,), rounds=1).tables["timings"]
    assert len(timings) == len(tasks_of(fresh)) * len(fresh.predictors)


@pytest.mark.benchmark(group=HISTORY)
def test_its_cuts_alone(benchmark: BenchmarkFixture, composed: Compose) -> None:
    experiment = composed("+experiment=history")

    def cuts() -> int:
        return sum(len(task.evidence()["polls"]) for task in tasks_of(experiment))

    assert benchmark.pedantic(cuts, setup=forget, rounds=1) > 0


@pytest.mark.benchmark(group=PLAN)
def test_a_hundred_folders_planned(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    """Each is read once: four times the folders take no more than four times the time."""
    folders = own_elections(tmp_path, 100)
    some, every = (
        Experiment(elections=elections, rounds=[1], days_before=[1])
        for elections in (own_elections(tmp_path / "few", 25), folders)
    )
    benchmark.pedantic(tasks_of, (every,), setup=forget, rounds=2)
    quarter = min(timeit.repeat(lambda: tasks_of(some), setup=forget, number=1, repeat=2))
    assert benchmark.stats is not None
    assert benchmark.stats.stats.min < SLACK * 4 * quarter


@pytest.mark.benchmark(group=TRANSFERS, min_rounds=3, max_time=1)
def test_transfers(benchmark: BenchmarkFixture) -> None:
    margins = margins_of_rounds(load_election("fr2017"))
    benchmark(estimate, margins.rows.to_numpy(), margins.columns.to_numpy())


@pytest.mark.benchmark(group=TRANSFERS)
def test_cross_product_alone(benchmark: BenchmarkFixture) -> None:
    margins = margins_of_rounds(load_election("fr2017"))
    rows, columns = margins.rows.to_numpy(float), margins.columns.to_numpy(float)
    benchmark(lambda: rows.T @ columns)


@pytest.mark.benchmark(group=BLOCK)
def test_one_collection_alone(benchmark: BenchmarkFixture, manipulation: Simulation) -> None:
    frame, app = manipulation.frames["opt_in_app"], manipulation.instruments["opt_in_app"]
    benchmark(lambda: app.collect(frame, manipulation.facts, 125, generator(1, "speed")))


@pytest.mark.benchmark(group=BLOCK)
def test_one_block_of_the_study(benchmark: BenchmarkFixture, manipulation: Simulation) -> None:
    simulation = replace(manipulation, replicates=1000, block=125)
    benchmark.pedantic(simulate_block, args=(simulation, 0, {}), rounds=2)


@pytest.mark.benchmark(group="American races of the record, every family")
@pytest.mark.parametrize("n", [100, 200])
def test_american_races_of_the_record(
    benchmark: BenchmarkFixture, composed: Compose, n: int
) -> None:
    """Every family on the latest races, without a cache: twice the races, twice the time."""
    experiment = composed("+experiment=track_record", "days_before=[0]", "results=''")
    register = load_collection("united_states").elections
    latest = register[register["ranked"]].sort_values("vote_on", kind="stable")["election"]
    some = replace(experiment, elections=list(latest.tail(n)))
    benchmark.pedantic(RECORD.analyse, (some,), rounds=1)

"""A fault of one predictor costs its own cells and nobody else's."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from bench.core.settings import Experiment
from bench.runner.results import Results
from tests.conftest import Compose
from tests.runner.conftest import FAULTS, bring_plug_in, done

COSTLY = {
    "raises": "ZeroDivisionError: nothing to divide by",
    "unprintable": "Unprintable",
    "recurses": "RecursionError",
    "sys_exit": "SystemExit: 0",
    "interrupts": "KeyboardInterrupt",
    "asserts_nothing": "predict returned str",
    "nan": "no candidate is named",
    "infinite": "accepted: 0 to 1",
    "percent": "share of",
    "sums_to_half": "the shares sum to 0.500000; accepted: 1",
    "stranger": "who is not on the ballot",
    "draws_shape": "draws have shape (10, 1)",
    "draws_nan": "must be finite",
    "chances_twice": "Error",
    "areas_of_objects": "Error",
    "converted_unprintable": "ValueError: no words",
    "mutates_array": "changed the table 'polls' in place",
    "mutates_table": "changed the table 'polls' in place",
    "mutates_words": "changed the table 'polls' in place",
    "forks": "PermissionError",
    "leaves_processes": "PermissionError",
    "spoils_memory": "PermissionError",
    "os_exit": "ended itself with status 0 before it gave an answer",
    "hangs": "TimeLimit: no answer after 6 s",
    "hangs_and_ignores": "TimeLimit: no answer after 6 s",
    "stops_itself": "TimeLimit: no answer after 6 s",
    "segfaults": "ended by SIGSEGV",
    "kills_itself": "ended by SIGKILL",
    "kills_group": "ended by SIGKILL",
    "kills_parent": "PermissionError",
    "aborts": "ended by SIGABRT",
    "closes_files": "ended itself with status",
    "eats_memory": "MemoryError",
    "prints_forever": "File too large",
    "answers_forever": "its answer has",
    "patches_all": "ended itself with status 1",
    "patches_arrays": "TypeError",
    "deletes_files": "Error",
    "writes_files": "PermissionError",
    "connects": "PermissionError",
}
HARMLESS = (
    *("none", "prints", "closes_output", "changes_folder", "leaves_thread", "few_files"),
    *("seals_its_output", "nests_folders", "shallow", "hides_files", "reads_environment"),
)
GOOD = ("uniform", "last_poll", "quota_poll")
LIMITS = ("execution.time_limit_s=6", "execution.memory_limit_mb=600")


def _with_faults(composed: Compose, folder: Path, faults: list[str], *overrides: str) -> Results:
    # the faulty stand between the good, so that whatever they leave behind meets somebody
    experiment = composed(
        "+experiment=quickstart",
        "predictor=[uniform,last_poll,quota_poll]",
        "n_draws=200",
        "days_before=[2]",
        f"results={folder}",
        *overrides,
    )
    good = experiment.predictors
    experiment.predictors = {"uniform": good["uniform"]}
    for fault in faults:
        experiment.predictors[f"f_{fault}"] = {"method": "faulty", "fault": fault}
    experiment.predictors |= {name: good[name] for name in GOOD[1:]}
    return done(experiment)


@pytest.fixture(scope="module")
def undisturbed(composed: Compose, tmp_path_factory: pytest.TempPathFactory) -> Results:
    return _with_faults(composed, tmp_path_factory.mktemp("good"), [])


@pytest.fixture(scope="module")
def disturbed(composed: Compose, faulty: Path, tmp_path_factory: pytest.TempPathFactory) -> Results:
    folder = tmp_path_factory.mktemp("apart")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BENCH_TEST_SECRET", "the outcome")
        return _with_faults(composed, folder, [*COSTLY, *HARMLESS], *LIMITS)


def _message(results: Results, fault: str) -> str:
    rows = results.tables["methods"][results.tables["methods"]["predictor"] == f"f_{fault}"]
    assert rows["status"].tolist() == ["failed"]
    return str(rows["message"].iloc[0])


@pytest.mark.parametrize("fault", COSTLY)
def test_a_fault_costs_only_its_own_forecasts(disturbed: Results, fault: str) -> None:
    assert COSTLY[fault] in _message(disturbed, fault)


@pytest.mark.parametrize("fault", HARMLESS)
def test_what_is_rude_but_right_still_counts(disturbed: Results, fault: str) -> None:
    rows = disturbed.tables["methods"][disturbed.tables["methods"]["predictor"] == f"f_{fault}"]
    assert rows["status"].tolist() == ["ok"], rows["message"].tolist()


def test_the_others_keep_their_numbers_to_the_byte(
    undisturbed: Results, disturbed: Results
) -> None:
    for table in ("errors", "forecasts", "methods"):
        rows = disturbed.tables[table]
        rows = rows[rows["predictor"].isin(GOOD)].reset_index(drop=True)
        assert rows.to_csv() == undisturbed.tables[table].to_csv()


BAD = (
    *("raises", "segfaults", "os_exit", "hangs", "kills_parent", "kills_group", "closes_files"),
    *("patches_all", "mutates_array", "recurses", "few_files", "hides_files", "leaves_processes"),
)


@pytest.mark.golden
def test_bad_contestants_cost_a_run_nothing_but_their_own_rows(
    composed: Compose, tmp_path: Path
) -> None:
    site, temporary = tmp_path / "site", tmp_path / "temporary"
    temporary.mkdir()
    yaml = "# @package predictors.f_{0}\nmethod: worst\nfault: {0}\n"
    configs = {f"configs/predictor/f_{fault}.yaml": yaml.format(fault) for fault in BAD}
    points = "[bench.predictors]\nworst = bench_worst.faulty:Faulty\n"
    points += "[bench.configs]\nbench_worst = bench_worst.configs\n"
    bring_plug_in(site, "bench_worst", {"faulty.py": FAULTS, **configs}, points)
    names = ",".join(f"f_{fault}" for fault in BAD)
    common = ("+experiment=quickstart", "n_draws=200", "days_before=[2]")
    run = subprocess.run(
        [
            *(sys.executable, "-m", "bench", *common, *LIMITS),
            *(f"predictor=[uniform,{names},last_poll]", f"results={tmp_path}"),
        ],
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(site), *sys.path]),
            "TMPDIR": str(temporary),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 3, run.stderr
    (folder,) = (tmp_path / "quickstart").iterdir()
    assert (folder.stat().st_mode & 0o700) == 0o700
    assert not list(temporary.glob("bench-*"))
    assert not [place for place in Path("/proc").glob("[0-9]*") if _is_below(place, temporary)]
    methods = pd.read_csv(folder / "methods.csv").set_index("predictor")["status"]
    assert methods["f_segfaults"] == "failed"

    shipped = (*common, "predictor=[uniform,last_poll]")
    clean = done(composed(*shipped, "results=")).tables
    cached = done(composed(*shipped, f"results={tmp_path}")).tables
    for table in ("errors", "forecasts"):
        rows = pd.read_parquet(folder / f"{table}.parquet")
        rows = rows[rows["predictor"].isin(["uniform", "last_poll"])].reset_index(drop=True)
        assert rows.to_csv() == cached[table].to_csv() == clean[table].to_csv()


def _is_below(process: Path, folder: Path) -> bool:
    try:
        return Path(os.readlink(process / "cwd")).is_relative_to(folder)
    except OSError:
        return False


def test_nothing_of_a_plug_in_is_imported_here(disturbed: Results) -> None:
    assert not [name for name in sys.modules if name.startswith("bench_faults")]


def test_the_traceback_is_in_the_table(disturbed: Results) -> None:
    methods = disturbed.tables["methods"].set_index("predictor")
    trace = methods.loc["f_raises", "trace"]
    assert "ZeroDivisionError: nothing to divide by" in trace
    assert "in _raises" in trace


def test_the_last_line_before_a_crash_is_in_the_table(disturbed: Results) -> None:
    methods = disturbed.tables["methods"].set_index("predictor")
    assert "Segmentation fault" in methods.loc["f_segfaults", "trace"].splitlines()[0]


def test_nothing_that_a_predictor_prints_reaches_the_terminal(
    composed: Compose, faulty: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    _with_faults(composed, tmp_path, ["prints"])
    assert "script" not in "".join(capfd.readouterr())


def test_failed_forecasts_are_cached_until_somebody_retries(
    quick: Callable[..., Experiment], faulty: Path, tmp_path: Path
) -> None:
    experiment = quick("predictor=[uniform]")
    experiment.predictors["f"] = {"method": "faulty", "fault": "raises"}
    assert done(experiment).tables["methods"]["status"].tolist() == ["ok", "failed"]
    cached = sorted((tmp_path / "results" / ".cache").rglob("*.entry"))
    ages = [path.stat().st_mtime_ns for path in cached]
    assert done(experiment).tables["methods"]["status"].tolist() == ["ok", "failed"]
    assert [path.stat().st_mtime_ns for path in cached] == ages

    experiment.execution.retry_failed = True
    assert done(experiment).tables["methods"]["status"].tolist() == ["ok", "failed"]
    changed = [path.stat().st_mtime_ns != age for path, age in zip(cached, ages, strict=True)]
    assert sorted(changed) == [False, True]

"""The command line, as a person types it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from bench import paths


def bench(
    folder: Path, *arguments: str, status: int = 0, **environment: str
) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "bench", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, **environment},
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["+experiment=2017r1"], "no experiment is called '2017r1' (did you mean '2017_r1'?"),
        (["+experiment=quickstart", "predictor=[quota_pol]"], "did you mean 'quota_poll'?"),
        (["+experiment=quickstart", "sead=1"], "no setting is called 'sead' (did you mean 'seed'?"),
        (["+experiment=quickstart", "elections=[toi]"], "no election is called 'toi' (did you"),
        (["+experiment=quickstart", "rounds=[3]"], "toy has no round 3; known: 1, 2"),
        (["+experiment=quickstart", "ranked_on=[quil]"], "(did you mean 'quill'?"),
        (["+experiment=quickstart", "learn_from=all"], "learn_from is 'all'"),
        (["+experiment=quickstart", "days_before=[]"], "give either as_of"),
        (["+experiment=quickstart", "as_of=['2031-04-01']"], "give either as_of"),
        (
            ["+experiment=quickstart", "days_before=[]", "as_of=['2031-04-07']"],
            "is not before the outcome of round 1 of toy was known",
        ),
        (["+experiment=quickstart", "days_before=[]", "as_of=['soon']"], "'soon' is not a moment"),
        (
            ["+experiment=quickstart", "+predictors.quota_poll.half_live_days=3"],
            "predictor 'quota_poll' has no setting 'half_live_days' (did you mean 'half_life_days'",
        ),
        (
            ["+experiment=quickstart", "predictors.quota_poll.half_life_days=soon"],
            "setting 'half_life_days' of predictor 'quota_poll' is 'soon'; accepted: float",
        ),
        (["quickstart"], "'quickstart' is not a setting; accepted: key=value"),
        (["seed=1"], "the setting 'elections' is empty; choose an experiment"),
    ],
)
def test_a_mistake_is_answered_in_one_sentence_and_writes_nothing(
    tmp_path: Path, arguments: list[str], words: str
) -> None:
    done = bench(tmp_path, *arguments, status=1)
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.iterdir())


def test_a_wrong_type_is_refused(tmp_path: Path) -> None:
    done = bench(tmp_path, "+experiment=quickstart", "seed=many", status=1)
    assert "seed" in done.stderr
    assert not list(tmp_path.iterdir())


def test_a_traceback_comes_when_it_is_asked_for(tmp_path: Path) -> None:
    done = bench(
        tmp_path, "+experiment=quickstart", "elections=[toi]", status=1, HYDRA_FULL_ERROR="1"
    )
    assert "Traceback" in done.stderr
    assert "no election is called 'toi'" in done.stderr


def test_a_wrong_type_is_said_in_one_sentence(tmp_path: Path) -> None:
    done = bench(tmp_path, "+experiment=quickstart", "seed=many", status=1)
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1
    assert "'many' of type 'str' could not be converted to Integer" in done.stderr


def test_a_python_without_the_libraries_says_what_to_install() -> None:
    bare = [sys.executable, "-S", "-m", "bench", "+experiment=quickstart"]
    done = subprocess.run(bare, cwd=paths.datasets().parent, capture_output=True, text=True)
    assert done.returncode == 1
    assert "is not installed for " + sys.executable in done.stderr
    assert "pip install -e ." in done.stderr
    assert done.stderr.count("\n") == 1


def test_the_settings_can_be_shown_without_a_run(tmp_path: Path) -> None:
    done = bench(tmp_path, "+experiment=quickstart", "election=some folder/x", "--cfg", "job")
    assert "- some folder/x" in done.stdout
    assert not list(tmp_path.iterdir())


def test_help_lists_the_experiments(tmp_path: Path) -> None:
    assert "2017_r1" in bench(tmp_path, "--help").stdout


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; sys.argv = ['bench', '--help']\n"
        "from bench.__main__ import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'pandas', 'numpy', 'matplotlib', 'pandera', 'sklearn', 'statsmodels', 'hydra'}\n"
        "print('loaded:', sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "loaded: []" in done.stdout


def test_a_misspelt_experiment_imports_hydra_and_nothing_heavier() -> None:
    code = (
        "import sys; sys.argv = ['bench', '+experiment=2017_rl']\n"
        "from bench.__main__ import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'pandas', 'numpy', 'matplotlib', 'pandera', 'sklearn', 'statsmodels'}\n"
        "print('loaded:', sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "loaded: []" in done.stdout


def test_a_run_leaves_its_whole_folder(tmp_path: Path) -> None:
    done = bench(tmp_path, "+experiment=quickstart", NO_COLOR="1")
    assert "quota_poll" in done.stdout
    assert "\x1b[" not in done.stdout
    (run,) = (tmp_path / "results" / "quickstart").iterdir()
    for name in (
        "errors.parquet",
        "errors.csv",
        "forecasts.parquet",
        "methods.csv",
        "timings.csv",
        "manifest.json",
        "report.html",
        "tables/headline.tex",
        "tables/headline.md",
        "figures/signed_errors.png",
        ".hydra/config.yaml",
        ".hydra/overrides.yaml",
    ):
        assert (run / name).is_file(), name


def test_the_same_command_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    tables = []
    for folder in ("one", "two"):
        bench(tmp_path, "+experiment=quickstart", f"results={folder}")
        (run,) = (tmp_path / folder / "quickstart").iterdir()
        tables.append(
            {
                path.relative_to(run).as_posix(): path.read_bytes()
                for path in sorted(run.rglob("*"))
                if path.is_file() and path.suffix in {".csv", ".parquet", ".tex", ".md", ".png"}
            }
        )
    one, two = tables
    assert one.keys() == two.keys()
    assert {name for name in one if one[name] != two[name]} <= {"timings.csv"}


def test_a_new_contestant_changes_nobodys_numbers(tmp_path: Path) -> None:
    errors = []
    for folder, names in (
        ("few", "last_poll,quota_poll"),
        ("more", "uniform,quota_poll,last_poll"),
    ):
        bench(
            tmp_path,
            "+experiment=quickstart",
            f"predictor=[{names},last_election]",
            f"results={folder}",
        )
        (run,) = (tmp_path / folder / "quickstart").iterdir()
        frame = pd.read_parquet(run / "errors.parquet")
        frame = frame[frame["predictor"].isin(["last_poll", "quota_poll"])]
        keys = ["predictor", "ballot", "candidate", "score"]
        errors.append(frame.sort_values(keys).reset_index(drop=True))
    pd.testing.assert_frame_equal(*errors)


def test_one_bad_contestant_never_sinks_a_run(tmp_path: Path) -> None:
    done = bench(
        tmp_path,
        "+experiment=quickstart",
        "predictor=[last_poll,last_election,app_ratings]",
        "predictors.app_ratings.count=smiles",
        status=3,
    )
    assert "failed: ConfigError: count is 'smiles'" in " ".join(done.stdout.split())
    (run,) = (tmp_path / "results" / "quickstart").iterdir()
    assert "Traceback" in (run / "failures.txt").read_text()
    methods = pd.read_csv(run / "methods.csv").set_index("predictor")
    assert methods.loc["app_ratings", "status"] == "failed"
    assert methods.loc["last_poll", "status"] == "ok"


def test_broken_evidence_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    import shutil

    from bench import paths

    folder = tmp_path / "mine"
    shutil.copytree(paths.datasets() / "toy", folder)
    polls = folder / "inputs" / "polls.csv"
    text = polls.read_text()
    first_share = text.splitlines()[1].split(",")
    shown = pd.read_csv(polls)["share"].iloc[0]
    broken = ",".join("24.01" if cell == str(shown) else cell for cell in first_share)
    polls.write_text(text.replace(text.splitlines()[1], broken))
    done = bench(tmp_path, "+experiment=quickstart", f"elections=[{folder}]", status=1)
    assert f"{polls}:2: column 'share' is 24.01 but must be at least 0 and at most 1" in done.stderr
    assert not (tmp_path / "results").exists()


def test_an_audited_run_shows_its_verdicts(tmp_path: Path) -> None:
    bench(tmp_path, "+experiment=quickstart", "predictor=[quota_poll,last_election]", "audit=true")
    (run,) = (tmp_path / "results" / "quickstart").iterdir()
    verdicts = pd.read_csv(run / "tables" / "audit.csv").set_index("predictor")["verdict"]
    assert verdicts.to_dict() == {"quota_poll": "passed", "last_election": "passed"}
    page = (run / "report.html").read_text()
    assert page.count("passed") >= 2
    assert "not audited" not in page


def test_a_run_is_frozen_and_scored_with_its_record(tmp_path: Path) -> None:
    chosen = ["+experiment=quickstart", "predictor=[last_poll,last_election]"]
    done = bench(tmp_path, "freeze", *chosen, "--out", "mine.json")
    assert "seal " in done.stdout
    assert "holds" in bench(tmp_path, "freeze", "--check", "mine.json").stdout
    bench(tmp_path, *chosen, "frozen=mine.json")
    refused = bench(tmp_path, *chosen, "frozen=mine.json", "seed=1", status=1)
    assert "not the frozen forecast: last_poll" in refused.stderr


def test_two_runs_are_compared_and_a_stale_one_is_not_ranked(tmp_path: Path) -> None:
    for folder, more in (("one", []), ("two", ["n_draws=500"])):
        bench(
            tmp_path,
            "+experiment=quickstart",
            "predictor=[last_poll,last_election]",
            f"results={folder}",
            *more,
        )
    runs = [str(next((tmp_path / folder / "quickstart").iterdir())) for folder in ("one", "two")]
    assert "the same" in bench(tmp_path, "compare", runs[0], runs[0]).stdout
    changed = bench(tmp_path, "compare", *runs, status=1).stdout
    assert "n_draws: 1000 → 500" in changed
    assert "'last_election' in the one is stale" in (
        bench(tmp_path, "compare", *runs, "--rank", status=1).stderr
    )
    ranked = bench(tmp_path, "compare", *runs, "--rank", "--despite", "settings").stdout
    assert "last_poll (second run)" in ranked

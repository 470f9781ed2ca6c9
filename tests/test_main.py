"""The command line, as a person types it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from bench.core import paths
from bench.report import report
from tests import forked


def bench(
    folder: Path, *arguments: str, status: int = 0, figures: bool = False, **environment: str
) -> forked.Ended:
    """The command in a copy of this process, and without figures: either would take seconds."""

    def before() -> None:
        os.environ.update(environment)
        if not figures:
            report.draw_figures = lambda *_, **__: {}

    done = forked.bench(folder, *arguments, before=before)
    assert done.status == status, done.out + done.err
    return done


def test_the_shell_asks_hydra_what_may_come_next(tmp_path: Path) -> None:
    for start in ("+experiment=own", "run own"):
        line = f"bench {start} predictor=quo"
        done = bench(tmp_path, "-sc", "query=bash", COMP_LINE=line)
        assert done.out.split() == ["predictor=quota_poll"]
    done = bench(tmp_path, "-sc", "query=bash", COMP_LINE="bench run 2017_r1_h")
    assert "2017_r1_horizon" in done.out.split()


def test_a_sweep_ends_in_one_table_of_what_moved_and_leaves_nothing_else(tmp_path: Path) -> None:
    half_life = "predictors.quota_poll.half_life_days"
    few = "predictor=[quota_poll,last_election]"
    done = bench(tmp_path, "run", "quickstart", "-m", few, f"{half_life}=3,30")
    jobs = [line for line in done.out.splitlines() if line.startswith(("1/2  ", "2/2  "))]
    assert [line.split()[1] for line in jobs] == [f"{half_life}=3", f"{half_life}=30"]
    assert "The same in all jobs: last_election." in done.out
    assert [path.name for path in tmp_path.iterdir()] == ["results"]
    (written,) = (tmp_path / "results" / "quickstart").glob("sweep_*.csv")
    rows = pd.read_csv(written).set_index(["method", half_life])["mae_pp"]
    for job in jobs:
        run = tmp_path / job.split()[-1]
        headline = pd.read_csv(run / "tables" / "headline.csv").set_index("predictor")["mae_pp"]
        value = int(job.split()[1].partition("=")[2])
        assert rows["quota_poll", value] == headline["quota_poll"]
    assert rows["quota_poll", 3] != rows["quota_poll", 30]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["+experiment=quickstart", "predictor=[quota_pol]"], "did you mean 'quota_poll'?"),
        (["+experiment=quickstart", "sead=1"], "no setting is called 'sead' (did you mean 'seed'?"),
        (["+experiment=quickstart", "elections=[toi]"], "no election is called 'toi' (did you"),
        (["+experiment=quickstart", "rounds=[3]"], "toy has no round 3; known: 1, 2"),
        (["+experiment=quickstart", "ranked_on=[quil,thorne]"], "(did you mean 'quill'?"),
        (
            ["+experiment=quickstart", "days_before=[]", "as_of=['2031-04-07']"],
            "is not before the outcome of round 1 of toy was known",
        ),
        (
            ["+experiment=quickstart", "+predictors.quota_poll.half_live_days=3"],
            "predictor 'quota_poll' has no setting 'half_live_days' (did you mean 'half_life_days'",
        ),
        (["quickstart"], "a setting (did you mean '+experiment=quickstart'?); accepted: +exp"),
        (["run", "2017_r9"], "no experiment is called '2017_r9' (did you mean '2017_r"),
        (["rum", "2017_r1"], "(did you mean 'run'?)"),
        (["run", "2017_r"], "(did you mean '2017_r1'? also 2017_r2, 2017_r1_eve"),
        (["show", "2017"], "(did you mean '2017_r1'? also 2017_r2, "),
        (["run", "quickstart", "lang=fr"], "(did you mean 'language'?"),
        (["run", "quickstart", "baseline=foo"], "are known); accepted: one of this run, such"),
        (["run", "2017_r1_bias", "replicates=3"], "below another: simulation.replicates=3"),
        (["run", "quickstart", "results=/proc/x"], "results is '/proc/x', but '/"),
        (["run", "quickstart", "~predictor"], "takes a whole setting away; accepted: predictor="),
        (["run", "quickstart", "as_of=null"], "as_of is null; accepted: a list in brackets"),
        (["run", "quickstart", "-m"], "no setting has several values; accepted: key=a,b"),
        (["lst"], "'lst' is neither a command nor a setting (did you mean 'list'?)"),
        (["seed=1", "quickstart"], "it is an experiment: +experiment=quickstart"),
        (["experiment=quickstart"], "chosen with a plus: +experiment=quickstart"),
        (["+experiement=quickstart"], "(did you mean '+experiment'?"),
        (["+experiment="], "no experiment is called '' (known: 2017_areas"),
        (["+experiment=quickstart", "elections=[toy"], "'elections=[toy' cannot be read; accepted"),
        (
            ["+experiment=quickstart", "predictors.poll_tracker.window_days=3"],
            "no predictor of this run is called 'poll_tracker'",
        ),
        (["+experiment=quickstart", "execution.worker=2"], "(did you mean 'execution.workers'?"),
        (["+experiment=quickstart", "+experiment=2017_r1"], "is given twice; accepted: one"),
        (["freeze", "quickstart"], "it is an experiment: +experiment=quickstart"),
        (["audit", "last_pol"], "no predictor is called 'last_pol' (did you mean 'last_poll'?"),
        (["list", "predictor"], "no list is called 'predictor' (did you mean 'predictors'?"),
        (["report", "2017_r9"], "no run is called '2017_r9': none lies in results yet"),
        (["report", "2017_r1", "--sizes", "poster"], "no size is called 'poster'"),
        (["show", "quota_pol"], "nothing is called 'quota_pol' (did you mean 'quota_poll'?"),
    ],
)
def test_a_mistake_is_answered_in_one_sentence_and_writes_nothing(
    tmp_path: Path, arguments: list[str], words: str
) -> None:
    done = bench(tmp_path, *arguments, status=1)
    assert done.err.startswith("error: ")
    assert words in done.err
    assert done.out == ""
    assert done.err.count("\n") == 1
    for raw in ("Traceback", "Config search path", "object_type", "full_key", "hydra.cc"):
        assert raw not in done.err
    assert not list(tmp_path.iterdir())


def test_a_traceback_comes_when_it_is_asked_for(tmp_path: Path) -> None:
    done = bench(
        tmp_path, "+experiment=quickstart", "elections=[toi]", status=1, HYDRA_FULL_ERROR="1"
    )
    assert "Traceback" in done.err
    assert "no election is called 'toi'" in done.err


def test_a_python_without_the_libraries_says_what_to_install() -> None:
    bare = [sys.executable, "-S", "-m", "bench", "+experiment=quickstart"]
    done = subprocess.run(bare, cwd=paths.datasets().parent, capture_output=True, text=True)
    assert done.returncode == 1
    assert "is not installed for " + sys.executable in done.stderr
    assert "pip install -e ." in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "quickstart", "results=a file"], "a file' is a file; accepted: a folder in which"),
        (["freeze", "+experiment=2027_r1", "--out", "a file/x.json"], "--out is 'a file', but"),
        (["run", "quickstart", "results="], "results is empty; accepted: the folder where"),
        (["new", "predictor", "mine", "--package", "a file/x"], "a file/x: Not a directory; give"),
        (["site", "--to", "a file/x"], "Not a directory; give a place that you may read and write"),
    ],
)
def test_a_place_that_takes_no_files_is_named(
    tmp_path: Path, arguments: list[str], words: str
) -> None:
    (tmp_path / "a file").touch()
    done = bench(tmp_path, *arguments, status=1)
    assert words in done.err
    assert "unexpected" not in done.err
    assert [path.name for path in tmp_path.rglob("*")] == ["a file"]


@pytest.mark.parametrize(
    ("name", "words"),
    [("fr2027", "slates"), ("de2021", "German federal election"), ("germany", "80 elections")],
)
def test_what_ships_is_checked_by_its_name(tmp_path: Path, name: str, words: str) -> None:
    assert words in bench(tmp_path, "check", name, "--quick").out


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


def test_the_same_command_twice_gives_the_same_bytes_in_a_whole_folder(tmp_path: Path) -> None:
    """As a shell starts it; only the order within sets differs."""
    files = []
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-m", "bench", "+experiment=quickstart", f"results={seed}"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
            env={**os.environ, "NO_COLOR": "1", "PYTHONHASHSEED": seed},
        )
        assert "quota_poll" in done.stdout
        assert "\x1b[" not in done.stdout
        (run,) = (tmp_path / seed / "quickstart").iterdir()
        paths_of = (path for path in sorted(run.rglob("*")) if path.is_file())
        files.append({one.relative_to(run).as_posix(): one.read_bytes() for one in paths_of})
    one, two = files
    for name in (
        *("errors.csv", "forecasts.parquet", "methods.csv", "timings.csv", "kept/facts.json"),
        *("manifest.json", "report.html", "tables/headline.tex", "tables/headline.md"),
        *("figures/signed_errors.svg", ".hydra/config.yaml", ".hydra/overrides.yaml"),
    ):
        assert name in one
    assert one.keys() == two.keys()
    kinds = (".csv", ".parquet", ".tex", ".md", ".png")
    differ = {name for name in one if one[name] != two[name] and name.endswith(kinds)}
    assert differ <= {"timings.csv"}


def test_one_bad_contestant_never_sinks_a_run(tmp_path: Path) -> None:
    done = bench(
        tmp_path,
        "+experiment=quickstart",
        "predictor=[last_poll,last_election,app_ratings]",
        "predictors.app_ratings.count=smiles",
        status=3,
    )
    assert "failed: ConfigError: count is 'smiles'" in " ".join(done.out.split())
    (run,) = (tmp_path / "results" / "quickstart").iterdir()
    assert "Traceback" in (run / "failures.txt").read_text()
    methods = pd.read_csv(run / "methods.csv").set_index("predictor")
    assert methods.loc["app_ratings", "status"] == "failed"
    assert methods.loc["last_poll", "status"] == "ok"


def test_broken_evidence_is_refused_before_anything_is_written(
    tmp_path: Path, toy_folder: Path
) -> None:
    polls = toy_folder / "inputs" / "polls.csv"
    text = polls.read_text()
    first_share = text.splitlines()[1].split(",")
    share = pd.read_csv(polls)["share"].iloc[0]
    broken = ",".join("24.01" if cell == str(share) else cell for cell in first_share)
    polls.write_text(text.replace(text.splitlines()[1], broken))
    done = bench(tmp_path, "+experiment=quickstart", f"elections=[{toy_folder}]", status=1)
    assert f"{polls}:2: column 'share' is 24.01 but must be a fraction" in done.err
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
    assert "seal " in done.out
    assert "holds" in bench(tmp_path, "freeze", "--check", "mine.json").out
    bench(tmp_path, *chosen, "frozen=mine.json")
    refused = bench(tmp_path, *chosen, "frozen=mine.json", "seed=1", status=1)
    assert "not the frozen forecast: last_poll" in refused.err


def moments_of(run: Path) -> set[str]:
    return set(pd.read_csv(run / "methods.csv")["as_of"])


def test_a_moment_replaces_the_days_before_and_the_other_way_round(tmp_path: Path) -> None:
    few = ["+experiment=quickstart", "predictor=[last_poll,last_election]"]
    done = bench(tmp_path, *few, 'as_of=["2031-04-01"]', "results=one")
    assert "as_of 2031-04-01 is 2031-04-01 00:00, midnight" in done.err
    (run,) = (tmp_path / "one" / "quickstart").iterdir()
    assert moments_of(run) == {"2031-04-01"}
    shown = bench(tmp_path, "+experiment=2017_r1", "days_before=[3]", "--cfg", "job").out
    assert "as_of: []" in shown
    assert "days_before:\n- 3\n" in shown
    added = ["+experiment=2017_r1_bias", "predictor=[quota_poll]", 'as_of=["2017-04-01"]']
    shown = bench(tmp_path, *added, "--cfg", "job").out
    assert "- '2017-04-01'\n" in shown
    assert "digital_weight:" not in shown


def test_an_election_of_ones_own_is_frozen_and_shown(tmp_path: Path) -> None:
    shutil.copytree(paths.datasets() / "toy", tmp_path / "my election")
    done = bench(
        tmp_path,
        "freeze",
        "+experiment=own",
        "election=my election",
        "predictor=[uniform]",
        "--out",
        "mine.json",
    )
    assert "mine.json: 1 forecast of 1 vote\n  toy round 1 as of 2031-04-05T23:59" in done.out
    assert "python -m bench score mine.json" in done.out
    assert "“Uniform” was " in bench(tmp_path, "score", "mine.json").out
    assert "Ida Thorne" in bench(tmp_path, "show", "my election").out

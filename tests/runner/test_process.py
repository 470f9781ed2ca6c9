"""What does not ship with the bench runs where it neither sees nor changes anything of it."""

from __future__ import annotations

import ast
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import bench
from bench.cli.commands import list_, show
from bench.core import Abstain, ConfigError, Evidence, Forecast, Predictor, paths
from bench.core.assurance import NONE, SHIPS
from bench.core.compose import as_typed, compose
from bench.core.evidence import Read
from bench.core.registry import load_predictor, make_predictor
from bench.core.settings import Execution, Experiment
from bench.data.task import Task
from bench.runner import process
from bench.runner.attempt import Prediction
from bench.runner.prediction import predict
from bench.runner.process import limits
from tests.runner.conftest import bring_plug_in, done, on_the_path
from tests.wall import LACKS_WALL, NO_WALL, needs_wall

TASK = Task("toy", 1, "2031-04-04T20:00")
LIMITS = Execution(time_limit_s=20, memory_limit_mb=1000)
OUTCOME = paths.datasets() / "toy" / "outcome" / "national.csv"
DOER = Path(__file__).with_name("doer.py").read_text(encoding="utf-8")


@pytest.fixture(scope="module", autouse=True)
def doer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of the plug-in `doer`."""
    site = tmp_path_factory.mktemp("site")
    points = "[bench.predictors]\ndoer = bench_doer.doer:Doer\n"
    bring_plug_in(site, "bench_doer", {"doer.py": DOER}, points)
    with on_the_path(site):
        yield site


@pytest.fixture(params=["process", "bubblewrap", "wrap"])
def execution(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Execution:
    """The limits under each protection that this system has."""
    if request.param == "bubblewrap":
        if LACKS_WALL:
            pytest.skip(NO_WALL)
        monkeypatch.setattr(process, "_bubblewrap_works", lambda: True)
        return LIMITS
    monkeypatch.setattr(process, "_bubblewrap_works", lambda: False)
    return LIMITS if request.param == "process" else replace(LIMITS, wrap=["/usr/bin/env", "A=b"])


def does(code: str, task: Task = TASK, execution: Execution = LIMITS, **given: Any) -> Prediction:
    """What comes of a plug-in that runs some code."""
    with limits(execution):
        plug = make_predictor("x", {"method": "doer", "code": code, **given})
        return predict(task, plug, name="x", execution=execution)


OPENS = f"open({str(OUTCOME)!r}).read()"
COMPILED = f"import ctypes; assert ctypes.CDLL(None).open({os.fsencode(OUTCOME)!r}, 0) >= 0"


@needs_wall
def test_bubblewrap_holds_files_the_network_and_processes(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as service, socket.create_server(("127.0.0.1", 0)) as port:
        service.bind(str(tmp_path / "s"))
        service.listen()
        expected = {
            OPENS: "FileNotFoundError",
            COMPILED: "AssertionError",
            f"open({str(Path.cwd() / 'pyproject.toml')!r})": "FileNotFoundError",
            f"open({str(tmp_path / 'new')!r}, 'w')": "FileNotFoundError",
            f"import socket; socket.create_connection({port.getsockname()!r})": (
                "ConnectionRefusedError"
            ),
            f"import socket; socket.socket(socket.AF_UNIX).connect({service.getsockname()!r})": (
                "FileNotFoundError"
            ),
            f"import os; os.kill({os.getpid()}, 0)": "ProcessLookupError",
        }
        loop = (
            f"said = {{}}\nfor code in {list(expected)!r}:\n    try: exec(code, {{}})\n"
            "    except Exception as error: said[code] = type(error).__name__\n"
        )
        assert ast.literal_eval(does(loop).message) == expected


def test_a_process_alone_is_no_wall_and_the_docs_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "_bubblewrap_works", lambda: False)
    assert does(f"said = len({OPENS}) > 0").message == "True"


@pytest.fixture(scope="module")
def told(doer: Path) -> tuple[dict[str, Any], Prediction]:
    """What code in a process of its own sees of its surroundings, and the answer it came with."""
    code = (
        "import os, tempfile\n"
        "import pandas as pd\n"
        "tables = evidence['polls'], evidence['outcomes']\n"
        "sums = [int(pd.util.hash_pandas_object(t).sum()) for t in tables]\n"
        "said = {'names': sorted(os.environ), 'home': tempfile.gettempdir()}\n"
        "said['numbers'] = [rng.random(), rng.spawn(1)[0].random(), *sums]\n"
        "open('x', 'w').write('y'); said['written'] = open('x').read()\n"
        "for _ in range(1001): os.mkdir('x_'); os.chdir('x_')"  # deeper than Python recurses
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BENCH_TEST_SECRET", "0.41")
        answer = does(code, execution=replace(LIMITS, time_limit_s=120))
    return ast.literal_eval(answer.message), answer


def test_its_environment_holds_nothing_but_what_numbers_depend_on(
    told: tuple[dict[str, Any], Prediction],
) -> None:
    names = set(told[0]["names"])
    arithmetic = {name for name in names if name.startswith(process.OF_ARITHMETIC)}
    assert names - arithmetic <= {*process.ENVIRONMENT, "HOME", "TMPDIR"}


def test_it_may_write_into_a_folder_of_its_own_which_goes_with_it(
    told: tuple[dict[str, Any], Prediction],
) -> None:
    assert told[0]["written"] == "y"
    assert not Path(told[0]["home"]).exists()


def test_it_draws_the_numbers_that_it_would_draw_here_from_the_same_tables(
    told: tuple[dict[str, Any], Prediction],
) -> None:
    rng, evidence = TASK.rng("x"), TASK.evidence()
    sums = [int(pd.util.hash_pandas_object(evidence[t]).sum()) for t in ("polls", "outcomes")]
    assert told[0]["numbers"] == [rng.random(), rng.spawn(1)[0].random(), *sums]
    assert told[1].reads == (Read("polls"), Read("outcomes"))
    assert told[1].data_used_until == evidence.data_used_until


def test_a_file_that_its_settings_name_is_read_but_no_table_of_an_election(
    tmp_path: Path, execution: Execution
) -> None:
    shutil.copytree(paths.datasets() / "toy", tmp_path / "toy")
    mine = tmp_path / "toy" / "mine.txt"  # beside the tables of its election, which are hidden
    mine.write_text("known")
    with limits(execution, str(tmp_path / "toy")):
        assert does("said = open(path).read()", execution=execution, path=str(mine)).message
        other = tmp_path / "toy" / "outcome" / "national.csv"
        for file in (OUTCOME, other):
            with pytest.raises(ConfigError, match=r"to read .*national\.csv, which no method may"):
                does("", execution=execution, path=str(file))


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("a name space", r"the package guest is .*; accepted: one folder with an __init__\.py"),
        ("a link", r"the package guest is .*; accepted: one folder with an __init__\.py"),
        ("among tables", r"'x' is to read .*inputs/guest, which no method may see"),
        (
            "a module alone",
            r"'guest\.doer:Doer' is in the module .*guest\.py alone; accepted",
        ),
    ],
)
def test_a_package_opens_no_folder_of_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, words: str
) -> None:
    points = "[bench.predictors]\nx = guest.doer:Doer\n"
    site = tmp_path / "mine" / "inputs" if kind == "among tables" else tmp_path / "site"
    bring_plug_in(site, "guest", {"doer.py": DOER}, points)
    (tmp_path / "mine").mkdir(exist_ok=True)
    (tmp_path / "mine" / "election.yaml").touch()
    if kind == "a name space":  # one part of it is anybody's folder of that name
        (site / "guest" / "__init__.py").unlink()
        (tmp_path / "guest" / "outcome").mkdir(parents=True)
        monkeypatch.syspath_prepend(tmp_path)
    elif kind == "a link":
        (site / "guest").rename(tmp_path / "guest")
        (site / "guest").symlink_to(tmp_path / "guest")
    elif kind == "a module alone":
        shutil.rmtree(site / "guest")
        (site / "guest.py").write_text(DOER)
    with on_the_path(site), limits(LIMITS), pytest.raises(ConfigError, match=words):
        load_predictor("x")


def test_what_it_leaves_running_ends_with_its_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "_bubblewrap_works", lambda: False)
    code = "import subprocess\nsaid = subprocess.Popen(['sleep', '600']).pid"
    with limits(LIMITS):
        plug = make_predictor("x", {"method": "doer", "code": code})
        child = int(predict(TASK, plug, name="x").message)
        assert process._State.process is not None  # kept
        _wait_for(lambda: _state(child) in ("", "Z"))


def _state(pid: int) -> str:
    """One letter for a process, none where there is no such one."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[0]
    except OSError:
        return ""


def test_a_wrap_stands_on_the_command_line_or_in_the_environment_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert compose("+experiment=quickstart", "execution.wrap=[env]").execution.wrap == ["env"]
    monkeypatch.setenv("BENCH_WRAP", "podman run -i 'an image'")
    found = compose("+experiment=quickstart").execution.wrap
    assert found == ["podman", "run", "-i", "an image"]
    with pytest.raises(ConfigError, match="no process can be started for predictor '"):
        does("", execution=replace(LIMITS, wrap=["/no/such/program"]))


@contextmanager
def bringing(site: Path, **yaml: str) -> Iterator[None]:
    """A plug-in with a predictor and these YAML files, `group__name`, is found while this lasts."""
    files = {f"configs/{name.replace('__', '/')}.yaml": text for name, text in yaml.items()}
    points = "[bench.predictors]\nrude = guest.doer:Doer\n[bench.configs]\ng = guest.configs\n"
    bring_plug_in(site, "guest", {"doer.py": DOER, **files}, points)
    with on_the_path(site):
        yield


def test_the_yaml_of_a_guest_is_data(tmp_path: Path) -> None:
    rude = "# @package _global_\nexecution: {wrap: [env]}\ncode: $HOME\n"
    broken = {"open": "a: [\n", "deep": "[" * 90_000, "filled": "a: ${oc.env:HOME}\n"}
    yaml = {f"predictor__{name}": text for name, text in broken.items()}
    with bringing(tmp_path, predictor__rude=rude, experiment__pipe="", **yaml):
        folder = tmp_path / "guest" / "configs"
        (folder / "experiment" / "pipe.yaml").unlink()
        os.mkfifo(folder / "experiment" / "pipe.yaml")
        found = compose("+experiment=quickstart", "predictor=[uniform,rude]")
        for name in broken:
            with pytest.raises(ConfigError, match=rf"{name}\.yaml (cannot be read|holds an inter)"):
                compose(f"predictor=[{name}]")
        with pytest.raises(ConfigError, match=r"pipe\.yaml cannot be read: .* not a file"):
            as_typed(["+experiment=pipe", "predictor=[uniform]"])
    assert found.execution.wrap == []
    assert found.predictors["rude"] == {"execution": {"wrap": ["env"]}, "code": "$HOME"}


@pytest.mark.parametrize(
    ("yaml", "words"),
    [
        ("seed: ${n_draws}", "holds an interpolation"),
        ("execution: {wrap: [env]}", "stands in a YAML file"),
        ("hydra: {job: {chdir: true}}", "no setting is called 'hydra'"),
        ("defaults: [/experiment/quickstart]", "accepted: override /predictor"),
        ("defaults: [{override hydra/launcher: x}]", "accepted: override /predictor"),
        (
            "predictors: {last_poll: {method: forecast_file, path: own.csv}}",
            "sets predictors.last_poll, which is none that a package brings",
        ),
    ],
)
def test_what_the_experiment_of_a_guest_may_not_set(tmp_path: Path, yaml: str, words: str) -> None:
    with bringing(tmp_path, experiment__theirs=yaml), pytest.raises(ConfigError, match=words):
        compose("+experiment=theirs")


REMEMBERS = """
import pathlib
note = pathlib.Path("note")
said = len(seen) + note.exists()
seen.append("x"); note.write_text("x")
"""


def test_a_process_is_kept_while_time_goes_on_and_not_when_it_goes_back() -> None:
    day, later = (pd.Timestamp(f"2031-04-0{number}T20:00") for number in (2, 3))
    asked = [replace(TASK, as_of=day), replace(TASK, as_of=later)]
    asked += [replace(TASK, round=2, as_of=later), *reversed(asked)]
    with limits(LIMITS):
        assert [does(REMEMBERS, task).message for task in asked] == ["0", "2", "3", "0", "0"]
        # nor after evidence that somebody made
        plug, made = make_predictor("x", {"method": "doer", "code": REMEMBERS}), TASK.evidence()
        assert predict(TASK, plug, name="x", evidence=made).message == "0"
        assert process._State.process is None


def test_what_ships_gives_the_same_bytes_in_a_process_of_its_own(
    quick: Callable[..., Experiment],
) -> None:
    named = "predictor=[uniform,last_poll,quota_poll,poll_tracker]"
    here = done(quick(named, "results="))
    with limits(LIMITS, isolated=True):
        there = done(quick(named, "results="))
    for table in ("errors", "forecasts", "methods"):
        assert here.tables[table].to_csv() == there.tables[table].to_csv()


class Mine(Predictor):
    """The first candidate gets everything."""

    family = "mine"
    needs = frozenset({"polls"})

    def predict(self, evidence: Evidence, rng: np.random.Generator) -> Forecast:
        return Forecast(share=pd.Series({evidence.candidates[0]: 1.0}))


def test_an_object_runs_in_the_process_of_its_caller_and_the_run_says_so() -> None:
    run = bench.run(
        "quickstart",
        "audit=true",
        predictor=["uniform"],
        baseline="uniform",
        predictors={"mine": Mine()},
    )
    assert set(run.headline["predictor"]) == {"uniform", "mine"}
    assert run.assurance == {"uniform": SHIPS, "mine": NONE}
    assert run.manifest["protection"] == {"mine": "caller"}
    assert any("caller's own process" in words for words in run.findings)
    with pytest.raises(ConfigError, match="run in this process alone"):
        bench.run("quickstart", predictors={"mine": Mine()}, execution="loky")
    with pytest.raises(ConfigError, match="the name of a method that is installed"):
        bench.run("quickstart", predictors={"uniform": Mine()})


def test_a_run_and_its_page_say_what_protected_it(doer: Path) -> None:
    overrides = ("predictor=[uniform]", "baseline=uniform", "+predictors.x.method=doer")
    run = bench.run("quickstart", *overrides, "+predictors.x.code=''")
    word = process.protection(LIMITS)
    assert run.manifest["protection"] == {"x": word}
    assert any(f"protection: {word}" in words for words in run.findings)


IMPORTS = {
    "raises": ("raise RuntimeError('bad plug-in')", "fails while it is imported: RuntimeError"),
    "hangs": ("import time; time.sleep(600)", "TimeLimit: no answer after 1 s"),
    "dies": ("import os; os._exit(0)", "ended itself with status 0"),
}


@pytest.mark.parametrize("kind", IMPORTS)
def test_one_that_cannot_be_imported_harms_whoever_asks_for_it_and_nobody_else(
    tmp_path: Path, kind: str
) -> None:
    source, words = IMPORTS[kind]
    name = f"bad_{kind}"
    bring_plug_in(tmp_path, name, {"x.py": source}, f"[bench.predictors]\n{name} = {name}.x:X\n")
    limit = 1 if kind == "hangs" else 20
    refused = pytest.raises(ConfigError, match=re.escape(words))
    with on_the_path(tmp_path), limits(replace(LIMITS, time_limit_s=limit)), refused:
        load_predictor(name)
    assert process._State.process is None


def test_lists_and_folders_of_settings_are_read_without_its_code(tmp_path: Path) -> None:
    bring_plug_in(
        tmp_path,
        "rude_plug",
        {
            "__init__.py": "import sys; sys.was_rude = True",
            "doer.py": DOER.replace('"""Equal shares', 'x = """Equal shares'),
            "configs/predictor/rude.yaml": "# @package predictors.rude\ncode: ''\n",
        },
        "[bench.predictors]\nrude = rude_plug.doer:Doer\n"
        "[bench.configs]\nrude_plug = rude_plug.configs\n",
    )
    with on_the_path(tmp_path):
        rude = [entry for entry in list_.predictors() if entry[1] == "rude"]
        assert compose("predictor=[rude]").predictors["rude"] == {"code": ""}
        assert "plug-ins" in show.predictor("rude")
    assert rude == [("plug-ins", "rude", "Rude (rude)")]
    assert not hasattr(sys, "was_rude")


def test_asked_as_an_object_it_answers_or_raises() -> None:
    with limits(LIMITS), pytest.raises(Abstain, match="no opinion"):
        make_predictor("x", {"method": "doer", "code": "said = 'no opinion'"}).predict(
            TASK.evidence(), TASK.rng("x")
        )


def test_nothing_is_left_when_the_run_is_killed(doer: Path, tmp_path: Path) -> None:
    code = (
        "from bench.core.registry import make_predictor\n"
        "from bench.data.task import Task\n"
        "from bench.runner.prediction import predict\n"
        "slow = {'method': 'doer', 'code': 'import time; time.sleep(600)'}\n"
        "plug = make_predictor('x', slow)\n"
        "print('made', flush=True)\n"
        "predict(Task('toy', 1, '2031-04-04T20:00'), plug, name='x')\n"
    )
    run = subprocess.Popen(
        [sys.executable, "-c", code],
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(doer), *sys.path]),
            "TMPDIR": str(tmp_path),
        },
        stdout=subprocess.PIPE,
        text=True,
    )
    assert run.stdout is not None
    assert run.stdout.readline() == "made\n"
    _wait_for(lambda: bool(_below(tmp_path)))
    run.kill()
    run.wait()
    _wait_for(lambda: not _below(tmp_path))
    run.stdout.close()


def _wait_for(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.05)


def _below(folder: Path) -> list[str]:
    """The processes that work below a folder."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            if Path(os.readlink(place / "cwd")).is_relative_to(folder):
                found.append(place.name)
        except OSError:
            continue
    return found

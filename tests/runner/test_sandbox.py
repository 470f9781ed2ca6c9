"""What does not ship with the bench runs where it can neither see nor change anything of it."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from bench.cli.commands import list_, show
from bench.cli.hydra_setup import compose
from bench.core import Abstain, ConfigError, paths, registry
from bench.core.registry import is_shipped, load_predictor, make_predictor, trusting
from bench.core.settings import Execution, Experiment
from bench.data.task import Task
from bench.runner import workers
from bench.runner.confinement import LANDLOCK, SECCOMP, expected, instructions
from bench.runner.foreign import Foreign
from bench.runner.prediction import Prediction, predict
from tests.runner.conftest import bring_plug_in, done, on_the_path
from tools.shipped_predictors import LIST, text

TASK = Task("toy", 1, "2031-04-04T20:00")
LIMITS = Execution(time_limit_s=20, memory_limit_mb=1000)
held = pytest.mark.skipif(
    set(expected()) != {LANDLOCK, SECCOMP}, reason="this system cannot confine a process"
)


@pytest.fixture(scope="module", autouse=True)
def doer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of the plug-in `doer`."""
    site = tmp_path_factory.mktemp("site")
    source = Path(__file__).with_name("doer.py").read_text(encoding="utf-8")
    points = "[bench.predictors]\ndoer = bench_doer.doer:Doer\n"
    bring_plug_in(site, "bench_doer", {"doer.py": source}, points)
    with on_the_path(site):
        yield site


def does(code: str, task: Task = TASK, **settings: Any) -> Prediction:
    """What comes of a plug-in that runs some code."""
    with trusting(LIMITS):
        plug = make_predictor("x", {"method": "doer", "code": code, **settings})
        return predict(task, plug, name="x", execution=LIMITS)


READS = {
    "outcome": paths.datasets() / "toy" / "outcome" / "national.csv",
    "table": paths.datasets() / "toy" / "election.yaml",
    "password": Path("/etc/passwd"),
    "test": Path(__file__),
    "runner": Path(workers.__file__),
    "parent": Path("/proc/{parent}/environ"),
    "first": Path("/proc/1/environ"),
}


@held
@pytest.mark.parametrize("place", READS)
def test_no_file_is_read_that_is_none_of_its_business(place: str) -> None:
    path = str(READS[place])
    said = does(f"import os\nopen({path!r}.format(parent=os.getppid()), 'rb').read()")
    assert said.message.startswith("PermissionError: [Errno 13]")


@held
@pytest.mark.parametrize(
    "code",
    [
        "import pyarrow; pyarrow.memory_map({outcome!r})",
        "import subprocess; said = subprocess.run(['/bin/cat', {outcome!r}], check=True)",
        "import os; os.listdir({folder!r})",
        "open({folder!r} + '/new', 'w')",
        "import os; os.unlink({outcome!r})",
        "import os; os.truncate({outcome!r}, 0)",
        "import os; os.chmod({outcome!r}, 0)",
        "import os; os.utime({outcome!r})",
        "import socket; socket.socket()",
        "import pyarrow.flight as f; f.connect('grpc://127.0.0.1:9').list_actions()",
        "import os; os.kill(os.getppid(), 0)",
        "import os; os.kill({harness}, 9)",
        "import os; os.setsid()",
        "import resource, os; resource.prlimit(os.getppid(), resource.RLIMIT_NOFILE, (3, 3))",
        "import os; os.setpriority(os.PRIO_PROCESS, os.getppid(), 19)",
        "import ctypes; l = ctypes.CDLL(None, use_errno=True)\n"
        "assert l.syscall(29, 1, 4096, 0o1666) >= 0, 'refused'",
        "import os; os.execv('/proc/self/exe', ['x', '-c', 'print(1)'])",
    ],
)
def test_nothing_else_is_within_its_reach(code: str) -> None:
    outcome = str(READS["outcome"])
    before = Path(outcome).stat()
    said = does(code.format(outcome=outcome, folder=str(Path(outcome).parent), harness=os.getpid()))
    assert said.status == "failed"
    assert Path(outcome).stat() == before


def test_its_environment_holds_nothing_but_what_numbers_depend_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BENCH_TEST_SECRET", "0.41")
    workers.close()  # the nursery that others started has another environment
    said = does("import os; said = sorted(os.environ)")
    names = {
        name
        for name in re.findall(r"'(\w+)'", said.message)
        if not name.startswith(workers.OF_ARITHMETIC)
    }
    assert names <= {*workers.ENVIRONMENT, "HOME", "TMPDIR"}


def test_it_may_write_into_a_folder_of_its_own_which_goes_with_it() -> None:
    said = does("import os, tempfile; open('x', 'w').write('y'); said = tempfile.gettempdir()")
    folder = Path(said.message)
    assert (folder / "x").read_text() == "y"
    workers.close()
    assert not folder.exists()


def test_a_file_that_its_settings_name_is_read(tmp_path: Path) -> None:
    mine = tmp_path / "mine.txt"
    mine.write_text("known")
    assert does("said = open(path).read()", path=str(mine)).message == "known"


@held
def test_a_package_that_shares_the_name_of_a_folder_of_data_does_not_open_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = Path(__file__).with_name("doer.py").read_text(encoding="utf-8")
    points = "[bench.predictors]\nnamesake = datasets.doer:Doer\n"
    bring_plug_in(tmp_path, "datasets", {"doer.py": source}, points)
    (tmp_path / "datasets" / "__init__.py").unlink()  # now a part of what all `datasets` make up
    monkeypatch.syspath_prepend(paths.datasets().parent)
    code = f"open({str(READS['outcome'])!r})"
    with on_the_path(tmp_path), trusting(LIMITS):
        plug = make_predictor("x", {"method": "namesake", "code": code})
        assert predict(TASK, plug, name="x").message.startswith("PermissionError")


@held
def test_but_not_where_it_is_a_table_of_an_election(tmp_path: Path) -> None:
    for name in ("election.yaml", "outcome.csv"):
        shutil.copy(paths.datasets() / "toy" / "election.yaml", tmp_path / name)
    for path in (tmp_path / "outcome.csv", READS["outcome"]):
        assert "PermissionError" in does("said = open(path).read()", path=str(path)).message


def test_it_may_use_what_the_bench_offers_to_methods_and_what_is_installed() -> None:
    names = "bench.core, bench.models.raking, scipy.stats, sklearn, zoneinfo"
    said = does(f"import {names}\nsaid = zoneinfo.ZoneInfo('Europe/Paris')")
    assert said.message == "Europe/Paris"


REMEMBERS = """
import os, pathlib
note = pathlib.Path("note")
told = len(seen) + note.exists()
os.set_blocking(pipe[0], False)
try:
    told += len(os.read(pipe[0], 100))
except BlockingIOError:
    pass
said = told
seen.append("x"); note.write_text("x"); os.write(pipe[1], b"x")
"""


def test_a_worker_is_kept_while_time_goes_on_and_not_when_it_goes_back() -> None:
    workers.close()
    days = ["2031-04-02T20:00", "2031-04-03T20:00", "2031-04-01T20:00"]
    told = [does(REMEMBERS, replace(TASK, as_of=pd.Timestamp(day))).message for day in days]
    assert told == ["0", "3", "0"]  # the pipe had been filled once


def test_nor_from_the_second_round_to_the_first() -> None:
    workers.close()
    second = Task("toy", 2, "2031-04-18T20:00")
    assert [does(REMEMBERS, task).message for task in (second, TASK)] == ["0", "0"]


def test_nor_after_evidence_that_somebody_made() -> None:
    plug = make_predictor("x", {"method": "doer", "code": REMEMBERS})
    made = TASK.evidence()
    told = [predict(TASK, plug, name="x", evidence=made).message for _ in range(2)]
    assert told == ["0", "0"]


def test_it_draws_the_numbers_that_it_would_draw_here() -> None:
    said = does("said = [rng.random(), rng.spawn(1)[0].random()]")
    rng = TASK.rng("x")
    assert said.message == str([rng.random(), rng.spawn(1)[0].random()])


def test_its_tables_are_those_of_the_evidence() -> None:
    code = "import pandas as pd\nsaid = int(pd.util.hash_pandas_object(evidence['polls']).sum())"
    said = does(code)
    here = int(pd.util.hash_pandas_object(TASK.evidence()["polls"]).sum())
    assert said.message == str(here)
    assert said.tables_read == {"polls"}
    evidence = TASK.evidence()
    assert evidence["polls"] is not None
    assert said.data_used_until == evidence.data_used_until


def test_the_list_of_what_ships_is_true() -> None:
    assert LIST.read_text(encoding="utf-8") == text(), "run: python -m tools.shipped_predictors"


def test_a_changed_file_does_not_ship(monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_shipped("uniform")
    monkeypatch.setitem(registry.SHIPPED, "uniform", "0" * 64)
    assert not is_shipped("uniform")
    plug = make_predictor("uniform", {})
    assert isinstance(plug, Foreign)
    said = predict(TASK, plug)
    assert said.forecast is not None
    assert said.forecast.share.tolist() == [0.2] * 5


def test_what_holds_something_foreign_is_foreign(
    settings_of: Callable[[str], dict[str, Any]],
) -> None:
    settings = settings_of("dressed_quota_poll") | {"method": "dressed"}
    assert not isinstance(make_predictor("dressed", settings), Foreign)
    settings["of"] = {"method": "doer", "code": ""}
    assert isinstance(make_predictor("dressed", settings), Foreign)


def test_what_ships_gives_the_same_bytes_in_a_sandbox(quick: Callable[..., Experiment]) -> None:
    named = "predictor=[uniform,last_poll,quota_poll,poll_tracker,stack]"
    here = done(quick(named, "results="))
    there = done(quick(named, "results=", "execution.isolate=true"))
    for table in ("errors", "forecasts", "methods"):
        assert here.tables[table].to_csv() == there.tables[table].to_csv()
    assert not here.tables["methods"]["unranked"].any()


def test_where_the_kernel_cannot_hold_it_no_table_ranks_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "CONFINED", False)
    workers.close()
    said = does("")
    assert said.status == "ok"
    assert said.unranked == (
        "ran without a whole sandbox: this system has no Landlock and no seccomp"
    )
    workers.close()
    monkeypatch.undo()
    if set(expected()) == {LANDLOCK, SECCOMP}:
        assert does("").unranked == ""


def test_trusted_code_runs_here_and_no_table_ranks_it(quick: Callable[..., Experiment]) -> None:
    experiment = quick("predictor=[uniform]", "execution.trust=all")
    experiment.predictors["x"] = {"method": "doer", "code": "import sys; sys.was_here = True"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "was_here", False, raising=False)
        methods = done(experiment).tables["methods"].set_index("predictor")
        assert sys.was_here  # type: ignore[attr-defined]
    for name in [one for one in sys.modules if one.startswith("bench_doer")]:
        del sys.modules[name]
    assert methods["status"].eq("ok").all()
    assert methods.loc[["uniform"], "unranked"].eq("").all()
    assert methods.loc[["x"], "unranked"].str.contains("execution.trust=all").all()


def test_a_setting_that_it_does_not_have_is_refused_before_anything_runs() -> None:
    with pytest.raises(ConfigError, match=r"has no setting 'cod' \(did you mean 'code'"):
        make_predictor("x", {"method": "doer", "cod": ""})


IMPORTS = {
    "raises": ("raise RuntimeError('bad plug-in')", "fails while it is imported: RuntimeError"),
    "hangs": ("while True: pass", "TimeLimit: no answer after 1 s"),
    "dies": ("import os; os._exit(0)", "ended itself with status 0"),
    "kills": ("import os; os.kill(os.getppid(), 9)", "PermissionError"),
    "reads": (f"open({str(READS['outcome'])!r})", "PermissionError"),
    "lies": (
        "import os, struct\n"
        "for text in (b'[]', b'{\"kind\": {\"settings\": 3}}'):\n"
        "    os.write(3, struct.pack('<Q', len(text)) + text)\n",
        "describes itself in no usable way",
    ),
    "shouts": ("import os\nos.write(3, b'\\xff' * 8)", "its answer has"),
}


@held
@pytest.mark.parametrize("kind", IMPORTS)
def test_one_that_cannot_be_imported_harms_whoever_asks_for_it_and_nobody_else(
    tmp_path: Path, kind: str
) -> None:
    source, words = IMPORTS[kind]
    name = f"bad_{kind}"
    bring_plug_in(tmp_path, name, {"x.py": source}, f"[bench.predictors]\n{name} = {name}.x:X\n")
    with on_the_path(tmp_path), trusting(replace(LIMITS, time_limit_s=1)):
        with pytest.raises(ConfigError, match=re.escape(words)):
            load_predictor(name)
        assert does("").status == "ok"


def test_lists_and_folders_of_settings_are_read_without_its_code(tmp_path: Path) -> None:
    source = Path(__file__).with_name("doer.py").read_text(encoding="utf-8")
    bring_plug_in(
        tmp_path,
        "rude_plug",
        {
            "__init__.py": "import sys; sys.was_rude = True",
            "doer.py": source.replace('"""Equal shares', 'x = """Equal shares'),
            "configs/predictor/rude.yaml": "# @package predictors.rude\ncode: ''\n",
        },
        "[bench.predictors]\nrude = rude_plug.doer:Doer\n"
        "[bench.configs]\nrude_plug = rude_plug.configs\n",
    )
    with on_the_path(tmp_path):
        words = dict(list_.predictors())["rude"]
        assert compose("predictor=[rude]").predictors["rude"] == {"code": ""}
        assert "plug-ins" in show.predictor("rude")
    assert words.startswith("Rude [plug-ins; reads outcomes, polls]")
    assert not hasattr(sys, "was_rude")


def test_asked_as_an_object_it_answers_or_raises() -> None:
    with pytest.raises(Abstain, match="no opinion"):
        make_predictor("x", {"method": "doer", "code": "said = 'no opinion'"}).predict(
            TASK.evidence(), TASK.rng("x")
        )


ODD = {
    "days_back": "days_back: float = 1e300",
    "start": 'start: str = "polls"\n    calibrated_days: str = "never"',
    "zone": "def knows_until(self):\n        return pd.Timestamp('2031-01-01', tz='UTC')",
    "needs": 'needs: ClassVar[frozenset[str]] = frozenset({"outcome"})',
    "learned": 'learned: str = "x"',
}


@pytest.mark.parametrize("kind", ODD)
def test_no_description_of_itself_ends_a_run(
    tmp_path: Path, kind: str, quick: Callable[..., Experiment]
) -> None:
    source = Path(__file__).with_name("doer.py").read_text(encoding="utf-8")
    odd = source.replace('    path: str = ""\n', f'    path: str = ""\n    {ODD[kind]}\n')
    points = f"[bench.predictors]\nodd_{kind} = odd_{kind}.x:Doer\n"
    bring_plug_in(tmp_path, f"odd_{kind}", {"x.py": odd}, points)
    experiment = quick("predictor=[uniform]", "results=", "days_before=[2]")
    settings = re.findall(r"(\w+): \w+ = (.+)", ODD[kind])
    given = {name: ast.literal_eval(value) for name, value in settings if name != "needs"}
    experiment.predictors["odd"] = {"method": f"odd_{kind}", "code": "", **given}
    with on_the_path(tmp_path):
        refused = pytest.raises(ConfigError, match="describes itself in no usable way")
        with refused if kind == "zone" else nullcontext():
            assert "ok" in done(experiment).tables["methods"]["status"].tolist()


def test_filters_of_both_architectures_refuse_what_they_should() -> None:
    for machine in ("x86_64", "aarch64"):
        for signals_held in (True, False):
            program = instructions(machine, signals_held)
            assert len(program) < 4096
            for place, (code, yes, no, _) in enumerate(program):
                if code & 7 == 5:  # a jump
                    assert place + max(yes, no) + 1 < len(program)


def test_nothing_is_left_when_the_run_is_killed(doer: Path, tmp_path: Path) -> None:
    code = (
        "import os, sys\n"
        "from bench.core.registry import make_predictor\n"
        "from bench.data.task import Task\n"
        "from bench.runner import workers\n"
        "from bench.runner.prediction import predict\n"
        "slow = {'method': 'doer', 'code': 'import time, os; os.fork(); time.sleep(600)'}\n"
        "plug = make_predictor('x', slow)\n"
        "print(workers._nurseries[0]._process.pid, flush=True)\n"
        "predict(Task('toy', 1, '2031-04-04T20:00'), plug, name='x')\n"
    )
    path = os.pathsep.join([str(doer), *sys.path])
    run = subprocess.Popen(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert run.stdout is not None
    session = int(run.stdout.readline())
    until = time.monotonic() + 20
    while len(_members(session)) < 3 and time.monotonic() < until:
        time.sleep(0.05)
    assert len(_members(session)) >= 3  # the nursery, the worker and its copy
    run.kill()
    run.wait()
    while _members(session) and time.monotonic() < until:
        time.sleep(0.05)
    assert not _members(session)
    run.stdout.close()


def _members(session: int) -> list[int]:
    """The processes of a session that have not ended."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            facts = (place / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(facts[3]) == session and facts[0] != "Z":
            found.append(int(place.name))
    return found

"""Whoever ends a run, and whenever: a sentence, a status of its own, nothing half, nobody left."""

from __future__ import annotations

import importlib
import os
import signal
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bench.core.settings import Execution
from bench.runner import backends
from bench.runner.console import ENDS, undisturbed, until_the_end, watching
from tests.forked import bench, with_a_short_page
from tests.runner.growing import stay

ARGUMENTS = ("+experiment=quickstart", "predictor=[uniform,last_poll]", "n_draws=50")
TWO_WORKERS = Execution(engine="loky", workers=2)
PHASES = {
    "settings": ("bench.cli.hydra_setup", "register"),
    "plan": ("bench.runner.runner", "key_of"),
    "forecasts": ("bench.studies.backtest.forecasts", "predict"),
    "tables": ("bench.report.run_folder", "_claim"),
    "report": ("bench.studies.run", "write_report"),
    "publishing": ("pathlib", "Path.rename"),
}


def _signalled(phase: str, number: int) -> Callable[[], None]:
    """Somebody asks for the end as soon as the run reaches this phase."""
    module, name = PHASES[phase]

    def patch() -> None:
        with_a_short_page()
        owner: Any = importlib.import_module(module)
        *classes, last = name.split(".")
        for one in classes:
            owner = getattr(owner, one)
        real = getattr(owner, last)

        def function(*given: Any, **named: Any) -> Any:
            os.kill(os.getpid(), number)
            return real(*given, **named)

        setattr(owner, last, function)

    return patch


@pytest.mark.parametrize(
    ("phase", "name"),
    [*((phase, "SIGTERM") for phase in PHASES), ("forecasts", "SIGINT"), ("report", "SIGHUP")],
)
def test_a_signal_ends_every_phase_in_a_sentence(tmp_path: Path, phase: str, name: str) -> None:
    number = getattr(signal, name)
    ended = bench(tmp_path / "here", *ARGUMENTS, before=_signalled(phase, number))
    assert ended.status == 128 + number
    words = f"stopped ({name}); nothing half-written is left"
    cache = tmp_path / "here" / "results" / ".cache"
    if phase in ("tables", "report", "publishing"):
        words += f"; what is finished is in {cache}: the same command goes on"
        assert list(cache.rglob("*.entry"))
    elif phase != "settings":
        words += ", and nothing was finished yet"
    assert ended.err.splitlines()[-1] == words
    assert "Traceback" not in ended.err
    assert not list((tmp_path / "here").glob("results/quickstart/*"))
    assert not list((tmp_path / "here").glob("results/quickstart/.*"))


def test_what_was_asked_to_be_ignored_is_ignored() -> None:
    """As `nohup` has it."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with watching(signal.SIGHUP):
            os.kill(os.getpid(), signal.SIGHUP)
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_job_that_ignores_ctrl_c_says_which_signal_ended_it(tmp_path: Path) -> None:
    """As a shell starts what ends in `&`."""

    def before() -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        _signalled("forecasts", signal.SIGTERM)()

    ended = bench(tmp_path / "here", *ARGUMENTS, before=before)
    assert ended.status == 143
    assert ended.err.startswith("stopped (SIGTERM)")


def test_an_end_waits_until_what_must_be_whole_is_whole() -> None:
    done = []

    def work() -> None:
        with watching(), undisturbed():
            os.kill(os.getpid(), signal.SIGINT)
            done.append(1)

    with pytest.raises(KeyboardInterrupt, match="SIGINT"):
        work()
    assert done == [1]


def test_an_end_that_comes_out_as_another_error_is_an_end(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Compiled modules that are being imported turn it into an ImportError."""

    def load() -> None:
        try:
            os.kill(os.getpid(), signal.SIGTERM)
        except KeyboardInterrupt:
            raise ImportError("cannot load") from None

    def live() -> None:
        with until_the_end():
            load()

    before = {number: signal.getsignal(number) for number in ENDS}
    try:
        with pytest.raises(SystemExit) as ended:
            live()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    assert ended.value.code == 143
    assert capsys.readouterr().err == "stopped (SIGTERM); nothing half-written is left\n"


@pytest.mark.parametrize("name", ["SIGKILL", "SIGTERM", "SIGINT"])
def test_workers_end_with_the_run_that_started_them(tmp_path: Path, name: str) -> None:
    """Ctrl-C goes to all of them at once, and only the run says something."""
    number = getattr(signal, name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        run = os.fork()
    if run == 0:
        try:
            os.setsid()
            os.dup2(os.open(tmp_path / "words", os.O_WRONLY | os.O_CREAT), 2)
            with until_the_end():
                list(backends.spread(stay, [str(tmp_path)] * 2, TWO_WORKERS))
        except SystemExit as end:
            os._exit(int(end.code or 0))
        finally:
            os._exit(99)
    until = time.monotonic() + 60
    while len(workers := [int(path.suffix[1:]) for path in tmp_path.glob("at_work.*")]) < 2:
        assert time.monotonic() < until
        time.sleep(0.02)
    (os.killpg if name == "SIGINT" else os.kill)(run, number)
    status = os.waitstatus_to_exitcode(os.waitpid(run, 0)[1])
    assert status == (-number if name == "SIGKILL" else 128 + number)
    until = time.monotonic() + 10
    while any(map(_lives, workers)):
        assert time.monotonic() < until, "workers stayed behind"
        time.sleep(0.05)
    assert "Traceback" not in (tmp_path / "words").read_text()


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{process}/stat")
    return not stat.exists() or stat.read_text().rsplit(")", 1)[1].split()[0] != "Z"

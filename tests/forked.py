"""The command line in a copy of this process, which has imported everything already."""

from __future__ import annotations

import io
import os
import signal
import sys
import warnings
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from hydra.core.global_hydra import GlobalHydra

from bench import run
from bench.report import report


@dataclass(frozen=True)
class Ended:
    """How a command ended: its status (negative: the signal that killed it) and its words."""

    status: int
    out: str
    err: str


@dataclass(frozen=True)
class Command:
    """A command under way; what it prints lies in two files."""

    process: int
    out: Path
    err: Path

    def ended(self) -> Ended:
        """Wait for its end."""
        status = os.waitstatus_to_exitcode(os.waitpid(self.process, 0)[1])
        words = [path.read_text("utf-8", "replace") for path in (self.out, self.err)]
        return Ended(status, *words)


@cache
def _warmed() -> None:
    """Import once, and read once, what every copy would import and read again."""
    with TemporaryDirectory() as folder, patch.object(report, "draw_figures", lambda *_, **__: {}):
        few = {"predictor": "[last_poll,last_election]", "n_draws": 50}
        made = run("quickstart", results=folder, **few)
        with redirect_stdout(io.StringIO()):
            made.print()


def start(
    folder: Path, *arguments: str, before: Callable[[], None] = lambda: None, name: str = "said"
) -> Command:
    """Start `bench` with these arguments in `folder`.

    Parameters
    ----------
    before : callable
        What the copy does before the command line takes over; standard output and error are
        files by then.
    name : str
        Of these two files.
    """
    _warmed()
    folder.mkdir(parents=True, exist_ok=True)
    out, err = folder.parent / f"{name}.out", folder.parent / f"{name}.err"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of threads, which the copy leaves be
        process = os.fork()
    if process:
        return Command(process, out, err)
    status: object = 99
    try:
        for number, path in ((1, out), (2, err)):
            os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
        sys.stdout, sys.stderr = (open(n, "w", closefd=False) for n in (1, 2))  # noqa: SIM115
        warnings.resetwarnings()
        warnings.simplefilter("ignore")
        GlobalHydra.instance().clear()
        os.environ.pop("HYDRA_FULL_ERROR", None)
        os.chdir(folder)
        sys.argv = ["bench", *arguments]
        signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job ignores it
        before()
        from bench.__main__ import main

        main()
    except SystemExit as end:
        status = end.code
    except BaseException as error:  # noqa: BLE001 - as the interpreter does
        sys.excepthook(type(error), error, error.__traceback__)
        status = 1
    finally:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
        os._exit(status if isinstance(status, int) else 98)


def with_a_short_page() -> None:
    """In a copy: the page of the run is a word, since drawing it takes most of the time."""
    from bench.core.write import write_text
    from bench.studies import run

    run.write_report = lambda folder, *_: write_text(folder / "report.html", "page")


def bench(folder: Path, *arguments: str, before: Callable[[], None] = lambda: None) -> Ended:
    """Run `bench` with these arguments in `folder`, to its end."""
    return start(folder, *arguments, before=before).ended()

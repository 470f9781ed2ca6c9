"""The work of a run spread over processes of this machine, or over those of a Dask cluster."""

from __future__ import annotations

import os
import signal
import threading
import time
import warnings
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future, as_completed
from contextlib import contextmanager
from typing import TypeVar

from bench.core.errors import BenchError, ConfigError
from bench.core.settings import Execution

W = TypeVar("W")
R = TypeVar("R")

ANSWER_S = 20  # how long a cluster may take to answer, and to have a worker
PARENT_SEEN_EVERY_S = 0.5


def spread(
    work: Callable[[W], R], jobs: Sequence[W], execution: Execution
) -> Generator[tuple[W, R | None], None, None]:
    """Do some work for every job; answers come in any order.

    Parameters
    ----------
    work : callable
        A function of a module, found by name on every worker.
    jobs : sequence
        Small: names, paths and sums, no tables.
    execution : Execution
        The engine, and how many workers or where they are.

    Yields
    ------
    (job, answer)
        None in place of an answer where the worker died that had the job.

    Raises
    ------
    ConfigError
        If Dask is not installed, or no cluster with workers answers.
    BenchError
        If the cluster ends.
    """
    engine = _cluster if execution.engine == "dask" else _processes
    with engine(execution) as executor:
        waiting = {_submitted(executor, work, job): job for job in jobs}
        for future in as_completed(list(waiting)):
            job = waiting.pop(future)
            try:
                failure = future.exception()
            except CancelledError as error:
                raise BenchError(
                    f"the Dask cluster at '{execution.address}' has ended; start it and run the "
                    "same command again: what is finished is kept"
                ) from error
            died = isinstance(failure, BrokenExecutor) or type(failure).__name__ == "KilledWorker"
            yield job, None if died else future.result()


def _submitted(executor: Executor, work: Callable[[W], R], job: W) -> Future[R]:
    try:
        return executor.submit(work, job)
    except BrokenExecutor as error:  # a job before this one has ended a process already
        future: Future[R] = Future()
        future.set_exception(error)
        return future


@contextmanager
def _processes(execution: Execution) -> Iterator[Executor]:
    from joblib.externals.loky import get_reusable_executor

    with warnings.catch_warnings():
        # where psutil is installed, loky replaces a worker that has grown by 300 MB and warns of
        # it in a thread of its own: were warnings errors (python -W error), the thread would end
        # and everybody wait
        warnings.filterwarnings("ignore", message="A worker stopped while some jobs were given")
        executor = get_reusable_executor(
            execution.workers,
            initializer=_end_with,
            initargs=(os.getpid(),),
        )
        try:
            yield executor
        except BaseException:
            executor.shutdown(kill_workers=True)
            raise


def _end_with(run: int) -> None:
    """In a worker: leave Ctrl-C to the run that started it, and end with it, even if it is killed.

    Left alone, loky's workers would keep their memory for five more minutes.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def watch() -> None:
        while os.getppid() == run:
            time.sleep(PARENT_SEEN_EVERY_S)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


@contextmanager
def _cluster(execution: Execution) -> Iterator[Executor]:
    try:
        import distributed
    except ImportError as error:
        raise ConfigError(
            "execution.engine is 'dask', and the package 'distributed' is not installed; install "
            "it with: pip install 'election-bench[dask]'"
        ) from error
    try:
        client = distributed.Client(execution.address, timeout=ANSWER_S)
        client.wait_for_workers(1, timeout=ANSWER_S)
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"no Dask cluster with workers answers at '{execution.address}' "
            f"({type(error).__name__}: {error}); start it"
        ) from error
    # not through joblib's backend: it waits for ever for a job that kills its workers, and for a
    # scheduler that has ended
    with client:
        yield client.get_executor(pure=False)

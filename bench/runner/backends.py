"""Engines: the same work in this process, on this machine's processes, on Dask or on Ray."""

from __future__ import annotations

import importlib
import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from typing import Any, TypeVar

from bench.core.errors import BenchError, ConfigError
from bench.core.settings import Execution
from bench.runner.console import deaf_children, end_with

W = TypeVar("W")
R = TypeVar("R")


def spread(work: Callable[[W], R], orders: Sequence[W], execution: Execution) -> Iterator[R]:
    """Do some work for every order; answers come in any order.

    Parameters
    ----------
    work : callable
        A function of a module, found by name on every worker.
    orders : sequence
        Small: names, paths and sums, no tables.
    execution : Execution
        The engine, how many workers, and where they are.

    Raises
    ------
    ConfigError
        If the engine is not installed, or its cluster does not answer.
    """
    if execution.engine == "serial" or not orders:
        yield from map(work, orders)
        return
    from joblib import Parallel, delayed

    with _backend(execution):
        streams = execution.engine != "ray"
        parallel = Parallel(
            n_jobs=execution.workers,
            batch_size=1,
            return_as="generator_unordered" if streams else "list",
        )
        try:
            # with "list" it waits for the answers too, and must hear who ends it
            with deaf_children() if streams else nullcontext():
                answers = parallel(delayed(work)(order) for order in orders)
            yield from answers
        except BenchError:
            raise
        except Exception as error:
            if type(error).__name__ in ("TerminatedWorkerError", "BrokenProcessPool"):
                raise BenchError(
                    "a worker died; what is finished is kept. Run the same command with "
                    "execution.isolate=true: then the predictor that kills it costs only its own "
                    "forecasts"
                ) from error
            raise


@contextmanager
def _backend(execution: Execution) -> Iterator[None]:
    with ExitStack() as stack:
        stack.enter_context(_BACKENDS[execution.engine](execution, stack))
        yield


def _loky(execution: Execution, stack: ExitStack) -> Any:
    from joblib import parallel_config

    # where psutil is installed, loky replaces a worker that has grown by 300 MB and warns of it in
    # a thread of its own: were warnings errors (python -W error), the thread would end, all wait
    stack.enter_context(warnings.catch_warnings())
    warnings.filterwarnings("ignore", message="A worker stopped while some jobs were given")
    if os.name == "posix":  # started later, they would make `deaf_children` hear again
        for module in ("multiprocessing", "joblib.externals.loky.backend"):
            importlib.import_module(f"{module}.resource_tracker").ensure_running()
    return parallel_config(
        backend="loky",
        inner_max_num_threads=1,
        n_jobs=execution.workers,
        initializer=end_with,
        initargs=(os.getpid(),),
    )


def _dask(execution: Execution, stack: ExitStack) -> Any:
    from joblib import parallel_config

    distributed = _needed("distributed", "dask")
    where: dict[str, Any] = {"address": execution.address, "timeout": 20}
    if not execution.address:
        where = {"n_workers": execution.workers, "threads_per_worker": 1, "dashboard_address": None}
    try:
        stack.enter_context(distributed.Client(set_as_default=True, **where))
    except (OSError, ValueError) as error:
        raise _silent(execution, error) from error
    return parallel_config(backend="dask", n_jobs=execution.workers)


def _ray(execution: Execution, stack: ExitStack) -> Any:
    from joblib import parallel_config

    ray = _needed("ray", "ray")
    where: dict[str, Any] = {"address": execution.address}
    if not execution.address:
        where = {"num_cpus": execution.workers, "include_dashboard": False}
    if not ray.is_initialized():
        try:
            ray.init(configure_logging=False, log_to_driver=False, **where)
        except (ConnectionError, OSError, ValueError) as error:
            raise _silent(execution, error) from error
        stack.callback(ray.shutdown)
    importlib.import_module("ray.util.joblib").register_ray()
    return parallel_config(backend="ray", n_jobs=execution.workers)


_BACKENDS: dict[str, Callable[[Execution, ExitStack], Any]] = {
    "loky": _loky,
    "dask": _dask,
    "ray": _ray,
}


def _needed(module: str, extra: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ConfigError(
            f"execution.engine is '{extra}', and the package '{module}' is not installed; "
            f"install it with: pip install 'election-bench[{extra}]'"
        ) from error


def _silent(execution: Execution, error: Exception) -> ConfigError:
    return ConfigError(
        f"no {execution.engine} cluster answers at '{execution.address or 'this machine'}' "
        f"({type(error).__name__}: {error}); start it, or leave execution.address empty"
    )

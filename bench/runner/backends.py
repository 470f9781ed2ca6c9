"""Engines: the same work on the processes of this machine, on Dask or on Ray.

Data that workers of a cluster need not have are packed, sent once, and unpacked under their sum.
"""

from __future__ import annotations

import hashlib
import importlib
import io
import json
import os
import socket
import tarfile
import tempfile
import time
import warnings
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from bench.core.errors import BenchError, ConfigError
from bench.core.settings import Execution
from bench.runner.console import deaf_children, end_with

W = TypeVar("W")
R = TypeVar("R")
Work = Callable[[W, bytes], R]

ANSWER_S = 20  # how long a cluster may take to answer
PATIENCE_S = 60.0  # how long a cluster may be without any worker
LOOK_EVERY_S = 5.0


@dataclass(frozen=True)
class Lost:
    """In place of an answer: the worker died that had the order.

    Attributes
    ----------
    reason : str
        What the engine says of it.
    """

    reason: str


def spread(
    work: Work[W, R], orders: Sequence[W], execution: Execution, brought: bytes = b""
) -> Generator[tuple[W, R | Lost], None, None]:
    """Do some work for every order; answers come in any order.

    Parameters
    ----------
    work : callable
        A function of a module, found by name on every worker; of an order and of `brought`.
    orders : sequence
        Small: names, paths and sums, no tables.
    execution : Execution
        The engine, how many workers, and where they are.
    brought : bytes
        Data that no worker need have; a cluster hands it to each worker once.

    Yields
    ------
    (order, answer or Lost)

    Raises
    ------
    ConfigError
        If the engine is not installed, or its cluster does not answer.
    BenchError
        If a cluster ends, or is without workers for a minute.
    """
    yield from _ENGINES[execution.engine](work, list(orders), execution, brought)


def _loky(
    work: Work[W, R], orders: list[W], execution: Execution, brought: bytes
) -> Iterator[tuple[W, R | Lost]]:
    from joblib import Parallel, delayed, parallel_config

    waiting = dict(enumerate(orders))
    with warnings.catch_warnings():
        # where psutil is installed, loky replaces a worker that has grown by 300 MB and warns of
        # it in a thread of its own: were warnings errors (python -W error), the thread would end
        # and everybody wait
        warnings.filterwarnings("ignore", message="A worker stopped while some jobs were given")
        if os.name == "posix":  # started later, they would make `deaf_children` hear again
            for module in ("multiprocessing", "joblib.externals.loky.backend"):
                importlib.import_module(f"{module}.resource_tracker").ensure_running()
        with parallel_config(
            backend="loky",
            inner_max_num_threads=1,
            n_jobs=execution.workers,
            initializer=end_with,
            initargs=(os.getpid(),),
        ):
            parallel = Parallel(
                n_jobs=execution.workers, batch_size=1, return_as="generator_unordered"
            )
            calls = [delayed(_numbered)(work, *item, brought) for item in waiting.items()]
            try:
                with deaf_children():  # the workers start here
                    answers = parallel(calls)
                for number, answer in answers:
                    yield waiting.pop(number), answer
            except Exception as error:
                if type(error).__name__ not in ("TerminatedWorkerError", "BrokenProcessPool"):
                    raise
    yield from ((order, Lost("a process ended")) for order in waiting.values())


def _numbered(work: Work[W, R], number: int, order: W, brought: bytes) -> tuple[int, R]:
    return number, work(order, brought)


def _dask(
    work: Work[W, R], orders: list[W], execution: Execution, brought: bytes
) -> Iterator[tuple[W, R | Lost]]:
    distributed = _needed("distributed", "dask")
    where: dict[str, Any] = {"address": execution.address, "timeout": ANSWER_S}
    if not execution.address:
        where = {"n_workers": execution.workers, "threads_per_worker": 1, "dashboard_address": None}
    try:
        client = distributed.Client(**where)
    except (OSError, ValueError) as error:
        raise _silent(execution, error) from error
    with client:
        patience = _Patience(execution, lambda: len(client.nthreads()))
        held = client.submit(bytes, brought, pure=False)  # computed anew if its holder dies
        waiting = {client.submit(work, order, held, pure=False): order for order in orders}
        try:
            while waiting:
                with suppress(TimeoutError):
                    ended = distributed.wait(
                        list(waiting), timeout=LOOK_EVERY_S, return_when="FIRST_COMPLETED"
                    ).done
                    for future in ended:
                        yield waiting.pop(future), _answer(future)
                    continue
                patience.look()
        except (distributed.client.FutureCancelledError, OSError) as error:
            raise _gone(execution, error) from error
        finally:
            with suppress(Exception):  # the scheduler may be gone
                client.cancel(list(waiting))


def _answer(future: Any) -> Any:
    failure = future.exception() if future.status == "error" else None
    if type(failure).__name__ == "KilledWorker":
        return Lost("a Dask worker died")
    return future.result()


def _ray(
    work: Work[W, R], orders: list[W], execution: Execution, brought: bytes
) -> Iterator[tuple[W, R | Lost]]:
    ray = _needed("ray", "ray")
    where: dict[str, Any] = {"address": execution.address}
    if not execution.address:
        where = {"num_cpus": execution.workers, "include_dashboard": False}
    try:
        _knock(execution.address)
        ray.init(configure_logging=False, log_to_driver=False, **where)
    except (ConnectionError, OSError, ValueError) as error:
        raise _silent(execution, error) from error
    try:
        patience = _Patience(execution, lambda: ray.cluster_resources().get("CPU", 0))
        held = ray.put(brought)
        remote = ray.remote(num_cpus=1, max_retries=1)(work)  # once more, on another worker
        waiting = {remote.remote(order, held): order for order in orders}
        while waiting:
            ended, _ = ray.wait(list(waiting), num_returns=1, timeout=LOOK_EVERY_S)
            for reference in ended:
                order = waiting.pop(reference)
                try:
                    answer: R | Lost = ray.get(reference)
                except ray.exceptions.RayTaskError as error:
                    raise error.cause from error
                except ray.exceptions.RayError as error:
                    answer = Lost(f"a Ray worker died ({type(error).__name__})")
                yield order, answer
            if not ended:
                patience.look()
    except ConnectionError as error:
        raise _gone(execution, error) from error
    finally:
        ray.shutdown()


_ENGINES: dict[str, Callable[..., Iterator[tuple[Any, Any]]]] = {
    "loky": _loky,
    "dask": _dask,
    "ray": _ray,
}


class _Patience:
    """Gives up a cluster that has had no worker for long."""

    def __init__(self, execution: Execution, workers: Callable[[], float]) -> None:
        self._execution, self._workers = execution, workers
        self._seen = time.monotonic()

    def look(self) -> None:
        """To be called when nothing has come for a while.

        Raises
        ------
        BenchError
            If there has been no worker for `PATIENCE_S` seconds.
        """
        if self._workers():
            self._seen = time.monotonic()
        elif time.monotonic() - self._seen > PATIENCE_S:
            raise BenchError(
                f"{_cluster(self._execution)} has had no worker for {PATIENCE_S:g} s; start some "
                "and run the same command again: what is finished is kept"
            )


def _knock(address: str) -> None:
    """Refuse an address where nobody listens; Ray itself would try for minutes."""
    parts = urlsplit(address if "://" in address else f"//{address}")
    if parts.hostname and parts.port:
        socket.create_connection((parts.hostname, parts.port), timeout=ANSWER_S).close()


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


def _gone(execution: Execution, error: Exception) -> BenchError:
    return BenchError(
        f"{_cluster(execution)} has ended ({type(error).__name__}); start it and run the same "
        "command again: what is finished is kept"
    )


def _cluster(execution: Execution) -> str:
    return f"the {execution.engine} cluster at '{execution.address or 'this machine'}'"


def packed(places: Iterable[Path]) -> bytes:
    """Files, and folders with all that is in them, by their absolute paths; the same bytes always.

    Parameters
    ----------
    places : iterable of Path
        What is missing is left out. Symbolic links are followed.

    Returns
    -------
    bytes
        Empty if nothing is there.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as name:
    ...     _ = (Path(name) / "polls.csv").write_text("share")
    ...     content = packed([Path(name)])
    ...     moved = unpacked(content)[name]
    >>> Path(moved, "polls.csv").read_text(), packed([])
    ('share', b'')
    """
    roots = sorted({place.absolute() for place in places if place.exists()})
    if not roots:
        return b""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", dereference=True) as archive:
        for number, root in enumerate(roots):
            archive.add(root, arcname=f"{number}/{root.name}", filter=_plain)
    return json.dumps([str(root) for root in roots]).encode() + b"\n" + buffer.getvalue()


def _plain(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    """An entry without what differs from one machine or moment to another."""
    entry.mtime = entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    entry.mode = 0o755 if entry.isdir() else 0o644
    return entry


@lru_cache(maxsize=4)
def unpacked(content: bytes) -> Mapping[str, str]:
    """Where each place of `packed` lies here, by where it lay there.

    The folder is named by the sum of the content, so that processes of one machine share it.
    """
    if not content:
        return {}
    line, _, archive = content.partition(b"\n")
    roots: list[str] = json.loads(line)
    shared = Path(tempfile.gettempdir()) / f"election-bench-{os.getuid()}"
    shared.mkdir(mode=0o700, exist_ok=True)
    if shared.stat().st_uid != os.getuid():
        raise PermissionError(f"{shared} belongs to somebody else; set TMPDIR to a folder of yours")
    home = shared / hashlib.sha256(content).hexdigest()
    if not home.is_dir():
        with tempfile.TemporaryDirectory(dir=shared) as name:
            with tarfile.open(fileobj=io.BytesIO(archive)) as entries:
                entries.extractall(Path(name) / "whole", filter="data")
            try:
                (Path(name) / "whole").rename(home)
            except OSError:
                if not home.is_dir():  # else another process was first
                    raise
    return {root: str(home / str(number) / Path(root).name) for number, root in enumerate(roots)}


def moved(value: Any, places: Mapping[str, str]) -> Any:
    """Plain values in which every path at or below a place leads to where that lies here.

    Examples
    --------
    >>> moved({"election": "/home/ann/fr2022", "days": [1, "/home/ann"]}, {"/home/ann": "/tmp/0"})
    {'election': '/tmp/0/fr2022', 'days': [1, '/tmp/0']}
    """
    if isinstance(value, dict):
        return {key: moved(one, places) for key, one in value.items()}
    if isinstance(value, list):
        return [moved(one, places) for one in value]
    if isinstance(value, str):
        for there, here in places.items():
            if value == there or value.startswith(there + "/"):
                return here + value[len(there) :]
    return value

"""Dask and Ray whose parts are processes of their own, each in a network of its own.

`make clusters`. Needs Linux, root and the command `ip`; the folder of results and an election
brought along are hidden from the workers, as on machines that share no disk.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bench.core import paths

pytestmark = pytest.mark.clusters

TABLES = ("errors.parquet", "forecasts.parquet", "errors.csv", "methods.csv")
ARGUMENTS = ("+experiment=quickstart", "n_draws=200", "days_before=[1,2,5]", "rounds=[1,2]")
ROOT = paths.datasets().parent
NAMES = itertools.count()
HOSTS = {"head": "10.97.0.1", "one": "10.97.0.2", "two": "10.97.0.3", "bridge": "10.97.0.254"}


def _ip(*words: str, check: bool = True) -> None:
    subprocess.run(["ip", *words], check=check, capture_output=True)


@dataclass
class Network:
    """Three network namespaces on a bridge."""

    folder: Path
    site: Path
    hidden: Path
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, place: str, *command: str, name: str = "") -> subprocess.Popen[bytes]:
        """Start a process in one of the namespaces, where `hidden` is an empty folder."""
        script = f'mount -t tmpfs none "{self.hidden}" && exec "$@"'
        log = self.folder / f"{name or place}.log"
        with log.open("wb") as stream:
            process = subprocess.Popen(
                ["ip", "netns", "exec", f"eb-{place}", "sh", "-c", script, "-", *command],
                env=self.variables,
                cwd=self.folder,
                stdout=stream,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.running[name or place] = process
        return process

    @property
    def variables(self) -> dict[str, str]:
        """The environment of every process."""
        path = [str(ROOT), str(self.site), os.environ.get("PYTHONPATH", "")]
        return {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(path),
            "RAY_DISABLE_IMPORT_WARNING": "1",
        }

    def kill(self, name: str) -> None:
        """End a process and its children, at once."""
        process = self.running.pop(name)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def bench(
        self, *arguments: str, timeout: float = 240
    ) -> tuple[subprocess.CompletedProcess[str], Path]:
        """Run the bench outside of the namespaces, into a new folder below `hidden`."""
        results = self.hidden / f"results_{next(NAMES)}"
        command = [sys.executable, "-m", "bench", *ARGUMENTS, f"results={results}", *arguments]
        ended = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout,
            env=self.variables,
            cwd=self.folder,
        )
        return ended, results


@contextmanager
def _network(folder: Path, site: Path) -> Iterator[Network]:
    if sys.platform != "linux" or os.geteuid() != 0 or shutil.which("ip") is None:
        pytest.skip("needs Linux, root and the command ip")
    network = Network(folder=folder, site=site, hidden=folder / "hidden")
    network.hidden.mkdir()
    with ExitStack() as stack:
        stack.callback(_ip, "link", "del", "eb-bridge", check=False)
        _ip("link", "add", "eb-bridge", "type", "bridge")
        _ip("addr", "add", f"{HOSTS['bridge']}/24", "dev", "eb-bridge")
        _ip("link", "set", "eb-bridge", "up")
        for place in ("head", "one", "two"):
            stack.callback(_ip, "netns", "del", f"eb-{place}", check=False)
            _ip("netns", "add", f"eb-{place}")
            link = ("link", "add", f"eb-{place}", "type", "veth", "peer", "name", "eth0")
            _ip(*link, "netns", f"eb-{place}")
            _ip("link", "set", f"eb-{place}", "master", "eb-bridge", "up")
            inside = ("-n", f"eb-{place}")
            _ip(*inside, "addr", "add", f"{HOSTS[place]}/24", "dev", "eth0")
            _ip(*inside, "link", "set", "eth0", "up")
            _ip(*inside, "link", "set", "lo", "up")
        try:
            yield network
        finally:
            for name in list(network.running):
                network.kill(name)


class Dask:
    """A scheduler in one namespace, a worker with its nanny in each of two others."""

    address = f"tcp://{HOSTS['head']}:8786"

    def __init__(self, network: Network) -> None:
        self.network = network

    def start(self) -> None:
        self.head()
        for place in ("one", "two"):
            self.worker(place)
        time.sleep(6)

    def head(self) -> None:
        self.network.start(
            "head",
            *(sys.executable, "-m", "distributed.cli.dask_scheduler", "--no-dashboard"),
            *("--host", HOSTS["head"], "--port", "8786"),
        )

    def worker(self, place: str) -> None:
        self.network.start(
            place,
            *(sys.executable, "-m", "distributed.cli.dask_worker", self.address),
            *("--nthreads", "1", "--no-dashboard", "--death-timeout", "60"),
            *("--local-directory", str(self.network.folder / f"space_{place}")),
        )


class Ray:
    """A head without processors in one namespace, a node with one in each of two others."""

    address = f"ray://{HOSTS['head']}:10001"

    def __init__(self, network: Network) -> None:
        self.network = network

    def start(self) -> None:
        self.head()
        time.sleep(8)
        for place in ("one", "two"):
            self.worker(place)
        time.sleep(10)

    def head(self) -> None:
        self._node(
            "head",
            *("--head", "--port", "6379", "--num-cpus", "0"),
            *("--ray-client-server-port", "10001", "--include-dashboard", "false"),
        )

    def worker(self, place: str) -> None:
        self._node(place, "--address", f"{HOSTS['head']}:6379", "--num-cpus", "1")

    def _node(self, place: str, *options: str) -> None:
        self.network.start(
            place,
            *(sys.executable, "-m", "ray.scripts.scripts", "start", "--block"),
            *("--node-ip-address", HOSTS[place], "--object-store-memory", "100000000"),
            *("--temp-dir", f"/tmp/eb-ray-{os.getpid()}-{place}"),
            *options,
        )


ENGINES = {"dask": ("distributed", Dask), "ray": ("ray", Ray)}


@pytest.fixture(scope="module", params=sorted(ENGINES))
def cluster(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, faulty: Path
) -> Iterator[Dask | Ray]:
    """A running cluster, whose workers have the bench and the faulty plug-in installed."""
    module, kind = ENGINES[request.param]
    pytest.importorskip(module)
    with _network(tmp_path_factory.mktemp("network"), faulty) as network:
        one = kind(network)
        one.start()
        yield one
        shutil.rmtree(f"/tmp/eb-ray-{os.getpid()}-head", ignore_errors=True)


@pytest.fixture(scope="module")
def serial(cluster: Dask | Ray) -> dict[str, str]:
    """Sums of the tables of the same run in one process."""
    ended, results = cluster.network.bench()
    assert ended.returncode == 0, ended.stderr
    return _sums(results)


def _sums(results: Path) -> dict[str, str]:
    (run,) = (results / "quickstart").iterdir()
    return {name: hashlib.sha256((run / name).read_bytes()).hexdigest() for name in TABLES}


def _on(cluster: Dask | Ray) -> tuple[str, ...]:
    engine = type(cluster).__name__.lower()
    return (f"execution={engine}", f"execution.address={cluster.address}")


def test_both_workers_work_and_the_bytes_are_the_same(
    cluster: Dask | Ray, serial: dict[str, str]
) -> None:
    ended, results = cluster.network.bench(*_on(cluster))
    assert ended.returncode == 0, ended.stderr
    assert "done by 2 workers" in ended.stderr
    assert _sums(results) == serial


def test_an_election_that_the_workers_do_not_have_is_handed_to_them(cluster: Dask | Ray) -> None:
    own = cluster.network.hidden / "own"
    shutil.copytree(ROOT / "datasets" / "toy", own)
    (own / "SHA256SUMS").unlink()
    run = ("+experiment=own", f"elections=[{own}]", "days_before=[1]", "predictor=[uniform]")
    tables = []
    for engine in ((), _on(cluster)):
        results = cluster.network.hidden / f"own_{next(NAMES)}"
        command = [sys.executable, "-m", "bench", *run, f"results={results}", *engine]
        subprocess.run(
            command,
            check=True,
            capture_output=True,
            env=cluster.network.variables,
            cwd=cluster.network.folder,
        )
        (folder,) = (results / "own").iterdir()
        tables.append((folder / "errors.csv").read_bytes())
    assert tables[0] == tables[1]


def test_a_contestant_that_dies_costs_its_own_forecasts(
    cluster: Dask | Ray, serial: dict[str, str]
) -> None:
    guest = ("+predictors.faulty.method=faulty", "+predictors.faulty.fault=segfaults")
    ended, results = cluster.network.bench(*_on(cluster), *guest)
    assert ended.returncode == 3, ended.stderr
    (run,) = (results / "quickstart").iterdir()
    rows = (run / "methods.csv").read_text().splitlines()
    assert sum("SIGSEGV" in row for row in rows) == 6
    plain = cluster.network.hidden / "results_0" / "quickstart"
    (known,) = plain.iterdir()
    others = [row for row in rows if "faulty" not in row]
    assert others == (known / "methods.csv").read_text().splitlines()


def test_a_worker_that_is_killed_costs_nothing(cluster: Dask | Ray, serial: dict[str, str]) -> None:
    network = cluster.network
    results = network.hidden / f"results_{next(NAMES)}"
    command = [sys.executable, "-m", "bench", *ARGUMENTS, f"results={results}", *_on(cluster)]
    running = subprocess.Popen(
        command, env=network.variables, cwd=network.folder, stderr=subprocess.PIPE, text=True
    )
    while not list((results / ".cache").rglob("*.entry")):
        assert running.poll() is None
        time.sleep(0.02)
    network.kill("one")
    _, said = running.communicate(timeout=240)
    assert running.returncode == 0, said
    assert _sums(results) == serial
    cluster.worker("one")
    time.sleep(6)


def test_an_address_without_a_cluster_is_said_in_time(cluster: Dask | Ray) -> None:
    nowhere = cluster.address.replace(HOSTS["head"], HOSTS["one"])
    began = time.monotonic()
    ended, _ = cluster.network.bench(*_on(cluster)[:1], f"execution.address={nowhere}", timeout=90)
    assert ended.returncode == 1
    assert f"cluster answers at '{nowhere}'" in ended.stderr
    assert time.monotonic() - began < 60


def test_a_cluster_that_ends_is_said_and_what_is_finished_is_kept(
    cluster: Dask | Ray, serial: dict[str, str]
) -> None:
    network = cluster.network
    for name in list(network.running):
        network.kill(name)
    ended, _ = network.bench(*_on(cluster), timeout=120)
    assert ended.returncode == 1
    assert ended.stderr.count("\n") <= 3, ended.stderr

"""A process of its own for every method that does not ship: the harness's side of it.

What stands in for such a method looks like any predictor and asks its process, which ends with the
part of the work for which it was started, and before a task that must not know what it has seen.
What the process says of itself and every answer are checked here.
"""

from __future__ import annotations

import atexit
import importlib.util
import json
import keyword
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, fields, make_dataclass, replace
from functools import cache
from glob import glob
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from bench.core import Abstain, ConfigError, Evidence, Forecast, ForecastError, Predictor, paths
from bench.core.arrays import FloatArray
from bench.core.evidence import BatchPredictor, EvidenceBatch, Read
from bench.core.registry import (
    PREDICTORS,
    PREDICTORS_FOLDER,
    files_in,
    is_object,
    method_of,
    third_party,
    use_remote,
)
from bench.core.settings import Execution, Experiment
from bench.data.collection import FACTS
from bench.data.columns import COLLECTION_TABLES
from bench.runner.attempt import (
    Prediction,
    check_shares,
    checked,
    failure,
    guarded,
    guarded_batch,
    plain,
    shares_of_one,
)
from bench.runner.child import message, read_message, request, unpacked

START_LIMIT_S = 120.0  # until Python has imported its libraries, on a busy machine
MAX_TEXT = 20_000  # characters of a docstring, bytes of what a process printed before it died
MARGIN = pd.Timedelta(days=1)  # between clocks of two countries
OUTSIDE = Execution(time_limit_s=60.0)  # of runs, where somebody waits for a list
ENVIRONMENT = ("LANG", "LC_ALL", "LC_CTYPE", "PATH", "SYSTEMROOT", "TZ", "LD_LIBRARY_PATH")
ONE_THREAD = ("MKL_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")  # as in the runner
OF_ARITHMETIC = ("BLIS_", "GOTO_", "MKL_", "NPY_", "NUMBA_", "NUMEXPR_", "OMP_", "OPENBLAS_")
"""How variables begin that say how many threads, or which instructions, linear algebra takes."""
PASSING = ("/run", "/tmp", "/var/tmp")
START = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from bench.runner.child import main; main()"
)
BENCH = Path(__file__).resolve().parents[1]
TABLES_OF_AN_ELECTION = (
    *("candidates.csv", "election.yaml", "inputs", "outcome", "outcome.csv", "polls.csv", FACTS),
    *(f"{name}{suffix}" for name in COLLECTION_TABLES for suffix in (".csv", ".parquet")),
)


@dataclass(frozen=True, kw_only=True)
class PredictorSpec:
    """Which predictor a process makes.

    Attributes
    ----------
    name, method : str
        Of its row, and of its file or entry point.
    settings : str
        As JSON; empty for a class that is only described.
    points : tuple of (str, str)
        Entry points that it needs, by name.
    files : tuple of str
        Its own package, and files that its settings name.
    """

    name: str
    method: str
    settings: str = ""
    points: tuple[tuple[str, str], ...] = ()
    files: tuple[str, ...] = ()

    @property
    def sent_fields(self) -> dict[str, Any]:
        """The fields that its process is sent, by name."""
        return {name: getattr(self, name) for name in ("name", "method", "settings", "points")}


class _State:
    """Under which settings predictors run, which folders they must not see, and their process."""

    execution = OUTSIDE
    isolated = False
    hidden: frozenset[Path] = frozenset()
    process: _Process | None = None


_lock = threading.RLock()  # one process serves one request at a time


@contextmanager
def limits(execution: Execution, *hidden: str, isolated: bool = False) -> Iterator[None]:
    """Make predictors within these limits; after the outermost such block no process is left.

    Parameters
    ----------
    execution : Execution
    hidden : str
        Folders that no method may see beside those that ship; what is none is left out.
    isolated : bool
        Whether what ships is asked in processes of its own too, where one ended a worker.
    """
    before = _State.execution, _State.hidden, _State.isolated
    folders = {Path(name).resolve() for name in (*hidden, execution.store) if name}
    own = {folder for folder in folders if not folder.is_relative_to(paths.datasets())}
    _State.execution = execution
    _State.hidden = _State.hidden | own
    _State.isolated = _State.isolated or isolated
    try:
        yield
    finally:
        _State.execution, _State.hidden, _State.isolated = before
        if before[0] is OUTSIDE:
            close()


def is_remote(predictor: Predictor) -> bool:
    """Whether a predictor is asked in a process of its own."""
    return _State.isolated or isinstance(predictor, RemotePredictor)


def protection(execution: Execution) -> str:
    """What stands between a method that does not ship and the rest: one word.

    ``wrap`` (what `execution.wrap` says), ``bubblewrap`` where it is installed and works, or
    ``process``: limits of time and memory, and no wall.
    """
    if execution.wrap:
        return "wrap"
    return "bubblewrap" if _bubblewrap_works() else "process"


def protections(experiment: Experiment) -> dict[str, str]:
    """The protection of every predictor of an experiment that does not ship, by name.

    ``caller`` is that of an object which was made in Python: it runs in the caller's process.
    """
    by_name = {}
    for name, settings in experiment.predictors.items():
        if is_object(name):
            by_name[name] = "caller"
        elif third_party({name: settings}):
            by_name[name] = protection(experiment.execution)
    return by_name


class RemotePredictor(Predictor):
    """Stands in for a predictor whose code runs in a process of its own."""

    predictor_spec: ClassVar[PredictorSpec]
    until: ClassVar[pd.Timestamp | None] = None

    def predict(self, evidence: Evidence, rng: np.random.Generator) -> Forecast:
        """The forecast that its process gives, checked."""
        prediction = ask_in_own_process(self, evidence, rng, _State.execution, keep=False)
        if prediction.forecast is None:
            kind = Abstain if prediction.status == "abstained" else ForecastError
            raise kind(f"{prediction.message}\n{prediction.trace}".strip())
        return prediction.forecast

    def knows_until(self) -> pd.Timestamp | None:
        """As its process reported when it was made."""
        return self.until


class RemoteBatchPredictor(RemotePredictor):
    """Stands in for one that reads batches too."""

    def predict_batch(self, batch: EvidenceBatch) -> FloatArray:
        """The shares that its process gives, checked."""
        rng = np.random.default_rng(0)
        return ask_in_own_process(self, batch, rng, _State.execution).demand_shares()


def kind(method: str) -> type[Predictor]:
    """The class that stands in for a method's.

    Raises
    ------
    ConfigError
        If it cannot be imported, or is not what the bench can use.
    """
    return _kind(_spec(method, method, "", _points_of(method), ()))


def make(name: str, settings: Mapping[str, Any]) -> Predictor:
    """What stands in for a predictor with these settings, made in its own process.

    Raises
    ------
    ConfigError
        If it cannot be, or a setting is refused there.
    """
    method = method_of(name, settings)
    own = {key: value for key, value in settings.items() if key != "method"}
    try:
        text = json.dumps({**own, "method": method}, sort_keys=True)
    except TypeError as error:
        raise ConfigError(
            f"a setting of predictor '{name}' is not a plain value: {error}"
        ) from error
    spec = _spec(name, method, text, _points_of(method), files_in(name, settings))
    stand_in = _kind(spec)()
    for key, value in own.items():
        object.__setattr__(stand_in, key, value)
    return stand_in


@cache
def _kind(spec: PredictorSpec) -> type[Predictor]:
    """A class made of what a method's process says of its own or, with settings, of the instance.

    All that it says is checked.
    """
    limit_s = _State.execution.time_limit_s
    with _lock:
        try:
            process = _process(spec, _State.execution)
            description = process.exchange(spec.sent_fields, limit_s)
        except _Died as death:
            raise ConfigError(f"predictor '{spec.name}' cannot be made: {death}") from None
        if "error" in description:
            close()
            raise ConfigError(str(description["error"]))
    try:
        settings = list(map(str, description["settings"]))
        for name in settings:
            if not name.isidentifier() or keyword.iskeyword(name) or hasattr(RemotePredictor, name):
                raise ValueError(f"it has a setting '{plain(name)}'")
        until = None if description["until"] is None else pd.Timestamp(description["until"])
        if until is not None and (pd.isna(until) or until.tz is not None):
            raise ValueError("it knows until a moment that is no local time")
        module = dict(spec.points).get(spec.method, f"{PREDICTORS.package}.{spec.method}")
        return make_dataclass(
            description["name"] if description["name"].isidentifier() else "Predictor",
            [(name, object, None) for name in settings],
            bases=(RemoteBatchPredictor if description["batch"] is True else RemotePredictor,),
            namespace={
                "__doc__": plain(description["doc"])[:MAX_TEXT],
                "__module__": module.partition(":")[0],
                "family": plain(description["family"])[:100],
                "level_of": plain(description["level_of"])[:100],
                "needs": frozenset(map(str, description["needs"])),
                "files": frozenset(map(str, description["files"])),
                "predictor_spec": spec,
                "until": until,
            },
            frozen=True,
            kw_only=True,
        )
    except Exception as error:
        raise ConfigError(
            f"predictor '{spec.name}' describes itself in no usable way: {error}"
        ) from error


def spec_of(predictor: Predictor) -> PredictorSpec | None:
    """How a process makes the same predictor; None if it can only be asked where it is.

    That is so where its class stands in a notebook, in a test or in a function, or where it is set
    by more than plain values.
    """
    if isinstance(predictor, RemotePredictor):
        return predictor.predictor_spec
    try:
        settings = _settings_of(predictor)
        text = json.dumps(settings, sort_keys=True)
    except TypeError:
        return None
    method = settings["method"]
    points = {method: method} if ":" in method else {}
    names = type(predictor).files
    files = []
    if isinstance(names, frozenset):  # else it is a property, which no class answers
        files = [getattr(predictor, setting) for setting in names]
    return _spec(method, method, text, points, files)


def _settings_of(predictor: Predictor) -> dict[str, Any]:
    """The settings of a predictor, as a YAML would hold them."""
    kind = type(predictor)
    package, _, method = kind.__module__.partition(".")
    if package != PREDICTORS.package:
        last = kind.__module__.rpartition(".")[2]
        if "<locals>" in kind.__qualname__ or last.startswith(("test_", "__main__")):
            raise TypeError("it cannot be imported")
        method = f"{kind.__module__}:{kind.__qualname__}"

    def plainly(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {str(key): plainly(member) for key, member in value.items()}
        if isinstance(value, list | tuple):
            return [plainly(member) for member in value]
        return value

    settings = {e.name: plainly(getattr(predictor, e.name)) for e in fields(predictor) if e.init}
    return {**settings, "method": method}


def _points_of(method: str) -> dict[str, str]:
    point = PREDICTORS.points().get(method)
    if point is None:
        return {}
    for place in filter(os.path.isfile, package_of(point.module.partition(".")[0])):
        raise ConfigError(
            f"'{point.value}' is in the module {place} alone; accepted: a package, one folder with "
            "an __init__.py, so that all files of its methods are known"
        )
    return {method: point.value}


def _spec(
    name: str, method: str, settings: str, points: Mapping[str, str], named: Collection[Any]
) -> PredictorSpec:
    """A spec, with the packages of its entry points and the files that its settings name.

    Raises
    ------
    ConfigError
        If a package is not what `package_of` accepts, or one of them is what no method may see.
    """
    tops = {at.partition(":")[0].partition(".")[0] for at in points.values()}
    packages = [place for top in tops for place in package_of(top)]
    named_files = [str(Path(str(path)).expanduser()) for path in named if path]
    files = {os.path.realpath(path) for path in (*packages, *named_files)}
    for place in files:
        if not _is_free(Path(place)):
            raise ConfigError(
                f"predictor '{name}' is to read {place}, which no method may see; accepted: what "
                "lies outside data sets, settings, results and tables of elections"
            )
    return PredictorSpec(
        name=name,
        method=method,
        settings=settings,
        points=tuple(sorted(points.items())),
        files=tuple(sorted(files)),
    )


def package_of(module: str) -> list[str]:
    """The folder of a package, or the file of a module; found without running a line of it.

    Raises
    ------
    ConfigError
        If a package is a link, or no folder with an ``__init__.py``: any folder of its name, of
        data too, could then count as a part of it.
    """
    module_spec = None
    with suppress(ImportError, ValueError):
        module_spec = importlib.util.find_spec(module)
    if module_spec is None:
        return []
    places = list(module_spec.submodule_search_locations or ())
    for place in places:
        above, name = os.path.split(place)
        real = os.path.join(os.path.realpath(above), name)
        if os.path.realpath(place) != real or not os.path.isfile(os.path.join(real, "__init__.py")):
            raise ConfigError(
                f"the package {module} is {' and '.join(places)}; accepted: one folder with an "
                "__init__.py that is no link; install it with pip"
            )
    if places:
        return places
    return [module_spec.origin] if module_spec.has_location and module_spec.origin else []


def _is_free(path: Path) -> bool:
    """Whether a file holds no data of an election.

    A forecast that was brought along may lie beside the tables of its election and is read there;
    what ships with the bench, results, and the tables themselves stay out of reach.
    """
    facts = ("election.yaml", FACTS)
    own = [folder for folder in path.parents if any((folder / fact).is_file() for fact in facts)]
    if any(path.relative_to(folder).parts[0] in TABLES_OF_AN_ELECTION for folder in own):
        return False
    return not any(path.is_relative_to(folder) for folder in _hidden() - set(own))


def ask_in_own_process(
    predictor: Predictor,
    question: Evidence | EvidenceBatch,
    rng: np.random.Generator,
    execution: Execution,
    *,
    keep: bool = True,
) -> Prediction:
    """Ask any predictor in a process of its own; the answer is checked.

    One that no other process can make (`spec_of`) is asked in this.

    Parameters
    ----------
    predictor : Predictor
        It gets the tables that it needs and no others.
    question : Evidence or EvidenceBatch
        A predictor that reads no batch is asked once, about what all replicates share.
    rng : numpy.random.Generator
        The process gets one in the same state.
    execution : Execution
        With the limits.
    keep : bool
        Whether this is what was public at `as_of`, so that the process may be asked again about a
        later moment. After a batch it always ends.
    """
    spec = spec_of(predictor)
    if isinstance(question, EvidenceBatch):
        if spec is None:
            return guarded_batch(predictor, question, rng)
        if not isinstance(predictor, BatchPredictor):
            shared = question.evidence
            prediction = ask_in_own_process(predictor, shared, rng, execution, keep=False)
            return shares_of_one(prediction, question)
    elif spec is None:
        return guarded(predictor, question, rng)
    try:
        question = question.only(predictor.needs)
    except ForecastError as error:  # `needs` is the predictor's
        return failure(error)
    began = time.monotonic()
    content = request(question, rng, **spec.sent_fields)
    public = question if keep and isinstance(question, Evidence) else None
    with _lock:
        try:
            running = _State.process
            if running and running.of and (public is None or not running.may_see(public)):
                close()
            process = _process(spec, execution)
            process.of = spec
            process.seen = public
            answer = process.exchange(content, execution.time_limit_s)
            validated = _validated(answer, question)
        except _Died as death:
            validated = Prediction(status="failed", message=death.reason, trace=death.printed)
        except BaseException:
            public = None  # in the middle of something
            raise
        finally:
            if public is None:
                close()
    elapsed_s = time.monotonic() - began  # no process can claim more
    return replace(
        validated,
        wall_s=min(validated.wall_s or elapsed_s, elapsed_s),
        cpu_s=min(validated.cpu_s, elapsed_s * (os.cpu_count() or 1)),
    )


def _validated(answer: Mapping[str, Any], question: Evidence | EvidenceBatch) -> Prediction:
    """The answer of a process, all of which is checked here once more."""
    batch = question if isinstance(question, EvidenceBatch) else None
    evidence = question.evidence if isinstance(question, EvidenceBatch) else question
    try:
        claimed = unpacked(answer)
    except Exception as error:  # noqa: BLE001 - these bytes can hold anything
        message = f"Died: the process left no readable answer ({type(error).__name__})"
        return Prediction(status="failed", message=message)
    try:
        if claimed.forecast is not None:
            whole = checked(claimed.forecast, evidence.candidates, evidence.n_advance)
            claimed = replace(claimed, forecast=whole)
        if batch is not None and claimed.status != "failed":
            check_shares(claimed.shares, batch.candidates, batch.size)
        elif batch is None and claimed.shares is not None:
            raise ForecastError("predict returned shares of a batch; accepted: a Forecast")
    except Exception as error:  # noqa: BLE001 - the answer can hold anything
        return failure(error)
    reads = tuple(read for read in claimed.reads if _is_readable(read, evidence))
    for read in reads:
        evidence[read.table]
    return replace(claimed, reads=reads, data_used_until=evidence.data_used_until)


def _is_readable(read: Read, evidence: Evidence) -> bool:
    """Whether a process can have read such rows."""
    if read.table not in evidence.tables:
        return False
    columns = set(evidence.tables[read.table])
    needed = {column for column, _values in read.filters}
    return columns >= (needed if read.until is None else needed | {"published_on"})


class _Died(Exception):
    """A process left no answer: why, and the end of what it had printed."""

    def __init__(self, reason: str, printed: str) -> None:
        super().__init__(f"{reason}\n{printed}".strip())
        self.reason = reason
        self.printed = printed


class _Process:
    """A process that makes predictors and asks them."""

    def __init__(self, spec: PredictorSpec, execution: Execution, key: object) -> None:
        self.key = key
        self.of: PredictorSpec | None = None  # which it was asked
        self.seen: Evidence | None = None
        self._late = False
        self._home = os.path.realpath(tempfile.mkdtemp(prefix="bench-"))
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        own_environment = _environment(self._home)
        front = list(execution.wrap)
        if protection(execution) == "bubblewrap":
            front = _bubblewrap(self._home, map(str, _hidden()), spec.files)
        self._is_bare = not front
        search_path = json.dumps([os.path.abspath(place) for place in sys.path])
        try:
            self._popen = subprocess.Popen(
                [*front, sys.executable, "-I", "-c", START, search_path],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._log,
                cwd=self._home,
                # podman wants its own
                env=os.environ | own_environment if execution.wrap else own_environment,
                start_new_session=True,
            )
        except OSError as error:
            self._log.close()
            os.rmdir(self._home)
            raise ConfigError(
                f"no process can be started for predictor '{spec.name}': {error}; look at "
                "execution.wrap and at the limits of your system"
            ) from error
        assert self._popen.stdin is not None
        assert self._popen.stdout is not None
        self._requests = self._popen.stdin
        self._answers = self._popen.stdout
        _State.process = self
        setup = {
            "environment": sorted(own_environment),
            "memory_limit_mb": execution.memory_limit_mb,
        }
        self.exchange(setup, START_LIMIT_S)

    def may_see(self, evidence: Evidence) -> bool:
        """Whether all that this process has seen was public at the moment of some evidence."""
        if self.seen is None:
            return True
        is_same_election = self.seen.election == evidence.election
        if not is_same_election:
            return evidence.as_of >= self.seen.as_of + MARGIN
        if evidence.vote_on < self.seen.vote_on:  # a ballot tells who got through
            return False
        return evidence.as_of >= self.seen.as_of

    def exchange(self, content: Mapping[str, Any], limit_s: float) -> dict[str, Any]:
        """The answer to a request within some seconds."""
        timer = threading.Timer(limit_s, self._too_late)
        timer.start()
        try:
            with suppress(BrokenPipeError):  # why it has ended shows when its answer is read
                self._requests.write(message(content))
                self._requests.flush()
            answer = read_message(self._answers, tables=False)
            self._end_others()
            return answer
        except Exception as error:  # noqa: BLE001 - these bytes can hold anything
            if str(error).startswith("its answer"):
                reason = str(error)
            elif isinstance(error, EOFError):
                reason = self._reason_of_death(limit_s)
            else:
                reason = f"Died: the process left no readable answer ({type(error).__name__})"
            size = self._log.seek(0, os.SEEK_END)
            self._log.seek(max(0, size - MAX_TEXT))
            printed = self._log.read().decode("utf-8", "replace")
            self.end()
            raise _Died(reason, printed) from None
        finally:
            timer.cancel()

    def _too_late(self) -> None:
        self._late = True
        self._kill()

    def _kill(self) -> None:
        with suppress(ProcessLookupError, PermissionError):
            if hasattr(os, "killpg"):
                os.killpg(self._popen.pid, signal.SIGKILL)
            else:
                self._popen.kill()

    def _end_others(self) -> None:
        """Kill what it has started and left in its group; behind a command that goes with it."""
        if not self._is_bare or sys.platform != "linux":
            return
        group = self._popen.pid
        for process_id in map(int, filter(str.isdecimal, os.listdir("/proc"))):
            with suppress(ProcessLookupError, PermissionError):
                if process_id != group and os.getpgid(process_id) == group:
                    os.kill(process_id, signal.SIGKILL)

    def _reason_of_death(self, limit_s: float) -> str:
        """Why it left no answer."""
        if self._late:
            return (
                f"TimeLimit: no answer after {limit_s:g} s; give it more with "
                "execution.time_limit_s, or make it faster"
            )
        try:
            status = self._popen.wait(2.0)
        except subprocess.TimeoutExpired:
            return "Died: the process closed its line to the harness before it gave an answer"
        number = -status if status < 0 else status - 128  # as bubblewrap and shells have it
        if number in set(signal.Signals):
            return f"Died: the process was ended by {signal.Signals(number).name}"
        return f"Died: the process ended itself with status {status} before it gave an answer"

    def end(self) -> None:
        """Kill it and all that it started."""
        _State.process = None
        self._kill()
        self._popen.wait()
        for stream in (self._requests, self._answers, self._log):
            with suppress(OSError):
                stream.close()
        try:
            shutil.rmtree(self._home, ignore_errors=True)
        except RecursionError:  # folders in folders, by the thousand
            subprocess.run(["rm", "-rf", "--", self._home], check=False)


def _process(spec: PredictorSpec, execution: Execution) -> _Process:
    """The process that runs, if it was started with the same and has asked nobody else."""
    is_guest = bool(spec.points)  # all that ship may share one process
    running = _State.process
    key = is_guest, spec.files, asdict(execution), _State.hidden
    if running and (running.key != key or (is_guest and running.of not in (None, spec))):
        close()
    return _State.process or _Process(spec, execution, key)


@atexit.register
def close() -> None:
    """End the process that runs, if one does."""
    with _lock:
        if _State.process:
            _State.process.end()


def _hidden() -> set[Path]:
    """Where no method has any business, as far as it is there and not around the bench itself."""
    folders = {paths.datasets(), paths.configs(), *_State.hidden}
    for home in (paths.datasets().parent, Path.cwd()):
        # results hold errors, from which an outcome can be computed, and a repository holds both
        folders |= {home / "results", home / ".git"}
    existing = {folder.resolve() for folder in folders if folder.is_dir()}
    return {folder for folder in existing if not BENCH.is_relative_to(folder)}


def _bubblewrap(home: str, hidden: Iterable[str], readable: Iterable[str]) -> list[str]:
    """The command that shows a process what is installed here, none of it to be written.

    Beside the hidden folders, those for what is private or passing are empty: home, the working
    folder, that of temporary files and that of sockets. Of them it sees what it needs. It has no
    network, and no other process to see.
    """
    working_folder = os.path.realpath(os.curdir)
    search_path = {os.path.realpath(place) for place in sys.path} - {working_folder}
    code = [*glob("*.py"), *map(os.path.dirname, glob("*/__init__.py"))]
    needed = {*search_path, *code, sys.prefix, sys.base_prefix, *readable}
    needed |= {str(BENCH), str(PREDICTORS_FOLDER), *map(os.path.realpath, needed)}
    private = {os.path.expanduser("~"), working_folder, tempfile.gettempdir(), *PASSING}
    private = set(filter(os.path.isdir, map(os.path.realpath, private)))
    emptied = {*hidden, *(private - needed - {os.sep})}
    mounts = []
    for place in needed:
        is_inside = any(place.startswith(folder + os.sep) for folder in emptied)
        if is_inside and os.path.exists(place):
            mounts.append((place, ["--ro-bind", place, place]))
    mounts += [(folder, ["--tmpfs", folder]) for folder in emptied]
    mounts.sort(key=lambda mount: mount[0].count(os.sep))  # a folder before what lies in it
    return [
        *("bwrap", "--die-with-parent", "--unshare-all", "--new-session"),
        *("--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"),
        *(word for _place, words in mounts for word in words),
        *("--bind", home, home, "--chdir", home, "--"),
    ]


@cache
def _bubblewrap_works() -> bool:
    """Whether bubblewrap is installed and may do here what it is to do."""
    if shutil.which("bwrap") is None:
        return False
    with tempfile.TemporaryDirectory() as home, suppress(OSError, subprocess.TimeoutExpired):
        trial = [*_bubblewrap(os.path.realpath(home), [], []), sys.executable, "-I", "-c", ""]
        return subprocess.run(trial, capture_output=True, timeout=20, check=False).returncode == 0
    return False


def _environment(home: str) -> dict[str, str]:
    """What numbers depend on, and nothing else."""
    arithmetic = {
        name: value
        for name, value in os.environ.items()
        if name in ENVIRONMENT or name.startswith(OF_ARITHMETIC)
    }
    return arithmetic | dict.fromkeys(ONE_THREAD, "1") | {"HOME": home, "TMPDIR": home}


use_remote(sys.modules[__name__])

"""The one pipeline: work on parts, cached, spread over an engine, resumed, with progress."""

from __future__ import annotations

import importlib
import json
import sys
import time
from collections.abc import Callable, Generator, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, replace
from functools import lru_cache, wraps
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

import pandas as pd
from threadpoolctl import ThreadpoolController

from bench.core import paths
from bench.core.errors import BenchError, ConfigError, DataError, did_you_mean, shortlist
from bench.core.registry import predictor_methods
from bench.core.settings import Execution, Experiment, least_polled
from bench.data.election import Election, load_election
from bench.data.evidence import refuse_broken
from bench.data.readers import forget, forget_if_changed, sha256, sum_of
from bench.data.task import Task, portable, refuse_known, refuse_long_before
from bench.runner.cache import (
    CHANGES_NO_NUMBER,
    Cache,
    code_sum,
    decode,
    encode,
    folder_of,
    key_of,
    sources_of,
)
from bench.runner.console import announce, progress
from bench.runner.process import close, limits
from bench.runner.results import Results, of_chunks, of_tasks

Part = Mapping[str, Any]  # what one piece of work is about: plain values that JSON can hold
T = TypeVar("T")
Work = Callable[[Experiment, Part], Results]
Folders = Sequence[Path] | Callable[[Part], Sequence[Path]]

JOBS_PER_WORKER = 4  # so that nobody waits long for the last one
MAX_TASKS = 16  # of a predictor that are cached together; `Task.evidence` remembers as many
MIN_CHUNKS = 8  # so that few tasks are cached one by one
SET_BY_TASKS = ("as_of", "baseline", "days_before", "elections", "hour", "rounds")
CHECK_EVERY_S = 0.5  # how long results wait for the files to be checked before they are cached


@dataclass(frozen=True, kw_only=True)
class Job:
    """What a worker is told: names, paths and sums; it opens the tables itself.

    Attributes
    ----------
    work : callable
        A function of a module, sent by its name.
    experiment : str
        The settings, as JSON.
    ignored : tuple of str
        Settings whose defaults the work sees.
    code : str
        Sum of the source; a worker with another refuses.
    files : tuple of (str, str)
        Path and sum of the files that settings of predictors name.
    parts : tuple of (str, str)
        Key and JSON of each part.
    folders : tuple of str
        Folders of data that the work reads.
    data : str
        Sum of these folders; a worker with another refuses.
    run : str
        Sum of all folders of the run; a worker that was sent another looks for files that changed.
    cache : str
        Folder of the entries; empty to send them back instead, as workers of a cluster do.
    isolated : bool
        Whether predictors that ship have processes of their own too: after a worker died.
    """

    work: Work
    experiment: str
    ignored: tuple[str, ...]
    code: str
    files: tuple[tuple[str, str], ...]
    parts: tuple[tuple[str, str], ...] = ()
    folders: tuple[str, ...] = ()
    data: str = ""
    run: str = ""
    cache: str = ""
    isolated: bool = False


def run(
    experiment: Experiment,
    work: Work,
    parts: Sequence[Part],
    folders: Folders = (),
    *,
    group: Callable[[Part], Hashable] | None = None,
    label: str = "parts",
    ignore: Iterable[str] = (),
) -> list[Results]:
    """The results of every part, in order: from the cache, or computed on the engine of the run.

    An entry of the cache depends on the settings, the part, the files in `folders`, those of the
    bench and of plug-ins, and those of the predictors of the experiment. A part with the key
    ``predictor`` depends on that predictor alone. The work sees no other settings than those which
    its key holds.

    Parameters
    ----------
    experiment : Experiment
        Its `execution` says how; nothing is written where `results` and `execution.store` are
        empty.
    work : callable
        A function of a module, from the settings and one part to its results.
    parts : sequence of mapping
        What each piece of work is about: plain values that JSON can hold.
    folders : sequence of Path, or callable
        Folders of data that the work reads; of all parts, or by part.
    group : callable, optional
        From a part to a value; parts of equal value go to the same worker, one after the other,
        because they share what is costly to set up.
    label : str
        What the parts are, for progress.
    ignore : iterable of str
        Settings that the parts say themselves, or that the work does not read.

    Raises
    ------
    DataError
        If files change meanwhile, or the disk damages an entry again and again.
    CacheError
        If an entry cannot be written.
    """
    execution = experiment.execution
    place = folder_of(experiment)
    store = None if place is None else Cache(place)
    with limits(execution, experiment.results, *experiment.elections):
        plan = _Plan(experiment, work, folders, tuple(ignore))
        order = [plan.key(part) for part in parts]
        keyed = dict(zip(order, parts, strict=True))
        sizes = {key: len(part.get("tasks", ("",))) for key, part in keyed.items()}
        done = _cached(store, sizes, label) if store else {}
        for _ in range(2):  # what another run damages meanwhile is computed once more
            missing = {key: part for key, part in keyed.items() if key not in done}
            if missing:
                announce(experiment.name)
                jobs = list(_jobs(plan, missing, group, store))
                done |= _computed(execution, jobs, store, sizes, label)
    lost = [key for key in keyed if key not in done]
    if lost:
        raise DataError(
            f"{store.path(lost[0]) if store else label}: this file was written and is damaged "
            "again; check the disk, or set execution.store to another folder"
        )
    return [done[key] for key in order]


def run_predictors(
    experiment: Experiment, work: Work, tasks: Sequence[Task], *, label: str = "forecasts"
) -> Results:
    """The results of every predictor on every task: one table of all, by task, then by predictor.

    The work is given chunks of tasks that read the same files, and caches them together; how many
    depends on nothing but the number of tasks.

    Parameters
    ----------
    experiment : Experiment
        Its predictors; of its other settings the work sees those that neither say which tasks
        there are nor which predictor is the baseline.
    work : callable
        As of `run`, such as `for_each_task` makes. Its part names the `predictor`, and `tasks_in`
        makes its tasks whole again; the tables of its results have a column `task`, the number of
        a task within the part.
    tasks : sequence of Task
    label : str
        What the parts are, for progress.

    Returns
    -------
    Results
        Tables with the `Task.key` and `predictor` in front of the rows.

    Raises
    ------
    DataError, CacheError
        As `run`.
    """
    names = list(experiment.predictors)
    parts = [task.part for task in tasks]
    folders = [task.folders for task in tasks]
    chunks_and_names = [(chunk, place) for chunk in _chunks(folders) for place in range(len(names))]
    read = {part["election"]: places for part, places in zip(parts, folders, strict=True)}
    results = run(
        experiment,
        work,
        [
            {"predictor": names[place], "tasks": [parts[number] for number in chunk]}
            for chunk, place in chunks_and_names
        ],
        lambda part: read[part["tasks"][0]["election"]],
        group=lambda part: json.dumps(part["tasks"]),
        label=label,
        ignore=SET_BY_TASKS,
    )
    places = [
        [number * len(names) + place for number in chunk] for chunk, place in chunks_and_names
    ]
    labels = pd.DataFrame([{**task.key, "predictor": name} for task in tasks for name in names])
    return of_chunks(results, places, labels)


def _chunks(folders: Sequence[list[Path]]) -> list[list[int]]:
    """Numbers of consecutive tasks that read the same files."""
    max_tasks = min(MAX_TASKS, -(-len(folders) // MIN_CHUNKS))
    chunks: list[list[int]] = []
    for number, read in enumerate(folders):
        if not chunks or len(chunks[-1]) == max_tasks or read != folders[number - 1]:
            chunks.append([])
        chunks[-1].append(number)
    return chunks


def tasks_of(experiment: Experiment) -> list[Task]:
    """Every task of the experiment, in order.

    Raises
    ------
    ConfigError, DataError
        If a setting, an election or a date cannot be used; nothing has been written yet.
    """
    experiment.check(("rounds", "as_of"))
    if experiment.predictors:
        refuse_unknown_baseline(experiment)
    tasks = []
    places: dict[str, Path] = {}
    for name in dict.fromkeys(experiment.elections):
        election = load_election(name)
        first = places.get(election.name)
        if first == election.address:
            continue  # named by its key and by its path
        if first is not None:
            raise ConfigError(
                f"elections names {first} and {election.address}, both of the key "
                f"'{election.name}', by which results are listed; name one of them, or give one "
                "another key (`election` in election.yaml)"
            )
        places[election.name] = election.address
        refuse_broken(election, by_station=experiment.settings.get("areas") == "station")
        for number in dict.fromkeys(experiment.rounds):
            vote = election.rounds[number]
            for moment in experiment.moments(vote.vote_on):
                refuse_known(election, number, moment)
                if experiment.as_of:
                    refuse_long_before(election, number, moment)
                part = {"election": election, "round": number, "as_of": moment}
                tasks.append(task_of(experiment, part))
            if least_polled(experiment.ranked_on) is None:
                _refuse_strangers(experiment.ranked_on, election, number)
    return tasks


def _refuse_strangers(candidates: Sequence[str], election: Election, number: int) -> None:
    """Refuse candidates of `ranked_on` who are not on the ballot of a round."""
    ballot = election.rounds[number].candidates
    for candidate in candidates:
        if candidate not in ballot:
            raise ConfigError(
                f"ranked_on names '{candidate}', who is not on the ballot of round "
                f"{number} of {election.name} ({did_you_mean(candidate, ballot)})"
            )


def tasks_where_held(experiment: Experiment) -> list[Task]:
    """Every task of the rounds that an election has, in order; errors as of `tasks_of`."""
    tasks = []
    for name in experiment.elections:
        rounds = [number for number in experiment.rounds if number in load_election(name).rounds]
        tasks += tasks_of(replace(experiment, elections=[name], rounds=rounds))
    return tasks


def only_task(experiment: Experiment) -> Task:
    """The task of an experiment whose study is about one vote at one moment.

    Raises
    ------
    ConfigError, DataError
        As of `tasks_of`; also if there are several, of which all but one would be ignored.
    """
    tasks = tasks_of(experiment)
    refuse_several(experiment, [task.label for task in tasks], "one vote at one moment")
    return tasks[0]


def refuse_several(experiment: Experiment, labels: Sequence[str], accepted: str) -> None:
    """Refuse what a study that is about one of them would ignore.

    Raises
    ------
    ConfigError
        With all that was given.

    Examples
    --------
    >>> refuse_several(Experiment(study="distortions"), ["toy", "fr2017"], "one election")
    Traceback (most recent call last):
    ...
    bench.core.errors.ConfigError: the study 'distortions' is about one election, and elections,
    rounds and moments give 2: toy; fr2017; name one
    """
    if len(labels) > 1:
        raise ConfigError(
            f"the study '{experiment.study}' is about {accepted}, and elections, rounds and "
            f"moments give {len(labels)}: {'; '.join(labels)}; name one"
        )


def task_of(experiment: Experiment, part: Part) -> Task:
    """A task under the rules of an experiment.

    Parameters
    ----------
    experiment : Experiment
        Its `include_embargoed`, `poll_lag_days`, `seed`, and `areas` and `slate` of its `settings`.
    part : mapping
        With the keys election, round and as_of, and perhaps slate, as of `Task.part`; others are
        left alone.
    """
    return Task(
        part["election"],
        part["round"],
        part["as_of"],
        include_embargoed=experiment.include_embargoed,
        poll_lag_days=experiment.poll_lag_days,
        by_station=experiment.settings.get("areas") == "station",
        slate=part.get("slate") or experiment.settings.get("slate") or None,
        seed=experiment.seed,
    )


def tasks_in(experiment: Experiment, part: Part) -> list[Task]:
    """The tasks of a part of `run_predictors`, under the rules of an experiment."""
    return [task_of(experiment, task_part) for task_part in part["tasks"]]


def for_each_task(ask: Callable[[Experiment, str, Task], Results]) -> Work:
    """The work of `run_predictors` that asks the predictor of a part about each of its tasks.

    Parameters
    ----------
    ask : callable
        From the settings, the name of a predictor and a task to what that predictor says of it.
    """

    @wraps(ask)
    def work(experiment: Experiment, part: Part) -> Results:
        name = str(part["predictor"])
        return of_tasks([ask(experiment, name, task) for task in tasks_in(experiment, part)])

    return work


def refuse_unknown_baseline(experiment: Experiment) -> None:
    """Refuse a baseline that is neither in the run nor shipped; one left out leaves no skill.

    Raises
    ------
    ConfigError
        With the nearest name.
    """
    shipped = [path.stem for path in (paths.configs() / "predictor").glob("*.yaml")]
    names = {*experiment.predictors, *shipped, *predictor_methods()}
    if experiment.baseline not in names:
        raise ConfigError(
            f"baseline is '{experiment.baseline}', which is not a predictor "
            f"({did_you_mean(experiment.baseline, names)}); accepted: one of this run, such as "
            f"{shortlist(list(experiment.predictors))}, or another of bench list predictors"
        )


class _Plan:
    """Keys and jobs of one run."""

    def __init__(
        self, experiment: Experiment, work: Work, folders: Folders, ignored: tuple[str, ...]
    ) -> None:
        self._sources = sources_of(experiment)
        files = {
            str(Path(name).absolute()): digest
            for source in self._sources.values()
            for name, digest in source["files"].items()
        }
        self.job = Job(
            work=work,
            experiment=json.dumps(asdict(experiment)),
            ignored=ignored,
            code=code_sum(),
            files=tuple(sorted(files.items())),
        )
        self._common = {"code": self.job.code, "work": f"{work.__module__}.{work.__qualname__}"}
        self._folders = folders
        self.sums: dict[tuple[Path, ...], str] = {}
        self._settings: dict[str, dict[str, Any]] = {}

    def key(self, part: Part) -> str:
        """The key of one part."""
        name = part.get("predictor", "")
        if name not in self._settings:
            settings = _settings(self.job.experiment, self.job.ignored, name)
            del settings["execution"]
            visible = settings.get("predictors", {})
            sources = [source for key, source in self._sources.items() if key in visible]
            self._settings[name] = {"settings": settings, "sources": sources}
        data = self.data(part)[1]
        return key_of({**self._common, **self._settings[name], "data": data, "part": dict(part)})

    def data(self, part: Part) -> tuple[tuple[Path, ...], str]:
        """Folders of data that the work on a part reads, and their sum."""
        folders = tuple(self._folders(part) if callable(self._folders) else self._folders)
        if folders not in self.sums:
            self.sums[folders] = sum_of(folders)
        return folders, self.sums[folders]


@lru_cache(maxsize=256)
def _visible_experiment(text: str, ignored: tuple[str, ...], predictor: str) -> Experiment:
    """The experiment as the work on a part sees it: with the settings that count for its key."""
    facts = _settings(text, ignored, predictor)
    return Experiment(**{**facts, "execution": Execution(**facts["execution"])})


def _settings(text: str, ignored: tuple[str, ...], predictor: str) -> dict[str, Any]:
    """The settings that count for the key of a part, and `execution`; others have their default."""
    facts: dict[str, Any] = json.loads(text)
    if predictor in facts["predictors"]:
        facts["predictors"] = {predictor: facts["predictors"][predictor]}
    unseen = {*CHANGES_NO_NUMBER, *ignored} - {"execution"}
    return {name: value for name, value in facts.items() if name not in unseen}


def _cached(store: Cache, sizes: Mapping[str, int], label: str) -> dict[str, Results]:
    """The whole entries; what failed is computed again, for its cause may be gone."""
    store.sweep()
    entries = {}
    for key in sizes:
        entry = store.get(key)
        if entry and not entry.failures:
            entries[key] = entry
    if entries:
        n_cached = sum(sizes[key] for key in entries)
        n_all = sum(sizes.values())
        print(f"{label}: {n_cached} of {n_all} from the cache ({store.folder})", file=sys.stderr)
    return entries


def _jobs(
    plan: _Plan,
    missing: Mapping[str, Part],
    group: Callable[[Part], Hashable] | None,
    store: Cache | None,
) -> Iterator[Job]:
    execution = json.loads(plan.job.experiment)["execution"]
    workers = 1 if execution["engine"] == "serial" else int(execution["workers"])
    groups: dict[Hashable, list[str]] = {}
    for key, part in missing.items():
        groups.setdefault(key if group is None else group(part), []).append(key)
    sum_of_run = key_of({"data": sorted(plan.sums.values())})
    cache_folder = "" if store is None or execution["engine"] == "dask" else str(store.folder)
    pieces = 1 if workers == 1 else -(-JOBS_PER_WORKER * workers // len(groups))
    for keys in groups.values():
        folders, data = plan.data(missing[keys[0]])
        for start in range(min(pieces, len(keys))):
            yield replace(
                plan.job,
                parts=tuple((key, json.dumps(dict(missing[key]))) for key in keys[start::pieces]),
                folders=tuple(map(portable, folders)),
                data=data,
                run=sum_of_run,
                cache=cache_folder,
            )


def _computed(
    execution: Execution,
    jobs: Sequence[Job],
    store: Cache | None,
    sizes: Mapping[str, int],
    label: str,
) -> dict[str, Results]:
    """The results of the parts of jobs by key, computed on the engine of the run."""
    results: dict[str, Results] = {}
    total = sum(sizes[key] for job in jobs for key, _ in job.parts)
    with progress(total, label) as advance, closing(_entries(execution, jobs, store)) as entries:
        for key, entry in entries:
            if entry is not None:
                results[key] = entry
            advance(sizes[key])
    return results


Entries = Generator[tuple[str, Results | None], None, T]
"""Results by key, None where an entry of the cache is damaged; and what is returned at the end."""


def _entries(execution: Execution, jobs: Sequence[Job], store: Cache | None) -> Entries[None]:
    if execution.engine == "serial":
        for job in jobs:
            yield from _results_of(job)
        return
    lost = yield from _entries_of_workers(execution, jobs, store)
    if not lost:
        return
    print(
        f"a worker died: {len(lost)} jobs again, each predictor by itself",
        file=sys.stderr,
    )
    isolated = [replace(job, isolated=True) for job in lost]
    if (yield from _entries_of_workers(execution, isolated, store)):
        raise BenchError(
            "a worker died, twice, although no predictor ran in it; what is finished is "
            "kept: look at the memory of the machine, and run again"
        )


def _entries_of_workers(
    execution: Execution, jobs: Sequence[Job], store: Cache | None
) -> Entries[list[Job]]:
    """What the workers of an engine give; the jobs that a worker had when it died."""
    from bench.runner.backends import spread

    lost = []
    with closing(spread(run_job, jobs, execution)) as answers:
        for job, answer in answers:
            if answer is None:
                lost.append(job)
            for key, content in answer or ():
                entry = decode(content, key) if content else None
                if store is not None and entry is None:
                    entry = store.get(key)
                elif store is not None and entry is not None:
                    store.put(key, entry)
                yield key, entry
    return lost


_at_work = Lock()  # a worker with several threads holds one harness


def run_job(job: Job) -> list[tuple[str, bytes]]:
    """What a worker does: compute every part of a job, and cache it or send it back.

    Returns
    -------
    list of (str, bytes)
        Entries by key, empty where they are in the cache.
    """
    facts = json.loads(job.experiment)
    execution = Execution(**facts["execution"])
    hidden = (facts["results"], *facts["elections"])
    with _at_work, limits(execution, *hidden, isolated=job.isolated):
        return [(key, b"" if job.cache else encode(entry, key)) for key, entry in _results_of(job)]


@contextmanager
def one_thread() -> Iterator[None]:
    """Linear algebra in one thread, for how many share a sum decides its last bit.

    Numbers are then those of any machine of this kind, however many cores it has.
    """
    importlib.import_module("scipy.linalg")  # its library would start with all threads later
    with _libraries(len(sys.modules)).limit(limits=1):
        yield


@lru_cache(maxsize=1)
def _libraries(n_modules: int) -> ThreadpoolController:
    """The libraries of linear algebra, looked for again when more modules have been imported."""
    del n_modules
    return ThreadpoolController()


def _results_of(job: Job) -> Iterator[tuple[str, Results]]:
    """Compute the parts of a job, each cached once the files are known not to have changed.

    Predictors are made within the `limits` of whoever asks.

    Raises
    ------
    DataError
        If this worker has other data or other code than the run that gives the job.
    CacheError
        If an entry cannot be written.
    """
    if job.code != code_sum():
        raise DataError(
            "a worker runs other code, or other versions of the libraries, than the run that "
            "sends it work; restart the workers, and install the same versions everywhere"
        )
    if _Remembered.run != job.run:
        forget_if_changed()
        _Remembered.run = job.run
    store = Cache(Path(job.cache)) if job.cache else None
    waiting: list[tuple[str, Results]] = []
    checked = time.monotonic()
    for place, (key, text) in enumerate(job.parts, start=1):
        part = json.loads(text)
        visible = _visible_experiment(job.experiment, job.ignored, part.get("predictor", ""))
        with one_thread():
            waiting.append((key, job.work(visible, part).settled()))
        close()  # a method remembers nothing from one part to the next
        if place < len(job.parts) and time.monotonic() - checked < CHECK_EVERY_S:
            continue
        _refuse_edited(job)
        checked = time.monotonic()
        for ready in waiting:
            if store is not None:
                store.put(*ready)
            yield ready
        waiting = []


class _Remembered:
    """The sum of all files of the run for which this process last looked whether any changed."""

    run = ""


def _refuse_edited(job: Job) -> None:
    is_same = sum_of([paths.datasets() / name for name in job.folders]) == job.data
    for name, digest in job.files:
        is_same = is_same and Path(name).is_file() and sha256(Path(name)) == digest
    if not is_same:
        forget()
        _Remembered.run = ""
        raise DataError(
            f"{', '.join([*job.folders, *dict(job.files)])}: the files are not those with "
            "which the run began (edited since, or not the same on every worker); run again"
        )

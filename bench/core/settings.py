"""The settings of a run, with their types; Hydra checks every YAML and override against them."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bench.core.errors import ConfigError, demand, no_such
from bench.core.language import SOURCE, check_language
from bench.core.moments import NOW, local_moment
from bench.core.read import normalised

if TYPE_CHECKING:
    import pandas as pd

ENGINES = ("serial", "loky", "dask")
# what whoever asks predictors about votes at moments reads
TASK_SETTINGS = frozenset({"rounds", "as_of", "include_embargoed", "poll_lag_days", "predictors"})
MAX_DAYS = 36_500
MAX_TITLE = 400
HOUR = "23:59"
PLAIN = re.compile(r"[\w-][\w.-]{0,99}")


@dataclass(kw_only=True)
class Execution:
    """Where and how the cells of a run are computed: none of it changes a number.

    Attributes
    ----------
    engine : str
        ``serial`` (this process), ``loky`` (processes of this machine) or ``dask`` (a cluster).
    workers : int
        How many at once.
    address : str
        Of the scheduler of a running Dask cluster.
    store : str
        Folder of the cache; empty for `.cache` in the folder of results.
    time_limit_s : float
        Seconds that a predictor in a process of its own may take, to be made and for each forecast.
    memory_limit_mb : int
        MiB by which such a process may grow.
    wrap : list of str
        Command that starts such a process in place of bubblewrap, such as ``["podman", "run",
        "-i", "--rm", "--network=none", IMAGE]``; from the command line or the environment alone.
    """

    engine: str = "serial"
    workers: int = 1
    address: str = ""
    store: str = ""
    time_limit_s: float = 600.0
    memory_limit_mb: int = 4096
    wrap: list[str] = field(default_factory=list)

    def check(self) -> None:
        """Refuse settings that no run can use.

        Raises
        ------
        ConfigError
            With the setting, what is accepted and what to do.

        Examples
        --------
        >>> Execution(engine="lokey").check()
        Traceback (most recent call last):
        ...
        bench.core.errors.ConfigError: execution.engine is 'lokey' (did you mean
        'loky'? known: dask, loky, serial)
        """
        if self.engine not in ENGINES:
            raise no_such("execution.engine", self.engine, ENGINES)
        for key in ("workers", "memory_limit_mb"):
            number = getattr(self, key)
            demand(number >= 1, f"execution.{key} is {number}", "1 and above")
        if bool(self.address) != (self.engine == "dask"):
            remedy = "choose execution=dask, or leave the address out"
            raise ConfigError(
                f"execution.address is '{self.address}' and execution.engine {self.engine}; "
                + (remedy if self.address else "give the address of the scheduler, tcp://head:8786")
            )
        demand(
            self.workers == 1 or self.engine != "serial",
            f"execution.workers is {self.workers} and execution.engine serial",
            "1 worker, or execution=loky (or dask)",
        )
        in_time = 0 < self.time_limit_s < float("inf")
        demand(in_time, f"execution.time_limit_s is {self.time_limit_s}", "seconds above 0")

    @classmethod
    def of_record(cls, settings: Mapping[str, Any]) -> Execution:
        """The execution that a manifest or a seal holds.

        Settings that earlier versions had are left out; none of them changed a number.

        Examples
        --------
        >>> Execution.of_record({"workers": 2, "overwrite": "never"}).workers
        2
        """
        names = {entry.name for entry in fields(cls)}
        return cls(**{name: value for name, value in settings.items() if name in names})


@dataclass(kw_only=True)
class Experiment:
    """Everything that differs between two runs.

    Attributes
    ----------
    name, title : str
        Folder of the results; heading of the tables.
    language : str
        ``en`` or ``fr``: of the report; it changes no number.
    elections : list of str
        Names of shipped elections, or paths of folders.
    rounds : list of int
        1, 2 or both.
    as_of : list of str
        Moments at which evidence is cut; ``now`` becomes the present minute. Where empty,
        `days_before` counts.
    days_before : list of int
        Days before each vote, at `hour`.
    hour : str
        Local time of day that goes with `days_before`.
    include_embargoed : list of str
        Sources cut on the day their owner held them; the tables mark it. ``embargoed_ballot``
        is the one that the election names.
    ranked_on : str or list of str
        Candidates on whom the ranking is made: ``polled_10`` for those whom the polls public at
        the moment give 10 % or more (any whole percent), a list of candidates chosen by hand, or
        an empty list for the whole ballot.
    baseline : str
        The predictor against which skill is counted.
    seed, n_draws : int
        Seed of the run; draws of every predictor that draws.
    poll_lag_days : int or None
        Days from the last interview after which a poll counts as public where no source states
        the day; null for the rules of the table of polls.
    poll_half_life_days : float or "learned"
        Half-life of a poll, for all averages of polls; learned: from votes that each task may use.
    results : str
        Folder in which runs lie.
    predictors : dict
        Settings by name, from `configs/predictor/<name>.yaml`.
    execution : Execution
        Where and how it is computed; from `configs/execution/<engine>.yaml`.
    study : str
        ``backtest`` (predictors on real evidence), or another folder of `bench/studies/`.
    settings : dict
        What only that study needs.
    electorate, instruments, distortions : dict
        Of a simulation: what is assumed of the electorate, who collects evidence, what distorts it;
        from `configs/{electorate,instrument,distortion}/<name>.yaml`.
    simulation : dict
        Of a simulation: replicates, workers, what is always on, prices.
    audit : bool or "required"
        Audit every predictor for look-ahead on the votes shown; a few times the time of the run.
        Who leaks is not ranked. ``required``: on every vote and date, and who could not be audited
        whole is not ranked either.
    frozen : str
        Record of `python -m bench freeze`; the run refuses to score any other forecast.
    save_draws : bool
        Of a backtest: write every national draw of every forecast to `draws.parquet`.
    """

    name: str = "adhoc"
    title: str = ""
    language: str = SOURCE
    elections: list[str] = field(default_factory=list)
    rounds: list[int] = field(default_factory=list)
    as_of: list[str] = field(default_factory=list)
    days_before: list[int] = field(default_factory=list)
    hour: str = HOUR
    include_embargoed: list[str] = field(default_factory=list)
    ranked_on: Any = field(default_factory=list)  # OmegaConf knows no union of text and list
    baseline: str = "last_election"
    seed: int = 0
    n_draws: int = 4000
    poll_lag_days: int | None = None
    poll_half_life_days: Any = "learned"
    results: str = "results"
    predictors: dict[str, Any] = field(default_factory=dict)
    execution: Execution = field(default_factory=Execution)
    study: str = "backtest"
    settings: dict[str, Any] = field(default_factory=dict)
    electorate: dict[str, Any] = field(default_factory=dict)
    instruments: dict[str, Any] = field(default_factory=dict)
    distortions: dict[str, Any] = field(default_factory=dict)
    simulation: dict[str, Any] = field(default_factory=dict)
    audit: Any = False  # as above
    frozen: str = ""
    save_draws: bool = False

    def __post_init__(self) -> None:
        """Fix the present, and normalise what people read."""
        if isinstance(self.title, str):
            self.title = normalised(self.title)
        if isinstance(self.as_of, list):
            self.as_of = [_fixed(moment) for moment in self.as_of]

    def check(
        self,
        needs: Collection[str] = ("rounds", "predictors", "as_of"),
        *,
        elections: bool = True,
    ) -> None:
        """Refuse settings that no run can use.

        Parameters
        ----------
        needs : collection of str
            Which of `rounds`, `predictors` and `as_of` (or `days_before`) must be given.
        elections : bool
            Whether `elections` must be given.

        Raises
        ------
        ConfigError
            With the setting, what is accepted and what to do.
        """
        for key in ("elections", "rounds", "predictors"):
            is_needed = elections if key == "elections" else key in needs
            if is_needed and not getattr(self, key):
                raise ConfigError(
                    f"the setting '{key}' is empty; choose an experiment "
                    "(python -m bench +experiment=2017_r1) or give it a value"
                )
        check_language(self.language)
        least_polled(self.ranked_on)
        audits = (False, True, "required")
        demand(self.audit in audits, f"audit is {self.audit!r}", "false, true, required")
        for key in ("elections", "rounds", "as_of", "days_before", "include_embargoed"):
            value = getattr(self, key)
            demand(isinstance(value, list), f"{key} is {value!r}", "a list, in brackets")
        self._check_moments(is_needed="as_of" in needs)
        self._check_numbers()
        self._check_names()
        self.execution.check()
        for moment in self.as_of:
            local_moment(moment)

    def _check_moments(self, *, is_needed: bool) -> None:
        """Refuse moments and days that exclude each other, or none where forecasts need a date."""
        is_hour = re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", str(self.hour))
        demand(is_hour, f"hour: '{self.hour}' is not a moment", "a time of day such as 20:00")
        demand(
            not (self.as_of and self.days_before),
            f"as_of is {self.as_of} and days_before is {self.days_before}, and both say when the "
            "forecasts are made",
            "one of them, and the other empty: as_of=[] or days_before=[]",
        )
        demand(
            self.hour == HOUR or not self.as_of,
            f"hour is {self.hour} and as_of is {self.as_of}, which has hours of its own",
            "an hour with days_before",
        )
        demand(
            self.as_of or self.days_before or not is_needed,
            "as_of and days_before are both empty, so no forecast has a date",
            "one of them, such as 'as_of=[\"2017-04-21T20:00\"]' or 'days_before=[2,30]'",
        )

    def _check_numbers(self) -> None:
        """Refuse numbers out of range."""
        # no spread in one draw, so no CRPS
        demand(self.n_draws >= 2, f"n_draws is {self.n_draws}", "2 and above")
        days = self.poll_half_life_days
        is_life = days == "learned" or (isinstance(days, int | float) and 0 < days < float("inf"))
        demand(is_life, f"poll_half_life_days is {days}", "days above 0, or learned")
        for number in self.days_before:
            demand(0 <= number <= MAX_DAYS, f"days_before holds {number}", f"0 to {MAX_DAYS}")
        lag = self.poll_lag_days
        demand(lag is None or 0 <= lag <= 30, f"poll_lag_days is {lag}", "0 to 30, or null")
        demand(0 <= self.seed < 2**63, f"seed is {self.seed}", "0 and above, below 2^63")

    def _check_names(self) -> None:
        """Refuse names that no file can have, and texts without end."""
        signs = "letters, digits, '_', '-' and '.', not first"
        for kind, names in (("name", [self.name]), ("predictors", list(self.predictors))):
            for name in names:
                subject = f"{kind} is or holds '{name}', which names files"
                demand(PLAIN.fullmatch(str(name)), subject, signs)
        for name, settings in self.predictors.items():
            own = f"its settings, as in configs/predictor/{name}.yaml"
            demand(isinstance(settings, dict), f"predictors.{name} is {settings!r}", own)
        for key, text in (("title", self.title), ("results", self.results)):
            limit = f"at most {MAX_TITLE}"
            demand(len(text) <= MAX_TITLE, f"{key} has {len(text):,} letters", limit)

    def moments(self, vote_on: pd.Timestamp) -> list[pd.Timestamp]:
        """The moments of forecast for a vote, each once, latest last."""
        days = (vote_on - timedelta(days=days) for days in self.days_before)
        texts = self.as_of or [f"{day:%Y-%m-%d}T{self.hour}" for day in days]
        return sorted({local_moment(moment) for moment in texts})


def _fixed(moment: str) -> str:
    """The present as a moment that stays; any other as it was given."""
    return local_moment(NOW).isoformat(timespec="minutes") if moment == NOW else moment


def least_polled(ranked_on: object) -> float | None:
    """The share from which a rule such as ``polled_10`` counts a candidate; None for a list.

    Raises
    ------
    ConfigError
        If it is neither, or a list of one.

    Examples
    --------
    >>> least_polled("polled_10"), least_polled(["ash", "birch"])
    (0.1, None)
    """
    if isinstance(ranked_on, list) and all(isinstance(name, str) for name in ranked_on):
        accepted = "two candidates or more, or []"
        demand(len(set(ranked_on)) != 1, f"ranked_on is {ranked_on!r}", accepted)
        return None
    rule = re.fullmatch(r"polled_([1-9]\d?)", ranked_on) if isinstance(ranked_on, str) else None
    if rule is None:
        raise ConfigError(
            f"ranked_on is {ranked_on!r}; accepted: polled_10 (candidates whom the polls of the "
            "moment give 10 % or more; 1 to 99), a list of candidates in brackets, or []"
        )
    return int(rule[1]) / 100

"""How a run is carried out: none of these settings changes a number."""

from __future__ import annotations

from dataclasses import dataclass

from bench.core.errors import ConfigError, did_you_mean

ENGINES = ("serial", "loky", "dask", "ray")
OVERWRITE = ("never", "only-missing", "always")


@dataclass(kw_only=True)
class Execution:
    """Where and how the cells of a run are computed.

    Attributes
    ----------
    engine : str
        ``serial`` (this process), ``loky`` (processes of this machine), ``dask`` or ``ray``.
    workers : int
        How many at once.
    address : str
        Of a running Dask or Ray cluster; empty to start one on this machine.
    store : str
        Folder of the cells; empty for `.cells` in the folder of results.
    overwrite : str
        ``only-missing`` takes up whole cells and computes those that lack or are damaged,
        ``never`` stops at a damaged cell, ``always`` computes everything anew.
    retry_failed : bool
        Whether cells on record as failed count as missing.
    isolate : bool
        Whether every attempt gets a process of its own, within the two limits below.
    time_limit_s : float
        Seconds that an isolated attempt may take.
    memory_limit_mb : int
        MiB by which an isolated attempt may grow.
    part, parts : int
        Compute only part `part` (from 0) of `parts` and report nothing; for arrays of jobs.
    """

    engine: str = "serial"
    workers: int = 1
    address: str = ""
    store: str = ""
    overwrite: str = "only-missing"
    retry_failed: bool = False
    isolate: bool = False
    time_limit_s: float = 600.0
    memory_limit_mb: int = 4096
    part: int = 0
    parts: int = 1

    def check(self) -> None:
        """Refuse settings that no run can use.

        Raises
        ------
        ConfigError
            With the setting, what is accepted and what to do.

        Examples
        --------
        >>> Execution(overwrite="allways").check()
        Traceback (most recent call last):
        ...
        bench.core.errors.ConfigError: execution.overwrite is 'allways' (did you mean
        'always'? known: always, never, only-missing)
        """
        for key, known in (("engine", ENGINES), ("overwrite", OVERWRITE)):
            if (value := getattr(self, key)) not in known:
                raise ConfigError(f"execution.{key} is '{value}' ({did_you_mean(value, known)})")
        for key, least in (("workers", 1), ("memory_limit_mb", 1), ("parts", 1)):
            if (number := getattr(self, key)) < least:
                raise ConfigError(f"execution.{key} is {number}; accepted: {least} and above")
        if not 0 < self.time_limit_s < float("inf"):
            raise ConfigError(
                f"execution.time_limit_s is {self.time_limit_s}; accepted: seconds above 0"
            )
        if not 0 <= self.part < self.parts:
            raise ConfigError(
                f"execution.part is {self.part}; accepted: 0 to {self.parts - 1} "
                "(execution.parts minus 1)"
            )

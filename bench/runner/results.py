"""Results: what work on tasks gives, as tables, facts and failures."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from bench.core.errors import DataError
from bench.core.write import write_csv, write_parquet, write_text

KEPT = "kept"
FACTS = "facts.json"
FAILURES = "failures.txt"


@dataclass(frozen=True, kw_only=True)
class Results:
    """What a study, or one part of it, found.

    Attributes
    ----------
    tables : mapping of str to pandas.DataFrame
        By name, in full precision.
    facts : mapping of str to anything that JSON can hold
        Plain values beside the tables.
    failures : mapping of str to str
        Traceback by predictor that failed; the rows of the others stand.
    """

    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    failures: Mapping[str, str] = field(default_factory=dict)

    def save(self, folder: Path, long_tables: Mapping[str, tuple[str, ...]] | None = None) -> None:
        """Write the tables, the facts and the failures into the folder of a run.

        Parameters
        ----------
        folder : Path
            Of the run.
        long_tables : mapping of str to tuple of str, optional
            Formats, ``"parquet"`` and ``"csv"``, in which a table stands at the top of the folder.
            All others, and those that are not in Parquet there, lie in `kept/`; `kept/facts.json`
            says where.
        """
        places = {}
        for name, table in self.tables.items():
            formats = (long_tables or {}).get(name, ())
            if "csv" in formats:
                write_csv(folder / f"{name}.csv", table.drop(columns="trace", errors="ignore"))
            places[name] = f"{name}.parquet" if "parquet" in formats else f"{KEPT}/{name}.parquet"
            write_parquet(folder / places[name], table)
        facts = {"tables": places, "facts": dict(self.facts), "failed": sorted(self.failures)}
        write_text(folder / KEPT / FACTS, json.dumps(facts, indent=1) + "\n")
        if self.failures:
            traces = [f"{name}\n{trace}" for name, trace in self.failures.items()]
            write_text(folder / FAILURES, "\n".join(traces))

    @classmethod
    def load(cls, folder: Path) -> Results:
        """What `save` wrote; of failures only who failed, `failures.txt` has the tracebacks.

        Raises
        ------
        DataError
            If a file is missing or not whole.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        path = folder / KEPT / FACTS
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            facts, failed = dict(found["facts"]), list(found["failed"])
            tables = {}
            for name, place in dict(found["tables"]).items():
                path = folder / place
                tables[name] = pq.read_table(path).to_pandas()
        except (OSError, ValueError, KeyError, TypeError, pa.ArrowException) as error:
            raise DataError(
                f"{path} cannot be read ({str(error).splitlines()[0]}); run the experiment again"
            ) from error
        return cls(tables=tables, facts=facts, failures={name: FAILURES for name in failed})

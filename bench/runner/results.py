"""Results: what work on tasks gives, as tables, facts and failures."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from bench.core.errors import DataError
from bench.core.write import write_parquet, write_text

KEPT = "kept"
FACTS = "facts.json"


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

    def save(self, folder: Path) -> None:
        """Write `kept/NAME.parquet` and `kept/facts.json` into the folder of a run."""
        for name, table in self.tables.items():
            write_parquet(folder / KEPT / f"{name}.parquet", table)
        text = json.dumps({"tables": sorted(self.tables), "facts": dict(self.facts)}, indent=1)
        write_text(folder / KEPT / FACTS, text + "\n")

    @classmethod
    def load(cls, folder: Path) -> Results:
        """What `save` wrote, without the failures, which nothing is made of.

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
            names, facts = list(found["tables"]), dict(found["facts"])
            tables = {}
            for name in names:
                path = folder / KEPT / f"{name}.parquet"
                tables[name] = pq.read_table(path).to_pandas()
        except (OSError, ValueError, KeyError, TypeError, pa.ArrowException) as error:
            raise DataError(
                f"{path} cannot be read ({str(error).splitlines()[0]}); run the experiment again"
            ) from error
        return cls(tables=tables, facts=facts)

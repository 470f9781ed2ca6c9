"""What a study found, kept so that its page can be made again without running it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from bench.core.errors import DataError
from bench.report.write import write_parquet, write_text

KEPT = "kept"
FACTS = "facts.json"


@dataclass(frozen=True, kw_only=True)
class Kept:
    """Tables by name in full precision, and facts that JSON can hold."""

    tables: Mapping[str, pd.DataFrame]
    facts: Mapping[str, Any] = field(default_factory=dict)


def keep_study(folder: Path, kept: Kept) -> None:
    """Write `kept/NAME.parquet` and `kept/facts.json` into the folder of a run."""
    for name, table in kept.tables.items():
        write_parquet(folder / KEPT / f"{name}.parquet", table)
    text = json.dumps({"tables": sorted(kept.tables), "facts": dict(kept.facts)}, indent=1)
    write_text(folder / KEPT / FACTS, text + "\n")


def read_study(folder: Path) -> Kept:
    """What `keep_study` wrote.

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
    return Kept(tables=tables, facts=facts)

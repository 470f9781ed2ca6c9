"""Results: what work on tasks gives, as tables, facts and failures."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from bench.core.assurance import with_assurance
from bench.core.errors import DataError
from bench.core.read import read_json, refuse_unreadable
from bench.core.write import plain_text, write_csv, write_parquet, write_text

if TYPE_CHECKING:
    import pyarrow as pa

KEPT = "kept"
FACTS = "facts.json"
FAILURES = "failures.txt"
MAX_BYTES = 2**32  # of a table
AGAIN = "; run the experiment again"
NOT_NULL = " not null"


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

    def arrow_table(self, name: str) -> pa.Table:
        """One table, of Arrow: without pandas' remarks, and with null for NaN."""
        import pyarrow as pa

        if isinstance(self.tables, ArrowTables):
            return self.tables.raw[name]
        table = pa.Table.from_pandas(self.tables[name], preserve_index=False)
        return table.replace_schema_metadata(None)

    def arrow_tables(self) -> dict[str, pa.Table]:
        """Every table, as of `arrow_table`."""
        return {name: self.arrow_table(name) for name in self.tables}

    def settled(self) -> Results:
        """The same as a file or a wire gives it back: tables of Arrow, facts of plain JSON."""
        return Results(
            tables=ArrowTables(self.arrow_tables()),
            facts=json.loads(json.dumps(dict(self.facts), allow_nan=False)),
            failures={str(name): str(text) for name, text in self.failures.items()},
        )

    def without(self, predictors: Collection[str]) -> Results:
        """The same without the rows of these predictors."""
        tables = {}
        for name, table in self.tables.items():
            for key in ("predictor", "method", "against"):
                if key in table:
                    table = table[~table[key].isin(list(predictors))]
            tables[name] = table.reset_index(drop=True)
        return replace(self, tables=tables)

    def save(self, folder: Path, long_tables: Mapping[str, str] | None = None) -> list[Path]:
        """Write the tables, the facts and the failures into the folder of a run.

        Parameters
        ----------
        folder : Path
            Of the run.
        long_tables : mapping of str to str, optional
            Tables that stand at the top of the folder, each with its format, ``"csv"`` or
            ``"parquet"``. All others lie in `kept/` as Parquet. `kept/facts.json` says where every
            table is, and what the columns of a CSV hold; there, a text column with missing cells
            has no empty texts.

        Returns
        -------
        list of Path
            The files that `load` reads.
        """
        places = {}
        columns = {}
        for name, table in self.tables.items():
            kind = (long_tables or {}).get(name)
            places[name] = f"{name}.{kind}" if kind else f"{KEPT}/{name}.parquet"
            if kind == "csv":
                write_csv(folder / places[name], with_assurance(table))
                columns[name] = _column_types(self.arrow_table(name))
            else:
                write_parquet(folder / places[name], table)
        facts = {"tables": places, "facts": dict(self.facts), "failed": sorted(self.failures)}
        if columns:
            facts["columns"] = columns
        write_text(folder / KEPT / FACTS, json.dumps(facts, indent=1) + "\n")
        if self.failures:
            traces = [f"{name}\n{trace}" for name, trace in self.failures.items()]
            write_text(folder / FAILURES, "\n".join(traces))
        return sorted(folder / place for place in [*places.values(), f"{KEPT}/{FACTS}"])

    @classmethod
    def load(cls, folder: Path) -> Results:
        """What `save` wrote; of failures only who failed, `failures.txt` has the tracebacks.

        Raises
        ------
        DataError
            If a file is missing or not whole.
        """
        path = folder / KEPT / FACTS
        content = read_json(path, AGAIN)
        try:
            facts = dict(content["facts"])
            failed = list(content["failed"])
            places = {name: folder / place for name, place in dict(content["tables"]).items()}
            columns = dict(content.get("columns", {}))
        except (ValueError, KeyError, TypeError) as error:
            raise DataError(f"{path}: cannot be read ({error}){AGAIN}") from error
        tables = {name: read_table(place, columns.get(name)) for name, place in places.items()}
        return cls(tables=tables, facts=facts, failures=dict.fromkeys(failed, FAILURES))


def read_table(path: Path, types: Mapping[str, str] | None = None) -> pd.DataFrame:
    """A table that `Results.save` wrote.

    Parameters
    ----------
    path : Path
    types : mapping of str to str, optional
        Of a CSV: the columns that are read, and the Arrow type of each, with ``not null`` after it
        where no cell is missing: an empty cell of text is an empty text there.

    Raises
    ------
    DataError
        If the file is missing or not whole.
    """
    import pyarrow as pa

    refuse_unreadable(path, MAX_BYTES, AGAIN)
    try:
        return _read_parquet(path) if types is None else _read_csv(path, types)
    except (OSError, LookupError, ValueError, pa.ArrowException) as error:
        words = (str(error).splitlines() or [""])[0]
        raise DataError(f"{path}: cannot be read ({words}){AGAIN}") from error


def _read_parquet(path: Path) -> pd.DataFrame:
    import pyarrow.parquet as pq

    frame: pd.DataFrame = pq.read_table(path).to_pandas()
    return frame


def _read_csv(path: Path, types: Mapping[str, str]) -> pd.DataFrame:
    import pyarrow as pa
    from pyarrow import csv

    column_types = {
        name: pa.type_for_alias(text.removesuffix(NOT_NULL)) for name, text in types.items()
    }
    table = csv.read_csv(
        path,
        csv.ReadOptions(use_threads=False),
        csv.ParseOptions(newlines_in_values=True),
        csv.ConvertOptions(
            column_types=column_types, include_columns=list(types), null_values=[""]
        ),
    )
    frame: pd.DataFrame = table.to_pandas()
    for name, kind in column_types.items():
        if kind not in (pa.string(), pa.large_string()):
            continue
        if frame[name].str.startswith("'").any():
            frame[name] = frame[name].map(plain_text)
        if not types[name].endswith(NOT_NULL):
            frame[name] = frame[name].where(frame[name].ne(""))
    return frame


def _column_types(table: pa.Table) -> dict[str, str]:
    """The Arrow type of every column, with ``not null`` after it where no cell is missing."""
    types = {}
    for name, column in zip(table.column_names, table.columns, strict=True):
        ending = "" if column.null_count else NOT_NULL
        types[name] = f"{column.type}{ending}"
    return types


class ArrowTables(Mapping[str, pd.DataFrame]):
    """Tables of Arrow that become pandas when they are looked at.

    Parameters
    ----------
    raw : mapping of str to pyarrow.Table
    """

    def __init__(self, raw: Mapping[str, pa.Table]) -> None:
        self.raw = raw

    def __getitem__(self, name: str) -> pd.DataFrame:
        frame: pd.DataFrame = self.raw[name].to_pandas()
        return frame

    def __contains__(self, name: object) -> bool:  # a mapping's own would convert the table
        return name in self.raw

    def __iter__(self) -> Iterator[str]:
        return iter(self.raw)

    def __len__(self) -> int:
        return len(self.raw)


def to_stream(table: pa.Table) -> bytes:
    """A table as an Arrow stream."""
    import pyarrow as pa

    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(memoryview(sink.getvalue()))


def from_stream(content: bytes) -> pa.Table:
    """The table of `to_stream`."""
    import pyarrow as pa

    with pa.ipc.open_stream(pa.py_buffer(content)) as reader:
        return reader.read_all()


def stacked(
    results: Sequence[Results], name: str, labels: Sequence[Mapping[str, Any]] | None = None
) -> pd.DataFrame:
    """One table of many results, rows under one another.

    Parameters
    ----------
    results : sequence of Results
        Those without the table are left out.
    name : str
        Of the table.
    labels : sequence of mapping, optional
        Per result the columns that go before its rows.

    Returns
    -------
    pandas.DataFrame
        Empty if no result has the table.

    Examples
    --------
    >>> result = Results(tables={"errors": pd.DataFrame({"value": [0.1, 0.2]})})
    >>> stacked([result, result], "errors", [{"round": 1}, {"round": 2}])["round"].tolist()
    [1, 1, 2, 2]
    """
    import pyarrow as pa

    tables = [
        (place, result.arrow_table(name))
        for place, result in enumerate(results)
        if name in result.tables
    ]
    if not tables:
        return pd.DataFrame()
    whole = pa.concat_tables([table for _, table in tables], promote_options="permissive")
    rows: pd.DataFrame = whole.to_pandas()
    if labels is None:
        return rows
    repeated = np.repeat([place for place, _ in tables], [table.num_rows for _, table in tables])
    head = pd.DataFrame(list(labels)).iloc[repeated].reset_index(drop=True)
    return pd.concat([head, rows], axis=1)


def of_tasks(results: Sequence[Results]) -> Results:
    """The results of one task each as those of a chunk: a column `task` says of which.

    Parameters
    ----------
    results : sequence of Results
        In the order of the tasks.

    Examples
    --------
    >>> result = Results(tables={"errors": pd.DataFrame({"value": [0.1, 0.2]})})
    >>> of_tasks([result, Results(), result]).tables["errors"]["task"].tolist()
    [0, 0, 2, 2]
    """
    labels = [{"task": number} for number in range(len(results))]
    names = dict.fromkeys(name for result in results for name in result.tables)
    tables = {name: stacked(results, name, labels) for name in names}
    return Results(tables=tables, failures=_failures(results))


def of_chunks(
    results: Sequence[Results], places: Sequence[Sequence[int]], labels: pd.DataFrame
) -> Results:
    """One result of many chunks, with labels before the rows and in their order.

    Parameters
    ----------
    results : sequence of Results
        Their tables have a column `task`, the number of a task within its chunk; those without a
        table are left out of it.
    places : sequence of sequence of int
        Per result and task the row of `labels` that belongs to it.
    labels : pandas.DataFrame
        The columns that go before the rows.

    Examples
    --------
    >>> first, second = (Results(tables={"errors": pd.DataFrame({"task": [0, 1], "value": values})})
    ...                  for values in ([0.1, 0.3], [0.2, 0.4]))
    >>> labels = pd.DataFrame({"predictor": ["a", "b", "a", "b"]})
    >>> whole = of_chunks([first, second], [[0, 2], [1, 3]], labels)
    >>> whole.tables["errors"].to_numpy().tolist()
    [['a', 0.1], ['b', 0.2], ['a', 0.3], ['b', 0.4]]
    """
    import pyarrow as pa

    tables = {}
    for name in dict.fromkeys(name for result in results for name in result.tables):
        chunks = []
        rows = []
        for result, place in zip(results, places, strict=True):
            if name in result.tables:
                chunk = result.arrow_table(name)
                rows.append(np.asarray(place)[chunk["task"].to_numpy()])
                chunks.append(chunk.drop_columns("task"))
        row = np.concatenate(rows)
        order = np.argsort(row, kind="stable")
        whole = pa.concat_tables(chunks, promote_options="permissive")
        if (np.diff(row) < 0).any():
            whole = whole.take(order)
        head = labels.iloc[row[order]].reset_index(drop=True)
        tables[name] = pd.concat([head, whole.to_pandas()], axis=1)
    return Results(tables=tables, failures=_failures(results))


def _failures(results: Sequence[Results]) -> dict[str, str]:
    """The tracebacks by predictor, under one another."""
    traces_of: dict[str, list[str]] = {}
    for result in results:
        for name, trace in result.failures.items():
            traces_of.setdefault(name, []).append(trace)
    return {name: "\n".join(traces) for name, traces in traces_of.items()}

"""Reading raw files and writing tables whose bytes depend on their rows alone."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from bench.core import paths
from bench.core.errors import DataError
from bench.data.readers import PINS, SUMS, sha256, sums_of

TABLES = Path(__file__).parent / "collections" / "tables"
"""What is known of states, votes, polls and institutes, written by hand."""

GATHERED = Path(__file__).parent / "gathered"
"""The same of French elections, and what public histories tell of them."""

DAY_END = pd.Timedelta(hours=23, minutes=59)


def read_raw(path: Path) -> pd.DataFrame:
    """A raw table: CSV with every cell as text and NaN where empty, or Parquet as it stands."""
    require_file(path)
    if path.suffix == ".parquet":
        return pd.read_parquet(path)
    return pd.read_csv(path, dtype=str, keep_default_na=False, na_values=[""])


def require_file(
    path: Path, where: str = "`--source` is the folder that holds results/ and geo/"
) -> Path:
    """The path of a raw file that is there.

    Raises
    ------
    DataError
        If it is not, with the words on where it is found.
    """
    if not path.is_file():
        raise DataError(f"{path}: no such raw file; {where}")
    return path


def require(truth: bool, place: str, problem: str) -> None:
    """Refuse to build.

    Raises
    ------
    DataError
        ``place: problem`` unless `truth` holds.
    """
    if not truth:
        raise DataError(
            f"{place}: {problem}; correct the raw file, or the rule in tools/build_datasets"
        )


def require_equal(given: int, expected: int, place: str) -> None:
    """Refuse to build on a total that is not the published one."""
    require(given == expected, place, f"is {given:,} but must be {expected:,}")


def slug(words: str) -> str:
    """Lower snake case in ASCII.

    Examples
    --------
    >>> slug("Noël Mamère"), slug("Giscard d'Estaing")
    ('noel_mamere', 'giscard_d_estaing')
    """
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", plain.lower()).strip("_")


def election_yaml(
    name: str, title: str, country: str, rounds: Mapping[int, Mapping[str, object]]
) -> str:
    """The content of an election.yaml, from the facts of its rounds as they are written.

    Examples
    --------
    >>> print(election_yaml("xx2030", "A vote", "XX", {1: {"vote_on": '"2030-05-05"'}}), end="")
    election: xx2030
    name: "A vote"
    country: XX
    rounds:
      1:
        vote_on: "2030-05-05"
    """
    lines = [f"election: {name}", f'name: "{title}"', f"country: {country}", "rounds:"]
    for number, facts in rounds.items():
        lines += [f"  {number}:", *(f"    {key}: {said}" for key, said in facts.items())]
    return "\n".join([*lines, *_found_lines(name)]) + "\n"


def _found_lines(name: str) -> list[str]:
    """What `datasets/<name>/election.yaml` says by hand: how the tables were found, and after."""
    path = paths.datasets() / name / "election.yaml"
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    _, is_said, block = text.partition("\nfound:\n")
    return ["found:", *block.splitlines()] if is_said else []


def write_table(frame: pd.DataFrame, path: Path) -> None:
    """Write CSV or Parquet by the suffix; the same rows give the same bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".csv":
        _for_csv(frame).to_csv(path, index=False, lineterminator="\n")
        return
    table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
    pq.write_table(table, path, compression="zstd", compression_level=19, row_group_size=1 << 20)


def write_sums(folder: Path) -> None:
    """`SHA256SUMS` of everything below the folder."""
    lines = [f"{digest}  {path}\n" for path, digest in sums_of(folder).items()]
    (folder / SUMS).write_text("".join(lines), encoding="utf-8")
    if folder.resolve().parent == paths.datasets().resolve():
        pin_sums()


def pin_sums() -> None:
    """Pin the `SHA256SUMS` of every shipped folder in the package (`bench.data.readers.pins`)."""
    listed = sorted(paths.datasets().glob(f"*/{SUMS}"))
    lines = [f"{sha256(path)}  {path.parent.name}\n" for path in listed]
    PINS.write_text("".join(lines), encoding="utf-8")


def _for_csv(frame: pd.DataFrame) -> pd.DataFrame:
    shown = frame.copy()
    for name in shown.columns:
        if pd.api.types.is_datetime64_any_dtype(shown[name]):
            given = shown[name].dropna()
            whole_days = bool((given == given.dt.normalize()).all())
            day_only = whole_days and not str(name).startswith(("published", "available"))
            shown[name] = shown[name].dt.strftime("%Y-%m-%d" if day_only else "%Y-%m-%dT%H:%M:%S")
        elif pd.api.types.is_bool_dtype(shown[name]):
            shown[name] = shown[name].map({True: "true", False: "false"})
    return shown

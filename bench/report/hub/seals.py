"""Seals of a hub: what each file was when it came in, and whether it came in time."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from bench.core.errors import DataError
from bench.core.write import write_csv
from bench.data.readers import read_csv, sha256
from bench.report.hub.layout import SEALS, Hub, check_metadata
from bench.report.hub.submissions import Submission, names_of, read_submission

COLUMNS = ("model_id", "reference_date", "file", "sha256", "sealed_at", "due", "in_time", "chain")
START = "0" * 64


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What was found of one file: a submission and its seal, or a sentence that says what is wrong.

    Attributes
    ----------
    path : Path
    submission : Submission or None
        None if it was refused.
    said : str
        In words.
    is_new : bool
        Whether it was sealed now, or could be.
    """

    path: Path
    submission: Submission | None
    said: str
    is_new: bool = False


def read_seals(hub: Hub) -> pd.DataFrame:
    """The seals of a hub, in the order in which they were made.

    Raises
    ------
    DataError
        If a row was edited, added or taken out: every row holds a sum over all before it.
    """
    path = hub.folder / SEALS
    if not path.is_file():
        return pd.DataFrame(columns=list(COLUMNS), dtype=object)
    rows = read_csv(path).fillna("")
    if list(rows.columns) != list(COLUMNS):
        raise DataError(f"{path}: the columns are not {', '.join(COLUMNS)}; it was edited")
    chain = START
    for line, row in enumerate(rows.itertuples(index=False, name=None), start=2):
        chain = _chained(chain, row[:-1])
        if row[-1] != chain:
            raise DataError(
                f"{path}:{line}: the row does not match its sum, so this row or one above it was "
                "edited, added or taken out; take the file back from the history of the repository"
            )
    return rows


def latest_seals(hub: Hub) -> pd.DataFrame:
    """The last seal of every file: until the deadline a forecast may be replaced."""
    return read_seals(hub).drop_duplicates("file", keep="last").reset_index(drop=True)


def validate(
    hub: Hub,
    paths: Sequence[Path],
    *,
    now: datetime | None = None,
    seal: bool = False,
    late: bool = False,
) -> list[Verdict]:
    """Check files of model output, and record what they are.

    A file that was sealed before is compared with its seal. Nothing is written unless `seal`, and
    then for the files that stand alone.

    Parameters
    ----------
    hub : Hub
    paths : sequence of Path
        Files below `model-output/`.
    now : datetime, optional
        With a zone; the clock's if left out.
    seal : bool
        Whether to record the sums of new files.
    late : bool
        Whether a file that comes after its deadline is sealed with a mark.

    Raises
    ------
    DataError
        If the seals were edited.
    """
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    before = latest_seals(hub).set_index("file")
    found = [_verdict(hub, path, before, moment, late) for path in paths]
    if seal:
        _append(hub, [one.submission for one in found if one.submission and one.is_new], moment)
    return found


def _verdict(hub: Hub, path: Path, before: pd.DataFrame, moment: datetime, late: bool) -> Verdict:
    try:
        model, day = names_of(hub, path)
        check_metadata(hub, model)
        this, local = hub.round_of(day), hub.local(moment)
        name = _name(hub, path)
        if name in before.index and sha256(path) == before.at[name, "sha256"]:
            submission = read_submission(hub, path)
            return Verdict(
                path=path, submission=submission, said=_sealed(before.loc[[name]].iloc[0])
            )
        if local < this.opens:
            raise DataError(
                f"{path}: round {day} opens on {this.opens:%Y-%m-%d}; it is {local:%Y-%m-%d %H:%M} "
                f"({hub.admin['timezone']})"
            )
        if name in before.index and local > this.due:
            was = before.loc[[name]].iloc[0]
            raise DataError(
                f"{path}: changed after it was sealed on {was['sealed_at']} (SHA-256 then "
                f"{was['sha256']}, now {sha256(path)}), and the round is over; accepted: the file "
                "as it was sealed"
            )
        if local > this.due and not late:
            raise DataError(
                f"{path}: round {day} was due on {this.due:%Y-%m-%d %H:%M:%S} and it is "
                f"{local:%Y-%m-%d %H:%M:%S} ({hub.admin['timezone']}); accepted: a forecast for a "
                "coming round. Whoever keeps the hub may seal it as late: --late"
            )
        submission = read_submission(hub, path)
        of = ", ".join(
            f"round {number} if {slate} ({', '.join(sorted(set(part['target'])))})"
            for (number, slate), part in submission.rows.groupby(["round", "slate"])
        )
        again = "replaces the file sealed before" if name in before.index else "accepted"
        mark = "" if local <= this.due else "; LATE, marked in the scores"
        said = f"{again}: {of}{mark}"
        return Verdict(path=path, submission=submission, said=said, is_new=True)
    except DataError as error:
        return Verdict(path=path, submission=None, said=str(error))


def _sealed(row: pd.Series) -> str:
    mark = "" if row["in_time"] == "true" else ", late"
    return f"as sealed on {row['sealed_at']}{mark}"


def _append(hub: Hub, new: Sequence[Submission], moment: datetime) -> None:
    rows = read_seals(hub)
    chain = rows["chain"].iloc[-1] if len(rows) else START
    for one in new:
        due = hub.round_of(one.day).due
        row = (
            one.model,
            one.day,
            _name(hub, one.path),
            one.sha256,
            moment.isoformat(timespec="seconds"),
            due.isoformat(),
            "true" if hub.local(moment) <= due else "false",
        )
        chain = _chained(chain, row)
        rows.loc[len(rows)] = [*row, chain]
    if new:
        write_csv(hub.folder / SEALS, rows)


def _chained(chain: str, row: Sequence[str]) -> str:
    return hashlib.sha256("\n".join([chain, *map(str, row)]).encode()).hexdigest()


def _name(hub: Hub, path: Path) -> str:
    return path.resolve().relative_to(hub.folder.resolve()).as_posix()

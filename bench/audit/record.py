"""Frozen records: what was forecast, from what and with what, sealed by one SHA-256."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from bench.core import Evidence
from bench.core.errors import DataError
from bench.metrics.forecast_rows import LEVELS

FORMAT = "election-bench frozen forecasts, 1"
SEAL = "seal"
PARTS = ("code", "settings", "evidence", "forecasts")


def sealed(record: Mapping[str, Any]) -> dict[str, Any]:
    """The record with the SHA-256 of everything else in it.

    The seal shows that nothing was changed afterwards to whoever was told the seal before: print
    it, post it, or have it time-stamped. Alone it proves no date.

    Examples
    --------
    >>> record = sealed({"format": FORMAT, "forecasts": []})
    >>> record["seal"] == sealed({**record, "forecasts": [1]})["seal"]
    False
    """
    rest = {key: value for key, value in record.items() if key != SEAL}
    text = json.dumps(rest, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return {**rest, SEAL: hashlib.sha256(text.encode()).hexdigest()}


def read_record(path: Path) -> dict[str, Any]:
    """A record from its file.

    Raises
    ------
    DataError
        If the file is no record, or was changed since it was sealed.
    """
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: not readable as a frozen record ({error})") from error
    if not isinstance(record, dict) or record.get("format") != FORMAT:
        raise DataError(f"{path}: not a record of `python -m bench freeze` ('{FORMAT}')")
    if sealed(record)[SEAL] != record.get(SEAL):
        raise DataError(
            f"{path}: the content does not match its seal {record.get(SEAL)}; it was changed after "
            "freezing, and nothing can be scored with it"
        )
    return record


def evidence_sums(evidence: Evidence) -> dict[str, str]:
    """SHA-256 of every table that predictors could read, by name."""
    return {name: _sum(frame) for name, frame in sorted(evidence.tables.items())}


def forecast_sum(rows: pd.DataFrame) -> str:
    """SHA-256 of the forecast of one predictor: shares, quantiles and chances to ten digits.

    Parameters
    ----------
    rows : pandas.DataFrame
        From `bench.metrics.forecast_rows.forecast_rows`; order and further columns do not matter.
    """
    columns = ["area", "candidate", "share", *LEVELS, "p_first", "p_qualify"]
    ordered = rows[columns].sort_values(["area", "candidate"])
    numbers = ordered[columns[2:]].astype(float)
    return _sum(pd.concat([ordered[["area", "candidate"]].astype(str), numbers], axis=1))


def _sum(frame: pd.DataFrame) -> str:
    text = frame.to_csv(index=False, lineterminator="\n", float_format="%.10g")
    return hashlib.sha256(text.encode()).hexdigest()


def changes(frozen: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """What differs between two records, by name; the time of freezing apart."""
    found = []
    for part in PARTS:
        before, after = _flat(frozen[part]), _flat(now[part])
        for key in sorted(before.keys() | after.keys()):
            if before.get(key) != after.get(key):
                found.append(f"{part}: {key} ({_how(before.get(key), after.get(key))})")
    return found


def _how(before: str | None, after: str | None) -> str:
    if before is None:
        return "new"
    if after is None:
        return "gone"
    return f"{before[:12]} → {after[:12]}"


def _flat(value: Any, name: str = "") -> dict[str, str]:
    if isinstance(value, Mapping) and value:
        parts = [_flat(v, f"{name}/{k}" if name else str(k)) for k, v in value.items()]
        return {key: text for part in parts for key, text in part.items()}
    return {name: str(value)}

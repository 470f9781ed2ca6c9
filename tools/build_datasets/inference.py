"""Ecological inference with the answer known: districts whose true cross-tabulation was counted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from tools.build_datasets.cards import Part, part
from tools.build_datasets.files import GATHERED, read_raw, require

TITLE = "Ecological inference, answer known"
WHAT = "District elections whose true cross-tabulation is known, for ecological inference."
SIDES = {"row": ("unit_party_votes", "party"), "column": ("unit_candidate_votes", "cand")}


def build(source: Path) -> Part:
    """The tables of `datasets/ei_truth/`; rows and columns are matched by position."""
    folder = source / "ei_truth"
    index = read_raw(folder / "index.csv").rename(columns={"R": "rows", "C": "columns"})
    index["margins_ok"] = index["margins_ok"].eq("True")
    for name in ("units", "rows", "columns", "votes"):
        index[name] = index[name].astype(float).astype("int32")
    elections = index[
        ["key", "dataset", "district", "units", "rows", "columns", "votes", "margins_ok"]
    ].sort_values("key", ignore_index=True)

    units, labels = [], []
    for side, (file, column) in SIDES.items():
        raw = read_raw(folder / f"{file}.parquet")
        position = _positions(raw, column)
        units.append(
            raw.assign(side=side, position=position)[["key", "unit", "side", "position", "votes"]]
        )
        labels.append(_labels(raw, column, side, position))
    truth = read_raw(folder / "true_cross_votes.parquet")
    for side, column in (("row", "party"), ("column", "cand")):
        truth[side] = _positions(truth, column)
        labels.append(_labels(truth, column, f"{side}_of_truth", truth[side]))
    truth = truth[["key", "row", "column", "votes"]].sort_values(
        ["key", "row", "column"], ignore_index=True
    )
    packed = pd.concat(units).sort_values(["key", "side", "position", "unit"], ignore_index=True)
    packed = packed.astype({"unit": "int16", "position": "int8", "votes": "int32"})
    truth = truth.astype({"row": "int8", "column": "int8", "votes": "int32"})
    off = _check(elections, packed, truth)
    peers = read_raw(folder / "peer_error_index.csv").sort_values(["variant", "method", "key"])
    require(set(peers["key"]) <= set(elections["key"]), "peers", "an election is unknown")
    rows_before = read_raw(GATHERED / "ei_truth_rows_before.csv")
    _check_rows_before(rows_before, labels, elections)
    return part(
        "ei_truth",
        {
            "elections.parquet": elections,
            "units.parquet": packed,
            "truth.parquet": truth,
            "labels.parquet": pd.concat(labels).sort_values(
                ["key", "side", "position"], ignore_index=True
            ),
            "rows_before.csv": rows_before,
            "peers.csv": peers,
        },
        margins=[
            f"The margins of {key} do not agree with its true table: {gap}." for key, gap in off
        ],
    )


def _check_rows_before(
    rows_before: pd.DataFrame, labels: list[pd.DataFrame], elections: pd.DataFrame
) -> None:
    known = pd.concat(labels).merge(elections[["key", "dataset"]], on="key")
    rows = known[known["side"].eq("row")]
    for when in ("", "_before"):
        names = rows_before[[f"dataset{when}", f"label{when}"]]
        require(not names.duplicated().any(), "rows_before", "a row is named twice")
        there = set(zip(rows["dataset"], rows["label"], strict=True))
        require(
            set(names.itertuples(index=False, name=None)) <= there, "rows_before", "no such row"
        )


def _positions(raw: pd.DataFrame, column: str) -> pd.Series:
    order = raw[["key", column]].drop_duplicates()
    order = order.assign(position=order.groupby("key").cumcount())
    return raw[["key", column]].merge(order, how="left", on=["key", column])["position"]


def _labels(raw: pd.DataFrame, column: str, side: str, position: pd.Series) -> pd.DataFrame:
    table = raw.assign(side=side, position=position.astype("int8"), label=raw[column])
    table["label"] = table["label"].str.replace("<e2>", "ā")
    return table[["key", "side", "position", "label"]].drop_duplicates()


def _check(
    elections: pd.DataFrame, units: pd.DataFrame, truth: pd.DataFrame
) -> list[tuple[str, str]]:
    off = []
    sides = {(str(k), str(s)): rows for (k, s), rows in units.groupby(["key", "side"])}
    tables = {str(key): rows for key, rows in truth.groupby("key")}
    for e in elections.to_dict("records"):
        key, shape = str(e["key"]), {n: int(e[n]) for n in ("rows", "columns", "units")}
        true = tables[key]["votes"].to_numpy().reshape(shape["rows"], shape["columns"])
        rows = sides[key, "row"]["votes"].to_numpy().reshape(shape["rows"], shape["units"])
        columns = sides[key, "column"]["votes"].to_numpy().reshape(shape["columns"], shape["units"])
        by_unit = np.array_equal(rows.sum(axis=0), columns.sum(axis=0))
        require(by_unit, key, "the two tables of a unit have different sums")
        require(int(true.sum()) == int(e["votes"]), key, "the true table has other votes")
        gap = max(
            int(np.abs(true.sum(axis=1) - rows.sum(axis=1)).max()),
            int(np.abs(true.sum(axis=0) - columns.sum(axis=1)).max()),
        )
        require((gap == 0) == bool(e["margins_ok"]), key, f"margins differ by {gap} votes")
        if gap:
            off.append((key, f"{gap} votes at most"))
    return off

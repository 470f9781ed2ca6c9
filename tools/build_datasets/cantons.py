"""Cantons of 2017 by commune, from the official geographical code."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from bench.core.errors import DataError
from tools.build_datasets.cards import Part, part
from tools.build_datasets.files import require_equal

RAW = "geo/France2017.txt"
NAME = "cantons_2017.csv"
N_COMMUNES, N_WITHOUT = 35_416, 116


def build(source: Path) -> Part:
    """`cantons_2017.csv`: communes of 1 January 2017 that have a canton."""
    path = source / RAW
    if not path.is_file():
        raise DataError(
            f"{path}: no such raw file; it is INSEE's Code officiel géographique au 1er janvier "
            "2017, file France2017.txt, which etalab/geohisto keeps in its folder sources/"
        )
    raw = pd.read_csv(path, sep="\t", dtype=str, encoding="latin-1")
    now = raw[raw["ACTUAL"].eq("1")]
    require_equal(len(now), N_COMMUNES, f"{RAW}: communes")
    require_equal(int(now["CT"].isna().sum()), N_WITHOUT, f"{RAW}: communes without canton")
    kept = now[now["CT"].notna()]
    codes = {"commune": kept["DEP"] + kept["COM"], "canton": kept["DEP"] + kept["CT"]}
    table = pd.DataFrame(codes).sort_values("commune", ignore_index=True)
    return part("cantons", {NAME: table}, n_without=N_WITHOUT)

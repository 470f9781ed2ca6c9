"""Cantons of 2017 by commune, from the official geographical code."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from bench.core.errors import DataError
from tools.build_datasets.cards import Part
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
    return Part(
        tables={NAME: table},
        columns={
            NAME: {
                "commune": "INSEE code of 1 January 2017, five characters",
                "canton": "code of the département and of the canton of 2015",
            }
        },
        sources=[
            "Cantons: INSEE, Code officiel géographique au 1er janvier 2017 (France2017.txt, kept "
            "in etalab/geohisto)."
        ],
        licences=["Licence Ouverte / Etalab 2.0 (INSEE)."],
        quirks=[
            "A commune split among several cantons forms a canton of its own, numbered 99 and "
            f"down. {N_WITHOUT} communes belong to no canton and are left out: Paris, those of "
            "the métropole de Lyon, Martinique and Guyane; collectivities overseas are not listed."
        ],
        published_on=["Cantons: drawn in 2014, in force from March 2015 on; not evidence."],
    )

"""What French elections share: outlines of départements, cantons by commune, the profile."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd

from tools.build_datasets.cards import Part, part, write_folder
from tools.build_datasets.codes import departement
from tools.build_datasets.countries import PROFILE, profile_of, profile_part
from tools.build_datasets.files import require, require_equal, require_file

DECIMALS = 3
MAX_BYTES = 350_000
COMMUNES = "geo/France2017.txt"
CANTONS = "cantons_2017.csv"
ORIGIN = (
    "it is INSEE's Code officiel géographique au 1er janvier 2017, file France2017.txt, which "
    "etalab/geohisto keeps in its folder sources/"
)
N_COMMUNES, N_WITHOUT = 35_416, 116


def write(source: Path, folder: Path) -> None:
    """The folder of what French elections share."""
    profile = profile_of(folder)
    shapes, text = outlines(source)
    parts = [shapes, cantons(source), profile_part(profile)]
    texts = {"departements.geojson": text, PROFILE: profile}
    write_folder(folder, "France", "Areas that French elections share.", parts, texts)


def outlines(source: Path) -> tuple[Part, str]:
    """The card's part and the text of `departements.geojson`."""
    path = require_file(source / "geo/departements_metropole_simplified.geojson")
    raw = json.loads(path.read_text(encoding="utf-8"))
    features: list[dict[str, Any]] = []
    for feature in sorted(raw["features"], key=lambda f: str(f["properties"]["code"])):
        shape = feature["geometry"]
        code = departement(feature["properties"]["code"])
        features.append(
            {
                "type": "Feature",
                "properties": {"area": code, "name": feature["properties"]["nom"]},
                "geometry": {"type": shape["type"], "coordinates": thin(shape["coordinates"])},
            }
        )
    require(len({f["properties"]["area"] for f in features}) == 96, "outlines", "are not 96 areas")
    collection = {"type": "FeatureCollection", "features": features}
    text = json.dumps(collection, ensure_ascii=False, separators=(",", ":")) + "\n"
    require(len(text.encode()) < MAX_BYTES, "outlines", f"take {len(text.encode()):,} bytes")
    return part("outlines", {}, n_areas=len(features), decimals=DECIMALS), text


def thin(coordinates: Any) -> Any:
    """Round every point and drop those that fall on the one before.

    Examples
    --------
    >>> thin([[[1.00001, 2.0], [1.00002, 2.0], [3.0, 4.00049], [1.00001, 2.0]]])
    [[[1.0, 2.0], [3.0, 4.0], [1.0, 2.0]]]
    """
    if isinstance(coordinates[0][0], (int, float)):
        points = [[round(x, DECIMALS), round(y, DECIMALS)] for x, y in coordinates]
        return [p for i, p in enumerate(points) if i == 0 or p != points[i - 1]]
    return [thin(inner) for inner in coordinates]


def cantons(source: Path) -> Part:
    """`cantons_2017.csv`: communes of 1 January 2017 that have a canton."""
    path = require_file(source / COMMUNES, ORIGIN)
    raw = pd.read_csv(path, sep="\t", dtype=str, encoding="latin-1")
    now = raw[raw["ACTUAL"].eq("1")]
    require_equal(len(now), N_COMMUNES, f"{COMMUNES}: communes")
    require_equal(int(now["CT"].isna().sum()), N_WITHOUT, f"{COMMUNES}: communes without canton")
    kept = now[now["CT"].notna()]
    codes = {"commune": kept["DEP"] + kept["COM"], "canton": kept["DEP"] + kept["CT"]}
    table = pd.DataFrame(codes).sort_values("commune", ignore_index=True)
    return part("cantons", {CANTONS: table}, n_without=N_WITHOUT)

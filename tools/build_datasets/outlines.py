"""Outlines of the metropolitan départements, thinned for maps in a report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bench.core.errors import DataError
from tools.build_datasets.cards import Part, part
from tools.build_datasets.codes import departement
from tools.build_datasets.files import require

DECIMALS = 3
MOST_BYTES = 350_000


def build(source: Path) -> tuple[Part, str]:
    """The card's part and the text of `departements.geojson`."""
    path = source / "geo/departements_metropole_simplified.geojson"
    if not path.is_file():
        raise DataError(f"{path}: no such raw file; `--source` is the folder that holds geo/")
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
    require(len(text.encode()) < MOST_BYTES, "outlines", f"take {len(text.encode()):,} bytes")
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

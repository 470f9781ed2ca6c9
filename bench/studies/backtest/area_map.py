"""Maps of the signed error of a method by area, as figures and as a chart."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from bench.core.arrays import PERCENT
from bench.core.errors import DataError
from bench.report.charts import Chart
from bench.report.document import Words
from bench.report.plotting import layout, style
from bench.report.vega import chosen, shown_of, specification, tips
from bench.studies.backtest.facts import MapExtent, MapFacts
from bench.studies.backtest.headline import Vote

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

GRID_DEG = 0.04  # of the map
FINE_DEG = 0.02  # of maps that can fill a screen
INSET_DEG = 0.004  # of the inset
INSET = 0.2  # of the width of a map
PARIS = ("75", "92", "93", "94")  # too small to be seen on a map of the country
NO_FORECAST = "#c9cdd3"
MAPS = 4  # candidates with a map
COLOURS = ("#8a4a00", "#d98a2b", "#f6dfb8", "#f5f5f5", "#c3dcef", "#4a92c8", "#0b4275")


@cache
def outlines(path: Path, grid_deg: float = GRID_DEG) -> dict[str, list[np.ndarray]]:
    """Rings [N, 2] in degrees by area code, from a GeoJSON of polygons.

    Parameters
    ----------
    path
        GeoJSON whose features have the property ``area``.
    grid_deg
        Points are snapped to a grid of this many degrees.

    Raises
    ------
    DataError
        If the file is no GeoJSON of polygons with that property.
    """
    try:
        return {
            str(feature["properties"]["area"]): list(_rings(feature["geometry"], grid_deg))
            for feature in _features(path)
        }
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(
            f"{path}: no GeoJSON with outlines of areas ({error!r}); accepted are Polygon and "
            "MultiPolygon features with the property 'area'; take the outlines that ship"
        ) from error


def area_names(path: Path) -> dict[str, str]:
    """What people call every area, by its code; the code where the GeoJSON has no ``name``."""
    known = [feature["properties"] for feature in _features(path)]
    return {str(one["area"]): str(one.get("name", one["area"])) for one in known}


@cache
def _features(path: Path) -> list[dict[str, Any]]:
    features: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["features"]
    return features


def _rings(geometry: dict[str, Any], grid_deg: float) -> Iterator[np.ndarray]:
    parts = geometry["coordinates"]
    if geometry["type"] == "Polygon":
        parts = [parts]
    elif geometry["type"] != "MultiPolygon":
        raise ValueError(f"geometry of type {geometry['type']}")
    for part in parts:
        # snapping to one grid thins neighbours' shared borders alike, so that no gaps open
        ring = np.round(np.asarray(part[0], dtype=float)[:, :2] / grid_deg) * grid_deg
        ring = ring[np.append(True, np.any(np.diff(ring, axis=0) != 0, axis=1))]
        before, after = np.roll(ring, 1, axis=0), np.roll(ring, -1, axis=0)
        (x, y), (u, v) = (ring - before).T, (after - ring).T
        corner = np.abs(x * v - y * u) > 1e-9
        if corner.sum() >= 3:
            yield ring[corner]


@layout.styled
def area_map(
    vote: Vote,
    *,
    predictor: str,
    beside: Sequence[str] = (),
    words: Words,
    size: str = "double",
) -> Figure:
    """Draw the signed error of one predictor by area, one map per candidate.

    Parameters
    ----------
    vote
        With areas; the `area_outlines` of its context must be set.
    predictor
        Whose errors.
    beside
        Other methods whose maps stand on the same page; one scale of colours holds for all.
    words
        Of the section.
    size
        Size preset.

    Raises
    ------
    DataError
        If there are no outlines or no errors for them.
    """
    context, shapes = vote.context, on_a_plane(outlines_file(vote), GRID_DEG)
    _areas, error_pp, shown, reach = _mapped_errors(vote, predictor, beside, shapes)
    per_line = min(len(shown), 2 if size == "single" else 4)
    lines = -(-len(shown) // per_line)
    width = style.WIDTHS_IN[size] / per_line * style.FONT_PT["double"] / style.FONT_PT[size]
    figure, axes, _room = layout.sheet(
        size,
        lines * width + 0.4,
        title=words["title"],
        claim=words["claim"],
        caption=words["caption"],
        rows=lines,
        columns=per_line,
        panels=len(shown),
    )
    mappable = _colours(reach)
    for axis, candidate in zip(axes.flat, shown, strict=False):
        _draw(axis, shapes, error_pp[candidate], mappable)
        axis.set_title(context.surnames[candidate])
    bar = figure.colorbar(
        mappable,
        ax=list(axes.flat),
        orientation="horizontal",
        aspect=45,
        shrink=0.6,
        pad=0.01,
        extend="both",
    )
    bar.set_label(words["x"])
    bar.outline.set_visible(False)
    for end in bar.ax.patches:
        end.set_gid(layout.SCALED)
    return figure


def _mapped_errors(
    vote: Vote, predictor: str, beside: Sequence[str], shapes: Collection[str]
) -> tuple[set[str], pd.DataFrame, list[str], float]:
    """All areas of a method; errors in points, areas of the map by candidates; candidates; reach.

    Parameters
    ----------
    vote, predictor, beside
        As of `area_map`.
    shapes
        Areas of the map.
    """
    errors = local_errors(vote.latest, [predictor, *beside])
    of_method = errors[errors["predictor"].eq(predictor)]
    on_map = of_method[of_method["area"].isin(shapes)]
    if on_map.empty:
        raise DataError(f"{predictor} has no errors by area of {outlines_file(vote).name}")
    error_pp = on_map.pivot(index="area", columns="candidate", values="error_pp")
    shown = [key for key in vote.context.by_votes if key in error_pp][:MAPS]
    return set(of_method["area"]), error_pp, shown, reach_of(errors, shapes, shown)


def map_facts(vote: Vote, predictor: str, beside: Sequence[str] = ()) -> MapFacts:
    """Words of `area_map`, of the same parameters; `beside` begins with the first map."""
    shapes = set(outlines(outlines_file(vote)))
    areas, error_pp, shown, reach = _mapped_errors(vote, predictor, beside, shapes)
    return MapFacts(
        suffix="" if predictor in beside[:1] else f"_{predictor}",
        method=vote.labels[predictor],
        median=float(np.nanmedian(error_pp[shown].abs().to_numpy())),
        extent=_extent(areas, shapes, reach),
    )


def extent_of_chart(vote: Vote, methods: Sequence[str]) -> MapExtent:
    """Words of `map_chart`, of the same parameters."""
    errors = local_errors(vote.latest, methods)
    names = area_names(outlines_file(vote))
    return _extent(set(errors["area"]), set(names), _reach_of_chart(vote, errors, names))


def _reach_of_chart(vote: Vote, errors: pd.DataFrame, names: Collection[str]) -> float:
    drawn = set(errors["candidate"])
    by_votes = [candidate for candidate in vote.context.by_votes if candidate in drawn]
    return reach_of(errors, names, by_votes[:MAPS])


def _extent(areas: set[str], shapes: set[str], reach: float) -> MapExtent:
    return MapExtent(
        n_areas=len(areas & shapes),
        n_more=len(areas - shapes),
        is_enlarged=set(PARIS) <= shapes,
        reach=reach,
    )


def outlines_file(vote: Vote) -> Path:
    """Where the outlines of the areas lie.

    Raises
    ------
    DataError
        If the election has none.
    """
    path = vote.context.area_outlines
    if path is None:
        raise DataError(
            f"no area outlines for {vote.context.election}; a map needs `area_outlines`, a GeoJSON "
            "path"
        )
    return path


def local_errors(vote: Vote, predictors: Sequence[str]) -> pd.DataFrame:
    """Signed errors of methods by area on the whole ballot, with `error_pp`."""
    rows = vote.errors
    rows = rows[rows["metric"].eq("signed_error") & rows["ballot"].eq("all")]
    rows = rows[rows["area"].ne("national") & rows["predictor"].isin(predictors)]
    return rows.assign(error_pp=100 * rows["value"])


def reach_of(errors: pd.DataFrame, shapes: Collection[str], candidates: Sequence[str]) -> float:
    """Round number of points that all but 2% of the errors on the maps stay below."""
    drawn = errors[errors["area"].isin(shapes) & errors["candidate"].isin(candidates)]
    wanted = float(np.nanquantile(drawn["error_pp"].abs(), 0.98))
    steps = [s * 10.0**e for e in range(-2, 3) for s in (1, 1.5, 2, 3, 4, 5, 6, 8)]
    return next((s for s in steps if s >= wanted), wanted)


def _colours(reach: float) -> Any:
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import LinearSegmentedColormap, Normalize

    ramp = LinearSegmentedColormap.from_list("signed", COLOURS)
    return ScalarMappable(Normalize(-reach, reach), ramp)


def _draw(
    axis: Axes, rings: Mapping[str, list[np.ndarray]], error_pp: pd.Series, mappable: Any
) -> None:
    from matplotlib.collections import PolyCollection

    values = error_pp.reindex(list(rings))
    colours = [NO_FORECAST if pd.isna(one) else mappable.to_rgba(one) for one in values]
    parts = zip(rings.values(), colours, strict=True)
    shapes = [(ring, colour) for of, colour in parts for ring in of]
    axis.add_collection(
        PolyCollection(
            [ring for ring, _colour in shapes],
            facecolors=[colour for _ring, colour in shapes],
            edgecolors=style.PAPER,
            linewidths=0.25,
            gid=layout.SCALED,
        )
    )
    axis.margins(0)
    axis.autoscale_view()
    axis.set_aspect("equal")
    axis.axis("off")


def map_chart(vote: Vote, methods: Sequence[str], words: Words) -> Chart:
    """Where one method erred, a map for each candidate, all on one scale of colours.

    Parameters
    ----------
    vote
        As of `area_map`.
    methods
        Those with a map, the best first.
    words
        Of the section.
    """
    context, path = vote.context, outlines_file(vote)
    names, shapes = area_names(path), _shapes(path)
    latest = local_errors(vote.latest, methods)
    by_votes = [key for key in context.by_votes if key in set(latest["candidate"])]
    if len(vote.dates) > 1:  # everybody on every date would be most of the page
        by_votes = by_votes[:MAPS]
    rows = _map_rows(vote, methods, by_votes, names)
    reach = _reach_of_chart(vote, latest, names)
    columns = words.labels
    order = [vote.labels[one] for one in methods]
    people = [context.surnames[one] for one in by_votes]
    some = {"method": (order, 1), "candidate": (people, MAPS)}
    is_under = {"param": "under", "empty": False}
    drawn = {
        "mark": {"type": "geoshape", "strokeWidth": 0.4},
        "projection": {"type": "identity", "reflectY": True},
        "params": [
            {
                "name": "under",
                "select": {
                    "type": "point",
                    "fields": ["code"],
                    "on": "pointerover",
                    "clear": "pointerout",
                },
            }
        ],
        "transform": [
            {"lookup": "code", "from": {"data": {"name": "shapes"}, "key": "code"}, "as": "shape"},
            {"filter": "isValid(datum.shape)"},
        ],
        "encoding": {
            "shape": {"field": "shape", "type": "geojson"},
            "color": {
                "condition": {"test": "!isValid(datum.error)", "value": NO_FORECAST},
                "field": "error",
                "type": "quantitative",
                "title": columns["error"],
                "scale": {"domain": [-reach, reach], "range": [*COLOURS], "clamp": True},
                "legend": {"gradientLength": 220, "titleLimit": 320, "format": "+.0f"},
            },
            "stroke": {"condition": {**is_under, "value": style.INK}, "value": style.PAPER},
            "strokeWidth": {"condition": {**is_under, "value": 2}, "value": 0.4},
            "tooltip": tips(rows, columns),
        },
    }
    spec = specification(
        [drawn],
        click="candidate",
        some=some,
        panels={
            "field": "candidate",
            "order": people,
            "most": MAPS,
            "ratio": _ratio(shapes),
            "room": 0,
            "aside": 0,
        },
        transform=[
            {"filter": test}
            for test in ("datum.date === date", *(chosen(key, *of) for key, of in some.items()))
        ],
        title={"text": {"expr": shown_of("method", order)}, "fontWeight": "bold"},
    )
    return Chart(
        spec=spec,
        rows=rows,
        columns=columns,
        dated=True,
        caption=words["chart"],
        more={"shapes": shapes},
    )


def _map_rows(
    vote: Vote, methods: Sequence[str], candidates: Sequence[str], names: Mapping[str, str]
) -> pd.DataFrame:
    """Forecast, outcome and error of every area, empty where a method says nothing of one."""
    context = vote.context
    wrong = local_errors(vote, methods)
    wrong = wrong[wrong["candidate"].isin(candidates)]
    keys = ["as_of", "predictor", "candidate"]
    said = vote.forecasts[[*keys, "area", "share"]]
    found = wrong.merge(said, on=[*keys, "area"], how="left").set_index([*keys, "area"])
    asked = wrong[keys].drop_duplicates()
    every = asked.merge(pd.DataFrame({"area": sorted({*names, *wrong["area"]})}), how="cross")
    found = found.reindex(pd.MultiIndex.from_frame(every))
    share = PERCENT * found["share"]
    return pd.DataFrame(
        {
            "date": every["as_of"].map(vote.places),
            "method": every["predictor"].map(vote.labels),
            "candidate": every["candidate"].map(context.surnames),
            "code": every["area"],
            "area": every["area"].map(names).fillna(every["area"]),
            "share": share.round(1).to_numpy(),
            "outcome": (share - found["error_pp"]).round(1).to_numpy(),
            "error": found["error_pp"].round(1).to_numpy(),
        }
    )


def on_a_plane(path: Path, grid_deg: float) -> dict[str, list[np.ndarray]]:
    """Rings [N, 2] on a plane by area code, Paris and its neighbours once more, enlarged.

    Parameters
    ----------
    path, grid_deg
        As of `outlines`.
    """
    far, near = outlines(path, grid_deg), outlines(path, INSET_DEG)
    every = np.concatenate([ring for rings in far.values() for ring in rings])
    (left, low), (right, high) = every.min(axis=0), every.max(axis=0)
    flat = 1000 * np.array([np.cos(np.radians((low + high) / 2)), 1.0])
    rings = {code: [flat * ring for ring in of] for code, of in far.items()}
    if set(PARIS) <= set(near):
        around = np.concatenate([ring for code in PARIS for ring in near[code]])
        scale = INSET * (right - left) / np.ptp(around[:, 0])
        corner = np.array([left, low + 0.04 * (high - low)])
        for code in PARIS:
            rings[code] += [
                flat * (corner + scale * (ring - around.min(axis=0))) for ring in near[code]
            ]
    return rings


def _shapes(path: Path) -> pd.DataFrame:
    """The outlines as GeoJSON features."""
    rings = on_a_plane(path, FINE_DEG)
    return pd.DataFrame(
        {
            "code": list(rings),
            "type": "Feature",
            "geometry": [
                {"type": "MultiPolygon", "coordinates": [[_closed(ring)] for ring in of]}
                for of in rings.values()
            ],
        }
    )


def _closed(ring: np.ndarray) -> list[list[int]]:
    whole: list[list[int]] = np.rint(np.vstack([ring, ring[:1]])).astype(int).tolist()
    return whole


def _ratio(shapes: pd.DataFrame) -> float:
    """Height of the map, times its width."""
    points = np.concatenate(
        [np.array(part[0]) for one in shapes["geometry"] for part in one["coordinates"]]
    )
    width, height = np.ptp(points, axis=0)
    return float(height / width)

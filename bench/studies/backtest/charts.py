"""The charts of one vote: what its page draws, from the tables that its figures are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from bench.core.language import N_, _, listed
from bench.report.charts import (
    AT_DATE,
    HEIGHT_PX,
    PERCENT,
    ROW_PX,
    Chart,
    Panels,
    Spec,
    chart_of,
    colours_of,
    errors,
    family_colours_of,
    followed,
    in_expression,
    layer,
    only_if_followed,
    polls,
    rows_by_name,
    shown_of,
    tips,
)
from bench.report.formatting import day
from bench.report.plotting import layout, style
from bench.studies.backtest.headline import Vote, at
from bench.studies.backtest.plots.area_map import (
    COLOURS,
    INSET_DEG,
    MAPS,
    NO_FORECAST,
    PARIS,
    area_names,
    caption_of,
    local_errors,
    outlines,
    reach_of,
)
from bench.studies.backtest.plots.forecasts import (
    FLOOR,
    INTERVALS,
    coverage_by_level,
    with_panel,
)
from bench.studies.backtest.plots.lead import LONGEST_DAYS, drawn_in_polls
from bench.studies.backtest.plots.over_dates import ballot_words, error_by_day

DAYS = (0, 2, 7, 14, 30, 60, 100, 200, 300)  # that are named
FINE_DEG = 0.02  # of maps that can fill a screen
INSET = 0.2  # of the width of a map
MOST_SHOWN = 1.12  # of the 98th percentile of all errors, in the chart over dates


def days_before(vote: Vote, moment: pd.Timestamp) -> int:
    """From a moment to the vote."""
    return int((vote.context.vote_on.normalize() - moment.normalize()).days)


def charts_of(
    vote: Vote, table: pd.DataFrame, ballot: str, band_of: str, mapped: Sequence[str]
) -> dict[str, Chart]:
    """Every chart that the tables allow, by the name of its figure.

    Parameters
    ----------
    vote
        At the moment that is shown.
    table
        From `bench.studies.backtest.headline.headline`.
    ballot
        Which errors the chart over dates shows.
    band_of
        The method whose intervals stand in the chart of polls; nobody's if empty.
    mapped
        Methods with a map.
    """
    context = vote.context
    first = at(table, context.as_of, context.ballot_keys[0])
    order = [vote.labels[str(name)] for name in first["predictor"]]
    rows = forecast_rows(vote, order)
    charts: dict[str, Chart] = {}
    if len(vote.dates) > 1:
        charts["horizon"] = horizon(vote, table, ballot)
    if first["block"].eq("ranked").any():
        words = (
            N_("Evidence as public on {cut}. Rings: on the whole ballot of {n}. {source}")
            if "common" in context.ballots
            else N_("Evidence as public on {cut}, on the whole ballot of {n}. {source}")
        )
        caption = _(words, cut=context.cut, n=len(context.outcome), source=context.source)
        charts["closest"] = replace(errors(_ranked(vote, table)), caption=caption)
    if len(vote.polls):
        charts["polls"] = _polls(vote, rows, vote.labels.get(band_of, ""))
    charts["signed_errors"] = signed_errors(vote, rows, order)
    charts["shares"] = shares(vote, rows, order)
    if rows["chance"].notna().any():
        charts["qualify"] = chances(vote, rows, order)
    held = coverage_by_level(vote)
    if len(held):
        charts["calibration"] = calibration(vote, held, order)
    if mapped and context.area_outlines is not None:
        charts["area_map"] = maps(vote, mapped, context.area_outlines)
    return charts


def forecast_rows(vote: Vote, order: Sequence[str]) -> pd.DataFrame:
    """Every national forecast of every moment, one row per method and candidate.

    Parameters
    ----------
    vote
        At the moment that is shown.
    order
        Labels of the methods, the best first.

    Returns
    -------
    DataFrame
        date (place among the dates of the vote), method, candidate, share, q05 to q95, outcome,
        chance (percent), error (points), filled.
    """
    context = vote.context
    place = {moment: number for number, moment in enumerate(vote.dates)}
    known = vote.national_forecasts
    known = known[known["candidate"].isin(context.outcome.index) & known["as_of"].isin(place)]
    outcome = PERCENT * known["candidate"].map(context.outcome)
    rows = pd.DataFrame(
        {
            "date": known["as_of"].map(place),
            "method": known["predictor"].map(vote.labels),
            "candidate": known["candidate"].map(context.surnames),
            **{key: (PERCENT * known[key]).round(2) for key in ("share", *INTERVALS)},
            "outcome": outcome.round(2),
            "error": (PERCENT * known["share"] - outcome).round(2),
            "chance": (PERCENT * known["p_qualify"]).round(1),
            "filled": known["filled"].astype(bool),
        }
    )
    rows.loc[rows["filled"], [*INTERVALS, "chance"]] = float("nan")
    by_votes = [context.surnames[one] for one in context.by_votes]
    keys = {"method": list(order), "candidate": by_votes}
    places = {
        key: rows[key].map(dict(zip(names, range(len(names)), strict=False)))
        for key, names in keys.items()
    }
    return (
        rows.assign(**{f"at_{key}": one for key, one in places.items()})
        .sort_values(["date", "at_method", "at_candidate"], ignore_index=True)
        .drop(columns=[f"at_{key}" for key in keys])
    )


def _ranked(vote: Vote, table: pd.DataFrame) -> pd.DataFrame:
    """The errors of those who are ranked, at every moment."""
    place = {moment: number for number, moment in enumerate(vote.dates)}
    known = table[
        table["ballot"].eq(vote.context.ballot_keys[0])
        & table["block"].eq("ranked")
        & table["same_as"].eq("")
    ]
    rows = pd.DataFrame(
        {
            "date": known["as_of"].map(place),
            "method": known["predictor"].map(vote.labels),
            "family": known["family"],
            "mae": known["mae_pp"].round(2),
        }
    )
    if "common" in vote.context.ballots:
        named = ~known["gaps_filled"].astype(bool)
        rows["whole"] = known["mae_full_pp"].where(named).round(2)
    return rows.sort_values(["date", "mae"], kind="stable", ignore_index=True)


def horizon(vote: Vote, table: pd.DataFrame, ballot: str) -> Chart:
    """Error by days before the vote, a line for each method, coloured by its family."""
    place = {days_before(vote, moment): number for number, moment in enumerate(vote.dates)}
    when = dict(zip(place.values(), map(day, vote.dates), strict=False))
    found = error_by_day(vote, ballot=ballot)
    families = table.drop_duplicates("predictor").set_index("predictor")["family"]
    rows = pd.DataFrame(
        {
            "method": found["predictor"].map(vote.labels),
            "family": found["predictor"].map(families).map(_),
            "days": found["days"],
            "day": found["days"].map(place).map(when),
            "mae": found["mae_pp"].round(2),
            "n": found["n"],
            "date": found["days"].map(place),
        }
    )
    columns = {
        "method": _("Method"),
        "family": _("Family"),
        "day": _("Evidence until"),
        "days": _("Days before the vote"),
        "mae": _("Mean absolute error, percentage points"),
        "n": _("Candidates"),
    }
    ticks = [one for one in DAYS if one <= rows["days"].max()]
    most = MOST_SHOWN * float(rows["mae"].quantile(0.98))
    days = {
        "field": "days",
        "type": "quantitative",
        "title": columns["days"],
        "scale": {"type": "sqrt", "reverse": True, "nice": False},
        "axis": {"grid": False, "values": ticks, "titleAnchor": "middle"},
    }
    error = {
        "field": "mae",
        "type": "quantitative",
        "title": columns["mae"],
        "scale": {"domain": [0, round(most, 1)], "clamp": True},
    }
    colours = {_(one): colour for one, colour in family_colours_of(families).items()}
    looks = {
        "color": colours_of("family", colours, columns["family"]),
        "opacity": followed("method", "family", shown=0.9),
        "detail": {"field": "method"},
    }
    thick = {"condition": {"test": "datum.method === method", "value": 3.5}, "value": 1.6}
    lines = layer({"type": "line"}, x=days, y=error, strokeWidth=thick, **looks)
    dots = layer({"type": "circle", "size": 30}, x=days, y=error, tooltip=tips(columns), **looks)
    now = layer(
        {"type": "rule", "strokeDash": [3, 3], "strokeWidth": 1},
        [{"filter": AT_DATE}, {"aggregate": [], "groupby": ["days"]}],
        x=days,
    )
    caption = _(
        "Mean absolute error on {ballot}, at {n} dates. Days are on a square-root scale, so that "
        "the last ones can be told apart. Dashed: the date chosen above. {source}",
        ballot=ballot_words(vote, ballot),
        n=len(vote.dates),
        source=vote.context.source,
    )
    spec = chart_of(now, lines, dots, legend="family")
    return Chart(spec=spec, rows=rows, columns=columns, caption=caption)


def _polls(vote: Vote, rows: pd.DataFrame, band_of: str) -> Chart:
    """The polls that the figure shows, with the intervals of the method that is followed."""
    context = vote.context
    known = vote.polls[vote.polls["days"].le(LONGEST_DAYS)]
    most = known.groupby("candidate")["share"].max().reindex(list(context.by_votes)).fillna(0)
    outcome = context.outcome
    drawn = drawn_in_polls(context, most)
    known = known[known["candidate"].isin(drawn)]
    ends = context.vote_on.normalize() - pd.to_timedelta(known["days"], unit="D")
    said = pd.DataFrame(
        {
            "candidate": known["candidate"].map(context.surnames),
            "day": ends.dt.strftime("%Y-%m-%d"),
            "institute": known["institute"],
            "share": (PERCENT * known["share"]).round(2),
        }
    )
    official = pd.DataFrame(
        {
            "candidate": [context.surnames[one] for one in drawn],
            "day": f"{context.vote_on:%Y-%m-%d}",
            "share": [round(PERCENT * float(outcome[one]), 2) for one in drawn],
        }
    )
    when = dict(enumerate(f"{moment:%Y-%m-%d}" for moment in vote.dates))
    bands = rows[rows["q05"].notna() & rows["candidate"].isin(official["candidate"])]
    bands = bands.assign(day=bands["date"].map(when)).rename(columns={"q05": "low", "q95": "high"})
    bands = bands[bands["day"].ge(said["day"].min())]
    caption = _(
        "Dots: {n} polls, by the last day of interviews; shares of those who chose among the "
        "candidates of the ballot. Lines: shares and 90% intervals of “{method}”, or of the method "
        "chosen above. Diamonds: the vote of {day}. {source}",
        n=vote.polls.loc[known.index, "poll_id"].nunique(),
        method=band_of,
        day=day(context.vote_on),
        source=context.source,
    )
    chart = polls(
        said,
        official,
        _colours(vote, drawn),
        bands=bands[["method", "candidate", "day", "share", "low", "high"]] if band_of else None,
        band_of=band_of,
    )
    return replace(chart, caption=caption)


def _colours(vote: Vote, candidates: Sequence[str]) -> dict[str, str]:
    """The colours of the figures, by the names that the charts use."""
    known = layout.candidate_colours(vote.context)
    return {vote.context.surnames[one]: known[one] for one in candidates}


def signed_errors(vote: Vote, rows: pd.DataFrame, order: Sequence[str]) -> Chart:
    """Forecast minus outcome of every method, a dot for each of the larger candidates."""
    context = vote.context
    colours = _colours(vote, with_panel(context))
    columns = {
        "method": _("Method"),
        "candidate": _("Candidate"),
        "error": _("Forecast minus outcome, percentage points"),
        "share": _("Forecast, %"),
        "outcome": _("Outcome, %"),
    }
    error = {"field": "error", "type": "quantitative", "title": columns["error"]}
    method = rows_by_name("method", [*order])
    looks = {"y": method, "color": colours_of("candidate", colours, columns["candidate"])}
    spans = layer(
        {"type": "rule", "strokeWidth": 2},
        [
            {"calculate": "datum.q05 - datum.outcome", "as": "low"},
            {"calculate": "datum.q95 - datum.outcome", "as": "high"},
            {"filter": "isValid(datum.q05)"},
        ],
        x={**error, "field": "low"},
        x2={"field": "high"},
        opacity=only_if_followed("candidate", 0.6),
        **looks,
    )
    dots = layer(
        {"type": "point", "size": 75, "filled": True},
        x=error,
        shape={"condition": {"test": "datum.filled", "value": "cross"}, "value": "circle"},
        opacity=followed("method", "candidate", shown=0.85),
        tooltip=tips(columns, ("error", "+.1f")),
        **looks,
    )
    none = layer({"type": "rule"}, x={"datum": 0})
    spec = chart_of(none, spans, dots, height=ROW_PX * len(order), dated=True, legend="candidate")
    caption = _(
        "Evidence as public on {cut}. Crosses: not named by the method, filled by rule. Follow a "
        "candidate to see the 90% intervals. {source}",
        cut=context.cut,
        source=context.source,
    )
    return Chart(
        spec=spec,
        rows=rows,
        columns=columns,
        only={"candidate": tuple(colours)},
        caption=caption,
    )


def shares(vote: Vote, rows: pd.DataFrame, order: Sequence[str]) -> Chart:
    """What one method foresaw for every candidate, with its intervals, and what happened."""
    context = vote.context
    columns = {
        "method": _("Method"),
        "candidate": _("Candidate"),
        "share": _("Forecast, %"),
        "q05": _("90% interval from"),
        "q95": _("90% interval to"),
        "outcome": _("Outcome, %"),
    }
    known = set(rows["method"])
    methods = [one for one in order if one in known]
    share = {
        "field": "share",
        "type": "quantitative",
        "title": _("Share of the valid votes, percent"),
        "scale": {"domainMin": 0},
    }
    by_votes = [context.surnames[one] for one in context.by_votes]
    candidate = rows_by_name("candidate", by_votes)
    looks: Spec = {
        "y": candidate,
        "color": {**colours_of("candidate", _colours(vote, context.by_votes)), "legend": None},
        "opacity": followed("candidate"),
        "tooltip": tips(columns),
    }
    held = [{"filter": "isValid(datum.q05)"}]
    wide, narrow = (
        layer(
            {"type": "rule", "strokeWidth": width},
            held,
            x={**share, "field": low},
            x2={"field": high},
            **looks,
        )
        for width, low, high in ((2, "q05", "q95"), (8, "q25", "q75"))
    )
    dots = layer(
        {"type": "point", "size": 90, "strokeWidth": 1.5},
        x=share,
        fill={
            **looks["color"],
            "condition": {"test": "datum.filled", "value": style.PAPER},
        },
        **looks,
    )
    real = layer(
        {"type": "tick", "thickness": 3, "bandSize": 20},
        x={**share, "field": "outcome"},
        y=candidate,
        tooltip=tips(columns),
    )
    spec = chart_of(
        real,
        wide,
        narrow,
        dots,
        height=ROW_PX * len(by_votes),
        dated=True,
        click="candidate",
        one={"method": methods},
        title={"text": {"expr": shown_of("method", methods)}},
    )
    caption = _(
        "Evidence as public on {cut}. Thick bars hold 50%, thin bars 90% of the probability; "
        "methods without bars give points only. Hollow: filled by rule. Another method can be "
        "chosen above. {source}",
        cut=context.cut,
        source=context.source,
    )
    return Chart(spec=spec, rows=rows, columns=columns, caption=caption)


def chances(vote: Vote, rows: pd.DataFrame, order: Sequence[str]) -> Chart:
    """The chance that every method gave every candidate, darker where it was surer."""
    context = vote.context
    most = rows.groupby("candidate")["chance"].max()
    through = [context.surnames[one] for one in context.qualifiers]
    by_votes = [context.surnames[one] for one in context.by_votes]
    shown = [one for one in by_votes if one in through or most.get(one, 0) >= PERCENT * FLOOR]
    columns = {
        "method": _("Method"),
        "candidate": _("Candidate"),
        "chance": _("Chance of winning, %")
        if context.seats == 1
        else _("Chance of reaching the runoff, %"),
    }
    marked = (
        f"indexof({in_expression(through)}, datum.value) >= 0 ? '✓ ' + datum.label : datum.label"
    )
    top = {
        "orient": "top",
        "labelAngle": 0,
        "labelExpr": marked,
        "labelLimit": 90,
        "domain": False,
        "ticks": False,
        "labelOverlap": False,
    }
    place = {
        "x": {"field": "candidate", "type": "nominal", "sort": shown, "title": None, "axis": top},
        "y": rows_by_name("method", [*order]),
        "tooltip": tips(columns),
    }
    dark = "datum.chance >= 60"
    cells = layer(
        {"type": "rect", "color": style.METHOD_COLOURS["quota polls"]},
        **place,
        opacity={
            "condition": [
                {
                    "test": "(method && datum.method !== method)"
                    " || (candidate && datum.candidate !== candidate)",
                    "value": 0.04,
                },
            ],
            "field": "chance",
            "type": "quantitative",
            "scale": {"domain": [0, 100], "range": [0.04, 1]},
            "legend": None,
        },
    )
    words = layer(
        {"type": "text"},
        **place,
        text={"field": "chance", "format": ".0f"},
        color={"condition": {"test": dark, "value": "#fffffe"}, "value": style.INK},
        opacity=followed("method", "candidate"),
    )
    n_methods = rows.loc[rows["chance"].notna(), "method"].nunique()
    spec = chart_of(cells, words, height=ROW_PX * n_methods, dated=True)
    spec["transform"].append({"filter": "isValid(datum.chance)"})
    caption = _(
        "Evidence as public on {cut}; chances as the method states them, or as its draws have it. "
        "✓: {who}. {source}",
        cut=context.cut,
        who=listed(through),
        source=context.source,
    )
    return Chart(
        spec=spec, rows=rows, columns=columns, only={"candidate": tuple(shown)}, caption=caption
    )


def calibration(vote: Vote, held: pd.DataFrame, order: Sequence[str]) -> Chart:
    """How many outcomes lay inside the intervals, by what was promised, a line per method."""
    rows = pd.DataFrame(
        {
            "method": held["predictor"].map(vote.labels),
            "promised": (PERCENT * held["nominal"]).round(),
            "kept": (PERCENT * held["observed"]).round(1),
            "n": held["n"],
        }
    )
    known = set(rows["method"])
    mine = shown_of("method", [name for name in order if name in known])
    columns = {
        "method": _("Method"),
        "promised": _("Promised: intervals that hold this many outcomes, %"),
        "kept": _("Kept: outcomes inside the intervals, %"),
        "n": _("Outcomes"),
    }
    test = f"datum.method === {mine}"
    place = {
        "x": {
            "field": "promised",
            "type": "quantitative",
            "title": columns["promised"],
            "scale": {"domain": [40, 100]},
        },
        "y": {
            "field": "kept",
            "type": "quantitative",
            "title": columns["kept"],
            "scale": {"domain": [0, 100]},
        },
        "detail": {"field": "method"},
        "color": {
            "condition": {"test": test, "value": style.METHOD_COLOURS["quota polls"]},
            "value": style.SOFT,
        },
        "opacity": {"condition": {"test": test, "value": 1}, "value": 0.3},
    }
    fair = {"data": {"values": [{"promised": 40, "kept": 40}, {"promised": 100, "kept": 100}]}}
    level = layer(
        {"type": "line", "strokeDash": [4, 4], "color": style.INK, "strokeWidth": 1},
        x=place["x"],
        y=place["y"],
    )
    spec = chart_of(
        {**level, **fair},
        layer({"type": "line"}, **place),
        layer({"type": "circle", "size": 45}, **place, tooltip=tips(columns)),
        title={"text": {"expr": mine}},
        height=HEIGHT_PX - 80,
    )
    caption = _(
        "All candidates named, at all dates. Dashed: a forecast that keeps what it promises; below "
        "it intervals are too narrow. Candidates and dates of one vote are not independent. "
        "{source}",
        source=vote.context.source,
    )
    return Chart(spec=spec, rows=rows, columns=columns, caption=caption)


def maps(vote: Vote, methods: Sequence[str], path: Path) -> Chart:
    """Where one method erred, a map for each candidate, all on one scale of colours.

    Parameters
    ----------
    vote
        With areas.
    methods
        Those with a map, the best first.
    path
        GeoJSON of the outlines.
    """
    context = vote.context
    names, shapes = area_names(path), map_shapes(path)
    now = local_errors(vote.latest, methods)
    by_votes = [one for one in context.by_votes if one in set(now["candidate"])]
    if len(vote.dates) > 1:  # everybody on every date would be most of the page
        by_votes = by_votes[:MAPS]
    rows = _map_rows(vote, methods, by_votes, names)
    reach = reach_of(now, names, by_votes[:MAPS])
    known = set(now["area"])
    columns = {
        "area": _("Area"),
        "candidate": _("Candidate"),
        "method": _("Method"),
        "share": _("Forecast, %"),
        "outcome": _("Outcome, %"),
        "error": _("Forecast minus outcome, percentage points"),
    }
    order = [vote.labels[one] for one in methods]
    fill = {
        "field": "error",
        "type": "quantitative",
        "title": columns["error"],
        "scale": {"domain": [-reach, reach], "range": [*COLOURS], "clamp": True},
        "legend": {"gradientLength": 220, "titleLimit": 320, "format": "+.0f"},
    }
    drawn = layer(
        {"type": "geoshape", "strokeWidth": 0.4},
        [
            {"lookup": "code", "from": {"data": {"name": "shapes"}, "key": "code"}, "as": "shape"},
            {"filter": "isValid(datum.shape)"},
        ],
        shape={"field": "shape", "type": "geojson"},
        color={"condition": {"test": "!isValid(datum.error)", "value": NO_FORECAST}, **fill},
        stroke={
            "condition": {"param": "under", "empty": False, "value": style.INK},
            "value": style.PAPER,
        },
        strokeWidth={"condition": {"param": "under", "empty": False, "value": 2}, "value": 0.4},
        tooltip=tips(columns, ("error", "+.1f")),
    )
    drawn["projection"] = {"type": "identity", "reflectY": True}
    pointed = {"type": "point", "fields": ["code"], "on": "pointerover", "clear": "pointerout"}
    drawn["params"] = [{"name": "under", "select": pointed}]
    spec = chart_of(
        drawn,
        dated=True,
        click="candidate",
        one={"method": order},
        panels=Panels(
            field="candidate",
            order=[context.surnames[one] for one in by_votes],
            most=MAPS,
            shown=MAPS,
            ratio=_ratio(shapes),
        ),
        title={"text": {"expr": shown_of("method", order)}},
    )
    caption = caption_of(
        context,
        len(known),
        len(known - set(names)),
        reach=reach,
        enlarged=set(PARIS) <= set(names),
    )
    return Chart(spec=spec, rows=rows, columns=columns, caption=caption, more={"shapes": shapes})


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
            "date": every["as_of"].map({moment: i for i, moment in enumerate(vote.dates)}),
            "method": every["predictor"].map(vote.labels),
            "candidate": every["candidate"].map(context.surnames),
            "code": every["area"],
            "area": every["area"].map(names).fillna(every["area"]),
            "share": share.round(1).to_numpy(),
            "outcome": (share - found["error_pp"]).round(1).to_numpy(),
            "error": found["error_pp"].round(1).to_numpy(),
        }
    )


def map_shapes(path: Path) -> pd.DataFrame:
    """The outlines on a plane as GeoJSON features, Paris and its neighbours once more, enlarged.

    Thousandths of a degree of latitude, as Europe is too small for a projection to matter.
    """
    far, near = outlines(path, FINE_DEG), outlines(path, INSET_DEG)
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
    return pd.DataFrame(
        {
            "code": list(rings),
            "type": "Feature",
            "geometry": [
                {
                    "type": "MultiPolygon",
                    "coordinates": [[_closed(ring)] for ring in of],
                }
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

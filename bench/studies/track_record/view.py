"""What the track record shows: every pair of families, and what its ratio depends on."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from bench.core.assurance import MARK, is_marked
from bench.core.language import _, in_form
from bench.core.settings import Experiment
from bench.metrics.calibration import groups_with_curve
from bench.metrics.comparison.ratios import LEVEL, MIN_CLUSTERS, NEAR
from bench.report.figure import Axis, DrawnBy, Figure, Mark
from bench.report.formatting import MISSING, format_fixed, format_significant
from bench.report.plotting import style
from bench.report.plotting.reliability import reliability_diagram
from bench.report.report import Report
from bench.report.text import Text
from bench.report.view import view_report
from bench.runner.results import Results
from bench.studies.base import settings_of
from bench.studies.track_record.estimates import OTHER_POLLS, STRATA
from bench.studies.track_record.settings import Settings, families_of, modes_of

Row = Mapping[Any, Any]
FURTHER = ("mae", "crps", "squared_error", "mae_polled")
OF_ALL = ("mae", "crps", "squared_error")  # measures of the whole ballot, which should agree
PAIR = ["stratum", "family", "other"]
text = Text("track_record")


def report(experiment: Experiment, results: Results) -> Report:
    """What the record found."""
    facts = facts_of(experiment, results.tables)
    facts["n_forecasts"] = int(results.tables["answers"]["answered"].sum())
    return view_report(
        "track_record",
        facts,
        frames_of(results.tables, facts),
        _figures(results.tables, facts),
    )


def facts_of(experiment: Experiment, tables: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    """What the texts know: labels of families, what is shown of each, on how much they rest.

    Parameters
    ----------
    experiment
        Its settings.
    tables
        pairs, extent, seen, sensitivity.
    """
    settings = settings_of(Settings, experiment)
    families = families_of(experiment)
    marked = [key for key, one in families.items() if any(map(is_marked, one.predictors))]
    labels = {key: one.called + MARK * (key in marked) for key, one in families.items()}
    labels |= {key: one.called for key, one in modes_of(experiment).items()}
    labels[OTHER_POLLS] = text("other_polls")
    facts: dict[str, Any] = {
        "labels": labels,
        "reference": settings.reference,
        "base": settings.map_beside,
        "title": _(experiment.title),
        "source": text("source"),
        "near": NEAR,
        "n_least": MIN_CLUSTERS,
        "main_day": settings.main_day,
        "days_before": experiment.days_before,
        "lags_days": settings.lags_days,
    }
    pairs, sensitivity = (
        rows[~rows[["family", "other"]].isin(marked).any(axis=1)]
        for rows in (tables["pairs"], tables["sensitivity"])
    )
    clustered = sensitivity[sensitivity["clustered_low"].notna()]
    compared = pairs[pairs["kind"].eq("shares") & pairs["primary"]]
    compared = compared.assign(other_measures=_other_directions(pairs))
    compared = compared.merge(clustered[[*PAIR, "clustered_direction"]], on=PAIR, how="left")
    by_country = compared["clustered_direction"].fillna(compared["direction"])
    beside_reference = compared[compared["other"].eq(settings.reference)]
    tested = pairs.loc[pairs["other"].eq(settings.reference) & pairs["p"].notna(), "family"]
    seen = tables["seen"].sort_values("days", ascending=False, kind="stable")
    seldom = seen[seen["days"].gt(0) & ~seen["family"].isin([*tested, *marked])]
    return facts | {
        "strata": [
            {"stratum": stratum, **_shown(beside_reference, stratum)} for stratum in STRATA[::-1]
        ],
        "seldom": seldom[["family", "days"]].to_dict("records"),
        "extent": _extent(tables["extent"]),
        "unlike": _in_strata(sensitivity[sensitivity["interaction_p"] < LEVEL], facts),
        "n_clustered": len(clustered),
        "moved": _in_strata(compared[by_country.ne(compared["direction"])], facts),
    }


def _other_directions(pairs: pd.DataFrame) -> pd.Series:
    """Of each row by the primary measure: other directions, each with the measures that show it."""
    whole = pairs[pairs["measure"].isin(OF_ALL) & pairs["p"].notna()]
    differing: dict[Any, list[dict[Any, Any]]] = {place: [] for place in pairs.index}
    for _key, rows in whole.groupby(["kind", *PAIR], sort=False):
        for place, direction in rows.loc[rows["primary"], "direction"].items():
            others = rows[rows["direction"].ne(direction)].groupby("direction", sort=False)
            differing[place] = [
                {"direction": other, "measures": list(measures)}
                for other, measures in others["measure"]
            ]
    return pd.Series(differing, dtype=object)


def _shown(rows: pd.DataFrame, stratum: str) -> dict[str, list[dict[Any, Any]]]:
    """The kinds of a stratum that have an interval: with a direction, near, and neither."""
    rows = rows[rows["stratum"].eq(stratum) & rows["p"].notna()]
    rows = rows.sort_values("ratio", kind="stable")
    has_direction = rows["direction"].ne("not_shown")
    is_near = ~has_direction & rows["within"].eq("yes")
    parts = {
        "with_direction": has_direction,
        "near": is_near,
        "open": ~has_direction & ~is_near,
    }
    return {name: rows[chosen].to_dict("records") for name, chosen in parts.items()}


def _extent(extent: pd.DataFrame) -> dict[str, Any]:
    """On how much the record rests, and what most of its votes are."""
    whole = extent[extent["stratum"].eq("all")].iloc[0]
    votes = extent[extent["country"].eq("all")].set_index("stratum")["votes"]
    most = extent[extent["country"].ne("all")].sort_values("votes", kind="stable").iloc[-1]
    return {
        **{key: int(whole[key]) for key in ("days", "votes", "countries", "unanswered")},
        "first": pd.Timestamp(whole["first_on"]),
        "last": pd.Timestamp(whole["last_on"]),
        **{stratum: int(votes.get(stratum, 0)) for stratum in STRATA},
        "n": int(most["votes"]),
        "stratum": most["stratum"],
        "country": most["country"],
    }


def _in_strata(rows: pd.DataFrame, facts: Mapping[str, Any]) -> list[str]:
    """Pairs within a sentence, each with its kind of votes."""
    strata = text.words("strata")
    return [
        f"{pair_of({**row, 'kind': 'shares'}, facts).lower()} ({strata[row['stratum']]})"
        for row in rows.to_dict("records")
    ]


def pair_of(row: Row, facts: Mapping[str, Any]) -> str:
    """A pair as a table names it: the second only where it is not that of the whole block."""
    usual = {"polls": OTHER_POLLS, "map": facts["base"]}.get(row["kind"], facts["reference"])
    other = "" if row["other"] in (usual, "") else row["other"]
    return text("pair", labels=facts["labels"], family=row["family"], other=other)


def ratio_cell(row: Row, value: str = "ratio", low: str = "low", high: str = "high") -> str:
    """A ratio with its interval, for a table.

    Examples
    --------
    >>> ratio_cell({"a": 1.234, "l": 1.1, "h": 1.4}, "a", "l", "h")
    '1.23 (1.10–1.40)'
    """
    if row.get(value) is None or not math.isfinite(row[value]):
        return MISSING
    if row.get(low) is None or row[low] != row[low]:
        return in_form(f"{row[value]:.2f}")
    return in_form(f"{row[value]:.2f} ({row[low]:.2f}–{row[high]:.2f})")


def frames_of(
    tables: Mapping[str, pd.DataFrame], facts: Mapping[str, Any]
) -> dict[str, pd.DataFrame]:
    """The tables with the rows that people see.

    Parameters
    ----------
    tables
        Of the results, or some of them.
    facts
        As of `facts_of`.
    """
    makers: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
        "pairs": partial(_wide, facts=facts),
        "countries": partial(_by_country, facts=facts),
        "moments": partial(_by_day, facts=facts),
        "sensitivity": partial(_sensitivity, facts=facts),
        "extent": lambda rows: rows[rows["country"].ne("all")],
        "seen": lambda rows: rows[rows["days"].gt(0)],
        "left_out": lambda rows: rows.groupby("why").size().rename("votes").reset_index(),
    }
    made = {
        f"{name}_shown": make(tables[name])
        for name, make in makers.items()
        if len(tables.get(name, ()))
    }
    return {**tables, **made}


def _wide(pairs: pd.DataFrame, facts: Mapping[str, Any]) -> pd.DataFrame:
    """One row per pair, the best first: its primary measure, and others as cells."""
    keys = ["kind", *PAIR]
    cells = pairs.assign(
        cell=[ratio_cell(row) for row in pairs.to_dict("records")],
        other_measures=_other_directions(pairs),
    )
    main = cells[cells["primary"]].set_index(keys)
    for measure in FURTHER:
        mine = cells[cells["measure"].eq(measure)].set_index(keys)
        main[measure] = mine["cell"].reindex(main.index)
        if measure == "squared_error":
            worth = ["interviews", "interviews_other"]
            main[worth] = mine[worth].reindex(main.index)
    main[list(FURTHER)] = main[list(FURTHER)].fillna(MISSING)
    main.loc[main.index.get_level_values("stratum") == "two", "mae_polled"] = MISSING
    found = main.reset_index().sort_values("ratio", kind="stable")
    rows = found.to_dict("records")
    return found.assign(
        block=found["kind"] + " " + found["stratum"],
        pair=[pair_of(row, facts) for row in rows],
        direction_cell=[
            text("direction_cell", direction=row["direction"], other_measures=row["other_measures"])
            for row in rows
        ],
        worth=[_worth(row) for row in rows],
    )


def _worth(row: Row) -> str:
    """What the first and the second are worth in interviews; of single polls, of how many."""
    worth = [format_significant(row[f"interviews{end}"], 2) for end in ("", "_other")]
    if row["kind"] == "polls":
        asked = [format_significant(row[f"asked{end}"], 2) for end in ("", "_other")]
        worth = [f"{one}/{of}" for one, of in zip(worth, asked, strict=True)]
    return worth[0] if worth[0] == MISSING else f"{worth[0]} ({worth[1]})"


def _by_country(rows: pd.DataFrame, facts: Mapping[str, Any]) -> pd.DataFrame:
    """Of the countries in which a pair has an interval."""
    rows = rows[rows["p"].notna()]
    parts = [
        _wide(here, facts).assign(country=country) for country, here in rows.groupby("country")
    ]
    return pd.concat(parts).sort_values([*PAIR, "country"], kind="stable")


def _by_day(rows: pd.DataFrame, facts: Mapping[str, Any]) -> pd.DataFrame:
    """Ratios with intervals and election days, a column for each day before the vote."""
    cell = [f"{ratio_cell(row)}, {row['days']}" for row in rows.to_dict("records")]
    keys = [*PAIR, "measure"]
    wide = rows.assign(cell=cell).pivot(index=keys, columns="days_before", values="cell")
    found = wide[wide.columns[::-1]].add_prefix("days_").fillna(MISSING).reset_index()
    is_own = found["family"].eq(found["other"])
    pair = [pair_of({**row, "kind": "shares"}, facts) for row in found.to_dict("records")]
    found = found.assign(pair=pair, rest=~is_own)
    return found.sort_values(["stratum", "rest"], kind="stable")


def _sensitivity(rows: pd.DataFrame, facts: Mapping[str, Any]) -> pd.DataFrame:
    records = rows.to_dict("records")
    return rows.assign(
        pair=[pair_of({**row, "kind": "shares"}, facts) for row in records],
        clustered=[
            MISSING
            if pd.isna(row["clustered_low"])
            else ratio_cell(row, low="clustered_low", high="clustered_high")
            for row in records
        ],
        without_country=[
            MISSING
            if pd.isna(row["without_ratio"])
            else f"{format_fixed(row['without_ratio'], 2)} {row['without']}"
            for row in records
        ],
    )


def _figures(
    tables: Mapping[str, pd.DataFrame], facts: Mapping[str, Any]
) -> dict[str, Figure | DrawnBy]:
    said = tables["events"]
    found: dict[str, Figure | DrawnBy] = {"forest": forest(tables["pairs"], facts)}
    if groups_with_curve(said["family"]):
        drawn = {
            "probability": said["chance"].to_numpy(dtype=float),
            "happened": said["came"].to_numpy(dtype=float),
            "group": said["family"].to_numpy(dtype=object),
            "title": text("reliability_figure_title"),
            "source": facts["source"],
            "about": text("reliability_about"),
            "names": facts["labels"],
        }
        found["reliability"] = DrawnBy(reliability_diagram, drawn)
    return found


TICKS = (0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 7, 10, 15, 20, 30, 50)


def forest_rows(pairs: pd.DataFrame, facts: Mapping[str, Any]) -> pd.DataFrame:
    """Errors of vote shares beside the reference by the primary measure, the best first."""
    rows = pairs[pairs["kind"].eq("shares") & pairs["primary"]]
    rows = rows[rows["other"].eq(facts["reference"])].sort_values("ratio", kind="stable")
    parts = [rows[rows["stratum"].eq(stratum)] for stratum in STRATA]
    return pd.concat(parts, ignore_index=True)


def forest(pairs: pd.DataFrame, facts: Mapping[str, Any]) -> Figure:
    """The error of every family beside the reference in every stratum, with its interval.

    Parameters
    ----------
    pairs
        The table of that name.
    facts
        Of the texts; the family at 1 is their `reference`.
    """
    rows, strata = forest_rows(pairs, facts), text.words("strata")
    heads = rows.groupby("stratum", sort=False).size()
    names: list[str] = []
    for stratum in heads.index:
        mine = rows.loc[rows["stratum"].eq(stratum), "family"]
        names += [strata[stratum], *(facts["labels"][family] for family in mine)]
    after = 1 + rows["stratum"].map({one: n for n, one in enumerate(heads.index)})
    beside = rows[["days", "votes", "countries"]].astype(int)
    rows = rows.assign(
        place=np.arange(len(rows)) + after,
        family=rows["family"].map(facts["labels"]),
        set=rows["stratum"].map(strata),
        measure=rows["measure"].map(text.words("measures")),
        hollow=rows["low"].isna(),
        beside=[f"{days:,} · {votes:,} · {n}" for days, votes, n in beside.to_numpy().tolist()],
    )
    margin = pd.DataFrame({"low": [NEAR[0]], "high": [NEAR[1]]})
    directions = {key: int(rows["direction"].eq(key).sum()) for key in text.words("directions")}
    return Figure(
        **text.figure("forest", **{**facts, **directions, "n": len(rows)}),
        x=Axis(label=text("forest_axis", **facts), scale="log", ticks=TICKS),
        y=Axis(names=names, bold=list(strata.values())),
        columns=text.words("forest_columns"),
        height=0.3,
        per_row=0.21,
        marks=(
            Mark("span", margin, "low", to="high", look={"color": style.GRID}),
            Mark("at", x=1, look={"color": style.METHOD_COLOURS["baselines"]}),
            Mark("rule", rows, "low", "place", "high"),
            Mark("dot", rows, "ratio", "place", hollow="hollow", look={"size": 0.6}),
            Mark("text", rows, y="place", text="beside", look={"ink": style.SOFT}),
        ),
    )

"""What the track record shows: every pair of families, and what its ratio depends on."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple, TypedDict

import numpy as np
import pandas as pd

from bench.core.assurance import MARK, is_marked
from bench.core.settings import Experiment
from bench.metrics.calibration import groups_with_curve
from bench.metrics.comparison.ratios import LEVEL, MIN_CLUSTERS, NEAR
from bench.report.columns import in_words
from bench.report.context import experiment_title
from bench.report.document import AnyFigure, Document, MakeFigure, MakeTable, Words, table_of
from bench.report.figure import Axis, DrawnBy, Figure, Mark
from bench.report.formatting import MISSING, format_fixed, format_significant, in_form
from bench.report.plotting import style
from bench.report.plotting.reliability import reliability_diagram
from bench.report.report import Report
from bench.runner.results import Results
from bench.studies.base import settings_of
from bench.studies.track_record.estimates import OTHER_POLLS, STRATA
from bench.studies.track_record.settings import Settings, families_of, modes_of

Row = Mapping[Any, Any]
FURTHER = ("mae", "crps", "squared_error", "mae_polled")
OF_ALL = ("mae", "crps", "squared_error")  # measures of the whole ballot, which should agree
PAIR = ["stratum", "family", "other"]
TICKS = (0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 7, 10, 15, 20, 30, 50)
IN_FOREST = ("family", "set", "measure", "ratio", "low", "high", "days")


class OtherDirection(NamedTuple):
    """A direction that measures show, which is not that of the primary one."""

    direction: str
    measures: Sequence[str]


class Compared(NamedTuple):
    """A family compared with the reference on `n_days` election days.

    `other_directions` of other measures; `by_country` is the direction with intervals by country
    where it is another one, else empty.
    """

    family: str
    n_days: int
    ratio: float
    measure: str
    other_directions: Sequence[OtherDirection]
    by_country: str


class Seen(NamedTuple):
    """A family, and on how many election days it was seen."""

    family: str
    n_days: int


class Stratum(NamedTuple):
    """The families of a stratum that have an interval: with a direction, near 1, and neither."""

    key: str
    with_direction: list[Compared]
    near: list[Compared]
    open: list[Compared]


class Extent(NamedTuple):
    """On how much the record rests, and its largest part: a stratum in one country."""

    n_days: int
    n_votes: int
    n_countries: int
    n_unanswered: int
    first_on: pd.Timestamp
    last_on: pd.Timestamp
    n_two: int
    n_more: int
    largest_votes: int
    largest_stratum: str
    largest_country: str


class Directions(NamedTuple):
    """How many of the pairs of the figure show a smaller and a larger error, and no direction."""

    n_pairs: int
    n_better: int
    n_worse: int
    n_not_shown: int


class Facts(TypedDict):
    """What the document knows.

    `reference` and `map_reference` are the labels of the families that others are compared with.
    Pairs whose ratio differs between countries are `unlike`, those that show another direction
    with intervals by country `moved`.
    """

    title: str
    source: str
    reference: str
    map_reference: str
    near: tuple[float, float]
    min_clusters: int
    main_day: int
    days_before: list[int]
    lags_days: Sequence[int]
    n_forecasts: int
    extent: Extent
    strata: list[Stratum]
    seldom: list[Seen]
    forest: Directions
    unlike: list[str]
    n_clustered: int
    moved: list[str]


PAGE = Document(
    "track_record",
    Facts,
    tables=(
        *("pairs", "countries", "moments", "sensitivity"),
        *("seen", "extent", "answers", "left_out"),
    ),
    figures=("forest", "reliability"),
)


@dataclass(frozen=True, kw_only=True)
class FamilyNames:
    """What the families are called.

    Attributes
    ----------
    labels : mapping of str to str
        By key, of families and of kinds of polls, with the mark of those that carry it.
    marked : list of str
        Families with a predictor that carries the mark.
    reference, map_reference : str
        Keys of the families that others are compared with.
    """

    labels: Mapping[str, str]
    marked: list[str]
    reference: str
    map_reference: str

    @classmethod
    def of(cls, experiment: Experiment) -> FamilyNames:
        """Those of an experiment, in the current language."""
        settings, families = settings_of(Settings, experiment), families_of(experiment)
        marked = [key for key, family in families.items() if any(map(is_marked, family.predictors))]
        labels = {key: family.called + MARK * (key in marked) for key, family in families.items()}
        labels |= {key: mode.called for key, mode in modes_of(experiment).items()}
        return cls(
            labels=labels,
            marked=marked,
            reference=settings.reference,
            map_reference=settings.map_beside,
        )

    def pair(self, family: str, other: str, kind: str = "shares") -> str:
        """A pair as a table names it: the second only where it is not that of the whole block."""
        usual = {"polls": OTHER_POLLS, "map": self.map_reference}.get(kind, self.reference)
        label = "" if other in (usual, "") else self.labels[other]
        return PAGE.text("pair", family=self.labels[family], other=label)

    def pairs(self, rows: pd.DataFrame) -> list[str]:
        """The pair of every row; `kind` is that of shares where there is none."""
        kinds = rows.get("kind", pd.Series("shares", rows.index))
        return list(map(self.pair, rows["family"], rows["other"], kinds))


def report(experiment: Experiment, results: Results) -> Report:
    """What the record found."""
    tables, names = results.tables, FamilyNames.of(experiment)
    n_forecasts = int(tables["answers"]["answered"].sum())
    facts = facts_of(experiment, tables, n_forecasts)
    figures: dict[str, AnyFigure | MakeFigure] = {
        "forest": partial(forest, forest_rows(tables["pairs"], names), names)
    }
    if groups_with_curve(tables["events"]["family"]):
        figures["reliability"] = partial(_reliability, tables["events"], names)
    return PAGE.report(facts, tables_of(tables, names), figures)


def facts_of(
    experiment: Experiment, tables: Mapping[str, pd.DataFrame], n_forecasts: int = 0
) -> Facts:
    """What the document knows.

    Parameters
    ----------
    experiment
        Its settings.
    tables
        pairs, extent, seen, sensitivity.
    n_forecasts
        Answers of all families.
    """
    settings, names = settings_of(Settings, experiment), FamilyNames.of(experiment)
    pairs, sensitivity = (
        rows[~rows[["family", "other"]].isin(names.marked).any(axis=1)]
        for rows in (tables["pairs"], tables["sensitivity"])
    )
    clustered = sensitivity[sensitivity["clustered_low"].notna()]
    compared = pairs[pairs["kind"].eq("shares") & pairs["primary"]]
    compared = compared.assign(other_directions=_other_directions(pairs))
    compared = compared.merge(clustered[[*PAIR, "clustered_direction"]], on=PAIR, how="left")
    by_country = compared["clustered_direction"].fillna(compared["direction"])
    has_moved = by_country.ne(compared["direction"])
    compared = compared.assign(by_country=by_country.where(has_moved, ""))
    with_reference = compared[compared["other"].eq(names.reference)]
    strata = [_stratum(with_reference, key, names) for key in STRATA[::-1]]
    return Facts(
        title=experiment_title(experiment),
        source=PAGE.text("sources"),
        reference=names.labels[names.reference],
        map_reference=names.labels.get(names.map_reference, ""),
        near=NEAR,
        min_clusters=MIN_CLUSTERS,
        main_day=settings.main_day,
        days_before=list(experiment.days_before),
        lags_days=settings.lags_days,
        n_forecasts=n_forecasts,
        extent=_extent(tables["extent"]),
        strata=[
            stratum for stratum in strata if stratum.with_direction or stratum.near or stratum.open
        ],
        seldom=_seldom(tables["seen"], pairs, names),
        forest=_directions(forest_rows(tables["pairs"], names)),
        unlike=_in_strata(sensitivity[sensitivity["interaction_p"] < LEVEL], names),
        n_clustered=len(clustered),
        moved=_in_strata(compared[has_moved], names),
    )


def _other_directions(pairs: pd.DataFrame) -> pd.Series:
    """Of each row by the primary measure: other directions, each with the measures that show it."""
    whole = pairs[pairs["measure"].isin(OF_ALL) & pairs["p"].notna()]
    differing: dict[Any, list[OtherDirection]] = {place: [] for place in pairs.index}
    for _key, rows in whole.groupby(["kind", *PAIR], sort=False):
        for place, direction in rows.loc[rows["primary"], "direction"].items():
            others = rows[rows["direction"].ne(direction)].groupby("direction", sort=False)
            differing[place] = [
                OtherDirection(str(other), list(measures)) for other, measures in others["measure"]
            ]
    return pd.Series(differing, dtype=object)


def _stratum(rows: pd.DataFrame, key: str, names: FamilyNames) -> Stratum:
    rows = rows[rows["stratum"].eq(key) & rows["p"].notna()]
    rows = rows.sort_values("ratio", kind="stable")
    has_direction = rows["direction"].ne("not_shown")
    is_near = ~has_direction & rows["within"].eq("yes")
    return Stratum(
        key=key,
        with_direction=_compared(rows[has_direction], names),
        near=_compared(rows[is_near], names),
        open=_compared(rows[~has_direction & ~is_near], names),
    )


def _compared(rows: pd.DataFrame, names: FamilyNames) -> list[Compared]:
    return [
        Compared(
            family=names.labels[row["family"]],
            n_days=row["days"],
            ratio=row["ratio"],
            measure=row["measure"],
            other_directions=row["other_directions"],
            by_country=row["by_country"],
        )
        for row in rows.to_dict("records")
    ]


def _seldom(seen: pd.DataFrame, pairs: pd.DataFrame, names: FamilyNames) -> list[Seen]:
    """Families that were seen beside the reference, and have no interval."""
    tested = pairs.loc[pairs["other"].eq(names.reference) & pairs["p"].notna(), "family"]
    rows = seen[seen["days"].gt(0) & ~seen["family"].isin([*tested, *names.marked])]
    rows = rows.sort_values("days", ascending=False, kind="stable")
    return [Seen(names.labels[row["family"]], row["days"]) for row in rows.to_dict("records")]


def _extent(extent: pd.DataFrame) -> Extent:
    whole = extent[extent["stratum"].eq("all")].iloc[0]
    n_votes = extent[extent["country"].eq("all")].set_index("stratum")["votes"]
    by_country = extent[extent["country"].ne("all")]
    largest = by_country.sort_values("votes", kind="stable").iloc[-1]
    return Extent(
        n_days=int(whole["days"]),
        n_votes=int(whole["votes"]),
        n_countries=int(whole["countries"]),
        n_unanswered=int(whole["unanswered"]),
        first_on=pd.Timestamp(whole["first_on"]),
        last_on=pd.Timestamp(whole["last_on"]),
        n_two=int(n_votes.get("two", 0)),
        n_more=int(n_votes.get("more", 0)),
        largest_votes=int(largest["votes"]),
        largest_stratum=largest["stratum"],
        largest_country=in_words(largest["country"], "country"),
    )


def _directions(rows: pd.DataFrame) -> Directions:
    counts = rows["direction"].value_counts()
    return Directions(
        len(rows), *(int(counts.get(key, 0)) for key in ("better", "worse", "not_shown"))
    )


def _in_strata(rows: pd.DataFrame, names: FamilyNames) -> list[str]:
    """Pairs within a sentence, each with its kind of votes."""
    pairs = zip(names.pairs(rows), rows["stratum"], strict=True)
    return [f"{pair.lower()} ({votes_of(stratum)})" for pair, stratum in pairs]


def votes_of(stratum: str) -> str:
    """What the votes of a stratum are called."""
    return PAGE.text("votes_of", stratum=stratum)


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


def tables_of(tables: Mapping[str, pd.DataFrame], names: FamilyNames) -> dict[str, MakeTable]:
    """The tables of the page, of those of the results that have rows.

    Parameters
    ----------
    tables
        Of the results, or some of them.
    names
        Of the families.
    """
    makers: dict[str, Callable[[pd.DataFrame, FamilyNames], MakeTable]] = {
        "pairs": _pairs_table,
        "countries": _countries_table,
        "moments": _moments_table,
        "sensitivity": _sensitivity_table,
        "seen": _seen_table,
        "extent": _extent_table,
        "answers": _answers_table,
        "left_out": _left_out_table,
    }
    return {
        name: make(tables[name], names)
        for name, make in makers.items()
        if len(tables.get(name, ()))
    }


def _pairs_table(pairs: pd.DataFrame, names: FamilyNames) -> MakeTable:
    return table_of(
        pairs,
        shown=_wide(pairs, names),
        show=[
            *("pair", "days", "votes", "countries", "ratio", "measure", "direction", "within"),
            *("detectable", "mae", "crps", "squared_error", "mae_polled", "p_holm", "interviews"),
        ],
        columns={
            "days": "0",
            "votes": "0",
            "countries": "0",
            "ratio": {"text": "cell", "numeric": True},
            "direction": {"text": "direction_cell"},
            "detectable": "2",
            "mae": "",
            "crps": "",
            "squared_error": "",
            "mae_polled": "",
            "p_holm": "<3",
            "interviews": {"text": "worth", "numeric": True},
        },
        block_by="block",
        filters=[],
        terminal=True,
    )


def _countries_table(countries: pd.DataFrame, names: FamilyNames) -> MakeTable:
    return table_of(
        countries,
        shown=_by_country(countries, names),
        show=[
            *("pair", "stratum", "country", "days", "votes", "ratio", "measure"),
            *("direction", "within", "detectable", "mae_polled"),
        ],
        columns={
            "days": "0",
            "ratio": {"text": "cell", "numeric": True},
            "detectable": "2",
            "mae_polled": {"form": ""},
        },
        filters=["country"],
    )


def _moments_table(moments: pd.DataFrame, names: FamilyNames) -> MakeTable:
    return table_of(
        moments,
        shown=_by_day(moments, names),
        show=["pair", "measure", "days_*"],
        columns={"days_*": {"numeric": True}},
        block_by="stratum",
        filters=[],
    )


def _sensitivity_table(sensitivity: pd.DataFrame, names: FamilyNames) -> MakeTable:
    return table_of(
        sensitivity,
        shown=_with_intervals(sensitivity, names),
        show=[
            *("pair", "measure", "ratio", "clustered_low", "countries_alike", "without_ratio"),
            *("two_way", "votes_alike", "lag_*", "interaction_p", "correlation"),
        ],
        columns={
            "clustered_low": {"form": "2", "text": "clustered", "numeric": True},
            "without_ratio": {"form": "2", "text": "without_country", "numeric": True},
            **dict.fromkeys(("countries_alike", "two_way", "votes_alike", "lag_*"), "2"),
            "interaction_p": "<3",
            "correlation": "2",
        },
        block_by="stratum",
        filters=[],
    )


def _seen_table(seen: pd.DataFrame, names: FamilyNames) -> MakeTable:
    rows = seen[seen["days"].gt(0)]
    return table_of(
        seen,
        shown=rows.assign(family=rows["family"].replace(dict(names.labels))),
        show=["family", "days", "votes", "countries"],
        columns={"days": "0", "countries": "0"},
        filters=[],
    )


def _extent_table(extent: pd.DataFrame, _names: FamilyNames) -> MakeTable:
    return table_of(
        extent,
        shown=extent[extent["country"].ne("all")],
        show=["country", "days", "votes", "first_on", "last_on", "unanswered"],
        columns={"days": "0", "unanswered": "0"},
        block_by="stratum",
        filters=[],
    )


def _answers_table(answers: pd.DataFrame, names: FamilyNames) -> MakeTable:
    counts = ("asked", "answered", "ranked", "partial", "chances_only", "abstained", "failed")
    return table_of(
        answers,
        shown=answers.assign(family=answers["family"].replace(dict(names.labels))),
        columns=dict.fromkeys(counts, "0"),
        filters=["family"],
    )


def _left_out_table(left_out: pd.DataFrame, _names: FamilyNames) -> MakeTable:
    counts = left_out.groupby("why").size().rename("votes").reset_index()
    return table_of(left_out, shown=counts, filters=[])


def _wide(pairs: pd.DataFrame, names: FamilyNames) -> pd.DataFrame:
    """One row per pair, the best first: its primary measure, and others as cells."""
    keys = ["kind", *PAIR]
    cells = pairs.assign(
        cell=[ratio_cell(row) for row in pairs.to_dict("records")],
        other_directions=_other_directions(pairs),
    )
    wide = cells[cells["primary"]].set_index(keys)
    for measure in FURTHER:
        of_measure = cells[cells["measure"].eq(measure)].set_index(keys)
        wide[measure] = of_measure["cell"].reindex(wide.index)
        if measure == "squared_error":
            interviews = ["interviews", "interviews_other"]
            wide[interviews] = of_measure[interviews].reindex(wide.index)
    wide[list(FURTHER)] = wide[list(FURTHER)].fillna(MISSING)
    wide.loc[wide.index.get_level_values("stratum") == "two", "mae_polled"] = MISSING
    wide = wide.reset_index().sort_values("ratio", kind="stable")
    directions = zip(wide["direction"], wide["other_directions"], strict=True)
    return wide.assign(
        block=wide["kind"] + " " + wide["stratum"],
        pair=names.pairs(wide),
        direction_cell=[
            PAGE.text("direction_cell", direction=direction, other_directions=others)
            for direction, others in directions
        ],
        worth=[_worth(row) for row in wide.to_dict("records")],
    )


def _worth(row: Row) -> str:
    """What the first and the second are worth in interviews; of single polls, of how many."""
    first, second = (_interviews(row, end) for end in ("", "_other"))
    return first if first == MISSING else f"{first} ({second})"


def _interviews(row: Row, end: str) -> str:
    worth = format_significant(row[f"interviews{end}"], 2)
    if row["kind"] != "polls":
        return worth
    return f"{worth}/{format_significant(row[f'asked{end}'], 2)}"


def _by_country(countries: pd.DataFrame, names: FamilyNames) -> pd.DataFrame:
    """Of the countries in which a pair has an interval."""
    with_interval = countries[countries["p"].notna()]
    parts = [
        _wide(rows, names).assign(country=country)
        for country, rows in with_interval.groupby("country")
    ]
    return pd.concat(parts).sort_values([*PAIR, "country"], kind="stable")


def _by_day(moments: pd.DataFrame, names: FamilyNames) -> pd.DataFrame:
    """Ratios with intervals and election days, a column for each day before the vote."""
    cells = [f"{ratio_cell(row)}, {row['days']}" for row in moments.to_dict("records")]
    keys = [*PAIR, "measure"]
    wide = moments.assign(cell=cells).pivot(index=keys, columns="days_before", values="cell")
    wide = wide[wide.columns[::-1]].add_prefix("days_").fillna(MISSING).reset_index()
    is_pair = wide["family"].ne(wide["other"])  # the reference compared with itself goes first
    wide = wide.assign(pair=names.pairs(wide), is_pair=is_pair)
    return wide.sort_values(["stratum", "is_pair"], kind="stable")


def _with_intervals(sensitivity: pd.DataFrame, names: FamilyNames) -> pd.DataFrame:
    rows = sensitivity.to_dict("records")
    return sensitivity.assign(
        pair=names.pairs(sensitivity),
        clustered=[_clustered(row) for row in rows],
        without_country=[_without_country(row) for row in rows],
    )


def _clustered(row: Row) -> str:
    if math.isnan(row["clustered_low"]):
        return MISSING
    return ratio_cell(row, low="clustered_low", high="clustered_high")


def _without_country(row: Row) -> str:
    if math.isnan(row["without_ratio"]):
        return MISSING
    return f"{format_fixed(row['without_ratio'], 2)} {row['without']}"


def forest_rows(pairs: pd.DataFrame, names: FamilyNames) -> pd.DataFrame:
    """Errors of vote shares beside the reference by the primary measure, the best first."""
    rows = pairs[pairs["kind"].eq("shares") & pairs["primary"]]
    rows = rows[rows["other"].eq(names.reference)].sort_values("ratio", kind="stable")
    parts = [rows[rows["stratum"].eq(stratum)] for stratum in STRATA]
    return pd.concat(parts, ignore_index=True)


def forest(rows: pd.DataFrame, names: FamilyNames, words: Words) -> Figure:
    """The error of every family beside the reference in every stratum, with its interval.

    Parameters
    ----------
    rows
        From `forest_rows`.
    names
        Of the families; the reference is at 1.
    words
        Of the section; labels head the columns.
    """
    strata = {stratum: votes_of(stratum) for stratum in rows["stratum"].unique()}
    measures = {key: PAGE.text("measure", key=key) for key in rows["measure"].unique()}
    lines: list[str] = []
    for stratum, heading in strata.items():
        families = rows.loc[rows["stratum"].eq(stratum), "family"]
        lines += [heading, *(names.labels[family] for family in families)]
    n_headings = {stratum: number for number, stratum in enumerate(strata, start=1)}
    counts = rows[["days", "votes", "countries"]].astype(int).to_numpy().tolist()
    drawn = rows.assign(
        place=np.arange(len(rows)) + rows["stratum"].map(n_headings),
        family=rows["family"].map(dict(names.labels)),
        set=rows["stratum"].map(strata),
        measure=rows["measure"].map(measures),
        hollow=rows["low"].isna(),
        beside=[in_form(" · ".join(f"{n:,}" for n in row)) for row in counts],
    )
    margin = pd.DataFrame({"low": [NEAR[0]], "high": [NEAR[1]]})
    return Figure(
        x=Axis(scale="log", ticks=TICKS),
        y=Axis(names=lines, bold=[votes_of(stratum) for stratum in STRATA]),
        columns={key: words.labels[key] for key in IN_FOREST},
        height=0.3,
        per_row=0.21,
        marks=(
            Mark("span", margin, "low", to="high", look={"color": style.GRID}),
            Mark("at", x=1, look={"color": style.METHOD_COLOURS["baselines"]}),
            Mark("rule", drawn, "low", "place", "high"),
            Mark("dot", drawn, "ratio", "place", hollow="hollow", look={"size": 0.6}),
            Mark("text", drawn, y="place", text="beside", look={"ink": style.SOFT}),
        ),
    )


def _reliability(events: pd.DataFrame, names: FamilyNames, words: Words) -> DrawnBy:
    """How often the events of every family came that it gave a chance."""
    settings = {
        "probability": events["chance"].to_numpy(dtype=float),
        "happened": events["came"].to_numpy(dtype=float),
        "group": events["family"].to_numpy(dtype=object),
        "title": words["title"],
        "source": PAGE.text("sources"),
        "about": words["caption"],
        "names": names.labels,
    }
    return DrawnBy(reliability_diagram, settings)

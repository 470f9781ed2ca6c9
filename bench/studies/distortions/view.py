"""What distortions move: the facts of the document, tables and figures."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import NamedTuple, TypedDict

import pandas as pd

from bench.core.arrays import SORTED_DIGITS, sorted_digits
from bench.core.options import labels
from bench.core.settings import Experiment
from bench.report.columns import in_words
from bench.report.comparison import comparison_report
from bench.report.context import names_of, sources_of, title_of
from bench.report.document import Document, MakeTable, table_of
from bench.report.figure import Axis, Figure, Mark
from bench.report.formatting import format_compact, format_significant
from bench.report.plotting import layout as canvas
from bench.report.plotting import style
from bench.report.report import Report
from bench.report.simulated import (
    MOVED_COLUMNS,
    Simulated,
    moved_in_words,
    signed,
    simulated_evidence,
)
from bench.runner.results import Results
from bench.studies.distortions.rush import Rush, rush_figure, rush_of, timeline_of

MAX_PANELS = 6  # distortions with a panel
WIDE = 50  # largest over smallest positive dose from which the axis is logarithmic
SMALL_PP = 0.5  # of a method that nothing moves
TENTH_PP = 0.1  # least movement and least change of the error of which sentences speak
ONE_SCREEN = 12  # rows; of more, those are shown first whom each distortion moves most
VALUE = {"dose_response": "moved_pp", "error_by_dose": "mae_pp"}  # by figure: the line
BAND = {"dose_response": [], "error_by_dose": ["mae_q05_pp", "mae_q95_pp"]}  # and both its ends
ATTACK, BIAS = "manipulation", "bias"
SIZES = {ATTACK: "moved_pp", BIAS: "added_pp"}  # by kind, what its figures are about
CASE = ["distortion", "predictor"]
MARKS = dict(zip(style.DASHES, "oD^sXP", strict=True))  # told apart without colour
COLUMNS = MOVED_COLUMNS | {
    "replicates": "0",
    "mae_before_pp": "2",
    "through_changed": "%",
    "mae_se_pp": {"form": "2"},
    "p_pair_right": {"form": "%"},
    "p_winner_right": {"form": "%"},
}
OF_BIAS = {
    "electorates": "0",
    "bias_pp": "2",
    "sd_pp": "2",
    "bias_share": "%",
    "p_pair_right": "%",
    "p_winner_right": "%",
}
OF_LARGEST = [
    *("distortion", "predictor", "whom", "moved_pp", "moved_se_pp", "targets_pp", "places"),
    *("through", "through_changed", "turns", "dose", "unit", "mae_before_pp", "mae_pp"),
    "replicates",
]
OF_DOSES = [
    *("distortion", "dose", "unit", "predictor", "whom", "moved_pp", "moved_se_pp", "targets_pp"),
    *("places", "through", "through_changed", "mae_pp", "mae_se_pp", "replicates"),
    *("p_winner_right", "p_pair_right"),
]


class Change(NamedTuple):
    """What the largest dose of a distortion does to a method, means of the replicates.

    `candidate` is whom it serves, or moves most; `unit` is that of the dose in words.
    """

    distortion: str
    predictor: str
    dose: float
    unit: str
    candidate: str
    moved_pp: float
    moved_se_pp: float
    share_before_pp: float
    share_pp: float
    place_before: float
    place: float
    through_changed: float
    mae_before_pp: float
    mae_pp: float
    mae_se_pp: float
    replicates: int


class MethodError(NamedTuple):
    """Mean absolute error of a method without distortion, and how much of it is bias."""

    predictor: str
    mae_pp: float
    mae_q05_pp: float
    mae_q95_pp: float
    replicates: int
    bias_share: float


class LargestDose(NamedTuple):
    """The largest dose of a distortion, with its unit in words."""

    distortion: str
    dose: float
    unit: str


class Facts(TypedDict):
    """What the document knows.

    Cases are pairs of a distortion and a method: `n_attacks` and `n_biases` of them, `n_cells` in
    all, of which the largest dose moves `n_still` by less than a point and adds less than a point
    of error to `n_below_one`. `attack` and `bias` move a candidate most, `most_error` adds most to
    the error. `unmoved` are methods that nothing moves; `least_error` and `worst_error` are those
    without distortion, of `n_undistorted` methods. `has_most_moved` where a table of its own begins
    with what each distortion moves most.
    """

    title: str
    source: str
    simulated: Simulated | None
    rush: Rush | None
    n_replicates: int
    n_electorates: int
    n_methods: int
    n_distortions: int
    n_attacks: int
    n_biases: int
    n_lifted_closer: int
    attack: Change | None
    bias: Change | None
    most_error: Change | None
    unmoved: list[str]
    n_undistorted: int
    least_error: MethodError | None
    worst_error: MethodError | None
    n_cells: int
    n_still: int
    n_below_one: int
    largest_doses: list[LargestDose]
    has_curves_of_attacks: bool
    n_attacks_not_drawn: int
    n_biases_not_drawn: int
    has_most_moved: bool


PAGE = Document(
    "distortions",
    Facts,
    tables=(
        *("most_moved", "largest_doses", "dose_response", "bias_variance"),
        *("verdicts", "validation", "worth"),
    ),
    figures=("rush", "dose_response", "moved_map", "error_by_dose", "heat_map", "worth"),
)


def report(experiment: Experiment, results: Results) -> Report:
    """What every dose moves, for whom, and the error; a comparison where candidates are merged."""
    if "response" not in results.tables:
        return _on_categories(experiment, results)
    names, response = names_of(experiment.elections), results.tables["response"]
    last = largest_doses(response)
    tables = tables_of(response, last, names)
    figures = figures_of(response, last, results.facts["families"], names)
    rush = rush_of(results, names)
    if rush:
        figures["rush"] = rush_figure(results.tables["rush"], rush, names)
    simulated: Simulated | None = None
    if "apart" in results.tables:
        simulated, shared_tables, shared_figures = simulated_evidence(results, names)
        if len(results.tables["apart"]):
            tables["bias_variance"] = table_of(
                results.tables["apart"], columns=OF_BIAS, names=names
            )
        tables |= shared_tables
        figures |= shared_figures
    facts = facts_of(
        results.tables,
        last,
        names,
        simulated,
        rush=rush,
        title=title_of(experiment),
        source=sources_of(experiment.elections),
    )
    timeline = timeline_of(rush, PAGE) if rush else ()
    return PAGE.report(facts, tables, figures, timeline=timeline)


def _on_categories(experiment: Experiment, results: Results) -> Report:
    """The comparison of methods, and why some gave no forecast."""
    methods = results.tables["methods"]
    silent = methods.loc[methods["status"].ne("ok"), ["predictor", "status", "message"]]
    notes = [
        PAGE.text("silent", method=method, status=status, reason=message)
        for method, status, message in silent.drop_duplicates().itertuples(index=False)
    ]
    kicker = PAGE.text("kicker_of_categories")
    return comparison_report(experiment, results, kicker=kicker, notes=notes)


def facts_of(
    tables: Mapping[str, pd.DataFrame],
    last: pd.DataFrame,
    names: Mapping[str, str],
    simulated: Simulated | None,
    *,
    rush: Rush | None = None,
    title: str = "",
    source: str = "",
) -> Facts:
    """The numbers of the findings: what moves most, for whom, and the errors.

    Parameters
    ----------
    tables
        `response`; of simulated evidence also `apart`.
    last
        From `largest_doses`.
    names
        Candidates' keys to their names.
    simulated
        As of `Facts`, like `rush`, `title` and `source`.
    """
    response, apart = tables["response"], tables.get("apart")
    distorted = _distorted(response)
    cells = last[last["mae_pp"].notna() & last["dose"].gt(0)]
    attacks, biases = (cells[cells["kind"].eq(kind)] for kind in (ATTACK, BIAS))
    changes = cells[["moved_pp", "targets_pp", "added_pp"]].abs().max(axis=1)
    is_calm = changes.lt(SMALL_PP).groupby(cells["predictor"]).all()
    is_lifted = distorted["kind"].eq(ATTACK) & distorted["moved_pp"].ge(TENTH_PP)
    lifted_closer = distorted[is_lifted & distorted["added_pp"].le(-TENTH_PP)]
    n_attacks_drawn, n_biases_drawn = (len(sizes_by_distortion(last, kind)) for kind in SIZES)
    undistorted = undistorted_errors(response, apart)
    doses = last.drop_duplicates("distortion")[["distortion", "dose", "unit"]]
    return Facts(
        title=title,
        source=source,
        simulated=simulated,
        rush=rush,
        n_replicates=int(response["replicates"].max()),
        n_electorates=0 if apart is None else int(apart["electorates"].max()),
        n_methods=response["predictor"].nunique(),
        n_distortions=distorted["distortion"].nunique(),
        n_attacks=len(attacks),
        n_biases=len(biases),
        n_lifted_closer=len(lifted_closer.drop_duplicates(CASE)),
        attack=_largest(attacks, attacks["moved_pp"], names),
        bias=_largest(biases, biases["moved_pp"].abs(), names),
        most_error=_largest(biases, biases["added_pp"], names),
        unmoved=list(is_calm.index[is_calm]),
        n_undistorted=len(undistorted),
        least_error=undistorted[0] if undistorted else None,
        worst_error=undistorted[-1] if undistorted else None,
        n_cells=len(cells),
        n_still=int((~cells["moved_pp"].abs().ge(1)).sum()),
        n_below_one=int(cells["added_pp"].lt(1).sum()),
        largest_doses=[
            LargestDose(distortion, dose, in_words(unit, "unit"))
            for distortion, dose, unit in doses.itertuples(index=False)
        ],
        has_curves_of_attacks=n_attacks_drawn > 0,
        n_attacks_not_drawn=max(n_attacks_drawn - MAX_PANELS, 0),
        n_biases_not_drawn=max(n_biases_drawn - MAX_PANELS, 0),
        has_most_moved=has_most_moved(last),
    )


def undistorted_errors(response: pd.DataFrame, apart: pd.DataFrame | None) -> list[MethodError]:
    """The errors without distortion, the smallest first.

    Parameters
    ----------
    response
        Errors by distortion, dose and method.
    apart
        Bias and variance by method, where evidence is simulated.
    """
    rows = response[response["distortion"].eq("none") & response["mae_pp"].notna()]
    if apart is not None:
        rows = rows.merge(apart[["predictor", "bias_share"]], how="left")
    rows = rows.sort_values("mae_pp", kind="stable").reindex(columns=MethodError._fields)
    return [MethodError(*row) for row in rows.itertuples(index=False, name=None)]


def _largest(rows: pd.DataFrame, sizes: pd.Series, names: Mapping[str, str]) -> Change | None:
    """The row of the largest size; none below a tenth of a point."""
    sizes = sizes.round(SORTED_DIGITS)
    if not sizes.ge(TENTH_PP).any():
        return None
    row = rows.loc[[sizes.idxmax()]].to_dict("records")[0]
    row["candidate"] = names.get(row["whom"], row["whom"])
    row["unit"] = in_words(row["unit"], "unit")
    row["share_before_pp"] = row["share_pp"] - row["moved_pp"]
    return Change(**{key: row[key] for key in Change._fields})


def largest_doses(response: pd.DataFrame) -> pd.DataFrame:
    """The row of the largest dose of every distortion and method, with the error before it.

    Returns
    -------
    pandas.DataFrame
        The columns of `response`; mae_before_pp, the error without any distortion, and added_pp,
        what the dose adds to it; of attacks
        turns_after and turns_at, the doses tried next to each other of which the second is the
        first to put whom it serves in the first place of most replicates. No rows where every dose
        is 0.
    """
    distorted = _distorted(response)
    if not distorted["dose"].gt(0).any():
        return distorted.head(0)
    last = [distorted.head(0)]
    for _case, rows in distorted.groupby(CASE, sort=False):
        rows = rows.sort_values("dose", kind="stable")
        is_first = rows["kind"].eq(ATTACK) & rows["whom"].eq(rows["most_often_first"])
        turns_at = rows.loc[is_first, "dose"].min()
        turns_after = rows.loc[rows["dose"] < turns_at, "dose"].max()
        last.append(rows.tail(1).assign(turns_after=turns_after, turns_at=turns_at))
    return pd.concat(last)


def _distorted(response: pd.DataFrame) -> pd.DataFrame:
    """The rows of all doses, with the error without any distortion."""
    is_clean = response["distortion"].eq("none")
    distorted = response[~is_clean]
    before = distorted["predictor"].map(response[is_clean].set_index("predictor")["mae_pp"])
    return distorted.assign(mae_before_pp=before, added_pp=distorted["mae_pp"] - before)


def most_moved(last: pd.DataFrame) -> pd.DataFrame:
    """Of every distortion the method in which its largest dose moves, or else errs, most."""
    in_order = last.assign(size=last["moved_pp"].abs()).sort_values(
        ["size", "added_pp"], ascending=False, key=sorted_digits
    )
    return last[last.index.isin(in_order.drop_duplicates("distortion").index)]


def has_most_moved(last: pd.DataFrame) -> bool:
    """Whether the largest doses fill more than a screen, and not by distortions alone."""
    return len(last) > ONE_SCREEN and len(most_moved(last)) < len(last)


def tables_of(
    response: pd.DataFrame, last: pd.DataFrame, names: Mapping[str, str]
) -> dict[str, MakeTable]:
    """The largest doses, and all doses, those without distortion last.

    Parameters
    ----------
    response
        Errors and movements by distortion, dose and method.
    last
        From `largest_doses`; no table where it is empty.
    names
        Candidates' keys to their names.
    """
    if last.empty:
        return {}
    in_order = response.loc[response["distortion"].eq("none").sort_values(kind="stable").index]
    largest = partial(table_of, show=OF_LARGEST, columns=COLUMNS, names=names, terminal=True)
    tables: dict[str, MakeTable] = {}
    if has_most_moved(last):
        most = most_moved(last)
        tables["most_moved"] = largest(most, shown=_largest_in_words(most, names), filters=[])
    return tables | {
        "largest_doses": largest(last, shown=_largest_in_words(last, names), filters=CASE),
        "dose_response": table_of(
            response,
            shown=moved_in_words(in_order, names),
            show=OF_DOSES,
            columns=COLUMNS,
            filters=CASE,
            first={"distortion": str(in_order["distortion"].iloc[0])},
            names=names,
        ),
    }


def _largest_in_words(rows: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Rows of `largest_doses`, with the doses between which the first place turns."""
    ends = zip(rows["turns_after"], rows["turns_at"], strict=True)
    return moved_in_words(rows, names).assign(turns=[_turns(*pair) for pair in ends])


def _turns(after: float, at: float) -> str:
    """Between which doses tried the first place turns; empty where it does not."""
    doses = [format_significant(dose) for dose in (after, at) if not pd.isna(dose)]
    return PAGE.text("between", doses=doses) if doses else ""


def figures_of(
    response: pd.DataFrame,
    last: pd.DataFrame,
    families: Mapping[str, str],
    names: Mapping[str, str],
) -> dict[str, Figure]:
    """What is moved, and then the error; parameters as of `dose_figure` and `heat_map`.

    Points by dose are drawn of attacks, each of which serves one candidate at all doses; the error
    by dose of biases, as chance pushes nobody in one direction and adds error.
    """
    figures: dict[str, Figure] = {}
    if not last["mae_pp"].notna().any():
        return figures
    distorted = response[response["distortion"].ne("none")]
    for kind, by_dose, of_all in (
        (ATTACK, "dose_response", "moved_map"),
        (BIAS, "error_by_dose", "heat_map"),
    ):
        sizes = sizes_by_distortion(last, kind)
        if len(sizes):
            rows = distorted[distorted["kind"].eq(kind)]
            figures[by_dose] = dose_figure(by_dose, sizes, rows, families, names)
        figures[of_all] = heat_map(last[SIZES[kind]], last, families)
    return figures


def sizes_by_distortion(last: pd.DataFrame, kind: str) -> pd.Series:
    """Of every distortion of a kind, the most that its largest dose moves, or adds to the error.

    Parameters
    ----------
    last
        From `largest_doses`.
    kind
        A key of `SIZES`; attacks count by movements in either direction.
    """
    rows = last[last["kind"].eq(kind)]
    sizes = rows[SIZES[kind]].abs() if kind == ATTACK else rows[SIZES[kind]]
    largest = sizes.groupby(rows["distortion"], sort=False).max()
    return largest.round(SORTED_DIGITS).dropna()


def dose_figure(
    name: str,
    sizes: pd.Series,
    rows: pd.DataFrame,
    families: Mapping[str, str],
    names: Mapping[str, str],
) -> Figure:
    """Points moved, or the mean error, by dose and method: a panel for each distortion.

    Parameters
    ----------
    name
        Of the figure: a key of `VALUE`.
    sizes
        From `sizes_by_distortion`; the distortions of the largest are drawn.
    rows
        distortion, dose, unit, predictor, whom, and the columns of `VALUE` and `BAND`.
    families
        Predictor to its family of methods.
    names
        Candidates' keys to their names.
    """
    order = _by_family(rows, families)
    looks = {
        method: {"color": colour, "linestyle": dash, "marker": MARKS[dash], "size": 0.33}
        for method, (colour, dash) in canvas.method_looks(order, families).items()
    }
    methods = labels("predictor", order)
    largest = set(sizes.nlargest(MAX_PANELS, keep="first").index)
    value, band = VALUE[name], BAND[name]
    rows = rows[rows["distortion"].isin(largest) & rows[value].notna()]
    rows = rows.sort_values("dose", kind="stable")
    ends = rows[[value, *band]].to_numpy()
    y = Axis(low=1.05 * min(ends.min(), 0.0), high=1.05 * max(ends.max(), 0.0), ticks=5)
    serves = rows.drop_duplicates("distortion").set_index("distortion")["whom"]
    panels = {}
    for distortion in filter(largest.__contains__, sizes.index):
        head = in_words(distortion, "distortion")
        is_attack = name == "dose_response"
        panels[distortion] = f"{head} ({names[serves[distortion]]})" if is_attack else head
    marks = [Mark("at", y=0.0, look={"color": style.SOFT, "linestyle": "-"})]
    if band:
        marks.append(Mark("band", rows, "dose", *band, by="predictor"))
    marks.append(Mark("line", rows, "dose", value, by="predictor"))
    return Figure(
        panel="distortion",
        panels=panels,
        y=y,
        axes={key: (_doses(panel), y) for key, panel in rows.groupby("distortion")},
        height=1.75,
        grid="y",
        looks=looks,
        legend={canvas.cut(methods[name], canvas.LONGEST): look for name, look in looks.items()},
        marks=marks,
    )


def _by_family(rows: pd.DataFrame, families: Mapping[str, str]) -> list[str]:
    """The methods of some rows, those of a family together."""
    return sorted(rows["predictor"].unique(), key=lambda name: (families.get(name, ""), name))


def _doses(rows: pd.DataFrame) -> Axis:
    """Doses of one distortion."""
    largest, unit = float(rows["dose"].max()), in_words(str(rows["unit"].iloc[0]), "unit")
    smallest = float(rows.loc[rows["dose"] > 0, "dose"].min())
    if largest <= WIDE * smallest:
        return Axis(label=unit, low=-0.02 * largest, ticks=5, write=format_significant)
    powers = [10.0**k for k in range(-3, 9) if smallest <= 10.0**k <= largest]
    return Axis(
        label=unit, scale="symlog", low=-0.3 * smallest, ticks=[0, *powers], write=format_compact
    )


def heat_map(values: pd.Series, last: pd.DataFrame, families: Mapping[str, str]) -> Figure:
    """One cell per method and distortion, red where a value is above 0, blue where below.

    Parameters
    ----------
    values
        Points, a value for every row of `last`; nobody moves where there is none.
    last
        Rows of the largest doses: distortion, predictor, mae_pp.
    families
        Predictor to its family of methods; families stand together.
    """
    cells = last.assign(value=values.fillna(0.0))[last["mae_pp"].notna()]
    order = _by_family(cells, families)
    farthest = max(float(cells["value"].abs().max()), 1e-9)
    methods = labels("predictor", order)
    heads = {key: in_words(key, "distortion") for key in last["distortion"].unique()}
    cells = cells.assign(
        method=cells["predictor"].map(methods),
        head=cells["distortion"].map(heads),
        words=[signed(value) for value in cells["value"]],
        ground=_reds(0.5 + 0.5 * cells["value"] / farthest),
    )
    return Figure(
        x=Axis(names=list(heads.values())),
        y=Axis(names=list(methods.values())),
        height=0.55,
        per_row=0.24,
        grid="",
        marks=(Mark("cell", cells, "head", "method", colour="ground", text="words"),),
    )


def _reds(values: pd.Series) -> list[str]:
    """Colours from blue (0) over white to red (1)."""
    from matplotlib import colormaps
    from matplotlib.colors import to_hex

    return [to_hex(colormaps["RdBu_r"](value)) for value in values]

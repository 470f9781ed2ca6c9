"""What attention adds: the facts of the sentences, the tables by day, and the figure."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple, TypedDict

import pandas as pd

from bench.core.options import labels
from bench.core.settings import Experiment
from bench.report.context import sources_of, title_of, vote_words
from bench.report.document import Document, MakeTable, table_of
from bench.report.figure import Axis, Figure, Mark
from bench.report.plotting import style
from bench.report.report import Report
from bench.runner.results import Results
from bench.studies.attention.analysis import COUNT, Settings
from bench.studies.base import settings_of


class Compared(NamedTuple):
    """A method without attention that answered in the same elections."""

    predictor: str
    mae_pp: float


class BestUse(NamedTuple):
    """The best use of attention, counted before the vote or in hindsight."""

    hindsight: bool
    predictor: str
    elections: int
    mae_pp: float
    reference_pp: float
    low: float
    high: float
    has_interval: bool
    without: Compared | None


class Uses(TypedDict):
    """How many uses of attention are better than the polls, and the best of them."""

    has_no_interval: bool
    n_most_elections: int
    n_ways: int
    n_closer: int
    n_better: int
    best_uses: list[BestUse]


class Facts(Uses):
    """What the page says."""

    title: str
    source: str
    n_elections: int
    main_day: int
    late_readers: list[str]
    days: list[str]


SHOWN = ["predictor", "elections", "counts", "mae_pp", "reference_pp", "difference_pp"]
SHOWN += ["low", "high", "better"]
SHOWN_BY_DAY = ["vote", "source", "measure", "predictor", "days_*"]
ANSWERS = ["calibrated_days", "mae_pp", "mae_polled_10_pp", "crps_pp", "elasticity"]
ANSWERS += ["elasticity_se"]
OF_USES = {
    **dict.fromkeys(("elections", "counts", "better"), "0"),
    **dict.fromkeys(("mae_pp", "reference_pp", "difference_pp", "low", "high"), "2"),
}
OF_ANSWERS = {key: "0" if key == "calibrated_days" else "2" for key in ANSWERS}
TABLES = ("summary", "hindsight", "by_day", "answers")
PAGE = Document("attention", Facts, TABLES, figures=("gains",))


def report(experiment: Experiment, results: Results) -> Report:
    """What attention adds, from the settings and the results alone."""
    settings = settings_of(Settings, experiment)
    errors, summary = results.tables["errors"], results.tables["summary"]
    baseline = experiment.baseline
    reading = set(errors.loc[errors["reads_count"], "predictor"]) - {baseline}
    early = summary[summary["predictor"].isin(reading) & ~summary["hindsight"]]
    wide = by_day(errors, settings)
    facts = Facts(
        title=title_of(experiment),
        source=sources_of(experiment.elections),
        n_elections=errors["election"].nunique(),
        main_day=settings.main_day,
        late_readers=list(settings.beside),
        days=[str(key).removeprefix("days_") for key in wide.filter(like="days_")],
        **uses_of(summary, early, reading, baseline),
    )
    gained = gain_rows(early)
    figures = {"gains": gains(gained)} if len(gained) else {}
    return PAGE.report(facts, tables_of(errors, summary, wide, settings), figures)


def tables_of(
    errors: pd.DataFrame, summary: pd.DataFrame, wide: pd.DataFrame, settings: Settings
) -> dict[str, MakeTable]:
    """The tables that have rows; `wide` is of `by_day`."""
    tables = {}
    for name, is_shown in (("summary", ~summary["hindsight"]), ("hindsight", summary["hindsight"])):
        if is_shown.any():
            rows = summary[is_shown].drop(columns="hindsight")
            tables[name] = table_of(rows, show=SHOWN, columns=OF_USES, terminal=True)
    if len(wide):
        tables["by_day"] = table_of(
            wide,
            shown=wide.assign(vote=list(map(vote_words, wide["election"], wide["round"]))),
            show=SHOWN_BY_DAY,
            columns={"days_*": "2"},
            terminal=False,
        )
    is_compared = errors["reads_count"] | errors["predictor"].isin(settings.beside.values())
    answers = errors[is_compared & errors["mae_pp"].notna()]
    if len(answers):
        answers = answers[[*COUNT, "predictor", *ANSWERS]]
        tables["answers"] = table_of(answers, columns=OF_ANSWERS, terminal=False)
    return tables


def uses_of(
    summary: pd.DataFrame, early: pd.DataFrame, reading: Collection[str], baseline: str
) -> Uses:
    """How many uses of attention are better than the polls, and the best of them.

    Parameters
    ----------
    summary
        Of the study.
    early
        Its rows of methods that read attention, counted before the vote.
    reading
        Methods that read attention.
    baseline
        The polls of the day of calibration.
    """
    others = summary[summary["predictor"].ne(baseline)]
    best_uses = []
    order = others.dropna(subset="difference_pp").sort_values("difference_pp", kind="stable")
    for is_late, rows in order.groupby("hindsight"):
        reads = rows["predictor"].isin(reading)
        if not reads.any():
            continue
        best = rows[reads].iloc[0]
        same = rows[["elections", "counts"]].eq(best[["elections", "counts"]]).all(axis=1)
        without = rows[~reads & same].head(1)
        best_uses.append(
            BestUse(
                hindsight=bool(is_late),
                predictor=best["predictor"],
                elections=best["elections"],
                mae_pp=best["mae_pp"],
                reference_pp=best["reference_pp"],
                low=best["low"],
                high=best["high"],
                has_interval=bool(pd.notna(best["low"])),
                without=next(map(Compared, without["predictor"], without["mae_pp"]), None),
            )
        )
    return Uses(
        has_no_interval=bool(len(early) and early["high"].isna().all()),
        n_most_elections=max(early["elections"], default=0),
        n_ways=len(early),
        n_closer=int(early["difference_pp"].lt(0).sum()),
        n_better=int(early["high"].lt(0).sum()),
        best_uses=best_uses,
    )


def by_day(errors: pd.DataFrame, settings: Settings) -> pd.DataFrame:
    """The error of every method, a column for each day of calibration."""
    keys = [*COUNT, "predictor"]
    answered = errors["reads_count"] & errors["mae_pp"].notna()
    errors = errors[answered.groupby([errors[key] for key in COUNT]).transform("any")]
    days = errors["calibrated_days"].fillna(settings.main_day).astype(int)
    wide = errors.assign(day=days).pivot_table(
        index=keys, columns="day", values="mae_pp", sort=False, dropna=False
    )
    wide = wide.dropna(how="all")
    wide = wide[sorted(wide.columns, reverse=True)].rename(columns=lambda day: f"days_{day}")
    return wide.reset_index()


def gain_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """The difference in error of every method from the polls that it reads, the best first.

    Parameters
    ----------
    rows
        As `early` of `uses_of`.

    Returns
    -------
    DataFrame
        method, value, low, high (percentage points; NaN without an interval), elections.
    """
    gained = rows.rename(columns={"predictor": "method", "difference_pp": "value"})
    gained = gained[["method", "value", "low", "high", "elections"]].round(2)
    gained["method"] = gained["method"].map(labels("predictor", rows["predictor"]))
    return gained.sort_values("value", kind="stable", ignore_index=True)


def gains(rows: pd.DataFrame) -> Figure:
    """The difference in error of every method, with its interval over elections.

    Parameters
    ----------
    rows
        From `gain_rows`.
    """
    look = {"color": style.METHOD_COLOURS["buzz"]}
    return Figure(
        x=Axis(),
        y=Axis(names=list(rows["method"])),
        per_row=0.2,
        bands=True,
        marks=(
            Mark("at", x=0, look={"color": style.INK}),
            Mark("rule", rows, "low", "method", "high", look=look),
            Mark("dot", rows, "value", "method", look=look),
        ),
    )

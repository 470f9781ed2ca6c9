"""The pages on the record, from the reference tables of the experiment; how its intervals cover."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
from scipy import stats

from bench.core.arrays import BoolArray, FloatArray, IntArray
from bench.core.language import listed
from bench.metrics.comparison.ratios import LEVEL, mean_ratio, ratio_of_means
from bench.report.formatting import MISSING
from bench.report.report import Report
from bench.studies.track_record.estimates import STRATA
from bench.studies.track_record.view import (
    PAGE,
    Facts,
    FamilyNames,
    facts_of,
    ratio_cell,
    tables_of,
    votes_of,
)
from tests.golden.reference import FOLDER, experiment_of

NAME = "track_record"
COUNTRIES = 4
LEADING = "MAE, leading"
SIGNS = {"better": " **better**", "worse": " **worse**", "not_shown": ""}


@cache
def read(table: str) -> pd.DataFrame:
    """A reference table."""
    return pd.read_csv(FOLDER / NAME / f"{table}.csv")


@cache
def family_names() -> FamilyNames:
    """What the families of the record are called."""
    return FamilyNames.of(experiment_of(NAME))


def facts_of_record() -> Facts:
    """What the document of the record knows."""
    references = {name: read(name) for name in ("pairs", "extent", "seen", "sensitivity")}
    return facts_of(experiment_of(NAME), references)


def report_of(**tables: pd.DataFrame) -> Report:
    """The page of the record with these tables alone."""
    return PAGE.report(facts_of_record(), tables_of(tables, family_names()), {})


def in_readme() -> str:
    """What can be said of all kinds of methods, and on how much evidence."""
    facts = facts_of_record()
    extent, reference = facts["extent"], facts["reference"].lower()
    erred = [
        f"{'in' if stratum.key == 'two' else 'on'} {votes_of(stratum.key)}, "
        + ", ".join(
            f"{kind.family.lower()} {PAGE.text('size', ratio=kind.ratio)}"
            + (
                f" (by {PAGE.text('measure', key=kind.measure)} alone)"
                * bool(kind.other_directions)
            )
            for kind in stratum.with_direction
        )
        for stratum in facts["strata"]
    ]
    days = [kind.n_days for kind in facts["seldom"]]
    seldom = listed([kind.family.lower() for kind in facts["seldom"]])
    return (
        f"Error relative to that of the {reference}, on the day of the vote, where a difference is "
        f"shown: {'; '.join(erred)}. {seldom.capitalize()} were seen on {min(days)} to {max(days)} "
        f"election days, too few to show anything. This rests on the {extent.n_votes:,} votes (a "
        f"vote is a round) that have polls, {extent.first_on.year} to {extent.last_on.year} in "
        f"{extent.n_countries} countries; {extent.largest_votes:,} of them are "
        f"{votes_of(extent.largest_stratum)} in the {extent.largest_country}."
    )


def sentences() -> str:
    """The record in a few lines."""
    page = report_of(sensitivity=read("sensitivity"))
    return "\n".join(f"- {line}" for line in (*page.findings, *page.tables[0].notes))


def rows_of(name: str, rows: pd.DataFrame) -> str:
    """The rows of a table of the report in Markdown."""
    (table,) = report_of(**{name: rows}).tables
    return "\n".join(line for line in table.to_markdown().splitlines() if line.startswith("|"))


def pairs() -> str:
    """Every pair."""
    return rows_of("pairs", read("pairs"))


def countries() -> str:
    """Pairs in the countries with the most election days."""
    rows = read("countries")
    rows = rows[rows["p"].notna()]
    is_leading = rows["family"].eq("last_election") & rows["stratum"].eq("more")
    rows = rows[rows["primary"] | is_leading]
    largest = list(rows.groupby("country")["days"].max().nlargest(COUNTRIES).index)
    cells = [
        f"{ratio_cell(row)}, {row['days']}{SIGNS[row['direction']]}"
        for row in rows.to_dict("records")
    ]
    keys = ["stratum", "family", "other", "measure"]
    wide = rows.assign(cell=cells).pivot(index=keys, columns="country", values="cell")[largest]
    wide = wide.dropna(how="all").sort_index(ascending=[False, True, True, True])
    lines = [["pair", "votes", "by", *largest], ["---"] * (3 + len(largest))]
    for (stratum, family, other, measure), ratios in wide.iterrows():
        by = LEADING if measure == "mae_polled" else PAGE.text("measure", key=measure)
        pair = family_names().pair(family, other)
        lines.append([pair, votes_of(stratum), by, *ratios.fillna(MISSING)])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def moments() -> str:
    """Pairs on ballots of more than two by days before the vote, where there is an interval."""
    rows = read("moments").query("stratum == 'more'")
    has_interval = rows.groupby(["stratum", "family", "other"])["low"].transform("count").gt(0)
    return rows_of("moments", rows[has_interval])


def sensitivity() -> str:
    """What the ratios hang on, where a pair has several countries."""
    return rows_of("sensitivity", read("sensitivity").query("countries > 1"))


def coverage(n: int = 1000) -> str:
    """How often the intervals hold the truth where the ratio differs between countries."""
    extent = read("extent")
    of = {
        stratum: rows.loc[rows["country"].ne("all"), "days"].to_numpy()
        for stratum, rows in extent.groupby("stratum")
    }
    designs: dict[str, tuple[IntArray, int, bool]] = {
        "ballots of more than two, all election days": (of["more"], 7, False),
        "races of two, all election days": (of["two"], 2, True),
        "six days of one country, ballots of seven": (np.array([6]), 7, False),
        "six days of one country, a race each": (np.array([6]), 2, False),
        "ten days of one country, many races": (np.array([10]), 2, True),
    }
    lines = [
        "| simulated votes | MAE, mean of these days | squared error, these days "
        "| MAE by country, mean of other countries | MAE by day, mean of other countries |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for number, (name, (days, candidates, many)) in enumerate(designs.items()):
        held = [
            simulated(days, candidates, many, np.random.default_rng([number, k])) for k in range(n)
        ]
        rows = pd.DataFrame(held, columns=["these", "squares", "country", "others"], dtype=float)
        rates = rows.mean().where(rows.notna().mean() > 0.1)
        if len(days) == 1:
            rates["others"] = np.nan
        cells = ["–" if np.isnan(rate) else f"{rate:.2f}" for rate in rates]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


SPREAD = 0.3  # standard deviation between countries of the log ratio, about 0.2 in mean
OF_DAY, OF_VOTE = 0.3, 0.7  # parts of an error that the votes of a day, and both methods, share


def simulated(
    days: IntArray, candidates: int, many: bool, rng: np.random.Generator
) -> tuple[float, ...]:
    """Whether each interval holds the truth, in one world; NaN where there is none.

    Parameters
    ----------
    days : ndarray of int
        Election days of every country.
    candidates : int
        On each ballot.
    many : bool
        Whether days have up to 150 votes of very different number, or one.
    rng : numpy.random.Generator

    Returns
    -------
    tuple of float
        The interval of the MAE by day and the mean ratio of these days; that of squared errors and
        theirs; the MAE by country, and by day, and the mean of the countries' population.
    """
    country = np.repeat(np.arange(len(days)), days)
    n = len(country)
    truth = 0.2
    log_ratio = truth + rng.normal(0, SPREAD, len(days))[country]
    difficulty = rng.normal(0, 0.35, n)
    votes = np.clip(rng.lognormal(2, 1.3, n), 1, 150).astype(int) if many else np.ones(n, dtype=int)
    day = np.repeat(np.arange(n), votes)
    shared = OF_DAY * rng.normal(size=(n, 2, candidates))[day]
    own = shared + np.sqrt(1 - OF_DAY**2) * rng.normal(size=(len(day), 2, candidates))
    both = OF_VOTE * rng.normal(size=(len(day), 1, candidates))
    error = np.abs(both + np.sqrt(1 - OF_VOTE**2) * own) * np.exp(difficulty[day])[:, None, None]
    error[:, 0] *= np.exp(log_ratio[day])[:, None]
    mae, squares = error.mean(axis=2), (error**2).sum(axis=2)
    of_day = np.bincount(day, weights=np.log(mae[:, 0] / mae[:, 1])) / votes
    by_day, by_country = mean_ratio(of_day), mean_ratio(of_day, country)
    by_squares = ratio_of_means(squares[:, 0], squares[:, 1], day)
    weight = np.exp(2 * difficulty)
    true_squares = float((weight * np.exp(2 * log_ratio)).sum() / weight.sum())
    known = (
        (by_day, float(np.exp(log_ratio.mean()))),
        (by_squares, true_squares),
        (by_country, float(np.exp(truth))),
        (by_day, float(np.exp(truth))),
    )
    return tuple(
        float("nan") if np.isnan(one.low) else float(one.low <= value <= one.high)
        for one, value in known
    )


N_WORLDS = 4000
BETWEEN_ROWS = 0.5  # correlation: pairs share the days of the reference
HEAVY = 5  # degrees of freedom of a day's t where tails are heavy
SCENARIOS: dict[str, tuple[str, bool]] = {
    # correlation of consecutive days of a country, and whether tails are heavy
    "0": ("none", False),
    "as measured, of each row": ("measured", False),
    "as measured, heavy tails": ("measured", True),
    "as measured, less the bias of short series": ("corrected", False),
}


@dataclass(frozen=True, kw_only=True)
class Design:
    """The rows of one table of the record: what a simulation of it takes from the real one.

    Attributes
    ----------
    days : ndarray of int [F, K]
        Election days of each row by country.
    correlation : mapping of str to ndarray [F]
        Of a day with the one before in its country, from 0 on: `none`, `measured`, `corrected`.
    truth : ndarray [F]
        Log ratio of the rows that show a direction; 0 of the others.
    error : ndarray [F]
        Standard error of the log ratio.
    detectable : ndarray [F]
    tests : int
        Rows of the whole table, of which those by draws alone are not simulated.
    """

    days: IntArray
    correlation: dict[str, FloatArray]
    truth: FloatArray
    error: FloatArray
    detectable: FloatArray
    tests: int


def design_of(stratum: str) -> Design:
    """Of the pairs of a stratum that have an interval, each by its primary measure."""
    keys = ["family", "other"]
    rows = read("pairs").query("kind == 'shares' and primary and stratum == @stratum")
    rows = rows[rows["p"].notna()].set_index(keys)
    countries = read("countries").query("primary and stratum == @stratum")
    days = countries.pivot(index=keys, columns="country", values="days").fillna(0).astype(int)
    of_rows = days.loc[rows.index].to_numpy()
    measured = read("sensitivity").query("stratum == @stratum").set_index(keys)["correlation"]
    measured = measured[rows.index].to_numpy()
    corrected = [unbiased(one, row) for one, row in zip(measured, of_rows, strict=True)]
    is_shown = rows["direction"].ne("not_shown")
    return Design(
        days=of_rows,
        correlation={
            "none": np.zeros(len(rows)),
            "measured": np.maximum(measured, 0.0),
            "corrected": np.maximum(corrected, 0.0),
        },
        truth=np.log(rows["ratio"]).where(is_shown, 0.0).to_numpy(),
        error=rows["error"].to_numpy(),
        detectable=rows["detectable"].to_numpy(),
        tests=int(rows["tests"].iloc[0]),
    )


def in_order(noise: FloatArray, place: IntArray, rho: FloatArray | float) -> FloatArray:
    """AR(1) series [..., D] of unit variance, begun anew wherever the place of a day is 0."""
    values = noise.copy()
    for day in range(1, int(place.max()) + 1):
        now = np.flatnonzero(place == day)
        values[..., now] = rho * values[..., now - 1] + np.sqrt(1 - rho**2) * noise[..., now]
    return values


def unbiased(measured: float, days: IntArray, n_worlds: int = 800) -> float:
    """The correlation at which a record of these days by country measures this one on average.

    Deviations from the mean of a country with few days correlate below 0 by themselves.
    """
    days = days[days > 1]
    place = np.concatenate([np.arange(n) for n in days])
    country = np.repeat(np.arange(len(days)), days)
    is_of = (country == np.arange(len(days))[:, None]).astype(float)
    noise = np.random.default_rng([7, int(days.sum())]).normal(size=(n_worlds, len(place)))
    later = np.flatnonzero(place)
    grid, means = np.linspace(-0.3, 0.6, 10), []
    for rho in grid:
        values = in_order(noise, place, rho)
        centred = values - (values @ is_of.T / days)[:, country]
        before, after = centred[:, later - 1], centred[:, later]
        before = before - before.mean(axis=1, keepdims=True)
        after = after - after.mean(axis=1, keepdims=True)
        scale = np.sqrt((before**2).sum(axis=1) * (after**2).sum(axis=1))
        means.append(float(((before * after).sum(axis=1) / scale).mean()))
    return float(np.interp(measured, means, grid))


def day_values(
    design: Design, n_worlds: int, rho: FloatArray, is_heavy: bool, rng: np.random.Generator
) -> list[FloatArray]:
    """Log ratios [W, days] of each row, around 0, with the spread of the record."""
    n_rows = len(design.days)
    longest = design.days.max(axis=0)
    country = np.repeat(np.arange(len(longest)), longest)
    place = np.concatenate([np.arange(n) for n in longest])  # of a day in its country
    noise = rng.normal(size=(n_worlds, n_rows + 1, len(country)))
    noise = np.sqrt(BETWEEN_ROWS) * noise[:, :1] + np.sqrt(1 - BETWEEN_ROWS) * noise[:, 1:]
    if is_heavy:
        scale = rng.chisquare(HEAVY, size=(n_worlds, 1, len(country))) / (HEAVY - 2)
        noise /= np.sqrt(scale)
    values = in_order(noise, place, rho[:, None])
    spread = design.error * np.sqrt(design.days.sum(axis=1))
    is_of_row = place < design.days[:, country]
    return [spread[row] * values[:, row, is_of_row[row]] for row in range(n_rows)]


def p_values(days: FloatArray) -> FloatArray:
    """Of a mean log ratio of 0, one for each world [W], as `mean_ratio` has it."""
    return np.asarray(stats.ttest_1samp(days, 0.0, axis=1).pvalue)


def rejected(p: FloatArray, tests: int) -> BoolArray:
    """Which rows [W, F] show a direction by Holm's procedure, world by world.

    `tests` counts rows of the table that are not simulated too, as such that show none.
    """
    order = np.argsort(p, axis=1, kind="stable")
    steps = LEVEL / (tests - np.arange(p.shape[1]))
    passed = np.logical_and.accumulate(np.take_along_axis(p, order, axis=1) <= steps, axis=1)
    found = np.empty_like(passed)
    np.put_along_axis(found, order, passed, axis=1)
    return found


def error_rates(n_worlds: int = N_WORLDS) -> pd.DataFrame:
    """How often directions are shown that are not there, both directions together.

    Returns
    -------
    DataFrame
        A row per stratum and scenario: rows of the table; `single`, the largest of their rates
        where each stands alone; `table`, how often any row of the table shows a direction if all
        ratios are 1; `others`, how often one of those that show none in the record does, if the
        others are what they are there; `low` and `high`, how often a ratio as large as the
        detectable one is found.
    """
    lines = []
    for place, stratum in enumerate(("more", "two")):
        design = design_of(stratum)
        for number, (name, (correlation, is_heavy)) in enumerate(SCENARIOS.items()):
            rng = np.random.default_rng([1936, place, number])
            rho = design.correlation[correlation]
            values = day_values(design, n_worlds, rho, is_heavy, rng)
            p = np.column_stack([p_values(days) for days in values])
            pairs = zip(values, design.truth, strict=True)
            p_with_truth = np.column_stack([p_values(days + truth) for days, truth in pairs])
            is_null = design.truth == 0
            detected = detected_rates(design, values)
            lines.append(
                {
                    "stratum": stratum,
                    "days": name,
                    "rows": len(design.days),
                    "single": (p <= LEVEL).mean(axis=0).max(),
                    "table": rejected(p, design.tests).any(axis=1).mean(),
                    "others": rejected(p_with_truth, design.tests)[:, is_null].any(axis=1).mean(),
                    "low": detected.min(),
                    "high": detected.max(),
                }
            )
    return pd.DataFrame(lines)


def detected_rates(design: Design, values: list[FloatArray]) -> FloatArray:
    """How often each row shows a direction if its ratio is the detectable one."""
    n_shown = int((design.truth != 0).sum())
    rates = []
    for row, days in enumerate(values):
        n_others = n_shown - int(design.truth[row] != 0)
        level = LEVEL / (design.tests - n_others)
        p = p_values(days + np.log(design.detectable[row]))
        rates.append((p <= level).mean())
    return np.array(rates)


def errors_of_record() -> str:
    """The table of error rates."""
    strata = {stratum: votes_of(stratum) for stratum in STRATA}
    lines = [
        "| votes | correlation of consecutive days | rows | one row, the worst | any row of the "
        "table | any row not shown, the others as they are | a ratio as large as “found from” |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for row in error_rates().to_dict("records"):
        rates = [f"{row[key]:.3f}".removeprefix("0") for key in ("single", "table", "others")]
        power = f"{row['low']:.2f} to {row['high']:.2f}".replace("0.", ".")
        cells = [strata[row["stratum"]], row["days"], str(row["rows"]), *rates, power]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)

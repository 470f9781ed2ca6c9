"""The pages on the record, from the reference tables of the experiment; how its intervals cover."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from bench.core.arrays import IntArray
from bench.metrics.comparison.ratios import mean_ratio, ratio_of_means
from bench.report.formatting import MISSING
from bench.report.view import view_tables
from bench.studies.track_record.view import facts_of, frames_of, pair_of, ratio_cell, text
from tests.golden.reference import FOLDER, experiment_of

NAME = "track_record"
COUNTRIES = 4
ON = {"mae": "whole ballot", "mae_polled": "leading"}


@cache
def read(table: str) -> pd.DataFrame:
    """A reference table."""
    return pd.read_csv(FOLDER / NAME / f"{table}.csv")


@cache
def facts() -> dict[str, Any]:
    """What the texts of the record know."""
    tables = {name: read(name) for name in ("pairs", "extent", "sensitivity")}
    return facts_of(experiment_of(NAME), tables)


def in_readme() -> str:
    """What can be said of all families, and on how much evidence."""
    claim, *_verdicts, extent = text.lines("findings", **facts())
    return f"{claim} {extent}"


def sentences() -> str:
    """The record in a few lines."""
    keys = ("findings", "sensitivity_notes")
    return "\n".join(f"- {line}" for key in keys for line in text.lines(key, **facts()))


def rows_of(name: str, rows: pd.DataFrame) -> str:
    """The rows of a table of the report in Markdown."""
    (table,) = view_tables(NAME, frames_of({name: rows}, facts()), facts())
    return "\n".join(line for line in table.to_markdown().splitlines() if line.startswith("|"))


def pairs() -> str:
    """Every pair."""
    return rows_of("pairs", read("pairs"))


def countries() -> str:
    """Pairs in the countries with the most election days, where two or more have them."""
    found = read("countries")
    both = found["family"].eq("last_election") & found["stratum"].eq("more")
    found = found[found["measure"].eq("mae") | both]
    most = found.groupby("country")["days"].max().nlargest(COUNTRIES).index
    found = found.assign(
        cell=[f"{ratio_cell(row)}, {row['days']}" for row in found.to_dict("records")]
    )
    keys = ["stratum", "family", "other", "measure"]
    wide = found.pivot(index=keys, columns="country", values="cell")[list(most)]
    rows = []
    for key, cells in (
        wide.dropna(thresh=2).sort_index(ascending=[False, True, True, True]).iterrows()
    ):
        stratum, family, other, measure = key
        name = pair_of({"kind": "shares", "family": family, "other": other}, facts())
        rows.append([name, text.words("strata")[stratum], ON[measure], *cells.fillna(MISSING)])
    lines = [["pair", "votes", "on", *most], ["---"] * (3 + len(most)), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def moments() -> str:
    """Pairs on ballots of more than two by days before the vote, where there is an interval."""
    found = read("moments").query("stratum == 'more'")
    known = found.groupby(["stratum", "family", "other"])["low"].transform("count").gt(0)
    return rows_of("moments", found[known])


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

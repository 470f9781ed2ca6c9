"""What a simulation shows: words, tables and figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from bench.report.figures.breaking_doses import breaking_doses
from bench.report.figures.effective_size import effective_size
from bench.report.figures.heat_map import added_error, heat_map
from bench.report.figures.simulated_doses import simulated_doses
from bench.report.study import StudyReport
from bench.report.table import Table, plain_table

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SIMULATED = (
    "Simulated evidence: these are facts about the methods and the assumptions, not forecasts."
)
POINTS = ("mae_pp", "mae_se_pp", "mae_q05_pp", "mae_q95_pp", "rmse_pp", "bias_pp", "sd_pp")
FORMS = (
    dict.fromkeys(POINTS, ".2f")
    | dict.fromkeys(["p_winner_right", "p_pair_right", "p_most_often_first", "bias_share"], ".2f")
    | dict.fromkeys(["dose", "low", "high", "price_in_polls", "share_of_honest_users"], ",.6g")
    | {"n": ",.0f", "share": ".4f", "vote": ".4f", "rho": ".2g", "n_eff": ",.0f"}
)
MEANINGS = {
    "mae_pp": "mean absolute error over all candidates, percentage points, mean of the replicates",
    "mae_se_pp": "its standard error", "mae_q05_pp": "5% of the replicates err less",
    "mae_q95_pp": "5% of the replicates err more",
    "p_winner_right": "share of the replicates with the right first place",
    "p_pair_right": "share of the replicates with the right pair",
    "most_often_first": "candidate whom it most often has first",
    "p_most_often_first": "how often", "replicates": "replicates in which it answered",
    "rmse_pp": "root mean square error, percentage points",
    "bias_pp": "root mean square of the part that stays the same within an electorate",
    "sd_pp": "root mean square of the rest", "bias_share": "bias² as a share of the total",
    "rho": "correlation over all voters between voting for the candidate and taking part",
    "n_eff": "interviews of a simple random sample with the same error",
    "dose": "dose at which the event becomes more likely than not", "low": "95% interval of it",
    "high": "95% interval of it", "price_in_polls": "its price in online polls of 1,000",
}  # fmt: skip


def replicates_report(
    response: pd.DataFrame,
    apart: pd.DataFrame,
    worth: pd.DataFrame,
    *,
    families: Mapping[str, str],
    n_voters: float,
    title: str,
    source: str,
) -> StudyReport:
    """A study of doses, or of electorates.

    Parameters
    ----------
    response
        scenario, dose, unit, predictor, replicates, mae_pp and its spread.
    apart
        predictor, electorates, rmse_pp, bias_pp, sd_pp.
    worth
        sample, candidate, n, rho, n_eff.
    families
        Predictor to its family of methods.
    n_voters
        Valid votes.
    title, source
        Heading; where the electorate comes from.
    """
    spoilt = response[response["scenario"].ne("none")]
    doses = bool((spoilt["dose"] > 0).any())
    figures: dict[str, Callable[[str], Figure]] = {}
    if doses:
        figures["dose_response"] = lambda size: simulated_doses(spoilt, families, title, size=size)
        figures["heat_map"] = lambda size: heat_map(spoilt, families, title, size=size)
    figures["worth"] = lambda size: effective_size(worth, n_voters, size=size)
    tables = [bias_table(apart, title), worth_table(worth)]
    if doses:
        tables.insert(0, dose_table(response, title))
    return StudyReport(
        title=title,
        headline=(*told(response, apart), SIMULATED),
        tables=tuple(tables),
        figures=figures,
        source=source,
        kicker="Simulated evidence",
        counts=(
            ("Replicates", f"{int(response['replicates'].max()):,}"),
            ("Electorates", f"{int(apart['electorates'].max()):,}"),
            ("Methods", str(response["predictor"].nunique())),
            ("Scenarios", str(spoilt["scenario"].nunique())),
        ),
    )


def told(response: pd.DataFrame, apart: pd.DataFrame) -> tuple[str, ...]:
    """The least and the largest error on clean evidence, and what spoils most."""
    clean = response[response["scenario"].eq("none")].dropna(subset="mae_pp")
    clean = clean.sort_values("mae_pp")
    best, worst = clean.iloc[0], clean.iloc[-1]
    share = apart.set_index("predictor")["bias_share"]
    sentences = [
        f"Without any scenario {best['predictor']} errs least, {_points(best)}, and "
        f"{worst['predictor']} most, {_points(worst)}; of the latter's squared error "
        f"{share[worst['predictor']]:.0%} is bias that no larger sample removes."
    ]
    spoilt = response[response["scenario"].ne("none")]
    if not (spoilt["dose"] > 0).any():
        return tuple(sentences)
    return (*sentences, *spoils_most(spoilt))


def spoils_most(spoilt: pd.DataFrame) -> tuple[str, ...]:
    """The scenario and method with the largest added error, and those that nothing moves."""
    table = added_error(spoilt)
    by_method = table.max(axis=1)
    name = str(by_method.idxmax())
    scenario = str(table.loc[name].idxmax())
    rows = spoilt[spoilt["scenario"].eq(scenario) & spoilt["predictor"].eq(name)]
    last, zero = rows.sort_values("dose").iloc[-1], rows.sort_values("dose").iloc[0]
    sentences = [
        f"The most is added by {scenario.replace('_', ' ')}: at its largest dose "
        f"({last['dose']:,.6g} {last['unit']}) the error of {name} goes from "
        f"{zero['mae_pp']:.1f} to {last['mae_pp']:.1f} points (standard error "
        f"{_se(last['mae_se_pp'])})."
    ]
    calm = sorted(str(one) for one in table.index[by_method < 0.5])
    if calm:
        sentences.append(f"No scenario adds half a point to {_names(calm)} at its largest dose.")
    return tuple(sentences)


def _points(row: pd.Series) -> str:
    return (
        f"{row['mae_pp']:.1f} points on average (5 to 95% of {int(row['replicates']):,} "
        f"replicates: {row['mae_q05_pp']:.1f} to {row['mae_q95_pp']:.1f})"
    )


def _se(value: float) -> str:
    return "below 0.01" if value < 0.005 else f"{value:.2f}"


def _names(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def dose_table(response: pd.DataFrame, title: str) -> Table:
    """Error by scenario, dose and method."""
    spoilt = response[response["scenario"].ne("none")]
    return plain_table(
        "dose_response", response, title=f"{title}: error by dose", formats=FORMS,
        meanings=MEANINGS | {"dose": "how much of it, in the unit beside"},
        first={"scenario": str(spoilt["scenario"].iloc[0])}, heading="Error by dose in numbers",
        filters=("scenario", "predictor"),
    )  # fmt: skip


def bias_table(apart: pd.DataFrame, title: str) -> Table:
    """Bias and variance of every method on clean evidence."""
    return plain_table(
        "bias_variance", apart, title=f"{title}: bias and variance without any scenario",
        formats=FORMS, meanings=MEANINGS, heading="Bias and variance",
    )  # fmt: skip


def worth_table(worth: pd.DataFrame) -> Table:
    """What self-selected samples are worth."""
    return plain_table(
        "worth", worth, shown=worth.replace(np.inf, np.nan),
        title="What self-selected samples are worth",
        formats=FORMS, meanings=MEANINGS | {"share": "among them", "vote": "official share"},
        notes=("n_eff = f / ((1 − f) rho²), f = n / voters; Meng 2018, "
               "doi:10.1214/18-AOAS1161SF.",),
    )  # fmt: skip


def points_report(
    points: pd.DataFrame, worth: pd.DataFrame, *, n_voters: float, title: str, source: str
) -> StudyReport:
    """A study of breaking points.

    Parameters
    ----------
    points
        scenario, beneficiary, predictor, event, status, dose, low, high, unit,
        share_of_honest_users, price_in_polls, n_replicates.
    worth, n_voters, title, source
        As `replicates_report`.
    """
    shown = ["scenario", "beneficiary", "predictor", "event", "status", "dose", "low", "high",
             "unit", "share_of_honest_users", "price_in_polls"]  # fmt: skip
    table = plain_table(
        "breaking_points", points, shown=significant(points[shown]), title=title, formats=FORMS,
        meanings=MEANINGS | {"event": "first: comes first; pair: gets into the runoff"},
        heading="The smallest attack that turns a forecast",
        notes=("status: found; at once: likely without any dose; beyond: not at the largest dose. "
               "low, high: 95% interval of the dose.",),
    )  # fmt: skip
    return StudyReport(
        title=title,
        headline=(*points_told(points), SIMULATED),
        tables=(table, worth_table(worth)),
        figures={
            "breaking_points": lambda size: breaking_doses(points, title, source, size=size),
            "worth": lambda size: effective_size(worth, n_voters, size=size),
        },
        source=source,
        kicker="Simulated evidence",
        counts=(
            ("Searches", str(len(points))),
            ("Scenarios", str(points["scenario"].nunique())),
            ("Methods", str(points["predictor"].nunique())),
        ),
    )


def significant(table: pd.DataFrame, digits: int = 3) -> pd.DataFrame:
    """The table with its fractions to so many significant digits.

    Examples
    --------
    >>> significant(pd.DataFrame({"dose": [12809.9, 0.51137, 0.0]}))["dose"].tolist()
    [12800.0, 0.511, 0.0]
    """
    floats = {key: table[key] for key in table if pd.api.types.is_float_dtype(table[key])}
    rounded = {
        key: values.map(lambda x: float(f"{x:.{digits}g}")) for key, values in floats.items()
    }
    return table.assign(**{str(key): values for key, values in rounded.items()})


def points_told(points: pd.DataFrame) -> tuple[str, ...]:
    """How many forecasts can be turned, and the attack with the fewest users."""
    found = points[points["status"].eq("found")]
    beyond = int(points["status"].eq("beyond").sum())
    sentences = [
        f"Of {len(points)} searches, {len(found)} found a dose that turns the forecast more often "
        f"than not; {beyond} did not within the doses tried."
    ]
    counted = found.dropna(subset="share_of_honest_users").sort_values("share_of_honest_users")
    if len(counted):
        one = counted.iloc[0]
        goal = "first" if one["event"] == "first" else "into the runoff"
        sentences.append(
            f"The smallest beside the honest users: {one['scenario'].replace('_', ' ')} puts "
            f"{one['beneficiary'].replace('_', ' ')} {goal} in {one['predictor']} with "
            f"{one['dose']:,.4g} {one['unit']} (95% interval {one['low']:,.4g} to "
            f"{one['high']:,.4g}), {100 * one['share_of_honest_users']:.2g}% of them."
        )
    return tuple(sentences)

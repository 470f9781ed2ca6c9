"""What a simulation shows: words, tables and figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from bench.report.numbers import plain, probability
from bench.report.plain_table import CANDIDATES, plain_table
from bench.report.report import Report
from bench.report.table import Table
from bench.studies.backtest.plots.heat_map import added_error, heat_map
from bench.studies.dose_response.effective_size import effective_size
from bench.studies.dose_response.plots import simulated_doses

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SIMULATED = (
    "Simulated evidence: these are facts about the methods and the assumptions, not forecasts."
)


def replicates_report(
    response: pd.DataFrame,
    apart: pd.DataFrame,
    worth: pd.DataFrame,
    *,
    validation: pd.DataFrame,
    verdicts: pd.DataFrame,
    families: Mapping[str, str],
    n_voters: float,
    title: str,
    source: str,
    names: Mapping[str, str] | None = None,
) -> Report:
    """A study of doses, or of electorates.

    Parameters
    ----------
    response
        scenario, dose, unit, predictor, replicates, mae_pp and its spread.
    apart
        predictor, electorates, rmse_pp, bias_pp, sd_pp.
    worth
        sample, candidate, n, rho, n_eff.
    validation, verdicts
        Instruments beside real tables, figure by figure and table by table.
    families
        Predictor to its family of methods.
    n_voters
        Valid votes.
    title, source
        Heading; where the electorate comes from.
    names
        Candidates' keys to their names.
    """
    spoilt = response[response["scenario"].ne("none")]
    doses = bool((spoilt["dose"] > 0).any())
    figures: dict[str, Callable[[str], Figure]] = {}
    if doses:
        figures["dose_response"] = lambda size: simulated_doses(spoilt, families, title, size=size)
        figures["heat_map"] = lambda size: heat_map(spoilt, families, title, size=size)
    figures["worth"] = lambda size: effective_size(named(worth, names), n_voters, size=size)
    tables = [
        bias_table(apart, title),
        verdicts_table(verdicts),
        validation_table(validation, names),
        worth_table(worth, names),
    ]
    if doses:
        tables.insert(0, dose_table(response, title, names))
    return Report(
        title=title,
        findings=(*told(response, apart), *failing(verdicts), SIMULATED),
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
        f"{probability(share[worst['predictor']])} is bias that no larger sample removes."
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
        f"({plain(last['dose'])} {last['unit']}) the error of {name} goes from "
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


def named(table: pd.DataFrame, names: Mapping[str, str] | None) -> pd.DataFrame:
    """The table with its candidates called by their names, where these are known."""
    published_ones = [key for key in CANDIDATES if key in table]
    return table.assign(**{key: table[key].replace(dict(names or {})) for key in published_ones})


def dose_table(response: pd.DataFrame, title: str, names: Mapping[str, str] | None = None) -> Table:
    """Error by scenario, dose and method."""
    spoilt = response[response["scenario"].ne("none")]
    return plain_table(
        "dose_response", response, title=f"{title}: error by dose", names=names,
        first={"scenario": str(spoilt["scenario"].iloc[0])},
        heading="The same in numbers: error by dose",
        filters=("scenario", "predictor"),
    )


def bias_table(apart: pd.DataFrame, title: str) -> Table:
    """Bias and variance of every method on clean evidence."""
    return plain_table(
        "bias_variance", apart, title=f"{title}: bias and variance without any scenario",
        heading="How much of the error is bias, which no larger sample removes?",
    )


def worth_table(worth: pd.DataFrame, names: Mapping[str, str] | None = None) -> Table:
    """What self-selected samples are worth."""
    return plain_table(
        "worth", worth, shown=worth.replace(np.inf, np.nan),
        title="What self-selected samples are worth", names=names,
        heading="How many interviews is a self-selected sample worth?",
        first={"sample": str(worth["sample"].iloc[0])} if len(worth) else None,
        notes=("Interviews: f / ((1 − f) ρ²) with f = n / voters; Meng 2018, "
               "doi:10.1214/18-AOAS1161SF. Left blank where the error is below three sampling "
               "errors: once near zero is luck, and no size. All: root mean square of ρ.",),
    )


def verdicts_table(verdicts: pd.DataFrame) -> Table:
    """Which instruments look like the real tables that they imitate."""
    return plain_table(
        "verdicts", verdicts, title="Do the instruments look like what they imitate?",
        heading="Do the instruments look like what they imitate?",
        formats={"mean_difference": "3g", "of_the_mean_alone": "3g"},
        labels={"of_the_mean_alone": "of the mean alone", "mean_difference": "mean difference"},
        meanings={
            "mean_difference": "mean absolute difference of the simulated from the real figures",
            "of_the_mean_alone": "the same of the real figures from their mean: what somebody who "
            "knows nothing of the candidates is off by",
            "passes": "profiles: the difference is below that of the mean alone; sizes: root mean "
            "squares within a factor of 2",
            "use": "built on it: the instrument was made from this table; passing is no evidence",
        },
    )


def validation_table(validation: pd.DataFrame, names: Mapping[str, str] | None = None) -> Table:
    """Every published figure beside the simulated one."""
    shown = validation.drop(columns="kind")
    shown = shown.assign(figure=shown["figure"].replace(dict(names or {})))
    return plain_table(
        "validation", validation, shown=shown, title="Every real figure and the simulated one",
        heading="Every real figure and the simulated one", names=names,
        formats=dict.fromkeys(("real", "simulated", "difference"), "3g"),
        filters=("instrument", "against"),
    )


def failing(verdicts: pd.DataFrame) -> tuple[str, ...]:
    """Instruments that do not look like what they imitate, in a sentence each.

    Examples
    --------
    >>> table = pd.DataFrame({"instrument": ["app"], "against": ["ratings"], "unit": ["%"],
    ...                       "figures": [7], "mean_difference": [28.6],
    ...                       "of_the_mean_alone": [10.3], "passes": ["no"]})
    >>> failing(table)
    ('The app does not look like the real ratings: 29 points off on average over 7 figures.',)
    """
    return tuple(
        f"The {row['instrument'].replace('_', ' ')} does not look like the real {row['against']}: "
        f"{plain(row['mean_difference'], 2)} "
        f"{'points' if row['unit'] in ('%', 'points') else row['unit']} off on average over "
        f"{row['figures']} figures."
        for row in verdicts[verdicts["passes"].eq("no")].to_dict("records")
    )


def points_report(
    points: pd.DataFrame,
    worth: pd.DataFrame,
    *,
    sensitivity: pd.DataFrame,
    alternatives: pd.DataFrame,
    validation: pd.DataFrame,
    verdicts: pd.DataFrame,
    stated: str,
    n_voters: float,
    title: str,
    source: str,
    names: Mapping[str, str] | None = None,
) -> Report:
    """A study of breaking points.

    Parameters
    ----------
    points
        scenario, beneficiary, predictor, event, status, dose, low, high, unit,
        share_of_honest_users, price_in_polls, n_replicates.
    sensitivity
        scenario, predictor, assumption, dose_low, dose, dose_high, factor.
    alternatives
        alternative, conclusion, ratio_as_set, ratio, holds.
    validation, verdicts
        As `replicates_report`.
    stated
        The candidate of whom figure and sensitivity speak.
    worth, n_voters, title, source, names
        As `replicates_report`.
    """
    from bench.studies.breaking_point.plots import breaking_doses

    return Report(
        title=title,
        findings=(
            *points_told(named(points, names)),
            *flips_told(alternatives),
            *failing(verdicts),
            SIMULATED,
        ),
        tables=(
            points_table(points, title, names),
            sensitivity_table(sensitivity),
            alternatives_table(alternatives),
            verdicts_table(verdicts),
            validation_table(validation, names),
            worth_table(worth, names),
        ),
        figures={
            "breaking_points": lambda size: breaking_doses(
                points, stated, title, source, names=names, size=size
            ),
            "worth": lambda size: effective_size(named(worth, names), n_voters, size=size),
        },
        source=source,
        kicker="Simulated evidence",
        counts=(
            ("Searches", str(len(points))),
            ("Scenarios", str(points["scenario"].nunique())),
            ("Methods", str(points["predictor"].nunique())),
        ),
    )


def points_table(points: pd.DataFrame, title: str, names: Mapping[str, str] | None = None) -> Table:
    """Breaking points as set, and their range over the priors."""
    columns = ["scenario", "beneficiary", "predictor", "event", "status", "dose", "low", "high"]
    columns += ["unit", "share_found", "share_of_honest_users", "price_low", "price_high"]
    sizes = ["dose", "share_of_honest_users"]
    never = points.assign(**{key: points[key].replace(np.inf, np.nan) for key in sizes})
    return plain_table(
        "breaking_points", points, shown=never[columns], title=title, names=names,
        formats={**dict.fromkeys(("dose", "low", "high", "price_low", "price_high"), "2g"),
                 "share_found": "%"},
        labels={"low": "dose from", "high": "dose to", "share_found": "found in",
                "price_low": "price from, polls", "price_high": "price to, polls"},
        meanings={
            "dose": "smallest dose at which the event is more likely than not with all assumptions "
            "as set, in the unit beside; higher: harder to turn",
            "low": "5% of the draws of all assumptions from their priors need less; 0: none",
            "high": "5% of the draws need more; ∞: more than the largest dose tried",
            "share_found": "draws in which a dose between none and the largest does it",
        },
        heading="The smallest attack that turns a forecast",
        first={"scenario": str(points["scenario"].iloc[0])} if len(points) else None,
        notes=("Ranges are drawn for the stated candidate, the first of the beneficiaries.",),
    )


def sensitivity_table(sensitivity: pd.DataFrame) -> Table:
    """Which assumption moves a breaking point most, one at a time."""
    shown = sensitivity.drop(columns="beneficiary")
    return plain_table(
        "sensitivity", sensitivity, shown=shown.groupby(["scenario", "predictor"]).head(3),
        title="Which assumption moves the breaking point most? (the three largest of each)",
        heading="Which assumption moves the breaking point most?",
        formats=dict.fromkeys(("dose_low", "dose", "dose_high", "factor"), "2g"),
        labels={"at_low": "its 5%", "at_high": "its 95%", "dose_low": "dose at 5%",
                "dose_high": "dose at 95%"},
        meanings={"factor": "the largest of the three doses over the smallest; factors below 1.1 "
                  "are the step of the search", "dose": "with all assumptions as set"},
        first={"scenario": str(sensitivity["scenario"].iloc[0])} if len(sensitivity) else None,
        notes=("All to put the stated candidate first. Power: every factor raised to it.",),
    )


def alternatives_table(alternatives: pd.DataFrame) -> Table:
    """Which conclusions flip under a stated alternative."""
    return plain_table(
        "alternatives", alternatives, title="Which conclusions flip under another assumption?",
        heading="Which conclusions flip under another assumption?",
        formats={"ratio_as_set": "2g", "ratio": "2g"},
        labels={"ratio_as_set": "ratio as set", "ratio": "ratio under it"},
        meanings={"ratio": "errors, or accounts: the second method over the first; a conclusion "
                  "flips where the ratio is on the other side of 1"},
    )


def flips_told(alternatives: pd.DataFrame) -> tuple[str, ...]:
    """The conclusions that flip, in one sentence.

    Examples
    --------
    >>> table = pd.DataFrame({"alternative": ["few users"], "conclusion": ["b errs more than a"],
    ...                       "holds": ["no, flips"]})
    >>> flips_told(table)
    ('1 of 1 conclusions flip under a stated alternative: b errs more than a (few users).',)
    """
    flips = alternatives[alternatives["holds"].ne("yes")]
    by = flips.groupby("conclusion", sort=False)["alternative"].agg("; ".join)
    n = alternatives["conclusion"].nunique()
    if by.empty:
        return (f"None of {n} conclusions flips under the stated alternatives.",)
    words = ". ".join(f"{text} ({which})" for text, which in by.items())
    return (f"{len(by)} of {n} conclusions flip under a stated alternative: {words}.",)


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
            f"{plain(one['dose'], 2)} {one['unit']} as set, "
            f"{plain(100 * one['share_of_honest_users'], 2)}% of them; with the assumptions drawn "
            f"from their priors {plain(one['low'], 2)} to {plain(one['high'], 2)} (5 to 95%)."
        )
    return tuple(sentences)

"""Tables and sentences that studies of simulated evidence share: doses, samples, instruments."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from bench.core.language import N_, _, retold
from bench.core.options import label, options
from bench.report.comparison import quoted
from bench.report.formatting import Columns, format_fixed, format_significant
from bench.report.plotting.doses import added_error
from bench.report.tables import Table
from bench.report.tables import table as build_table
from bench.simulation.validation import APART

SIMULATED = N_(
    "Simulated evidence: these are facts about the methods and the assumptions, not forecasts."
)
# keys in words, for the catalogue of translations
SAMPLES = (N_("simulated online ballot"), N_("simulated opt in app"))
INSTRUMENTS = (N_("online ballot"), N_("opt in app"), N_("quota poll"), N_("social posts"))


def against_words(row: Mapping[Any, Any]) -> str:
    """The real table that an instrument imitates, in the language that is spoken."""
    return retold(
        _(row["against"]),
        N_("attention within communities, {sources}"),
        N_("favourable, {source}"),
        N_("share of posts, {source}"),
    )


def conclusion_words(text: str, *messages: str) -> str:
    """A conclusion in the language that is spoken, with methods and scenarios by their names.

    Examples
    --------
    >>> conclusion_words("app_ratings errs more than last_poll", "{worse} errs more than {better}")
    '“GOV app” errs more than “Last poll of each institute”'
    """

    def named(found: re.Match[str]) -> str:
        for group in ("predictor", "scenario"):
            if found[0] in options(group):
                return _("“{name}”", name=label(group, found[0]))
        return found[0]

    return re.sub(r"\w+", named, retold(text, *messages))


def distorts_most(distorted: pd.DataFrame, where: str) -> tuple[str, ...]:
    """The scenario and method with the largest added error, and those that nothing moves.

    Parameters
    ----------
    distorted : pandas.DataFrame
        Error by scenario, dose and method.
    where : str
        On which evidence, as a sentence begins.
    """
    added = added_error(distorted).dropna(how="all")
    if added.empty:
        return (_("No predictor that reads what a scenario changes says anything."),)
    by_method = added.max(axis=1)
    name = str(by_method.idxmax())
    scenario = str(added.loc[name].idxmax())
    rows = distorted[distorted["scenario"].eq(scenario) & distorted["predictor"].eq(name)]
    dose, unit = format_significant(rows["dose"].max()), _(rows["unit"].iloc[0])
    last, zero = rows.sort_values("dose").iloc[-1], rows.sort_values("dose").iloc[0]
    sentences = [
        _(
            "{where}, {scenario} did the most damage: its largest dose, {dose}, took {method} from "
            "{first:.1f} to {last:.1f} points off per candidate (standard error {error}).",
            where=where,
            scenario=_("“{name}”", name=label("scenario", scenario)),
            dose=f"{dose} {unit}"
            if last["dose"] > 1
            else _("{unit}: {dose}", unit=unit, dose=dose),
            method=quoted([name])[0],
            first=zero["mae_pp"],
            last=last["mae_pp"],
            error=_se(last["mae_se_pp"]),
        )
    ]
    calm = sorted(str(one) for one in added.index[by_method < 0.5])
    if calm:
        sentences.append(
            _(
                "Not even the largest dose of any scenario added half a point to the error of "
                "{calm}.",
                calm=quoted(calm),
            )
        )
    return tuple(sentences)


def _se(value: float) -> str:
    return _("below 0.01") if value < 0.005 else format_fixed(value)


def dose_table(response: pd.DataFrame, title: str, names: Mapping[str, str] | None = None) -> Table:
    """Error by scenario, dose and method."""
    distorted = response[response["scenario"].ne("none")]
    return build_table(
        "dose_response",
        response,
        title=_("{title}: error by dose", title=title),
        names=names,
        first={"scenario": str(distorted["scenario"].iloc[0])},
        heading=_("The same in numbers: error by dose"),
        filters=("scenario", "predictor"),
    )


def instrument_words(row: Mapping[Any, Any]) -> str:
    """An instrument by name, with the attack on it if there is one.

    Examples
    --------
    >>> instrument_words({"instrument": "opt_in_app, with 5,477 accounts of app_brigading"})
    'opt in app, with 5,477 accounts of “Brigading of an app”'
    """
    text = str(row["instrument"])
    found = re.fullmatch(r"(\w+), with ([\d,]+) accounts of (\w+)", text)
    name = found[1] if found else text
    said = _(name.replace("_", " "))
    if found is None:
        return said
    return _(
        "{instrument}, with {n:,} accounts of {scenario}",
        instrument=said,
        n=int(found[2].replace(",", "")),
        scenario=_("“{name}”", name=label("scenario", found[3])),
    )


def worth_table(worth: pd.DataFrame, names: Mapping[str, str] | None = None) -> Table:
    """What self-selected samples are worth."""
    return build_table(
        "worth",
        worth,
        shown=worth.replace(np.inf, np.nan),
        title=_("What self-selected samples are worth"),
        names=names,
        heading=_("How many interviews is a self-selected sample worth?"),
        first={"sample": str(worth["sample"].iloc[0])} if len(worth) else None,
        notes=(
            _(
                "Interviews: f / ((1 − f) ρ²) with f = n / voters; Meng 2018, "
                "doi:10.1214/18-AOAS1161SF. Left blank where the error is below three sampling "
                "errors: once near zero is luck, and no size. All: the sample with the same "
                "squared error over the whole ballot."
            ),
        ),
    )


NAMED: Columns = {
    "against": {"write": against_words},
    "instrument": {"write": instrument_words},
}


def _figure_words(row: Mapping[Any, Any]) -> str:
    return retold(_(row["figure"]), N_("{one} of {other}"))


def verdicts_table(verdicts: pd.DataFrame) -> Table:
    """Which instruments look like the real tables that they imitate."""
    return build_table(
        "verdicts",
        verdicts,
        title=_("Do the instruments look like what they imitate?"),
        columns=NAMED,
        heading=_("Do the instruments look like what they imitate?"),
    )


def validation_table(validation: pd.DataFrame, names: Mapping[str, str] | None = None) -> Table:
    """Every published figure beside the simulated one."""
    shown = validation.drop(columns="kind")
    shown = shown.assign(figure=shown["figure"].replace(dict(names or {})))
    return build_table(
        "validation",
        validation,
        shown=shown,
        title=_("Every real figure and the simulated one"),
        columns={**NAMED, "figure": {"write": _figure_words}},
        heading=_("Every real figure and the simulated one"),
        names=names,
        filters=("instrument", "against"),
    )


def simulated_evidence(verdicts: pd.DataFrame) -> str:
    """Where a claim about simulated evidence holds, with the comparisons that the evidence fails.

    Comparisons with the tables of which an instrument was built are no test, and are not counted.

    Examples
    --------
    >>> simulated_evidence(pd.DataFrame({"use": ["independent"] * 2, "passes": ["no", "yes"]}))
    'In simulated evidence that fails 1 of 2 comparisons with independent real tables'
    """
    tests = verdicts.loc[verdicts["use"].eq(APART), "passes"]
    n = int(tests.eq("no").sum())
    if n == 0:
        return _("In simulated evidence")
    return _(
        "In simulated evidence that fails {n} of {of} comparisons with independent real tables",
        n=n,
        of=len(tests),
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
        _(
            "The {instrument} does not look like the real {against}: {off} {unit} off on average "
            "over {figures} figures.",
            instrument=instrument_words(row),
            against=against_words(row),
            off=format_significant(row["mean_difference"], 2),
            unit=_("points") if row["unit"] in ("%", "points") else _(row["unit"]),
            figures=row["figures"],
        )
        for row in verdicts[verdicts["passes"].eq("no")].to_dict("records")
    )

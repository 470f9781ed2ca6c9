"""What a study of breaking points shows: words, tables and figures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from bench.core.language import N_, _, ngettext
from bench.core.options import label
from bench.core.settings import Experiment
from bench.report.comparison import quoted
from bench.report.context import names_of, sources_of, title_of
from bench.report.doses import (
    SIMULATED,
    conclusion_words,
    failing,
    simulated_evidence,
    validation_table,
    verdicts_table,
    worth_table,
)
from bench.report.formatting import format_significant
from bench.report.plotting.doses import named, worth_figure
from bench.report.report import Report
from bench.report.tables import Table, table
from bench.runner.results import Results
from bench.studies.breaking_point.analysis import MORE_ACCOUNTS, MORE_ERROR
from bench.studies.breaking_point.plots import breaking_doses

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SHOWN = ["scenario", "beneficiary", "predictor", "event", "status", "dose", "low", "high", "unit"]
SHOWN += ["share_found", "share_of_honest_users", "price_low", "price_high"]


def points_report(experiment: Experiment, results: Results) -> Report:
    """Breaking points, their range over the priors, and what they depend on."""
    found, title = results.tables, title_of(experiment)
    source, names = sources_of(experiment.elections), names_of(experiment.elections)
    points, stated = found["points"], str(results.facts["stated"])
    n_voters = float(results.facts["n_voters"])
    figures: dict[str, Callable[[str], Figure]] = {}
    if (points["status"].eq("found") & points["beneficiary"].eq(stated)).any():
        figures["breaking_points"] = breaking_doses(points, stated, title, source, names=names).draw
    return Report(
        title=title,
        findings=(
            *_findings(named(points, names), simulated_evidence(found["verdicts"])),
            *flips(found["alternatives"]),
            *failing(found["verdicts"]),
            _(SIMULATED),
        ),
        tables=(
            points_table(points, title, names),
            sensitivity_table(found["sensitivity"]),
            alternatives_table(found["alternatives"]),
            verdicts_table(found["verdicts"]),
            validation_table(found["validation"], names),
            worth_table(found["worth"], names),
        ),
        figures=figures | worth_figure(found["worth"], n_voters, names),
        source=source,
        kicker=_("Simulated evidence"),
        counts=(
            (_("Searches"), str(len(points))),
            (_("Scenarios"), str(points["scenario"].nunique())),
            (_("Methods"), str(points["predictor"].nunique())),
        ),
    )


def points_table(points: pd.DataFrame, title: str, names: Mapping[str, str] | None = None) -> Table:
    """Breaking points as set, and their range over the priors."""
    sizes = ["dose", "share_of_honest_users"]
    never = points.assign(**{key: points[key].replace(np.inf, np.nan) for key in sizes})
    return table(
        "breaking_points",
        points,
        shown=never,
        show=SHOWN,
        title=title,
        names=names,
        columns={
            "dose": {
                "form": "2g",
                "meaning": _(
                    "smallest dose at which the event is more likely than not with all "
                    "assumptions as set, in the unit shown; higher: harder to flip"
                ),
            },
        },
        heading=_("The smallest attack that turns a forecast"),
        first={"scenario": str(points["scenario"].iloc[0])} if len(points) else None,
        notes=(_("Ranges are drawn for the stated candidate, the first of the beneficiaries."),),
        terminal=True,
    )


def sensitivity_table(sensitivity: pd.DataFrame) -> Table:
    """Which assumption moves a breaking point most, one at a time."""
    shown = sensitivity.drop(columns="beneficiary").groupby(["scenario", "predictor"]).head(3)
    return table(
        "sensitivity",
        sensitivity,
        shown=shown,
        title=_("Which assumption moves the breaking point most? (the three largest of each)"),
        heading=_("Which assumption moves the breaking point most?"),
        columns={
            "at_low": {"label": _("its 5%")},
            "at_high": {"label": _("its 95%")},
            "dose_low": {"label": _("dose at 5%"), "form": "2g"},
            "dose": {"form": "2g", "meaning": _("with all assumptions as set")},
            "dose_high": {"label": _("dose at 95%"), "form": "2g"},
            "factor": {
                "form": "2g",
                "meaning": _(
                    "the largest of the three doses over the smallest; factors below 1.1 are the "
                    "step of the search"
                ),
            },
        },
        first={"scenario": str(sensitivity["scenario"].iloc[0])} if len(sensitivity) else None,
        notes=(_("All to put the stated candidate first. Power: every factor raised to it."),),
    )


def alternatives_table(alternatives: pd.DataFrame) -> Table:
    """Which conclusions flip under a stated alternative."""
    return table(
        "alternatives",
        alternatives,
        title=_("Which conclusions flip under another assumption?"),
        columns={
            "alternative": {"write": lambda row: _(row["alternative"])},
            "conclusion": {
                "write": lambda row: conclusion_words(row["conclusion"], MORE_ACCOUNTS, MORE_ERROR)
            },
            "ratio_as_set": {"label": _("ratio as set"), "form": "2g"},
        },
    )


def flips(alternatives: pd.DataFrame) -> tuple[str, ...]:
    """The conclusions that flip, in one sentence.

    Examples
    --------
    >>> table = pd.DataFrame({"alternative": ["few users"], "conclusion": ["b errs more than a"],
    ...                       "holds": ["no, flips"]})
    >>> flips(table)
    ('1 of 1 conclusions flip under a stated alternative: b errs more than a (few users).',)
    """
    others = alternatives[alternatives["holds"].ne("yes")]
    by = others.groupby("conclusion", sort=False)["alternative"].agg(list)
    n = alternatives["conclusion"].nunique()
    if by.empty:
        return (_("None of {n} conclusions flips under the stated alternatives.", n=n),)
    words = _("; ").join(
        f"{conclusion_words(str(text), MORE_ACCOUNTS, MORE_ERROR)} ({', '.join(map(_, under))})"
        for text, under in by.items()
    )
    return (
        _(
            "{n} of {of} conclusions flip under a stated alternative: {words}.",
            n=len(by),
            of=n,
            words=words,
        ),
    )


def _findings(points: pd.DataFrame, where: str) -> Iterator[str]:
    """The attack with the fewest users for its whole range, and how many forecasts can be turned.

    A range that begins at 0 says that the candidate may be there without any attack: no smallest
    attack is shown then, however small the dose with assumptions as set.
    """
    found = points[points["status"].eq("found")]
    counted = found.dropna(subset="share_of_honest_users").sort_values("share_of_honest_users")
    needed = counted[counted["low"].gt(0)]
    if len(needed):
        one = needed.iloc[0]
        low, dose, high = (format_significant(one[key], 2) for key in ("low", "dose", "high"))
        goal = (
            N_("{where}, {range} {unit} put {candidate} first in {method} ({scenario}; {assumed}).")
            if one["event"] == "first"
            else N_(
                "{where}, {range} {unit} put {candidate} into the runoff in {method} ({scenario}; "
                "{assumed})."
            )
        )
        yield _(
            goal,
            where=where,
            range=_("{low} or more", low=low)
            if np.isinf(one["high"])
            else _("{low} to {high}", low=low, high=high),
            unit=_(one["unit"]),
            candidate=one["beneficiary"].replace("_", " "),
            method=quoted([one["predictor"]])[0],
            scenario=_("“{name}”", name=label("scenario", one["scenario"])),
            assumed=_(
                "90% of the draws of all assumptions; {dose} with assumptions as set, {share}% of "
                "the number of honest users",
                dose=dose,
                share=format_significant(100 * one["share_of_honest_users"], 2),
            ),
        )
    elif len(counted):
        yield _("{where}, no smallest attack on the count of users is shown.", where=where)
    yield _(
        "In {found} of {n} searches some dose turned the forecast more often than not; in "
        "{beyond} none of the doses tried did.",
        n=len(points),
        found=len(found),
        beyond=int(points["status"].eq("beyond").sum()),
    )
    without = found[found["low"].eq(0)]
    if len(without):
        yield ngettext(
            "In {n} search the range over all assumptions begins at 0: with some of them the "
            "candidate is there without any attack, so no smallest attack is shown.",
            "In {n} searches the range over all assumptions begins at 0: with some of them the "
            "candidate is there without any attack, so no smallest attack is shown.",
            len(without),
        )

"""What the study of many electorates shows: words, tables and a figure."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from bench.report.plain_table import plain_table
from bench.report.report import Report
from bench.report.table import Table
from bench.studies.dose_response.report import SIMULATED
from bench.studies.electorates.plots import electorates

CLAIM_FORMS = dict.fromkeys(["value", "low", "high"], "2")


def electorates_report(
    apart: pd.DataFrame,
    claims: pd.DataFrame,
    *,
    families: Mapping[str, str],
    title: str,
    source: str,
) -> Report:
    """Bias and variance by election, and which conclusions hold.

    Parameters
    ----------
    apart
        election, volunteers, predictor, electorates, rmse_pp, bias_pp, sd_pp.
    claims
        election, conclusion, measure, value, low, high, holds.
    families
        Predictor to its family of methods.
    title, source
        Heading; where the electorates come from.
    """
    return Report(
        title=title,
        findings=(*told(claims), SIMULATED),
        tables=(claims_table(claims, title), _apart_table(apart, title)),
        figures={"electorates": lambda size: electorates(apart, families, title, size=size)},
        source=source,
        kicker="Simulated evidence",
        counts=(
            ("Elections", str(apart["election"].nunique())),
            ("Electorates of each", f"{int(apart['electorates'].max()):,}"),
            ("Methods", str(apart["predictor"].nunique())),
        ),
    )


def told(claims: pd.DataFrame) -> tuple[str, ...]:
    """How many conclusions hold in every election, and which do not.

    Examples
    --------
    >>> table = pd.DataFrame({"conclusion": ["a errs more than b", "a errs more than b"],
    ...                       "election": ["x", "y"], "holds": ["yes", "no, the reverse"]})
    >>> told(table)[1]
    'a errs more than b: yes in x; no, the reverse in y.'
    """
    by = claims.groupby("conclusion", sort=False)["holds"].agg(lambda one: set(one) == {"yes"})
    n = claims["election"].nunique()
    sentences = [
        f"{int(by.sum())} of {len(by)} conclusions drawn from one election hold, with their whole "
        f"95% interval, in all {n}."
    ]
    for name in by.index[~by]:
        rows = claims[claims["conclusion"].eq(name)]
        verdicts = [
            f"{verdict} in {', '.join(part['election'])}"
            for verdict, part in rows.groupby("holds", sort=False)
        ]
        sentences.append(f"{name}: {'; '.join(verdicts)}.")
    return tuple(sentences)


def claims_table(claims: pd.DataFrame, title: str) -> Table:
    """Conclusions by election."""
    return plain_table(
        "conclusions", claims, title=f"{title}: does a conclusion hold elsewhere?",
        formats=CLAIM_FORMS, heading="Does a conclusion hold elsewhere?",
        notes=(
            "95% intervals of a paired bootstrap over electorates. What an election does not "
            "know itself is lent by another: docs/simulation.md.",
        ),
    )


def _apart_table(apart: pd.DataFrame, title: str) -> Table:
    return plain_table(
        "bias_variance", apart, title=f"{title}: bias and variance", meanings={
            "volunteers": "those who come, or as many people drawn by lot",
        },
        first={"election": str(apart["election"].iloc[-1])} if len(apart) else None,
        heading="How much of the error is bias, which no larger sample removes?",
        notes=("Root mean squared errors over electorates around each election, points.",),
    )

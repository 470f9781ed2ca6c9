"""Who knows the map: this file holds the table of errors by area."""

from __future__ import annotations

import pandas as pd

from bench.report.context import RunFacts
from bench.report.plain_table import plain_table
from bench.report.table import Table
from bench.studies.backtest import selection as cells

EVERYBODY = "mean of all"
SHOWN = 5  # candidates with a column of their own


def area_errors(errors: pd.DataFrame, facts: RunFacts) -> pd.DataFrame:
    """Mean absolute error over areas by predictor and candidate, in percentage points.

    Parameters
    ----------
    errors
        Long table; the cell of `facts` is taken, on the full ballot.
    facts
        The vote.

    Returns
    -------
    pandas.DataFrame
        predictor, candidate (empty: mean of all candidates), n_areas, weighted_pp (areas weigh
        their valid votes) and unweighted_pp (every area counts alike); best weighted mean first.
    """
    here = cells.one_cell(errors, facts)
    here = here[here["ballot"].eq("full")]
    local = here[here["score"].eq("signed_error") & here["area"].ne("national")]
    keys = ["predictor", "candidate"]
    by_name = local.assign(value=local["value"].abs()).groupby(keys)
    weighted = here[here["score"].eq("area_absolute_error")].groupby(keys)["value"].mean()
    table = pd.DataFrame(
        {
            "n_areas": by_name["area"].nunique(),
            "weighted_pp": 100 * weighted,
            "unweighted_pp": 100 * by_name["value"].mean(),
        }
    ).reset_index()
    whole = table.groupby("predictor", as_index=False)[
        ["n_areas", "weighted_pp", "unweighted_pp"]
    ].mean()
    whole["n_areas"] = whole["n_areas"].astype(int)
    both = pd.concat([whole.assign(candidate=""), table], ignore_index=True)
    best = whole.sort_values("weighted_pp")["predictor"].tolist()
    order = both["predictor"].map({name: place for place, name in enumerate(best)})
    both = both.assign(order=order).sort_values(["order", "candidate"], kind="stable")
    return both[[*keys, "n_areas", "weighted_pp", "unweighted_pp"]].reset_index(drop=True)


def has_areas(errors: pd.DataFrame) -> set[str]:
    """Predictors that were scored by area."""
    return {str(name) for name in errors.loc[errors["area"].ne("national"), "predictor"]}


def area_tables(label: str, errors: pd.DataFrame, facts: RunFacts) -> list[Table]:
    """The tables `areas` and `areas_by_candidate`.

    Parameters
    ----------
    label
        Put before the file names.
    errors, facts
        As `area_errors`.
    """
    long = area_errors(errors, facts)
    wide = long[long["candidate"].eq("")].drop(columns="candidate").reset_index(drop=True)
    for name in facts.by_votes[:SHOWN]:
        mine = long[long["candidate"].eq(name)].set_index("predictor")["weighted_pp"]
        wide[facts.short(name)] = wide["predictor"].map(mine)
    title = f"Mean absolute error by area, percentage points: {facts.title}"
    notes = (
        "The candidates' columns weigh areas by their valid votes too. Who knows the level of a "
        "candidate in the whole country is another table.",
    )
    numbers = [c for c in wide if c not in ("predictor", "n_areas")]
    names = {name: facts.short(name) for name in facts.by_votes}
    shown = long.assign(candidate=long["candidate"].replace("", EVERYBODY))
    forms = {str(name): "2" for name in numbers}
    return [
        plain_table(f"{label}areas", wide, title=title, notes=notes, formats=forms,
                    heading="Who knows the map?"),
        plain_table(
            f"{label}areas_by_candidate", long, shown=shown, title=f"{title}, by candidate",
            heading="Who knows the map of each candidate?", filters=("predictor", "candidate"),
            first={"candidate": facts.by_votes[0]}, names=names,
        ),
    ]  # fmt: skip

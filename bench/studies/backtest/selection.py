"""Which rows of the long tables belong to what is shown: this file holds the cell filters."""

import pandas as pd

from bench.core.errors import DataError
from bench.report.context import RunFacts

SIGNED_ERROR = "signed_error"  # per candidate, forecast minus outcome, fraction
CRPS = "crps"  # per candidate, fraction
CRPS_MC_ERROR = "crps_mc_error"  # summary, Monte-Carlo standard error of the mean CRPS, fraction
INSIDE_90 = "inside_90"  # per candidate, 1 where the 90% interval holds the outcome
PIT = "pit"  # per candidate, 0 to 1
P_PAIR = "p_pair"  # summary, probability given to the set that really qualified

CELL = ["election", "round", "as_of", "scenario", "dose", "replicate"]
ERRORS = [*CELL, "predictor", "area", "ballot", "candidate", "score", "value"]
FORECASTS = [*CELL, "predictor", "area", "candidate", "share", "filled"]
METHODS = ["predictor", "family", "status", "named", "n_candidates", "converted", "access"]


def require(table: pd.DataFrame, columns: list[str], what: str) -> pd.DataFrame:
    """Return a table whose columns are complete, or refuse it.

    Raises
    ------
    DataError
        If a column is missing.

    Examples
    --------
    >>> require(pd.DataFrame({"a": [1]}), ["a", "b"], "errors")
    Traceback (most recent call last):
    bench.core.errors.DataError: table 'errors' lacks the column 'b'; it must have: a, b
    """
    for column in columns:
        if column not in table.columns:
            raise DataError(
                f"table '{what}' lacks the column '{column}'; it must have: {', '.join(columns)}"
            )
    return table


def one_cell(table: pd.DataFrame, facts: RunFacts, *, any_date: bool = False) -> pd.DataFrame:
    """Rows of the election, round, date, scenario and dose that `facts` names.

    Parameters
    ----------
    table
        `errors` or `forecasts`.
    facts
        The run.
    any_date
        Keep every date of the election instead of the one of `facts`.

    Returns
    -------
    DataFrame
        The rows, with `as_of` as timestamps.

    Raises
    ------
    DataError
        If none is left.
    """
    table = require(table, CELL, "errors or forecasts")
    table = table.assign(as_of=pd.to_datetime(table["as_of"]))
    keep = (
        table["election"].eq(facts.election)
        & table["round"].eq(facts.round)
        & table["scenario"].eq(facts.scenario)
        & table["dose"].eq(facts.dose)
    )
    if not any_date:
        keep &= table["as_of"].eq(facts.as_of)
    if not keep.any():
        have = table[["election", "round", "as_of", "scenario", "dose"]].drop_duplicates()
        raise DataError(
            f"no row of election {facts.election}, round {facts.round}, as of {facts.as_of}, "
            f"scenario '{facts.scenario}', dose {facts.dose:g}; the table holds "
            f"{have.head(5).to_dict('records')}; give facts of one of these"
        )
    return table[keep]


def ranked_sets(errors: pd.DataFrame, facts: RunFacts) -> dict[pd.Timestamp, tuple[str, ...]]:
    """The candidates that are ranked on, by moment, in order of votes; none without a subset."""
    rows = national(one_cell(errors, facts, any_date=True))
    rows = rows[rows["ballot"].eq("common") & rows["score"].eq(SIGNED_ERROR)]
    return {
        pd.Timestamp(str(moment)): tuple(c for c in facts.by_votes if c in set(part["candidate"]))
        for moment, part in rows.groupby("as_of")
    }


def national(table: pd.DataFrame) -> pd.DataFrame:
    """Rows of the whole country."""
    return table[table["area"].eq("national")]


def days_before(as_of: pd.Series, vote_on: pd.Timestamp) -> pd.Series:
    """Whole days from the cut to the vote.

    Examples
    --------
    >>> as_of = pd.Series([pd.Timestamp("2017-04-21 20:00")])
    >>> days_before(as_of, pd.Timestamp("2017-04-23")).tolist()
    [2]
    """
    days: pd.Series = (vote_on.normalize() - as_of.dt.normalize()).dt.days
    return days

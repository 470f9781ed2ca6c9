"""What a plug-in's test finds: order, chance and errors; and what poison does to a table."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest
from numpy.typing import ArrayLike

from bench.audit import check_predictor
from bench.audit.poison import KINDS, poisoned, rows_after
from bench.core import Evidence, Forecast, ForecastError, Predictor
from tests.evidence import evidence as made

AS_OF = pd.Timestamp("2031-04-04T20:00")


def polls() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "candidate": ["ash", "birch", "ash", "birch", "ash", "birch"],
            "share": [0.6, 0.4, 0.5, 0.5, 0.3, 0.7],
            "n": [900, 900, 800, 800, 700, 700],
            "rolling": [True, False, True, False, True, False],
            "day": pd.to_datetime(["2031-04-01"] * 2 + ["2031-04-03"] * 2 + ["2031-04-05"] * 2),
            "published_on": pd.to_datetime(
                ["2031-04-02T00:00"] * 2 + ["2031-04-04T20:00"] * 2 + ["2031-04-05T00:00"] * 2
            ),
        }
    )


@pytest.mark.parametrize("kind", KINDS)
def test_poison_changes_every_late_number_and_no_other_row(kind: str) -> None:
    table = polls()
    late = rows_after(table, AS_OF)
    assert late.tolist() == [False] * 4 + [True] * 2
    other = poisoned(table, late, kind, np.random.default_rng(1))
    pd.testing.assert_frame_equal(other.iloc[:4], table.iloc[:4])
    rest = other.iloc[4:]
    assert (other.dtypes == table.dtypes).all()
    if kind == "deleted":
        assert rest.empty
    else:
        assert len(rest) == 2
        assert not rest["share"].equals(table["share"].iloc[4:]) or kind == "permuted"
    if kind == "shifted":
        assert (rest["day"] < AS_OF).all()
        assert (rest["published_on"] > AS_OF).all()
    if kind == "missing":
        assert rest[["candidate", "share", "day", "published_on"]].isna().all(axis=None)


def test_permuting_moves_each_column_for_itself() -> None:
    table = pd.DataFrame({"a": range(50), "b": range(50), "published_on": AS_OF})
    late = pd.Series(True, index=table.index)
    other = poisoned(table, late, "permuted", np.random.default_rng(1))
    assert sorted(other["a"]) == list(range(50))
    assert other["a"].tolist() not in (table["a"].tolist(), other["b"].tolist())


def test_a_correction_is_late_until_its_own_day_and_what_an_owner_held_is_not() -> None:
    table = polls().assign(corrected_on=pd.NaT)
    table["corrected_on"] = table["corrected_on"].astype("datetime64[ns]")
    table.loc[0, "corrected_on"] = pd.Timestamp("2031-04-05")
    assert rows_after(table, AS_OF).tolist() == [True, False, False, False, True, True]
    day = pd.to_datetime(["2031-04-03", "2031-04-06"])
    held = pd.DataFrame(
        {"source": "app", "available_on": day, "published_on": pd.Timestamp("2032")}
    )
    late = rows_after(held, pd.Timestamp("2031-04-05"), include_embargoed=["app"])
    assert late.tolist() == [False, True]
    assert rows_after(held, AS_OF).tolist() == [True, True]


@pytest.mark.parametrize(
    ("says", "words"),
    [
        (lambda polls: polls.groupby("candidate")["share"].mean(), ""),
        (lambda _: np.random.default_rng().dirichlet([1.0, 1.0]), "two forecasts from one seed"),
        (lambda _: np.random.dirichlet([1.0, 1.0]), "two forecasts from one seed"),  # noqa: NPY002
        (lambda polls: polls["share"].iloc[:2] / 1.0, "depends on the order of rows"),
        (lambda polls: polls["no such column"], r"KeyError: 'no such column'\nTraceback"),
    ],
)
def test_chance_order_and_errors_are_found(
    says: Callable[[pd.DataFrame], ArrayLike], words: str
) -> None:
    class Local(Predictor):
        needs: ClassVar[frozenset[str]] = frozenset({"polls"})

        def predict(self, evidence: Evidence, rng: np.random.Generator) -> Forecast:
            share = np.asarray(says(evidence["polls"]))
            return Forecast(share=pd.Series(share, index=["ash", "birch"]))

    evidence = replace(made("ash", "birch"), as_of=AS_OF, tables={"polls": polls().iloc[:4]})
    with pytest.raises(ForecastError, match=words) if words else nullcontext():
        assert check_predictor(Local(), evidence) is not None

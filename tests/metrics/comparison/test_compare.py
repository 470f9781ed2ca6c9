"""Rankings only within identical sets; tests of chance only where something can be tested."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from bench.core import ForecastError
from bench.metrics.comparison.compare import compare, paired_differences
from bench.metrics.comparison.significance import mean_interval, sign_flip_test
from bench.metrics.comparison.tests import (
    MIN_ELECTIONS,
    MIN_FOR_SET,
    chance_columns,
    ratio_columns,
)

CANDIDATES = ("ash", "birch")
APART = {f"e{year}": f"e{year}" for year in range(2000, 2040)}  # every election by itself


def errors(losses: Mapping[str, list[float]], days: int = 1) -> pd.DataFrame:
    """One row per vote and candidate; the two candidates lie 0.01 to either side of the mean."""
    rows = []
    for name, values in losses.items():
        for place, value in enumerate(values):
            if np.isnan(value):
                continue
            year, day = 2000 + place // days, 1 + place % days
            vote = {
                "election": f"e{year}",
                "round": 1,
                "as_of": pd.Timestamp(f"{year}-04-{day:02d}"),
                "distortion": "none",
                "dose": 0.0,
                "replicate": 0,
                "predictor": name,
                "area": "national",
                "ballot": "all",
            }
            rows.append(vote | {"candidate": "", "metric": "mean_absolute_error", "value": value})
            for sign, candidate in zip((-1, 1), CANDIDATES, strict=True):
                of_candidate = vote | {"candidate": candidate}
                rows.append(of_candidate | {"metric": "crps", "value": value + 0.01 * sign})
                for level in (50, 80, 90, 95):
                    rows.append(of_candidate | {"metric": f"inside_{level}", "value": 1.0})
    return pd.DataFrame(rows)


def losses(values: Mapping[str, list[float]], dates: int = 1) -> pd.DataFrame:
    """One row per election and date, in points."""
    n = len(next(iter(values.values()))) // dates
    days = [
        (f"e{2000 + k // dates}", pd.Timestamp(2000 + k // dates, 4, 1 + k % dates))
        for k in range(n * dates)
    ]
    return pd.DataFrame(values, index=pd.MultiIndex.from_tuples(days, names=["election", "as_of"]))


def test_a_paired_difference_has_the_interval_of_scipy() -> None:
    draws = np.random.default_rng(7).normal([2.0, 2.3], 0.5, (9, 2))
    table = losses({"mine": [*draws[:, 0]], "base": [*draws[:, 1]]})
    row = paired_differences(table, "base", APART).iloc[0]
    scipy_test = stats.ttest_rel(draws[:, 0], draws[:, 1])
    assert row["difference"] == pytest.approx((draws[:, 0] - draws[:, 1]).mean())
    interval = scipy_test.confidence_interval(0.95)
    assert (row["low"], row["high"]) == pytest.approx((interval.low, interval.high))
    assert row["better_in"] == (draws[:, 0] < draws[:, 1]).sum()


def test_neighbours_in_a_series_make_a_difference_less_sure() -> None:
    values = {"mine": [1.0, 1.2, 0.9, 1.1, 1.3, 0.8, 1.0, 1.4], "base": [1.5] * 8}
    alone = paired_differences(losses(values), "base", APART).iloc[0]
    together = paired_differences(losses(values), "base", {}).iloc[0]
    assert alone["difference"] == together["difference"]
    assert alone["high"] < 0
    # eight values that correlate are worth fewer than six independent ones: no interval
    assert np.isnan(together["high"])


def test_only_what_both_answered_is_paired_and_elections_count_alike() -> None:
    nan = np.nan
    values = {"mine": [1.0, 3.0, nan, 4.0], "base": [2.0, 2.0, 9.0, 1.0]}
    row = paired_differences(losses(values, dates=2), "base", APART).iloc[0]
    # the first election: (-1 + 1) / 2; the second by its one common date: 3
    assert row[["elections", "better_in", "difference"]].tolist() == [2, 0, 1.5]


def rng() -> np.random.Generator:
    return np.random.default_rng(1)


def test_scenarios_are_not_mixed() -> None:
    table = errors({"a": [0.1, 0.2], "b": [0.2, 0.3]})
    table.loc[0, "distortion"] = "herding"
    table.loc[table["candidate"] == "birch", "distortion"] = "herding"
    with pytest.raises(ForecastError, match="mix 2 values of 'distortion' \\(herding, none\\)"):
        compare(table, "a", rng(), APART)


def test_a_value_given_twice_is_refused() -> None:
    table = errors({"a": [0.1, 0.2]})
    changed = table.assign(value=table["value"] + 0.01)  # another value for the same is no better
    with pytest.raises(ForecastError, match="a value of 'crps' twice"):
        compare(pd.concat([table, changed]), "a", rng(), APART)
    with pytest.raises(ForecastError, match="a value of 'crps' twice"):
        compare(pd.concat([table, table]), "a", rng(), APART)


def test_who_answered_another_set_is_not_ranked_with_the_rest() -> None:
    found = compare(
        errors({"a": [0.1, 0.2], "b": [0.3, 0.1], "c": [0.01, np.nan]}), "a", rng(), APART
    )
    by_name = found.summary.set_index("predictor")
    assert by_name["group"].to_dict() == {"a": 1, "b": 1, "c": 2}
    assert by_name["rank"].to_dict() == {"a": 1, "b": 2, "c": 1}
    assert by_name["votes"].to_dict() == {"a": 2, "b": 2, "c": 1}
    (missing,) = found.facts["missing"]
    assert (missing["set"], missing["methods"]) == (2, ["c"])
    assert missing["votes"] == [{"election": "e2001", "round": 1, "n": 0, "of": 0}]


def test_who_left_out_one_candidate_is_not_ranked_with_the_rest() -> None:
    table = errors({"a": [0.1, 0.2], "b": [0.3, 0.1]})
    gone = table["predictor"].eq("b") & table["election"].eq("e2001") & table["candidate"].eq("ash")
    found = compare(table[~gone], "a", rng(), APART)
    assert found.summary.set_index("predictor")["group"].to_dict() == {"a": 1, "b": 2}
    (missing,) = found.facts["missing"]
    assert missing["votes"] == []
    assert missing["candidates"] == [{"candidate": "ash", "election": "e2001"}]


def test_means_are_over_candidates_then_votes_in_points() -> None:
    found = compare(errors({"a": [0.1, 0.2], "b": [0.4, 0.4]}), "a", rng(), APART).summary
    a, b = found.set_index("predictor").loc[["a", "b"]].to_dict("records")
    assert a["crps_pp"] == pytest.approx(15)
    assert a["mae_pp"] == pytest.approx(15)
    assert b["relative_skill"] == pytest.approx((4 * 2) ** 0.5)  # the geometric mean
    assert a["relative_skill"] == 1
    assert (b["better_in"], b["compared_in"]) == (0, 2)
    assert np.isnan(a["better_in"])


def test_equal_losses_share_a_rank() -> None:
    found = compare(errors({"a": [0.1, 0.2], "b": [0.2, 0.1], "c": [0.3, 0.3]}), "a", rng(), APART)
    assert found.summary["rank"].tolist() == [1, 1, 3]
    assert found.summary["rank"].dtype == int


@pytest.mark.parametrize(("elections", "days"), [(1, 1), (1, 2), (2, 2), (MIN_ELECTIONS, 1)])
def test_the_extent_counts_elections_votes_and_dates(elections: int, days: int) -> None:
    loss = np.random.default_rng(2).uniform(0.1, 0.2, (2, elections * days)).tolist()
    found = compare(errors(dict(zip("ab", loss, strict=True)), days), "a", rng(), APART)
    extent = found.facts["extent"]
    counted = (extent["elections"], extent["votes"], extent["moments"])
    assert counted == (elections, elections, elections * days)
    assert extent["several_dates"] is (days > 1)
    assert extent["tested"] is (elections >= MIN_ELECTIONS)
    assert bool(found.facts["tests"]) is extent["tested"]


TESTED = ["low_pp", "high_pp", "relative_low", "relative_high", "in_mcs", "p_baseline"]


@pytest.mark.parametrize("days", [1, 4, 8])
def test_nothing_is_tested_and_no_interval_given_for_one_election(days: int) -> None:
    table = errors({"a": [0.1] * days, "b": [0.2] * days, "c": [0.3] * days}, days=days)
    found = compare(table, "a", rng(), APART)
    assert found.summary[TESTED].isna().all(axis=None)
    assert found.summary["elections"].eq(1).all()
    assert found.facts["tests"] == found.facts["missing"] == []


def test_the_tests_are_those_of_the_functions() -> None:
    generator = np.random.default_rng(7)
    losses = {name: list(generator.uniform(0.1, 0.2, 9)) for name in "abc"}
    losses["c"] = [value + 0.5 for value in losses["c"]]
    found = compare(errors(losses), "a", rng(), APART)
    by_name = found.summary.set_index("predictor")
    logs = np.log(pd.DataFrame(losses))
    beside = logs[["b", "c"]].sub(logs["a"], axis=0)
    p = sign_flip_test(beside, rng())
    assert by_name.loc[["b", "c"], "p_baseline"].tolist() == pytest.approx(p.tolist())
    assert np.isnan(by_name.loc["a", "p_baseline"])
    low, high = mean_interval(beside)
    assert by_name.loc[["b", "c"], "relative_low"].tolist() == pytest.approx(np.exp(low).tolist())
    assert by_name.loc[["b", "c"], "relative_high"].tolist() == pytest.approx(np.exp(high).tolist())
    points = mean_interval(100 * pd.DataFrame(losses))
    assert by_name.loc[list("abc"), "low_pp"].tolist() == pytest.approx(points[0].tolist())
    assert by_name.loc[list("abc"), "high_pp"].tolist() == pytest.approx(points[1].tolist())
    assert by_name["in_mcs"].isna().all()  # nine elections are too few for a set
    assert by_name["direction"].to_dict() == {"a": "", "b": "not_shown", "c": "worse"}
    (test,) = found.facts["tests"]
    assert (test["round"], test["set"], test["elections"], test["n_pairs"]) == (None, 1, 9, 3)
    pair = next(one for one in test["pairs"] if one["closer"] == "b")
    assert (pair["other"], pair["p"]) == ("c", pytest.approx(0.004, abs=5e-4))
    assert test["kept"] == []


def test_elections_of_one_series_are_tested_by_what_does_not_follow_from_the_last() -> None:
    generator = np.random.default_rng(7)
    losses = {name: list(generator.uniform(0.1, 0.2, 11)) for name in "ab"}
    losses["b"] = [value + 0.1 for value in losses["b"]]
    found = compare(errors(losses), "a", rng(), {}).summary.set_index("predictor")
    gap = np.log(losses["b"]) - np.log(losses["a"])
    lag = 0.6 ** np.abs(np.subtract.outer(np.arange(11), np.arange(11)))
    white = [0.64 * gap[0], *(0.4 * (gap[1:] - 0.6 * gap[:-1]))]
    assert found.loc["b", "p_baseline"] == pytest.approx(
        sign_flip_test(np.array(white)[:, None], rng())[0]
    )
    bounds = np.ravel(mean_interval(gap[:, None], correlation=lag))
    assert found.loc["b", ["relative_low", "relative_high"]].tolist() == pytest.approx(
        np.exp(bounds).tolist()
    )
    assert compare(errors(losses), "a", rng(), {}).facts["extent"]["correlated"]
    assert not compare(errors(losses), "a", rng(), APART).facts["extent"]["correlated"]
    # another election in between belongs to another series, and changes nothing in this one
    other = {"e2004": "elsewhere"}
    apart = compare(errors(losses), "a", rng(), other).summary.set_index("predictor")
    kept = np.delete(np.arange(11), 4)
    within = np.eye(11)
    within[np.ix_(kept, kept)] = 0.6 ** np.abs(np.subtract.outer(np.arange(10), np.arange(10)))
    bounds = np.ravel(mean_interval(gap[:, None], correlation=within))
    assert np.log(apart.loc["b", ["relative_low", "relative_high"]].astype(float)).tolist() == (
        pytest.approx(bounds.tolist())
    )


def test_dates_of_an_election_are_one_value_and_the_order_does_not_matter() -> None:
    """Dates of one campaign far or near, the test sees one value per election."""
    losses = {"a": [0.1, 0.3, 0.1, 0.4, 0.2, 0.3], "b": [0.3, 0.1, 0.25, 0.3, 0.15, 0.5]}
    once = errors(losses)
    again = [once.assign(as_of=once["as_of"] - pd.Timedelta(days=d)) for d in (0, 1, 40)]
    names = {f"e{2000 + k}": f"e{2000 + later}" for k, later in enumerate((3, 0, 4, 1, 2, 5))}
    moved = once.assign(election=once["election"].map(names))
    one, *others = [compare(t, "a", rng(), APART).summary for t in (once, pd.concat(again), moved)]
    for other in others:
        columns = ["p_baseline", "relative_low", "relative_high", "low_pp", "crps_pp", "elections"]
        pd.testing.assert_frame_equal(one[columns], other[columns])


def test_first_rounds_and_runoffs_are_compared_together_and_apart() -> None:
    first = errors({"a": [8.0, 4.0], "b": [4.0, 4.0]})
    second = errors({"a": [0.1, 0.1], "b": [0.2, 0.1]}).assign(round=2)
    found = compare(pd.concat([first, second]), "b", rng(), APART)
    together = found.summary.set_index("predictor")
    # ratios 2 and 1/2 in the one election, 1 and 1 in the other: as good, though 8 is far from 4
    assert together.loc["a", "relative_skill"] == pytest.approx(1)
    assert together["rank"].tolist() == [1, 1]
    assert together[["crps_pp", "mae_pp", "p_pair"]].isna().all(axis=None)
    by_round = found.by_round.set_index(["round", "predictor"])
    assert by_round.loc[(1, "a"), "crps_pp"] == pytest.approx(600)
    assert by_round.loc[(2, "a"), "relative_skill"] == pytest.approx(0.5**0.5)
    assert compare(first, "b", rng(), APART).by_round.empty


def several(n: int, *shift: float) -> np.ndarray:
    loss = np.random.default_rng(3).normal(size=(n, len(shift))) + np.array(shift)
    return np.asarray(loss[:, :, None] - loss[:, None])


def chances(ratios: np.ndarray, names: str, baseline: str) -> tuple[pd.DataFrame, dict[str, Any]]:
    return chance_columns(ratios, list(names), baseline, rng(), np.eye(len(ratios)))


def test_a_set_of_the_best_is_shown_from_twenty_elections_on() -> None:
    for n, shown in ((MIN_FOR_SET - 1, False), (MIN_FOR_SET, True)):
        columns, found = chances(several(n, 0.0, 0.0, 5.0), "abc", "a")
        assert bool(columns["in_mcs"].notna().all()) is shown
        assert bool(found["kept"]) is shown
    assert (found["kept"], found["set_level"]) == (["a", "b"], 0.9)
    assert columns["in_mcs"].tolist() == [1.0, 1.0, 0.0]


def test_without_the_baseline_every_method_stands_beside_the_average_one() -> None:
    found = compare(errors({"a": [0.1] * 6, "b": [0.4] * 6}), "absent", rng(), APART)
    assert found.summary["relative_skill"].tolist() == pytest.approx([0.5, 2.0])
    assert found.summary["p_baseline"].isna().all()
    assert [one["n_pairs"] for one in found.facts["tests"]] == [1]


def test_ratios_beside_the_baseline_hold_for_those_who_met_it() -> None:
    """Of four methods the third never met the baseline; the last met it as often as is needed."""
    log = np.full((8, 4), np.nan)
    log[:, 0] = 0.0  # the baseline
    log[:, 1] = [-0.2, 0.0, 0.1, -0.1, 0.3, 0.0, -0.4, 0.2]
    log[:MIN_ELECTIONS, 3] = 0.1 * np.arange(MIN_ELECTIONS)
    ratios = log[:, :, None] - log[:, None]
    found = ratio_columns(ratios, list("wxyz"), "w", np.eye(len(ratios)))
    assert list(found.index) == list("wxyz")
    columns = ["relative_skill", "relative_low", "relative_high", "better_in", "compared_in"]
    assert list(found.columns) == [*columns, "direction", "within", "detectable"]
    assert found["direction"].tolist() == ["", "not_shown", "", "worse"]
    assert found["within"].tolist() == ["", "not_shown", "", "not_shown"]
    assert found["detectable"].notna().tolist() == [False, True, False, True]
    assert found.loc["w", "relative_skill"] == 1.0
    assert found.loc["w"].isna().sum() == 5
    assert found.loc["y", columns].isna().all()
    for name, logs in (("x", log[:, 1]), ("z", log[:MIN_ELECTIONS, 3])):
        low, high = mean_interval(logs[:, None], level=0.95)
        expected = np.exp([logs.mean(), low[0], high[0]])
        assert found.loc[name, columns[:3]].tolist() == pytest.approx(expected.tolist())
    assert found.loc["x", ["better_in", "compared_in"]].tolist() == [3.0, 8.0]
    assert found.loc["z", ["better_in", "compared_in"]].tolist() == [0.0, 6.0]
    fewer = ratio_columns(ratios[: MIN_ELECTIONS - 1], list("wxyz"), "w", np.eye(MIN_ELECTIONS - 1))
    assert fewer[["relative_low", "relative_high"]].isna().all(axis=None)
    # without the baseline: beside the mean of those who answered
    alone = ratio_columns(ratios, list("wxyz"), "nobody", np.eye(len(ratios)))
    mean = log - np.nanmean(log, axis=1, keepdims=True)
    skill = [np.exp(np.nanmean(mean[:, k])) for k in (0, 1, 3)]
    np.testing.assert_allclose(alone["relative_skill"].drop("y"), skill)
    assert alone["compared_in"].isna().tolist() == [False, False, True, False]

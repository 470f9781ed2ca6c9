"""Rankings only within identical sets; tests of chance only where something can be tested."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest

from bench.contract import ForecastError
from bench.score.chance import FEWEST_ELECTIONS, chance_columns, relative_skills
from bench.score.comparisons import compare
from bench.score.reliability import binomial_interval
from bench.score.resamples import block_counts
from bench.score.sets import KEY, missing_in_words
from bench.score.significance import diebold_mariano, holm

CANDIDATES = ("ash", "birch")


def errors(losses: Mapping[str, list[float]], days: int = 1) -> pd.DataFrame:
    """One row per vote and candidate; the two candidates lie 0.01 to either side of the mean."""
    rows = []
    for name, values in losses.items():
        for place, value in enumerate(values):
            if np.isnan(value):
                continue
            year, day = 2000 + place // days, 1 + place % days
            for sign, candidate in zip((-1, 1), CANDIDATES, strict=True):
                for score in ("crps", "absolute_error"):
                    rows.append(
                        {
                            "election": f"e{year}",
                            "round": 1,
                            "as_of": pd.Timestamp(f"{year}-04-{day:02d}"),
                            "scenario": "none",
                            "dose": 0.0,
                            "replicate": 0,
                            "predictor": name,
                            "area": "national",
                            "ballot": "full",
                            "candidate": candidate,
                            "score": score,
                            "value": value + 0.01 * sign,
                        }
                    )
                for level in (50, 80, 90, 95):
                    rows.append({**rows[-1], "score": f"inside_{level}", "value": 1.0})
    return pd.DataFrame(rows)


def rng() -> np.random.Generator:
    return np.random.default_rng(1)


def test_scenarios_are_not_mixed() -> None:
    table = errors({"a": [0.1, 0.2], "b": [0.2, 0.3]})
    table.loc[0, "scenario"] = "herding"
    table.loc[table["candidate"] == "birch", "scenario"] = "herding"
    with pytest.raises(ForecastError, match="mix 2 values of 'scenario' \\(herding, none\\)"):
        compare(table, "a", rng())


def test_a_value_given_twice_is_refused() -> None:
    table = errors({"a": [0.1, 0.2]})
    changed = table.assign(value=table["value"] + 0.01)  # another value for the same is no better
    with pytest.raises(ForecastError, match="a value of 'crps' twice"):
        compare(pd.concat([table, changed]), "a", rng())
    with pytest.raises(ForecastError, match="a value of 'crps' twice"):
        compare(pd.concat([table, table]), "a", rng())


def test_who_answered_another_set_is_not_ranked_with_the_rest() -> None:
    found = compare(errors({"a": [0.1, 0.2], "b": [0.3, 0.1], "c": [0.01, np.nan]}), "a", rng())
    by_name = found.summary.set_index("predictor")
    assert by_name["group"].to_dict() == {"a": 1, "b": 1, "c": 2}
    assert by_name["rank"].to_dict() == {"a": 1, "b": 2, "c": 1}
    assert by_name["votes"].to_dict() == {"a": 2, "b": 2, "c": 1}
    assert any("Set 2 (c) did not answer e2001 round 1" in words for words in found.sentences)


def test_who_left_out_one_candidate_is_not_ranked_with_the_rest() -> None:
    table = errors({"a": [0.1, 0.2], "b": [0.3, 0.1]})
    gone = table["predictor"].eq("b") & table["election"].eq("e2001") & table["candidate"].eq("ash")
    found = compare(table[~gone], "a", rng())
    assert found.summary.set_index("predictor")["group"].to_dict() == {"a": 1, "b": 2}
    assert any("Set 2 (b) did not answer ash in e2001" in words for words in found.sentences)


def test_means_are_over_candidates_then_votes_in_points() -> None:
    found = compare(errors({"a": [0.1, 0.2], "b": [0.4, 0.4]}), "a", rng()).summary
    a, b = found.set_index("predictor").loc[["a", "b"]].to_dict("records")
    assert a["crps_pp"] == pytest.approx(15)
    assert a["mae_pp"] == pytest.approx(15)
    assert b["relative_skill"] == pytest.approx(0.4 / 0.15)
    assert a["relative_skill"] == 1
    assert b["above_baseline"] == 0
    assert a["low_pp"] == pytest.approx(10)  # the resample that draws the first election twice
    assert a["high_pp"] == pytest.approx(20)


def test_equal_losses_share_a_rank() -> None:
    found = compare(errors({"a": [0.1, 0.2], "b": [0.2, 0.1], "c": [0.3, 0.3]}), "a", rng())
    assert found.summary["rank"].tolist() == [1, 1, 3]


def test_dates_of_one_election_are_not_tested_for_chance() -> None:
    table = errors({"a": [0.1] * 8, "b": [0.2] * 8}, days=8)
    found = compare(table, "a", rng())
    assert found.summary[["in_mcs", "dm_p_holm"]].isna().all(axis=None)
    assert "(n = 1)" in found.sentences[0]
    assert found.summary["low_pp"].notna().all()  # runs of neighbouring dates are resampled


def test_a_few_elections_are_not_tested_for_chance() -> None:
    few = FEWEST_ELECTIONS - 1
    found = compare(errors({"a": [0.1] * few, "b": [0.2] * few}), "a", rng())
    assert found.summary[["in_mcs", "dm_p_holm"]].isna().all(axis=None)


def test_the_tests_are_those_of_the_functions() -> None:
    generator = np.random.default_rng(7)
    losses = {name: list(generator.uniform(0.1, 0.2, 9)) for name in "abc"}
    losses["c"] = [value + 0.5 for value in losses["c"]]
    found = compare(errors(losses), "a", rng())
    by_name = found.summary.set_index("predictor")
    raw = [diebold_mariano(losses[name], losses["a"], lags=0).p_value for name in "bc"]
    assert by_name.loc[["b", "c"], "dm_p_holm"].tolist() == pytest.approx(holm(raw).tolist())
    assert np.isnan(by_name.loc["a", "dm_p_holm"])
    assert by_name.loc["c", "in_mcs"] == 0
    assert by_name["in_mcs"].max() == 1
    words = " ".join(found.sentences)
    assert "more than chance, at 5 %: c (p 0.000)." in words
    assert "all resamples rank" in words


def test_methods_that_chance_may_separate_are_said_to_be_so() -> None:
    table = errors({"a": [0.1, 0.3, 0.1, 0.3, 0.2], "b": [0.3, 0.1, 0.2, 0.3, 0.15]})
    words = " ".join(compare(table, "a", rng()).sentences)
    assert "5 elections leave 2 of 2 methods that may be the best" in words
    assert "none differs by more than chance could (smallest p 0." in words


def test_methods_that_never_differ_cannot_be_tested() -> None:
    index = pd.MultiIndex.from_tuples(
        [(f"e{k}", 1, pd.Timestamp("2000-01-01")) for k in range(5)], names=KEY
    )
    table = pd.DataFrame({"a": [1.0] * 5, "b": [1.0] * 5}, index=index)
    counts = block_counts(list("vwxyz"), 20, rng())
    columns, words = chance_columns(table, "a", counts)
    assert columns["dm_p_holm"].isna().all()
    assert columns.dtypes.eq(np.float64).all()
    assert words[-1] == "No method differs from a in a way that could be tested."


def test_elections_are_averaged_over_their_dates_and_their_order_does_not_matter() -> None:
    """The test sees one value per election, so doubling the dates changes nothing."""
    once = errors({"a": [0.1, 0.3, 0.1, 0.4, 0.2], "b": [0.3, 0.1, 0.25, 0.3, 0.15]})
    twice = pd.concat([once, once.assign(as_of=once["as_of"] + pd.Timedelta(days=1))])
    p = [compare(t, "a", rng()).summary.set_index("predictor")["dm_p_holm"] for t in (once, twice)]
    assert p[0]["b"] == pytest.approx(p[1]["b"])
    names = {f"e{2000 + k}": f"e{2000 + later}" for k, later in enumerate((3, 0, 4, 1, 2))}
    moved = once.assign(election=once["election"].map(names))
    other = compare(moved, "a", rng()).summary.set_index("predictor")["dm_p_holm"]
    assert p[0]["b"] == pytest.approx(other["b"])


def test_a_perfect_forecast_has_no_ratio() -> None:
    assert relative_skills(pd.DataFrame({"a": [0.0], "b": [1.0]}), "b").isna().all()


def test_without_the_baseline_the_average_method_is_one() -> None:
    ratios = relative_skills(pd.DataFrame({"a": [1.0], "b": [4.0]}), "absent")
    assert ratios.tolist() == pytest.approx([0.5, 2.0])


def test_long_lists_are_cut_short() -> None:
    index = pd.MultiIndex.from_tuples(
        [(f"e{k}", 1, "t", "ash") for k in range(9)], names=[*KEY, "candidate"]
    )
    table = pd.DataFrame({"a": [1.0] * 9, "b": [1.0] + [np.nan] * 8}, index=index)
    (words,) = missing_in_words(table, [["a"], ["b"]])
    assert words == (
        "Set 2 (b) did not answer e1 round 1, e2 round 1, e3 round 1, e4 round 1 and 4 more; "
        "it is not ranked with set 1."
    )


def test_one_name_more_than_is_listed_is_listed_too() -> None:
    index = pd.MultiIndex.from_tuples(
        [(f"e{k}", 1, "t", "ash") for k in range(7)], names=[*KEY, "candidate"]
    )
    for gone, shown in ((5, "e1 round 1, e2 round 1, e3 round 1, e4 round 1 and e5 round 1;"),
                        (6, "e3 round 1, e4 round 1 and 2 more;")):  # fmt: skip
        table = pd.DataFrame({"a": 1.0, "b": [1.0] + [np.nan] * gone + [1.0] * (6 - gone)}, index)
        (words,) = missing_in_words(table, [["a"], ["b"]])
        assert shown in words


def test_what_is_tested_is_said_in_full() -> None:
    index = pd.MultiIndex.from_tuples(
        [(f"e{k}", 1, pd.Timestamp("2000-01-01")) for k in range(5)], names=KEY
    )
    steps = np.array([0.0, 0.1, 0.2, 0.3, 0.4])
    table = pd.DataFrame(
        {"base": 1.0, "twin": 1.0, "good": 0.5 + 0.01 * steps, "fair": 0.6 - 0.01 * steps,
         "like": 1.0 + np.array([0.1, -0.1, 0.1, -0.1, 0.05])},
        index=index,
    )  # fmt: skip
    columns, words = chance_columns(table, "base", block_counts(list("vwxyz"), 200, rng()))
    assert words[0] == (
        "5 elections leave 1 of 5 methods that may be the best (90 % model confidence set): good."
    )
    # `twin` never differs: it is left out of the correction, and those after it are tested
    assert columns["dm_p_holm"].notna().to_dict() == {
        "base": False, "twin": False, "good": True, "fair": True, "like": True,
    }  # fmt: skip
    assert words[1] == (
        "Tested against base, 3 at once (Diebold-Mariano, Holm): more than chance, at 5 %: "
        "good (p 0.000), fair (p 0.000)."
    )


def test_several_best_are_listed() -> None:
    index = pd.MultiIndex.from_tuples(
        [(f"e{k}", 1, pd.Timestamp("2000-01-01")) for k in range(6)], names=KEY
    )
    table = pd.DataFrame({"a": [1.0, 2.0] * 3, "b": [2.0, 1.0] * 3}, index=index)
    _, words = chance_columns(table, "a", block_counts(list("uvwxyz"), 200, rng()))
    assert words[0].endswith("(90 % model confidence set): a, b.")


def test_without_resamples_or_with_one_method_nothing_is_tested() -> None:
    index = pd.MultiIndex.from_tuples(
        [(f"e{k}", 1, pd.Timestamp("2000-01-01")) for k in range(6)], names=KEY
    )
    table = pd.DataFrame({"a": [1.0, 2.0] * 3, "b": [2.0, 1.0] * 3}, index=index)
    counts = block_counts(list("uvwxyz"), 20, rng())
    for given, resamples in ((table, None), (table[["a"]], counts)):
        columns, words = chance_columns(given, "a", resamples)
        assert columns.isna().all(axis=None)
        assert words == []


def test_ratios_without_meaning_are_empty_and_keep_their_names() -> None:
    ratios = relative_skills(pd.DataFrame({"a": [0.0], "b": [1.0]}), "b")
    assert ratios.index.tolist() == ["a", "b"]
    assert ratios.dtype == np.float64


def with_scores(table: pd.DataFrame, **means: dict[str, list[float]]) -> pd.DataFrame:
    """The table with one row per value of further scores, by predictor, one per election."""
    first = table.drop_duplicates(["election", "predictor"]).assign(candidate="")
    rows = [
        first[first["predictor"].eq(name)].iloc[[place]].assign(score=score, value=value)
        for score, by_name in means.items()
        for name, values in by_name.items()
        for place, value in enumerate(values)
    ]
    return pd.concat([table, *rows], ignore_index=True)


def test_coverage_and_scores_of_events_are_means_by_method() -> None:
    table = errors({"a": [0.1, 0.2], "b": [0.2, 0.3]})
    # of the four 80 % intervals of a one held, of b three
    held = table["score"].eq("inside_80")
    table.loc[held & table["predictor"].eq("a"), "value"] = [1.0, 0.0, 0.0, 0.0]
    table.loc[held & table["predictor"].eq("b"), "value"] = [1.0, 1.0, 0.0, 1.0]
    means = {
        score: {"a": [0.1 * k, 0.2], "b": [0.5, 0.01 * k]}
        for k, score in enumerate(
            ("brier_first", "brier_qualify", "log_first", "log_qualify", "p_pair"), start=1
        )
    }
    found = compare(with_scores(table, **means), "a", rng()).summary.set_index("predictor")
    assert found["coverage_80"].to_dict() == {"a": 0.25, "b": 0.75}
    for name, k in (("a", 1), ("b", 3)):
        low, high = binomial_interval(k, 4)
        assert found.loc[name, ["coverage_80_low", "coverage_80_high"]].tolist() == [low, high]
    for level in (50, 90, 95):
        assert found[f"coverage_{level}"].tolist() == [1.0, 1.0]
        assert found[f"coverage_{level}_high"].tolist() == [1.0, 1.0]
    for score, given in means.items():
        for name, values in given.items():
            assert found.loc[name, score] == pytest.approx(np.mean(values)), score


def test_only_the_whole_ballot_of_the_nation_is_compared() -> None:
    table = errors({"a": [0.1, 0.2], "b": [0.2, 0.3]})
    other = table.assign(value=table["value"] + 5)
    local, common = other.assign(area="75"), other.assign(ballot="common")
    alone = compare(table, "a", rng())
    among = compare(pd.concat([local, table, common], ignore_index=True), "a", rng())
    pd.testing.assert_frame_equal(alone.summary, among.summary)


def test_the_mask_holds_points_by_vote_and_rows_are_counted() -> None:
    found = compare(errors({"b": [0.3, np.nan], "a": [0.1, 0.2]}), "a", rng())
    assert found.summary.index.tolist() == [0, 1]
    assert found.summary["predictor"].tolist() == ["a", "b"]
    assert found.summary["group"].tolist() == [1, 2]
    votes = found.by_vote.set_index("election")
    assert votes["a"].tolist() == pytest.approx([10.0, 20.0])
    assert votes["b"].iloc[0] == pytest.approx(30.0)
    assert np.isnan(votes["b"].iloc[1])


def test_every_set_is_said_with_its_number_and_its_best() -> None:
    gone = np.nan
    table = errors(
        {
            "a": [0.1, 0.2, 0.3],
            "b": [0.2, 0.3, 0.4],
            "c": [0.3, 0.4, 0.5],
            "d": [0.4, 0.5, 0.6],
            "e": [0.5, 0.6, 0.7],
            "y": [0.2, 0.3, gone],
            "z": [0.1, 0.2, gone],
        }
    )
    sentences = compare(table, "a", rng()).sentences
    assert sentences[0] == (
        "3 forecasts of 3 votes in 3 elections; rounds and dates of one election are resampled "
        "together."
    )
    ranked = [words for words in sentences if "resample" in words][1:]
    assert ranked == [
        *(f"Set 1: all resamples rank a above {worse}." for worse in "bcd"),  # the next three
        "Set 2: all resamples rank z above y.",
    ]


def test_dates_are_resampled_where_runs_leave_a_choice() -> None:
    for days, some in ((4, False), (5, True)):
        table = errors({"a": [0.1] * days, "b": [0.2] * days}, days=days)
        found = compare(table, "a", rng())
        assert ("low_pp" in found.summary) is some
        assert found.sentences[0] == (
            f"{days} forecasts of 1 vote in 1 election; dates of one election are one draw of "
            "history (n = 1), not many, so nothing is tested for chance."
        )


def test_without_the_baseline_there_is_a_set_and_no_test() -> None:
    index = pd.MultiIndex.from_tuples(
        [(f"e{k}", 1, pd.Timestamp("2000-01-01")) for k in range(6)], names=KEY
    )
    table = pd.DataFrame({"a": [1.0, 2.0] * 3, "b": [2.0, 1.0] * 3}, index=index)
    columns, words = chance_columns(table, "absent", block_counts(list("uvwxyz"), 50, rng()))
    assert columns["in_mcs"].notna().all()
    assert columns["dm_p_holm"].isna().all()
    assert len(words) == 1

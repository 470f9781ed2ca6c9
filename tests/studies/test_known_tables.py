"""The score on elections whose tables are known."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from bench.core.errors import DataError
from bench.metrics.shares import transition_error_index
from bench.models.ecological_inference import (
    EarlierTable,
    LikelihoodSettings,
    Transition,
    estimate_districts,
)
from bench.studies.known_tables import (
    KnownElection,
    _coverage,
    _rare_last,
    _variant,
    against_peer,
    evaluate,
    known_elections,
    merge_rare,
    summary_by_dataset,
    was_tuned_on,
)
from tests.contextual import ContextualElectorate


def _known(seed: int) -> KnownElection:
    rows, columns, units = ContextualElectorate(n_units=12).draw(0.0, np.random.default_rng(seed))
    return KnownElection(f"made_up_{seed}", "made_up", False, rows, columns, units.sum(axis=0))


def test_districts_of_a_dataset_are_estimated_together_and_others_apart():
    known = [_known(k) for k in range(4)]
    # the second calls its rows otherwise, and two more elections are datasets of their own
    turned = known[1].row_labels[1:] + known[1].row_labels[:1]
    known[1] = dataclasses.replace(known[1], row_labels=turned)
    others = [
        dataclasses.replace(known[k], dataset=f"another_{k}", key=f"another_{k}") for k in (0, 3)
    ]
    asked = {"methods": ["likelihood_districts", "likelihood"], "variants": ["full"]}
    asked["settings"] = LikelihoodSettings(context=0.5)
    found = evaluate([*known[:3], *others], **asked).pivot(
        index="key", columns="method", values="error_index"
    )
    moved = (found["likelihood_districts"] - found["likelihood"]).abs()
    assert (moved[:2] == 0).all()
    assert (moved[2:] > 0).all()
    direct = estimate_districts(
        [k.row_votes for k in known[:3]],
        [k.column_votes for k in known[:3]],
        [k.row_labels for k in known[:3]],
        settings=asked["settings"],
    )
    for one, table in zip(known[:3], direct, strict=True):
        expected = 100 * transition_error_index(one.true_table, table.table)
        assert found.loc[one.key, "likelihood_districts"] == pytest.approx(expected)


def test_given_the_election_before_only_margins_of_today_and_tables_of_then_are_read():
    today = [_known(k) for k in range(2)]
    then = [dataclasses.replace(_known(7), dataset="then", key="then_7")]
    methods = ["likelihood_districts", "districts_given_election_before"]
    given = {"methods": methods, "variants": ["full"], "earlier": then}
    direct = estimate_districts(
        [one.row_votes for one in today],
        [one.column_votes for one in today],
        [one.row_labels for one in today],
        earlier=[EarlierTable(one.true_table, one.row_labels) for one in then],
    )
    # the same margins, other cells: were the truth of today read, the estimate would move
    other = []
    for one in today:
        margins = one.true_table.sum(axis=1), one.true_table.sum(axis=0)
        apart = np.outer(*margins) / one.true_table.sum()
        other.append(dataclasses.replace(one, true_table=apart))
    for elections in (today, other):
        found = evaluate(elections, **given).pivot(
            index="key", columns="method", values="error_index"
        )
        for one, table in zip(elections, direct, strict=True):
            expected = 100 * transition_error_index(one.true_table, table.table)
            assert found.loc[one.key, methods[1]] == pytest.approx(expected)
        assert (found[methods[0]] != found[methods[1]]).all()
    # without tables of then both are the same
    given["earlier"] = []
    found = evaluate(today, **given).pivot(index="key", columns="method", values="error_index")
    assert (found[methods[0]] == found[methods[1]]).all()


def test_rare_rows_of_then_are_merged_as_those_of_today():
    many = np.array([[700.0, 100], [50, 120], [9, 6], [8, 7]])
    rows, columns = many.sum(axis=1)[None], many.sum(axis=0)[None]
    known = KnownElection("a", "made_up", False, rows, columns, many, tuple("wxyz"))
    merged = EarlierTable([[700.0, 100], [50, 120], [17, 13]], ["w", "x", "rare"])
    errors_of = evaluate(
        [known], methods=["districts_given_election_before"], variants=["m3"], earlier=[known]
    )
    (direct,) = estimate_districts(
        [[[800.0, 170, 30]]], [columns], [["w", "x", "rare"]], earlier=[merged]
    )
    expected = 100 * transition_error_index(merged.votes, direct.table)
    assert errors_of["error_index"].tolist() == [pytest.approx(expected)]


def test_cells_below_one_percent_of_the_votes_do_not_count_as_covered():
    true = np.array([[60.0, 39.5], [0.5, 0.0]])
    draws = np.repeat(np.linspace(0.0, 100.0, 101)[:, None, None], 2, axis=1).repeat(2, axis=2)
    counted = _coverage(true, Transition(true, draws=draws), 0.9)
    # the central half runs from 25 to 75
    assert (counted["cells"], counted["covered_50"], counted["covered_95"]) == (2, 1.0, 1.0)
    # of all four cells, 0.5 and 0 are below the 5 % from which the interval begins
    assert counted["covered"] == 0.5
    without = _coverage(true, None, 0.9)
    assert np.isnan(without["covered_50"])
    assert without["cells"] == 2
    # one percent counts, the ends of an interval are inside, and above it is outside
    edges = _coverage(np.array([[75.0, 24.0], [0.0, 1.0]]), Transition(true, draws=draws), 0.9)
    assert (edges["cells"], edges["covered_50"]) == (3, pytest.approx(1 / 3))
    ends = _coverage(np.array([[75.0, 25.0]]), Transition(true, draws=draws[:, :1]), 0.9)
    assert ends["covered_50"] == 1.0
    above = _coverage(np.array([[95.0, 5.0]]), Transition(true, draws=draws[:, :1]), 0.9)
    assert above["covered_80"] == 0.0


def test_an_unknown_variant_is_refused():
    with pytest.raises(DataError, match="accepted: 'm3', 'full'"):
        evaluate([_known(0)], variants=["m5"])


def test_a_peer_with_twice_the_error_has_the_ratio_one_half():
    ours = pd.DataFrame({"variant": "full", "key": list("abcd"), "dataset": "d", "tuned": False})
    ours["error_index"] = [4.0, 5.5, 7.0, 9.0]
    theirs = ours.assign(method="peer", error_index=2 * ours["error_index"])
    (row,) = against_peer(ours, theirs).to_dict("records")
    assert row["n"] == 4
    assert [row[name] for name in ("ratio", "ratio_low", "ratio_high")] == pytest.approx([0.5] * 3)
    assert row["lower_share"] == 1.0
    # lower by 0.5, alike, higher twice
    close = theirs.assign(error_index=[4.5, 5.5, 6.5, 8.0])
    found = against_peer(ours, close)
    assert found["lower_share"].tolist() == [0.25]
    few = [against_peer(ours, close, n_resamples=5, seed=seed) for seed in (1, 1, 2)]
    assert few[0].equals(few[1])
    assert not few[0].equals(few[2])
    assert found["ratio_low"].tolist() != few[0]["ratio_low"].tolist()


def test_the_districts_that_settings_were_chosen_on_are_known():
    tuned = [("ei_NZ_2002", 1), ("ei_NZ_2002", 2), ("ei_SCO_2007", 1), ("ei_SCO_2007", 3)]
    assert all(was_tuned_on(*one) for one in tuned)
    assert not any(was_tuned_on(*one) for one in (("ei_SCO_2007", 2), ("ei_NZ_2005", 1)))


def test_a_known_election_keeps_its_units_and_says_whether_it_was_tuned_on():
    index = pd.DataFrame(
        {
            "key": ["a", "b", "c"],
            "dataset": ["ei_NZ_2002", "made_up", "made_up"],
            "district_no": [1, 2, 3],
            "units": 2,
            "R": 2,
            "C": 2,
        }
    )
    rows = pd.DataFrame({"key": list("aaaabbbbcccc"), "votes": [3, 2, 1, 0] * 3})
    # those of b agree with its table in the rows only, those of c in the columns only
    columns = pd.DataFrame({"key": list("aaaabbbbcccc"), "votes": [4, 1, 1, 0] * 3})
    tables = [3, 1, 2, 0], [4, 0, 0, 2], [5, 0, 0, 1]
    true = pd.DataFrame({"key": list("aaaabbbbcccc"), "votes": [v for t in tables for v in t]})
    (kept,) = known_elections(index, rows, columns, true)
    assert (kept.key, kept.dataset, kept.tuned) == ("a", "ei_NZ_2002", True)
    assert kept.row_votes.tolist() == [[3, 2], [1, 0]]
    assert kept.column_votes.tolist() == [[4, 1], [1, 0]]
    assert kept.true_table.tolist() == [[3, 1], [2, 0]]


def test_a_share_at_the_threshold_is_not_rare():
    assert _rare_last(np.array([94.0, 3.0, 3.0]), 0.03) == [[0], [1], [2]]
    assert _rare_last(np.array([94.2, 2.9, 2.9]), 0.03) == [[0], [1, 2]]


def _sparse() -> KnownElection:
    """Rows 1 and 3 without votes, column 0 without votes, a unit without votes."""
    rows = np.array([[5.0, 0, 1, 0], [0, 0, 0, 0], [1, 0, 0, 0]])
    columns = np.array([[0.0, 5, 1], [0, 0, 0], [0, 1, 0]])
    true = np.array([[0.0, 5, 1], [0, 0, 0], [0, 1, 0], [0, 0, 0]])
    return KnownElection("a", "made_up", False, rows, columns, true, ("x", "y", 3, "z"))


def test_what_has_no_votes_is_left_out_and_a_single_vote_is_not():
    full = _variant(_sparse(), "full")
    assert full.row_votes.tolist() == [[5, 1], [1, 0]]
    assert full.column_votes.tolist() == [[5, 1], [1, 0]]
    assert full.true_table.tolist() == [[5, 1], [1, 0]]
    assert full.row_labels == ("x", 3)


def test_rare_columns_are_merged_in_the_units_too():
    true = np.array([[50.0, 1, 1], [46.0, 1, 1]])
    units = np.array([[60.0, 2, 1], [36.0, 0, 1]])
    known = KnownElection("a", "made_up", False, np.array([[33.0, 30], [20, 17]]), units, true)
    merged = merge_rare(known)
    assert merged.column_votes.tolist() == [[60, 3], [36, 1]]
    assert merged.true_table.tolist() == [[50, 2], [46, 2]]
    assert merged.row_votes.tolist() == known.row_votes.tolist()


def errors(index: list[float], **columns: object) -> pd.DataFrame:
    given = {"variant": "m3", "dataset": "a", "tuned": True, "method": "b", "error_index": index}
    return pd.DataFrame({**given, **columns})


def test_every_group_has_its_own_mean() -> None:
    frame = pd.concat(
        [
            errors([4.0, 6.0], covered=[0.8, 1.0], cpu_s=[1.0, 3.0]),
            errors([7.0], method="c", covered=[0.5]),
            errors([9.0], dataset="z", tuned=False),
            errors([2.0], variant="full"),
        ]
    )
    found = summary_by_dataset(frame, n_resamples=10)
    labels = ["variant", "dataset", "tuned", "method", "n", "error_index"]
    assert found[labels].to_numpy().tolist() == [
        ["full", "a", True, "b", 1, 2.0],
        ["m3", "a", True, "b", 2, 5.0],
        ["m3", "a", True, "c", 1, 7.0],
        ["m3", "z", False, "b", 1, 9.0],
    ]
    assert found["covered"].iloc[[1, 2]].tolist() == pytest.approx([0.9, 0.5])
    assert found["cpu_s"].iloc[1] == 2.0
    assert np.isnan(found["cpu_s"].iloc[3])
    assert found["covered_votes"].isna().all()


def test_the_interval_is_that_of_a_mean_of_resampled_elections() -> None:
    # of two elections, 1/4 of the resamples hold one twice: the quantiles are 4, 5 and 6
    index = errors([4.0, 6.0])
    wide = summary_by_dataset(index, level=0.9).iloc[0]
    assert (wide["low"], wide["high"]) == (4.0, 6.0)
    narrow = summary_by_dataset(index, level=0.4).iloc[0]
    assert (narrow["low"], narrow["high"]) == (5.0, 5.0)

"""The score on elections whose tables are known."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from bench.core.errors import DataError
from bench.metrics.shares import transition_error_index
from bench.models.ecological_inference import LikelihoodSettings, Transition, estimate_districts
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
    rows, columns, units = ContextualElectorate(n_units=30).draw(0.0, np.random.default_rng(seed))
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


def test_merged_rows_lose_their_names():
    true = np.array([[50.0, 46.0], [1.0, 1.0], [2.0, 0.0]])
    rows, columns = true.sum(axis=1)[None], true.sum(axis=0)[None]
    known = KnownElection("a", "d", False, rows, columns, true, ("x", "y", "z"))
    assert merge_rare(known).row_labels == ("x", "rare")
    assert dataclasses.replace(known, row_labels=()).row_labels == (0, 1, 2)


def test_an_unknown_variant_is_refused():
    with pytest.raises(DataError, match="accepted: 'm3', 'full'"):
        evaluate([_known(0)], variants=["m5"])


def test_one_row_per_election_variant_and_method():
    found = evaluate([_known(0), _known(1)], methods=["likelihood", "independence"], n_draws=60)
    assert len(found) == 8
    assert not found.duplicated(["key", "variant", "method"]).any()
    mean = found.groupby("method")["error_index"].mean()
    assert mean["likelihood"] < mean["independence"] / 3
    assert found["covered"].between(0, 1).all()
    covered = found.groupby("method")["covered"].mean()
    assert covered["likelihood"] > covered["independence"]


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


@pytest.mark.parametrize(
    ("dataset", "number", "tuned"),
    [
        ("ei_NZ_2002", 1, True),
        ("ei_NZ_2002", 2, True),
        ("ei_SCO_2007", 1, True),
        ("ei_SCO_2007", 2, False),
        ("ei_SCO_2007", 3, True),
        ("ei_NZ_2005", 1, False),
        ("ei_NZ_2005", 2, False),
    ],
)
def test_the_districts_that_settings_were_chosen_on_are_known(dataset, number, tuned):
    assert was_tuned_on(dataset, number) is tuned


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


def test_settings_reach_the_method_and_its_draws():
    def found(**settings):
        given = LikelihoodSettings(**settings) if settings else None
        (row,) = evaluate(
            [_known(0)], variants=["full"], settings=given, n_draws=40, seed=3
        ).to_dict("records")
        return row["error_index"], row["covered"], row["covered_votes"]

    plain, sure, other = found(), found(inflation=1e-3), found(context=0.5)
    assert found() == plain
    assert sure[0] == plain[0] != other[0]
    assert sure[1] < plain[1]
    # a cell that is inside counts once in the one and with its votes in the other
    some = found(inflation=0.2)
    assert some[1] != some[2]


def test_rare_columns_are_merged_in_the_units_too():
    true = np.array([[50.0, 1, 1], [46.0, 1, 1]])
    units = np.array([[60.0, 2, 1], [36.0, 0, 1]])
    known = KnownElection("a", "made_up", False, np.array([[33.0, 30], [20, 17]]), units, true)
    merged = merge_rare(known)
    assert merged.column_votes.tolist() == [[60, 3], [36, 1]]
    assert merged.true_table.tolist() == [[50, 2], [46, 2]]
    assert merged.row_votes.tolist() == known.row_votes.tolist()


@pytest.mark.parametrize("method", ["likelihood", "likelihood_districts"])
def test_the_same_seed_draws_the_same_tables(method):
    def covered(seed):
        found = evaluate(
            [_known(k) for k in range(2)],
            methods=[method],
            variants=["full"],
            n_draws=8,
            seed=seed,
        )
        return found.filter(like="covered")

    first = covered(1)
    assert first.equals(covered(1))
    assert not first.equals(covered(2))


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


def test_cells_that_matter_count_alike_in_whatever_election_they_are() -> None:
    measured = errors([4.0, 6.0, 5.0], covered_50=[0.5, 1.0, np.nan], cells=[2.0, 6.0, 0.0])
    unmeasured = errors([4.0], method="c", covered_50=np.nan, cells=2.0)
    found = summary_by_dataset(pd.concat([measured, unmeasured]), n_resamples=10)
    # 1 and 6 of 8
    assert found["covered_50"].iloc[0] == 7 / 8
    assert np.isnan(found["covered_50"].iloc[1])
    assert found["covered_80"].isna().all()
    one = summary_by_dataset(measured[:1], n_resamples=10)
    assert one["covered_50"].tolist() == [0.5]


def test_the_interval_is_that_of_a_mean_of_resampled_elections() -> None:
    # of two elections, 1/4 of the resamples hold one twice: the quantiles are 4, 5 and 6
    index = errors([4.0, 6.0])
    wide = summary_by_dataset(index, level=0.9).iloc[0]
    assert (wide["low"], wide["high"]) == (4.0, 6.0)
    narrow = summary_by_dataset(index, level=0.4).iloc[0]
    assert (narrow["low"], narrow["high"]) == (5.0, 5.0)

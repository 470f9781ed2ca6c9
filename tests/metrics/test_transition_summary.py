"""Means of the error index by dataset, with a bootstrap over elections; others' errors beside."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from bench.metrics.transition_tables import peer_rows, summary_by_dataset


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


def test_votes_covered_are_averaged_beside_cells_covered() -> None:
    measured = errors([4.0, 6.0], covered=[0.5, 1.0], covered_votes=[0.2, 0.6], cpu_s=[1.0, 2.0])
    found = summary_by_dataset(measured, n_resamples=10)
    means = found[["covered", "covered_votes", "cpu_s"]].to_numpy()[0].tolist()
    assert means == pytest.approx([0.75, 0.4, 1.5])


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


def test_with_many_elections_the_interval_is_the_normal_one() -> None:
    index = np.random.default_rng(3).normal(10.0, 2.0, 400)
    found = summary_by_dataset(errors(index.tolist()), n_resamples=4000).iloc[0]
    reach = 1.96 * index.std() / 20
    assert found["low"] == pytest.approx(index.mean() - reach, abs=0.03)
    assert found["high"] == pytest.approx(index.mean() + reach, abs=0.03)


def test_the_same_seed_gives_the_same_interval() -> None:
    index = errors(np.random.default_rng(3).normal(10.0, 2.0, 30).tolist())
    once, again = (summary_by_dataset(index, n_resamples=50) for _ in range(2))
    other = summary_by_dataset(index, n_resamples=50, seed=1)
    assert once.equals(again)
    assert once["low"].iloc[0] != other["low"].iloc[0]


def test_others_stand_beside_us_on_our_elections_alone() -> None:
    ours = errors([4.0, 6.0, 5.0], key=["e1", "e1", "e2"], method=["b", "c", "b"])
    peers = pd.DataFrame(
        {
            "variant": ["m3", "m3", "full"],
            "method": "theirs",
            "key": ["e1", "e3", "e1"],
            "error_index": [3.0, 3.5, 3.6],
            "cpu_s": 1.0,
        }
    )
    found = peer_rows(ours, peers)
    shown = found[["key", "variant", "dataset", "tuned", "error_index"]]
    assert shown.to_numpy().tolist() == [["e1", "m3", "a", True, 3.0]]

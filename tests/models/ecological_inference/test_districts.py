"""Districts of one election, which share their odds ratios."""

import tracemalloc

import numpy as np
import pytest

from bench.core.errors import ConfigError, DataError
from bench.metrics.shares import transition_error_index
from bench.models.ecological_inference import (
    EarlierTable,
    LikelihoodSettings,
    estimate,
    estimate_districts,
    two_way,
)
from bench.models.ecological_inference.common_odds import (
    LabelledTable,
    common_odds,
    likely_rows,
)
from tests.contextual import ContextualElectorate

NO_CONTEXT = LikelihoodSettings(context=0.0)
PROFILE = np.array([[0.85, 0.05, 0.02, 0.08], [0.10, 0.75, 0.05, 0.10], [0.15, 0.15, 0.60, 0.10]])
ROWS = ["left", "right", "green"]


def district(rng, profile=PROFILE, n_units=12):
    """Row votes, column votes and the true table of units that vote by one profile."""
    drawn = ContextualElectorate(
        n_units=n_units, profile=tuple(map(tuple, profile)), overdispersion=1 / 61
    ).draw(0.0, rng)
    return drawn[0], drawn[1], drawn[2].sum(axis=0)


@pytest.fixture(scope="module")
def made_up():
    rng = np.random.default_rng(5)
    return [district(rng) for _ in range(12)]


def errors(known, found):
    pairs = zip(known, found, strict=True)
    return np.array([100 * transition_error_index(one[2], table.table) for one, table in pairs])


def test_no_district_is_refused():
    with pytest.raises(DataError, match="0 districts"):
        estimate_districts([], [])


def test_another_number_of_districts_on_one_side_is_refused(made_up):
    with pytest.raises(DataError, match="1 districts and column_votes 2"):
        estimate_districts([made_up[0][0]], [made_up[0][1], made_up[1][1]])


def test_margins_that_do_not_agree_are_refused_with_their_district(made_up):
    rows, columns, _ = made_up[0]
    with pytest.raises(DataError, match="district 1: unit 0 has"):
        estimate_districts([rows, rows + 1], [columns, columns])


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        ([ROWS], "names 1 districts of 2"),
        ([ROWS, ROWS[:2]], r"row_labels\[1\] holds 2 labels"),
        ([ROWS, ["left", "left", "green"]], "2 of them different"),
    ],
)
def test_labels_that_are_not_one_for_each_row_are_refused(made_up, labels, words):
    sides = [[one[k] for one in made_up[:2]] for k in (0, 1)]
    with pytest.raises(DataError, match=words):
        estimate_districts(*sides, labels)


def test_rows_without_names_are_the_same_everywhere_or_refused(made_up):
    rows, columns, _ = made_up[0]
    other = np.column_stack([rows[:, 0] + rows[:, 1], rows[:, 2]])
    with pytest.raises(DataError, match="pass the names"):
        estimate_districts([rows, other], [columns, columns])
    with pytest.raises(DataError, match="no earlier tables"):
        estimate_districts([rows], [columns], earlier=[EarlierTable(PROFILE, ROWS)])


def test_an_earlier_table_of_nothing_is_refused(made_up):
    rows, columns, _ = made_up[0]
    with pytest.raises(DataError, match=r"earlier\[0\]"):
        estimate_districts([rows], [columns], [ROWS], earlier=[EarlierTable(0 * PROFILE, ROWS)])


def test_draws_without_a_generator_are_refused(made_up):
    with pytest.raises(ConfigError, match="pass a numpy Generator"):
        estimate_districts([made_up[0][0]], [made_up[0][1]], n_draws=3)


def test_one_district_is_an_election_of_its_own(made_up):
    rows, columns, _ = made_up[0]
    (found,) = estimate_districts([rows], [columns], [ROWS])
    assert found.table == pytest.approx(estimate(rows, columns).table)


def test_districts_of_the_same_odds_gain_from_one_another(made_up):
    found = estimate_districts(
        [one[0] for one in made_up],
        [one[1] for one in made_up],
        settings=NO_CONTEXT,
    )
    alone = [estimate(one[0], one[1], settings=NO_CONTEXT) for one in made_up]
    assert errors(made_up, found).mean() < 0.85 * errors(made_up, alone).mean()


def test_order_of_rows_and_columns_means_nothing_where_rows_have_names(made_up):
    rows, columns, _ = zip(*made_up[:4], strict=True)
    plain = estimate_districts(rows, columns, [ROWS] * 4)
    turn, shuffle = [2, 0, 1], [3, 1, 0, 2]
    moved = estimate_districts(
        [rows[0][:, turn], *rows[1:]],
        [columns[0][:, shuffle], *columns[1:]],
        [[ROWS[k] for k in turn], *[ROWS] * 3],
    )
    for there, back in zip(plain[1:], moved[1:], strict=True):
        assert back.table == pytest.approx(there.table, rel=1e-3, abs=0.5)
    assert moved[0].table == pytest.approx(plain[0].table[np.ix_(turn, shuffle)], rel=1e-3, abs=0.5)


def test_candidates_are_told_by_the_rows_that_vote_for_them(made_up):
    labels = np.arange(3)
    rows, columns, true = made_up[0]
    assert likely_rows(true, labels).tolist() == [0, 1, 2, -1]
    assert likely_rows(estimate(rows, columns).table, labels).tolist() == [0, 1, 2, -1]
    assert likely_rows(true[:, [3, 2, 1, 0]], labels).tolist() == [-1, 2, 1, 0]


def test_names_of_the_columns_take_the_place_of_a_guess(made_up):
    rows, columns, _ = zip(*made_up[:4], strict=True)
    names = [["L", "R", "G", "other"]] * 4
    named = estimate_districts(rows, columns, [ROWS] * 4, column_labels=names)
    guessed = estimate_districts(rows, columns, [ROWS] * 4)
    for one, other in zip(named, guessed, strict=True):
        assert one.table == pytest.approx(other.table, rel=1e-3, abs=0.5)


def test_a_district_far_from_the_others_keeps_its_own_odds(made_up):
    odd = district(np.random.default_rng(8), PROFILE[[1, 0, 2]], n_units=40)
    rows, columns, _ = zip(*made_up[:6], odd, strict=True)
    names = [["L", "R", "G", "other"]] * 7
    found = estimate_districts(rows, columns, [ROWS] * 7, column_labels=names, settings=NO_CONTEXT)
    alone = estimate(odd[0], odd[1], settings=NO_CONTEXT)
    assert errors([odd], found[-1:])[0] < errors([odd], [alone])[0] + 1


def test_a_known_table_of_the_election_before_helps_a_district(made_up):
    earlier = [EarlierTable(one[2], ROWS) for one in made_up[1:4]]
    rng = np.random.default_rng(6)
    few = [district(rng, n_units=5) for _ in range(8)]
    alone = [estimate(one[0], one[1], settings=NO_CONTEXT) for one in few]
    found = [
        estimate_districts([one[0]], [one[1]], [ROWS], earlier=earlier, settings=NO_CONTEXT)[0]
        for one in few
    ]
    assert errors(few, found).mean() < 0.8 * errors(few, alone).mean()


def test_known_tables_outweigh_an_estimated_one():
    both = np.arange(2)
    strong, weak = np.array([[8.0, 2.0], [2.0, 8.0]]), np.array([[6.0, 4.0], [4.0, 6.0]])
    (alone,) = common_odds([LabelledTable(weak, both, both)])
    assert alone == pytest.approx(weak, rel=1e-3)
    (beside,) = common_odds([LabelledTable(weak, both, both)], [LabelledTable(strong, both, both)])
    assert beside[0, 0] > 7.5


@pytest.mark.parametrize("uncertainty_by", ["posterior", "bootstrap"])
def test_draws_and_unit_tables_add_up_in_every_district(made_up, uncertainty_by):
    padded = [(np.insert(one[0], 1, 0.0, axis=1), one[1]) for one in made_up[:3]]
    found = estimate_districts(
        [one[0] for one in padded],
        [one[1] for one in padded],
        rng=np.random.default_rng(1),
        n_draws=20,
        unit_tables=True,
        uncertainty_by=uncertainty_by,
    )
    for (rows, columns), one in zip(padded, found, strict=True):
        assert np.abs(one.units.sum(axis=2) - rows).max() < 1e-8
        assert np.abs(one.units.sum(axis=1) - columns).max() < 1e-8
        assert one.units.sum(axis=0) == pytest.approx(one.table)
        assert one.draws.shape == (20, 4, 4)
        assert np.abs(one.draws.sum(axis=1) - columns.sum(axis=0)).max() < 1e-6
        assert one.draws.std(axis=0).max() > 1


def test_unit_tables_are_the_same_chunk_by_chunk(made_up, monkeypatch):
    rows, columns, _ = made_up[0]
    whole = estimate(rows, columns, unit_tables=True)
    monkeypatch.setattr(two_way, "_CHUNK", 5)
    parts = estimate(rows, columns, unit_tables=True)
    assert parts.units == pytest.approx(whole.units)


def test_unit_tables_need_little_more_memory_than_they_fill():
    rng = np.random.default_rng(3)
    rows = rng.integers(0, 90, (40_000, 13)).astype(float)
    columns = rng.dirichlet(np.ones(4), 40_000) * rows.sum(axis=1, keepdims=True)
    fit = two_way.fit_two_way(rows[:60], columns[:60], LikelihoodSettings())
    tracemalloc.start()
    found = two_way.two_way_units(fit, rows, columns)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2.5 * found.nbytes


def test_a_district_of_one_row_is_its_margins(made_up):
    rows, columns, _ = zip(*made_up[:3], strict=True)
    found = estimate_districts(
        [*rows, rows[0].sum(axis=1, keepdims=True)],
        [*columns, columns[0]],
        [ROWS, ROWS, ROWS, ["left"]],
    )
    assert found[3].table == pytest.approx(columns[0].sum(axis=0)[None])

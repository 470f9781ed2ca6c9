"""Districts of one election, which share their odds ratios."""

import numpy as np
import pytest
from scipy.optimize import minimize

from bench.core.errors import DataError
from bench.metrics.shares import transition_error_index
from bench.models.ecological_inference import (
    EarlierTable,
    LikelihoodSettings,
    estimate,
    estimate_districts,
)
from bench.models.ecological_inference.common_odds import LabelledTable, common_odds
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
    with pytest.raises(DataError, match="no earlier table; pass the names"):
        estimate_districts([rows], [columns], earlier=[EarlierTable(PROFILE, ROWS)])


@pytest.mark.parametrize(
    ("votes", "labels", "words"),
    [
        (0 * PROFILE, (ROWS,), "not all zero"),
        (PROFILE - 0.5, (ROWS,), "zero or more"),
        (PROFILE[0], (ROWS,), r"the shape \(4,\)"),
        (PROFILE * np.nan, (ROWS,), "finite"),
        (PROFILE, (ROWS[:2],), "row_labels of an earlier table holds 2 labels"),
        (PROFILE, (ROWS, ["a", "b", "c", "c"]), "column_labels of an earlier table .* 3 of them"),
    ],
)
def test_an_earlier_table_that_cannot_be_used_is_refused(votes, labels, words):
    with pytest.raises(DataError, match=words):
        EarlierTable(votes, *labels)


def test_columns_with_names_need_names_in_earlier_tables_too(made_up):
    rows, columns, true = made_up[0]
    with pytest.raises(DataError, match="column_labels of every earlier table"):
        estimate_districts(
            [rows], [columns], [ROWS], column_labels=["wxyz"], earlier=[EarlierTable(true, ROWS)]
        )


def test_an_earlier_table_under_other_names_is_refused(made_up):
    rows, columns, true = made_up[0]
    strange = [EarlierTable(true, [name + " 2002" for name in ROWS])]
    with pytest.raises(DataError, match="no name of row_labels in common"):
        estimate_districts([rows], [columns], [ROWS], earlier=strange)


def test_a_known_table_of_the_election_before_helps_a_district(made_up):
    earlier = [EarlierTable(one[2], ROWS) for one in made_up[1:4]]
    rng = np.random.default_rng(6)
    few = [district(rng, n_units=5) for _ in range(5)]
    alone = [estimate(one[0], one[1], settings=NO_CONTEXT) for one in few]
    found = []
    for rows, columns, _true in few:
        found += estimate_districts([rows], [columns], [ROWS], earlier=earlier, settings=NO_CONTEXT)
    assert errors(few, found).mean() < 0.8 * errors(few, alone).mean()
    for (rows, columns, _true), one in zip(few, found, strict=True):
        assert one.table.sum(axis=1) == pytest.approx(rows.sum(axis=0))
        assert one.table.sum(axis=0) == pytest.approx(columns.sum(axis=0))


def test_the_nearer_an_earlier_table_is_to_the_truth_the_less_the_error():
    few = [district(np.random.default_rng(seed), n_units=5) for seed in range(4)]
    means = []
    for wrong in (0.0, 0.5, 1.0):
        found = []
        for rows, columns, true in few:
            other = true[[1, 2, 0]] * (true.sum(axis=1) / true[[1, 2, 0]].sum(axis=1))[:, None]
            before = [EarlierTable((1 - wrong) * true + wrong * other, ROWS, "wxyz")]
            found += estimate_districts(
                [rows], [columns], [ROWS], column_labels=["wxyz"], earlier=before
            )
        means.append(errors(few, found).mean())
    assert means == sorted(means)
    assert means[0] < 0.6 * means[2]


def test_rows_of_an_earlier_table_are_matched_by_name_and_empty_ones_left_out(made_up):
    rows, columns, true = made_up[0]
    plain = EarlierTable(true, ROWS)
    turned = EarlierTable(
        np.vstack([true[[2, 0]], 0 * true[:1], true[1]]), ["green", "left", "new", "right"]
    )
    found = [
        estimate_districts([rows], [columns], [ROWS], earlier=[table])[0].table
        for table in (plain, turned)
    ]
    assert found[1] == pytest.approx(found[0], rel=1e-6)


def test_common_odds_are_those_of_greatest_likelihood_with_known_tables_ten_times_as_heavy():
    rng = np.random.default_rng(1)
    log_odds = rng.normal(0.0, 1.0, (3, 4))
    tables = []
    for _ in range(6):
        unlike = np.exp(log_odds + rng.normal(0.0, 0.3, (3, 4)))
        rows, columns = rng.dirichlet(np.full(3, 5.0)), rng.dirichlet(np.full(4, 5.0))
        tables.append(unlike * rows[:, None] * columns)
    labelled = [LabelledTable(table, np.arange(3), np.arange(4)) for table in tables]
    found = common_odds(labelled[:4], labelled[4:])
    shares = [table / table.sum() for table in tables]
    trust = np.array([1.0, 1.0, 1.0, 1.0, 10.0, 10.0])

    def scaled(odds, share):
        table = np.exp(odds).reshape(3, 4)
        for _ in range(100):
            table = table * (share.sum(axis=1) / table.sum(axis=1))[:, None]
            table = table * (share.sum(axis=0) / table.sum(axis=0))
        return table

    def loss(odds, weight):
        fitted = [scaled(odds, share) for share in shares]
        parts = zip(weight, shares, fitted, strict=True)
        value, slope = 0.0, np.zeros((3, 4))
        for part, share, table in parts:
            value -= part * (share * np.log(table)).sum()
            slope -= part * (share - table)
        return value, slope.ravel()

    odds, weight = np.zeros(12), trust
    for _ in range(12):
        odds = minimize(loss, odds, args=(weight,), jac=True, options={"gtol": 1e-9}).x
        fitted = [scaled(odds, share) for share in shares]
        apart = np.array([np.abs(a - b).sum() / 2 for a, b in zip(shares, fitted, strict=True)])
        weight = trust / (1 + (apart / np.median(apart)) ** 2)
    for ours, table, theirs in zip(found, tables, fitted, strict=False):
        assert ours / table.sum() == pytest.approx(theirs, abs=1e-5)


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


def test_a_district_far_from_the_others_keeps_its_own_odds(made_up):
    odd = district(np.random.default_rng(8), PROFILE[[1, 0, 2]], n_units=40)
    rows, columns, _ = zip(*made_up[:6], odd, strict=True)
    names = [["L", "R", "G", "other"]] * 7
    found = estimate_districts(rows, columns, [ROWS] * 7, column_labels=names, settings=NO_CONTEXT)
    alone = estimate(odd[0], odd[1], settings=NO_CONTEXT)
    assert errors([odd], found[-1:])[0] < errors([odd], [alone])[0] + 1


def test_draws_and_unit_tables_add_up_in_every_district(made_up):
    padded = [(np.insert(one[0], 1, 0.0, axis=1), one[1]) for one in made_up[:3]]
    found = estimate_districts(
        [one[0] for one in padded],
        [one[1] for one in padded],
        rng=np.random.default_rng(1),
        n_draws=20,
        unit_tables=True,
    )
    for (rows, columns), one in zip(padded, found, strict=True):
        assert np.abs(one.units.sum(axis=2) - rows).max() < 1e-8
        assert np.abs(one.units.sum(axis=1) - columns).max() < 1e-8
        assert one.units.sum(axis=0) == pytest.approx(one.table)
        assert one.draws.shape == (20, 4, 4)
        assert np.abs(one.draws.sum(axis=1) - columns.sum(axis=0)).max() < 1e-6
        assert one.draws.std(axis=0).max() > 1

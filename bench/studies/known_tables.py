"""Estimates of transition tables on elections whose tables are known: errors and summaries."""

import dataclasses
import time
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from bench.core.arrays import FloatArray
from bench.core.errors import DataError
from bench.metrics.comparison.significance import mean_interval
from bench.metrics.shares import transition_error_index
from bench.models.ecological_inference import (
    METHODS,
    EarlierTable,
    LikelihoodSettings,
    Transition,
    estimate,
    estimate_districts,
)

GROUP = ["variant", "dataset", "tuned"]
DISTRICTS = "likelihood_districts"
GIVEN_BEFORE = "districts_given_election_before"
KNOWN_METHODS = (DISTRICTS, GIVEN_BEFORE, *METHODS)
LEVELS = (0.5, 0.8, 0.9, 0.95)
COVERED = tuple(f"covered_{round(100 * level)}" for level in LEVELS)
MIN_CELL = 0.01  # of the votes of an election
RARE = "rare"


@dataclasses.dataclass(frozen=True)
class KnownElection:
    """An election counted by units, with its true transition table.

    Attributes
    ----------
    key, dataset : names; `tuned` says whether settings were chosen on this election.
    row_votes, column_votes : [U, R], [U, K] in votes.
    true_table : [R, K] in votes.
    row_labels : [R], what the rows are called in all districts of the dataset; numbers if empty.
    """

    key: str
    dataset: str
    tuned: bool
    row_votes: FloatArray
    column_votes: FloatArray
    true_table: FloatArray
    row_labels: tuple[Hashable, ...] = ()

    def __post_init__(self) -> None:
        """Number the rows that have no names."""
        if not self.row_labels:
            object.__setattr__(self, "row_labels", tuple(range(self.true_table.shape[0])))


def known_elections(
    index: pd.DataFrame,
    row_votes: pd.DataFrame,
    column_votes: pd.DataFrame,
    true_tables: pd.DataFrame,
    row_labels: pd.DataFrame | None = None,
) -> list[KnownElection]:
    """Elections of long tables whose margins agree with the true table.

    Parameters
    ----------
    index : key, dataset, district_no, units, R, C: one row per election.
    row_votes, column_votes : key, votes: unit by unit, categories in a fixed order.
    true_tables : key, votes: row by row, in the same orders.
    row_labels : key, label: in the order of the rows; numbers if None.

    Examples
    --------
    >>> index = pd.DataFrame({"key": ["a"], "dataset": "d", "district_no": 1, "units": 1,
    ...                       "R": 2, "C": 2})
    >>> rows, columns, true = (pd.DataFrame({"key": "a", "votes": votes})
    ...                        for votes in ([3, 2], [4, 1], [3, 0, 1, 1]))
    >>> known_elections(index, rows, columns, true)[0].true_table.tolist()
    [[3.0, 0.0], [1.0, 1.0]]
    """
    sides = []
    for table in (row_votes, column_votes, true_tables):
        sides.append({key: part["votes"].to_numpy(float) for key, part in table.groupby("key")})
    labels = {}
    if row_labels is not None:
        labels = {key: tuple(part["label"]) for key, part in row_labels.groupby("key")}
    elections = []
    for entry in index.to_dict("records"):
        key, n_units, n_rows, n_columns = (entry[name] for name in ("key", "units", "R", "C"))
        rows = sides[0][key].reshape(n_units, n_rows)
        columns = sides[1][key].reshape(n_units, n_columns)
        true = sides[2][key].reshape(n_rows, n_columns)
        agrees = np.array_equal(rows.sum(axis=1), columns.sum(axis=1))
        agrees &= np.array_equal(rows.sum(axis=0), true.sum(axis=1))
        agrees &= np.array_equal(columns.sum(axis=0), true.sum(axis=0))
        if agrees:
            tuned = was_tuned_on(entry["dataset"], entry["district_no"])
            names = labels.get(key, ())
            dataset = entry["dataset"]
            elections.append(KnownElection(key, dataset, tuned, rows, columns, true, names))
    return elections


def elections_before(
    elections: Iterable[KnownElection], rows_before: pd.DataFrame, dataset: str
) -> list[KnownElection]:
    """The elections before those of a dataset, their rows called as today.

    Parameters
    ----------
    elections : of any datasets.
    rows_before : dataset, label, dataset_before, label_before: the same row, then and now.
    dataset : of today.

    Examples
    --------
    >>> table = np.ones((2, 2))
    >>> last = KnownElection("a", "then", False, table, table, table, ("x", "y"))
    >>> names = pd.DataFrame({"dataset": ["now"], "label": "new x", "dataset_before": "then",
    ...                       "label_before": "x"})
    >>> [election.row_labels for election in elections_before([last], names, "now")]
    [('new x', 'y')]
    """
    rows_today = rows_before[rows_before["dataset"].eq(dataset)]
    name_today = dict(zip(rows_today["label_before"], rows_today["label"], strict=True))
    datasets_before = set(rows_today["dataset_before"])
    before = []
    for election in elections:
        if election.dataset in datasets_before:
            labels = tuple(name_today.get(label, label) for label in election.row_labels)
            before.append(dataclasses.replace(election, row_labels=labels))
    return before


def was_tuned_on(dataset: str, district_no: int) -> bool:
    """Whether the settings of the likelihood method were chosen on this district.

    Examples
    --------
    >>> was_tuned_on("ei_SCO_2007", 12), was_tuned_on("ei_NZ_2002", 12)
    (False, True)
    """
    return dataset == "ei_NZ_2002" or (dataset == "ei_SCO_2007" and district_no % 2 == 1)


def merge_rare(election: KnownElection, threshold: float = 0.03) -> KnownElection:
    """Rows (columns) below `threshold` of the votes become one, if there are two or more.

    Rows, columns and units without votes are left out afterwards, by `evaluate`.

    Examples
    --------
    Of 100 votes the last two rows have 2 each:

    >>> true = np.array([[50.0, 46.0], [1.0, 1.0], [2.0, 0.0]])
    >>> rows, columns = true.sum(axis=1)[None], true.sum(axis=0)[None]
    >>> merged = merge_rare(KnownElection("a", "d", False, rows, columns, true, ("x", "y", "z")))
    >>> merged.true_table.tolist(), merged.row_labels
    ([[50.0, 46.0], [3.0, 1.0]], ('x', 'rare'))
    """
    rows, columns, true = election.row_votes, election.column_votes, election.true_table
    row_groups = _rare_last(true.sum(axis=1), threshold)
    column_groups = _rare_last(true.sum(axis=0), threshold)
    rows = np.stack([rows[:, group].sum(axis=1) for group in row_groups], axis=1)
    columns = np.stack([columns[:, group].sum(axis=1) for group in column_groups], axis=1)
    true = np.array([[true[np.ix_(r, c)].sum() for c in column_groups] for r in row_groups])
    labels = tuple(
        election.row_labels[group[0]] if len(group) == 1 else RARE for group in row_groups
    )
    return dataclasses.replace(
        election, row_votes=rows, column_votes=columns, true_table=true, row_labels=labels
    )


def evaluate(
    elections: Sequence[KnownElection],
    *,
    methods: Iterable[str] = ("likelihood",),
    variants: Iterable[str] = ("m3", "full"),
    earlier: Sequence[KnownElection] = (),
    n_draws: int = 0,
    level: float = 0.9,
    settings: LikelihoodSettings | None = None,
    seed: int = 2017,
) -> pd.DataFrame:
    """Error index, coverage and time of methods on elections with known tables.

        EI = 100 * 0.5 sum_rk |true_rk - estimated_rk| / sum_rk true_rk

    Unit: percent of the votes. Range: 0 to 100. Lower is better; covered is best at `level`.

    Parameters
    ----------
    elections : from `known_elections`.
    methods : of `bench.models.ecological_inference.METHODS`, or `likelihood_districts`, to which
        the elections of a dataset are the districts of one (`estimate_districts`), or
        `districts_given_election_before`, to which the true tables of `earlier` are known too.
    variants : `full` for the tables as they are, `m3` for `merge_rare` at 3 %.
    earlier : from `elections_before`.
    n_draws : tables drawn for the intervals; 0 leaves the coverage empty.
    level : of the intervals, 0 to 1.
    settings : of the likelihood method.
    seed : of the draws, together with the key of the election (or the name of the dataset).

    Returns
    -------
    pandas.DataFrame
        One row per election, variant and method: key, dataset, tuned, variant, method,
        error_index (percent), wall_s, cpu_s (mean of the elections, without draws), covered (share
        of the cells whose true votes lie within the interval, which may be off by half a vote),
        covered_votes (the same, cells weighted by true votes); cells, how many hold at least one
        percent of the votes, and covered_50 to covered_95, the share of these whose true votes
        lie within the central interval of that probability.

    Raises
    ------
    DataError
        If a variant is not one of the two.

    References
    ----------
    As `bench.metrics.shares.transition_error_index`.
    """

    def draws(key: str) -> dict[str, Any]:
        rng = np.random.default_rng([seed, *key.encode()])
        return {"n_draws": n_draws, "rng": rng}

    records = []
    for variant in variants:
        variants_of_elections = [_variant(election, variant) for election in elections]
        n_elections = len(variants_of_elections)
        tables_before = []
        for election in earlier:
            before = _variant(election, variant)
            tables_before.append(EarlierTable(before.true_table, before.row_labels))
        for method in methods:
            wall, cpu = time.perf_counter(), time.process_time()
            estimates = _estimated(variants_of_elections, method, settings, tables_before)
            wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
            drawn: Sequence[Transition | None] = [None] * n_elections
            if n_draws:
                drawn = _estimated(variants_of_elections, method, settings, tables_before, draws)
            for election, estimated, with_draws in zip(
                variants_of_elections, estimates, drawn, strict=True
            ):
                error = transition_error_index(election.true_table, estimated.table)
                records.append(
                    {
                        "key": election.key,
                        "dataset": election.dataset,
                        "tuned": election.tuned,
                        "variant": variant,
                        "method": method,
                        "error_index": 100 * error,
                        "wall_s": wall / n_elections,
                        "cpu_s": cpu / n_elections,
                        **_coverage(election.true_table, with_draws, level),
                    }
                )
    place = {election.key: k for k, election in enumerate(elections)}
    return pd.DataFrame.from_records(sorted(records, key=lambda row: place[str(row["key"])]))


def _estimated(
    elections: Sequence[KnownElection],
    method: str,
    settings: LikelihoodSettings | None,
    earlier: Sequence[EarlierTable],
    draws: Callable[[str], dict[str, Any]] = lambda key: {},
) -> list[Transition]:
    """The tables of elections, each alone or as districts of their datasets.

    With the options that ask for `draws` of an election or dataset of this name.
    """
    if method not in (DISTRICTS, GIVEN_BEFORE):
        return [
            estimate(
                election.row_votes,
                election.column_votes,
                method=method,
                settings=settings,
                **draws(election.key),
            )
            for election in elections
        ]
    table_at: dict[int, Transition] = {}
    for dataset in dict.fromkeys(election.dataset for election in elections):
        part = [k for k, election in enumerate(elections) if election.dataset == dataset]
        tables = estimate_districts(
            [elections[k].row_votes for k in part],
            [elections[k].column_votes for k in part],
            [elections[k].row_labels for k in part],
            earlier=earlier if method == GIVEN_BEFORE else (),
            settings=settings,
            **draws(dataset),
        )
        table_at |= dict(zip(part, tables, strict=True))
    return [table_at[k] for k in range(len(elections))]


def against_peer(
    errors: pd.DataFrame, peer_errors: pd.DataFrame, *, seed: int = 2017, n_resamples: int = 2000
) -> pd.DataFrame:
    """Mean error beside that of every peer on the same tables, with a paired bootstrap.

    Parameters
    ----------
    errors : from `evaluate`, of one method.
    peer_errors : variant, method, key, error_index.
    seed, n_resamples : of the bootstrap over elections.

    Returns
    -------
    pandas.DataFrame
        Per variant, dataset, tuned and peer: n, error_index, peer_error_index, their ratio
        (below 1 favours us) and its 95 % interval; difference (ours minus the peer's, mean of the
        elections; below 0 favours us) with its 95 % interval by Student's t, which is NaN for one
        election; lower_share, the share of the elections on which ours is lower.

    References
    ----------
    Percentile bootstrap: Efron and Tibshirani (1993), doi:10.1007/978-1-4899-4541-9.

    Examples
    --------
    4 and 6 beside 8 and 12 percent:

    >>> ours = pd.DataFrame({"variant": "m3", "key": ["a", "b"], "dataset": "d", "tuned": False,
    ...                      "error_index": [4.0, 6.0]})
    >>> theirs = pd.DataFrame({"variant": "m3", "key": ["a", "b"], "method": "p",
    ...                        "error_index": [8.0, 12.0]})
    >>> pair = against_peer(ours, theirs).iloc[0]
    >>> pair[["ratio", "ratio_low", "ratio_high"]].astype(float).tolist()
    [0.5, 0.5, 0.5]

    The differences are -4 and -6, their standard error 1, and t with 1 degree of freedom 12.7:

    >>> pair[["difference", "difference_low", "difference_high"]].astype(float).round(1).tolist()
    [-5.0, -17.7, 7.7]
    """
    peers = peer_errors.rename(columns={"method": "peer", "error_index": "peer_error_index"})
    paired = errors.merge(
        peers[["variant", "key", "peer", "peer_error_index"]], on=["variant", "key"]
    )
    rng = np.random.default_rng(seed)
    records = []
    names = [*GROUP, "peer"]
    for values, part in paired.groupby(names):
        pair = part[["error_index", "peer_error_index"]].to_numpy(float)
        chosen = rng.integers(len(pair), size=(n_resamples, len(pair)))
        resampled, resampled_peer = pair[chosen].mean(axis=1).T
        low, high = np.quantile(resampled / resampled_peer, [0.025, 0.975])
        mean = pair.mean(axis=0)
        by_election = pair[:, 0] - pair[:, 1]
        bounds = [np.nan, np.nan]
        if len(pair) > 1:
            bounds = [float(bound[0]) for bound in mean_interval(by_election[:, None])]
        records.append(
            (
                *(*values, len(pair), mean[0], mean[1], mean[0] / mean[1], low, high),
                *(by_election.mean(), *bounds, (by_election < 0).mean()),
            )
        )
    columns = [*names, "n", "error_index", "peer_error_index", "ratio", "ratio_low", "ratio_high"]
    columns += ["difference", "difference_low", "difference_high", "lower_share"]
    return pd.DataFrame.from_records(records, columns=columns)


def summary_by_dataset(
    errors: pd.DataFrame, *, level: float = 0.95, n_resamples: int = 2000, seed: int = 2017
) -> pd.DataFrame:
    """Mean error index of every method by dataset, with a bootstrap over elections.

    Unit: percent of the votes in a wrong cell. Range: 0 to 100. Lower is better.

    Parameters
    ----------
    errors : variant, dataset, tuned, method, error_index (percent of the votes); covered,
        covered_votes, cpu_s where they were measured.
    level : of the intervals, 0 to 1.
    n_resamples, seed : of the bootstrap.

    Returns
    -------
    pandas.DataFrame
        Per variant, dataset, tuned and method: n, error_index with its interval `low`, `high`,
        covered, covered_votes and cpu_s (means), covered_50 to covered_95 (of the cells with at
        least one percent of the votes, all elections together); NaN where nothing was measured.

    References
    ----------
    Percentile bootstrap: Efron and Tibshirani (1993), doi:10.1007/978-1-4899-4541-9.

    Examples
    --------
    >>> errors = pd.DataFrame({"variant": "m3", "dataset": "a", "tuned": True, "method": "b",
    ...                        "error_index": [4.0, 6.0], "cpu_s": [1.0, 3.0]})
    >>> summary_by_dataset(errors)[["n", "error_index", "cpu_s"]].to_numpy().tolist()
    [[2.0, 5.0, 2.0]]
    """
    rng = np.random.default_rng(seed)
    tail = (1 - level) / 2
    means = ["covered", "covered_votes", "cpu_s"]
    errors = errors.reindex(columns=[*dict.fromkeys([*errors, *means, *COVERED, "cells"])])
    records = []
    for values, part in errors.groupby([*GROUP, "method"]):
        index = part["error_index"].to_numpy(float)
        chosen = rng.integers(len(index), size=(n_resamples, len(index)))
        low, high = np.quantile(index[chosen].mean(axis=1), [tail, 1 - tail])
        cells = part["cells"]
        covered = part[[*COVERED]].mul(cells, axis=0).sum(min_count=1) / cells.sum()
        measured = (*part[means].mean(), *covered)
        records.append((*values, len(index), index.mean(), low, high, *measured))
    names = [*GROUP, "method", "n", "error_index", "low", "high", *means, *COVERED]
    return pd.DataFrame.from_records(records, columns=names)


def _variant(election: KnownElection, variant: str) -> KnownElection:
    if variant not in ("m3", "full"):
        raise DataError(f"variant is {variant!r}; accepted: 'm3', 'full'")
    merged = merge_rare(election) if variant == "m3" else election
    units = merged.row_votes.sum(axis=1) > 0
    rows, columns = merged.true_table.sum(axis=1) > 0, merged.true_table.sum(axis=0) > 0
    return dataclasses.replace(
        merged,
        row_votes=merged.row_votes[units][:, rows],
        column_votes=merged.column_votes[units][:, columns],
        true_table=merged.true_table[rows][:, columns],
        row_labels=tuple(np.array(merged.row_labels, dtype=object)[rows]),
    )


def _rare_last(votes: FloatArray, threshold: float) -> list[list[int]]:
    rare = votes < threshold * votes.sum()
    if rare.sum() < 2:
        return [[k] for k in range(len(votes))]
    return [[int(k)] for k in np.flatnonzero(~rare)] + [np.flatnonzero(rare).tolist()]


def _coverage(true: FloatArray, drawn: Transition | None, level: float) -> dict[str, float]:
    """Coverage of all cells at one level, and of those that matter at all of `LEVELS`."""
    matter = true >= MIN_CELL * true.sum()
    counted = dict.fromkeys(("covered", "covered_votes", *COVERED), np.nan)
    counted["cells"] = float(matter.sum())
    if drawn is not None:
        low, high = drawn.interval(level)
        inside = (low - 0.5 <= true) & (true <= high + 0.5)
        counted["covered"] = float(inside.mean())
        counted["covered_votes"] = float((inside * true).sum() / true.sum())
        for name, at in zip(COVERED, LEVELS, strict=True):
            low, high = drawn.interval(at)
            counted[name] = float(((low <= true) & (true <= high))[matter].mean())
    return counted

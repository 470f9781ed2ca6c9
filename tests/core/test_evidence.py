"""Evidence: read-only, cut, given only as far as it is needed; and batches of it."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from bench.core import Evidence, ForecastError
from bench.core.evidence import (
    BatchTable,
    EvidenceBatch,
    Read,
    by_candidate,
    one_replicate,
)
from tests.evidence import AS_OF
from tests.evidence import evidence as made


@pytest.fixture
def evidence() -> Evidence:
    days = pd.to_datetime(["2031-04-01", "2031-04-10"])
    polls = pd.DataFrame({"share": [0.4, 0.6], "published_on": days})
    return of_tables(polls=polls, buzz=pd.DataFrame({"value": [1.0]}))


def of_tables(**tables: pd.DataFrame) -> Evidence:
    """Evidence with these tables alone."""
    return replace(made("ash", "birch"), tables=tables)


def test_a_table_that_is_not_there_is_refused(evidence: Evidence) -> None:
    with pytest.raises(ForecastError, match="did you mean 'polls'"):
        evidence["pols"]
    with pytest.raises(ForecastError, match="`needs` lists a table 'tea_leaves'"):
        evidence.only({"tea_leaves"})
    with pytest.raises(ForecastError, match="`needs` lists a table 'nothing'"):
        evidence.read_only(["nothing"])
    with pytest.raises(ForecastError, match="no table 'buzz'"):
        evidence.only({"polls"})["buzz"]


def test_a_reader_cannot_change_what_the_next_one_reads(evidence: Evidence) -> None:
    mine = evidence["polls"]
    mine.loc[0, "share"] = 99.0
    mine["extra"] = 1
    assert evidence["polls"]["share"].tolist() == [0.4, 0.6]
    assert "extra" not in evidence["polls"]


def test_a_correction_that_was_read_counts_as_data_of_its_day(evidence: Evidence) -> None:
    polls = evidence.tables["polls"].assign(published_on=pd.Timestamp("2031-04-01"))
    polls["corrected_on"] = pd.to_datetime([None, "2031-04-12"])
    given = evidence.with_tables(polls=polls, empty=polls.iloc[:0])
    given["empty"], given["buzz"]
    assert given.data_used_until is None
    given["polls"]
    assert given.data_used_until == pd.Timestamp("2031-04-12")


def test_tables_are_assembled_when_they_are_asked_for_and_once(evidence: Evidence) -> None:
    made = []

    def assemble() -> pd.DataFrame:
        made.append(1)
        return pd.DataFrame({"value": [2.0]})

    given = replace(evidence, tables={"late": assemble, "polls": evidence.tables["polls"]})
    other = given.with_tables(polls=pd.DataFrame({"share": [1.0]}), more=pd.DataFrame())
    assert (len(given.tables), len(other.tables)) == (2, 3)
    assert list(other.tables) == ["late", "polls", "more"]
    assert "late" in given.tables
    assert "nothing" not in given.tables
    assert not made
    for one in (given, other, given.assembled(), given.only(["late"]), given.read_only(["late"])):
        assert one["late"]["value"].tolist() == [2.0]
    assert len(made) == 1
    assert other["polls"]["share"].tolist() == [1.0]
    assert given["polls"]["share"].tolist() == [0.4, 0.6]


def test_it_names_what_was_read(evidence: Evidence) -> None:
    assert evidence.tables_read == frozenset()
    evidence["polls"], evidence["polls"]
    polls = evidence.tables["polls"].assign(institute=["Ash", "Fir"])
    chosen = evidence.with_tables(polls=polls)
    assert chosen.rows("polls", institute=["Fir"])["share"].tolist() == [0.6]
    assert chosen.reads == (Read("polls", filters=(("institute", ("Fir",)),)),)
    assert chosen.rows("polls", institute="Oak").empty
    assert chosen.rows("polls", institute="").empty
    assert len(chosen.rows("polls", institute=None)) == 2
    with pytest.raises(ForecastError, match=r"no column 'institut' \(did you mean 'institute'"):
        chosen.rows("polls", institut="Fir")
    assert evidence.tables_read == {"polls"}
    for later in (
        evidence.only(["polls"]),
        evidence.read_only(["polls"]),
        evidence.assembled(),
        evidence.with_tables(),
    ):
        assert later.tables_read == frozenset()


def test_nobody_writes_into_what_is_read_only(evidence: Evidence) -> None:
    days = pd.DataFrame({"day": pd.to_datetime(["2031-04-01"]), "kind": pd.Categorical(["a"])})
    whole = evidence.with_tables(days=days)
    given = whole.read_only(["polls", "days"])
    for table, column in (("polls", "share"), ("days", "day"), ("days", "kind")):
        cells = given.tables[table][column].array
        with pytest.raises(ValueError, match="read-only"):
            cells[0] = cells[-1]
    given.tables["polls"].loc[0, "share"] = 99.0
    del given.tables["days"]["day"]
    assert whole["polls"]["share"].tolist() == [0.4, 0.6]
    assert list(whole["days"]) == ["day", "kind"]


def test_after_the_vote_no_day_is_left(evidence: Evidence) -> None:
    for moment, days in (("2031-04-19T23:59", 1), ("2031-04-20T08:00", 0), ("2031-05-01", 0)):
        assert replace(evidence, as_of=pd.Timestamp(moment)).days_to_vote == days


SHARE = np.array([[0.6, 0.4, 0.5], [0.1, 0.9, 0.3]])  # [B, N]


@pytest.fixture
def polls() -> BatchTable:
    rows = pd.DataFrame(
        {"candidate": ["ash", "birch", "ash"], "published_on": pd.to_datetime(["2031-04-01"] * 3)}
    )
    return BatchTable(rows=rows, values={"share": SHARE, "n": np.full((2, 3), 100.0)})


@pytest.fixture
def batch(polls: BatchTable) -> EvidenceBatch:
    shared = of_tables(polls=pd.DataFrame(), buzz=pd.DataFrame({"value": [7.0]}))
    return EvidenceBatch(evidence=replace(shared, round=2), tables={"polls": polls}, size=2)


@pytest.mark.parametrize("shape", [(2, 2), (3,), (1, 2, 3)])
def test_values_that_do_not_fit_the_rows_are_refused(
    polls: BatchTable, shape: tuple[int, ...]
) -> None:
    with pytest.raises(ForecastError, match=r"^column 'n' of a batch is .*; accepted: \[B, 3\]$"):
        replace(polls, values={"n": np.zeros(shape)})


def test_rows_are_taken_with_their_values_and_counted_anew(polls: BatchTable) -> None:
    for keep in (np.array([2, 0]), np.array([True, False, True])):
        some = polls.take(keep)
        assert some.rows.index.tolist() == [0, 1]
        assert some.rows["candidate"].tolist() == ["ash", "ash"]
        assert some.values["share"].tolist() == SHARE[:, np.arange(3)[keep]].tolist()
        assert some.values["n"].shape == (2, 2)


def test_a_replicate_is_evidence_about_the_same_vote(batch: EvidenceBatch) -> None:
    made, shared = batch.replicate(1), batch.evidence
    for name in ("election", "round", "as_of", "vote_on", "candidates", "n_advance"):
        assert getattr(made, name) == getattr(shared, name), name
    assert made["polls"]["share"].tolist() == [0.1, 0.9, 0.3]
    assert made["buzz"]["value"].tolist() == [7.0]
    assert batch.candidates == ("ash", "birch")


def test_made_up_rows_obey_the_clock_to_the_minute(batch: EvidenceBatch, polls: BatchTable) -> None:
    def known(moment: pd.Timestamp) -> EvidenceBatch:
        rows = polls.rows.assign(published_on=[AS_OF, moment, AS_OF])
        return batch.with_tables(polls=replace(polls, rows=rows))

    assert len(known(AS_OF).replicate(0)["polls"]) == 3
    with pytest.raises(ForecastError, match="the made-up table 'polls' holds rows public after"):
        known(AS_OF + pd.Timedelta(minutes=1)).replicate(0)
    with pytest.raises(ForecastError, match=r"no table 'pols' differs .*did you mean 'polls'"):
        batch["pols"]


def test_real_evidence_is_a_batch_of_one() -> None:
    frame = pd.DataFrame(
        {"candidate": ["ash", "birch"], "share": [1, 0], "sample_size": [900, 900]}, index=[4, 7]
    )
    shared = of_tables(polls=frame, buzz=pd.DataFrame({"value": [7.0]}))
    varying = {"ratings": ("n",), "polls": ("share", "margin", "sample_size")}
    batch = one_replicate(shared, varying)
    assert batch.size == 1
    assert batch.evidence is shared
    assert list(batch.tables) == ["polls"]
    assert batch["polls"].rows.columns.tolist() == ["candidate"]
    assert batch["polls"].rows.index.tolist() == [0, 1]
    share = batch["polls"].values["share"]
    assert share.shape == (1, 2)
    assert share.dtype == np.float64
    again = batch.replicate(0)["polls"][frame.columns.tolist()]
    assert again.astype(frame.dtypes).equals(frame.reset_index(drop=True))


def test_values_are_reduced_by_candidate_in_ballot_order(polls: BatchTable) -> None:
    sums = by_candidate(polls, "share", ("birch", "oak", "ash"), np.sum)
    assert sums[:, [0, 2]].tolist() == [[0.4, 1.1], [0.9, 0.4]]
    assert np.isnan(sums[:, 1]).all()
    # ash stands on rows 0 and 2; birch is not on this ballot, and must not fall to the last
    means = by_candidate(polls, "share", ("oak", "ash"), np.mean)
    assert means[:, 1] == pytest.approx([0.55, 0.2])
    assert np.isnan(means[:, 0]).all()

"""Evidence: read-only, cut, and given only as far as it is needed."""

from dataclasses import replace

import pandas as pd
import pytest

from bench.core import Evidence, ForecastError


@pytest.fixture
def evidence() -> Evidence:
    polls = pd.DataFrame(
        {"share": [0.4, 0.6], "published_on": pd.to_datetime(["2031-04-01", "2031-04-10"])}
    )
    return Evidence(
        election="toy",
        round=1,
        as_of=pd.Timestamp("2031-04-18T20:00"),
        vote_on=pd.Timestamp("2031-04-20"),
        candidates=("ash", "birch"),
        seats=1,
        tables={"polls": polls, "buzz": pd.DataFrame({"value": [1.0]})},
    )


def test_an_unknown_table_is_answered_with_the_nearest(evidence: Evidence) -> None:
    with pytest.raises(ForecastError, match="did you mean 'polls'"):
        evidence["pols"]


def test_a_need_that_no_election_has_is_refused(evidence: Evidence) -> None:
    with pytest.raises(ForecastError, match="`needs` lists a table 'tea_leaves'"):
        evidence.only({"tea_leaves"})


def test_only_hides_the_other_tables(evidence: Evidence) -> None:
    with pytest.raises(ForecastError, match="no table 'buzz'"):
        evidence.only({"polls"})["buzz"]


def test_a_reader_cannot_change_what_the_next_one_reads(evidence: Evidence) -> None:
    mine = evidence["polls"]
    mine.loc[0, "share"] = 99.0
    mine["extra"] = 1
    assert evidence["polls"]["share"].tolist() == [0.4, 0.6]
    assert "extra" not in evidence["polls"]


def test_it_remembers_how_late_the_data_were_that_somebody_read(evidence: Evidence) -> None:
    assert evidence.data_used_until is None
    evidence["polls"]
    assert evidence.data_used_until == pd.Timestamp("2031-04-10")


def test_a_correction_that_was_read_counts_as_data_of_its_day() -> None:
    polls = pd.DataFrame(
        {
            "published_on": pd.to_datetime(["2031-04-01", "2031-04-01"]),
            "corrected_on": pd.to_datetime([None, "2031-04-12"]),
        }
    )
    moment = pd.Timestamp("2031-04-18T20:00")
    tables = {"polls": polls, "empty": polls.iloc[:0], "dateless": pd.DataFrame({"a": [1]})}
    evidence = Evidence(
        election="toy",
        round=1,
        as_of=moment,
        vote_on=moment,
        candidates=("ash", "birch"),
        seats=1,
        tables=tables,
    )
    evidence["empty"], evidence["dateless"]
    assert evidence.data_used_until is None
    evidence["polls"]
    assert evidence.data_used_until == pd.Timestamp("2031-04-12")


def test_days_to_the_vote_count_from_midnight(evidence: Evidence) -> None:
    assert evidence.days_to_vote == 2


def test_only_keeps_the_vote_and_forgets_what_was_read(evidence: Evidence) -> None:
    evidence["polls"]
    less = evidence.only(["polls"])
    for name in ("election", "round", "as_of", "vote_on", "candidates", "seats"):
        assert getattr(less, name) == getattr(evidence, name), name
    assert list(less.tables) == ["polls"]
    assert less.data_used_until is None


def test_whoever_made_the_tables_can_no_longer_exchange_them(evidence: Evidence) -> None:
    mine = dict(evidence.tables)
    held = Evidence(
        election="toy",
        round=1,
        as_of=evidence.as_of,
        vote_on=evidence.vote_on,
        candidates=("ash", "birch"),
        seats=1,
        tables=mine,
    )
    mine["polls"] = pd.DataFrame({"share": [1.0]})
    assert held["polls"]["share"].tolist() == [0.4, 0.6]
    with pytest.raises(TypeError, match="does not support item assignment"):
        held.tables["polls"] = mine["polls"]  # type: ignore[index]


def test_a_table_that_was_not_asked_for_is_explained(evidence: Evidence) -> None:
    with pytest.raises(ForecastError, match=r"; a predictor gets the tables it lists in `needs`$"):
        evidence["pols"]


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
    for one in (given, other, given.assembled(), given.only(["late"]), given.copied(["late"])):
        assert one["late"]["value"].tolist() == [2.0]
    assert len(made) == 1
    assert other["polls"]["share"].tolist() == [1.0]
    assert given["polls"]["share"].tolist() == [0.4, 0.6]


def test_it_names_what_was_read(evidence: Evidence) -> None:
    assert evidence.tables_read == frozenset()
    evidence["polls"], evidence["polls"]
    assert evidence.tables_read == {"polls"}
    for later in (
        evidence.only(["polls"]),
        evidence.copied(["polls"]),
        evidence.assembled(),
        evidence.with_tables(),
    ):
        assert later.tables_read == frozenset()


def test_the_latest_day_of_all_tables_counts(evidence: Evidence) -> None:
    late = pd.DataFrame({"published_on": pd.to_datetime(["2031-04-12", None])})
    both = evidence.with_tables(buzz=late)
    both["polls"], both["buzz"]
    assert both.data_used_until == pd.Timestamp("2031-04-12")


def test_a_copy_is_memory_of_its_own(evidence: Evidence) -> None:
    copied = evidence.copied(["polls"])
    assert list(copied.tables) == ["polls"]
    copied.tables["polls"].loc[0, "share"] = 99.0
    assert evidence.tables["polls"]["share"].tolist() == [0.4, 0.6]
    with pytest.raises(ForecastError, match="`needs` lists a table 'nothing'"):
        evidence.copied(["nothing"])


def test_tables_assembled_now_are_not_exchanged_later(evidence: Evidence) -> None:
    assembled = evidence.assembled()
    assert list(assembled.tables) == ["polls", "buzz"]
    assert assembled.tables["polls"] is evidence.tables["polls"]


def test_the_first_of_many_unknown_needs_is_named_with_the_nearest(evidence: Evidence) -> None:
    with pytest.raises(ForecastError, match=r"table 'bus' that no election has .*polls\)"):
        evidence.only(["zebra", "bus", "polls"])
    with pytest.raises(ForecastError, match=r"table 'poll' .*did you mean 'polls'\?"):
        evidence.only(["poll"])


def test_after_the_vote_no_day_is_left(evidence: Evidence) -> None:
    for moment, days in (("2031-04-19T23:59", 1), ("2031-04-20T08:00", 0), ("2031-05-01", 0)):
        assert replace(evidence, as_of=pd.Timestamp(moment)).days_to_vote == days

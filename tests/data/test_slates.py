"""Slates: ballots that polls tested, who withdrew, tasks that suppose one, stated weights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from bench.core import ConfigError, DataError
from bench.core.settings import Experiment
from bench.data import slates
from bench.data.election import load_election
from bench.data.slates import (
    WeighedSlate,
    candidacies,
    coming_events,
    part_of_samples,
    sampled_slates,
    slates_at,
    standing_at,
    weighed_slates,
    withdrawn,
)
from bench.data.task import Task
from bench.runner.runner import task_of
from tests.data.open_election import AS_OF, open_election
from tools.sampled_people import sampled_people

GONE = "brook,withdrawn,2019-03-20T12:00,stated,made up\n"
BACK = f"{GONE}brook,declared,2019-03-25T12:00,stated,made up\n"
ALL = ("brook", "ferrier", "hollow", "quill", "thorne")


@pytest.fixture(scope="module")
def toy_open(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(open_election(tmp_path_factory.mktemp("open")))


@pytest.mark.parametrize(
    ("number", "as_of", "asked", "words"),
    [
        (1, AS_OF, {"slate": "s9"}, "slate 's9' was in no public poll of round 1 of toy_open"),
        (1, AS_OF, {"slate": ("quill", "thorne")}, "a slate of quill, thorne was in no public"),
        (1, AS_OF, {"slate": ("quill", "nobody")}, "names 'nobody', whom nobody tested"),
        (1, "2019-02-20T20:00", {}, "no poll was public"),
        (2, AS_OF, {"slate": "polled", "pair": ("quill", "thorne")}, "both slate and pair"),
    ],
)
def test_a_slate_that_nobody_tested_is_refused(
    toy_open: str, number: int, as_of: str, asked: dict[str, Any], words: str
) -> None:
    with pytest.raises(ConfigError, match=words):
        Task(toy_open, number, as_of, **asked)


def test_a_slate_with_somebody_who_withdrew_is_refused_from_then_on(tmp_path: Path) -> None:
    folder = str(open_election(tmp_path, candidacies=GONE))
    assert Task(folder, 1, "2019-03-20T11:59", slate="s1").ballot == ALL
    with pytest.raises(ConfigError, match=r"names who had withdrawn: Odile Brook \(2019-03-20\)"):
        Task(folder, 1, "2019-03-20T12:00", slate="s1")
    assert Task(folder, 1, AS_OF).ballot == ALL[1:]


def test_whoever_declares_again_is_back(tmp_path: Path) -> None:
    election = load_election(str(open_election(tmp_path, candidacies=BACK)))
    assert set(withdrawn(election, pd.Timestamp("2019-03-22"))) == {"brook"}
    assert withdrawn(election, pd.Timestamp(AS_OF)) == {}
    assert Task(election, 1, AS_OF).ballot == ALL


def test_a_status_that_is_none_is_refused(tmp_path: Path) -> None:
    rows = "brook,thinking,2019-03-20T12:00,stated,\n"
    with pytest.raises(DataError, match="declared, withdrawn"):
        candidacies(load_election(str(open_election(tmp_path, candidacies=rows))))


def test_days_that_are_not_in_order_are_refused(tmp_path: Path) -> None:
    path = open_election(tmp_path) / "election.yaml"
    text = path.read_text("utf-8")
    path.write_text(text.replace('["2019-03-30", "2019-04-06"]', '["2019-04-06", "2019-03-30"]'))
    with pytest.raises(DataError, match="possible_days must be in order and end with vote_on"):
        load_election(str(path.parent))


def test_an_open_election_supposes_the_slate_most_tested(toy_open: str) -> None:
    first, second = slates_at(load_election(toy_open), 1, pd.Timestamp(AS_OF))
    # nine samples were asked about all five, and one of them once more without Brook
    assert (first.name, first.candidates, first.n_polls) == ("s1", ALL, 9)
    assert (second.name, second.candidates, second.n_polls) == ("s2", ALL[1:], 1)
    task = Task(toy_open, 1, AS_OF)
    assert task.slate == task.ballot == task.evidence().candidates == ALL
    assert task.key["slate"] == "brook ferrier hollow quill thorne"


def test_the_ballot_of_a_closed_election_is_the_official_one() -> None:
    task = Task("toy", 1, "2031-04-01T20:00")
    assert task.slate is None
    assert "slate" not in task.key
    assert "slate" not in task.part


def test_methods_and_workers_get_the_slate_that_was_asked_about(toy_open: str) -> None:
    task = Task(toy_open, 1, AS_OF, slate="s2")
    assert task_of(Experiment(), task.part) == task
    assert task != Task(toy_open, 1, AS_OF)
    named = Experiment(settings={"slate": "s2"})
    assert task_of(named, {**task.part, "slate": None}) == task
    ballots = task.evidence()["ballots"].query("election == 'toy_open'")
    assert ballots["candidate"].tolist() == list(ALL[1:])
    assert set(ballots["round"]) == {1}


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        # nine samples, of which one was asked about two ballots: half a vote each
        ("", {ALL: 8.5 / 9, ALL[1:]: 0.5 / 9}),
        # eight samples have no ballot left, and that sample's whole vote is its other ballot's
        (GONE, {ALL[1:]: 1.0}),
    ],
)
def test_a_sample_has_one_vote_that_its_standing_slates_share(
    tmp_path: Path, rows: str, expected: dict[tuple[str, ...], float]
) -> None:
    election = load_election(str(open_election(tmp_path, candidacies=rows)))
    weighed = sampled_slates(election, 1, pd.Timestamp(AS_OF))
    weights = {
        weighed_slate.slate.candidates: weighed_slate.weight
        for weighed_slate in weighed
        if weighed_slate.slate
    }
    assert weights == pytest.approx(expected)
    assert sum(weighed_slate.votes for weighed_slate in weighed) == pytest.approx(1 if rows else 9)


@pytest.mark.parametrize(("size", "votes"), [("9999", 0.5), ("", 2.0)])
def test_the_same_list_twice_counts_once_but_without_a_size_every_question_is_a_sample(
    tmp_path: Path, size: str, votes: float
) -> None:
    folder = open_election(tmp_path)
    path = folder / "inputs/polls.csv"
    polls = pd.read_csv(path, dtype=str, keep_default_na=False)
    repeated = polls[polls["poll_id"] == "p_without_brook"].assign(poll_id="p_again")
    pd.concat([polls, repeated]).assign(sample_size=size).to_csv(path, index=False)
    weighed = sampled_slates(load_election(str(folder)), 1, pd.Timestamp(AS_OF))
    assert weighed[-1].votes == pytest.approx(votes)


def test_samples_of_more_than_ninety_days_before_the_last_have_no_vote() -> None:
    election, moment = load_election("fr2027"), pd.Timestamp("2026-12-01")
    polls = election.polls[election.polls["round"] == 1].drop_duplicates("poll_id")
    polls = polls[polls["fieldwork_end"] >= pd.Timestamp("2026-09-29") - pd.Timedelta(days=90)]
    samples = polls.groupby(["institute", "fieldwork_end", "sample_size"]).ngroups
    weighed = sampled_slates(election, 1, moment)
    assert sum(weighed_slate.votes for weighed_slate in weighed) == pytest.approx(samples)
    assert all(weighed_slate.slate and weighed_slate.slate.n_recent for weighed_slate in weighed)


def test_the_table_of_who_stood_is_that_of_the_shipped_polls() -> None:
    stored = slates.sampled_people()
    pd.testing.assert_frame_equal(stored, sampled_people(), check_dtype=False, rtol=1e-6)


@pytest.mark.parametrize(
    ("name", "day", "seasons"),
    [
        ("fr2012", "2011-12-01", []),  # none that teaches was over
        ("fr2017", "2017-01-13", [2012]),
        ("fr2022", "2021-11-11", [2012, 2017]),
        ("fr2022", "2022-03-20", []),  # the official list was public
        ("fr2027", "2026-12-01", [2012, 2017]),  # and 2022 never
        ("toy", "2031-03-30", []),
    ],
)
def test_a_season_teaches_who_stands_once_it_is_over(
    name: str, day: str, seasons: list[int]
) -> None:
    election, moment = load_election(name), pd.Timestamp(day)
    standing = standing_at(election, 1, moment)
    counted = sampled_slates(election, 1, moment)
    assert standing.seasons == seasons
    if not seasons:
        assert standing.slates == counted
        assert standing.chances.equals(part_of_samples(counted))


def test_ballots_are_weighed_by_chances_of_standing_as_far_as_they_allow() -> None:
    standing = standing_at(load_election("fr2027"), 1, pd.Timestamp("2026-12-01"))
    listed, chances = part_of_samples(standing.slates), standing.chances
    assert sum(entry.weight for entry in standing.slates) == pytest.approx(1)
    # who is on all of them stands on all of them; of the others no chance is far off
    assert listed["le_pen"] == pytest.approx(1)
    assert chances["le_pen"] < 0.95
    assert (listed - chances)[listed < 0.999].abs().max() < 0.08
    stated = standing.with_stated(pd.Series({"attal": 0.1, "nobody": 0.5}))
    assert stated.chances["attal"] == 0.1
    assert stated.chances.drop("attal").equals(chances.drop("attal"))
    assert part_of_samples(stated.slates)["attal"] < listed["attal"] - 0.2


def test_an_event_is_known_from_the_day_of_its_page() -> None:
    election = load_election("fr2027")
    for moment, n_slates in (("2026-07-08", 0), ("2026-07-09", 1), ("2026-12-01", 3)):
        assert len(coming_events(election, pd.Timestamp(moment))) == n_slates
    assert coming_events(load_election("toy"), pd.Timestamp("2031-04-01")).empty


def test_the_slates_of_2027_die_with_a_withdrawal() -> None:
    before = Task("fr2027", 1, "2026-07-07T20:00")
    assert "bardella" in before.ballot
    after = Task("fr2027", 1, "2026-07-13T20:00")
    assert "bardella" not in after.ballot
    assert after == Task("fr2027", 1, "2026-07-13T20:00", slate="H42")
    with pytest.raises(ConfigError, match=r"withdrawn: Jordan Bardella \(2026-07-07\)"):
        Task("fr2027", 1, "2026-07-13T20:00", slate="H41")


def test_the_slates_of_september_2016_do_not_know_who_ran() -> None:
    election = load_election("fr2017")
    slates = slates_at(election, 1, pd.Timestamp("2016-09-30T20:00"))
    assert {"juppe", "hollande"} <= set(slates[0].candidates)
    assert not any({"fillon", "hamon"} <= set(slate.candidates) for slate in slates)
    task = Task("fr2017", 1, "2016-09-30T20:00", slate="polled")
    assert (task.evidence()["polls"]["published_on"] <= task.as_of).all()
    # numbers do not change when polls are added
    later = {
        slate.candidates: slate.name for slate in slates_at(election, 1, pd.Timestamp("2017-01-31"))
    }
    assert {slate.candidates: slate.name for slate in slates}.items() <= later.items()


LISTED = pd.Timestamp("2017-03-18T23:59")


def test_from_the_official_list_on_and_not_before_no_other_slate_stands() -> None:
    election = load_election("fr2017")
    official = election.round(1).candidates
    before = Task("fr2017", 1, LISTED - pd.Timedelta(minutes=1), slate="polled")
    assert set(before.ballot) < set(official)
    assert Task("fr2017", 1, LISTED, slate="polled").ballot == official
    (standing,) = (slate for slate in slates_at(election, 1, LISTED) if slate.stands)
    assert standing.candidates == official
    incomplete = next(
        slate for slate in slates_at(election, 1, LISTED) if not slate.gone and slate.lacks
    )
    with pytest.raises(
        ConfigError, match=f"slate '{incomplete.name}' .* lacks .* of the official list"
    ):
        Task("fr2017", 1, LISTED, slate=incomplete.name)


def test_whoever_was_out_of_the_race_is_on_no_slate_that_stands() -> None:
    election = load_election("fr2017")
    for candidate, day in (
        ("juppe", "2016-11-27"),
        ("hollande", "2016-12-01"),
        ("valls", "2017-01-29"),
    ):
        moment = pd.Timestamp(f"{day}T23:59")
        before = slates_at(election, 1, moment - pd.Timedelta(minutes=1))
        assert any(slate.stands and candidate in slate.candidates for slate in before)
        assert not any(
            slate.stands and candidate in slate.candidates
            for slate in slates_at(election, 1, moment)
        )


HALVES = "- {slate: s1, weight: 0.5, reason: a}\n- {slate: s2, weight: 0.5, reason: b}\n"
TABLE = 'slate,weight,reason\ns1,0.75,"a, b"\nferrier hollow quill thorne,0.25,c\n'
Read = Callable[..., list[WeighedSlate]]


@pytest.fixture
def read(tmp_path: Path, toy_open: str) -> Read:
    def read_(
        text: str | None, *, ending: str = "yaml", candidacies: str = ""
    ) -> list[WeighedSlate]:
        folder = open_election(tmp_path, candidacies=candidacies) if candidacies else toy_open
        election = load_election(str(folder))
        path = tmp_path / f"weights.{ending}"
        if text is not None:
            path.write_text(text, encoding="utf-8")
        return weighed_slates(path, election, 1, pd.Timestamp(AS_OF))

    return read_


def test_a_table_is_read_like_a_list(read: Read) -> None:
    weighed = read(TABLE, ending="csv")
    assert [entry.slate.name if entry.slate else "" for entry in weighed] == ["s1", "s2"]
    assert weighed[0].reason == "a, b"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "no such file of weights"),
        ("slate: s1", "holds no entries"),
        ("- [", "not readable"),
        (HALVES.replace("s2", "s9"), "entry 2: slate 's9' was in no public poll of round 1"),
        (HALVES.replace("s2", "[brook, nobody]"), "entry 2: the slate names 'nobody'"),
        (HALVES.replace("s2", "s1"), "slate 's1' is there twice"),
        (HALVES.replace("0.5", "0.4"), "the weights sum to 0.8"),
        (HALVES.replace("0.5", "half", 1), "entry 1: the weight is half; accepted"),
        (HALVES.replace("0.5", "0", 1), "entry 1: the weight is 0; accepted"),
        (HALVES.replace("reason: b", "reason: ' '"), "entry 2: no reason"),
        (HALVES.replace("reason: b", "why: b"), r"entry 2: 'why' \(known: reason"),
        ("- {slate: other, weight: 1, reason: a}", "lists no slate but 'other'"),
    ],
)
def test_weights_that_cannot_be_are_refused(read: Read, text: str | None, words: str) -> None:
    with pytest.raises((ConfigError, DataError), match=words):
        read(text)


def test_a_slate_with_somebody_who_withdrew_has_no_weight(read: Read) -> None:
    with pytest.raises(ConfigError, match=r"entry 1: slate 's1' .* who had withdrawn: Odile Brook"):
        read(HALVES, candidacies=GONE)


def test_the_heaviest_comes_first_and_the_rest_last(read: Read) -> None:
    text = (
        "- {slate: other, weight: 0.5, reason: a}\n- {slate: s1, weight: 0.2, reason: b}\n"
        "- {slate: [quill, thorne, hollow, ferrier], weight: 0.3, reason: c}\n"
    )
    weighed = read(text)
    assert [entry.slate.name if entry.slate else "" for entry in weighed] == ["s2", "s1", ""]
    assert [entry.weight for entry in weighed] == [0.3, 0.2, 0.5]
    assert [entry.reason for entry in weighed] == ["c", "b", "a"]


@pytest.mark.parametrize("name", ["fr1981", "fr2007"])
def test_lists_kept_by_who_stood_tell_no_slate_and_stay_evidence(name: str) -> None:
    election = load_election(name)
    assert election.round(1).selected_by == "outcome"
    first = election.round(1)
    for days in (185, 138, 30, 2):
        as_of = first.vote_on - pd.Timedelta(days=days) + pd.Timedelta(hours=20)
        assert slates_at(election, 1, as_of) == []
        assert sampled_slates(election, 1, as_of) == []
        with pytest.raises(ConfigError, match="kept by who came to stand"):
            Task(election, 1, as_of, slate="polled")
        polls = Task(election, 1, as_of).evidence()["polls"]
        assert len(polls)
        assert set(polls["candidate"]) <= set(first.candidates)
    assert slates_at(election, 1, first.known_at)


def test_once_the_list_is_public_a_marked_round_has_slates_again() -> None:
    election = load_election("fr2017")
    listed_on = election.round(1).listed_on
    assert listed_on is not None
    marked = replace(election.round(1), selected_by="outcome")
    election = replace(election, rounds={1: marked, 2: election.round(2)})
    assert slates_at(election, 1, listed_on - pd.Timedelta(minutes=1)) == []
    (ballot,) = (slate for slate in slates_at(election, 1, listed_on) if slate.stands)
    assert ballot.candidates == marked.candidates

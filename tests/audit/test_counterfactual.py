"""No evidence is selected by the outcome: had the vote ended otherwise, it would be the same."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bench.audit.counterfactual import KINDS, counterfactual_result, require_same_evidence
from bench.core import DataError
from bench.data import evidence as assembling
from bench.data import tables
from bench.data.election import Election, folder_names, load_election
from bench.data.slates import slates_at
from bench.data.tables import ballots_of, outcome_of, replaced
from bench.data.task import Task

QUICK = (
    *("fr1965", "fr2002", "fr2017", "fr2022", "fr2027", "toy"),
    *("de2013", "us2020/senate/az_special"),
)
"""Elections of every form on which the proof is made each time; of all others in `golden`."""

MEMBERS = (
    "de2013",
    "de2018/landtag/by",
    "gb1974_10",
    "us2020/senate/az_special",
    "br2018/president",
)


def before(election: Election, days: int, *, number: int = 1) -> Task:
    as_of = election.round(number).vote_on - pd.Timedelta(days=days) + pd.Timedelta(hours=20)
    return Task(election=election, round=number, as_of=as_of)


@pytest.mark.parametrize(
    ("name", "days", "number"),
    [
        *(
            pytest.param(name, 2, 1, marks=() if name in QUICK else pytest.mark.golden)
            for name in [*folder_names(), *MEMBERS]
        ),
        *(  # where runoffs were polled
            pytest.param(name, 100, 1, marks=() if name == "fr2012" else pytest.mark.golden)
            for name in ("fr2002", "fr2012", "fr2017")
        ),
        ("fr2017", 2, 2),
        pytest.param("toy", 2, 2, marks=pytest.mark.golden),
    ],
)
def test_the_evidence_is_the_same_however_the_vote_ends(name: str, days: int, number: int) -> None:
    require_same_evidence(before(load_election(name), days, number=number))


@pytest.mark.parametrize("kind", KINDS)
def test_the_vote_does_end_otherwise(kind: str) -> None:
    election = load_election("fr2017")
    real, office = outcome_of(election, 1).share, ballots_of(load_election("fr2022"))["incumbent"]
    with replaced(counterfactual_result(before(election, 2), kind)):
        other = outcome_of(election, 1).share
        assert (office != ballots_of(load_election("fr2022"))["incumbent"]).all()
    assert set(real.nlargest(2).index) != set(other.nlargest(2).index)
    assert sorted(real) == pytest.approx(sorted(other))


def test_runoff_polls_picked_by_the_outcome_are_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # as if several pairs had been polled
    pairs = {frozenset({"a", "b"}): [], frozenset({"a", "c"}): []}
    monkeypatch.setattr(assembling, "polled_pairs", lambda polls: pairs)
    for name in ("fr1995", "fr2012"):
        with pytest.raises(DataError, match="knows the outcome: the table 'past_polls'"):
            require_same_evidence(before(load_election(name), 1))
    complete = tables._read

    def of_the_pair(election: Election, name: str) -> pd.DataFrame:
        rows = complete(election, name)
        if name != "polls" or election.name != "fr2017":
            return rows
        pair = rows["candidate"].isin(["le_pen", "macron"])
        others = rows.loc[rows["round"].eq(2) & ~pair, "poll_id"]
        return rows[~rows["poll_id"].isin(others)]

    monkeypatch.setattr(tables, "_read", of_the_pair)
    with pytest.raises(DataError, match="knows the outcome: the table 'past_polls'"):
        require_same_evidence(before(marked(""), 100))


def marked(by: str) -> Election:
    """The election of 2017, its runoff polls kept by who came to stand or not."""
    election = load_election("fr2017")
    final = replace(election.round(2), selected_by=by)
    return replace(election, rounds={1: election.round(1), 2: final})


def in_runoff_questions(election: Election, as_of: pd.Timestamp) -> set[str]:
    polls = Task(election, 1, as_of).assembled()["past_polls"]
    own = polls[(polls["election"] == election.name) & (polls["round"] == 2)]
    tested = {who for slate in slates_at(election, 2, as_of) for who in slate.candidates}
    assert tested == set(own["candidate"]), "slates and evidence hold the same polls"
    return tested


def test_runoff_polls_kept_by_who_stood_are_withheld_until_it_is_known_who_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept = marked("outcome")
    listed_on = kept.round(1).listed_on
    assert listed_on is not None
    early = listed_on - pd.Timedelta(minutes=1)
    assert in_runoff_questions(kept, early) == set()
    assert len(in_runoff_questions(kept, listed_on)) > 2
    assert len(in_runoff_questions(marked(""), early)) > 2
    require_same_evidence(before(marked(""), 100))
    # nor is a pair that somebody supposes shown any
    assert Task(kept, 2, early, pair=("fillon", "le_pen")).assembled()["polls"].empty
    unlisted = replace(kept, rounds={1: replace(kept.round(1), listed_on=None), 2: kept.round(2)})
    assert in_runoff_questions(unlisted, listed_on) == set()
    # another election of the country is shown no more of them
    asked = Task("fr2022", 1, early)
    with monkeypatch.context() as patched:
        patched.setattr(assembling, "groups_of", lambda election: [assembling.Group((kept,))])
        assert set(asked.assembled()["past_polls"]["round"]) == {1}
    for moment in (early, listed_on):
        require_same_evidence(Task(kept, 1, moment))
    # the leak put back
    monkeypatch.setattr(assembling, "is_settled", lambda *_: True)
    require_same_evidence(Task(kept, 1, listed_on))
    with pytest.raises(DataError, match="knows the outcome: the table 'past_polls'"):
        require_same_evidence(Task(kept, 1, early))


@pytest.mark.parametrize(
    ("n_advance", "mark", "accepted"),
    [(1, "outcome", True), (2, "outcome", True), (1, "who stood", False)],
)
def test_a_mark_is_read_in_each_round_and_any_other_is_refused(
    toy_folder: Path, n_advance: int, mark: str, accepted: bool
) -> None:
    path, seat = toy_folder / "election.yaml", f"    n_advance: {n_advance}\n"
    path.write_text(path.read_text().replace(seat, f"{seat}    selected_by: {mark}\n"))
    if accepted:
        assert load_election(str(toy_folder)).round(3 - n_advance).selected_by == mark
    else:
        with pytest.raises(DataError, match="selected_by"):
            load_election(str(toy_folder))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("ratings: press", ""),
        ("ratings: {thumbs: series, others: press}", ""),
        ("ratings: pres", "is pres; did you mean 'press'?"),
        ("ratings: {thumbs: pres}", "`found.ratings.thumbs` is pres; did you mean 'press'?"),
        ("rating: press", "did you mean 'ratings'?"),
        ("ratings: [press]", "`found.ratings` is"),
    ],
)
def test_a_folder_may_say_how_its_figures_were_found_and_need_not(
    toy_folder: Path, text: str, words: str
) -> None:
    path = toy_folder / "election.yaml"
    facts, _, _ = path.read_text().partition("found:\n")
    path.write_text(f"{facts}found:\n  {text}\n")
    if words:
        with pytest.raises(DataError, match=re.escape(words)):
            load_election(str(toy_folder))
    else:
        assert set(load_election(str(toy_folder)).found) == {"ratings"}
        other = shutil.copytree(toy_folder, toy_folder.with_name("silent"))
        (other / "election.yaml").write_text(facts)
        assert load_election(str(other)).found == {}


@pytest.mark.parametrize(
    ("name", "days"),
    [
        *(("fr2002", 2), ("fr2012", 100)),
        *(
            pytest.param(name, days, marks=pytest.mark.golden)
            for name in ("fr1988", "fr1995", "fr2007")
            for days in (100, 2)
        ),
    ],
)
def test_where_one_pair_alone_was_polled_no_first_round_sees_it(name: str, days: int) -> None:
    election = load_election(name)
    assert in_runoff_questions(election, before(election, days).as_of) == set()


def test_a_supposed_pair_reads_its_own_polls_and_no_others() -> None:
    vote = before(load_election("fr2017"), 2)
    evidence = replace(vote, round=2, pair=("le_pen", "fillon")).evidence()
    assert evidence.candidates == ("fillon", "le_pen")
    assert set(evidence["polls"]["candidate"]) == {"fillon", "le_pen"}
    ballots = evidence["ballots"]
    own = ballots[(ballots["election"] == "fr2017") & (ballots["round"] == 2)]
    assert set(own["candidate"]) == {"fillon", "le_pen"}
    mean = evidence["polls"].groupby("candidate")["share"].mean()
    assert np.isclose(mean.sum(), 1.0)

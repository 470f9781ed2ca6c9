"""The audit catches who looks ahead, and says what it cannot see."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from bench.audit import audit, look_ahead
from bench.audit.look_ahead import Verdict
from bench.cli.commands.audit import UNSEEN
from bench.core import Abstain, DataError, Evidence, Predictor, paths
from bench.core.registry import make_predictor
from bench.data import cut as cutting
from bench.data import evidence as assembling
from bench.data import past_errors
from bench.data.election import Election, load_election, same_country_elections
from bench.data.evidence import evidence_for
from bench.data.tables import outcome_of
from bench.data.task import Task
from tests.audit import leaky

VOTE = Task(election=load_election("toy"), round=1, as_of=pd.Timestamp("2031-03-20T20:00"), seed=1)


class Reads(leaky.Cheat):
    def known(self, evidence: Evidence) -> pd.Series:
        evidence["polls"]
        return super().known(evidence)


# what it tries, and words of what is found; nothing where it passes
TRIED: list[tuple[Predictor, str]] = [
    (leaky.Honest(), ""),
    (Reads(), ""),
    (leaky.TunedOnTheOutcome(), ""),  # which the command says it cannot see
    (leaky.ReadsTheOutcomeFile(), "opens datasets/toy/outcome/national.csv"),
    (leaky.AsksForLaterPolls(), "opens bench/data"),
    (leaky.AsksTheDataRoomForTheOutcome(), "opens bench/data"),
    (leaky.CallsHome(), "reaches for the network (socket."),
    (leaky.StartsAProcess(), "starts a process, which cannot be watched"),
]


@contextmanager
def brief() -> Iterator[None]:
    """An audit of predictors, not of the evidence, with one kind of poison."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(look_ahead, "KINDS", ("permuted",))
        patch.setattr(look_ahead, "require_same_evidence", lambda _: None)
        yield


@pytest.fixture(scope="module")
def found() -> dict[str, Verdict]:
    outcome_of(VOTE.election, 1)  # the harness remembers it, the process of the audit does not
    with brief():
        verdicts = audit({type(one).__name__: one for one, _ in TRIED}, VOTE)
    return {one.predictor: one for one in verdicts}


@pytest.mark.parametrize(("predictor", "words"), TRIED, ids=lambda one: type(one).__name__)
def test_who_reads_nothing_else_passes_and_who_does_is_named_with_what(
    found: dict[str, Verdict], predictor: Predictor, words: str
) -> None:
    mine = found[type(predictor).__name__]
    assert mine.status == ("leaks" if words else "passed")
    assert words in " | ".join(mine.findings)
    assert "chosen after looking at the outcome" in UNSEEN


def test_the_latest_row_that_was_read_is_recorded(found: dict[str, Verdict]) -> None:
    newest = found["Reads"].data_used_until
    assert newest == VOTE.evidence()["polls"]["published_on"].max()
    assert newest <= VOTE.as_of


def test_a_cut_that_leaks_is_blamed_and_no_predictor(monkeypatch: pytest.MonkeyPatch) -> None:
    def too_late(table: pd.DataFrame, as_of: pd.Timestamp, **others: object) -> pd.DataFrame:
        return cutting.cut(table, as_of + pd.Timedelta(days=2), **others)  # type: ignore[arg-type]

    monkeypatch.setattr(assembling, "cut", too_late)
    with brief(), pytest.raises(DataError, match="the cut leaks: the table"):
        audit({"mine": leaky.Honest()}, VOTE)


def test_a_later_withdrawal_is_not_known_and_a_cut_that_shows_it_is_blamed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "toy"
    shutil.copytree(paths.datasets() / "toy", folder)
    polls = pd.read_csv(folder / "inputs" / "polls.csv", dtype=str)
    early = (polls["published_on"] <= "2031-03-20") & polls["round"].eq("1")
    poll = polls.loc[early, "poll_id"].iloc[0]
    polls.loc[polls["poll_id"] == poll, "withdrawn_on"] = "2031-04-01"
    polls.to_csv(folder / "inputs" / "polls.csv", index=False)
    vote = replace(VOTE, election=load_election(str(folder)))
    assert poll in set(vote.evidence()["polls"]["poll_id"])
    with brief():
        assert audit({}, vote) == []

    def shows_the_end(table: pd.DataFrame, as_of: pd.Timestamp, **others: object) -> pd.DataFrame:
        kept = cutting.cut(table.drop(columns="withdrawn_on", errors="ignore"), as_of, **others)  # type: ignore[arg-type]
        if "withdrawn_on" in table:
            ends = table.drop_duplicates("poll_id").set_index("poll_id")["withdrawn_on"]
            kept["withdrawn_on"] = kept["poll_id"].map(ends)
        return kept

    monkeypatch.setattr(assembling, "cut", shows_the_end)
    with brief(), pytest.raises(DataError, match="the cut leaks: the table 'polls'"):
        audit({}, vote)


@pytest.fixture
def freedonia(tmp_path: Path) -> Path:
    """An election of one's own, with a forecast beside its tables and the outcome as shares."""
    folder = tmp_path / "freedonia"
    folder.mkdir()
    facts = "name: Freedonia\nvote_on: 2030-05-12\n"
    (folder / "election.yaml").write_text(facts)
    polls = "institute,fieldwork_end,sample_size,candidate,share\n"
    (folder / "polls.csv").write_text(
        polls + "Nord,2030-05-01,1000,ash,0.52\nNord,2030-05-01,1000,birch,0.48\n"
    )
    (folder / "outcome.csv").write_text("candidate,share\nash,0.51\nbirch,0.49\n")
    mine = pd.DataFrame({"candidate": ["ash", "birch"], "share": [0.55, 0.45]})
    mine.to_parquet(folder / "mine.parquet", index=False)
    mine.to_csv(tmp_path / "elsewhere.csv", index=False)
    return folder


def test_a_forecast_file_is_read_where_it_lies_and_the_outcome_is_not(freedonia: Path) -> None:
    (freedonia / "link.csv").symlink_to(freedonia / "outcome.csv")
    given = {"model": "", "location": "national", "n_draws": 10}
    election = load_election(str(freedonia))
    files = ("mine.parquet", "../elsewhere.csv", "outcome.csv", "link.csv")
    predictors = {
        file: make_predictor("forecast_file", given | {"path": str(freedonia / file)})
        for file in files
    }
    with brief():
        verdicts = audit(predictors, Task(election, 1, "2030-05-10T20:00"))
    for one in verdicts:
        is_outcome = one.predictor in ("outcome.csv", "link.csv")
        assert one.status == ("leaks" if is_outcome else "passed"), one
        assert any("outcome.csv" in words for words in one.findings) == is_outcome


def test_who_is_in_the_runoff_is_not_known_before_the_first_round() -> None:
    ballots = VOTE.evidence()["ballots"]
    mine = ballots[ballots["election"] == "toy"]
    assert set(mine["round"]) == {1}
    runoff = Task(VOTE.election, 2, "2031-04-18T20:00").evidence()["ballots"]
    assert set(runoff[runoff["election"] == "toy"]["round"]) == {1, 2}


def test_candidates_of_later_elections_are_not_known() -> None:
    past = load_election("toy_prior1")
    first = past.round(1)
    early = first.vote_on - pd.Timedelta(days=2)
    assert evidence_for(past, 1, early)["ballots"]["vote_on"].max() == first.vote_on
    # nor those of a vote between the moment and the day asked about
    last = load_election("toy")
    known = evidence_for(last, 1, early)["ballots"]
    assert set(known.loc[known["vote_on"] > early, "election"]) == {"toy"}


@pytest.mark.parametrize(
    "election",
    ["toy", *(pytest.param(name, marks=pytest.mark.golden) for name in ("fr2017", "fr2002"))],
)
def test_no_poison_reaches_the_evidence(election: str) -> None:
    found = load_election(election)
    for number, this in found.rounds.items():
        vote = Task(
            election=found,
            round=number,
            as_of=this.vote_on - pd.Timedelta(days=2),
            include_embargoed=("voter_autrement",),
        )
        assert audit({}, vote) == []


NEXT = {
    "fr1974": "giscard_d_estaing",
    "fr1981": "mitterrand",
    "fr1995": "chirac",
    "fr2007": "sarkozy",
}
NEXT["fr2017"] = "macron"  # who won and stood again, in office
WHO_KNOW_WHAT_COMES_NEXT = {
    "ballots": leaky.BelievesTheNextIncumbent(),
    **{
        name: leaky.BelievesTheNextVote(table=name)
        for name in ("past_errors", "past_polls", "outcomes", "claims")
    },
}


def eve_of(name: str) -> Task:
    election = load_election(name)
    return Task(election, 1, election.first_day - pd.Timedelta(days=2) + pd.Timedelta(hours=20))


def show_what_comes_next(monkeypatch: pytest.MonkeyPatch, table: str) -> None:
    """Put the leak back: a table of other votes that is not cut."""
    ever = pd.Timestamp.max

    def uncut_of(module: object, name: str, place: int) -> None:
        honest = getattr(module, name)
        monkeypatch.setattr(
            module, name, lambda *given: honest(*given[:place], ever, *given[place + 1 :])
        )

    if table == "past_errors":
        uncut_of(past_errors, "past_errors_for", 2)
    elif table == "claims":
        own, honest = assembling.table_of, assembling.cut

        def of_all(election: Election, name: str) -> pd.DataFrame:
            others = same_country_elections(election) if name == "claims" else []
            return assembling.stacked([own(one, name) for one in (election, *others)])

        def not_cut(rows: pd.DataFrame, as_of: pd.Timestamp, **others: object) -> pd.DataFrame:
            return honest(rows, ever if "publisher" in rows else as_of, **others)  # type: ignore[arg-type]

        monkeypatch.setattr(assembling, "table_of", of_all)
        monkeypatch.setattr(assembling, "cut", not_cut)
    else:
        name = table if table.startswith("past_") else f"past_{table}"
        uncut_of(assembling, name, 2)


def test_nothing_about_the_next_vote_is_there_to_be_believed() -> None:
    for task in map(eve_of, NEXT):
        evidence = task.evidence()
        for cheat in WHO_KNOW_WHAT_COMES_NEXT.values():
            with pytest.raises(Abstain):
                cheat.known(evidence)


@pytest.mark.parametrize("table", WHO_KNOW_WHAT_COMES_NEXT)
def test_who_believes_the_next_vote_is_right_where_it_is_shown_and_is_refused(
    table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    cheat = WHO_KNOW_WHAT_COMES_NEXT[table]
    show_what_comes_next(monkeypatch, table)
    asked = ["fr2007"] if table == "claims" else ["fr1981", "fr2017"]  # few elections have any
    for name in asked:
        assert cheat.known(eve_of(name).assembled()).idxmax() == NEXT[name], name
    with pytest.raises(DataError, match=f"the table '{table}' of {asked[-1]} round 1"):
        audit({"mine": cheat}, eve_of(asked[-1]))
    if table in ("past_polls", "claims"):
        return  # they are the same however a vote ends: what finds them is the poison
    with brief(), pytest.raises(DataError, match=f"the cut leaks: the table '{table}'"):
        audit({"mine": cheat}, eve_of(asked[-1]))


COUNTED_LATER = ("politoscope", "hyblab", "tweet_totals")  # compiled after the vote


def days_before_the_list(days: float) -> Task:
    election = load_election("fr2017")
    listed_on = election.round(1).listed_on
    assert listed_on is not None
    return Task(election, 1, listed_on - pd.Timedelta(days=days), include_embargoed=COUNTED_LATER)


def test_nothing_compiled_later_tells_before_the_list_who_would_matter(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cheats = {
        table: leaky.BelievesWhoIsCounted(table=table) for table in ("buzz", "ratings", "claims")
    }
    long_before = days_before_the_list(160)  # two primaries were still to come
    for cheat in cheats.values():
        with pytest.raises(Abstain):
            cheat.known(long_before.evidence())
    (found,) = audit({"buzz": cheats["buzz"]}, long_before)
    assert found.status == "abstains"
    for days in (45, 1):  # what was public names nobody whom the polls did not
        evidence = days_before_the_list(days).evidence()
        polls = evidence["polls"]
        first = polls[polls["fieldwork_end"] > evidence.as_of - pd.Timedelta(days=30)]
        leading = set(first.groupby("candidate")["share"].mean().nlargest(5).index)
        for table in cheats:
            assert set(evidence[table]["candidate"].dropna()) <= leading, (table, days)
    assert COUNTED_LATER[0] in set(days_before_the_list(0).evidence()["buzz"]["source"])
    # the leak put back
    monkeypatch.setattr(assembling, "is_listed", lambda election, as_of: True)
    named = cheats["buzz"].known(long_before.assembled())
    assert set(named[named > 1].index) == {"fillon", "hamon", "le_pen", "macron", "melenchon"}
    with brief(), pytest.raises(DataError, match="the cut leaks: the table 'buzz'"):
        audit(cheats, long_before)

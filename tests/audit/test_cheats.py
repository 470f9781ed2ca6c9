"""Which part of the audit finds each cheat, and what becomes of a method that is found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from bench.audit import audit
from bench.audit.counterfactual import require_same_evidence
from bench.audit.look_ahead import Verdict, excluded_by
from bench.core import DataError, Predictor
from bench.core.registry import use_objects
from bench.core.settings import Execution
from bench.data import evidence as assembling
from bench.data.election import load_election
from bench.data.task import Task
from bench.metrics.score_forecast import forecast_rows
from bench.runner.attempt import guarded
from bench.studies.run import execute
from tests.audit import leaky
from tests.conftest import Compose
from tests.wall import LACKS_WALL

PAGE = Path(__file__).resolve().parents[2] / "docs" / "no_look_ahead.md"
VOTE = Task(election=load_election("toy"), round=1, as_of=pd.Timestamp("2031-03-20T20:00"))
POISON, RUN, NOTHING = "when later rows are poisoned", "in a run than in the audit", "**nothing**"
HIDDEN = f"{RUN}, where files are hidden"


def here(kind: type[leaky.Honest]) -> Predictor:
    """Of a class that no other process can import, so that it is asked in this one."""
    made: Predictor = type(kind.__name__, (kind,), {"__module__": __name__})()
    return made


CASES: dict[str, tuple[Predictor, str]] = {
    "AsksTheDataRoomForTheOutcome": (here(leaky.AsksTheDataRoomForTheOutcome), POISON),
    "AsksForLaterPolls": (here(leaky.AsksForLaterPolls), POISON),
    "DrawsUnseeded": (leaky.DrawsUnseeded(), POISON),
    "ReadsTheClock": (leaky.ReadsTheClock(), POISON),
    "CountsItsCalls": (here(leaky.CountsItsCalls), POISON),
    "RemembersOtherTasks": (leaky.RemembersOtherTasks(), RUN),
    "BehavesWhileItIsWatched": (here(leaky.BehavesWhileItIsWatched), RUN),
    "ReadsTheOutcomeFile": (leaky.ReadsTheOutcomeFile(), HIDDEN),
    "KnowsItByHeart": (leaky.KnowsItByHeart(), NOTHING),
    "TunedOnTheOutcome": (leaky.TunedOnTheOutcome(), NOTHING),
}

WITHHELD = "never: what a source says of one person only is withheld"
ALONE: dict[str, tuple[leaky.Honest, str, str, str, str]] = {
    # a cheat, the vote and the days on which a table named one person, who won
    "AsksWhomAloneAnAppRates": (
        *(leaky.AsksWhomAloneAnAppRates(), "fr2017"),
        *("2017-01-28T12:00", "2017-03-16T11:59", "macron"),
    ),
    "AsksWhomAloneAPublisherNames": (
        *(leaky.AsksWhomAloneAPublisherNames(), "fr2017_primary_left"),
        *("2017-01-10T23:00", "2017-01-13T22:59", "hamon"),
    ),
}


def cases() -> Iterator[Any]:
    """Every cheat and the part that finds it; those that no part finds are marked."""
    for name, (_, part) in CASES.items():
        marks = []
        if part == NOTHING:
            why = "only a seal from before the vote shows it"
            marks = [pytest.mark.xfail(strict=True, reason=why)]
        if part == HIDDEN and LACKS_WALL:
            marks = [pytest.mark.xfail(strict=True, reason="only bubblewrap hides files")]
        yield pytest.param(name, part.partition(",")[0].removesuffix(" poisoned"), marks=marks)


@pytest.fixture(scope="module")
def verdicts() -> dict[str, Verdict]:
    """What an audit finds; a run is there of those whom nothing else gives away."""
    rng = np.random.default_rng(0)
    runoff = Task(VOTE.election, 2, "2031-04-18T20:00").evidence()
    guarded(CASES["RemembersOtherTasks"][0], runoff, rng)
    rows = []
    asked = {**{name: one for name, (one, _) in CASES.items()}, "honest": leaky.Honest()}
    for name, predictor in asked.items():
        said = guarded(predictor, VOTE.evidence(), rng).forecast
        assert said is not None
        knows_more = (said.share - 1 / len(VOTE.ballot)).abs().max() > 1e-9
        assert knows_more == (name != "honest"), name
        if name == "honest" or CASES[name][1] != POISON:
            rows.append(forecast_rows(said, 2).assign(predictor=name, **VOTE.key))
    found = audit(asked, VOTE, forecasts=pd.concat(rows, ignore_index=True))
    return {one.predictor: one for one in found}


@pytest.mark.parametrize(("name", "part"), list(cases()))
def test_a_cheat_is_found_by_its_part_of_the_audit(
    name: str, part: str, verdicts: dict[str, Verdict]
) -> None:
    assert verdicts[name].status == "leaks"
    findings = verdicts[name].findings
    assert all(finding.startswith(f"gives another forecast {part}") for finding in findings)


@pytest.mark.parametrize(("cheat", "vote", "since", "until", "winner"), ALONE.values(), ids=ALONE)
def test_who_bets_on_a_single_name_finds_none(
    cheat: leaky.Honest,
    vote: str,
    since: str,
    until: str,
    winner: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, last = (Task(vote, 1, moment) for moment in (since, until))
    eve = Task(vote, 1, first.vote_on - pd.Timedelta(hours=2))
    for task in (first, last, eve):
        share = cheat.predict(task.assembled(), np.random.default_rng(0)).share
        assert share.nunique() == 1, task.label
    # without the rule it is the winner's, weeks ahead, and the evidence is picked by the outcome
    monkeypatch.setattr(assembling, "of_several", lambda rows, **_: rows)
    for task in (first, last):
        assert cheat.predict(task.assembled(), np.random.default_rng(0)).share.idxmax() == winner
        assert task.outcome().share.idxmax() == winner
        with pytest.raises(DataError, match=r"knows the outcome: the table '(ratings|claims)'"):
            require_same_evidence(task)


def test_who_reads_its_evidence_passes_and_the_latest_row_that_it_read_is_recorded(
    verdicts: dict[str, Verdict],
) -> None:
    assert verdicts["honest"].status == "passed"
    newest = verdicts["honest"].data_used_until
    assert newest == VOTE.evidence()["polls"]["published_on"].max()
    assert newest <= VOTE.as_of


def test_the_page_shows_every_cheat_and_what_finds_it() -> None:
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    outcomes = {name: part for name, (_, part) in CASES.items()} | dict.fromkeys(ALONE, WITHHELD)
    for name, outcome in outcomes.items():
        (line,) = (line for line in lines if line.startswith(f"| `{name}` |"))
        assert line.endswith(f" | {outcome} |")


def test_a_run_in_which_a_method_leaks_fails_and_ranks_it_nowhere(
    composed: Compose, tmp_path: Path
) -> None:
    asked = composed(
        "+experiment=quickstart",
        "predictor=[uniform]",
        "baseline=uniform",
        "audit=true",
        f"execution.store={tmp_path / 'cache'}",
    )
    name = "an_object"
    with use_objects({name: CASES["BehavesWhileItIsWatched"][0]}):
        run = execute(replace(asked, predictors={**asked.predictors, name: {}}))
    errors = run.errors[run.errors["predictor"].eq(name) & run.errors["metric"].eq("signed_error")]
    assert errors["value"].abs().max() < 1e-3  # it would have come first
    # so that the run ends with status 3
    assert "gives another forecast in a run than in the audit" in run.results.failures[name]
    table = run.tables["headline"]
    outside = next(block for block in table.blocks if block.key == "outside")
    assert [row.cells[table.name_at].text for row in outside.rows] == [name]


@pytest.mark.parametrize(
    ("status", "files_hidden", "audited", "why"),
    [
        ("passed", False, True, ""),
        ("passed", False, "required", "audit=required"),
        ("passed", True, "required", ""),
        ("fails", True, True, "got no answer: TimeLimit: no answer"),
        ("leaks", True, True, "found that it looks ahead, and 1 more"),
    ],
)
def test_who_leaks_fails_or_was_not_audited_whole_where_that_is_required_is_barred(
    status: str, files_hidden: bool, audited: bool | str, why: str
) -> None:
    verdict = Verdict(
        predictor="mine",
        vote="toy",
        status=status,
        findings=("looks ahead", "again") if status == "leaks" else (),
        data_used_until=None,
        message="TimeLimit: no answer",
        files_hidden=files_hidden,
    )
    found = excluded_by([replace(verdict, status="passed", files_hidden=True), verdict], audited)
    assert found.keys() == ({"mine"} if why else set())
    assert why in found.get("mine", "")


@pytest.mark.parametrize(
    ("predictor", "status", "words"),
    [
        (leaky.Hangs(), "fails", "TimeLimit: no answer after 2 s"),
        (leaky.Silent(), "abstains", "no poll was public"),
    ],
)
def test_an_audit_of_one_that_gives_no_forecast_says_why(
    predictor: Predictor, status: str, words: str
) -> None:
    (found,) = audit({"mine": predictor}, VOTE, execution=Execution(time_limit_s=2))
    assert (found.status, found.findings) == (status, ())
    assert words in found.message

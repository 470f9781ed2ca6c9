"""A task: whom it supposes to meet; who is ranked on it is never chosen with hindsight."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from bench.core import ConfigError, Evidence
from bench.core.settings import Experiment
from bench.data.election import load_election
from bench.data.task import Task, ranked_on
from tests.test_main import bench

POLLED = Experiment(ranked_on="polled_10")


def poll(institute: str, ended: str, **shares: float) -> pd.DataFrame:
    """One poll of a made-up election."""
    return pd.DataFrame(
        {
            "poll_id": f"{institute}{ended}{sorted(shares)}",
            "institute": institute,
            "fieldwork_end": pd.Timestamp(ended),
            "candidate": list(shares),
            "share": list(shares.values()),
        }
    )


def asked(*polls: pd.DataFrame) -> tuple[str, ...]:
    """Who is ranked on with these polls on a ballot of four."""
    empty = poll("A", "2031-04-01").astype({"share": float, "candidate": str})
    evidence = Evidence(
        election="made_up",
        round=1,
        as_of=pd.Timestamp("2031-04-18"),
        vote_on=pd.Timestamp("2031-04-20"),
        candidates=("ash", "birch", "elm", "oak"),
        seats=2,
        tables={"polls": pd.concat(polls) if polls else empty},
    )
    return ranked_on(POLLED, evidence)


@pytest.mark.parametrize("given", ["polled", "polled_0", "polled_100", 10, [1], {"a": 1}, None])
def test_what_is_neither_rule_nor_list_is_refused(given: Any) -> None:
    experiment = Experiment(
        ranked_on=given, elections=["toy"], rounds=[1], days_before=[1], predictors={"uniform": {}}
    )
    with pytest.raises(ConfigError, match=r"accepted: polled_10"):
        experiment.check()


def test_without_a_poll_it_is_the_whole_ballot() -> None:
    assert asked() == ("ash", "birch", "elm", "oak")


def test_one_candidate_is_no_ranking() -> None:
    assert asked(poll("A", "2031-04-01", ash=0.9, oak=0.05)) == ("ash", "birch", "elm", "oak")


def test_ten_per_cent_in_the_mean_of_institutes_is_enough() -> None:
    # oak: (0.12 + 0.08) / 2 = 0.10; elm: (0.11 + 0.08) / 2 = 0.095
    polls = [
        poll("A", "2031-04-10", ash=0.5, oak=0.12, elm=0.11),
        poll("B", "2031-04-11", ash=0.5, oak=0.08, elm=0.08),
    ]
    assert asked(*polls) == ("ash", "oak")


def test_of_every_institute_the_last_poll_counts_and_old_ones_do_not() -> None:
    polls = [
        poll("A", "2031-04-01", ash=0.5, elm=0.4),
        poll("A", "2031-04-16", ash=0.5, elm=0.05),
        poll("B", "2031-04-01", ash=0.5, elm=0.4),
        poll("B", "2031-04-15", oak=0.2),
        poll("C", "2031-04-01", elm=0.4, birch=0.4),
    ]
    assert asked(*polls) == ("ash", "oak")  # C asked 15 days before the latest


def test_who_is_not_on_the_ballot_is_ignored() -> None:
    assert asked(poll("A", "2031-04-10", ash=0.5, oak=0.2, yew=0.3)) == ("ash", "oak")


def test_the_set_of_2017_differs_by_date() -> None:
    election = load_election("fr2017")
    found = {}
    for day in ("2017-01-13", "2017-02-20", "2017-03-20", "2017-04-21"):
        evidence = Task(election, 1, f"{day}T20:00").evidence()
        found[day] = ranked_on(POLLED, evidence)
    four = ("fillon", "le_pen", "macron", "melenchon")
    assert found["2017-04-21"] == four
    assert set(found["2017-03-20"]) == {*four, "hamon"}
    assert set(found["2017-02-20"]) == {*four, "hamon"}
    assert found["2017-01-13"] == four


def test_a_month_before_2002_nobody_knew_who_would_come_second() -> None:
    evidence = Task("fr2002", 1, "2002-03-22T20:00").evidence()
    assert ranked_on(POLLED, evidence) == ("chirac", "jospin")


def test_a_list_by_hand_still_counts_and_the_page_says_so(tmp_path: Path) -> None:
    done = bench(
        tmp_path,
        "+experiment=quickstart",
        "predictor=[last_poll,uniform]",
        "ranked_on=[quill,thorne]",
    )
    assert "Quill and Thorne (chosen by hand), shares renormalised" in " ".join(done.out.split())


def test_the_rule_is_named_with_the_candidates(tmp_path: Path) -> None:
    done = bench(
        tmp_path, "+experiment=quickstart", "predictor=[last_poll,uniform]", "ranked_on=polled_10"
    )
    words = " ".join(done.out.split())
    assert "Thorne (10% or more in the polls public then), shares renormalised" in words
    assert "“Last poll of each institute” came closest: " in words
    assert " (10% or more in the polls public then). Over all 5 " in words.split("errors of ")[0]


def test_an_unknown_baseline_is_refused_before_anything_runs(tmp_path: Path) -> None:
    done = bench(tmp_path, "+experiment=quickstart", "baseline=last_pol", status=1)
    assert "baseline is 'last_pol', which is no predictor (did you mean 'last_poll'?" in done.err
    assert not list(tmp_path.iterdir())


def test_a_vote_on_which_everybody_abstains_does_not_sink_the_run(tmp_path: Path) -> None:
    # no poll of the runoff of 1965 was public 30 days before it
    done = bench(
        tmp_path,
        "+experiment=history",
        "elections=[fr1965,fr1981]",
        "days_before=[30]",
        "predictor=[last_poll,poll_tracker]",
    )
    assert "2 forecasts of 2 elections" in done.out
    (run,) = (tmp_path / "results" / "history").iterdir()
    assert (run / "tables" / "fr1965_r1_headline.csv").is_file()
    assert not (run / "tables" / "fr1965_r2_headline.csv").exists()
    missing = pd.read_csv(run / "tables" / "missing.csv")
    assert (missing["outcome"] == "abstained").any()
    assert (run / "report.html").is_file()


@pytest.mark.parametrize("pair", [("quill", "quill"), ("quill",), ("brook", "quill", "thorne")])
def test_a_supposed_pair_is_two_people(pair: Any) -> None:
    with pytest.raises(ConfigError, match=f"the pair is {', '.join(pair)}; accepted: two"):
        Task("toy", 2, "2031-04-01", pair=pair).evidence()

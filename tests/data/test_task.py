"""A task: whom it supposes to meet; who is ranked on it is never chosen with hindsight."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from bench import api
from bench.core import ConfigError, DataError
from bench.core.compose import compose
from bench.core.settings import Experiment
from bench.data import minimal_election
from bench.data import task as task_module
from bench.data.election import load_election
from bench.data.task import Task, ranked_on, refuse_long_before
from bench.runner.runner import tasks_of
from tests.evidence import evidence as made
from tests.test_main import bench

POLLED = Experiment(ranked_on="polled_10").ranked_on


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


def ranked(*polls: pd.DataFrame) -> tuple[str, ...]:
    """Who is ranked on with these polls on a ballot of four."""
    empty = poll("A", "2031-04-01").astype({"share": float, "candidate": str})
    everybody = made("ash", "birch", "elm", "oak")
    return ranked_on(POLLED, everybody.with_tables(polls=pd.concat(polls) if polls else empty))


def test_ten_per_cent_in_the_mean_of_institutes_is_enough() -> None:
    assert ranked() == ("ash", "birch", "elm", "oak")
    poll_of_day = poll("A", "2031-04-01", ash=0.9, oak=0.05)  # is no ranking
    assert ranked(poll_of_day) == ("ash", "birch", "elm", "oak")
    # oak: (0.12 + 0.08) / 2 = 0.10; elm: (0.11 + 0.08) / 2 = 0.095; yew is on no ballot
    polls = [
        poll("A", "2031-04-10", ash=0.5, oak=0.12, elm=0.11, yew=0.2),
        poll("B", "2031-04-11", ash=0.5, oak=0.08, elm=0.08, yew=0.2),
    ]
    assert ranked(*polls) == ("ash", "oak")


def test_of_every_institute_the_last_poll_counts_and_old_ones_do_not() -> None:
    polls = [
        poll("A", "2031-04-01", ash=0.5, elm=0.4),
        poll("A", "2031-04-16", ash=0.5, elm=0.05),
        poll("B", "2031-04-01", ash=0.5, elm=0.4),
        poll("B", "2031-04-15", oak=0.2),
        poll("C", "2031-04-01", elm=0.4, birch=0.4),
    ]
    assert ranked(*polls) == ("ash", "oak")  # C asked 15 days before the latest


def test_the_set_of_2017_differs_by_date() -> None:
    election = load_election("fr2017")
    by_moment = {}
    for day in ("2017-01-13", "2017-02-20", "2017-03-20", "2017-04-21"):
        evidence = Task(election, 1, f"{day}T20:00").evidence()
        by_moment[day] = ranked_on(POLLED, evidence)
    four = ("fillon", "le_pen", "macron", "melenchon")
    assert by_moment["2017-04-21"] == four
    assert set(by_moment["2017-03-20"]) == {*four, "hamon"}
    assert set(by_moment["2017-02-20"]) == {*four, "hamon"}
    assert by_moment["2017-01-13"] == four


YAML = "name: {name}\nvote_on: {year}-05-12\ncountry: XF\n"
POLLS = "institute,fieldwork_end,sample_size,candidate,share\n" + "".join(
    "{institute},{year}-05-08,{n},{person}\n".replace("{person}", person)
    for person in ("Ana Rowe,0.55", "Bo Ek,0.45")
)
OUTCOME = "candidate,votes\nAna Rowe,500\nBo Ek,480\n"


def own_elections(place: Path, count: int) -> list[str]:
    """Folders of one country beside each other."""
    for number in range(count):
        folder = place / f"vote_{number}"
        folder.mkdir(parents=True)
        for name, text in (
            ("election.yaml", YAML),
            ("polls.csv", POLLS),
            ("outcome.csv", OUTCOME),
        ):
            facts = {"name": folder.name, "year": 2030 + number, "institute": "Nord", "n": 1000}
            (folder / name).write_text(text.format(**facts), "utf-8")
    return [str(place / f"vote_{number}") for number in range(count)]


def test_tables_of_folders_are_read_once_before_evidence_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: Counter[Path] = Counter()
    plain = minimal_election.raw_rows

    def counted(path: Path, columns: Any) -> pd.DataFrame:
        reads[path] += 1
        return plain(path, columns)

    def evidence(*_: Any, **__: Any) -> Any:
        raise AssertionError("evidence of a task that nobody has asked about")

    monkeypatch.setattr(minimal_election, "raw_rows", counted)
    folders = own_elections(tmp_path, 3)
    names = Experiment(elections=folders, rounds=[1], days_before=[1])
    with monkeypatch.context() as planning:
        planning.setattr(task_module, "evidence_for", evidence)
        tasks = tasks_of(names)
    past_polls = [task.evidence()["past_polls"] for task in tasks]
    assert [polls["election"].nunique() for polls in past_polls] == [0, 1, 2]
    assert [task.outcome().votes["bo_ek"] for task in tasks] == [480] * 3
    assert [*reads.values()] == [1] * 6  # polls and outcomes


def test_a_damaged_table_of_a_neighbour_is_refused_before_anybody_is_asked(tmp_path: Path) -> None:
    first, second = own_elections(tmp_path, 2)
    polls = Path(second) / "polls.csv"
    polls.write_text(polls.read_text("utf-8").replace("0.55", "55"), "utf-8")
    with pytest.raises(DataError, match=r"vote_1/polls.csv:2: column 'share' is 55"):
        tasks_of(Experiment(elections=[first], rounds=[1], days_before=[1]))


def test_a_run_sees_what_was_edited_since_the_last_one(tmp_path: Path) -> None:
    (folder,) = own_elections(tmp_path, 1)

    def error() -> float:
        run = api.run("own", elections=[folder], predictor=["last_poll"], baseline="uniform")
        errors = run.results.tables["errors"].query("metric == 'mean_absolute_error'")
        return float(errors["value"].iloc[0].round(2))

    assert error() == 0.04  # .55 polled, .51 of the votes
    outcome = Path(folder) / "outcome.csv"
    outcome.write_text(outcome.read_text("utf-8").replace("480", "460"), "utf-8")
    assert error() == 0.03
    polls = Path(folder) / "polls.csv"
    polls.write_text(polls.read_text("utf-8").replace("0.55", "0.53").replace("0.45", "0.47"))
    assert error() == 0.01


def test_a_month_before_2002_nobody_knew_who_would_come_second() -> None:
    evidence = Task("fr2002", 1, "2002-03-22T20:00").evidence()
    assert ranked_on(POLLED, evidence) == ("chirac", "jospin")


def test_an_unknown_baseline_is_refused_before_anything_runs(tmp_path: Path) -> None:
    done = bench(tmp_path, "+experiment=quickstart", "baseline=last_pol", status=1)
    assert "baseline is 'last_pol'" in done.err
    assert not list(tmp_path.iterdir())


def test_a_vote_on_which_everybody_abstains_does_not_sink_the_run(tmp_path: Path) -> None:
    # no poll of the runoff of 1965 was public 30 days before it
    bench(
        tmp_path,
        "+experiment=history",
        "elections=[fr1965,fr1981]",
        "days_before=[30]",
        "predictor=[last_poll,poll_tracker]",
    )
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


@pytest.mark.parametrize(
    ("name", "number", "moment"),
    [
        ("fr2017", 1, "2017-04-21 23:59"),
        ("fr2017", 2, "2017-05-05 23:59"),
        ("fr1995", 1, "1995-04-15 23:59"),  # the law of the time was a week
        ("toy", 1, "2031-04-05 20:00"),  # to come, and its outcome is in its folder
    ],
)
def test_without_a_moment_it_is_the_last_evening_with_polls(
    name: str, number: int, moment: str
) -> None:
    assert Task(name, number).as_of == pd.Timestamp(moment)


def test_the_default_moment_is_that_of_the_experiments() -> None:
    for name in ("2017_r1", "2017_r2", "2022_r1", "2022_r2"):
        experiment = compose(f"+experiment={name}")
        (election,), (number,) = experiment.elections, experiment.rounds
        vote_on = load_election(election).round(number).vote_on
        assert [Task(election, number).as_of] == experiment.moments(vote_on)


@pytest.mark.parametrize(
    ("name", "given", "requested", "owners"),
    [
        ("fr2022", ["embargoed_ballot", "politoscope"], 24, ("vote_imag", "politoscope")),
        ("fr2022", ["embargoed_ballot", "vote_imag"], 24, ("vote_imag",)),
        ("fr2022", [], 0, ()),
        ("fr2012", ["embargoed_ballot"], 0, ()),  # it names none
    ],
)
def test_the_election_names_its_embargoed_ballot(
    name: str, given: list[str], requested: int, owners: tuple[str, ...]
) -> None:
    eve = load_election(name).round(1).vote_on
    task = Task(name, 1, eve, include_embargoed=given)
    assert task.include_embargoed == owners
    assert len(task.evidence()["online_ballot"]) == requested


def test_a_fixed_moment_over_a_year_before_a_vote_that_is_over_is_refused(
    composed: Callable[..., Experiment],
) -> None:
    inherited = composed("+experiment=2017_r1", "elections=[fr2022]", "days_before=[]")
    inherited.as_of = ["2017-04-21T23:59"]
    words = r"2017-04-21 23:59 is 1,815 days before round 1 of fr2022 \(2022-04-10\).*'hour=\"23:59"
    with pytest.raises(ConfigError, match=words):
        tasks_of(inherited)
    year = pd.Timestamp("2022-04-10") - pd.Timedelta(days=365)
    (task,) = tasks_of(replace(inherited, as_of=[f"{year:%Y-%m-%dT%H:%M}"]))
    assert task.as_of == year
    (task,) = tasks_of(replace(inherited, as_of=[], days_before=[1815]))
    assert task.as_of == pd.Timestamp("2017-04-21T23:59")
    refuse_long_before(load_election("fr2027"), 1, pd.Timestamp("2025-01-01"))  # it is to come


def test_without_a_moment_a_vote_to_come_is_asked_about_now() -> None:
    task = Task("fr2027")
    assert task.as_of.date() == min(date.today(), date(2027, 4, 9))

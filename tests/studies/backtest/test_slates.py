"""A season on the slate of each day: asked about it, scored on who stood, and nothing ahead."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from bench import Task
from bench.api import forecast
from bench.audit import look_ahead
from bench.audit.look_ahead import demand_the_same_slates
from bench.core import ConfigError, DataError
from bench.core.settings import Experiment
from bench.data.election import load_election
from bench.data.slates import Slate, slates_at
from bench.studies.backtest.analysis import analyse
from bench.studies.run import Run, execute
from tests.conftest import Compose

DAYS = (60, 30, 2)  # of which the first has no poll
METHODS = ("last_election", "last_poll", "poll_tracker")
LEFT = ["hollande", "jadot", "juppe"]  # polled 170 days before, and no candidates in the end


def composed_season(composed: Compose, election: str, *days: int) -> Experiment:
    return composed(
        "+experiment=2022_rehearsal",
        f"elections=[{election}]",
        f"predictor=[{','.join(METHODS)}]",
        f"days_before=[{','.join(map(str, days))}]",
        "n_draws=100",
        "settings.person_days=[56]",
        "results=''",
    )


@pytest.fixture(scope="module")
def settings(composed: Compose) -> Experiment:
    return composed_season(composed, "toy", *DAYS)


@pytest.fixture(scope="module")
def run(settings: Experiment) -> Run:
    return execute(settings)


@pytest.fixture(scope="module")
def early(composed: Compose) -> Run:
    return execute(composed_season(composed, "fr2017", 170, 2))


def test_a_season_without_a_poll_is_refused(settings: Experiment) -> None:
    with pytest.raises(ConfigError, match="no moment of toy has a public poll"):
        execute(replace(settings, days_before=[300, 200]))


def test_moments_without_a_poll_are_counted(run: Run) -> None:
    rows = run.tables["chances_by_day"].data
    assert rows["days_before"].unique().tolist() == [30, 2]
    assert run.results.facts["too_early"] == ["toy round 1 as of 2031-02-05T23:59"]
    assert run.findings[-1].endswith("At 1 earlier moment no poll was public.")


def test_every_moment_is_asked_about_the_slate_of_its_day(early: Run) -> None:
    rows = early.results.tables["slate_forecasts"].query("predictor == 'last_poll'")
    for moment, part in rows.groupby("as_of"):
        task = Task("fr2017", 1, str(moment), seed=early.experiment.seed)
        standing = [slate for slate in slates_at(task.election, 1, task.as_of) if slate.stands]
        assert sorted(part["candidate"]) == sorted(standing[0].candidates)
        on_slate = replace(task, slate="polled")
        share = forecast("last_poll", on_slate).share
        assert np.allclose(part.set_index("candidate")["share"][share.index], share, atol=1e-12)


def test_persons_are_scored_under_three_rules_for_who_stands(early: Run, run: Run) -> None:
    rows = early.results.tables["people"].set_index(["rule", "candidate"])
    assert set(rows.index.levels[0]) == {"learned", "samples", "polled"}
    assert set(rows["days_before"]) == {56}
    assert set(rows["n_seasons"]) == {1}  # only 2012 was over
    stood = pd.Series(dict.fromkeys(load_election("fr2017").round(1).candidates, True))
    for rule in ("learned", "samples", "polled"):
        people = rows.loc[rule].drop("")
        is_right = stood.reindex(people.index, fill_value=False)
        assert people["brier_runs"].mean() == pytest.approx(
            ((people["p_runs"] - is_right) ** 2).mean()
        )
        assert people["outcome"].sum() == pytest.approx(1)
        assert rows.loc[(rule, ""), "crps"] == pytest.approx(people["crps"].mean())
    assert set(rows.loc["polled", "p_runs"].drop("")) == {0, 1}
    assert (
        rows.loc[("learned", "arthaud"), "p_runs"] < 0.1
    )  # whom hardly anybody tested, and who stood
    assert "people" in early.tables
    assert "people" not in run.tables  # nobody had polled so early


def test_errors_are_those_of_who_stood_with_the_shares_divided_by_their_sum(early: Run) -> None:
    first = early.results.tables["slate_forecasts"]
    first = first[first["as_of"].eq(first["as_of"].min()) & first["predictor"].eq("last_poll")]
    share = first.set_index("candidate")["share"]
    outcome = Task("fr2017", 1).outcome().share
    both = [name for name in outcome.index if name in share.index]
    assert sorted(set(share.index) - set(both)) == LEFT
    gaps = share[both] / share[both].sum() - outcome[both] / outcome[both].sum()
    errors = early.errors
    errors = errors[errors["as_of"].eq(first["as_of"].iloc[0]) & errors["ballot"].eq("both")]
    errors = errors[errors["predictor"].eq("last_poll") & errors["metric"].eq("signed_error")]
    assert np.allclose(errors.set_index("candidate")["value"][both], gaps, atol=1e-12)
    row = early.tables["chances_by_day"].data.iloc[0]
    leading = [name for name in both if outcome[name] >= 0.1]
    assert row["mae_leading"] == pytest.approx(gaps[leading].abs().mean())


def test_the_table_says_who_was_on_the_slate_and_who_was_given_which_chance(early: Run) -> None:
    rows = early.tables["chances_by_day"].data
    assert set(rows["predictor"]) == {"last_poll", "poll_tracker"}  # the third states no chances
    first, last = rows[rows["predictor"].eq("poll_tracker")].to_dict("records")
    assert first["supposed"].split() == LEFT
    assert first["came_later"] == "fillon hamon"
    assert (last["supposed"], last["came_later"]) == ("", "")
    asked = early.results.tables["slate_forecasts"].query("predictor == 'poll_tracker'")
    chances = asked.set_index(["as_of", "candidate"])["p_qualify"]
    for row in (first, last):
        for name in ("macron", "le_pen"):
            assert row[f"chance_{name}"] == chances[row["as_of"], name]


def test_slates_that_know_what_came_later_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    task = Task("toy", 1, "2031-03-23T20:00", slate="polled")
    demand_the_same_slates(task)

    def of_all_polls(election: object, number: int, as_of: object, lag: object) -> list[Slate]:
        return slates_at(task.election, number, pd.Timestamp("2031-04-05"), None)

    monkeypatch.setattr(look_ahead, "slates_at", of_all_polls)
    with pytest.raises(DataError, match=r"the slates of toy round 1 .* change when later rows are"):
        demand_the_same_slates(task)


def test_the_audit_asks_about_every_slate_again(
    settings: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[Task] = []
    monkeypatch.setattr(look_ahead, "demand_the_same_slates", checked.append)
    chosen = {"last_poll": settings.predictors["last_poll"]}
    audited = replace(settings, audit=True, days_before=[14, 2], predictors=chosen)
    verdicts = execute(audited).table("audit")
    assert verdicts["verdict"].tolist() == ["passed", "passed"]
    assert [task.label for task in checked] == verdicts["vote"].tolist()


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ("by_person=poll_trakcer", "by_person names 'poll_trakcer'.*did you mean 'poll_tracker'"),
        ("person_days=[0]", r"person_days holds 0; accepted: days before the vote"),
    ],
)
def test_a_slip_about_persons_is_refused_before_anybody_is_asked(
    composed: Compose, settings: str, words: str
) -> None:
    experiment = composed("+experiment=2022_rehearsal", f"settings.{settings}")
    with pytest.raises(ConfigError, match=words):
        analyse(experiment)

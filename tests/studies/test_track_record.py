"""The track record: what enters a ranking, what never does, and numbers that can be recomputed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from bench.audit.counterfactual import KINDS, ended_otherwise
from bench.core import ConfigError
from bench.core.settings import Experiment
from bench.data.tables import replaced
from bench.data.task import Task
from bench.runner.results import Results
from bench.studies.base import settings_of
from bench.studies.track_record import STUDY
from bench.studies.track_record.errors import Ballots, ballots, errors
from bench.studies.track_record.estimates import Record, conclusions_table
from bench.studies.track_record.forecasts import chunk
from bench.studies.track_record.plots import forest_chart
from bench.studies.track_record.report import family_sentences
from bench.studies.track_record.sentences import Words
from bench.studies.track_record.settings import Family, Settings, families_of
from bench.studies.track_record.votes import asked, batches
from tests.conftest import Compose
from tests.french import reported_in_both

SMALL = (
    "+experiment=track_record",
    "results=''",
    "elections=[toy,toy_prior1,toy_prior2]",
    "days_before=[0]",
    "n_draws=100",
    "settings.lags_days=[2,4]",
    "owners_of=[open_ballot]",
    "settings.conclusions_of=toy",
    "predictors.online_ballot.source=open_ballot",
    "predictors.app_ratings.source=thumbs",
    "predictors.filteris.publisher=loudmeter",
)


@pytest.fixture(scope="module")
def experiment(composed: Compose) -> Experiment:
    found = composed(*SMALL)
    keep = (
        "uniform last_election last_poll last_poll_world polls_online previous_forecast "
        "uniform_swing app_ratings market_odds filteris"
    ).split()
    return replace(
        found, predictors={name: one for name, one in found.predictors.items() if name in keep}
    )


@pytest.fixture(scope="module")
def results(experiment: Experiment) -> Results:
    return STUDY.analyse(experiment)


def changed(experiment: Experiment, **settings: Any) -> Experiment:
    return replace(experiment, settings={**experiment.settings, **settings})


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"reference": "last_pols"}, "'last_pols' is the reference.*last_polls"),
        ({"baselines": ["search_interest"]}, "knows what came later; nothing stands beside it"),
        ({"main_day": 3}, r"main_day is 3; accepted: one of days_before \(0\)"),
        ({"lags_days": [40]}, "lags_days is .* accepted: days, 0 to 30"),
        ({"families": {"a": {"label": "A"}}}, "the family 'a' lacks the setting 'label_fr'"),
    ],
)
def test_settings_that_compare_nothing_are_refused(
    experiment: Experiment, settings: dict[str, Any], words: str
) -> None:
    with pytest.raises(ConfigError, match=words):
        families_of(changed(experiment, **settings))


def test_a_predictor_in_no_family_or_in_two_is_refused(experiment: Experiment) -> None:
    stranger = replace(experiment, predictors={**experiment.predictors, "mine": {}})
    with pytest.raises(ConfigError, match="'mine' is in no family"):
        families_of(stranger)
    families = dict(experiment.settings["families"])
    families["twice"] = {"label": "A", "label_fr": "A", "predictors": ["uniform"]}
    with pytest.raises(ConfigError, match="'uniform' is in the families 'uniform' and 'twice'"):
        families_of(changed(experiment, families=families))


def test_a_model_is_asked_about_the_elections_that_it_was_published_for() -> None:
    one = Family(
        label="Models",
        label_fr="Modèles",
        predictors=("old", "new"),
        where=("us2016/*", "us2020/*"),
        only={"new": ["us2020/*"]},
    )
    asked_about = [
        (one.asked_about(f"us{year}/president/wi", "old"), one.asked_about(f"us{year}/x", "new"))
        for year in (2012, 2016, 2020)
    ]
    assert asked_about == [(False, False), (True, False), (True, True)]


def test_without_the_reference_nothing_is_compared(experiment: Experiment) -> None:
    alone = replace(experiment, predictors={"uniform": {}})
    with pytest.raises(ConfigError, match="none of the predictors of 'last_polls'"):
        families_of(alone)


def test_the_error_of_an_answer_can_be_recomputed(experiment: Experiment, results: Results) -> None:
    rows = results.tables["errors"]
    row = rows[
        rows["election"].eq("toy")
        & rows["round"].eq(1)
        & rows["days_before"].eq(0)
        & rows["lag_days"].eq(2)
        & rows["predictor"].eq("uniform")
    ].iloc[0]
    share = Task("toy", 1, "2031-04-06T18:00").outcome().share
    assert row["mae"] == pytest.approx((share - 1 / len(share)).abs().mean())
    assert row["squared_error"] == pytest.approx(((share - 1 / len(share)) ** 2).sum())
    assert row["outcome_variance"] == pytest.approx((share * (1 - share)).sum())


def test_the_ratio_of_two_families_can_be_recomputed(results: Results) -> None:
    """Both answered the same rounds of three elections: means of logs, rounds of one day as one."""
    rows = results.tables["errors"]
    rows = rows[rows["days_before"].eq(0) & rows["lag_days"].eq(2)]
    wide = rows.pivot(index=["election", "round"], columns="predictor", values="mae")
    gap = np.log(wide["uniform"] / wide["last_poll"].clip(lower=0.001)).groupby("election").mean()
    table = results.tables["families"].set_index("family")
    beside = table.loc["last_polls", "beside_uniform"]
    assert beside == pytest.approx(np.exp(-gap.mean()))
    assert table.loc["last_polls", ["elections", "votes"]].tolist() == [3, 6]


def test_three_election_days_have_no_interval(results: Results) -> None:
    table = results.tables["families"]
    assert table[["low", "high", "p"]].isna().all(axis=None)
    assert table["relative"].notna().any()


def test_everybody_is_in_one_table_and_has_a_sentence(
    experiment: Experiment, results: Results
) -> None:
    shown = reported_in_both(STUDY, experiment, results)
    table = shown.tables[0]
    told = {row.cells[0].text for row in table.rows}
    labels = {one.label for one in families_of(experiment).values()}
    assert labels == told
    lines = next(one.lines for one in shown.sections if hasattr(one, "lines"))
    assert all(any(line.startswith(name) for line in lines) for name in told)
    assert "No conclusion changes" not in " ".join(shown.findings)  # there is none to change


def test_the_polls_of_a_method_of_areas_are_not_its_own(results: Results) -> None:
    """Uniform swing adds a map to the average of polls: nationally it is in no ranking."""
    rows = results.tables["errors"]
    swing = rows[rows["predictor"].eq("uniform_swing")]
    assert swing["area_mae"].notna().any()
    assert set(results.tables["map"]["family"]) == {"swing", "last_election"}


def test_chances_that_were_taken_over_are_in_no_table_and_no_diagram(composed: Compose) -> None:
    names = ("last_poll", "uniform", "quota_poll", "uniform_swing")
    found = composed(*SMALL, "elections=[toy]")
    few = replace(found, predictors={name: found.predictors[name] for name in names})
    tables = STUDY.analyse(changed(few, lags_days=[2])).tables
    families = {"last_polls", "poll_average"}
    assert set(tables["chances"]["family"]) == set(tables["events"]["family"]) == families


def test_a_lag_moves_the_methods_that_read_polls_and_no_others(results: Results) -> None:
    rows = results.tables["errors"]
    assert set(rows.loc[rows["predictor"].eq("last_poll"), "lag_days"]) == {2, 4}
    assert set(rows.loc[rows["predictor"].eq("uniform"), "lag_days"]) == {2}
    lags = results.tables["lags"]
    assert set(lags.loc[lags["family"].eq("uniform"), "lag_days"]) == {2, 4}


def test_a_record_of_two_methods_has_no_conclusions_and_a_report(experiment: Experiment) -> None:
    two = {name: experiment.predictors[name] for name in ("last_poll", "uniform")}
    small = replace(experiment, predictors=two)
    found = STUDY.analyse(small)
    assert found.tables["conclusions"].empty
    shown = reported_in_both(STUDY, small, found)
    assert "conclusions" not in {table.name for table in shown.tables}


def test_whoever_knows_later_is_apart_and_in_no_ranking(
    experiment: Experiment, results: Results
) -> None:
    """The same methods, called hindsight, leave every ranking and every other number alone."""
    families = {key: dict(one) for key, one in experiment.settings["families"].items()}
    families["volunteers"]["hindsight"] = ["thumbs"]
    few = ["last_poll", "polls_online", "last_election", "uniform", "app_ratings"]
    small = replace(experiment, predictors={name: experiment.predictors[name] for name in few})
    other = STUDY.analyse(changed(small, families=families, conclusions=[], lags_days=[2]))
    apart = other.tables["apart"]
    assert apart["family"].tolist() == ["volunteers"]
    for name in ("families", "moments", "lags", "countries", "choices", "chances", "draws", "map"):
        assert "volunteers" not in set(other.tables[name]["family"]), name
    assert not other.tables["errors"].query("family == 'volunteers'")["ranked"].any()
    before = results.tables["families"].set_index("family")
    after = other.tables["families"].set_index("family")
    both = ["last_polls", "polls_online", "last_election", "uniform"]
    columns = ["votes", "beside_uniform", "interviews"]
    pd.testing.assert_frame_equal(before.loc[both, columns], after.loc[both, columns])


def test_votes_that_are_not_ranked_are_not_asked_about(
    experiment: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bench.studies.track_record import votes

    real = votes.load_election

    def marked(name: str) -> Any:
        found = real(name)
        if name != "toy":
            return found
        return replace(found, ranked=False, unranked_because="the pair is hindsight")

    monkeypatch.setattr(votes, "load_election", marked)
    known = asked(experiment, settings_of(Settings, experiment))
    assert set(known.facts["election"]) == {"toy_prior1", "toy_prior2"}
    assert known.left_out["why"].tolist() == ["the pair is hindsight"] * 2


@pytest.mark.parametrize("kind", KINDS)
def test_forecasts_are_the_same_however_this_vote_and_later_ones_end(
    experiment: Experiment, kind: str
) -> None:
    task = Task("toy_prior1", 1, "2026-03-31T18:00")
    task = replace(task, as_of=task.vote_on + pd.Timedelta(hours=18))
    part = {
        "predictors": ["last_poll", "last_poll_world", "last_election", "previous_forecast"],
        "lag_days": 2,
        "hindsight_of": [],
        "facts": True,
        "tasks": [task.part],
    }
    real = chunk(experiment, part)
    with replaced(ended_otherwise(task, kind)):
        other = chunk(experiment, part)
    pd.testing.assert_frame_equal(
        real.tables["said"][["share", "chance"]],
        other.tables["said"][["share", "chance"]],
        check_exact=True,
    )
    assert real.tables["asked"]["status"].tolist() == other.tables["asked"]["status"].tolist()
    # who counts for the ranking is what the polls say, too
    columns = ["task", "polled", "is_others"]
    pd.testing.assert_frame_equal(real.tables["votes"][columns], other.tables["votes"][columns])
    assert not real.tables["votes"]["share"].equals(other.tables["votes"]["share"])


def test_which_tasks_there_are_knows_no_outcome(
    experiment: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the tasks nor the parts of the work can open an outcome."""

    def closed(*_: object) -> None:
        raise AssertionError("an outcome was opened")

    monkeypatch.setattr(Task, "outcome", closed)
    settings, families = settings_of(Settings, experiment), families_of(experiment)
    known = asked(experiment, settings)
    assert list(batches(experiment, settings, families, known))


def test_the_work_grows_with_the_votes_alone(experiment: Experiment) -> None:
    settings, families = settings_of(Settings, experiment), families_of(experiment)
    counts = []
    for elections in (["toy"], ["toy", "toy_prior1", "toy_prior2"]):
        few = replace(experiment, elections=elections)
        known = asked(few, settings)
        work = batches(few, settings, families, known)
        counts.append(sum(len(part["tasks"]) for one in work for part in one.parts))
    assert counts[1] == 3 * counts[0]


def two_ballots() -> Ballots:
    votes = pd.DataFrame(
        {
            "task": [0, 0, 0, 1, 1],
            "share": [0.5, 0.3, 0.2, 0.6, 0.4],
            "came_first": [1, 0, 0, 1, 0],
            "polled": [0.55, 0.4, 0.05, np.nan, np.nan],
            "is_others": [0, 0, 1, 0, 0],
        }
    )
    return ballots(votes, 2)


def test_a_forecast_is_ranked_if_it_names_everybody_who_counts() -> None:
    known = two_ballots()
    assert known.who_counts(0.1).tolist() == [[True, True, False], [True, True, False]]
    said = {
        "share": np.array([0.5, 0.4, np.nan, 0.9, np.nan]),
        "crps": np.full(5, np.nan),
        "chance": np.full(5, np.nan),
    }
    found = errors(np.array([0, 1]), said, known, least_polled=0.1)
    assert found["names_all"].tolist() == [True, False]
    # 0.1 is left for others: errors 0, .1 and .1
    assert found["mae"].tolist() == pytest.approx([0.2 / 3, 0.3])
    # on the two who count: 5/9 against 5/8
    assert found["mae_polled"][0] == pytest.approx(5 / 8 - 5 / 9)


def test_of_two_candidates_one_event_counts_and_of_more_all_that_are_stated() -> None:
    said = {
        "share": np.full(5, np.nan),
        "crps": np.full(5, np.nan),
        "chance": np.array([0.7, 0.2, np.nan, 0.8, 0.2]),
    }
    known = two_ballots()
    found = errors(np.array([0, 1]), said, known, least_polled=0.1)
    # what is left of the ballot is no candidate: the first ballot has two as well
    assert found["brier"].tolist() == pytest.approx([0.09, 0.04])
    assert found["log_score"].tolist() == pytest.approx([-np.log(0.7), -np.log(0.8)])
    assert found["mae"].isna().all()


def test_chances_of_certainty_do_not_cost_infinity() -> None:
    said = {
        "share": np.full(2, np.nan),
        "crps": np.full(2, np.nan),
        "chance": np.array([0.0, 1.0]),
    }
    found = errors(np.array([1]), said, two_ballots(), least_polled=0.1)
    assert found["brier"][0] == 1.0
    assert found["log_score"][0] == pytest.approx(-np.log(0.001))


@pytest.mark.parametrize(
    ("all_others", "verdict"), [(0.5, "holds"), (2.0, "reversed"), (1.0, "open")]
)
def test_a_conclusion_of_one_election_survives_or_does_not(all_others: float, verdict: str) -> None:
    """In the first of twelve elections a is twice as close as b."""
    rng = np.random.default_rng(1)
    rows = []
    for number in range(12):
        ratio = 0.5 if number == 0 else all_others * np.exp(rng.normal(0, 0.1))
        for family, value in (("a", 0.02 * ratio), ("b", 0.02)):
            rows.append((f"e{number}", number, family, f"c{number}", value, value))
    columns = ["election", "task", "family", "cluster", "mae", "mae_polled"]
    record = Record(
        errors=pd.DataFrame(rows, columns=columns), families=("a", "b"), reference="b", baselines=()
    )
    found = conclusions_table(record, [("a", "b")], "e0")
    assert found["here"].tolist() == pytest.approx([0.5, 0.5])
    assert found["verdict"].tolist() == [verdict] * 2
    assert conclusions_table(record, [("a", "b")], "never")["verdict"].tolist() == ["unseen"] * 2


def words_of(experiment: Experiment, reference: str) -> Words:
    return Words(
        labels={key: one.label for key, one in families_of(experiment).items()},
        reference=reference,
        baselines=("uniform",),
        title="",
        source="",
    )


def test_the_chart_names_the_family_beside_which_the_others_stand(
    experiment: Experiment, results: Results
) -> None:
    words = words_of(experiment, "uniform")
    chart = forest_chart(results.tables["families"], words.labels, words.against)
    assert f"error, times that of “{words.against}”" in str(chart.spec)


def test_sentences_are_made_from_the_numbers(experiment: Experiment, results: Results) -> None:
    words = words_of(experiment, "last_polls")
    table = results.tables["families"].head(2)
    clear = table.assign(
        family=["last_polls", "uniform"],
        relative=[1.0, 3.456],
        low=[np.nan, 2.1],
        high=[np.nan, 5.0],
        p=[np.nan, 0.2],
        closer=[np.nan, 0.05],
    )
    empty = {name: results.tables[name].iloc[:0] for name in ("map", "draws", "chances", "apart")}
    said = family_sentences({**results.tables, **empty, "families": clear}, words)
    assert "3.46 times that of the last polls of all institutes (2.10 to 5.00)" in said[1]
    assert "does not survive a test of all families together" in said[1]
    assert "closer than they in 5% of the votes" in said[1]

"""The track record: what enters a ranking, what never does, and numbers that can be recomputed."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

from bench.audit.counterfactual import KINDS, counterfactual_result
from bench.core import ConfigError
from bench.core.settings import Experiment
from bench.data.collection import collections, load_collection
from bench.data.election import folder_names, load_election
from bench.data.tables import outcomes_of, replaced, table_of
from bench.data.task import Task
from bench.metrics.comparison.ratios import holm, judged, mean_ratio
from bench.runner.results import Results
from bench.studies.base import settings_of
from bench.studies.track_record import STUDY
from bench.studies.track_record.analysis import _extent
from bench.studies.track_record.errors import Ballots, ballots, errors
from bench.studies.track_record.estimates import (
    FACTS,
    LOGS,
    SUMS,
    countries_table,
    family_errors,
    of_modes,
    pairs_table,
    sensitivity_table,
    with_directions,
)
from bench.studies.track_record.forecasts import chunk
from bench.studies.track_record.settings import Family, Settings, families_of
from bench.studies.track_record.view import PAGE, facts_of
from bench.studies.track_record.votes import batches, names_of, questions_of
from tests.conftest import Compose
from tests.golden import track_record as golden
from tests.golden.track_record import simulated

pytestmark = pytest.mark.usefixtures("no_garbage_collection")

SMALL = (
    "+experiment=track_record",
    "results=''",
    "elections=[toy,toy_prior1,toy_prior2]",
    "days_before=[0]",
    "n_draws=100",
    "settings.lags_days=[2,4]",
    "include_embargoed=[open_ballot]",
    "predictors.online_ballot.source=open_ballot",
    "predictors.app_ratings.source=thumbs",
    "predictors.filteris.publisher=loudmeter",
)


@pytest.fixture(scope="module")
def experiment(composed: Compose) -> Experiment:
    found = composed(*SMALL)
    keep = (
        "uniform last_election last_poll quota_poll polls_30_days_ago "
        "uniform_swing app_ratings market_odds filteris"
    ).split()
    return replace(
        found, predictors={name: one for name, one in found.predictors.items() if name in keep}
    )


def of_few(experiment: Experiment, *names: str) -> Experiment:
    return replace(experiment, predictors={name: experiment.predictors[name] for name in names})


@pytest.fixture(scope="module")
def results(experiment: Experiment) -> Results:
    names = "uniform last_election last_poll quota_poll uniform_swing app_ratings market_odds"
    return STUDY.analyse(of_few(experiment, *names.split()))


@pytest.fixture(scope="module")
def other(experiment: Experiment) -> Results:
    """Volunteers are hindsight."""
    families = {key: dict(one) for key, one in experiment.settings["families"].items()}
    families["volunteers"]["hindsight"] = ["thumbs"]
    few = of_few(experiment, "last_poll", "quota_poll", "last_election", "uniform", "app_ratings")
    return STUDY.analyse(changed(few, families=families, pairs=[], lags_days=[2]))


def changed(experiment: Experiment, **settings: Any) -> Experiment:
    return replace(experiment, settings={**experiment.settings, **settings})


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"reference": "last_pols"}, "'last_pols' is the reference.*last_polls"),
        ({"map_beside": "search_interest"}, "knows what came later; nothing stands beside it"),
        ({"pairs": [["uniform", "last_pols"]]}, "'last_pols' is the reference.*in a pair"),
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


def row_of(pairs: pd.DataFrame, family: str, measure: str, stratum: str) -> pd.Series:
    found = pairs[pairs["family"].eq(family) & pairs["other"].eq("last_polls")]
    return found[found["measure"].eq(measure) & found["stratum"].eq(stratum)].iloc[0]


@pytest.mark.parametrize(("stratum", "number"), [("more", 1), ("two", 2)])
def test_the_ratio_of_two_families_can_be_recomputed(
    results: Results, stratum: str, number: int
) -> None:
    """Both answered the same round of three elections; first rounds and runoffs stay apart."""
    rows = results.tables["errors"]
    rows = rows[rows["days_before"].eq(0) & rows["lag_days"].eq(2) & rows["round"].eq(number)]
    wide = rows.pivot(index="election", columns="predictor", values=["mae", "squared_error"])
    gap = np.log(wide["mae"]["uniform"] / wide["mae"]["last_poll"].clip(lower=0.001))
    row = row_of(results.tables["pairs"], "uniform", "mae", stratum)
    assert row["ratio"] == pytest.approx(np.exp(gap.mean()))
    assert row[["days", "votes", "countries"]].tolist() == [3, 3, 1]
    squares = wide["squared_error"].mean()
    row = row_of(results.tables["pairs"], "uniform", "squared_error", stratum)
    assert row["ratio"] == pytest.approx(squares["uniform"] / squares["last_poll"])


def test_three_election_days_have_no_interval(results: Results) -> None:
    table = results.tables["pairs"]
    assert table[["low", "high", "p"]].isna().all(axis=None)
    assert set(table["direction"]) == {"not_shown"}
    assert table["ratio"].notna().all()


def test_the_crps_judges_where_both_state_draws_and_else_the_mean_absolute_error(
    results: Results,
) -> None:
    table = results.tables["pairs"].query("kind == 'shares' and primary")
    by_family = table.groupby("family")["measure"].unique().map(list)
    assert by_family["poll_average"] == ["crps"]
    assert by_family["uniform"] == by_family["last_election"] == ["mae"]
    assert table.groupby(["stratum", "family", "other"]).size().eq(1).all()


SHARES = {
    "poll_average": ("crps", 0.98, "better", "yes", 195),
    "uniform": ("mae", 6.87, "worse", "no", 195),
    "markets": ("mae", 1.01, "not_shown", "yes", 40),
    "social_counts": ("mae", 1.3, "not_shown", "not_shown", 9),
}


def test_the_first_sentences_are_made_from_the_table(
    experiment: Experiment, results: Results
) -> None:
    """Another table, another sentence: ratios, days, disagreement and who is seldom seen."""
    keys = ["family", "measure", "ratio", "direction", "within", "days"]
    rows = [dict(zip(keys, (key, *row), strict=True)) for key, row in SHARES.items()]
    rows.append({**rows[0], "measure": "mae", "direction": "not_shown", "primary": False})
    pairs = pd.DataFrame(rows).assign(kind="shares", stratum="more", other="last_polls", p=0.01)
    pairs["primary"] = pairs["primary"].isna()
    sensitivity = pairs[pairs["primary"]].assign(
        clustered_low=1.0, clustered_direction="not_shown", interaction_p=0.5
    )
    sensitivity.loc[1, "clustered_direction"] = "worse"
    seen = pd.DataFrame({"family": ["uniform", "volunteers"], "days": [195, 2]})
    tables = {"pairs": pairs, "sensitivity": sensitivity, "seen": seen}
    facts = facts_of(experiment, {**tables, "extent": results.tables["extent"]})
    _first, more, seldom, extent = PAGE.report(facts, {}, {}).findings
    assert more == (
        "Error on ballots of more than two, on the day of the vote before the count, relative to "
        "that of the last polls of all institutes: weighted average of polls 2% less by CRPS (195 "
        "election days; not shown by MAE; not shown with intervals by country), equal shares 6.9 "
        "times (195). Within 10%, and not shown to be better or worse: prediction markets (40). "
        "Not shown to be better or worse: social counts (9)."
    )
    assert seldom.endswith(": self-selected ballots and apps (2).")
    counts = facts["extent"]
    assert counts.n_two + counts.n_more == counts.n_votes
    assert f"{counts.n_votes} votes with polls" in extent


def test_votes_without_polls_are_counted_apart(results: Results) -> None:
    """The made-up country has polls of every vote; without the reference there is none."""
    extent = results.tables["extent"]
    assert extent["unanswered"].eq(0).all()
    rows = results.tables["errors"].query("days_before == 0")
    facts = rows.drop_duplicates(["election", "round"]).reset_index(drop=True)
    few = _extent(facts, facts.iloc[:2]).set_index(["stratum", "country"])
    whole = few.loc["all", "all"]
    assert whole[["votes", "unanswered"]].tolist() == [2, len(facts) - 2]
    assert whole["days"] == facts["cluster"].iloc[:2].nunique()


def test_a_lag_moves_the_methods_that_read_polls_and_no_others(results: Results) -> None:
    rows = results.tables["errors"]
    assert set(rows.loc[rows["predictor"].eq("last_poll"), "lag_days"]) == {2, 4}
    assert set(rows.loc[rows["predictor"].eq("uniform"), "lag_days"]) == {2}


def test_whoever_knows_later_is_apart_and_in_no_ranking(results: Results, other: Results) -> None:
    """The same methods, called hindsight, leave every ranking and every other number alone."""
    found = other.tables["pairs"].set_index(["kind", "family"])
    assert found.loc["hindsight"].index.unique().tolist() == ["volunteers"]
    assert "volunteers" not in found.drop(index="hindsight").index.get_level_values("family")
    assert "volunteers" not in set(other.tables["moments"]["family"])
    assert not other.tables["errors"].query("family == 'volunteers'")["ranked"].any()
    before = results.tables["pairs"].set_index(["kind", "family"])
    for family in ("poll_average", "last_election"):
        columns = ["votes", "other", "measure", "ratio"]
        one, two = (
            rows.loc[[("shares", family)], columns].query("other == 'last_polls'")
            for rows in (before, found)
        )
        pd.testing.assert_frame_equal(one, two)


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
    known = questions_of(experiment, settings_of(Settings, experiment))
    assert set(known.facts["election"]) == {"toy_prior1", "toy_prior2"}
    assert known.left_out["why"].tolist() == ["the pair is hindsight"] * 2


def test_forecasts_are_the_same_however_this_vote_and_later_ones_end(
    experiment: Experiment,
) -> None:
    task = Task("toy_prior1", 1, "2026-03-31T18:00")
    task = replace(task, as_of=task.vote_on + pd.Timedelta(hours=18))
    part = {
        "predictors": ["last_poll", "last_election", "polls_30_days_ago"],
        "lag_days": 2,
        "hindsight_of": [],
        "facts": True,
        "window_days": 8.0,
        "tasks": [task.part],
    }
    real = chunk(experiment, part).tables
    for kind in KINDS:
        with replaced(counterfactual_result(task, kind)):
            counterfactual = chunk(experiment, part).tables
        assert not real["votes"]["share"].equals(counterfactual["votes"]["share"])
        assert real["asked"]["status"].tolist() == counterfactual["asked"]["status"].tolist()
        # who counts for the ranking is what the polls say, too
        columns = {"said": ["share", "chance"], "votes": ["task", "polled", "is_others"]}
        columns |= {name: list(real[name]) for name in ("polls", "polled")}
        for name, equal in columns.items():
            assert len(real[name])
            pd.testing.assert_frame_equal(
                real[name][equal], counterfactual[name][equal], check_exact=True
            )


def test_which_tasks_there_are_knows_no_outcome(
    experiment: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the tasks nor the parts of the work can open an outcome."""

    def closed(*_: object) -> None:
        raise AssertionError("an outcome was opened")

    monkeypatch.setattr(Task, "outcome", closed)
    settings, families = settings_of(Settings, experiment), families_of(experiment)
    known = questions_of(experiment, settings)
    assert list(batches(experiment, settings, families, known))


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
    assert found["mae"].isna().all()


def made_up(families: dict[str, float], rng: np.random.Generator) -> pd.DataFrame:
    """Errors of families on 80 votes of 20 election days in 8 countries; each answers a part.

    `families` has the log ratio of each; in every second country it is three times that.
    """
    rows = []
    for task in range(80):
        day = task // 4
        for name, effect in families.items():
            if name != "reference" and rng.random() < 0.4:
                continue
            size = rng.lognormal(-4 + effect * (1 + 2 * (day // 2 % 2)), 0.4)
            rows.append(
                {
                    "task": task,
                    "event": 0,
                    "lag_days": 2,
                    "family": name,
                    "round": 1,
                    "election": f"e{task}",
                    "stratum": ("two", "more")[day % 2],
                    "once": False,
                    "country": f"C{day % 8}",
                    "series": f"C{day % 8}",
                    "cluster": f"d{day}",
                    "days_before": 0,
                    "vote_on": pd.Timestamp("2001-01-01") + pd.Timedelta(days=day),
                    **dict.fromkeys(LOGS, size),
                    **dict.fromkeys(SUMS, size**2),
                }
            )
    return family_errors(pd.DataFrame(rows))


FAMILIES = {"reference": 0.0, "near": 0.1, "far": 0.8, "floor": 1.5}


def test_no_family_changes_what_is_said_of_another_pair() -> None:
    """Nor a copy of one, of the reference too, nor leaving the floor out: adjusted p alone."""
    rows = made_up(FAMILIES, np.random.default_rng(1))
    pairs = [(name, "reference") for name in ("near", "far", "floor")]
    whole = with_directions(pairs_table(rows, "shares", pairs))
    twice = ("near", "reference")
    copies = [rows[rows["family"].eq(one)].assign(family=f"{one} again") for one in twice]
    more = [(f"{one} again", "reference") for one in twice]
    with_copies = with_directions(pairs_table(pd.concat([rows, *copies]), "shares", pairs + more))
    without = with_directions(pairs_table(rows[rows["family"].ne("floor")], "shares", pairs[:2]))
    kept = ["stratum", "family", "measure", "votes", "days", "ratio", "low", "high", "within", "p"]
    for other, names in ((with_copies, ["near", "far", "floor"]), (without, ["near", "far"])):
        one, two = (
            table.loc[table["family"].isin(names), kept].reset_index(drop=True)
            for table in (whole, other)
        )
        pd.testing.assert_frame_equal(one, two, check_exact=True)
    assert whole["tests"].eq(3).all()
    assert with_copies["tests"].max() == 4  # an exact copy has a ratio of 1, which is not tested
    copy = with_copies.query("family == 'reference again'")
    assert copy["direction"].eq("not_shown").all()
    assert copy["within"].eq("yes").all()
    assert without["tests"].eq(2).all()


def test_chances_are_compared_on_events_that_both_state() -> None:
    """Of three candidates one family states two, the other one."""
    facts = dict.fromkeys(FACTS, 1) | {"stratum": "more", "country": "A", "cluster": "d"}
    rows = pd.DataFrame(
        [
            {**facts, "task": 0, "lag_days": 2, "family": family, "event": event, "brier": score}
            for family, event, score in (("a", 0, 0.1), ("a", 1, 0.9), ("b", 0, 0.2))
        ]
    ).reindex(columns=[*FACTS, "task", "lag_days", "family", "event", *LOGS, *SUMS])
    table = pairs_table(family_errors(rows), "chances", [("a", "b")])
    assert table["ratio"].tolist() == pytest.approx([0.5])


@pytest.mark.parametrize(
    ("days", "candidates", "many"),
    [((12, 8, 6, 6, 5, 5, 4, 4, 3, 3, 2, 2, 1, 1), 6, False), ((10,), 2, True)],
)
def test_intervals_hold_the_truth_where_the_ratio_differs_between_countries(
    days: tuple[int, ...], candidates: int, many: bool
) -> None:
    held = np.array(
        [
            simulated(np.array(days), candidates, many, np.random.default_rng([7, k]))
            for k in range(150)
        ]
    )
    these, squares, country, others = pd.DataFrame(held).mean()
    # standard error .02
    assert min(these, squares) >= 0.92
    assert country >= 0.9 or len(days) == 1  # of one country nothing says how others differ
    assert others < 0.85  # by day it says nothing of other countries


def test_directions_that_are_not_there_are_shown_as_seldom_as_the_page_says() -> None:
    """In the design of the record; 1,000 worlds, whose rates err by .007."""
    rates = golden.error_rates(1000).set_index(["days", "stratum"])
    independent, measured = (rates.loc[name] for name in list(golden.SCENARIOS)[:2])
    assert independent[["table", "others"]].to_numpy().max() <= 0.05 + 3 * 0.007
    assert independent["single"].max() <= 0.05 + 4 * 0.007  # the worst of seven
    assert measured[["single", "table", "others"]].to_numpy().max() <= 0.08 + 3 * 0.009
    assert independent[["low", "high"]].to_numpy().ravel() == pytest.approx([0.8] * 4, abs=0.07)


def test_the_simulation_judges_as_the_record_does() -> None:
    """Its vectors of p and of Holm's rejections are those of the ratios and of their table."""
    rng = np.random.default_rng(9)
    values = [rng.normal(0.02 * row, 0.1, (30, 12 + row)) for row in range(5)]
    p = np.column_stack([golden.p_values(days) for days in values])
    shown = golden.rejected(p, 5)
    assert shown.any()
    for world in range(30):
        ratios = pd.DataFrame([vars(mean_ratio(days[world])) for days in values])
        table = judged(ratios)
        assert table["direction"].ne("not_shown").tolist() == shown[world].tolist()


def test_short_series_correlate_below_zero_by_themselves() -> None:
    """Twenty countries of four days: no correlation is measured as -.3 or so, and is undone."""
    days = np.full(20, 4)
    rng = np.random.default_rng(10)
    values = rng.normal(size=(400, 20, 4))
    centred = values - values.mean(axis=2, keepdims=True)
    before, after = centred[..., :-1].reshape(400, -1), centred[..., 1:].reshape(400, -1)
    measured = np.mean([np.corrcoef(*pair)[0, 1] for pair in zip(before, after, strict=True)])
    assert measured < -0.2
    assert golden.unbiased(float(measured), days) == pytest.approx(0.0, abs=0.03)


def test_sensitivity_holds_what_it_says() -> None:
    rows = made_up(FAMILIES, np.random.default_rng(2))
    pairs = [("far", "reference")]
    found = sensitivity_table(rows, {2: rows}, pairs).set_index("stratum")
    main = pairs_table(rows, "shares", pairs).query("primary").set_index("stratum")
    for stratum in ("two", "more"):
        row = found.loc[stratum]
        assert row["ratio"] == pytest.approx(main.loc[stratum, "ratio"])
        assert row["lag_2"] == pytest.approx(row["ratio"])
        assert row["interaction_p"] < 0.05
        assert row["countries"] == 4
        assert np.isnan(row["clustered_low"])  # four countries are too few
        assert row["without"] in {f"C{k}" for k in range(8)}
    # without other families two-way effects are the mean by country
    alone = rows[rows["family"].isin(["far", "reference"])]
    two = sensitivity_table(alone, {}, pairs).set_index("stratum")
    np.testing.assert_allclose(two["two_way"], two["ratio"])


def test_single_polls_stand_beside_those_of_other_modes_and_no_mean_that_holds_them() -> None:
    rng = np.random.default_rng(3)
    rows = made_up({"reference": 0.0}, rng)
    rows = rows.assign(respondents=800.0)
    phone = rows.assign(mode="phone", mae=0.02)
    opt_in = rows[rows["task"] < 40].assign(mode="opt in", mae=0.03, respondents=2000.0)
    polls = pd.concat([phone, phone.assign(mode="post", mae=0.01), opt_in])
    table = of_modes(polls, {"opt_in": ["opt in"]}).query("measure == 'mae'")
    # geometric mean of the two others, whatever their number
    assert table["ratio"].tolist() == pytest.approx([0.03 / np.sqrt(0.02 * 0.01)] * 2)
    assert table["votes"].sum() == 40
    assert table[["asked", "asked_other"]].eq([2000.0, 800.0]).all(axis=None)
    assert table["other"].eq("other_polls").all()
    assert set(FACTS) <= set(polls)


def test_a_kind_has_a_crps_where_all_of_its_answers_state_draws() -> None:
    facts = dict.fromkeys(FACTS, 1) | {"task": 0, "event": 0, "lag_days": 2, "family": "volunteers"}
    rows = pd.DataFrame([{**facts, **dict.fromkeys((*LOGS, *SUMS), 0.02)}] * 2)
    assert family_errors(rows)["crps"].tolist() == pytest.approx([0.02])
    rows.loc[1, "crps"] = np.nan
    assert family_errors(rows)["crps"].isna().all()


def test_elections_of_one_country_are_a_series_and_countries_together_are_not() -> None:
    """Ten elections of one office: the interval by country is wider, the ratio the same."""
    rows = made_up(FAMILIES, np.random.default_rng(5))
    rows = rows[rows["stratum"].eq("more")].assign(country="C1", series="C1 president")
    pairs = [("far", "reference")]
    together = pairs_table(rows, "shares", pairs).query("primary").iloc[0]
    alone = countries_table(rows, pairs).query("primary").iloc[0]
    assert alone["ratio"] == pytest.approx(together["ratio"])
    assert alone["error"] > 1.3 * together["error"]
    assert alone["degrees"] < together["degrees"]
    # as many offices as elections: nothing follows from anything
    apart = countries_table(rows.assign(series=rows["cluster"]), pairs).query("primary").iloc[0]
    assert apart["error"] == pytest.approx(together["error"])


def test_a_pair_is_judged_among_the_rows_of_its_table() -> None:
    rows = made_up(FAMILIES, np.random.default_rng(1))
    table = with_directions(
        pairs_table(rows, "shares", [(name, "reference") for name in ("near", "far", "floor")])
    )
    assert table.loc[table["primary"], "measure"].eq("crps").all()
    for _stratum, here in table[table["primary"]].groupby("stratum"):
        assert here["p_holm"].tolist() == pytest.approx(holm(here["p"]).tolist())
        assert here["direction"].ne("not_shown").tolist() == here["p_holm"].le(0.05).tolist()


@cache
def rows_before_the_vote(table: str, names: tuple[str, ...]) -> pd.DataFrame:
    """The rows of a table about these elections that somebody could have had before their end."""
    alone = [table_of(load_election(name), table) for name in set(names) & set(folder_names())]
    whole = [load_collection(name).table(table) for name in collections()]
    rows = pd.concat([one for one in (*alone, *whole) if len(one)], ignore_index=True)
    rows = rows[rows["election"].isin(names)]
    known_on = rows["available_on"].fillna(rows["published_on"])
    last = {
        name: max(one.vote_on for one in load_election(name).rounds.values())
        for name in rows["election"].unique()
    }
    return rows[known_on < rows["election"].map(last) + pd.Timedelta(days=1)]


def elections_with_rows(settings: dict[str, Any], names: tuple[str, ...]) -> set[str]:
    """Elections about which some table holds rows that a predictor of these settings reads."""
    claims = settings.keys() & {"publisher", "publishers"}
    found: set[str] = set()
    for table in ("claims",) if claims else ("buzz", "ratings", "online_ballot"):
        rows = rows_before_the_vote(table, names)
        if "publishers" in settings:
            rows = rows[rows["publisher"].isin(settings["publishers"])]
        for key in ("publisher", "quantity", "source", "measure"):
            if key in settings and key in rows:
                rows = rows[rows[key].eq(settings[key])]
        found |= set(rows["election"])
    return found


def elections_with_maps(names: tuple[str, ...]) -> set[str]:
    """Elections of which votes by area are known."""
    whole = [load_collection(name).table("area_outcomes") for name in collections()]
    found = set(pd.concat(whole)["election"]) & set(names)
    for name in set(names) & set(folder_names()):
        if outcomes_of(load_election(name))["level"].ne("national").any():
            found.add(name)
    return found


def test_no_family_is_kept_from_a_vote_that_it_could_answer(composed: Compose) -> None:
    """Where a predictor is not asked, no table holds a row that it would read; nor a map."""
    experiment = composed("+experiment=track_record", "results=''")
    names = tuple(names_of(experiment.elections))
    spared = []
    for key, family in families_of(experiment).items():
        for name in family.predictors:
            outside = {one for one in names if not family.asked_about(one, name)}
            if not outside:
                continue
            spared.append(key)
            settings = experiment.predictors[name]
            found = elections_with_maps(names) if key == "swing" else None
            found = elections_with_rows(settings, names) if found is None else found
            assert found, name  # what there is, the search finds
            assert not found & outside, name
    assert "poll_tracker" not in spared
    assert len(spared) > 30

"""The last word before a vote: what counts of it, and what a record of so few votes can show."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from bench.core import paths
from bench.core.compose import compose
from bench.core.settings import Experiment
from bench.data.election import load_election, same_country_elections
from bench.data.task import Task
from bench.studies.base import settings_of
from bench.studies.report_2018.analysis import (
    POLLS,
    Settings,
    _compared,
    _stated,
    daily_of,
    record,
    statements_of,
)
from bench.studies.report_2018.claims import before_last
from bench.studies.report_2018.systems import (
    at_last_polls,
    institutes_of,
    listed_stations,
    other_first_rounds,
    systems_of,
)
from tools.past_errors import past_errors_of

NEW = ("fr2016_primary_right", "fr2017_primary_left", "fr2017_parliament", "fr2022_parliament")


EVE = Task("fr2017", 1, "2017-04-22T23:59")


@pytest.fixture(scope="module")
def experiment() -> Experiment:
    return compose("+experiment=report_2018", "execution=serial", "results=''")


@pytest.fixture(scope="module")
def settings(experiment: Experiment) -> Settings:
    return settings_of(Settings, experiment)


@pytest.fixture(scope="module")
def eve(settings: Settings) -> pd.DataFrame:
    """Every statement on the eve of the first round of 2017."""
    return pd.DataFrame(statements_of(EVE, settings)).set_index("publisher")


def test_nothing_counts_that_was_published_later(eve: pd.DataFrame) -> None:
    assert eve["published_on"].max() <= pd.Timestamp("2017-04-22T23:59")
    # its shares of the first round were first read on 26 May
    assert eve.loc["echobox", ["first", "credit"]].tolist() == ["fillon", True]
    assert not eve.loc["filteris", "credit"]


def test_the_first_names_on_the_eve_are_those_on_the_pages(eve: pd.DataFrame) -> None:
    published = {"filteris": "le_pen", "brand_analytics": "fillon", "smi": "melenchon"}
    published |= {"vigiglobe": "fillon macron melenchon", "gov": "fillon", "netvibes": "fillon"}
    assert "reputatiolab" not in eve.index  # a critic
    assert eve.loc[list(published), "first"].to_dict() == published
    assert eve.index[eve["right"].eq(True)].tolist() == [POLLS]
    assert eve.loc["filteris", "order"].split()[:4] == ["le_pen", "fillon", "melenchon", "macron"]
    official = load_election("fr2017").outcome(1).share
    stated = {"le_pen": 0.2413, "fillon": 0.2177, "macron": 0.2032, "melenchon": 0.1866}
    by_hand = 100 * np.mean([abs(share - official[who]) for who, share in stated.items()])
    assert eve.loc["predict_my_president", "mae_pp"] == pytest.approx(by_hand)


def test_shares_count_before_places_and_neither_volumes_nor_words_do() -> None:
    row = {"published_on": pd.Timestamp("2031-01-02"), "candidate": "a", "share": 0.4, "rank": 1}
    kinds = ["volume_share", "rank", "digital_weight", "win_probability", "claim"]
    rows = pd.DataFrame([row | {"quantity": one} for one in kinds])
    assert set(_stated(rows)["quantity"]) == {"digital_weight"}
    assert set(_stated(rows[rows["quantity"].ne("digital_weight")])["quantity"]) == {"rank"}
    assert _stated(rows[rows["quantity"].isin(["volume_share", "claim"])]).empty
    older = pd.DataFrame([row | {"quantity": "vote_share", "published_on": pd.Timestamp(0)}])
    both = pd.concat([older, pd.DataFrame([row | {"quantity": "rank"}])])
    assert set(_stated(both)["quantity"]) == {"rank"}


def test_several_that_are_level_name_nobody_and_count_in_no_record() -> None:
    came = pd.Series({"a": 0.6, "b": 0.4})
    level = _compared(pd.Series({"a": -1.0, "b": -1.0}), came, came)
    assert (level["first"], level["right"]) == ("a b", None)
    about = {"publisher": "x", "measured": "x", "election": "e", "round": 1, "chance": 0.5}
    assert record(pd.DataFrame([about | level])).empty


def test_polls_of_pairs_before_the_first_round_are_none_of_the_runoff(settings: Settings) -> None:
    for name, has_polls in (("fr2017_primary_left", False), ("fr2016_primary_right", True)):
        vote_on = load_election(name).rounds[2].vote_on
        task = Task(name, 2, vote_on - pd.Timedelta(minutes=1))
        polls = next(statements_of(task, settings))
        assert ("first" in polls) == has_polls


def test_chance_that_differs_by_vote_is_not_averaged_before_it_is_tested() -> None:
    about = {"publisher": "a", "measured": "x", "round": 1, "right": True}
    rows = [about | {"election": f"e{p}", "chance": p} for p in (0.25, 0.5)]
    assert record(pd.DataFrame(rows))["p_chance"].iloc[0] == pytest.approx(0.125)  # by hand


def test_a_record_is_told_from_the_polls_by_six_votes_and_not_by_five() -> None:
    for n, told in ((5, False), (6, True)):
        rows = [
            {"publisher": name, "measured": "x", "election": f"e{i}", "round": 1}
            | {"chance": 0.5, "right": name != POLLS}
            for i in range(n)
            for name in (POLLS, "a")
        ]
        found = record(pd.DataFrame(rows)).set_index("publisher").loc["a"]
        assert (found["ahead"], found["behind"], found["n_needed"]) == (n, 0, 5)
        assert (found["p_polls"] < 0.05) == told
        assert found["p_polls"] == pytest.approx(2 * 0.5**n)  # exact sign test, by hand


READINGS = ["harris_linkfluence", "ipsos_lmp"]


def test_the_systems_have_the_errors_of_the_backtest(experiment: Experiment) -> None:
    task = replace(EVE, include_embargoed=experiment.include_embargoed)
    rows = systems_of(experiment, at_last_polls(task), READINGS)
    systems = pd.DataFrame(rows).set_index("predictor")
    here = systems["mae_pp"]
    reference = paths.datasets().parent / "results" / "reference" / "2017_r1" / "headline.csv"
    there = pd.read_csv(reference).set_index("predictor")["mae_pp"]
    both = here.index.intersection(there.index)
    assert {"last_poll", "app_ratings", "polls_30_days_ago"} <= set(both)
    assert here[both].to_numpy() == pytest.approx(there[both].to_numpy(), abs=1e-9)
    assert systems.index[systems["our_reading"]].tolist() == READINGS
    assert here["ipsos_lmp"] == pytest.approx(here["ipsos"])  # nothing nationally, by construction
    learned = systems.loc["harris_linkfluence"]
    assert 0 < learned["elasticity"] < learned["elasticity_se"]


def test_harris_was_second_of_nine_institutes_and_its_own_poll_says_so(
    experiment: Experiment,
) -> None:
    task = at_last_polls(EVE)
    errors = pd.DataFrame(institutes_of(experiment, task)).set_index("institute")["mae_pp"]
    assert len(errors) == 9
    assert errors.sort_values().index[:2].tolist() == ["Elabe", "Harris Interactive"]
    poll = pd.Series({"macron": 24.5, "le_pen": 21.0, "fillon": 20.0, "melenchon": 19.0})
    came = 100 * load_election("fr2017").outcome(1).share[poll.index]
    by_hand = (100 * poll / poll.sum() - 100 * came / came.sum()).abs().mean()
    assert errors["Harris Interactive"] == pytest.approx(by_hand)


def test_no_other_french_first_round_was_polled_as_well_as_2017(experiment: Experiment) -> None:
    rows = pd.DataFrame(other_first_rounds(experiment, load_election("fr2017")))
    assert len(rows) == 10
    assert not {"fr2017", "fr2027"} & set(rows["election"])
    reference = paths.datasets().parent / "results/reference/2017_r1/headline.csv"
    headline = pd.read_csv(reference).set_index("predictor")
    assert rows["mae_pp"].min() > headline.loc["last_poll", "mae_pp"]


def test_the_list_without_a_model_stands_beside_the_list_with_one(experiment: Experiment) -> None:
    overrides = [*experiment.settings["stations"], "settings.n_resamples=2"]
    ranking = listed_stations(experiment, overrides).tables["ranking"]
    found = ranking.set_index("method")["found"]
    reference = paths.datasets().parent / "results/reference/stations_2017_r2/ranking.csv"
    there = pd.read_csv(reference).set_index("method")["found_percent"]
    assert 100 * found.to_numpy() == pytest.approx(there[found.index].to_numpy(), abs=1e-6)
    order = ["best_possible", "vote_transfer_learned", "polls_everywhere", "size", "last_result"]
    assert found.sort_values(ascending=False).index.tolist() == order


def test_only_publications_that_name_all_leaders_have_an_error_by_day(
    experiment: Experiment, settings: Settings
) -> None:
    rows = pd.DataFrame(daily_of(experiment, EVE, settings))
    named = rows["n_named"].ge(4)  # all of these name the four leaders
    assert rows["mae_pp"].notna().equals(named)
    assert rows["polls_pp"].notna().equals(named)
    assert rows.loc[~named, "first"].tolist() == ["fillon", "macron", "le_pen", "le_pen"]


def test_who_was_first_before_the_last_publication_and_since_when() -> None:
    rows = pd.DataFrame(
        {"first": list("abaac"), "published_on": pd.date_range("2031-01-01", periods=5)}
    )
    assert before_last(rows) == (2, "a", pd.Timestamp("2031-01-03"))
    assert before_last(rows.head(0)).n == 0


def test_the_newest_poll_before_the_primary_had_fillon_and_the_mean_had_not(
    settings: Settings,
) -> None:
    polls = next(statements_of(Task("fr2016_primary_right", 1, "2016-11-19T23:59"), settings))
    assert (polls["first"], polls["right"]) == ("juppe", False)
    newest = [polls[key] for key in ("newest", "newest_first", "newest_right")]
    assert newest == ["Ipsos", "fillon", True]
    assert polls["newest_on"] == pd.Timestamp("2016-11-18T23:52")


def test_elections_that_do_not_teach_are_learned_from_by_nobody() -> None:
    for name in NEW:
        assert not load_election(name).teaches
        assert same_country_elections(load_election(name)) == []
    assert past_errors_of(NEW).empty
    assert not past_errors_of(["fr2012"]).empty


def test_votes_are_those_that_were_counted() -> None:
    valid = {("fr2016_primary_right", 1): 4_288_214, ("fr2016_primary_right", 2): 4_391_772}
    valid |= {("fr2017_primary_left", 1): 1_634_039, ("fr2017_primary_left", 2): 2_013_743}
    valid |= {("fr2017_parliament", 1): 22_654_164, ("fr2022_parliament", 1): 22_745_602}
    for (name, number), n in valid.items():
        assert load_election(name).outcome(number).votes.sum() == n

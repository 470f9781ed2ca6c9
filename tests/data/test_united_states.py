"""The races of the United States: what is refused, published figures, nothing knows the winner."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

from bench import Task
from bench.core.errors import DataError
from bench.data.collection import load_collection
from tools.build_datasets.collections import united_states_claims as claims
from tools.build_datasets.collections import united_states_races as races
from tools.build_datasets.collections import united_states_samples as samples
from tools.build_datasets.collections.united_states_official import read_official

HERE = load_collection("united_states")


@pytest.fixture(scope="module")
def elections() -> pd.DataFrame:
    return HERE.table("elections")


@pytest.fixture(scope="module")
def outcomes() -> pd.DataFrame:
    rows = HERE.table("outcomes")
    best = rows.groupby("election", observed=True)["share"].transform("max")
    return rows.assign(won=rows["share"].eq(best))


@pytest.fixture(scope="module")
def judged(outcomes: pd.DataFrame) -> pd.DataFrame:
    """Claims with the outcome of their candidate."""
    columns = ["election", "candidate", "share", "won"]
    final = outcomes[columns].rename(columns={"share": "outcome"})
    return HERE.table("claims").merge(final, on=["election", "candidate"])


def one_side(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.sort_values("candidate").drop_duplicates(["election", "publisher", "day"])


def brier(rows: pd.DataFrame) -> float:
    return float(((rows["share"] - rows["won"]) ** 2).mean())


def _state_shares(folder: Path) -> None:
    path = folder / samples.STATE_SHARES
    path.parent.mkdir(parents=True)
    path.write_text("state,demVote,year,south\nOhio,59.0,2012,False\n", encoding="utf-8")
    samples.state_areas(folder)


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (
            lambda _: claims.race_of_market("PA15.2018", 2018, "Which wins PA's 16th district?"),
            "another district",
        ),
        (lambda _: samples.popular_votes(), "us2000/president: nation and states differ"),
        (_state_shares, "us2012/president/OH: two sources differ"),
        (
            lambda _: races.polled_ballots(_questions(cand1_actual=55.0)),
            "us2018/senate/az: official and stated shares differ",
        ),
    ],
)
def test_what_two_sources_say_differently_is_refused(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    build: Callable[[Path], object],
    words: str,
) -> None:
    democrat, dem, *rest = samples.POPULAR_VOTE[2000]
    wrong = {**samples.POPULAR_VOTE, 2000: (democrat, dem + 10**6, *rest)}
    monkeypatch.setattr(samples, "POPULAR_VOTE", wrong)
    with pytest.raises(DataError, match=words):
        build(tmp_path)


def _questions(**changed: object) -> pd.DataFrame:
    row = {
        "election": "us2018/senate/az",
        "cand1_name": "Kyrsten Sinema",
        "cand1_party": "DEM",
        "cand1_actual": 49.96,
        "cand1_pct": 48.0,
        "cand2_name": "Martha McSally",
        "cand2_party": "REP",
        "cand2_actual": 47.61,
        "cand2_pct": 46.0,
        "cand3_pct": 3.0,
    }
    return pd.DataFrame([row | changed])


def test_a_pair_that_polls_did_not_settle_is_not_ranked_and_no_outcome_enters() -> None:
    assert races.polled_ballots(_questions())["votes"].tolist() == [1191100, 1135200]
    assert "us2018/senate/az" not in races.why_unranked(_questions())
    third = _questions(cand3_pct=42.0, cand1_actual=0.0, cand2_actual=0.0)
    independent = _questions(cand3_pct=6.0, cand1_party="IND")
    for questions in (third, independent):
        assert races.why_unranked(questions)["us2018/senate/az"] == races.UNSETTLED


def test_races_have_two_candidates_and_two_polled_shares_and_some_are_not_ranked(
    elections: pd.DataFrame, outcomes: pd.DataFrame
) -> None:
    polls = HERE.table("polls")
    for rows, key in ((outcomes, ["election"]), (polls, ["election", "poll_id"])):
        shares = rows.groupby(key, observed=True)["share"].agg(["size", "sum"])
        assert shares["size"].eq(2).all()
        assert np.allclose(shares["sum"], 1)
    facts = ["election", "institute", "fieldwork_end", "sample_size", "candidate", "share"]
    assert not polls.duplicated(facts).any()
    by_name = elections.set_index("election")
    open_to_all = by_name.index.str.endswith("_open")
    assert open_to_all.sum() == 24
    assert not by_name.loc[open_to_all, "ranked"].any()
    assert not by_name.loc["us2018/house/nc_09", "ranked"]  # the count was voided
    assert by_name.loc["us2020/senate/ga_runoff", "ranked"]


def test_nothing_in_the_order_of_slugs_knows_the_winner(
    elections: pd.DataFrame, outcomes: pd.DataFrame
) -> None:
    polled = set(HERE.table("polls")["election"])
    ranked = set(elections.loc[elections["ranked"], "election"]) & polled
    rows = outcomes[outcomes["election"].isin(ranked)].sort_values(["election", "candidate"])
    first = rows.drop_duplicates("election").set_index("election")
    major = first.index.isin(rows.loc[rows["candidate"].eq("rep"), "election"]) & first[
        "candidate"
    ].eq("dem")
    # the source names the winner first in 99.7 % of the races that are not Democrat against
    # Republican; Republicans won most of the others, by a little
    minor = first.loc[~major, "won"]
    assert binomtest(int(minor.sum()), len(minor)).pvalue > 0.1
    assert 0.45 < first.loc[major, "won"].mean() < 0.55


def test_nothing_is_public_after_polls_close_and_no_price_is_from_the_day_of_the_vote(
    elections: pd.DataFrame,
) -> None:
    vote_on = elections.set_index("election")["vote_on"]
    polls, rows = HERE.table("polls"), HERE.table("claims")
    rows = rows[rows["publisher"].ne("cces")]
    assert (polls["published_on"] < polls["election"].map(vote_on).astype("datetime64[ns]")).all()
    day = rows["election"].map(vote_on).astype("datetime64[ns]")
    assert (rows["published_on"] <= day + pd.Timedelta(hours=12)).all()
    prices = rows["source_key"].eq("predictit")
    assert (rows.loc[prices, "published_on"] < day[prices]).all()


@pytest.mark.parametrize(
    ("publisher", "published"),
    [
        ("pec", 0.074),
        ("kremp", 0.077),
        ("predictwise_markets", 0.077),
        ("nyt", 0.079),
        ("huffpost", 0.089),
    ],
)
def test_forecasters_of_2016_have_the_brier_scores_computed_elsewhere(
    judged: pd.DataFrame, publisher: str, published: float
) -> None:
    last = judged[judged["publisher"].eq(publisher) & judged["day"].eq("2016-11-07")]
    last = last[last["quantity"].eq("win_probability")]
    last = one_side(last[last["election"].str.startswith("us2016/president/")])
    assert len(last) == 51
    assert brier(last) == pytest.approx(published, abs=0.0006)


def test_2018_scores_are_those_of_the_comparison_of_models_and_markets(
    judged: pd.DataFrame,
) -> None:
    """There 538 has .096 and PredictIt .092 over 111 races, two of them joined to another seat.

    Of the 111, California's two Democrats have no chance here (538 was certain and right).
    """
    eve = judged[judged["day"].eq("2018-11-05") & judged["quantity"].eq("win_probability")]
    eve = one_side(eve[~eve["election"].str.contains("governor")])
    model = eve[eve["publisher"].eq("538_classic")]
    market = eve[eve["publisher"].eq("predictit")]
    assert len(model) == 110
    assert brier(model) * 110 / 111 == pytest.approx(0.0956, abs=0.0005)
    assert brier(market) == pytest.approx(0.092, abs=0.006)


def test_the_digest_is_nineteen_points_low_and_right_in_sixteen_states(
    elections: pd.DataFrame, outcomes: pd.DataFrame
) -> None:
    ranked = set(elections.loc[elections["ranked"], "election"])
    rows = HERE.table("online_ballot").merge(outcomes, on=["election", "candidate"])
    rows = rows[rows["candidate"].eq("dem") & rows["election"].isin(ranked)]
    states = rows[rows["election"].str.startswith("us1936/president/")]
    rate = states["declared_votes"] / states["ballots"]
    assert len(states) == 44
    assert 100 * (rate - states["share"]).mean() == pytest.approx(-18.7, abs=0.05)
    assert ((rate > 0.5) == states["won"]).sum() == 16
    nation = rows[rows["election"].eq("us1936/president")]
    assert (nation["declared_votes"] / nation["ballots"]).tolist() == [
        pytest.approx(0.4140, abs=1e-4)
    ]


def test_the_cces_is_fourteen_points_low_for_trump_and_never_public_in_time() -> None:
    rows = HERE.table("claims")
    rows = rows[rows["publisher"].eq("cces")]
    official = read_official()
    official = official[official["party"].eq("REP") & official["election"].isin(rows["election"])]
    percent = dict(zip(official["election"], official["percent"], strict=True))
    far = 100 * rows["share"] - rows["election"].map(percent)
    assert len(rows) == 51
    assert far.mean() == pytest.approx(-14.0, abs=0.1)
    task = Task("us2016/president/wi", 1, "2016-11-08 18:00")
    assert "cces" not in set(task.evidence()["claims"]["publisher"])


def test_the_democrats_share_of_all_votes_is_that_of_the_statistical_abstract() -> None:
    """Statistical Abstract of the United States 2012, table 402 and its forerunners."""
    percents = [57.4, 60.8, 54.7, 53.4, 49.5, 44.4, 42.0, 49.7, 61.1, 42.7, 37.5]
    rows = samples.popular_votes().set_index(["election", "candidate"])["share"]
    shares = [100 * rows[f"us{year}/president", "dem"] for year in range(1932, 1973, 4)]
    assert shares == pytest.approx(percents, abs=0.08)


def test_iowa_prices_are_shares_of_two_candidates_and_chances_of_the_popular_vote(
    judged: pd.DataFrame,
) -> None:
    rows = judged[judged["publisher"].eq("iem")]
    shares = rows[rows["quantity"].eq("vote_share")]
    assert np.allclose(shares.groupby(["election", "day"], observed=True)["share"].sum(), 1)
    # 1988: 46.4 for Bush and 50.4 for Dukakis, who got 46.1 % of the two
    dukakis = shares[shares["election"].eq("us1988/president") & shares["candidate"].eq("dem")]
    assert dukakis["share"].iloc[0] == pytest.approx(50.4 / 96.8, abs=1e-6)
    assert dukakis["outcome"].iloc[0] == pytest.approx(0.461, abs=0.0005)
    chance = rows[rows["quantity"].eq("first_place_probability")].set_index("election")
    gore = chance.loc["us2000/president"].set_index("candidate").loc["dem"]
    assert gore["won"]  # the market paid on the popular vote
    assert gore["share"] == pytest.approx(0.273)

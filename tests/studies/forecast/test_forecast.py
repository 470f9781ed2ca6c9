"""A forecast of one vote: refusals, tables, words, and that nothing of the outcome is in it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, tzinfo
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import bench
from bench.audit.preregistration import without_the_minute
from bench.cli.commands.forecast import experiment_of
from bench.core import ConfigError
from bench.core.compose import compose
from bench.core.language import use_language
from bench.core.settings import Experiment
from bench.data import slates
from bench.data.election import load_election
from bench.report.document import Words
from bench.report.html.page import page_text
from bench.report.tables import Table
from bench.runner.both_rounds import both_rounds
from bench.runner.prediction import predict_named
from bench.studies.base import settings_of
from bench.studies.forecast.analysis import Settings, _prices, history
from bench.studies.forecast.chances import Chance, capped
from bench.studies.forecast.earlier_favourites import earlier_favourites
from bench.studies.forecast.facts import PAGE, ballot_name, facts_of
from bench.studies.forecast.outlook import Outlook
from bench.studies.forecast.past_performance import earlier_votes
from bench.studies.forecast.tables import tables_of
from bench.studies.run import Run, execute
from tests.data.open_election import AS_OF, open_election
from tests.french import reported_in_both

METHODS = ["poll_tracker", "poll_tracker_alone", "last_poll"]
QUICK = [
    f"predictor=[{','.join(METHODS)}]",
    *("n_draws=400", "settings.fan_days=20", "settings.since_days=10", "results=''"),
]


def experiment_about(election: str, as_of: str, *more: str, slate: str = "") -> Experiment:
    return experiment_of(election, [f"as_of=['{as_of}']", *QUICK, *more], slate)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(open_election(tmp_path_factory.mktemp("open")))


def headline_rows(run: Run) -> pd.DataFrame:
    """The headline forecast of the moment, on every slate."""
    rows = run.forecasts
    return rows[(rows["predictor"] == "poll_tracker") & (rows["as_of"] == AS_OF)]


@pytest.fixture(scope="module")
def run(folder: str) -> Run:
    return execute(experiment_about(folder, AS_OF))


def test_more_than_one_vote_strangers_and_wrong_weights_are_refused(
    folder: str, tmp_path: Path
) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("- {slate: s1, weight: 0.9, reason: a}\n", encoding="utf-8")
    plain = experiment_about(folder, AS_OF)
    for change, words in (
        ({"rounds": [1, 2]}, r"rounds is \[1, 2\]; accepted: one"),
        ({"headline": "kronikas"}, "settings name 'kronikas', which is not a predictor"),
        ({"weights": str(path)}, r"the weights sum to 0\.9; accepted: 1"),
        ({"as_of": [AS_OF, "2019-03-30T20:00"]}, "as of one moment, not"),
    ):
        inside = change.keys() <= plain.settings.keys()
        changed = {"settings": plain.settings | change} if inside else change
        with pytest.raises(ConfigError, match=words):
            execute(replace(plain, **changed))
    with pytest.raises(ConfigError, match="the command is about toy; leave it out"):
        experiment_of("toy", ["elections=[toy_prior1]"])


def test_a_moment_that_has_not_come_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="has not come"):
        execute(experiment_about(str(open_election(tmp_path, future=True)), "2031-04-01T20:00"))


def test_a_poll_of_the_future_is_refused(tmp_path: Path) -> None:
    coming = open_election(tmp_path, future=True)
    polls = pd.read_csv(coming / "inputs/polls.csv", dtype=str)
    early = polls["poll_id"] == polls["poll_id"].iloc[0]
    for column in ("fieldwork_start", "fieldwork_end", "published_on"):
        polls.loc[early, column] = polls.loc[early, column].str.replace("2031", "2025")
    polls.to_csv(coming / "inputs/polls.csv", index=False)
    with pytest.raises(ConfigError, match="'r1_quadrant_2031_02_25' was published on 2031-"):
        execute(experiment_about(str(coming), "2025-03-01T20:00"))


def test_chances_of_getting_through_sum_to_the_places(run: Run) -> None:
    current = headline_rows(run)
    assert np.allclose(current.groupby("slate")["p_qualify"].sum(), 2)
    pairs = run.results.tables["pairs"]
    of_headline = pairs[(pairs["predictor"] == "poll_tracker") & (pairs["as_of"] == AS_OF)]
    assert np.allclose(of_headline.groupby("slate")["probability"].sum(), 1)


def test_somebody_is_elected_and_only_by_way_of_the_runoff(run: Run) -> None:
    people = run.results.tables["joint"].set_index("candidate")
    assert people["p_elected"].sum() == pytest.approx(1)
    assert (people["p_elected"] <= people["p_qualify"]).all()
    pairs = run.results.tables["pairs"]
    chance = pairs["probability"] * pairs["first_wins"]
    other_wins = pairs["probability"] * (1 - pairs["first_wins"])
    by_hand = (
        chance.groupby(pairs["first"])
        .sum()
        .add(other_wins.groupby(pairs["second"]).sum(), fill_value=0)
    )
    assert by_hand.reindex(people.index).fillna(0).to_dict() == pytest.approx(
        people["p_elected"].to_dict()
    )
    elected = run.tables["forecast"].to_frame().set_index("candidate")["elected"]
    assert elected["Thorne"] == pytest.approx(people.loc["thorne", "p_elected"])


@pytest.fixture(scope="module")
def weighed(folder: str, tmp_path_factory: pytest.TempPathFactory) -> Run:
    path = tmp_path_factory.mktemp("weights") / "mine.yaml"
    path.write_text(
        "- {slate: s2, weight: 0.5, reason: Brook is tired}\n"
        "- {slate: s1, weight: 0.2, reason: Brook never gives up}\n"
        "- {slate: other, weight: 0.3, reason: it is early}\n",
        encoding="utf-8",
    )
    return execute(experiment_about(folder, AS_OF, f"settings.weights='{path}'"))


def test_without_weights_every_sample_has_one_vote_and_who_stands_follows(
    run: Run, folder: str
) -> None:
    polls = pd.read_csv(f"{folder}/inputs/polls.csv", parse_dates=["published_on"])
    polls = polls[polls["round"].eq(1) & polls["published_on"].le(AS_OF)]
    lists = polls.drop_duplicates("poll_id")
    samples = lists.drop_duplicates(["institute", "fieldwork_end", "sample_size"])
    without = 0.5 / len(samples)  # one sample was asked about Brook and without Brook
    mixed = run.results.tables["mixture"].set_index("candidate")
    assert len(lists) == len(samples) + 1
    assert mixed.loc["brook", "p_runs"] == pytest.approx(1 - without)
    assert mixed.loc["thorne", "p_runs"] == pytest.approx(1)
    chances = headline_rows(run).pivot(index="candidate", columns="slate", values="p_qualify")
    weight = {slate: 1 - without if "brook" in str(slate) else without for slate in chances}
    by_hand = chances.fillna(0).mul(pd.Series(weight)).sum(axis=1)
    assert mixed["p_qualify"].to_dict() == pytest.approx(by_hand.to_dict(), abs=1e-9)
    assert mixed["p_elected"].sum() == pytest.approx(1)
    sampled = facts_of(outlook_of(run))["sampled"]
    assert sampled is not None
    assert (sampled.n_samples, sampled.n_ballots) == (len(samples), 2)
    assert run.headline.columns[:4].tolist() == ["candidate", "stands", "runoff", "elected"]
    assert "Thorne" in run.findings[0]


def test_earlier_seasons_teach_who_stands_and_a_price_of_standing_is_set_beside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = open_election(tmp_path)
    seasons = slates.sampled_people().assign(country="XT")
    monkeypatch.setattr(slates, "sampled_people", lambda: seasons)
    claims = pd.read_csv(folder / "inputs/claims.csv", dtype=str)
    price = {
        "publisher": "market",
        "round": "1",
        "day": "2019-03-31",
        "published_on": "2019-03-31T12:00:00",
        "quantity": "candidacy_probability",
        "basis": "quoted",
        "source": "https://example.org",
    }
    quoted = [
        price | {"candidate": "brook", "share": "0.2"},
        price | {"candidate": "thorne", "share": "0.5", "quantity": "win_probability"},
    ]
    pd.concat([claims, pd.DataFrame(quoted)]).to_csv(folder / "inputs/claims.csv", index=False)
    run = execute(experiment_about(str(folder), AS_OF))
    people = run.results.tables["mixture"].set_index("candidate")
    assert (people["p_runs"] < 1).all()
    assert people.loc["thorne", "p_listed"] == pytest.approx(1)
    expected = people["p_runs"] * people["p_elected_if_runs"]
    assert people["p_elected"].to_dict() == pytest.approx(expected.to_dict())
    assert people.loc["brook", "p_runs_stated"] == pytest.approx(0.2)
    assert people.loc["thorne", "p_runs_stated"] == people.loc["thorne", "p_runs"]
    sampled = facts_of(outlook_of(run))["sampled"]
    assert sampled is not None
    assert sampled.seasons == ["2012", "2017"]
    assert sampled.elected_stated
    assert any("the votes of 2012 and 2017: so few" in line for line in run.findings)
    assert any("With Market’s prices of standing" in line for line in run.findings)
    reported_in_both(run.study, run.experiment, run.results)


def test_no_chance_of_being_elected_beyond_nine_in_ten_is_shown(run: Run) -> None:
    tables = run.results.tables
    sure = {"p_elected": 0.97, "p_elected_if_runs": 0.97}
    changed = {name: tables[name].assign(**sure) for name in ("mixture", "joint")}
    facts = facts_of(outlook_of(run, **changed))
    assert facts["sampled"] is not None
    for chance in (*facts["sampled"].elected, *facts["elected"]):
        assert chance[1:] == (90, 9, 10, True)
    report = shown_tables(outlook_of(run, **changed))
    pairs = tables["pairs"].assign(first_wins=0.98)
    of_pairs = shown_tables(outlook_of(run, pairs=pairs))["likely_pairs"].texts("p_ahead")
    for texts in (
        report["mixture"].texts("p_elected"),
        report["forecast"].texts("p_elected"),
        of_pairs,
    ):
        assert set(texts) == {"≥90%"}


def test_beside_a_chance_stands_how_often_earlier_favourites_won(decided: Run) -> None:
    rows = decided.results.tables["favourites"].set_index("address")
    assert set(rows.index) == {"toy_prior1", "toy_prior2"}
    settings = decided.experiment
    task = bench.Task("toy_prior1", 1, "2026-04-03T23:59", seed=settings.seed)
    assert rows.loc["toy_prior1", "as_of"] == task.as_of  # two days before, the nearest
    forecast = predict_named(settings, "poll_tracker", task)
    rounds = both_rounds(settings, "poll_tracker", task, forecast)
    assert rounds is not None
    pairs = rounds.pairs()
    first = (pairs["probability"] * pairs["first_wins"]).groupby(pairs["first"]).sum()
    second = (pairs["probability"] * (1 - pairs["first_wins"])).groupby(pairs["second"]).sum()
    chances = first.add(second, fill_value=0)
    assert rows.loc["toy_prior1", "favourite"] == chances.idxmax()
    # of a polled pair all draws count, in place of those in which it meets
    assert rows.loc["toy_prior1", "p_elected"] == pytest.approx(chances.max(), abs=0.02)
    winner = load_election("toy_prior1").outcome(2).share.idxmax()
    assert rows.loc["toy_prior1", "winner"] == winner
    favourites = facts_of(outlook_of(decided))["favourites"]
    assert favourites is not None
    n_elected = rows["favourite"].eq(rows["winner"]).sum()
    assert (favourites.n_votes, favourites.n_elected, favourites.days_before) == (2, n_elected, 2)
    assert any("of 2 earlier votes" in finding for finding in decided.findings)


def test_earlier_favourites_are_dots_and_eight_votes_are_judged_by_their_own_chances(
    decided: Run,
) -> None:
    rows = decided.results.tables["favourites"]
    p, q = rows["p_elected"]
    none, at_most_one = (1 - p) * (1 - q), 1 - p * q
    n_elected = int(rows["favourite"].eq(rows["winner"]).sum())
    favourites = facts_of(outlook_of(decided))["favourites"]
    assert favourites is not None
    assert favourites.as_few == pytest.approx([none, at_most_one, 1.0][n_elected])
    labels = {"label": {"elected": "elected", "not_elected": "not elected"}}
    (dots,) = earlier_favourites(outlook_of(decided), Words("", keyed=labels)).marks
    assert dots.rows is not None
    assert dots.rows["percent"].tolist() == sorted(100 * rows["p_elected"], reverse=True)
    assert dots.rows["is_hollow"].sum() == len(rows) - n_elected


def test_chances_stand_by_how_far_the_rounds_err_alike(run: Run) -> None:
    outlook = outlook_of(run)
    chances = outlook.together
    np.testing.assert_allclose(chances.sum(), 1, atol=1e-9)
    people = run.results.tables["mixture"].set_index("candidate")
    np.testing.assert_array_equal(chances["elected"], people["p_elected"][chances.index])
    assert facts_of(outlook)["together"] == [capped(chance) for chance in chances.iloc[0]]
    printed = shown_tables(outlook)["elected"].texts("elected_90")
    assert printed[0] == capped(chances["elected_90"].iloc[0])


def test_a_ballot_is_called_by_who_differs_and_by_no_code() -> None:
    people = {
        "both": "attal glucksmann le_pen philippe",
        "attal": "attal glucksmann le_pen",
        "philippe": "faure le_pen philippe",
        "more": "attal glucksmann hollande le_pen philippe zemmour bonnal",
    }
    rows = pd.DataFrame({"candidate": ["philippe"], "share": 1.0, "as_of": pd.Timestamp(0)})
    outlook = Outlook(
        vote={"election": "fr2027", "slate": people["both"], "as_of": "1970-01-01"},
        tables={
            "slates": pd.DataFrame({"slate": list(people.values())}),
            "forecasts": rows.assign(predictor="poll_tracker", slate=people["both"]),
        },
        settings=settings_of(Settings, compose("+experiment=2027_r1")),
    )
    names = {key: ballot_name(outlook, slate) for key, slate in people.items()}
    assert names == {
        "both": "Philippe and Attal both",
        "attal": "Attal for the centre",
        "philippe": "Faure for the Socialists, Philippe for the centre",
        "more": "Glucksmann and Hollande both, Le Pen and Zemmour both, with Bonnal",
    }
    with use_language("fr"):
        assert ballot_name(outlook, people["attal"]) == "Attal pour le centre"


def test_a_chance_of_about_one_half_falls_to_no_half_and_what_says_nothing_is_left_out(
    run: Run,
) -> None:
    rows = run.results.tables["break_even"]
    for chance, n_named in ((0.51, 0), (0.454, 0), (0.57, len(rows)), (0.43, len(rows))):
        outlook = outlook_of(run, break_even=rows.assign(p_qualify=chance))
        assert len(facts_of(outlook)["break_even"]) == n_named
    # a column of zeros, the average that is drawn, distances that are not asked about
    outlook = outlook_of(run)
    tables = shown_tables(outlook)
    assert "poll_tracker_alone" not in set(tables["methods_now"].data["predictor"])
    assert tables["history"].data["horizon_days"].nunique() <= 1
    same = outlook.headline.reset_index().assign(as_of=outlook.since, predictor="poll_tracker")
    unmoved = pd.concat([run.forecasts[run.forecasts["as_of"] == outlook.as_of], same])
    columns = shown_tables(outlook_of(run, forecasts=unmoved))["forecast"].columns
    assert "change" not in {column.key for column in columns}


def test_prices_are_the_newest_that_were_public(run: Run) -> None:
    assert _prices(bench.Task("fr2027", 1, "2026-10-09T22:00")).empty
    rows = _prices(bench.Task("fr2027", 1, "2026-10-10T00:00"))
    prices = rows.set_index("candidate")
    assert len(prices) == 8
    assert prices.loc["le_pen", "win_probability"] == 0.4105
    assert prices.loc["attal", "candidacy_probability"] == 0.19
    quoted = rows.assign(candidate=rows["candidate"].replace("le_pen", "thorne"))
    price = facts_of(outlook_of(run, prices=quoted))["price"]
    assert price is not None
    assert (price.elected, price.on_ballot) == (0.4105, 0.91)
    assert price.source.startswith("https://")


def test_the_curve_holds_no_forecast_of_a_later_moment(run: Run) -> None:
    assert (run.forecasts["as_of"] <= pd.Timestamp(AS_OF)).all()
    assert run.forecasts.loc[run.forecasts["predictor"] == "poll_tracker", "as_of"].nunique() > 1
    assert (run.results.tables["polls"]["published_on"] <= pd.Timestamp(AS_OF)).all()


@pytest.fixture(scope="module")
def decided() -> Run:
    return execute(experiment_about("toy", "2031-04-01T20:00"))


def test_a_decided_election_is_forecast_on_its_official_ballot_and_without_its_outcome(
    decided: Run,
) -> None:
    assert "slate" not in decided.forecasts
    assert not any("outcome" in str(column) for column in decided.forecasts)
    assert "slates" not in {table.name for table in decided.shown.tables}


def test_forecast_election_is_the_same_as_a_run(run: Run, folder: str) -> None:
    settings = {"fan_days": 20, "since_days": 10}
    predictors = ["poll_tracker", "poll_tracker_alone"]
    repeated = bench.forecast_election(
        folder, AS_OF, n_draws=400, settings=settings, predictor=predictors
    )
    keys = ["predictor", "as_of", "slate", "candidate"]
    merged = run.forecasts.merge(repeated.forecasts, on=keys, suffixes=("", "_again"))
    assert (
        len(merged) == len(repeated.forecasts) == run.forecasts["predictor"].isin(predictors).sum()
    )
    assert np.allclose(merged["share"], merged["share_again"])


def test_the_history_of_polls_is_that_of_votes_decided_before() -> None:
    task = bench.Task("fr2017", 1, "2017-04-21T20:00")
    rows = history(task).set_index(["votes_in", "horizon_days"])
    errors = task.evidence()["past_errors"]
    in_country = errors[
        errors["same_country"] & (errors["round"] == 1) & (errors["horizon_days"] == 2)
    ]
    assert rows.loc[("same country", 2), "votes"] == in_country["election"].nunique() == 9
    leader_won = [
        vote["candidate"].iloc[vote["polled"].argmax()]
        == vote["candidate"].iloc[vote["share"].argmax()]
        for _, vote in in_country.groupby("election", observed=True)
    ]
    assert rows.loc[("same country", 2), "leader_first"] == pytest.approx(np.mean(leader_won))


def test_how_the_method_fared_with_polls_as_old_is_what_it_scored_then(decided: Run) -> None:
    rows = decided.results.tables["past_performance"].set_index("election")
    task = bench.Task("toy_prior1", 1, str(rows.loc["toy_prior1", "as_of"]), slate="polled")
    newest = bench.Task("toy", 1, "2031-04-01T20:00").evidence()["polls"]["fieldwork_end"].max()
    age = (pd.Timestamp("2031-04-06") - newest).days
    assert (rows["days_of_polls"] >= age).all()
    # a minute later there was a poll nearer to the vote, or it was as many days before
    later = replace(task, as_of=task.as_of + pd.Timedelta(minutes=1))
    nearer = task.vote_on - later.evidence()["polls"]["fieldwork_end"].max()
    ahead = pd.Timestamp("2031-04-06") - pd.Timestamp("2031-04-01T20:00")
    assert nearer.days < age or task.vote_on - task.as_of == ahead
    settings = decided.experiment
    forecast = predict_named(settings, "poll_tracker", replace(task, seed=settings.seed)).forecast
    assert forecast is not None
    official = task.outcome().share
    leading = official[official >= 0.1].index
    assert set(forecast.share.index) == set(official.index)
    error = (forecast.share - official).abs()[leading].mean()
    assert rows.loc["toy_prior1", "mae_leading"] == pytest.approx(error)
    past = facts_of(outlook_of(decided))["past"]
    assert past is not None
    assert past.n_votes == 2
    assert past.mean_error == pytest.approx(100 * rows["mae_leading"].mean())


def test_no_vote_that_was_not_decided_is_looked_at() -> None:
    first = load_election("toy_prior1").round(1)
    assert [
        earlier.election.name for earlier in earlier_votes(bench.Task("toy", 1, "2031-04-01"))
    ] == [
        "toy_prior2",
        "toy_prior1",
    ]
    task = bench.Task("toy_prior1", 1, first.known_at - pd.Timedelta(days=3))
    assert "toy_prior1" not in {earlier.election.name for earlier in earlier_votes(task)}
    assert "toy" not in {earlier.election.name for earlier in earlier_votes(task)}


def test_a_vote_whose_lists_were_kept_by_who_stood_is_no_record() -> None:
    task = bench.Task("fr2027", 1, "2026-10-07T20:00")
    names = [earlier.election.name for earlier in earlier_votes(task)]
    assert names == ["fr1995", "fr2002", "fr2012", "fr2017", "fr2022"]


def test_forecasts_of_one_day_are_the_same_to_the_byte(
    folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    outputs = []
    for hour in ("00:00", "23:58"):
        _clock(monkeypatch, f"2019-04-05T{hour}")
        overrides = (
            "settings.fan_days=5",
            "settings.since_days=3",
            "n_draws=100",
            "predictor=[poll_tracker,poll_tracker_alone]",
        )
        run = execute(experiment_about(folder, f"2019-04-05T{hour}", *overrides))
        tables = {name: table.to_frame().to_csv() for name, table in run.tables.items()}
        forecasts = run.results.tables["forecasts"].to_csv()
        chart = json.dumps(run.shown.charts["fan"].spec)
        outputs.append((run.findings, tables, forecasts, chart, page_text(run.shown, {}, {}, "")))
    assert outputs == [outputs[0]] * 2


def test_a_moment_of_today_is_that_of_the_last_poll_or_candidacy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = "quill,declared,2019-03-30T10:00:00,stated,a page\n"
    election = str(open_election(tmp_path, candidacies=rows))
    for now, moment in (
        ("2019-03-30T09:59", "2019-03-30T00:00"),
        ("2019-03-30T11:30", "2019-03-30T10:00"),
        ("2019-03-31T11:30", "2019-03-31T00:00"),
    ):
        _clock(monkeypatch, now)
        by_the_minute = bench.Task(election, 1, now)
        task = without_the_minute(by_the_minute)
        assert task.as_of == pd.Timestamp(moment)
        assert task.evidence()["polls"].equals(by_the_minute.evidence()["polls"])
    yesterday = bench.Task(election, 1, "2019-03-30T11:30")
    assert without_the_minute(yesterday) == yesterday


def _clock(monkeypatch: pytest.MonkeyPatch, now: str) -> None:
    class Clock(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Clock:
            return cls.fromisoformat(now)

    for module in ("bench.audit.preregistration", "bench.data.task"):
        monkeypatch.setattr(f"{module}.datetime", Clock)


def test_the_command_and_the_run_of_2027_ask_the_same() -> None:
    forecast, run = experiment_of("fr2027", []), compose("+experiment=2027_r1")
    assert replace(forecast, name=run.name, as_of=run.as_of) == run
    assert (0.25 / run.n_draws) ** 0.5 < 0.005


def outlook_of(run: Run, **tables: pd.DataFrame) -> Outlook:
    """That of a run, with some of its tables changed."""
    changed = replace(run.results, tables={**run.results.tables, **tables})
    return Outlook.of_run(run.experiment, changed)


def shown_tables(outlook: Outlook) -> dict[str, Table]:
    """The tables of its report, by name."""
    report = PAGE.report(facts_of(outlook), tables_of(outlook), {})
    return {table.name: table for table in report.tables}


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Brook +2.0 (+1.0 to +3.0), Ferrier +1.0"),
        ("fr", "Brook +2,0 (de +1,0 à +3,0)\u202f; Ferrier +1,0"),
    ],
)
def test_who_takes_whose_voters_is_read_from_enough_samples(
    run: Run, language: str, words: str
) -> None:
    assert "list_pairs" not in shown_tables(outlook_of(run)), "one sample"
    rows = pd.DataFrame(
        [
            ("quill", "", "quill", -0.2, 6, 2, -0.3, -0.1),
            ("quill", "", "brook", 0.02, 6, 2, 0.01, 0.03),
            ("quill", "", "ferrier", 0.01, 6, 1, 0.01, 0.01),
            ("quill", "", "hollow", 0.17, 4, 1, 0.17, 0.17),
        ],
        columns=run.results.tables["list_pairs"].columns,
    )
    with use_language(language):
        table = shown_tables(outlook_of(run, list_pairs=rows))["list_pairs"]
        assert table.texts("gained") == [words]
        assert table.texts("n_samples") == ["6"]


def test_findings_hold_the_numbers_of_the_tables(run: Run) -> None:
    facts = facts_of(outlook_of(run))
    rows = run.forecasts
    rows_of_headline = headline_rows(run)
    current = rows_of_headline[rows_of_headline["slate"].str.startswith("brook")].set_index(
        "candidate"
    )
    likeliest = current["p_qualify"].sort_values(ascending=False)
    name = str(likeliest.index[0]).capitalize()
    assert facts["chances"][0] == Chance.of_candidate(name, likeliest.iloc[0])
    elected = run.results.tables["joint"].set_index("candidate")["p_elected"]
    assert facts["elected"][0].percent == min(round(100 * elected.max()), 90)
    shares = current["share"].sort_values(ascending=False)
    assert facts["gap"] is not None
    assert facts["gap"].points == pytest.approx(100 * (shares.iloc[1] - shares.iloc[2]))
    assert (facts["ballot"].is_open, facts["ballot"].n_standing) == (True, 2)
    assert (facts["is_day_open"], facts["n_new_polls"]) == (True, 3)
    assert len(run.results.tables["break_even"]) == 2
    # all chances are small: the likeliest is named all the same
    unlikely = facts_of(outlook_of(run, forecasts=rows.assign(p_qualify=0.08)))
    assert [(chance.times, chance.of) for chance in unlikely["chances"]] == [(1, 10)]
    assert facts_of(outlook_of(run, forecasts=rows.assign(share=0.02)))["has_small_shares"]
    assert not facts["has_small_shares"]


def test_a_headline_without_chances_says_who_leads() -> None:
    methods = "predictor=[last_election,poll_tracker_alone]"
    run = execute(
        experiment_about("toy", "2031-04-01T20:00", "settings.headline=last_election", methods)
    )
    facts = facts_of(outlook_of(run))
    shares = run.forecasts.query("predictor == 'last_election'").set_index("candidate")["share"]
    assert facts["chances"] == []
    assert run.findings[0].startswith(
        f"{str(shares.idxmax()).capitalize()} leads, from polls up to"
    )
    assert facts["past"] is not None
    assert (
        facts["past"].n_below_half == facts["past"].n_through == 2
    )  # of the vote that has one before it
    reported_in_both(run.study, run.experiment, run.results)


def test_findings_under_weights_say_what_is_not_listed(weighed: Run) -> None:
    people = weighed.results.tables["mixture"].set_index("candidate")
    assert people["p_qualify"].sum() == pytest.approx(2 * 0.7)
    assert people.loc["brook", "p_runs"] == pytest.approx(0.2)
    stated = facts_of(outlook_of(weighed))["stated"]
    assert stated is not None
    assert (stated.file, stated.n_ballots) == ("mine.yaml", 2)
    assert stated.unlisted == pytest.approx(0.3)
    assert weighed.headline["candidate"].iloc[0] == "Thorne"
    reported_in_both(weighed.study, weighed.experiment, weighed.results)
    assert "Brook is tired" in weighed.tables["weights"].to_frame()["reason"].tolist()

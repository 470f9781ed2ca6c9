"""The studies, and every experiment on the made-up country, still give the reviewed tables."""

from __future__ import annotations

import io

import pandas as pd
import pytest

from bench.core import paths
from tests.golden.reference import FOLDER, ROOT, experiment_of
from tests.golden.studies import (
    TABLES,
    TOY,
    TOY_FOLDER,
    tables_of,
    toy_tables,
)


@pytest.mark.golden
@pytest.mark.parametrize("name", TABLES)
def test_the_tables_are_those_under_review(name: str) -> None:
    for table, now in tables_of(name).items():
        then = pd.read_csv(FOLDER / name / f"{table}.csv")
        # last bits of a chance can draw a replicate anew and swap neighbours in the order
        words = [column for column in then if not pd.api.types.is_numeric_dtype(then[column])]
        pd.testing.assert_frame_equal(
            now.sort_values(words, kind="stable", ignore_index=True),
            then.sort_values(words, kind="stable", ignore_index=True),
            check_dtype=False,
            rtol=1e-3,
            atol=3e-3,
        )


@pytest.mark.golden
@pytest.mark.parametrize("name", TOY)
def test_the_numbers_of_the_made_up_country_are_those_under_review(name: str) -> None:
    for table, now in toy_tables(name).items():
        then = pd.read_csv(TOY_FOLDER / name / f"{table}.csv")
        # read back, so that times and empty texts are what a file holds
        read = pd.read_csv(io.StringIO(now.to_csv(index=False)))
        pd.testing.assert_frame_equal(read, then, check_dtype=False, rtol=1e-5, atol=1e-6)


def test_every_experiment_has_a_reference_on_the_made_up_country() -> None:
    names = {path.stem for path in (paths.configs() / "experiment").glob("*.yaml")}
    assert names == set(TOY)
    assert {path.name for path in TOY_FOLDER.iterdir()} == set(TOY)
    for name, (_, tables) in TOY.items():
        assert {path.stem for path in (TOY_FOLDER / name).iterdir()} == set(tables)


def test_the_references_on_the_made_up_country_hold_scores_of_every_predictor_that_answers() -> (
    None
):
    for name in ("quickstart", "own"):
        asked = set(experiment_of(name).predictors)
        scores = pd.read_csv(TOY_FOLDER / name / "scores.csv")
        assert set(scores["predictor"]) == asked - {"attention_share"}  # which abstains
        assert scores["crps"].notna().any()


def test_every_reference_table_is_there() -> None:
    for name, tables in TABLES.items():
        held = {path.stem for path in (FOLDER / name).glob("*.csv")}
        assert held == set(tables)


def test_at_five_percent_the_pair_of_the_first_round_is_right_in_the_realistic_order() -> None:
    rows = pd.read_csv(FOLDER / "election_night_2017" / "by_moment.csv")
    rows = rows[rows["round"].eq(1) & rows["order"].eq("realistic") & rows["counted"].eq(0.05)]
    scores = rows.set_index("estimator").loc["extrapolation_and_polls"]
    assert scores["leaders_right"] >= 0.95
    assert scores["covered"] >= 0.9


def test_at_the_stations_of_2017_the_transfers_beat_the_floor_and_hindsight_beats_them() -> None:
    rows = pd.read_csv(FOLDER / "stations_2017_r2" / "stations.csv").set_index("method")
    assert (rows["n"] == 69_183).all()
    assert rows.loc["vote_transfer", "gain_high_pp"] < -5
    assert rows.loc["hindsight_everywhere", "mae_pp"] < rows.loc["vote_transfer", "mae_pp"]
    assert rows.loc["vote_transfer", "data_until"] <= "2017-05-05 20:00:00"
    # the official share of all valid votes, less the stations left out
    assert rows["outcome_percent"].to_numpy() == pytest.approx(66.10, abs=0.01)


def test_the_page_on_stations_shows_the_table_under_review() -> None:
    rows = pd.read_csv(FOLDER / "stations_2017_r2" / "stations.csv")
    columns = ["mae_areas_pp", "rmse_pp", "bias_pp", "spread_pp"]
    page = (ROOT / "docs" / "runoff_by_station.md").read_text(encoding="utf-8")
    for row in rows.to_dict("records"):
        ends = f"{row['low_pp']:.2f}–{row['high_pp']:.2f}"
        points = [f"{row[name]:.2f}" for name in columns]
        r = "–" if pd.isna(row["correlation"]) else f"{row['correlation']:.3f}"
        percent = [f"{row[name]:.1f}" for name in ("explained_percent", "first_right_percent")]
        cells = [row["method"], f"{row['mae_pp']:.2f}", ends, *points, r, *percent]
        assert f"| {' | '.join(cells)} |".replace("-", "−") in page
    pairs = pd.read_csv(FOLDER / "stations_2017_r2" / "pairs.csv").set_index(["method", "against"])
    gap = pairs.loc[("vote_transfer", "proportional_swing")]
    words = f"{gap['gain_pp']:.2f} points in favour of the\n  swing"
    assert words in page
    assert (
        f"interval {gap['gain_low_pp']:.2f} to {gap['gain_high_pp']:.2f}".replace("-", "−") in page
    )
    rates = pd.read_csv(FOLDER / "stations_2017_r2" / "rates.csv").set_index("origin")
    order = [
        "vote_transfer_learned",
        "vote_transfer",
        "hindsight_everywhere",
        "hindsight_by_departement",
    ]
    for origin, row in rates[rates["votes_percent"].ge(2)][order].iterrows():
        assert f"| {origin} | {' | '.join(f'{value:.1f}' for value in row)} |" in page

"""Reference tables of the studies: made by `python -m tests.golden.studies`.

Those of every experiment on the made-up country are made by `python -m tests.golden.reference toy`.
"""

from __future__ import annotations

import io
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from tests.golden.reference import DIGITS as SCORE_DIGITS
from tests.golden.reference import FOLDER, run_of

TABLES = {
    "transfers_2017": ("levels_registered", "levels_valid", "past_vote_transitions"),
    "stations_2017_r2": ("stations", "by_group", "pairs", "rates"),
    "election_night_2017": (
        "by_moment",
        "calls",
        "samples",
        "shared_bias",
        "other_evenings",
        "rule",
    ),
    "electorates": ("bias_variance", "conclusions"),
    "ecological_confounding": ("by_dose",),
    "2017_r1_spoiled_apps": ("dose_response",),
    "attention": ("by_day", "summary", "hindsight", "answers"),
    "track_record": ("pairs", "countries", "moments", "sensitivity", "extent"),
}
SEASON = ("season", "season_methods", "season_distance")
TABLES |= {"2017_rehearsal": SEASON, "2022_rehearsal": SEASON}
DIGITS = 6
TIMES = ["wall_s", "cpu_s"]
TOY_FOLDER = FOLDER / "toy"
FIRST = ("elections=[toy]", "as_of=['2031-04-04T20:00']")
RUNOFF = ("elections=[toy]", "as_of=['2031-04-18T20:00']")
THREE = ("elections=[toy,toy_prior1,toy_prior2]",)
SCORED = ("scores",)
OPEN_BALLOT = ("owners_of=[open_ballot]", "predictors.online_ballot.source=open_ballot")
# by experiment: the settings that bring it to the made-up country, and the tables that are kept
SIMULATED = (
    *("elections=[toy]", "as_of=[]", "days_before=[2]", "n_draws=200"),
    *("simulation.replicates=4", "simulation.block=2"),
)
REHEARSED = ("elections=[toy]", "days_before=[30,14,2]", "n_draws=400")
TOY: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "2017_areas": (FIRST, SCORED),
    "2017_areas_r2": (RUNOFF, SCORED),
    "2017_chain": (FIRST, SCORED),
    "2017_breaking_point": (
        (
            *SIMULATED,
            "scenario=[industry_error,house_effect,app_brigading]",
            "simulation.steps=3",
            "simulation.draws=2",
            "simulation.replicates_of_a_draw=2",
            "simulation.replicates_of_sensitivity=2",
            "simulation.steps_of_worlds=2",
            "simulation.beneficiaries=[place_3]",
        ),
        ("breaking_points", "sensitivity"),
    ),
    "2017_r1": (FIRST, SCORED),
    "2017_r1_bias": (
        (*SIMULATED, "scenario=[industry_error,house_effect,self_selection]"),
        ("dose_response", "bias_variance"),
    ),
    "2017_r1_eve": (
        ("elections=[toy]", "as_of=['2031-04-06T00:00']", "owners_of=[open_ballot]"),
        SCORED,
    ),
    "2017_r1_horizon": (("elections=[toy]", "days_before=[30,7,2]"), SCORED),
    "2017_r1_manipulation": (
        (*SIMULATED, "scenario=[industry_error,house_effect,app_brigading]"),
        ("dose_response", "validation"),
    ),
    "2017_r1_spoiled_apps": (
        (
            "elections=[toy]",
            "as_of=['2031-04-06T00:00']",
            "owners_of=[open_ballot]",
            "predictors.app_ratings.source=thumbs",
            "predictors.online_ballot.source=open_ballot",
            "scenarios.app_brigading.beneficiary=quill",
            "scenarios.coordinated_down_rating.targets=[thorne]",
            "scenarios.vote_budget_farming.beneficiary=quill",
        ),
        ("dose_response",),
    ),
    "2017_r1_spoiled_polls": (
        (*FIRST, "predictor=[last_poll,quota_poll,poll_tracker]", "simulation.replicates=2"),
        ("dose_response",),
    ),
    "2017_rehearsal": (REHEARSED, SEASON),
    "2017_r2": (RUNOFF, SCORED),
    "2017_r2_horizon": (("elections=[toy]", "days_before=[13,7,2]"), SCORED),
    "2022_chain": (FIRST, SCORED),
    "2022_r1": (FIRST, SCORED),
    "2022_r1_eve": (
        (
            "elections=[toy]",
            "as_of=['2031-04-06T00:00']",
            "owners_of=[open_ballot]",
            "predictors.online_ballot.source=open_ballot",
        ),
        SCORED,
    ),
    "2022_r1_horizon": (("elections=[toy]", "days_before=[30,7,2]"), SCORED),
    "2022_r2": (RUNOFF, SCORED),
    "2022_rehearsal": (REHEARSED, SEASON),
    "2027_r1": ((*FIRST, "n_draws=400", "settings.fan_days=20"), ("forecast", "likely_pairs")),
    "attention": (
        (
            *THREE,
            "rounds=[1]",
            "n_draws=100",
            "settings.calibrated_days=[30,14]",
            "++settings.counts.chirper=[tweets,facebook_fans]",
        ),
        ("by_day", "summary"),
    ),
    "dressed": ((*THREE, "n_draws=200"), SCORED),
    "ecological_confounding": (
        ("elections=[toy]", "settings.replicates=2", "settings.n_units=60", "settings.n_draws=20"),
        ("by_dose",),
    ),
    "ecological_truth": (
        ("settings.first=4", "settings.n_draws=20"),  # needs no election of a country
        ("by_dataset", "against_peers"),
    ),
    "election_night_2017": (
        (
            "elections=[toy]",
            "settings.orders={realistic:2,several_tables:2,against_the_past:2}",
            "settings.runoff_orders={realistic:2}",
            "settings.moments=[0.05,0.2,0.5]",
            "settings.sample_sizes=[30,60]",
            "settings.n_samples=10",
        ),
        ("by_moment", "calls", "samples"),
    ),
    "electorates": (
        (*SIMULATED, "simulation.per_electorate=1", "simulation.lender=toy"),
        ("bias_variance", "conclusions"),
    ),
    "history": (THREE, SCORED),
    "history_chain": (THREE, SCORED),
    "own": (("rounds=[1,2]",), SCORED),
    "pooling": ((*SIMULATED, "scenarios.small_samples.doses=[0,0.9]"), ("dose_response",)),
    "quickstart": ((), SCORED),
    "rival": (
        (
            "elections=[toy]",
            "predictor=[last_poll,quota_poll,poll_tracker]",
            "+settings.categories={toy:[ferrier,quill,thorne]}",
        ),
        ("summary", "by_vote"),
    ),
    "stations_2017_r2": (
        (*RUNOFF, "settings.n_resamples=200"),
        ("stations", "by_group", "pairs", "rates"),
    ),
    "track_record": (
        (
            *THREE,
            "days_before=[7,0]",
            "n_draws=200",
            "owners_of=[open_ballot]",
            "settings.lags_days=[2,4]",
            "predictors.online_ballot.source=open_ballot",
            "predictors.app_ratings.source=thumbs",
            "predictors.filteris.publisher=loudmeter",
        ),
        ("pairs", "moments", "extent"),
    ),
    "transfers_2017": (
        ("elections=[toy]", "settings.n_draws=20"),
        ("levels_registered", "levels_valid", "past_vote_transitions"),
    ),
    "volunteers_2017": (
        ("elections=[toy]", *OPEN_BALLOT),
        SCORED,
    ),
    "volunteers_2022": (
        ("elections=[toy]", *OPEN_BALLOT),
        SCORED,
    ),
}


def tables_of(
    name: str, changes: Sequence[str] = (), wanted: Sequence[str] = ()
) -> dict[str, pd.DataFrame]:
    """Run a study and read its tables as files hold them."""
    tables = run_of(name, *changes).tables
    return {
        table: pd.read_csv(io.StringIO(tables[table].to_csv())).round(DIGITS)
        for table in wanted or TABLES[name]
    }


def toy_tables(name: str) -> dict[str, pd.DataFrame]:
    """Run an experiment on the made-up country: the scores, or the tables of a study.

    `scores` has one row per vote, moment, predictor, area, ballot and candidate, and a column per
    score (those of a whole ballot stand in a row without a candidate).
    """
    changes, wanted = TOY[name]
    if wanted != SCORED:
        tables = tables_of(name, (*changes, "execution=serial"), wanted)
        return {table: rows.drop(columns=TIMES, errors="ignore") for table, rows in tables.items()}
    errors = run_of(name, *changes).errors
    keys = [key for key in errors if key not in ("score", "value")]
    wide = errors.pivot(index=keys, columns="score", values="value")
    wide = wide.round(SCORE_DIGITS).reset_index().rename_axis(columns=None)
    # nothing here is simulated, so these columns say nothing
    return {"scores": wide.drop(columns=["scenario", "dose", "replicate"])}


def make(name: str) -> None:
    """Put the tables of a study under review."""
    _write(FOLDER / name, tables_of(name))


def make_toy(name: str) -> None:
    """Put the tables of an experiment on the made-up country under review."""
    _write(TOY_FOLDER / name, toy_tables(name))


def _write(target: Path, tables: dict[str, pd.DataFrame]) -> None:
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for table, rows in tables.items():
        rows.to_csv(target / f"{table}.csv", index=False, lineterminator="\n")


if __name__ == "__main__":
    for wanted in sys.argv[1:] or TABLES:
        make(wanted)

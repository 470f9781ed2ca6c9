"""What holds for every distortion that is shipped."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pandas as pd
import pytest

from bench.core import ConfigError, Evidence, paths
from bench.core.evidence import EvidenceBatch
from bench.simulation.distortions import (
    Distortion,
    EvidenceDistortion,
    TransferDistortion,
    make_distortion,
)
from bench.simulation.frame import Frame
from bench.simulation.simulate import Simulation
from bench.studies.distortions.real import distort_evidence

YAMLS = sorted(path.stem for path in (paths.configs() / "distortion").glob("*.yaml"))
ON_TRANSFERS = ["ecological_confounding"]
ON_SAMPLES = [name for name in YAMLS if name not in ON_TRANSFERS]


def values(batch: EvidenceBatch) -> dict[str, bytes]:
    return {
        f"{name}.{column}": value.tobytes()
        for name, table in batch.tables.items()
        for column, value in table.values.items()
    }


@pytest.mark.parametrize("name", YAMLS)
def test_every_yaml_names_its_place_and_says_what_it_is(name: str) -> None:
    lines = (paths.configs() / "distortion" / f"{name}.yaml").read_text().splitlines()
    assert lines[0] == f"# @package distortions.{name}"
    assert re.match(r"# (Bias|Manipulation): .*\.$", lines[1])


@pytest.mark.parametrize("name", YAMLS)
def test_every_yaml_sets_exactly_the_fields_and_eleven_doses(
    name: str,
    settings: dict[str, Any],
) -> None:
    distortion = make_distortion(name, settings[name])
    given = set(settings[name]) - {"method", "doses", "priors", "serves", "unread_by"}
    assert given == {field.name for field in fields(distortion)}
    assert settings[name]["doses"][0] == 0
    assert len(settings[name]["doses"]) >= 11
    assert distortion.unit
    assert distortion.kind in ("bias", "manipulation")


@dataclass(frozen=True, kw_only=True)
class Case:
    """One distortion of samples or tables, and clean evidence to try it on."""

    name: str
    distortion: Distortion
    doses: list[float]
    study: Simulation
    frames: dict[str, Frame]
    batch: EvidenceBatch

    def at(self, dose: float) -> EvidenceBatch:
        return self.study.distorted(0, self.frames, self.batch, self.name, self.distortion, dose)


@pytest.fixture(scope="module", params=ON_SAMPLES)
def case(
    request: pytest.FixtureRequest, settings: dict[str, Any], manipulation: Simulation
) -> Case:
    frames, batch = manipulation.clean(0)
    given = settings[request.param]
    return Case(
        name=request.param,
        distortion=make_distortion(request.param, given),
        doses=[float(dose) for dose in given["doses"]],
        study=manipulation,
        frames=frames,
        batch=batch,
    )


def test_dose_zero_is_the_identity_to_the_byte(case: Case) -> None:
    before, same = values(case.batch), case.at(0.0)
    assert values(same) == before
    assert all(same.tables[key].rows is case.batch.tables[key].rows for key in case.batch.tables)


def test_a_dose_changes_what_it_says_and_nothing_else(case: Case) -> None:
    before = values(case.batch)
    after = values(case.at(case.doses[5]))
    changed = {key.split(".")[0] for key in after if after[key] != before.get(key)}
    assert changed
    assert changed <= case.distortion.touches
    assert values(case.batch) == before  # the clean evidence is left alone


def test_every_distortion_draws_from_its_generator_only(case: Case) -> None:
    one, two = (values(case.at(case.doses[5])) for _ in range(2))
    assert one == two


def test_distorted_tables_are_still_tables(case: Case) -> None:
    bad = case.at(case.doses[5] if case.name == "late_swing" else case.doses[-1])
    for table in bad.tables.values():
        for value in table.values.values():
            assert np.isfinite(value).all()
            assert (value >= 0).all()
    for name, column in (("polls", "share"), ("ratings", "favourable")):
        assert (bad[name].values[column] <= 1 + 1e-9).all()
    bad.replicate(0)  # refuses rows from after the moment of forecast


@pytest.mark.parametrize("dose", [-1.0, float("nan")])
def test_a_dose_must_be_a_number_of_at_least_zero(case: Case, dose: float) -> None:
    with pytest.raises(ConfigError, match="at least 0"):
        case.at(dose)


def test_a_dose_beyond_its_unit_is_refused(case: Case) -> None:
    if case.distortion.unit.startswith(("fraction", "weight")):
        with pytest.raises(ConfigError, match=r"accepted: (at most|below) 1"):
            case.at(1.5)
    else:
        assert case.distortion.most == np.inf


@pytest.mark.parametrize("name", ON_SAMPLES)
def test_real_evidence_survives_every_distortion(
    name: str,
    settings: dict[str, Any],
    first_round_2017: Evidence,
) -> None:
    distortion = make_distortion(name, settings[name])
    if not isinstance(distortion, EvidenceDistortion):
        pytest.skip("acts before the sample is drawn, so on simulated evidence only")
    rng = np.random.default_rng(1)
    dose = float(settings[name]["doses"][3])
    distorted = distort_evidence(first_round_2017, distortion, dose, rng)
    for key, frame in first_round_2017.tables.items():
        if key not in distortion.touches:
            assert distorted.tables[key] is frame
    same = distort_evidence(first_round_2017, distortion, 0.0, rng)
    assert same is first_round_2017


def test_fabricated_polls_enter_the_real_series(
    settings: dict[str, Any],
    first_round_2017: Evidence,
) -> None:
    distortion = make_distortion("fabricated_polls", settings["fabricated_polls"])
    bad = distort_evidence(first_round_2017, distortion, 3.0, np.random.default_rng(1))
    extra = set(bad["polls"]["poll_id"]) - set(first_round_2017["polls"]["poll_id"])
    assert len(extra) == 3
    raised = bad["polls"][bad["polls"]["poll_id"].isin(extra)].groupby("candidate")["share"].mean()
    polls = first_round_2017["polls"]
    recent = polls[polls["fieldwork_end"] >= polls["fieldwork_end"].max() - pd.Timedelta(days=7)]
    usual = recent.groupby("candidate")["share"].mean()
    assert raised["fillon"] == pytest.approx(usual["fillon"] + 0.08, abs=0.02)


def test_a_misspelt_distortion_is_corrected() -> None:
    with pytest.raises(ConfigError, match="did you mean 'herding'"):
        make_distortion("herdin", {})


def test_a_misspelt_setting_is_corrected() -> None:
    with pytest.raises(ConfigError, match="did you mean 'gainer'"):
        make_distortion("late_swing", {"gianer": "macron"})


def test_brigading_by_hand(settings: dict[str, Any], manipulation: Simulation) -> None:
    batch = manipulation.clean(0)[1]
    distortion: Distortion = make_distortion("app_brigading", settings["app_brigading"])
    bad = distortion.evidence_at(1000.0, batch, np.random.default_rng(1))
    c = batch.candidates.index("fillon")
    liked, n = (batch["ratings"].values[key][:, c] for key in ("favourable", "n"))
    assert np.allclose(bad["ratings"].values["favourable"][:, c], (liked * n + 1000) / (n + 1000))
    more = bad["app_support"].values["users"].sum(axis=1) - batch["app_support"].values[
        "users"
    ].sum(axis=1)
    assert more.tolist() == [1000.0] * batch.size
    gained = (
        bad["online_ballot"].values["declared_votes"]
        - batch["online_ballot"].values["declared_votes"]
    )
    assert gained[:, c].tolist() == [1000.0] * batch.size
    assert gained.sum() == 1000.0 * batch.size


def test_self_selection_moves_the_share_by_mengs_formula(
    settings: dict[str, Any],
    unbiased: Simulation,
) -> None:
    distortion = make_distortion("self_selection", settings["self_selection"])
    frame = unbiased.frames["online_ballot"]
    moved = distortion.frame_at(0.005, frame, 1, np.random.default_rng(1))
    c, mu = frame.column("melenchon"), frame.truth[frame.column("melenchon")]
    f = frame.n_respondents / frame.n_population
    expected = mu + 0.005 * np.sqrt((1 - f) / f * mu * (1 - mu))
    assert moved.share[..., c].sum() == pytest.approx(expected, rel=1e-9)


def test_astroturf_by_hand(settings: dict[str, Any], manipulation: Simulation) -> None:
    batch = manipulation.clean(0)[1]
    given = {**settings["astroturf"], "praise": 2.0, "blame": 0.5, "targets": ["macron"]}
    rng = np.random.default_rng(1)
    bad = make_distortion("astroturf", given).evidence_at(100.0, batch, rng)
    rows = batch["buzz"].rows
    added = (bad["buzz"].values["value"] - batch["buzz"].values["value"])[0]
    days = rows["day"].nunique()
    expected = {
        ("fillon", "mentions"): 200,
        ("fillon", "positive"): 200,
        ("fillon", "authors_positive"): 100,
        ("macron", "mentions"): 50,
        ("macron", "negative"): 50,
        ("macron", "authors_negative"): 50,
    }
    for at, more in expected.items():
        mine = (rows["candidate"].eq(at[0]) & rows["measure"].eq(at[1])).to_numpy()
        assert added[mine].tolist() == [more] * days
    assert added.sum() == sum(expected.values()) * days


@pytest.mark.parametrize(
    ("uncovered", "said"),
    [({"aeg": ["70+"]}, "did you mean 'age'"), ({"age": ["70"]}, r"did you mean '70\+'")],
)
def test_coverage_knows_what_an_instrument_records(
    uncovered: dict[str, list[str]], said: str, unbiased: Simulation
) -> None:
    distortion = make_distortion("coverage", {"uncovered": {"opt_in_app": uncovered}})
    with pytest.raises(ConfigError, match=said):
        distortion.frame_at(0.5, unbiased.frames["opt_in_app"], 1, np.random.default_rng(1))


@pytest.mark.parametrize("name", ON_TRANSFERS)
def test_at_dose_zero_rows_vote_alike_everywhere_and_the_country_never_changes(
    name: str, settings: dict[str, Any]
) -> None:
    distortion = make_distortion(name, settings[name])
    assert isinstance(distortion, TransferDistortion)
    rng = np.random.default_rng(1)
    rows = rng.multinomial(600, rng.dirichlet([3.0, 2.0, 1.0], 300)).astype(float)
    profile = np.array([[0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.3, 0.2, 0.5]])
    same = distortion.profiles_at(0.0, profile, rows)
    assert (same == profile).all()
    for dose in settings[name]["doses"][1:]:
        local = distortion.profiles_at(float(dose), profile, rows)
        assert np.allclose(local.sum(axis=2), 1)
        whole = np.einsum("ur,urk->rk", rows, local) / rows.sum(axis=0)[:, None]
        assert np.allclose(whole, profile, atol=1e-6)
    for wrong in (-1.0, float("nan")):
        with pytest.raises(ConfigError, match="at least 0"):
            distortion.profiles_at(wrong, profile, rows)


def test_local_reach_by_hand(settings: dict[str, Any], unbiased: Simulation) -> None:
    frame = unbiased.frames["online_ballot"]
    distortion = make_distortion("local_reach", settings["local_reach"])
    moved = distortion.frame_at(1.0, frame, 1, np.random.default_rng(1))
    votes = pd.read_parquet(paths.datasets() / "fr2017" / "outcome" / "departements.parquet")
    near = votes[votes["round"].eq(1) & votes["area"].isin(settings["local_reach"]["departements"])]
    official = near.groupby("candidate")["votes"].sum().reindex(list(frame.candidates))
    assert np.allclose(moved.share.sum(axis=-2), official / official.sum(), atol=1e-6)
    wrong = make_distortion("local_reach", {**settings["local_reach"], "departements": ["77x"]})
    with pytest.raises(ConfigError, match="did you mean '77'"):
        wrong.frame_at(0.5, frame, 1, np.random.default_rng(1))


def test_an_institute_leans_the_same_way_in_all_its_polls(first_round_2017: Evidence) -> None:
    distortion = make_distortion("published_house_effect", {})
    bad = distort_evidence(first_round_2017, distortion, 3.0, np.random.default_rng(1))["polls"]
    polls = first_round_2017["polls"].reset_index(drop=True)
    bad = bad.reset_index(drop=True)
    total = polls.groupby("poll_id")["share"].sum()
    assert np.allclose(bad.groupby("poll_id")["share"].sum(), total)
    ratio = np.log(bad["share"] / polls["share"]).where(polls["share"] > 0)
    # what is left after the poll's own constant is the institute's, whatever the poll
    pair = ratio[polls["candidate"] == "fillon"].set_axis(
        polls["poll_id"][polls["candidate"] == "fillon"]
    )
    other = ratio[polls["candidate"] == "macron"].set_axis(
        polls["poll_id"][polls["candidate"] == "macron"]
    )
    lean = (pair - other).groupby(level=0).first()
    institute = polls.drop_duplicates("poll_id").set_index("poll_id")["institute"]
    assert lean.groupby(institute).std().max() < 1e-9
    assert lean.groupby(institute).first().std() > 0.05


def test_everybody_herds_behind_the_first_poll_at_weight_one(first_round_2017: Evidence) -> None:
    distortion = make_distortion("herding", {"window_days": 1000})
    bad = distort_evidence(first_round_2017, distortion, 1.0, np.random.default_rng(1))["polls"]
    assert bad.groupby("candidate")["share"].std().max() < 1e-9

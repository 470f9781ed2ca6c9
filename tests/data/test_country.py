"""Country profiles: what they say, and how a damaged one is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from bench.core.errors import DataError
from bench.data.country import CensusVariable, country_of, family_colours, load_country
from bench.data.election import folder_names, load_election


def test_every_shipped_election_has_a_profile_that_knows_its_families() -> None:
    for name in folder_names():
        election = load_election(name)
        country = country_of(election)
        assert country.folder is not None, name
        assert set(election.people["family"]) <= set(country.families), name
    assert set(load_country("XT").families) <= set(family_colours())
    assert len(set(family_colours().values())) == len(family_colours())
    nobody = load_country("QQ")
    assert nobody.folder is None
    assert list(nobody.levels) == ["station", "commune", "departement"]


@pytest.mark.parametrize(
    ("name", "evening"),
    [
        ("fr2017", "2017-04-21 23:59"),
        ("fr1995", "1995-04-15 23:59"),  # the law of the time was a week
        ("fr1974", "1974-05-03 23:59"),  # states none: two days before the vote of 5 May
        ("toy", "2031-04-05 20:00"),  # the made-up country is silent on one day only
    ],
)
def test_the_last_evening_with_polls(name: str, evening: str) -> None:
    election = load_election(name)
    assert country_of(election).last_poll_evening(election.round(1)) == pd.Timestamp(evening)


@pytest.mark.parametrize(
    ("name", "number", "period"),
    [
        ("fr2027", 1, ("2027-04-16T22:00Z", "2027-04-18T18:00Z")),
        ("fr2027", 2, ("2027-04-30T22:00Z", "2027-05-02T18:00Z")),
        ("fr2017_primary_left", 1, ("2017-01-20T23:00Z", "2017-01-22T19:00Z")),  # winter time
        ("toy", 1, None),  # its silence is a custom
    ],
)
def test_the_hours_in_which_a_law_forbids_to_publish_polls(
    name: str, number: int, period: tuple[str, str] | None
) -> None:
    election = load_election(name)
    silent = country_of(election).silent_periods(election, number)
    hours = (silent[0].start, silent[0].end) if silent else None
    assert hours == (period and tuple(map(pd.Timestamp, period)))


def test_weights_and_the_rest_of_the_census() -> None:
    age = load_country("FR").census_variable("age")
    ones = pd.Series(1.0, index=list(age.variables))
    assert age.shares(ones)[0] == pytest.approx(1.4 / (1.4 + 2 + 3 + 2 + 2 + 6))
    groups = {"manual": {"manual_workers_share": 1}, "retired": {"retired_share": 1}, "other": {}}
    work = CensusVariable(groups=groups, vintage="2029", level="departement")
    values = pd.Series({"manual_workers_share": 20.0, "retired_share": 30.0})
    assert work.shares(values, whole=100.0).tolist() == pytest.approx([0.2, 0.3, 0.5])
    half = CensusVariable(groups={"young": 0.2, "older": 0.2})  # needs no table
    assert half.variables == ()
    assert half.shares(pd.Series(dtype=float)).tolist() == [0.5, 0.5]
    with pytest.raises(DataError, match="did you mean 'age'"):
        load_country("FR").census_variable("agee")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("colour: blue", "'colour'"),
        ('silence: {hour: "25:00"}', "`silence.hour` is 25:00; accepted: a time of day"),
        ("silence: 19", "`silence` is 19"),
        ("silence: {law: {en: L, fr: L}}", "'silence.law.time_zone' is missing"),
        ("silence: {law: {en: L, fr: L, time_zone: Mars}}", "is Mars; accepted: a time zone as"),
        ("levels: {station: here}", "`levels.station` is here"),
        ("labels: {station: S, canon: C}", "'canon' is not a level"),
        ("labels: {station: 5}", "`labels.station` is 5"),
        ("lookups: {station: 5}", "`lookups.station` is 5"),
        ("places: {a: [x], b: [x]}", "names 'x' twice"),
        ('places: {a: "75"}', "`places.a` is 75"),
        ("families: {green: leaf}", "`families.green` is leaf; accepted: a colour"),
        ('families: {green: "#zzzzzz"}', "`families.green` is #zzzzzz; accepted: a colour"),
        ("census: {age: {groups: {x: many}}}", "`census.age.groups.x` is many; accepted: variab"),
        ("census: {age: {groups: {x: -1, y: 1}}}", "`census.age` .*; accepted: 0 and above"),
        ("census: {age: {level: departement}}", "'census.age.groups' is missing"),
        ("census: {age: {groups: {x: 0.5, y: {z: 1}}}}", "mixes groups of variables"),
        ('census: {age: {vintage: "1", level: a, groups: {x: {}, y: {}}}}', "two groups without"),
    ],
)
def test_a_damaged_profile_is_refused_with_its_place(tmp_path: Path, text: str, words: str) -> None:
    folder = tmp_path / "land"
    folder.mkdir()
    (folder / "country.yaml").write_text(f"country: QQ\nname: Land\n{text}\n", encoding="utf-8")
    election = replace(load_election("toy"), country="QQ", folder=tmp_path / "mine")
    with pytest.raises(DataError, match=words) as caught:
        country_of(election)
    assert str(folder / "country.yaml") in str(caught.value)

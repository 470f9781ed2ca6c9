"""The configuration of a hub is what the schemas of hubverse accept."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pandas as pd
import pytest
from jsonschema import Draft202012Validator

from bench.cli.commands.hub import main
from bench.core import ConfigError, DataError
from bench.data.election import load_election
from bench.report.hub.config import (
    oracle_output,
    reference_days,
    slates_to_ask,
    tasks_json,
    time_series,
)
from bench.report.hub.layout import KINDS, SCHEMAS, Hub, open_hub, schema_of
from tests.data.open_election import AS_OF, open_election
from tests.report.hub.conftest import made_hub

OFFICIAL = {  # git hash-object of v6.0.0/*.json at hubverse-org/schemas c90f87b
    "admin": "ca7091928affa42d6f79527bfa6be07ff3cdf25f",
    "tasks": "93caea36d6bd8c8152d99f847bbfc7ad2f67291c",
    "target-data": "10f964c387a981d2c2889ba71cefa7f1ad31c547",
}
WITHDRAWN = "brook,withdrawn,2019-03-30T12:00:00,stated,made up\n"


@pytest.mark.parametrize("kind", KINDS)
def test_the_schemas_are_the_official_ones_byte_by_byte(kind: str) -> None:
    content = (SCHEMAS / f"{kind}-schema.json").read_bytes()
    blob = hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False)
    assert blob.hexdigest() == OFFICIAL[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_what_init_writes_passes_the_official_schema(hub: Hub, kind: str) -> None:
    content = json.loads((hub.folder / "hub-config" / f"{kind}.json").read_text("utf-8"))
    schema = schema_of(kind)
    Draft202012Validator.check_schema(schema)
    assert not list(Draft202012Validator(schema).iter_errors(content))
    assert content["schema_version"] == schema["$id"]


def test_what_hub_maintainers_check_beyond_the_schema_holds_too(hub: Hub) -> None:
    """The rules of hubAdmin::validate_config that no schema can say."""
    days = []
    for entry in hub.tasks["rounds"]:
        asked = [task["task_ids"][entry["round_id"]] for task in entry["model_tasks"]]
        assert all(one == asked[0] for one in asked)  # the same days in every set of questions
        days += asked[0]["optional"]
        for task in entry["model_tasks"]:
            ids = task["task_ids"]
            named = {target["target_keys"]["target"] for target in task["target_metadata"]}
            assert named == {*(ids["target"]["required"] or ()), *ids["target"]["optional"]}
            assert {target["target_id"] for target in task["target_metadata"]} == named
            sample = task["output_type"].get("sample", {}).get("output_type_id_params", {})
            assert set(sample.get("compound_taskid_set", ())) <= set(ids)
            for values in ids.values():
                assert values["required"] or values["optional"]
    assert len(days) == len(set(days))
    target = json.loads((hub.folder / "hub-config" / "target-data.json").read_text("utf-8"))
    assert set(target["observable_unit"]) <= set(ids)
    assert not set(target["time-series"]["non_task_id_schema"]) & {*ids, target["date_col"]}


def test_a_configuration_that_the_schema_does_not_accept_is_refused(hub: Hub) -> None:
    path = hub.folder / "hub-config" / "tasks.json"
    content = json.loads(path.read_text("utf-8"))
    content["rounds"][0]["submissions_due"]["end"] = "Friday"
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(DataError, match=r"tasks.json: rounds\[0\].submissions_due"):
        open_hub(hub.folder)


def test_a_folder_without_configuration_is_no_hub(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is no hub"):
        open_hub(tmp_path)
    (tmp_path / "letter.txt").write_text("x", encoding="utf-8")
    with pytest.raises(ConfigError, match="holds something that is no hub"):
        main(["init", str(tmp_path), "--election", "toy"])


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ([], "needs --repository"),
        (["--repository", "me", "--timezone", "Europe/Paris"], "accepted: OWNER/NAME"),
        (["--repository", "me/hub", "--timezone", "Paris"], "such as Europe/Paris"),
        (["--repository", "me/hub", "--timezone", "Europe/Paris"], "no day of reference"),
    ],
)
def test_a_hub_that_cannot_be_is_refused_and_nothing_is_written(
    tmp_path: Path, more: list[str], words: str
) -> None:
    folder = tmp_path / "new"
    past = ["--from", "2018-01-01"] if "no day" in words else ["--from", "2017-01-01"]
    with pytest.raises(ConfigError, match=words):
        main(["init", str(folder), "--election", "fr2017", *past, *more])
    assert not folder.exists()


def test_days_of_reference_count_back_from_the_vote_and_close_in_the_zone_of_the_hub(
    hub: Hub,
) -> None:
    assert list(hub.rounds) == ["2031-03-21", "2031-03-28", "2031-04-04"]
    last = hub.rounds["2031-04-04"]
    assert (str(last.opens), str(last.due)) == ("2031-03-29 00:00:00", "2031-04-04 23:59:59")


def test_an_open_ballot_is_asked_by_slates_that_stand(tmp_path: Path) -> None:
    election = load_election(f"{open_election(tmp_path, candidacies=WITHDRAWN).as_posix()}/")
    now = pd.Timestamp(AS_OF)
    by_name = slates_to_ask(election, [1], now, most=5)[1]
    assert by_name
    assert all("brook" not in who for who in by_name.values())
    gone = next(
        name
        for name in slates_to_ask(election, [1], pd.Timestamp("2019-03-29"), most=5)[1]
        if name not in by_name
    )
    with pytest.raises(ConfigError, match=f"slate '{gone}' .* names who withdrew: brook"):
        slates_to_ask(election, [1], now, names=[gone], most=5)


def test_a_second_init_leaves_the_rounds_alone_that_have_opened(hub: Hub) -> None:
    election = load_election("toy")
    changed = {1: {"pair": election.round(1).candidates[:2]}}
    days = reference_days(election, 1, every=7, last=2)
    again = tasks_json(election, changed, days, hub, pd.Timestamp("2031-03-23"))
    assert again["rounds"][0]["additional_metadata"]["slates"]["1"].keys() == {"official"}
    asked = [
        task["model_tasks"][0]["task_ids"]["reference_date"]["optional"] for task in again["rounds"]
    ]
    assert asked == [["2031-03-21", "2031-03-28"], ["2031-04-04"]]
    assert again["rounds"][1]["additional_metadata"]["slates"]["1"].keys() == {"pair"}


def test_the_oracle_has_one_sure_answer_per_event_and_shares_that_sum_to_one() -> None:
    toy = load_election("toy")
    rows = oracle_output(toy, 1, elected=str(toy.outcome(2).share.idxmax()))
    mean = rows[rows["output_type"].eq("mean")]
    assert mean["oracle_value"].sum() == pytest.approx(1, abs=1e-12)
    yes = rows[rows["output_type_id"].eq("yes")].groupby("target")["oracle_value"].sum()
    assert yes.to_dict() == {"qualify": 2.0, "elected": 1.0, "first": 1.0}


def test_the_time_series_holds_official_shares_of_people_asked_about(tmp_path: Path) -> None:
    election = load_election("fr2022")
    rows = time_series(election, {1: {"official": election.round(1).candidates}})
    le_pen = rows[rows["candidate"].eq("le_pen") & rows["election"].eq("fr2017")]
    assert le_pen["observation"].round(4).tolist() == [0.2130]  # official: 21.30 %
    assert rows["target_end_date"].max() < "2022-04-10"
    assert "hollande" not in set(rows["candidate"])


def test_init_by_command_says_when_the_next_round_is_due(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "hub"
    chosen = ["--repository", "me/hub", "--timezone", "Europe/Paris", "--from", "2031-03-25"]
    assert main(["init", str(folder), "--election", "toy", *chosen]) == 0
    assert "the next is due on 2031-03-28 23:59 (Europe/Paris)" in capsys.readouterr().out
    assert main(["init", str(folder), "--from", "2031-03-25"]) == 0  # facts are those of before
    assert "wrote" not in capsys.readouterr().out


@pytest.mark.parametrize("day", ["soon", "", "NaT", "2031-03-25T10:00+02:00", "2031-02-30"])
def test_a_day_to_replay_that_is_none_is_refused_with_its_option(tmp_path: Path, day: str) -> None:
    chosen = ["--election", "toy", "--repository", "me/hub", "--timezone", "Europe/Paris"]
    with pytest.raises(ConfigError, match=f"^--from is {re.escape(repr(day))}; accepted: a moment"):
        main(["init", str(tmp_path / "hub"), *chosen, "--from", day])
    assert not (tmp_path / "hub").exists()


@pytest.mark.parametrize(
    ("day", "rounds"),
    [
        ("2031-03-28", ["2031-03-28", "2031-04-04"]),
        ("2031-03-28 23:00", ["2031-03-28", "2031-04-04"]),
        ("2031-03-29", ["2031-04-04"]),
    ],
)
def test_a_replayed_hub_asks_from_that_day_on(tmp_path: Path, day: str, rounds: list[str]) -> None:
    chosen = ["--election", "toy", "--repository", "me/hub", "--timezone", "Europe/Paris"]
    assert main(["init", str(tmp_path), *chosen, "--from", day]) == 0
    tasks = json.loads((tmp_path / "hub-config" / "tasks.json").read_text("utf-8"))
    assert tasks["rounds"][0]["model_tasks"][0]["task_ids"]["reference_date"]["optional"] == rounds
    assert list(open_hub(tmp_path).rounds) == rounds


def test_a_hub_of_france_2027_passes_the_schemas(tmp_path: Path) -> None:
    hub = made_hub(tmp_path / "hub", "fr2027", "2026-11-20")
    slates = next(iter(hub.rounds.values())).slates["1"]
    assert len(slates) == 3
    assert all("bardella" not in who for who in slates.values())  # withdrew on 7 July 2026

"""Two runs: what changed is named, and what is stale is not ranked."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from bench.cli.commands import compare
from bench.core import ConfigError, DataError
from bench.report.compare_runs import Run, changed_numbers, changes, load_run, ranked_together
from bench.report.run_folder import sums_written


def run(folder: str = "one", **value: float) -> Run:
    rows = [
        {
            "election": "toy",
            "round": 1,
            "as_of": pd.Timestamp("2031-04-04"),
            "predictor": name,
            "area": "national",
            "ballot": "all",
            "candidate": "ash",
            "metric": "crps",
            "value": number,
        }
        for name, number in value.items()
    ]
    manifest = {
        "code": {"harness": "a" * 64, "predictors": dict.fromkeys(value, "b" * 64)},
        "data": {"toy": {"inputs/polls.csv": "c" * 64}},
        "settings": {
            "name": folder,
            "results": folder,
            "seed": 1,
            "baseline": "last_poll",
            "predictors": {name: {"half_life_days": 7} for name in value},
        },
    }
    return Run(folder=Path(folder), manifest=manifest, errors=pd.DataFrame(rows))


def altered(run: Run, part: str) -> Run:
    manifest = copy.deepcopy(dict(run.manifest))
    if part == "code":
        manifest["code"]["predictors"]["last_poll"] = "d" * 64
    elif part == "data":
        manifest["data"]["toy"]["inputs/polls.csv"] = "d" * 64
    else:
        manifest["settings"]["predictors"]["last_poll"]["half_life_days"] = 3
    return replace(run, manifest=manifest)


def test_a_folder_that_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"is no run of a backtest: errors\.parquet is missing"):
        load_run(tmp_path)


def test_tables_that_changed_since_they_were_written_are_compared_if_they_can_be_read(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    one, table = run("one", last_poll=1.0), tmp_path / "errors.parquet"
    errors = pd.concat([one.errors, one.errors.assign(metric="absolute_error")])
    errors.to_parquet(table)
    manifest = {**one.manifest, "libraries": {}}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))  # as before there were sums
    assert compare.main([str(tmp_path)] * 2) == 0
    manifest["written"] = sums_written(tmp_path)
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    assert compare.main([str(tmp_path)] * 2) == 0
    assert not caplog.messages
    errors.assign(value=0.0).to_parquet(table)
    assert compare.main([str(tmp_path)] * 2) == 0
    assert caplog.messages == [f"{tmp_path}: errors.parquet changed since it was written"]
    errors.assign(value="x").to_parquet(table)
    with pytest.raises(DataError, match=r"changed since it was written, and cannot be read any"):
        compare.main([str(tmp_path)] * 2)


def test_the_same_settings_under_another_name_are_no_change() -> None:
    assert changes(run("one", last_poll=1.0), run("two", last_poll=1.0)) == {}


def test_a_new_contestant_is_no_change() -> None:
    assert changes(run("one", last_poll=1.0), run("two", last_poll=1.0, mine=2.0)) == {}


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("code", "predictors/last_poll"),
        ("data", "toy/inputs/polls.csv"),
        ("settings", "predictors/last_poll/half_life_days: 7 → 3"),
    ],
)
def test_a_change_is_named_and_keeps_runs_from_being_ranked(part: str, words: str) -> None:
    one, other = run("one", last_poll=1.0), altered(run("two", last_poll=1.0, mine=2.0), part)
    assert changes(one, other) == {part: [words]}
    with pytest.raises(DataError, match=f"other {part} .*'last_poll' in the one is stale"):
        ranked_together(one, other, [])
    assert len(ranked_together(one, other, [part])) == 2


def test_naming_what_did_not_change_is_refused() -> None:
    one, other = run("one", last_poll=1.0), altered(run("two", last_poll=1.0), "code")
    with pytest.raises(DataError, match="names 'data', which does not differ"):
        ranked_together(one, other, ["code", "data"])


def test_naming_only_one_of_two_changes_is_refused() -> None:
    other = altered(altered(run("two", last_poll=1.0), "code"), "data")
    with pytest.raises(DataError, match="other data"):
        ranked_together(run("one", last_poll=1.0), other, ["code"])


def test_numbers_that_moved_are_counted_with_the_largest() -> None:
    moved = changed_numbers(run(last_poll=1.0, old=1.0), run(last_poll=1.5, new=1.0))
    row = moved.set_index("predictor").loc["last_poll"]
    assert (row["same"], row["different"], row["largest"], row["metric"]) == (0, 1, 0.5, "crps")
    counts = moved.set_index("predictor")[["only_first", "only_second"]]
    assert counts.loc["old"].tolist() == [1, 0]
    assert counts.loc["new"].tolist() == [0, 1]


def test_a_predictor_of_both_is_one_row_unless_its_numbers_moved() -> None:
    same = ranked_together(run(last_poll=1.0), run(last_poll=1.0, mine=2.0), [])
    assert sorted(same["predictor"]) == ["last_poll", "mine"]
    other = altered(run(last_poll=3.0), "code")
    moved = ranked_together(run(last_poll=1.0), other, ["code"])
    assert sorted(moved["predictor"]) == ["last_poll", "last_poll (second run)"]

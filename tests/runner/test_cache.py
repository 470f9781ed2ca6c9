"""Everything that can change a number is in the key, and nothing else."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.core import ConfigError, DataError, paths
from bench.core.settings import Experiment
from bench.runner import cache, runner
from bench.runner.cache import Cache
from bench.runner.results import Results
from bench.runner.runner import SAID_BY_TASKS, tasks_of
from bench.studies.backtest.forecasts import forecasts
from predictors.uniform import Uniform

Quick = Callable[..., Experiment]


def keys(experiment: Experiment) -> dict[str, str]:
    (task,) = tasks_of(experiment)
    plan = runner._Plan(experiment, forecasts, task.folders, SAID_BY_TASKS)
    part = {"tasks": [task.part]}
    return {name: plan.key({**part, "predictor": name}) for name in experiment.predictors}


ORDER = "predictor=[quota_poll,uniform,last_election,last_poll,attention_share]"


@pytest.mark.parametrize(
    ("override", "matters"),
    [
        *((one, True) for one in ("seed=7", "include_embargoed=[app]", "ranked_on=[brook,quill]")),
        *((one, True) for one in ("days_before=[3]",)),
        *((one, False) for one in ("title=another", "name=another", "baseline=uniform", ORDER)),
        *((one, False) for one in ("execution=loky", "execution.overwrite=always")),
    ],
)
def test_what_can_change_a_number_changes_every_key_and_nothing_else_does(
    quick: Quick, override: str, matters: bool
) -> None:
    before, after = keys(quick()), keys(quick(override))
    if matters:
        assert not set(before.values()) & set(after.values())
    else:
        assert before == after


def test_a_setting_of_one_predictor_changes_its_key_alone(quick: Quick) -> None:
    before, after = keys(quick()), keys(quick("predictors.quota_poll.design_effect=9"))
    assert {name for name in before if before[name] != after[name]} == {"quota_poll"}


def test_a_byte_of_any_table_changes_every_key(quick: Quick, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    shutil.copytree(paths.datasets() / "toy", folder)
    experiment = quick(f"elections=[{folder}]", "predictor=[quota_poll,uniform]")
    seen = set(keys(experiment).values())
    files = ("inputs/polls.csv", "outcome/national.csv", "candidates.csv", "election.yaml")
    for number, file in enumerate(files, start=2):
        with (folder / file).open("ab") as stream:
            stream.write(b"\n")
        seen |= set(keys(experiment).values())
        assert len(seen) == 2 * number, file


def test_a_file_that_a_setting_names_counts_at_any_depth(quick: Quick, tmp_path: Path) -> None:
    file, seen = tmp_path / "forecast.csv", set()
    of = {"method": "forecast_file", "path": str(file)}
    experiment = quick("predictor=[uniform]")
    experiment.predictors.update(plain=of, dressed={"method": "dressed", "of": of})
    for text in ("candidate,share\n", "candidate,share\n\n"):
        file.write_text(text)
        seen |= set(keys(experiment).values())
    assert len(seen) == 5  # that of `uniform` is the same


def test_every_file_of_a_guest_counts_and_no_link_is_followed(
    quick: Quick, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    guest = type("Guest", (Uniform,), {"__module__": "a_guest"})
    kinds_in = cache.kinds_in
    monkeypatch.setattr(
        cache, "kinds_in", lambda name, given: [guest] if name == "g" else kinds_in(name, given)
    )
    experiment = quick("predictor=[uniform]")
    experiment.predictors["g"] = {"method": "uniform"}
    seen = set()
    names = (
        "a_guest.py",
        *(f"a_guest/{one}" for one in ("__init__.py", ".w", "__pycache__/w.txt")),
    )
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x = 1\n")
        seen |= set(keys(experiment).values())
    assert len(seen) == len(names) + 1  # a module alone is its file
    (tmp_path / "a_guest" / "linked").symlink_to(tmp_path)
    with pytest.raises(ConfigError, match="linked is a link to a folder"):
        keys(experiment)


def test_another_library_or_harness_changes_every_key(
    quick: Quick, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, seen = keys(quick()), [cache.code_sum()]
    shutil.copytree(Path(cache.__file__).parents[1], tmp_path / "bench")
    monkeypatch.setattr(cache, "package_of", lambda module: [str(tmp_path / module)])
    for change in (
        lambda: None,  # wherever it lies
        lambda: (tmp_path / "bench" / "report" / "columns.csv").write_text(""),
        lambda: monkeypatch.setattr(cache, "_version", lambda name: "0.0"),
    ):
        change()
        seen.append(cache.code_sum.__wrapped__())
    assert seen[0] == seen[1]
    assert len(set(seen)) == 3
    monkeypatch.setattr(runner, "code_sum", lambda: seen[-1])
    assert not set(before.values()) & set(keys(quick()).values())


DAMAGE: dict[str, Callable[[Path], object]] = {
    "truncated": lambda path: path.write_bytes(path.read_bytes()[:-7]),
    "one letter": lambda path: path.write_bytes(
        bytes([path.read_bytes()[0] ^ 1]) + path.read_bytes()[1:]
    ),
    "longer": lambda path: path.write_bytes(path.read_bytes() + b"\0"),
    "empty": lambda path: path.write_bytes(b""),
    "pickle": lambda path: path.write_bytes(b"\x80\x04\x8c\x02os\x8c\x06system\x93."),
    "of another key": lambda path: path.write_bytes(cache.encode(Results(), "another")),
    "too large": lambda path: path.write_bytes(b"x" * 10_000),
    "a pipe": lambda path: (path.unlink(), os.mkfifo(path)),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_what_is_damaged_is_said_and_computed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    monkeypatch.setattr(cache, "MAX_BYTES", 9_999)
    kept, key, results = Cache(tmp_path), "ab" * 8, Results(facts={"n": 1})
    kept.put(key, results)
    DAMAGE[kind](kept.path(key))
    with pytest.raises(DataError, match="is damaged"):
        kept.get(key, strict=True)
    assert kept.get(key) is None
    assert "this entry of the cache is damaged (" in capsys.readouterr().err
    kept.put(key, results)
    found = kept.get(key)
    assert found is not None
    assert found.facts == {"n": 1}

"""Everything that can change a number is in the key, and nothing else."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from importlib.machinery import ModuleSpec
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


def test_a_guest_s_source_changes_its_key_alone(quick: Quick, faulty: Path) -> None:
    experiment = quick("predictor=[uniform]")
    experiment.predictors["f"] = {"method": "faulty", "fault": "none"}
    before = keys(experiment)
    source = faulty / "bench_faults" / "beside.py"
    source.write_text("X = 1\n")
    try:
        after = keys(experiment)
    finally:
        source.unlink()
    assert {name for name in before if before[name] != after[name]} == {"f"}


def test_every_file_of_a_guest_counts_and_no_link_is_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    seen = set()
    for name in ("__init__.py", ".weights", "shipped/w.txt", "__pycache__/w.txt"):
        file = tmp_path / "a_guest" / name
        file.parent.mkdir(exist_ok=True)
        file.touch()
        seen.add(cache.package_sum("a_guest"))
    assert len(seen) == 4
    (tmp_path / "a_guest" / "linked").symlink_to(tmp_path)
    with pytest.raises(ConfigError, match="linked is a link to a folder"):
        cache.package_sum("a_guest")


def test_a_module_alone_is_never_read_from_the_cache(
    quick: Quick, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "lone_guest.py").touch()
    lone = type("Lone", (Uniform,), {"__module__": "lone_guest"})
    monkeypatch.setattr(cache, "kinds_in", lambda *_: [lone])
    experiment = quick("predictor=[uniform]")
    assert cache.package_sum("lone_guest") == cache.package_sum("lone_guest")
    assert cache.sources_of(experiment) != cache.sources_of(experiment)


def test_another_library_changes_every_key(quick: Quick, monkeypatch: pytest.MonkeyPatch) -> None:
    before = keys(quick())
    cache.code_sum.cache_clear()
    monkeypatch.setattr(cache, "_version", lambda name: "0.0")
    after = keys(quick())
    cache.code_sum.cache_clear()
    assert not set(before.values()) & set(after.values())
    # and what has no file is never read from the cache
    assert cache.package_sum("no_such_module") != cache.package_sum("no_such_module")


def test_a_file_of_the_package_changes_every_key(
    quick: Quick, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = cache.package_sum("bench")
    shutil.copytree(Path(cache.__file__).parents[1], tmp_path / "bench")
    spec = ModuleSpec("bench", None, is_package=True)
    spec.submodule_search_locations = [str(tmp_path / "bench")]
    monkeypatch.setattr("importlib.util.find_spec", lambda name: spec)
    assert cache.package_sum("bench") == before  # wherever it lies
    with (tmp_path / "bench" / "report" / "columns.csv").open("a") as stream:
        stream.write("\n")
    assert cache.package_sum("bench") != before


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (os.mkfifo, "not a file"),
        (lambda path: path.symlink_to("/dev/zero"), "not a file"),
        (lambda path: path.write_bytes(b"x" * 10_000), "10,000 bytes; accepted: at most 9,999"),
    ],
)
def test_what_is_no_file_or_too_large_is_damaged_and_computed_again(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    make: Callable[[Path], object],
    words: str,
) -> None:
    monkeypatch.setattr(cache, "MAX_BYTES", 9_999)
    kept, key = Cache(tmp_path), "ab" * 8
    kept.path(key).parent.mkdir()
    make(kept.path(key))
    with pytest.raises(DataError, match="is damaged"):
        kept.get(key, strict=True)
    assert kept.get(key) is None
    assert f"this entry of the cache is damaged ({words}" in capsys.readouterr().err
    kept.put(key, Results(facts={"n": 1}))
    found = kept.get(key)
    assert found is not None
    assert found.facts == {"n": 1}

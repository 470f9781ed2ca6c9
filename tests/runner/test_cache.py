"""Everything that can change a number is in the key, and nothing else."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.core import ConfigError, paths
from bench.core.settings import Experiment
from bench.runner import cache, runner
from bench.runner.cache import Cache
from bench.runner.results import Results
from bench.runner.runner import SET_BY_TASKS, tasks_of
from bench.studies.backtest.forecasts import forecasts
from predictors.uniform import Uniform

Quick = Callable[..., Experiment]


def keys(experiment: Experiment) -> dict[str, str]:
    (task,) = tasks_of(experiment)
    plan = runner._Plan(experiment, forecasts, task.folders, SET_BY_TASKS)
    part = {"tasks": [task.part]}
    return {name: plan.key({**part, "predictor": name}) for name in experiment.predictors}


NAMES = {"attention_share", "last_election", "last_poll", "quota_poll", "uniform"}
ORDER = f"predictor=[{','.join(sorted(NAMES, reverse=True))}]"


@pytest.mark.parametrize(
    ("override", "changed"),
    [
        *((one, NAMES) for one in ("seed=7", "include_embargoed=[app]", "ranked_on=[brook,quill]")),
        ("days_before=[3]", NAMES),
        ("predictors.quota_poll.design_effect=9", {"quota_poll"}),
        *((one, set()) for one in ("title=another", "name=another", "baseline=uniform", ORDER)),
        *((one, set()) for one in ("execution=loky", "execution.memory_limit_mb=99")),
    ],
)
def test_what_can_change_a_number_changes_the_key_and_nothing_else_does(
    quick: Quick, override: str, changed: set[str]
) -> None:
    before, after = keys(quick()), keys(quick(override))
    assert {name for name in before if before[name] != after[name]} == changed


def test_a_byte_of_any_table_changes_every_key(quick: Quick, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    shutil.copytree(paths.datasets() / "toy", folder)
    experiment = quick(f"elections=[{folder}]", "predictor=[quota_poll,uniform]")
    before = keys(experiment)
    for name in ("inputs/polls.csv", "outcome/national.csv", "candidates.csv", "election.yaml"):
        (folder / name).write_bytes((folder / name).read_bytes() + b"\n")
        after = keys(experiment)
        assert not set(before.values()) & set(after.values()), name
        before = after


def test_a_file_that_a_setting_names_counts(quick: Quick, tmp_path: Path) -> None:
    file, seen = tmp_path / "forecast.csv", set()
    experiment = quick("predictor=[uniform]")
    experiment.predictors["plain"] = {"method": "forecast_file", "path": str(file)}
    for text in ("candidate,share\n", "candidate,share\n\n"):
        file.write_text(text)
        seen |= set(keys(experiment).values())
    assert len(seen) == 3  # that of `uniform` is the same


def test_every_file_of_a_guest_counts_and_no_link_is_followed(
    quick: Quick, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    guest = type("Guest", (Uniform,), {"__module__": "a_guest"})
    kind_of = cache.kind_of
    monkeypatch.setattr(
        cache, "kind_of", lambda name, given: guest if name == "g" else kind_of(name, given)
    )
    experiment = quick("predictor=[uniform]")
    experiment.predictors["g"] = {"method": "uniform"}
    seen = set()
    for name in ("a_guest.py", "a_guest/__init__.py", "a_guest/.w", "a_guest/__pycache__/w.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x = 1\n")
        seen |= set(keys(experiment).values())
    assert len(seen) == 5  # a module alone is its file, and `uniform` has one key
    (tmp_path / "a_guest" / "linked").symlink_to(tmp_path)
    with pytest.raises(ConfigError, match="linked is a link to a folder"):
        keys(experiment)


def test_another_library_or_harness_changes_every_key(
    quick: Quick, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, code = keys(quick()), cache.code_sum()
    for name in ("_version", "package_sum"):
        with monkeypatch.context() as patch:
            patch.setattr(cache, name, lambda _: "another")
            assert cache.code_sum.__wrapped__() != code
    monkeypatch.setattr(runner, "code_sum", lambda: "another")
    assert not set(before.values()) & set(keys(quick()).values())


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        *((name, False) for name in ("report/html/words.yaml", "studies/a/page.fr.md")),
        *((name, False) for name in ("report/columns.csv", "report/html/page.py", "site.py")),
        *((name, False) for name in ("cli/main.py", "studies/a/view.py", "studies/a/figures.py")),
        *((name, True) for name in ("models/raking.py", "studies/a/analysis.py")),
        *((name, True) for name in ("data/columns.csv", "data/report.py", "simulation/view.py")),
    ],
)
def test_what_computes_counts_and_what_pages_are_made_of_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, counts: bool
) -> None:
    monkeypatch.setattr(cache, "package_of", lambda module: [str(tmp_path)])
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    sums, pages = set(), set()
    for text in ("One comma", "One, comma"):
        (tmp_path / name).write_text(text)
        sums.add(cache.package_sum("bench"))
        pages.add(cache.pages_sum.__wrapped__())  # for drawings
    assert (len(sums), len(pages)) == (1 + counts, 2 - counts)


WHOLE = cache.encode(Results(facts={"n": 1}), "ab" * 8)
DAMAGE = {
    "empty": b"",
    "truncated": WHOLE[:-7],
    "one bit": WHOLE[:-9] + bytes([WHOLE[-9] ^ 1]) + WHOLE[-8:],
    "longer": WHOLE + b"\0",
    "of another key": cache.encode(Results(facts={"n": 1}), "another"),
    "too large": cache.encode(Results(facts={"n": "1" * 10_000}), "ab" * 8),
    "a pipe": None,
}


@pytest.mark.parametrize("content", DAMAGE.values(), ids=DAMAGE)
def test_what_is_damaged_is_said_and_computed_again(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    content: bytes | None,
) -> None:
    monkeypatch.setattr(cache, "MAX_BYTES", 9_999)
    kept, key = Cache(tmp_path), "ab" * 8
    assert kept.get(key) is None
    kept.path(key).parent.mkdir()
    os.mkfifo(kept.path(key)) if content is None else kept.path(key).write_bytes(content)
    assert kept.get(key) is None
    assert capsys.readouterr().err.count("this entry of the cache is damaged (") == 1
    kept.put(key, Results(facts={"n": 1}))
    assert kept.path(key).read_bytes() == WHOLE
    assert kept.get(key) is not None

"""Caches are listed and emptied; runs stay."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from bench.cli.commands.clean import main
from bench.core import ConfigError


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """Two caches, one of them nine days old, and a run."""
    for name, size in ((".cache/ab/1", 2_000_000), (".drawings/1.drawings", 500_000)):
        path = tmp_path / name
        path.parent.mkdir(parents=True)
        path.write_bytes(bytes(size))
    old = time.time() - 9 * 86_400
    os.utime(tmp_path / ".drawings" / "1.drawings", (old, old))
    run = tmp_path / "quickstart" / "2026-01-01_00-00-00"
    run.mkdir(parents=True)
    (run / "manifest.json").write_text("{}")
    return tmp_path


def test_an_unknown_kind_is_refused(results: Path) -> None:
    with pytest.raises(ConfigError, match="did you mean 'drawings'"):
        main(["drawing", "--results", str(results)])


def test_without_yes_it_lists_and_deletes_nothing(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--results", str(results)]) == 0
    cache, drawings, _, total = capsys.readouterr().out.splitlines()
    assert cache.split()[:4] == ["cache", "2.0", "MB", "1"]
    assert "today" in cache
    assert drawings.split()[:4] == ["drawings", "0.5", "MB", "1"]
    assert "9 days ago" in drawings
    assert total.startswith("2.5 MB in all")
    assert "The same with --yes" in total  # of other kinds, or beside other runs, nothing goes
    assert (results / ".cache" / "ab" / "1").is_file()
    assert (results / ".drawings" / "1.drawings").is_file()


@pytest.mark.parametrize(
    ("kinds", "gone", "left"),
    [
        ([], [".cache", ".drawings"], []),
        (["cache"], [".cache"], [".drawings"]),
        (["drawings"], [".drawings"], [".cache"]),
    ],
)
def test_with_yes_the_kinds_asked_for_go_and_runs_stay(
    results: Path, kinds: list[str], gone: list[str], left: list[str]
) -> None:
    assert main([*kinds, "--yes", "--results", str(results)]) == 0
    assert not [name for name in gone if (results / name).exists()]
    assert [name for name in left if (results / name).exists()] == left
    assert (results / "quickstart" / "2026-01-01_00-00-00" / "manifest.json").is_file()


def test_what_lies_behind_a_link_stays(
    results: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    tmp_path = tmp_path_factory.mktemp("tmp_path")
    (tmp_path / "mine").write_text("")
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / ".cache").symlink_to(tmp_path)
    assert main(["--yes", "--results", str(tmp_path / "results")]) == 0
    assert (tmp_path / "mine").is_file()


def test_a_folder_without_caches_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--yes", "--results", str(tmp_path / "nowhere")]) == 0
    assert "nothing is cached" in capsys.readouterr().out


def test_what_killed_runs_left_is_listed_once_nobody_writes_there(
    results: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    left = results / "quickstart" / ".2026-01-01_00-00-00.unfinished" / "errors.csv"
    left.parent.mkdir()
    left.write_text("half")
    assert main(["unfinished", "--results", str(results)]) == 0
    assert "nothing is cached" in capsys.readouterr().out
    os.utime(left, (0, 0))
    assert main(["unfinished", "--yes", "--results", str(results)]) == 0
    assert not left.parent.exists()
    assert (results / "quickstart" / "2026-01-01_00-00-00").is_dir()

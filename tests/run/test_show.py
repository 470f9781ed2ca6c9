"""A kept run shows the same again, without being run."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from bench.studies.backtest.render import show_again

from bench.cli.commands.report import find_run, main
from bench.core import ConfigError, DataError
from tests.test_main import bench


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kept")
    bench(folder, "+experiment=quickstart", "predictor=[last_poll,last_election,uniform]")
    (found,) = (folder / "results" / "quickstart").iterdir()
    return found


def test_everything_shown_comes_out_again_byte_for_byte(run: Path, tmp_path: Path) -> None:
    assert main([str(run), "--to", str(tmp_path), "--hubverse", "--sizes", "single"]) == 0
    again = {path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file()}
    first = {
        path.relative_to(run)
        for path in run.rglob("*")
        if path.is_file()
        and {"tables", "figures", "report.html"} & set(path.relative_to(run).parts)
    }
    assert first < again
    for name in first:
        assert (run / name).read_bytes() == (tmp_path / name).read_bytes(), name
    assert (tmp_path / "figures" / "shares_single.pdf").is_file()
    assert (tmp_path / "hubverse" / "target-data" / "oracle-output.csv").is_file()


def test_a_run_is_found_by_the_name_of_its_experiment(run: Path) -> None:
    assert find_run("quickstart", run.parents[1]) == run
    with pytest.raises(ConfigError, match="no run is called 'quick'"):
        find_run("quick", run.parents[1])


@pytest.mark.parametrize(
    ("file", "content", "words"),
    [
        ("facts.json", "[{}]", "is not whole"),
        ("facts.json", None, "cannot be read"),
        ("errors.parquet", "no table", r"errors\.parquet: cannot be read"),
        ("manifest.json", "{", r"manifest\.json: cannot be read"),
    ],
)
def test_half_a_run_is_refused(
    run: Path, tmp_path: Path, file: str, content: str | None, words: str
) -> None:
    broken = tmp_path / "run"
    shutil.copytree(run, broken)
    (broken / file).unlink()
    if content is not None:
        (broken / file).write_text(content)
    with pytest.raises(DataError, match=words):
        show_again(broken, tmp_path / "out")


def test_an_unknown_size_is_refused(run: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no size is called 'tripel'"):
        main([str(run), "--to", str(tmp_path), "--sizes", "tripel"])

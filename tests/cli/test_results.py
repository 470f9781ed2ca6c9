"""`bench run`, `bench open` and `bench results`: from a name to a run, its page and its size."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.cli.commands import open_, results, run
from bench.core.errors import ConfigError
from bench.report.run_folder import MANIFEST


def made_up_run(folder: Path, name: str, time: str, page: bool = True) -> Path:
    run_folder = folder / name / time
    run_folder.mkdir(parents=True)
    (run_folder / MANIFEST).write_text("{}" + " " * 998)
    if page:
        (run_folder / "report.html").write_text("")
    return run_folder


@pytest.fixture
def three(tmp_path: Path) -> Path:
    made_up_run(tmp_path, "own", "2026-01-02_10-00-00")
    made_up_run(tmp_path, "quickstart", "2026-01-01_10-00-00")
    made_up_run(tmp_path, "quickstart", "2026-01-03_10-00-00")
    return tmp_path


def test_an_experiment_that_does_not_exist_is_refused_with_the_one_that_was_meant() -> None:
    with pytest.raises(ConfigError, match=r"no experiment is called '2017_r9' \(did you mean"):
        run.main(["2017_r9"])


def test_run_is_the_plus_of_hydra(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []

    def the_one_run(arguments: list[str]) -> int:
        asked.append(arguments)
        return 3

    monkeypatch.setattr("bench.cli.main.run", the_one_run)
    assert run.main(["2017_r1", "seed=5", "--cfg", "job"]) == 3
    assert asked == [["+experiment=2017_r1", "seed=5", "--cfg", "job"]]


def test_no_page_to_open_is_said_with_the_way_to_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no run lies in .* yet; the first: bench run"):
        open_.main(["--results", str(tmp_path)])
    made_up_run(tmp_path, "own", "2026-01-02_10-00-00", page=False)
    with pytest.raises(ConfigError, match=r"has no report.html; it is made again with: bench repo"):
        open_.main(["--results", str(tmp_path)])


def test_the_latest_page_of_all_is_opened(
    three: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []

    def browser(address: str) -> bool:
        opened.append(address)
        return True

    monkeypatch.setattr("webbrowser.open", browser)
    assert open_.main(["--results", str(three)]) == 0
    page = three / "quickstart/2026-01-03_10-00-00/report.html"
    assert opened == [page.as_uri()]
    assert capsys.readouterr().out == f"{page}\n"
    assert open_.main(["own", "--results", str(three), "--print"]) == 0
    assert "own/2026-01-02_10-00-00" in capsys.readouterr().out
    assert len(opened) == 1


def test_runs_are_counted_by_experiment(three: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (three / ".cache").mkdir()
    (three / ".cache" / "a").write_bytes(b" " * 2_000_000)
    assert results.main(["--results", str(three)]) == 0
    said = capsys.readouterr().out
    assert "quickstart                 2 runs      0.0 MB  A made-up election" in said
    assert "2026-01-03_10-00-00" in said
    assert "cached: 2.0 MB" in said


def test_only_what_was_named_is_deleted_and_only_when_it_is_said(
    three: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ConfigError, match="give --keep N with it"):
        results.main(["--yes", "--results", str(three)])
    with pytest.raises(ConfigError, match="--keep is -1; accepted: a whole number of at least 0"):
        results.main(["--keep", "-1", "--results", str(three)])
    assert results.main(["--keep", "1", "--results", str(three)]) == 0
    assert "nothing is deleted yet" in capsys.readouterr().out
    assert len(list(three.glob("*/*"))) == 3
    assert results.main(["--keep", "1", "--yes", "--results", str(three)]) == 0
    left = sorted(path.name for path in three.glob("*/*"))
    assert left == ["2026-01-02_10-00-00", "2026-01-03_10-00-00"]


def test_fewer_runs_than_are_to_be_kept_all_stay(three: Path) -> None:
    assert results.main(["--keep", "3", "--yes", "--results", str(three)]) == 0
    assert len(list(three.glob("*/*"))) == 3

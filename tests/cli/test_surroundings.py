"""What the shell hands over: a reader who leaves, no home, a folder gone."""

from __future__ import annotations

import os
from pathlib import Path

from tests.forked import bench, with_a_short_page

RUN = ("+experiment=quickstart", "predictor=[last_poll]", "n_draws=50")


def nobody_reads() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    os.dup2(writing, 1)


def test_a_reader_who_leaves_costs_nothing_of_a_run(tmp_path: Path) -> None:
    def before() -> None:
        with_a_short_page()
        nobody_reads()

    ended = bench(tmp_path / "here", *RUN, before=before)
    assert ended.status == 141, ended.err
    assert "rror" not in ended.err
    (run,) = (tmp_path / "here" / "results" / "quickstart").iterdir()
    assert (run / "report.html").is_file()


def test_nobody_needs_a_home(tmp_path: Path) -> None:
    def before() -> None:
        with_a_short_page()
        os.environ["HOME"] = "/nonexistent"

    ended = bench(tmp_path / "here", *RUN, before=before)
    assert ended.status == 0, ended.err


def test_a_folder_that_is_gone_is_answered_in_a_sentence(tmp_path: Path) -> None:
    ended = bench(tmp_path / "here", *RUN, before=lambda: os.rmdir(os.getcwd()))
    assert ended.status == 1
    assert ended.err.startswith("error: the folder from which this command was given has been")
    assert len(ended.err.splitlines()) == 1
    assert not list(tmp_path.glob("here/*"))

"""What the shell hands over: a full disk, closed descriptors, foreign letters, a folder gone."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.forked import bench, with_a_short_page

RUN = ("+experiment=quickstart", "predictor=[last_poll]", "n_draws=50")
FULL = Path("/dev/full")


def nobody_reads() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    os.dup2(writing, 1)


def full_disk() -> None:
    os.dup2(os.open(FULL, os.O_WRONLY), 1)


def all_closed() -> None:
    """As Python starts where the shell has closed them (`>&-`)."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        os.close(number)
        setattr(sys, name, None)


def in_ascii() -> None:
    sys.stdout = io.TextIOWrapper(open(1, "wb", closefd=False), "ascii")  # noqa: SIM115


def without_a_home() -> None:
    os.environ["HOME"] = "/nonexistent"


LOST = "error: standard output cannot be written (No space left on device)"


@pytest.mark.parametrize(
    ("before", "status", "words"),
    [
        pytest.param(nobody_reads, 0, "", id="nobody reads"),
        pytest.param(full_disk, 1, LOST, id="output full"),
        pytest.param(all_closed, 0, "", id="all closed"),
        pytest.param(in_ascii, 0, "", id="LANG=C"),
        pytest.param(without_a_home, 0, "", id="no home"),
    ],
)
def test_what_cannot_be_printed_is_written_all_the_same(
    tmp_path: Path, before: Callable[[], None], status: int, words: str
) -> None:
    if before is full_disk and not FULL.exists():
        pytest.skip("this system has no full device")

    def both() -> None:
        with_a_short_page()
        before()

    ended = bench(tmp_path / "here", *RUN, before=both)
    assert ended.status == status, ended.err
    assert words in ended.err
    assert ended.err.count("error") == bool(words)
    (run,) = (tmp_path / "here" / "results" / "quickstart").iterdir()
    assert (run / "report.html").is_file()
    assert before is not in_ascii or "? Thorne" in ended.out


def test_a_folder_that_is_gone_is_answered_in_a_sentence(tmp_path: Path) -> None:
    ended = bench(tmp_path / "here", *RUN, before=lambda: os.rmdir(os.getcwd()))
    assert ended.status == 1
    assert ended.err.startswith("error: the folder from which this command was given has been")
    assert len(ended.err.splitlines()) == 1
    assert not list(tmp_path.glob("here/*"))

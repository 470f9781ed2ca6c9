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


def full_disk(*numbers: int) -> Callable[[], None]:
    def _full() -> None:
        for number in numbers:
            os.dup2(os.open(FULL, os.O_WRONLY), number)

    return _full


def closed(*numbers: int) -> Callable[[], None]:
    """As Python starts where the shell has closed them (`>&-`)."""

    def _closed() -> None:
        for number in numbers:
            os.close(number)
            setattr(sys, ("stdin", "stdout", "stderr")[number], None)

    return _closed


def encoded(name: str, errors: str = "strict") -> Callable[[], None]:
    def _encoded() -> None:
        sys.stdout = io.TextIOWrapper(open(1, "wb", closefd=False), name, errors)  # noqa: SIM115

    return _encoded


LOST = "error: standard output cannot be written (No space left on device)"


@pytest.mark.parametrize(
    ("before", "status", "words"),
    [
        pytest.param(nobody_reads, 0, "", id="nobody reads"),
        pytest.param(full_disk(1), 1, LOST, id="output full"),
        pytest.param(closed(0, 1, 2), 0, "", id="all closed"),
        pytest.param(encoded("ascii"), 0, "", id="ascii"),
        pytest.param(encoded("ascii", "surrogateescape"), 0, "", id="LANG=C"),
    ],
)
def test_what_cannot_be_printed_is_written_all_the_same(
    tmp_path: Path, before: Callable[[], None], status: int, words: str
) -> None:
    if before.__name__ == "_full" and not FULL.exists():
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
    assert before.__name__ != "_encoded" or "? Thorne" in ended.out


def test_a_list_whose_reader_has_gone_ends_quietly_and_one_that_is_lost_is_no_success(
    tmp_path: Path,
) -> None:
    ended = bench(tmp_path / "here", "list", "experiments", before=nobody_reads)
    assert (ended.status, ended.err) == (0, "")
    if FULL.exists():
        ended = bench(tmp_path / "there", "list", "experiments", before=full_disk(1))
        assert ended.status == 1
        assert LOST in ended.err


def _gone() -> None:
    os.rmdir(os.getcwd())


def test_a_folder_that_is_gone_is_answered_in_a_sentence(tmp_path: Path) -> None:
    ended = bench(tmp_path / "here", *RUN, before=_gone)
    assert ended.status == 1
    assert ended.err.startswith("error: the folder from which this command was given has been")
    assert len(ended.err.splitlines()) == 1
    assert not list(tmp_path.glob("here/*"))

"""Writers: whole or not at all, same bytes twice, no formulae."""

from pathlib import Path

import pandas as pd
import pytest

from bench.core import write


def mixed() -> pd.DataFrame:
    """Text that a spreadsheet would run, negative numbers, flags and gaps."""
    return pd.DataFrame(
        {
            "text": ["=1+1", "+x", "-y", "@z", "\tt", "plain"],
            "number": [-1.5, 0.1, 2, 3, 4, None],
            "flag": [True, False] * 3,
        }
    )


def test_a_crash_leaves_the_old_file_and_no_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write.write_text(tmp_path / "a.txt", "old")

    def crash(self: Path, target: Path) -> None:
        raise OSError("power cut")

    monkeypatch.setattr(Path, "replace", crash)
    with pytest.raises(OSError, match="power cut"):
        write.write_text(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_text_that_begins_like_a_formula_is_defused(sign: str) -> None:
    assert write.safe_text(f"{sign}cmd") == f"'{sign}cmd"


def test_negative_numbers_stay_numbers(tmp_path: Path) -> None:
    path = write.write_csv(tmp_path / "t.csv", mixed())
    back = pd.read_csv(path)
    assert list(back["number"][:2]) == [-1.5, 0.1]
    assert list(back["text"][:3]) == ["'=1+1", "'+x", "'-y"]
    assert path.read_text().splitlines()[1].endswith("true")


def test_a_column_name_is_defused_too(tmp_path: Path) -> None:
    path = write.write_csv(tmp_path / "t.csv", pd.DataFrame({"=A1": [1]}))
    assert path.read_text() == "'=A1\n1\n"


def test_parquet_comes_back_as_it_went(tmp_path: Path) -> None:
    path = write.write_parquet(tmp_path / "t.parquet", mixed())
    pd.testing.assert_frame_equal(pd.read_parquet(path), mixed(), check_dtype=False)


@pytest.mark.parametrize("writer", [write.write_csv, write.write_parquet])
def test_the_same_table_gives_the_same_bytes(writer: object, tmp_path: Path) -> None:
    assert callable(writer)
    first = writer(tmp_path / "a", mixed()).read_bytes()
    assert first == writer(tmp_path / "b", mixed()).read_bytes()


def test_the_callers_table_is_left_alone(tmp_path: Path) -> None:
    table = mixed()
    write.write_csv(tmp_path / "t.csv", table)
    pd.testing.assert_frame_equal(table, mixed())


def test_files_can_be_read_by_others_as_the_umask_allows(tmp_path: Path) -> None:
    other = tmp_path / "plain"
    other.write_text("x")
    path = write.write_text(tmp_path / "a.txt", "x")
    assert path.stat().st_mode == other.stat().st_mode

"""Writers: whole or not at all, same bytes twice, no formulae."""

import os
import re
import stat
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from bench.core import ConfigError, write


@pytest.mark.parametrize("rest", [True, False])
def test_a_crash_leaves_the_old_file_and_no_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rest: bool
) -> None:
    path = write.write_text(tmp_path / "a.txt", "old")

    def crash(self: Path, target: Path) -> None:
        if not rest:
            self.unlink()
        raise OSError("power cut")

    monkeypatch.setattr(Path, "replace", crash)
    with pytest.raises(OSError, match="power cut"):
        write.write_text(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


TABLE = pd.DataFrame(
    {
        "mixed": ["=x", 1, None],
        "text": pd.array(["é", "+1", None], dtype="string"),
        "plain": pd.array(["a", "b,c", None], dtype="string"),
        "flag": [True, False, True],
        "n": [-1, 2, 3],
        "x": [0.1, -1e-9, None],
        "=signs": ["@x", "\tx", "-1"],
        "day": pd.to_datetime(["2031-04-06T00:00", "2031-04-06T20:00", None]),
    },
    index=[7, 8, 9],
)


def test_every_kind_of_column_has_its_form_and_formulae_are_quoted(tmp_path: Path) -> None:
    lines = [
        "mixed,text,plain,flag,n,x,'=signs,day",
        "'=x,é,a,true,-1,0.1,'@x,2031-04-06 00:00:00",
        "1,'+1,\"b,c\",false,2,-1e-09,'\tx,2031-04-06 20:00:00",
        ",,,true,3,,'-1,",
        "",
    ]
    assert write.csv_text(TABLE) == "\n".join(lines)
    assert write.write_csv(tmp_path / "t.csv", TABLE).read_bytes() == "\n".join(lines).encode()


def test_bytes_are_on_the_disk_before_they_have_a_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A power cut after the rename must not find an empty file, nor lose the rename."""
    synced: list[tuple[bool, list[str]]] = []
    sync = os.fsync

    def fsync(handle: int) -> None:
        sync(handle)
        is_folder = stat.S_ISDIR(os.fstat(handle).st_mode)
        size = os.fstat(handle).st_size
        names = [re.sub(r"\.\w{8}\.", ".*.", path.name) for path in tmp_path.iterdir()]
        assert is_folder or size == 5
        synced.append((is_folder, names))

    monkeypatch.setattr(os, "fsync", fsync)
    write.write_bytes(tmp_path / "a.txt", b"whole")
    assert synced == [(False, [".a.txt.*.tmp"]), (True, ["a.txt"])]
    open_before = len(os.listdir("/proc/self/fd")) if Path("/proc").exists() else 0
    write.write_bytes(tmp_path / "a.txt", b"whole")
    assert not open_before or len(os.listdir("/proc/self/fd")) == open_before


def test_parquet_holds_the_table_and_nothing_of_the_library(tmp_path: Path) -> None:
    table = TABLE.drop(columns="mixed").set_index(pd.Index(list("abc"), name="place"))
    file = pq.ParquetFile(write.write_parquet(tmp_path / "t.parquet", table))
    assert file.schema_arrow.names == list(table.columns)
    assert not file.schema_arrow.metadata


@pytest.mark.parametrize("name", ["file", "file/run/1", "dangling"])
def test_what_stands_where_a_folder_should_be_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    in_the_way = tmp_path / name.split("/")[0]
    words = rf"--out is '{tmp_path / name}', but '{in_the_way}' is "
    with pytest.raises(ConfigError, match=f"^{words}"):
        write.refuse_unwritable(tmp_path / name, "--out")


def test_a_folder_that_takes_no_files_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "inner" / "results"
    write.refuse_unwritable(folder, "results")
    monkeypatch.chdir(tmp_path)
    write.refuse_unwritable(Path("results"), "results")
    assert not folder.parent.exists()
    assert not list(tmp_path.iterdir())
    with pytest.raises(ConfigError, match=r"^results is '/proc/x/y', but '/(proc)?' takes"):
        write.refuse_unwritable(Path("/proc/x/y"), "results")

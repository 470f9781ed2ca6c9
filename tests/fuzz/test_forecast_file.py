"""Whatever stands in a forecast file: a clear error, or a forecast."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz.replay import fuzzed, replay
from tests.fuzz.test_tables import NASTY

SIMPLE = """published_on,draw,candidate,share,elected
2031-04-01,1,brook,0.4,0.5
2031-04-01,1,Anselm Ferrier,0.3,0.5
2031-04-01,1,hollow,0.3,
2031-04-01,2,brook,0.5,0.5
2031-04-01,2,Anselm Ferrier,0.2,0.5
2031-04-01,2,hollow,0.3,
"""
HUBVERSE = """reference_date,target,candidate,output_type,output_type_id,value
2031-04-01,share,brook,quantile,0.1,0.3
2031-04-01,share,brook,quantile,0.9,0.5
2031-04-01,share,quill,mean,NA,0.4
2031-04-01,qualify,thorne,pmf,yes,0.4
2031-04-01,qualify,thorne,pmf,no,0.6
"""
WORDS = [*NASTY, "mean", "sample", "pmf", "qualify", "yes", "0.999", "2031-04-02", "Odile Brook"]
file = st.sampled_from([SIMPLE, HUBVERSE])


@fuzzed
@given(file=file, data=st.data())
def test_any_cell(tmp_path: Path, file: str, data: Any) -> None:
    lines = file.splitlines()
    row = data.draw(st.integers(0, len(lines) - 1))
    cells = lines[row].split(",")
    place = data.draw(st.integers(0, len(cells) - 1))
    cells[place] = data.draw(st.sampled_from(WORDS) | st.text(max_size=12))
    lines[row] = ",".join(cells)
    replay("forecast_csv", "\n".join(lines).encode("utf-8", "replace"), tmp_path)


@fuzzed
@given(file=file, data=st.data())
def test_any_place_overwritten(tmp_path: Path, file: str, data: Any) -> None:
    content = bytearray(file.encode())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        piece = data.draw(st.sampled_from([b",", b'"', b"\n", b"\0", b"\xff", b"", b";", b"\r"]))
        content[place : place + data.draw(st.integers(0, 30))] = piece
    replay("forecast_csv", bytes(content), tmp_path)

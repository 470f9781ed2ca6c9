"""Whatever stands in the files that a person brings: a clear error, or what can be used."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bench.core import paths
from tests.data.test_short_form import BOTH, FIRST, HEAD, PAIR, TWO, poll
from tests.fuzz.replay import fuzzed, replay
from tests.fuzz.test_tables import NASTY

YAML = """country: FR
names: {ana_rowe: Ána Rowe}
tested: {Dee Fox: green}
leave_out: {2: [Cy Orr]}
same_as: {Bo Ek: macron}
"""
SIMPLE = """published_on,draw,candidate,share,elected
2031-04-01,1,brook,0.4,0.5
2031-04-01,1,Anselm Ferrier,0.3,0.5
2031-04-01,2,brook,0.5,0.5
2031-04-01,2,Anselm Ferrier,0.2,0.5
"""
HUBVERSE = """reference_date,target,candidate,output_type,output_type_id,value
2031-04-01,share,brook,quantile,0.1,0.3
2031-04-01,share,brook,quantile,0.9,0.5
2031-04-01,share,quill,mean,NA,0.4
2031-04-01,qualify,thorne,pmf,yes,0.4
2031-04-01,qualify,thorne,pmf,no,0.6
"""
GOOD = [
    ("election.yaml", TWO + YAML),
    ("polls.csv", HEAD + FIRST + PAIR + poll(1, {"Ana Rowe": 0.5, "Dee Fox": 0.5}, size=9)),
    ("outcome.csv", BOTH),
    ("forecast.csv", SIMPLE),
    ("forecast.csv", HUBVERSE),
]
SHORT = {name: text.encode() for name, text in GOOD[:3]}
TOY = paths.datasets() / "toy"
FULL = {str(path.relative_to(TOY)): path.read_bytes() for path in TOY.rglob("*") if path.is_file()}
WORDS = [*NASTY, "mean", "sample", "pmf", "qualify", "yes", "0.999", "2031-04-02", "Odile Brook"]
PIECES = [b",", b'"', b"\n", b"\0", b"\xff", b"", b";", b"\r"]
value = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.floats()
    | st.text(max_size=8)
    | st.dates()
    | st.sampled_from(["../../x", "2031-04-06", "now", "NaT", "=1+1", "<b>", "9999-12-31"])
    | st.sampled_from(["FR", "2030-05-12", "Ana Rowe", "others", "green", "macron", "share"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=4) | st.integers(1, 2), inner, max_size=3)
    ),
    max_leaves=5,
)


@pytest.mark.parametrize(("name", "good"), GOOD)
@fuzzed
@given(data=st.data())
def test_any_cell_or_place_of_a_file(tmp_path: Path, name: str, good: str, data: Any) -> None:
    cells = re.split("([,\n])", good)
    cell = data.draw(st.integers(0, len(cells) // 2 - 1))
    cells[2 * cell] = data.draw(st.sampled_from(WORDS) | st.text(max_size=12))
    content = bytearray("".join(cells).encode("utf-8", "replace"))
    for _ in range(data.draw(st.integers(0, 3))):
        place = data.draw(st.integers(0, len(content) - 1))
        piece = data.draw(st.sampled_from(PIECES))
        content[place : place + data.draw(st.integers(0, 30))] = piece
    replay(name, bytes(content), tmp_path, SHORT)


@pytest.mark.parametrize("beside", [SHORT, FULL], ids=["short", "full"])
@fuzzed
@given(data=st.data())
def test_any_value_anywhere_in_a_yaml(tmp_path: Path, beside: dict[str, bytes], data: Any) -> None:
    place = facts = yaml.safe_load(beside["election.yaml"])
    key = data.draw(st.sampled_from(list(place)))
    while isinstance(place[key], dict) and data.draw(st.booleans()):
        place = place[key]
        key = data.draw(st.sampled_from(list(place)))
    if data.draw(st.booleans()):
        del place[key]
    place[data.draw(st.just(key) | st.text(max_size=3))] = data.draw(value)
    text = yaml.safe_dump(facts, allow_unicode=True)
    replay("election.yaml", text.encode("utf-8", "replace"), tmp_path, beside)


def test_a_second_round_before_the_first_is_refused(tmp_path: Path) -> None:
    text = FULL["election.yaml"].replace(b"2031-04-20", b"2031-03-20")
    said = replay("election.yaml", text, tmp_path, FULL)
    assert said is not None
    assert "round 2 votes on 2031-03-20, round 1 on 2031-04-06" in said

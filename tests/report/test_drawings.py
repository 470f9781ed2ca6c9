"""Drawings: made once, kept by what they depend on, never trusted when damaged."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench.report import figure_export as room
from bench.report.plotting import layout as canvas
from bench.studies.backtest.headline import headline


@pytest.fixture
def asked(run: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Tables of the made-up run that allow one small figure."""
    every = room.figures_of
    monkeypatch.setattr(room, "figures_of", lambda *a: {"qualify": every(*a)["qualify"]})
    table = headline(run.errors, run.forecasts, run.methods, run.facts)
    return run.errors, run.forecasts, table, run.facts


def test_what_is_kept_is_what_would_be_drawn(asked: Any, tmp_path: Path) -> None:
    drawn = room.drawings(*asked)
    assert room.drawings(*asked, keep=tmp_path) == drawn
    (file,) = tmp_path.iterdir()
    before = file.stat().st_mtime_ns
    assert room.drawings(*asked, keep=tmp_path) == drawn
    assert file.stat().st_mtime_ns == before


def test_the_files_are_those_of_the_figure_alone(asked: Any, tmp_path: Path) -> None:
    alone = canvas.save(room.figures_of(*asked)["qualify"]("double"), tmp_path / "a", "qualify")
    written = room.write_drawings(tmp_path / "b", room.drawings(*asked))
    assert [p.name for p in written] == [p.name for p in alone]
    assert [p.read_bytes() for p in written] == [p.read_bytes() for p in alone]


@pytest.mark.parametrize("damage", [b"", b"\xff", b"0\n[]"])
def test_a_damaged_file_is_drawn_again(asked: Any, tmp_path: Path, damage: bytes) -> None:
    drawn = room.drawings(*asked, keep=tmp_path)
    (file,) = tmp_path.iterdir()
    whole = file.read_bytes()
    file.write_bytes(damage)
    assert room.drawings(*asked, keep=tmp_path) == drawn
    assert file.read_bytes() == whole


def test_tables_names_and_outlines_change_the_key_and_the_manifest_does_not(
    asked: Any, tmp_path: Path
) -> None:
    errors, forecasts, table, facts = asked
    outlines = tmp_path / "areas.geojson"
    outlines.write_text("one")
    mapped = replace(facts, area_outlines=outlines)
    keys = [
        room._key(*asked),
        room._key(errors.assign(value=errors["value"] + 1), forecasts, table, facts),
        room._key(errors, forecasts, table.iloc[::-1], facts),
        room._key(errors, forecasts, table, replace(facts, name="Another election")),
        room._key(errors, forecasts, table, mapped),
    ]
    outlines.write_text("two")
    keys.append(room._key(errors, forecasts, table, mapped))
    assert len(set(keys)) == len(keys)
    assert room._key(errors, forecasts, table, replace(facts, manifest={"a": 1})) == keys[0]

"""The notebooks run from top to bottom, what they assert holds, and what they show is stored."""

from __future__ import annotations

import ast
import contextlib
import io
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest

NOTEBOOKS = sorted((Path(__file__).resolve().parents[2] / "docs" / "notebooks").glob("*.ipynb"))
SLOW = "drag_the_date"  # many runs
by_notebook = pytest.mark.parametrize(
    "path",
    [
        pytest.param(path, id=path.stem, marks=pytest.mark.golden if path.stem == SLOW else ())
        for path in NOTEBOOKS
    ],
)


def cells_of(path: Path, kind: str = "code") -> list[dict[str, Any]]:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [cell for cell in cells if cell["cell_type"] == kind]


def codes_of(path: Path) -> list[str]:
    return ["".join(cell["source"]) for cell in cells_of(path)]


def stored(cell: dict[str, Any]) -> str:
    """What a reader of the notebook sees of a cell as text; pictures are left out."""
    shown = [
        output["text"] if output["output_type"] == "stream" else output["data"]["text/plain"]
        for output in cell["outputs"]
        if output["output_type"] != "display_data"
    ]
    return "\n".join("".join(lines).rstrip() for lines in shown)


def run(path: Path, codes: list[str]) -> tuple[dict[str, Any], list[str]]:
    """Names after the last cell, and what each cell shows: what it prints, and its last value."""
    if any("ipywidgets" in code for code in codes):
        pytest.importorskip("ipywidgets")
    names: dict[str, Any] = {"__name__": path.stem}
    shown = []
    for number, code in enumerate(codes):
        tree, printed = ast.parse(code, f"{path.name}, code cell {number}"), io.StringIO()
        last = tree.body[-1]
        is_shown = isinstance(last, ast.Expr) and not code.rstrip().endswith(";")
        if is_shown:
            tree.body[-1] = ast.copy_location(
                ast.Assign([ast.Name("_last", ast.Store())], last.value, lineno=last.lineno), last
            )
            ast.fix_missing_locations(tree)
        with contextlib.redirect_stdout(printed):
            exec(compile(tree, f"{path.name}, {number}", "exec", dont_inherit=True), names)
            if is_shown and names["_last"] is not None:
                print(repr(names["_last"]))
        shown.append(printed.getvalue().rstrip())
    return names, shown


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    with mpl.rc_context({"figure.max_open_warning": 0}):
        yield
    plt.close("all")


@cache
def as_stored(path: Path) -> tuple[dict[str, Any], list[str]]:
    return run(path, codes_of(path))


@by_notebook
def test_a_notebook_shows_what_is_stored_in_it(path: Path) -> None:
    assert any("assert " in code for code in codes_of(path))
    _, shown = as_stored(path)
    for cell, text in zip(cells_of(path), shown, strict=True):
        is_widget = "interact(" in "".join(cell["source"])  # shows nothing without a kernel
        assert stored(cell) == ("" if is_widget else text)


SECOND = """known = read_known_tables(first=5)
other = known.index["key"].iloc[3]
known = replace(known, index=known.index.query("key == @other").reset_index(), **{
    name: getattr(known, name).query("key == @other")
    for name in ("row_votes", "column_votes", "true_tables", "row_labels")
})"""
EXERCISES = {
    "first_forecast": {"days=7": "days=30", "2017-04-21 23:59": "2017-03-01 20:00"},
    "drag_the_date": {"methods = {": 'methods = {"last_poll": "last", "uniform": "nobody",'},
    "drag_the_accounts": {"beneficiary=whom,": "beneficiary=whom, hostility=0.0,"},
    "own_method": {'["share"].mean()': '["share"].median()'},
    "ecological_bounds": {
        "known = read_known_tables(first=1)": f"from dataclasses import replace\n{SECOND}"
    },
    "volunteers_1936_2022": {
        "*by_state, ": "",
        '{"literary_digest", "vote_imag"': '{"vote_imag"',
        "> 1_500_000": "> 20_000",
    },
}


@pytest.mark.golden
@pytest.mark.parametrize("stem", EXERCISES)
def test_an_exercise_breaks_no_later_cell(stem: str) -> None:
    codes = codes_of(next(path for path in NOTEBOOKS if path.stem == stem))
    for given, changed in EXERCISES[stem].items():
        assert any(given in code for code in codes), given
        codes = [code.replace(given, changed) for code in codes]
    run(Path(stem), codes)

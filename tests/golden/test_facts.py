"""What is kept of a reviewed result gives its page again, and is the same from run to run."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from bench.studies.run import Run, load_run
from tests.golden import facts
from tests.golden.conftest import on_toy
from tests.golden.studies import differences, toy_run

OTHER_STUDIES = ("2022_rehearsal", "attention", "report_2018", "track_record")


@on_toy(["quickstart", "2017_chain", *OTHER_STUDIES], in_golden=OTHER_STUDIES)
def test_the_page_of_a_reviewed_result_is_that_of_the_run(run: Run, reference: Path) -> None:
    run = facts.reproducible(run)
    again = load_run(reference)
    for code in ("en", "fr"):
        before, after = run.in_language(code).shown, again.in_language(code).shown
        assert after.findings == before.findings
        assert list(after.figures) == list(before.figures)
        assert [one.to_markdown() for one in after.tables] == [
            one.to_markdown() for one in before.tables
        ]


@on_toy(["2022_rehearsal"], in_golden=["2022_rehearsal"])  # whose tables hold seconds
def test_two_runs_leave_the_same_bytes(name: str, reference: Path, tmp_path: Path) -> None:
    facts.keep(toy_run(name), tmp_path)
    files = sorted(path for path in reference.rglob("*") if path.is_file())
    assert {"manifest.json", "facts.json", "slate_forecasts.parquet"} <= {
        path.name for path in files
    }
    for path in files:
        second = tmp_path / path.relative_to(reference)
        assert second.read_bytes() == path.read_bytes(), path.name


@on_toy(["quickstart"])
def test_what_moved_is_told_of_tables_values_and_settings(
    run: Run, reference: Path, tmp_path: Path
) -> None:
    then = facts.reviewed(reference)
    assert facts.reviewed(tmp_path / "nowhere") == {}
    assert not differences(facts.remade(run, then), then)
    rows = then["kept_forecasts"]
    then["kept_forecasts"] = rows.assign(share=rows["share"] + 0.25)
    values = then["kept_values"].set_index("key")["value"]
    values[".settings.seed"] = -1
    then["kept_values"] = pd.DataFrame({"key": values.index, "value": values.to_numpy()})
    lines = differences(facts.remade(run, then), then).splitlines()
    assert {line.split(",")[0].split(":")[0] for line in lines} == {
        "kept_forecasts",
        "kept_values",
    }

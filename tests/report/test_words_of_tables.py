"""Tables speak the language of their readers: heads, numbers, and columns that say nothing."""

import pandas as pd
import pytest

from bench.report.formatting import format_significant, format_value
from bench.report.tables import Table
from bench.report.tables import table as build_table

DOSES = pd.DataFrame(
    {
        "distortion": "app_brigading",
        "predictor": list("abcd"),
        "dose": [0.0, 1.6e4, 1e6, 6.3e-05],
        "mae_pp": [1.0, 2.345, 12345.678, float("nan")],
        "p_pair_right": [0.5, 1.0, 0.0, 0.999],
        "replicates": 20,
        "why": "",
    }
)


def table() -> Table:
    """Doses of very different sizes."""
    forms = {"p_pair_right": "%"}
    return build_table("doses", DOSES, title="Doses", notes=("A note.",), columns=forms)


def texts(key: str) -> list[str]:
    """A column as people see it."""
    return table().texts(key)


def test_no_number_is_written_with_an_exponent() -> None:
    assert texts("dose") == ["0", "16,000", "1,000,000", "0.000063"]
    assert texts("mae_pp") == ["1.00", "2.35", "12,345.68", "–"]
    assert texts("p_pair_right") == ["50%", "100%", "0%", ">99%"]


@pytest.mark.parametrize("value", [1e-9, 1.5e-5, 0.1, 7.0, 123456.7, 1e12, -4.4e7])
def test_six_digits_are_kept_whatever_the_size(value: float) -> None:
    text = format_significant(value)
    assert "e" not in text.lower()
    assert float(text.replace(",", "").replace("−", "-")) == pytest.approx(value, rel=1e-5)


@pytest.mark.parametrize("form", [".2f", "g", "2x", ",.6g"])
def test_a_form_that_nobody_knows_is_refused(form: str) -> None:
    with pytest.raises(ValueError, match="accepted: %, <%, year"):
        format_value(1.0, form)


def test_what_is_the_same_in_every_row_is_said_once() -> None:
    shown = table()
    assert [h.key for h in shown.columns] == ["predictor", "dose", "mae_pp", "p_pair_right"]
    assert (
        shown.notes[-1] == "The same in every row: distortion Brigading of an app; replicates 20."
    )
    assert len(shown.data.columns) == len(DOSES.columns)


def test_seconds_are_printed_and_never_written() -> None:
    rows = pd.DataFrame({"predictor": [*"ab"], "mae_pp": [1.0, 2.0]})
    timed = rows.assign(cpu_ms=[3.0, 4.0])
    spec = {"cpu_ms": {"form": "1", "in_files": False}}
    shown = build_table("t", rows, shown=timed, title="T", columns=spec)
    for text in (shown.to_markdown(), shown.to_latex(), shown.to_html(), shown.to_csv()):
        assert "cpu" not in text
    assert shown.texts("cpu_ms") == ["3.0", "4.0"]

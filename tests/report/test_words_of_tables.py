"""Tables speak the language of their readers: heads, numbers, and columns that say nothing."""

from pathlib import Path

import pandas as pd
import pytest

from bench.report.heads import HEADS, known
from bench.report.numbers import plain, written
from bench.report.plain_table import plain_table
from bench.report.table import Table
from bench.report.tables import html_table, latex, markdown, write_table
from bench.studies.dose_response.report import points_table
from bench.studies.runoff_by_station.report import COLUMNS, HEAD

DOSES = pd.DataFrame(
    {"scenario": "app_brigading", "predictor": list("abcd"), "dose": [0.0, 1.6e4, 1e6, 6.3e-05],
     "mae_pp": [1.0, 2.345, 12345.678, float("nan")], "p_pair_right": [0.5, 1.0, 0.0, 0.999],
     "replicates": 20, "why": ""}
)  # fmt: skip


def table() -> Table:
    """Doses of very different sizes."""
    return plain_table("doses", DOSES, title="Doses", notes=("A note.",))


def texts(key: str) -> list[str]:
    """A column as people see it."""
    shown = table()
    place = [head.key for head in shown.heads].index(key)
    return [row[place].text for row in shown.rows]


def test_no_number_is_written_with_an_exponent() -> None:
    assert texts("dose") == ["0", "16,000", "1,000,000", "0.000063"]
    assert texts("mae_pp") == ["1.00", "2.35", "12,345.68", "–"]
    assert texts("p_pair_right") == ["50%", "100%", "0%", ">99%"]


@pytest.mark.parametrize("value", [1e-9, 1.5e-5, 0.1, 7.0, 123456.7, 1e12, -4.4e7])
def test_six_digits_are_kept_whatever_the_size(value: float) -> None:
    text = plain(value)
    assert "e" not in text.lower()
    assert float(text.replace(",", "").replace("−", "-")) == pytest.approx(value, rel=1e-5)


@pytest.mark.parametrize("form", [".2f", "g", "2x", ",.6g"])
def test_a_form_that_nobody_knows_is_refused(form: str) -> None:
    with pytest.raises(ValueError, match="accepted: %, year"):
        written(1.0, form)


def test_heads_are_words_with_unit_and_direction() -> None:
    heads = {head.key: head for head in table().heads}
    assert heads["mae_pp"].label == "MAE"
    assert "percentage points" in heads["mae_pp"].meaning
    assert "lower is better" in heads["mae_pp"].meaning


@pytest.mark.parametrize("key", sorted(HEADS))
def test_no_head_is_a_name_of_the_data(key: str) -> None:
    one = HEADS[key]
    assert "_" not in one.label
    if key.endswith("_pp"):
        assert "percentage points" in one.meaning
    written(0.5, one.form)


@pytest.mark.parametrize("key", HEAD[2:])
def test_the_columns_of_the_runoff_by_station_are_explained(key: str) -> None:
    assert "_" not in COLUMNS[key].label
    assert COLUMNS[key].meaning


def test_every_form_of_a_table_explains_its_heads_and_the_csv_keeps_names(tmp_path: Path) -> None:
    write_table(tmp_path, table())
    assert '<abbr title="mean absolute error' in html_table(table())
    assert "MAE = mean absolute error" in markdown(table())
    assert "MAE = mean absolute error" in latex(table())
    assert (tmp_path / "doses.csv").read_text().splitlines()[0] == ",".join(DOSES.columns)


def test_what_is_the_same_in_every_row_is_said_once() -> None:
    shown = table()
    assert [h.key for h in shown.heads] == ["predictor", "dose", "mae_pp", "p_pair_right"]
    assert shown.notes[-1] == "The same in every row: scenario app brigading; replicates 20."
    assert len(shown.data.columns) == len(DOSES.columns)


def test_measured_numbers_that_agree_are_shown() -> None:
    rows = pd.DataFrame({"predictor": list("abc"), "mae_pp": 1.0, "covered": 1.0})
    shown = plain_table("t", rows, title="T")
    assert [head.label for head in shown.heads] == ["predictor", "MAE", "inside"]


def test_two_rows_that_agree_keep_their_columns() -> None:
    rows = pd.DataFrame({"predictor": ["a", "b"], "scenario": "x", "mae_pp": [1.0, 2.0]})
    assert len(plain_table("t", rows, title="T").heads) == 3


def test_filters_follow_the_columns_that_stay() -> None:
    rows = pd.DataFrame({"election": "e", "predictor": [*"aabb"], "order": [*"xyxy"], "n": 1,
                         "mae_pp": [1.0, 2, 3, 4]})  # fmt: skip
    shown = plain_table("t", rows, title="T", first={"order": "y"})
    assert [shown.heads[i].key for i in shown.filters] == ["predictor", "order"]
    assert {shown.heads[i].key: text for i, text in shown.first.items()} == {"order": "y"}


def test_candidates_have_their_names() -> None:
    rows = pd.DataFrame({"candidate": ["le_pen", "other"], "mae_pp": [1.0, 2.0]})
    shown = plain_table("t", rows, title="T", names={"le_pen": "Le Pen"})
    assert [row[0].text for row in shown.rows] == ["Le Pen", "other"]


def test_what_was_not_found_is_no_percentage_of_anybody() -> None:
    endless = float("inf")
    numbers = {"dose": endless, "low": 10.0, "high": endless, "share_found": 0.2,
               "share_of_honest_users": endless, "price_low": 1.0, "price_high": 2.0}  # fmt: skip
    words = {"beneficiary": "ash", "predictor": "tone", "event": "first", "status": "beyond",
             "unit": "accounts"}  # fmt: skip
    both = [{"scenario": name, **words, **numbers} for name in ("bots", "crowd")]
    text = markdown(points_table(pd.DataFrame([*both, {**both[0], "dose": 5.0,
                                 "share_of_honest_users": 0.5}]), "T"))  # fmt: skip
    assert "∞%" not in text
    assert "50%" in text

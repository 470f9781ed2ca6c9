"""Tables speak the language of their readers: heads, numbers, and columns that say nothing."""

import pandas as pd
import pytest

from bench.report.formatting import ColumnSpec, column, format_significant, format_value, registered
from bench.report.tables import Table
from bench.report.tables import table as build_table

DOSES = pd.DataFrame(
    {
        "scenario": "app_brigading",
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
    return build_table("doses", DOSES, title="Doses", notes=("A note.",))


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


def test_no_label_is_a_name_of_the_data() -> None:
    for key in registered():
        one = column(key)
        assert "_" not in one.label
        if key.endswith("_pp") and "." not in key:
            assert "percentage points" in one.meaning
        format_value(0.5, one.form)


def test_what_is_the_same_in_every_row_is_said_once() -> None:
    shown = table()
    assert [h.key for h in shown.columns] == ["predictor", "dose", "mae_pp", "p_pair_right"]
    assert shown.notes[-1] == "The same in every row: scenario Brigading of an app; replicates 20."
    assert len(shown.data.columns) == len(DOSES.columns)


def test_measured_numbers_that_agree_are_shown() -> None:
    rows = pd.DataFrame({"predictor": list("abc"), "mae_pp": 1.0, "covered": 1.0})
    shown = build_table("t", rows, title="T")
    assert [head.label for head in shown.columns] == ["predictor", "MAE", "inside"]


def test_choices_are_of_the_columns_that_stay() -> None:
    rows = pd.DataFrame(
        {"election": "e", "predictor": [*"aabb"], "order": [*"xyxy"], "n": 1, "mae_pp": [1.0] * 4}
    )
    shown = build_table("t", rows, title="T", first={"order": "y"})
    assert [(choice.label, choice.value) for choice in shown.choices] == [
        ("predictor", ""),
        ("order", "y"),
    ]
    assert [row.keys for row in shown.rows] == [("a", "x"), ("a", "y"), ("b", "x"), ("b", "y")]


def test_a_study_can_mean_something_of_its_own_by_a_column() -> None:
    rows = pd.DataFrame({"predictor": [*"ab"], "mae_pp": [1.0, 2.0], "tied": [True, False]})
    own = {
        "mae_pp": ColumnSpec("error", "of the total", write=lambda r: f"{r['mae_pp']:.1f}="),
        "tied": "",
    }
    shown = build_table("t", rows, title="T", columns=own)
    assert [one.label for one in shown.columns] == ["predictor", "error", "tied"]
    assert shown.texts("mae_pp") == ["1.0=", "2.0="]
    assert shown.texts("tied") == ["yes", "no"]
    assert [row.cells[1].value for row in shown.rows] == [1.0, 2.0]


def test_rows_stand_in_blocks_with_their_notes() -> None:
    rows = pd.DataFrame(
        {"predictor": [*"abc"], "mae_pp": [1.0, 2.0, 3.0], "block": ["no", "yes", "no"]}
    ).assign(why=["", "late", None])
    shown = build_table(
        "t",
        rows,
        title="T",
        show=["predictor", "mae_pp"],
        block_by="block",
        blocks={"yes": "", "no": "Not ranked", "never": "Nobody"},
        row_notes="why",
    )
    assert [(b.heading, [r.cells[0].text for r in b.rows]) for b in shown.blocks] == [
        ("", ["b"]),
        ("Not ranked", ["a", "c"]),
    ]
    assert [row.note for row in shown.rows] == ["late", "", ""]


def test_a_frame_of_the_table_has_labels_and_whole_numbers() -> None:
    frame = table().to_frame()
    assert list(frame) == ["predictor", "dose", "MAE", column("p_pair_right").label]
    assert frame["MAE"].tolist()[:3] == [1.0, 2.345, 12345.678]
    assert frame["MAE"].isna().tolist() == [False, False, False, True]


def test_seconds_are_printed_and_never_written() -> None:
    rows = pd.DataFrame({"predictor": [*"ab"], "mae_pp": [1.0, 2.0]})
    timed = rows.assign(cpu_ms=[3.0, 4.0])
    spec = {"cpu_ms": column("cpu_ms", in_files=False)}
    shown = build_table("t", rows, shown=timed, title="T", columns=spec)
    for text in (shown.to_markdown(), shown.to_latex(), shown.to_html(), shown.to_csv()):
        assert "cpu" not in text
    assert shown.texts("cpu_ms") == ["3.0", "4.0"]

"""Submissions of guests: every fault is a sentence and nothing is written; R's files are read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from bench.core import DataError
from bench.report.hub.layout import SEALS, Hub
from bench.report.hub.seals import validate
from bench.report.hub.submissions import forecasts_of, read_submission
from tests.report.hub.conftest import DAY, IN_TIME, MODEL, forecast, said, submitted

Change = Callable[[pd.DataFrame], pd.DataFrame]


def _cell(column: str, value: object, **where: str) -> Change:
    """One cell changed, in the first row that is so."""

    def change(rows: pd.DataFrame) -> pd.DataFrame:
        rows = rows.reset_index(drop=True).astype(object)
        here = pd.Series(True, index=rows.index)
        for name, wanted in where.items():
            here &= rows[name].eq(wanted)
        rows.loc[here.idxmax(), column] = value
        return rows

    return change


def _without(**where: str) -> Change:
    def change(rows: pd.DataFrame) -> pd.DataFrame:
        gone = pd.Series(True, index=rows.index)
        for name, wanted in where.items():
            gone &= rows[name].eq(wanted)
        return rows[~gone]

    return change


BROOK = {"candidate": "brook", "target": "vote share"}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            _cell("value", 0.01, output_type="quantile", output_type_id="0.9", **BROOK),
            r"csv:\d+: the quantile 0.9 of 'brook' is 0.01, below that of 0.75",
        ),
        (
            _cell("output_type_id", "0.8", output_type="quantile", output_type_id="0.9", **BROOK),
            r"csv:\d+: .* the level 0.8 of 'brook' is not asked for; accepted: 0.025, 0.05",
        ),
        (
            _without(output_type="quantile", output_type_id="0.9", **BROOK),
            "'brook' has no quantile 0.9; accepted: all of",
        ),
        (
            _cell("value", 12.5, output_type="mean"),
            r"csv:\d+: column 'value' is 12.5; accepted: a fraction of the valid votes, 0 to 1",
        ),
        (_cell("value", 0.9, output_type="mean"), "shares sum to"),
        (
            _cell("value", 0.2, output_type="pmf", output_type_id="yes", candidate="thorne"),
            r"csv:\d+: the chances of 'thorne' \(\w+\), yes and no together, are",
        ),
        (_cell("output_type_id", "perhaps", output_type="pmf"), "accepted as output_type_id"),
        (
            _cell("candidate", "brok", output_type="mean", candidate="brook"),
            r"csv:2: the candidate 'brok' of slate official is not asked for .did you mean",
        ),
        (_cell("slate", "H9"), r"csv:2: the slate 'H9' is not asked for \(known: official"),
        (_cell("target", "votes"), "the target 'votes' is not asked for"),
        (_cell("round", "2"), "the round '2' is not asked for"),
        (_cell("reference_date", "2031-03-28"), "but the file is called 2031-04-04"),
        (_without(output_type="mean", **BROOK), "no row of brook; accepted: every candidate"),
        (_without(output_type="sample", output_type_id="0007"), "99 draws; accepted: 100 to 1000"),
        (
            _cell("output_type_id", "0999", output_type="sample", candidate="quill"),
            "the draws of 'quill' are not those of",
        ),
        (lambda rows: rows.assign(model="x"), "the column 'model' is no part of a forecast"),
        (lambda rows: rows.drop(columns="slate"), "the column 'slate' is missing"),
        (lambda rows: pd.concat([rows, rows.head(1)]), "stands here twice"),
    ],
)
def test_a_fault_is_a_sentence_with_file_and_row_and_nothing_is_sealed(
    hub: Hub, change: Change, words: str
) -> None:
    path = submitted(hub, change(said(hub)))
    with pytest.raises(DataError, match=words) as caught:
        read_submission(hub, path)
    assert str(path) in str(caught.value)
    (verdict,) = validate(hub, [path], now=IN_TIME, seal=True)
    assert verdict.submission is None
    assert not (hub.folder / SEALS).exists()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (f"{MODEL}/{DAY}-{MODEL}.txt", "accepted: DAY-TEAM-MODEL.csv"),
        (f"{MODEL}/{MODEL}.csv", "accepted: DAY-TEAM-MODEL.csv"),
        (f"other-model/{DAY}-{MODEL}.csv", f"accepted: .*model-output/{MODEL}"),
        (f"{MODEL}/2031-04-05-{MODEL}.csv", "the hub has no round 2031-04-05"),
        (f"a-b/{DAY}-a-b.csv", r"a-b.yml is missing"),
    ],
)
def test_a_file_in_the_wrong_place_is_told_where_it_belongs(
    hub: Hub, name: str, words: str
) -> None:
    path = hub.folder / "model-output" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    said(hub).to_csv(path, index=False)
    (verdict,) = validate(hub, [path], now=IN_TIME)
    assert verdict.submission is None
    assert pd.Series([verdict.said]).str.contains(words).all(), verdict.said


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("license: CC-BY-4.0", "license: mine", "license: 'mine' is not one of"),
        ("methods: The mean of the last ten polls.\n", "", "'methods' is a required property"),
        ("team_abbr: examples", "team_abbr: example", "make 'example-average', but the file"),
    ],
)
def test_a_model_that_does_not_say_what_it_is_is_refused(
    hub: Hub, before: str, after: str, words: str
) -> None:
    path = hub.metadata(MODEL)
    path.write_text(path.read_text("utf-8").replace(before, after), encoding="utf-8")
    (verdict,) = validate(hub, [submitted(hub, said(hub))], now=IN_TIME)
    assert words in verdict.said


def test_what_is_written_comes_back_the_same(hub: Hub) -> None:
    path = submitted(hub, said(hub))
    ((number, slate, found),) = forecasts_of(hub, read_submission(hub, path))
    want = forecast(hub)
    assert (number, slate) == (1, "official")
    assert want.draws is not None
    np.testing.assert_allclose(found.draws, want.draws, rtol=0, atol=1e-12)
    pd.testing.assert_series_equal(found.share, want.share, check_exact=False, atol=1e-12)
    assert found.chances is not None
    through = np.argsort(-want.draws, axis=1)[:, :2]
    counted = [(through == place).any(axis=1).mean() for place in range(5)]
    np.testing.assert_allclose(found.chances["qualify"], counted, atol=1e-12)


def test_quantiles_alone_become_draws_whose_quantiles_they_are(hub: Hub) -> None:
    rows = said(hub)
    rows = rows[rows["output_type"].eq("quantile")]
    path = submitted(hub, rows)
    ((_, _, found),) = forecasts_of(hub, read_submission(hub, path))
    asked = rows[rows["output_type_id"].eq("0.5")].set_index("candidate")["value"]
    assert found.draws is not None
    np.testing.assert_allclose(np.median(found.draws, axis=0), asked, atol=0.01)


def test_the_file_of_an_r_user_says_the_same(hub: Hub) -> None:
    """Row numbers, quoted text, NA, TRUE and FALSE, exponents, rows in the order of a factor."""
    rows = said(hub)
    plain = read_submission(hub, submitted(hub, rows)).rows
    rows = rows.sample(frac=1, random_state=3).sort_values("candidate", ascending=False)
    rows["value"] = rows["value"].map("{:.17e}".format)
    rows["output_type_id"] = rows["output_type_id"].replace({"yes": "TRUE", "no": "FALSE"})
    lines = [",".join(f'"{name}"' for name in ["", *rows.columns])]
    for number, cells in enumerate(rows.itertuples(index=False), start=1):
        text = [f'"{cell}"' if cell != "NA" else "NA" for cell in cells[:-1]]
        lines.append(",".join([f'"{number}"', *text, cells[-1]]))
    path = hub.folder / "model-output" / MODEL / f"{DAY}-{MODEL}.csv"
    path.write_text("\r\n".join(lines) + "\r\n", encoding="utf-8-sig")
    found = read_submission(hub, path).rows
    key = ["target", "candidate", "output_type", "output_type_id"]
    pd.testing.assert_frame_equal(
        found.sort_values(key)[list(plain.columns)].reset_index(drop=True),
        plain.sort_values(key).reset_index(drop=True),
        check_exact=False,
        atol=1e-15,
    )


def test_parquet_with_dates_missing_values_and_rounds_as_numbers_is_read(hub: Hub) -> None:
    rows = said(hub).replace({"output_type_id": {"NA": None}})
    rows["reference_date"] = pd.to_datetime(rows["reference_date"]).dt.date
    rows["round"] = 1.0
    path = submitted(hub, said(hub)).with_suffix(".parquet")
    rows.to_parquet(path)
    assert len(read_submission(hub, path).rows) == len(
        read_submission(hub, path.with_suffix(".csv")).rows
    )


def test_a_forecast_file_of_a_hub_is_a_contestant_too(hub: Hub) -> None:
    """The same file, read by the predictor that takes a forecast from a file."""
    from bench.core.registry import make_predictor
    from bench.data.task import Task

    path = submitted(hub, said(hub))
    settings = {"path": str(path), "model": "", "location": "national", "n_draws": 100}
    evidence = Task("toy", 1, "2031-04-05T20:00").evidence()
    found = make_predictor("forecast_file", settings).predict(evidence, np.random.default_rng(0))
    want = forecast(hub)
    np.testing.assert_allclose(found.share.reindex(want.share.index), want.share, atol=1e-12)
    assert found.chances is not None
    assert set(found.chances) == {"qualify", "first"}


def test_a_round_that_has_not_opened_takes_nothing(hub: Hub) -> None:
    early = datetime(2031, 3, 20, tzinfo=UTC)
    (verdict,) = validate(hub, [submitted(hub, said(hub))], now=early)
    assert "round 2031-04-04 opens on 2031-03-29" in verdict.said


def test_a_submission_has_no_room_for_people(hub: Hub) -> None:
    path = submitted(hub, said(hub).assign(email="jo@example.org"))
    (verdict,) = validate(hub, [path], now=IN_TIME)
    assert "the column 'email' is no part of a forecast" in verdict.said
    path = hub.metadata(MODEL)
    text = path.read_text("utf-8").replace("{name: Jo Doe}", "{name: Jo Doe, email: jo@x.org}")
    path.write_text(text, encoding="utf-8")
    (verdict,) = validate(hub, [submitted(hub, said(hub))], now=IN_TIME)
    assert "'email' was unexpected" in verdict.said

"""A forecast made elsewhere is read as it stands, and only if it was made in time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bench.audit import check_predictor
from bench.core import Abstain, Evidence, Forecast, check_forecast
from bench.core.errors import BenchError
from predictors.forecast_file import ForecastFile
from tests.evidence import evidence, person

HEAD = "reference_date,target,horizon,location,target_end_date,candidate,output_type,output_type_id"


@pytest.fixture
def vote() -> Evidence:
    return evidence("ash", "birch")


def read(path: Path, vote: Evidence, text: str, **settings: str) -> Forecast:
    path.write_text(text, encoding="utf-8")
    given = {"model": "", "location": "national", **settings}
    predictor = ForecastFile(path=str(path), n_draws=4000, **given)
    forecast = check_predictor(predictor, vote)
    if forecast is None:
        raise Abstain("nothing")
    return check_forecast(forecast, vote.candidates)


def hub(*rows: str) -> str:
    return "\n".join([HEAD + ",value", *rows]) + "\n"


def row(who: str, kind: str, level: str, value: float, made: str = "2031-04-10") -> str:
    return f"{made},vote share,10,national,2031-04-20,{who},{kind},{level},{value}"


def test_a_simple_table_is_taken_as_it_stands(tmp_path: Path, vote: Evidence) -> None:
    found = read(tmp_path / "f.csv", vote, "candidate,share\nbirch,0.4\nash,0.6\n")
    assert found.share.to_dict() == {"ash": 0.6, "birch": 0.4}
    assert "does not say on which day" in found.converted


def test_chances_come_in_columns_named_as_their_event(tmp_path: Path) -> None:
    three = evidence("ash", "birch", "cedar", n_advance=2)
    text = "candidate,elected,qualify\nash,0.6,0.95\nbirch,0.3,\ncedar,0.1,0.7\n"
    found = read(tmp_path / "f.csv", three, text)
    assert found.share.isna().all()
    assert found.chances is not None
    assert found.chances["elected"].to_list() == pytest.approx([0.6, 0.3, 0.1])
    assert found.chances["qualify"].dropna().to_dict() == {"ash": 0.95, "cedar": 0.7}
    both = read(tmp_path / "g.csv", three, "candidate,share,first\nash,0.4,0.7\nbirch,0.3,0.2\n")
    assert both.share.dropna().to_dict() == {"ash": 0.4, "birch": 0.3}
    assert both.chances is not None
    assert both.chances["first"].dropna().to_dict() == {"ash": 0.7, "birch": 0.2}


def test_draws_stay_joint(tmp_path: Path, vote: Evidence) -> None:
    text = "published_on,candidate,draw,share\n" + "".join(
        f"2031-04-01,{who},{k},{share}\n"
        for k, ash in enumerate((0.5, 0.7))
        for who, share in (("birch", round(1 - ash, 2)), ("ash", ash))
    )
    found = read(tmp_path / "f.csv", vote, text)
    assert found.draws is not None
    np.testing.assert_allclose(found.draws, [[0.5, 0.5], [0.7, 0.3]])
    assert found.share["ash"] == pytest.approx(0.6)
    assert found.converted == ""


def test_the_latest_forecast_made_in_time_counts(tmp_path: Path, vote: Evidence) -> None:
    rows = [
        row(who, "mean", "NA", share, made)
        for made, ash in (("2031-04-01", 0.3), ("2031-04-18", 0.6), ("2031-04-19", 0.9))
        for who, share in (("ash", ash), ("birch", round(1 - ash, 2)))
    ]
    assert read(tmp_path / "f.csv", vote, hub(*rows)).share["ash"] == pytest.approx(0.6)


def test_quantiles_come_back_out_of_the_draws(tmp_path: Path, vote: Evidence) -> None:
    rows = [
        row("ash", "quantile", level, value)
        for level, value in (("0.05", 0.5), ("0.5", 0.6), ("0.95", 0.65))
    ]
    found = read(tmp_path / "f.csv", vote, hub(*rows))
    assert found.draws is not None
    got = np.quantile(found.draws[:, 0], [0.05, 0.5, 0.95])
    np.testing.assert_allclose(got, [0.5, 0.6, 0.65], atol=0.006)


@pytest.fixture
def three() -> Evidence:
    people = [person("ash", "left"), person("birch", "right"), person("cedar", "right")]
    named = [{**row, "name": f"{row['name']} Élan"} for row in people]
    return evidence("ash", "birch", "cedar", ballots=named)


def test_full_names_are_the_candidates_of_these_names(tmp_path: Path, three: Evidence) -> None:
    text = "candidate,share\nAsh Elan,0.5\nBIRCH ÉLAN,0.3\ncedar,0.2\n"
    found = read(tmp_path / "f.csv", three, text)
    assert found.share.to_dict() == {"ash": 0.5, "birch": 0.3, "cedar": 0.2}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("candidate,share\nfir,0.5\nyew,0.3\n", "so it is a forecast of another vote"),
        ("round,candidate,share\n2,ash,0.5\n", "no forecast of round 1 of toy; it holds round 2"),
        ("published_on,candidate,share\n2031-04-19,ash,0.5\n", "the first is of 19 April 2031"),
    ],
)
def test_a_forecast_of_something_else_is_no_mistake(
    tmp_path: Path, three: Evidence, text: str, words: str
) -> None:
    path = tmp_path / "f.csv"
    path.write_text(text)
    predictor = ForecastFile(path=str(path), model="", location="national", n_draws=10)
    with pytest.raises(Abstain, match=words):
        predictor.predict(three, np.random.default_rng(0))


QUANTILES = (("0.05", -0.05), ("0.5", 0.0), ("0.95", 0.05))


def quantiles(ash: float, birch: float) -> list[str]:
    parts = (("ash", ash), ("birch", birch))
    return [row(who, "quantile", p, round(x + d, 3)) for who, x in parts for p, d in QUANTILES]


CHANCES = [
    f"2031-04-10,elected,10,national,2031-04-20,{who},pmf,{answer},0.5"
    for who in ("ash", "birch")
    for answer in ("yes", "no")
]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (quantiles(0.3, 0.2), "shares sum to 0.5000; accepted: 1, or less where candidates are m"),
        (
            [one.replace("0.05,", "0.97,").replace("0.5,", "0.96,") for one in quantiles(0.6, 0.4)],
            "on one side of the median",
        ),
        (
            [*quantiles(0.6, 0.4), row("ash", "mean", "", 0.4), row("birch", "mean", "", 0.6)],
            "the mean of 'ash' is 0.4 and the median of the quantiles 0.6",
        ),
        # after four lines of chances, lines 6 and 7
        ([*CHANCES, *[row("ash", "mean", "", 0.5)] * 2], ":7: 'ash' stands here twice; mean rows"),
    ],
)
def test_a_file_that_contradicts_itself_is_refused(
    tmp_path: Path, vote: Evidence, rows: list[str], words: str
) -> None:
    with pytest.raises(BenchError, match=words):
        read(tmp_path / "f.csv", vote, hub(*rows))


def test_medians_of_skewed_draws_and_a_single_other_location_are_read_and_said(
    tmp_path: Path, vote: Evidence
) -> None:
    rows = [row("ash", "median", "", 0.57), row("birch", "median", "", 0.38)]
    text = hub(*rows).replace("national", "paris")
    found = read(tmp_path / "f.csv", vote, text)
    assert found.share.to_dict() == pytest.approx({"ash": 0.6, "birch": 0.4})
    assert "only location, 'paris', was read as the whole electorate" in found.converted

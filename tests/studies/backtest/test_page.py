"""The page: parses, escapes, needs no network, same bytes twice."""

import re
from dataclasses import replace
from typing import Any

import pytest

from bench.core.options import label
from bench.report.tables import Table
from bench.studies.backtest.view import vote_report
from bench.studies.run import execute
from tests.conftest import Compose
from tests.report.html.parsed import NASTY, charts_in, checked
from tests.studies.backtest.pages import page_of


@pytest.fixture(scope="module")
def text(run_with_areas: Any) -> str:
    """The page of the made-up run."""
    return page_of(run_with_areas, figures=["signed_errors", "area_map"])


def test_the_page_is_balanced_and_everything_it_points_to_is_inside(text: str) -> None:
    checker = checked(text)
    assert len(checker.ids) == len(set(checker.ids))
    assert checker.count["caption"] == checker.count["table"]
    assert all(a.startswith(("#", "data:image/png;base64,")) for a in checker.addresses)
    inside = [a[1:] for a in checker.addresses if a.startswith("#")]
    assert set(inside) | set(re.findall(r"url\(#([^)]+)\)", text)) <= set(checker.ids)
    assert "@import" not in text
    assert "default-src 'none'" in text


def last_date(run: Any) -> Any:
    """Only the last date."""
    for name in ("errors", "forecasts", "methods"):
        table = getattr(run, name)
        setattr(run, name, table[table["as_of"].eq(run.facts.as_of)].copy())
    return run


def test_names_that_attack_stay_text(run: Any) -> None:
    run = last_date(run)
    for table in (run.errors, run.forecasts, run.methods):
        table["predictor"] = table["predictor"].replace("poll_tracker", NASTY)
    for table in (run.errors, run.forecasts):
        table["candidate"] = table["candidate"].replace("delmas", NASTY)
    run.methods["family"] = run.methods["family"].replace("buzz", NASTY)
    run.methods["message"] = NASTY
    old = run.facts
    names = {(NASTY if c == "delmas" else c): NASTY for c in old.names}
    facts = replace(
        old,
        names=names,
        families={(NASTY if c == "delmas" else c): f for c, f in old.families.items()},
        outcome=old.outcome.rename({"delmas": NASTY}),
        title=NASTY,
        source=NASTY,
        name=NASTY,
        audit={NASTY: "passed"},
        ranked_on=(NASTY,),
    )
    text = page_of(run, facts, figures=["shares"], manifest={NASTY: NASTY}, cite=NASTY)
    checker = checked(text)
    assert checker.count["script"] == 4
    assert "img" not in checker.count
    assert checker.handlers == []
    charts = charts_in(text)
    assert NASTY in charts["tables"][charts["charts"]["shares"]["rows"]]["candidate"]["of"]


def test_the_mask_tells_named_from_filled(run: Any) -> None:
    sections = vote_report(run.vote()).page_sections
    (mask,) = (section for section in sections if section.name == "mask")
    assert isinstance(mask, Table)
    rows = {row.cells[0].key: row.cells[1:] for row in mask.rows}
    first = dict(zip(run.facts.by_votes, rows["app_ratings"], strict=False))
    assert first["chereau"].look == "named"
    assert first["hubert"].look == "filled"
    assert {cell.look for cell in rows["vote_transfer"][: len(run.facts.by_votes)]} == {"none"}


def test_the_chart_over_dates_leaves_out_who_stands_outside_the_ranking(run: Any) -> None:
    run.methods["unranked"] = run.methods["predictor"].map({"quota_poll": "leaks"}).fillna("")
    known = set(vote_report(run.vote()).charts["horizon"].rows["method"])
    assert label("predictor", "quota_poll") not in known
    assert label("predictor", "poll_tracker") in known


def test_a_run_of_point_forecasts_alone_has_a_page(composed: Compose) -> None:
    run = execute(composed("+experiment=quickstart", "predictor=[uniform,last_election]"))
    assert "closest" in run.shown.charts
    assert "Last election" in run.page()

"""The page: parses, escapes, needs no network, same bytes twice."""

import html
import re
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from bench.core.options import label
from bench.studies.backtest.headline import headline
from bench.studies.backtest.plots.area_map import (
    MAPS,
    area_names,
    local_errors,
    map_chart,
    outlines,
    reach_of,
)
from bench.studies.backtest.tables import error_table, mask_table
from bench.studies.backtest.view import vote_report
from tests.report.html.parsed import NASTY, charts_in, checked
from tests.studies.backtest.pages import page_of


@pytest.fixture(scope="module")
def text(run_with_areas: Any) -> str:
    """The page of the made-up run."""
    return page_of(run_with_areas)


def test_the_page_is_balanced_and_every_id_is_unique(text: str) -> None:
    checker = checked(text)
    assert len(checker.ids) == len(set(checker.ids))
    assert checker.count["h1"] == 1
    assert checker.count["caption"] == checker.count["table"]


def test_every_reference_inside_the_page_has_its_target(text: str) -> None:
    checker = checked(text)
    inside = [a[1:] for a in checker.addresses if a.startswith("#")]
    assert inside
    assert set(inside) <= set(checker.ids)
    assert set(re.findall(r"url\(#([^)]+)\)", text)) <= set(checker.ids)


def test_nothing_is_fetched(text: str) -> None:
    assert all(a.startswith(("#", "data:image/png;base64,")) for a in checked(text).addresses)
    assert "@import" not in text
    assert "default-src 'none'" in text


def test_the_page_is_smaller_than_3_mb(text: str) -> None:
    assert len(text.encode()) < 3_000_000


def test_the_same_tables_give_the_same_bytes(run_with_areas: Any, text: str) -> None:
    assert page_of(run_with_areas) == text


def test_every_section_and_every_predictor_is_there(run_with_areas: Any, text: str) -> None:
    for key in (
        *("table-errors", "signed_errors", "horizon", "area_map", "table-areas"),
        *("table-mask", "table-methods", "manifest", "cite"),
    ):
        assert f'<section id="{key}"' in text
    for name in run_with_areas.methods["predictor"]:
        assert f'data-key="{name}"' in text


def test_the_page_begins_with_the_story_and_ranks_below(text: str) -> None:
    found = [text.index(f'<section id="{key}"') for key in ("horizon", "closest", "polls")]
    assert found == sorted(found)
    assert found[-1] < text.index('<section id="table-errors"')
    for section in re.findall(r'<section id="(?!table-)[^"]*".*?</section>', text, re.DOTALL):
        if "<figure>" in section:
            assert "How to read this." in section


def test_the_table_can_be_sorted_by_eye_and_by_ear(text: str) -> None:
    head = text.split('<table id="table-errors-table"')[1].split("</thead>")[0]
    assert head.count('aria-sort="ascending"') == 1
    assert head.count("<button") == head.count('scope="col"')


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
    text = page_of(run, facts, manifest={NASTY: NASTY}, cite=NASTY)
    checker = checked(text)
    assert checker.count["script"] == 4
    assert "img" not in checker.count
    assert checker.handlers == []
    charts = charts_in(text)
    assert NASTY in charts["tables"][charts["charts"]["shares"]["rows"]]["candidate"]["of"]


def test_a_run_of_one_date_has_no_slider(run: Any) -> None:
    run = last_date(run)
    text = page_of(run)
    checked(text)
    assert '<input type="range"' not in text
    assert '<section id="horizon"' not in text


def test_a_runoff_with_the_full_ballot_only_has_its_page(run: Any, made_up: Any) -> None:
    facts = made_up(seats=1, qualifiers=("chereau",), ranked_on=())
    run = last_date(run)
    run.errors = run.errors[run.errors["ballot"].eq("full")]
    text = page_of(run, facts)
    checked(text)
    assert "Probability of winning" in text
    assert "P(pair)" not in text


def test_the_mask_tells_named_from_filled(run: Any) -> None:
    mask = mask_table(run.vote(), ["app_ratings"])
    rows = {row.cells[0].key: row.cells[1:] for row in mask.rows}
    first = dict(zip(run.facts.by_votes, rows["app_ratings"], strict=False))
    assert first["chereau"].look == "named"
    assert first["hubert"].look == "filled"
    assert {cell.look for cell in rows["vote_transfer"][: len(run.facts.by_votes)]} == {"none"}


def test_the_mask_says_what_is_missing_and_why(run_with_areas: Any) -> None:
    mask = mask_table(run_with_areas.vote(), [])
    places = {column.key: i for i, column in enumerate(mask.columns)}
    rows = {row.cells[0].key: row.cells for row in mask.rows}
    assert rows["quota_poll"][places["why"]].text == ""
    assert rows["app_ratings"][places["why"]].text == "its evidence names 5 of 11 candidates"
    silent = rows["eth_twitter_sentiment"][places["why"]].text
    assert silent == "abstained: published nothing before the cut"
    assert rows["quota_poll"][places["audit"]].text == "passed"
    assert rows["uniform_swing"][places["areas"]].text == "4/4"
    assert rows["app_ratings"][places["areas"]].text == "–"


def test_an_audit_that_nobody_made_is_said_once(run: Any, made_up: Any) -> None:
    run = last_date(run)
    pages = [page_of(run, facts, draw=False) for facts in (made_up(audit={}), run.facts)]
    without, audited = pages
    assert "k-audit" not in without.split("<body>")[1]
    assert "not audited" not in without
    assert without.count("Not audited for look-ahead in this run") == 2
    assert audited.count('<td class="t k-audit">passed</td>') > 20
    assert "Not audited for look-ahead" not in audited


def test_what_was_compiled_later_is_marked_and_every_row_has_its_age(run: Any) -> None:
    run = last_date(run)
    run.methods["newest_row_on"] = pd.Timestamp("2031-04-20T18:00:00")
    old = run.methods["predictor"].eq("app_ratings")
    run.methods.loc[old, "newest_row_on"] = pd.Timestamp("2031-03-22T12:00:00")
    run.methods.loc[run.methods["predictor"].eq("uniform"), "newest_row_on"] = pd.NaT
    text = page_of(run, draw=False)
    row = next(row for row in text.split("<tr") if ">2031-03-22</td>" in row)
    assert "app_ratings" in row
    assert ">32</td>" in row
    assert ">2031-04-20</td>" in text
    methods = text.split('id="table-methods"')[1]
    assert methods.count(">‡</td>") == 2  # app_voter_autrement and digital_weight


def test_every_date_has_its_findings_and_its_rows_in_every_dated_chart(
    run_with_areas: Any, text: str
) -> None:
    found = charts_in(text)
    dates = run_with_areas.vote().dates
    assert [moment["as_of"] for moment in found["timeline"]] == [
        f"{moment:%Y-%m-%dT%H:%M}" for moment in dates
    ]
    assert len({moment["findings"][0] for moment in found["timeline"]}) == len(dates)
    for sentence in found["timeline"][-1]["findings"]:
        assert f">{sentence}</p>" in html.unescape(text)
    dated = {name for name, one in found["charts"].items() if one["dated"]}
    assert dated == {"closest", "shares", "area_map"}
    for name in dated - {"area_map"}:  # areas were made up of the last date alone
        rows = found["tables"][found["charts"][name]["rows"]]
        assert set(rows["date"]) - {None} == set(range(len(dates))), name


def test_two_moments_of_one_day_leave_every_day_its_name(run: Any) -> None:
    for name in ("errors", "forecasts", "methods"):
        table = getattr(run, name)
        moved = table["as_of"].replace(
            pd.Timestamp("2031-01-15T20:00"), pd.Timestamp("2031-02-20T08:00")
        )
        setattr(run, name, table.assign(as_of=moved))
    rows = vote_report(run.vote()).charts["horizon"].rows.dropna(subset="day")
    told = dict(zip(rows["days"], rows["day"], strict=True))
    assert told == {
        62: "20 February 2031",
        31: "23 March 2031",
        16: "7 April 2031",
        7: "16 April 2031",
        2: "21 April 2031",
    }


def test_the_chart_over_dates_leaves_out_who_stands_outside_the_ranking(run: Any) -> None:
    run.methods["unranked"] = run.methods["predictor"].map({"quota_poll": "leaks"}).fillna("")
    known = set(vote_report(run.vote()).charts["horizon"].rows["method"])
    assert label("predictor", "quota_poll") not in known
    assert label("predictor", "poll_tracker") in known


def test_maps_have_the_shapes_values_and_scale_of_the_figures(run_with_areas: Any) -> None:
    vote = run_with_areas.vote()
    path = vote.context.area_outlines
    chart = map_chart(vote, ["uniform_swing"])
    wrong = local_errors(vote, ["uniform_swing"])
    known = chart.rows.dropna()
    assert len(known) == len(wrong[wrong["candidate"].isin(vote.context.by_votes[:MAPS])])
    assert (known["share"] - known["outcome"] - known["error"]).abs().max() <= 0.15 + 1e-9
    assert set(chart.rows["area"]) == set(area_names(path).values())
    shapes = chart.more["shapes"].set_index("code")["geometry"]
    assert set(shapes.index) == set(outlines(path))
    for geometry in shapes:
        for (ring,) in geometry["coordinates"]:
            assert ring[0] == ring[-1]
    latest = local_errors(vote.latest, ["uniform_swing"])
    reach = reach_of(latest, shapes.index, vote.context.by_votes[:MAPS])
    scale = chart.spec["spec"]["layer"][0]["encoding"]["color"]["scale"]
    assert scale["domain"] == [-reach, reach]


def test_an_area_without_a_forecast_is_grey_and_not_left_out(run_with_areas: Any) -> None:
    vote = run_with_areas.vote()
    code = next(iter(area_names(vote.context.area_outlines)))
    some = replace(vote, errors=vote.errors[vote.errors["area"].ne(code)])
    rows = map_chart(some, ["uniform_swing"]).rows
    assert rows[rows["code"].eq(code)]["error"].isna().all()
    assert len(rows) == len(map_chart(vote, ["uniform_swing"]).rows)


def test_several_dates_share_a_caption_that_is_true_of_each(run: Any) -> None:
    text = page_of(run, draw=False)
    section = text.split('<section id="table-errors"')[1].split("</section>")[0]
    assert "errors by the date of the evidence" in section
    assert "evidence as public on" not in section


def test_every_date_has_the_ages_of_its_own_evidence(run: Any) -> None:
    late = run.methods["as_of"].ge("2031-04-16")
    for name in ("errors", "forecasts", "methods"):
        table = getattr(run, name)
        setattr(run, name, table[table["as_of"].ge("2031-04-16")])
    run.methods = run.methods.assign(newest_row_on=run.methods["as_of"][late].dt.normalize())
    vote = run.vote()
    rows = headline(vote)
    table = error_table(vote, rows)
    place = [column.key for column in table.columns].index("evidence_age_days")
    dates = dict(table.choices[-1].options)
    ages = {
        dates[row.keys[-1]]: {
            other.cells[place].text for other in table.rows if other.keys[-1] == row.keys[-1]
        }
        for row in table.rows
    }
    assert ages == {"21 April 2031": {"2", "–"}, "16 April 2031": {"7"}}

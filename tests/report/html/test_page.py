"""The page: parses, escapes, needs no network, same bytes twice."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from bench.report.html.build import page_text, write_page
from bench.studies.backtest import page_content as content
from bench.studies.backtest import page_coverage as coverage
from bench.studies.backtest.page import backtest_page

NASTY = "</script><script>alert('x')</script>\" & <img src=x onerror=alert(1)>"
VOID = {"meta", "link", "input", "br", "hr", "img", "wbr"}


class Checker(HTMLParser):
    """Refuses unbalanced tags; remembers ids, scripts and addresses."""

    def __init__(self) -> None:
        """Nothing seen yet."""
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.ids: list[str] = []
        self.count: dict[str, int] = {}
        self.addresses: list[str] = []
        self.handlers: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open, unless the tag has no end."""
        self.count[tag] = self.count.get(tag, 0) + 1
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            if name in {"src", "href", "xlink:href"}:
                self.addresses.append(value or "")
            if name.startswith("on"):
                self.handlers.append(name)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Self-closing tags of SVG."""
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        """Close the tag opened last."""
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag


def checked(text: str) -> Checker:
    """Parse a page."""
    checker = Checker()
    checker.feed(text)
    checker.close()
    assert checker.open == []
    return checker


@pytest.fixture(scope="module")
def text(run_with_areas: Any) -> str:
    """The page of the made-up run."""
    run = run_with_areas
    return page_text(backtest_page(run.errors, run.forecasts, run.methods, run.facts))


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
    run = run_with_areas
    assert page_text(backtest_page(run.errors, run.forecasts, run.methods, run.facts)) == text


def test_every_section_and_every_predictor_is_there(run_with_areas: Any, text: str) -> None:
    for key in ("errors", "signed_errors", "horizon", "area_map", "transfers", "explore", "mask",
                "comparisons", "breaking", "methods", "manifest", "cite"):  # fmt: skip
        assert f'<section id="{key}"' in text
    for name in run_with_areas.methods["predictor"]:
        assert f'data-name="{name}"' in text


def test_the_table_can_be_sorted_by_eye_and_by_ear(text: str) -> None:
    head = text.split('<table id="errors-table"')[1].split("</thead>")[0]
    assert head.count('aria-sort="ascending"') == 1
    assert head.count("<button") == head.count('scope="col"')


def last_date(run: Any) -> Any:
    """Only the last date, without scenarios."""
    errors, forecasts = run.errors, run.forecasts
    run.errors = errors[errors["as_of"].str.startswith("2031-04-21") & errors["dose"].eq(0)
                        & errors["scenario"].eq("none")].copy()  # fmt: skip
    run.forecasts = forecasts[forecasts["as_of"].str.startswith("2031-04-21")
                              & forecasts["scenario"].eq("none")].copy()  # fmt: skip
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
        old, names=names, families={(NASTY if c == "delmas" else c): f for c, f in
                                    old.families.items()},
        outcome=old.outcome.rename({"delmas": NASTY}), title=NASTY, source=NASTY, name=NASTY,
        cite=NASTY, comparisons=(NASTY,), manifest={NASTY: NASTY}, audit={NASTY: NASTY},
        ballots={"common": NASTY, "full": NASTY},
    )  # fmt: skip
    text = page_text(backtest_page(run.errors, run.forecasts, run.methods, facts))
    checker = checked(text)
    assert checker.count["script"] == 2
    assert "img" not in checker.count
    assert checker.handlers == []
    data = text.split('id="data">')[1].split("</script>")[0]
    assert NASTY in json.loads(data)["explorer"]["candidates"]


def test_a_run_of_one_date_without_scenarios_has_no_slider(run: Any) -> None:
    run = last_date(run)
    text = page_text(backtest_page(run.errors, run.forecasts, run.methods, run.facts))
    checked(text)
    assert '<input type="range"' not in text
    assert '<section id="horizon"' not in text


def test_a_runoff_with_the_full_ballot_only_has_its_page(run: Any, made_up: Any) -> None:
    facts = made_up(seats=1, qualifiers=("chereau",), ballots={"full": "the whole ballot"})
    run = last_date(run)
    errors = run.errors[run.errors["ballot"].eq("full")]
    text = page_text(backtest_page(errors, run.forecasts, run.methods, facts))
    checked(text)
    assert "Probability of winning" in text
    assert "P(pair)" not in text


def test_the_page_is_written_whole(run: Any, tmp_path: Path) -> None:
    run = last_date(run)
    path = tmp_path / "report.html"
    write_page(path, backtest_page(run.errors, run.forecasts, run.methods, run.facts, drawn=[]))
    assert path.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert [p.name for p in tmp_path.iterdir()] == ["report.html"]


def test_the_mask_tells_named_from_filled(run: Any) -> None:
    mask = dict(coverage.coverage_mask(run.forecasts, run.methods, run.facts, ["app_ratings"]))
    first = dict(zip(run.facts.by_votes, mask["app_ratings"], strict=True))
    assert first["chereau"] == "named"
    assert first["hubert"] == "filled"
    assert set(mask["vote_transfer"]) == {"none"}


def test_the_mask_says_what_is_missing_and_why(run_with_areas: Any) -> None:
    run = run_with_areas
    part = coverage.mask_table(
        run.forecasts, run.methods, run.facts, list(run.methods["predictor"])
    )
    places = {head.key: i for i, head in enumerate(part.heads)}
    rows = {row.cells[0].text: row.cells for _, _, rows in part.groups for row in rows}
    assert rows["quota_poll"][places["why"]].text == ""
    assert rows["app_ratings"][places["why"]].text == "its evidence names 5 of 11 candidates"
    silent = rows["eth_twitter_sentiment"][places["why"]].text
    assert silent == "abstained: published nothing before the cut"
    assert rows["quota_poll"][places["audit"]].text == "passed"
    assert "areas" in places
    assert rows["app_ratings"][places["areas"]].text == "–"


def test_an_audit_that_nobody_made_is_said_once(run: Any, made_up: Any) -> None:
    run = last_date(run)
    pages = [
        page_text(backtest_page(run.errors, run.forecasts, run.methods, facts, drawn=[]))
        for facts in (made_up(audit={}), run.facts)
    ]
    without, audited = pages
    assert "k-audit" not in without.split("<body>")[1]
    assert "not audited" not in without
    assert without.count("Not audited for look-ahead in this run") == 2
    assert audited.count('<td class="t k-audit">passed</td>') > 20
    assert "Not audited for look-ahead" not in audited


def test_what_was_compiled_later_is_marked_and_every_row_has_its_age(run: Any) -> None:
    run = last_date(run)
    run.methods["newest_row_on"] = "2031-04-20T18:00:00"
    old = run.methods["predictor"].eq("app_ratings")
    run.methods.loc[old, "newest_row_on"] = "2031-03-22T12:00:00"
    run.methods.loc[run.methods["predictor"].eq("uniform"), "newest_row_on"] = ""
    text = page_text(backtest_page(run.errors, run.forecasts, run.methods, run.facts, drawn=[]))
    row = next(row for row in text.split("<tr") if ">2031-03-22</td>" in row)
    assert "app_ratings" in row
    assert ">32</td>" in row
    assert ">2031-04-20</td>" in text
    methods = text.split('id="methods"')[1]
    assert methods.count(">‡</td>") == 2  # app_voter_autrement and digital_weight


def test_every_date_of_the_slider_has_a_line_in_the_curves(run_with_areas: Any, text: str) -> None:
    days = [str(d) for d in backtest_page(
        run_with_areas.errors, run_with_areas.forecasts, run_with_areas.methods,
        run_with_areas.facts, drawn=[]).data["explorer"]["days"]]  # fmt: skip
    found = re.findall(r'class="as-of-line" data-days="(\d+)"', text)
    assert set(found) == set(days)
    assert len({found.count(day) for day in days}) == 1


def test_several_dates_share_a_caption_that_is_true_of_each(run: Any) -> None:
    text = page_text(backtest_page(run.errors, run.forecasts, run.methods, run.facts, drawn=[]))
    section = text.split('<section id="errors"')[1].split("</section>")[0]
    assert "errors by the date of the evidence" in section
    assert "evidence as public on" not in section


def test_every_date_has_the_ages_of_its_own_evidence(run: Any) -> None:
    methods = pd.concat(
        [run.methods.assign(as_of=pd.Timestamp(f"{day} 20:00"), newest_row_on=day)
         for day in ("2031-04-16", "2031-04-21")]
    )  # fmt: skip
    clean = run.errors[run.errors["scenario"].eq("none")]
    late = clean[clean["as_of"].ge("2031-04-16")]
    found = content.all_cells(late, run.forecasts, methods, run.facts)
    ages = {cell.label: set(cell.table["common"]["evidence_age_days"].dropna()) for cell in found}
    assert ages == {"21 April 2031": {2.0}, "16 April 2031": {7.0}}

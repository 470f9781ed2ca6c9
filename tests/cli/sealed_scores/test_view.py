"""What several seals of one vote show: means over seals, coverage by distance, findings."""

from __future__ import annotations

import pytest

from bench.audit.preregistration import record_of
from bench.audit.sealed_scores import SealedScores, score_records
from bench.cli.sealed_scores.view import PAGE, facts_of, sealed_report
from bench.core.language import use_language
from bench.report.formatting import format_probability
from bench.runner.runner import tasks_of
from tests.conftest import Compose

DAYS = (30, 14, 2)


@pytest.fixture(scope="module")
def season(composed: Compose) -> SealedScores:
    settings = composed(
        "+experiment=quickstart",
        "predictor=[last_election,last_poll,poll_tracker]",
        "as_of=[]",
        f"days_before=[{','.join(map(str, DAYS))}]",
        "n_draws=100",
    )
    records = {
        f"{task.as_of:%Y-%m-%d}": record_of(
            settings, [task], frozen_at=f"{task.as_of.isoformat()}+00:00"
        )
        for task in tasks_of(settings)
    }
    return score_records(records)


def test_the_scores_of_a_season_are_means_of_those_of_its_seals(season: SealedScores) -> None:
    rows = season.scores.query("metric == 'absolute_error' and predictor == 'poll_tracker'")
    rows = rows[rows["ballot"].eq("all")]
    tables = {table.name: table.data for table in sealed_report(season).tables}
    methods = tables["season_methods"].set_index("predictor")
    assert methods.loc["poll_tracker", "absolute_error"] == pytest.approx(rows["value"].mean())
    assert (methods["n"] == 3).all()
    share = season.forecasts.query("predictor == 'poll_tracker'").pivot(
        index="as_of", columns="candidate", values="share"
    )
    moved = share.diff().abs().iloc[1:].to_numpy().mean()
    assert methods.loc["poll_tracker", "moved"] == pytest.approx(moved)


def test_coverage_is_counted_by_distance(season: SealedScores) -> None:
    tables = {table.name: table.data for table in sealed_report(season).tables}
    rows = tables["season_distance"]
    of_tracker = rows[rows["predictor"] == "poll_tracker"].set_index("band")
    assert of_tracker["outcomes"].to_dict() == {"8 to 30": 10, "a week or less": 5}
    inside = season.scores.query("metric == 'inside_90' and predictor == 'poll_tracker'")
    last = inside[inside["as_of"] == inside["as_of"].max()]["value"].mean()
    assert of_tracker.loc["a week or less", "inside_90"] == pytest.approx(last)


def test_the_findings_hold_the_numbers_of_the_tables(season: SealedScores) -> None:
    report = sealed_report(season)
    methods = next(table.data for table in report.tables if table.name == "season_methods")
    facts = facts_of(season, {})
    (vote,) = facts["votes"]
    (best, *_rest, worst) = methods.itertuples()
    assert vote.nearest is not None
    assert facts["coverage"] is not None
    assert (vote.n_seals, vote.nearest.best, vote.nearest.worst) == (
        3,
        best.predictor,
        worst.predictor,
    )
    assert vote.nearest.least == pytest.approx(100 * methods["absolute_error"].min())
    assert facts["coverage"].whole == pytest.approx(best.inside_90)
    chances = season.forecasts.query("predictor == 'poll_tracker' and candidate == 'quill'")
    quill = vote.through[1]
    assert (quill.low, quill.high) == (
        chances["p_qualify"].min(),
        chances["p_qualify"].max(),
    )
    assert quill.last == chances.sort_values("as_of")["p_qualify"].iloc[-1]
    assert format_probability(quill.last) in report.findings[0]


def test_its_document_lies_beside_the_view_and_asks_for_facts_that_there_are() -> None:
    assert PAGE.languages == ["en", "fr"]
    PAGE.check()


def test_the_report_is_whole_in_french(season: SealedScores) -> None:
    with use_language("fr"):
        report = sealed_report(season)
    assert report.kicker.startswith("Scellées entre le")
    assert {table.name for table in report.tables} == {
        *("season", "season_methods", "season_distance"),
        *("sealed_scores", "sealed_forecasts", "seals"),
    }

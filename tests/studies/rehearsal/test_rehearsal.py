"""A season replayed on the made-up election: sealed as of each day, scored, and nothing ahead."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from bench import Task
from bench.api import forecast
from bench.audit import look_ahead
from bench.audit.look_ahead import demand_the_same_slates
from bench.audit.preregistration import sealed
from bench.audit.sealed_scores import SealedScores
from bench.core import ConfigError, DataError
from bench.core.settings import Experiment
from bench.data.slates import Slate, slates_at
from bench.report.formatting import format_probability
from bench.studies.rehearsal.view import facts_of
from bench.studies.run import Run, execute
from tests.conftest import Compose

DAYS = (60, 30, 14, 2)  # of which the first has no poll
METHODS = ("last_election", "last_poll", "poll_tracker")


@pytest.fixture(scope="module")
def settings(composed: Compose) -> Experiment:
    return composed(
        "+experiment=2022_rehearsal",
        "elections=[toy]",
        f"predictor=[{','.join(METHODS)}]",
        f"days_before=[{','.join(map(str, DAYS))}]",
        "n_draws=100",
        "results=''",
    )


@pytest.fixture(scope="module")
def run(settings: Experiment) -> Run:
    return execute(settings)


def test_a_season_without_a_poll_is_refused(settings: Experiment) -> None:
    with pytest.raises(ConfigError, match="no moment of toy has a public poll"):
        execute(replace(settings, days_before=[300, 200]))


def test_every_moment_with_a_poll_is_sealed_and_the_others_are_named(run: Run) -> None:
    seals = run.table("seals")
    assert seals["days_before"].tolist() == [30, 14, 2]
    assert run.results.facts["too_early"] == ["toy round 1 as of 2031-02-05T23:59"]


def test_every_seal_is_a_record_that_holds_and_states_its_own_moment(run: Run) -> None:
    for row in run.table("records").to_dict("records"):
        record = json.loads(row["json"])
        assert sealed(record)["seal"] == record["seal"]
        (vote,) = record["votes"].values()
        assert record["frozen_at"] == f"{vote['as_of']}+00:00"
        assert record["outcome_known"] is True
        assert record["settings"]["elections"] == ["toy"]


def test_a_seal_holds_what_the_method_said_of_the_evidence_of_its_day(run: Run) -> None:
    rows = run.forecasts.query("predictor == 'last_poll'")
    for moment, part in rows.groupby("as_of"):
        task = Task("toy", 1, str(moment), slate="polled", seed=run.experiment.seed)
        said = forecast("last_poll", task).share
        assert np.allclose(part.set_index("candidate")["share"][said.index], said, atol=1e-9)


def test_the_slate_is_the_one_of_the_day_and_never_the_ballot_that_came(run: Run) -> None:
    for row in run.table("records").to_dict("records"):
        (vote,) = json.loads(row["json"])["votes"].values()
        task = Task("toy", 1, vote["as_of"])
        standing = [one for one in slates_at(task.election, 1, task.as_of) if one.stands]
        assert vote["is_supposed"]
        assert vote["ballot"] == sorted(standing[0].candidates)


def test_slates_that_know_what_came_later_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    task = Task("toy", 1, "2031-03-23T20:00", slate="polled")
    demand_the_same_slates(task)

    def of_all_polls(election: object, number: int, as_of: object, lag: object) -> list[Slate]:
        return slates_at(task.election, number, pd.Timestamp("2031-04-05"), None)

    monkeypatch.setattr(look_ahead, "slates_at", of_all_polls)
    with pytest.raises(DataError, match=r"the slates of toy round 1 .* change when later rows are"):
        demand_the_same_slates(task)


def test_the_audit_makes_every_seal_again(settings: Experiment) -> None:
    audited = replace(settings, audit=True, days_before=[14])
    chosen = {"last_poll": settings.predictors["last_poll"]}
    found = execute(replace(audited, predictors=chosen))
    assert found.table("audit")["verdict"].tolist() == ["passed"]
    assert found.tables["audit"].to_frame()["seal"].nunique() == 1


def test_the_scores_of_the_season_are_means_of_those_of_its_seals(run: Run) -> None:
    rows = run.table("scores").query("metric == 'absolute_error' and predictor == 'poll_tracker'")
    table = run.tables["season_methods"].data.set_index("predictor")
    assert table.loc["poll_tracker", "absolute_error"] == pytest.approx(rows["value"].mean())
    assert (table["n"] == 3).all()
    share = run.forecasts.query("predictor == 'poll_tracker'").pivot(
        index="as_of", columns="candidate", values="share"
    )
    moved = share.diff().abs().iloc[1:].to_numpy().mean()
    assert table.loc["poll_tracker", "moved"] == pytest.approx(moved)


def test_coverage_is_counted_by_distance(run: Run) -> None:
    rows = run.tables["season_distance"].data
    mine = rows[rows["predictor"] == "poll_tracker"].set_index("band")
    assert mine["outcomes"].to_dict() == {"8 to 30": 10, "a week or less": 5}
    inside = run.table("scores").query("metric == 'inside_90' and predictor == 'poll_tracker'")
    last = inside[inside["as_of"] == inside["as_of"].max()]["value"].mean()
    assert mine.loc["a week or less", "inside_90"] == pytest.approx(last)


def test_the_findings_hold_the_numbers_of_the_tables(run: Run) -> None:
    tables = {name: one.data for name, one in run.tables.items()}
    facts = facts_of(scored(run), {})
    (vote,) = facts["votes"]
    (best, *_rest, worst) = tables["season_methods"].itertuples()
    assert (vote["n"], vote["best"], vote["worst"]) == (3, best.predictor, worst.predictor)
    assert vote["least"] == pytest.approx(100 * best.absolute_error)
    assert facts["held"]["whole"] == pytest.approx(best.inside_90)
    chances = run.forecasts.query("predictor == 'poll_tracker' and candidate == 'quill'")
    quill = vote["through"][1]
    assert (quill["low"], quill["high"]) == (
        chances["p_qualify"].min(),
        chances["p_qualify"].max(),
    )
    assert quill["last"] == chances.sort_values("as_of")["p_qualify"].iloc[-1]
    assert format_probability(quill["last"]) in run.findings[0]
    assert run.findings[1].startswith("A replay, not foresight: each of the 3 seals")
    assert run.findings[1].endswith("At 1 earlier moment no poll was public.")
    assert not any("outcome was already known" in line for line in run.findings)


def scored(run: Run) -> SealedScores:
    return SealedScores(**{key: run.table(key) for key in ("scores", "forecasts", "seals")})

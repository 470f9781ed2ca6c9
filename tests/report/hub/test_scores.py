"""After the vote everybody is scored by our metrics, from what was sealed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from bench.audit.preregistration import freeze, sealed_forecasts
from bench.cli.commands import hub as hub_command
from bench.core import DataError
from bench.data.election import load_election
from bench.metrics.score_forecast import score_forecast
from bench.report.hub.layout import Hub
from bench.report.hub.own import submit_record
from bench.report.hub.scores import score_hub
from bench.report.hub.seals import validate
from bench.report.hub.submissions import forecasts_of, read_submission
from tests.conftest import Compose
from tests.data.open_election import open_election
from tests.report.hub.conftest import IN_TIME, TOO_LATE, forecast, made_hub, said, submitted


def _sealed(hub: Hub, *, late: bool = False) -> Path:
    path = submitted(hub, said(hub))
    validate(hub, [path], now=TOO_LATE if late else IN_TIME, seal=True, late=late)
    return path


def test_nothing_is_scored_before_the_vote(tmp_path: Path) -> None:
    folder = open_election(tmp_path, future=True)
    hub = made_hub(tmp_path / "hub", f"{folder.as_posix()}/", "2031-03-20")
    with pytest.raises(DataError, match=r"no outcome is known .* nothing can be scored yet"):
        score_hub(hub, load_election(f"{folder.as_posix()}/"))


def test_what_is_not_sealed_is_not_scored(hub: Hub) -> None:
    submitted(hub, said(hub))
    with pytest.raises(DataError, match="nothing is sealed"):
        score_hub(hub, load_election("toy"))


def test_a_file_that_was_changed_after_its_seal_is_not_scored(hub: Hub) -> None:
    path = _sealed(hub)
    path.write_text(path.read_text("utf-8") + "\n", encoding="utf-8")
    with pytest.raises(DataError, match="was changed after it was sealed on 2031-04-03"):
        score_hub(hub, load_election("toy"))
    path.unlink()
    with pytest.raises(DataError, match="is gone, but was sealed"):
        score_hub(hub, load_election("toy"))


def test_scores_are_those_of_the_same_forecast_anywhere(hub: Hub) -> None:
    _sealed(hub)
    toy = load_election("toy")
    found = score_hub(hub, toy)
    outcome = toy.outcome(1)
    want = score_forecast(
        forecast(hub), outcome.share, 2, ballots={"full": tuple(outcome.share.index)}
    )
    for score in ("signed_error", "crps", "energy"):
        got = found.scores[found.scores["score"].eq(score)].sort_values("candidate")["value"]
        own = want[want["score"].eq(score)].sort_values("candidate")["value"]
        np.testing.assert_allclose(got, own, atol=1e-10)
    error = float((forecast(hub).share - outcome.share).abs().mean())  # by hand
    by_hand = found.scores[found.scores["score"].eq("absolute_error")]["value"].mean()
    assert by_hand == pytest.approx(error, abs=1e-12)
    assert found.seals["days_before"].tolist() == [3]


def test_late_ones_bear_a_mark(hub: Hub) -> None:
    _sealed(hub, late=True)
    found = score_hub(hub, load_election("toy"))
    assert set(found.scores["predictor"]) == {"examples-average (late)"}


def test_of_several_slates_the_one_nearest_to_the_ballot_is_scored(tmp_path: Path) -> None:
    folder = open_election(tmp_path, future=True)
    hub = made_hub(tmp_path / "hub", f"{folder.as_posix()}/", "2031-03-20")
    slates = hub.rounds["2031-04-04"].slates["1"]
    assert len(slates) == 2
    path = submitted(hub, pd.concat([said(hub, slate=name) for name in slates]))
    validate(hub, [path], now=IN_TIME, seal=True)
    found = score_hub(hub, load_election("toy"))
    whole = next(name for name, who in slates.items() if len(who) == 5)
    assert found.seals["label"].tolist() == [f"toy round 1, round of 2031-04-04, if {whole}"]
    assert found.seals["supposed"].tolist() == [""]


@pytest.fixture(scope="module")
def record(composed: Compose) -> dict[str, Any]:
    chosen = ("predictor=[uniform,quota_poll]", "as_of=['2031-04-01T20:00']", "days_before=[]")
    made = freeze(composed("+experiment=quickstart", *chosen, "n_draws=2000"))
    from bench.audit.preregistration import sealed

    return sealed({**made, "frozen_at": "2031-04-01T18:30:00+00:00"})


def test_our_own_sealed_forecasts_stand_beside_those_of_guests(
    hub: Hub, record: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.frozen.json"
    path.write_text(json.dumps(record), encoding="utf-8")
    written, left_out = submit_record(hub, path)
    files = [one for one in written if one.suffix == ".parquet"]
    assert [one.name for one in files] == [
        "2031-04-04-bench-quota_poll.parquet",
        "2031-04-04-bench-uniform.parquet",
    ] or not left_out
    verdicts = validate(hub, [*files, submitted(hub, said(hub))], now=IN_TIME, seal=True)
    assert all(one.submission for one in verdicts), [one.said for one in verdicts]
    sealed = {name: said for _, name, said in sealed_forecasts(record)}
    for one in files:
        ((_, _, found),) = forecasts_of(hub, read_submission(hub, one))
        want = sealed[one.stem.removeprefix("2031-04-04-bench-")]
        np.testing.assert_allclose(found.share, want.share.reindex(found.share.index), atol=1e-9)
    assert hub_command.main(["score", str(hub.folder)]) == 0
    out = capsys.readouterr().out
    assert "examples-average" in out
    assert "bench-quota_poll" in out
    assert (hub.folder / "scores" / "report.html").is_file()
    oracle = pd.read_csv(hub.folder / "target-data" / "oracle-output.csv", keep_default_na=False)
    assert list(oracle.columns[:4]) == ["target_end_date", "target", "round", "candidate"]


def test_a_record_sealed_when_no_round_was_open_is_not_submitted(
    hub: Hub, record: dict[str, Any], tmp_path: Path
) -> None:
    from bench.audit.preregistration import sealed

    path = tmp_path / "a.frozen.json"
    late = sealed({**record, "frozen_at": "2031-04-06T18:30:00+00:00"})
    path.write_text(json.dumps(late), encoding="utf-8")
    with pytest.raises(DataError, match="no round of the hub was open"):
        submit_record(hub, path)

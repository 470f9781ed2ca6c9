"""Seals of a hub: what came in when; edited ones are refused, late ones bear a mark."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from bench.cli.commands.hub import main
from bench.core import DataError
from bench.data.readers import sha256
from bench.report.hub import seals
from bench.report.hub.layout import SEALS, Hub
from bench.report.hub.seals import latest_seals, read_seals, validate
from tests.report.hub.conftest import IN_TIME, MODEL, TOO_LATE, said, submitted


def test_a_submission_after_the_deadline_is_refused_and_nothing_is_written(hub: Hub) -> None:
    (verdict,) = validate(hub, [submitted(hub, said(hub))], now=TOO_LATE, seal=True)
    assert verdict.submission is None
    assert "was due on 2031-04-04 23:59:59 and it is 2031-04-05 00:30:00" in verdict.said
    assert "--late" in verdict.said
    assert not (hub.folder / SEALS).exists()


def test_a_late_one_is_sealed_with_a_mark(hub: Hub) -> None:
    path = submitted(hub, said(hub))
    (verdict,) = validate(hub, [path], now=TOO_LATE, seal=True, late=True)
    assert verdict.said.endswith("LATE, marked in the scores")
    assert latest_seals(hub)["in_time"].tolist() == ["false"]


def test_a_seal_is_the_sum_of_the_file_as_it_came_in(hub: Hub) -> None:
    path = submitted(hub, said(hub))
    validate(hub, [path], now=IN_TIME)
    assert not (hub.folder / SEALS).exists()  # checking writes nothing
    validate(hub, [path], now=IN_TIME, seal=True)
    row = latest_seals(hub).iloc[0]
    assert row["sha256"] == sha256(path)
    assert row["file"] == f"model-output/{MODEL}/{path.name}"
    (again,) = validate(hub, [path], now=TOO_LATE, seal=True)
    assert again.said == "as sealed on 2031-04-03T12:00:00+00:00"
    assert len(read_seals(hub)) == 1


def test_until_the_deadline_a_forecast_may_be_replaced_and_after_it_not(hub: Hub) -> None:
    path = submitted(hub, said(hub))
    validate(hub, [path], now=IN_TIME, seal=True)
    submitted(hub, said(hub, n_draws=120))
    (verdict,) = validate(hub, [path], now=IN_TIME, seal=True)
    assert verdict.said.startswith("replaces the file sealed before")
    assert len(read_seals(hub)) == 2
    submitted(hub, said(hub, n_draws=130))
    (verdict,) = validate(hub, [path], now=TOO_LATE, seal=True, late=True)
    assert "changed after it was sealed on 2031-04-03T12:00:00+00:00" in verdict.said
    assert len(read_seals(hub)) == 2


@pytest.mark.parametrize("edit", ["other_sum", "other_day", "one_less"])
def test_edited_seals_are_refused(hub: Hub, edit: str) -> None:
    for day in ("2031-03-28", "2031-04-04"):
        path = submitted(hub, said(hub, day=day), day=day)
        moment = pd.Timestamp(f"{day}T10:00:00Z").to_pydatetime()
        validate(hub, [path], now=moment, seal=True)
    rows = pd.read_csv(hub.folder / SEALS, dtype=str)
    if edit == "one_less":
        rows = rows.iloc[1:]
    else:
        column, text = {
            "other_sum": ("sha256", "0" * 64),
            "other_day": ("sealed_at", "2031-03-27"),
        }[edit]
        rows.loc[0, column] = text
    rows.to_csv(hub.folder / SEALS, index=False)
    with pytest.raises(DataError, match=r"seals.csv:2: the row does not match its sum"):
        validate(hub, [path], now=IN_TIME)


def test_one_refused_file_does_not_keep_the_others_from_being_sealed(hub: Hub) -> None:
    good = submitted(hub, said(hub))
    bad = submitted(hub, said(hub), model="a-b")
    found = validate(hub, [good, bad], now=IN_TIME, seal=True)
    assert [one.submission is None for one in found] == [False, True]
    assert latest_seals(hub)["model_id"].tolist() == [MODEL]


def test_the_command_seals_what_stands_and_misses_what_is_gone(
    hub: Hub, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Clock(seals.datetime):
        @classmethod
        def now(cls, tz: object = None) -> Clock:  # type: ignore[override]
            return cls.fromisoformat(IN_TIME.isoformat())

    monkeypatch.setattr(seals, "datetime", Clock)
    path = submitted(hub, said(hub))
    folder = str(hub.folder)
    assert main(["validate", folder, str(path)]) == 0
    assert "accepted: round 1 if official (first, qualify, vote share)" in capsys.readouterr().out
    assert main(["validate", folder, "--seal"]) == 0
    assert "sealed 1 of 1 files; sum over all seals: " in capsys.readouterr().out
    path.unlink()
    assert main(["validate", folder]) == 1
    assert "was sealed and is gone" in capsys.readouterr().out


def test_a_hub_without_submissions_is_in_order(
    hub: Hub, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["validate", str(hub.folder)]) == 0
    assert "no submission has come in" in capsys.readouterr().out

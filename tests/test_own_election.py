"""A country that does not exist, in three files, scored from the command line."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pandas as pd
import pytest

from bench.cli.commands import check, new
from bench.core import DataError
from tests.test_main import bench

PAGE = Path(__file__).parents[1] / "docs" / "own_election.md"

VOTES = {
    1: {"Ana Rowe": 310, "Björn Åse": 270, "Chloé": 220, "Dov Katz": 200},
    2: {"Ana Rowe": 520, "Björn Åse": 480},
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two rounds; every poll is two points kind to Ana Rowe and two unkind to Dov Katz."""
    place = tmp_path / "our elections" / "freedonia, 2030"
    place.mkdir(parents=True)
    (place / "election.yaml").write_text(
        "name: Presidential election of Freedonia, 2030\nrounds: {1: 2030-05-12, 2: 2030-05-26}\n"
    )
    polls, outcome = ["round,institute,fieldwork_end,sample_size,candidate,share"], []
    for number, votes in VOTES.items():
        last = list(votes)[-1]
        for who, n in votes.items():
            outcome.append(f"{number},{who},{n}")
            off = {"Ana Rowe": 0.02, last: -0.02}.get(who, 0.0)
            for institute in ("Nord", "Pulse"):
                share = round(n / 1000 + off, 3)
                polls.append(f"{number},{institute},2030-05-08,1000,{who},{share}")
    (place / "polls.csv").write_text("\n".join(polls) + "\n", encoding="utf-8")
    (place / "outcome.csv").write_text("\n".join(["round,candidate,votes", *outcome]) + "\n")
    return place


def test_three_files_and_a_forecast_made_elsewhere_are_scored(tmp_path: Path, folder: Path) -> None:
    polls = folder / "polls.csv"
    many = polls.read_text("utf-8").replace("Pulse,2030-05-08,1000", "Pulse,2030-05-08,200000")
    polls.write_text(many, "utf-8")
    path = tmp_path / "stan.csv"
    said = {"ana_rowe": 0.3, "bjorn_ase": 0.3, "chloe": 0.2, "dov_katz": 0.2}
    lines = [f"2030-05-01,{who},{share}" for who, share in said.items()]
    path.write_text("\n".join(["published_on,candidate,share", *lines]) + "\n")
    done = bench(
        tmp_path,
        "+experiment=own",
        f"election={folder}",
        "predictor=[last_poll,uniform,forecast_file]",
        "predictors.forecast_file.path=stan.csv",
        "language=fr",
    )
    assert "Ana Rowe" in done.out
    (run,) = (tmp_path / "results" / "own").iterdir()
    page = (run / "report.html").read_text(encoding="utf-8")
    assert "freedonia, 2030" in page
    doubt = "Sondages auprès de plus de 100"
    assert doubt in done.out
    assert doubt in page
    errors = pd.read_csv(run / "errors.csv")
    signed = errors[errors["metric"].eq("signed_error")]
    found = signed.pivot(index="predictor", columns="candidate", values="value").round(6)
    polled = {"ana_rowe": 0.02, "bjorn_ase": 0.0, "chloe": 0.0, "dov_katz": -0.02}
    # the share of a forecast from polls is the mean of its draws
    assert found.loc["last_poll"].to_dict() == pytest.approx(polled, abs=1e-3)
    # forecast minus outcome: .30 - .31, .30 - .27, .20 - .22, .20 - .20
    stan = {"ana_rowe": -0.01, "bjorn_ase": 0.03, "chloe": -0.02, "dov_katz": 0.0}
    assert found.loc["forecast_file"].to_dict() == stan
    manifest = json.loads((run / "manifest.json").read_text())
    assert "outcome.csv" in json.dumps(manifest)
    assert manifest["files"] == {"stan.csv": hashlib.sha256(path.read_bytes()).hexdigest()}


def test_the_page_leads_from_a_table_to_both_rounds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = PAGE.read_text("utf-8").partition("## Three files by hand")[0]
    for name, content in re.findall(r'```\w+ title="([^"]+)"\n(.*?)```', text, re.S):
        (tmp_path / name).write_text(content, "utf-8")
    error, folder, checked, table = re.findall(r"```text\n(.*?)```", text, re.S)
    command = re.findall(r"bench new (election .*)", text)[0].split()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError) as caught:
        new.main(command)
    assert plain(f"error: {caught.value}") == plain(error)
    assert not (tmp_path / "freedonia").exists()
    assert new.main([*command, "--map", "map.yaml"]) == 0
    assert capsys.readouterr().out == folder
    assert check.main(["freedonia"]) == 0
    assert plain(capsys.readouterr().out) == plain(checked)
    assert table in bench(tmp_path, "run", "own", "election=freedonia", "rounds=[1,2]").out


def plain(text: str) -> str:
    return " ".join(text.split())

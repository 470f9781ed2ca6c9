"""A board: scores by hand, the newest by a moment, replays apart, and one before the vote."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import datetime, tzinfo
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bench.cli.commands import board
from bench.core import ConfigError, DataError, paths
from bench.core.compose import compose
from bench.studies.board.scores import Truth, scores_of
from bench.studies.board.view import record_of
from bench.studies.run import Run, execute
from tests.data.open_election import AS_OF, open_election
from tests.french import reported_in_both

MOMENT = pd.Timestamp("2031-04-01")
QUICK = ("n_draws=200", "predictor=[uniform,last_poll,poll_tracker]", "results=''")
SOURCES = "source,name,address,commit,licence,replay,note\n"
HEADER = "source,public_on,address,election,round,person,quantity,quantile,value\n"


def stated(source: str, *rows: tuple[str, str, float, float]) -> pd.DataFrame:
    columns = ["person", "quantity", "quantile", "value"]
    return pd.DataFrame(rows, columns=columns).assign(
        source=source, as_of=MOMENT, days=5, kind="file", age_days=0
    )


def with_board(election: Path, year: int) -> None:
    """A seer of three days and a replay, of the made-up election that lies there."""
    folder = election.parent / "boards" / election.name
    folder.mkdir(parents=True)
    name = election.name
    lines = [
        (f"{year}-03-20", "thorne", "share", "", 0.25),
        (f"{year}-03-20", "thorne", "elected", "", 0.5),
        (f"{year}-03-30", "thorne", "share", "", 0.31),
        (f"{year}-03-30", "thorne", "share", 0.1, 0.28),
        (f"{year}-03-30", "thorne", "share", 0.9, 0.34),
        (f"{year}-03-30", "thorne", "through", "", 0.9),
        (f"{year}-04-05", "thorne", "share", "", 0.4),
    ]
    for source in ("seer", "hindsight"):
        rows = "".join(
            f"{source},{day},https://example.org/{source},{name},1,{person},{quantity},{level},{value}\n"
            for day, person, quantity, level, value in lines
        )
        (folder / f"{source}.csv").write_text(HEADER + rows, encoding="utf-8")
    (folder / "sources.csv").write_text(
        f"{SOURCES}seer,The seer,https://example.org,,MIT,false,\n"
        "hindsight,Hindsight,https://example.org,,MIT,true,\n",
        encoding="utf-8",
    )


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("over") / "toy"
    shutil.copytree(paths.datasets() / "toy", folder)
    with_board(folder, 2031)
    experiment = compose(
        "+experiment=2022_board", f"elections=[{folder}]", "days_before=[14,2]", *QUICK
    )
    return execute(experiment)


def test_three_rows_by_hand() -> None:
    truth = Truth(pd.Series({"ash": 0.5, "birch": 0.3, "cedar": 0.2}), frozenset({"ash"}), None)
    rows = pd.concat(
        [
            stated(
                "seer",
                *(("ash", "share", np.nan, 0.46), ("birch", "share", np.nan, 0.36)),
                *(("cedar", "share", np.nan, 0.2), ("ash", "share", 0.1, 0.4)),
                *(("ash", "share", 0.9, 0.48), ("ash", "through", np.nan, 0.8)),
                *(("oak", "through", np.nan, 0.1), ("ash", "elected", np.nan, 0.8)),
            ),
            stated(
                "ours",
                *(("ash", "share", np.nan, 0.49), ("birch", "share", np.nan, 0.29)),
                *(("ash", "share", 0.1, 0.45), ("ash", "share", 0.9, 0.55)),
                *(("ash", "share", 0.05, 0.4), ("ash", "share", 0.95, 0.6)),
                *(("ash", "through", np.nan, 0.5), ("oak", "through", np.nan, 0.4)),
                ("ash", "elected", np.nan, 0.5),
            ),
        ]
    )
    scores = scores_of(rows, "ours", truth, {MOMENT: ["ash", "birch"]}).set_index("measure")
    assert set(scores.index) == {"absolute_error", "interval_score", "through"}
    # leaders alone: (.04 + .06) / 2, (.01 + .01) / 2
    assert scores.loc["absolute_error", ["persons", "value", "ours"]].tolist() == pytest.approx(
        [2, 0.05, 0.01]
    )
    # 80 %: .08 wide and .02 missed at 2 / .2; ours at his level is .1 wide and holds it
    assert scores.loc["interval_score", ["persons", "level", "value", "ours"]].tolist() == (
        pytest.approx([1, 0.8, 0.08 + 10 * 0.02, 0.1])
    )
    # oak did not stand: ((.8 - 1)² + .1²) / 2, ((.5 - 1)² + .4²) / 2; who is elected is not known
    assert scores.loc["through", ["persons", "value", "ours"]].tolist() == pytest.approx(
        [2, 0.025, 0.205]
    )


def test_the_newest_that_was_public_counts_and_ours_is_set_beside_it(run: Run) -> None:
    newest = run.table("newest")
    of_seer = newest[newest["source"].eq("seer") & newest["quantile"].isna()]
    values = of_seer.set_index(["as_of", "quantity"])["value"]
    early, late = sorted(newest["as_of"].unique())
    assert values[early].to_dict() == {"share": 0.25, "elected": 0.5}
    # what was said on the 5th was not public two days before the vote of the 6th
    assert values[late].to_dict() == {"share": 0.31, "through": 0.9, "elected": 0.5}
    share = 19534 / 66051  # of Thorne, official
    scores = run.table("scores")
    row = scores[scores["source"].eq("seer") & scores["as_of"].eq(late)].set_index("measure")
    assert row.loc["absolute_error", "value"] == pytest.approx(0.31 - share)
    assert row.loc["interval_score", ["level", "value"]].tolist() == pytest.approx([0.8, 0.06])
    assert row.loc["through", "value"] == pytest.approx(0.01)
    assert row.loc["elected", "value"] == pytest.approx(0.25)  # Quill was elected
    # the chance of being elected is that of the 20th, the rest is of the 30th
    ages = {"absolute_error": 5, "interval_score": 5, "through": 5, "elected": 15}
    assert row["age_days"].to_dict() == ages
    own = newest[newest["source"].eq("poll_tracker") & newest["as_of"].eq(late)]
    own = own[own["person"].eq("thorne") & own["quantity"].eq("share")].set_index("quantile")
    low, high = own.loc[[0.1, 0.9], "value"]
    assert low < own.loc[0.5, "value"] < high
    assert row.loc["interval_score", "ours"] == pytest.approx(
        high - low + 10 * (max(low - share, 0) + max(share - high, 0))
    )


@pytest.mark.parametrize("name", ["poll_tracker", "Quadrant"])
def test_a_file_called_like_ours_or_an_institute_is_refused(tmp_path: Path, name: str) -> None:
    shutil.copytree(paths.datasets() / "toy", tmp_path / "toy")
    with_board(tmp_path / "toy", 2031)
    for path in (tmp_path / "boards" / "toy" / file for file in ("seer.csv", "sources.csv")):
        path.write_text(path.read_text("utf-8").replace("seer,", f"{name},"), "utf-8")
    (tmp_path / "boards" / "toy" / "seer.csv").rename(tmp_path / "boards" / "toy" / f"{name}.csv")
    experiment = compose("+experiment=2022_board", f"elections=[{tmp_path / 'toy'}]", *QUICK)
    with pytest.raises(DataError, match=f"{name}.csv: '{name}' is also .*; rename the file"):
        execute(experiment)


def test_the_page_says_one_vote_first_and_sets_replays_apart(run: Run) -> None:
    english = reported_in_both(run.study, run.experiment, run.results)
    assert english.findings[0].startswith("This is one vote, n = 1")
    [errors] = [table for table in english.tables if table.name == "errors"]
    keys = {block.key: {row.cells[1].text for row in block.rows} for block in errors.blocks}
    assert keys["replay"] == {"Hindsight"}
    assert "The seer" in keys["file"]
    assert {"Last poll of each institute", "Uniform"} <= keys["method"]
    [by_day] = [table for table in english.tables if table.name == "by_day"]
    names = {row.cells[1].text for block in by_day.blocks for row in block.rows}
    assert "The seer" in names
    assert "Hindsight" not in names
    stated_outside = english.figures["stated"]
    assert "Hindsight" not in stated_outside.legend


def test_a_vote_of_which_nobody_outside_said_anything_has_its_board(tmp_path: Path) -> None:
    typed = ["fr2012", "days_before=[2]", f"results={tmp_path}", *QUICK[:2]]
    assert board.main(typed) == 0
    assert not list(tmp_path.rglob("by_day.csv"))


def test_days_at_which_nobody_is_scored_are_not_named(run: Run) -> None:
    scores, newest = run.table("scores"), run.table("newest")
    tables = run.results.tables | {"scores": scores[scores["days"].ne(14)]}
    report = run.study.report(run.experiment, replace(run.results, tables=tables))
    assert set(newest["days"]) == {14, 2}
    assert report.findings[1].startswith("Everybody is scored by one rule, 2 days before the vote")


def test_a_record_counts_favourites_who_were_elected() -> None:
    rows = pd.DataFrame(
        {"predictor": ["seer", "seer", "sage"], "favourite": ["ash", "oak", "ash"]}
    ).assign(winner="ash", days=150)
    assert record_of(rows, "seer") == (1, 2, 150)
    assert record_of(rows, "nobody") is None


def test_before_the_vote_it_says_who_says_what_how_old(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    election = open_election(tmp_path)
    with_board(election, 2019)
    results = tmp_path / "results"
    typed = [str(election), f"as_of={AS_OF}", f"results={results}", *QUICK[:2]]
    assert board.main(typed) == 0
    printed = " ".join(capsys.readouterr().out.split())
    sentence = (
        "On 1 April 2019, the chance that Thorne is elected: The seer 50% (12 days old), Gambit"
    )
    assert sentence in printed
    newest = pd.read_csv(next(results.rglob("newest.csv")))
    people = newest[newest["source"].eq("poll_tracker")]
    assert {"share", "stands", "through", "elected"} == set(people["quantity"])
    with pytest.raises(
        ConfigError, match=r"settings\.headline is 'stack', which is not a predictor"
    ):
        board.main([*typed, "settings.headline=stack"])


def test_what_was_stated_this_morning_is_on_the_board_of_today(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Clock(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Clock:
            return cls(2019, 4, 5, 20)

    for module in ("bench.audit.preregistration", "bench.data.task"):
        monkeypatch.setattr(f"{module}.datetime", Clock)
    election = open_election(tmp_path)
    with_board(election, 2019)
    path = election.parent / "boards" / election.name / "seer.csv"
    path.write_text(path.read_text("utf-8").replace("04-05", "04-05T09:00"), "utf-8")
    experiment = compose(
        "+experiment=2027_board", f"elections=[{election}]", "as_of=['2019-04-05T20:00']", *QUICK
    )
    newest = execute(experiment).table("newest")
    assert newest["as_of"].unique().tolist() == [pd.Timestamp("2019-04-05")]  # no poll came today
    ages = newest[newest["source"].eq("seer")].groupby("quantity")["age_days"].first()
    assert ages.to_dict() == {"elected": 16, "share": 0, "through": 6}

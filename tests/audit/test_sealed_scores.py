"""Sealed forecasts after the vote: scored from the record alone, edited ones refused."""

from __future__ import annotations

import base64
import copy
import json
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd
import pytest

from bench.api import forecast, score
from bench.audit import preregistration
from bench.audit.preregistration import (
    freeze,
    opened,
    packed,
    read_record,
    sealed,
    unpacked,
)
from bench.audit.sealed_scores import score_records, score_sealed
from bench.cli.commands import freeze as freeze_command
from bench.cli.commands import score as score_command
from bench.cli.sealed_scores.view import facts_of, scores_by_seal, sealed_report
from bench.core import ConfigError, DataError, Forecast, paths
from bench.core.settings import Experiment
from bench.data.election import load_election
from bench.data.task import Task
from bench.metrics.score_forecast import on_official
from tests.conftest import Compose
from tests.data.open_election import open_election

MOMENT = "2031-04-01T20:00"


@pytest.fixture(scope="module")
def settings(composed: Compose) -> Experiment:
    chosen = ("predictor=[uniform,last_poll]", f"as_of=['{MOMENT}']", "days_before=[]")
    return composed("+experiment=quickstart", *chosen, "n_draws=3000")


@pytest.fixture(scope="module")
def record(settings: Experiment) -> dict[str, Any]:
    return freeze(settings)


def written(folder: Path, record: dict[str, Any], name: str = "a.json") -> Path:
    path = folder / name
    path.write_text(json.dumps(record), encoding="utf-8")
    return path


def before_the_vote(settings: Experiment, place: Path, **given: str) -> Experiment:
    """The experiment on an open election, five days before its vote."""
    folder = open_election(place)
    return replace(settings, elections=[str(folder)], as_of=["2019-04-01T20:00"], settings=given)


def test_an_edited_record_or_the_same_twice_is_refused(
    tmp_path: Path, record: dict[str, Any]
) -> None:
    for content in ({"format": "another"}, record | {"outcome_known": 0}, record | {"x": "\ud800"}):
        with pytest.raises(DataError, match=r"not a record|does not match its seal"):
            score_sealed([written(tmp_path, content)])
    twice = [written(tmp_path, record, name) for name in ("a.json", "b.json")]
    with pytest.raises(DataError, match=r"b\.json is the same record as .*a\.json"):
        score_sealed(twice)


def _of(record: dict[str, Any]) -> dict[str, Any]:
    (answers,) = record["forecasts"].values()
    said: dict[str, Any] = answers["last_poll"]
    return said


def _vote(record: dict[str, Any]) -> dict[str, Any]:
    (vote,) = record["votes"].values()
    return cast(dict[str, Any], vote)


BOMB = base64.b64encode(zlib.compress(bytes(10**7))).decode()
OTHERS: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "stranger": (lambda r: _of(r)["share"].update(nobody=0.0), "last_poll: it names 'nobody'"),
    "too much": (lambda r: _of(r)["share"].update(thorne=2.0), "last_poll: share of 'thorne'"),
    "text": (lambda r: _of(r)["share"].update(thorne="much"), "thorne` is much; .* number"),
    "nobody": (lambda r: _of(r).update(share={}), "last_poll: cannot reshape"),
    "status": (lambda r: _of(r).update(status="fine"), "status` is fine; .* 'ok' or 'abstained'"),
    "round": (lambda r: _vote(r).update(round="one"), r"round` is one; Input should be .* integer"),
    "as_of there": (lambda r: _vote(r).update(as_of=f"{MOMENT}Z"), "should not have timezone info"),
    "frozen_at": (lambda r: r.update(frozen_at=MOMENT), "frozen_at` is .* have timezone info"),
    "frozen never": (lambda r: r.update(frozen_at=None), "the key 'frozen_at' is missing"),
    "no votes": (lambda r: r.update(votes={}), "uniform: 'toy round 1"),
    "forecasts": (lambda r: r.update(forecasts=[1]), "`forecasts` is .* valid dictionary"),
    "bomb": (lambda r: _of(r)["draws"].update(zlib_base64_u2=BOMB), "last_poll: cannot reshape"),
    "damaged": (lambda r: _of(r)["draws"].update(zlib_base64_u2="AAAA"), "last_poll: Error -3"),
    "number": (lambda r: _of(r)["draws"].update(zlib_base64_u2=5), "last_poll: .* not 'int'"),
    "no draws": (lambda r: _of(r).update(draws={}), "last_poll: 'zlib_base64_u2'"),
}


@pytest.mark.parametrize("kind", OTHERS)
def test_a_malformed_record_is_refused_in_a_sentence(
    tmp_path: Path, record: dict[str, Any], kind: str
) -> None:
    other, (edit, words) = copy.deepcopy(record), OTHERS[kind]
    edit(other)
    with pytest.raises(DataError, match=rf"a\.json: .*{words}"):
        read_record(written(tmp_path, sealed(other)))


def test_what_is_not_scored_counts_for_nothing_and_nothing_is_run_again(
    record: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ask_in_own_process", "code_sums", "make_predictor"):
        monkeypatch.delattr(preregistration, name)
    other = copy.deepcopy(record) | {"code": {"harness": "0" * 64}}  # of another version
    _of(other).update(quantiles=[], events={"qualify": {"brook": 0.99}}, sum=None)
    _of(other)["draws"].update(n=10**12, columns=[99])
    found, same = (score_records({"a": sealed(one)}) for one in (record, other))
    for name in ("scores", "forecasts"):
        pd.testing.assert_frame_equal(getattr(found, name), getattr(same, name))


def test_draws_survive_their_packing() -> None:
    draws = np.random.default_rng(1).dirichlet([8, 5, 3, 1], 2500)
    kept = unpacked(packed(draws)["zlib_base64_u2"], np.ones(4, dtype=bool))
    assert kept.shape == (1000, 4)
    assert np.allclose(kept.sum(axis=1), 1)
    assert np.abs(kept[[0, -1]] - draws[[0, -1]]).max() < 3e-5


def test_a_sealed_forecast_scores_what_it_would_have_scored(
    tmp_path: Path, record: dict[str, Any]
) -> None:
    found = score_sealed([written(tmp_path, record)])
    task = Task("toy", 1, MOMENT)
    direct = score(forecast("last_poll", task), task.outcome()).query("area == 'national'")
    mine = found.scores.query("predictor == 'last_poll'")
    left, right = (
        rows[rows["metric"] == "absolute_error"].set_index("candidate")["value"]
        for rows in (mine, direct)
    )
    assert np.allclose(left, right[left.index], atol=1e-9)
    # 1,000 of 3,000 draws are kept, so scores of draws agree within their sampling error
    crps = [rows.loc[rows["metric"] == "crps", "value"].mean() for rows in (mine, direct)]
    assert crps[0] == pytest.approx(crps[1], rel=0.1)


def test_stated_chances_are_kept(record: dict[str, Any]) -> None:
    (label,) = record["forecasts"]
    stated = {"elected": {"thorne": 0.6, "quill": 0.3}, "qualify": {"thorne": 0.9, "quill": 0.8}}
    market = {"status": "ok", "share": {}, "stated": stated, "draws": None}
    one = sealed({**record, "forecasts": {label: {"market": market}}})
    _, forecasts = opened(one, "a")
    stated_too = forecasts[label]["market"].chances
    assert stated_too is not None
    assert stated_too["elected"].dropna().to_dict() == stated["elected"]
    found = score_records({"a": one})
    assert facts_of(found, {})["votes"][0].n_methods == 0  # nobody said a share
    assert sealed_report(found).tables[0].data["mae"].isna().all()


def test_whoever_did_not_stand_is_left_out_and_whoever_came_is_not_named() -> None:
    draws = np.array([[0.5, 0.3, 0.2], [0.4, 0.4, 0.2]])
    said = Forecast(share=pd.Series({"ash": 0.5, "birch": 0.3, "cedar": 0.2}), draws=draws)
    found = on_official(said, ["ash", "birch", "dogwood"])
    assert found.share.round(4).tolist()[:2] == [0.625, 0.375]
    assert found.draws is not None
    assert np.allclose(found.draws[:, :2], [[0.625, 0.375], [0.5, 0.5]])
    assert np.isnan(found.draws[:, 2]).all()
    order = Forecast(share=pd.Series({"ash": 0.6, "birch": 0.4}), order_only=True)
    assert on_official(order, ("ash", "birch", "cedar")).order_only


def test_a_slate_is_scored_after_its_vote_alone_on_those_who_stood(
    tmp_path: Path, settings: Experiment
) -> None:
    asked = before_the_vote(settings, tmp_path, slate="s2")
    path = written(tmp_path, freeze(asked))
    with pytest.raises(DataError, match="no official votes of round 1"):
        score_command.main([str(path), "--election", *asked.elections])
    assert not path.with_suffix(".scored").exists()
    # after the vote: the official ballot, with Brook, and its outcome
    found = score_sealed([path], str(decided(open_election(tmp_path / "after"))))
    (seal,) = found.seals.to_dict("records")
    assert (seal["supposed"], seal["missing"]) == ("", "brook")
    (absent,) = facts_of(found, {"brook": "Brook"})["absent"]
    assert (absent.supposed, absent.missing) == ("", "Brook")
    on_both = found.scores.query("predictor == 'last_poll' and ballot == 'compared'")
    shown = scores_by_seal(found).set_index("predictor")["mae"]
    mean = on_both.loc[on_both["metric"] == "absolute_error", "value"].mean()
    assert shown["last_poll"] == pytest.approx(mean)


def test_the_page_says_when_it_was_sealed_and_is_not_overwritten(
    tmp_path: Path, record: dict[str, Any]
) -> None:
    early = sealed({**record, "frozen_at": "2031-03-30T10:00:00+00:00", "outcome_known": False})
    path = written(tmp_path, early)
    assert score_command.main([str(path)]) == 0
    target = path.with_suffix(".scored")
    assert "30 March 2031" in (target / "report.html").read_text("utf-8")
    rows = pd.read_csv(target / "tables/sealed_scores.csv")
    assert rows["days_before"].tolist() == [7] * len(rows)
    with pytest.raises(ConfigError, match="scores are not overwritten"):
        score_command.main([str(path)])


def test_freezing_prints_the_numbers_that_are_scored_and_a_line_to_publish(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preregistration, "is_known", lambda task: False)  # it was in 2019
    folder, out = open_election(tmp_path), tmp_path / "sealed.json"
    typed = ["+experiment=own", f"election={folder}", "as_of=['2019-04-01T20:00']", "n_draws=200"]
    freeze_command.main([*typed, "predictor=[uniform,last_poll]", "--out", str(out)])
    record = read_record(out)
    ((label, said),) = opened(record, out)[1].items()
    words = freeze_command.leading(said["last_poll"], 2)
    assert words.startswith(f"thorne {100 * said['last_poll'].share['thorne']:.1f}% (gets through ")
    line = f"  election-bench seal {record['seal']}, {record['frozen_at']}: {label}, last_poll: "
    assert f"{line}{words}\n" in capsys.readouterr().out
    assert record["votes"][label]["is_supposed"] is True


def test_hypotheses_and_the_table_by_person_are_sealed_and_printed_beside_the_outcome(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preregistration, "is_known", lambda task: False)  # it was in 2019
    folder, out = open_election(tmp_path), tmp_path / "sealed.json"
    quick = ["n_draws=200", "settings.fan_days=5", "settings.since_days=3", "results=''"]
    methods = "predictor=[poll_tracker,poll_tracker_alone]"
    typed = ["+experiment=2027_r1", f"election={folder}", "as_of=['2019-04-01T20:00']", methods]
    assert freeze_command.main([*typed, *quick, "--out", str(out)]) == 0
    record = read_record(out)
    english, french = (record["hypotheses"][key] for key in ("en", "fr"))
    assert len(english) == len(french) >= 3
    assert english[-1] in capsys.readouterr().out
    people = pd.DataFrame(record["people"]).set_index("candidate")
    assert people["p_qualify"].sum() == pytest.approx(2)
    changed = copy.deepcopy(record)
    changed["hypotheses"]["en"][0] = "Somebody gets through."
    with pytest.raises(DataError, match="does not match its seal"):
        read_record(written(tmp_path, changed, "changed.json"))
    in_words = {**record, "people": [{**record["people"][0], "p_runs": "much"}]}
    path = written(tmp_path, sealed(in_words), "b.json")
    with pytest.raises(DataError, match="p_runs` is much"):
        read_record(path)
    after = decided(open_election(tmp_path / "after"))
    outcome = load_election(str(after)).outcome(1).share
    leading = outcome[outcome >= 0.1]
    error = 100 * (people["share"].reindex(leading.index) - leading).abs().mean()
    bounds = people.reindex(outcome.index)
    inside = outcome.between(bounds["q05"], bounds["q95"])
    winner = str(load_election(str(after)).outcome(2).share.idxmax())
    for language, hypotheses in (("en", english), ("fr", french)):
        target = str(tmp_path / language)
        typed = [str(out), "--election", str(after), "--out", target, "--language", language]
        assert score_command.main(typed) == 0
        printed = " ".join(capsys.readouterr().out.split())
        for one in hypotheses:
            assert " ".join(one.split()) in printed
        number = f"{error:.1f}".replace(".", "," if language == "fr" else ".")
        assert f"{number} point" in printed.replace("\u202f", " ").replace("\xa0", " ")
        counted = f"{inside.sum()} {'of' if language == 'en' else 'résultats sur'} {len(outcome)}"
        assert counted in printed
        assert winner.capitalize() in printed
    rows = pd.read_csv(tmp_path / "en/tables/sealed_people.csv").set_index("candidate")
    assert rows.loc[winner, "won"] == 1
    assert set(rows.index[rows["through"]]) == set(outcome.nlargest(2).index)
    # against files that do not say whether they are whole, with somebody who is in the first alone
    files = [tmp_path / "1.csv", tmp_path / "2.csv"]
    for number, file in enumerate(files, start=1):
        votes = load_election(str(after)).outcome(number).votes.astype(int)
        votes.to_csv(file, index_label="candidate", header=["votes"])
    files[0].write_text(f"{files[0].read_text('utf-8')}newcomer,9\n", encoding="utf-8")
    typed = [str(out), "--election", str(after), "--same-as", "{newcomer: false}", "--outcome"]
    assert score_command.main([*typed, *map(str, files), "--out", str(tmp_path / "counted")]) == 0
    rows = pd.read_csv(tmp_path / "counted/tables/sealed_people.csv").set_index("candidate")
    assert rows.loc[winner, "won"] == 1
    page = (tmp_path / "counted/report.html").read_text("utf-8")
    for word in ("got through", "elected: ", "qualified"):
        assert word not in page
    with pytest.raises(DataError, match=r"which round 2 of .* is not about"):
        score_command.main([*typed, *[str(files[0])] * 2, "--out", str(tmp_path / "twice")])
    # a later seal of the same vote
    again = sealed({**record, "frozen_at": "2019-04-02T10:00:00+00:00"})
    report = sealed_report(score_records({"first": record, "later": again}, str(after)))
    for words in ("Sealed as a hypothesis (later): ", "What came, by person (later): "):
        assert any(finding.startswith(words) for finding in report.findings)
    (by_person,) = (table for table in report.tables if table.name == "sealed_people")
    assert "record" in [column.key for column in by_person.columns]


def decided(folder: Path) -> Path:
    """The same election after its vote: the official ballot, and the outcome."""
    official = (paths.datasets() / "toy/election.yaml").read_text("utf-8")
    official = official.replace("2031", "2019").replace("election: toy", "election: toy_open")
    (folder / "election.yaml").write_text(official, encoding="utf-8")
    (folder / "outcome").mkdir()
    outcome = paths.datasets() / "toy/outcome/national.csv"
    (folder / "outcome/national.csv").write_bytes(outcome.read_bytes())
    return folder


def test_under_weights_every_slate_is_sealed_and_the_one_that_came_is_scored(
    tmp_path: Path, settings: Experiment
) -> None:
    weights = tmp_path / "w.yaml"
    asked = before_the_vote(settings, tmp_path, weights=str(weights))
    entries = (("s1", 0.6, "a"), ("s2", 0.3, "b"), ("other", 0.1, "c"))
    text = "".join(f"- {{slate: {s}, weight: {w}, reason: {r}}}\n" for s, w, r in entries)
    weights.write_text(text, encoding="utf-8")
    record = freeze(asked)
    said = {vote["slate"]: vote for vote in record["votes"].values()}
    assert {name: vote["weight"] for name, vote in said.items()} == {"s1": 0.6, "s2": 0.3}
    assert said["s2"]["reason"] == "b"
    path = written(tmp_path, record)
    found = score_sealed([path], str(decided(open_election(tmp_path / "after"))))
    (seal,) = found.seals.to_dict("records")
    assert (seal["slate"], seal["weight"], seal["apart"]) == ("s1", 0.6, 0)
    assert set(found.scores["ballot"]) == {"all"}

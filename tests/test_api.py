"""The Python API: what a notebook can do, and that it does what the command line does."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import bench
from bench.cli.commands import list_
from bench.core import Abstain, Evidence, Forecast, ForecastError, Predictor
from bench.core.errors import ConfigError
from bench.data.election import election_names

TWO = {"predictor": ["last_poll", "uniform"], "baseline": "uniform"}
EVE = "2031-04-04 20:00"


@pytest.fixture(scope="module")
def run() -> bench.Run:
    return bench.run("quickstart", **TWO)


def test_importing_the_package_imports_nothing_heavy() -> None:
    heavy = ("numpy", "pandas", "hydra", "matplotlib")
    code = f"import sys, json, bench; print(json.dumps([m for m in {heavy} if m in sys.modules]))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == []


def test_a_name_that_is_not_there_is_refused() -> None:
    with pytest.raises(AttributeError, match="no attribute 'runn'"):
        bench.runn  # noqa: B018


def test_nothing_is_written_unless_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert bench.run("quickstart", **TWO).folder is None
    assert list(tmp_path.rglob("*")) == []


def test_the_headline_has_labels_and_the_errors_have_keys(run: bench.Run) -> None:
    assert {"predictor", "MAE", "CRPS"} <= set(run.headline.columns)
    mine = run.errors[run.errors["metric"].eq("absolute_error") & run.errors["ballot"].eq("all")]
    of_uniform = 100 * mine.loc[mine["predictor"].eq("uniform"), "value"].mean()
    # five candidates at 20 % each against the official shares of the made-up election
    official = bench.Task("toy", round=1, as_of=EVE).outcome().share
    assert of_uniform == pytest.approx(100 * (official - 0.2).abs().mean())


def test_a_run_that_was_written_reads_back_the_same(tmp_path: Path) -> None:
    written = bench.run("quickstart", results=tmp_path, **TWO)
    assert written.folder is not None
    assert (written.folder / "report.html").is_file()
    read = bench.load_run(written.folder)
    for name, table in written.results.tables.items():
        pd.testing.assert_frame_equal(read.results.tables[name], table)
    assert read.findings == written.findings
    assert read.headline.equals(written.headline)
    assert bench.load_run("quickstart/latest", results=tmp_path).folder == written.folder


def test_settings_are_the_keys_of_the_yaml() -> None:
    run = bench.run(
        "quickstart",
        "predictors.last_poll.window_days=5",
        predictors={"last_poll": {"n_draws": 200}},
        as_of=[pd.Timestamp(EVE).to_pydatetime()],
        **TWO,
    )
    expected = {"n_draws": 200, "window_days": 5}
    assert run.experiment.predictors["last_poll"] == expected
    assert set(run.errors["as_of"]) == {pd.Timestamp(EVE)}


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"predictor": ["last_pol"]}, "did you mean 'last_poll'"),
        ({"sed": 3}, "did you mean 'seed'"),
        ({"seed": object()}, "accepted: texts, numbers"),
        ({"elections": "toy"}, r"elections is 'toy'; accepted: a list in brackets, such as 'ele"),
        ({"elections": ["fr2027"]}, "not scored but forecast"),
        ({"results": ""}, "or None to write nothing"),
        ({"hour": "08:00", "as_of": ["2031-04-01"]}, "accepted: an hour with days_before"),
        ({"execution": {"workers": 2}}, "or execution=loky"),
    ],
)
def test_what_cannot_be_used_is_said_as_on_the_command_line(
    settings: dict[str, object], words: str
) -> None:
    with pytest.raises(bench.BenchError, match=words):
        bench.run("quickstart", **{**TWO, **settings})


def test_what_cannot_be_written_is_said_before_any_work(
    run: bench.Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench.Run, "page", lambda _: "page")
    (tmp_path / "file").touch()
    for call in (
        lambda: bench.run("quickstart", results=tmp_path / "file" / "deep", **TWO),
        lambda: run.save(tmp_path / "file"),
    ):
        with pytest.raises(ConfigError, match="file' is a file; accepted: a folder in which"):
            call()
    for place in (tmp_path, tmp_path / "file" / "page.html"):
        with pytest.raises(ConfigError, match="the page cannot be written to"):
            run.report(place)
    assert [path.name for path in tmp_path.rglob("*")] == ["file"]


def test_results_are_asked_for_by_name_alone() -> None:
    with pytest.raises(ConfigError, match="accepted in Python: results=FOLDER"):
        bench.run("quickstart", "results=here", **TWO)


def test_limits_of_predictors_are_refused_where_none_is_asked() -> None:
    with pytest.raises(ConfigError, match=r"asks no predictors, so execution.time_limit_s"):
        bench.run("ecological_truth", execution={"time_limit_s": 5})


def test_a_setting_that_the_study_would_ignore_is_refused() -> None:
    with pytest.raises(ConfigError, match="'two_rounds' does not read the setting 'save_draws'"):
        bench.run("2017_chain", save_draws=True)


def test_figures_and_pages_by_name(run: bench.Run, tmp_path: Path) -> None:
    figure = run.figure("signed_errors")
    assert figure.get_size_inches()[0] > 0
    with pytest.raises(ConfigError, match="signed_errors"):
        run.figure("signed_error")
    with pytest.raises(ConfigError, match=r"no table 'headlin' \(did you mean 'headline'"):
        run.tables["headlin"]
    with pytest.raises(ConfigError, match="known: single, double, slide"):
        run.figure("signed_errors", size="huge")
    assert run.report(tmp_path / "page.html").read_text().startswith("<!DOCTYPE html>")
    assert "<table" in run._repr_html_()
    assert "\\begin{tabular}" in run.tables["headline"].to_latex()


def test_a_name_of_three_lines(run: bench.Run) -> None:
    task = bench.Task("fr2017")
    forecast = bench.forecast("last_poll", task)
    assert repr(run).splitlines() == [
        "Run of quickstart: toy",
        "predictors: last_poll, uniform",
        "folder: None (.headline, .findings, .tables, .report('page.html'), …)",
    ]
    assert repr(task).splitlines()[::2] == [
        "Task fr2017 round 1 as of 2017-04-21T23:59",
        "candidates: arthaud, asselineau, cheminade, dupont_aignan, fillon … (11)",
    ]
    assert repr(task.election).splitlines()[1:] == [
        "round 1 on 2017-04-23, 11 candidates",
        "round 2 on 2017-05-07, 2 candidates",
    ]
    assert repr(forecast).startswith(
        "Forecast of fr2017 round 1 as of 2017-04-21 23:59:00\nshares: ma"
    )
    assert repr(forecast).endswith("… (11)\nwith: draws")
    assert repr(Forecast(share=forecast.share)).startswith("Forecast of no vote")


def test_the_tables_of_what_there_is() -> None:
    votes = bench.elections().set_index(["election", "round"])
    assert set(votes.index.get_level_values("election")) == set(election_names())
    polls = bench.load_election("fr2017").polls
    questions = polls.loc[polls["round"].eq(1), "poll_id"].nunique()
    assert votes.loc[("fr2017", 1), "poll_questions"] == questions
    assert votes.loc[("us1936/president", 1), "vote_on"] == pd.Timestamp("1936-11-03")
    methods = bench.predictors().set_index("predictor")
    assert methods.loc["last_poll", "reads"] == "past_errors, polls"
    listed = methods.reset_index()[["family", "predictor", "label"]]
    assert set(listed.itertuples(index=False, name=None)) == set(list_.predictors())


def test_a_run_over_elections_ends_in_differences_and_their_noise() -> None:
    run = bench.load_run(Path(__file__).parents[1] / "results" / "reference" / "history")
    table = run.compared()
    errors = run.errors.query("ballot == 'all' and area == 'national'")
    absolute = errors[errors["metric"].eq("absolute_error")]
    keys = ["election", "round", "candidate"]
    wide = absolute.pivot(index=keys, columns="predictor", values="value")
    by_vote = (wide["stack"] - wide["last_poll"]).groupby(["election", "round"]).mean()
    expected = 100 * by_vote.groupby("election").mean()
    row = table.set_index("predictor").loc["stack"]
    assert row["difference_pp"] == pytest.approx(expected.mean())
    assert row["low_pp"] < row["difference_pp"] < row["high_pp"]
    assert table["difference_pp"].is_monotonic_increasing
    assert "difference" in run._repr_html_()
    assert "différence" in run.in_language("fr")._repr_html_()
    turned = run.compared("stack").set_index("predictor").loc["last_poll"]
    assert turned["high_pp"] == pytest.approx(-row["low_pp"])
    with pytest.raises(ConfigError, match=r"baseline is 'stak' .did you mean 'stack'"):
        run.compared("stak")
    absent = replace(run, experiment=replace(run.experiment, baseline="uniform"))
    with pytest.raises(ConfigError, match=r'a method of this run: compared\("last_poll"\)$'):
        absent.compared()


def test_draws_are_those_of_the_forecast() -> None:
    run = bench.run("quickstart", save_draws=True, **TWO)
    drawn = run.draws("last_poll")
    mean = drawn.groupby("candidate")["share"].mean()
    said = run.forecasts.query("predictor == 'last_poll' and area == 'national'")
    assert np.allclose(mean[said["candidate"]], said["share"], atol=0.005)
    with pytest.raises(ConfigError, match="last_poll"):
        run.draws("uniform")


@dataclass(frozen=True)
class Half(Predictor):
    """Half the votes to one candidate, the other half to all others."""

    family = "tests"
    needs = frozenset[str]()
    first: str = "ash"

    def predict(self, evidence: Evidence, rng: np.random.Generator) -> Forecast:
        if self.first not in evidence.candidates:
            raise Abstain(f"{self.first} does not stand")
        rest = 0.5 / (len(evidence.candidates) - 1)
        share = {name: 0.5 if name == self.first else rest for name in evidence.candidates}
        return Forecast(share=pd.Series(share))


def test_a_predictor_of_ones_own_is_asked_and_scored() -> None:
    task = bench.Task("toy", round=1, as_of=EVE)
    first = task.ballot[0]
    said = bench.forecast(Half(first=first), task)
    rows = bench.score(said, task.outcome())
    mean = np.abs(said.share - task.outcome().share).mean()
    assert rows.loc[0, ["metric", "unit"]].tolist() == ["mean_absolute_error", "fraction"]
    assert rows.loc[0, "value"] == pytest.approx(mean)
    assert rows["candidate"].eq("").sort_values(ascending=False).tolist() == list(
        rows["candidate"].eq("")
    )
    signed = rows[rows["metric"].eq("signed_error")].set_index("candidate")["value"]
    assert signed[first] == pytest.approx(0.5 - task.outcome().share[first])
    with pytest.raises(Abstain, match="nobody does not stand"):
        bench.forecast(Half(first="nobody"), task)


@dataclass(frozen=True)
class TooMuch(Half):
    """Shares that sum to more than 1."""

    def predict(self, evidence: Evidence, rng: np.random.Generator) -> Forecast:
        return Forecast(share=pd.Series(0.9, index=list(evidence.candidates)))


def test_an_answer_that_is_no_forecast_is_refused() -> None:
    with pytest.raises(ForecastError, match="sum"):
        bench.forecast(TooMuch(), bench.Task("toy", round=1, as_of=EVE))


@dataclass(frozen=True)
class Returns(Half):
    """Returns what is not a forecast, or divides by zero."""

    answer: object = None

    def predict(self, evidence: Evidence, rng: np.random.Generator) -> Forecast:
        return {"ash": 1 / 0} if self.answer is ZeroDivisionError else self.answer  # type: ignore[return-value]


@pytest.mark.parametrize("answer", [None, {"ash": 0.5}, pd.Series({"ash": 0.5})])
def test_a_wrong_answer_is_told_what_to_return_without_our_traceback(answer: object) -> None:
    with pytest.raises(ForecastError) as refused:
        bench.forecast(Returns(answer=answer), bench.Task("toy", as_of=EVE))
    words = f"predict returned {type(answer).__name__}; accepted: return bench.Forecast(share="
    assert str(refused.value).startswith(words)
    assert "\n" not in str(refused.value)


def test_where_a_method_failed_is_shown_and_nothing_of_ours() -> None:
    with pytest.raises(ForecastError) as failed:
        bench.forecast(Returns(answer=ZeroDivisionError), bench.Task("toy", as_of=EVE))
    files = re.findall(r'File "(.*)", line', str(failed.value))
    assert files == [__file__]
    assert str(failed.value).startswith("ZeroDivisionError: division by zero\nTraceback")
    in_notebook = failed.value._render_traceback_()
    assert in_notebook[-1] == f"ForecastError: {failed.value}"
    assert all(__file__ in line for line in in_notebook[:-1])


class LastPoll(Half):
    """Has the name of a method that ships."""


def test_a_class_of_the_caller_stands_among_names() -> None:
    run = bench.run("quickstart", predictor=[Half(first="thorne"), "uniform"], baseline="uniform")
    assert set(run.errors["predictor"]) == {"half", "uniform"}
    assert "Half" in run.findings[-1]
    assert "the caller's own process" in "".join(run.findings)
    own = bench.run(
        "quickstart", predictor=[Half(first="thorne")], predictors={"mine": Half(first="quill")}
    )
    assert set(own.errors["predictor"]) == {"half", "mine"}
    mixed = bench.run("quickstart", predictor="uniform", predictors={"mine": Half(first="quill")})
    assert set(mixed.errors["predictor"]) == {"mine", "uniform"}
    alone = bench.run("quickstart", predictor=Half(first="thorne"))
    assert set(alone.errors["predictor"]) == {"half"}


@pytest.mark.parametrize("predictors", [[Half()], Half()])
def test_methods_without_a_name_under_the_plural_are_refused(predictors: object) -> None:
    with pytest.raises(ConfigError, match=r'predictors=.*"mine".*predictor=\[MyMethod\(\)\]'):
        bench.run("quickstart", predictors=predictors)


def test_a_method_that_fails_has_a_line_of_its_own_in_the_name_of_a_run() -> None:
    returns = bench.run("quickstart", predictor=[Returns(), "uniform"], baseline="uniform")
    assert repr(returns).splitlines()[1:3] == [
        "predictors: uniform, returns",
        "failed: returns (ForecastError: predict returned NoneType; accepted: return "
        "bench.Forecast(share=SHARES), where SHARES is a pandas.Series of fractions, 0 to 1, by "
        "candidate)",
    ]
    methods = pd.concat([returns.table("methods").assign(status=s) for s in ("ok", "failed")])
    tables = {**returns.results.tables, "methods": methods.query("predictor == 'returns'")}
    once = replace(returns, results=replace(returns.results, tables=tables))
    assert "failed: returns, 1 of 2 times (" in repr(once)


@pytest.mark.parametrize(
    ("predictor", "words"),
    [
        ([Half(), Half(first="quill")], "two predictors are called 'half'; name them yourself"),
        ([LastPoll(), "uniform"], "'last_poll', which is the name of a method that is installed"),
        ([Half, "uniform"], "objects of your class: MyPredictor"),
        ([Half(), "haff"], "no predictor is called 'haff'"),
    ],
)
def test_names_of_classes_that_clash_are_refused(predictor: list[object], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        bench.run("quickstart", predictor=predictor)


@pytest.mark.parametrize("predictor", [None, Half, lambda evidence, rng: None])
def test_what_is_no_predictor_is_not_asked(predictor: object) -> None:
    with pytest.raises(ConfigError, match="of a class derived"):
        bench.forecast(predictor, bench.Task("toy", as_of=EVE))  # type: ignore[arg-type]


def test_what_is_no_task_is_not_asked_about() -> None:
    with pytest.raises(ConfigError, match="the task is 'toy'; accepted: "):
        bench.forecast("uniform", "toy")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"as_of": 5}, "as_of is 5; accepted: a moment in local time"),
        ({"as_of": ""}, "as_of is ''; accepted: a moment in local time"),
        ({"round": "1"}, "fr2017 has no round '1'; known: 1, 2"),
        ({"round": 3, "as_of": "01/04/2017"}, "fr2017 has no round 3; known: 1, 2"),
        ({"election": "fr2071"}, "no election is called 'fr2071' .did you mean"),
    ],
)
def test_a_task_that_does_not_exist_is_refused(given: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        bench.Task(**{"election": "fr2017", **given})


@pytest.mark.parametrize(
    "ask",
    [
        lambda day: bench.Task("fr2017", as_of=day),
        lambda day: bench.evidence_at("fr2017", day),
        lambda day: bench.forecast_election("fr2017", day),
        lambda day: bench.run("2017_r1", as_of=[day]),
    ],
)
def test_a_french_date_is_refused_everywhere_alike(ask: Callable[[str], object]) -> None:
    with pytest.raises(ConfigError, match=r"^as_of is '01/04/2017'; .*write '2017-04-01'$"):
        ask("01/04/2017")


def test_a_forecast_is_scored_against_its_own_candidates_alone() -> None:
    task = bench.Task("toy", round=1, as_of=EVE)
    said = bench.forecast("uniform", task)
    for other in (bench.Task("toy", round=2), bench.Task("fr2017")):
        with pytest.raises(ForecastError, match="who is not on the ballot"):
            bench.score(Forecast(share=said.share), other.outcome())
    with pytest.raises(ForecastError, match="the same candidates in the same order"):
        bench.score(Forecast(share=said.share[::-1]), task.outcome())
    with pytest.raises(ForecastError, match="a Forecast and a Series; accepted"):
        bench.score(said, task.outcome().share)  # type: ignore[arg-type]


def test_nothing_is_forecast_once_it_was_known() -> None:
    task = bench.Task("fr2017", as_of="2017-05-01")
    with pytest.raises(ConfigError, match="not before the outcome of round 1 of fr2017 was known"):
        bench.forecast("uniform", task)


def test_a_forecast_is_scored_on_its_own_vote_alone() -> None:
    task = bench.Task("fr2022", round=2, as_of="2022-04-20")
    said = bench.forecast("uniform", task)
    assert (said.election, said.round, said.as_of) == ("fr2022", 2, task.as_of)
    other = bench.Task("fr2017", round=2).outcome()  # Le Pen and Macron, too
    with pytest.raises(
        ForecastError, match=r"about round 2 of fr2022 .* that of round 2 of fr2017"
    ):
        bench.score(said, other)
    assert len(bench.score(said, task.outcome())) == len(
        bench.score(Forecast(share=said.share), other)
    )


@dataclass(frozen=True)
class Elsewhere(Half):
    """Says that its forecast is about another vote."""

    def predict(self, evidence: Evidence, rng: np.random.Generator) -> Forecast:
        share = super().predict(evidence, rng).share
        return Forecast(share=share, election="fr2017", round=2, as_of=pd.Timestamp("2017-05-01"))


def test_the_vote_of_a_forecast_is_that_of_the_task_whatever_a_method_says() -> None:
    said = bench.forecast(Elsewhere(first="thorne"), bench.Task("toy", as_of=EVE))
    assert (said.election, said.round, said.as_of) == ("toy", 1, pd.Timestamp(EVE))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            lambda said: {"share": said.share.where(said.share.index != "thorne", 100)},
            "not percent",
        ),
        (lambda said: {"share": said.share / 2}, "the shares sum to 0.5"),
        (lambda said: {"draws": np.roll(said.draws, 1, axis=1)}, "the mean of the draws"),
    ],
)
def test_a_forecast_made_by_hand_is_checked_before_it_is_scored(
    change: Callable[[Forecast], dict[str, Any]], words: str
) -> None:
    task = bench.Task("toy", as_of=EVE)
    said = bench.forecast("last_poll", task)
    given = {"share": said.share, "draws": said.draws}
    assert not bench.score(Forecast(**given), task.outcome()).empty
    with pytest.raises(ForecastError, match=words):
        bench.score(Forecast(**{**given, **change(said)}), task.outcome())

"""What becomes of each cheat: in a run, in the check of a plug-in, in an audit.

`KNOWN` says so for every one, the page about look-ahead shows it, and nothing can be on the list
that a test does not hold. A cheat that still succeeds is expected to fail its test, so that the
list only shrinks.
"""

from __future__ import annotations

import inspect
import socket
import threading
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from hashlib import sha1
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bench.audit import audit, check_predictor, look_ahead
from bench.audit.look_ahead import Verdict, excluded_by
from bench.core import ConfigError, ForecastError, Predictor
from bench.core.options import label
from bench.core.registry import given
from bench.core.settings import Execution, Experiment
from bench.data.election import load_election
from bench.data.task import Task
from bench.metrics.score_forecast import forecast_rows
from bench.runner.attempt import Prediction, guarded
from bench.runner.process import protection
from bench.runner.results import Results
from bench.studies.backtest import STUDY
from bench.studies.base import load_study
from bench.studies.run import check, execute
from tests.audit import leaky, leaky_at_import, leaky_descriptor
from tests.conftest import Compose
from tests.runner.conftest import bring_plug_in, on_the_path, written

ROOT = Path(__file__).resolve().parents[2]
VOTE = Task(election=load_election("toy"), round=1, as_of=pd.Timestamp("2031-04-04T20:00"))
MODULES = (leaky, leaky_at_import, leaky_descriptor)
HELPLESS = "only a seal from before the vote shows it"

# refused: it gets nothing to say; found: named, with what it reached for; harmless: there is
# nothing that it could know; *: where bubblewrap works, and not at all elsewhere
KNOWN = {
    "ReadsTheOutcomeFile": ("refused", "found", "found"),
    "ReadsADescriptor": ("refused", "found", "found"),
    "OpensBelowAFolder": ("refused", "found", "found"),
    "MapsTheFile": ("refused", "found", "found"),
    "ReadsAResource": ("refused", "found", "found"),
    "ReadsItWithCompiledCode": ("refused*", "harmless*", "found*"),
    "ReadsACsvWithCompiledCode": ("refused*", "harmless*", "found*"),
    "CallsTheCLibrary": ("refused*", "harmless*", "found*"),
    "StartsAProcess": ("refused", "found", "found"),
    "StartsAProcessUnheard": ("refused", "found", "found"),
    "WalksTheFrames": ("refused", "harmless", "found"),
    "SearchesTheMemory": ("refused", "found", "found"),
    "TakesThePrivateTables": ("refused", "found", "found"),
    "TakesLaterPollsBelowTheGate": ("refused", "found", "found"),
    "AsksForLaterPolls": ("refused", "found", "found"),
    "AsksTheDataRoomForTheOutcome": ("refused", "found", "found"),
    "OpensTheGate": ("refused", "found", "found"),
    "SwitchesTheWatchOff": ("refused", "found", "found"),
    "BehavesWhileItIsWatched": ("refused", "found", "found"),
    "ReadsWhenItIsMade": ("refused", "found", "found"),
    "ReadsInAProperty": ("refused", "harmless", "found"),
    "ReadsTheEnvironment": ("refused", "harmless", "found"),
    "CallsHome": ("refused", "found", "found"),
    "CallsHomeWithCompiledCode": ("refused*", "harmless*", "found*"),
    "ReadsEarlierResults": ("refused", "harmless", "found"),
    "ReadsTheHistory": ("refused", "harmless", "found"),
    "RemembersOtherTasks": ("refused", "harmless", "found"),
    "KnowsItByHeart": ("succeeds", "succeeds", "succeeds"),
    "TunedOnTheOutcome": ("succeeds", "succeeds", "succeeds"),
    "ReadsAtImport": ("refused", "found", "found"),
    "HoldsADescriptor": ("refused", "found", "found"),
}
NO_CHEAT = {"Cheat", "Hangs", "Honest", "ReadsReferenceResults"}
# what they read is in no evidence; the audit's own tests put it back
NO_CHEAT |= {"BelievesWhoIsPolledForTheRunoff", "BelievesTheNextIncumbent", "BelievesTheNextVote"}
NO_CHEAT |= {"BelievesWhoIsCounted"}


# what tests/runner/test_process.py also tries in the normal suite, by what is refused
TRIED_ELSEWHERE = (
    *("ReadsADescriptor", "OpensBelowAFolder", "MapsTheFile", "StartsAProcess"),
    *("StartsAProcessUnheard", "SearchesTheMemory", "CallsHome", "CallsTheCLibrary"),
    *("ReadsItWithCompiledCode", "ReadsACsvWithCompiledCode", "TakesThePrivateTables"),
    *("TakesLaterPollsBelowTheGate", "AsksForLaterPolls", "TunedOnTheOutcome"),
)
IN_A_RUN = {True: list(TRIED_ELSEWHERE), False: [n for n in KNOWN if n not in TRIED_ELSEWHERE]}


def cases(column: int) -> list[object]:
    """Every cheat and what is expected; those that succeed are marked."""
    found = []
    for name, every in KNOWN.items():
        expected = every[column].rstrip("*")
        marks = [pytest.mark.xfail(strict=True, reason=HELPLESS)] if expected == "succeeds" else []
        if every[column].endswith("*") and protection(Execution()) == "process":
            marks = [pytest.mark.xfail(strict=True, reason="only bubblewrap holds compiled code")]
        if column == 0 and name in TRIED_ELSEWHERE:
            marks.append(pytest.mark.golden)
        found.append(pytest.param(name, expected, marks=marks))
    return found


def classes() -> dict[str, type[leaky.Cheat]]:
    """Every cheat by name."""
    return {
        name: kind
        for module in MODULES
        for name, kind in vars(module).items()
        if inspect.isclass(kind)
        and issubclass(kind, leaky.Cheat)
        and kind.__module__ == module.__name__
        and name not in NO_CHEAT
    }


def test_every_cheat_is_on_the_list_and_the_page_shows_it() -> None:
    made = classes()
    assert set(KNOWN) == set(made)
    page = (ROOT / "docs" / "no_look_ahead.md").read_text(encoding="utf-8")
    table = page.partition("<!-- cheats -->")[2].partition("<!-- /cheats -->")[0]
    rows = [
        " | ".join([f"| `{name}`", str(made[name].__doc__), *words, ""]).rstrip()
        for name, words in KNOWN.items()
    ]
    assert table.replace("**", "").strip().splitlines()[2:] == rows


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A world in which each cheat finds what it looks for; the port of a machine that knows."""
    here = tmp_path_factory.mktemp("here")
    text = leaky.KnowsItByHeart.BY_HEART
    blob = f"blob {len(text)}\0{text}".encode()
    name = sha1(blob, usedforsecurity=False).hexdigest()
    place = here / ".git" / "objects" / name[:2] / name[2:]
    place.parent.mkdir(parents=True)
    place.write_bytes(zlib.compress(blob))
    _earlier_results(here / "results" / "mine")
    with socket.create_server(("127.0.0.1", 0)) as server, pytest.MonkeyPatch.context() as patch:
        patch.chdir(here)
        patch.setenv(leaky.VARIABLE, text)
        threading.Thread(target=_tell, args=(server, text), daemon=True).start()
        yield server.getsockname()[1]


def _tell(server: socket.socket, text: str) -> None:
    while True:
        try:
            line, _ = server.accept()
        except OSError:
            return
        with line:
            line.sendall(text.encode())


def _earlier_results(folder: Path) -> None:
    folder.mkdir(parents=True)
    share = VOTE.outcome().share
    key = {"predictor": "uniform", "as_of": VOTE.as_of, "round": 1, "area": "national"}
    rows = pd.DataFrame({**key, "candidate": share.index, "share": 0.2})
    rows.to_parquet(folder / "forecasts.parquet")
    what = {"election": "toy", "ballot": "all", "metric": "signed_error"}
    errors = rows.drop(columns="share").assign(**what, value=0.2 - share.to_numpy())
    errors.to_parquet(folder / "errors.parquet")


@pytest.fixture(scope="module")
def cheats(port: int) -> dict[str, Predictor]:
    """Every cheat, imported and made in this process, as in a plug-in's own tests."""
    calling = {"CallsHome", "CallsHomeWithCompiledCode"}
    made = {
        name: kind(port=port) if name in calling else kind() for name, kind in classes().items()
    }
    leaky._SEEN.clear()
    evidence = replace(VOTE, round=2, as_of=pd.Timestamp("2031-04-18T20:00")).evidence()
    guarded(made["RemembersOtherTasks"], evidence, np.random.default_rng(0))
    return made


@pytest.fixture(scope="module")
def trusted(cheats: dict[str, Predictor]) -> dict[str, Prediction]:
    """What each says in a run that trusts it with the outcome."""
    VOTE.outcome()
    return {name: _beside_the_outcome(VOTE, predictor) for name, predictor in cheats.items()}


def _beside_the_outcome(task: Task, predictor: Predictor) -> Prediction:
    predictor.files  # noqa: B018 - a run asks for it too
    return guarded(predictor, task.evidence(), np.random.default_rng(0))


def knows(prediction: Prediction) -> bool:
    """Whether a cheat has more to say than that it knows nothing."""
    return prediction.forecast is not None and bool(
        (prediction.forecast.share - 1 / len(VOTE.ballot)).abs().max() > 1e-9
    )


@pytest.mark.parametrize("name", KNOWN)
def test_where_nothing_hinders_it_each_cheat_knows_more(
    name: str, trusted: dict[str, Prediction]
) -> None:
    assert knows(trusted[name]), trusted[name]


@pytest.fixture(scope="module")
def verdicts(cheats: dict[str, Predictor], trusted: dict[str, Prediction]) -> dict[str, Verdict]:
    """What an audit of that run finds; one kind of poison is enough to see it."""
    rows = [
        forecast_rows(one.forecast, 2).assign(predictor=name, **VOTE.key)
        for name, one in trusted.items()
        if one.forecast is not None
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(look_ahead, "KINDS", ("permuted",))
        patch.setattr(look_ahead, "require_same_evidence", lambda _: None)
        found = audit(
            {**cheats, "honest": leaky.Honest()}, VOTE, forecasts=pd.concat(rows, ignore_index=True)
        )
    return {one.predictor: one for one in found}


@pytest.mark.golden  # a process for each of 31, asked three times
@pytest.mark.parametrize(("name", "expected"), cases(2))
def test_in_an_audit(name: str, expected: str, verdicts: dict[str, Verdict]) -> None:
    assert verdicts[name].status == "leaks"
    assert verdicts[name].bars.startswith("the look-ahead audit found that it ")
    assert str(ROOT) not in " ".join(verdicts[name].findings)
    assert verdicts["honest"].status == "passed"


@pytest.mark.golden  # a process for each of 31
@pytest.mark.parametrize(("name", "expected"), cases(1))
def test_in_the_check_of_a_plug_in(name: str, expected: str, cheats: dict[str, Predictor]) -> None:
    if expected == "harmless":
        forecast = check_predictor(cheats[name], VOTE.evidence())
        assert not knows(Prediction(status="ok", forecast=forecast))
        return
    with pytest.raises(ForecastError, match=name):
        check_predictor(cheats[name], VOTE.evidence())


@pytest.fixture(scope="module")
def plug_in(port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, object]]:
    """The cheats as an installed package; the settings of each by the name of its row."""
    site = tmp_path_factory.mktemp("site")
    sources = {
        f"{module.__name__.rpartition('.')[2]}.py": inspect.getsource(module).replace(
            "tests.audit", "bench_leaky"
        )
        for module in MODULES
    }
    points = [
        f"{name} = {kind.__module__.replace('tests.audit', 'bench_leaky')}:{name}"
        for name, kind in classes().items()
    ]
    bring_plug_in(site, "bench_leaky", sources, "\n".join(["[bench.predictors]", *points, ""]))
    with on_the_path(site):
        yield {name: {"port": port} if name.startswith("CallsHome") else {} for name in KNOWN}


@pytest.fixture
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    """An audit of predictors, not of the evidence, with one kind of poison."""
    monkeypatch.setattr(look_ahead, "KINDS", ("permuted",))
    monkeypatch.setattr(look_ahead, "require_same_evidence", lambda _: None)


Ran = Callable[[bool], tuple[Experiment, Results]]


@pytest.fixture(scope="module")
def ran(
    composed: Compose, plug_in: dict[str, object], tmp_path_factory: pytest.TempPathFactory
) -> Ran:
    """Cheats (those of the normal suite, or the rest) between shipped contestants of a run."""

    @cache
    def run(rest: bool) -> tuple[Experiment, Results]:
        store = f"execution.store={tmp_path_factory.mktemp('cache')}"
        named = "predictor=[last_poll,quota_poll,uniform]"
        asked = composed("+experiment=quickstart", "n_draws=200", named, store)
        shipped = dict(asked.predictors)
        last = {"uniform": shipped.pop("uniform")}
        among = {name: plug_in[name] for name in IN_A_RUN[rest]}
        experiment = replace(asked, predictors={**shipped, **among, **last})
        return experiment, STUDY.analyse(experiment)

    return run


@pytest.mark.parametrize(("name", "expected"), cases(0))
def test_in_a_run(name: str, expected: str, ran: Ran) -> None:
    _, results = ran(name in TRIED_ELSEWHERE)
    methods = results.tables["methods"].set_index("predictor")
    rows = results.tables["forecasts"]
    mine = rows[rows["predictor"].eq(name) & rows["area"].eq("national")]
    assert methods.loc[name, "status"] == "failed" or mine["share"].sub(0.2).abs().max() < 1e-9


def test_nothing_that_a_cheat_does_reaches_another_row_or_the_cache(
    ran: Ran, tmp_path: Path
) -> None:
    experiment, results = ran(False)
    shipped = {n: s for n, s in experiment.predictors.items() if n not in KNOWN}
    alone = replace(experiment, predictors=shipped)
    fresh = replace(alone, execution=replace(alone.execution, store=str(tmp_path / "fresh")))
    among = Results(
        tables={
            name: table[~table["predictor"].isin(KNOWN)].reset_index(drop=True)
            if "predictor" in table
            else table
            for name, table in results.tables.items()
        },
        facts=results.facts,
    )
    runs = {"among": among, "cached": STUDY.analyse(alone), "alone": STUDY.analyse(fresh)}
    told = [written(tmp_path / name, one) for name, one in runs.items()]
    assert told[0] == told[1] == told[2]


@pytest.mark.usefixtures("brief")
def test_a_run_in_which_a_method_leaks_says_so_everywhere_and_fails(
    composed: Compose, tmp_path: Path
) -> None:
    asked = composed(
        "+experiment=quickstart",
        "predictor=[uniform,last_poll]",
        "baseline=uniform",
        "audit=true",
        f"execution.store={tmp_path / 'cache'}",
    )
    name = "an_object"
    with given({name: leaky.BehavesWhileItIsWatched()}):  # in this process, where nothing hinders
        run = execute(replace(asked, predictors={**asked.predictors, name: {}}))
    errors = run.errors[run.errors["predictor"].eq(name) & run.errors["metric"].eq("signed_error")]
    assert errors["value"].abs().max() < 1e-3  # it would have come first
    why = "found that it opens datasets/toy/outcome/national.csv, and 1 more"  # another forecast
    assert why in run.results.failures[name]  # so that the run ends with status 3
    table = run.tables["headline"]
    outside = next(block for block in table.blocks if block.key == "outside")
    assert [row.cells[table.name_at].text for row in outside.rows] == [name]
    called = label("predictor", name)
    *others, excluded, kept = run.findings
    assert excluded.startswith(f"Outside the comparison: “{called}” (")
    assert why in excluded
    assert called in kept
    assert not any(called in said for said in others)


def test_a_study_that_audits_nothing_refuses_to_be_asked_for_it(composed: Compose) -> None:
    experiment = composed("+experiment=2017_r1_manipulation", "audit=true")
    with pytest.raises(ConfigError, match="does not read the setting 'audit', which is True"):
        check(experiment, load_study(experiment.study))


def test_where_an_audit_is_required_who_was_not_audited_whole_is_barred() -> None:
    passed = Verdict(
        predictor="mine",
        vote="toy",
        status="passed",
        findings=(),
        data_used_until=None,
        message="",
        denied=False,
    )
    failed = replace(passed, status="fails", message="TimeLimit: no answer")
    assert excluded_by([passed]) == {}
    assert "audit=required" in excluded_by([passed], "required")["mine"]
    assert excluded_by([replace(passed, denied=True)], "required") == {}
    assert "got no answer: TimeLimit: no answer" in excluded_by([failed])["mine"]


@pytest.mark.usefixtures("brief")
def test_an_audit_of_one_that_hangs_ends_with_its_time() -> None:
    (found,) = audit({"mine": leaky.Hangs()}, VOTE, execution=Execution(time_limit_s=0.3))
    assert (found.status, found.findings) == ("fails", ())
    assert "no answer after 0.3 s" in found.message

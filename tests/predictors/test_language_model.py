"""A language model as contestant: at a stub of an address, by a command, and from a file."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bench.audit import check_predictor
from bench.audit.look_ahead import audit
from bench.core import Abstain, ConfigError, DataError, Evidence
from bench.core.registry import make_predictor
from bench.data.task import Task
from predictors.language_model import LanguageModel, keys_of, prompt_of, read_shares

AS_OF = "2031-04-04T20:00"


class Stub(HTTPServer):
    """Answers every question with the candidates it is asked about, and remembers the requests."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[dict[str, Any]] = []
        self.headers: list[str] = []
        self.status = 200
        self.nonsense_for: set[int] = set()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class Handler(BaseHTTPRequestHandler):
    """POST /v1/chat/completions."""

    server: Stub

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append(body)
        self.server.headers.append(self.headers.get("Authorization", ""))
        prompt = body["messages"][0]["content"]
        keys = json.loads(prompt[prompt.rindex('{"shares"') :])["shares"]
        weight = np.random.default_rng(body["seed"]).dirichlet(np.full(len(keys), 50.0))
        shares = {key: round(float(w), 6) for key, w in zip(keys, weight, strict=True)}
        said = "Sure:\n```json\n" + json.dumps({"shares": shares}) + "\n```"
        if body["seed"] in self.server.nonsense_for:
            said = "I would rather not."
        answer = {"choices": [{"message": {"role": "assistant", "content": said}}]}
        self.send_response(self.server.status)
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stub]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    server = Stub()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def unset(settings_of: Callable[[str], dict[str, Any]]) -> LanguageModel:
    model = make_predictor("language_model", settings_of("language_model"))
    assert isinstance(model, LanguageModel)
    return replace(model, model="stub-1", held_on="2030-01-01", n_samples=4)


def answer_of(model: LanguageModel, evidence: Evidence) -> Any:
    return model.predict(evidence.only(model.needs), np.random.default_rng(1))


def test_without_a_model_or_somebody_to_ask_it_abstains(
    unset: LanguageModel, toy: Evidence
) -> None:
    for model in (unset, replace(unset, model="", base_url="http://127.0.0.1:9/v1")):
        with pytest.raises(Abstain, match="no language model is set"):
            answer_of(model, toy)


@pytest.mark.parametrize("held_on", ["", "soon"])
def test_the_end_of_its_training_has_to_be_said(
    unset: LanguageModel, toy: Evidence, held_on: str
) -> None:
    with pytest.raises(ConfigError, match="accepted: the last day of its training data"):
        answer_of(replace(unset, held_on=held_on, replies="x.jsonl"), toy)


def test_before_the_end_of_its_training_it_abstains_unless_hindsight_is_asked_for(
    unset: LanguageModel, stub: Stub, toy: Evidence
) -> None:
    late = replace(unset, held_on="2031-04-05", base_url=stub.base_url)
    with pytest.raises(Abstain, match=r"trained on texts until 05 April 2031.*hindsight"):
        answer_of(late, toy)
    assert stub.asked == []
    assert answer_of(replace(late, hindsight=True), toy).draws.shape == (4, 5)


def test_address_and_command_exclude_each_other(unset: LanguageModel, toy: Evidence) -> None:
    both = replace(unset, base_url="http://127.0.0.1:9/v1", command="cat")
    with pytest.raises(ConfigError, match="both base_url and command"):
        answer_of(both, toy)


def test_an_address_that_is_none_a_key_that_is_not_set_and_a_refusal_say_so(
    unset: LanguageModel, stub: Stub, toy: Evidence, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ConfigError, match="begins with http"):
        answer_of(replace(unset, base_url="file:///etc/passwd"), toy)
    monkeypatch.delenv("STUB_KEY", raising=False)
    with pytest.raises(ConfigError, match="'STUB_KEY', and this environment variable is not set"):
        answer_of(replace(unset, base_url=stub.base_url, key_variable="STUB_KEY"), toy)
    stub.status = 503
    with pytest.raises(DataError, match="answers 503"):
        answer_of(replace(unset, base_url=stub.base_url), toy)
    with pytest.raises(DataError, match="cannot be reached"):
        answer_of(replace(unset, base_url="http://127.0.0.1:1/v1"), toy)


def test_answers_are_draws_and_their_mean_the_share(
    unset: LanguageModel, stub: Stub, toy: Evidence, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STUB_KEY", "secret")
    model = replace(unset, base_url=stub.base_url, key_variable="STUB_KEY")
    found = answer_of(model, toy)
    assert found.draws.shape == (4, 5)
    assert found.share.to_numpy() == pytest.approx(found.draws.mean(axis=0))
    assert found.converted == "4 answers of stub-1, trained until 01 January 2030"
    assert [one["seed"] for one in stub.asked] == [1, 2, 3, 4]
    assert {(one["model"], one["temperature"]) for one in stub.asked} == {("stub-1", 1.0)}
    assert set(stub.headers) == {"Bearer secret"}
    expected = np.random.default_rng(2).dirichlet(np.full(5, 50.0))
    assert found.draws[1] == pytest.approx(expected, abs=1e-5)


def test_what_cannot_be_read_is_asked_again_and_told(
    unset: LanguageModel, stub: Stub, toy: Evidence
) -> None:
    stub.nonsense_for = {1, 3}
    model = replace(unset, base_url=stub.base_url)
    assert answer_of(model, toy).converted.endswith("; 2 more could not be read")
    stub.nonsense_for = set(range(100))
    with pytest.raises(DataError, match=r"8 of 8 answers cannot be read; the last: seed 8: it hol"):
        answer_of(model, toy)


def test_replies_on_file_make_a_run_repeatable_and_offline(
    unset: LanguageModel, stub: Stub, toy: Evidence, tmp_path: Path
) -> None:
    path = tmp_path / "replies.jsonl"
    first = answer_of(replace(unset, base_url=stub.base_url, replies=str(path)), toy)
    offline = replace(unset, replies=str(path))
    again = answer_of(offline, toy)
    assert len(stub.asked) == 4
    assert (first.draws == again.draws).all()
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    assert [row["seed"] for row in rows] == [1, 2, 3, 4]
    assert all("Today is 04 April 2031" in row["prompt"] for row in rows)
    with pytest.raises(Abstain, match=r"holds no reply to this question \(seed 5\)"):
        answer_of(replace(offline, n_samples=5), toy)
    assert check_predictor(offline, toy) is not None


def test_a_file_of_replies_in_no_folder_is_refused_before_anybody_is_asked(
    unset: LanguageModel, stub: Stub, toy: Evidence, tmp_path: Path
) -> None:
    path = tmp_path / "none" / "replies.jsonl"
    with pytest.raises(ConfigError, match="there is no folder"):
        answer_of(replace(unset, base_url=stub.base_url, replies=str(path)), toy)
    assert stub.asked == []


def test_a_reply_that_was_edited_is_refused(
    unset: LanguageModel, stub: Stub, toy: Evidence, tmp_path: Path
) -> None:
    path = tmp_path / "replies.jsonl"
    answer_of(replace(unset, base_url=stub.base_url, replies=str(path)), toy)
    path.write_text(path.read_text().replace('"seed": 2', '"seed": 9'))
    with pytest.raises(DataError, match="line 2: the key is not that"):
        answer_of(replace(unset, replies=str(path)), toy)
    path.write_text("no json\n")
    with pytest.raises(DataError, match="line 1: no reply of a language model"):
        answer_of(replace(unset, replies=str(path)), toy)


def test_the_audit_flags_the_network_and_passes_what_is_on_file(
    unset: LanguageModel, stub: Stub, tmp_path: Path
) -> None:
    task = Task("toy", 1, AS_OF)
    path = tmp_path / "replies.jsonl"
    (online,) = audit({"llm": replace(unset, base_url=stub.base_url)}, task)
    assert online.status == "leaks"
    assert any("reaches for the network" in words for words in online.findings)
    answer_of(replace(unset, base_url=stub.base_url, replies=str(path)), task.evidence())
    (offline,) = audit({"llm": replace(unset, replies=str(path))}, task)
    assert offline.status == "passed", offline.findings


def test_a_command_reads_the_prompt_and_knows_the_seed(
    unset: LanguageModel, toy: Evidence, tmp_path: Path
) -> None:
    script = tmp_path / "model.py"
    script.write_text(
        "import json, sys\n"
        "prompt, seed = sys.stdin.read(), int(sys.argv[1])\n"
        "keys = json.loads(prompt[prompt.rindex('{\"shares\"'):])['shares']\n"
        "print(json.dumps({key: 1 / len(keys) for key in keys}) if seed < 9 else exit('no'))\n"
    )
    model = replace(unset, command=f"{sys.executable} {script} {{seed}}", n_samples=2)
    assert answer_of(model, toy).share.to_numpy() == pytest.approx(0.2)
    with pytest.raises(DataError, match="ended with status 1: no"):
        answer_of(replace(model, first_seed=9), toy)
    with pytest.raises(DataError, match="gave no answer"):
        answer_of(replace(model, command="no_such_program"), toy)


def test_the_prompt_holds_the_polls_of_the_day_and_no_later_ones(toy: Evidence) -> None:
    keys = keys_of(toy, anonymous=False, seed=1)
    prompt = prompt_of(toy.only({"polls", "ballots"}), keys, anonymous=False, most_polls=1000)
    days = [line.split(", ")[1] for line in prompt.splitlines() if ", until " in line]
    polls = toy["polls"]
    assert len(days) > 5
    assert f"until {polls['fieldwork_end'].max():%d %B %Y}" == days[0]
    assert polls["published_on"].max() <= toy.as_of


def test_anonymous_hides_names_parties_institutes_and_dates(toy: Evidence) -> None:
    keys = keys_of(toy, anonymous=True, seed=3)
    prompt = prompt_of(toy.only({"polls", "ballots"}), keys, anonymous=True, most_polls=50).lower()
    ballots = toy["ballots"]
    mine = ballots[ballots["election"].eq("toy")]
    hidden = {*toy.candidates, *mine["name"], *mine["party"], *toy["polls"]["institute"]}
    hidden |= {"toy", "2031", "april", "march"}
    told = [word for word in hidden if isinstance(word, str) and word and word.lower() in prompt]
    assert told == []
    assert keys != keys_of(toy, anonymous=True, seed=4)


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ("no idea", "no JSON object"),
        ('{"shares": {"a": 1.0}}', "it speaks of"),
        ('{"shares": {"a": 0.5, "b": 0.5, "c": 0.0}}', "it speaks of"),
        ('{"shares": {"a": 55, "b": 45}}', "not percent"),
        ('{"a": -0.2, "b": 1.2}', "share of 'a' is -0.2"),
        ('{"a": "half", "b": 0.5}', "share of 'a' is 'half'"),
        ('{"a": NaN, "b": 0.5}', "share of 'a' is nan"),
        ('{"a": true, "b": 0}', "share of 'a' is True"),
    ],
)
def test_an_answer_that_is_no_forecast_says_why(answer: str, problem: str) -> None:
    with pytest.raises(DataError, match=problem):
        read_shares(answer, {"a": "a", "b": "b"})


def test_rounded_shares_are_divided_by_their_sum() -> None:
    found = read_shares('{"shares": {"b": 0.66, "a": 0.35}}', {"a": "a", "b": "b"})
    assert found == pytest.approx([0.35 / 1.01, 0.66 / 1.01])

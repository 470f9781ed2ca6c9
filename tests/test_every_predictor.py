"""What holds for every predictor that is shipped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from functools import cache
from typing import Any

import numpy as np
import pytest

from bench.audit import check_predictor
from bench.core import Abstain, Evidence, Forecast, paths
from bench.core.registry import load_predictor, make_predictor, predictor_methods
from bench.data.election import load_election
from bench.data.evidence import evidence_for
from tests.evidence import as_another_processor

YAMLS = sorted(path.stem for path in (paths.configs() / "predictor").glob("*.yaml"))
METHODS = predictor_methods()
SIMULATED_ONLY = {
    "app_duels",
    "app_raked",
    "app_robust",
    "buzz_robust",
    "net_tone",
    "post_volume",
    "supervised_sentiment",
}
# where a predictor answers: in the first round of 2017 two days before, unless it stands here
IN_THE_RUNOFF = {"smi", "vote_transfer", "vote_transfer_learned"}
ON_AN_EVE = {
    **dict.fromkeys(
        (
            *("attention_share", "calibrated_attention", "community_self_focus"),
            *("ballot_approvals", "ballot_approvals_votes", "online_ballot"),
            *("eth_twitter_sentiment", "eth_twitter_sentiment_2d", "harris_linkfluence"),
            *("polls_plus_buzz", "reputatiolab"),
        ),
        ("fr2017", 1),
    ),
    **dict.fromkeys(("ballot_multilevel", "ballot_raked"), ("fr2017", 2)),
    **dict.fromkeys(
        (
            f"grades_{institute}{votes}"
            for institute in ("elabe", "ifop", "opinionway")
            for votes in ("", "_votes")
        ),
        ("fr2022", 1),
    ),
}

Settings = Callable[[str], dict[str, Any]]


@pytest.mark.parametrize("method", METHODS)
def test_every_file_is_the_method_of_a_yaml(method: str, settings_of: Settings) -> None:
    assert method in YAMLS or any(settings_of(name).get("method") == method for name in YAMLS)


@pytest.mark.parametrize("method", METHODS)
def test_every_predictor_says_its_family_and_method(method: str) -> None:
    kind = load_predictor(method)
    assert kind.family
    assert kind.__doc__
    assert len(kind.__doc__.split()) > 20
    assert kind.__name__ == "".join(part.capitalize() for part in method.split("_"))


@pytest.mark.parametrize("name", YAMLS)
def test_every_yaml_sets_exactly_the_fields(name: str, settings_of: Settings) -> None:
    settings = settings_of(name)
    method = settings.pop("method", name)
    assert set(settings) == {field.name for field in fields(load_predictor(method))}


@pytest.mark.parametrize("vote", ["toy", "toy_runoff"])
@pytest.mark.parametrize("name", YAMLS)
def test_every_predictor_keeps_the_contract(
    name: str, vote: str, settings_of: Settings, request: pytest.FixtureRequest
) -> None:
    evidence: Evidence = request.getfixturevalue(vote)
    forecast = check_predictor(make_predictor(name, settings_of(name)), evidence)
    assert forecast is None or isinstance(forecast, Forecast)


@pytest.mark.parametrize("name", YAMLS)
def test_every_predictor_has_something_to_say_somewhere(
    name: str, settings_of: Settings, request: pytest.FixtureRequest
) -> None:
    if name in SIMULATED_ONLY:
        pytest.skip(
            "nobody published duels, users or authors by group in 2017; tests/simulation has them"
        )
    if name == "forecast_file":
        pytest.skip("it says what a file says that somebody brings along")
    predictor = make_predictor(name, settings_of(name))
    if name in ON_AN_EVE:
        evidence = as_the_eve_ended(*ON_AN_EVE[name])
    else:
        vote = "runoff_2017" if name in IN_THE_RUNOFF else "first_round_2017"
        evidence = request.getfixturevalue(vote)
    assert check_predictor(predictor, evidence) is not None


@cache
def as_the_eve_ended(election: str, number: int) -> Evidence:
    """A vote of 2017 or 2022 with what was compiled or published later."""
    held = ("politoscope", "voter_autrement", "eth_twitter_sentiment", "eth_twitter_sentiment_2d")
    this = load_election(election)
    return evidence_for(this, number, this.round(number).vote_on, include_embargoed=held)


@pytest.mark.parametrize("method", METHODS)
def test_a_last_digit_of_the_evidence_moves_no_draw(
    method: str, settings_of: Settings, toy: Evidence, toy_runoff: Evidence
) -> None:
    names = [name for name in YAMLS if settings_of(name).get("method", name) == method]
    predictor = make_predictor(names[0], settings_of(names[0]))
    for evidence in (toy, toy_runoff):
        try:
            first = predictor.predict(evidence, np.random.default_rng(3))
        except Abstain:
            continue
        second = predictor.predict(as_another_processor(evidence), np.random.default_rng(3))
        for before, after in ((first.share, second.share), (first.draws, second.draws)):
            assert (before is None) == (after is None)
            if before is not None and after is not None:
                np.testing.assert_allclose(before, after, atol=1e-9)


def test_a_thesis_of_2018_is_no_forecast_of_2017(
    settings_of: Settings, first_round_2017: Evidence
) -> None:
    predictor = make_predictor("eth_twitter_sentiment", settings_of("eth_twitter_sentiment"))
    assert check_predictor(predictor, first_round_2017) is None

"""The questions of the four worksheets; answers, and the usual wrong ones, are computed."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pandas as pd
import yaml

from bench.cli.hydra_setup import predictor_settings
from bench.core import DataError, Forecast
from bench.core.predictor import generator
from bench.core.registry import make_predictor
from bench.data.collection import load_collection
from bench.data.task import Task
from bench.metrics.survey_error import data_defect_correlation, effective_sample_size
from bench.runner.prediction import predict

OWNERS = ("politoscope", "voter_autrement", "vote_imag")  # compiled later, held at the time
US, DIGEST_DAY = "us1936/president", "1936-11-03"
EVE = {"fr2002": "2002-04-19T23:59", "fr2017": "2017-04-21T23:59", "fr2022": "2022-04-08T23:59"}
BALLOT = {
    US: ("literary_digest", DIGEST_DAY),
    "fr2017": ("voter_autrement", "2017-04-23T00:00"),
    "fr2022": ("vote_imag", "2022-04-10T00:00"),
}


@dataclass(frozen=True)
class Mistake:
    """A wrong answer that people give, and why it is wrong."""

    answer: Callable[[], float | str]
    why: str


@dataclass(frozen=True)
class Question:
    """One question; the answer is computed when it is asked for and stands nowhere."""

    key: str
    words: str
    answer: Callable[[], float | str]
    within: float
    hint: str
    mistakes: tuple[Mistake, ...]


@cache
def _task(election: str, moment: str) -> Task:
    return Task(election, 1, moment, owners_of=OWNERS)


@cache
def _votes(election: str) -> pd.Series:
    moment = EVE.get(election, DIGEST_DAY)
    return _task(election, moment).outcome().votes


def _official(election: str) -> pd.Series:
    return _votes(election) / _votes(election).sum()


@cache
def _said(name: str, election: str) -> Forecast:
    predictor = make_predictor(name, predictor_settings(name))
    tried = predict(_task(election, EVE[election]), predictor, rng=generator(0, name))
    if tried.forecast is None:
        raise DataError(f"{name} says nothing: {tried.message}")
    return tried.forecast


def _misses(name: str, election: str) -> pd.Series:
    """Errors in points, with their signs."""
    return 100 * (_said(name, election).share - _official(election))


@cache
def _declared(election: str) -> pd.Series:
    """Declared votes of the volunteers, as they stood on the eve."""
    source, moment = BALLOT[election]
    rows = _task(election, moment).evidence()["online_ballot"]
    rows = rows[rows["source"].eq(source)]
    return rows[rows["day"].eq(rows["day"].max())].groupby("candidate")["declared_votes"].sum()


def _ballot_miss(election: str, who: str) -> float:
    declared = _declared(election)
    return 100 * float(declared[who] / declared.sum() - _official(election)[who])


def _correlation(election: str, who: str) -> float:
    declared, votes = _declared(election), _votes(election)
    found = data_defect_correlation(
        [declared[who] / declared.sum()],
        [votes[who] / votes.sum()],
        sample_size=declared.sum(),
        population_size=votes.sum(),
    )
    return float(found[0])


def _worth(election: str, who: str) -> float:
    fraction = _declared(election).sum() / _votes(election).sum()
    return effective_sample_size(_correlation(election, who), fraction)


def _half_width(share: float, n: float) -> float:
    """Of the 95% interval of a random sample, in points."""
    return 196 * math.sqrt(share * (1 - share) / n)


@cache
def _wrong_states() -> tuple[int, int]:
    """States where the Digest had the wrong winner, and states on record."""
    elections = load_collection("united_states").elections.query("ranked")["election"]
    names = [name for name in elections if name.startswith(f"{US}/")]
    wrong = 0
    for name in names:
        task = _task(name, DIGEST_DAY)
        declared = task.evidence()["online_ballot"].groupby("candidate")["declared_votes"].sum()
        wrong += declared.idxmax() != task.outcome().share.idxmax()
    return wrong, len(names)


def _polls(election: str, since: str, until: str) -> pd.DataFrame:
    polls = _task(election, until).evidence()["polls"]
    return polls[polls["published_on"] >= since]


def _ahead(who: str, whom: str) -> int:
    polls = _polls("fr2002", "2002-04-01", EVE["fr2002"])
    shares = polls.pivot_table(index="poll_id", columns="candidate", values="share")
    return int((shares[who] > shares[whom]).sum())


def _pair_chance(election: str, pair: list[str]) -> float:
    """Chance of the pair that the draws of last_poll state, in percent."""
    said = _said("last_poll", election)
    draws = pd.DataFrame(said.draws, columns=list(said.share.index))
    first_two = draws.rank(axis=1, ascending=False) <= 2
    return 100 * float(first_two[pair].all(axis=1).mean())


def _uniform_error() -> float:
    share = _official("fr2017")
    return 100 * float((1 / len(share) - share).abs().mean())


ANSWERS: dict[str, tuple[Callable[[], float | str], ...]] = {
    "digest_miss": (
        lambda: _ballot_miss(US, "dem"),
        lambda: -_ballot_miss(US, "dem"),
    ),
    "digest_noise": (
        lambda: _half_width(0.5, _declared(US).sum()),
        lambda: 2 * _half_width(0.5, _declared(US).sum()),
    ),
    "digest_states": (
        lambda: float(_wrong_states()[0]),
        lambda: float(_wrong_states()[1] - _wrong_states()[0]),
    ),
    "digest_worth": (
        lambda: _worth(US, "dem"),
        lambda: float(_declared(US).sum()),
    ),
    "second_2002": (
        lambda: str(_said("last_poll", "fr2002").share.nlargest(2).index[1]),
        lambda: str(_official("fr2002").nlargest(2).index[1]),
    ),
    "miss_2002": (
        lambda: float(_misses("last_poll", "fr2002")["jm_le_pen"]),
        lambda: -float(_misses("last_poll", "fr2002")["jm_le_pen"]),
    ),
    "ahead_2002": (lambda: float(_ahead("jm_le_pen", "jospin")),),
    "pair_2002": (
        lambda: _pair_chance("fr2002", ["chirac", "jm_le_pen"]),
        lambda: 0.0,
        lambda: _pair_chance("fr2002", ["chirac", "jospin"]),
    ),
    "polls": (
        lambda: float(_polls("fr2017", "2012-05-07", "2017-03-01T20:00")["poll_id"].nunique()),
        lambda: float(len(_polls("fr2017", "2012-05-07", "2017-03-01T20:00"))),
    ),
    "noise": (
        lambda: _half_width(0.24, 1000),
        lambda: 2 * _half_width(0.24, 1000),
    ),
    "uniform": (
        _uniform_error,
        lambda: 0.0,
    ),
    "last_poll": (lambda: float(_misses("last_poll", "fr2017")["macron"]),),
    "loudest": (lambda: str(_said("attention_share", "fr2017").share.idxmax()),),
    "correlation": (lambda: _correlation("fr2017", "melenchon"),),
    "worth": (
        lambda: _worth("fr2017", "le_pen"),
        lambda: float(_declared("fr2017").sum()),
    ),
    "missed_2022": (
        lambda: str(_misses("last_poll", "fr2022").abs().idxmax()),
        lambda: str(_misses("last_poll", "fr2022").idxmax()),
    ),
    "ballot_2022": (
        lambda: _ballot_miss("fr2022", "melenchon"),
        lambda: _ballot_miss("fr2022", "melenchon") / _official("fr2022")["melenchon"],
    ),
    "noise_2022": (
        lambda: _half_width(0.22, _declared("fr2022").sum()),
        lambda: 2 * _half_width(0.22, _declared("fr2022").sum()),
    ),
    "worth_2022": (lambda: _worth("fr2022", "melenchon"),),
}
"""The answer to each question, then what people answer instead, in the order of the sheet."""


def _sheets() -> dict[str, tuple[Question, ...]]:
    said = yaml.safe_load(Path(__file__).with_name("sheets.yaml").read_text(encoding="utf-8"))
    return {
        sheet: tuple(_question(key, **words) for key, words in questions.items())
        for sheet, questions in said.items()
    }


def _question(
    key: str, words: str, hint: str, within: float = 0.0, mistakes: Sequence[str] = ()
) -> Question:
    answer, *wrong = ANSWERS[key]
    usual = tuple(Mistake(*one) for one in zip(wrong, mistakes, strict=True))
    return Question(key, words, answer, within, hint, usual)


SHEETS = _sheets()

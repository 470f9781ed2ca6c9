"""The questions of the four worksheets; answers, and the usual wrong ones, are computed."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import pandas as pd

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
EVE = {"fr2002": "2002-04-19T20:00", "fr2017": "2017-04-21T20:00", "fr2022": "2022-04-08T20:00"}
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
    within: float = 0.0
    hint: str = ""
    mistakes: tuple[Mistake, ...] = ()


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


SIGN = "forecast minus outcome: below 0 where the forecast was too low"

SHEETS: dict[str, tuple[Question, ...]] = {
    "1936": (
        Question(
            "digest_miss",
            "By how many points of the popular vote did the Literary Digest miss Roosevelt "
            "(dem), with its sign (one decimal)?",
            lambda: _ballot_miss(US, "dem"),
            0.06,
            SIGN,
            (Mistake(lambda: -_ballot_miss(US, "dem"), SIGN),),
        ),
        Question(
            "digest_noise",
            "A random sample of that many people: half the width of the 95 % interval of a "
            "share of 50 %, in points (two decimals)",
            lambda: _half_width(0.5, _declared(US).sum()),
            0.006,
            "1.96 sqrt(p (1 - p) / n), times 100",
            (
                Mistake(
                    lambda: 2 * _half_width(0.5, _declared(US).sum()),
                    "that is the whole width",
                ),
            ),
        ),
        Question(
            "digest_states",
            "In how many of the states on record did it have the wrong one ahead?",
            lambda: float(_wrong_states()[0]),
            hint="compare who is ahead on the postcards and in the votes, state by state",
            mistakes=(
                Mistake(
                    lambda: float(_wrong_states()[1] - _wrong_states()[0]),
                    "those are the states where it was right",
                ),
            ),
        ),
        Question(
            "digest_worth",
            "How many interviews of a random sample were its postcards worth for Roosevelt, N "
            "being the votes (one decimal)?",
            lambda: _worth(US, "dem"),
            0.06,
            "n_eff = f / ((1 - f) rho^2), f = n / N",
            (
                Mistake(
                    lambda: float(_declared(US).sum()),
                    "that is how many came back, as if they were a random sample",
                ),
            ),
        ),
    ),
    "2002": (
        Question(
            "second_2002",
            "Whom does last_poll put second on 19 April 2002 (the slug)?",
            lambda: str(_said("last_poll", "fr2002").share.nlargest(2).index[1]),
            hint="bench.forecast('last_poll', task).share, sorted",
            mistakes=(
                Mistake(
                    lambda: str(_official("fr2002").nlargest(2).index[1]),
                    "he came second in the vote; the question is about the forecast",
                ),
            ),
        ),
        Question(
            "miss_2002",
            "By how many points did it miss Jean-Marie Le Pen, with its sign (one decimal)?",
            lambda: float(_misses("last_poll", "fr2002")["jm_le_pen"]),
            0.06,
            SIGN,
            (Mistake(lambda: -float(_misses("last_poll", "fr2002")["jm_le_pen"]), SIGN),),
        ),
        Question(
            "ahead_2002",
            "How many questions about the first round that were published in April 2002, until "
            "19 April, 20:00, had Jean-Marie Le Pen ahead of Lionel Jospin?",
            lambda: float(_ahead("jm_le_pen", "jospin")),
            hint="one question is one poll_id; cut on published_on",
        ),
        Question(
            "pair_2002",
            "How probable was the pair that came, in percent, by the draws of last_poll (within "
            "two)?",
            lambda: _pair_chance("fr2002", ["chirac", "jm_le_pen"]),
            2,
            "the fraction of draws in which both are among the first two",
            (
                Mistake(
                    lambda: 0.0,
                    "no poll had them there, and yet the draws know that polls err together",
                ),
                Mistake(
                    lambda: _pair_chance("fr2002", ["chirac", "jospin"]),
                    "that is the pair that was expected",
                ),
            ),
        ),
    ),
    "2017": (
        Question(
            "polls",
            "How many questions about the first round of 2017 had polls published by "
            "1 March, 20:00 (one poll may put several)?",
            lambda: float(_polls("fr2017", "2012-05-07", "2017-03-01T20:00")["poll_id"].nunique()),
            hint="cut on published_on, not on the fieldwork; count poll_id",
            mistakes=(
                Mistake(
                    lambda: float(len(_polls("fr2017", "2012-05-07", "2017-03-01T20:00"))),
                    "those are rows: one for every candidate of a question",
                ),
            ),
        ),
        Question(
            "noise",
            "A random sample of 1,000: half the width of the 95 % interval of a share "
            "of 24 %, in percentage points (one decimal)",
            lambda: _half_width(0.24, 1000),
            0.06,
            "1.96 sqrt(p (1 - p) / n), times 100",
            (Mistake(lambda: 2 * _half_width(0.24, 1000), "that is the whole width"),),
        ),
        Question(
            "uniform",
            "Mean absolute error of 'everybody gets the same' over the whole ballot "
            "of 23 April 2017, in points (one decimal)",
            _uniform_error,
            0.06,
            "eleven candidates, 100 / 11 percent each; every error counts without its sign",
            (
                Mistake(
                    lambda: 0.0,
                    "errors with their signs cancel, whatever the forecast; every error counts "
                    "without its sign",
                ),
            ),
        ),
        Question(
            "last_poll",
            "By how many points did last_poll miss Emmanuel Macron on 21 April, "
            "with its sign (one decimal)?",
            lambda: float(_misses("last_poll", "fr2017")["macron"]),
            0.06,
            "forecast minus outcome, in errors.csv: signed_error times 100",
        ),
        Question(
            "loudest",
            "Whom does attention_share put first on 21 April (the slug)?",
            lambda: str(_said("attention_share", "fr2017").share.idxmax()),
            hint="see forecasts.parquet",
        ),
        Question(
            "correlation",
            "The data defect correlation of the self-selected ballot for "
            "Jean-Luc Mélenchon, N being the valid votes (four decimals)",
            lambda: _correlation("fr2017", "melenchon"),
            0.0001,
            "rho = error / [sqrt(mu (1 - mu)) sqrt((N - n) / n)]",
        ),
        Question(
            "worth",
            "How many interviews of a random sample were its 25,000 declared votes "
            "worth for Marine Le Pen (one decimal)?",
            lambda: _worth("fr2017", "le_pen"),
            0.06,
            "n_eff = f / ((1 - f) rho^2), f = n / N",
            (
                Mistake(
                    lambda: float(_declared("fr2017").sum()),
                    "that is how many declared a vote, as if they were a random sample",
                ),
            ),
        ),
    ),
    "2022": (
        Question(
            "missed_2022",
            "Whom did last_poll miss most on 8 April 2022 (the slug)?",
            lambda: str(_misses("last_poll", "fr2022").abs().idxmax()),
            hint="the largest error without its sign",
            mistakes=(
                Mistake(
                    lambda: str(_misses("last_poll", "fr2022").idxmax()),
                    "the largest error above 0; one below 0 is larger",
                ),
            ),
        ),
        Question(
            "ballot_2022",
            "By how many points did the ballot vote_imag, as it stood on the eve, miss "
            "Jean-Luc Mélenchon, with its sign (one decimal)?",
            lambda: _ballot_miss("fr2022", "melenchon"),
            0.06,
            SIGN,
            (
                Mistake(
                    lambda: _ballot_miss("fr2022", "melenchon") / _official("fr2022")["melenchon"],
                    "that is in percent of his share; points are a difference of shares",
                ),
            ),
        ),
        Question(
            "noise_2022",
            "A random sample as large as that ballot: half the width of the 95 % interval of a "
            "share of 22 %, in points (one decimal)",
            lambda: _half_width(0.22, _declared("fr2022").sum()),
            0.06,
            "1.96 sqrt(p (1 - p) / n), times 100; n are those who declared a vote",
            (
                Mistake(
                    lambda: 2 * _half_width(0.22, _declared("fr2022").sum()),
                    "that is the whole width",
                ),
            ),
        ),
        Question(
            "worth_2022",
            "How many interviews were its declared votes worth for Jean-Luc Mélenchon (one "
            "decimal)?",
            lambda: _worth("fr2022", "melenchon"),
            0.06,
            "n_eff = f / ((1 - f) rho^2), f = n / N",
        ),
    ),
}

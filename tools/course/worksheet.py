"""The worksheet: its questions, and answers computed from the data when they are checked."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from bench.cli.hydra_setup import predictor_settings
from bench.core import ConfigError, DataError, Evidence
from bench.core.errors import did_you_mean
from bench.core.registry import make_predictor
from bench.core.seeds import generator
from bench.data.task import Task
from bench.metrics.survey_error import data_defect_correlation, effective_sample_size
from bench.runner.prediction import predict


@dataclass(frozen=True)
class Question:
    """One question; the answer is computed when it is asked for and stands nowhere."""

    key: str
    words: str
    answer: Callable[[], float | str]
    within: float = 0.0
    hint: str = ""


def main(arguments: list[str]) -> int:
    """Print what is right and what is not; 1 unless everything is right."""
    parser = argparse.ArgumentParser(
        prog="bench check-answers", description="Check the answers to the worksheet."
    )
    parser.add_argument("file", nargs="?", type=Path, help="your answers, as YAML")
    parser.add_argument("--blank", action="store_true", help="print the questions as YAML")
    options = parser.parse_args(arguments)
    if options.blank or options.file is None:
        print("# Fill in, then: bench check-answers THIS_FILE\n")
        print("\n\n".join(f"# {question.words}\n{question.key}:" for question in QUESTIONS))
        return 0
    given = read_answers(options.file)
    right = 0
    for question in QUESTIONS:
        verdict = judged(question, given.get(question.key))
        right += verdict == "right"
        print(f"{question.key:<16} {verdict}")
    print(f"\n{right} of {len(QUESTIONS)} right")
    return 0 if right == len(QUESTIONS) else 1


def read_answers(path: Path) -> dict[str, Any]:
    """The answers of a file.

    Raises
    ------
    DataError
        If it is no YAML of `question: answer`, or names an unknown question.
    """
    try:
        given = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except FileNotFoundError as error:
        raise DataError(
            f"{path}: no such file; write one with: bench check-answers --blank > {path}"
        ) from error
    except (OSError, yaml.YAMLError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: cannot be read as YAML ({error})") from error
    if not isinstance(given, dict):
        raise DataError(
            f"{path}: accepted: lines such as 'polls: 12' (bench check-answers --blank)"
        )
    known = [question.key for question in QUESTIONS]
    for key in given:
        if key not in known:
            raise ConfigError(f"{path}: no question is called '{key}' ({did_you_mean(key, known)})")
    return given


def judged(question: Question, given: Any) -> str:
    """The verdict on one answer, with a hint where it is wrong."""
    if given is None:
        return "not answered"
    answer = question.answer()
    if isinstance(answer, str):
        right = str(given).strip().lower() == answer
    else:
        try:
            number = float(str(given).replace(",", ".") if isinstance(given, str) else given)
        except (TypeError, ValueError):
            return f"'{given}' is not a number; accepted: digits such as 2.6 or 2,6"
        right = math.isfinite(number) and abs(number - answer) <= question.within
    return "right" if right else f"not right; {question.hint}"


def _task(moment: str) -> Task:
    held = ("politoscope", "voter_autrement")  # compiled later; counted from when it existed
    return Task("fr2017", 1, moment, owners_of=held)


@cache
def _evidence(moment: str) -> Evidence:
    return _task(moment).evidence()


@cache
def _shares(name: str) -> pd.Series:
    predictor = make_predictor(name, predictor_settings(name))
    tried = predict(_task("2017-04-21T20:00"), predictor, rng=generator(0, name))
    if tried.forecast is None:
        raise DataError(f"{name} says nothing: {tried.message}")
    return tried.forecast.share


def _outcome() -> pd.Series:
    return Task("fr2017", 1, "2017-04-21T20:00").outcome().votes


def _ballot() -> pd.Series:
    rows = _evidence("2017-04-23T00:00")["online_ballot"]
    return rows.set_index("candidate")["declared_votes"]


def _correlation(who: str) -> float:
    declared, votes = _ballot(), _outcome()
    found = data_defect_correlation(
        [declared[who] / declared.sum()],
        [votes[who] / votes.sum()],
        sample_size=declared.sum(),
        population_size=votes.sum(),
    )
    return float(found[0])


def _worth(who: str) -> float:
    return effective_sample_size(_correlation(who), _ballot().sum() / _outcome().sum())


def _miss(name: str, who: str) -> float:
    return 100 * float(_shares(name)[who] - _outcome()[who] / _outcome().sum())


def _uniform_error() -> float:
    share = _outcome() / _outcome().sum()
    return 100 * float(np.abs(1 / len(share) - share).mean())


QUESTIONS = (
    Question(
        "polls",
        "How many questions about the first round of 2017 had polls published by "
        "1 March, 20:00 (one poll may put several)?",
        lambda: float(_evidence("2017-03-01T20:00")["polls"]["poll_id"].nunique()),
        hint="cut on published_on, not on the fieldwork; count poll_id",
    ),
    Question(
        "noise",
        "A random sample of 1,000: half the width of the 95 % interval of a share "
        "of 24 %, in percentage points (one decimal)",
        lambda: 196 * math.sqrt(0.24 * 0.76 / 1000),
        0.06,
        "1.96 sqrt(p (1 - p) / n), times 100",
    ),
    Question(
        "uniform",
        "Mean absolute error of 'everybody gets the same' over the whole ballot "
        "of 23 April 2017, in points (one decimal)",
        _uniform_error,
        0.06,
        "eleven candidates, 100 / 11 percent each; every error counts without its sign",
    ),
    Question(
        "last_poll",
        "By how many points did last_poll miss Emmanuel Macron on 21 April, "
        "with its sign (one decimal)?",
        lambda: _miss("last_poll", "macron"),
        0.06,
        "forecast minus outcome, in errors.csv: signed_error times 100",
    ),
    Question(
        "loudest",
        "Whom does attention_share put first on 21 April (the slug)?",
        lambda: str(_shares("attention_share").idxmax()),
        hint="see forecasts.parquet",
    ),
    Question(
        "correlation",
        "The data defect correlation of the self-selected ballot for "
        "Jean-Luc Mélenchon, N being the valid votes (four decimals)",
        lambda: _correlation("melenchon"),
        0.0001,
        "rho = error / [sqrt(mu (1 - mu)) sqrt((N - n) / n)]",
    ),
    Question(
        "worth",
        "How many interviews of a random sample were its 25,000 declared votes "
        "worth for Marine Le Pen (one decimal)?",
        lambda: _worth("le_pen"),
        0.06,
        "n_eff = f / ((1 - f) rho^2), f = n / N",
    ),
)

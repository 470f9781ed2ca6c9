"""A language model that is shown the evidence and asked for the shares."""

from __future__ import annotations

import json
import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd
from typing_extensions import override

from bench.core import Abstain, ConfigError, DataError, Evidence, Forecast, Predictor
from bench.models.chat import SHOWN, Ask, Question, Replies, by_command, over_http
from bench.models.polls.poll_table import PollTable, poll_table

ROUNDING = 0.02  # shares that sum to 1 to within this are whole
MOST_ASKED = 2  # questions per sample that is wanted, before the model is given up


@dataclass(frozen=True, kw_only=True)
class LanguageModel(Predictor):
    """Shares that a language model writes down when it is shown the polls of the day.

    ``share = mean_k a_k``, the answers a_k are the draws: one prompt, `n_samples` seeds. The prompt
    holds the day, the ballot, and the latest polls of it that were public; answers that cannot be
    read are asked for again with the next seed, and counted. The prompt names election and
    candidates unless `anonymous`, which hides names, parties, institutes and dates (polls alone
    may still give an election away).

    What a model has read is evidence too: `held_on` is the end of its training data, and a
    forecast as of an earlier moment is hindsight. It abstains then, or with `hindsight` answers
    and is never ranked. Nobody can check what an address really does: whether it searches the
    web, whether it is the same model tomorrow. Replies are therefore recorded in the file
    `replies`, and read from there: a run is repeated, and audited, without the network.
    """

    family: ClassVar[str] = "language models"
    needs: ClassVar[frozenset[str]] = frozenset({"polls", "ballots"})
    files: ClassVar[frozenset[str]] = frozenset({"replies"})

    model: str
    held_on: str
    base_url: str
    key_variable: str
    command: str
    replies: str
    hindsight: bool
    anonymous: bool
    n_samples: int
    first_seed: int
    temperature: float
    most_polls: int
    timeout_s: float

    @override
    def knows_until(self) -> pd.Timestamp | None:
        return self._cut_off() if self.model else None

    @override
    def predict(self, evidence: Evidence, rng: np.random.Generator) -> Forecast:
        if not self.model or not (self.base_url or self.command or self.replies):
            raise Abstain(
                "no language model is set: give model and held_on, and base_url, command or replies"
            )
        until = self._cut_off()
        if evidence.as_of < until and not self.hindsight:
            raise Abstain(
                f"{self.model} was trained on texts until {until:%d %B %Y}, later than "
                f"{evidence.as_of:%d %B %Y}: that is hindsight (hindsight: true shows it, unranked)"
            )
        given = self._asked()
        replies = Replies(Path(self.replies).expanduser() if self.replies else None)
        shares: list[list[float]] = []
        problems: list[str] = []
        for seed in range(self.first_seed, self.first_seed + MOST_ASKED * self.n_samples):
            keys = keys_of(evidence, self.anonymous, seed)
            prompt = prompt_of(evidence, keys, self.anonymous, self.most_polls)
            question = Question(
                model=self.model, prompt=prompt, seed=seed, temperature=self.temperature
            )
            answer = replies.to(question, given)
            if answer is None:
                raise Abstain(
                    f"{self.replies} holds no reply to this question (seed {seed}), and neither "
                    "base_url nor command is given"
                )
            try:
                shares.append(read_shares(answer, keys))
            except DataError as error:
                problems.append(f"seed {seed}: {error}")
            if len(shares) == self.n_samples:
                break
        if len(shares) < self.n_samples:
            raise DataError(
                f"{self.model}: {len(problems)} of {len(problems) + len(shares)} answers cannot "
                f"be read; the last: {problems[-1]}"
            )
        draws = np.array(shares)
        asked = f"{len(shares)} answers of {self.model}, trained until {until:%d %B %Y}"
        if problems:
            asked += f"; {len(problems)} more could not be read"
        if self.anonymous:
            asked += "; names and dates hidden"
        return Forecast(
            share=pd.Series(draws.mean(axis=0), index=list(evidence.candidates)),
            draws=draws,
            converted=asked,
        )

    def _asked(self) -> Ask | None:
        if self.base_url and self.command:
            raise ConfigError("both base_url and command are given; accepted: one of them")
        if self.command:
            return by_command(self.command, self.timeout_s)
        if self.base_url:
            return over_http(self.base_url, self.key_variable, self.timeout_s)
        return None

    def _cut_off(self) -> pd.Timestamp:
        until = pd.to_datetime(self.held_on, format="ISO8601", errors="coerce")
        if not isinstance(until, pd.Timestamp):
            raise ConfigError(
                f"held_on of {self.model} is '{self.held_on}'; accepted: the last day of its "
                "training data, such as 2024-06-30 (the day of release if its maker says nothing)"
            )
        return until


def keys_of(evidence: Evidence, anonymous: bool, seed: int) -> dict[str, str]:
    """What the prompt calls each candidate: the slug, or a letter in an order of the seed.

    Examples
    --------
    >>> two = Evidence(election="toy", round=1, as_of=pd.Timestamp("2031-04-18"), seats=1,
    ...     vote_on=pd.Timestamp("2031-04-20"), candidates=("ash", "birch"), tables={})
    >>> keys_of(two, False, 1), sorted(keys_of(two, True, 1).values())
    ({'ash': 'ash', 'birch': 'birch'}, ['candidate_1', 'candidate_2'])
    """
    names = evidence.candidates
    if not anonymous:
        return {name: name for name in names}
    order = np.random.default_rng(seed).permutation(len(names))
    return {name: f"candidate_{place + 1}" for name, place in zip(names, order, strict=True)}


def prompt_of(evidence: Evidence, keys: dict[str, str], anonymous: bool, most_polls: int) -> str:
    """The question: the day, the ballot, and the latest polls that were public.

    Parameters
    ----------
    evidence : Evidence
        With `polls` and `ballots`.
    keys : mapping of str to str
        What each candidate is called; those called first are named first.
    anonymous : bool
        Whether names, parties, institutes and dates are hidden.
    most_polls : int
        The latest ones.
    """
    days = evidence.days_to_vote
    ballot = evidence["ballots"]
    mine = ballot[ballot["election"].eq(evidence.election) & ballot["round"].eq(evidence.round)]
    about = {row["candidate"]: _who(row) for row in mine.to_dict("records")}
    lines = ["You forecast an election. Use what you are told here; say what you expect."]
    if anonymous:
        lines.append(f"The vote is in {days} days; round {evidence.round}.")
    else:
        lines.append(
            f"Today is {evidence.as_of:%d %B %Y}. Election {evidence.election}, round "
            f"{evidence.round}, on {evidence.vote_on:%d %B %Y}, in {days} days."
        )
    lines.append("On the ballot (key, and who it is):")
    ordered = sorted(keys, key=lambda name: keys[name])
    for name in ordered:
        told = [] if anonymous else about.get(name, [])
        lines.append(f"- {keys[name]}{': ' if told else ''}{', '.join(told)}")
    table = poll_table(evidence["polls"], evidence.candidates, evidence.vote_on)
    lines += _poll_lines(table, ordered, keys, anonymous, most_polls, evidence.vote_on)
    example = json.dumps({"shares": {keys[name]: 0.0 for name in ordered}})
    lines.append(
        "Forecast the share of the valid votes of everybody on the ballot, as fractions that sum "
        f"to 1. Answer with JSON and nothing else, with your numbers: {example}"
    )
    return "\n".join(lines)


def _who(row: Mapping[Hashable, object]) -> list[str]:
    told = [row.get("name"), row.get("party")]
    return [str(value) for value in told if isinstance(value, str) and value]


def _poll_lines(
    table: PollTable,
    ordered: list[str],
    keys: dict[str, str],
    anonymous: bool,
    most_polls: int,
    vote_on: pd.Timestamp,
) -> list[str]:
    if len(table) == 0:
        return ["No poll of this ballot is known."]
    lines = ["Latest polls, newest first (percent; - where not asked):"]
    columns = [table.candidates.index(name) for name in ordered]
    for place in range(len(table) - 1, max(-1, len(table) - 1 - most_polls), -1):
        number, days = int(table.institute[place]), float(table.days[place])
        institute = f"institute {number + 1}" if anonymous else table.institutes[number]
        day = vote_on - pd.Timedelta(days=days)
        when = f"{days:.0f} days before the vote" if anonymous else f"until {day:%d %B %Y}"
        shares = ", ".join(
            f"{keys[name]} {'-' if math.isnan(share) else f'{100 * share:.1f}'}"
            for name, share in zip(ordered, table.share[place, columns], strict=True)
        )
        lines.append(f"- {institute}, {when}, {table.respondents[place]:.0f} people: {shares}")
    return lines


def read_shares(answer: str, keys: dict[str, str]) -> list[float]:
    """The shares in an answer, in ballot order, divided by their sum.

    Parameters
    ----------
    answer : str
        Text with one JSON object: shares by key, or these under ``shares``.
    keys : mapping of str to str
        Candidate to key.

    Raises
    ------
    DataError
        If it holds no such object, names somebody else or too few, or the shares are no fractions
        that sum to 1 to within 0.02.

    Examples
    --------
    >>> keys = {"ash": "ash", "birch": "birch"}
    >>> read_shares('I say: {"shares": {"ash": 0.4, "birch": 0.6}}', keys)
    [0.4, 0.6]
    >>> read_shares('{"ash": 40, "birch": 60}', keys)
    Traceback (most recent call last):
    ...
    bench.core.errors.DataError: the shares sum to 100; accepted: fractions (not percent) that sum
    to 1 to within 0.02
    """
    found = _first_object(answer)
    shares = found.get("shares", found)
    if not isinstance(shares, dict) or set(shares) != set(keys.values()):
        named = sorted(shares) if isinstance(shares, dict) else shares
        raise DataError(f"it speaks of {named}; accepted: {sorted(keys.values())}")
    values = [shares[key] for key in keys.values()]
    for key, value in zip(keys.values(), values, strict=True):
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not math.isfinite(value) or value < 0:
            raise DataError(f"the share of '{key}' is {value!r}; accepted: a fraction, 0 to 1")
    total = float(sum(values))
    if abs(total - 1) > ROUNDING:
        raise DataError(
            f"the shares sum to {total:.4g}; accepted: fractions (not percent) that sum to 1 to "
            f"within {ROUNDING}"
        )
    return [float(value) / total for value in values]


def _first_object(answer: str) -> dict[str, object]:
    decoder = json.JSONDecoder()
    for place, sign in enumerate(answer):
        if sign == "{":
            try:
                found, _ = decoder.raw_decode(answer, place)
            except ValueError:
                continue
            return dict(found)
    raise DataError(f"it holds no JSON object: {answer.strip()[:SHOWN]!r}")

"""Draws around a point forecast, as wide as its method has erred at other votes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from bench.core.arrays import FloatArray
from bench.core.evidence import Evidence
from bench.models.log_ratio import closed
from bench.models.polls.shared_error import FORM, outcome_draws

SCALES = np.geomspace(0.02, 2.0, 60)
PRIOR_SCALE = 0.3  # median; a candidate at 20 % ends between 15 and 26 % in two cases of three
PRIOR_SPREAD = 1.0  # of its logarithm
OF_OTHER_VOTES = frozenset({"outcomes", "past_errors", "past_approvals"})


@dataclass(frozen=True, kw_only=True)
class Record:
    """What one method said of one other vote, and what came.

    Attributes
    ----------
    share, outcome : numpy.ndarray [C]
        Fractions that sum to 1.
    """

    share: FloatArray
    outcome: FloatArray


@dataclass(frozen=True, kw_only=True)
class Dressing:
    """How far a method errs: a mixture over `SCALES`.

    The outcome is ``softmax(log(share) + e)``; the ``e_c`` are independent with variance
    ``scale^2 size(share_c)``, and one chi-square scales them all: sizes and tails are those of the
    error of polls (`bench.models.polls.shared_error.Form`). Few records leave the scale uncertain,
    and the mixture has heavy tails.

    Attributes
    ----------
    weight : numpy.ndarray [G]
        Of the scales; sums to 1.
    n_votes : int
        That taught it.
    """

    weight: FloatArray
    n_votes: int

    @property
    def scale(self) -> float:
        """The mean scale: error of the log share of a candidate at 20 %."""
        return float(self.weight @ SCALES)

    def draws(self, share: FloatArray, rng: np.random.Generator, n_draws: int) -> FloatArray:
        """Draws [S, C] of the outcome around shares [C] of the whole ballot."""
        base = closed(share)
        sd = rng.choice(SCALES, size=n_draws, p=self.weight)
        return outcome_draws(np.log(base), sd, _sizes(base), FORM.tail_df, rng)


def learn_dressing(records: Sequence[Record]) -> Dressing:
    """The scale of the errors of a method from its record, every vote alike.

    With no record at all it is the prior.

    Parameters
    ----------
    records : sequence of Record
        Of other votes, at the same number of days before each.

    Examples
    --------
    >>> near = Record(share=np.array([0.5, 0.5]), outcome=np.array([0.51, 0.49]))
    >>> learn_dressing([]).scale > learn_dressing([near] * 9).scale
    True
    """
    log_weight = -0.5 * np.square(np.log(SCALES / PRIOR_SCALE) / PRIOR_SPREAD)
    for record in records:
        log_weight += _log_likelihood(closed(record.share), closed(record.outcome))
    weight = np.exp(log_weight - log_weight.max())
    return Dressing(weight=weight / weight.sum(), n_votes=len(records))


def past_votes(evidence: Evidence, needs: frozenset[str], most: int) -> Iterator[Evidence]:
    """The evidence of other votes of the same round, as it was as many days before each.

    Newest first. Of every table that tells of other votes what was public by then is left; tables
    of the vote itself are its polls, and otherwise empty.

    Parameters
    ----------
    evidence : Evidence
        With `outcomes`, `ballots`, `past_polls` and what is in `needs`.
    needs : frozenset of str
        The tables to give.
    most : int
        Votes at most.
    """
    outcomes, ballots = evidence["outcomes"], evidence["ballots"]
    with_polls = needs & {"polls", "past_polls"}  # a table that is opened counts as read
    known = outcomes[(outcomes["level"] == "national") & (outcomes["round"] == evidence.round)]
    known = known[known["election"] != evidence.election]
    ahead = evidence.vote_on - evidence.as_of
    days = known.groupby("election")["vote_on"].first().sort_values(ascending=False, kind="stable")
    for name, vote_on in list(days.items())[:most]:
        moment = vote_on - ahead
        stood = (ballots["election"] == name) & (ballots["round"] == evidence.round)
        candidates = tuple(sorted(ballots.loc[stood, "candidate"]))
        if len(candidates) < 2:
            continue
        tables = {}
        for table in needs - {"polls", "past_polls", "ballots"}:
            if table not in OF_OTHER_VOTES:
                tables[table] = evidence.tables[table].iloc[:0]  # not read: its columns alone
                continue
            rows = evidence[table]
            public = rows["published_on"] <= moment
            tables[table] = rows[public & (rows["election"] != name)]
        if with_polls:
            polls = evidence["past_polls"]
            of_the_vote = (polls["election"] == name) & (polls["round"] == evidence.round)
            public = polls["published_on"] <= moment
            tables["polls"] = polls[of_the_vote & public]
            tables["past_polls"] = polls[~of_the_vote & public]
        tables["ballots"] = ballots[ballots["vote_on"] <= vote_on]
        yield Evidence(
            election=str(name),
            round=evidence.round,
            as_of=moment,
            vote_on=vote_on,
            candidates=candidates,
            n_advance=min(evidence.n_advance, len(candidates) - 1),
            tables={table: tables[table].reset_index(drop=True) for table in needs},
        )


def _log_likelihood(share: FloatArray, outcome: FloatArray) -> FloatArray:
    """Log density [G], up to a constant, of the contrasts of the log errors: multivariate t."""
    error = np.log(outcome) - np.log(share)
    precision = 1.0 / _sizes(share)
    mean = precision @ error / precision.sum()
    form = precision @ (error - mean) ** 2
    m = len(error) - 1
    df = FORM.tail_df
    tail = (df + m) / 2.0
    return np.asarray(-m * np.log(SCALES) - tail * np.log1p(form / SCALES**2 / df))


def _sizes(share: FloatArray) -> FloatArray:
    return FORM.size(share, np.zeros(len(share), dtype=bool))

"""This file holds the forecast that the last polls make by themselves."""

import numpy as np
import pandas as pd

from bench.core import Abstain, Evidence, Forecast
from bench.models.log_ratio import closed
from bench.models.polls.industry_error import learn
from bench.models.polls.poll_mean import last_polls
from bench.models.polls.poll_table import poll_table


def forecast_of_last_polls(
    evidence: Evidence,
    polls: pd.DataFrame,
    *,
    window_days: float,
    n_draws: int,
    rng: np.random.Generator,
) -> Forecast:
    """Mean of every institute's last poll, with the error that such means have made before.

    With K institutes of n_k respondents the sampling noise in the draws has variance
    ``sum 1 / n_k / K^2 / p``, to which the industry-wide error at that many days before the vote
    is added.

    Parameters
    ----------
    evidence : Evidence
        With the tables `past_polls` and `outcomes`.
    polls : pandas.DataFrame
        Those that count: all of `evidence["polls"]`, or a part of its rows.
    window_days : float
        Institutes whose last poll ended more days than this before the latest are left out.
    n_draws : int
        Rows of the draws.
    rng : numpy.random.Generator

    Raises
    ------
    Abstain
        If there is no poll.
    """
    names = list(evidence.candidates)
    table = poll_table(polls, names, evidence.vote_on)
    if len(table) == 0:
        raise Abstain("no poll of this ballot was public yet")
    mean = last_polls(table, window_days)
    industry = learn(evidence["past_polls"], evidence["outcomes"])
    draws = industry.draws(
        mean.share,
        mean.days,
        rng,
        n_draws,
        institutes=mean.institutes,
        runoff=evidence.round == 2,
        sampling=np.diag(1.0 / (mean.respondents * closed(mean.share))),
    )
    return Forecast(share=pd.Series(mean.share, index=names), draws=draws)

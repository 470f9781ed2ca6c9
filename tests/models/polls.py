"""Made-up polls for the tests of the poll models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from bench.models.polls.poll_table import HALF_LIVES_DAYS, mae_of
from bench.models.polls.shared_error import FORM, Form

VOTE_ON = pd.Timestamp("2031-04-20")
NAMES = ("ash", "birch", "cedar")


def poll(
    days: int,
    share: Mapping[str, float],
    *,
    institute: str = "North",
    n: float = 1000.0,
    rolling: bool = False,
    length: int | None = None,
    **more: Any,
) -> list[dict[str, Any]]:
    """The rows of one poll whose fieldwork ended some days before the vote."""
    end = VOTE_ON - pd.Timedelta(days=days)
    start = pd.NaT if length is None else end - pd.Timedelta(days=length - 1)
    return [
        {
            "poll_id": f"{institute}_{days}_{len(share)}",
            "election": "toy",
            "round": 1,
            "vote_on": VOTE_ON,
            "institute": institute,
            "fieldwork_start": start,
            "fieldwork_end": end,
            "sample_size": n,
            "sample_expressed": n,
            "rolling": rolling,
            "candidate": name,
            "share": value,
            **more,
        }
        for name, value in share.items()
    ]


def table_of(*polls: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """The long table of several polls."""
    return pd.DataFrame([row for rows in polls for row in rows])


def share_of(*values: float) -> dict[str, float]:
    """Shares of ash, birch and cedar."""
    return dict(zip(NAMES, values, strict=False))


def past(n_votes: int, sd: float, seed: int = 0) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Polls and outcomes of votes whose log shares missed with standard deviation ``sd``."""
    rng = np.random.default_rng(seed)
    polls, outcomes = [], []
    for k in range(n_votes):
        true = np.exp(np.log([0.5, 0.3, 0.2]) + 0.2 * rng.standard_normal(3))
        true /= true.sum()
        for days in (2, 3, 12, 40):
            said = true * np.exp(sd * rng.standard_normal(3))
            said /= said.sum()
            for j in range(3):
                polls += poll(
                    days,
                    share_of(*said),
                    institute=f"House {j}",
                    n=5000,
                    election=f"old{k}",
                    vote_on=VOTE_ON,
                )
        outcomes.append(
            pd.DataFrame(
                {
                    "election": f"old{k}",
                    "round": 1,
                    "vote_on": VOTE_ON,
                    "level": "national",
                    "area": "national",
                    "candidate": NAMES,
                    "votes": (true * 1e6).round(),
                    "share": true,
                }
            )
        )
    frame = pd.DataFrame(polls)
    frame["poll_id"] = frame["election"] + "_" + frame["poll_id"]
    return frame, pd.concat(outcomes, ignore_index=True)


def past_errors(
    n_votes: int,
    scale: Mapping[str, float],
    *,
    shares: Sequence[float] = (0.4, 0.3, 0.15, 0.1, 0.05),
    others_mean: float = 0.0,
    growth: float = 1.0,
    house: float = 0.5,
    days: Sequence[int] = (2, 14, 60),
    form: Form = FORM,
    same_country: str = "",
    seed: int = 0,
) -> pd.DataFrame:
    """The table `past_errors` of made-up votes, each country with a scale of its own."""
    rng = np.random.default_rng(seed)
    names = [f"party_{k}" for k in range(len(shares) - 1)] + ["others"]
    is_others = np.array([name == "others" for name in names])
    size = form.size(np.array(shares), is_others)
    frames = []
    for country, sd in scale.items():
        vote, horizon = (axis.ravel() for axis in np.mgrid[:n_votes, : len(days)])
        tail = np.sqrt(form.tail_df / rng.chisquare(form.tail_df, n_votes))
        direction = tail[:, None] * rng.standard_normal((n_votes, len(shares)))
        institutes = rng.integers(1, 9, len(vote)).astype(float)
        before = np.array(days, dtype=float)[horizon]
        v = sd**2 * (1.0 + growth * form.growth_by(before) + house**2 / institutes)
        error = np.sqrt(v[:, None] * size) * direction[vote] + others_mean * is_others
        came = np.array(shares) * np.exp(error)
        came /= came.sum(axis=1, keepdims=True)
        row = np.repeat(np.arange(len(vote)), len(shares))
        frames.append(
            pd.DataFrame(
                {
                    "election": [f"{country.lower()}{k}" for k in vote[row]],
                    "round": 1,
                    "country": country,
                    "group": "proportional",
                    "vote_on": pd.Timestamp("1990-01-01") + pd.to_timedelta(100 * vote[row], "D"),
                    "horizon_days": before[row].astype(int),
                    "days": before[row],
                    "institutes": institutes[row],
                    "respondents": 1e7,
                    "candidate": np.tile(names, len(vote)),
                    "polled": np.tile(shares, len(vote)),
                    "share": came.ravel(),
                    **{mae_of(half): np.nan for half in HALF_LIVES_DAYS},
                }
            )
        )
    table = pd.concat(frames, ignore_index=True)
    table = table.astype(dict.fromkeys(["election", "country", "group", "candidate"], "category"))
    return table.assign(same_country=table["country"] == same_country, same_group=True)

"""What a season of seals says of its headline."""

from __future__ import annotations

import pandas as pd

from bench.audit.sealed_scores import SealedScores
from bench.report.season import Season

KEYS = {"election": "toy", "round": 1, "predictor": "last_poll", "ballot": "full"}


def season(inside: dict[int, tuple[float, ...]]) -> Season:
    """Seals by days before the vote: which candidates were inside the interval, if it had one."""
    seals, scores, forecasts = [], [], []
    for days, held in inside.items():
        as_of = pd.Timestamp("2031-04-06 20:00") - pd.Timedelta(days=days)
        seal = {"record": f"seal {days}", "as_of": as_of}
        seals.append({**seal, "seal": str(days), "days_before": days, "address": "toy", **KEYS})
        for who in ("ash", "birch"):
            forecasts.append({**seal, **KEYS, "candidate": who, "p_qualify": 0.5, "outcome": 0.5})
            scores.append({**seal, **KEYS, "candidate": who, "score": "absolute_error", "value": 0})
        for who, value in zip(("ash", "birch"), held, strict=False):
            scores.append({**seal, **KEYS, "candidate": who, "score": "inside_90", "value": value})
    return Season(
        SealedScores(
            scores=pd.DataFrame(scores),
            forecasts=pd.DataFrame(forecasts),
            seals=pd.DataFrame(seals),
        )
    )


def test_intervals_are_judged_on_the_seals_that_had_one() -> None:
    (said,) = season({40: (), 5: (1.0, 0.0), 2: (1.0, 1.0)})._held()
    assert "held 75% of the results" in said
    assert "(by days before the vote: a week or less: 75%)" in said


def test_without_any_interval_nothing_is_said_of_them() -> None:
    assert season({40: (), 2: ()})._held() == []

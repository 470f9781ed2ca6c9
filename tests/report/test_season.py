"""What a season of seals says of its headline."""

from __future__ import annotations

import pandas as pd

from bench.audit.sealed_scores import SealedScores
from bench.report.season import Season

KEYS = {"election": "toy", "round": 1, "predictor": "last_poll", "ballot": "full"}


def season(inside: dict[int, tuple[float, ...]], chances: dict[int, float] | None = None) -> Season:
    """Seals by days before the vote: which candidates were inside the interval, if it had one.

    `chances` are those of ash, who got through; 0.5 where left out.
    """
    seals, scores, forecasts = [], [], []
    for days, held in inside.items():
        as_of = pd.Timestamp("2031-04-06 20:00") - pd.Timedelta(days=days)
        seal = {"record": f"seal {days}", "as_of": as_of}
        seals.append({**seal, "seal": str(days), "days_before": days, "address": "toy", **KEYS})
        seals[-1] |= {"through": "ash", "slate": "", "supposed": "", "came_later": ""}
        chance = (chances or {}).get(days, 0.5)
        for who in ("ash", "birch"):
            forecasts.append(
                {**seal, **KEYS, "candidate": who, "p_qualify": chance, "outcome": 0.5}
            )
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


def test_the_headline_holds_the_lowest_chance_and_not_the_ends_alone() -> None:
    seals = {90: (), 60: (), 30: (), 2: ()}
    (said,) = season(seals, {90: float("nan"), 60: 0.78, 30: 0.30, 2: 0.95})._chances_then()
    assert "(4 seals, 90 to 2 days before the vote)" in said
    assert "ash 30% to 95%, lowest 30 days before, 95% at the last seal" in said
    assert said.endswith("(not asked about in 1 seal).")


def test_one_seal_has_a_chance_and_no_range() -> None:
    (said,) = season({2: ()}, {2: 0.95})._chances_then()
    assert said.endswith("these chances (2 days before the vote): ash 95%.")

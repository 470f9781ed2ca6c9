"""The weeks of a campaign that teach: found once for what was public, never from other evidence."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from bench.core.arrays import FloatArray
from bench.models import elasticity
from bench.models.elasticity import Campaign
from bench.models.memoize import Memory
from tests.models.polls import VOTE_ON, poll, table_of

DAYS = pd.date_range("2031-02-01", "2031-03-31")
EVE = pd.Timestamp("2031-04-01T20:00")
NAMES = ("ash", "elm")


def campaign(polled_ash: float = 0.6) -> Campaign:
    """Attention on every day, and a poll on every tenth."""
    counts = pd.DataFrame(
        [(day, name, 10.0 + place) for place, day in enumerate(DAYS) for name in NAMES],
        columns=["day", "candidate", "value"],
    )
    shares = {"ash": polled_ash, "elm": 1 - polled_ash}
    polls = [
        poll((VOTE_ON - day).days, shares, length=1, published_on=day + pd.Timedelta(days=1))
        for day in DAYS[::10]
    ]
    return Campaign(
        buzz=counts,
        polls=table_of(*polls),
        candidates=NAMES,
        vote_on=VOTE_ON,
        window_days=7,
        max_age_days=14,
        poll_window_days=30.0,
    )


def week(one: Campaign) -> FloatArray:
    """That of the eve."""
    found = one.week(EVE)
    assert found is not None
    return found


@pytest.fixture(autouse=True)
def weeks(monkeypatch: pytest.MonkeyPatch) -> Memory[FloatArray | None]:
    """Nothing is remembered yet."""
    empty: Memory[FloatArray | None] = Memory(max_answers=8)
    monkeypatch.setattr(elasticity, "_WEEKS", empty)
    return empty


def test_a_week_has_attention_and_polls() -> None:
    np.testing.assert_allclose(week(campaign()), np.array([[0.5, 0.5], [0.6, 0.4]]))


def test_what_came_later_does_not_have_a_week_found_again(
    weeks: Memory[FloatArray | None],
) -> None:
    earlier = EVE - pd.Timedelta(days=20)
    whole = campaign()
    cut = replace(
        whole, polls=whole.polls_until(earlier), buzz=whole.buzz[whole.buzz["day"] <= earlier]
    )
    assert whole.week(earlier) is cut.week(earlier)
    assert len(weeks._answers) == 1


@pytest.mark.parametrize("changed", ["polls", "buzz", "window"])
def test_other_evidence_or_settings_find_another_week(changed: str) -> None:
    one = campaign()
    more = one.buzz.assign(value=one.buzz["value"].where(one.buzz["candidate"].eq("ash"), 1.0))
    other = {
        "polls": campaign(polled_ash=0.7),
        "buzz": replace(one, buzz=more),
        "window": replace(one, window_days=3),
    }[changed]
    first, second = week(one), week(other)
    assert first is not second
    assert changed == "window" or not np.array_equal(first, second)


def test_too_few_with_both_are_no_week() -> None:
    assert campaign().week(pd.Timestamp("2031-01-01")) is None


def test_what_is_remembered_cannot_be_written_to() -> None:
    found = week(campaign())
    with pytest.raises(ValueError, match="read-only"):
        found[0, 0] = 1.0

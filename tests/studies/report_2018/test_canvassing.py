"""What a gain would take: added back, it gives the official share."""

from __future__ import annotations

import pytest

from bench.core.compose import compose
from bench.studies.report_2018.canvassing import canvassing_bounds, needed_votes

WON, LOST = 18000668, 16860685  # runoff of 2012


def test_without_the_votes_the_share_is_the_gain_less() -> None:
    valid, gain = WON + LOST, 0.006
    moved, came = needed_votes(gain, WON / valid, valid).values()
    assert (WON - moved) / valid == pytest.approx(WON / valid - gain)
    assert (WON - came) / (valid - came) == pytest.approx(WON / valid - gain)


def test_the_table_is_those_votes_by_station() -> None:
    settings = compose("+experiment=report_2018").settings
    table = canvassing_bounds(settings["canvassing"]).set_index("way")
    row = table.loc["persuaded"]
    assert row["votes"] == pytest.approx(0.006 * (WON + LOST))
    assert row["per_station"] == pytest.approx(row["votes"] / 20000)
    assert row["margin_percent"] == pytest.approx(100 * 2 * row["votes"] / (WON - LOST))
    assert (table["group_percent"] > table["registered_percent"]).drop("trial").all()


def test_a_quarter_of_the_margin_is_less_than_what_is_claimed() -> None:
    settings = compose("+experiment=report_2018").settings
    trial = canvassing_bounds(settings["canvassing"]).set_index("way").loc["trial"]
    changed = (WON - LOST) / 4 / 2  # each who changes sides counts twice in the margin
    assert trial["votes"] == changed
    assert trial["gain_pp"] == pytest.approx(100 * changed / (WON + LOST))
    assert round(trial["gain_pp"], 2) == 0.41
    assert trial["margin_percent"] == 25

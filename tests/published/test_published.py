"""Published figures are reproduced, or are not for a reason that the docs state."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pandas as pd
import pytest

from tests.published import buzzfeed_2016, economist_2022, figures, shirani_mehr_2018
from tests.published.figure import Figure


@pytest.mark.parametrize("figure", figures(), ids=lambda figure: figure.what)
def test_ours_is_the_published_figure_or_says_why_not(figure: Figure) -> None:
    ours = figure.compute()
    assert math.isfinite(ours)
    assert figure.is_met_by(ours) == (not figure.because), ours


def test_no_two_figures_have_one_name() -> None:
    names = [figure.what for figure in figures()]
    assert len(set(names)) == len(names)


def test_every_forecaster_is_graded_on_every_state() -> None:
    chances = buzzfeed_2016.chances()
    assert {len(chance) for chance, _ in chances.values()} == {51}
    assert {won.sum() for _, won in chances.values()} == {21.0}
    assert set(chances) == set(buzzfeed_2016.PRINTED)


def test_the_running_mean_goes_over_the_rows_of_both_rounds() -> None:
    rows = pd.DataFrame(
        {
            "election": "a",
            "round": [1, 2, 1, 1],
            "days_before": [3, 2, 1, 1],
            "error": [0.03, -0.06, 0.01, -0.01],
        }
    )
    assert economist_2022.running_errors(rows)["error"].tolist() == pytest.approx([0.03, 0.1 / 3])


def test_a_poll_that_a_rule_dates_after_the_vote_still_has_an_error() -> None:
    errors = economist_2022.poll_errors()
    # Ifop's of 27 May 1969, five days before the vote
    late = errors["election"].eq("fr1969") & errors["round"].eq(1) & errors["days_before"].eq(5)
    assert late.any()


def test_the_page_of_the_atlas_has_these_figures() -> None:
    page = (Path(__file__).parents[2] / "docs" / "atlas.md").read_text("utf-8")
    rows = {
        label.strip(): [float(cell.replace("−", "-")) for cell in cells.split("|")]
        for label, cells in re.findall(
            r"(?m)^\| ([^|`]+) \|((?: [−.\d]+ \|)*(?: [−.\d]+)) \|$", page
        )
    }
    for kind, label in {
        "senate": "Senate",
        "governor": "governor",
        "president": "president, by state",
    }.items():
        published, ours = rows[label]
        assert published == float(shirani_mehr_2018.PRINTED[kind])
        assert ours == pytest.approx(shirani_mehr_2018.error_of(kind), abs=0.005)
    assert rows["published"] == [float(printed) for printed in economist_2022.ECONOMIST.values()]
    for label, other_lists in {"atlas": False, "atlas, other lists too": True}.items():
        running = economist_2022.running_errors(economist_2022.poll_errors(other_lists=other_lists))
        ours = [economist_2022.error_around(running, day) for day in economist_2022.ECONOMIST]
        assert rows[label] == pytest.approx(ours, abs=0.005)


def test_the_american_sample_covers_the_published_number_of_polls_and_races() -> None:
    polls = shirani_mehr_2018.state_polls()
    before = polls[polls["vote_on"].dt.year.lt(2014)]
    # 4,154 polls of 1998 to 2013 in the paper; 608 races with those of 2014
    assert 4154 <= len(before) <= 1.06 * 4154
    assert before["election"].nunique() >= 608

"""Published figures, and the check of ours against them."""

import math

import numpy as np
import pytest

from bench.contract.errors import ForecastError
from bench.verify import final_week_figures, horizon_figures, verify
from bench.verify.figure import Figure, check
from bench.verify.polls import FINAL_WEEK_CANDIDATES


def test_polls_of_other_candidates_are_refused():
    with pytest.raises(ForecastError, match="outcome has 2 candidates; expected are"):
        final_week_figures([[0.5, 0.5]], [0.5, 0.5])
    with pytest.raises(ForecastError, match="election has shape"):
        horizon_figures(["fr2017"], [1, 2], [0.01, 0.02])


def test_a_package_that_is_missing_is_named_and_sinks_nothing():
    def needs_it():
        raise ImportError("no", name="ipfn")

    found = check(Figure("raking", "0", "ipfn", needs_it))
    assert found.status == "not run"
    assert found.reason == "needs the package 'ipfn'"
    assert math.isnan(found.ours)


def test_a_figure_known_not_to_be_reproducible_shows_its_difference():
    found = check(Figure("a slip", "1.0", "somewhere", lambda: 2.0, reason="misprint"))
    assert (found.status, found.difference) == ("not reproducible", 1.0)


def test_a_wrong_figure_fails():
    assert check(Figure("pi", "3.14", "Archimedes", lambda: 3.2)).status == "fail"
    assert check(Figure("nothing", "3.14", "nobody", lambda: float("nan"))).status == "fail"


@pytest.mark.parametrize("found", verify(), ids=lambda found: found.what)
def test_every_figure_is_reproduced_or_explained(found):
    if found.status == "not run":
        pytest.skip(found.reason)
    assert found.status == "pass" or (found.status == "not reproducible" and found.reason)


def test_no_two_figures_have_one_name():
    names = [found.what for found in verify()]
    assert len(set(names)) == len(names)


# the last poll of each institute, percent, in the order of FINAL_WEEK_CANDIDATES
LAST_POLLS = {
    "BVA": [23.0, 23.0, 19.0, 19.5, 8.0, 4.0],
    "Elabe": [24.0, 21.5, 20.0, 19.5, 7.0, 4.0],
    "Harris Interactive": [24.5, 21.0, 20.0, 19.0, 7.5, 4.0],
    "Ifop": [24.5, 22.5, 19.5, 18.5, 7.0, 4.0],
    "Ipsos": [24.0, 22.0, 19.0, 19.0, 7.5, 4.0],
    "Kantar Sofres": [24.0, 23.0, 18.5, 18.0, 8.0, 4.0],
    "Odoxa": [24.5, 23.0, 19.0, 19.0, 7.5, 4.5],
    "OpinionWay": [23.0, 22.0, 21.0, 18.0, 8.0, 4.0],
    "Scan Research / Le Terrain": [24.0, 21.5, 17.5, 22.0, 8.0, 3.5],
}
VOTES = [8_656_346, 7_678_491, 7_212_995, 7_059_951, 2_291_288, 1_695_000]


def test_the_last_polls_of_2017_err_as_published():
    shares = np.array(list(LAST_POLLS.values())) / 100
    figures = final_week_figures(shares, np.array(VOTES) / 36_054_394)
    assert len(figures) == len(FINAL_WEEK_CANDIDATES)
    checked = [check(figure) for figure in figures]
    assert [found.status for found in checked].count("pass") == 4
    # Le Pen and Hamon agree to one unit of the last digit, which seems to have been cut
    assert all(abs(found.difference) < 0.01 for found in checked)


def test_elections_weigh_alike_in_the_error_by_horizon():
    # fr2012 errs by .03 in four rows, fr2017 by .01 in one: sqrt((9 + 1) / 2)
    figures = horizon_figures(
        ["fr2012"] * 4 + ["fr2017", "fr2017"], [1] * 5 + [200], [0.03] * 4 + [0.01, 0.05]
    )
    assert figures[0].compute() == pytest.approx(np.sqrt(5))
    assert figures[4].compute() == pytest.approx(5)
    assert math.isnan(figures[2].compute())
    assert check(figures[0]).status == "not reproducible"

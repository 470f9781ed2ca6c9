"""Published figures, and the check of ours against them."""

import math
import re

import pandas as pd
import pytest

from bench.cli.commands import verify as command
from bench.core.errors import ForecastError
from bench.studies.published_figures import by_fact, horizon_figures, verify
from bench.studies.published_figures.figure import Figure, check
from bench.studies.published_figures.polls import running_errors


def polls(**changes):
    columns = {"election": ["fr2012"], "round": [1], "days_before": [1], "error": [0.03]}
    return pd.DataFrame({**columns, **changes})


def test_errors_without_a_column_or_a_value_are_refused():
    with pytest.raises(ForecastError, match="missing \\['round'\\]"):
        horizon_figures(polls().drop(columns="round"))
    with pytest.raises(ForecastError, match="missing values"):
        horizon_figures(polls(error=[float("nan")]))


def test_a_package_that_is_missing_is_named_and_sinks_nothing():
    def needs_it():
        raise ImportError("no", name="ipfn")

    found = check(Figure("raking", "0", "ipfn", needs_it))
    assert found.status == "not run"
    assert found.reason == "needs the package 'ipfn'"
    assert math.isnan(found.ours)


def test_a_figure_that_differs_for_a_reason_has_neither_passed_nor_failed():
    def status(ours: float) -> str:
        return check(Figure("a slip", "1.0", "somewhere", lambda: ours, because="misprint")).status

    assert status(2.05) == "differs"
    assert status(1.0) == "pass"
    assert status(float("nan")) == "FAIL"


def test_a_wrong_figure_fails():
    assert check(Figure("pi", "3.14", "Archimedes", lambda: 3.2)).status == "FAIL"
    assert check(Figure("nothing", "3.14", "nobody", lambda: float("nan"))).status == "FAIL"


@pytest.mark.parametrize("found", verify(), ids=lambda found: found.what)
def test_every_figure_is_reproduced_or_says_why_not(found):
    if found.status == "not run":
        pytest.skip(found.reason)
    assert found.status == "pass" or (found.status == "differs" and found.reason)


def test_no_two_figures_have_one_name():
    names = [found.what for found in verify()]
    assert len(set(names)) == len(names)


def test_figures_that_follow_from_one_another_are_one_fact():
    found = verify()
    facts = by_fact(found)
    of = {item.what: item.fact for item in found}
    # A' and its errors gave the counts away: 18 figures, and B is the mean of |A'|
    assert list(of.values()).count("France 2012, one poll: A'") == 19
    # eight polls with four different shares, each as A and as exp(A), and their mean
    runoff = [fact for what, fact in of.items() if "runoff" in what]
    assert (len(runoff), len(set(runoff))) == (17, 4)
    assert len({fact for what, fact in of.items() if "rho" in what}) == 1
    assert len(facts) < len(found) / 2


def test_the_running_mean_goes_over_the_rows_of_both_rounds():
    rows = polls(election="a", round=[1, 2, 1], days_before=[3, 2, 1], error=[0.03, -0.06, 0.0])
    assert running_errors(rows)["error"].tolist() == pytest.approx([0.03, 0.03])


def test_rows_weigh_alike_in_the_error_by_horizon():
    rows = polls(
        election=["a", "b", "c", "c"],
        round=1,
        days_before=[1, 1, 1, 200],
        error=[0.03, -0.03, -0.03, 0.05],
    )
    found = horizon_figures(rows)
    # the row of day 1 of election c is the mean of .05 and .03
    assert found[0].compute() == pytest.approx(math.sqrt((9 + 9 + 16) / 3))
    assert found[4].compute() == pytest.approx(5)
    assert math.isnan(found[2].compute())
    assert check(found[2]).status == "FAIL"


def test_a_poll_that_a_rule_dates_after_the_vote_still_has_an_error():
    errors = command.poll_errors()
    # Ifop's of 27 May 1969, five days before the vote
    late = errors["election"].eq("fr1969") & errors["round"].eq(1) & errors["days_before"].eq(5)
    assert late.any()


def test_the_command_counts_facts_and_figures_and_succeeds(capsys):
    assert command.main(["--failures"]) == 0
    printed = capsys.readouterr().out
    assert re.search(r"    published 5\.11, ours [\d.]+, because ", printed)
    *_, last = printed.splitlines()
    assert re.match(r"\d+ independent facts \(.*\), \d+ figures \(.*pass.*\)$", last)
    assert "FAIL" not in last

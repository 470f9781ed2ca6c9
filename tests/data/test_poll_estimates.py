"""Estimates from polls compared: the vote itself has no say in what is chosen for it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tools.error_calibration import main
from tools.poll_estimates import BASE, compared, learned


def test_a_choice_is_made_by_the_clusters_of_earlier_days_alone() -> None:
    loss = np.array([[0.0, 9.0], [9.0, 0.0], [1.0, 0.5], [5.0, 0.5]])
    clusters = ["FR 2001-01-01", "DE 2001-01-01", "DE 2000-01-01", "FR 2002-01-01"]
    # the first has nothing to learn from; the two of one day do not teach each other
    assert learned(loss, clusters, 0) == [1, 1, 0, 1]
    assert learned(loss, clusters, 1)[2] == 1
    loss[-1] = [0.0, 99.0]
    assert learned(loss, clusters, 0) == [1, 1, 0, 1], "its own loss has no say"


def test_differences_are_means_over_clusters_of_means_over_moments() -> None:
    rows = pd.DataFrame(
        [
            {"method": m, "election": e, "round": 1, "cluster": c, "days": d, "two": False}
            | {"crps_pp": v, "in_90": 1.0}
            for e, c, d, base, rest in (
                ("x", "XX 2000", 7, 1.0, 0.5),
                ("x", "XX 2000", 2, 1.0, 1.0),
                ("y", "YY 2001", 7, 2.0, 2.5),
                ("z", "YY 2001", 7, 2.0, 2.1),
            )
            for m, v in ((BASE, base), ("other", rest))
        ]
    )
    lines = compared(rows).splitlines()
    # -0.25 of the first day of voting, +0.3 of the second
    assert lines[-1].startswith("| other | -0.100 [")
    assert "| +0.025 [" in lines[-1]
    assert "| 3, 2 | 1, 1 | 3, 2 |" in lines[3]


def test_a_run_prints_the_tables(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--estimates", "--first", "2013-09-22", "--last", "2013-09-22"])
    printed = capsys.readouterr().out
    assert "### Ballots of three and more" in printed
    assert "| tracker | " in printed
    assert "| votes, election days | 2, 1 |" in printed

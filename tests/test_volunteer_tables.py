"""Tables of the pages on apps and volunteers are those that the data give."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

from tools.volunteer_tables import DOCS, groups, pooling, powers, ways


@pytest.mark.parametrize(
    ("page", "make"), [("apps", powers), ("volunteers", groups), ("volunteers", ways)]
)
def test_what_no_run_holds_is_on_its_page_as_computed(page: str, make: Callable[[], str]) -> None:
    text = (DOCS / f"{page}.md").read_text(encoding="utf-8")
    assert f"<!-- {make.__name__} -->\n{make()}\n<!-- /{make.__name__} -->" in text


def test_sizes_and_errors_of_a_simulation_by_hand() -> None:
    from bench.data.task import Task

    share = Task("fr2017", 1, "2017-04-21").outcome().share
    rows = []
    for name, off in (("app_ratings", 0.011), ("app_raked", 0.0), ("app_multilevel", 0.0)):
        for sign in (1, -1):
            said = share + sign * off
            rows.append({"dose": 0.9, "predictor": name, **said.to_dict()})
    lines = pooling(pd.DataFrame(rows)).splitlines()
    assert lines[2] == "| 10 % | 1.10 ± 0.00 | 0.00 ± 0.00 | 0.00 ± 0.00 |"

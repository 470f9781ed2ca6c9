"""Votes outside France beside second sources."""

from __future__ import annotations

import pandas as pd

from tools.second_source import compared, drawn, population, second_source


def test_outcomes_are_those_of_the_second_sources() -> None:
    table = second_source()
    votes = table["election"] + "#" + table["round"].astype(str)
    rows = pd.concat([compared(vote, rows_of_vote) for vote, rows_of_vote in table.groupby(votes)])
    far = rows[rows["points"].abs() > 0.05]
    # what is left over of shares rounded to a tenth
    assert [tuple(r) for r in far[["vote", "candidate"]].itertuples(index=False)] == [
        ("at2017#1", "others")
    ]
    counted = rows.dropna(subset=["ours", "theirs"])
    unequal = counted[counted["ours"] != counted["theirs"]]
    assert set(unequal["vote"]) == {
        *("gb1955#1", "gb1974_10#1", "gb1997#1", "us1936/president/ar#1", "us2008/governor/mo#1")
    }


def test_what_was_checked_was_drawn() -> None:
    table = second_source()
    checked = set(table["election"] + "#" + table["round"].astype(str))
    # an election that ships later may take the place of some of them
    assert len(checked & set(drawn(population()))) >= 50
    assert table["address"].str.startswith("http").all()
    assert (table["votes"].notna() ^ table["percent"].notna()).all()

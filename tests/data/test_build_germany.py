"""Polls of the Bundestag from two tables, results of the Länder, searches on one scale."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from bench.core.errors import DataError
from tools.build_datasets.collections import germany
from tools.build_datasets.collections.bundestag import RAW_AFD, RAW_ALL, bundestag_polls

pytestmark = pytest.mark.golden  # a converter of raw sources that lie elsewhere

FIVE: dict[str, float] = {"cdu": 38, "spd": 40, "fdp": 6, "gru": 7, "lin": 4, "oth": 5}
OTHER_NAMES = {"cdu": "CDU/CSU", "spd": "SPD", "fdp": "FDP", "gru": "GRÜNE", "lin": "LINKE"}
THERE = {{**OTHER_NAMES, "oth": "Sonstige"}[party]: share for party, share in FIVE.items()}


def first(name: str, day: str | None, shares: dict[str, float], year: int = 1998) -> pd.DataFrame:
    rows = second(name, day, shares, year=year).rename(columns={"forecast": "support"})
    return rows.assign(imp_sample_size=1.0, voteshare=30.0, days_to_election=10.0)


def second(
    name: str,
    day: str | None,
    shares: dict[str, float],
    *,
    year: int = 1998,
    period: str | None = None,
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "election": year,
            "date": day,
            "institute": name.strip("0123456789"),
            "sample_size": 1000.0,
            "period": period,
            "party": list(shares),
            "forecast": [float(share) for share in shares.values()],
            "result": 30.0,
            "poll_id": f"{year}{name}",
        }
    )


def merged(
    folder: Path, one: list[pd.DataFrame], two: list[pd.DataFrame]
) -> tuple[pd.DataFrame, dict[str, int]]:
    for name, rows in ((RAW_ALL, one), (RAW_AFD, two)):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        pd.concat(rows).to_parquet(folder / name)
    polls, left_out = bundestag_polls(folder)
    return polls, dict(left_out)


ONE_POLL = first("forsa1", "1998-09-01", FIVE)


@pytest.mark.parametrize(
    ("one", "two", "words"),
    [
        ([ONE_POLL, ONE_POLL], THERE, "names a party twice"),
        ([ONE_POLL], {**THERE, "SPD": 55}, r"add up to 110\.0"),
    ],
)
def test_what_a_poll_cannot_say_is_refused(
    tmp_path: Path, one: list[pd.DataFrame], two: dict[str, float], words: str
) -> None:
    with pytest.raises(DataError, match=words):
        merged(tmp_path, one, [second("emnid9", "1998-08-01", two)])


def test_a_poll_of_both_tables_counts_once_and_keeps_the_detail(tmp_path: Path) -> None:
    detail = {**THERE, "AfD": 3, "Sonstige": 2}
    polls, left_out = merged(
        tmp_path,
        [first("forsa1", "2013-09-03", FIVE, 2013)],
        [second("forsa7", "2013-09-03", detail, year=2013, period="28.08.–02.09.")],
    )
    assert len(polls) == 1
    assert polls.loc[0, "afd"] == 3
    assert polls.loc[0, "start"] == pd.Timestamp("2013-08-28")
    assert polls.loc[0, "end"] == pd.Timestamp("2013-09-02")
    assert left_out["of the first table, held by the second too"] == 1


def test_a_month_counts_once_and_from_its_last_day(tmp_path: Path) -> None:
    months = [
        first("politbarometer1", "1997-10-15", FIVE),
        first("politbarometer2", "1997-07-15", {**FIVE, "spd": 41, "oth": 4}),
    ]
    polls, _ = merged(tmp_path, months, [second("politbarometer9", "1997-10-31", THERE)])
    assert polls["day"].dt.date.astype(str).tolist() == ["1997-07-31", "1997-10-31"]
    assert not polls["stated"].any()
    # equal shares of another month are another poll
    polls, _ = merged(tmp_path, [ONE_POLL], [second("forsa9", "1998-08-01", THERE)])
    assert len(polls) == 2


def test_polls_without_a_day_or_figures_and_rows_given_twice_are_left_out(tmp_path: Path) -> None:
    polls, left_out = merged(
        tmp_path,
        [first("emnid1", None, FIVE)],
        [
            second("emnid1", None, THERE),
            second("forsa1", "1998-09-01", {"Sonstige": 0}),
            second("insa1", "1998-09-02", THERE),
            second("insa2", "1998-09-02", THERE),
        ],
    )
    assert polls["poll_id"].tolist() == ["1998insa1"]
    assert left_out["no date"] == 1
    assert left_out["names no party (a range instead of figures)"] == 1
    assert left_out["the same row twice"] == 1


def test_afd_is_chained_through_the_parties_of_both_query_sets(tmp_path: Path) -> None:
    table = pd.DataFrame(
        {
            "query_set": ["cdu", "cdu", "afd", "afd", "sonst"],
            "party": ["cdu_csu", "spd", "cdu_csu", "afd", "others"],
            "hits_mean": [20.0, 10.0, 10.0, 4.0, 9.0],
        }
    )
    (tmp_path / germany.RAW_SEARCH).parent.mkdir(parents=True)
    table.assign(election=2017, day="2017-09-01", keyword="x").to_parquet(
        tmp_path / germany.RAW_SEARCH
    )
    searches = germany._searches(tmp_path, {"de2017"}).set_index("candidate")["value"].to_dict()
    assert searches == {"cdu_csu": 20.0, "spd": 10.0, "afd": 8.0}  # 4 · 20/10
    with pytest.raises(DataError, match="without polls"):
        germany._searches(tmp_path, {"de2013"})


def federal_results(folder: Path, spd: float) -> dict[int, dict[str, float]]:
    shares = [35.1, 40.9, 6, 7, 5, 6]
    parlgov = pd.DataFrame(
        {
            "country_name_short": "DEU",
            "election_type": "parliament",
            "election_date": "1998-09-27",
            "party_name_short": ["CDU", "CSU", "SPD"],
            "vote_share": [28.4, 6.7, spd],
        }
    )
    for name, rows in (
        (RAW_ALL, ONE_POLL.assign(voteshare=shares)),
        (RAW_AFD, second("forsa1", "1998-09-01", THERE).assign(result=shares)),
        (germany.RAW_PARLGOV, parlgov),
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        rows.to_parquet(folder / name)
    return germany._federal_results(folder)


def test_results_that_two_sources_give_differently_are_refused(tmp_path: Path) -> None:
    assert federal_results(tmp_path, 40.9)[1998]["spd"] == pytest.approx(0.409)
    with pytest.raises(DataError, match=r"1998 spd: ParlGov is 1\.00 points off"):
        federal_results(tmp_path, 41.9)

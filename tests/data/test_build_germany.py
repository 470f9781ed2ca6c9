"""Polls of the Bundestag from two tables, results of the Länder, searches on one scale."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from bench.core.errors import DataError
from tools.build_datasets.collections import germany
from tools.build_datasets.collections.bundestag import RAW_AFD, RAW_ALL, bundestag_polls

FIVE: dict[str, float] = {"cdu": 38, "spd": 40, "fdp": 6, "gru": 7, "lin": 4, "oth": 5}
THERE: dict[str, float] = {
    "CDU/CSU": 38,
    "SPD": 40,
    "FDP": 6,
    "GRÜNE": 7,
    "LINKE": 4,
    "Sonstige": 5,
}


def first(name: str, day: str | None, shares: dict[str, float], year: int = 1998) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "election": year,
            "party": list(shares),
            "institute": name.strip("0123456789"),
            "date": day,
            "sample_size": 1000.0,
            "imp_sample_size": 1.0,
            "poll_id": f"{year}{name}",
            "support": [float(share) for share in shares.values()],
            "voteshare": 30.0,
            "days_to_election": 10.0,
        }
    )


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


def test_a_party_named_twice_by_one_poll_is_refused(tmp_path: Path) -> None:
    twice = first("forsa1", "1998-09-01", FIVE)
    with pytest.raises(DataError, match="names a party twice"):
        merged(tmp_path, [twice, twice], [second("forsa9", "1998-08-01", THERE)])


def test_shares_of_far_more_than_all_votes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"add up to 110\.0"):
        merged(
            tmp_path,
            [first("forsa1", "1998-09-01", FIVE)],
            [second("emnid1", "1998-08-01", {**THERE, "SPD": 55})],
        )


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
    polls, _ = merged(
        tmp_path,
        [
            first("politbarometer1", "1997-10-15", FIVE),
            first("politbarometer2", "1997-07-15", {**FIVE, "spd": 41, "oth": 4}),
        ],
        [second("politbarometer9", "1997-10-31", THERE)],
    )
    assert polls["day"].dt.date.astype(str).tolist() == ["1997-07-31", "1997-10-31"]
    assert not polls["stated"].any()


def test_equal_shares_of_another_month_are_another_poll(tmp_path: Path) -> None:
    polls, _ = merged(
        tmp_path,
        [first("forsa1", "1998-06-01", FIVE)],
        [second("forsa9", "1998-08-01", THERE)],
    )
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
    rows = [
        ("cdu", "cdu_csu", 20.0),
        ("cdu", "spd", 10.0),
        ("afd", "cdu_csu", 10.0),
        ("afd", "afd", 4.0),
        ("sonst", "others", 9.0),
    ]
    table = pd.DataFrame(rows, columns=["query_set", "party", "hits_mean"])
    table = table.assign(election=2017, day="2017-09-01", keyword="x")
    (tmp_path / germany.RAW_SEARCH).parent.mkdir(parents=True)
    table.to_parquet(tmp_path / germany.RAW_SEARCH)
    made = germany._searches(tmp_path, {"de2017"})
    assert made.set_index("candidate")["value"].to_dict() == {
        "cdu_csu": 20.0,
        "spd": 10.0,
        "afd": 8.0,  # 4 · 20/10
    }
    with pytest.raises(DataError, match="without polls"):
        germany._searches(tmp_path, {"de2013"})


def federal_results(folder: Path, spd: float) -> dict[int, dict[str, float]]:
    for name, rows in (
        (RAW_ALL, first("forsa1", "1998-09-01", FIVE).assign(voteshare=[35.1, 40.9, 6, 7, 5, 6])),
        (RAW_AFD, second("forsa1", "1998-09-01", THERE).assign(result=[35.1, 40.9, 6, 7, 5, 6])),
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        rows.to_parquet(folder / name)
    parlgov = pd.DataFrame(
        {
            "country_name_short": "DEU",
            "election_type": "parliament",
            "election_date": "1998-09-27",
            "party_name_short": ["CDU", "CSU", "SPD"],
            "vote_share": [28.4, 6.7, spd],
        }
    )
    (folder / germany.RAW_PARLGOV).parent.mkdir(parents=True, exist_ok=True)
    parlgov.to_parquet(folder / germany.RAW_PARLGOV)
    return germany._federal_results(folder)


def test_results_that_two_sources_give_differently_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"1998 spd: ParlGov is 1\.00 points off"):
        federal_results(tmp_path, 41.9)


def test_results_that_agree_are_fractions(tmp_path: Path) -> None:
    assert federal_results(tmp_path, 40.9)[1998]["spd"] == pytest.approx(0.409)


@pytest.mark.parametrize(
    ("given", "repaired"),
    [("UniversitÃ¤tHamburg", "UniversitätHamburg"), ("Märkische", "Märkische"), ("", None)],
)
def test_text_read_in_the_wrong_encoding_is_repaired(given: str, repaired: str | None) -> None:
    assert germany._repaired(given) == repaired

"""Polls of the Bundestag, its results and searches: what two tables cannot both say."""

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


def poll(name: str, day: str, shares: dict[str, float]) -> pd.DataFrame:
    """One poll as the table with AfD has it."""
    return pd.DataFrame(
        {
            "election": 1998,
            "date": day,
            "institute": name.strip("0123456789"),
            "sample_size": 1000.0,
            "period": None,
            "party": list(shares),
            "forecast": [float(share) for share in shares.values()],
            "result": 30.0,
            "poll_id": f"1998{name}",
        }
    )


ONE_POLL = (  # as the table of all parties has it
    poll("forsa1", "1998-09-01", FIVE)
    .rename(columns={"forecast": "support"})
    .assign(imp_sample_size=1.0, voteshare=30.0, days_to_election=10.0)
)


@pytest.mark.parametrize(
    ("of_all", "shares_of_afd", "words"),
    [
        ([ONE_POLL, ONE_POLL], THERE, "names a party twice"),
        ([ONE_POLL], {**THERE, "SPD": 55}, r"add up to 110\.0"),
    ],
)
def test_what_a_poll_cannot_say_is_refused(
    tmp_path: Path, of_all: list[pd.DataFrame], shares_of_afd: dict[str, float], words: str
) -> None:
    of_afd = poll("emnid9", "1998-08-01", shares_of_afd)
    for name, rows in ((RAW_ALL, pd.concat(of_all)), (RAW_AFD, of_afd)):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        rows.to_parquet(tmp_path / name)
    with pytest.raises(DataError, match=words):
        bundestag_polls(tmp_path)


def test_searches_of_an_election_without_polls_are_refused(tmp_path: Path) -> None:
    (tmp_path / germany.RAW_SEARCH).parent.mkdir(parents=True)
    search = {"query_set": "cdu", "party": "spd", "hits_mean": 10.0, "election": 2017}
    rows = pd.DataFrame([search | {"day": "2017-09-01", "keyword": "x"}])
    rows.to_parquet(tmp_path / germany.RAW_SEARCH)
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
        (RAW_AFD, poll("forsa1", "1998-09-01", THERE).assign(result=shares)),
        (germany.RAW_PARLGOV, parlgov),
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        rows.to_parquet(folder / name)
    return germany._federal_results(folder)


def test_results_that_two_sources_give_differently_are_refused(tmp_path: Path) -> None:
    assert federal_results(tmp_path, 40.9)[1998]["spd"] == pytest.approx(0.409)
    with pytest.raises(DataError, match=r"1998 spd: ParlGov is 1\.00 points off"):
        federal_results(tmp_path, 41.9)

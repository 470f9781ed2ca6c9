"""Names of American races, their titles and days."""

from __future__ import annotations

import pandas as pd

from tools.build_datasets.files import TABLES, read_raw

_STATES = read_raw(TABLES / "states.csv")
STATES = dict(zip(_STATES["code"], _STATES["name"], strict=True))
CODES = {name: code for code, name in STATES.items()}
DISTRICTS = {"M": "me", "N": "ne"}  # 538 calls the districts that choose electors M1, M2, N1 …
OFFICES = {
    "president": "President of the United States",
    "senate": "United States Senate",
    "governor": "Governor",
    "house": "United States House",
}
SUFFIXES = {
    "_special_runoff": "runoff of the special election",
    "_special_open": "open primary of the special election",
    "_special": "special election",
    "_runoff": "runoff",
    "_open": "open primary",
}


def race_name(year: int, office: str, area: str = "", suffix: str = "") -> str:
    """The name of a race.

    Examples
    --------
    >>> race_name(2016, "president"), race_name(2018, "house", "AZ-2", "_special")
    ('us2016/president', 'us2018/house/az_02_special')
    >>> race_name(2020, "president", "N2"), race_name(2020, "senate", "GA", "_runoff")
    ('us2020/president/ne_02', 'us2020/senate/ga_runoff')
    """
    place, _, number = area.partition("-")
    if len(place) == 2 and place[1].isdigit():
        place, number = DISTRICTS[place[0]], place[1]
    place = place.lower() + (f"_{int(number):02d}" if number else "")
    return f"us{year}/{office}" + (f"/{place}{suffix}" if place else suffix)


def race_names(
    years: int | pd.Series, office: str, areas: str | pd.Series = "", suffixes: str | pd.Series = ""
) -> list[str]:
    """The names of many races; what is one for all is said once.

    Examples
    --------
    >>> race_names(pd.Series(["1992", "1996"]), "president")
    ['us1992/president', 'us1996/president']
    >>> race_names(2016, "senate", pd.Series(["AZ", "CA"]))
    ['us2016/senate/az', 'us2016/senate/ca']
    """
    rows = pd.DataFrame({"year": years, "area": areas, "suffix": suffixes})
    return [race_name(int(year), office, *rest) for year, *rest in rows.itertuples(index=False)]


def parts_of(election: str) -> tuple[int, str, str, str]:
    """Year, office, area (such as AZ or AZ-02) and suffix of a race.

    Examples
    --------
    >>> parts_of("us2018/house/az_02_special")
    (2018, 'house', 'AZ-02', '_special')
    >>> parts_of("us2016/president")
    (2016, 'president', '', '')
    """
    year, office, place = (*election.split("/"), "")[:3]
    suffix = next((end for end in SUFFIXES if place.endswith(end)), "")
    area = place.removesuffix(suffix).upper().replace("_", "-")
    return int(year.removeprefix("us")), office, area, suffix


def title_of(election: str) -> str:
    """What people read.

    Examples
    --------
    >>> title_of("us2018/house/az_02_special")
    'United States House, Arizona district 2, 2018, special election'
    >>> title_of("us2016/president")
    'President of the United States, popular vote, 2016'
    """
    year, office, area, suffix = parts_of(election)
    state, _, number = area.partition("-")
    place = STATES[state] if state else "popular vote"
    place += f" district {int(number)}" if number else ""
    ending = f", {SUFFIXES[suffix]}" if suffix else ""
    return f"{OFFICES[office]}, {place}, {year}{ending}"


def general_election(year: int) -> pd.Timestamp:
    """The Tuesday after the first Monday of November.

    Examples
    --------
    >>> str(general_election(2016).date()), str(general_election(2022).date())
    ('2016-11-08', '2022-11-08')
    """
    first = pd.Timestamp(year, 11, 1)
    return first + pd.Timedelta(days=(7 - first.weekday()) % 7 + 1)

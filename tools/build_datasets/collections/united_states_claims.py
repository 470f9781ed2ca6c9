"""Prices of markets and published forecasts of American races, as chances and vote shares."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from tools.build_datasets.collections.united_states_places import (
    CODES,
    STATES,
    race_name,
    race_names,
)
from tools.build_datasets.files import read_raw, require, slug

MARKETS = "many/markets"
MODELS = "many/forecasts_published"
MARKET_DAYS = 60
DAILY_DAYS, WEEK = 14, 7  # forecasts: every day of the last fortnight, before that every week
NOON, NIGHT = pd.Timedelta(hours=12), pd.Timedelta(days=1) - pd.Timedelta(minutes=1)
PARTIES = {
    "Democratic": "dem",
    "Democratic or DFL": "dem",
    "Republican": "rep",
    "Libertarian": "lib",
    "D": "dem",
    "R": "rep",
}
# Markets on who holds the seat after a runoff, or which quote the Democrats' nominee twice
NOT_THE_BALLOT = frozenset({"GA-S2", "GA-S3", "AK-S2", "LA-S2"})
RUNOFFS = {
    "LASEN16": ("us2016/senate/la_runoff", "2016-11-09"),
    "SPEC.MSSEN.18": ("us2018/senate/ms_special_runoff", "2018-11-07"),
}
RACES_BY_HAND = {
    "PARTY.MNSEN.18": "us2018/senate/mn_special",
    "RUNOFF.CA.SEN16": "us2016/senate/ca",
}
SECOND_SEATS = {"MN-S2": "us2018/senate/mn_special", "MS-S2": "us2018/senate/ms_special_runoff"}
TOO_SMALL = {"pollsavvy": 100}  # its chances were divided by 100 once too often
MISPRINTS = {
    ("Colorado", "Bennett"): "Bennet",
    ("Colorado", "Schaeffer"): "Schaffer",
    ("Delaware", "O'Connell"): "O'Donnell",
    ("Georgia", "Chambilss"): "Chambliss",
    ("Indiana", "Lingle"): "Mourdock",  # Lingle stood in Hawaii; the other chance is Donnelly's
    ("Louisiana", "Landireu"): "Landrieu",
    ("Maryland", "Murkowski"): "Mikulski",
    ("Nevada", "Berkeley"): "Berkley",
    ("Rhode Island", "Hinkley"): "Hinckley",
    ("Utah", "Lowell"): "Howell",
    ("Wyoming", "Chestnut"): "Chesnut",
}
# The file exchanges the names: Glassman for McCain, Thompson for Baldwin, seats won included. The
# publisher gave McCain 1.00 and Baldwin 0.79; its misses of 2012 were Montana and North Dakota.
SWAPPED = frozenset({(2010, "Arizona"), (2012, "Wisconsin")})
THREE_WAY = frozenset({"us2016/president/ut"})  # a third candidate had a chance


def predictit(source: Path, ballots: pd.DataFrame) -> pd.DataFrame:
    """Last price of each day of the last 60 days before the vote.

    A market on the party is preferred to one on the member's return. Of the latter only those
    count whose member stood, and the opponent's chance is the complement.
    """
    quotes = pd.concat([_markets_2016_2018(source, ballots), _markets_2020(source)])
    quotes = _on_the_ballot(quotes, ballots)
    lead = (quotes["vote_on"] - quotes["day"]).dt.days
    quotes = quotes[lead.between(1, MARKET_DAYS) & quotes["share"].notna()]
    best = quotes.groupby("election")["rank"].transform("min")
    quotes = quotes[quotes["rank"].eq(best)]
    return _claims(quotes, "predictit", "win_probability", "predictit")


def _markets_2016_2018(source: Path, ballots: pd.DataFrame) -> pd.DataFrame:
    markets = read_raw(source / MARKETS / "predictit_2016_2018_contracts.csv")
    daily = read_raw(source / MARKETS / "predictit_2016_2018_daily.parquet")
    daily["day"] = pd.to_datetime(daily["date"])
    by_market = dict(list(daily.groupby(daily["market_id"].astype(str))))
    people_of = dict(list(ballots.groupby("election")))
    parts = []
    for row in markets.drop_duplicates("market_id").to_dict("records"):
        election = race_of_market(str(row["symbol"]), int(row["cycle"]), str(row["market"]))
        if election not in people_of:
            continue
        people, prices = people_of[election], by_market[str(row["market_id"])]
        if row["symbol"] in RUNOFFS:
            prices = prices[prices["day"] >= pd.Timestamp(RUNOFFS[row["symbol"]][1])]
        given = prices[["day", "contract"]].assign(election=election, share=prices["close"])
        if given["contract"].isna().any():
            parts.append(_return_of_member(given, people, str(row["market"])))
            continue
        slug_of = PARTIES | dict(zip(people["name"], people["candidate"], strict=True))
        parts.append(given.assign(candidate=given["contract"].map(slug_of), basis="quoted", rank=1))
    return pd.concat(parts)


def race_of_market(symbol: str, cycle: int, question: str) -> str:
    """The race that a market pays on; empty where it pays on no single race.

    Examples
    --------
    >>> race_of_market("GARRETT.NJ5.2016", 2016, "Will Scott Garrett be re-elected …?")
    'us2016/house/nj_05'
    >>> race_of_market("AKAL.2018", 2018, "Which party … in Alaska's at-large district?")
    'us2018/house/ak_01'
    >>> race_of_market("FEIN.AZSENATE.2018", 2018, "Will … the U.S. Senate in California in 2018?")
    'us2018/senate/ca'
    """
    if symbol in RUNOFFS:
        return RUNOFFS[symbol][0]
    if symbol in RACES_BY_HAND:
        return RACES_BY_HAND[symbol]
    if "Senate" in question:
        named = re.search("|".join(sorted(CODES, key=len, reverse=True)), question)
        return race_name(cycle, "senate", CODES[named[0]]) if named else ""
    district = re.search(r"(?:^|\.)([A-Z]{2})(\d{1,2}|AL)G?\.20", symbol)
    if not district or district[1] not in STATES:
        return ""
    number = re.search(r"(\d+)(?:st|nd|rd|th) district", question)
    same = number is None or district[2].lstrip("0") == number[1]
    require(same, symbol, f"the question is about another district: {question}")
    return race_name(cycle, "house", f"{district[1]}-{district[2].replace('AL', '1')}")


def _return_of_member(given: pd.DataFrame, people: pd.DataFrame, question: str) -> pd.DataFrame:
    words = slug(question.partition(" be re-elected")[0]).split("_")[1:]
    stands = [bool(set(words[1:]) & set(slug(name).split("_")[1:])) for name in people["name"]]
    if sum(stands) != 1:
        return given.iloc[:0]
    member, opponent = people["candidate"].iloc[[stands.index(True), stands.index(False)]]
    return pd.concat(
        [
            given.assign(candidate=member, basis="quoted", rank=2),
            given.assign(candidate=opponent, basis="derived", rank=2, share=1 - given["share"]),
        ]
    )


def _markets_2020(source: Path) -> pd.DataFrame:
    raw = read_raw(source / MARKETS / "predictit_2020_races_daily.parquet")
    raw = raw[~raw["race"].isin(NOT_THE_BALLOT)]
    return pd.DataFrame(
        {
            "election": _races(raw["race"], 2020),
            "day": pd.to_datetime(raw["day"]),
            "candidate": raw["contract"].map(PARTIES),
            "share": raw["close"].astype(float),
            "basis": "quoted",
            "rank": 1,
        }
    )


def _races(codes: pd.Series, year: int) -> pd.Series:
    return codes.map({code: _race_of_code(code, year) for code in codes.unique()})


def _race_of_code(code: str, year: int) -> str:
    """The race that codes such as AZ-S1, AK-P0, ME-P2, NY-G1 and CA-25 mean."""
    if year == 2018 and code in SECOND_SEATS:
        return SECOND_SEATS[code]
    state, _, seat = code.partition("-")
    office = {"P": "president", "S": "senate", "G": "governor"}.get(seat[0])
    if office is None:
        return race_name(year, "house", code)
    number = seat[1:] if office == "president" and seat != "P0" else ""
    special = "_special" if (year, code) == (2020, "AZ-S3") else ""
    return race_name(year, office, f"{state}-{number}" if number else state, special)


def models_2016(source: Path, ballots: pd.DataFrame) -> pd.DataFrame:
    """Eight forecasters by state: last forecasts of both sides, daily ones of the Democrat."""
    last = read_raw(source / MODELS / "us2016_eight_forecasters_final_by_state.csv")
    last = last[last["party"].isin(["D", "R"])]
    numbers = last[["win_prob", "est_share", "est_share_2p"]].astype(float)
    last[numbers.columns] = numbers
    last["candidate"] = last["party"].map(PARTIES)
    offices = last["office"].map({"P": "president", "S": "senate"})
    last["election"] = [race_name(2016, o, s) for o, s in zip(offices, last["state"], strict=True)]
    last["win_prob"] *= last["model"].map(TOO_SMALL).fillna(1)
    stated = last.groupby(["model", "election"])["est_share"].transform("sum")
    last["of_two"] = last["est_share_2p"].fillna(last["est_share"] / stated.where(stated > 0))
    last["share_basis"] = last["est_share_2p"].notna().map({True: "quoted", False: "derived"})
    last["chance_basis"] = "quoted"
    daily = read_raw(source / MODELS / "us2016_state_forecasts_by_day_dem.parquet")
    daily = daily[daily["state"].isin(list(STATES)) & daily["date"].ne(last["date"].iloc[0])]
    daily = daily.rename(columns={"est_share_2p": "of_two"})
    daily["election"] = race_names(2016, "president", daily["state"])
    both = []
    for candidate, basis in (("dem", "quoted"), ("rep", "derived")):
        side = daily.assign(candidate=candidate, chance_basis=basis, share_basis=basis)
        if candidate == "rep":
            side["of_two"] = 1 - side["of_two"]
            side["win_prob"] = (1 - side["win_prob"]).where(~side["election"].isin(THREE_WAY))
        both.append(side)
    rows = pd.concat([last, *both], ignore_index=True)
    rows["day"] = pd.to_datetime(rows["date"])
    rows = _on_the_ballot(rows, ballots)
    rows = rows[thinned(rows["day"], rows["vote_on"])]
    chance = rows.assign(share=rows["win_prob"], basis=rows["chance_basis"])
    share = rows.assign(share=rows["of_two"], basis=rows["share_basis"])
    return _both(chance, share, rows["model"], "grades_2016")


def models_2018(source: Path, ballots: pd.DataFrame) -> pd.DataFrame:
    """FiveThirtyEight 2018: three versions on the day of the vote, the classic one by day."""
    last = read_raw(source / MODELS / "538_forecast_results_2018.csv")
    last = last[last["branch"].ne("Governor")]
    last["election"] = _races(last["race"], 2018)
    parts = [
        last.assign(
            day=pd.Timestamp("2018-11-06"),
            publisher="538_" + last["version"],
            candidate=candidate,
            share=last[f"{party}_WinProbability"].astype(float),
            basis="quoted",
        )
        for party, candidate in (("Democrat", "dem"), ("Republican", "rep"))
    ]
    daily = read_raw(source / MODELS / "us2018_538_vs_predictit_daily.parquet")
    daily = daily[daily["method"].eq("model")]
    daily["election"] = _races(daily["race"], 2018)
    daily = daily.assign(day=pd.to_datetime(daily["date"]), publisher="538_classic")
    parts.append(daily.assign(candidate="dem", share=daily["prob"], basis="quoted"))
    parts.append(daily.assign(candidate="rep", share=1 - daily["prob"], basis="derived"))
    rows = pd.concat(parts, ignore_index=True)
    # King and Sanders, independents, stand in the Democrat's place
    independents = ballots.loc[ballots["candidate"].eq("ind"), "election"]
    theirs = rows["election"].isin(independents) & rows["candidate"].eq("dem")
    rows["candidate"] = rows["candidate"].mask(theirs, "ind")
    rows = _on_the_ballot(rows, ballots)
    rows = rows[thinned(rows["day"], rows["vote_on"])]
    return _claims(rows, rows["publisher"], "win_probability", "models_2018")


def governors(source: Path, ballots: pd.DataFrame) -> pd.DataFrame:
    """FiveThirtyEight on governors, 2010 and 2018: chances, and shares of the two candidates."""
    raw = read_raw(source / MODELS / "538_governors_forecasts_with_outcomes.parquet")
    raw = raw[raw["party"].isin(["D", "R"])]
    version = raw["forecast_type"].where(raw["forecast_type"].notna(), "")
    rows = pd.DataFrame(
        {
            "election": race_names(raw["year"], "governor", raw["state"]),
            "day": pd.to_datetime(raw["forecast_date"]),
            "candidate": raw["party"].map(PARTIES),
            "publisher": ("538_" + version).str.rstrip("_"),
            "chance": raw["probwin"].astype(float),
            "projected": raw["projected_voteshare"].astype(float),
        }
    )
    rows = _on_the_ballot(rows, ballots)
    rows = rows[thinned(rows["day"], rows["vote_on"])]
    whole = rows.groupby(["election", "publisher", "day"])["projected"].transform("sum")
    chance = rows.assign(share=rows["chance"], basis="quoted")
    share = rows.assign(share=rows["projected"] / whole, basis="derived")
    return _both(chance, share, rows["publisher"], "governors_538")


def senate_history(source: Path, ballots: pd.DataFrame) -> pd.DataFrame:
    """FiveThirtyEight's last forecasts of Senate races 2008, 2010 and 2012."""
    raw = read_raw(source / MODELS / "538_historical-senate-predictions.csv")
    people = {
        str(election): {
            word: candidate
            for name, candidate in zip(ballot["name"], ballot["candidate"], strict=True)
            for word in slug(str(name)).split("_")[1:]
        }
        for election, ballot in ballots.groupby("election")
    }
    rows = []
    for row in raw.to_dict("records"):
        year, place = int(row["year"]), str(row["state"])
        state, _, special = place.partition(" (")
        election = race_name(year, "senate", CODES[state], "_special" if special else "")
        election = election if election in people else f"{election}_special"
        surname = MISPRINTS.get((state, row["candidate"]), str(row["candidate"]))
        candidate = people.get(election, {}).get(slug(surname).split("_")[-1])
        chance = float(row["forecast_prob"])
        chance = 1 - chance if (year, state) in SWAPPED else chance
        rows.append((election, candidate, chance))
    made = pd.DataFrame(rows, columns=["election", "candidate", "share"]).dropna()
    both = made.groupby("election")["candidate"].transform("size").eq(2)
    made = _on_the_ballot(made[both].assign(basis="quoted"), ballots)
    return _claims(made.assign(day=made["vote_on"]), "538", "win_probability", "senate_538")


def models_2020(source: Path, ballots: pd.DataFrame) -> pd.DataFrame:
    """Fourteen models, PredictIt and the map of 2016: last chances in 50 states and Washington."""
    raw = read_raw(source / MODELS / "us2020_fourteen_forecasters_final_by_state.csv")
    raw = raw[raw["state_abbr"].isin(list(STATES))]
    rows = pd.concat(
        [
            pd.DataFrame(
                {
                    "election": race_names(2020, "president", raw["state_abbr"]),
                    "publisher": raw["model"].map(_publisher),
                    "day": pd.Timestamp("2020-11-03"),
                    "candidate": candidate,
                    "share": raw[column].astype(float),
                    "basis": "quoted",
                }
            )
            for column, candidate in (("biden", "dem"), ("trump", "rep"))
        ]
    )
    rows = _on_the_ballot(rows, ballots)
    return _claims(rows, rows["publisher"], "win_probability", "models_2020")


def _publisher(model: str) -> str:
    return {"FiveThirtyEight": "538", "2016 Map": "map_of_2016"}.get(model, slug(model))


def iowa(source: Path, ballots: pd.DataFrame) -> pd.DataFrame:
    """Iowa Electronic Markets on the popular vote: two-candidate shares, chances to come first."""
    raw = read_raw(source / MARKETS / "iem_quoted_prices_1988_2024.csv")
    people = ballots[ballots["election"].str.fullmatch(r"us\d{4}/president")]
    slug_of = dict(zip(people["election"] + people["name"], people["candidate"], strict=True))
    rows = pd.DataFrame(
        {
            "election": race_names(raw["election"], "president"),
            "day": pd.to_datetime(raw["quoted_for_day"]),
            "price": raw["price_pct"].astype(float) / 100,
            "market": raw["market"],
            "name": raw["candidate"],
            "source": raw["source"],
        }
    )
    by = ["election", "day", "market"]
    sums = 100 * rows.groupby(by)["price"].transform("sum").where(rows.duplicated(by, keep=False))
    rows["source"] += ("; prices that sum to " + sums.map("{:.1f}".format)).where(sums.notna(), "")
    rows["candidate"] = (rows["election"] + rows["name"]).map(slug_of)
    rows["candidate"] = rows["candidate"].where(rows["name"].ne("Democratic"), "dem")
    rows = rows.dropna(subset="candidate")
    alone = rows.groupby(by)["price"].transform("size").eq(1)
    other = rows["candidate"].map({"dem": "rep", "rep": "dem"})
    complement = rows[alone].assign(candidate=other[alone], price=1 - rows["price"][alone])
    rows = pd.concat([rows.assign(basis="quoted"), complement.assign(basis="derived")])
    shares = rows[rows["market"].eq("vote_share")]
    whole = shares.groupby(by)["price"].transform("sum")
    shares = shares.assign(share=shares["price"] / whole, basis="derived")
    chances = rows[rows["market"].eq("win")].assign(share=lambda table: table["price"])
    told = {"vote_share": shares, "first_place_probability": chances}
    return pd.concat(
        _claims(_on_the_ballot(rows, ballots), "iem", quantity, "iem")
        for quantity, rows in told.items()
    )


def thinned(day: pd.Series, vote_on: pd.Series) -> pd.Series:
    """Which days of a daily forecast are kept.

    Examples
    --------
    >>> days = pd.Series(pd.to_datetime(["2016-10-18", "2016-10-23", "2016-10-26"]))
    >>> thinned(days, pd.Series(pd.Timestamp("2016-11-08"), index=days.index)).tolist()
    [True, False, True]
    """
    lead = (vote_on - day).dt.days
    return lead.between(0, DAILY_DAYS) | (lead.gt(0) & lead.mod(WEEK).eq(0))


def _on_the_ballot(rows: pd.DataFrame, ballots: pd.DataFrame) -> pd.DataFrame:
    """The rows about candidates of elections that are here, with the day of the vote."""
    return rows.merge(ballots[["election", "candidate", "vote_on"]], on=["election", "candidate"])


def _both(
    chance: pd.DataFrame, share: pd.DataFrame, publisher: pd.Series, key: str
) -> pd.DataFrame:
    told = {"win_probability": chance, "vote_share": share}
    return pd.concat(_claims(rows, publisher, what, key) for what, rows in told.items())


def _claims(
    rows: pd.DataFrame, publisher: str | pd.Series, quantity: str, key: str
) -> pd.DataFrame:
    """Rows of the table `claims`: public at 23:59 of their day, at noon on the day of the vote."""
    rows = rows.assign(publisher=publisher).dropna(subset="share")
    of_vote = rows["day"].eq(rows["vote_on"])
    return pd.DataFrame(
        {
            "election": rows["election"],
            "publisher": rows["publisher"],
            "round": 1,
            "day": rows["day"],
            "published_on": rows["day"] + of_vote.map({True: NOON, False: NIGHT}),
            "candidate": rows["candidate"],
            "share": rows["share"].astype(float).round(6),
            "quantity": quantity,
            "basis": rows["basis"],
            "source": rows.get("source"),
            "source_key": key,
        }
    ).reset_index(drop=True)


def races_named(source: Path) -> set[str]:
    """Every race that a market or model of 2008-2020 names, whether it was polled or not."""
    markets = read_raw(source / MARKETS / "predictit_2016_2018_contracts.csv")
    names = {
        race_of_market(str(symbol), int(cycle), str(question))
        for symbol, cycle, question in zip(
            markets["symbol"], markets["cycle"], markets["market"], strict=True
        )
    }
    daily = read_raw(source / MARKETS / "predictit_2020_races_daily.parquet")
    names |= {_race_of_code(race, 2020) for race in set(daily["race"]) - NOT_THE_BALLOT}
    last = read_raw(source / MODELS / "538_forecast_results_2018.csv")
    names |= {_race_of_code(race, 2018) for race in last["race"].unique()}
    governor = read_raw(source / MODELS / "538_governors_forecasts_with_outcomes.parquet")
    names |= set(race_names(governor["year"], "governor", governor["state"]))
    senate = read_raw(source / MODELS / "us2016_eight_forecasters_final_by_state.csv")
    names |= set(race_names(2016, "senate", senate.loc[senate["office"].eq("S"), "state"]))
    history = read_raw(source / MODELS / "538_historical-senate-predictions.csv")
    states = history["state"].str.partition(" (")[0].map(CODES)
    for suffix in ("", "_special"):
        names |= set(race_names(history["year"], "senate", states, suffix))
    return names - {""}

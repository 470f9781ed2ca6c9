"""Claims: what publishers outside the polls really announced, figure by figure."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from tools.build_datasets.cards import Part, part
from tools.build_datasets.elections import Election
from tools.build_datasets.files import GATHERED, read_raw, require

RAW = "digital/published_predictions_2017.csv"
KEY = ["publisher", "round", "published_on", "candidate", "quantity"]
_NAMES = read_raw(GATHERED / "fr2017_publishers.csv")
PUBLISHERS = dict(zip(_NAMES["begins"], _NAMES["publisher"], strict=True))
"""Slug by how a name begins; the first match counts."""

QUANTITIES = {
    "poids": "digital_weight",
    "presented as vote": "vote_share",
    "vote share": "vote_share",
    "win-presidency": "win_probability",
    "first-place": "first_place_probability",
    "reach-run-off": "qualify_probability",
    "run-off-pair": "qualify_probability",
    "number of tweets": "volume_share",
    "favourable": "favourable",
}
TOGETHER = "(GOV and Multivote together)"  # one article, the same place by both
PLACES = {"top three": 1, "distant fourth": 4, "qualifies": 1, "run-off": 1, "winner": 1}
THESIS, RECORD = "2018-03-31T12:00:00", "2018-03-14T00:00:00"
LATE = {"eth_twitter_sentiment": THESIS, "eth_twitter_sentiment_2d": THESIS}
LATE |= {"voter_autrement": RECORD}
# quoted by nobody but a review that compares with the votes: written after them, day unknown
REVIEW = "review-of-french-election-smi-forecasts-vs-actual"
WINDOW_ENDS = {1: "2017-04-21", 2: "2017-05-06"}


def build(source: Path, election: Election) -> Part:
    """`inputs/claims.csv` of an election about which something was announced."""
    raw = read_raw(source / RAW)
    raw = raw[_year(raw) == election.year]
    of_app = raw["publisher"].str.startswith("GOV") & raw["quantity"].eq("favourable %")
    nobody = raw["candidate"].eq("(method)")
    later = raw["publisher"].str.startswith("Filteris") & raw["date_iso"].eq("2017-04-14")
    outside = raw["candidate"].eq("Valls")
    raw = raw[~of_app & ~nobody & ~outside & ~later]
    single = raw[~raw["round"].eq("duel")]
    rows = [
        _row({str(k): v for k, v in row.items()}, election) for row in single.to_dict("records")
    ]
    rows += [
        _row({str(k): v for k, v in row.items()} | {"publisher": "GOV"}, election)
        for row in single[
            single["rank_or_claim"].str.contains(TOGETHER, regex=False, na=False)
        ].to_dict("records")
    ]
    rows += _pairs(raw[raw["round"].eq("duel")], election)
    table = _as_shares_of_volume(pd.DataFrame(rows))
    more = GATHERED / f"fr{election.year}_claims.csv"
    if more.is_file():
        read = pd.read_csv(more, parse_dates=["published_on", "available_on"])
        table = pd.concat([table, read]).drop_duplicates(KEY, keep="last")
    table = table.sort_values(KEY, ignore_index=True)
    table["rank"] = table["rank"].astype("Int64")
    twice = table[table.duplicated(KEY)]
    require(twice.empty, RAW, f"says one thing twice: {twice[KEY].head(2).to_dict('records')}")
    known = table["share"].dropna()
    require(bool(known.between(0, 1).all()), RAW, "a share is not between 0 and 1")
    made = part(
        "claims",
        {"inputs/claims.csv": table},
        election.year,
        counts=", ".join(f"{p} {n}" for p, n in table.groupby("publisher").size().items()),
        n_of_app=int(of_app.sum()),
        n_about_nobody=int(nobody.sum()),
        n_outside=int(outside.sum()),
    )
    if table["available_on"].isna().all():
        made.tables["inputs/claims.csv"] = table.drop(columns="available_on")
        del made.columns["inputs/claims.csv"]["available_on"]
    return made


def _row(row: dict[str, str], election: Election) -> dict[str, object]:
    publisher = _publisher(row)
    number = 2 if row["round"].startswith("2 ") or row["round"] == "2" else 1
    day, known = moment(row["date_published"], row["date_iso"], publisher, number)
    if "/2017/04/24/" in str(row["source_url"]):
        known = pd.Timestamp("2017-04-24T12:00:00")
    if REVIEW in str(row["source_url"]):
        known = pd.Timestamp("2017-04-24T12:00:00")
    share = pd.to_numeric(row["share_pct"])
    rank = place(row["rank_or_claim"])
    if "34%" in str(row["rank_or_claim"]):
        share, rank = 34.0, None
    quantity = next((q for s, q in QUANTITIES.items() if row["quantity"].startswith(s)), "claim")
    counted = quantity == "volume_share"
    derived = counted or "derived" in row["confidence"] or "34%" in str(row["rank_or_claim"])
    return {
        "publisher": publisher,
        "round": number,
        "day": f"{day:%Y-%m-%d}",
        "published_on": known,
        "available_on": day + pd.Timedelta(days=1) if publisher in LATE else pd.NaT,
        "candidate": election.slug_of(row["candidate"]),
        "share": share if counted else round(share / 100, 5),
        "rank": rank,
        "quantity": "rank" if quantity == "claim" and rank else quantity,
        "basis": "rank_only" if pd.isna(share) else "derived" if derived else "quoted",
        "source": row["source_url"],
    }


def moment(
    published: str, iso: str, publisher: str, number: int
) -> tuple[pd.Timestamp, pd.Timestamp]:
    """The day of a claim and the time at which it was public.

    Examples
    --------
    >>> print(moment("2017-04-21 23:50 (final)", "2017-04-21", "filteris", 1)[1])
    2017-04-21 23:50:00
    >>> print(moment("2017-03 (approx)", "2017-03", "echobox", 1)[1])
    2017-03-31 23:00:00
    """
    if publisher in LATE:
        end = "2017-04-22" if publisher == "voter_autrement" else WINDOW_ENDS[number]
        return pd.Timestamp(end), pd.Timestamp(LATE[publisher])
    if publisher == "hypermind":
        return pd.Timestamp("2021-10-01"), pd.Timestamp("2021-10-31T23:00:00")
    if published.startswith("2007-02"):
        return pd.Timestamp("2007-02-28"), pd.Timestamp("2016-10-13T12:00:00")
    if published.startswith("2012-04"):
        return pd.Timestamp("2012-04-21"), pd.Timestamp("2012-04-21T23:00:00")
    if "before R1" in published:
        return pd.Timestamp("2017-04-22"), pd.Timestamp("2017-04-22T23:00:00")
    if re.fullmatch(r"\d{4}-\d\d", iso):
        last = pd.Timestamp(iso) + pd.offsets.MonthEnd()
        return last, last + pd.Timedelta(hours=23)
    day = pd.Timestamp(iso)
    if clock := re.search(r"\d{4}-\d\d-\d\d (\d\d):(\d\d)", published):
        return day, day + pd.Timedelta(hours=int(clock[1]), minutes=int(clock[2]))
    if publisher == "google_trends" and iso == "2017-04-23":
        return day, day + pd.Timedelta(hours=14)
    return day, day + pd.Timedelta(hours=23 if "approx" in published else 12)


def place(words: object) -> int | None:
    """The place that a phrase announces, the better one of a tie, or None.

    Examples
    --------
    >>> place("1st"), place("4-5"), place("distant fourth, ..."), place("will underperform polls")
    (1, 4, 4, None)
    """
    if not isinstance(words, str):
        return None
    for phrase, rank in PLACES.items():
        if words.startswith(phrase):
            return rank
    number = re.match(r"(\d)(st|nd|rd|th|-|;|$)", words)
    return int(number[1]) if number else None


def _publisher(row: dict[str, str]) -> str:
    name = next((s for p, s in PUBLISHERS.items() if row["publisher"].startswith(p)), None)
    require(name is not None, RAW, f"no slug for the publisher '{row['publisher']}'")
    two_days = "2-day" in row["method"] or "window ending" in row["date_published"]
    return f"{name}_2d" if name == "eth_twitter_sentiment" and two_days else str(name)


def _pairs(raw: pd.DataFrame, election: Election) -> list[dict[str, object]]:
    rows = []
    for (_, _), quoted in raw.groupby(["publisher", "date_iso"]):
        chances: dict[str, float] = {}
        for pair, chance in zip(
            quoted["candidate"], quoted["share_pct"].astype(float), strict=True
        ):
            for surname in pair.split("-"):
                candidate = election.slug_of(surname)
                chances[candidate] = chances.get(candidate, 0.0) + chance / 100
        first = quoted.iloc[0].to_dict() | {"round": "1", "rank_or_claim": None}
        for candidate, chance in chances.items():
            row = _row({str(k): v for k, v in first.items()} | {"candidate": candidate}, election)
            rows.append(row | {"share": round(chance, 5), "basis": "derived"})
    return rows


def _as_shares_of_volume(table: pd.DataFrame) -> pd.DataFrame:
    counted = table["quantity"].eq("volume_share")
    total = table.loc[counted, "share"].sum()
    return table.assign(share=table["share"].where(~counted, (table["share"] / total).round(5)))


def _year(raw: pd.DataFrame) -> pd.Series:
    named = raw["round"].str.extract(r"\((\d{4})\)")[0]
    return named.fillna("2017").astype(int)

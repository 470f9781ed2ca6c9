"""Buzz: what was counted on networks and in searches, day by day."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tools.build_datasets.cards import Part, part
from tools.build_datasets.elections import Election
from tools.build_datasets.files import read_raw, require, slug

DAY = pd.Timedelta(days=1)
# When the compilations came out from which the daily counts are taken.
COMPILED = {
    "politoscope": pd.Timestamp("2018-09-19"),
    "hyblab": pd.Timestamp("2017-12-31"),
    "tweet_totals": pd.Timestamp("2018-03-31"),
}
KEY = ["day", "source", "community", "candidate", "measure"]
HYBLAB = {
    "tweets_collected_mentioning": ("tweets", 1),
    "retweets_of_collected_tweets": ("retweets", 1),
    "facebook_page_fans": ("facebook_fans", 1),
    "facebook_fans_change_pct": ("facebook_fans_change", 100),
    "facebook_interaction_rate_pct": ("facebook_interactions", 100),
    "twitter_followers": ("twitter_followers", 1),
    "youtube_subscribers": ("youtube_subscribers", 1),
    "youtube_views_per_day": ("youtube_views", 1),
    "candidate_website_visits": ("site_visits", 1),
}
FOLLOWERS = {
    "facebook": "facebook_fans",
    "twitter": "twitter_followers",
    "youtube": "youtube_subscribers",
    "instagram": "instagram_followers",
}
TOTALS = {
    "Tweets": "tweet_volume_total",
    "Retweets": "tweet_volume_retweets",
    "unique": "tweet_volume_unique",
}
# The source repeats Fillon's figure for Hamon; a daily series has him a quarter lower.
MISPRINT = ("2017-03-20", "twitter", "Hamon", "456000")


def build(source: Path, election: Election) -> Part:
    """`inputs/buzz.parquet` of an election for which anything was counted."""
    frames = [_followers(source, election)]
    if election.year == 2017:
        later = [_communities(source, election), _hyblab(source, election), _totals(source)]
        frames += [f.assign(published_on=f["source"].map(COMPILED)) for f in later]
        searches = _searches(source, election)
        frames.append(searches.assign(published_on=searches["day"] + DAY))
        frames.append(_vigiglobe(source, election))
    table = pd.concat(frames, ignore_index=True)
    table["available_on"] = (table["day"] + DAY).where(
        table["published_on"] >= table["day"] + DAY, table["published_on"]
    )
    for name in ("day", "published_on", "available_on"):
        table[name] = table[name].astype("datetime64[ms]")
    table = table.sort_values(KEY, ignore_index=True)
    require(not table.duplicated(KEY).any(), "buzz", "a measure occurs twice for one day")
    require(bool((table["value"] >= 0).all()), "buzz", "a count is negative")
    spans = table.groupby(["source", "measure"])["day"].agg(["min", "max", "size"])
    measures = [
        f"{origin}, {measure}: {n:,} rows, {first:%Y-%m-%d} to {last:%Y-%m-%d}."
        for (origin, measure), first, last, n in spans.itertuples()
    ]
    return part("buzz", {"inputs/buzz.parquet": table}, election.year, measures=measures)


def _frame(
    raw: pd.DataFrame,
    source: str,
    *,
    day: str = "date",
    community: pd.Series | None = None,
    **columns: object,
) -> pd.DataFrame:
    """Rows of one source; `day` is its column of days."""
    days = pd.to_datetime(raw[day])
    return pd.DataFrame({"day": days, "source": source, "community": community, **columns})


def _communities(source: Path, election: Election) -> pd.DataFrame:
    raw = read_raw(source / "digital/twitter_community_attention_2016_2017.csv")
    value = (raw["pct_of_community_tweets"].astype(float) / 100).round(6)
    require(bool((value <= 1).all()), "politoscope", "a share is over 1")
    return _frame(
        raw,
        "politoscope",
        community=raw["community"].map(election.slug_of),
        candidate=raw["mentioned"].map(election.slug_of),
        measure="community_share",
        value=value,
    )


def _hyblab(source: Path, election: Election) -> pd.DataFrame:
    raw = read_raw(source / "digital/daily_social_metrics_feb_mar_2017.csv")
    raw = raw.drop_duplicates()
    divisor = raw["metric"].map({name: by for name, (_, by) in HYBLAB.items()})
    require(bool(divisor.notna().all()), "hyblab", "a metric has no name here")
    return _frame(
        raw,
        "hyblab",
        candidate=raw["candidate"].map(election.slug_of),
        measure=raw["metric"].map({name: short for name, (short, _) in HYBLAB.items()}),
        value=(raw["value"].astype(float) / divisor).round(6),
    )


def _totals(source: Path) -> pd.DataFrame:
    raw = read_raw(source / "digital/daily_tweet_volume_total_mar_may_2017.csv")
    long = raw.melt(id_vars="day", value_vars=list(TOTALS))
    return _frame(
        long,
        "tweet_totals",
        day="day",
        candidate=None,
        measure=long["variable"].map(TOTALS),
        value=long["value"].astype(float),
    )


def _searches(source: Path, election: Election) -> pd.DataFrame:
    raw = read_raw(source / "digital/search_interest_region_day_feb_2017.csv")
    return _frame(
        raw,
        "google_trends",
        community=raw["region"].map(slug),
        candidate=raw["candidate"].map(election.slug_of),
        measure="search_interest",
        value=raw["score"].astype(float) / 100,
    )


def _followers(source: Path, election: Election) -> pd.DataFrame:
    raw = read_raw(source / "digital/social_follower_snapshots.csv")
    raw = raw[raw["date"].str.startswith(str(election.year))]
    marks = raw[["date", "network", "candidate", "followers_or_likes"]].apply(tuple, axis=1)
    raw = raw[marks != MISPRINT]
    frame = _frame(
        raw,
        "press",
        candidate=raw["candidate"].map(election.slug_of),
        measure=raw["network"].map(FOLLOWERS),
        value=raw["followers_or_likes"].astype(float),
    )
    return frame.assign(published_on=frame["day"] + pd.Timedelta(hours=12))


def _vigiglobe(source: Path, election: Election) -> pd.DataFrame:
    raw = read_raw(source / "digital/published_predictions_2017.csv")
    raw = raw[raw["quantity"].str.startswith("number of tweets")]
    frame = _frame(
        raw,
        "vigiglobe",
        day="date_iso",
        candidate=raw["candidate"].map(election.slug_of),
        measure="tweets_of_eight_days",
        value=raw["share_pct"].astype(float),
    )
    return frame.assign(published_on=frame["day"] + pd.Timedelta(hours=12))

"""Whether a favourite-longshot correction helps markets: `python -m tools.market_calibration`."""

from __future__ import annotations

import numpy as np
import pandas as pd

from bench.core.compose import predictor_settings
from bench.data.past_quotes import shipped_quotes
from bench.models.quoted_chances import SURE, learned_slope, logit
from tools.pages import table
from tools.past_errors import QUOTE_HORIZONS
from tools.poll_estimates import interval

SLOPES = {"as quoted": "none", "learned, earlier": "earlier", "learned, other days": "others"}


def tables() -> str:
    """Markdown: markets, then model-makers."""
    quotes = shipped_quotes()
    publishers = predictor_settings("market_odds")["publishers"]
    is_market = quotes["publisher"].isin(list(publishers))
    parts = []
    for title, rows in (("Markets", quotes[is_market]), ("Model-makers", quotes[~is_market])):
        parts += [f"### {title}", by_horizon(corrected(rows)), by_day(rows)]
    return "\n\n".join(parts)


def corrected(rows: pd.DataFrame) -> pd.DataFrame:
    """Every quote with its Brier and log score under each way of learning a slope.

    ``earlier`` learns from votes known before this one's day, ``others`` from all votes of other
    days. One candidate of a ballot of two is kept: the other is the same event.
    """
    n = rows.groupby(["election", "round", "publisher", "event", "horizon_days"])["candidate"]
    first = n.transform("size").ne(2) | n.cumcount().eq(0)
    found = []
    for key, here in rows[first].groupby(["vote_on", "horizon_days"]):
        day, horizon = pd.Timestamp(str(key[0])), float(str(key[1]))
        slopes = {
            "none": 1.0,
            "earlier": learned_slope(rows[rows["published_on"] < day], horizon),
            "others": learned_slope(rows[rows["vote_on"] != day], horizon),
        }
        happened = here["happened"].to_numpy(dtype=float)
        for name, way in SLOPES.items():
            raw = here["chance"].to_numpy(dtype=float)
            chance = 1.0 / (1.0 + np.exp(-slopes[way] * logit(raw)))
            chance = raw if way == "none" else chance
            kept = np.clip(chance, SURE / 10, 1.0 - SURE / 10)
            log = -np.log(np.where(happened == 1.0, kept, 1.0 - kept))
            found.append(
                here.assign(
                    way=name, brier=np.square(chance - happened), log=log, slope=slopes[way]
                )
            )
    return pd.concat(found, ignore_index=True)


def by_horizon(rows: pd.DataFrame) -> str:
    """Markdown: Brier and log score, and differences from the quotes as they are, by days."""
    lines = []
    groups = [(str(one), rows[rows["horizon_days"] == one]) for one in QUOTE_HORIZONS]
    for days, part in [*groups, ("all", rows)]:
        if part.empty:
            continue
        base = part[part["way"] == "as quoted"]
        size = f"{len(base):,}, {base['election'].nunique()}, {base['vote_on'].nunique()}"
        # every quote of a race alike, every race of a day alike, every day alike
        race = part.groupby(["way", "vote_on", "election"])[["brier", "log"]].mean()
        means = race.groupby(level=["way", "vote_on"]).mean()
        for name in SLOPES:
            cells = []
            for score in ("brier", "log"):
                mine = means[score].xs(name, level="way")
                apart = mine - means[score].xs("as quoted", level="way")
                cells.append(f"{mine.mean():.4f}")
                low, high = interval(apart)
                told = f"{apart.mean():+.4f} [{low:+.4f}, {high:+.4f}]"
                cells.append("" if name == "as quoted" else told)
            lines.append([days, size, name, *cells])
    head = "days | quotes, races, election days | way | Brier | difference | log score | difference"
    return table(head, lines)


def by_day(rows: pd.DataFrame) -> str:
    """Markdown: the slope that each election day alone would have asked for."""
    lines = []
    for day, here in rows.groupby("vote_on"):
        earlier = rows[rows["published_on"] < day]
        slopes = [here, earlier, rows[rows["vote_on"] != day]]
        told = [f"{learned_slope(one, 7.0):.2f}" for one in slopes]
        lines.append([f"{day:%Y-%m-%d}", str(here["election"].nunique()), *told])
    head = "election day | races | slope of this day alone | of the days before | of all others"
    return table(head, lines)


if __name__ == "__main__":
    print(tables())

"""What the study of a runoff at polling stations shows: words, tables and figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from bench.report.context import day
from bench.report.plain_table import plain_table
from bench.report.report import Report, print_study_table, print_table
from bench.report.table import Table
from bench.studies.runoff_by_station.columns import FORMS, HEAD, LABELS, MEANINGS, POINTS
from bench.studies.runoff_by_station.plots import station_density, station_groups

RATES = (
    "As the method says it of a station where all votes of the first round went to one candidate; "
    "methods without an answer for every candidate are left out."
)
CAUTION = (
    "Rates of candidates with under 2% of the votes are no findings, in hindsight neither: there "
    "they rest on the prior."
)
KINDS = {"floors": "floor"}
ONE = (
    "One runoff is one case: the intervals draw départements, whose stations err together, and say "
    "nothing of other elections."
)
NO_INTERVALS = (
    "No method gives intervals at single stations, so no coverage can be stated; the table holds "
    "groups of stations only, by design."
)
CEILING = (
    "Hindsight is no forecast: its transfers are estimated from both rounds and so know the "
    "outcome. What it still misses is what rates that hold all over an area can hardly know, "
    "however they were found: a mark to aim at, not a strict bound."
)


def in_points(table: pd.DataFrame) -> pd.DataFrame:
    """Fractions as points or percent, under names that say so.

    Examples
    --------
    >>> in_points(pd.DataFrame({"mae": [0.05], "forecast": [0.6], "n": [3]})).columns.tolist()
    ['mae_pp', 'forecast_percent', 'n']
    """
    percent = ("first_right", "forecast", "outcome", "explained")
    found = table.copy()
    for name in [name for name in POINTS if name in table]:
        found[name] = 100 * table[name]
    names = {name: f"{name}_percent" if name in percent else f"{name}_pp" for name in POINTS}
    return found.rename(columns=names)


def ranked(scores: pd.DataFrame) -> pd.DataFrame:
    """Forecasts from the least mean absolute error on, then what was computed in hindsight."""
    late = scores["family"].eq("hindsight")
    return scores.assign(late=late).sort_values(["late", "mae"], kind="stable").drop(columns="late")


def stations_tables(
    tables: Mapping[str, pd.DataFrame], facts: Mapping[str, Any], title: str, level: float
) -> list[Table]:
    """The tables of the study.

    Parameters
    ----------
    tables : mapping
        scores, by_group, pairs, methods of the study, in fractions.
    facts : mapping
        candidate, as_of, left_out, valid_left_out.
    title : str
        Heading.
    level : float
        Of the intervals.
    """
    scores = in_points(ranked(tables["scores"]))
    scores = scores.assign(
        kind=scores["family"].map(lambda f: KINDS.get(f, f)), data_until=scores["until"]
    )
    about = (
        f"Shares of {facts['candidate']}; the other finalist errs by as much the other way. "
        f"{level:.0%} intervals. {left_out(facts)}"
    )
    head = plain_table(
        "stations", scores[[*HEAD, "n", "votes", "se_pp", "outcome_percent", "data_until"]],
        title=title, heading="How near was each method, station by station?",
        notes=(about, CEILING, NO_INTERVALS, ONE), formats=FORMS, meanings=MEANINGS, labels=LABELS,
        shown=scores[HEAD],
    )  # fmt: skip
    groups = in_points(tables["by_group"])
    total = groups.groupby(["partition", "method"])["votes"].transform("sum")
    groups = groups.assign(votes_percent=100 * groups["votes"] / total)
    columns = ["partition", "group", "method", "n", "votes_percent", "mae_pp", "low_pp", "high_pp",
               "bias_pp", "first_right_percent"]  # fmt: skip
    best = str(scores["method"].iloc[0])
    first = {"partition": str(groups["partition"].iloc[0]), "method": best}
    by_group = plain_table(
        "by_group", groups[columns], title="Errors by kind of station", formats=FORMS,
        heading="Where does it fail?", meanings=MEANINGS, labels=LABELS, first=first,
        notes=("Intervals are left out where a group lies in fewer than ten départements.",),
    )  # fmt: skip
    pairs = in_points(tables["pairs"])[["method", "against", "gain_pp", "gain_low_pp",
                                        "gain_high_pp"]]  # fmt: skip
    paired = plain_table(
        "pairs", pairs, title="Mean absolute error less that of a better method, points",
        heading="Are the differences more than chance of départements?", formats=FORMS,
        labels=LABELS | {"gain_pp": "difference"}, meanings=MEANINGS,
        first={"against": best},
        notes=("An interval that holds 0 does not tell the two apart.", ONE),
    )  # fmt: skip
    asked_too = [name for name in scores["method"] if name in tables["rates"]]
    asked_too = [n for n in asked_too if scores.set_index("method").loc[n, "kind"] != "floor"]
    rates = tables["rates"][["origin", "votes", *asked_too]].rename(
        columns={"votes": "votes_percent"}
    )
    in_percent = ["votes_percent", *asked_too]
    rates[in_percent] = 100 * rates[in_percent]
    by_origin = plain_table(
        "rates", rates, formats=dict.fromkeys(in_percent, "1"), notes=(RATES, CAUTION),
        labels=LABELS, meanings=MEANINGS,
        title="Of the voters of each candidate who vote for a finalist, percent for "
        f"{facts['candidate']}",
        heading="Which transfers does each method assume?",
    )  # fmt: skip
    silent = tables["methods"][tables["methods"]["message"].ne("")]
    more = []
    if len(silent):
        more = [
            plain_table("silent", silent[["method", "message"]], title="Methods without a score",
                        heading="Who said nothing")
        ]  # fmt: skip
    return [head, by_group, paired, by_origin, *more]


def left_out(facts: Mapping[str, Any]) -> str:
    """Which stations are not scored, in a sentence."""
    reasons = [f"{n:,} {reason}" for reason, n in facts["left_out"].items() if n]
    if not reasons:
        return "All stations are scored."
    return (
        f"Stations left out: {'; '.join(reasons)} ({facts['valid_left_out']:,} valid votes of the "
        "runoff)."
    )


def print_stations(
    tables: Mapping[str, pd.DataFrame], facts: Mapping[str, Any], title: str, level: float
) -> None:
    """Print the scores, and error and signed error by kind of station."""
    head, by_group, pairs, *more = stations_tables(tables, facts, title, level)
    print_table(head)
    print()
    order = list(head.data["method"])
    for partition, part in by_group.data.groupby("partition", sort=False):
        sides = [
            part.pivot(index="group", columns="method", values=name)[order]
            for name in ("mae_pp", "bias_pp")
        ]
        both = sides[0].map("{:.1f}".format) + " (" + sides[1].map("{:+.1f}".format) + ")"
        size = part.drop_duplicates("group").set_index("group")["votes_percent"]
        both = both.loc[list(size.index)].reset_index()
        both.insert(1, "votes_percent", size.to_numpy())
        words = f"By {partition}: mean absolute (signed) error, points"
        print_study_table(both, title=words, formats=FORMS)
        print()
    for table in (pairs, *more):
        print_table(table)
        print()


def stations_report(
    tables: Mapping[str, pd.DataFrame],
    facts: Mapping[str, Any],
    *,
    title: str,
    baseline: str,
    level: float,
    source: str,
) -> Report:
    """Words, tables and figures.

    Parameters
    ----------
    tables, facts : mapping
        What the study kept.
    title, source : str
        Heading; where votes and evidence come from.
    baseline : str
        The floor of the headline.
    level : float
        Of the intervals.
    """
    scores = ranked(tables["scores"])
    shown = [m for m, f in zip(scores["method"], scores["family"], strict=True) if f != "floors"]
    who = str(facts["candidate"])
    return Report(
        title=title,
        findings=(*told(tables, facts, baseline, level), NO_INTERVALS, ONE),
        tables=tuple(stations_tables(tables, facts, title, level)),
        figures={
            "stations": lambda size: station_density(
                tables["joint"], scores, candidate=who, n_bins=facts["n_bins"],
                title=facts["election"], source=source, size=size,
            ),
            "groups": lambda size: station_groups(
                tables["by_group"], candidate=who, methods=shown, title=facts["election"],
                source=source, size=size,
            ),
        },
        source=source,
        kicker=f"Runoff by polling station · evidence as of {day(pd.Timestamp(facts['as_of']))}",
        counts=(
            ("Stations scored", f"{int(scores['n'].iloc[0]):,}"),
            ("Forecasts", str(int(scores["family"].ne("hindsight").sum()))),
            ("In hindsight", str(int(scores["family"].eq("hindsight").sum()))),
        ),
    )  # fmt: skip


def told(
    tables: Mapping[str, pd.DataFrame], facts: Mapping[str, Any], baseline: str, level: float
) -> tuple[str, ...]:
    """What was found, in sentences: the best forecast, the others, what hindsight would give."""
    scores = ranked(tables["scores"]).set_index("method")
    floor = scores.loc[baseline]
    asked = scores[scores["family"].ne("hindsight")]
    best = asked.iloc[0]
    who = facts["candidate"]
    sentences = [
        f"At a polling station the best forecast, {_words(best.name)}, missed the share of {who} "
        f"by {100 * best['mae']:.1f} points on average{_interval(best, level)}; the floor, "
        f"{_words(baseline)}, missed it by {100 * floor['mae']:.1f}. The best named the right "
        f"first place in {100 * best['first_right']:.0f}% of the stations."
    ]
    rest = [name for name in asked.index[1:] if name != baseline]
    if rest:
        said = [f"{_words(name)} {_missed(asked.loc[name])}" for name in rest]
        sentences.append(
            f"The others missed by (in brackets: error of the total; of {_words(best.name)} "
            f"{_signed(best['bias'])}): {', '.join(said)}."
        )
    pair = tables["pairs"]
    near = pair[pair["against"].eq(str(best.name)) & pair["method"].isin(rest)]
    same = near[near["gain_low"].le(0)]["method"].map(_words).tolist()
    if same:
        sentences.append(
            f"Not told apart from {_words(best.name)} when départements are drawn anew: "
            f"{', '.join(same)}."
        )
    late = scores[scores["family"].eq("hindsight")]
    if len(late):
        said = [f"{100 * row['mae']:.1f} ({_words(name)})" for name, row in late.iterrows()]
        sentences.append(
            f"Transfers estimated afterwards, from both rounds, would still have missed by "
            f"{', '.join(said)}. {CEILING}"
        )
    return tuple(sentences)


def _words(method: object) -> str:
    return str(method).replace("_", " ").replace("departement", "département")


def _missed(row: pd.Series) -> str:
    return f"{100 * row['mae']:.1f} ({_signed(row['bias'])})"


def _signed(share: float) -> str:
    return f"{100 * share:+.1f}".replace("-", "\N{MINUS SIGN}")


def _interval(row: pd.Series, level: float) -> str:
    if pd.isna(row["low"]):
        return ""
    return f" ({level:.0%} interval {100 * row['low']:.1f} to {100 * row['high']:.1f})"

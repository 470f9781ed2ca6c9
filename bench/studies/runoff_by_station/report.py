"""What the study of a runoff at polling stations shows: words, tables and figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from bench.core.settings import Experiment
from bench.report.context import sources_of, title_of
from bench.report.formatting import ColumnSpec, day
from bench.report.report import Report
from bench.report.tables import Table, table
from bench.runner.results import Results
from bench.studies.runoff_by_station.plots import station_density, station_groups

if TYPE_CHECKING:
    from bench.studies.runoff_by_station.analysis import Settings

RATES = (
    "As the method says it of a station where all votes of the first round went to one candidate; "
    "methods without an answer for every candidate are left out."
)
CAUTION = (
    "Rates of candidates with under 2% of the votes are no findings, in hindsight neither: there "
    "they rest on the prior."
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
BASELINES = "floors"  # the family of methods that everybody must beat
IN_POINTS: tuple[str, ...] = ("mae", "mae_areas", "rmse", "bias", "spread", "low", "high", "se")
IN_POINTS += ("gain", "gain_low", "gain_high")
IN_PERCENT = ("first_right", "forecast", "outcome", "explained")
COLUMNS = {
    "kind": ColumnSpec("family", "family of methods; hindsight is no forecast"),
    "mae_pp": ColumnSpec(
        "MAE",
        "mean absolute error of the winner's share, stations by valid votes, percentage points; "
        "lower is better",
        "2",
    ),
    "low_pp": ColumnSpec("from", "lower end of its interval, areas drawn anew, points", "2"),
    "high_pp": ColumnSpec("to", "upper end of its interval, points", "2"),
    "mae_areas_pp": ColumnSpec(
        "MAE, all alike", "the same, every station alike, points; lower is better", "2"
    ),
    "rmse_pp": ColumnSpec(
        "RMSE", "root mean squared error, stations by votes, points; lower is better", "2"
    ),
    "bias_pp": ColumnSpec(
        "bias",
        "error of the total that the stations give, points; above 0 overstates the winner, 0 is "
        "best",
        "2",
    ),
    "spread_pp": ColumnSpec(
        "map alone",
        "what remains of the root mean squared error without the bias: the map alone; lower is "
        "better",
        "2",
    ),
    "correlation": ColumnSpec(
        "r", "correlation of forecast and outcome, stations by votes; higher is better", "3"
    ),
    "explained_percent": ColumnSpec(
        "explained, %",
        "of the variance between stations; higher is better, below 0 the right total is nearer",
        "1",
    ),
    "first_right_percent": ColumnSpec(
        "first right, %",
        "stations whose first place is right (ties count half); higher is better",
        "1",
    ),
    "forecast_percent": ColumnSpec(
        "total, %", "the winner's total that the stations give, by valid votes of the runoff", "2"
    ),
    "gain_pp": ColumnSpec(
        "against the baseline", "MAE less that of the baseline, points; below 0 is better", "2"
    ),
    "gain_low_pp": ColumnSpec("from", "lower end of its interval, paired", "2"),
    "gain_high_pp": ColumnSpec("to", "upper end", "2"),
    "votes_percent": ColumnSpec("of the votes, %", "share of the valid votes", "2"),
    "partition": ColumnSpec("stations by"),
    "group": ColumnSpec("kind of station"),
    "n": ColumnSpec("stations", form="0"),
    "origin": ColumnSpec("from"),
    "message": ColumnSpec("why"),
}
HEAD = ["method", "kind"]
HEAD += [key for key in COLUMNS if key.endswith(("_pp", "_percent")) or key == "correlation"]
HEAD.remove("votes_percent")


def in_points(rows: pd.DataFrame) -> pd.DataFrame:
    """Fractions as points or percent, under names that say so.

    Examples
    --------
    >>> in_points(pd.DataFrame({"mae": [0.05], "forecast": [0.6], "n": [3]})).columns.tolist()
    ['mae_pp', 'forecast_percent', 'n']
    """
    known = [name for name in (*IN_POINTS, *IN_PERCENT) if name in rows]
    found = rows.assign(**{name: 100 * rows[name] for name in known})
    ends = {name: "percent" if name in IN_PERCENT else "pp" for name in known}
    return found.rename(columns={name: f"{name}_{end}" for name, end in ends.items()})


def ranked(scores: pd.DataFrame) -> pd.DataFrame:
    """Forecasts from the least mean absolute error on, then what was computed in hindsight."""
    late = scores["family"].eq("hindsight")
    return scores.assign(late=late).sort_values(["late", "mae"], kind="stable").drop(columns="late")


def one_runoff(areas: str) -> str:
    """What the intervals do not say."""
    return (
        f"One runoff is one case: the intervals draw {areas}, whose stations err together, and say "
        "nothing of other elections."
    )


def stations_tables(
    tables: Mapping[str, pd.DataFrame], facts: Mapping[str, Any], title: str, level: float
) -> tuple[Table, ...]:
    """The tables of the study.

    Parameters
    ----------
    tables : mapping
        scores, by_group, pairs, methods and rates of the study, in fractions.
    facts : mapping
        candidate, areas, left_out, valid_left_out.
    title : str
        Heading.
    level : float
        Of the intervals.
    """
    scores = in_points(ranked(tables["scores"]))
    kinds = scores["family"].replace({BASELINES: "baseline"})
    scores = scores.assign(kind=kinds, data_until=scores["until"])
    best = str(scores["method"].iloc[0])
    areas = str(facts["areas"])
    about = (
        f"Shares of {facts['candidate']}; the other finalist errs by as much the other way. "
        f"{level:.0%} intervals. {left_out(facts)}"
    )
    found = [
        table(
            "stations",
            scores[[*HEAD, "n", "votes", "se_pp", "outcome_percent", "data_until"]],
            title=title,
            heading="How near was each method, station by station?",
            notes=(about, CEILING, NO_INTERVALS, one_runoff(areas)),
            columns=COLUMNS,
            show=HEAD,
            terminal=True,
        )
    ]
    groups = in_points(tables["by_group"])
    total = groups.groupby(["partition", "method"])["votes"].transform("sum")
    groups = groups.assign(votes_percent=100 * groups["votes"] / total)
    shown = ["partition", "group", "method", "n", "votes_percent", "mae_pp", "low_pp", "high_pp"]
    found.append(
        table(
            "by_group",
            groups[[*shown, "bias_pp", "first_right_percent"]],
            title="Errors by kind of station",
            heading="Where does it fail?",
            columns=COLUMNS,
            first={"partition": str(groups["partition"].iloc[0]), "method": best},
            notes=(f"Intervals are left out where a group lies in fewer than ten {areas}.",),
        )
    )
    pairs = in_points(tables["pairs"])
    gain = "MAE less that of the other method, points; below 0 is better"
    found.append(
        table(
            "pairs",
            pairs[["method", "against", "gain_pp", "gain_low_pp", "gain_high_pp"]],
            title="Mean absolute error less that of a better method, points",
            heading=f"Are the differences more than chance of {areas}?",
            columns={**COLUMNS, "gain_pp": ColumnSpec("difference", gain, "2")},
            first={"against": best},
            notes=("An interval that holds 0 does not tell the two apart.", one_runoff(areas)),
            terminal=True,
        )
    )
    family = scores.set_index("method")["family"]
    asked = [m for m in family.index if m in tables["rates"] and family[m] != BASELINES]
    rates = tables["rates"][["origin", "votes", *asked]].rename(columns={"votes": "votes_percent"})
    numbers = ["votes_percent", *asked]
    rates[numbers] = 100 * rates[numbers]
    found.append(
        table(
            "rates",
            rates,
            title="Of the voters of each candidate who vote for a finalist, percent for "
            f"{facts['candidate']}",
            heading="Which transfers does each method assume?",
            columns={**COLUMNS, **dict.fromkeys(numbers, "1")},
            notes=(RATES, CAUTION),
            terminal=True,
        )
    )
    silent = tables["methods"][tables["methods"]["message"].ne("")]
    if len(silent):
        found.append(
            table(
                "silent",
                silent[["method", "message"]],
                title="Methods without a score",
                heading="Who said nothing",
                columns=COLUMNS,
                terminal=True,
            )
        )
    if "audit" in tables:
        found.append(table("audit", tables["audit"], title="Audit of look-ahead", terminal=True))
    return tuple(found)


def left_out(facts: Mapping[str, Any]) -> str:
    """Which stations are not scored, in a sentence."""
    reasons = [f"{n:,} {reason}" for reason, n in facts["left_out"].items() if n]
    if not reasons:
        return "All stations are scored."
    return (
        f"Stations left out: {'; '.join(reasons)} ({facts['valid_left_out']:,} valid votes of the "
        "runoff)."
    )


def stations_report(experiment: Experiment, results: Results, settings: Settings) -> Report:
    """What was right at the stations, in words, tables and figures."""
    tables, facts = results.tables, results.facts
    scores = ranked(tables["scores"])
    methods = list(scores.loc[scores["family"].ne(BASELINES), "method"])
    who, election = str(facts["candidate"]), str(facts["election"])
    title, source = title_of(experiment), sources_of(experiment.elections)
    late = scores["family"].eq("hindsight")
    return Report(
        title=title,
        findings=(
            *headline(tables, facts, experiment.baseline, settings.level),
            NO_INTERVALS,
            one_runoff(str(facts["areas"])),
        ),
        tables=stations_tables(tables, facts, title, settings.level),
        figures={
            "stations": lambda size: station_density(
                tables["joint"],
                scores,
                candidate=who,
                n_bins=facts["n_bins"],
                title=election,
                source=source,
                size=size,
            ),
            "groups": lambda size: station_groups(
                tables["by_group"],
                candidate=who,
                methods=methods,
                title=election,
                source=source,
                size=size,
            ),
        },
        source=source,
        kicker=f"Runoff by polling station · evidence as of {day(pd.Timestamp(facts['as_of']))}",
        counts=(
            ("Stations scored", f"{int(scores['n'].iloc[0]):,}"),
            ("Forecasts", str(int((~late).sum()))),
            ("In hindsight", str(int(late.sum()))),
        ),
    )


def headline(
    tables: Mapping[str, pd.DataFrame], facts: Mapping[str, Any], baseline: str, level: float
) -> tuple[str, ...]:
    """What was found, in sentences: the best forecast, the others, what hindsight would give."""
    scores = ranked(tables["scores"]).set_index("method")
    asked = scores[scores["family"].ne("hindsight")]
    best = asked.iloc[0]
    name = _words(best.name)
    sentences = [
        f"At a polling station the best forecast, {name}, missed the share of "
        f"{facts['candidate']} by {100 * best['mae']:.1f} points on average"
        f"{_interval(best, level)}; the baseline, {_words(baseline)}, missed it by "
        f"{100 * float(scores['mae'][baseline]):.1f}. The best named the right first place in "
        f"{100 * best['first_right']:.0f}% of the stations."
    ]
    rest = [method for method in asked.index[1:] if method != baseline]
    if rest:
        said = [f"{_words(method)} {_missed(asked.loc[method])}" for method in rest]
        sentences.append(
            f"The others missed by (in brackets: error of the total; of {name} "
            f"{_signed(best['bias'])}): {', '.join(said)}."
        )
    pair = tables["pairs"]
    near = pair[pair["against"].eq(str(best.name)) & pair["method"].isin(rest)]
    same = near[near["gain_low"].le(0)]["method"].map(_words).tolist()
    if same:
        sentences.append(
            f"Not told apart from {name} when {facts['areas']} are drawn anew: {', '.join(same)}."
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
    return str(method).replace("_", " ")


def _missed(row: pd.Series) -> str:
    return f"{100 * row['mae']:.1f} ({_signed(row['bias'])})"


def _signed(share: float) -> str:
    return f"{100 * share:+.1f}".replace("-", "\N{MINUS SIGN}")


def _interval(row: pd.Series, level: float) -> str:
    if pd.isna(row["low"]):
        return ""
    return f" ({level:.0%} interval {100 * row['low']:.1f} to {100 * row['high']:.1f})"

"""What the study of a runoff at polling stations shows: words, tables and figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from bench.core.language import N_, _, in_form
from bench.core.settings import Experiment
from bench.report.context import election_title, sources_of, title_of
from bench.report.formatting import ColumnSpec, day, format_fixed
from bench.report.report import Report
from bench.report.tables import Table, table
from bench.runner.results import Results
from bench.studies.base import settings_of
from bench.studies.runoff_by_station.analysis import Settings
from bench.studies.runoff_by_station.plots import (
    station_density,
    station_groups,
)
from bench.studies.runoff_by_station.runoff import HINDSIGHT, group_words, method_words

RATES = N_(
    "What the method says of a station where all first-round votes went to one candidate; methods "
    "without an answer for every candidate are left out."
)
CAUTION = N_(
    "Rates of candidates with under 2% of the votes are not findings, not even in hindsight: they "
    "rest on the prior."
)
NO_INTERVALS = N_(
    "No method gives intervals at single stations, so no coverage can be stated; "
    "the table holds groups of stations only, by design."
)
CEILING = N_(
    "Hindsight is not a forecast: its transfers are estimated from both rounds and so know the "
    "outcome. What it still misses can hardly be known from rates that hold throughout an area, "
    "however they are found, so it is a mark to aim at and not a strict bound."
)
GROUPS = N_(
    "Each row is a kind of station, each mark a method. On the line its stations were right on "
    "average; to the right of it the share was overstated there."
)
BASELINES = "floors"  # the family of methods that everybody must beat
POINTS = ["mae", "mae_areas", "rmse", "bias", "spread", "low", "high", "se"]
POINTS += ["gain", "gain_low", "gain_high"]
UNITS = dict.fromkeys(POINTS, "pp")
UNITS |= dict.fromkeys(("first_right", "forecast", "outcome", "explained"), "percent")
HEAD = ["method", "kind", "mae_pp", "low_pp", "high_pp", "mae_areas_pp", "rmse_pp", "bias_pp"]
HEAD += ["spread_pp", "correlation", "explained_percent", "first_right_percent"]
HEAD += ["forecast_percent", "gain_pp", "gain_low_pp", "gain_high_pp"]


def in_points(rows: pd.DataFrame) -> pd.DataFrame:
    """Fractions as points or percent, under names that say so.

    Examples
    --------
    >>> in_points(pd.DataFrame({"mae": [0.05], "forecast": [0.6], "n": [3]})).columns.tolist()
    ['mae_pp', 'forecast_percent', 'n']
    """
    known = {name: f"{name}_{unit}" for name, unit in UNITS.items() if name in rows}
    return rows.assign(**{name: 100 * rows[name] for name in known}).rename(columns=known)


def ranked(scores: pd.DataFrame) -> pd.DataFrame:
    """Forecasts from the least mean absolute error on, then what was computed in hindsight."""
    late = scores["family"].eq(HINDSIGHT)
    return scores.assign(late=late).sort_values(["late", "mae"], kind="stable").drop(columns="late")


def areas_words(facts: Mapping[str, Any]) -> str:
    """The areas that intervals resample, in the language that is spoken."""
    return f"{_(str(facts['areas']).removesuffix('s'))}s"  # both languages add an s


def one_runoff(areas: str) -> str:
    """What the intervals do not say."""
    return _(
        "One runoff is one case: the intervals resample {areas}, whose stations err together, and "
        "say nothing about other elections.",
        areas=areas,
    )


def stations_tables(
    tables: Mapping[str, pd.DataFrame], facts: Mapping[str, Any], title: str, level: float
) -> Iterator[Table]:
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
    kinds = scores["family"].replace({BASELINES: N_("baseline"), HINDSIGHT: N_("hindsight")})
    scores = scores.assign(kind=kinds, data_until=scores["until"])
    best = str(scores["method"].iloc[0])
    called = {name: method_words(name) for name in scores["method"]}
    areas = areas_words(facts)
    about = _(
        "Shares of {candidate}; the other finalist errs by as much the other way. "
        "{level:.0%} intervals. {facts}",
        candidate=facts["candidate"],
        level=level,
        facts=left_out(facts),
    )
    yield table(
        "stations",
        scores[[*HEAD, "n", "votes", "se_pp", "outcome_percent", "data_until"]],
        title=title,
        heading=_("How near was each method, station by station?"),
        notes=(about, CEILING, NO_INTERVALS, one_runoff(areas)),
        called=called,
        show=HEAD,
        terminal=True,
    )
    groups = in_points(tables["by_group"])
    total = groups.groupby(["partition", "method"])["votes"].transform("sum")
    groups = groups.assign(votes_percent=100 * groups["votes"] / total)
    shown = ["partition", "group", "method", "n", "votes_percent", "mae_pp", "low_pp", "high_pp"]
    shown += ["bias_pp", "first_right_percent"]
    yield table(
        "by_group",
        groups[shown],
        title=_("Errors by kind of station"),
        heading=_("Where does it fail?"),
        columns={"group": {"write": lambda row: group_words(row["group"])}},
        of="stations",
        called=called,
        first={"partition": str(groups["partition"].iloc[0]), "method": best},
        notes=(
            _(
                "Intervals are left out where a group lies in fewer than ten {areas}.",
                areas=areas,
            ),
        ),
    )
    pairs = in_points(tables["pairs"])
    gain = _("MAE less that of the other method, points; below 0 is better")
    yield table(
        "pairs",
        pairs[["method", "against", "gain_pp", "gain_low_pp", "gain_high_pp"]],
        title=_("Mean absolute error less that of a better method, points"),
        heading=_("Are the differences larger than chance among {areas}?", areas=areas),
        columns={"gain_pp": ColumnSpec(_("difference"), gain, "2")},
        of="stations",
        called=called,
        first={"against": best},
        notes=(_("An interval that holds 0 does not tell the two apart."), one_runoff(areas)),
        terminal=True,
    )
    family = scores.set_index("method")["family"]
    asked = [m for m in family.index if m in tables["rates"] and family[m] != BASELINES]
    rates = tables["rates"][["origin", "votes", *asked]].rename(columns={"votes": "votes_percent"})
    numbers = ["votes_percent", *asked]
    rates[numbers] = 100 * rates[numbers]
    yield table(
        "rates",
        rates,
        title=_(
            "Of the voters of each candidate who vote for a finalist, percent for {candidate}",
            candidate=facts["candidate"],
        ),
        heading=_("Which transfers does each method assume?"),
        columns={
            "votes_percent": {"form": "1"},
            **{name: {"form": "1", "label": called[name]} for name in asked},
        },
        of="stations",
        notes=(RATES, CAUTION),
        terminal=True,
    )
    silent = tables["methods"][tables["methods"]["message"].ne("")]
    if len(silent):
        yield table(
            "silent",
            silent[["method", "message"]],
            called={name: method_words(name) for name in silent["method"]},
            title=_("Methods without a score"),
            heading=_("Who said nothing"),
            terminal=True,
        )
    if "audit" in tables:
        yield table("audit", tables["audit"], title=_("Audit of look-ahead"), terminal=True)


def left_out(facts: Mapping[str, Any]) -> str:
    """Which stations are not scored, in a sentence."""
    reasons = [in_form(f"{n:,} ") + _(reason) for reason, n in facts["left_out"].items() if n]
    if not reasons:
        return _("All stations are scored.")
    return _(
        "Stations left out: {reasons} ({n:,} valid votes of the runoff).",
        reasons=_("; ").join(reasons),
        n=facts["valid_left_out"],
    )


def stations_report(experiment: Experiment, results: Results) -> Report:
    """What was right at the stations, in words, tables and figures."""
    tables, facts, level = results.tables, results.facts, settings_of(Settings, experiment).level
    scores = ranked(tables["scores"])
    rivals = scores[scores["family"].ne(BASELINES)]
    methods = list((scores if rivals.empty else rivals)["method"])
    who, election = str(facts["candidate"]), str(election_title(facts["election"]))
    title, source = title_of(experiment), sources_of(experiment.elections)
    late = scores["family"].eq(HINDSIGHT)
    said = tuple(headline(tables, facts, experiment.baseline, level))
    return Report(
        title=title,
        findings=(*said, _(NO_INTERVALS), one_runoff(areas_words(facts))),
        tables=tuple(stations_tables(tables, facts, title, level)),
        figures={
            "stations": lambda size: station_density(
                tables["joint"],
                scores,
                candidate=who,
                n_bins=facts["n_bins"],
                title=election,
                source=source,
                claim=said[0],
                size=size,
            ),
            "groups": station_groups(
                tables["by_group"],
                candidate=who,
                methods=methods,
                title=election,
                source=source,
            ).draw,
        },
        reading={"groups": _(GROUPS)},
        source=source,
        kicker=_(
            "Runoff by polling station · evidence as of {as_of}",
            as_of=day(pd.Timestamp(facts["as_of"])),
        ),
        counts=(
            (_("Stations scored"), in_form(f"{int(scores['n'].iloc[0]):,}")),
            (_("Forecasts"), str(int((~late).sum()))),
            (_("In hindsight"), str(int(late.sum()))),
        ),
    )


def headline(
    tables: Mapping[str, pd.DataFrame], facts: Mapping[str, Any], baseline: str, level: float
) -> Iterator[str]:
    """What was found, in sentences: the best forecast, the others, what hindsight would give."""
    scores = ranked(tables["scores"]).set_index("method")
    asked = scores[scores["family"].ne(HINDSIGHT)]
    best = asked.iloc[0]
    name = _quoted(str(best.name))
    yield _(
        "Station by station, {name} came closest: it missed the share of {candidate} by "
        "{error:.1f} points on average{interval}, and the baseline {baseline} by {other:.1f}.",
        name=name,
        candidate=facts["candidate"],
        error=100 * best["mae"],
        interval=_interval(best, level),
        baseline=_quoted(baseline),
        other=100 * float(scores["mae"][baseline]),
    )
    yield _(
        "{name} named the right winner in {right:.0f}% of the stations.",
        name=name,
        right=100 * best["first_right"],
    )
    rest = [method for method in asked.index[1:] if method != baseline]
    if rest:
        said = [f"{_quoted(method)} {_missed(asked.loc[method])}" for method in rest]
        yield _(
            "The others, with the error of their total in brackets ({bias} for {name}): {methods}.",
            name=name,
            bias=_signed(best["bias"]),
            methods=", ".join(said),
        )
    pair = tables["pairs"]
    near = pair[pair["against"].eq(str(best.name)) & pair["method"].isin(rest)]
    same = near[near["gain_low"].le(0)]["method"].map(_quoted).tolist()
    if same:
        yield _(
            "When {areas} are resampled, there is not enough information to place {name} before "
            "{methods}.",
            name=name,
            areas=areas_words(facts),
            methods=same,
        )
    late = scores[scores["family"].eq(HINDSIGHT)]
    if len(late):
        said = [
            f"{format_fixed(100 * row['mae'], 1)} ({_quoted(str(name))})"
            for name, row in late.iterrows()
        ]
        missed = _(
            "Even transfers estimated afterwards, from both rounds, would have missed by "
            "{errors} points.",
            errors=said,
        )
        yield f"{missed} {_(CEILING)}"


def _quoted(method: str) -> str:
    return _("“{name}”", name=method_words(method))


def _missed(row: pd.Series) -> str:
    return f"{format_fixed(100 * row['mae'], 1)} ({_signed(row['bias'])})"


def _signed(share: float) -> str:
    return in_form(f"{100 * share:+.1f}".replace("-", "\N{MINUS SIGN}"))


def _interval(row: pd.Series, level: float) -> str:
    if pd.isna(row["low"]):
        return ""
    return _(
        " ({level:.0%} interval {low:.1f} to {high:.1f})",
        level=level,
        low=100 * row["low"],
        high=100 * row["high"],
    )

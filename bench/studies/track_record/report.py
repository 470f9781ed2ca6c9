"""The report of the record: every pair in one table, and what it hangs on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from bench.core.language import _, in_form, ngettext
from bench.core.settings import Experiment
from bench.metrics.calibration import groups_with_curve
from bench.metrics.comparison.ratios import MIN_CLUSTERS
from bench.metrics.comparison.verdict import EQUIVALENT
from bench.report.formatting import MISSING, Columns, ColumnSpec, format_fixed, format_significant
from bench.report.plotting.reliability import reliability_diagram
from bench.report.report import FigureSection, Report, Sentences
from bench.report.tables import Table, table
from bench.runner.results import Results
from bench.studies.base import settings_of
from bench.studies.track_record import plots, sentences
from bench.studies.track_record.estimates import MEASURES, OTHER_POLLS, STRATA
from bench.studies.track_record.sentences import Words, ratio_cell
from bench.studies.track_record.settings import Settings, families_of, modes_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FURTHER = ("crps", "squared_error", "mae_polled")


def words_of(experiment: Experiment) -> Words:
    """Labels, reference and title, in the language that is spoken."""
    settings = settings_of(Settings, experiment)
    families, modes = families_of(experiment), modes_of(experiment)
    labels = {key: one.called for key, one in families.items()}
    labels |= {key: one.called for key, one in modes.items()}
    return Words(
        labels=labels | {OTHER_POLLS: _("Other polls")},
        reference=settings.reference,
        base=settings.map_beside,
        title=_(experiment.title),
        source=_("Sources and licences: the CARD.md of every collection and election."),
    )


def report(experiment: Experiment, results: Results) -> Report:
    """Words, tables and figures of the record."""
    tables, facts, words = results.tables, results.facts, words_of(experiment)
    makers: dict[str, Callable[[pd.DataFrame, Words], Table]] = {
        "pairs": pairs_view,
        "countries": countries_view,
        "moments": moments_view,
        "sensitivity": sensitivity_view,
        "extent": _extent,
        "answers": _answers,
        "left_out": _left_out,
    }
    views = [make(tables[name], words) for name, make in makers.items() if len(tables[name])]
    figures = _figures(tables, words)
    first, *more = map(FigureSection, figures)
    said = sentences.findings(tables, words, settings_of(Settings, experiment).main_day)
    return Report(
        title=words.title,
        findings=said[:2],
        tables=tuple(views),
        figures=figures,
        charts={"forest": plots.forest_chart(tables["pairs"], words)},
        source=words.source,
        kicker=_("Families of methods over many elections"),
        counts=(
            (_("Election days"), in_form(f"{facts['election_days']:,}")),
            (_("Votes"), in_form(f"{facts['votes']:,}")),
            (_("Countries"), in_form(f"{facts['countries']:,}")),
            (_("Forecasts"), in_form(f"{int(tables['answers']['answered'].sum()):,}")),
        ),
        sections=(
            first,
            Sentences(name="sentences", heading=_("Every pair in a sentence"), lines=said[2:]),
            views[0],
            *more,
            *views[1:],
        ),
    )


def wide(pairs: pd.DataFrame, words: Words) -> pd.DataFrame:
    """One row per pair, the best first: its first measure, and further ones as cells."""
    first = {kind: measures[0] for kind, measures in MEASURES.items()}
    keys = ["kind", "stratum", "family", "other"]
    main = pairs[pairs["measure"].eq(pairs["kind"].map(first))].set_index(keys)
    cells = pairs.assign(cell=[ratio_cell(row) for row in pairs.to_dict("records")])
    for measure in FURTHER:
        mine = cells[cells["measure"].eq(measure)].set_index(keys)
        main[measure] = mine["cell"].reindex(main.index)
        if measure == "squared_error":
            main[["interviews", "interviews_other"]] = mine[
                ["interviews", "interviews_other"]
            ].reindex(main.index)
    main[list(FURTHER)] = main[list(FURTHER)].fillna(MISSING)
    main.loc[main.index.get_level_values("stratum") == "two", "mae_polled"] = MISSING
    found = main.reset_index().sort_values("ratio", kind="stable")
    return found.assign(
        block=found["kind"] + " " + found["stratum"],
        pair=[words.pair(row) for row in found.to_dict("records")],
        verdict=[_(sentences.VERDICTS[one]) for one in found["verdict"]],
    )


def pairs_view(data: pd.DataFrame, words: Words) -> Table:
    """Every pair of the record in one table."""
    columns: Columns = {
        "ratio": {"write": ratio_cell, "numeric": True},
        "mae_polled": {"spare": 1},
        "p_holm": {"spare": 1},
        "interviews": {"write": _worth, "numeric": True, "spare": 1},
        "squared_error": {"spare": 2},
        "crps": {"spare": 3},
        "countries": {"spare": 4},
    }
    return table(
        "pairs",
        data,
        shown=wide(data, words),
        show=[
            *("pair", "days", "votes", "countries", "ratio", "verdict", *FURTHER),
            *("p_holm", "interviews"),
        ],
        title=words.title,
        heading=_("Every pair"),
        notes=(
            _(
                "Error of the first divided by that of the second on the votes that both answered; "
                "below 1 the first errs less. The votes of a country and day are one election day, "
                "and election days count alike. Mean absolute error (of maps by area), CRPS and "
                "leading candidates (those polled at 10% or more): geometric mean; squared error "
                "and Brier score: ratio of means."
            ),
            _(
                "Equivalent: the 90% interval lies within {low} to {high}; better or worse: the "
                "95% interval, which is printed, lies on one side of 1. Intervals are for the mean "
                "over these election days; with fewer than {n} of equal weight there is none.",
                low=in_form(f"{EQUIVALENT[0]:.2f}"),
                high=in_form(f"{EQUIVALENT[1]:.2f}"),
                n=MIN_CLUSTERS,
            ),
            words.source,
        ),
        columns=columns,
        filters=(),
        block_by="block",
        blocks={
            f"{kind} {stratum}": words.kind(kind, stratum)
            for kind in MEASURES
            for stratum in STRATA
        },
        terminal=True,
    )


def _worth(row: Mapping[Any, Any]) -> str:
    """What the first and the second are worth in interviews; of single polls, of how many."""
    worth = [format_significant(row[f"interviews{end}"], 2) for end in ("", "_other")]
    if row["kind"] == "polls":
        asked = [format_significant(row[f"asked{end}"], 2) for end in ("", "_other")]
        worth = [f"{one}/{of}" for one, of in zip(worth, asked, strict=True)]
    return worth[0] if worth[0] == MISSING else f"{worth[0]} ({worth[1]})"


def countries_view(data: pd.DataFrame, words: Words) -> Table:
    """Pairs by country, where there are enough election days."""
    parts = [wide(rows, words).assign(country=country) for country, rows in data.groupby("country")]
    shown = pd.concat(parts).sort_values(["stratum", "family", "other", "country"], kind="stable")
    return table(
        "countries",
        data,
        shown=shown.assign(stratum=shown["stratum"].map(sentences.STRATUM).map(_)),
        show=["pair", "stratum", "country", "days", "votes", "ratio", "verdict", "mae_polled"],
        title=_("Every pair by country, where it has {n} election days", n=MIN_CLUSTERS),
        columns={"ratio": {"write": ratio_cell, "numeric": True}},
        filters=("country",),
    )


def moments_view(data: pd.DataFrame, words: Words) -> Table:
    """Pairs by days before the vote: ratios with intervals, and election days."""
    days = sorted(data["days_before"].unique(), reverse=True)
    cell = [f"{ratio_cell(row)}, {row['days']}" for row in data.to_dict("records")]
    wide_cells = data.assign(cell=cell).pivot(
        index=["stratum", "family", "other"], columns="days_before", values="cell"
    )
    shown = wide_cells[days].add_prefix("days_").fillna(MISSING).reset_index()
    own = shown["family"].eq(shown["other"])
    names = [words.pair({**row, "kind": "shares"}) for row in shown.to_dict("records")]
    return table(
        "moments",
        data,
        shown=shown.assign(pair=names, own=~own).sort_values(["stratum", "own"], kind="stable"),
        show=["pair", *(f"days_{n}" for n in days)],
        title=_("Mean absolute error at days before the vote, and election days"),
        heading=_("Days before the vote"),
        notes=(
            _(
                "At one moment; that of the {against} beside their own error at the last "
                "moment, on the votes that have both.",
                against=words.against,
            ),
        ),
        columns={f"days_{n}": ColumnSpec(_("{n} days", n=n), numeric=True) for n in days},
        filters=(),
        block_by="stratum",
        blocks={key: sentences.STRATUM[key] for key in STRATA},
    )


def sensitivity_view(data: pd.DataFrame, words: Words) -> Table:
    """What each ratio hangs on."""
    lags = [str(key) for key in data if str(key).startswith("lag_")]
    rows = data.to_dict("records")
    shown = data.assign(
        pair=[words.pair({**row, "kind": "shares"}) for row in rows],
        without_ratio=[_without(row) for row in rows],
    )
    columns: Columns = {
        "ratio": "2",
        "clustered_low": {"write": _clustered, "numeric": True},
        **{
            key: ColumnSpec(
                ngettext("lag of {n} day", "lag of {n} days", int(key.removeprefix("lag_"))),
                form="2",
            )
            for key in lags
        },
    }
    return table(
        "sensitivity",
        data,
        shown=shown,
        show=[
            *("pair", "ratio", "clustered_low", "countries_alike", "without_ratio", "two_way"),
            *("votes_alike", *lags, "interaction_p", "correlation"),
        ],
        title=_("What the ratios of mean absolute errors hang on"),
        heading=_("What the numbers hang on"),
        columns=columns,
        filters=(),
        block_by="stratum",
        blocks={key: sentences.STRATUM[key] for key in STRATA},
    )


def _clustered(row: Mapping[Any, Any]) -> str:
    if row["clustered_low"] != row["clustered_low"]:
        return MISSING
    return ratio_cell(row, low="clustered_low", high="clustered_high")


def _without(row: Mapping[Any, Any]) -> str:
    if row["without_ratio"] != row["without_ratio"]:
        return MISSING
    return f"{format_fixed(row['without_ratio'], 2)} {row['without']}"


def _extent(data: pd.DataFrame, _words: Words) -> Table:
    return table(
        "extent",
        data,
        shown=data[data["country"].ne("all")],
        title=_("Votes and election days of every country"),
        filters=(),
        block_by="stratum",
        blocks={key: sentences.STRATUM[key] for key in STRATA},
        show=["country", "days", "votes", "first_on", "last_on"],
    )


def _answers(data: pd.DataFrame, words: Words) -> Table:
    return table(
        "answers",
        data,
        shown=data.assign(family=data["family"].map(words.labels)),
        title=_("What became of every question: all moments and lags"),
        heading=_("Who answered, and who is ranked?"),
        filters=("family",),
    )


def _left_out(data: pd.DataFrame, _words: Words) -> Table:
    return table(
        "left_out",
        data,
        shown=data.groupby("why").size().rename("votes").reset_index(),
        title=_("Votes that are never ranked, and why"),
        filters=(),
    )


def _figures(
    tables: Mapping[str, pd.DataFrame], words: Words
) -> dict[str, Callable[[str], Figure]]:
    pairs, said = tables["pairs"], tables["events"]
    found: dict[str, Callable[[str], Figure]] = {"forest": plots.forest(pairs, words).draw}
    if groups_with_curve(said["family"]):
        found["reliability"] = lambda size: reliability_diagram(
            said["chance"].to_numpy(dtype=float),
            said["came"].to_numpy(dtype=float),
            said["family"].to_numpy(dtype=object),
            title=_("When they said 70%, did it happen in 70% of the cases?"),
            source=words.source,
            about=_(
                "Chances of winning, where one place decides. Events of one day are no "
                "independent draws."
            ),
            names=words.labels,
            size=size,
        )
    return found

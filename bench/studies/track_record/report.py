"""The report of the record: one table of all families, and what it hangs on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd

from bench.core.language import N_, _, in_form
from bench.core.settings import Experiment
from bench.metrics.calibration import groups_with_curve
from bench.report.formatting import MISSING, Columns, ColumnSpec, format_fixed, format_significant
from bench.report.plotting.reliability import reliability_diagram
from bench.report.report import FigureSection, Report, Sentences
from bench.report.tables import Table, table
from bench.runner.results import Results
from bench.studies.base import settings_of
from bench.studies.track_record import plots, sentences
from bench.studies.track_record.sentences import Words, ratio_cell
from bench.studies.track_record.settings import Settings, families_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SHARES, MAP, DRAWS, CHANCES, APART = "shares", "map", "draws", "chances", "apart"
CHANCES_SHOWN = "family elections votes brier log_score brier_difference p log_difference".split()
VERDICTS = {
    "holds": N_("holds"),
    "reversed": N_("reversed"),
    "open": N_("open: the interval holds 1"),
    "few": N_("too few elections"),
    "unseen": N_("not seen then"),
}


def report(experiment: Experiment, results: Results) -> Report:
    """Words, tables and figures of the record."""
    settings, families = settings_of(Settings, experiment), families_of(experiment)
    tables, facts = results.tables, results.facts
    words = Words(
        labels={key: one.called for key, one in families.items()},
        reference=settings.reference,
        baselines=tuple(one for one in settings.baselines if one in families),
        title=_(experiment.title),
        source=_(
            "Evidence and official results of {votes:,} votes: sources and licences in the "
            "CARD.md of every collection and election.",
            votes=facts["votes"],
        ),
    )
    makers: dict[str, Callable[[pd.DataFrame, Words], Table]] = {
        "lags": _lags,
        "moments": _moments,
        "conclusions": partial(_conclusions, election=settings.conclusions_of),
        "agreement": _agreement,
        "choices": _choices,
        "countries": _countries,
        "chances": _chances,
        "answers": _answers,
        "left_out": _left_out,
    }
    others = [make(tables[name], words) for name, make in makers.items() if len(tables[name])]
    kept = (_families(tables, words), *(one for one in others if one.rows))
    every = tuple(family_sentences(tables, words))
    figures = _figures(tables, words)
    first, *more = map(FigureSection, figures)
    return Report(
        title=words.title,
        findings=sentences.findings(tables, facts, words, settings.main_day),
        tables=kept,
        figures=figures,
        charts={"forest": plots.forest_chart(tables["families"], words.labels, words.against)},
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
            kept[0],
            Sentences(name="sentences", heading=_("Every family in a sentence"), lines=every),
            *more,
            *kept[1:],
        ),
    )


def family_sentences(tables: Mapping[str, pd.DataFrame], words: Words) -> list[str]:
    """One sentence per family and per thing that it claims, in the order of the main table."""
    drawn = tables["draws"]
    tellers: list[tuple[pd.DataFrame, Callable[[sentences.Row, Words], str]]] = [
        (tables["families"], sentences.of_family),
        (drawn[drawn["family"].ne(words.reference)], sentences.of_draws),
        (tables["map"], partial(sentences.of_map, base=_base_of_map(tables["map"], words))),
        (tables["chances"], sentences.of_chances),
        (tables["apart"], sentences.of_hindsight),
    ]
    return [tell(row, words) for rows, tell in tellers for row in rows.to_dict("records")]


def _base_of_map(rows: pd.DataFrame, words: Words) -> str:
    exact = rows.loc[rows["relative"].eq(1.0), "family"] if len(rows) else rows["family"]
    return str(exact.iloc[0]) if len(exact) else words.reference


def _families(tables: Mapping[str, pd.DataFrame], words: Words) -> Table:
    """Every family in one table: by shares, by the map, by chances, and hindsight apart."""
    beside = f"beside_{words.reference}"
    chances = tables["chances"].drop(columns=["low", "high", "p"], errors="ignore")
    parts = {
        SHARES: tables["families"],
        MAP: tables["map"],
        DRAWS: tables["draws"],
        CHANCES: chances.rename(columns={"relative_low": "low", "relative_high": "high"}),
        APART: tables["apart"].rename(
            columns={beside: "relative", f"{beside}_low": "low", f"{beside}_high": "high"}
        ),
    }
    data = pd.concat(
        [rows.assign(block=block) for block, rows in parts.items() if len(rows)], ignore_index=True
    )
    shown = words.named(data)
    columns: Columns = {
        "countries": {"spare": 4},
        "relative": ColumnSpec(
            _("error beside"),
            _(
                "error compared with the {against}, difficulty of votes taken out, with a 95% "
                "interval by election day; lower is better",
                against=words.against,
            ),
            write=ratio_cell,
            numeric=True,
        ),
        "p": {"spare": 2},
        "closer": ColumnSpec(
            _("closer"),
            _("share of votes in which it is closer than the {against}", against=words.against),
            "%",
            spare=3,
        ),
        **{
            f"beside_{one}": ColumnSpec(
                _("beside {family}", family=words.within(one)),
                _("mean ratio of errors on common votes, with a 95% interval"),
                write=partial(
                    ratio_cell,
                    value=f"beside_{one}",
                    low=f"beside_{one}_low",
                    high=f"beside_{one}_high",
                ),
                numeric=True,
                spare=1,
            )
            for one in words.baselines
        },
        "interviews": {"write": _worth, "numeric": True, "spare": 5},
        "reference_interviews": ColumnSpec(
            _("polls there"),
            _("the same of the {against} on these votes", against=words.against),
            "2g",
            spare=1,
        ),
    }
    keys = ["family", "elections", "votes", "countries", "relative", "p", "closer"]
    keys += [f"beside_{one}" for one in words.baselines] + ["interviews", "reference_interviews"]
    return table(
        "families",
        data,
        shown=shown,
        show=[key for key in keys if key in shown],
        title=words.title,
        heading=_("Every family of methods"),
        notes=(
            _(
                "Errors beside those of the {against}: 1.00 is alike, below is closer. Two-way "
                "fixed effects of the logarithm of the mean absolute error on the whole "
                "ballot; an election day counts once, however many races it has.",
                against=words.against,
            ),
            _(
                "A forecast is ranked if it names everybody to whom the polls of the moment "
                "give 10% or more; what it leaves is divided equally among the others."
            ),
            _("A dash, or a ratio without an interval: fewer than six election days."),
            words.source,
        ),
        columns=columns,
        filters=(),
        block_by="block",
        blocks={
            SHARES: "",
            MAP: _(
                "By area, compared with “{base}”",
                base=words.within(_base_of_map(tables["map"], words)),
            ),
            DRAWS: _("Draws: CRPS compared with the {against}", against=words.against),
            CHANCES: _(
                "Chances of winning: Brier score compared with the {against}", against=words.against
            ),
            APART: _("Compiled after the vote: hindsight, never ranked"),
        },
        terminal=True,
    )


def _worth(row: Mapping[Any, Any]) -> str:
    if row["interviews"] != row["interviews"]:
        return MISSING
    n, low, high = (format_significant(row[f"interviews{end}"], 2) for end in ("", "_low", "_high"))
    return n if low == MISSING else f"{n} ({low}–{high})"


def _lags(data: pd.DataFrame, words: Words) -> Table:
    return _by_days(
        "lags",
        data,
        words,
        by="lag_days",
        title=N_("Error compared with the {against}, under lags of publication of {days} days"),
        heading=_("Under other days of publication"),
        note=_("Families that read no polls are the same under every lag."),
    )


def _moments(data: pd.DataFrame, words: Words) -> Table:
    return _by_days(
        "moments",
        data,
        words,
        by="days_before",
        title=N_("Error compared with the {against}, at days before the vote {days}"),
        heading=_("Days before the vote"),
        note=_("The reference is compared with itself at the last moment."),
    )


def _by_days(
    name: str, data: pd.DataFrame, words: Words, *, by: str, title: str, heading: str, note: str
) -> Table:
    """Families by rows, days by columns: ratios with intervals, and the most election days."""
    days = sorted(data[by].unique(), reverse=by == "days_before")
    cells = data.assign(cell=[ratio_cell(row) for row in data.to_dict("records")])
    wide = cells.pivot(index="family", columns=by, values="cell")[days].add_prefix(f"{by}_")
    wide["elections"] = data.groupby("family")["elections"].max()
    shown = wide.loc[[key for key in words.labels if key in wide.index]].fillna(MISSING)
    return table(
        name,
        data,
        shown=words.named(shown.reset_index()),
        title=_(title, against=words.against, days=", ".join(map(str, days))),
        heading=heading,
        notes=(_("Ratios with 95% intervals by election day; none below six.") + " " + note,),
        columns={f"{by}_{n}": ColumnSpec(_("{n} days", n=n), numeric=True) for n in days},
        of="lags",
        filters=(),
    )


def _conclusions(data: pd.DataFrame, words: Words, election: str) -> Table:
    shown = words.named(data).assign(
        other=data["other"].map(words.labels),
        score=data["score"].map({"mae": _("whole ballot"), "mae_polled": _("those polled 10%")}),
        verdict=data["verdict"].map(VERDICTS),
    )
    return table(
        "conclusions",
        data,
        shown=shown,
        show=["family", "other", "score", "here", "relative", "elections", "votes", "verdict"],
        title=_("What {election} seemed to say, and what all elections say", election=election),
        heading=_("Which conclusions of {election} survive?", election=election),
        notes=(
            _("Error of the first compared with that of the second; below 1 the first is closer."),
        ),
        columns={
            "here": ColumnSpec(election, _("ratio of errors there, one election"), "2"),
            "relative": {"write": ratio_cell, "numeric": True},
        },
        filters=(),
    )


def _agreement(data: pd.DataFrame, words: Words) -> Table:
    named = {one: sentences.choice_words(one, words.labels) for one in data["choice"]}
    moved = data["moved"].map(lambda key: words.labels.get(key, ""))
    return table(
        "agreement",
        data,
        shown=data.assign(choice=data["choice"].map(named), moved=moved),
        title=_(
            "Does the ranking hang on how families are compared? Correlation with the headline"
        ),
        heading=_("Does the ranking hang on the choice?"),
        filters=(),
    )


def _choices(data: pd.DataFrame, words: Words) -> Table:
    wide = data.pivot(index="family", columns="choice", values="rank")
    order = list(dict.fromkeys(data["choice"]))
    wide = wide[order].sort_values(order[0], kind="stable").reset_index()
    columns = {one: ColumnSpec(sentences.choice_words(one, words.labels), "", "0") for one in order}
    return table(
        "choices",
        data,
        shown=words.named(wide),
        title=_("Rank of every family under every way to compare"),
        columns=columns,
        filters=(),
    )


def _countries(data: pd.DataFrame, words: Words) -> Table:
    shown = data[data["family"].ne(words.reference)].dropna(subset="relative")
    return table(
        "countries",
        data,
        shown=words.named(shown),
        title=_("Error compared with the {against}, country by country", against=words.against),
        notes=(_("No intervals: most rows rest on a few elections."),),
        filters=("family", "country"),
    )


def _chances(data: pd.DataFrame, words: Words) -> Table:
    columns: Columns = {
        "brier_difference": ColumnSpec(
            _("Brier, difference"),
            _(
                "from the {against}, difficulty of votes taken out, with a 95% interval by "
                "election day; below 0 is better",
                against=words.against,
            ),
            write=_difference,
            numeric=True,
        ),
    }
    return table(
        "chances",
        data,
        shown=words.named(data),
        show=CHANCES_SHOWN,
        title=_("Stated chances of winning, where one place decides"),
        heading=_("Who knows how sure to be?"),
        notes=(
            _(
                "Of two candidates one counts, since the other says the same. Chances nearer "
                "to 0 or 1 than 0.001 count as that far away in the log score."
            ),
        ),
        columns=columns,
        filters=(),
    )


def _difference(row: Mapping[Any, Any]) -> str:
    if row["brier_difference"] != row["brier_difference"]:
        return MISSING
    if row["low"] != row["low"]:
        return format_fixed(row["brier_difference"], 3)
    return _(
        "{difference:.3f} ({low:.3f} to {high:.3f})",
        difference=row["brier_difference"],
        low=row["low"],
        high=row["high"],
    )


def _answers(data: pd.DataFrame, words: Words) -> Table:
    return table(
        "answers",
        data,
        shown=words.named(data),
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
    families, countries, moments, said = (
        tables[one] for one in ("families", "countries", "moments", "events")
    )
    found: dict[str, Callable[[str], Figure]] = {
        "forest": lambda size: plots.forest(families, words, size=size)
    }
    if countries["country"].nunique() > 1:
        order = list(families["family"])
        found["countries"] = lambda size: plots.by_country(countries, order, words, size=size)
    if moments["days_before"].nunique() > 1:
        found["days"] = lambda size: plots.by_days(moments, words, size=size)
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

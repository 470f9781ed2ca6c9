"""The report of the record: one table of all families, and what it hangs on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd

from bench.core.language import N_, _, in_form
from bench.core.settings import Experiment
from bench.metrics.calibration import groups_with_curve
from bench.report.charts import record
from bench.report.formatting import MISSING, Columns, ColumnSpec, format_fixed, format_significant
from bench.report.plotting.reliability import reliability_diagram
from bench.report.report import FigureSection, Report, Section, Sentences
from bench.report.tables import Table, table
from bench.runner.results import Results
from bench.studies.base import settings_of
from bench.studies.track_record import plots, sentences
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


@dataclass(frozen=True, kw_only=True)
class Words:
    """What the tables are told in."""

    labels: Mapping[str, str]
    reference: str
    baselines: tuple[str, ...]
    title: str
    source: str

    @property
    def against(self) -> str:
        """The reference in a sentence."""
        return self.labels[self.reference].lower()


def report(experiment: Experiment, results: Results) -> Report:
    """Words, tables and figures of the record."""
    settings, families = settings_of(Settings, experiment), families_of(experiment)
    tables, facts = results.tables, results.facts
    words = Words(
        labels={key: one.called for key, one in families.items()},
        reference=settings.reference,
        baselines=tuple(one for one in settings.baselines if one in families),
        title=_(experiment.title),
        source=_source(facts),
    )
    found = sentences.findings(tables, facts, words.labels, settings.reference, settings.main_day)
    every = family_sentences(tables, words)
    shown = [
        _families(tables, words),
        _short("lags", tables["lags"], words, "lag_days"),
        _short("moments", tables["moments"], words, "days_before"),
        _conclusions(tables["conclusions"], words, settings.conclusions_of),
        _agreement(tables["agreement"], words),
        _choices(tables["choices"], words),
        _countries(tables["countries"], words),
        _chances(tables["chances"], words),
        _answers(tables["answers"], words),
        _left_out(tables["left_out"], words),
    ]
    figures = _figures(tables, words)
    kept = tuple(one for one in shown if one.rows)
    sections: tuple[Section, ...] = (
        *(_sections(figures, ("forest",))),
        kept[0],
        Sentences(name="sentences", heading=_("Every family in a sentence"), lines=tuple(every)),
        *(_sections(figures, ("countries", "days", "reliability"))),
        *kept[1:],
    )
    return Report(
        title=_(experiment.title),
        findings=found,
        tables=kept,
        figures=figures,
        charts={"forest": record(tables["families"], words.labels)},
        source=words.source,
        kicker=_("Families of methods over many elections"),
        counts=(
            (_("Election days"), in_form(f"{facts['election_days']:,}")),
            (_("Votes"), in_form(f"{facts['votes']:,}")),
            (_("Countries"), in_form(f"{facts['countries']:,}")),
            (_("Forecasts"), in_form(f"{int(tables['answers']['answered'].sum()):,}")),
        ),
        sections=sections,
    )


def _sections(figures: Mapping[str, Any], names: tuple[str, ...]) -> list[FigureSection]:
    """Of those figures that are drawn."""
    return [FigureSection(name) for name in names if name in figures]


def family_sentences(tables: Mapping[str, pd.DataFrame], words: Words) -> list[str]:
    """One sentence per family and per thing that it claims, in the order of the main table."""
    labels, reference = words.labels, words.reference
    floor = words.baselines[0] if words.baselines else reference
    base = _base_of_map(tables["map"], words)
    said = [
        sentences.of_family(row, labels, reference, floor)
        for row in tables["families"].to_dict("records")
    ]
    said += [
        sentences.of_draws(row, labels, reference)
        for row in tables["draws"].to_dict("records")
        if row["family"] != reference
    ]
    said += [sentences.of_map(row, labels, base) for row in tables["map"].to_dict("records")]
    said += [
        sentences.of_chances(row, labels, reference) for row in tables["chances"].to_dict("records")
    ]
    said += [
        sentences.of_hindsight(row, labels, reference) for row in tables["apart"].to_dict("records")
    ]
    return said


def _base_of_map(rows: pd.DataFrame, words: Words) -> str:
    exact = rows.loc[rows["relative"].eq(1.0), "family"] if len(rows) else rows["family"]
    return str(exact.iloc[0]) if len(exact) else words.reference


def _source(facts: Mapping[str, Any]) -> str:
    return _(
        "Evidence and official results of {votes:,} votes: sources and licences in the "
        "CARD.md of every collection and election.",
        votes=facts["votes"],
    )


def _families(tables: Mapping[str, pd.DataFrame], words: Words) -> Table:
    """Every family in one table: by shares, by the map, by chances, and hindsight apart."""
    shares = tables["families"].assign(block=SHARES)
    maps = tables["map"].assign(block=MAP)
    chances = tables["chances"]
    if len(chances):
        chances = chances.drop(columns=["low", "high", "p"]).rename(
            columns={"relative_low": "low", "relative_high": "high"}
        )
    apart = tables["apart"]
    beside = f"beside_{words.reference}"
    apart = apart.rename(
        columns={beside: "relative", f"{beside}_low": "low", f"{beside}_high": "high"}
    )
    draws = tables["draws"].assign(block=DRAWS)
    parts = [shares, maps, draws, chances.assign(block=CHANCES), apart.assign(block=APART)]
    data = pd.concat([one for one in parts if len(one)], ignore_index=True)
    shown = data.assign(family=data["family"].map(dict(words.labels)))
    base = words.labels[_base_of_map(tables["map"], words)].lower()
    columns: Columns = {
        "countries": {"spare": 4},
        "relative": ColumnSpec(
            _("error beside"),
            _(
                "error compared with the {against}, difficulty of votes taken out, with a 95% "
                "interval by election day; lower is better",
                against=words.against,
            ),
            write=partial(sentences.ratio_cell, value="relative", low="low", high="high"),
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
                _("beside {family}", family=words.labels[one].lower()),
                _("mean ratio of errors on common votes, with a 95% interval"),
                write=partial(
                    sentences.ratio_cell,
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
        of="families",
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
            MAP: _("By area, compared with “{base}”", base=base),
            DRAWS: _("Draws: CRPS compared with the {against}", against=words.against),
            CHANCES: _(
                "Chances of winning: Brier score compared with the {against}", against=words.against
            ),
            APART: _("Compiled after the vote: hindsight, never ranked"),
        },
        terminal=True,
    )


def _worth(row: Mapping[Any, Any]) -> str:
    value = row.get("interviews")
    if value is None or value != value:
        return MISSING
    text = format_significant(value, 2)
    if row["interviews_low"] == row["interviews_low"]:
        low, high = (format_significant(row[f"interviews_{end}"], 2) for end in ("low", "high"))
        text += f" ({low}–{high})"
    return text


def _short(name: str, data: pd.DataFrame, words: Words, by: str) -> Table:
    """Families by rows and values of a column: ratios with intervals and election days."""
    labels = dict(words.labels)
    values = sorted(data[by].unique(), reverse=by == "days_before") if len(data) else []
    cells = {
        (row["family"], row[by]): (
            sentences.ratio_cell(row, "relative", "low", "high"),
            int(row["elections"]),
        )
        for row in data.to_dict("records")
    }
    rows = [
        {
            "family": labels[family],
            **{f"{by}_{value}": cells.get((family, value), (MISSING, 0))[0] for value in values},
            "elections": max(cells.get((family, value), (MISSING, 0))[1] for value in values),
        }
        for family in labels
        if any((family, value) in cells for value in values)
    ]
    shown = pd.DataFrame(rows, columns=["family", *(f"{by}_{v}" for v in values), "elections"])
    columns = {f"{by}_{v}": ColumnSpec(_("{n} days", n=v), numeric=True) for v in values}
    days = ", ".join(str(value) for value in values)
    ratios = _("Ratios with 95% intervals by election day; none below six.")
    if by == "lag_days":
        title = _(
            "Error compared with the {against}, under lags of publication of {days} days",
            against=words.against,
            days=days,
        )
        heading = _("Under other days of publication")
        more = _("Families that read no polls are the same under every lag.")
    else:
        title = _(
            "Error compared with the {against}, at days before the vote {days}",
            against=words.against,
            days=days,
        )
        heading = _("Days before the vote")
        more = _("The reference is compared with itself at the last moment.")
    return table(
        name,
        data,
        shown=shown,
        title=title,
        heading=heading,
        notes=(f"{ratios} {more}",),
        columns=columns,
        of="lags",
        filters=(),
    )


def _conclusions(data: pd.DataFrame, words: Words, election: str) -> Table:
    labels = dict(words.labels)
    shown = data.assign(
        family=data["family"].map(labels),
        other=data["other"].map(labels),
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
        of="conclusions",
        columns={
            "here": ColumnSpec(election, _("ratio of errors there, one election"), "2"),
            "relative": {
                "write": partial(sentences.ratio_cell, value="relative", low="low", high="high"),
                "numeric": True,
            },
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
        of="agreement",
        filters=(),
    )


def _choices(data: pd.DataFrame, words: Words) -> Table:
    wide = data.pivot(index="family", columns="choice", values="rank")
    order = list(dict.fromkeys(data["choice"]))
    wide = wide[order].sort_values(order[0], kind="stable").reset_index()
    shown = wide.assign(family=wide["family"].map(dict(words.labels)))
    columns = {one: ColumnSpec(sentences.choice_words(one, words.labels), "", "0") for one in order}
    return table(
        "choices",
        data,
        shown=shown,
        title=_("Rank of every family under every way to compare"),
        columns=columns,
        filters=(),
    )


def _countries(data: pd.DataFrame, words: Words) -> Table:
    shown = data[data["family"].ne(words.reference)].dropna(subset="relative")
    return table(
        "countries",
        data,
        shown=shown.assign(family=shown["family"].map(dict(words.labels))),
        title=_("Error compared with the {against}, country by country", against=words.against),
        notes=(_("No intervals: most rows rest on a few elections."),),
        of="countries",
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
        shown=data.assign(family=data["family"].map(dict(words.labels))),
        of="chances",
        show=[key for key in CHANCES_SHOWN if key in data],
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
        shown=data.assign(family=data["family"].map(dict(words.labels))),
        title=_("What became of every question: all moments and lags"),
        heading=_("Who answered, and who is ranked?"),
        of="answers",
        filters=("family",),
    )


def _left_out(data: pd.DataFrame, words: Words) -> Table:
    counts = data.groupby("why", sort=True).size().rename("votes").reset_index()
    return table(
        "left_out",
        data,
        shown=counts,
        title=_("Votes that are never ranked, and why"),
        of="left_out",
        filters=(),
    )


def _figures(
    tables: Mapping[str, pd.DataFrame], words: Words
) -> dict[str, Callable[[str], Figure]]:
    labels, reference, source = words.labels, words.reference, words.source
    families, countries, moments = (tables[one] for one in ("families", "countries", "moments"))
    order = list(families["family"])
    found: dict[str, Callable[[str], Figure]] = {
        "forest": lambda size: plots.forest(
            families, labels, reference, words.title, source, size=size
        )
    }
    if countries["country"].nunique() > 1:
        title = _("Families of methods by country")
        found["countries"] = lambda size: plots.by_country(
            countries, order, labels, reference, title, source, size=size
        )
    if moments["days_before"].nunique() > 1:
        days = _("Families of methods by days before the vote")
        found["days"] = lambda size: plots.by_days(
            moments, labels, reference, days, source, size=size
        )
    said = tables["events"]
    if groups_with_curve(said["family"]):
        found["reliability"] = lambda size: reliability_diagram(
            said["chance"].to_numpy(dtype=float),
            said["came"].to_numpy(dtype=float),
            said["family"].to_numpy(dtype=object),
            title=_("When they said 70%, did it happen in 70% of the cases?"),
            source=source,
            about=_(
                "Chances of winning, where one place decides. Events of one day are no "
                "independent draws."
            ),
            names=labels,
            size=size,
        )
    return found

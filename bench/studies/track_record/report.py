"""The report of the record: one table of all families, and what it hangs on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd

from bench.core.settings import Experiment
from bench.metrics.calibration import groups_with_curve
from bench.report.formatting import MISSING, ColumnSpec, format_significant
from bench.report.plotting.reliability import reliability_diagram
from bench.report.report import FigureSection, Report, Section, Sentences
from bench.report.tables import Table, table
from bench.runner import Results
from bench.studies.base import settings_of
from bench.studies.track_record import plots, sentences
from bench.studies.track_record.settings import Settings, families_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SHARES, MAP, DRAWS, CHANCES, APART = "shares", "map", "draws", "chances", "apart"
VERDICTS = {
    "holds": "holds",
    "reversed": "reversed",
    "open": "open: the interval holds 1",
    "few": "too few elections",
    "unseen": "not seen then",
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
        labels={key: one.label for key, one in families.items()},
        reference=settings.reference,
        baselines=tuple(one for one in settings.baselines if one in families),
        title=experiment.title,
        source=_source(facts),
    )
    found = sentences.findings(tables, facts, words.labels, settings.reference, settings.main_day)
    every = family_sentences(tables, words)
    shown = [
        _families(tables, words),
        _short("lags", tables["lags"], words, "lag_days", "under lags of publication of", "days"),
        _short("moments", tables["moments"], words, "days_before", "at days before the vote", ""),
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
        Sentences(name="sentences", heading="Every family in a sentence", lines=tuple(every)),
        *(_sections(figures, ("countries", "days", "reliability"))),
        *kept[1:],
    )
    return Report(
        title=experiment.title,
        findings=found,
        tables=kept,
        figures=figures,
        source=words.source,
        kicker="Families of methods over many elections",
        counts=(
            ("Election days", f"{facts['election_days']:,}"),
            ("Votes", f"{facts['votes']:,}"),
            ("Countries", f"{facts['countries']:,}"),
            ("Forecasts", f"{int(tables['answers']['answered'].sum()):,}"),
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
    return (
        f"Evidence and official results of {facts['votes']:,} votes: sources and licences in the "
        "CARD.md of every collection and election."
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
    columns = {
        "family": ColumnSpec("family"),
        "elections": ColumnSpec("election days", "one country and day count as one", "0"),
        "votes": ColumnSpec("votes", "races or rounds", "0"),
        "countries": ColumnSpec("countries", "", "0", spare=4),
        "relative": ColumnSpec(
            "error beside",
            f"error beside the {words.against}, difficulty of votes taken out, with a 95% interval "
            "by election day; lower is better",
            write=partial(sentences.ratio_cell, value="relative", low="low", high="high"),
            numeric=True,
        ),
        "p": ColumnSpec("p", "two-sided, Holm's for all families together", "3", spare=2),
        "closer": ColumnSpec(
            "closer", f"share of votes in which it is closer than the {words.against}", "%", spare=3
        ),
        **{
            f"beside_{one}": ColumnSpec(
                f"beside {words.labels[one].lower()}",
                "mean ratio of errors on common votes, with a 95% interval",
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
        "interviews": ColumnSpec(
            "worth interviews",
            "interviews of a simple random sample with the same mean squared error, with a 95% "
            "interval; higher is better",
            write=_worth,
            numeric=True,
            spare=5,
        ),
        "reference_interviews": ColumnSpec(
            "polls there", f"the same of the {words.against} on these votes", "2g", spare=1
        ),
    }
    return table(
        "families",
        data,
        shown=shown,
        show=[key for key in columns if key in shown],
        title=words.title,
        heading="Every family of methods",
        notes=(
            f"Errors beside those of the {words.against}: 1.00 is alike, below is closer. Two-way "
            "fixed effects of the logarithm of the mean absolute error on the whole ballot; an "
            "election day counts once, however many races it has.",
            "A forecast is ranked if it names everybody to whom the polls of the moment give 10% "
            "or more; what it leaves is divided equally among the others.",
            "A dash, or a ratio without an interval: fewer than six election days.",
            words.source,
        ),
        columns=columns,
        filters=(),
        block_by="block",
        blocks={
            SHARES: "",
            MAP: f"By area, beside “{base}”",
            DRAWS: f"Draws: CRPS beside the {words.against}",
            CHANCES: f"Chances of winning: Brier score beside the {words.against}",
            APART: "Compiled after the vote: hindsight, never ranked",
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


def _short(name: str, data: pd.DataFrame, words: Words, by: str, said: str, unit: str) -> Table:
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
    columns = {
        "family": ColumnSpec("family"),
        **{f"{by}_{v}": ColumnSpec(f"{v} {unit or 'days'}", numeric=True) for v in values},
        "elections": ColumnSpec("election days", "at most", "0"),
    }
    listed = ", ".join(str(value) for value in values)
    return table(
        name,
        data,
        shown=shown,
        title=f"Error beside the {words.against}, {said} {listed} {unit}".strip(),
        heading="Under other days of publication" if by == "lag_days" else "Days before the vote",
        notes=(
            "Ratios with 95% intervals by election day; none below six. "
            + (
                "The reference stands beside itself at the last moment."
                if by == "days_before"
                else "Families that read no polls are the same under every lag."
            ),
        ),
        columns=columns,
        filters=(),
    )


def _conclusions(data: pd.DataFrame, words: Words, election: str) -> Table:
    labels = dict(words.labels)
    shown = data.assign(
        family=data["family"].map(labels),
        other=data["other"].map(labels),
        score=data["score"].map({"mae": "whole ballot", "mae_polled": "those polled 10%"}),
        verdict=data["verdict"].map(VERDICTS),
    )
    return table(
        "conclusions",
        data,
        shown=shown,
        show=["family", "other", "score", "here", "relative", "elections", "votes", "verdict"],
        title=f"What {election} seemed to say, and what all elections say",
        heading=f"Which conclusions of {election} survive?",
        notes=("Error of the first beside that of the second; below 1 the first is closer.",),
        columns={
            "family": ColumnSpec("first"),
            "other": ColumnSpec("second"),
            "score": ColumnSpec("on"),
            "here": ColumnSpec(election, "ratio of errors there, one election", "2"),
            "relative": ColumnSpec(
                "all elections",
                "ratio on the votes that both answered, with a 95% interval by election day",
                write=partial(sentences.ratio_cell, value="relative", low="low", high="high"),
                numeric=True,
            ),
            "elections": ColumnSpec("election days", "", "0"),
            "votes": ColumnSpec("votes", "", "0"),
            "verdict": ColumnSpec("verdict"),
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
        title="Does the ranking hang on how families are compared? Correlation with the headline",
        heading="Does the ranking hang on the choice?",
        columns={
            "choice": ColumnSpec("compared by"),
            "families": ColumnSpec("families", "", "0"),
            "spearman": ColumnSpec("Spearman", "of ranks; 1 is the same order", "2"),
            "kendall": ColumnSpec("Kendall", "tau-b of ranks; 1 is the same order", "2"),
            "largest_move": ColumnSpec("largest move", "places", "0"),
            "moved": ColumnSpec("of"),
        },
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
        title="Rank of every family under every way to compare",
        columns={"family": ColumnSpec("family"), **columns},
        filters=(),
    )


def _countries(data: pd.DataFrame, words: Words) -> Table:
    shown = data[data["family"].ne(words.reference)].dropna(subset="relative")
    return table(
        "countries",
        data,
        shown=shown.assign(family=shown["family"].map(dict(words.labels))),
        title=f"Error beside the {words.against}, country by country",
        notes=("No intervals: most rows rest on a few elections.",),
        columns={
            "family": ColumnSpec("family"),
            "country": ColumnSpec("country"),
            "elections": ColumnSpec("election days", "", "0"),
            "votes": ColumnSpec("votes", "", "0"),
            "relative": ColumnSpec("error beside", "lower is better", "2"),
        },
        filters=("family", "country"),
    )


def _chances(data: pd.DataFrame, words: Words) -> Table:
    columns = {
        "family": ColumnSpec("family"),
        "elections": ColumnSpec("election days", "", "0"),
        "votes": ColumnSpec("votes", "", "0"),
        "brier": ColumnSpec("Brier", "mean over its own votes; lower is better", "3"),
        "log_score": ColumnSpec("log score", "the same, nats; lower is better", "3"),
        "brier_difference": ColumnSpec(
            "Brier, difference",
            f"from the {words.against}, difficulty of votes taken out, with a 95% interval by "
            "election day; below 0 is better",
            write=_difference,
            numeric=True,
        ),
        "p": ColumnSpec("p", "Holm's for all families together", "3"),
        "log_difference": ColumnSpec("log score, difference", "nats; below 0 is better", "3"),
    }
    return table(
        "chances",
        data,
        shown=data.assign(family=data["family"].map(dict(words.labels))),
        show=[key for key in columns if key in data],
        title="Stated chances of winning, where one place decides",
        heading="Who knows how sure to be?",
        notes=(
            "Of two candidates one counts, since the other says the same. Chances nearer to 0 or 1 "
            "than 0.001 count as that far away in the log score.",
        ),
        columns=columns,
        filters=(),
    )


def _difference(row: Mapping[Any, Any]) -> str:
    if row["brier_difference"] != row["brier_difference"]:
        return MISSING
    text = f"{row['brier_difference']:.3f}"
    if row["low"] == row["low"]:
        text += f" ({row['low']:.3f} to {row['high']:.3f})"
    return text.replace("-", "−")


def _answers(data: pd.DataFrame, words: Words) -> Table:
    return table(
        "answers",
        data,
        shown=data.assign(family=data["family"].map(dict(words.labels))),
        title="What became of every question: all moments and lags",
        heading="Who answered, and who is ranked?",
        columns={
            "family": ColumnSpec("family"),
            "predictor": ColumnSpec("predictor"),
            "asked": ColumnSpec("asked", "", "0"),
            "answered": ColumnSpec("answered", "", "0"),
            "ranked": ColumnSpec(
                "ranked", "named everybody who counts, and knew nothing later", "0"
            ),
            "partial": ColumnSpec("partial", "named too few to be ranked", "0"),
            "chances_only": ColumnSpec("chances only", "", "0"),
            "abstained": ColumnSpec("abstained", "", "0"),
            "failed": ColumnSpec("failed", "", "0"),
        },
        filters=("family",),
    )


def _left_out(data: pd.DataFrame, words: Words) -> Table:
    counts = data.groupby("why", sort=True).size().rename("votes").reset_index()
    return table(
        "left_out",
        data,
        shown=counts,
        title="Votes that are never ranked, and why",
        columns={"why": ColumnSpec("because"), "votes": ColumnSpec("votes", "", "0")},
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
        title = "Families of methods by country"
        found["countries"] = lambda size: plots.by_country(
            countries, order, labels, reference, title, source, size=size
        )
    if moments["days_before"].nunique() > 1:
        days = "Families of methods by days before the vote"
        found["days"] = lambda size: plots.by_days(
            moments, labels, reference, days, source, size=size
        )
    said = tables["events"]
    if groups_with_curve(said["family"]):
        found["reliability"] = lambda size: reliability_diagram(
            said["chance"].to_numpy(dtype=float),
            said["came"].to_numpy(dtype=float),
            said["family"].to_numpy(dtype=object),
            title="When they said 70 %, did it happen in 70 %?",
            source=source,
            about="Chances of winning, where one place decides. Events of one day are no "
            "independent draws.",
            names=labels,
            size=size,
        )
    return found

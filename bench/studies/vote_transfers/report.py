"""What the study of transfers shows: words, tables and figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from bench.core.language import N_, Message, _, ngettext, retold
from bench.core.settings import Experiment
from bench.data.election import Election, load_election, rounds_of_runoff
from bench.data.margins import NOBODY
from bench.data.tables import outcome_of
from bench.report.context import ReportContext, election_title, names_of, sources_of, title_of
from bench.report.formatting import ColumnSpec, column, format_fixed, in_words
from bench.report.report import Report
from bench.report.tables import Table, table
from bench.runner.results import Results
from bench.studies.base import settings_of
from bench.studies.vote_transfers.analysis import Settings, whole_electorate
from bench.studies.vote_transfers.plots import (
    NO_CANDIDATE,
    source_words,
    transfer_levels,
    transfers,
)

TITLES = {  # title and heading of the table of each electorate
    N_("registered"): (
        N_("First to last round, whole electorate, percent of the origin's votes"),
        N_("Where the whole electorate went"),
    ),
    N_("valid"): (
        N_("First to last round, valid votes only (as if nobody joined or stayed away)"),
        N_("The same, valid votes alone"),
    ),
}
CONTEXT = N_(
    "The ranges are wide because no total tells how far voters follow their neighbours (the "
    "context): a range covers the estimates from every level of areas, and the model's own "
    "interval, which takes the context as known, where that one is wider."
)
UNREADABLE = N_(
    "Candidates with under 2% of the votes are left out: estimates for them rest on the prior "
    "and should not be read. They are in transitions.csv, marked readable = false."
)
CAUTION = N_("The flows of candidates with under 2% of the votes are not findings.")
COST_NOTE = N_(
    "Left out: areas annulled in either round or empty. Moved: votes added or "
    "taken away to give an area the same total in both votes, as a share of all."
)
LEVELS = N_(
    "Each row is a place where the voters of one candidate went, each dot what one level of areas "
    "says of it. Where the dots of all levels meet, the answer does not depend on that choice."
)
NO_ONE = N_("No candidate")
WENT = {
    "abstention": N_("did not vote"),
    "blank_null": N_("voted blank or null"),
    "not_expressed": N_("did not vote or voted blank or null"),
}
MOST_PANELS = 6


def context_of_transfers(election: Election) -> ReportContext:
    """The last round: names, colours and sources."""
    runoff = rounds_of_runoff(election)[1]
    outcome = outcome_of(election, runoff.number)
    people = election.people.set_index("candidate")
    source = sources_of([str(election.folder)])
    return ReportContext(
        election=election.name,
        name=election_title(election.title),
        round=runoff.number,
        as_of=runoff.known_at,
        vote_on=runoff.vote_on,
        outcome=outcome.share,
        names={str(key): str(one) for key, one in people["name"].items()} | {NOBODY: _(NO_ONE)},
        families={str(key): str(one) for key, one in people["family"].items()},
        qualifiers=tuple(map(str, outcome.share.nlargest(outcome.seats).index)),
        seats=outcome.seats,
        title=election_title(election.title),
        source=" ".join([_("Percent of the registered."), _(CAUTION), source]),
        ballots={},
    )


def transfers_report(experiment: Experiment, results: Results) -> Report:
    """The transfers in words, tables and figures."""
    settings, facts, tables = settings_of(Settings, experiment), results.facts, results.tables
    labels = {level: _(words) for level, words in facts["labels"].items()}
    rounds = tables["transitions"]
    everybody = rounds[rounds["electorate"].eq(whole_electorate(rounds["electorate"]))]
    finest = facts["levels"][0]
    flows = everybody[everybody["level"].eq(finest)]
    context = context_of_transfers(load_election(facts["elections"][0]))
    weights = tables["weights"].set_index("origin")["votes"]
    beaten = origins_of(everybody, context, weights)
    of_levels: dict[str, Any] = {
        "origins": [name for name in beaten if name != NOBODY][:MOST_PANELS],
        "level": settings.level,
        "labels": labels,
    }
    told = beaten[: settings.n_told]
    claims = list(headline(everybody, tables["others"], context, told, settings.level))
    said = [claim for claim, _levels in claims]
    return Report(
        title=title_of(experiment, facts["elections"][:1]),
        findings=(
            *(sentence for both in claims[:1] for sentence in both),  # the claim is the page's
            *(f"{claim} {levels}" for claim, levels in claims[1:]),
            _(CONTEXT),
            _(UNREADABLE),
            *(Message.of(kept).told() for kept in facts["missing"]),
        ),
        tables=tuple(transfer_tables(tables, labels, names_of(facts["elections"]), settings)),
        figures={
            "transfers": lambda size: transfers(
                flows,
                weights,
                context,
                whose=_("estimated by {level}", level=labels[finest]),
                claim=next(iter(said), ""),
                size=size,
            ),
            "transfer_levels": transfer_levels(
                everybody,
                tables["others"],
                context,
                **of_levels,
                claim=next(iter(said[1:]), ""),
            ).draw,
        },
        reading={"transfer_levels": _(LEVELS)},
        source=context.source,
        kicker=_("{name} · ecological inference", name=context.name),
        counts=(
            (_("Levels of areas"), str(everybody["level"].nunique())),
            (
                _("Origins that may be read"),
                str(_readable(everybody)["from_candidate"].nunique()),
            ),
        ),
    )


def _estimate_words(row: Mapping[Any, Any]) -> str:
    """The electorate and the level of an estimate, or the two elections that it is about."""
    words = [in_words(part, "estimate", {}) for part in row["estimate"].split(", ")]
    return ", ".join(retold(word, N_("{before} to {after}")) for word in words)


def transfer_tables(
    tables: Mapping[str, pd.DataFrame],
    labels: Mapping[str, str],
    people: Mapping[str, str],
    settings: Settings,
) -> Iterator[Table]:
    """The tables of the study."""
    names = {**people, **{key: _(words) for key, words in {**NO_CANDIDATE, NOBODY: NO_ONE}.items()}}
    interval = _(
        "{level:.0%} from, to: the range over levels, or the model's own interval at "
        "the finest where that is wider; least, most: bounds that its margins allow.",
        level=settings.level,
    )
    known = {level: column(level, label=words) for level, words in labels.items()}
    known |= {name: column(name, label=source_words(name)) for name in tables["others"]["source"]}
    known["lower"] = column("lower", label=_("{level:.0%} from", level=settings.level))
    known["upper"] = column("upper", label=_("{level:.0%} to", level=settings.level))
    for electorate in settings.electorates:
        side = tables[f"levels_{electorate}"]
        numbers = [str(name) for name in side if pd.api.types.is_numeric_dtype(side[name])]
        forms = {name: replace(known.get(name, column(name)), form="1") for name in numbers}
        title, heading = TITLES[electorate]
        yield table(
            f"levels_{electorate}",
            side,
            title=_(title),
            heading=_(heading),
            notes=(interval, UNREADABLE),
            columns=forms,
            names=names,
            terminal=True,
        )
    if "past_vote_transitions" in tables:
        rows = _readable(tables["past_vote_transitions"])
        wide = 100 * rows.pivot(index="from_candidate", columns="to", values="share")
        columns = {
            str(name): ColumnSpec(names.get(str(name), str(name)), form="0") for name in wide
        }
        yield table(
            "past_vote_transitions",
            wide.reset_index(),
            title=_(
                "Past vote: first round of the election before to this one, percent of the origin"
            ),
            heading=_("Where the voters of the election before went"),
            columns=columns,
            names=names,
            terminal=True,
        )
    costs = tables["timings"]
    seconds = ["wall_s", "cpu_s"]
    yield table(
        "areas_used",
        costs.drop(columns=seconds),
        shown=costs,
        title=_("Areas of every estimate"),
        heading=_("How many areas each estimate rests on"),
        notes=(COST_NOTE,),
        columns={
            "estimate": column("estimate", write=_estimate_words),
            **{key: column(key, form="1", in_files=False) for key in seconds},
        },
        terminal=True,
    )


def origins_of(everybody: pd.DataFrame, context: ReportContext, weights: pd.Series) -> list[str]:
    """Readable origins that are not in the last round: candidates by votes, then nobody."""
    readable = set(_readable(everybody)["from_candidate"])
    ordered = map(str, weights.sort_values(ascending=False).index)
    beaten = [name for name in ordered if name in readable and name not in context.by_votes]
    return sorted(beaten, key=lambda name: name == NOBODY)


def headline(
    everybody: pd.DataFrame,
    others: pd.DataFrame,
    context: ReportContext,
    origins: Sequence[str],
    level: float,
) -> Iterator[tuple[str, str]]:
    """Where the voters of these origins went: the model, the other sources, what the range covers.

    The range is of one model over levels of areas, so whatever surveys and published estimates say
    of the same voters stands in the same sentence.
    """
    finest = str(everybody["level"].iloc[0])
    rows = _readable(everybody)
    for origin in origins:
        mine = rows[rows["from_candidate"].eq(origin)]
        best = mine[mine["level"].eq(finest)].sort_values("share", ascending=False).iloc[0]
        levels = 100 * mine.loc[mine["to"].eq(best["to"]), "share"]
        goal = (
            _(WENT[best["to"]])
            if best["to"] in WENT
            else _("went to {candidate}", candidate=context.name_of(str(best["to"])))
        )
        is_nobody = origin == NOBODY
        whose = (
            _("those who chose no candidate")
            if is_nobody
            else _("the voters of {origin}", origin=context.name_of(origin))
        )
        # neither the choice of the level nor the noise at one level may narrow the other
        least = min(levels.min(), 100 * best["lower"])
        most = max(levels.max(), 100 * best["upper"])
        same = others[others["from_candidate"].eq(origin) & others["to"].eq(best["to"])]
        beside = [
            _("{source}: {share}%", source=source_words(source), share=format_fixed(100 * share, 1))
            for source, share in zip(same["source"], same["share"], strict=True)
        ]
        yield (
            ngettext(
                "By one model at {n} level of areas, {least:.0f} to {most:.0f}% of {whose} {goal} "
                "({others}).",
                "By one model at {n} levels of areas, {least:.0f} to {most:.0f}% of {whose} {goal} "
                "({others}).",
                len(levels),
                whose=whose,
                least=least,
                most=most,
                goal=goal,
                others=_("; ").join(beside) or _("no survey of them is known"),
            ),
            _(
                "For {whose}, estimates from the levels of areas run from {low:.0f} to "
                "{high:.0f}%; the finest level gives {share:.0f}% (the model's own {level:.0%} "
                "interval: {lower:.0f} to {upper:.0f}%).",
                whose=whose,
                low=levels.min(),
                high=levels.max(),
                share=100 * best["share"],
                level=level,
                lower=100 * best["lower"],
                upper=100 * best["upper"],
            ),
        )


def _readable(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[rows["readable"].astype(bool)]

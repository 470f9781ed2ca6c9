"""The tables of a backtest: errors, also of every date and by area, who named whom, methods."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

import pandas as pd

from bench.core.arrays import sorted_digits
from bench.report.answers import exclusions
from bench.report.columns import Column, in_words
from bench.report.context import ReportContext
from bench.report.document import MakeTable, table_of
from bench.report.formatting import MISSING, day
from bench.report.tables import Block, Cell, Choice, Row, Table
from bench.studies.backtest.facts import NOTES, BallotErrors
from bench.studies.backtest.findings import BASELINE, BASELINES, ballot_errors
from bench.studies.backtest.headline import (
    SHOWN,
    Vote,
    age_days,
    at,
    conversions,
    rankable,
)

POINT = "·"  # after the CRPS of a forecast without spread
FILLED = "°"  # after an error on a ballot whose gaps were filled
LOOKS = {"none": "silent", "failed": "failed"}  # by block
SIGNS = {"named": "●", "filled": "○", "none": ""}
MAX_DATES = 80  # of the table of every date
MAX_CANDIDATES = 5  # with a column of their own
MAX_NAMED = 4  # missing candidates that are named one by one

Record = Mapping[Any, Any]


COLUMNS: Mapping[str, str | Mapping[str, Any]] = {
    "family": {"in_papers": False, "in_terminal": False},
    "crps_pp": {"form": "2", "sign": "crps_sign"},
    "mae_all_pp": {"form": "2", "sign": "mae_all_sign"},
    "largest_error_pp": "2",
    "coverage_90": "%",
    "p_pair": "%",
    "skill": "2",
    "evidence_age_days": "0",
    "named": {"numeric": True},
    "notes": {"in_papers": False, "in_terminal": False},
}


def headline_table(
    table: pd.DataFrame, context: ReportContext, *, terminal: bool = True
) -> MakeTable:
    """The errors of one moment and ballot.

    Parameters
    ----------
    table
        From `bench.studies.backtest.headline.headline`, one moment and ballot.
    context
        Its vote.
    terminal
        Whether it is printed when a run ends.
    """
    return table_of(
        table,
        shown=_that_make_sense(shown_rows(table, context), context),
        show=SHOWN,
        columns=COLUMNS,
        filters=[],
        block_by="block",
        row_notes="notes",
        row_looks="look",
        terminal=terminal,
    )


def rounds_table(
    votes: Sequence[Vote], tables: Sequence[pd.DataFrame], order: Sequence[str]
) -> MakeTable:
    """One row a method: error and first place of every round of an election.

    Parameters
    ----------
    votes, tables
        The rounds, and the table of `bench.studies.backtest.headline.headline` of each.
    order
        Methods that were compared over all rounds, the closest first; the others follow.
    """
    rounds = {}
    for vote, errors in zip(votes, tables, strict=True):
        context = vote.context
        rows = at(errors, context.as_of, context.ballot_keys[0])
        rows = shown_rows(rows.assign(same_as=""), context).set_index(rows["predictor"])
        is_whole = rows["block"].ne("partial")
        rounds[f"mae_pp_{context.round}"] = rows["mae_pp"].where(is_whole)
        rounds[f"first_named_{context.round}"] = rows["first_named"]
    table = pd.DataFrame(rounds)
    table = table.reindex(list(dict.fromkeys([*order, *table.index])))
    table = table.rename_axis("predictor").reset_index()
    return table_of(table, columns={"mae_pp_*": "2"}, filters=[], terminal=True)


def _that_make_sense(rows: pd.DataFrame, context: ReportContext) -> pd.DataFrame:
    """Without the columns that make no sense: a runoff has no pair, one ballot no second error."""
    unused = [] if context.n_advance > 1 else ["pair_right", "p_pair"]
    return rows.drop(columns=[*unused, *([] if context.ranked_on else ["mae_all_pp"])])


def dates_shown(vote: Vote) -> dict[pd.Timestamp, str]:
    """The moments of the table of every date, that of the page first, each with its number."""
    latest = vote.context.as_of
    dates = [latest, *(moment for moment in vote.dates if moment != latest)]
    return {moment: str(number) for number, moment in enumerate(dates[:MAX_DATES])}


def errors_by_ballot(vote: Vote, table: pd.DataFrame) -> dict[str, BallotErrors]:
    """What the notes of `error_table` say of every ballot, at the moment of the page.

    Parameters
    ----------
    vote, table
        As of `error_table`.
    """
    context = vote.context
    is_dated = len(dates_shown(vote)) == 1
    called = _called_ballots(vote)
    return {
        ballot: ballot_errors(
            at(table, context.as_of, ballot),
            context,
            ballot,
            is_dated=is_dated,
            words=called[ballot],
        )
        for ballot in context.ballot_keys
    }


def _called_ballots(vote: Vote) -> dict[str, str]:
    """The ballots in words; over many dates by the rule that chose the candidates."""
    context = vote.context
    called = dict(context.ballots)
    if len(dates_shown(vote)) > 1 and context.ranked_on and context.least_polled is not None:
        called["compared"] = NOTES.text("ballot_by_rule", least_polled=context.least_polled)
    return called


def error_table(vote: Vote, table: pd.DataFrame) -> MakeTable:
    """The errors of every date and ballot, for a page that shows those that are chosen.

    Parameters
    ----------
    vote
        The dates of its forecasts are those of the slider.
    table
        From `bench.studies.backtest.headline.headline`, every moment and ballot.
    """
    context = vote.context
    shown = _shown_at(vote, table, dates_shown(vote))
    people_see = _that_make_sense(shown, context)
    return table_of(
        shown,
        shown=people_see if context.audit else people_see.drop(columns="audit"),
        show=[*(key for key in SHOWN if key != "family"), "audit"],
        columns=COLUMNS,
        filters=[],
        block_by="block",
        finish=partial(_with_choices, vote, table, shown),
    )


def _with_choices(vote: Vote, table: pd.DataFrame, shown: pd.DataFrame, errors: Table) -> Table:
    """The table of errors with what can be chosen, and the notes that go with each choice."""
    has_several = len(dates_shown(vote)) > 1
    choices = [_choice_of_family(vote), _choice_of_ballot(vote)]
    ballots = errors_by_ballot(vote, table)
    notes = [
        (ballot, NOTES.lines("error_notes", errors=facts)) for ballot, facts in ballots.items()
    ]
    if has_several:
        choices.append(_choice_of_date(vote))
    if has_several and vote.context.ranked_on:
        sets = [NOTES.text("dates_of_set", **dates._asdict()) for dates in _ranked_on(vote)]
        notes.append(("compared", NOTES.lines("sets_by_date", sets=sets)))
    if not vote.context.audit:
        notes.append(("", NOTES.lines("not_audited")))
    return replace(
        errors,
        blocks=tuple(_choosable(block, shown, errors, has_several) for block in errors.blocks),
        choices=tuple(choices),
        notes_with=tuple(notes),
        sorted_by="crps_pp",
    )


def _choice_of_family(vote: Vote) -> Choice:
    families = sorted(set(vote.methods["family"]))
    options = tuple((family, in_words(family, "family")) for family in families)
    return Choice(label=NOTES.text("choice", column="family"), options=options)


def _choice_of_ballot(vote: Vote) -> Choice:
    called = _called_ballots(vote)
    options = tuple((ballot, called[ballot]) for ballot in vote.context.ballot_keys)
    return Choice(label=NOTES.text("choice", column="ballot"), any=False, options=options)


def _choice_of_date(vote: Vote) -> Choice:
    number_of = dates_shown(vote)
    return Choice(
        label=NOTES.text("choice", column="evidence"),
        any=False,
        options=tuple((number, day(moment)) for moment, number in number_of.items()),
        dates=tuple(vote.dates.index(moment) for moment in number_of),
    )


def _ranked_on(vote: Vote) -> list[Dates]:
    """The candidates of the ranking, by date."""
    names = vote.context.surnames
    return spans_of(
        {
            moment: [names[key] for key in sorted(vote.ranked_sets.get(moment, ()))]
            for moment in dates_shown(vote)
        }
    )


class Dates(NamedTuple):
    """Dates in a row on which the ranking is made on the same candidates."""

    first: pd.Timestamp
    last: pd.Timestamp | None
    names: list[str]


def spans_of(sets: Mapping[pd.Timestamp, Sequence[str]]) -> list[Dates]:
    """Which candidates the ranking of each date is made on, runs of equal dates together.

    Examples
    --------
    >>> dates = pd.to_datetime(["2029-12-01", "2029-12-20", "2030-01-01"])
    >>> spans = spans_of(dict(zip(dates, [["Ash"], ["Ash", "Fir"], ["Ash", "Fir"]])))
    >>> [(span.first.day, span.last and span.last.day, span.names) for span in spans]
    [(1, None, ['Ash']), (20, 1, ['Ash', 'Fir'])]
    """
    spans: list[Dates] = []
    for moment in sorted(sets):
        names = list(sets[moment])
        if spans and spans[-1].names == names:
            spans[-1] = spans[-1]._replace(last=moment)
        else:
            spans.append(Dates(first=moment, last=None, names=names))
    return spans


def _shown_at(
    vote: Vote, table: pd.DataFrame, number_of: Mapping[pd.Timestamp, str]
) -> pd.DataFrame:
    """Rows as people see them, the shown moment first; the silent are listed at that one alone."""
    context = vote.context
    scored = pd.MultiIndex.from_frame(vote.errors[["as_of", "predictor"]].drop_duplicates())
    now = table["as_of"].eq(context.as_of)
    listed = now | pd.MultiIndex.from_frame(table[["as_of", "predictor"]]).isin(scored)
    shown = shown_rows(table[listed & table["ballot"].isin(context.ballot_keys)], context)
    shown["place"] = shown["as_of"].map(number_of)
    order = {ballot: number for number, ballot in enumerate(context.ballot_keys)}
    shown = shown.assign(_number=shown["place"].astype(float), _ballot=shown["ballot"].map(order))
    return shown.dropna(subset="place").sort_values(["_number", "_ballot"], kind="stable")


def _choosable(block: Block, shown: pd.DataFrame, errors: Table, has_several: bool) -> Block:
    """The rows with their values for the choices, and the family under the name."""
    mine = shown[shown["block"].eq(block.key)]
    at_first = mine["place"].eq("0") & mine["_ballot"].eq(0)
    keys = mine[["family", "ballot", *(["place"] if has_several else [])]]
    rows = []
    for row, of, seen in zip(block.rows, keys.to_numpy(dtype=object), at_first, strict=True):
        cells = list(row.cells)
        cells[errors.name_at] = replace(cells[errors.name_at], under=in_words(str(of[0]), "family"))
        rows.append(Row(tuple(cells), keys=tuple(of), hidden=not seen))
    return replace(block, rows=tuple(rows))


def shown_rows(table: pd.DataFrame, context: ReportContext) -> pd.DataFrame:
    """One row per national forecast, with the words that people see, its look and its block."""
    rows = one_row_each(table)
    is_point = ~rows["has_spread"].astype(bool) & rows["crps_pp"].notna()
    none_named, tie = NOTES.text("none_named"), NOTES.text("tie")
    first_places = zip(names_nobody(rows), rows["first_right"], rows["first_named"], strict=True)
    notes = [
        [NOTES.text("does_not_name", names=missing)] * bool(missing) + [note] * bool(note)
        for missing, note in zip(rows["missing"], rows["notes"], strict=True)
    ]
    blocks = [
        "failed" if status == "failed" else kind if block == "ranked" else block
        for block, kind, status in zip(
            rows["block"], rows["kind"].replace(BASELINES, BASELINE), rows["status"], strict=True
        )
    ]
    return rows.assign(
        audit=_audited(rows["predictor"], context),
        predictor=joined_names(rows),
        notes=[NOTES.text("parts", parts=parts) for parts in notes],
        first_named=[
            none_named if is_none else verdict(is_right, context.surnames.get(name, name) or tie)
            for is_none, is_right, name in first_places
        ],
        pair_right=[verdict(right) for right in rows["pair_right"]],
        named=[
            f"{n}/{of}" if n else MISSING
            for n, of in zip(rows["named"], rows["n_candidates"], strict=True)
        ],
        crps_sign=is_point.map({True: POINT, False: ""}),
        mae_all_sign=[FILLED if filled else "" for filled in rows["gaps_filled"]],
        look=[LOOKS.get(block, "") for block in blocks],
        block=blocks,
    )


def names_nobody(rows: pd.DataFrame) -> pd.Series:
    """Rows of a headline table with shares of which their author drew no winner."""
    return rows["block"].ne("none") & rows["first_right"].isna()


def _audited(names: Iterable[str], context: ReportContext) -> list[str]:
    """What the audit found of each method, in words; empty where there was none."""
    if not context.audit:
        return ["" for _name in names]
    return [NOTES.text("audited", verdict=context.audit.get(name, "none")) for name in names]


def one_row_each(table: pd.DataFrame) -> pd.DataFrame:
    """Rows as people see them: methods with one national forecast share a row.

    Parameters
    ----------
    table
        From `headline`; one moment and ballot, or many.

    Returns
    -------
    DataFrame
        First methods only, with `also` (tuple of str): the others of the row.
    """
    keys = [key for key in ("as_of", "ballot") if key in table]
    others: dict[Any, Any] = {}
    names = table[[*keys, "same_as", "predictor"]].itertuples(index=False, name=None)
    for *lead, name in names:
        others[tuple(lead)] = (*others.get(tuple(lead), ()), name)
    shown = table[table["same_as"].eq("")]
    leads = shown[[*keys, "predictor"]].itertuples(index=False, name=None)
    return shown.assign(also=[others.get(lead, ()) for lead in leads])


def joined_names(rows: pd.DataFrame) -> list[str]:
    """The names of the methods that share each row, `predictor` and `also`."""
    return [
        " = ".join([name, *also])
        for name, also in zip(rows["predictor"], rows["also"], strict=True)
    ]


def verdict(right: Any, who: str = "") -> str:
    """Tick or cross, and whom the forecast named."""
    if right is None or (isinstance(right, float) and math.isnan(right)):
        return MISSING
    return f"{'✓' if right else '✗'} {who}".rstrip()


def area_errors(vote: Vote) -> pd.DataFrame:
    """Mean absolute error over areas by predictor and candidate, in percentage points.

    Returns
    -------
    pandas.DataFrame
        predictor, candidate (empty: mean of all candidates), n_areas, weighted_pp (areas weigh
        their valid votes) and unweighted_pp (every area counts alike); best weighted mean first.
    """
    keys = ["predictor", "candidate"]
    here = rankable(vote.latest.errors, vote.latest.methods)
    here = here[here["ballot"].eq("all")]
    local = here[here["metric"].eq("signed_error") & here["area"].ne("national")]
    by_name = local.assign(value=local["value"].abs()).groupby(keys)
    weighted = here[here["metric"].eq("area_absolute_error")].groupby(keys)["value"].mean()
    table = pd.DataFrame(
        {
            "n_areas": by_name["area"].nunique(),
            "weighted_pp": 100 * weighted,
            "unweighted_pp": 100 * by_name["value"].mean(),
        }
    ).reset_index()
    numbers = ["n_areas", "weighted_pp", "unweighted_pp"]
    whole = table.groupby("predictor", as_index=False)[numbers].mean()
    whole["n_areas"] = whole["n_areas"].astype(int)
    both = pd.concat([whole.assign(candidate=""), table], ignore_index=True)
    best = whole.sort_values("weighted_pp", kind="stable", key=sorted_digits)["predictor"].tolist()
    both["order"] = both["predictor"].map({name: place for place, name in enumerate(best)})
    both = both.sort_values(["order", "candidate"], kind="stable", ignore_index=True)
    return both[[*keys, *numbers]]


def area_tables(vote: Vote, *, terminal: bool = False) -> dict[str, MakeTable]:
    """Errors by area: a table of methods, and one of methods and candidates.

    Parameters
    ----------
    vote
        With areas.
    terminal
        Whether the first is printed when a run ends.
    """
    context = vote.context
    long = area_errors(vote)
    wide = long[long["candidate"].eq("")].drop(columns="candidate").reset_index(drop=True)
    for name in context.by_votes[:MAX_CANDIDATES]:
        of_candidate = long[long["candidate"].eq(name)].set_index("predictor")["weighted_pp"]
        wide[context.surnames[name]] = wide["predictor"].map(of_candidate)
    shown = long.assign(candidate=long["candidate"].replace("", NOTES.text("everybody")))
    return {
        "areas": table_of(
            wide,
            form="2",
            columns={"n_areas": "0"},
            names=context.surnames,
            terminal=terminal,
        ),
        "areas_by_candidate": table_of(
            long,
            shown=shown,
            columns={"n_areas": "0", "weighted_pp": "2", "unweighted_pp": "2"},
            names=context.surnames,
            filters=["predictor", "candidate"],
            first={"candidate": context.by_votes[0]},
            terminal=False,
        ),
    }


def mask_table(
    vote: Vote,
    order: Sequence[str],
    name: str,
    *,
    columns: Mapping[str, Mapping[str, Any]],
    **words: Any,
) -> Table:
    """Which candidates and areas each method names, what is missing and why, and the audit.

    Parameters
    ----------
    vote
        At the moment that is shown.
    order
        Predictors from top to bottom; others follow.
    name, columns, **words
        Of `Table`; the labels of its columns.
    """
    context = vote.context
    methods = vote.latest.methods.set_index("predictor")
    rows = vote.latest.forecasts
    rows = rows[rows["share"].notna()]
    national = rows[rows["area"].eq("national")]
    states = national["filled"].map({True: "filled", False: "named"})
    state_of = dict(
        zip(zip(national["predictor"], national["candidate"], strict=True), states, strict=True)
    )
    areas = rows[rows["area"].ne("national")].groupby("predictor")["area"].nunique()
    called = {state: NOTES.text("mask_state", state=state) for state in SIGNS}
    mask_rows = []
    names = list(dict.fromkeys((*order, *methods.index)))
    for predictor, verdict_words in zip(names, _audited(names, context), strict=True):
        named = [state_of.get((predictor, key), "none") for key in context.by_votes]
        n_areas = int(areas.get(predictor, 0))
        cells = [
            Cell(vote.labels[predictor], key=predictor),
            *(Cell(SIGNS[state], look=state, under=called[state]) for state in named),
            Cell(f"{n_areas}/{areas.max()}" if n_areas else MISSING, n_areas),
            Cell(why_missing(named, methods.loc[predictor].to_dict(), context)),
            Cell(verdict_words),
        ]
        mask_rows.append(Row(tuple(cells)))
    unused = {"areas"} if areas.empty else set()
    unused |= set() if context.audit else {"audit"}
    table = Table(
        name=name,
        data=national,
        columns=(
            Column(key="predictor", **columns["predictor"]),
            *(Column(key=key, label=context.surnames[key]) for key in context.by_votes),
            Column(key="areas", numeric=True, **columns["areas"]),
            Column(key="why", **columns["why"]),
            Column(key="audit", **columns["audit"]),
        ),
        blocks=(Block("", tuple(mask_rows)),),
        search=False,
        look="mask",
        **words,
    )
    return table.keep(lambda column: column.key not in unused)


def why_missing(states: Sequence[str], method: Record, context: ReportContext) -> str:
    """In words, why a row of the mask is not full; empty if it is."""
    missing = [c for c, state in zip(context.by_votes, states, strict=True) if state != "named"]
    is_silent = method["status"] != "ok"
    if not (is_silent or missing):
        return ""
    message = method.get("message")
    return NOTES.text(
        "why_missing",
        is_silent=is_silent,
        status=str(method["status"]),
        message=message.strip() if isinstance(message, str) else "",
        n_named=len(states) - len(missing),
        n_candidates=len(states),
        missing=[context.surnames[name] for name in missing] if len(missing) <= MAX_NAMED else [],
    )


def methods_table(vote: Vote) -> MakeTable:
    """What each method used, and what the audit found."""
    context = vote.context
    methods = vote.latest.methods.sort_values("predictor", ignore_index=True, kind="stable")
    age = age_days(methods, [context] * len(methods))
    message = methods["message"].fillna("").astype(str)
    message = message.where(exclusions(methods).eq(""), exclusions(methods))
    newest = pd.to_datetime(methods["newest_row_on"], errors="coerce")
    status = methods["status"].where(message.eq(""), methods["status"] + ": " + message)
    shown = pd.DataFrame(
        {
            "predictor": methods["predictor"],
            "family": methods["family"],
            "why": status,
            "access": ["‡" if access == "owner" else "public" for access in methods["access"]],
            "newest_row_on": [
                MISSING if pd.isna(moment) else f"{moment:%Y-%m-%d}" for moment in newest
            ],
            "evidence_age_days": age,
            "converted": [
                words or MISSING for words in conversions([vote] * len(methods), methods)
            ],
            "audit": _audited(methods["predictor"], context),
        }
    )
    return table_of(
        shown,
        shown=shown if context.audit else shown.drop(columns="audit"),
        show=[
            *("predictor", "family", "why", "access", "newest_row_on", "evidence_age_days"),
            *("converted", "audit"),
        ],
        columns={"evidence_age_days": "0"},
        filters=[],
        finish=partial(replace, search=False),
    )

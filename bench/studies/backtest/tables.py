"""The tables of a backtest: errors, also of every date and by area, who named whom, methods."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from bench.core.language import N_, _
from bench.report.context import WHOLE, ReportContext
from bench.report.formatting import MISSING, Column, ColumnSpec, day
from bench.report.tables import Block, Cell, Choice, Row, Table
from bench.report.tables import table as build_table
from bench.studies.backtest import findings
from bench.studies.backtest.headline import (
    Vote,
    age_days,
    at,
    in_words,
    rankable,
    reasons,
)

BLOCKS = {
    "ranked": "",
    "partial": N_("Not compared: do not name every candidate of the comparison"),
    "hindsight": N_(
        "Hindsight: learned of the world after the moment of the forecast, never compared"
    ),
    "outside": N_("Outside the comparison, whatever their errors: the notes say why"),
    "none": N_("No vote shares: abstained, or none given"),
    "failed": N_("Failed: a fault of the method or of its settings, no abstention"),
}


POINT = "·"  # after the CRPS of a forecast without spread
FILLED = "°"  # after an error on a ballot whose gaps were filled
SIGNS = {"named": "●", "filled": "○", "none": ""}
EVERYBODY = N_("mean of all")
NOT_AUDITED = N_("not audited")
HOW_TO_AUDIT = N_("Not audited for look-ahead in this run; the command “bench audit” does it.")
AUDIT = N_("what the look-ahead audit found")
MOST_DATES = 80  # of the table of every date
SHOWN = 5  # candidates with a column of their own
FEW = 4  # missing candidates that are named one by one

Record = Mapping[Any, Any]


def headline_table(
    table: pd.DataFrame,
    context: ReportContext,
    *,
    ballot: str = "common",
    notes: Sequence[str] | None = None,
    name: str = "headline",
    terminal: bool = True,
) -> Table:
    """The headline of one moment and ballot with its words.

    Parameters
    ----------
    table
        From `bench.studies.backtest.headline.headline`, one moment and ballot.
    context, ballot
        For the caption and the notes.
    notes
        From `notes_by_ballot`, where they are made already.
    name
        Of the files.
    terminal
        Whether it is printed when a run ends.
    """
    columns = headline_columns(context)
    return build_table(
        name,
        table,
        of="headline",
        shown=shown_rows(table, context),
        title=findings.caption(table, context, ballot),
        heading=_("How wrong was each method?"),
        nav=_("Errors"),
        notes=findings.table_notes(table, context, ballot) if notes is None else notes,
        columns=columns,
        show=list(columns),
        filters=(),
        block_by="block",
        blocks=BLOCKS,
        row_notes="notes",
        row_looks="look",
        terminal=terminal,
    )


def notes_by_ballot(
    table: pd.DataFrame, context: ReportContext, *, dated: bool = True
) -> dict[str, list[str]]:
    """What is said under the errors of the moment that is shown, on every ballot.

    Parameters
    ----------
    table
        From `bench.studies.backtest.headline.headline`, every moment and ballot.
    context, dated
        As of `bench.studies.backtest.findings.table_notes`.
    """
    return {
        one: findings.table_notes(at(table, context.as_of, one), context, one, dated=dated)
        for one in context.ballot_keys
    }


def error_table(vote: Vote, table: pd.DataFrame, notes: Mapping[str, Sequence[str]]) -> Table:
    """The errors of every date and ballot, for a page that shows those that are chosen.

    Parameters
    ----------
    vote
        The dates of its forecasts are those of the slider.
    table
        From `bench.studies.backtest.headline.headline`, every moment and ballot.
    notes
        From `notes_by_ballot`: of one date, those of the page too.
    """
    context = vote.context
    ballots = context.ballot_keys
    dates = [context.as_of, *(moment for moment in vote.dates if moment != context.as_of)]
    number_of = {moment: str(number) for number, moment in enumerate(dates[:MOST_DATES])}
    several = len(number_of) > 1
    called = dict(context.ballots)
    if several and context.ranked_by and "common" in called:
        called["common"] = _(
            "those with {rule}, shares renormalised among them", rule=context.ranked_by
        )
    shown = _shown_at(vote, table, number_of)
    columns = headline_columns(context)
    del columns["family"]
    if context.audit:
        columns["audit"] = {}
    first = at(table, context.as_of, ballots[0])
    title = (  # other dates have other counts
        _("{election}, {round}: errors by the date of the evidence", **vote.words)
        if several
        else findings.caption(first, context, ballots[0])
    )
    errors = build_table(
        "errors",
        shown,
        of="headline",
        title=title,
        heading=_("How wrong was each method?"),
        nav=_("Errors"),
        columns=columns,
        show=list(columns),
        filters=(),
        block_by="block",
        blocks=BLOCKS | {"ranked": N_("Name every candidate of the comparison")},
    )
    families = sorted(set(vote.methods["family"]))
    choices = [
        Choice(label=_("family"), options=tuple(zip(families, map(_, families), strict=True))),
        Choice(label=_("ballot"), any=False, options=tuple((b, called.get(b, b)) for b in ballots)),
    ]
    if several:
        of_slider = tuple(vote.dates.index(moment) for moment in number_of)
        options = tuple((place, day(moment)) for moment, place in number_of.items())
        choices.append(Choice(label=_("evidence"), any=False, options=options, dates=of_slider))
    if several:  # other dates have other evidence
        notes = notes_by_ballot(table, replace(context, ballots=called), dated=False)
    notes_with = [(one, tuple(said)) for one, said in notes.items()]
    if several and "common" in called:
        sets = {
            moment: [context.surnames[name] for name in sorted(vote.ranked_sets.get(moment, ()))]
            or [_(WHOLE)]
            for moment in number_of
        }
        notes_with.append(("common", (findings.sets_by_date(sets),)))
    return replace(
        errors,
        blocks=tuple(_choosable(block, shown, errors, several) for block in errors.blocks),
        choices=tuple(choices),
        notes_with=(*notes_with, *([] if context.audit else [("", (_(HOW_TO_AUDIT),))])),
        sorted_by="mae_pp",
    )


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


def _choosable(block: Block, shown: pd.DataFrame, errors: Table, several: bool) -> Block:
    """The rows with their values for the choices, and the family under the name."""
    mine = shown[shown["block"].eq(block.key)]
    at_first = mine["place"].eq("0") & mine["_ballot"].eq(0)
    keys = mine[["family", "ballot", *(["place"] if several else [])]]
    rows = []
    for row, of, seen in zip(block.rows, keys.to_numpy(dtype=object), at_first, strict=True):
        cells = list(row.cells)
        cells[errors.name_at] = replace(cells[errors.name_at], under=_(str(of[0])))
        rows.append(Row(tuple(cells), keys=tuple(of), hidden=not seen))
    return replace(block, rows=tuple(rows))


def shown_rows(table: pd.DataFrame, context: ReportContext) -> pd.DataFrame:
    """One row per national forecast, with the words that people see, its look and its block."""
    rows = one_row_each(table)
    is_point = ~rows["has_spread"].astype(bool) & rows["crps_pp"].notna()
    apart, tie = _("; "), _("tie")
    who = [context.surnames.get(name, name) if name else tie for name in rows["first_named"]]
    notes = [
        [_("does not name {names}", names=missing) if missing else "", said]
        for missing, said in zip(rows["missing"], rows["notes"], strict=True)
    ]
    return rows.assign(
        audit=_audited(rows["predictor"], context),
        predictor=joined_names(rows),
        notes=[apart.join(filter(None, said)) for said in notes],
        first_named=pd.Series(
            [verdict(*one) for one in zip(rows["first_right"], who, strict=True)], rows.index
        ).mask(names_nobody(rows), _("none named")),
        pair_right=[verdict(right) for right in rows["pair_right"]],
        named=[
            f"{n}/{of}" if n else MISSING
            for n, of in zip(rows["named"], rows["n_candidates"], strict=True)
        ],
        crps_sign=is_point.map({True: POINT, False: ""}),
        mae_full_sign=rows["gaps_filled"].astype(bool).map({True: FILLED, False: ""}),
        look=rows["block"].eq("none").map({True: "silent", False: ""}),
        block=rows["block"].mask(rows["status"].eq("failed"), "failed"),
    )


def names_nobody(rows: pd.DataFrame) -> pd.Series:
    """Rows of a headline table with shares of which their author drew no winner."""
    return rows["block"].ne("none") & rows["first_right"].isna()


def _audited(names: Iterable[str], context: ReportContext) -> list[str]:
    """What the audit found of each method, in words; empty where there was none."""
    if not context.audit:
        return ["" for _name in names]
    words = {said: _(said) for said in {NOT_AUDITED, *context.audit.values()}}
    return [words[context.audit.get(name, NOT_AUDITED)] for name in names]


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
    seconds = table[table["same_as"].ne("")]
    others = seconds.groupby([*keys, "same_as"])["predictor"].agg(tuple).to_dict()
    shown = table[table["same_as"].eq("")]
    names = shown[[*keys, "predictor"]].itertuples(index=False, name=None)
    return shown.assign(also=[others.get(name if keys else name[0], ()) for name in names])


def joined_names(rows: pd.DataFrame) -> list[str]:
    """The names of the methods that share each row, `predictor` and `also`."""
    return [
        " = ".join([name, *also])
        for name, also in zip(rows["predictor"], rows["also"], strict=True)
    ]


def headline_columns(context: ReportContext) -> dict[str, dict[str, Any]]:
    """Columns that make sense: a runoff has no pair, and one ballot no second reading.

    What a terminal without room leaves out goes in the order of `spare`.
    """
    aside = {"in_papers": False, "in_terminal": False}
    columns: dict[str, dict[str, Any]] = {
        "predictor": {},
        "family": aside,
        "mae_pp": {},
        "crps_pp": {"sign": "crps_sign", "spare": 9},
        "mae_full_pp": {"sign": "mae_full_sign"},
        "rmse_pp": {"spare": 1},
        "largest_error_pp": {"spare": 2},
        "coverage_90": {"spare": 4},
        "first_named": {},
        "pair_right": {},
        "p_pair": {"spare": 7},
        "skill": {"spare": 5},
        "evidence_age_days": {"spare": 8},
        "named": {"numeric": True, "spare": 3},
        "notes": aside,
    }
    out = set() if context.seats > 1 else {"pair_right", "p_pair"}
    out |= set() if "common" in context.ballots else {"mae_full_pp"}
    return {key: spec for key, spec in columns.items() if key not in out}


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
    here = here[here["ballot"].eq("full")]
    local = here[here["score"].eq("signed_error") & here["area"].ne("national")]
    by_name = local.assign(value=local["value"].abs()).groupby(keys)
    weighted = here[here["score"].eq("area_absolute_error")].groupby(keys)["value"].mean()
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
    best = whole.sort_values("weighted_pp")["predictor"].tolist()
    both["order"] = both["predictor"].map({name: place for place, name in enumerate(best)})
    both = both.sort_values(["order", "candidate"], kind="stable", ignore_index=True)
    return both[[*keys, *numbers]]


def area_tables(vote: Vote, *, label: str = "", terminal: bool = False) -> list[Table]:
    """Errors by area: a table of methods, and one of methods and candidates.

    Parameters
    ----------
    vote
        With areas.
    label
        Put before the names of the files.
    terminal
        Whether the first is printed when a run ends.
    """
    context = vote.context
    long = area_errors(vote)
    wide = long[long["candidate"].eq("")].drop(columns="candidate").reset_index(drop=True)
    columns: dict[str, ColumnSpec | str] = dict.fromkeys(("weighted_pp", "unweighted_pp"), "2")
    for name in context.by_votes[:SHOWN]:
        mine = long[long["candidate"].eq(name)].set_index("predictor")["weighted_pp"]
        called = context.surnames[name]
        wide[called] = wide["predictor"].map(mine)
        columns[called] = ColumnSpec(called, form="2")
    title = _("Mean absolute error by area, percentage points: {title}", title=context.title)
    notes = (
        _(
            "The candidates' columns weigh areas by their valid votes too. Who knows the "
            "level of a candidate in the whole country is another table."
        ),
    )
    return [
        build_table(
            f"{label}areas",
            wide,
            title=title,
            notes=notes,
            columns=columns,
            heading=_("Who knows the map?"),
            terminal=terminal,
        ),
        build_table(
            f"{label}areas_by_candidate",
            long,
            shown=long.assign(candidate=long["candidate"].replace("", EVERYBODY)),
            title=_("{title}, by candidate", title=title),
            heading=_("Who knows the map of each candidate?"),
            filters=("predictor", "candidate"),
            first={"candidate": context.by_votes[0]},
            names=context.surnames,
            terminal=False,
        ),
    ]


def mask_table(vote: Vote, order: Sequence[str]) -> Table:
    """Which candidates and areas each method names, what is missing and why, and the audit.

    Parameters
    ----------
    vote
        At the moment that is shown.
    order
        Predictors from top to bottom; others follow.
    """
    context = vote.context
    methods = vote.latest.methods.set_index("predictor")
    rows = vote.latest.forecasts
    rows = rows[rows["share"].notna()]
    national = rows[rows["area"].eq("national")]
    states = national["filled"].map({True: "filled", False: "named"})
    known = dict(
        zip(zip(national["predictor"], national["candidate"], strict=True), states, strict=True)
    )
    areas = rows[rows["area"].ne("national")].groupby("predictor")["area"].nunique()
    columns = [
        Column(key="predictor", label=_("predictor")),
        *(Column(key=name, label=context.surnames[name]) for name in context.by_votes),
        Column(
            key="areas",
            label=_("areas"),
            meaning=_("areas of which it says something"),
            numeric=True,
        ),
        Column(key="why", label=_("what is missing, and why")),
        Column(key="audit", label=_("audit"), meaning=_(AUDIT)),
    ]
    under = dict(zip(SIGNS, map(_, SIGNS), strict=True))
    found = []
    names = list(dict.fromkeys((*order, *methods.index)))
    for name, audited in zip(names, _audited(names, context), strict=True):
        named = [known.get((name, candidate), "none") for candidate in context.by_votes]
        n = int(areas.get(name, 0))
        cells = [
            Cell(vote.labels[name], key=name),
            *(Cell(SIGNS[state], look=state, under=under[state]) for state in named),
            Cell(f"{n}/{areas.max()}" if n else MISSING, n),
            Cell(why_missing(named, methods.loc[name].to_dict(), context)),
            Cell(audited),
        ]
        found.append(Row(tuple(cells)))
    out = {"areas"} if areas.empty else set()
    out |= set() if context.audit else {"audit"}
    return Table(
        name="mask",
        title=_(
            "● named by the method; ○ not named, filled by rule for the full ballot; "
            "blank: no forecast. Evidence as public on {cut}.",
            cut=context.cut,
        ),
        heading=_("Which candidates does each method name, and what is missing?"),
        nav=_("Candidates named"),
        data=national,
        columns=tuple(columns),
        blocks=(Block("", tuple(found)),),
        search=False,
        look="mask",
    ).keep(lambda one: one.key not in out)


def why_missing(states: Sequence[str], method: Record, context: ReportContext) -> str:
    """In words, why a row of the mask is not full; empty if it is."""
    if method["status"] != "ok":
        message = method.get("message")
        said = message.strip() if isinstance(message, str) else ""
        status = _(str(method["status"]))
        return f"{status}: {said}" if said else status
    missing = [c for c, state in zip(context.by_votes, states, strict=True) if state != "named"]
    if not missing:
        return ""
    if len(missing) == len(states):
        return _("gives no vote shares")
    named = _(
        "its evidence names {n} of {of} candidates", n=len(states) - len(missing), of=len(states)
    )
    if len(missing) > FEW:
        return named
    return _(
        "{named}; not {names}",
        named=named,
        names=", ".join(context.surnames[name] for name in missing),
    )


def methods_table(vote: Vote) -> Table:
    """What each method used, and what the audit found."""
    context = vote.context
    methods = vote.latest.methods.sort_values("predictor", ignore_index=True)
    age = age_days(methods, context)
    message = methods["message"].fillna("").astype(str)
    message = message.where(reasons(methods).eq(""), reasons(methods))
    newest = pd.to_datetime(methods["newest_row_on"], errors="coerce")
    status = methods["status"].where(message.eq(""), methods["status"] + ": " + message)
    shown = pd.DataFrame(
        {
            "predictor": methods["predictor"],
            "family": methods["family"],
            "why": status,
            "access": ["‡" if access == "owner" else "public" for access in methods["access"]],
            "newest_row_on": [MISSING if pd.isna(one) else f"{one:%Y-%m-%d}" for one in newest],
            "evidence_age_days": age,
            "converted": [
                in_words(one, context.surnames) or MISSING
                for one in methods["converted"].fillna("")
            ],
            "audit": _audited(methods["predictor"], context),
        }
    )
    found = build_table(
        "methods",
        shown,
        title=_("Evidence of every method and the look-ahead audit")
        if context.audit
        else _("Evidence of every method"),
        heading=_("What did each method use?"),
        nav=_("Methods"),
        notes=() if context.audit else (HOW_TO_AUDIT,),
        show=[str(key) for key in shown if context.audit or key != "audit"],
        filters=(),
    )
    return replace(found, search=False)

"""The tables of a backtest: errors, also of every date and by area, who named whom, methods."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from bench.core.arrays import sorted_digits
from bench.report.context import ReportContext
from bench.report.formatting import MISSING, Column, day, in_words
from bench.report.tables import Block, Cell, Choice, Row, Table
from bench.report.text import Text
from bench.report.view import view_tables
from bench.studies.backtest.findings import BASELINE, BASELINES, context_facts, table_facts
from bench.studies.backtest.headline import Vote, age_days, at, rankable, reasons
from bench.studies.backtest.headline import in_words as stated

POINT = "·"  # after the CRPS of a forecast without spread
FILLED = "°"  # after an error on a ballot whose gaps were filled
SIGNS = {"named": "●", "filled": "○", "none": ""}
MAX_DATES = 80  # of the table of every date
SHOWN = 5  # candidates with a column of their own
FEW = 4  # missing candidates that are named one by one
STUDY = "backtest"
text = Text(STUDY)

Record = Mapping[Any, Any]


def headline_table(
    table: pd.DataFrame,
    context: ReportContext,
    *,
    ballot: str = "compared",
    name: str = "headline",
    label: str = "",
    terminal: bool = True,
) -> Table:
    """The errors of one moment and ballot.

    Parameters
    ----------
    table
        From `bench.studies.backtest.headline.headline`, one moment and ballot.
    context, ballot
        For title and notes.
    name, label
        Of the table in `view.yaml`; put before the name of the files.
    terminal
        Whether it is printed when a run ends.
    """
    frames = {name: table, f"{name}_shown": _that_make_sense(shown_rows(table, context), context)}
    (found,) = view_tables(STUDY, frames, table_facts(table, context, ballot), prefix=label)
    return replace(found, terminal=terminal)


def _that_make_sense(rows: pd.DataFrame, context: ReportContext) -> pd.DataFrame:
    """Without the columns that make no sense: a runoff has no pair, one ballot no second error."""
    out = [] if context.n_advance > 1 else ["pair_right", "p_pair"]
    return rows.drop(columns=[*out, *([] if context.ranked_on else ["mae_all_pp"])])


def error_table(vote: Vote, table: pd.DataFrame) -> Table:
    """The errors of every date and ballot, for a page that shows those that are chosen.

    Parameters
    ----------
    vote
        The dates of its forecasts are those of the slider.
    table
        From `bench.studies.backtest.headline.headline`, every moment and ballot.
    """
    context = vote.context
    ballots = context.ballot_keys
    dates = [context.as_of, *(moment for moment in vote.dates if moment != context.as_of)]
    number_of = {moment: str(number) for number, moment in enumerate(dates[:MAX_DATES])}
    several = len(number_of) > 1
    called = dict(context.ballots)
    if several and context.ranked_on and context.least_polled is not None:
        called["compared"] = text("ballot_by_rule", least_polled=context.least_polled)
    shown = _shown_at(vote, table, number_of)
    firsts = {one: at(table, context.as_of, one) for one in ballots}
    said = {
        one: table_facts(rows, context, one, dated=not several, words=called[one])
        for one, rows in firsts.items()
    }
    frames = {"errors": shown, "errors_shown": _that_make_sense(shown, context)}
    if not context.audit:
        frames["errors_shown"] = frames["errors_shown"].drop(columns="audit")
    (errors,) = view_tables(STUDY, frames, {**said[ballots[0]], "several": several})
    words = text.words("errors_choices")
    families = sorted(set(vote.methods["family"]))
    called_families = tuple((one, in_words(one, "family", {})) for one in families)
    choices = [
        Choice(label=words["family"], options=called_families),
        Choice(
            label=words["ballot"], any=False, options=tuple((one, called[one]) for one in ballots)
        ),
    ]
    notes = [(one, text.lines("headline_notes", **facts)) for one, facts in said.items()]
    if several:
        of_slider = tuple(vote.dates.index(moment) for moment in number_of)
        options = tuple((place, day(moment)) for moment, place in number_of.items())
        choices.append(Choice(label=words["evidence"], any=False, options=options, dates=of_slider))
    if several and context.ranked_on:
        sets = {
            moment: [context.surnames[name] for name in sorted(vote.ranked_sets.get(moment, ()))]
            for moment in number_of
        }
        notes.append(("compared", text.lines("sets_by_date", spans=spans_of(sets))))
    if not context.audit:
        notes.append(("", text.lines("not_audited")))
    return replace(
        errors,
        blocks=tuple(_choosable(block, shown, errors, several) for block in errors.blocks),
        choices=tuple(choices),
        notes_with=tuple(notes),
        sorted_by="crps_pp",
    )


def spans_of(sets: Mapping[pd.Timestamp, Sequence[str]]) -> list[dict[str, Any]]:
    """Which candidates the ranking of each date is made on, runs of equal dates together.

    Examples
    --------
    >>> dates = pd.to_datetime(["2029-12-01", "2029-12-20", "2030-01-01"])
    >>> spans = spans_of(dict(zip(dates, [["Ash"], ["Ash", "Fir"], ["Ash", "Fir"]])))
    >>> [(one["first"].day, one["last"] and one["last"].day, one["names"]) for one in spans]
    [(1, None, ['Ash']), (20, 1, ['Ash', 'Fir'])]
    """
    spans: list[dict[str, Any]] = []
    for moment in sorted(sets):
        names = list(sets[moment])
        if spans and spans[-1]["names"] == names:
            spans[-1]["last"] = moment
        else:
            spans.append({"first": moment, "last": None, "names": names})
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


def _choosable(block: Block, shown: pd.DataFrame, errors: Table, several: bool) -> Block:
    """The rows with their values for the choices, and the family under the name."""
    mine = shown[shown["block"].eq(block.key)]
    at_first = mine["place"].eq("0") & mine["_ballot"].eq(0)
    keys = mine[["family", "ballot", *(["place"] if several else [])]]
    rows = []
    for row, of, seen in zip(block.rows, keys.to_numpy(dtype=object), at_first, strict=True):
        cells = list(row.cells)
        cells[errors.name_at] = replace(
            cells[errors.name_at], under=in_words(str(of[0]), "family", {})
        )
        rows.append(Row(tuple(cells), keys=tuple(of), hidden=not seen))
    return replace(block, rows=tuple(rows))


def shown_rows(table: pd.DataFrame, context: ReportContext) -> pd.DataFrame:
    """One row per national forecast, with the words that people see, its look and its block."""
    rows = one_row_each(table)
    reads_evidence = ~rows["kind"].isin(BASELINES)
    is_point = ~rows["has_spread"].astype(bool) & rows["crps_pp"].notna()
    tie = text("tie")
    who = [context.surnames.get(name, name) if name else tie for name in rows["first_named"]]
    notes = [
        [text("does_not_name", names=missing) if missing else "", said]
        for missing, said in zip(rows["missing"], rows["notes"], strict=True)
    ]
    return rows.assign(
        audit=_audited(rows["predictor"], context),
        predictor=joined_names(rows),
        notes=[text("parts", parts=[*filter(None, said)]) if any(said) else "" for said in notes],
        first_named=pd.Series(
            [verdict(*one) for one in zip(rows["first_right"], who, strict=True)], rows.index
        ).mask(names_nobody(rows), text("none_named")),
        pair_right=[verdict(right) for right in rows["pair_right"]],
        named=[
            f"{n}/{of}" if n else MISSING
            for n, of in zip(rows["named"], rows["n_candidates"], strict=True)
        ],
        crps_sign=is_point.map({True: POINT, False: ""}),
        mae_all_sign=rows["gaps_filled"].astype(bool).map({True: FILLED, False: ""}),
        look=rows["block"]
        .eq("none")
        .map({True: "silent", False: ""})
        .mask(rows["block"].eq("none") & rows["status"].eq("failed"), "failed"),
        block=rows["block"]
        .mask(rows["block"].eq("ranked"), rows["kind"].where(reads_evidence, BASELINE))
        .mask(rows["status"].eq("failed"), "failed"),
    )


def names_nobody(rows: pd.DataFrame) -> pd.Series:
    """Rows of a headline table with shares of which their author drew no winner."""
    return rows["block"].ne("none") & rows["first_right"].isna()


def _audited(names: Iterable[str], context: ReportContext) -> list[str]:
    """What the audit found of each method, in words; empty where there was none."""
    if not context.audit:
        return ["" for _name in names]
    words = text.words("audited")
    return [words[context.audit.get(name, "none")] for name in names]


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
    for name in context.by_votes[:SHOWN]:
        mine = long[long["candidate"].eq(name)].set_index("predictor")["weighted_pp"]
        wide[context.surnames[name]] = wide["predictor"].map(mine)
    shown = long.assign(candidate=long["candidate"].replace("", text("everybody")))
    frames = {"areas": wide, "areas_by_candidate": long, "areas_by_candidate_shown": shown}
    facts = {"title": context.title, "winner": context.by_votes[0]}
    first, second = view_tables(STUDY, frames, facts, prefix=label, names=context.surnames)
    return [replace(first, terminal=terminal), second]


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
    words, under = text.words("mask_columns"), text.words("mask_states")
    columns = [
        Column(key="predictor", label=words["predictor"]),
        *(Column(key=name, label=context.surnames[name]) for name in context.by_votes),
        Column(key="areas", label=words["areas"], meaning=text("mask_areas"), numeric=True),
        Column(key="why", label=words["why"]),
        Column(key="audit", label=words["audit"], meaning=text("mask_audit")),
    ]
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
        title=text("mask_title", cut=context.cut),
        heading=text("mask_heading"),
        nav=text("mask_nav"),
        data=national,
        columns=tuple(columns),
        blocks=(Block("", tuple(found)),),
        search=False,
        look="mask",
    ).keep(lambda one: one.key not in out)


def why_missing(states: Sequence[str], method: Record, context: ReportContext) -> str:
    """In words, why a row of the mask is not full; empty if it is."""
    missing = [c for c, state in zip(context.by_votes, states, strict=True) if state != "named"]
    silent = method["status"] != "ok"
    if not (silent or missing):
        return ""
    message = method.get("message")
    return text(
        "why_missing",
        silent=silent,
        status=str(method["status"]),
        message=message.strip() if isinstance(message, str) else "",
        n=len(states) - len(missing),
        of=len(states),
        missing=[context.surnames[name] for name in missing] if len(missing) <= FEW else [],
    )


def methods_table(vote: Vote) -> Table:
    """What each method used, and what the audit found."""
    context = vote.context
    methods = vote.latest.methods.sort_values("predictor", ignore_index=True, kind="stable")
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
                stated(one, context.surnames) or MISSING for one in methods["converted"].fillna("")
            ],
            "audit": _audited(methods["predictor"], context),
        }
    )
    people = shown if context.audit else shown.drop(columns="audit")
    frames = {"methods": shown, "methods_shown": people}
    (found,) = view_tables(STUDY, frames, context_facts(context))
    return replace(found, search=False)

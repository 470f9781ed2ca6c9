"""The report of sealed forecasts after the vote: when each was sealed, and what it scored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from bench.audit.sealed_scores import SealedScores
from bench.core.language import N_, _, ngettext, retold
from bench.core.options import label
from bench.report.context import names_of, people_of, sources_of, vote_words
from bench.report.formatting import day, format_fixed
from bench.report.report import Report
from bench.report.season import Season
from bench.report.tables import table

SCORED = N_(
    "Each line is a method, from left to right the vote comes nearer. The lower a line, the "
    "closer what was sealed that many days before."
)
SCORES = {
    "crps": "CRPS",
    "energy": N_("energy"),
    "inside_90": N_("inside 90%"),
    "p_pair": N_("P(through)"),
    "brier_qualify": "Brier",
    "log_qualify": "log",
}
"""Beside the mean absolute error, with their labels; of scores by candidate the mean is shown."""


ABSENT = {
    "supposed": N_("without {supposed}, who did not stand"),
    "missing": N_("{missing} stood and had not been asked about"),
}
"""Who was on one ballot only, in words."""


def sealed_report(found: SealedScores) -> Report:
    """Words, tables and page of sealed forecasts that were scored.

    Several seals of one vote are a season (`bench.report.season`): the page then shows first how
    forecasts moved and scored from seal to seal.
    """
    season = Season(found)
    rows = scores_by_seal(found)
    places = sorted(set(found.seals["address"]))
    names = names_of(places)
    votes = found.seals[["election", "round"]].drop_duplicates()
    what = ", ".join(vote_words(*vote) for vote in votes.itertuples(index=False))
    moment = {"write": lambda row: f"{row['as_of']:%Y-%m-%d %H:%M}"}
    shown = {name: {"label": _(word)} for name, word in SCORES.items() if name in rows}
    scores = table(
        "sealed_scores",
        rows,
        title=_("Sealed forecasts of {what}, scored", what=what),
        heading=_("What was sealed, and what it scored"),
        columns={"as_of": moment, **shown},
        of="seals",
        show=["predictor", "vote", "sealed", "days_before", "as_of", "mae", *shown],
        filters=("vote", "sealed"),
        notes=_notes(found, names),
        terminal=not season.is_one,
    )
    said = table(
        "sealed_forecasts",
        found.forecasts.assign(error=found.forecasts["share"] - found.forecasts["outcome"]),
        title=_("What was sealed, candidate by candidate"),
        columns={"as_of": moment},
        of="seals",
        show=["predictor", "as_of", "candidate", "share", "outcome", "error"],
        names=names,
        terminal=False,
    )
    findings = season.findings() if season.is_one else _findings(rows)
    if found.seals["outcome_known"].any():
        findings.append(
            _(
                "An outcome was already known when a record was sealed: such a record shows "
                "reproducibility, not foresight."
            )
        )
    seals = table(
        "seals",
        found.seals,
        title=_("The seals"),
        columns={
            "label": {"write": lambda row: _seal_words(row["label"])},
            "supposed": {"write": lambda row: people_of(row["supposed"], names)},
            "missing": {"write": lambda row: people_of(row["missing"], names)},
        },
        show=["record", "label", "frozen_at", "seal", "supposed", "missing", "slate", "weight"],
        filters=(),
        terminal=False,
    )
    return Report(
        title=_("Sealed forecasts of {what}", what=what),
        kicker=sealed_on(found.seals),
        findings=(
            _("{seals}; scored from the records alone.", seals=sealed_on(found.seals)),
            *findings,
        ),
        tables=(*(season.tables() if season.is_one else ()), scores, said, seals),
        figures=season.figures() if season.is_one else {},
        charts=season.charts() if season.is_one else {},
        reading={"scored": _(SCORED)},
        headings={
            "moved": _("How the forecasts moved from seal to seal"),
            "scored": _("How far each seal was from the vote"),
        },
        counts=(
            (_("Records"), str(found.seals["record"].nunique())),
            (_("Votes"), str(len(votes))),
        ),
        source=sources_of(places),
    )


def scores_by_seal(found: SealedScores) -> pd.DataFrame:
    """One row per record, vote and method; scores by candidate as their mean over the ballot."""
    keys = ["record", "election", "round", "as_of", "predictor"]
    rows = found.scored
    wide = rows.pivot_table(index=keys, columns="score", values="value", aggfunc="mean", sort=False)
    wide = wide.rename(columns={"absolute_error": "mae"})
    shown = wide.reindex(columns=[n for n in ("mae", *SCORES) if n in wide]).reset_index()
    seals = found.seals[["record", "election", "round", "as_of", "frozen_at", "days_before"]]
    shown = shown.merge(seals, on=["record", "election", "round", "as_of"])
    shown["sealed"] = [day(pd.Timestamp(one)) for one in shown["frozen_at"]]
    shown["vote"] = list(map(vote_words, shown["election"], shown["round"]))
    return shown.sort_values(["vote", "days_before", "mae"], ascending=[True, False, True])


def sealed_on(seals: pd.DataFrame, *, as_if: bool = False) -> str:
    """When it was sealed: "Sealed on …, n days before"."""
    in_order = seals.sort_values("days_before", ascending=False).to_dict("records")
    first, last = in_order[0], in_order[-1]
    words = [_sealed(first)]
    if first["seal"] != last["seal"]:
        words.append(_sealed(last))
    days = list(dict.fromkeys(words))
    return _("As if sealed on {days}", days=days) if as_if else _("Sealed on {days}", days=days)


def _sealed(seal: Mapping[Any, Any]) -> str:
    n = int(seal["days_before"])
    on = day(pd.Timestamp(seal["frozen_at"]))
    if n < 0:
        return ngettext(
            "{day}, {n} day after the vote", "{day}, {n} days after the vote", -n, day=on
        )
    return ngettext("{day}, {n} day before", "{day}, {n} days before", n, day=on)


def _seal_words(label: str) -> str:
    """Vote and moment of a seal in the language that is spoken."""
    return retold(label, N_("{election} round {round} as of {moment}"))


def _findings(rows: pd.DataFrame) -> list[str]:
    said = []
    for vote, part in rows.groupby("vote", sort=False):
        scored = part.dropna(subset="mae")
        if scored.empty:
            continue
        best = scored.to_dict("records")[int(scored["mae"].argmin())]
        off = format_fixed(100 * best["mae"])
        said.append(
            ngettext(
                "{vote}: {method} was {off} points off on average (sealed on {day}); one vote does "
                "not make it the better method.",
                "{vote}: {method} came closest of {n} forecasts, {off} points off on average "
                "(sealed on {day}); one vote does not make it the better method.",
                len(scored),
                vote=vote,
                method=_("“{name}”", name=label("predictor", best["predictor"])),
                off=off,
                day=_sealed(best),
            )
        )
    return said


def _notes(found: SealedScores, names: Mapping[str, str]) -> tuple[str, ...]:
    notes = []
    for seal in found.seals.to_dict("records"):
        if seal["supposed"] or seal["missing"]:
            who = [
                _(words, **{key: people_of(seal[key], names)})
                for key, words in ABSENT.items()
                if seal[key]
            ]
            notes.append(
                _(
                    "{vote} ({record}): scored on the candidates of both ballots; {who}.",
                    vote=_seal_words(seal["label"]),
                    record=seal["record"],
                    who=_("; ").join(who),
                )
            )
    return tuple(notes)

"""The tables of a forecast: chances, slates, pairs, methods, polls, and how others have fared."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from bench.core.language import _
from bench.data.election import load_election
from bench.report.context import names_of
from bench.report.formatting import Columns, ColumnSpec, day, format_fixed, format_probability
from bench.report.tables import Table
from bench.report.tables import table as build_table
from bench.studies.forecast.told import MOST_OFF, SHOWN, SMALL, THROUGH, Told, numbers
from bench.studies.forecast.words import against, in_ten, odds, percentage

MOST_PAIRS = 5


def forecast_table(told: Told) -> Table:
    """Share, interval and chances of every candidate."""
    rows = told.now.reset_index()
    before = told.before["share"] if len(told.before) else pd.Series(dtype=float)
    rows["change"] = rows["share"] - rows["candidate"].map(before)
    rows["p_elected"] = rows["candidate"].map(told.elected)
    columns: Columns = {
        "interval": {"write": _interval},
        "p_qualify": ColumnSpec(
            _("runoff") if told.seats > 1 else _("wins"),
            _("chance that he or she {through}", through=told.through),
            "<%",
        ),
        "words": {"write": lambda row: _words(row["p_qualify"])},
        "p_first": {"spare": 1},
        "change": ColumnSpec(
            _("change"),
            _("points since {day}", day=day(told.since)),
            write=_change,
            numeric=True,
        ),
    }
    keys = ["candidate", "share", "interval", "p_qualify", "words"]
    keys += ["p_first"] * (told.seats > 1) + ["p_elected"] * (not told.elected.empty)
    keys += ["change"] * (not told.before.empty)
    return build_table(
        "forecast",
        rows,
        title=_(
            "{election}, {round}: {method}",
            election=told.title,
            round=told.round_words,
            method=told.method,
        ),
        heading=_("The forecast"),
        notes=(*_of_the_smallest(told), *_of_transfers(told)),
        columns=columns,
        show=keys,
        names=told.names,
        filters=(),
        terminal=True,
    )


def _of_the_smallest(told: Told) -> tuple[str, ...]:
    """What the chances of candidates with few votes rest on, where there are any."""
    if told.seats == 1 or not (told.now["share"] < SMALL).any():
        return ()
    return (
        _(
            "Below {share:.0%} of the votes the chance of a place comes from the assumed shape of "
            "the error: too few who polled so low have come close to one for earlier votes to "
            "check it, and its order among them means nothing.",
            share=SMALL,
        ),
    )


def _of_transfers(told: Told) -> tuple[str, ...]:
    """What the chance of being elected rests on where nobody polled the runoff."""
    if "pairs" not in told.tables or told.tables["pairs"]["basis"].eq("polls").all():
        return ()
    return (
        _(
            "Who would win a runoff that no poll asked about follows from transfers of votes in "
            "other elections, and so does that part of the chance of being elected."
        ),
    )


def mixture_table(told: Told) -> Table | None:
    """Who runs, gets through and is elected under stated weights."""
    if told.mixture.empty:
        return None
    through = _("runoff") if told.seats > 1 else _("wins")
    columns: Columns = {
        "p_qualify_if_runs": ColumnSpec(
            _("{through} if runs", through=through),
            _("chance that he or she {through}, given a candidacy", through=told.through),
            "<%",
        ),
        "p_qualify": ColumnSpec(
            through,
            _("chance that he or she runs and {through}, under the weights", through=told.through),
            "<%",
        ),
        "interval": {"write": _interval, "spare": 1},
    }
    keys = ["candidate", "p_runs", "p_qualify_if_runs", "p_qualify"]
    keys += ["p_elected_if_runs", "p_elected"] * (not told.elected.empty) + ["share", "interval"]
    notes = [
        _(
            "The weights are not ours and no result of a poll: they are what the file "
            "states, each with its reason."
        )
    ]
    if told.unlisted > 0:
        notes.append(
            _(
                "{rest:.0%} lies on slates that the file does not list, of which nothing is "
                "forecast: every chance without 'if runs' is the least that it can be.",
                rest=told.unlisted,
            )
        )
    return build_table(
        "mixture",
        told.mixture,
        title=_("Over all slates that have a weight"),
        heading=_("Under your weights"),
        notes=notes,
        columns=columns,
        show=keys,
        names=told.names,
        filters=(),
        terminal=True,
    )


def weights_table(told: Told) -> Table | None:
    """The weights of slates, each with its reason."""
    if told.mixture.empty:
        return None
    return build_table(
        "weights",
        told.tables["weights"],
        title=_("The weights, as {file} states them", file=Path(told.settings.weights).name),
        show=["name", "weight", "reason"],
        filters=(),
        terminal=False,
    )


def _interval(row: Mapping[Any, Any]) -> str:
    if pd.isna(row["q05"]):
        return "–"
    return _("{low:.0f} to {high:.0f}", low=100 * row["q05"], high=100 * row["q95"])


def _words(chance: float) -> str:
    return "" if pd.isna(chance) else odds(chance)


def _change(row: Mapping[Any, Any]) -> str:
    change = 100 * row["change"]
    text = format_fixed(change, 1)
    return f"+{text}" if change >= 0.05 else text


def pairs_table(told: Told) -> Table | None:
    """The likeliest pairs of the runoff, and who wins each."""
    if "pairs" not in told.tables:
        return None
    rows = told.on_slate(told.tables["pairs"]).head(MOST_PAIRS)
    ahead = rows["first_wins"] >= 0.5
    rows = rows.assign(
        ahead=rows["first"].where(ahead, rows["second"]),
        p_ahead=rows["first_wins"].where(ahead, 1 - rows["first_wins"]),
        share_ahead=rows["first_share"].where(ahead, 1 - rows["first_share"]),
    )
    columns: Columns = {
        "pair": {"write": lambda r: f"{told.names[r['first']]} – {told.names[r['second']]}"},
        "ahead": {"write": lambda row: told.names[row["ahead"]]},
        # without polls of the pair only its own draws count, and they are few
        "p_ahead": {
            "write": lambda row: (format_probability if row["basis"] == "polls" else in_ten)(
                row["p_ahead"]
            )
        },
    }
    return build_table(
        "likely_pairs",
        rows,
        title=_("Who would meet in the runoff, and who would win it"),
        columns=columns,
        show=["pair", "probability", "ahead", "share_ahead", "p_ahead", "basis"],
        filters=(),
        terminal=True,
    )


def slates_table(told: Told) -> Table | None:
    """What the headline says if another slate stands."""
    slates = told.tables["slates"]
    if len(slates) < 2:
        return None
    found = []
    for row in slates.to_dict("records"):
        said = told.rows(told.settings.headline, slate=row["slate"])
        if len(said):
            found.append({**row, **said["p_qualify"].dropna().to_dict()})
    rows = pd.DataFrame(found)
    most = (
        rows.drop(columns=slates.columns, errors="ignore")
        .max()
        .sort_values(ascending=False, kind="stable")
    )
    shown = [name for name in most.index if percentage(most[name]) >= SHOWN]
    ballot = told.vote["ballot"]
    columns: Columns = {
        "what": {"write": lambda row: against(row["slate"].split(), ballot, told.names)},
        **{
            name: ColumnSpec(
                told.names[name], form="<%", meaning="", numeric=True, in_terminal=place < 4
            )
            for place, name in enumerate(shown)
        },
    }
    return build_table(
        "slates",
        rows,
        title=_("If another slate stands: chance that a candidate {through}", through=told.through),
        heading=_("If another slate stands"),
        columns=columns,
        show=["name", "what", "n_recent", *shown],
        filters=(),
        terminal=True,
    )


def methods_table(told: Told) -> Table:
    """What every method says of the leading candidates."""
    rows, leading = [], told.leading
    methods = told.on_slate(told.tables["methods"])
    for row in methods[methods["as_of"] == told.as_of].to_dict("records"):
        said = told.rows(row["predictor"]).reindex(leading)
        rows.append(
            {
                "predictor": row["predictor"],
                **said["share"].add_prefix("share_").to_dict(),
                **said["p_qualify"].add_prefix("p_").to_dict(),
                "message": row["message"],
            }
        )
    columns: Columns = {
        **{
            f"share_{n}": ColumnSpec(told.names[n], _("share, percent"), "1pp", numeric=True)
            for n in leading
        },
        **{
            f"p_{n}": ColumnSpec(
                f"P {told.names[n]}",
                _("chance that he or she {through}", through=told.through),
                "<%",
                numeric=True,
            )
            for n in leading[: told.seats + 2]
        },
    }
    return build_table(
        "methods_now",
        pd.DataFrame(rows),
        title=_("What every method says"),
        columns=columns,
        show=["predictor", *columns, "message"],
        filters=(),
        terminal=False,
    )


def fared_table(told: Told) -> Table | None:
    """What the headline said from polls as old before earlier votes of the country."""
    rows = told.tables.get("fared")
    if rows is None:
        return None
    names = names_of(list(rows["address"]))

    def chances(row: Mapping[Any, Any]) -> str:
        who = zip(row["through"].split(", "), numbers(row["chances"]), strict=True)
        return _("; ").join(
            _("{name} not asked about", name=names.get(name, name))
            if pd.isna(chance)
            else f"{names.get(name, name)} {format_probability(chance)}"
            for name, chance in who
        )

    columns: Columns = {
        "election": {
            "write": lambda r: f"{load_election(str(r['address'])).round(r['round']).vote_on:%Y}"
        },
        "days_of_polls": ColumnSpec(
            _("newest poll"), _("days from its last interviews to the vote"), numeric=True
        ),
        "who": ColumnSpec(
            _("chance of those who {through}", through=_(THROUGH[told.seats > 1])), write=chances
        ),
    }
    return build_table(
        "fared",
        rows,
        title=_(
            "Forecasts from polls about as old before earlier votes: {method}", method=told.method
        ),
        heading=_("How such forecasts have fared"),
        notes=(
            _(
                "Each assumes the slate that polls had tested most by its day, and knows "
                "nothing later. The method is that of today: those who chose it knew these "
                "votes."
            ),
        ),
        columns=columns,
        show=["election", "days_of_polls", "who", "mae_leading", "outcomes", "inside_90"],
        filters=(),
        terminal=True,
    )


def history_table(told: Told) -> Table | None:
    """How wrong polls were before other votes, at the distances that lie ahead."""
    rows = told.tables["history"]
    if rows.empty:
        return None
    return build_table(
        "history",
        rows,
        title=_("How polls at this distance have fared before other votes of this kind"),
        heading=_("How polls at this distance have fared"),
        notes=(
            _(
                "Polls of the final ballots, as far as these were known at the moment of the "
                "forecast: uncertainty about who would stand is not among these errors."
            ),
        ),
        show=["votes_in", "horizon_days", "votes", "mae_leading", "worst", "leader_first"],
        shown=rows.sort_values(["votes_in", "horizon_days"], ascending=False, kind="stable"),
        filters=(),
        terminal=True,
    )


def polls_table(told: Told) -> Table:
    """The last poll of every institute, as read on the ballot."""
    rows = told.polls
    wide = rows.pivot_table(
        index=["fieldwork_end", "institute", "poll_id"], columns="candidate", values="share"
    ).reset_index()
    size = rows.drop_duplicates("poll_id").set_index("poll_id")["respondents"]
    wide["respondents"] = wide["poll_id"].map(size)
    wide = wide.sort_values("fieldwork_end", ascending=False, kind="stable")
    order = [str(n) for n in told.now.index if n in wide]
    columns: Columns = {
        "fieldwork_end": {"write": lambda r: f"{r['fieldwork_end']:%Y-%m-%d}"},
        **{n: ColumnSpec(told.names[n], form="1pp", numeric=True) for n in order},
    }
    return build_table(
        "polls_read",
        wide,
        title=_("The polls as they are read on this ballot, percent"),
        heading=_("The polls"),
        notes=(
            _(
                "Of several lists put to one sample the nearest to this ballot is read, "
                "without those who are not on it; the others are divided by their sum. Polls "
                "of which more than {share:.0%} chose somebody who is not on it are not "
                "shown.",
                share=MOST_OFF,
            ),
        ),
        columns=columns,
        show=["fieldwork_end", "institute", "respondents", *order],
        filters=("institute",),
        terminal=False,
    )

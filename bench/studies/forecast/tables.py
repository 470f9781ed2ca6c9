"""The tables of a forecast: rows of the file, rows and columns that people see."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from bench.core.arrays import sorted_digits
from bench.data.election import load_election
from bench.models.chain import TOGETHER
from bench.report.context import names_of
from bench.report.document import MakeTable, table_of
from bench.report.formatting import MISSING, format_probability
from bench.report.simulated import signed
from bench.studies.forecast.analysis import PRICES
from bench.studies.forecast.break_even import EVENS
from bench.studies.forecast.chances import MIN_NAMED, capped, percentage
from bench.studies.forecast.facts import MIN_WEIGHT, PAGE, ballot_name, numbers
from bench.studies.forecast.outlook import Outlook

MAX_PAIRS = 5
MIN_SAMPLES = 5  # that were asked about both lists of an exchange
MAX_GAINERS = 3
N_LEADING = 4  # candidates whose chance on other slates a terminal shows
CHANCE = "<%"
ELECTED = {"form": CHANCE, "text": "elected", "numeric": True}
PER_CANDIDATE = {"form": CHANCE, "numeric": True}
SHARE_PER_CANDIDATE = {"form": "1pp", "numeric": True}
unfiltered = partial(table_of, filters=[], terminal=False)


def tables_of(outlook: Outlook) -> dict[str, MakeTable]:
    """The tables that have rows, by name."""
    makers = {
        "mixture": mixture_table,
        "forecast": forecast_table,
        "weights": weights_table,
        "likely_pairs": pairs_table,
        "slates": slates_table,
        "list_pairs": list_pairs_table,
        "methods_now": methods_table,
        "past_performance": past_table,
        "elected": elected_table,
        "favourites": favourites_table,
        "history": history_table,
        "polls_read": polls_table,
    }
    tables: dict[str, MakeTable] = {}
    for name, make in makers.items():
        table = make(outlook)
        if table is not None:
            tables[name] = partial(table, names=outlook.names)
    return tables


def mixture_table(outlook: Outlook) -> MakeTable | None:
    """By person: who runs, gets through and is elected."""
    if outlook.mixture.empty:
        return None
    rows = with_prices(outlook)
    return unfiltered(
        rows,
        shown=written_mixture(outlook, rows),
        show=[
            *("candidate", "p_runs", "p_qualify", "p_elected", "p_elected_stated", "price"),
            *("share", "interval", "p_qualify_if_runs", "price_runs", "p_listed"),
        ],
        columns={
            "p_runs": "%",
            "p_qualify": CHANCE,
            "p_elected": ELECTED,
            "p_elected_stated": CHANCE,
            "price": CHANCE,
            "share": "1pp",
            "p_qualify_if_runs": CHANCE,
            "price_runs": CHANCE,
            "p_listed": "%",
        },
        terminal=True,
    )


def with_prices(outlook: Outlook) -> pd.DataFrame:
    """The mixture, with the prices of a market where it quotes anybody."""
    prices = outlook.tables["prices"].set_index("candidate")[list(PRICES)]
    if prices.empty:
        return outlook.mixture
    return outlook.mixture.join(prices.set_axis(["price", "price_runs"], axis=1), on="candidate")


def written_mixture(outlook: Outlook, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with intervals and capped chances; without weights those with some chance."""
    written = rows.assign(
        p_runs=sorted_digits(rows["p_runs"]),  # a sum of weights may be a last bit below 1
        interval=_intervals(rows),
        elected=rows["p_elected"].map(capped),
    )
    if outlook.chances_of_election().empty:
        written = written.drop(columns="p_elected")
    if outlook.settings.weights:
        return written
    return written[written["p_qualify"].map(percentage) > 0]


def _intervals(rows: pd.DataFrame) -> list[str]:
    bounds = zip(100 * rows["q05"], 100 * rows["q95"], strict=True)
    return [
        MISSING if pd.isna(low) else PAGE.text("interval", low=low, high=high)
        for low, high in bounds
    ]


def weights_table(outlook: Outlook) -> MakeTable | None:
    """The weights that a file states, with its reasons."""
    if outlook.mixture.empty or not outlook.settings.weights:
        return None
    weights = outlook.tables["weights"]
    ballots = [
        ballot_name(outlook, slate) if slate else PAGE.text("unlisted")
        for slate in weights["slate"]
    ]
    return unfiltered(
        weights,
        shown=weights.assign(what=ballots),
        show=["what", "weight", "reason"],
        columns={"weight": "%"},
    )


def forecast_table(outlook: Outlook) -> MakeTable:
    """Share, interval and chances of every candidate."""
    rows = outlook.headline.reset_index()
    rows["change"] = rows["share"] - rows["candidate"].map(outlook.earlier["share"])
    rows["p_elected"] = rows["candidate"].map(outlook.chances_of_election())
    return unfiltered(
        rows,
        shown=written_forecast(outlook, rows),
        show=[
            *("candidate", "share", "interval", "p_qualify", "words", "p_first", "p_elected"),
            "change",
        ],
        columns={
            "share": "1pp",
            "p_qualify": CHANCE,
            "p_first": CHANCE,
            "p_elected": ELECTED,
            "change": {"text": "signed", "numeric": True},
        },
        terminal=True,
    )


def written_forecast(outlook: Outlook, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows in words, without the columns that say nothing of this vote."""
    written = rows.assign(
        interval=_intervals(rows),
        words=list(map(_in_words, rows["p_qualify"])),
        signed=[signed(100 * change) for change in rows["change"]],
        elected=rows["p_elected"].map(capped),
    )
    is_unmoved = written["signed"].eq(signed(0.0)).all()
    is_silent = {
        "p_first": outlook.decides,
        "p_elected": outlook.chances_of_election().empty,
        "change": outlook.earlier.empty or is_unmoved,
    }
    return written.drop(columns=[column for column, silent in is_silent.items() if silent])


def _in_words(chance: float) -> str:
    return "" if pd.isna(chance) else PAGE.text("chance_words", percent=percentage(chance))


def pairs_table(outlook: Outlook) -> MakeTable | None:
    """The likeliest pairs of the runoff, and who wins each."""
    if not outlook.has_pairs:
        return None
    rows = outlook.on_slate(outlook.tables["pairs"]).head(MAX_PAIRS)
    if rows.empty:
        return None
    first_leads = rows["first_wins"] >= EVENS
    rows = rows.assign(
        ahead=rows["first"].where(first_leads, rows["second"]),
        p_ahead=rows["first_wins"].where(first_leads, 1 - rows["first_wins"]),
        share_ahead=rows["first_share"].where(first_leads, 1 - rows["first_share"]),
    )
    return unfiltered(
        rows,
        shown=written_pairs(outlook, rows),
        show=["pair", "probability", "ahead", "share_ahead", "p_ahead", "basis"],
        columns={
            "probability": "%",
            "pair": {"meaning": ""},  # that of others names the pair that met
            "share_ahead": "1pp",
            "p_ahead": {"form": "%", "text": "chance", "numeric": True},
        },
    )


def written_pairs(outlook: Outlook, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with names and capped chances."""
    names = rows[["first", "second"]].replace(outlook.names)
    return rows.assign(
        pair=names["first"] + " – " + names["second"],
        ahead=rows["ahead"].map(outlook.names),
        chance=list(map(_chance_of_pair, rows["p_ahead"], rows["basis"])),
    )


def _chance_of_pair(chance: float, basis: str) -> str:
    """Of winning a runoff: without polls of the pair only its own draws count, and are few."""
    return capped(chance if basis == "polls" else round(chance, 1))


def slates_table(outlook: Outlook) -> MakeTable | None:
    """What the headline says if another slate stands."""
    slates = outlook.tables["slates"]
    if len(slates) < 2:
        return None
    rows = _by_slate(outlook, slates)
    return unfiltered(
        rows,
        shown=written_slates(outlook, rows, slates),
        show=["what", "weight", "n_recent", "lead_*", "rest_*", "name"],
        columns={
            "weight": CHANCE,
            "n_recent": "0",
            "lead_*": PER_CANDIDATE,
            "rest_*": PER_CANDIDATE | {"in_terminal": False},
        },
    )


def _by_slate(outlook: Outlook, slates: pd.DataFrame) -> pd.DataFrame:
    """A row per slate of which the headline says something, a column per candidate's chance."""
    rows = []
    for slate in slates.to_dict("records"):
        forecast = outlook.forecast_of(outlook.settings.headline, slate=slate["slate"])
        if not forecast.empty:
            rows.append({**slate, **forecast["p_qualify"].dropna().to_dict()})
    return pd.DataFrame(rows)


def written_slates(outlook: Outlook, rows: pd.DataFrame, slates: pd.DataFrame) -> pd.DataFrame:
    """Ballots by name, with the chances of those who have some on one of them."""
    maximum = rows.drop(columns=slates.columns).max()
    maximum = maximum.sort_values(ascending=False, kind="stable")
    candidates = [str(name) for name in maximum.index if percentage(maximum[name]) >= MIN_NAMED]
    heads = {name: f"lead_{name}" for name in candidates[:N_LEADING]}
    heads |= {name: f"rest_{name}" for name in candidates[N_LEADING:]}
    written = rows[["name", "n_recent", *candidates]].rename(columns=heads)
    written = written.assign(what=[ballot_name(outlook, slate) for slate in rows["slate"]])
    if outlook.mixture.empty:
        return written
    weights = outlook.tables["weights"].set_index("slate")["weight"]
    written = written.assign(weight=rows["slate"].map(weights))
    return written[~(written["weight"] < MIN_WEIGHT)]


def list_pairs_table(outlook: Outlook) -> MakeTable | None:
    """Who gained when somebody left a list, where several samples were asked about both lists."""
    rows = outlook.tables.get("list_pairs")
    if rows is None or not rows["n_samples"].max() >= MIN_SAMPLES:
        return None
    by_exchange = rows[rows["n_samples"] >= MIN_SAMPLES].groupby(["leaves", "comes"])
    written = [written_exchange(outlook, people) for _, people in by_exchange]
    return unfiltered(
        rows,
        shown=pd.DataFrame(written).sort_values("n_samples", ascending=False, kind="stable"),
        columns={"n_samples": "0", "lost": "1pp"},
    )


def written_exchange(outlook: Outlook, people: pd.DataFrame) -> dict[str, Any]:
    """One row: who left and came, and who gained most."""
    gainers = people[people["change"] > 0].nlargest(MAX_GAINERS, "change")
    leaves, comes = people[["leaves", "comes"]].iloc[0]
    return {
        "leaves": outlook.names[leaves],
        "comes": outlook.names.get(comes, PAGE.text("nobody")),
        "n_samples": people["n_samples"].max(),
        "lost": -people["change"].min(),
        "gained": PAGE.text("gained", people=gainers.to_dict("records"), names=outlook.names),
    }


def methods_table(outlook: Outlook) -> MakeTable | None:
    """What every method says of the leading candidates."""
    rows = _by_method(outlook)
    if rows.empty:
        return None
    # of two more than there are places
    without_chance = outlook.leading[outlook.round.n_advance + 2 :]
    return unfiltered(
        rows,
        shown=rows.drop(columns=[f"p_{candidate}" for candidate in without_chance]),
        show=["predictor", "share_*", "p_*", "message"],
        columns={"share_*": SHARE_PER_CANDIDATE, "p_*": PER_CANDIDATE},
    )


def _by_method(outlook: Outlook) -> pd.DataFrame:
    methods = outlook.on_slate(outlook.tables["methods"])
    methods = methods[methods["as_of"] == outlook.as_of]
    if outlook.settings.average != outlook.settings.headline:
        # it is drawn, and no forecast of a vote
        methods = methods[methods["predictor"] != outlook.settings.average]
    rows = []
    for method in methods.to_dict("records"):
        forecast = outlook.forecast_of(method["predictor"]).reindex(outlook.leading)
        shares = forecast["share"].add_prefix("share_").to_dict()
        chances = forecast["p_qualify"].add_prefix("p_").to_dict()
        predictor, message = method["predictor"], method["message"]
        rows.append({"predictor": predictor, **shares, **chances, "message": message})
    return pd.DataFrame(rows)


def past_table(outlook: Outlook) -> MakeTable | None:
    """What the headline said from polls as old before earlier votes of the country."""
    rows = outlook.tables.get("past_performance")
    if rows is None or rows.empty:
        return None
    names = names_of(list(rows["address"]))
    votes = rows.to_dict("records")
    written = rows.assign(
        election=list(map(_year, votes)), who=[_chances(vote, names) for vote in votes]
    )
    return unfiltered(
        rows,
        shown=written,
        show=["election", "days_of_polls", "who", "mae_leading", "outcomes", "inside_90"],
        columns={"mae_leading": "1pp", "outcomes": "0", "inside_90": "%"},
    )


def elected_table(outlook: Outlook) -> MakeTable | None:
    """Chances of being elected by how far the errors of both rounds go together."""
    chances = outlook.together
    if chances.empty:
        return None
    likely = chances[chances.max(axis=1).map(percentage) > 0]
    written = likely.join(likely.map(capped).add_suffix("_text")).reset_index()
    columns = {name: {"form": CHANCE, "text": f"{name}_text", "numeric": True} for name in TOGETHER}
    rows = chances.reset_index()
    return unfiltered(rows, shown=written, show=["candidate", *TOGETHER], columns=columns)


def named_favourites(outlook: Outlook) -> pd.DataFrame:
    """The favourites of earlier votes, people by name and votes by year; empty without them."""
    rows = outlook.tables.get("favourites", pd.DataFrame())
    if rows.empty:
        return rows
    people = rows[["favourite", "winner"]].replace(names_of(list(rows["address"])))
    return rows.assign(vote=list(map(_year, rows.to_dict("records"))), **people)


def favourites_table(outlook: Outlook) -> MakeTable | None:
    """Who was likeliest to be elected so long before earlier votes, and who was."""
    written = named_favourites(outlook)
    if written.empty:
        return None
    show = ["vote", "favourite", "p_elected", "winner"]
    rows = outlook.tables["favourites"]
    return unfiltered(rows, shown=written, show=show, columns={"p_elected": "%"})


def _year(vote: Mapping[Any, Any]) -> str:
    return f"{load_election(vote['address']).round(vote['round']).vote_on:%Y}"


def _chances(vote: Mapping[Any, Any], names: Mapping[str, str]) -> str:
    """The chances that those who got through had been given."""
    through = [names.get(candidate, candidate) for candidate in vote["through"].split(", ")]
    return " · ".join(map(_named_chance, through, numbers(vote["chances"])))


def _named_chance(name: str, chance: float) -> str:
    if np.isnan(chance):
        return PAGE.text("not_asked", name=name)
    return f"{name} {format_probability(chance)}"


def history_table(outlook: Outlook) -> MakeTable | None:
    """How far polls at this distance were from other votes, where there are several."""
    rows = outlook.tables["history"]
    rows = rows[rows["votes"] > 1]
    if rows.empty:
        return None
    return unfiltered(
        rows,
        show=["votes_in", "horizon_days", "votes", "mae_leading", "worst", "leader_first"],
        columns={
            "horizon_days": "0",
            "votes": "0",
            "mae_leading": "1pp",
            "worst": "1pp",
            "leader_first": "%",
        },
    )


def polls_table(outlook: Outlook) -> MakeTable | None:
    """The last poll of every institute, as read on the ballot."""
    if outlook.polls.empty:
        return None
    rows = _wide_polls(outlook.polls)
    candidates = [str(name) for name in outlook.headline.index if name in rows]
    written = rows[["institute", "respondents"]].join(rows[candidates].add_prefix("of_"))
    days = rows["fieldwork_end"].dt.strftime("%Y-%m-%d")
    return table_of(
        rows,
        shown=written.assign(fieldwork_end=days),
        show=["fieldwork_end", "institute", "respondents", "of_*"],
        columns={"respondents": "0", "of_*": SHARE_PER_CANDIDATE},
        filters=["institute"],
        terminal=False,
    )


def _wide_polls(polls: pd.DataFrame) -> pd.DataFrame:
    """A row per poll, the newest first, and a column per candidate."""
    keys = ["fieldwork_end", "institute", "poll_id"]
    rows = polls.pivot_table(index=keys, columns="candidate", values="share").reset_index()
    respondents = polls.drop_duplicates("poll_id").set_index("poll_id")["respondents"]
    rows["respondents"] = rows["poll_id"].map(respondents)
    return rows.sort_values("fieldwork_end", ascending=False, kind="stable")

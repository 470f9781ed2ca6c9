"""Both rounds as one forecast: words, tables and figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from bench.core.language import _, ngettext
from bench.core.settings import Experiment
from bench.report.comparison import missing_table, quoted, sentences_of
from bench.report.context import names_of, sources_of, title_of
from bench.report.formatting import format_fixed, format_probability
from bench.report.plotting.comparison import coverage
from bench.report.report import Report
from bench.report.tables import Table, table
from bench.runner.results import Results
from bench.studies.two_rounds.metrics import BALLOT
from bench.studies.two_rounds.plots import likely_pairs

if TYPE_CHECKING:
    from matplotlib.figure import Figure

KEY = ["election", "as_of", "predictor"]
SCORES = ["p_pair", "rank_pair", "log_pair", "p_elected", "log_elected"]
SCORES += ["runoff_signed_error", "runoff_crps", "energy_chain", "log_chain"]
MEANT = ["log_pair", "log_elected", "runoff_crps", "energy_chain", "log_chain"]
SHOWN_PAIRS = 4
PAIRS = ["pair", "probability", "first_wins", "first_share", "basis"]


def two_rounds_report(experiment: Experiment, results: Results) -> Report:
    """Words, tables and figures of both rounds as one forecast."""
    methods = results.tables["methods"]
    sentences = sentences_of(results)
    title, source = title_of(experiment), sources_of(experiment.elections)
    pairs = with_surnames(results.tables["pairs"], names_of(experiment.elections))
    scores = wide(results.tables["errors"])
    n = scores["election"].nunique()
    figures: dict[str, Callable[[str], Figure]] = {"pairs": likely_pairs(pairs, title, source).draw}
    if len(methods[["election", "round", "as_of"]].drop_duplicates()) > 1:
        figures["coverage"] = coverage(methods, title, source).draw
    notes = (
        *sentences,
        ngettext(
            "{n} election, one draw of history. The two shares of a runoff count as one result.",
            "{n} elections, one draw of history each. The two shares of a runoff count as one "
            "result.",
            n,
        ),
    )
    return Report(
        title=title,
        findings=(*best_chain(scores, pairs), *sentences),
        tables=(
            scores_table(scores, title, notes),
            pairs_table(results.tables["pairs"], pairs, title, terminal=n == 1),
            missing_table(methods),
        ),
        figures=figures,
        source=source,
        kicker=_("Both rounds as one forecast"),
        counts=((_("Elections"), str(n)), (_("Predictors"), str(methods["predictor"].nunique()))),
    )


def scores_table(scores: pd.DataFrame, title: str, notes: tuple[str, ...]) -> Table:
    """The scores, with the mean over elections where there are several."""
    shown = scores
    if scores["election"].nunique() > 1:
        answered = scores.groupby("predictor", sort=False)
        mean = answered[MEANT].mean()[answered.size() == answered.size().max()]
        shown = pd.concat([scores, mean.reset_index().assign(election="mean")], ignore_index=True)
    several = scores.groupby("election")["as_of"].nunique().max() > 1
    days = pd.to_datetime(shown["as_of"]).dt.strftime("%Y-%m-%d").fillna("")
    return table(
        "chain",
        scores,
        shown=shown.assign(as_of=days),
        show=["election", "predictor", *(["as_of"] if several else []), *SCORES],
        title=title,
        notes=notes,
        of="two_rounds",
        heading=_("How good was each forecast of both rounds?"),
        terminal=True,
    )


def pairs_table(pairs: pd.DataFrame, named: pd.DataFrame, title: str, *, terminal: bool) -> Table:
    """The likeliest pairs of every forecast, and the one that came, which is marked.

    Parameters
    ----------
    pairs, named : pandas.DataFrame
        Every pair with its probability: with candidates by key, and by name.
    title : str
        Heading.
    terminal : bool
        Whether it is printed.
    """
    place = named.groupby(KEY, sort=False).cumcount()
    shown = named[(place < SHOWN_PAIRS) | named["came"]]
    words = shown["first"] + " – " + shown["second"] + np.where(shown["came"], " *", "")
    return table(
        "pairs",
        pairs,
        shown=shown.assign(pair=words),
        show=["election", "predictor", *PAIRS],
        title=_("{title}: the likeliest pairs", title=title),
        notes=pair_notes(pairs),
        heading=_("The same in numbers: the likeliest pairs"),
        terminal=terminal,
    )


def pair_notes(pairs: pd.DataFrame) -> tuple[str, ...]:
    """What the pairs rest on, and whose draws do not hold the one that came."""
    words = [_("The pair marked * did meet.")]
    from_polls = pairs["basis"].eq("polls").groupby(pairs["election"], sort=False).any()
    if silent := list(from_polls.index[~from_polls]):
        words.append(
            _(
                "Runoffs from transfers of votes alone: {elections}. For these the sources hold "
                "runoff polls of one pair at most, perhaps because it did meet, so none is used.",
                elections=", ".join(silent),
            )
        )
    if len(from_polls) == 1 and not silent:
        polled = pairs.loc[pairs["basis"].eq("polls"), ["first", "second"]].drop_duplicates()
        words.append(
            _(
                "The runoffs of {n} pairs come from polls, those of other pairs from transfers "
                "of votes.",
                n=len(polled),
            )
        )
    came = pairs.groupby(KEY)["came"].any()
    if not came.all():
        names = sorted({f"{key[2]} ({key[0]})" for key in came.index[~came]})
        words.append(
            _("No draw contained the pair that did meet: {names}.", names=", ".join(names))
        )
    return tuple(words)


def with_surnames(pairs: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """The pairs with both candidates called by their names."""
    both = {key: pairs[key].replace(dict(names)) for key in ("first", "second")}
    return pairs.assign(**both)


def best_chain(scores: pd.DataFrame, pairs: pd.DataFrame) -> tuple[str, ...]:
    """The chances of the runoff that took place, who was least surprised, and what that proves.

    Parameters
    ----------
    scores : pandas.DataFrame
        From `wide`.
    pairs : pandas.DataFrame
        Every pair with its probability, candidates by name, `came` where it met in the runoff.
    """
    n = scores["election"].nunique()
    mean = scores.groupby("predictor", sort=False)[["log_chain", "p_pair", "p_elected"]].mean()
    whole = scores.groupby("predictor").size()
    mean = mean[whole.reindex(mean.index).eq(whole.max())].dropna(subset="log_chain")
    if mean.empty:
        return (_("No forecast thought the pair that reached the runoff possible."),)
    name = str(mean["log_chain"].idxmin())
    best = mean.loc[name]
    said = {
        "method": quoted([name])[0],
        "low": format_probability(mean["p_pair"].min()),
        "high": format_probability(mean["p_pair"].max()),
        "elected": format_probability(best["p_elected"]),
        "surprise": format_fixed(best["log_chain"]),
    }
    met = pairs.loc[pairs["came"], ["first", "second"]].drop_duplicates()
    if n == 1:
        claim = ngettext(
            "{method} gave a chance of {high} to the runoff that took place, {first} against "
            "{second}.",
            "{n} methods gave chances of {low} to {high} to the runoff that took place, "
            "{first} against {second}; {method} was least surprised by both rounds.",
            len(mean),
            first=met["first"].iloc[0],
            second=met["second"].iloc[0],
            **said,
        )
    else:
        claim = ngettext(
            "{method} gave an average chance of {high} to the runoffs that took place, over {of} "
            "elections.",
            "{n} methods gave average chances of {low} to {high} to the runoffs that took "
            "place, over {of} elections; {method} was least surprised by both rounds.",
            len(mean),
            of=n,
            **said,
        )
    return (
        claim,
        _("{n} elections are {n} draws of history and do not make it the better method.", n=n)
        if n > 1
        else _("One election is one draw of history and does not make it the better method."),
        _(
            "Least surprised by the pair and its runoff share together ({surprise} nats), it gave "
            "{elected} to whoever was elected.",
            **said,
        ),
    )


def wide(errors: pd.DataFrame) -> pd.DataFrame:
    """One row per election, moment and predictor, one column per score."""
    rows = errors[errors["ballot"] == BALLOT]
    found = rows.pivot_table(index=KEY, columns="score", values="value", sort=False)
    return found.reindex(columns=[*SCORES, "brier_pair", "brier_elected"]).reset_index()

"""Transfers of votes between the rounds, and since the election before, at every level of areas."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from bench.core.errors import DataError
from bench.core.predictor import generator
from bench.core.settings import Experiment
from bench.data.country import country_of
from bench.data.election import Election, rounds_of_runoff, this_and_earlier
from bench.data.evidence import evidence_for
from bench.data.margins import (
    common_level,
    levels_of_rounds,
    margins_of_elections,
    margins_of_rounds,
)
from bench.data.task import portable
from bench.models.ecological_inference import estimate, total_bounds, transition_rows
from bench.runner.results import Results, stacked
from bench.runner.runner import Part, run
from bench.studies.base import settings_of

SOURCES = {"post_vote_survey": "survey"}  # any other kind is a published estimate
WITHIN = "_by_"  # of `station_by_departement`: one table for each département
PAST_VOTE = {"electorate": "", "level": ""}


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Settings of the study.

    Attributes
    ----------
    levels : tuple of str
        Levels of areas from fine to coarse, such as ``station``, or ``station_by_departement``
        for one table each; those by which the election is not known are left out and named.
    electorates : tuple of str
        ``registered``, ``valid`` or both.
    n_draws : int
        Tables drawn for the intervals.
    level : float
        Of the intervals, between 0 and 1.
    surveys_within_days : float
        Days after the vote within which surveys and published estimates are compared.
    n_told : int
        Origins of which the headline speaks.
    """

    levels: tuple[str, ...]
    electorates: tuple[str, ...]
    n_draws: int
    level: float
    surveys_within_days: float
    n_told: int


def analyse(experiment: Experiment) -> Results:
    """Estimate the transfers between the rounds at every level, and from the election before.

    Raises
    ------
    DataError
        If the two rounds are known by none of the levels.
    """
    settings = settings_of(Settings, experiment)
    this, before = this_and_earlier(experiment.elections)
    levels, unknown = known_levels(this, settings.levels)
    past_level = common_level(before, this) if before else ""
    parts = [
        {"electorate": electorate, "level": level}
        for electorate in settings.electorates
        for level in levels
    ]
    asked = [*parts, PAST_VOTE] if past_level else parts
    made = run(experiment, one_level, asked, _folders(experiment), label="estimates")
    rounds = stacked(made[: len(parts)], "transitions")
    others = other_sources(this, settings.surveys_within_days)
    weights = margins_of_rounds(this, whole_electorate(settings.electorates)).rows.sum()
    sides = {
        f"levels_{electorate}": side_by_side(rounds, others, electorate, levels)
        for electorate in settings.electorates
    }
    past = {"past_vote_transitions": made[-1].tables["transitions"]} if past_level else {}
    elections = [this, before] if before and past_level else [this]
    country = country_of(this)
    labels = {level: country.label(level) for level in (*levels, *unknown, past_level)}
    return Results(
        tables={
            "transitions": rounds,
            **past,
            "timings": pd.DataFrame([dict(one.facts) for one in made]),
            "others": others,
            "weights": weights.rename("votes").rename_axis("origin").reset_index(),
            **sides,
        },
        facts={
            "elections": [portable(one.address) for one in elections],
            "levels": levels,
            "labels": labels,
            # a level of another country is not missing
            "unknown": [
                labels[one] for one in unknown if set(one.split(WITHIN)) <= set(country.levels)
            ],
            "before": before.title if before else "",
            "past_level": past_level,
        },
    )


def whole_electorate(asked: Iterable[str]) -> str:
    """The electorate of headline and figures: everybody, where everybody was asked about."""
    known = list(asked)
    return "registered" if "registered" in known else known[0]


def known_levels(election: Election, asked: Sequence[str]) -> tuple[list[str], list[str]]:
    """The levels by which both rounds are known, and those by which they are not.

    Raises
    ------
    DataError
        If there are none of the first.

    Examples
    --------
    >>> from bench.data.election import load_election
    >>> known_levels(load_election("fr2012"), ["station", "canton", "canton_by_departement"])
    (['canton', 'canton_by_departement'], ['station'])
    """
    known = levels_of_rounds(election)
    levels = [level for level in asked if set(level.split(WITHIN)) <= set(known)]
    if not levels:
        raise DataError(
            f"{election.name}: settings.levels names {', '.join(asked)}; accepted: levels by which "
            f"both rounds are known ({', '.join(known) or 'there is none'})"
        )
    return levels, [level for level in asked if level not in levels]


def one_level(experiment: Experiment, part: Part) -> Results:
    """The transfers between the rounds at one level, or from the election before."""
    this, before = this_and_earlier(experiment.elections)
    electorate, level = str(part["electorate"]), str(part["level"])
    settings = settings_of(Settings, experiment)
    if part == PAST_VOTE:
        assert before is not None
        margins, groups = margins_of_elections(before, this), None
        label = f"{before.name} to {this.name}, {common_level(before, this)}"
        added: dict[str, str] = {}
    else:
        fine, _, within = level.partition(WITHIN)
        margins = margins_of_rounds(this, electorate, fine)
        groups = margins.keys[list(margins.levels[within])[-1]].to_numpy() if within else None
        label = f"{electorate}, {level}"
        added = {"electorate": electorate, "level": level}
    rng = generator(experiment.seed, label)
    rows, columns = margins.rows.to_numpy(), margins.columns.to_numpy()
    wall, cpu = time.perf_counter(), time.process_time()
    found = estimate(rows, columns, groups=groups, n_draws=settings.n_draws, rng=rng)
    cost = {
        "estimate": label,
        "n_areas": len(rows),
        "n_left_out": int(margins.n_left_out),
        "moved": float(margins.moved),
        "wall_s": time.perf_counter() - wall,
        "cpu_s": time.process_time() - cpu,
    }
    table = transition_rows(
        found,
        total_bounds(rows, columns),
        [str(name) for name in margins.rows],
        [str(name) for name in margins.columns],
        level=settings.level,
    )
    return Results(tables={"transitions": table.assign(**added)}, facts=cost)


def side_by_side(
    rounds: pd.DataFrame, others: pd.DataFrame, electorate: str, levels: Sequence[str]
) -> pd.DataFrame:
    """One row per cell that may be read: every level, the interval, the bounds.

    Shares in percent of the origin's votes; other sources where the electorate is everybody.
    The interval is the range over levels, or the model's own at the finest where that is wider.
    """
    rows = rounds[(rounds["electorate"] == electorate) & rounds["readable"]]
    keys = ["from_candidate", "to"]
    wide = 100 * rows.pivot(index=keys, columns="level", values="share")[list(levels)]
    finest = rows[rows["level"] == levels[0]].set_index(keys)
    least, most = wide[list(levels)].min(axis=1), wide[list(levels)].max(axis=1)
    wide["lower"] = np.minimum(100 * finest["lower"], least)
    wide["upper"] = np.maximum(100 * finest["upper"], most)
    for name in ("least", "most"):
        wide[name] = 100 * finest[name]
    wide["range_of_levels"] = most - least
    if electorate == "registered":
        for source, part in others.groupby("source"):
            wide[str(source)] = 100 * part.set_index(keys)["share"]
    order = (
        finest["origin_share"]
        .groupby("from_candidate")
        .first()
        .sort_values(ascending=False, kind="stable")
    )
    return wide.loc[list(order.index)].reset_index()


def other_sources(election: Election, within_days: float) -> pd.DataFrame:
    """What surveys of the day and published estimates say, until some days after the vote."""
    _, runoff = rounds_of_runoff(election)
    moment = runoff.known_at + pd.Timedelta(days=within_days)
    rows = evidence_for(election, runoff.number, moment)["transfers"]
    rows = rows[rows["kind"] != "pre_vote_intention"]
    kind = rows["kind"].map(SOURCES).fillna("published estimate")
    source = [
        f"{name.split('_')[0].capitalize()} {what}"
        for name, what in zip(rows["survey"], kind, strict=True)
    ]
    return rows.assign(source=source)[["source", "from_candidate", "to", "share"]]


def folders_read(experiment: Experiment) -> dict[str, Path]:
    """The folders of both elections and of their country."""
    return {folder.name: folder for folder in _folders(experiment)}


def _folders(experiment: Experiment) -> list[Path]:
    this, before = this_and_earlier(experiment.elections)
    places = [one.folder for one in (this, before, country_of(this)) if one]
    return [place for place in places if place]

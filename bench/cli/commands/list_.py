"""List experiments, predictors, distortions and elections, one line each."""

from __future__ import annotations

import argparse

from bench.cli import hydra_setup
from bench.cli.commands import first_comment
from bench.cli.hydra_setup import predictor_settings
from bench.core.errors import BenchError, ConfigError, did_you_mean
from bench.core.registry import load_predictor
from bench.data.election import election_names, load_election
from bench.report.context import day
from bench.simulation.distortions import make_distortion

KINDS = ("experiments", "predictors", "distortions", "elections")


def main(arguments: list[str]) -> int:
    """Print the lists."""
    parser = argparse.ArgumentParser(prog="bench list", description=__doc__)
    parser.add_argument("kind", nargs="*", help=f"{', '.join(KINDS)} (default: all)")
    wanted = parser.parse_args(arguments).kind or KINDS
    if unknown := [kind for kind in wanted if kind not in KINDS]:
        raise ConfigError(f"no list is called '{unknown[0]}' ({did_you_mean(unknown[0], KINDS)})")
    rows = {
        "experiments": experiments,
        "predictors": predictors,
        "distortions": distortions,
        "elections": elections,
    }
    for kind in KINDS:
        if kind in wanted:
            print(kind)
            lines = rows[kind]()
            width = max(len(name) for name, _ in lines)
            for name, words in lines:
                print(f"  {name:<{width}}  {words}")
            print()
    return 0


def experiments() -> list[tuple[str, str]]:
    """Name and first comment of every experiment."""
    names = hydra_setup.options("experiment")
    return [(name, first_comment("experiment", name)) for name in names]


def predictors() -> list[tuple[str, str]]:
    """Name, family, evidence and first line of every predictor."""
    rows = []
    for name in hydra_setup.options("predictor"):
        try:
            kind = load_predictor(str(predictor_settings(name).get("method", name)))
        except BenchError as error:
            rows.append((name, f"cannot be loaded: {error}"))
            continue
        needs = ", ".join(sorted(kind.needs)) or "nothing"
        first = (kind.__doc__ or "").strip().splitlines()[0]
        rows.append((name, f"[{kind.family}; reads {needs}] {first}"))
    return rows


def distortions() -> list[tuple[str, str]]:
    """Name, evidence, unit of the dose and first comment of every distortion."""
    rows = []
    for name in hydra_setup.options("scenario"):
        try:
            spoils = make_distortion(name, hydra_setup.scenario_settings(name))
        except BenchError as error:
            rows.append((name, f"cannot be loaded: {error}"))
            continue
        touches = ", ".join(sorted(spoils.touches))
        said = first_comment("scenario", name)
        rows.append((name, f"[spoils {touches}; dose: {spoils.unit}] {said}"))
    return rows


def elections() -> list[tuple[str, str]]:
    """Name, title and rounds of every election."""
    rows = []
    for name in election_names():
        election = load_election(name)
        days = ", ".join(f"{day(r.vote_on)}" for r in election.rounds.values())
        rows.append((name, f"{election.title} ({days})"))
    return rows

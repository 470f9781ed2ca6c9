"""The builders: `python -m tools.build_datasets --source RAW --into datasets`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from bench.core import paths
from bench.core.errors import BenchError, ConfigError, did_you_mean
from tools.build_datasets import (
    app_support,
    approvals,
    areas,
    buzz,
    candidacies,
    claims,
    countries,
    france,
    inference,
    open_2027,
    outcomes,
    polls,
    ratings,
    ratings_2022,
    stations,
    toy,
    transfers,
)
from tools.build_datasets.cards import Part, write_folder
from tools.build_datasets.collections import builders, write_collection
from tools.build_datasets.data_package import write_package
from tools.build_datasets.elections import (
    Election,
    election_2022,
    elections,
    facts_yaml,
)
from tools.build_datasets.files import pin_sums, write_sums

RECENT = "fr2022"  # not in the compilation of outcomes
BOARDS = "boards"  # files that others may add by hand: their sums are listed, nothing is built
Builder = Callable[[Path, Election], Part]
FINE: dict[int, Builder] = {
    2012: stations.build_2012,
    2017: stations.build_2017,
    2022: outcomes.departements_2022,
}
"""The finest areas of an election; départements of metropolitan France elsewhere."""

EVIDENCE: dict[int, tuple[Builder, ...]] = {
    2002: (approvals.build,),
    2007: (claims.build, approvals.build),
    2012: (claims.build, buzz.build),
    2017: (
        claims.build,
        buzz.build,
        ratings.build,
        transfers.build,
        areas.build,
        app_support.build,
        approvals.build,
    ),
    2022: (ratings_2022.build, transfers.build_2022, app_support.build, approvals.build),
}
"""What there is beside polls, in the order of the card."""


def main(arguments: list[str] | None = None) -> int:
    """Build the folders asked for; the exit status says whether every total agreed."""
    parser = argparse.ArgumentParser(prog="python -m tools.build_datasets", description=__doc__)
    parser.add_argument("--source", type=Path, help="folder with the raw files")
    parser.add_argument("--into", type=Path, default=Path("datasets"), help="where to write")
    parser.add_argument("--only", action="append", help="one folder of datasets/; may be repeated")
    parser.add_argument(
        "--packages",
        action="store_true",
        help="describe what lies there (datapackage.json) alone, list the sums of boards, and pin "
        "all sums in the package",
    )
    asked = parser.parse_args(arguments)
    if asked.packages:
        for card in sorted(asked.into.glob("*/CARD.md")):
            write_package(card.parent)
        if (asked.into / BOARDS).is_dir():
            write_sums(asked.into / BOARDS)
        if asked.into.resolve() == paths.datasets().resolve():
            pin_sums()
        return 0
    if asked.source is None:
        parser.error("--source is needed to build")
    try:
        for name in build_all(asked.source, asked.into, asked.only):
            print(f"built {asked.into / name}")
    except BenchError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def build_all(source: Path, into: Path, only: list[str] | None = None) -> list[str]:
    """Build `datasets/` or some folders of it; return their names.

    Raises
    ------
    ConfigError
        If a name in `only` is not one that can be built.
    DataError
        If a raw file is missing, or a total is not the published one.
    """
    by_election = {election.key: election for election in elections(source)}
    collections = builders()
    known = [
        *by_election,
        RECENT,
        open_2027.NAME,
        *toy.NAMES,
        "france",
        "made_up",
        "ei_truth",
        *collections,
    ]
    for name in only or ():
        if name not in known:
            raise ConfigError(f"no folder is called '{name}' ({did_you_mean(name, known)})")
    chosen = [name for name in known if not only or name in only]
    for name in chosen:
        folder = into / name
        if name in by_election:
            _write_election(source, folder, by_election[name])
        elif name == RECENT:
            _write_election(source, folder, election_2022(source))
        elif name == open_2027.NAME:
            texts = {"election.yaml": open_2027.facts_yaml()}
            write_folder(folder, open_2027.TITLE, open_2027.WHAT, open_2027.build(source), texts)
        elif name in toy.NAMES:
            toy.write(folder, name)
        elif name == "france":
            france.write(source, folder)
        elif name == "made_up":
            countries.write_made_up(folder)
        elif name == "ei_truth":
            write_folder(folder, inference.TITLE, inference.WHAT, [inference.build(source)])
        else:
            write_collection(folder, collections[name](source))
    return chosen


def _write_election(source: Path, folder: Path, election: Election) -> None:
    fine = FINE.get(election.year, outcomes.metropolitan)(source, election)
    parts = [outcomes.build(source, election, fine), fine, polls.build(source, election)]
    parts += [build(source, election) for build in EVIDENCE.get(election.year, ())]
    if election.year in candidacies.YEARS:
        parts.insert(0, candidacies.build(election))
    title = f"French presidential election of {election.year}"
    what = "Evidence (`inputs/`) and official votes (`outcome/`) of both rounds."
    write_folder(folder, title, what, parts, {"election.yaml": facts_yaml(election)})


if __name__ == "__main__":
    sys.exit(main())

"""The builders: `python -m tools.build_datasets --source RAW --into datasets`."""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

from bench.core import paths
from bench.core.errors import BenchError, ConfigError, did_you_mean
from bench.data.data_package import write_package
from tools.build_datasets import (
    app_support,
    approvals,
    areas,
    buzz,
    candidacies,
    cantons,
    claims,
    countries,
    inference,
    open_2027,
    outcomes,
    outlines,
    polls,
    ratings,
    ratings_2022,
    stations,
    toy,
    transfers,
)
from tools.build_datasets.cards import write_folder
from tools.build_datasets.collections import builders, write_collection
from tools.build_datasets.elections import Election, election_2022, elections, facts_yaml
from tools.build_datasets.files import pin_sums

HAS_CLAIMS = frozenset([2007, 2012, 2017])
HAS_BUZZ = frozenset([2012, 2017])
RECENT = "fr2022"  # not in the compilation of outcomes


def main(arguments: list[str] | None = None) -> int:
    """Build the folders asked for; the exit status says whether every total agreed."""
    parser = argparse.ArgumentParser(prog="python -m tools.build_datasets", description=__doc__)
    parser.add_argument("--source", type=Path, help="folder with the raw files")
    parser.add_argument("--into", type=Path, default=Path("datasets"), help="where to write")
    parser.add_argument("--only", action="append", help="one folder of datasets/; may be repeated")
    parser.add_argument(
        "--packages",
        action="store_true",
        help="describe what lies there (datapackage.json) alone, and pin its sums in the package",
    )
    asked = parser.parse_args(arguments)
    if asked.packages:
        for card in sorted(asked.into.glob("*/CARD.md")):
            write_package(card.parent)
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
    wanted = frozenset(only or ())
    by_name = {e.key: e for e in elections(source)}
    collections = builders()
    known = [
        *by_name,
        RECENT,
        open_2027.NAME,
        *toy.NAMES,
        "france",
        "made_up",
        "ei_truth",
        *collections,
    ]
    for name in wanted:
        if name not in known:
            raise ConfigError(f"no folder is called '{name}' ({did_you_mean(name, known)})")
    chosen = [name for name in known if not wanted or name in wanted]
    for name in chosen:
        profile = countries.profile_of(into / name) if name in ("france", "made_up") else ""
        made = collections[name](source) if name in collections else None
        folder = _emptied(into / name)
        if name in by_name:
            _election(source, folder, by_name[name])
        elif made:
            write_collection(folder, made)
        elif name == RECENT:
            _election(source, folder, election_2022(source))
        elif name == open_2027.NAME:
            (folder / "election.yaml").write_text(open_2027.facts_yaml(), encoding="utf-8")
            write_folder(folder, open_2027.TITLE, open_2027.WHAT, open_2027.build(source))
        elif name == "france":
            part, text = outlines.build(source)
            (folder / "departements.geojson").write_text(text, encoding="utf-8")
            (folder / countries.PROFILE).write_text(profile, encoding="utf-8")
            parts = [part, cantons.build(source), countries.profile_part(profile)]
            write_folder(folder, "France", "Areas that French elections share.", parts)
        elif name == "made_up":
            countries.write_made_up(folder, profile)
        elif name == "ei_truth":
            what = (
                "District elections whose true cross-tabulation is known, for ecological inference."
            )
            write_folder(
                folder, "Ecological inference, answer known", what, [inference.build(source)]
            )
        else:
            toy.write(folder, name)
    return chosen


def _emptied(folder: Path) -> Path:
    if folder.is_dir():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    return folder


def _election(source: Path, folder: Path, election: Election) -> None:
    if election.year == 2017:
        fine = stations.build_2017(source, election)
    elif election.year == 2012:
        fine = stations.build_2012(source, election)
    elif election.year == 2022:
        fine = outcomes.departements_2022(source, election)
    else:
        fine = outcomes.metropolitan(source, election)
    asked = polls.build(source, election)
    parts = [outcomes.build(source, election, fine), fine, asked]
    if election.year in HAS_CLAIMS:
        parts.append(claims.build(source, election))
    if election.year in HAS_BUZZ:
        parts.append(buzz.build(source, election))
    if election.year == 2017:
        parts += [ratings.build(source, election), transfers.build(source, election)]
        parts.append(areas.build(source))
    if election.year == 2022:
        parts.append(ratings_2022.build(source, election))
        parts.append(transfers.build_2022(election, asked.tables["inputs/polls.csv"]))
    if election.year in app_support.YEARS:
        parts.append(app_support.build(source, election))
    if election.year in approvals.YEARS:
        parts.append(approvals.build(source, election))
    if election.year in candidacies.OUT:
        parts.insert(0, candidacies.build(election))
    (folder / "election.yaml").write_text(facts_yaml(election), encoding="utf-8")
    title = f"French presidential election of {election.year}"
    what = "Evidence (`inputs/`) and official votes (`outcome/`) of both rounds."
    write_folder(folder, title, what, parts)


if __name__ == "__main__":
    sys.exit(main())

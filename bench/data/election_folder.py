"""The folder of an election: its files, in the full or the short form, and what is not read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from bench.core import paths
from bench.core.errors import DataError
from bench.data.columns import TABLES
from bench.data.readers import facts_of, folders_below, remembered

FACTS = "election.yaml"  # what makes a folder that of an election
SHORT = "polls.csv"  # of an election in the short form
PRESIDENT = "president"  # what an election is where its election.yaml does not say
OPEN = "open"  # in place of the candidates of a round whose ballot is not known yet
# what looks like data, also outcome.csv.txt; what is read of it; what studies read beside it
DATA = re.compile(r"(^|/)[^./][^/]*\.(csv|tsv|parquet|xlsx?|ods)\b|(outcome|polls)\.txt$")
OF_SHORT = frozenset(
    {
        SHORT,
        "candidacies.csv",
        "slates.csv",
        "events.csv",
        "outcome.csv",
        "outcome/departements.parquet",
    }
)
OF_FULL = frozenset(
    {
        "candidates.csv",
        "candidacies.csv",
        "slates.csv",
        "events.csv",
        "inputs/earlier_votes.parquet",
        "outcome/national.csv",
        "outcome/departements.parquet",
    }
)
BESIDE_OUTCOME = re.compile(r"outcome/(totals|.*_by_.*|.*_r[12])\.(csv|parquet)")


def folder_names() -> list[str]:
    """The shipped elections with a folder of their own, by name."""
    return [folder.name for folder in folders_below(paths.datasets(), FACTS)]


def folders_by_vote(place: Path) -> Mapping[tuple[str, str], tuple[Path, ...]]:
    """The folders below one that hold an election, unopened, by its country and kind.

    Those that name no country, or cannot be read, are left out.

    Examples
    --------
    >>> [folder.name for folder in folders_by_vote(paths.datasets())["XT", "president"]]
    ['toy', 'toy_prior1', 'toy_prior2']
    """
    return _by_vote(folders_below(place, FACTS))


@remembered()
def _by_vote(folders: tuple[Path, ...]) -> Mapping[tuple[str, str], tuple[Path, ...]]:
    by_vote: dict[tuple[str, str], tuple[Path, ...]] = {}
    for folder in folders:
        try:
            facts = facts_of(folder / FACTS)
        except (DataError, OSError):
            continue
        vote = str(facts.get("country", "")), str(facts.get("kind", PRESIDENT))
        by_vote[vote] = (*by_vote.get(vote, ()), folder)
    return by_vote


@remembered()
def is_short(folder: Path) -> bool:
    """Whether a folder holds the short form: full ones keep their polls in `inputs/`."""
    if (folder / "candidates.csv").is_file():
        return False
    full = (folder / "inputs").is_dir() or (folder / "outcome").is_dir()
    return (folder / SHORT).is_file() or not full


def unread_files(folder: Path) -> list[str]:
    """Files of data in the folder of an election that are no part of it, by their place in it."""
    short = is_short(folder)
    tables = [name for name in TABLES if not (short and name == "polls")]
    read_names = {f"inputs/{name}{suffix}" for name in tables for suffix in (".csv", ".parquet")}
    read_names |= OF_SHORT if short else OF_FULL
    places = (path for pattern in ("*", "inputs/*", "outcome/*") for path in folder.glob(pattern))
    # where capitals do not count in names of files, Outcome.csv is outcome.csv
    read_files = [folder / name for name in read_names if (folder / name).exists()]
    unread = []
    for place in filter(Path.is_file, places):
        name = place.relative_to(folder).as_posix()
        is_data = DATA.search(name.lower()) and not BESIDE_OUTCOME.fullmatch(name)
        if is_data and not any(map(place.samefile, read_files)):
            unread.append(name)
    return sorted(unread)

"""The check of a whole collection: every table, every election, every sum."""

from __future__ import annotations

from functools import partial

from bench.core.errors import DataError
from bench.data.collection import Collection, collection_folders, refuse_two_places, table_file
from bench.data.collection_rules import rules_of
from bench.data.columns import COLLECTION_TABLES
from bench.data.election import load_election
from bench.data.readers import SUMS, is_as_shipped, read_table, sha256


def check_collection(collection: Collection) -> None:
    """Read every table and open every election of a collection, shipped or not.

    Raises
    ------
    DataError
        At the first fault.
    """
    folder = collection.folder
    sums = folder / SUMS
    lines = sums.read_text(encoding="utf-8").splitlines() if sums.is_file() else []
    for line in lines:
        expected, _, name = line.partition("  ")
        path = folder / name
        if not path.is_file() or sha256(path) != expected:
            raise DataError(
                f"{path}: its checksum is not that of {sums}: the file was changed after "
                f"it was built; build it again, or delete {SUMS} if the change is meant"
            )
    for name, table in COLLECTION_TABLES.items():
        collection.table(name)  # judged already, unless it is as shipped
        file = table_file(folder, name)
        if file is not None and is_as_shipped(file):
            rules = partial(rules_of, collection, name)
            read_table(file, table, short=True, check=True, rules=rules)
    if folder in collection_folders(folder.parent):
        refuse_two_places(folder.parent)
    for name in collection.names:
        load_election(str(folder / name))

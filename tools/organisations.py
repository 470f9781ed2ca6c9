"""The register of organisations: who made, paid or published the polls and claims that ship.

`python -m tools.organisations` writes `datasets/organisations`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

from bench.core import paths
from bench.data.declared import ORGANISATIONS, letters, names_in
from tools.build_datasets.cards import part, write_folder
from tools.build_datasets.files import read_raw

ROLES = {"institute": "polls", "sponsor": "polls", "publisher": "claims"}


def organisations(datasets: Path) -> pd.DataFrame:
    """Everybody whom a column of `ROLES` names, once per role, in the most frequent spelling.

    Returns
    -------
    pandas.DataFrame
        Columns name and role, by role, then name.
    """
    found = []
    for role, table in ROLES.items():
        tables = [p for p in datasets.glob(f"**/{table}.*") if p.suffix in (".csv", ".parquet")]
        cells = pd.concat([read_raw(path)[role].dropna() for path in sorted(tables)])
        names = cells.astype(str).map(names_in).explode()
        counted = names.value_counts().rename_axis("name").reset_index()
        counted = counted.sort_values(["count", "name"], ascending=[False, True])
        counted = counted[~counted["name"].map(letters).duplicated()]
        found.append(counted[["name"]].assign(role=role))
    rows: pd.DataFrame = pd.concat(found)
    return rows.sort_values(["role", "name"], ignore_index=True)


def main() -> int:
    """Write the folder anew."""
    made = part("organisations", {ORGANISATIONS.name: organisations(paths.datasets())})
    folder = paths.datasets() / ORGANISATIONS.parent
    what = (
        "Institutes, sponsors and publishers that tables may name; an `election.yaml` adds others."
    )
    write_folder(folder, "Organisations", what, [made])
    return 0


if __name__ == "__main__":
    sys.exit(main())

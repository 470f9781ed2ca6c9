"""Which reference results moved since a commit: `python -m tools.moved COMMIT [EXPERIMENT …]`.

Without experiments one line for every table of `results/reference`; with them every number of
their tables, before and after. The numbers in README and docs are made from these tables.
"""

from __future__ import annotations

import argparse
import io
import subprocess
from collections.abc import Hashable, Mapping
from contextlib import suppress
from pathlib import Path

import pandas as pd

from tools.pages import table

ROOT = Path(__file__).resolve().parents[1]
REFERENCE = Path("results/reference")
KEYS = frozenset(
    "election round candidate area predictor method family other stratum country kind measure "
    "ballot metric days_before lag_days lag distortion dose unit instrument "
    "beneficiary electorate conclusion band vote estimator allowed order moment quantity level "
    "from_candidate to group population dataset variant system source calibrated_on".split()
)
"""Columns that name a row; every other text is a result."""
ROUNDING = 5e-4
RENAMED = {"scenario": "distortion", "score": "metric", "seats": "n_advance"}
RENAMED |= {f"{score}_full_pp": f"{score}_all_pp" for score in ("mae", "crps")}
VALUES = {"full": "all", "common": "compared", "floors": "baselines"}
VALUES |= {"previous_forecast": "polls_30_days_ago"}
"""What columns and values were called before 0.3.0."""


def moved(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """The numbers of two versions of one table, side by side.

    Parameters
    ----------
    before, after : pd.DataFrame
        Tables whose columns in `KEYS` name a row.

    Returns
    -------
    pd.DataFrame
        The keys, `column`, `before` and `after`; NaN where a version has no such number. Only
        numbers that differ by more than `ROUNDING`, or that one version lacks.

    Examples
    --------
    >>> old = pd.DataFrame({"method": ["a", "b"], "mae": [1.0, 2.0]})
    >>> moved(old, old.assign(mae=[1.0, 2.5])).values.tolist()
    [['b', 'mae', 2.0, 2.5]]
    """
    keys = [name for name in before.columns.intersection(after.columns) if name in KEYS]
    sides = []
    for name, one in (("before", before), ("after", after)):
        numbers = one.select_dtypes("number").columns.difference(keys)
        named = one[keys].fillna("").astype(str)
        long = one[numbers].assign(**named).melt(id_vars=keys, var_name="column", value_name=name)
        sides.append(long.dropna(subset=[name]).drop_duplicates([*keys, "column"]))
    both = sides[0].merge(sides[1], on=[*keys, "column"], how="outer")
    same = (both["before"] - both["after"]).abs() <= ROUNDING
    return both[~same & both["column"].ne("replicate")].reset_index(drop=True)


def tables(commit: str, experiment: str = "") -> dict[str, tuple[pd.DataFrame | None, Path]]:
    """The reference tables of a commit (None: it had none) and where they lie today."""
    listed = _git("ls-tree", "-r", "--name-only", commit, f"{REFERENCE / experiment}/").split()
    today = [str(p.relative_to(ROOT)) for p in (ROOT / REFERENCE / experiment).rglob("*.csv")]
    return {
        name: (
            _named_as_today(pd.read_csv(io.StringIO(_git("show", f"{commit}:{name}"))))
            if name in listed
            else None,
            ROOT / name,
        )
        for name in sorted({*today, *(name for name in listed if name.endswith(".csv"))})
    }


def _named_as_today(old: pd.DataFrame) -> pd.DataFrame:
    old = old.rename(columns=RENAMED)
    keys = [name for name in ("ballot", "family", "predictor") if name in old]
    return old.assign(**{name: old[name].replace(VALUES) for name in keys})


def summary(commit: str) -> str:
    """One line for every table that moved."""
    rows = []
    for name, (old, path) in tables(commit).items():
        if "/toy/" in name:
            continue
        short = str(Path(name).relative_to(REFERENCE))
        if old is None or not path.is_file():
            rows.append([f"`{short}`", "new" if old is None else "gone", "", ""])
            continue
        found = moved(old, pd.read_csv(path))
        if len(found):
            gap = (found["after"] - found["before"]).abs()
            most = (
                ""
                if gap.isna().all()
                else _row(found.iloc[int(gap.fillna(-1).to_numpy().argmax())])
            )
            one_sided = int(gap.isna().sum())
            rows.append([f"`{short}`", f"{len(found) - one_sided}", f"{one_sided}", most])
    return table(["table", "numbers that moved", "in one version only", "largest move"], rows)


def details(commit: str, experiment: str) -> str:
    """Every number of an experiment that moved, table by table."""
    parts = []
    for name, (old, path) in tables(commit, experiment).items():
        if old is not None and path.is_file():
            found = moved(old, pd.read_csv(path))
            cells = [
                [*(str(value) for value in row[:-2]), *(_number(value) for value in row[-2:])]
                for row in found.itertuples(index=False)
            ]
            parts.append(f"{name}\n\n{table(list(found.columns), cells)}\n")
    return "\n".join(parts)


def record(commit: str) -> str:
    """The record of a commit that pooled all votes, beside that in pairs, kind of vote by kind."""
    name = REFERENCE / "track_record"
    old = pd.read_csv(io.StringIO(_git("show", f"{commit}:{name}/families.csv")))
    old = old[old["block"].eq("shares")]
    pairs = pd.read_csv(ROOT / name / "pairs.csv")
    pairs = pairs[pairs["kind"].isin(["shares", "polls"]) & pairs["measure"].eq("mae")]
    pairs = pairs[~pairs["other"].isin(["uniform", "last_election"])]
    rows = []
    for row in old.to_dict("records"):
        mine = pairs[pairs["family"].eq(row["family"].removeprefix("polls_"))]
        mine = pairs[pairs["family"].eq(row["family"])] if mine.empty else mine
        cells = [_interval(one) for one in mine.to_dict("records")]
        kinds = dict(zip(mine["stratum"], cells, strict=True))
        before = _interval({**row, "ratio": row["relative"]})
        rows.append([f"`{row['family']}`", before, *(kinds.get(k, "–") for k in ("two", "more"))])
    return table(["error beside the last polls", "pooled", "races of two", "ballots of more"], rows)


def _interval(row: Mapping[Hashable, float]) -> str:
    bounds = "" if pd.isna(row["low"]) else f" ({row['low']:.2f}–{row['high']:.2f})"
    return f"{row['ratio']:.2f}{bounds}"


def _row(row: pd.Series) -> str:
    named = " ".join(str(value) for value in row.iloc[:-2] if str(value))
    return f"{named}: {_number(row['before'])} → {_number(row['after'])}"


def _number(value: float) -> str:
    return "–" if pd.isna(value) else f"{value:.4g}"


def _git(*arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout


def main(arguments: list[str] | None = None) -> None:
    """Print what moved."""
    parser = argparse.ArgumentParser(prog="python -m tools.moved", description=__doc__)
    parser.add_argument("commit")
    parser.add_argument("experiment", nargs="*")
    given = parser.parse_args(arguments)
    for name in given.experiment:
        print(details(given.commit, name))
        with suppress(subprocess.CalledProcessError):  # a commit without the pooled table
            if name == "track_record":
                print(record(given.commit))
    if not given.experiment:
        print(summary(given.commit))


if __name__ == "__main__":
    main()

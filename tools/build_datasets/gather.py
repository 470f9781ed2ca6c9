"""What two public histories tell of 2022: `python -m tools.build_datasets.gather --help`."""

from __future__ import annotations

import argparse
import io
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from tools.build_datasets.files import GATHERED, require
from tools.build_datasets.nsppolls import ROUNDS

BALLOTS = "beaebb595f718177529d1e1589fbe2e59fd3bbc6:data/France 2022/Online"
FINALISTS = ("Emmanuel Macron", "Marine Le Pen")
UNTIL = "2022-04-22"  # the last day of legal polls before the runoff, not included
FEWEST = 5
MINUTE = "%Y-%m-%dT%H:%M"


def versions(clone: Path, path: str) -> Iterator[tuple[pd.Timestamp, bytes]]:
    """Every version of a file with the minute by which it was public, the oldest first.

    Parameters
    ----------
    clone : Path
        A git directory with the whole history.
    path : str
        Inside the repository.

    Yields
    ------
    (pandas.Timestamp, bytes)
        The committer's time in Paris, rounded up to the minute; the content.
    """
    log = _git(clone, "log", "--format=%H %cI", "--", path).decode().splitlines()
    commits = [(pd.Timestamp(time).tz_convert("UTC"), name) for name, time in map(str.split, log)]
    for time, name in sorted(commits):
        paris = time.tz_convert("Europe/Paris").tz_localize(None)
        yield paris.ceil("min"), _git(clone, "show", f"{name}:{path}")


def polls_seen(clone: Path) -> pd.DataFrame:
    """When the history of the compilation first held each poll: id, round, seen_on."""
    first: dict[tuple[object, ...], pd.Timestamp] = {}
    last: dict[tuple[str, int], tuple[object, ...]] = {}
    for minute, content in versions(clone, "presidentielle.json"):
        try:
            polls = json.loads(content)
        except json.JSONDecodeError:
            continue  # a version that nobody could read
        last = {}
        for poll in polls:
            what = (poll.get("nom_institut"), poll.get("fin_enquete"), poll.get("echantillon"))
            for one in poll.get("tours", []):
                number = ROUNDS.get(one.get("tour"))
                if number is None:
                    continue
                last[poll["id"], number] = what
                for key in ((poll["id"], number), (*what, number)):
                    first.setdefault(key, minute)
    require(bool(last), str(clone), "presidentielle.json has no poll")
    rows = [(*key, min(first[key], first[*what, key[1]])) for key, what in sorted(last.items())]
    table = pd.DataFrame(rows, columns=["id", "round", "seen_on"])
    return table.assign(seen_on=table["seen_on"].dt.strftime(MINUTE))


def transfers(clone: Path) -> pd.DataFrame:
    """The last version of every cell, with the first minute by which it was there."""
    cell = ["id_sondage", "candidat_T1", "choix_T2"]
    first: dict[tuple[object, ...], pd.Timestamp] = {}
    table = pd.DataFrame()
    for minute, content in versions(clone, "reports.csv"):
        table = pd.read_csv(io.BytesIO(content), encoding="utf-8-sig")
        for key in table[cell].itertuples(index=False, name=None):
            first.setdefault(key, minute)
    require(len(table) > 0, str(clone), "reports.csv has no row")
    seen = [first[key] for key in table[cell].itertuples(index=False, name=None)]
    table = table.assign(seen_on=pd.Series(seen).dt.strftime(MINUTE).to_numpy())
    names = dict(zip(cell, ["id", "from_candidate", "to"], strict=True)) | {"part": "share_pct"}
    kept = table[[*names, "seen_on"]].rename(columns=names)
    return kept.sort_values(["id", "from_candidate", "to"], ignore_index=True)


def approvals(clone: Path) -> pd.DataFrame:
    """Approvals and ballots of vote.imag by day, of volunteers who declared a candidate."""
    mine, names = _ballots(clone)
    liked = mine.groupby("time")[names].sum().rename_axis(index="day", columns="candidate")
    table = liked.reset_index().melt(id_vars="day", value_name="approvals")
    table["ballots"] = table["day"].map(mine.groupby("time").size())
    return table.sort_values("day", kind="stable", ignore_index=True)


def finalists(clone: Path) -> pd.DataFrame:
    """Approvals of the two of the runoff by declared first vote, of answers before `UNTIL`.

    Only counts of at least `FEWEST` people.
    """
    mine, _ = _ballots(clone)
    mine = mine[mine["time"] < UNTIL]
    liked = mine.groupby("official_vote")[list(FINALISTS)].sum().rename_axis(columns="candidate")
    table = liked.reset_index().melt(id_vars="official_vote", value_name="approvals")
    table = table[table["approvals"] >= FEWEST]
    return table.sort_values(["official_vote", "candidate"], ignore_index=True)


def _ballots(clone: Path) -> tuple[pd.DataFrame, list[str]]:
    """Approval ballots of those who declared a candidate, and the candidates."""
    voters, ballots = (
        pd.read_csv(io.BytesIO(_git(clone, "show", f"{BALLOTS}/{name}.csv")))
        for name in ("voters", "votes/approval")
    )
    names = [str(name) for name in ballots if name != "id"]
    mine = ballots.merge(voters[["id", "time", "official_vote"]], on="id", validate="1:1")
    return mine[mine["official_vote"].isin(names)], names


def main(arguments: list[str] | None = None) -> int:
    """Make the four tables anew."""
    parser = argparse.ArgumentParser(prog="python -m tools.build_datasets.gather")
    parser.add_argument("--nsppolls", type=Path, required=True, help="clone of nsppolls/nsppolls")
    parser.add_argument("--axisrules", type=Path, required=True, help="clone of TheoDlmz/AxisRules")
    parser.add_argument("--into", type=Path, default=GATHERED, help="where to write")
    asked = parser.parse_args(arguments)
    tables = {
        "fr2022_polls_seen": polls_seen(asked.nsppolls),
        "fr2022_transfers": transfers(asked.nsppolls),
        "fr2022_vote_imag_approvals_by_day": approvals(asked.axisrules),
        "fr2022_vote_imag_finalists_by_vote": finalists(asked.axisrules),
    }
    for name, table in tables.items():
        table.to_csv(asked.into / f"{name}.csv", index=False, lineterminator="\n")
    return 0


def _git(clone: Path, *command: str) -> bytes:
    done = subprocess.run(["git", "-C", str(clone), *command], capture_output=True, check=False)
    require(done.returncode == 0, str(clone), f"git {command[0]}: {done.stderr.decode().strip()}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())

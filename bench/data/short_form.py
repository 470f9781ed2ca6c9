"""The short form of an election: three files, everything else derived by rule."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from bench.contract.errors import DataError, did_you_mean
from bench.data.columns import NATIONAL, TABLES
from bench.data.files import read_yaml
from bench.data.reading import Reading, raw_rows, reading_of, slug

SHORT = "polls.csv"
FILES = ("election.yaml", SHORT, "outcome.csv")
POLL_COLUMNS = ("institute", "fieldwork_end", "sample_size", "candidate", "share")
KEYS = ("name", "election", "country", "vote_on", "rounds", "names", "families", "leave_out",
        "reading")  # fmt: skip
ONE_IN = 10_000_000
RESULT_HOUR = "20:00"


def is_short(folder: Path) -> bool:
    """Whether a folder holds the short form: full ones keep their polls in `inputs/`."""
    return (folder / SHORT).is_file() and not (folder / "candidates.csv").is_file()


def expand(folder: Path) -> tuple[dict[str, Any], pd.DataFrame]:
    """The full `election.yaml` and `candidates.csv` that a short folder stands for.

    Rules: the result is known at 20:00; two get through when a second round follows and one
    otherwise; the ballot is whoever is in `outcome.csv`, or in the polls while there is none;
    slugs are made from names; a candidate's family is ``other`` unless `families` names it;
    an election without `country` learns from no other.

    Raises
    ------
    DataError
        If the YAML lacks a name or a day, or a file cannot be used.
    """
    facts = _facts(folder)
    days = _days(folder)
    polls = raw_polls(folder)
    polls = polls[~polls["candidate"].isin(left_out(folder))]
    files = [raw_outcome(folder), polls.dropna(subset=["candidate"])]
    source = files[0] if len(files[0]) else files[1]
    last = max(days)
    rounds: dict[int, dict[str, Any]] = {}
    for number, day in days.items():
        ballot = sorted(set(source.loc[source["round"] == str(number), "candidate"]))
        if len(ballot) < 2:
            raise DataError(
                f"{folder}: round {number} has {len(ballot)} candidates in outcome.csv or "
                "polls.csv; accepted: 2 and more (a column 'round' says which rows are whose)"
            )
        rounds[number] = {"vote_on": day, "known_at": f"{day}T{RESULT_HOUR}",
                          "seats": 1 if number == last else 2, "candidates": ballot}  # fmt: skip
    name = slug(facts.get("election") or folder.resolve().name)
    full = {"election": name, "name": str(facts["name"]), "rounds": rounds,
            "country": str(facts.get("country") or name)}  # fmt: skip
    everyone = {who for entry in rounds.values() for who in entry["candidates"]}
    spelt = {slug(text): text for frame in files[::-1] for text in frame["written"]}
    named = {**{k: v if slug(v) != v else v.replace("_", " ").title() for k, v in spelt.items()},
             **_by_slug(folder, "names", everyone)}  # fmt: skip
    families = _by_slug(folder, "families", everyone)
    people = pd.DataFrame(
        [{"candidate": who, "name": named[who], "family": families.get(who, "other"),
          "party": None, "incumbent": False} for who in sorted(everyone)]
    )  # fmt: skip
    return full, people


def polls_to_check(folder: Path) -> pd.DataFrame:
    """The polls as the full table would hold them, still as text; line 2 of the file is row 0."""
    return raw_polls(folder).drop(columns="written").reset_index(drop=True)


def outcome_to_check(folder: Path) -> pd.DataFrame:
    """The official votes as the full table would hold them, still as text."""
    return raw_outcome(folder).drop(columns="written").reset_index(drop=True)


def left_out(folder: Path) -> set[str]:
    """Slugs of rows that the polls hold and the ballot does not, such as "others"."""
    return {slug(name) for name in _facts(folder).get("leave_out") or []}


def raw_polls(folder: Path) -> pd.DataFrame:
    """The polls in the columns of the full table, as text; `written` keeps the name as typed.

    Rules: public on the day after the last interview unless `published_on` says when; one poll is
    one institute, last day, sample size and round.
    """
    path, reading = folder / SHORT, _reading(folder)
    rows = raw_rows(path, reading, POLL_COLUMNS, shares=("share",))
    rows = _with_round(rows, folder, path)
    rows["fieldwork_end"] = reading.dates(rows["fieldwork_end"], path)
    if "published_on" in rows:
        rows["published_on"] = reading.dates(rows["published_on"], path)
        rows["basis"] = rows.get("basis", "stated")
    else:
        after = pd.to_datetime(rows["fieldwork_end"], errors="coerce") + pd.Timedelta(days=1)
        rows["published_on"] = after.dt.strftime("%Y-%m-%d")
        rows["basis"] = "rule"
    if "poll_id" not in rows:
        institute = rows["institute"].fillna("unknown").map(slug)
        day, size = rows["fieldwork_end"].fillna(""), rows["sample_size"].fillna("")
        poll = "r" + rows["round"] + "_" + institute + "_" + day + "_" + size
        rows["poll_id"] = poll.str.rstrip("_")
    rows["rolling"] = rows.get("rolling", "false")
    for name in ("fieldwork_start", *TABLES["polls"].versions):
        if name in rows:
            rows[name] = reading.dates(rows[name], path)
    for column in TABLES["polls"].columns:
        if column not in rows:
            rows[column] = None
    return _on_the_ballot(rows, folder, path)


def raw_outcome(folder: Path) -> pd.DataFrame:
    """The official votes as text; shares without votes become votes of ten million."""
    path, reading = folder / "outcome.csv", _reading(folder)
    if not path.is_file():
        return pd.DataFrame(columns=[*NATIONAL.columns, "written"], dtype=object)
    counted = "votes" in reading.header(path)
    column = "votes" if counted else "share"
    rows = raw_rows(path, reading, ("candidate", column), shares=() if counted else ("share",))
    rows = _with_round(rows, folder, path)
    if not counted:
        share = pd.to_numeric(rows["share"], errors="coerce")
        if share.isna().any():
            raise DataError(f"{path}: a share is missing or no number; accepted: 0 to 1, or votes")
        rows["votes"] = (share * ONE_IN).round().astype("int64").astype(str)
    return _written(rows)


def _on_the_ballot(rows: pd.DataFrame, folder: Path, path: Path) -> pd.DataFrame:
    rows = _written(rows)
    kept = rows[~rows["candidate"].isin(left_out(folder))]
    outcome = raw_outcome(folder)
    for number, group in kept.groupby("round"):
        ballot = set(outcome.loc[outcome["round"] == number, "candidate"])
        strangers = group[~group["candidate"].isin(ballot) & group["candidate"].notna()]
        if ballot and len(strangers):
            who = strangers["written"].iloc[0]
            raise DataError(
                f"{path}:{strangers.index[0] + 2}: '{who}' is not in outcome.csv for round "
                f"{number} ({did_you_mean(slug(who), ballot)}); correct the name, or write "
                f"`leave_out: [{who}]` in election.yaml to leave such rows out"
            )
    return rows


def _written(rows: pd.DataFrame) -> pd.DataFrame:
    slugs = rows["candidate"].map(lambda name: None if name is None else slug(name))
    return rows.assign(written=rows["candidate"], candidate=slugs)


def _with_round(rows: pd.DataFrame, folder: Path, path: Path) -> pd.DataFrame:
    days = _days(folder)
    if "round" not in rows:
        if len(days) > 1:
            raise DataError(
                f"{path}: the column 'round' is missing; an election of {len(days)} rounds needs "
                "it, because polls about the runoff appear before the first round"
            )
        return rows.assign(round=str(min(days)))
    strange = ~rows["round"].isin([str(number) for number in days])
    if strange.any():
        line = int(rows.index[strange][0]) + 2
        raise DataError(
            f"{path}:{line}: column 'round' is {rows['round'][strange].iloc[0]}; accepted: "
            f"{', '.join(map(str, days))} (the rounds of election.yaml)"
        )
    return rows


def _facts(folder: Path) -> Mapping[str, Any]:
    path = folder / "election.yaml"
    facts = read_yaml(path)
    if "name" not in facts:
        raise DataError(f"{path}: the key 'name' is missing; accepted keys: {', '.join(KEYS)}")
    for key in facts:
        if key not in KEYS:
            raise DataError(f"{path}: no key is called '{key}' ({did_you_mean(str(key), KEYS)})")
    return facts


def _reading(folder: Path) -> Reading:
    return reading_of(_facts(folder).get("reading"), folder / "election.yaml")


def _days(folder: Path) -> dict[int, str]:
    facts, path = _facts(folder), folder / "election.yaml"
    given = facts.get("rounds") or ({1: facts["vote_on"]} if "vote_on" in facts else None)
    if not isinstance(given, dict) or not set(given) <= {1, 2}:
        raise DataError(
            f"{path}: give the day of the vote, as `vote_on: 2030-05-12`, or for two rounds "
            "`rounds: {1: 2030-05-12, 2: 2030-05-26}`"
        )
    days = {}
    for number, day in sorted(given.items()):
        moment = pd.to_datetime(str(day), format="ISO8601", errors="coerce")
        if pd.isna(moment):
            raise DataError(
                f"{path}: round {number} is on '{day}'; accepted: a date such as 2030-05-12"
            )
        days[int(number)] = f"{moment:%Y-%m-%d}"
    return days


def _by_slug(folder: Path, key: str, everyone: set[str]) -> dict[str, str]:
    given = _facts(folder).get(key) or {}
    found = {slug(str(who)): str(words) for who, words in given.items()}
    for who in found:
        if who not in everyone:
            raise DataError(
                f"{folder / 'election.yaml'}: `{key}` lists '{who}', who is on no ballot "
                f"({did_you_mean(who, everyone)})"
            )
    return found

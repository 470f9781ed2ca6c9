"""What a file of polls changes in an election: new polls, corrections, or nothing.

A corrected poll becomes a further version of the same poll (`corrected_on`), so the old figures
stand, and a forecast of an earlier moment sees them still.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from bench.core.errors import DataError, did_you_mean, letters, nearest, slug
from bench.data.columns import TABLES
from bench.data.csv_dialect import HYPOTHESIS, first_line
from bench.data.cut import newest
from bench.data.election import (
    Election,
    load_election,
    same_country_elections,
)
from bench.data.election_folder import is_short
from bench.data.ingest.poll_map import LEFT, POLLS
from bench.data.minimal_election import ShortForm
from bench.data.readers import read_csv
from bench.data.slates import candidacies, withdrawn
from bench.data.tables import polls_of

COMPARED = (
    "fieldwork_start",
    "fieldwork_end",
    "sample_size",
    "sample_expressed",
    "mode",
    "base",
    "sponsor",
)
ORDER = ["round", "fieldwork_end", "poll_id", "candidate", "corrected_on"]
MIN_LISTED = 0.70  # a poll whose shares sum to less probably lists a part of the people only
SAME_SHARE = 5e-6
MAX_LISTED = 8  # problems in a refusal
ADDED = ("new", "corrected")  # kinds of changes that add rows


@dataclass(frozen=True, kw_only=True)
class Change:
    """One poll of the file, and what it changes.

    Attributes
    ----------
    kind : str
        ``new``, ``corrected``, ``unchanged`` or ``held back``.
    poll_id : str
        As it is called in the election.
    words : str
        What it is about, or what differs.
    rows : pandas.DataFrame
        To be added.
    """

    kind: str
    poll_id: str
    words: str
    rows: pd.DataFrame = field(default_factory=pd.DataFrame)


@dataclass(frozen=True, kw_only=True)
class Update:
    """Everything that a file would change in the folder of an election.

    Attributes
    ----------
    election : Election
    changes : tuple of Change
    before, after : pandas.DataFrame
        The table as text; the rows of `before` are all in `after`.
    slates : tuple of (str, tuple of str)
        Names of slates that are new, and who is on them.
    left : tuple of str
        Lines of `candidacies.csv` about people who left, as the file says and the folder does not.
    """

    election: Election
    changes: tuple[Change, ...]
    before: pd.DataFrame
    after: pd.DataFrame
    slates: tuple[tuple[str, tuple[str, ...]], ...] = ()
    left: tuple[str, ...] = ()

    def of(self, kind: str) -> list[Change]:
        """The changes of one kind."""
        return [change for change in self.changes if change.kind == kind]

    @property
    def is_nothing(self) -> bool:
        """Whether nothing would be written."""
        return len(self.after) == len(self.before) and not self.slates


def planned_update(
    folder: Path,
    rows: pd.DataFrame,
    source: Path,
    *,
    imported_at: pd.Timestamp,
    accepted: Collection[str] = (),
) -> Update:
    """Compare the polls of a file with those of an election; nothing is written.

    Parameters
    ----------
    folder : Path
        Of the election.
    rows : pandas.DataFrame
        From `bench.data.ingest.poll_file.read_polls`.
    source : Path
        The file, for what is said of its lines.
    imported_at : pandas.Timestamp
        Local time of the election: from when a correction counts as known.
    accepted : collection of str
        Polls and institutes that are right although they look wrong.

    Raises
    ------
    DataError
        With every poll of the future, of somebody who had withdrawn, of an unknown institute or
        candidate; at most eight are told.
    """
    election = load_election(f"{folder.as_posix()}/")
    before = _table(election)
    keyed, problems = _keyed(rows, election, accepted)
    rows = _public_by(keyed[keyed["candidate"].ne("")], imported_at)
    latest = newest(before, TABLES["polls"].key)
    is_withdrawn = latest["withdrawn_on"].notna()
    changes: list[Change] = []
    slates: dict[str, tuple[str, ...]] = {}
    standing = _PollIndex(latest[~is_withdrawn])
    withdrawn_polls = _PollIndex(latest[is_withdrawn])
    for name, poll in rows.groupby("poll_id", sort=False):
        old = standing.find(str(name), poll)
        withdrawn_poll = withdrawn_polls.find(str(name), poll)
        if old is None and withdrawn_poll is not None:
            change = _not_again(withdrawn_poll)
        else:
            change = _compared(str(name), poll, old, imported_at)
        changes.append(change)
        if change.kind in ADDED:
            problems += _wrong(poll, election, imported_at, accepted, source)
        hypothesis = poll[HYPOTHESIS].iloc[0]
        if hypothesis and str(poll["round"].iloc[0]) == "1":
            slates[str(hypothesis)] = tuple(sorted(poll["candidate"]))
    changes = list(_told_apart(changes))
    if problems:
        listed = "\n".join(problems[:MAX_LISTED])
        rest = f"\nand {len(problems) - MAX_LISTED} more" if len(problems) > MAX_LISTED else ""
        raise DataError(f"{listed}{rest}\nnothing was written")
    after = _merged(before, changes)
    return Update(
        election=election,
        changes=tuple(changes),
        before=before,
        after=after,
        slates=tuple(_new_slates(election, slates)),
        left=tuple(_departures(rows, election)),
    )


def _table(election: Election) -> pd.DataFrame:
    """The polls of an election as text, with the columns of versions; candidates are keys."""
    folder = election.folder
    if election.collection:
        raise DataError(
            f"'{election.name}' is in the collection '{election.collection}', whose tables are "
            "built as a whole; accepted: an election with a folder of its own"
        )
    if not is_short(folder):
        path = folder / "inputs" / "polls.csv"
        if not path.is_file():
            return pd.DataFrame(columns=list(POLLS), dtype=object)
        return _with_versions(read_csv(path))
    return _with_versions(ShortForm(folder).polls)


def _with_versions(rows: pd.DataFrame) -> pd.DataFrame:
    rows = rows.astype(object).where(rows.notna(), None)
    return rows.assign(**{name: None for name in TABLES["polls"].versions if name not in rows})


def _keyed(
    rows: pd.DataFrame, election: Election, accepted: Collection[str]
) -> tuple[pd.DataFrame, list[str]]:
    """Rows with the keys of people and the institutes as they are spelt; what is not known."""
    people = election.people["candidate"].astype(str)
    names = election.people["name"].map(slug)
    last = names.str.rpartition("_")[2]
    keys: dict[str, str] = {}
    for words in (last[~last.duplicated(keep=False)], names, people):
        keys |= dict(zip(words, people[words.index], strict=True))
    institutes = _institutes(election, list(rows["institute"].unique()))
    problems = []
    for name, part in rows.groupby("candidate", sort=False):
        if slug(name) not in keys:
            n_polls = part["poll_id"].nunique()
            near = nearest(str(name), keys)
            hint = f"did you mean '{keys[near]}'? If not: " if near else ""
            plural = "" if n_polls == 1 else "s"
            problems.append(
                f"line {first_line(part)}: '{name}' ({n_polls} poll{plural}) is nobody of "
                f"{election.name}; {hint}{_how_to_add(election, str(name))}"
            )
    for name, part in rows.groupby("institute", sort=False):
        if letters(name) not in institutes and name not in accepted:
            line = first_line(part)
            problems.append(
                f"line {line}: the institute '{name}' is in no poll of this country yet "
                f"({did_you_mean(str(name), institutes.values())}); correct it, or "
                f"--accept '{name}'"
            )
    keyed = rows.assign(
        candidate=rows["candidate"].map(lambda name: keys.get(slug(name), "")),
        institute=rows["institute"].map(lambda name: institutes.get(letters(name), name)),
        written=rows["candidate"],
    )
    return keyed, problems


def _public_by(rows: pd.DataFrame, imported_at: pd.Timestamp) -> pd.DataFrame:
    """A rule dates no poll later than now: whoever adds it has read it."""
    moment = pd.to_datetime(rows["published_on"], format="ISO8601", errors="coerce")
    ended = pd.to_datetime(rows["fieldwork_end"], errors="coerce") <= imported_at
    later = rows["basis"].eq("rule") & (moment > imported_at) & ended
    return rows.assign(
        published_on=rows["published_on"].where(~later, f"{imported_at:%Y-%m-%dT%H:%M:%S}")
    )


def _institutes(election: Election, requested: Collection[str]) -> dict[str, str]:
    """Institutes by their letters: of this election and, if one is missing, of the country."""
    own = institutes_of(election)
    if all(letters(name) in own for name in requested):
        return own
    institutes: dict[str, str] = {}
    for neighbour in same_country_elections(election, in_collections=False):
        institutes |= institutes_of(neighbour)
    return institutes | own


def institutes_of(election: Election) -> dict[str, str]:
    """The institutes of an election as its polls spell them, by their letters."""
    names = polls_of(election)["institute"].dropna().unique()
    return {letters(name): str(name) for name in names}


def _how_to_add(election: Election, name: str) -> str:
    if is_short(election.folder):
        return f"`tested: [{name}]` in election.yaml"
    return f"add a line to candidates.csv: {slug(name)},{name},FAMILY,PARTY,false"


def _wrong(
    poll: pd.DataFrame,
    election: Election,
    imported_at: pd.Timestamp,
    accepted: Collection[str],
    source: Path,
) -> Iterator[str]:
    """What is wrong with a poll that would be added."""
    first = poll.iloc[0]
    name = first["poll_id"]
    place = f"{source}:{first_line(poll)}: the poll '{name}'"
    end = pd.Timestamp(first["fieldwork_end"])
    published = pd.Timestamp(first["published_on"])
    stated = first["basis"] == "stated"
    if end > imported_at or (stated and published.normalize() > imported_at):
        day = published if stated else end
        event = "was published on" if stated else "has its last interviews on"
        yield (
            f"{place} {event} {day:%Y-%m-%d}, which has not come (it is {imported_at:%Y-%m-%d}); "
            "correct the date"
        )
    vote = election.rounds.get(int(first["round"]))
    if vote is None or end.normalize() > vote.vote_on:
        yield (
            f"{place} is of round {first['round']}, interviews to {end:%Y-%m-%d}: there is no such "
            "vote after them; correct the round or the day"
        )
    if name in accepted:
        return
    start = pd.Timestamp(first.get("fieldwork_start") or first["fieldwork_end"])
    withdrawn_on = withdrawn(election, start)
    names = election.people.set_index("candidate")["name"]
    for candidate in poll["candidate"]:
        if candidate in withdrawn_on:
            yield (
                f"{place} asks about {names[candidate]}, who had withdrawn on "
                f"{withdrawn_on[candidate]:%Y-%m-%d}, before its interviews began "
                f"({start:%Y-%m-%d}); correct the name, or --accept {name} if the "
                "institute asked all the same"
            )
    total = pd.to_numeric(poll["share"]).sum()
    if total < MIN_LISTED:
        yield (
            f"{place}: its shares sum to {total:.3f}, so somebody is missing; add the rows, or "
            f"--accept {name}"
        )


class _PollIndex:
    """Some polls of an election, to find one again: by its name, or by what it is."""

    def __init__(self, polls: pd.DataFrame) -> None:
        self.by_name = {str(name): rows for name, rows in polls.groupby("poll_id", sort=False)}
        self.by_facts: dict[tuple[str, ...], list[str]] = {}
        for name, rows in self.by_name.items():
            self.by_facts.setdefault(_facts(rows), []).append(name)

    def find(self, name: str, poll: pd.DataFrame) -> pd.DataFrame | None:
        """The poll of that name; else the one of its institute, day, round and list, if one is."""
        if name in self.by_name:
            return self.by_name[name]
        alike = self.by_facts.get(_facts(poll), [])
        if len(alike) > 1:
            size = poll["sample_size"].iloc[0] if "sample_size" in poll else None
            alike = [
                poll_id for poll_id in alike if self.by_name[poll_id]["sample_size"].iloc[0] == size
            ]
        return self.by_name[alike[0]] if len(alike) == 1 else None


def _facts(rows: pd.DataFrame) -> tuple[str, ...]:
    first = rows.iloc[0]
    day = str(first["fieldwork_end"])[:10]
    return (str(first["round"]), letters(first["institute"]), day, *sorted(rows["candidate"]))


def _compared(
    name: str, poll: pd.DataFrame, old: pd.DataFrame | None, imported_at: pd.Timestamp
) -> Change:
    if old is None:
        return Change(kind="new", poll_id=name, words=_described(poll), rows=poll)
    called = str(old["poll_id"].iloc[0])
    if set(old["candidate"]) != set(poll["candidate"]):
        missing = _names_only_in(old, poll)
        added = _names_only_in(poll, old)
        words = (
            f"another list of candidates: without {missing}, with {added}; if the old one is "
            "wrong, fill its column withdrawn_on, and add the new one under a name of its own"
        )
        return Change(kind="held back", poll_id=called, words=words)
    differs = list(_differences(poll, old))
    if not differs:
        return Change(kind="unchanged", poll_id=called, words="")
    old_source = str(old["source"].iloc[0] or "")
    own = str(poll["source"].iloc[0] or "") if "source" in poll else ""
    if name != called and old_source and own and own not in old_source.split("+"):
        words = f"{'; '.join(differs)}, against {old_source}, from which the figures here are"
        return Change(kind="held back", poll_id=called, words=words)
    rows = poll.assign(poll_id=called)
    for column in TABLES["polls"].columns:  # what the file does not say stays as it was
        as_it_was = rows["candidate"].map(_by_candidate(old, column)).astype(object)
        if column in ("published_on", "basis") or column not in rows:
            rows[column] = as_it_was
        else:
            rows[column] = rows[column].where(rows[column].notna(), as_it_was)
    moment = max(imported_at, pd.Timestamp(str(old["published_on"].iloc[0])))
    rows = rows.assign(corrected_on=f"{moment:%Y-%m-%dT%H:%M:%S}")
    return Change(kind="corrected", poll_id=called, words="; ".join(differs), rows=rows)


def _names_only_in(poll: pd.DataFrame, other_poll: pd.DataFrame) -> str:
    names = set(poll["candidate"]) - set(other_poll["candidate"])
    return ", ".join(sorted(names)) or "nobody"


def _not_again(was: pd.DataFrame) -> Change:
    """A poll that was withdrawn does not come back by itself."""
    day = str(was["withdrawn_on"].iloc[0])[:10]
    words = f"was withdrawn here on {day}; empty its column withdrawn_on if it stands again"
    return Change(kind="held back", poll_id=str(was["poll_id"].iloc[0]), words=words)


def _told_apart(changes: Sequence[Change]) -> Iterator[Change]:
    """Of several polls of a file that look like one of ours, none corrects it."""
    times = pd.Series([change.poll_id for change in changes]).value_counts()
    for change in changes:
        if change.kind == "corrected" and times[change.poll_id] > 1:
            several = "but the file has several polls of this institute, day and list"
            words = f"{change.words}; {several}"
            yield Change(kind="held back", poll_id=change.poll_id, words=words)
        else:
            yield change


def _differences(poll: pd.DataFrame, old: pd.DataFrame) -> Iterator[str]:
    """What a poll says otherwise than before, in words; silence is no difference."""
    before = _by_candidate(old, "share")
    for candidate, cell in _by_candidate(poll, "share").items():
        old_share = float(before[candidate])
        new_share = float(cell)
        if abs(old_share - new_share) > SAME_SHARE:
            yield f"{candidate} {100 * old_share:g} -> {100 * new_share:g}"
    for column in COMPARED:
        if column not in poll:
            continue
        old_text = _plain(old[column].iloc[0])
        new_text = _plain(poll[column].iloc[0])
        if new_text and _in_order(old_text) != _in_order(new_text):
            yield f"{column} {old_text or 'not stated'} -> {new_text}"


def _by_candidate(rows: pd.DataFrame, column: str) -> dict[str, Any]:
    return dict(zip(rows["candidate"], rows[column], strict=True))


def _plain(cell: Any) -> str:
    """A cell as it is compared: days without hours, numbers without decimals."""
    text = "" if pd.isna(cell) else str(cell)
    return re.sub(r"T00:00:00$|\.0$", "", text)


def _in_order(text: str) -> list[str]:
    """The names in a cell in alphabetical order: who paid is a list without one."""
    return sorted(map(slug, text.split("; "))) if "; " in text else [text]


def _described(poll: pd.DataFrame) -> str:
    first = poll.iloc[0]
    size = first.get("sample_size")
    people = f", {int(float(size)):,} people" if size else ""
    leading = poll.assign(number=pd.to_numeric(poll["share"])).nlargest(3, "number")
    shares = ", ".join(
        f"{candidate} {100 * part:g}"
        for candidate, part in zip(leading["candidate"], leading["number"], strict=True)
    )
    slate = f", slate {first[HYPOTHESIS]}" if first[HYPOTHESIS] else ""
    return (
        f"{first['institute']}, interviews to {first['fieldwork_end'][:10]}{people}, round "
        f"{first['round']}{slate}: {shares} … ({len(poll)} candidates)"
    )


def _departures(rows: pd.DataFrame, election: Election) -> Iterator[str]:
    """Who is no candidate any more, as the file says, and the line that would say so here."""
    listed = candidacies(election)
    withdrawn_names = set(listed.loc[listed["status"].eq("withdrawn"), "candidate"])
    stated = rows.dropna(subset=LEFT).drop_duplicates("candidate")
    for row in stated[~stated["candidate"].isin(withdrawn_names)].to_dict("records"):
        day = pd.to_datetime(row[LEFT], format="ISO8601", errors="coerce")
        if not pd.isna(day):
            source = row.get("source") or ""
            yield f"{row['candidate']},withdrawn,{day:%Y-%m-%d}T23:59:00,rule,{source}"


def _merged(before: pd.DataFrame, changes: Sequence[Change]) -> pd.DataFrame:
    """The table with everything that is added; what was there stays, every cell of it."""
    added = [change.rows for change in changes if change.kind in ADDED]
    if not added:
        return before
    columns = [*POLLS, *(["written"] if "written" in before else [])]
    rows = pd.concat(added).reindex(columns=columns)
    if "written" in before:
        spelt = dict(zip(before["candidate"], before["written"], strict=True))
        rows["written"] = [
            spelt.get(candidate, name)
            for candidate, name in zip(rows["candidate"], rows["written"], strict=True)
        ]
    rows = rows.astype(object).where(rows.notna(), None)
    whole = pd.concat([before.astype(object), rows], ignore_index=True)
    return whole.sort_values(ORDER, na_position="first", kind="stable").reset_index(drop=True)


def _new_slates(
    election: Election, slates: dict[str, tuple[str, ...]]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Names of slates that the folder does not know; a name of another list is refused."""
    path = election.folder / "slates.csv"
    if not path.is_file():
        return
    table = read_csv(path)
    people_by_slate = {
        str(name): tuple(sorted(part)) for name, part in table.groupby("slate")["candidate"]
    }
    lists = set(people_by_slate.values())
    for name, people in slates.items():
        if name in people_by_slate and people_by_slate[name] != people:
            differs = sorted(set(people_by_slate[name]) ^ set(people))
            raise DataError(
                f"the slate '{name}' is another list in {path} ({', '.join(differs)} differ); give "
                "the new list a name of its own; nothing was written"
            )
        if name not in people_by_slate and people not in lists:
            yield name, people

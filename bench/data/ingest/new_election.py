"""A folder of an election, made of one file of polls: ballot, families, card."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import yaml

from bench.core import paths
from bench.core.errors import ConfigError, DataError, did_you_mean, letters, slug
from bench.core.write import write_csv, write_text
from bench.data.columns import OTHERS_SHARE
from bench.data.csv_dialect import HYPOTHESIS, raw_rows
from bench.data.election import POLLED, Election, load_election
from bench.data.election_folder import OPEN, PRESIDENT, SHORT
from bench.data.ingest.poll_map import PARTY, POLLS, REMARKS, PollMap
from bench.data.ingest.poll_update import institutes_of
from bench.data.minimal_election import (
    OUTCOME,
    ShortForm,
    flow,
    shipped_keys_by_name,
    shipped_people,
)
from bench.data.readers import forget
from bench.data.schema import STRAY, STRAY_REMEDY, stray_pairs
from bench.data.slates import RECENT_DAYS

EVERYBODY = "everybody"
UNKNOWN = "other"
EVE = pd.Timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class NewElection:
    """What a folder is made of.

    Attributes
    ----------
    name, title, country, kind : str
        As in `election.yaml`; `country` may be empty.
    days : mapping of int to str
        Day of the vote by round.
    slate : str
        Who is on the ballot, needed without an outcome: ``polled`` (the list most tested in the
        last 90 days with polls), ``everybody``, what the file calls a hypothesis, or ``open``:
        nobody knows yet, and forecasts are conditional on a slate.
    outcome : Path, optional
        The official votes: candidate and votes or share, and round where there are two.
    """

    name: str
    title: str
    days: Mapping[int, str]
    country: str = ""
    kind: str = PRESIDENT
    slate: str = ""
    outcome: Path | None = None

    @property
    def is_open(self) -> bool:
        """Whether nobody knows yet who will be on the ballot."""
        return self.slate == OPEN and self.outcome is None


def make_election(
    parent: Path, new: NewElection, rows: pd.DataFrame, poll_map: PollMap, source: Path
) -> tuple[Election, pd.DataFrame, list[str]]:
    """Write the three files of an election and a card, after they were read back whole.

    Parameters
    ----------
    parent : Path
        Where the folder is made.
    new : NewElection
    rows : pandas.DataFrame
        From `bench.data.ingest.poll_file.read_polls`.
    poll_map : PollMap
        By which they were read.
    source : Path
        The file, for the card.

    Returns
    -------
    Election
    pandas.DataFrame
        candidate, name, family, how (``shipped``, ``party`` or ``not known``), stands.
    list of str
        Sentences about what was left out, and by which rules.

    Raises
    ------
    ConfigError
        If the folder exists, nothing says who stands, or the slate is in no poll.
    DataError
        If the election cannot be read; nothing is left behind then.
    """
    folder = parent / new.name
    if folder.exists():
        raise ConfigError(f"{folder} exists; nothing is overwritten: choose another name")
    if new.name in ("", "election") or slug(new.name) != new.name:
        raise ConfigError(f"the name is '{new.name}'; accepted: such as '{slug(new.name)}'")
    rows, notes = _of_these_rounds(rows, new)
    rows = rows.assign(institute=_spelt(rows["institute"], new.country))
    rows = rows.sort_values(["round", "fieldwork_end", "poll_id"], kind="stable")
    ballot = _ballot(rows, new, source)
    families = _families(rows, ballot, new)
    parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=parent, prefix=f".{new.name}.") as place:
        draft = Path(place) / new.name
        draft.mkdir()
        _write_files(draft, new, rows, families)
        write_text(draft / "CARD.md", _card(new, rows, poll_map, source, notes))
        try:
            election = load_election(f"{draft.as_posix()}/")
            _refuse_stray(election, rows, poll_map, source)
            assert len(election.polls) > 0
        except DataError as error:  # in the words of who typed the command
            words = str(error).replace(f"{draft.absolute() / OUTCOME}", f"{new.outcome}")
            raise DataError(words.replace(f"{draft.absolute()}", f"{folder}")) from error
        draft.rename(folder)
    forget()
    return load_election(f"{folder.as_posix()}/"), families, notes


def _refuse_stray(election: Election, rows: pd.DataFrame, poll_map: PollMap, source: Path) -> None:
    """Refuse polls of two people that are not of the first round, with the line of the map."""
    polls = ShortForm(election.folder).checked_polls()
    polls.index = pd.Index(rows.index[polls.index])
    stray = stray_pairs(polls, election.rounds, source)
    if stray:
        notes = rows.drop_duplicates("poll_id").set_index("poll_id")[REMARKS]
        reasons = {poll: notes[poll] or "not of this round" for poll in stray}
        raise DataError(
            f"{source}: {STRAY}: {'; '.join(stray.values())}. {STRAY_REMEDY}. If not, write in "
            f"the map (--map FILE.yaml) `left_out: {flow({**poll_map.left_out, **reasons})}`"
        )


def _write_files(draft: Path, new: NewElection, rows: pd.DataFrame, families: pd.DataFrame) -> None:
    """Write `election.yaml`, `polls.csv` and, where the votes are known, `outcome.csv`."""
    columns = [name for name in (*POLLS, REMARKS, OTHERS_SHARE) if name in rows]
    table = rows[columns].dropna(axis=1, how="all")
    write_csv(draft / SHORT, table)
    people = families.set_index("name")["family"]
    stands = families["stands"].to_numpy(bool)
    by_party = families["how"].eq("party").to_numpy()
    ballot: str | list[str] = [*people[stands].index]
    if new.is_open:
        ballot = OPEN
    facts = {
        "name": new.title,
        "rounds": dict(sorted(new.days.items())),
        "country": new.country,
        "kind": new.kind,
        "candidates": ballot if new.outcome is None else [],
        "families": people[stands & by_party].to_dict(),
        "tested": people[~stands].to_dict(),
    }
    stated = {key: value for key, value in facts.items() if value}
    text = yaml.safe_dump(stated, sort_keys=False, allow_unicode=True)
    write_text(draft / "election.yaml", text)
    if new.outcome is not None:
        outcome = raw_rows(new.outcome)
        if "votes" in outcome:
            outcome["votes"] = outcome["votes"].str.replace(
                r"(?<=\d)[ '](?=\d{3}\b)", "", regex=True
            )
        write_csv(draft / OUTCOME, outcome)


def _of_these_rounds(rows: pd.DataFrame, new: NewElection) -> tuple[pd.DataFrame, list[str]]:
    """The polls of the rounds that have a day, none of them dated after its vote by a rule."""
    notes = []
    has_day = rows["round"].isin([str(number) for number in new.days])
    if not has_day.all():
        n_polls = rows.loc[~has_day, "poll_id"].nunique()
        notes.append(f"{n_polls} polls of a round without a day (--vote-on) are left out")
    rows = rows[has_day].copy()
    if rows.empty:
        raise DataError("no poll is of a round that has a day of the vote")
    is_runoff, is_late = _after_the_vote(rows, new)
    notes += [f"read as round 2: {poll}" for poll in _with_rows(rows[is_runoff])]
    notes += [f"left out, as made after the vote: {poll}" for poll in _with_rows(rows[is_late])]
    rows = rows.assign(round=rows["round"].mask(is_runoff, "2"))[~is_late]
    if not rows["round"].eq(str(min(new.days))).any():
        raise DataError("no poll of the first round was made before its vote; check --vote-on")
    vote = _votes(rows, new)
    moment = pd.to_datetime(rows["published_on"], format="ISO8601")
    by_rule = rows["basis"].eq("rule") & (moment >= vote)
    if by_rule.any():
        eve = (vote - EVE).dt.strftime("%Y-%m-%dT%H:%M:%S")
        rows["published_on"] = rows["published_on"].where(~by_rule, eve)
        notes.append(
            f"{rows.loc[by_rule, 'poll_id'].nunique()} polls that the rule would date after the "
            "vote count from the last minute of its eve"
        )
    return rows, notes


def _votes(rows: pd.DataFrame, new: NewElection) -> pd.Series:
    """The day of the vote that each row is about."""
    return rows["round"].map(lambda number: pd.Timestamp(new.days[int(number)]))


def _after_the_vote(rows: pd.DataFrame, new: NewElection) -> tuple[pd.Series, pd.Series]:
    """Which rows are of the runoff, whatever their round, and which others are after their vote.

    Of the runoff are polls of the two people on its ballot, or of any two where no outcome says
    who they are, made between the votes.
    """
    end = pd.to_datetime(rows["fieldwork_end"])
    is_late = end > _votes(rows, new)
    keys = rows["candidate"].map(slug)
    is_pair = keys.groupby(rows["poll_id"]).transform("nunique").eq(2)
    official = pd.DataFrame(columns=["round"]) if new.outcome is None else raw_rows(new.outcome)
    if "round" in official and official["round"].eq("2").any():
        finalists = official.loc[official["round"].eq("2"), "candidate"].map(slug)
        is_pair &= keys.isin(finalists).groupby(rows["poll_id"]).transform("all")
    is_before_last = end <= pd.Timestamp(new.days[max(new.days)])
    is_runoff = is_late & is_pair & is_before_last
    return is_runoff, is_late & ~is_runoff


def _with_rows(rows: pd.DataFrame) -> list[str]:
    """Every poll by its row in the file, institute and last day."""
    polls = rows.drop_duplicates("poll_id")
    facts = zip(polls.index, polls["institute"], polls["fieldwork_end"], strict=True)
    return [f"row {line + 2}, {institute}, {end}" for line, institute, end in facts]


def _ballot(rows: pd.DataFrame, new: NewElection, source: Path) -> set[str]:
    """Who stands in the first round, as keys of names."""
    if new.outcome is not None:
        official = raw_rows(new.outcome, ("candidate",))
        return set(map(slug, official["candidate"].dropna()))
    first = rows[rows["round"].eq(str(min(new.days)))]
    if not new.slate:
        raise ConfigError(
            f"{source}: who stands? Its polls name {', '.join(first['candidate'].unique())}; "
            "accepted: --outcome FILE, or --slate and polled (the list most tested), everybody, "
            "a hypothesis of the file, or open; `nobody` of the map leaves out the undecided"
        )
    lists = {
        str(poll): frozenset(map(slug, part["candidate"]))
        for poll, part in first.groupby("poll_id", sort=False)
    }
    if new.slate in (EVERYBODY, OPEN):
        return {name for names in lists.values() for name in names}
    if new.slate != POLLED:
        named = first[first[HYPOTHESIS].eq(new.slate)]
        if named.empty:
            hypotheses = [str(name) for name in first[HYPOTHESIS].dropna().unique()]
            raise ConfigError(
                f"{source}: no poll has the hypothesis '{new.slate}' "
                f"({did_you_mean(new.slate, hypotheses)}); accepted too: "
                f"{POLLED}, {EVERYBODY}, {OPEN}"
            )
        return set(map(slug, named["candidate"]))
    ends = pd.to_datetime(first.drop_duplicates("poll_id").set_index("poll_id")["fieldwork_end"])
    recent = ends[ends >= ends.max() - pd.Timedelta(days=RECENT_DAYS)]
    tested: dict[frozenset[str], list[pd.Timestamp]] = {}
    for poll, end in recent.items():
        tested.setdefault(lists[str(poll)], []).append(end)
    order = [(len(ends), max(ends), sorted(names)) for names, ends in tested.items()]
    return set(max(order)[-1])


def _families(rows: pd.DataFrame, ballot: set[str], new: NewElection) -> pd.DataFrame:
    """The family of everybody: of a shipped person of the same name, else of the party."""
    shipped = shipped_people(new.country, new.kind)
    shipped_families = dict(zip(shipped["candidate"], shipped["family"], strict=True))
    keys = shipped_keys_by_name(shipped)
    parties = _party_families(new.country) if new.country else {}
    people = []
    for name, party in rows.groupby("candidate", sort=False)[PARTY].first().items():
        written = slug(name)
        key = keys.get(written, written)
        row = {"candidate": key, "name": str(name), "family": UNKNOWN, "how": "not known"}
        by_party = None if pd.isna(party) else parties.get(slug(party))
        if key in shipped_families:
            row |= {"family": shipped_families[key], "how": "shipped"}
        elif by_party:
            row |= {"family": by_party, "how": "party"}
        people.append({**row, "stands": written in ballot})
    table = pd.DataFrame(people, columns=["candidate", "name", "family", "how", "stands"])
    table = table.drop_duplicates("candidate")
    return table.sort_values(["stands", "name"], ascending=[False, True], ignore_index=True)


def _party_families(country: str) -> dict[str, str]:
    """Families by party, of the shipped elections of a country; parties of two families are out."""
    pairs = set()
    for election in _shipped(country):
        people = election.people.dropna(subset=["party"])
        pairs |= set(zip(people["party"].map(slug), people["family"], strict=True))
    table = pd.DataFrame(sorted(pairs), columns=["party", "family"])
    single = table[~table["party"].duplicated(keep=False)]
    return dict(zip(single["party"], single["family"], strict=True))


def _shipped(country: str) -> Iterator[Election]:
    """The shipped elections of a country that have a folder of their own."""
    for path in sorted(paths.datasets().glob("*/candidates.csv")):
        election = load_election(path.parent.name)
        if election.country == country:
            yield election


def _spelt(institutes: pd.Series, country: str) -> pd.Series:
    """One spelling of every institute: that of the shipped polls, or the most frequent here."""
    spelt = {letters(name): str(name) for name in reversed(institutes.value_counts().index)}
    if country:
        for election in _shipped(country):
            spelt |= institutes_of(election)
    return institutes.map(lambda name: spelt[letters(name)])


def _card(
    new: NewElection,
    polls: pd.DataFrame,
    poll_map: PollMap,
    source: Path,
    notes: Sequence[str],
) -> str:
    lines = [
        f"# {new.title}",
        "",
        "Polls, made into a folder by `bench new election`"
        + (", and the official votes." if new.outcome else "; there is no outcome."),
        "",
        "| table | rows |",
        "| --- | ---: |",
        f"| `{SHORT}` | {len(polls):,} |",
        "",
        "## Source",
        "",
        f"- Polls: {poll_map.credit or poll_map.title or 'not stated'}; file `{source.name}`.",
        "",
        "## Licence",
        "",
        f"- {poll_map.title or source.name}: {poll_map.licence or 'not stated'}.",
        "",
        "## Quirks",
        "",
        f"- {polls['poll_id'].nunique()} polls of {polls['institute'].nunique()} institutes.",
        *(f"- {note}." for note in notes),
        *(f"- Left out: {name} ({reason})." for name, reason in poll_map.left_out.items()),
        "",
        "## published_on",
        "",
        "- Polls: the moment that the file states (`stated`), else 23:59 of day "
        f"{poll_map.lag_days} after the last interview, at the latest of the eve of the vote "
        "(`rule`).",
    ]
    return "\n".join(lines) + "\n"

"""What tables, figures and page have to know about one vote at one moment, in codes and numbers."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from bench.core import paths
from bench.core.errors import DataError
from bench.core.language import SOURCE, current_language, listed
from bench.core.options import title_in
from bench.core.read import read_json
from bench.core.settings import Experiment, least_polled
from bench.data.country import country_of, titles_in_french
from bench.data.election import Election, is_shipped, load_election
from bench.data.readers import PACKAGE
from bench.data.task import Task, ranked_on
from bench.report.formatting import surname
from bench.report.macros import VOTE_WORDS
from bench.report.run_folder import written_manifest
from bench.report.tables import latex_text

CHECKSUM = 16  # digits of a checksum that are cited
FEW = 4  # elections that are all named
MOMENTS = ("as_of", "vote_on")  # as JSON holds them


@dataclass(frozen=True, kw_only=True)
class ReportContext:
    """One election, one round, one date, and the official outcome, in codes and numbers.

    Parameters
    ----------
    election
        Key of the election in the long tables, e.g. ``"fr2017"``.
    name
        The same in words, e.g. ``"French presidential election of 2017"``.
    round
        1 or 2.
    as_of
        Moment at which evidence was cut (local time, no zone).
    vote_on
        Day of the vote.
    outcome
        Official share of the valid votes, fraction 0 to 1, indexed by candidate; sums to 1.
    names
        Display name of each candidate.
    families
        Political family of each candidate (colours follow it).
    qualifiers
        Candidates who qualified (first round) or won (runoff), in order of votes.
    n_advance
        How many qualify: 2 in a first round, 1 in a runoff.
    title
        Heading of tables and page; in JSON with the fields of `title_of`.
    dataset
        Folder with evidence and outcome.
    is_shipped
        Whether it ships with the package.
    source
        One line that names the sources of outcome and evidence: of the dataset where left out.
    ranked_on
        Candidates that are ranked on; empty where it is the whole ballot.
    least_polled
        Share in the polls that chose them; None where they were chosen by hand.
    n_polls, n_polls_by_rule, n_questions
        Polls of the round that were public at `as_of`, how many of them are dated by a rule and
        not by their source, and how many slates they tested; None where nobody counted.
    reference
        Predictor against which skill is counted.
    audit
        Predictor to the verdict of the look-ahead audit, in a word or two, e.g. ``"passed"``.
    area_outlines
        GeoJSON of the areas (property ``area``), or None.
    """

    election: str
    name: str
    round: int
    as_of: pd.Timestamp
    vote_on: pd.Timestamp
    outcome: pd.Series
    names: Mapping[str, str]
    families: Mapping[str, str]
    qualifiers: tuple[str, ...]
    n_advance: int
    title: str
    dataset: str = ""
    is_shipped: bool = True
    source: str = ""
    ranked_on: tuple[str, ...] = ()
    least_polled: float | None = None
    n_polls: int | None = None
    n_polls_by_rule: int = 0
    n_questions: int = 0
    reference: str = "last_election"
    audit: Mapping[str, str] = field(default_factory=dict)
    area_outlines: Path | None = None

    def __post_init__(self) -> None:
        if not self.source:
            parent = paths.datasets() if self.is_shipped else Path()
            object.__setattr__(self, "source", _credits([parent / self.dataset]))
        on_ballot = set(self.outcome.index)
        for what, keys in (("name", set(self.names)), ("family", set(self.families))):
            if on_ballot - keys:
                raise DataError(
                    f"no {what} for candidate {sorted(on_ballot - keys)} of {self.election}; "
                    f"known: {sorted(keys)}; add the row to candidates.csv"
                )
        total = float(self.outcome.sum(skipna=False))
        if not abs(total - 1) < 1e-6 or bool((self.outcome < 0).any()):
            raise DataError(
                f"outcome shares of {self.election} round {self.round} sum to {total:.6g}; "
                "accepted are fractions of the valid votes, none negative, that sum to 1"
            )
        if len(self.qualifiers) != self.n_advance or not set(self.qualifiers) <= on_ballot:
            raise DataError(
                f"qualifiers {self.qualifiers} are not {self.n_advance} of the ballot "
                f"{sorted(on_ballot)}; name exactly {self.n_advance} of its candidates"
            )

    def to_json(self) -> dict[str, Any]:
        """As JSON holds it; outlines are named relative to the shipped data."""
        found = {one.name: getattr(self, one.name) for one in fields(self) if one.name != "source"}
        found |= {key: str(found[key]) for key in MOMENTS}
        found |= {key: dict(found[key]) for key in ("names", "families", "audit")}
        found["ranked_on"] = list(self.ranked_on)
        found["outcome"] = {str(name): float(share) for name, share in self.outcome.items()}
        if (outlines := self.area_outlines) is not None:
            is_shipped = outlines.is_relative_to(paths.datasets())
            shown = outlines.relative_to(paths.datasets()) if is_shipped else outlines
            found["area_outlines"] = shown.as_posix()
        return found

    @classmethod
    def from_json(cls, stored: Mapping[str, Any], experiment: str) -> ReportContext:
        """What `to_json` gave, in the current language; outlines that are gone are left out.

        Parameters
        ----------
        stored : mapping
            By field.
        experiment : str
            Name of the experiment, whose YAML may have its title in other languages.

        Raises
        ------
        DataError
            If it is that of another version.
        """
        try:
            names = [each.name for each in fields(cls) if each.name in stored]
            values = {name: stored[name] for name in names}
            values |= {key: pd.Timestamp(stored[key]) for key in MOMENTS}
            values["name"] = election_title(stored["name"])
            values |= {key: tuple(stored[key]) for key in ("qualifiers", "ranked_on")}
            values["outcome"] = pd.Series(stored["outcome"])
            values["title"] = _filled(
                title_in(current_language(), experiment, stored["title"]),
                elections=values["name"],
                vote=vote_title(
                    values["name"],
                    number=values["round"],
                    vote_on=values["vote_on"],
                    n_advance=values["n_advance"],
                ),
                year=f"{values['vote_on'].year}",
            )
            outlines = stored["area_outlines"] and paths.datasets() / stored["area_outlines"]
            values["area_outlines"] = outlines if outlines and outlines.is_file() else None
        except (KeyError, TypeError, ValueError) as error:
            raise DataError(
                f"the run was written by another version ({error} of its context is missing or "
                "not whole); run the experiment again"
            ) from error
        return cls(**values)

    @cached_property
    def by_votes(self) -> tuple[str, ...]:
        """Candidates from most to fewest votes; equal votes in order of the alphabet."""
        ordered = self.outcome.sort_index(kind="stable").sort_values(ascending=False, kind="stable")
        return tuple(map(str, ordered.index))

    @cached_property
    def round_words(self) -> str:
        """The round in words."""
        return VOTE_WORDS.text("vote_round", number=self.round, n_advance=self.n_advance)

    @cached_property
    def cut(self) -> str:
        """When evidence was cut, for captions."""
        return VOTE_WORDS.text("evidence_cut", moment=self.as_of, hour=f"{self.as_of:%H:%M}")

    @cached_property
    def ballots(self) -> Mapping[str, str]:
        """Ballots of the long tables in words, by key; the one that is ranked on first."""
        blind = self.least_polled is not None and self.n_polls == 0 and not self.ranked_on
        full = {"all": VOTE_WORDS.text("ballot_all", blind=blind)}
        if not self.ranked_on:
            return full
        names = [self.short(name) for name in self.ranked_on]
        words = VOTE_WORDS.text("ballot_compared", names=names, least_polled=self.least_polled)
        return {"compared": words, **full}

    @cached_property
    def ballot_keys(self) -> tuple[str, ...]:
        """Ballots of the tables, the one that is ranked on first."""
        return ("compared", "all") if self.ranked_on else ("all",)

    def name_of(self, candidate: str) -> str:
        """Display name of a candidate; the key itself where none is known."""
        return self.names.get(candidate, candidate)

    def short(self, candidate: str) -> str:
        """Surname of a candidate, for labels; the display name where the key is no surname."""
        return self.surnames.get(candidate, candidate)

    @cached_property
    def surnames(self) -> Mapping[str, str]:
        """Surname of every candidate, for labels."""
        return {key: surname(name, key) for key, name in self.names.items()}


def context_of(
    experiment: Experiment,
    task: Task,
    *,
    audit: Mapping[str, str] | None = None,
) -> ReportContext:
    """The context of one vote and moment of an experiment.

    Parameters
    ----------
    experiment : Experiment
        The settings of the run.
    task : Task
        The vote and the moment.
    audit : mapping, optional
        Predictor to the verdict of the look-ahead audit.
    """
    election = task.election
    outcome = task.outcome()
    people = election.people
    names = dict(zip(people["candidate"], people["name"], strict=True))
    through = outcome.share.sort_values(ascending=False, kind="stable").index[: outcome.n_advance]
    evidence = task.evidence()
    questions = evidence["polls"].drop_duplicates("poll_id")
    polls = questions.drop_duplicates(["institute", "fieldwork_end", "sample_size"])
    chosen = ranked_on(experiment.ranked_on, evidence) if experiment.ranked_on else ()
    who = [name for name in chosen if name in outcome.share.index]
    is_whole = set(who) == set(outcome.share.index)
    return ReportContext(
        election=election.name,
        name=election.title,
        round=task.round,
        as_of=task.as_of,
        vote_on=election.rounds[task.round].vote_on,
        outcome=outcome.share,
        names=names,
        families=dict(zip(people["candidate"], people["family"], strict=True)),
        qualifiers=tuple(map(str, through)),
        n_advance=outcome.n_advance,
        title=_title(experiment, election),
        dataset=election.folder.name,
        is_shipped=is_shipped(election.folder),
        ranked_on=() if is_whole else tuple(map(str, who)),
        least_polled=least_polled(experiment.ranked_on) if who else None,
        n_polls=len(polls),
        n_polls_by_rule=int(polls["basis"].eq("rule").sum()),
        n_questions=len(questions),
        reference=experiment.baseline,
        audit=audit or {},
        area_outlines=country_of(election).outlines_file,
    )


def election_title(title: str) -> str:
    """What an election or an experiment is called, in the current language if it is known.

    Examples
    --------
    >>> from bench.core.language import use_language
    >>> with use_language("fr"):
    ...     election_title("French presidential election of 2017")
    'Élection présidentielle française de 2017'
    """
    if current_language() == SOURCE:
        return title
    titles = titles_in_french()
    match = re.fullmatch(r"(.* )(\d{4})", title)
    if title in titles or match is None:
        return titles.get(title, title)
    pattern = f"{match[1]}{{year}}"
    return titles[pattern].replace("{year}", match[2]) if pattern in titles else title


def experiment_title(experiment: Experiment) -> str:
    """The title of an experiment in the current language, or else its name; fields as written."""
    title = experiment.title or experiment.name
    return title_in(current_language(), experiment.name, title)


def cite_of(experiment: Experiment, manifest: Mapping[str, Any]) -> str:
    """How to cite a run: a sentence and, after an empty line, an entry of BibTeX.

    Authors, title, address and year are those of `CITATION.cff`; the year is left out if the run
    was made by another version. The checksum of the entry is the SHA-256 of the run's
    `manifest.json`, which holds seconds: the sentence, which tables repeat, is without it.
    """
    cited = yaml.safe_load(paths.shipped("CITATION.cff").read_text(encoding="utf-8"))
    version = manifest["libraries"]["election-bench"]
    checksum = hashlib.sha256(written_manifest(manifest).encode()).hexdigest()[:CHECKSUM]
    facts = {
        "author": cited["authors"][0]["name"],
        "title": cited["title"],
        "year": f"{cited['date-released'].year}" if version == cited["version"] else "",
        "version": version,
        "url": cited.get("repository-code", ""),
    }
    note = VOTE_WORDS.text("cite_note", experiment=experiment.name, checksum=checksum)
    entry = facts | {"author": f"{{{facts['author']}}}", "note": latex_text(note)}
    fields = [f"  {name} = {{{value}}}," for name, value in entry.items() if value]
    key = f"election-bench-{experiment.name}"
    bibtex = "\n".join([f"@software{{{key},", *fields, "}"])
    sentence = VOTE_WORDS.text("cite", experiment=experiment.name, **facts)
    return f"{sentence}\n\n{bibtex}"


def names_of(elections: Sequence[str]) -> dict[str, str]:
    """Surnames by candidate, for tables that hold keys.

    Examples
    --------
    >>> names_of(["fr2017"])["dupont_aignan"]
    'Dupont-Aignan'
    """
    people = [load_election(name).people for name in elections]
    return {
        str(key): surname(str(name), str(key))
        for one in people
        for key, name in zip(one["candidate"], one["name"], strict=True)
    }


def people_of(keys: str, names: Mapping[str, str]) -> str:
    """Candidates whose keys a table holds in one cell, by name.

    Examples
    --------
    >>> people_of("le_pen, fillon, brook", {"le_pen": "Le Pen", "fillon": "Fillon"})
    'Le Pen, Fillon and brook'
    """
    return listed([names.get(key, key) for key in keys.split(", ")])


def sources_of(elections: Sequence[str]) -> str:
    """One line that names where votes and evidence come from, with licences.

    Examples
    --------
    >>> sources_of(["fr2022"])
    'Votes: Ministry of the Interior (Licence Ouverte); polls: NSPPolls (MIT)'
    """
    return _credits([load_election(name).folder for name in elections])


def _credits(folders: Sequence[Path]) -> str:
    """What the Data Packages of shipped folders credit, each source once; the names of others."""
    names_by_kind: dict[str, list[str]] = {"votes": [], "polls": [], "other": []}
    own_folders = []
    for folder in dict.fromkeys(folders):
        if not is_shipped(folder):
            own_folders.append(folder.name)
            continue
        for kind, sources in read_json(folder / PACKAGE)["credit"].items():
            names_by_kind[kind] += [
                source if isinstance(source, str) else source[current_language()]
                for source in sources
            ]
    credited = {kind: list(dict.fromkeys(names)) for kind, names in names_by_kind.items()}
    return VOTE_WORDS.text("credits", **credited, own_folders=own_folders)


def title_of(experiment: Experiment, elections: Sequence[str] | None = None) -> str:
    """The heading of an experiment, with its fields filled in.

    ``{elections}`` is replaced by what the elections are called, ``{vote}`` by what the vote is
    called (of several votes: by the elections), ``{year}`` by the year of the vote.

    Parameters
    ----------
    experiment : Experiment
        Its `title`, or else its name.
    elections : sequence of str, optional
        Those that the title is about; all of the experiment if left out.

    Examples
    --------
    >>> given = Experiment(title="Runoff by station: {elections}", elections=["toy"])
    >>> title_of(given)
    'Runoff by station: Made-up election of 2031'
    >>> title_of(Experiment(title="{vote}, by days before", elections=["fr2017"], rounds=[2]))
    'Runoff of the French presidential election, 7 May 2017, by days before'
    """
    known = [load_election(name) for name in elections or experiment.elections]
    if len(known) > FEW:
        years = [one.vote_on.year for this in known for one in this.rounds.values()]
        first, last = min(years), max(years)
        words = VOTE_WORDS.text("elections_between", n=len(known), first=first, last=last)
    else:
        words = listed([election_title(one.title) for one in known])
    votes = [
        (election, election.rounds[number])
        for election in known
        for number in experiment.rounds
        if number in election.rounds
    ]
    vote = words
    if len(votes) == 1:
        election, this = votes[0]
        vote = vote_title(
            election_title(election.title),
            number=this.number,
            vote_on=this.vote_on,
            n_advance=this.n_advance,
        )
    years_of_votes = sorted({this.vote_on.year for _election, this in votes})
    return _filled(
        experiment_title(experiment),
        elections=words,
        vote=vote,
        year=listed([f"{year}" for year in years_of_votes]),
    )


def vote_title(name: str, *, number: int, vote_on: pd.Timestamp, n_advance: int) -> str:
    """What a round of an election is called in a heading, in the current language.

    Parameters
    ----------
    name : str
        What the election is called, in that language.
    number : int
        Of the round.
    vote_on : pandas.Timestamp
        The day of the round.
    n_advance : int
        How many get through.

    Examples
    --------
    >>> name, day = "French presidential election of 2017", pd.Timestamp("2017-04-23")
    >>> vote_title(name, number=1, vote_on=day, n_advance=2)
    'First round of the French presidential election, 23 April 2017'
    >>> vote_title("State election in Bavaria, 2018", number=1, vote_on=day, n_advance=1)
    'State election in Bavaria, 2018'
    """
    return VOTE_WORDS.text(
        "vote_title", election=name, number=number, vote_on=vote_on, n_advance=n_advance
    )


def _filled(title: str, *, elections: str, vote: str, year: str) -> str:
    """A title with its fields filled in; other braces are left alone.

    The title of an election is said in the current language.
    """
    words = election_title(title)
    for field_name, value in (("elections", elections), ("vote", vote), ("year", year)):
        words = words.replace(f"{{{field_name}}}", value)
    return words


def _title(experiment: Experiment, election: Election) -> str:
    """Of the experiment; an election brought along gives its own name."""
    return experiment.title or experiment.name if is_shipped(election.folder) else election.title


def vote_words(election: str, number: int) -> str:
    """A round of an election that is named by its key.

    Examples
    --------
    >>> vote_words("fr2017", 1)
    'fr2017, first round'
    """
    return VOTE_WORDS.text("vote_name", election=election, round=number)

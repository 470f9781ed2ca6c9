"""Elections: days, ballots, slugs, families, and the last day on which polls could appear."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from tools.build_datasets.files import (
    GATHERED,
    election_yaml,
    read_raw,
    require,
    require_equal,
    slug,
)

_PARTIES = read_raw(GATHERED / "parties.csv")
_PEOPLE = read_raw(GATHERED / "people.csv").astype({"year": int})

FAMILY_OF = dict(zip(_PARTIES["party"].str.casefold(), _PARTIES["family"], strict=True))
"""Political family by party, assigned from the party alone."""

IN_OFFICE = {1965: "de_gaulle", 1981: "giscard_d_estaing", 1988: "mitterrand"}
IN_OFFICE |= {2002: "chirac", 2012: "sarkozy", 2017: "hollande", 2022: "macron"}
LISTED_ON = {2017: "2017-03-18", 2022: "2022-03-07"}
"""The day on which the Conseil constitutionnel published the list of candidates."""

LIST_PAGES = {
    2017: "http://www.leral.net/Liste-des-11-candidats-a-l-election-presidentielle-francaise_a195559.html",
    2022: "https://www.france24.com/fr/france/20220307-pr%C3%A9sidentielle-12-candidats-officiellement-sur-la-ligne-de-d%C3%A9part",
}
"""Where that list stands; the first quotes the decision of the Conseil."""

SELECTED_BY_OUTCOME = {1981: 1, 2007: 1, 2017: 2}
"""The rounds whose polls the compilations kept by who came to stand."""

CLOSING = pd.Timedelta(hours=20)
RAW_OUTCOMES = "results/national_outcomes_1965_2017.csv"
RAW_2022 = "many/areas_france2022/fr2022_departement_{}.csv"
DAYS_2022 = {1: "2022-04-10", 2: "2022-04-24"}
PROCLAIMED_2022 = {  # Conseil constitutionnel, 13 and 27 April 2022
    1: {
        "registered": 48747876,
        "voters": 35923707,
        "blank": 543609,
        "null": 247151,
        "valid": 35132947,
        "macron": 9783058,
        "le_pen": 8133828,
        "melenchon": 7712520,
    },
    2: {
        "registered": 48752339,
        "voters": 35096478,
        "blank": 2233904,
        "null": 805249,
        "valid": 32057325,
        "macron": 18768639,
        "le_pen": 13288686,
    },
}


@dataclass(frozen=True, kw_only=True)
class Election:
    """One presidential election as its builders need it.

    Parameters
    ----------
    year : int
    vote_on : dict
        Day of each round.
    names : dict
        Full name by slug.
    rounds : pandas.DataFrame
        Columns round, candidate, votes.
    totals : pandas.DataFrame
        Columns round, registered, voters, valid; blank and null where counted apart.
    people : pandas.DataFrame
        The rows of candidates.csv: who stood, and whom polls tested although they did not stand.
    """

    year: int
    vote_on: dict[int, pd.Timestamp]
    names: dict[str, str]
    rounds: pd.DataFrame
    totals: pd.DataFrame
    people: pd.DataFrame

    @property
    def key(self) -> str:
        """Folder name, such as fr2017."""
        return f"fr{self.year}"

    def ballot(self, number: int) -> list[str]:
        """Slugs of one round, alphabetical."""
        return sorted(self.rounds.loc[self.rounds["round"] == number, "candidate"])

    def slug_of(self, surname: str) -> str:
        """The candidate meant by a surname in any spelling.

        Raises
        ------
        DataError
            If nobody of the election has it.
        """
        wanted = slug(surname).replace("_", "")
        found = [s for s in self.names if s.replace("_", "").removeprefix("jm") == wanted]
        require(len(found) == 1, self.key, f"'{surname}' fits {found or 'nobody'} on the ballot")
        return found[0]

    def slugs_of(self, names: pd.Series) -> pd.Series:
        """`slug_of` for a column of full names."""
        return names.str.split(" ", n=1).str[-1].map(self.slug_of)


def person(name: str) -> str:
    """The slug of a full name: everything after the first name.

    Examples
    --------
    >>> person("Nicolas Dupont-Aignan"), person("Jean-Marie Le Pen"), person("Marine Le Pen")
    ('dupont_aignan', 'jm_le_pen', 'le_pen')
    """
    surname = slug(name.split(" ", 1)[1])
    return "jm_le_pen" if name == "Jean-Marie Le Pen" else surname


def parties_of(year: int, because: str) -> dict[str, str]:
    """Party by name of whom polls `tested`, who `stood`, or whom a compilation leaves `unnamed`."""
    people = _PEOPLE[_PEOPLE["year"].eq(year) & _PEOPLE["because"].eq(because)]
    return dict(zip(people["person"], people["party"], strict=True))


def last_legal_day(vote_on: pd.Timestamp) -> pd.Timestamp | None:
    """The last day on which a poll could be published before a round, or None without a ban.

    The act of 19 July 1977 closed the week before each round; the act of 19 February 2002 left
    the eve and the day itself.

    Examples
    --------
    >>> print(last_legal_day(pd.Timestamp("2017-04-23")).date())
    2017-04-21
    >>> print(last_legal_day(pd.Timestamp("1995-04-23")).date())
    1995-04-15
    """
    if vote_on < pd.Timestamp("1977-07-20"):
        return None
    return vote_on - pd.Timedelta(days=2 if vote_on > pd.Timestamp("2002-02-19") else 8)


def last_legal_moment(vote_on: pd.Timestamp) -> pd.Timestamp | None:
    """The last minute in which a poll could be published before a round, or None without a ban.

    Examples
    --------
    >>> print(last_legal_moment(pd.Timestamp("2017-04-23")))
    2017-04-21 23:59:00
    """
    last = last_legal_day(vote_on)
    return None if last is None else last + pd.Timedelta(hours=23, minutes=59)


def elections(source: Path) -> list[Election]:
    """Every election of the table of national outcomes, in order of time."""
    raw = read_raw(source / RAW_OUTCOMES)
    years = raw["election"].astype(int)
    return [_election(int(year), raw[years == year]) for year in sorted(years.unique())]


def election_2022(source: Path) -> Election:
    """The election of 2022, summed from the ministry's returns by département.

    Raises
    ------
    DataError
        If a sum is not the figure proclaimed.
    """
    stood = parties_of(2022, "stood")
    names = {f"{n.split(' ', 1)[1].upper()}": n for n in stood}
    votes = read_raw(source / RAW_2022.format("votes"))
    votes = votes.assign(round=votes["round"].astype(int), votes=votes["votes"].astype("int64"))
    strange = sorted(set(votes["surname"]) - set(names))
    require(not strange, RAW_2022.format("votes"), f"nobody stood who is called {strange}")
    sums = votes.groupby(["round", "surname"])["votes"].sum().reset_index()
    areas = read_raw(source / RAW_2022.format("totals"))
    counts = ["registered", "voters", "valid", "blank", "null"]
    totals = areas.astype(dict.fromkeys(counts, "int64")).assign(round=areas["round"].astype(int))
    totals = totals.groupby("round")[counts].sum().reset_index()
    rows = sums.assign(name=sums["surname"].map(names)).merge(totals, on="round")
    rows = rows.assign(
        candidate=rows["name"],
        election="2022",
        date=rows["round"].map(DAYS_2022),
        party=rows["name"].map(stood),
    )
    election = _election(2022, rows)
    for number, proclaimed in PROCLAIMED_2022.items():
        mine = election.rounds[election.rounds["round"] == number]
        given = dict(zip(mine["candidate"], mine["votes"].tolist(), strict=True))
        given |= {c: int(totals.loc[totals["round"] == number, c].iloc[0]) for c in counts}
        for name, figure in proclaimed.items():
            require_equal(given[name], figure, f"fr2022 round {number}: {name}")
    return replace(election, totals=totals)


def _election(year: int, raw: pd.DataFrame) -> Election:
    rows = raw.assign(
        round=raw["round"].astype(int),
        candidate=raw["candidate"].map(person),
        day=pd.to_datetime(raw["date"]),
    )
    for column in ("registered", "voters", "valid", "votes"):
        rows[column] = rows[column].astype("int64")
    by_round = rows.groupby("round")
    for number, group in by_round:
        place = f"{RAW_OUTCOMES}: fr{year} round {number}"
        require_equal(int(group["votes"].sum()), int(group["valid"].iloc[0]), f"{place}: votes")
        require(group["candidate"].is_unique, place, "two candidates share a slug")
        ordered = group["valid"].le(group["voters"]) & group["voters"].le(group["registered"])
        require(bool(ordered.all()), place, "valid, voters and registered are not in order")
    names = dict(zip(rows["candidate"], raw["candidate"], strict=True))
    totals = by_round[["registered", "voters", "valid"]].first().reset_index()
    return Election(
        year=year,
        vote_on={int(str(n)): pd.Timestamp(g["day"].iloc[0]) for n, g in by_round},
        names=names,
        rounds=rows[["round", "candidate", "votes"]],
        totals=totals,
        people=_people(year, rows, names),
    )


def _people(year: int, rows: pd.DataFrame, names: dict[str, str]) -> pd.DataFrame:
    named = rows.dropna(subset=["party"]).groupby("candidate")["party"].first()
    stated = {str(name): str(party) for name, party in named.items()}
    stood = dict.fromkeys(names, "") | stated | parties_of(year, "unnamed")
    tested = {person(name): (name, party) for name, party in parties_of(year, "tested").items()}
    people = []
    for candidate in sorted(stood | tested):
        name, party = tested.get(candidate, (names.get(candidate), stood.get(candidate, "")))
        require(
            party.casefold() in FAMILY_OF, f"fr{year}", f"no family for '{party}' ({candidate})"
        )
        people.append(
            {
                "candidate": candidate,
                "name": name,
                "family": FAMILY_OF[party.casefold()],
                "party": party,
                "incumbent": IN_OFFICE.get(year) == candidate,
            }
        )
    return pd.DataFrame(people)


def facts_yaml(election: Election) -> str:
    """The content of election.yaml."""
    rounds: dict[int, dict[str, object]] = {}
    for number, day in election.vote_on.items():
        facts = {"vote_on": f'"{day:%Y-%m-%d}"', "known_at": f'"{day:%Y-%m-%d}T20:00:00"'}
        if (legal := last_legal_moment(day)) is not None:
            facts["polls_until"] = f'"{legal:%Y-%m-%dT%H:%M:%S}"'
        if number == 1 and election.year in LISTED_ON:
            facts["listed_on"] = f'"{LISTED_ON[election.year]}T23:59:00"'
        if number == SELECTED_BY_OUTCOME.get(election.year):
            facts["selected_by"] = "outcome"
        ballot = f"[{', '.join(election.ballot(number))}]"
        rounds[number] = {**facts, "n_advance": 2 if number == 1 else 1, "candidates": ballot}
    title = f"French presidential election of {election.year}"
    return election_yaml(election.key, title, "FR", rounds)

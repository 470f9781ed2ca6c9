"""The short form of an election: three files, everything else derived by rule."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn

import pandas as pd
import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict

from bench.core import paths
from bench.core.errors import DataError, did_you_mean, nearest, shortlist, slug
from bench.data.collection import (
    collection_folders,
    load_collection,
    members,
    members_by_vote,
)
from bench.data.columns import KNOWN, NATIONAL, TABLES
from bench.data.csv_dialect import HYPOTHESIS, first_line, raw_rows, whole
from bench.data.election_folder import (
    FACTS,
    OPEN,
    PRESIDENT,
    SHORT,
    folder_names,
    folders_by_vote,
    unread_files,
)
from bench.data.readers import (
    Text,
    facts_as,
    facts_of,
    fits,
    local_times,
    no_rows,
    read_csv,
    read_yaml,
    remembered,
    typed,
)

POLL_COLUMNS = ("institute", "fieldwork_end", "sample_size", "candidate", "share")
ONE_IN = 10_000_000
MAX_PEOPLE = 300  # on the ballots of an election and in its polls; 135 once stood in California
ROUNDED = 0.01  # shares of an outcome that sum to 1 to within this are whole
COUNTRY = 'a code of ISO 3166, two capital letters, quoted, as "FR"'
RESULT_HOUR = "20:00"
LIKE_A_MISSPELLING = 0.85  # likeness of two names: a letter or two differ
OUTCOME = "outcome.csv"
NOBODY = frozenset(
    (
        "undecided unknown none nobody rejected dont_know don_t_know no_opinion no_answer not_sure "
        "nspp ne_se_prononcent_pas sans_reponse refus refusal indecis indecise indecisi indecisos "
        "ns_nc weiss_nicht margin_of_error marge_d_erreur "
        "would_not_vote did_not_vote nsp ne_se_prononce_pas sans_opinion abstention abstentions "
        "abstained blank blanks blanc blancs nul nuls null nulls nulos nulo branco brancos blanco "
        "blancos bianche nulla nulle invalid spoilt spoiled ungultig ungultige enthaltung "
        "enthaltungen total totals totale totaux sum somme summe gesamt insgesamt "
        "turnout registered voters inscrits votants exprimes valid valides validi gultige "
        "scheda_bianca exprimees informal write electorate electors electeurs cast wahlberechtigte"
    ).split()
)
"""Rows of tables that are votes for nobody, or sums of votes."""
FILLERS = frozenset(
    (
        "a and above all ballot ballots bulletin bulletins con das de del der des di die e "
        "em en et grand in ins non of or ou paper papers schede stimme stimmen suffrage suffrages "
        "the und voix vote votes voti voto votos"
    ).split()
)
"""Words beside those of `NOBODY` that name no person either."""
OTHERS = frozenset(
    "other others autre autres andere sonstige altri otros another_candidate autre_candidat".split()
)
"""Rows that are votes for several people; a ballot of parties may hold them."""
MANY_VOTES = 1000  # of fewer, somebody may well have half
NEAR_SUM = 0.02  # of the votes of all others: a total counted apart from the rows, or rounded


def _day(value: object) -> str:
    day = str(value)
    is_written_so = re.fullmatch(r"\d{4}-\d\d-\d\d", day)
    if not is_written_so or pd.isna(pd.to_datetime(day, errors="coerce")):
        raise ValueError("accepted: a date such as 2030-05-12, without a time")
    return day


def _number(value: object) -> object:
    if type(value) is not int:  # YAML's true and 1.0 are none
        raise ValueError("accepted: the rounds 1 and 2")
    return value


def _with_families(value: object) -> object:
    return dict.fromkeys(map(str, value)) if isinstance(value, list) else value


def _with_open(value: object) -> object:
    return (OPEN,) if value == OPEN else value


def _by_round(value: object) -> object:
    return {0: value} if isinstance(value, list) else value  # 0: every round


Day = Annotated[str, BeforeValidator(_day)]
Person = Annotated[Text | None, BeforeValidator(lambda value: value or None)]


class Facts(BaseModel):
    """The keys of a short `election.yaml`, as docs/own_election.md explains them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Text
    election: Text = ""
    country: Annotated[str, fits("([A-Z]{2}(-[A-Z0-9]{1,3})?)?", COUNTRY)] = ""
    kind: Text = PRESIDENT
    system: Text = ""
    vote_on: Day = ""
    rounds: dict[Annotated[Literal[1, 2], BeforeValidator(_number)], Day] = {}
    names: dict[Text, Text] = {}
    families: dict[Text, Text] = {}
    candidates: Annotated[tuple[Text, ...], BeforeValidator(_with_open)] = ()
    tested: Annotated[dict[Text, Text | None], BeforeValidator(_with_families)] = {}
    leave_out: Annotated[dict[int, list[Text]], BeforeValidator(_by_round)] = {}
    same_as: dict[Text, Person] = {}


@dataclass(frozen=True)
class ShortForm:
    """One folder in the short form, read once; every property may raise `DataError`."""

    folder: Path

    @property
    def yaml(self) -> Path:
        """Where the facts stand."""
        return self.folder / "election.yaml"

    @cached_property
    def facts(self) -> Facts:
        """The keys of `election.yaml`."""
        return facts_as(Facts, read_yaml(self.yaml), self.yaml)

    @cached_property
    def days(self) -> dict[int, str]:
        """Day of the vote by round."""
        facts = self.facts
        if not (facts.rounds or facts.vote_on):
            raise DataError(
                f"{self.yaml}: give the day of the vote, as `vote_on: 2030-05-12`, or for two "
                "rounds `rounds: {1: 2030-05-12, 2: 2030-05-26}`"
            )
        return dict(sorted(facts.rounds.items())) or {1: facts.vote_on}

    @cached_property
    def name(self) -> str:
        """Key of the election, by which results are listed; refused where a shipped one has it."""
        key = slug(self.facts.election or self.folder.resolve().name)
        if key in folder_names() or key in members(paths.datasets()):
            raise DataError(
                f"{self.yaml}: '{key}' is the key of a shipped election; give yours another one, "
                f"as `election: my_{key}`"
            )
        return key

    @property
    def country(self) -> str:
        """ISO 3166 code, or the election's own name where it learns from no other."""
        return self.facts.country or self.name

    @cached_property
    def shipped(self) -> pd.DataFrame:
        """People of the shipped elections of the country and kind."""
        return shipped_people(self.country, self.facts.kind)

    @cached_property
    def keys(self) -> dict[str, str]:
        """Key in the shipped elections by the key that a name would have here.

        Same full name in an election of the same country, or a short name of a party there, unless
        `same_as` says otherwise.
        """
        shipped_keys = set(self.shipped["candidate"])
        keys_by_name = shipped_keys_by_name(self.shipped)
        for written, means in self.facts.same_as.items():
            key = slug(written)
            if (means is None and key in shipped_keys) or (
                means is not None and means not in shipped_keys
            ):
                near = did_you_mean((means or key)[:60], shipped_keys)
                raise DataError(
                    f"{self.yaml}: `same_as.{written}` is {means or 'nobody'}; accepted: the key "
                    f"of a candidate of a shipped election of {self.country} ({near}), or false "
                    f"for nobody, which '{key}' is not: then write the whole name"
                )
            keys_by_name[key] = means or key
        return keys_by_name

    def key(self, name: object) -> str:
        """The key of a person, from the name as written."""
        return self.keys.get(slug(name), slug(name))

    @cached_property
    def tested(self) -> dict[str, str | None]:
        """Family (or None) by key of people whom polls name and who did not stand."""
        return {self.key(name): family for name, family in self.facts.tested.items()}

    @cached_property
    def left_out(self) -> dict[int, set[str]]:
        """Keys of rows that are nobody, such as "others", by round."""
        names_by_round = self.facts.leave_out
        unknown_rounds = [number for number in names_by_round if number not in (0, *self.days)]
        if unknown_rounds:
            raise DataError(
                f"{self.yaml}: `leave_out` names round '{unknown_rounds[0]}'; accepted: "
                f"{', '.join(map(str, self.days))}, or a plain list for every round"
            )
        return {
            number: {
                self.key(name) for name in names_by_round.get(0, names_by_round.get(number, ()))
            }
            for number in self.days
        }

    @cached_property
    def polls(self) -> pd.DataFrame:
        """The polls in the columns of the full table, as text; `written` keeps the name as typed.

        Rules: public on the day after the last interview unless `published_on` says when; one
        poll is one institute, last day, sample size, round and, where there is one, hypothesis.
        """
        path = self.folder / SHORT
        if not os.path.lexists(path):
            raise DataError(
                f"{path}: the file is missing; a folder with an election.yaml needs polls in "
                f"polls.csv (columns {', '.join(POLL_COLUMNS)}) or, in the full form, "
                "candidates.csv and inputs/ (see the folder 'toy')"
            )
        rows = self._rows(path, POLL_COLUMNS)
        end = local_times(rows["fieldwork_end"])
        vote_on = rows["round"].astype(int).map(self.days)
        late = end.dt.normalize() > pd.to_datetime(vote_on)
        if late.any():
            first = rows[late].iloc[0]
            raise DataError(
                f"{path}:{first_line(rows[late])}: fieldwork_end is {first['fieldwork_end']}, "
                f"after the vote of round {first['round']}; correct the day or the round, or "
                "delete the row"
            )
        if "published_on" in rows:
            rows["basis"] = rows.get("basis", "stated")
        else:
            rows["published_on"] = (end + pd.Timedelta(days=1)).dt.strftime("%Y-%m-%d")
            rows["basis"] = "rule"
        if "poll_id" not in rows:
            institute = _mapped(rows["institute"].fillna("unknown"), slug)
            day = rows["fieldwork_end"].fillna("")
            size = rows["sample_size"].fillna("")
            poll = "r" + rows["round"] + "_" + institute + "_" + day + "_" + size
            rows["poll_id"] = poll.str.rstrip("_")
        if HYPOTHESIS in rows:
            part = _mapped(rows[HYPOTHESIS].fillna(""), lambda word: word and f"_{slug(word)}")
            rows["poll_id"] = rows["poll_id"] + part
        rows["rolling"] = rows.get("rolling", "false")
        if "sample_expressed" in rows:  # often a weighted part of the sample, with decimals
            rows["sample_expressed"] = whole(rows["sample_expressed"])
        return rows.assign(**{name: None for name in TABLES["polls"].columns if name not in rows})

    @cached_property
    def outcome(self) -> pd.DataFrame:
        """The official votes; shares without votes become votes of ten million."""
        path = self.folder / OUTCOME
        if not os.path.lexists(path):
            return no_rows(NATIONAL).assign(written="")
        rows = self._rows(path, ("candidate",))
        counted = "votes" in rows
        plain = rows.drop(columns="written")
        table = NATIONAL if counted else KNOWN["shares"]
        outcome = typed(plain, path, table, rules=partial(self._rules, counted))
        if not counted:
            outcome["votes"] = (outcome["share"] * ONE_IN).round().astype("int64")
        return outcome[list(NATIONAL.columns)].assign(written=rows["written"].to_numpy())

    @cached_property
    def is_open(self) -> bool:
        """Whether `candidates` says that nobody knows yet who stands."""
        return self.facts.candidates == (OPEN,) and self.outcome.empty

    @cached_property
    def ballots(self) -> dict[int, list[str]]:
        """Who stands in which round; nobody where the election is open."""
        if self.is_open:
            return {number: [] for number in self.days}
        ballots: dict[int, list[str]] = {}
        first = min(self.days)
        for number in self.days:
            official = self.outcome[self.outcome["round"] == number]
            if len(official):
                ballots[number] = sorted(official["candidate"])
                continue
            earlier = self.outcome[self.outcome["round"] == first].set_index("candidate")["votes"]
            if number != first and len(earlier):
                ballots[number] = sorted(earlier.nlargest(2).index)
                continue
            polls = self._named[self._named["round"] == str(number)]
            if number == first:
                ballots[number] = sorted(self.declared or self._refuse_undeclared())
                continue
            named = set(polls["candidate"]) & set(ballots[first])
            if len(named) == 2:
                ballots[number] = sorted(named)  # else nobody knows yet who will be in the runoff
        return ballots

    @cached_property
    def declared(self) -> set[str]:
        """Keys of the people of whom `election.yaml` says that they stand."""
        names = {self.key(name): name for name in self.facts.candidates}
        for key in filter(self._is_nobody, names):
            raise DataError(
                f"{self.yaml}: '{names[key]}' among `candidates` is a word for nobody; accepted: "
                f"people and parties; move it to `leave_out: [{names[key]}]`, or say who is called "
                f"so, as `names: {{{key}: FULL NAME}}`"
            )
        return set(names)

    def checked_polls(self) -> pd.DataFrame:
        """The polls as the full table holds them, without the rows that `leave_out` names.

        The other shares of such a poll are divided by what is left, s_i / (1 - left out), so that
        no part of it looks like votes for candidates whom the poll did not list. A poll that is
        left with fewer than two people is dropped.
        """
        polls = typed(self.polls.drop(columns="written"), self.folder / SHORT, TABLES["polls"])
        is_left_out = _in_rounds(polls, self.left_out)
        if not is_left_out.any():
            return polls
        version = [name for name in ("poll_id", "corrected_on") if name in polls]
        groups = polls.assign(left_out=polls["share"].where(is_left_out, 0.0)).groupby(
            version, dropna=False
        )
        out = groups["left_out"].transform("sum")
        rest = groups["share"].transform("sum").clip(lower=1.0) - out
        share_of_rest = polls["share"] / rest.where(rest > 0)
        rescaled = polls.assign(share=share_of_rest)[~is_left_out]
        several = rescaled.groupby(version, dropna=False)["candidate"].transform("nunique") > 1
        touched = out[~is_left_out] > 0
        return rescaled[(several | ~touched) & rescaled["share"].notna()]

    def expanded(self) -> tuple[dict[str, Any], pd.DataFrame]:
        """The full `election.yaml` and `candidates.csv` that the folder stands for.

        Rules: the result is known at 20:00; two get through when a second round follows and one
        otherwise; the ballot is whoever is in `outcome.csv`, or `candidates` while there is none
        (``open``: one of the lists that polls tested, which nobody knows yet);
        slugs are made from names, and are those of a shipped election of the country for people
        of the same full name; a candidate's family is ``other`` unless `families`, `tested` or a
        shipped election names it; an election without `country` learns from no other. People whom
        polls tested and who did not stand are among the people and on no ballot.

        Raises
        ------
        DataError
            If the YAML lacks a name or a day, or a file cannot be used.
        """
        rounds = {}
        for number, ballot in self.ballots.items():
            if len(ballot) < 2 and not self.is_open:
                raise DataError(
                    f"{self.folder}: round {number} has {len(ballot)} candidates in outcome.csv "
                    "or polls.csv; accepted: 2 and more (a column 'round' says which rows are "
                    "whose)"
                )
            conflicting = sorted(self.left_out[number] & set(ballot))
            if conflicting:
                raise DataError(
                    f"{self.yaml}: `leave_out` names '{conflicting[0]}', who is on the ballot of "
                    f"round {number} and would be gone from its polls; take the name out, or "
                    "leave out another round alone, as `leave_out: {2: [NAME]}`"
                )
            day = self.days[number]
            rounds[number] = {
                "vote_on": day,
                "known_at": f"{day}T{RESULT_HOUR}",
                "n_advance": self._n_advance(number),
                "candidates": OPEN if self.is_open else ballot,
            }
        on_ballot = sorted(self.standing & set(self.tested))
        if on_ballot:
            raise DataError(
                f"{self.yaml}: `tested` names '{on_ballot[0]}', who stood (outcome.csv); it is for "
                "people whom polls asked about and who were on no ballot"
            )
        official = self.outcome.loc[self.outcome["round"] == min(self.days), "candidate"]
        differing = self.declared ^ set(official)
        if self.declared and len(official) and differing:
            raise DataError(
                f"{self.yaml}: '{min(differing)}' is among `candidates` or in outcome.csv, "
                "not in both"
            )
        self._refuse_strangers()
        self._refuse_misspelt()
        full = {
            "election": self.name,
            "name": self.facts.name,
            "rounds": rounds,
            "country": self.country,
            "kind": self.facts.kind,
        }
        if self.facts.system:
            full["system"] = self.facts.system
        return full, self.people

    @cached_property
    def standing(self) -> set[str]:
        """Everybody who is on a ballot; where it is open, everybody whom a poll names."""
        if self.is_open:
            polled = set(self._named["candidate"]) - set(self.tested)
            return {key for key in polled if not self._is_none(key)}
        return {candidate for ballot in self.ballots.values() for candidate in ballot}

    @cached_property
    def people(self) -> pd.DataFrame:
        """Candidates and people who were tested, in the columns of `candidates.csv`."""
        everyone = self.standing | set(self.tested)
        before = self.shipped[self.shipped["vote_on"] <= self.days[min(self.days)]]
        people = pd.concat([self.shipped.iloc[::-1], before])
        people = people.drop_duplicates("candidate", keep="last").set_index("candidate")
        polled = self.polls["written"].dropna().drop_duplicates(keep="last")
        stated = (*self.facts.candidates, *polled, *self.facts.tested, *self.outcome["written"])
        spelt = {self.key(text): text for text in stated}
        names = self._by_key("names", everyone)
        families = {key: family for key, family in self.tested.items() if family is not None}
        families |= self._by_key("families", everyone)
        rows = []
        for key in sorted(everyone):
            written = spelt[key]
            if key in people.index:
                plain = people.at[key, "name"]
                family = people.at[key, "family"]
            else:
                plain = written.replace("_", " ").title()
                family = "other"
            if slug(written) != written:
                plain = written
            rows.append(
                {
                    "candidate": key,
                    "name": names.get(key, plain),
                    "family": families.get(key, family),
                    "party": None,
                    "incumbent": False,
                }
            )
        return pd.DataFrame(rows)

    @cached_property
    def _named(self) -> pd.DataFrame:
        """Rows of polls that name somebody and are not left out."""
        rows = self.polls
        return rows[rows["candidate"].notna() & ~_in_rounds(rows, self.left_out)]

    @cached_property
    def _sure(self) -> set[str]:
        """Keys of people whom `election.yaml` names."""
        return {self.key(name) for name in (*self.facts.names, *self.facts.families)}

    def _n_advance(self, number: int) -> int:
        return 1 if number == max(self.days) else 2

    def _is_nobody(self, key: str) -> bool:
        return is_nobody(key) and key not in self._sure

    def _rows(self, path: Path, columns: Sequence[str]) -> pd.DataFrame:
        """The rows of a file with their round, the names as written and their keys."""
        rows = raw_rows(path, columns)
        if "round" not in rows and len(self.days) == 1:
            rows = rows.assign(round=str(min(self.days)))
        if "round" not in rows:
            raise DataError(
                f"{path}: the column 'round' is missing; an election of two rounds needs it, "
                "because polls about the runoff appear before the first round"
            )
        strange = ~rows["round"].isin([str(number) for number in self.days])
        if strange.any():
            raise DataError(
                f"{path}:{first_line(rows[strange])}: column 'round' is "
                f"{rows['round'][strange].iloc[0] or 'empty'}; accepted: "
                f"{', '.join(map(str, self.days))} (the rounds of election.yaml)"
            )
        named = rows["candidate"].dropna()
        n_names = named.nunique()
        if n_names > MAX_PEOPLE:
            raise DataError(
                f"{path}: {n_names:,} names of candidates; accepted: {MAX_PEOPLE} (one row per "
                "candidate and poll)"
            )
        keys = _mapped(named, self.key).reindex(rows.index)
        return rows.assign(written=rows["candidate"], candidate=keys.where(keys.notna(), None))

    def _rules(self, counted: bool) -> Iterator[Any]:
        """What must hold of an outcome."""
        from bench.data.schema import rule  # which takes its time to import

        candidates = self._sure | set(self.polls["candidate"])
        yield rule(
            lambda rows: ~rows["candidate"].map(self._is_nobody),
            "people and parties: delete a row of blank votes or of a sum, or say in election.yaml "
            "who is called so, as `names: {KEY: FULL NAME}`",
            "candidate",
        )
        if not counted:
            yield rule(
                lambda rows: (rows.groupby("round")["share"].transform("sum") - 1).abs() <= ROUNDED,
                f"shares of a round that sum to 1 to within {ROUNDED}; add the candidates that are "
                "missing, or give votes",
                "round",
            )
        votes = "votes" if counted else "share"
        yield rule(
            lambda rows: ~_is_total(rows, votes, candidates),
            "no sum of all other rows of the round: delete a total; if it is a candidate whom no "
            "poll names, say so in election.yaml, as `names: {KEY: FULL NAME}`",
            "candidate",
            votes,
        )
        yield rule(
            lambda rows: ~self._is_tied(rows, votes),
            "votes that decide who gets through, not equal ones: give more digits, or the votes "
            "that decided it",
            "round",
            "candidate",
            votes,
        )

    def _is_tied(self, rows: pd.DataFrame, votes: str) -> pd.Series:
        """Who is level with others where only some of them get through."""
        n_advance = rows["round"].map(self._n_advance)
        of = rows.groupby("round")[votes]
        best = of.rank(method="min", ascending=False)
        worst = of.rank(method="max", ascending=False)
        tied: pd.Series = (best <= n_advance) & (worst > n_advance)
        return tied

    def _refuse_strangers(self) -> None:
        """Everybody whom a poll names and no ballot, at once, with what to paste."""
        rows = self._named
        expected = self.standing | set(self.tested)
        strangers = rows[~rows["candidate"].isin(expected)]
        if strangers.empty:
            return
        descriptions: list[str] = []
        ways: dict[str, list[str]] = {"tested": [], "leave_out": []}
        for candidate, group in strangers.groupby("candidate", sort=False):
            written = group["written"].iloc[0]
            near = nearest(str(candidate), expected)
            hint = f", did you mean '{near}'?" if near else ""
            descriptions.append(f"'{written}' (line {first_line(group)}){hint}")
            if not near:
                ways["leave_out" if self._is_none(str(candidate)) else "tested"].append(written)
        remedies = _to_paste(ways)
        raise DataError(
            f"{self.folder / SHORT}:{first_line(strangers)}: on no ballot of this election: "
            f"{', '.join(descriptions)}; accepted: {', '.join(sorted(self.standing))}, or, in "
            "election.yaml, `tested` for people who did not stand, `leave_out` for rows that are "
            f"nobody, `names` for who is called so{remedies and f': {remedies}'}"
        )

    def _refuse_undeclared(self) -> NoReturn:
        """An open election whose ballot nobody stated, with what to paste."""
        polled = self._named[~self._named["candidate"].isin(self.tested)]
        polled = polled.drop_duplicates("candidate")
        is_none = polled["candidate"].map(self._is_none).astype(bool)
        lines = {"candidates": [*polled["written"][~is_none]]}
        lines["leave_out"] = [*polled["written"][is_none]]
        unread = unread_files(self.folder)
        unread_note = f" (in the folder and not read: {shortlist(unread)})" if unread else ""
        raise DataError(
            f"{self.yaml}: there is no {OUTCOME}{unread_note}, so write here who stands. The names "
            f"in polls.csv, to paste: {_to_paste(lines)}; then move who does not stand to `tested: "
            "[NAME]`, and what is nobody (undecided, others, a margin) to `leave_out: [NAME]`"
        )

    def _is_none(self, key: str) -> bool:
        """Whether a row of a poll is obviously no single person."""
        return key in OTHERS or self._is_nobody(key)

    def _refuse_misspelt(self) -> None:
        """Before the vote, refuse a name of one poll alone that looks like another candidate's."""
        if len(self.outcome):
            return
        polls = {
            str(candidate): set(rows["poll_id"])
            for candidate, rows in self.polls.groupby("candidate")
        }
        for candidate in sorted((polls.keys() & self.standing) - self._sure):
            own = polls[candidate]
            if len(own) > 1:
                continue
            disjoint = [name for name, ids in polls.items() if not ids & own]
            near = nearest(candidate, disjoint, min_likeness=LIKE_A_MISSPELLING)
            if near:
                rows = self.polls[self.polls["candidate"] == candidate]
                written = rows["written"].iloc[0]
                raise DataError(
                    f"{self.folder / SHORT}:{first_line(rows)}: '{written}' is in one poll only "
                    f"and looks like a misspelling of '{near}'; correct it, or say in "
                    f"election.yaml that they are two people: `names: {{{candidate}: {written}}}`"
                )

    def _by_key(self, key: str, everyone: set[str]) -> dict[str, str]:
        stated: dict[str, str] = getattr(self.facts, key)
        words_by_key = {self.key(name): words for name, words in stated.items()}
        strangers = sorted(set(words_by_key) - everyone)
        if strangers:
            raise DataError(
                f"{self.yaml}: `{key}` lists '{strangers[0]}', who is on no ballot and not "
                f"`tested` ({did_you_mean(strangers[0], everyone)})"
            )
        return words_by_key


@remembered()
def short_form(folder: Path) -> ShortForm:
    """A folder in the short form, whose files are read once per process while none changes."""
    return ShortForm(folder)


def is_nobody(key: str) -> bool:
    """Whether no word of a key is a person's.

    Examples
    --------
    >>> is_nobody("michel_blanc"), is_nobody("vote_blanc")
    (False, True)
    """
    words = set(key.split("_"))
    return key in NOBODY or (bool(words & NOBODY) and words <= NOBODY | FILLERS)


def shipped_keys_by_name(shipped: pd.DataFrame) -> dict[str, str]:
    """Key of every shipped candidate by the key of the full name, and of its parts between strokes.

    Parameters
    ----------
    shipped : pandas.DataFrame
        Of `shipped_people`.

    Examples
    --------
    >>> parties = shipped_keys_by_name(shipped_people("DE", "parliament"))
    >>> parties["cdu"], parties["die_grunen"], parties["alternative_fur_deutschland"]
    ('cdu_csu', 'gruene', 'afd')
    """
    keys: dict[str, str] = {}
    for name, candidate in zip(shipped["name"], shipped["candidate"], strict=True):
        keys |= {slug(part): str(candidate) for part in (*name.split("/"), name)}
    return keys


@remembered()
def shipped_people(country: str, kind: str = PRESIDENT) -> pd.DataFrame:
    """Candidates of the shipped elections of a country and kind: candidate, name, family, vote_on.

    Sorted by day of the vote; a person who stood twice is there twice.

    Examples
    --------
    >>> shipped_people("GB", "parliament").set_index("name")["candidate"]["Labour"].iloc[-1]
    'lab'
    """
    columns = ["candidate", "name", "family", "vote_on"]
    frames = [pd.DataFrame(columns=columns, dtype=object)]
    for folder in folders_by_vote(paths.datasets()).get((country, kind), ()):
        rounds = facts_of(folder / FACTS)["rounds"].values()
        days = [str(entry["vote_on"])[:10] for entry in rounds]
        people = read_csv(folder / "candidates.csv")
        frames.append(people.assign(vote_on=min(days)))
    for folder in collection_folders(paths.datasets()):
        names = members_by_vote(folder).get((country, kind))
        if not names:
            continue
        register = load_collection(folder).elections
        register = register[register["election"].isin(names)]
        days = register.groupby("election")["vote_on"].min().dt.strftime("%Y-%m-%d")
        people = load_collection(folder).table("candidates")
        people = people[people["election"].isin(days.index)]
        people = people.drop_duplicates(["election", "candidate"])
        frames.append(people.assign(vote_on=people["election"].map(days)))
    everyone = pd.concat([frame[columns] for frame in frames if len(frame)] or frames)
    return everyone.sort_values("vote_on", kind="stable", ignore_index=True)


def _is_total(rows: pd.DataFrame, votes: str, candidates: Collection[str]) -> pd.Series:
    """The one row with the votes of all others whom no poll names, whatever it is called."""
    of = rows.groupby("round")[votes]
    whole_round = of.transform("sum")
    rest = whole_round - rows[votes]
    is_near = (rows[votes] - rest).abs() <= NEAR_SUM * rest
    sums = is_near & ~rows["candidate"].isin(candidates)
    if not sums.any():
        return sums
    is_single = sums.groupby(rows["round"]).transform("sum") == 1
    is_large = (of.transform("size") > 2) & (whole_round > MANY_VOTES)
    total: pd.Series = sums & is_single & is_large
    return total


def flow(names: Sequence[str] | Mapping[str, str]) -> str:
    """Names as a list, or keys and values, on one line of a YAML.

    Examples
    --------
    >>> flow(["Nord", "Büro 1: Süd", "no"])
    "[Nord, 'Büro 1: Süd', 'no']"
    """
    words = yaml.safe_dump(
        names, default_flow_style=True, allow_unicode=True, width=10**9, sort_keys=False
    )
    return words.strip()


def _to_paste(lines: Mapping[str, Sequence[str]]) -> str:
    return " and ".join(f"`{key}: {flow(names)}`" for key, names in lines.items() if names)


def _in_rounds(polls: pd.DataFrame, keys: Mapping[int, set[str]]) -> pd.Series:
    """Which rows name one of the keys of their round."""
    is_named = pd.Series(False, index=polls.index)
    for number, names in keys.items():
        in_round = polls["round"].astype(str).eq(str(number))
        is_named |= in_round & polls["candidate"].isin(names)
    return is_named


def _mapped(values: pd.Series, function: Callable[[str], object]) -> pd.Series:
    """A function of each text, called once per text."""
    by_text = {text: function(text) for text in values.unique()}
    return values.map(by_text).astype(object)

"""The short form of an election: three files, everything else derived by rule."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from bench.core import paths
from bench.core.errors import DataError, did_you_mean, nearest, slug
from bench.core.read import MOST_LETTERS, missing_column, shortened
from bench.data.collection import collections, load_collection
from bench.data.columns import NATIONAL, TABLES
from bench.data.csv_dialect import (
    HYPOTHESIS,
    first_cell,
    first_line,
    raw_rows,
    whole,
)
from bench.data.election import PRESIDENT, SHORT, election_names
from bench.data.readers import local_times, read_csv, read_yaml, typed
from bench.models.families import FAMILIES

POLL_COLUMNS = ("institute", "fieldwork_end", "sample_size", "candidate", "share")
KEYS = tuple(
    "name election country kind system vote_on rounds names families tested leave_out "
    "same_as".split()
)
ONE_IN = 10_000_000
ROUNDS = {(int, 1), (int, 2)}  # YAML's true and 1.0 are none
MOST_PEOPLE = 300  # on the ballots of an election and in its polls; 135 once stood in California
ROUNDED = 0.01  # shares of an outcome that sum to 1 to within this are whole
RESULT_HOUR = "20:00"
OUTCOME = "outcome.csv"
COUNTRY = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")
COUNTRIES = dict(
    pair.split(":")
    for pair in (
        "france:FR germany:DE deutschland:DE italy:IT spain:ES united_kingdom:GB great_britain:GB "
        "uk:GB united_states:US usa:US poland:PL portugal:PT austria:AT brazil:BR"
    ).split()
)
NOBODY = frozenset(
    (
        "undecided unknown none nobody rejected dont_know don_t_know no_opinion no_answer "
        "would_not_vote did_not_vote nsp ne_se_prononce_pas sans_opinion abstention abstentions "
        "abstained blank blanks blanc blancs nul nuls null nulls nulos nulo branco brancos blanco "
        "blancos bianche nulla nulle invalid spoilt spoiled ungultig ungultige enthaltung "
        "enthaltungen total totals totale totaux sum somme summe gesamt insgesamt ensemble "
        "turnout registered voters inscrits votants exprimes valid valides validi gultige "
        "scheda_bianca exprimees"
    ).split()
)
"""Rows of tables that are votes for nobody, or sums of votes."""
FILLERS = frozenset(
    (
        "a and above all ballot ballots bulletin bulletins cast con das de del der des di die e "
        "em en et grand in non of or ou paper papers schede stimme stimmen suffrage suffrages the "
        "und voix vote votes voti voto votos"
    ).split()
)
"""Words beside those of `NOBODY` that name no person either."""
OTHERS = frozenset(
    "other others autre autres andere sonstige altri otros another_candidate autre_candidat".split()
)
"""Rows that are votes for several people; a ballot of parties may hold them."""
MANY_VOTES = 1000  # of fewer, somebody may well have half
NEAR_SUM = 0.02  # of the votes of all others: a total counted apart from the rows, or rounded


@dataclass(frozen=True)
class ShortForm:
    """One folder in the short form, read once; every property may raise `DataError`."""

    folder: Path

    @property
    def yaml(self) -> Path:
        """Where the facts stand."""
        return self.folder / "election.yaml"

    @cached_property
    def facts(self) -> Mapping[str, Any]:
        """The keys of `election.yaml`."""
        facts = read_yaml(self.yaml)
        if "name" not in facts:
            raise DataError(
                f"{self.yaml}: the key 'name' is missing; accepted keys: {', '.join(KEYS)}"
            )
        for key in ("name", "election", "kind", "system"):
            if key in facts:
                _text(facts[key], key, self.yaml)
        for key in facts:
            if key not in KEYS:
                raise DataError(
                    f"{self.yaml}: no key is called '{shortened(key)}' "
                    f"({did_you_mean(str(key)[:60], KEYS)})"
                )
        return facts

    @property
    def kind(self) -> str:
        """What is elected."""
        return str(self.facts.get("kind", PRESIDENT))

    @cached_property
    def days(self) -> dict[int, str]:
        """Day of the vote by round."""
        facts = self.facts
        given = facts.get("rounds") or ({1: facts["vote_on"]} if "vote_on" in facts else None)
        if not isinstance(given, dict) or not {(type(n), n) for n in given} <= ROUNDS:
            raise DataError(
                f"{self.yaml}: give the day of the vote, as `vote_on: 2030-05-12`, or for two "
                "rounds `rounds: {1: 2030-05-12, 2: 2030-05-26}`"
            )
        days = {}
        for number, day in sorted(given.items()):
            text = str(day)[:60]
            moment = pd.to_datetime(text, format="ISO8601", errors="coerce")
            if not re.fullmatch(r"\d{4}-\d\d-\d\d", text) or pd.isna(moment):
                raise DataError(
                    f"{self.yaml}: round {number} is on '{text}'; accepted: a date such as "
                    "2030-05-12, without a time"
                )
            days[int(number)] = text
        return days

    @cached_property
    def name(self) -> str:
        """Key of the election, which no shipped one has: results are listed by it."""
        key = slug(self.facts.get("election") or self.folder.resolve().name)
        if key in election_names():
            raise DataError(
                f"{self.yaml}: '{key}' is the key of a shipped election; give yours another one, "
                f"as `election: my_{key}`"
            )
        return key

    @cached_property
    def country(self) -> str:
        """ISO 3166 code, or the election's own name where it learns from no other."""
        given = self.facts.get("country")
        if given is None:
            return self.name
        word = "NO" if given is False else str(given)[:60]  # YAML 1.1 reads NO as false
        if given is False or not COUNTRY.fullmatch(word):
            known = COUNTRIES.get(slug(word), word.upper() if len(word) == 2 else "")
            wanted = f'`country: "{known}"`' if known else 'a code such as `country: "FR"`'
            raise DataError(
                f"{self.yaml}: country is '{word}'; write {wanted} (ISO 3166, two capital "
                "letters, quoted): elections of one code learn from one another"
            )
        return word

    @cached_property
    def keys(self) -> dict[str, str]:
        """Key in the shipped elections by the key that a name would have here.

        Same full name in an election of the same country, unless `same_as` says otherwise.
        """
        shipped = shipped_people(self.country, self.kind)
        found = {
            slug(name): who for name, who in zip(shipped["name"], shipped["candidate"], strict=True)
        }
        for who, means in _mapping(self.facts, "same_as", self.yaml).items():
            key = slug(who)
            if means is False or means is None:
                if key in set(shipped["candidate"]):
                    raise DataError(
                        f"{self.yaml}: `same_as` says that '{who}' is nobody of an earlier "
                        f"election, but '{key}' is the key of somebody there; write the whole name"
                    )
                found[key] = key
                continue
            means = _text(means, "same_as", self.yaml)
            if means not in set(shipped["candidate"]):
                raise DataError(
                    f"{self.yaml}: `same_as` says that '{who}' is '{shortened(means)}', but no "
                    f"shipped election of {self.country} has that candidate "
                    f"({did_you_mean(means[:60], set(shipped['candidate']))})"
                )
            found[key] = means
        return found

    def key(self, name: object) -> str:
        """The key of a person, from the name as written."""
        return self.keys.get(slug(name), slug(name))

    @cached_property
    def tested(self) -> dict[str, str | None]:
        """Family (or None) by key of people whom polls name and who did not stand."""
        return {self.key(who): family for who, family in self._declared.items()}

    @cached_property
    def _declared(self) -> dict[str, str | None]:
        given = self.facts.get("tested") or {}
        named = given if isinstance(given, dict) else dict.fromkeys(_names(given, "tested", self))
        return {
            _text(who, "tested", self.yaml): None if family is None else str(family)[:60]
            for who, family in named.items()
        }

    @cached_property
    def left_out(self) -> dict[int, set[str]]:
        """Keys of rows that are nobody, such as "others", by round."""
        given = self.facts.get("leave_out") or {}
        if not isinstance(given, dict):
            keys = {self.key(name) for name in _names(given, "leave_out", self)}
            return dict.fromkeys(self.days, keys)
        for number in given:
            if number not in self.days:
                raise DataError(
                    f"{self.yaml}: `leave_out` names round '{shortened(number)}'; accepted: "
                    f"{', '.join(map(str, self.days))}, or a plain list for every round"
                )
        return {
            number: {self.key(name) for name in _names(names, "leave_out", self)}
            for number, names in given.items()
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
        rows = self._with_round(raw_rows(path, POLL_COLUMNS), path)
        end = local_times(rows["fieldwork_end"])
        if (wrong := end.isna()).any():
            given = rows["fieldwork_end"][wrong].iloc[0]
            raise DataError(
                f"{path}:{first_line(rows[wrong])}: column 'fieldwork_end' is "
                f"{shortened(given or 'empty')} but must be a date such as 2030-05-12, without a "
                "zone; `bench new election` with a map (`date`) converts others"
            )
        self._refuse_late(rows, end, path)
        if "published_on" in rows:
            rows["basis"] = rows.get("basis", "stated")
        else:
            rows["published_on"] = (end + pd.Timedelta(days=1)).dt.strftime("%Y-%m-%d")
            rows["basis"] = "rule"
        if "poll_id" not in rows:
            institute = _mapped(rows["institute"].fillna("unknown"), slug)
            day, size = rows["fieldwork_end"].fillna(""), rows["sample_size"].fillna("")
            poll = "r" + rows["round"] + "_" + institute + "_" + day + "_" + size
            rows["poll_id"] = poll.str.rstrip("_")
        if HYPOTHESIS in rows:
            part = _mapped(rows[HYPOTHESIS].fillna(""), lambda word: word and f"_{slug(word)}")
            rows["poll_id"] = rows["poll_id"] + part
        rows["rolling"] = rows.get("rolling", "false")
        if "sample_expressed" in rows:  # often a weighted part of the sample, with decimals
            rows["sample_expressed"] = whole(rows["sample_expressed"])
        rows = rows.assign(**{name: None for name in TABLES["polls"].columns if name not in rows})
        rows = self._keyed(rows, path)
        _refuse_doubles(rows, path)
        return rows

    @cached_property
    def outcome(self) -> pd.DataFrame:
        """The official votes as text; shares without votes become votes of ten million."""
        path = self.folder / OUTCOME
        if not os.path.lexists(path):
            return pd.DataFrame(columns=[*NATIONAL.columns, "written"], dtype=object)
        counted = not self.shares_only
        column = "votes" if counted else "share"
        if column not in self._official:
            raise DataError(missing_column(path, column, self._official.columns, ", nor 'votes'"))
        rows = self._with_round(self._official, path)
        for name in ("candidate", column):
            if (blank := rows[name].isna()).any():
                raise DataError(
                    f"{path}:{first_line(rows[blank])}: the column '{name}' is empty; accepted: a "
                    f"name and its official {column}, in every row"
                )
        rows = self._keyed(rows, path)
        key = ["round", "candidate"]
        if (twice := rows.duplicated(key)).any():
            one = rows[rows[key].eq(rows.loc[twice, key].iloc[0]).all(axis=1)]
            raise DataError(
                f"{path}:{int(one.index[1]) + 2}: {_both(one)} twice in one round; keep one row"
            )
        if counted:
            number = typed(_without_written(rows), path, NATIONAL)["votes"].set_axis(rows.index)
        else:
            number = pd.to_numeric(rows[column], errors="coerce")
            if (wrong := number.isna() | (number < 0)).any():
                said = first_cell(rows[column][wrong], path)
                raise DataError(f"{said}; accepted: a fraction, 0 to 1, or votes")
        for which, part in number.groupby(rows["round"]):
            if not counted and abs(part.sum() - 1) > ROUNDED:
                raise DataError(
                    f"{path}: the shares of round {which} sum to {part.sum():.4f}; accepted: 1 to "
                    f"within {ROUNDED}; add the candidates that are missing, or give votes"
                )
            self._refuse_sum(rows.loc[part.index], part, path)
            self._refuse_ties(rows["written"][part.index], part, int(str(which)), path)
        if not counted:
            rows["votes"] = (number * ONE_IN).round().astype("int64").astype(str)
        return rows

    @cached_property
    def shares_only(self) -> bool:
        """Whether the outcome is known as shares, without numbers of votes."""
        return "votes" not in self._official

    @cached_property
    def _official(self) -> pd.DataFrame:
        return raw_rows(self.folder / OUTCOME, ("candidate",))

    @cached_property
    def ballots(self) -> dict[int, list[str]]:
        """Who stands in which round."""
        found: dict[int, list[str]] = {}
        first = min(self.days)
        for number in self.days:
            official = self.outcome[self.outcome["round"] == str(number)]
            if len(official):
                found[number] = sorted(set(official["candidate"]))
                continue
            if number != first and (earlier := self._through(first)):
                found[number] = earlier
                continue
            polls = self.polls[self.polls["round"] == str(number)]
            polls = polls[~_in_rounds(polls, self.left_out)].dropna(subset=["candidate"])
            named = set(polls["candidate"]) - set(self.tested)
            if number != first:
                named &= set(found[first])
                if len(named) < 2:  # nobody knows yet who will be in the runoff
                    continue
            found[number] = sorted(named)
        return found

    def checked_polls(self) -> pd.DataFrame:
        """The polls as the full table holds them, without the rows that `leave_out` names.

        The other shares of such a poll are divided by what is left, s_i / (1 - left out), so that
        no part of it looks like votes for candidates whom the poll did not list. A poll that is
        left with fewer than two people is dropped.
        """
        polls = typed(_without_written(self.polls), self.folder / SHORT, TABLES["polls"])
        gone = _in_rounds(polls, self.left_out)
        if not gone.any():
            return polls
        version = [name for name in ("poll_id", "corrected_on") if name in polls]
        groups = polls.assign(gone=polls["share"].where(gone, 0.0)).groupby(version, dropna=False)
        out = groups["gone"].transform("sum")
        rest = groups["share"].transform("sum").clip(lower=1.0) - out
        kept = polls.assign(share=polls["share"] / rest.where(rest > 0))[~gone]
        several = kept.groupby(version, dropna=False)["candidate"].transform("nunique") > 1
        touched = out[~gone] > 0
        return kept[(several | ~touched) & kept["share"].notna()]

    def checked_outcome(self, candidates: Collection[str]) -> pd.DataFrame:
        """The official votes as the full table holds them, of these candidates."""
        path = self.folder / OUTCOME
        return typed(_without_written(self.outcome), path, NATIONAL, candidates=candidates)

    def expanded(self) -> tuple[dict[str, Any], pd.DataFrame]:
        """The full `election.yaml` and `candidates.csv` that the folder stands for.

        Rules: the result is known at 20:00; two get through when a second round follows and one
        otherwise; the ballot is whoever is in `outcome.csv`, or in the polls while there is none;
        slugs are made from names, and are those of a shipped election of the country for people
        of the same full name; a candidate's family is ``other`` unless `families`, `tested` or a
        shipped election names it; an election without `country` learns from no other. People whom
        polls tested and who did not stand are among the people and on no ballot.

        Raises
        ------
        DataError
            If the YAML lacks a name or a day, or a file cannot be used.
        """
        last, rounds = max(self.days), {}
        for number, ballot in self.ballots.items():
            if len(ballot) < 2:
                raise DataError(
                    f"{self.folder}: round {number} has {len(ballot)} candidates in outcome.csv "
                    "or polls.csv; accepted: 2 and more (a column 'round' says which rows are "
                    "whose)"
                )
            day = self.days[number]
            rounds[number] = {
                "vote_on": day,
                "known_at": f"{day}T{RESULT_HOUR}",
                "seats": 1 if number == last else 2,
                "candidates": ballot,
            }
        self._refuse_nobody()
        self._refuse_left_out()
        self._refuse_tested()
        self._refuse_strangers()
        self._refuse_misspelt()
        full = {
            "election": self.name,
            "name": str(self.facts["name"]),
            "rounds": rounds,
            "country": self.country,
            **{key: self.facts[key] for key in ("kind", "system") if key in self.facts},
        }
        return full, self.people

    @cached_property
    def standing(self) -> set[str]:
        """Everybody who is on a ballot."""
        return {who for ballot in self.ballots.values() for who in ballot}

    @cached_property
    def people(self) -> pd.DataFrame:
        """Candidates and people who were tested, in the columns of `candidates.csv`."""
        everyone = self.standing | set(self.tested)
        shipped = shipped_people(self.country, self.kind)
        before = shipped[shipped["vote_on"] <= self.days[min(self.days)]]
        known = pd.concat([shipped.iloc[::-1], before]).drop_duplicates("candidate", keep="last")
        known = known.set_index("candidate")
        polled = self.polls["written"].dropna().drop_duplicates(keep="last")
        texts = [*polled, *self._declared, *self.outcome["written"]]
        spelt = {self.key(text): text for text in texts}
        names = self._by_key("names", everyone)
        families = {who: family for who, family in self.tested.items() if family is not None}
        families |= self._by_key("families", everyone)
        for who, family in families.items():
            self._refuse_family(who, family)
        rows = []
        for who in sorted(everyone):
            text, ours = spelt[who], who in known.index
            plain = known.at[who, "name"] if ours else text.replace("_", " ").title()
            rows.append(
                {
                    "candidate": who,
                    "name": names.get(who, text if slug(text) != text else plain),
                    "family": families.get(who, known.at[who, "family"] if ours else "other"),
                    "party": None,
                    "incumbent": False,
                }
            )
        return pd.DataFrame(rows)

    def _keyed(self, rows: pd.DataFrame, path: Path) -> pd.DataFrame:
        named = rows["candidate"].dropna()
        if (n_names := named.nunique()) > MOST_PEOPLE:
            raise DataError(
                f"{path}: {n_names:,} names of candidates; accepted: {MOST_PEOPLE} (one row per "
                "candidate and poll)"
            )
        keys = _mapped(named, self.key).reindex(rows.index)
        return rows.assign(written=rows["candidate"], candidate=keys.where(keys.notna(), None))

    def _with_round(self, rows: pd.DataFrame, path: Path) -> pd.DataFrame:
        if "round" not in rows:
            if len(self.days) > 1:
                raise DataError(
                    f"{path}: the column 'round' is missing; an election of {len(self.days)} "
                    "rounds needs it, because polls about the runoff appear before the first round"
                )
            return rows.assign(round=str(min(self.days)))
        strange = ~rows["round"].isin([str(number) for number in self.days])
        if strange.any():
            given = rows["round"][strange].iloc[0]
            words = "is empty" if pd.isna(given) else f"is {shortened(given)}"
            raise DataError(
                f"{path}:{first_line(rows[strange])}: column 'round' {words}; accepted: "
                f"{', '.join(map(str, self.days))} (the rounds of election.yaml)"
            )
        return rows

    def _refuse_late(self, rows: pd.DataFrame, end: pd.Series, path: Path) -> None:
        vote = rows["round"].map(lambda number: pd.Timestamp(self.days[int(number)]))
        late = end.dt.normalize() > vote
        if late.any():
            first = late.idxmax()
            raise DataError(
                f"{path}:{first_line(rows[late])}: the last interview is of "
                f"{rows['fieldwork_end'][first]}, after the vote of round {rows['round'][first]} "
                f"on {vote[first]:%Y-%m-%d}; correct the day or the round, or delete the row"
            )

    def _refuse_sum(self, rows: pd.DataFrame, part: pd.Series, path: Path) -> None:
        """A row of the votes of all others whom no poll names is a total, whatever it is called."""
        others = part.sum() - part
        strangers = ~rows["candidate"].isin(self._sure | set(self.polls["candidate"]))
        sums = part[(abs(part - others) <= NEAR_SUM * others) & strangers]
        if len(sums) == 1 and len(part) > 2 and part.sum() > MANY_VOTES:
            who = rows["written"][sums.index[0]]
            raise DataError(
                f"{first_cell(part.rename('votes')[sums.index], path)}, the sum of all other rows "
                f"of its round or nearly so, and no poll names '{who}': if it is a total, delete "
                f"the row; if a candidate, say so: `names: {{{_quoted(who)}: FULL NAME}}` in "
                "election.yaml"
            )

    def _refuse_ties(self, who: pd.Series, part: pd.Series, number: int, path: Path) -> None:
        seats = 1 if number == max(self.days) else 2
        ranked = part.sort_values(ascending=False)
        if len(ranked) > seats and ranked.iloc[seats - 1] == ranked.iloc[seats]:
            tied = " and ".join(who[part == ranked.iloc[seats]])
            raise DataError(
                f"{path}: {tied} are level in round {number}, and {seats} get through: nobody "
                "could score who did; give more digits or the votes that decided it"
            )

    def _through(self, number: int) -> list[str]:
        rows = self.outcome[self.outcome["round"] == str(number)]
        votes = rows.set_index("candidate")["votes"].astype(float)
        return sorted(votes.nlargest(2).index)

    def _refuse_nobody(self) -> None:
        """Blank votes, abstention and sums on a ballot, unless a name says who it is."""
        for who in sorted(filter(_is_nobody, self.standing - self._sure)):
            is_counted = self.outcome["candidate"].eq(who)
            rows = self.outcome[is_counted] if is_counted.any() else self.polls
            row = rows[rows["candidate"].eq(who)]
            text, file = row["written"].iloc[0], OUTCOME if is_counted.any() else SHORT
            remedy = "delete the row" if is_counted.any() else f"`{self._left_out_with([text])}`"
            raise DataError(
                f"{self.folder / file}:{first_line(row)}: '{text}' would be a candidate with votes "
                f"of his or her own; {remedy}, or, in election.yaml, say who is called so: "
                f"`names: {{{_quoted(text)}: FULL NAME}}`"
            )

    @cached_property
    def _sure(self) -> set[str]:
        """Keys of people whom `election.yaml` names."""
        named = (_mapping(self.facts, key, self.yaml) for key in ("names", "families"))
        return {self.key(who) for people in named for who in people}

    def _refuse_left_out(self) -> None:
        for number in sorted(set(map(int, self.outcome["round"])) & set(self.ballots)):
            gone = sorted(self.left_out.get(number, set()) & set(self.ballots[number]))
            if not gone:
                continue
            other = [n for n in self.days if gone[0] not in self.ballots.get(n, [])]
            remedy = (
                f"; to leave out round {other[0]} alone: `leave_out: {{{other[0]}: [...]}}`"
                if other
                else ""
            )
            raise DataError(
                f"{self.yaml}: `leave_out` names '{gone[0]}', who is on the ballot of round "
                f"{number} and would be gone from its polls; take the name out{remedy}"
            )

    def _refuse_tested(self) -> None:
        if stood := sorted(self.standing & set(self.tested)):
            raise DataError(
                f"{self.yaml}: `tested` names '{stood[0]}', who stood (outcome.csv); it is for "
                "people whom polls asked about and who were on no ballot"
            )

    def _refuse_strangers(self) -> None:
        """Everybody whom a poll names and no ballot, at once, with what to paste."""
        rows = self.polls[self.polls["candidate"].notna()]
        rows = rows[~_in_rounds(rows, self.left_out)]
        known = self.standing | set(self.tested)
        strangers = rows[~rows["candidate"].isin(known)]
        if strangers.empty:
            return
        told: list[str] = []
        nobody: list[str] = []
        people: list[str] = []
        for who, group in strangers.groupby("candidate", sort=False):
            text, near = group["written"].iloc[0], nearest(str(who), known)
            n_polls = group["poll_id"].nunique()
            times = f", {n_polls} polls" if n_polls > 1 else ""
            hint = f", did you mean '{near}'?" if near else ""
            told.append(f"'{text}' (line {first_line(group)}{times}){hint}")
            if not near:
                (nobody if who in OTHERS or _is_nobody(str(who)) else people).append(text)
        lines = []
        if people:
            lines.append(
                f"`{self._tested_with(people)}` if polls asked about people who did not stand"
            )
        if nobody:
            lines.append(f"`{self._left_out_with(nobody)}` for rows that are nobody")
        remedies = [f"in election.yaml, {' and '.join(lines)}"] if lines else []
        is_misspelt = len(nobody) + len(people) < len(told)
        remedies.insert(0 if is_misspelt else 1, "correct the spelling in polls.csv")
        noun = "name is" if len(told) == 1 else "names are"
        line = first_line(strangers)
        raise DataError(
            f"{self.folder / SHORT}:{line}: {len(told)} {noun} on no ballot of this election: "
            f"{', '.join(told)}\n{'; or '.join(remedies)}\n"
            f"the ballot is {', '.join(sorted(self.standing))}"
        )

    def _tested_with(self, people: list[str]) -> str:
        if any(self._declared.values()):
            old = {who: family or "other" for who, family in self._declared.items()}
            pairs = (old | dict.fromkeys(people, "other")).items()
            return f"tested: {{{', '.join(f'{_quoted(who)}: {of}' for who, of in pairs)}}}"
        return f"tested: {_flow([*self._declared, *people])}"

    def _left_out_with(self, nobody: list[str]) -> str:
        given = self.facts.get("leave_out") or []
        if isinstance(given, dict):
            names = {n: dict.fromkeys([*given.get(n, []), *nobody]) for n in self.days}
            return f"leave_out: {{{', '.join(f'{n}: {_flow(who)}' for n, who in names.items())}}}"
        return f"leave_out: {_flow([*given, *nobody])}"

    def _refuse_misspelt(self) -> None:
        """Without an outcome, a name of a single poll that is near another one's is none."""
        if len(self.outcome):
            return
        polls = {str(who): set(rows["poll_id"]) for who, rows in self.polls.groupby("candidate")}
        for who in sorted(self.standing - self._sure):
            if len(polls.get(who, ())) != 1:
                continue
            apart = [n for n, ids in polls.items() if n != who and not ids & polls[who]]
            if near := nearest(who, apart, least=0.85):
                rows = self.polls[self.polls["candidate"] == who]
                text, line = rows["written"].iloc[0], first_line(rows)
                raise DataError(
                    f"{self.folder / SHORT}:{line}: '{text}' is in one poll only and looks like a "
                    f"misspelling of '{near}'; correct it, or say that they are two people: "
                    f"`names: {{{who}: {_quoted(text)}}}` in election.yaml"
                )

    def _refuse_family(self, who: str, family: str) -> None:
        near = nearest(family, FAMILIES)
        if family in FAMILIES or (near is None and shipped_people(self.country, self.kind).empty):
            return
        raise DataError(
            f"{self.yaml}: the family of '{who}' is '{shortened(family)}' "
            f"({did_you_mean(family, FAMILIES)})"
        )

    def _by_key(self, key: str, everyone: set[str]) -> dict[str, str]:
        given = _mapping(self.facts, key, self.yaml)
        found = {self.key(who): _text(words, key, self.yaml) for who, words in given.items()}
        for who in found:
            if who not in everyone:
                raise DataError(
                    f"{self.yaml}: `{key}` lists '{who}', who is on no ballot and not `tested` "
                    f"({did_you_mean(who, everyone)})"
                )
        return found


@cache
def shipped_people(country: str, kind: str = PRESIDENT) -> pd.DataFrame:
    """Candidates of the shipped elections of a country and kind: candidate, name, family, vote_on.

    Sorted by day of the vote; a person who stood twice is there twice.

    Examples
    --------
    >>> shipped_people("GB", "parliament").set_index("name")["candidate"]["Labour"].iloc[-1]
    'lab'
    """
    frames = []
    for path in sorted(paths.datasets().glob("*/election.yaml")):
        facts = read_yaml(path)
        if (facts.get("country"), facts.get("kind", PRESIDENT)) == (country, kind):
            day = min(str(entry["vote_on"])[:10] for entry in facts["rounds"].values())
            people = read_csv(path.parent / "candidates.csv")
            frames.append(people[["candidate", "name", "family"]].assign(vote_on=day))
    for name in collections():
        register = load_collection(name).elections
        register = register[register["country"].eq(country) & register["kind"].eq(kind)]
        days = register.groupby("election")["vote_on"].min().dt.strftime("%Y-%m-%d")
        people = load_collection(name).table("candidates")
        people = people[people["election"].isin(days.index)]
        people = people.drop_duplicates(["election", "candidate"])
        frames.append(
            people[["candidate", "name", "family"]].assign(vote_on=people["election"].map(days))
        )
    columns = ["candidate", "name", "family", "vote_on"]
    filled = [frame for frame in frames if len(frame)]
    found = pd.concat(filled) if filled else pd.DataFrame(columns=columns, dtype=object)
    return found.sort_values("vote_on", kind="stable", ignore_index=True)


def _flow(entries: Iterable[object]) -> str:
    """Names as a list on one line of a YAML.

    Examples
    --------
    >>> _flow(["Nord", "Büro 1: Süd"])
    '[Nord, "Büro 1: Süd"]'
    """
    return f"[{', '.join(map(_quoted, entries))}]"


def _quoted(entry: object) -> str:
    """A name as it may stand in a YAML, quoted where it must be."""
    words = str(entry)
    plain = all(sign.isalnum() or sign in " -'’&./" for sign in words) and words[:1].isalpha()
    known = slug(words) in {"yes", "no", "on", "off", "true", "false", "null", "y", "n"}
    return words if plain and not known else json.dumps(words, ensure_ascii=False)


def _is_nobody(key: str) -> bool:
    """Whether no word of a key could be a person's: "Michel Blanc" is one, "Vote blanc" is none."""
    words = set(key.split("_"))
    return key in NOBODY or (bool(words & NOBODY) and words <= NOBODY | FILLERS)


def _in_rounds(polls: pd.DataFrame, keys: Mapping[int, set[str]]) -> pd.Series:
    """Which rows name one of the keys of their round."""
    found = pd.Series(False, index=polls.index)
    for number, names in keys.items():
        here = polls["round"].astype(str).eq(str(number))
        found |= here & polls["candidate"].isin(names)
    return found


def _refuse_doubles(rows: pd.DataFrame, path: Path) -> None:
    key = [name for name in ("poll_id", "candidate", "corrected_on") if name in rows]
    named = rows[rows["candidate"].notna() & rows["poll_id"].notna()]
    twice = named.duplicated(key)
    if not twice.any():
        return
    second = named[twice].iloc[0]
    same = named[named[key].fillna("").eq(second[key].fillna("")).all(axis=1)]
    first, line = int(same.index[0]) + 2, int(same.index[1]) + 2
    if same["share"].iloc[0] == same["share"].iloc[1]:
        remedy = "delete one, or tell two polls of a day apart"
    else:
        remedy = "if the poll asked about several ballots, tell them apart"
    raise DataError(
        f"{path}:{line}: {_both(same)} twice in one poll ({second['poll_id']}), as in line "
        f"{first}; {remedy} by a column '{HYPOTHESIS}' or 'poll_id'"
    )


def _both(rows: pd.DataFrame) -> str:
    """Who stands in the first two rows, which have one key; two spellings are both said."""
    one, other = rows["written"].iloc[:2]
    if one == other:
        return f"'{one}' stands here"
    key = rows["candidate"].iloc[0]
    return (
        f"'{other}' and '{one}' have the same key, {key} (case, accents and signs do not count), "
        "so that one person stands here"
    )


def _without_written(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows as a table has them, numbered from 0 as in the file."""
    return rows.drop(columns="written").reset_index(drop=True)


def _mapped(values: pd.Series, function: Callable[[str], object]) -> pd.Series:
    """A function of each text, called once per text."""
    found = {text: function(text) for text in values.unique()}
    return values.map(found).astype(object)


def _mapping(facts: Mapping[str, Any], key: str, path: Path) -> dict[str, Any]:
    given = facts.get(key) or {}
    if not isinstance(given, dict):
        raise DataError(f"{path}: `{key}` is {given!r:.60}; accepted: {{name: …}}")
    return {_text(who, key, path): words for who, words in given.items()}


def _names(given: object, key: str, form: ShortForm) -> Iterator[str]:
    if not isinstance(given, list):
        raise DataError(f"{form.yaml}: `{key}` is {given!r:.60}; accepted: a list of names")
    for name in given:
        yield _text(name, key, form.yaml)


def _text(value: object, key: str, path: Path) -> str:
    """A name in a YAML; lists, mappings and what YAML reads as true or false are none."""
    if isinstance(value, bool) or value is None or isinstance(value, list | dict | set):
        raise DataError(f"{path}: `{key}` holds {value!r:.60}; accepted: text; quote it")
    if len(text := str(value)) > MOST_LETTERS:
        raise DataError(f"{path}: `{key}` has {len(text):,} letters; accepted: {MOST_LETTERS}")
    return text

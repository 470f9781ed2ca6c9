"""Official counts as published: France's ministry of the interior, Brazil's electoral court."""

from __future__ import annotations

import csv
import html
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from bench.core.arrays import PERCENT
from bench.core.errors import DataError, nearest, slug
from bench.core.read import read_json, read_text
from bench.data.election import Election
from bench.data.minimal_election import OTHERS, flow
from bench.data.tables import Outcome

MAX_BYTES = 300_000_000  # by polling station; Brazil's of a first round has a third
NOT_READ = (
    "accepted: a file as the ministry (Exprimés, then Nom, Prénom, Voix of each candidate) or the "
    "court (QT_VOTOS_NOMINAIS) publishes it, or CSV with the columns candidate and votes"
)
MAX_TITLES = 10  # lines above the headings, where a spreadsheet was saved
REGIONS = {"code_de_la_region", "code_region"}  # of the ministry; the second since 2024
WHOLE, STATE, COMPLETE = "code_du_niveau", "etat_saisie", "complet"
PRESIDENT, COUNTRY, IS_FINAL = "presidente", "br", {"s": True, "n": False}  # of the court
OF_A_CANDIDATE = {"n_panneau", "numero_de_panneau", "sexe", "nuance", "nom"}
"""Headings with which the columns of a candidate may begin in files of the ministry."""
NUMBERED = re.compile(r"(_candidat)?_\d+$")  # "Nom candidat 1", in files since 2024


class OfficialCount(NamedTuple):
    """The official votes of one round, summed over the areas of a file.

    Attributes
    ----------
    path : Path
    round : int
    votes : pandas.DataFrame
        candidate (name as people write it), also (another name of the same person, or empty) and
        votes, a row per candidate.
    n_votes : int
        Of all candidates.
    counted : float, optional
        Part of the areas or polling stations that are counted, 0 to 1; None where the file does
        not say.
    is_final : bool, optional
        Whether the file says that it is the whole count; None where it says nothing.
    """

    path: Path
    round: int
    votes: pd.DataFrame
    n_votes: int
    counted: float | None
    is_final: bool | None


_Lines = Iterable[tuple[int, list[str]]]
"""The number of each line below the headings, and its cells."""
_Votes = Counter[tuple[str, str, int | None]]
"""Votes by candidate, also and round (None: not said); as `OfficialCount`."""
_DAMAGED = csv.Error, ArithmeticError, AttributeError, LookupError, TypeError, ValueError


class _Read(NamedTuple):
    """What a file holds; as `OfficialCount`."""

    votes: _Votes
    counted: float | None = None
    is_final: bool | None = None


def read_counts(paths: Sequence[Path], rounds: Sequence[int]) -> list[OfficialCount]:
    """Official counts of some rounds.

    Parameters
    ----------
    paths : sequence of Path
        In the order of the rounds, or one file of several rounds that says which is which:
        CSV of the ministry (Nom, Prénom, Voix repeated for each candidate, by area or polling
        station), CSV or JSON of the court (NM_URNA_CANDIDATO, QT_VOTOS_NOMINAIS; cand, vap), or
        CSV with candidate, votes and, where there are several, round.
    rounds : sequence of int
        The rounds that may be in them.

    Raises
    ------
    DataError
        If a file is none of these, holds another round, or its sums contradict each other.
    """
    accepted = f"accepted: one file for each of the rounds {', '.join(map(str, rounds))}"
    if len(paths) > len(rounds):
        raise DataError(f"{len(paths)} files of votes; {accepted}")
    counts: dict[int, OfficialCount] = {}
    for path, by_place in zip(paths, rounds, strict=False):
        try:
            found, counted, is_final = _read(path)
        except _DAMAGED as error:
            raise DataError(f"{path}: not as published ({error!r}); {NOT_READ}") from error
        if not any(found.values()):
            raise DataError(f"{path}: no votes for a president are counted; {NOT_READ}")
        keyed = pd.Series(found, name="votes").rename_axis(["candidate", "also", "round"])
        rows = keyed.reset_index()
        numbers = rows.pop("round").fillna(by_place).astype(int)
        for number, votes in rows.groupby(numbers):
            if number not in rounds or number in counts:
                raise DataError(f"{path}: votes of round {number}; {accepted}, in this order")
            n_votes = int(votes["votes"].sum())
            counts[number] = OfficialCount(path, number, votes, n_votes, counted, is_final)
    if rounds[0] not in counts:
        raise DataError(f"{paths[0]}: no votes of round {rounds[0]}; {accepted}, in this order")
    return list(counts.values())


def official_outcomes(
    counts: Sequence[OfficialCount], election: Election, same_as: Mapping[str, str | bool]
) -> dict[int, Outcome]:
    """Counts as the outcomes of the rounds of an election, in the keys of its people.

    Parameters
    ----------
    counts : sequence of OfficialCount
    election : Election
    same_as : mapping of str to str or False
        Whose name in any of the counts is whose key; False for somebody whom the election does not
        know. Nobody is guessed: a name is a person's if it is the key or the whole name.

    Raises
    ------
    DataError
        With all names that are nobody's and the line that says who they are; if two names are one
        person, or as many people were counted as get through.
    """
    people = election.people
    keys: dict[str, str] = dict(zip(people["name"].map(slug), people["candidate"], strict=True))
    keys |= {key: key for key in keys.values()}
    names = [count.votes[column] for count in counts for column in ("candidate", "also")]
    counted = set(pd.concat(names).map(slug))
    files = ", ".join(str(count.path) for count in counts)
    for name, key in same_as.items():
        if slug(name) not in counted:
            raise DataError(f"{files}: nobody in the file is called {name} (same_as)")
        if key and key not in keys.values():
            raise DataError(
                f"{files}: same_as gives {name} the key '{key}'; accepted: "
                f"{', '.join(sorted(set(keys.values())))}, or false for somebody new"
            )
    keys |= {slug(name): str(key or slug(name)) for name, key in same_as.items()}
    return {count.round: _outcome(count, election, _by_key(count, keys)) for count in counts}


def _by_key(count: OfficialCount, keys: Mapping[str, str]) -> dict[str, int]:
    """Votes of a count by key, whose keys are given by the slug of a name."""
    votes: dict[str, int] = {}
    unknown = {}
    for name, also, n_votes in count.votes.itertuples(index=False):
        forms = {slug(form) for form in (name, also) if form}
        known = {keys[form] for form in forms & keys.keys()}
        if len(known) != 1:
            unknown[name] = nearest(slug(name), keys.values()) or "?"
            continue
        key = known.pop()
        if key in votes and key not in OTHERS:
            raise DataError(f"{count.path}: '{name}' is a second name of '{key}'; correct same_as")
        votes[key] = votes.get(key, 0) + n_votes
    if unknown:
        raise DataError(
            f"{count.path}: nobody here is called {', '.join(unknown)}; say whose key each is "
            f"({', '.join(sorted(set(keys.values())))}), or false for somebody new: "
            f'--same-as "{flow(unknown)}"'
        )
    return votes


def _outcome(count: OfficialCount, election: Election, votes: Mapping[str, int]) -> Outcome:
    n_advance = election.rounds[count.round].n_advance
    is_last = count.round == max(election.rounds)
    if len(votes) <= n_advance or (is_last and count.round > 1 and len(votes) != 2):
        raise DataError(
            f"{count.path}: votes of {len(votes)} people, which round {count.round} of "
            f"{election.name} is not about; give the file of that round"
        )
    series = pd.Series(votes, name="votes").sort_index(kind="stable")
    return Outcome(
        election=election.name,
        round=count.round,
        votes=series,
        share=(series / series.sum()).rename("share"),
        areas=pd.DataFrame(columns=list(votes), dtype=float),
        n_advance=n_advance,
    )


def _read(path: Path) -> _Read:
    if path.suffix.lower() == ".json":
        return _court_json(path)
    text = read_text(path, MAX_BYTES, foreign=True)
    lines = text.splitlines()
    cells_of = csv.reader(lines, delimiter=max(",;\t", key=text.count))
    for cells in islice(cells_of, MAX_TITLES):
        heading = [cell.strip() and slug(cell) for cell in cells]
        rows = _rows(path, lines, cells_of)
        if "qt_votos_nominais" in heading:
            return _court_table(path, heading, rows)
        if "exprimes" in heading:
            return _ministry(path, heading, rows)
        if {"candidate", "votes"} <= set(heading):
            return _plain(path, heading, rows)
    raise DataError(f"{path}: no line heads the columns of a count that is known; {NOT_READ}")


def _rows(path: Path, lines: Sequence[str], cells_of: Any) -> _Lines:
    """What is not blank below the headings, an area each."""
    rows = set()
    for cells in filter(any, cells_of):
        number = cells_of.line_num
        if lines[number - 1] in rows:
            raise DataError(f"{path}:{number}: the line stands there twice; count an area once")
        rows.add(lines[number - 1])
        yield number, cells


def _ministry(path: Path, heading: list[str], lines: _Lines) -> _Read:
    """A row per area; the columns of a candidate recur, in older files without headings."""
    names = [NUMBERED.sub("", cell) for cell in heading]
    start = next((place for place, name in enumerate(names) if name in OF_A_CANDIDATE), len(names))
    block = list(dict.fromkeys(filter(None, names[start:])))
    if not {"nom", "prenom", "voix"} <= set(block):
        raise DataError(f"{path}: no columns Nom, Prénom, Voix after Exprimés; {NOT_READ}")
    if names[0] in REGIONS:
        raise DataError(
            f"{path}: by region the votes from abroad and of collectivities overseas are left out; "
            "accepted: by département, constituency, commune or polling station, or the whole"
        )
    votes: _Votes = Counter()
    is_complete = []
    for line, cells in lines:
        area = dict(zip(names[:start], cells, strict=False))
        of_area = _of_area(path, line, block, cells[start:])
        if of_area.total() != _number(path, line, area.get("exprimes")):
            raise DataError(
                f"{path}:{line}: the candidates have {of_area.total():,} votes, Exprimés says "
                f"{area['exprimes']}; the columns are not as published"
            )
        votes.update(of_area)
        if STATE in area:
            is_complete.append(slug(area[STATE]) == COMPLETE)
    if not all(is_complete):
        return _Read(votes, sum(is_complete) / len(is_complete), is_final=False)
    is_whole = bool(is_complete) and names[0] == WHOLE  # else areas may be missing in the file
    return _Read(votes, is_final=is_whole or None)


def _of_area(path: Path, line: int, block: list[str], cells: list[str]) -> _Votes:
    """The votes of one area, whose cells are those of one candidate after the other."""
    votes: _Votes = Counter()
    for at in range(0, len(cells), len(block)):
        candidate = dict(zip(block, cells[at:], strict=False))
        if candidate.get("nom"):
            first, last = candidate.get("prenom", ""), candidate["nom"].title()
            votes[f"{first} {last}", f"{last} {first}", None] += _number(
                path, line, candidate.get("voix")
            )
    return votes


def _court_table(path: Path, heading: list[str], lines: _Lines) -> _Read:
    """A row per candidate and area, of all offices that were voted on."""
    votes: _Votes = Counter()
    for line, cells in lines:
        row = dict(zip(heading, cells, strict=False))
        if slug(row["ds_cargo"]) == PRESIDENT:
            valid = row.get("qt_votos_nominais_validos", row["qt_votos_nominais"])  # since 2020
            names = row["nm_urna_candidato"].title(), row["nm_candidato"]
            votes[*names, int(row["nr_turno"])] += _number(path, line, valid)
    return _Read(votes)


def _court_json(path: Path) -> _Read:
    """The country as a whole; where a figure stands changed in 2022 and in 2026."""
    content = read_json(path)
    of_country = {key: next(_values(content, key), "") for key in ("vv", "t", "tf", "pst", "cdabr")}
    votes: _Votes = Counter()
    for entry in chain.from_iterable(_values(content, "cand")):
        whole = html.unescape(entry["nm"])
        name = html.unescape(entry.get("nmu", whole))
        n_votes = _number(path, 1, entry.get("v", entry.get("vap")))
        votes[name.title(), whole, int(of_country["t"])] += n_votes
    if of_country["cdabr"] != COUNTRY:
        raise DataError(f"{path}: votes of '{of_country['cdabr']}'; accepted: of the country, 'br'")
    n_valid = votes.total()
    if n_valid != _number(path, 1, of_country["vv"]):
        raise DataError(
            f"{path}: the candidates have {n_valid:,} votes, vv says {of_country['vv']}"
        )
    if of_country["pst"]:
        counted = float(of_country["pst"].replace(",", ".")) / PERCENT
    else:
        counted = int(content["st"]) / int(content["s"])
    return _Read(votes, counted, IS_FINAL.get(of_country["tf"]))


def _values(content: Any, key: str) -> Iterator[Any]:
    """Every value of a key, at any depth, the outermost first."""
    if isinstance(content, dict):
        if key in content:
            yield content[key]
        content = list(content.values())
    for part in content if isinstance(content, list) else ():
        yield from _values(part, key)


def _plain(path: Path, heading: list[str], lines: _Lines) -> _Read:
    """A row per candidate, and round where there are several."""
    votes: _Votes = Counter()
    for line, cells in lines:
        row = dict(zip(heading, cells, strict=False))
        number = _number(path, line, row["round"]) if "round" in row else None
        votes[row["candidate"], "", number] += _number(path, line, row.get("votes"))
    return _Read(votes)


def _number(path: Path, line: int, cell: object) -> int:
    digits = re.sub(r"\s(?=\d{3}\b)", "", str(cell).strip())
    if not re.fullmatch("[0-9]{1,10}", digits):
        raise DataError(f"{path}:{line}: votes are '{cell}'; accepted: whole numbers")
    return int(digits)

"""Official counts as published: France's ministry of the interior, Brazil's electoral court."""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from bench.core.errors import ConfigError, DataError, nearest, slug
from bench.core.read import read_json, read_text
from bench.data.csv_dialect import raw_rows
from bench.data.election import Election
from bench.data.minimal_election import OTHERS, flow
from bench.data.tables import Outcome

MAX_BYTES = 300_000_000  # by polling station; Brazil's of a first round has a third
NOT_READ = (
    "accepted: a file as the ministry (Exprimés, then Nom, Prénom, Voix of each candidate) or the "
    "court (QT_VOTOS_NOMINAIS) publishes it, or CSV with the columns candidate and votes"
)
PRESIDENT = "presidente"
COMPLETE = "complet"
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
    counted : float, optional
        Part of the areas or polling stations that are counted, 0 to 1; None where the file does
        not say.
    """

    path: Path
    round: int
    votes: pd.DataFrame
    counted: float | None


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
    counts: dict[int, OfficialCount] = {}
    for place, path in enumerate(paths):
        if not path.is_file():
            raise ConfigError(f"{path} is not a file")
        rows, counted = _read(path)
        by_place = rounds[place] if place < len(rounds) else 0
        numbers = rows["round"].fillna(by_place).astype(int)
        for number, votes in rows.drop(columns="round").groupby(numbers):
            if number not in rounds or number in counts:
                raise DataError(
                    f"{path}: votes of round {number}; accepted: one file for each of the rounds "
                    f"{', '.join(map(str, rounds))}, in this order"
                )
            summed = votes.groupby(["candidate", "also"], as_index=False, sort=False).sum()
            counts[number] = OfficialCount(path, number, summed, counted)
    return list(counts.values())


def official_outcome(
    count: OfficialCount, election: Election, same_as: Mapping[str, str | bool]
) -> Outcome:
    """A count as the outcome of an election, in the keys of its people.

    Parameters
    ----------
    count : OfficialCount
    election : Election
    same_as : mapping of str to str or False
        Whose name in the count is whose key; False for somebody whom the election does not know.
        Nobody is guessed: a name is a person's if it is the key or the whole name.

    Raises
    ------
    DataError
        With all names that are nobody's and the line that says who they are; if two names are one
        person, or as many people were counted as get through.
    """
    people = election.people
    keys: dict[str, str] = dict(zip(people["name"].map(slug), people["candidate"], strict=True))
    keys |= {key: key for key in keys.values()}
    _refuse_misspelt(count, same_as, set(keys.values()))
    stated = {slug(name): key or slug(name) for name, key in same_as.items()}
    votes: dict[str, int] = {}
    unknown = {}
    for name, also, n_votes in count.votes.to_numpy():
        forms = {slug(name), slug(also)}
        known = {of[form] for of in (stated, keys) for form in forms & of.keys()}
        if len(known) != 1:
            unknown[name] = nearest(slug(name), keys.values()) or "?"
            continue
        key = str(known.pop())
        if key in votes and key not in OTHERS:
            raise DataError(f"{count.path}: '{name}' is a second name of '{key}'; correct same_as")
        votes[key] = votes.get(key, 0) + n_votes
    if unknown:
        raise DataError(
            f"{count.path}: nobody in {election.name} is called {', '.join(unknown)}; say whose "
            f"key each is ({', '.join(sorted(set(keys.values())))}), or false for somebody new: "
            f'--same-as "{flow(unknown)}"'
        )
    n_advance = election.rounds[count.round].n_advance
    is_last = count.round == max(election.rounds)
    if len(votes) <= n_advance or (is_last and count.round > 1 and len(votes) != 2):
        raise DataError(
            f"{count.path}: votes of {len(votes)} people, which round {count.round} of "
            f"{election.name} is not about; give the file of that round"
        )
    series = pd.Series(votes, name="votes").sort_index()
    return Outcome(
        election=election.name,
        round=count.round,
        votes=series,
        share=(series / series.sum()).rename("share"),
        areas=pd.DataFrame(columns=list(votes), dtype=float),
        n_advance=n_advance,
    )


def _refuse_misspelt(
    count: OfficialCount, same_as: Mapping[str, str | bool], keys: Collection[str]
) -> None:
    """Refuse names that the count lacks, and keys that nobody has."""
    counted = {slug(name) for name in count.votes[["candidate", "also"]].to_numpy().ravel()}
    for name, key in same_as.items():
        if slug(name) not in counted:
            raise DataError(f"{count.path}: nobody in the file is called {name} (same_as)")
        if key and key not in keys:
            raise DataError(
                f"{count.path}: same_as gives {name} the key '{key}'; accepted: "
                f"{', '.join(sorted(keys))}, or false for somebody new"
            )


def _read(path: Path) -> tuple[pd.DataFrame, float | None]:
    """Rows of round (missing: not said), candidate, also, votes, and the part that is counted."""
    if path.suffix == ".json":
        return _court_json(path)
    text = read_text(path, MAX_BYTES, foreign=True)
    separator = max(",;\t", key=text.partition("\n")[0].count)
    lines = list(csv.reader(text.splitlines(), delimiter=separator))
    heading = [slug(cell) for cell in lines[0]]
    if "qt_votos_nominais" in heading:
        return _court_table(path, heading, lines[1:]), None
    if "exprimes" in heading:
        return _ministry(path, heading, lines[1:])
    if "candidate" in heading:
        return _plain(path), None
    raise DataError(f"{path}:1: the columns are those of no count that is known; {NOT_READ}")


def _ministry(
    path: Path, heading: list[str], lines: list[list[str]]
) -> tuple[pd.DataFrame, float | None]:
    """A row per area; the columns of a candidate recur, in older files without headings."""
    names = [NUMBERED.sub("", cell) for cell in heading]
    start = next((place for place, name in enumerate(names) if name in OF_A_CANDIDATE), len(names))
    block = list(dict.fromkeys(names[start:]))
    if not {"nom", "prenom", "voix"} <= set(block):
        raise DataError(f"{path}:1: no columns Nom, Prénom, Voix after Exprimés; {NOT_READ}")
    found = []
    is_complete = []
    for line, cells in enumerate(lines, start=2):
        area = dict(zip(names[:start], cells, strict=False))
        blocks = [cells[at : at + len(block)] for at in range(start, len(cells), len(block))]
        candidates = [dict(zip(block, part, strict=False)) for part in blocks if any(part)]
        votes = [_number(path, line, candidate.get("voix")) for candidate in candidates]
        if sum(votes) != _number(path, line, area.get("exprimes")):
            raise DataError(
                f"{path}:{line}: the candidates have {sum(votes):,} votes, Exprimés says "
                f"{area['exprimes']}; the columns are not as published"
            )
        for candidate, n_votes in zip(candidates, votes, strict=True):
            first, last = candidate["prenom"], candidate["nom"].title()
            found.append((f"{first} {last}", f"{last} {first}", n_votes))
        if "etat_saisie" in area:
            is_complete.append(slug(area["etat_saisie"]) == COMPLETE)
    counted = sum(is_complete) / len(is_complete) if is_complete else None
    return _rows(found), counted


def _court_table(path: Path, heading: list[str], lines: list[list[str]]) -> pd.DataFrame:
    """A row per candidate and area."""
    rows = pd.DataFrame(lines, columns=heading, index=range(2, 2 + len(lines)))
    if "ds_cargo" in rows:
        rows = rows[rows["ds_cargo"].map(slug).eq(PRESIDENT)]
    if rows.empty:
        raise DataError(f"{path}: no votes for a president (DS_CARGO); {NOT_READ}")
    valid = "qt_votos_nominais_validos"  # since 2020
    cells = rows[valid if valid in rows else "qt_votos_nominais"]
    votes = [_number(path, line, cell) for line, cell in cells.items()]
    names = zip(rows["nm_urna_candidato"].str.title(), rows["nm_candidato"], votes, strict=True)
    return _rows(names, rounds=rows["nr_turno"].astype(int).tolist())


def _court_json(path: Path) -> tuple[pd.DataFrame, float | None]:
    """The country as a whole, alone or under `br` beside its states."""
    content = read_json(path)
    country: Mapping[str, Any] = content.get("br", content)
    try:
        found = [
            (entry["nm"].title(), "", _number(path, 1, entry["vap"])) for entry in country["cand"]
        ]
        counted = float(str(country["pst"]).replace(",", ".")) / 100
        stated = _number(path, 1, country["vv"])
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(f"{path}: no {error} as in the court's files; {NOT_READ}") from error
    n_valid = sum(votes for *_, votes in found)
    if n_valid != stated:
        raise DataError(f"{path}: the candidates have {n_valid:,} votes, `vv` says {stated:,}")
    return _rows(found, rounds=[int(country["t"])] * len(found) if "t" in country else ()), counted


def _plain(path: Path) -> pd.DataFrame:
    """CSV with candidate, votes and perhaps round."""
    rows = raw_rows(path, ("candidate", "votes"))
    votes = [_number(path, line, cell) for line, cell in (rows["votes"]).items()]
    found = zip(rows["candidate"], [""] * len(rows), votes, strict=True)
    return _rows(found, rounds=rows["round"].astype(int).tolist() if "round" in rows else ())


def _rows(found: Iterable[tuple[str, str, int]], rounds: Sequence[int] = ()) -> pd.DataFrame:
    rows = pd.DataFrame(found, columns=["candidate", "also", "votes"])
    return rows.assign(round=list(rounds) or float("nan"))


def _number(path: Path, line: object, cell: object) -> int:
    digits = re.sub(r"\s(?=\d{3}\b)", "", str(cell))
    if not digits.isdecimal():
        raise DataError(f"{path}:{line}: votes are '{cell}'; accepted: whole numbers")
    return int(digits)

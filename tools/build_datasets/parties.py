"""Parties: the family of each, and those of people for whom no raw file has one."""

from __future__ import annotations

from tools.build_datasets.files import GATHERED, read_raw

_PARTIES = read_raw(GATHERED / "parties.csv")
_PEOPLE = read_raw(GATHERED / "people.csv").astype({"year": int})

FAMILY_OF = dict(zip(_PARTIES["party"].str.casefold(), _PARTIES["family"], strict=True))


def parties_of(year: int, because: str) -> dict[str, str]:
    """Party by name of whom polls `tested`, who `stood`, or whom a compilation leaves `unnamed`."""
    people = _PEOPLE[_PEOPLE["year"].eq(year) & _PEOPLE["because"].eq(because)]
    return dict(zip(people["person"], people["party"], strict=True))

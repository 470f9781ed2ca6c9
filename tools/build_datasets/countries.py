"""Country profiles: written by hand, kept when a folder is built again, explained in its card."""

from __future__ import annotations

from pathlib import Path

from bench.core.errors import DataError
from tools.build_datasets.cards import Part, part, words, write_folder

PROFILE = "country.yaml"


def profile_of(folder: Path) -> str:
    """The profile that lies in a folder of `datasets/`.

    Raises
    ------
    DataError
        If there is none; it is written by hand, and no raw file has it.
    """
    path = folder / PROFILE
    if not path.is_file():
        raise DataError(f"{path}: no such file; take the one that ships, it is written by hand")
    return path.read_text(encoding="utf-8")


def profile_part(text: str) -> Part:
    """What the card says of a profile."""
    meanings = words("columns")[PROFILE]
    said = {name: one for name, one in meanings.items() if f"\n{name}:" in f"\n{text}"}
    return Part(columns={PROFILE: said})


def write_made_up(folder: Path) -> None:
    """The folder of the made-up country."""
    profile = profile_of(folder)
    what = "What the elections `toy_prior2`, `toy_prior1` and `toy` share. Everything is invented."
    parts = [profile_part(profile), part("made_up", {})]
    write_folder(folder, "The made-up country", what, parts, {PROFILE: profile})

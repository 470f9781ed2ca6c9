"""Country profiles: written by hand, kept when a folder is built again, explained in its card."""

from __future__ import annotations

from pathlib import Path

from bench.core.errors import DataError
from tools.build_datasets.cards import Part, write_folder

PROFILE = "country.yaml"
MEANINGS = {
    "country": "code that the elections name",
    "levels": "of areas, fine to coarse: the columns that name one area",
    "labels": "words for levels whose key does not read as words",
    "abroad": "areas of the coarsest level that lie abroad",
    "places": "kinds of areas of the coarsest level; all others are one more kind",
    "capital": "areas of the coarsest level that lie in the region of the capital",
    "outlines": "file with the outlines of the areas of the coarsest level",
    "lookups": "level: file that says in which area each commune lies, by year of the first round",
    "closing": "when polling stations close, local time; late from `late_from` registered voters "
    "of the commune on",
    "counting": "registered voters per table at which ballots are counted",
    "silence": "last evening with polls before a vote, where the election states none",
    "families": "of parties: colour in figures",
    "census": "groups of adults from the variables of `inputs/areas.parquet`, with weights; a "
    "group without variables holds everybody else; or fractions of all adults",
}


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


def part(text: str) -> Part:
    """What the card says of a profile."""
    keys = [name for name in MEANINGS if f"\n{name}:" in f"\n{text}"]
    return Part(columns={PROFILE: {name: MEANINGS[name] for name in keys}})


def write_made_up(folder: Path, text: str) -> None:
    """The folder of the made-up country."""
    about = Part(
        sources=[
            "Invented by the project, so that every study runs on a country other than France."
        ],
        licences=["The licence of the project."],
        quirks=["Closing times, tables and silence differ from those of France on purpose."],
        published_on=["Not evidence; the rules do not change between these elections."],
    )
    (folder / PROFILE).write_text(text, encoding="utf-8")
    what = "What the elections `toy_prior2`, `toy_prior1` and `toy` share. Everything is invented."
    write_folder(folder, "The made-up country", what, [part(text), about])

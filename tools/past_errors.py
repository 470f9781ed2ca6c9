"""Make `datasets/past_errors` anew: `python -m tools.past_errors`."""

from __future__ import annotations

import argparse
from pathlib import Path

from bench.core import paths
from bench.data.past_errors import COLUMNS, FILE, HORIZONS_DAYS, past_errors_of
from bench.data.past_quotes import COLUMNS as QUOTES
from bench.data.past_quotes import FILE as QUOTES_FILE
from bench.data.past_quotes import HORIZONS_DAYS as QUOTE_HORIZONS
from bench.data.past_quotes import past_quotes_of
from tools.build_datasets.cards import Part, write_folder

WHAT = (
    "The mean of the last poll of every institute beside the official share, for every shipped "
    "election with polls, at fixed days before the vote. The error that all institutes share is "
    "learned from it across countries. Beside it the chances that markets and model-makers stated."
)


def main(arguments: list[str] | None = None) -> int:
    """Write the table, its card and its checksums."""
    parser = argparse.ArgumentParser(prog="python -m tools.past_errors", description=__doc__)
    parser.add_argument("--into", type=Path, default=paths.datasets(), help="where to write")
    write(parser.parse_args(arguments).into)
    return 0


def write(into: Path) -> None:
    """Write the folder `past_errors` below `into`."""
    rows = past_errors_of()
    part = Part(
        tables={FILE: rows},
        columns={FILE: {name: column.meaning for name, column in COLUMNS.columns.items()}},
        sources=["Made from polls and outcomes of the other folders; their cards name sources."],
        licences=["As the folders that it is made from."],
        quirks=[
            f"Horizons are {', '.join(map(str, HORIZONS_DAYS))} days; two that rest on the same "
            "latest poll count once.",
            "Whoever no poll of a horizon lists apart is in `others`.",
            "Unranked elections and those of made-up countries are left out.",
        ],
        published_on=["From when the outcome of the vote was known."],
    )
    quotes = Part(
        tables={QUOTES_FILE: past_quotes_of()},
        columns={QUOTES_FILE: {name: one.meaning for name, one in QUOTES.columns.items()}},
        sources=["Made from claims and outcomes of the other folders; their cards name sources."],
        licences=["As the folders that it is made from."],
        quirks=[
            f"Horizons are {', '.join(map(str, QUOTE_HORIZONS))} days, each the newest quote of "
            "the week before it.",
            "Only events that the round itself decides: nobody is elected in a first round of two.",
        ],
        published_on=["From when the outcome of the vote was known."],
    )
    folder = into / "past_errors"
    folder.mkdir(parents=True, exist_ok=True)
    write_folder(folder, "Past errors of polls, past quotes of markets", WHAT, [part, quotes])


if __name__ == "__main__":
    raise SystemExit(main())

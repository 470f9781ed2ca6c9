"""Make `datasets/past_errors` anew: `python -m tools.past_errors`."""

from __future__ import annotations

import argparse
from pathlib import Path

from bench.core import paths
from bench.data.columns import KNOWN
from bench.data.past_errors import COLUMNS, FILE, HORIZONS_DAYS, past_errors_of
from bench.data.past_quotes import COLUMNS as QUOTES
from bench.data.past_quotes import FILE as QUOTES_FILE
from bench.data.past_quotes import HORIZONS_DAYS as QUOTE_HORIZONS
from bench.data.past_quotes import past_quotes_of
from bench.data.slates import SAMPLED
from tools.build_datasets.cards import part, write_folder
from tools.sampled_people import DAYS, sampled_people

WHAT = (
    "The mean of the last poll of every institute beside the official share, for every shipped "
    "election with polls, at fixed days before the vote. The error that all institutes share is "
    "learned from it across countries. Beside it the chances that markets and model-makers stated, "
    "and whom the samples of two seasons tested, of whom some did not stand."
)


def main(arguments: list[str] | None = None) -> int:
    """Write the table, its card and its checksums."""
    parser = argparse.ArgumentParser(prog="python -m tools.past_errors", description=__doc__)
    parser.add_argument("--into", type=Path, default=paths.datasets(), help="where to write")
    write(parser.parse_args(arguments).into)
    return 0


def write(into: Path) -> None:
    """Write the folder `past_errors` below `into`."""
    made = (
        ("past_errors", FILE, past_errors_of(), COLUMNS, HORIZONS_DAYS),
        ("past_quotes", QUOTES_FILE, past_quotes_of(), QUOTES, QUOTE_HORIZONS),
        ("sampled_people", SAMPLED, sampled_people(), KNOWN["sampled_people"], DAYS),
    )
    parts = [
        part(
            name,
            {file: rows},
            columns={file: {key: column.meaning for key, column in schema.columns.items()}},
            horizons=", ".join(map(str, days)),
        )
        for name, file, rows, schema, days in made
    ]
    folder = into / "past_errors"
    folder.mkdir(parents=True, exist_ok=True)
    write_folder(folder, "Past errors of polls, past quotes of markets, past seasons", WHAT, parts)


if __name__ == "__main__":
    raise SystemExit(main())

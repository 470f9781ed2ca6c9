"""Look for files that are neither read nor refused, guided by which lines of ours they reach.

`python -m tests.fuzz.guided polls_csv --seconds 60` begins with the corpus and goes on from what
reaches new lines. What it finds is written to `build/fuzz`, as small as it became: mend the reader,
move the file to `tests/fuzz/corpus`, and say in `expected.csv` what refuses it. Needs the package
`atheris`, which `make fuzz` installs where there is one for this Python.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import warnings
from pathlib import Path

CORPUS = Path(__file__).parent / "corpus"
OURS = ["bench.core", "bench.data", "bench.models"]
SLOW_S, MOST_MB, LONGEST = 10, 4_000, 100_000


def main() -> None:
    """Fuzz one kind of file for so many seconds; the status is not 0 if something was found."""
    import atheris  # type: ignore[import-not-found,unused-ignore]  # nobody else needs it

    with atheris.instrument_imports(include=OURS):
        from tests.fuzz.replay import FILES, replay

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=sorted(FILES))
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--found", type=Path, default=Path("build/fuzz"))
    options = parser.parse_args()
    warnings.simplefilter("error")
    options.found.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        grown = Path(place) / "corpus"
        grown.mkdir()  # what reaches new lines is kept here and not beside the seeds
        seeds = [str(CORPUS / options.kind)] if (CORPUS / options.kind).is_dir() else []
        arguments = [
            sys.argv[0],
            f"-max_total_time={options.seconds}",
            f"-timeout={SLOW_S}",
            f"-rss_limit_mb={MOST_MB}",
            f"-max_len={LONGEST}",
            f"-artifact_prefix={options.found}/{options.kind}-",
            str(grown),
            *seeds,
        ]
        atheris.Setup(arguments, lambda content: replay(options.kind, content, Path(place)))
        atheris.Fuzz()


if __name__ == "__main__":
    main()

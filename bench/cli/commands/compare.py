"""Compare two runs: what changed in code, data, settings and numbers; rank them if comparable."""

from __future__ import annotations

import argparse
from pathlib import Path

from bench.cli.commands.report import ENDINGS, find_run
from bench.core.errors import DataError
from bench.report.compare_runs import (
    PARTS,
    Run,
    became_better,
    changed_numbers,
    changes,
    load_run,
    ranked_together,
)

SHOWN = 12


def main(arguments: list[str]) -> int:
    """Print what changed; 1 if anything did and no ranking was asked for."""
    parser = argparse.ArgumentParser(prog="bench compare", description=__doc__)
    parser.add_argument("runs", nargs=2, metavar="RUN", help=ENDINGS)
    parser.add_argument("--results", type=Path, default=Path("results"), help="where runs are kept")
    parser.add_argument("--rank", action="store_true", help="rank the predictors of both together")
    parser.add_argument(
        "--despite",
        nargs="+",
        default=[],
        choices=PARTS,
        help="what may differ between runs that are ranked: exactly what does",
    )
    options = parser.parse_args(arguments)
    one, other = (load_run(find_run(given, options.results)) for given in options.runs)
    print(f"first     {one.folder}\nsecond    {other.folder}\n")
    found = changes(one, other)
    for part in PARTS:
        names = found.get(part, [])
        print(f"{part:<9} {'the same' if not names else f'{len(names)} changed'}")
        for name in names[:SHOWN]:
            print(f"          {name}")
        if len(names) > SHOWN:
            print(f"          and {len(names) - SHOWN} more")
    commits = [str(run.manifest.get("commit") or "none recorded") for run in (one, other)]
    if commits[0] != commits[1]:
        print(f"commit    {commits[0]} → {commits[1]}")
    numbers = changed_numbers(one, other)
    print(
        f"\n{'predictor':<26} {'same':>6} {'other':>6} {'first':>6} {'second':>6}  largest change"
    )
    for row in numbers.to_dict("records"):
        apart = f"{row['largest']:.3g} ({row['score']})" if row["different"] else ""
        print(
            f"{row['predictor']:<26} {row['same']:>6} {row['different']:>6} "
            f"{row['only_first']:>6} {row['only_second']:>6}  {apart}".rstrip()
        )
    print("\nScores that are the same, other, and only in the first or second run.\n")
    _say_who_became_better(one, other)
    if options.rank or options.despite:
        _rank(one, other, options.despite)
        return 0
    return 1 if found or bool(numbers["different"].any()) else 0


def _say_who_became_better(one: Run, other: Run) -> None:
    try:
        table = became_better(one, other)
    except DataError as error:
        print(f"{str(error)[0].upper()}{str(error)[1:]}.")
        return
    print(f"{'predictor':<26} {'votes':>5}  {'MAE, points':<15} {'CRPS, points':<15} second run")
    for row in table.to_dict("records"):
        change = round(row["change"], 2)
        verdict = "the same" if row["change"] == 0 else "the same to 0.01 point"
        if change:
            verdict = f"{'better' if change < 0 else 'worse'} by {abs(change):.2f}"
        mae, crps = (f"{row[f'{key}_1']:.2f} → {row[f'{key}_2']:.2f}" for key in ("mae", "crps"))
        print(f"{row['predictor']:<26} {row['votes']:>5}  {mae:<15} {crps:<15} {verdict}")
    print(
        "\nMeans over the votes that both runs score. Less is better, and the last column is by "
        "CRPS.\nOn few votes a change says little about the next election."
    )


def _rank(one: Run, other: Run, despite: list[str]) -> None:
    import numpy as np

    from bench.metrics.comparison.compare import compare

    errors = ranked_together(one, other, despite)
    settings = one.manifest["settings"]
    rng = np.random.default_rng(int(settings["seed"]))
    result = compare(errors, str(settings["baseline"]), rng)
    print(f"\n{'set':>3} {'rank':>4}  {'predictor':<40} {'ratio':>6} {'votes':>6}")
    for row in result.summary.to_dict("records"):
        print(
            f"{row['group']:>3} {row['rank']:>4}  {row['predictor']:<40} "
            f"{row['relative_skill']:>6.2f} {row['votes']:>6}"
        )
    print("\n" + "\n".join(result.sentences))

"""Freeze forecasts before the vote in a record sealed by hash, or check such a record."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from bench.contract.errors import ConfigError
from bench.hydra_setup import compose


def main(arguments: list[str]) -> int:
    """Write a record, or check one; 1 if something has changed since."""
    parser = argparse.ArgumentParser(prog="bench freeze", description=__doc__)
    parser.add_argument("settings", nargs="*", help="as for a run: +experiment=NAME key=value …")
    parser.add_argument("--out", type=Path, help="file of the record (default: NAME.frozen.json)")
    parser.add_argument("--check", type=Path, metavar="RECORD", help="compare a record with today")
    options = parser.parse_args(arguments)
    if options.check is not None:
        return _check(options.check)
    if not options.settings:
        raise ConfigError("give the settings of a run (+experiment=NAME …), or --check RECORD")
    from bench.report.write import write_text
    from bench.run.frozen import freeze

    experiment = compose(*options.settings)
    path = options.out or Path(f"{experiment.name}.frozen.json")
    if path.exists():
        raise ConfigError(f"{path} exists; a record is never overwritten: give another --out")
    record = freeze(experiment)
    write_text(path, json.dumps(record, indent=1, ensure_ascii=False) + "\n")
    votes = record["forecasts"].values()
    print(f"{path}: {sum(map(len, votes))} forecasts of {len(votes)} votes")
    print(f"seal {record['seal']}")
    if record["outcome_known"]:
        print("An outcome was already known: this record shows reproducibility, not foresight.")
    else:
        print("Publish the seal where its date can be seen; the seal alone proves no date.")
    print(f"Score it after the vote: python -m bench {' '.join(options.settings)} frozen={path}")
    return 0


def _check(path: Path) -> int:
    from bench.audit.record import read_record
    from bench.run.frozen import check_record

    record = read_record(path)
    print(f"{path}: sealed {record['frozen_at']}, seal {record['seal']} holds")
    found = check_record(path)
    for words in found:
        print(f"  changed since: {words}")
    if not found:
        print("  code, settings, evidence and forecasts are the same today")
    return 1 if found else 0

"""Freeze forecasts before the vote in a record sealed by hash, or check such a record.

A record holds code, settings, evidence and forecasts (shares, quantiles, draws, chances) from
before the outcome is known. The numbers are printed, with a line to publish. A moment that has not
come is refused.
"""

from __future__ import annotations

import argparse
import glob
import json
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bench.core.compose import as_typed, compose
from bench.core.errors import ConfigError
from bench.report.formatting import format_probability

LINE_OF = ("poll_tracker",)  # the method whose line is printed for publication, where it is there


def main(arguments: list[str]) -> int:
    """Write a record, or check one; 1 if something has changed since."""
    parser = argparse.ArgumentParser(prog="bench freeze", description=__doc__)
    parser.add_argument("settings", nargs="*", help="as for a run: +experiment=NAME key=value …")
    parser.add_argument("--out", type=Path, help="file of the record (default: NAME.frozen.json)")
    parser.add_argument("--check", type=Path, metavar="RECORD", help="compare a record with today")
    parser.add_argument(
        "--stamp",
        metavar="COMMAND",
        help="run on the record once it is written, {} for its path: 'ots stamp {}', "
        "'gpg --detach-sign {}'; nothing else reaches a network",
    )
    options = parser.parse_args(arguments)
    if options.check is not None:
        return _check(options.check)
    if not options.settings:
        raise ConfigError("give the settings of a run (+experiment=NAME …), or --check RECORD")
    from bench.audit.preregistration import freeze
    from bench.core.write import refuse_unwritable, write_text

    experiment = compose(*as_typed(options.settings))
    path = options.out or Path(f"{experiment.name}.frozen.json")
    if path.exists():
        raise ConfigError(f"{path} exists; a record is never overwritten: give another --out")
    refuse_unwritable(path.parent, "--out")
    stamp = None if options.stamp is None else _stamp(options.stamp, path)
    record = freeze(experiment)
    write_text(path, json.dumps(record, indent=1, ensure_ascii=False) + "\n")
    votes = record["forecasts"].values()
    print(f"{path}: {_counted(sum(map(len, votes)), 'forecast')} of {_counted(len(votes), 'vote')}")
    for label, answers in record["forecasts"].items():
        print(f"  {label}")
        print(*(f"    {line}" for line in _numbers(answers)), sep="\n")
    print(f"seal {record['seal']}")
    if record["outcome_known"]:
        print("An outcome was already known: this record shows reproducibility, not foresight.")
    else:
        print("Publish a line where its date can be seen; the seal alone proves no date:")
        print(*(f"  {line}" for line in _lines(record)), sep="\n")
    print(f"Score it after the vote: python -m bench score {shlex.quote(str(path))}")
    if stamp is None:
        return 0
    sys.stdout.flush()
    done = subprocess.run(stamp, check=False).returncode
    if done:
        print(f"{path} is written, and '{options.stamp}' failed: run it again by hand")
        return 1
    for proof in stamps(path):
        print(f"stamped: {proof.name}; keep it beside the record")
    return 0


def _stamp(command: str, path: Path) -> list[str]:
    """The command with the path of the record; refused before anything is written."""
    words = shlex.split(command)
    if "{}" not in command or shutil.which(words[0]) is None:
        what = "names no record" if "{}" not in command else f"'{words[0]}' is not installed"
        raise ConfigError(
            f"--stamp '{command}': {what}; accepted: a command that is installed, with {{}} for "
            "the path of the record, such as 'ots stamp {}'"
        )
    return [word.replace("{}", str(path)) for word in words]


def stamps(path: Path) -> list[Path]:
    """The proofs that lie beside a record: files of its name with one ending more."""
    return sorted(path.parent.glob(f"{glob.escape(path.name)}.*"))


def _numbers(answers: Mapping[str, Any]) -> Iterator[str]:
    """What every method said: the leading shares, with chances of getting through."""
    from bench.audit.preregistration import leading

    width = max(map(len, answers), default=0)
    for name, said in answers.items():
        if said["status"] == "ok":
            words = leading(said, format_probability)
        else:
            words = f"{said['status']}: {said['message']}"
        yield f"{name:<{width}}  {words}"


def _lines(record: Mapping[str, Any]) -> Iterator[str]:
    """A line for publication per vote: of the first method that draws, or speaks at all."""
    from bench.audit.preregistration import public_line

    for label, answers in record["forecasts"].items():
        spoke = [name for name, said in answers.items() if said["status"] == "ok"]
        drew = [name for name in spoke if answers[name]["draws"] is not None]
        if chosen := [name for name in LINE_OF if name in drew] or drew or spoke:
            yield public_line(record, label, chosen[0])


def _counted(number: int, what: str) -> str:
    """A number and what it counts.

    Examples
    --------
    >>> _counted(1, "vote"), _counted(5, "forecast")
    ('1 vote', '5 forecasts')
    """
    return f"{number} {what}{'' if number == 1 else 's'}"


def _check(path: Path) -> int:
    from bench.audit.preregistration import check_record, read_record

    record = read_record(path)
    print(f"{path}: sealed {record['frozen_at']}, seal {record['seal']} holds")
    for proof in stamps(path):
        print(f"  {proof.name} lies beside it; verify it with what made it")
    found = check_record(path)
    for words in found:
        print(f"  changed since: {words}")
    if not found:
        print("  code, settings, evidence and forecasts are the same today")
    return 1 if found else 0

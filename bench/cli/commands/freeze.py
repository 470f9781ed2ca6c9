"""Freeze forecasts before the vote in a record sealed by hash, or check such a record.

A record holds code, settings, evidence and forecasts (shares, quantiles, draws, chances) from
before the outcome is known. The numbers are printed, with a line to publish. A moment that has not
come is refused.
"""

from __future__ import annotations

import argparse
import json
import shlex
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench.core.compose import as_typed, compose
from bench.core.errors import ConfigError
from bench.core.forecast import Forecast
from bench.core.language import SOURCE
from bench.core.settings import Experiment
from bench.report.formatting import format_probability

LINE_OF = "poll_tracker"  # the method whose line is printed for publication, where it is there
MAX_NAMED = 4  # candidates in a line


def main(arguments: list[str]) -> int:
    """Write a record, or check one; 1 if something has changed since."""
    parser = argparse.ArgumentParser(prog="bench freeze", description=__doc__)
    parser.add_argument("settings", nargs="*", help="as for a run: +experiment=NAME key=value …")
    parser.add_argument("--out", type=Path, help="file of the record (default: NAME.frozen.json)")
    parser.add_argument("--check", type=Path, metavar="RECORD", help="compare a record with today")
    parser.add_argument(
        "--stamp",
        type=shlex.split,
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
    stamp = _stamp_command(options.stamp, path)
    extras, experiment = _sealed_extras(experiment)
    record = freeze(experiment, extras=extras)
    write_text(path, json.dumps(record, indent=1, ensure_ascii=False) + "\n")
    _print_record(record, path)
    if stamp and subprocess.run(stamp, check=False).returncode:
        print(f"{path} is written, and '{shlex.join(stamp)}' failed: run it again by hand")
        return 1
    return 0


def _stamp_command(words: Sequence[str] | None, path: Path) -> list[str]:
    """The command of `--stamp` for a record; refused if it names no path or is not installed."""
    if words is None:
        return []
    command = [word.replace("{}", str(path)) for word in words]
    if command == words or shutil.which(command[0]) is None:
        raise ConfigError(
            f"--stamp '{' '.join(words)}'; accepted: a command that is installed, with "
            "{} for the path of the record, such as 'ots stamp {}'"
        )
    return command


def _print_record(record: Mapping[str, Any], path: Path) -> None:
    """Print the forecasts that were sealed, the seal, and what to publish."""
    from bench.audit.preregistration import opened

    read, forecasts = opened(record, path)
    answers = record["forecasts"]
    n = sum(map(len, answers.values()))
    print(f"{path}: {_counted(n, 'forecast')} of {_counted(len(answers), 'vote')}")
    lines = []
    for label in answers:
        lines += _print_vote(record, label, forecasts.get(label, {}))
    if read.hypotheses:
        print(f"  by person: {_counted(len(read.people), 'row')}; hypotheses:")
        for number, hypothesis in enumerate(read.hypotheses[SOURCE], 1):
            print(f"    {number}. {hypothesis}")
    print(f"seal {record['seal']}")
    if record["outcome_known"]:
        print("An outcome was already known: this record shows reproducibility, not foresight.")
    else:
        print("Publish a line where its date can be seen; the seal alone proves no date:")
        print(*lines, sep="\n")
    print(f"Score it after the vote: python -m bench score {shlex.quote(str(path))}", flush=True)


def _print_vote(
    record: Mapping[str, Any], label: str, forecasts: Mapping[str, Forecast]
) -> list[str]:
    """Print every answer about one vote; the line to publish, if any method made a forecast."""
    print(f"  {label}")
    n_advance = record["votes"][label]["n_advance"]
    texts = {}
    for name, answer in record["forecasts"][label].items():
        texts[name] = f"abstained: {answer.get('message')}"
    for name, forecast in forecasts.items():
        texts[name] = leading(forecast, n_advance)
    width = max(map(len, texts), default=0)
    print(*(f"    {name:<{width}}  {text}" for name, text in texts.items()), sep="\n")
    if not forecasts:
        return []
    chosen = min(forecasts, key=lambda name: (name != LINE_OF, forecasts[name].draws is None))
    seal = f"seal {record['seal']}, {record['frozen_at']}"
    return [f"  election-bench {seal}: {label}, {chosen}: {texts[chosen]}"]


def _sealed_extras(experiment: Experiment) -> tuple[dict[str, Any], Experiment]:
    """What the study of an experiment seals beside forecasts, and which ballot these are about."""
    from bench.studies.base import load_study
    from bench.studies.run import execute

    view = load_study(experiment.study).view
    if not hasattr(view, "sealed"):
        return {}, experiment
    results = execute(experiment).results
    extras = view.sealed(experiment, results)
    if extras:  # the forecasts are those of the ballot on the page
        settings = {**experiment.settings, "slate": results.facts["vote"]["slate_name"]}
        experiment = replace(experiment, settings=settings)
    return extras, experiment


def leading(forecast: Forecast, n_advance: int) -> str:
    """The largest shares in words, with chances of getting through."""
    from bench.metrics.score_forecast import forecast_rows

    rows = forecast_rows(forecast, n_advance)
    rows = rows[~rows["filled"]].nlargest(MAX_NAMED, "share")
    texts = []
    for row in rows.to_dict("records"):
        text = f"{row['candidate']} {100 * row['share']:.1f}%"
        if row["p_qualify"] >= 0:
            text += f" (gets through {format_probability(row['p_qualify'])})"
        texts.append(text)
    return ", ".join(texts)


def _counted(number: int, noun: str) -> str:
    """A number and what it counts.

    Examples
    --------
    >>> _counted(1, "vote"), _counted(5, "forecast")
    ('1 vote', '5 forecasts')
    """
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _check(path: Path) -> int:
    from bench.audit.preregistration import check_record, read_record

    record = read_record(path)
    print(f"{path}: sealed {record['frozen_at']}, seal {record['seal']} holds")
    changes = check_record(record)
    for words in changes:
        print(f"  changed since: {words}")
    if not changes:
        print("  code, settings, evidence and forecasts are the same today")
    return 1 if changes else 0

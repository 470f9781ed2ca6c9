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
    from bench.audit.preregistration import freeze, opened
    from bench.core.write import refuse_unwritable, write_text

    experiment = compose(*as_typed(options.settings))
    path = options.out or Path(f"{experiment.name}.frozen.json")
    if path.exists():
        raise ConfigError(f"{path} exists; a record is never overwritten: give another --out")
    refuse_unwritable(path.parent, "--out")
    stamp = [word.replace("{}", str(path)) for word in options.stamp or ()]
    if stamp == options.stamp or (stamp and shutil.which(stamp[0]) is None):
        raise ConfigError(
            f"--stamp '{' '.join(options.stamp)}'; accepted: a command that is installed, with "
            "{} for the path of the record, such as 'ots stamp {}'"
        )
    beside, experiment = _beside(experiment)
    record = freeze(experiment, beside=beside)
    write_text(path, json.dumps(record, indent=1, ensure_ascii=False) + "\n")
    read, forecasts = opened(record, path)
    answers = record["forecasts"]
    n_votes, n = len(answers), sum(map(len, answers.values()))
    print(f"{path}: {_counted(n, 'forecast')} of {_counted(n_votes, 'vote')}")
    seal, lines = f"seal {record['seal']}", []
    for label, said in answers.items():
        print(f"  {label}")
        words = {name: f"abstained: {one.get('message')}" for name, one in said.items()}
        drawn = forecasts.get(label, {})
        n_advance = record["votes"][label]["n_advance"]
        words |= {name: leading(one, n_advance) for name, one in drawn.items()}
        width = max(map(len, words), default=0)
        print(*(f"    {name:<{width}}  {one}" for name, one in words.items()), sep="\n")
        if drawn:
            chosen = min(drawn, key=lambda name: (name != LINE_OF, drawn[name].draws is None))
            about = f"{record['frozen_at']}: {label}, {chosen}: {words[chosen]}"
            lines.append(f"  election-bench {seal}, {about}")
    if read.hypotheses:
        print(f"  by person: {_counted(len(read.people), 'row')}; hypotheses:")
        for number, hypothesis in enumerate(read.hypotheses[SOURCE], 1):
            print(f"    {number}. {hypothesis}")
    print(seal)
    if record["outcome_known"]:
        print("An outcome was already known: this record shows reproducibility, not foresight.")
    else:
        print("Publish a line where its date can be seen; the seal alone proves no date:")
        print(*lines, sep="\n")
    print(f"Score it after the vote: python -m bench score {shlex.quote(str(path))}", flush=True)
    if stamp and subprocess.run(stamp, check=False).returncode:
        print(f"{path} is written, and '{shlex.join(stamp)}' failed: run it again by hand")
        return 1
    return 0


def _beside(experiment: Experiment) -> tuple[dict[str, Any], Experiment]:
    """What the study of an experiment seals beside forecasts, and which ballot these are about."""
    from bench.studies.base import load_study
    from bench.studies.run import execute

    view = load_study(experiment.study).view
    if not hasattr(view, "sealed"):
        return {}, experiment
    results = execute(experiment).results
    beside = view.sealed(experiment, results)
    if beside:  # the forecasts are those of the ballot on the page
        settings = {**experiment.settings, "slate": results.facts["vote"]["slate_name"]}
        experiment = replace(experiment, settings=settings)
    return beside, experiment


def leading(forecast: Forecast, n_advance: int) -> str:
    """The largest shares in words, with chances of getting through."""
    from bench.metrics.score_forecast import forecast_rows

    rows = forecast_rows(forecast, n_advance)
    rows = rows[~rows["filled"]].nlargest(MAX_NAMED, "share")
    return ", ".join(
        f"{who} {100 * share:.1f}%"
        + (f" (gets through {format_probability(chance)})" if chance >= 0 else "")
        for who, share, chance in rows[["candidate", "share", "p_qualify"]].itertuples(index=False)
    )


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
    found = check_record(record)
    for words in found:
        print(f"  changed since: {words}")
    if not found:
        print("  code, settings, evidence and forecasts are the same today")
    return 1 if found else 0

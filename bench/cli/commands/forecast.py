"""Forecast one vote as of now, or as of any moment: odds, polls over time, what changed.

Odds in words and numbers, the polls over time, what changed since the last forecast, and what
cannot be known yet.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

from bench.api import FORECAST
from bench.cli.main import status_of
from bench.core.compose import as_typed, compose
from bench.core.errors import ConfigError, slug
from bench.core.settings import Experiment
from bench.core.write import refuse_unwritable, write_csv
from bench.data.election import load_election

WIDTH = 80


def main(arguments: list[str]) -> int:
    """Print a forecast and write its page; 3 if a predictor failed."""
    parser = argparse.ArgumentParser(prog="bench forecast", description=__doc__)
    parser.add_argument("election", help="a name that bench list elections prints, or a folder")
    parser.add_argument(
        "settings",
        nargs="*",
        help="as for a run: as_of=2026-07-12T20:00 (default: now) rounds=[2] settings.slate=H44 …",
    )
    parser.add_argument("--slate", default="", help="the ballot supposed: a name, or 'polled'")
    parser.add_argument(
        "--weights",
        default="",
        help="a file of weights of slates, with reasons (YAML or CSV), in place of samples",
    )
    parser.add_argument("--to", type=Path, metavar="FILE", help="write the rows of a board as well")
    parser.add_argument("--all", action="store_true", help="print every finding, table and note")
    options = parser.parse_intermixed_args(arguments)
    typed = [moment_as_list(setting) for setting in options.settings]
    experiment = experiment_of(options.election, typed, options.slate, options.weights)
    if options.to:
        _refuse_for_a_board(options.to, experiment)
    from bench.studies.run import execute

    done = execute(experiment).save(experiment.results, ["forecast", *arguments])
    done.print(width=WIDTH, everything=options.all)
    sys.stdout.flush()
    assert done.folder is not None
    print(f"\npage: {done.folder / 'report.html'}", file=sys.stderr)
    if options.to:
        rows = done.study.view.dated_rows(done.experiment, done.results, options.to.stem)
        print(f"rows of a board: {write_csv(options.to, rows)}", file=sys.stderr)
    return status_of(done)


def _refuse_for_a_board(path: Path, experiment: Experiment) -> None:
    """Refuse a file that cannot be written, and chances that hold on one ballot only."""
    if path.suffix != ".csv" or slug(path.stem) != path.stem:
        raise ConfigError(
            f"--to is '{path}'; accepted: a file such as my_model.csv, whose name (a to z, 0 to 9, "
            "_) is that of the source"
        )
    refuse_unwritable(path.absolute().parent, "the folder of --to")
    if experiment.settings["slate"] and load_election(experiment.elections[0]).is_open:
        raise ConfigError(
            "--to writes chances of persons and --slate supposes a ballot; leave one of them out"
        )


def experiment_of(
    election: str, typed: list[str], slate: str = "", weights: str = "", name: str = FORECAST
) -> Experiment:
    """The settings of a forecast, or of a board, of one election.

    Parameters
    ----------
    election : str
        A name, or a folder.
    typed : list of str
        Further settings, as for a run.
    slate : str
        The ballot supposed.
    weights : str
        File of weights of slates.
    name : str
        Of the experiment whose settings these begin with.

    Raises
    ------
    ConfigError
        If a setting cannot be used.
    """
    for setting in typed:
        if setting.partition("=")[0] in ("election", "elections", "+experiment"):
            raise ConfigError(f"'{setting}': the command is about {election}; leave it out")
    settings = [f"+experiment={name}", f"election={election}"]
    for key, value in (("slate", slate), ("weights", weights)):
        if value:
            settings.append(f"settings.{key}='{value}'")
    settings += typed
    experiment = compose(*as_typed(settings))
    if any(setting.startswith("name=") for setting in typed):
        return experiment
    number = experiment.rounds[0] if experiment.rounds else 1
    return replace(experiment, name=f"{Path(election).name}_r{number}_{experiment.study}")


def moment_as_list(setting: str) -> str:
    """One moment as the list that a run takes.

    Examples
    --------
    >>> moment_as_list("as_of=2026-07-12T20:00"), moment_as_list("rounds=2")
    ("as_of=['2026-07-12T20:00']", 'rounds=[2]')
    """
    key, equals, value = setting.partition("=")
    if not equals or value.startswith("["):
        return setting
    if key == "as_of":
        return f"as_of=['{value}']"
    return f"rounds=[{value}]" if key in ("round", "rounds") else setting

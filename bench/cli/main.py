"""The command line: Hydra composes the settings, and `bench.studies.run` does the work."""

from __future__ import annotations

import argparse
import ast
import importlib
import importlib.util
import os
import re
import sys
import textwrap
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from bench.core.errors import BenchError, ConfigError, nearest
from bench.core.options import elections, label, options
from bench.core.read import visible

if TYPE_CHECKING:
    from omegaconf import DictConfig

    from bench.core.settings import Experiment
    from bench.studies.run import Run

WIDTH = 80  # columns of a terminal that nobody has widened
SWEEP = {"-m", "--multirun"}
READER_LEFT = 141  # as of whatever SIGPIPE ends, such as `cat` before `head`
USAGE = """election-bench: methods of predicting an election, run against what happened.

  python -m bench +experiment=NAME [key=value …]     or: bench run NAME [key=value …]

experiments (bench list experiments says more)
{experiments}

other commands: python -m bench COMMAND --help
{commands}

Useful settings
  'predictor=[last_poll,uniform]'        other contestants
  election=FOLDER                        your own election (docs/own_election.md)
  'as_of=["2017-04-01T20:00"]'           another moment
  predictors.quota_poll.half_life_days=3 a setting of one predictor
  results=FOLDER                         where the run is written
  -m seed=1,2                            a run for each value, and one table of them
  --all                                  print every finding, table and note
  --cfg job                              show the settings and do nothing
"""


def main() -> None:
    """Run the command line; the exit status is 0 only if everything succeeded."""
    arguments = sys.argv[1:]
    if os.environ.get("HYDRA_FULL_ERROR") != "1":
        sys.excepthook = in_one_sentence
        # or Hydra prints half a traceback of its own before it gives up
        os.environ["HYDRA_FULL_ERROR"] = "1"
    try:
        status = _run_arguments(arguments)
        print(end="", flush=True)
    except BenchError as error:
        if sys.excepthook is not in_one_sentence:
            raise
        in_one_sentence(type(error), error, None)
        status = 1
    except BrokenPipeError:
        # Python writes what is left once more when it ends
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = READER_LEFT
    sys.exit(status)


def _run_arguments(arguments: list[str]) -> int:
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(usage())
        return 0 if arguments else 2
    if arguments[0] in ("-V", "--version"):  # or Hydra says its own
        print(f"election-bench {version('election-bench')}")
        return 0
    _check_surroundings()
    if arguments[0] == "-sc" and (names := _completions()):
        print(*names)
        return 0
    if arguments[0] in command_names():
        return run_command(arguments[0], arguments[1:])
    return run(arguments)


def _completions() -> list[str]:
    """What may stand where the shell asks; none where Hydra knows, of settings.

    Behind `bench run NAME` it is asked as behind `bench +experiment=NAME`.
    """
    program, *words = os.environ.get("COMP_LINE", "").split(" ")
    if len(words) == 1 and not words[0].startswith(("+", "-")):
        return list(command_names())
    if len(words) == 2 and words[0] in ("run", "report"):
        return options("experiment")
    if len(words) == 2 and words[0] == "show":
        return [*options("experiment"), *options("predictor"), *options("distortion"), *elections()]
    if words[:1] == ["run"]:
        line = [program, f"+experiment={words[1]}", *words[2:]]
        os.environ["COMP_LINE"] = " ".join(line)
    return []


def _check_surroundings() -> None:
    """Refuse a shell from which nothing good can come, before anything is written."""
    try:
        os.getcwd()
    except OSError as error:
        raise ConfigError(
            "the folder from which this command was given has been removed; change to another "
            "one and give it again"
        ) from error


def in_one_sentence(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Print an error as its message; the traceback comes with HYDRA_FULL_ERROR=1."""
    del trace
    message = "; ".join(line.strip() for line in str(error).splitlines() if line.strip())
    if kind.__module__.split(".")[0] in ("hydra", "omegaconf"):
        from bench.core.compose import in_plain_words

        message = in_plain_words(error)
    elif isinstance(error, ModuleNotFoundError):
        message = (
            f"the package '{error.name}' is not installed for {sys.executable}; install the bench "
            "and what it needs: python -m pip install -e . (where pyproject.toml lies), or call "
            "the Python where it is"
        )
    elif isinstance(error, OSError) and error.filename and error.strerror:
        message = (
            f"{error.filename}: {error.strerror}; give a place that you may read and write "
            "(HYDRA_FULL_ERROR=1 shows who asked)"
        )
    elif not isinstance(error, BenchError):
        message = f"{kind.__name__}: {message} (unexpected; HYDRA_FULL_ERROR=1 shows where)"
    print(f"error: {visible(message)}", file=sys.stderr)


def usage() -> str:
    """The help text, with the experiments and commands that exist."""
    names = options("experiment")
    experiments = {name: label("experiment", name) for name in names}
    commands = command_names()
    width = max(map(len, [*experiments, *commands]))
    return USAGE.format(experiments=listed(experiments, width), commands=listed(commands, width))


def listed(entries: dict[str, str], width: int, columns: int = WIDTH) -> str:
    """Names, as wide as given, each with its words within so many columns."""
    return "\n".join(
        textwrap.fill(
            words,
            columns,
            initial_indent=f"  {name:<{width}}  ",
            subsequent_indent=" " * (width + 4),
        )
        for name, words in entries.items()
    )


def run(arguments: list[str]) -> int:
    """Run the experiment that the settings describe; the exit status."""
    # the number of threads of linear algebra changes last bits; workers have one each
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    from bench.core.compose import as_typed, compose, experiment_of, register

    _refuse_unknown_command(arguments)
    everything, is_sweep = "--all" in arguments, not SWEEP.isdisjoint(arguments)
    arguments = [argument for argument in arguments if argument not in {"--all", *SWEEP}]
    if is_sweep:
        from bench.cli.sweep import run_jobs

        return run_jobs(arguments, everything=everything)
    arguments = as_typed(arguments)
    if not any(_is_for_hydra(argument) for argument in arguments):
        return _run_and_show(compose(*arguments), arguments, everything=everything)
    sys.argv[1:] = arguments
    register()
    status = 0

    def task(config: DictConfig) -> None:
        nonlocal status
        experiment = experiment_of(config, arguments)
        status = _run_and_show(experiment, arguments, everything=everything)

    _compose_with_hydra(task)
    return status


def _is_for_hydra(argument: str) -> bool:
    return argument.startswith("-") or "hydra" in argument.partition("=")[0]


def _compose_with_hydra(task: Callable[[Any], None]) -> None:
    """Compose the settings that `sys.argv` asks for."""
    import hydra

    from bench.core import paths

    # Hydra 1.3 gives argparse a help text that is no text, which Python 3.14 would refuse
    parser: Any = argparse.ArgumentParser
    check = getattr(parser, "_check_help", None)
    if check is not None:
        parser._check_help = lambda self, action: (
            check(self, action) if isinstance(action.help, str | None) else None
        )
    try:
        hydra.main(version_base="1.3", config_path=str(paths.configs()), config_name="bench")(
            task
        )()
    finally:
        if check is not None:
            parser._check_help = check


def run_and_save(experiment: Experiment, arguments: list[str]) -> Run:
    """Run an experiment, and write its folder."""
    from bench.studies.run import execute

    if not experiment.results:
        raise ConfigError("results is empty; accepted: the folder where the run is written")
    return execute(experiment).save(experiment.results, arguments)


def _run_and_show(experiment: Experiment, arguments: list[str], *, everything: bool) -> int:
    """Run an experiment, write its folder, and only then print; 3 if a predictor failed."""
    run = run_and_save(experiment, arguments)
    run.print(everything=everything)
    print(end="", flush=True)
    for moment in experiment.as_of:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", moment.strip()):
            print(
                f"as_of {moment} is {moment} 00:00, midnight; for that evening: {moment}T20:00",
                file=sys.stderr,
            )
    print(f"results: {run.folder}", file=sys.stderr)
    return status_of(run)


def status_of(run: Run) -> int:
    """The exit status of a run: 3 if a predictor failed, which is printed, otherwise 0."""
    failed = run.results.failures
    if failed:
        print(f"failed: {', '.join(failed)}; failures.txt says why", file=sys.stderr)
    return 3 if failed else 0


def _refuse_unknown_command(arguments: list[str]) -> None:
    """Answer a first word that is neither a command nor a setting."""
    word, *rest = arguments
    if "=" in word or word.startswith(("-", "~", "+")):
        return
    experiments = options("experiment")
    near = nearest(word, command_names())
    if near is None:
        chosen = [name for name in (word, *rest[:1]) if name in experiments]
        name = chosen[0] if chosen else nearest(word, experiments)
        near = f"+experiment={name}" if name else None
    hint = f" (did you mean '{near}'?)" if near else ""
    raise ConfigError(
        f"'{word}' is neither a command nor a setting{hint}; accepted: +experiment=NAME, "
        f"key=value, or a command: {', '.join(command_names())}"
    )


def command_names() -> dict[str, str]:
    """Every command with its one line of help, read without importing it.

    Examples
    --------
    >>> "check" in command_names()
    True
    """
    names = {}
    for path in sorted((Path(__file__).parent / "commands").glob("*.py")):
        if path.stem != "__init__":
            prose = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
            names[path.stem.rstrip("_").replace("_", "-")] = prose.splitlines()[0]
    return names


def run_command(name: str, arguments: Sequence[str]) -> int:
    """Run a command; the exit status.

    Raises
    ------
    BenchError
        If the arguments cannot be used.
    """
    name = name.replace("-", "_")
    module = name if importlib.util.find_spec(f"bench.cli.commands.{name}") else f"{name}_"
    status: int = importlib.import_module(f"bench.cli.commands.{module}").main(list(arguments))
    return status

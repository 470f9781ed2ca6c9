"""The command line: Hydra composes the settings, and `bench.run` does the work."""

from __future__ import annotations

import os
import re
import sys
from types import TracebackType
from typing import TYPE_CHECKING

from bench import paths
from bench.commands import command_names, first_comment, run_command
from bench.contract.errors import BenchError, ConfigError, did_you_mean

if TYPE_CHECKING:
    from omegaconf import DictConfig

GROUPS = ("experiment", "predictor", "execution", "electorate", "instrument", "scenario")

USAGE = """election-bench: methods of predicting an election, run against what happened.

  python -m bench +experiment=NAME [key=value …]

experiments
{experiments}

other commands: python -m bench COMMAND --help
{commands}

Useful settings
  'predictor=[last_poll,uniform]'        other contestants
  election=FOLDER                        your own election (docs/own_election.md)
  'as_of=["2017-04-01T20:00"]'           another moment
  predictors.quota_poll.half_life_days=3 a setting of one predictor
  results=FOLDER                         where the run is written
  --cfg job                              show the settings and do nothing
"""

FLAGS_WITH_A_WORD = ("-c", "--cfg", "-p", "--package", "-i", "--info", "-cd", "--config-dir")


def main() -> None:
    """Run the command line; the exit status is 0 only if everything succeeded."""
    arguments = sys.argv[1:]
    if os.environ.get("HYDRA_FULL_ERROR") != "1":
        sys.excepthook = in_one_sentence
        # or Hydra prints half a traceback of its own before it gives up
        os.environ["HYDRA_FULL_ERROR"] = "1"
    try:
        sys.exit(_answer(arguments))
    except BenchError as error:
        if sys.excepthook is not in_one_sentence:
            raise
        in_one_sentence(type(error), error, None)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


def _answer(arguments: list[str]) -> int:
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(usage())
        return 0 if arguments else 2
    if arguments[0] in command_names():
        return run_command(arguments[0], arguments[1:])
    if arguments[0] in ("-sc", "--shell-completion"):
        from bench.commands import completion

        return completion.answer(arguments[1:])
    return _run(arguments)


def in_one_sentence(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Print an error as its message; the traceback comes with HYDRA_FULL_ERROR=1."""
    del trace
    if isinstance(error, KeyboardInterrupt):
        print("interrupted; nothing unfinished is left in the results", file=sys.stderr)
        return
    composing = kind.__module__.split(".")[0] in ("hydra", "omegaconf")
    words = [str(error), str(error.__cause__ or "") if composing else ""]
    message = "; ".join(
        line.strip() for text in words for line in text.splitlines() if line.strip()
    )
    if isinstance(error, BenchError) or composing:
        print(f"error: {message}", file=sys.stderr)
        return
    if isinstance(error, ModuleNotFoundError):
        print(
            f"error: the package '{error.name}' is not installed for {sys.executable}; install the "
            "bench and what it needs: python -m pip install -e . (where pyproject.toml lies), "
            "or call the Python where it is",
            file=sys.stderr,
        )
        return
    print(
        f"error: {kind.__name__}: {message} (unexpected; HYDRA_FULL_ERROR=1 shows where)",
        file=sys.stderr,
    )


def usage() -> str:
    """The help text, with the experiments and commands that exist."""
    names = option_names("experiment")
    experiments = {name: first_comment("experiment", name) for name in names}
    return USAGE.format(experiments=_listed(experiments), commands=_listed(command_names()))


def _listed(entries: dict[str, str]) -> str:
    width = max(map(len, entries), default=0)
    return "\n".join(f"  {name:<{width}}  {words}" for name, words in entries.items())


def option_names(group: str) -> list[str]:
    """The YAML files of one group of settings."""
    return sorted(path.stem for path in (paths.configs() / group).glob("*.yaml"))


def _run(arguments: list[str]) -> int:
    # the number of threads of linear algebra changes last bits; workers have one each
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    from bench import hydra_setup
    from bench.contract.former_names import under_present_names

    arguments = under_present_names([_election_as_list(argument) for argument in arguments])
    sys.argv[1:] = arguments
    hydra_setup.register()
    known = {group: hydra_setup.options(group) for group in GROUPS}
    _refuse_typos(arguments, known, hydra_setup.keys())
    status = 0

    def task(config: DictConfig) -> None:
        nonlocal status
        from bench.run import run_from_config

        try:
            status = max(status, run_from_config(config, arguments))
        except BenchError as error:
            if sys.excepthook is not in_one_sentence:
                raise
            in_one_sentence(type(error), error, None)  # the other jobs of a sweep go on
            status = max(status, 1)

    hydra_setup.run(task)
    return status


def _election_as_list(argument: str) -> str:
    """`election=FOLDER` as the setting `elections`, quoted so that any path will do."""
    key, equals, value = argument.partition("=")
    if key != "election" or not equals:
        return argument
    plain = value.strip("'\"")
    return "elections=['" + plain.replace("\\", "/").replace("'", "\\'") + "']"


def _refuse_typos(arguments: list[str], known: dict[str, list[str]], keys: list[str]) -> None:
    for before, argument in zip(["", *arguments], arguments, strict=False):
        if argument.startswith("-") or before in FLAGS_WITH_A_WORD:
            continue
        key, equals, value = argument.partition("=")
        bare = key.lstrip("+~")
        if not equals and not key.startswith("~"):
            raise ConfigError(
                f"'{argument}' is not a setting; accepted: key=value, or +experiment=NAME "
                f"(experiments: {', '.join(known['experiment'])})"
            )
        group = bare.split("@")[0]
        if group in known:
            for name in value.strip("[]'\" ").split(","):
                if (name := name.strip(" '\"")) and name not in known[group]:
                    raise ConfigError(
                        f"no {group} is called '{name}' ({did_you_mean(name, known[group])})"
                    )
        elif (top := re.split(r"[./\[]", bare)[0]) not in (*keys, "hydra"):
            raise ConfigError(f"no setting is called '{top}' ({did_you_mean(top, keys)})")


if __name__ == "__main__":
    main()

"""The command line: Hydra composes the settings, and `bench.run` does the work."""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING

from bench import paths
from bench.commands import command_names, run_command
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
  'as_of=["2017-04-01T20:00"]'           another moment
  predictors.quota_poll.half_life_days=3 a setting of one predictor
  results=FOLDER                         where the run is written
  --cfg job                              show the settings and do nothing
"""


def main() -> None:
    """Run the command line; the exit status is 0 only if everything succeeded."""
    arguments = sys.argv[1:]
    try:
        if not arguments or arguments[0] in ("-h", "--help", "help"):
            print(usage())
            sys.exit(0 if arguments else 2)
        if arguments[0] in command_names():
            sys.exit(run_command(arguments[0], arguments[1:]))
        _run(arguments)
    except BenchError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


def usage() -> str:
    """The help text, with the experiments and commands that exist."""
    folder = paths.configs() / "experiment"
    experiments = {}
    for name in option_names("experiment"):
        lines = (folder / f"{name}.yaml").read_text(encoding="utf-8").splitlines()[1:]
        experiments[name] = next((line[2:] for line in lines if line.startswith("# ")), "")
    return USAGE.format(experiments=_listed(experiments), commands=_listed(command_names()))


def _listed(entries: dict[str, str]) -> str:
    width = max(map(len, entries), default=0)
    return "\n".join(f"  {name:<{width}}  {words}" for name, words in entries.items())


def option_names(group: str) -> list[str]:
    """The YAML files of one group of settings."""
    return sorted(path.stem for path in (paths.configs() / group).glob("*.yaml"))


def _run(arguments: list[str]) -> None:
    # the number of threads of linear algebra changes last bits; workers have one each
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    import hydra

    from bench import hydra_setup

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
            # Hydra would print a traceback
            print(f"error: {error}", file=sys.stderr)
            status = max(status, 1)

    hydra.main(version_base="1.3", config_path=str(paths.configs()), config_name="bench")(task)()
    sys.exit(status)


def _refuse_typos(arguments: list[str], known: dict[str, list[str]], keys: list[str]) -> None:
    for argument in arguments:
        if argument.startswith("-"):
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

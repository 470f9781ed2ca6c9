"""Write a new predictor that runs and passes its tests at once: file, settings, test.

The scaffold passes its tests as it is.
"""

from __future__ import annotations

import argparse
import keyword
import re
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

from bench.core.errors import ConfigError
from bench.core.options import options
from bench.core.registry import predictor_methods

TEST_NEEDS = "pytest"  # what the scaffold's own test imports beside the bench
NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


def main(arguments: list[str]) -> int:
    """Write the files and say what to type next."""
    parser = argparse.ArgumentParser(prog="bench new", description=__doc__)
    parser.add_argument("what", choices=["predictor"])
    parser.add_argument("name", help="in lower case with underscores, such as my_idea")
    parser.add_argument(
        "--package",
        type=Path,
        metavar="FOLDER",
        help="a package of its own in this folder, for use outside a checkout",
    )
    options = parser.parse_args(arguments)
    name = checked(options.name)
    here = Path()
    if options.package:
        written, steps = (
            package(name, options.package),
            [
                f"pip install --no-deps -e {options.package}",
                f"python -m pytest {options.package}",
            ],
        )
    elif is_checkout(here):
        written = checkout(name, here)
        steps = [f"python -m pytest tests/predictors/test_{name}.py"]
    else:
        raise ConfigError(
            f"'{here.resolve()}' is no checkout of election-bench (it lacks predictors/ or "
            "configs/predictor/); change into one, or give --package FOLDER"
        )
    print(*(f"wrote  {path}" for path in written), sep="\n")
    steps.append(
        f"python -m bench +experiment=quickstart 'predictor=[{name},last_election,quota_poll]'"
    )
    if find_spec("pytest") is None:
        steps.insert(len(steps) - 1, f"pip install {TEST_NEEDS}")
    print("next", *(f"  {step}" for step in steps), sep="\n")
    return 0


def checked(name: str) -> str:
    """A name that file, class, settings and table can share.

    Raises
    ------
    ConfigError
        If it cannot be one, or something has it already.
    """
    if not NAME.fullmatch(name) or keyword.iskeyword(name):
        raise ConfigError(
            f"'{name}' cannot be the name of a predictor; accepted: lower case, digits and "
            "underscores, beginning with a letter, such as my_idea"
        )
    if name in predictor_methods() or name in options("predictor"):
        raise ConfigError(f"a predictor is already called '{name}'; choose another name")
    return name


def is_checkout(folder: Path) -> bool:
    """Whether a folder is one in which predictors are kept."""
    rooms = ("predictors", "configs/predictor", "tests/predictors")
    return all((folder / room).is_dir() for room in rooms)


def checkout(name: str, root: Path) -> list[Path]:
    """Write predictor, YAML and test into a checkout."""
    words = {"name": name, "class_name": class_name(name), "module": f"predictors.{name}"}
    return write(
        {
            root / "predictors" / f"{name}.py": filled("predictor.py", words),
            root / "configs" / "predictor" / f"{name}.yaml": filled("predictor.yaml", words),
            root / "tests" / "predictors" / f"test_{name}.py": filled("test.py", words),
        }
    )


def package(name: str, folder: Path) -> list[Path]:
    """Write a package whose entry points the bench finds once it is installed."""
    own = f"bench_{name}"
    words = {
        "name": name,
        "class_name": class_name(name),
        "module": f"{own}.{name}",
        "package": own,
        "distribution": own.replace("_", "-"),
    }
    inside = folder / own
    return write(
        {
            folder / "pyproject.toml": filled("pyproject.toml", words),
            inside / "__init__.py": f'"""A predictor for election-bench: {name}."""\n',
            inside / f"{name}.py": filled("predictor.py", words),
            inside / "configs" / "__init__.py": '"""Settings, found by entry point."""\n',
            inside / "configs" / "predictor" / f"{name}.yaml": filled("predictor.yaml", words),
            folder / "tests" / f"test_{name}.py": filled("test.py", words),
        }
    )


def write(contents: dict[Path, str]) -> list[Path]:
    """Write files, none of which may exist.

    Raises
    ------
    ConfigError
        If one exists; nothing is written then.
    """
    if taken := [path for path in contents if path.exists()]:
        raise ConfigError(f"{taken[0]} exists already; move it away, or choose another name")
    for path, text in contents.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return list(contents)


def filled(template: str, words: dict[str, str]) -> str:
    """A template with its words filled in."""
    path = files("bench.cli.commands").joinpath("templates", f"{template}.txt")
    return path.read_text(encoding="utf-8").format(**words)


def class_name(name: str) -> str:
    """The class that goes with a file name.

    Examples
    --------
    >>> class_name("my_idea")
    'MyIdea'
    """
    return "".join(part.capitalize() for part in name.split("_"))

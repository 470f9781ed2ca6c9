"""Write a new predictor that passes its tests, or an election made of a file of polls.

The scaffold passes its tests as it is; the folder of the election is read by bench check.
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
from bench.data.election_folder import PRESIDENT
from bench.data.ingest.poll_map import shipped_maps

TEST_NEEDS = "pytest"  # what the scaffold's own test imports beside the bench
NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


def main(arguments: list[str]) -> int:
    """Write the files and say what to type next."""
    options = _parser().parse_args(arguments)
    return _predictor(options) if options.what == "predictor" else _election(options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bench new", description=__doc__)
    of = parser.add_subparsers(dest="what", required=True)
    predictor = of.add_parser("predictor", help="file, settings and test")
    predictor.add_argument("name", help="in lower case with underscores, such as my_idea")
    predictor.add_argument(
        "--package",
        type=Path,
        metavar="FOLDER",
        help="a package of its own in this folder, for use outside a checkout",
    )
    election = of.add_parser("election", help="a folder made of a file of polls")
    election.add_argument("name", help="in lower case with underscores, such as fr2022_mine")
    election.add_argument("--from", dest="file", type=Path, required=True, help="CSV or Parquet")
    election.add_argument(
        "--map", help=f"how it is read: {', '.join(shipped_maps())}, or a YAML file of yours"
    )
    election.add_argument(
        "--vote-on", nargs="+", required=True, metavar="DAY", help="of round 1, and of round 2"
    )
    election.add_argument("--title", default="", help="what people read (default: the name)")
    election.add_argument("--country", default="", help="ISO 3166, such as FR: whom it learns from")
    election.add_argument("--kind", default=PRESIDENT, help=f"what is elected ({PRESIDENT})")
    election.add_argument(
        "--slate",
        default="",
        help="who stands, needed without an outcome: polled (the list most tested), everybody, a "
        "hypothesis of the file, or open (nobody knows yet: forecasts are made slate by slate)",
    )
    election.add_argument("--outcome", type=Path, help="CSV: candidate, votes or share [, round]")
    election.add_argument("--into", type=Path, default=Path(), help="where (default: here)")
    return parser


def _election(options: argparse.Namespace) -> int:
    from bench.cli.commands.check import links
    from bench.cli.commands.import_ import chosen_map
    from bench.data.ingest.new_election import NewElection, make_election
    from bench.data.ingest.poll_file import read_polls
    from bench.data.minimal_election import ShortForm
    from bench.data.tables import doubts_of
    from bench.report.macros import RUN_WORDS

    days = dict(enumerate(map(_day, options.vote_on), start=1))
    if len(days) > 2:
        raise ConfigError(f"{len(days)} days of votes are given; accepted: one, or two")
    for path in (options.file, options.outcome):
        if path is not None and not path.is_file():
            raise ConfigError(f"{path} is not a file")
    new = NewElection(
        name=options.name,
        title=options.title or options.name,
        days=days,
        country=options.country,
        kind=options.kind,
        slate=options.slate,
        outcome=options.outcome,
    )
    poll_map = chosen_map(None, options.map)
    rows = read_polls(options.file, poll_map)
    election, families, notes = make_election(options.into, new, rows, poll_map, options.file)
    folder = options.into / new.name
    polls = election.polls.drop_duplicates("poll_id")
    n_institutes = polls["institute"].nunique()
    print(f"{folder}: {new.title}, {len(polls)} polls of {n_institutes} institutes")
    on_ballot = "tested; the ballot is open" if new.is_open else "on the ballot"
    is_known = families["how"].ne("not known")
    family = " (" + families["family"] + ", " + families["how"] + ")"
    families["words"] = families["name"] + family.where(is_known, "")
    for stands, words in families.groupby("stands", sort=False)["words"]:
        notes.append(f"{on_ballot if stands else 'tested, not on the ballot'}: {', '.join(words)}")
    if is_known.any() and not is_known.all():
        names = ", ".join(f"{name}: …" for name in families["name"][~is_known])
        notes.append(f"without a family: write `families: {{{names}}}` in {folder}/election.yaml")
    notes += [*links(ShortForm(election.folder))]
    notes += [RUN_WORDS.text("doubt", **doubt) for doubt in doubts_of(election)]
    run = f"run own election={folder} 'rounds=[{','.join(map(str, election.rounds))}]'"
    steps = [f"check {folder}", run if new.outcome else f"forecast {folder}"]
    print(*(f"  {note}" for note in notes), sep="\n")
    print("next", *(f"  python -m bench {step}" for step in steps), sep="\n")
    return 0


def _day(text: str) -> str:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        raise ConfigError(f"the day of the vote is '{text}'; accepted: such as 2022-04-10")
    return text


def _predictor(options: argparse.Namespace) -> int:
    """Write a predictor into the checkout, or into a package of its own."""
    name = checked(options.name)
    folder = Path()
    if options.package:
        written = package(name, options.package)
        steps = [
            f"pip install --no-deps -e {options.package}",
            f"python -m pytest {options.package}",
        ]
    elif is_checkout(folder):
        written = checkout(name, folder)
        steps = [f"python -m pytest tests/predictors/test_{name}.py"]
    else:
        raise ConfigError(
            f"'{folder.resolve()}' is not a checkout of election-bench (it lacks predictors/ or "
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
    existing = [path for path in contents if path.exists()]
    if existing:
        raise ConfigError(f"{existing[0]} exists already; move it away, or choose another name")
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

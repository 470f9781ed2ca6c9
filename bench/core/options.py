"""Names and one-line facts of everything that can be chosen, read without importing it."""

from __future__ import annotations

import ast
import importlib.util
import re
from collections.abc import Iterable
from functools import cache
from importlib.metadata import entry_points
from itertools import takewhile
from pathlib import Path
from typing import Any

from bench.core import paths
from bench.core.assurance import MARK, SHIPS, assurance_of, is_marked
from bench.core.errors import DataError
from bench.core.language import LANGUAGE, SOURCE, typeset
from bench.core.read import MAX_BYTES_OF_YAML, read_text

CONFIG_GROUP = "bench.configs"
"""Entry points under which plug-ins name their packages of settings."""
NAMES = ("label", "title_fr")
"""How the lines of a head begin that say what it is called."""
BROUGHT = {
    "predictor": "predictors",
    "instrument": "instruments",
    "distortion": "distortions",
    "experiment": "",
}
"""Groups of which plug-ins may bring options, and the setting below which these stand."""


def options(group: str) -> list[str]:
    """Every option of a config group, the bench's and those of plug-ins, in alphabetical order."""
    return sorted(files(group))


def listed_predictors() -> list[str]:
    """Every predictor but those whose YAML says that it is unlisted."""
    return [
        name
        for name in options("predictor")
        if not any(line.startswith("unlisted") for line in header("predictor", name))
    ]


def elections() -> list[str]:
    """The shipped elections."""
    return sorted(path.parent.name for path in paths.datasets().glob("*/election.yaml"))


def files(group: str) -> dict[str, Path]:
    """The YAML of every option of a config group; the bench's before one of a plug-in."""
    brought = plug_in_folders() if group in BROUGHT else ()
    folders = [folder / group for folder in (*brought, paths.configs())]
    return {path.stem: path for folder in folders for path in folder.glob("*.yaml")}


@cache
def plug_in_folders() -> tuple[Path, ...]:
    """The folders of settings that plug-ins bring; found without running any of it."""
    named = [point.value.split(".") for point in entry_points(group=CONFIG_GROUP)]
    folders = {Path(place, *below) for top, *below in named for place in package_folders(top)}
    return tuple(sorted(folders))


def is_brought(group: str, name: str) -> bool:
    """Whether the YAML of an option comes with a package, and none of its name with the bench."""
    file = f"{group}/{name}.yaml"
    if (paths.configs() / file).is_file():
        return False
    return any((folder / file).is_file() for folder in plug_in_folders())


def header(group: str, name: str) -> tuple[str, ...]:
    """The comment lines at the head of a YAML, without their signs; none of a missing file."""
    path = files(group).get(name)
    return () if path is None else _head(path)


def _text(path: Path) -> str:
    """The YAML of an option; empty for one that cannot be read, which is refused when composed."""
    try:
        return read_text(path, MAX_BYTES_OF_YAML)
    except DataError:
        return ""


def _head(path: Path) -> tuple[str, ...]:
    head = takewhile(lambda line: line.startswith("#"), _text(path).splitlines())
    return tuple(line.removeprefix("#").strip() for line in head if "@package" not in line)


def _head_values(path: Path) -> dict[str, str]:
    """What the comment lines of a head say by name, as ``label: …``."""
    return dict(line.partition(": ")[::2] for line in _head(path))


def first_comment(group: str, name: str) -> str:
    """The sentence in which a YAML says what it is: its first comment that is no name.

    Examples
    --------
    >>> first_comment("experiment", "2017_chain").startswith("France 2017 as one forecast")
    True
    >>> first_comment("experiment", "of_nobody")
    'from an installed package'
    """
    if name not in files(group):
        return "from an installed package"
    sentences = (line for line in header(group, name) if not line.startswith(NAMES))
    return next(sentences, "")


def fact(group: str, name: str, key: str) -> str:
    """What the head of a YAML says as ``# key: …``; empty where it says nothing."""
    path = files(group).get(name)
    return "" if path is None else _head_values(path).get(key, "")


def seconds(experiment: str) -> float:
    """Processor time of the first run of an experiment, in seconds; infinite if never measured.

    On one core, with nothing cached: what `time` says of it (user and system).
    """
    return float(fact("experiment", experiment, "seconds") or "inf")


def duration(experiment: str) -> str:
    """How long the first run of an experiment takes, in words; empty if never measured.

    Examples
    --------
    >>> duration("of_nobody")
    ''
    """
    time = seconds(experiment)
    for unit, length in (("seconds", 1), ("minutes", 60), ("hours", 3600)):
        if time < 90 * length:
            return f"about {max(time / length, 1):.0f} {unit}"
    return ""


def label(group: str, name: str, language: str = "") -> str:
    """The name that people read; the key in words where the YAML says none.

    Parameters
    ----------
    group : str
        The folder of `configs`: ``"predictor"``, ``"experiment"`` or ``"distortion"``.
    name : str
        The key: the stem of the YAML.
    language : str
        ``"en"`` or ``"fr"``, the current one if left out; a label without French is English.

    Examples
    --------
    >>> label("predictor", "last_poll"), label("predictor", "last_poll", "fr")
    ('Last poll of each institute', 'Dernier sondage de chaque institut')
    >>> label("predictor", "a_method_of_yours")
    'A method of yours'
    """
    return labels(group, [name], language)[name]


def labels(group: str, names: Iterable[str], language: str = "") -> dict[str, str]:
    """The names that people read, by key; as `label`, but the folder is read once.

    What does not ship carries its key, as its label may look like one that does; a predictor that
    nothing vouches for (`bench.core.assurance`) carries the mark too.

    Examples
    --------
    >>> labels("predictor", ["uniform", "last_election"])
    {'uniform': 'Uniform', 'last_election': 'Last election'}
    """
    paths_of = files(group)
    header_values = {
        name: _head_values(paths_of[name]) if name in paths_of else {} for name in names
    }
    language = language or LANGUAGE.get()
    key = "label" if language == SOURCE else f"label_{language}"
    label_of = {}
    for name, lines in header_values.items():
        words = lines.get(key) or lines.get("label") or in_words_of(name)
        is_predictor = group == "predictor"
        if is_brought(group, name) or (is_predictor and assurance_of(name) != SHIPS):
            words = f"{words} ({name})"
        label_of[name] = words + MARK if is_predictor and is_marked(name) else words
    return label_of


def title_in(language: str, experiment: str, title: str) -> str:
    """The title of an experiment in a language, as long as it is that of its YAML.

    Parameters
    ----------
    language : str
        ``"en"`` or ``"fr"``; a title without French is English.
    experiment, title : str
        Name and title, in English, with its fields.

    Examples
    --------
    >>> title_in("fr", "2017_r1_eve", "{vote}, as the eve ended")
    '{vote}, à la fin de la veille'
    >>> title_in("fr", "2017_r1_eve", "Mine"), title_in("fr", "of_nobody", "Nobody's")
    ('Mine', "Nobody's")
    """
    path = files("experiment").get(experiment)
    if language == SOURCE or path is None:
        return title
    written = re.search(r"(?m)^title: *(.*?) *$", _text(path))
    if written is None or written[1].strip("\"'") != title:
        return title
    return typeset(_head_values(path).get(f"title_{language}", title))


def in_words_of(name: str) -> str:
    """A key in words.

    Examples
    --------
    >>> in_words_of("raw_attention")
    'Raw attention'
    """
    return name.replace("_", " ").capitalize()


def method_of(group: str, name: str) -> str:
    """The file or entry point whose settings a YAML holds: its key `method`, or its own name.

    Examples
    --------
    >>> method_of("predictor", "filteris"), method_of("predictor", "uniform")
    ('published_claim', 'uniform')
    """
    match = re.search(r"(?m)^method: *(\w+)", _text(files(group)[name]))
    return match[1] if match else name


def class_facts(path: Path, **defaults: Any) -> dict[str, Any] | None:
    """Constants of the last class of a file, without importing it.

    Parameters
    ----------
    path : Path
        A Python file.
    **defaults
        The constants, and what they are where the class does not say.

    Returns
    -------
    dict or None
        None where there is no such file or class, or a constant is no literal.

    Examples
    --------
    >>> class_facts(predictor_file("uniform"), family="")
    {'family': 'baselines'}
    """
    if not path.is_file():
        return None
    tree = ast.parse(path.read_text(encoding="utf-8"))
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    if not classes:
        return None
    constants = dict(defaults)
    for node in classes[-1].body:
        if not isinstance(node, ast.AnnAssign) or node.value is None:
            continue
        name = ast.unparse(node.target)
        if name in defaults:
            try:
                constants[name] = _constant(node.value)
            except ValueError:
                return None
    return constants


def package_folders(name: str) -> list[str]:
    """The folders of a package, found without importing it; none where there is no such package."""
    spec = importlib.util.find_spec(name)
    return [] if spec is None else list(spec.submodule_search_locations or [])


def predictor_file(method: str) -> Path:
    """Where the class of a predictor stands, unless a plug-in brings it."""
    return Path(*package_folders("predictors")[:1]) / f"{method}.py"


def distortion_file(method: str) -> Path:
    """Where the class of a distortion stands, unless a plug-in brings it."""
    return Path(__file__).parents[1] / "simulation" / "distortions" / f"{method}.py"


def _constant(node: ast.expr) -> Any:
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "frozenset" and node.args:
        return frozenset(_constant(node.args[0]))
    if isinstance(node, ast.Set):  # also {*("polls", "buzz"), *("quotas",)}
        members: set[Any] = set()
        for element in node.elts:
            if isinstance(element, ast.Starred):
                members.update(ast.literal_eval(element.value))
            else:
                members.add(ast.literal_eval(element))
        return members
    return ast.literal_eval(node)

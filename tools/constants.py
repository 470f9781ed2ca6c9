"""Every constant of a YAML with its origin, as a page: `python -m tools.constants`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from bench.core import paths
from tools import pages

MARK = "origin:"
KINDS = ("published", "learned", "rule", "chosen after", "chosen by hand", "design", "definition")
"""How the text of an origin may begin."""

NOT_TUNED = frozenset({"seed", "rounds", "days_before", "elections", "as_of", "first_seed"})
"""Numbers that say what is asked, not how it is answered."""

WORDS = frozenset({"error_from", "elasticity", "pooling", "reading", "slope", "start"})
"""Keys whose texts are choices of a method too."""

INTRODUCTION = """# Every constant and where it comes from

From the comments of the YAMLs in `configs/predictor` and `configs/experiment`. An origin stands
behind a value as `origin: …`, or at the head of a file for all values that have none of their own;
an equal value of the same key elsewhere takes it over. It begins with one of

| word | means |
| --- | --- |
| published | taken from a source that is named |
| learned | follows from what the *task* may use (`earlier`: before the moment of the forecast) |
| rule | decided by a rule that was written down before the comparison was made |
| chosen after | chosen when scores against outcomes had been seen; which is said |
| chosen by hand | set without looking at scores, for a reason or out of habit |
| design | what an experiment asks (doses, replicates, moments): nothing is fitted to it |
| definition | follows from what the quantity is |

Numbers inside the models (priors, grids, the form of the shared error) stand in their docstrings
and in docs/poll_models.md; this page has what a run can set.
"""


@dataclass(frozen=True)
class Constant:
    """One value of one file."""

    file: str
    key: str
    value: str
    meaning: str
    origin: str
    stated: bool  # behind the value itself


def main() -> int:
    """Print the page."""
    print(page())
    return 0


def page() -> str:
    """The page as it should be.

    Raises
    ------
    SystemExit
        If a constant has no origin, or one that begins with no known word.
    """
    parts = [INTRODUCTION]
    wrong: list[str] = []
    folders = {"Predictors": "predictor", "Experiments": "experiment"}
    every = {title: list(constants(paths.configs() / name)) for title, name in folders.items()}
    said = [one for found in every.values() for one in found]
    for title, own in every.items():
        found = inherited(own, said)
        wrong += [
            f"{one.file}: {one.key} = {one.value}: "
            + (f"'{one.origin}'" if one.origin else "no origin")
            for one in found
            if not one.origin.startswith(KINDS)
        ]
        parts.append(f"## {title}\n\n{table(found)}\n")
    if wrong:
        raise SystemExit(
            "constants without an origin (write '# …; origin: chosen by hand' behind the value; "
            f"accepted beginnings: {', '.join(KINDS)}):\n" + "\n".join(wrong)
        )
    return "\n".join(parts)


def constants(folder: Path) -> Iterator[Constant]:
    """The constants of every YAML of a folder, in the order of names and lines."""
    for path in sorted(folder.glob("*.yaml")):
        text = path.read_text(encoding="utf-8")
        lines = text.splitlines()
        head = next((line for line in lines if line.startswith(f"# {MARK}")), "")
        general = head.removeprefix(f"# {MARK}").strip()
        root = yaml.compose(text)
        if not isinstance(root, yaml.MappingNode):
            continue
        for key, node in _leaves(root, ()):
            value: Any = yaml.safe_load(yaml.serialize(node))
            if not _is_constant(key, value):
                continue
            comment = _comment(lines[node.start_mark.line])
            meaning, _, origin = comment.partition(MARK)
            yield Constant(
                path.name.removesuffix(".yaml"),
                ".".join(key),
                _shown(value),
                meaning.strip().rstrip(";").strip(),
                origin.strip() or general,
                bool(origin),
            )


def inherited(found: list[Constant], every: list[Constant]) -> list[Constant]:
    """The same, with origin and meaning of an equal value of the same key where one has none."""
    said: dict[tuple[str, str], Constant] = {}
    for one in every:
        if one.stated:
            said.setdefault((_name(one), one.value), one)
    filled = []
    for one in found:
        other = one if one.stated else said.get((_name(one), one.value), one)
        filled.append(replace(one, meaning=one.meaning or other.meaning, origin=other.origin))
    return filled


def table(found: list[Constant]) -> str:
    """Markdown, a row for each key, value and origin."""
    rows: dict[tuple[str, str, str], list[Constant]] = {}
    for one in found:
        rows.setdefault((one.key, one.value, one.origin), []).append(one)
    lines = []
    for (key, value, origin), same in sorted(rows.items()):
        files = ", ".join(f"`{one.file}`" for one in same)
        meaning = next((one.meaning for one in same if one.meaning), "")
        cells = [f"`{key}`", value, files, meaning, origin]
        lines.append([cell.replace("|", "\\|") for cell in cells])
    return pages.table("constant | default | in | meaning | origin", lines)


def _leaves(node: yaml.MappingNode, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    for key, value in node.value:
        here = (*path, str(key.value))
        if here == ("defaults",):
            continue
        if isinstance(value, yaml.MappingNode):
            yield from _leaves(value, here)
        elif isinstance(value, yaml.SequenceNode) and any(
            isinstance(item, yaml.MappingNode) for item in value.value
        ):
            for item in value.value:
                if isinstance(item, yaml.MappingNode):
                    yield from _leaves(item, here)
        else:
            yield here, value


def _is_constant(key: tuple[str, ...], value: object) -> bool:
    if key[-1] in NOT_TUNED or key[0] in NOT_TUNED:
        return False
    if key[-1] in WORDS:
        return True
    values = value if isinstance(value, list) else [value]
    return bool(values) and all(
        isinstance(one, int | float) and not isinstance(one, bool) for one in values
    )


def _comment(line: str) -> str:
    _, mark, comment = line.partition(" #")
    return comment.strip() if mark else ""


def _name(one: Constant) -> str:
    return one.key.rsplit(".", 1)[-1]


def _shown(value: object) -> str:
    return str(value) if not isinstance(value, list) else ", ".join(map(str, value))


if __name__ == "__main__":
    raise SystemExit(main())

"""List experiments, predictors, distortions and elections, one line each."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from importlib.metadata import entry_points
from typing import Any

from bench.core import paths
from bench.core.errors import ConfigError, did_you_mean
from bench.core.options import (
    class_facts,
    distortion_file,
    first_comment,
    label,
    listed_predictors,
    method_of,
    options,
    predictor_file,
)
from bench.core.options import elections as shipped

KINDS = ("experiments", "predictors", "distortions", "elections")


def main(arguments: list[str]) -> int:
    """Print the lists."""
    parser = argparse.ArgumentParser(prog="bench list", description=__doc__)
    parser.add_argument(
        "kind", nargs="*", help=f"{', '.join(KINDS)} (default: all), or the name of a collection"
    )
    requested = parser.parse_args(arguments).kind
    titles = collections()
    kinds = [kind for kind in requested if kind not in titles] if requested else list(KINDS)
    if misspelt := [kind for kind in kinds if kind not in KINDS]:
        words = did_you_mean(misspelt[0], [*KINDS, *titles])
        raise ConfigError(f"no list is called '{misspelt[0]}' ({words})")
    for name in requested:
        if name in titles:
            _print(titles[name], members(name))
    rows = (experiments, predictors, distortions, elections)
    for kind, of_kind in zip(KINDS, rows, strict=True):
        if kind in kinds:
            _print(kind, of_kind())
    if requested and "elections" in kinds:
        for name, title in titles.items():
            _print(title, members(name))
    return 0


def _print(title: str, rows: Iterable[tuple[str, str]]) -> None:
    lines = dict(rows)
    width = max(map(len, lines))
    print(title, *(f"  {name:<{width}}  {words}" for name, words in lines.items()), sep="\n")
    print()


def experiments() -> Iterator[tuple[str, str]]:
    """Name, label and first comment of every experiment."""
    for name in options("experiment"):
        yield name, f"{label('experiment', name)}. {first_comment('experiment', name)}"


def predictors() -> Iterator[tuple[str, str]]:
    """Name, label, family, evidence and first line of every predictor."""
    for name in listed_predictors():
        method = method_of("predictor", name)
        facts = class_facts(predictor_file(method), family="", needs=frozenset())
        try:
            if facts is None:
                import bench.runner.process  # noqa: F401 - slow; loads what does not ship
                from bench.core.registry import load_predictor

                facts = _facts(load_predictor(method), "family", "needs")
        except Exception as error:  # noqa: BLE001 - a plug-in that cannot be imported
            yield name, f"cannot be loaded: {error}"
            continue
        needs = ", ".join(sorted(facts["needs"])) or "nothing"
        yield (
            name,
            f"{label('predictor', name)} [{facts['family']}; reads {needs}] {facts['__doc__']}",
        )


def distortions() -> Iterator[tuple[str, str]]:
    """Name, label, evidence, unit of the dose and first comment of every distortion."""
    for name in options("distortion"):
        method = method_of("distortion", name)
        facts = class_facts(distortion_file(method), touches=frozenset(), unit="")
        try:
            if facts is None:
                (point,) = entry_points(group="bench.distortions", name=method)
                facts = _facts(point.load(), "touches", "unit")
        except Exception as error:  # noqa: BLE001 - a plug-in that cannot be imported
            yield name, f"cannot be loaded: {error}"
            continue
        touches = ", ".join(sorted(facts["touches"]))
        words = f"[distorts {touches}; dose: {facts['unit']}] {first_comment('distortion', name)}"
        yield name, f"{label('distortion', name)} {words}"


def _facts(kind: type, *names: str) -> dict[str, Any]:
    """The facts of a class, as `class_facts` gives them."""
    facts = {name: getattr(kind, name) for name in names}
    return {**facts, "__doc__": (kind.__doc__ or "").strip().partition("\n")[0]}


def elections() -> Iterator[tuple[str, str]]:
    """Name, title and rounds of every shipped election."""
    import yaml

    for name in shipped():
        path = paths.datasets() / name / "election.yaml"
        facts = yaml.safe_load(path.read_text(encoding="utf-8"))
        rounds = facts["rounds"].values()
        days = []
        for ballot_round in rounds:
            possible_days = ballot_round.get("possible_days") or [ballot_round["vote_on"]]
            days.append(" or ".join(map(_day, possible_days)))
        yield name, f"{facts['name']} ({', '.join(days)})"
    for name, title in collections().items():
        yield name, f"collection: {title} (bench list {name})"


def collections() -> dict[str, str]:
    """Title of every shipped collection of elections, by its name."""
    import yaml

    titles = {}
    for path in sorted(paths.datasets().glob("*/collection.yaml")):
        titles[path.parent.name] = str(yaml.safe_load(path.read_text(encoding="utf-8"))["title"])
    return titles


def members(collection: str) -> Iterator[tuple[str, str]]:
    """Name, title and rounds of every election of a collection; why it is not ranked."""
    import pyarrow.parquet as pq  # alone: pandas is slow to import

    columns = ["election", "title", "vote_on", "ranked", "unranked_because"]
    path = paths.datasets() / collection / "elections.parquet"
    by_name: dict[str, list[dict[str, Any]]] = {}
    for row in pq.read_table(path, columns=columns).to_pylist():
        by_name.setdefault(row["election"], []).append(row)
    for name, rounds in by_name.items():
        days = ", ".join(_day(row["vote_on"]) for row in rounds)
        because = "" if rounds[0]["ranked"] else f"; not ranked: {rounds[0]['unranked_because']}"
        yield name, f"{rounds[0]['title']} ({days}){because}"


def _day(value: date | str) -> str:
    day = value if isinstance(value, date) else datetime.fromisoformat(value)
    return f"{day.day} {day:%B %Y}"

"""List experiments by question, predictors, distortions, elections, or those of a collection."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from importlib.metadata import entry_points
from typing import Any

from bench.cli.main import listed
from bench.core import paths
from bench.core.errors import ConfigError, did_you_mean
from bench.core.options import (
    class_facts,
    distortion_file,
    duration,
    fact,
    first_comment,
    label,
    listed_predictors,
    method_of,
    options,
    predictor_file,
    seconds,
)
from bench.core.options import elections as shipped

Entry = tuple[str, str, str]
"""Heading, name and words."""
COLUMNS = 100
MORE = "also: bench list predictors, distortions, elections; bench show NAME says what a name means"


def main(arguments: list[str]) -> int:
    """Print the lists."""
    lists = {
        "experiments": experiments,
        "predictors": predictors,
        "distortions": distortions,
        "elections": elections,
    }
    titles = collections()
    parser = argparse.ArgumentParser(prog="bench list", description=__doc__)
    kinds = f"{', '.join(lists)}, or the name of a collection (default: experiments)"
    parser.add_argument("kind", nargs="*", help=kinds)
    requested = parser.parse_args(arguments).kind
    for kind in requested:
        if kind not in lists and kind not in titles:
            words = did_you_mean(kind, [*lists, *titles])
            raise ConfigError(f"no list is called '{kind}' ({words})")
    for kind in requested or ["experiments"]:
        _print(members(kind) if kind in titles else lists[kind]())
    if not requested:
        print(MORE)
    return 0


def _print(entries: Iterable[Entry]) -> None:
    headings: dict[str, dict[str, str]] = {}
    for heading, name, words in entries:
        headings.setdefault(heading, {})[name] = words
    width = max(len(name) for names in headings.values() for name in names)
    for heading, names in headings.items():
        print(heading, listed(names, width, COLUMNS), sep="\n", end="\n\n")


def experiments() -> list[Entry]:
    """Question, name, label and duration of every experiment, the quickest first."""
    entries = []
    for name in options("experiment"):
        words = ", ".join(filter(None, (label("experiment", name), duration(name))))
        entries.append((fact("experiment", name, "question") or "Others", name, words))
    return sorted(entries, key=lambda entry: seconds(entry[1]))


def predictors() -> Iterator[Entry]:
    """Family, name and label of every predictor, by family."""
    yield from sorted(_predictors())


def _predictors() -> Iterator[Entry]:
    for name in listed_predictors():
        method = method_of("predictor", name)
        facts = class_facts(predictor_file(method), family="")
        try:
            if facts is None:
                import bench.runner.process  # noqa: F401 - slow; loads what does not ship
                from bench.core.registry import load_predictor

                facts = {"family": load_predictor(method).family}
        except Exception as error:  # noqa: BLE001 - a plug-in that cannot be imported
            yield "cannot be loaded", name, str(error)
            continue
        yield facts["family"], name, label("predictor", name)


def distortions() -> Iterator[Entry]:
    """Heading, name, label, evidence, unit of the dose and first comment of every distortion."""
    for name in options("distortion"):
        method = method_of("distortion", name)
        facts = class_facts(distortion_file(method), touches=frozenset(), unit="")
        try:
            if facts is None:
                (point,) = entry_points(group="bench.distortions", name=method)
                kind = point.load()
                facts = {"touches": kind.touches, "unit": kind.unit}
        except Exception as error:  # noqa: BLE001 - a plug-in that cannot be imported
            yield "distortions", name, f"cannot be loaded: {error}"
            continue
        touches = ", ".join(sorted(facts["touches"]))
        words = f"[distorts {touches}; dose: {facts['unit']}] {first_comment('distortion', name)}"
        yield "distortions", name, f"{label('distortion', name)} {words}"


def elections() -> Iterator[Entry]:
    """Heading, name, title and rounds of every shipped election."""
    import yaml

    for name in shipped():
        path = paths.datasets() / name / "election.yaml"
        facts = yaml.safe_load(path.read_text(encoding="utf-8"))
        rounds = facts["rounds"].values()
        days = []
        for ballot_round in rounds:
            possible_days = ballot_round.get("possible_days") or [ballot_round["vote_on"]]
            days.append(" or ".join(map(_day, possible_days)))
        yield "elections", name, f"{facts['name']} ({', '.join(days)})"
    for name, title in collections().items():
        yield "collections: bench list NAME", name, title


def collections() -> dict[str, str]:
    """Title of every shipped collection of elections, by its name."""
    import yaml

    titles = {}
    for path in sorted(paths.datasets().glob("*/collection.yaml")):
        titles[path.parent.name] = str(yaml.safe_load(path.read_text(encoding="utf-8"))["title"])
    return titles


def members(collection: str) -> Iterator[Entry]:
    """Title of a collection, and name, title and rounds of its elections; why one is not ranked."""
    import pyarrow.parquet as pq  # alone: pandas is slow to import

    columns = ["election", "title", "vote_on", "ranked", "unranked_because"]
    path = paths.datasets() / collection / "elections.parquet"
    heading = collections()[collection]
    by_name: dict[str, list[dict[str, Any]]] = {}
    for row in pq.read_table(path, columns=columns).to_pylist():
        by_name.setdefault(row["election"], []).append(row)
    for name, rounds in by_name.items():
        days = ", ".join(_day(row["vote_on"]) for row in rounds)
        because = "" if rounds[0]["ranked"] else f"; not ranked: {rounds[0]['unranked_because']}"
        yield heading, name, f"{rounds[0]['title']} ({days}){because}"


def _day(value: date | str) -> str:
    day = value if isinstance(value, date) else datetime.fromisoformat(value)
    return f"{day.day} {day:%B %Y}"

"""Every English message of the code and of its data, and the French catalogue brought up to them.

``python -m tools.catalogue`` adds what is new to `bench/core/locale/fr.csv`, without a translation,
and drops what nobody says any more; the tests refuse a catalogue that is not whole.
"""

from __future__ import annotations

import ast
import csv
from collections.abc import Iterator
from pathlib import Path

import yaml

from bench.core import paths
from bench.core.options import files, in_words_of, method_of, options
from bench.core.registry import load_predictor
from bench.metrics.registry import metrics
from bench.report.formatting import registered
from bench.simulation.distortions import DISTORTIONS

ROOT = Path(__file__).parents[1]
FRENCH = ROOT / "bench" / "core" / "locale" / "fr.csv"
KEYWORDS = ("_", "N_")


def messages() -> dict[str, str]:
    """Every message with the first file that says it."""
    found: dict[str, str] = {}
    for place, text in (*_of_code(), *_of_data()):
        if text:
            found.setdefault(text, place)
    return found


def _of_code() -> Iterator[tuple[str, str]]:
    for path in sorted((ROOT / "bench").rglob("*.py")):
        place = path.relative_to(ROOT).as_posix()
        yield from ((place, message) for message in _of_python(_text(path)))


def _of_python(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
            text = node.args[0]
            if node.func.id in KEYWORDS and isinstance(text, ast.Constant):
                yield str(text.value)


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _of_data() -> Iterator[tuple[str, str]]:
    """Words that are data: columns, units, families, names of alternatives and places."""
    for spec in registered().values():
        yield "bench/report/columns.csv", spec.label
        yield "bench/report/columns.csv", spec.meaning
    for metric in metrics().values():
        yield "bench/metrics", str(metric.unit).removeprefix("none")
    for name in options("predictor"):
        yield "predictors", load_predictor(method_of("predictor", name)).family
    for method in DISTORTIONS.names():
        yield "bench/simulation/distortions", DISTORTIONS.load(method).unit
    for name, path in files("experiment").items():
        written = yaml.safe_load(_text(path)) or {}
        said = [*written.get("simulation", {}).get("alternatives", ())]
        known = set(options("predictor"))
        said += [in_words_of(key) for key in written.get("predictors", {}) if key not in known]
        yield from ((f"configs/experiment/{name}.yaml", text) for text in said)
    for path in sorted(paths.datasets().glob("*/country.yaml")):
        for label in yaml.safe_load(_text(path)).get("labels", {}).values():
            yield "datasets", label
        for place in yaml.safe_load(_text(path)).get("places", {}):
            yield "datasets", place.replace("_", " ")


def translations() -> dict[str, str]:
    """What the catalogue holds, by message."""
    with FRENCH.open(encoding="utf-8", newline="") as file:
        return {row["en"]: row["fr"] for row in csv.DictReader(file)}


def main() -> None:
    """Write the catalogue."""
    known = translations()
    found = sorted(messages().items(), key=lambda item: (item[1], item[0]))
    with FRENCH.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["en", "fr"])
        rows.writerows([text, known.get(text, "")] for text, _place in found)
    missing = sum(not known.get(text) for text, _place in found)
    print(f"{len(found)} messages, {missing} without a translation: {FRENCH}")


if __name__ == "__main__":
    main()

"""Every English message of the code and of its data, and the French catalogue brought up to them.

``python -m tools.catalogue`` adds what is new to `bench/core/locale/fr.po`, without a translation,
and drops what nobody says any more; the tests refuse a catalogue that is not whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import yaml
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

from bench.core import paths
from bench.core.options import files, in_words_of, method_of, options
from bench.core.registry import load_predictor
from bench.metrics.registry import metrics
from bench.report.formatting import in_words, registered
from bench.simulation.distortions import DISTORTIONS
from bench.studies.election_night.reporting_order import ORDERS

ROOT = Path(__file__).parents[1]
FRENCH = ROOT / "bench" / "core" / "locale" / "fr.po"
KEYWORDS = {"_": None, "N_": None, "Message": None, "ngettext": (1, 2)}
METHODS = {".py": "python", ".html": "jinja2.ext.babel_extract"}

Id = str | tuple[str, str]


def messages() -> dict[Id, list[str]]:
    """Every message, a pair where it has a plural, with the files that say it."""
    found: dict[Id, list[str]] = {}
    for place, text in (*_of_code(), *_of_data()):
        if text:
            found.setdefault(text, []).append(place)
    return found


def _of_code() -> Iterator[tuple[str, Id]]:
    for path in sorted((ROOT / "bench").rglob("*")):
        method = METHODS.get(path.suffix)
        if method is None or not re.search(r"\b(_|N_|language|ngettext|Message)\(", _text(path)):
            continue
        place = path.relative_to(ROOT).as_posix()
        for _line, message, *_rest in extract_from_file(method, path, keywords=KEYWORDS):
            yield place, message if isinstance(message, str) else (message[0], message[1])


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _of_data() -> Iterator[tuple[str, str]]:
    """Words that are data: columns, units, families, titles of experiments and elections."""
    for spec in registered().values():
        yield "bench/report/columns.csv", spec.label
        yield "bench/report/columns.csv", spec.meaning
    for metric in metrics().values():
        yield "bench/metrics", str(metric.unit).removeprefix("none")
    for name in options("predictor"):
        yield "predictors", load_predictor(method_of("predictor", name)).family
    for method in DISTORTIONS.names():
        yield "bench/simulation/distortions", DISTORTIONS.load(method).unit
    for order in ORDERS:
        yield "bench/studies/election_night", in_words(order, "order", {})
    for name, path in files("experiment").items():
        written = yaml.safe_load(_text(path)) or {}
        said = [written.get("title", ""), *written.get("simulation", {}).get("alternatives", ())]
        known = set(options("predictor"))
        said += [in_words_of(key) for key in written.get("predictors", {}) if key not in known]
        yield from ((f"configs/experiment/{name}.yaml", text) for text in said)
    for path in sorted(paths.datasets().glob("*/country.yaml")):
        for label in yaml.safe_load(_text(path)).get("labels", {}).values():
            yield "datasets", label
        for place in yaml.safe_load(_text(path)).get("places", {}):
            yield "datasets", place.replace("_", " ")
    for path in sorted(paths.datasets().glob("*/election.yaml")):
        title = yaml.safe_load(_text(path))["name"]
        yield "datasets", re.sub(r" \d{4}$", " {year}", title)


def forms_of(message: Message) -> tuple[str, ...]:
    """What a message is in French: one sentence, or its singular and plural; empty where open."""
    said = message.string or ""
    return (said,) if isinstance(said, str) else tuple(said)


def main() -> None:
    """Write the catalogue."""
    with FRENCH.open("rb") as file:
        known = read_po(file, locale="fr")
    new = Catalog(locale="fr", fuzzy=False, header_comment="# French sentences of election-bench.")
    new.mime_headers = known.mime_headers
    for text, places in sorted(messages().items(), key=lambda item: (item[1][0], str(item[0]))):
        old = known.get(text[0] if isinstance(text, tuple) else text)
        said = old.string if old is not None and old.id == text else None
        new.add(text, string=said, auto_comments=[places[0]])
    with FRENCH.open("wb") as file:
        write_po(file, new, width=100, omit_header=False, sort_output=False)
    missing = sum(not forms_of(one)[-1] for one in new if one.id)
    print(f"{len(new)} messages, {missing} without a translation: {FRENCH}")


if __name__ == "__main__":
    main()

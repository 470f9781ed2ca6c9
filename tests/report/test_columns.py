"""Columns: what they are called in both languages, and what their values are called."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from bench.core.language import LANGUAGES, use_language
from bench.core.options import method_of, options
from bench.core.registry import load_predictor
from bench.metrics.registry import metrics
from bench.report import columns
from bench.report.columns import column_specs, in_words, registered, value_labels
from bench.report.tables import table
from bench.simulation.distortions import DISTORTIONS

REPORT = Path(columns.__file__).parent


@pytest.mark.parametrize("name", ["columns.csv", "values.csv"])
def test_every_label_and_meaning_has_its_french(name: str) -> None:
    with (REPORT / name).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        for field in {"label", "meaning"} & set(row):
            assert bool(row[field]) == bool(row[f"{field}_fr"]), (name, row)
    keys = [(row.get("of"), row.get("key", row.get("value"))) for row in rows]
    assert len(set(keys)) == len(keys)


def test_every_metric_that_ships_has_its_french() -> None:
    without = [name for name, metric in metrics().items() if not metric.label_fr]
    assert not without
    with use_language("fr"):
        spec = column_specs(["crps_pp"], {}, {}, "fr")["crps_pp"]
    assert spec.meaning == "points de pourcentage\u202f; plus bas est meilleur"


def test_families_and_units_that_ship_are_called_something_in_french() -> None:
    families = {load_predictor(method_of("predictor", key)).family for key in options("predictor")}
    units = {DISTORTIONS.load(name).unit for name in DISTORTIONS.names()}
    assert families <= set(value_labels("family", "fr"))
    assert units <= set(value_labels("unit", "fr"))


def test_what_has_no_french_shows_its_english(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    row = {"key": "luck", "label": "luck", "label_fr": "", "meaning": "of the day", "form": "1"}
    monkeypatch.setattr(columns, "_rows", lambda _name: [row])
    registered.cache_clear()
    try:
        assert registered("fr") == registered("en")
        assert registered("fr")["luck"].meaning == "of the day"
    finally:
        registered.cache_clear()
    with use_language("fr"):
        assert in_words("a family of yours", "family") == "a family of yours"
        assert in_words("baselines", "family") == "références"


@pytest.mark.parametrize("language", LANGUAGES)
def test_values_are_written_in_the_language_of_the_table(language: str) -> None:
    rows: Any = {"family": ["buzz", "hybrids"], "ok": [True, False], "n": [1234.5, None]}
    with use_language(language):
        built = table("t", pd.DataFrame(rows), title="T")
    texts = {key: built.texts(key) for key in rows}
    assert (
        texts
        == {
            "en": {"family": ["buzz", "hybrids"], "ok": ["yes", "no"], "n": ["1,234.5", "–"]},
            "fr": {
                "family": ["réseaux sociaux", "méthodes mixtes"],
                "ok": ["oui", "non"],
                "n": ["1\u202f234,5", "–"],
            },
        }[language]
    )

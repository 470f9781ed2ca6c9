"""The context of a report: refusals first."""

import hashlib
import json
import shutil
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pandas as pd
import pytest

from bench.core import paths
from bench.core.errors import DataError
from bench.core.language import use_language
from bench.core.settings import Experiment
from bench.data.collection import collections, load_collection
from bench.data.election import folder_names
from bench.data.task import Task
from bench.report.context import (
    ReportContext,
    cite_of,
    context_of,
    election_title,
    experiment_title,
    sources_of,
    title_of,
)


def test_facts_that_do_not_fit_are_refused(made_up: Callable[..., ReportContext]) -> None:
    facts = made_up()
    for changes, words in (
        ({"outcome": 100 * facts.outcome}, "sum to 100"),
        ({"outcome": facts.outcome.replace(facts.outcome["chereau"], float("nan"))}, "sum to nan"),
        ({"names": {c: c for c in facts.names if c != "delmas"}}, r"no name .* \['delmas'\]"),
        ({"qualifiers": ("chereau",)}, "are not 2 of the ballot"),
    ):
        with pytest.raises(DataError, match=words):
            made_up(**changes)


def test_a_citation_has_the_year_of_the_version_that_made_the_run_alone() -> None:
    experiment = Experiment(name="a_b")
    manifest = {"libraries": {"election-bench": version("election-bench")}}
    digits = hashlib.sha256((json.dumps(manifest, indent=2) + "\n").encode()).hexdigest()[:16]
    sentence, _, entry = cite_of(experiment, manifest).partition("\n\n")
    note = f"SHA-256 of manifest.json starts with {digits}"
    assert sentence.endswith("Experiment a_b.")
    assert entry.startswith("@software{election-bench-a_b,\n")
    assert "author = {{The election-bench authors}}" in entry
    assert f"note = {{Experiment a\\_b, {note}}}" in entry
    assert "year = {20" in entry
    earlier = cite_of(experiment, {"libraries": {"election-bench": "0.1"}})
    assert "year" not in earlier
    assert "version = {0.1}" in earlier


@pytest.mark.parametrize("folder", [*folder_names(), *collections()])
def test_every_shipped_source_has_a_name_in_both_languages_and_no_path(folder: str) -> None:
    name = load_collection(folder).names[0] if folder in collections() else folder
    lines = set()
    for language in ("en", "fr"):
        with use_language(language):
            lines.add(sources_of([name]))
    assert len(lines) == 2
    assert not any("CARD" in line or "datasets" in line or "{" in line for line in lines)


def test_an_own_folder_is_named_beside_what_ships(tmp_path: Path) -> None:
    own = tmp_path / "town"
    shutil.copytree(paths.datasets() / "toy", own)
    source = "the folder 'town', brought along by the user"
    assert sources_of([str(own)]) == f"Evidence and official votes: {source}"
    both = sources_of(["fr2022", str(own)])
    assert both.endswith(f"polls: NSPPolls (MIT); evidence and official votes: {source}")


def test_a_title_may_hold_braces_and_a_year() -> None:
    titles = ["F {x} 2030", "{0} of 2030", "{ 2030", "F {x.y!r:>9} 2030"]
    assert [election_title(title) for title in titles] == titles


@pytest.mark.parametrize(
    ("elections", "rounds", "english", "french"),
    [
        (
            ["fr2022"],
            [1],
            "First round of the French presidential election, 10 April 2022: 2022",
            "Premier tour de l’élection présidentielle française, 10 avril 2022: 2022",
        ),
        (
            ["fr2022"],
            [1, 2],
            "French presidential election of 2022: 2022",
            "Élection présidentielle française de 2022: 2022",
        ),
        (
            ["fr2016_primary_right"],
            [2],
            "French primary of the right and centre, 2016, runoff: 2016",
            "Primaire de la droite et du centre, 2016, second tour: 2016",
        ),
        (
            ["fr2017_parliament"],
            [1],
            "French legislative election of 2017, first round by bloc: 2017",
            "Élections législatives françaises de 2017, premier tour par bloc: 2017",
        ),
    ],
)
def test_a_title_names_the_vote(
    elections: list[str], rounds: list[int], english: str, french: str
) -> None:
    experiment = Experiment(title="{vote}: {year}", elections=elections, rounds=rounds)
    for code, words in (("en", english), ("fr", french)):
        with use_language(code):
            assert title_of(experiment) == words


def test_a_context_is_titled_by_its_own_vote_in_the_language_of_the_report() -> None:
    experiment = Experiment(
        name="2017_r1_eve", title="{vote}, as the eve ended", elections=["fr2017", "fr2022"]
    )
    kept = context_of(experiment, Task("fr2022", 2)).to_json()
    assert kept["title"] == experiment.title
    for code, words in (
        ("en", "Runoff of the French presidential election, 24 April 2022, as the eve ended"),
        ("fr", "Second tour de l’élection présidentielle française, 24 avril 2022, à la fin de la"),
    ):
        with use_language(code):
            assert ReportContext.from_json(kept, experiment.name).title.startswith(words)


def test_candidates_stand_in_order_of_votes(made_up: Callable[..., ReportContext]) -> None:
    assert made_up().by_votes[:3] == ("chereau", "esteve", "delmas")


def test_equal_votes_stand_in_order_of_the_alphabet(made_up: Callable[..., ReportContext]) -> None:
    facts = made_up(
        outcome=pd.Series({"b": 0.25, "a": 0.25, "c": 0.5}),
        names=dict(zip("abc", "ABC", strict=True)),
        families=dict.fromkeys("abc", "other"),
        qualifiers=("c", "a"),
    )
    assert facts.by_votes == ("c", "a", "b")


def test_a_context_comes_back_from_json_whole(made_up: Callable[..., ReportContext]) -> None:
    facts = made_up(source="", dataset="toy", least_polled=0.1)
    again = ReportContext.from_json(json.loads(json.dumps(facts.to_json())), "own")
    for name, value in vars(facts).items():
        other = getattr(again, name)
        if isinstance(value, pd.Series | pd.DataFrame):
            assert value.equals(other)
        else:
            assert value == other


def test_the_context_of_another_version_is_refused(made_up: Callable[..., ReportContext]) -> None:
    kept = made_up().to_json()
    del kept["qualifiers"]
    with pytest.raises(DataError, match=r"qualifiers.*run the experiment again"):
        ReportContext.from_json(kept, "own")


def test_a_title_that_is_not_that_of_the_yaml_stays_as_it_was_asked_for() -> None:
    for title, french in (
        ("Which kind of method deserves trust?", "À quel type de méthode se fier\u202f?"),
        ("A title of mine", "A title of mine"),
    ):
        experiment = Experiment(name="track_record", title=title)
        assert experiment_title(experiment) == title
        with use_language("fr"):
            assert experiment_title(experiment) == french

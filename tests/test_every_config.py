"""What holds for every experiment that is shipped."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from bench.core import paths
from bench.core.language import LANGUAGES, use_language
from bench.core.options import elections, header, label, options, title_in
from bench.core.settings import Experiment
from bench.data.election import load_election
from bench.report.context import election_title, title_of
from bench.runner.runner import tasks_of
from bench.studies.base import load_study
from bench.studies.run import check

EXPERIMENTS = sorted(path.stem for path in (paths.configs() / "experiment").glob("*.yaml"))
# backtests, and what else asks predictors about a vote at a moment
ABOUT_2017 = (
    *("2017_r1", "2017_r1_eve", "2017_r1_horizon", "2017_r2", "2017_r2_horizon", "2017_areas"),
    *("2017_chain", "volunteers_2017", "2017_r1_manipulation", "2017_breaking_point"),
)


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_every_experiment_composes_and_plans(
    name: str, composed: Callable[..., Experiment]
) -> None:
    experiment = composed(f"+experiment={name}")
    assert experiment.name == name
    assert experiment.title
    check(experiment, load_study(experiment.study))  # sets only what its study reads
    if experiment.study != "backtest":
        return
    assert tasks_of(experiment)
    assert experiment.baseline in experiment.predictors


def test_no_experiment_fixes_its_moment_but_that_of_the_present(
    composed: Callable[..., Experiment],
) -> None:
    fixed = [name for name in EXPERIMENTS if composed(f"+experiment={name}").as_of]
    assert fixed == ["2027_board", "2027_r1"]


@pytest.mark.parametrize("name", ABOUT_2017)
def test_another_election_gives_moment_and_title(
    name: str, composed: Callable[..., Experiment]
) -> None:
    experiment = composed(f"+experiment={name}", "elections=[fr2022]")
    for code in LANGUAGES:
        with use_language(code):
            title = title_of(experiment)
        assert "2022" in title
        assert "2017" not in title
    own = composed(f"+experiment={name}")
    for task, task_of_2017 in zip(tasks_of(experiment), tasks_of(own), strict=True):
        assert task.vote_on - task.as_of == task_of_2017.vote_on - task_of_2017.as_of


@pytest.mark.parametrize("group", ["experiment", "predictor", "distortion"])
def test_everything_that_is_chosen_has_a_name_for_people_in_both_languages(group: str) -> None:
    written = {
        name: [line for line in header(group, name) if line.startswith(("label:", "label_fr:"))]
        for name in options(group)
    }
    without = [name for name, lines in written.items() if len(lines) != 2]
    assert not without, "begin their YAML with the lines '# label: …' and '# label_fr: …'"
    for language in ("en", "fr"):
        labels = [label(group, name, language) for name in written]
        assert len(set(labels)) == len(labels)
        assert max(map(len, labels)) <= 50  # beside a number it has to fit into a terminal


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_every_title_with_words_stands_in_french_beside_the_english(
    name: str, composed: Callable[..., Experiment]
) -> None:
    title = composed(f"+experiment={name}").title
    french = title_in("fr", name, title)
    has_words = bool(re.sub(r"{\w+}", "", title))
    assert (french != title) == has_words
    assert re.findall(r"{\w+}", french) == re.findall(r"{\w+}", title)


@pytest.mark.parametrize("name", elections())
def test_every_election_that_ships_has_a_french_title(name: str) -> None:
    title = load_election(name).title
    assert election_title(title) == title
    with use_language("fr"):
        assert election_title(title) != title

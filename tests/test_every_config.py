"""What holds for every experiment that is shipped."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bench.core import paths
from bench.core.options import header, label, options
from bench.core.settings import Experiment
from bench.runner.runner import tasks_of
from bench.studies.base import load_study
from bench.studies.run import check

EXPERIMENTS = sorted(path.stem for path in (paths.configs() / "experiment").glob("*.yaml"))


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

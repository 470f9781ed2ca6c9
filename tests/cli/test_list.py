"""`bench list` names everything that exists, with the unit of every dose."""

from __future__ import annotations

import subprocess
import sys

import pytest

from bench.cli.commands import list_, show
from bench.core.compose import compose
from bench.core.options import duration, fact, label, method_of, options, seconds
from bench.core.registry import load_predictor
from bench.simulation.distortions import make_distortion

UNMEASURED = {"2017_breaking_point", "2017_r1_bias", "2017_r1_spoiled_polls"}  # minutes


def test_every_distortion_is_listed_with_the_unit_of_its_dose() -> None:
    rows = {name: words for _heading, name, words in list_.distortions()}
    names = options("distortion")
    assert list(rows) == names
    distortions = compose(f"distortion=[{','.join(names)}]").distortions
    for name, words in rows.items():
        assert f"dose: {make_distortion(name, dict(distortions[name] or {})).unit}]" in words
    assert "half_life_days: learned   # follows poll_half_life_days" in show.predictor("quota_poll")


def test_an_election_is_shown_with_how_each_table_was_found() -> None:
    assert "    ratings          press: gov; hindsight: voter_autrement" in show.election("fr2017")
    assert "    claims           series: betfair" in show.election("gb2015")
    assert "    polls            series" in show.election("fr1965")


def test_the_facts_are_those_of_the_classes() -> None:
    family_of = {name: family for family, name, _words in list_.predictors()}
    unlisted = "poll_tracker_alone"  # a contrast, no forecast for readers
    assert sorted(family_of) == [name for name in options("predictor") if name != unlisted]
    for name in ("uniform", "app_raked", "filteris", "quota_poll"):
        assert family_of[name] == load_predictor(method_of("predictor", name)).family


@pytest.mark.parametrize("kinds", [[], ["predictors"]])
def test_a_list_fits_two_screens_by_question_or_evidence(
    kinds: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert list_.main(kinds) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) <= 90
    assert max(map(len, lines)) <= 100
    headings = [line for line in lines if line and not line.startswith(" ")]
    assert len(headings) == len(set(headings)) < 10


@pytest.mark.parametrize("name", options("experiment"))
def test_an_experiment_is_shown_with_what_it_asks_and_takes(name: str) -> None:
    assert (1 < seconds(name) < 86_400) is (name not in UNMEASURED)
    assert fact("experiment", name, "question").endswith(("?", "elections"))
    first, _blank, *rest = show.experiment(name).splitlines()
    assert first.startswith(f"{name}: {label('experiment', name)}. ")
    assert (
        f"bench run {name}   # processor time, nothing cached: {duration(name) or 'not measured'}"
        in rest
    )


def test_the_list_imports_neither_hydra_nor_pandas() -> None:
    code = (
        "import sys; from bench.cli.commands.list_ import main; main([]); "
        "assert not {'hydra', 'pandas', 'numpy', 'omegaconf'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)

"""`bench list` names everything that exists, with the unit of every dose."""

from __future__ import annotations

import subprocess
import sys

from bench.cli.commands import list_, show
from bench.core.compose import compose
from bench.core.options import method_of, options
from bench.core.registry import load_predictor
from bench.simulation.distortions import make_distortion


def test_every_distortion_is_listed_with_the_unit_of_its_dose() -> None:
    rows = dict(list_.distortions())
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
    rows = dict(list_.predictors())
    unlisted = "poll_tracker_alone"  # a contrast, no forecast for readers
    assert list(rows) == [name for name in options("predictor") if name != unlisted]
    for name in ("uniform", "app_raked", "filteris", "quota_poll"):
        kind = load_predictor(method_of("predictor", name))
        needs = ", ".join(sorted(kind.needs)) or "nothing"
        assert f" [{kind.family}; reads {needs}] " in rows[name]


def test_the_list_imports_neither_hydra_nor_pandas() -> None:
    code = (
        "import sys; from bench.cli.commands.list_ import main; main([]); "
        "assert not {'hydra', 'pandas', 'numpy', 'omegaconf'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)

"""Whatever is typed after `python -m bench`: one sentence that says what is wrong, or a plan."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hydra.errors import HydraException
from hypothesis import example, given
from hypothesis import strategies as st
from omegaconf.errors import OmegaConfBaseException

from bench.core import BenchError
from bench.core.compose import as_typed, in_plain_words, keys
from bench.core.registry import make_predictor
from bench.core.settings import Experiment
from bench.runner.runner import tasks_of
from bench.studies.base import load_study
from bench.studies.run import check
from tests.conftest import Compose
from tests.fuzz.replay import fuzzed
from tests.test_main import bench

VALUES = ["", "null", "[]", "0", ".inf", "nan", "true", "../..", "'[toy]'", "[nowhere]", "['~x']"]
VALUES += ["['2031-04-04T20:00']", "['2031-04-04T20:00+02:00']", "['9999-12-31T00:00']"]
VALUES += ["[99999999999]", "others", "${seed}", "${oc.env:HOME}", "???", '"', "[", "é"]
VALUES += ["!!python/object:os.system", "x" * 300, "9" * 30]
value = st.sampled_from(VALUES) | st.text(max_size=8)


def _understood_or_refused(composed: Compose, overrides: list[str]) -> None:
    try:
        typed = as_typed(["+experiment=quickstart", *overrides])
        experiment = composed(*typed)
        assert isinstance(experiment, Experiment)
        check(experiment, load_study(experiment.study))
        tasks_of(experiment)
        for name, given in experiment.predictors.items():
            make_predictor(name, given)
    except BenchError:
        pass
    except (HydraException, OmegaConfBaseException) as error:
        said = in_plain_words(error)
        assert said.strip()
        assert "object_type" not in said
        assert "Config search path" not in said


@fuzzed
@given(data=st.data())
def test_any_value_of_any_setting(composed: Compose, data: Any) -> None:
    settings = [
        *keys(),
        "execution.workers",
        "execution.overwrite",
        "execution.part",
        "execution.time_limit_s",
        "execution.engine",
        "predictors.quota_poll",
        "predictors.quota_poll.half_life_days",
        "predictors.uniform.method",
    ]
    number = data.draw(st.integers(1, 3))
    overrides = [
        f"{data.draw(st.sampled_from(settings))}={data.draw(value)}" for _ in range(number)
    ]
    _understood_or_refused(composed, overrides)


@fuzzed
@given(argument=st.text(min_size=1, max_size=20))
@example("=")
@example("+")
@example("~")
@example("~predictor")
@example("seed")
@example("++a.b.c=1")
@example("predictor@x=uniform")
@example("hydra/launcher=basic")
def test_any_argument(composed: Compose, argument: str) -> None:
    _understood_or_refused(composed, [argument])


@pytest.mark.parametrize(
    ("argument", "words"),
    [
        ('+predictors."../x"={method: uniform}', ""),
        ("predictors.uniform=null", "predictors.uniform is None"),
        ("title=${nothing}", "nothing"),
        ("execution=locky", "no execution is called 'locky' (did you mean 'loky'?"),
    ],
)
def test_a_hostile_setting_is_answered_in_one_sentence(
    tmp_path: Path, argument: str, words: str
) -> None:
    done = bench(tmp_path, "+experiment=quickstart", argument, status=1)
    assert words in " ".join(done.err.split())
    assert "Traceback" not in done.err
    assert not list(tmp_path.iterdir())

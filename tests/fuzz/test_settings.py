"""Whatever is typed after `python -m bench`: one sentence that says what is wrong, or a plan."""

from __future__ import annotations

from pathlib import Path

import pytest
from hydra.errors import HydraException
from hypothesis import given, settings
from hypothesis import strategies as st
from omegaconf.errors import OmegaConfBaseException

from bench.core import BenchError
from bench.core.compose import as_typed, in_plain_words, keys
from bench.core.registry import make_predictor
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
WHOLE = ["=", "+", "~predictor", "seed", "++a.b.c=1", "predictor@x=uniform", "hydra/launcher=basic"]
KEYS = [*keys(), "execution.workers", "execution.memory_limit_mb", "execution.time_limit_s"]
KEYS += ["predictors.quota_poll", "predictors.quota_poll.half_life_days", "execution.engine"]
of_a_key = st.builds(
    "{}={}".format, st.sampled_from(KEYS), st.sampled_from(VALUES) | st.text(max_size=8)
)
argument = of_a_key | st.sampled_from(WHOLE) | st.text(min_size=1, max_size=20)


@settings(fuzzed, max_examples=30)
@given(typed=st.lists(argument, min_size=1, max_size=3))
def test_any_argument(composed: Compose, typed: list[str]) -> None:
    try:
        experiment = composed(*as_typed(["+experiment=quickstart", *typed]))
        check(experiment, load_study(experiment.study))
        tasks_of(experiment)
        for name, given_settings in experiment.predictors.items():
            make_predictor(name, given_settings)
    except BenchError:
        pass
    except (HydraException, OmegaConfBaseException) as error:
        said = in_plain_words(error)
        assert said.strip()
        assert "object_type" not in said
        assert "Config search path" not in said


@pytest.mark.parametrize(
    ("argument", "words"),
    [
        ('+predictors."../x"={method: uniform}', ""),
        ("predictors.uniform=null", "predictors.uniform is None"),
        ("title=${nothing}", "nothing"),
        ("predictor=[uniform,3]", "predictor is [uniform,3]; accepted: names in brackets"),
        ("execution=locky", "no execution is called 'locky' (did you mean 'loky'?"),
    ],
)
def test_a_wrong_setting_is_answered_in_one_sentence(
    tmp_path: Path, argument: str, words: str
) -> None:
    done = bench(tmp_path, "+experiment=quickstart", argument, status=1)
    assert words in " ".join(done.err.split())
    assert "Traceback" not in done.err
    assert not list(tmp_path.iterdir())

"""Settings are composed of YAML files and of what people typed."""

from __future__ import annotations

import argparse
import logging
import sys
from typing import Any

import pytest
from hydra.core.global_hydra import GlobalHydra

from bench.cli import main
from bench.core.compose import as_typed, compose, register


def test_argparse_may_be_as_strict_as_in_python_3_14(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    parser: Any = argparse.ArgumentParser

    def strict(self: argparse.ArgumentParser, action: argparse.Action) -> None:
        assert not action.help or isinstance("%" in action.help, bool)  # as argparse does

    def add_argument(self: Any, *names: Any, **settings: Any) -> argparse.Action:
        action: argparse.Action = before(self, *names, **settings)
        self._check_help(action)
        return action

    before = parser.add_argument
    monkeypatch.setattr(parser, "_check_help", strict, raising=False)
    monkeypatch.setattr(parser, "add_argument", add_argument)
    monkeypatch.setattr(GlobalHydra.instance(), "hydra", None)  # another test's may be open
    monkeypatch.setattr(logging.root, "handlers", [])  # Hydra's would outlive standard output
    monkeypatch.setattr(sys, "argv", ["bench", "--info", "searchpath"])
    register()
    main._composed(lambda config: None)
    assert "configs" in capsys.readouterr().out
    assert parser._check_help is strict


def test_predictors_that_were_not_chosen_leave_nothing_behind() -> None:
    typed = as_typed(
        ["+experiment=2017_r1_bias", "predictor=[quota_poll,app_ratings]", "baseline=quota_poll"]
    )
    predictors = compose(*typed).predictors
    assert set(predictors) == {"quota_poll", "app_ratings"}
    assert predictors["app_ratings"]["source"] == "app"

"""The shell offers commands, names and settings."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hydra.core.global_hydra import GlobalHydra

from bench.cli.commands.completion import main, suggestions


@pytest.fixture(autouse=True)
def hydra_afresh() -> Iterator[None]:
    """Without the Hydra that other tests hold open: the command line starts its own."""
    instance = GlobalHydra.instance()
    held, instance.hydra = instance.hydra, None
    yield
    instance.hydra = held


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("bench sho", "show"),
        ("bench show quota", "quota_poll"),
        ("bench show fr20", "fr2017"),
        ("bench list pred", "predictors"),
        ("bench new ", "predictor"),
        ("bench +experiment=2017_r", "+experiment=2017_r1"),
        ("bench +experiment=own predictor=quo", "predictor=quota_poll"),
        ("bench +experiment=own see", "seed="),
    ],
)
def test_what_may_come_next_is_offered(line: str, offered: str) -> None:
    assert offered in suggestions(line)


def test_a_command_is_not_mixed_with_settings() -> None:
    assert suggestions("bench verify se") == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_shell_gets_its_script(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([shell]) == 0
    assert "-sc query=" in capsys.readouterr().out

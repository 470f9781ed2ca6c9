"""`bench run`: from a name to the one run."""

from __future__ import annotations

import pytest

from bench.cli.commands import run
from bench.core.errors import ConfigError


def test_an_experiment_that_does_not_exist_is_refused_with_the_one_that_was_meant() -> None:
    with pytest.raises(ConfigError, match=r"no experiment is called '2017_r9' \(did you mean"):
        run.main(["2017_r9"])


def test_run_is_the_plus_of_hydra(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []

    def the_one_run(arguments: list[str]) -> int:
        asked.append(arguments)
        return 3

    monkeypatch.setattr("bench.cli.main.run", the_one_run)
    assert run.main(["2017_r1", "seed=5", "--cfg", "job"]) == 3
    assert asked == [["+experiment=2017_r1", "seed=5", "--cfg", "job"]]

"""Tests of the package, as any other package would have them: `python -m pytest FOLDER`."""

from __future__ import annotations

import importlib.util
from dataclasses import replace

import bench_pymc
import numpy as np
import pytest

from bench import Task
from bench.core import Abstain, ConfigError, Evidence, check_forecast
from bench.metrics.shares import transition_error_index
from bench.models.polls.poll_table import polls_of

KRONIKAS = bench_pymc.Kronikas(
    window_days=80,
    smallest_share=0.03,
    draws_per_chain=60,
    tune_per_chain=120,
    chains=2,
    cores=1,
    target_accept=0.95,
)


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    """The first round of the made-up election, two days before it."""
    return Task("toy", 1, "2031-04-04 20:00").evidence()


def installed(package: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(
        importlib.util.find_spec(package) is None, reason=f"needs the package {package}"
    )


def test_without_the_packages_it_says_what_to_install(
    evidence: Evidence, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(Abstain, match="pip install 'kronikas"):
        KRONIKAS.predict(evidence, np.random.default_rng(0))
    with pytest.raises(ConfigError, match="pip install 'pyei"):
        bench_pymc.pyei_profile(np.ones((2, 2)), np.ones((2, 2)))


def test_candidates_usually_polled_below_the_limit_are_not_named(evidence: Evidence) -> None:
    table = polls_of(evidence)
    usual = dict(zip(table.candidates, np.nanmean(table.share, axis=0), strict=True))
    named = bench_pymc.named_by(table, 0.2)
    assert 0 < named.sum() < len(usual)
    assert usual[table.candidates[int(np.argmax(named))]] > 0.15
    assert usual[table.candidates[int(np.argmin(named))]] < 0.25


def test_a_poll_is_a_row_in_percent_with_the_unnamed_as_other(evidence: Evidence) -> None:
    table = polls_of(evidence)
    table = table.take(np.asarray(~np.isnan(table.share).any(axis=1)))
    named = np.arange(len(table.candidates)) < 2
    rows = bench_pymc.rows_of(table, named, evidence.vote_on)
    assert len(rows) == len(table) > 0
    assert (rows["date"] <= evidence.as_of).all()
    assert (rows["sample_size"] > 1).all()
    shares = [*table.candidates[:2], "other"]
    np.testing.assert_allclose(rows[shares].sum(axis=1), 100.0)
    assert "other" not in bench_pymc.rows_of(table, np.ones_like(named), evidence.vote_on)


@installed("kronikas")
@pytest.mark.filterwarnings("ignore")
def test_it_forecasts_the_named_and_repeats_itself(evidence: Evidence) -> None:
    one, two = (
        check_forecast(KRONIKAS.predict(evidence, np.random.default_rng(3)), evidence.candidates)
        for _ in range(2)
    )
    assert one.share.dropna().between(0, 1).all()
    assert one.draws is not None
    assert len(one.draws) == KRONIKAS.draws_per_chain * KRONIKAS.chains
    np.testing.assert_array_equal(one.draws, two.draws)
    with pytest.raises(Abstain, match="no two candidates"):
        replace(KRONIKAS, smallest_share=1.0).predict(evidence, np.random.default_rng(3))


@installed("pyei")
def test_its_draws_honour_the_totals_and_lie_near_the_truth() -> None:
    rng = np.random.default_rng(7)
    rows = rng.multinomial(800, [0.5, 0.3, 0.2], size=25).astype(float)
    profile = np.array([[0.7, 0.2, 0.1], [0.1, 0.7, 0.2], [0.2, 0.2, 0.6]])
    units = np.array(
        [[rng.multinomial(int(n), p) for n, p in zip(r, profile, strict=True)] for r in rows]
    )
    columns = units.sum(axis=1).astype(float)
    drawn = bench_pymc.pyei_posterior(rows, columns, tune=150, draws=60)
    assert np.abs(drawn.sum(axis=2) - rows.sum(axis=0)).max() < 1e-6
    assert np.abs(drawn.sum(axis=1) - columns.sum(axis=0)).max() < 1e-6
    truth = units.sum(axis=0).astype(float)
    assert 100 * transition_error_index(truth, drawn.mean(axis=0)) < 10

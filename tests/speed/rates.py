"""What a test of speed notes beside its seconds; a smoke run (`--benchmark-disable`) has none."""

from __future__ import annotations

from pytest_benchmark.fixture import BenchmarkFixture


def note_forecasts_a_second(benchmark: BenchmarkFixture, n_forecasts: int) -> None:
    """Write `forecasts_a_second` of the fastest round into `extra_info`."""
    if benchmark.enabled:
        rate = n_forecasts / benchmark.stats.stats.min
        benchmark.extra_info["forecasts_a_second"] = round(rate)

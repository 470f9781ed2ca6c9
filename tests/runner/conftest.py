"""A guest that can fail in every way, and runs of it without a report."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from joblib.externals.loky import get_reusable_executor

from bench.core import registry
from bench.core.settings import Experiment
from bench.runner import Results
from bench.studies.backtest import STUDY
from tests.conftest import Compose

ENTRY_POINTS = "[bench.predictors]\nfaulty = bench_faults.faulty:Faulty\n"


@pytest.fixture(scope="session")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder in which the guest `faulty` lies, as pip would have left it."""
    site = tmp_path_factory.mktemp("site")
    package = site / "bench_faults"
    package.mkdir()
    (package / "__init__.py").write_text("")
    source = Path(__file__).with_name("faults.py").read_text(encoding="utf-8")
    (package / "faulty.py").write_text(source, encoding="utf-8")
    info = site / "bench_faults-0.0.1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: bench_faults\nVersion: 0.0.1\n")
    (info / "entry_points.txt").write_text(ENTRY_POINTS)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(site)
        registry.plug_ins.cache_clear()
        get_reusable_executor().shutdown(wait=True)  # workers of other tests do not see the folder
        yield site
    registry.plug_ins.cache_clear()


@pytest.fixture
def quick(composed: Compose, tmp_path: Path) -> Callable[..., Experiment]:
    """A few seconds' worth of work on the made-up election, cached in a folder of the test."""

    def _quick(*overrides: str) -> Experiment:
        return composed(
            "+experiment=quickstart", "n_draws=200", f"results={tmp_path / 'results'}", *overrides
        )

    return _quick


def done(experiment: Experiment) -> Results:
    """The tables of an experiment."""
    return STUDY.analyse(experiment)


def written(folder: Path, results: Results) -> dict[str, bytes]:
    """The bytes of the long tables, seconds apart."""
    results.save(folder, STUDY.long_tables)
    paths = (path for path in sorted(folder.iterdir()) if path.is_file())
    files = [path for path in paths if path.name != "timings.csv"]
    return {path.name: path.read_bytes() for path in files}

"""A plug-in that can fail in every way, and runs of it without a report."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from joblib.externals.loky import get_reusable_executor

from bench.core import options, registry
from bench.core.assurance import use_assurance
from bench.core.settings import Experiment
from bench.runner.results import Results
from bench.studies.backtest import STUDY
from tests.conftest import Compose


def bring_plug_in(site: Path, package: str, sources: Mapping[str, str], points: str) -> None:
    """Lay a package below a folder as pip would have left it.

    Parameters
    ----------
    site : Path
        To be put on the search path.
    package : str
    sources : mapping of str to str
        Files of the package by name.
    points : str
        Its `entry_points.txt`.
    """
    for name, source in {"__init__.py": "", **sources}.items():
        path = site / package / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source, encoding="utf-8")
    info = site / f"{package}-0.0.1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 0.0.1\n")
    (info / "entry_points.txt").write_text(points)


@contextmanager
def on_the_path(site: Path) -> Iterator[None]:
    """The plug-ins below a folder are found while this lasts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(site)
        registry.plug_ins.cache_clear()
        options.plug_in_folders.cache_clear()
        get_reusable_executor().shutdown(wait=True)  # workers of other tests do not see the folder
        yield
    registry.plug_ins.cache_clear()
    options.plug_in_folders.cache_clear()


FAULTS = Path(__file__).with_name("faults.py").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of the plug-in `faulty`, found by whatever runs in this process."""
    site = tmp_path_factory.mktemp("site")
    points = "[bench.predictors]\nfaulty = bench_faults.faulty:Faulty\n"
    bring_plug_in(site, "bench_faults", {"faulty.py": FAULTS}, points)
    with on_the_path(site):
        yield site


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
    with use_assurance({}):  # every method ships
        results.save(folder, STUDY.long_tables)
    paths = (path for path in sorted(folder.iterdir()) if path.is_file())
    files = [path for path in paths if path.name != "timings.csv"]
    return {path.name: path.read_bytes() for path in files}

"""The package of docs/examples/plugin, found as if it were installed."""

from __future__ import annotations

import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.runner.conftest import bring_plug_in, on_the_path

EXAMPLE = Path(__file__).resolve().parents[1] / "docs" / "examples" / "plugin"


@contextmanager
def example_on_the_path() -> Iterator[None]:
    """The bench finds its methods and settings while this lasts."""
    project = tomllib.loads((EXAMPLE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    points = [
        "\n".join([f"[{group}]", *(f"{name} = {value}" for name, value in named.items())])
        for group, named in project["entry-points"].items()
    ]
    package = project["name"].replace("-", "_")
    sources = {
        path.relative_to(EXAMPLE / package).as_posix(): path.read_text(encoding="utf-8")
        for suffix in ("py", "yaml")
        for path in (EXAMPLE / package).rglob(f"*.{suffix}")
    }
    with tempfile.TemporaryDirectory() as site:
        bring_plug_in(Path(site), package, sources, "\n".join(points))
        with on_the_path(Path(site)):
            yield

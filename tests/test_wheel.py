"""The wheel: what is in it, the same bytes twice, and a run from an empty folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.install
ROOT = Path(__file__).resolve().parents[1]


def build(folder: Path, source: Path = ROOT, umask: int = -1, **environment: str) -> Path:
    """A wheel made through the source distribution, by the build tools installed here."""
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(source)],
        check=True,
        capture_output=True,
        umask=umask,
        env={**os.environ, "SOURCE_DATE_EPOCH": "1500000000", **environment},
    )
    (wheel,) = folder.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("one"))


def shipped(folder: str) -> set[str]:
    listed = subprocess.run(
        ["git", "ls-files", folder], cwd=ROOT, check=True, capture_output=True, text=True
    )
    return set(listed.stdout.split())


def test_the_wheel_holds_code_settings_and_data_and_nothing_else(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    tops = {name.partition("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"bench", "predictors"}
    assert "bench/report/html/page.html" in names
    assert {Path(n).suffix for n in names if n.startswith("bench/report/html/")} >= {".css", ".js"}
    for folder in ("bench", "predictors"):
        assert shipped(folder) <= names
    for folder in ("configs", "datasets"):
        assert {f"bench/shipped/{name}" for name in shipped(folder)} <= names
    assert not [n for n in names if "/tests/" in n or "results/" in n or n.endswith(".pyc")]


def test_a_build_elsewhere_has_equal_bytes(wheel: Path, tmp_path: Path) -> None:
    """Of a copy in another folder, with other times and rights, on the other side of the earth."""
    copy = tmp_path / "copy"
    for name in shipped("."):
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, copy / name)
        (copy / name).chmod(0o600)
        os.utime(copy / name, (1_000_000_000, 1_000_000_000))
    built = build(tmp_path / "dist", copy, 0o077, TZ="Pacific/Kiritimati", LC_ALL="C")
    assert built.read_bytes() == wheel.read_bytes()
    (source,) = wheel.parent.glob("*.tar.gz")
    assert (built.parent / source.name).read_bytes() == source.read_bytes()


def test_it_states_the_licences_of_code_and_data(wheel: Path) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [n for n in archive.namelist() if n.endswith(".dist-info/METADATA")]
        lines = archive.read(name).decode("utf-8").splitlines()
    assert f"License-Expression: {project['license']}" in lines


def test_it_runs_from_an_empty_folder(wheel: Path, tmp_path: Path) -> None:
    target, empty = tmp_path / "installed", tmp_path / "empty"
    empty.mkdir()
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-deps",
            "--no-index",
            "--disable-pip-version-check",
            "--target",
            str(target),
            str(wheel),
        ],
        check=True,
        capture_output=True,
    )
    environment = {**os.environ, "PYTHONPATH": str(target)}
    code = "import bench; print(bench.__file__)"
    where = subprocess.run(
        [sys.executable, "-c", code],
        cwd=empty,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    assert where.stdout.startswith(str(target))
    subprocess.run(
        [sys.executable, "-m", "bench", "+experiment=quickstart"],
        cwd=empty,
        env=environment,
        check=True,
        capture_output=True,
    )
    (run,) = (empty / "results" / "quickstart").iterdir()
    assert (run / "report.html").is_file()

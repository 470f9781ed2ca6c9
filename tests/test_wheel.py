"""The wheel: what is in it, the same bytes twice, and a run and a site from an empty folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from tests.report.html.parsed import checked

pytestmark = pytest.mark.install
ROOT = Path(__file__).resolve().parents[1]
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
PIP = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check")


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
    """Every file below a folder that git knows or would add."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", folder],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return {name for name in listed.stdout.splitlines() if (ROOT / name).is_file()}


def test_the_wheel_holds_code_settings_and_data_and_nothing_else(wheel: Path) -> None:
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    code = shipped("bench") | shipped("predictors")
    data = shipped("configs") | shipped("datasets") | {"CITATION.cff"}
    assert names == code | {f"bench/shipped/{name}" for name in data}


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


def run_in(empty: Path, python: str, **environment: str) -> str:
    """List, run and make a site in an empty folder; where the package lies.

    Every link of the site leads to a file of it.
    """
    empty.mkdir()
    said = ""
    for command in (
        ["-c", "import bench; print(bench.__file__)"],
        ["-m", "bench", "list"],
        ["-m", "bench", "+experiment=quickstart"],
        ["-m", "bench", "site"],
    ):
        ended = subprocess.run(
            [python, *command],
            cwd=empty,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
        )
        assert ended.returncode == 0, (command, ended.stderr)
        said = said or ended.stdout
    (run,) = (empty / "results" / "quickstart").iterdir()
    assert (run / "report.html").is_file()
    pages = {path: checked(path.read_text("utf-8")) for path in empty.rglob("build/web/**/*.html")}
    assert len(pages) == 4  # index and report, in two languages
    for path, page in pages.items():
        for target in page.addresses:
            assert (path.parent / target.partition("#")[0]).exists(), (path, target)
    return said


@pytest.mark.golden
def test_it_runs_and_makes_a_site_from_an_empty_folder(wheel: Path, tmp_path: Path) -> None:
    target = tmp_path / "installed"
    alone = ("--no-deps", "--no-index", "--target", str(target), str(wheel))
    subprocess.run([sys.executable, *PIP, *alone], check=True, capture_output=True)
    where = run_in(tmp_path / "empty", sys.executable, PYTHONPATH=str(target))
    assert where.startswith(str(target))


@pytest.mark.golden
@pytest.mark.parametrize("version", PYTHONS)
def test_plain_pip_installs_all_that_it_needs(version: str, wheel: Path, tmp_path: Path) -> None:
    """By every Python at hand, into an environment of its own; what is newest is taken."""
    try:
        subprocess.run([f"python{version}", "-m", "venv", str(tmp_path / "venv")], check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip(f"no Python {version} that makes an environment")
    python = str(tmp_path / "venv" / "bin" / "python")
    subprocess.run([python, *PIP, str(wheel)], check=True, capture_output=True)
    where = run_in(tmp_path / "empty", python, PYTHONPATH="")
    assert where.startswith(str(tmp_path / "venv"))

"""The workflows of the season do what they say: their commands run in a scratch repository."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from bench.audit.preregistration import read_record
from tests.report.hub.conftest import made_hub

ROOT = Path(__file__).parents[1]
WORKFLOWS = ROOT / ".github" / "workflows"
INSTALLS = ("install",)  # the steps that a runner needs and a checkout has behind it

pytestmark = pytest.mark.skipif(
    shutil.which("bash") is None or shutil.which("git") is None or not WORKFLOWS.is_dir(),
    reason="needs bash, git and a checkout",
)


def steps(workflow: str, job: str, folder: Path = WORKFLOWS) -> list[tuple[str, str]]:
    """Name and commands of the steps of a job that run something of the project."""
    read = yaml.safe_load((folder / f"{workflow}.yml").read_text(encoding="utf-8"))
    found = [
        (step.get("name", ""), step["run"]) for step in read["jobs"][job]["steps"] if "run" in step
    ]
    return [
        (name, text)
        for name, text in found
        if name not in INSTALLS and not text.startswith("make ")
    ]


def git(folder: Path, *words: str) -> str:
    settings = ["-c", "user.name=x", "-c", "user.email=x@x", "-c", "init.defaultBranch=main"]
    done = subprocess.run(
        ["git", *settings, *words], cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def run(folder: Path, text: str, **more: str) -> subprocess.CompletedProcess[str]:
    """One step as the runner does it: bash, which stops at the first command that fails."""
    python = folder.parent / "bin" / "python"
    python.parent.mkdir(exist_ok=True)
    if not python.exists():
        python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n', encoding="utf-8")
        python.chmod(0o755)
    environment = os.environ | {
        "PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "OMP_NUM_THREADS": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        **more,
    }
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", text],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


FILES = sorted(WORKFLOWS.glob("*.yml"))
MAY_WRITE = {
    ("release", "publish"): {"id-token": "write", "attestations": "write"},
    ("seal", "seal"): {"contents": "write"},
    ("site", "publish"): {"pages": "write", "id-token": "write"},
}
"""What a job may do beyond reading the repository: no other may do anything more."""


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_workflow_runs_nothing_that_may_change_and_may_do_no_more_than_it_must(
    path: Path,
) -> None:
    text = path.read_text(encoding="utf-8")
    read = yaml.safe_load(text)
    assert read["permissions"] == {"contents": "read"}
    for job, facts in read["jobs"].items():
        assert facts.get("permissions") == MAY_WRITE.get((path.stem, job)), job
        assert facts["timeout-minutes"] <= 60, job
        for step in facts["steps"]:
            if step.get("uses", "").startswith("actions/checkout@") and job != "seal":
                assert step["with"]["persist-credentials"] is False
            # what others may write goes through the environment, never into a command
            assert "${{" not in step.get("run", "")
    for line in re.findall(r"uses:.*", text):
        assert re.fullmatch(r"uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line)
    assert "pull_request_target" not in text


def test_one_version_of_an_action_everywhere() -> None:
    used = {line for path in FILES for line in re.findall(r"uses: (.*)", path.read_text("utf-8"))}
    assert len(used) == len({line.partition("@")[0] for line in used})


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with one folder of data, and a remote to push to."""
    folder = tmp_path / "checkout"
    shutil.copytree(ROOT / "datasets" / "toy", folder / "datasets" / "toy")
    git(folder, "init", "--quiet")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "-m", "data")
    git(tmp_path, "clone", "--quiet", "--bare", str(folder), "remote.git")
    git(folder, "remote", "add", "origin", str(tmp_path / "remote.git"))
    git(folder, "push", "--quiet", "-u", "origin", "main")
    return folder


def checked(repository: Path) -> list[subprocess.CompletedProcess[str]]:
    """Every step of the check of a data pull request, to the first that fails."""
    base = git(repository, "rev-parse", "HEAD")
    git(repository, "commit", "--quiet", "-am", "change")
    done = []
    for _, text in steps("data", "check"):
        done.append(run(repository, text, BASE=base))
        if done[-1].returncode:
            break
    return done


def test_a_data_pull_request_with_a_wrong_share_or_an_old_checksum_fails(repository: Path) -> None:
    polls = repository / "datasets" / "toy" / "inputs" / "polls.csv"
    lines = polls.read_text("utf-8").splitlines(keepends=True)
    polls.write_text("".join([lines[0], lines[1].replace(",0.", ",7."), *lines[2:]]), "utf-8")
    done = checked(repository)
    assert done[0].stdout == "toy\n"
    assert done[-1].returncode != 0
    assert "inputs/polls.csv: FAILED" in done[-1].stdout
    (repository / "datasets" / "toy" / "SHA256SUMS").unlink()
    done = checked(repository)
    assert done[-1].returncode != 0
    assert "polls.csv:2: column 'share' is 7." in done[-1].stderr


def test_a_data_pull_request_in_order_is_read_back_in_words(repository: Path) -> None:
    card = repository / "datasets" / "toy" / "CARD.md"
    card.write_text(card.read_text("utf-8") + "\nOne word more.\n", "utf-8")
    sums = repository / "datasets" / "toy" / "SHA256SUMS"
    lines = [line for line in sums.read_text("utf-8").splitlines() if "CARD" not in line]
    sums.write_text("\n".join(lines) + "\n", "utf-8")
    done = checked(repository)
    assert [one.returncode for one in done] == [0, 0, 0], done[-1].stderr
    assert "Made-up election of 2031 ('toy', country XT)" in done[-1].stdout


def test_the_weekly_seal_is_a_record_that_was_pushed_with_its_line(repository: Path) -> None:
    chosen = {
        "EXPERIMENT": "quickstart",
        "SETTINGS": "predictor=[uniform] as_of=['2031-04-01T20:00'] days_before=[]",
    }
    for name, text in steps("seal", "seal"):
        done = run(repository, text, **chosen)
        assert done.returncode == 0, (name, done.stderr)
    (record,) = (repository / "seals").glob("quickstart.*.frozen.json")
    seal = read_record(record)["seal"]
    assert seal in (repository / "seals" / f"{record.name.split('.frozen')[0]}.txt").read_text(
        "utf-8"
    )
    assert git(repository, "status", "--porcelain") == ""
    remote = repository.parent / "remote.git"
    assert seal in git(remote, "log", "-1", "--format=%s", "main")


def test_the_site_is_asked_for_where_the_next_step_looks_for_it(tmp_path: Path) -> None:
    """The whole site is built by its own tests; here its command is reached, and refuses a word."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    text = dict(steps("site", "build"))["site"]
    done = run(folder, text, LANGUAGES="xx")
    assert "bench site: error: argument --languages: invalid choice: 'xx'" in done.stderr
    read = yaml.safe_load((WORKFLOWS / "site.yml").read_text(encoding="utf-8"))
    (upload,) = [s for s in read["jobs"]["build"]["steps"] if "upload-pages" in s.get("uses", "")]
    assert f"--to {upload['with']['path']}/runs" in text


def test_every_release_has_its_documentation_in_a_folder_of_its_own(repository: Path) -> None:
    """What builds it is a stand-in that says where it was called and with what."""
    for tag in ("v0.1.0", "v0.2.0", "other"):
        git(repository, "commit", "--quiet", "--allow-empty", "-m", tag)
        git(repository, "tag", tag)
    python = repository / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\necho "$(git describe --tags) $*"\n', encoding="utf-8")
    python.chmod(0o755)
    text = dict(steps("site", "build"))["documentation of every release"]
    temporary = str(repository.parent / "temporary")
    done = run(repository, text, RUNNER_TEMP=temporary, GITHUB_WORKSPACE=str(repository))
    assert done.stdout.splitlines() == [
        f"{tag} -m mkdocs build --site-dir {repository}/build/site/{tag}"
        for tag in ("v0.1.0", "v0.2.0")
    ]


def test_a_hub_brings_workflows_that_check_and_seal_it(repository: Path) -> None:
    hub = repository
    shutil.rmtree(hub / "datasets")
    git(hub, "commit", "--quiet", "-am", "nothing")
    made_hub(hub)
    workflows = hub / ".github" / "workflows"
    for path in workflows.glob("*.yml"):
        text = path.read_text(encoding="utf-8")
        assert yaml.safe_load(text)["permissions"] == {"contents": "read"}
        for line in re.findall(r"uses: .*", text):
            assert re.fullmatch(r"uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line)
    ((_, validate),) = steps("validate", "validate", workflows)
    done = run(hub, validate)
    assert "the configuration is in order" in done.stdout, done.stderr
    (hub / "auxiliary-data").mkdir()
    (hub / "auxiliary-data" / "README.md").write_text("Seals.\n", "utf-8")
    ((_, seal),) = steps("seal", "seal", workflows)
    assert run(hub, seal).returncode == 0
    assert git(hub.parent / "remote.git", "log", "-1", "--format=%s", "main").startswith("Seals of")
    assert run(hub, seal).returncode == 0  # nothing new, nothing to commit

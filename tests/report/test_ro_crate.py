"""The Research Object of a run names every file, the data with their licences, and the software."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

import bench
from bench.core import paths
from bench.core.write import write_text
from bench.data.readers import PACKAGE, sums_of
from bench.report.report import Report
from bench.report.ro_crate import ACTION, CRATE, PROFILE, SOFTWARE, write_crate
from bench.studies import run as runs
from bench.studies.run import Run, load_run

Graph = dict[str, dict[str, Any]]
SETTINGS: dict[str, Any] = {"predictor": ["last_poll", "uniform"], "baseline": "uniform"}


def graph(run: Run) -> Graph:
    assert run.folder is not None
    crate = json.loads((run.folder / CRATE).read_text("utf-8"))
    assert crate["@context"] == "https://w3id.org/ro/crate/1.2/context"
    entities = crate["@graph"]
    assert len({one["@id"] for one in entities}) == len(entities)
    return {one["@id"]: one for one in entities}


def table_alone(
    folder: Path, report: Report, manifest: object, cite: str, sizes: Sequence[str] = ()
) -> None:
    """In place of the whole report, whose figures take seconds to draw."""
    write_text(folder / "tables" / "headline.html", report.tables[0].to_html())
    for size in sizes:
        write_text(folder / "figures" / f"shares_{size}.svg", "<svg/>")


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Run]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runs, "write_report", table_alone)
        yield lambda **settings: bench.run(
            "quickstart", results=tmp_path_factory.mktemp("results"), **SETTINGS, **settings
        )


@pytest.fixture(scope="module")
def run(saved: Callable[..., Run]) -> Run:
    return saved()


def test_it_lists_every_other_file_with_size_and_sum(run: Run) -> None:
    assert run.folder is not None
    found, root = graph(run), graph(run)["./"]
    files = {p.relative_to(run.folder).as_posix(): p for p in run.folder.rglob("*") if p.is_file()}
    del files[CRATE]
    assert {one["@id"] for one in root["hasPart"]} == set(files)
    for name, path in files.items():
        content = path.read_bytes()
        assert found[name]["contentSize"] == str(len(content))
        assert found[name]["sha256"] == hashlib.sha256(content).hexdigest()


def test_whatever_it_refers_to_is_described(run: Run) -> None:
    found = graph(run)

    def references(value: Any) -> list[str]:
        if isinstance(value, dict):
            inside = [one for part in value.values() for one in references(part)]
            return [value["@id"], *inside] if set(value) == {"@id"} else inside
        return (
            [one for part in value for one in references(part)] if isinstance(value, list) else []
        )

    standards = {"https://w3id.org/ro/crate/1.2"}
    assert set(references(list(found.values()))) <= set(found) | standards


def test_the_run_used_these_settings_data_and_versions(run: Run) -> None:
    found = graph(run)
    action, software, root = found[ACTION], found[SOFTWARE], found["./"]
    used = {one["@id"] for one in action["object"]}
    assert {"manifest.json", ".hydra/config.yaml"} <= used
    assert used >= {f"#data-{name}" for name in run.manifest["data"]}
    assert software["softwareVersion"] == run.manifest["libraries"]["election-bench"]
    assert found["#numpy"]["softwareVersion"] == run.manifest["libraries"]["numpy"]
    assert root["conformsTo"] == {"@id": PROFILE}
    assert {"@id": "https://opensource.org/license/mit"} in root["license"]
    assert run.findings[0] in root["description"]
    assert "tables/headline.html" in {one["@id"] for one in action["result"]}


def test_its_only_time_is_that_of_the_folder(run: Run) -> None:
    assert run.folder is not None
    found = graph(run)
    day, hour = run.folder.name.split("_")[:2]
    assert found["./"]["datePublished"] == day
    assert found[ACTION]["endTime"] == f"{day}T{hour.replace('-', ':')}"


def test_a_report_made_again_lists_its_new_figures_under_the_old_time(
    run: Run, tmp_path: Path
) -> None:
    assert run.folder is not None
    moved = tmp_path / "moved"
    shutil.copytree(run.folder, moved)
    again = load_run(moved)
    again.write_report(moved, sizes=["slide"])
    assert graph(again)[ACTION]["endTime"] == graph(run)[ACTION]["endTime"]
    assert set(graph(again)) - set(graph(run)) == {"figures/shares_slide.svg"}
    (moved / CRATE).unlink()
    load_run(moved).write_report(moved)
    assert not (moved / CRATE).exists()  # nothing says when it was made


def test_a_damaged_one_is_made_anew_from_the_time_of_the_folder(run: Run, tmp_path: Path) -> None:
    assert run.folder is not None
    copy = tmp_path / run.folder.name
    shutil.copytree(run.folder, copy)
    for text in ("{", "[]", '{"@graph": []}', '{"@graph": [{"@id": "#run", "endTime": 7}]}'):
        (copy / CRATE).write_text(text, encoding="utf-8")
        again = load_run(copy)
        again.write_report(copy)
        assert graph(again)[ACTION] == graph(run)[ACTION]


def test_a_run_of_an_earlier_version_has_fewer_identifiers(run: Run) -> None:
    assert run.folder is not None
    older = {key: run.manifest[key] for key in run.manifest if key not in ("code", "commit")}
    write_crate(run.folder, run.folder, older, "Title", ())
    assert graph(run)[SOFTWARE]["identifier"] == []
    write_crate(run.folder, run.folder, run.manifest, run.shown.title, run.findings)
    assert len(graph(run)[SOFTWARE]["identifier"]) >= 1


def test_data_that_did_not_ship_get_no_licence_from_us(
    saved: Callable[..., Run], tmp_path: Path
) -> None:
    own = tmp_path / "toy"
    shutil.copytree(paths.datasets() / "toy", own, ignore=shutil.ignore_patterns("SHA*", PACKAGE))
    ratings = (own / "inputs" / "ratings.csv").read_text("utf-8").splitlines()[:-1]
    (own / "inputs" / "ratings.csv").write_text("\n".join(ratings) + "\n", encoding="utf-8")
    run = saved(elections=[str(own)])
    found = graph(run)
    assert run.manifest["data"]["toy"] == sums_of(own)  # and not those of the one that shipped
    assert run.manifest["data"]["datasets/toy"] == sums_of(paths.datasets() / "toy")
    assert "license" not in found["#data-toy"]
    assert "license" in found["#data-datasets/toy"]
    assert {"@id": "#data-toy"} in found[ACTION]["object"]


def test_the_library_of_the_standard_reads_it(run: Run) -> None:
    rocrate = pytest.importorskip("rocrate.rocrate")
    assert run.folder is not None
    crate = rocrate.ROCrate(run.folder)
    assert crate.root_dataset["name"] == run.shown.title
    assert crate.get(ACTION)["instrument"]["name"] == "election-bench"
    assert {entity.id for entity in crate.get_by_type("File")} >= {"errors.csv", "manifest.json"}

"""A run as a Research Object: which files it left, from which data, by which software.

References
----------
Soiland-Reyes et al. (2022), Packaging research artefacts with RO-Crate, Data Science 5(2),
doi:10.3233/DS-210053; Leo et al. (2024), Recording provenance of workflow runs with RO-Crate,
PLoS ONE 19(9), doi:10.1371/journal.pone.0309210 (the profile Process Run Crate).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from bench.core import paths
from bench.core.write import write_text
from bench.data.readers import PACKAGE

CRATE = "ro-crate-metadata.json"
CONTEXT = "https://w3id.org/ro/crate/1.2/context"
CONFORMS = "https://w3id.org/ro/crate/1.2"
PROFILE = "https://w3id.org/ro/wfrun/process/0.5"
FORMATS = {
    ".csv": "text/csv",
    ".html": "text/html",
    ".json": "application/json",
    ".md": "text/markdown",
    ".parquet": "application/vnd.apache.parquet",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".tex": "application/x-tex",
    ".txt": "text/plain",
    ".yaml": "application/yaml",
}
SOFTWARE, AUTHORS, ACTION = "#election-bench", "#authors", "#run"
UNSTATED = "not stated: the data came from a folder that did not ship"
Entity = dict[str, Any]


def write_crate(
    run: Path, place: Path, manifest: Mapping[str, Any], title: str, findings: tuple[str, ...]
) -> None:
    """Write `ro-crate-metadata.json` of a run, once all its other files are there.

    An older run that was moved to a folder of another name gets none, since nothing says when it
    was made.

    Parameters
    ----------
    run : Path
        Where the files lie now.
    place : Path
        Where they will lie; its name is the time of the run, and the only time in the crate.
    manifest : mapping
        Of the run: settings, versions, checksums.
    title, findings
        Of the report.
    """
    if moment := _moment(run, place):
        crate = _crate(run, moment, manifest, title, findings)
        write_text(run / CRATE, json.dumps(crate, ensure_ascii=False, indent=1) + "\n")


def _moment(run: Path, place: Path) -> datetime | None:
    """When the run was made: as its crate says, or as its folder is called."""
    with suppress(OSError, ValueError, KeyError, TypeError, StopIteration):
        written = json.loads((run / CRATE).read_text(encoding="utf-8"))["@graph"]
        action = next(one for one in written if one["@id"] == ACTION)
        return datetime.fromisoformat(action["endTime"])
    with suppress(ValueError):
        return datetime.strptime("_".join(place.name.split("_")[:2]), "%Y-%m-%d_%H-%M-%S")
    return None


def _crate(
    run: Path,
    moment: datetime,
    manifest: Mapping[str, Any],
    title: str,
    findings: tuple[str, ...],
) -> dict[str, Any]:
    """The Research Object of a run, of which `write_crate` says the rest."""
    files = list(_files(run))
    data = [one for key, sums in manifest["data"].items() for one in _data(key, sums)]
    licences = {ref["@id"]: ref for one in data for ref in one.get("license", ())}
    used = [_to("manifest.json"), _to(".hydra/config.yaml")]
    root = _entity(
        "./",
        "Dataset",
        name=title,
        description=" ".join(findings) or title,
        datePublished=moment.date().isoformat(),
        license=list(licences.values()) or UNSTATED,
        conformsTo=_to(PROFILE),
        hasPart=[_to(one["@id"]) for one in files],
        mentions=_to(ACTION),
    )
    action = _entity(
        ACTION,
        "CreateAction",
        name=f"bench run {manifest['settings']['name']}",
        endTime=moment.isoformat(),
        instrument=_to(SOFTWARE),
        object=[*used, *(_to(one["@id"]) for one in data if one["@type"] == "Dataset")],
        result=[_to(one["@id"]) for one in files if _to(one["@id"]) not in used],
    )
    conforms = [_to(CONFORMS), _to(PROFILE)]
    about = _entity(CRATE, "CreativeWork", about=_to("./"), conformsTo=conforms)
    profile = _entity(PROFILE, "CreativeWork", name="Process Run Crate", version="0.5")
    entities: list[Entity] = [about, root, action, profile, *_software(manifest), *data, *files]
    return {"@context": CONTEXT, "@graph": list({one["@id"]: one for one in entities}.values())}


def _entity(name: str, kind: str, /, **more: Any) -> Entity:
    return {"@id": name, "@type": kind, **more}


def _to(name: str) -> Entity:
    """A reference."""
    return {"@id": name}


def _files(run: Path) -> Iterator[Entity]:
    for path in sorted(path for path in run.rglob("*") if path.is_file() and path.name != CRATE):
        content, name = path.read_bytes(), path.relative_to(run).as_posix()
        yield _entity(
            name,
            "File",
            name=name,
            encodingFormat=FORMATS.get(path.suffix, "application/octet-stream"),
            contentSize=str(len(content)),
            sha256=hashlib.sha256(content).hexdigest(),
        )


def _software(manifest: Mapping[str, Any]) -> Iterator[Entity]:
    """The bench, its authors, and the libraries that it ran with."""
    kind = "SoftwareApplication"
    libraries = dict(manifest["libraries"])
    own = libraries.pop(SOFTWARE.removeprefix("#"))
    # runs of earlier versions state neither
    code, commit = manifest.get("code", {}).get("harness", ""), manifest.get("commit", "")
    yield _entity(
        SOFTWARE,
        kind,
        name="election-bench",
        softwareVersion=own,
        runtimePlatform=f"Python {manifest['python']}",
        license=_to("https://opensource.org/license/mit"),
        creator=_to(AUTHORS),
        softwareRequirements=[_to(f"#{name}") for name in libraries],
        identifier=[*([f"sha256:{code}"] if code else []), *([commit] if commit else [])],
    )
    yield _entity(AUTHORS, "Organization", name="The election-bench authors")
    yield _licence("MIT", "https://opensource.org/license/mit")
    for name, version in libraries.items():
        yield _entity(f"#{name}", kind, name=name, softwareVersion=version)


def _data(name: str, sums: Mapping[str, str]) -> Iterator[Entity]:
    """A folder of data that was read, and the licences of those that shipped as they are."""
    about = _entity(
        f"#data-{name}",
        "Dataset",
        name=name,
        description="Its files and their SHA-256 stand under 'data' in manifest.json.",
    )
    package = _package(name, sums)
    if package:
        about["name"] = package["title"]
        about["license"] = []
        about["creditText"] = [source["title"] for source in package["sources"]]
        for one in package["licenses"]:
            licence = _licence(one["name"], one.get("path", ""))
            if _to(licence["@id"]) not in about["license"]:
                about["license"].append(_to(licence["@id"]))
                yield licence
    yield about


def _package(name: str, sums: Mapping[str, str]) -> dict[str, Any]:
    """The Data Package of a shipped folder; empty if other files than these were read."""
    path = paths.datasets() / Path(name).name / PACKAGE
    if not path.is_file():
        return {}
    package: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    hashes = {one["path"]: one["hash"].removeprefix("sha256:") for one in package["resources"]}
    return package if hashes.items() <= sums.items() else {}


def _licence(name: str, path: str) -> Entity:
    words = {"other-pd": "facts, which have no author", "notspecified": "not stated"}
    about = {"name": words.get(name, name), "identifier": name}
    return _entity(path or f"#licence-{name}", "CreativeWork", **about)

"""A static site of runs and reviewed reference results: an index, and a page of each."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from bench.core.errors import BenchError, ConfigError
from bench.core.language import LANGUAGES, SOURCE, use_language
from bench.core.options import first_comment, label, options
from bench.core.registry import third_party
from bench.core.write import write_text
from bench.report.html import environment
from bench.report.html.page import page_text
from bench.report.report import Report
from bench.report.run_folder import runs_by_time
from bench.report.tables import table
from bench.studies.run import Run, load_run

MARK = ".election-bench-site"
REFERENCE = "reference"
FEATURED = ("2027_r1", "2017_r1", "track_record", "2022_r1")
MAX_ROWS = 150  # of a reference table on a page; longer ones are for download


def build_site(results: Path, out: Path, *, languages: Sequence[str] = tuple(LANGUAGES)) -> Path:
    """Write the site into a folder of its own, which is emptied first.

    Parameters
    ----------
    results : Path
        Where runs lie, of each experiment the latest is shown; an experiment without one by its
        reference results in the folder `reference` there.
    out : Path
        New, empty, or made by this function.
    languages : sequence of str
        That of ``index.html`` first; the others have an ``index.CODE.html``.

    Returns
    -------
    Path
        The index.

    Raises
    ------
    ConfigError
        If the folder holds anything else, or a run has a method that does not ship and did not
        pass the audit.
    """
    if out.exists() and any(out.iterdir()) and not (out / MARK).exists():
        raise ConfigError(
            f"{out} holds files that are no site of ours; name a new folder: --to FOLDER"
        )
    latest = {folder.parent.name: folder for folder in runs_by_time(results)}
    for folder in latest.values():
        _refuse_unaudited(folder, results)
    if out.exists():
        shutil.rmtree(out)
    write_text(out / MARK, "made by bench site; it is emptied when the site is made again\n")
    names = [*FEATURED, *(name for name in options("experiment") if name not in FEATURED)]
    shown = [one for name in names for one in _entries(name, latest.get(name), results, out)]
    index = {code: f"index{'' if code == languages[0] else f'.{code}'}.html" for code in languages}
    for code, file in index.items():
        with use_language(code):
            values = {"entries": shown, "index": index, "language": code, "languages": LANGUAGES}
            write_text(out / file, environment().get_template("site.html").render(values))
    return out / index[languages[0]]


def _refuse_unaudited(folder: Path, results: Path) -> None:
    """Refuse to publish what a method that does not ship says, unless it was audited."""
    try:
        run = load_run(folder, results)
    except BenchError:
        return  # is not shown
    names = set(run.manifest.get("protection", {}))
    if run.experiment.execution.isolate:  # then those that ship are among them
        names &= {*third_party(run.experiment.predictors)}
    verdicts = run.results.tables.get("audit", pd.DataFrame(columns=["predictor", "verdict"]))
    calm = verdicts["verdict"].isin(["passed", "abstains"]).groupby(verdicts["predictor"]).all()
    if unaudited := sorted(name for name in names if not calm.get(name, False)):
        raise ConfigError(
            f"{folder}: {', '.join(unaudited)} did not pass an audit; accepted on a site: methods "
            "that ship, and others that passed. Run it again with audit=true, or remove the run"
        )


def _entries(name: str, folder: Path | None, results: Path, out: Path) -> Iterator[dict[str, Any]]:
    """What the index shows of an experiment, whose page and files are written; none or one."""
    try:
        run = None if folder is None else load_run(folder, results)
        files = results / REFERENCE / name if run is None else folder
        if files is None or not files.is_dir():
            return
        pages = _reference_page(name, files) if run is None else _pages_of(run)
    except BenchError:  # a run of another version has no report any more
        if folder is not None:
            yield from _entries(name, None, results, out)
        return
    for code, (_claim, text) in pages.items():
        write_text(out / name / f"report.{code}.html", text)
    pictures = sorted(files.glob("*.png" if run is None else "figures/*.png"))[:1]
    tables = sorted(files.glob("*.csv" if run is None else "tables/*.csv"))
    for path in (*pictures, *tables):
        shutil.copyfile(path, out / name / path.name)
    yield {
        "name": name,
        "titles": {code: label("experiment", name, code) for code in LANGUAGES},
        "claims": {code: claim for code, (claim, _text) in pages.items()},
        "pictures": [path.name for path in pictures],
        "tables": [path.name for path in tables],
        "is_run": run is not None,
    }


def _pages_of(run: Run) -> dict[str, tuple[str, str]]:
    """Claim and page of a run, by language."""
    shown = {code: run.in_language(code) for code in LANGUAGES}
    return {code: (one.findings[0], one.page()) for code, one in shown.items()}


def _reference_page(name: str, folder: Path) -> dict[str, tuple[str, str]]:
    """Claim and page of reference results, in English."""
    frames = {path.stem: pd.read_csv(path) for path in sorted(folder.glob("*.csv"))}
    about, title = first_comment("experiment", name), label("experiment", name, SOURCE)
    with use_language(SOURCE):
        tables = tuple(
            table(key, rows, title=key.replace("_", " ").capitalize())
            for key, rows in frames.items()
            if len(rows) <= MAX_ROWS
        )
        report = Report(title=title, findings=(about,), tables=tables, kicker="Reference results")
        return {SOURCE: (about, page_text(report, {}, {}, ""))}

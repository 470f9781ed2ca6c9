"""One execution of an experiment: results, report, and what is written and shown of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, fields, replace
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from bench.audit.look_ahead import CALM, assurances
from bench.core.assurance import NONE, is_trusted, use_assurance
from bench.core.errors import BenchError, ConfigError, DataError, did_you_mean, shortlist
from bench.core.language import SOURCE, check_language, use_language
from bench.core.options import label
from bench.core.registry import make_predictor
from bench.core.settings import Experiment
from bench.core.write import refuse_unwritable, write_text
from bench.data.country import silent_periods
from bench.data.election import EMBARGOED_BALLOT, load_election
from bench.data.readers import forget_if_changed
from bench.data.tables import doubts_about, known_owners
from bench.data.task import is_known
from bench.report.context import cite_of
from bench.report.macros import RUN_WORDS
from bench.report.report import Report, draw_figures, write_report
from bench.report.run_folder import (
    experiment_of,
    find_run,
    manifest_of,
    read_manifest,
    run_folder,
    said_if_changed,
    sums_written,
)
from bench.report.tables import Table, table
from bench.report.terminal import WIDTH, print_report
from bench.runner.cache import Cache, code_sum, folder_of, key_of, pages_sum
from bench.runner.process import limits, protections
from bench.runner.results import Results
from bench.runner.runner import one_thread, tasks_of
from bench.studies.base import Study, load_study, settings_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from bench.report.html.page import SiteLinks

# settings that every study reads
COMMON = frozenset(
    {"name", "title", "language", "study", "elections", "seed", "results", "execution"}
)
# settings of the execution that are about predictors
OF_PREDICTORS = ("wrap", "time_limit_s", "memory_limit_mb")
# settings that go with another
SETTINGS_WITH = {"as_of": ("days_before", "hour"), "predictors": ("n_draws", "poll_half_life_days")}

# what stops a report of so few rows that nobody would have asked for it
TOO_LITTLE = (ArithmeticError, AttributeError, DataError, LookupError, TypeError, ValueError)


class _ByName(dict[str, Table]):
    """Tables by name; another name is answered with the nearest."""

    def __missing__(self, name: str) -> Table:
        raise ConfigError(f"the report has no table '{name}' ({did_you_mean(name, self)})")


@dataclass(frozen=True, kw_only=True)
class Run:
    """One execution of an experiment.

    Attributes
    ----------
    experiment : Experiment
        Its settings.
    results : Results
        Tables in full precision, facts, failures.
    manifest : mapping
        Where the numbers come from: versions, settings, checksums.
    folder : Path or None
        Where it lies; None if nothing was written.
    """

    experiment: Experiment
    results: Results
    manifest: Mapping[str, Any]
    folder: Path | None = None

    @cached_property
    def study(self) -> Study:
        """The study of the experiment."""
        return load_study(self.experiment.study)

    @property
    def language(self) -> str:
        """That of the report: the one asked for, or English where the study has no texts in it."""
        language = self.experiment.language
        return language if self.is_written_in(language) else SOURCE

    def is_written_in(self, language: str) -> bool:
        """Whether the study has texts in a language."""
        written = self.study.languages
        return not written or language in written

    @cached_property
    def shown(self) -> Report:
        """Title, findings, tables and figures, in the language of the experiment."""
        with self._context():
            report = self._claiming_little(self.study.report(self.experiment, self.results))
            warnings = (
                *_protection_notes(self.manifest),
                *RUN_WORDS.lines("left_out", methods=self.unclaimed),
                *(RUN_WORDS.text("doubt", **doubt) for doubt in self.manifest.get("doubts", ())),
            )
            findings = (*report.findings, *warnings)
            report = replace(report, findings=findings, warnings=warnings)
            periods = silent_periods(self.experiment.elections, self.experiment.rounds)
            report = replace(report, silent_periods=periods)
            if self.language != self.experiment.language:
                with use_language(self.experiment.language):
                    only_english = RUN_WORDS.text("only_english")
                kicker = f"{only_english} {report.kicker}"
                report = replace(report, kicker=kicker, warnings=(*warnings, only_english))
            return report.beginning_with(self.study.first)

    @property
    def assurance(self) -> dict[str, str]:
        """What stood behind every predictor: a word of `bench.core.assurance`."""
        protected = self.manifest.get("protection", {})  # that of runs without these words
        return {**dict.fromkeys(protected, NONE), **self.manifest.get("assurance", {})}

    @property
    def unclaimed(self) -> list[str]:
        """Predictors on which no claim may rest; none of a vote to come, whose end nobody knows."""
        return self.left_out if self.manifest.get("outcome_known", True) else []

    @property
    def left_out(self) -> list[str]:
        """Predictors on which nothing that is sealed or published may rest."""
        is_over = self.manifest.get("outcome_known", True)
        return [
            name
            for name, word in self.assurance.items()
            if not is_trusted(word, outcome_known=is_over)
        ]

    def _claiming_little(self, report: Report) -> Report:
        """The report with the claims that the run would allow without the predictors left out.

        Those that an audit bars stand outside its claims already, each with its reason.
        """
        audit = self.results.tables.get("audit", pd.DataFrame(columns=["predictor", "verdict"]))
        barred = audit.loc[~audit["verdict"].isin(CALM), "predictor"]
        out = set(self.unclaimed) - set(barred)
        if not out:
            return report
        rest = replace(report, findings=(), timeline=(), figures={})
        if len(set(self.assurance) - out) > 1:  # one method is nothing to compare
            with suppress(*TOO_LITTLE):
                rest = self.study.report(self.experiment, self.results.without(out))
        if not rest.findings:
            rest = replace(rest, findings=(RUN_WORDS.text("nothing_claimed"),))
        return report.claiming(rest)

    @contextmanager
    def _context(self) -> Iterator[None]:
        """Language, and marks, of everything that is written of the run."""
        with use_language(self.language), use_assurance(self.assurance):
            yield

    def in_language(self, code: str) -> Run:
        """The run with its report in this language.

        Raises
        ------
        ConfigError
            If there is no such language.
        """
        check_language(code)
        experiment = replace(self.experiment, language=code)
        return self if experiment == self.experiment else replace(self, experiment=experiment)

    @property
    def findings(self) -> tuple[str, ...]:
        """What was found, in sentences with their uncertainty."""
        return self.shown.findings

    @property
    def tables(self) -> dict[str, Table]:
        """The tables of the report by name: `to_frame()`, `to_latex()`, `to_markdown()`, …"""
        return _ByName({table.name: table for table in self.shown.tables})

    @property
    def headline(self) -> pd.DataFrame:
        """The first table of the report, under labels that people read."""
        return self.shown.tables[0].to_frame()

    @property
    def errors(self) -> pd.DataFrame:
        """Long table, one row per score; errors of shares are fractions of the valid votes."""
        return self.table("errors")

    @property
    def forecasts(self) -> pd.DataFrame:
        """Long table: shares (fractions of the valid votes), quantiles and chances."""
        return self.table("forecasts")

    def table(self, name: str) -> pd.DataFrame:
        """A table of the results, in full precision.

        Raises
        ------
        ConfigError
            If the study has no such table.
        """
        if name not in self.results.tables:
            raise ConfigError(
                f"the study '{self.experiment.study}' has no table '{name}' "
                f"({did_you_mean(name, self.results.tables)})"
            )
        return self.results.tables[name]

    def compared(self, baseline: str = "") -> pd.DataFrame:
        """How much more or less every method erred than one of them, and the noise of that.

        Parameters
        ----------
        baseline : str
            The method to compare with; that of the experiment if left out.

        Returns
        -------
        pandas.DataFrame
            As of `bench.metrics.comparison.compare.paired_differences`, of the mean absolute error
            over the candidates that both name, in percentage points.

        Raises
        ------
        ConfigError
            If the run has no such method, or its study does not compare methods over elections.

        Examples
        --------
        >>> differences = load_run("results/reference/history").compared().set_index("predictor")
        >>> int(differences.loc["stack", "elections"])
        11
        """
        differences = getattr(self.study.view, "differences", None)
        if differences is None:
            raise ConfigError(
                f"the study '{self.experiment.study}' compares no methods over elections; "
                "accepted: a backtest, such as bench.run('history')"
            )
        table: pd.DataFrame = differences(self.experiment, self.results, baseline)
        return table

    def draws(self, predictor: str) -> pd.DataFrame:
        """The national draws of a predictor: one row per draw and candidate, shares as fractions.

        Raises
        ------
        ConfigError
            If the run has none, or none of this predictor.
        """
        if "draws" not in self.results.tables:
            raise ConfigError("the draws of this run were not saved; run it with save_draws=true")
        drawn = self.results.tables["draws"]
        predictors = drawn["predictor"].unique()
        if predictor not in predictors:
            raise ConfigError(f"no draws of '{predictor}' ({did_you_mean(predictor, predictors)})")
        return drawn[drawn["predictor"].eq(predictor)].reset_index(drop=True)

    def figure(self, name: str, size: str = "double") -> Figure:
        """A figure of the report.

        Parameters
        ----------
        name : str
            One of `figures`.
        size : {"single", "double", "slide"}
            Width preset.

        Raises
        ------
        ConfigError
            If there is no such figure.
        """
        if name not in self.shown.figures:
            raise ConfigError(f"no figure is called '{name}' ({did_you_mean(name, self.figures)})")
        with self._context():
            return self.shown.figures[name](size)

    @property
    def figures(self) -> tuple[str, ...]:
        """Names of the figures."""
        return tuple(self.shown.figures)

    def report(self, path: str | Path) -> Path:
        """Write the page: one HTML file that works offline.

        Raises
        ------
        ConfigError
            If it cannot be written there.
        """
        try:
            return write_text(Path(path), self.page())
        except OSError as error:
            raise ConfigError(
                f"the page cannot be written to '{path}' ({error.strerror}); accepted: a file, in "
                "a folder in which you may write"
            ) from error

    def page(self, site: SiteLinks | None = None, *, stills: bool = True) -> str:
        """The text of the page, in the language of the experiment.

        Parameters
        ----------
        site : bench.report.html.page.SiteLinks, optional
            Where the page leads on a site.
        stills : bool
            As of `bench.report.report.draw_figures`.
        """
        from bench.report.html.page import page_text

        content = self.shown
        with self._context():
            drawings = draw_figures(content, on_file=False, stills=stills)
            return page_text(content, drawings, self.manifest, self.cite, site)

    def save(self, results: str | Path = "results", arguments: Sequence[str] = ()) -> Run:
        """Write the folder of the run, whole or not at all; the run that lies there.

        Parameters
        ----------
        results : path
            Where runs lie; the folder is `results/<experiment>/<time>`.
        arguments : sequence of str
            The command line, for the record.

        Raises
        ------
        BenchError
            If nothing can be written there, or the disk takes no more.
        """
        refuse_unwritable(Path(results), "results")
        experiment = replace(self.experiment, results=str(results))
        with run_folder(experiment, self.manifest, list(arguments)) as folder:
            with self._context():
                files = self.results.save(folder.path, self.study.long_tables)
            manifest = {**self.manifest, "written": sums_written(folder.path, files)}
            folder.write_manifest(manifest)
            # the report is made of what was read back, so that one made again is the same
            saved = replace(
                self,
                experiment=experiment,
                results=Results.load(folder.path),
                manifest=manifest,
                folder=folder.place,
            )
            saved.write_report(folder.path)
        return saved

    @property
    def cite(self) -> str:
        """How to cite the run: a sentence and, after an empty line, an entry of BibTeX."""
        with self._context():
            return cite_of(self.experiment, self.manifest)

    def write_report(
        self, folder: Path, sizes: Sequence[str] = (), kinds: Sequence[str] = ()
    ) -> None:
        """Write tables, figures and page into a folder.

        Parameters
        ----------
        folder : Path
            `tables/`, `figures/` and `report.html` are written there.
        sizes : sequence of str
            Figures in these size presets as well.
        kinds : sequence of {"pdf", "png"}
            Files of every figure beside its SVG; the first is a PNG too in any case.
        """
        with self._context():
            store = folder_of(self.experiment)
            write_report(folder, self.shown, self.manifest, self.cite, sizes, kinds, store)

    def print(self, width: int = WIDTH, *, everything: bool = False) -> None:
        """Print a screen of the report, or everything, at most so many columns wide."""
        with self._context():
            print_report(self.shown, width=width, everything=everything)

    def __repr__(self) -> str:
        """The experiment, its predictors, each that failed, and where it lies: a line each."""
        lines = [
            f"Run of {self.experiment.name}: {shortlist(self.experiment.elections)}",
            f"predictors: {shortlist(list(self.experiment.predictors))}",
            *self._failures(),
            f"folder: {self.folder} (.headline, .findings, .tables, .report('page.html'), …)",
        ]
        return "\n".join(lines)

    def _failures(self) -> list[str]:
        """A line for every method that failed, with its first reason, and how often if not always.

        Nothing if the study has no table of methods.
        """
        methods = self.results.tables.get("methods")
        if methods is None or "message" not in methods:
            return []
        n_asked = methods.groupby("predictor").size()
        lines = []
        for name, rows in methods[methods["status"].eq("failed")].groupby("predictor", sort=False):
            reason = " ".join(str(rows["message"].iloc[0]).split())
            often = "" if len(rows) == n_asked[name] else f", {len(rows)} of {n_asked[name]} times"
            lines.append(f"failed: {name}{often} ({reason})")
        return lines

    def _repr_html_(self) -> str:
        html = self.shown.tables[0].to_html()
        if len(self.experiment.elections) > 1:
            html = "".join(f"<p>{escape(line)}</p>" for line in self._failures()) + html
            with suppress(BenchError), self._context():
                title = RUN_WORDS.text("compared", baseline=self.experiment.baseline)
                html += table("compared", self.compared(), title=title).to_html()
        return html


def _protection_notes(manifest: Mapping[str, Any]) -> tuple[str, ...]:
    """Sentences on what hid the outcome from methods that do not ship."""
    protection_of: dict[str, str] = manifest.get("protection", {})
    by_protection: dict[str, list[str]] = {}
    for name, protection in protection_of.items():
        by_protection.setdefault(protection, []).append(label("predictor", name))
    return RUN_WORDS.lines("protection", by_protection=by_protection)


def execute(experiment: Experiment) -> Run:
    """Run an experiment; nothing is written but the cache.

    Raises
    ------
    BenchError
        If a setting or a file cannot be used.
    """
    forget_if_changed()
    study = load_study(experiment.study)
    with limits(experiment.execution, experiment.results, *experiment.elections), one_thread():
        check(experiment, study)
        results = study.analyse(experiment)
    _remember_documents(experiment)
    record = manifest_of(experiment, study.folders(experiment))
    if "frozen" in results.facts:
        record["frozen"] = results.facts["frozen"]
    protection = protections(experiment)
    if protection:
        record["protection"] = protection
    record["assurance"] = assurances(experiment.predictors, results.tables.get("audit"))
    is_over = study.needs_outcome or any(map(is_known, tasks_of(experiment)))
    record["outcome_known"] = is_over
    doubts = doubts_about(experiment.elections if study.elections else ())
    if doubts:
        record["doubts"] = doubts
    return Run(experiment=experiment, results=results, manifest=record)


def _remembers_documents(experiment: Experiment) -> bool:
    """Whether a run passed with the very documents, and code beside them, of this one."""
    place = folder_of(experiment)
    return place is not None and Cache(place).path(_documents_key(experiment)).is_file()


def _remember_documents(experiment: Experiment) -> None:
    place = folder_of(experiment)
    if place is not None and not _remembers_documents(experiment):
        Cache(place).put(_documents_key(experiment), Results())


def _documents_key(experiment: Experiment) -> str:
    return key_of({"documents": [experiment.study, code_sum(), pages_sum()]})


def check(experiment: Experiment, study: Study) -> None:
    """Refuse settings that no run can use, and those that this study would ignore.

    Raises
    ------
    ConfigError
        With the setting, what is accepted and what to do.
    """
    experiment.check(study.uses, elections=study.elections)
    if not _remembers_documents(experiment):
        study.check_documents()
    if experiment.results:
        refuse_unwritable(Path(experiment.results), "results")
    default = Experiment()
    used = set(COMMON | study.uses)
    for name in study.uses:
        used.update(SETTINGS_WITH.get(name, ()))
    if study.settings is not None:
        used |= {"settings"}
    if not study.elections:
        used -= {"elections"}
    for entry in fields(Experiment):
        if entry.name in used:
            continue
        value = getattr(experiment, entry.name)
        if value != getattr(default, entry.name):
            raise ConfigError(
                f"the study '{experiment.study}' does not read the setting '{entry.name}', which "
                f"is {value!r}; leave it out (it reads: {', '.join(sorted(used))})"
            )
    for name in OF_PREDICTORS if "predictors" not in study.uses else ():
        value = getattr(experiment.execution, name)
        if value != getattr(default.execution, name):
            raise ConfigError(
                f"the study '{experiment.study}' asks no predictors, so execution.{name}, which is "
                f"{value!r}, changes nothing; leave it out"
            )
    if experiment.include_embargoed:
        _refuse_unknown_owners(experiment)
    if study.settings is not None:
        settings_of(study.settings, experiment)
    with limits(experiment.execution, experiment.results, *experiment.elections):
        for name, settings in experiment.predictors.items():
            make_predictor(name, settings)  # refuses wrong settings before anything is written


def _refuse_unknown_owners(experiment: Experiment) -> None:
    requested = _requested_owners(experiment)
    owners: set[str] = set()
    for owner in known_owners(experiment.elections):
        owners.add(owner)
        if owners.issuperset(requested):
            return
    wrong = next(name for name in requested if name not in owners)
    raise ConfigError(
        f"include_embargoed holds '{wrong}', who had no rows before they were public in these "
        f"elections or any that ships ({did_you_mean(str(wrong), owners)})"
    )


def _requested_owners(experiment: Experiment) -> list[str]:
    """The owners that `include_embargoed` names, or that the elections name in its place."""
    requested = [name for name in experiment.include_embargoed if name != EMBARGOED_BALLOT]
    if len(requested) == len(experiment.include_embargoed):
        return requested
    for name in experiment.elections:
        with suppress(BenchError):  # a whole collection, or what is refused where it is read
            requested += load_election(name).owners([EMBARGOED_BALLOT])
    return requested


def load_run(folder: str | Path, results: str | Path = "results") -> Run:
    """A run that was written, read back from its folder.

    Parameters
    ----------
    folder : path
        Of the run, or the name of an experiment (its latest run).
    results : path
        Where runs lie.

    Raises
    ------
    ConfigError, DataError
        If there is no run, or it is not whole.
    """
    place = find_run(str(folder), Path(results))
    record = read_manifest(place)
    with said_if_changed(place, record):
        return Run(
            experiment=experiment_of(record, place),
            results=Results.load(place),
            manifest=record,
            folder=place,
        )

"""What a study is: from an experiment to results, and from results to a report."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, TypeVar

from bench.core.errors import ConfigError, did_you_mean
from bench.core.registry import typed
from bench.core.settings import Experiment
from bench.data.country import country_of
from bench.data.election import folders_read, load_election
from bench.runner.results import Results

if TYPE_CHECKING:
    from bench.report.document import Document
    from bench.report.report import Report

T = TypeVar("T")


def folders_of(experiment: Experiment) -> dict[str, Path]:
    """Every folder of data that the elections of an experiment may read, by name.

    The second folder of a name has that of its parent before it: an election of one's own may be
    called as one that shipped.
    """
    elections = [load_election(name) for name in experiment.elections]
    read = dict.fromkeys(folder for election in elections for folder in folders_read(election))
    countries = [country_of(election).folder for election in elections]
    folder_by_name: dict[str, Path] = {}
    for folder in dict.fromkeys((*read, *countries)):
        if folder is not None:
            name = folder.name if folder.name not in folder_by_name else "/".join(folder.parts[-2:])
            folder_by_name[name] = folder
    return folder_by_name


@dataclass(frozen=True, kw_only=True)
class Study:
    """Code that turns tasks into tables; the folder of a study holds one as `STUDY`.

    Attributes
    ----------
    analyse : function
        From the settings to results; spreads its work by `bench.runner.runner.run`. It writes
        nothing and prints nothing but progress.
    uses : frozenset of str
        Settings of `Experiment` that the study reads beyond those that every study reads; any
        other that is not at its default is refused.
    elections : bool
        Whether it reads the elections of the experiment; if not, they must not be given.
    settings : type, optional
        A dataclass of the keys of `settings`, which are checked against it.
    long_tables : mapping of str to str
        Tables of the results that stand at the top of the run's folder, and in which format:
        ``"csv"`` for those that people open, ``"parquet"`` for long ones.
    first : mapping of str to str
        Figures that show what the study is about, each with how to read it in two sentences; the
        page begins with the first of them that is drawn.
    needs_outcome : bool
        Whether it is about votes that are over, and scores forecasts of them.
    folders : function
        Folders of data that it reads, by name; their checksums enter the manifest and the cache.
    """

    analyse: Callable[[Experiment], Results]
    uses: frozenset[str] = frozenset()
    elections: bool = True
    settings: type | None = None
    long_tables: Mapping[str, str] = field(default_factory=dict)
    first: Mapping[str, str] = field(default_factory=dict)
    needs_outcome: bool = True
    folders: Callable[[Experiment], dict[str, Path]] = field(default=folders_of)

    def report(self, experiment: Experiment, results: Results) -> Report:
        """Title, findings, tables and figures, by `report` in the `view` of the study's folder.

        It depends on the settings and the results alone, which may be read back from a folder;
        terminal, files and page are made of what it returns. Workers never import it.
        """
        report: Report = self.view.report(experiment, results)
        return report

    @property
    def documents(self) -> list[Document]:
        """Those that the module `view` of its folder holds."""
        from bench.report.document import Document

        return [value for value in vars(self.view).values() if isinstance(value, Document)]

    @property
    def languages(self) -> list[str]:
        """Languages in which its pages are written; none where it has no document."""
        documents = self.documents
        return documents[0].languages if documents else []

    def check_documents(self) -> None:
        """Refuse a document with a name that nobody defines, before anything is computed.

        The words that all pages share are documents too.

        Raises
        ------
        DataError
            With file, line and name.
        """
        from bench.report.document import SHARED_WORDS

        for document in (*SHARED_WORDS, *self.documents):
            document.check()

    @property
    def view(self) -> ModuleType:
        """The module `view` of its folder.

        `sealed` there gives what its records hold too, `differences` what `Run.compared` returns.
        """
        folder = ".".join(self.analyse.__module__.split(".")[:3])
        return importlib.import_module(f"{folder}.view")


def settings_of(kind: type[T], experiment: Experiment) -> T:
    """The settings of a study as its dataclass.

    Raises
    ------
    ConfigError
        If one is unknown, missing or of a wrong type.
    """
    config_file = f"configs/experiment/{experiment.name}.yaml"
    return typed(kind, experiment.settings, f"the study '{experiment.study}'", config_file)


def study_names() -> list[str]:
    """Every study that can be run."""
    modules = pkgutil.iter_modules([str(Path(__file__).parent)])
    return sorted(module.name for module in modules if module.ispkg)


def load_study(name: str) -> Study:
    """The study of a name.

    Raises
    ------
    ConfigError
        If there is no such study.

    Examples
    --------
    >>> sorted(load_study("two_rounds").long_tables)
    ['errors', 'forecasts', 'methods', 'timings']
    """
    if name not in study_names():
        raise ConfigError(f"study is '{name}' ({did_you_mean(name, study_names())})")
    study: Study = importlib.import_module(f"bench.studies.{name}").STUDY
    return study

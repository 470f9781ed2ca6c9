"""What the report has to know about one vote, gathered from the data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.core import Evidence, paths
from bench.core.settings import Experiment, least_polled
from bench.data.election import Election, load_election
from bench.data.task import Task
from bench.report.context import RunFacts, surname
from bench.runner.ranked_on import ranked_on
from bench.studies.backtest.words import ranked_words

FEW = 4  # datasets that are all named
WHOLE = "the whole ballot"
CITE = (
    "The election-bench authors: election-bench {version}, experiment {experiment}, data as of "
    "the checksums in manifest.json."
)


def facts_of(
    experiment: Experiment,
    cell: Task,
    manifest: Mapping[str, Any],
    *,
    audit: Mapping[str, str] | None = None,
) -> RunFacts:
    """The facts of one cell of an experiment.

    Parameters
    ----------
    experiment : Experiment
        The settings of the run.
    cell : Task
        The vote and the moment to show.
    manifest : mapping
        From `bench.report.manifest`.
    audit : mapping, optional
        Predictor to the verdict of the look-ahead audit.
    """
    election = cell.election
    outcome = cell.outcome()
    people = election.people.set_index("candidate")
    through = outcome.votes.sort_values(ascending=False).index[: outcome.seats]
    outlines = paths.datasets() / "france" / "departements.geojson"
    evidence = cell.evidence()
    questions = evidence["polls"].drop_duplicates("poll_id")
    polls = questions.drop_duplicates(["institute", "fieldwork_end", "sample_size"])
    names = {str(c): str(n) for c, n in people["name"].items()}
    return RunFacts(
        election=election.name,
        name=election.title,
        round=cell.round,
        as_of=cell.as_of,
        vote_on=election.round(cell.round).vote_on,
        outcome=outcome.share,
        names=names,
        families={str(c): str(f) for c, f in people["family"].items()},
        qualifiers=tuple(map(str, through)),
        seats=outcome.seats,
        title=_title(experiment, election),
        source=_source(election.folder),
        ballots=_ballots(experiment, evidence, names),
        ranked_by=_rule(experiment),
        n_polls=len(polls),
        n_polls_by_rule=int(polls["basis"].eq("rule").sum()),
        n_questions=len(questions),
        retrospective=cell.learn_from == "others",
        reference=experiment.baseline,
        manifest=manifest,
        audit=audit or {},
        cite=cite_of(experiment, manifest),
        area_outlines=outlines if election.country == "FR" and outlines.is_file() else None,
    )


def _ballots(
    experiment: Experiment, evidence: Evidence, names: Mapping[str, str]
) -> dict[str, str]:
    """The ballots on which errors are shown, in words; the one that is ranked on is `common`."""
    if not experiment.ranked_on:
        return {"full": WHOLE}
    who = ranked_on(experiment, evidence)
    if set(who) == set(evidence.candidates):
        blind = least_polled(experiment.ranked_on) is not None and evidence["polls"].empty
        return {"full": f"{WHOLE} (no poll was public)" if blind else WHOLE}
    short = [surname(names[name], name) for name in who]
    return {"full": WHOLE, "common": ranked_words(short, _rule(experiment))}


def _rule(experiment: Experiment) -> str:
    """How the candidates that are ranked on were chosen."""
    least = least_polled(experiment.ranked_on)
    if least is None:
        return "chosen by hand" if experiment.ranked_on else ""
    return f"{100 * least:.0f}% or more in the polls public then"


def cite_of(experiment: Experiment, manifest: Mapping[str, Any]) -> str:
    """How to cite a run."""
    version = manifest["libraries"]["election-bench"]
    return CITE.format(version=version, experiment=experiment.name)


def names_of(elections: Sequence[str]) -> dict[str, str]:
    """Surnames by candidate, for tables that hold keys.

    Examples
    --------
    >>> names_of(["fr2017"])["dupont_aignan"]
    'Dupont-Aignan'
    """
    people = [load_election(name).people for name in elections]
    return {
        str(key): surname(str(name), str(key))
        for one in people
        for key, name in zip(one["candidate"], one["name"], strict=True)
    }


def sources_of(elections: Sequence[str]) -> str:
    """One line that names where evidence and outcome come from.

    Examples
    --------
    >>> sources_of(["fr2012", "fr2017"])
    'Evidence and official votes: CARD.md of the datasets fr2012, fr2017'
    """
    names = [Path(name).name for name in elections]
    if len(names) > FEW:
        names = [*names[:2], "…", names[-1]]
    many = "s" if len(names) > 1 else ""
    return f"Evidence and official votes: CARD.md of the dataset{many} {', '.join(names)}"


def _title(experiment: Experiment, election: Election) -> str:
    """Of the experiment; an election brought along gives its own name."""
    if election.folder.parent == paths.datasets().resolve():
        return experiment.title or experiment.name
    return election.title


def _source(folder: Path) -> str:
    if folder.parent == paths.datasets().resolve():
        return f"Evidence and official votes: datasets/{folder.name}/CARD.md"
    return f"Evidence and official votes: the folder '{folder.name}', brought along by the user"

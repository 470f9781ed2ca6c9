"""Which study runs on which shipped election: `python -m tools.study_table` fills the docs."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

from bench.core import paths
from bench.core.compose import compose
from bench.core.errors import BenchError
from bench.data.election import folder_names, load_election
from bench.data.tables import outcome_of
from bench.report.text import Text
from bench.studies.base import load_study
from tools.pages import put, table

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "studies.md"
YES, PARTLY, NO = "●", "◐", "–"
EVE = "as_of=[] days_before=[2]"
SIMULATED = f"{EVE} simulation.replicates=1 simulation.block=1 n_draws=200"
QUICK: Mapping[str, str] = {
    "backtest": f"2017_r1 {EVE} predictor=[uniform,last_poll] n_draws=200",
    "two_rounds": f"2017_chain {EVE} predictor=[last_poll] n_draws=200",
    "distortions, merged candidates": (
        f"quickstart {EVE} study=distortions predictor=[last_poll] baseline=last_poll "
        "n_draws=200 ++settings.categories.NAME=[WINNER]"
    ),
    "runoff_by_station": (
        f"stations_2017_r2 {EVE} predictor=[polls_everywhere] settings.n_resamples=10 "
        "settings.hindsight=[]"
    ),
    "election_night": (
        "election_night_2017 settings.orders={realistic:1} "
        "settings.runoff_orders={realistic:1} settings.moments=[0.5] "
        "settings.sample_sizes=[50] settings.n_samples=1 n_draws=200"
    ),
    "vote_transfers": "transfers_2017 settings.n_draws=1 settings.electorates=[registered]",
    "distortions, simulated evidence": (
        f"2017_r1_manipulation {SIMULATED} distortion=[industry_error,house_effect,app_brigading]"
    ),
    "breaking_point": (
        f"2017_breaking_point {SIMULATED} distortion=[industry_error,house_effect,app_brigading] "
        "simulation.steps=1 simulation.draws=1 simulation.replicates_of_a_draw=1 "
        "simulation.replicates_of_sensitivity=1 simulation.steps_of_worlds=1 "
        "simulation.beneficiaries=[place_3] simulation.alternatives={}"
    ),
    "distortions, real evidence": (
        f"2017_r1_spoiled_polls {EVE} predictor=[last_poll] simulation.replicates=1 "
        "distortion=[fabricated_polls] distortions.fabricated_polls.doses=[0,10]"
    ),
    "electorates": f"electorates {SIMULATED} simulation.per_electorate=1",
    "track_record": (
        "track_record days_before=[0] predictor=[uniform,last_poll] settings.lags_days=[2] "
        "n_draws=100"
    ),
    "attention": (
        "attention ++settings.counts.chirper=[tweets] settings.calibrated_days=[30] n_draws=100"
    ),
    "ecological_confounding": (
        "ecological_confounding settings.replicates=1 settings.n_units=50 settings.n_draws=1 "
        "settings.methods=[likelihood] distortions.ecological_confounding.doses=[0,3]"
    ),
}
"""An experiment of each study, or kind of it, and overrides that keep it short and all that needs
data in."""

WITHOUT_ELECTION = {
    "ecological_inference": "on elections of New Zealand and Scotland whose transition tables are "
    "known (`datasets/ei_truth`), whatever `elections` says",
    "forecast": "on every election with polls, and alone on one that is still to come (`fr2027`)",
    "rehearsal": "on every decided election with polls (`elections=[…]`), members of collections "
    "too",
}


def decided() -> list[str]:
    """The shipped folders whose outcome is known and that others learn from."""
    known = ((name, load_election(name)) for name in folder_names())
    return [name for name, one in known if one.teaches and not one.is_open]


def outcome(study: str, election: str, results: str = "") -> tuple[str, tuple[str, ...]]:
    """Whether a study runs on an election, and what is missing, in sentences.

    Parameters
    ----------
    study : str
        One of `QUICK`.
    election : str
        A shipped election.
    results : str
        Folder of the cache; nothing is written if empty.

    Returns
    -------
    (str, tuple of str)
        ``●`` it runs, ``◐`` it runs without some of its tables, ``–`` it does not.
    """
    experiment_name, *overrides = QUICK[study].split()
    winner = str(outcome_of(load_election(election), 1).share.idxmax())
    told = [one.replace("NAME", election).replace("WINNER", winner) for one in overrides]
    experiment = compose(
        f"+experiment={experiment_name}", "execution=serial", f"elections=[{election}]", *told
    )
    experiment.results = results
    ran = load_study(experiment.study)
    try:
        with redirect_stderr(StringIO()), redirect_stdout(StringIO()):
            found = ran.analyse(experiment)
            ran.report(experiment, found)
    except BenchError as error:
        return NO, (_without_paths(str(error)),)
    text = Text(experiment.study)
    title = load_election(election).title
    lacks = text.lines("missing", name=title, **found.facts) if "missing" in text else ()
    return (PARTLY if lacks else YES), lacks


def block(studies: Iterable[str], elections: Sequence[str]) -> str:
    """The table and the sentences below it, in Markdown."""
    studies = list(studies)
    found = {(s, e): outcome(s, e) for s in studies for e in elections}
    reasons: dict[str, dict[str, list[str]]] = {study: {} for study in studies}
    rows = []
    for study in studies:
        cells = [found[study, election][0] for election in elections]
        rows.append([f"`{study}`", *cells])
        for election in elections:
            for said in found[study, election][1]:
                reasons[study].setdefault(_of_any(said, election), []).append(f"`{election}`")
    lines = [
        table(["study", *(f"`{one}`" for one in elections)], rows),
        "",
        f"{YES} runs · {PARTLY} runs, with what is missing said below · {NO} does not run",
    ]
    alike: dict[str, list[str]] = {}
    for study, by_words in reasons.items():
        text = "\n".join(f"- {', '.join(names)}: {words}" for words, names in by_words.items())
        alike.setdefault(text, []).append(f"`{study}`")
    for text, named in alike.items():
        if text:
            lines += ["", f"**{', '.join(named)}**", "", text]
    lines += ["", *(f"`{study}` runs {where}." for study, where in WITHOUT_ELECTION.items())]
    return "\n".join(lines)


def _without_paths(words: str) -> str:
    return re.sub(r" \([^()]* is missing\)", "", words.replace(f"{paths.datasets()}/", "datasets/"))


def _of_any(words: str, election: str) -> str:
    """A sentence about one election as it holds of others too.

    Examples
    --------
    >>> _of_any("fr1995 has no polling stations for round 1", "fr1995")
    'no polling stations for round 1'
    """
    words = words.replace(load_election(election).title, election)
    short = words.removeprefix(f"{election} has ").removeprefix(f"{election} is ")
    return short[0].lower() + short[1:].removesuffix(".")


def main() -> int:
    """Put the table anew into its page."""
    put(PAGE, "studies", block(QUICK, decided()))
    return 0


if __name__ == "__main__":
    sys.exit(main())

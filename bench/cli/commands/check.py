"""Check an election, a collection or a CSV of yours, and read back what was understood.

An election folder, a table or a forecast file; of an election every predictor is asked whether it
has something to say.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pandas as pd

from bench.core import paths
from bench.core.compose import compose, predictor_settings
from bench.core.errors import (
    Abstain,
    BenchError,
    ConfigError,
    did_you_mean,
    nearest,
    shortlist,
    slug,
)
from bench.core.options import options
from bench.core.predictor import generator
from bench.core.read import visible
from bench.core.registry import make_predictor
from bench.data.collection import FACTS as COLLECTION
from bench.data.collection import collection_of, load_collection
from bench.data.collection_check import check_collection
from bench.data.columns import COLLECTION_TABLES, TABLES
from bench.data.csv_dialect import raw_rows
from bench.data.cut import cut, owner_of
from bench.data.election import (
    Election,
    Round,
    election_names,
    load_election,
    same_country_elections,
)
from bench.data.election_folder import folder_names, is_short
from bench.data.evidence import ABOUT_PEOPLE
from bench.data.minimal_election import OUTCOME, ShortForm, shipped_keys_by_name
from bench.data.readers import read_csv, read_parquet, read_table
from bench.data.slates import slates_at, withdrawn
from bench.data.tables import doubts_of, outcomes_of, table_of
from bench.data.task import Task
from bench.models.forecast_table import SIMPLE, read_forecast
from bench.report.formatting import day, days_in_words
from bench.report.macros import RUN_WORDS
from bench.runner.prediction import predict
from bench.runner.process import OUTSIDE

HEADINGS = ("model_id", "reference_date", "published_on", "location", "candidate", "output_type")
NO_FORECAST = "  no forecast of this vote, so a run would list it as failed:"
FAILED = "  fails, which is a fault of the method or of the files:"
READY = "  can forecast on the eve"


def main(arguments: list[str]) -> int:
    """Print what was understood; an error says what was not. 3 if a predictor fails on it.

    As in a run, a forecast file that cannot be read is an error, and one that is read and is no
    forecast of its vote, a name being nobody's, is a predictor that fails.
    """
    parser = argparse.ArgumentParser(prog="bench check", description=__doc__)
    parser.add_argument(
        "path",
        type=Path,
        help="an election (a name, or a folder), a collection, a forecast file, or one table of "
        "evidence",
    )
    parser.add_argument("--quick", action="store_true", help="do not try the predictors")
    parser.add_argument(
        "--why", action="store_true", help="also keys, links, dates by rule, what predictors lack"
    )
    parser.add_argument(
        "--election", help="of a forecast file: the election it is about (a name, or a folder)"
    )
    options = parser.parse_args(arguments)
    path: Path = options.path.expanduser()
    if not os.path.lexists(path):
        if (paths.datasets() / path / COLLECTION).is_file():
            path = paths.datasets() / path
        elif str(path) in election_names():
            path = load_election(str(path)).address
    if (path / COLLECTION).is_file():
        print(visible("\n".join(collection_in_words(path))))
        return 0
    if (path / "election.yaml").is_file() or collection_of(path.absolute()):
        election = load_election(f"{path.as_posix()}/")
        lines = list(election_in_words(election, options.quick, options.why))
        print(visible("\n".join(lines)))
        return 3 if any(line.startswith(FAILED) for line in lines) else 0
    if path.is_dir():
        raise ConfigError(f"no election.yaml in {path}; how to write one: docs/own_election.md")
    if not os.path.lexists(path):
        raise ConfigError(
            f"{path} does not exist; accepted: an election (its folder, or a name that bench list "
            "prints), a collection, or a table"
        )
    lines = list(file_in_words(path, options.election))
    print(visible("\n".join(lines)))
    return 3 if NO_FORECAST in lines else 0


def collection_in_words(path: Path) -> Iterator[str]:
    """What a collection holds, after everything in it was checked."""
    collection = load_collection(path)
    check_collection(collection)
    register = collection.elections.drop_duplicates("election")
    years = register["vote_on"].dt.year
    yield f"{collection.title} ('{collection.name}', {years.min()} to {years.max()})"
    for (country, kind), part in register.groupby(["country", "kind"]):
        ranked = int(part["ranked"].sum())
        yield f"  {country}, {kind}: {len(part)} elections, {ranked} of them may be ranked"
    for name in COLLECTION_TABLES:
        if len(rows := collection.table(name)):
            yield f"  {name}: {len(rows):,} rows about {rows['election'].nunique():,} elections"
    for source in collection.sources.values():
        yield f"  source {source.key} ({source.licence}): {source.title}"


def election_in_words(election: Election, quick: bool, why: bool = False) -> Iterator[str]:
    """Rounds, polls, outcome, other tables, slips, and which predictors have something to say."""
    yield f"{election.title} ('{election.name}', country {election.country}); {_learns(election)}"
    if is_short(election.folder) and not election.collection:
        yield from (f"  {line}" for line in links(ShortForm(election.folder), why))
    for number in election.rounds:
        yield from _round_in_words(election, number, why)
    for doubt in doubts_of(election):
        yield f"  {RUN_WORDS.text('doubt', **doubt)}"
    if not quick:
        yield from _predictors(election, why)


def _round_in_words(election: Election, number: int, why: bool) -> Iterator[str]:
    """Days, ballot, polls, other tables and outcome of a round."""
    names = election.people.set_index("candidate")["name"]
    this_round = election.rounds[number]
    days = days_in_words(this_round.possible_days or (this_round.vote_on,))
    candidates = this_round.candidates
    ballot = "open ballot" if this_round.is_open else f"{len(candidates)} candidates"
    through = "one wins" if this_round.n_advance == 1 else f"{this_round.n_advance} get through"
    yield f"Round {number}: {days}; {ballot}, {through}"
    moment = this_round.known_at - pd.Timedelta(minutes=1)
    evidence = Task(election, number, moment).evidence()
    has_outcome = outcomes_of(election)["round"].eq(number).any()
    if this_round.is_open:
        yield from _slates(election, number, names)
    elif why or not has_outcome:
        yield "  " + ", ".join(f"{names[key]} ({key})" for key in candidates)
    yield from _polls(evidence["polls"], names[list(evidence.candidates)], why)
    tables = [name for name in TABLES if name != "polls" and len(evidence[name])]
    if tables:
        yield "  " + ", ".join(f"{name}: {len(evidence[name]):,} rows" for name in tables)
    for name in ABOUT_PEOPLE:
        rows = cut(table_of(election, name), moment)
        rows = rows[rows["round"].eq(number)] if "round" in rows else rows
        owner = owner_of(rows)
        withheld = {*rows[owner]} - {*evidence[name][owner]}
        if withheld:
            yield f"  {name}: withheld, as each names one person: {', '.join(sorted(withheld))}"
    yield _outcome(election, number, names) if has_outcome else _no_outcome(this_round)


def _slates(election: Election, number: int, names: pd.Series) -> Iterator[str]:
    """Which ballots polls test, who has withdrawn, and which of them a forecast supposes."""
    tested = slates_at(election, number, election.rounds[number].known_at)
    standing = [slate for slate in tested if slate.stands]
    yield f"  polls have tested {len(tested)} ballots (slates), of which {len(standing)} stand"
    left = withdrawn(election, pd.Timestamp.max).items()
    if left:
        people = "; ".join(f"{names[key]} ({key}), {day(moment)}" for key, moment in left)
        yield f"  withdrawn: {people}"
    people = ", ".join(f"{names[key]} ({key})" for key in standing[0].candidates)
    yield f"  a forecast supposes the one most tested, {standing[0].name}: {people}"


def _learns(election: Election) -> str:
    """From how many elections it learns: those of its country that were decided before."""
    n_before = sum(
        decided.first_day < election.first_day and not decided.is_open
        for decided in same_country_elections(election)
    )
    elections = "election" if n_before == 1 else "elections"
    return f"learns from {n_before or 'no'} earlier {elections} of that country"


def links(form: ShortForm, why: bool = False) -> Iterator[str]:
    """Who is no shipped candidate, with the nearest, and with `why` who is one."""
    people = form.people.set_index("candidate")["name"]
    standing = people[people.index.isin(form.standing)]
    is_shipped = standing.index.isin(form.shipped["candidate"])
    if len(form.shipped) and not is_shipped.all():
        keys = shipped_keys_by_name(form.shipped)
        near = {name: nearest(name, keys) for name in standing[~is_shipped]}
        names = [
            f"{name} (`same_as: {{{name}: {keys[key]}}}`?)" if key else name
            for name, key in near.items()
        ]
        yield f"no shipped candidate of {form.country}: {', '.join(names)}"
    if why and is_shipped.any():
        pairs = [f"{name} is {key}" for key, name in standing[is_shipped].items()]
        yield f"shipped, by name, short name of a party or `same_as`: {', '.join(pairs)}"


def _polls(polls: pd.DataFrame, names: pd.Series, why: bool) -> Iterator[str]:
    if polls.empty:
        yield "  polls: none was public before the vote"
        return
    each = polls.drop_duplicates("poll_id")
    first, last_day = each["fieldwork_end"].min(), each["fieldwork_end"].max()
    institutes = shortlist(sorted(set(each["institute"].dropna())))
    people = each["sample_size"].dropna()
    of = f"; {people.min():,.0f} to {people.max():,.0f} people each" if len(people) else ""
    yield (
        f"  polls: {len(each)} of {each['institute'].nunique()} institutes ({institutes}), "
        f"last interviews {day(first)} to {day(last_day)}{of}"
    )
    n_by_rule = each["basis"].eq("rule").sum()
    if why and n_by_rule:
        yield f"  {n_by_rule} of them: when they became public is set by rule, not stated"
    strange = polls["poll_id"].isin(polls.loc[~polls["candidate"].isin(names.index), "poll_id"])
    if strange.any():
        n = polls.loc[strange, "poll_id"].nunique()
        yield f"  {n} of them asked about people who are not on this ballot"
    polls = polls[~strange]
    last = polls[polls["fieldwork_end"] >= polls["fieldwork_end"].max() - pd.Timedelta(days=7)]
    means = last.groupby("candidate")["share"].mean().sort_values(ascending=False, kind="stable")
    if len(means):
        shares = ", ".join(f"{names[key]} {100 * share:.1f}" for key, share in means.items())
        unpolled = [*names[~names.index.isin(polls["candidate"])]]
        never = f"; never polled: {', '.join(unpolled)}" if unpolled else ""
        yield f"  their last seven days, in percent: {shares}{never}"


def _no_outcome(this_round: Round) -> str:
    if this_round.known_at > pd.Timestamp.now():
        return "  outcome: still to come; bench forecast, bench freeze, and bench score after it"
    return "  outcome: none, so this round can be read but not scored"


def _outcome(election: Election, number: int, names: pd.Series) -> str:
    outcome = election.outcome(number)
    share = outcome.share.sort_values(ascending=False, kind="stable")
    pairs = zip(names[list(share.index)], share, strict=True)
    shares = ", ".join(f"{name} {100 * part:.2f}" for name, part in pairs)
    counted = bool(outcome.votes.notna().all())
    if is_short(election.folder) and not election.collection:
        counted = "votes" in raw_rows(election.folder / OUTCOME)
    of = f"percent of {int(outcome.votes.sum()):,} votes" if counted else "percent, as shares alone"
    return f"  outcome, in {of}: {shares}"


def _predictors(election: Election, why: bool) -> Iterator[str]:
    """Every predictor is asked once a round, on the eve; nothing is scored."""
    names = [name for name in options("predictor") if name != "forecast_file"]  # which needs a file
    settings = compose(f"predictor=[{','.join(names)}]").predictors
    ready: dict[int, set[str]] = {}
    unable: dict[str, list[str]] = {}
    for number, this_round in election.rounds.items():
        task = Task(election, number, this_round.vote_on - pd.Timedelta(hours=4))
        by_name = {name: _answer(task, name, settings[name] or {}) for name in names}
        ready[number] = {name for name in names if by_name[name] == READY}
        for name in set(names) - ready[number]:
            unable.setdefault(f"{by_name[name]} (round {number}):", []).append(name)
    common = set.intersection(*ready.values())
    parts = [f"{READY}: {', '.join(sorted(common)) or 'none'}"]
    for number, able in ready.items():
        if able > common:
            parts.append(f"round {number} also {', '.join(sorted(able - common))}")
    yield "; ".join(parts) + ("" if why else " (--why: what the others lack)")
    for answer, of in sorted(unable.items()):
        if why or answer.startswith(FAILED):
            yield f"{answer} {', '.join(sorted(of))}"


def _answer(task: Task, name: str, settings: Mapping[str, object]) -> str:
    """Whether a predictor has something to say, or why not."""
    try:
        predictor = make_predictor(name, settings)
        tried = predict(task, predictor, rng=generator(0, name), execution=OUTSIDE)
    except BenchError as error:  # a plug-in that cannot be imported
        return f"{FAILED} {error}"
    words = tried.message.removeprefix(f"{name} ")
    if tried.status == "ok":
        return READY
    if tried.status == "failed":
        return f"{FAILED} {words}"
    empty = sorted(table for table in predictor.needs if task.evidence()[table].empty)
    return f"  lacks {' and '.join(empty)}" if empty else f"  abstains ({words})"


def file_in_words(path: Path, election: str | None = None) -> Iterator[str]:
    """One table of evidence, by its file name or its columns, or a forecast made elsewhere."""
    if path.name in ("polls.csv", "outcome.csv") and (path.parent / "election.yaml").is_file():
        raise ConfigError(f"{path} belongs to an election; check the folder: {path.parent}")
    raw = read_parquet(path) if path.suffix == ".parquet" else read_csv(path)
    columns = {str(name) for name in raw}
    near = {name: len(set(table.columns) & columns) for name, table in TABLES.items()}
    alike = "candidate" in columns and (columns <= set(SIMPLE) or max(near.values()) < 3)
    if path.stem not in TABLES and ("output_type" in columns or alike or election):
        yield from _forecast_file(path, election)
        return
    name = path.stem if path.stem in TABLES else max(near, key=lambda key: near[key])
    if not near[name]:
        raise ConfigError(
            f"{path} does not look like a table of evidence "
            f"({did_you_mean(path.stem, TABLES)}); its columns are {', '.join(sorted(columns))}"
        )
    rows = read_table(path, TABLES[name], check=True)
    yield f"{path}: a table '{name}' of {len(rows):,} rows, in order"
    for key, column in TABLES[name].columns.items():
        values = rows[key].dropna()
        if column.kind in ("text", "flag"):
            summary = ", ".join(sorted(set(values.astype(str)))[:5])
        else:
            summary = f"{values.min()} to {values.max()}"
        yield f"  {key:<16} {column.meaning}: {summary if len(values) else 'empty'}"


def _forecast_file(path: Path, election: str | None) -> Iterator[str]:
    """A forecast made elsewhere, asked about its vote as a run does; the same words refuse it."""
    rows = read_forecast(path)
    yield f"{path}: a forecast made elsewhere, {len(rows):,} rows"
    for key in (name for name in HEADINGS if name in rows):
        yield f"  {key:<16} {', '.join(sorted(set(rows[key].astype(str)))[:12])}"
    yield "  score it: predictor=[…,forecast_file] predictors.forecast_file.path=" + str(path)
    named_in_rows = {*rows.get("election", ())} & {*election_names()}
    named = [election] if election else sorted(named_in_rows)
    names = {slug(name) for name in rows["candidate"]}
    hits, vote, number = _likeliest_vote(names, named or folder_names())
    if not named and hits <= len(names) - hits:
        yield "  of no shipped election; check it against yours: --election FOLDER"
        return
    moment = vote.rounds[number].known_at - pd.Timedelta(minutes=1)
    evidence = Task(vote, number, moment).evidence()
    settings = predictor_settings("forecast_file") | {"path": str(path)}
    predictor = make_predictor("forecast_file", settings)
    try:
        forecast = predictor.predict(evidence.only(predictor.needs), generator(0, "forecast_file"))
    except Abstain as error:
        yield f"  would abstain: {error}"
        return
    except BenchError as error:
        yield NO_FORECAST
        yield f"    {error}"
        return
    yield (
        f"  read as a forecast of round {number} of {vote.name}: it names {len(forecast.share)} of "
        f"{len(evidence.candidates)} candidates"
        + ("" if named else " (guessed by the names; --election says otherwise)")
    )
    if forecast.converted:
        yield f"  the table of results would note: {forecast.converted}"


def _likeliest_vote(names: set[str], elections: Iterable[str]) -> tuple[int, Election, int]:
    """The vote on whose ballot most of these names stand: how many, its election and round."""
    votes = []
    for election in map(load_election, elections):
        people = election.people
        slug_of = dict(zip(people["candidate"], people["name"].map(slug), strict=True))
        for number, this_round in election.rounds.items():
            hits = sum(bool({key, slug_of[key]} & names) for key in this_round.candidates)
            votes.append((hits, election.name, -number, election))
    hits, _, minus_number, election = max(votes, key=lambda vote: vote[:3])
    return hits, election, -minus_number

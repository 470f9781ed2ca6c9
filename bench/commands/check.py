"""Check an election folder or a CSV of yours, and read back in words what was understood."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from bench import hydra_setup
from bench.contract.errors import ConfigError, DataError, did_you_mean
from bench.data.columns import TABLES
from bench.data.election import Election, Round, load_election
from bench.data.evidence import evidence_for
from bench.data.outcome import outcome_of
from bench.data.read import read_table
from bench.execution.attempt import attempt
from bench.execution.seeds import generator
from bench.hydra_setup import predictor_settings
from bench.registry import make_predictor
from bench.report.facts import day

FAILED = "  these fail, which is a fault of the method or of the files:"


def main(arguments: list[str]) -> int:
    """Print what was understood; an error says what was not. 3 if a predictor fails on it."""
    parser = argparse.ArgumentParser(prog="bench check", description=__doc__)
    parser.add_argument("path", type=Path, help="an election folder, or one table of evidence")
    parser.add_argument("--quick", action="store_true", help="do not try the predictors")
    options = parser.parse_args(arguments)
    path: Path = options.path.expanduser()
    if path.is_dir():
        lines = list(election_in_words(load_election(f"{path.as_posix()}/"), options.quick))
        print("\n".join(lines))
        return 3 if FAILED in lines else 0
    if path.is_file():
        print("\n".join(file_in_words(path)))
    else:
        raise ConfigError(f"{path} does not exist; accepted: an election folder, or a table")
    return 0


def election_in_words(election: Election, quick: bool) -> Iterator[str]:
    """Rounds, polls, outcome, other tables, and which predictors have something to say."""
    yield f"{election.title} ('{election.name}', country {election.country})"
    for number, this in election.rounds.items():
        names = election.people.set_index("candidate")["name"]
        through = "one wins" if this.seats == 1 else f"{this.seats} get through"
        yield ""
        yield f"Round {number}: {day(this.vote_on)}, {len(this.candidates)} candidates, {through}"
        yield "  " + ", ".join(f"{names[who]} ({who})" for who in this.candidates)
        moment = this.known_at - pd.Timedelta(minutes=1)
        evidence = evidence_for(election, number, moment)
        yield from _polls(evidence["polls"], this)
        for name in TABLES:
            if name != "polls" and len(evidence[name]):
                yield f"  {name}: {len(evidence[name]):,} rows"
        yield from _outcome(election, number, names)
        if not quick:
            yield from _predictors(election, number)


def _polls(polls: pd.DataFrame, this: Round) -> Iterator[str]:
    if polls.empty:
        yield "  polls: none was public before the vote"
        return
    each = polls.drop_duplicates("poll_id")
    span = f"{day(each['fieldwork_end'].min())} to {day(each['fieldwork_end'].max())}"
    institutes = ", ".join(sorted(set(each["institute"].dropna())))
    size = each["sample_size"].median()
    people = "no sample sizes" if pd.isna(size) else f"a typical one asks {size:,.0f} people"
    yield (
        f"  polls: {len(each)} of {each['institute'].nunique()} institutes ({institutes}), "
        f"last interviews {span}; {people}"
    )
    rule = each["basis"].eq("rule").sum()
    if rule:
        yield f"  {rule} of them count as public on the day after the last interview (by rule)"
    last = each["fieldwork_end"].max()
    mean = polls[polls["fieldwork_end"] >= last - pd.Timedelta(days=7)]
    means = mean.groupby("candidate")["share"].mean().sort_values(ascending=False)
    shown = ", ".join(f"{who} {100 * share:.1f}" for who, share in means.items())
    yield f"  their last seven days, in percent: {shown}"
    if never := sorted(set(this.candidates) - set(polls["candidate"])):
        yield f"  never polled: {', '.join(never)}"


def _outcome(election: Election, number: int, names: pd.Series) -> Iterator[str]:
    try:
        outcome = outcome_of(election, number)
    except DataError:
        yield "  outcome: none, so this round can be read but not scored"
        return
    share = outcome.share.sort_values(ascending=False)
    name_of = dict(zip(names.index, names, strict=True))
    shown = ", ".join(f"{name_of[who]} {100 * part:.2f}" for who, part in share.items())
    yield f"  outcome, in percent of {int(outcome.votes.sum()):,} votes: {shown}"


def _predictors(election: Election, number: int) -> Iterator[str]:
    """Every predictor is asked once, on the eve; nothing is scored."""
    eve = election.round(number).vote_on - pd.Timedelta(hours=4)
    evidence = evidence_for(election, number, eve)
    ready: list[str] = []
    silent: list[str] = []
    failed: list[str] = []
    for name in hydra_setup.options("predictor"):
        predictor = make_predictor(name, predictor_settings(name))
        tried = attempt(predictor, evidence, generator(0, name), lambda _: None)
        if tried.status == "ok":
            ready.append(name)
        else:
            (failed if tried.status == "failed" else silent).append(f"    {name}: {tried.message}")
    yield f"  predictors with something to say on the eve: {', '.join(ready) or 'none'}"
    if silent:
        yield "  these abstain:"
        yield from silent
    if failed:
        yield FAILED
        yield from failed


def file_in_words(path: Path) -> Iterator[str]:
    """One table of evidence, by its file name or its columns."""
    columns = _columns(path)
    if path.name in ("polls.csv", "outcome.csv") and (path.parent / "election.yaml").is_file():
        raise ConfigError(f"{path} belongs to an election; check the folder: {path.parent}")
    if "output_type" in columns or {"candidate", "share"} == {*columns} - {"draw", "published_on"}:
        yield from _forecast_file(path)
        return
    near = {name: len(set(table.columns) & columns) for name, table in TABLES.items()}
    name = path.stem if path.stem in TABLES else max(near, key=lambda key: near[key])
    if not near[name]:
        raise ConfigError(
            f"{path} looks like no table of evidence ({did_you_mean(path.stem, TABLES)}); its "
            f"columns are {', '.join(sorted(columns))}"
        )
    rows = read_table(path, TABLES[name])
    yield f"{path}: a table '{name}' of {len(rows):,} rows, in order"
    for key, column in TABLES[name].columns.items():
        values = rows[key].dropna()
        shown = "empty"
        if len(values) and column.kind in ("text", "flag"):
            distinct = sorted({str(value) for value in values})
            more = f" and {len(distinct) - 5} more" if len(distinct) > 5 else ""
            shown = ", ".join(distinct[:5]) + more
        elif len(values):
            shown = f"{values.min()} to {values.max()}"
        yield f"  {key:<16} {column.meaning}: {shown}"


def _forecast_file(path: Path) -> Iterator[str]:
    rows = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    column = "value" if "value" in rows else "share"
    number = pd.to_numeric(rows[column], errors="coerce")
    wrong = ~number.between(0, 1)
    if wrong.any():
        line = int(wrong.to_numpy().argmax())
        raise DataError(
            f"{path}:{line + 2}: column '{column}' is {rows[column].iloc[line]}; accepted: a "
            "fraction of the valid votes, 0 to 1, not percent"
        )
    yield f"{path}: a forecast made elsewhere, {len(rows):,} rows"
    for key in (
        "model_id",
        "reference_date",
        "published_on",
        "location",
        "candidate",
        "output_type",
    ):
        if key in rows:
            yield f"  {key:<16} {', '.join(sorted(set(rows[key]))[:12])}"
    yield "  score it: predictor=[…,forecast_file] predictors.forecast_file.path=" + str(path)


def _columns(path: Path) -> set[str]:
    try:
        if path.suffix == ".parquet":
            import pyarrow.parquet as pq

            return set(pq.read_schema(path).names)
        return set(pd.read_csv(path, nrows=0, encoding="utf-8-sig").columns)
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: cannot be read ({error}); accepted: CSV or Parquet") from error

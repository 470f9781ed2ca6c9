"""The configuration of a hub about one election: who may be asked about, when, and how."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from bench.core.errors import ConfigError, DataError, did_you_mean
from bench.core.forecast import EVENTS
from bench.core.write import csv_text, write_text
from bench.data.election import Election, same_country_elections
from bench.data.slates import slates_at
from bench.data.tables import Outcome
from bench.metrics.score_forecast import LEVELS
from bench.report.hub.layout import (
    METADATA_SCHEMA,
    SCHEMA_URL,
    SCHEMA_VERSION,
    TASK_IDS,
    Hub,
    schema_of,
)
from bench.report.hubverse import TARGET

OFFICIAL = "official"  # the slate of a round whose ballot is known
DAYS_OPEN = 6  # before the day of reference
SAMPLES = (100, 1000)
UNIT_RANGE = {"type": "double", "minimum": 0, "maximum": 1}
OBSERVED = ["target_end_date", "target", "round", "candidate"]
TIME_SERIES = "target-data/time-series.csv"
ORACLE = "target-data/oracle-output.csv"
ROOMS = ("model-metadata", "model-output")
Slates = Mapping[int, Mapping[str, tuple[str, ...]]]


@dataclass(frozen=True, kw_only=True)
class HubFacts:
    """What a hub says of itself.

    Attributes
    ----------
    repository : str
        ``owner/name`` on GitHub, as hubverse demands.
    maintainer : str
        The owner if left out.
    timezone : str
        Of the deadlines, such as ``Europe/Paris``.
    contact : mapping
        `name` and `email`, both optional.
    """

    repository: str
    timezone: str
    maintainer: str = ""
    contact: Mapping[str, str] = field(default_factory=dict)


def slates_to_ask(
    election: Election,
    numbers: Sequence[int],
    now: pd.Timestamp,
    *,
    names: Sequence[str] = (),
    most: int,
) -> dict[int, dict[str, tuple[str, ...]]]:
    """Candidates by number of the round and name of the slate.

    Parameters
    ----------
    election : Election
    numbers : sequence of int
        Rounds.
    now : pandas.Timestamp
        Local time: slates that stand at this moment.
    names : sequence of str
        Which slates; the `most` most tested ones if empty. A ballot that is known is the one slate
        ``official``.
    most : int
        How many.

    Raises
    ------
    ConfigError
        If a slate is not known, or does not stand.
    """
    found: dict[int, dict[str, tuple[str, ...]]] = {}
    for number in numbers:
        this = election.rounds[number]
        if not this.is_open:
            found[number] = {OFFICIAL: this.candidates}
            continue
        known = {slate.name: slate for slate in slates_at(election, number, now)}
        standing = {name: slate for name, slate in known.items() if slate.stands}
        for name in names:
            if name not in standing:
                why = f"names who withdrew: {', '.join(known[name].gone)}" if name in known else ""
                raise ConfigError(
                    f"slate '{name}' of round {number} of {election.name} "
                    f"{why or 'was in no public poll'} ({did_you_mean(name, standing)})"
                )
        chosen = names or list(standing)[:most]
        if not chosen:
            raise ConfigError(
                f"no slate of round {number} of {election.name} stands in a public poll: nothing "
                "can be asked"
            )
        found[number] = {name: standing[name].candidates for name in chosen}
    return found


def reference_days(election: Election, number: int, *, every: int, last: int) -> list[str]:
    """Days of reference, backwards from the last one, `last` days before the vote, in a year.

    Examples
    --------
    >>> from bench.data.election import load_election
    >>> reference_days(load_election("toy"), 1, every=7, last=2)[-2:]
    ['2031-03-28', '2031-04-04']
    """
    vote_on = election.rounds[number].vote_on
    days = pd.date_range(
        end=vote_on - pd.Timedelta(days=last), periods=365 // every, freq=f"{every}D"
    )
    return [f"{day:%Y-%m-%d}" for day in days]


def tasks_json(
    election: Election, slates: Slates, days: Sequence[str], before: Hub | None, now: pd.Timestamp
) -> dict[str, Any]:
    """The content of `tasks.json`.

    Rounds of `before` that have opened stay as they are: whoever has answered must find the
    question that he or she answered.

    Parameters
    ----------
    election : Election
    slates : mapping
        From `slates_to_ask`.
    days : sequence of str
        Days of reference; those that have passed are left out.
    before : Hub, optional
        The hub as it was.
    now : pandas.Timestamp
        Local time of the hub.
    """
    kept = _begun(before, now)
    begun = {day for entry in kept for day in _days_of(entry)}
    coming = [day for day in days if day not in begun and pd.Timestamp(day) >= now.normalize()]
    rounds = kept
    if coming:
        asked = _round(election, slates, coming)
        if kept and _with_days(kept[-1], coming) == asked:  # the same questions go on
            asked = _with_days(asked, [*_days_of(kept.pop()), *coming])
        rounds = [*kept, asked]
    if not rounds:
        raise ConfigError(
            f"no day of reference of {election.name} is still to come; accepted: a vote ahead, or "
            "--from DATE to replay one"
        )
    return {
        "schema_version": _version("tasks"),
        "rounds": rounds,
        "output_type_id_datatype": "character",
    }


def _begun(before: Hub | None, now: pd.Timestamp) -> list[dict[str, Any]]:
    """The entries of a hub, with those days alone whose rounds have opened."""
    kept = []
    for entry in before.tasks["rounds"] if before else ():
        assert before is not None
        days = [day for day in _days_of(entry) if before.rounds[day].opens <= now]
        if days:
            kept.append(_with_days(entry, days))
    return kept


def _days_of(entry: Mapping[str, Any]) -> list[str]:
    given = entry["model_tasks"][0]["task_ids"][entry["round_id"]]
    return [*(given["required"] or ()), *(given["optional"] or ())]


def _with_days(entry: Mapping[str, Any], days: Sequence[str]) -> dict[str, Any]:
    name = entry["round_id"]
    tasks = [
        {**task, "task_ids": {**task["task_ids"], name: {"required": None, "optional": list(days)}}}
        for task in entry["model_tasks"]
    ]
    return {**entry, "model_tasks": tasks}


def _round(election: Election, slates: Slates, days: Sequence[str]) -> dict[str, Any]:
    tasks = [
        _model_task(days, number, name, candidates, events)
        for number, by_name in slates.items()
        for name, candidates in by_name.items()
        for events in ((), _events(election.rounds[number].seats))
    ]
    return {
        "round_id_from_variable": True,
        "round_id": "reference_date",
        "model_tasks": tasks,
        "submissions_due": {"relative_to": "reference_date", "start": -DAYS_OPEN, "end": 0},
        "additional_metadata": {
            "slates": {
                str(number): {name: list(who) for name, who in by_name.items()}
                for number, by_name in slates.items()
            }
        },
    }


def _events(seats: int) -> tuple[str, ...]:
    """The events asked about: of a vote that decides, being elected is all of them."""
    return ("qualify", "elected", "first") if seats > 1 else ("elected",)


def _model_task(
    days: Sequence[str],
    number: int,
    slate: str,
    candidates: Sequence[str],
    events: Sequence[str],
) -> dict[str, Any]:
    """One slate, answered wholly or not at all: shares, or the chances of events."""

    def one_of(values: Sequence[str]) -> dict[str, Any]:
        return {"required": None, "optional": list(values)}

    return {
        "task_ids": {
            "reference_date": one_of(days),
            "target": one_of(events or [TARGET]),
            "round": {"required": [str(number)], "optional": None},
            "slate": one_of([slate]),
            "candidate": {"required": list(candidates), "optional": None},
        },
        "output_type": _of_chances() if events else _of_shares(),
        "target_metadata": [_target(event) for event in events or (TARGET,)],
    }


def _of_shares() -> dict[str, Any]:
    point = {"output_type_id": {"required": None}, "value": UNIT_RANGE, "is_required": False}
    levels = {"output_type_id": {"required": list(LEVELS.values())}}
    return {
        "mean": point,
        "median": point,
        "quantile": {**levels, "value": UNIT_RANGE, "is_required": False},
        "sample": {
            "output_type_id_params": {
                "type": "character",
                "max_length": 15,
                "min_samples_per_task": SAMPLES[0],
                "max_samples_per_task": SAMPLES[1],
                "compound_taskid_set": [name for name in TASK_IDS if name != "candidate"],
            },
            "value": UNIT_RANGE,
            "is_required": False,
        },
    }


def _of_chances() -> dict[str, Any]:
    ids = {"output_type_id": {"required": ["yes", "no"]}}
    return {"pmf": {**ids, "value": UNIT_RANGE, "is_required": False}}


def _target(name: str) -> dict[str, Any]:
    what = EVENTS.get(name, "share of the valid votes of the round")
    return {
        "target_id": name,
        "target_name": what[0].upper() + what[1:],
        "target_units": "probability" if name in EVENTS else "fraction of the valid votes, 0 to 1",
        "target_keys": {"target": name},
        "target_type": "binary" if name in EVENTS else "compositional",
        "is_step_ahead": False,
        "description": "If the slate is the ballot. " + what[0].upper() + what[1:] + ".",
    }


def admin_json(election: Election, facts: HubFacts) -> dict[str, Any]:
    """The content of `admin.json`.

    Raises
    ------
    ConfigError
        If the repository or the time zone is none.
    """
    owner, slash, name = facts.repository.partition("/")
    if not (slash and owner and name):
        raise ConfigError(f"the repository is '{facts.repository}'; accepted: OWNER/NAME")
    zones = schema_of("admin")["properties"]["timezone"]["enum"]
    if facts.timezone not in zones:
        raise ConfigError(
            f"the time zone is '{facts.timezone}' ({did_you_mean(facts.timezone, zones)}); "
            "accepted: a name such as Europe/Paris"
        )
    return {
        "schema_version": _version("admin"),
        "name": f"Forecast hub: {election.title}",
        "maintainer": facts.maintainer or owner,
        "contact": dict(facts.contact),
        "repository": {"host": "github", "owner": owner, "name": name},
        "file_format": ["csv", "parquet"],
        "timezone": facts.timezone,
        "additional_metadata": {"election": election.name, "title": election.title},
    }


def time_series(election: Election, slates: Slates) -> pd.DataFrame:
    """Official shares of the people asked about at earlier elections of the country."""
    rows = []
    first = min(this.vote_on for this in election.rounds.values())
    for number, by_name in slates.items():
        asked = {who for candidates in by_name.values() for who in candidates}
        for earlier in same_country_elections(election):
            this, outcome = earlier.rounds.get(number), known_outcomes(earlier).get(number)
            if this is None or outcome is None or this.vote_on >= first:
                continue
            rows += [
                (f"{this.vote_on:%Y-%m-%d}", TARGET, str(number), who, earlier.name, float(part))
                for who, part in outcome.share.items()
                if who in asked
            ]
    table = pd.DataFrame(rows, columns=[*OBSERVED, "election", "observation"])
    return table.sort_values(OBSERVED).reset_index(drop=True)


def known_outcomes(election: Election) -> dict[int, Outcome]:
    """The outcomes that are known, by number of the round."""
    found = {}
    for number in election.rounds:
        with suppress(DataError):
            found[number] = election.outcome(number)
    return found


def oracle_output(election: Election, number: int, elected: str | None = None) -> pd.DataFrame:
    """The outcome of a round in the columns of hubverse: shares, and 1 or 0 for every event.

    Parameters
    ----------
    election : Election
    number : int
        The round.
    elected : str, optional
        Who won the office in the end, where a later round said.

    Raises
    ------
    DataError
        If the outcome is not known.
    """
    outcome = election.outcome(number)
    through = set(outcome.share.nlargest(outcome.seats).index)
    happened = {"qualify": through, "first": {outcome.share.idxmax()}}
    if winner := outcome.share.idxmax() if outcome.seats == 1 else elected:
        happened["elected"] = {winner}
    key = (f"{election.rounds[number].vote_on:%Y-%m-%d}",)
    rows: list[tuple[Any, ...]] = []
    for who, part in outcome.share.items():
        for kind in ("mean", "median", "quantile", "sample"):
            rows.append((*key, TARGET, str(number), who, kind, "NA", float(part)))
        for event in _events(outcome.seats):
            for answer in ("yes", "no") if event in happened else ():
                value = float((who in happened[event]) == (answer == "yes"))
                rows.append((*key, event, str(number), who, "pmf", answer, value))
    return pd.DataFrame(rows, columns=[*OBSERVED, "output_type", "output_type_id", "oracle_value"])


def hub_files(
    election: Election, facts: HubFacts, tasks: Mapping[str, Any], slates: Slates
) -> dict[str, str]:
    """Every file of a hub that `bench hub init` writes, as text by path."""
    front = _template("README.md").format(title=election.title, repository=facts.repository)
    return {
        "hub-config/admin.json": _json(admin_json(election, facts)),
        "hub-config/tasks.json": _json(tasks),
        "hub-config/target-data.json": _template("target-data.json"),
        METADATA_SCHEMA: _template("model-metadata-schema.json"),
        TIME_SERIES: csv_text(time_series(election, slates)),
        **{f".github/workflows/{name}": _template(name) for name in ("validate.yml", "seal.yml")},
        "README.md": front,
        **{f"{room}/README.md": _template(f"{room}.md") for room in ROOMS},
    }


def write_hub(folder: Path, files: Mapping[str, str]) -> list[Path]:
    """Write those files that are new or have changed; which they were."""
    written = []
    for name, text in files.items():
        path = folder / name
        if path.suffix in (".md", ".yml") and path.is_file():
            continue  # whoever keeps the hub may have changed them
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            written.append(write_text(path, text))
    return written


def _version(kind: str) -> str:
    return SCHEMA_URL.format(version=SCHEMA_VERSION, kind=kind)


def _json(content: object) -> str:
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _template(name: str) -> str:
    return (Path(__file__).parent / "templates" / name).read_text(encoding="utf-8")

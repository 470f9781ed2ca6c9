"""Keep a forecast hub on the layout of hubverse: set up, check and seal submissions, score."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from bench.core.errors import ConfigError


def main(arguments: list[str]) -> int:
    """Run one of init, validate, add and score; 1 if a submission was refused."""
    options = _parser().parse_args(arguments)
    command = {"init": _init, "validate": _validate, "add": _add, "score": _score}
    return command[options.what](options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bench hub", description=__doc__)
    of = parser.add_subparsers(dest="what", required=True)
    init = of.add_parser("init", help="write the configuration, or that of the rounds to come anew")
    init.add_argument("hub", type=Path, help="the folder of the hub")
    init.add_argument("--election", help="a name that bench list elections prints, or a folder")
    init.add_argument("--repository", help="OWNER/NAME on GitHub, as hubverse demands")
    init.add_argument("--timezone", help="of the deadlines, such as Europe/Paris")
    init.add_argument("--maintainer", default="", help="who keeps the hub (default: OWNER)")
    init.add_argument("--contact-name", help="whom to ask")
    init.add_argument("--contact-email", help="where")
    init.add_argument("--rounds", type=int, nargs="+", default=[1], help="of the election")
    init.add_argument("--slates", nargs="+", default=[], help="the ballots asked about, by name")
    init.add_argument("--most", type=int, default=6, help="else so many of the most tested ones")
    init.add_argument("--every", type=int, default=7, help="days between two rounds")
    init.add_argument("--last", type=int, default=2, help="days from the last round to the vote")
    init.add_argument("--from", dest="now", help="as if today were this day: to replay a vote")
    validate = of.add_parser("validate", help="check submissions: all of them, or some files")
    validate.add_argument("hub", type=Path, help="the folder of the hub")
    validate.add_argument("files", nargs="*", type=Path, help="files below model-output/")
    validate.add_argument(
        "--seal", action="store_true", help="record what stands, with its SHA-256"
    )
    validate.add_argument("--late", action="store_true", help="accept late ones, with a mark")
    add = of.add_parser("add", help="submit the forecasts of a record of bench freeze")
    add.add_argument("hub", type=Path, help="the folder of the hub")
    add.add_argument("record", type=Path, help="the record")
    score = of.add_parser("score", help="after the vote: terminal, tables and page")
    score.add_argument("hub", type=Path, help="the folder of the hub")
    score.add_argument("--election", help="where its outcome lies, if not among the shipped ones")
    score.add_argument("--out", type=Path, help="folder to write (default: HUB/scores)")
    return parser


def _init(options: argparse.Namespace) -> int:
    from bench.data.election import load_election
    from bench.data.task import local_moment
    from bench.report.hub.config import (
        HubFacts,
        hub_files,
        reference_days,
        slates_to_ask,
        tasks_json,
        write_hub,
    )
    from bench.report.hub.layout import open_hub

    hub: Path = options.hub
    before = open_hub(hub) if (hub / "hub-config" / "admin.json").is_file() else None
    if before is None and hub.exists() and any(p.name != ".git" for p in hub.iterdir()):
        raise ConfigError(f"{hub} holds something that is no hub; name an empty or a new folder")
    name = options.election or (before.election if before else "")
    admin = before.admin if before else {}
    if not name:
        raise ConfigError("which election? accepted: --election NAME or FOLDER")
    of = admin.get("repository", {})
    repository = options.repository or (f"{of['owner']}/{of['name']}" if of else "")
    timezone = options.timezone or admin.get("timezone", "")
    if not repository or not timezone:
        raise ConfigError(
            "a new hub needs --repository OWNER/NAME and --timezone, such as Europe/Paris"
        )
    given = {"name": options.contact_name, "email": options.contact_email}
    contact = admin.get("contact", {}) | {key: text for key, text in given.items() if text}
    facts = HubFacts(
        repository=repository,
        timezone=timezone,
        maintainer=options.maintainer or admin.get("maintainer", ""),
        contact=contact,
    )
    election = load_election(name)
    now = _now(timezone) if options.now is None else local_moment(options.now, "--from")
    slates = slates_to_ask(election, options.rounds, now, names=options.slates, most=options.most)
    days = reference_days(election, options.rounds[0], every=options.every, last=options.last)
    tasks = tasks_json(election, slates, days, before, now)
    written = write_hub(hub, hub_files(election, facts, tasks, slates))
    checked = open_hub(hub)
    print(f"{hub}: a hub about {election.title}, {len(checked.rounds)} rounds")
    for number, by_name in slates.items():
        print(f"  round {number}, slates to come: {', '.join(by_name)}")
    coming = [this for this in checked.rounds.values() if this.due >= now]
    if coming:
        print(f"  the next is due on {coming[0].due:%Y-%m-%d %H:%M} ({timezone})")
    print(*(f"wrote  {path}" for path in written), sep="\n")
    return 0


def _now(timezone: str) -> pd.Timestamp:
    try:
        return pd.Timestamp.now(tz=timezone).tz_localize(None)
    except (KeyError, ValueError) as error:
        raise ConfigError(
            f"the time zone is '{timezone}'; accepted: a name such as Europe/Paris"
        ) from error


def _validate(options: argparse.Namespace) -> int:
    from bench.report.hub.layout import open_hub
    from bench.report.hub.seals import read_seals, validate

    hub = open_hub(options.hub)
    seals = read_seals(hub)
    paths = options.files or hub.submissions()
    found = validate(hub, paths, seal=options.seal, late=options.late)
    for one in found:
        place = one.path if one.submission else "refused"
        print(f"{place}: {one.said}")
    refused = [one for one in found if one.submission is None]
    gone = [] if options.files else _gone(hub.folder, list(seals["file"].unique()))
    for name in gone:
        print(f"refused: {hub.folder / name} was sealed and is gone; take it back from the history")
    if not found and not gone:
        print(f"{hub.folder}: the configuration is in order; no submission has come in")
    if options.seal:
        after = read_seals(hub)
        chain = after["chain"].iloc[-1] if len(after) else "none"
        print(
            f"sealed {len(after) - len(seals)} of {len(found)} files; sum over all seals: {chain}"
        )
    return 1 if refused or gone else 0


def _gone(folder: Path, names: Sequence[str]) -> list[str]:
    return [name for name in names if not (folder / name).is_file()]


def _add(options: argparse.Namespace) -> int:
    from bench.report.hub.layout import open_hub
    from bench.report.hub.own import submit_record

    written, left_out = submit_record(open_hub(options.hub), options.record)
    print(*(f"wrote  {path}" for path in written), sep="\n")
    for words in left_out:
        print(f"left out: {words}")
    return 0


def _score(options: argparse.Namespace) -> int:
    from bench.cli.commands.score import show
    from bench.data.election import load_election
    from bench.report.hub.layout import open_hub
    from bench.report.hub.scores import score_hub, write_oracle

    hub = open_hub(options.hub)
    election = load_election(options.election or hub.election)
    show(options.out or options.hub / "scores", lambda: score_hub(hub, election))
    write_oracle(hub, election)
    return 0
